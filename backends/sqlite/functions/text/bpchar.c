/* Texts of limited length: character(n), filled up with spaces, and varchar(n). Only spaces are cut off,
 * but a cast cuts anything. Of arrays it is each element. */
#include "../../../../src/base/buf.h"
#include "../array/matrix.h"
#include <string.h>

enum { VARYING, PADDED };

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

/* Argument 1 is the length, 2 whether it is a cast. false: the error is raised. */
static bool put_fitted(sl_call *c, const char *text, size_t len, amph_buf *out)
{
	size_t bytes, want = (size_t)amph__sl_int(c, 1), n = count_characters(text, len, want, &bytes);

	for (size_t i = bytes; i < len && !amph__sl_int(c, 2); i++) {
		if (text[i] == ' ')
			continue;
		amph__sl_raise(c, "22001", "value too long for type character%s(%zu)",
			       c->arg == PADDED ? "" : " varying", want);
		return false;
	}
	amph__buf_add(out, text, bytes);
	for (; c->arg == PADDED && n < want; n++)
		amph__buf_putc(out, ' ');
	return true;
}

static void fit_text(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	if (put_fitted(c, text, len, &b))
		amph__sl_result_buf(c, &b);
	else
		amph__buf_clear(&b);
}

/* The element in its place. */
static bool fit_element(sl_call *c, const char **item)
{
	amph_buf b;
	bool ok;

	amph__buf_init(&b, c->env->allocator);
	ok = put_fitted(c, *item, strlen(*item), &b);
	if (ok)
		*item = amph__arena_text(c->arena, amph__buf_text(&b), b.len);
	ok = ok && !b.failed && *item;
	amph__buf_clear(&b);
	return ok;
}

static bool fit_number(sl_call *c, const char **item)
{
	amph_decimal d;
	amph_error err;
	amph_buf b;

	if (!amph__decimal_parse(*item, strlen(*item), &d, c->arena, &err) ||
	    !amph__decimal_fit(&d, (int)amph__sl_int(c, 1), (int)amph__sl_int(c, 2), c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return false;
	}
	amph__buf_init(&b, c->env->allocator);
	amph__decimal_format(&d, &b);
	*item = b.failed ? NULL : amph__arena_text(c->arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	return *item != NULL;
}

static void fit_items(sl_call *c, bool (*fit)(sl_call *c, const char **item))
{
	amph_matrix m;

	if (!amph__sl_matrix_arg(c, 0, &m))
		return;
	for (size_t i = 0; i < m.n; i++)
		if (m.items[i] && !fit(c, &m.items[i]))
			return;
	amph__sl_matrix_result(c, &m);
}

static void fit_texts(sl_call *c)
{
	fit_items(c, fit_element);
}

static void fit_numbers(sl_call *c)
{
	fit_items(c, fit_number);
}

static const sl_function rows[] = {
	{ "array_bpchar", 3, 0, fit_texts, PADDED },
	{ "array_numeric_fit", 3, 0, fit_numbers, 0 },
	{ "array_varchar", 3, 0, fit_texts, VARYING },
	{ "bpchar", 3, 0, fit_text, PADDED },
	{ "varchar", 3, 0, fit_text, VARYING }
};
const sl_functions amph__sl_bpchar_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
