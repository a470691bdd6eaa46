/* Random queries, and changes by query. Every order is made total by the primary keys. */
#include "random.h"
#include <string.h>

/* ---- showing ---- */
bool show_error(side *on)
{
	const amph_error *e = amph_session_error(on->s);

	if (e->status == AMPH_OK)
		return false;
	on->failed = true;
	snprintf(on->message, sizeof on->message, "%s", e->message);
	if (!strcmp(e->sqlstate, "0A000"))
		on->refused = true;
	say(&on->out, "error %s constraint '%s' table '%s' column '%s'\n", e->sqlstate, e->constraint,
	    e->table, e->column);
	return true;
}

/* The number of an Auto is left out, see random.h, and when a Beast was deleted, by the server's time. */
void show_object(side *on, const amph_model *m, const void *object)
{
	const char *json = amph_to_json(on->s, object), *gone = json ? strstr(json, "\"gone\": \"") : NULL;

	if (gone) {
		say(&on->out, "%s %.*s%s\n", m->name, (int)(gone - json), json,
		    gone + strcspn(gone + 9, "\"") + 9);
		return;
	}

	if (json && m == &amph_model_Auto && strchr(json, ','))
		json = strchr(json, ',') + 1;
	say(&on->out, "%s %s\n", m->name, json ? json : "?");
}

void show_rows(side *on, amph_rows *r)
{
	size_t n = amph_rows_columns(r), before = on->out.n;

	for (size_t i = 0; r && i < n; i++)
		say(&on->out, "%s%s %s", i ? ", " : "", amph_rows_name(r, i),
		    amph_rows_type_name(r, i) ? amph_rows_type_name(r, i) : "?");
	say(&on->out, "\n");
	while (amph_next(r)) {
		for (size_t i = 0; i < n; i++) {
			const char *cell = amph_cell_text_at(r, i);

			say(&on->out, cell ? "%s[%s]" : "%sNULL", i ? " " : "", cell ? cell : "");
		}
		say(&on->out, "\n");
	}
	if (!amph_rows_close(r)) {
		on->out.n = before;     /* how many came before the failure is no matter */
		show_error(on);
	}
}

/* ---- parts of queries ---- */
static const amph_model *random_model(rng *r)
{
	static const amph_model *const list[] = { &amph_model_Row, &amph_model_Row, &amph_model_Row,
		&amph_model_Kid, &amph_model_Kid, &amph_model_Pair, &amph_model_Lists, &amph_model_Auto };

	return PICK(r, list);
}

uint8_t random_direction(rng *r)
{
	static const uint8_t flags[] = { 0, AMPH_NODE_ASC, AMPH_NODE_DESC, AMPH_NODE_NULLS_FIRST,
		AMPH_NODE_NULLS_LAST, AMPH_NODE_DESC | AMPH_NODE_NULLS_FIRST,
		AMPH_NODE_DESC | AMPH_NODE_NULLS_LAST };

	return PICK(r, flags);
}

unsigned key_columns(scope *g, const amph_expr **out)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g->n_from; i++) {
		const amph_model *m = g->from[i], *base = base_of(m);
		bool hidden = base == &amph_model_Auto;

		for (const amph_column *c = base->columns; c->member; c++)
			if (n < KEYS_MAX && (hidden ? !strcmp(c->member, "name") :
					     c->primary_key || base == &part_like))
				out[n++] = column_of(g->q, m, c->member);
	}
	return n;
}

static void order_by_key(scope *g)
{
	const amph_expr *keys[KEYS_MAX];
	unsigned n = key_columns(g, keys);

	for (unsigned i = 0; i < n; i++)
		amph_query_order_by(g->q, keys[i], 0);
}

/* A key after one that is unique need not be computed: none that may fail. */
void random_order(scope *g)
{
	for (unsigned n = rng_below(g->r, 3); n > 0; n--) {
		int depth = !g->risky && rng_chance(g->r, 50);
		const amph_expr *e = make(g, random_kind(g), depth).e;

		amph_query_order_by(g->q, e, random_direction(g->r));
	}
	order_by_key(g);
}

