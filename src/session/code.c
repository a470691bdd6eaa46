/* The statements of the flush as trees. One builder for each operation serves both forms: over
 * a row set, and with single values. */
#include "state.h"
#include "../schema/names.h"
#include <string.h>

typedef struct builder {
	amph_arena *arena;
	const amph_mapper *mapper;
	const amph_dml_key *key;
	sql_stmt *stmt;
	const char **row_names;         /* of the row set's columns, or of the values */
	amph_sqltype *types;
	size_t n;
} builder;

static const char *row_name(amph_arena *arena, const char *prefix, const char *column)
{
	return amph__arena_printf(arena, "%s%s", prefix, column);
}

/* Adds a parameter's column and gives the expression that reads it. */
static sql_expr *value_of(builder *b, const char *prefix, const amph_mapped_column *c)
{
	const char *name = row_name(b->arena, prefix, c->name);
	size_t i = b->n++;

	b->row_names[i] = name;
	b->types[i] = c->type;
	if (b->key->rows)
		return sql_column(b->arena, "r", name);
	return sql_param(b->arena, i, c->type);
}

static sql_expr *and_equals(builder *b, sql_expr *where, const char *prefix,
			    const amph_mapped_column *c)
{
	sql_expr *column = sql_column(b->arena, "t", c->name);

	return sql_and(b->arena, where, sql_op(b->arena, "=", column, value_of(b, prefix, c)));
}

static sql_expr *and_is_null(builder *b, sql_expr *where, const amph_mapped_column *c)
{
	sql_expr *e = sql_new(b->arena, SQL_IS_NULL, 1);

	if (e)
		e->args.items[0] = sql_column(b->arena, "t", c->name);
	return sql_and(b->arena, where, e);
}

/* The row is the one with the key, and with the version that was read. */
static sql_expr *where_key(builder *b, bool version)
{
	const amph_mapper *m = b->mapper;
	sql_expr *where = NULL;

	bool by_key = b->key->op != AMPH_DML_SELECT || amph__set_is_empty(&b->key->match);

	for (size_t i = 0; by_key && i < m->n_keys; i++)
		where = and_equals(b, where, "k_", &m->columns[m->keys[i]]);
	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(&b->key->match, i))
			where = and_equals(b, where, "m_", &m->columns[i]);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (amph__set_has(&b->key->beside, i))
			where = and_equals(b, where, "b_", &m->columns[i]);
		if (amph__set_has(&b->key->nulls, i))
			where = and_is_null(b, where, &m->columns[i]);
	}
	if (version && m->version >= 0)
		where = and_equals(b, where, "v_", &m->columns[m->version]);
	return where;
}

static sql_target *target_list(amph_arena *arena, const amph_mapper *m, const amph_column_set *set,
			       const char *range)
{
	sql_target *first = NULL, **last = &first;
	const amph_mapped_column *columns = set ? m->columns : amph__read_columns(m);
	size_t n = set ? m->n_columns : amph__read_shape(m)->n_slots;

	for (size_t i = 0; i < n; i++) {
		if (set && !amph__set_has(set, i))
			continue;
		sql_target *t = AMPH_NEW(arena, sql_target);
		if (!t)
			return NULL;
		t->expr = sql_column(arena, range, columns[i].name);
		t->name = columns[i].name;
		*last = t;
		last = &t->next;
	}
	return first;
}

static void finish_params(builder *b)
{
	sql_stmt *stmt = b->stmt;

	stmt->n_params = b->key->rows ? b->n > 0 : b->n;
	stmt->params = AMPH_NEWS(b->arena, amph_param, stmt->n_params ? stmt->n_params : 1);
	for (size_t i = 0; stmt->params && i < stmt->n_params; i++)
		stmt->params[i] = b->key->rows
			? (amph_param){ AMPH_PARAM_ROWS, b->n, b->types }
			: (amph_param){ AMPH_PARAM_VALUE, 1, &b->types[i] };
}

static sql_range *rows_range(builder *b)
{
	return sql_range_rows(b->arena, 0, "r", b->row_names, b->n);
}

static void build_insert(builder *b)
{
	const amph_mapper *m = b->mapper;
	const char **names = AMPH_NEWS(b->arena, const char *, m->n_columns + 1);
	sql_select *select = AMPH_NEW(b->arena, sql_select);
	sql_list *values = AMPH_NEW(b->arena, sql_list);
	sql_target **last = select ? &select->targets : NULL;
	size_t n = 0;

	if (!names || !select || !values)
		return;
	values->items = AMPH_NEWS(b->arena, sql_expr *, m->n_columns);
	for (size_t i = 0; values->items && i < m->n_columns; i++) {
		if (!amph__set_has(&b->key->columns, i))
			continue;
		sql_target *t = AMPH_NEW(b->arena, sql_target);
		if (!t)
			return;
		t->expr = values->items[n] = value_of(b, "", &m->columns[i]);
		*last = t;
		last = &t->next;
		names[n++] = m->columns[i].name;
	}
	values->n = n;
	b->stmt->columns = names;
	b->stmt->overriding_system = (b->key->counts & AMPH_DML_NUMBERED) != 0;
	b->stmt->select = n ? select : NULL;
	if (b->key->rows) {
		select->from = rows_range(b);
	} else {
		select->targets = NULL;
		select->values = values;
		select->n_values = 1;
	}
}

static sql_assign *count_version(builder *b)
{
	const char *name = b->mapper->columns[b->mapper->version].name;
	sql_assign *a = AMPH_NEW(b->arena, sql_assign);

	if (a)
		*a = (sql_assign){ .column = name, .location = -1,
				   .value = sql_op(b->arena, "+", sql_column(b->arena, "t", name),
						   sql_const(b->arena, AMPH_T_INT16, "1")) };
	return a;
}

