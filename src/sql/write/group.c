/* GROUPING SETS, ROLLUP and CUBE where a database has none: a query for each set, one after another.
 * In each the keys that do not group are NULL, wherever they stand but within aggregates. */
#include "../walk.h"
#include "write.h"

static bool in_set(const sql_select *s, const sql_group_set *set, const sql_expr *e)
{
	for (size_t i = set->first; i < set->first + set->n; i++)
		if (amph__expr_equal(s->group_by.items[i], e))
			return true;
	return false;
}

static void write_whole(amph_writer *w, const sql_expr *e)
{
	const sql_group_set *set = w->group_set;

	w->group_set = NULL;
	amph_write_expr(w, e);
	w->group_set = set;
}

/* Whether each key of groups that stands in e groups in this set. */
static bool has_only_its_keys(void *ctx, sql_expr *e)
{
	const amph_writer *w = ctx;

	return amph__is_group_key(w->grouped, e) ? in_set(w->grouped, w->group_set, e)
						 : amph__expr_children(e, has_only_its_keys, ctx);
}

/* Direct arguments of an ordered-set aggregate are not within it: keys among them may be NULL here. */
static bool is_same_for_the_set(amph_writer *w, const sql_expr *e)
{
	for (size_t i = 0; e->within_group && i < e->args.n; i++)
		if (!has_only_its_keys(w, e->args.items[i]))
			return false;
	return true;
}

/* true: e has been written. */
bool amph__write_group_member(amph_writer *w, const sql_expr *e)
{
	bool aggregate = e->kind == SQL_CALL && e->row && e->row->kind == AMPH_CAT_AGGREGATE && !e->over;

	if (!aggregate && !amph__is_group_key(w->grouped, e))
		return false;
	if (aggregate && !is_same_for_the_set(w, e))
		amph_write_refuse(w, e->location, "A key of groups as a direct argument of an aggregate");
	if (aggregate || in_set(w->grouped, w->group_set, e))
		write_whole(w, e);
	else
		amph_write_text(w, "NULL");
	return true;
}

/* Of a plain GROUP BY, also one within, every key groups. */
void amph__write_grouping(amph_writer *w, const sql_expr *e)
{
	unsigned bits = 0;

	for (size_t i = 0; i < e->args.n; i++)
		bits = bits << 1 | (w->group_set && amph__is_group_key(w->grouped, e->args.items[i]) &&
				    !in_set(w->grouped, w->group_set, e->args.items[i]));
	amph_write_format(w, "(%u + 0)", bits);        /* a number alone would be a column to sort by */
}

/* Of no rows there is one group without keys, but none for any key. Where nothing is counted, the
 * group is a row of constants. */
static void write_after_targets(amph_writer *w, const sql_select *s, const sql_group_set *set)
{
	sql_select one = *s;

	one.order = NULL;
	one.group_by = (sql_list){ s->group_by.items + set->first, set->n };
	one.group_sets = NULL;
	if (set->n == 0 && !amph__write_has_aggregate(s)) {
		one.from = NULL;
		one.where = one.having;
		one.having = NULL;
	}
	if (one.from) {
		const sql_group_set *inside = w->group_set;
		sql_select head = { .location = s->location, .from = one.from, .where = one.where,
				    .group_by = one.group_by };

		w->group_set = NULL;
		amph__write_after_targets(w, &head);
		w->group_set = inside;
		one.from = NULL;
		one.where = NULL;
		one.group_by.n = 0;
	}
	amph__write_after_targets(w, &one);
}

void amph__write_group_sets(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	const sql_select *grouped = w->grouped;
	const sql_group_set *outer = w->group_set;
	bool counts = amph__write_has_aggregate(s);

	if (outer) {
		amph_write_refuse(w, s->location, "GROUPING SETS, ROLLUP or CUBE within another");
		return;
	}
	amph__write_named_outputs(w, s, names, n);
	amph_write_text(w, " FROM (");
	for (size_t i = 0; i < s->n_group_sets && !w->failed; i++) {
		amph_write_text(w, i ? " UNION ALL " : "");
		w->grouped = s;
		w->group_set = &s->group_sets[i];
		amph__write_numbered_targets(w, s);
		/* without GROUP BY only an aggregate among the targets allows HAVING */
		amph_write_text(w, s->group_sets[i].n || !counts ? "0" : "count(*)");
		write_after_targets(w, s, &s->group_sets[i]);
	}
	w->grouped = grouped;
	w->group_set = outer;
	amph_write_text(w, ") AS \"sets\"");
	amph__write_sorted_by_outputs(w, s->order);
}
