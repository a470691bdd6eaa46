/* What each type is in SQLite: a row of the table below for each, with how a C value becomes a
 * cell and a cell a C value. All text is PostgreSQL's own, made and read by src/model; only its
 * class of storage is this file's business. */
#include "../../src/base/utf8.h"
#include "../../src/model/wire.h"
#include "functions/functions.h"
#include <float.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum { BASE_TYPE = AMPH_T_ARRAY - 1, SMALL_NUMERIC_LEN = 18 };

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* ---- from C to SQLite ---- */

typedef bool encode_fn(const sl_encoder *to, const amph_slot *slot, const void *value, sl_cell *out,
		       amph_error *err);

static bool put_integer(sl_cell *out, int64_t n)
{
	out->kind = SQLITE_INTEGER;
	out->v.integer = n;
	return true;
}

/* What was appended to scratch since start is the cell's text. */
static bool put_scratch(const sl_encoder *to, size_t start, uint8_t kind, sl_cell *out,
			amph_error *err)
{
	if (to->scratch->failed)
		return amph__error_nomem(err);
	out->kind = kind;
	out->in_scratch = true;
	out->ended = false;
	out->v.at = start;
	out->len = to->scratch->len - start;
	return true;
}

static bool put_text(const sl_encoder *to, const char *text, size_t len, uint8_t kind,
		     sl_cell *out, amph_error *err)
{
	if (to->copy) {
		size_t start = to->scratch->len;

		amph__buf_add(to->scratch, text, len);
		return put_scratch(to, start, kind, out, err);
	}
	out->kind = kind;
	out->ended = false;
	out->v.text = text;
	out->len = len;
	return true;
}

/* Of a C string. */
static bool put_ended(const sl_encoder *to, const char *text, size_t len, sl_cell *out,
		      amph_error *err)
{
	if (!put_text(to, text, len, SQLITE_TEXT, out, err))
		return false;
	out->ended = !to->copy;
	return true;
}

static bool encode_bool(const sl_encoder *to, const amph_slot *slot, const void *value,
			sl_cell *out, amph_error *err)
{
	(void)to, (void)slot, (void)err;
	return put_integer(out, *(const bool *)value);
}

static bool encode_int16(const sl_encoder *to, const amph_slot *slot, const void *value,
			 sl_cell *out, amph_error *err)
{
	(void)to, (void)slot, (void)err;
	return put_integer(out, *(const int16_t *)value);
}

static bool encode_int32(const sl_encoder *to, const amph_slot *slot, const void *value,
			 sl_cell *out, amph_error *err)
{
	(void)to, (void)slot, (void)err;
	return put_integer(out, *(const int32_t *)value);
}

static bool encode_int64(const sl_encoder *to, const amph_slot *slot, const void *value,
			 sl_cell *out, amph_error *err)
{
	(void)to, (void)slot, (void)err;
	return put_integer(out, *(const int64_t *)value);
}

#define NAN_TEXT "NaN"

/* SQLite would make NULL of NaN, and 0.0 of a stored -0.0. What is not stored is a text instead. */
static bool put_real(const sl_encoder *to, double d, sl_cell *out, amph_error *err)
{
	if (isnan(d) && to->writes)
		return amph__error(err, "0A000", "NaN in a double or float cannot be stored by SQLite; "
				   "numeric can hold it");
	if (isnan(d)) {
		out->kind = SQLITE_TEXT;
		out->v.text = NAN_TEXT;
		out->len = sizeof(NAN_TEXT) - 1;
		return true;
	}
	if (to->writes && d == 0 && signbit(d))
		return amph__error(err, "0A000", "-0.0 cannot be stored by SQLite; adding 0.0 makes it "
				   "0.0");
	out->kind = SQLITE_FLOAT;
	out->v.real = d;
	return true;
}

static bool encode_float(const sl_encoder *to, const amph_slot *slot, const void *value,
			 sl_cell *out, amph_error *err)
{
	(void)slot;
	return put_real(to, (double)*(const float *)value, out, err);
}

static bool encode_double(const sl_encoder *to, const amph_slot *slot, const void *value,
			  sl_cell *out, amph_error *err)
{
	(void)slot;
	return put_real(to, *(const double *)value, out, err);
}

