/* The statements by which relationships are loaded: one for many objects, by a set of their keys. */
#include "rows.h"

static sql_expr *match_rows(amph_arena *arena, const load_ctx *c, const char *const *names)
{
	sql_expr *where = NULL;

	if (c->key->whole)
		return NULL;
	if (c->n == 1) {
		sql_expr *in = sql_new(arena, SQL_IN_ROWS, 1);

		if (in)
			in->args.items[0] = sql_column(arena, "t", c->to->columns[c->pairs[0].to].name);
		return in;
	}
	for (size_t i = 0; i < c->n; i++)
		where = sql_and(arena, where,
				sql_op(arena, "=",
				       sql_column(arena, "t", c->to->columns[c->pairs[i].to].name),
				       sql_column(arena, "r", names[i])));
	return where;
}

static sql_expr *not_deleted(amph_arena *arena, const amph_mapper *m)
{
	sql_expr *e = m->soft_delete >= 0 ? sql_new(arena, SQL_IS_NULL, 1) : NULL;

	if (e)
		e->args.items[0] = sql_column(arena, "t", m->columns[m->soft_delete].name);
	return e;
}

/* Parameters follow the row set, one for each column that is not to be NULL. */
static sql_expr *and_filtered(amph_arena *arena, const load_ctx *c, sql_expr *e, sql_stmt *stmt)
{
	for (size_t i = 0; i < c->to->n_columns; i++) {
		sql_expr *column, *test;

		if (!amph__set_has(&c->key->filter, i))
			continue;
		column = sql_column(arena, "t", c->to->columns[i].name);
		if (amph__set_has(&c->key->nulls, i)) {
			test = sql_new(arena, SQL_IS_NULL, 1);
			if (test)
				test->args.items[0] = column;
		} else {
			amph_sqltype *type = amph__arena_copy(arena, &c->to->columns[i].type, sizeof *type);
			if (!type)
				return NULL;
			type->nullable = true;
			type->length = type->scale = 0;
			test = sql_op(arena, "=", column, sql_param(arena, stmt->n_params, *type));
			stmt->params[stmt->n_params++] = (amph_param){ AMPH_PARAM_VALUE, 1, type };
		}
		e = sql_and(arena, e, test);
	}
	return e;
}

static void all_columns(amph_arena *arena, const amph_mapper *m, sql_select *select)
{
	sql_target **last = &select->targets;

	const amph_mapped_column *columns = amph__read_columns(m);

	for (size_t i = 0; i < amph__read_shape(m)->n_slots; i++) {
		sql_target *t = AMPH_NEW(arena, sql_target);

		if (!t)
			return;
		t->expr = sql_column(arena, "t", columns[i].name);
		*last = t;
		last = &t->next;
	}
}

/* By primary key: the same order on every database, and from run to run. */
static void order_by_key(amph_arena *arena, const amph_mapper *m, sql_select *select)
{
	sql_order **last = &select->order;

	for (size_t i = 0; i < m->n_keys; i++) {
		sql_order *o = AMPH_NEW(arena, sql_order);

		if (!o)
			return;
		o->expr = sql_column(arena, "t", m->columns[m->keys[i]].name);
		*last = o;
		last = &o->next;
	}
}

bool amph__rows_may_mix(const amph_session *s, const amph_mapper *m)
{
	unsigned type = m->columns[m->keys[0]].slot.type;

	return m->n_keys == 1 && type >= AMPH_T_INT16 && type <= AMPH_T_INT64 &&
	       m->n_kinds < 2 && !m->relations && !amph__has_event(s, m, AMPH_AFTER_LOAD);
}

static amph_code *make(amph_arena *arena, amph_engine *engine, const void *ctx, amph_error *err)
{
	const load_ctx *c = ctx;
	sql_stmt *stmt = AMPH_NEW(arena, sql_stmt);
	sql_select *select = AMPH_NEW(arena, sql_select);
	const char **names = AMPH_NEWS(arena, const char *, c->n);
	amph_sqltype *types = AMPH_NEWS(arena, amph_sqltype, c->n);
	amph_param *param = AMPH_NEWS(arena, amph_param, 1 + c->to->n_columns);

	if (stmt && select && names && types && param) {
		for (size_t i = 0; i < c->n; i++) {
			names[i] = amph__arena_printf(arena, "k%zu", i);
			types[i] = c->from->columns[c->pairs[i].from].type;
		}
		*param = (amph_param){ AMPH_PARAM_ROWS, c->n, types };
		stmt->kind = SQL_STMT_SELECT;
		stmt->location = -1;
		stmt->select = select;
		stmt->params = param;
		stmt->n_params = !c->key->whole;
		all_columns(arena, c->to, select);
		select->from = sql_range_table(arena, c->to->table, "t");
		if (c->n > 1 && select->from && !c->key->whole)
			select->from->next = sql_range_rows(arena, 0, "r", names, c->n);
		select->where = match_rows(arena, c, names);
		sql_expr *visible = not_deleted(arena, c->to);
		if (visible)
			select->where = sql_and(arena, select->where, visible);
		select->where = amph__and_kind(arena, select->where, c->to, "t");
		select->where = and_filtered(arena, c, select->where, stmt);
		if (!c->key->unordered)
			order_by_key(arena, c->to, select);
	}
	if (arena->failed) {
		amph__error_nomem(err);
		return NULL;
	}
	return amph__compile(arena, engine->dialect, stmt, &engine->registry->names, err);
}

/* The values that rows are filtered by, after the row set. */
static void add_filter_args(const load_ctx *c, const amph_row_filter *filter, amph_arg *args)
{
	size_t n = !c->key->whole;

	for (size_t i = 0; filter && i < c->to->n_columns; i++)
		if (amph__set_has(&filter->columns, i) && !amph__set_has(&filter->nulls, i))
			args[n++] = (amph_arg){ .n_slots = 1, .n_rows = 1, .base = filter->values,
						.slots = &c->to->columns[i].slot };
}

bool amph__rows_select(amph_session *s, const load_ctx *ctx, amph_result *result, amph_error *err)
{
	const amph_row_filter *filter;
	load_key key = *ctx->key;
	load_ctx c = *ctx;

	if (!amph__filter_of(&s->query, c.to, &filter, err))
		return false;
	c.key = &key;
	if (filter) {
		key.filter = filter->columns;
		key.nulls = filter->nulls;
	}
	const amph_code *code = amph__engine_code(s->engine, &key, sizeof key, make, &c, err);
	if (!code || !amph__session_conn(s, err))
		return false;
	for (size_t i = 0; i < c.n; i++)
		c.sent->slots[i] = c.from->columns[c.pairs[i].from].slot;
	if (!key.whole)
		c.sent->args[0] = (amph_arg){
			.n_slots = c.n, .n_rows = c.rows.n, .slots = c.sent->slots, .rows = c.rows.items };
	add_filter_args(&c, filter, c.sent->args);
	return amph__execute(s->conn, code, c.sent->args, result, err);
}
