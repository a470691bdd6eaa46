/* The key of a query: its clauses, and what the operation wants of them.
 *
 *	operation, flags, CTEs, model, joins, parent, condition, groups, HAVING, DISTINCT ON,
 *	columns | fields | value | assignments, queries combined, order, LIMIT, OFFSET
 *
 * All that decides about the statement's text is in it, and nothing else; see key.h. */
#include "filter.h"
#include "shape.h"
#include <string.h>

static const amph_sqltype no_type = { .type = AMPH_T_NONE };

/* ---- what an operation has no use for ---- */
enum {
	M_HAVING = 1, M_ORDER = 2, M_GROUP = 4, M_ONLY = 8, M_JOINS = 16, M_LOAD = 32, M_FIELDS = 64,
	M_SET = 128, M_LIMIT = 512, M_OFFSET = 1024, M_PAGE = 2048, M_DISTINCT = 4096,
	M_ALL_ROWS = 8192, M_LOCK = 16384, M_VALUE = 32768, M_CTES = 65536, M_COMBINE = 131072,
	M_DISTINCT_ON = 262144, M_RETURNING = 524288, M_CONFLICT = 1048576, M_KEYSET = 2097152,
	M_SYNC = 4194304, M_HYBRIDS = 8388608, M_DEFER = 16777216
};
static const struct { unsigned flag; const char *name; } member_names[] = {
	{ M_HAVING, "having" }, { M_ORDER, "order_by" }, { M_GROUP, "group_by" }, { M_ONLY, "only" },
	{ M_JOINS, "joins" }, { M_LOAD, "load" }, { M_FIELDS, "fields" }, { M_SET, "set" },
	{ M_LIMIT, "limit" }, { M_OFFSET, "offset" }, { M_PAGE, "page" }, { M_DISTINCT, "distinct" },
	{ M_ALL_ROWS, "all_rows" }, { M_LOCK, "for_update" }, { M_VALUE, "value" },
	{ M_CTES, "ctes" }, { M_COMBINE, "combine" }, { M_DISTINCT_ON, "distinct_on" },
	{ M_RETURNING, "returning" }, { M_CONFLICT, "on_conflict" }, { M_KEYSET, "keyset" },
	{ M_SYNC, "sync" }, { M_HYBRIDS, "hybrids" }, { M_DEFER, "defer" }
};
/* The members that only few operations have a use for. */
#define M_RARE (M_RETURNING | M_CONFLICT | M_KEYSET | M_SYNC | M_HYBRIDS)
#define M_PART (M_ONLY | M_DEFER)
#define M_OBJECTS (M_SET | M_FIELDS | M_ALL_ROWS | M_VALUE)
#define M_WRITES (M_HAVING | M_ORDER | M_GROUP | M_PART | M_LOAD | M_FIELDS | M_LIMIT | \
		  M_OFFSET | M_PAGE | M_DISTINCT | M_LOCK | M_VALUE | M_COMBINE | M_DISTINCT_ON)
#define M_TOTALS (M_SET | M_FIELDS | M_ALL_ROWS | M_LOCK | M_PAGE | M_LOAD | M_PART | M_ORDER | M_GROUP | \
		  M_HAVING | M_LIMIT | M_OFFSET | M_COMBINE | M_DISTINCT_ON)
