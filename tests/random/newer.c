/* Random queries over rows of functions and of queries beside each row, operators beside the values of
 * a query, parts of collections, columns left out, JSON with relationships, changes whose objects are
 * evaluated in memory, and statements that write beside a query. */
#include "random.h"
#include <string.h>

static const amph_expr *small_number(scope *g, int64_t least, unsigned width)
{
	return amph_expr_value(g->q, (amph_value){ .type = AMPH_T_INT64,
			       .v = { .i = least + (int64_t)rng_below(g->r, width) } });
}

static void show_fields(scope *g, unsigned n)
{
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		const amph_expr *e = make(g, random_kind(g), 1).e;

		snprintf(name, sizeof name, "f%u", i);
		amph_query_field(g->q, name, 0, 0, e);
	}
	random_order(g);
	random_limit(g);
	show_rows(g->on, amph_query_rows(g->q));
}

/* Part beside the model, whose rows stay where there are none of it. */
static void join_part(scope *g)
{
	const amph_expr *yes = amph_expr_value(g->q, (amph_value){ .type = AMPH_T_BOOL, .v = { .b = true } });

	g->from[g->n_from++] = &amph_model_Part;
	amph_query_join_on(g->q, rng_chance(g->r, 50) ? AMPH_JOIN_INNER : AMPH_JOIN_LEFT, &amph_model_Part,
			   yes);
}

/* ---- rows of functions ---- */
static const amph_expr *set_call(scope *g, const char **member)
{
	const amph_expr *small = column_of(g->q, g->from[0], "small");

	switch (rng_below(g->r, 4)) {
	case 0:
		*member = "n";
		return call(g, "generate_series", 2, small_number(g, -2, 4),
			    call(g, "least", 2, small, small_number(g, 0, 6)));
	case 1:
		*member = "n";
		return call(g, "generate_series", 3, small_number(g, 0, 9), small_number(g, 0, 9),
			    small_number(g, rng_chance(g->r, 50) ? 1 : -2, 2));
	case 2:
		*member = "t";
		return call(g, "regexp_split_to_table", 2,
			    make(g, K_TEXT, 0).e, amph_expr_value(g->q, (amph_value){
				.type = AMPH_T_TEXT, .v = { .s = "[ a-c]" } }));
	default:
		*member = "t";
		return call(g, "unnest", 1, call(g, "string_to_array", 2, make(g, K_TEXT, 1).e,
			    amph_expr_value(g->q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = "a" } })));
	}
}

static void set_query(scope *g)
{
	amph_field fields[] = { amph_given(Part, n), amph_given(Part, id), { .member = NULL } };
	const char *member = "n";
	bool numbered = rng_chance(g->r, 50);
	const amph_expr *e = set_call(g, &member);

	if (*member == 't')
		fields[0] = (amph_field)amph_given(Part, t);
	if (!numbered)
		fields[1].member = NULL;
	random_where(g);
	if (!amph_source_add(g->q, numbered ? AMPH_CTE_SET_NUMBERED : AMPH_CTE_SET, &amph_model_Part, e,
			     amph_fields_of(fields))) {
		show_error(g->on);
		return;
	}
	const amph_expr *filled = column_of(g->q, &amph_model_Part, member);
	const amph_expr *number = numbered ? column_of(g->q, &amph_model_Part, "id") : NULL;
	amph_query_join_on(g->q, rng_chance(g->r, 60) ? AMPH_JOIN_INNER : AMPH_JOIN_LEFT, &amph_model_Part,
			   amph_expr_value(g->q, (amph_value){ .type = AMPH_T_BOOL, .v = { .b = true } }));
	amph_query_field(g->q, "set", 0, 0, filled);
	if (number)
		amph_query_field(g->q, "number", 0, 0, number);
	if (rng_chance(g->r, 40))
		amph_query_where(g->q, call(g, "is not null", 1, filled));
	amph_query_order_by(g->q, filled, random_direction(g->r));
	if (number)
		amph_query_order_by(g->q, number, random_direction(g->r));
	show_fields(g, rng_below(g->r, 2) + 1);
}

