/* Scalar expressions: arithmetic, choices, casts, text, numbers, dates and times, fragments. */
#include "expr.h"
#include <stdio.h>

void add_maybes(void)
{
	amph_new(s, Maybe, .id = FULL, .b = AMPH_SOME(true), .i16 = AMPH_SOME(7), .i32 = AMPH_SOME(-12),
		 .i64 = AMPH_SOME(9000000000), .f32 = AMPH_SOME(1.5f), .f64 = AMPH_SOME(-2.25),
		 .num = AMPH_SOME(amph_dec(12.345)), .text = "Straße éa",
		 .json = AMPH_JSON({"a": {"b": [1, 2.5, null, "x"]}, "n": 12, "s": "7", "t": true,
			"z": null}),
		 .date = AMPH_SOME(amph_date_ymd(2024, 2, 29)), .time = AMPH_SOME(amph_time_hms(13, 45, 6.5)),
		 .ts = AMPH_SOME(amph_timestamp_at(2024, 2, 29, 13, 45, 6.789)),
		 .tstz = AMPH_SOME(amph_timestamptz_utc(2024, 12, 31, 23, 30, 0)),
		 .span = AMPH_SOME(((amph_interval){ .months = 1, .days = 2, .usec = 11045000000 })),
		 .mood = AMPH_SOME(HAPPY));
	amph_new(s, Maybe, .id = EMPTY);
	DO(amph_commit(s));
}

void check_cell(amph_rows *r, const char *expected, const char *type, const char *what, int line)
{
	const char *text;

	ck_assert_msg(amph_next(r), "line %d: %.200s: %s %s", line, what, amph_session_error(s)->sqlstate,
		      amph_session_error(s)->message);
	text = amph_cell_is_null(r, "x") ? NULL : amph_cell_text(r, "x");
	if (!text || !expected)
		ck_assert_msg(!text && !expected, "line %d: %.200s is %s", line, what, text ? text : "NULL");
	else
		ck_assert_msg(strcmp(text, expected) == 0, "line %d: %.200s is %s", line, what, text);
	if (type)
		ck_assert_msg(strcmp(amph_rows_type_name(r, 0), type) == 0, "line %d: %.200s is of type %s",
			      line, what, amph_rows_type_name(r, 0));
	DO(amph_rows_close(r));
}

void check_refusal(amph_rows *r, const char *sqlstate, const char *parts, const char *what, int line)
{
	const amph_error *err = amph_session_error(s);
	char all[128], *part, *rest = all;

	while (amph_next(r))
		;
	amph_rows_close(r);
	ck_assert_msg(strcmp(err->sqlstate, sqlstate) == 0, "line %d: %.200s: %s %s", line, what,
		      err->sqlstate, err->message);
	ck_assert_int_lt(snprintf(all, sizeof all, "%s", parts), (int)sizeof all);
	while ((part = strtok_r(rest, "|", &rest)))
		ck_assert_msg(strstr(err->message, part) != NULL, "line %d: %s", line, err->message);
	amph_rollback(s);
}

void check_lacking(amph_rows *r, const char *expected, const char *type, const char *name,
		   const char *what, int line)
{
	bool lacks = !r && strcmp(amph_session_error(s)->sqlstate, "0A000") == 0;

	if (lacks && strncmp(test_url(), "sqlite", 6) == 0)
		check_refusal(r, "0A000", name, what, line);
	else
		check_cell(r, expected, type, what, line);
}

START_TEST(arithmetic_has_postgresqls_types)
{
	add_maybes();
	IS("-5", "integer", add(C(i16), C(i32)));
	IS("8", "integer", add(C(i16), 1));
	IS("9000000007", "bigint", add(C(i16), 9000000000));
	IS("1.75", "double precision", add(C(f32), 0.25));
	IS("3", "real", add(C(f32), C(f32)));
	IS("9000000007", "bigint", add(C(i64), C(i16)));
	IS("-111105.000", "numeric", mul(mul(C(num), C(i32)), 750));
	IS("-3.375", "double precision", mul(C(f32), C(f64)));
	IS("-1", "integer", div_(C(i32), 7));
	IS("-5", "integer", mod(C(i32), C(i16)));
	IS("5.345", "numeric", mod(C(num), C(i16)));
	IS("12", "integer", neg(C(i32)));
	IS("-12.345", "numeric", neg(C(num)));
	IS("-1 mons -2 days -03:04:05", "interval", neg(C(span)));
	IS("0.5", "double precision", div_(neg(div_(C(f64), 1.5)), 3.0));
	IS_NULL_("integer", add(C(i32), 1));
	IS_NULL_("numeric", neg(C(num)));
	REFUSED("22003", "out of range", mul(C(i32), 2000000000));
	REFUSED("22003", "out of range", add(C(i64), INT64_MAX));
	REFUSED("22012", "division by zero", div_(C(i32), sub(C(i16), 7)));
	REFUSED("22012", "division by zero", mod(C(num), sub(C(i16), 7)));
	REFUSED("22012", "division by zero", div_(C(f64), 0.0));
}
END_TEST

