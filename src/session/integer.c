/* Integers of any width in members of a struct, ids among them, and which keys are given. */
#include "state.h"

int64_t amph__read_integer(const amph_slot *slot, const void *base)
{
	const void *at = amph__slot_value(slot, base);

	switch (slot->type) {
	case AMPH_T_INT16: return *(const int16_t *)at;
	case AMPH_T_INT32: return *(const int32_t *)at;
	default: return *(const int64_t *)at;
	}
}

bool amph__write_integer(const amph_slot *slot, void *base, int64_t value)
{
	char *at = (char *)base + slot->offset;

	if (slot->type == AMPH_T_INT16 && (value < INT16_MIN || value > INT16_MAX))
		return false;
	if (slot->type == AMPH_T_INT32 && (value < INT32_MIN || value > INT32_MAX))
		return false;
	if (slot->type == AMPH_T_INT16)
		*(int16_t *)(void *)at = (int16_t)value;
	else if (slot->type == AMPH_T_INT32)
		*(int32_t *)(void *)at = (int32_t)value;
	else
		*(int64_t *)(void *)at = value;
	if (slot->nullable)
		*(bool *)(at + amph_type_has_offset(slot->type)) = true;
	return true;
}

uint64_t amph__given_of(const amph_mapper *m, const void *members)
{
	uint64_t given = UINT64_MAX;

	if (m->identity >= 0 && !amph__read_integer(&m->columns[m->identity].slot, members))
		return 0;
	for (size_t i = 0; i < m->n_filled && i < 64; i++)
		if (m->columns[m->filled[i]].primary_key)
			given &= ~((uint64_t)1 << i);
	return given;
}

bool amph__refuse_id(const amph_mapper *m, amph_error *err)
{
	const char *name = m->columns[m->identity].name;

	amph__error(err, "428C9", "cannot insert a non-DEFAULT value into column \"%s\"", name);
	amph__error_names(err, m->table->name, name, NULL);
	return false;
}

bool amph__put_id(const amph_mapper *m, void *members, int64_t id, amph_error *err)
{
	const amph_mapped_column *c = &m->columns[m->identity];

	return amph__write_integer(&c->slot, members, id) ||
	       amph__error(err, "22003", "the sequence of \"%s\".\"%s\" is beyond the column's type",
			   m->table->name, c->name);
}
