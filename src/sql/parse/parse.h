/* What the files of the parser share. libpg_query gives PostgreSQL's own syntax tree, which is
 * walked with a table of one function for each kind of node; a kind that the table does not have
 * is refused by name. The tree made has names and no types: the resolver gives them.
 *
 * Sticky: after the first error everything returns NULL, and the entry point checks once. */
#ifndef AMPH_SQL_PARSE_H
#define AMPH_SQL_PARSE_H
#include "../sql.h"
#include "pg_query.h"

typedef PgQuery__Node pg_node;

typedef struct sql_parser {
	amph_arena *arena;              /* of the result; the syntax tree has one of its own */
	const char *text;               /* as given to the parser */
	size_t shift;                   /* of it stand before the user's text */
	size_t n_params;                /* $n: the greatest n */
	const sql_list *given;          /* constants that they become; NULL: they stay */
	bool *taken;                    /* which of them were */
	bool in_conflict;               /* "excluded" is the row proposed */
	bool failed;
	amph_error *err;
} sql_parser;

/* parse.c: both return NULL, for the return of whoever calls. location is a node's. */
void *amph__parse_fail(sql_parser *p, int location, const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void *amph__parse_refuse(sql_parser *p, int location, const char *construct);   /* 0A000 */
void *amph__parse_refuse_node(sql_parser *p, const pg_node *n); /* names what kind of node it is */
int amph__parse_location(const sql_parser *p, int location);    /* in the user's text */
char *amph__parse_text(sql_parser *p, const char *text);        /* copied; "" and NULL are NULL */
/* The last of a list of names; those before it, if any, must be pg_catalog. */
const char *amph__parse_system_name(sql_parser *p, size_t n, pg_node *const *names, int location);
/* A NULL-terminated list of names; NULL where there are none. */
const char *const *amph__parse_names(sql_parser *p, size_t n, pg_node *const *names);

/* Memory of the syntax tree. */
ProtobufCAllocator amph__parse_memory(amph_arena *arena);

/* memory.c: calls libpg_query with memory in reserve. false: there was none; what fn was to
 * give is then not to be used. */
typedef void amph__pg_query_fn(void *ctx);
bool amph__pg_query_call(amph__pg_query_fn *fn, void *ctx, size_t text_len);

/* guard.c: refuses, with 54001, what would overflow the stack of the parser's output.
 * enclosed: a parenthesis may not close what the text did not open. */
bool amph__parse_guard(const char *text, size_t len, bool enclosed, amph_arena *arena,
		       amph_error *err);

/* expr.c, call.c */
sql_expr *amph__parse_node(sql_parser *p, const pg_node *n);    /* n NULL: NULL */
void amph__parse_list(sql_parser *p, size_t n, pg_node *const *nodes, sql_list *out);
sql_expr *amph__parse_at(sql_parser *p, sql_expr *e, int location);     /* sets the location */
/* array[1][2], array[1:2]: items are subscripts. array may be NULL, to be put in later. */
sql_expr *amph__parse_subscript(sql_parser *p, sql_expr *array, size_t n, pg_node *const *items);
sql_expr *amph__parse_call(sql_parser *p, const pg_node *n);
sql_expr *amph__parse_value_function(sql_parser *p, const pg_node *n);
const char *amph__parse_value_function_name(const pg_node *n);  /* of a result column */
sql_order *amph__parse_order(sql_parser *p, size_t n, pg_node *const *items);
sql_window *amph__parse_window(sql_parser *p, const PgQuery__WindowDef *def);

/* record.c: a function in FROM with a list of column definitions */
bool amph__parse_record(sql_parser *p, const PgQuery__RangeFunction *f, sql_range *r);

/* type.c: false and an error where the type is none of ours. *enum_name is set where the
 * type can only be an enum; its labels are not known here. */
bool amph__parse_type(sql_parser *p, const PgQuery__TypeName *t, amph_sqltype *type,
		      const char **enum_name);
const char *amph__array_type_name(sql_parser *p, const PgQuery__TypeName *t);   /* "_int4", else NULL */

/* select.c */
sql_select *amph__parse_select(sql_parser *p, const PgQuery__SelectStmt *s);
sql_select *amph__parse_select_node(sql_parser *p, const pg_node *n);
sql_target *amph__parse_targets(sql_parser *p, size_t n, pg_node *const *items);
sql_cte *amph__parse_with(sql_parser *p, const PgQuery__WithClause *with, bool *recursive);

/* Column number of the n that a query has to have, as a value. */
sql_expr *amph__parse_select_column(sql_parser *p, const PgQuery__SubLink *link, int n, int number,
				    const char *mismatch);

/* group.c: GROUP BY, with its grouping sets multiplied out. */
void amph__parse_groups(sql_parser *p, const PgQuery__SelectStmt *s, sql_select *out);

/* range.c */
sql_range *amph__parse_table(sql_parser *p, const PgQuery__RangeVar *v);
sql_range *amph__parse_from(sql_parser *p, size_t n, pg_node *const *items);

/* deparse.c: an expression as PostgreSQL's text. */
const char *amph__parse_deparse(sql_parser *p, const pg_node *n);

/* table.c: columns and constraints, with names as they are written; NULL: none. */
sql_stmt *amph__parse_domain(sql_parser *p, const PgQuery__CreateDomainStmt *c);
sql_stmt *amph__parse_create_table(sql_parser *p, const PgQuery__CreateStmt *c);
bool amph__parse_column(sql_parser *p, const PgQuery__ColumnDef *d, const char *table,
			sql_column_def *column, sql_constraint ***constraints);
/* Whether a TABLESPACE is named other than the one that there is. */
bool amph__parse_is_elsewhere(const char *tablespace);
bool amph__parse_storage(sql_parser *p, size_t n, pg_node *const *options);     /* WITH (...) */
bool amph__parse_persistence(sql_parser *p, const PgQuery__RangeVar *v, bool *temporary);
sql_constraint *amph__parse_constraint(sql_parser *p, const PgQuery__Constraint *c, const char *column);

/* alter.c */
sql_stmt *amph__parse_alter(sql_parser *p, const PgQuery__AlterTableStmt *t);
sql_stmt *amph__parse_rename(sql_parser *p, const PgQuery__RenameStmt *r);

/* view.c */
sql_stmt *amph__parse_view(sql_parser *p, const PgQuery__ViewStmt *v);
/* What is wrong with them, or NULL. */
const char *amph__parse_view_options(sql_parser *p, size_t n, pg_node *const *options,
				     sql_view_check *check);
sql_stmt *amph__parse_create_as(sql_parser *p, const pg_node *n);
sql_stmt *amph__parse_select_into(sql_parser *p, const PgQuery__SelectStmt *select);
/* ddl.c: options of a sequence; NULL: after an error */
sql_sequence *amph__parse_sequence(sql_parser *p, size_t n, pg_node *const *options);

/* ddl.c: NULL and no error: it is none of these. */
sql_stmt *amph__parse_ddl(sql_parser *p, const pg_node *n);

/* control.c */
sql_stmt *amph__parse_control(sql_parser *p, const PgQuery__TransactionStmt *t);
sql_stmt *amph__parse_show(sql_parser *p, const pg_node *n);
sql_stmt *amph__parse_set_setting(sql_parser *p, const pg_node *n);

/* merge.c */
sql_stmt *amph__parse_merge(sql_parser *p, const pg_node *n);

/* stmt.c */
sql_assign *amph__parse_set(sql_parser *p, size_t n, pg_node *const *items);
const char *const *amph__parse_columns(sql_parser *p, size_t n, pg_node *const *items);
sql_stmt *amph__parse_new_stmt(sql_parser *p, sql_stmt_kind kind);
void amph__parse_params(sql_parser *p, sql_stmt *s);    /* of the whole text, once it is known */
sql_stmt *amph__parse_stmt_node(sql_parser *p, const pg_node *n);
#endif
