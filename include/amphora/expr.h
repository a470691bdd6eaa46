/* Expressions: conditions, arithmetic, choices, casts, lists, order. Functions are in function.h.
 *
 * The first operand is an expression, others are expressions or C values of a fitting type; a
 * wrong type does not compile. See node.h for how long an expression lives; <amphora/short.h>
 * gives all this without the prefix.
 *
 *	amph_all_of(amph_eq(amph_col(User, is_active), true),
 *		    amph_any_of(amph_eq(amph_col(User, name), "john"),
 *				amph_icontains(amph_col(User, email), "@example.com")))
 *
 * SQL's rules hold: a comparison with NULL is NULL, which selects nothing. */
#ifndef AMPHORA_EXPR_H
#define AMPHORA_EXPR_H
#include "node.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- the functions behind the macros; checked only makes the compiler look ---- */
typedef struct amph_order { amph_node n; } amph_order;
amph_bool_expr amph_compare(amph_op op, int checked, uint32_t n, const amph_node *args);
/* list ends in one whose op is AMPH_OP_LAST; those that are all-zero are left out. */
amph_bool_expr amph_junction(amph_op op, const amph_bool_expr *list);
amph_node amph_first_arg(amph_node n, int checked);
amph_order amph_order_of(amph_node n, uint8_t flags);
/* Seals a list, which ends in a node whose op is AMPH_OP_NONE, and returns it. */
const amph_node *amph_nodes_of(amph_node *list);

/* One WHEN of amph_case; the else has no condition. Two nodes, as CASE has them among its arguments. */
typedef struct amph_branch { amph_node condition, result; } amph_branch;
amph_branch amph_branch_of(amph_node condition, amph_node result);

/* Lists for IN: one array bind each, of any length, so that the statement is one for all
 * lengths. The items must stay as they are until the call that executes returns. */
#define AMPH_LISTS_(X) X(bool, bool) X(int64_t, int) X(double, double) X(amph_numeric, numeric)  \
	X(const char *, text) X(amph_bytes, bytes) X(amph_uuid, uuid) X(amph_json, json)         \
	X(amph_date, date) X(amph_time, time) X(amph_timestamp, timestamp)                       \
	X(amph_timestamptz, timestamptz) X(amph_interval, interval) X(unsigned, enum)
#define AMPH_LIST_TYPE_(T, name)                                                                 \
	typedef struct amph_##name##_list { T const *items; size_t n; } amph_##name##_list;      \
	amph_node amph_in_##name(amph_##name##_list list);
AMPH_LISTS_(AMPH_LIST_TYPE_)

#ifndef __cplusplus

/* The expression family of a, as the function that makes it: amph_make_*, amph_named_*. */
#define AMPH_LIKE_OF_(a, make) _Generic((a), amph_bool_expr: amph_##make##_bool,                  \
	amph_int_expr: amph_##make##_int, amph_whole_expr: amph_##make##_whole,                  \
	amph_float_expr: amph_##make##_float, amph_numeric_expr: amph_##make##_numeric,          \
	amph_text_expr: amph_##make##_text, amph_bytes_expr: amph_##make##_bytes,                \
	amph_uuid_expr: amph_##make##_uuid, amph_json_expr: amph_##make##_json,                  \
	amph_date_expr: amph_##make##_date, amph_time_expr: amph_##make##_time,                  \
	amph_timestamp_expr: amph_##make##_timestamp,                                            \
	amph_timestamptz_expr: amph_##make##_timestamptz,                                        \
	amph_interval_expr: amph_##make##_interval, amph_enum_expr: amph_##make##_enum,          \
	amph_array_expr: amph_##make##_array, amph_tsvector_expr: amph_##make##_tsvector,        \
	amph_tsquery_expr: amph_##make##_tsquery)
#define AMPH_LIKE_(a) AMPH_LIKE_OF_(a, make)
#define AMPH_ARGS_(n, ...) n, (const amph_node[n]){ __VA_ARGS__ }
#define AMPH_TEXT_(x)                                                                            \
	_Generic((x), amph_text_expr: amph_n_text, char *: amph_v_text, const char *: amph_v_text)(x)
#define AMPH_INT_(x) _Generic((x), amph_int_expr: amph_n_int, short: amph_v_int, int: amph_v_int, \
	long: amph_v_int, long long: amph_v_int, unsigned: amph_v_uint)(x)
