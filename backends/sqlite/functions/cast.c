/* Casts: from and to the text form of types, and between types. For text forms arg is the type. */
#include "functions.h"
#include <float.h>
#include <math.h>
#include <stdio.h>

/* ---- text forms ---- */

static void put_stored(sl_call *c, const sl_stored *v)
{
	if (v->kind == SQLITE_INTEGER)
		amph__sl_result_int(c, v->integer);
	else if (v->kind == SQLITE_FLOAT)
		amph__sl_result_real(c, v->real);
	else if (v->kind == SQLITE_BLOB)
		amph__sl_result_bytes(c, v->text, v->len);
	else
		amph__sl_result_text(c, v->text, v->len);
}

static void from_text(sl_call *c)
{
	const amph_sqltype type = { .type = (uint8_t)c->arg };
	sl_stored v;
	amph_error err;
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);
	amph_interval ignored;

	if (c->arg == AMPH_T_INTERVAL && !amph__interval_read_fields(text, len, 0, &ignored, &err))
		amph__sl_raise_error(c, &err);
	else if (amph__sl_store(c->arena, &type, text, len, &v, &err))
		put_stored(c, &v);
	else
		amph__sl_raise_error(c, &err);
}

static void bool_to_text(sl_call *c)
{
	bool b = amph__sl_int(c, 0) != 0;

	amph__sl_result_text(c, b ? "true" : "false", b ? 4 : 5);
}

static void bool_to_char(sl_call *c)
{
	amph__sl_result_text(c, amph__sl_int(c, 0) ? "t" : "f", 1);
}

static void float_to_text(sl_call *c)
{
	double d = amph__sl_real(c, 0);
	float f = (float)d;
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__types[c->arg].format(c->arg == AMPH_T_FLOAT ? (const void *)&f : &d, &b);
	amph__sl_result_buf(c, &b);
}

static void bytea_to_text(sl_call *c)
{
	amph_bytes value;
	amph_buf b;

	value.data = amph__sl_text(c, 0, &value.size);
	amph__buf_init(&b, c->env->allocator);
	amph__types[AMPH_T_BYTES].format(&value, &b);
	amph__sl_result_buf(c, &b);
}

static void date_to_text(sl_call *c)
{
	char plain[64];
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	text = amph__sl_plain_text((int)c->arg, text, &len, plain);
	amph__sl_result_text(c, text, len);
}

/* ---- numbers ---- */

typedef struct integer_range {
	const char *name;
	int64_t min, max;
} integer_range;

static const integer_range *range_of(intptr_t width)
{
	static const integer_range ranges[] = {
		{ "smallint", INT16_MIN, INT16_MAX },
		{ "integer", INT32_MIN, INT32_MAX },
		{ "bigint", INT64_MIN, INT64_MAX }
	};

	return &ranges[width / 4];
}

static void float_to_int(sl_call *c)
{
	const integer_range *r = range_of(c->arg);
	double d = rint(amph__sl_real(c, 0));

	/* the bounds themselves: the greatest int8 is no double, and one more is */
	if (d >= (double)r->min && d < -(double)r->min)
		amph__sl_result_int(c, (int64_t)d);
	else
		amph__sl_raise(c, "22003", "%s out of range", r->name);
}

static void to_float4(sl_call *c)
{
	double d = amph__sl_real(c, 0);
	float f = (float)d;

	if (isinf(f) && !isinf(d))
		amph__sl_raise(c, "22003", "value out of range: overflow");
	else if (f == 0 && d != 0)
		amph__sl_raise(c, "22003", "value out of range: underflow");
	else
		amph__sl_result_real(c, (double)f);
}

/* A column of SQLite makes 0.0 of -0.0, and has no NaN. */
static void float_to_store(sl_call *c)
{
	double d = amph__sl_real(c, 0);

	if (isnan(d))
		amph__sl_raise(c, "0A000", "NaN in a double or float cannot be stored by SQLite; numeric can "
			       "hold it");
	else if (d == 0 && signbit(d))
		amph__sl_raise(c, "0A000", "-0.0 cannot be stored by SQLite; adding 0.0 makes it 0.0");
	else
		amph__sl_result_real(c, d);
}

