/* src/sql/parse*.c */
#include "src/base/buf.h"
#include "src/sql/parse/parse.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/sql/tree_text.h"
#include <stdlib.h>
#include <string.h>

struct good { const char *sql, *tree; };
struct bad { const char *sql, *sqlstate; int position; const char *message; };

static const struct good good_exprs[] = {
	{ "1 + 2", "(+ '1':int4 '2':int4)" },
	{ "a", "a" },
	{ "a.b", "a.b" },
	{ "t.*", "t.*" },
	{ "1.5", "'1.5':numeric" },
	{ "1e5", "'1e5':numeric" },
	{ "99999999999", "'99999999999':int8" },
	{ "9223372036854775808", "'9223372036854775808':numeric" },
	{ "-5", "'-5':int4" },
	{ "-2147483648", "'-2147483648':int4" },
	{ "-9223372036854775808", "'-9223372036854775808':int8" },
	{ "'it''s'", "'it's':unknown" },
	{ "E'\\x41'", "'A':unknown" },
	{ "U&'\\0041'", "'A':unknown" },
	{ "$tag$a'b$tag$", "'a'b':unknown" },
	{ "''", "'':unknown" },
	{ "NULL", "NULL:unknown" },
	{ "true", "'true':bool" },
	{ "$1", "$1" },
	{ "a + b * c", "(+ a (* b c))" },
	{ "-a", "(- a)" },
	{ "a = 1 AND b <> 2 OR NOT c", "(or (and (= a '1':int4) (<> b '2':int4)) (not c))" },
	{ "a != 1", "(<> a '1':int4)" },
	{ "a LIKE 'x%'", "(~~ a 'x%':unknown)" },
	{ "a NOT LIKE 'x%' ESCAPE '!'",
	  "(~~ negated a (like_escape() 'x%':unknown '!':unknown))" },
	{ "a NOT ILIKE 'x'", "(~~* negated a 'x':unknown)" },
	{ "a SIMILAR TO 'x'", "(~ a (similar_to_escape() 'x':unknown))" },
	{ "a !~~ 'x'", "(!~~ a 'x':unknown)" },
	{ "a OPERATOR(pg_catalog.+) b", "(+ a b)" },
	{ "a IN (1, 2)", "(in a '1':int4 '2':int4)" },
	{ "a NOT IN (1)", "(in negated a '1':int4)" },
	{ "a IN (SELECT b FROM t)", "(in-select a [select b from t])" },
	{ "a BETWEEN 1 AND 2", "(between a '1':int4 '2':int4)" },
	{ "a NOT BETWEEN 1 AND 2", "(between negated a '1':int4 '2':int4)" },
	{ "a BETWEEN SYMMETRIC 1 AND 2",
	  "(or (between a '1':int4 '2':int4) (between a '2':int4 '1':int4))" },
	{ "a NOT BETWEEN SYMMETRIC 1 AND 2",
	  "(and (between negated a '1':int4 '2':int4) (between negated a"
	  " '2':int4 '1':int4))" },
	{ "a IS NULL", "(is-null a)" },
	{ "a NOTNULL", "(is-not-null a)" },
	{ "a IS TRUE", "(is-true a)" },
	{ "a IS NOT TRUE", "(is-not-true a)" },
	{ "a IS FALSE", "(is-false a)" },
	{ "a IS NOT FALSE", "(is-not-false a)" },
	{ "a IS UNKNOWN", "(is-unknown a)" },
	{ "a IS NOT UNKNOWN", "(is-not-unknown a)" },
	{ "a IS DISTINCT FROM b", "(distinct-from a b)" },
	{ "a IS NOT DISTINCT FROM b", "(not-distinct-from a b)" },
	{ "a = ANY (b)", "(quantified = a b)" },
	{ "a < ALL (ARRAY[1])", "(quantified < all a (array '1':int4))" },
	{ "a = ANY (SELECT 1)", "(quantified = a [select '1':int4])" },
	{ "a > ALL (SELECT 1)", "(quantified > all a [select '1':int4])" },
	{ "EXISTS (SELECT 1)", "(exists [select '1':int4])" },
	{ "(SELECT 1)", "(scalar [select '1':int4])" },
	{ "ARRAY(SELECT 1)", "(array-select [select '1':int4])" },
	{ "ARRAY[[1],[2]]", "(array (array '1':int4) (array '2':int4))" },
	{ "a[1]", "(subscript a '1':int4)" },
	{ "a[1][2]", "(subscript a '1':int4 '2':int4)" },
	{ "a[1:2]", "(subscript all a '1':int4 '2':int4)" },
	{ "a[:2]", "(subscript all a '-2147483648':int4 '2':int4)" },
	{ "a[2:]", "(subscript all a '2':int4 '2147483647':int4)" },
	{ "ROW(1)", "(row '1':int4)" },
	{ "(1,2) = (3,4)", "(= (row '1':int4 '2':int4) (row '3':int4 '4':int4))" },
	{ "CASE WHEN a THEN 1 ELSE 2 END", "(case a '1':int4 '2':int4)" },
	{ "CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END",
	  "(case of a '1':int4 'x':unknown '2':int4 'y':unknown)" },
	{ "COALESCE(a, b)", "(coalesce a b)" },
	{ "NULLIF(a, b)", "(nullif a b)" },
	{ "GREATEST(a, b)", "(greatest a b)" },
	{ "LEAST(a)", "(least a)" },
	{ "a::int", "(cast int4 a)" },
	{ "a::varchar(10)", "(cast text(10,0) a)" },
	{ "a::char(3)", "(cast text(3,1) a)" },
	{ "a::timestamp(3)", "(cast timestamp(4,0) a)" },
	{ "a::character varying", "(cast text(-1,0) a)" },
	{ "CAST(a AS numeric(10,2))", "(cast numeric(10,2) a)" },
	{ "a::numeric(5)", "(cast numeric(5,0) a)" },
	{ "a::int[]", "(cast int4[] a)" },
	{ "a::mood", "(cast mood a)" },
	{ "a::\"Mood\"[]", "(cast Mood[] a)" },
	{ "a::timestamptz(6)", "(cast timestamptz a)" },
	{ "INTERVAL '1 day'", "(cast interval '1 day':unknown)" },
	{ "DATE '2020-01-01'", "(cast date '2020-01-01':unknown)" },
	{ "a::double precision", "(cast float8 a)" },
	{ "pg_catalog.lower(a)", "(lower() a)" },
	{ "count(*)", "(count() *)" },
	{ "count(DISTINCT a)", "(count() distinct a)" },
	{ "make_interval(days => 3, hours => a)", "(make_interval() days=>'3':int4 hours=>a)" },
	{ "f(1, b := 2)", "(f() '1':int4 b=>'2':int4)" },
	{ "sum(a) FILTER (WHERE b)", "(sum() a filter b)" },
	{ "string_agg(a, ',' ORDER BY b DESC NULLS LAST, c NULLS FIRST)",
	  "(string_agg() a ',':unknown order b desc nulls-last c nulls-first)" },
	{ "percentile_cont(0.5) WITHIN GROUP (ORDER BY a)",
	  "(percentile_cont() within-group '0.5':numeric order a)" },
	{ "row_number() OVER (PARTITION BY a ORDER BY b)",
	  "(row_number() over { partition a order b})" },
	{ "sum(a) OVER w", "(sum() a over {w})" },
	{ "sum(a) OVER (ORDER BY b ROWS BETWEEN 2 PRECEDING AND CURRENT ROW"
	  " EXCLUDE TIES)",
	  "(sum() a over { order b rows preceding:'2':int4 current -ties})" },
	{ "sum(a) OVER (ORDER BY b GROUPS UNBOUNDED PRECEDING EXCLUDE GROUP)",
	  "(sum() a over { order b groups first current -group})" },
	{ "sum(a) OVER (ORDER BY b RANGE BETWEEN CURRENT ROW AND 1 FOLLOWING"
	  " EXCLUDE CURRENT ROW)",
	  "(sum() a over { order b range current following:'1':int4 -current})" },
	{ "CURRENT_TIMESTAMP", "(now())" },
	{ "CURRENT_DATE", "(cast date (now()))" },
	{ "LOCALTIMESTAMP", "(cast timestamp (now()))" },
	{ "LOCALTIME", "(cast time (now()))" },
	{ "EXTRACT(epoch FROM a)", "(extract() 'epoch':unknown a)" },
	{ "POSITION('a' IN b)", "(position() b 'a':unknown)" },
	{ "SUBSTRING(a FROM 1 FOR 2)", "(substring() a '1':int4 '2':int4)" },
	{ "TRIM(BOTH 'x' FROM a)", "(btrim() a 'x':unknown)" },
	{ "OVERLAY(a PLACING b FROM 1)", "(overlay() a b '1':int4)" },
	{ "a AT TIME ZONE 'UTC'", "(timezone() 'UTC':unknown a)" },
	{ "a COLLATE \"C\"", "(collate C a)" },
	{ "data ->> 'x'", "(->> data 'x':unknown)" },
	{ "data ? 'x'", "(? data 'x':unknown)" },
	{ "1 -- comment", "'1':int4" },
	{ "/* x */ 2", "'2':int4" },
	{ "((((1))))", "'1':int4" },
	{ "\"Quoted Col\" = 'ä'", "(= Quoted Col 'ä':unknown)" },
	{ "(a)[1] = ')'", "(= (subscript a '1':int4) ')':unknown)" }
};

