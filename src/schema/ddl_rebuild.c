/* A table made anew as ALTER TABLE wants it. */
#include "ddl_alter.h"
#include "../sql/walk.h"
#include "../base/buf.h"
#include <string.h>

#define ASIDE "amphora_old_"

/* ---- texts that name columns ---- */

typedef struct finding {
	const char *name;
	int *at;                        /* places in the text */
	size_t n, cap;
	bool found;
} finding;

static bool note_column(void *ctx, sql_expr *e)
{
	finding *f = ctx;

	if (e->kind == SQL_COLUMN && !strcmp(e->name, f->name)) {
		f->found = true;
		if (f->n < f->cap)
			f->at[f->n++] = e->location;
	}
	return amph__expr_children(e, note_column, ctx);
}

bool amph__expr_mentions(amph_arena *arena, const char *text, const char *column, bool *found,
			 amph_error *err)
{
	finding f = { .name = column };
	sql_expr *e = amph__parse_expr(arena, text, err);

	if (!e)
		return false;
	note_column(&f, e);
	*found = f.found;
	return true;
}

/* Behind the name that starts at p. */
static const char *skip_name(const char *p)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789$";

	if (*p != '"')
		while (*p && (strchr(letters, *p) || (unsigned char)*p >= 0x80))
			p++;
	else
		for (p++; *p && (*p != '"' || *++p == '"'); p++)
			continue;
	return p;
}

static int by_place(const int *places, size_t n, int after)
{
	int next = -1;

	for (size_t i = 0; i < n; i++)
		if (places[i] > after && (next < 0 || places[i] < next))
			next = places[i];
	return next;
}

bool amph__expr_rename(amph_arena *arena, const char **text, const char *column, const char *to,
		       amph_error *err)
{
	size_t cap = strlen(*text) + 1;
	finding f = { .name = column, .at = AMPH_NEWS(arena, int, cap), .cap = cap };
	sql_expr *e = amph__parse_expr(arena, *text, err);
	const char *p = *text;
	amph_buf b;

	if (!e || !f.at)
		return e ? amph__error_nomem(err) : false;
	note_column(&f, e);
	if (!f.n)
		return true;
	amph__buf_init(&b, arena->allocator);
	for (int at = -1; (at = by_place(f.at, f.n, at)) >= 0;) {
		const char *name = *text + at, *end = skip_name(name);

		for (; *end == '.'; end = skip_name(name))
			name = end + 1;
		amph__buf_add(&b, p, (size_t)(name - p));
		amph__buf_quote(&b, to, '"');
		p = end;
	}
	amph__buf_puts(&b, p);
	*text = b.failed ? NULL : amph__arena_text(arena, b.text, b.len);
	amph__buf_clear(&b);
	return *text || amph__error_nomem(err);
}

/* ---- the rows ---- */

static sql_stmt *copy_of_rows(alteration *a, const sql_table *aside)
{
	amph_arena *arena = a->run->arena;
	sql_stmt *stmt = AMPH_NEW(arena, sql_stmt);
	const char **columns = AMPH_NEWS(arena, const char *, a->n + 1);
	sql_select *s = AMPH_NEW(arena, sql_select);
	sql_target **next = s ? &s->targets : NULL;
	size_t n = 0;

	if (!stmt || !columns || !s)
		return NULL;
	for (size_t i = 0; i < a->n; i++) {
		const sql_column_def *c = &a->columns[i];
		sql_target *t = AMPH_NEW(arena, sql_target);
		const char *text = a->values[i].using_sql;

		if (c->computed_sql || (!a->values[i].from && !c->default_sql) ||
		    (!a->values[i].from && strstr(c->default_sql, "nextval(")))
			continue;
		if (!a->values[i].from)
			text = c->default_sql;
		columns[n++] = c->name;
		if (!t)
			return NULL;
		t->expr = text ? amph__parse_expr(arena, text, a->run->err)
			       : sql_column(arena, NULL, a->values[i].from);
		if (!t->expr)
			return NULL;
		*next = t;
		next = &t->next;
	}
	s->location = -1;
	s->from = sql_range_table(arena, aside, a->old->name);
	*stmt = (sql_stmt){ .kind = SQL_STMT_INSERT, .location = -1, .columns = columns, .select = s,
			    .overriding_system = true, .target = sql_range_table(arena, &a->table, NULL) };
	return stmt;
}

