/* Going through trees, resolved or not, and equality of resolved expressions. */
#ifndef AMPH_SQL_WALK_H
#define AMPH_SQL_WALK_H
#include "tree.h"

/* Calls visit for each direct child, those of a subselect included; false stops, and is the result. */
typedef bool sql_visit_fn(void *ctx, sql_expr *e);
bool amph__expr_children(const sql_expr *e, sql_visit_fn *visit, void *ctx);
bool amph__select_exprs(const sql_select *s, sql_visit_fn *visit, void *ctx);

/* Structural equality of resolved expressions, as PostgreSQL's equal(). NULL equals NULL. */
bool amph__expr_equal(const sql_expr *a, const sql_expr *b);
bool amph__type_same(const amph_sqltype *a, const amph_sqltype *b); /* but for length, nullable */
/* Whether e is one of the keys that s groups by. */
bool amph__is_group_key(const sql_select *s, const sql_expr *e);
#endif
