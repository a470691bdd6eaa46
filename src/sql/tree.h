/* The SQL tree: what query macros, the flush, parsed text and schema changes all become, and
 * the only thing that is ever written as SQL.
 *
 * Made by constructors from an arena (statement lifetime), names first and types not yet known;
 * amph__resolve fills type, column, call row in place, inserting casts; amph__write prints it in
 * a dialect. Nothing here knows a connection or a session. Every node has the place it came
 * from (byte offset in parsed text, -1 elsewhere), so that a refusal can name it. */
#ifndef AMPH_SQL_TREE_H
#define AMPH_SQL_TREE_H
#include "../base/arena.h"
#include "../base/buf.h"
#include "amphora/sys/dialect.h"

typedef struct sql_expr sql_expr;
typedef struct sql_select sql_select;
typedef struct sql_range sql_range;
typedef struct sql_table sql_table;
typedef struct sql_column_def sql_column_def;
struct amph_catalog_row;
struct sql_sequence;
/* A view: the names of its columns, what they are where an INSERT does not say, and its query in
 * parentheses. */
typedef enum sql_view_check {
	SQL_CHECK_NONE, SQL_CHECK_LOCAL, SQL_CHECK_CASCADED,
	SQL_CHECK_KEPT                  /* ALTER VIEW of other options */
} sql_view_check;
typedef struct sql_view {
	const char *query;
	const char *const *names, *const *defaults;     /* a default is PostgreSQL's text, or NULL */
	size_t n;
	sql_view_check check;           /* WITH CHECK OPTION */
} sql_view;

/* ---- tables as the resolver knows them: from models, from DDL text, from inspection ---- */
struct sql_column_def {
	const char *name;
	amph_sqltype type;              /* nullable false: NOT NULL */
	const char *default_sql;        /* PostgreSQL text; NULL is none */
	const char *computed_sql;       /* GENERATED ALWAYS AS (...) STORED */
	bool identity, identity_always;
	bool serial;                    /* an identity that was written as serial */
	struct sql_sequence *sequence;  /* options of an identity; NULL: the usual ones */
	const char *comment;
	/* Of a domain: its name, its checks of "value", and whether default and NOT NULL are its. */
	const char *domain;
	const struct sql_constraint *checks;
	bool domain_default, domain_not_null;
};
struct sql_table {
	const char *schema;             /* NULL: the default */
	const char *name;
	size_t n_columns;
	const sql_column_def *columns;
	const char *const *primary_key; /* column names, NULL-terminated; NULL where none */
	const char *const *const *uniques;      /* further keys, for ON CONFLICT; NULL-terminated */
	/* Names of both, where they are known. */
	const char *primary_name, *const *unique_names;
	/* Unique indexes that have expressions or a condition; NULL: only the database knows them. */
	const struct sql_index *const *indexes;
	bool temporary;
};
/* Finds a table by name; schema NULL is the search path. NULL: none, 42P01. */
typedef struct sql_names {
	const sql_table *(*table)(void *ctx, const char *schema, const char *name);
	const amph_enum_type *(*enumeration)(void *ctx, const char *name);
	/* Whether an extension was created ("pg_trgm"). NULL: all that the catalogue has are there. */
	bool (*extension)(void *ctx, const char *name);
	/* The sequence of a name, also that of an identity column; false: none. NULL: none at all. */
	bool (*sequence)(void *ctx, const char *name, struct sql_sequence *out);
	/* The view of a name that is no table's; false: none. NULL: none at all. */
	bool (*view)(void *ctx, const char *name, struct sql_view *out);
	/* The statement that makes a domain, NULL: none of the name; name NULL: any. NULL: none at all. */
	const struct sql_stmt *(*domain)(void *ctx, const char *name);
	void *ctx;
} sql_names;

