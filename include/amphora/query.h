/* Queries: a model, conditions, and a call that says what is wanted of them.
 *
 *	User **users = amph_all(s, User,
 *		.where = amph_eq(amph_col(User, is_active), true),
 *		.order_by = amph_by(amph_desc(amph_col(User, created_at))), .limit = 20);
 *	amph_each(User, u, users)
 *		printf("%s\n", u->username);
 *
 * The members of amph_select below are what may follow the model's name. Lists and projections
 * that are returned belong to the session until amph_release or its end. Calls flush first,
 * return NULL or -1 on failure and leave the reason in amph_session_error. */
#ifndef AMPHORA_QUERY_H
#define AMPHORA_QUERY_H
#include "function.h"
#include "relation.h"
#include "rows.h"
#include "session.h"
#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a query is made of; lists end in an entry of zeros, which the macros put in ---- */
typedef enum amph_join_kind {
	AMPH_JOIN_NONE,
	AMPH_JOIN_INNER,
	AMPH_JOIN_LEFT,
	AMPH_JOIN_RIGHT,                /* these two in projections: their rows may lack the model */
	AMPH_JOIN_FULL,
	AMPH_JOIN_CROSS                 /* without a condition */
} amph_join_kind;
typedef struct amph_join_item {
	amph_member along;              /* a relationship of a model that the query has */
	const amph_model *to;           /* or, with along: the alias that the target gets */
	amph_bool_expr on;
	int kind;                       /* amph_join_kind */
} amph_join_item;

enum { AMPH_LOAD_SELECTIN = 1, AMPH_LOAD_JOINED, AMPH_LOAD_SUBQUERY, AMPH_LOAD_RAISE };
typedef struct amph_load_item amph_load_item;
struct amph_load_item {
	amph_member member;
	int how;
	const amph_load_item *then;
	amph_bool_expr where;           /* of a collection: see amph_selectin_of */
	const amph_node *order_by;      /* by(...): its order */
};

typedef struct amph_assign { const char *member; uint32_t offset; amph_node value; } amph_assign;
typedef struct amph_field { const char *member; uint32_t offset; int type; amph_node value; } amph_field;
typedef struct amph_of { const void *parent; amph_member member; } amph_of;

typedef struct amph_select amph_select;
/* A row struct that a query fills, under the name that the struct has: see amph_cte. */
enum {
	AMPH_CTE_NONE, AMPH_CTE, AMPH_CTE_MATERIALIZED, AMPH_CTE_RECURSIVE, AMPH_CTE_VALUES,
	AMPH_CTE_SET, AMPH_CTE_SET_NUMBERED, AMPH_CTE_LATERAL, AMPH_CTE_UPDATE, AMPH_CTE_DELETE,
	AMPH_CTE_INSERT
};
typedef struct amph_cte_item {
	const amph_model *model;
	const amph_select *query;
	const void *rows;               /* of AMPH_CTE_VALUES */
	size_t n_rows;
	amph_node call;                 /* of AMPH_CTE_SET */
	uint64_t seal;                  /* of the query; of the list, in the entry that ends it */
	int kind;
} amph_cte_item;
/* A further query whose rows are put together with those before it. */
enum {
	AMPH_COMBINE_NONE, AMPH_UNION, AMPH_UNION_ALL, AMPH_INTERSECT, AMPH_INTERSECT_ALL, AMPH_EXCEPT,
	AMPH_EXCEPT_ALL
};
typedef struct amph_combine_item {
	const amph_select *query;
	uint64_t seal;                  /* as there */
	int how;
} amph_combine_item;

/* What amph_update and amph_delete_where do to objects that the session has of the rows. */
typedef enum amph_sync {
	AMPH_SYNC_DEFAULT,              /* those of updated rows are as their rows when the call
					 * returns; as AMPH_SYNC_EXPIRE where rows are deleted or returned,
					 * or their keys change */
	AMPH_SYNC_EXPIRE,               /* the model's objects are read anew when they are met next, by a
					 * query, amph_get or amph_rel; until then they stay as they are.
					 * One that the program changes meanwhile is read before the flush
					 * compares it: where the row has another value than the object had
					 * in a member that was assigned, the flush fails as AMPH_E_STALE */
	AMPH_SYNC_REFRESH,              /* they are as their rows when the call returns; of those that
					 * are deleted AMPH_OBJECT_EXPUNGED, until a rollback */
	AMPH_SYNC_EXPUNGE,              /* they leave the session */
	AMPH_SYNC_NONE,                 /* nothing */
	/* The condition is evaluated over the objects, by the values that the session knows of their
	 * rows, and those that it holds for are as the statement has left them: without another
	 * statement, and without rows that are sent. What is not certain in memory is 0A000 before
	 * anything is written: conditions but comparisons, IN, IS NULL, AND, OR and NOT of columns and
	 * values, the order of texts, JSON, arrays, other tables; values that are no values, keys,
	 * JSON or arrays in .set; models with computed columns or hybrids, soft deletes. Objects that
	 * are expired, or that .only has loaded in part, are expired. A row that another transaction
	 * has changed since it was read may be judged by what it was: AMPH_SYNC_REFRESH asks. */
	AMPH_SYNC_EVALUATE,
	AMPH_SYNC_AUTO                  /* EVALUATE where that can be, else REFRESH; with .returning EXPIRE */
} amph_sync;