/* ---- foreign keys that are new ---- */

static void *room_of_row(void *ctx, size_t size)
{
	return amph__arena_alloc(ctx, size);
}

static bool finds_row(ddl_run *r, const char *text, bool *found)
{
	static const amph_slot slot = { .type = AMPH_T_INT32 };
	static const amph_shape shape = { 1, &slot };
	sql_stmt *stmt = amph__parse_stmt(r->arena, text, r->err);
	amph_code *code = stmt ? amph__compile(r->arena, r->dialect, stmt, &r->names->names, r->err) : NULL;
	const amph_store store = { room_of_row, r->arena };
	amph_result result;
	size_t n = 0;
	int32_t one;

	if (!code)
		return false;
	code->flags |= AMPH_CODE_ONCE;
	if (!amph__execute(r->conn, code, NULL, &result, r->err))
		return false;
	bool ok = amph__fetch(r->conn, &result, &shape, &one, 0, 1, &store, &n, r->err);
	amph__finish(r->conn, &result);
	*found = n > 0;
	return ok;
}

static void put_pairs(amph_buf *b, const sql_constraint *k, bool match)
{
	for (size_t i = 0; k->columns[i]; i++) {
		amph__buf_puts(b, i ? " AND \"child\"." : "\"child\".");
		amph__buf_quote(b, k->columns[i], '"');
		amph__buf_puts(b, match ? " = \"parent\"." : " IS NOT NULL");
		if (match)
			amph__buf_quote(b, k->target_columns[i], '"');
	}
}

/* Finds a row of the table without its parent. */
static const char *orphans_text(alteration *a, const sql_constraint *k)
{
	const char *text = NULL;
	amph_buf b;

	amph__buf_init(&b, a->run->arena->allocator);
	amph__buf_puts(&b, "SELECT 1 FROM ");
	amph__buf_quote(&b, a->table.name, '"');
	amph__buf_puts(&b, " AS \"child\" WHERE ");
	put_pairs(&b, k, false);
	amph__buf_puts(&b, " AND NOT EXISTS (SELECT 1 FROM ");
	amph__buf_quote(&b, k->target, '"');
	amph__buf_puts(&b, " AS \"parent\" WHERE ");
	put_pairs(&b, k, true);
	amph__buf_puts(&b, ") LIMIT 1");
	if (!b.failed)
		text = amph__arena_text(a->run->arena, b.text, b.len);
	amph__buf_clear(&b);
	return text;
}

static bool is_new(const alteration *a, const sql_constraint *k)
{
	for (const sql_alter *c = a->run->stmt->alters; c; c = c->next)
		for (const sql_constraint *o = c->constraints; o; o = o->next)
			if (o == k)
				return true;
	return false;
}

typedef struct orphans {
	struct orphans *next;
	const char *text, *name, *table;
} orphans;

/* What is to be looked at once the table is there; before, since the names that they are made of go
 * with the old definition. */
static bool plan_checks(alteration *a, orphans **first)
{
	amph_arena *arena = a->run->arena;

	*first = NULL;
	for (const sql_constraint *k = a->constraints; k; k = k->next) {
		orphans *o = k->kind == 'f' && is_new(a, k) ? AMPH_NEW(arena, orphans) : NULL;

		if (k->kind != 'f' || !is_new(a, k))
			continue;
		if (!o)
			return amph__error_nomem(a->run->err);
		o->text = orphans_text(a, k);
		o->name = amph__arena_text(arena, k->name, strlen(k->name));
		o->table = amph__arena_text(arena, a->table.name, strlen(a->table.name));
		o->next = *first;
		*first = o;
		if (!o->text || !o->name || !o->table)
			return amph__error_nomem(a->run->err);
	}
	return true;
}

