/* The driver's table, and what the connections of one engine share: the parsed URL and the
 * settings that go into every startup packet. */
#include "dialect.h"
#include "pg.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CAPS (AMPH_CAP_PIPELINE | AMPH_CAP_LOAD | AMPH_CAP_CANCEL | AMPH_CAP_STREAM |             \
	      AMPH_CAP_XACT_STATUS | AMPH_CAP_ROW_LOCKS | AMPH_CAP_SERVER_IDS | AMPH_CAP_SET_UPDATE)

/* What the meaning of values depends on. */
static const char fixed_settings[] =
	" -c datestyle=ISO,MDY -c intervalstyle=postgres -c extra_float_digits=1"
	" -c standard_conforming_strings=on -c bytea_output=hex -c array_nulls=on"
	" -c transform_null_equals=off"
	/* a statement whose client gave up at a deadline ends soon after */
	" -c client_connection_check_interval=1000";

/* In "options" a blank or a backslash of a value has a backslash before it. */
static void add_setting(amph_buf *b, const char *name, const char *value)
{
	amph__buf_printf(b, " -c %s=", name);
	for (const char *p = value; *p; p++) {
		if (*p == ' ' || *p == '\\')
			amph__buf_putc(b, '\\');
		amph__buf_putc(b, *p);
	}
}

/* "shop,public" as two quoted names: what stands in a URL cannot be anything but names. */
static char *quoted_path(const amph_allocator *a, const char *schema)
{
	amph_buf b;

	amph__buf_init(&b, a);
	for (const char *p = schema; *p;) {
		size_t len = strcspn(p, ",");
		const char *next = p + len + (p[len] == ',');

		while (len > 0 && *p == ' ')
			p++, len--;
		while (len > 0 && p[len - 1] == ' ')
			len--;
		amph__buf_puts(&b, b.len ? ",\"" : "\"");
		for (size_t i = 0; i < len; i++) {
			if (p[i] == '"')
				amph__buf_putc(&b, '"');
			amph__buf_putc(&b, p[i]);
		}
		amph__buf_putc(&b, '"');
		p = next;
	}
	char *path = b.failed ? NULL : amph__strdup(a, amph__buf_text(&b));
	amph__buf_clear(&b);
	return path;
}

/* The user's own options come first: of two settings of one name the last counts. */
static bool make_options(pg_engine *e, const char *own, amph_error *err)
{
	const amph_driver_options *o = &e->base.options;
	amph_buf b;
	char number[16];

	amph__buf_init(&b, e->base.allocator);
	amph__buf_puts(&b, own);
	amph__buf_puts(&b, fixed_settings);
	add_setting(&b, "timezone", o->time_zone ? o->time_zone : "UTC");
	if (e->search_path)
		add_setting(&b, "search_path", e->search_path);
	if (o->read_only)
		add_setting(&b, "default_transaction_read_only", "on");
	if (o->lock_timeout_ms > 0) {
		snprintf(number, sizeof number, "%d", o->lock_timeout_ms);
		add_setting(&b, "lock_timeout", number);
	}
	e->options = b.failed ? NULL : amph__strdup(e->base.allocator, amph__buf_text(&b));
	amph__buf_clear(&b);
	return e->options || amph__error_nomem(err);
}

/* libpq's own keys, and the one that it takes for another. */
static bool knows_key(const char *key)
{
	PQconninfoOption *all = PQconninfoParse("", NULL);      /* without defaults, which ask the system */
	bool known = !all || !strcmp(key, "ssl");

	for (const PQconninfoOption *o = all; !known && o->keyword; o++)
		known = !strcmp(o->keyword, key);
	PQconninfoFree(all);
	return known;
}

static void each_key(void (*each)(void *ctx, const char *key), void *ctx)
{
	PQconninfoOption *all = PQconninfoParse("", NULL);

	for (const PQconninfoOption *o = all; o && o->keyword; o++)
		each(ctx, o->keyword);
	PQconninfoFree(all);
}

/* How much of what libpq says of a URL may be repeated: what it did not understand, which may hold the
 * password, stands behind a colon, between marks that are those of the program's language. */
static size_t harmless_length(const char *said)
{
	const char *end = strstr(said, ": ");

	if (end)
		return (size_t)(end - said);
	for (const char *p = said; *p; p++)
		if ((unsigned char)*p > 0x7e)
			return 0;
	return strlen(said);
}

/* What is between plain marks goes as well. */
static bool url_error(pg_engine *e, const char *said, amph_error *err)
{
	char text[160];
	size_t n = 0;
	bool quoted = false;

	if (!said)
		return amph__error_nomem(err);
	size_t len = harmless_length(said);
	for (size_t i = 0; i < len && n < sizeof text - 5; i++) {
		if (said[i] == '"') {
			n += (size_t)snprintf(text + n, sizeof text - n, quoted ? "...\"" : "\"");
			quoted = !quoted;
		} else if (!quoted && said[i] != '\n') {
			text[n++] = said[i];
		}
	}
	text[n] = '\0';
	return amph__error(err, "08001", "malformed connection URL \"%.100s\": %s", e->base.address.display,
			   n ? text : "libpq does not understand it");
}