START_TEST(numbers)
{
	add_maybes();
	IS("12", "integer", fn_abs(C(i32)));
	IS("2.25", "double precision", fn_abs(C(f64)));
	IS("13", "numeric", fn_ceil(C(num)));
	IS("12", "numeric", fn_floor(C(num)));
	IS("-2", "double precision", fn_round(C(f64)));
	IS("12.35", "numeric", fn_round_to(C(num), 2));
	IS("12.3", "numeric", fn_trunc_to(C(num), 1));
	IS("10", "numeric", fn_round_to(C(num), -1));
	IS("12", "numeric", fn_trunc(C(num)));
	IS("-1", "double precision", fn_sign(C(i32)));
	IS("49", "double precision", fn_power(C(i16), 2));
	IS("152.3990250000000000", "numeric", fn_power(C(num), 2));
	IS("3", "double precision", fn_sqrt(add(C(i16), 2)));
	IS("0", "double precision", fn_ln(sub(C(i16), 6)));
	IS("2", "double precision", fn_log(add(C(i16), 93)));
	IS("1", "double precision", fn_exp(sub(C(i16), 7)));
	IS("t", "boolean", lt(fn_random(), 1.0));
	IS("5", "integer", amph_call(int, "&", C(i16), 13));
	IS("28", "integer", amph_call(int, "<<", amph_cast_as(int, "integer", C(i16)), 2));
	IS_NULL_("double precision", fn_sqrt(C(i32)));
	REFUSED("2201F", "square root", fn_sqrt(C(f64)));
	REFUSED("2201E", "logarithm", fn_ln(C(f64)));
	REFUSED("22003", "out of range", fn_exp(mul(C(i16), 1000)));
}
END_TEST

START_TEST(choices)
{
	add_maybes();
	IS("7", "smallint", coalesce(C(i16), 0));
	IS("2", "bigint", add(coalesce(neg(nullif(C(i64), 9000000000)), C(id)), 1));
	IS("7", "integer", greatest(C(i16), C(i32)));
	IS("-12", "integer", least(C(i32), C(i16)));
	IS("2024-03-01", "date", greatest(C(date), amph_date_ymd(2024, 3, 1)));
	IS(NULL, "smallint", nullif(C(i16), 7));
	IS("7", "smallint", nullif(C(i16), 8));
	IS("big", "text", amph_case(text, amph_when(lt(C(i64), 10), "small"), amph_when(gt(C(i64), 10),
		"big"),
				    amph_else("ten")));
	IS(NULL, "text", case_of(text, when(lt(C(i64), 10), "small")));
	IS("ten", "text", case_of(text, when(lt(C(i64), 10), "small"), otherwise("ten")));
	IS("-12", "integer", case_of(int, when(is_null(C(b)), C(i16)), when(C(b), C(i32)), otherwise(0)));
	IS("nested", "text", case_when(lt(C(i16), 5), fn_lower(C(text)),
				       case_when(gt(C(i16), 6), fn_lower(concat("NES", "ted")), "none")));
	IS_NULL_("numeric", nullif(C(num), amph_dec(1)));
	IS_NULL_("smallint", greatest(C(i16), amph_cast_as(int, "smallint", C(i32))));
	IS("t", "boolean", is_distinct_from(C(num), amph_dec(12.34)));
	IS("f", "boolean", is_not_distinct_from(C(mood), OK));
	IS("t", "boolean", is_not_distinct_from(C(mood), HAPPY));
	check_cell(OF_ROW(EMPTY, is_distinct_from(C(i32), 1)), "t", "boolean", "distinct", __LINE__);
	check_cell(OF_ROW(EMPTY, is_not_distinct_from(C(i32), C(i64))), "t", NULL, "distinct", __LINE__);
	check_cell(OF_ROW(EMPTY, is_not_true(gt(C(i32), 1))), "t", NULL, "is not true", __LINE__);
	check_cell(OF_ROW(EMPTY, is_true(gt(C(i32), 1))), "f", NULL, "is true", __LINE__);
	check_cell(OF_ROW(EMPTY, is_not_false(gt(C(i32), 1))), "t", NULL, "is not false", __LINE__);
	check_cell(OF_ROW(EMPTY, is_false(gt(C(i32), 1))), "f", NULL, "is false", __LINE__);
	IS("f", "boolean", not_(C(b)));
	IS_NULL_("boolean", not_(C(b)));
	REFUSED("42804", "CASE types|Maybe", case_of(text, when(C(b), C(i32)), otherwise(C(text))));
	REFUSED("HV010", "case", case_of(text, otherwise("x")));
}
END_TEST

