/* Texts in encodings: those that PostgreSQL's clients use most, UTF-8 and Latin 1. */
#include "../functions.h"
#include <string.h>

typedef enum encoding { ENCODING_OTHER, ENCODING_UTF8, ENCODING_LATIN1 } encoding;

/* PostgreSQL compares letters and digits of a name alone. */
static encoding encoding_arg(sl_call *c, int i)
{
	size_t len, n = 0;
	const char *text = amph__sl_text(c, i, &len);
	char name[16] = "";

	for (size_t k = 0; k < len && n + 1 < sizeof name; k++)
		if (amph__ascii_is_alnum(text[k]))
			name[n++] = amph__ascii_lower(text[k]);
	if (!strcmp(name, "utf8") || !strcmp(name, "unicode"))
		return ENCODING_UTF8;
	if (!strcmp(name, "latin1") || !strcmp(name, "iso88591"))
		return ENCODING_LATIN1;
	amph__sl_raise(c, "0A000", "the encoding \"%.*s\" is not supported on SQLite", (int)len, text);
	return ENCODING_OTHER;
}

static bool check_utf8(sl_call *c, const char *bytes, size_t len)
{
	if (amph__utf8_valid(bytes, len))
		return true;
	amph__sl_raise(c, "22021", "invalid byte sequence for encoding \"UTF8\"");
	return false;
}

static void convert_from(sl_call *c)
{
	encoding from = encoding_arg(c, 1);
	size_t len;
	const char *bytes = amph__sl_text(c, 0, &len);
	amph_buf b;

	if (from == ENCODING_OTHER || (from == ENCODING_UTF8 && !check_utf8(c, bytes, len)))
		return;
	if (memchr(bytes, 0, len)) {
		amph__sl_raise(c, "22021", "invalid byte sequence for encoding: 0x00");
		return;
	}
	amph__buf_init(&b, c->env->allocator);
	for (size_t i = 0; from == ENCODING_LATIN1 && i < len; i++) {
		char ch[4];

		amph__buf_add(&b, ch, amph__utf8_put(ch, (unsigned char)bytes[i]));
	}
	if (from == ENCODING_UTF8)
		amph__buf_add(&b, bytes, len);
	amph__sl_result_buf(c, &b);
}

static void convert_to(sl_call *c)
{
	encoding to = encoding_arg(c, 1);
	size_t len, n = 0;
	const char *text = amph__sl_text(c, 0, &len);
	char *out = amph__arena_zero(c->arena, len + 1);

	if (!out || to == ENCODING_OTHER)
		return;
	if (to == ENCODING_UTF8) {
		sqlite3_result_blob64(c->ctx, len ? text : "", len, SQLITE_TRANSIENT);
		return;
	}
	for (const char *p = text; p < text + len;) {
		uint32_t ch;

		p += amph__utf8_next(p, &ch);
		if (ch > 0xFF) {
			amph__sl_raise(c, "22P05", "character has no equivalent in encoding \"LATIN1\"");
			return;
		}
		out[n++] = (char)ch;
	}
	sqlite3_result_blob64(c->ctx, out, n, SQLITE_TRANSIENT);
}

static void length_in(sl_call *c)
{
	encoding of = encoding_arg(c, 1);
	size_t len;
	const char *bytes = amph__sl_text(c, 0, &len);

	if (of == ENCODING_LATIN1)
		amph__sl_result_int(c, (int64_t)len);
	else if (of == ENCODING_UTF8 && check_utf8(c, bytes, len))
		amph__sl_result_int(c, (int64_t)amph__utf8_count(bytes, len));
}

static const sl_function rows[] = {
	{ "convert_from_bytea_text", 2, 0, convert_from, 0 },
	{ "convert_to_text_text", 2, 0, convert_to, 0 },
	{ "length_bytea_text", 2, 0, length_in, 0 }
};
const sl_functions amph__sl_encoding_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
