/* Values where structs keep them: whether they are NULL, equal, fit for their column. */
#include "array.h"
#include "calendar.h"
#include "json.h"
#include "../base/utf8.h"
#include <math.h>

bool amph__slot_value_is_null(const amph_slot *slot, const void *value)
{
	if ((slot->type & AMPH_T_ARRAY) != 0)
		return amph__array_items(value).items == NULL;
	const amph_type_info *info = &amph__types[slot->type];
	if (!info->is_pointer)
		return slot->nullable && !*(const bool *)((const char *)value + info->has_offset);
	if (slot->type == AMPH_T_BYTES)
		return ((const amph_bytes *)value)->data == NULL;
	if (slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON)
		return *(const char *const *)value == NULL;
	return false;
}

#define SAME_BYTES(name, n)                                                                    \
	static bool name(const void *a, const void *b) { return memcmp(a, b, n) == 0; }
SAME_BYTES(same_1, 1)
SAME_BYTES(same_2, 2)
SAME_BYTES(same_4, 4)
SAME_BYTES(same_8, 8)
SAME_BYTES(same_16, 16)

/* 0 and -0 are two values here: a change from one to the other is to be written. */
static bool same_float(const void *a, const void *b)
{
	return same_4(a, b) || (isnan(*(const float *)a) && isnan(*(const float *)b));
}

static bool same_double(const void *a, const void *b)
{
	return same_8(a, b) || (isnan(*(const double *)a) && isnan(*(const double *)b));
}

/* By value: 9.5 in a numeric(10,2) that came back as 9.50 is no change. */
static bool same_numeric(const void *a, const void *b)
{
	const amph_numeric *x = a, *y = b;
	if (x->kind == AMPH_NUMERIC_SMALL && y->kind == AMPH_NUMERIC_SMALL && x->scale == y->scale)
		return x->v.units == y->v.units;
	return amph_numeric_compare(*x, *y) == 0;
}

static bool same_text(const void *a, const void *b)
{
	const char *x = *(const char *const *)a, *y = *(const char *const *)b;
	return x == y || strcmp(x, y) == 0;
}

static bool same_bytes(const void *a, const void *b)
{
	const amph_bytes *x = a, *y = b;
	return x->size == y->size && (x->data == y->data || memcmp(x->data, y->data, x->size) == 0);
}

static bool is_json_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* But for white space between the tokens. */
static bool same_json(const void *a, const void *b)
{
	const char *x = ((const amph_json *)a)->text, *y = ((const amph_json *)b)->text;
	bool in_string = false;
	if (x == y)
		return true;
	for (;; x++, y++) {
		while (!in_string && is_json_space(*x))
			x++;
		while (!in_string && is_json_space(*y))
			y++;
		if (*x != *y)
			return false;
		if (*x == '\0')
			return true;
		if (in_string && *x == '\\' && x[1] == y[1] && x[1] != '\0') {
			x++;
			y++;
		} else if (*x == '"') {
			in_string = !in_string;
		}
	}
}

static bool (*const same[AMPH_T_COUNT])(const void *, const void *) = {
	[AMPH_T_BOOL] = same_1, [AMPH_T_INT16] = same_2, [AMPH_T_INT32] = same_4,
	[AMPH_T_INT64] = same_8, [AMPH_T_FLOAT] = same_float, [AMPH_T_DOUBLE] = same_double,
	[AMPH_T_NUMERIC] = same_numeric, [AMPH_T_TEXT] = same_text, [AMPH_T_BYTES] = same_bytes,
	[AMPH_T_UUID] = same_16, [AMPH_T_JSON] = same_json, [AMPH_T_DATE] = same_4,
	[AMPH_T_TIME] = same_8, [AMPH_T_TIMESTAMP] = same_8, [AMPH_T_TIMESTAMPTZ] = same_8,
	[AMPH_T_INTERVAL] = same_16, [AMPH_T_ENUM] = same_4,
};

static bool same_items(const amph_slot *slot, const void *a, const void *b)
{
	amph_slot element = amph__element_slot(slot->type, slot->enumeration);
	amph_items x = amph__array_items(a), y = amph__array_items(b);
	size_t stride = amph__types[element.type].opt_size;
	if (x.n != y.n || x.items == y.items)
		return x.n == y.n;
	for (size_t i = 0; i < x.n; i++) {
		if (!amph__slot_equal(&element, (const char *)x.items + i * stride,
				      (const char *)y.items + i * stride))
			return false;
	}
	return true;
}

