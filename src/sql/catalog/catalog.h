/* The catalogue of operators, functions and casts as the resolver asks it. All const data. */
#ifndef AMPH_SQL_CATALOG_H
#define AMPH_SQL_CATALOG_H
#include "../sql.h"

/* The rows of one name, in up to one run for each area. */
typedef struct amph_catalog_run {
	const amph_catalog_row *rows;
	size_t n;
} amph_catalog_run;
#define AMPH_CATALOG_AREAS 10
typedef struct amph_catalog_found {
	amph_catalog_run runs[AMPH_CATALOG_AREAS];
	size_t n_runs;
} amph_catalog_found;

/* All operators, or all functions, of a name; false where there is none. A function is also found
 * by the name of the function behind an operator ("jsonb_exists"). */
bool amph__find_operators(const char *name, amph_catalog_found *found);
bool amph__find_functions(const char *name, amph_catalog_found *found);
/* Whether PostgreSQL has an operator or a function of the name that the catalogue has not. */
bool amph__catalog_is_foreign(const char *name, bool is_operator);
bool amph__is_foreign_function(const char *name);       /* foreign.c: of no family */

/* Names and defaults of a function's arguments, where it has any: f(a := 1). */
typedef struct amph_catalog_args {
	const char *impl;
	const char *const *names;    /* NULL: arguments have no names */
	const char *const *defaults; /* of the last n_defaults arguments; PostgreSQL's text */
	size_t n_defaults;
} amph_catalog_args;
const amph_catalog_args *amph__catalog_args_of(const amph_catalog_row *row);

/* The columns of a set-returning function in FROM; NULL: one, named as its alias. */
typedef struct amph_catalog_columns {
	const char *impl;
	size_t n;
	const char *names[3];
	uint8_t types[3];
} amph_catalog_columns;
const amph_catalog_columns *amph__catalog_columns_of(const amph_catalog_row *row);

/* pg_cast: how one type may become another. */
typedef enum amph_cast_context {
	AMPH_CAST_NONE,
	AMPH_CAST_EXPLICIT,
	AMPH_CAST_ASSIGNMENT,
	AMPH_CAST_IMPLICIT
} amph_cast_context;
/* The widest context in which from becomes to; IMPLICIT for a type and itself. Types as
 * amph_sqltype.type; enums are one type here. AMPH_T_NONE from becomes everything. */
amph_cast_context amph__cast_context(int from, int to);
/* The same of types with their enums, whether in this context; a constant without a type becomes any. */
bool amph__can_coerce(const amph_sqltype *from, const amph_sqltype *to, amph_cast_context context);

/* pg_type.typcategory, 'N' 'S' 'D' ..., 'X' of AMPH_T_NONE; and whether it is the preferred type of
 * its category. */
char amph__type_category(int type);
bool amph__type_is_preferred(int type);

/* Rows, by area. */
#define AMPH_CATALOG_AREA(area)                                                                    \
	extern const amph_catalog_row amph__catalog_##area[];                                      \
	extern const size_t amph__catalog_##area##_count
AMPH_CATALOG_AREA(operators);
AMPH_CATALOG_AREA(aggregate);
AMPH_CATALOG_AREA(array);
AMPH_CATALOG_AREA(datetime);
AMPH_CATALOG_AREA(json);
AMPH_CATALOG_AREA(math);
AMPH_CATALOG_AREA(misc);
AMPH_CATALOG_AREA(search);
AMPH_CATALOG_AREA(text);
AMPH_CATALOG_AREA(window);
#endif
