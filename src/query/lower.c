/* The statement of a key: clauses and operations. Reads what shape.c writes, in its order. */
#include "lower.h"

/* ---- selects ---- */
static sql_select *new_select(amph_lowerer *l, const amph_lower_from *from)
{
	sql_select *s = AMPH_NEW(l->arena, sql_select);

	if (!s)
		return NULL;
	s->location = -1;
	s->from = from->range;
	s->where = from->where;
	return s;
}

sql_target *amph__lower_target(amph_lowerer *l, sql_select *s, sql_expr *e, const char *name)
{
	sql_target *t = e ? AMPH_NEW(l->arena, sql_target) : NULL;
	sql_target **last = &s->targets;

	if (!t)
		return NULL;
	t->expr = e;
	t->name = name;
	while (*last)
		last = &(*last)->next;
	*last = t;
	return t;
}

sql_select *amph__lower_probe(amph_lowerer *l, const amph_lower_from *from)
{
	sql_select *s = new_select(l, from);

	if (!s || !amph__lower_target(l, s, sql_const(l->arena, AMPH_T_INT32, "1"), NULL))
		return NULL;
	return s;
}

static sql_expr *limit_param(amph_lowerer *l)
{
	return amph__lower_param(l, (amph_sqltype){ .type = AMPH_T_INT64, .nullable = true });
}

static void read_limits(amph_lowerer *l, sql_select *s, unsigned flags)
{
	if (flags & KEY_LIMIT)
		s->limit = limit_param(l);
	if (flags & KEY_OFFSET)
		s->offset = limit_param(l);
}

static void add_lock(amph_lowerer *l, sql_select *s, const amph_lower_from *from)
{
	if (!(from->flags & (KEY_FOR_UPDATE | KEY_FOR_SHARE)))
		return;
	s->lock = from->flags & KEY_FOR_UPDATE ? SQL_LOCK_UPDATE : SQL_LOCK_SHARE;
	if (from->flags & (KEY_SKIP_LOCKED | KEY_NOWAIT))
		s->lock_wait = from->flags & KEY_NOWAIT ? SQL_LOCK_NOWAIT : SQL_LOCK_SKIP;
	if (l->n_ranges > from->main + 1)
		s->lock_of = l->ranges[from->main].alias;
}

/* Columns of the model, all or those listed, as targets; and where they go. */
static bool object_targets(amph_lowerer *l, sql_select *s, const amph_lower_from *from)
{
	const amph_mapper *m = l->ranges[from->main].mapper;
	bool some = from->flags & KEY_ONLY;
	const amph_mapped_column *columns = amph__read_columns(m);
	const char *alias = l->ranges[from->main].alias;
	size_t most = m->n_kinds > 1 ? m->root->n_wide : m->n_columns;
	size_t n = some ? key_get_number(&l->key) : most;
	bool also = from->flags & KEY_HYBRIDS && m->n_hybrids;
	uint16_t *numbers = some ? AMPH_NEWS(l->arena, uint16_t, n) : NULL;
	amph_slot *slots = some || also ? AMPH_NEWS(l->arena, amph_slot, n + m->n_hybrids) : NULL;
	sql_target *last = NULL;

	if ((some && (!numbers || n > m->n_columns)) || ((some || also) && !slots))
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t number = some ? key_get_number(&l->key) : i;
		sql_expr *e = number < most
			? sql_column(l->arena, alias, columns[number].name) : NULL;
		sql_target *t = e ? AMPH_NEW(l->arena, sql_target) : NULL;
		if (!t)
			return false;
		t->expr = e;
		*(last ? &last->next : &s->targets) = t;
		last = t;
		if (some)
			numbers[i] = (uint16_t)number;
		if (slots)
			slots[i] = m->columns[number].slot;
	}
	for (size_t i = 0; also && i < m->n_hybrids; i++) {
		slots[n++] = m->hybrids[i].slot;
		if (!amph__lower_target(l, s, amph__lower_hybrid(l, from->main, i), NULL))
			return false;
	}
	if (l->out) {
		l->out->columns = numbers;
		l->out->shape = slots ? (amph_shape){ n, slots } : *amph__read_shape(m);
	}
	return true;
}

/* Which type a field's value is cast to, so that the driver finds what the member holds. */
static sql_expr *cast_to_field(amph_lowerer *l, sql_expr *e, unsigned type, bool differs)
{
	amph_sqltype want = { .type = (uint8_t)(type & ~(unsigned)AMPH_T_NULLABLE), .nullable = true };

	if (!e || !differs || (want.type & ~AMPH_T_ARRAY) == AMPH_T_ENUM)
		return e;
	e = sql_cast(l->arena, e, want);
	if (e)
		e->explicit_cast = true;
	return e;
}