static const struct bad bad_exprs[] = {
	{ "", "42601", 0, "the SQL text is empty" },
	{ " \t ", "42601", 0, "the SQL text is empty" },
	{ "-- nothing", "42601", 11, "syntax error at end of input" },
	{ "s.t.a", "0A000", 1, "a column's name with a schema is not supported (at character 1)" },
	{ "$0", "42P02", 1, "there is no parameter $0" },
	{ "$70000", "42P02", 1, "there is no parameter $70000" },
	{ "(a).b", "0A000", 2, "a field of a row is not supported (at character 2)" },
	{ "(a).*", "0A000", 2, "a field of a row is not supported (at character 2)" },
	{ "a::numeric(2000)", "22023", 4, "NUMERIC precision 2000 must be between 1 and 1000" },
	{ "a::numeric(5,2000)", "22023", 4, "NUMERIC scale 2000 must be between -1000 and 1000" },
	{ "a::varchar(0)", "22023", 4, "length for type varchar must be at least 1" },
	{ "a::varchar(99999999)", "22023", 4, "length for type varchar cannot exceed 10485760" },
	{ "a::text(3)", "42601", 4, "type modifier is not allowed for type \"text\"" },
	{ "a::d.shop.mood", "0A000", 4, "a name with a schema is not supported (at character 4)" },
	{ "a::xml", "0A000", 4, "the type \"xml\" is not supported (at character 4)" },
	{ "a::varchar(0)[]", "22023", 4, "length for type varchar must be at least 1" },
	{ "shop.f(a)", "0A000", 1, "a name with a schema is not supported (at character 1)" },
	{ "f(x => 1, 2)", "42601", 1, "positional argument cannot follow named argument" },
	{ "CURRENT_TIME", "0A000", 1, "current_time is not supported (at character 1)" },
	{ "CURRENT_USER", "0A000", 1, "current_user is not supported (at character 1)" },
	{ "X'1F'", "0A000", 1, "a bit string is not supported (at character 1)" },
	{ "xmlelement(name a)", "0A000", 1, "XML is not supported (at character 1)" },
	{ "a OPERATOR(shop.+) b",
	  "0A000", 3, "a name with a schema is not supported (at character 3)" },
	{ "1) + (2", "42601", 2, "syntax error at or near \")\"" },
	{ "1), (2", "42601", 2, "syntax error at or near \")\"" },
	{ "1) FROM t WHERE (a", "42601", 2, "syntax error at or near \")\"" },
	{ "a] + b[1", "42601", 2, "syntax error at or near \"]\"" },
	{ "f(')') )", "42601", 8, "syntax error at or near \")\"" },
	{ "a +", "42601", 4, "syntax error at end of input" },
	{ "a b", "42601", 3, "syntax error at or near \"b\"" },
	{ "'unterminated", "42601", 1, "unterminated quoted string at or near \"'unterminated\"" },
	{ "\"unterminated",
	  "42601", 1, "unterminated quoted identifier at or near \"\"unterminated\"" },
	{ "é = 'é' AND foo bar", "42601", 17, "syntax error at or near \"bar\"" },
	{ "f(a) OVER (", "42601", 12, "syntax error at end of input" },
	{ "1; SELECT 2", "42601", 2, "syntax error at or near \";\"" },
	{ "E'\\u12'", "22025", 3, "invalid Unicode escape" }
};

