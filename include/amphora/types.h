/* The values that a column may hold, as plain C structs.
 *
 * All-zero is a valid value of each; all-zero of an amph_opt_* is NULL. Text is UTF-8 and
 * ends in NUL. What a value points to (text, bytes, JSON, the digits of a large numeric, the
 * items of an array) belongs to whoever made it; what a session returns belongs to the
 * session, and what a program assigns to a mapped object must live until the flush.
 *
 *	amph_numeric price = amph_dec(9.99);
 *	amph_opt_int64 manager = AMPH_SOME(7);
 *
 * Nothing here has a state: any thread may use it. */
#ifndef AMPHORA_TYPES_H
#define AMPHORA_TYPES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

/* Structs that programs fill carry this number, put in by the macros. */
#define AMPH_ABI 1

/* SQL types. A column's type in a model is one of these with AMPH_T_NULLABLE where the C
 * member can say NULL, and AMPH_T_ARRAY for a one-dimensional array of the type. */
typedef enum amph_type {
	AMPH_T_NONE,            /* NULL, or a literal whose type is not known */
	AMPH_T_BOOL,
	AMPH_T_INT16,
	AMPH_T_INT32,
	AMPH_T_INT64,
	AMPH_T_FLOAT,
	AMPH_T_DOUBLE,
	AMPH_T_NUMERIC,
	AMPH_T_TEXT,            /* varchar(n) where the column has a length */
	AMPH_T_BYTES,
	AMPH_T_UUID,
	AMPH_T_JSON,            /* jsonb */
	AMPH_T_DATE,
	AMPH_T_TIME,
	AMPH_T_TIMESTAMP,
	AMPH_T_TIMESTAMPTZ,
	AMPH_T_INTERVAL,
	AMPH_T_ENUM,
	AMPH_T_TSVECTOR,
	AMPH_T_TSQUERY,
	AMPH_T_PLAIN_JSON,      /* json: as it was written; in SQL text only, as the next */
	AMPH_T_JSONPATH,
	AMPH_T_COUNT,
	AMPH_T_ARRAY = 0x40,
	AMPH_T_NULLABLE = 0x80
} amph_type;

/* An exact decimal number. */
typedef enum amph_numeric_kind {
	AMPH_NUMERIC_SMALL,     /* v.units / 10^scale; scale 0 to 18 */
	AMPH_NUMERIC_DIGITS,    /* v.digits: n_digits bytes of plain decimal text, "-12.50" */
	AMPH_NUMERIC_NAN,
	AMPH_NUMERIC_INFINITY,
	AMPH_NUMERIC_NEG_INFINITY,
	AMPH_NUMERIC_INVALID    /* what amph_numeric_parse makes of no number; refused at binding, 22P02 */
} amph_numeric_kind;
typedef struct amph_numeric {
	union {
		const char *digits;     /* first, so that .price = 1.5 does not compile: amph_dec(1.5) */
		int64_t units;
	} v;
	int16_t scale;          /* digits after the point; also of the DIGITS form */
	uint16_t kind;          /* amph_numeric_kind */
	uint32_t n_digits;
} amph_numeric;

typedef struct amph_bytes { const void *data; size_t size; } amph_bytes; /* data NULL is NULL */
typedef struct amph_json { const char *text; } amph_json;       /* text NULL is SQL NULL */
typedef struct amph_uuid { uint8_t byte[16]; } amph_uuid;
/* The least and the greatest integer are -infinity and infinity, as in PostgreSQL. */
typedef struct amph_date { int32_t days; } amph_date;           /* from 1970-01-01 */
typedef struct amph_time { int64_t usec; } amph_time;           /* 0 to 24:00:00 */
typedef struct amph_timestamp { int64_t usec; } amph_timestamp; /* from 1970, no zone */
typedef struct amph_timestamptz { int64_t usec; } amph_timestamptz; /* from 1970, UTC */
typedef struct amph_interval { int64_t usec; int32_t days, months; } amph_interval;

#define AMPH_OPTIONAL_(T, name)                                                           \
	typedef struct amph_opt_##name { T value; bool has; } amph_opt_##name
AMPH_OPTIONAL_(bool, bool);
AMPH_OPTIONAL_(int16_t, int16);
AMPH_OPTIONAL_(int32_t, int32);
AMPH_OPTIONAL_(int64_t, int64);
AMPH_OPTIONAL_(float, float);
AMPH_OPTIONAL_(double, double);
AMPH_OPTIONAL_(amph_numeric, numeric);
AMPH_OPTIONAL_(amph_uuid, uuid);
AMPH_OPTIONAL_(amph_date, date);
AMPH_OPTIONAL_(amph_time, time);
AMPH_OPTIONAL_(amph_timestamp, timestamp);
AMPH_OPTIONAL_(amph_timestamptz, timestamptz);
AMPH_OPTIONAL_(amph_interval, interval);
AMPH_OPTIONAL_(unsigned, enum);
/* An initialiser of any amph_opt_*; to assign, it needs the type: a = (amph_opt_int64)AMPH_SOME(3),
 * a = (amph_opt_int64){ 0 } for NULL. A number without braces (.boss_id = 5) is legal C, and leaves .has
 * false: the flush refuses it, and compilers tell with -Wmissing-braces (of -Wall; gcc not where the
 * headers are installed as the system's). */
#define AMPH_SOME(x) { .value = (x), .has = true }

/* One-dimensional arrays. items NULL is SQL NULL; an empty array has n 0 and items that are
 * not NULL. An element is NULL where its own form says so (has false, or a null pointer). */
#define AMPH_ARRAY_OF_TYPE_(T, name)                                                      \
	typedef struct amph_##name##_array { const T *items; size_t n; } amph_##name##_array
AMPH_ARRAY_OF_TYPE_(amph_opt_bool, bool);
AMPH_ARRAY_OF_TYPE_(amph_opt_int16, int16);
AMPH_ARRAY_OF_TYPE_(amph_opt_int32, int32);
AMPH_ARRAY_OF_TYPE_(amph_opt_int64, int64);
AMPH_ARRAY_OF_TYPE_(amph_opt_float, float);
AMPH_ARRAY_OF_TYPE_(amph_opt_double, double);
AMPH_ARRAY_OF_TYPE_(amph_opt_numeric, numeric);
typedef struct amph_text_array { const char *const *items; size_t n; } amph_text_array;
AMPH_ARRAY_OF_TYPE_(amph_bytes, bytes);
AMPH_ARRAY_OF_TYPE_(amph_opt_uuid, uuid);
AMPH_ARRAY_OF_TYPE_(amph_json, json);
AMPH_ARRAY_OF_TYPE_(amph_opt_date, date);
AMPH_ARRAY_OF_TYPE_(amph_opt_time, time);
AMPH_ARRAY_OF_TYPE_(amph_opt_timestamp, timestamp);
AMPH_ARRAY_OF_TYPE_(amph_opt_timestamptz, timestamptz);
AMPH_ARRAY_OF_TYPE_(amph_opt_interval, interval);
AMPH_ARRAY_OF_TYPE_(amph_opt_enum, enum);

#ifdef __cplusplus
}
#endif
#endif
