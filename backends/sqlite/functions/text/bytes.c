/* Functions of bytea: parts, bits, encodings, digests. */
#include "digest.h"
#include "../functions.h"
#include <string.h>

typedef struct bytes {
	const uint8_t *at;
	size_t len;
} bytes;

static bytes arg_bytes(const sl_call *c, int i)
{
	bytes b;

	b.at = (const uint8_t *)amph__sl_text(c, i, &b.len);
	return b;
}

static void put_bytes_buf(sl_call *c, amph_buf *b)
{
	if (b->failed)
		amph__sl_raise_nomem(c);
	else
		amph__sl_result_bytes(c, amph__buf_text(b), b->len);
	amph__buf_clear(b);
}

static void add_bytes(amph_buf *b, const uint8_t *at, size_t len)
{
	amph__buf_add(b, (const char *)at, len);
}

/* ---- parts ---- */

static void concat(sl_call *c)
{
	bytes x = arg_bytes(c, 0), y = arg_bytes(c, 1);
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	add_bytes(&b, x.at, x.len);
	add_bytes(&b, y.at, y.len);
	put_bytes_buf(c, &b);
}

static void bit_length(sl_call *c)
{
	amph__sl_result_int(c, (int64_t)arg_bytes(c, 0).len * 8);
}

enum { LEFT = 1, RIGHT = 2 };

static void trim(sl_call *c)
{
	bytes x = arg_bytes(c, 0), set = arg_bytes(c, 1);

	while ((c->arg & LEFT) && x.len && set.len && memchr(set.at, *x.at, set.len)) {
		x.at++;
		x.len--;
	}
	while ((c->arg & RIGHT) && x.len && set.len && memchr(set.at, x.at[x.len - 1], set.len))
		x.len--;
	amph__sl_result_bytes(c, x.at, x.len);
}

static void substring(sl_call *c)
{
	bytes x = arg_bytes(c, 0);
	int64_t start = amph__sl_int(c, 1), end = (int64_t)x.len + 1;

	if (c->argc > 2) {
		int64_t n = amph__sl_int(c, 2);

		if (n < 0) {
			amph__sl_raise(c, "22011", "negative substring length not allowed");
			return;
		}
		if (start + n < end)
			end = start + n;
	}
	if (start < 1)
		start = 1;
	amph__sl_result_bytes(c, x.at + (start <= end ? start - 1 : 0),
			      start < end ? (size_t)(end - start) : 0);
}

static void position(sl_call *c)
{
	bytes x = arg_bytes(c, 0), what = arg_bytes(c, 1);
	const uint8_t *at = what.len ? memmem(x.at, x.len, what.at, what.len) : x.at;

	amph__sl_result_int(c, at ? at - x.at + 1 : 0);
}

static void overlay(sl_call *c)
{
	bytes x = arg_bytes(c, 0), with = arg_bytes(c, 1);
	int64_t start = amph__sl_int(c, 2);
	int64_t n = c->argc > 3 ? amph__sl_int(c, 3) : (int64_t)with.len;
	size_t head, tail;
	amph_buf b;

	if (start <= 0) {
		amph__sl_raise(c, "22011", "negative substring length not allowed");
		return;
	}
	if (start + n > INT32_MAX) {
		amph__sl_raise(c, "22003", "integer out of range");
		return;
	}
	head = (size_t)start - 1 < x.len ? (size_t)start - 1 : x.len;
	tail = start + n - 1 < 0 ? 0 : (size_t)(start + n - 1);
	amph__buf_init(&b, c->env->allocator);
	add_bytes(&b, x.at, head);
	add_bytes(&b, with.at, with.len);
	if (tail < x.len)
		add_bytes(&b, x.at + tail, x.len - tail);
	put_bytes_buf(c, &b);
}

/* ---- bytes and bits: the lowest bit of the first byte is bit 0 ---- */

static bool check_index(sl_call *c, int64_t i, uint64_t n)
{
	if (i >= 0 && (uint64_t)i < n)
		return true;
	amph__sl_raise(c, "2202E", "index %lld out of valid range, 0..%lld", (long long)i,
		       (long long)n - 1);
	return false;
}

static void get_byte(sl_call *c)
{
	bytes x = arg_bytes(c, 0);

	if (check_index(c, amph__sl_int(c, 1), x.len))
		amph__sl_result_int(c, x.at[amph__sl_int(c, 1)]);
}

static void get_bit(sl_call *c)
{
	bytes x = arg_bytes(c, 0);
	int64_t i = amph__sl_int(c, 1);

	if (check_index(c, i, (uint64_t)x.len * 8))
		amph__sl_result_int(c, x.at[i / 8] >> (i % 8) & 1);
}