/* bool is a macro of stdbool.h, which is expanded where the name of a family passes through another
 * macro, such as the short ones. */
#define amph_make__Bool amph_make_bool
#define amph_named__Bool amph_named_bool
#define AMPH_SQL_TYPE__Bool "boolean"
/* A call by name; arguments are nodes. */
#define AMPH_CALL_(family, name, n, ...)                                                         \
	amph_named_##family(AMPH_OP_CALL, name, AMPH_ARGS_(n, __VA_ARGS__))
/* SQL text with $1, $2 ... in it; arguments are nodes. */
#define AMPH_RAW_(family, sql, n, ...)                                                           \
	amph_named_##family(AMPH_OP_RAW, sql, AMPH_ARGS_(n, __VA_ARGS__))

/* ---- conditions ---- */
#define AMPH_COMPARE_(op, a, b)                                                                  \
	amph_compare(op, AMPH_PAIR_(a, b), AMPH_ARGS_(2, (a).n, AMPH_NODE_(b)))
#define amph_eq(a, b) AMPH_COMPARE_(AMPH_OP_EQ, a, b)
#define amph_ne(a, b) AMPH_COMPARE_(AMPH_OP_NE, a, b)
#define amph_lt(a, b) AMPH_COMPARE_(AMPH_OP_LT, a, b)
#define amph_le(a, b) AMPH_COMPARE_(AMPH_OP_LE, a, b)
#define amph_gt(a, b) AMPH_COMPARE_(AMPH_OP_GT, a, b)
#define amph_ge(a, b) AMPH_COMPARE_(AMPH_OP_GE, a, b)
#define amph_between(a, lo, hi)                                                                  \
	amph_compare(AMPH_OP_BETWEEN, AMPH_PAIR_(a, lo), AMPH_ARGS_(3, (a).n, AMPH_NODE_(lo),    \
		amph_first_arg(AMPH_NODE_(hi), AMPH_PAIR_(a, hi))))
#define amph_is_null(a) amph_make_bool(AMPH_OP_IS_NULL, AMPH_ARGS_(1, (a).n))
#define amph_not_null(a) amph_make_bool(AMPH_OP_NOT_NULL, AMPH_ARGS_(1, (a).n))
/* NULL as a value like others: equal to itself, different from all else. */
#define amph_is_distinct_from(a, b) AMPH_COMPARE_(AMPH_OP_DISTINCT_FROM, a, b)
#define amph_is_not_distinct_from(a, b) AMPH_COMPARE_(AMPH_OP_NOT_DISTINCT_FROM, a, b)
/* Never NULL: what a condition that is NULL counts as. */
#define amph_is_true(a) AMPH_RAW_(bool, "$1 IS TRUE", 1, amph_n_bool(a))
#define amph_is_not_true(a) AMPH_RAW_(bool, "$1 IS NOT TRUE", 1, amph_n_bool(a))
#define amph_is_false(a) AMPH_RAW_(bool, "$1 IS FALSE", 1, amph_n_bool(a))
#define amph_is_not_false(a) AMPH_RAW_(bool, "$1 IS NOT FALSE", 1, amph_n_bool(a))
/* Patterns as PostgreSQL has them: % and _, escaped by a backslash. */
#define AMPH_TEXT_TEST_(op, a, b) amph_make_bool(op, AMPH_ARGS_(2, amph_n_text(a), AMPH_TEXT_(b)))
#define amph_like(a, pattern) AMPH_TEXT_TEST_(AMPH_OP_LIKE, a, pattern)
#define amph_ilike(a, pattern) AMPH_TEXT_TEST_(AMPH_OP_ILIKE, a, pattern)
/* escape: a text of one character, or an empty one for none */
#define amph_like_escape(a, pattern, escape)                                                     \
	AMPH_RAW_(bool, "$1 LIKE $2 ESCAPE $3", 3, amph_n_text(a), AMPH_TEXT_(pattern),          \
		  AMPH_TEXT_(escape))
#define amph_ilike_escape(a, pattern, escape)                                                    \
	AMPH_RAW_(bool, "$1 ILIKE $2 ESCAPE $3", 3, amph_n_text(a), AMPH_TEXT_(pattern),         \
		  AMPH_TEXT_(escape))