void random_limit(scope *g)
{
	if (g->risky || rng_chance(g->r, 65))
		return;
	if (rng_chance(g->r, 80))
		amph_limit(g->q, (int64_t)rng_below(g->r, 8) + 1);
	if (rng_chance(g->r, 40))
		amph_offset(g->q, (int64_t)rng_below(g->r, 6));
}

static amph_join_kind random_join_kind(rng *r)
{
	return rng_chance(r, 50) ? AMPH_JOIN_INNER : AMPH_JOIN_LEFT;
}

static void join_on_condition(scope *g, const amph_model *to)
{
	amph_join_kind how = random_join_kind(g->r);

	g->from[g->n_from++] = to;
	amph_query_join_on(g->q, how, to, call(g, "=", 2,
		column_of(g->q, g->from[0], "small"), column_of(g->q, to, "small")));
}

void random_joins(scope *g)
{
	const amph_model *m = g->from[0];

	if (g->risky || !rng_chance(g->r, 35) || m == &amph_model_Lists)
		return;
	if (m == &amph_model_Row && rng_chance(g->r, 60)) {
		amph_query_join(g->q, random_join_kind(g->r), "kids");
		g->from[g->n_from++] = &amph_model_Kid;
	} else if (m == &amph_model_Kid && rng_chance(g->r, 60)) {
		amph_query_join(g->q, random_join_kind(g->r), "row");
		g->from[g->n_from++] = &amph_model_Row;
	}
	if (g->n_from == 1 || rng_chance(g->r, 25))
		join_on_condition(g, m == &amph_model_Auto || rng_chance(g->r, 50) ? &amph_model_Other :
				  &amph_model_Auto);
}

static bool begin(scope *g, side *on, rng *r)
{
	const amph_model *m = random_model(r);

	*g = (scope){ .on = on, .r = r, .from = { m }, .n_from = 1, .risky = rng_chance(r, 40) };
	g->q = amph_query_new(on->s, m);
	if (!g->q)
		return false;
	if (m == &amph_model_Lists)
		g->risky = false;
	return true;
}

void random_where(scope *g)
{
	unsigned n = g->risky ? rng_below(g->r, 2) : rng_below(g->r, 3);

	if (g->from[0] == &amph_model_Auto || g->from[0] == &amph_model_Lists)
		n = n > 1;
	while (n-- > 0)
		amph_query_where(g->q, make_condition(g, (int)rng_below(g->r, 3)));
}

/* ---- rows ---- */
static void plain_fields(scope *g)
{
	unsigned n = rng_below(g->r, 4) + 1;
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		const amph_expr *e = make(g, random_kind(g), (int)rng_below(g->r, 4)).e;

		snprintf(name, sizeof name, "f%u", i);
		amph_query_field(g->q, name, 0, 0, e);
	}
	random_order(g);
	random_limit(g);
}

/* What is equal must look equal, or the row that stands for the group would matter. */
const amph_expr *group_key(scope *g)
{
	static const kind kinds[] = { K_INT, K_TEXT, K_BOOL, K_DATE, K_ENUM, K_UUID, K_TIME, K_TS };
	kind k = PICK(g->r, kinds);
	made m = make_column(g, k);

	if (m.e && rng_chance(g->r, 60))
		return m.e;
	k = rng_chance(g->r, 50) ? K_INT : K_TEXT;
	return make(g, k, 1).e;
}

static void distinct_fields(scope *g)
{
	unsigned n = rng_below(g->r, 3) + 1;
	char name[16];

	amph_query_flag_set(g->q, AMPH_DISTINCT, true);
	for (unsigned i = 0; i < n; i++) {
		const amph_expr *e = group_key(g);

		snprintf(name, sizeof name, "f%u", i);
		amph_query_field(g->q, name, 0, 0, e);
		amph_query_order_by(g->q, amph_expr_label(g->q, name), random_direction(g->r));
	}
	random_limit(g);
}

