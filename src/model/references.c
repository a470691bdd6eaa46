/* Foreign keys: from members to columns, checked as PostgreSQL checks them. */
#include "compile.h"
#include <string.h>

static const amph_model *base_model(const amph_model *m)
{
	return m && m->alias_of ? m->alias_of : m;
}

amph_draft *amph__draft_of(const amph_compiler *c, const amph_model *model)
{
	model = base_model(model);
	for (size_t i = 0; i < c->n; i++)
		if (c->drafts[i].model == model)
			return &c->drafts[i];
	return NULL;
}

/* ---- what a foreign key has to be ---- */

static bool is_one_of(int type, const int *types, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (types[i] == type)
			return true;
	return false;
}

/* Types whose values are equal where their stored forms are, on every database. */
static bool types_match(const amph_sqltype *a, const amph_sqltype *b)
{
	static const int integers[] = { AMPH_T_INT16, AMPH_T_INT32, AMPH_T_INT64 };
	static const int floats[] = { AMPH_T_FLOAT, AMPH_T_DOUBLE };

	if (a->type == b->type)
		return a->enumeration == b->enumeration;
	return (is_one_of(a->type, integers, 3) && is_one_of(b->type, integers, 3)) ||
		(is_one_of(a->type, floats, 2) && is_one_of(b->type, floats, 2));
}

static bool has_column(const amph_draft_key *key, uint16_t column)
{
	for (size_t i = 0; i < key->n; i++)
		if (key->columns[i] == column)
			return true;
	return false;
}

static bool is_key_of(const amph_draft_key *keys, size_t n, const uint16_t *columns)
{
	for (; keys; keys = keys->next) {
		bool same = keys->unique && !keys->partial && !keys->expression && keys->n == n;

		for (size_t i = 0; same && i < n; i++)
			same = has_column(keys, columns[i]);
		if (same)
			return true;
	}
	return false;
}

static bool check_types(amph_compiler *c, amph_draft *d, const amph_draft *target,
			const amph_mapped_reference *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const amph_mapped_column *here = &d->columns[r->columns[i]];
		const amph_mapped_column *there = &target->columns[r->target_columns[i]];

		if (types_match(&here->type, &there->type))
			continue;
		amph__mistake(c, d, here->name, "42804",
			      "refers to column \"%s\" of model \"%s\", which is of another type: "
			      "give both members the same one",
			      there->name, target->model->name);
		return false;
	}
	return true;
}

static const char *name_of(const amph_model *m)
{
	return m->name ? m->name : "?";
}

/* r has its columns; target_columns are numbers in target. */
static void add_reference(amph_compiler *c, amph_draft *d, const amph_draft *target,
			  const amph_draft_reference *r)
{
	const amph_mapped_reference *ref = &r->reference;
	amph_draft_reference *copy, **next = &d->references;
	const char *column = ref->n == 1 ? d->columns[ref->columns[0]].name : NULL;

	if (!check_types(c, d, target, ref))
		return;
	if (!is_key_of(target->keys, ref->n, ref->target_columns) &&
	    !is_key_of(target->indexes, ref->n, ref->target_columns)) {
		amph__mistake(c, d, column, "42830", "refers to what is no key of model \"%s\": "
			      "neither its primary key nor unique", name_of(target->model));
		return;
	}
	copy = AMPH_NEW(c->arena, amph_draft_reference);
	if (!copy) {
		c->failed = true;
		return;
	}
	*copy = *r;
	copy->reference.target = target->mapper;
	copy->reference.nullable = true;
	for (size_t i = 0; i < ref->n; i++)
		copy->reference.nullable &= d->columns[ref->columns[i]].type.nullable;
	while (*next)
		next = &(*next)->next;
	*next = copy;
}

