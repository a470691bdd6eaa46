/* A dialect: how one database spells what the SQL tree says. Data first; a hook only where data
 * cannot express the difference. What a dialect does not mention is spelled as PostgreSQL does.
 *
 * Templates: "$1 + $2", "amph_int4pl($1, $2)": $n is argument n, in parentheses where it needs
 * them; $* is all arguments from there on, separated by commas; text else is written as it is. */
#ifndef AMPHORA_SYS_DIALECT_H
#define AMPHORA_SYS_DIALECT_H
#include "driver.h"
#ifdef __cplusplus
extern "C" {
#endif

/* What the writer offers to hooks; all are sticky: after a failure they do nothing. */
typedef struct amph_writer amph_writer;
typedef struct sql_expr sql_expr;
typedef struct sql_range sql_range;
void amph_write_text(amph_writer *w, const char *text);
void amph_write_format(amph_writer *w, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void amph_write_name(amph_writer *w, const char *name);         /* quoted */
void amph_write_literal(amph_writer *w, const char *text);      /* a string constant, quoted */
void amph_write_expr(amph_writer *w, const sql_expr *e);
/* Writes the placeholder for parameter i's column k, where the dialect numbers them one by one. */
void amph_write_placeholder(amph_writer *w, size_t i, size_t k);
void amph_write_refuse(amph_writer *w, int location, const char *construct);    /* 0A000 */
const amph_sqltype *amph_expr_type(const sql_expr *e);

/* impl is the key of a row of the catalogue of operators and functions (src/sql/catalog.c).
 * text NULL: refused on this database with 0A000. */
typedef struct amph_spelling {
	const char *impl;
	const char *text;
} amph_spelling;

/* From one type to another, as an explicit or assignment cast. Types as amph_type; AMPH_T_NONE
 * as from: a string constant. */
typedef struct amph_cast_spelling {
	uint8_t from, to;
	const char *text;               /* $1, $l the length or precision, $s the scale */
} amph_cast_spelling;

typedef struct amph_type_spelling {
	const char *name;               /* in DDL; $l and $s as above; "%s" takes an enum's name */
	const char *collation;          /* for comparing and sorting; NULL: none is needed */
	const char *check;              /* a condition on $1 that guards the type; NULL: none */
	const char *check_state;        /* SQLSTATE of its failure */
} amph_type_spelling;

enum {
	AMPH_DIALECT_WRITE_NULLS = 1,           /* NULLS FIRST/LAST must be written to sort as PostgreSQL */
	AMPH_DIALECT_ENUM_TYPES = 2,            /* CREATE TYPE ... AS ENUM */
	AMPH_DIALECT_INLINE_FOREIGN_KEYS = 4,   /* no ALTER TABLE ADD CONSTRAINT */
	AMPH_DIALECT_FOR_UPDATE = 8,
	AMPH_DIALECT_TYPED_PARAMS = 16,         /* placeholders and string constants may carry ::type */
	AMPH_DIALECT_EXPRESSION_DEFAULTS = 32
};

struct amph_dialect {
	const char *name;
	uint32_t flags;
	size_t max_params;
	const amph_type_spelling *types;        /* AMPH_T_COUNT of them */
	const amph_type_spelling *array;        /* of arrays; NULL: the element's name and [] */
	const amph_spelling *spellings;         /* sorted by impl */
	size_t n_spellings;
	const amph_cast_spelling *casts;
	size_t n_casts;
	/* Transaction control, whole statements; savepoints are numbered by the library: %u. */
	const char *begin_read, *begin_write, *begin_serializable, *begin_read_only;
	const char *commit, *rollback, *savepoint, *release, *rollback_to;

	/* Hooks. NULL is what PostgreSQL writes. */
	void (*write_placeholder)(amph_writer *w, size_t number, const amph_sqltype *type);
	void (*write_rows)(amph_writer *w, size_t param, const char *alias,
			   const amph_sqltype *types, const char *const *names, size_t n);
	void (*write_in_rows)(amph_writer *w, const sql_expr *left, size_t param, bool negated);
	void (*write_order_key)(amph_writer *w, const sql_expr *e);     /* collations of text, enums */
	void (*write_compare_operand)(amph_writer *w, const sql_expr *e, bool ordered);
	void (*write_identity)(amph_writer *w, bool sole_key);          /* column constraint of an identity */
	void (*write_index_method)(amph_writer *w, const char *method, bool *skip);
};

#ifdef __cplusplus
}
#endif
#endif