bool amph__slot_equal(const amph_slot *slot, const void *a, const void *b)
{
	const void *x = amph__slot_value(slot, a), *y = amph__slot_value(slot, b);
	bool array = (slot->type & AMPH_T_ARRAY) != 0;
	if (slot->nullable || array || amph__types[slot->type].is_pointer) {
		bool null = amph__slot_is_null(slot, a);
		if (null != amph__slot_is_null(slot, b))
			return false;
		/* a value beside .has = false is the program's mistake: no change, it would pass unseen */
		if (null)
			return array || amph__types[slot->type].is_pointer ||
			       memcmp(x, y, amph__types[slot->type].size) == 0;
	}
	if (array)
		return same_items(slot, x, y);
	return same[slot->type] != NULL && same[slot->type](x, y);
}

void amph__slot_format(const amph_slot *slot, const void *base, amph_buf *out)
{
	const void *value = amph__slot_value(slot, base);
	if ((slot->type & AMPH_T_ARRAY) != 0) {
		amph__array_write(slot->type, slot->enumeration, value, out);
		return;
	}
	if (amph__types[slot->type].format != NULL) {
		amph__types[slot->type].format(value, out);
		return;
	}
	if (slot->type != AMPH_T_ENUM)
		return;
	unsigned member = *(const unsigned *)value;
	const char *label = amph__enum_label(slot->enumeration, member);
	if (label != NULL)
		amph__buf_puts(out, label);
	else
		amph__buf_printf(out, "%u", member);
}

/* What a check may need to know. */
typedef struct check {
	const amph_sqltype *type;
	const amph_enum_type *enumeration;
	amph_error *err;
} check;

/* PostgreSQL cuts off spaces that are too many, and only them. */
static bool check_text(const check *c, const void *value)
{
	const char *text = *(const char *const *)value;
	size_t len = strlen(text);
	int32_t limit = c->type->length;
	if (!amph__utf8_valid(text, len))
		return amph__error(c->err, "22021", "invalid byte sequence for encoding \"UTF8\"");
	if (limit <= 0 || len <= (size_t)limit || amph__utf8_count(text, len) <= (size_t)limit)
		return true;
	size_t solid = len;
	while (solid > 0 && text[solid - 1] == ' ')
		solid--;
	return amph__utf8_count(text, solid) <= (size_t)limit ||
	       amph__error(c->err, "22001", "value too long for type character varying(%d)", limit);
}

static bool check_json(const check *c, const void *value)
{
	const char *text = ((const amph_json *)value)->text;
	return amph__utf8_valid(text, strlen(text)) ||
	       amph__error(c->err, "22021", "invalid byte sequence for encoding \"UTF8\"");
}

/* Of an array each is checked in full: databases that keep arrays as text would not look into them. */
static bool check_json_item(const check *c, const void *value)
{
	const char *text = ((const amph_json *)value)->text;
	size_t len = strlen(text);
	amph_arena arena;
	if (!check_json(c, value))
		return false;
	if (amph__json_is_normal(text, len))
		return true;
	amph__arena_init(&arena, &amph__libc_allocator);
	bool ok = amph__json_parse(text, len, &arena, c->err) != NULL;
	amph__arena_clear(&arena);
	return ok;
}

static bool check_numeric(const check *c, const void *value)
{
	amph_numeric n = *(const amph_numeric *)value;
	int precision = c->type->length, scale = c->type->scale;
	if (!amph__numeric_is_valid(n))
		return amph__error(c->err, "22P02", "invalid value for type numeric: not a number, or "
				   "one with an exponent and more than 18 digits");
	if (precision <= 0 || amph__numeric_fits(n, precision, scale))
		return true;
	return amph__error(c->err, "22003", "numeric field overflow: numeric(%d,%d) holds absolute "
			   "values below 10^%d", precision, scale, precision - scale);
}

static bool check_enum(const check *c, const void *value)
{
	unsigned member = *(const unsigned *)value;
	if (amph__enum_label(c->enumeration, member) != NULL)
		return true;
	return amph__error(c->err, "22P02", "%u is no member of enum %s", member,
			   c->enumeration != NULL ? c->enumeration->name : "without labels");
}

static bool check_date(const check *c, const void *value)
{
	int32_t days = ((const amph_date *)value)->days;
	return (days >= AMPH_DATE_MIN && days <= AMPH_DATE_MAX) || days == INT32_MAX ||
	       days == INT32_MIN || amph__error(c->err, "22008", "date out of range");
}

static bool check_time(const check *c, const void *value)
{
	int64_t usec = ((const amph_time *)value)->usec;
	return (usec >= 0 && usec <= AMPH_USEC_DAY) ||
	       amph__error(c->err, "22008", "time out of range");
}

