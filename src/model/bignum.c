/* Natural numbers for the conversion of floating point. The capacity is proved by the callers:
 * what they multiply is bounded by the exponents of a double. */
#include "bignum.h"
#include <string.h>

static void push(amph_bignum *b, uint32_t limb)
{
	if (limb != 0 && b->n < AMPH_BIGNUM_LIMBS)
		b->limb[b->n++] = limb;
}

void amph__bignum_set(amph_bignum *b, uint64_t value)
{
	b->n = 0;
	if (value >> 32 != 0)
		b->limb[b->n++] = (uint32_t)value;
	push(b, (uint32_t)(value >> 32 != 0 ? value >> 32 : value));
}

void amph__bignum_copy(amph_bignum *to, const amph_bignum *from)
{
	to->n = from->n;
	memcpy(to->limb, from->limb, from->n * sizeof(uint32_t));
}

void amph__bignum_mul_add(amph_bignum *b, uint32_t factor, uint32_t term)
{
	uint64_t carry = term;
	for (size_t i = 0; i < b->n; i++) {
		carry += (uint64_t)b->limb[i] * factor;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	push(b, (uint32_t)carry);
}

void amph__bignum_mul_pow5(amph_bignum *b, unsigned exponent)
{
	static const uint32_t powers[] = {
		1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125,
		244140625, 1220703125,
	};
	for (; exponent > 13; exponent -= 13)
		amph__bignum_mul_add(b, powers[13], 0);
	amph__bignum_mul_add(b, powers[exponent], 0);
}

void amph__bignum_shift(amph_bignum *b, unsigned bits)
{
	size_t limbs = bits / 32;
	if (bits % 32 != 0)
		amph__bignum_mul_add(b, (uint32_t)1 << bits % 32, 0);
	if (b->n == 0 || limbs == 0 || b->n + limbs > AMPH_BIGNUM_LIMBS)
		return;
	memmove(b->limb + limbs, b->limb, b->n * sizeof(uint32_t));
	memset(b->limb, 0, limbs * sizeof(uint32_t));
	b->n += limbs;
}

int amph__bignum_compare(const amph_bignum *a, const amph_bignum *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (size_t i = a->n; i-- > 0; ) {
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	}
	return 0;
}

int amph__bignum_compare_sum(const amph_bignum *a, const amph_bignum *b, const amph_bignum *c)
{
	amph_bignum sum;
	uint64_t carry = 0;
	sum.n = 0;
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		carry += (i < a->n ? a->limb[i] : 0);
		carry += (i < b->n ? b->limb[i] : 0);
		sum.limb[sum.n++] = (uint32_t)carry;
		carry >>= 32;
	}
	push(&sum, (uint32_t)carry);
	return amph__bignum_compare(&sum, c);
}

void amph__bignum_sub(amph_bignum *a, const amph_bignum *b)
{
	uint64_t borrow = 0;
	for (size_t i = 0; i < a->n; i++) {
		uint64_t take = (i < b->n ? b->limb[i] : 0) + borrow;
		borrow = a->limb[i] < take;
		a->limb[i] = (uint32_t)(a->limb[i] - take);
	}
	while (a->n > 0 && a->limb[a->n - 1] == 0)
		a->n--;
}
