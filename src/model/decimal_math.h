/* What the functions of decimals share. For their files only. */
#ifndef AMPH_MODEL_DECIMAL_MATH_H
#define AMPH_MODEL_DECIMAL_MATH_H
#include "decimal.h"

/* scale, but no less than either operand shows, and within 0 to 1000; b may be NULL. */
int amph__decimal_clamp_scale(int64_t scale, const amph_decimal *a, const amph_decimal *b);
amph_decimal amph__decimal_special(uint8_t kind, bool minus);
double amph__decimal_to_double(const amph_decimal *d);  /* about; infinite where it is too large */
bool amph__decimal_overflow(amph_error *err);
/* The square root of a number not below zero, rounded exactly. */
bool amph__decimal_root(const amph_decimal *d, int scale, amph_decimal *out, amph_arena *arena);
/* base is finite. */
bool amph__decimal_power_int(const amph_decimal *base, int exponent, amph_decimal *out,
			     amph_arena *arena, amph_error *err);
#endif
