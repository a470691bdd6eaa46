/* Runs cases of PostgreSQL's answers against a database, through the public interface alone.
 *
 *	tests/parity/run FILE.jsonl [--url URL] [--verbose] [--only ID]
 *	tests/parity/run FILE.sql --against URL [--url URL]
 *
 * tests/parity/cases.jsonl is such a file: { "id", "setup": [ statements; { "sql", "sqlstate" } is one
 * that fails ], "query", "params": [ { "value" } ], "expect": "columns", "rows" and whether they are
 * "ordered", or a "tag", or "sqlstate" and "constraint" }.
 *
 * Each line of the file is a case: statements of setup, a query with parameters, what PostgreSQL
 * answers. Each runs in an empty database: of its own on SQLite, in a new schema elsewhere.
 * Prints a line for each case that is not identical, and how many there were. */
#include "against.h"
#include "json.h"
#include <amphora.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHY_SIZE = 600, PARAMS_MAX = 64 };
#define SCHEMA "amphora_parity"

typedef enum verdict { IDENTICAL, REFUSED, WRONG, VERDICTS } verdict;
static const char *const verdicts[VERDICTS] = { "identical", "refused", "wrong" };

typedef struct outcome {
	verdict verdict;
	char why[WHY_SIZE];
} outcome;

typedef struct options {
	const char *file, *url, *other, *only;
	bool verbose;
} options;

__attribute__((format(printf, 2, 3)))
static outcome said(verdict v, const char *format, ...)
{
	outcome o = { .verdict = v };
	va_list args;

	va_start(args, format);
	vsnprintf(o.why, sizeof o.why, format, args);
	va_end(args);
	return o;
}

static const outcome identical = { IDENTICAL, "" };

/* ---- one statement ---- */

static amph_rows *run_query(amph_session *s, const char *sql, const json *params)
{
	static const char *const names[] = { "parameter" };
	amph_bound binds[PARAMS_MAX + 1] = { { .name = NULL } };
	size_t n = 0;

	for (const json *p = params ? params->first : NULL; p && n < PARAMS_MAX; p = p->next)
		binds[n++] = amph_bind(names[0], json_text(p, "value"));
	return amph_do_sql(s, sql, binds);
}

/* What a failure means: the error that was expected, a refusal, or something else. */
static outcome judge_error(amph_session *s, const char *sqlstate, const char *constraint,
			   const char *what)
{
	const amph_error *e = amph_session_error(s);

	if (sqlstate && !strcmp(e->sqlstate, sqlstate)) {
		if (!constraint || !strcmp(e->constraint, constraint))
			return identical;
		return said(WRONG, "%s: constraint \"%s\", not \"%s\"", what, e->constraint, constraint);
	}
	if (!strcmp(e->sqlstate, "0A000"))
		return said(REFUSED, "%s: %s", what, e->message);
	return said(WRONG, "%s: %s %s, not %s", what, e->sqlstate, e->message,
		    sqlstate ? sqlstate : "success");
}

/* ---- rows ---- */

static outcome compare_columns(const amph_rows *r, const json *columns)
{
	size_t i = 0;

	if (json_length(columns) != amph_rows_columns(r))
		return said(WRONG, "%zu columns, not %zu", amph_rows_columns(r), json_length(columns));
	for (const json *c = columns->first; c; c = c->next, i++) {
		const char *name = json_text(c, "name"), *type = json_text(c, "type");
		const char *own_type = amph_rows_type_name(r, i);

		if (name && strcmp(name, amph_rows_name(r, i)))
			return said(WRONG, "column %zu is named \"%s\", not \"%s\"", i + 1,
				    amph_rows_name(r, i), name);
		if (type && strcmp(type, own_type ? own_type : ""))
			return said(WRONG, "column \"%s\" is of type %s, not %s", amph_rows_name(r, i),
				    own_type ? own_type : "?", type);
	}
	return identical;
}

static bool same_cell(const char *have, const json *want)
{
	if (!have || want->kind == JSON_NULL)
		return !have && want->kind == JSON_NULL;
	return want->text && !strcmp(have, want->text);
}

static bool same_row(const amph_rows *r, const json *row)
{
	size_t i = 0;

	for (const json *cell = row->first; cell; cell = cell->next, i++)
		if (!same_cell(amph_cell_text_at(r, i), cell))
			return false;
	return i == amph_rows_columns(r);
}

