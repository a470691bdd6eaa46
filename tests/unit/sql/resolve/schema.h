/* The tables that the resolver's tests name, as the resolver takes them and as DDL. */
#ifndef TESTS_UNIT_SQL_RESOLVE_SCHEMA_H
#define TESTS_UNIT_SQL_RESOLVE_SCHEMA_H
#include "src/sql/sql.h"

extern const sql_names resolve_names;
extern const char *const resolve_ddl;
const sql_table *resolve_table(const char *name);

/* Parses and resolves; out gets "name type, name type", or the SQLSTATE. */
void resolve_answer(const char *sql, char *out, size_t size, amph_error *err);

/* A statement and what PostgreSQL makes of it. */
typedef struct resolve_case { const char *sql, *answer; } resolve_case;
extern const resolve_case resolve_cases_scalar[], resolve_cases_select[], resolve_cases_query[],
	resolve_cases_write[], resolve_cases_own[];
extern const size_t resolve_cases_scalar_count, resolve_cases_select_count, resolve_cases_query_count,
	resolve_cases_write_count, resolve_cases_own_count;
#endif
