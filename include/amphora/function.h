/* SQL functions in queries: text, numbers, times, JSON, search, arrays, aggregates, windows.
 *
 *	amph_fn_replace(amph_col(User, email), "@", " at ")
 *	amph_agg_filter(amph_fn_count_all(), amph_gt(amph_col(Order, total), 100))
 *	amph_over(amph_fn_rank(), .partition_by = amph_by(amph_col(Order, user_id)),
 *		  .order_by = amph_by(amph_desc(amph_col(Order, total))))
 *
 * Each is PostgreSQL's function of that name with its rules for NULL, its errors and its result
 * type; an argument of a wrong family does not compile. The family of the result is that of the
 * SQL type: int is any integer, float real and double precision, whole a numeric without fraction.
 * What has no macro here is reached by amph_call (any function or operator by name) and amph_raw
 * (any expression in SQL), see expr.h; arguments that PostgreSQL has no function for are 42883
 * when the statement is compiled. What SQLite cannot do is 0A000 there. Lifetimes are those of
 * expr.h. */
#ifndef AMPHORA_FUNCTION_H
#define AMPHORA_FUNCTION_H
#include "expr.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- windows and ordered aggregates: the structs behind the macros ---- */
typedef enum amph_frame_unit {
	AMPH_FRAME_NONE,                /* SQL's default: up to the peers of the current row */
	AMPH_FRAME_ROWS,
	AMPH_FRAME_RANGE,
	AMPH_FRAME_GROUPS
} amph_frame_unit;
typedef enum amph_edge_kind {
	AMPH_EDGE_UNBOUNDED_PRECEDING, AMPH_EDGE_PRECEDING, AMPH_EDGE_CURRENT_ROW,
	AMPH_EDGE_FOLLOWING, AMPH_EDGE_UNBOUNDED_FOLLOWING
} amph_edge_kind;
typedef enum amph_exclude {
	AMPH_EXCLUDE_NONE, AMPH_EXCLUDE_CURRENT_ROW, AMPH_EXCLUDE_GROUP, AMPH_EXCLUDE_TIES
} amph_exclude;
typedef struct amph_edge { amph_edge_kind kind; amph_node offset; } amph_edge;
typedef struct amph_frame { amph_frame_unit unit; amph_edge start, end; } amph_frame;
typedef struct amph_window {
	uint32_t abi;                   /* put in by the macro */
	const amph_node *partition_by;  /* by(...) */
	const amph_node *order_by;      /* by(...) */
	amph_frame frame;
	amph_exclude exclude;
} amph_window;
/* A window, a list of by(...), as arguments. */
amph_node amph_window_node(const amph_window *window);
amph_node amph_by_node(const amph_node *list);

#ifndef __cplusplus

/* ---- arguments of one family ---- */
#define AMPH_NUMBER_(x) _Generic((x), amph_int_expr: amph_n_int, amph_whole_expr: amph_n_whole,  \
	amph_numeric_expr: amph_n_numeric, amph_float_expr: amph_n_float, short: amph_v_int,     \
	int: amph_v_int, long: amph_v_int, long long: amph_v_int, unsigned: amph_v_uint,         \
	float: amph_v_float, double: amph_v_float, amph_numeric: amph_v_numeric)(x)
#define AMPH_JSON_(x) _Generic((x), amph_json: amph_v_json, amph_json_expr: amph_n_json)(x)
#define AMPH_MOMENT_(x) _Generic((x), amph_date_expr: amph_n_date, amph_date: amph_v_date,       \
	amph_time_expr: amph_n_time, amph_time: amph_v_time, amph_interval: amph_v_interval,     \
	amph_timestamp_expr: amph_n_timestamp, amph_timestamp: amph_v_timestamp,                 \
	amph_timestamptz_expr: amph_n_timestamptz, amph_timestamptz: amph_v_timestamptz,         \
	amph_interval_expr: amph_n_interval)(x)
/* ---- results: of integers the one, of numerics, of reals ---- */
#define AMPH_REAL_OF_(a, make) _Generic((a), amph_int_expr: amph_##make##_float,                 \
	amph_whole_expr: amph_##make##_numeric, amph_numeric_expr: amph_##make##_numeric,        \
	amph_float_expr: amph_##make##_float)
