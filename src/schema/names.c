/* The catalogue table as the resolver sees it. A table's rows are put together to a CREATE TABLE,
 * which the parser reads like any other. */
#include "names.h"
#include "../base/buf.h"
#include <string.h>

/* ---- reading the rows ---- */

static const char *keep(amph_names *n, const char *text)
{
	return text ? amph__arena_text(&n->arena, text, strlen(text)) : NULL;
}

static amph_known_table *known_table(amph_names *n, const char *name, bool temporary)
{
	amph_map *map = temporary ? &n->temporary : &n->tables;
	amph_known_table *t = amph__map_get(map, name, strlen(name));

	if (t)
		return t;
	t = AMPH_NEW(&n->arena, amph_known_table);
	if (!t)
		return NULL;
	t->name = keep(n, name);
	t->temporary = temporary;
	t->end = &t->rows;
	return t->name && amph__map_put(map, t->name, strlen(name), t) ? t : NULL;
}

static bool add_table_row(amph_names *n, const amph_catalog_entry *e)
{
	amph_known_table *t = known_table(n, e->table, e->temporary);
	amph_known_row *row = AMPH_NEW(&n->arena, amph_known_row);

	if (!t || !row)
		return false;
	row->kind = keep(n, e->kind);
	row->name = keep(n, e->name);
	row->text = keep(n, e->text);
	if (!row->kind || !row->name || (e->text && !row->text))
		return false;
	*t->end = row;
	t->end = &row->next;
	if (strcmp(e->kind, "index") != 0)
		return true;
	amph_known_index *index = AMPH_NEW(&n->arena, amph_known_index);
	if (!index)
		return false;
	*index = (amph_known_index){ row->name, row->text, t };
	return amph__map_put(&n->indexes, row->name, strlen(row->name), index);
}

