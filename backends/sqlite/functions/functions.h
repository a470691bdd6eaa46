/* PostgreSQL's functions in SQLite. Each group has a table of rows, sorted by name; the name is
 * the key of PostgreSQL's function in the catalogue (src/sql/catalog_*.c), and "amph_" before it
 * the name in SQLite. The writer looks here for whatever has no spelling of its own in dialect.c.
 *
 * The files are built twice: into the library, and as a loadable extension. */
#ifndef AMPH_SQLITE_FUNCTIONS_H
#define AMPH_SQLITE_FUNCTIONS_H
#include "../sl.h"
#include "../../../src/base/ascii.h"
#include "../../../src/base/utf8.h"
#include "../../../src/model/value.h"
#include <math.h>
#ifdef AMPH_SQLITE_EXTENSION
#include <sqlite3ext.h>
extern const sqlite3_api_routines *sqlite3_api;
#endif

/* One call of one function. Its memory is the arena's, until it returns. */
typedef struct sl_call {
	sqlite3_context *ctx;           /* NULL: of a table function, whose error goes to message */
	char **message;
	bool nomem;
	bool raised;                    /* the context has an error, which a result would overwrite */
	int argc;
	sqlite3_value **argv;
	sl_env *env;
	amph_arena *arena;
	intptr_t arg;                   /* of the function's row */
} sl_call;

enum {
	SL_FN_NULLS = 1,                /* called though an argument is NULL */
	SL_FN_VOLATILE = 2              /* another result for the same arguments */
};
typedef struct sl_function {
	const char *name;
	int8_t argc;                    /* -1: any number */
	uint8_t flags;
	void (*call)(sl_call *c);
	intptr_t arg;
	/* Called by SQLite itself instead: of what is asked for each row of a scan. */
	void (*direct)(sqlite3_context *ctx, int argc, sqlite3_value **argv);
} sl_function;
/* Of a direct call: its function, and what is known of its connection. */
const sl_function *amph__sl_direct(sqlite3_context *ctx, sl_env **env);

/* An aggregate's state is zeroed memory of the given size. NULLs of the first argument are not
 * given to step but for SL_FN_NULLS. inverse NULL: not for moving window frames. */
typedef struct sl_aggregate {
	const char *name;
	int8_t argc;
	uint8_t flags;
	size_t size;
	void (*step)(sl_call *c, void *state);
	void (*inverse)(sl_call *c, void *state);
	void (*value)(sl_call *c, void *state);         /* state NULL: no row was given */
	void (*clear)(sl_call *c, void *state);         /* NULL: nothing to free */
	intptr_t arg;
} sl_aggregate;

typedef struct sl_functions {
	const sl_function *rows;
	size_t n;
} sl_functions;

#define SL_GROUP(group) extern const sl_functions amph__sl_##group##_functions
SL_GROUP(array);
SL_GROUP(bpchar);
SL_GROUP(bytes);
SL_GROUP(bucket);
SL_GROUP(cast);
SL_GROUP(datefield);
SL_GROUP(datetime);
SL_GROUP(encoding);
SL_GROUP(form);
SL_GROUP(format);
SL_GROUP(fromchar);
SL_GROUP(integer);
SL_GROUP(interval);
SL_GROUP(json);
SL_GROUP(jsonassign);
SL_GROUP(jsonbuild);
SL_GROUP(jsonrecord);
SL_GROUP(jsonpath);
SL_GROUP(jsonplain);
SL_GROUP(like);
SL_GROUP(matrix);
SL_GROUP(misc);
SL_GROUP(numbertochar);
SL_GROUP(numeric);
SL_GROUP(precision);
SL_GROUP(quantified);
SL_GROUP(real);
SL_GROUP(record);
SL_GROUP(regexp);
SL_GROUP(sets);
SL_GROUP(text);
SL_GROUP(tochar);
SL_GROUP(tonumber);
SL_GROUP(trigram);
SL_GROUP(tsconfig);
SL_GROUP(tsmatch);
SL_GROUP(tsquery);
SL_GROUP(tsrank);
SL_GROUP(tsrewrite);
SL_GROUP(tsvector);
SL_GROUP(unicode);
SL_GROUP(zone);
#define SL_AGGREGATES(group)                                                                      \
	extern const sl_aggregate amph__sl_##group[];                                             \
	extern const size_t amph__sl_n_##group