static bool invalid_text(amph_error *err)
{
	return amph__error(err, "22021", "invalid byte sequence for encoding \"UTF8\"");
}

static bool encode_text(const sl_encoder *to, const amph_slot *slot, const void *value,
			sl_cell *out, amph_error *err)
{
	const char *text = *(const char *const *)value;
	size_t len = strlen(text);

	(void)slot;
	return amph__utf8_valid(text, len) ? put_ended(to, text, len, out, err)
					   : invalid_text(err);
}

static bool encode_bytes(const sl_encoder *to, const amph_slot *slot, const void *value,
			 sl_cell *out, amph_error *err)
{
	const amph_bytes *b = value;

	(void)slot;
	return put_text(to, b->data, b->size, SQLITE_BLOB, out, err);
}

static bool encode_json(const sl_encoder *to, const amph_slot *slot, const void *value,
			sl_cell *out, amph_error *err)
{
	const amph_json *json = value;
	size_t start = to->scratch->len, len = strlen(json->text);

	(void)slot;
	if (amph__json_is_normal(json->text, len))
		return put_ended(to, json->text, len, out, err);
	return amph__json_normalize(json->text, len, to->scratch, err) &&
	       put_scratch(to, start, SQLITE_TEXT, out, err);
}

static bool encode_numeric(const sl_encoder *to, const amph_slot *slot, const void *value,
			   sl_cell *out, amph_error *err)
{
	const amph_numeric *n = value;
	size_t start = to->scratch->len;

	(void)slot;
	if (n->kind >= AMPH_NUMERIC_INVALID)
		return amph__error(err, "22P02", "invalid input syntax for type numeric");
	if (n->kind == AMPH_NUMERIC_DIGITS)
		return put_text(to, n->v.digits, n->n_digits, SQLITE_TEXT, out, err);
	amph__types[AMPH_T_NUMERIC].format(value, to->scratch);
	return put_scratch(to, start, SQLITE_TEXT, out, err);
}

static bool encode_enum(const sl_encoder *to, const amph_slot *slot, const void *value,
			sl_cell *out, amph_error *err)
{
	unsigned i = *(const unsigned *)value;
	const amph_enum_type *e = slot->enumeration;

	if (!e || i >= e->n_labels)
		return amph__error(err, "22P02", "invalid input value for enum %s: number %u of %zu "
				   "labels", e ? e->name : "", i, e ? e->n_labels : (size_t)0);
	return put_ended(to, e->labels[i], strlen(e->labels[i]), out, err);
}

static bool encode_search(const sl_encoder *to, const amph_slot *slot, const void *value,
			  sl_cell *out, amph_error *err)
{
	const char *text = *(const char *const *)value;
	size_t start = to->scratch->len, len = strlen(text);

	if (!amph__utf8_valid(text, len))
		return invalid_text(err);
	return amph__sl_search_format(slot->type, text, len, to->scratch, err) &&
	       put_scratch(to, start, SQLITE_TEXT, out, err);
}

/* Types whose text is made. */
static bool encode_formatted(const sl_encoder *to, const amph_slot *slot, const void *value,
			     sl_cell *out, amph_error *err)
{
	size_t start = to->scratch->len;

	amph__types[slot->type].format(value, to->scratch);
	amph__sl_store_text(slot->type, to->scratch, start);
	return put_scratch(to, start, SQLITE_TEXT, out, err);
}

/* ---- from SQLite to C ---- */

/* Where what a row points to goes, and where things are parsed on the way. */
typedef struct decoder {
	char *payload;
	const amph_slot *slot;
	const void *parsed;             /* of an array */
	amph_arena *arena;
} decoder;
typedef bool decode_fn(decoder *d, const sl_cell *cell, void *out, amph_error *err);

static bool out_of_range(const decoder *d, amph_error *err)
{
	return amph__error(err, "22003", "%s out of range",
			   amph__types[d->slot->type & BASE_TYPE].name);
}

static bool decode_bool(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	*(bool *)out = cell->v.integer == 1;
	return (uint64_t)cell->v.integer <= 1 ? true : out_of_range(d, err);
}

