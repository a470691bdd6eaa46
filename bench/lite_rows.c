/* bench_users(pointer, n): an array of users as a table of SQLite, so that one statement inserts
 * them all without a bind and a step for each. */
#include "lite.h"
#include <stdlib.h>
#include <string.h>

typedef struct cursor {
	sqlite3_vtab_cursor base;
	const User *users;
	sqlite3_int64 n, at;
} cursor;
enum { ROWS_POINTER = 6, ROWS_COUNT = 7 };      /* hidden columns, behind those of a user without id */

static int connect_rows(sqlite3 *db, void *ctx, int argc, const char *const *argv, sqlite3_vtab **out,
			char **message)
{
	int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(username, email, is_active, balance, created_at, "
				      "profile, array HIDDEN, count HIDDEN)");

	(void)ctx, (void)argc, (void)argv, (void)message;
	*out = rc == SQLITE_OK ? calloc(1, sizeof **out) : NULL;
	return rc != SQLITE_OK || *out ? rc : SQLITE_NOMEM;
}

static int disconnect_rows(sqlite3_vtab *table)
{
	free(table);
	return SQLITE_OK;
}

static int plan_rows(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	for (int i = 0; i < info->nConstraint; i++) {
		int column = info->aConstraint[i].iColumn;

		if (column < ROWS_POINTER || !info->aConstraint[i].usable)
			continue;
		info->aConstraintUsage[i].argvIndex = column == ROWS_POINTER ? 1 : 2;
		info->aConstraintUsage[i].omit = 1;
	}
	info->estimatedCost = 1;
	return SQLITE_OK;
}

static int open_rows(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	cursor *c = calloc(1, sizeof *c);

	(void)table;
	*out = c ? &c->base : NULL;
	return c ? SQLITE_OK : SQLITE_NOMEM;
}

static int close_rows(sqlite3_vtab_cursor *c)
{
	free(c);
	return SQLITE_OK;
}

static int filter_rows(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
		       sqlite3_value **argv)
{
	cursor *c = (cursor *)base;

	(void)number, (void)text;
	if (argc != 2)
		return SQLITE_ERROR;
	c->users = sqlite3_value_pointer(argv[0], "bench_users");
	c->n = c->users ? sqlite3_value_int64(argv[1]) : 0;
	c->at = 0;
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
	((cursor *)base)->at++;
	return SQLITE_OK;
}

static int rows_end(sqlite3_vtab_cursor *base)
{
	cursor *c = (cursor *)base;

	return c->at >= c->n;
}

static int row_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int column)
{
	cursor *c = (cursor *)base;
	const User *u = &c->users[c->at];
	char text[LITE_TIME_MAX];

	switch (column) {
	case 0: sqlite3_result_text(out, u->username, -1, SQLITE_STATIC); break;
	case 1: sqlite3_result_text(out, u->email, -1, SQLITE_STATIC); break;
	case 2: sqlite3_result_int(out, u->is_active); break;
	case 3:
		sqlite3_result_text(out, text, lite_put_cents(text, u->balance.v.units),
				    SQLITE_TRANSIENT);
		break;
	case 4:
		sqlite3_result_text(out, text, lite_put_time(text, u->created_at.usec),
				    SQLITE_TRANSIENT);
		break;
	case 5: sqlite3_result_text(out, u->profile.text, -1, SQLITE_STATIC); break;
	default: sqlite3_result_null(out); break;
	}
	return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *id)
{
	*id = ((cursor *)base)->at;
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.xConnect = connect_rows, .xBestIndex = plan_rows, .xDisconnect = disconnect_rows,
	.xOpen = open_rows, .xClose = close_rows, .xFilter = filter_rows, .xNext = next_row,
	.xEof = rows_end, .xColumn = row_column, .xRowid = row_id
};

bool lite_register_rows(sqlite3 *db)
{
	return sqlite3_create_module(db, "bench_users", &module, NULL) == SQLITE_OK;
}
