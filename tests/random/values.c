/* Random values: few enough that they meet, and those at the edges of each type. */
#include "random.h"
#include <math.h>
#include <string.h>

static const char *const texts[] = {
	"", " ", "a", "b", "A", "ab", "aB", "abc", "ABC", "a_b", "a%b", "100%", "_", "%", "\\", "a\\b",
	"it's", "\"quoted\"", "''", "École", "éCOLE", "ÉCOLE", "straße", "STRASSE", "ß", "日本語", "日本",
	"😀 smile", "İstanbul", "ǅ", "Σίσυφος", "tab\there", "line\nbreak", "  padded  ", "null", "NULL",
	"12", "-7.5", "e\u0301", "zebra", "Zoë", "hello world", "x,y;z", "a b c d", "{curly}", "$1", ":name",
	"\u00a0", "--", "/* c */", "ﬁ", "aaaa", "abab",
};
static const char *const short_texts[] = {
	"", "a", "b", "aB", "é", "日", "%", "_", "'", "\\", "ab", "abc", "A",
};
static const char *const numerics[] = {
	"0", "1", "-1", "1.0", "1.00", "2.5", "-2.5", "0.5", "1.5", "3.14159", "1000000", "-0.001",
	"99999999999999999999", "0.00000000000000000001", "123456789012345678.123456789",
	"-99999999999999999999.5", "NaN", "7", "10.10", "12345.6789",
};
static const char *const prices[] = {
	"0", "0.01", "1", "1.5", "2.50", "9.99", "10", "-3.25", "100.1", "19.9", "250", "0.005", "7.125",
};
static const char *const documents[] = {
	"{}", "[]", "null", "1", "\"a\"", "true", "{\"a\": 1}", "{\"a\": {\"b\": [1, 2, {\"c\": null}]}}",
	"{\"a\": \"x\", \"b\": true}", "[1, 2, 3]", "[\"a\", \"b\", null]", "{\"b\": 1.50, \"a\": 1e2}",
	"{\"a\": \"1\"}", "{\"a\": null}", "{\"ключ\": \"значение\"}", "{\"a\": \"it's \\\"q\\\"\"}",
	"{\"a\": []}", "[{\"a\": 1}, {\"a\": 2}]", "-0.0", "{\"aa\": 1, \"b\": 2, \"a\": 3}",
};
static const char *const uuids[] = {
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
	"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12",
	"12345678-1234-5678-1234-567812345678",
};
static const char *const dates[] = {
	"2024-02-29", "2024-03-01", "2023-12-31", "2000-01-01", "1999-12-31", "1970-01-01", "1969-12-31",
	"0001-01-01", "0001-12-31 BC", "4713-01-01 BC", "9999-12-31", "5874897-12-31", "infinity",
	"-infinity", "2024-06-15", "1900-02-28",
};
static const char *const times[] = {
	"00:00:00", "00:00:00.000001", "12:34:56", "12:34:56.789", "23:59:59.999999", "24:00:00", "08:00:00",
};
static const char *const stamps[] = {
	"2024-02-29 12:34:56", "2024-02-29 12:34:56.000001", "2024-03-31 00:00:00", "1970-01-01 00:00:00",
	"1969-12-31 23:59:59.999999", "2000-01-01 00:00:00", "0001-01-01 00:00:00", "0044-03-15 10:00:00 BC",
	"294276-12-31 23:59:59.999999", "4713-01-01 00:00:00 BC", "infinity", "-infinity",
	"9999-12-31 23:59:59.5", "2023-12-31 23:00:00", "2024-12-29 06:00:00", "1582-10-10 00:00:00",
};
static const char *const spans[] = {
	"0", "1 day", "24 hours", "1 month", "30 days", "-1 day", "1 year 2 mons 3 days 04:05:06.789",
	"-1 year -2 mons +3 days -04:05:06", "178000000 years", "00:00:00.000001", "1 hour", "-00:00:01",
	"100 days", "36 hours",
};
static const char *const blobs[] = { "", "a", "\\x", "ab\xff\x80", "\x01\x02\x03", "zz", "\xff" };

static const int64_t edges[] = {
	INT64_MAX, INT64_MIN, INT64_MAX - 1, INT32_MAX, INT32_MIN, (int64_t)INT32_MAX + 1, INT16_MAX,
	INT16_MIN, INT16_MAX + 1, 1000000007, -1000000007,
};
static const double doubles[] = {
	0, 1, -1, 0.1, 0.5, 1.5, 2.5, -2.5, 1e308, -1e308, 1e-300, 3.141592653589793, 1e15, 1e16,
	123456789.125, 1e-5, 100, 0.30000000000000004, 4.9e-324,
};