/* Regular expressions, of PostgreSQL's kind; the i-form does not heed case. */
#define amph_matches(a, regexp) AMPH_CALL_(bool, "~", 2, amph_n_text(a), AMPH_TEXT_(regexp))
#define amph_imatches(a, regexp) AMPH_CALL_(bool, "~*", 2, amph_n_text(a), AMPH_TEXT_(regexp))
/* Plain text: % and _ in it mean themselves. The i-forms do not heed case. */
#define amph_contains(a, text) AMPH_TEXT_TEST_(AMPH_OP_CONTAINS, a, text)
#define amph_starts_with(a, text) AMPH_TEXT_TEST_(AMPH_OP_STARTS_WITH, a, text)
#define amph_ends_with(a, text) AMPH_TEXT_TEST_(AMPH_OP_ENDS_WITH, a, text)
#define amph_icontains(a, text) AMPH_TEXT_TEST_(AMPH_OP_ICONTAINS, a, text)
#define amph_istarts_with(a, text) AMPH_TEXT_TEST_(AMPH_OP_ISTARTS_WITH, a, text)
#define amph_iends_with(a, text) AMPH_TEXT_TEST_(AMPH_OP_IENDS_WITH, a, text)
/* All, one, none of the conditions; any number of them. One that is all-zero is no condition and
 * left out, as is a junction of none. */
#define AMPH_JUNCTION_(op_, ...)                                                                 \
	amph_junction(op_, (const amph_bool_expr[]){ __VA_ARGS__,                                 \
		(amph_bool_expr){ .n = { .op = AMPH_OP_LAST } } })
#define amph_all_of(...) AMPH_JUNCTION_(AMPH_OP_ALL, __VA_ARGS__)
#define amph_any_of(...) AMPH_JUNCTION_(AMPH_OP_ANY, __VA_ARGS__)
#define amph_none_of(...) AMPH_JUNCTION_(AMPH_OP_NONE_OF, __VA_ARGS__)
#define amph_not(condition) amph_none_of(condition)
/* No condition, where one may be missing: .where = name ? amph_eq(...) : amph_no_condition() */
#define amph_no_condition() ((amph_bool_expr){ .n = { .op = AMPH_OP_NONE } })

/* in(col, ints(1, 2, 3)), in(col, ints_of(pointer, count)). An empty list matches nothing. */
#define AMPH_IN_(op, a, list)                                                                    \
	amph_make_bool(op, AMPH_ARGS_(2, (a).n, _Generic((a), amph_bool_expr: amph_in_bool,      \
		amph_int_expr: amph_in_int, amph_float_expr: amph_in_double,                     \
		amph_whole_expr: amph_in_numeric, amph_numeric_expr: amph_in_numeric,            \
		amph_text_expr: amph_in_text, amph_bytes_expr: amph_in_bytes,                    \
		amph_uuid_expr: amph_in_uuid, amph_json_expr: amph_in_json,                      \
		amph_date_expr: amph_in_date, amph_time_expr: amph_in_time,                      \
		amph_timestamp_expr: amph_in_timestamp,                                          \
		amph_timestamptz_expr: amph_in_timestamptz,                                      \
		amph_interval_expr: amph_in_interval, amph_enum_expr: amph_in_enum)(list)))
#define amph_in(a, list) AMPH_IN_(AMPH_OP_IN, a, list)
#define amph_not_in(a, list) AMPH_IN_(AMPH_OP_NOT_IN, a, list)
#define AMPH_LIST_(L, T, ...)                                                                    \
	((L){ (T const[]){ __VA_ARGS__ }, sizeof((T const[]){ __VA_ARGS__ }) / sizeof(T) })