START_TEST(casts)
{
	add_maybes();
	IS("12", "bigint", cast(int, C(num)));
	IS("12.345", "text", cast(text, C(num)));
	IS("12.3", "numeric", cast_as(numeric, "numeric(4,1)", C(num)));
	IS("Str", "character varying", cast_as(text, "varchar(3)", C(text)));
	IS("true", "text", cast(text, C(b)));
	IS("1", "integer", cast_as(int, "integer", C(b)));
	IS("2024-02-29", "date", cast(date, C(ts)));
	IS("13:45:06.789", "time without time zone", cast(time, C(ts)));
	IS("happy", "text", cast(text, C(mood)));
	IS("12", "jsonb", cast(json, "12"));
	IS("2025-01-31", "date", cast(date, "2025-01-31"));
	IS("t", "boolean", cast(bool, "yes"));
	IS_NULL_("bigint", cast(int, C(num)));
	REFUSED("22003", "smallint out of range", cast_as(int, "smallint", C(i64)));
	REFUSED("22P02", "bigint", cast(int, C(text)));
	REFUSED("22003", "numeric field overflow", cast_as(numeric, "numeric(3,2)", C(num)));
	REFUSED("42846", "cannot cast|Maybe", cast(date, C(i32)));
	REFUSED("42704", "type \"nothing\" does not exist", cast_as(int, "nothing", C(i32)));
}
END_TEST

START_TEST(texts_)
{
	add_maybes();
	IS("straße éa", "text", fn_lower(C(text)));
	IS("STRAßE ÉA", "text", fn_upper(C(text)));
	IS("Straße Éa", "text", fn_initcap(C(text)));
	IS("aé eßartS", "text", fn_reverse(C(text)));
	IS("9", "integer", fn_length(C(text)));
	IS("11", "integer", fn_octet_length(C(text)));
	IS("Strasse éa", "text", fn_replace(C(text), "ß", "ss"));
	IS("Strasze éa", "text", fn_replace(C(text), "ß", "sz"));
	IS("Sträße éä", "text", fn_translate(C(text), "a", "ä"));
	IS("aße", "text", fn_substr(C(text), 4, 3));
	IS("Str", "text", fn_left(C(text), 3));
	IS("Straße ", "text", fn_left(C(text), -2));
	IS("éa", "text", fn_right(C(text), 2));
	IS("éaéa", "text", fn_repeat(fn_right(C(text), 2), 2));
	IS("**7", "text", fn_lpad(cast(text, C(i16)), 3, "*"));
	IS("7*", "text", fn_rpad(cast(text, C(i16)), 2, "*"));
	IS("8", "integer", fn_strpos(C(text), "éa"));
	IS("éa", "text", fn_split_part(C(text), " ", 2));
	IS("x", "text", fn_trim("  x "));
	IS("x ", "text", fn_ltrim("  x "));
	IS("  x", "text", fn_rtrim("  x "));
	IS("t", "boolean", ilike_escape(concat("A", "%"), "a!%", "!"));
	IS("t", "boolean", icontains(C(text), "STRA"));
	IS("t", "boolean", iends_with(C(text), "ÉA"));
	IS("f", "boolean", icontains(C(text), "S%E"));
	IS("Straße éa!", "text", concat(C(text), "!"));
	IS("7:Straße éa:t", "text", fn_concat(C(i16), ":", C(text), ":", C(b)));
	IS("St-sse éa", "text", fn_regexp_replace(fn_replace(C(text), "ß", "ss"), "R[AÄ]", "-", "i"));
	IS("9dd4e461268c8034f5c8564e155c67a6", "text", fn_md5("x"));
	IS("t", "boolean", matches(C(text), "^Str.ße"));
	IS("t", "boolean", imatches(C(text), "É"));
	IS("f", "boolean", matches(C(text), "É"));
	IS("t", "boolean", like_escape(concat("100", "%"), "100!%", "!"));
	IS("t", "boolean", eq(collate(C(text), "C"), "Straße éa"));
	check_cell(OF_ROW(EMPTY, fn_concat(C(text), "x", C(i16))), "x", "text", "concat", __LINE__);
	IS_NULL_("text", concat(C(text), "x"));
	IS_NULL_("integer", fn_length(C(text)));
	REFUSED("22023", "field position", fn_split_part(C(text), " ", 0));
	REFUSED("2201B", "regular expression", matches(C(text), "("));
}
END_TEST

