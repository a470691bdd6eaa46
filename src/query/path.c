/* Along relationships: which columns are equal in a join. */
#include "query.h"

const amph_relation *amph__relation_at(const amph_mapper *m, size_t offset, amph_error *err)
{
	for (const amph_relation *r = m->relations; r && r->member; r++) {
		if (r->offset == offset)
			return r;
	}
	amph__error(err, "42703", "a member of \"%s\" that is no relationship of the model",
		    m->model->name);
	return NULL;
}

static bool refers_by(const amph_mapped_reference *ref, uint16_t column)
{
	for (size_t i = 0; i < ref->n; i++) {
		if (ref->columns[i] == column)
			return true;
	}
	return false;
}

static bool no_reference(const amph_mapper *child, const char *column, const amph_mapper *parent,
			 amph_error *err)
{
	return amph__error(err, "42830", "\"%s.%s\" does not refer to \"%s\": give it .references",
			   child->model->name, column, parent->model->name);
}

/* The pairs (child's column, parent's) of the foreign key that the member at offset is part of;
 * where it is of none, it is taken to hold the parent's sole key. */
static bool reference_pairs(const amph_mapper *child, size_t offset, const amph_mapper *parent,
			    amph_key_pair *pairs, size_t *n, amph_error *err)
{
	const amph_mapped_column *key = amph__column_at(child, offset);

	if (!key)
		return no_reference(child, "?", parent, err);
	for (size_t i = 0; i < child->n_references; i++) {
		const amph_mapped_reference *ref = &child->references[i];
		if (ref->target != parent->root || ref->n > AMPH_KEY_PAIRS_MAX || !refers_by(ref,
				key->number))
			continue;
		for (size_t k = 0; k < ref->n; k++)
			pairs[k] = (amph_key_pair){ ref->columns[k], ref->target_columns[k] };
		*n = ref->n;
		return true;
	}
	if (parent->n_keys != 1)
		return no_reference(child, key->name, parent, err);
	pairs[0] = (amph_key_pair){ key->number, parent->keys[0] };
	*n = 1;
	return true;
}

static void turn(amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pairs[i] = (amph_key_pair){ pairs[i].to, pairs[i].from };
}

bool amph__path_of(const amph_registry *r, const amph_mapper *from, const amph_relation *relation,
		   amph_path *path, amph_error *err)
{
	*path = (amph_path){ .from = from, .to = amph__mapper_of(r, relation->target, err) };
	if (!path->to)
		return false;
	if (relation->kind == AMPH_REL_ONE)
		return reference_pairs(from, relation->key, path->to, path->pairs, &path->n, err);
	if (relation->kind != AMPH_REL_THROUGH) {
		if (!reference_pairs(path->to, relation->key, from, path->pairs, &path->n, err))
			return false;
		turn(path->pairs, path->n);
		return true;
	}
	path->link = amph__mapper_of(r, relation->through, err);
	if (!path->link ||
	    !reference_pairs(path->link, relation->key, from, path->pairs, &path->n, err) ||
	    !reference_pairs(path->link, relation->through_key, path->to, path->link_pairs,
			     &path->n_link, err))
		return false;
	turn(path->pairs, path->n);
	return true;
}
