/* Values of every type through backends/sqlite/type.c: bound, stored, read, refused. */
#include "harness.h"
#include "src/base/clock.h"
#include <limits.h>
#include <math.h>
#include <string.h>

typedef enum mood { SAD, OK, HAPPY } mood;
static const char *const labels[] = { "sad", "ok", "happy" };
static const amph_enum_type mood_type = { "mood", labels, 3 };

typedef struct everything {
	bool b;
	int16_t i2;
	int32_t i4;
	int64_t i8;
	float f4;
	double f8;
	amph_numeric n;
	const char *t;
	amph_bytes bytes;
	amph_uuid u;
	amph_json j;
	amph_date d;
	amph_time time;
	amph_timestamp ts;
	amph_timestamptz tz;
	amph_interval iv;
	unsigned e;
	amph_int32_array ia;
	amph_text_array ta;
} everything;

typedef struct nullable {
	amph_opt_bool b;
	amph_opt_int16 i2;
	amph_opt_int32 i4;
	amph_opt_int64 i8;
	amph_opt_float f4;
	amph_opt_double f8;
	amph_opt_numeric n;
	const char *t;
	amph_bytes bytes;
	amph_opt_uuid u;
	amph_json j;
	amph_opt_date d;
	amph_opt_time time;
	amph_opt_timestamp ts;
	amph_opt_timestamptz tz;
	amph_opt_interval iv;
	amph_opt_enum e;
	amph_int32_array ia;
	amph_text_array ta;
} nullable;

#define SLOTS(T, null)                                                                        \
	{                                                                                     \
		{ AMPH_T_BOOL, null, offsetof(T, b), NULL, "b" },                             \
		{ AMPH_T_INT16, null, offsetof(T, i2), NULL, "i2" },                          \
		{ AMPH_T_INT32, null, offsetof(T, i4), NULL, "i4" },                          \
		{ AMPH_T_INT64, null, offsetof(T, i8), NULL, "i8" },                          \
		{ AMPH_T_FLOAT, null, offsetof(T, f4), NULL, "f4" },                          \
		{ AMPH_T_DOUBLE, null, offsetof(T, f8), NULL, "f8" },                         \
		{ AMPH_T_NUMERIC, null, offsetof(T, n), NULL, "n" },                          \
		{ AMPH_T_TEXT, null, offsetof(T, t), NULL, "t" },                             \
		{ AMPH_T_BYTES, null, offsetof(T, bytes), NULL, "bytes" },                    \
		{ AMPH_T_UUID, null, offsetof(T, u), NULL, "u" },                             \
		{ AMPH_T_JSON, null, offsetof(T, j), NULL, "j" },                             \
		{ AMPH_T_DATE, null, offsetof(T, d), NULL, "d" },                             \
		{ AMPH_T_TIME, null, offsetof(T, time), NULL, "time" },                       \
		{ AMPH_T_TIMESTAMP, null, offsetof(T, ts), NULL, "ts" },                      \
		{ AMPH_T_TIMESTAMPTZ, null, offsetof(T, tz), NULL, "tz" },                    \
		{ AMPH_T_INTERVAL, null, offsetof(T, iv), NULL, "iv" },                       \
		{ AMPH_T_ENUM, null, offsetof(T, e), &mood_type, "e" },                       \
		{ AMPH_T_ARRAY | AMPH_T_INT32, null, offsetof(T, ia), NULL, "ia" },           \
		{ AMPH_T_ARRAY | AMPH_T_TEXT, null, offsetof(T, ta), NULL, "ta" },            \
	}
static const amph_slot plain_slots[] = SLOTS(everything, false);
static const amph_slot null_slots[] = SLOTS(nullable, true);
enum { N_SLOTS = sizeof plain_slots / sizeof *plain_slots };
static const amph_shape plain_shape = { N_SLOTS, plain_slots }, null_shape = { N_SLOTS, null_slots };

static const char create[] =
	"CREATE TABLE v (b INTEGER, i2 INT, i4 INT, i8 INT, f4 REAL, f8 REAL, n TEXT, t TEXT, bytes BLOB, "
	"u TEXT, j TEXT, d TEXT, time TEXT, ts TEXT, tz TEXT, iv TEXT, e TEXT, ia TEXT, ta TEXT) STRICT";
