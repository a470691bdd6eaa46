/* Rows by the values of some of their columns, for joins in memory. */
#include "keys.h"
#include <string.h>

enum { FIRST_CAP = 64 };

static const amph_slot *slot_of(const amph_key_side *side, size_t i)
{
	return &side->m->columns[side->to ? side->pairs[i].to : side->pairs[i].from].slot;
}

void amph__keys_init(amph_key_table *t, const amph_allocator *a, const amph_key_side *side)
{
	unsigned type = slot_of(side, 0)->type;

	*t = (amph_key_table){ .allocator = a };
	t->integers = side->n == 1 && type >= AMPH_T_INT16 && type <= AMPH_T_INT64;
	amph__arena_init(&t->arena, a);
	amph__map_init(&t->map, a, (uint64_t)(uintptr_t)t);
	amph__buf_init(&t->text, a);
}

void amph__keys_clear(amph_key_table *t)
{
	amph__free(t->allocator, t->values);
	amph__map_clear(&t->map);
	amph__arena_clear(&t->arena);
	amph__buf_clear(&t->text);
}

/* ---- integers ---- */

static size_t place_of(const amph_key_table *t, int64_t number)
{
	uint64_t h = (uint64_t)number * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(h >> 32) & (t->cap - 1);

	while (t->values[at] && t->numbers[at] != number)
		at = (at + 1) & (t->cap - 1);
	return at;
}

static bool grow(amph_key_table *t)
{
	amph_key_table old = *t;
	size_t cap = t->cap ? t->cap * 4 : FIRST_CAP, bytes;

	if (t->n < t->cap / 2)
		return true;
	if (!amph__size_mul(cap, sizeof *t->values + sizeof *t->numbers, &bytes))
		return false;
	void **values = amph__alloc_zero(t->allocator, bytes);
	if (!values)
		return false;
	t->values = values;
	t->numbers = (int64_t *)(void *)(values + cap);
	t->cap = cap;
	for (size_t i = 0; i < old.cap; i++) {
		if (!old.values[i])
			continue;
		size_t at = place_of(t, old.numbers[i]);
		t->values[at] = old.values[i];
		t->numbers[at] = old.numbers[i];
	}
	amph__free(t->allocator, old.values);
	return true;
}

static bool add_number(amph_key_table *t, int64_t number, void *value)
{
	if (!grow(t))
		return false;
	size_t at = place_of(t, number);
	t->n += !t->values[at];
	t->values[at] = value;
	t->numbers[at] = number;
	return true;
}

/* ---- all others ---- */

/* *has: no value is NULL. */
static bool make_text(amph_key_table *t, const amph_key_side *side, const void *members, bool *has)
{
	amph__buf_reset(&t->text);
	*has = true;
	for (size_t i = 0; i < side->n && *has; i++) {
		const amph_slot *slot = slot_of(side, i);

		*has = !amph__slot_is_null(slot, members);
		if (!*has)
			break;
		amph__slot_format(slot, members, &t->text);
		amph__buf_putc(&t->text, '\x1f');
	}
	return !t->text.failed;
}

bool amph__keys_add(amph_key_table *t, const amph_key_side *side, const void *members, void *value)
{
	const amph_slot *slot = slot_of(side, 0);
	bool has;

	if (t->integers)
		return amph__slot_is_null(slot, members) ||
		       add_number(t, amph__read_integer(slot, members), value);
	if (!make_text(t, side, members, &has))
		return false;
	if (!has)
		return true;
	void *copy = amph__arena_copy(&t->arena, amph__buf_text(&t->text), t->text.len + 1);
	return copy && amph__map_put(&t->map, copy, t->text.len, value);
}

bool amph__keys_find(amph_key_table *t, const amph_key_side *side, const void *members, void **value)
{
	const amph_slot *slot = slot_of(side, 0);
	bool has;

	*value = NULL;
	if (t->integers) {
		if (t->n && !amph__slot_is_null(slot, members))
			*value = t->values[place_of(t, amph__read_integer(slot, members))];
		return true;
	}
	if (!make_text(t, side, members, &has))
		return false;
	if (has)
		*value = amph__map_get(&t->map, amph__buf_text(&t->text), t->text.len);
	return true;
}