/* ---- expressions ---- */
typedef enum sql_kind {
	SQL_COLUMN,             /* name.column */
	SQL_STAR,               /* * or name.*: only in targets and count(*) */
	SQL_PARAM,              /* a VALUE parameter */
	SQL_CONST,              /* a constant written in the text */
	SQL_CALL,               /* operator or function, aggregate, window function */
	SQL_CAST,
	SQL_AND, SQL_OR, SQL_NOT,
	SQL_IS_NULL, SQL_IS_NOT_NULL,
	SQL_IS_TRUE, SQL_IS_NOT_TRUE, SQL_IS_FALSE, SQL_IS_NOT_FALSE, SQL_IS_UNKNOWN, SQL_IS_NOT_UNKNOWN,
	SQL_DISTINCT_FROM, SQL_NOT_DISTINCT_FROM,
	SQL_BETWEEN,            /* args 0 between 1 and 2 */
	SQL_CASE,               /* args: when, then, when, then ... [else]; operand apart */
	SQL_COALESCE, SQL_NULLIF, SQL_GREATEST, SQL_LEAST,
	SQL_IN_LIST,            /* args 0 in the others */
	SQL_IN_ROWS,            /* args 0 in ROWS parameter `param`, its column 0 */
	SQL_IN_SELECT, SQL_EXISTS, SQL_SCALAR, SQL_ARRAY_SELECT,        /* select */
	SQL_QUANTIFIED,         /* args 0 op ANY/ALL (args 1, an array, or select) */
	SQL_ROW, SQL_ARRAY,     /* args */
	SQL_SUBSCRIPT,          /* args 0 [args 1][args 2] ..., or all: [1:2][3:4] ...; with an operand the
				 * array in which that takes the place */
	SQL_COLLATE,            /* args 0, text */
	SQL_EXCLUDED,           /* column of the row proposed in ON CONFLICT */
	SQL_GROUPING,           /* args are keys: a bit for each that does not group the row */
	SQL_DEFAULT             /* the word, in VALUES and SET */
} sql_kind;

typedef enum sql_direction { SQL_ASC, SQL_DESC } sql_direction;
typedef enum sql_nulls { SQL_NULLS_DEFAULT, SQL_NULLS_FIRST, SQL_NULLS_LAST } sql_nulls;
typedef struct sql_order {
	sql_expr *expr;
	sql_direction direction;
	sql_nulls nulls;
	struct sql_order *next;
} sql_order;

typedef struct sql_list { sql_expr **items; size_t n; } sql_list;

typedef enum sql_frame_unit {
	SQL_FRAME_NONE,
	SQL_FRAME_ROWS,
	SQL_FRAME_RANGE,
	SQL_FRAME_GROUPS
} sql_frame_unit;
typedef enum sql_bound_kind {
	SQL_UNBOUNDED_PRECEDING, SQL_PRECEDING, SQL_CURRENT_ROW, SQL_FOLLOWING, SQL_UNBOUNDED_FOLLOWING
} sql_bound_kind;
typedef struct sql_window {
	const char *name;               /* of a named window, or NULL */
	const char *base;               /* the one that it goes on from; resolved: NULL */
	bool resolved;
	sql_list partition;
	sql_order *order;
	sql_frame_unit unit;
	sql_bound_kind start, end;
	sql_expr *start_offset, *end_offset;
	enum { SQL_EXCLUDE_NONE, SQL_EXCLUDE_CURRENT, SQL_EXCLUDE_GROUP, SQL_EXCLUDE_TIES } exclude;
	struct sql_window *next;
} sql_window;

struct sql_expr {
	sql_kind kind;
	int location;
	amph_sqltype type;              /* AMPH_T_NONE until resolved; of a bare literal: unknown */
	sql_list args;
	const char *range, *name;       /* COLUMN: range may be NULL in text; CALL: name as written, of
					 * one that the program has made "schema.name"; CAST to a type that
					 * it has made the same, and type is AMPH_T_NONE;
					 * CAST of a text to an enum: the type's name, by which the
					 * resolver finds type.enumeration, or 42704 */
	const char *const *arg_names;   /* CALL: of each argument, NULL where it has none; resolved: NULL */
	bool negated;                   /* IN, LIKE forms, BETWEEN, EXISTS, SIMILAR */
	bool is_operator;               /* CALL written as an operator */
	bool distinct;                  /* aggregate */
	bool variadic;                  /* CALL: the last is an array of arguments */
	bool all;                       /* QUANTIFIED: ALL, else ANY */
	bool explicit_cast;             /* CAST: written by the user, not put in */
	bool in_schema;                 /* COLUMN: range is a table's own name, said with its schema */
	sql_order *order;               /* of an aggregate; WITHIN GROUP where within_group */
	bool within_group;
	sql_expr *filter, *operand;     /* FILTER (WHERE ...); CASE operand */
	sql_window *over;
	sql_select *select;
	size_t param;                   /* PARAM, IN_ROWS: which */
	const char *text;               /* CONST: its text; NULL is NULL */
	/* filled by the resolver */
	const struct amph_catalog_row *row;     /* CALL, QUANTIFIED: what it is */
	const sql_range *source;        /* COLUMN: where from */
	size_t column;                  /* COLUMN: its number there */
};

