/* Expression nodes and the check of their types: what the macros of expr.h are made of.
 *
 * An expression is a small struct of a family of SQL types (amph_int_expr, amph_text_expr ...)
 * around one untyped node. Macros find the family by _Generic, functions make the node. An
 * operand is named at most three times in a macro, so that nested ones do not explode.
 *
 *	amph_bool_expr e = amph_eq(amph_col(User, name), "john");
 *
 * Lifetime: nodes are compound literals, so an expression lives as long as the block in which
 * it is written. Each call node, and each list, carries a checksum of what it holds: one used
 * too late is AMPH_E_MISUSE, never another query. amph_keep copies one into a dynamic query. Texts and
 * lists that an expression points to stay the program's, until the call that executes returns.
 * Threads: an expression is a value; it belongs to whoever made it. */
#ifndef AMPHORA_NODE_H
#define AMPHORA_NODE_H
#include "model.h"
#include "value.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum amph_op {
	AMPH_OP_NONE, AMPH_OP_COLUMN, AMPH_OP_VALUE, AMPH_OP_LIST, AMPH_OP_NODES, AMPH_OP_WINDOW,
	AMPH_OP_LABEL, AMPH_OP_SELECT,
	AMPH_OP_EQ, AMPH_OP_NE, AMPH_OP_LT, AMPH_OP_LE, AMPH_OP_GT, AMPH_OP_GE, AMPH_OP_BETWEEN,
	AMPH_OP_IN, AMPH_OP_NOT_IN, AMPH_OP_IS_NULL, AMPH_OP_NOT_NULL, AMPH_OP_DISTINCT_FROM,
	AMPH_OP_NOT_DISTINCT_FROM, AMPH_OP_LIKE, AMPH_OP_ILIKE, AMPH_OP_CONTAINS,
	AMPH_OP_STARTS_WITH, AMPH_OP_ENDS_WITH, AMPH_OP_ICONTAINS, AMPH_OP_ISTARTS_WITH,
	AMPH_OP_IENDS_WITH, AMPH_OP_ALL, AMPH_OP_ANY, AMPH_OP_NONE_OF, AMPH_OP_ADD, AMPH_OP_SUB,
	AMPH_OP_MUL, AMPH_OP_DIV, AMPH_OP_MOD, AMPH_OP_COALESCE, AMPH_OP_NULLIF, AMPH_OP_GREATEST,
	AMPH_OP_LEAST, AMPH_OP_CASE, AMPH_OP_ARRAY, AMPH_OP_COUNT, AMPH_OP_COUNT_ALL, AMPH_OP_SUM,
	AMPH_OP_AVG, AMPH_OP_MIN, AMPH_OP_MAX, AMPH_OP_DISTINCT, AMPH_OP_FILTER,
	AMPH_OP_AGG_ORDER, AMPH_OP_WITHIN_GROUP, AMPH_OP_OVER, AMPH_OP_JSON_AT, AMPH_OP_JSON_TEXT,
	AMPH_OP_EXISTS, AMPH_OP_RELATED, AMPH_OP_IN_SELECT, AMPH_OP_NOT_IN_SELECT, AMPH_OP_EXCLUDED,
	AMPH_OP_CALL,                   /* of.name: a function or an operator */
	AMPH_OP_RAW,                    /* of.name: SQL text, in which arguments are $1, $2 ... */
	AMPH_OP_ANY_SELECT, AMPH_OP_ALL_SELECT, /* of.name: an operator */
	AMPH_OP_LAST
} amph_op;

enum {
	AMPH_NODE_NULL = 1,             /* a value: NULL of its type */
	AMPH_NODE_UNSIGNED = 2,         /* a value: v.u, above INT64_MAX */
	AMPH_NODE_ASC = 4, AMPH_NODE_DESC = 8,
	AMPH_NODE_NULLS_FIRST = 16, AMPH_NODE_NULLS_LAST = 32,
	AMPH_NODE_CONSTANT = 64         /* a text that is part of the statement, not a bind */
};

/* 32 bytes, no padding; part of the ABI. */
typedef struct amph_node amph_node;
struct amph_node {
	uint16_t op;
	uint8_t type, flags;            /* amph_type, AMPH_NODE_* */
	uint32_t n;                     /* arguments, or the offset of a column's member */
	const amph_node *args;          /* of a list: its items; of SELECT: an amph_select;
					 * of WINDOW: an amph_window */
	union { const amph_model *model; const char *name; size_t count; const void *data; } of;
	union { int64_t i; uint64_t u; double f; const char *s; const void *p; } v; /* a call: its
					 * seal; a column: its member */
};

