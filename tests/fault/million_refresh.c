/* Memory stays flat however often objects are read again.
 *
 *	million_refresh URL [COUNT]
 *
 * What the engine and its session hold after a hundredth of COUNT calls of amph_refresh, a million
 * where it is not given, is what they hold after all. */
#include "fault.h"
#include <amphora.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Page {
	int64_t id;
	const char *title;
	const char *body;
	amph_numeric price;
	amph_json meta;
	amph_timestamptz made_at;
	amph_text_array tags;
} Page;
AMPH_DECLARE(Page);
AMPH_MODEL(Page, "pages",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Page, id, .primary_key = true),
		AMPH_COLUMN(Page, title, .length = 80, .not_null = true),
		AMPH_COLUMN(Page, body),
		AMPH_COLUMN(Page, price, .precision = 30, .scale = 10),
		AMPH_COLUMN(Page, meta),
		AMPH_COLUMN(Page, made_at, .default_fn = amph_now),
		AMPH_COLUMN(Page, tags)));
static const amph_model *const models[] = { &amph_model_Page, NULL };

enum { N_PAGES = 4, ALLOWED_BYTES = 65536 };

static void make_pages(amph_engine *db, amph_session *s, Page **pages)
{
	static const char *const tags[] = { "one", NULL, "three" };
	amph_error err;

	if (!amph_drop_all(db, &err) || !amph_create_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	for (int i = 0; i < N_PAGES; i++)
		pages[i] = amph_new(s, Page, .title = "a title",
				    .body = "some text that is longer than a title",
				    .price = amph_numeric_parse("12345678901234567890.0123456789"),
				    .meta = AMPH_JSON({ "a" : [ 1, 2, 3 ] }), .tags = { tags, 3 });
	if (!amph_commit(s))
		fault_die("%s", amph_session_error(s)->message);
}

static void refresh(amph_session *s, Page **pages, long from, long to)
{
	for (long i = from; i < to; i++)
		if (!amph_refresh(s, pages[i % N_PAGES]))
			fault_die("%s", amph_session_error(s)->message);
}

int main(int argc, char **argv)
{
	const amph_allocator allocator = { .resize = fault_resize, .release = fault_release };
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 1000000;
	Page *pages[N_PAGES];
	amph_error err;

	if (argc < 2)
		fault_die("usage: million_refresh URL [COUNT]");
	amph_engine *db = amph_open(argv[1], AMPH_OPTIONS(.models = models, .allocator = &allocator), &err);
	if (!db)
		fault_die("%s %s", err.sqlstate, err.message);
	amph_session *s = amph_session_open(db);
	make_pages(db, s, pages);
	refresh(s, pages, 0, count / 100);
	size_t before = fault_held, before_process = mallinfo2().uordblks;
	refresh(s, pages, count / 100, count);
	size_t after = fault_held, after_process = mallinfo2().uordblks;
	amph_session_close(s);
	if (!amph_drop_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	amph_close(db);
	printf("%ld calls: %zu bytes before, %zu after; of the process %zu and %zu; left at the "
	       "end: %zu\n",
	       count, before, after, before_process, after_process, fault_held);
	return after > before + ALLOWED_BYTES || after_process > before_process + ALLOWED_BYTES ||
	       fault_held != 0;
}
