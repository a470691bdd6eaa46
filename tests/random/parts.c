/* Random queries of several parts: windows, queries combined, common table expressions, queries within
 * queries, conditions along relationships, pages by the place of an object, JSON and streams. */
#include "random.h"
#include <string.h>

/* What is equal looks equal. */
static const kind plain_kinds[] = { K_INT, K_TEXT, K_BOOL, K_DATE, K_TIME, K_TS, K_UUID };

static const amph_expr *number(scope *g, unsigned least, unsigned most)
{
	return amph_expr_value(g->q, (amph_value){ .type = AMPH_T_INT64,
			       .v = { .i = (int64_t)(least + rng_below(g->r, most - least + 1)) } });
}

static const amph_expr *cast(scope *g, const char *type, const amph_expr *e)
{
	char sql[40];

	snprintf(sql, sizeof sql, "cast($1 as %s)", type);
	return amph_expr_raw(g->q, sql, &e, 1);
}

static const char *field_name(char *name, size_t size, unsigned i)
{
	snprintf(name, size, "f%u", i);
	return name;
}

/* ---- conditions with queries in them ---- */
const amph_expr *make_related(scope *g)
{
	static const struct { const amph_model *from, *to; const char *relation; } list[] = {
		{ &amph_model_Row, &amph_model_Kid, "Row.kids" },
		{ &amph_model_Kid, &amph_model_Row, "Kid.row" },
		{ &amph_model_Kid, &amph_model_Kid, "Kid.twin" },
	};
	unsigned at = rng_below(g->r, 3);

	if (g->n_from != 1 || g->from[0] != list[at].from)
		return NULL;
	/* A condition that would name both of a model is not to be said without an alias. */
	if (list[at].from == list[at].to || rng_chance(g->r, 30))
		return amph_expr_related(g->q, list[at].relation, NULL);
	scope inner = { .on = g->on, .r = g->r, .q = g->q, .from = { list[at].to }, .n_from = 1,
			.nested = true };
	amph_bool_expr condition = { .n = amph_expr_node(make_condition(&inner, 1)) };
	return amph_expr_related(g->q, list[at].relation, &condition);
}

/* A column among the values of another query, or beside the one value of one. */
const amph_expr *make_inner(scope *g)
{
	static const amph_model *const models_of[] = { &amph_model_Kid, &amph_model_Row, &amph_model_Pair };
	const amph_model *m = PICK(g->r, models_of);
	scope inner = { .on = g->on, .r = g->r, .from = { m }, .n_from = 1, .nested = true };
	kind k = rng_chance(g->r, 50) ? K_INT : K_TEXT;
	made column = make_column(g, k);
	const amph_expr *e = NULL;

	for (unsigned i = 0; i < g->n_from; i++)
		if (base_of(g->from[i]) == m)
			return NULL;
	if (!column.e)
		return NULL;
	inner.q = amph_query_new(g->on->s, m);
	if (rng_chance(g->r, 60)) {
		amph_query_field(inner.q, "x", 0, 0, make(&inner, k, 1).e);
		if (rng_chance(g->r, 60))
			amph_query_where(inner.q, make_condition(&inner, 1));
		e = call(g, rng_chance(g->r, 70) ? "in" : "not in", 2, column.e,
			 amph_expr_select(g->q, inner.q));
	} else {
		const amph_expr *x = call(&inner, rng_chance(g->r, 50) ? "min" : "max", 1,
					  make(&inner, k, 1).e);

		amph_query_field(inner.q, "x", 0, 0, x);
		if (rng_chance(g->r, 50))       /* correlated */
			amph_query_where(inner.q, call(&inner, "<=", 2,
				column_of(inner.q, m, "small"),
				column_of(inner.q, g->from[0], g->from[0] == &amph_model_Part ? "n"
											      : "small")));
		e = call(g, rng_chance(g->r, 50) ? "=" : "<", 2, column.e, amph_expr_select(g->q, inner.q));
	}
	amph_query_free(inner.q);
	return e;
}

/* ---- windows ---- */
static amph_edge edge(scope *g, int which)
{
	bool offset = which == AMPH_EDGE_PRECEDING || which == AMPH_EDGE_FOLLOWING;

	return (amph_edge){ .kind = (amph_edge_kind)which,
			    .offset = amph_expr_node(offset ? number(g, 0, 3) : NULL) };
}

