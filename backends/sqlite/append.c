/* Rows whose numbers follow each other at the end of a table. SQLite numbers a row without a number by
 * one more than the highest, and does so where it stands; for a number that it is given it first looks
 * through the table. So a row that has the very number that SQLite would give it comes without. */
#include "../../src/model/value.h"
#include "sl.h"

enum { ROWS_LEAST = 256 };      /* from which it pays to ask about the table */

/* The highest number of the table; no row where SQLite does not number rows by that column, or where
 * a trigger may add rows in between. A table of the connection's own may hide the one that is meant. */
static char *question(const char *table, const char *column)
{
	return sqlite3_mprintf(
		"SELECT (SELECT max(\"%w\") FROM main.\"%w\") WHERE "
		"(SELECT group_concat(name) FROM pragma_table_info(%Q, 'main') WHERE pk) = %Q AND "
		"NOT EXISTS (SELECT 1 FROM pragma_index_list(%Q, 'main') WHERE origin = 'pk') AND "
		"NOT EXISTS (SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence' OR "
		"(type = 'trigger' AND tbl_name = %Q COLLATE NOCASE)) AND "
		"NOT EXISTS (SELECT 1 FROM temp.sqlite_master WHERE tbl_name = %Q COLLATE NOCASE)",
		column, table, table, column, table, table, table);
}

static int ask(sl_stmt *stmt, const char *table, const char *column)
{
	if (stmt->highest)
		return SQLITE_OK;
	char *sql = question(table, column);
	int rc = sql ? sqlite3_prepare_v3(((sl_conn *)stmt->base.conn)->db, sql, -1,
					  SQLITE_PREPARE_PERSISTENT, &stmt->highest, NULL)
		     : SQLITE_NOMEM;
	sqlite3_free(sql);
	return rc;
}

void amph__sl_append_plan(sl_stmt *stmt, sl_rowset *set)
{
	const sl_conn *conn = (const sl_conn *)stmt->base.conn;
	const amph_arg *arg = set->arg;
	const char *table = stmt->base.code->table;

	/* who writes already is alone with the table */
	if (!set->straight || !arg->identity || !table || set->cells || arg->n_rows < ROWS_LEAST ||
	    arg->slots[arg->identity_slot].type != AMPH_T_INT64 ||
	    arg->slots[arg->identity_slot].nullable || !conn->in_tx ||
	    sqlite3_txn_state(conn->db, "main") != SQLITE_TXN_WRITE)
		return;
	/* what is wrong here is wrong with the statement itself, which will say it */
	if (ask(stmt, table, arg->identity) != SQLITE_OK)
		return;
	if (sqlite3_step(stmt->highest) == SQLITE_ROW) {
		set->appends = true;
		set->highest = sqlite3_column_type(stmt->highest, 0) == SQLITE_NULL
				       ? INT64_MIN : sqlite3_column_int64(stmt->highest, 0);
	}
	sqlite3_reset(stmt->highest);
}

bool amph__sl_append_skips(sl_append *a, const sl_rowset *set, size_t row, const void *at)
{
	const amph_arg *arg = set->arg;
	int64_t number = *(const int64_t *)amph__slot_value(&arg->slots[arg->identity_slot], at);

	if (row == a->decided)
		return a->skips;
	if (row == 0)
		a->highest = set->highest;
	/* the first of a table says where numbers begin */
	a->skips = row > 0 && number > a->highest && number - 1 == a->highest;
	a->highest = number > a->highest ? number : a->highest;
	a->decided = row;
	return a->skips;
}

bool amph__sl_append_held(const sl_stmt *stmt, const sl_rowset *set, amph_error *err)
{
	const amph_arg *arg = set->arg;
	const sl_conn *conn = (const sl_conn *)stmt->base.conn;

	if (!set->appends)
		return true;
	const void *last = arg->rows ? arg->rows[arg->n_rows - 1]
				     : (const char *)arg->base + (arg->n_rows - 1) * arg->stride;
	int64_t number = *(const int64_t *)amph__slot_value(&arg->slots[arg->identity_slot], last);
	return number == sqlite3_last_insert_rowid(conn->db) ||
	       amph__error(err, "XX000", "rows of \"%s\" got other numbers than they were given",
			   stmt->base.code->table);
}