/* ---- a query beside each row ---- */
static void lateral_query(scope *g)
{
	static const amph_model *const others[] = { &amph_model_Kid, &amph_model_Pair };
	const amph_model *m = g->from[0] == &amph_model_Row ? PICK(g->r, others) : &amph_model_Row;
	scope inner = { .on = g->on, .r = g->r, .from = { m }, .n_from = 1, .nested = true };
	const amph_expr *mine, *outer;

	random_where(g);
	inner.q = amph_query_new(g->on->s, m);
	mine = column_of(inner.q, m, "small");
	outer = column_of(inner.q, g->from[0], "small");
	amph_query_where(inner.q, call(&inner, rng_chance(g->r, 50) ? "=" : "<", 2, mine, outer));
	if (rng_chance(g->r, 40))
		amph_query_where(inner.q, make_condition(&inner, 1));
	amph_query_field(inner.q, "n", offsetof(Part, n), AMPH_TYPE_OF_(Part, n),
			 call(&inner, "+", 2, mine, outer));
	amph_query_field(inner.q, "t", offsetof(Part, t), AMPH_TYPE_OF_(Part, t), make(&inner, K_TEXT, 1).e);
	amph_query_order_by(inner.q, mine, random_direction(g->r));
	random_order(&inner);
	amph_limit(inner.q, (int64_t)rng_below(g->r, 3) + 1);
	amph_cte_add(g->q, AMPH_CTE_LATERAL, &amph_model_Part, inner.q);
	amph_query_free(inner.q);
	const amph_expr *n = column_of(g->q, &amph_model_Part, "n"),
			*t = column_of(g->q, &amph_model_Part, "t");
	amph_query_join_on(g->q, rng_chance(g->r, 50) ? AMPH_JOIN_INNER : AMPH_JOIN_LEFT, &amph_model_Part,
			   amph_expr_value(g->q, (amph_value){ .type = AMPH_T_BOOL, .v = { .b = true } }));
	amph_query_field(g->q, "n", 0, 0, n);
	amph_query_field(g->q, "t", 0, 0, t);
	amph_query_order_by(g->q, n, random_direction(g->r));
	amph_query_order_by(g->q, t, random_direction(g->r));
	show_fields(g, 1);
}

/* ---- an operator beside the values of a query ---- */
const amph_expr *make_quantified(scope *g)
{
	static const char *const ops[] = {
		"= any", "<> any", "< any", ">= any", "= all", "<> all", "> all", "<= all"
	};
	static const amph_model *const list[] = { &amph_model_Kid, &amph_model_Row, &amph_model_Pair };
	const amph_model *m = PICK(g->r, list);
	scope inner = { .on = g->on, .r = g->r, .from = { m }, .n_from = 1, .nested = true };
	kind k = rng_chance(g->r, 50) ? K_INT : rng_chance(g->r, 50) ? K_TEXT : K_DATE;
	made column = make_column(g, k);
	const amph_expr *e;

	for (unsigned i = 0; i < g->n_from; i++)
		if (base_of(g->from[i]) == m)
			return NULL;
	if (!column.e || !has_column(&inner, k))
		return NULL;
	inner.q = amph_query_new(g->on->s, m);
	amph_query_field(inner.q, "x", 0, 0, make(&inner, k, 1).e);
	if (rng_chance(g->r, 60))
		amph_query_where(inner.q, make_condition(&inner, 1));
	e = call(g, PICK(g->r, ops), 2, column.e, amph_expr_select(g->q, inner.q));
	amph_query_free(inner.q);
	return e;
}

static void quantified_query(scope *g)
{
	const amph_expr *e = make_quantified(g);

	random_where(g);
	if (e)
		amph_query_where(g->q, e);
	if (g->from[0] != &amph_model_Auto && rng_chance(g->r, 40)) {
		random_order(g);
		show_list(g->on, g->from[0], amph_query_all(g->q), false);
		return;
	}
	e = make_quantified(g);
	if (e)
		amph_query_field(g->q, "q", 0, 0, e);
	show_fields(g, 1);
}