#define AMPH_MEAN_OF_(a, make) _Generic((a), amph_int_expr: amph_##make##_numeric,               \
	amph_whole_expr: amph_##make##_numeric, amph_numeric_expr: amph_##make##_numeric,        \
	amph_float_expr: amph_##make##_float, amph_interval_expr: amph_##make##_interval)
#define AMPH_CALL_LIKE_(like, a, name) like(a, named)(AMPH_OP_CALL, name, AMPH_ARGS_(1, (a).n))

/* ---- text ---- positions and lengths are in characters, positions count from 1 */
#define AMPH_FN_TEXT_1_(name, a) AMPH_CALL_(text, name, 1, AMPH_TEXT_(a))
#define amph_fn_lower(a) AMPH_FN_TEXT_1_("lower", a)
#define amph_fn_upper(a) AMPH_FN_TEXT_1_("upper", a)
#define amph_fn_initcap(a) AMPH_FN_TEXT_1_("initcap", a)
#define amph_fn_reverse(a) AMPH_FN_TEXT_1_("reverse", a)
#define amph_fn_trim(a) AMPH_FN_TEXT_1_("btrim", a)              /* spaces, at both ends */
#define amph_fn_ltrim(a) AMPH_FN_TEXT_1_("ltrim", a)
#define amph_fn_rtrim(a) AMPH_FN_TEXT_1_("rtrim", a)
#define amph_fn_md5(a) AMPH_FN_TEXT_1_("md5", a)
#define amph_fn_length(a) AMPH_CALL_(int, "length", 1, AMPH_TEXT_(a))
#define amph_fn_octet_length(a) AMPH_CALL_(int, "octet_length", 1, AMPH_TEXT_(a))
#define amph_fn_replace(a, from, to)                                                             \
	AMPH_CALL_(text, "replace", 3, AMPH_TEXT_(a), AMPH_TEXT_(from), AMPH_TEXT_(to))
#define amph_fn_translate(a, from, to)                                                           \
	AMPH_CALL_(text, "translate", 3, AMPH_TEXT_(a), AMPH_TEXT_(from), AMPH_TEXT_(to))
#define amph_fn_substr(a, start, count)                                                          \
	AMPH_CALL_(text, "substr", 3, AMPH_TEXT_(a), AMPH_INT_(start), AMPH_INT_(count))
/* the first, the last n; of a negative n all but those of the other end */
#define amph_fn_left(a, n) AMPH_CALL_(text, "left", 2, AMPH_TEXT_(a), AMPH_INT_(n))
#define amph_fn_right(a, n) AMPH_CALL_(text, "right", 2, AMPH_TEXT_(a), AMPH_INT_(n))
#define amph_fn_repeat(a, n) AMPH_CALL_(text, "repeat", 2, AMPH_TEXT_(a), AMPH_INT_(n))
#define amph_fn_lpad(a, length, fill)                                                            \
	AMPH_CALL_(text, "lpad", 3, AMPH_TEXT_(a), AMPH_INT_(length), AMPH_TEXT_(fill))
#define amph_fn_rpad(a, length, fill)                                                            \
	AMPH_CALL_(text, "rpad", 3, AMPH_TEXT_(a), AMPH_INT_(length), AMPH_TEXT_(fill))
#define amph_fn_strpos(a, part)                                                                  \
	AMPH_CALL_(int, "strpos", 2, AMPH_TEXT_(a), AMPH_TEXT_(part))    /* 0: nowhere */
#define amph_fn_split_part(a, separator, n)                                                      \
	AMPH_CALL_(text, "split_part", 3, AMPH_TEXT_(a), AMPH_TEXT_(separator), AMPH_INT_(n))
/* Of any types; NULL counts as an empty text. */
#define amph_fn_concat(...) amph_call(text, "concat", __VA_ARGS__)
/* flags: "g" all, "i" without case ... */
#define amph_fn_regexp_replace(a, regexp, with, flags)                                           \
	AMPH_CALL_(text, "regexp_replace", 4, AMPH_TEXT_(a), AMPH_TEXT_(regexp),                 \
		   AMPH_TEXT_(with), AMPH_TEXT_(flags))
#define amph_fn_string_to_array(a, separator)                                                    \
	AMPH_CALL_(array, "string_to_array", 2, AMPH_TEXT_(a), AMPH_TEXT_(separator))
