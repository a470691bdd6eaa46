/* Expressions: conditions, arithmetic, functions, lists, order.
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
amph_node amph_distinct_node(amph_node n);

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

/* The expression family of a, as the function that makes it. */
#define AMPH_LIKE_(a) _Generic((a), amph_bool_expr: amph_make_bool, amph_int_expr: amph_make_int, \
	amph_whole_expr: amph_make_whole, amph_float_expr: amph_make_float,                      \
	amph_numeric_expr: amph_make_numeric, amph_text_expr: amph_make_text,                    \
	amph_bytes_expr: amph_make_bytes, amph_uuid_expr: amph_make_uuid,                        \
	amph_json_expr: amph_make_json, amph_date_expr: amph_make_date,                          \
	amph_time_expr: amph_make_time, amph_timestamp_expr: amph_make_timestamp,                \
	amph_timestamptz_expr: amph_make_timestamptz, amph_interval_expr: amph_make_interval,    \
	amph_enum_expr: amph_make_enum, amph_array_expr: amph_make_array)
#define AMPH_ARGS_(n, ...) n, (const amph_node[n]){ __VA_ARGS__ }
#define AMPH_TEXT_(x)                                                                            \
	_Generic((x), amph_text_expr: amph_n_text, char *: amph_v_text, const char *: amph_v_text)(x)

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
/* Patterns as PostgreSQL has them: % and _, escaped by a backslash. */
#define AMPH_TEXT_TEST_(op, a, b) amph_make_bool(op, AMPH_ARGS_(2, amph_n_text(a), AMPH_TEXT_(b)))
#define amph_like(a, pattern) AMPH_TEXT_TEST_(AMPH_OP_LIKE, a, pattern)
#define amph_ilike(a, pattern) AMPH_TEXT_TEST_(AMPH_OP_ILIKE, a, pattern)
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
	amph_junction(op_, (const amph_bool_expr[]){ __VA_ARGS__, { .n = { .op = AMPH_OP_LAST } } })
#define amph_all_of(...) AMPH_JUNCTION_(AMPH_OP_ALL, __VA_ARGS__)
#define amph_any_of(...) AMPH_JUNCTION_(AMPH_OP_ANY, __VA_ARGS__)
#define amph_none_of(...) AMPH_JUNCTION_(AMPH_OP_NONE_OF, __VA_ARGS__)

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

/* ---- arithmetic: the wider of the two families, found by the length of an array so that no
 * operand is named again; a division of integers is one ---- */
struct amph_no_arithmetic_on_these_sql_types { int unused; };
#define AMPH_WIDTH_(x) _Generic((x), amph_float_expr: 4, double: 4, float: 4,                    \
	amph_numeric_expr: 2, amph_numeric: 2, amph_whole_expr: 2, amph_int_expr: 1, short: 1,   \
	int: 1, long: 1, long long: 1, unsigned: 1, unsigned long: 1,                            \
	default: (struct amph_no_arithmetic_on_these_sql_types){ 0 })
#define AMPH_ARITHMETIC_(op, a, b)                                                               \
	_Generic((char (*)[AMPH_WIDTH_(a) | AMPH_WIDTH_(b)])0, char (*)[1]: amph_make_int,       \
		 char (*)[2]: amph_make_numeric, char (*)[3]: amph_make_numeric,                 \
		 default: amph_make_float)(op, AMPH_ARGS_(2, (a).n, AMPH_NODE_(b)))
#define amph_add(a, b) AMPH_ARITHMETIC_(AMPH_OP_ADD, a, b)
#define amph_sub(a, b) AMPH_ARITHMETIC_(AMPH_OP_SUB, a, b)
#define amph_mul(a, b) AMPH_ARITHMETIC_(AMPH_OP_MUL, a, b)
#define amph_div(a, b) AMPH_ARITHMETIC_(AMPH_OP_DIV, a, b)

/* ---- SQL functions ---- */
#define amph_fn_coalesce(a, b)                                                                   \
	AMPH_LIKE_(a)(AMPH_OP_COALESCE,                                                          \
		AMPH_ARGS_(2, amph_first_arg((a).n, AMPH_PAIR_(a, b)), AMPH_NODE_(b)))
