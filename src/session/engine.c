/* The engine: URL and options, models, driver, pool, compiled statements. */
#include "state.h"
#include "../schema/schema.h"
#include <stdlib.h>
#include <string.h>

/* ---- options ---- */

static void apply_options(amph_engine *db, const amph_options *o)
{
	amph_url_options *u = &db->options;

	*u = (amph_url_options){ .pool_size = 5, .max_overflow = 10, .pool_timeout_ms = 30000,
				 .pool_recycle_s = -1, .max_statements = 512,
				 .driver = { .prepare = true, .fast_paths = true,
					     .connect_timeout_ms = 10000 } };
	if (!o)
		return;
	if (o->pool_size)
		u->pool_size = o->pool_size;
	if (o->max_overflow)
		u->max_overflow = o->max_overflow == AMPH_NO_OVERFLOW ? 0 : o->max_overflow;
	if (o->pool_timeout_ms)
		u->pool_timeout_ms = o->pool_timeout_ms < 0 ? 0 : o->pool_timeout_ms;
	if (o->pool_recycle_s)
		u->pool_recycle_s = o->pool_recycle_s;
	if (o->connect_timeout_ms)
		u->driver.connect_timeout_ms = o->connect_timeout_ms;
	u->pool_pre_ping = o->pool_pre_ping;
	u->driver.prepare = !o->prepare_off;
	u->driver.fast_paths = !o->fast_paths_off;
	u->driver.read_only = o->read_only;
	u->driver.lock_timeout_ms = o->lock_timeout_ms;
	u->driver.schema = o->schema;
	db->expire_on_commit = o->expire_on_commit;
	db->trace = o->trace;
	db->trace_ctx = o->trace_ctx;
	db->trace_values = o->trace_values;
}

static amph_engine *engine_new(const amph_options *o)
{
	const amph_allocator *a = o && o->allocator ? o->allocator : &amph__libc_allocator;
	amph_engine *db = amph__alloc_zero(a, sizeof *db);

	if (!db)
		return NULL;
	db->allocator = a;
	db->clock = amph__system_clock;
	if (o && o->clock) {
		if (o->clock->now_usec)
			db->clock.now_usec = o->clock->now_usec;
		if (o->clock->random)
			db->clock.random = o->clock->random;
		db->clock.ctx = o->clock->ctx;
	}
	amph__arena_init(&db->arena, a);
	amph__arena_init(&db->filters.arena, a);
	amph__arena_init(&db->codes_arena, a);
	amph__map_init(&db->codes, a, (uint64_t)(uintptr_t)db);
	amph__map_init(&db->type_names, a, (uint64_t)(uintptr_t)db);
	pthread_rwlock_init(&db->codes_lock, NULL);
	pthread_rwlock_init(&db->listeners_lock, NULL);
	atomic_init(&db->n_users, 1);
	apply_options(db, o);
	return db;
}

/* Those of the program go first, so that one may take a built-in's place. */
static const amph_driver *const *all_drivers(amph_engine *db, const amph_options *o)
{
	const amph_driver *const *built_in = amph__drivers();
	size_t n = 0, at = 0;

	if (!o || !o->drivers)
		return built_in;
	while (o->drivers[n])
		n++;
	for (size_t i = 0; built_in[i]; i++)
		n++;
	const amph_driver **all = AMPH_NEWS(&db->arena, const amph_driver *, n + 1);
	if (!all)
		return NULL;
	for (size_t i = 0; o->drivers[i]; i++)
		all[at++] = o->drivers[i];
	for (size_t i = 0; built_in[i]; i++)
		all[at++] = built_in[i];
	return all;
}

/* A first connection shows that the address is right and what is there, and stays in the pool. */
static bool try_connection(amph_engine *db, amph_error *err)
{
	const amph_driver *driver = db->driver->driver;
	amph_conn *conn = amph__pool_take(db->pool, "amph_open", err);

	if (!conn)
		return false;
	db->dialect = driver->dialect_of ? driver->dialect_of(conn, err) : driver->dialect;
	amph__pool_give(db->pool, conn);
	return db->dialect && amph__query_cache_init(&db->queries, db->registry, db->dialect,
						     db->allocator, AMPH_CACHE_MAX, err);
}

static bool set_filters(amph_engine *db, const amph_filter *filters, amph_error *err)
{
	amph_query_buf buf;
	bool ok;

	if (!filters)
		return true;
	amph__query_buf_init(&buf, db->registry, NULL, db->allocator);
	ok = amph__filters_init(&db->filters, db->registry, db->allocator) || amph__error_nomem(err);
	for (; ok && (filters->model || filters->column); filters++)
		ok = amph__filters_change(&db->filters, &buf, filters, false, err);
	amph__query_buf_clear(&buf);
	return ok;
}