static const char insert_values[] =
	"INSERT INTO v VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19)";
static const char insert_rows[] =
	"INSERT INTO v SELECT c0,c1,c2,c3,c4,c5,c6,c7,c8,c9,c10,c11,c12,c13,c14,c15,c16,c17,c18 "
	"FROM amph_rows(?1)";

static const amph_opt_int32 ints[] = { { 1, true }, { 0, false }, { INT32_MIN, true } };
static const char *const words[] = { "a", NULL, "größe" };
static const char digits[] = "-12345678901234567890123456789.000000000000000000010";
static const everything sample = {
	.b = true, .i2 = INT16_MIN, .i4 = INT32_MAX, .i8 = INT64_MIN, .f4 = 0.1f, .f8 = 1.0 / 3,
	.n = { .v.digits = digits, .scale = 21, .kind = AMPH_NUMERIC_DIGITS,
	       .n_digits = sizeof digits - 1 },
	.t = "größe \"x\" 'y'", .bytes = { "a\0b\xff", 4 },
	.u = { { 0x01, 0x93, 0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } },
	.j = { "{\"a\": [1, 2.50]}" }, .d = { -719162 }, .time = { 86399999999 },
	.ts = { -62135596800000000 }, .tz = { 1720000000123456 }, .iv = { 1000001, -3, 14 },
	.e = HAPPY, .ia = { ints, 3 }, .ta = { words, 3 }
};

static amph_driver_engine *engine;
static amph_conn *conn;
static amph_arena arena;

static void setup(void)
{
	engine = db_open(NULL, NULL);
	conn = conn_open(engine);
	amph__arena_init(&arena, &amph__libc_allocator);
	run_sql(conn, create);
}

static void teardown(void)
{
	amph__arena_clear(&arena);
	conn_close(conn);
	db_close(engine);
}

static void insert_by_values(const amph_slot *slots, const void *row, amph_error *err)
{
	amph_param params[N_SLOTS];
	amph_sqltype types[N_SLOTS];
	amph_arg args[N_SLOTS];

	for (size_t i = 0; i < N_SLOTS; i++) {
		types[i] = (amph_sqltype){ .type = slots[i].type, .nullable = slots[i].nullable,
					   .enumeration = slots[i].enumeration };
		params[i] = (amph_param){ .kind = AMPH_PARAM_VALUE, .n_types = 1, .types = &types[i] };
		args[i] = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = &slots[i], .base = row };
	}
	amph_code code = code_of(insert_values, params, N_SLOTS, 0);
	int64_t n = 0;
	*err = (amph_error){ 0 };
	if (run_code(conn, &code, args, &n, err))
		ck_assert_int_eq(n, 1);
}

static bool insert_by_rows(const amph_slot *slots, const void *base, size_t stride, size_t n,
			   int64_t *affected, amph_error *err)
{
	static const amph_param param = { .kind = AMPH_PARAM_ROWS };
	amph_arg arg = { .n_slots = N_SLOTS, .n_rows = n, .stride = stride, .slots = slots,
			 .base = base };
	amph_code code = code_of(insert_rows, &param, 1, 0);

	return run_code(conn, &code, &arg, affected, err);
}

static size_t read_all(const amph_shape *shape, void *dest, size_t stride, size_t max,
		       amph_error *err)
{
	amph_code code = code_of("SELECT * FROM v ORDER BY rowid", NULL, 0, 0);
	size_t n = 0;

	*err = (amph_error){ 0 };
	fetch_code(conn, &code, NULL, shape, dest, stride, max, &n, &arena, err);
	return n;
}

