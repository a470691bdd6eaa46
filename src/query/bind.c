/* Values of expressions as arguments of statements.
 *
 * A C value takes the type of what it stands beside, as a literal would in SQL: an integer beside
 * a smallint is sent as one, so that indexes serve and both databases compare alike, and one that
 * does not fit is 22003. Where the node already holds the right form nothing is copied. */
#include "bind.h"
#include "../model/value.h"
#include <string.h>

#define PLAIN(T) [AMPH_T_##T] = { .type = AMPH_T_##T }
#define OPTIONAL(T) [AMPH_T_##T] = { .type = AMPH_T_##T, .nullable = true }
#define ARRAY(T) [AMPH_T_##T] = { .type = AMPH_T_##T | AMPH_T_ARRAY }
#define EACH(X)                                                                                  \
	X(BOOL), X(INT16), X(INT32), X(INT64), X(FLOAT), X(DOUBLE), X(NUMERIC), X(TEXT),         \
	X(BYTES), X(UUID), X(JSON), X(DATE), X(TIME), X(TIMESTAMP), X(TIMESTAMPTZ), X(INTERVAL)
static const amph_slot plain_slots[AMPH_T_COUNT] = { EACH(PLAIN) };
static const amph_slot optional_slots[AMPH_T_COUNT] = { EACH(OPTIONAL) };
static const amph_slot array_slots[AMPH_T_COUNT] = { EACH(ARRAY) };
/* All-zero is NULL of every type that says NULL by itself, and of every amph_opt_*. */
static const union { int64_t align; char bytes[64]; } null_value;

static bool is_integer(unsigned type)
{
	return type == AMPH_T_INT16 || type == AMPH_T_INT32 || type == AMPH_T_INT64;
}

static bool is_number(unsigned type)
{
	return is_integer(type) || type == AMPH_T_NUMERIC || type == AMPH_T_FLOAT ||
	       type == AMPH_T_DOUBLE;
}

/* What a literal would be: the least of integer and bigint that holds it. */
static unsigned literal_integer(const amph_node *node)
{
	if (node->flags & AMPH_NODE_UNSIGNED)
		return AMPH_T_NUMERIC;
	return node->v.i >= INT32_MIN && node->v.i <= INT32_MAX ? AMPH_T_INT32 : AMPH_T_INT64;
}

static bool can_parse(unsigned type)
{
	return type != AMPH_T_NONE && type < AMPH_T_COUNT && amph__types[type].parse;
}

static unsigned target_type(const amph_node *node, unsigned want)
{
	switch (node->type) {
	case AMPH_T_INT64:
		return is_number(want) || want == AMPH_T_BOOL || want == AMPH_T_ENUM ?
			want : literal_integer(node);
	case AMPH_T_DOUBLE:
		return want == AMPH_T_FLOAT ? want : AMPH_T_DOUBLE;
	case AMPH_T_TEXT:
		return want == AMPH_T_ENUM || can_parse(want) ? want : AMPH_T_TEXT;
	default:
		return node->type;
	}
}

static const amph_slot *slot_of(amph_query_buf *b, const amph_sqltype *type, bool null)
{
	unsigned base = type->type & ~(unsigned)AMPH_T_ARRAY;
	amph_slot *slot;

	if (base != AMPH_T_ENUM && base < AMPH_T_COUNT) {
		if (type->type & AMPH_T_ARRAY)
			return &array_slots[base];
		return null ? &optional_slots[base] : &plain_slots[base];
	}
	slot = AMPH_NEW(&b->values, amph_slot);
	if (slot) {
		slot->type = type->type;
		slot->nullable = null && !(type->type & AMPH_T_ARRAY);
		slot->enumeration = type->enumeration;
	}
	return slot;
}