static int64_t random_int(rng *r, unsigned type, const amph_column *c)
{
	int64_t v = PICK(r, edges);

	/* numbers that the conditions take for small ones; a comparison with another would be known
	 * to hold in the rest of the condition */
	if (c && (!strcmp(c->member, "version") || !strcmp(c->member, "id")))
		return (int64_t)rng_below(r, 30);
	if (c && !strcmp(c->member, "small"))
		return (int64_t)rng_below(r, 26) - 5 - (rng_chance(r, 95) ? 1 : 0);
	if (rng_chance(r, 75))
		return (int64_t)rng_below(r, 30) - 8;
	if (type == AMPH_T_INT16 && (v > INT16_MAX || v < INT16_MIN))
		return v > 0 ? INT16_MAX : INT16_MIN;
	if (type == AMPH_T_INT32 && (v > INT32_MAX || v < INT32_MIN))
		return v > 0 ? INT32_MAX : INT32_MIN;
	return v;
}

static double random_double(rng *r, unsigned type, const amph_column *c)
{
	double v = PICK(r, doubles);

	if (c && !strcmp(c->member, "quarter"))
		return (double)((int)rng_below(r, 200) - 80) / 4;
	if (rng_chance(r, 6))
		return rng_chance(r, 50) ? (double)NAN : (double)(rng_chance(r, 50) ? INFINITY : -INFINITY);
	if (type == AMPH_T_FLOAT && (fabs(v) > 1e38 || (v != 0 && fabs(v) < 1e-37)))
		return 0.25;
	return type == AMPH_T_FLOAT ? (double)(float)v : v;
}

static const char *random_text(side *on, rng *r, const amph_column *c)
{
	size_t limit = c && c->length ? (size_t)c->length : 0;
	const char *a = limit && limit < 8 ? PICK(r, short_texts) : PICK(r, texts);
	const char *b = rng_chance(r, 20) ? PICK(r, short_texts) : "";
	size_t size = strlen(a) + strlen(b) + 1;
	char *joined;

	if (limit && size > limit && !rng_chance(r, 3))
		return PICK(r, short_texts);
	if (!*b)
		return a;
	joined = heap_get(&on->memory, size);
	snprintf(joined, size, "%s%s", a, b);
	return joined;
}

static void random_time(rng *r, unsigned type, amph_value *v)
{
	amph_error err;

	switch (type) {
	case AMPH_T_DATE: amph_date_parse(PICK(r, dates), &v->v.date, &err); break;
	case AMPH_T_TIME: amph_time_parse(PICK(r, times), &v->v.time, &err); break;
	case AMPH_T_TIMESTAMP: amph_timestamp_parse(PICK(r, stamps), &v->v.timestamp, &err); break;
	case AMPH_T_TIMESTAMPTZ: amph_timestamptz_parse(PICK(r, stamps), &v->v.timestamptz, &err); break;
	default: amph_interval_parse(PICK(r, spans), &v->v.interval, &err); break;
	}
}

static amph_bytes random_bytes(rng *r)
{
	const char *blob = PICK(r, blobs);

	return (amph_bytes){ .data = blob, .size = strlen(blob) };
}

amph_value random_value(side *on, rng *r, unsigned type, const amph_column *c)
{
	amph_value v = { .type = (amph_type)type };

	switch (type) {
	case AMPH_T_BOOL: v.v.b = rng_chance(r, 50); break;
	case AMPH_T_INT16: case AMPH_T_INT32: case AMPH_T_INT64: v.v.i = random_int(r, type, c); break;
	case AMPH_T_FLOAT: case AMPH_T_DOUBLE: v.v.f = random_double(r, type, c); break;
	case AMPH_T_NUMERIC:
		v.v.numeric = amph_numeric_parse(c && c->precision ? PICK(r, prices) : PICK(r, numerics));
		break;
	case AMPH_T_TEXT: v.v.s = random_text(on, r, c); break;
	case AMPH_T_BYTES: v.v.bytes = random_bytes(r); break;
	case AMPH_T_UUID: amph_uuid_parse(PICK(r, uuids), &v.v.uuid, NULL); break;
	case AMPH_T_JSON: v.v.json = amph_json_text(PICK(r, documents)); break;
	case AMPH_T_ENUM: v.v.i = rng_below(r, 3); break;
	default: random_time(r, type, &v); break;
	}
	return v;
}

/* ---- into members and lists: scalars as X(type, C type, name of its optional form, member of v) */
#define SCALARS(X) X(BOOL, bool, bool, b) X(INT16, int16_t, int16, i) X(INT32, int32_t, int32, i) \
	X(INT64, int64_t, int64, i) X(FLOAT, float, float, f) X(DOUBLE, double, double, f)       \
	X(NUMERIC, amph_numeric, numeric, numeric) X(UUID, amph_uuid, uuid, uuid)                \
	X(DATE, amph_date, date, date) X(TIME, amph_time, time, time)                            \
	X(TIMESTAMP, amph_timestamp, timestamp, timestamp)                                       \
	X(TIMESTAMPTZ, amph_timestamptz, timestamptz, timestamptz)                               \
	X(INTERVAL, amph_interval, interval, interval) X(ENUM, unsigned, enum, i)

