/* Relationships: each must be what some foreign key says, and the other side the other side. */
#include "compile.h"
#include <string.h>

static const char *name_of(const amph_model *m)
{
	return m && m->name ? m->name : "?";
}

/* Whether a foreign key of child with this column in it leads to parent. */
static bool refers(const amph_draft *child, const amph_mapped_column *col, const amph_draft *parent)
{
	const amph_draft *root = child->root;

	for (const amph_draft_reference *r = root->references; r; r = r->next) {
		if (r->reference.target != parent->root->mapper)
			continue;
		for (size_t i = 0; i < r->reference.n; i++)
			if (!strcmp(root->columns[r->reference.columns[i]].name, col->name))
				return true;
	}
	return false;
}

/* Two foreign keys that share the column named do not say which of them is meant. */
static bool is_ambiguous(const amph_draft *child, const amph_mapped_column *col,
			 const amph_draft *parent)
{
	size_t n = 0;

	for (const amph_draft_reference *r = child->references; r; r = r->next)
		for (size_t i = 0; i < r->reference.n && r->reference.target == parent->mapper; i++)
			n += r->reference.columns[i] == col->number;
	return n > 1;
}

static void check_key(amph_compiler *c, amph_draft *d, const amph_relation *rel,
		      const amph_draft *child, const amph_draft *parent, size_t offset)
{
	const amph_mapped_column *col;

	if (!child->mapper->by_offset || !parent->mapper->by_offset)
		return;
	col = amph__column_at(child->mapper, offset);
	if (!col)
		amph__mistake(c, d, NULL, "42703", "relation \"%s\": its key is no column of model \"%s\"",
			      rel->member, name_of(child->model));
	else if (!refers(child, col, parent))
		amph__mistake(c, d, NULL, "42830",
			      "relation \"%s\": column \"%s\" of model \"%s\" does not refer to "
			      "model \"%s\": "
			      "give it .references",
			      rel->member, col->name, name_of(child->model), name_of(parent->model));
	else if (is_ambiguous(child, col, parent))
		amph__mistake(c, d, NULL, "42702",
			      "relation \"%s\": column \"%s\" of model \"%s\" is of more than one foreign "
			      "key to model \"%s\": name another", rel->member, col->name,
			      name_of(child->model), name_of(parent->model));
}

/* The foreign key of a relationship, by the column that it names; NULL: there is none. */
static const amph_mapped_reference *reference_of(const amph_draft *child, const amph_relation *rel,
						 const amph_draft *parent)
{
	const amph_mapped_column *col = child->mapper->by_offset
		? amph__column_at(child->mapper, rel->key) : NULL;

	for (const amph_draft_reference *r = child->references; col && r; r = r->next)
		for (size_t i = 0; i < r->reference.n && r->reference.target == parent->mapper; i++)
			if (r->reference.columns[i] == col->number)
				return &r->reference;
	return NULL;
}

static bool can_be_null(const amph_draft *child, const amph_mapped_reference *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (child->columns[r->columns[i]].type.nullable)
			return true;
	return false;
}

/* Children that cannot be without a parent must go with it, or it must be said who stops that. */
static void check_cascade(amph_compiler *c, amph_draft *d, const amph_relation *rel,
			  const amph_draft *target)
{
	enum { DELETES = AMPH_CASCADE_DELETE | AMPH_DELETE_ORPHAN | AMPH_PASSIVE_DELETES };
	bool children = rel->kind == AMPH_REL_MANY || rel->kind == AMPH_REL_HAS_ONE;
	const amph_mapped_reference *r = children ? reference_of(target, rel, d) : NULL;

	if (!children && rel->cascade & DELETES)
		amph__mistake(c, d, NULL, "0A000", "relation \"%s\": only children are deleted with an "
			      "object, or when they leave it", rel->member);
	if (r && !can_be_null(target, r) && r->on_delete == AMPH_NO_ACTION && !(rel->cascade & DELETES))
		amph__mistake(c, d, NULL, "42P16",
			      "relation \"%s\": its key in model \"%s\" cannot be NULL: give it .cascade = "
			      "AMPH_CASCADE_DELETE, or the key .on_delete", rel->member,
			      name_of(target->model));
}

