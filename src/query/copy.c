/* Deep copies of expressions and queries, for what has to outlive its block. What is copied is
 * checked first, and sealed anew, since the copies' addresses differ. */
#include "ops.h"
#include "query.h"
#include <string.h>

typedef struct copier {
	amph_arena *arena;
	amph_error *err;
	unsigned depth;
} copier;

static bool copy_node(copier *c, const amph_node *from, amph_node *to);
static bool copy_select(copier *c, const amph_select *from, amph_select *to);

static bool copy_text(copier *c, const char **text)
{
	if (!*text)
		return true;
	*text = amph__arena_text(c->arena, *text, strlen(*text));
	return *text || amph__error_nomem(c->err);
}

static bool copy_digits(copier *c, amph_numeric *n)
{
	if (n->kind != AMPH_NUMERIC_DIGITS)
		return true;
	n->v.digits = amph__arena_text(c->arena, n->v.digits, n->n_digits);
	return n->v.digits || amph__error_nomem(c->err);
}

static bool copy_bytes(copier *c, amph_bytes *bytes)
{
	if (!bytes->data)
		return true;
	bytes->data = amph__arena_copy(c->arena, bytes->data, bytes->size);
	return bytes->data || amph__error_nomem(c->err);
}

/* n items of a type in memory of the arena's own: what they point to. */
static bool copy_items(copier *c, unsigned type, bool optional, void *items, size_t n)
{
	size_t size = amph_type_size((int)type, optional);

	for (size_t i = 0; i < n; i++) {
		void *at = (char *)items + i * size;
		if (((type == AMPH_T_TEXT || type == AMPH_T_JSON) && !copy_text(c, at)) ||
		    (type == AMPH_T_NUMERIC && !copy_digits(c, at)) ||
		    (type == AMPH_T_BYTES && !copy_bytes(c, at)))
			return false;
	}
	return true;
}

static void *copy_array(copier *c, unsigned type, bool optional, const void *items, size_t n)
{
	size_t size;
	void *copy = NULL;

	if (amph__size_mul(n, amph_type_size((int)type, optional), &size))
		copy = amph__arena_copy(c->arena, items, size);
	if (!copy)
		amph__error_nomem(c->err);
	else if (!copy_items(c, type, optional, copy, n))
		copy = NULL;
	return copy;
}

/* Of an array value the elements are amph_opt_* where the type has such a form. */
static bool copy_array_value(copier *c, amph_node *node)
{
	unsigned type = node->type & ~(unsigned)AMPH_T_ARRAY;
	bool optional = type != AMPH_T_TEXT && type != AMPH_T_BYTES && type != AMPH_T_JSON;

	if (!node->of.data)
		return true;
	node->of.data = copy_array(c, type, optional, node->of.data, node->v.u);
	return node->of.data;
}

static bool copy_value(copier *c, amph_node *node)
{
	void *at = (char *)node + offsetof(amph_node, of);

	if (node->flags & AMPH_NODE_NULL)
		return true;
	if (node->type & AMPH_T_ARRAY)
		return copy_array_value(c, node);
	switch (node->type) {
	case AMPH_T_TEXT: case AMPH_T_JSON:
		return copy_text(c, &node->v.s);
	case AMPH_T_NUMERIC:
		return copy_digits(c, at);
	case AMPH_T_BYTES:
		return copy_bytes(c, at);
	default:
		return true;
	}
}

static bool copy_items_of(copier *c, amph_node *list)
{
	unsigned type = list->type & ~(unsigned)AMPH_T_ARRAY;

	if (!list->args && list->of.count)
		return amph__error_misuse(c->err, "a list of %zu values is NULL", (size_t)list->of.count);
	list->args = copy_array(c, type, false, list->args, list->of.count);
	return list->args;
}

static bool copy_args(copier *c, amph_node *node)
{
	amph_node *args = node->n ? AMPH_NEWS(c->arena, amph_node, node->n) : NULL;

	if (!args && node->n)
		return amph__error_nomem(c->err);
	for (uint32_t i = 0; i < node->n; i++) {
		if (!copy_node(c, &node->args[i], &args[i]))
			return false;
	}
	node->args = args;
	return true;
}