static bool field_is_optional(unsigned type)
{
	unsigned base = type & ~(unsigned)AMPH_T_NULLABLE;

	return type & AMPH_T_NULLABLE && !(type & AMPH_T_ARRAY) && base != AMPH_T_TEXT &&
	       base != AMPH_T_BYTES && base != AMPH_T_JSON;
}

bool amph__lower_fields(amph_lowerer *l, sql_select *s)
{
	amph_lower_source *filling = l->filling;
	size_t n = key_get_number(&l->key);
	amph_slot *slots = AMPH_NEWS(l->arena, amph_slot, n);
	bool cells = false;

	for (size_t i = 0; slots && i < n; i++) {
		const char *name = key_get_text(&l->key, l->arena);
		unsigned type = key_get(&l->key);
		uint32_t offset = (uint32_t)key_get_number(&l->key);
		bool differs = key_get(&l->key);
		l->filling = NULL;
		sql_expr *e = cast_to_field(l, amph__lower_expr(l), type, differs);
		l->filling = filling;
		if (!e || !amph__lower_target(l, s, e, name))
			return false;
		cells = type == AMPH_T_NONE;
		if (filling)
			amph__lower_fill(l, name, type);
		slots[i] = (amph_slot){
			.type = (uint8_t)(type & ~(unsigned)AMPH_T_NULLABLE), .offset = offset,
			.nullable = field_is_optional(type), .name = name
		};
	}
	if (slots && !cells && l->out)
		l->out->shape = (amph_shape){ n, slots };
	return slots;
}

static sql_expr *total(amph_lowerer *l, amph_query_op op, bool distinct)
{
	bool as_double = key_get(&l->key);
	sql_expr *e = amph__lower_expr(l);

	e = e ? sql_call(l->arena, op == AMPH_QUERY_SUM ? "sum" : "avg", 1, &e) : NULL;
	if (e)
		e->distinct = distinct;
	return cast_to_field(l, e, AMPH_T_DOUBLE, as_double);
}

/* What stands between FROM and ORDER BY. */
static bool select_targets(amph_lowerer *l, sql_select *s, amph_query_op op, const amph_lower_from *from)
{
	switch (op) {
	case AMPH_QUERY_SELECT: case AMPH_QUERY_STREAM:
		return object_targets(l, s, from);
	case AMPH_QUERY_PROJECT: case AMPH_QUERY_STREAM_ROWS:
		return amph__lower_fields(l, s);
	case AMPH_QUERY_INSERT:
		return amph__lower_insert_columns(l, s);
	case AMPH_QUERY_VALUE:
		return amph__lower_target(l, s, amph__lower_expr(l), NULL);
	case AMPH_QUERY_SUM: case AMPH_QUERY_AVG:
		return amph__lower_target(l, s, total(l, op, from->flags & KEY_DISTINCT), NULL);
	default:
		return amph__lower_target(l, s, sql_const(l->arena, AMPH_T_INT32, "1"), NULL);
	}
}

static sql_expr *count_all(amph_lowerer *l)
{
	sql_expr *star = sql_new(l->arena, SQL_STAR, 0);

	return star ? sql_call(l->arena, "count", 1, &star) : NULL;
}

/* count(*) of the rows that the query would give: of the tables themselves where nothing makes
 * more or less of their rows, else of the query. */
static sql_select *counted(amph_lowerer *l, sql_select *s, const amph_lower_from *from)
{
	bool plain = !(from->flags & (KEY_DISTINCT | KEY_DISTINCT_ON | KEY_LIMIT | KEY_OFFSET |
				       KEY_COMBINE)) &&
		     !s->group_by.n && !s->having;
	sql_range *range;
	sql_select *outer;

	if (plain) {
		s->targets = NULL;
		return amph__lower_target(l, s, count_all(l), NULL) ? s : NULL;
	}
	range = AMPH_NEW(l->arena, sql_range);
	outer = AMPH_NEW(l->arena, sql_select);
	if (!range || !outer)
		return NULL;
	range->kind = SQL_SUBQUERY;
	range->location = outer->location = -1;
	range->alias = "counted";
	range->select = s;
	outer->from = range;
	return amph__lower_target(l, outer, count_all(l), NULL) ? outer : NULL;
}

static sql_select *existing(amph_lowerer *l, sql_select *s)
{
	sql_select *outer = AMPH_NEW(l->arena, sql_select);
	sql_expr *e = sql_new(l->arena, SQL_EXISTS, 0);

	if (!outer || !e)
		return NULL;
	e->select = s;
	outer->location = -1;
	return amph__lower_target(l, outer, e, NULL) ? outer : NULL;
}

/* The result of a call that gives one value. */
static bool one_value(amph_lowerer *l, amph_query_op op)
{
	amph_slot *slot = AMPH_NEW(l->arena, amph_slot);

	if (!slot)
		return false;
	slot->type = op == AMPH_QUERY_EXISTS ? AMPH_T_BOOL : AMPH_T_INT64;
	l->out->shape = (amph_shape){ 1, slot };
	return true;
}