/* Of a range with offsets the order has one number, see window_of. */
static amph_frame random_frame(scope *g, bool ranges)
{
	unsigned unit = rng_below(g->r, 3);
	int from = (int)rng_below(g->r, 4), to = (int)rng_below(g->r, 4) + 1;

	if (to < from)
		to = from;
	if (unit == 1 && !ranges) {
		from = from < 2 ? AMPH_EDGE_UNBOUNDED_PRECEDING : AMPH_EDGE_CURRENT_ROW;
		to = to < 3 ? AMPH_EDGE_CURRENT_ROW : AMPH_EDGE_UNBOUNDED_FOLLOWING;
	}
	return (amph_frame){ .unit = (amph_frame_unit)(unit + 1), .start = edge(g, from),
			     .end = edge(g, to) };
}

/* total: the order leaves no two rows equal. */
static const amph_expr *over(scope *g, const amph_expr *f, bool total, bool framed)
{
	const amph_expr *order[KEYS_MAX + 2], *part = make_column(g, rng_chance(g->r, 50) ? K_TEXT : K_INT).e;
	uint8_t flags[KEYS_MAX + 2] = { 0 };
	amph_window window = { .abi = AMPH_ABI };
	unsigned n = 0;
	bool ranges = !total && rng_chance(g->r, 25);

	if (ranges)
		order[n++] = column_of(g->q, g->from[0], "small");
	for (unsigned more = ranges ? 0 : rng_below(g->r, 2) + !total; more > 0; more--)
		order[n++] = make(g, PICK(g->r, plain_kinds), 1).e;
	for (unsigned i = 0; i < n; i++)
		flags[i] = random_direction(g->r);
	if (total)
		n += key_columns(g, order + n);
	window.order_by = amph_expr_by(g->q, order, flags, n);
	if (part && rng_chance(g->r, 50))
		window.partition_by = amph_expr_by(g->q, &part, NULL, 1);
	if (framed && rng_chance(g->r, 60)) {
		window.frame = random_frame(g, ranges);
		if (!total && window.frame.unit == AMPH_FRAME_ROWS)
			window.frame.unit = AMPH_FRAME_GROUPS;
		if (rng_chance(g->r, 20))
			window.exclude = (amph_exclude)rng_below(g->r, 4);
	}
	return amph_expr_over(g->q, f, &window);
}

static const amph_expr *window_call(scope *g)
{
	static const char *const ranks[] = { "rank", "dense_rank", "percent_rank", "cume_dist" };
	static const char *const values[] = { "first_value", "last_value", "lag", "lead", "nth_value" };
	unsigned how = rng_below(g->r, 100), which;
	kind k = PICK(g->r, plain_kinds);
	const amph_expr *e;

	if (how < 12)
		return over(g, amph_expr_call(g->q, "row_number", NULL, 0), true, false);
	if (how < 30)
		return over(g, amph_expr_call(g->q, PICK(g->r, ranks), NULL, 0), rng_chance(g->r, 30), false);
	if (how < 35)
		return over(g, call(g, "ntile", 1, number(g, 1, 4)), true, false);
	g->windowed = true;
	if (how > 65)
		return over(g, make_aggregate(g), rng_chance(g->r, 50), true);
	which = rng_below(g->r, 5);
	e = make(g, k, 1).e;
	if (which == 4)
		e = call(g, values[which], 2, e, number(g, 1, 3));
	else if (which < 2 || rng_chance(g->r, 40))
		e = call(g, values[which], 1, e);
	else if (rng_chance(g->r, 50))
		e = call(g, values[which], 2, e, number(g, 0, 3));
	else
		e = call(g, values[which], 3, e, number(g, 1, 2), has_column(g, k) ? make_column(g, k).e : e);
	return over(g, e, true, which < 2 || which == 4);
}

static void window_query(scope *g)
{
	unsigned n = rng_below(g->r, 3) + 1;
	char name[16];

	random_joins(g);
	random_where(g);
	for (unsigned i = 0; i < n; i++) {
		const amph_expr *e = window_call(g);

		if (rng_chance(g->r, 15))
			e = call(g, "coalesce", 2, call(g, "nullif", 2, e, e), e);
		amph_query_field(g->q, field_name(name, sizeof name, i), 0, 0, e);
	}
	random_order(g);
	random_limit(g);
	show_rows(g->on, amph_query_rows(g->q));
}

/* ---- queries combined ---- */
static void fields_of(scope *g, const kind *kinds, unsigned n)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		const amph_expr *e = make(g, kinds[i], 1).e;

		amph_query_field(g->q, field_name(name, sizeof name, i), 0, 0,
				 kinds[i] == K_INT ? cast(g, "bigint", e) : e);
	}
}

static void order_by_fields(scope *g, unsigned n)
{
	char name[16];

	for (unsigned i = 0; i < n; i++)
		amph_query_order_by(g->q, amph_expr_label(g->q, field_name(name, sizeof name, i)),
				    random_direction(g->r));
}