static void put(pg_engine *e, size_t *n, const char *key, const char *value, const char *plain)
{
	e->keys[*n] = key;
	e->values[*n] = value;
	e->plain_values[*n] = plain;
	++*n;
}

/* The URL's values, without those that are ours to set. */
static bool make_keywords(pg_engine *e, amph_error *err)
{
	const amph_allocator *a = e->base.allocator;
	const char *own = amph__pg_conninfo(e, "options");
	size_t n = 8, at = 0;

	for (const PQconninfoOption *o = e->parsed; o->keyword; o++)
		n++;
	e->keys = amph__alloc_zero(a, n * sizeof *e->keys);
	e->values = amph__alloc_zero(a, n * sizeof *e->values);
	e->plain_values = amph__alloc_zero(a, n * sizeof *e->plain_values);
	if (!e->keys || !e->values || !e->plain_values)
		return amph__error_nomem(err);
	if (!own)
		own = getenv("PGOPTIONS");
	if (!make_options(e, own ? own : "", err))
		return false;
	for (const PQconninfoOption *o = e->parsed; o->keyword; o++)
		if (o->val && *o->val && strcmp(o->keyword, "options") &&
		    strcmp(o->keyword, "client_encoding"))
			put(e, &at, o->keyword, o->val, o->val);
	put(e, &at, "client_encoding", "UTF8", "UTF8");
	put(e, &at, "options", e->options, own);
	if (!amph__pg_conninfo(e, "fallback_application_name"))
		put(e, &at, "fallback_application_name", "amphora", "amphora");
	if (!amph__pg_conninfo(e, "gssencmode") && !getenv("PGGSSENCMODE"))
		put(e, &at, "gssencmode", "disable", "disable");
	return true;
}

static bool engine_open(amph_driver_engine *engine, amph_error *err)
{
	pg_engine *e = amph__pg_engine_of(engine);
	const amph_driver_options *o = &engine->options;
	char *said = NULL;

	e->parsed = PQconninfoParse(engine->address.url, &said);
	if (!e->parsed) {
		url_error(e, said, err);
		PQfreemem(said);
		return false;
	}
	const char *seconds = amph__pg_conninfo(e, "connect_timeout");
	long timeout = seconds ? strtol(seconds, NULL, 10) : 0;
	if (timeout > 0)
		e->connect_timeout_ms = timeout > 1000000 ? 1000000000 : (int)timeout * 1000;
	if (o->schema && *o->schema) {
		e->search_path = quoted_path(engine->allocator, o->schema);
		if (!e->search_path)
			return amph__error_nomem(err);
	}
	return make_keywords(e, err);
}

static void engine_close(amph_driver_engine *engine)
{
	pg_engine *e = amph__pg_engine_of(engine);
	const amph_allocator *a = engine->allocator;

	PQconninfoFree(e->parsed);
	amph__free(a, (void *)e->keys);
	amph__free(a, (void *)e->values);
	amph__free(a, (void *)e->plain_values);
	amph__free(a, e->options);
	amph__free(a, e->search_path);
}

static const char *const schemes[] = { "postgresql", "postgres", NULL };

extern const amph_driver amph__pg_driver;
const amph_driver amph__pg_driver = {
	.version = AMPH_DRIVER_VERSION,
	.name = "postgresql",
	.schemes = schemes,
	.knows_key = knows_key,
	.each_key = each_key,
	.caps = CAPS,
	.dialect = &amph__pg_dialect,
	.engine_size = sizeof(pg_engine),
	.conn_size = sizeof(pg_conn),
	.stmt_size = sizeof(pg_stmt),
	.engine_open = engine_open,
	.engine_close = engine_close,
	.open = amph__pg_open,
	.close = amph__pg_close,
	.ping = amph__pg_ping,
	.tx_status = amph__pg_tx_status,
	.cancel = amph__pg_cancel,
	.reset = amph__pg_reset,
	.prepare = amph__pg_prepare,
	.finalize = amph__pg_finalize,
	.submit = amph__pg_submit,
	.collect = amph__pg_collect,
	.fetch = amph__pg_fetch,
	.finish = amph__pg_finish,
	.load = amph__pg_load,
	.tx_mark_sql = amph__pg_mark_sql,
	.tx_outcome = amph__pg_tx_outcome,
	.take_ids = amph__pg_take_ids,
	.inspect = amph__pg_inspect,
	.type_name_sql = "SELECT pg_catalog.format_type($1::pg_catalog.int8::pg_catalog.oid, NULL)",
	.dialect_of = amph__pg_dialect_of
};