static bool decode_int16(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	*(int16_t *)out = (int16_t)cell->v.integer;
	return cell->v.integer == (int16_t)cell->v.integer ? true : out_of_range(d, err);
}

static bool decode_int32(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	*(int32_t *)out = (int32_t)cell->v.integer;
	return cell->v.integer == (int32_t)cell->v.integer ? true : out_of_range(d, err);
}

static bool decode_int64(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	(void)d, (void)err;
	*(int64_t *)out = cell->v.integer;
	return true;
}

/* RETURNING shows the integer as which SQLite keeps a whole number in a column of reals. */
static double real_of(const sl_cell *cell)
{
	if (cell->kind == SQLITE_TEXT)
		return (double)NAN;
	return cell->kind == SQLITE_INTEGER ? (double)cell->v.integer : cell->v.real;
}

static bool decode_float(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	double x = real_of(cell);

	if (fabs(x) > (double)FLT_MAX && !isinf(x))
		return out_of_range(d, err);
	*(float *)out = (float)x;
	return true;
}

static bool decode_double(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	(void)d, (void)err;
	*(double *)out = real_of(cell);
	return true;
}

static char *take_text(decoder *d, const char *text, size_t len)
{
	char *to = d->payload;

	if (len)
		memcpy(to, text, len);
	to[len] = '\0';
	d->payload += len + 1;
	return to;
}

/* Also of JSON, whose struct is a pointer to text. */
static bool decode_text(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	if (!amph__utf8_valid(cell->v.text, cell->len))
		return invalid_text(err);
	*(const char **)out = take_text(d, cell->v.text, cell->len);
	return true;
}

static bool decode_bytes(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	(void)err;
	*(amph_bytes *)out = (amph_bytes){ take_text(d, cell->v.text, cell->len), cell->len };
	return true;
}

static bool decode_numeric(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	amph_numeric *n = out;

	if (!amph__types[AMPH_T_NUMERIC].parse(cell->v.text, cell->len, n, d->arena, err))
		return false;
	if (n->kind == AMPH_NUMERIC_DIGITS)
		n->v.digits = take_text(d, n->v.digits, n->n_digits);
	return true;
}

static bool decode_enum(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	const amph_enum_type *e = d->slot->enumeration;

	for (size_t i = 0; e && i < e->n_labels; i++) {
		if (strlen(e->labels[i]) == cell->len &&
		    !memcmp(e->labels[i], cell->v.text, cell->len)) {
			*(unsigned *)out = (unsigned)i;
			return true;
		}
	}
	return amph__error(err, "22P02", "invalid input value for enum %s", e ? e->name : "");
}

static bool decode_parsed(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	char plain[64];
	size_t len = cell->len;
	const char *text = amph__sl_plain_text(d->slot->type, cell->v.text, &len, plain);

	return amph__types[d->slot->type].parse(text, len, out, d->arena, err);
}

static bool decode_timestamp(decoder *d, const sl_cell *cell, void *out, amph_error *err)
{
	return amph__timestamp_load(cell->v.text, cell->len, out) || decode_parsed(d, cell, out, err);
}

/* ---- the table ---- */

