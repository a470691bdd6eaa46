/* Random operations of the unit of work: objects made, changed, deleted, related; flushes,
 * commits, rollbacks, savepoints; rows inserted in bulk. */
#include "random.h"
#include <string.h>

/* ---- objects that the program holds ---- */
void track(side *on, const amph_model *m, void *object)
{
	for (unsigned i = 0; i < on->n_objects; i++)
		if (on->objects[i].object == object)
			return;
	if (on->n_objects < TRACKED_MAX)
		on->objects[on->n_objects++] = (tracked){ m, object };
}

void forget_objects(side *on)
{
	on->n_objects = 0;
}

/* Only those that live stay; called before what could free the others. */
static void keep_living(side *on)
{
	unsigned n = 0;

	for (unsigned i = 0; i < on->n_objects; i++) {
		amph_lifecycle state = amph_state(on->s, on->objects[i].object);

		if (state == AMPH_OBJECT_NEW || state == AMPH_OBJECT_PERSISTENT)
			on->objects[n++] = on->objects[i];
	}
	on->n_objects = n;
}

void show_objects(side *on)
{
	for (unsigned i = 0; i < on->n_objects; i++) {
		const tracked *t = &on->objects[i];
		amph_lifecycle state = amph_state(on->s, t->object);

		say(&on->out, "state %d modified %d ", state,
		    amph_do_is_modified(on->s, t->object, SIZE_MAX));
		if (state == AMPH_OBJECT_NEW || state == AMPH_OBJECT_PERSISTENT)
			show_object(on, t->model, t->object);
		else
			say(&on->out, "%s\n", t->model->name);
	}
	keep_living(on);
}

/* A living object of a model, or of any. */
static tracked *pick(side *on, rng *r, const amph_model *m)
{
	tracked *found = NULL;
	unsigned seen = 0;

	for (unsigned i = 0; i < on->n_objects; i++) {
		tracked *t = &on->objects[i];
		amph_lifecycle state = amph_state(on->s, t->object);

		if ((m && t->model != m) || (state != AMPH_OBJECT_NEW && state != AMPH_OBJECT_PERSISTENT))
			continue;
		if (rng_below(r, ++seen) == 0)
			found = t;
	}
	return found;
}

/* ---- members ---- */
static const char *numbered(side *on, const char *what, int64_t n)
{
	char *s = heap_get(&on->memory, 40);

	snprintf(s, 40, "%s %lld", what, (long long)n);
	return s;
}

static void set_reference(side *on, rng *r, const amph_column *c, void *object)
{
	amph_opt_int64 *key = (amph_opt_int64 *)(void *)((char *)object + c->offset);
	tracked *t = pick(on, r, c->references.model);

	*key = (amph_opt_int64){ .has = false };
	if (rng_chance(r, 3))
		*key = (amph_opt_int64)AMPH_SOME((int64_t)rng_below(r, 60) + 1);
	else if (t && rng_chance(r, 75))
		*key = (amph_opt_int64)AMPH_SOME(*(int64_t *)t->object);
}

static void set_member(side *on, rng *r, const amph_model *m, const amph_column *c, void *object)
{
	void *member = (char *)object + c->offset;
	const char **as_text = (const char **)member;

	if (c->version || c->on_update || (m == &amph_model_Auto && c->primary_key))
		return;
	if (c->references.model)
		set_reference(on, r, c, object);
	else if (!strcmp(c->member, "id"))
		*(int64_t *)member = rng_chance(r, 3) ? (int64_t)rng_below(r, 40) + 1 : on->next_id++;
	else if (!strcmp(c->member, "number"))
		*(int32_t *)member = rng_chance(r, 5) ? 1 : (int32_t)on->next_id++;
	else if (c->unique && rng_chance(r, 95))
		*as_text = numbered(on, c->member, on->next_id++);
	else if (!strcmp(c->member, "holder") && rng_chance(r, 97))
		*as_text = numbered(on, "holder", on->next_id++);
	else if (c->primary_key && base_type(c) == AMPH_T_TEXT && rng_chance(r, 97))
		*as_text = rng_chance(r, 50) ? "a" : "É'%";
	else
		random_member(on, r, c, object);
}

void random_object(side *on, rng *r, const amph_model *m, void *object)
{
	for (const amph_column *c = m->columns; c->member; c++)
		set_member(on, r, m, c, object);
}

