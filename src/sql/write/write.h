/* The writer's own state and what its files share. One dispatcher for expressions, one function
 * for each node; what differs between databases is in the dialect. Every expression comes out
 * self-delimited (in parentheses, or a call, a name, a constant), every identifier quoted. */
#ifndef AMPH_SQL_WRITE_H
#define AMPH_SQL_WRITE_H
#include "../../base/buf.h"
#include "../sql.h"

/* The WITH queries that stand around what is being written. */
typedef struct amph_withs {
	const sql_cte *ctes;
	const struct amph_withs *outer;
} amph_withs;

/* Statements that are run before another, which is written; see program.c. */
typedef struct amph_program {
	const sql_stmt *main;
	const sql_cte **writers;        /* in the order in which they run */
	size_t n_writers;
	const sql_table *const *befores;        /* tables that are read as they were */
	size_t n_befores;
	bool notes;                     /* what is written tells which those are */
	bool before_first;              /* nothing was changed yet */
	bool numbers;                   /* what was written names sequences */
	const char *setup, *cleanup;
	const amph_code_step *steps;
} amph_program;

struct amph_writer {
	amph_arena *arena;
	const amph_dialect *dialect;
	const sql_names *names;         /* for text within schemas; may be NULL */
	const sql_stmt *stmt;           /* NULL: an expression alone */
	amph_error *err;
	amph_buf buf;
	unsigned depth;
	bool failed;
	bool bare_columns;              /* without their range: schemas, RETURNING */
	bool returns;                   /* in RETURNING of a dialect that writes bare columns there */
	const amph_withs *withs;
	bool upserts;                   /* rows are not to be updated twice */
	bool takes_numbers;             /* of sequences, though it may only be a query */
	bool sorts;                     /* within a query that sorts its rows */
	const sql_select *grouped;      /* of GROUPING SETS: what is written for one of them ... */
	const sql_group_set *group_set; /* ... which is this; NULL: nothing is */
	amph_program *program;          /* that the statement is one of; NULL: it is alone */
	const sql_list *set_calls;      /* calls among the targets that stand in FROM, as "set" */
};

#define AMPH_WRITE_MAX_DEPTH 2000

static inline bool amph__dialect_has(const amph_writer *w, uint32_t flag)
{
	return (w->dialect->flags & flag) != 0;
}

/* What a template's variables stand for. */
typedef struct amph_template {
	const sql_list *args;
	const char *impl;               /* of "()" */
	const char *op;                 /* $o */
	const amph_sqltype *type;       /* $l $s $d $m $v */
	const char *column;             /* $1 of checks, instead of args */
	bool explicit_cast;             /* $e */
	bool compares;                  /* arguments are operands of a comparison */
	amph_use use;
} amph_template;

/* write.c: the context */
void amph__writer_init(amph_writer *w, amph_arena *arena, const amph_dialect *dialect,
		       amph_error *err);
bool amph__writer_ok(amph_writer *w);   /* fills err where only memory has failed */
void amph__write_template(amph_writer *w, const char *text, const amph_template *t);
/* The text of a template without parentheses around it. */
void amph__write_arguments_of(amph_writer *w, const char *text, const amph_template *t);
const char *amph__write_descriptor(amph_writer *w, const amph_sqltype *type);   /* $d, unquoted */
const char *amph__spelling_find(const amph_dialect *d, const char *impl, bool *listed);
void amph__write_list(amph_writer *w, const sql_list *list);
void amph__write_names(amph_writer *w, const char *const *names);       /* "a", "b" */
void amph__write_names_n(amph_writer *w, const char *const *names, size_t n);
void amph__write_object(amph_writer *w, const char *schema, const char *name);
void amph__write_type(amph_writer *w, const amph_sqltype *type, bool sized);

/* joined.c: in RETURNING, a column of another table than the one that is written to. */
void amph__write_joined(amph_writer *w, const sql_expr *column);
bool amph__is_joined(const sql_stmt *stmt, const sql_range *r);        /* in its FROM or USING */

/* expr.c */
void amph__write_operand(amph_writer *w, const sql_expr *e, amph_use use);
void amph__write_value(amph_writer *w, const char *text, const amph_sqltype *type);     /* a constant */
/* The spelling of a form that is no function; false where the dialect has none of its own. */
bool amph__write_form(amph_writer *w, const char *key, const amph_template *t, int location,
		      const char *construct);

/* among.c */
void amph__write_in_list(amph_writer *w, const sql_expr *e);
void amph__write_in_rows(amph_writer *w, const sql_expr *e);
void amph__write_in_select(amph_writer *w, const sql_expr *e);
void amph__write_exists(amph_writer *w, const sql_expr *e);
void amph__write_scalar(amph_writer *w, const sql_expr *e);
void amph__write_array_select(amph_writer *w, const sql_expr *e);
void amph__write_quantified(amph_writer *w, const sql_expr *e);

/* order.c */
/* 42883 of a type that has no order, or whose values are not even equal. what is "an ordering
 * operator"; PostgreSQL says so itself. */
void amph__write_check_order(amph_writer *w, const sql_expr *e, const char *what);
void amph__write_order(amph_writer *w, const sql_order *order);
void amph__write_group_keys(amph_writer *w, const sql_list *keys);
void amph__write_window(amph_writer *w, const sql_window *window);

