/* Queries put together at run time. All that is given to one is copied into its arena; the first
 * failure stays and is the session's once the query is executed. */
#include "dynamic.h"
#include <string.h>

enum { FIRST_CAP = 8 };

amph_query *amph_query_new(amph_session *s, const amph_model *m)
{
	const amph_allocator *a = s ? amph__session_allocator(s) : NULL;
	amph_query *q = a ? amph__alloc_zero(a, sizeof(*q)) : NULL;
	amph_error err;

	if (!q) {
		if (s && !amph__error_nomem(&err))
			amph__session_error(s, &err);
		return NULL;
	}
	amph__arena_init(&q->arena, a);
	q->session = s;
	q->select.abi = AMPH_ABI;
	q->select.model = m;
	return q;
}

void amph_query_free(amph_query *q)
{
	const amph_allocator *a;

	if (!q)
		return;
	a = q->arena.allocator;
	amph__arena_clear(&q->arena);
	amph__free(a, q);
}

bool amph__query_failed(const amph_query *q)
{
	return !q || q->error.status != AMPH_OK;
}

void *amph__query_nomem(amph_query *q)
{
	amph__error_nomem(&q->error);
	return NULL;
}

const char *amph__query_text(amph_query *q, const char *text)
{
	if (!text) {
		amph__error_misuse(&q->error, "the name of a member is NULL");
		return NULL;
	}
	const char *copy = amph__arena_text(&q->arena, text, strlen(text));

	return copy ? copy : amph__query_nomem(q);
}

void *amph__query_push(amph_query *q, amph_query_list *list, size_t item_size)
{
	if (amph__query_failed(q))
		return NULL;
	if (list->n + 1 >= list->cap) {
		size_t cap = list->cap ? list->cap * 2 : FIRST_CAP;
		void *items = amph__arena_array(&q->arena, cap, item_size);
		if (!items)
			return amph__query_nomem(q);
		if (list->n)
			memcpy(items, list->items, list->n * item_size);
		list->items = items;
		list->cap = cap;
	}
	return (char *)list->items + list->n++ * item_size;
}

bool amph__query_push_node(amph_query *q, amph_query_list *list, const amph_node *node)
{
	amph_node *to = amph__query_push(q, list, sizeof(*to));

	return to && amph__copy_node(&q->arena, node, to, &q->error);
}

/* ---- what is given ---- */
amph_bool_expr amph_keep(amph_query *q, amph_bool_expr e)
{
	amph_bool_expr copy = { { 0 } };

	if (!amph__query_failed(q) && !amph__copy_node(&q->arena, &e.n, &copy.n, &q->error))
		copy.n.op = AMPH_OP_NONE;
	return copy;
}

void amph_where(amph_query *q, amph_bool_expr e)
{
	if (e.n.op != AMPH_OP_NONE && q)
		amph__query_push_node(q, &q->where, &e.n);
}

void amph_having(amph_query *q, amph_bool_expr e)
{
	if (e.n.op != AMPH_OP_NONE && q)
		amph__query_push_node(q, &q->having, &e.n);
}

void amph_order_by(amph_query *q, amph_order o)
{
	if (q)
		amph__query_push_node(q, &q->order_by, &o.n);
}

void amph_group_by(amph_query *q, amph_node n)
{
	if (q)
		amph__query_push_node(q, &q->group_by, &n);
}

void amph_only(amph_query *q, amph_node column)
{
	if (q)
		amph__query_push_node(q, &q->only, &column);
}

void amph_defer(amph_query *q, amph_node column)
{
	if (q)
		amph__query_push_node(q, &q->defer, &column);
}

void amph_join_with(amph_query *q, amph_join_item join)
{
	amph_join_item *to = q ? amph__query_push(q, &q->joins, sizeof(*to)) : NULL;

	if (!to)
		return;
	*to = join;
	amph__copy_node(&q->arena, &join.on.n, &to->on.n, &q->error);
}

static const amph_load_item *copy_loads(amph_query *q, const amph_load_item *loads);