typedef struct sl_type {
	uint8_t kind;                   /* class of storage */
	bool payload;                   /* points to its text */
	encode_fn *encode;
	decode_fn *decode;
} sl_type;
static const sl_type types[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { SQLITE_INTEGER, false, encode_bool, decode_bool },
	[AMPH_T_INT16] = { SQLITE_INTEGER, false, encode_int16, decode_int16 },
	[AMPH_T_INT32] = { SQLITE_INTEGER, false, encode_int32, decode_int32 },
	[AMPH_T_INT64] = { SQLITE_INTEGER, false, encode_int64, decode_int64 },
	[AMPH_T_FLOAT] = { SQLITE_FLOAT, false, encode_float, decode_float },
	[AMPH_T_DOUBLE] = { SQLITE_FLOAT, false, encode_double, decode_double },
	[AMPH_T_NUMERIC] = { SQLITE_TEXT, false, encode_numeric, decode_numeric },
	[AMPH_T_TEXT] = { SQLITE_TEXT, true, encode_text, decode_text },
	[AMPH_T_BYTES] = { SQLITE_BLOB, true, encode_bytes, decode_bytes },
	[AMPH_T_UUID] = { SQLITE_TEXT, false, encode_formatted, decode_parsed },
	[AMPH_T_JSON] = { SQLITE_TEXT, true, encode_json, decode_text },
	[AMPH_T_DATE] = { SQLITE_TEXT, false, encode_formatted, decode_parsed },
	[AMPH_T_TIME] = { SQLITE_TEXT, false, encode_formatted, decode_parsed },
	[AMPH_T_TIMESTAMP] = { SQLITE_TEXT, false, encode_formatted, decode_timestamp },
	[AMPH_T_TIMESTAMPTZ] = { SQLITE_TEXT, false, encode_formatted, decode_timestamp },
	[AMPH_T_INTERVAL] = { SQLITE_TEXT, false, encode_formatted, decode_parsed },
	[AMPH_T_ENUM] = { SQLITE_TEXT, false, encode_enum, decode_enum },
	/* no C form of their own: programs see their text */
	[AMPH_T_TSVECTOR] = { SQLITE_TEXT, true, encode_search, decode_text },
	[AMPH_T_TSQUERY] = { SQLITE_TEXT, true, encode_search, decode_text },
	[AMPH_T_PLAIN_JSON] = { SQLITE_TEXT, true, encode_search, decode_text },
	[AMPH_T_JSONPATH] = { SQLITE_TEXT, true, encode_search, decode_text },
};

bool amph__sl_encode(const sl_encoder *to, const amph_slot *slot, const void *base, sl_cell *out,
		     amph_error *err)
{
	out->in_scratch = false;
	if (amph__slot_is_null(slot, base)) {
		out->kind = SQLITE_NULL;
		return true;
	}
	if (slot->type & AMPH_T_ARRAY) {
		size_t start = to->scratch->len;

		amph__slot_format(slot, base, to->scratch);
		return put_scratch(to, start, SQLITE_TEXT, out, err);
	}
	const sl_type *t = slot->type < AMPH_T_COUNT ? &types[slot->type] : NULL;
	if (!t || !t->encode)
		return amph__error_misuse(err, "a parameter has no type");
	if (t->encode(to, slot, amph__slot_value(slot, base), out, err))
		return true;
	if (slot->name)
		amph__error_context(err, "member \"%s\"", slot->name);
	return false;
}

/* ---- arrays: parsed in the first pass over a row, copied to its memory in the second ---- */

typedef struct any_array { const void *items; size_t n; } any_array;

static size_t item_size(int element)
{
	const amph_type_info *t = &amph__types[element];

	return t->is_pointer ? t->size : t->opt_size;
}

/* The text or bytes that an item points to, and their length; NULL where to none. */
static const char *item_text(int element, const void *item, size_t *len)
{
	const amph_opt_numeric *n = item;
	const char *text = NULL;

	*len = 0;
	if (element == AMPH_T_BYTES) {
		*len = ((const amph_bytes *)item)->size;
		return ((const amph_bytes *)item)->data;
	}
	if (element == AMPH_T_NUMERIC) {
		bool points = n->has && n->value.kind == AMPH_NUMERIC_DIGITS;

		*len = points ? n->value.n_digits : 0;
		return points ? n->value.v.digits : NULL;
	}
	if (types[element].payload)
		text = *(const char *const *)item;
	*len = text ? strlen(text) : 0;
	return text;
}

static void set_item_text(int element, void *item, const char *text)
{
	if (element == AMPH_T_BYTES)
		((amph_bytes *)item)->data = text;
	else if (element == AMPH_T_NUMERIC)
		((amph_opt_numeric *)item)->value.v.digits = text;
	else
		*(const char **)item = text;
}

/* Bytes that an array needs beside its own struct; false where they cannot be counted. */
static bool array_size(int element, const any_array *a, size_t *size)
{
	size_t len, total;

	if (!amph__size_mul(a->n ? a->n : 1, item_size(element), &total))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (item_text(element, (const char *)a->items + i * item_size(element), &len) &&
		    !amph__size_add(total, len + 1, &total))
			return false;
	*size = total;
	return true;
}

