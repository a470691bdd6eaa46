/* The functions as a loadable extension of the sqlite3 shell, for files that the library wrote:
 *
 *	sqlite> .load /usr/lib/amphora/amphora_sqlite
 *
 * It knows of no transactions: now() is the time at which it was loaded. */
#include "functions.h"

int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);
int sqlite3_amphorasqlite_init(sqlite3 *db, char **message, const sqlite3_api_routines *api);

int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
	static const sl_env fresh = { &amph__libc_allocator, &amph__system_clock, 0 };
	sl_env *env;
	int rc;

	(void)message;
	sqlite3_api = api;
	env = amph__alloc_zero(&amph__libc_allocator, sizeof(*env));
	if (!env)
		return SQLITE_NOMEM;
	*env = fresh;
	rc = amph__sl_register_owned(db, env);
	return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}

/* The name that SQLite makes of the file's. */
int sqlite3_amphorasqlite_init(sqlite3 *db, char **message, const sqlite3_api_routines *api)
{
	return sqlite3_extension_init(db, message, api);
}