START_TEST(dates_and_times)
{
	amph_interval day = { .days = 1 }, hour = { .usec = 3600000000 };

	add_maybes();
	IS("2024-03-01", "date", add(C(date), 1));
	IS("2024-02-28", "date", sub(C(date), 1));
	IS("59", "integer", sub(C(date), amph_date_ymd(2024, 1, 1)));
	IS("2024-03-01 00:00:00", "timestamp without time zone", add(C(date), day));
	IS("2024-02-29 13:45:06.5", "timestamp without time zone", add(C(date), C(time)));
	IS("2024-04-01 16:49:11.789", "timestamp without time zone", add(add(C(ts), C(span)), day));
	IS("2024-12-31 22:30:00+00", "timestamp with time zone", sub(C(tstz), hour));
	IS("12:45:06.5", "time without time zone", sub(C(time), hour));
	IS("59 days 13:45:06.789", "interval", sub(C(ts), amph_timestamp_at(2024, 1, 1, 0, 0, 0)));
	IS("1 day", "interval", sub(C(tstz), amph_timestamptz_utc(2024, 12, 30, 23, 30, 0)));
	IS("2 mons 4 days 06:08:10", "interval", mul(C(span), 2));
	IS("16 days 01:32:02.5", "interval", div_(C(span), 2));
	IS("1 mon 3 days 03:04:05", "interval", add(C(span), day));
	IS("2024", "numeric", extract("year", C(date)));
	IS("6.789000", "numeric", extract("second", C(ts)));
	IS("1735687800.000000", "numeric", extract("epoch", C(tstz)));
	IS("3", "numeric", extract("hour", C(span)));
	IS("2024-02-01 00:00:00", "timestamp without time zone", fn_date_trunc("month", C(ts)));
	IS("2024-10-01 00:00:00+00", "timestamp with time zone", fn_date_trunc("quarter", C(tstz)));
	IS("2024-02-01 00:00:00+00", "timestamp with time zone", fn_date_trunc("month", C(date)));
	IS("1 mon 2 days 03:00:00", "interval", fn_date_trunc("hour", C(span)));
	IS("2024-12-31 23:30:00", "timestamp without time zone", at_time_zone(C(tstz), "UTC"));
	IS("2024-02-29 13:45:06.789+00", "timestamp with time zone", at_time_zone(C(ts), "UTC"));
	IS("1 mon 29 days", "interval", fn_age(cast(timestamp, C(date)), amph_timestamp_at(2023, 12, 31,
		0, 0, 0)));
	IS("12 days", "interval", neg(interval_in("days", C(i32))));
	IS("7 years", "interval", interval_in("years", cast_as(int, "integer", C(i16))));
	IS("00:00:01.5", "interval", interval_in("secs", C(f32)));
	IS("2024-02-29", "date", fn_make_date(2024, 2, 29));
	IS_OR_LACKS("29.02.2024", "text", "to_char|Maybe", fn_to_char(C(ts), "DD.MM.YYYY"));
	IS_OR_LACKS("012.35", "text", "to_char", fn_to_char(C(num), "FM000.00"));
	IS_OR_LACKS("-344509440 590376588", "text", "to_char", fn_to_char(
		amph_raw(interval, "interval '178000000 years'"), "DDD J"));
	IS_OR_LACKS("2025-01-31", "date", "to_date", fn_to_date("31.01.2025", "DD.MM.YYYY"));
	IS_OR_LACKS("2024-01-02 03:00:00+00", "timestamp with time zone", "to_timestamp",
		    fn_to_timestamp("2024-01-02 03", "YYYY-MM-DD HH24"));
	IS("t", "boolean", overlaps(C(ts), day, amph_timestamp_at(2024, 3, 1, 0, 0, 0), day));
	IS("t", "boolean", eq(fn_current_date(), cast(date, fn_now())));
	IS("t", "boolean", gt(fn_now(), C(tstz)));
	IS("t", "boolean", between(C(date), amph_date_ymd(2024, 2, 1), amph_date_ymd(2024, 2, 29)));
	IS_NULL_("date", add(C(date), 1));
	IS_NULL_("numeric", extract("year", C(ts)));
	REFUSED("22008", "date out of range", add(C(date), 2147483647));
	REFUSED("22023", "unit \"fortnight\"", extract("fortnight", C(ts)));
	REFUSED("22008", "date field value out of range", fn_make_date(2023, 2, 29));
	REFUSED("22023", "time zone \"Nowhere\"", at_time_zone(C(ts), "Nowhere"));
}
END_TEST

