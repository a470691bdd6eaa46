/* WITH RECURSIVE: where a query may refer to itself. This is looked at before anything is resolved,
 * as PostgreSQL does: one reference, in the term behind UNION, where each row of it is seen once. */
#include "resolve.h"
#include <string.h>

typedef enum place {
	PLACE_TERM,             /* where it may stand */
	PLACE_FIRST_TERM,
	PLACE_SUBQUERY,
	PLACE_OUTER_JOIN,
	PLACE_INTERSECT,
	PLACE_EXCEPT
} place;

/* Queries of an inner WITH, which hide others of their names: first up to, without, end. */
typedef struct hiding {
	const sql_cte *first, *end;
	const struct hiding *outer;
} hiding;

typedef struct search {
	sql_resolver *r;
	const char *name;
	const hiding *hidden;
	place at;
	size_t found;
	bool judges;            /* else it only counts */
	bool failed;
} search;

static void find_in_select(search *f, const sql_select *s);
static void find_in_stmt(search *f, const sql_stmt *stmt);

static bool is_hidden(const search *f)
{
	for (const hiding *h = f->hidden; h; h = h->outer)
		for (const sql_cte *c = h->first; c && c != h->end; c = c->next)
			if (!strcmp(c->name, f->name))
				return true;
	return false;
}

static void find_name(search *f, const sql_range *range)
{
	static const char *const places[] = {
		[PLACE_TERM] = "more than once",
		[PLACE_FIRST_TERM] = "within its non-recursive term",
		[PLACE_SUBQUERY] = "within a subquery",
		[PLACE_OUTER_JOIN] = "within an outer join",
		[PLACE_INTERSECT] = "within INTERSECT",
		[PLACE_EXCEPT] = "within EXCEPT"
	};

	if (range->schema || !range->name || strcmp(range->name, f->name) || is_hidden(f))
		return;
	f->found++;
	if (!f->judges || f->failed || (f->at == PLACE_TERM && f->found == 1))
		return;
	f->failed = true;
	amph__resolve_fail(f->r, range->location, "42P19",
			   "recursive reference to query \"%s\" must not appear %s", f->name,
			   places[f->at]);
}

static bool find_in_expr(void *ctx, sql_expr *e)
{
	search *f = ctx;
	sql_expr flat = *e;
	place before = f->at;

	flat.select = NULL;
	amph__expr_children(&flat, find_in_expr, f);
	if (e->select) {
		f->at = PLACE_SUBQUERY;
		find_in_select(f, e->select);
		f->at = before;
	}
	return !f->failed;
}

static void find_in_range(search *f, const sql_range *range);

static void find_in_side(search *f, const sql_range *range, bool outer)
{
	place before = f->at;

	if (outer && f->at == PLACE_TERM)
		f->at = PLACE_OUTER_JOIN;
	find_in_range(f, range);
	f->at = before;
}

static void find_in_range(search *f, const sql_range *range)
{
	if (!range || f->failed)
		return;
	if (range->kind == SQL_TABLE || range->kind == SQL_CTE)
		find_name(f, range);
	if (range->select)
		find_in_select(f, range->select);
	if (range->function)
		find_in_expr(f, range->function);
	for (size_t i = 0; i < range->others.n; i++)
		find_in_expr(f, range->others.items[i]);
	find_in_side(f, range->left, range->join == SQL_RIGHT || range->join == SQL_FULL);
	find_in_side(f, range->right, range->join == SQL_LEFT || range->join == SQL_FULL);
	if (range->on)
		find_in_expr(f, range->on);
}

static void find_in_set(search *f, const sql_select *s)
{
	place before = f->at;

	if (s->set_op == SQL_INTERSECT && s->set_all)
		f->at = PLACE_INTERSECT;
	if (s->set_op == SQL_EXCEPT && s->set_all)
		f->at = PLACE_EXCEPT;
	find_in_select(f, s->left);
	if (s->set_op == SQL_EXCEPT)
		f->at = PLACE_EXCEPT;
	find_in_select(f, s->right);
	f->at = before;
}

static void find_in_with(search *f, hiding *h, bool recursive)
{
	h->outer = f->hidden;
	f->hidden = h;
	for (const sql_cte *c = h->first; c && !f->failed; c = c->next) {
		h->end = recursive ? NULL : c;
		find_in_stmt(f, c->stmt);
	}
	h->end = NULL;
}

static void find_in_select(search *f, const sql_select *s)
{
	hiding own = { .first = s ? s->with : NULL };
	sql_select clauses;

	if (!s || s->closed || f->failed)
		return;
	find_in_with(f, &own, s->with_recursive);
	if (s->set_op != SQL_SET_NONE)
		find_in_set(f, s);
	for (const sql_range *range = s->from; range; range = range->next)
		find_in_range(f, range);
	clauses = *s;
	clauses.with = NULL;
	clauses.from = NULL;
	clauses.set_op = SQL_SET_NONE;
	amph__select_exprs(&clauses, find_in_expr, f);
	f->hidden = own.outer;
}

static void find_in_list(search *f, const sql_target *targets)
{
	for (; targets; targets = targets->next)
		if (targets->expr)
			find_in_expr(f, targets->expr);
}

static void find_in_stmt(search *f, const sql_stmt *stmt)
{
	hiding own = { .first = stmt->with };

	find_in_with(f, &own, stmt->with_recursive);
	find_in_select(f, stmt->select);
	for (const sql_range *range = stmt->from; range; range = range->next)
		find_in_range(f, range);
	if (stmt->where)
		find_in_expr(f, stmt->where);
	for (const sql_assign *a = stmt->set; a; a = a->next)
		if (a->value)
			find_in_expr(f, a->value);
	find_in_list(f, stmt->returning);
	f->hidden = own.outer;
}

bool amph__cte_refers(sql_resolver *r, const sql_cte *cte, const char *name)
{
	search f = { .r = r, .name = name };

	find_in_stmt(&f, cte->stmt);
	return f.found > 0;
}

/* The queries of one WITH, and what each of them leads to. */
typedef struct graph {
	sql_resolver *r;
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
		if (i != k && !g->done[i] && amph__cte_refers(g->r, g->nodes[k], g->nodes[i]->name))
			found = g->open[i] || has_cycle(g, i);
	g->open[k] = false;
	g->done[k] = true;
	return found;
}

static bool check_mutual(sql_resolver *r, const sql_cte *with)
{
	graph g = { .r = r };

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

static bool check_terms(sql_resolver *r, const sql_cte *cte, const sql_select *s)
{
	search f = { .r = r, .name = cte->name, .judges = true, .at = PLACE_SUBQUERY };
	hiding own = { .first = s->with };

	find_in_with(&f, &own, s->with_recursive);
	f.at = PLACE_FIRST_TERM;
	find_in_select(&f, s->left);
	f.at = PLACE_TERM;
	find_in_select(&f, s->right);
	return !f.failed && check_decoration(r, s);
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
		if (amph__cte_refers(r, c, c->name) && !check_form(r, c))
			return false;
	return true;
}
