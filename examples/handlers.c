/* A small service over articles, without the HTTP: handlers that take a request and answer with a
 * status and JSON, as a web framework would call them. A row that is not there is 404 (amph_require),
 * lists come by pages (amph_paginate), what the database refuses is 409 or 422, and each request
 * is a session of its own, one transaction that is committed or rolled back as a whole. It runs a
 * fixed list of requests, leaves the database as it found it, and prints the same on every backend:
 *
 *	handlers                                        SQLite, in memory
 *	DATABASE_URL=postgresql://... handlers          PostgreSQL */
#include <amphora.h>
#include <amphora/short.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Article {
	int64_t id;
	const char *title;
	const char *body;
	const char *status;
	int32_t likes;
	int64_t version;
	amph_opt_timestamptz deleted_at;
} Article;
AMPH_DECLARE(Article);

static bool check_title(amph_event *event, const void *member)
{
	const char *title = *(const char *const *)member;

	return (title && *title) || amph_refuse(event, "a title is needed");
}

AMPH_MODEL(Article, "articles",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Article, id, .primary_key = true),
		AMPH_COLUMN(Article, title, .length = 40, .not_null = true, .unique = true,
			    .validate = check_title),
		AMPH_COLUMN(Article, body, .not_null = true, .default_value = AMPH_DEFAULT_TEXT("")),
		AMPH_COLUMN(Article, status, .not_null = true, .default_value = AMPH_DEFAULT_TEXT("draft"),
			    .choices = AMPH_CHOICES("draft", "published")),
		AMPH_COLUMN(Article, likes, .default_value = AMPH_DEFAULT_INT(0), .check = "likes >= 0"),
		AMPH_COLUMN(Article, version, .version = true),
		AMPH_COLUMN(Article, deleted_at)),
	.soft_delete = AMPH_MEMBER(Article, deleted_at));
static const amph_model *const models[] = { &amph_model_Article, NULL };

/* ---- requests and answers ---- */

typedef struct request {
	const char *method, *path;
	int64_t id;
	int page, per_page;
	const char *search;             /* of a list: part of the title */
	const char *title, *body, *status;      /* what is to be written; NULL: not given */
	amph_opt_int64 version;         /* of the article that the client has seen */
} request;
typedef struct answer { int status; FILE *json; } answer;
typedef void handler(amph_session *s, const request *r, answer *a);

static int status_of(const amph_error *e)
{
	switch (e->status) {
	case AMPH_E_NOTFOUND: return 404;
	case AMPH_E_UNIQUE:
	case AMPH_E_STALE: return 409;
	case AMPH_E_CHECK:
	case AMPH_E_NOT_NULL:
	case AMPH_E_DATA:
	case AMPH_E_REFUSED: return 422;
	case AMPH_E_BUSY:
	case AMPH_E_TIMEOUT: return 503;
	default: return 500;
	}
}

static void fail(answer *a, int status, const char *sqlstate, const char *constraint)
{
	a->status = status;
	fprintf(a->json, "{\"error\": \"%s\"", sqlstate);
	if (*constraint)
		fprintf(a->json, ", \"constraint\": \"%s\"", constraint);
	fputs("}", a->json);
}

/* The session's error, by what the client can do about it. */
static void fail_with(amph_session *s, answer *a)
{
	const amph_error *e = amph_session_error(s);

	fail(a, status_of(e), e->sqlstate, e->constraint);
}

/* Commits and answers with the article, or with what was wrong. */
static void commit(amph_session *s, Article *article, int status, answer *a)
{
	if (!amph_commit(s)) {
		fail_with(s, a);
		return;
	}
	a->status = status;
	fputs(amph_to_json(s, article), a->json);
}

/* ---- handlers ---- */

static void list(amph_session *s, const request *r, answer *a)
{
	/* a condition of all zeros is none */
	amph_bool_expr matches = r->search ? icontains(col(Article, title), r->search)
					   : amph_no_condition();
	const amph_page *page = amph_paginate(s, Article, .where = matches, .page = r->page,
					      .per_page = r->per_page, .order_by = by(col(Article, id)));

	if (!page) {
		fail_with(s, a);
		return;
	}
	a->status = 200;
	fputs("{\"items\": [", a->json);
	amph_each(Article, article, page->items)
		fprintf(a->json, "%s{\"id\": %" PRId64 ", \"title\": \"%s\"}",
			article == *(Article **)page->items ? "" : ", ", article->id, article->title);
	fprintf(a->json, "], \"page\": %" PRId64 ", \"pages\": %" PRId64 ", \"total\": %" PRId64 "}",
		page->page, page->pages, page->total);
}

static void show(amph_session *s, const request *r, answer *a)
{
	Article *article = amph_require(s, Article, r->id);

	if (!article) {
		fail_with(s, a);
		return;
	}
	a->status = 200;
	fputs(amph_to_json(s, article), a->json);
}

static void create(amph_session *s, const request *r, answer *a)
{
	Article *article = amph_new(s, Article, .title = r->title);

	if (r->body)
		article->body = r->body;
	if (r->status)
		article->status = r->status;
	commit(s, article, 201, a);
}