static bool check_foreign_keys(ddl_run *r, const orphans *first)
{
	for (const orphans *o = first; o; o = o->next) {
		bool found;

		if (!finds_row(r, o->text, &found))
			return false;
		if (!found)
			continue;
		amph__error(r->err, "23503", "insert or update on table \"%s\" violates foreign key "
			    "constraint \"%s\"", o->table, o->name);
		amph__error_names(r->err, o->table, NULL, o->name);
		return false;
	}
	return true;
}

/* ---- the catalogue and the indexes ---- */

static bool keeps_column(const alteration *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->columns[i].name, name))
			return true;
	return false;
}

static bool mentions_gone(alteration *a, const char *text, bool *gone)
{
	for (size_t i = 0; text && i < a->old->n_columns && !*gone; i++) {
		const char *name = a->old->columns[i].name;

		if (keeps_column(a, name) || (a->renamed && !strcmp(name, a->renamed)))
			continue;
		if (!amph__expr_mentions(a->run->arena, text, name, gone, a->run->err))
			return false;
	}
	return true;
}

static const char *const *renew_included(alteration *a, const char *const *old, bool *gone)
{
	size_t n = 0;

	while (old && old[n])
		n++;
	const char **names = AMPH_NEWS(a->run->arena, const char *, n + 1);
	for (size_t i = 0; names && i < n; i++) {
		names[i] = a->renamed && !strcmp(old[i], a->renamed) ? a->new_name : old[i];
		*gone |= !keeps_column(a, names[i]);
	}
	return n ? names : NULL;
}

/* An index goes with a column that it is of. */
static bool renew_index(alteration *a, const sql_index *old)
{
	amph_arena *arena = a->run->arena;
	sql_index *index = AMPH_NEW(arena, sql_index);
	sql_index_key *keys = AMPH_NEWS(arena, sql_index_key, old->n_keys + 1);
	sql_stmt *stmt;
	bool gone = false;

	if (!index || !keys)
		return amph__error_nomem(a->run->err);
	*index = *old;
	index->keys = keys;
	for (size_t i = 0; i < old->n_keys; i++) {
		keys[i] = old->keys[i];
		if (keys[i].column && a->renamed && !strcmp(keys[i].column, a->renamed))
			keys[i].column = a->new_name;
		gone |= keys[i].column && !keeps_column(a, keys[i].column);
		if (!mentions_gone(a, keys[i].expr_sql, &gone) ||
		    (a->renamed && keys[i].expr_sql &&
		     !amph__expr_rename(arena, &keys[i].expr_sql, a->renamed, a->new_name, a->run->err)))
			return false;
	}
	index->included = renew_included(a, old->included, &gone);
	if (!mentions_gone(a, old->where_sql, &gone) ||
	    (a->renamed && old->where_sql &&
	     !amph__expr_rename(arena, &index->where_sql, a->renamed, a->new_name, a->run->err)))
		return false;
	stmt = gone ? NULL : amph__plan_add(&a->run->plan, SQL_STMT_CREATE_INDEX);
	if (!stmt)
		return gone || amph__error_nomem(a->run->err);
	stmt->table = &a->table;
	stmt->index = index;
	amph__catalog_add_index(&a->run->plan, &a->table, index);
	return true;
}

static bool renew_indexes(alteration *a, const amph_known_table *known)
{
	for (const amph_known_row *row = known->rows; row; row = row->next) {
		sql_stmt *stmt;

		if (strcmp(row->kind, "index") != 0)
			continue;
		stmt = amph__parse_stmt(a->run->arena, row->text, a->run->err);
		if (!stmt || !renew_index(a, stmt->index))
			return false;
	}
	return true;
}

/* ---- all of it ---- */

static sql_table *aside_of(alteration *a)
{
	sql_table *aside = AMPH_NEW(a->run->arena, sql_table);

	if (!aside)
		return NULL;
	*aside = *a->old;
	aside->name = amph__arena_printf(a->run->arena, ASIDE "%s", a->old->name);
	return aside->name ? aside : NULL;
}