#define AMPH_FAMILIES_(X) X(bool, BOOL) X(int, INT64) X(whole, NUMERIC) X(float, DOUBLE)         \
	X(numeric, NUMERIC) X(text, TEXT) X(bytes, BYTES) X(uuid, UUID) X(json, JSON)            \
	X(date, DATE) X(time, TIME) X(timestamp, TIMESTAMP) X(timestamptz, TIMESTAMPTZ)          \
	X(interval, INTERVAL) X(enum, ENUM) X(array, ARRAY) X(tsvector, TSVECTOR)                \
	X(tsquery, TSQUERY)
/* amph_make_<family> seals the node, amph_named_<family> that of a call or a fragment, amph_n_<family>
 * takes it out. Exported, not inline: half the time to compile. A "whole" is a numeric without
 * fraction, as sum(bigint) is. */
#define AMPH_FAMILY_(f, T)                                                                       \
	typedef struct amph_##f##_expr { amph_node n; } amph_##f##_expr;                         \
	amph_##f##_expr amph_make_##f(amph_op op, uint32_t n, const amph_node *args);            \
	amph_##f##_expr amph_named_##f(amph_op op, const char *name, uint32_t n,                 \
				       const amph_node *args);                                   \
	amph_node amph_n_##f(amph_##f##_expr e);
AMPH_FAMILIES_(AMPH_FAMILY_)

/* Values become nodes: sixteen bytes fit into the two unions. */
#define AMPH_VALUES_(X) X(bool, bool) X(int64_t, int) X(uint64_t, uint) X(double, float)         \
	X(const char *, text) X(amph_json, json) X(amph_date, date) X(amph_time, time)           \
	X(amph_timestamp, timestamp) X(amph_timestamptz, timestamptz) X(amph_bytes, bytes)       \
	X(amph_numeric, numeric) X(amph_uuid, uuid) X(amph_interval, interval)                   \
	X(amph_opt_bool, opt_bool) X(amph_opt_int16, opt_int16) X(amph_opt_int32, opt_int32)     \
	X(amph_opt_int64, opt_int64) X(amph_opt_float, opt_float)                                \
	X(amph_opt_double, opt_double) X(amph_opt_numeric, opt_numeric)                          \
	X(amph_opt_uuid, opt_uuid) X(amph_opt_date, opt_date) X(amph_opt_time, opt_time)         \
	X(amph_opt_timestamp, opt_timestamp) X(amph_opt_timestamptz, opt_timestamptz)            \
	X(amph_opt_interval, opt_interval) X(amph_opt_enum, opt_enum)
#define AMPH_VALUE_FN_(T, name) amph_node amph_v_##name(T x);
AMPH_VALUES_(AMPH_VALUE_FN_)

/* A text that becomes part of the statement, as a literal of it would: 'english', 'month'. */
amph_node amph_constant_node(const char *text);
/* Items and number of a list; the elements are the C forms of types.h. */
amph_node amph_list_node(amph_type type, const void *items, size_t n);
amph_node amph_path_node(const char *const *path, size_t n);
amph_node amph_label_node(const char *name);

/* A column by its place; the family by its type. */
#define AMPH_COLUMN_FN_(f, T)                                                                    \
	amph_##f##_expr amph_c_##f(const amph_model *m, size_t offset, const char *member);
AMPH_FAMILIES_(AMPH_COLUMN_FN_)

#ifndef __cplusplus

/* Any expression or C value as a node. Nothing else may be compared: NULL, structs, unions do
 * not compile. */
