/* Connections and the drivers behind them: making, ending, asking whether they live. */
#include "../base/clock.h"
#include "link.h"
#include <string.h>

#ifdef AMPH_HAVE_POSTGRESQL
extern const amph_driver amph__pg_driver;
#endif
#ifdef AMPH_HAVE_SQLITE
extern const amph_driver amph__sl_driver;
#endif

static const amph_driver *const built_in[] = {
#ifdef AMPH_HAVE_POSTGRESQL
	&amph__pg_driver,
#endif
#ifdef AMPH_HAVE_SQLITE
	&amph__sl_driver,
#endif
	NULL
};

const amph_driver *const *amph__drivers(void)
{
	return built_in;
}

amph_driver_engine *amph__driver_engine_open(const amph_driver *driver, const amph_allocator *a,
					     const struct amph_clock *clock,
					     const amph_address *address,
					     const amph_driver_options *options,
					     const amph_schema *schema, amph_error *err)
{
	if (driver->version != AMPH_DRIVER_VERSION) {
		amph__error_misuse(err, "driver \"%s\" was built for version %u of the driver "
				   "interface, this library has %d", driver->name, driver->version,
				   AMPH_DRIVER_VERSION);
		return NULL;
	}
	amph_driver_engine *engine = amph__alloc_zero(a, driver->engine_size);
	if (!engine) {
		amph__error_nomem(err);
		return NULL;
	}
	engine->driver = driver;
	engine->allocator = a;
	engine->clock = clock;
	engine->address = *address;
	engine->options = *options;
	engine->schema = schema;
	if (!driver->engine_open(engine, err)) {
		amph__driver_engine_close(engine);
		return NULL;
	}
	return engine;
}

void amph__driver_engine_close(amph_driver_engine *engine)
{
	if (!engine)
		return;
	engine->driver->engine_close(engine);
	amph__free(engine->allocator, engine);
}

/* Transaction control is text of the dialect: codes of static text, one for each connection, so
 * that the cache of statements finds them by address. */
static void control_code(amph_code *code, const char *sql, uint32_t flags)
{
	if (!sql)
		return;
	amph_hash128 h = amph__hash128(sql, strlen(sql));

	*code = (amph_code){ .sql = sql, .sql_len = strlen(sql), .hash = { h.lo, h.hi },
			     .flags = flags };
}

static amph_link *link_new(amph_conn *conn, const amph_conn_config *config)
{
	static const amph_result_column mark_column = { .name = "mark",
						       .type = { .type = AMPH_T_TEXT } };
	const amph_dialect *d = conn->driver->dialect;
	const amph_allocator *a = conn->engine->allocator;
	amph_link *link = amph__alloc_zero(a, sizeof *link);

	if (!link)
		return NULL;
	link->config = *config;
	amph__map_init(&link->statements, a, (uint64_t)(uintptr_t)link);
	control_code(&link->begin_codes[AMPH_BEGIN_READ], d->begin_read, AMPH_CODE_CONTROL);
	control_code(&link->begin_codes[AMPH_BEGIN_WRITE], d->begin_write, AMPH_CODE_CONTROL);
	control_code(&link->begin_codes[AMPH_BEGIN_SERIALIZABLE], d->begin_serializable,
		     AMPH_CODE_CONTROL);
	control_code(&link->begin_codes[AMPH_BEGIN_READ_ONLY], d->begin_read_only,
		     AMPH_CODE_CONTROL);
	control_code(&link->begin_codes[AMPH_BEGIN_REPEATABLE], d->begin_repeatable,
		     AMPH_CODE_CONTROL);
	control_code(&link->begin_codes[AMPH_BEGIN_COMMITTED], d->begin_committed, AMPH_CODE_CONTROL);
	link->allowed = -1;
	control_code(&link->commit_code, d->commit, AMPH_CODE_CONTROL);
	control_code(&link->rollback_code, d->rollback, AMPH_CODE_CONTROL);
	control_code(&link->mark_code, conn->driver->tx_mark_sql, AMPH_CODE_ROWS);
	link->mark_code.n_columns = 1;
	link->mark_code.columns = &mark_column;
	return link;
}