static void grouped_fields(scope *g)
{
	unsigned n = rng_below(g->r, 3), aggregates = rng_below(g->r, 3) + 1;
	char name[16];

	for (unsigned i = 0; i < n; i++) {
		made m = make_column(g, rng_chance(g->r, 50)   ? K_TEXT
					: rng_chance(g->r, 50) ? K_INT
							       : K_BOOL);
		const amph_expr *e = m.e ? m.e : column_of(g->q, g->from[0], "small");

		snprintf(name, sizeof name, "f%u", i);
		amph_query_group_by(g->q, e);
		amph_query_field(g->q, name, 0, 0, e);
		amph_query_order_by(g->q, e, random_direction(g->r));
	}
	for (unsigned i = 0; i < aggregates; i++) {
		const amph_expr *e = make_aggregate(g);

		snprintf(name, sizeof name, "a%u", i);
		amph_query_field(g->q, name, 0, 0, e);
	}
	if (rng_chance(g->r, 25)) {
		const amph_expr *e = amph_expr_call(g->q, "count", NULL, 0);

		amph_query_having(g->q, call(g, ">", 2, e, amph_expr_value(g->q,
			(amph_value){ .type = AMPH_T_INT64, .v = { .i = (int64_t)rng_below(g->r, 4) } })));
	}
	if (n > 0)
		random_limit(g);
}

static void rows_query(scope *g)
{
	unsigned how = rng_below(g->r, 100);

	random_joins(g);
	if (g->from[0] == &amph_model_Lists) {
		const amph_column *c = &amph_model_Lists.columns[rng_below(g->r, 7)];

		amph_query_field(g->q, "f0", 0, 0, column_of(g->q, &amph_model_Lists, c->member));
		random_order(g);
	} else if (how < 55) {
		if (!g->risky || rng_chance(g->r, 30))
			random_where(g);
		plain_fields(g);
	} else if (how < 70) {
		g->risky = false;
		random_where(g);
		distinct_fields(g);
	} else {
		g->risky = false;
		random_where(g);
		grouped_fields(g);
	}
	show_rows(g->on, amph_query_rows(g->q));
}

/* ---- objects ---- */
static void show_kids(side *on, const amph_model *m, void *object)
{
	if (m == &amph_model_Row) {
		amph_each(Kid, k, ((Row *)object)->kids)
			say(&on->out, " kid %lld", (long long)k->id);
	} else if (m == &amph_model_Kid && ((Kid *)object)->row) {
		say(&on->out, " row %lld", (long long)((Kid *)object)->row->id);
	}
	say(&on->out, "\n");
}

void show_list(side *on, const amph_model *m, void *list, bool loaded)
{
	void **at = list;

	for (size_t i = 0; at && at[i]; i++) {
		show_object(on, m, at[i]);
		if (loaded)
			show_kids(on, m, at[i]);
		if (i < 2)
			track(on, m, at[i]);
	}
	if (!at)
		show_error(on);
	else
		amph_release(on->s, list);
}

static void objects_query(scope *g)
{
	const amph_model *m = g->from[0];
	unsigned how = rng_below(g->r, 100);
	bool loaded = false;
	void *one;

	random_joins(g);
	random_where(g);
	random_order(g);
	if (how < 80)
		random_limit(g);
	if (!g->risky && rng_chance(g->r, 25) && (m == &amph_model_Row || m == &amph_model_Kid)) {
		int load = (int)rng_below(g->r, 3) + AMPH_LOAD_SELECTIN;

		loaded = amph_query_load(g->q, load, m == &amph_model_Row ? "kids" : "row");
	}
	if (how < 80) {
		show_list(g->on, m, amph_query_all(g->q), loaded);
		return;
	}
	one = how < 90 ? amph_query_first(g->q) : amph_query_one(g->q);
	if (one)
		show_object(g->on, m, one);
	else if (!show_error(g->on))
		say(&g->on->out, "none\n");
}

static void page_query(scope *g)
{
	int page = (int)rng_below(g->r, 4) + 1, per_page = (int)rng_below(g->r, 6) + 1;
	const amph_page *p;

	g->risky = false;
	random_where(g);
	random_order(g);
	p = amph_query_paginate(g->q, page, per_page);
	if (!p) {
		show_error(g->on);
		return;
	}
	say(&g->on->out, "page %lld of %lld, total %lld, prev %d %lld, next %d %lld\n", (long long)p->page,
	    (long long)p->pages, (long long)p->total, p->has_prev, (long long)p->prev_num, p->has_next,
	    (long long)p->next_num);
	for (void **at = p->items; at && *at; at++)
		show_object(g->on, g->from[0], *at);
}