static sql_expr *of_kind(builder *b, sql_expr *where)
{
	return b->key->counts & AMPH_DML_OF_KIND ? amph__and_kind(b->arena, where, b->mapper, "t") : where;
}

static void build_update(builder *b)
{
	const amph_mapper *m = b->mapper;
	sql_assign **last = &b->stmt->set;

	for (size_t i = 0; i < m->n_columns; i++) {
		if (!amph__set_has(&b->key->columns, i))
			continue;
		sql_assign *a = AMPH_NEW(b->arena, sql_assign);
		if (!a)
			return;
		*a = (sql_assign){ .column = m->columns[i].name,
				   .value = value_of(b, "", &m->columns[i]), .location = -1 };
		*last = a;
		last = &a->next;
	}
	if (b->key->counts & AMPH_DML_COUNTS)
		*last = count_version(b);
	b->stmt->where = of_kind(b, where_key(b, true));
	if (b->key->rows)
		b->stmt->from = rows_range(b);
}

static void build_delete(builder *b)
{
	b->stmt->where = of_kind(b, where_key(b, true));
	if (b->key->rows)
		b->stmt->from = rows_range(b);
}

/* All columns of the rows with the keys: for refresh and for loading by many keys. */
static void build_select(builder *b)
{
	sql_select *select = AMPH_NEW(b->arena, sql_select);

	if (!select)
		return;
	b->stmt->select = select;
	select->targets = target_list(b->arena, b->mapper, amph__set_is_empty(&b->key->returning) ? NULL :
				      &b->key->returning, "t");
	select->where = where_key(b, false);
	select->where = amph__and_kind(b->arena, select->where, b->mapper, "t");
	select->from = b->stmt->target;
	b->stmt->target = NULL;
	if (b->key->rows && select->from)
		select->from->next = rows_range(b);
}

static amph_code *make_with(amph_arena *arena, amph_engine *engine, const amph_dml_key *key,
			    const sql_names *names, amph_error *err)
{
	static void (*const builders[])(builder *) = { build_insert, build_update, build_delete,
						       build_select };
	static const sql_stmt_kind kinds[] = { SQL_STMT_INSERT, SQL_STMT_UPDATE, SQL_STMT_DELETE,
					       SQL_STMT_SELECT };
	const amph_mapper *m = engine->registry->mappers[key->mapper];
	size_t most = m->n_columns * 3 + m->n_keys + 1;
	builder b = { .arena = arena, .mapper = m, .key = key, .stmt = AMPH_NEW(arena, sql_stmt),
		      .row_names = AMPH_NEWS(arena, const char *, most),
		      .types = AMPH_NEWS(arena, amph_sqltype, most) };

	if (b.stmt && b.row_names && b.types) {
		b.stmt->kind = kinds[key->op];
		b.stmt->location = -1;
		b.stmt->target = sql_range_table(arena, m->table, "t");
		builders[key->op](&b);
		finish_params(&b);
		if (!amph__set_is_empty(&key->returning) && key->op != AMPH_DML_SELECT)
			b.stmt->returning = target_list(arena, m, &key->returning, "t");
	}
	if (arena->failed) {
		amph__error_nomem(err);
		return NULL;
	}
	amph_code *code = amph__compile(arena, engine->dialect, b.stmt, names, err);
	if (code && key->op == AMPH_DML_SELECT && !key->rows)
		code->flags |= AMPH_CODE_ALONE;
	if (code && key->rows == KEY_BY_KEY)
		code->flags |= AMPH_CODE_NEXT;
	return code;
}

void amph__name_identity(const amph_mapper *m, const amph_column_set *columns, amph_arg *arg)
{
	size_t at = 0;

	if (m->identity < 0 || !amph__set_has(columns, (size_t)m->identity))
		return;
	for (size_t i = 0; i < (size_t)m->identity; i++)
		at += amph__set_has(columns, i);
	arg->identity = m->columns[m->identity].name;
	arg->identity_slot = at;
}

static amph_code *make(amph_arena *arena, amph_engine *engine, const void *ctx, amph_error *err)
{
	return make_with(arena, engine, ctx, &engine->registry->names, err);
}

/* Where the database has no sequences, an insert names those of the columns that it leaves out. */
static bool takes_numbers(const amph_session *s, const amph_dml_key *key)
{
	const amph_mapper *m = s->engine->registry->mappers[key->mapper];

	if (key->op != AMPH_DML_INSERT || !(s->engine->dialect->flags & AMPH_DIALECT_CATALOG_TABLE))
		return false;
	for (size_t i = 0; i < m->n_columns; i++)
		if (!amph__set_has(&key->columns, i) && m->columns[i].decl->server_default &&
		    strstr(m->columns[i].decl->server_default, "val("))
			return true;
	return false;
}

const amph_code *amph__dml_code_in(amph_session *s, const amph_dml_key *key, amph_arena *arena,
				   amph_error *err)
{
	if (!takes_numbers(s, key))
		return amph__dml_code(s->engine, key, err);
	amph_names *names = amph__session_names(s, true, err);
	amph_code *code = names ? make_with(arena, s->engine, key, &names->names, err) : NULL;
	if (code)
		code->flags |= AMPH_CODE_ONCE;
	return code;
}

const char *amph__table_name(amph_arena *arena, const amph_mapper *m)
{
	return m->table->schema ? amph__arena_printf(arena, "%s.%s", m->table->schema, m->table->name)
				: m->table->name;
}

const amph_code *amph__dml_code(amph_engine *engine, const amph_dml_key *key, amph_error *err)
{
	return amph__engine_code(engine, key, sizeof *key, make, key, err);
}