static const struct { const char *name; unsigned refused, rare; } operations[] = {
	[AMPH_QUERY_SELECT] = { "amph_all", M_OBJECTS | M_PAGE, M_KEYSET | M_HYBRIDS },
	[AMPH_QUERY_FIRST] = { "amph_first", M_OBJECTS | M_PAGE, M_KEYSET | M_HYBRIDS },
	[AMPH_QUERY_ONE] = { "amph_one", M_OBJECTS | M_PAGE, M_HYBRIDS },
	[AMPH_QUERY_PAGE] = { "amph_paginate", M_OBJECTS | M_LIMIT | M_OFFSET, M_HYBRIDS },
	[AMPH_QUERY_COUNT] = { "amph_count", M_SET | M_FIELDS | M_ALL_ROWS | M_VALUE | M_LOCK, M_HYBRIDS },
	[AMPH_QUERY_EXISTS] = { "amph_exists", M_SET | M_FIELDS | M_ALL_ROWS | M_VALUE | M_LOCK | M_PAGE, 0 },
	[AMPH_QUERY_PROJECT] = { "amph_project", M_SET | M_ALL_ROWS | M_VALUE | M_PAGE | M_LOAD | M_PART, 0 },
	[AMPH_QUERY_SUM] = { "amph_sum", M_TOTALS, 0 },
	[AMPH_QUERY_AVG] = { "amph_avg", M_TOTALS, 0 },
	[AMPH_QUERY_UPDATE] = { "amph_update", M_WRITES, M_RETURNING | M_SYNC },
	[AMPH_QUERY_DELETE] = { "amph_delete_where", M_WRITES | M_SET, M_RETURNING | M_SYNC },
	[AMPH_QUERY_STREAM] = { "amph_stream_open", M_OBJECTS | M_PAGE | M_LOAD, M_HYBRIDS },
	[AMPH_QUERY_STREAM_ROWS] = { "amph_stream_project", M_SET | M_ALL_ROWS | M_VALUE | M_PAGE | M_LOAD |
		M_PART, 0 },
	[AMPH_QUERY_VALUE] = { "a query as a value", M_SET | M_FIELDS | M_ALL_ROWS | M_LOCK | M_PAGE |
		M_LOAD | M_PART | M_COMBINE, 0 },
	[AMPH_QUERY_INSERT] = { "amph_insert_from", M_SET | M_ALL_ROWS | M_VALUE | M_PAGE | M_LOAD | M_PART |
		M_LOCK, M_RETURNING | M_CONFLICT },
};

static unsigned members_of(const amph_select *q)
{
	unsigned have = 0;

	have |= q->having.n.op != AMPH_OP_NONE ? M_HAVING : 0u;
	have |= q->order_by ? M_ORDER : 0u;
	have |= q->group_by ? M_GROUP : 0u;
	have |= q->only ? M_ONLY : 0u;
	have |= q->defer ? M_DEFER : 0u;
	have |= q->joins ? M_JOINS : 0u;
	have |= q->load ? M_LOAD : 0u;
	have |= q->fields ? M_FIELDS : 0u;
	have |= q->set ? M_SET : 0u;
	have |= q->limit ? M_LIMIT : 0u;
	have |= q->offset ? M_OFFSET : 0u;
	have |= q->page || q->per_page ? M_PAGE : 0u;
	have |= q->distinct ? M_DISTINCT : 0u;
	have |= q->all_rows ? M_ALL_ROWS : 0u;
	have |= q->for_update || q->for_share || q->skip_locked || q->nowait ? M_LOCK : 0u;
	have |= q->ctes ? M_CTES : 0u;
	have |= q->returning ? M_RETURNING : 0u;
	have |= q->on_conflict ? M_CONFLICT : 0u;
	have |= q->keyset.how ? M_KEYSET : 0u;
	have |= q->sync ? M_SYNC : 0u;
	have |= q->hybrids ? M_HYBRIDS : 0u;
	have |= q->combine ? M_COMBINE : 0u;
	have |= q->distinct_on ? M_DISTINCT_ON : 0u;
	have |= q->value.op != AMPH_OP_NONE ? M_VALUE : 0u;
	return have;
}

static bool check_locks(const amph_select *q, amph_error *err)
{
	if ((q->skip_locked || q->nowait) && !q->for_update && !q->for_share)
		return amph__error_misuse(err, "%s needs .for_update or .for_share",
					  q->nowait ? ".nowait" : ".skip_locked");
	if ((q->skip_locked && q->nowait) || (q->for_update && q->for_share))
		return amph__error_misuse(err, "%s exclude each other",
					  q->nowait ? ".nowait and .skip_locked"
						    : ".for_update and .for_share");
	return true;
}

/* Rows that a right or full join adds have no object; what is written is of inner joins. */
static bool check_joins(amph_query_op op, const amph_select *q, amph_error *err)
{
	bool objects = op == AMPH_QUERY_SELECT || op == AMPH_QUERY_FIRST || op == AMPH_QUERY_ONE ||
		       op == AMPH_QUERY_PAGE || op == AMPH_QUERY_STREAM;

	for (const amph_join_item *j = q->joins; j && j->kind != AMPH_JOIN_NONE; j++) {
		if (objects && (j->kind == AMPH_JOIN_RIGHT || j->kind == AMPH_JOIN_FULL))
			return amph__error(err, "0A000", "%s over a right or full join, whose rows may lack "
					   "\"%s\": use amph_project", operations[op].name, q->model->name);
		if ((op == AMPH_QUERY_UPDATE || op == AMPH_QUERY_DELETE) && j->kind != AMPH_JOIN_INNER &&
		    j->kind != AMPH_JOIN_CROSS)
			return amph__error(err, "0A000", "%s of \"%s\" over an outer join: use an inner one, "
					   "or exists()", operations[op].name, q->model->name);
	}
	return true;
}

