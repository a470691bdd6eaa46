/* Every type both ways through the PostgreSQL driver: what the server prints of a parameter, and
 * what comes back in binary and as text. */
#include "clean.h"
#include "harness.h"
#include <math.h>

static amph_driver_engine *engine;
static amph_conn *conn;

static void open_conn(void)
{
	live_blocks = 0;
	engine = engine_new();
	conn = conn_new(engine);
	run(conn, "DROP TYPE IF EXISTS mood CASCADE");
	run(conn, "CREATE TYPE mood AS ENUM ('sad', 'ok', 'very \"happy\"', 'a\\b,{}')");
}

static void close_conn(void)
{
	conn_free(conn);
	engine_free(engine);
	ck_assert_int_eq(live_blocks, 0);
}

static const char *const labels[] = { "sad", "ok", "very \"happy\"", "a\\b,{}" };
static const amph_enum_type mood = { "mood", labels, COUNT(labels) };

static const char *sql_name(int type)
{
	static const char *const names[] = {
		[AMPH_T_BOOL] = "bool", [AMPH_T_INT16] = "int2", [AMPH_T_INT32] = "int4",
		[AMPH_T_INT64] = "int8", [AMPH_T_FLOAT] = "float4", [AMPH_T_DOUBLE] = "float8",
		[AMPH_T_NUMERIC] = "numeric", [AMPH_T_TEXT] = "text", [AMPH_T_BYTES] = "bytea",
		[AMPH_T_UUID] = "uuid", [AMPH_T_JSON] = "jsonb", [AMPH_T_DATE] = "date",
		[AMPH_T_TIME] = "time", [AMPH_T_TIMESTAMP] = "timestamp",
		[AMPH_T_TIMESTAMPTZ] = "timestamptz", [AMPH_T_INTERVAL] = "interval",
		[AMPH_T_ENUM] = "mood"
	};

	return names[type];
}

static amph_sqltype sqltype(int type)
{
	return (amph_sqltype){ .type = (uint8_t)type, .enumeration = &mood };
}

static amph_slot slot_of(int type, bool nullable)
{
	return (amph_slot){ .type = (uint8_t)type, .nullable = nullable, .enumeration = &mood,
			    .name = "member" };
}

