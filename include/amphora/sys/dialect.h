/* A dialect: how one database spells what the SQL tree says. Data first; a hook only where data
 * cannot express the difference. What a dialect does not mention is spelled as PostgreSQL does.
 *
 * Templates: "$1 + $2", "amph_int4pl($1, $2)": $n is argument n, in parentheses where it needs
 * them; $* is all arguments from there on, separated by commas. $t before the number or the star:
 * the argument's text, as a cast to text gives it; $u: as the type's output function does; $p: its
 * type as $d has it, a comma, and itself; $n: the same with the type's name.
 * Text else is written as it is. */
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
/* An operand whose being NULL matters. SQLite to 3.40 at least takes all columns that RETURNING names
 * for NOT NULL where the first of the table is; into likely(), which does nothing, it does not look. */
void amph_write_tested(amph_writer *w, const sql_expr *e);
/* Writes the placeholder for parameter i's column k, where the dialect numbers them one by one. */
void amph_write_placeholder(amph_writer *w, size_t i, size_t k);
void amph_write_refuse(amph_writer *w, int location, const char *construct);    /* 0A000 */
void amph_write_type(amph_writer *w, const amph_sqltype *type);    /* without its length */
const amph_sqltype *amph_expr_type(const sql_expr *e);
/* Whether a part of e has a type that `is` says yes to; columns of subqueries may have such parts. */
bool amph_expr_inherits(const sql_expr *e, bool (*is)(const amph_sqltype *type));
void amph_write_fail(amph_writer *w, const amph_error *err);
struct amph_arena *amph_write_arena(amph_writer *w);    /* of the statement */

/* What the value of an expression is for, where that needs more than the value: to be found
 * equal, to be sorted or compared by order, or to be a result whose duplicates go. */
typedef enum amph_use { AMPH_USE_EQUAL, AMPH_USE_ORDER, AMPH_USE_RESULT } amph_use;

/* impl is the key of a row of the catalogue of operators and functions (src/sql/catalog).
 * text NULL: refused on this database with 0A000. "()": see function_prefix.
 * Forms that are no functions have a key as well: limit, offset, greatest, least, any, all
 * ($o is the operator, $d the type of the elements), array, subscript, slice. */
typedef struct amph_spelling {
	const char *impl;
	const char *text;
} amph_spelling;

/* From one type to another, as an explicit or assignment cast. Types as amph_type; AMPH_T_NONE
 * as from: a string constant. */
typedef struct amph_cast_spelling {
	uint8_t from, to;
	const char *text;               /* also: $l the length or precision, $s the scale, $e 1 where
					 * the user wrote the cast and 0 where it is an assignment,
					 * $d the target type as a string constant: "numeric",
					 * of an enum its labels as an array's text, "{sad,ok}",
					 * and $m its name;
					 * of an array "[]" after that */
} amph_cast_spelling;

typedef struct amph_type_spelling {
	const char *name;               /* "%s" takes an enum's name, quoted */
	const char *collation;          /* for comparing and sorting; NULL: none is needed */
	const char *check;              /* a condition on $1 that guards the type; NULL: none. $d as
					 * above, $v the labels of an enum, as a list */
	const char *check_state;        /* SQLSTATE of its failure */
	const char *sized;              /* the name where there is a length; NULL: as name */
	const char *sized_check;        /* a further check where there is a length */
	const char *sized_check_state;
	const char *key;                /* the name for the only key column, not an identity; or NULL */
} amph_type_spelling;

/* How an index method that models may ask for is made here. */
typedef struct amph_method_spelling {
	const char *method;             /* as in the model */
	const char *spelled;            /* NULL: the database's usual index */
	const char *opclass;            /* of keys that name none; may be NULL */
	bool skip;                      /* no index is made: it would only be faster */
} amph_method_spelling;

