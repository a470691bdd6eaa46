/* From a query as a program wrote it to a compiled statement and its binds.
 *
 * amph__shape_of walks an amph_select once. It writes the key: the canonical bytes of the query,
 * in which models, columns and relationships are numbers, values are types, and nothing is an
 * address. In the same order it collects the values as arguments. The key is all that
 * amph__lower needs to build the SQL tree, so one key can only ever mean one statement.
 *
 *	if (!amph__shape_of(&buf, registry, AMPH_QUERY_SELECT, q, &err))
 *		...
 *	const amph_compiled *c = amph__query_compile(cache, &buf, &err);
 *	amph__execute(conn, c->code, buf.args, &result, &err);
 *
 * A buffer belongs to a session and keeps its memory; a cache is shared by all of an engine. */
#ifndef AMPH_QUERY_QUERY_H
#define AMPH_QUERY_QUERY_H
#include "../base/arena.h"
#include "../base/buf.h"
#include "../base/error.h"
#include "../model/model.h"
#include "../sql/tree.h"
#include "amphora/dynamic.h"
#include "amphora/query.h"
#include <pthread.h>

/* FIRST and ONE are SELECT with a limit of 1 and 2, PAGE with that of the page. */
typedef enum amph_query_op {
	AMPH_QUERY_SELECT,
	AMPH_QUERY_FIRST,
	AMPH_QUERY_ONE,
	AMPH_QUERY_PAGE,
	AMPH_QUERY_COUNT,
	AMPH_QUERY_EXISTS,
	AMPH_QUERY_PROJECT,
	AMPH_QUERY_SUM,
	AMPH_QUERY_AVG,
	AMPH_QUERY_UPDATE,
	AMPH_QUERY_DELETE,
	AMPH_QUERY_STREAM,      /* SELECT, its code with AMPH_CODE_STREAM */
	AMPH_QUERY_VALUE,       /* within an expression: one column */
	AMPH_QUERY_INSERT,
	AMPH_QUERY_STREAM_ROWS  /* PROJECT, likewise */
} amph_query_op;

/* One equality of a join: the column of the one side and of the other. */
typedef struct amph_key_pair { uint16_t from, to; } amph_key_pair;
#define AMPH_KEY_PAIRS_MAX 32
/* A table in a query. Columns name it by its number in the statement. */
typedef struct amph_query_range {
	const amph_model *model;        /* as the program names it; NULL for a link table */
	const amph_mapper *mapper;
} amph_query_range;
#define AMPH_QUERY_RANGES_MAX 64
#define AMPH_QUERY_SOURCES_MAX 64
#define AMPH_QUERY_DEPTH_MAX 500        /* of nested expressions, 54001 beyond */

typedef struct amph_filters amph_filters;
/* Only rows whose columns, pairs[i].to, have the values that one of rows has in pairs[i].from. */
typedef struct amph_query_among {
	const amph_mapper *from;
	const amph_key_pair *pairs;
	size_t n;
	const void *const *rows;        /* structs of from, which stay until the statement is executed */
	size_t n_rows;
} amph_query_among;
/* What an insert of a query's rows gives to columns that no field gives. */
typedef struct amph_insert_defaults {
	const amph_select *of;
	const void *members;            /* a struct of the target, with */
	const amph_column_set *columns; /* these of its columns */
	const struct amph_insert_defaults *next;
} amph_insert_defaults;
typedef struct amph_query_buf {
	const amph_registry *registry;
	const amph_filters *filters;    /* NULL: none */
	bool unfiltered;                /* they are lifted */
	amph_session *session;          /* for the functions of .on_update; may be NULL */
	const amph_query_among *among;  /* of a select: NULL: all */
	bool may_write;                 /* queries that write may stand beside the statement */
	bool return_keys;               /* of the rows that are updated or deleted, unless .returning */
	amph_arg *sets;                 /* of an update, where not NULL: what is set, by number of column */
	const struct amph_insert_defaults *defaults;    /* of the statement's inserts, in any order */
	amph_buf key;
	amph_arg *args;
	size_t n_args, args_cap;
	amph_arena values;              /* converted values, patterns, slots of enums */
	size_t n_mappers;
	bool reads_all;                 /* it may read others too: a query in SQL is among its expressions */
	/* while a key is written */
	size_t n_ranges;
	unsigned depth;
	/* the models that the statement reads, each once: what must be flushed before it */
	const amph_mapper *mappers[AMPH_QUERY_RANGES_MAX];
	amph_query_range ranges[AMPH_QUERY_RANGES_MAX];
} amph_query_buf;

void amph__query_buf_init(amph_query_buf *b, const amph_registry *registry, amph_session *session,
			  const amph_allocator *a);
void amph__query_buf_clear(amph_query_buf *b);
/* Key and arguments of q; valid until the next call with b. Arguments point into the nodes and
 * what they point to. Checks seals, types of values, members that op has no use for. */
bool amph__shape_of(amph_query_buf *b, amph_query_op op, const amph_select *q, amph_error *err);

/* The same of an insert of rows of the program, columns of them: the first argument is the caller's
 * to make, a row set of these columns in order. */
