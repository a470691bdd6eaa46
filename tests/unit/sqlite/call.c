/* Statements over the functions of the SQLite backend. */
#include "call.h"
#include <check.h>
#include <string.h>

sqlite3 *call_db;
sl_env call_env;
amph_arena call_arena;

void call_setup(void)
{
	call_env = (sl_env){ .allocator = &amph__libc_allocator, .clock = &amph__system_clock };
	amph__arena_init(&call_arena, &amph__libc_allocator);
	ck_assert_int_eq(sqlite3_open(":memory:", &call_db), SQLITE_OK);
	ck_assert_int_eq(amph__sl_register(call_db, &call_env), SQLITE_OK);
}

void call_teardown(void)
{
	ck_assert_int_eq(sqlite3_close(call_db), SQLITE_OK);
	amph__arena_clear(&call_arena);
}

static const char *error_text(void)
{
	const char *message = sqlite3_errmsg(call_db);

	if (strlen(message) > 5 && message[5] == ':')
		return amph__arena_printf(&call_arena, "ERR %.5s", message);
	return amph__arena_printf(&call_arena, "%s", message);
}

const char *call(const char *sql)
{
	sqlite3_stmt *stmt;
	const char *out = "no row";

	if (sqlite3_prepare_v2(call_db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return error_text();
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW && sqlite3_column_type(stmt, 0) == SQLITE_NULL)
		out = "<NULL>";
	else if (rc == SQLITE_ROW)
		out = amph__arena_printf(&call_arena, "%s", (const char *)sqlite3_column_text(stmt, 0));
	else if (rc != SQLITE_DONE)
		out = error_text();
	sqlite3_finalize(stmt);
	return out;
}
