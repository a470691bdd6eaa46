/* Types as the resolver compares them. varchar is text with a length: n, or -1 without a limit. */
#include "resolve.h"
#include "../model/value.h"
#include <string.h>

bool amph__type_same(const amph_sqltype *a, const amph_sqltype *b)
{
	if (a->type != b->type)
		return false;
	if ((a->type & ~AMPH_T_ARRAY) != AMPH_T_ENUM || a->enumeration == b->enumeration)
		return true;
	return a->enumeration && b->enumeration &&
	       !strcmp(a->enumeration->name, b->enumeration->name);
}

amph_sqltype amph__plain_type(int type)
{
	return (amph_sqltype){ .type = (uint8_t)type };
}

amph_sqltype amph__without_length(amph_sqltype type)
{
	type.length = type.length && (type.type & ~AMPH_T_ARRAY) == AMPH_T_TEXT ? -1 : 0;
	type.scale = 0;
	return type;
}

amph_sqltype amph__element_type(amph_sqltype array)
{
	array.type &= (uint8_t)~AMPH_T_ARRAY;
	array.nullable = true;
	return array;
}

amph_sqltype amph__array_type(amph_sqltype element)
{
	element.type |= AMPH_T_ARRAY;
	return element;
}

static const char *pseudo_name(int type)
{
	switch (type & ~AMPH_T_ARRAY) {
	case AMPH_T_NONE:
		return "unknown";
	case AMPH_T_RECORD:
		return "record";
	case AMPH_T_REGCONFIG:
		return "regconfig";
	case AMPH_T_JSONPATH:
		return "jsonpath";
	case AMPH_T_REGCLASS:
		return "regclass";
	case AMPH_T_CHAR:
		return "\"char\"";
	case AMPH_T_OLD_JSON:
		return "json";
	case AMPH_T_BIT:
		return "bit";
	default:
		return NULL;
	}
}

const char *amph__type_text(sql_resolver *r, const amph_sqltype *type)
{
	char name[128];
	const char *text = pseudo_name(type->type);
	amph_sqltype bare = amph__without_length(*type);

	if (text)
		return text;
	if (bare.length)
		return type->type & AMPH_T_ARRAY ? "character varying[]" : "character varying";
	text = amph__type_name(bare, name, sizeof(name));
	text = text ? amph__arena_text(r->arena, text, strlen(text)) : NULL;
	return text ? text : "";
}

bool amph__can_coerce(const amph_sqltype *from, const amph_sqltype *to, amph_cast_context context)
{
	if (from->type == AMPH_T_NONE || amph__type_same(from, to))
		return true;
	if (from->type == AMPH_T_RECORD || to->type == AMPH_T_RECORD)
		return false;
	/* two enums, or arrays of them: only what goes through text, and that does not */
	if (from->type == to->type)
		return false;
	return amph__cast_context(from->type, to->type) >= context;
}