static void update(amph_session *s, const request *r, answer *a)
{
	Article *article = amph_require(s, Article, r->id);

	if (!article) {
		fail_with(s, a);
		return;
	}
	/* somebody else may have changed it since the client looked */
	if (r->version.has && r->version.value != article->version) {
		fail(a, 409, "40001", "");
		return;
	}
	if (r->title)
		article->title = r->title;
	if (r->body)
		article->body = r->body;
	if (r->status)
		article->status = r->status;
	commit(s, article, 200, a);
}

/* In one statement, so that no like is lost between two that read the same number. */
static void add_like(amph_session *s, const request *r, answer *a)
{
	int64_t n = amph_update(s, Article, .where = eq(col(Article, id), r->id),
				.set = sets(set(Article, likes, add(col(Article, likes), 1))));
	Article *article = n >= 0 ? amph_require(s, Article, r->id) : NULL;

	if (article)
		commit(s, article, 200, a);
	else
		fail_with(s, a);
}

static void destroy(amph_session *s, const request *r, answer *a)
{
	Article *article = amph_require(s, Article, r->id);

	if (!article || !amph_delete(s, article) || !amph_commit(s))
		fail_with(s, a);
	else
		a->status = 204;
}

/* ---- routing ---- */

static const struct route { const char *method, *path; handler *handle; } routes[] = {
	{ "GET", "/articles", list }, { "POST", "/articles", create },
	{ "GET", "/articles/:id", show }, { "PATCH", "/articles/:id", update },
	{ "POST", "/articles/:id/likes", add_like }, { "DELETE", "/articles/:id", destroy }
};

static handler *find(const request *r)
{
	for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
		if (!strcmp(routes[i].method, r->method) && !strcmp(routes[i].path, r->path))
			return routes[i].handle;
	return NULL;
}

static bool serve(amph_engine *db, const request *r)
{
	char *text = NULL;
	size_t size = 0;
	answer a = { 0, open_memstream(&text, &size) };
	amph_session *s = amph_session_open(db);
	handler *handle = find(r);

	if (!a.json || !s) {
		fputs("out of memory\n", stderr);
		return false;
	}
	if (handle)
		handle(s, r, &a);
	else
		fail(&a, 405, "", "");
	amph_session_close(s);
	if (fclose(a.json) != 0)
		return false;
	printf("%s %s", r->method, r->path);
	if (r->id)
		printf(" (%" PRId64 ")", r->id);
	printf(" -> %d %s\n", a.status, text);
	free(text);
	return true;
}

/* ---- what clients want ---- */

static const request requests[] = {
	{ "GET", "/articles" },
	{ "POST", "/articles", .title = "Amphorae", .body = "Two handles, one \"neck\"\n" },
	{ "POST", "/articles", .title = "Clay", .status = "published" },
	{ "POST", "/articles", .title = "Clay" },
	{ "POST", "/articles", .body = "no title" },
	{ "POST", "/articles", .title = "" },
	{ "POST", "/articles", .title = "Glaze", .status = "lost" },
	{ "POST", "/articles", .title = "A title that is longer than forty characters" },
	{ "POST", "/articles", .title = "Kilns \xe2\x98\x95" },
	{ "GET", "/articles", .page = 1, .per_page = 2 },
	{ "GET", "/articles", .page = 2, .per_page = 2 },
	{ "GET", "/articles", .search = "CLAY" },
	{ "GET", "/articles", .page = -1 },
	{ "GET", "/articles/:id", 1 },
	{ "GET", "/articles/:id", 99 },
	{ "PATCH", "/articles/:id", 1, .status = "published", .version = AMPH_SOME(0) },
	{ "PATCH", "/articles/:id", 1, .body = "too late", .version = AMPH_SOME(0) },
	{ "PATCH", "/articles/:id", 1, .title = "Clay" },
	{ "PATCH", "/articles/:id", 99, .title = "Nothing" },
	{ "POST", "/articles/:id/likes", 2 },
	{ "POST", "/articles/:id/likes", 2 },
	{ "POST", "/articles/:id/likes", 99 },
	{ "DELETE", "/articles/:id", 1 },
	{ "DELETE", "/articles/:id", 1 },
	{ "GET", "/articles/:id", 1 },
	{ "GET", "/articles" },
	{ "PUT", "/articles" }
};

int main(void)
{
	const char *url = getenv("DATABASE_URL");
	amph_error err;
	amph_engine *db = amph_open(url && *url ? url : "sqlite::memory:",
		AMPH_OPTIONS(.models = models, .schema = "amphora_handlers"), &err);
	bool ok = db && amph_create_all(db, &err);

	if (!ok)
		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message);
	for (size_t i = 0; ok && i < sizeof requests / sizeof *requests; i++)
		ok = serve(db, &requests[i]);
	if (db && !amph_drop_all(db, &err))
		fprintf(stderr, "%s: %s\n", err.sqlstate, err.message);
	amph_close(db);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