#define AMPH_NODE_(x) _Generic((x), bool: amph_v_bool, short: amph_v_int, int: amph_v_int,       \
	long: amph_v_int, long long: amph_v_int, unsigned: amph_v_uint,                          \
	unsigned long: amph_v_uint, unsigned long long: amph_v_uint, float: amph_v_float,        \
	double: amph_v_float, char *: amph_v_text, const char *: amph_v_text,                    \
	amph_numeric: amph_v_numeric, amph_bytes: amph_v_bytes, amph_json: amph_v_json,          \
	amph_uuid: amph_v_uuid, amph_date: amph_v_date, amph_time: amph_v_time,                  \
	amph_timestamp: amph_v_timestamp, amph_timestamptz: amph_v_timestamptz,                  \
	amph_interval: amph_v_interval, amph_opt_bool: amph_v_opt_bool,                          \
	amph_opt_int16: amph_v_opt_int16, amph_opt_int32: amph_v_opt_int32,                      \
	amph_opt_int64: amph_v_opt_int64, amph_opt_float: amph_v_opt_float,                      \
	amph_opt_double: amph_v_opt_double, amph_opt_numeric: amph_v_opt_numeric,                \
	amph_opt_uuid: amph_v_opt_uuid, amph_opt_date: amph_v_opt_date,                          \
	amph_opt_time: amph_v_opt_time, amph_opt_timestamp: amph_v_opt_timestamp,                \
	amph_opt_timestamptz: amph_v_opt_timestamptz, amph_opt_interval: amph_v_opt_interval,    \
	amph_opt_enum: amph_v_opt_enum, amph_bool_expr: amph_n_bool, amph_int_expr: amph_n_int,  \
	amph_whole_expr: amph_n_whole, amph_float_expr: amph_n_float,                            \
	amph_numeric_expr: amph_n_numeric, amph_text_expr: amph_n_text,                          \
	amph_bytes_expr: amph_n_bytes, amph_uuid_expr: amph_n_uuid, amph_json_expr: amph_n_json, \
	amph_date_expr: amph_n_date, amph_time_expr: amph_n_time,                                \
	amph_timestamp_expr: amph_n_timestamp, amph_timestamptz_expr: amph_n_timestamptz,        \
	amph_interval_expr: amph_n_interval, amph_enum_expr: amph_n_enum,                        \
	amph_array_expr: amph_n_array, amph_tsvector_expr: amph_n_tsvector,                      \
	amph_tsquery_expr: amph_n_tsquery)(x)

/* What x is, and what may stand beside x, as sets of bits. A C double beside a numeric or an
 * integer is refused (write amph_dec(9.99)); int stands for bool too, as C11's true is one.
 * Numbers, not enumerators: they are in the text of every expression after preprocessing. */
#define AMPH_K_BOOL 1
#define AMPH_K_INT 2
#define AMPH_K_NUM 4
#define AMPH_K_FLOAT 8
#define AMPH_K_TEXT 16
#define AMPH_K_BYTES 32
#define AMPH_K_UUID 64
#define AMPH_K_JSON 128
#define AMPH_K_DATE 256
#define AMPH_K_TIME 512
#define AMPH_K_TS 1024
#define AMPH_K_TSTZ 2048
#define AMPH_K_IVAL 4096
#define AMPH_K_ENUM 8192
#define AMPH_K_C_INT 16384
#define AMPH_K_C_DOUBLE 32768
#define AMPH_K_WHOLE 65536
#define AMPH_K_ARRAY 131072
#define AMPH_K_BOOLS 16385              /* BOOL | C_INT */
#define AMPH_K_INTS 16386               /* INT | C_INT */
#define AMPH_K_WHOLES 81922             /* INTS | WHOLE */
#define AMPH_K_EXACT 81926              /* WHOLES | NUM */
#define AMPH_K_NUMBER 81934             /* EXACT | FLOAT */
#define AMPH_K_REAL 32776               /* FLOAT | C_DOUBLE */
#define AMPH_K_FLOATS 49162             /* REAL | INTS */
#define AMPH_K_ENUMS 24576              /* ENUM | C_INT */
#define AMPH_K_DAYS 1280                /* DATE | TS */
#define AMPH_IS_(x) _Generic((x), bool: AMPH_K_BOOL, short: AMPH_K_C_INT, int: AMPH_K_C_INT,     \
	long: AMPH_K_C_INT, long long: AMPH_K_C_INT, unsigned: AMPH_K_C_INT,                     \
	unsigned long: AMPH_K_C_INT, unsigned long long: AMPH_K_C_INT, float: AMPH_K_C_DOUBLE,   \
	double: AMPH_K_C_DOUBLE, char *: AMPH_K_TEXT, const char *: AMPH_K_TEXT,                 \
	amph_numeric: AMPH_K_NUM, amph_bytes: AMPH_K_BYTES, amph_json: AMPH_K_JSON,              \
	amph_uuid: AMPH_K_UUID, amph_date: AMPH_K_DATE, amph_time: AMPH_K_TIME,                  \
	amph_timestamp: AMPH_K_TS, amph_timestamptz: AMPH_K_TSTZ, amph_interval: AMPH_K_IVAL,    \
	amph_opt_bool: AMPH_K_BOOL, amph_opt_int16: AMPH_K_C_INT, amph_opt_int32: AMPH_K_C_INT,  \
	amph_opt_int64: AMPH_K_C_INT, amph_opt_float: AMPH_K_C_DOUBLE,                           \
	amph_opt_double: AMPH_K_C_DOUBLE, amph_opt_numeric: AMPH_K_NUM,                          \
	amph_opt_uuid: AMPH_K_UUID, amph_opt_date: AMPH_K_DATE, amph_opt_time: AMPH_K_TIME,      \
	amph_opt_timestamp: AMPH_K_TS, amph_opt_timestamptz: AMPH_K_TSTZ,                        \
	amph_opt_interval: AMPH_K_IVAL, amph_opt_enum: AMPH_K_C_INT,                             \
	amph_bool_expr: AMPH_K_BOOL, amph_int_expr: AMPH_K_INT, amph_whole_expr: AMPH_K_WHOLE,   \
	amph_float_expr: AMPH_K_FLOAT, amph_numeric_expr: AMPH_K_NUM,                            \
	amph_text_expr: AMPH_K_TEXT, amph_bytes_expr: AMPH_K_BYTES,                              \
	amph_uuid_expr: AMPH_K_UUID, amph_json_expr: AMPH_K_JSON, amph_date_expr: AMPH_K_DATE,   \
	amph_time_expr: AMPH_K_TIME, amph_timestamp_expr: AMPH_K_TS,                             \
	amph_timestamptz_expr: AMPH_K_TSTZ, amph_interval_expr: AMPH_K_IVAL,                     \
	amph_enum_expr: AMPH_K_ENUM, amph_array_expr: AMPH_K_ARRAY, default: 0)
