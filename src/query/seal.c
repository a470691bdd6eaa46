/* Seals: checksums of what nodes and lists hold.
 *
 * A node points to arguments in a compound literal of the block where the expression was written,
 * and a list is such a literal. No compiler warns when one outlives that block, or when a loop ties
 * a node to itself; so each carries a checksum, made by its constructor and compared wherever it
 * is used. A list has it in the entry that ends it. */
#include "query.h"

/* More than any list that a database takes; where a list has lost its end, the search stops here. */
enum { LIST_MAX = 2048 };

static uint64_t seal_bytes(const void *data, size_t size, uint64_t seed)
{
	return size > 0 ? amph__hash64(data, size, seed) : seed;
}

/* Of a select within an expression. Fields, not the struct's bytes, which may have padding; the
 * lists have seals of their own. */
static uint64_t seal_select(const amph_select *q)
{
	const void *const pointers[] = {
		q->model, q->order_by, q->group_by, q->joins, q->of.parent, q->of.member.model,
		q->distinct_on, q->only, q->fields, q->ctes, q->combine, q->defer,
		q->set, q->returning
	};
	const int64_t numbers[] = {
		q->limit, q->offset, q->distinct, q->with_deleted, q->of.member.offset
	};
	uint64_t h = seal_bytes(pointers, sizeof(pointers), 1);

	h = seal_bytes(numbers, sizeof(numbers), h);
	h = seal_bytes(&q->where.n, sizeof(q->where.n), h);
	h = seal_bytes(&q->value, sizeof(q->value), h);
	return seal_bytes(&q->having.n, sizeof(q->having.n), h);
}

static uint64_t seal_nodes(const amph_node *list, size_t *n);

static uint64_t seal_edge(const amph_edge *edge, uint64_t seed)
{
	return seal_bytes(&edge->offset, sizeof(edge->offset), seed + (uint64_t)edge->kind);
}

/* Its lists have seals of their own. */
static uint64_t seal_window(const amph_window *w)
{
	const void *const lists[] = { w->partition_by, w->order_by };
	uint64_t h = seal_bytes(lists, sizeof(lists), (uint64_t)w->frame.unit << 8 | (uint64_t)w->exclude);

	return seal_edge(&w->frame.end, seal_edge(&w->frame.start, h));
}

uint64_t amph__seal_of(const amph_node *node)
{
	uint64_t seed = (uint64_t)node->op << 32 | node->n;
	size_t n;

	if (node->op == AMPH_OP_NODES)
		return node->args ? seal_nodes(node->args, &n) : 0;
	if (node->op == AMPH_OP_WINDOW)
		return seal_window((const void *)node->args);
	if (node->op == AMPH_OP_EXISTS || node->op == AMPH_OP_RELATED || node->op == AMPH_OP_SELECT)
		return seal_select((const void *)node->args);
	if (node->op == AMPH_OP_LIST) {
		size_t item = amph_type_size(node->type & ~AMPH_T_ARRAY, false);
		return node->args ? seal_bytes(node->args, node->of.count * item, seed) : seed;
	}
	return seal_bytes(node->args, node->n * sizeof(amph_node), seed);
}

bool amph__seal_holds(const amph_node *node)
{
	return node->v.u == amph__seal_of(node);
}

bool amph__misuse_of_seal(amph_error *err)
{
	return amph__error_misuse(err, "an expression is used after the block that it was written in, "
				  "or was changed since: keep it with amph_keep");
}

/* ---- lists: the number of entries, and their checksum ---- */
static uint64_t seal_nodes(const amph_node *list, size_t *n)
{
	for (*n = 0; *n < LIST_MAX && list[*n].op != AMPH_OP_NONE; )
		++*n;
	return seal_bytes(list, *n * sizeof(*list), *n);
}

static uint64_t seal_joins(const amph_join_item *list, size_t *n)
{
	uint64_t h = 2;

	for (*n = 0; *n < LIST_MAX && list[*n].kind != AMPH_JOIN_NONE; ++*n) {
		const amph_join_item *j = &list[*n];
		const void *const models[] = { j->along.model, j->to };
		h = seal_bytes(models, sizeof(models), h + (uint64_t)j->kind);
		h = seal_bytes(&j->on.n, sizeof(j->on.n), h + j->along.offset);
	}
	return h;
}

static uint64_t seal_loads(const amph_load_item *list, size_t *n)
{
	uint64_t h = 3;

	for (*n = 0; *n < LIST_MAX && list[*n].how; ++*n) {
		const amph_load_item *l = &list[*n];
		const void *const pointers[] = { l->member.model, l->then, l->order_by };
		h = seal_bytes(pointers, sizeof(pointers), h + (uint64_t)l->how + l->member.offset);
		h = seal_bytes(&l->where.n, sizeof(l->where.n), h);
	}
	return h;
}

static uint64_t seal_sets(const amph_assign *list, size_t *n)
{
	uint64_t h = 4;

	for (*n = 0; *n < LIST_MAX && list[*n].member; ++*n) {
		h = seal_bytes(&list[*n].member, sizeof(list[*n].member), h + list[*n].offset);
		h = seal_bytes(&list[*n].value, sizeof(list[*n].value), h);
	}
	return h;
}

static uint64_t seal_fields(const amph_field *list, size_t *n)
{
	uint64_t h = 5;

	for (*n = 0; *n < LIST_MAX && list[*n].member; ++*n) {
		const amph_field *f = &list[*n];
		h = seal_bytes(&f->member, sizeof(f->member), h + f->offset);
		h = seal_bytes(&f->value, sizeof(f->value), h + (uint64_t)f->type);
	}
	return h;
}