static const struct good good_stmts[] = {
	{ "SELECT * FROM users", "[select * from users]" },
	{ "SELECT u.*, count(*) AS n FROM users u JOIN orders o ON o.user_id ="
	  " u.id WHERE u.a = $1 AND o.b > $2 GROUP BY u.id, 2 HAVING count(*) >"
	  " 1 ORDER BY n DESC, 1 LIMIT 10 OFFSET 5",
	  "[select u.* (count() *) as n from (inner users as u orders as o on (="
	  " o.user_id u.id)) where (and (= u.a $1) (> o.b $2)) group u.id"
	  " '2':int4 having (> (count() *) '1':int4) order n desc '1':int4 limit"
	  " '10':int4 offset '5':int4]" },
	{ "SELECT DISTINCT a FROM t", "[select-distinct a from t]" },
	{ "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a",
	  "[select a b distinct-on a from t order a]" },
	{ "SELECT a FROM t UNION ALL SELECT b FROM u ORDER BY 1",
	  "[union-all [select a from t] [select b from u] order '1':int4]" },
	{ "SELECT a FROM t EXCEPT SELECT b FROM u INTERSECT SELECT c FROM v",
	  "[except [select a from t] [intersect [select b from u] [select c from"
	  " v]]]" },
	{ "SELECT a FROM t LIMIT ALL", "[select a from t]" },
	{ "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS WITH TIES",
	  "[select a from t order a limit '2':int4 with-ties]" },
	{ "VALUES (1,2),(3,4)", "[ values '1':int4 '2':int4 , '3':int4 '4':int4]" },
	{ "WITH x AS (SELECT 1 AS a), y(b) AS MATERIALIZED (SELECT 2) SELECT *"
	  " FROM x, y",
	  "[with x [select '1':int4 as a] y columns b materialized [select"
	  " '2':int4] select * from x, y]" },
	{ "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM r WHERE"
	  " n < 5) SELECT * FROM r",
	  "[with-recursive r [union-all [select '1':int4 as n] [select (+ n"
	  " '1':int4) from r where (< n '5':int4)]] select * from r]" },
	{ "WITH x AS NOT MATERIALIZED (DELETE FROM t RETURNING id) SELECT id"
	  " FROM x",
	  "[with x not-materialized [delete t returning id] select id from x]" },
	{ "SELECT * FROM generate_series(1,3) AS g(i)",
	  "[select * from (generate_series() '1':int4 '3':int4) as g columns i]" },
	{ "SELECT * FROM unnest(a) WITH ORDINALITY AS u(x, i)",
	  "[select * from (unnest() a) ordinality as u columns x i]" },
	{ "SELECT * FROM a LEFT JOIN b USING (id) NATURAL JOIN c CROSS JOIN d",
	  "[select * from (cross (natural-inner (left a b using id) c) d)]" },
	{ "SELECT * FROM a RIGHT JOIN b ON true FULL JOIN c ON false",
	  "[select * from (full (right a b on 'true':bool) c on 'false':bool)]" },
	{ "SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x) l",
	  "[select * from a, lateral [select * from b where (= b.x a.x)] as l]" },
	{ "SELECT * FROM (VALUES (1)) AS v(x)",
	  "[select * from [ values '1':int4] as v columns x]" },
	{ "SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b)",
	  "[select (sum() a over {w}) from t window {w partition b}]" },
	{ "SELECT * FROM t FOR UPDATE SKIP LOCKED", "[select * from t for-update skip]" },
	{ "SELECT * FROM t FOR SHARE OF t NOWAIT", "[select * from t for-share nowait of t]" },
	{ "SELECT CURRENT_DATE, CURRENT_TIMESTAMP AS x, LOCALTIME",
	  "[select (cast date (now())) as current_date (now()) as x (cast time"
	  " (now())) as localtime]" },
	{ "SELECT $2, $1", "[select $2 $1]" },
	{ "SELECT * FROM ONLY s.t", "[select * from s.t]" },
	{ "SELECT 1;", "[select '1':int4]" },
	{ "INSERT INTO t VALUES (1, DEFAULT)", "[insert t [ values '1':int4 (default)]]" },
	{ "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT (a) WHERE c DO"
	  " UPDATE SET b = excluded.b + t.b WHERE t.c RETURNING id, *",
	  "[insert t columns a b [ values $1 $2] conflict on a columns-where c"
	  " set b=(+ excluded.b t.b) where t.c returning id *]" },
	{ "INSERT INTO t DEFAULT VALUES", "[insert t]" },
	{ "INSERT INTO t (a) SELECT b FROM u ON CONFLICT DO NOTHING",
	  "[insert t columns a [select b from u] conflict]" },
	{ "INSERT INTO t (a) VALUES (1) ON CONFLICT ON CONSTRAINT tk DO NOTHING",
	  "[insert t columns a [ values '1':int4] conflict constraint tk]" },
	{ "INSERT INTO t AS x OVERRIDING SYSTEM VALUE VALUES (1)",
	  "[insert t as x overriding-system [ values '1':int4]]" },
	{ "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
	  "[with x [select '1':int4] insert t [select * from x]]" },
	{ "UPDATE t SET a = 1, (b, c) = (2, DEFAULT) FROM u WHERE t.id = u.id"
	  " RETURNING t.*",
	  "[update t set a='1':int4 b='2':int4 c=(default) from u where (= t.id"
	  " u.id) returning t.*]" },
	{ "DELETE FROM t AS x USING u WHERE x.id = u.id RETURNING *",
	  "[delete t as x from u where (= x.id u.id) returning *]" }
};

