/* Finding the names of constraints, which SQLite's errors do not tell or tell differently from
 * PostgreSQL. For error.c. */
#ifndef AMPH_SQLITE_CONSTRAINT_H
#define AMPH_SQLITE_CONSTRAINT_H
#include "sl.h"

/* A statement run again within a savepoint, with the rows that it touches reported to hook. */
typedef void sl_touch_fn(void *ctx, int op, const char *schema, const char *table,
			 sqlite3_int64 rowid);
/* The statement's own arguments for native, which has the same placeholders. */
int amph__sl_rebind(const sl_stmt *stmt, sqlite3_stmt *native);
/* An SQLite result code of the run; the savepoint stays until amph__sl_probe_end. */
int amph__sl_probe(sl_conn *conn, sqlite3_stmt *native, sl_touch_fn *hook, void *ctx);
void amph__sl_probe_end(sl_conn *conn);

/* The constraints of the models and of tables that text has made; until the next statement. */
const amph_schema *amph__sl_schema(sl_conn *conn);
bool amph__sl_is_key(const amph_constraint_name *c);    /* primary, unique, or a unique index */
void amph__sl_set_key(const char *table, const char *name, amph_error *err);    /* 23505 */
/* what: "t.a, t.b" or "index 'name'", as SQLite says which key is violated. */
void amph__sl_set_unique(sl_conn *conn, int rc, const char *what, amph_error *err);
/* SQLite reports the last of several violated keys, PostgreSQL the one created first. */
void amph__sl_name_first_unique(sl_conn *conn, sl_stmt *stmt, amph_error *err);
void amph__sl_name_foreign_key(sl_conn *conn, sl_stmt *stmt, amph_error *err);

/* A table of a schema other than the default is one name here, "schema.table". */
bool amph__sl_is_table(const char *name, const char *schema, const char *table);
const char *amph__sl_plain_table(const char *name);     /* without the schema */
/* "table_a_b_suffix", as PostgreSQL names what has no name. */
void amph__sl_default_name(char *out, size_t size, const char *table, const char *columns,
			   const char *suffix);
#endif
