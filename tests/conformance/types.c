/* Every type, there and back: what was written is what is read, as objects, in conditions, and
 * at the ends of its range. */
#include "conformance.h"
#include <float.h>
#include <math.h>
#include <string.h>

static amph_uuid uuid_of(const char *text)
{
	amph_uuid u;

	ck_assert(amph_uuid_parse(text, &u, NULL));
	return u;
}

static amph_interval interval_of(const char *text)
{
	amph_interval i;

	ck_assert(amph_interval_parse(text, &i, NULL));
	return i;
}

static Thing *add_thing(void)
{
	Thing *t = amph_new(s, Thing, .b = true, .i16 = -32768, .i32 = 2147483647, .i64 = INT64_MIN,
		.f32 = 0.1f, .f64 = 5e-324, .num = amph_dec(-12345678901234567890.123456789),
		.text = "näïve \"text\" 'quoted' \\ 日本 😀", .bytes = { "\0\x01\xff", 3 },
		.uuid = uuid_of("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
		.json = AMPH_JSON({"bb": 1, "a": [1.10, null, "x"], "bb": 2}),
		.date = amph_date_ymd(2024, 2, 29), .time = amph_time_hms(23, 59, 59.999999),
		.ts = amph_timestamp_at(1969, 12, 31, 23, 59, 59.5),
		.tstz = amph_timestamptz_utc(2025, 1, 2, 3, 4, 5.678901),
		.span = interval_of("1 year 2 mons -3 days 04:05:06.7"), .mood = HAPPY);

	ck_assert_ptr_nonnull(t);
	return t;
}

START_TEST(what_is_written_is_read)
{
	char text[128];

	add_thing();
	DO(amph_commit(s));
	amph_session_clear(s);
	Thing *t = amph_get(s, Thing, 1);
	DO(t != NULL);
	ck_assert(t->b);
	ck_assert_int_eq(t->i16, -32768);
	ck_assert_int_eq(t->i32, 2147483647);
	ck_assert_int_eq(t->i64, INT64_MIN);
	ck_assert(t->f32 == 0.1f);
	ck_assert(t->f64 == 5e-324);
	amph_numeric_format(t->num, text, sizeof text);
	ck_assert_str_eq(text, "-12345678901234567890.123456789");
	ck_assert_str_eq(t->text, "näïve \"text\" 'quoted' \\ 日本 😀");
	ck_assert_uint_eq(t->bytes.size, 3);
	ck_assert(!memcmp(t->bytes.data, "\0\x01\xff", 3));
	amph_uuid_format(t->uuid, text, sizeof text);
	ck_assert_str_eq(text, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
	ck_assert_str_eq(t->json.text, "{\"a\": [1.10, null, \"x\"], \"bb\": 2}");
	amph_date_format(t->date, text, sizeof text);
	ck_assert_str_eq(text, "2024-02-29");
	amph_time_format(t->time, text, sizeof text);
	ck_assert_str_eq(text, "23:59:59.999999");
	amph_timestamp_format(t->ts, text, sizeof text);
	ck_assert_str_eq(text, "1969-12-31 23:59:59.5");
	amph_timestamptz_format(t->tstz, text, sizeof text);
	ck_assert_str_eq(text, "2025-01-02 03:04:05.678901+00");
	amph_interval_format(t->span, text, sizeof text);
	ck_assert_str_eq(text, "1 year 2 mons -3 days +04:05:06.7");
	ck_assert_uint_eq(t->mood, HAPPY);
	amph_expect_statements(s, 0);
	DO(amph_commit(s));
}
END_TEST

#define IS_FOUND(condition)                                                               \
	ck_assert_msg(amph_count(s, Thing, .where = condition) == 1, "%s: %s", #condition, \
		      amph_session_error(s)->message)

START_TEST(values_in_conditions)
{
	Thing *t = add_thing();

	DO(amph_flush(s));
	IS_FOUND(eq(col(Thing, b), true));
	IS_FOUND(eq(col(Thing, i16), -32768));
	IS_FOUND(eq(col(Thing, i64), INT64_MIN));
	IS_FOUND(lt(col(Thing, f64), 1e-300));
	IS_FOUND(eq(col(Thing, num), amph_dec(-12345678901234567890.1234567890)));
	IS_FOUND(lt(col(Thing, num), -5));
	IS_FOUND(eq(col(Thing, text), t->text));
	IS_FOUND(eq(col(Thing, bytes), t->bytes));
	IS_FOUND(eq(col(Thing, uuid), t->uuid));
	IS_FOUND(eq(col(Thing, json), AMPH_JSON({"a": [1.1, null, "x"], "bb": 2.0})));
	IS_FOUND(eq(col(Thing, date), t->date));
	IS_FOUND(gt(col(Thing, date), amph_date_ymd(2024, 2, 28)));
	IS_FOUND(eq(col(Thing, time), t->time));
	IS_FOUND(lt(col(Thing, ts), amph_timestamp_at(1970, 1, 1, 0, 0, 0)));
	IS_FOUND(eq(col(Thing, tstz), t->tstz));
	IS_FOUND(between(col(Thing, tstz), amph_timestamptz_utc(2025, 1, 2, 0, 0, 0),
			 amph_timestamptz_utc(2025, 1, 2, 4, 0, 0)));
	IS_FOUND(eq(col(Thing, span), interval_of("14 mons -3 days 04:05:06.7")));
	IS_FOUND(eq(col(Thing, mood), HAPPY));
	IS_FOUND(gt(col(Thing, mood), SAD));
	IS_FOUND(in(col(Thing, uuid), uuids(t->uuid, uuid_of("00000000-0000-0000-0000-000000000001"))));
}
END_TEST

START_TEST(nulls_of_every_type)
{
	amph_new(s, Maybe);
	DO(amph_commit(s));
	amph_session_clear(s);
	Maybe *m = amph_get(s, Maybe, 1);
	DO(m != NULL);
	ck_assert(!m->b.has && !m->i16.has && !m->i32.has && !m->i64.has && !m->f32.has);
	ck_assert(!m->f64.has && !m->num.has && !m->text && !m->bytes.data && !m->uuid.has);
	ck_assert(!m->json.text && !m->date.has && !m->time.has && !m->ts.has && !m->tstz.has);
	ck_assert(!m->span.has && !m->mood.has);
	m->b = (amph_opt_bool)AMPH_SOME(false);
	m->i16 = (amph_opt_int16)AMPH_SOME(0);
	m->f64 = (amph_opt_double)AMPH_SOME(0.0);
	m->num = (amph_opt_numeric)AMPH_SOME(amph_dec(1.0005));
	m->text = "";
	m->bytes = (amph_bytes){ "", 0 };
	m->json.text = "null";
	m->date = (amph_opt_date)AMPH_SOME(AMPH_INFINITY_DATE);
	m->tstz = (amph_opt_timestamptz)AMPH_SOME(AMPH_NEG_INFINITY_TIMESTAMPTZ);
	m->mood = (amph_opt_enum)AMPH_SOME(SAD);
	DO(amph_commit(s));
	amph_session_clear(s);
	m = amph_get(s, Maybe, 1);
	ck_assert(m->b.has && !m->b.value && m->i16.has && m->i16.value == 0 && m->f64.has);
	char text[32];
	amph_numeric_format(m->num.value, text, sizeof text);
	ck_assert_str_eq(text, "1.001");
	ck_assert_str_eq(m->text, "");
	ck_assert(m->bytes.data && m->bytes.size == 0);
	ck_assert_str_eq(m->json.text, "null");
	ck_assert_int_eq(m->date.value.days, INT32_MAX);
	ck_assert_int_eq(m->tstz.value.usec, INT64_MIN);
	ck_assert(m->mood.has && m->mood.value == SAD);
	m->b.has = false;
	m->text = NULL;
	m->json.text = NULL;
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Maybe, .where = all_of(is_null(col(Maybe, b)),
		is_null(col(Maybe, text)), is_null(col(Maybe, json)))), 1);
}
END_TEST

