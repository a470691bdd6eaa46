/* Runs a file of statements on two databases and tells where their answers differ.
 *
 * A statement ends at a semicolon at the end of a line. A line that begins with "-- reset" goes on
 * with an empty database. Rows are compared as sets but where the statement ends in ORDER BY. */
#include "against.h"
#include <amphora.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCHEMA "amphora_against"
/* What one side refuses changes nothing there but that an open transaction has failed: the other
 * side is given a statement that does the same, so that both go on from the same state. */
#define IN_STEP "refused on the other side"
enum { SIDES = 2, SHOWN = 700 };

typedef struct text { char *at; size_t len, cap; } text;

typedef struct side {
	const char *url;
	amph_engine *db;
	amph_session *s;
	char sqlstate[6];
	text head;                      /* columns and tag, or the error */
	text *rows;
	size_t n_rows;
} side;

typedef struct against {
	side sides[SIDES];
	const char *file;
	size_t line, same, refused, wrong;
} against;

/* ---- texts ---- */

static void append(text *t, const char *what)
{
	size_t len = strlen(what);

	if (t->len + len + 1 > t->cap) {
		t->cap = (t->len + len + 1) * 2;
		t->at = realloc(t->at, t->cap);
		if (!t->at)
			exit(2);
	}
	memcpy(t->at + t->len, what, len + 1);
	t->len += len;
}

static void empty(text *t)
{
	free(t->at);
	*t = (text){ .at = NULL };
}

static int by_text(const void *a, const void *b)
{
	return strcmp(((const text *)a)->at, ((const text *)b)->at);
}

/* ---- a side ---- */

static void forget(side *d)
{
	empty(&d->head);
	for (size_t i = 0; i < d->n_rows; i++)
		empty(&d->rows[i]);
	free(d->rows);
	d->rows = NULL;
	d->n_rows = 0;
	d->sqlstate[0] = '\0';
}

static void shut(side *d)
{
	amph_session_close(d->s);
	amph_close(d->db);
	d->s = NULL;
	d->db = NULL;
}

static bool clear_schema(const side *d, amph_error *err)
{
	amph_engine *db = amph_open(d->url, NULL, err);
	amph_session *s = db ? amph_session_open_with(db, AMPH_SESSION_OPTIONS(.autocommit = true)) : NULL;
	bool ok = s && amph_script(s, "SET client_min_messages = warning; DROP SCHEMA IF EXISTS " SCHEMA
				   " CASCADE; CREATE SCHEMA " SCHEMA);

	if (s && !ok)
		*err = *amph_session_error(s);
	amph_session_close(s);
	amph_close(db);
	return ok;
}

static bool start(side *d)
{
	bool sqlite = !strncmp(d->url, "sqlite", 6);
	amph_error err = { .message = "no memory" };

	shut(d);
	if (sqlite || clear_schema(d, &err))
		d->db = amph_open(d->url, AMPH_OPTIONS(.schema = sqlite ? NULL : SCHEMA), &err);
	if (d->db)
		d->s = amph_session_open_with(d->db, AMPH_SESSION_OPTIONS(.autocommit = true));
	if (!d->s)
		fprintf(stderr, "cannot open %s: %s\n", d->url, err.message);
	return d->s != NULL;
}

static void take_row(side *d, const amph_rows *r)
{
	text row = { .at = NULL };

	append(&row, "");
	for (size_t i = 0; i < amph_rows_columns(r); i++) {
		const char *cell = amph_cell_text_at(r, i);

		append(&row, i ? " | " : "");
		append(&row, cell ? cell : "<null>");
	}
	d->rows = realloc(d->rows, (d->n_rows + 1) * sizeof *d->rows);
	if (!d->rows)
		exit(2);
	d->rows[d->n_rows++] = row;
}

static void take_head(side *d, const amph_rows *r)
{
	char affected[32];

	append(&d->head, "");
	for (size_t i = 0; i < amph_rows_columns(r); i++) {
		const char *type = amph_rows_type_name(r, i);

		append(&d->head, i ? ", " : "");
		append(&d->head, amph_rows_name(r, i));
		append(&d->head, " ");
		append(&d->head, type ? type : "?");
	}
	if (amph_rows_columns(r))
		return;
	snprintf(affected, sizeof affected, " %lld", (long long)amph_rows_affected(r));
	append(&d->head, amph_rows_command(r));
	append(&d->head, amph_rows_affected(r) > 0 ? affected : "");
}

