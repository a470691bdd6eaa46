/* Rows of the usual kind, straight from SQLite's values into structs: one look at each value, one
 * copy of each text. Whatever is unusual is left to amph__sl_decode_row, which gives the same for
 * all that is read here, and says what is wrong with the rest. */
#include "../../src/base/utf8.h"
#include "../../src/model/value.h"
#include "../../src/model/wire.h"
#include "sl.h"
#include <string.h>

enum { TEXTS_MOST = 32 };

/* Texts of a row, until it is known how much memory all need. */
typedef struct row_texts {
	size_t n, size;
	struct { const char *text; size_t size; const char **out; } items[TEXTS_MOST];
} row_texts;

/* With its NUL, which SQLite puts behind each text. */
static bool note_text(row_texts *t, sqlite3_value *value, const char **out)
{
	const char *text = (const char *)sqlite3_value_text(value);
	size_t len = (size_t)sqlite3_value_bytes(value);

	if (!text || t->n == TEXTS_MOST || !amph__utf8_valid(text, len))
		return false;
	t->items[t->n].text = text;
	t->items[t->n].size = len + 1;
	t->items[t->n++].out = out;
	t->size += len + 1;
	return true;
}

static bool read_integer(const amph_slot *slot, int64_t n, char *out)
{
	switch (slot->type) {
	case AMPH_T_BOOL:
		*(bool *)out = n == 1;
		return (uint64_t)n <= 1;
	case AMPH_T_INT16:
		*(int16_t *)(void *)out = (int16_t)n;
		return n == (int16_t)n;
	case AMPH_T_INT32:
		*(int32_t *)(void *)out = (int32_t)n;
		return n == (int32_t)n;
	case AMPH_T_INT64:
		*(int64_t *)(void *)out = n;
		return true;
	default:
		return false;
	}
}

static bool read_text(const amph_slot *slot, sqlite3_value *value, char *out, row_texts *t)
{
	const char *text;

	switch (slot->type) {
	case AMPH_T_TEXT:
	case AMPH_T_JSON:
		return note_text(t, value, (const char **)(void *)out);
	case AMPH_T_NUMERIC:
		text = (const char *)sqlite3_value_text(value);
		return text && amph__numeric_read_usual(text, (size_t)sqlite3_value_bytes(value),
							(amph_numeric *)(void *)out);
	case AMPH_T_TIMESTAMP:
	case AMPH_T_TIMESTAMPTZ:
		text = (const char *)sqlite3_value_text(value);
		return text && amph__timestamp_load(text, (size_t)sqlite3_value_bytes(value),
						    (int64_t *)(void *)out);
	default:
		return false;
	}
}

/* NULL where there is a place for it. */
static bool read_null(const amph_slot *slot, char *out)
{
	if (slot->type >= AMPH_T_COUNT)
		return false;
	const amph_type_info *t = &amph__types[slot->type];

	if (!t->is_pointer && !slot->nullable)
		return false;
	memset(out, 0, t->is_pointer ? t->size : t->opt_size);
	return true;
}

static bool read_value(const amph_slot *slot, sqlite3_value *value, char *out, row_texts *t)
{
	bool ok = false;

	switch (sqlite3_value_type(value)) {
	case SQLITE_INTEGER:
		ok = read_integer(slot, sqlite3_value_int64(value), out);
		break;
	case SQLITE_TEXT:
		ok = read_text(slot, value, out, t);
		break;
	case SQLITE_NULL:
		return read_null(slot, out);
	default:
		return false;
	}
	if (ok && slot->nullable && !amph__types[slot->type].is_pointer)
		*(bool *)(out + amph__types[slot->type].has_offset) = true;
	return ok;
}

/* As one block, in the order of the columns. */
static void place_texts(const row_texts *t, char *at)
{
	for (size_t i = 0; i < t->n; i++) {
		*t->items[i].out = memcpy(at, t->items[i].text, t->items[i].size);
		at += t->items[i].size;
	}
}

sl_read amph__sl_read_row(sqlite3_stmt *native, const amph_shape *shape, char *dest,
			  const amph_store *store)
{
	row_texts texts;

	texts.n = texts.size = 0;
	for (size_t i = 0; i < shape->n_slots; i++) {
		const amph_slot *slot = &shape->slots[i];

		/* The connection is in the multi-thread mode, where the values of a row are as good as
		 * protected ones: https://sqlite.org/c3ref/value.html */
		if (!read_value(slot, sqlite3_column_value(native, (int)i), dest + slot->offset, &texts))
			return SL_READ_OTHER;
	}
	char *payload = store ? store->alloc(store->ctx, texts.size) : NULL;
	if (texts.size && !payload)
		return SL_READ_NOMEM;
	place_texts(&texts, payload);
	return SL_READ_DONE;
}