SL_AGGREGATES(collectors);
SL_AGGREGATES(packers);
SL_AGGREGATES(sorters);
SL_AGGREGATES(statistics);
SL_AGGREGATES(sums);
int amph__sl_collations_register(sqlite3 *db);
int amph__sl_records_register(sqlite3 *db);     /* the orders of rows, as they are needed */
/* As amph__sl_register; env is freed with the last function, also on failure. */
int amph__sl_register_owned(sqlite3 *db, sl_env *env);

const sl_aggregate *amph__sl_aggregate_named(const char *name); /* NULL: none */
bool amph__sl_is_within(const char *name);      /* an aggregate with WITHIN GROUP (ordered.c) */
/* Whether a function or an aggregate of the key is registered. */
bool amph__sl_has_function(const char *impl);

/* ---- arguments and results ---- */
static inline int64_t amph__sl_int(const sl_call *c, int i)
{
	return sqlite3_value_int64(c->argv[i]);
}
/* SQLite has no NaN: among floating-point numbers the text NaN is one, greater than all and equal to
 * itself, as it is to PostgreSQL. Columns do not take it. */
static inline double amph__sl_real_of(sqlite3_value *v)
{
	return sqlite3_value_type(v) == SQLITE_TEXT ? (double)NAN : sqlite3_value_double(v);
}
static inline double amph__sl_real(const sl_call *c, int i)
{
	return amph__sl_real_of(c->argv[i]);
}
static inline bool amph__sl_is_null(const sl_call *c, int i)
{
	return sqlite3_value_type(c->argv[i]) == SQLITE_NULL;
}
/* Text or bytes; never NULL. */
const char *amph__sl_text(const sl_call *c, int i, size_t *len);
/* A value of a type that is stored as text, as its C value. false: the error is set. */
bool amph__sl_arg(sl_call *c, int i, int type, void *out);
bool amph__sl_decimal(sl_call *c, int i, amph_decimal *out);

void amph__sl_result_int(sl_call *c, int64_t n);
void amph__sl_result_bool(sl_call *c, bool b);
void amph__sl_result_real(sl_call *c, double d);
void amph__sl_result_null(sl_call *c);
void amph__sl_result_text(sl_call *c, const char *text, size_t len);    /* copied */
void amph__sl_result_bytes(sl_call *c, const void *data, size_t len);
/* Takes the text of b, which is cleared. */
void amph__sl_result_buf(sl_call *c, amph_buf *b);
void amph__sl_result_of(sl_call *c, int type, const void *value);
void amph__sl_result_decimal(sl_call *c, const amph_decimal *d);

/* "22012:division by zero"; the format's text should be PostgreSQL's own. */
void amph__sl_raise(sl_call *c, const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void amph__sl_raise_error(sl_call *c, const amph_error *err);
void amph__sl_raise_nomem(sl_call *c);

/* LIKE: 1 match, 0 none, -1 the pattern ends in a backslash. fold: ILIKE. */
int amph__sl_like(const char *text, size_t text_len, const char *pat, size_t pat_len, bool fold);

/* ---- the text of types as it is stored ----
 * As PostgreSQL prints it, but that years of dates and timestamps outside of 1 to 9999 are
 * written so that the order of bytes is the order of values: "/9999956-03-15 BC" is 44 BC,
 * "Y0012345-01-01" the year 12345. */
void amph__sl_store_text(int type, amph_buf *b, size_t start);  /* b from start on: to the stored form */
/* Back; room for 64 bytes at out. Gives text itself where it is PostgreSQL's own form. */
const char *amph__sl_plain_text(int type, const char *text, size_t *len, char *out);

/* The value that a type's text stands for, as SQLite stores it. */
typedef struct sl_stored {
	int kind;                       /* SQLITE_INTEGER, _FLOAT, _TEXT, _BLOB */
	int64_t integer;
	double real;
	const char *text;
	size_t len;
} sl_stored;
bool amph__sl_store(amph_arena *arena, const amph_sqltype *type, const char *text, size_t len,
		    sl_stored *out, amph_error *err);
/* A tsvector, tsquery, jsonpath or json as PostgreSQL prints it, appended to out (textsearch.h). */
bool amph__sl_search_format(int type, const char *text, size_t len, amph_buf *out, amph_error *err);
#endif