static void store_plain(const amph_value *v, void *to)
{
	switch ((unsigned)v->type) {
#define STORE(T, C, name, m) case AMPH_T_##T: *(C *)to = (C)v->v.m; break;
#define STORE_STRUCT(T, C, name, m) case AMPH_T_##T: *(C *)to = v->v.m; break;
	STORE(BOOL, bool, bool, b) STORE(INT16, int16_t, int16, i) STORE(INT32, int32_t, int32, i)
	STORE(INT64, int64_t, int64, i) STORE(FLOAT, float, float, f) STORE(DOUBLE, double, double, f)
	STORE(ENUM, unsigned, enum, i) STORE(TEXT, const char *, text, s)
	STORE_STRUCT(NUMERIC, amph_numeric, numeric, numeric) STORE_STRUCT(UUID, amph_uuid, uuid, uuid)
	STORE_STRUCT(BYTES, amph_bytes, bytes, bytes) STORE_STRUCT(JSON, amph_json, json, json)
	STORE_STRUCT(DATE, amph_date, date, date) STORE_STRUCT(TIME, amph_time, time, time)
	STORE_STRUCT(TIMESTAMP, amph_timestamp, timestamp, timestamp)
	STORE_STRUCT(TIMESTAMPTZ, amph_timestamptz, timestamptz, timestamptz)
	STORE_STRUCT(INTERVAL, amph_interval, interval, interval)
	default: break;
	}
}

/* The optional form, or NULL in its own way. */
static void store_optional(const amph_value *v, unsigned type, void *to)
{
	bool null = v->type == AMPH_T_NONE;

	switch (type) {
#define STORE_OPTIONAL(T, C, name, m)                                                             \
	case AMPH_T_##T:                                                                          \
		memset(to, 0, sizeof(amph_opt_##name));                                           \
		if (!null)                                                                        \
			store_plain(v, &((amph_opt_##name *)to)->value);                          \
		((amph_opt_##name *)to)->has = !null;                                             \
		break;
	SCALARS(STORE_OPTIONAL)
	case AMPH_T_TEXT: *(const char **)to = null ? NULL : v->v.s; break;
	case AMPH_T_JSON: *(amph_json *)to = null ? amph_json_text(NULL) : v->v.json; break;
	case AMPH_T_BYTES:
		*(amph_bytes *)to = null ? (amph_bytes){ NULL, 0 } : v->v.bytes;
		break;
	default: break;
	}
}

static size_t size_of(unsigned type, bool optional)
{
	switch (type) {
#define SIZE_OF(T, C, name, m) case AMPH_T_##T: return optional ? sizeof(amph_opt_##name) : sizeof(C);
	SCALARS(SIZE_OF)
	case AMPH_T_TEXT: return sizeof(const char *);
	case AMPH_T_JSON: return sizeof(amph_json);
	default: return sizeof(amph_bytes);
	}
}

static void random_array(side *on, rng *r, const amph_column *c, void *member)
{
	unsigned type = base_type(c), n = rng_below(r, 5);
	size_t each = size_of(type, true);
	char *items = heap_get(&on->memory, each * (n + 1));
	amph_int32_array array = { .items = NULL };

	for (unsigned i = 0; i < n; i++) {
		amph_value v = { .type = AMPH_T_NONE };

		if (!rng_chance(r, 15))
			v = random_value(on, r, type, c);
		store_optional(&v, type, items + i * each);
	}
	if (!rng_chance(r, 20)) {
		array.items = (const void *)items;
		array.n = n;
	}
	memcpy(member, &array, sizeof array);
}

void random_member(side *on, rng *r, const amph_column *c, void *object)
{
	void *member = (char *)object + c->offset;
	bool optional = c->type & AMPH_T_NULLABLE;
	amph_value v = { .type = AMPH_T_NONE };

	if (is_array(c)) {
		random_array(on, r, c, member);
		return;
	}
	if (!optional || !rng_chance(r, c->not_null ? 2 : 20))
		v = random_value(on, r, base_type(c), c);
	if (optional)
		store_optional(&v, base_type(c), member);
	else
		store_plain(&v, member);
}

const amph_expr *random_list(side *on, rng *r, amph_query *q, const amph_column *c)
{
	unsigned type = base_type(c), n = rng_below(r, 5);
	size_t each;
	char *items;

	if (type == AMPH_T_INT16 || type == AMPH_T_INT32)
		type = AMPH_T_INT64;
	if (type == AMPH_T_FLOAT)
		type = AMPH_T_DOUBLE;
	each = size_of(type, false);
	items = heap_get(&on->memory, each * (n + 1));
	for (unsigned i = 0; i < n; i++) {
		amph_value v = random_value(on, r, base_type(c), c);

		v.type = (amph_type)type;
		store_plain(&v, items + i * each);
	}
	return amph_expr_list(q, (amph_type)type, items, n);
}