/* ---- collections in part ---- */
static void part_of_collection_query(scope *g)
{
	scope kids = { .on = g->on, .r = g->r, .q = g->q, .from = { &amph_model_Kid }, .n_from = 1,
		       .nested = true };
	amph_load_item item = amph_selectin(Row, kids);
	const amph_expr *order[2];
	uint8_t flags[2] = { random_direction(g->r), random_direction(g->r) };

	if (rng_chance(g->r, 70))
		item.where.n = amph_expr_node(make_condition(&kids, 1));
	for (unsigned i = 0; i < 2; i++)
		order[i] = make_column(&kids, rng_chance(g->r, 50) ? K_INT : K_TEXT).e;
	if (rng_chance(g->r, 70))
		item.order_by = amph_expr_by(g->q, order, flags, rng_below(g->r, 2) + 1);
	random_where(g);
	random_order(g);
	random_limit(g);
	amph_load_with(g->q, item);
	show_rows_of_kids(g, false);
}

/* ---- columns left out ---- */
static void deferred_query(scope *g)
{
	const amph_model *m = g->from[0];
	unsigned n = rng_below(g->r, 4) + 1, columns = (unsigned)column_count(m);
	void **list;

	for (unsigned i = 0; i < n; i++)
		amph_query_defer(g->q, column_of(g->q, m, m->columns[rng_below(g->r, columns)].member));
	random_where(g);
	random_order(g);
	random_limit(g);
	list = amph_query_all(g->q);
	if (!list)
		show_error(g->on);
	for (size_t i = 0; list && list[i]; i++) {
		show_object(g->on, m, list[i]);
		if (i < 2 && rng_chance(g->r, 50) && amph_refresh(g->on->s, list[i]))
			show_object(g->on, m, list[i]);
	}
	if (list)
		amph_release(g->on->s, list);
}

/* ---- JSON with relationships ---- */
static void json_with_query(scope *g)
{
	amph_load_item twin[] = { amph_selectin(Kid, twin), { .how = 0 } };
	amph_load_item list[] = { amph_selectin(Row, kids), { .how = 0 } };
	const char *json;
	void *first;

	if (g->from[0] == &amph_model_Kid)
		list[0] = (amph_load_item)amph_selectin(Kid, row);
	else if (rng_chance(g->r, 60))
		list[0].then = amph_loads_of(twin);
	random_where(g);
	random_order(g);
	if (rng_chance(g->r, 50)) {
		amph_load_with(g->q, list[0]);
		amph_limit(g->q, (int64_t)rng_below(g->r, 4) + 1);
		json = amph_query_json(g->q);
	} else {
		first = amph_query_first(g->q);
		if (!first && show_error(g->on))
			return;
		if (!first)
			return;
		json = amph_to_json_with(g->on->s, first, amph_loads_of(list));
	}
	if (json)
		say(&g->on->out, "%s\n", json);
	else
		show_error(g->on);
}

/* ---- objects evaluated in memory ---- */
static const amph_column *comparable(scope *g)
{
	static const kind kinds[] = { K_INT, K_BOOL, K_DATE, K_TS };

	return make_column(g, PICK(g->r, kinds)).column;
}

/* Of what evaluation knows: comparisons of columns with values, NULL, AND, OR and NOT. */
static const amph_expr *plain_condition(scope *g, int depth)
{
	static const char *const ops[] = { "=", "<>", "<", "<=", ">", ">=", "is distinct from" };
	const amph_column *c = comparable(g);
	const amph_expr *e;

	if (depth > 0 && rng_chance(g->r, 50)) {
		e = plain_condition(g, depth - 1);
		if (rng_chance(g->r, 25))
			return call(g, "not", 1, e);
		return call(g, rng_chance(g->r, 50) ? "and" : "or", 2, e, plain_condition(g, depth - 1));
	}
	if (!c)
		return call(g, "<", 2, amph_expr_column(g->q, "small"), small_number(g, -5, 20));
	e = column_of(g->q, g->from[0], c->member);
	if (rng_chance(g->r, 15))
		return call(g, rng_chance(g->r, 50) ? "is null" : "is not null", 1, e);
	return call(g, PICK(g->r, ops), 2, e,
		    amph_expr_value(g->q, random_value(g->on, g->r, base_type(c), c)));
}

/* The objects of a model as their rows are. false: an error, which is shown. */
static bool refresh_objects(side *on, const amph_model *m)
{
	if (!amph_flush(on->s))
		return !show_error(on);
	for (unsigned i = 0; i < on->n_objects; i++) {
		const tracked *t = &on->objects[i];

		if (t->model == m && amph_state(on->s, t->object) == AMPH_OBJECT_PERSISTENT &&
		    !amph_refresh(on->s, t->object))
			return !show_error(on);
	}
	return true;
}