static void take_error(side *d)
{
	const amph_error *e = amph_session_error(d->s);

	snprintf(d->sqlstate, sizeof d->sqlstate, "%s", e->sqlstate);
	append(&d->head, e->sqlstate);
	append(&d->head, " ");
	append(&d->head, e->constraint);
	append(&d->head, ": ");
	append(&d->head, e->message);
}

static void ask(side *d, const char *sql)
{
	amph_rows *r = amph_do_sql(d->s, sql, NULL);

	forget(d);
	if (r) {
		take_head(d, r);
		while (amph_next(r))
			take_row(d, r);
	}
	if (!r)
		take_error(d);
	amph_rows_close(r);
}

/* ---- both ---- */

static bool is_ordered(const char *sql)
{
	const char *last = NULL;

	for (const char *p = sql; *p; p++)
		if (!strncasecmp(p, "order by", 8))
			last = p;
	return last && !strchr(last, ')');
}

static bool agree(side *a, side *b, bool ordered)
{
	if (*a->sqlstate || *b->sqlstate) {
		size_t len = strcspn(a->head.at, ":"), other = strcspn(b->head.at, ":");

		return *a->sqlstate && *b->sqlstate && len == other &&
		       !strncmp(a->head.at, b->head.at, len);
	}
	if (strcmp(a->head.at, b->head.at) != 0 || a->n_rows != b->n_rows)
		return false;
	if (!ordered && a->n_rows) {
		qsort(a->rows, a->n_rows, sizeof *a->rows, by_text);
		qsort(b->rows, b->n_rows, sizeof *b->rows, by_text);
	}
	for (size_t i = 0; i < a->n_rows; i++)
		if (strcmp(a->rows[i].at, b->rows[i].at) != 0)
			return false;
	return true;
}

static void show(const side *d, const side *other)
{
	size_t left = SHOWN;

	printf("\t%.6s  %s\n", d->url, d->head.at);
	for (size_t i = 0; i < d->n_rows && left > 20; i++) {
		if (i < other->n_rows && !strcmp(d->rows[i].at, other->rows[i].at))
			continue;
		printf("\t\t%.*s\n", (int)left, d->rows[i].at);
		left = d->rows[i].len < left ? left - d->rows[i].len : 0;
	}
}

static void compare(against *g, const char *sql, size_t line)
{
	ask(&g->sides[0], sql);
	bool refused = !strcmp(g->sides[0].sqlstate, "0A000");

	ask(&g->sides[1], refused ? IN_STEP : sql);
	if (refused) {
		g->refused++;
		printf("%s:%zu refused: %.300s\n\t%s\n", g->file, line, sql, g->sides[0].head.at);
		return;
	}
	if (agree(&g->sides[0], &g->sides[1], is_ordered(sql))) {
		g->same++;
		return;
	}
	g->wrong++;
	printf("%s:%zu WRONG: %.900s\n", g->file, line, sql);
	show(&g->sides[0], &g->sides[1]);
	show(&g->sides[1], &g->sides[0]);
}

static bool start_both(against *g)
{
	return start(&g->sides[0]) && start(&g->sides[1]);
}

static bool ends_statement(char *line)
{
	size_t len = strlen(line);

	while (len && strchr(" \t\r\n", line[len - 1]))
		line[--len] = '\0';
	if (!len || line[len - 1] != ';')
		return false;
	line[len - 1] = '\0';
	return true;
}

static bool run_lines(against *g, FILE *in)
{
	text sql = { .at = NULL };
	char *line = NULL;
	size_t cap = 0, first = 0;
	bool ok = start_both(g);

	while (ok && getline(&line, &cap, in) > 0) {
		g->line++;
		if (!strncmp(line, "-- reset", 8)) {
			ok = start_both(g);
			continue;
		}
		if (!sql.len && (!strncmp(line, "--", 2) || line[0] == '\n'))
			continue;
		bool end = ends_statement(line);

		first = sql.len ? first : g->line;
		append(&sql, line);
		append(&sql, end ? "" : "\n");
		if (!end)
			continue;
		compare(g, sql.at, first);
		empty(&sql);
	}
	free(line);
	empty(&sql);
	return ok;
}

bool run_against(const char *url, const char *other, const char *file, FILE *in)
{
	against g = { .file = file };

	g.sides[0].url = url;
	g.sides[1].url = other;
	bool ok = run_lines(&g, in);
	for (size_t i = 0; i < SIDES; i++) {
		forget(&g.sides[i]);
		shut(&g.sides[i]);
	}
	printf("same %zu, refused %zu, wrong %zu\n", g.same, g.refused, g.wrong);
	return ok && !g.wrong;
}
