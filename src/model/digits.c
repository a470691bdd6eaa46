/* Decimal digits. */
#include "digits.h"

const char amph__digit_pairs[201] =
	"0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243"
	"4445464748495051525354555657585960616263646566676869707172737475767778798081828384858687"
	"888990919293949596979899";

const uint64_t amph__pow10[20] = {
	1u, 10u, 100u, 1000u, 10000u, 100000u, 1000000u, 10000000u, 100000000u, 1000000000u,
	10000000000u, 100000000000u, 1000000000000u, 10000000000000u, 100000000000000u,
	1000000000000000u, 10000000000000000u, 100000000000000000u, 1000000000000000000u,
	10000000000000000000u,
};

static unsigned count_digits(uint64_t n)
{
	unsigned bits = 64u - (unsigned)__builtin_clzll(n | 1);
	unsigned guess = bits * 1233 >> 12;     /* log10(2) is about 1233 / 4096 */
	return guess + (guess < 20 && n >= amph__pow10[guess]);
}

char *amph__put_padded(char *out, uint64_t n, unsigned width)
{
	char *at = out + width;
	while (at - out >= 2) {
		at -= 2;
		memcpy(at, amph__digit_pairs + 2 * (n % 100), 2);
		n /= 100;
	}
	if (at > out)
		*out = (char)('0' + n % 10);
	return out + width;
}

char *amph__put_uint(char *out, uint64_t n)
{
	unsigned width = count_digits(n);
	return amph__put_padded(out, n, width > 0 ? width : 1);
}

char *amph__put_int(char *out, int64_t n)
{
	if (n >= 0)
		return amph__put_uint(out, (uint64_t)n);
	*out = '-';
	return amph__put_uint(out + 1, 0 - (uint64_t)n);
}

size_t amph__copy_out(char *buf, size_t size, const char *text, size_t len)
{
	if (size > 0) {
		size_t n = len < size ? len : size - 1;
		memcpy(buf, text, n);
		buf[n] = '\0';
	}
	return len;
}

bool amph__text_is(const char *text, size_t len, const char *word)
{
	size_t i = 0;
	for (; i < len && word[i] != '\0'; i++) {
		if (amph__ascii_lower(text[i]) != word[i])
			return false;
	}
	return i == len && word[i] == '\0';
}
