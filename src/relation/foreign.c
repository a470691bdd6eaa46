/* Foreign keys of objects: read, compared and set by the columns that a relationship pairs. */
#include "relation.h"
#include <string.h>

const amph_relation *amph__relation_back(const amph_link_path *l)
{
	const amph_relation *r = l->relation;
	amph_error ignored;     /* the declaration was checked with the model */

	if (r->back.model)
		return amph__relation_at(l->path.to, r->back.offset, &ignored);
	for (const amph_relation *q = l->path.to->relations; q && q->member; q++)
		if (q->back.model == l->path.from->model && q->back.offset == r->offset)
			return q;
	return NULL;
}

static bool is_integer(const amph_slot *slot)
{
	return slot->type >= AMPH_T_INT16 && slot->type <= AMPH_T_INT64;
}

static void set_has(const amph_slot *slot, void *members)
{
	if (slot->nullable)
		((char *)members)[slot->offset + amph_type_has_offset(slot->type)] = 1;
}

/* Both are of one type, integers and floats of any width each: see the check of references. */
bool amph__key_copy(const amph_slot *from, const void *source, const amph_slot *to, void *target,
		    amph_error *err)
{
	char *at = (char *)target + to->offset;
	const void *value = amph__slot_value(from, source);

	memset(at, 0, amph_type_size(to->type, to->nullable));
	if (amph__slot_is_null(from, source))
		return true;
	if (from->type == to->type) {
		memcpy(at, value, amph_type_size(from->type, false));
	} else if (is_integer(from)) {
		if (!amph__write_integer(to, target, amph__read_integer(from, source)))
			return amph__error(err, "22003", "the key of a parent is beyond the type of column "
					   "\"%s\"", to->name ? to->name : "?");
	} else if (from->type == AMPH_T_FLOAT) {
		*(double *)(void *)at = (double)*(const float *)value;
	} else {
		*(float *)(void *)at = (float)*(const double *)value;
	}
	set_has(to, target);
	return true;
}

static bool same_value(const amph_slot *a, const void *of_a, const amph_slot *b, const void *of_b)
{
	union { char bytes[64]; max_align_t align; } x = { { 0 } }, y = { { 0 } };
	amph_slot bare = { .type = a->type, .enumeration = a->enumeration };

	if (is_integer(a) && is_integer(b))
		return amph__read_integer(a, of_a) == amph__read_integer(b, of_b);
	amph_slot other = bare;
	return amph__key_copy(a, of_a, &bare, x.bytes, NULL) &&
	       amph__key_copy(b, of_b, &other, y.bytes, NULL) &&
	       amph__slot_equal(&bare, x.bytes, y.bytes);
}

bool amph__refers_to(const amph_object *child, const void *members, const amph_object *parent,
		     const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const amph_slot *from = &child->extent->mapper->columns[pairs[i].from].slot;
		const amph_slot *to = &parent->extent->mapper->columns[pairs[i].to].slot;

		if (amph__slot_is_null(from, members) ||
		    amph__slot_is_null(to, amph__members(parent)) ||
		    !same_value(from, members, to, amph__members(parent)))
			return false;
	}
	return true;
}

bool amph__key_can_be_null(const amph_mapper *m, const amph_key_pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (m->columns[pairs[i].from].type.nullable)
			return true;
	return false;
}

/* Without a parent: of a key of several columns those that can be NULL are. */
bool amph__key_set(const amph_mapper *m, void *members, const amph_object *parent,
		   const amph_key_pair *pairs, size_t n, amph_error *err)
{
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *c = &m->columns[pairs[i].from];

		if (!parent && c->type.nullable)
			memset((char *)members + c->slot.offset, 0,
			       amph_type_size(c->slot.type, c->slot.nullable));
		else if (parent && !amph__key_copy(&parent->extent->mapper->columns[pairs[i].to].slot,
						   amph__members(parent), &c->slot, members, err))
			return false;
	}
	return true;
}

void amph__turn_pairs(const amph_key_pair *pairs, size_t n, amph_key_pair *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (amph_key_pair){ pairs[i].to, pairs[i].from };
}

/* The object of the session that the columns of a many-to-one refer to by its primary key. */
amph_object *amph__parent_by_key(const amph_object *o, const void *members, const amph_path *p)
{
	amph_session *s = o->extent->session;
	const amph_mapper *to = p->to;

	if (p->n != to->n_keys || !s->extents[to->ordinal].root->identity.count)
		return NULL;
	amph_object *key = amph__alloc_zero(s->allocator, sizeof *key + to->size);
	if (!key)
		return NULL;
	bool ok = true;
	for (size_t i = 0; i < p->n && ok; i++)
		ok = amph__key_copy(&o->extent->mapper->columns[p->pairs[i].from].slot, members,
				    &to->columns[p->pairs[i].to].slot, amph__members(key), NULL);
	amph_object *found = ok ? amph__identity_find(&s->extents[to->ordinal], amph__members(key))
				: NULL;
	amph__free(s->allocator, key);
	return found && amph__refers_to(o, members, found, p->pairs, p->n) ? found : NULL;
}

bool amph__key_has_null(const amph_path *p, const void *members)
{
	for (size_t i = 0; i < p->n; i++)
		if (amph__slot_is_null(&p->from->columns[p->pairs[i].from].slot, members))
			return true;
	return false;
}
