/* Tables and types that text may name, where the database does not know them as PostgreSQL would:
 * those of the models, and those of the catalogue table that DDL as text has made. One for a
 * session. */
#ifndef AMPH_SCHEMA_NAMES_H
#define AMPH_SCHEMA_NAMES_H
#include "schema.h"

typedef struct amph_names {
	const amph_allocator *allocator;
	const sql_names *models;
	sql_names names;                /* for the resolver; ctx is this */
	amph_arena arena;               /* all below */
	amph_map tables, temporary;     /* name to amph_known_table */
	amph_map enums, sequences, extensions, indexes, views, domains;
	uint64_t version;               /* of the schema that this is */
	bool failed;                    /* memory, or a table that cannot be read */
	amph_error error;
} amph_names;

/* A table of the catalogue. Its rows are read when it is first asked for. */
typedef struct amph_known_row {
	struct amph_known_row *next;
	const char *kind, *name, *text;
} amph_known_row;
typedef struct amph_known_table {
	struct amph_known_table *next;
	const char *name;
	bool temporary;
	amph_known_row *rows, **end;
	sql_stmt *stmt;                 /* CREATE TABLE; NULL: not read yet */
} amph_known_table;
typedef struct amph_known_sequence {    /* or a view, a domain */
	const char *name, *text;
	bool temporary;
	const sql_stmt *stmt;           /* of a domain, once it is read */
} amph_known_sequence;
typedef struct amph_known_index {
	const char *name, *text;
	amph_known_table *table;
} amph_known_index;

void amph__names_init(amph_names *n, const amph_allocator *a, const sql_names *models);
void amph__names_clear(amph_names *n);
void amph__names_forget(amph_names *n);         /* reads again at the next refresh */
/* Makes sure that it is what the transaction sees. */
bool amph__names_refresh(amph_names *n, amph_conn *conn, bool writes, amph_error *err);

amph_known_table *amph__names_known(amph_names *n, const char *schema, const char *name);
/* The statement that would make it; NULL and an error: it cannot be read. */
const sql_stmt *amph__names_definition(amph_names *n, amph_known_table *t, amph_error *err);

/* define.c: names of constraints, their columns, types: what CREATE TABLE means, or why it does
 * not. others may be asked for tables. */
bool amph__define_table(amph_arena *arena, sql_stmt *stmt, const sql_names *names, amph_error *err);

/* ddl_domain.c: makes c a column of the domain. */
bool amph__define_domain(sql_column_def *c, const sql_stmt *domain, amph_error *err);

/* Whether a foreign key from a column of one type to one of the other can be kept here. */
bool amph__fkey_fits(const amph_sqltype *a, const amph_sqltype *b);

/* ddl_sequence.c: options as PostgreSQL fills them up, 22023 where they do not fit; as text and
 * back. */
bool amph__sequence_complete(sql_sequence *q, int64_t least, int64_t greatest, amph_error *err);
const char *amph__sequence_text(amph_arena *arena, const sql_sequence *q);
bool amph__sequence_parse(const char *text, sql_sequence *q);

/* ddl_view.c: a view as the catalogue keeps it. */
bool amph__view_read(amph_arena *arena, const char *text, sql_view *out);

/* ddl.c: a DDL statement of text, or MERGE. command is its tag; rows affected: -1 but of MERGE. */
bool amph__ddl_run(amph_names *n, amph_conn *conn, const amph_dialect *dialect, sql_stmt *stmt,
		   char *command, size_t size, int64_t *affected, amph_error *err);
#endif