static const amph_model *random_model(rng *r)
{
	static const amph_model *const list[] = { &amph_model_Row, &amph_model_Row, &amph_model_Row,
		&amph_model_Row, &amph_model_Kid, &amph_model_Kid, &amph_model_Kid, &amph_model_Pair,
		&amph_model_Auto, &amph_model_Lists };

	return PICK(r, list);
}

/* ---- operations ---- */
static void failed(side *on, bool ok)
{
	say(&on->out, "%s\n", ok ? "done" : "failed");
	if (!ok)
		show_error(on);
}

static void do_new(side *on, rng *r)
{
	unsigned n = rng_below(r, 3) + 1;

	while (n-- > 0) {
		const amph_model *m = random_model(r);
		void *object = amph_do_new(on->s, m, NULL, NULL);

		if (!object) {
			failed(on, false);
			return;
		}
		random_object(on, r, m, object);
		if (m == &amph_model_Kid && rng_chance(r, 40)) {
			tracked *t = pick(on, r, &amph_model_Row);

			((Kid *)object)->row_id = (amph_opt_int64){ .has = false };
			((Kid *)object)->row = t ? t->object : NULL;
		}
		track(on, m, object);
	}
}

static void do_change(side *on, rng *r)
{
	for (unsigned n = rng_below(r, 3) + 1; n > 0; n--) {
		tracked *t = pick(on, r, NULL);
		const amph_column *c;

		if (!t)
			return;
		c = &t->model->columns[rng_below(r, (unsigned)column_count(t->model))];
		if (!c->primary_key)
			set_member(on, r, t->model, c, t->object);
	}
}

static void do_delete(side *on, rng *r)
{
	tracked *t = pick(on, r, NULL);

	if (t)
		failed(on, amph_delete(on->s, t->object));
}

static void do_flush(side *on, rng *r)
{
	(void)r;
	failed(on, amph_flush(on->s));
	if (!on->failed)
		show_objects(on);
}

static void do_commit(side *on, rng *r)
{
	(void)r;
	if (!amph_flush(on->s)) {
		failed(on, false);
		return;
	}
	keep_living(on);
	failed(on, amph_commit(on->s));
	on->savepoints = 0;
	if (!on->failed)
		show_objects(on);
}

static void do_rollback(side *on, rng *r)
{
	(void)r;
	amph_rollback(on->s);
	on->savepoints = 0;
	show_objects(on);
}

static void do_savepoint(side *on, rng *r)
{
	(void)r;
	if (on->savepoints > 3)
		return;
	failed(on, amph_savepoint(on->s));
	on->savepoints++;
}

static void do_end_savepoint(side *on, rng *r)
{
	if (on->savepoints == 0)
		return;
	on->savepoints--;
	failed(on, rng_chance(r, 60) ? amph_rollback_to(on->s) : amph_release_savepoint(on->s));
	if (!on->failed)
		show_objects(on);
}

static void do_insert_many(side *on, rng *r)
{
	const amph_model *m = random_model(r);
	size_t n = rng_below(r, 7);
	char *rows = heap_get(&on->memory, m->size * (n + 1));

	if (m == &amph_model_Auto)
		return;
	for (size_t i = 0; i < n; i++)
		random_object(on, r, m, rows + i * m->size);
	failed(on, amph_do_insert_many(on->s, m, rows, n, NULL) >= 0);
}

static void do_get(side *on, rng *r)
{
	const amph_model *m = rng_chance(r, 50) ? &amph_model_Row : &amph_model_Kid;
	amph_node key[] = { amph_v_int((int64_t)rng_below(r, (unsigned)on->next_id) + 1),
			    { .op = AMPH_OP_NONE } };
	void *object = amph_do_get(on->s, m, key, rng_chance(r, 30));

	if (object) {
		show_object(on, m, object);
		track(on, m, object);
	} else if (!show_error(on)) {
		say(&on->out, "none\n");
	}
}

static void do_refresh(side *on, rng *r)
{
	tracked *t = pick(on, r, NULL);

	if (!t || amph_state(on->s, t->object) != AMPH_OBJECT_PERSISTENT)
		return;
	failed(on, amph_refresh(on->s, t->object));
	if (!on->failed)
		show_object(on, t->model, t->object);
}

static void do_expunge(side *on, rng *r)
{
	tracked *t = pick(on, r, NULL);

	if (!t || t->model == &amph_model_Row)
		return;
	failed(on, amph_expunge(on->s, t->object));
	keep_living(on);
}