static size_t count_lines(const char *text)
{
	size_t n = *text != '\0';

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static bool add_enum(amph_names *n, const amph_catalog_entry *e)
{
	amph_enum_type *type = AMPH_NEW(&n->arena, amph_enum_type);
	const char *text = keep(n, e->text ? e->text : "");
	const char **labels = text ? AMPH_NEWS(&n->arena, const char *, count_lines(text) + 1) : NULL;

	if (!type || !labels)
		return false;
	type->name = keep(n, e->name);
	for (const char *p = text; *p; ) {
		size_t len = strcspn(p, "\n");

		labels[type->n_labels++] = amph__arena_text(&n->arena, p, len);
		p += len + (p[len] == '\n');
	}
	type->labels = labels;
	return type->name && amph__map_put(&n->enums, type->name, strlen(type->name), type);
}

static bool add_other(amph_names *n, const amph_catalog_entry *e)
{
	amph_known_sequence *s = AMPH_NEW(&n->arena, amph_known_sequence);
	amph_map *map = !strcmp(e->kind, "sequence") ? &n->sequences
		: !strcmp(e->kind, "view") ? &n->views
		: !strcmp(e->kind, "domain") ? &n->domains : &n->extensions;

	if (!s)
		return false;
	*s = (amph_known_sequence){ keep(n, e->name), keep(n, e->text ? e->text : ""), e->temporary, NULL };
	return s->name && s->text && amph__map_put(map, s->name, strlen(s->name), s);
}

static bool add_entry(void *ctx, const amph_catalog_entry *e)
{
	amph_names *n = ctx;
	bool ok = true;

	if (!strcmp(e->kind, "enum"))
		ok = add_enum(n, e);
	else if (!e->table)
		ok = add_other(n, e);
	else
		ok = add_table_row(n, e);
	n->failed |= !ok || n->arena.failed;
	return !n->failed;
}

/* ---- a table's definition ---- */

static const amph_known_row *find_row(const amph_known_table *t, const char *kind, const char *name)
{
	for (const amph_known_row *r = t->rows; r; r = r->next)
		if (!strcmp(r->kind, kind) && !strcmp(r->name, name))
			return r;
	return NULL;
}

static void put_column(amph_names *n, amph_buf *b, const amph_known_table *t,
		       const amph_known_row *row)
{
	const amph_known_row *computed = find_row(t, "computed", row->name);
	const amph_known_row *given = find_row(t, "default", row->name);
	const amph_known_row *identity = find_row(t, "identity", row->name);
	size_t len = strcspn(row->text, "[");

	amph__buf_quote(b, row->name, '"');
	amph__buf_putc(b, ' ');
	if (amph__map_get(&n->enums, row->text, len) || amph__map_get(&n->domains, row->text, len)) {
		const char *name = amph__arena_text(&n->arena, row->text, len);

		if (name)
			amph__buf_quote(b, name, '"');
		amph__buf_puts(b, row->text + len);
	} else {
		amph__buf_puts(b, row->text);
	}
	if (find_row(t, "not null", row->name))
		amph__buf_puts(b, " NOT NULL");
	if (given)
		amph__buf_printf(b, " DEFAULT (%s)", given->text);
	if (computed)
		amph__buf_printf(b, " GENERATED ALWAYS AS (%s) STORED", computed->text);
	if (identity && strcmp(identity->text, "SERIAL") != 0) {
		len = strcspn(identity->text, "(");
		amph__buf_printf(b, " GENERATED %.*s AS IDENTITY %s", (int)len, identity->text,
				 identity->text + len);
	}
}

static const char *definition_text(amph_names *n, const amph_known_table *t)
{
	const char *text = NULL, *separator = "";
	amph_buf b;

	amph__buf_init(&b, n->allocator);
	amph__buf_puts(&b, t->temporary ? "CREATE TEMPORARY TABLE " : "CREATE TABLE ");
	amph__buf_quote(&b, t->name, '"');
	amph__buf_puts(&b, " (");
	for (const amph_known_row *r = t->rows; r; r = r->next) {
		bool column = !strcmp(r->kind, "column");

		if (!r->text || (!column && (r->kind[1] || !strchr("pufc", r->kind[0]))))
			continue;
		amph__buf_puts(&b, separator);
		separator = ", ";
		if (column) {
			put_column(n, &b, t, r);
			continue;
		}
		amph__buf_puts(&b, "CONSTRAINT ");
		amph__buf_quote(&b, r->name, '"');
		amph__buf_printf(&b, " %s", r->text);
	}
	amph__buf_puts(&b, ")");
	if (!b.failed)
		text = amph__arena_text(&n->arena, b.text, b.len);
	amph__buf_clear(&b);
	return text;
}

static void mark_serials(const amph_known_table *t, sql_stmt *stmt)
{
	sql_column_def *columns = (sql_column_def *)(uintptr_t)stmt->table->columns;

	for (size_t i = 0; i < stmt->table->n_columns; i++) {
		const amph_known_row *identity = find_row(t, "identity", columns[i].name);

		if (identity && !strcmp(identity->text, "SERIAL"))
			columns[i].identity = columns[i].serial = true;
	}
}

/* The columns of a unique index over all rows; NULL: it has expressions or a condition, or after an
 * error. */
static const char *const *index_columns(amph_names *n, const sql_index *index)
{
	const char **columns;

	if (!index || index->where_sql)
		return NULL;
	columns = AMPH_NEWS(&n->arena, const char *, index->n_keys + 1);
	for (size_t i = 0; columns && i < index->n_keys; i++) {
		if (!index->keys[i].column)
			return NULL;
		columns[i] = index->keys[i].column;
	}
	return columns;
}

/* ON CONFLICT and foreign keys take them as they do keys, though not by their names. */
static bool add_unique_indexes(amph_names *n, const amph_known_table *t, const sql_stmt *stmt,
			       amph_error *err)
{
	sql_table *table = (sql_table *)(uintptr_t)stmt->table;
	size_t had = 0, more = 0;

	while (table->uniques && table->uniques[had])
		had++;
	for (const amph_known_row *r = t->rows; r; r = r->next)
		more += !strcmp(r->kind, "index") && r->text && !strncmp(r->text, "CREATE UNIQUE", 13);
	const char *const **uniques = AMPH_NEWS(&n->arena, const char *const *, had + more + 1);
	const char **names = AMPH_NEWS(&n->arena, const char *, had + more + 1);
	const sql_index **others = AMPH_NEWS(&n->arena, const sql_index *, more + 1);
	if (!uniques || !names || !others)
		return amph__error_nomem(err);
	for (size_t i = 0; i < had; i++) {
		uniques[i] = table->uniques[i];
		names[i] = table->unique_names ? table->unique_names[i] : "";
	}
	table->indexes = others;
	for (const amph_known_row *r = t->rows; r && more; r = r->next) {
		amph_error ignored;

		if (strcmp(r->kind, "index") != 0 || !r->text || strncmp(r->text, "CREATE UNIQUE", 13) != 0)
			continue;
		const sql_stmt *index = amph__parse_stmt(&n->arena, r->text, &ignored);
		names[had] = "";
		uniques[had] = index_columns(n, index ? index->index : NULL);
		if (uniques[had])
			had++;
		else if (index)
			*others++ = index->index;
	}
	table->uniques = uniques;
	if (table->unique_names)
		table->unique_names = (const char *const *)names;
	return !n->arena.failed || amph__error_nomem(err);
}

const sql_stmt *amph__names_definition(amph_names *n, amph_known_table *t, amph_error *err)
{
	const char *text;

	if (t->stmt)
		return t->stmt;
	text = definition_text(n, t);
	if (!text) {
		n->arena.failed = true;         /* whoever asked may take it for a table that is not there */
		amph__error_nomem(err);
		return NULL;
	}
	sql_stmt *stmt = amph__parse_stmt(&n->arena, text, err);
	if (!stmt)
		return NULL;
	mark_serials(t, stmt);
	if (!amph__define_table(&n->arena, stmt, &n->names, err) || !add_unique_indexes(n, t, stmt, err))
		return NULL;
	t->stmt = stmt;
	return t->stmt;
}

/* ---- looking ---- */

amph_known_table *amph__names_known(amph_names *n, const char *schema, const char *name)
{
	amph_known_table *t;
	char *joined;

	if (schema && strcmp(schema, "public") != 0 && strcmp(schema, "pg_temp") != 0) {
		joined = amph__arena_printf(&n->arena, "%s.%s", schema, name);
		return joined ? amph__map_get(&n->tables, joined, strlen(joined)) : NULL;
	}
	t = schema && !strcmp(schema, "public") ? NULL
		: amph__map_get(&n->temporary, name, strlen(name));
	return t || (schema && !strcmp(schema, "pg_temp")) ? t
		: amph__map_get(&n->tables, name, strlen(name));
}

static const sql_table *find_table(void *ctx, const char *schema, const char *name)
{
	amph_names *n = ctx;
	amph_known_table *t = amph__names_known(n, schema, name);
	const sql_table *table = t && t->temporary ? NULL : n->models->table(n->models->ctx, schema, name);
	const sql_stmt *stmt;

	if (!table && schema && !strcmp(schema, "public"))
		table = n->models->table(n->models->ctx, NULL, name);
	if (!table && !t && amph__map_get(&n->sequences, name, strlen(name)))
		amph__error(&n->error, "0A000", "a sequence (\"%s\") as a table is not supported", name);
	if (table || !t)
		return table;
	stmt = amph__names_definition(n, t, &n->error);
	return stmt ? stmt->table : NULL;
}

static const amph_enum_type *find_enum(void *ctx, const char *name)
{
	amph_names *n = ctx;
	const amph_enum_type *e = n->models->enumeration(n->models->ctx, name);

	return e ? e : amph__map_get(&n->enums, name, strlen(name));
}

/* The column whose sequence has the name: table_column_seq. */
static bool find_column_sequence(amph_names *n, const char *name, sql_sequence *out)
{
	size_t len = strlen(name);

	if (len < 7 || strcmp(name + len - 4, "_seq") != 0)
		return false;
	for (size_t at = 1; at + 5 < len; at++) {
		char *table_name = name[at] == '_' ? amph__arena_text(&n->arena, name, at) : NULL;
		const sql_table *t = table_name ? n->names.table(n, NULL, table_name) : NULL;

		for (size_t i = 0; t && i < t->n_columns; i++) {
			const char *column = t->columns[i].name;

			if (strlen(column) == len - at - 5 && !memcmp(column, name + at + 1, len - at - 5))
				return amph__sequence_of_column(&n->arena, t, i, out);
		}
	}
	return false;
}

static bool find_sequence(void *ctx, const char *name, sql_sequence *out)
{
	amph_names *n = ctx;
	const amph_known_sequence *s = amph__map_get(&n->sequences, name, strlen(name));

	if (!s)
		return find_column_sequence(n, name, out);
	if (!amph__sequence_parse(s->text, out))
		return false;
	out->name = s->name;
	out->temporary = s->temporary;
	out->key = s->temporary ? amph__arena_printf(&n->arena, "pg_temp.%s", name) : s->name;
	return out->key != NULL;
}

static bool find_view(void *ctx, const char *name, sql_view *out)
{
	amph_names *n = ctx;
	const amph_known_sequence *v = amph__map_get(&n->views, name, strlen(name));

	return v && amph__view_read(&n->arena, v->text, out);
}

static const sql_stmt *find_domain(void *ctx, const char *name)
{
	amph_names *n = ctx;
	size_t first = 0;
	amph_known_sequence *d = name ? amph__map_get(&n->domains, name, strlen(name))
				      : amph__map_next(&n->domains, &first);

	if (d && !d->stmt)
		d->stmt = amph__parse_stmt(&n->arena, d->text, &n->error);
	return d ? d->stmt : NULL;
}

static bool has_extension(void *ctx, const char *name)
{
	amph_names *n = ctx;

	return amph__map_get(&n->extensions, name, strlen(name)) != NULL;
}

/* ---- as a whole ---- */

static void init_maps(amph_names *n)
{
	amph__arena_init(&n->arena, n->allocator);
	amph__map_init(&n->tables, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->temporary, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->enums, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->sequences, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->extensions, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->views, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->domains, n->allocator, (uint64_t)(uintptr_t)n);
	amph__map_init(&n->indexes, n->allocator, (uint64_t)(uintptr_t)n);
}

void amph__names_init(amph_names *n, const amph_allocator *a, const sql_names *models)
{
	*n = (amph_names){ .allocator = a, .models = models, .version = UINT64_MAX };
	n->names = (sql_names){ .table = find_table, .enumeration = find_enum,
				.extension = has_extension, .sequence = find_sequence,
				.view = find_view, .domain = find_domain, .ctx = n };
	init_maps(n);
}

void amph__names_clear(amph_names *n)
{
	amph__map_clear(&n->tables);
	amph__map_clear(&n->temporary);
	amph__map_clear(&n->enums);
	amph__map_clear(&n->sequences);
	amph__map_clear(&n->extensions);
	amph__map_clear(&n->views);
	amph__map_clear(&n->domains);
	amph__map_clear(&n->indexes);
	amph__arena_clear(&n->arena);
}

void amph__names_forget(amph_names *n)
{
	n->version = UINT64_MAX;
}

/* The rows come while the old ones are still there: they go when the first new one is added. */
typedef struct refresh { amph_names *names; bool begun; } refresh;

static bool refresh_entry(void *ctx, const amph_catalog_entry *e)
{
	refresh *r = ctx;

	if (!r->begun) {
		amph__names_clear(r->names);
		init_maps(r->names);
		r->begun = true;
	}
	return add_entry(r->names, e);
}

bool amph__names_refresh(amph_names *n, amph_conn *conn, bool writes, amph_error *err)
{
	refresh r = { .names = n };
	bool changed;

	if (n->arena.failed)            /* what was made of the rows may not be whole */
		n->version = UINT64_MAX;
	n->failed = false;
	n->error = (amph_error){ 0 };
	if (!amph__catalog_read(conn, writes, &n->version, &changed, refresh_entry, &r, err)) {
		n->version = UINT64_MAX;
		return false;
	}
	if (changed && !r.begun) {
		amph__names_clear(n);
		init_maps(n);
	}
	if (!n->failed)
		return true;
	n->version = UINT64_MAX;
	return amph__error_nomem(err);
}
