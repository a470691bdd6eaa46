/* Which access methods can index values of which types, as PostgreSQL has them without extensions. */
#ifndef AMPH_MODEL_OPCLASS_H
#define AMPH_MODEL_OPCLASS_H
#include "type.h"
#include <stdbool.h>

/* Access methods, as bits. */
enum {
	AMPH_BTREE = 1, AMPH_HASH = 2, AMPH_GIN = 4, AMPH_GIST = 8, AMPH_SPGIST = 16, AMPH_BRIN = 32
};

unsigned amph__access_method(const char *name);         /* 0: none of these */
/* Whether an index of the method needs no operator class by name for values of the type. */
bool amph__has_opclass(unsigned method, const amph_sqltype *type);
bool amph__is_char(const amph_sqltype *type);           /* character(n) */
#endif
