/* What names tell by themselves, before anything is looked up. */
#include "names.h"
#include <string.h>

bool amph__is_catalog(const char *schema, const char *name)
{
	if (schema)
		return !strcmp(schema, "pg_catalog") || !strcmp(schema, "information_schema");
	return !strncmp(name, "pg_", 3);
}

bool amph__is_system_column(const char *name)
{
	static const char *const names[] = { "tableoid", "ctid", "xmin", "cmin", "xmax", "cmax" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Where its schema ends; NULL: it is none of a schema. */
static const char *dot_of(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && dot != name && dot[1] ? dot : NULL;
}

bool amph__is_own_name(const char *name)
{
	return dot_of(name) != NULL;
}

bool amph__own_name(amph_arena *arena, const char *name, const char **schema, const char **object)
{
	const char *dot = dot_of(name);

	*schema = dot ? amph__arena_text(arena, name, (size_t)(dot - name)) : NULL;
	*object = dot ? dot + 1 : NULL;
	return *schema;
}

const char *amph__relation_name(amph_arena *arena, const char *text)
{
	size_t len = strlen(text);
	char *name;

	if (!strncmp(text, "public.", 7) || !strncmp(text, "pg_temp.", 8))
		return amph__relation_name(arena, strchr(text, '.') + 1);
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"')
		return amph__arena_text(arena, text + 1, len - 2);
	name = amph__arena_text(arena, text, len);
	for (char *p = name; p && *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return name;
}

bool amph__is_comparison(const char *op)
{
	static const char *const ops[] = { "=", "<>", "!=", "<", "<=", ">", ">=" };

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (!strcmp(op, ops[i]))
			return true;
	return false;
}
