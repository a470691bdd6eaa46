/* Results that are arrays: in binary, and as text. Their items lie in the row's store, and behind
 * them what they point to. */
#include "pg.h"
#include <endian.h>
#include <string.h>

static uint32_t get32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return be32toh(v);
}

static const size_t ALIGN = 8;

static char *aligned(char *p)
{
	return p + (-(uintptr_t)p & (ALIGN - 1));
}

typedef struct pg_items { uint32_t n; const char *at, *end; } pg_items;

static bool open_array(const pg_column *col, const char *data, size_t len, pg_items *items,
		       amph_error *err)
{
	*items = (pg_items){ .at = data + 20, .end = data + len };
	if (len >= 12 && get32(data) == 0)
		return true;
	if (len >= 12 && get32(data) != 1)
		return amph__error(err, "0A000", "column \"%s\" has an array of %u dimensions; "
				   "one is what a program can hold", col->name, get32(data));
	if (len < 20 || get32(data + 8) != col->element->oid)
		return amph__error(err, "08P01", "column \"%s\" has a malformed array", col->name);
	items->n = get32(data + 12);
	if (get32(data + 16) != 1)
		return amph__error(err, "0A000", "column \"%s\" has an array whose first index is not 1",
				   col->name);
	return items->n <= (len - 20) / 4 ||
	       amph__error(err, "08P01", "column \"%s\" has a malformed array", col->name);
}

/* false at a malformed item. *len SIZE_MAX: NULL. */
static bool next_item(pg_items *items, const char **data, size_t *len)
{
	if (items->end - items->at < 4)
		return false;
	uint32_t n = get32(items->at);
	items->at += 4;
	*data = items->at;
	*len = n == UINT32_MAX ? SIZE_MAX : n;
	if (n == UINT32_MAX)
		return true;
	if (n > (size_t)(items->end - items->at))
		return false;
	items->at += n;
	return true;
}

static bool room_item(const pg_column *col, const char *data, size_t len, size_t *room,
		      amph_error *err)
{
	pg_column item = *col->element;
	union { int64_t align; char bytes[16]; } value;

	item.name = col->name;
	*room = 0;
	if (item.reader.room)
		return item.reader.room(&item, data, len, room, err);
	return item.reader.get(&item, data, len, &value) ||
	       amph__error(err, "22P02", "column \"%s\" has an item that its type in the program cannot "
			   "hold", col->name);
}

bool amph__pg_room_array(pg_column *col, const char *data, size_t len, size_t *room, amph_error *err)
{
	pg_items items;
	size_t item_len, item_room;
	const char *item;

	if (!open_array(col, data, len, &items, err))
		return false;
	*room = ALIGN + (size_t)col->item_size * (items.n ? items.n : 1);
	for (uint32_t i = 0; i < items.n; i++) {
		if (!next_item(&items, &item, &item_len))
			return amph__error(err, "08P01", "column \"%s\" has a malformed array", col->name);
		if (item_len == SIZE_MAX)
			continue;
		if (!room_item(col, item, item_len, &item_room, err))
			return false;
		*room += item_room;
	}
	return true;
}

/* Sets the items' address and number; all arrays are alike in that. */
static void set_array(void *out, const void *items, size_t n)
{
	memcpy(out, &items, sizeof items);
	memcpy((char *)out + offsetof(amph_text_array, n), &n, sizeof n);
}

char *amph__pg_fill_array(const pg_column *col, const char *data, size_t len, void *out, char *store)
{
	const pg_column *element = col->element;
	pg_items items;
	size_t item_len;
	const char *item;
	amph_error cannot;      /* room has seen the same bytes */

	if (!open_array(col, data, len, &items, &cannot))
		return store;
	char *array = aligned(store), *at = array + (size_t)col->item_size * (items.n ? items.n : 1);
	memset(array, 0, (size_t)(at - array));
	set_array(out, array, items.n);
	for (uint32_t i = 0; i < items.n && next_item(&items, &item, &item_len); i++) {
		char *value = array + (size_t)i * col->item_size;

		if (item_len == SIZE_MAX)
			continue;
		if (element->has_offset)
			*(bool *)(value + element->has_offset) = true;
		if (element->reader.fill)
			at = element->reader.fill(element, item, item_len, value, at);
		else
			element->reader.get(element, item, item_len, value);
	}
	return at;
}