/* ---- ranges: what stands in FROM ---- */
typedef enum sql_range_kind {
	SQL_TABLE,
	SQL_SUBQUERY,
	SQL_FUNCTION,
	SQL_ROWS,
	SQL_JOIN,
	SQL_CTE
} sql_range_kind;
typedef enum sql_join_kind { SQL_INNER, SQL_LEFT, SQL_RIGHT, SQL_FULL, SQL_CROSS } sql_join_kind;
struct sql_range {
	sql_range_kind kind;
	int location;
	const char *schema, *name;      /* TABLE, CTE */
	const char *alias;              /* always set once resolved, but for JOIN */
	const char *const *column_aliases;
	size_t n_column_aliases;
	const sql_table *table;         /* TABLE */
	sql_select *select;             /* SUBQUERY, CTE */
	bool lateral, with_ordinality;
	sql_expr *function;             /* FUNCTION: a set-returning call ... */
	sql_list others;                /* ... and those side by side with it */
	size_t param;                   /* ROWS: which parameter */
	sql_join_kind join;             /* JOIN of left and right */
	sql_range *left, *right;
	sql_expr *on;
	bool natural;
	const char *const *using_columns;       /* NULL-terminated */
	const char *using_alias;        /* of the merged columns alone */
	/* columns, known once resolved */
	const char *const *names;
	const amph_sqltype *types;
	size_t n_columns;
	sql_range *next;                /* in a FROM list */
};

/* ---- statements ---- */
typedef struct sql_target {
	sql_expr *expr;
	const char *name;               /* AS; filled by the resolver as PostgreSQL names it */
	struct sql_target *next;
} sql_target;
/* SEARCH and CYCLE: columns that a recursive query gets beside its own. What marks a cycle, and what does
 * not, is there once for each place that has it. */
typedef struct sql_search {
	const char *const *columns;     /* NULL-terminated; NULL: no SEARCH */
	bool breadth;
	const char *sequence;
	const char *const *cycle;       /* NULL-terminated; NULL: no CYCLE */
	const char *mark, *path;
	sql_expr *marked[3], *unmarked[2];
} sql_search;
typedef struct sql_cte {
	const char *name;
	const char *const *column_names;
	size_t n_column_names;
	struct sql_stmt *stmt;
	bool recursive;
	const sql_search *search;       /* NULL: neither */
	int materialized;               /* 0 default, 1 materialized, -1 not */
	struct sql_cte *next;
} sql_cte;
typedef enum sql_set_op { SQL_SET_NONE, SQL_UNION, SQL_INTERSECT, SQL_EXCEPT } sql_set_op;
typedef enum sql_lock { SQL_LOCK_NONE, SQL_LOCK_SHARE, SQL_LOCK_UPDATE } sql_lock;
typedef enum sql_lock_wait { SQL_LOCK_WAITS, SQL_LOCK_NOWAIT, SQL_LOCK_SKIP } sql_lock_wait;

/* One of GROUPING SETS: n of the keys in group_by, from first on. */
typedef struct sql_group_set { size_t first, n; } sql_group_set;

struct sql_select {
	int location;
	bool closed;                    /* a view's: sees no WITH query from outside */
	sql_cte *with;
	bool with_recursive;
	bool distinct;
	sql_list distinct_on;
	sql_target *targets;
	sql_range *from;
	sql_expr *where, *having;
	sql_list group_by;
	const sql_group_set *group_sets;        /* NULL: group_by is the only one */
	size_t n_group_sets;
	bool group_distinct;            /* of several with the same keys there is one; resolved: there is */
	sql_window *windows;
	sql_set_op set_op;              /* of left and right, instead of targets and from */
	bool set_all;
	sql_select *left, *right;
	sql_list *values;               /* VALUES: n_values rows, instead of targets */
	size_t n_values;
	sql_order *order;
	sql_expr *limit, *offset;
	bool with_ties;
	sql_lock lock;
	sql_lock_wait lock_wait;
	const char *lock_of;
	/* result columns, once resolved */
	const amph_result_column *columns;
	size_t n_columns;
};

