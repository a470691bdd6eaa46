/* What names tell by themselves, before anything is looked up. */
#ifndef AMPH_SQL_NAMES_H
#define AMPH_SQL_NAMES_H
#include "../base/arena.h"

bool amph__is_catalog(const char *schema, const char *name);    /* a table of PostgreSQL's own */
bool amph__is_system_column(const char *name);  /* ctid, xmin ... */
/* "schema.name": what a program has made in a schema of its own (resolve/own.c). */
bool amph__is_own_name(const char *name);
/* Its two parts, the first in arena; false: it is none of a schema, or there is no memory. */
bool amph__own_name(amph_arena *arena, const char *name, const char **schema, const char **object);
/* The name that a text of type regclass means, without its schema, in arena: folded unless it is quoted.
 * NULL: there is no memory. */
const char *amph__relation_name(amph_arena *arena, const char *text);
bool amph__is_comparison(const char *op);       /* = <> < ... */
#endif
