/* The dialects of PostgreSQL: with the database's own collation where that sorts by bytes, and with
 * COLLATE on what is sorted or compared by order. */
#ifndef AMPH_POSTGRESQL_DIALECT_H
#define AMPH_POSTGRESQL_DIALECT_H
#include "amphora/sys/dialect.h"

extern const amph_dialect amph__pg_dialect;
/* Of a database that sorts otherwise: with that collation for columns and comparisons; any other name,
 * as "": COLLATE "C" for comparisons alone. */
const amph_dialect *amph__pg_dialect_with(const char *collation);
#endif