enum {
	AMPH_DIALECT_WRITE_NULLS = 1,           /* NULLS FIRST/LAST must be written to sort as PostgreSQL */
	AMPH_DIALECT_ENUM_TYPES = 2,            /* CREATE TYPE ... AS ENUM */
	AMPH_DIALECT_INLINE_FOREIGN_KEYS = 4,   /* no ALTER TABLE ADD CONSTRAINT */
	AMPH_DIALECT_FOR_UPDATE = 8,
	AMPH_DIALECT_TYPED_PARAMS = 16,         /* placeholders and string constants may carry ::type */
	AMPH_DIALECT_EXPRESSION_DEFAULTS = 32,
	AMPH_DIALECT_ROW_COLUMNS = 64,          /* a placeholder for each column of a row set, not one */
	AMPH_DIALECT_NUMBERED_COLUMNS = 128,    /* columns of row sets and of functions in FROM: c0, c1 */
	AMPH_DIALECT_LISTED_ONLY = 256,         /* an impl without spelling or function is refused */
	AMPH_DIALECT_NATIVE_TEXT = 512,         /* PostgreSQL text in schemas is written as it is */
	AMPH_DIALECT_SCHEMAS = 1024,            /* else "schema.table" is one name */
	AMPH_DIALECT_CASCADE = 2048,            /* DROP ... CASCADE */
	AMPH_DIALECT_DELETE_USING = 4096,       /* else row_id */
	AMPH_DIALECT_BARE_RETURNING = 8192,     /* RETURNING knows no alias, only the target's columns */
	AMPH_DIALECT_DEFAULT_WORD = 16384,      /* DEFAULT in VALUES and SET */
	AMPH_DIALECT_AGGREGATE_ORDER = 32768,   /* aggregates with ORDER BY, WITHIN GROUP */
	AMPH_DIALECT_DISTINCT_ON = 1 << 16,
	AMPH_DIALECT_COLLATIONS = 1 << 17,      /* COLLATE with other names than "C" */
	AMPH_DIALECT_LATERAL = 1 << 18,
	AMPH_DIALECT_WRITING_CTES = 1 << 19,    /* INSERT, UPDATE, DELETE within WITH */
	AMPH_DIALECT_ARRAYS = 1 << 20,          /* ARRAY[...], subscripts, op ANY (array) */
	AMPH_DIALECT_NAMED_CONFLICTS = 1 << 21, /* ON CONFLICT ON CONSTRAINT */
	AMPH_DIALECT_SET_ALL = 1 << 23,         /* INTERSECT ALL, EXCEPT ALL */
	AMPH_DIALECT_CATALOG_TABLE = 1 << 22    /* types, names, comments are kept in amphora_catalog */
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
	/* A spelling or cast of "()" calls the function named so and then as impl is. */
	const char *function_prefix;
	const amph_method_spelling *methods;    /* others are written as they are */
	size_t n_methods;
	const char *main_schema;                /* of tables, where a WITH query has their name; or NULL */
	const char *text_collation;             /* of texts whose order counts; NULL: none is needed */
	const char *column_collation;           /* of all columns of text; NULL: see amph_type_spelling */
	const char *row_id;                     /* a hidden column that tells rows apart; or NULL */
	const char *table_options;              /* after the parenthesis of CREATE TABLE; or NULL */
	/* Transaction control, whole statements; savepoints are numbered by the library: %u. */
	const char *begin_read, *begin_write, *begin_serializable, *begin_read_only,
		*begin_repeatable;
	const char *begin_committed;            /* NULL: begin_read */
	const char *commit, *rollback, *savepoint, *release, *rollback_to;
	/* Two statements that change nothing but the version of the schema, for what only the catalogue
	 * table knows; or NULL. */
	const char *touch_schema[2];
	/* Puts foreign keys off until COMMIT, so that tables of a cycle can be dropped; or NULL. */
	const char *defer_foreign_keys;
	/* Around the statements that make a table anew under its name: references to it stay as they
	 * are, whatever becomes of the old one. NULL: tables cannot be altered this way. */
	const char *rebuild_begin, *rebuild_end;

	/* Hooks. NULL is what PostgreSQL writes. */
	void (*write_placeholder)(amph_writer *w, size_t number, const amph_sqltype *type);
	void (*write_rows)(amph_writer *w, size_t param, const char *alias,
			   const amph_sqltype *types, const char *const *names, size_t n);
	void (*write_in_rows)(amph_writer *w, const sql_expr *left, size_t param, bool negated);
	void (*write_operand)(amph_writer *w, const sql_expr *e, amph_use use); /* collations, enums */
	void (*write_identity)(amph_writer *w, bool always);    /* column constraint of an identity */
	void (*write_const)(amph_writer *w, const char *text, const amph_sqltype *type);
	/* Whether an impl without a spelling is a function here, to be called as "()" says. */
	bool (*has_function)(const char *impl);
};

#ifdef __cplusplus
}
#endif
#endif
