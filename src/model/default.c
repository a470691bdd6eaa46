/* The default values of models: checked once, so that an insert cannot fail for them. */
#include "compile.h"
#include "value.h"
#include <string.h>

#define BIT(type) (1u << (type))
#define INTEGERS (BIT(AMPH_T_INT16) | BIT(AMPH_T_INT32) | BIT(AMPH_T_INT64))
#define FLOATS (BIT(AMPH_T_FLOAT) | BIT(AMPH_T_DOUBLE))

/* Of which types a column may be whose default is of this type. Text is read, by any. */
static const uint32_t takers[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = BIT(AMPH_T_BOOL),
	[AMPH_T_INT16] = INTEGERS | FLOATS | BIT(AMPH_T_NUMERIC),
	[AMPH_T_INT32] = INTEGERS | FLOATS | BIT(AMPH_T_NUMERIC),
	[AMPH_T_INT64] = INTEGERS | FLOATS | BIT(AMPH_T_NUMERIC) | BIT(AMPH_T_ENUM),
	[AMPH_T_FLOAT] = FLOATS,
	[AMPH_T_DOUBLE] = FLOATS,
	[AMPH_T_NUMERIC] = BIT(AMPH_T_NUMERIC) | FLOATS,
	[AMPH_T_TEXT] = UINT32_MAX,
	[AMPH_T_BYTES] = BIT(AMPH_T_BYTES),
	[AMPH_T_UUID] = BIT(AMPH_T_UUID),
	[AMPH_T_JSON] = BIT(AMPH_T_JSON),
	[AMPH_T_DATE] = BIT(AMPH_T_DATE),
	[AMPH_T_TIME] = BIT(AMPH_T_TIME),
	[AMPH_T_TIMESTAMP] = BIT(AMPH_T_TIMESTAMP),
	[AMPH_T_TIMESTAMPTZ] = BIT(AMPH_T_TIMESTAMPTZ),
	[AMPH_T_INTERVAL] = BIT(AMPH_T_INTERVAL),
	[AMPH_T_ENUM] = BIT(AMPH_T_ENUM)
};

/* Room for a value of any type. */
typedef union any_value {
	int64_t i;
	double f;
	const char *s;
	amph_numeric numeric;
	amph_bytes bytes;
	amph_uuid uuid;
	amph_interval interval;
	amph_text_array array;
} any_value;

static bool label_of(const amph_enum_type *e, const char *text, unsigned *out)
{
	for (size_t i = 0; e && i < e->n_labels; i++)
		if (!strcmp(e->labels[i], text)) {
			*out = (unsigned)i;
			return true;
		}
	return false;
}

static bool read_text(const amph_mapped_column *col, const char *text, void *out,
		      amph_arena *arena, amph_error *err)
{
	int base = col->slot.type & ~AMPH_T_ARRAY;
	size_t len = strlen(text);
	unsigned label = 0;

	if (col->slot.type & AMPH_T_ARRAY)
		return amph__array_parse(base, col->type.enumeration, text, len, out, arena, err);
	if (base == AMPH_T_TEXT) {
		memcpy(out, &text, sizeof text);
		return true;
	}
	if (base != AMPH_T_ENUM)
		return amph__types[base].parse(text, len, out, arena, err);
	if (!label_of(col->type.enumeration, text, &label))
		return amph__error(err, "22P02", "\"%s\" is none of the labels", text);
	memcpy(out, &label, sizeof(label));
	return true;
}

/* An integer to an enum is the number of a label, which is no cast of SQL. */
static bool read_label(const amph_mapped_column *col, int64_t number, void *out, amph_error *err)
{
	const amph_enum_type *e = col->type.enumeration;
	unsigned label = (unsigned)number;

	if (number < 0 || !e || (uint64_t)number >= e->n_labels)
		return amph__error(err, "22P02", "%lld is not the number of a label",
				   (long long)number);
	memcpy(out, &label, sizeof(label));
	return true;
}

/* The integers of an amph_value are all int64_t, its floats double. */
static int wide_type(int type)
{
	if (type == AMPH_T_INT16 || type == AMPH_T_INT32)
		return AMPH_T_INT64;
	return type == AMPH_T_FLOAT ? AMPH_T_DOUBLE : type;
}

bool amph__default_read(const amph_mapped_column *col, void *out, amph_arena *arena, amph_error *err)
{
	const amph_value *v = &col->decl->default_value;

	if (v->type == AMPH_T_TEXT)
		return v->v.s ? read_text(col, v->v.s, out, arena, err)
			: amph__error(err, "22004", "the text is NULL");
	if (col->slot.type == AMPH_T_ENUM)
		return read_label(col, v->v.i, out, err);
	return amph__convert(wide_type((int)v->type), &v->v, col->slot.type, out, arena, err);
}

static bool is_choice(const amph_column *decl, const char *text)
{
	for (size_t i = 0; decl->choices[i]; i++)
		if (!strcmp(decl->choices[i], text))
			return true;
	return false;
}

/* Length, precision and encoding are judged as those of a value that is sent. */
static void check_value(amph_compiler *c, amph_draft *d, const amph_mapped_column *col,
			amph_arena *arena)
{
	amph_slot slot = { .type = col->slot.type, .enumeration = col->slot.enumeration };
	amph_error err;
	any_value value = { 0 };

	amph__error_clear(&err);
	if (!amph__default_read(col, &value, arena, &err) ||
	    !amph__slot_check(&slot, &col->type, &value, d->model->table, col->name, &err))
		amph__mistake_error(c, d, col->name, "default_value", &err);
	else if (col->decl->choices && col->slot.type == AMPH_T_TEXT && !is_choice(col->decl, value.s))
		amph__mistake(c, d, col->name, "23514",
			      "default_value: \"%s\" is none of the choices", value.s);
}

/* Of the library's own functions it is known what they write. */
static void check_function(amph_compiler *c, amph_draft *d, const amph_mapped_column *col,
			   amph_default_fn *fn, const char *what)
{
	bool time = col->slot.type == AMPH_T_TIMESTAMPTZ || col->slot.type == AMPH_T_TIMESTAMP;

	if (fn == amph_now && !time)
		amph__mistake(c, d, col->name, "42804", "%s: amph_now is for members of type "
			      "amph_timestamptz or amph_timestamp", what);
	else if ((fn == amph_uuid_v4 || fn == amph_uuid_v7) && col->slot.type != AMPH_T_UUID)
		amph__mistake(c, d, col->name, "42804", "%s: amph_uuid_v4 and amph_uuid_v7 are for "
			      "members of type amph_uuid", what);
}

void amph__check_default(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	int type = (int)col->decl->default_value.type;
	bool taken = type > AMPH_T_NONE && type < AMPH_T_COUNT;
	amph_arena scratch;

	check_function(c, d, col, col->decl->default_fn, "default_fn");
	check_function(c, d, col, col->decl->on_update, "on_update");
	if (type == AMPH_T_NONE)
		return;
	if (taken && (col->slot.type & AMPH_T_ARRAY))
		taken = type == AMPH_T_TEXT;
	else if (taken)
		taken = (takers[type] & BIT(col->slot.type)) != 0;
	if (!taken) {
		char name[80];

		amph__mistake(c, d, col->name, "42804", "default_value is of another type: give one "
			      "of type %s, or its text", amph__type_name(col->type, name, sizeof name));
		return;
	}
	if (col->slot.type == AMPH_T_ENUM && !col->type.enumeration)
		return;
	amph__arena_init(&scratch, c->arena->allocator);
	check_value(c, d, col, &scratch);
	amph__arena_clear(&scratch);
}