/* What the session takes its objects to be is to be as their rows; the sides would not differ in it, so
 * a difference names its side. */
static void check_objects(side *on, const amph_model *m)
{
	for (unsigned i = 0; i < on->n_objects; i++) {
		const tracked *t = &on->objects[i];
		const char *json;
		char *before;

		if (t->model != m || amph_state(on->s, t->object) != AMPH_OBJECT_PERSISTENT)
			continue;
		json = amph_to_json(on->s, t->object);
		if (!json)
			continue;
		before = heap_get(&on->memory, strlen(json) + 1);
		memcpy(before, json, strlen(json) + 1);
		if (!amph_refresh(on->s, t->object)) {
			show_error(on);
			return;
		}
		json = amph_to_json(on->s, t->object);
		if (!json || strcmp(before, json) != 0)
			say(&on->out, "%s: %s is in its row %s\n", on->url, before, json ? json : "gone");
	}
}

void evaluate_step(side *on, rng *r)
{
	static const amph_model *const list[] = { &amph_model_Row, &amph_model_Kid, &amph_model_Pair };
	const amph_model *m = PICK(r, list);
	scope g = { .on = on, .r = r, .from = { m }, .n_from = 1, .nested = true,
		    .q = amph_query_new(on->s, m) };
	bool is_delete = rng_chance(r, 20);
	int64_t n;

	if (!refresh_objects(on, m)) {
		amph_query_free(g.q);
		return;
	}
	amph_query_where(g.q, plain_condition(&g, 2));
	amph_sync_set(g.q, rng_chance(r, 70) ? AMPH_SYNC_EVALUATE : AMPH_SYNC_AUTO);
	if (!is_delete)
		amph_query_set(g.q, "small", rng_chance(r, 70) ? small_number(&g, -5, 20) :
			       call(&g, "+", 2, amph_expr_column(g.q, "small"), small_number(&g, 0, 2)));
	n = is_delete ? amph_query_delete(g.q) : amph_query_update(g.q);
	say(&on->out, "%s evaluated %lld\n", m->name, (long long)n);
	if (n < 0)
		show_error(on);
	else
		check_objects(on, m);
	amph_query_free(g.q);
}

/* ---- statements that write beside a query ---- */
static void writing_query(scope *g)
{
	int how = rng_chance(g->r, 50) ? AMPH_CTE_UPDATE : AMPH_CTE_DELETE;
	amph_query *w = amph_query_new(g->on->s, &amph_model_Kid);
	scope inner = { .on = g->on, .r = g->r, .q = w, .from = { &amph_model_Kid }, .n_from = 1,
			.nested = true };

	amph_query_where(w, make_condition(&inner, 1));
	if (how == AMPH_CTE_UPDATE)
		amph_query_set(w, "small", small_number(&inner, 0, 9));
	amph_returning_add(w, amph_field_of("id", offsetof(Part, id), AMPH_TYPE_OF_(Part, id),
					    amph_expr_node(amph_expr_column(w, "id")), 1));
	amph_cte_add(g->q, how, &amph_model_Part, w);
	amph_query_free(w);
	join_part(g);
	amph_query_field(g->q, "id", offsetof(Part, id), AMPH_TYPE_OF_(Part, id),
			 column_of(g->q, &amph_model_Part, "id"));
	amph_query_order_by(g->q, column_of(g->q, &amph_model_Part, "id"), 0);
	if (!amph_query_project(g->q, sizeof(Part)))
		show_error(g->on);
}

bool newer_query(scope *g)
{
	const amph_model *m = g->from[0];
	bool related = m == &amph_model_Row || m == &amph_model_Kid;
	unsigned how = rng_below(g->r, 100);

	if (m == &amph_model_Lists || m == &amph_model_Auto)
		return false;
	g->risky = false;
	if (how < 25)
		set_query(g);
	else if (how < 45)
		lateral_query(g);
	else if (how < 65)
		quantified_query(g);
	else if (how < 75 && m == &amph_model_Row)
		part_of_collection_query(g);
	else if (how < 85 && related)
		json_with_query(g);
	else if (how < 99)
		deferred_query(g);
	else
		writing_query(g);
	return true;
}
