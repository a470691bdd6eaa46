/* Objects as text: JSON for programs, a short form for people. */
#include "rows.h"
#include <string.h>

static void put_json_text(amph_buf *b, const char *text, size_t len)
{
	static const char controls[] = "\b\f\n\r\t", letters[] = "bfnrt";

	amph__buf_putc(b, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		const char *at = c ? strchr(controls, c) : NULL;

		if (c == '"' || c == '\\')
			amph__buf_printf(b, "\\%c", c);
		else if (at)
			amph__buf_printf(b, "\\%c", letters[at - controls]);
		else if (c < 0x20)
			amph__buf_printf(b, "\\u%04x", c);
		else
			amph__buf_putc(b, (char)c);
	}
	amph__buf_putc(b, '"');
}

/* Numbers and truth values go as they are, what JSON has no word for as text. */
static bool is_bare(const amph_slot *slot, const amph_buf *value)
{
	const char *text = amph__buf_text(value);

	switch (slot->type) {
	case AMPH_T_INT16:
	case AMPH_T_INT32:
	case AMPH_T_INT64:
	case AMPH_T_JSON:
		return true;
	case AMPH_T_FLOAT:
	case AMPH_T_DOUBLE:
	case AMPH_T_NUMERIC:
		return !strpbrk(text, "NI");
	default:
		return false;
	}
}

static void put_json(amph_buf *b, const amph_slot *slot, const void *members, amph_buf *value);

/* Elements have the forms that may be NULL. */
static void put_json_array(amph_buf *b, const amph_slot *slot, const void *members, amph_buf *value)
{
	int base = slot->type & ~AMPH_T_ARRAY;
	bool pointer = base == AMPH_T_TEXT || base == AMPH_T_BYTES || base == AMPH_T_JSON;
	const amph_slot element = { .type = (uint8_t)base, .nullable = !pointer,
				    .enumeration = slot->enumeration };
	const amph_int64_array *array = amph__slot_value(slot, members);
	const char *items = (const char *)array->items;

	amph__buf_putc(b, '[');
	for (size_t i = 0; i < array->n; i++) {
		if (i)
			amph__buf_puts(b, ", ");
		put_json(b, &element, items + i * amph_type_size(base, true), value);
	}
	amph__buf_putc(b, ']');
}

static void put_json(amph_buf *b, const amph_slot *slot, const void *members, amph_buf *value)
{
	if (amph__slot_is_null(slot, members)) {
		amph__buf_puts(b, "null");
		return;
	}
	if (slot->type & AMPH_T_ARRAY) {
		put_json_array(b, slot, members, value);
		return;
	}
	if (slot->type == AMPH_T_BOOL) {
		amph__buf_puts(b, *(const bool *)amph__slot_value(slot, members) ? "true" : "false");
		return;
	}
	amph__buf_reset(value);
	amph__slot_format(slot, members, value);
	b->failed |= value->failed;
	if (is_bare(slot, value))
		amph__buf_add(b, amph__buf_text(value), value->len);
	else
		put_json_text(b, amph__buf_text(value), value->len);
}

static amph_object *object_of(amph_session *s, const void *object)
{
	amph_object *o = object ? amph__object_of(object) : NULL;
	amph_error err;

	if (s && o && o->session == s && o->state != OBJECT_FREE)
		return o;
	amph__error_misuse(&err, "the object is not one of this session");
	amph__session_error(s, &err);
	return NULL;
}

static const char *result_of(amph_session *s, const amph_buf *b)
{
	amph_error err;

	if (!b->failed)
		return amph__buf_text(b);
	amph__error_nomem(&err);
	amph__session_error(s, &err);
	return NULL;
}

/* Members that .only left out are read first: they would look like values. */
static bool complete(amph_session *s, amph_object *o)
{
	const amph_mapper *m = o->mapper;
	amph_object *found = NULL;
	amph_error err;

	if (!o->part || o->state != OBJECT_PERSISTENT)
		return true;
	if (amph__session_may_run(s, &err) &&
	    (!amph__object_is_modified(o) || amph__autoflush(s, &m, 1, &err)) &&
	    amph__load_by_key(s, m, amph__members(o), &found, &err)) {
		if (found == o)
			return true;
		amph__error(&err, "P0002", "%s: the row of an object loaded in part is gone", m->model->name);
		err.status = AMPH_E_NOTFOUND;
	}
	amph__session_error(s, &err);
	return false;
}

const char *amph_to_json(amph_session *s, const void *object)
{
	amph_object *o = object_of(s, object);
	amph_buf value;

	if (!o || !complete(s, o))
		return NULL;
	amph__buf_init(&value, s->allocator);
	amph__buf_reset(&s->json);
	for (size_t i = 0; i < o->mapper->n_columns; i++) {
		const amph_mapped_column *c = &o->mapper->columns[i];

		amph__buf_puts(&s->json, i ? ", " : "{");
		put_json_text(&s->json, c->name, strlen(c->name));
		amph__buf_puts(&s->json, ": ");
		put_json(&s->json, &c->slot, object, &value);
	}
	amph__buf_putc(&s->json, '}');
	amph__buf_clear(&value);
	return result_of(s, &s->json);
}

static void put_row(amph_buf *out, const amph_rows *r, const char *row, amph_buf *value)
{
	for (size_t i = 0; i < r->n_columns; i++) {
		const char *name = r->columns[i].name;

		amph__buf_puts(out, i ? ", " : "{");
		put_json_text(out, name, strlen(name));
		amph__buf_puts(out, ": ");
		put_json(out, &r->slots[i], row, value);
	}
	amph__buf_putc(out, '}');
}

static const char *json_of_rows(amph_session *s, const amph_rows *r)
{
	amph_buf value;

	amph__buf_init(&value, s->allocator);
	amph__buf_reset(&s->json);
	amph__buf_putc(&s->json, '[');
	for (size_t i = 0; i < r->n; i++) {
		if (i)
			amph__buf_puts(&s->json, ", ");
		put_row(&s->json, r, r->rows + i * r->row_size, &value);
	}
	amph__buf_putc(&s->json, ']');
	amph__buf_clear(&value);
	return result_of(s, &s->json);
}

const char *amph_do_json(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_rows *r = amph__query_rows(s, q->fields ? AMPH_QUERY_PROJECT : AMPH_QUERY_SELECT, q, &err);
	const char *text = r ? json_of_rows(s, r) : NULL;

	if (!r)
		amph__session_error(s, &err);
	amph__rows_free(r);
	return text;
}

const char *amph_repr(amph_session *s, const void *object)
{
	const amph_object *o = object_of(s, object);

	if (!o)
		return NULL;
	amph__buf_reset(&s->repr);
	amph__buf_printf(&s->repr, "<%s", o->mapper->model->name);
	for (size_t i = 0; i < o->mapper->n_keys && o->state != OBJECT_PENDING; i++) {
		amph__buf_puts(&s->repr, i ? ", " : " ");
		amph__slot_format(&o->mapper->columns[o->mapper->keys[i]].slot, object, &s->repr);
	}
	amph__buf_puts(&s->repr, o->state == OBJECT_PENDING ? " (new)>" : ">");
	return result_of(s, &s->repr);
}