static bool one_row(amph_query_buf *b, const amph_sqltype *type, bool null, const void *base,
		    amph_arg *arg, amph_error *err)
{
	const amph_slot *slot = slot_of(b, type, null);

	if (!slot || !base)
		return amph__error_nomem(err);
	*arg = (amph_arg){ .n_slots = 1, .n_rows = 1, .slots = slot, .base = base };
	return true;
}

/* ---- the C form of a value ---- */
static bool enum_of_text(const amph_enum_type *e, const char *text, unsigned *out, amph_error *err)
{
	for (size_t i = 0; e && i < e->n_labels; i++) {
		if (strcmp(e->labels[i], text) == 0) {
			*out = (unsigned)i;
			return true;
		}
	}
	return amph__error(err, "22P02", "invalid input value for enum %s", e ? e->name : "type");
}

static bool enum_of_number(const amph_node *node, const amph_enum_type *e, unsigned *out,
			   amph_error *err)
{
	if (!e || node->flags & AMPH_NODE_UNSIGNED || node->v.i < 0 ||
	    (uint64_t)node->v.i >= e->n_labels)
		return amph__error(err, "22P02", "an integer that is no label's number for enum %s",
				   e ? e->name : "type");
	*out = (unsigned)node->v.i;
	return true;
}

static bool bool_of_number(const amph_node *node, bool *out, amph_error *err)
{
	if (node->v.i != 0 && node->v.i != 1)
		return amph__error(err, "42804", "an integer other than 0 and 1 beside a boolean");
	*out = node->v.i == 1;
	return true;
}

/* An unsigned integer beyond bigint, as a numeric. */
static bool numeric_of_unsigned(amph_query_buf *b, const amph_node *node, amph_numeric *out,
				amph_error *err)
{
	const char *text = amph__arena_printf(&b->values, "%llu", (unsigned long long)node->v.u);

	if (!text)
		return amph__error_nomem(err);
	*out = amph_numeric_parse(text);
	return true;
}

static bool convert_integer(amph_query_buf *b, const amph_node *node, const amph_sqltype *type,
			    void *out, amph_error *err)
{
	amph_numeric numeric;

	if (type->type == AMPH_T_ENUM)
		return enum_of_number(node, type->enumeration, out, err);
	if (type->type == AMPH_T_BOOL)
		return bool_of_number(node, out, err);
	if (!(node->flags & AMPH_NODE_UNSIGNED))
		return amph__convert(AMPH_T_INT64, &node->v.i, type->type, out, &b->values, err);
	if (is_integer(type->type))
		return amph__error(err, "22003", "bigint out of range");
	if (!numeric_of_unsigned(b, node, &numeric, err))
		return false;
	if (type->type == AMPH_T_NUMERIC) {
		memcpy(out, &numeric, sizeof(numeric));
		return true;
	}
	return amph__convert(AMPH_T_NUMERIC, &numeric, type->type, out, &b->values, err);
}

static bool convert_text(amph_query_buf *b, const amph_node *node, const amph_sqltype *type,
			 void *out, amph_error *err)
{
	if (type->type == AMPH_T_ENUM)
		return enum_of_text(type->enumeration, node->v.s, out, err);
	return amph__types[type->type].parse(node->v.s, strlen(node->v.s), out, &b->values, err);
}

/* Of the values that are held otherwise than their C form, or in both unions. */
static void copy_value(const amph_node *node, void *out)
{
	switch (node->type) {
	case AMPH_T_BOOL:
		*(bool *)out = node->v.i != 0;
		break;
	case AMPH_T_DATE:
		*(amph_date *)out = (amph_date){ (int32_t)node->v.i };
		break;
	default:
		memcpy(out, (const char *)node + offsetof(amph_node, of), 16);
	}
}

static bool is_in_v(unsigned type)
{
	return type == AMPH_T_INT64 || type == AMPH_T_DOUBLE || type == AMPH_T_TEXT ||
	       type == AMPH_T_JSON || type == AMPH_T_TIME || type == AMPH_T_TIMESTAMP ||
	       type == AMPH_T_TIMESTAMPTZ;
}

