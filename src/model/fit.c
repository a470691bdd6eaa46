/* Values as their column keeps them: numerics with its scale, rounded half away from zero; text without
 * the spaces at its end that are too many. Done before a value is sent, so that an object shows what its
 * row holds, on every database alike. */
#include "value.h"
#include "../base/utf8.h"
#include <string.h>

static const int64_t powers[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
	100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000
};

/* Within 18 digits; false where it needs more. */
static bool fit_small(amph_numeric *n, int scale)
{
	int64_t units = n->v.units;

	if (n->kind != AMPH_NUMERIC_SMALL || scale < 0 || scale > 18)
		return false;
	if (scale < n->scale) {
		int64_t p = powers[n->scale - scale], rest = units % p;

		units /= p;
		if (rest >= (p + 1) / 2)
			units++;
		else if (-rest >= (p + 1) / 2)
			units--;
	} else if (__builtin_mul_overflow(units, powers[scale - n->scale], &units) ||
		   units >= powers[18] || units <= -powers[18]) {
		return false;
	}
	n->v.units = units;
	n->scale = (int16_t)scale;
	return true;
}

static bool is_short(const char *text, int32_t most)
{
	size_t len = strlen(text);

	return len <= (size_t)most || amph__utf8_count(text, len) <= (size_t)most;
}

/* What is too long with more than spaces stays for the check. */
static bool fit_text(const char **text, int32_t most, amph_arena *arena, amph_error *err)
{
	const char *end = *text;

	for (int32_t n = 0; *end && n < most; n++)
		do
			end++;
		while (((unsigned char)*end & 0xc0) == 0x80);
	if (end[strspn(end, " ")])
		return true;
	*text = amph__arena_text(arena, *text, (size_t)(end - *text));
	return *text || amph__error_nomem(err);
}

bool amph__slot_is_fit(const amph_slot *slot, const amph_sqltype *type, const void *base)
{
	const amph_numeric *n = amph__slot_value(slot, base);

	if (!amph__slot_needs_fit(slot, type) || amph__slot_is_null(slot, base))
		return true;
	if (slot->type == AMPH_T_TEXT)
		return is_short(*(const char *const *)amph__slot_value(slot, base), type->length);
	return (n->kind == AMPH_NUMERIC_SMALL && n->scale == type->scale) ||
	       n->kind > AMPH_NUMERIC_DIGITS;
}

bool amph__slot_fit(const amph_slot *slot, const amph_sqltype *type, void *base, amph_arena *arena,
		    amph_error *err)
{
	amph_numeric *n = (amph_numeric *)(void *)((char *)base + slot->offset);
	amph_decimal d;

	if (amph__slot_is_fit(slot, type, base))
		return true;
	if (slot->type == AMPH_T_TEXT)
		return fit_text((const char **)(void *)n, type->length, arena, err);
	if (fit_small(n, type->scale))
		return true;
	return amph__decimal_of(*n, &d, arena, err) &&
	       amph__decimal_fit(&d, type->length, type->scale, arena, err) &&
	       (amph__decimal_to_numeric(&d, n, arena) || amph__error_nomem(err));
}