static const amph_draft *target_of(amph_compiler *c, amph_draft *d, const char *column,
				   const amph_model *model)
{
	const amph_draft *target = amph__draft_of(c, model);

	target = target ? target->root : NULL;
	if (!target)
		amph__mistake(c, d, column, "42P01", "refers to model \"%s\", which is not among "
			      "the models given: add it to .models", name_of(model));
	/* a target without columns has its own mistake */
	return target && target->mapper->by_offset ? target : NULL;
}

static const uint16_t *one_number(amph_compiler *c, uint16_t number)
{
	uint16_t *list = AMPH_NEWS(c->arena, uint16_t, 1);

	if (list)
		list[0] = number;
	else
		c->failed = true;
	return list;
}

static void column_reference(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	const amph_column *decl = col->decl;
	const amph_draft *target = target_of(c, d, col->name, decl->references.model);
	const amph_mapped_column *there = target
		? amph__column_at(target->mapper, decl->references.offset) : NULL;
	amph_draft_reference r = {
		.deferred = decl->deferred,
		.reference = { .n = 1, .on_delete = decl->on_delete,
			       .on_update = decl->on_key_update }
	};

	if (target && !there)
		amph__mistake(c, d, col->name, "42703", "refers to a member of model \"%s\" that is "
			      "no column", name_of(target->model));
	if (!there)
		return;
	r.reference.columns = one_number(c, col->number);
	r.reference.target_columns = one_number(c, there->number);
	if (!c->failed)
		add_reference(c, d, target, &r);
}

/* ---- foreign keys of several columns ---- */

/* SET NULL and SET DEFAULT change all columns of the key. */
static bool check_actions(amph_compiler *c, amph_draft *d, const amph_foreign_key *f,
			  const amph_mapped_reference *r)
{
	bool set_null = f->on_delete == AMPH_SET_NULL || f->on_key_update == AMPH_SET_NULL;
	bool set_default = f->on_delete == AMPH_SET_DEFAULT || f->on_key_update == AMPH_SET_DEFAULT;

	for (size_t i = 0; i < r->n; i++) {
		const amph_mapped_column *col = &d->columns[r->columns[i]];

		if (col->type.nullable || (!set_null && !(set_default && !col->server_default)))
			continue;
		amph__mistake(c, d, col->name, "42P16", "SET %s on a column that is not null%s",
			      set_null ? "NULL" : "DEFAULT",
			      set_null ? ": make the member amph_opt_*, or choose another action"
				       : " and has no server_default");
		return false;
	}
	return true;
}

static void listed_reference(amph_compiler *c, amph_draft *d, const amph_foreign_key *f)
{
	static const char what[] = "a foreign key";
	const amph_draft *target;
	size_t n, n_there;
	amph_draft_reference r = {
		.name = f->name, .deferred = f->deferred,
		.reference = { .on_delete = f->on_delete, .on_update = f->on_key_update }
	};

	if (!f->references || !f->references[0].model) {
		amph__mistake(c, d, NULL, "42P16", "a foreign key refers to no members");
		return;
	}
	target = target_of(c, d, NULL, f->references[0].model);
	r.reference.columns = amph__member_columns(c, d, d, f->on, what, &n);
	if (!target || !r.reference.columns)
		return;
	r.reference.target_columns = amph__member_columns(c, d, target, f->references, what,
							  &n_there);
	r.reference.n = n;
	if (!r.reference.target_columns)
		return;
	if (n != n_there || n == 0)
		amph__mistake(c, d, NULL, "42830", "a foreign key has %zu columns and refers to %zu", n,
			      n_there);
	else if (check_actions(c, d, f, &r.reference))
		add_reference(c, d, target, &r);
}

void amph__draft_references(amph_compiler *c, amph_draft *d)
{
	const amph_foreign_key *f = d->model->foreign_keys;

	for (size_t i = 0; i < d->mapper->n_columns && !c->failed; i++)
		if (d->columns[i].decl->references.model)
			column_reference(c, d, &d->columns[i]);
	for (; f && f->on && !c->failed; f++)
		listed_reference(c, d, f);
}
