/* WITH RECURSIVE: where a query may refer to itself. This is looked at before anything is resolved,
 * as PostgreSQL does: one reference, in the term behind UNION, where each row of it is seen once. */
#include "../refers.h"
#include "resolve.h"

/* The queries of one WITH, and what each of them leads to. */
typedef struct graph {
	const sql_cte **nodes;
	bool *open, *done;
	size_t n;
} graph;

/* Whether a way out of node k comes back to one that is open; itself does not count. */
static bool has_cycle(graph *g, size_t k)
{
	bool found = false;

	g->open[k] = true;
	for (size_t i = 0; i < g->n && !found; i++)
		if (i != k && !g->done[i] && amph__stmt_refers(g->nodes[k]->stmt, g->nodes[i]->name))
			found = g->open[i] || has_cycle(g, i);
	g->open[k] = false;
	g->done[k] = true;
	return found;
}

static bool check_mutual(sql_resolver *r, const sql_cte *with)
{
	graph g = { 0 };

	for (const sql_cte *c = with; c; c = c->next)
		g.n++;
	g.nodes = AMPH_NEWS(r->arena, const sql_cte *, g.n + 1);
	g.open = AMPH_NEWS(r->arena, bool, g.n + 1);
	g.done = AMPH_NEWS(r->arena, bool, g.n + 1);
	if (!g.nodes || !g.open || !g.done)
		return amph__resolve_nomem(r);
	g.n = 0;
	for (const sql_cte *c = with; c; c = c->next)
		g.nodes[g.n++] = c;
	for (size_t k = 0; k < g.n; k++)
		if (!g.done[k] && has_cycle(&g, k))
			return amph__resolve_fail(r, with->stmt->location, "0A000",
						  "mutual recursion between WITH items is not "
						  "supported");
	return true;
}

static bool check_decoration(sql_resolver *r, const sql_select *s)
{
	const char *what = s->order                   ? "ORDER BY"
			   : s->offset                ? "OFFSET"
			   : s->limit                 ? "LIMIT"
			   : s->lock != SQL_LOCK_NONE ? "FOR UPDATE/SHARE"
						      : NULL;

	return !what || amph__resolve_fail(r, s->location, "0A000",
					   "%s in a recursive query is not supported", what);
}

typedef struct judgement {
	sql_resolver *r;
	const char *name;
	bool seen, failed;
} judgement;

static bool judge(void *ctx, const sql_range *range, sql_place at)
{
	static const char *const places[] = {
		[SQL_PLACE_TERM] = "more than once",
		[SQL_PLACE_FIRST_TERM] = "within its non-recursive term",
		[SQL_PLACE_SUBQUERY] = "within a subquery",
		[SQL_PLACE_OUTER_JOIN] = "within an outer join",
		[SQL_PLACE_INTERSECT] = "within INTERSECT",
		[SQL_PLACE_EXCEPT] = "within EXCEPT"
	};
	judgement *j = ctx;

	j->failed = at != SQL_PLACE_TERM || j->seen;
	j->seen = true;
	if (j->failed)
		amph__resolve_fail(j->r, range->location, "42P19", "recursive reference to query \"%s\" "
				   "must not appear %s", j->name, places[at]);
	return !j->failed;
}

static bool check_terms(sql_resolver *r, const sql_cte *cte, const sql_select *s)
{
	judgement j = { .r = r, .name = cte->name };

	amph__recursive_references(cte, judge, &j);
	return !j.failed && check_decoration(r, s);
}

static bool check_form(sql_resolver *r, const sql_cte *cte)
{
	const sql_stmt *stmt = cte->stmt;
	const sql_select *s = stmt->select;

	if (stmt->kind != SQL_STMT_SELECT)
		return amph__resolve_fail(r, stmt->location, "42P19",
					  "recursive query \"%s\" must not contain data-modifying "
					  "statements",
					  cte->name);
	if (s->set_op != SQL_UNION)
		return amph__resolve_fail(r, stmt->location, "42P19",
					  "recursive query \"%s\" does not have the form "
					  "non-recursive-term UNION [ALL] recursive-term",
					  cte->name);
	if (!check_terms(r, cte, s))
		return false;
	return !s->with || amph__resolve_refuse(r, s->location, "WITH before a recursive UNION");
}

bool amph__check_recursion(sql_resolver *r, const sql_cte *with)
{
	if (!check_mutual(r, with))
		return false;
	for (const sql_cte *c = with; c; c = c->next)
		if (amph__stmt_refers(c->stmt, c->name) && !check_form(r, c))
			return false;
	return true;
}
