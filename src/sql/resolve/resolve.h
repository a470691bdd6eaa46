/* What the files of the resolver share: scopes, the clause that is being looked at, coercion.
 *
 * The walk goes once through a statement and fills types and rows in place. Functions that may
 * replace a node take the place where it hangs (sql_expr **). All return false after an error,
 * which is in r->err; memory that ran out shows as 53200. */
#ifndef AMPH_SQL_RESOLVE_H
#define AMPH_SQL_RESOLVE_H
#include "../catalog/catalog.h"
#include "../walk.h"

#define AMPH_RESOLVE_MAX_DEPTH 1200

/* Where in a statement an expression stands: what is allowed there and how errors call it. */
typedef enum sql_clause {
	SQL_CLAUSE_NONE,
	SQL_CLAUSE_TARGET,
	SQL_CLAUSE_WHERE,
	SQL_CLAUSE_HAVING,
	SQL_CLAUSE_GROUP_BY,
	SQL_CLAUSE_ORDER_BY,
	SQL_CLAUSE_DISTINCT_ON,
	SQL_CLAUSE_LIMIT,
	SQL_CLAUSE_OFFSET,
	SQL_CLAUSE_JOIN_ON,
	SQL_CLAUSE_FROM_FUNCTION,
	SQL_CLAUSE_FILTER,
	SQL_CLAUSE_WINDOW_PARTITION,
	SQL_CLAUSE_WINDOW_ORDER,
	SQL_CLAUSE_WINDOW_FRAME,
	SQL_CLAUSE_VALUES,
	SQL_CLAUSE_INSERT_TARGET,
	SQL_CLAUSE_SET,
	SQL_CLAUSE_RETURNING,
	SQL_CLAUSE_CONFLICT_WHERE,
	SQL_CLAUSE_CHECK,
	SQL_CLAUSE_DEFAULT,
	SQL_CLAUSE_COMPUTED,
	SQL_CLAUSE_INDEX,
	SQL_CLAUSE_PREDICATE,
	SQL_CLAUSE_HYBRID,
	SQL_CLAUSE_COUNT
} sql_clause;

/* One entry of FROM as names see it. A join has an entry of its own for its merged columns. */
typedef struct sql_item {
	const char *alias; /* NULL: columns only */
	sql_range *range;  /* NULL: of exprs alone */
	size_t n;
	const char *const *names; /* as visible; they may be ambiguous */
	sql_expr *const *exprs;   /* what each column is; NULL: column i of range */
	bool by_name, by_column;  /* alias.column, column */
	bool nullable;            /* on the outer side of a join */
	bool lateral;             /* to be seen only by LATERAL ... */
	bool forbidden;           /* ... and not even so */
	bool excluded;            /* the row proposed in ON CONFLICT */
	bool recursive;           /* a WITH query within itself */
	size_t n_hidden;          /* the last of them, from * */
	struct sql_item *next;
} sql_item;

typedef enum sql_cte_state { SQL_CTE_NEW, SQL_CTE_BUSY, SQL_CTE_READY, SQL_CTE_DONE } sql_cte_state;
typedef struct sql_cte_entry {
	sql_cte *cte;
	sql_cte_state state; /* BUSY: its columns are not yet known; READY: they are */
	size_t n, n_extra; /* the last of them are of SEARCH and CYCLE: no * has them within the query */
	const char *const *names, *const *written; /* visible; unique, as written */
	amph_sqltype *types;
	bool self_allowed, referenced;
	struct sql_cte_entry *next;
} sql_cte_entry;

/* An aggregate, with the level that it belongs to. */
typedef struct sql_aggregate {
	const sql_expr *call;
	struct sql_aggregate *next;
} sql_aggregate;

typedef struct sql_scope {
	struct sql_scope *outer;
	int depth;
	sql_clause clause;
	sql_item *items;
	sql_cte_entry *ctes;
	bool ctes_recursive;
	sql_select *select; /* NULL: of INSERT, UPDATE, DELETE, a lone expression */
	sql_aggregate *aggregates;
	bool has_windows, has_grouping;
	bool keep_unknown; /* INSERT ... SELECT: literals wait for the column's type */
	bool lateral;      /* items of this scope stand beside the query, in FROM */
} sql_scope;

/* A call whose arguments are being looked at: the deepest level that they refer to. */
typedef struct sql_call_frame {
	struct sql_call_frame *outer;
	int depth;
	int var_depth, aggregate_depth; /* -1: none */
	bool window;                    /* a window function is among the arguments */
	bool set;                       /* a set-returning one */
} sql_call_frame;

typedef struct sql_param_use {
	const sql_expr *param;
	struct sql_param_use *next;
} sql_param_use;