/* What an item of a parsed array points to. */
static size_t item_room(const pg_column *col, const char *value)
{
	const char *text;

	switch (col->reader.type & ~AMPH_T_ARRAY) {
	case AMPH_T_TEXT:
	case AMPH_T_JSON:
		memcpy(&text, value, sizeof text);
		return text ? strlen(text) + 1 : 0;
	case AMPH_T_BYTES:
		return ((const amph_bytes *)(const void *)value)->size + 1;
	case AMPH_T_NUMERIC:
		return ((const amph_numeric *)(const void *)value)->n_digits + (size_t)1;
	default:
		return 0;
	}
}

static char *keep_item(const pg_column *col, char *value, char *at)
{
	const char *text;
	amph_bytes *bytes = (amph_bytes *)(void *)value;

	switch (col->reader.type & ~AMPH_T_ARRAY) {
	case AMPH_T_TEXT:
	case AMPH_T_JSON:
		memcpy(&text, value, sizeof text);
		return text ? amph__pg_fill_text(col, text, strlen(text), value, at) : at;
	case AMPH_T_BYTES:
		return bytes->data ? amph__pg_fill_bytes(col, bytes->data, bytes->size, value, at) : at;
	case AMPH_T_NUMERIC:
		return amph__pg_keep_digits((amph_numeric *)(void *)value, at);
	default:
		return at;
	}
}

bool amph__pg_room_array_text(pg_column *col, const char *data, size_t len, size_t *room,
			    amph_error *err)
{
	int element = col->reader.type & ~AMPH_T_ARRAY;
	amph_text_array array = { 0 };

	if (!amph__array_parse(element, col->slot.enumeration, data, len, &array, col->scratch, err))
		return false;
	col->parsed.items = array.items;
	col->parsed.n = array.n;
	*room = ALIGN + (size_t)col->item_size * (array.n ? array.n : 1);
	for (size_t i = 0; i < array.n; i++)
		*room += item_room(col, (const char *)array.items + i * col->item_size);
	return true;
}

char *amph__pg_fill_array_text(const pg_column *col, const char *data, size_t len, void *out,
			     char *store)
{
	size_t n = col->parsed.n, size = (size_t)col->item_size * n;
	char *array = aligned(store), *at = array + (n ? size : col->item_size);

	(void)data, (void)len;
	if (n)
		memcpy(array, col->parsed.items, size);
	set_array(out, array, n);
	for (size_t i = 0; i < n; i++)
		at = keep_item(col, array + i * col->item_size, at);
	return at;
}

/* Makes element the column of col's items. */
bool amph__pg_set_up_array(pg_column *col, pg_column *element)
{
	int type = col->slot.type & ~AMPH_T_ARRAY & ~AMPH_T_NULLABLE;
	const pg_type *t = &amph__pg_types[type];
	int server = amph__pg_type_of_oid(col->oid) & ~AMPH_T_ARRAY;

	col->item_size = t->opt_size;
	if (col->text)
		return true;
	*element = (pg_column){ .slot = col->slot, .name = col->name, .scratch = col->scratch,
				.value_size = t->size, .has_offset = t->has_offset };
	element->slot.type = (uint8_t)type;
	/* character varying, character and name are texts with arrays of their own */
	element->oid = col->oid == 1015 ? 1043 : col->oid == 1014 ? 1042 : col->oid == 1003 ? 19 :
		       amph__pg_types[server].oid;
	element->reader = amph__pg_reader(type, element->oid, false);
	col->element = element;
	return element->reader.type != 0;
}