static bool start(amph_engine *db, const char *url, const amph_options *o, amph_error *err)
{
	static const amph_model *const none[] = { NULL };
	amph_address address;

	if (o && o->abi != AMPH_ABI)
		return amph__error_misuse(err, "amph_options were not made by AMPH_OPTIONS of this "
					  "version of the library");
	const amph_driver *const *drivers = all_drivers(db, o);
	if (!drivers)
		return amph__error_nomem(err);
	const amph_driver *driver = amph__url_parse(&db->arena, url, drivers, &address, &db->options,
						    err);
	if (!driver)
		return false;
	db->registry = amph__registry_open(db->allocator, o && o->models ? o->models : none, err);
	if (!db->registry || !set_filters(db, o ? o->filters : NULL, err))
		return false;
	db->selects = AMPH_NEWS(&db->arena, _Atomic(const amph_code *), 4 * db->registry->n_mappers + 1);
	if (!db->selects)
		return amph__error_nomem(err);
	db->driver = amph__driver_engine_open(driver, db->allocator, &db->clock, &address,
					      &db->options.driver, &db->registry->schema, err);
	if (!db->driver)
		return false;
	amph_conn_config config = { .trace = db->trace ? amph__engine_trace : NULL, .trace_ctx = db,
				    .max_statements = db->options.max_statements,
				    .statement_timeout_ms = db->options.statement_timeout_ms };
	db->pool = amph__pool_open(db->driver, &config, &db->options, err);
	return db->pool && try_connection(db, err);
}

amph_engine *amph_open(const char *url, const amph_options *options, amph_error *err)
{
	amph_engine *db = engine_new(options);

	if (!db) {
		amph__error_nomem(err);
		return NULL;
	}
	amph__error_clear(err);
	if (start(db, url, options, err))
		return db;
	amph_close(db);
	return NULL;
}

void amph__engine_use(amph_engine *db)
{
	atomic_fetch_add_explicit(&db->n_users, 1, memory_order_relaxed);
}

void amph_close(amph_engine *db)
{
	if (db)
		amph__engine_let_go(db);
}

void amph__engine_let_go(amph_engine *db)
{
	if (atomic_fetch_sub_explicit(&db->n_users, 1, memory_order_acq_rel) > 1)
		return;
	amph__pool_close(db->pool);
	amph__driver_engine_close(db->driver);
	amph__query_cache_clear(&db->queries);
	amph__arena_clear(&db->filters.arena);
	amph__registry_close(db->registry);
	pthread_rwlock_destroy(&db->codes_lock);
	pthread_rwlock_destroy(&db->listeners_lock);
	amph__free(db->allocator, db->listeners.items);
	amph__map_clear(&db->codes);
	amph__map_clear(&db->type_names);
	amph__arena_clear(&db->codes_arena);
	amph__arena_clear(&db->arena);
	amph__free(db->allocator, db);
}

const char *amph_engine_backend(const amph_engine *db)
{
	return db ? db->driver->driver->name : "";
}

amph_pool_stats amph_engine_pool_stats(amph_engine *db)
{
	amph_pool_stats stats = { 0 };

	if (db)
		amph__pool_stats(db->pool, &stats);
	return stats;
}

/* ---- compiled statements of the flush ---- */

const amph_code *amph__engine_code(amph_engine *engine, const void *key, size_t len,
				   amph_code_fn *make, const void *ctx, amph_error *err)
{
	pthread_rwlock_rdlock(&engine->codes_lock);
	const amph_code *code = amph__map_get(&engine->codes, key, len);
	pthread_rwlock_unlock(&engine->codes_lock);
	if (code)
		return code;

	pthread_rwlock_wrlock(&engine->codes_lock);
	code = amph__map_get(&engine->codes, key, len);
	if (!code) {
		void *own_key = amph__arena_copy(&engine->codes_arena, key, len);
		amph_code *made = own_key ? make(&engine->codes_arena, engine, ctx, err) : NULL;

		if (!own_key)
			amph__error_nomem(err);
		/* without a place in the map the code stays in the arena until the engine goes */
		if (made && amph__map_put(&engine->codes, own_key, len, made))
			code = made;
		else if (made)
			amph__error_nomem(err);
		engine->codes_arena.failed = false;
	}
	pthread_rwlock_unlock(&engine->codes_lock);
	return code;
}

/* ---- schema ---- */

typedef bool schema_fn(amph_conn *conn, const amph_registry *registry, const amph_dialect *dialect,
		       amph_error *err);

static bool with_connection(amph_engine *db, const char *name, schema_fn *fn, amph_error *err)
{
	char site[64];

	amph__error_clear(err);
	if (!db)
		return amph__error_misuse(err, "the engine is NULL: it was not opened");
	if (amph__pool_is_held(db->pool, site, sizeof site))
		return amph__error(err, "55006", "%s would wait for ever: %s of this thread is in a "
				   "transaction; commit, roll back or close it first", name, site);
	amph_conn *conn = amph__pool_take(db->pool, name, err);
	if (!conn)
		return false;
	amph__tx_begin(conn, AMPH_BEGIN_WRITE);
	bool ok = fn(conn, db->registry, db->dialect, err) &&
		  amph__tx_commit(conn, err);
	if (!ok)
		amph__tx_rollback(conn, NULL);
	amph__pool_give(db->pool, conn);
	return ok;
}

bool amph_create_all(amph_engine *db, amph_error *err)
{
	return with_connection(db, "amph_create_all", amph__schema_create, err);
}

bool amph_drop_all(amph_engine *db, amph_error *err)
{
	return with_connection(db, "amph_drop_all", amph__schema_drop, err);
}