/* What one points to. */
static bool copy_load(amph_query *q, amph_load_item *load)
{
	const amph_node where = load->where.n;
	amph_select order = { .abi = AMPH_ABI, .order_by = load->order_by }, copy;

	if (!amph__copy_node(&q->arena, &where, &load->where.n, &q->error) ||
	    !amph__copy_select(&q->arena, &order, &copy, &q->error))
		return false;
	load->order_by = copy.order_by;
	load->then = copy_loads(q, load->then);
	return !amph__query_failed(q);
}

static const amph_load_item *copy_loads(amph_query *q, const amph_load_item *loads)
{
	size_t n = 0;
	amph_load_item *copy;

	if (!loads)
		return NULL;
	while (loads[n].how)
		n++;
	copy = AMPH_NEWS(&q->arena, amph_load_item, n + 1);
	if (!copy)
		return amph__query_nomem(q);
	for (size_t i = 0; i < n; i++) {
		copy[i] = loads[i];
		if (!copy_load(q, &copy[i]))
			return NULL;
	}
	return amph_loads_of(copy);
}

void amph_load_with(amph_query *q, amph_load_item load)
{
	amph_load_item *to = q ? amph__query_push(q, &q->load, sizeof(*to)) : NULL;

	if (!to)
		return;
	*to = load;
	copy_load(q, to);
}

static void add_field(amph_query *q, amph_query_list *list, const amph_field *field)
{
	amph_field *to = amph__query_push(q, list, sizeof(*to));

	if (!to)
		return;
	*to = *field;
	to->member = amph__query_text(q, field->member);
	amph__copy_node(&q->arena, &field->value, &to->value, &q->error);
}

void amph_field_add(amph_query *q, amph_field field)
{
	if (q)
		add_field(q, &q->fields, &field);
}

void amph_returning_add(amph_query *q, amph_field field)
{
	if (q)
		add_field(q, &q->returning, &field);
}

void amph_distinct_on(amph_query *q, amph_node n)
{
	if (q)
		amph__query_push_node(q, &q->distinct_on, &n);
}

void amph_sync_set(amph_query *q, amph_sync sync)
{
	if (q)
		q->select.sync = sync;
}

void amph_keyset_set(amph_query *q, int how, const void *object)
{
	if (q)
		q->select.keyset = (amph_keyset){ object, how };
}

const amph_select *amph__query_inner(amph_query *q, const amph_query *other)
{
	amph_query *from = (amph_query *)(uintptr_t)other;
	amph_select *copy;

	if (amph__query_failed(q))
		return NULL;
	if (!amph__query_finish(from)) {
		if (other)
			q->error = other->error;
		else
			amph__error_nomem(&q->error);
		return NULL;
	}
	copy = AMPH_NEW(&q->arena, amph_select);
	if (!copy)
		return amph__query_nomem(q);
	return amph__copy_select(&q->arena, &from->select, copy, &q->error) ? copy : NULL;
}

void amph_combine_with(amph_query *q, int how, const amph_query *other)
{
	const amph_select *query = amph__query_inner(q, other);
	amph_combine_item *to = query ? amph__query_push(q, &q->combine, sizeof(*to)) : NULL;

	if (to)
		*to = (amph_combine_item){ .query = query, .how = how };
}

void amph_cte_add(amph_query *q, int kind, const amph_model *row, const amph_query *other)
{
	const amph_select *query = amph__query_inner(q, other);
	amph_cte_item *to = query ? amph__query_push(q, &q->ctes, sizeof(*to)) : NULL;

	if (to)
		*to = (amph_cte_item){ .model = row, .query = query, .kind = kind };
}

void amph_cte_insert_add(amph_query *q, const amph_model *row, const amph_model *target,
			 const amph_query *other)
{
	const amph_select *inner = amph__query_inner(q, other);
	amph_select *query = inner ? AMPH_NEW(&q->arena, amph_select) : NULL;
	amph_cte_item *to;

	if (!query) {
		if (inner)
			amph__query_nomem(q);
		return;
	}
	*query = *inner;
	query->target = target;
	to = amph__query_push(q, &q->ctes, sizeof(*to));
	if (to)
		*to = (amph_cte_item){ .model = row, .query = query, .kind = AMPH_CTE_INSERT };
}