static void print_row(char *out, size_t size, const amph_rows *r)
{
	size_t at = 0;

	for (size_t i = 0; i < amph_rows_columns(r) && at < size; i++) {
		const char *text = amph_cell_text_at(r, i);

		at += (size_t)snprintf(out + at, size - at, "%s%s", i ? " | " : "", text ? text : "NULL");
	}
}

/* Takes the row that fits off the list of those not yet seen. */
static bool match(const amph_rows *r, const json **left, size_t n, bool ordered, size_t at)
{
	if (ordered)
		return at < n && same_row(r, left[at]);
	for (size_t i = 0; i < n; i++) {
		if (!left[i] || !same_row(r, left[i]))
			continue;
		left[i] = NULL;
		return true;
	}
	return false;
}

static outcome compare_rows(amph_rows *r, const json *rows, bool ordered)
{
	size_t n = json_length(rows), at = 0;
	const json **left = calloc(n + 1, sizeof *left);
	char text[400] = "";
	outcome o = identical;

	if (!left)
		return said(WRONG, "no memory");
	for (const json *row = rows->first; row; row = row->next)
		left[at++] = row;
	for (at = 0; amph_next(r); at++) {
		if (match(r, left, n, ordered, at))
			continue;
		print_row(text, sizeof text, r);
		o = said(WRONG, "row %zu is not expected: %s", at + 1, text);
		break;
	}
	if (o.verdict == IDENTICAL && at != n)
		o = said(WRONG, "%zu rows, not %zu", at, n);
	free(left);
	return o;
}

static outcome compare_table(amph_rows *r, const json *expect, bool ordered)
{
	outcome o = compare_columns(r, json_get(expect, "columns"));

	return o.verdict == IDENTICAL ? compare_rows(r, json_get(expect, "rows"), ordered) : o;
}

/* ---- command tags ---- */

static outcome compare_tag(const amph_rows *r, const char *tag)
{
	const char *command = amph_rows_command(r);
	char own[64];

	if (!strcmp(command, "INSERT"))
		snprintf(own, sizeof own, "INSERT 0 %lld", (long long)amph_rows_affected(r));
	else if (amph_rows_affected(r) >= 0 && strpbrk(tag, "0123456789"))
		snprintf(own, sizeof own, "%s %lld", command, (long long)amph_rows_affected(r));
	else
		snprintf(own, sizeof own, "%s", command);
	return strcmp(own, tag) ? said(WRONG, "%s, not %s", own, tag) : identical;
}

static outcome check_after(amph_session *s, const json *after)
{
	outcome o = identical;

	for (const json *a = after ? after->first : NULL; a && o.verdict == IDENTICAL; a = a->next) {
		amph_rows *r = run_query(s, json_text(a, "query"), NULL);

		o = r ? compare_table(r, a, false) : judge_error(s, NULL, NULL, "afterwards");
		amph_rows_close(r);
	}
	return o;
}

/* ---- cases ---- */

static outcome run_setup(amph_session *s, const json *setup)
{
	outcome o = identical;

	for (const json *e = setup ? setup->first : NULL; e && o.verdict == IDENTICAL; e = e->next) {
		bool fails = e->kind == JSON_OBJECT;
		const char *sql = fails ? json_text(e, "sql") : e->text;
		amph_rows *r = amph_do_sql(s, sql, NULL);

		if (!r)
			o = judge_error(s, fails ? json_text(e, "sqlstate") : NULL, NULL, sql);
		else if (fails)
			o = said(WRONG, "%s: success, not %s", sql, json_text(e, "sqlstate"));
		amph_rows_close(r);
	}
	return o;
}

static outcome run_case_in(amph_session *s, const json *c)
{
	const json *expect = json_get(c, "expect");
	const char *sqlstate = json_text(expect, "sqlstate"), *tag = json_text(expect, "tag");
	outcome o = run_setup(s, json_get(c, "setup"));

	if (o.verdict != IDENTICAL)
		return o;
	amph_rows *r = run_query(s, json_text(c, "query"), json_get(c, "params"));
	if (!r)
		return judge_error(s, sqlstate, json_text(expect, "constraint"), "query");
	if (sqlstate)
		o = said(WRONG, "success, not %s", sqlstate);
	else if (tag)
		o = compare_tag(r, tag);
	else
		o = compare_table(r, expect, json_true(expect, "ordered"));
	amph_rows_close(r);
	return o.verdict == IDENTICAL ? check_after(s, json_get(expect, "after")) : o;
}

