/* What the tests of this folder leave in the database goes when they end, also when one of them fails or
 * crashes: it is done by the process that runs them, over a connection of its own. */
#ifndef TESTS_PG_CLEAN_H
#define TESTS_PG_CLEAN_H
#include <libpq-fe.h>
#include <stdlib.h>

/* What is not there is passed over. */
static inline void clean(const char *const *statements)
{
	const char *url = getenv("DATABASE_URL");

	if (!url)
		url = getenv("AMPHORA_TEST_PG_URL");
	PGconn *pq = url ? PQconnectdb(url) : NULL;
	for (; pq && PQstatus(pq) == CONNECTION_OK && *statements; statements++)
		PQclear(PQexec(pq, *statements));
	PQfinish(pq);
}

/* Of tests that make their tables in an empty public schema. */
static inline void clean_schemas(void)
{
	static const char *const statements[] = {
		"SET client_min_messages = error", "SET lock_timeout = '10s'",
		"DROP SCHEMA IF EXISTS elsewhere CASCADE", "DROP SCHEMA public CASCADE",
		"CREATE SCHEMA public", "DROP OWNED BY poor", "DROP ROLE poor",
		"DROP OWNED BY copy_reader", "DROP ROLE copy_reader", NULL
	};

	clean(statements);
}
#endif