#define amph_fn_array_to_string(a, separator)                                                    \
	AMPH_CALL_(text, "array_to_string", 2, amph_n_array(a), AMPH_TEXT_(separator))
/* Numbers and times by a pattern: "YYYY-MM-DD", "FM999.00". */
#define amph_fn_to_char(a, pattern)                                                              \
	AMPH_CALL_(text, "to_char", 2, AMPH_NODE_(a), AMPH_TEXT_(pattern))

/* ---- numbers ---- of integers, but for abs and sign, a double: as PostgreSQL's */
#define amph_fn_abs(a)                                                                           \
	_Generic((a), amph_int_expr: amph_named_int, amph_whole_expr: amph_named_whole,          \
		 amph_numeric_expr: amph_named_numeric, amph_float_expr: amph_named_float)       \
		(AMPH_OP_CALL, "abs", AMPH_ARGS_(1, (a).n))
#define amph_fn_sign(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "sign")
#define amph_fn_ceil(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "ceil")
#define amph_fn_floor(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "floor")
#define amph_fn_round(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "round")
#define amph_fn_trunc(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "trunc")
#define amph_fn_sqrt(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "sqrt")
#define amph_fn_exp(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "exp")
#define amph_fn_ln(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "ln")
#define amph_fn_log(a) AMPH_CALL_LIKE_(AMPH_REAL_OF_, a, "log")          /* base 10 */
/* to digits after the point; of what is exact only, as in PostgreSQL */
#define AMPH_EXACT_(x) _Generic((x), amph_int_expr: amph_n_int, amph_whole_expr: amph_n_whole,   \
	amph_numeric_expr: amph_n_numeric, amph_numeric: amph_v_numeric)(x)
#define amph_fn_round_to(a, digits)                                                              \
	AMPH_CALL_(numeric, "round", 2, AMPH_EXACT_(a), AMPH_INT_(digits))
#define amph_fn_trunc_to(a, digits)                                                              \
	AMPH_CALL_(numeric, "trunc", 2, AMPH_EXACT_(a), AMPH_INT_(digits))
#define amph_fn_power(a, b)                                                                      \
	_Generic((char (*)[AMPH_WIDTH_(a) | AMPH_WIDTH_(b)])0, char (*)[2]: amph_named_numeric,  \
		 char (*)[3]: amph_named_numeric, char (*)[1]: amph_named_float,                 \
		 char (*)[4]: amph_named_float, char (*)[5]: amph_named_float,                   \
		 char (*)[6]: amph_named_float,                                                  \
		 default: (amph_no_arithmetic)0)                   \
		(AMPH_OP_CALL, "power", AMPH_ARGS_(2, AMPH_NUMBER_(a), AMPH_NUMBER_(b)))
#define amph_fn_random() amph_call(float, "random")              /* 0 <= x < 1 */

/* ---- dates and times ---- fields and zones are texts of the statement: "year", "epoch", "UTC" */
#define amph_fn_now() amph_call(timestamptz, "now")              /* the transaction's time */
#define amph_fn_current_date() amph_raw(date, "current_date")
#define amph_extract(field, a)                                                                   \
	AMPH_CALL_(numeric, "extract", 2, amph_constant_node(field), AMPH_MOMENT_(a))
/* of a date a timestamptz, as PostgreSQL takes it */
#define amph_fn_date_trunc(field, a)                                                             \
	_Generic((a), amph_timestamp_expr: amph_named_timestamp,                                 \
		 amph_timestamptz_expr: amph_named_timestamptz,                                  \
		 amph_date_expr: amph_named_timestamptz, amph_interval_expr: amph_named_interval) \
		(AMPH_OP_CALL, "date_trunc", AMPH_ARGS_(2, amph_constant_node(field), (a).n))
/* The time in a zone of a timestamptz is a timestamp, and the other way round. */
#define amph_at_time_zone(a, zone)                                                               \
	_Generic((a), amph_timestamp_expr: amph_named_timestamptz,                               \
		 amph_timestamptz_expr: amph_named_timestamp)                                    \
		(AMPH_OP_CALL, "timezone", AMPH_ARGS_(2, amph_constant_node(zone), (a).n))
/* a - b in years, months and days */
#define amph_fn_age(a, b)                                                                        \
	AMPH_CALL_(interval, "age", 2, AMPH_MOMENT_(a), AMPH_MOMENT_(b))
