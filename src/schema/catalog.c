/* The catalogue table, for databases that do not keep what PostgreSQL knows of a table. Its rows are
 * written by ordinary INSERT trees. */
#include "names.h"
#include "../base/buf.h"
#include "../model/value.h"
#include <string.h>

enum { KIND, TABLE, NAME, TEXT, N_COLUMNS };
static const sql_column_def columns[N_COLUMNS] = {
	[KIND] = { .name = "kind", .type = { .type = AMPH_T_TEXT } },
	[TABLE] = { .name = "tbl", .type = { .type = AMPH_T_TEXT, .nullable = true } },
	[NAME] = { .name = "name", .type = { .type = AMPH_T_TEXT } },
	[TEXT] = { .name = "text", .type = { .type = AMPH_T_TEXT, .nullable = true } }
};
const sql_table amph__catalog_table = {
	.name = "amphora_catalog", .n_columns = N_COLUMNS, .columns = columns
};

/* Of a connection's temporary tables. */
static const sql_table temp_catalog_table = {
	.name = "amphora_temp_catalog", .n_columns = N_COLUMNS, .columns = columns, .temporary = true
};

void amph__catalog_create(amph_plan *plan)
{
	amph__catalog_create_for(plan, NULL);
}

void amph__catalog_create_for(amph_plan *plan, const sql_table *table)
{
	sql_stmt *stmt = amph__plan_add(plan, SQL_STMT_CREATE_TABLE);

	if (!stmt)
		return;
	stmt->table = table && table->temporary ? &temp_catalog_table : &amph__catalog_table;
	stmt->if_not_exists = true;
}

/* ---- texts: in the arena of the plan, NULL once that has failed ---- */

/* A name needs no quotes where PostgreSQL would read it as a column all the same. */
static bool is_plain(const amph_allocator *a, const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_0123456789";
	amph_arena scratch;
	amph_error err;
	sql_expr *e;
	bool plain;

	if ((*name >= '0' && *name <= '9') || name[strspn(name, letters)] || !*name)
		return false;
	amph__arena_init(&scratch, a);
	e = amph__parse_expr(&scratch, name, &err);
	plain = e && e->kind == SQL_COLUMN;
	amph__arena_clear(&scratch);
	return plain;
}

static void put_name(amph_buf *b, const char *name)
{
	if (is_plain(b->allocator, name)) {
		amph__buf_puts(b, name);
		return;
	}
	amph__buf_quote(b, name, '"');
}

static void put_object(amph_buf *b, const char *schema, const char *name)
{
	if (schema) {
		put_name(b, schema);
		amph__buf_putc(b, '.');
	}
	put_name(b, name);
}

static void put_names(amph_buf *b, const char *const *names)
{
	amph__buf_putc(b, '(');
	for (size_t i = 0; names && names[i]; i++) {
		if (i)
			amph__buf_puts(b, ", ");
		put_name(b, names[i]);
	}
	amph__buf_putc(b, ')');
}

static const char *finish(amph_plan *plan, amph_buf *b)
{
	const char *text = b->failed ? NULL
		: amph__arena_text(plan->arena, amph__buf_text(b), b->len);

	amph__buf_clear(b);
	plan->failed |= !text;
	return text;
}

static bool is_time(int type)
{
	return type == AMPH_T_TIME || type == AMPH_T_TIMESTAMP || type == AMPH_T_TIMESTAMPTZ ||
	       type == AMPH_T_INTERVAL;
}

/* The length is the number of digits and one. */
static void put_time_type(amph_buf *b, const amph_sqltype *type)
{
	static const char *const names[][2] = {
		[AMPH_T_TIME] = { "time", " without time zone" },
		[AMPH_T_TIMESTAMP] = { "timestamp", " without time zone" },
		[AMPH_T_TIMESTAMPTZ] = { "timestamp", " with time zone" }
	};

	if (type->type == AMPH_T_INTERVAL) {
		amph__buf_puts(b, "interval");
		amph__interval_fields(b, type);
		return;
	}
	amph__buf_printf(b, "%s(%d)%s", names[type->type][0], type->length - 1, names[type->type][1]);
}