/* As many digits as the type surely has. */
static void float_to_numeric(sl_call *c)
{
	double d = amph__sl_real(c, 0);
	char text[32];
	amph_decimal out;
	amph_error err;

	if (isnan(d))
		snprintf(text, sizeof(text), "NaN");
	else if (isinf(d))
		snprintf(text, sizeof(text), "%s", d > 0 ? "Infinity" : "-Infinity");
	else
		snprintf(text, sizeof(text), "%.*g", c->arg == 4 ? FLT_DIG : DBL_DIG, d);
	if (amph__decimal_parse(text, amph__ascii_point(text), &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		amph__sl_raise_error(c, &err);
}

/* Rounds d and gives it as an integer; false where it has left the range of int8. */
static bool decimal_to_int(amph_decimal *d, int64_t *out, amph_arena *arena)
{
	int64_t n = 0;

	if (!amph__decimal_round(d, 0, arena))
		return false;
	for (int32_t i = 0; i <= d->weight && d->n_digits; i++) {
		int digit = (size_t)i < d->n_digits ? d->digits[i] : 0;

		if (__builtin_mul_overflow(n, 10000, &n) ||
		    __builtin_sub_overflow(n, (int64_t)digit, &n))
			return false;
	}
	return d->sign ? (*out = n, true) : !__builtin_sub_overflow((int64_t)0, n, out);
}

static void put_decimal_as_int(sl_call *c, amph_decimal *d)
{
	const integer_range *r = range_of(c->arg);
	int64_t n;

	if (d->kind != 0)
		amph__sl_raise(c, "0A000", "cannot convert %s to %s", d->kind == 1 ? "NaN" : "infinity",
			       r->name);
	else if (decimal_to_int(d, &n, c->arena) && n >= r->min && n <= r->max)
		amph__sl_result_int(c, n);
	else
		amph__sl_raise(c, "22003", "%s out of range", r->name);
}

static void numeric_to_int(sl_call *c)
{
	amph_decimal d;

	if (amph__sl_decimal(c, 0, &d))
		put_decimal_as_int(c, &d);
}

static void text_to_float(sl_call *c, const char *text, size_t len)
{
	double d;
	float f;
	amph_error err;
	bool single = c->arg == 4;

	if (!amph__types[single ? AMPH_T_FLOAT : AMPH_T_DOUBLE].parse(text, len,
								      single ? (void *)&f : &d,
								      c->arena, &err))
		amph__sl_raise_error(c, &err);
	else
		amph__sl_result_real(c, single ? (double)f : d);
}

static void numeric_to_float(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	text_to_float(c, text, len);
}

static void numeric_fit(sl_call *c)
{
	amph_decimal d;
	amph_error err;

	if (!amph__sl_decimal(c, 0, &d))
		return;
	if (amph__decimal_fit(&d, (int)amph__sl_int(c, 1), (int)amph__sl_int(c, 2), c->arena, &err))
		amph__sl_result_decimal(c, &d);
	else
		amph__sl_raise_error(c, &err);
}

/* ---- jsonb to scalars ---- */

static const char *json_kind(char first)
{
	switch (first) {
	case '"':
		return "string";
	case '{':
		return "object";
	case '[':
		return "array";
	case 't':
	case 'f':
		return "boolean";
	case 'n':
		return "null";
	default:
		return "numeric";
	}
}

static bool refuse_json(sl_call *c, char first, const char *type)
{
	amph__sl_raise(c, "22023", "cannot cast jsonb %s to type %s", json_kind(first), type);
	return false;
}

static bool json_number(sl_call *c, amph_decimal *d, const char *type)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	if (len && (*text == '-' || amph__is_digit(*text)))
		return amph__sl_decimal(c, 0, d);
	return refuse_json(c, len ? *text : 'n', type);
}

static void json_to_bool(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);

	if (*text == 't' || *text == 'f')
		amph__sl_result_bool(c, *text == 't');
	else
		refuse_json(c, *text, "boolean");
}

