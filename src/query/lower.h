/* What the two files that read keys share. Private to src/query. */
#ifndef AMPH_QUERY_LOWER_H
#define AMPH_QUERY_LOWER_H
#include "key.h"

typedef struct amph_lower_range {
	const amph_mapper *mapper;
	const char *alias;
} amph_lower_range;
typedef struct amph_lowerer {
	amph_arena *arena;
	const amph_registry *registry;
	amph_key_reader key;
	amph_compiled *out;
	amph_lower_range ranges[AMPH_QUERY_RANGES_MAX];
	size_t n_ranges;
	amph_param *params;
	size_t n_params, params_cap;
} amph_lowerer;

/* ---- lower_expr.c: NULL after a failure, which the arena or the reader remembers ---- */
sql_expr *amph__lower_expr(amph_lowerer *l);
sql_expr *amph__lower_condition(amph_lowerer *l);       /* NULL as well where there is none */
sql_order *amph__lower_order(amph_lowerer *l);
void amph__lower_list(amph_lowerer *l, sql_list *list);
sql_expr *amph__lower_column(amph_lowerer *l, size_t range, size_t column);
/* The next parameter, of a type. */
sql_expr *amph__lower_param(amph_lowerer *l, amph_sqltype type);

/* ---- lower_from.c ---- */
/* The FROM of a statement or of a part of one: what it is about, and the condition. */
typedef struct amph_lower_from {
	sql_range *range;
	sql_expr *where;
	unsigned flags;
	size_t main;                    /* the number of its first range */
} amph_lower_from;
bool amph__lower_from(amph_lowerer *l, amph_lower_from *from);
/* ---- lower.c: SELECT 1 of it, what EXISTS asks ---- */
sql_select *amph__lower_probe(amph_lowerer *l, const amph_lower_from *from);
#endif