START_TEST(a_value_without_has_is_an_error)
{
	amph_new(s, Maybe, .i32 = { .value = 5 });
	ck_assert(!amph_flush(s));
	ck_assert_str_eq(amph_session_error(s)->column, "i32");
	amph_rollback(s);
}
END_TEST

START_TEST(an_enum_beyond_its_labels_is_an_error)
{
	amph_new(s, Maybe, .mood = AMPH_SOME(3));
	ck_assert(!amph_flush(s));
	ck_assert_str_eq(amph_session_error(s)->sqlstate, "22P02");
	amph_rollback(s);
}
END_TEST

START_TEST(dates_at_their_ends)
{
	static const char *const texts[] = { "4713-01-01 00:00:00 BC", "0044-03-15 12:00:00 BC",
		"0001-01-01 00:00:00", "9999-12-31 23:59:59.999999", "10000-01-01 00:00:00",
		"294246-12-31 23:59:59.999999", "infinity", "-infinity" };
	static const size_t order[] = { 7, 0, 1, 2, 3, 4, 5, 6 };
	char text[64];

	for (size_t i = 0; i < 8; i++) {
		amph_timestamp ts;

		ck_assert(amph_timestamp_parse(texts[i], &ts, NULL));
		amph_new(s, Maybe, .ts = { ts, true });
	}
	DO(amph_commit(s));
	amph_session_clear(s);
	Maybe **list = amph_all(s, Maybe, .order_by = by(col(Maybe, ts)));
	DO(list != NULL);
	for (size_t i = 0; i < 8; i++) {
		amph_timestamp_format(list[i]->ts.value, text, sizeof text);
		ck_assert_str_eq(text, texts[order[i]]);
	}
}
END_TEST