static void json_to_int(sl_call *c)
{
	amph_decimal d;

	if (json_number(c, &d, range_of(c->arg)->name))
		put_decimal_as_int(c, &d);
}

static void json_to_float(sl_call *c)
{
	amph_decimal d;

	if (json_number(c, &d, c->arg == 4 ? "real" : "double precision"))
		numeric_to_float(c);
}

static void json_to_numeric(sl_call *c)
{
	amph_decimal d;

	if (json_number(c, &d, "numeric"))
		amph__sl_result_decimal(c, &d);
}

static const sl_function rows[] = {
	{ "bool_char", 1, 0, bool_to_char, 0 },
	{ "bool_in", 1, 0, from_text, AMPH_T_BOOL },
	{ "bool_out", 1, 0, bool_to_text, 0 },
	{ "bytea_in", 1, 0, from_text, AMPH_T_BYTES },
	{ "bytea_out", 1, 0, bytea_to_text, 0 },
	{ "date_in", 1, 0, from_text, AMPH_T_DATE },
	{ "date_out", 1, 0, date_to_text, AMPH_T_DATE },
	{ "float4_in", 1, 0, from_text, AMPH_T_FLOAT },
	{ "float4_numeric", 1, 0, float_to_numeric, 4 },
	{ "float4_out", 1, 0, float_to_text, AMPH_T_FLOAT },
	{ "float8_float4", 1, 0, to_float4, 4 },
	{ "float8_in", 1, 0, from_text, AMPH_T_DOUBLE },
	{ "float8_int2", 1, 0, float_to_int, 2 },
	{ "float8_int4", 1, 0, float_to_int, 4 },
	{ "float8_int8", 1, 0, float_to_int, 8 },
	{ "float8_numeric", 1, 0, float_to_numeric, 8 },
	{ "float8_out", 1, 0, float_to_text, AMPH_T_DOUBLE },
	{ "float8_stored", 1, 0, float_to_store, 0 },
	{ "int2_in", 1, 0, from_text, AMPH_T_INT16 },
	{ "int4_in", 1, 0, from_text, AMPH_T_INT32 },
	{ "int8_in", 1, 0, from_text, AMPH_T_INT64 },
	{ "interval_in", 1, 0, from_text, AMPH_T_INTERVAL },
	{ "jsonb_bool", 1, 0, json_to_bool, 0 },
	{ "jsonb_float4", 1, 0, json_to_float, 4 },
	{ "jsonb_float8", 1, 0, json_to_float, 8 },
	{ "jsonb_in", 1, 0, from_text, AMPH_T_JSON },
	{ "jsonb_int2", 1, 0, json_to_int, 2 },
	{ "jsonb_int4", 1, 0, json_to_int, 4 },
	{ "jsonb_int8", 1, 0, json_to_int, 8 },
	{ "jsonb_numeric", 1, 0, json_to_numeric, 0 },
	{ "numeric_fit", 3, 0, numeric_fit, 0 },
	{ "numeric_float4", 1, 0, numeric_to_float, 4 },
	{ "numeric_float8", 1, 0, numeric_to_float, 8 },
	{ "numeric_in", 1, 0, from_text, AMPH_T_NUMERIC },
	{ "numeric_int2", 1, 0, numeric_to_int, 2 },
	{ "numeric_int4", 1, 0, numeric_to_int, 4 },
	{ "numeric_int8", 1, 0, numeric_to_int, 8 },
	{ "time_in", 1, 0, from_text, AMPH_T_TIME },
	{ "timestamp_in", 1, 0, from_text, AMPH_T_TIMESTAMP },
	{ "timestamp_out", 1, 0, date_to_text, AMPH_T_TIMESTAMP },
	{ "timestamptz_in", 1, 0, from_text, AMPH_T_TIMESTAMPTZ },
	{ "timestamptz_out", 1, 0, date_to_text, AMPH_T_TIMESTAMPTZ },
	{ "uuid_in", 1, 0, from_text, AMPH_T_UUID }
};
const sl_functions amph__sl_cast_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