#define amph_bools(...) AMPH_LIST_(amph_bool_list, bool, __VA_ARGS__)
#define amph_ints(...) AMPH_LIST_(amph_int_list, int64_t, __VA_ARGS__)
#define amph_doubles(...) AMPH_LIST_(amph_double_list, double, __VA_ARGS__)
#define amph_numerics(...) AMPH_LIST_(amph_numeric_list, amph_numeric, __VA_ARGS__)
#define amph_texts(...) AMPH_LIST_(amph_text_list, const char *, __VA_ARGS__)
#define amph_byteas(...) AMPH_LIST_(amph_bytes_list, amph_bytes, __VA_ARGS__)
#define amph_uuids(...) AMPH_LIST_(amph_uuid_list, amph_uuid, __VA_ARGS__)
#define amph_jsons(...) AMPH_LIST_(amph_json_list, amph_json, __VA_ARGS__)
#define amph_dates(...) AMPH_LIST_(amph_date_list, amph_date, __VA_ARGS__)
#define amph_times(...) AMPH_LIST_(amph_time_list, amph_time, __VA_ARGS__)
#define amph_timestamps(...) AMPH_LIST_(amph_timestamp_list, amph_timestamp, __VA_ARGS__)
#define amph_timestamptzs(...) AMPH_LIST_(amph_timestamptz_list, amph_timestamptz, __VA_ARGS__)
#define amph_intervals(...) AMPH_LIST_(amph_interval_list, amph_interval, __VA_ARGS__)
#define amph_enums(...) AMPH_LIST_(amph_enum_list, unsigned, __VA_ARGS__)
#define amph_bools_of(p, count) ((amph_bool_list){ (p), (count) })
#define amph_ints_of(p, count) ((amph_int_list){ (p), (count) })
#define amph_doubles_of(p, count) ((amph_double_list){ (p), (count) })
#define amph_numerics_of(p, count) ((amph_numeric_list){ (p), (count) })
#define amph_texts_of(p, count) ((amph_text_list){ (p), (count) })
#define amph_byteas_of(p, count) ((amph_bytes_list){ (p), (count) })
#define amph_uuids_of(p, count) ((amph_uuid_list){ (p), (count) })
#define amph_jsons_of(p, count) ((amph_json_list){ (p), (count) })
#define amph_dates_of(p, count) ((amph_date_list){ (p), (count) })
#define amph_times_of(p, count) ((amph_time_list){ (p), (count) })
#define amph_timestamps_of(p, count) ((amph_timestamp_list){ (p), (count) })
#define amph_timestamptzs_of(p, count) ((amph_timestamptz_list){ (p), (count) })
#define amph_intervals_of(p, count) ((amph_interval_list){ (p), (count) })
#define amph_enums_of(p, count) ((amph_enum_list){ (p), (count) })

/* ---- arithmetic, with PostgreSQL's result types: a division of integers is one, a date and an
 * interval are a timestamp, two dates are a number of days. The family is found by the length of an
 * array, a bit for each family among the operands, so that no operand is named again. ---- */
struct amph_no_arithmetic_on_these_sql_types { int unused; };
typedef amph_int_expr (*amph_no_arithmetic)(struct amph_no_arithmetic_on_these_sql_types, ...);
#define AMPH_WIDTH_(x) _Generic((x), amph_float_expr: 4, double: 4, float: 4,                    \
	amph_numeric_expr: 2, amph_numeric: 2, amph_whole_expr: 2, amph_int_expr: 1, short: 1,   \
	int: 1, long: 1, long long: 1, unsigned: 1, unsigned long: 1,                            \
	amph_date_expr: 8, amph_date: 8, amph_time_expr: 16, amph_time: 16,                      \
	amph_timestamp_expr: 32, amph_timestamp: 32, amph_timestamptz_expr: 64,                  \
	amph_timestamptz: 64, amph_interval_expr: 128, amph_interval: 128, default: 256)
#define AMPH_NUMBERS_                                                                            \
	char (*)[1]: amph_make_int, char (*)[2]: amph_make_numeric, char (*)[3]: amph_make_numeric, \
	char (*)[4]: amph_make_float, char (*)[5]: amph_make_float, char (*)[6]: amph_make_float
#define AMPH_ARITHMETIC_(op, a, b, ...)                                                          \
	_Generic((char (*)[AMPH_WIDTH_(a) | AMPH_WIDTH_(b)])0, AMPH_NUMBERS_, __VA_ARGS__,       \
		 default: (amph_no_arithmetic)0)                   \
		(op, AMPH_ARGS_(2, (a).n, AMPH_NODE_(b)))
#define amph_add(a, b)                                                                           \
	AMPH_ARITHMETIC_(AMPH_OP_ADD, a, b, char (*)[9]: amph_make_date,                         \
		char (*)[24]: amph_make_timestamp, char (*)[136]: amph_make_timestamp,           \
		char (*)[144]: amph_make_time, char (*)[160]: amph_make_timestamp,               \
		char (*)[192]: amph_make_timestamptz, char (*)[128]: amph_make_interval)
#define amph_sub(a, b)                                                                           \
	AMPH_ARITHMETIC_(AMPH_OP_SUB, a, b, char (*)[8]: amph_make_int,                          \
		char (*)[9]: amph_make_date, char (*)[16]: amph_make_interval,                   \
		char (*)[32]: amph_make_interval, char (*)[40]: amph_make_interval,              \
		char (*)[64]: amph_make_interval, char (*)[136]: amph_make_timestamp,            \
		char (*)[144]: amph_make_time, char (*)[160]: amph_make_timestamp,               \
		char (*)[192]: amph_make_timestamptz, char (*)[128]: amph_make_interval)