/* An interval of so many: "years", "months", "weeks", "days", "hours", "mins", "secs". */
#define amph_interval_in(unit, n)                                                                \
	AMPH_RAW_(interval, "make_interval(" unit " => $1)", 1, AMPH_NUMBER_(n))
#define amph_fn_make_date(year, month, day)                                                      \
	AMPH_CALL_(date, "make_date", 3, AMPH_INT_(year), AMPH_INT_(month), AMPH_INT_(day))
#define amph_fn_to_date(a, pattern)                                                              \
	AMPH_CALL_(date, "to_date", 2, AMPH_TEXT_(a), AMPH_TEXT_(pattern))
#define amph_fn_to_timestamp(a, pattern)                                                         \
	AMPH_CALL_(timestamptz, "to_timestamp", 2, AMPH_TEXT_(a), AMPH_TEXT_(pattern))
/* Whether the times from a to b and from c to d have one in common; b, d: an end or an interval. */
#define amph_overlaps(a, b, c, d)                                                                \
	AMPH_RAW_(bool, "($1, $2) OVERLAPS ($3, $4)", 4, AMPH_MOMENT_(a), AMPH_MOMENT_(b),       \
		  AMPH_MOMENT_(c), AMPH_MOMENT_(d))

/* ---- JSONB ---- a path is of object keys; array subscripts are written as digits. It is a text of
 * the statement, not a bind, so that an index on it serves. JSON's null is a value, other than SQL's:
 * json_at gives it, json_text and the typed ones give NULL. */
#define AMPH_PATH_(...)                                                                          \
	amph_path_node((const char *const[]){ __VA_ARGS__ },                                     \
		       sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))
#define AMPH_JSON_PATH_(a, ...) AMPH_ARGS_(2, amph_n_json(a), AMPH_PATH_(__VA_ARGS__))
#define amph_json_at(a, ...) amph_make_json(AMPH_OP_JSON_AT, AMPH_JSON_PATH_(a, __VA_ARGS__))
#define amph_json_text_at(a, ...) amph_make_text(AMPH_OP_JSON_TEXT, AMPH_JSON_PATH_(a, __VA_ARGS__))
/* What stands there as a value of a type; a text that is none is 22P02. */
#define AMPH_JSON_AS_(family, a, ...)                                                            \
	AMPH_RAW_(family, "CAST($1 AS " AMPH_SQL_TYPE_##family ")", 1,                           \
		  amph_json_text_at(a, __VA_ARGS__).n)
#define amph_json_int(a, ...) AMPH_JSON_AS_(int, a, __VA_ARGS__)
#define amph_json_numeric(a, ...) AMPH_JSON_AS_(numeric, a, __VA_ARGS__)
#define amph_json_float(a, ...) AMPH_JSON_AS_(float, a, __VA_ARGS__)
#define amph_json_bool(a, ...) AMPH_JSON_AS_(bool, a, __VA_ARGS__)
#define amph_json_contains(a, b) AMPH_CALL_(bool, "@>", 2, AMPH_JSON_(a), AMPH_JSON_(b))
#define amph_json_contained(a, b) AMPH_CALL_(bool, "<@", 2, AMPH_JSON_(a), AMPH_JSON_(b))
#define amph_json_has_key(a, key) AMPH_CALL_(bool, "?", 2, AMPH_JSON_(a), AMPH_TEXT_(key))
/* keys: an array of texts, such as amph_elements("a", "b") */
#define amph_json_has_any(a, keys) AMPH_CALL_(bool, "?|", 2, AMPH_JSON_(a), amph_n_array(keys))
#define amph_json_has_all(a, keys) AMPH_CALL_(bool, "?&", 2, AMPH_JSON_(a), amph_n_array(keys))
#define amph_json_concat(a, b) AMPH_CALL_(json, "||", 2, AMPH_JSON_(a), AMPH_JSON_(b))
#define amph_json_delete(a, key) AMPH_CALL_(json, "-", 2, AMPH_JSON_(a), AMPH_TEXT_(key))
#define amph_json_delete_at(a, index) AMPH_CALL_(json, "-", 2, AMPH_JSON_(a), AMPH_INT_(index))
/* path: an array of texts; what is not there is added */
#define amph_json_set(a, path, value)                                                            \
	AMPH_CALL_(json, "jsonb_set", 3, AMPH_JSON_(a), amph_n_array(path), AMPH_JSON_(value))