static void assert_is_sample(const everything *x)
{
	ck_assert(x->b);
	ck_assert_int_eq(x->i2, sample.i2);
	ck_assert_int_eq(x->i4, sample.i4);
	ck_assert_int_eq(x->i8, sample.i8);
	ck_assert(!memcmp(&x->f4, &sample.f4, sizeof x->f4));
	ck_assert(!memcmp(&x->f8, &sample.f8, sizeof x->f8));
	ck_assert_uint_eq(x->n.kind, AMPH_NUMERIC_DIGITS);
	ck_assert_int_eq(x->n.scale, 21);
	ck_assert(x->n.n_digits == sizeof digits - 1 &&
		  !memcmp(x->n.v.digits, digits, sizeof digits - 1));
	ck_assert_str_eq(x->t, sample.t);
	ck_assert(x->bytes.size == 4 && !memcmp(x->bytes.data, "a\0b\xff", 4));
	ck_assert(!memcmp(&x->u, &sample.u, 16));
	ck_assert_str_eq(x->j.text, sample.j.text);
	ck_assert_int_eq(x->d.days, sample.d.days);
	ck_assert_int_eq(x->time.usec, sample.time.usec);
	ck_assert_int_eq(x->ts.usec, sample.ts.usec);
	ck_assert_int_eq(x->tz.usec, sample.tz.usec);
	ck_assert(x->iv.usec == sample.iv.usec && x->iv.days == -3 && x->iv.months == 14);
	ck_assert_uint_eq(x->e, HAPPY);
	ck_assert_uint_eq(x->ia.n, 3);
	ck_assert(x->ia.items[0].value == 1 && !x->ia.items[1].has &&
		  x->ia.items[2].value == INT32_MIN);
	ck_assert_uint_eq(x->ta.n, 3);
	ck_assert_str_eq(x->ta.items[0], "a");
	ck_assert(x->ta.items[1] == NULL);
	ck_assert_str_eq(x->ta.items[2], "größe");
}

START_TEST(every_type_there_and_back)
{
	everything out[3];
	amph_error err;

	memset(out, 0x55, sizeof out);
	insert_by_values(plain_slots, &sample, &err);
	ck_assert_msg(!*err.sqlstate, "%s", err.message);
	ck_assert(insert_by_rows(plain_slots, &sample, sizeof sample, 1, NULL, &err));
	ck_assert_uint_eq(read_all(&plain_shape, out, sizeof *out, 3, &err), 2);
	assert_is_sample(&out[0]);
	assert_is_sample(&out[1]);
}
END_TEST

START_TEST(is_stored_as_the_shell_expects)
{
	amph_error err;

	insert_by_values(plain_slots, &sample, &err);
	ck_assert_str_eq(text_of(conn, "SELECT typeof(b)||typeof(i2)||typeof(f4)||typeof(f8)||typeof(n)||"
				       "typeof(bytes)||typeof(u)||typeof(ts)||typeof(e) FROM v"),
			 "integerintegerrealrealtextblobtexttexttext");
	ck_assert_str_eq(text_of(conn, "SELECT n||' '||u||' '||d||' '||e||' '||ia FROM v"),
			 "-12345678901234567890123456789.000000000000000000010 "
			 "0193ff00-0102-0304-0506-0708090a0b0c 0001-01-01 happy {1,NULL,-2147483648}");
	ck_assert_str_eq(text_of(conn, "SELECT ts||' '||tz||' '||time FROM v"),
			 "0001-01-01 00:00:00 2024-07-03 09:46:40.123456+00 23:59:59.999999");
}
END_TEST

START_TEST(all_null)
{
	nullable in = { 0 }, out[2];
	amph_error err;

	memset(out, 0x55, sizeof out);
	insert_by_values(null_slots, &in, &err);
	ck_assert_msg(!*err.sqlstate, "%s", err.message);
	ck_assert(insert_by_rows(null_slots, &in, sizeof in, 1, NULL, &err));
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM v WHERE coalesce(b,i2,i4,i8,f4,f8,n,t,bytes,u,j,"
				      "d,time,ts,tz,iv,e,ia,ta) IS NULL"), 2);
	ck_assert_uint_eq(read_all(&null_shape, out, sizeof *out, 2, &err), 2);
	for (int i = 0; i < 2; i++) {
		const nullable *x = &out[i];

		ck_assert(!x->b.has && !x->i2.has && !x->i4.has && !x->i8.has && !x->f4.has &&
			  !x->f8.has && !x->n.has && !x->t && !x->bytes.data && !x->u.has &&
			  !x->j.text && !x->d.has && !x->time.has && !x->ts.has && !x->tz.has &&
			  !x->iv.has && !x->e.has && !x->ia.items && !x->ta.items);
		ck_assert_int_eq(x->i8.value, 0);
	}
}
END_TEST