#define AMPH_TIMES_(op, a, b)                                                                    \
	AMPH_ARITHMETIC_(op, a, b, char (*)[129]: amph_make_interval,                            \
		char (*)[130]: amph_make_interval, char (*)[132]: amph_make_interval)
#define amph_mul(a, b) AMPH_TIMES_(AMPH_OP_MUL, a, b)
#define amph_div(a, b) AMPH_TIMES_(AMPH_OP_DIV, a, b)
/* The remainder, with the sign of a; of integers and numerics. */
#define amph_mod(a, b)                                                                           \
	_Generic((char (*)[AMPH_WIDTH_(a) | AMPH_WIDTH_(b)])0, char (*)[1]: amph_make_int,       \
		 char (*)[2]: amph_make_numeric, char (*)[3]: amph_make_numeric,                 \
		 default: (amph_no_arithmetic)0)                   \
		(AMPH_OP_MOD, AMPH_ARGS_(2, (a).n, AMPH_NODE_(b)))
#define amph_neg(a)                                                                              \
	_Generic((a), amph_int_expr: amph_named_int, amph_whole_expr: amph_named_whole,          \
		 amph_numeric_expr: amph_named_numeric, amph_float_expr: amph_named_float,       \
		 amph_interval_expr: amph_named_interval,                                        \
		 default: (amph_no_arithmetic)0)                   \
		(AMPH_OP_CALL, "-", AMPH_ARGS_(1, (a).n))
/* Texts, and texts with a NULL are NULL: amph_fn_concat leaves it out. */
#define amph_concat(a, b) AMPH_CALL_(text, "||", 2, AMPH_TEXT_(a), AMPH_TEXT_(b))

/* ---- choices; all take the family of their first operand ---- */
#define AMPH_CHOICE_(op, a, b)                                                                   \
	AMPH_LIKE_(a)(op, AMPH_ARGS_(2, amph_first_arg((a).n, AMPH_PAIR_(a, b)), AMPH_NODE_(b)))
#define amph_coalesce(a, b) AMPH_CHOICE_(AMPH_OP_COALESCE, a, b)
#define amph_nullif(a, b) AMPH_CHOICE_(AMPH_OP_NULLIF, a, b)    /* NULL where they are equal */
/* NULL does not count, unless both are. */
#define amph_greatest(a, b) AMPH_CHOICE_(AMPH_OP_GREATEST, a, b)
#define amph_least(a, b) AMPH_CHOICE_(AMPH_OP_LEAST, a, b)
/* CASE WHEN cond THEN a ELSE b END */
#define amph_case_when(cond, a, b)                                                               \
	AMPH_LIKE_(a)(AMPH_OP_CASE, AMPH_ARGS_(3, amph_n_bool(cond),                             \
		amph_first_arg((a).n, AMPH_PAIR_(a, b)), AMPH_NODE_(b)))
/* amph_case(text, amph_when(cond, "a"), amph_when(cond, "b"), amph_else("c")): the family of the
 * result, then branches, of which the first that holds is taken; NULL where none does and there is
 * no else. Results that do not fit each other are 42804 when the statement is compiled. */
#define amph_when(cond, x) amph_branch_of(amph_n_bool(cond), AMPH_NODE_(x))
#define amph_else(x) amph_branch_of((amph_node){ .op = AMPH_OP_NONE }, AMPH_NODE_(x))
#define amph_case(family, ...)                                                                   \
	amph_make_##family(AMPH_OP_CASE, 2 * AMPH_COUNT_(__VA_ARGS__),                           \
		&(const amph_branch[]){ __VA_ARGS__ }[0].condition)