START_TEST(numbers_sort_as_numbers)
{
	static const char *const texts[] = { "-999.999", "-1.500", "0.000", "0.001", "2.000", "10.000",
					     "100.000" };
	char text[32];

	for (size_t i = 7; i-- > 0;)
		amph_new(s, Maybe, .num = { amph_numeric_parse(texts[i]), true });
	DO(amph_commit(s));
	amph_session_clear(s);
	Maybe **list = amph_all(s, Maybe, .order_by = by(col(Maybe, num)));
	DO(list != NULL);
	for (size_t i = 0; i < 7; i++) {
		amph_numeric_format(list[i]->num.value, text, sizeof text);
		ck_assert_str_eq(text, texts[i]);
	}
	ck_assert_int_eq(amph_count(s, Maybe, .where = gt(col(Maybe, num), amph_dec(1.9))), 3);
}
END_TEST

START_TEST(enums_sort_by_their_order)
{
	amph_new(s, Maybe, .mood = AMPH_SOME(HAPPY));
	amph_new(s, Maybe, .mood = AMPH_SOME(SAD));
	amph_new(s, Maybe, .mood = AMPH_SOME(OK));
	DO(amph_flush(s));
	Maybe **list = amph_all(s, Maybe, .order_by = by(col(Maybe, mood)));
	DO(list != NULL);
	ck_assert_uint_eq(list[0]->mood.value, SAD);
	ck_assert_uint_eq(list[1]->mood.value, OK);
	ck_assert_uint_eq(list[2]->mood.value, HAPPY);
}
END_TEST

START_TEST(floats_keep_their_bits)
{
	const double values[] = { DBL_MAX, -DBL_MAX, DBL_MIN, 0.1, 1.0 / 3.0, 1e15, -1e-5, INFINITY };

	for (size_t i = 0; i < 8; i++)
		amph_new(s, Maybe, .f64 = { values[i], true }, .f32 = { (float)values[i], true });
	DO(amph_commit(s));
	amph_session_clear(s);
	Maybe **list = amph_all(s, Maybe, .order_by = by(col(Maybe, id)));
	for (size_t i = 0; i < 8; i++) {
		ck_assert(list[i]->f64.value == values[i]);
		ck_assert(list[i]->f32.value == (float)values[i]);
	}
}
END_TEST

