/* Random operations on arrays of structs, on rows that a change by query gives back, and on models
 * derived from another, whose rows are deleted softly and filtered by their owner. */
#include "random.h"
#include <stdlib.h>
#include <string.h>

static void finished(side *on, int64_t n)
{
	say(&on->out, "%lld\n", (long long)n);
	if (n < 0)
		show_error(on);
}

/* ---- arrays of structs ---- */
static const amph_model *const array_models[] = {
	&amph_model_Row, &amph_model_Row, &amph_model_Kid, &amph_model_Kid, &amph_model_Pair
};

/* Some with keys of rows that are there. */
static char *random_rows(side *on, rng *r, const amph_model *m, size_t n)
{
	char *rows = heap_get(&on->memory, m->size * (n + 1));

	for (size_t i = 0; i < n; i++) {
		char *row = rows + i * m->size;

		random_object(on, r, m, row);
		if (m != &amph_model_Pair && rng_chance(r, 60))
			*(int64_t *)(void *)row = (int64_t)rng_below(r, (unsigned)on->next_id) + 1;
		for (unsigned k = 0; m == &amph_model_Pair && k < on->n_objects; k++)
			if (on->objects[k].model == m && rng_chance(r, 30) &&
			    amph_state(on->s, on->objects[k].object) == AMPH_OBJECT_PERSISTENT)
				*(Pair *)(void *)row = *(Pair *)on->objects[k].object;
	}
	return rows;
}

void insert_or_leave_step(side *on, rng *r)
{
	const amph_model *m = PICK(r, array_models);
	size_t n = rng_below(r, 5) + 1;
	const void *rows = random_rows(on, r, m, n);
	const amph_select how = { .abi = AMPH_ABI, .on_conflict = amph_do_nothing() };

	finished(on, amph_do_insert_many(on->s, m, rows, n, &how));
}

void upsert_step(side *on, rng *r)
{
	const amph_model *m = PICK(r, array_models);
	size_t n = rng_below(r, 5) + 1;
	char *rows = random_rows(on, r, m, n);
	const amph_conflict *by_name = amph_on_conflict(.on = amph_by(amph_col(Kid, name)),
		.update = amph_by(amph_col(Kid, price), amph_col(Kid, flag)),
		.where = amph_gt(amph_col(Kid, small), 0));
	amph_select how = { .abi = AMPH_ABI };
	int64_t done;

	if (m == &amph_model_Kid && rng_chance(r, 50))
		how.on_conflict = by_name;
	else if (rng_chance(r, 40))
		how.write_back = rows;
	done = amph_do_upsert_many(on->s, m, rows, n, &how);
	finished(on, done);
	for (size_t i = 0; done >= 0 && how.write_back && i < n && m == &amph_model_Pair; i++)
		say(&on->out, "version %lld\n", (long long)((Pair *)(void *)rows)[i].version);
}

void update_many_step(side *on, rng *r)
{
	const amph_model *m = PICK(r, array_models);
	size_t n = rng_below(r, 5) + 1;
	const void *rows = random_rows(on, r, m, n);
	const amph_node *some = amph_by(amph_col(Row, name), amph_col(Row, small), amph_col(Row, num));
	amph_select how = { .abi = AMPH_ABI };

	if (m == &amph_model_Row && rng_chance(r, 50))
		how.only = some;
	finished(on, amph_do_update_many(on->s, m, rows, n, &how));
}

void delete_many_step(side *on, rng *r)
{
	const amph_model *m = PICK(r, array_models);
	size_t n = rng_below(r, 3) + 1;

	finished(on, amph_do_delete_many(on->s, m, random_rows(on, r, m, n), n, NULL));
}

/* ---- rows that changes by query give back ---- */
static int by_id(const void *a, const void *b)
{
	const Part *x = a, *y = b;

	return (x->id.value > y->id.value) - (x->id.value < y->id.value);
}

