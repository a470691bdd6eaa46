/* Parameters: C values to PostgreSQL's binary formats, straight from the caller's structs into
 * one buffer of the connection. Text and bytes are not copied at all. */
#include "pg.h"
#include <endian.h>
#include <stdio.h>
#include <string.h>

enum { EPOCH_DAYS = 10957 };                            /* from 1970 to 2000 */
#define EPOCH_USEC ((int64_t)EPOCH_DAYS * 86400000000)

static size_t put16(char *at, uint16_t v)
{
	v = htobe16(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put32(char *at, uint32_t v)
{
	v = htobe32(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put64(char *at, uint64_t v)
{
	v = htobe64(v);
	memcpy(at, &v, sizeof v);
	return sizeof v;
}

static size_t put_bool(char *at, const void *value)
{
	*at = *(const bool *)value ? 1 : 0;
	return 1;
}

static size_t put_int16(char *at, const void *value)
{
	return put16(at, (uint16_t)*(const int16_t *)value);
}

static size_t put_int32(char *at, const void *value)
{
	return put32(at, (uint32_t)*(const int32_t *)value);
}

static size_t put_int64(char *at, const void *value)
{
	return put64(at, (uint64_t)*(const int64_t *)value);
}

static size_t put_float(char *at, const void *value)
{
	uint32_t bits;

	memcpy(&bits, value, sizeof bits);
	return put32(at, bits);
}

static size_t put_double(char *at, const void *value)
{
	uint64_t bits;

	memcpy(&bits, value, sizeof bits);
	return put64(at, bits);
}

static size_t put_uuid(char *at, const void *value)
{
	memcpy(at, value, 16);
	return 16;
}

/* The extremes are infinities there as here. */
static size_t put_date(char *at, const void *value)
{
	int32_t days = ((const amph_date *)value)->days;

	if (days == INT32_MIN || days == INT32_MAX)
		return put32(at, (uint32_t)days);
	if (days < INT32_MIN + 1 + EPOCH_DAYS)
		return 0;
	return put32(at, (uint32_t)(days - EPOCH_DAYS));
}

static size_t put_time(char *at, const void *value)
{
	int64_t usec = ((const amph_time *)value)->usec;

	return usec < 0 || usec > 86400000000 ? 0 : put64(at, (uint64_t)usec);
}

static size_t put_timestamp(char *at, const void *value)
{
	int64_t usec = ((const amph_timestamp *)value)->usec;

	if (usec == INT64_MIN || usec == INT64_MAX)
		return put64(at, (uint64_t)usec);
	if (usec < INT64_MIN + 1 + EPOCH_USEC)
		return 0;
	return put64(at, (uint64_t)(usec - EPOCH_USEC));
}

static size_t put_interval(char *at, const void *value)
{
	const amph_interval *v = value;

	put64(at, (uint64_t)v->usec);
	put32(at + 8, (uint32_t)v->days);
	put32(at + 12, (uint32_t)v->months);
	return 16;
}

/* ---- types of variable length ---- */

static bool too_long(const amph_slot *slot, amph_error *err)
{
	return amph__error(err, "54000", "the value of \"%s\" is longer than a value may be, "
			   "1 GiB less 64 KiB", slot->name ? slot->name : "parameter");
}

static bool add(pg_conn *c, const void *data, size_t len, amph_error *err)
{
	amph__buf_add(&c->out, data, len);
	return !c->out.failed || amph__error_nomem(err);
}

static bool check_text(const amph_slot *slot, const char *text, size_t len, amph_error *err)
{
	if (len > PG_VALUE_MAX)
		return too_long(slot, err);
	if (!amph__utf8_valid(text, len))
		return amph__error(err, "22021", "the text of \"%s\" is not valid UTF-8",
				   slot->name ? slot->name : "parameter");
	return true;
}

static bool append_text(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *text = *(const char *const *)value;
	size_t len = strlen(text);

	return check_text(slot, text, len, err) && add(c, text, len, err);
}

static bool append_json(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *text = ((const amph_json *)value)->text;
	size_t len = strlen(text);

	return check_text(slot, text, len, err) && add(c, "\1", 1, err) && add(c, text, len, err);
}

static bool append_bytes(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const amph_bytes *v = value;

	return v->size > PG_VALUE_MAX ? too_long(slot, err) : add(c, v->data, v->size, err);
}

static const char *label_of(const amph_slot *slot, const void *value, amph_error *err)
{
	unsigned i = *(const unsigned *)value;

	if (slot->enumeration && i < slot->enumeration->n_labels)
		return slot->enumeration->labels[i];
	amph__error(err, "22P02", "%u is no label of enum \"%s\", which \"%s\" is of", i,
		    slot->enumeration ? slot->enumeration->name : "?",
		    slot->name ? slot->name : "parameter");
	return NULL;
}

static bool append_enum(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const char *label = label_of(slot, value, err);

	return label && add(c, label, strlen(label), err);
}

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xC000, NUMERIC_INF = 0xD000, NUMERIC_NINF = 0xF000 };

static bool add_numeric(pg_conn *c, const uint16_t head[4], const int16_t *digits, amph_error *err)
{
	size_t n = head[0];
	char *at = amph__buf_reserve(&c->out, 8 + 2 * n);

	if (!at)
		return amph__error_nomem(err);
	for (int i = 0; i < 4; i++)
		at += put16(at, head[i]);
	for (size_t i = 0; i < n; i++)
		at += put16(at, (uint16_t)digits[i]);
	c->out.len += 8 + 2 * n;
	return true;
}

/* v.units / 10^scale as digits to the base of 10000: those before the point, then groups of four
 * behind it. *weight is the power of the first. Returns their number, at most 10. */
static int small_digits(uint64_t units, int scale, int16_t *digits, int *weight)
{
	static const uint64_t pow10[] = {
		1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000,
		1000000000000000, 10000000000000000, 100000000000000000, 1000000000000000000
	};
	uint64_t whole = units / pow10[scale], part = units % pow10[scale];
	int16_t back[5];
	int n_back = 0, n = 0, skip = 0;

	for (; whole; whole /= 10000)
		back[n_back++] = (int16_t)(whole % 10000);
	*weight = n_back - 1;
	while (n_back > 0)
		digits[n++] = back[--n_back];
	for (int left = scale; left > 0; left -= 4) {
		int next = left > 4 ? left - 4 : 0;

		digits[n++] = (int16_t)(part / pow10[next] * (left < 4 ? pow10[4 - left] : 1));
		part %= pow10[next];
	}
	while (n > 0 && !digits[n - 1])
		n--;
	while (skip < n && !digits[skip])
		skip++;
	*weight -= skip;
	memmove(digits, digits + skip, (size_t)(n - skip) * sizeof *digits);
	return n - skip;
}

static bool append_small(pg_conn *c, const amph_slot *slot, amph_numeric v, amph_error *err)
{
	bool negative = v.v.units < 0;
	uint64_t units = negative ? 0 - (uint64_t)v.v.units : (uint64_t)v.v.units;
	int16_t digits[10];
	int weight;

	if (v.scale < 0 || v.scale > 18)
		return amph__error(err, "22003", "a small numeric has a scale of 0 to 18, that of \"%s\" is %d",
				   slot->name ? slot->name : "parameter", v.scale);
	int n = small_digits(units, v.scale, digits, &weight);
	uint16_t head[4] = { (uint16_t)n, (uint16_t)(n ? weight : 0),
			     n && negative ? NUMERIC_NEGATIVE : 0, (uint16_t)v.scale };
	return add_numeric(c, head, digits, err);
}

static bool append_large(pg_conn *c, const amph_slot *slot, amph_numeric v, amph_error *err)
{
	amph_decimal d;

	if (!amph__decimal_of(v, &d, &c->scratch, err))
		return false;
	if (d.n_digits > 40000 || d.weight > 32767 || d.weight < -32768 || d.dscale > 0x3FFF)
		return amph__error(err, "22003", "the value of \"%s\" overflows numeric format",
				   slot->name ? slot->name : "parameter");
	uint16_t head[4] = { (uint16_t)d.n_digits, (uint16_t)(int16_t)d.weight,
			     d.sign && d.n_digits ? NUMERIC_NEGATIVE : 0, (uint16_t)d.dscale };
	return add_numeric(c, head, d.digits, err);
}

static bool append_numeric(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	amph_numeric v = *(const amph_numeric *)value;

	switch ((amph_numeric_kind)v.kind) {
	case AMPH_NUMERIC_SMALL:
		return append_small(c, slot, v, err);
	case AMPH_NUMERIC_DIGITS:
		return append_large(c, slot, v, err);
	case AMPH_NUMERIC_NAN:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_NAN, 0 }, NULL, err);
	case AMPH_NUMERIC_INFINITY:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_INF, 0 }, NULL, err);
	case AMPH_NUMERIC_NEG_INFINITY:
		return add_numeric(c, (const uint16_t[]){ 0, 0, NUMERIC_NINF, 0 }, NULL, err);
	case AMPH_NUMERIC_INVALID:
		break;
	}
	return amph__error(err, "22P02", "the numeric of \"%s\" was made of text that is no number",
			   slot->name ? slot->name : "parameter");
}

