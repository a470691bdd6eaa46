/* What the rest of the library may ask of the stages that SQL goes through; each is a folder, and none
 * knows another but by this header: parse makes a tree of a text, resolve gives its nodes types by the
 * catalogue, write makes the text of a database of it. What all may do with a tree, before and after, is
 * in tree.h, walk.h, refers.h and names.h beside this. */
#ifndef AMPH_SQL_SQL_H
#define AMPH_SQL_SQL_H
#include "../base/error.h"
#include "tree.h"

/* A row of the catalogue of operators and functions: PostgreSQL's own signatures. */
typedef enum amph_catalog_kind {
	AMPH_CAT_OPERATOR, AMPH_CAT_FUNCTION, AMPH_CAT_AGGREGATE, AMPH_CAT_WINDOW, AMPH_CAT_SET
} amph_catalog_kind;
enum {
	AMPH_CAT_COMPARES = 1,          /* = < ...: operands need their type's collation */
	AMPH_CAT_ORDERS = 2,            /* and an order, not only equality (min, max, <) */
	AMPH_CAT_NULL_SAFE = 4,         /* may be non-null though an argument is NULL */
	AMPH_CAT_NULLABLE = 8,          /* may be NULL though no argument is */
	AMPH_CAT_VARIADIC = 16,         /* the last argument repeats */
	AMPH_CAT_VOLATILE = 32,         /* not in checks, indexes, computed columns */
	AMPH_CAT_STABLE = 64,
	AMPH_CAT_EXTENSION = 256,       /* of pg_trgm */
	AMPH_CAT_WITHIN_GROUP = 128     /* ordered-set aggregate: its last argument is the sort key, or
					 * with AMPH_CAT_VARIADIC any number of both */
};
#define AMPH_CAT_MAX_ARGS 7
/* Types as amph_type, | AMPH_T_ARRAY; polymorphic ones below, and types that only a constant can
 * have here: its node keeps AMPH_T_NONE, so that it is written without a type. */
enum {
	AMPH_T_ANY = 0x20, AMPH_T_ANYELEMENT, AMPH_T_ANYARRAY, AMPH_T_ANYENUM, AMPH_T_ANYNONARRAY,
	AMPH_T_ANYCOMPATIBLE, AMPH_T_ANYCOMPATIBLEARRAY, AMPH_T_ANYCOMPATIBLENONARRAY,
	AMPH_T_RECORD,
	AMPH_T_REGCONFIG, AMPH_T_REGCLASS, AMPH_T_CHAR,
	/* refused; there for what is ambiguous because of them */
	AMPH_T_BIT, AMPH_T_XID, AMPH_T_MACADDR, AMPH_T_ANYRANGE, AMPH_T_ANYMULTIRANGE
	/* behind them AMPH_T_ROW_VALUE, AMPH_T_REGTYPE: values, see driver.h */
};
typedef struct amph_catalog_row {
	const char *name;               /* "+", "lower" */
	/* The key of dialects' spellings: of an operator its function in PostgreSQL ("int4pl"), else
	 * the name and the argument types ("round_numeric_int4", "now"). Rows that mean the same
	 * (ceil and ceiling) share one. */
	const char *impl;
	uint8_t kind;
	uint8_t n_args;
	uint8_t args[AMPH_CAT_MAX_ARGS];        /* a prefix operator has one */
	uint8_t result;
	uint16_t flags;
} amph_catalog_row;
/* All rows, area by area (src/sql/catalog); n is the number of areas. */
typedef struct amph_catalog_area {
	const char *name;
	const amph_catalog_row *rows;   /* sorted by name, then impl */
	const size_t *n_rows;
} amph_catalog_area;
const amph_catalog_area *amph__catalog_areas(size_t *n);
/* Functions of the catalogue that no text names: rows and records, as values and as tables. */
#define AMPH_ROW_TO_JSON "row to json"
#define AMPH_RECORD_TO_JSON "record to json"
#define AMPH_JSON_FIELDS "json fields"
#define AMPH_JSON_ITEMS "json items"

