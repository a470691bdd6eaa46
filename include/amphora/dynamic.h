/* Queries put together at run time, and the function twins of all macros: for names that are
 * only known then, for C++ and for bindings to other languages.
 *
 *	amph_query *q = amph_query_new(s, &amph_model_User);
 *	for (size_t i = 0; i < n; i++)
 *		amph_where(q, amph_ilike(amph_col(User, username), patterns[i]));
 *	amph_query_where(q, amph_expr_call(q, "=", args, 2));
 *	amph_order_by(q, amph_desc(amph_col(User, created_at)));
 *	User **found = amph_query_all(q);
 *	amph_query_free(q);
 *
 * A query copies all that it is given, texts and lists included, and remembers its first
 * failure, which the executing call reports: nothing between needs a check. It may be executed
 * many times. It belongs to its session and must be freed before that is closed. */
#ifndef AMPHORA_DYNAMIC_H
#define AMPHORA_DYNAMIC_H
#include "query.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_query amph_query;
typedef struct amph_expr amph_expr;

/* NULL: out of memory, which has failed the transaction (53200). */
amph_query *amph_query_new(amph_session *s, const amph_model *m);
void amph_query_free(amph_query *q);            /* NULL is fine */

/* ---- with expressions of the macros ---- */
amph_bool_expr amph_keep(amph_query *q, amph_bool_expr e);      /* a copy that lives as long as q */
void amph_where(amph_query *q, amph_bool_expr e);               /* and */
void amph_having(amph_query *q, amph_bool_expr e);              /* and */
void amph_order_by(amph_query *q, amph_order o);                /* then by */
void amph_group_by(amph_query *q, amph_node n);                 /* and by */
void amph_only(amph_query *q, amph_node column);                /* and this column */
void amph_defer(amph_query *q, amph_node column);               /* nor this column */
void amph_join_with(amph_query *q, amph_join_item join);
void amph_load_with(amph_query *q, amph_load_item load);
void amph_field_add(amph_query *q, amph_field field);
void amph_set_add(amph_query *q, amph_assign set);
void amph_limit(amph_query *q, int64_t limit);
void amph_offset(amph_query *q, int64_t offset);

/* Members of amph_select that are true or false. */
typedef enum amph_query_flag {
	AMPH_DISTINCT, AMPH_WITH_DELETED, AMPH_ALL_ROWS, AMPH_FOR_UPDATE, AMPH_SKIP_LOCKED,
	AMPH_UNFILTERED, AMPH_FOR_SHARE, AMPH_NOWAIT
} amph_query_flag;
void amph_distinct_on(amph_query *q, amph_node n);              /* and on */
void amph_returning_add(amph_query *q, amph_field field);
void amph_sync_set(amph_query *q, amph_sync sync);
/* Pages: the rows that come after, or before, an object of the query's model, which stays as it is
 * until the query is executed; how is AMPH_KEYSET_AFTER or AMPH_KEYSET_BEFORE, object may be NULL. */
void amph_keyset_set(amph_query *q, int how, const void *object);
/* Rows of another query of the session: combined (AMPH_UNION ...), or under the name of a row struct
 * (AMPH_CTE ...; amph_query_field says into which members). The other may be freed afterwards. */
void amph_combine_with(amph_query *q, int how, const amph_query *other);
void amph_cte_add(amph_query *q, int kind, const amph_model *row, const amph_query *other);
/* The rows of the other into target, of which .returning gives these: as amph_cte_insert. */
void amph_cte_insert_add(amph_query *q, const amph_model *row, const amph_model *target,
			 const amph_query *other);
/* Rows that no other query gives, for a row struct: of a set-returning function (AMPH_CTE_SET, ..._NUMBERED;
 * call, which amph_expr_call has made). fields: as given(R, member) makes them, up to one whose member is
 * NULL. false: the query has failed. amph_values_add: of n structs of row, which stay as they are until the
 * query was executed. */
bool amph_source_add(amph_query *q, int kind, const amph_model *row, const amph_expr *call,
		     const amph_field *fields);
bool amph_values_add(amph_query *q, const amph_model *row, const void *rows, size_t n,
		     const amph_field *fields);
/* What becomes of rows in conflict: of amph_query_insert_from. What it says is copied. */
void amph_conflict_set(amph_query *q, const amph_conflict *conflict);
void amph_query_flag_set(amph_query *q, amph_query_flag flag, bool on);

/* ---- execution; as the calls of query.h ---- */
void *amph_query_all(amph_query *q);            /* T **, without a cast in C */
void *amph_query_first(amph_query *q);
void *amph_query_one(amph_query *q);
void *amph_query_project(amph_query *q, size_t size);
amph_rows *amph_query_rows(amph_query *q);
const amph_page *amph_query_paginate(amph_query *q, int page, int per_page);
int64_t amph_query_count(amph_query *q);
bool amph_query_exists(amph_query *q);
int64_t amph_query_update(amph_query *q);
int64_t amph_query_delete(amph_query *q);
void *amph_query_update_returning(amph_query *q, size_t size);
void *amph_query_delete_returning(amph_query *q, size_t size);
/* The query's rows into a table; amph_query_into says into which of its members. */
int64_t amph_query_insert_from(amph_query *q, const amph_model *target);
void *amph_query_insert_from_returning(amph_query *q, const amph_model *target, size_t size);
const char *amph_query_json(amph_query *q);
amph_stream *amph_query_stream(amph_query *q);