static uint64_t seal_ctes(const amph_cte_item *list, size_t *n)
{
	uint64_t h = 6;

	for (*n = 0; *n < LIST_MAX && list[*n].kind != AMPH_CTE_NONE; ++*n) {
		const amph_cte_item *c = &list[*n];
		const void *const pointers[] = { c->model, c->query, c->rows };
		h = seal_bytes(pointers, sizeof(pointers), h + (uint64_t)c->kind + c->n_rows + c->seal);
		h = seal_bytes(&c->call, sizeof(c->call), h);
	}
	return h;
}

static uint64_t seal_combine(const amph_combine_item *list, size_t *n)
{
	uint64_t h = 7;

	for (*n = 0; *n < LIST_MAX && list[*n].how != AMPH_COMBINE_NONE; ++*n) {
		const amph_combine_item *c = &list[*n];
		h = seal_bytes(&c->query, sizeof(c->query), h + (uint64_t)c->how + c->seal);
	}
	return h;
}

const amph_node *amph_nodes_of(amph_node *list)
{
	size_t n;
	uint64_t seal = seal_nodes(list, &n);

	if (n < LIST_MAX)
		list[n].v.u = seal;
	return list;
}

const amph_join_item *amph_joins_of(amph_join_item *list)
{
	size_t n;
	uint64_t seal = seal_joins(list, &n);

	if (n < LIST_MAX)
		list[n].on.n.v.u = seal;
	return list;
}

const amph_load_item *amph_loads_of(amph_load_item *list)
{
	size_t n;
	uint64_t seal = seal_loads(list, &n);

	if (n < LIST_MAX) {
		list[n].member.offset = (uint32_t)seal;
		list[n].member.flags = (uint32_t)(seal >> 32);
	}
	return list;
}

const amph_assign *amph_sets_of(amph_assign *list)
{
	size_t n;
	uint64_t seal = seal_sets(list, &n);

	if (n < LIST_MAX)
		list[n].value.v.u = seal;
	return list;
}

const amph_field *amph_fields_of(amph_field *list)
{
	size_t n;
	uint64_t seal = seal_fields(list, &n);

	if (n < LIST_MAX)
		list[n].value.v.u = seal;
	return list;
}

const amph_cte_item *amph_ctes_of(amph_cte_item *list)
{
	uint64_t seal;
	size_t n;

	for (n = 0; n < LIST_MAX && list[n].kind != AMPH_CTE_NONE; n++)
		list[n].seal = seal_select(list[n].query);
	seal = seal_ctes(list, &n);
	if (n < LIST_MAX)
		list[n].seal = seal;
	return list;
}

const amph_combine_item *amph_combine_of(amph_combine_item *list)
{
	uint64_t seal;
	size_t n;

	for (n = 0; n < LIST_MAX && list[n].how != AMPH_COMBINE_NONE; n++)
		list[n].seal = seal_select(list[n].query);
	seal = seal_combine(list, &n);
	if (n < LIST_MAX)
		list[n].seal = seal;
	return list;
}

bool amph__nodes_hold(const amph_node *list)
{
	size_t n;
	uint64_t seal = list ? seal_nodes(list, &n) : 0;

	return !list || list[n].v.u == seal;
}

static bool loads_hold(const amph_load_item *list)
{
	size_t n;
	uint64_t seal = list ? seal_loads(list, &n) : 0;

	if (!list)
		return true;
	if (list[n].member.offset != (uint32_t)seal || list[n].member.flags != (uint32_t)(seal >> 32))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!loads_hold(list[i].then) || !amph__nodes_hold(list[i].order_by))
			return false;
	}
	return true;
}

/* The list before what it points to. */
static bool ctes_hold(const amph_cte_item *list)
{
	size_t n;

	if (!list)
		return true;
	if (seal_ctes(list, &n) != list[n].seal)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (seal_select(list[i].query) != list[i].seal)
			return false;
	}
	return true;
}

static bool combine_holds(const amph_combine_item *list)
{
	size_t n;

	if (!list)
		return true;
	if (seal_combine(list, &n) != list[n].seal)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (seal_select(list[i].query) != list[i].seal)
			return false;
	}
	return true;
}

static bool conflict_holds(const amph_conflict *c)
{
	size_t n;

	return amph__nodes_hold(c->on) && amph__nodes_hold(c->update) &&
	       (!c->set || seal_sets(c->set, &n) == c->set[n].value.v.u);
}

bool amph__lists_hold(const amph_select *q)
{
	size_t n;

	if (!amph__nodes_hold(q->order_by) || !amph__nodes_hold(q->group_by) ||
	    !amph__nodes_hold(q->only) || !amph__nodes_hold(q->distinct_on) ||
	    !amph__nodes_hold(q->defer) || !loads_hold(q->load))
		return false;
	if (q->returning && seal_fields(q->returning, &n) != q->returning[n].value.v.u)
		return false;
	if (q->on_conflict && !conflict_holds(q->on_conflict))
		return false;
	if (!ctes_hold(q->ctes) || !combine_holds(q->combine))
		return false;
	if (q->joins && seal_joins(q->joins, &n) != q->joins[n].on.n.v.u)
		return false;
	if (q->set && seal_sets(q->set, &n) != q->set[n].value.v.u)
		return false;
	return !q->fields || seal_fields(q->fields, &n) == q->fields[n].value.v.u;
}