/* The page that follows an object, or precedes it: see amph_after. */
enum { AMPH_KEYSET_NONE, AMPH_KEYSET_AFTER, AMPH_KEYSET_BEFORE };
typedef struct amph_keyset { const void *object; int how; } amph_keyset;

/* What becomes of a row whose key is there already. Neither .update nor .set: nothing, and where
 * .on is missing too, whichever key it is. The version column counts up, .on_update columns are
 * set, as in any update. */
typedef struct amph_conflict {
	const amph_node *on;            /* by(...): the columns of the key */
	amph_bool_expr on_where;        /* of a partial unique index: its condition */
	const amph_node *update;        /* by(...): columns that take the values of the new row */
	const amph_assign *set;         /* sets(...): others; excluded(T, f) is the new row's value */
	amph_bool_expr where;           /* only where it holds is the row there updated */
} amph_conflict;

struct amph_select {
	uint32_t abi;                   /* put in by the macros */
	const amph_model *model;
	amph_bool_expr where, having;
	const amph_node *order_by;      /* by(...) */
	const amph_node *group_by;      /* by(...) */
	const amph_node *distinct_on;   /* by(...): the first row of each, in .order_by's order */
	/* by(...): columns to load; key, version and soft delete come in any case. The members of others
	 * are zero and NULL until amph_refresh, amph_get or a query without .only completes the object,
	 * which keeps what was assigned since. An assigned value is written, loaded or not, with one
	 * exception that a plain struct cannot tell: 0, false, NULL and .has = false in a member that was
	 * not loaded is what the member had already, and is not written. To write it, complete the object
	 * by amph_refresh first, or use amph_update. */
	const amph_node *only;
	const amph_node *defer;         /* by(...): instead of .only: the columns not to load */
	const amph_cte_item *ctes;      /* ctes(...): row structs that the query may name as models */
	const amph_combine_item *combine;       /* combine(...): union, intersect, except, in turn;
					 * .order_by, .limit, .offset are of the whole */
	const amph_join_item *joins;    /* joins(...) */
	const amph_load_item *load;     /* with(...): relationships to load at once */
	const amph_field *fields;       /* fields(...): of a projection */
	const amph_assign *set;         /* sets(...): of an update */
	const amph_field *returning;    /* fields(...): of the rows that a call writes */
	const amph_conflict *on_conflict;       /* of an insert */
	void *write_back;               /* of calls on an array: the array, to be filled */
	const amph_model *target;       /* of amph_insert_from; put in by the macro */
	amph_keyset keyset;             /* after(...), before(...) */
	amph_of of;                     /* children(...): the members of one object's collection */
	int64_t limit, offset;          /* limit 0 is no limit */
	amph_sync sync;                 /* of update and delete */
	int page, per_page;             /* of amph_paginate; 0 is 1 and 20 */
	bool distinct;
	bool with_deleted;              /* rows that are softly deleted too */
	bool unfiltered;                /* whatever the session filters by; see filter.h */
	bool hybrids;                   /* load them too; see AMPH_HYBRID */
	bool all_rows;                  /* of update and delete: instead of .where */
	bool for_update;                /* lock the rows until the transaction ends; on SQLite nobody */
	bool for_share;                 /* else writes anyway. for_share: others may read-lock too */
	bool skip_locked;               /* with either: leave out those that others lock */
	bool nowait;                    /* with either: fail with 55P03 where others lock one */
	amph_node value;                /* of amph_sum, amph_avg, amph_scalar */
};

/* One page and where it stands. Pages count from 1; there is none of no rows. */
typedef struct amph_page {
	void *items;                    /* a list of objects */
	int64_t total, page, per_page, pages;
	bool has_prev, has_next;
	int64_t prev_num, next_num;     /* 0: none */
} amph_page;

/* ---- the functions behind the macros ---- */
void **amph_do_all(amph_session *s, const amph_select *q);
void *amph_do_first(amph_session *s, const amph_select *q);
void *amph_do_one(amph_session *s, const amph_select *q);
void *amph_do_project(amph_session *s, size_t size, const amph_select *q);
amph_rows *amph_do_rows(amph_session *s, const amph_select *q);
const char *amph_do_json(amph_session *s, const amph_select *q);
const amph_page *amph_do_paginate(amph_session *s, const amph_select *q);
int64_t amph_do_count(amph_session *s, const amph_select *q);
/* As amph_to_json, with relationships: with(selectin(T, member, nested ...), ...), each under its name: an
 * object or null, an array of objects. What of it is not loaded is loaded first, for all objects of
 * one kind at once. Only what is named is written, so that circles end where the list does; objects of
 * another kind than T leave the member out. An object has each of its collections once: where the
 * list names one in part and as a whole, it is what was loaded last. The text is amph_to_json's.
 * AMPH_E_MISUSE for raises(), 42701 where a column has the name of a relationship. */