static bool check_members(amph_query_op op, const amph_select *q, amph_error *err)
{
	unsigned wrong = members_of(q) & (operations[op].refused | (M_RARE & ~operations[op].rare));

	if (q->abi != AMPH_ABI || !q->model)
		return amph__error_misuse(err, "a query that no macro of the library made");
	if (!amph__lists_hold(q))
		return amph__misuse_of_seal(err);
	for (size_t i = 0; wrong && i < sizeof(member_names) / sizeof(*member_names); i++) {
		if (wrong & member_names[i].flag)
			return amph__error_misuse(err, "%s has no use for .%s", operations[op].name,
						  member_names[i].name);
	}
	if ((op == AMPH_QUERY_UPDATE || op == AMPH_QUERY_DELETE) && !q->all_rows && !q->of.member.model &&
	    q->where.n.op == AMPH_OP_NONE)
		return amph__error_misuse(err, "%s needs .where, or .all_rows = true",
					  operations[op].name);
	if (q->of.member.model && !q->of.parent)
		return amph__error_misuse(err, "%s of the collection of no object", operations[op].name);
	if (!check_locks(q, err))
		return false;
	if (q->limit < 0)
		return amph__error(err, "2201W", "LIMIT must not be negative");
	if (q->offset < 0)
		return amph__error(err, "2201X", "OFFSET must not be negative");
	if (q->page < 0 || q->per_page < 0)
		return amph__error(err, "22023", "pages and what is on them count from 1");
	return check_joins(op, q, err);
}

/* ---- what is wanted ---- */
/* Columns of the query's model, each once, however they were named. */
static bool mark_columns(amph_shaper *w, const amph_node *list, const char *clause, bool *marked)
{
	const amph_mapper *m = w->b->ranges[w->main].mapper;
	const amph_mapped_column *column;
	size_t range;

	for (; list->op != AMPH_OP_NONE; list++) {
		if (list->op != AMPH_OP_COLUMN)
			return amph__error_misuse(w->err, "%s takes columns", clause);
		column = amph__shape_find_column(w, list, &range);
		if (!column)
			return false;
		if (range != w->main)
			return amph__error_misuse(w->err, "%s takes columns of \"%s\"", clause,
						  m->model->name);
		marked[column->number] = true;
	}
	return true;
}

/* The columns to load, by number; the key's go with them. */
static bool put_only(amph_shaper *w, const amph_select *q)
{
	const amph_mapper *m = w->b->ranges[w->main].mapper;
	bool wanted[AMPH_COLUMNS_MAX] = { false };
	const amph_row_filter *filter;
	size_t n = 0;

	if (!amph__filter_of(w->b, m, &filter, w->err))
		return false;
	if (q->only && q->defer)
		return amph__error_misuse(w->err, ".only and .defer exclude each other");
	if (!mark_columns(w, q->only ? q->only : q->defer, q->only ? ".only" : ".defer", wanted))
		return false;
	for (size_t i = 0; q->defer && i < m->n_columns; i++)
		wanted[i] = !wanted[i];
	for (size_t i = 0; i < m->n_columns; i++) {
		wanted[i] = wanted[i] || m->columns[i].primary_key || m->columns[i].version ||
			    (int)i == m->soft_delete || (filter && amph__set_has(&filter->columns, i)) ||
			    (m->n_kinds > 1 && (int)i == m->discriminator);
		n += wanted[i];
	}
	key_number(&w->b->key, n);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (wanted[i])
			key_number(&w->b->key, i);
	}
	return true;
}

/* Each: name, type and place of the member, whether its type differs from the expression's. */
bool amph__shape_fields(amph_shaper *w, const amph_field *fields)
{
	amph_source *filling = w->filling;
	amph_buf *key = &w->b->key;
	amph_sqltype type;
	size_t n = 0;

	while (fields && fields[n].member)
		n++;
	if (n == 0)
		return amph__error_misuse(w->err, "a projection needs .fields");
	key_number(key, n);
	for (size_t i = 0; i < n; i++) {
		const amph_field *f = &fields[i];
		if ((f->type == AMPH_T_NONE) != (fields[0].type == AMPH_T_NONE))
			return amph__error_misuse(w->err, ".fields has both into() and as()");
		type = amph__type_of(w, &f->value);
		key_text(key, f->member);
		key_byte(key, (unsigned)f->type);
		key_number(key, f->offset);
		key_byte(key, (filling && filling->recursive) ||
			 (f->type != AMPH_T_NONE && type.type != (f->type & ~AMPH_T_NULLABLE)));
		w->filling = NULL;      /* not what a query within the value fills */
		if (!amph__shape_item(w, &f->value, &no_type))
			return false;
		w->filling = filling;
		if (filling)
			amph__shape_fill(w, i, f, &type);
	}
	return true;
}