static bool copy_inner(copier *c, amph_node *node)
{
	amph_select *q = AMPH_NEW(c->arena, amph_select);

	if (!q)
		return amph__error_nomem(c->err);
	if (!copy_select(c, (const void *)node->args, q))
		return false;
	node->args = (const void *)q;
	return true;
}

static bool copy_list(copier *c, const amph_node **list);

static bool copy_window(copier *c, amph_node *node)
{
	const amph_window *from = (const void *)node->args;
	amph_window *to = amph__arena_copy(c->arena, from, sizeof(*from));

	if (!to)
		return amph__error_nomem(c->err);
	node->args = (const void *)to;
	return copy_node(c, &from->frame.start.offset, &to->frame.start.offset) &&
	       copy_node(c, &from->frame.end.offset, &to->frame.end.offset) &&
	       copy_list(c, &to->partition_by) && copy_list(c, &to->order_by);
}

static bool copy_any(copier *c, amph_node *node)
{
	switch (node->op) {
	case AMPH_OP_LIST:
		return copy_items_of(c, node);
	case AMPH_OP_NODES:
		return copy_list(c, &node->args);
	case AMPH_OP_WINDOW:
		return copy_window(c, node);
	case AMPH_OP_EXISTS: case AMPH_OP_RELATED: case AMPH_OP_SELECT:
		return copy_inner(c, node);
	case AMPH_OP_CALL: case AMPH_OP_RAW: case AMPH_OP_ANY_SELECT: case AMPH_OP_ALL_SELECT:
		return copy_text(c, &node->of.name) && copy_args(c, node);
	default:
		return copy_args(c, node);
	}
}

static bool is_list(unsigned op)
{
	return op == AMPH_OP_LIST || op == AMPH_OP_NODES || op == AMPH_OP_WINDOW;
}

static bool copy_call(copier *c, amph_node *node)
{
	bool ok;

	if (!is_list(node->op) && (node->op >= AMPH_OP_LAST || amph__ops[node->op].form == FORM_NONE))
		return amph__error_misuse(c->err, "an expression is used after the block that it was "
					  "written in");
	if (!amph__seal_holds(node))
		return amph__misuse_of_seal(c->err);
	if (c->depth == AMPH_QUERY_DEPTH_MAX)
		return amph__error(c->err, "54001", "an expression is nested more than %d deep",
				   AMPH_QUERY_DEPTH_MAX);
	c->depth++;
	ok = copy_any(c, node);
	c->depth--;
	node->v.u = ok ? amph__seal_of(node) : 0;
	return ok;
}

static bool copy_node(copier *c, const amph_node *from, amph_node *to)
{
	*to = *from;
	switch (from->op) {
	case AMPH_OP_NONE: case AMPH_OP_COLUMN:
		return true;
	case AMPH_OP_VALUE:
		return copy_value(c, to);
	case AMPH_OP_LABEL:
		return copy_text(c, &to->of.name);
	default:
		return copy_call(c, to);
	}
}

static bool copy_list(copier *c, const amph_node **list)
{
	size_t n = 0;
	amph_node *copy;

	if (!*list)
		return true;
	while ((*list)[n].op != AMPH_OP_NONE)
		n++;
	copy = AMPH_NEWS(c->arena, amph_node, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		if (!copy_node(c, &(*list)[i], &copy[i]))
			return false;
	}
	*list = amph_nodes_of(copy);
	return true;
}

static bool copy_joins(copier *c, const amph_join_item **joins)
{
	size_t n = 0;
	amph_join_item *copy;

	if (!*joins)
		return true;
	while ((*joins)[n].kind != AMPH_JOIN_NONE)
		n++;
	copy = AMPH_NEWS(c->arena, amph_join_item, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		copy[i] = (*joins)[i];
		if (!copy_node(c, &(*joins)[i].on.n, &copy[i].on.n))
			return false;
	}
	*joins = amph_joins_of(copy);
	return true;
}

static bool copy_fields(copier *c, const amph_field **fields)
{
	size_t n = 0;
	amph_field *copy;

	if (!*fields)
		return true;
	while ((*fields)[n].member)
		n++;
	copy = AMPH_NEWS(c->arena, amph_field, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		copy[i] = (*fields)[i];
		if (!copy_text(c, &copy[i].member) ||
		    !copy_node(c, &(*fields)[i].value, &copy[i].value))
			return false;
	}
	*fields = amph_fields_of(copy);
	return true;
}

