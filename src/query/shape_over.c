/* The key of what stands around a call of an aggregate or a window function, and of expressions that a
 * query has in several of its clauses. */
#include "ops.h"
#include "shape.h"

static const amph_sqltype no_type = { .type = AMPH_T_NONE };

static bool is_function(unsigned op)
{
	unsigned form = op < AMPH_OP_LAST ? amph__ops[op].form : FORM_NONE;

	return form == FORM_FUNCTION || form == FORM_STAR || form == FORM_CALL || form == FORM_RAW ||
	       form == FORM_DISTINCT || form == FORM_FILTER || form == FORM_ORDERED;
}

/* What a modifier of aggregates stands beside. */
bool amph__shape_modified(amph_shaper *w, const amph_node *node)
{
	if (!is_function(node->args[0].op))
		return amph__error(w->err, "42809", "\"%s\" stands beside an aggregate or a window function",
				   amph__ops[node->op].name);
	return amph__shape_expr(w, &node->args[0], &no_type);
}

static bool check_list(amph_shaper *w, const amph_node *list)
{
	return amph__nodes_hold(list) || amph__misuse_of_seal(w->err);
}

bool amph__shape_ordered(amph_shaper *w, const amph_node *node)
{
	const amph_node *list = &node->args[1];

	if (list->op != AMPH_OP_NODES)
		return amph__error_misuse(w->err, "an order must be a list: by(...)");
	return check_list(w, list->args) && amph__shape_modified(w, node) && amph__shape_list(w, list->args);
}

static bool put_edge(amph_shaper *w, const amph_edge *edge)
{
	key_byte(&w->b->key, edge->kind);
	if (edge->kind != AMPH_EDGE_PRECEDING && edge->kind != AMPH_EDGE_FOLLOWING)
		return true;
	return amph__shape_expr(w, &edge->offset, &no_type);
}

bool amph__shape_over(amph_shaper *w, const amph_node *node)
{
	const amph_window *window = (const void *)node->args[1].args;

	if (node->args[1].op != AMPH_OP_WINDOW || !amph__seal_holds(&node->args[1]))
		return amph__misuse_of_seal(w->err);
	if (window->frame.unit == AMPH_FRAME_NONE && window->exclude != AMPH_EXCLUDE_NONE)
		return amph__error(w->err, "42601", "the .exclude of a window without .frame");
	if (!check_list(w, window->partition_by) || !check_list(w, window->order_by) ||
	    !amph__shape_modified(w, node) || !amph__shape_list(w, window->partition_by) ||
	    !amph__shape_list(w, window->order_by))
		return false;
	key_byte(&w->b->key, window->frame.unit);
	if (window->frame.unit == AMPH_FRAME_NONE)
		return true;
	key_byte(&w->b->key, window->exclude);
	return put_edge(w, &window->frame.start) && put_edge(w, &window->frame.end);
}

/* ---- one expression in two clauses ----
 * An expression of GROUP BY that has values in it must be the same, parameters included, where it is
 * selected and sorted by; so must one of DISTINCT in ORDER BY. */
static bool same_value(const amph_node *a, const amph_node *b)
{
	const char *left = a->v.s, *right = b->v.s;

	if (a->flags & AMPH_NODE_NULL || b->flags & AMPH_NODE_NULL)
		return a->flags & b->flags & AMPH_NODE_NULL;
	switch (a->type) {
	case AMPH_T_TEXT: case AMPH_T_JSON:
		return left == right || (left && right && strcmp(left, right) == 0);
	case AMPH_T_BYTES: case AMPH_T_NUMERIC: case AMPH_T_UUID: case AMPH_T_INTERVAL:
		return memcmp(&a->of, &b->of, sizeof(a->of) + sizeof(a->v)) == 0;
	default:
		return a->v.u == b->v.u && a->of.data == b->of.data;
	}
}

static bool same_node(const amph_node *a, const amph_node *b);

static bool same_args(const amph_node *a, const amph_node *b)
{
	if (a->args == b->args)
		return true;
	for (size_t i = 0; i < a->n; i++) {
		if (!same_node(&a->args[i], &b->args[i]))
			return false;
	}
	return true;
}

static bool same_node(const amph_node *a, const amph_node *b)
{
	const unsigned constant = AMPH_NODE_CONSTANT | AMPH_NODE_UNSIGNED;

	if (a->op != b->op || a->type != b->type || a->n != b->n || (a->flags ^ b->flags) & constant)
		return false;
	switch (a->op) {
	case AMPH_OP_NONE:
		return true;
	case AMPH_OP_VALUE:
		return same_value(a, b);
	case AMPH_OP_COLUMN:
		return a->of.model == b->of.model;
	case AMPH_OP_LIST: case AMPH_OP_NODES: case AMPH_OP_WINDOW: case AMPH_OP_EXISTS:
	case AMPH_OP_RELATED: case AMPH_OP_SELECT:
		return a->args == b->args && a->of.count == b->of.count;
	case AMPH_OP_CALL: case AMPH_OP_RAW: case AMPH_OP_ANY_SELECT: case AMPH_OP_ALL_SELECT:
		if (strcmp(a->of.name, b->of.name) != 0)
			return false;
		break;
	default:
		break;
	}
	return amph__seal_holds(a) && amph__seal_holds(b) && same_args(a, b);
}

bool amph__shape_item(amph_shaper *w, const amph_node *node, const amph_sqltype *want)
{
	amph_shared shared = { .node = node, .at = w->b->key.len, .n_args = w->b->n_args,
			       .next = w->shared };
	amph_shared *kept;

	if (!amph__shape_expr(w, node, want))
		return false;
	if (!w->sharing || w->b->n_args == shared.n_args || node->op == AMPH_OP_VALUE)
		return true;
	kept = amph__arena_copy(&w->b->values, &shared, sizeof(shared));
	if (!kept)
		return amph__error_nomem(w->err);
	w->shared = kept;
	return true;
}

bool amph__shape_again(amph_shaper *w, const amph_node *node)
{
	for (const amph_shared *s = w->shared; s; s = s->next) {
		if (!same_node(s->node, node))
			continue;
		key_byte(&w->b->key, KEY_AGAIN);
		key_number(&w->b->key, s->at);
		key_number(&w->b->key, s->n_args);
		return true;
	}
	return false;
}
