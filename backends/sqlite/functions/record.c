/* Rows as values, (1,"a b",), which SEARCH and CYCLE collect: made, put into arrays, and sorted by
 * collations whose names say what their columns are: "amph_record_", the digits of a descriptor such
 * as {int4,text}, and "_array" of arrays of them. */
#include "array/array.h"
#include <stdio.h>
#include <string.h>

#define COLLATION "amph_record_"
#define OF_ARRAYS "_array"

/* ---- text ---- */

static bool needs_quotes(const char *text)
{
	return !*text || strpbrk(text, "\"\\(), \t\n\v\f\r");
}

static void put_field(amph_buf *b, const char *text)
{
	bool quoted = needs_quotes(text);

	if (quoted)
		amph__buf_putc(b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			amph__buf_putc(b, *text);
		amph__buf_putc(b, *text);
	}
	if (quoted)
		amph__buf_putc(b, '"');
}

/* The fields, of types and values in turn from argument i on, behind a number where there is one. */
static const char *record_text(sl_call *c, int i, const int64_t *number)
{
	const char *out;
	amph_buf b;

	amph__buf_init(&b, c->env->allocator);
	amph__buf_putc(&b, '(');
	if (number)
		amph__buf_printf(&b, "%lld", (long long)*number);
	for (bool first = !number; i + 1 < c->argc; i += 2, first = false) {
		size_t len;
		const char *type = amph__sl_text(c, i, &len);
		const char *text = amph__sl_element_text(c, type, len, c->argv[i + 1]);

		if (!first)
			amph__buf_putc(&b, ',');
		if (text)
			put_field(&b, text);
	}
	amph__buf_putc(&b, ')');
	out = b.failed ? NULL : amph__arena_text(c->arena, amph__buf_text(&b), b.len);
	c->arena->failed |= !out;
	amph__buf_clear(&b);
	return out;
}

/* One field at *p, which moves behind it and its comma; NULL where nothing stands. */
static const char *take_field(amph_arena *arena, const char **p, const char *end)
{
	char *out = amph__arena_alloc(arena, (size_t)(end - *p) + 1);
	const char *at = *p, *start = at;
	bool quoted = false;
	size_t n = 0;

	if (!out)
		return NULL;
	for (; at < end && (quoted || *at != ','); at++) {
		if (*at == '"' && quoted && at + 1 < end && at[1] == '"')
			out[n++] = *at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '\\' && at + 1 < end)
			out[n++] = *++at;
		else
			out[n++] = *at;
	}
	out[n] = '\0';
	*p = at < end ? at + 1 : at;
	return at == start ? NULL : out;
}

/* ---- order ---- */

typedef struct record_order {
	sl_comparer by;                 /* a row, or an array of rows */
	amph_arena arena;
} record_order;

static int compare_fields(const sl_comparer *by, const char *a, const char *b)
{
	size_t a_len, b_len;

	if (!a || !b)
		return (a == NULL) - (b == NULL);
	a_len = strlen(a);
	b_len = strlen(b);
	return by->array ? amph__sl_compare_arrays(by, a, a_len, b, b_len)
			 : amph__sl_compare_texts(by, a, a_len, b, b_len);
}

/* Without their parentheses. */
int amph__sl_compare_records(const sl_comparer *by, const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *a_end = a + a_len - (a_len > 1), *b_end = b + b_len - (b_len > 1);
	amph_arena arena;
	int order = 0;

	amph__arena_init(&arena, by->allocator);
	a += a_len > 1;
	b += b_len > 1;
	for (size_t i = 0; i < by->n_columns && !order; i++) {
		const char *x = take_field(&arena, &a, a_end), *y = take_field(&arena, &b, b_end);

		order = compare_fields(&by->columns[i], x, y);
	}
	amph__arena_clear(&arena);
	return order;
}

bool amph__sl_columns_of(sl_call *c, const char *types, size_t len, sl_comparer *out)
{
	amph_text_array names;
	bool ok = amph__array_parse(AMPH_T_TEXT, NULL, types, len, &names, c->arena, NULL);

	out->columns = ok ? AMPH_NEWS(c->arena, sl_comparer, names.n + 1) : NULL;
	for (size_t i = 0; out->columns && ok && i < names.n; i++)
		ok = names.items[i] && amph__sl_comparer_of(c, names.items[i], strlen(names.items[i]),
							    &out->columns[i]);
	out->n_columns = ok && out->columns ? names.n : 0;
	return ok && out->columns;
}

static int compare(void *ctx, int a_len, const void *a, int b_len, const void *b)
{
	const record_order *o = ctx;

	return (o->by.array ? amph__sl_compare_arrays : amph__sl_compare_records)(&o->by, a, (size_t)a_len, b,
										   (size_t)b_len);
}

static void free_order(void *ctx)
{
	record_order *o = ctx;

	amph__arena_clear(&o->arena);
	amph__free(&amph__libc_allocator, o);
}