/* Binds the value to "SELECT $1::T::text" and gives what the server prints. */
static bool printed(int type, bool nullable, const void *value, char *out, size_t size)
{
	char sql[128];
	amph_sqltype t = sqltype(type);
	amph_param p = { AMPH_PARAM_VALUE, 1, &t };
	amph_result_column column = { "text", { .type = AMPH_T_TEXT, .nullable = true } };
	amph_slot text = { .type = AMPH_T_TEXT, .name = "text" };
	amph_shape shape = { 1, &text };
	amph_arena arena;
	amph_result r;
	const char *got = NULL;
	size_t n;

	snprintf(sql, sizeof sql, "SELECT $1::%s%s::text", sql_name(type & ~AMPH_T_ARRAY),
		 type & AMPH_T_ARRAY ? "[]" : "");
	amph_code code = code_of(sql, AMPH_CODE_ROWS, 1, &p, 1, &column);
	amph_stmt *s = stmt_new(conn, &code);
	amph_slot slot = slot_of(type, nullable);
	amph_arg arg = value_arg(&slot, value);
	bool ok = execute(s, &arg, &r);

	amph__arena_init(&arena, &counting);
	if (ok) {
		OK(conn->driver->fetch(conn, &r, &shape, &got, sizeof got, 1,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		snprintf(out, size, "%s", got ? got : "NULL");
		conn->driver->finish(conn, &r);
	}
	stmt_free(s);
	amph__arena_clear(&arena);
	return ok;
}

/* Fetches the one value of sql into out; as text where asked for. */
static bool fetched(int type, bool nullable, const char *sql, bool text, void *out, size_t size,
		    amph_arena *arena)
{
	amph_sqltype t = sqltype(type);
	amph_result_column column = { "value", t };
	amph_slot slot = slot_of(type, nullable);
	amph_shape shape = { 1, &slot };
	amph_code code = code_of(sql, AMPH_CODE_ROWS | (text ? AMPH_CODE_DESCRIBE | AMPH_CODE_ONCE : 0),
				 0, NULL, text ? 0 : 1, text ? NULL : &column);
	amph_stmt *s = stmt_new(conn, &code);
	amph_result r;
	size_t n = 0;
	bool ok;

	memset(out, 0xAA, size);
	ok = execute(s, NULL, &r);
	if (ok) {
		ok = conn->driver->fetch(conn, &r, &shape, out, size, 1,
					 &(amph_store){ store_malloc, arena }, &n, &err);
		conn->driver->finish(conn, &r);
	}
	stmt_free(s);
	return ok;
}

/* The value prints as text, and comes back from that text as a value that prints the same. */
static void both_ways(int type, const void *value, size_t size, const char *text)
{
	char got[4096], sql[4096], quoted[2048];
	char back[64];
	amph_arena arena;
	size_t k = 0;

	if (!printed(type, false, value, got, sizeof got))
		ck_abort_msg("%s: %s %s", text, err.sqlstate, err.message);
	ck_assert_str_eq(got, text);
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			quoted[k++] = '\'';
		quoted[k++] = *p;
	}
	quoted[k] = '\0';
	snprintf(sql, sizeof sql, "SELECT '%s'::%s%s", quoted, sql_name(type & ~AMPH_T_ARRAY),
		 type & AMPH_T_ARRAY ? "[]" : "");
	for (int as_text = 0; as_text < 2; as_text++) {
		amph__arena_init(&arena, &counting);
		if (!fetched(type, false, sql, as_text, back, size, &arena))
			ck_abort_msg("%s (%d): %s %s", sql, as_text, err.sqlstate, err.message);
		if (!printed(type, false, back, got, sizeof got))
			ck_abort_msg("%s (%d): %s %s", sql, as_text, err.sqlstate, err.message);
		ck_assert_str_eq(got, text);
		amph__arena_clear(&arena);
	}
}
#define BOTH_WAYS(type, T, text, ...) both_ways(type, &(T){ __VA_ARGS__ }, sizeof(T), text)

START_TEST(numbers_go_both_ways)
{
	BOTH_WAYS(AMPH_T_BOOL, bool, "true", true);
	BOTH_WAYS(AMPH_T_BOOL, bool, "false", false);
	BOTH_WAYS(AMPH_T_INT16, int16_t, "-32768", INT16_MIN);
	BOTH_WAYS(AMPH_T_INT16, int16_t, "32767", INT16_MAX);
	BOTH_WAYS(AMPH_T_INT32, int32_t, "-2147483648", INT32_MIN);
	BOTH_WAYS(AMPH_T_INT32, int32_t, "2147483647", INT32_MAX);
	BOTH_WAYS(AMPH_T_INT64, int64_t, "-9223372036854775808", INT64_MIN);
	BOTH_WAYS(AMPH_T_INT64, int64_t, "9223372036854775807", INT64_MAX);
	BOTH_WAYS(AMPH_T_FLOAT, float, "3.4028235e+38", 3.4028235e38f);
	BOTH_WAYS(AMPH_T_FLOAT, float, "-0", -0.0f);
	BOTH_WAYS(AMPH_T_FLOAT, float, "NaN", NAN);
	BOTH_WAYS(AMPH_T_DOUBLE, double, "0.1", 0.1);
	BOTH_WAYS(AMPH_T_DOUBLE, double, "5e-324", 5e-324);
	BOTH_WAYS(AMPH_T_DOUBLE, double, "1.7976931348623157e+308", 1.7976931348623157e308);
	BOTH_WAYS(AMPH_T_DOUBLE, double, "-Infinity", -INFINITY);
}
END_TEST

#define SMALL(text, n, s) BOTH_WAYS(AMPH_T_NUMERIC, amph_numeric, text, .v.units = (n), .scale = (s))
#define DIGITS(text) BOTH_WAYS(AMPH_T_NUMERIC, amph_numeric, text, .v.digits = (text),       \
			       .n_digits = (uint32_t)strlen(text), .kind = AMPH_NUMERIC_DIGITS)

START_TEST(numerics_go_both_ways)
{
	SMALL("0", 0, 0);
	SMALL("0.00", 0, 2);
	SMALL("9.99", 999, 2);
	SMALL("-9.90", -990, 2);
	SMALL("10000", 10000, 0);
	SMALL("10000.0001", 100000001, 4);
	SMALL("0.0000000001", 1, 10);
	SMALL("123456789.000012", 123456789000012, 6);
	SMALL("9223372036854775807", INT64_MAX, 0);
	SMALL("-9223372036854775808", INT64_MIN, 0);
	SMALL("-9.223372036854775808", INT64_MIN, 18);
	SMALL("9.223372036854775807", INT64_MAX, 18);
	SMALL("0.000000000000000001", 1, 18);
	SMALL("92233720368547758.07", INT64_MAX, 2);
	DIGITS("9223372036854775808");
	DIGITS("-12345678901234567890.1234567890");
	DIGITS("0.00000000000000000000000000000000001");
	DIGITS("100000000000000000000000000000000000000000000000000.000");
	DIGITS("0.0000000000000000000");
	DIGITS("-1.5");
	BOTH_WAYS(AMPH_T_NUMERIC, amph_numeric, "NaN", .kind = AMPH_NUMERIC_NAN);
	BOTH_WAYS(AMPH_T_NUMERIC, amph_numeric, "Infinity", .kind = AMPH_NUMERIC_INFINITY);
	BOTH_WAYS(AMPH_T_NUMERIC, amph_numeric, "-Infinity", .kind = AMPH_NUMERIC_NEG_INFINITY);
}
END_TEST