/* ---- expressions without types: wrong ones are found when the statement is compiled ----
 * Each belongs to q. NULL after a failure, and NULL arguments are passed on. */
/* "username", of the query's model, or "Category.name" of one that it joins. */
const amph_expr *amph_expr_column(amph_query *q, const char *member);
const amph_expr *amph_expr_column_of(amph_query *q, const amph_model *m, const char *member);
/* A column of a row struct, as given(R, member) makes it: (q, &amph_model_R, given(R, member)). What the
 * query's own sources fill, amph_expr_column_of finds by its name as well. */
const amph_expr *amph_expr_given(amph_query *q, const amph_model *row, amph_field field);
const amph_expr *amph_expr_value(amph_query *q, amph_value v);
/* n values of the C form of a type (types.h, without amph_opt_), for "in" and "not in". */
const amph_expr *amph_expr_list(amph_query *q, amph_type type, const void *items, size_t n);
/* "=", "<", "like", "in", "and", "not", "+", "count", "coalesce", "case" (condition, result ... [else]),
 * "between", "is null", "is distinct from", "nullif", "greatest", "array", "distinct" (of an aggregate),
 * "filter" (an aggregate, a condition) ... or any other function or operator by its name in SQL.
 * "= any", "< all" and their like take a query (amph_expr_select) as their second argument.
 * None for these arguments is 42883, when the statement is compiled. */
const amph_expr *amph_expr_call(amph_query *q, const char *op, const amph_expr *const *args, size_t n);
/* SQL text in which the arguments are $1, $2 ...: casts, and all that has a syntax of its own. */
const amph_expr *amph_expr_raw(amph_query *q, const char *sql, const amph_expr *const *args, size_t n);
/* A text that is part of the statement instead of a value: the configuration of "to_tsvector", the
 * field of "extract". */
const amph_expr *amph_expr_constant(amph_query *q, const char *text);
/* The node, for an amph_edge; of NULL an empty one. */
amph_node amph_expr_node(const amph_expr *e);
/* What by(...) gives: flags, where not NULL, are AMPH_NODE_DESC ... of each. NULL after a failure. */
const amph_node *amph_expr_by(amph_query *q, const amph_expr *const *list, const uint8_t *flags, size_t n);
/* ORDER BY within an aggregate, or its WITHIN GROUP. */
const amph_expr *amph_expr_agg_order(amph_query *q, const amph_expr *aggregate, const amph_node *by,
				     bool within_group);
/* An aggregate or a window function over a window, whose lists amph_expr_by has made. */
const amph_expr *amph_expr_over(amph_query *q, const amph_expr *f, const amph_window *window);
/* A path in a JSON value, for "#>" and "#>>". */
const amph_expr *amph_expr_path(amph_query *q, const char *const *path, size_t n);
/* The value of another query's only field in its only row; with "in" and "not in" that of each. */
const amph_expr *amph_expr_select(amph_query *q, const amph_query *inner);
/* Whether the relationship ("books", "Author.books") leads to a row for which the condition, which
 * may be NULL for any row, holds. */
const amph_expr *amph_expr_related(amph_query *q, const char *relation, const amph_bool_expr *cond);
/* A field of the query by its name, for amph_query_order_by. */
const amph_expr *amph_expr_label(amph_query *q, const char *name);
/* Whether another query, of the same session, has a row; it may be freed afterwards. */
const amph_expr *amph_expr_exists(amph_query *q, const amph_query *inner);

bool amph_query_where(amph_query *q, const amph_expr *e);
bool amph_query_having(amph_query *q, const amph_expr *e);
/* flags: AMPH_NODE_DESC, AMPH_NODE_NULLS_FIRST, AMPH_NODE_NULLS_LAST */
bool amph_query_order_by(amph_query *q, const amph_expr *e, uint8_t flags);
bool amph_query_group_by(amph_query *q, const amph_expr *e);
bool amph_query_only(amph_query *q, const amph_expr *column);
bool amph_query_defer(amph_query *q, const amph_expr *column);
/* Along a relationship ("category", "Order.items"), or to a model on a condition. */
bool amph_query_join(amph_query *q, amph_join_kind kind, const char *relation);
bool amph_query_join_on(amph_query *q, amph_join_kind kind, const amph_model *to, const amph_expr *on);
/* how: AMPH_LOAD_SELECTIN ... */
bool amph_query_load(amph_query *q, int how, const char *relation);
bool amph_query_set(amph_query *q, const char *member, const amph_expr *e);
/* A value into a member of target, of amph_query_insert_from. */
bool amph_query_into(amph_query *q, const amph_model *target, const char *member, const amph_expr *e);
/* A result column: into the member at offset, of an amph_type as AMPH_TYPE_OF_ has it; for
 * amph_query_rows both are 0. */
bool amph_query_field(amph_query *q, const char *name, size_t offset, int type, const amph_expr *e);

#ifdef __cplusplus
}
#endif
#endif