static const amph_relation *relation_at(const amph_model *m, size_t offset)
{
	const amph_relation *rel = m->relations;

	while (rel && rel->member && rel->offset != offset)
		rel++;
	return rel && rel->member ? rel : NULL;
}

static bool same_keys(const amph_relation *a, const amph_relation *b)
{
	if (a->kind != AMPH_REL_THROUGH)
		return a->key == b->key;
	return a->through == b->through && a->key == b->through_key && a->through_key == b->key;
}

static void check_back(amph_compiler *c, amph_draft *d, const amph_relation *rel,
		       const amph_draft *target)
{
	const amph_relation *back;

	if (!rel->back.model)
		return;
	back = amph__draft_of(c, rel->back.model) == target
		? relation_at(target->model, rel->back.offset) : NULL;
	if (!back)
		amph__mistake(c, d, NULL, "42703", "relation \"%s\": its back is no relation of model \"%s\"",
			      rel->member, name_of(target->model));
	else if (amph__draft_of(c, back->target) != d)
		amph__mistake(c, d, NULL, "42804",
			      "relation \"%s\": relation \"%s\" of model \"%s\" does not lead back",
			      rel->member, back->member, name_of(target->model));
	else if (back->back.model && (amph__draft_of(c, back->back.model) != d ||
				      back->back.offset != rel->offset))
		amph__mistake(c, d, NULL, "42804",
			      "relation \"%s\": relation \"%s\" of model \"%s\" has another back",
			      rel->member, back->member, name_of(target->model));
	else if ((rel->kind == AMPH_REL_THROUGH) != (back->kind == AMPH_REL_THROUGH) ||
		 (rel->kind != AMPH_REL_THROUGH &&
		  (rel->kind == AMPH_REL_ONE) == (back->kind == AMPH_REL_ONE)))
		amph__mistake(c, d, NULL, "42804",
			      "relation \"%s\": relation \"%s\" of model \"%s\" is of a kind that cannot be "
			      "its back", rel->member, back->member, name_of(target->model));
	else if (!same_keys(rel, back))
		amph__mistake(c, d, NULL, "42804",
			      "relation \"%s\": relation \"%s\" of model \"%s\" is of another foreign key",
			      rel->member, back->member, name_of(target->model));
}

static void check_relation(amph_compiler *c, amph_draft *d, const amph_relation *rel)
{
	const amph_draft *target = amph__draft_of(c, rel->target);
	const amph_draft *through = amph__draft_of(c, rel->through);

	if (!target || (rel->kind == AMPH_REL_THROUGH && !through)) {
		amph__mistake(c, d, NULL, "42P01",
			      "relation \"%s\" leads to model \"%s\", which is not among the models "
			      "given: add "
			      "it to .models",
			      rel->member, name_of(target ? rel->through : rel->target));
		return;
	}
	switch (rel->kind) {
	case AMPH_REL_MANY:
	case AMPH_REL_HAS_ONE:
		check_key(c, d, rel, target, d, rel->key);
		break;
	case AMPH_REL_ONE:
		check_key(c, d, rel, d, target, rel->key);
		break;
	case AMPH_REL_THROUGH:
		check_key(c, d, rel, through, d, rel->key);
		check_key(c, d, rel, through, target, rel->through_key);
		break;
	}
	check_back(c, d, rel, target);
	check_cascade(c, d, rel, target);
}

void amph__check_relations(amph_compiler *c, amph_draft *d)
{
	const amph_relation *rel = d->model->relations;

	for (; rel && rel->member && !c->failed; rel++)
		check_relation(c, d, rel);
}