static void number_query(scope *g, bool exists)
{
	int64_t n;

	random_joins(g);
	random_where(g);
	if (exists && g->risky)
		g->risky = false;
	n = exists ? (int64_t)amph_query_exists(g->q) : amph_query_count(g->q);
	say(&g->on->out, "%s %lld\n", exists ? "exists" : "count", (long long)n);
	if (n < 0 || amph_failed(g->on->s))
		show_error(g->on);
}

void query_step(side *on, rng *r)
{
	unsigned how = rng_below(r, 100);
	scope g;

	if (!begin(&g, on, r))
		return;
	if (how >= 95)
		g.risky = false;
	if (how < 13 && newer_query(&g))
		;
	else if (how < 36 && parts_query(&g))
		;
	else if (how < 53)
		rows_query(&g);
	else if (how < 75)
		objects_query(&g);
	else if (how < 82)
		page_query(&g);
	else
		number_query(&g, how >= 95);
	amph_query_free(g.q);
}

/* ---- changes by query ---- */
static bool may_be_set(const amph_column *c)
{
	return !is_array(c) && !c->primary_key && !c->version && !c->references.model && !c->unique &&
	       strcmp(c->member, "holder") != 0;
}

static kind kind_to_set(const amph_column *c)
{
	switch (base_type(c)) {
	case AMPH_T_BOOL: return K_BOOL;
	case AMPH_T_INT16: case AMPH_T_INT32: case AMPH_T_INT64: return K_INT;
	case AMPH_T_DOUBLE: return K_DBL;
	case AMPH_T_NUMERIC: return K_NUM;
	case AMPH_T_TEXT: return K_TEXT;
	case AMPH_T_DATE: return K_DATE;
	case AMPH_T_TIMESTAMP: return K_TS;
	default: return K_COUNT;
	}
}

static bool random_set(scope *g)
{
	const amph_model *m = g->from[0];
	const amph_column *c = &m->columns[rng_below(g->r, (unsigned)column_count(m))];
	const amph_expr *e;

	if (!may_be_set(c))
		return false;
	e = kind_to_set(c) != K_COUNT && rng_chance(g->r, 60) ? make(g, kind_to_set(c), 2).e :
	    amph_expr_value(g->q, random_value(g->on, g->r, base_type(c), c));
	amph_query_set(g->q, c->member, e);
	return true;
}

void change_step(side *on, rng *r)
{
	bool is_delete;
	int64_t n;
	scope g;

	if (rng_chance(r, 45)) {
		(rng_chance(r, 60) ? returning_step : evaluate_step)(on, r);
		return;
	}
	if (!begin(&g, on, r))
		return;
	is_delete = rng_chance(r, 25) || g.from[0] == &amph_model_Lists;
	g.nested = true;
	amph_query_where(g.q, make_condition(&g, (int)rng_below(r, 2)));
	if (!is_delete) {
		for (unsigned i = 0; i < 20 && !random_set(&g); i++)
			;
	}
	n = is_delete ? amph_query_delete(g.q) : amph_query_update(g.q);
	say(&on->out, "%s %s %lld\n", is_delete ? "deleted" : "updated", g.from[0]->name, (long long)n);
	if (n < 0)
		show_error(on);
	amph_query_free(g.q);
}

/* Every row of every table. */
void dump_step(side *on)
{
	for (const amph_model *const *m = models; m < models + MODEL_COUNT; m++) {
		scope g = { .on = on, .from = { *m }, .n_from = 1, .q = amph_query_new(on->s, *m) };

		amph_query_flag_set(g.q, AMPH_WITH_DELETED, true);
		amph_query_flag_set(g.q, AMPH_UNFILTERED, true);
		for (const amph_column *c = (*m)->columns; c->member; c++)
			if ((*m != &amph_model_Auto || strcmp(c->member, "id")) && strcmp(c->member, "gone"))
				amph_query_field(g.q, c->member, 0, 0,
						 column_of(g.q, *m, c->member));
		order_by_key(&g);
		say(&on->out, "%s: ", (*m)->name);
		show_rows(on, amph_query_rows(g.q));
		amph_query_free(g.q);
	}
}