void returning_step(side *on, rng *r)
{
	static const amph_model *const list[] = { &amph_model_Row, &amph_model_Kid };
	const amph_model *m = PICK(r, list);
	scope g = { .on = on, .r = r, .from = { m }, .n_from = 1, .nested = true,
		    .q = amph_query_new(on->s, m) };
	bool is_delete = rng_chance(r, 25);
	const amph_expr *id = amph_expr_column(g.q, "id"), *small = amph_expr_column(g.q, "small");
	const amph_expr *one = amph_expr_value(g.q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = 1 } });
	Part *parts;

	amph_query_where(g.q, make_condition(&g, 1));
	amph_returning_add(g.q, amph_field_of("id", offsetof(Part, id), AMPH_TYPE_OF_(Part, id),
					      amph_expr_node(id), 1));
	amph_returning_add(g.q, amph_field_of("n", offsetof(Part, n), AMPH_TYPE_OF_(Part, n),
					      amph_expr_node(make(&g, K_INT, 1).e), 1));
	amph_returning_add(g.q, amph_field_of("t", offsetof(Part, t), AMPH_TYPE_OF_(Part, t),
					      amph_expr_node(make(&g, K_TEXT, 1).e), 1));
	amph_sync_set(g.q, (amph_sync)rng_below(r, 4));
	if (!is_delete)
		amph_query_set(g.q, "small", call(&g, "-", 2, small, one));
	parts = is_delete ? amph_query_delete_returning(g.q, sizeof *parts) :
			    amph_query_update_returning(g.q, sizeof *parts);
	if (!parts)
		show_error(on);
	else if (amph_length(parts) > 0)
		qsort(parts, amph_length(parts), sizeof *parts, by_id);
	for (size_t i = 0; parts && i < amph_length(parts); i++)
		say(&on->out, "%lld: %lld %d %s\n", (long long)parts[i].id.value, (long long)parts[i].n.value,
		    parts[i].n.has, parts[i].t ? parts[i].t : "NULL");
	amph_query_free(g.q);
	if (parts)
		show_objects(on);
}

/* ---- models derived from another ---- */
static const amph_model *const beasts[] = { &amph_model_Beast, &amph_model_Bird, &amph_model_Fish };

static void new_beast(side *on, rng *r)
{
	const amph_model *m = PICK(r, beasts);
	Beast *b = amph_do_new(on->s, m, NULL, NULL);

	if (!b) {
		show_error(on);
		return;
	}
	b->id = on->next_id++;
	b->name = rng_chance(r, 80) ? "beast" : NULL;
	b->small = (int32_t)rng_below(r, 10);
	b->tenant = (int64_t)rng_below(r, 2) + 1;
	if (m == &amph_model_Bird)
		((Bird *)b)->wings = (int32_t)rng_below(r, 5);
	else if (m == &amph_model_Fish)
		((Fish *)b)->water = rng_chance(r, 50) ? "salt" : "sweet";
}

static amph_query *about_beasts(side *on, rng *r)
{
	amph_query *q = amph_query_new(on->s, PICK(r, beasts));

	if (rng_chance(r, 50))
		amph_where(q, amph_lt(amph_col(Beast, small), (int)rng_below(r, 12)));
	if (rng_chance(r, 20))
		amph_query_flag_set(q, AMPH_WITH_DELETED, true);
	if (rng_chance(r, 20))
		amph_query_flag_set(q, AMPH_UNFILTERED, true);
	return q;
}

static void read_beasts(side *on, rng *r)
{
	amph_query *q = about_beasts(on, r);
	unsigned what = rng_below(r, 4);
	Beast **list;

	amph_order_by(q, amph_asc(amph_col(Beast, id)));
	list = amph_query_all(q);
	if (!list)
		show_error(on);
	amph_each(Beast, b, list) {
		show_object(on, amph_model_of(b), b);
		if (what == 1 && rng_chance(r, 30))
			b->small++;
		else if (what == 2 && rng_chance(r, 30))
			b->tenant = 3 - b->tenant;
		else if (what == 3 && rng_chance(r, 30) && !amph_delete(on->s, b))
			show_error(on);
	}
	amph_query_free(q);
}

static void change_beasts(side *on, rng *r)
{
	amph_query *q = about_beasts(on, r);
	bool is_delete = rng_chance(r, 40);

	amph_where(q, amph_ge(amph_col(Beast, id), 0));
	amph_sync_set(q, (amph_sync)rng_below(r, 3));
	if (!is_delete)
		amph_set_add(q, rng_chance(r, 15) ? amph_set(Beast, tenant, 2) : amph_set(Beast, small,
			amph_add(amph_col(Beast, small), 1)));
	finished(on, is_delete ? amph_query_delete(q) : amph_query_update(q));
	amph_query_free(q);
}

static void filter_beasts(side *on, rng *r)
{
	unsigned how = rng_below(r, 4);
	bool ok = true;

	if (how < 2)
		ok = amph_filter_every(on->s, "tenant", (int)how + 1);
	else if (how == 2)
		ok = amph_unfilter_every(on->s, "tenant");
	else
		amph_lift_filters(on->s, rng_chance(r, 30));
	finished(on, ok ? 0 : -1);
}

void beast_step(side *on, rng *r)
{
	unsigned how = rng_below(r, 100);

	if (how < 35)
		new_beast(on, r);
	else if (how < 70)
		read_beasts(on, r);
	else if (how < 85)
		change_beasts(on, r);
	else
		filter_beasts(on, r);
}