amph_conn *amph__conn_open(amph_driver_engine *engine, const amph_conn_config *config,
			   int64_t deadline_usec, amph_error *err)
{
	const amph_driver *driver = engine->driver;
	amph_conn *conn = amph__alloc_zero(engine->allocator, driver->conn_size);

	if (!conn) {
		amph__error_nomem(err);
		return NULL;
	}
	conn->driver = driver;
	conn->engine = engine;
	conn->caps = driver->caps;
	conn->deadline_usec = deadline_usec;
	conn->link = link_new(conn, config);
	if (!conn->link)
		amph__error_nomem(err);
	if (!conn->link || !driver->open(conn, err)) {
		amph__conn_close(conn, false);
		return NULL;
	}
	if (!engine->options.fast_paths)
		conn->caps &= ~(uint32_t)(AMPH_CAP_LOAD | AMPH_CAP_NEXT | AMPH_CAP_HOLDS);
	conn->deadline_usec = AMPH_NO_DEADLINE;
	return conn;
}

void amph__conn_close(amph_conn *conn, bool discard)
{
	if (!conn)
		return;
	const amph_allocator *a = conn->engine->allocator;

	if (conn->link) {
		amph__flight_drain(conn);
		amph__stmts_clear(conn);
	}
	conn->driver->close(conn, discard);
	amph__free(a, conn->link);
	amph__free(a, conn);
}

bool amph__conn_ping(amph_conn *conn, amph_error *err)
{
	conn->link->stats.round_trips++;
	return conn->driver->ping(conn, err);
}

bool amph__conn_reset(amph_conn *conn, amph_error *err)
{
	amph__flight_drain(conn);
	conn->link->tx = LINK_IDLE;
	conn->link->wrote = conn->link->has_mark = false;
	return !conn->broken && conn->driver->reset(conn, err);
}

bool amph__conn_cancel(amph_conn *conn, amph_error *err)
{
	if (!conn->driver->cancel)
		return amph__error(err, "0A000", "backend \"%s\" cannot cancel a statement",
				   conn->driver->name);
	return conn->driver->cancel(conn, err);
}

amph_link_stats amph__conn_stats(const amph_conn *conn)
{
	return conn->link->stats;
}

bool amph__take_ids(amph_conn *conn, const char *table, const char *column, size_t n, int64_t *ids,
		    amph_error *err)
{
	/* where statements cost a round trip, a sequence needs no transaction; elsewhere it is
	 * written within the one that will use the ids */
	if (!amph__may_run(conn, err) ||
	    (!(conn->caps & AMPH_CAP_PIPELINE) && !amph__tx_start(conn, true, err)))
		return false;
	conn->link->stats.statements++;
	conn->link->stats.round_trips++;
	if (conn->driver->take_ids(conn, table, column, n, ids, err))
		return true;
	amph__tx_failed(conn);
	return false;
}

bool amph__catalog_read(amph_conn *conn, bool writes, uint64_t *version, bool *changed,
			amph_catalog_fn *each, void *ctx, amph_error *err)
{
	*changed = false;
	if (!conn->driver->catalog)
		return true;
	return amph__may_run(conn, err) && amph__tx_start(conn, writes, err) &&
	       conn->driver->catalog(conn, version, changed, each, ctx, err);
}

bool amph__inspect(amph_conn *conn, amph_inspect_fn *each, void *ctx, amph_error *err)
{
	return conn->driver->inspect(conn, each, ctx, err);
}

void amph__conn_allow(amph_conn *conn, int64_t n)
{
	conn->link->allowed = n;
}

int64_t amph__conn_allowed(const amph_conn *conn)
{
	return conn->link->allowed;
}