START_TEST(values_in_nullable_members)
{
	nullable in = { .b = { true, true }, .i2 = { -1, true }, .f8 = { -0.5, true },
			.n = { { .v.units = -1250, .scale = 2 }, true }, .t = "", .bytes = { "", 0 },
			.e = { OK, true }, .ia = { ints, 0 } }, out;
	amph_error err;

	insert_by_values(null_slots, &in, &err);
	ck_assert_uint_eq(read_all(&null_shape, &out, sizeof out, 1, &err), 1);
	ck_assert(out.b.has && out.b.value && out.i2.has && out.i2.value == -1);
	ck_assert(out.f8.has && out.f8.value == -0.5 && !out.i4.has);
	ck_assert(out.n.has && out.n.value.kind == AMPH_NUMERIC_SMALL &&
		  out.n.value.v.units == -1250 && out.n.value.scale == 2);
	ck_assert_str_eq(out.t, "");
	ck_assert(out.bytes.data != NULL && out.bytes.size == 0);
	ck_assert(out.e.has && out.e.value == OK);
	ck_assert(out.ia.items != NULL && out.ia.n == 0 && out.ta.items == NULL);
}
END_TEST

START_TEST(null_in_a_plain_member_names_it)
{
	nullable in = { .t = "x" };
	everything out;
	amph_error err;

	insert_by_values(null_slots, &in, &err);
	ck_assert_uint_eq(read_all(&plain_shape, &out, sizeof out, 1, &err), 0);
	ck_assert_str_eq(err.sqlstate, "22002");
	ck_assert(strstr(err.message, "\"b\"") != NULL);
}
END_TEST

/* What a value is refused with, by both ways to send it. */
static void refuse(const everything *x, const char *sqlstate)
{
	amph_error err;

	insert_by_values(plain_slots, x, &err);
	ck_assert_str_eq(err.sqlstate, sqlstate);
	ck_assert(!insert_by_rows(plain_slots, x, sizeof *x, 1, NULL, &err));
	ck_assert_str_eq(err.sqlstate, sqlstate);
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM v"), 0);
}

START_TEST(bad_values_are_refused)
{
	everything x = sample;

	x.t = "\xc3\x28";
	refuse(&x, "22021");
	x.t = "\xed\xa0\x80";
	refuse(&x, "22021");
	x = sample;
	x.f8 = NAN;
	refuse(&x, "0A000");
	x.f8 = 1;
	x.f4 = NAN;
	refuse(&x, "0A000");
	x = sample;
	x.f8 = -0.0;
	refuse(&x, "0A000");
	x = sample;
	x.f4 = -0.0f;
	refuse(&x, "0A000");
	x = sample;
	x.n.kind = AMPH_NUMERIC_INVALID;
	refuse(&x, "22P02");
	x = sample;
	x.e = 3;
	refuse(&x, "22P02");
	x = sample;
	x.j.text = "nope";
	refuse(&x, "22P02");
}
END_TEST

START_TEST(infinities_and_extremes)
{
	everything x = sample, out[4];
	amph_error err;

	x.f8 = INFINITY;
	x.f4 = -INFINITY;
	x.n = (amph_numeric){ .kind = AMPH_NUMERIC_NAN };
	insert_by_values(plain_slots, &x, &err);
	ck_assert_msg(!*err.sqlstate, "%s", err.message);
	x.f8 = 5e-324;
	x.n = (amph_numeric){ .v.units = INT64_C(-999999999999999999), .scale = 18 };
	x.i8 = INT64_MAX;
	insert_by_values(plain_slots, &x, &err);
	x.f8 = 1.7976931348623157e308;
	x.n = (amph_numeric){ .v.units = 0, .scale = 3 };
	insert_by_values(plain_slots, &x, &err);
	ck_assert_uint_eq(read_all(&plain_shape, out, sizeof *out, 4, &err), 3);
	ck_assert(isinf(out[0].f8) && isinf(out[0].f4) && out[0].f4 < 0);
	ck_assert_uint_eq(out[0].n.kind, AMPH_NUMERIC_NAN);
	ck_assert(out[1].f8 == 5e-324 && out[1].i8 == INT64_MAX);
	ck_assert(out[1].n.v.units == INT64_C(-999999999999999999) && out[1].n.scale == 18);
	ck_assert(out[2].f8 == 1.7976931348623157e308);
	ck_assert(out[2].n.kind == AMPH_NUMERIC_SMALL && out[2].n.v.units == 0 && out[2].n.scale == 3);
}
END_TEST