static bool copy_sets(copier *c, const amph_assign **sets)
{
	size_t n = 0;
	amph_assign *copy;

	if (!*sets)
		return true;
	while ((*sets)[n].member)
		n++;
	copy = AMPH_NEWS(c->arena, amph_assign, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		copy[i] = (*sets)[i];
		if (!copy_text(c, &copy[i].member) || !copy_node(c, &(*sets)[i].value, &copy[i].value))
			return false;
	}
	*sets = amph_sets_of(copy);
	return true;
}

static bool copy_query(copier *c, const amph_select **query)
{
	amph_select *copy = AMPH_NEW(c->arena, amph_select);

	if (!copy)
		return amph__error_nomem(c->err);
	if (!copy_select(c, *query, copy))
		return false;
	*query = copy;
	return true;
}

/* The rows of a list of values stay where they are. */
static bool copy_ctes(copier *c, const amph_cte_item **ctes)
{
	size_t n = 0;
	amph_cte_item *copy;

	if (!*ctes)
		return true;
	while ((*ctes)[n].kind != AMPH_CTE_NONE)
		n++;
	copy = AMPH_NEWS(c->arena, amph_cte_item, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		copy[i] = (*ctes)[i];
		if (!copy_query(c, &copy[i].query) || !copy_node(c, &(*ctes)[i].call, &copy[i].call))
			return false;
	}
	*ctes = amph_ctes_of(copy);
	return true;
}

static bool copy_combine(copier *c, const amph_combine_item **combine)
{
	size_t n = 0;
	amph_combine_item *copy;

	if (!*combine)
		return true;
	while ((*combine)[n].how != AMPH_COMBINE_NONE)
		n++;
	copy = AMPH_NEWS(c->arena, amph_combine_item, n + 1);
	if (!copy)
		return amph__error_nomem(c->err);
	for (size_t i = 0; i < n; i++) {
		copy[i] = (*combine)[i];
		if (!copy_query(c, &copy[i].query))
			return false;
	}
	*combine = amph_combine_of(copy);
	return true;
}

static bool copy_conflict(copier *c, const amph_conflict **conflict)
{
	const amph_conflict *from = *conflict;
	amph_conflict *to = from ? AMPH_NEW(c->arena, amph_conflict) : NULL;

	if (!to)
		return !from || amph__error_nomem(c->err);
	*to = *from;
	*conflict = to;
	return copy_list(c, &to->on) && copy_list(c, &to->update) && copy_sets(c, &to->set) &&
	       copy_node(c, &from->on_where.n, &to->on_where.n) && copy_node(c, &from->where.n, &to->where.n);
}

/* What an inner query has; the members that only calls use are not of it. */
static bool copy_select(copier *c, const amph_select *from, amph_select *to)
{
	*to = *from;
	if (!amph__lists_hold(from))
		return amph__misuse_of_seal(c->err);
	return copy_node(c, &from->where.n, &to->where.n) &&
	       copy_node(c, &from->having.n, &to->having.n) &&
	       copy_node(c, &from->value, &to->value) && copy_list(c, &to->order_by) &&
	       copy_list(c, &to->group_by) && copy_list(c, &to->distinct_on) &&
	       copy_list(c, &to->only) && copy_list(c, &to->defer) &&
	       copy_joins(c, &to->joins) && copy_fields(c, &to->fields) &&
	       copy_fields(c, &to->returning) && copy_sets(c, &to->set) &&
	       copy_ctes(c, &to->ctes) && copy_combine(c, &to->combine) && copy_conflict(c, &to->on_conflict);
}

bool amph__copy_node(amph_arena *arena, const amph_node *from, amph_node *to, amph_error *err)
{
	copier c = { .arena = arena, .err = err };

	return copy_node(&c, from, to);
}

bool amph__copy_select(amph_arena *arena, const amph_select *from, amph_select *to, amph_error *err)
{
	copier c = { .arena = arena, .err = err };

	return copy_select(&c, from, to);
}
