/* Bytes: PostgreSQL's hex form, and its older escape form on input. */
#include "type.h"

/* White space may stand between the pairs of digits. -1: an error was set. */
static ptrdiff_t read_hex(const char *at, const char *end, uint8_t *out, amph_error *err)
{
	uint8_t *start = out;
	while (at < end) {
		if (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r') {
			at++;
			continue;
		}
		int high = amph__hex_of(*at++);
		if (high >= 0 && at == end) {
			amph__error(err, "22023",
				    "invalid hexadecimal data for bytea: odd number of digits");
			return -1;
		}
		int low = high < 0 ? -1 : amph__hex_of(*at++);
		if (low < 0) {
			amph__error(err, "22023", "invalid hexadecimal digit for bytea");
			return -1;
		}
		*out++ = (uint8_t)(high << 4 | low);
	}
	return out - start;
}

static bool is_octal(char c, char last)
{
	return c >= '0' && c <= last;
}

/* Two backslashes are one, a backslash with three octal digits is a byte. */
static ptrdiff_t read_escaped(const char *at, const char *end, uint8_t *out, amph_error *err)
{
	uint8_t *start = out;
	while (at < end) {
		if (*at != '\\') {
			*out++ = (uint8_t)*at++;
		} else if (end - at >= 4 && is_octal(at[1], '3') && is_octal(at[2], '7') &&
			   is_octal(at[3], '7')) {
			*out++ = (uint8_t)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
			at += 4;
		} else if (end - at >= 2 && at[1] == '\\') {
			*out++ = '\\';
			at += 2;
		} else {
			amph__error(err, "22P02", "invalid input syntax for type bytea");
			return -1;
		}
	}
	return out - start;
}

bool amph__bytes_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	bool hex = len >= 2 && text[0] == '\\' && text[1] == 'x';
	uint8_t *data = amph__arena_alloc(arena, (hex ? len / 2 : len) + 1);
	if (data == NULL)
		return amph__error_nomem(err);
	ptrdiff_t size = hex ? read_hex(text + 2, text + len, data, err)
			     : read_escaped(text, text + len, data, err);
	if (size < 0)
		return false;
	*(amph_bytes *)out = (amph_bytes){ data, (size_t)size };
	return true;
}

void amph__bytes_write(const void *value, amph_buf *out)
{
	static const char hex[] = "0123456789abcdef";
	const amph_bytes *bytes = value;
	const uint8_t *data = bytes->data;
	size_t len;
	if (!amph__size_mul(bytes->size, 2, &len) || !amph__size_add(len, 2, &len)) {
		out->failed = true;
		return;
	}
	char *at = amph__buf_reserve(out, len);
	if (at == NULL)
		return;
	*at++ = '\\';
	*at++ = 'x';
	for (size_t i = 0; i < bytes->size; i++) {
		*at++ = hex[data[i] >> 4];
		*at++ = hex[data[i] & 15];
	}
	out->len += len;
}

int amph__bytes_order(const void *a, const void *b)
{
	const amph_bytes *x = a, *y = b;
	size_t n = x->size < y->size ? x->size : y->size;
	int order = n > 0 ? memcmp(x->data, y->data, n) : 0;
	return order != 0 ? order : AMPH_ORDER_(x->size, y->size);
}
