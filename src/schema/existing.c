/* What the database has already, as far as creating asks. */
#include "schema.h"
#include <string.h>

typedef struct loading {
	amph_existing *existing;
	amph_arena *arena;
	bool failed;
} loading;

static bool add(loading *l, amph_map *map, const char *schema, const char *name)
{
	char *key = schema ? amph__arena_printf(l->arena, "%s.%s", schema, name)
		: amph__arena_text(l->arena, name, strlen(name));

	l->failed = !key || !amph__map_put(map, key, strlen(key), key);
	return !l->failed;
}

static bool load_object(void *ctx, const amph_inspected *object)
{
	loading *l = ctx;

	if (object->kind == AMPH_INSPECTED_TABLE)
		return add(l, &l->existing->tables, object->schema, object->name);
	if (object->kind == AMPH_INSPECTED_ENUM && !object->schema)
		return add(l, &l->existing->enums, NULL, object->name);
	/* tables and enums come first */
	return object->kind == AMPH_INSPECTED_TABLE || object->kind == AMPH_INSPECTED_ENUM;
}

bool amph__existing_load(amph_existing *e, amph_conn *conn, amph_arena *arena, amph_error *err)
{
	loading l = { .existing = e, .arena = arena };

	amph__map_init(&e->tables, arena->allocator, 0);
	amph__map_init(&e->enums, arena->allocator, 0);
	if (!amph__inspect(conn, load_object, &l, err))
		return false;
	return !l.failed || amph__error_nomem(err);
}

void amph__existing_clear(amph_existing *e)
{
	amph__map_clear(&e->tables);
	amph__map_clear(&e->enums);
}

/* Also where the two are one name: "schema.table". */
bool amph__existing_table(const amph_existing *e, const char *schema, const char *name)
{
	char key[2 * 64 + 1];
	size_t n = schema ? strlen(schema) + 1 : 0, len = strlen(name);

	if (!e || n + len > sizeof(key))
		return false;
	if (schema) {
		memcpy(key, schema, n - 1);
		key[n - 1] = '.';
	}
	memcpy(key + n, name, len);
	return amph__map_get(&e->tables, key, n + len) != NULL;
}

bool amph__existing_enum(const amph_existing *e, const char *name)
{
	return e && amph__map_get(&e->enums, name, strlen(name)) != NULL;
}
