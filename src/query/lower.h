/* What the files that read keys share. Private to src/query. */
#ifndef AMPH_QUERY_LOWER_H
#define AMPH_QUERY_LOWER_H
#include "key.h"

typedef struct amph_lower_range {
	const amph_mapper *mapper;
	const char *alias;
} amph_lower_range;
/* What another query of the statement fills; as amph_source of shape.h. */
typedef struct amph_lower_source {
	struct amph_lower_source *outer;
	size_t number;
	bool recursive;
	unsigned inlined;               /* AMPH_CTE_SET, ..., or 0 */
	size_t cap;                     /* of mapper.columns, while it is filled */
	amph_mapped_column *columns;
	amph_mapper mapper;
} amph_lower_source;
typedef struct amph_lowerer {
	amph_arena *arena;
	const amph_registry *registry;
	amph_key_reader key;
	amph_compiled *out;             /* NULL within a query that is not the statement's own */
	amph_lower_source *sources, *filling;
	const amph_mapper *target;      /* of an insert, */
	const char *const *target_columns;      /* and its columns, once the first query is read */
	amph_lower_range ranges[AMPH_QUERY_RANGES_MAX];
	size_t n_ranges;
	amph_param *params;
	size_t n_params, params_cap;
	amph_error *err;
	bool failed;                    /* err says why; else the arena or the reader knows */
} amph_lowerer;

/* ---- lower_expr.c: NULL after a failure, which the arena or the reader remembers ---- */
sql_expr *amph__lower_expr(amph_lowerer *l);
sql_expr *amph__lower_condition(amph_lowerer *l);       /* NULL as well where there is none */
sql_order *amph__lower_order(amph_lowerer *l);
void amph__lower_list(amph_lowerer *l, sql_list *list);
sql_expr *amph__lower_column(amph_lowerer *l, size_t range, size_t column);
/* hybrid.c */
sql_expr *amph__lower_hybrid(amph_lowerer *l, size_t range, size_t number);
/* As amph__shape_type has written it. */
amph_sqltype amph__lower_type(amph_lowerer *l);
/* The next parameter, of a type. */
sql_expr *amph__lower_param(amph_lowerer *l, amph_sqltype type);
size_t amph__lower_rows(amph_lowerer *l, const amph_sqltype *types, size_t n);

/* ---- lower_raw.c ---- */
/* A fragment of SQL with its arguments in place. */
sql_expr *amph__lower_raw(amph_lowerer *l);
/* The expression at a place before end that was read before, with the parameters that it had: nodes of
 * a tree are not shared. */
sql_expr *amph__lower_again(amph_lowerer *l, const unsigned char *at, const unsigned char *end,
			    size_t n_params);

/* ---- lower_from.c ---- */
/* The FROM of a statement or of a part of one: what it is about, and the condition. */
typedef struct amph_lower_from {
	sql_range *range;
	sql_expr *where;
	unsigned flags;
	size_t main;                    /* the number of its first range */
	size_t n_joins;
	sql_cte *with;
	bool with_recursive;
} amph_lower_from;
bool amph__lower_from(amph_lowerer *l, amph_lower_from *from);
sql_expr *amph__lower_related(amph_lowerer *l);
const amph_mapper *amph__lower_mapper(amph_lowerer *l);
/* The next table, under a name that no other has. */
sql_range *amph__lower_range(amph_lowerer *l, const amph_mapper *mapper);

/* e, and that the row has the values that it is filtered by. */
sql_expr *amph__lower_filtered(amph_lowerer *l, sql_expr *e, size_t range);

/* ---- lower_page.c ---- */
sql_expr *amph__lower_page(amph_lowerer *l, size_t range);

/* ---- lower_write.c ---- */
bool amph__lower_write(amph_lowerer *l, amph_query_op op, sql_stmt *stmt);
bool amph__lower_insert(amph_lowerer *l, sql_stmt *stmt);
bool amph__lower_insert_columns(amph_lowerer *l, sql_select *s);

/* ---- lower_cte.c ---- */
bool amph__lower_ctes(amph_lowerer *l, amph_lower_from *from);
/* Of a mapper of no table; NULL: none. */
const amph_lower_source *amph__lower_source_of(const amph_lowerer *l, const amph_mapper *mapper);
/* Makes r what the source is, if that is read where it is named. */
bool amph__lower_inlined(amph_lowerer *l, const amph_mapper *mapper, sql_range *r);
/* first and the queries that are combined with it */
sql_select *amph__lower_combine(amph_lowerer *l, amph_query_op op, sql_select *first);
void amph__lower_fill(amph_lowerer *l, const char *name, unsigned type);
void amph__lower_filled(amph_lowerer *l);

/* ---- lower.c ---- */
/* A query, or one within another. */
sql_select *amph__lower_select(amph_lowerer *l, amph_query_op op);
/* The same where it is within: its tables are known there alone. */
sql_select *amph__lower_inner(amph_lowerer *l, amph_query_op op);
/* SELECT 1 of it, what EXISTS asks */
sql_select *amph__lower_probe(amph_lowerer *l, const amph_lower_from *from);
bool amph__lower_fields(amph_lowerer *l, sql_select *s);
sql_target *amph__lower_target(amph_lowerer *l, sql_select *s, sql_expr *e, const char *name);
#endif