#define amph_json_insert(a, path, value)                                                         \
	AMPH_CALL_(json, "jsonb_insert", 3, AMPH_JSON_(a), amph_n_array(path), AMPH_JSON_(value))
#define amph_json_delete_path(a, path) AMPH_CALL_(json, "#-", 2, AMPH_JSON_(a), amph_n_array(path))
#define amph_fn_jsonb_typeof(a) AMPH_CALL_(text, "jsonb_typeof", 1, AMPH_JSON_(a))
#define amph_fn_jsonb_array_length(a) AMPH_CALL_(int, "jsonb_array_length", 1, AMPH_JSON_(a))
#define amph_fn_jsonb_strip_nulls(a) AMPH_CALL_(json, "jsonb_strip_nulls", 1, AMPH_JSON_(a))
#define amph_fn_jsonb_pretty(a) AMPH_CALL_(text, "jsonb_pretty", 1, AMPH_JSON_(a))
#define amph_fn_to_jsonb(a) AMPH_CALL_(json, "to_jsonb", 1, AMPH_NODE_(a))
/* of keys and values in turn; of elements */
#define amph_fn_jsonb_build_object(...) amph_call(json, "jsonb_build_object", __VA_ARGS__)
#define amph_fn_jsonb_build_array(...) amph_call(json, "jsonb_build_array", __VA_ARGS__)
/* One row for each element; only in a projection. */
#define amph_fn_jsonb_array_elements(a) AMPH_CALL_(json, "jsonb_array_elements", 1, AMPH_JSON_(a))
#define amph_fn_jsonb_array_elements_text(a)                                                     \
	AMPH_CALL_(text, "jsonb_array_elements_text", 1, AMPH_JSON_(a))
#define amph_fn_jsonb_object_keys(a) AMPH_CALL_(text, "jsonb_object_keys", 1, AMPH_JSON_(a))
/* A JSON path of SQL's standard, a text of the statement: "$.items[*] ? (@.n > 2)". */
#define amph_json_path_exists(a, path)                                                           \
	AMPH_CALL_(bool, "@?", 2, AMPH_JSON_(a), amph_constant_node(path))
#define amph_json_path_match(a, path)                                                            \
	AMPH_CALL_(bool, "@@", 2, AMPH_JSON_(a), amph_constant_node(path))
#define amph_fn_jsonb_path_query_array(a, path)                                                  \
	AMPH_CALL_(json, "jsonb_path_query_array", 2, AMPH_JSON_(a), amph_constant_node(path))

/* ---- full text ---- config ("english", "simple") is a text of the statement, not a bind, so that
 * an index on the same call serves */
#define AMPH_FN_CONFIGURED_(family, name, config, a)                                             \
	AMPH_CALL_(family, name, 2, amph_constant_node(config), AMPH_TEXT_(a))
#define amph_fn_to_tsvector(config, a) AMPH_FN_CONFIGURED_(tsvector, "to_tsvector", config, a)
#define amph_fn_to_tsquery(config, a) AMPH_FN_CONFIGURED_(tsquery, "to_tsquery", config, a)
#define amph_fn_plainto_tsquery(config, a)                                                       \
	AMPH_FN_CONFIGURED_(tsquery, "plainto_tsquery", config, a)
#define amph_fn_phraseto_tsquery(config, a)                                                      \
	AMPH_FN_CONFIGURED_(tsquery, "phraseto_tsquery", config, a)
#define amph_fn_websearch_to_tsquery(config, a)                                                  \
	AMPH_FN_CONFIGURED_(tsquery, "websearch_to_tsquery", config, a)
#define amph_match(vector, query)                                                                \
	AMPH_CALL_(bool, "@@", 2, amph_n_tsvector(vector), amph_n_tsquery(query))
#define amph_fn_ts_rank(vector, query)                                                           \
	AMPH_CALL_(float, "ts_rank", 2, amph_n_tsvector(vector), amph_n_tsquery(query))
#define amph_fn_ts_rank_cd(vector, query)                                                        \
	AMPH_CALL_(float, "ts_rank_cd", 2, amph_n_tsvector(vector), amph_n_tsquery(query))