/* PostgreSQL's sum of reals is one; that call gives a double, so it is cast. */
static bool put_value(amph_shaper *w, const amph_node *value)
{
	if (value->op == AMPH_OP_NONE)
		return amph__error_misuse(w->err, "a total needs .value");
	key_byte(&w->b->key, amph__type_of(w, value).type == AMPH_T_FLOAT);
	return amph__shape_expr(w, value, &no_type);
}

static bool put_wanted(amph_shaper *w, amph_query_op op, const amph_select *q)
{
	switch (op) {
	case AMPH_QUERY_SELECT: case AMPH_QUERY_FIRST: case AMPH_QUERY_ONE: case AMPH_QUERY_PAGE:
	case AMPH_QUERY_STREAM:
		if (w->b->ranges[w->main].mapper->ordinal == UINT16_MAX)
			return amph__error(w->err, "42809", "\"%s\" is a row struct, of which there are no "
					   "objects: use amph_project", q->model->name);
		return (!q->only && !q->defer) || put_only(w, q);
	case AMPH_QUERY_PROJECT: case AMPH_QUERY_STREAM_ROWS:
		return amph__shape_fields(w, q->fields);
	case AMPH_QUERY_SUM: case AMPH_QUERY_AVG:
		return put_value(w, &q->value);
	case AMPH_QUERY_VALUE:
		return amph__shape_expr(w, &q->value, &no_type);
	case AMPH_QUERY_UPDATE:
		return amph__shape_assignments(w, q->set, NULL);
	case AMPH_QUERY_INSERT:
		return amph__shape_insert_fields(w, q);
	case AMPH_QUERY_COUNT: case AMPH_QUERY_EXISTS: case AMPH_QUERY_DELETE:
		return true;
	}
	return amph__error_misuse(w->err, "an operation that there is not");
}

static bool put_limits(amph_shaper *w, const amph_select *q)
{
	amph_arg arg;

	if (q->limit && (!amph__bind_int64(w->b, q->limit, &arg, w->err) ||
			 !amph__bind_add(w->b, &arg, w->err)))
		return false;
	if (q->offset && (!amph__bind_int64(w->b, q->offset, &arg, w->err) ||
			  !amph__bind_add(w->b, &arg, w->err)))
		return false;
	return true;
}

static amph_query_op key_op(amph_query_op op)
{
	bool select = op == AMPH_QUERY_FIRST || op == AMPH_QUERY_ONE || op == AMPH_QUERY_PAGE;

	return select ? AMPH_QUERY_SELECT : op;
}

/* FIRST, ONE and PAGE are selects with limits of their own. */
static amph_query_op normalize(amph_query_op op, amph_select *q)
{
	int64_t most = op == AMPH_QUERY_FIRST ? 1 : op == AMPH_QUERY_ONE ? 2 : 0;

	if (op == AMPH_QUERY_PAGE) {
		q->limit = q->per_page ? q->per_page : 20;
		q->offset = q->page > 1 ? (q->page - 1) * q->limit : 0;
		return AMPH_QUERY_SELECT;
	}
	if (op == AMPH_QUERY_COUNT || op == AMPH_QUERY_EXISTS) {
		q->hybrids = false;
		q->order_by = NULL;
		q->load = NULL;
		q->only = q->defer = NULL;
	}
	if (!most)
		return op;
	if (!q->limit || q->limit > most)
		q->limit = most;
	return AMPH_QUERY_SELECT;
}

/* Rows that are combined are compared as a whole, also where they are only counted. */
static amph_query_op combined_op(amph_query_op op)
{
	return op == AMPH_QUERY_COUNT || op == AMPH_QUERY_EXISTS ? AMPH_QUERY_SELECT : op;
}

static bool put_returning(amph_shaper *w, const amph_select *q, amph_source *filling)
{
	bool ok;

	w->filling = filling;
	ok = amph__shape_fields(w, q->returning);
	w->filling = NULL;
	return ok;
}

