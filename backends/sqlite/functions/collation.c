/* Orders of the types whose text does not sort as they do. */
#include "compare.h"
#include "search/textsearch.h"
#include <string.h>

static int compare_numeric(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	(void)ctx;
	return amph__decimal_compare_text(a, (size_t)a_len, b, (size_t)b_len);
}

static int compare_jsonb(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	(void)ctx;
	return amph__json_compare(a, (size_t)a_len, b, (size_t)b_len);
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	int order = n ? memcmp(a, b, n) : 0;

	return order ? order : (a_len > b_len) - (a_len < b_len);
}

/* Text that is no value of the type (a shell may have put it there) sorts after all values. */
static int compare_intervals(const char *a, size_t a_len, const char *b, size_t b_len)
{
	amph_interval x, y;
	bool ok_a = amph__types[AMPH_T_INTERVAL].parse(a, a_len, &x, NULL, NULL);
	bool ok_b = amph__types[AMPH_T_INTERVAL].parse(b, b_len, &y, NULL, NULL);

	if (ok_a && ok_b)
		return amph__types[AMPH_T_INTERVAL].compare(&x, &y);
	return ok_a == ok_b ? compare_bytes(a, a_len, b, b_len) : ok_a ? -1 : 1;
}

static int compare_interval(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	(void)ctx;
	return compare_intervals(a, (size_t)a_len, b, (size_t)b_len);
}

static int compare_array(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	return amph__sl_compare_arrays(ctx, a, (size_t)a_len, b, (size_t)b_len);
}

/* Values of text search; what is none sorts by its bytes. */
static int compare_search(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	amph_arena arena;
	char *message = NULL;
	sl_call c = { .message = &message, .arena = &arena };
	sl_vector v, w;
	sl_query *q, *r;
	int order = 0;
	bool ok;

	amph__arena_init(&arena, &amph__libc_allocator);
	if (ctx) {
		ok = amph__sl_vector_of(&c, a, (size_t)a_len, &v) &&
		     amph__sl_vector_of(&c, b, (size_t)b_len, &w);
		order = ok ? amph__sl_vector_compare(&v, &w) : 0;
	} else {
		ok = amph__sl_query_of(&c, a, (size_t)a_len, &q) &&
		     amph__sl_query_of(&c, b, (size_t)b_len, &r);
		order = ok ? amph__sl_query_compare(q, r) : 0;
	}
	amph__arena_clear(&arena);
	sqlite3_free(message);
	return ok ? order : compare_bytes(a, (size_t)a_len, b, (size_t)b_len);
}

static int register_arrays(sqlite3 *db)
{
	static const struct {
		const char *name;
		sl_comparer by;
	} arrays[] = {
#define ARRAY(name, t) { "amph_array_" name, { .type = t, .allocator = &amph__libc_allocator } }
		{ "amph_array_bpchar",
		  { .type = AMPH_T_TEXT, .padded = true, .allocator = &amph__libc_allocator } },
		ARRAY("bool", AMPH_T_BOOL), ARRAY("int", AMPH_T_INT64),
		ARRAY("float", AMPH_T_DOUBLE), ARRAY("numeric", AMPH_T_NUMERIC),
		ARRAY("text", AMPH_T_TEXT), ARRAY("jsonb", AMPH_T_JSON), ARRAY("date", AMPH_T_DATE),
		ARRAY("timestamp", AMPH_T_TIMESTAMP), ARRAY("timestamptz", AMPH_T_TIMESTAMPTZ),
		ARRAY("interval", AMPH_T_INTERVAL)
#undef ARRAY
	};
	int rc = SQLITE_OK;

	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_create_collation_v2(db, arrays[i].name, SQLITE_UTF8, (void *)&arrays[i].by,
						 compare_array, NULL);
	return rc;
}

int amph__sl_collations_register(sqlite3 *db)
{
	static const struct {
		const char *name;
		int (*compare)(void *, int, const void *, int, const void *);
		bool vectors;
	} collations[] = {
		{ "amph_numeric", compare_numeric, false },
		{ "amph_jsonb", compare_jsonb, false },
		{ "amph_interval", compare_interval, false },
		{ "amph_tsquery", compare_search, false },
		{ "amph_tsvector", compare_search, true }
	};
	int rc = SQLITE_OK;

	for (size_t i = 0; i < sizeof(collations) / sizeof(collations[0]) && rc == SQLITE_OK; i++)
		rc = sqlite3_create_collation_v2(db, collations[i].name, SQLITE_UTF8,
						 collations[i].vectors ? (void *)db : NULL,
						 collations[i].compare, NULL);
	return rc == SQLITE_OK ? register_arrays(db) : rc;
}
