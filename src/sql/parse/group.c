/* GROUP BY. GROUPING SETS, ROLLUP and CUBE become a list of sets of keys, each with keys of its own:
 * that two are the same expression shows only when they are resolved. */
#include "parse.h"

enum { SETS_MAX = 4096, CUBE_MAX = 12 };

/* A set while it is put together: syntax nodes. */
typedef struct node_set {
	pg_node *const *keys;
	size_t n;
} node_set;
typedef struct node_sets {
	node_set *sets;
	size_t n;
} node_sets;

static node_sets expand(sql_parser *p, const pg_node *n);

static bool is_set(const pg_node *n)
{
	return n->node_case == PG_QUERY__NODE__NODE_GROUPING_SET;
}

static node_sets room_for(sql_parser *p, size_t n)
{
	node_sets out = { NULL, 0 };

	if (n > SETS_MAX)
		amph__parse_fail(p, -1, "54001", "too many grouping sets present (maximum %d)", SETS_MAX);
	else
		out.sets = AMPH_NEWS(p->arena, node_set, n + 1);
	return out;
}

static bool join(sql_parser *p, const node_set *a, const node_set *b, node_set *out)
{
	pg_node **keys = AMPH_NEWS(p->arena, pg_node *, a->n + b->n + 1);

	for (size_t i = 0; keys && i < a->n + b->n; i++)
		keys[i] = i < a->n ? a->keys[i] : b->keys[i - a->n];
	*out = (node_set){ keys, a->n + b->n };
	return keys != NULL;
}

/* (a, b) is two keys. */
static node_sets simple(sql_parser *p, const pg_node *n)
{
	node_sets out = room_for(p, 1);
	pg_node **key = AMPH_NEWS(p->arena, pg_node *, 1);

	if (!out.sets || !key)
		return out;
	*key = (pg_node *)(uintptr_t)n;
	if (n->node_case == PG_QUERY__NODE__NODE_ROW_EXPR && n->row_expr->n_args)
		out.sets[0] = (node_set){ n->row_expr->args, n->row_expr->n_args };
	else
		out.sets[0] = (node_set){ key, 1 };
	out.n = 1;
	return out;
}

/* Each set of one list with each of the other. */
static node_sets multiply(sql_parser *p, node_sets a, node_sets b)
{
	node_sets out = room_for(p, a.n * b.n);

	for (size_t i = 0; out.sets && i < a.n; i++)
		for (size_t k = 0; k < b.n; k++)
			if (!join(p, &a.sets[i], &b.sets[k], &out.sets[out.n++]))
				return (node_sets){ NULL, 0 };
	return out;
}

/* Those of n elements whose bits are in chosen, as one set. */
static bool choose(sql_parser *p, size_t n, pg_node *const *elements, unsigned chosen, node_set *out)
{
	*out = (node_set){ NULL, 0 };
	for (size_t i = 0; i < n; i++) {
		node_sets one;

		if (!(chosen >> i & 1))
			continue;
		one = simple(p, elements[i]);
		if (!one.n || !join(p, out, one.sets, out))
			return false;
	}
	return true;
}

static node_sets rollup(sql_parser *p, const PgQuery__GroupingSet *g)
{
	node_sets out = room_for(p, g->n_content + 1);

	for (size_t n = g->n_content + 1; out.sets && n-- > 0;)
		if (!choose(p, n, g->content, ~0u, &out.sets[out.n++]))
			return (node_sets){ NULL, 0 };
	return out;
}

static node_sets cube(sql_parser *p, const PgQuery__GroupingSet *g)
{
	node_sets out = { NULL, 0 };

	if (g->n_content > CUBE_MAX) {
		amph__parse_fail(p, g->location, "54011", "CUBE is limited to %d elements", CUBE_MAX);
		return out;
	}
	out = room_for(p, (size_t)1 << g->n_content);
	for (unsigned chosen = 1u << g->n_content; out.sets && chosen-- > 0;)
		if (!choose(p, g->n_content, g->content, chosen, &out.sets[out.n++]))
			return (node_sets){ NULL, 0 };
	return out;
}

static node_sets listed(sql_parser *p, const PgQuery__GroupingSet *g)
{
	node_sets all = { NULL, 0 };

	for (size_t i = 0; i < g->n_content; i++) {
		node_sets more = expand(p, g->content[i]), both = room_for(p, all.n + more.n);

		if (!more.n || !both.sets)
			return (node_sets){ NULL, 0 };
		for (size_t k = 0; k < all.n + more.n; k++)
			both.sets[both.n++] = k < all.n ? all.sets[k] : more.sets[k - all.n];
		all = both;
	}
	return all;
}

static node_sets expand(sql_parser *p, const pg_node *n)
{
	const PgQuery__GroupingSet *g = is_set(n) ? n->grouping_set : NULL;
	node_sets empty;

	if (!g)
		return simple(p, n);
	if (g->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP)
		return rollup(p, g);
	if (g->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE)
		return cube(p, g);
	if (g->kind == PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS)
		return listed(p, g);
	empty = room_for(p, 1);
	if (empty.sets)
		empty.sets[empty.n++] = (node_set){ NULL, 0 };
	return empty;
}

static void set_groups(sql_parser *p, const node_sets *all, sql_select *out)
{
	sql_group_set *sets = AMPH_NEWS(p->arena, sql_group_set, all->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->sets[i].n;
	out->group_by.items = AMPH_NEWS(p->arena, sql_expr *, n + 1);
	for (size_t i = 0; sets && out->group_by.items && i < all->n; i++) {
		sets[i] = (sql_group_set){ out->group_by.n, all->sets[i].n };
		for (size_t k = 0; k < all->sets[i].n && !p->failed; k++)
			out->group_by.items[out->group_by.n++] = amph__parse_node(p, all->sets[i].keys[k]);
	}
	out->group_sets = sets;
	out->n_group_sets = all->n;
}

void amph__parse_groups(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out)
{
	node_sets all = room_for(p, 1);
	bool any = false;

	for (size_t i = 0; i < s->n_group_clause; i++)
		any |= is_set(s->group_clause[i]);
	out->group_distinct = s->group_distinct;
	if (!any) {
		amph__parse_list(p, s->n_group_clause, s->group_clause, &out->group_by);
		return;
	}
	if (all.sets)
		all.sets[all.n++] = (node_set){ NULL, 0 };
	for (size_t i = 0; i < s->n_group_clause && !p->failed; i++)
		all = multiply(p, all, expand(p, s->group_clause[i]));
	if (!p->failed)
		set_groups(p, &all, out);
}