static bool put_clauses(amph_shaper *w, amph_query_op op, const amph_select *q)
{
	amph_source *filling = w->filling;

	w->filling = NULL;
	if (!amph__shape_from(w, q))
		return false;
	w->sharing = true;
	if (!amph__shape_list(w, q->group_by) || !amph__shape_condition(w, &q->having.n) ||
	    (q->distinct_on && !amph__shape_list(w, q->distinct_on)))
		return false;
	w->filling = filling;
	if (!put_wanted(w, op, q))
		return false;
	w->sharing = false;
	if (filling && filling->recursive)
		amph__shape_filled(w);
	w->filling = NULL;
	if (op == AMPH_QUERY_UPDATE || op == AMPH_QUERY_DELETE)
		key_byte(&w->b->key, w->b->return_keys);
	return (!q->combine || amph__shape_combine(w, combined_op(op), q->combine)) &&
	       amph__shape_list(w, q->order_by) && put_limits(w, q) &&
	       (!q->returning || op == AMPH_QUERY_INSERT || put_returning(w, q, filling));
}

bool amph__shape_select(amph_shaper *w, amph_query_op op, const amph_select *q)
{
	amph_source *filling = w->filling, *sources = w->sources;
	const amph_shared *shared = w->shared;
	bool unfiltered = w->b->unfiltered, sharing = w->sharing;
	size_t main = w->main;
	amph_select normal;

	if (!check_members(op, q, w->err))
		return false;
	normal = *q;
	op = normalize(op, &normal);
	w->b->unfiltered |= q->unfiltered;
	w->shared = NULL;
	w->sharing = false;
	if (q->keyset.how && !amph__shape_page_order(w, &normal))
		return false;
	if (!put_clauses(w, op, &normal))
		return false;
	w->b->unfiltered = unfiltered;
	w->shared = shared;
	w->sharing = sharing;
	w->main = main;
	w->sources = sources;
	w->filling = filling;
	if (filling)
		amph__shape_filled(w);
	return !w->b->key.failed || amph__error_nomem(w->err);
}

static void start(amph_query_buf *b)
{
	amph__buf_reset(&b->key);
	amph__arena_reset(&b->values);
	b->n_args = b->n_mappers = b->n_ranges = 0;
	b->reads_all = false;
	b->depth = 0;
}

bool amph__shape_insert_rows(amph_query_buf *b, const amph_mapper *m, const amph_column_set *columns,
			     const amph_select *how, amph_error *err)
{
	amph_shaper w = { .b = b, .err = err, .target = m };
	const amph_arg rows = { .n_slots = 0 };
	size_t n = 0;

	start(b);
	if (how->on_conflict && !amph__lists_hold(how))
		return amph__misuse_of_seal(err);
	for (size_t i = 0; i < m->n_columns; i++)
		n += amph__set_has(columns, i);
	key_byte(&b->key, AMPH_QUERY_INSERT);
	key_number(&b->key, m->ordinal);
	key_byte(&b->key, KEY_FROM_ROWS);
	key_number(&b->key, n);
	for (size_t i = 0; i < m->n_columns; i++) {
		if (amph__set_has(columns, i))
			key_number(&b->key, i);
	}
	if (!amph__bind_add(b, &rows, err) || !amph__shape_insert_end(&w, how))
		return false;
	return !b->key.failed || amph__error_nomem(err);
}

bool amph__shape_of(amph_query_buf *b, amph_query_op op, const amph_select *q, amph_error *err)
{
	amph_shaper w = { .b = b, .err = err };
	bool ok, unfiltered = b->unfiltered;

	start(b);
	key_byte(&b->key, key_op(op));
	ok = op == AMPH_QUERY_INSERT ? amph__shape_insert(&w, q) : amph__shape_select(&w, op, q);
	b->unfiltered = unfiltered;
	return ok;
}

void amph__query_buf_init(amph_query_buf *b, const amph_registry *registry, amph_session *session,
			  const amph_allocator *a)
{
	/* what is beyond is counted, and long */
	memset(b, 0, offsetof(amph_query_buf, mappers));
	b->registry = registry;
	b->session = session;
	amph__buf_init(&b->key, a);
	amph__arena_init(&b->values, a);
}

void amph__query_buf_clear(amph_query_buf *b)
{
	amph__free(b->key.allocator, b->args);
	amph__buf_clear(&b->key);
	amph__arena_clear(&b->values);
	b->args = NULL;
	b->n_args = b->args_cap = 0;
}
