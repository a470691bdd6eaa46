/* Values and their text: parsing and formatting exactly as PostgreSQL 15 does with DateStyle ISO,
 * IntervalStyle postgres, TimeZone UTC, bytea_output hex. Both backends and the functions
 * registered in SQLite use these; nothing else in the library converts values. */
#ifndef AMPH_MODEL_VALUE_H
#define AMPH_MODEL_VALUE_H
#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/error.h"
#include "amphora/sys/driver.h"

/* What each type is, in one row; NULL parse or format: the type has no C form. */
typedef struct amph_type_info {
	const char *name;               /* "timestamp with time zone", as format_type */
	const char *short_name;         /* "timestamptz" */
	uint32_t oid, array_oid;        /* PostgreSQL's; 0 for enums */
	uint8_t size, opt_size, has_offset;     /* of the C forms */
	bool is_pointer;                /* says NULL by itself: text, bytes, json */
	/* text of len bytes to the C value at out; memory it needs from arena. 22P02, 22003, 22007,
	 * 22008, 22021 ... as PostgreSQL's input function. */
	bool (*parse)(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err);
	void (*format)(const void *value, amph_buf *out);
	/* <0, 0, >0: PostgreSQL's order of values */
	int (*compare)(const void *a, const void *b);
} amph_type_info;
extern const amph_type_info amph__types[AMPH_T_COUNT];
const char *amph__type_name(amph_sqltype type, char *buf, size_t size); /* "integer[]", an enum's name */
/* The same as pg_typeof says it: without a length, in quotes where it is no plain word. */
enum { AMPH_TYPE_NAME_SIZE = 160 };
const char *amph__type_identifier(amph_sqltype type, char buf[AMPH_TYPE_NAME_SIZE]);

/* Whether the member at base + slot->offset is NULL, and the address of its plain value. */
static inline const void *amph__slot_value(const amph_slot *slot, const void *base)
{
	return (const char *)base + slot->offset;
}
bool amph__slot_value_is_null(const amph_slot *slot, const void *value); /* of one that can be */
static inline bool amph__slot_is_null(const amph_slot *slot, const void *base)
{
	const unsigned pointers = 1u << AMPH_T_TEXT | 1u << AMPH_T_BYTES | 1u << AMPH_T_JSON;

	if (!slot->nullable && slot->type < 32 && !(pointers >> slot->type & 1))
		return false;
	return amph__slot_value_is_null(slot, amph__slot_value(slot, base));
}
/* Equal values, NULL equal to NULL; what a snapshot is compared by. */
bool amph__slot_equal(const amph_slot *slot, const void *a, const void *b);
/* Checks a value against its column before it is sent: NOT NULL, length of varchar, precision
 * and scale of numeric, UTF-8, ranges, labels, an amph_opt_ with a value but without has. Names
 * table and column in the error. */
bool amph__slot_check(const amph_slot *slot, const amph_sqltype *type, const void *base,
		      const char *table, const char *column, amph_error *err);
/* false: no value of the slot is ever refused. */
static inline bool amph__slot_needs_check(const amph_slot *slot)
{
	const unsigned any = 1u << AMPH_T_BOOL | 1u << AMPH_T_INT16 | 1u << AMPH_T_INT32 |
			     1u << AMPH_T_INT64 | 1u << AMPH_T_FLOAT | 1u << AMPH_T_DOUBLE |
			     1u << AMPH_T_UUID | 1u << AMPH_T_INTERVAL;

	return slot->nullable || slot->type >= 32 || !(any >> slot->type & 1);
}
/* Whether a value is so plainly right, and as its column keeps it, that neither amph__slot_check nor
 * amph__slot_fit would find anything to say or do: most are. false: they have to look. */
bool amph__slot_is_plain(const amph_slot *slot, const amph_sqltype *type, const void *base);
/* A numeric of numeric(p,s) gets s digits after the point, in place, and text loses spaces beyond its
 * length; other values, and what does not fit at all, stay as they are for amph__slot_check. Digits of a
 * large one, and text, are in arena. */
static inline bool amph__slot_needs_fit(const amph_slot *slot, const amph_sqltype *type)
{
	return (slot->type == AMPH_T_NUMERIC || slot->type == AMPH_T_TEXT) && type->length > 0;
}
bool amph__slot_is_fit(const amph_slot *slot, const amph_sqltype *type, const void *base); /* as it is */
bool amph__slot_fit(const amph_slot *slot, const amph_sqltype *type, void *base, amph_arena *arena,
		    amph_error *err);
/* The value of a C expression's type as the type that a statement wants: int64 to int16 with its
 * range, integer to numeric, double to float. Result at out (room for any scalar). */
bool amph__convert(int from, const void *value, int to, void *out, amph_arena *arena,
		   amph_error *err);
/* The text of one value as PostgreSQL prints it; "NULL" is not printed, the caller asks before. */
void amph__slot_format(const amph_slot *slot, const void *base, amph_buf *out);
/* Values of an enum: an index into its labels. */
bool amph__enum_parse(const amph_enum_type *e, const char *text, size_t len, unsigned *out,
		      amph_error *err);
const char *amph__enum_label(const amph_enum_type *e, unsigned value);  /* NULL: none such */
/* One-dimensional array text, "{1,NULL,\"a b\"}". */
bool amph__array_parse(int element, const amph_enum_type *e, const char *text, size_t len,
		       void *out, amph_arena *arena, amph_error *err);
