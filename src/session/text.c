/* Objects as text: JSON for programs, a short form for people. */
#include "../relation/relation.h"
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

	if (s && o && amph__is_object_of(o, s) && o->state != OBJECT_FREE)
		return o;
	amph__error_misuse(&err, object ? "the object is not one of this session" : "the object is NULL");
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
static bool complete(amph_session *s, amph_object *o, amph_error *err)
{
	const amph_mapper *m = o->extent->mapper;
	amph_object *found = NULL;

	if (!o->part || o->state != OBJECT_PERSISTENT)
		return true;
	if (!amph__session_may_run(s, err) ||
	    (amph__object_is_modified(o) && !amph__autoflush(s, &m, 1, err)) ||
	    !amph__load_by_key(s, m, amph__members(o), NULL, &found, err))
		return false;
	if (found == o)
		return true;
	amph__error(err, "P0002", "%s: the row of an object loaded in part is gone", m->model->name);
	err->status = AMPH_E_NOTFOUND;
	return false;
}

/* ---- objects with what they lead to: all is loaded before any is written ---- */

static bool has_item(const amph_object *o, const amph_mapper *m)
{
	return amph__is_kind_of(o->extent->mapper, m);
}

static void **of_item(const amph_object *o, const amph_load_item *item)
{
	return (void **)(void *)((char *)amph__members(o) + item->member.offset);
}

/* Loads one relationship of those objects that have it and a row; *out is what it leads to. */
static bool load_item(amph_session *s, const amph_load_item *item, const amph_relation *r,
		      const amph_object_list *from, amph_object_list *out, amph_error *err)
{
	const amph_load_item only[] = { { item->member, item->how, NULL, item->where, item->order_by },
					{ .how = 0 } };
	const amph_mapper *m = amph__mapper_of(s->engine->registry, item->member.model, err);
	void **rows = amph__alloc(s->allocator, (from->n + 1) * sizeof *rows);
	bool ok = m && (rows || amph__error_nomem(err));
	size_t n = 0;

	for (size_t i = 0; ok && i < from->n; i++)
		if (has_item(from->items[i], m) && from->items[i]->state == OBJECT_PERSISTENT)
			rows[n++] = amph__members(from->items[i]);
	ok = ok && (!n || amph__load_items(s, only, rows, n, err));
	amph__free(s->allocator, rows);
	for (size_t i = 0; ok && i < from->n; i++) {
		void *member = has_item(from->items[i], m) ? *of_item(from->items[i], item) : NULL;
		void *one[] = { member, NULL };

		for (void **at = member && amph__relation_is_list(r) ? member : one; *at && ok; at++)
			ok = amph__list_push(s, out, amph__object_of(*at)) || amph__error_nomem(err);
	}
	return ok;
}

static bool load_tree(amph_session *s, const amph_load_item *items, const amph_object_list *from,
		      amph_error *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < from->n; i++)
		ok = complete(s, from->items[i], err);
	for (; ok && items && items->how; items++) {
		const amph_mapper *m = amph__mapper_of(s->engine->registry, items->member.model, err);
		const amph_relation *r = m ? amph__relation_at(m, items->member.offset, err) : NULL;
		amph_object_list below = { 0 };

		if (!r)
			return false;
		if (items->how == AMPH_LOAD_RAISE)
			return amph__error_misuse(err, "%s.%s: what must not be loaded is not written either",
						  m->model->name, r->member);
		for (size_t i = 0; i < m->n_columns; i++)
			if (!strcmp(m->columns[i].name, r->member))
				return amph__error(err, "42701", "%s.%s: a column has this name as well",
						   m->model->name, r->member);
		ok = load_item(s, items, r, from, &below, err) && load_tree(s, items->then, &below, err);
		amph__free(s->allocator, below.items);
	}
	return ok;
}

static void put_object(amph_session *s, const amph_object *o, const amph_load_item *items, amph_buf *value);

static void put_relation(amph_session *s, const amph_object *o, const amph_load_item *item, amph_buf *value)
{
	const amph_relation *r = amph__relation_at(o->extent->mapper, item->member.offset, NULL);
	void *member = *of_item(o, item);

	amph__buf_puts(&s->json, ", ");
	put_json_text(&s->json, r->member, strlen(r->member));
	amph__buf_puts(&s->json, ": ");
	if (!amph__relation_is_list(r)) {
		if (member)
			put_object(s, amph__object_of(member), item->then, value);
		else
			amph__buf_puts(&s->json, "null");
		return;
	}
	amph__buf_putc(&s->json, '[');
	for (void **at = member; at && *at; at++) {
		if (at != member)
			amph__buf_puts(&s->json, ", ");
		put_object(s, amph__object_of(*at), item->then, value);
	}
	amph__buf_putc(&s->json, ']');
}