/* Resolves names and types as PostgreSQL 15 does (Chapter 10 of its manual, "Type Conversion"):
 * names, overloads, unknown literals, implicit and assignment casts, GROUP BY strictness, result
 * columns. SQLSTATEs are PostgreSQL's: 42703, 42P01, 42883, 42804, 42803, 42702, 22P02 ...
 *
 * What a writer finds afterwards: every node has its type, stars are columns, casts that PostgreSQL
 * would make are SQL_CAST with explicit_cast false (an assignment's has the column's length).
 * Constants have the text that their type prints; AMPH_T_NONE is left only where PostgreSQL wants
 * a type that we do not have (regconfig, regclass). Keys of ORDER BY and GROUP BY that
 * are output columns are the targets' own expressions; of a set operation they are SQL_COLUMN
 * without a source, column being the number. USING and NATURAL are conditions. IN, BETWEEN, CASE
 * and rows stay where one operator (row) does for all parts, else they are written out. names of a
 * range are unique; column_names of WITH queries and columns of INSERT are always set. */
bool amph__resolve(amph_arena *arena, sql_stmt *stmt, const sql_names *names, amph_error *err);
/* One expression over the columns of one table (check, default, computed, partial index); want
 * is the type that it is assigned to (AMPH_T_NONE: any). No subqueries, no parameters. */
typedef enum sql_text_kind {
	SQL_TEXT_CHECK, SQL_TEXT_DEFAULT, SQL_TEXT_COMPUTED, SQL_TEXT_INDEX, SQL_TEXT_PREDICATE,
	SQL_TEXT_HYBRID
} sql_text_kind;
typedef struct sql_text {
	sql_text_kind kind;             /* what messages call it */
	const sql_table *table;
	const sql_names *names;
	const amph_sqltype *want;
} sql_text;
bool amph__resolve_text(amph_arena *arena, sql_expr **expr, const sql_text *text, amph_error *err);
/* The same of a text that was resolved before. */
bool amph__resolve_expr(amph_arena *arena, sql_expr **expr, const sql_table *table,
			const sql_names *names, const amph_sqltype *want, amph_error *err);

/* Of a resolved statement: whether its target is a view with a column that is one of its table. */
bool amph__view_has_columns(const sql_stmt *stmt);

/* Of a resolved expression; mutable: volatile or stable. */
bool amph__expr_is_volatile(const sql_expr *e);
bool amph__expr_is_mutable(const sql_expr *e);

/* What PostgreSQL computes of constants beforehand, with its errors: for databases that do not. */
bool amph__fold(amph_arena *arena, sql_stmt *stmt, amph_error *err);

/* Writes a resolved statement. Needs no connection. code and all it points to are in arena. */
amph_code *amph__write(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
		       amph_error *err);
/* A resolved expression as text; columns unqualified. NULL on failure. */
const char *amph__write_expr(amph_arena *arena, const amph_dialect *dialect, const sql_expr *expr,
			     amph_error *err);
/* Resolve and write. */
amph_code *amph__compile(amph_arena *arena, const amph_dialect *dialect, sql_stmt *stmt,
			 const sql_names *names, amph_error *err);
/* A code for finished text that has no parameters: transaction control and the like. */
amph_code *amph__code_of_text(amph_arena *arena, const char *sql, uint32_t flags, amph_error *err);

/* PostgreSQL's text to a tree, by libpg_query. Errors have the position. Where memory is out the arena has
 * failed, so that nobody takes NULL for a text that is none. */
sql_expr *amph__parse_expr(amph_arena *arena, const char *text, amph_error *err);
/* One SELECT, INSERT, UPDATE or DELETE; $1 ... are its parameters, of unknown type. */
sql_stmt *amph__parse_stmt(amph_arena *arena, const char *text, amph_error *err);
/* The same with constants instead of its parameters, for what runs in pieces: a constant gets its type
 * where it stands, so that one without a type may be there once (0A000). */
sql_stmt *amph__parse_given(amph_arena *arena, const char *text, const sql_list *given, amph_error *err);
/* Where the statements of a text are, without semicolons and the space around them. */
typedef struct sql_piece { size_t at, len; } sql_piece;
bool amph__parse_split(amph_arena *arena, const char *text, sql_piece **pieces, size_t *n,
		       amph_error *err);
#endif