static bool run_script(const char *url, const char *script, amph_error *err)
{
	amph_engine *db = amph_open(url, NULL, err);
	amph_session *s = db ? amph_session_open_with(db, AMPH_SESSION_OPTIONS(.autocommit = true)) : NULL;
	bool ok = s && amph_script(s, script);

	if (s && !ok)
		*err = *amph_session_error(s);
	amph_session_close(s);
	amph_close(db);
	return ok;
}

static outcome run_case(const char *url, const json *c)
{
	bool sqlite = !strncmp(url, "sqlite", 6);
	amph_error err = { .message = "no memory" };
	outcome o;

	if (!sqlite && !run_script(url, "SET client_min_messages = warning;"
				   "DROP SCHEMA IF EXISTS " SCHEMA " CASCADE; CREATE SCHEMA " SCHEMA, &err))
		return said(WRONG, "no empty schema: %s", err.message);
	amph_engine *db = amph_open(url, AMPH_OPTIONS(.schema = sqlite ? NULL : SCHEMA), &err);
	amph_session *s = db ? amph_session_open_with(db, AMPH_SESSION_OPTIONS(.autocommit = true)) : NULL;
	o = s ? run_case_in(s, c) : said(WRONG, "cannot open %s: %s", url, err.message);
	amph_session_close(s);
	amph_close(db);
	return o;
}

/* ---- the file ---- */

static void report(const json *c, const outcome *o, const options *opt)
{
	const char *id = json_text(c, "id");
	char why[WHY_SIZE];
	size_t n = 0;

	if (o->verdict == IDENTICAL && !opt->verbose)
		return;
	for (; o->why[n]; n++)
		why[n] = o->why[n] == '\n' || o->why[n] == '\t' ? ' ' : o->why[n];
	why[n] = '\0';
	printf("%s %s%s%s\n", id ? id : "?", verdicts[o->verdict], *why ? ": " : "", why);
	if (opt->verbose && o->verdict != IDENTICAL)
		printf("\t%s\n", json_text(c, "query"));
}

static bool run_line(const char *line, const options *opt, size_t *counts)
{
	json *c = json_read(line);

	if (!c || !json_text(c, "query") || !json_get(c, "expect")) {
		json_free(c);
		return false;
	}
	if (!opt->only || !strcmp(opt->only, json_text(c, "id"))) {
		outcome o = run_case(opt->url, c);

		counts[o.verdict]++;
		report(c, &o, opt);
	}
	json_free(c);
	return true;
}

static int run_file(FILE *in, const options *opt)
{
	size_t counts[VERDICTS] = { 0 }, cap = 0, number = 0;
	char *line = NULL;
	bool ok = true;

	while (ok && getline(&line, &cap, in) > 0) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		if (*line && !run_line(line, opt, counts)) {
			fprintf(stderr, "%s:%zu: not a case\n", opt->file, number);
			ok = false;
		}
	}
	free(line);
	printf("identical %zu, refused %zu, wrong %zu\n", counts[IDENTICAL], counts[REFUSED],
	       counts[WRONG]);
	return ok && !counts[WRONG] ? 0 : 1;
}

static bool read_options(int argc, char **argv, options *opt)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--verbose"))
			opt->verbose = true;
		else if (!strcmp(argv[i], "--url") && i + 1 < argc)
			opt->url = argv[++i];
		else if (!strcmp(argv[i], "--only") && i + 1 < argc)
			opt->only = argv[++i];
		else if (!strcmp(argv[i], "--against") && i + 1 < argc)
			opt->other = argv[++i];
		else if (argv[i][0] != '-' && !opt->file)
			opt->file = argv[i];
		else
			return false;
	}
	return opt->file != NULL;
}

int main(int argc, char **argv)
{
	options opt = { .url = "sqlite::memory:" };
	FILE *in;
	int status;

	if (!read_options(argc, argv, &opt)) {
		fprintf(stderr, "usage: %s FILE.jsonl [--url URL] [--verbose] [--only ID]\n"
			"       %s FILE.sql --against URL [--url URL]\n", argv[0], argv[0]);
		return 2;
	}
	in = fopen(opt.file, "r");
	if (!in) {
		fprintf(stderr, "cannot read %s\n", opt.file);
		return 2;
	}
	status = opt.other ? !run_against(opt.url, opt.other, opt.file, in) : run_file(in, &opt);
	fclose(in);
	return status;
}
