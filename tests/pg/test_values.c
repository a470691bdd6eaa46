/* Values against PostgreSQL 15 itself: thousands of texts made from patterns, right and wrong ones,
 * are read, calculated with and printed by both, and every answer or SQLSTATE must be the same. */
#include "src/model/decimal.h"
#include "src/model/type.h"
#include "tests/support/suite.h"
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#define BATCH 500
#define ROUNDS 8
#define TEXT_MAX 200
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static PGconn *conn;
static amph_arena arena;
static amph_buf printed;
static amph_error error;
static uint64_t seed;

static unsigned below(unsigned n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % n;
}

/* A question that a server function answers with a text or "! SQLSTATE". */
static const char make_ask[] =
	"CREATE OR REPLACE FUNCTION pg_temp.ask(q text, a text, b text) RETURNS text "
	"LANGUAGE plpgsql AS $$ DECLARE r text; BEGIN EXECUTE q INTO r USING a, b; RETURN r; "
	"EXCEPTION WHEN others THEN RETURN '! ' || sqlstate; END $$";

static void setup(void)
{
	const char *url = getenv("DATABASE_URL");
	ck_assert_msg(url != NULL, "DATABASE_URL is not set");
	conn = PQconnectdb(url);
	ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
	PQclear(PQexec(conn, "SET client_min_messages = error; SET timezone = 'UTC'; "
		       "SET datestyle = 'ISO, MDY'; SET intervalstyle = 'postgres'; "
		       "SET extra_float_digits = 1; SET bytea_output = 'hex'"));
	PGresult *made = PQexec(conn, make_ask);
	ck_assert_msg(PQresultStatus(made) == PGRES_COMMAND_OK, "%s", PQerrorMessage(conn));
	PQclear(made);
	amph__arena_init(&arena, &amph__libc_allocator);
	amph__buf_init(&printed, &amph__libc_allocator);
	seed = 20240102;
}

static void teardown(void)
{
	PQfinish(conn);
	amph__arena_clear(&arena);
	amph__buf_clear(&printed);
}

/* Patterns: # is a digit, ? one or none, * up to thirty; ~ a word of the list. */
static size_t put_pattern(char *out, const char *pattern, const char *const *words, size_t n_words)
{
	size_t len = 0;
	for (; *pattern != '\0' && len < TEXT_MAX - 60; pattern++) {
		unsigned digits = *pattern == '#' ? 1 : *pattern == '?' ? below(2)
				  : *pattern == '*' ? below(31) : 0;
		if (*pattern == '~')
			len += (size_t)snprintf(out + len, 40, "%s", words[below((unsigned)n_words)]);
		else if (strchr("#?*", *pattern) == NULL)
			out[len++] = *pattern;
		for (; digits > 0; digits--)
			out[len++] = (char)('0' + below(below(3) == 0 ? 10 : 3));
	}
	out[len] = '\0';
	return len;
}

/* One in eight has a character that does not belong there, or ends early. */
static void spoil(char *text, size_t len)
{
	static const char others[] = "0159-+:. /,eEtTyN{}[]\"\\";
	if (len == 0 || below(8) != 0)
		return;
	char *at = text + below((unsigned)len);
	if ((unsigned char)*at < 128 && (unsigned char)at[1] < 128)
		*at = below(5) == 0 ? '\0' : others[below(sizeof(others) - 1)];
}

typedef struct source {
	const char *const *patterns;
	size_t n_patterns;
	const char *const *words;
	size_t n_words;
} source;
#define SOURCE(patterns, words) { patterns, COUNT(patterns), words, COUNT(words) }

typedef const char *answer(const char *a, const char *b);

