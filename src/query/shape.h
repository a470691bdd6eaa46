/* What the two files that write keys share. Private to src/query. */
#ifndef AMPH_QUERY_SHAPE_H
#define AMPH_QUERY_SHAPE_H
#include "bind.h"
#include "key.h"

typedef struct amph_shaper {
	amph_query_buf *b;
	amph_error *err;
} amph_shaper;

/* ---- shape_expr.c ---- */
/* An expression; a value in it takes the type want where nothing nearer says which. */
bool amph__shape_expr(amph_shaper *w, const amph_node *node, const amph_sqltype *want);
/* One that may be missing. */
bool amph__shape_condition(amph_shaper *w, const amph_node *node);
/* A list up to AMPH_OP_NONE: each with its flags of order. */
bool amph__shape_list(amph_shaper *w, const amph_node *list);
/* The type of an expression as far as its nodes tell; AMPH_T_NONE: they do not. */
amph_sqltype amph__type_of(amph_shaper *w, const amph_node *node);
/* The column's number and, where not NULL, the number of its range. */
const amph_mapped_column *amph__shape_find_column(amph_shaper *w, const amph_node *node,
						  size_t *range);

/* ---- filter.c ---- */
/* What the rows of a table are filtered by. */
bool amph__shape_filter(amph_shaper *w, const amph_mapper *m);

/* ---- shape_from.c ---- */
/* FROM, joins, WHERE of a statement or a part of one; its ranges stay until the caller drops
 * them. */
bool amph__shape_from(amph_shaper *w, const amph_select *q);
#endif