static void put_changed(sl_call *c, size_t at, uint8_t mask, uint8_t value)
{
	bytes x = arg_bytes(c, 0);
	uint8_t *copy = amph__arena_copy(c->arena, x.at, x.len);

	if (!copy)
		return;
	copy[at] = (uint8_t)((copy[at] & ~mask) | (value & mask));
	amph__sl_result_bytes(c, copy, x.len);
}

static void set_byte(sl_call *c)
{
	int64_t i = amph__sl_int(c, 1);

	if (check_index(c, i, arg_bytes(c, 0).len))
		put_changed(c, (size_t)i, 0xff, (uint8_t)amph__sl_int(c, 2));
}

static void set_bit(sl_call *c)
{
	int64_t i = amph__sl_int(c, 1), value = amph__sl_int(c, 2);

	if (!check_index(c, i, (uint64_t)arg_bytes(c, 0).len * 8))
		return;
	if (value != 0 && value != 1)
		amph__sl_raise(c, "22023", "new bit must be 0 or 1");
	else
		put_changed(c, (size_t)(i / 8), (uint8_t)(1 << (i % 8)), (uint8_t)(value << (i % 8)));
}

static void bit_count(sl_call *c)
{
	bytes x = arg_bytes(c, 0);
	int64_t n = 0;

	for (size_t i = 0; i < x.len; i++)
		n += __builtin_popcount(x.at[i]);
	amph__sl_result_int(c, n);
}

/* ---- encodings ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Lines of 76 digits, as MIME has them. */
static void add_base64(amph_buf *b, bytes x)
{
	for (size_t i = 0; i < x.len; i += 3) {
		uint32_t group = (uint32_t)x.at[i] << 16;
		size_t n = x.len - i < 3 ? x.len - i : 3;
		char out[4];

		if (i && i % 57 == 0)
			amph__buf_putc(b, '\n');
		group |= n > 1 ? (uint32_t)x.at[i + 1] << 8 : 0;
		group |= n > 2 ? x.at[i + 2] : 0;
		for (unsigned k = 0; k < 4; k++)
			out[k] = k > n ? '=' : base64_digits[group >> (18 - 6 * k) & 63];
		amph__buf_add(b, out, 4);
	}
}

static void add_hex(amph_buf *b, bytes x)
{
	for (size_t i = 0; i < x.len; i++)
		amph__buf_printf(b, "%02x", x.at[i]);
}