/* One column read as one type. */
static void read_one(const char *sql, uint8_t type, void *out, const char *sqlstate,
		     const char *says)
{
	amph_slot slot = { .type = type, .enumeration = &mood_type, .name = "member" };
	amph_shape shape = { 1, &slot };
	amph_code code = code_of(sql, NULL, 0, 0);
	amph_error err = { 0 };
	size_t n;

	code.table = "v";
	bool ok = fetch_code(conn, &code, NULL, &shape, out, 64, 1, &n, &arena, &err);
	ck_assert_msg(ok == !sqlstate, "%s: %s %s", sql, err.sqlstate, err.message);
	if (sqlstate) {
		ck_assert_str_eq(err.sqlstate, sqlstate);
		ck_assert_msg(strstr(err.message, says) != NULL, "%s", err.message);
		ck_assert_str_eq(err.table, "v");
	}
}

START_TEST(another_class_of_storage_is_an_error)
{
	char out[64];

	read_one("SELECT '12' AS age", AMPH_T_INT32, out, "42804", "column \"age\" of table \"v\"");
	read_one("SELECT 1.0 AS x", AMPH_T_INT64, out, "42804", "real where integer");
	read_one("SELECT 'a' AS x", AMPH_T_DOUBLE, out, "42804", "text where real");
	read_one("SELECT x'00' AS x", AMPH_T_TEXT, out, "42804", "blob where text");
	read_one("SELECT 'a' AS x", AMPH_T_BYTES, out, "42804", "text where blob");
	read_one("SELECT 1 AS x", AMPH_T_ARRAY | AMPH_T_INT32, out, "42804", "integer where text");
	read_one("SELECT 32768 AS x", AMPH_T_INT16, out, "22003", "smallint");
	read_one("SELECT -2147483649 AS x", AMPH_T_INT32, out, "22003", "integer");
	read_one("SELECT 2 AS x", AMPH_T_BOOL, out, "22003", "boolean");
	read_one("SELECT 1e300 AS x", AMPH_T_FLOAT, out, "22003", "real");
	read_one("SELECT 'angry' AS x", AMPH_T_ENUM, out, "22P02", "mood");
	read_one("SELECT 'x' AS x", AMPH_T_UUID, out, "22P02", "uuid");
	read_one("SELECT cast(x'c328' AS text) AS x", AMPH_T_TEXT, out, "22021", "UTF8");
	read_one("SELECT 'a' || char(0) || 'b' AS x", AMPH_T_TEXT, out, "22021", "UTF8");
	read_one("SELECT 32767 AS x", AMPH_T_INT16, out, NULL, NULL);
}
END_TEST

static void rows_of_many(size_t n)
{
	everything *rows = n ? amph__arena_array(&arena, n, sizeof *rows) : NULL;
	int64_t affected = -1;
	amph_error err;

	for (size_t i = 0; i < n; i++) {
		rows[i] = sample;
		rows[i].i8 = (int64_t)i;
	}
	run_sql(conn, "BEGIN IMMEDIATE");
	bool ok = insert_by_rows(plain_slots, rows, sizeof *rows, n, &affected, &err);
	ck_assert_msg(ok, "%s", err.message);
	ck_assert_int_eq(affected, (int64_t)n);
	run_sql(conn, "COMMIT");
	ck_assert_int_eq(int_of(conn, "SELECT count(*) FROM v"), (int64_t)n);
	if (n)
		ck_assert_int_eq(int_of(conn, "SELECT sum(i8) FROM v"), (int64_t)(n * (n - 1) / 2));
}

START_TEST(row_sets_of_no_row_one_and_many)
{
	rows_of_many(0);
	rows_of_many(1);
	run_sql(conn, "DELETE FROM v");
	rows_of_many(100000);
}
END_TEST

