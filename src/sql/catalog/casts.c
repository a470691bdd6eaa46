/* Casts and categories of types, as pg_cast and pg_type have them. */
#include "../walk.h"
#include "catalog.h"

enum { E = AMPH_CAST_EXPLICIT, S = AMPH_CAST_ASSIGNMENT, I = AMPH_CAST_IMPLICIT };

/* Rows are where a cast comes from, columns where it goes to; only scalars of known types. */
static const uint8_t casts[AMPH_T_COUNT][AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { [AMPH_T_INT32] = E },
	[AMPH_T_INT16] = { [AMPH_T_INT32] = I, [AMPH_T_INT64] = I, [AMPH_T_FLOAT] = I,
			   [AMPH_T_DOUBLE] = I, [AMPH_T_NUMERIC] = I },
	[AMPH_T_INT32] = { [AMPH_T_BOOL] = E, [AMPH_T_INT16] = S, [AMPH_T_INT64] = I,
			   [AMPH_T_FLOAT] = I, [AMPH_T_DOUBLE] = I, [AMPH_T_NUMERIC] = I },
	[AMPH_T_INT64] = { [AMPH_T_INT16] = S, [AMPH_T_INT32] = S, [AMPH_T_FLOAT] = I,
			   [AMPH_T_DOUBLE] = I, [AMPH_T_NUMERIC] = I },
	[AMPH_T_FLOAT] = { [AMPH_T_INT16] = S, [AMPH_T_INT32] = S, [AMPH_T_INT64] = S,
			   [AMPH_T_DOUBLE] = I, [AMPH_T_NUMERIC] = S },
	[AMPH_T_DOUBLE] = { [AMPH_T_INT16] = S, [AMPH_T_INT32] = S, [AMPH_T_INT64] = S,
			    [AMPH_T_FLOAT] = S, [AMPH_T_NUMERIC] = S },
	[AMPH_T_NUMERIC] = { [AMPH_T_INT16] = S, [AMPH_T_INT32] = S, [AMPH_T_INT64] = S,
			     [AMPH_T_FLOAT] = I, [AMPH_T_DOUBLE] = I },
	[AMPH_T_JSON] = { [AMPH_T_BOOL] = E, [AMPH_T_INT16] = E, [AMPH_T_INT32] = E,
			  [AMPH_T_INT64] = E, [AMPH_T_FLOAT] = E, [AMPH_T_DOUBLE] = E,
			  [AMPH_T_NUMERIC] = E, [AMPH_T_PLAIN_JSON] = S },
	[AMPH_T_PLAIN_JSON] = { [AMPH_T_JSON] = S },
	[AMPH_T_DATE] = { [AMPH_T_TIMESTAMP] = I, [AMPH_T_TIMESTAMPTZ] = I },
	[AMPH_T_TIME] = { [AMPH_T_INTERVAL] = I },
	[AMPH_T_TIMESTAMP] = { [AMPH_T_DATE] = S, [AMPH_T_TIME] = S, [AMPH_T_TIMESTAMPTZ] = I },
	[AMPH_T_TIMESTAMPTZ] = { [AMPH_T_DATE] = S, [AMPH_T_TIME] = S, [AMPH_T_TIMESTAMP] = S },
	[AMPH_T_INTERVAL] = { [AMPH_T_TIME] = S },
};

static amph_cast_context scalar_context(int from, int to)
{
	if (from >= AMPH_T_COUNT || to >= AMPH_T_COUNT)
		return AMPH_CAST_NONE;
	return (amph_cast_context)casts[from][to];
}

/* Anything may be assigned to text, and text be cast to anything, through its text form. */
static amph_cast_context text_context(int from, int to)
{
	if (to == AMPH_T_TEXT && (from & AMPH_T_ARRAY || from < AMPH_T_COUNT || from == AMPH_T_ROW_VALUE ||
				  from == AMPH_T_REGTYPE))
		return AMPH_CAST_ASSIGNMENT;
	if (from == AMPH_T_TEXT && (to & AMPH_T_ARRAY || to < AMPH_T_COUNT))
		return AMPH_CAST_EXPLICIT;
	return AMPH_CAST_NONE;
}