/* A source whose query has nothing but fields. */
static amph_cte_item *add_source(amph_query *q, int kind, const amph_model *row, const amph_field *fields)
{
	amph_select *query = q && !amph__query_failed(q) ? AMPH_NEW(&q->arena, amph_select) : NULL;
	const amph_select given = { .abi = AMPH_ABI, .model = row, .fields = fields };
	amph_cte_item *to;

	if (!query) {
		if (q && !amph__query_failed(q))
			amph__query_nomem(q);
		return NULL;
	}
	if (!amph__copy_select(&q->arena, &given, query, &q->error))
		return NULL;
	to = amph__query_push(q, &q->ctes, sizeof(*to));
	if (to)
		*to = (amph_cte_item){ .model = row, .query = query, .kind = kind };
	return to;
}

bool amph_source_add(amph_query *q, int kind, const amph_model *row, const amph_expr *call,
		     const amph_field *fields)
{
	amph_cte_item *to;

	if (q && !amph__query_failed(q) && kind != AMPH_CTE_SET && kind != AMPH_CTE_SET_NUMBERED)
		amph__error_misuse(&q->error, "a function's rows are AMPH_CTE_SET or AMPH_CTE_SET_NUMBERED");
	to = call ? add_source(q, kind, row, fields) : NULL;
	return to && amph__copy_node(&q->arena, &call->n, &to->call, &q->error);
}

bool amph_values_add(amph_query *q, const amph_model *row, const void *rows, size_t n,
		     const amph_field *fields)
{
	amph_cte_item *to = add_source(q, AMPH_CTE_VALUES, row, fields);

	if (!to)
		return false;
	to->rows = rows;
	to->n_rows = n;
	return true;
}

/* A copy of what a conflict says, in the query. */
void amph_conflict_set(amph_query *q, const amph_conflict *conflict)
{
	const amph_select given = { .abi = AMPH_ABI, .on_conflict = conflict };
	amph_select copy;

	if (!amph__query_failed(q) && amph__copy_select(&q->arena, &given, &copy, &q->error))
		q->select.on_conflict = copy.on_conflict;
}

void amph_set_add(amph_query *q, amph_assign set)
{
	amph_assign *to = q ? amph__query_push(q, &q->set, sizeof(*to)) : NULL;

	if (!to)
		return;
	*to = set;
	to->member = amph__query_text(q, set.member);
	amph__copy_node(&q->arena, &set.value, &to->value, &q->error);
}

void amph_limit(amph_query *q, int64_t limit)
{
	if (q)
		q->select.limit = limit;
}

void amph_offset(amph_query *q, int64_t offset)
{
	if (q)
		q->select.offset = offset;
}

void amph_query_flag_set(amph_query *q, amph_query_flag flag, bool on)
{
	if (!q)
		return;
	switch (flag) {
	case AMPH_DISTINCT:
		q->select.distinct = on;
		break;
	case AMPH_WITH_DELETED:
		q->select.with_deleted = on;
		break;
	case AMPH_ALL_ROWS:
		q->select.all_rows = on;
		break;
	case AMPH_FOR_UPDATE:
		q->select.for_update = on;
		break;
	case AMPH_SKIP_LOCKED:
		q->select.skip_locked = on;
		break;
	case AMPH_FOR_SHARE:
		q->select.for_share = on;
		break;
	case AMPH_NOWAIT:
		q->select.nowait = on;
		break;
	case AMPH_UNFILTERED:
		q->select.unfiltered = on;
		break;
	}
}

/* ---- execution ---- */
static amph_bool_expr all_of(const amph_query_list *list)
{
	const amph_node *nodes = list->items;

	if (list->n == 0)
		return (amph_bool_expr){ { 0 } };
	if (list->n == 1)
		return (amph_bool_expr){ nodes[0] };
	return amph_make_bool(AMPH_OP_ALL, (uint32_t)list->n, nodes);
}