static const void *value_at(amph_query_buf *b, const amph_node *node, const amph_sqltype *type,
			    amph_error *err)
{
	void *out;
	bool ok = true;

	if (node->type == type->type && is_in_v(node->type) && !(node->flags & AMPH_NODE_UNSIGNED))
		return &node->v;
	out = amph__arena_zero(&b->values, sizeof(null_value));
	if (!out) {
		amph__error_nomem(err);
		return NULL;
	}
	if (node->type == AMPH_T_INT64)
		ok = convert_integer(b, node, type, out, err);
	else if (node->type == AMPH_T_TEXT)
		ok = convert_text(b, node, type, out, err);
	else if (node->type == AMPH_T_DOUBLE)
		ok = amph__convert(AMPH_T_DOUBLE, &node->v.f, type->type, out, &b->values, err);
	else
		copy_value(node, out);
	return ok ? out : NULL;
}

static bool says_null(const amph_node *node)
{
	if (node->flags & AMPH_NODE_NULL)
		return true;
	return (node->type == AMPH_T_TEXT || node->type == AMPH_T_JSON) && !node->v.s;
}

bool amph__bind_value(amph_query_buf *b, const amph_node *node, const amph_sqltype *want,
		      amph_arg *arg, amph_sqltype *type, amph_error *err)
{
	const void *at;
	bool null = says_null(node);

	*type = (amph_sqltype){ .type = (uint8_t)target_type(node, want->type), .nullable = true };
	if ((type->type & ~AMPH_T_ARRAY) == AMPH_T_ENUM)
		type->enumeration = want->enumeration;
	if (null)
		return one_row(b, type, true, &null_value, arg, err);
	at = value_at(b, node, type, err);
	if (!at || !one_row(b, type, false, at, arg, err))
		return false;
	return amph__slot_check(arg->slots, type, at, NULL, NULL, err);
}

bool amph__bind_int64(amph_query_buf *b, int64_t n, amph_arg *arg, amph_error *err)
{
	static const amph_sqltype type = { .type = AMPH_T_INT64 };
	int64_t *at = amph__arena_copy(&b->values, &n, sizeof(n));

	return one_row(b, &type, false, at, arg, err);
}

/* A float column's list of doubles: as with a single value, each is taken for a float. */
static const void *floats_of(amph_query_buf *b, const double *items, size_t n, amph_error *err)
{
	float *out = AMPH_NEWS(&b->values, float, n ? n : 1);

	if (!out) {
		amph__error_nomem(err);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (!amph__convert(AMPH_T_DOUBLE, &items[i], AMPH_T_FLOAT, &out[i], &b->values, err))
			return NULL;
	}
	return out;
}

static bool check_items(const amph_arg *arg, const amph_sqltype *type, amph_error *err)
{
	for (size_t i = 0; i < arg->n_rows; i++) {
		if (!amph__slot_check(arg->slots, type, (const char *)arg->base + i * arg->stride,
				      NULL, NULL, err))
			return false;
	}
	return true;
}

bool amph__bind_list(amph_query_buf *b, const amph_node *list, const amph_sqltype *want,
		     amph_arg *arg, amph_sqltype *type, amph_error *err)
{
	unsigned item = list->type & ~(unsigned)AMPH_T_ARRAY;
	const void *base = list->args;

	*type = (amph_sqltype){ .type = (uint8_t)item, .nullable = true };
	if (item == AMPH_T_ENUM)
		type->enumeration = want->enumeration;
	if (item == AMPH_T_ENUM && !type->enumeration)
		return amph__error(err, "42804", "a list of labels' numbers beside no enum");
	if (item == AMPH_T_DOUBLE && want->type == AMPH_T_FLOAT) {
		type->type = AMPH_T_FLOAT;
		base = floats_of(b, (const void *)list->args, list->of.count, err);
		if (!base)
			return false;
	}
	if (!one_row(b, type, false, base ? base : (const void *)&null_value, arg, err))
		return false;
	arg->n_rows = list->of.count;
	arg->stride = amph_type_size(type->type, false);
	return check_items(arg, type, err);
}

