/* Tables from models. The order of statements is the same on every database: schemas, enums,
 * tables with parents before children, indexes, foreign keys that close a cycle. What is there
 * already is left alone, as it is. All happens in one transaction.
 *
 * Where the database has no place for what PostgreSQL knows of a table, the table
 * amphora_catalog has it, a row (kind, tbl, name, text) for each thing, text as PostgreSQL
 * writes it:
 *
 *	table       the table's comment, or NULL       column    its type: "character varying(80)"
 *	default     of a column                        computed  of a column
 *	comment     of a column                        p u c f   a constraint: "UNIQUE (a, b)"
 *	index       "CREATE INDEX ..."                 enum      its labels, one a line; tbl is NULL
 *	not null    of a column, where text made the table       identity  ALWAYS, BY DEFAULT, SERIAL
 *	sequence    its options                        extension that was created; tbl is NULL
 *
 * Those of temporary tables are in a temporary table, amphora_temp_catalog. */
#ifndef AMPH_SCHEMA_SCHEMA_H
#define AMPH_SCHEMA_SCHEMA_H
#include "../driver/driver.h"
#include "../model/model.h"
#include "../sql/sql.h"

/* In a transaction of their own, or in the one that is open, which they then leave open. */
bool amph__schema_create(amph_conn *conn, const amph_registry *registry,
			 const amph_dialect *dialect, amph_error *err);
/* Drops what amph__schema_create makes, children first, and the schemas that it leaves empty. */
bool amph__schema_drop(amph_conn *conn, const amph_registry *registry,
		       const amph_dialect *dialect, amph_error *err);

/* What the database has. Without a database: all zero, nothing. */
typedef struct amph_existing {
	amph_map tables;                /* "schema.table" or ".table" */
	amph_map enums;
} amph_existing;
bool amph__existing_load(amph_existing *e, amph_conn *conn, amph_arena *arena, amph_error *err);
void amph__existing_clear(amph_existing *e);
bool amph__existing_table(const amph_existing *e, const char *schema, const char *name);
bool amph__existing_enum(const amph_existing *e, const char *name);

/* The statements of both, in order, for whoever runs or prints them. schema is that of the
 * connection, or NULL. */
typedef struct amph_plan {
	amph_arena *arena;
	const amph_registry *registry;
	const amph_dialect *dialect;
	const amph_existing *existing;
	const char *schema;
	sql_stmt **stmts;
	size_t n, cap;
	bool failed;                    /* memory */
} amph_plan;
void amph__plan_create(amph_plan *plan);
void amph__plan_drop(amph_plan *plan);
sql_stmt *amph__plan_add(amph_plan *plan, sql_stmt_kind kind);  /* NULL: failed is set */
void amph__plan_add_stmt(amph_plan *plan, sql_stmt *stmt);

/* catalog.c: the rows of the catalogue table. */
extern const sql_table amph__catalog_table;
void amph__catalog_create(amph_plan *plan);                     /* the table, if it is not there */
const char *amph__catalog_type(amph_plan *plan, const amph_sqltype *type);      /* as a row has it */
void amph__catalog_add_enum(amph_plan *plan, const amph_enum_type *e);
void amph__catalog_add_table(amph_plan *plan, const amph_mapper *m);
/* table: whose rows they are; those of a temporary table are in a table of their own. */
void amph__catalog_create_for(amph_plan *plan, const sql_table *table);
void amph__catalog_add_definition(amph_plan *plan, const sql_stmt *stmt);
void amph__catalog_add_index(amph_plan *plan, const sql_table *table, const sql_index *index);
void amph__catalog_add_row(amph_plan *plan, const sql_table *table, const char *kind, const char *name,
			   const char *text);
void amph__catalog_add_other(amph_plan *plan, const sql_table *of, const char *kind, const char *name,
			     const char *text);
void amph__catalog_remove_for(amph_plan *plan, const sql_table *of, const char *kind,
			      const char *schema, const char *name);
/* The row of a table that has the name. */
void amph__catalog_remove_row(amph_plan *plan, const sql_table *table, const char *kind, const char *name);
void amph__catalog_remove(amph_plan *plan, const char *kind, const char *schema, const char *name);
#endif
