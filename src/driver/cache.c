/* The prepared statements of one connection: found by the address of their code, which outlives
 * the connection, least recently used first to go. */
#include "link.h"

static void unlink_entry(amph_link *link, amph_cached_stmt *e)
{
	*(e->newer ? &e->newer->older : &link->newest) = e->older;
	*(e->older ? &e->older->newer : &link->oldest) = e->newer;
	e->newer = e->older = NULL;
}

static void push_newest(amph_link *link, amph_cached_stmt *e)
{
	e->older = link->newest;
	*(link->newest ? &link->newest->newer : &link->oldest) = e;
	link->newest = e;
}

static void destroy(amph_conn *conn, amph_cached_stmt *e)
{
	conn->driver->finalize(e->stmt);
	amph__free(conn->engine->allocator, e);
}

static void evict(amph_conn *conn)
{
	amph_link *link = conn->link;

	for (amph_cached_stmt *e = link->oldest, *newer;
	     e && link->statements.count >= link->config.max_statements; e = newer) {
		newer = e->newer;
		if (e->in_use)
			continue;
		amph__map_remove(&link->statements, &e->code, sizeof e->code);
		unlink_entry(link, e);
		destroy(conn, e);
	}
}

static amph_cached_stmt *create(amph_conn *conn, const amph_code *code, amph_error *err)
{
	/* the entry's size is a multiple of a pointer's alignment, which is enough for drivers */
	amph_cached_stmt *e = amph__alloc_zero(conn->engine->allocator,
					       sizeof *e + conn->driver->stmt_size);

	if (!e) {
		amph__error_nomem(err);
		return NULL;
	}
	e->code = code;
	e->stmt = (amph_stmt *)(void *)(e + 1);
	e->stmt->conn = conn;
	e->stmt->code = code;
	if (!conn->driver->prepare(e->stmt, err)) {
		destroy(conn, e);
		return NULL;
	}
	conn->link->stats.prepared++;
	return e;
}

static amph_cached_stmt *find(const amph_link *link, const amph_code *code)
{
	/* very often the same again */
	if (link->newest && link->newest->code == code)
		return link->newest;
	return amph__map_get(&link->statements, &code, sizeof code);
}

amph_cached_stmt *amph__stmt_take(amph_conn *conn, const amph_code *code, amph_error *err)
{
	amph_link *link = conn->link;
	bool once = code->flags & AMPH_CODE_ONCE;
	amph_cached_stmt *e = once ? NULL : find(link, code);

	if (e) {
		if (link->newest != e) {
			unlink_entry(link, e);
			push_newest(link, e);
		}
		link->stats.cache_hits++;
		e->in_use++;
		return e;
	}
	e = create(conn, code, err);
	if (!e)
		return NULL;
	e->in_use = 1;
	if (!once) {
		evict(conn);
		if (amph__map_put(&link->statements, &e->code, sizeof e->code, e))
			push_newest(link, e);
	}
	return e;
}

static bool is_kept(const amph_link *link, const amph_cached_stmt *e)
{
	return e->newer || e->older || link->newest == e;
}

void amph__stmt_give(amph_conn *conn, amph_cached_stmt *entry)
{
	entry->in_use--;
	if (!entry->in_use && !is_kept(conn->link, entry))
		destroy(conn, entry);
}

void amph__stmts_clear(amph_conn *conn)
{
	amph_link *link = conn->link;

	for (amph_cached_stmt *e = link->newest, *older; e; e = older) {
		older = e->older;
		destroy(conn, e);
	}
	link->newest = link->oldest = NULL;
	amph__map_clear(&link->statements);
}
