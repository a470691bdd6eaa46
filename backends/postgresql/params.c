/* Parameters: what a statement's placeholders are, and its arguments in binary, straight from the
 * caller's structs into one buffer of the connection. Text and bytes are not even copied. */
#include "pg.h"
#include <endian.h>
#include <string.h>

static size_t put32(char *at, uint32_t v)
{
	v = htobe32(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static int base_type(int type)
{
	return type & ~AMPH_T_NULLABLE & ~AMPH_T_ARRAY;
}

static const pg_type *type_of(const amph_slot *slot)
{
	return &amph__pg_types[base_type(slot->type)];
}

/* ---- placeholders ---- */

size_t amph__pg_placeholders(const amph_code *code)
{
	size_t n = 0;

	for (size_t i = 0; i < code->n_params; i++)
		n += code->params[i].kind == AMPH_PARAM_ROWS ? code->params[i].n_types : 1;
	return n;
}

/* A column of a row set is an array of its values; of arrays, an array of their texts. */
void amph__pg_placeholder_oids(const amph_code *code, Oid *oids)
{
	for (size_t i = 0; i < code->n_params; i++) {
		const amph_param *p = &code->params[i];

		for (size_t k = 0; k < p->n_types && (k == 0 || p->kind == AMPH_PARAM_ROWS); k++) {
			const pg_type *t = &amph__pg_types[base_type(p->types[k].type)];
			bool array = p->types[k].type & AMPH_T_ARRAY;

			if (p->kind == AMPH_PARAM_ROWS)
				*oids++ = array ? amph__pg_types[AMPH_T_TEXT].array_oid : t->array_oid;
			else
				*oids++ = array ? t->array_oid : t->oid;
		}
	}
}

/* ---- values and arrays ---- */

static bool is_null(const pg_type *t, const amph_slot *slot, const char *value)
{
	const void *pointer;

	if (!(slot->type & AMPH_T_ARRAY) && !t->is_pointer)
		return slot->nullable && !*(const bool *)(value + t->has_offset);
	memcpy(&pointer, value, sizeof pointer);
	return !pointer;
}

static bool out_of_range(const amph_slot *slot, amph_error *err)
{
	char type[64];

	return amph__error(err, "22008", "the value of \"%s\" is out of the range of %s",
			   amph__pg_slot_name(slot),
			   amph__type_name((amph_sqltype){ .type = slot->type }, type, sizeof type));
}

/* n values stride bytes apart, or behind n pointers: where arrays and columns come from. */
typedef struct pg_strided {
	const char *base;
	const void *const *rows;
	size_t n, stride;
} pg_strided;

static const char *row_at(const pg_strided *v, size_t i)
{
	return v->rows ? v->rows[i] : v->base + i * v->stride;
}

static bool append_array(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err);

bool amph__pg_append(pg_conn *c, const amph_slot *slot, const void *row, amph_error *err)
{
	const char *value = (const char *)row + slot->offset;
	const pg_type *t = type_of(slot);
	bool null = is_null(t, slot, value);

	if (!null && slot->type & AMPH_T_ARRAY)
		return append_array(c, slot, value, err);
	if (!null && t->append)
		return t->append(c, slot, value, err);
	char *at = amph__pg_room(c, 4u + t->fixed);
	if (!at)
		return amph__error_nomem(err);
	size_t len = null ? 0 : t->put(at + 4, value);
	if (!null && !len)
		return out_of_range(slot, err);
	put32(at, null ? UINT32_MAX : (uint32_t)len);
	c->out.len += 4 + len;
	return true;
}

/* Puts the length of what was appended behind mark before it. */
static bool close_length(pg_conn *c, const amph_slot *slot, size_t mark, amph_error *err)
{
	size_t len = c->out.len - mark - 4;

	if (c->out.failed)
		return amph__error_nomem(err);
	if (len > PG_VALUE_MAX)
		return amph__pg_too_long(slot, err);
	put32(c->out.text + mark, (uint32_t)len);
	return true;
}

/* An array in binary: dimensions, whether NULLs are in it, the type of items; n, the first index. */
static bool append_items(pg_conn *c, const amph_slot *item, uint32_t oid, const pg_strided *v,
			 amph_error *err)
{
	const pg_type *t = type_of(item);
	size_t mark = c->out.len, room;
	bool nulls = false;

	if (!amph__size_mul(v->n, 4u + t->fixed, &room) || room > PG_VALUE_MAX)
		return amph__pg_too_long(item, err);
	char *at = amph__pg_room(c, 24 + room);
	if (!at)
		return amph__error_nomem(err);
	put32(at + 4, v->n > 0);
	put32(at + 12, oid);
	put32(at + 16, (uint32_t)v->n);
	put32(at + 20, 1);
	c->out.len += v->n ? 24 : 16;
	for (size_t i = 0; i < v->n; i++) {
		const char *row = row_at(v, i);

		nulls |= is_null(t, item, row + item->offset);
		if (!amph__pg_append(c, item, row, err))
			return false;
	}
	put32(c->out.text + mark + 8, nulls);
	return close_length(c, item, mark, err);
}

/* An array of labels goes as text, since binary wants the number of the enum's type. */
static bool append_labels(pg_conn *c, const amph_slot *item, const pg_strided *v, amph_error *err)
{
	size_t mark = c->out.len;

	amph__buf_add(&c->out, "\0\0\0\0{", 5);
	for (size_t i = 0; i < v->n; i++) {
		const char *value = row_at(v, i) + item->offset, *label;

		if (i)
			amph__buf_putc(&c->out, ',');
		if (is_null(type_of(item), item, value)) {
			amph__buf_puts(&c->out, "NULL");
			continue;
		}
		label = amph__pg_label(item, value, err);
		if (!label)
			return false;
		amph__buf_escape(&c->out, label);
	}
	amph__buf_putc(&c->out, '}');
	return close_length(c, item, mark, err);
}

/* The items of the array at value; *item describes one of them. */
static pg_strided items_of(const amph_slot *slot, const void *value, amph_slot *item)
{
	const pg_type *t = type_of(slot);
	const amph_text_array *array = value;   /* all arrays are a pointer and a number */

	*item = (amph_slot){ .type = (uint8_t)base_type(slot->type), .nullable = !t->is_pointer,
			     .enumeration = slot->enumeration, .name = slot->name };
	return (pg_strided){ .base = (const char *)array->items, .n = array->n,
			     .stride = t->opt_size };
}

static bool append_array(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	amph_slot item;
	pg_strided v = items_of(slot, value, &item);

	if (item.type == AMPH_T_ENUM)
		return append_labels(c, &item, &v, err);
	return append_items(c, &item, amph__pg_types[item.type].oid, &v, err);
}

/* A column of arrays: their texts. Each is appended as what it is first, which checks it. */
static bool append_array_texts(pg_conn *c, const amph_slot *slot, const pg_strided *v,
			       amph_error *err)
{
	const char **texts = amph__arena_array(&c->scratch, v->n, sizeof *texts);
	amph_slot text = { .type = AMPH_T_TEXT, .name = slot->name };
	pg_strided all = { .base = (const char *)texts, .n = v->n, .stride = sizeof *texts };
	size_t mark = c->out.len;

	if (!texts)
		return amph__error_nomem(err);
	for (size_t i = 0; i < v->n; i++) {
		const char *row = row_at(v, i), *value = row + slot->offset;

		if (is_null(type_of(slot), slot, value))
			continue;
		if (!append_array(c, slot, value, err))
			return false;
		c->out.len = mark;
		amph__slot_format(slot, row, &c->out);
		texts[i] = c->out.failed ? NULL : amph__arena_text(&c->scratch, c->out.text + mark,
								   c->out.len - mark);
		c->out.len = mark;
		if (!texts[i])
			return amph__error_nomem(err);
	}
	return append_items(c, &text, amph__pg_types[AMPH_T_TEXT].oid, &all, err);
}

/* ---- whole statements ---- */

static bool mismatch(const amph_sqltype *want, const amph_slot *slot, size_t number, amph_error *err)
{
	char a[64], b[64];

	return amph__error_misuse(err, "parameter %zu is %s, but was given %s", number + 1,
				  amph__type_name(*want, a, sizeof a),
				  amph__type_name((amph_sqltype){ .type = slot->type,
								  .enumeration = slot->enumeration },
						  b, sizeof b));
}

static bool same_type(const amph_sqltype *want, const amph_slot *slot)
{
	return want->type == AMPH_T_NONE || slot->type == AMPH_T_NONE ||
	       !((want->type ^ slot->type) & ~AMPH_T_NULLABLE);
}

/* A value whose type the text leaves open goes as a string constant. */
static bool encode_constant(pg_conn *c, const amph_slot *slot, const char *row, pg_value *out,
			    amph_error *err)
{
	out->at = c->out.len;
	out->format = 0;
	amph__slot_format(slot, row, &c->out);
	if (c->out.failed)
		return amph__error_nomem(err);
	out->len = (int)(c->out.len - out->at);
	return amph__pg_check_text(slot, c->out.text + out->at, c->out.len - out->at, err);
}

static bool encode_value(pg_conn *c, const amph_sqltype *want, const amph_slot *slot,
			 const char *row, pg_value *out, amph_error *err)
{
	const char *value = row + slot->offset;
	int type = slot->type & ~AMPH_T_NULLABLE;

	*out = (pg_value){ .len = -1, .format = 1 };
	if (type == AMPH_T_NONE || is_null(type_of(slot), slot, value))
		return true;
	if (type == AMPH_T_TEXT) {
		out->direct = *(const char *const *)(const void *)value;
		size_t len = strlen(out->direct);

		out->format = want->type != AMPH_T_NONE;
		out->len = (int)len;
		return amph__pg_check_text(slot, out->direct, len, err);
	}
	if (want->type == AMPH_T_NONE)
		return encode_constant(c, slot, row, out, err);
	if (type == AMPH_T_BYTES) {
		const amph_bytes *bytes = (const void *)value;

		out->direct = bytes->data;
		out->len = (int)bytes->size;
		return bytes->size <= PG_VALUE_MAX || amph__pg_too_long(slot, err);
	}
	out->at = c->out.len + 4;
	if (!amph__pg_append(c, slot, row, err))
		return false;
	out->len = (int)(c->out.len - out->at);
	out->format = type != (AMPH_T_ENUM | AMPH_T_ARRAY);
	return true;
}

static bool encode_column(pg_conn *c, const amph_slot *slot, const amph_arg *arg, pg_value *out,
			  amph_error *err)
{
	pg_strided v = { .base = arg->base, .rows = arg->rows, .n = arg->n_rows,
			 .stride = arg->stride };
	int type = slot->type & ~AMPH_T_NULLABLE;
	bool ok;

	*out = (pg_value){ .at = c->out.len + 4, .format = type != AMPH_T_ENUM };
	if (type & AMPH_T_ARRAY)
		ok = append_array_texts(c, slot, &v, err);
	else if (type == AMPH_T_ENUM)
		ok = append_labels(c, slot, &v, err);
	else
		ok = append_items(c, slot, amph__pg_types[type].oid, &v, err);
	out->len = (int)(c->out.len - out->at);
	return ok;
}

static bool encode_param(pg_conn *c, const amph_param *p, const amph_arg *arg, pg_value **out,
			 amph_error *err)
{
	size_t n = p->kind == AMPH_PARAM_ROWS ? p->n_types : 1;

	if (arg->n_slots < n || (p->kind == AMPH_PARAM_VALUE && arg->n_rows != 1))
		return amph__error_misuse(err, "parameter %zu was given %zu columns of %zu rows",
					  (size_t)(*out - c->params) + 1, arg->n_slots, arg->n_rows);
	for (size_t k = 0; k < n; k++) {
		const amph_slot *slot = &arg->slots[k];
		size_t number = (size_t)(*out - c->params);

		if (!same_type(&p->types[k], slot))
			return mismatch(&p->types[k], slot, number, err);
		if (p->kind == AMPH_PARAM_ROWS) {
			if (!encode_column(c, slot, arg, (*out)++, err))
				return false;
			continue;
		}
		const void *row = arg->rows ? arg->rows[0] : arg->base;
		if (!encode_value(c, &p->types[k], slot, row, (*out)++, err))
			return false;
	}
	return true;
}

static bool reserve_params(pg_conn *c, size_t n, amph_error *err)
{
	const amph_allocator *a = c->base.engine->allocator;

	if (n <= c->params_cap)
		return true;
	size_t cap = n < 16 ? 16 : n;
	pg_value *params = amph__realloc(a, c->params, cap * sizeof *params);
	if (params)
		c->params = params;
	const char **values = amph__realloc(a, (void *)c->values, cap * sizeof *values);
	if (values)
		c->values = values;
	int *lengths = amph__realloc(a, c->lengths, cap * sizeof *lengths);
	if (lengths)
		c->lengths = lengths;
	int *formats = amph__realloc(a, c->formats, cap * sizeof *formats);
	if (formats)
		c->formats = formats;
	if (!params || !values || !lengths || !formats)
		return amph__error_nomem(err);
	c->params_cap = cap;
	return true;
}

bool amph__pg_encode(pg_conn *c, const pg_stmt *s, const amph_arg *args, amph_error *err)
{
	const amph_code *code = s->base.code;
	size_t total = 0;

	if (!s->n_values)
		return true;
	if (!reserve_params(c, s->n_values, err))
		return false;
	amph__buf_reset(&c->out);
	if (c->scratch.used || c->scratch.failed)
		amph__arena_reset(&c->scratch);
	pg_value *out = c->params;
	for (size_t i = 0; i < code->n_params; i++)
		if (!encode_param(c, &code->params[i], &args[i], &out, err))
			return false;
	/* only now does the buffer stay where it is */
	for (size_t i = 0; i < s->n_values; i++) {
		const pg_value *v = &c->params[i];

		c->lengths[i] = v->len;
		c->formats[i] = v->format;
		c->values[i] = v->len < 0 ? NULL : v->direct ? v->direct : c->out.text + v->at;
		total += v->len < 0 ? 0 : (size_t)v->len;
	}
	if (total > PG_VALUE_MAX)
		return amph__error(err, "54000", "the parameters of a statement are at most 1 GiB "
				   "less 64 KiB together; send fewer rows at once");
	return true;
}
