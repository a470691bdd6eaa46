/* UTF-8. Most text is ASCII, so eight bytes are looked at together where they are. */
#include "utf8.h"
#include <string.h>

#define EACH_BYTE(x) (UINT64_C(0x0101010101010101) * (x))

/* Neither a byte of a longer character nor a NUL among eight. */
static bool is_plain(const char *text)
{
	uint64_t w;
	memcpy(&w, text, sizeof(w));
	uint64_t zero = (w - EACH_BYTE(1)) & ~w;
	return ((w | zero) & EACH_BYTE(0x80)) == 0;
}

/* Bytes of the character that starts with lead, 0 where none does. The second byte is limited
 * by lo and hi, which is what rules out overlong forms, surrogates and more than U+10FFFF. */
static size_t char_len(unsigned char lead, unsigned char *lo, unsigned char *hi)
{
	*lo = 0x80;
	*hi = 0xBF;
	if (lead < 0x80)
		return lead != 0;
	if (lead < 0xC2 || lead > 0xF4)
		return 0;
	if (lead == 0xE0)
		*lo = 0xA0;
	else if (lead == 0xED)
		*hi = 0x9F;
	else if (lead == 0xF0)
		*lo = 0x90;
	else if (lead == 0xF4)
		*hi = 0x8F;
	return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Bytes of the valid character at text, 0 where there is none. */
static size_t valid_char(const unsigned char *text, size_t len)
{
	unsigned char lo, hi;
	size_t n = char_len(text[0], &lo, &hi);
	if (n < 2)
		return n;
	if (n > len || text[1] < lo || text[1] > hi)
		return 0;
	for (size_t i = 2; i < n; i++) {
		if ((text[i] & 0xC0) != 0x80)
			return 0;
	}
	return n;
}

/* Sixteen bytes at once where the machine has registers of that size. */
typedef uint8_t bytes_16 __attribute__((vector_size(16)));
typedef uint64_t words_2 __attribute__((vector_size(16)));

/* Bytes that are no ASCII, or NUL, leave a high bit. */
static inline bytes_16 look(const char *text)
{
	bytes_16 b;
	memcpy(&b, text, sizeof b);
	return b | (bytes_16)(b == 0);
}

/* ASCII without a NUL: what most texts are. The last bytes may overlap those before. */
static bool all_plain(const char *text, size_t len)
{
	if (len < 16)
		return len >= 8 && is_plain(text) && is_plain(text + len - 8);
	bytes_16 seen = look(text + len - 16);
	for (size_t i = 0; i + 16 < len; i += 16)
		seen |= look(text + i);
	words_2 w = (words_2)seen;
	return ((w[0] | w[1]) & EACH_BYTE(0x80)) == 0;
}

bool amph__utf8_valid(const char *text, size_t len)
{
	if (all_plain(text, len))
		return true;
	while (len > 0) {
		size_t n = 8;
		if (len < 8 || !is_plain(text))
			n = valid_char((const unsigned char *)text, len);
		if (n == 0)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

size_t amph__utf8_count(const char *text, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)text[i] & 0xC0) != 0x80;
	return n;
}

size_t amph__utf8_next(const char *text, uint32_t *c)
{
	const unsigned char *t = (const unsigned char *)text;
	if (t[0] < 0x80) {
		*c = t[0];
		return 1;
	}
	size_t n = t[0] < 0xE0 ? 2 : t[0] < 0xF0 ? 3 : 4;
	uint32_t value = t[0] & (0x7FU >> n);
	for (size_t i = 1; i < n; i++)
		value = value << 6 | (t[i] & 0x3FU);
	*c = value;
	return n;
}

size_t amph__utf8_put(char *out, uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3F));
		c >>= 6;
	}
	out[0] = (char)(lead[n] | c);
	return n;
}