/* SQLite keeps whole numbers of such a column as integers, which RETURNING shows as they are. */
START_TEST(whole_floats_are_returned)
{
	Maybe one = { .id = 7, .f64 = AMPH_SOME(1e15), .f32 = AMPH_SOME(-2) };
	amph_rows *r = amph_sql(s, "INSERT INTO maybes (id, f64, f32) VALUES (1, 0, 3), (2, 0.5, -4.0) "
				"RETURNING f64, f32, f64 / 4 + f32 AS sum, f32::text AS t");

	DO(amph_next(r));
	ck_assert(amph_cell_double(r, "f64") == 0 && amph_cell_double(r, "f32") == 3);
	ck_assert(amph_cell_double(r, "sum") == 3);
	ck_assert_str_eq(amph_cell_text(r, "t"), "3");
	DO(amph_next(r) && amph_cell_double(r, "f64") == 0.5 && amph_cell_double(r, "f32") == -4);
	DO(amph_rows_close(r));
	DO(amph_upsert_many(s, Maybe, &one, 1, .write_back = &one) == 1);
	ck_assert(one.f64.has && one.f64.value == 1e15 && one.f32.value == -2);
	FAILS("22003", amph_rows_close(amph_sql(s, "UPDATE maybes SET f32 = 1e300 RETURNING f32")));
}
END_TEST

START_TEST(arrays)
{
	const amph_opt_int64 ints[] = { AMPH_SOME(1), { 0 }, AMPH_SOME(INT64_MAX) };
	const char *const texts[] = { "a b", NULL, "NULL", "", "q\"uo\\te", "{,}" };
	const amph_opt_bool bools[] = { AMPH_SOME(true), AMPH_SOME(false) };
	const amph_opt_numeric nums[] = { AMPH_SOME(amph_dec(1.50)) };
	const amph_opt_uuid ids[] = { { uuid_of("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"), true } };
	const amph_opt_timestamptz times[] = { { amph_timestamptz_utc(2024, 1, 1, 0, 0, 0), true } };

	amph_new(s, Lists, .ints = { ints, 3 }, .texts = { texts, 6 }, .bools = { bools, 2 },
		 .nums = { nums, 1 }, .uuids = { ids, 1 }, .times = { times, 1 });
	amph_new(s, Lists, .ints = { ints, 0 });
	DO(amph_commit(s));
	amph_session_clear(s);
	Lists *l = amph_get(s, Lists, 1);
	DO(l != NULL);
	ck_assert_uint_eq(l->ints.n, 3);
	ck_assert(l->ints.items[0].has && l->ints.items[0].value == 1);
	ck_assert(!l->ints.items[1].has);
	ck_assert(l->ints.items[2].value == INT64_MAX);
	ck_assert_uint_eq(l->texts.n, 6);
	for (size_t i = 0; i < 6; i++) {
		if (texts[i])
			ck_assert_str_eq(l->texts.items[i], texts[i]);
		else
			ck_assert_ptr_null(l->texts.items[i]);
	}
	ck_assert(l->bools.n == 2 && l->bools.items[0].value && !l->bools.items[1].value);
	ck_assert(l->nums.n == 1 && amph_numeric_compare(l->nums.items[0].value, amph_dec(1.5)) == 0);
	ck_assert(l->uuids.n == 1 && !memcmp(&l->uuids.items[0].value, &ids[0].value, 16));
	ck_assert(l->times.n == 1 && l->times.items[0].value.usec == times[0].value.usec);
	l = amph_get(s, Lists, 2);
	ck_assert(l->ints.items && l->ints.n == 0);
	ck_assert_ptr_null(l->texts.items);
}
END_TEST