amph_cast_context amph__cast_context(int from, int to)
{
	amph_cast_context context = AMPH_CAST_NONE;

	if (from == to || from == AMPH_T_NONE)
		return AMPH_CAST_IMPLICIT;
	if (from & to & AMPH_T_ARRAY)
		context = amph__cast_context(from & ~AMPH_T_ARRAY, to & ~AMPH_T_ARRAY);
	else if (!((from | to) & AMPH_T_ARRAY))
		context = scalar_context(from, to);
	return context != AMPH_CAST_NONE ? context : text_context(from, to);
}

char amph__type_category(int type)
{
	static const char categories[AMPH_T_COUNT] = {
		[AMPH_T_NONE] = 'X', [AMPH_T_BOOL] = 'B', [AMPH_T_INT16] = 'N',
		[AMPH_T_INT32] = 'N', [AMPH_T_INT64] = 'N', [AMPH_T_FLOAT] = 'N',
		[AMPH_T_DOUBLE] = 'N', [AMPH_T_NUMERIC] = 'N', [AMPH_T_TEXT] = 'S',
		[AMPH_T_BYTES] = 'U', [AMPH_T_UUID] = 'U', [AMPH_T_JSON] = 'U',
		[AMPH_T_DATE] = 'D', [AMPH_T_TIME] = 'D', [AMPH_T_TIMESTAMP] = 'D',
		[AMPH_T_TIMESTAMPTZ] = 'D', [AMPH_T_INTERVAL] = 'T', [AMPH_T_ENUM] = 'E',
		[AMPH_T_TSVECTOR] = 'U', [AMPH_T_TSQUERY] = 'U',
		[AMPH_T_PLAIN_JSON] = 'U', [AMPH_T_JSONPATH] = 'U'
	};

	if (type & AMPH_T_ARRAY)
		return 'A';
	switch (type) {
	case AMPH_T_ANYARRAY:
	case AMPH_T_ANYCOMPATIBLEARRAY:
	case AMPH_T_ANY:
	case AMPH_T_ANYELEMENT:
	case AMPH_T_ANYENUM:
	case AMPH_T_ANYNONARRAY:
	case AMPH_T_ANYCOMPATIBLE:
	case AMPH_T_ANYCOMPATIBLENONARRAY:
	case AMPH_T_RECORD:
	case AMPH_T_ANYRANGE:
	case AMPH_T_ANYMULTIRANGE:
		return 'P';
	case AMPH_T_REGCONFIG:
	case AMPH_T_REGCLASS:
		return 'N';
	case AMPH_T_CHAR:
		return 'Z';
	case AMPH_T_BIT:
		return 'V';
	default:
		return type < AMPH_T_COUNT ? categories[type] : 'U';
	}
}

bool amph__type_is_preferred(int type)
{
	return type == AMPH_T_BOOL || type == AMPH_T_DOUBLE || type == AMPH_T_TEXT ||
	       type == AMPH_T_TIMESTAMPTZ || type == AMPH_T_INTERVAL;
}

bool amph__can_coerce(const amph_sqltype *from, const amph_sqltype *to, amph_cast_context context)
{
	if (from->type == AMPH_T_NONE || amph__type_same(from, to))
		return true;
	if (from->type == AMPH_T_RECORD || to->type == AMPH_T_RECORD)
		return false;
	/* numbers and text become the name of a relation, numbers that of a configuration */
	if (to->type == AMPH_T_REGCLASS && from->type == AMPH_T_TEXT)
		return true;
	if (to->type == AMPH_T_REGCLASS || to->type == AMPH_T_REGCONFIG)
		return from->type == AMPH_T_INT16 || from->type == AMPH_T_INT32 ||
		       from->type == AMPH_T_INT64;
	/* two enums, or arrays of them: only what goes through text, and that does not */
	if (from->type == to->type)
		return false;
	return amph__cast_context(from->type, to->type) >= context;
}