static const struct bad bad_stmts[] = {
	{ "", "42601", 0, "the SQL text is empty" },
	{ ";", "42601", 0, "the SQL text is empty" },
	{ "SELECT 1; SELECT 2",
	  "42601", 0, "cannot insert multiple commands into a prepared statement" },
	{ "VALUES (1,2),(3)", "42601", 0, "VALUES lists must all be the same length" },
	{ "SELECT * FROM t, u FOR UPDATE OF t, u",
	  "0A000", 0, "a lock of several tables is not supported" },
	{ "SELECT * FROM t FOR UPDATE OF t FOR SHARE OF t",
	  "0A000", 0, "a lock of several tables is not supported" },
	{ "SELECT a FROM t ORDER BY a USING <=", "0A000", 34,
	  "ORDER BY ... USING with this operator is not supported (at character 34)" },
	{ "SELECT * FROM db.s.t",
	  "0A000", 15, "a table's name with a database is not supported (at character 15)" },
	{ "SELECT * FROM f(1) AS (a int)",
	  "0A000", 0, "a list of column definitions is not supported" },
	{ "SELECT * FROM t TABLESAMPLE system (10)",
	  "0A000", 29, "TABLESAMPLE is not supported (at character 29)" },
	{ "INSERT INTO t (a) VALUES (1) ON CONFLICT (a text_pattern_ops) DO NOTHING",
	  "0A000", 42, "a collation or operator class in ON CONFLICT is not"
	  " supported (at character 42)" },
	{ "INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 1",
	  "42601", 30, "ON CONFLICT DO UPDATE requires inference specification or constraint"
	  " name" },
	{ "INSERT INTO t (a.b) VALUES (1)", "0A000", 0, "a field of a row is not supported" },
	{ "UPDATE t SET (a, b) = (SELECT 1)",
	  "42601", 23, "number of columns does not match number of values" },
	{ "UPDATE t SET (a, b) = (1, 2, 3)",
	  "42601", 23, "number of columns does not match number of values" },
	{ "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE WHEN MATCHED THEN DO NOTHING",
	  "42601", 0, "unreachable WHEN clause specified after unconditional WHEN clause" },
	{ "EXPLAIN SELECT 1", "0A000", 0, "EXPLAIN is not supported" },
	{ "SELECT a FROM t WHERE x = 'é' AND frobnicate(",
	  "42601", 46, "syntax error at end of input" }
};