static bool plan_rows(alteration *a, sql_stmt *create, const sql_table *aside)
{
	sql_stmt *rename = amph__plan_add(&a->run->plan, SQL_STMT_ALTER_TABLE);
	sql_alter *to = AMPH_NEW(a->run->arena, sql_alter);
	sql_stmt *rows, *drop;

	if (!rename || !to)
		return amph__error_nomem(a->run->err);
	*to = (sql_alter){ .kind = SQL_RENAME_TABLE, .location = -1, .new_name = aside->name };
	rename->table = a->old;
	rename->alters = to;
	amph__plan_add_stmt(&a->run->plan, create);
	rows = copy_of_rows(a, aside);
	if (!rows)
		return a->run->err->sqlstate[0] ? false : amph__error_nomem(a->run->err);
	amph__plan_add_stmt(&a->run->plan, rows);
	drop = amph__plan_add(&a->run->plan, SQL_STMT_DROP_TABLE);
	if (drop)
		drop->table = aside;
	return drop || amph__error_nomem(a->run->err);
}

static void keep_comments(alteration *a, const amph_known_table *known)
{
	for (const amph_known_row *row = known->rows; row; row = row->next) {
		const char *name = a->renamed && !strcmp(row->name, a->renamed) ? a->new_name : row->name;

		if (!strcmp(row->kind, "comment") && keeps_column(a, name))
			amph__catalog_add_row(&a->run->plan, &a->table, "comment", name, row->text);
	}
}

static bool rebuild(alteration *a, const amph_known_table *known, sql_stmt *create)
{
	ddl_run *r = a->run;
	const sql_table *aside = aside_of(a);

	if (!aside)
		return amph__error_nomem(r->err);
	amph__catalog_remove_for(&r->plan, a->old, NULL, NULL, a->old->name);
	amph__catalog_add_definition(&r->plan, create);
	if (!plan_rows(a, create, aside) || !renew_indexes(a, known))
		return false;
	keep_comments(a, known);
	return amph__ddl_do(r);
}

static const char *comment_of(const amph_known_table *known)
{
	for (const amph_known_row *row = known->rows; row; row = row->next)
		if (!strcmp(row->kind, "table"))
			return row->text;
	return NULL;
}

static bool keeps_views(alteration *a)
{
	bool drops = false, cascade = false, named = strcmp(a->table.name, a->old->name) != 0;
	const char *view;

	for (const sql_alter *c = a->run->stmt->alters; c; c = c->next) {
		drops |= c->kind == SQL_DROP_COLUMN || c->kind == SQL_DROP_CONSTRAINT;
		cascade |= c->cascade;
	}
	while ((view = named ? NULL : amph__view_broken(a->run, a->table.name, &a->table)) && cascade) {
		a->run->stmt->cascade = true;
		if (!amph__ddl_drop_users(a->run, "view", view))
			return false;
		amph__ddl_drop_view(a->run, view);
	}
	return !view || amph__error(a->run->err, drops ? "2BP01" : "0A000", "cannot alter table %s because "
				    "other objects depend on it: view %s", a->table.name, view);
}

bool amph__alter_rebuild(alteration *a, const amph_known_table *known)
{
	ddl_run *r = a->run;
	sql_stmt *create = AMPH_NEW(r->arena, sql_stmt);
	orphans *checks;

	if (!create)
		return amph__error_nomem(r->err);
	a->table.n_columns = a->n;
	a->table.columns = a->columns;
	*create = (sql_stmt){ .kind = SQL_STMT_CREATE_TABLE, .location = -1, .table = &a->table,
			      .constraints = a->constraints, .comment = comment_of(known) };
	if (!amph__define_table(r->arena, create, &r->names->names, r->err) ||
	    !amph__define_texts(r, create) || !plan_checks(a, &checks) || !keeps_views(a) ||
	    !amph__run_text(r->conn, r->dialect->rebuild_begin, r->err))
		return false;
	if (!rebuild(a, known, create) || !amph__run_text(r->conn, r->dialect->rebuild_end, r->err))
		return false;
	amph__names_forget(r->names);
	return amph__names_refresh(r->names, r->conn, true, r->err) &&
	       check_foreign_keys(r, checks);
}