/* CASE WHEN cond THEN a ELSE b END */
#define amph_case_when(cond, a, b)                                                               \
	AMPH_LIKE_(a)(AMPH_OP_CASE, AMPH_ARGS_(3, amph_n_bool(cond),                             \
		amph_first_arg((a).n, AMPH_PAIR_(a, b)), AMPH_NODE_(b)))
#define amph_fn_count(a) amph_make_int(AMPH_OP_COUNT, AMPH_ARGS_(1, (a).n))
#define amph_fn_count_distinct(a)                                                                \
	amph_make_int(AMPH_OP_COUNT, AMPH_ARGS_(1, amph_distinct_node((a).n)))
#define amph_fn_count_all() amph_make_int(AMPH_OP_COUNT_ALL, 0, NULL)
/* PostgreSQL's result types: of bigint numeric, of the smaller integers bigint */
#define amph_fn_sum(a)                                                                           \
	_Generic((a), amph_int_expr: amph_make_whole, amph_whole_expr: amph_make_numeric,        \
		 amph_numeric_expr: amph_make_numeric, amph_float_expr: amph_make_float,         \
		 amph_interval_expr: amph_make_interval)(AMPH_OP_SUM, AMPH_ARGS_(1, (a).n))
#define amph_fn_avg(a)                                                                           \
	_Generic((a), amph_int_expr: amph_make_numeric, amph_whole_expr: amph_make_numeric,      \
		 amph_numeric_expr: amph_make_numeric, amph_float_expr: amph_make_float,         \
		 amph_interval_expr: amph_make_interval)(AMPH_OP_AVG, AMPH_ARGS_(1, (a).n))
#define amph_fn_min(a) AMPH_LIKE_(a)(AMPH_OP_MIN, AMPH_ARGS_(1, (a).n))
#define amph_fn_max(a) AMPH_LIKE_(a)(AMPH_OP_MAX, AMPH_ARGS_(1, (a).n))
#define amph_fn_lower(a) amph_make_text(AMPH_OP_LOWER, AMPH_ARGS_(1, AMPH_TEXT_(a)))
#define amph_fn_upper(a) amph_make_text(AMPH_OP_UPPER, AMPH_ARGS_(1, AMPH_TEXT_(a)))
#define amph_fn_length(a) amph_make_int(AMPH_OP_LENGTH, AMPH_ARGS_(1, AMPH_TEXT_(a)))
#define amph_fn_similarity(a, b)                                                                 \
	amph_make_float(AMPH_OP_SIMILARITY, AMPH_ARGS_(2, AMPH_TEXT_(a), AMPH_TEXT_(b)))
/* config is a text of the statement, not a bind, so that an index on the same call serves. */
#define amph_fn_to_tsvector(config, a)                                                           \
	amph_make_tsvector(AMPH_OP_TO_TSVECTOR, AMPH_ARGS_(2, amph_v_text(config), AMPH_TEXT_(a)))
#define amph_fn_plainto_tsquery(config, a)                                                       \
	amph_make_tsquery(AMPH_OP_TO_TSQUERY, AMPH_ARGS_(2, amph_v_text(config), AMPH_TEXT_(a)))
#define amph_match(vector, query)                                                                \
	amph_make_bool(AMPH_OP_MATCH, AMPH_ARGS_(2, amph_n_tsvector(vector), amph_n_tsquery(query)))

/* ---- JSONB: a path of object keys; array subscripts are written as digits. The path is a text
 * of the statement, not a bind, so that an index on it serves. ---- */
#define AMPH_PATH_(...)                                                                          \
	amph_path_node((const char *const[]){ __VA_ARGS__ },                                     \
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
#define amph_json_at(a, ...)                                                                     \
	amph_make_json(AMPH_OP_JSON_AT, AMPH_ARGS_(2, amph_n_json(a), AMPH_PATH_(__VA_ARGS__)))
#define amph_json_text_at(a, ...)                                                                \
	amph_make_text(AMPH_OP_JSON_TEXT, AMPH_ARGS_(2, amph_n_json(a), AMPH_PATH_(__VA_ARGS__)))
#define amph_json_contains(a, b)                                                                 \
	amph_make_bool(AMPH_OP_JSON_CONTAINS, AMPH_ARGS_(2, amph_n_json(a),                      \
		_Generic((b), amph_json: amph_v_json, amph_json_expr: amph_n_json)(b)))

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