static void copy_array(decoder *d, any_array *out)
{
	int element = d->slot->type & BASE_TYPE;
	const any_array *from = d->parsed;
	size_t size = item_size(element), len;

	d->payload = (char *)align8((uintptr_t)d->payload);
	char *items = d->payload;
	d->payload += (from->n ? from->n : 1) * size;
	if (from->n)
		memcpy(items, from->items, from->n * size);
	for (size_t i = 0; i < from->n; i++) {
		const char *text = item_text(element, items + i * size, &len);

		if (text)
			set_item_text(element, items + i * size, take_text(d, text, len));
	}
	*out = (any_array){ items, from->n };
}

/* ---- rows ---- */

static const char *kind_name(uint8_t kind)
{
	static const char *const names[] = { "nothing", "integer", "real", "text", "blob", "NULL" };

	return names[kind <= SQLITE_NULL ? kind : 0];
}

/* Says which column it was. Returns false. */
static bool column_error(const amph_code *code, const amph_result_column *column, amph_error *err)
{
	const char *name = column && column->name ? column->name : "?";

	if (code->table)
		amph__error_context(err, "column \"%s\" of table \"%s\"", name, code->table);
	else
		amph__error_context(err, "column \"%s\"", name);
	amph__error_names(err, code->table, name, NULL);
	return false;
}

static bool set_null(const amph_slot *slot, void *out, amph_error *err)
{
	const amph_type_info *t = &amph__types[slot->type & BASE_TYPE];

	if (slot->type & AMPH_T_ARRAY)
		memset(out, 0, sizeof(any_array));
	else if (t->is_pointer)
		memset(out, 0, t->size);
	else if (slot->nullable)
		memset(out, 0, t->opt_size);
	else
		return amph__error(err, "22002", "NULL for \"%s\", which cannot hold it; make it an "
				   "amph_opt_ member", slot->name ? slot->name : "a plain member");
	return true;
}

static bool wrong_kind(const sl_cell *cell, uint8_t expected, amph_error *err)
{
	return amph__error(err, "42804", "holds %s where %s is expected", kind_name(cell->kind),
			   kind_name(expected));
}

/* Arrays are parsed in the first pass, into d->arena. */
static bool measure_array(decoder *d, const sl_cell *cell, size_t *size, const void **parsed,
			  amph_error *err)
{
	int type = d->slot->type & BASE_TYPE;
	any_array *a = AMPH_NEW(d->arena, any_array);
	size_t own;

	if (cell->kind != SQLITE_TEXT)
		return wrong_kind(cell, SQLITE_TEXT, err);
	*parsed = a;
	if (!a)
		return amph__error_nomem(err);
	if (!amph__array_parse(type, d->slot->enumeration, cell->v.text, cell->len, a, d->arena, err))
		return false;
	if (!array_size(type, a, &own))
		return amph__error(err, "54000", "the array is too large");
	*size = align8(*size) + own;
	return true;
}

static bool is_odd_real(const sl_cell *cell)
{
	return cell->kind == SQLITE_INTEGER ||
	       (cell->kind == SQLITE_TEXT && cell->len == sizeof(NAN_TEXT) - 1 &&
		!memcmp(cell->v.text, NAN_TEXT, cell->len));
}

/* What a column adds to the row's allocation. No value is longer than a gigabyte, no row wider
 * than some thousand columns. */
static inline bool measure(decoder *d, const sl_cell *cell, size_t *size, const void **parsed,
			   amph_error *err)
{
	unsigned type = d->slot->type;

	if (cell->kind == SQLITE_NULL)
		return true;
	if (type & AMPH_T_ARRAY)
		return measure_array(d, cell, size, parsed, err);
	const sl_type *t = &types[type < AMPH_T_COUNT ? type : AMPH_T_NONE];
	if (cell->kind != t->kind && (t->kind != SQLITE_FLOAT || !is_odd_real(cell)))
		return wrong_kind(cell, t->kind, err);
	if (t->payload || (type == AMPH_T_NUMERIC && cell->len > SMALL_NUMERIC_LEN))
		*size += cell->len + 1;
	return true;
}