#define AMPH_BESIDE_(x) _Generic((x), amph_bool_expr: AMPH_K_BOOLS,                \
	amph_int_expr: AMPH_K_NUMBER, amph_whole_expr: AMPH_K_NUMBER,                            \
	amph_numeric_expr: AMPH_K_NUMBER, amph_float_expr: AMPH_K_NUMBER | AMPH_K_C_DOUBLE,      \
	amph_text_expr: AMPH_K_TEXT, amph_bytes_expr: AMPH_K_BYTES,                              \
	amph_uuid_expr: AMPH_K_UUID, amph_json_expr: AMPH_K_JSON,                                \
	amph_date_expr: AMPH_K_DAYS, amph_time_expr: AMPH_K_TIME,                    \
	amph_timestamp_expr: AMPH_K_DAYS, amph_timestamptz_expr: AMPH_K_TSTZ,        \
	amph_interval_expr: AMPH_K_IVAL, amph_enum_expr: AMPH_K_ENUMS,             \
	amph_array_expr: AMPH_K_ARRAY)
/* What a struct member takes: assignments, and columns of a projection. */
#define AMPH_HOLDS_(T, f) _Generic(((T *)0)->f, bool: AMPH_K_BOOLS,                \
	int16_t: AMPH_K_INTS, int32_t: AMPH_K_INTS, int64_t: AMPH_K_WHOLES,         \
	float: AMPH_K_FLOATS, double: AMPH_K_FLOATS,                     \
	amph_numeric: AMPH_K_EXACT, const char *: AMPH_K_TEXT, amph_bytes: AMPH_K_BYTES,         \
	amph_json: AMPH_K_JSON, amph_uuid: AMPH_K_UUID, amph_date: AMPH_K_DATE,                  \
	amph_time: AMPH_K_TIME, amph_timestamp: AMPH_K_TS, amph_timestamptz: AMPH_K_TSTZ,        \
	amph_interval: AMPH_K_IVAL, unsigned: AMPH_K_ENUMS,                        \
	amph_opt_bool: AMPH_K_BOOLS, amph_opt_int16: AMPH_K_INTS,                  \
	amph_opt_int32: AMPH_K_INTS, amph_opt_int64: AMPH_K_WHOLES,                 \
	amph_opt_float: AMPH_K_FLOATS, amph_opt_double: AMPH_K_FLOATS,   \
	amph_opt_numeric: AMPH_K_EXACT, amph_opt_uuid: AMPH_K_UUID, amph_opt_date: AMPH_K_DATE,  \
	amph_opt_time: AMPH_K_TIME, amph_opt_timestamp: AMPH_K_TS,                               \
	amph_opt_timestamptz: AMPH_K_TSTZ, amph_opt_interval: AMPH_K_IVAL,                       \
	amph_opt_enum: AMPH_K_ENUMS, default: AMPH_K_ARRAY)