START_TEST(numerics_at_random_go_both_ways)
{
	uint64_t seed = 42;
	char text[64], got[64];

	for (int i = 0; i < 400; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		amph_numeric n = { .v.units = (int64_t)seed >> (seed % 61), .scale = (int16_t)(seed % 19) };
		amph_numeric back;
		amph_arena arena;
		char sql[128];

		amph__arena_init(&arena, &counting);
		ck_assert(printed(AMPH_T_NUMERIC, false, &n, text, sizeof text));
		snprintf(sql, sizeof sql, "SELECT %s::numeric", text);
		snprintf(got, sizeof got, "%s", text_of(conn, sql));
		ck_assert_str_eq(got, text);
		ck_assert(fetched(AMPH_T_NUMERIC, false, sql, false, &back, sizeof back, &arena));
		ck_assert_int_eq(back.kind, AMPH_NUMERIC_SMALL);
		ck_assert_int_eq(back.v.units, n.v.units);
		ck_assert_int_eq(back.scale, n.scale);
		amph__arena_clear(&arena);
	}
}
END_TEST

START_TEST(texts_and_bytes_go_both_ways)
{
	BOTH_WAYS(AMPH_T_TEXT, const char *, "", "");
	BOTH_WAYS(AMPH_T_TEXT, const char *, "it's", "it's");
	BOTH_WAYS(AMPH_T_TEXT, const char *, "\xc3\xa4\xf0\x9f\x90\x98\x01", "\xc3\xa4\xf0\x9f\x90\x98\x01");
	BOTH_WAYS(AMPH_T_BYTES, amph_bytes, "\\x", "", 0);
	BOTH_WAYS(AMPH_T_BYTES, amph_bytes, "\\x00ff0a", "\0\xff\n", 3);
	BOTH_WAYS(AMPH_T_JSON, amph_json, "{\"a\": [1, null, \"x\"]}", "{\"a\":[1,null,\"x\"]}");
	BOTH_WAYS(AMPH_T_UUID, amph_uuid, "00112233-4455-6677-8899-aabbccddeeff",
		  { 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
		    0xff });
	BOTH_WAYS(AMPH_T_ENUM, unsigned, "sad", 0);
	BOTH_WAYS(AMPH_T_ENUM, unsigned, "very \"happy\"", 2);
	BOTH_WAYS(AMPH_T_ENUM, unsigned, "a\\b,{}", 3);
}
END_TEST

START_TEST(times_go_both_ways)
{
	BOTH_WAYS(AMPH_T_DATE, amph_date, "1970-01-01", 0);
	BOTH_WAYS(AMPH_T_DATE, amph_date, "2000-02-29", 11016);
	BOTH_WAYS(AMPH_T_DATE, amph_date, "4713-01-01 BC", -2440550);
	BOTH_WAYS(AMPH_T_DATE, amph_date, "infinity", INT32_MAX);
	BOTH_WAYS(AMPH_T_DATE, amph_date, "-infinity", INT32_MIN);
	BOTH_WAYS(AMPH_T_TIME, amph_time, "00:00:00", 0);
	BOTH_WAYS(AMPH_T_TIME, amph_time, "24:00:00", 86400000000);
	BOTH_WAYS(AMPH_T_TIME, amph_time, "12:34:56.000001", 45296000001);
	BOTH_WAYS(AMPH_T_TIMESTAMP, amph_timestamp, "1970-01-01 00:00:00", 0);
	BOTH_WAYS(AMPH_T_TIMESTAMP, amph_timestamp, "1969-12-31 23:59:59.999999", -1);
	BOTH_WAYS(AMPH_T_TIMESTAMP, amph_timestamp, "infinity", INT64_MAX);
	BOTH_WAYS(AMPH_T_TIMESTAMP, amph_timestamp, "294246-12-31 23:59:59.999999", 9223371244799999999);
	BOTH_WAYS(AMPH_T_TIMESTAMPTZ, amph_timestamptz, "2024-02-29 12:00:00+00", 1709208000000000);
	BOTH_WAYS(AMPH_T_TIMESTAMPTZ, amph_timestamptz, "-infinity", INT64_MIN);
	BOTH_WAYS(AMPH_T_INTERVAL, amph_interval, "1 year 2 mons -3 days +04:05:06.7",
		  .months = 14, .days = -3, .usec = 14706700000);
	BOTH_WAYS(AMPH_T_INTERVAL, amph_interval, "00:00:00", 0);
}
END_TEST