/* weight: "A" to "D" */
#define amph_fn_setweight(vector, weight)                                                        \
	AMPH_CALL_(tsvector, "setweight", 2, amph_n_tsvector(vector), amph_constant_node(weight))
#define amph_tsvector_concat(a, b)                                                               \
	AMPH_CALL_(tsvector, "||", 2, amph_n_tsvector(a), amph_n_tsvector(b))
#define amph_tsquery_and(a, b) AMPH_CALL_(tsquery, "&&", 2, amph_n_tsquery(a), amph_n_tsquery(b))
#define amph_tsquery_or(a, b) AMPH_CALL_(tsquery, "||", 2, amph_n_tsquery(a), amph_n_tsquery(b))
#define amph_tsquery_not(a) AMPH_CALL_(tsquery, "!!", 1, amph_n_tsquery(a))
#define amph_fn_ts_headline(config, a, query)                                                    \
	AMPH_CALL_(text, "ts_headline", 3, amph_constant_node(config), AMPH_TEXT_(a),            \
		   amph_n_tsquery(query))

/* ---- trigrams, of pg_trgm ---- */
#define AMPH_FN_TRIGRAM_(family, name, a, b)                                                     \
	AMPH_CALL_(family, name, 2, AMPH_TEXT_(a), AMPH_TEXT_(b))
#define amph_fn_similarity(a, b) AMPH_FN_TRIGRAM_(float, "similarity", a, b)
#define amph_fn_word_similarity(a, b) AMPH_FN_TRIGRAM_(float, "word_similarity", a, b)
#define amph_fn_strict_word_similarity(a, b) AMPH_FN_TRIGRAM_(float, "strict_word_similarity", a, b)
#define amph_similar(a, b) AMPH_FN_TRIGRAM_(bool, "%", a, b)             /* similarity above 0.3 */
#define amph_word_similar(a, b) AMPH_FN_TRIGRAM_(bool, "<%", a, b)       /* above 0.6 */
#define amph_distance(a, b) AMPH_FN_TRIGRAM_(float, "<->", a, b)         /* 1 - similarity */
#define amph_word_distance(a, b) AMPH_FN_TRIGRAM_(float, "<<->", a, b)

/* ---- arrays ---- columns are amph_array_col, values amph_array */
#define amph_elements(...) amph_make_array(AMPH_OP_ARRAY, AMPH_ALL_ARGS_(__VA_ARGS__))
#define AMPH_ARRAYS_(family, name, a, b)                                                         \
	AMPH_CALL_(family, name, 2, amph_n_array(a), amph_n_array(b))
#define amph_array_contains(a, b) AMPH_ARRAYS_(bool, "@>", a, b)
#define amph_array_contained(a, b) AMPH_ARRAYS_(bool, "<@", a, b)
#define amph_array_overlaps(a, b) AMPH_ARRAYS_(bool, "&&", a, b)
#define amph_array_concat(a, b) AMPH_ARRAYS_(array, "||", a, b)
#define amph_fn_array_append(a, x)                                                               \
	AMPH_CALL_(array, "array_append", 2, amph_n_array(a), AMPH_NODE_(x))
#define amph_fn_array_remove(a, x)                                                               \
	AMPH_CALL_(array, "array_remove", 2, amph_n_array(a), AMPH_NODE_(x))
#define amph_fn_array_position(a, x)                                                             \
	AMPH_CALL_(int, "array_position", 2, amph_n_array(a), AMPH_NODE_(x))
#define amph_fn_cardinality(a) AMPH_CALL_(int, "cardinality", 1, amph_n_array(a))
/* The family of the elements, an array, a position from 1: NULL beyond. */
#define amph_array_at(family, a, i) AMPH_RAW_(family, "($1)[$2]", 2, amph_n_array(a), AMPH_INT_(i))
/* Whether x op any, all of the elements: amph_any_element("=", x, array). op is a text of the statement. */
#define amph_any_element(op, x, a) AMPH_RAW_(bool, "$1 " op " ANY ($2)", 2, AMPH_NODE_(x), amph_n_array(a))
#define amph_every_element(op, x, a)                                                                   \
	AMPH_RAW_(bool, "$1 " op " ALL ($2)", 2, AMPH_NODE_(x), amph_n_array(a))