static size_t escaped(const char *text, char *out)
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == '%' || *text == '_' || *text == '\\') {
			if (out)
				out[n] = '\\';
			n++;
		}
		if (out)
			out[n] = *text;
		n++;
	}
	return n;
}

bool amph__bind_pattern(amph_query_buf *b, const char *text, bool before, bool after, amph_arg *arg,
			amph_error *err)
{
	static const amph_sqltype type = { .type = AMPH_T_TEXT, .nullable = true };
	const char **at = AMPH_NEW(&b->values, const char *);
	size_t n = text ? escaped(text, NULL) : 0;
	char *pattern = amph__arena_alloc(&b->values, n + 3);

	if (!at || !pattern)
		return amph__error_nomem(err);
	if (text) {
		size_t start = before ? 1 : 0;
		pattern[0] = '%';
		n = start + escaped(text, pattern + start);
		if (after)
			pattern[n++] = '%';
		pattern[n] = '\0';
		*at = pattern;
	}
	if (!one_row(b, &type, false, at, arg, err))
		return false;
	return amph__slot_check(arg->slots, &type, at, NULL, NULL, err);
}

bool amph__bind_add(amph_query_buf *b, const amph_arg *arg, amph_error *err)
{
	if (b->n_args == b->args_cap &&
	    !amph__grow(b->key.allocator, (void **)&b->args, &b->args_cap, b->n_args + 1,
			sizeof(*b->args)))
		return amph__error_nomem(err);
	b->args[b->n_args++] = *arg;
	return true;
}

bool amph__node_arg(amph_query_buf *b, const amph_node *node, const amph_sqltype *want,
		    amph_arg *arg, amph_sqltype *type, amph_error *err)
{
	static const amph_sqltype nothing = { .type = AMPH_T_NONE };

	if (node->op != AMPH_OP_VALUE)
		return amph__error_misuse(err, "a value was expected, not an expression");
	return amph__bind_value(b, node, want ? want : &nothing, arg, type, err);
}

static bool other_type(const amph_mapped_column *column, const amph_sqltype *type, amph_error *err)
{
	char has[64], given[64];

	return amph__error(err, "42804", "column \"%s\" is of type %s but the value is of type %s",
			   column->name, amph__type_name(column->type, has, sizeof has),
			   amph__type_name(*type, given, sizeof given));
}

bool amph__node_store(amph_query_buf *b, const amph_node *node, const amph_mapped_column *column,
		      void *base, amph_error *err)
{
	const amph_slot *to = &column->slot;
	amph_sqltype type;
	amph_arg arg;
	char *at = (char *)base + to->offset;

	/* the usual key: nothing to convert or check */
	if (node->op == AMPH_OP_VALUE && node->type == AMPH_T_INT64 && !node->flags &&
	    to->type == AMPH_T_INT64 && !to->nullable) {
		memcpy(at, &node->v.i, sizeof node->v.i);
		return true;
	}
	if (!amph__node_arg(b, node, &column->type, &arg, &type, err))
		return false;
	memset(at, 0, amph_type_size(to->type, to->nullable));
	if (amph__slot_is_null(arg.slots, arg.base))
		return to->nullable || to->type & AMPH_T_ARRAY || amph__types[to->type].is_pointer ||
		       amph__error(err, "22004", "NULL for \"%s\", which cannot be NULL", column->name);
	if (type.type != column->type.type)
		return other_type(column, &type, err);
	memcpy(at, arg.base, amph_type_size(to->type, false));
	if (to->nullable)
		at[amph_type_has_offset(to->type)] = 1;
	return true;
}