const char *amph_to_json_with(amph_session *s, const void *object, const amph_load_item *with);
bool amph_do_exists(amph_session *s, const amph_select *q);
int64_t amph_do_update(amph_session *s, const amph_select *q);
int64_t amph_do_delete(amph_session *s, const amph_select *q);
int64_t amph_do_insert_from(amph_session *s, const amph_select *q);
void *amph_do_update_returning(amph_session *s, size_t size, const amph_select *q);
void *amph_do_delete_returning(amph_session *s, size_t size, const amph_select *q);
void *amph_do_insert_from_returning(amph_session *s, size_t size, const amph_select *q);
amph_opt_int64 amph_sum_int64(amph_session *s, amph_op f, const amph_select *q);
amph_opt_numeric amph_sum_numeric(amph_session *s, amph_op f, const amph_select *q);
amph_opt_double amph_sum_double(amph_session *s, amph_op f, const amph_select *q);
/* key: values in the order of the model's key columns, up to one whose op is AMPH_OP_NONE. */
void *amph_do_get(amph_session *s, const amph_model *m, const amph_node *key, bool required);
void *amph_do_get_any(amph_session *s, const amph_model *m, const amph_node *key);
int64_t amph_do_insert_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how);
int64_t amph_do_upsert_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how);
int64_t amph_do_update_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how);
int64_t amph_do_delete_many(amph_session *s, const amph_model *m, const void *rows, size_t n,
			    const amph_select *how);
amph_assign amph_assign_of(const char *member, size_t offset, amph_node value, int checked);
amph_field amph_field_of(const char *member, size_t offset, int type, amph_node value, int checked);
amph_bool_expr amph_exists_expr(const amph_select *q);
amph_bool_expr amph_related_expr(const amph_select *q);
amph_node amph_select_node(const amph_select *q);
/* These seal a list that ends in an entry of zeros, and return it. */
const amph_join_item *amph_joins_of(amph_join_item *list);
const amph_load_item *amph_loads_of(amph_load_item *list);
const amph_assign *amph_sets_of(amph_assign *list);
const amph_field *amph_fields_of(amph_field *list);
const amph_cte_item *amph_ctes_of(amph_cte_item *list);
const amph_combine_item *amph_combine_of(amph_combine_item *list);

/* Rows in constant memory: not objects of the session, valid until the next one. Until it is
 * closed the session can do nothing else. */
typedef struct amph_stream amph_stream;
amph_stream *amph_do_stream(amph_session *s, const amph_select *q);
amph_stream *amph_do_stream_rows(amph_session *s, size_t size, const amph_select *q);
const void *amph_stream_next(amph_stream *stream);      /* NULL: the end, or failure */
bool amph_stream_close(amph_stream *stream);            /* false: it had failed. NULL is fine */

#ifndef __cplusplus

/* ---- joins ---- */
struct amph_this_member_is_not_a_relationship { int unused; };
/* Only a relationship is a pointer to something else than characters. */
#define AMPH_RELATION_(T, f)                                                                     \
	{ .model = &amph_model_##T, .offset = offsetof(T, f), .flags = 0 * _Generic(&*((T *)0)->f, \
		const char *: (struct amph_this_member_is_not_a_relationship){ 0 }, default: 1) }
