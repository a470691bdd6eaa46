/* Natural numbers of a fixed capacity, as large as exact conversion of a double takes: the sum of
 * the bits of 800 decimal digits, of 5^1200 and some. */
#ifndef AMPH_MODEL_BIGNUM_H
#define AMPH_MODEL_BIGNUM_H
#include <stddef.h>
#include <stdint.h>

#define AMPH_BIGNUM_LIMBS 192
typedef struct amph_bignum {
	size_t n;                       /* limbs in use; the highest is not zero */
	uint32_t limb[AMPH_BIGNUM_LIMBS];       /* lowest first */
} amph_bignum;

void amph__bignum_set(amph_bignum *b, uint64_t value);
void amph__bignum_copy(amph_bignum *to, const amph_bignum *from);
void amph__bignum_mul_add(amph_bignum *b, uint32_t factor, uint32_t term);
void amph__bignum_mul_pow5(amph_bignum *b, unsigned exponent);
void amph__bignum_shift(amph_bignum *b, unsigned bits);         /* to the left */
int amph__bignum_compare(const amph_bignum *a, const amph_bignum *b);
/* a + b with c */
int amph__bignum_compare_sum(const amph_bignum *a, const amph_bignum *b, const amph_bignum *c);
void amph__bignum_sub(amph_bignum *a, const amph_bignum *b);    /* a >= b */
#endif