static void combined_query(scope *g)
{
	static const amph_model *const others[] = { &amph_model_Row, &amph_model_Kid, &amph_model_Pair };
	unsigned n = rng_below(g->r, 2) + 1, parts = rng_below(g->r, 2) + 1;
	kind kinds[2] = { K_INT, K_INT };

	for (unsigned i = 0; i < n; i++) {
		do
			kinds[i] = PICK(g->r, plain_kinds);
		while (!has_column(g, kinds[i]));
	}
	random_where(g);
	fields_of(g, kinds, n);
	for (unsigned p = 0; p < parts; p++) {
		scope other = { .on = g->on, .r = g->r, .from = { PICK(g->r, others) }, .n_from = 1 };
		bool fits = true;

		for (unsigned i = 0; i < n; i++)
			fits &= has_column(&other, kinds[i]);
		if (!fits)
			other.from[0] = g->from[0];
		other.q = amph_query_new(g->on->s, other.from[0]);
		random_where(&other);
		fields_of(&other, kinds, n);
		amph_combine_with(g->q, (int)rng_below(g->r, 6) + AMPH_UNION, other.q);
		amph_query_free(other.q);
	}
	order_by_fields(g, n);
	random_limit(g);
	show_rows(g->on, amph_query_rows(g->q));
}

/* ---- common table expressions ---- */
static void part_fields(scope *g, const amph_expr *n)
{
	made t = make(g, K_TEXT, 1), d = make(g, K_DATE, 1);
	const amph_expr *id = column_of(g->q, g->from[0], "id");

	amph_query_field(g->q, "id", offsetof(Part, id), AMPH_TYPE_OF_(Part, id), cast(g, "bigint", id));
	amph_query_field(g->q, "n", offsetof(Part, n), AMPH_TYPE_OF_(Part, n), cast(g, "bigint", n));
	amph_query_field(g->q, "t", offsetof(Part, t), AMPH_TYPE_OF_(Part, t), cast(g, "text", t.e));
	amph_query_field(g->q, "d", offsetof(Part, d), AMPH_TYPE_OF_(Part, d), cast(g, "date", d.e));
}

/* n goes up to a limit, row by row. */
static void recurse(scope *first)
{
	scope again = { .on = first->on, .r = first->r, .from = { &amph_model_Part }, .n_from = 1 };
	const amph_expr *n;

	again.q = amph_query_new(first->on->s, &amph_model_Part);
	n = column_of(again.q, &amph_model_Part, "n");
	amph_query_where(again.q, call(&again, "<", 2, n, number(&again, 0, 6)));
	part_fields(&again, call(&again, "+", 2, n, number(&again, 1, 2)));
	amph_combine_with(first->q, rng_chance(first->r, 50) ? AMPH_UNION : AMPH_UNION_ALL, again.q);
	amph_query_free(again.q);
}

static void cte_query(scope *g)
{
	scope first = *g;
	int how = AMPH_CTE;
	unsigned n = rng_below(g->r, 3) + 1;
	char name[16];

	random_where(&first);
	if (rng_chance(g->r, 40))
		how = AMPH_CTE_RECURSIVE;
	else if (rng_chance(g->r, 30))
		how = AMPH_CTE_MATERIALIZED;
	part_fields(&first, how == AMPH_CTE_RECURSIVE ?
		    column_of(first.q, first.from[0], "small") : make(&first, K_INT, 1).e);
	if (how == AMPH_CTE_RECURSIVE)
		recurse(&first);
	if (rng_chance(g->r, 60)) {
		*g = (scope){ .on = g->on, .r = g->r, .from = { &amph_model_Part }, .n_from = 1 };
		g->q = amph_query_new(g->on->s, &amph_model_Part);
	} else {
		*g = (scope){ .on = g->on, .r = g->r, .from = { &amph_model_Kid, &amph_model_Part },
			      .n_from = 2 };
		g->q = amph_query_new(g->on->s, &amph_model_Kid);
	}
	amph_cte_add(g->q, how, &amph_model_Part, first.q);
	if (g->n_from == 2)
		amph_query_join_on(g->q, rng_chance(g->r, 50) ? AMPH_JOIN_INNER : AMPH_JOIN_LEFT,
			&amph_model_Part, call(g, "=", 2,
				column_of(g->q, &amph_model_Kid, "row_id"),
				column_of(g->q, &amph_model_Part, "id")));
	amph_query_free(first.q);
	random_where(g);
	for (unsigned i = 0; i < n; i++)
		amph_query_field(g->q, field_name(name, sizeof name, i), 0, 0, make(g, random_kind(g), 2).e);
	random_order(g);
	random_limit(g);
	show_rows(g->on, amph_query_rows(g->q));
}