/* ---- casts, calls by name, fragments: the family of the result comes first ---- */
#define AMPH_SQL_TYPE_bool "boolean"
#define AMPH_SQL_TYPE_int "bigint"
#define AMPH_SQL_TYPE_whole "numeric"
#define AMPH_SQL_TYPE_float "double precision"
#define AMPH_SQL_TYPE_numeric "numeric"
#define AMPH_SQL_TYPE_text "text"
#define AMPH_SQL_TYPE_bytes "bytea"
#define AMPH_SQL_TYPE_uuid "uuid"
#define AMPH_SQL_TYPE_json "jsonb"
#define AMPH_SQL_TYPE_date "date"
#define AMPH_SQL_TYPE_time "time"
#define AMPH_SQL_TYPE_timestamp "timestamp"
#define AMPH_SQL_TYPE_timestamptz "timestamptz"
#define AMPH_SQL_TYPE_interval "interval"
#define AMPH_SQL_TYPE_tsvector "tsvector"
#define AMPH_SQL_TYPE_tsquery "tsquery"
#define amph_cast(family, x)                                                                     \
	AMPH_RAW_(family, "CAST($1 AS " AMPH_SQL_TYPE_##family ")", 1, AMPH_NODE_(x))
/* A type as SQL writes it, of that family: amph_cast_as(numeric, "numeric(10,2)", x) */
#define amph_cast_as(family, type, x) AMPH_RAW_(family, "CAST($1 AS " type ")", 1, AMPH_NODE_(x))
/* Any function or operator by its name, with expressions and values:
 * amph_call(text, "regexp_replace", a, "x+", "y"), amph_call(int, "&", a, 7). There is none for the
 * types of the arguments: 42883 when the statement is compiled.
 *
 * A function of the program's own, on PostgreSQL, is called by its schema and name, as they were made:
 * amph_call(int, "app.area", a, 2). What it gives is cast to the family, of enum and array to what a cast
 * around it says (else 42804); its arguments are what their families are (bigint, text ...), or what a
 * cast makes of them, to types of the program's own also: amph_cast_as(text, "app.mood", b), which stands
 * there and in casts only. It is no aggregate and no table (0A000); on SQLite all this is 0A000. */
#define AMPH_NODE_AND_(x) AMPH_NODE_(x),
#define AMPH_ALL_ARGS_(...)                                                                      \
	AMPH_COUNT_(__VA_ARGS__),                                                                \
	(const amph_node[AMPH_COUNT_(__VA_ARGS__)]){ AMPH_MAP_(AMPH_NODE_AND_, __VA_ARGS__) }
#define AMPH_NAMED_ONE(family, op, name) amph_named_##family(op, name, 0, NULL)
#define AMPH_NAMED_MORE(family, op, name, ...)                                                   \
	amph_named_##family(op, name, AMPH_ALL_ARGS_(__VA_ARGS__))
#define amph_call(family, ...)                                                                   \
	AMPH_CAT_(AMPH_NAMED_, AMPH_MORE_(__VA_ARGS__))(family, AMPH_OP_CALL, __VA_ARGS__)
/* An expression in PostgreSQL's SQL, on both databases: amph_raw(int, "char_length($1) + $2", a, 3).
 * $1, $2 ... are the arguments, each used at least once, as values and never as text; columns that
 * only one table of the query has may be named in it. A query within it sees all rows, whatever filters
 * are in force. The text must outlive the call. What cannot be parsed is 42601. */
#define amph_raw(family, ...)                                                                    \
	AMPH_CAT_(AMPH_NAMED_, AMPH_MORE_(__VA_ARGS__))(family, AMPH_OP_RAW, __VA_ARGS__)
/* The collation is a text of the statement: amph_collate(a, "C"). */
#define amph_collate(a, name) AMPH_RAW_(text, "$1 COLLATE \"" name "\"", 1, AMPH_TEXT_(a))

/* ---- order and lists of expressions of any type ---- */
#define amph_asc(a) amph_order_of((a).n, AMPH_NODE_ASC)
#define amph_desc(a) amph_order_of((a).n, AMPH_NODE_DESC)
/* of an expression, of asc() or of desc(); PostgreSQL's default has NULL as the greatest */
#define amph_nulls_first(a) amph_order_of((a).n, AMPH_NODE_NULLS_FIRST)
#define amph_nulls_last(a) amph_order_of((a).n, AMPH_NODE_NULLS_LAST)
/* A column of a projection by its name in the row struct, for ORDER BY. */
#define amph_label(R, f) ((void)offsetof(R, f), (amph_order){ amph_label_node(#f) })
#define AMPH_NODE_OF_(a) (a).n,
#define amph_by(...)                                                                             \
	amph_nodes_of((amph_node[]){ AMPH_MAP_(AMPH_NODE_OF_, __VA_ARGS__) { .op = AMPH_OP_NONE } })

#endif /* C */

#ifdef __cplusplus
}
#endif
#endif
