/* SQLite with the library's functions registered, for tests of single ones: what a statement gives as a
 * text. setup and teardown are fixtures of the suite. */
#ifndef TESTS_UNIT_SQLITE_CALL_H
#define TESTS_UNIT_SQLITE_CALL_H
#include "backends/sqlite/functions/functions.h"

extern sqlite3 *call_db;
extern sl_env call_env;
extern amph_arena call_arena;

void call_setup(void);
void call_teardown(void);

/* The first column of the first row: "<NULL>" for NULL, "no row", "ERR 22012" for an error with a SQLSTATE
 * of the library's, SQLite's own message for another. In the arena. */
const char *call(const char *sql);
#endif
