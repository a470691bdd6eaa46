/* One connection to one database, in memory at first, which go with the test. */
#ifndef TESTS_SQLITE_ONE_H
#define TESTS_SQLITE_ONE_H
#include "harness.h"

static amph_driver_engine *engine;
static amph_conn *conn;

static void setup(void)
{
	engine = db_open(NULL, NULL);
	conn = conn_open(engine);
}

static void teardown(void)
{
	if (conn)
		conn_close(conn);
	if (engine)
		db_close(engine);
	temp_remove();
}

/* The same database in a file instead. */
static void use_file(void)
{
	conn_close(conn);
	db_close(engine);
	engine = db_open(temp_path("a.db"), NULL);
	conn = conn_open(engine);
}

#endif