static char *texts_literal(char (*texts)[TEXT_MAX])
{
	amph_text_array array;
	static const char *items[BATCH];
	amph_slot slot = { .type = AMPH_T_TEXT | AMPH_T_ARRAY };
	for (size_t i = 0; i < BATCH; i++)
		items[i] = texts[i];
	array = (amph_text_array){ items, BATCH };
	amph__buf_reset(&printed);
	amph__slot_format(&slot, &array, &printed);
	char *copy = strdup(printed.text);
	ck_assert_ptr_nonnull(copy);
	return copy;
}

static void compare_batch(const char *question, const source *from, answer *ours)
{
	static char a[BATCH][TEXT_MAX], b[BATCH][TEXT_MAX];
	for (size_t i = 0; i < BATCH; i++) {
		const char *first = from->patterns[below((unsigned)from->n_patterns)];
		const char *second = from->patterns[below((unsigned)from->n_patterns)];
		spoil(a[i], put_pattern(a[i], first, from->words, from->n_words));
		put_pattern(b[i], second, from->words, from->n_words);
	}
	char *x = texts_literal(a), *y = texts_literal(b);
	const char *params[] = { question, x, y };
	PGresult *r = PQexecParams(conn, "SELECT pg_temp.ask($1, a, b) FROM unnest($2::text[], "
				   "$3::text[]) WITH ORDINALITY u(a, b, n) ORDER BY n",
				   3, NULL, params, NULL, NULL, 0);
	ck_assert_msg(PQresultStatus(r) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
	for (int i = 0; i < BATCH; i++) {
		amph__arena_reset(&arena);
		amph__buf_reset(&printed);
		const char *mine = ours(a[i], b[i]), *theirs = PQgetvalue(r, i, 0);
		/* what is refused here must be refused by name, whatever the server says */
		bool refused = strcmp(mine, "! 0A000") == 0;
		ck_assert_msg(refused || strcmp(mine, theirs) == 0, "%s of \"%s\", \"%s\": %s, here %s",
			      question, a[i], b[i], theirs, mine);
	}
	PQclear(r);
	free(x);
	free(y);
}

static void compare(const char *question, const source *from, answer *ours)
{
	if (PQserverVersion(conn) / 10000 != 15)
		return;                 /* another version reads some texts otherwise */
	for (int i = 0; i < ROUNDS; i++)
		compare_batch(question, from, ours);
}

static const char *failure(void)
{
	static char text[8];
	snprintf(text, sizeof(text), "! %s", error.sqlstate);
	return text;
}

static const char *through(int type, const char *text)
{
	union { char room[64]; int64_t aligned; double number; const char *pointer; } value;
	memset(&value, 0, sizeof(value));
	if (!amph__types[type].parse(text, strlen(text), &value, &arena, &error))
		return failure();
	amph__types[type].format(&value, &printed);
	return amph__buf_text(&printed);
}

#define THROUGH(name, type)                                                                    \
	static const char *name(const char *a, const char *b)                                  \
	{                                                                                      \
		(void)b;                                                                       \
		return through(type, a);                                                       \
	}
THROUGH(numeric, AMPH_T_NUMERIC)
THROUGH(float8, AMPH_T_DOUBLE)
THROUGH(float4, AMPH_T_FLOAT)
THROUGH(int4, AMPH_T_INT32)
THROUGH(date, AMPH_T_DATE)
THROUGH(time_of_day, AMPH_T_TIME)
THROUGH(timestamp, AMPH_T_TIMESTAMP)
THROUGH(timestamptz, AMPH_T_TIMESTAMPTZ)
THROUGH(interval, AMPH_T_INTERVAL)
THROUGH(jsonb, AMPH_T_JSON)
THROUGH(uuid, AMPH_T_UUID)
THROUGH(bytea, AMPH_T_BYTES)

static const char *calculated(amph_decimal_op op, const char *a, const char *b)
{
	amph_decimal x, y, z;
	if (!amph__decimal_parse(a, strlen(a), &x, &arena, &error) ||
	    !amph__decimal_parse(b, strlen(b), &y, &arena, &error) ||
	    !amph__decimal_do(op, &x, &y, &z, &arena, &error))
		return failure();
	amph__decimal_format(&z, &printed);
	return amph__buf_text(&printed);
}

#define CALCULATED(name, op)                                                                   \
	static const char *name(const char *a, const char *b)                                  \
	{                                                                                      \
		return calculated(op, a, b);                                                   \
	}
CALCULATED(sum, AMPH_DEC_ADD)
CALCULATED(difference, AMPH_DEC_SUB)
CALCULATED(product, AMPH_DEC_MUL)
CALCULATED(quotient, AMPH_DEC_DIV)
CALCULATED(rest, AMPH_DEC_MOD)

static const char *ordered(int order)
{
	return order < 0 ? "-1" : order > 0 ? "1" : "0";
}

static const char *numeric_order(const char *a, const char *b)
{
	amph_decimal x, y;
	if (!amph__decimal_parse(a, strlen(a), &x, &arena, &error) ||
	    !amph__decimal_parse(b, strlen(b), &y, &arena, &error))
		return failure();
	return ordered(amph__decimal_compare_text(a, strlen(a), b, strlen(b)));
}

static const char *jsonb_order(const char *a, const char *b)
{
	amph_json x, y;
	if (!amph__json_read(a, strlen(a), &x, &arena, &error) ||
	    !amph__json_read(b, strlen(b), &y, &arena, &error))
		return failure();
	return ordered(amph__json_order(&x, &y));
}

static const char *text_array(const char *a, const char *b)
{
	amph_text_array array;
	amph_slot slot = { .type = AMPH_T_TEXT | AMPH_T_ARRAY };
	(void)b;
	if (!amph__array_parse(AMPH_T_TEXT, NULL, a, strlen(a), &array, &arena, &error))
		return failure();
	amph__slot_format(&slot, &array, &printed);
	return amph__buf_text(&printed);
}

static const char *const number_patterns[] = {
	"#", "-##.##", "*.*", "-*.*", "0.0?*", "#.#e?#", "-#e-#", "~", "##?000", " ## ", "#*", ".?#",
};
static const char *const number_words[] = { "NaN", "Infinity", "-inf", "0", "0.000", "+5", "9999" };
static const source numbers = SOURCE(number_patterns, number_words);

START_TEST(numerics)
{
	compare("SELECT $1::numeric::text", &numbers, numeric);
	compare("SELECT ($1::numeric + $2::numeric)::text", &numbers, sum);
	compare("SELECT ($1::numeric - $2::numeric)::text", &numbers, difference);
	compare("SELECT ($1::numeric * $2::numeric)::text", &numbers, product);
	compare("SELECT ($1::numeric / $2::numeric)::text", &numbers, quotient);
	compare("SELECT ($1::numeric % $2::numeric)::text", &numbers, rest);
	compare("SELECT CASE WHEN $1::numeric < $2::numeric THEN -1 WHEN $1::numeric = $2::numeric "
		"THEN 0 ELSE 1 END::text", &numbers, numeric_order);
}
END_TEST

START_TEST(integers_and_floats)
{
	static const char *const patterns[] = {
		"#", "-##.##", "#.*", "0.000*", "#.*e##", "-#.*e-##", "#e30?", "##########", "~",
	};
	static const source floats = SOURCE(patterns, number_words);
	compare("SELECT $1::float8::text", &floats, float8);
	compare("SELECT $1::float4::text", &floats, float4);
	compare("SELECT $1::int4::text", &floats, int4);
}
END_TEST

static const char *const day_words[] = {
	"Jan", "feb", "MAR", "april", "Sept", "dec", "BC", "am", "pm", "Z", "UTC", "+05:30", "-08",
	"EST", "epoch", "infinity", "T", "Tue", "+0530", "at",
};

START_TEST(dates_and_times)
{
	static const char *const patterns[] = {
		"20##-0#-1#", "20##-0#-1# 0#:1#:2#", "20##-1#-0#T1#:2#:3#.###?#?~", "~ ##, 20##",
		"## ~ 19## ##:##", "1/#/20##", "20##010#", "20##010# 1#2#0#", "1#:2#:3#.*", "2#:##",
		"0#0#1#", "####?-#-#", "20##-~-##", "20##-0#-1# 1#:0# ~", "~", "1:2#:3# ~",
		"00##-0#-1# BC", "20##.1##", "J24####?", "y20##m#d#", "20##-0#-1# 1#:0#:0# ~ ~",
	};
	static const source days = SOURCE(patterns, day_words);
	compare("SELECT $1::date::text", &days, date);
	compare("SELECT $1::time::text", &days, time_of_day);
	compare("SELECT $1::timestamp::text", &days, timestamp);
	compare("SELECT $1::timestamptz::text", &days, timestamptz);
}
END_TEST

START_TEST(intervals)
{
	static const char *const patterns[] = {
		"# ~", "#.# ~ ## ~", "-# ~ #:##", "##:##:##.##", "#-# # #:##", "P#Y#M#DT#H#M#.#S",
		"PT##M", "P#W", "@ # ~ # ~ ago", "-##:##", "#~ #~ #~", "P00##-0#-0#T0#:0#:0#",
		"###### ~", "1#?.5 ~",
	};
	static const char *const units[] = {
		"day", "days", "hour", "min", "sec", "mons", "years", "week", "century", "ms", "us",
		"decade", "foo", "y", "d", "h", "m", "s", "ago", "usecs",
	};
	static const source spans = SOURCE(patterns, units);
	compare("SELECT $1::interval::text", &spans, interval);
}
END_TEST

START_TEST(json)
{
	static const char *const patterns[] = {
		"~", "[~, ~]", "{\"b\": ~, \"a\": ~}", "[[~], {\"k\": ~}]", "{\"aa\":~,\"b\":~,\"b\":~}",
		"[]", "{}", " [ ~ , # ]", "{\"a\":{\"b\":[~,~]}}", "[#.#0,-#e#]", "\"~\"",
	};
	static const char *const values[] = {
		"1", "1.0", "-0", "1e2", "true", "false", "null", "\"a\"", "\"\\u00e9\"", "\"\\n\"", "\"\"",
		"[]", "{}", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "10", "\"b\"",
	};
	static const source documents = SOURCE(patterns, values);
	compare("SELECT $1::jsonb::text", &documents, jsonb);
	compare("SELECT CASE WHEN $1::jsonb < $2::jsonb THEN -1 WHEN $1::jsonb = $2::jsonb "
		"THEN 0 ELSE 1 END::text", &documents, jsonb_order);
}
END_TEST

START_TEST(bytes_uuids_arrays)
{
	static const char *const words[] = { "ab", "C0", "9f", "\\\\", "\\001", "NULL", "\"x y\"", "é" };
	static const char *const uuids[] = {
		"########-####-####-####-############", "{################################}",
		"~~~~~~##########################", "####-####-####-####-####-####-####-####",
	};
	static const char *const bytes[] = { "\\x~~~", "~~#", "\\x## ##", "a~b", "\\x#", "\\###" };
	static const char *const arrays[] = {
		"{~,#}", "{~}", "{}", " { ~ , ~ } ", "{\"~\"}", "[1:2]={#,~}", "{#\\ ,~ #}", "{{#}}",
	};
	static const source uuid_source = SOURCE(uuids, words), byte_source = SOURCE(bytes, words);
	static const source array_source = SOURCE(arrays, words);
	compare("SELECT $1::uuid::text", &uuid_source, uuid);
	compare("SELECT $1::bytea::text", &byte_source, bytea);
	compare("SELECT $1::text[]::text", &array_source, text_array);
}
END_TEST

SUITE_MAIN_WITH("values", setup, teardown, numerics, integers_and_floats, dates_and_times, intervals,
		json, bytes_uuids_arrays)