START_TEST(row_set_over_pointers_and_ordinality)
{
	typedef struct pair { int64_t a; const char *b; } pair;
	static const amph_slot slots[] = { { AMPH_T_INT64, false, offsetof(pair, a), NULL, "a" },
					   { AMPH_T_TEXT, false, offsetof(pair, b), NULL, "b" } };
	static const amph_param param = { .kind = AMPH_PARAM_ROWS };
	pair x = { 7, "seven" }, y = { 8, NULL };
	const void *const rows[] = { &y, &x, &y };
	amph_arg arg = { .n_slots = 2, .n_rows = 3, .slots = slots, .rows = rows };
	amph_code code = code_of("INSERT INTO v (i8, t, i4) SELECT c0, c1, ordinality FROM "
				 "amph_rows_wide(?1)", &param, 1, 0);
	amph_error err;

	ck_assert(run_code(conn, &code, &arg, NULL, &err));
	ck_assert_str_eq(text_of(conn, "SELECT group_concat(i8||coalesce(t,'-')||i4, ',') FROM v"),
			 "8-1,7seven2,8-3");
}
END_TEST

#define ALL_COLUMNS                                                                           \
	"hex(b||typeof(b)||i2||i4||i8||f4||f8||n||t||j||u||d||time||ts||tz||iv||e||ia||ta)"

/* What row sets give straight from structs is what any value is stored as; what is refused is so. */
static void assert_rows_as_values(const everything *x, const char *sqlstate)
{
	amph_error of_values, of_rows = { 0 };

	for (int fast = 0; fast < 2; fast++) {
		engine->options.fast_paths = fast;
		insert_by_values(plain_slots, x, &of_values);
		insert_by_rows(plain_slots, x, sizeof *x, 1, NULL, &of_rows);
		ck_assert_msg(!strcmp(of_rows.sqlstate, sqlstate), "%s", of_rows.message);
		ck_assert_str_eq(of_values.sqlstate, sqlstate);
	}
	ck_assert_int_eq(int_of(conn, "SELECT count(DISTINCT " ALL_COLUMNS ") = (count(*) > 0) AND "
				      "count(*) IN (0, 4) FROM v"), 1);
	run_sql(conn, "DELETE FROM v");
}

START_TEST(row_sets_give_what_values_give)
{
	static const int64_t moments[] = {
		INT64_MIN, INT64_C(-210866803200000000), INT64_C(-62135596800000001),
		INT64_C(-62135596800000000), -1, 0, 1, INT64_C(253402300799999999),
		INT64_C(253402300800000000), INT64_MAX
	};
	static const amph_numeric numerics[] = {
		{ .v.units = -5, .scale = 2 }, { .v.units = 0, .scale = 18 },
		{ .v.units = INT64_C(999999999999999999) },
		{ .kind = AMPH_NUMERIC_NAN }, { .kind = AMPH_NUMERIC_NEG_INFINITY }
	};
	static const char *const jsons[] = { "{\"a\":1}", "\"\u00e9\"", "[1, {\"bb\": null, \"a\": 2}]",
					     " 1e3 " };
	everything x = sample;

	for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
		x.ts.usec = x.tz.usec = moments[i];
		assert_rows_as_values(&x, "");
	}
	for (size_t i = 0; i < sizeof numerics / sizeof *numerics; i++) {
		x.n = numerics[i];
		assert_rows_as_values(&x, "");
	}
	for (size_t i = 0; i < sizeof jsons / sizeof *jsons; i++) {
		x.j.text = jsons[i];
		assert_rows_as_values(&x, "");
	}
	x.f8 = -0.0;
	assert_rows_as_values(&x, "0A000");
	x.f8 = (double)NAN;
	assert_rows_as_values(&x, "0A000");
	x.f8 = -1e-300;
	x.t = "a\xff";
	assert_rows_as_values(&x, "22021");
	x.t = "";
	x.j.text = "{\"a\": \"\xc3\"}";
	assert_rows_as_values(&x, "22021");
	x.j.text = "{\"a\": }";
	assert_rows_as_values(&x, "22P02");
	x.j.text = NULL;
	x.t = NULL;
	assert_rows_as_values(&x, "");
}
END_TEST

enum { APPENDED = 600 };