/* The text of an array of any dimensions, as texts of its items; NULL is NULL. */
#define AMPH_MATRIX_DIMS 6
typedef struct amph_matrix {
	int n_dims;                     /* 0: it is empty */
	int32_t lower[AMPH_MATRIX_DIMS], size[AMPH_MATRIX_DIMS];
	const char **items;
	size_t n;
} amph_matrix;
bool amph__matrix_parse(const char *text, size_t len, amph_matrix *out, amph_arena *arena,
			amph_error *err);
void amph__matrix_format(const amph_matrix *m, amph_buf *out);
void amph__matrix_bounds(const amph_matrix *m, amph_buf *out);  /* "[1:2][1:3]" */
/* A text of the type, appended as PostgreSQL prints it. */
bool amph__matrix_normal(const amph_sqltype *type, const char *text, size_t len, amph_buf *out,
			 amph_arena *arena, amph_error *err);

/* ---- numeric: base 10000 digits, exact; results and scales as numeric.c ---- */
typedef struct amph_decimal {
	int32_t weight;                 /* of the first digit, in powers of 10000 */
	int32_t dscale;                 /* digits after the point that are shown */
	uint8_t sign;                   /* 0 +, 1 - */
	uint8_t kind;                   /* 0 finite, 1 NaN, 2 infinite (sign says which) */
	size_t n_digits;
	int16_t *digits;                /* no leading or trailing zeros; in the arena */
} amph_decimal;
#define AMPH_DECIMAL_SMALL 8            /* room for the digits of any SMALL numeric */
bool amph__decimal_of(amph_numeric n, amph_decimal *out, amph_arena *arena, amph_error *err);
/* The same without an arena, for a SMALL numeric and for NaN and the infinities; false for others. */
bool amph__numeric_to_decimal(amph_numeric n, int16_t digits[AMPH_DECIMAL_SMALL], amph_decimal *out);
/* A plain number of few digits, as it is stored; false: another text, or none of a number. */
bool amph__numeric_read_usual(const char *text, size_t len, amph_numeric *out);
/* The text of a SMALL numeric, without a NUL; returns its length. */
#define AMPH_NUMERIC_SMALL_MAX 24
size_t amph__numeric_put_small(amph_numeric n, char out[AMPH_NUMERIC_SMALL_MAX]);
/* The public form where it needs no memory: up to 18 digits, NaN, infinity; false for others. */
bool amph__decimal_small(const amph_decimal *d, amph_numeric *out);
/* The text of any decimal: at most so many bytes, written without a NUL; returns its length. A
 * numeric of kind DIGITS may point to it. */
size_t amph__decimal_text_max(const amph_decimal *d);
size_t amph__decimal_put(const amph_decimal *d, char *out);
bool amph__decimal_parse(const char *text, size_t len, amph_decimal *out, amph_arena *arena,
			 amph_error *err);
/* The public form; digits of a large one in the arena. */
bool amph__decimal_to_numeric(const amph_decimal *d, amph_numeric *out, amph_arena *arena);
void amph__decimal_format(const amph_decimal *d, amph_buf *out);
int amph__decimal_compare(const amph_decimal *a, const amph_decimal *b);        /* NaN greatest */
/* Compares two decimal texts without allocating: the collation of SQLite. */
int amph__decimal_compare_text(const char *a, size_t a_len, const char *b, size_t b_len);
typedef enum amph_decimal_op {
	AMPH_DEC_ADD, AMPH_DEC_SUB, AMPH_DEC_MUL, AMPH_DEC_DIV, AMPH_DEC_MOD
} amph_decimal_op;
bool amph__decimal_do(amph_decimal_op op, const amph_decimal *a, const amph_decimal *b,
		      amph_decimal *out, amph_arena *arena, amph_error *err);   /* 22012, 22003 */
/* Half away from zero to scale digits after the point (may be negative). */
bool amph__decimal_round(amph_decimal *d, int scale, amph_arena *arena);
bool amph__decimal_trunc(amph_decimal *d, int scale, amph_arena *arena);
/* numeric(precision, scale): rounds, then 22003 where it does not fit. precision 0: no limit. */
bool amph__decimal_fit(amph_decimal *d, int precision, int scale, amph_arena *arena, amph_error *err);

/* ---- dates and times (also see timestamps' exact order-preserving text on SQLite there) ---- */
/* What intervals are compared by, in microseconds: hi * 2^64 + lo, lo taken without its sign; true
 * where lo alone is the number. */
bool amph__interval_to_usec(const amph_interval *i, int64_t *hi, int64_t *lo);

/* ---- jsonb: PostgreSQL's normal form ---- */
/* Whether the text is JSON and its own normal form; false also where that takes longer to see. */
bool amph__json_is_normal(const char *text, size_t len);
bool amph__json_normalize(const char *text, size_t len, amph_buf *out, amph_error *err);
/* Of normal forms; allocates nothing. */
int amph__json_compare(const char *a, size_t a_len, const char *b, size_t b_len);
/* The fields of an interval type, as PostgreSQL numbers them. */
enum { AMPH_INTERVAL_MONTH = 1 << 1, AMPH_INTERVAL_YEAR = 1 << 2, AMPH_INTERVAL_DAY = 1 << 3,
       AMPH_INTERVAL_HOUR = 1 << 10, AMPH_INTERVAL_MINUTE = 1 << 11, AMPH_INTERVAL_SECOND = 1 << 12 };
/* As the type's parse, with the meaning that fields (0: all) give to numbers without units; and not what the
 * least of all is written as, which PostgreSQL does not read: the type's parse also reads what is kept. */
bool amph__interval_read_fields(const char *text, size_t len, unsigned fields, void *out,
				amph_error *err);
#endif