static char *expr_text(const char *sql, amph_error *err)
{
	amph_arena arena;
	sql_expr *e;
	char *text = NULL;

	amph__arena_init(&arena, &amph__libc_allocator);
	e = amph__parse_expr(&arena, sql, err);
	if (e)
		text = tree_text_expr(e);
	amph__arena_clear(&arena);
	return text;
}

static char *stmt_text(const char *sql, amph_error *err)
{
	amph_arena arena;
	sql_stmt *s;
	char *text = NULL;

	amph__arena_init(&arena, &amph__libc_allocator);
	s = amph__parse_stmt(&arena, sql, err);
	if (s)
		text = tree_text_stmt(s);
	amph__arena_clear(&arena);
	return text;
}

typedef char *text_fn(const char *sql, amph_error *err);

static void expect_good(text_fn *text, const struct good *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		amph_error err = { 0 };
		char *got = text(list[i].sql, &err);

		ck_assert_msg(got && !strcmp(got, list[i].tree), "%s\nis   %s %s\nwant %s",
			      list[i].sql, got ? got : "", err.message, list[i].tree);
		free(got);
	}
}

static void expect_bad(text_fn *text, const struct bad *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		amph_error err = { 0 };
		char *got = text(list[i].sql, &err);

		ck_assert_msg(!got, "%s is %s", list[i].sql, got);
		ck_assert_msg(!strcmp(err.sqlstate, list[i].sqlstate) &&
			      !strcmp(err.message, list[i].message) &&
			      err.position == list[i].position, "%s\nis   %s %d %s\nwant %s %d %s",
			      list[i].sql, err.sqlstate, err.position, err.message,
			      list[i].sqlstate, list[i].position, list[i].message);
	}
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