#define OPT(name) sizeof(amph_opt_##name), offsetof(amph_opt_##name, has), false
#define POINTER(T) sizeof(T), 0, true

const pg_type amph__pg_types[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = { 16, 1000, 1, sizeof(bool), OPT(bool), put_bool, NULL },
	[AMPH_T_INT16] = { 21, 1005, 2, sizeof(int16_t), OPT(int16), put_int16, NULL },
	[AMPH_T_INT32] = { 23, 1007, 4, sizeof(int32_t), OPT(int32), put_int32, NULL },
	[AMPH_T_INT64] = { 20, 1016, 8, sizeof(int64_t), OPT(int64), put_int64, NULL },
	[AMPH_T_FLOAT] = { 700, 1021, 4, sizeof(float), OPT(float), put_float, NULL },
	[AMPH_T_DOUBLE] = { 701, 1022, 8, sizeof(double), OPT(double), put_double, NULL },
	[AMPH_T_NUMERIC] = { 1700, 1231, 0, sizeof(amph_numeric), OPT(numeric), NULL, append_numeric },
	[AMPH_T_TEXT] = { 25, 1009, 0, sizeof(char *), POINTER(char *), NULL, append_text },
	[AMPH_T_BYTES] = { 17, 1001, 0, sizeof(amph_bytes), POINTER(amph_bytes), NULL, append_bytes },
	[AMPH_T_UUID] = { 2950, 2951, 16, sizeof(amph_uuid), OPT(uuid), put_uuid, NULL },
	[AMPH_T_JSON] = { 3802, 3807, 0, sizeof(amph_json), POINTER(amph_json), NULL, append_json },
	[AMPH_T_DATE] = { 1082, 1182, 4, sizeof(amph_date), OPT(date), put_date, NULL },
	[AMPH_T_TIME] = { 1083, 1183, 8, sizeof(amph_time), OPT(time), put_time, NULL },
	[AMPH_T_TIMESTAMP] = { 1114, 1115, 8, sizeof(amph_timestamp), OPT(timestamp), put_timestamp,
			       NULL },
	[AMPH_T_TIMESTAMPTZ] = { 1184, 1185, 8, sizeof(amph_timestamptz), OPT(timestamptz),
				 put_timestamp, NULL },
	[AMPH_T_INTERVAL] = { 1186, 1187, 16, sizeof(amph_interval), OPT(interval), put_interval,
			      NULL },
	/* the database numbers an enum's type as it likes: the server finds it by the context */
	[AMPH_T_ENUM] = { 0, 0, 0, sizeof(unsigned), OPT(enum), NULL, append_enum },
	[AMPH_T_TSVECTOR] = { 3614, 3643, 0, 0, 0, 0, false, NULL, NULL },
	[AMPH_T_TSQUERY] = { 3615, 3645, 0, 0, 0, 0, false, NULL, NULL }
};