static void put_object(amph_session *s, const amph_object *o, const amph_load_item *items, amph_buf *value)
{
	for (size_t i = 0; i < o->extent->mapper->n_columns; i++) {
		const amph_mapped_column *c = &o->extent->mapper->columns[i];

		amph__buf_puts(&s->json, i ? ", " : "{");
		put_json_text(&s->json, c->name, strlen(c->name));
		amph__buf_puts(&s->json, ": ");
		put_json(&s->json, &c->slot, amph__members(o), value);
	}
	for (; items && items->how; items++) {
		const amph_mapper *m = amph__mapper_of(s->engine->registry, items->member.model, NULL);

		if (has_item(o, m))
			put_relation(s, o, items, value);
	}
	amph__buf_putc(&s->json, '}');
}

/* One object, or a list of them. */
static const char *json_of_objects(amph_session *s, const amph_object_list *list, bool array,
				   const amph_load_item *items)
{
	amph_buf value;
	amph_error err;

	if (!load_tree(s, items, list, &err)) {
		amph__session_error(s, &err);
		return NULL;
	}
	amph__buf_init(&value, s->allocator);
	amph__buf_reset(&s->json);
	if (array)
		amph__buf_putc(&s->json, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			amph__buf_puts(&s->json, ", ");
		put_object(s, list->items[i], items, &value);
	}
	if (array)
		amph__buf_putc(&s->json, ']');
	amph__buf_clear(&value);
	return result_of(s, &s->json);
}

const char *amph_to_json(amph_session *s, const void *object)
{
	return amph_to_json_with(s, object, NULL);
}

const char *amph_to_json_with(amph_session *s, const void *object, const amph_load_item *with)
{
	amph_object *o = object_of(s, object);
	const amph_object_list list = { &o, 1, 1 };
	amph_error err;

	if (!o)
		return NULL;
	bool ok = amph__lists_hold(&(amph_select){ .load = with });
	if (!ok)
		amph__misuse_of_seal(&err);
	else if (o->state == OBJECT_ROW && with && with->how)
		ok = amph__error_misuse(&err, "%s: a row of a stream has no relationships; read pages of "
					"objects instead", o->extent->mapper->model->name);
	if (!ok) {
		amph__session_error(s, &err);
		return NULL;
	}
	return json_of_objects(s, &list, false, with);
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

/* Objects with their relationships, which rows do not have. */
static const char *json_with(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_object_list list = { 0 };
	const char *text = NULL;
	void **objects;

	if (q->fields || q->only || q->defer || q->hybrids) {
		amph__error_misuse(&err, "amph_json_of with .load is of whole objects, without .%s",
				   q->fields ? "fields" : q->only ? "only" : q->defer ? "defer" : "hybrids");
		amph__session_error(s, &err);
		return NULL;
	}
	objects = amph_do_all(s, q);
	bool ok = objects;
	for (size_t i = 0; ok && objects[i]; i++)
		ok = amph__list_push(s, &list, amph__object_of(objects[i]));
	if (ok)
		text = json_of_objects(s, &list, true, q->load);
	else if (objects) {
		amph__error_nomem(&err);
		amph__session_error(s, &err);
	}
	amph__free(s->allocator, list.items);
	amph_release(s, objects);
	return text;
}

const char *amph_do_json(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_rows *r;
	const char *text;

	if (q->load)
		return json_with(s, q);
	r = amph__query_rows(s, q->fields ? AMPH_QUERY_PROJECT : AMPH_QUERY_SELECT, q, &err);
	text = r ? json_of_rows(s, r) : NULL;
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
	const amph_mapper *m = o->extent->mapper;
	amph__buf_reset(&s->repr);
	amph__buf_printf(&s->repr, "<%s", m->model->name);
	for (size_t i = 0; i < m->n_keys && o->state != OBJECT_PENDING; i++) {
		amph__buf_puts(&s->repr, i ? ", " : " ");
		amph__slot_format(&m->columns[m->keys[i]].slot, object, &s->repr);
	}
	amph__buf_puts(&s->repr, o->state == OBJECT_PENDING ? " (new)>" : ">");
	return result_of(s, &s->repr);
}