static const char *type_text(amph_plan *plan, const amph_sqltype *type)
{
	char name[256];
	amph_buf b;

	amph__buf_init(&b, plan->arena->allocator);
	if (type->length < 0 && type->scale == 1)
		amph__buf_puts(&b, type->type & AMPH_T_ARRAY ? "bpchar[]" : "bpchar");
	else if (type->length < 0)
		amph__buf_puts(&b, type->type & AMPH_T_ARRAY ? "character varying[]" : "character varying");
	else if (!type->length)
		amph__buf_puts(&b, amph__type_name(*type, name, sizeof(name)));
	else if (is_time(type->type))
		put_time_type(&b, type);
	else if ((type->type & ~AMPH_T_ARRAY) == AMPH_T_NUMERIC)
		amph__buf_printf(&b, "numeric(%d,%d)", type->length, type->scale);
	else
		amph__buf_printf(&b, "character%s(%d)", type->scale == 1 ? "" : " varying", type->length);
	if (type->length > 0 && type->type & AMPH_T_ARRAY)
		amph__buf_puts(&b, "[]");
	return finish(plan, &b);
}

const char *amph__catalog_type(amph_plan *plan, const amph_sqltype *type)
{
	return type_text(plan, type);
}

static void put_foreign_key(amph_buf *b, const sql_constraint *k)
{
	amph__buf_puts(b, "FOREIGN KEY ");
	put_names(b, k->columns);
	amph__buf_puts(b, " REFERENCES ");
	put_object(b, k->target_schema, k->target);
	put_names(b, k->target_columns);
	if (k->match_full)
		amph__buf_puts(b, " MATCH FULL");
	if (k->on_update)
		amph__buf_printf(b, " ON UPDATE %s", k->on_update);
	if (k->on_delete)
		amph__buf_printf(b, " ON DELETE %s", k->on_delete);
	if (k->deferrable)
		amph__buf_puts(b, k->deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE");
}

static const char *constraint_text(amph_plan *plan, const sql_constraint *k)
{
	amph_buf b;

	amph__buf_init(&b, plan->arena->allocator);
	if (k->kind == 'f') {
		put_foreign_key(&b, k);
	} else if (k->kind == 'c') {
		amph__buf_printf(&b, "CHECK (%s)", k->check_sql);
	} else {
		amph__buf_puts(&b, k->kind == 'p' ? "PRIMARY KEY " : "UNIQUE ");
		put_names(&b, k->columns);
	}
	return finish(plan, &b);
}

static const char *index_text(amph_plan *plan, const sql_table *table, const sql_index *index)
{
	amph_buf b;

	amph__buf_init(&b, plan->arena->allocator);
	amph__buf_puts(&b, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
	put_name(&b, index->name);
	amph__buf_puts(&b, " ON ");
	put_object(&b, table->schema, table->name);
	amph__buf_printf(&b, " USING %s (", index->method ? index->method : "btree");
	for (size_t i = 0; i < index->n_keys; i++) {
		const sql_index_key *key = &index->keys[i];

		amph__buf_puts(&b, i ? ", " : "");
		if (key->column)
			put_name(&b, key->column);
		else
			amph__buf_printf(&b, "(%s)", key->expr_sql);
		amph__buf_puts(&b, key->desc ? " DESC" : "");
	}
	amph__buf_putc(&b, ')');
	if (index->included) {
		amph__buf_puts(&b, " INCLUDE ");
		put_names(&b, index->included);
	}
	if (index->where_sql)
		amph__buf_printf(&b, " WHERE (%s)", index->where_sql);
	return finish(plan, &b);
}

/* One name where the database has no schemas. */
static const char *table_name(amph_plan *plan, const char *schema, const char *name)
{
	const char *joined = schema ? amph__arena_printf(plan->arena, "%s.%s", schema, name) : name;

	plan->failed |= !joined;
	return joined;
}

/* ---- rows ---- */

typedef struct row_list {
	amph_plan *plan;
	const char *table;
	sql_list *rows;
	size_t n, cap;
} row_list;

static sql_expr *text_const(row_list *l, const char *text)
{
	return sql_const(l->plan->arena, AMPH_T_TEXT, text);
}

static void add_row(row_list *l, const char *kind, const char *name, const char *text)
{
	sql_expr **items = AMPH_NEWS(l->plan->arena, sql_expr *, N_COLUMNS);

	if (!items || l->n == l->cap) {
		l->plan->failed = true;
		return;
	}
	items[KIND] = text_const(l, kind);
	items[TABLE] = text_const(l, l->table);
	items[NAME] = text_const(l, name);
	items[TEXT] = text_const(l, text);
	l->rows[l->n++] = (sql_list){ .items = items, .n = N_COLUMNS };
}

static void begin_rows(row_list *l, amph_plan *plan, const char *table, size_t cap)
{
	*l = (row_list){ .plan = plan, .table = table, .cap = cap,
			 .rows = AMPH_NEWS(plan->arena, sql_list, cap) };
	plan->failed |= !l->rows;
}

static void insert_rows(row_list *l)
{
	sql_stmt *stmt = l->plan->failed ? NULL : amph__plan_add(l->plan, SQL_STMT_INSERT);

	if (!stmt)
		return;
	stmt->target = sql_range_table(l->plan->arena, &amph__catalog_table, NULL);
	stmt->select = AMPH_NEW(l->plan->arena, sql_select);
	if (!stmt->select) {
		l->plan->failed = true;
		return;
	}
	stmt->select->location = -1;
	stmt->select->values = l->rows;
	stmt->select->n_values = l->n;
}

void amph__catalog_add_enum(amph_plan *plan, const amph_enum_type *e)
{
	row_list l;
	amph_buf b;

	amph__buf_init(&b, plan->arena->allocator);
	for (size_t i = 0; i < e->n_labels; i++) {
		amph__buf_puts(&b, i ? "\n" : "");
		amph__buf_puts(&b, e->labels[i]);
	}
	begin_rows(&l, plan, NULL, 1);
	if (!plan->failed)
		add_row(&l, "enum", e->name, finish(plan, &b));
	amph__buf_clear(&b);
	insert_rows(&l);
}

static const char *identity_text(row_list *l, const sql_column_def *c)
{
	const char *kind = c->serial ? "SERIAL" : c->identity_always ? "ALWAYS" : "BY DEFAULT";
	const char *options = c->sequence ? amph__sequence_text(l->plan->arena, c->sequence) : NULL;
	const char *text = options ? amph__arena_printf(l->plan->arena, "%s (%s)", kind, options) : kind;

	l->plan->failed |= !text;
	return text;
}

static void add_column(row_list *l, const amph_mapped_column *col, const sql_column_def *c)
{
	const amph_column *decl = col->decl;

	add_row(l, "column", col->name, type_text(l->plan, &col->type));
	if (!c->type.nullable)
		add_row(l, "not null", col->name, NULL);
	if (c->identity)
		add_row(l, "identity", col->name, identity_text(l, c));
	if (decl->server_default)
		add_row(l, "default", col->name, decl->server_default);
	if (decl->computed)
		add_row(l, "computed", col->name, decl->computed);
	if (decl->comment)
		add_row(l, "comment", col->name, decl->comment);
}

void amph__catalog_add_table(amph_plan *plan, const amph_mapper *m)
{
	const char *name = table_name(plan, m->table->schema, m->table->name);
	size_t n = 1 + m->n_columns * 6 + m->n_indexes;
	row_list l;

	for (const sql_constraint *k = m->constraints; k; k = k->next)
		n++;
	/* rows of a table that was dropped by other means */
	amph__catalog_remove(plan, NULL, m->table->schema, m->table->name);
	begin_rows(&l, plan, name, n);
	if (plan->failed)
		return;
	add_row(&l, "table", name, m->model->comment);
	for (size_t i = 0; i < m->n_columns; i++)
		add_column(&l, &m->columns[i], &m->table->columns[i]);
	for (const sql_constraint *k = m->constraints; k; k = k->next) {
		const char kind[] = { k->kind, '\0' };
		const char *kept = amph__arena_text(plan->arena, kind, 1);

		plan->failed |= !kept;
		add_row(&l, kept, k->name, constraint_text(plan, k));
	}
	for (size_t i = 0; i < m->n_indexes; i++)
		add_row(&l, "index", m->indexes[i].name, index_text(plan, m->table, &m->indexes[i]));
	insert_rows(&l);
}

/* ---- what text has made: the same rows, and what a database of models knows without them ---- */

static const sql_table *catalog_of(const sql_table *table)
{
	return table && table->temporary ? &temp_catalog_table : &amph__catalog_table;
}

static void insert_rows_of(row_list *l, const sql_table *table)
{
	insert_rows(l);
	l->plan->failed |= l->plan->arena->failed;
	if (!l->plan->failed)
		l->plan->stmts[l->plan->n - 1]->target->table = catalog_of(table);
}

static void add_definition(row_list *l, const sql_column_def *c)
{
	add_row(l, "column", c->name, c->domain ? c->domain : type_text(l->plan, &c->type));
	if (!c->type.nullable && !c->domain_not_null)
		add_row(l, "not null", c->name, NULL);
	if (c->default_sql && !c->domain_default)
		add_row(l, "default", c->name, c->default_sql);
	if (c->computed_sql)
		add_row(l, "computed", c->name, c->computed_sql);
	if (c->identity)
		add_row(l, "identity", c->name, identity_text(l, c));
}

void amph__catalog_add_definition(amph_plan *plan, const sql_stmt *stmt)
{
	const sql_table *t = stmt->table;
	size_t n = 1 + t->n_columns * 5;
	row_list l;

	for (const sql_constraint *k = stmt->constraints; k; k = k->next)
		n++;
	begin_rows(&l, plan, t->name, n);
	if (plan->failed)
		return;
	add_row(&l, "table", t->name, stmt->comment);
	for (size_t i = 0; i < t->n_columns; i++)
		add_definition(&l, &t->columns[i]);
	for (const sql_constraint *k = stmt->constraints; k; k = k->next) {
		const char kind[] = { k->kind, '\0' };
		const char *kept = amph__arena_text(plan->arena, kind, 1);

		plan->failed |= !kept;
		add_row(&l, kept, k->name, constraint_text(plan, k));
	}
	insert_rows_of(&l, t);
}

void amph__catalog_add_index(amph_plan *plan, const sql_table *table, const sql_index *index)
{
	row_list l;

	begin_rows(&l, plan, table->name, 1);
	if (plan->failed)
		return;
	add_row(&l, "index", index->name, index_text(plan, table, index));
	insert_rows_of(&l, table);
}

void amph__catalog_add_row(amph_plan *plan, const sql_table *table, const char *kind, const char *name,
			   const char *text)
{
	row_list l;

	begin_rows(&l, plan, table->name, 1);
	if (plan->failed)
		return;
	add_row(&l, kind, name, text);
	insert_rows_of(&l, table);
}

void amph__catalog_add_other(amph_plan *plan, const sql_table *of, const char *kind, const char *name,
			     const char *text)
{
	row_list l;

	begin_rows(&l, plan, NULL, 1);
	if (plan->failed)
		return;
	add_row(&l, kind, name, text);
	insert_rows_of(&l, of);
}

void amph__catalog_remove(amph_plan *plan, const char *kind, const char *schema, const char *name)
{
	amph__catalog_remove_for(plan, NULL, kind, schema, name);
}

void amph__catalog_remove_for(amph_plan *plan, const sql_table *of, const char *kind,
			      const char *schema, const char *name)
{
	amph_arena *a = plan->arena;
	const char *column = kind ? columns[NAME].name : columns[TABLE].name;
	const char *table = kind ? name : table_name(plan, schema, name);
	sql_stmt *stmt = plan->failed ? NULL : amph__plan_add(plan, SQL_STMT_DELETE);

	if (!stmt)
		return;
	stmt->target = sql_range_table(a, catalog_of(of), NULL);
	stmt->where = sql_op(a, "=", sql_column(a, NULL, column), sql_const(a, AMPH_T_TEXT, table));
	if (kind)
		stmt->where = sql_and(a, stmt->where,
				      sql_op(a, "=", sql_column(a, NULL, columns[KIND].name),
					     sql_const(a, AMPH_T_TEXT, kind)));
	plan->failed |= !stmt->where || !stmt->target;
}

void amph__catalog_remove_row(amph_plan *plan, const sql_table *table, const char *kind, const char *name)
{
	amph_arena *a = plan->arena;
	sql_stmt *stmt;

	amph__catalog_remove_for(plan, table, kind, NULL, name);
	stmt = plan->failed ? NULL : plan->stmts[plan->n - 1];
	if (!stmt)
		return;
	stmt->where = sql_and(a, stmt->where, sql_op(a, "=", sql_column(a, NULL, columns[TABLE].name),
						     sql_const(a, AMPH_T_TEXT, table->name)));
	plan->failed |= !stmt->where;
}
