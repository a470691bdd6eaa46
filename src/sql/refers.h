/* Which queries of a WITH a statement names, and in what places. */
#ifndef AMPH_SQL_REFERS_H
#define AMPH_SQL_REFERS_H
#include "tree.h"

/* Where in a recursive query its own name stands; it may be in the first of these, once. */
typedef enum sql_place {
	SQL_PLACE_TERM,
	SQL_PLACE_FIRST_TERM,
	SQL_PLACE_SUBQUERY,
	SQL_PLACE_OUTER_JOIN,
	SQL_PLACE_INTERSECT,
	SQL_PLACE_EXCEPT
} sql_place;
/* Is told of each place; false ends the search. */
typedef bool sql_seen_fn(void *ctx, const sql_range *range, sql_place at);

/* Whether the name stands anywhere within stmt, that of a query of WITH outside it. */
bool amph__stmt_refers(const sql_stmt *stmt, const char *name);
/* Where a UNION, the query of cte, names cte; within its WITH as within a subquery. */
void amph__recursive_references(const sql_cte *cte, sql_seen_fn *seen, void *ctx);
#endif