typedef struct sql_assign {
	const char *column;
	sql_expr *subscript;            /* SET column[1] = value: args 0 is NULL; else NULL */
	sql_expr *value;
	int location;
	struct sql_assign *next;
} sql_assign;
typedef struct sql_conflict {
	const char *const *columns;     /* NULL-terminated; NULL: any */
	sql_list exprs;                 /* keys beside them */
	const char *constraint;
	sql_expr *columns_where;
	const struct sql_index *arbiter;        /* one that is no key, where the resolver found it */
	sql_assign *set;                /* NULL: DO NOTHING */
	sql_expr *where;
} sql_conflict;

/* A WHEN clause of MERGE. */
typedef enum sql_merge_action {
	SQL_MERGE_NOTHING, SQL_MERGE_UPDATE, SQL_MERGE_DELETE, SQL_MERGE_INSERT
} sql_merge_action;
typedef struct sql_merge {
	bool matched, overriding_system, overriding_user;
	sql_merge_action action;
	sql_expr *where;                /* AND ...; NULL: always */
	sql_assign *set;                /* UPDATE */
	const char *const *columns;     /* INSERT: NULL-terminated; NULL: all */
	sql_list values;
	struct sql_merge *next;
} sql_merge;

typedef enum sql_stmt_kind {
	SQL_STMT_SELECT, SQL_STMT_INSERT, SQL_STMT_UPDATE, SQL_STMT_DELETE,
	SQL_STMT_CREATE_TABLE, SQL_STMT_DROP_TABLE, SQL_STMT_CREATE_INDEX, SQL_STMT_DROP_INDEX,
	SQL_STMT_ADD_CONSTRAINT, SQL_STMT_CREATE_ENUM, SQL_STMT_DROP_ENUM, SQL_STMT_CREATE_SCHEMA,
	SQL_STMT_DROP_SCHEMA,
	SQL_STMT_DROP_CONSTRAINT,       /* the first of constraints, by its name */
	SQL_STMT_COMMENT,               /* of table, or of its column columns[0] */
	/* Of text only, made of the others by src/schema: */
	SQL_STMT_ALTER_TABLE, SQL_STMT_TRUNCATE, SQL_STMT_CREATE_SEQUENCE, SQL_STMT_DROP_SEQUENCE,
	SQL_STMT_CREATE_VIEW, SQL_STMT_DROP_VIEW, SQL_STMT_CREATE_AS, SQL_STMT_MERGE,
	SQL_STMT_CREATE_EXTENSION, SQL_STMT_ALTER_SEQUENCE,
	SQL_STMT_ALTER_ENUM,            /* the label alters->name, before or (restart) after new_name; of the
					 * kind SQL_RENAME_COLUMN: instead of new_name */
	SQL_STMT_CREATE_DOMAIN,         /* a table of one column "value", with its checks */
	SQL_STMT_DROP_DOMAIN, SQL_STMT_ALTER_DOMAIN,    /* by the first of alters */
	SQL_STMT_CONTROL                /* of the transaction: never written, the session's to do */
} sql_stmt_kind;

/* A table or index constraint, for DDL. */
typedef struct sql_constraint {
	char kind;                      /* p u f c, as amph_constraint_name */
	const char *name;
	const char *const *columns;     /* NULL-terminated */
	const char *check_sql;          /* c: PostgreSQL text */
	const char *target, *target_schema;
	const char *const *target_columns;
	const char *on_delete, *on_update;      /* "CASCADE" ...; NULL is NO ACTION */
	bool deferrable, deferred;
	bool match_full;
	bool not_valid;                 /* ALTER TABLE: rows that are there may violate it */
	struct sql_constraint *next;
} sql_constraint;
typedef struct sql_index_key {
	const char *column;             /* or expression: PostgreSQL text */
	const char *expr_sql;
	bool desc, collated;            /* COLLATE "C", as everything is */
	const char *opclass;
} sql_index_key;
typedef struct sql_index {
	const char *name;
	bool unique;
	const char *method;             /* NULL is btree */
	const sql_index_key *keys;
	size_t n_keys;
	const char *const *included;    /* columns that it has besides, NULL-terminated; or NULL */
	const char *where_sql;
} sql_index;