bool amph__query_finish(amph_query *q)
{
	if (amph__query_failed(q))
		return false;
	q->select.where = all_of(&q->where);
	q->select.having = all_of(&q->having);
	q->select.order_by = q->order_by.n ? amph_nodes_of(q->order_by.items) : NULL;
	q->select.group_by = q->group_by.n ? amph_nodes_of(q->group_by.items) : NULL;
	q->select.only = q->only.n ? amph_nodes_of(q->only.items) : NULL;
	q->select.defer = q->defer.n ? amph_nodes_of(q->defer.items) : NULL;
	q->select.joins = q->joins.n ? amph_joins_of(q->joins.items) : NULL;
	q->select.load = q->load.n ? amph_loads_of(q->load.items) : NULL;
	q->select.distinct_on = q->distinct_on.n ? amph_nodes_of(q->distinct_on.items) : NULL;
	q->select.returning = q->returning.n ? amph_fields_of(q->returning.items) : NULL;
	q->select.ctes = q->ctes.n ? amph_ctes_of(q->ctes.items) : NULL;
	q->select.combine = q->combine.n ? amph_combine_of(q->combine.items) : NULL;
	q->select.fields = q->fields.n ? amph_fields_of(q->fields.items) : NULL;
	q->select.set = q->set.n ? amph_sets_of(q->set.items) : NULL;
	return true;
}

/* What is to be executed; NULL and the session told where the query has failed. */
static const amph_select *ready(amph_query *q)
{
	if (amph__query_finish(q))
		return &q->select;
	if (q)
		amph__session_error(q->session, &q->error);
	return NULL;
}

void *amph_query_all(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_all(q->session, select) : NULL;
}

void *amph_query_first(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_first(q->session, select) : NULL;
}

void *amph_query_one(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_one(q->session, select) : NULL;
}

void *amph_query_project(amph_query *q, size_t size)
{
	const amph_select *select = ready(q);

	return select ? amph_do_project(q->session, size, select) : NULL;
}

amph_rows *amph_query_rows(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_rows(q->session, select) : NULL;
}

const amph_page *amph_query_paginate(amph_query *q, int page, int per_page)
{
	amph_select select;

	if (!ready(q))
		return NULL;
	select = q->select;
	select.page = page;
	select.per_page = per_page;
	return amph_do_paginate(q->session, &select);
}

int64_t amph_query_count(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_count(q->session, select) : -1;
}

bool amph_query_exists(amph_query *q)
{
	const amph_select *select = ready(q);

	return select && amph_do_exists(q->session, select);
}

int64_t amph_query_update(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_update(q->session, select) : -1;
}

int64_t amph_query_delete(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_delete(q->session, select) : -1;
}

int64_t amph_query_insert_from(amph_query *q, const amph_model *target)
{
	amph_select select;

	if (!ready(q))
		return -1;
	select = q->select;
	select.target = target;
	return amph_do_insert_from(q->session, &select);
}

void *amph_query_insert_from_returning(amph_query *q, const amph_model *target, size_t size)
{
	amph_select select;

	if (!ready(q))
		return NULL;
	select = q->select;
	select.target = target;
	return amph_do_insert_from_returning(q->session, size, &select);
}

void *amph_query_update_returning(amph_query *q, size_t size)
{
	const amph_select *select = ready(q);

	return select ? amph_do_update_returning(q->session, size, select) : NULL;
}

void *amph_query_delete_returning(amph_query *q, size_t size)
{
	const amph_select *select = ready(q);

	return select ? amph_do_delete_returning(q->session, size, select) : NULL;
}

const char *amph_query_json(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_json(q->session, select) : NULL;
}

amph_stream *amph_query_stream(amph_query *q)
{
	const amph_select *select = ready(q);

	return select ? amph_do_stream(q->session, select) : NULL;
}