/* Rows that are told apart, or combined, are compared as a whole, also where they are counted. */
static amph_query_op op_of_targets(amph_query_op op, const amph_lower_from *from)
{
	bool probes = op == AMPH_QUERY_COUNT || op == AMPH_QUERY_EXISTS;
	unsigned whole = op == AMPH_QUERY_COUNT ? KEY_COMBINE | KEY_DISTINCT | KEY_DISTINCT_ON
						 : KEY_COMBINE;

	return probes && from->flags & whole ? AMPH_QUERY_SELECT : op;
}

static bool takes_distinct(amph_query_op op)
{
	return op != AMPH_QUERY_SUM && op != AMPH_QUERY_AVG && op != AMPH_QUERY_EXISTS;
}

/* The order of what is combined is by its columns, which have names only. */
static void order_by_names(sql_order *order)
{
	for (; order; order = order->next) {
		if (order->expr && order->expr->kind == SQL_COLUMN)
			order->expr->range = NULL;
	}
}

static sql_select *one_query(amph_lowerer *l, amph_query_op op, amph_lower_from *from)
{
	amph_lower_source *filling = l->filling;
	amph_query_op targets;
	sql_select *s;

	l->filling = NULL;
	s = amph__lower_from(l, from) ? new_select(l, from) : NULL;
	if (!s)
		return NULL;
	amph__lower_list(l, &s->group_by);
	s->having = amph__lower_condition(l);
	if (from->flags & KEY_DISTINCT_ON)
		amph__lower_list(l, &s->distinct_on);
	l->filling = filling;
	targets = op_of_targets(op, from);
	if (!select_targets(l, s, targets, from))
		return NULL;
	if (filling && filling->recursive)
		amph__lower_filled(l);
	l->filling = NULL;
	s->distinct = from->flags & KEY_DISTINCT && takes_distinct(op);
	return from->flags & KEY_COMBINE ? amph__lower_combine(l, targets, s) : s;
}

sql_select *amph__lower_select(amph_lowerer *l, amph_query_op op)
{
	amph_lower_source *filling = l->filling, *sources = l->sources;
	amph_lower_from from;
	sql_select *s = one_query(l, op, &from);

	if (!s)
		return NULL;
	s->order = amph__lower_order(l);
	if (from.flags & KEY_COMBINE)
		order_by_names(s->order);
	read_limits(l, s, from.flags);
	add_lock(l, s, &from);
	s->with = from.with;
	s->with_recursive = from.with_recursive;
	l->sources = sources;
	l->filling = filling;
	if (filling)
		amph__lower_filled(l);
	return op == AMPH_QUERY_COUNT ? counted(l, s, &from) : s;
}

sql_select *amph__lower_inner(amph_lowerer *l, amph_query_op op)
{
	amph_compiled *out = l->out;
	size_t ranges = l->n_ranges;
	sql_select *s;

	l->out = NULL;
	s = amph__lower_select(l, op);
	l->out = out;
	l->n_ranges = ranges;
	return s;
}

static bool lower_query(amph_lowerer *l, amph_query_op op, sql_stmt *stmt)
{
	sql_select *s = amph__lower_select(l, op);

	if (s && op == AMPH_QUERY_EXISTS)
		s = existing(l, s);
	stmt->kind = SQL_STMT_SELECT;
	stmt->select = s;
	return s && ((op != AMPH_QUERY_COUNT && op != AMPH_QUERY_EXISTS) || one_value(l, op));
}

bool amph__lower(amph_arena *arena, const amph_registry *registry, const void *key, size_t len,
		 sql_stmt **stmt, amph_compiled *c, amph_error *err)
{
	amph_lowerer l = {
		.arena = arena, .registry = registry, .out = c, .err = err,
		.key = { .at = key, .end = (const unsigned char *)key + len, .start = key }
	};
	sql_stmt *s = AMPH_NEW(arena, sql_stmt);
	amph_query_op op = (amph_query_op)key_get(&l.key);
	bool ok = s;

	if (ok) {
		s->location = -1;
		if (op == AMPH_QUERY_INSERT)
			ok = amph__lower_insert(&l, s);
		else if (op == AMPH_QUERY_UPDATE || op == AMPH_QUERY_DELETE)
			ok = amph__lower_write(&l, op, s);
		else
			ok = lower_query(&l, op, s);
	}
	if (l.n_ranges && l.ranges[0].mapper->ordinal != UINT16_MAX)
		c->mapper = l.ranges[0].mapper;
	if (l.failed)
		return false;
	if (arena->failed)
		return amph__error_nomem(err);
	if (!ok || l.key.bad || l.key.at != l.key.end)
		return amph__error(err, "XX000", "a query's key does not read as it was written");
	s->params = l.params;
	s->n_params = l.n_params;
	s->explains = true;
	*stmt = s;
	return true;
}