#define ARRAY(type, T, items, n, text) do {                                                  \
	const T array_[] = items; struct { const void *p; size_t count; } a_ = { array_, n };  \
	both_ways((type) | AMPH_T_ARRAY, &a_, sizeof a_, text); } while (0)
#define LIST(...) { __VA_ARGS__ }

START_TEST(arrays_go_both_ways)
{
	ARRAY(AMPH_T_INT64, amph_opt_int64, LIST({ 1, true }, { 0, false }, { -5, true }), 3, "{1,NULL,-5}");
	ARRAY(AMPH_T_INT64, amph_opt_int64, LIST({ 0, false }), 0, "{}");
	ARRAY(AMPH_T_INT16, amph_opt_int16, LIST({ 7, true }), 1, "{7}");
	ARRAY(AMPH_T_INT32, amph_opt_int32, LIST({ 7, true }, { 8, true }), 2, "{7,8}");
	ARRAY(AMPH_T_BOOL, amph_opt_bool, LIST({ true, true }, { false, false }), 2, "{t,NULL}");
	ARRAY(AMPH_T_FLOAT, amph_opt_float, LIST({ 1.5f, true }), 1, "{1.5}");
	ARRAY(AMPH_T_DOUBLE, amph_opt_double, LIST({ 0.1, true }), 1, "{0.1}");
	ARRAY(AMPH_T_TEXT, char *const, LIST("a", NULL, "", "b \"\\,{}", "NULL"), 5,
	      "{a,NULL,\"\",\"b \\\"\\\\,{}\",\"NULL\"}");
	ARRAY(AMPH_T_BYTES, amph_bytes, LIST({ "", 0 }, { NULL, 0 }, { "\1\2", 2 }), 3,
	      "{\"\\\\x\",NULL,\"\\\\x0102\"}");
	ARRAY(AMPH_T_JSON, amph_json, LIST({ "{\"a\": 1}" }, { NULL }, { "\"x\"" }), 3,
	      "{\"{\\\"a\\\": 1}\",NULL,\"\\\"x\\\"\"}");
	ARRAY(AMPH_T_NUMERIC, amph_opt_numeric,
	      LIST({ { .v.units = 150, .scale = 2 }, true }, { { { 0 }, 0, 0, 0 }, false },
		   { { .v.digits = "123456789012345678901234567890.5", .kind = AMPH_NUMERIC_DIGITS,
		       .n_digits = 32, .scale = 1 }, true }), 3,
	      "{1.50,NULL,123456789012345678901234567890.5}");
	ARRAY(AMPH_T_UUID, amph_opt_uuid, LIST({ { { 1 } }, true }), 1,
	      "{01000000-0000-0000-0000-000000000000}");
	ARRAY(AMPH_T_DATE, amph_opt_date, LIST({ { 0 }, true }), 1, "{1970-01-01}");
	ARRAY(AMPH_T_TIME, amph_opt_time, LIST({ { 1 }, true }), 1, "{00:00:00.000001}");
	ARRAY(AMPH_T_TIMESTAMP, amph_opt_timestamp, LIST({ { 0 }, true }), 1, "{\"1970-01-01 00:00:00\"}");
	ARRAY(AMPH_T_TIMESTAMPTZ, amph_opt_timestamptz, LIST({ { 0 }, true }), 1,
	      "{\"1970-01-01 00:00:00+00\"}");
	ARRAY(AMPH_T_INTERVAL, amph_opt_interval, LIST({ { 0, 1, 0 }, true }), 1, "{\"1 day\"}");
	ARRAY(AMPH_T_ENUM, amph_opt_enum, LIST({ 2, true }, { 0, false }, { 3, true }), 3,
	      "{\"very \\\"happy\\\"\",NULL,\"a\\\\b,{}\"}");
}
END_TEST