START_TEST(expressions_become_trees)
{
	expect_good(expr_text, good_exprs, COUNT(good_exprs));
}
END_TEST

START_TEST(wrong_expressions_are_refused_with_their_place)
{
	expect_bad(expr_text, bad_exprs, COUNT(bad_exprs));
}
END_TEST

START_TEST(statements_become_trees)
{
	expect_good(stmt_text, good_stmts, COUNT(good_stmts));
}
END_TEST

START_TEST(wrong_statements_are_refused_with_their_place)
{
	expect_bad(stmt_text, bad_stmts, COUNT(bad_stmts));
}
END_TEST

START_TEST(nodes_know_where_they_stand)
{
	amph_arena arena;
	amph_error err = { 0 };
	sql_expr *e;

	amph__arena_init(&arena, &amph__libc_allocator);
	e = amph__parse_expr(&arena, "\"é\" = lower(b)", &err);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(e->location, 5);
	ck_assert_int_eq(e->args.items[0]->location, 0);
	ck_assert_int_eq(e->args.items[1]->location, 7);
	ck_assert_int_eq(e->args.items[1]->args.items[0]->location, 13);
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(parameters_are_counted_by_the_greatest)
{
	amph_arena arena;
	amph_error err = { 0 };
	sql_stmt *s;

	amph__arena_init(&arena, &amph__libc_allocator);
	s = amph__parse_stmt(&arena, "SELECT $3 WHERE EXISTS (SELECT $1)", &err);
	ck_assert_ptr_nonnull(s);
	ck_assert_uint_eq(s->n_params, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(s->params[i].kind, AMPH_PARAM_VALUE);
		ck_assert_uint_eq(s->params[i].n_types, 1);
		ck_assert_int_eq(s->params[i].types[0].type, AMPH_T_NONE);
	}
	amph__arena_clear(&arena);
}
END_TEST

START_TEST(invalid_utf8_is_refused)
{
	amph_error err = { 0 };

	ck_assert_ptr_null(expr_text("'\xff'", &err));
	ck_assert_str_eq(err.sqlstate, "22021");
	ck_assert_ptr_null(stmt_text("SELECT '\xc0\x80'", &err));
	ck_assert_str_eq(err.sqlstate, "22021");
}
END_TEST

START_TEST(errors_may_be_ignored)
{
	ck_assert_ptr_null(expr_text("a +", NULL));
	ck_assert_ptr_null(expr_text("a::xml", NULL));
	ck_assert_ptr_null(stmt_text("VACUUM", NULL));
}
END_TEST

/* ---- depth ---- */

/* before, n times middle, after */
static char *repeated(const char *before, const char *middle, size_t n, const char *after)
{
	amph_buf b;

	amph__buf_init(&b, &amph__libc_allocator);
	amph__buf_puts(&b, before);
	for (size_t i = 0; i < n; i++)
		amph__buf_puts(&b, middle);
	amph__buf_puts(&b, after);
	ck_assert(!b.failed);
	return b.text;
}

static const struct depth {
	const char *before, *middle, *after;
	size_t most;                    /* 0: any number is fine */
} depths[] = {
	{ "1", "+1", "", 1000 },
	{ "a", " AT TIME ZONE b", "", 500 },
	{ "a", "::int", "", 500 },
	{ "", "NOT ", "a", 1000 },
	{ "a", " AND b = 1", "", 0 },
	{ "a", " OR b", "", 0 },
	{ "1 IN (1", ", 2", ")", 0 },
	{ "CASE ", "WHEN a THEN 1 ", "END", 0 },
	{ "EXISTS (SELECT 1", " UNION ALL SELECT 1", ")", 200 },
	{ "EXISTS (SELECT 1 FROM a", " NATURAL JOIN b", ")", 300 }
};

START_TEST(depth_is_limited_and_length_is_not)
{
	for (size_t i = 0; i < COUNT(depths); i++) {
		const struct depth *d = &depths[i];
		size_t tries[] = { d->most ? d->most / 2 : 3000, d->most ? d->most * 4 : 20000 };

		for (size_t k = 0; k < 2; k++) {
			amph_error err = { 0 };
			char *sql = repeated(d->before, d->middle, tries[k], d->after);
			char *got = expr_text(sql, &err);
			bool fits = !d->most || k == 0;

			ck_assert_msg(fits == (got != NULL), "%zu times %s: %s", tries[k], d->middle,
				      err.message);
			if (!fits)
				ck_assert_str_eq(err.sqlstate, "54001");
			free(got);
			free(sql);
		}
	}
}
END_TEST

START_TEST(parentheses_are_limited)
{
	char *open = repeated("", "(", 5000, "1"), *sql = repeated(open, ")", 5000, "");
	amph_error err = { 0 };

	ck_assert_ptr_null(expr_text(sql, &err));
	ck_assert_str_eq(err.sqlstate, "54001");
	free(open);
	free(sql);
}
END_TEST

/* ---- memory ---- */

static bool parse_with(const amph_allocator *a, void *ctx)
{
	const char *sql = ctx;
	amph_arena arena;
	amph_error err = { 0 };
	bool ok;

	amph__arena_init(&arena, a);
	ok = amph__parse_stmt(&arena, sql, &err) != NULL;
	ck_assert(ok || err.status == AMPH_E_NOMEM);
	amph__arena_clear(&arena);
	return ok;
}

START_TEST(memory_may_run_out)
{
	for (size_t i = 0; i < COUNT(good_stmts); i++)
		failing_alloc_sweep(parse_with, (void *)(uintptr_t)good_stmts[i].sql);
}
END_TEST

SUITE_MAIN("parse", expressions_become_trees, wrong_expressions_are_refused_with_their_place,
	   statements_become_trees, wrong_statements_are_refused_with_their_place,
	   nodes_know_where_they_stand, parameters_are_counted_by_the_greatest,
	   invalid_utf8_is_refused, errors_may_be_ignored, depth_is_limited_and_length_is_not,
	   parentheses_are_limited, memory_may_run_out)