START_TEST(large_values)
{
	enum { SIZE = 1 << 20 };
	static char text[SIZE + 1];

	memset(text, 'x', SIZE);
	amph_new(s, Maybe, .text = text, .bytes = { text, SIZE });
	DO(amph_commit(s));
	amph_session_clear(s);
	Maybe *m = amph_get(s, Maybe, 1);
	DO(m != NULL);
	ck_assert_uint_eq(strlen(m->text), SIZE);
	ck_assert_uint_eq(m->bytes.size, SIZE);
	ck_assert(!memcmp(m->bytes.data, text, SIZE));
}
END_TEST

/* The greatest dates are beyond every timestamp. */
START_TEST(dates_beyond_timestamps)
{
	amph_rows *r;

	amph_new(s, Maybe, .date = AMPH_SOME(amph_date_ymd(5874897, 12, 31)));
	amph_new(s, Maybe, .date = AMPH_SOME(AMPH_NEG_INFINITY_DATE));
	DO(amph_flush(s));
	r = amph_sql(s, "SELECT isfinite(date) AS f, extract(epoch FROM date) AS e, "
		     "extract(doy FROM date) AS d FROM maybes ORDER BY id");
	DO(amph_next(r));
	ck_assert(amph_cell_bool(r, "f"));
	ck_assert_str_eq(amph_cell_text(r, "e"), "185331706992000");
	ck_assert_str_eq(amph_cell_text(r, "d"), "365");
	DO(amph_next(r));
	ck_assert(!amph_cell_bool(r, "f"));
	ck_assert_str_eq(amph_cell_text(r, "e"), "-Infinity");
	ck_assert(amph_cell_is_null(r, "d"));
	DO(amph_rows_close(r));
	FAILS("22008", amph_rows_close(amph_sql(s, "SELECT date_part('year', date) FROM maybes "
						"WHERE id = 1")));
	amph_rollback(s);
}
END_TEST

/* Cells have no form for arrays but text, which has any number of dimensions. */
START_TEST(arrays_of_raw_sql)
{
	amph_rows *r = amph_sql(s, "SELECT '{3,NULL,1}'::int[] AS a, ARRAY['x y', 'NULL', '', 'ß\"'] AS b, "
				"ARRAY[true, false] AS c, '{}'::text[] AS d, NULL::date[] AS e");

	DO(amph_next(r));
	ck_assert_str_eq(amph_cell_text(r, "a"), "{3,NULL,1}");
	ck_assert_str_eq(amph_cell_text(r, "b"), "{\"x y\",\"NULL\",\"\",\"ß\\\"\"}");
	ck_assert_str_eq(amph_cell_text(r, "c"), "{t,f}");
	ck_assert_str_eq(amph_cell_text(r, "d"), "{}");
	ck_assert(amph_cell_is_null(r, "e"));
	ck_assert_str_eq(amph_rows_type_name(r, 0), "integer[]");
	ck_assert_int_eq(amph_rows_type(r, 0), AMPH_T_INT32 | AMPH_T_ARRAY);
	DO(amph_rows_close(r));

	r = amph_sql(s, "SELECT ARRAY[1] AS a");
	DO(amph_next(r));
	ck_assert_int_eq(amph_cell_int64(r, "a"), 0);
	FAILS("42804", amph_rows_close(r));

	r = amph_sql(s, "SELECT ARRAY[[1, 2], [3, 4]] AS a");
	DO(amph_next(r));
	ck_assert_str_eq(amph_cell_text(r, "a"), "{{1,2},{3,4}}");
	DO(amph_rows_close(r));
}
END_TEST

SUITE(types_suite, "types",
      what_is_written_is_read, values_in_conditions, nulls_of_every_type,
      a_value_without_has_is_an_error, an_enum_beyond_its_labels_is_an_error,
      dates_at_their_ends, numbers_sort_as_numbers, enums_sort_by_their_order,
      floats_keep_their_bits, whole_floats_are_returned, arrays, large_values, dates_beyond_timestamps,
      arrays_of_raw_sql)