/* LIKE in CREATE TABLE: the columns of another table, with some of what it says of them. */
typedef enum sql_like_option {
	SQL_LIKE_CHECKS = 1, SQL_LIKE_DEFAULTS = 2, SQL_LIKE_COMPUTED = 4, SQL_LIKE_IDENTITY = 8,
	SQL_LIKE_KEYS = 16, SQL_LIKE_COMMENTS = 32
} sql_like_option;
typedef struct sql_like {
	const char *schema, *name;
	unsigned options;
	size_t at;                      /* before this column of the statement */
	struct sql_like *next;
} sql_like;

/* What DROP and TRUNCATE name. */
typedef struct sql_object {
	const char *schema, *name;
	int location;
	struct sql_object *next;
} sql_object;
typedef enum sql_alter_kind {
	SQL_ADD_COLUMN, SQL_DROP_COLUMN, SQL_RENAME_COLUMN, SQL_COLUMN_TYPE, SQL_SET_DEFAULT,
	SQL_SET_NOT_NULL, SQL_DROP_NOT_NULL, SQL_ADD_CONSTRAINT, SQL_DROP_CONSTRAINT, SQL_RENAME_TABLE,
	SQL_VALIDATE, SQL_ADD_IDENTITY, SQL_SET_IDENTITY, SQL_DROP_IDENTITY, SQL_DROP_EXPRESSION,
	SQL_VIEW_CHECK,                 /* of a view */
	SQL_RENAME_CONSTRAINT,
	SQL_ALTER_NOTHING               /* of what has no meaning but for storage */
} sql_alter_kind;
typedef struct sql_alter {
	sql_alter_kind kind;
	int location;
	const char *name, *new_name;    /* of the column or constraint */
	sql_column_def *column;         /* ADD_COLUMN, COLUMN_TYPE; SET_DEFAULT: default_sql or NULL */
	struct sql_constraint *constraints;     /* ADD_CONSTRAINT, and those of a new column */
	const char *using_sql;
	bool missing_ok, cascade;
	int always;                     /* SET_IDENTITY: ALWAYS, 0: BY DEFAULT, -1: as it is */
	bool restart;                   /* SET_IDENTITY */
	sql_view_check check;           /* VIEW_CHECK ... */
	const char *problem;            /* ... or what is wrong with it, 22023 */
	struct sql_alter *next;
} sql_alter;
typedef struct sql_sequence {
	const char *name;
	const char *key;                /* by which the database keeps its number */
	int64_t increment, min, max, start;
	int64_t least, greatest;        /* of its type */
	bool has_min, has_max, has_start, cycle, temporary;
	bool has_owner;                 /* OWNED BY: a column, or NONE */
	const char *owner, *owner_column;
	/* of ALTER SEQUENCE, where not all is said */
	bool has_increment, has_cycle, restarts, has_restart;
	int64_t restart;
} sql_sequence;

typedef enum sql_control_kind {
	SQL_BEGIN, SQL_START, SQL_COMMIT, SQL_ROLLBACK, SQL_SAVEPOINT, SQL_RELEASE, SQL_ROLLBACK_TO,
	SQL_SET_TRANSACTION,
	SQL_SHOW, SQL_SET, SQL_RESET    /* a setting; never of a database that has them itself */
} sql_control_kind;
typedef struct sql_control {
	sql_control_kind kind;
	const char *name, *value;       /* of a savepoint or setting; SET */
	bool chain;                     /* COMMIT AND CHAIN */
	const char *isolation;          /* BEGIN, SET TRANSACTION: NULL where it does not say ... */
	bool read_only, repeatable, serializable, deferrable;
	bool has_access, has_deferrable;        /* ... and whether it says so of these */
} sql_control;