#define AMPH_JOIN_(T, f, k) ((amph_join_item){ .along = AMPH_RELATION_(T, f), .kind = k })
#define AMPH_JOIN_ON_(T, condition, k)                                                           \
	((amph_join_item){ .to = &amph_model_##T, .on = condition, .kind = k })
#define AMPH_JOIN_AS_(T, f, A, k)                                                                \
	((amph_join_item){ .along = AMPH_RELATION_(T, f), .to = &amph_model_##A, .kind = k })
#define amph_join(T, f) AMPH_JOIN_(T, f, AMPH_JOIN_INNER)       /* along a relationship */
#define amph_left_join(T, f) AMPH_JOIN_(T, f, AMPH_JOIN_LEFT)
#define amph_join_on(T, condition) AMPH_JOIN_ON_(T, condition, AMPH_JOIN_INNER)
#define amph_left_join_on(T, condition) AMPH_JOIN_ON_(T, condition, AMPH_JOIN_LEFT)
#define amph_join_as(T, f, A) AMPH_JOIN_AS_(T, f, A, AMPH_JOIN_INNER)   /* A: see AMPH_ALIAS */
#define amph_left_join_as(T, f, A) AMPH_JOIN_AS_(T, f, A, AMPH_JOIN_LEFT)
#define amph_right_join(T, f) AMPH_JOIN_(T, f, AMPH_JOIN_RIGHT)
#define amph_full_join(T, f) AMPH_JOIN_(T, f, AMPH_JOIN_FULL)
#define amph_right_join_on(T, condition) AMPH_JOIN_ON_(T, condition, AMPH_JOIN_RIGHT)
#define amph_full_join_on(T, condition) AMPH_JOIN_ON_(T, condition, AMPH_JOIN_FULL)
#define amph_cross_join(T) ((amph_join_item){ .to = &amph_model_##T, .kind = AMPH_JOIN_CROSS })
#define amph_joins(...)                                                                          \
	amph_joins_of((amph_join_item[]){ __VA_ARGS__, { .kind = AMPH_JOIN_NONE } })

/* ---- relationships to load with the objects: (T, member [, nested ...]) ---- */
#define AMPH_LOAD_(h, T, ...) AMPH_CAT_(AMPH_LOAD_, AMPH_MORE_(__VA_ARGS__))(h, T, __VA_ARGS__)
#define AMPH_LOAD_ONE(h, T, f) ((amph_load_item){ .member = AMPH_RELATION_(T, f), .how = h })
#define AMPH_LOAD_MORE(h, T, f, ...)                                                             \
	((amph_load_item){ .member = AMPH_RELATION_(T, f), .how = h, .then = amph_with(__VA_ARGS__) })
#define amph_selectin(T, ...) AMPH_LOAD_(AMPH_LOAD_SELECTIN, T, __VA_ARGS__)
#define amph_joined(T, ...) AMPH_LOAD_(AMPH_LOAD_JOINED, T, __VA_ARGS__)
#define amph_subquery(T, ...) AMPH_LOAD_(AMPH_LOAD_SUBQUERY, T, __VA_ARGS__)
/* Those of a collection's objects for which a condition holds, or all of them, in an order: (T, member
 * [, .where = ...] [, .order_by = by(...)] [, .then = with(...)]). Both name columns of the objects and,
 * of many to many, of the links to them, not of T; equal ones are in the order of their key. The list in
 * the object is that and no more, until a .load, amph_refresh or expiry renews it: amph_rel takes it for
 * loaded, amph_append and amph_remove work on it, deletes cascade to all objects nevertheless. One that has
 * changes that are not flushed stays as it is. Of a relationship to one object 0A000. */
#define amph_selectin_of(T, f, ...)                                                              \
	((amph_load_item){ .member = AMPH_RELATION_(T, f), .how = AMPH_LOAD_SELECTIN, __VA_ARGS__ })
/* not to be loaded: amph_rel of it is AMPH_E_MISUSE, for the objects that this query brings */
#define amph_raises(T, f) AMPH_LOAD_ONE(AMPH_LOAD_RAISE, T, f)
#define amph_with(...) amph_loads_of((amph_load_item[]){ __VA_ARGS__, { .how = 0 } })

/* ---- assignments, fields ---- */
#define amph_set(T, f, x) amph_assign_of(#f, offsetof(T, f), AMPH_NODE_(x), AMPH_FITS_(T, f, x))
#define amph_set_null(T, f)                                                                      \
	amph_assign_of(#f, offsetof(T, f), (amph_node){ .op = AMPH_OP_VALUE }, 1)
#define amph_sets(...) amph_sets_of((amph_assign[]){ __VA_ARGS__, { .member = NULL } })
/* into a member of the row struct R; as: under a name, for amph_rows_of */
#define amph_into(R, f, x)                                                                       \
	amph_field_of(#f, offsetof(R, f), AMPH_TYPE_OF_(R, f), AMPH_NODE_(x), AMPH_FITS_(R, f, x))
#define amph_as(name, x) amph_field_of(name, 0, AMPH_T_NONE, AMPH_NODE_(x), 1)
#define amph_fields(...) amph_fields_of((amph_field[]){ __VA_ARGS__, { .member = NULL } })
#define amph_children(T, parent_, f)                                                             \
	{ .parent = (const T *){ parent_ }, .member = AMPH_RELATION_(T, f) }

/* Pages without counting: .keyset = amph_after(T, object) gives the rows that come after the
 * object's in .order_by's order, which has columns of the model only; its key is added to it, so
 * that no two rows are equal. NULL for the object: the first page. amph_before gives those before
 * it, in the same order; with .limit the nearest. Values of the object are taken as they are in
 * its struct, NULLs as the order has them; a hybrid in the order needs an object that was read with
 * .hybrids, else AMPH_E_MISUSE. Of amph_all and amph_first. */
#define amph_after(T, p) { .object = (const T *){ p }, .how = AMPH_KEYSET_AFTER }
#define amph_before(T, p) { .object = (const T *){ p }, .how = AMPH_KEYSET_BEFORE }

#define amph_on_conflict(...) (&(const amph_conflict){ __VA_ARGS__ })
#define amph_do_nothing() (&(const amph_conflict){ .on = NULL })
/* In .on_conflict: the value that the new row has. */
#define AMPH_EXCLUDED_(a) AMPH_LIKE_(a)(AMPH_OP_EXCLUDED, AMPH_ARGS_(1, (a).n))
#define amph_excluded(T, f) AMPH_EXCLUDED_(amph_col(T, f))

/* The model's name is the first of the variable arguments, so that it may stand alone. */
#define AMPH_SELECT_(...) (&(const amph_select){ .abi = AMPH_ABI, .model = &amph_model_##__VA_ARGS__ })
#define AMPH_TYPED_(star, call, ...) ((AMPH_FIRST_(__VA_ARGS__, 0) star)call)

/* ---- queries within queries; those of conditions may name models of the query around them ---- */
/* A condition: the query (T [, .where = ...]) has a row. */
#define amph_exists_of(...) amph_exists_expr(AMPH_SELECT_(__VA_ARGS__))
/* A condition: an object that the relationship leads to meets the condition, (T, member [, cond]);
 * any of a collection, has of one object. Softly deleted ones do not count. */
#define amph_any(T, ...)                                                                         \
	amph_related_expr(AMPH_CAT_(AMPH_RELATED_, AMPH_MORE_(__VA_ARGS__))(T, __VA_ARGS__))
#define amph_has(T, ...) amph_any(T, __VA_ARGS__)
#define AMPH_RELATED_ONE(T, f)                                                                   \
	(&(const amph_select){ .abi = AMPH_ABI, .of = { .member = AMPH_RELATION_(T, f) } })
#define AMPH_RELATED_MORE(T, f, cond)                                                            \
	(&(const amph_select){ .abi = AMPH_ABI, .of = { .member = AMPH_RELATION_(T, f) }, .where = cond })
/* The value of x in the one row of a query, NULL of none: (x, T [, .where = ...]). More than one
 * row is 21000. */
#define AMPH_INNER_(x, ...)                                                                      \
	(&(const amph_select){ .abi = AMPH_ABI, .value = (x).n, .model = &amph_model_##__VA_ARGS__ })
#define amph_scalar(x, ...)                                                                      \
	AMPH_LIKE_(x)(AMPH_OP_SELECT, 0, (const amph_node *)(const void *)AMPH_INNER_(x, __VA_ARGS__))
/* a is among the values of x in the rows of a query: (a, x, T [, .where = ...]) */
#define AMPH_IN_SELECT_(op, a, x, ...)                                                           \
	amph_compare(op, AMPH_PAIR_(a, x),                                                       \
		     AMPH_ARGS_(2, (a).n, amph_select_node(AMPH_INNER_(x, __VA_ARGS__))))
#define amph_in_select(a, x, ...) AMPH_IN_SELECT_(AMPH_OP_IN_SELECT, a, x, __VA_ARGS__)
#define amph_not_in_select(a, x, ...) AMPH_IN_SELECT_(AMPH_OP_NOT_IN_SELECT, a, x, __VA_ARGS__)

/* a op any, all of the values of x in the rows of a query: ("<", a, x, T [, .where = ...]); op is a text
 * of the statement. Of no rows any is false, all is true; NULLs count as in PostgreSQL. */
#define AMPH_QUANTIFIED_(which, op, a, x, ...)                                                   \
	amph_named_bool(which, op, AMPH_ARGS_(2, amph_first_arg((a).n, AMPH_PAIR_(a, x)),        \
					      amph_select_node(AMPH_INNER_(x, __VA_ARGS__))))
#define amph_any_select(op, a, x, ...) AMPH_QUANTIFIED_(AMPH_OP_ANY_SELECT, op, a, x, __VA_ARGS__)
#define amph_every_select(op, a, x, ...) AMPH_QUANTIFIED_(AMPH_OP_ALL_SELECT, op, a, x, __VA_ARGS__)

/* Rows of a query as a table of another: R is a row struct that AMPH_ROW has made known, the
 * query's .fields say into which of its members values go, and these are columns from then on:
 *
 *	AMPH_ROW(Totals);
 *	Totals *t = amph_project(s, Totals, Totals,
 *		.ctes = ctes(cte(Totals, Order, .group_by = by(col(Order, user_id)), .fields = fields(
 *			into(Totals, user_id, col(Order, user_id)),
 *			into(Totals, sum, fn_sum(col(Order, total)))))),
 *		.where = gt(col(Totals, sum), 100),
 *		.fields = fields(into(Totals, user_id, col(Totals, user_id))));
 *
 * It may be the query's model, and joined by join_on; AMPH_ALIAS gives it a second name. Each sees
 * those before it. amph_recursive sees itself too, in the queries of its .combine. */
#define AMPH_ROW(R)                                                                              \
	static AMPH_MAYBE_UNUSED_ const amph_model amph_model_##R = {                            \
		.abi = AMPH_ABI, .name = #R, .size = sizeof(R)                                   \
	}
#define AMPH_CTE_(k, R, ...)                                                                     \
	((amph_cte_item){ .model = &amph_model_##R, .query = AMPH_SELECT_(__VA_ARGS__), .kind = k })
#define amph_cte(R, ...) AMPH_CTE_(AMPH_CTE, R, __VA_ARGS__)
#define amph_materialized(R, ...) AMPH_CTE_(AMPH_CTE_MATERIALIZED, R, __VA_ARGS__)
#define amph_recursive(R, ...) AMPH_CTE_(AMPH_CTE_RECURSIVE, R, __VA_ARGS__)
/* A list of values, from an array of R that stays as it is until the call returns: (R, array, n,
 * given(R, member), ...) */
#define amph_values(R, array, n, ...)                                                            \
	((amph_cte_item){ .model = &amph_model_##R, .rows = AMPH_POINTER_TO_(R, array), .n_rows = (n), \
		.kind = AMPH_CTE_VALUES, .query = &(const amph_select){ .abi = AMPH_ABI,         \
			.model = &amph_model_##R, .fields = amph_fields(__VA_ARGS__) } })
/* Rows of a set-returning function: (R, call, given(R, member), ...), the members in the order of the
 * function's columns, each cast to its member's type:
 *
 *	.ctes = ctes(set_of(Tag, call(text, "jsonb_array_elements_text", col(Doc, tags)), given(Tag, name))),
 *	.joins = joins(cross_join(Tag))
 *
 * Unlike those above it is evaluated where the query, or one of its joins, names R, and may have columns
 * of the models before that: a row of those is joined with its own. amph_set_numbered: the last member
 * is the number of the row, WITH ORDINALITY. amph_lateral: the same of a query, (R, T, .where = ...,
 * .fields = ..., ...). left_join_on(R, condition) keeps rows that have none. */
#define AMPH_SET_(k, R, call_, ...)                                                              \
	((amph_cte_item){ .model = &amph_model_##R, .kind = k, .call = (call_).n,                \
		.query = &(const amph_select){ .abi = AMPH_ABI, .model = &amph_model_##R,        \
			.fields = amph_fields(__VA_ARGS__) } })
#define amph_set_of(R, call_, ...) AMPH_SET_(AMPH_CTE_SET, R, call_, __VA_ARGS__)
#define amph_set_numbered(R, call_, ...) AMPH_SET_(AMPH_CTE_SET_NUMBERED, R, call_, __VA_ARGS__)
#define amph_lateral(R, ...) AMPH_CTE_(AMPH_CTE_LATERAL, R, __VA_ARGS__)
/* Rows that are written beside the query, which has them as R: (R, T, .set = ..., .where = ...,
 * .returning = fields(into(R, ...), ...)), as amph_update_returning and amph_delete_returning write them;
 * (R, T, Source, .fields = ..., .returning = ...) as amph_insert_from_returning does.
 * Beside amph_project and amph_insert_from only, of which all of a statement sees the rows as they were
 * before; rows that were deleted go elsewhere so:
 *
 *	amph_insert_from(s, Archive, Gone, .fields = fields(into(Archive, id, col(Gone, id))),
 *		.ctes = ctes(cte_delete(Gone, Order, .where = ..., .returning = fields(...))))
 *
 * SQLite runs them one after another, and refuses (0A000) a table with a key that two of them write. */
#define amph_cte_update(R, ...) AMPH_CTE_(AMPH_CTE_UPDATE, R, __VA_ARGS__)
#define amph_cte_delete(R, ...) AMPH_CTE_(AMPH_CTE_DELETE, R, __VA_ARGS__)
#define amph_cte_insert(R, T, ...)                                                               \
	((amph_cte_item){ .model = &amph_model_##R, .kind = AMPH_CTE_INSERT,                     \
		.query = AMPH_INSERT_FROM_(T, __VA_ARGS__) })
#define amph_given(R, f)                                                                         \
	((amph_field){ .member = #f, .offset = offsetof(R, f), .type = AMPH_TYPE_OF_(R, f) })
/* The same of an enum, which a column of it names: given_as(R, mood, Person, mood) */
#define amph_given_as(R, f, T, g)                                                                \
	((amph_field){ .member = #f, .offset = offsetof(R, f), .type = AMPH_TYPE_OF_(R, f),      \
		.value = amph_col(T, g).n })
#define amph_ctes(...)                                                                           \
	amph_ctes_of((amph_cte_item[]){ __VA_ARGS__, { .kind = AMPH_CTE_NONE } })

/* Each (T, .where = ...) with what the call's own query has as .fields, or objects of its model. */
#define AMPH_COMBINE_(h, ...) ((amph_combine_item){ .how = h, .query = AMPH_SELECT_(__VA_ARGS__) })
#define amph_union(...) AMPH_COMBINE_(AMPH_UNION, __VA_ARGS__)
#define amph_union_all(...) AMPH_COMBINE_(AMPH_UNION_ALL, __VA_ARGS__)
#define amph_intersect(...) AMPH_COMBINE_(AMPH_INTERSECT, __VA_ARGS__)
#define amph_intersect_all(...) AMPH_COMBINE_(AMPH_INTERSECT_ALL, __VA_ARGS__)
#define amph_except(...) AMPH_COMBINE_(AMPH_EXCEPT, __VA_ARGS__)
#define amph_except_all(...) AMPH_COMBINE_(AMPH_EXCEPT_ALL, __VA_ARGS__)
#define amph_combine(...)                                                                        \
	amph_combine_of((amph_combine_item[]){ __VA_ARGS__, { .how = AMPH_COMBINE_NONE } })

/* ---- calls: (s, T [, .where = ..., ...]) ---- */
#define amph_all(s, ...) AMPH_TYPED_(**, amph_do_all((s), AMPH_SELECT_(__VA_ARGS__)), __VA_ARGS__)
/* NULL and no error where there is none */
#define amph_first(s, ...) AMPH_TYPED_(*, amph_do_first((s), AMPH_SELECT_(__VA_ARGS__)), __VA_ARGS__)
/* No row is AMPH_E_NOTFOUND (P0002), more than one AMPH_E_MANY (P0003); neither fails the
 * transaction. */
#define amph_one(s, ...) AMPH_TYPED_(*, amph_do_one((s), AMPH_SELECT_(__VA_ARGS__)), __VA_ARGS__)
/* (s, R, T, .fields = ...): an array of R; amph_length tells how many */
#define amph_project(s, R, ...) ((R *)amph_do_project((s), sizeof(R), AMPH_SELECT_(__VA_ARGS__)))
/* (s, T, .fields = fields(as("name", x), ...)): cell by cell, see rows.h */
#define amph_rows_of(s, ...) amph_do_rows((s), AMPH_SELECT_(__VA_ARGS__))
/* All rows as one JSON text, an array of objects whose members are the columns, or the .fields by
 * their names: (s, T, ...). Numbers and truth values as such, JSON as it is, all else as text; the
 * text belongs to the session until its next call that gives JSON. NULL: failure. With .load they are
 * the session's objects, whole, each with its relationships as amph_to_json_with writes them. */
#define amph_json_of(s, ...) amph_do_json((s), AMPH_SELECT_(__VA_ARGS__))
#define amph_paginate(s, ...) amph_do_paginate((s), AMPH_SELECT_(__VA_ARGS__))
#define amph_count(s, ...) amph_do_count((s), AMPH_SELECT_(__VA_ARGS__))        /* -1: failure */
#define amph_exists(s, ...) amph_do_exists((s), AMPH_SELECT_(__VA_ARGS__))
/* Rows affected; -1: failure. They need .where or .all_rows. An update sets the columns that have
 * .on_update, and counts up the version column, as a flush would. A delete from a model with
 * .soft_delete marks the rows; .with_deleted = true really deletes. */
#define amph_update(s, ...) amph_do_update((s), AMPH_SELECT_(__VA_ARGS__))
#define amph_delete_where(s, ...) amph_do_delete((s), AMPH_SELECT_(__VA_ARGS__))
/* Both take inner and cross .joins: UPDATE ... FROM, DELETE ... USING. A row that joins several is
 * updated once, with the values of any of them. The same with the rows that were written, each as
 * a row struct: (s, R, T, .returning = fields(...), ...); columns of joined models are 0A000 on SQLite. */
#define amph_update_returning(s, R, ...)                                                         \
	((R *)amph_do_update_returning((s), sizeof(R), AMPH_SELECT_(__VA_ARGS__)))
#define amph_delete_returning(s, R, ...)                                                         \
	((R *)amph_do_delete_returning((s), sizeof(R), AMPH_SELECT_(__VA_ARGS__)))
/* The rows of a query into a table: (s, T, Source, .fields = fields(into(T, member, x), ...), ...).
 * Columns without a field get their defaults; those of the program once for all rows. Rows
 * inserted or updated; -1: failure. No objects are made, no validators can run: a column that has
 * one is 0A000. .on_conflict as of amph_insert_many. */
#define AMPH_INSERT_FROM_(T, ...)                                                                \
	(&(const amph_select){ .abi = AMPH_ABI, .target = &amph_model_##T,                       \
		.model = &amph_model_##__VA_ARGS__ })
#define amph_insert_from(s, T, ...) amph_do_insert_from((s), AMPH_INSERT_FROM_(T, __VA_ARGS__))
#define amph_insert_from_returning(s, R, T, ...)                                                 \
	((R *)amph_do_insert_from_returning((s), sizeof(R), AMPH_INSERT_FROM_(T, __VA_ARGS__)))
/* for (const T *x; (x = amph_stream_next(stream)); ) */
#define amph_stream_open(s, ...) amph_do_stream((s), AMPH_SELECT_(__VA_ARGS__))
/* The same of row structs: (s, R, T, .fields = ..., ...) */
#define amph_stream_project(s, R, ...)                                                           \
	amph_do_stream_rows((s), sizeof(R), AMPH_SELECT_(__VA_ARGS__))

/* Sum and average of a column, with PostgreSQL's types; NULL of no rows: (s, T, member [, ...]) */
#define AMPH_TOTAL_(T, f) _Generic(((T *)0)->f, int16_t: amph_sum_int64,                         \
	amph_opt_int16: amph_sum_int64, int32_t: amph_sum_int64, amph_opt_int32: amph_sum_int64, \
	int64_t: amph_sum_numeric, amph_opt_int64: amph_sum_numeric,                             \
	amph_numeric: amph_sum_numeric, amph_opt_numeric: amph_sum_numeric,                      \
	float: amph_sum_double, double: amph_sum_double, amph_opt_float: amph_sum_double,        \
	amph_opt_double: amph_sum_double)
#define AMPH_MEAN_(T, f) _Generic(((T *)0)->f, float: amph_sum_double, double: amph_sum_double,  \
	amph_opt_float: amph_sum_double, amph_opt_double: amph_sum_double,                       \
	int16_t: amph_sum_numeric, int32_t: amph_sum_numeric, int64_t: amph_sum_numeric,         \
	amph_opt_int16: amph_sum_numeric, amph_opt_int32: amph_sum_numeric,                      \
	amph_opt_int64: amph_sum_numeric, amph_numeric: amph_sum_numeric,                        \
	amph_opt_numeric: amph_sum_numeric)
#define AMPH_AGGREGATE_ONE(fn, s, op, T, f)                                                      \
	fn(s, op, &(const amph_select){ .abi = AMPH_ABI, .model = &amph_model_##T,               \
		.value = amph_col(T, f).n })
#define AMPH_AGGREGATE_MORE(fn, s, op, T, f, ...)                                                \
	fn(s, op, &(const amph_select){ .abi = AMPH_ABI, .model = &amph_model_##T,               \
		.value = amph_col(T, f).n, __VA_ARGS__ })
#define AMPH_AGGREGATE_(fn, s, op, T, ...)                                                       \
	AMPH_CAT_(AMPH_AGGREGATE_, AMPH_MORE_(__VA_ARGS__))                                      \
		(fn(T, AMPH_FIRST_(__VA_ARGS__, 0)), (s), op, T, __VA_ARGS__)
#define amph_sum(s, T, ...) AMPH_AGGREGATE_(AMPH_TOTAL_, s, AMPH_OP_SUM, T, __VA_ARGS__)
#define amph_avg(s, T, ...) AMPH_AGGREGATE_(AMPH_MEAN_, s, AMPH_OP_AVG, T, __VA_ARGS__)

/* By primary key, (s, T, key [, key ...]): NULL and no error where there is none, or where it is
 * softly deleted. An object that .only loaded in part is completed. The compiler does not know of which type
 * the key is: a value of another one is 42804 when it runs, and a text is read as one of it (22P02). */
#define AMPH_KEY_(x) AMPH_NODE_(x),
#define AMPH_KEYS_(...)                                                                          \
	(const amph_node[]){ AMPH_MAP_(AMPH_KEY_, __VA_ARGS__) { .op = AMPH_OP_NONE } }
#define amph_get(s, T, ...) ((T *)amph_do_get((s), &amph_model_##T, AMPH_KEYS_(__VA_ARGS__), false))
/* The same of rows that are softly deleted, too. */
#define amph_get_deleted(s, T, ...)                                                              \
	((T *)amph_do_get_any((s), &amph_model_##T, AMPH_KEYS_(__VA_ARGS__)))
/* An absent row is the error AMPH_E_NOTFOUND, which does not fail the transaction. */
#define amph_require(s, T, ...)                                                                  \
	((T *)amph_do_get((s), &amph_model_##T, AMPH_KEYS_(__VA_ARGS__), true))

/* ---- arrays of structs, (s, T, array, n [, .only = by(...), ...]) ----
 * No objects are made; objects that the session has of the model are read anew when they are met
 * next. What waits to be flushed is flushed first. The validators of columns run for each row, the
 * events AMPH_BEFORE_BULK_... and AMPH_AFTER_BULK_... once; before_insert runs for each row of an
 * insert, no other event of objects does. A failure of one row is one of the call, and fails the
 * transaction. .write_back = array (not const) lets the call fill what it and the database make of
 * the rows into them: of an insert the members that .only does not name (keys that are numbered,
 * defaults), computed columns, and of those in conflict the key, of an update the version and
 * .on_update members. Texts that it fills belong to the session. */
#define AMPH_ARRAY_CALL_(call, s, T, rows, ...)                                                  \
	AMPH_CAT_(AMPH_ARRAY_CALL_, AMPH_MORE_(__VA_ARGS__))(call, s, T, rows, __VA_ARGS__)
#define AMPH_ARRAY_CALL_ONE(call, s, T, rows, n)                                                 \
	call((s), &amph_model_##T, AMPH_POINTER_TO_(T, rows), (n), NULL)
#define AMPH_ARRAY_CALL_MORE(call, s, T, rows, n, ...)                                           \
	call((s), &amph_model_##T, AMPH_POINTER_TO_(T, rows), (n),                               \
	     &(const amph_select){ .abi = AMPH_ABI, __VA_ARGS__ })
/* Every column comes from the array, but a key that the database numbers, or makes by .server_default, only
 * where it is not 0 or NULL; with .only those named, whatever they are: the others get their defaults, a
 * version begins at 0, and one without a default is NULL, which is 23502 where it cannot be. Rows whose key
 * is there are 23505, or what .on_conflict says. Many rows without .on_conflict go by COPY on PostgreSQL.
 * Rows inserted, and updated where .on_conflict says so; -1: failure. */
#define amph_insert_many(s, T, rows, ...)                                                        \
	AMPH_ARRAY_CALL_(amph_do_insert_many, s, T, rows, __VA_ARGS__)
/* Inserts rows, and updates those whose key is there: .on_conflict names the key, else it is the
 * primary one; where it says nothing else, all columns that are given but the key are updated. The
 * version counts up and is not compared. A key that is in the array twice is 21000. Rows inserted
 * or updated; -1: failure. */
#define amph_upsert_many(s, T, rows, ...)                                                        \
	AMPH_ARRAY_CALL_(amph_do_upsert_many, s, T, rows, __VA_ARGS__)
/* Updates the rows with the primary keys that the array has: all other columns, or those that .only
 * names. Columns with .on_update get their value unless .only names them. Rows that are not there
 * are left out; with a version column, which must be as it was read and counts up, they fail the
 * call as AMPH_E_STALE. A key that is there twice is 21000. Rows updated; -1: failure. */
#define amph_update_many(s, T, rows, ...)                                                        \
	AMPH_ARRAY_CALL_(amph_do_update_many, s, T, rows, __VA_ARGS__)
/* The same for deletes: the keys and the version are all that is read of the array. Rows of a model
 * with .soft_delete are marked, with .with_deleted = true deleted. */
#define amph_delete_many(s, T, rows, ...)                                                        \
	AMPH_ARRAY_CALL_(amph_do_delete_many, s, T, rows, __VA_ARGS__)

#endif /* C */

#ifdef __cplusplus
}
#endif
#endif
