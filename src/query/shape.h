/* What the files that write keys share. Private to src/query. */
#ifndef AMPH_QUERY_SHAPE_H
#define AMPH_QUERY_SHAPE_H
#include "bind.h"
#include "key.h"

/* A row struct that a query fills: a mapper of no table, whose columns are the fields. In the key it
 * is numbered after the registry's mappers. */
typedef struct amph_source {
	const amph_model *model;
	struct amph_source *outer;      /* the one that was made known before */
	size_t number;
	bool recursive;
	const amph_cte_item *inlined;   /* written where it is named, instead of beside the query */
	amph_mapped_column *columns;
	amph_mapper mapper;
} amph_source;

/* An expression with values in it that a later clause may have again: where it is in the key, and the
 * number of its first argument. */
typedef struct amph_shared {
	const amph_node *node;
	size_t at, n_args;
	const struct amph_shared *next;
} amph_shared;

typedef struct amph_shaper {
	amph_query_buf *b;
	amph_error *err;
	size_t main;                    /* the number of the first range of the query under way */
	amph_source *sources;           /* what may be named, the latest first */
	amph_source *filling;           /* what the query under way fills, or NULL */
	const amph_mapper *target;      /* of an insert, or NULL */
	const amph_insert_defaults *defaults;   /* of that, or NULL */
	bool in_conflict;               /* excluded() may stand here */
	bool sharing;                   /* later clauses may have again what is written now */
	const amph_shared *shared;      /* what they may have */
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
/* Of a value; that of an enum with its number. */
bool amph__shape_type(amph_shaper *w, const amph_sqltype *type);
bool amph__shape_param(amph_shaper *w, const amph_arg *arg, const amph_sqltype *type);
/* The column's number and, where not NULL, the number of its range. */
const amph_mapped_column *amph__shape_find_column(amph_shaper *w, const amph_node *node,
						  size_t *range);

/* ---- shape_over.c ---- */
/* What DISTINCT, FILTER, ORDER BY and OVER stand beside; with its order; with its window. */
bool amph__shape_modified(amph_shaper *w, const amph_node *node);
bool amph__shape_ordered(amph_shaper *w, const amph_node *node);
bool amph__shape_over(amph_shaper *w, const amph_node *node);
/* An expression of a clause, which while w->sharing others may have again. */
bool amph__shape_item(amph_shaper *w, const amph_node *node, const amph_sqltype *want);
/* A call that is one of w->shared: refers to it. false: it is none. */
bool amph__shape_again(amph_shaper *w, const amph_node *node);

/* ---- filter.c ---- */
/* What the rows of a table are filtered by. */
bool amph__shape_filter(amph_shaper *w, const amph_mapper *m);

/* ---- shape_from.c ---- */
/* FROM, joins, WHERE of a query; its ranges stay until the caller drops them. */
bool amph__shape_from(amph_shaper *w, const amph_select *q);
/* The condition that a relationship leads to a row, which .where is about. */
bool amph__shape_related(amph_shaper *w, const amph_select *q);
/* A table of the statement, numbered. mapper may be a source's. */
bool amph__shape_add_range(amph_shaper *w, const amph_model *model, const amph_mapper *mapper);
const amph_mapper *amph__shape_mapper_of(amph_shaper *w, const amph_model *model);
size_t amph__shape_ordinal(const amph_shaper *w, const amph_mapper *mapper);

/* ---- shape_cte.c ---- */
bool amph__shape_ctes(amph_shaper *w, const amph_cte_item *ctes);
bool amph__shape_combine(amph_shaper *w, amph_query_op op, const amph_combine_item *combine);
/* What a table of the query is, where it is no table by itself: after its number in the key. */
bool amph__shape_inlined(amph_shaper *w, const amph_mapper *mapper);
/* The field becomes a column of what is filled. */
void amph__shape_fill(amph_shaper *w, size_t i, const amph_field *field, const amph_sqltype *type);
void amph__shape_filled(amph_shaper *w);

/* ---- shape_write.c ---- */
bool amph__shape_assignments(amph_shaper *w, const amph_assign *set, const amph_node *update);
/* The columns of an insert, and their values of each row. */
bool amph__shape_insert_fields(amph_shaper *w, const amph_select *q);
/* Of a query's rows, from its target on. */
bool amph__shape_insert(amph_shaper *w, const amph_select *q);
/* What becomes of rows in conflict, and what is returned. */
bool amph__shape_insert_end(amph_shaper *w, const amph_select *q);

/* ---- shape_page.c ---- */
/* The order of pages: that of the query and the key; reversed for those before. */
bool amph__shape_page_order(amph_shaper *w, amph_select *q);
/* The condition that a row is on a later page. */
bool amph__shape_page(amph_shaper *w, const amph_select *q);

/* ---- shape.c ---- */
bool amph__shape_fields(amph_shaper *w, const amph_field *fields);

/* A query, or one within another; its ranges stay until the caller drops them. */
bool amph__shape_select(amph_shaper *w, amph_query_op op, const amph_select *q);
#endif