typedef struct sql_stmt {
	sql_stmt_kind kind;
	int location;
	sql_select *select;             /* SELECT; source of INSERT (NULL: DEFAULT VALUES) */
	sql_cte *with;                  /* of INSERT, UPDATE, DELETE */
	bool with_recursive;
	sql_range *target;              /* the table of the others */
	const char *const *columns;     /* INSERT: NULL-terminated */
	sql_expr **subscripts;          /* INSERT: of each, NULL where it is all of the column; or NULL */
	bool overriding_system, overriding_user;
	sql_conflict *conflict;
	sql_assign *set;
	sql_range *from;                /* UPDATE ... FROM, DELETE ... USING */
	sql_expr *where;                /* of MERGE: ON, its source being from, its text the comment */
	sql_merge *merge;
	sql_target *returning;
	/* where the target is a view: its condition and columns, put there by the resolver */
	sql_expr *view_where;
	struct sql_item *view_item;
	const char *const *view_names;  /* columns as INSERT named them */
	const char **view_defaults;     /* of the table's columns, in the views; NULL: none ... */
	const char **view_updates;      /* ... and what SET column = DEFAULT is */
	const char *view_computed;      /* a column with a default that is none of the table's */
	sql_expr *view_check;           /* what rows that it writes have to be, or NULL */
	/* DDL */
	const sql_table *table;
	sql_like *likes;                /* CREATE TABLE */
	sql_constraint *constraints;
	const sql_index *index;
	const amph_enum_type *enumeration;
	bool of_view, of_index;         /* ALTER VIEW, ALTER INDEX */
	sql_view_check check;           /* CREATE VIEW */
	bool if_exists, if_not_exists, cascade;
	bool restart;                   /* TRUNCATE ... RESTART IDENTITY, CREATE OR REPLACE VIEW,
					 * CREATE TABLE AS with data */
	bool concurrently;              /* an index: not within a transaction */
	bool temporary;                 /* a view, whose query is the comment */
	const sql_object *objects;
	sql_alter *alters;
	sql_sequence *sequence;
	const sql_control *control;
	const char *schema;             /* CREATE/DROP SCHEMA, the schema of an enum */
	const char *comment;
	/* parameters, by number; the resolver gives a type to those that have none */
	amph_param *params;
	size_t n_params;
	sql_list given;                 /* constants instead of them, of what runs in pieces (MERGE) */
	bool explains;                  /* not of text: messages about types name the columns */
	/* result columns of RETURNING, once resolved */
	const amph_result_column *result;
	size_t n_result;
} sql_stmt;

/* An array of character(n) as one of another text, which loses the spaces behind. */
static inline bool amph__unpads(const amph_sqltype *from, const amph_sqltype *to)
{
	return from->type == (AMPH_T_TEXT | AMPH_T_ARRAY) && to->type == from->type && from->scale == 1 &&
	       from->length && !(to->scale == 1 && to->length);
}

/* " hour to second(2)" of an interval of certain fields: the precision is that of seconds. */
void amph__interval_fields(amph_buf *b, const amph_sqltype *type);

/* ---- constructors: NULL arguments from a failed allocation are passed on ---- */
sql_expr *sql_new(amph_arena *a, sql_kind kind, size_t n_args);
sql_expr *sql_column(amph_arena *a, const char *range, const char *name);
sql_expr *sql_param(amph_arena *a, size_t number, amph_sqltype type);
sql_expr *sql_const(amph_arena *a, amph_type type, const char *text);   /* NONE: unknown */
sql_expr *sql_call(amph_arena *a, const char *name, size_t n, sql_expr *const *args);
sql_expr *sql_op(amph_arena *a, const char *op, sql_expr *left, sql_expr *right);
sql_expr *sql_and(amph_arena *a, sql_expr *left, sql_expr *right);      /* left NULL: right */
sql_expr *sql_cast(amph_arena *a, sql_expr *e, amph_sqltype type);
sql_range *sql_range_table(amph_arena *a, const sql_table *table, const char *alias);
sql_range *sql_range_rows(amph_arena *a, size_t param, const char *alias, const char *const *names,
			  size_t n);

/* The sequence behind an identity column; false: it has none, or there is no memory. */
bool amph__sequence_of_column(amph_arena *arena, const sql_table *table, size_t column,
			      sql_sequence *out);
#endif