static bool read_columns(record_order *o, const char *descriptor, size_t len)
{
	char *message = NULL;
	sl_env env = { .allocator = &amph__libc_allocator };
	sl_call c = { .message = &message, .arena = &o->arena, .env = &env };
	bool ok = amph__sl_columns_of(&c, descriptor, len, &o->by);

	o->by.type = AMPH_T_ROW_VALUE;
	o->by.allocator = &amph__libc_allocator;
	sqlite3_free(message);
	return ok;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static record_order *order_named(const char *name)
{
	record_order *o = amph__alloc_zero(&amph__libc_allocator, sizeof *o);
	size_t len = 0;
	char *text;

	if (!o)
		return NULL;
	amph__arena_init(&o->arena, &amph__libc_allocator);
	text = amph__arena_alloc(&o->arena, strlen(name) + 1);
	while (text && digit(name[0]) >= 0 && digit(name[1]) >= 0) {
		text[len++] = (char)(digit(name[0]) << 4 | digit(name[1]));
		name += 2;
	}
	o->by.array = !strcmp(name, OF_ARRAYS);
	if (text && (o->by.array || !*name) && read_columns(o, text, len))
		return o;
	free_order(o);
	return NULL;
}

static void register_order(void *ctx, sqlite3 *db, int encoding, const char *name)
{
	size_t n = sizeof(COLLATION) - 1;
	record_order *o = strncmp(name, COLLATION, n) ? NULL : order_named(name + n);

	(void)ctx;
	(void)encoding;
	/* without it the statement fails: there is no such collation */
	if (o && sqlite3_create_collation_v2(db, name, SQLITE_UTF8, o, compare, free_order) != SQLITE_OK)
		free_order(o);
}

int amph__sl_records_register(sqlite3 *db)
{
	return sqlite3_collation_needed(db, NULL, register_order);
}

/* ---- functions ---- */

static void result_text(sl_call *c, const char *text)
{
	if (text)
		amph__sl_result_text(c, text, strlen(text));
}

/* type, value, ... */
static void record_array(sl_call *c)
{
	const char *item = record_text(c, 0, NULL);

	if (item)
		amph__sl_array_result(c, &item, 1);
}

/* array, type, value, ... */
static void record_append(sl_call *c)
{
	const char *item = record_text(c, 1, NULL), **items;
	amph_text_array array;

	if (!item || amph__sl_is_null(c, 0) || !amph__sl_items_arg(c, 0, &array))
		return;
	items = AMPH_NEWS(c->arena, const char *, array.n + 1);
	if (!items)
		return;
	if (array.n)
		memcpy(items, array.items, array.n * sizeof *items);
	items[array.n] = item;
	amph__sl_array_result(c, items, array.n + 1);
}

static void record_first(sl_call *c)
{
	const int64_t zero = 0;

	result_text(c, record_text(c, 0, &zero));
}

/* record, type, value, ...: with the next number */
static void record_next(sl_call *c)
{
	size_t len;
	const char *text = amph__sl_text(c, 0, &len);
	int64_t number = 0;

	for (size_t i = 1; i < len && amph__is_digit(text[i]); i++)
		number = number * 10 + (text[i] - '0');
	number++;
	result_text(c, record_text(c, 1, &number));
}

/* array, type, value, ...: whether it has the row */
static void record_among(sl_call *c)
{
	sl_comparer by = { .type = AMPH_T_ROW_VALUE, .n_columns = (size_t)(c->argc - 1) / 2,
			   .allocator = c->env->allocator };
	const char *row = record_text(c, 1, NULL);
	amph_text_array array;
	bool found = false;

	by.columns = AMPH_NEWS(c->arena, sl_comparer, by.n_columns + 1);
	if (!row || !by.columns || amph__sl_is_null(c, 0) || !amph__sl_items_arg(c, 0, &array))
		return;
	for (size_t i = 0; i < by.n_columns; i++) {
		size_t len;
		const char *type = amph__sl_text(c, (int)(1 + 2 * i), &len);

		if (!amph__sl_comparer_of(c, type, len, &by.columns[i]))
			return;
	}
	for (size_t i = 0; i < array.n && !found; i++)
		found = array.items[i] && !amph__sl_compare_records(&by, array.items[i],
								    strlen(array.items[i]), row, strlen(row));
	amph__sl_result_bool(c, found);
}

/* type, value, ... */
static void record_make(sl_call *c)
{
	result_text(c, record_text(c, 0, NULL));
}

static const sl_function rows[] = {
	{ "record_among", -1, SL_FN_NULLS, record_among, 0 },
	{ "record_append", -1, SL_FN_NULLS, record_append, 0 },
	{ "record_array", -1, SL_FN_NULLS, record_array, 0 },
	{ "record_first", -1, SL_FN_NULLS, record_first, 0 },
	{ "record_make", -1, SL_FN_NULLS, record_make, 0 },
	{ "record_next", -1, SL_FN_NULLS, record_next, 0 }
};
const sl_functions amph__sl_record_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
