/* The table of the SQLite backend. */
#include "sl.h"

static const char *const schemes[] = { "sqlite", "sqlite3", NULL };
static const char *const url_keys[] = { "synchronous", "cache_mb", "mmap_mb", NULL };

extern const amph_driver amph__sl_driver;
const amph_driver amph__sl_driver = {
	.version = AMPH_DRIVER_VERSION,
	.name = "sqlite",
	.schemes = schemes,
	.url_keys = url_keys,
	.caps = AMPH_CAP_CANCEL | AMPH_CAP_STREAM | AMPH_CAP_NEXT | AMPH_CAP_HOLDS,
	.dialect = &amph__sl_dialect,
	.engine_size = sizeof(sl_engine),
	.conn_size = sizeof(sl_conn),
	.stmt_size = sizeof(sl_stmt),
	.engine_open = amph__sl_engine_open,
	.engine_close = amph__sl_engine_close,
	.open = amph__sl_open,
	.close = amph__sl_close,
	.ping = amph__sl_ping,
	.tx_status = amph__sl_tx_status,
	.cancel = amph__sl_cancel,
	.reset = amph__sl_reset,
	.prepare = amph__sl_prepare,
	.finalize = amph__sl_finalize,
	.submit = amph__sl_submit,
	.collect = amph__sl_collect,
	.fetch = amph__sl_fetch,
	.finish = amph__sl_finish,
	.take_ids = amph__sl_take_ids,
	.inspect = amph__sl_inspect,
	.catalog = amph__sl_catalog,
};