static void do_merge(side *on, rng *r)
{
	const amph_model *m = rng_chance(r, 50) ? &amph_model_Row : &amph_model_Pair;
	void *values = heap_get(&on->memory, m->size), *object;

	random_object(on, r, m, values);
	if (m == &amph_model_Row && rng_chance(r, 60))
		((Row *)values)->id = (int64_t)rng_below(r, (unsigned)on->next_id) + 1;
	object = amph_do_merge(on->s, m, values);
	failed(on, object);
	if (object)
		track(on, m, object);
}

static void show_kids(side *on, Row *row)
{
	amph_touch(row, offsetof(Row, kids));
	if (amph_failed(on->s)) {
		show_error(on);
		return;
	}
	amph_each(Kid, k, row->kids)
		say(&on->out, "kid %lld\n", (long long)k->id);
}

static void show_row(side *on, Kid *kid)
{
	amph_touch(kid, offsetof(Kid, row));
	say(&on->out, "row %lld\n", kid->row ? (long long)kid->row->id : -1);
	amph_touch(kid, offsetof(Kid, twin));
	say(&on->out, "twin %lld\n", kid->twin ? (long long)kid->twin->id : -1);
	if (amph_failed(on->s))
		show_error(on);
}

static void do_relate(side *on, rng *r)
{
	tracked *row = pick(on, r, &amph_model_Row), *one = pick(on, r, &amph_model_Kid),
		*other = pick(on, r, &amph_model_Kid);

	if (!row || !one || !other)
		return;
	Kid *kid = one->object;
	switch (rng_below(r, 8)) {
	case 0: kid->row = row->object; break;
	case 1: kid->row = NULL; break;
	case 2: kid->twin = rng_chance(r, 20) ? NULL : other->object; break;
	case 3: failed(on, amph_do_append(row->object, offsetof(Row, kids), kid)); break;
	case 4: failed(on, amph_do_remove(row->object, offsetof(Row, kids), kid)); break;
	case 5:
	case 6: show_kids(on, row->object); break;
	default: show_row(on, kid);
	}
}

/* Rows with their kids, or kids with their row and twin, read beside them in one of the ways. */
static void do_load(side *on, rng *r)
{
	static const int ways[] = { AMPH_LOAD_SELECTIN, AMPH_LOAD_JOINED, AMPH_LOAD_SUBQUERY };
	bool rows = rng_chance(r, 60);
	amph_query *q = amph_query_new(on->s, rows ? &amph_model_Row : &amph_model_Kid);

	amph_query_load(q, PICK(r, ways), rows ? "kids" : "row");
	if (!rows && rng_chance(r, 50))
		amph_query_load(q, PICK(r, ways), "twin");
	amph_query_order_by(q, amph_expr_column(q, "id"), 0);
	amph_limit(q, rng_below(r, 9) + 1);
	void **list = amph_query_all(q);
	if (!list)
		show_error(on);
	for (size_t i = 0; list && i < amph_length(list); i++)
		if (rows)
			show_kids(on, list[i]);
		else
			show_row(on, list[i]);
	amph_query_free(q);
}

static void do_clear(side *on, rng *r)
{
	(void)r;
	if (!amph_flush(on->s)) {
		failed(on, false);
		return;
	}
	amph_session_clear(on->s);
	forget_objects(on);
}

static const struct operation {
	const char *name;
	void (*run)(side *on, rng *r);
	unsigned weight;
} operations[] = {
	{ "new", do_new, 24 }, { "change", do_change, 22 }, { "delete", do_delete, 5 },
	{ "flush", do_flush, 9 }, { "commit", do_commit, 6 }, { "rollback", do_rollback, 3 },
	{ "savepoint", do_savepoint, 5 }, { "end of savepoint", do_end_savepoint, 4 },
	{ "insert many", do_insert_many, 5 }, { "get", do_get, 4 }, { "refresh", do_refresh, 3 },
	{ "expunge", do_expunge, 1 }, { "merge", do_merge, 2 }, { "relate", do_relate, 10 },
	{ "load", do_load, 4 }, { "clear", do_clear, 1 },
	{ "insert or leave", insert_or_leave_step, 3 }, { "upsert", upsert_step, 4 },
	{ "update many", update_many_step, 3 }, { "delete many", delete_many_step, 1 },
	{ "beasts", beast_step, 12 },
};

const char *work_step(side *on, rng *r)
{
	unsigned all = 0, at;
	size_t n = sizeof operations / sizeof *operations, i;

	for (i = 0; i < n; i++)
		all += operations[i].weight;
	at = rng_below(r, all);
	for (i = 0; at >= operations[i].weight; i++)
		at -= operations[i].weight;
	operations[i].run(on, r);
	return operations[i].name;
}