typedef struct sql_resolver {
	amph_arena *arena;
	const sql_names *names;
	amph_error *err;
	sql_stmt *stmt; /* whose parameters they are; NULL: there are none */
	sql_scope *scope;
	sql_call_frame *frame;
	unsigned depth;
	struct sql_param_use *untyped; /* parameters that had no type where they stand */
	const char *no_sets;           /* "CASE", "COALESCE": no set-returning function in it */
	const char *collation;         /* of COLLATE, so far */
	bool explained;                /* the message says already what the columns are */
} sql_resolver;

/* ---- resolve.c ---- */
bool amph__resolve_fail(sql_resolver *r, int location, const char *sqlstate, const char *format,
			...) __attribute__((format(printf, 4, 5)));
bool amph__resolve_nomem(sql_resolver *r);
/* After a failure at e: adds the columns among its arguments, and their types, to the message. */
void amph__resolve_explain(sql_resolver *r, const sql_expr *e);
bool amph__resolve_refuse(sql_resolver *r, int location, const char *construct); /* 0A000 */
const char *amph__clause_name(sql_clause clause);
bool amph__resolve_no_subquery(sql_resolver *r, int location);      /* false */
/* Aggregates, and GROUPING. */
bool amph__clause_allows_aggregate(sql_clause clause);
void amph__scope_push(sql_resolver *r, sql_scope *scope);
void amph__scope_pop(sql_resolver *r);

/* ---- type.c ---- */
const char *amph__type_text(sql_resolver *r, const amph_sqltype *type); /* for messages */
amph_sqltype amph__plain_type(int type);
amph_sqltype amph__element_type(amph_sqltype array);
amph_sqltype amph__array_type(amph_sqltype element);
/* Without length; varchar stays varchar. */
amph_sqltype amph__without_length(amph_sqltype type);
/* character(n) is text whose values are filled up with spaces: its scale tells it from varchar. */
static inline bool amph__is_bpchar(const amph_sqltype *t)
{
	return t->type == AMPH_T_TEXT && t->scale == 1 && t->length;
}
static inline bool amph__is_unknown(const sql_expr *e)
{
	return e->type.type == AMPH_T_NONE;
}

/* ---- coerce.c ---- */
/* Makes *e of type to, which must be possible (amph__can_coerce). Without length. */
bool amph__coerce(sql_resolver *r, sql_expr **e, const amph_sqltype *to);
bool amph__strip_spaces(sql_resolver *r, sql_expr **e); /* from behind */
/* The spaces that do not count where *e is compared with what is of type other. */
bool amph__strip_beside(sql_resolver *r, const amph_sqltype *other, sql_expr **e);
/* As an assignment or a cast: with length; *possible says whether such a cast exists. */
bool amph__coerce_assign(sql_resolver *r, sql_expr **e, const amph_sqltype *to,
			 amph_cast_context context, bool *possible);
/* A float that is assigned to a column gets a cast to its own type where it may be -0.0, for
 * dialects that cannot store that. */
bool amph__coerce_stored(sql_resolver *r, sql_expr **e);
/* A condition: 42804 where *e is no boolean. what is "WHERE". */
bool amph__coerce_boolean(sql_resolver *r, sql_expr **e, const char *what);
bool amph__coerce_unknown_to_text(sql_resolver *r, sql_expr **e);
/* The type that all have in common; 42804 "%s types integer and text cannot be matched". */
bool amph__common_type(sql_resolver *r, sql_expr *const *items, size_t n, const char *what,
		       amph_sqltype *out);
bool amph__coerce_all(sql_resolver *r, sql_expr **items, size_t n, const char *what,
		      const amph_sqltype *to);
/* The next type into what was common before; false: they do not go together. */
bool amph__common_step(amph_sqltype *common, const amph_sqltype *next);

/* ---- own.c ---- */
bool amph__is_own(const sql_expr *e);
/* Within a cast or another of them. */
bool amph__resolve_own(sql_resolver *r, sql_expr *e);
bool amph__fail_own(sql_resolver *r, const sql_expr *e);

/* ---- call.c, match.c ---- */
typedef struct sql_match {
	const amph_catalog_row *row;
	amph_sqltype *args; /* actual types that arguments become */
	amph_sqltype result;
} sql_match;
/* The operator for operands of these types; 42883, 42725. left NULL: a prefix operator. */
bool amph__match_operator(sql_resolver *r, const char *name, const amph_sqltype *left,
			  const amph_sqltype *right, int location, sql_match *m);
/* The function for arguments of these types. *m.row NULL and no error: there is none that fits. */
bool amph__match_function(sql_resolver *r, const char *name, const amph_sqltype *args, size_t n,
			  bool within_group, int location, sql_match *m);
