/* character(n): filled up with spaces, or cut where only spaces go; a cast cuts anything. */
#include "../functions.h"
#include "../../../../src/base/buf.h"

static size_t count_characters(const char *text, size_t len, size_t most, size_t *bytes)
{
	size_t n = 0, i = 0;

	while (i < len && n < most) {
		for (i++; i < len && ((unsigned char)text[i] & 0xc0) == 0x80;)
			i++;
		n++;
	}
	*bytes = i;
	return n;
}

static void bpchar(sl_call *c)
{
	size_t len, bytes, n, want = (size_t)amph__sl_int(c, 1);
	const char *text = amph__sl_text(c, 0, &len);
	amph_buf b;

	n = count_characters(text, len, want, &bytes);
	for (size_t i = bytes; i < len && !amph__sl_int(c, 2); i++) {
		if (text[i] == ' ')
			continue;
		amph__sl_raise(c, "22001", "value too long for type character(%lld)", (long long)want);
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__buf_add(&b, text, bytes);
	for (; n < want; n++)
		amph__buf_putc(&b, ' ');
	amph__sl_result_buf(c, &b);
}

static const sl_function rows[] = { { "bpchar", 3, 0, bpchar, 0 } };
const sl_functions amph__sl_bpchar_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
