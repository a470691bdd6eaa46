/* The one place that reads what libpq and the server say of a failure. */
#include "pg.h"
#include "../../src/base/ascii.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of it, cut at a character. */
static void copy_line(char *dst, size_t size, const char *src)
{
	amph__copy_text(dst, size, src ? src : "");
	size_t len = strlen(dst);

	while (len > 0 && amph__is_space(dst[len - 1]))
		dst[--len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (dst[i] == '\n' || dst[i] == '\r' || dst[i] == '\t')
			dst[i] = ' ';
}

static bool is_fatal_state(const char *state)
{
	return !strncmp(state, "08", 2) || !strcmp(state, "57P01") || !strcmp(state, "57P02") ||
	       !strcmp(state, "57P03") || !strcmp(state, "57P05") || !strcmp(state, "25P03");
}

static bool is_fatal(const PGresult *res, const char *state)
{
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);

	return is_fatal_state(state) ||
	       (severity && (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC")));
}

static void fill_fields(const PGresult *res, amph_error *err)
{
	const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	const char *position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);

	amph__error_names(err, PQresultErrorField(res, PG_DIAG_TABLE_NAME),
			  PQresultErrorField(res, PG_DIAG_COLUMN_NAME),
			  PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME));
	if (!detail && !*err->detail)
		detail = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
	if (detail)
		copy_line(err->detail, sizeof err->detail, detail);
	if (position)
		err->position = (int)strtol(position, NULL, 10);
}

/* The SQLSTATE of a statement comes first, but a FATAL breaks the connection though libpq may
 * still call it good; a connection that is gone has no SQLSTATE at all. */
bool amph__pg_error_of(pg_conn *c, const PGresult *res, amph_error *err)
{
	amph_error own;
	const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;

	if (!err)
		err = &own;
	if (!state || !*state)
		return amph__pg_error_lost(c, err);
	if (is_fatal(res, state) || PQstatus(c->pq) == CONNECTION_BAD)
		c->base.broken = true;
	char message[sizeof err->message];
	copy_line(message, sizeof message, PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
	amph__error(err, state, "%s", message);
	amph__error_withhold(err);
	fill_fields(res, err);
	return false;
}

/* libpq fails by itself for want of memory as well. Only its text tells, and it may be
 * translated; a connection that still stands is the better sign. */
bool amph__pg_error_lost(pg_conn *c, amph_error *err)
{
	bool good = PQstatus(c->pq) == CONNECTION_OK && !c->fatal[0];
	char text[sizeof err->message - 32];

	c->base.broken = true;
	copy_line(text, sizeof text, PQerrorMessage(c->pq));
	if (good && strstr(text, "out of memory"))
		return amph__error_nomem(err);
	if (c->fatal[0])
		return amph__error(err, c->fatal, "the server ended the connection%s%s",
				   *text ? ": " : "", text);
	return amph__error(err, "08006", "the connection was lost%s%s", *text ? ": " : "", text);
}

const char *amph__pg_conninfo(const pg_engine *e, const char *key)
{
	for (const PQconninfoOption *o = e->parsed; o && o->keyword; o++)
		if (!strcmp(o->keyword, key))
			return o->val && *o->val ? o->val : NULL;
	return NULL;
}

/* Replaces secret in text by ***. A secret of one or two characters is in every word. */
static void blot(char *text, const char *secret)
{
	size_t len = secret ? strlen(secret) : 0;

	if (len < 3)
		return;
	for (char *at = strstr(text, secret); at; at = strstr(at + 3, secret)) {
		memset(at, '*', 3);
		memmove(at + 3, at + len, strlen(at + len) + 1);
	}
}

void amph__pg_scrub(const pg_engine *e, const char *text, char *out, size_t size)
{
	static const char *const secrets[] = { "password", "sslpassword" };
	char full[2048];                /* so that no secret is cut before it is found */
	const char *end = strstr(text, "\nLOCATION:");

	if (!end)
		end = text + strlen(text);
	snprintf(full, sizeof full, "%.*s", (int)(end - text), text);
	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		blot(full, amph__pg_conninfo(e, secrets[i]));
	copy_line(out, size, full);
}

static bool is_state(const char *p)
{
	for (int i = 0; i < 5; i++)
		if (!amph__is_digit(p[i]) && !(p[i] >= 'A' && p[i] <= 'Z'))
			return false;
	return p[5] == ':' && p[6] == ' ';
}

/* A failed connect has no result. With PQERRORS_VERBOSE its text has the state between the
 * severity, which may be translated, and the message: "FATAL:  53300: sorry, too many clients". */
static const char *state_in(const char *text, char state[6])
{
	const char *last = NULL;

	for (const char *p = strstr(text, ":  "); p; p = strstr(p + 1, ":  "))
		if (is_state(p + 3))
			last = p;
	if (!last)
		return NULL;
	memcpy(state, last + 3, 5);
	state[5] = '\0';
	return last + 10;
}

bool amph__pg_error_connect(const pg_engine *e, PGconn *pq, amph_error *err)
{
	amph_error own;
	char text[sizeof err->message], state[6] = "08001";
	const char *raw = pq ? PQerrorMessage(pq) : "";
	const char *said = state_in(raw, state);

	if (!pq)
		return amph__error_nomem(err);
	if (!err)
		err = &own;
	amph__pg_scrub(e, said ? said : raw, text, sizeof text);
	amph__error(err, state, "cannot connect: %s", text);
	err->status = AMPH_E_CONNECTION;
	return false;
}