bool amph__resolve_operator(sql_resolver *r, sql_expr **e); /* operands are resolved */
bool amph__resolve_call(sql_resolver *r, sql_expr **e);
/* args.c: f(b => 1), f(VARIADIC ARRAY[...]) become plain calls; defaults of what is left
 * out. */
bool amph__order_named(sql_resolver *r, sql_expr *e);
bool amph__expand_variadic(sql_resolver *r, sql_expr *e);
bool amph__add_defaults(sql_resolver *r, sql_expr *e, const amph_catalog_row *row);
bool amph__result_nullable(const amph_catalog_row *row, sql_expr *const *args, size_t n);

/* ---- expr.c, forms.c ---- */
bool amph__resolve_node(sql_resolver *r, sql_expr **e);
bool amph__resolve_list(sql_resolver *r, sql_list *list);
/* clock.c: makes of the literal 'today' and its like, of a type of times, what it means. */
bool amph__clock_literal(sql_resolver *r, sql_expr *e, int type, bool *is);
/* In a clause: sets scope->clause for the time. */
bool amph__resolve_in(sql_resolver *r, sql_expr **e, sql_clause clause);
bool amph__resolve_condition(sql_resolver *r, sql_expr **e, sql_clause clause);
/* The steps of a subscripted document, once its args are resolved. */
bool amph__subscript_json(sql_resolver *r, sql_expr *e);
bool amph__resolve_in_list(sql_resolver *r, sql_expr **e);
bool amph__resolve_in_rows(sql_resolver *r, sql_expr **e);
bool amph__resolve_in_select(sql_resolver *r, sql_expr **e);
bool amph__resolve_quantified(sql_resolver *r, sql_expr **e);
bool amph__resolve_between(sql_resolver *r, sql_expr **e);
bool amph__resolve_case(sql_resolver *r, sql_expr **e);
bool amph__resolve_comparison(sql_resolver *r, sql_expr **e); /* with a row on a side */
sql_expr *amph__make_op(sql_resolver *r, const char *op, sql_expr *left, sql_expr *right,
			int location);

/* ---- names.c, from.c ---- */
bool amph__resolve_column(sql_resolver *r, sql_expr **e);
/* * and alias.* as a list of columns. */
bool amph__expand_star(sql_resolver *r, const sql_expr *star, sql_target **first,
		       sql_target ***tail);
sql_expr *amph__item_column(sql_resolver *r, const sql_item *item, size_t i, int location);
sql_item *amph__item_of_table(sql_resolver *r, sql_range *range);
sql_cte_entry *amph__find_cte(sql_resolver *r, const char *name, sql_scope **where);

/* The entry of FROM whose row e is, t or t.*; NULL: none. */
const sql_item *amph__find_row(sql_resolver *r, const sql_expr *e);

/* ---- rows.c: before arguments are resolved; what is no row stays as it is ---- */
bool amph__replace_rows(sql_resolver *r, sql_expr *call);
bool amph__row_as_text(sql_resolver *r, sql_expr **e);
bool amph__row_as_list(sql_resolver *r, sql_expr **e);
bool amph__spread_rows(sql_resolver *r, sql_expr *row);

/* ---- from.c, join.c, with.c ---- */
bool amph__resolve_from(sql_resolver *r, sql_range *from);
bool amph__resolve_with(sql_resolver *r, sql_cte *with, bool recursive);
bool amph__range_items(sql_resolver *r, sql_range *range, sql_item **list);
bool amph__join_items(sql_resolver *r, sql_range *join, sql_item **list);
sql_item *amph__cte_item(sql_resolver *r, sql_range *range, sql_cte_entry *c, sql_scope *scope);
sql_item *amph__new_item(sql_resolver *r, sql_range *range, const char *const *visible);
sql_item **amph__items_end(sql_item **list);
void amph__items_lateral(sql_item *list, bool lateral, bool forbidden);
/* 42712 where an alias is in both. */
bool amph__items_distinct(sql_resolver *r, const sql_item *list, const sql_item *more);
/* names with the first of them replaced by the range's column aliases; NULL after an error. */
const char *const *amph__alias_columns(sql_resolver *r, const sql_range *range,
				       const char *const *names, size_t n);
bool amph__name_in(const char *const *names, size_t n, const char *name);
/* What columns are called in the written text: each its own name. */
const char *const *amph__unique_names(sql_resolver *r, const char *const *names, size_t n);
bool amph__resolve_table(sql_resolver *r, sql_range *range); /* finds it; 42P01 */

/* ---- recursion.c ---- */
bool amph__check_recursion(sql_resolver *r, const sql_cte *with);       /* 42P19, 0A000 */