/* Rows with numbers go into a table of that text as they would without their neighbours. */
static void append_rows(const char *table, const int64_t *numbers, const char *sqlstate)
{
	static const amph_slot slots[] = { { AMPH_T_TEXT, false, sizeof(int64_t), NULL, "t" },
					   { AMPH_T_INT64, false, 0, NULL, "id" } };
	static const amph_param param = { .kind = AMPH_PARAM_ROWS };
	struct { int64_t id; const char *t; } rows[APPENDED];
	amph_arg arg = { .n_slots = 2, .n_rows = APPENDED, .slots = slots, .base = rows,
			 .stride = sizeof *rows, .identity = "id", .identity_slot = 1 };
	amph_code code = code_of("INSERT INTO r (t, id) SELECT c0, c1 FROM amph_rows(?1)", &param, 1, 0);
	amph_error err = { 0 };
	int64_t sum = 0, affected = -1;

	for (size_t i = 0; i < APPENDED; i++) {
		rows[i].id = numbers[i];
		rows[i].t = "x";
		sum += numbers[i] % 1009 * (int64_t)(i + 1);
	}
	code.table = "r";
	run_sql(conn, table);
	run_sql(conn, "BEGIN IMMEDIATE");
	run_sql(conn, "INSERT INTO v (i8) VALUES (1)");
	bool ok = run_code(conn, &code, &arg, &affected, &err);
	ck_assert_msg(!strcmp(err.sqlstate, sqlstate), "%s: %s %s", table, err.sqlstate, err.message);
	ck_assert_int_eq(ok, !*sqlstate);
	if (ok) {
		ck_assert_int_eq(affected, APPENDED);
		const char *order = strstr(table, "WITHOUT") ? "id" : "o, id";
		char *sql = amph__arena_printf(&arena, "SELECT sum(n * (id %% 1009)) FROM (SELECT id, "
					       "row_number() OVER () AS n FROM (SELECT id FROM r "
					       "WHERE t = 'x' ORDER BY %s))", order);
		ck_assert_msg(int_of(conn, sql) == sum, "%s", table);
	}
	run_sql(conn, "ROLLBACK");
	run_sql(conn, "DROP TABLE IF EXISTS r");
}

START_TEST(numbers_at_the_end_of_a_table)
{
	static const char *const tables[] = {
		"CREATE TABLE r (id INTEGER NOT NULL PRIMARY KEY, t TEXT, o)",
		"CREATE TABLE r (id INT PRIMARY KEY, t TEXT, o)",
		"CREATE TABLE r (id INTEGER PRIMARY KEY DESC, t TEXT, o)",
		"CREATE TABLE r (id INTEGER, t TEXT, o, UNIQUE (id))",
		"CREATE TABLE r (t TEXT, o, id INTEGER, PRIMARY KEY (id, t))",
		"CREATE TABLE r (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, o)",
		"CREATE TABLE r (id INTEGER PRIMARY KEY, t TEXT) WITHOUT ROWID"
	};
	int64_t numbers[APPENDED];

	engine->options.fast_paths = true;
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (int64_t from = -300; from <= 300; from += 100) {
			for (int64_t i = 0; i < APPENDED; i++)
				numbers[i] = from + i + (i > 400 ? 7 : 0);
			append_rows(tables[t], numbers, "");
		}
	for (int64_t i = 0; i < APPENDED; i++)
		numbers[i] = INT64_MAX - APPENDED + 1 + i;
	append_rows(tables[0], numbers, "");
	numbers[APPENDED - 1] = numbers[3];
	append_rows(tables[0], numbers, "23505");
	for (int64_t i = 0; i < APPENDED; i++)
		numbers[i] = 1000 - i;
	append_rows("CREATE TABLE r (id INTEGER PRIMARY KEY, t TEXT, o GENERATED ALWAYS AS (-id))", numbers,
		    "");
}
END_TEST

