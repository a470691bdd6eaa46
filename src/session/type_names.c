/* Names of types that the library has no form of: the database is asked once for each, and the
 * engine remembers. */
#include "engine.h"
#include "rows.h"
#include <string.h>

static const char *known_name(amph_engine *db, uint32_t number)
{
	pthread_rwlock_rdlock(&db->codes_lock);
	const char *name = amph__map_get(&db->type_names, &number, sizeof number);
	pthread_rwlock_unlock(&db->codes_lock);
	return name;
}

/* Key and name stay as long as the engine. */
static const char *remember(amph_engine *db, uint32_t number, const char *name)
{
	const char *kept = NULL;

	pthread_rwlock_wrlock(&db->codes_lock);
	uint32_t *key = amph__arena_copy(&db->codes_arena, &number, sizeof number);
	char *text = key ? amph__arena_text(&db->codes_arena, name, strlen(name)) : NULL;
	if (text && amph__map_put(&db->type_names, key, sizeof *key, text))
		kept = text;
	db->codes_arena.failed = false;
	pthread_rwlock_unlock(&db->codes_lock);
	return kept;
}

static void *store_text(void *ctx, size_t size)
{
	return amph__arena_alloc(ctx, size);
}

static amph_code *name_code(amph_rows *r, amph_error *err)
{
	static const amph_sqltype number = { .type = AMPH_T_INT64 };
	static const amph_param param = { AMPH_PARAM_VALUE, 1, &number };
	static const amph_result_column column = { .name = "name", .type = { .type = AMPH_T_TEXT } };
	const char *sql = r->session->engine->driver->driver->type_name_sql;
	amph_code *code = amph__code_of_text(&r->arena, sql, AMPH_CODE_ROWS | AMPH_CODE_CONTROL, err);

	if (!code)
		return NULL;
	code->n_params = 1;
	code->params = &param;
	code->n_columns = 1;
	code->columns = &column;
	return code;
}

static const char *ask(amph_rows *r, uint32_t number, amph_error *err)
{
	static const amph_slot in = { .type = AMPH_T_INT64 }, out = { .type = AMPH_T_TEXT };
	static const amph_shape shape = { 1, &out };
	amph_conn *conn = r->session->conn;
	int64_t value = number;
	amph_arg arg = { .n_slots = 1, .n_rows = 1, .slots = &in, .base = &value };
	amph_store store = { store_text, &r->arena };
	const char *name = NULL, *kept = NULL;
	amph_code *code = name_code(r, err);
	amph_result result;
	size_t n = 0;

	if (!code || !amph__execute(conn, code, &arg, &result, err))
		return NULL;
	bool ok = amph__fetch(conn, &result, &shape, &name, 0, 1, &store, &n, err);
	amph__finish(conn, &result);
	if (ok)
		kept = remember(r->session->engine, number, n && name ? name : "unknown");
	if (ok && !kept)
		amph__error_nomem(err);
	return kept;
}

bool amph__rows_name_types(amph_rows *r, amph_error *err)
{
	amph_engine *db = r->session->engine;

	if (!db->driver->driver->type_name_sql)
		return true;
	for (size_t i = 0; i < r->n_columns; i++) {
		uint32_t number = r->columns[i].native_type;

		if (!number)
			continue;
		if (!r->type_names)
			r->type_names = AMPH_NEWS(&r->arena, const char *, r->n_columns);
		if (!r->type_names)
			return amph__error_nomem(err);
		r->type_names[i] = known_name(db, number);
		if (!r->type_names[i])
			r->type_names[i] = ask(r, number, err);
		if (!r->type_names[i])
			return false;
	}
	return true;
}
