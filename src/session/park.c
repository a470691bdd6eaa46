/* Values that step aside: what a unique column has while two rows swap theirs. */
#include "flush.h"
#include <string.h>

/* Below zero, from a place drawn at random on: two of one flush are never the same. */
static int64_t parked_number(amph_flusher *f, int type, const uint8_t random[16])
{
	uint64_t room = type == AMPH_T_INT16   ? INT16_MAX
			: type == AMPH_T_INT32 ? INT32_MAX
					       : INT64_MAX;

	if (!f->n_parked)
		memcpy(&f->parked_from, random, sizeof f->parked_from);
	return -(int64_t)((f->parked_from % room + f->n_parked++) % room) - 1;
}

/* Fills a unique column with a value that no row has, for the time of a swap. */
static bool park_value(amph_flusher *f, const amph_mapped_column *c, amph_object *o)
{
	static const char digits[] = "0123456789abcdef";
	char *at = (char *)amph__members(o) + c->slot.offset;
	uint8_t random[16];
	char *text = amph__arena_zero(f->arena, sizeof random * 2 + 1);
	size_t n = c->type.length > 0 && c->type.length < 32 ? (size_t)c->type.length : 32;

	if (!text)
		return amph__error_nomem(f->err);
	if (!f->s->engine->clock.random(f->s->engine->clock.ctx, random, sizeof random))
		return amph__error(f->err, "58000", "no random bytes are to be had");
	if (c->type.nullable) {
		memset(at, 0, amph_type_size(c->slot.type, c->slot.nullable));
	} else if (c->slot.type == AMPH_T_TEXT) {
		for (size_t i = 0; i < n; i++)
			text[i] = digits[random[i / 2] >> (i & 1 ? 0 : 4) & 15];
		memcpy(at, &text, sizeof text);
	} else if (c->slot.type == AMPH_T_UUID) {
		memcpy(at, random, sizeof random);
	} else if (c->slot.type >= AMPH_T_INT16 && c->slot.type <= AMPH_T_INT64) {
		return amph__write_integer(&c->slot, amph__members(o),
					   parked_number(f, c->slot.type, random));
	} else {
		return amph__error(f->err, "0A000", "two rows of \"%s\" swap values of \"%s\", whose type "
				   "has no value to step aside to; flush in between",
				   o->extent->mapper->table->name, c->name);
	}
	return true;
}
bool amph__park(amph_flusher *f, const amph_column_set *set, amph_object *o)
{
	const amph_mapper *m = o->extent->mapper;

	for (size_t i = 0; i < m->n_columns; i++)
		if (amph__set_has(set, i) && !park_value(f, &m->columns[i], o))
			return false;
	return true;
}
