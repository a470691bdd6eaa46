/* Large results by COPY: libpq keeps a row's bytes only until they are decoded, where it would else
 * make a copy of each value first and hold all rows at once.
 *
 * It is for statements without parameters that gave many rows the last time, within transactions.
 * First the server describes the prepared statement, which fails where a table was altered since and
 * else locks the tables, so that the bytes are of the types that were asked for. COPY has no place in
 * libpq's pipeline: the description, and a BEGIN before it, cost the round trip that it saves. */
#include "pg.h"
#include <endian.h>
#include <poll.h>
#include <string.h>

enum { MANY_ROWS = 10000, HEADER_SIZE = 19 };

bool amph__pg_may_copy(const pg_conn *c, const pg_stmt *s)
{
	uint32_t flags = s->base.code->flags;

	return s->many && s->name && !s->described && !s->text && !s->n_values &&
	       (flags & (AMPH_CODE_ROWS | AMPH_CODE_WRITES)) == AMPH_CODE_ROWS && c->tx_open &&
	       c->base.engine->options.fast_paths;
}

void amph__pg_note_rows(pg_stmt *s, size_t n)
{
	s->many = n >= MANY_ROWS;
}

static bool send_copy(pg_conn *c, const amph_code *code, amph_error *err)
{
	amph_buf *b = &c->out;

	amph__buf_reset(b);
	amph__buf_puts(b, "COPY (");
	amph__buf_add(b, code->sql, code->sql_len);
	amph__buf_puts(b, ") TO STDOUT (FORMAT binary)");
	if (b->failed)
		return amph__error_nomem(err);
	return PQsendQuery(c->pq, b->text) || amph__pg_error_lost(c, err);
}

/* description stays with the connection until the rows are read: it has the columns' types. */
bool amph__pg_start_copy(pg_conn *c, const pg_stmt *s, PGresult *description, PGresult **res,
			 amph_error *err)
{
	*res = NULL;
	if (!send_copy(c, s->base.code, err) || !amph__pg_next(c, res, err) ||
	    PQresultStatus(*res) != PGRES_COPY_OUT) {
		PQclear(description);
		return false;
	}
	c->stream_head = description;
	c->copying = true;
	c->copied = 0;
	return true;
}

static void drop_data(pg_conn *c)
{
	PQfreemem(c->copy_data);
	c->copy_data = NULL;
}

void amph__pg_forget_copy(pg_conn *c)
{
	drop_data(c);
	c->copying = false;
}

static bool give_up(pg_conn *c)
{
	amph__pg_forget_copy(c);
	c->streaming = false;
	amph__pg_pop(c);
	return false;
}

/* The results behind the rows: that of the statement, and NULL. */
static bool end_copy(pg_conn *c, amph_error *err)
{
	pg_stmt *s = amph__pg_head(c)->stmt;
	bool ok = true;
	PGresult *res;
	amph_error after;

	do {
		if (!amph__pg_next(c, &res, err))
			return give_up(c);
		if (res && PQresultStatus(res) != PGRES_COMMAND_OK)
			ok = amph__pg_error_of(c, res, err);
		PQclear(res);
	} while (res);
	amph__pg_forget_copy(c);
	c->streaming = false;
	c->tx_used = true;
	if (ok)
		amph__pg_note_rows(s, c->copied);
	amph__pg_head(c)->ended = true;
	bool left = amph__pg_leave_head(c, &after);
	if (ok && !left && err)
		*err = after;
	return ok && left;
}

/* The next message of the server; *data NULL behind the last. */
static bool next_data(pg_conn *c, size_t *len, amph_error *err)
{
	int n;

	drop_data(c);
	while (!(n = PQgetCopyData(c->pq, &c->copy_data, 1))) {
		if (!amph__pg_wait(c, POLLIN, err))
			return give_up(c);
		if (!PQconsumeInput(c->pq)) {
			amph__pg_error_lost(c, err);
			return give_up(c);
		}
	}
	*len = n > 0 ? (size_t)n : 0;
	if (n == -1)
		return end_copy(c, err);
	if (n < 0) {
		amph__pg_error_lost(c, err);
		return give_up(c);
	}
	return true;
}

/* What is still to come cannot be understood either. */
static bool malformed(pg_conn *c, amph_error *err)
{
	c->base.broken = true;
	amph__error(err, "08P01", "the server sent rows in an unknown form");
	return give_up(c);
}

/* What precedes the first row: a signature, flags, and an extension of so many bytes. */
static bool skip_header(pg_conn *c, const char **at, size_t *len, amph_error *err)
{
	uint32_t extension;

	if (*len < HEADER_SIZE || memcmp(*at, "PGCOPY\n\377\r\n", 11))
		return malformed(c, err);
	memcpy(&extension, *at + HEADER_SIZE - 4, 4);
	extension = be32toh(extension);
	if (extension > *len - HEADER_SIZE)
		return malformed(c, err);
	*at += HEADER_SIZE + extension;
	*len -= HEADER_SIZE + extension;
	return true;
}

/* A row is a count of fields and the fields; behind the last the count is -1. */
bool amph__pg_copy_next(pg_conn *c, const char **row, size_t *len, amph_error *err)
{
	bool first = !c->copied;
	uint16_t count = UINT16_MAX;

	while (count == UINT16_MAX) {
		*row = NULL;
		if (!next_data(c, len, err))
			return false;
		if (!c->copy_data)
			return true;
		*row = c->copy_data;
		if (first && !skip_header(c, row, len, err))
			return false;
		first = false;
		if (*len == 0)
			continue;
		if (*len < sizeof count)
			return malformed(c, err);
		memcpy(&count, *row, sizeof count);
	}
	*row += sizeof count;
	*len -= sizeof count;
	c->copied++;
	return true;
}