START_TEST(fragments)
{
	add_maybes();
	IS("12", "integer", raw(int, "char_length($1) + $2", C(text), 3));
	IS("18", "integer", raw(int, "char_length($1) + char_length($1)", C(text)));
	IS("14", "integer", raw(int, "$2 + $1 * $2", 1, amph_cast_as(int, "integer", C(i16))));
	IS("-5", "integer", raw(int, "i16 + i32"));
	IS("t", "boolean", raw(bool, "$1 BETWEEN SYMMETRIC $3 AND $2", C(i16), 1, 9));
	IS("it's", "text", raw(text, "$1::text", "it's"));
	IS("'; DROP TABLE maybes; --", "text", raw(text, "$1 || ''", "'; DROP TABLE maybes; --"));
	IS("2", "bigint", raw(int, "(SELECT count(*) FROM maybes)"));
	IS("1", "bigint", raw(int, "(SELECT count(*) FROM maybes m WHERE m.i16 = $1)", C(i16)));
	ck_assert_int_eq(amph_count(s, Maybe, .where = raw(bool, "i32 IN ($1, $2)", -12, 5)), 1);
	IS_NULL_("integer", raw(int, "i32 + $1", 1));
	REFUSED("42601", "syntax error", raw(int, "1 +"));
	REFUSED("42601", "", raw(int, "1; DROP TABLE maybes"));
	REFUSED("42601", "", raw(int, "1) FROM maybes; --"));
	REFUSED("42P02", "$2", raw(int, "$1 + $2", 1));
	REFUSED("42P18", "$2", raw(int, "$1 + 1", 1, 2));
	REFUSED("42703", "nothing|Maybe", raw(int, "nothing + 1"));
	REFUSED("42883", "integer + text|Maybe", raw(int, "$1 + $2", C(i32), C(text)));
}
END_TEST

START_TEST(a_fragment_with_a_query_sees_what_is_not_flushed)
{
	add_maybes();
	amph_new(s, Section, .name = "new");
	IS("1", "bigint", raw(int, "(SELECT count(*) FROM sections)"));
}
END_TEST

START_TEST(refusals_name_model_column_and_types)
{
	add_maybes();
	REFUSED("42883", "upper(integer)|i32|Maybe", amph_call(text, "upper", C(i32)));
	REFUSED("42883", "nowhere(text, integer)|Maybe", amph_call(text, "nowhere", C(text), 1));
	REFUSED("42883", "date + text|Maybe", amph_call(text, "+", C(date), C(text)));
	REFUSED("42809", "filter", agg_filter(C(i32), C(b)));
}
END_TEST

/* A hybrid: an expression of the model that Python would compute in an object as well. */
#define loud_name(T) concat(fn_upper(col(T, text)), "!")
#define is_large(T) gt(add(col(T, i16), col(T, i32)), 0)

START_TEST(hybrids_are_macros_over_a_model_or_an_alias)
{
	AMPH_ALIAS(Other, Maybe);

	add_maybes();
	IS("STRAßE ÉA!", "text", loud_name(Maybe));
	IS("f", "boolean", is_large(Maybe));
	ck_assert_int_eq(amph_count(s, Maybe, .where = not_(is_large(Maybe))), 1);
	ck_assert_int_eq(amph_count(s, Maybe, .joins = joins(join_on(Other, eq(col(Other, id),
		col(Maybe, id)))),
				    .where = eq(loud_name(Other), loud_name(Maybe))), 1);
	ck_assert_int_eq(amph_update(s, Maybe, .where = eq(C(id), EMPTY),
				     .set = sets(set(Maybe, i32, raw(int, "char_length($1)", "four")))), 1);
	ck_assert_int_eq(((Maybe *)amph_first(s, Maybe, .where = eq(C(i32), 4)))->id, EMPTY);
}
END_TEST

SUITE(expr_scalar_suite, "expressions", arithmetic_has_postgresqls_types, numbers, choices, casts, texts_,
      dates_and_times, fragments, a_fragment_with_a_query_sees_what_is_not_flushed,
      refusals_name_model_column_and_types, hybrids_are_macros_over_a_model_or_an_alias)