/* ---- record.c ---- */
const char *amph__row_descriptor(sql_resolver *r, const sql_list *columns, bool numbered);
bool amph__row_as_value(sql_resolver *r, sql_expr **e);         /* what is no ROW(...) stays */
bool amph__rows_ordered(sql_resolver *r, const amph_sqltype *type, int location);
bool amph__rows_alike(sql_resolver *r, const sql_list *list);
bool amph__rows_as_arguments(sql_resolver *r, sql_expr *call);
bool amph__rows_as_operands(sql_resolver *r, sql_expr *op);     /* beside what is of rows */

/* ---- domain.c ---- */
const sql_stmt *amph__find_domain(const sql_resolver *r, const char *name);
bool amph__cast_to_domain(sql_resolver *r, sql_expr **e, const sql_stmt *domain);
bool amph__check_domain_type(sql_resolver *r, const sql_expr *arg);     /* as pg_typeof tells it */

/* ---- search.c: without SEARCH and CYCLE they do nothing. Between the terms, and after the other. ---- */
bool amph__begin_search(sql_resolver *r, sql_cte_entry *c);
bool amph__end_search(sql_resolver *r, sql_cte_entry *c);

/* ---- select.c, set.c, group.c, window.c ---- */
bool amph__resolve_select(sql_resolver *r, sql_select *s); /* in a scope of its own */
/* keep_unknown: literals among its output columns wait for the type that is needed. */
bool amph__resolve_select_as(sql_resolver *r, sql_select *s, bool keep_unknown);
bool amph__resolve_set(sql_resolver *r, sql_select *s);
bool amph__resolve_values(sql_resolver *r, sql_select *s);
bool amph__resolve_targets(sql_resolver *r, sql_target **targets, sql_clause clause);
bool amph__targets_to_columns(sql_resolver *r, const sql_target *targets,
			      const amph_result_column **columns, size_t *n);
bool amph__check_groups(sql_resolver *r, sql_select *s);
/* Whether e refers to what stands in this scope's own FROM. */
bool amph__names_input(const sql_scope *scope, sql_expr *e);
bool amph__resolve_windows(sql_resolver *r, sql_select *s);
bool amph__resolve_over(sql_resolver *r, sql_expr *call);
/* The name that PostgreSQL gives to an output column, from the tree as it was written. */
const char *amph__figure_name(const sql_expr *e);
/* *s becomes SELECT * FROM (s), to hang casts around its columns. */
bool amph__wrap_select(sql_resolver *r, sql_select **s);
/* Column i of s becomes of type to, by a cast in its targets or around it. */
bool amph__coerce_output(sql_resolver *r, sql_select **s, const amph_sqltype *to, size_t n);

/* ---- view.c: where the target is a view; elsewhere they do nothing ---- */
sql_item *amph__open_view(sql_resolver *r, sql_stmt *stmt, const sql_view *view);
bool amph__view_column(sql_resolver *r, const sql_stmt *stmt, const char **name, int location);
bool amph__view_columns(sql_resolver *r, sql_stmt *stmt);       /* of an INSERT */
/* The word DEFAULT for a column of the table, where a view says what it is. */
bool amph__view_default(sql_resolver *r, const sql_stmt *stmt, size_t column, bool insert,
			sql_expr **value);
bool amph__view_condition(sql_resolver *r, sql_stmt *stmt);

/* ---- dml.c ---- */
bool amph__resolve_insert(sql_resolver *r, sql_stmt *stmt);
bool amph__resolve_update(sql_resolver *r, sql_stmt *stmt);
bool amph__resolve_delete(sql_resolver *r, sql_stmt *stmt);
bool amph__resolve_assignments(sql_resolver *r, sql_stmt *stmt, sql_assign *set);

/* ---- parts.c ---- */
bool amph__assign_part(sql_resolver *r, sql_stmt *stmt, sql_assign *a, size_t i); /* of column i */
bool amph__join_parts(sql_resolver *r, sql_assign *set);
/* Of an INSERT: k is a number among those that are named, numbers has their columns. */
bool amph__are_parts(const sql_stmt *stmt, size_t i, size_t k);
size_t amph__first_part(const size_t *numbers, size_t k);       /* of the same column */
bool amph__open_parts(sql_resolver *r, sql_stmt *stmt, const size_t *numbers);
bool amph__insert_part(sql_resolver *r, const sql_stmt *stmt, size_t k, size_t column, sql_expr **value);
void amph__join_values(const sql_stmt *stmt, const size_t *numbers, sql_list *row);
void amph__join_targets(const sql_stmt *stmt, const size_t *numbers, sql_target **targets);

/* ---- conflict.c: without ON CONFLICT they do nothing ---- */
bool amph__resolve_conflict(sql_resolver *r, sql_stmt *stmt);
bool amph__find_arbiter(sql_resolver *r, sql_stmt *stmt);       /* 42P10: there is none */

bool amph__resolve_stmt(sql_resolver *r, sql_stmt *stmt); /* of any kind; also of a CTE */
#endif