/* ---- aggregates ---- */
#define amph_fn_count(a) amph_make_int(AMPH_OP_COUNT, AMPH_ARGS_(1, (a).n))
#define amph_fn_count_distinct(a) amph_agg_distinct(amph_fn_count(a))
#define amph_fn_count_all() amph_make_int(AMPH_OP_COUNT_ALL, 0, NULL)
/* PostgreSQL's result types: of bigint numeric, of the smaller integers bigint */
#define amph_fn_sum(a)                                                                           \
	_Generic((a), amph_int_expr: amph_make_whole, amph_whole_expr: amph_make_numeric,        \
		 amph_numeric_expr: amph_make_numeric, amph_float_expr: amph_make_float,         \
		 amph_interval_expr: amph_make_interval)(AMPH_OP_SUM, AMPH_ARGS_(1, (a).n))
#define amph_fn_avg(a) AMPH_MEAN_OF_(a, make)(AMPH_OP_AVG, AMPH_ARGS_(1, (a).n))
#define amph_fn_min(a) AMPH_LIKE_(a)(AMPH_OP_MIN, AMPH_ARGS_(1, (a).n))
#define amph_fn_max(a) AMPH_LIKE_(a)(AMPH_OP_MAX, AMPH_ARGS_(1, (a).n))
#define amph_fn_stddev(a) AMPH_CALL_LIKE_(AMPH_MEAN_OF_, a, "stddev_samp")
#define amph_fn_stddev_pop(a) AMPH_CALL_LIKE_(AMPH_MEAN_OF_, a, "stddev_pop")
#define amph_fn_variance(a) AMPH_CALL_LIKE_(AMPH_MEAN_OF_, a, "var_samp")
#define amph_fn_var_pop(a) AMPH_CALL_LIKE_(AMPH_MEAN_OF_, a, "var_pop")
#define amph_fn_bool_and(a) AMPH_CALL_(bool, "bool_and", 1, amph_n_bool(a))
#define amph_fn_bool_or(a) AMPH_CALL_(bool, "bool_or", 1, amph_n_bool(a))
#define amph_fn_string_agg(a, separator)                                                         \
	AMPH_CALL_(text, "string_agg", 2, AMPH_TEXT_(a), AMPH_TEXT_(separator))
#define amph_fn_array_agg(a) AMPH_CALL_(array, "array_agg", 1, (a).n)
#define amph_fn_jsonb_agg(a) AMPH_CALL_(json, "jsonb_agg", 1, (a).n)
#define amph_fn_jsonb_object_agg(key, value)                                                     \
	AMPH_CALL_(json, "jsonb_object_agg", 2, AMPH_NODE_(key), AMPH_NODE_(value))
/* An aggregate over different values, over those rows where a condition holds, in an order. */
#define amph_agg_distinct(aggregate) AMPH_LIKE_(aggregate)(AMPH_OP_DISTINCT, AMPH_ARGS_(1, (aggregate).n))
#define amph_agg_filter(aggregate, condition)                                                        \
	AMPH_LIKE_(aggregate)(AMPH_OP_FILTER,                                                    \
			      AMPH_ARGS_(2, (aggregate).n, amph_n_bool(condition)))
#define amph_agg_order(aggregate, by)                                                            \
	AMPH_LIKE_(aggregate)(AMPH_OP_AGG_ORDER,                                                 \
			      AMPH_ARGS_(2, (aggregate).n, amph_by_node(by)))
/* The values between, of numbers or intervals; the one value; the most frequent one:
 * amph_fn_percentile_cont(0.5, col), amph_fn_percentile_disc(0.5, col), amph_fn_mode(col). */
#define AMPH_WITHIN_(make, a, f)                                                                 \
	make(AMPH_OP_WITHIN_GROUP, AMPH_ARGS_(2, (f).n, amph_by_node(amph_by(a))))
#define amph_fn_percentile_cont(fraction, a)                                                     \
	AMPH_WITHIN_(_Generic((a), amph_interval_expr: amph_make_interval,                       \
			      amph_int_expr: amph_make_float, amph_whole_expr: amph_make_float,  \
			      amph_numeric_expr: amph_make_float, amph_float_expr: amph_make_float), \
		     a, AMPH_CALL_(float, "percentile_cont", 1, amph_v_float(fraction)))
#define amph_fn_percentile_disc(fraction, a)                                                     \
	AMPH_WITHIN_(AMPH_LIKE_(a), a, AMPH_CALL_(float, "percentile_disc", 1, amph_v_float(fraction)))