static inline bool decode_value(decoder *d, const sl_cell *cell, void *row, amph_error *err)
{
	const amph_slot *slot = d->slot;
	char *out = (char *)row + slot->offset;

	if (cell->kind == SQLITE_NULL)
		return set_null(slot, out, err);
	if (slot->type & AMPH_T_ARRAY) {
		copy_array(d, (any_array *)(void *)out);
		return true;
	}
	if (!types[slot->type].decode(d, cell, out, err))
		return false;
	if (slot->nullable && !amph__types[slot->type].is_pointer)
		*(bool *)(out + amph__types[slot->type].has_offset) = true;
	return true;
}

static bool measure_row(decoder *d, const sl_cell *cells, const amph_shape *shape, size_t *size,
			const void **parsed, size_t *at, amph_error *err)
{
	for (size_t i = 0; i < shape->n_slots; i++) {
		d->slot = &shape->slots[i];
		if (!measure(d, &cells[i], size, &parsed[i], err)) {
			*at = i;
			return false;
		}
	}
	return true;
}

static bool reserve(sl_row_scratch *scratch, size_t n, amph_error *err)
{
	void *parsed = scratch->parsed;

	if (n > scratch->cap && !amph__grow(scratch->arena.allocator, &parsed, &scratch->cap, n,
					    sizeof *scratch->parsed))
		return amph__error_nomem(err);
	scratch->parsed = parsed;
	if (scratch->arena.used || scratch->arena.failed)
		amph__arena_reset(&scratch->arena);
	return true;
}

bool amph__sl_decode_row(const sl_cell *cells, size_t n_cells, const amph_result_column *columns,
			 const amph_code *code, const amph_shape *shape, void *dest,
			 const amph_store *store, sl_row_scratch *scratch, amph_error *err)
{
	decoder d = { .arena = &scratch->arena };
	size_t size = 0, i = 0;

	if (shape->n_slots > n_cells)
		return amph__error_misuse(err, "a row of %zu columns is read into %zu members", n_cells,
					  shape->n_slots);
	if (!reserve(scratch, shape->n_slots, err))
		return false;
	if (!measure_row(&d, cells, shape, &size, scratch->parsed, &i, err))
		return column_error(code, columns ? &columns[i] : NULL, err);
	d.payload = store ? store->alloc(store->ctx, size) : NULL;
	if (size && !d.payload)
		return amph__error_nomem(err);
	for (i = 0; i < shape->n_slots; i++) {
		d.slot = &shape->slots[i];
		d.parsed = scratch->parsed[i];
		if (!decode_value(&d, &cells[i], dest, err))
			return column_error(code, columns ? &columns[i] : NULL, err);
	}
	return true;
}

static inline bool load_cell(sqlite3_stmt *native, int column, sl_cell *out)
{
	/* The connection is in the multi-thread mode, where the values of a row are as good as
	 * protected ones: https://sqlite.org/c3ref/value.html */
	sqlite3_value *value = sqlite3_column_value(native, column);

	out->kind = (uint8_t)sqlite3_value_type(value);
	out->in_scratch = false;
	switch (out->kind) {
	case SQLITE_INTEGER:
		out->v.integer = sqlite3_value_int64(value);
		break;
	case SQLITE_FLOAT:
		out->v.real = sqlite3_value_double(value);
		break;
	case SQLITE_TEXT:
		out->v.text = (const char *)sqlite3_value_text(value);
		out->len = (size_t)sqlite3_value_bytes(value);
		return out->v.text != NULL;
	case SQLITE_BLOB:
		out->v.text = sqlite3_value_blob(value);
		out->len = (size_t)sqlite3_value_bytes(value);
		break;
	default:
		break;
	}
	return true;
}

bool amph__sl_load_row(sqlite3_stmt *native, size_t n, sl_cell *out)
{
	for (size_t i = 0; i < n; i++)
		if (!load_cell(native, (int)i, &out[i]))
			return false;
	return true;
}
