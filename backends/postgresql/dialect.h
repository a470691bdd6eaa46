/* The two dialects of PostgreSQL: with the database's own collation, and with COLLATE "C" on
 * what is sorted or compared by order, where the database sorts text otherwise. */
#ifndef AMPH_POSTGRESQL_DIALECT_H
#define AMPH_POSTGRESQL_DIALECT_H
#include "amphora/sys/dialect.h"

extern const amph_dialect amph__pg_dialect;
extern const amph_dialect amph__pg_dialect_collate;
#endif