/* call.c */
amph_use amph__use_of(const char *op);          /* of a comparison's operands */
void amph__write_call(amph_writer *w, const sql_expr *e);
bool amph__is_set(const sql_expr *e);
void amph__write_table_call(amph_writer *w, const sql_expr *e);         /* in FROM */
const char *amph__cast_find(const amph_dialect *d, int from, int to);
void amph__write_cast(amph_writer *w, const sql_expr *e);

/* select.c */
void amph__write_select(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
void amph__write_subselect(amph_writer *w, const sql_select *s);        /* in parentheses */
void amph__write_range(amph_writer *w, const sql_range *r);
void amph__write_from(amph_writer *w, const sql_range *from);
void amph__write_with(amph_writer *w, const sql_cte *with, bool recursive);
void amph__write_targets(amph_writer *w, const sql_target *targets, bool distinct,
			 const char *const *names, size_t n);

void amph__write_after_targets(amph_writer *w, const sql_select *s);

/* rewrite.c. Targets as "d0" ..., sort keys as "o0" ...; and a query over those. */
void amph__write_numbered_targets(amph_writer *w, const sql_select *s);
void amph__write_named_outputs(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
void amph__write_sorted_by_outputs(amph_writer *w, const sql_order *order);
void amph__write_distinct_on(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
bool amph__write_has_ties(const amph_writer *w, const sql_select *s);   /* to be written so: */
void amph__write_with_ties(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
bool amph__write_bounds_vary(const amph_writer *w, const sql_select *s);        /* from row to row around: */
void amph__write_varying_bounds(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
void amph__write_set_all(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
void amph__write_quantified_query(amph_writer *w, const sql_expr *e);
const sql_list *amph__write_find_sets(amph_writer *w, const sql_select *s);     /* NULL: none */
bool amph__write_has_aggregate(const sql_select *s);    /* in its targets, HAVING or order */
bool amph__write_is_sorted_call(const amph_writer *w, const sql_expr *e);
void amph__write_sorted_call(amph_writer *w, const sql_expr *e, const char *text);

/* split.c: what of a query has to be computed above the rest, which becomes a query in FROM. */
typedef enum amph_layer {
	AMPH_LAYER_NONE, AMPH_LAYER_SETS, AMPH_LAYER_AFTER, AMPH_LAYER_NESTED, AMPH_LAYER_WINDOWS,
	AMPH_LAYER_DISTINCT, AMPH_LAYER_TIES
} amph_layer;
amph_layer amph__write_layer(const amph_writer *w, const sql_select *s);
sql_select *amph__write_split(amph_writer *w, const sql_select *s, amph_layer layer);   /* without WITH */

/* pack.c: queries and sets as one value, taken apart as a table. */
void amph__write_packed_query(amph_writer *w, const sql_select *s);
void amph__write_packed_calls(amph_writer *w, const sql_list *calls);

/* program.c: of a statement with others in its WITH that write. What is false has
 * written nothing. */
bool amph__is_program(const amph_dialect *dialect, const sql_stmt *stmt);
bool amph__is_writing(const sql_cte *c);
amph_code *amph__write_program(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
			       const sql_names *names, amph_error *err);
bool amph__write_rows_of(amph_writer *w, const sql_cte *cte);
bool amph__write_table_before(amph_writer *w, const sql_table *table);

/* group.c: GROUPING SETS as a UNION ALL of groupings. A key that does not group is NULL. */
void amph__write_group_sets(amph_writer *w, const sql_select *s, const char *const *names, size_t n);
bool amph__write_group_member(amph_writer *w, const sql_expr *e);
void amph__write_grouping(amph_writer *w, const sql_expr *e);

/* sequence.c: of columns and calls that take numbers, where the database has no sequences.
 * false: the call is another. */
bool amph__takes_numbers(const amph_writer *w, const sql_column_def *c);
void amph__write_next_number(amph_writer *w, const sql_table *table, size_t column);
bool amph__write_sequence_call(amph_writer *w, const sql_expr *e);
void amph__write_sequence(amph_writer *w, const sql_stmt *stmt);

/* dml.c, ddl.c: a statement's text */
void amph__write_stmt(amph_writer *w, const sql_stmt *stmt);
void amph__write_insert(amph_writer *w, const sql_stmt *stmt);
void amph__write_update(amph_writer *w, const sql_stmt *stmt);
void amph__write_delete(amph_writer *w, const sql_stmt *stmt);
void amph__write_ddl(amph_writer *w, const sql_stmt *stmt);
/* The default of a column where the word cannot be used: its text, resolved; NULL without one. */
void amph__write_index_key(amph_writer *w, const sql_table *table, const sql_index_key *key);
void amph__write_default(amph_writer *w, const sql_table *table, size_t column);
/* PostgreSQL's text over the columns of table, as this database writes it. */
void amph__write_native(amph_writer *w, const sql_table *table, const char *text,
			const amph_sqltype *want);

/* compile.c: one of the statements of a program, or the only one. */
amph_code *amph__write_one(amph_arena *arena, const amph_dialect *dialect, const sql_stmt *stmt,
			   const sql_names *names, amph_program *program, amph_error *err);
/* amph__write with the names that texts within schemas are resolved by. */
amph_code *amph__write_with_names(amph_arena *arena, const amph_dialect *dialect,
				  const sql_stmt *stmt, const sql_names *names, amph_error *err);
#endif
