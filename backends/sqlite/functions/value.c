/* Arguments and results of functions, and the text of values as it is stored. */
#include "json/jsontext.h"
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { YEAR_DIGITS = 7, BC_BASE = 10000000 };

const char *amph__sl_text(const sl_call *c, int i, size_t *len)
{
	sqlite3_value *v = c->argv[i];
	const void *text = sqlite3_value_type(v) == SQLITE_BLOB ? sqlite3_value_blob(v)
								 : sqlite3_value_text(v);

	*len = (size_t)sqlite3_value_bytes(v);
	return text ? text : "";
}

bool amph__sl_arg(sl_call *c, int i, int type, void *out)
{
	char plain[64];
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	text = amph__sl_plain_text(type, text, &len, plain);
	if (amph__types[type].parse(text, len, out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

bool amph__sl_decimal(sl_call *c, int i, amph_decimal *out)
{
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, i, &len);

	if (amph__decimal_parse(text, len, out, c->arena, &err))
		return true;
	amph__sl_raise_error(c, &err);
	return false;
}

/* ---- results ---- */

void amph__sl_result_int(sl_call *c, int64_t n)
{
	sqlite3_result_int64(c->ctx, n);
}

void amph__sl_result_bool(sl_call *c, bool b)
{
	sqlite3_result_int(c->ctx, b);
}

void amph__sl_result_real(sl_call *c, double d)
{
	if (isnan(d))
		amph__sl_result_text(c, "NaN", 3);
	else
		sqlite3_result_double(c->ctx, d);
}

void amph__sl_result_null(sl_call *c)
{
	sqlite3_result_null(c->ctx);
}

void amph__sl_result_text(sl_call *c, const char *text, size_t len)
{
	sqlite3_result_text64(c->ctx, text, len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

void amph__sl_result_bytes(sl_call *c, const void *data, size_t len)
{
	if (len)
		sqlite3_result_blob64(c->ctx, data, len, SQLITE_TRANSIENT);
	else
		sqlite3_result_zeroblob(c->ctx, 0);
}

void amph__sl_result_buf(sl_call *c, amph_buf *b)
{
	if (b->failed)
		amph__sl_raise_nomem(c);
	else
		amph__sl_result_text(c, amph__buf_text(b), b->len);
	amph__buf_clear(b);
}

void amph__sl_result_of(sl_call *c, int type, const void *value)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__types[type].format(value, &b);
	amph__sl_store_text(type, &b, 0);
	amph__sl_result_buf(c, &b);
}

void amph__sl_result_decimal(sl_call *c, const amph_decimal *d)
{
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__decimal_format(d, &b);
	amph__sl_result_buf(c, &b);
}

void amph__sl_raise(sl_call *c, const char *sqlstate, const char *format, ...)
{
	char text[320];
	int at = snprintf(text, sizeof(text), "%s:", sqlstate);
	va_list args;

	va_start(args, format);
	vsnprintf(text + at, sizeof(text) - (size_t)at, format, args);
	va_end(args);
	c->raised = true;
	if (c->ctx) {
		sqlite3_result_error(c->ctx, text, -1);
		return;
	}
	sqlite3_free(*c->message);
	*c->message = sqlite3_mprintf("%s", text);
	c->nomem |= !*c->message;
}

void amph__sl_raise_error(sl_call *c, const amph_error *err)
{
	if (!strcmp(err->sqlstate, "53200"))
		amph__sl_raise_nomem(c);
	else
		amph__sl_raise(c, err->sqlstate, "%s", err->message);
}

void amph__sl_raise_nomem(sl_call *c)
{
	if (c->ctx)
		sqlite3_result_error_nomem(c->ctx);
	c->nomem = true;
}

/* ---- stored text ---- */

static bool has_year(int type)
{
	return type == AMPH_T_DATE || type == AMPH_T_TIMESTAMP || type == AMPH_T_TIMESTAMPTZ;
}

void amph__sl_store_text(int type, amph_buf *b, size_t start)
{
	char head[16];
	char *text;
	size_t len, digits = 0;
	bool bc;
	long year;

	if (!has_year(type) || b->failed || b->len - start < 10)
		return;
	text = b->text + start;
	len = b->len - start;
	while (amph__is_digit(text[digits]))
		digits++;
	bc = !memcmp(text + len - 3, " BC", 3);
	if (digits < 4 || (digits == 4 && !bc))
		return;
	year = strtol(text, NULL, 10);
	snprintf(head, sizeof(head), "%c%0*ld", bc ? '/' : 'Y', YEAR_DIGITS, bc ? BC_BASE - year : year);
	if (!amph__buf_reserve(b, YEAR_DIGITS + 1 - digits))
		return;
	text = b->text + start;
	memmove(text + YEAR_DIGITS + 1, text + digits, len - digits + 1);
	memcpy(text, head, YEAR_DIGITS + 1);
	b->len += YEAR_DIGITS + 1 - digits;
}

const char *amph__sl_plain_text(int type, const char *text, size_t *len, char *out)
{
	long year = 0;
	int n;

	if (!has_year(type) || *len <= YEAR_DIGITS + 1 || *len >= 60 ||
	    (text[0] != '/' && text[0] != 'Y'))
		return text;
	for (size_t i = 1; i <= YEAR_DIGITS; i++) {
		if (text[i] < '0' || text[i] > '9')
			return text;
		year = year * 10 + text[i] - '0';
	}
	if (text[0] == '/')
		year = BC_BASE - year;
	n = snprintf(out, 64, "%04ld%.*s", year, (int)(*len - YEAR_DIGITS - 1), text + YEAR_DIGITS + 1);
	*len = (size_t)n;
	return out;
}

/* ---- constants ---- */

static bool store_integer(const void *value, int type, sl_stored *out)
{
	out->kind = SQLITE_INTEGER;
	if (type == AMPH_T_BOOL)
		out->integer = *(const bool *)value;
	else if (type == AMPH_T_INT16)
		out->integer = *(const int16_t *)value;
	else if (type == AMPH_T_INT32)
		out->integer = *(const int32_t *)value;
	else
		out->integer = *(const int64_t *)value;
	return true;
}

static bool store_real(const void *value, int type, sl_stored *out)
{
	out->kind = SQLITE_FLOAT;
	out->real = type == AMPH_T_FLOAT ? (double)*(const float *)value : *(const double *)value;
	if (isnan(out->real))
		*out = (sl_stored){ .kind = SQLITE_TEXT, .text = "NaN", .len = 3 };
	return true;
}

static bool store_formatted(amph_arena *arena, int type, const void *value, sl_stored *out,
			    amph_error *err)
{
	amph_buf b;

	amph__buf_init(&b, arena->allocator);
	amph__types[type].format(value, &b);
	amph__sl_store_text(type, &b, 0);
	out->kind = SQLITE_TEXT;
	out->len = b.len;
	out->text = b.failed ? NULL : amph__arena_text(arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	return out->text ? true : amph__error_nomem(err);
}

static bool store_search(amph_arena *arena, int type, const char *text, size_t len, sl_stored *out,
			 amph_error *err)
{
	amph_buf b;
	bool ok;

	amph__buf_init(&b, arena->allocator);
	ok = amph__sl_search_format(type, text, len, &b, err);
	out->len = b.len;
	out->text = ok ? amph__arena_text(arena, amph__buf_text(&b), b.len) : NULL;
	amph__buf_clear(&b);
	return out->text || !ok ? ok : amph__error_nomem(err);
}

static bool store_array(amph_arena *arena, const amph_sqltype *type, const char *text, size_t len,
			sl_stored *out, amph_error *err)
{
	amph_buf b;

	amph__buf_init(&b, arena->allocator);
	if (!amph__matrix_normal(type, text, len, &b, arena, err)) {
		amph__buf_clear(&b);
		return false;
	}
	out->kind = SQLITE_TEXT;
	out->len = b.len;
	out->text = b.failed ? NULL : amph__arena_text(arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	return out->text ? true : amph__error_nomem(err);
}

static bool store_label(const amph_enum_type *e, const char *text, size_t len, sl_stored *out,
			amph_error *err)
{
	out->kind = SQLITE_TEXT;
	out->text = text;
	out->len = len;
	for (size_t i = 0; e && i < e->n_labels; i++)
		if (strlen(e->labels[i]) == len && !memcmp(e->labels[i], text, len))
			return true;
	return amph__error(err, "22P02", "invalid input value for enum %s: \"%s\"", e ? e->name : "",
			   text);
}

bool amph__sl_store(amph_arena *arena, const amph_sqltype *type, const char *text, size_t len,
		    sl_stored *out, amph_error *err)
{
	union { amph_interval i; amph_numeric n; amph_uuid u; amph_bytes b; int64_t l; double d; } v;
	int base = type->type & ~AMPH_T_NULLABLE;

	out->kind = SQLITE_TEXT;
	out->text = text;
	out->len = len;
	/* of rows as values only an empty array is ever written */
	if ((base & ~AMPH_T_ARRAY) >= AMPH_T_ROW_VALUE)
		return true;
	if (base & AMPH_T_ARRAY)
		return store_array(arena, type, text, len, out, err);
	if (base == AMPH_T_ENUM)
		return store_label(type->enumeration, text, len, out, err);
	if (base == AMPH_T_PLAIN_JSON)
		return amph__sl_plain_check(arena, text, len, err);
	if (base == AMPH_T_TSVECTOR || base == AMPH_T_TSQUERY || base == AMPH_T_JSONPATH)
		return store_search(arena, base, text, len, out, err);
	if (base >= AMPH_T_COUNT || base == AMPH_T_TEXT || !amph__types[base].parse)
		return true;
	if (!amph__types[base].parse(text, len, &v, arena, err))
		return false;
	if (base == AMPH_T_BOOL || (base >= AMPH_T_INT16 && base <= AMPH_T_INT64))
		return store_integer(&v, base, out);
	if (base == AMPH_T_FLOAT || base == AMPH_T_DOUBLE)
		return store_real(&v, base, out);
	if (base != AMPH_T_BYTES)
		return store_formatted(arena, base, &v, out, err);
	out->kind = SQLITE_BLOB;
	out->text = v.b.data;
	out->len = v.b.size;
	return true;
}