#define amph_fn_mode(a) AMPH_WITHIN_(AMPH_LIKE_(a), a, amph_call(float, "mode"))

/* ---- windows ---- amph_over(function [, .partition_by = by(...)] [, .order_by = by(...)]
 * [, .frame = rows_between(preceding(2), current_row())] [, .exclude = AMPH_EXCLUDE_TIES]); any
 * aggregate may stand before it, filtered ones too */
#define AMPH_OVER_ONE(f) AMPH_OVER_MORE(f, .partition_by = NULL)
#define AMPH_OVER_MORE(f, ...)                                                                   \
	AMPH_LIKE_(f)(AMPH_OP_OVER, AMPH_ARGS_(2, (f).n,                                         \
		amph_window_node(&(const amph_window){ .abi = AMPH_ABI, __VA_ARGS__ })))
#define amph_over(...) AMPH_CAT_(AMPH_OVER_, AMPH_MORE_(__VA_ARGS__))(__VA_ARGS__)
#define amph_rows_between(from, to) ((amph_frame){ AMPH_FRAME_ROWS, from, to })
#define amph_range_between(from, to) ((amph_frame){ AMPH_FRAME_RANGE, from, to })
#define amph_groups_between(from, to) ((amph_frame){ AMPH_FRAME_GROUPS, from, to })
#define AMPH_EDGE_(kind_) ((amph_edge){ .kind = kind_ })
#define amph_unbounded_preceding() AMPH_EDGE_(AMPH_EDGE_UNBOUNDED_PRECEDING)
#define amph_unbounded_following() AMPH_EDGE_(AMPH_EDGE_UNBOUNDED_FOLLOWING)
#define amph_current_row() AMPH_EDGE_(AMPH_EDGE_CURRENT_ROW)
/* n rows or groups; of a range, a number or interval in the order's values */
#define amph_preceding(n) ((amph_edge){ AMPH_EDGE_PRECEDING, AMPH_NODE_(n) })
#define amph_following(n) ((amph_edge){ AMPH_EDGE_FOLLOWING, AMPH_NODE_(n) })
#define amph_fn_row_number() amph_call(int, "row_number")
#define amph_fn_rank() amph_call(int, "rank")
#define amph_fn_dense_rank() amph_call(int, "dense_rank")
#define amph_fn_percent_rank() amph_call(float, "percent_rank")
#define amph_fn_cume_dist() amph_call(float, "cume_dist")
#define amph_fn_ntile(n) AMPH_CALL_(int, "ntile", 1, AMPH_INT_(n))
/* (a), (a, rows) or (a, rows, default of a's family) */
#define amph_fn_lag(...) AMPH_CAT_(AMPH_SHIFT_, AMPH_COUNT_(__VA_ARGS__))("lag", __VA_ARGS__)
#define amph_fn_lead(...) AMPH_CAT_(AMPH_SHIFT_, AMPH_COUNT_(__VA_ARGS__))("lead", __VA_ARGS__)
#define AMPH_SHIFT_1(name, a) AMPH_CALL_LIKE_(AMPH_LIKE_OF_, a, name)
#define AMPH_SHIFT_2(name, a, rows)                                                              \
	AMPH_LIKE_OF_(a, named)(AMPH_OP_CALL, name, AMPH_ARGS_(2, (a).n, AMPH_INT_(rows)))
#define AMPH_SHIFT_3(name, a, rows, other)                                                       \
	AMPH_LIKE_OF_(a, named)(AMPH_OP_CALL, name, AMPH_ARGS_(3, (a).n, AMPH_INT_(rows),        \
		amph_first_arg(AMPH_NODE_(other), AMPH_PAIR_(a, other))))
#define amph_fn_first_value(a) AMPH_CALL_LIKE_(AMPH_LIKE_OF_, a, "first_value")
#define amph_fn_last_value(a) AMPH_CALL_LIKE_(AMPH_LIKE_OF_, a, "last_value")
#define amph_fn_nth_value(a, n) AMPH_SHIFT_2("nth_value", a, n)

/* ---- the SQL spelling of two choices ---- */
#define amph_fn_coalesce(a, b) amph_coalesce(a, b)

#endif /* C */

#ifdef __cplusplus
}
#endif
#endif
