/* Functions that return sets: tables with hidden columns for arguments,
 *
 *	SELECT c0, c1 FROM amph_jsonb_each('{"a":1}')
 *
 * whose rows are made when the table is opened, or one after the other. The column after the last is the
 * ordinality. */
#ifndef AMPH_SQLITE_TABLES_H
#define AMPH_SQLITE_TABLES_H
#include "functions.h"

typedef struct sl_set sl_set;
struct sl_set {
	amph_arena arena;               /* of the cells' texts */
	sl_stored *cells;               /* kind SQLITE_NULL: NULL */
	size_t n, cap;                  /* cells */
	size_t n_columns;
	bool counts;                    /* instead of cells: one column, first + row * step */
	int64_t first, step, n_counted;
	/* Instead of all cells: adds those of the next row, if there is one, when it is read. */
	void (*next)(sl_call *c, sl_set *set);
	size_t n_gone;                  /* rows before that of the cells */
	struct { int64_t at, last; amph_interval step; int sign, type; } series;
};

typedef struct sl_table_function {
	const char *name;
	int argc, n_columns;
	bool nulls;                     /* called though an argument is NULL */
	void (*fill)(sl_call *c, sl_set *set);
	intptr_t arg;
} sl_table_function;

/* Adds one cell; rows are as many cells as there are columns. Texts are copied. */
void amph__sl_set_text(sl_call *c, sl_set *set, const char *text, size_t len);  /* NULL: NULL */
void amph__sl_set_int(sl_call *c, sl_set *set, int64_t n);
void amph__sl_set_value(sl_call *c, sl_set *set, const sl_stored *v);

/* regexp.c */
void amph__sl_regexp_matches(sl_call *c, sl_set *set);
void amph__sl_regexp_split(sl_call *c, sl_set *set);

/* pack.c */
enum { SL_UNPACK_COLUMNS = 64 };        /* at most */
void amph__sl_unpack(sl_call *c, sl_set *set);

/* jsonpathrun.c */
void amph__sl_path_query(sl_call *c, sl_set *set);
/* tsvector.c, tsconfig.c */
void amph__sl_vector_unnest(sl_call *c, sl_set *set);
void amph__sl_document_tokens(sl_call *c, sl_set *set);

extern const sl_table_function amph__sl_table_functions[];
extern const size_t amph__sl_n_table_functions;
int amph__sl_tables_register(sqlite3 *db, sl_env *env);
#endif
