/* Types as the resolver compares them. varchar is text with a length: n, or -1 without a limit. */
#include "../../model/value.h"
#include "resolve.h"
#include <string.h>

amph_sqltype amph__plain_type(int type)
{
	return (amph_sqltype){ .type = (uint8_t)type };
}

amph_sqltype amph__without_length(amph_sqltype type)
{
	bool text = (type.type & ~AMPH_T_ARRAY) == AMPH_T_TEXT;

	type.length = type.length && text ? -1 : 0;
	type.scale = text ? type.scale : 0;
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
	static const char *const names[] = { "any",
					     "anyelement",
					     "anyarray",
					     "anyenum",
					     "anynonarray",
					     "anycompatible",
					     "anycompatiblearray",
					     "anycompatiblenonarray",
					     "record",
					     "regconfig",
					     "regclass",
					     "\"char\"",
					     "bit",
					     "xid",
					     "macaddr",
					     "anyrange",
					     "anymultirange",
					     "record",
					     "regtype" };
	size_t i = (size_t)(type & ~AMPH_T_ARRAY);

	if (i == AMPH_T_NONE)
		return "unknown";
	if (i < AMPH_T_ANY || i - AMPH_T_ANY >= sizeof(names) / sizeof(names[0]))
		return NULL;
	return names[i - AMPH_T_ANY];
}

const char *amph__type_text(sql_resolver *r, const amph_sqltype *type)
{
	char name[128];
	const char *text = pseudo_name(type->type);
	amph_sqltype bare = amph__without_length(*type);

	if (text)
		return text;
	if (amph__is_bpchar(&bare))
		return "character";
	if (bare.length)
		return type->type & AMPH_T_ARRAY ? "character varying[]" : "character varying";
	text = amph__type_name(bare, name, sizeof(name));
	text = text ? amph__arena_text(r->arena, text, strlen(text)) : NULL;
	return text ? text : "";
}
