/* Access methods of indexes and the types that have a default operator class in them. */
#include "opclass.h"
#include <string.h>

enum { ORDERED = AMPH_BTREE | AMPH_HASH, RANGED = ORDERED | AMPH_BRIN };

static const unsigned char defaults[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = ORDERED, [AMPH_T_INT16] = RANGED, [AMPH_T_INT32] = RANGED,
	[AMPH_T_INT64] = RANGED, [AMPH_T_FLOAT] = RANGED, [AMPH_T_DOUBLE] = RANGED,
	[AMPH_T_NUMERIC] = RANGED, [AMPH_T_TEXT] = RANGED | AMPH_SPGIST, [AMPH_T_BYTES] = RANGED,
	[AMPH_T_UUID] = RANGED, [AMPH_T_JSON] = ORDERED | AMPH_GIN, [AMPH_T_DATE] = RANGED,
	[AMPH_T_TIME] = RANGED, [AMPH_T_TIMESTAMP] = RANGED, [AMPH_T_TIMESTAMPTZ] = RANGED,
	[AMPH_T_INTERVAL] = RANGED, [AMPH_T_ENUM] = ORDERED,
	[AMPH_T_TSVECTOR] = AMPH_BTREE | AMPH_GIN | AMPH_GIST, [AMPH_T_TSQUERY] = AMPH_BTREE | AMPH_GIST
};

unsigned amph__access_method(const char *name)
{
	static const struct { const char *name; unsigned method; } methods[] = {
		{ "btree", AMPH_BTREE }, { "hash", AMPH_HASH }, { "gin", AMPH_GIN }, { "gist", AMPH_GIST },
		{ "spgist", AMPH_SPGIST }, { "brin", AMPH_BRIN }
	};

	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (!strcmp(methods[i].name, name))
			return methods[i].method;
	return 0;
}

bool amph__is_char(const amph_sqltype *type)
{
	return type->type == AMPH_T_TEXT && type->scale == 1 && type->length != 0;
}

bool amph__has_opclass(unsigned method, const amph_sqltype *type)
{
	unsigned has = 0;

	if (type->type & AMPH_T_ARRAY)
		has = ORDERED | AMPH_GIN;
	else if (type->type < AMPH_T_COUNT)
		has = amph__is_char(type) ? RANGED : defaults[type->type];
	return has & method;
}