static int base_type(int type)
{
	return type & ~AMPH_T_NULLABLE & ~AMPH_T_ARRAY;
}

int amph__pg_type_of_oid(uint32_t oid)
{
	static const struct { uint32_t oid; uint8_t type; } others[] = {
		{ 1043, AMPH_T_TEXT }, { 1042, AMPH_T_TEXT }, { 19, AMPH_T_TEXT }, { 18, AMPH_T_TEXT },
		{ 705, AMPH_T_TEXT }, { 114, AMPH_T_JSON }, { 26, AMPH_T_INT64 },
		{ 1015, AMPH_T_TEXT | AMPH_T_ARRAY }, { 1003, AMPH_T_TEXT | AMPH_T_ARRAY },
		{ 1014, AMPH_T_TEXT | AMPH_T_ARRAY }
	};

	for (int i = 1; i < AMPH_T_COUNT; i++) {
		const pg_type *t = &amph__pg_types[i];

		if (!t->size || !t->oid)
			continue;
		if (t->oid == oid)
			return i;
		if (t->array_oid == oid)
			return i | AMPH_T_ARRAY;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (others[i].oid == oid)
			return others[i].type;
	return AMPH_T_NONE;
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

/* ---- arrays ---- */

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
			   slot->name ? slot->name : "parameter",
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

static bool append_fixed(pg_conn *c, const pg_type *t, const amph_slot *slot, const pg_strided *v,
			 bool *nulls, amph_error *err)
{
	size_t room, size = 4u + t->fixed;

	if (!amph__size_mul(v->n, size, &room) || room > PG_VALUE_MAX)
		return too_long(slot, err);
	char *start = amph__buf_reserve(&c->out, room), *at = start;
	if (!start)
		return amph__error_nomem(err);
	for (size_t i = 0; i < v->n; i++) {
		const char *value = row_at(v, i) + slot->offset;

		if (slot->nullable && !*(const bool *)(value + t->has_offset)) {
			*nulls = true;
			at += put32(at, UINT32_MAX);
			continue;
		}
		size_t len = t->put(at + 4, value);
		if (!len)
			return out_of_range(slot, err);
		put32(at, (uint32_t)len);
		at += 4 + len;
	}
	c->out.len += (size_t)(at - start);
	return true;
}

static bool append_array(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err);

/* One value that is not NULL, without its length. */
static bool append_plain(pg_conn *c, const amph_slot *slot, const void *value, amph_error *err)
{
	const pg_type *t = &amph__pg_types[base_type(slot->type)];

	if (slot->type & AMPH_T_ARRAY)
		return append_array(c, slot, value, err);
	if (!t->put && !t->append)
		return amph__error(err, "0A000", "\"%s\" is of a type that no value in C has",
				   slot->name ? slot->name : "parameter");
	if (!t->put)
		return t->append(c, slot, value, err);
	char *at = amph__buf_reserve(&c->out, t->fixed);
	if (!at)
		return amph__error_nomem(err);
	size_t len = t->put(at, value);
	c->out.len += len;
	return len || out_of_range(slot, err);
}

bool amph__pg_append(pg_conn *c, const amph_slot *slot, const void *row, amph_error *err)
{
	const char *value = (const char *)row + slot->offset;
	const pg_type *t = &amph__pg_types[base_type(slot->type)];
	size_t mark = c->out.len;

	if (is_null(t, slot, value))
		return add(c, "\xff\xff\xff\xff", 4, err);
	if (t->put && !(slot->type & AMPH_T_ARRAY)) {
		char *at = amph__buf_reserve(&c->out, 4u + t->fixed);
		size_t put = at ? t->put(at + 4, value) : 0;

		if (!put)
			return at ? out_of_range(slot, err) : amph__error_nomem(err);
		put32(at, (uint32_t)put);
		c->out.len += 4 + put;
		return true;
	}
	if (!add(c, "\0\0\0\0", 4, err) || !append_plain(c, slot, value, err))
		return false;
	size_t len = c->out.len - mark - 4;
	if (len > PG_VALUE_MAX)
		return too_long(slot, err);
	put32(c->out.text + mark, (uint32_t)len);
	return true;
}

/* An array in binary: dimensions 1, whether NULLs are in it, the type of items, n, the first index. */
static bool append_items(pg_conn *c, const amph_slot *item, uint32_t oid, const pg_strided *v,
			 amph_error *err)
{
	const pg_type *t = &amph__pg_types[base_type(item->type)];
	size_t mark = c->out.len;
	bool nulls = false;

	if (v->n > INT32_MAX)
		return too_long(item, err);
	char *at = amph__buf_reserve(&c->out, 20);
	if (!at)
		return amph__error_nomem(err);
	at += put32(at, v->n > 0);
	at += put32(at, 0);
	at += put32(at, oid);
	at += put32(at, (uint32_t)v->n);
	put32(at, 1);
	c->out.len += v->n ? 20 : 12;
	if (t->put && !append_fixed(c, t, item, v, &nulls, err))
		return false;
	for (size_t i = 0; !t->put && i < v->n; i++) {
		const char *row = row_at(v, i);

		nulls |= is_null(t, item, row + item->offset);
		if (!amph__pg_append(c, item, row, err))
			return false;
	}
	if (c->out.len - mark > PG_VALUE_MAX)
		return too_long(item, err);
	put32(c->out.text + mark + 4, nulls);
	return true;
}

/* Text that an array's text takes as one item. */
static bool add_quoted(pg_conn *c, const char *text, size_t len, amph_error *err)
{
	amph__buf_putc(&c->out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			amph__buf_putc(&c->out, '\\');
		amph__buf_putc(&c->out, text[i]);
	}
	amph__buf_putc(&c->out, '"');
	return !c->out.failed || amph__error_nomem(err);
}

/* An array of labels goes as text, since binary wants the number of the enum's type. */
static bool append_labels(pg_conn *c, const amph_slot *item, const pg_strided *v, amph_error *err)
{
	const pg_type *t = &amph__pg_types[AMPH_T_ENUM];

	amph__buf_putc(&c->out, '{');
	for (size_t i = 0; i < v->n; i++) {
		const char *value = row_at(v, i) + item->offset, *label;

		if (i)
			amph__buf_putc(&c->out, ',');
		if (is_null(t, item, value)) {
			amph__buf_puts(&c->out, "NULL");
			continue;
		}
		label = label_of(item, value, err);
		if (!label || !add_quoted(c, label, strlen(label), err))
			return false;
	}
	amph__buf_putc(&c->out, '}');
	return !c->out.failed || amph__error_nomem(err);
}

/* The items of the array at value, and the slot that describes one of them. */
static pg_strided items_of(const amph_slot *slot, const void *value, amph_slot *item)
{
	const pg_type *t = &amph__pg_types[base_type(slot->type)];
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

/* A column of arrays: their texts, each checked as what it is before. */
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

		if (is_null(NULL, slot, value))
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

static bool encode_value(pg_conn *c, const amph_sqltype *want, const amph_slot *slot,
			 const char *row, pg_value *out, amph_error *err)
{
	const char *value = row + slot->offset;
	int type = slot->type & ~AMPH_T_NULLABLE;
	size_t len;

	/* a value whose type the text leaves open is a string constant */
	*out = (pg_value){ .len = -1, .format = want->type != AMPH_T_NONE };
	if (type == AMPH_T_NONE || is_null(&amph__pg_types[base_type(type)], slot, value))
		return true;
	if (type == AMPH_T_TEXT) {
		out->direct = *(const char *const *)(const void *)value;
		len = strlen(out->direct);
		out->len = (int)len;
		return check_text(slot, out->direct, len, err);
	}
	if (type == AMPH_T_BYTES && want->type != AMPH_T_NONE) {
		const amph_bytes *bytes = (const void *)value;

		out->direct = bytes->data;
		out->len = (int)bytes->size;
		return bytes->size <= PG_VALUE_MAX || too_long(slot, err);
	}
	out->at = c->out.len;
	if (want->type == AMPH_T_NONE) {
		amph__slot_format(slot, row, &c->out);
		if (c->out.failed)
			return amph__error_nomem(err);
	} else if (!append_plain(c, slot, value, err)) {
		return false;
	}
	len = c->out.len - out->at;
	out->len = (int)len;
	if (type == (AMPH_T_ENUM | AMPH_T_ARRAY))
		out->format = 0;
	return len <= PG_VALUE_MAX || too_long(slot, err);
}

static bool encode_column(pg_conn *c, const amph_slot *slot, const amph_arg *arg, pg_value *out,
			  amph_error *err)
{
	pg_strided v = { .base = arg->base, .rows = arg->rows, .n = arg->n_rows,
			 .stride = arg->stride };
	int type = slot->type & ~AMPH_T_NULLABLE;
	bool ok;

	*out = (pg_value){ .at = c->out.len, .format = 1 };
	if (type & AMPH_T_ARRAY) {
		ok = append_array_texts(c, slot, &v, err);
	} else if (type == AMPH_T_ENUM) {
		out->format = 0;
		ok = append_labels(c, slot, &v, err);
	} else {
		ok = append_items(c, slot, amph__pg_types[type].oid, &v, err);
	}
	if (ok && c->out.len - out->at > PG_VALUE_MAX)
		return too_long(slot, err);
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
	if (c->scratch.used)
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
		return amph__error(err, "54000", "the parameters of a statement are at most 1 GiB less 64 KiB "
				   "together; send fewer rows at once");
	return true;
}