/* What is in a table already, and what triggers add to it, is counted. */
START_TEST(numbers_beside_others)
{
	int64_t numbers[APPENDED];

	engine->options.fast_paths = true;
	for (int64_t i = 0; i < APPENDED; i++)
		numbers[i] = 10 + i;
	append_rows("CREATE TABLE r AS SELECT 5 AS id, 'y' AS t, NULL AS o", numbers, "");
	run_sql(conn, "CREATE TABLE s (id INTEGER PRIMARY KEY, t TEXT, o)");
	run_sql(conn, "INSERT INTO s VALUES (5000, 'y', NULL)");
	append_rows("ALTER TABLE s RENAME TO r", numbers, "");
	run_sql(conn, "CREATE TABLE s (id INTEGER PRIMARY KEY, t TEXT, o)");
	run_sql(conn, "CREATE TRIGGER g AFTER INSERT ON s WHEN new.id < 5000 BEGIN "
		      "INSERT INTO s VALUES (new.id + 5000, 'z', NULL); END");
	append_rows("ALTER TABLE s RENAME TO r", numbers, "");
}
END_TEST

/* A SELECT runs on after collect: the program's memory may then be used for other things. */
START_TEST(arguments_of_a_query_may_go_after_collect)
{
	static const amph_sqltype text_type = { .type = AMPH_T_TEXT };
	static const amph_param params[] = { { AMPH_PARAM_VALUE, 1, &text_type },
					     { AMPH_PARAM_ROWS, 1, NULL } };
	static const amph_slot slot = { .type = AMPH_T_TEXT }, out_slot = { .type = AMPH_T_TEXT };
	static const amph_shape shape = { 1, &out_slot };
	char text[] = "prefix ", items[3][8] = { "one", "two", "three" };
	const char *value = text, *rows[3] = { items[0], items[1], items[2] }, *out[4];
	amph_arg args[] = { { .n_slots = 1, .n_rows = 1, .slots = &slot, .base = &value },
			    { .n_slots = 1, .n_rows = 3, .stride = sizeof *rows, .slots = &slot,
			      .base = rows } };
	amph_code code = code_of("SELECT ?1 || c0 FROM amph_rows(?2)", params, 2, 0);
	amph_stmt *stmt = stmt_new(conn, &code);
	amph_result result = { 0 };
	amph_store store = store_of(&arena);
	amph_error err;
	size_t n;

	ck_assert(amph__sl_driver.submit(stmt, args, false, &err));
	ck_assert(amph__sl_driver.collect(conn, &result, &err));
	memset(text, 'x', sizeof text - 1);
	memset(items, 'x', sizeof items);
	memset(args, 0, sizeof args);
	memset(rows, 0, sizeof rows);
	value = NULL;
	ck_assert(amph__sl_driver.fetch(conn, &result, &shape, out, sizeof *out, 4, &store, &n, &err));
	ck_assert_uint_eq(n, 3);
	ck_assert_str_eq(out[0], "prefix one");
	ck_assert_str_eq(out[2], "prefix three");
	amph__sl_driver.finish(conn, &result);
	stmt_free(stmt);
}
END_TEST

START_TEST(a_large_value)
{
	static const amph_slot slot = { .type = AMPH_T_TEXT, .name = "t" };
	static const amph_sqltype type = { .type = AMPH_T_TEXT };
	static const amph_param param = { AMPH_PARAM_VALUE, 1, &type };
	size_t len = 20u << 20;
	char *text = amph__arena_alloc(&arena, len + 1);
	amph_arg arg = { .n_slots = 1, .n_rows = 1, .slots = &slot, .base = &text };
	amph_code code = code_of("INSERT INTO v (t) VALUES (?1)", &param, 1, 0);
	amph_error err;

	memset(text, 'x', len);
	text[len] = '\0';
	ck_assert(run_code(conn, &code, &arg, NULL, &err));
	ck_assert_int_eq(int_of(conn, "SELECT length(t) FROM v"), (int64_t)len);
}
END_TEST

SUITE_MAIN_WITH("sqlite types", setup, teardown, every_type_there_and_back,
		is_stored_as_the_shell_expects, all_null, values_in_nullable_members,
		null_in_a_plain_member_names_it, bad_values_are_refused, infinities_and_extremes,
		another_class_of_storage_is_an_error, row_sets_of_no_row_one_and_many,
		row_set_over_pointers_and_ordinality, row_sets_give_what_values_give,
		numbers_at_the_end_of_a_table, numbers_beside_others,
		arguments_of_a_query_may_go_after_collect, a_large_value)
