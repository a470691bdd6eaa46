/* Reading and writing decimal digits without printf and scanf: they are slow, and they listen to
 * the program's locale. */
#ifndef AMPH_MODEL_DIGITS_H
#define AMPH_MODEL_DIGITS_H
#include "../base/ascii.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define AMPH_INT64_TEXT_MAX 21          /* "-9223372036854775808" and a NUL */

extern const char amph__digit_pairs[201];       /* "000102...99" */
extern const uint64_t amph__pow10[20];          /* 10^0 to 10^19 */

static inline char *amph__put_2(char *out, unsigned n)
{
	memcpy(out, amph__digit_pairs + 2 * (n % 100), 2);
	return out + 2;
}

static inline char *amph__put_4(char *out, unsigned n)
{
	return amph__put_2(amph__put_2(out, n / 100), n);
}

/* Each returns what follows the last digit written; no NUL is added. */
char *amph__put_uint(char *out, uint64_t n);
char *amph__put_int(char *out, int64_t n);
/* n as width digits, zeros in front; n has no more. */
char *amph__put_padded(char *out, uint64_t n, unsigned width);

/* snprintf's contract over a text that is there already. */
size_t amph__copy_out(char *buf, size_t size, const char *text, size_t len);

/* text without white space on either side. */
static inline void amph__trim(const char **text, size_t *len)
{
	while (*len > 0 && amph__is_space(**text)) {
		++*text;
		--*len;
	}
	while (*len > 0 && amph__is_space((*text)[*len - 1]))
		--*len;
}

/* Whether text is word, in any case; word is in lower case. */
bool amph__text_is(const char *text, size_t len, const char *word);
#endif