bool amph__shape_insert_rows(amph_query_buf *b, const amph_mapper *m, const amph_column_set *columns,
			     const amph_select *how, amph_error *err);

/* One value outside of a query (a key, a bind of raw SQL): the argument and its type. want NULL:
 * the type that PostgreSQL would give a literal like it. */
bool amph__node_arg(amph_query_buf *b, const amph_node *node, const amph_sqltype *want,
		    amph_arg *arg, amph_sqltype *type, amph_error *err);
/* Copies a value into a member of a struct at base, as the column's type; NULL where it may be. */
bool amph__node_store(amph_query_buf *b, const amph_node *node, const amph_mapped_column *column,
		      void *base, amph_error *err);

/* A compiled query. Immutable; lives as long as the cache, or, where that is full, until
 * amph__query_release. */
typedef struct amph_compiled {
	amph_arena arena;               /* all of it */
	const void *key;
	size_t key_len;
	const amph_code *code;
	const amph_mapper *mapper;      /* of the query's model */
	/* Where the result's columns go: members of the object, or fields of the row struct. */
	amph_shape shape;
	/* SELECT: the numbers of the columns loaded; NULL: all of the mapper's in order */
	const uint16_t *columns;
	bool cached;
} amph_compiled;

/* The tree of a key; fills mapper and columns of c, and shape but for enumerations. */
bool amph__lower(amph_arena *arena, const amph_registry *registry, const void *key, size_t len,
		 sql_stmt **stmt, amph_compiled *c, amph_error *err);

/* ---- the cache: one for each engine; any thread ---- */
#define AMPH_CACHE_SHARDS 16
/* Statements of one engine that are kept; those beyond are compiled for each use. A program has
 * as many shapes as it has places that query, unless it makes queries at run time. */
#define AMPH_CACHE_MAX 4096
typedef struct amph_query_cache {
	const amph_allocator *allocator;
	const amph_registry *registry;
	const amph_dialect *dialect;
	struct amph_cache_shard {
		pthread_rwlock_t lock;
		amph_map map;           /* key bytes to amph_compiled */
	} shards[AMPH_CACHE_SHARDS];
	size_t max_per_shard;
} amph_query_cache;
bool amph__query_cache_init(amph_query_cache *c, const amph_registry *registry,
			    const amph_dialect *dialect, const amph_allocator *a, size_t max,
			    amph_error *err);
void amph__query_cache_clear(amph_query_cache *c);      /* accepts one that is all-zero */
/* The compiled form of the key in b. *compiled_now, where not NULL, says that it was not there. */
const amph_compiled *amph__query_compile(amph_query_cache *c, const amph_query_buf *b,
					 bool *compiled_now, amph_error *err);
/* The same over other names, and not kept: for statements that name what only a session knows. */
const amph_compiled *amph__query_compile_once(amph_query_cache *c, const amph_query_buf *b,
					      const sql_names *names, amph_error *err);
/* After the last use of one; frees it where the cache did not keep it. NULL is fine. */
void amph__query_release(const amph_compiled *c);

/* e, and that the row of a range is of a derived model's kinds. */
sql_expr *amph__and_kind(amph_arena *arena, sql_expr *e, const amph_mapper *m, const char *alias);

/* ---- hybrids ---- */
const amph_mapped_column *amph__hybrid_at(const amph_mapper *m, size_t offset); /* or NULL */

/* ---- along relationships ---- */
typedef struct amph_path {
	const amph_mapper *from, *to;
	const amph_mapper *link;        /* NULL but for THROUGH */
	size_t n, n_link;
	amph_key_pair pairs[AMPH_KEY_PAIRS_MAX];        /* from -> to, or from -> link */
	amph_key_pair link_pairs[AMPH_KEY_PAIRS_MAX];   /* link -> to */
} amph_path;
/* The relationship at offset of a model; NULL and 42703 where there is none. */
const amph_relation *amph__relation_at(const amph_mapper *m, size_t offset, amph_error *err);
bool amph__path_of(const amph_registry *r, const amph_mapper *from, const amph_relation *relation,
		   amph_path *path, amph_error *err);

/* ---- nodes ---- */
/* The checksum of what a node points to; false where it is not what it was. */
bool amph__seal_holds(const amph_node *node);
uint64_t amph__seal_of(const amph_node *node);
bool amph__misuse_of_seal(amph_error *err);     /* the message; false */
/* The same of lists: one of nodes, or NULL; all that a query has. */
bool amph__nodes_hold(const amph_node *list);
bool amph__lists_hold(const amph_select *q);
/* Deep copies, sealed anew; all texts and lists too. */
bool amph__copy_node(amph_arena *arena, const amph_node *from, amph_node *to, amph_error *err);
bool amph__copy_select(amph_arena *arena, const amph_select *from, amph_select *to, amph_error *err);

/* ---- what the query layer asks of a session (src/session) ---- */
const amph_registry *amph__session_registry(const amph_session *s);
const amph_allocator *amph__session_allocator(const amph_session *s);
bool amph__session_error(amph_session *s, const amph_error *err);       /* keeps the first; false */
#endif