START_TEST(null_is_told_from_zero)
{
	static const struct { int type; size_t size; const char *sql; } rows[] = {
		{ AMPH_T_BOOL, sizeof(amph_opt_bool), "bool" },
		{ AMPH_T_INT64, sizeof(amph_opt_int64), "int8" },
		{ AMPH_T_NUMERIC, sizeof(amph_opt_numeric), "numeric" },
		{ AMPH_T_UUID, sizeof(amph_opt_uuid), "uuid" },
		{ AMPH_T_INTERVAL, sizeof(amph_opt_interval), "interval" },
		{ AMPH_T_ENUM, sizeof(amph_opt_enum), "mood" },
		{ AMPH_T_TEXT, sizeof(char *), "text" },
		{ AMPH_T_BYTES, sizeof(amph_bytes), "bytea" },
		{ AMPH_T_JSON, sizeof(amph_json), "jsonb" },
		{ AMPH_T_INT32 | AMPH_T_ARRAY, sizeof(amph_int32_array), "int4[]" }
	};
	char value[64], got[64], sql[64];
	amph_arena arena;

	amph__arena_init(&arena, &counting);
	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(value, 0, sizeof value);
		ck_assert_msg(printed(rows[i].type, true, value, got, sizeof got), "%s", err.message);
		ck_assert_str_eq(got, "NULL");
		snprintf(sql, sizeof sql, "SELECT NULL::%s", rows[i].sql);
		for (int text = 0; text < 2; text++) {
			ck_assert_msg(fetched(rows[i].type, true, sql, text, value, rows[i].size, &arena),
				      "%s: %s", sql, err.message);
			ck_assert(printed(rows[i].type, true, value, got, sizeof got));
			ck_assert_str_eq(got, "NULL");
		}
	}
	FAILS("22002", fetched(AMPH_T_INT64, false, "SELECT NULL::int8", false, value, 8, &arena));
	ck_assert_ptr_nonnull(strstr(err.message, "member"));
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(bad_values_are_refused_before_they_are_sent)
{
	char got[64];

	FAILS("22021", printed(AMPH_T_TEXT, false, &(const char *){ "\xc3(" }, got, sizeof got));
	FAILS("22021", printed(AMPH_T_TEXT, false, &(const char *){ "\xed\xa0\x80" }, got, sizeof got));
	FAILS("22021", printed(AMPH_T_JSON, false, &(amph_json){ "\"\xff\"" }, got, sizeof got));
	FAILS("22P05", printed(AMPH_T_JSON, false, &(amph_json){ "\"\\u0000\"" }, got, sizeof got));
	FAILS("22P02", printed(AMPH_T_JSON, false, &(amph_json){ "{" }, got, sizeof got));
	FAILS("22P02", printed(AMPH_T_ENUM, false, &(unsigned){ 4 }, got, sizeof got));
	FAILS("22008", printed(AMPH_T_DATE, false, &(amph_date){ INT32_MIN + 1 }, got, sizeof got));
	FAILS("22008", printed(AMPH_T_DATE, false, &(amph_date){ INT32_MAX - 1 }, got, sizeof got));
	FAILS("22008", printed(AMPH_T_TIME, false, &(amph_time){ -1 }, got, sizeof got));
	FAILS("22008", printed(AMPH_T_TIMESTAMP, false, &(amph_timestamp){ INT64_MIN + 1 }, got, sizeof got));
	FAILS("22003", printed(AMPH_T_NUMERIC, false, &(amph_numeric){ .scale = 19 }, got, sizeof got));
	FAILS("22P02", printed(AMPH_T_NUMERIC, false, &(amph_numeric){ .kind = AMPH_NUMERIC_INVALID }, got,
			       sizeof got));
	FAILS("54000", printed(AMPH_T_BYTES, false, &(amph_bytes){ "x", (size_t)1 << 30 }, got, sizeof got));
	FAILS("54000", printed(AMPH_T_BYTES, false, &(amph_bytes){ "x", (size_t)5 << 30 }, got, sizeof got));
	ck_assert(!conn->broken);
	ck_assert_str_eq(text_of(conn, "SELECT 1"), "1");
}
END_TEST

START_TEST(results_of_another_type_are_refused)
{
	char value[64];
	amph_arena arena;

	amph__arena_init(&arena, &counting);
	FAILS("42804", fetched(AMPH_T_INT32, false, "SELECT 1::int8", false, value, 4, &arena));
	FAILS("42804", fetched(AMPH_T_TEXT, false, "SELECT 1", false, value, 8, &arena));
	FAILS("42804", fetched(AMPH_T_UUID, false, "SELECT 1", true, value, 16, &arena));
	FAILS("42804", fetched(AMPH_T_INT64, false, "SELECT 1::int8, 2", false, value, 8, &arena));
	FAILS("0A000", fetched(AMPH_T_INT32 | AMPH_T_ARRAY, false, "SELECT '{{1,2},{3,4}}'::int4[]", false,
			       value, 16, &arena));
	FAILS("0A000", fetched(AMPH_T_INT32 | AMPH_T_ARRAY, false, "SELECT '[0:1]={1,2}'::int4[]", false,
			       value, 16, &arena));
	FAILS("0A000", fetched(AMPH_T_INT32 | AMPH_T_ARRAY, false, "SELECT '{{1,2},{3,4}}'::int4[]", true,
			       value, 16, &arena));
	FAILS("42804", fetched(AMPH_T_INT32 | AMPH_T_ARRAY, false, "SELECT '{1}'::text[]", false, value, 16,
			       &arena));
	FAILS("22008", fetched(AMPH_T_TIMESTAMP, false, "SELECT '294270-01-01'::timestamp", false, value, 8,
			       &arena));
	run(conn, "ALTER TYPE mood ADD VALUE 'new'");
	FAILS("22P02", fetched(AMPH_T_ENUM, false, "SELECT 'new'::mood", false, value, 4, &arena));
	OK(fetched(AMPH_T_INT64, false, "SELECT 7::int4", false, value, 8, &arena));
	ck_assert_int_eq(*(int64_t *)(void *)value, 7);
	OK(fetched(AMPH_T_INT64, false, "SELECT -7::int2", false, value, 8, &arena));
	ck_assert_int_eq(*(int64_t *)(void *)value, -7);
	OK(fetched(AMPH_T_DOUBLE, false, "SELECT 1.5::float4", false, value, 8, &arena));
	ck_assert_double_eq(*(double *)(void *)value, 1.5);
	OK(fetched(AMPH_T_TEXT | AMPH_T_ARRAY, false, "SELECT '{a,b}'::varchar[]", false, value, 16, &arena));
	OK(fetched(AMPH_T_TEXT, false, "SELECT 'a'::varchar(3)", false, value, 8, &arena));
	OK(fetched(AMPH_T_TEXT, false, "SELECT 'ok'::mood", false, value, 8, &arena));
	ck_assert(!conn->broken);
	amph__arena_clear(&arena);
}
END_TEST