static bool check_timestamp(const check *c, const void *value)
{
	int64_t usec = ((const amph_timestamp *)value)->usec;
	return usec >= AMPH_TIMESTAMP_MIN || usec == INT64_MIN ||
	       amph__error(c->err, "22008", "timestamp out of range");
}

static bool check_timestamptz(const check *c, const void *value)
{
	amph_timestamp utc = { ((const amph_timestamptz *)value)->usec };
	return check_timestamp(c, &utc);
}

static bool (*const checks[AMPH_T_COUNT])(const check *, const void *) = {
	[AMPH_T_TEXT] = check_text, [AMPH_T_JSON] = check_json, [AMPH_T_NUMERIC] = check_numeric,
	[AMPH_T_ENUM] = check_enum, [AMPH_T_DATE] = check_date, [AMPH_T_TIME] = check_time,
	[AMPH_T_TIMESTAMP] = check_timestamp, [AMPH_T_TIMESTAMPTZ] = check_timestamptz,
};

static bool check_items(const check *c, int type, const void *value)
{
	amph_slot slot = amph__element_slot(type, c->enumeration);
	amph_items array = amph__array_items(value);
	size_t stride = amph__types[slot.type].opt_size;
	bool (*check_item)(const struct check *, const void *) =
		slot.type == AMPH_T_JSON ? check_json_item : checks[slot.type];
	for (size_t i = 0; check_item != NULL && i < array.n; i++) {
		const char *item = (const char *)array.items + i * stride;
		if (!amph__slot_is_null(&slot, item) && !check_item(c, item))
			return false;
	}
	return true;
}

static bool is_zero(const void *value, size_t size)
{
	static const char zeros[16] = { 0 };
	return memcmp(value, zeros, size) == 0;
}

static bool check_null(const check *c, const amph_slot *slot, const void *value,
		       const char *table, const char *column)
{
	const amph_type_info *info = &amph__types[slot->type & ~AMPH_T_ARRAY];
	bool opt = (slot->type & AMPH_T_ARRAY) == 0 && !info->is_pointer;
	if (opt && !is_zero(value, info->size))
		return amph__error_misuse(c->err, "\"%s\" of \"%s\" has a value but .has is false: "
					  "assign AMPH_SOME(x), or all of it for NULL", column, table);
	return c->type->nullable ||
	       amph__error(c->err, "23502", "null value in column \"%s\" of relation \"%s\" "
			   "violates not-null constraint", column, table);
}

static bool is_plainly_numeric(const amph_sqltype *type, const amph_numeric *n)
{
	int64_t limit;
	if (n->kind != AMPH_NUMERIC_SMALL || n->scale != type->scale || n->scale < 0 || n->scale > 18 ||
	    type->length <= 0 || type->length > 18)
		return false;
	limit = (int64_t)amph__pow10[type->length];
	return n->v.units < limit && n->v.units > -limit;
}

static bool is_plain_text(const amph_sqltype *type, const char *text)
{
	if (text == NULL)
		return type->nullable;
	size_t len = strlen(text);
	return (type->length <= 0 || len <= (size_t)type->length) && amph__utf8_valid(text, len);
}

bool amph__slot_is_plain(const amph_slot *slot, const amph_sqltype *type, const void *base)
{
	const void *value = amph__slot_value(slot, base);
	if (slot->type == AMPH_T_TEXT || slot->type == AMPH_T_JSON)
		return is_plain_text(type, *(const char *const *)value);
	if (slot->nullable && amph__slot_is_null(slot, base))
		return slot->type < AMPH_T_COUNT && type->nullable &&
		       is_zero(value, amph__types[slot->type].size);
	switch (slot->type) {
	case AMPH_T_NUMERIC:
		return is_plainly_numeric(type, value);
	case AMPH_T_TIMESTAMP:
	case AMPH_T_TIMESTAMPTZ:
		return *(const int64_t *)value >= AMPH_TIMESTAMP_MIN;
	default:
		return !amph__slot_needs_check(&(amph_slot){ .type = slot->type });
	}
}

bool amph__slot_check(const amph_slot *slot, const amph_sqltype *type, const void *base,
		      const char *table, const char *column, amph_error *err)
{
	const void *value = amph__slot_value(slot, base);
	check c = { type, type->enumeration != NULL ? type->enumeration : slot->enumeration, err };
	bool ok = true;
	if (amph__slot_is_null(slot, base))
		ok = check_null(&c, slot, value, table, column);
	else if ((slot->type & AMPH_T_ARRAY) != 0)
		ok = check_items(&c, slot->type, value);
	else if (checks[slot->type] != NULL)
		ok = checks[slot->type](&c, value);
	if (!ok)
		amph__error_names(err, table, column, NULL);
	return ok;
}