/* ---- other ways to read ---- */
static void distinct_on_query(scope *g)
{
	const amph_expr *e = make_column(g, rng_chance(g->r, 50) ? K_INT : K_TEXT).e;
	char name[16];

	random_where(g);
	amph_distinct_on(g->q, amph_expr_node(e));
	amph_query_order_by(g->q, e, random_direction(g->r));
	for (unsigned i = 0; i < 2; i++)
		amph_query_field(g->q, field_name(name, sizeof name, i), 0, 0, make(g, random_kind(g), 1).e);
	random_order(g);
	random_limit(g);
	show_rows(g->on, amph_query_rows(g->q));
}

static void keyset_query(scope *g)
{
	const amph_model *m = g->from[0];
	void *object = NULL;

	for (unsigned i = 0, seen = 0; i < g->on->n_objects; i++) {
		const tracked *t = &g->on->objects[i];

		if (t->model == m && amph_state(g->on->s, t->object) == AMPH_OBJECT_PERSISTENT &&
		    rng_below(g->r, ++seen) == 0)
			object = t->object;
	}
	random_where(g);
	for (unsigned n = rng_below(g->r, 3); n > 0; n--)
		amph_query_order_by(g->q, make_column(g, PICK(g->r, plain_kinds)).e, random_direction(g->r));
	amph_keyset_set(g->q, rng_chance(g->r, 60) ? AMPH_KEYSET_AFTER : AMPH_KEYSET_BEFORE, object);
	amph_limit(g->q, rng_below(g->r, 5) + 1);
	show_list(g->on, m, amph_query_all(g->q), false);
}

static void json_query(scope *g)
{
	const char *json;
	char name[16];

	random_where(g);
	for (unsigned i = 0; i < 3; i++)
		amph_query_field(g->q, field_name(name, sizeof name, i), 0, 0, make(g, random_kind(g), 1).e);
	random_order(g);
	random_limit(g);
	json = amph_query_json(g->q);
	if (json)
		say(&g->on->out, "%s\n", json);
	else
		show_error(g->on);
}

static void stream_query(scope *g)
{
	size_t before = g->on->out.n;
	amph_stream *stream;
	const void *row;

	random_where(g);
	random_order(g);
	random_limit(g);
	stream = amph_query_stream(g->q);
	while ((row = amph_stream_next(stream)))
		show_object(g->on, g->from[0], row);
	if (!stream || !amph_stream_close(stream)) {
		g->on->out.n = before;
		show_error(g->on);
	}
}

void show_rows_of_kids(scope *g, bool twins)
{
	Row **rows = amph_query_all(g->q);

	if (!rows)
		show_error(g->on);
	amph_each(Row, row, rows) {
		say(&g->on->out, "row %lld:", (long long)row->id);
		amph_each(Kid, kid, row->kids) {
			say(&g->on->out, " %lld", (long long)kid->id);
			if (twins)
				say(&g->on->out, " twin %lld", kid->twin ? (long long)kid->twin->id : -1);
		}
		say(&g->on->out, "\n");
	}
	if (rows)
		amph_release(g->on->s, rows);
}

static void nested_query(scope *g)
{
	static const int hows[] = { AMPH_LOAD_SELECTIN, AMPH_LOAD_JOINED, AMPH_LOAD_SUBQUERY };
	amph_load_item inner[] = { amph_selectin(Kid, twin), { .how = 0 } }, outer = amph_selectin(Row, kids);

	inner[0].how = PICK(g->r, hows);
	outer.how = PICK(g->r, hows);
	outer.then = amph_loads_of(inner);
	random_where(g);
	amph_load_with(g->q, outer);
	random_order(g);
	amph_limit(g->q, rng_below(g->r, 9) + 1);
	show_rows_of_kids(g, true);
}

bool parts_query(scope *g)
{
	const amph_model *m = g->from[0];
	unsigned how = rng_below(g->r, 100);

	if (m == &amph_model_Lists)
		return false;
	if (m == &amph_model_Auto)
		how = how % 2 ? 60 : 99;
	g->risky = false;
	if (how < 35)
		window_query(g);
	else if (how < 50)
		combined_query(g);
	else if (how < 65 && (m == &amph_model_Row || m == &amph_model_Kid))
		cte_query(g);
	else if (how < 72 && m != &amph_model_Auto)
		distinct_on_query(g);
	else if (how < 80 && m != &amph_model_Auto)
		keyset_query(g);
	else if (how < 86)
		json_query(g);
	else if (how < 91 && m == &amph_model_Row)
		nested_query(g);
	else
		stream_query(g);
	return true;
}