typedef struct all {
	amph_opt_int64 id;
	const char *name;
	amph_opt_numeric price;
	unsigned feeling;
	amph_text_array tags;
	amph_opt_enum other;
} all;

START_TEST(row_sets_are_parameters)
{
	static const amph_slot slots[] = {
		{ AMPH_T_INT64, true, offsetof(all, id), NULL, "id" },
		{ AMPH_T_TEXT, false, offsetof(all, name), NULL, "name" },
		{ AMPH_T_NUMERIC, true, offsetof(all, price), NULL, "price" },
		{ AMPH_T_ENUM, false, offsetof(all, feeling), &mood, "feeling" },
		{ AMPH_T_TEXT | AMPH_T_ARRAY, false, offsetof(all, tags), NULL, "tags" },
		{ AMPH_T_ENUM, true, offsetof(all, other), &mood, "other" },
	};
	amph_sqltype types[COUNT(slots)];
	for (size_t i = 0; i < COUNT(slots); i++)
		types[i] = sqltype(slots[i].type);
	const char *const tags[] = { "x", NULL, "y \"z\"" };
	const all rows[] = {
		{ { 1, true }, "one", { { .v.units = 150, .scale = 2 }, true }, 0, { tags, 3 }, { 1, true } },
		{ { 0, false }, NULL, { { { 0 }, 0, 0, 0 }, false }, 2, { tags, 0 }, { 0, false } },
		{ { 3, true }, "three", { { .v.units = -1 }, true }, 3, { NULL, 0 }, { 3, true } }
	};
	const void *const pointers[] = { &rows[2], &rows[0] };
	amph_param p = { AMPH_PARAM_ROWS, COUNT(slots), types };
	amph_result_column column = { "t", { .type = AMPH_T_TEXT } };
	amph_slot text = { .type = AMPH_T_TEXT };
	amph_code code = code_of("SELECT string_agg(r::text, ';') FROM unnest($1::int8[], $2::text[],"
				 " $3::numeric[], $4::mood[], $5::text[], $6::mood[]) AS r",
				 AMPH_CODE_ROWS, 1, &p, 1, &column);
	amph_stmt *s = stmt_new(conn, &code);
	const struct { amph_arg arg; const char *want; } cases[] = {
		{ { COUNT(slots), 3, sizeof(all), slots, rows, NULL },
		  "(1,one,1.50,sad,\"{x,NULL,\"\"y \\\\\"\"z\\\\\"\"\"\"}\",ok);"
		  "(,,,\"very \"\"happy\"\"\",{},);"
		  "(3,three,-1,\"a\\\\b,{}\",,\"a\\\\b,{}\")" },
		{ { COUNT(slots), 2, 0, slots, NULL, pointers },
		  "(3,three,-1,\"a\\\\b,{}\",,\"a\\\\b,{}\");"
		  "(1,one,1.50,sad,\"{x,NULL,\"\"y \\\\\"\"z\\\\\"\"\"\"}\",ok)" },
		{ { COUNT(slots), 0, sizeof(all), slots, rows, NULL }, "NULL" }
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		amph_result r;
		amph_arena arena;
		const char *got = NULL;
		size_t n;

		amph__arena_init(&arena, &counting);
		OK(execute(s, &cases[i].arg, &r));
		OK(conn->driver->fetch(conn, &r, &(amph_shape){ 1, &text }, &got, 8, 1,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		ck_assert_str_eq(got ? got : "NULL", cases[i].want);
		conn->driver->finish(conn, &r);
		amph__arena_clear(&arena);
	}
	all bad = rows[0];
	bad.name = "\xff";
	amph_arg arg = { COUNT(slots), 1, sizeof(all), slots, &bad, NULL };
	amph_result r;
	FAILS("22021", execute(s, &arg, &r));
	arg.n_slots = 2;
	FAILS("HV010", execute(s, &arg, &r));
	stmt_free(s);
}
END_TEST

typedef struct raw {
	int64_t a;
	const char *b;
	amph_opt_numeric c;
	amph_timestamptz d;
	amph_text_array e;
} raw;

START_TEST(described_results_come_as_text_then_in_binary)
{
	static const amph_slot slots[] = {
		{ AMPH_T_INT64, false, offsetof(raw, a), NULL, "a" },
		{ AMPH_T_TEXT, false, offsetof(raw, b), NULL, "b" },
		{ AMPH_T_NUMERIC, true, offsetof(raw, c), NULL, "c" },
		{ AMPH_T_TIMESTAMPTZ, false, offsetof(raw, d), NULL, "d" },
		{ AMPH_T_TEXT | AMPH_T_ARRAY, false, offsetof(raw, e), NULL, "e" }
	};
	static const amph_shape shape = { COUNT(slots), slots };
	amph_code code = code_of("SELECT 5::int8 AS a, 'x'::varchar(9) AS b, 1.50::numeric(6,2) AS c,"
				 " '2024-01-02 03:04:05+00'::timestamptz AS d,"
				 " '{p,NULL,\"q r\"}'::text[] AS e",
				 AMPH_CODE_DESCRIBE | AMPH_CODE_ROWS, 0, NULL, 0, NULL);
	amph_stmt *s = stmt_new(conn, &code);

	for (int i = 0; i < 3; i++) {
		amph_arena arena;
		amph_result r;
		raw row;
		size_t n;

		memset(&row, 0xAA, sizeof row);
		amph__arena_init(&arena, &counting);
		OK(execute(s, NULL, &r));
		ck_assert_uint_eq(r.n_columns, 5);
		ck_assert_str_eq(r.columns[1].name, "b");
		ck_assert_int_eq(r.columns[0].type.type, AMPH_T_INT64);
		ck_assert_int_eq(r.columns[1].type.type, AMPH_T_TEXT);
		ck_assert_int_eq(r.columns[1].type.length, 9);
		ck_assert_int_eq(r.columns[2].type.type, AMPH_T_NUMERIC);
		ck_assert_int_eq(r.columns[2].type.length, 6);
		ck_assert_int_eq(r.columns[2].type.scale, 2);
		ck_assert_int_eq(r.columns[4].type.type, AMPH_T_TEXT | AMPH_T_ARRAY);
		OK(conn->driver->fetch(conn, &r, &shape, &row, sizeof row, 4,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		ck_assert_uint_eq(n, 1);
		ck_assert_int_eq(row.a, 5);
		ck_assert_str_eq(row.b, "x");
		ck_assert(row.c.has && row.c.value.v.units == 150 && row.c.value.scale == 2);
		ck_assert_int_eq(row.d.usec, 1704164645000000);
		ck_assert_uint_eq(row.e.n, 3);
		ck_assert_str_eq(row.e.items[2], "q r");
		ck_assert_ptr_null(row.e.items[1]);
		OK(conn->driver->fetch(conn, &r, &shape, &row, sizeof row, 4,
				       &(amph_store){ store_malloc, &arena }, &n, &err));
		ck_assert_uint_eq(n, 0);
		conn->driver->finish(conn, &r);
		amph__arena_clear(&arena);
	}
	stmt_free(s);
	ck_assert_str_eq(text_of(conn, "SELECT '12.30'::money"), "$12.30");
	ck_assert_str_eq(text_of(conn, "SELECT row(1,'a')"), "(1,a)");
	ck_assert_str_eq(text_of(conn, "SELECT 'ok'::mood"), "ok");
	ck_assert_str_eq(text_of(conn, "SELECT 'fat cats'::tsvector"), "'cats' 'fat'");
}
END_TEST

/* The server compares what it got with what it makes itself, and sends it back. */
static void equal_there(int type, const void *value, const char *made, void *back, size_t size,
			amph_arena *arena)
{
	char sql[256];
	amph_sqltype t = sqltype(type);
	amph_param p = { AMPH_PARAM_VALUE, 1, &t };
	amph_result_column column = { "equal", { .type = AMPH_T_BOOL } };
	amph_slot equal = slot_of(AMPH_T_BOOL, false), slot = slot_of(type, false);
	amph_arg arg = value_arg(&slot, value);
	amph_result r;
	bool yes = false;
	size_t n;

	snprintf(sql, sizeof sql, "SELECT $1 = %s", made);
	amph_code code = code_of(sql, AMPH_CODE_ROWS, 1, &p, 1, &column);
	amph_stmt *s = stmt_new(conn, &code);
	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &(amph_shape){ 1, &equal }, &yes, 1, 1, NULL, &n, &err));
	conn->driver->finish(conn, &r);
	stmt_free(s);
	ck_assert_msg(yes, "%s", made);
	snprintf(sql, sizeof sql, "SELECT %s", made);
	OK(fetched(type, false, sql, false, back, size, arena));
}

START_TEST(huge_values_go_both_ways)
{
	enum { DIGITS = 20000, BYTES = 30000000 };
	char *digits = malloc(DIGITS + 3), *bytes = malloc(BYTES);
	amph_numeric n = { .v.digits = digits, .n_digits = DIGITS + 2, .scale = 1,
			   .kind = AMPH_NUMERIC_DIGITS }, n_back;
	amph_bytes b = { bytes, BYTES }, b_back;
	amph_arena arena;

	amph__arena_init(&arena, &counting);
	memset(digits, '7', DIGITS);
	memcpy(digits + DIGITS, ".5", 3);
	equal_there(AMPH_T_NUMERIC, &n, "(repeat('7', 20000) || '.5')::numeric", &n_back, sizeof n_back,
		    &arena);
	ck_assert_uint_eq(n_back.n_digits, DIGITS + 2);
	ck_assert_int_eq(memcmp(n_back.v.digits, digits, DIGITS + 3), 0);
	memset(bytes, 'x', BYTES);
	equal_there(AMPH_T_BYTES, &b, "convert_to(repeat('x', 30000000), 'UTF8')", &b_back, sizeof b_back,
		    &arena);
	ck_assert_uint_eq(b_back.size, BYTES);
	ck_assert_int_eq(memcmp(b_back.data, bytes, BYTES), 0);
	amph__arena_clear(&arena);
	free(digits);
	free(bytes);
}
END_TEST

START_TEST(open_types_are_string_constants)
{
	amph_sqltype none = { .type = AMPH_T_NONE };
	amph_param p = { AMPH_PARAM_VALUE, 1, &none };
	amph_result_column column = { "d", { .type = AMPH_T_DATE } };
	amph_slot text = { .type = AMPH_T_TEXT, .name = "text" }, date = { .type = AMPH_T_DATE };
	amph_code code = code_of("SELECT $1::date", AMPH_CODE_ROWS, 1, &p, 1, &column);
	amph_stmt *s = stmt_new(conn, &code);
	const char *value = "1970-01-03";
	amph_arg arg = value_arg(&text, &value);
	amph_result r;
	amph_date got;
	size_t n;

	OK(execute(s, &arg, &r));
	OK(conn->driver->fetch(conn, &r, &(amph_shape){ 1, &date }, &got, sizeof got, 1, NULL, &n, &err));
	ck_assert_int_eq(got.days, 2);
	conn->driver->finish(conn, &r);
	stmt_free(s);
}
END_TEST

START_TEST(a_parameter_of_another_type_is_a_mistake)
{
	amph_sqltype want = { .type = AMPH_T_INT64 };
	amph_param p = { AMPH_PARAM_VALUE, 1, &want };
	amph_result_column column = { "x", { .type = AMPH_T_INT64 } };
	amph_slot slot = { .type = AMPH_T_INT32, .name = "x" };
	amph_code code = code_of("SELECT $1", AMPH_CODE_ROWS, 1, &p, 1, &column);
	amph_stmt *s = stmt_new(conn, &code);
	int32_t value = 1;
	amph_arg arg = value_arg(&slot, &value);
	amph_result r;

	FAILS("HV010", execute(s, &arg, &r));
	ck_assert(!conn->broken);
	stmt_free(s);
}
END_TEST

static void drop_type(void)
{
	static const char *const statements[] = { "DROP TYPE IF EXISTS mood CASCADE", NULL };

	clean(statements);
}

SUITE_MAIN_AT_END("pg types", open_conn, close_conn, drop_type, numbers_go_both_ways, numerics_go_both_ways,
		numerics_at_random_go_both_ways, texts_and_bytes_go_both_ways, times_go_both_ways,
		arrays_go_both_ways, null_is_told_from_zero, bad_values_are_refused_before_they_are_sent,
		results_of_another_type_are_refused, row_sets_are_parameters,
		described_results_come_as_text_then_in_binary, huge_values_go_both_ways,
		open_types_are_string_constants,
		a_parameter_of_another_type_is_a_mistake)