static void add_escaped(amph_buf *b, bytes x)
{
	for (size_t i = 0; i < x.len; i++) {
		if (x.at[i] == 0 || x.at[i] >= 0x80)
			amph__buf_printf(b, "\\%03o", x.at[i]);
		else if (x.at[i] == '\\')
			amph__buf_puts(b, "\\\\");
		else
			amph__buf_putc(b, (char)x.at[i]);
	}
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool read_hex(sl_call *c, bytes x, amph_buf *b)
{
	for (size_t i = 0; i < x.len; i++) {
		int high, low;

		if (is_space(x.at[i]))
			continue;
		high = amph__hex_of((char)x.at[i]);
		if (high >= 0 && i + 1 == x.len) {
			amph__sl_raise(c, "22023", "invalid hexadecimal data: odd number of digits");
			return false;
		}
		low = high >= 0 ? amph__hex_of((char)x.at[++i]) : -1;
		if (low < 0) {
			amph__sl_raise(c, "22023", "invalid hexadecimal digit: \"%c\"", x.at[i]);
			return false;
		}
		amph__buf_putc(b, (char)(high << 4 | low));
	}
	return true;
}

static bool read_base64(sl_call *c, bytes x, amph_buf *b)
{
	uint32_t group = 0;
	unsigned n = 0, pads = 0;

	for (size_t i = 0; i < x.len; i++) {
		const char *digit = x.at[i] ? strchr(base64_digits, x.at[i]) : NULL;

		if (is_space(x.at[i]))
			continue;
		if (x.at[i] == '=' && n >= 2) {
			pads++;
		} else if (x.at[i] == '=') {
			amph__sl_raise(c, "22023", "unexpected \"=\" while decoding base64 sequence");
			return false;
		} else if (!digit || pads) {
			amph__sl_raise(c, "22023", "invalid symbol \"%c\" found while decoding base64 "
				       "sequence", x.at[i]);
			return false;
		}
		group = group << 6 | (digit ? (uint32_t)(digit - base64_digits) : 0);
		if (++n < 4)
			continue;
		for (unsigned k = 0; k < 3 - pads; k++)
			amph__buf_putc(b, (char)(group >> (16 - 8 * k)));
		group = n = pads = 0;
	}
	if (n)
		amph__sl_raise(c, "22023", "invalid base64 end sequence");
	return n == 0;
}

static bool is_octal(const uint8_t *p)
{
	return p[0] >= '0' && p[0] <= '3' && p[1] >= '0' && p[1] <= '7' && p[2] >= '0' && p[2] <= '7';
}

static bool read_escaped(sl_call *c, bytes x, amph_buf *b)
{
	for (size_t i = 0; i < x.len; i++) {
		if (x.at[i] != '\\') {
			amph__buf_putc(b, (char)x.at[i]);
		} else if (i + 1 < x.len && x.at[i + 1] == '\\') {
			amph__buf_putc(b, '\\');
			i++;
		} else if (i + 3 < x.len && is_octal(x.at + i + 1)) {
			amph__buf_putc(b, (char)((x.at[i + 1] - '0') << 6 | (x.at[i + 2] - '0') << 3 |
						 (x.at[i + 3] - '0')));
			i += 3;
		} else {
			amph__sl_raise(c, "22P02", "invalid input syntax for type bytea");
			return false;
		}
	}
	return true;
}

static const struct {
	const char *name;
	void (*encode)(amph_buf *b, bytes x);
	bool (*decode)(sl_call *c, bytes x, amph_buf *b);
} encodings[] = {
	{ "base64", add_base64, read_base64 },
	{ "escape", add_escaped, read_escaped },
	{ "hex", add_hex, read_hex }
};

/* -1: the error is raised. */
static int encoding_arg(sl_call *c)
{
	size_t len;
	const char *name = amph__sl_text(c, 1, &len);

	for (int i = 0; i < 3; i++)
		if (amph__ascii_same(encodings[i].name, name))
			return i;
	amph__sl_raise(c, "22023", "unrecognized encoding: \"%s\"", name);
	return -1;
}

static void encode(sl_call *c)
{
	int i = encoding_arg(c);
	amph_buf b;

	if (i < 0)
		return;
	amph__buf_init(&b, c->env->allocator);
	encodings[i].encode(&b, arg_bytes(c, 0));
	amph__sl_result_buf(c, &b);
}

static void decode(sl_call *c)
{
	int i = encoding_arg(c);
	amph_buf b;

	if (i < 0)
		return;
	amph__buf_init(&b, c->env->allocator);
	if (encodings[i].decode(c, arg_bytes(c, 0), &b))
		put_bytes_buf(c, &b);
	else
		amph__buf_clear(&b);
}

/* ---- digests ---- */

static void md5(sl_call *c)
{
	bytes x = arg_bytes(c, 0);
	uint8_t digest[16];
	amph_buf b;

	amph__md5(x.at, x.len, digest);
	amph__buf_init(&b, c->env->allocator);
	add_hex(&b, (bytes){ digest, 16 });
	amph__sl_result_buf(c, &b);
}

static void sha2(sl_call *c)
{
	bytes x = arg_bytes(c, 0);
	uint8_t digest[64];

	amph__sha2((int)c->arg, x.at, x.len, digest);
	amph__sl_result_bytes(c, digest, (size_t)c->arg / 8);
}

static const sl_function rows[] = {
	{ "bit_count_bytea", 1, 0, bit_count, 0 },
	{ "bit_length_bytea", 1, 0, bit_length, 0 },
	{ "btrim_bytea_bytea", 2, 0, trim, LEFT | RIGHT },
	{ "byteacat", 2, 0, concat, 0 },
	{ "decode_text_text", 2, 0, decode, 0 },
	{ "encode_bytea_text", 2, 0, encode, 0 },
	{ "get_bit_bytea_int8", 2, 0, get_bit, 0 },
	{ "get_byte_bytea_int4", 2, 0, get_byte, 0 },
	{ "ltrim_bytea_bytea", 2, 0, trim, LEFT },
	{ "md5_bytea", 1, 0, md5, 0 },
	{ "md5_text", 1, 0, md5, 0 },
	{ "overlay_bytea_bytea_int4", 3, 0, overlay, 0 },
	{ "overlay_bytea_bytea_int4_int4", 4, 0, overlay, 0 },
	{ "position_bytea_bytea", 2, 0, position, 0 },
	{ "rtrim_bytea_bytea", 2, 0, trim, RIGHT },
	{ "set_bit_bytea_int8_int4", 3, 0, set_bit, 0 },
	{ "set_byte_bytea_int4_int4", 3, 0, set_byte, 0 },
	{ "sha224_bytea", 1, 0, sha2, 224 },
	{ "sha256_bytea", 1, 0, sha2, 256 },
	{ "sha384_bytea", 1, 0, sha2, 384 },
	{ "sha512_bytea", 1, 0, sha2, 512 },
	{ "substr_bytea_int4", 2, 0, substring, 0 },
	{ "substr_bytea_int4_int4", 3, 0, substring, 0 },
	{ "substring_bytea_int4", 2, 0, substring, 0 },
	{ "substring_bytea_int4_int4", 3, 0, substring, 0 }
};
const sl_functions amph__sl_bytes_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