/* A failed check is an argument of the wrong type whose name says what is wrong: a hard error,
 * unlike a conversion that compilers of the day only warn of. GCC would show the name far below. */
struct amph_these_sql_types_do_not_match { int unused; };
struct amph_the_member_cannot_hold_this_sql_type { int unused; };
#if defined __GNUC__ && !defined __clang__
/* said in the first line, where a wrong argument is named only in the last */
#define AMPH_CHECKED_(mask, Wrong) (int)(0 * sizeof(struct { _Static_assert(mask, #Wrong); int unused; }))
#else
#define AMPH_CHECKED_(mask, Wrong)                                                               \
	_Generic((char (*)[(mask) ? 1 : 2])0, char (*)[1]: 0, default: (struct Wrong){ 0 })
#endif
#define AMPH_PAIR_(a, b)                                                                         \
	AMPH_CHECKED_(AMPH_BESIDE_(a) & AMPH_IS_(b), amph_these_sql_types_do_not_match)
#define AMPH_FITS_(T, f, x)                                                                      \
	AMPH_CHECKED_(AMPH_HOLDS_(T, f) & AMPH_IS_(x), amph_the_member_cannot_hold_this_sql_type)

#define AMPH_COLUMN_OF_(T, f) _Generic(((T *)0)->f, bool: amph_c_bool, int16_t: amph_c_int,      \
	int32_t: amph_c_int, int64_t: amph_c_int, float: amph_c_float, double: amph_c_float,     \
	amph_numeric: amph_c_numeric, const char *: amph_c_text, amph_bytes: amph_c_bytes,       \
	amph_json: amph_c_json, amph_uuid: amph_c_uuid, amph_date: amph_c_date,                  \
	amph_time: amph_c_time, amph_timestamp: amph_c_timestamp,                                \
	amph_timestamptz: amph_c_timestamptz, amph_interval: amph_c_interval,                    \
	unsigned: amph_c_enum, amph_opt_bool: amph_c_bool, amph_opt_int16: amph_c_int,           \
	amph_opt_int32: amph_c_int, amph_opt_int64: amph_c_int, amph_opt_float: amph_c_float,    \
	amph_opt_double: amph_c_float, amph_opt_numeric: amph_c_numeric,                         \
	amph_opt_uuid: amph_c_uuid, amph_opt_date: amph_c_date, amph_opt_time: amph_c_time,      \
	amph_opt_timestamp: amph_c_timestamp, amph_opt_timestamptz: amph_c_timestamptz,          \
	amph_opt_interval: amph_c_interval, amph_opt_enum: amph_c_enum)
/* A column of a model, or of an alias of one. */
#define amph_col(T, f) AMPH_COLUMN_OF_(T, f)(&amph_model_##T, offsetof(T, f), #f)

/* Arrays have a macro of their own each, so that the lists above stay short. */
#define AMPH_ARRAY_VALUE_(x) _Generic((x), amph_bool_array: AMPH_T_BOOL,                         \
	amph_int16_array: AMPH_T_INT16, amph_int32_array: AMPH_T_INT32,                          \
	amph_int64_array: AMPH_T_INT64, amph_float_array: AMPH_T_FLOAT,                          \
	amph_double_array: AMPH_T_DOUBLE, amph_numeric_array: AMPH_T_NUMERIC,                    \
	amph_text_array: AMPH_T_TEXT, amph_bytes_array: AMPH_T_BYTES,                            \
	amph_uuid_array: AMPH_T_UUID, amph_json_array: AMPH_T_JSON,                              \
	amph_date_array: AMPH_T_DATE, amph_time_array: AMPH_T_TIME,                              \
	amph_timestamp_array: AMPH_T_TIMESTAMP, amph_timestamptz_array: AMPH_T_TIMESTAMPTZ,      \
	amph_interval_array: AMPH_T_INTERVAL, amph_enum_array: AMPH_T_ENUM)
amph_array_expr amph_array_of(amph_type element, const void *items, size_t n);
/* A value of one of the array types of types.h, as an expression. */
#define amph_array(x) amph_array_of(AMPH_ARRAY_VALUE_(x), (x).items, (x).n)
/* A column of an array type. */
#define amph_array_col(T, f)                                                                     \
	((void)AMPH_ARRAY_VALUE_(((T *)0)->f), amph_c_array(&amph_model_##T, offsetof(T, f), #f))

#endif /* C */

#ifdef __cplusplus
}
#endif
#endif
