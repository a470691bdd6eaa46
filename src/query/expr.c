/* The constructors that the expression macros call. What they make is sealed: see seal.c. */
#include "query.h"
#include <string.h>

static amph_node call(amph_op op, amph_type type, uint32_t n, const amph_node *args)
{
	amph_node node = { .op = (uint16_t)op, .type = (uint8_t)type, .n = n, .args = args };

	node.v.u = amph__seal_of(&node);
	return node;
}

static amph_node list(amph_type type, const void *items, size_t n)
{
	amph_node node = {
		.op = AMPH_OP_LIST, .type = (uint8_t)(type | AMPH_T_ARRAY), .args = items,
		.of = { .count = n }
	};

	node.v.u = amph__seal_of(&node);
	return node;
}

/* ---- families ---- */
#define FAMILY(f, T)                                                                             \
	amph_##f##_expr amph_make_##f(amph_op op, uint32_t n, const amph_node *args)             \
	{                                                                                        \
		return (amph_##f##_expr){ call(op, AMPH_T_##T, n, args) };                       \
	}                                                                                        \
	amph_##f##_expr amph_named_##f(amph_op op, const char *name, uint32_t n,                 \
				       const amph_node *args)                                    \
	{                                                                                        \
		amph_##f##_expr e = { call(op, AMPH_T_##T, n, args) };                           \
		e.n.of.name = name;                                                              \
		return e;                                                                        \
	}                                                                                        \
	amph_node amph_n_##f(amph_##f##_expr e)                                                  \
	{                                                                                        \
		return e.n;                                                                      \
	}                                                                                        \
	amph_##f##_expr amph_c_##f(const amph_model *m, size_t offset, const char *member)       \
	{                                                                                        \
		return (amph_##f##_expr){ {                                                      \
			.op = AMPH_OP_COLUMN, .type = AMPH_T_##T, .n = (uint32_t)offset,         \
			.of = { .model = m }, .v = { .s = member }                               \
		} };                                                                             \
	}
AMPH_FAMILIES_(FAMILY)

/* ---- values: into the eight bytes of v, or all sixteen of the two unions ---- */
static amph_node value(amph_type type)
{
	return (amph_node){ .op = AMPH_OP_VALUE, .type = (uint8_t)type };
}

static amph_node value_16(amph_type type, const void *x)
{
	amph_node n = value(type);

	memcpy((char *)&n + offsetof(amph_node, of), x, 16);
	return n;
}

amph_node amph_v_bool(bool x)
{
	amph_node n = value(AMPH_T_BOOL);

	n.v.i = x;
	return n;
}

amph_node amph_v_int(int64_t x)
{
	amph_node n = value(AMPH_T_INT64);

	n.v.i = x;
	return n;
}

amph_node amph_v_uint(uint64_t x)
{
	amph_node n = value(AMPH_T_INT64);

	n.v.u = x;
	if (x > INT64_MAX)
		n.flags = AMPH_NODE_UNSIGNED;
	return n;
}

amph_node amph_v_float(double x)
{
	amph_node n = value(AMPH_T_DOUBLE);

	n.v.f = x;
	return n;
}

amph_node amph_v_text(const char *x)
{
	amph_node n = value(AMPH_T_TEXT);

	n.v.s = x;
	return n;
}

amph_node amph_constant_node(const char *text)
{
	amph_node n = amph_v_text(text);

	n.flags = AMPH_NODE_CONSTANT;
	return n;
}

amph_node amph_v_json(amph_json x)
{
	amph_node n = value(AMPH_T_JSON);

	n.v.s = x.text;
	return n;
}

amph_node amph_v_date(amph_date x)
{
	amph_node n = value(AMPH_T_DATE);

	n.v.i = x.days;
	return n;
}

amph_node amph_v_time(amph_time x)
{
	amph_node n = value(AMPH_T_TIME);

	n.v.i = x.usec;
	return n;
}

amph_node amph_v_timestamp(amph_timestamp x)
{
	amph_node n = value(AMPH_T_TIMESTAMP);

	n.v.i = x.usec;
	return n;
}

amph_node amph_v_timestamptz(amph_timestamptz x)
{
	amph_node n = value(AMPH_T_TIMESTAMPTZ);

	n.v.i = x.usec;
	return n;
}

amph_node amph_v_bytes(amph_bytes x)
{
	return value_16(AMPH_T_BYTES, &x);
}

amph_node amph_v_numeric(amph_numeric x)
{
	return value_16(AMPH_T_NUMERIC, &x);
}

amph_node amph_v_uuid(amph_uuid x)
{
	return value_16(AMPH_T_UUID, &x);
}

amph_node amph_v_interval(amph_interval x)
{
	return value_16(AMPH_T_INTERVAL, &x);
}

static amph_node null_of(amph_type type)
{
	amph_node n = value(type);

	n.flags = AMPH_NODE_NULL;
	return n;
}

#define OPTIONAL(name, T, of)                                                                    \
	amph_node amph_v_opt_##name(amph_opt_##name x)                                           \
	{                                                                                        \
		return x.has ? amph_v_##of(x.value) : null_of(AMPH_T_##T);                       \
	}
OPTIONAL(bool, BOOL, bool)
OPTIONAL(int16, INT64, int)
OPTIONAL(int32, INT64, int)
OPTIONAL(int64, INT64, int)
OPTIONAL(float, DOUBLE, float)
OPTIONAL(double, DOUBLE, float)
OPTIONAL(numeric, NUMERIC, numeric)
OPTIONAL(uuid, UUID, uuid)
OPTIONAL(date, DATE, date)
OPTIONAL(time, TIME, time)
OPTIONAL(timestamp, TIMESTAMP, timestamp)
OPTIONAL(timestamptz, TIMESTAMPTZ, timestamptz)
OPTIONAL(interval, INTERVAL, interval)
OPTIONAL(enum, INT64, uint)

amph_array_expr amph_array_of(amph_type element, const void *items, size_t n)
{
	amph_node node = value(element | AMPH_T_ARRAY);

	node.of.data = items;
	node.v.u = n;
	return (amph_array_expr){ node };
}

/* ---- lists ---- */
amph_node amph_list_node(amph_type type, const void *items, size_t n)
{
	return list(type, items, n);
}

amph_node amph_path_node(const char *const *path, size_t n)
{
	return list(AMPH_T_TEXT, path, n);
}

#define IN_LIST(name, T)                                                                         \
	amph_node amph_in_##name(amph_##name##_list l)                                           \
	{                                                                                        \
		return list(AMPH_T_##T, l.items, l.n);                                           \
	}
IN_LIST(bool, BOOL)
IN_LIST(int, INT64)
IN_LIST(double, DOUBLE)
IN_LIST(numeric, NUMERIC)
IN_LIST(text, TEXT)
IN_LIST(bytes, BYTES)
IN_LIST(uuid, UUID)
IN_LIST(json, JSON)
IN_LIST(date, DATE)
IN_LIST(time, TIME)
IN_LIST(timestamp, TIMESTAMP)
IN_LIST(timestamptz, TIMESTAMPTZ)
IN_LIST(interval, INTERVAL)
IN_LIST(enum, ENUM)

/* ---- what macros need beside ---- */
amph_bool_expr amph_compare(amph_op op, int checked, uint32_t n, const amph_node *args)
{
	(void)checked;
	return (amph_bool_expr){ call(op, AMPH_T_BOOL, n, args) };
}

amph_bool_expr amph_junction(amph_op op, const amph_bool_expr *conditions)
{
	uint32_t n = 0;
	bool any = false;

	for (; conditions[n].n.op != AMPH_OP_LAST; n++)
		any = any || conditions[n].n.op != AMPH_OP_NONE;
	if (!any)
		return (amph_bool_expr){ { 0 } };
	return (amph_bool_expr){ call(op, AMPH_T_BOOL, n, &conditions[0].n) };
}

amph_node amph_first_arg(amph_node n, int checked)
{
	(void)checked;
	return n;
}

amph_branch amph_branch_of(amph_node condition, amph_node result)
{
	return (amph_branch){ condition, result };
}

amph_order amph_order_of(amph_node n, uint8_t flags)
{
	n.flags |= flags;
	return (amph_order){ n };
}

amph_node amph_by_node(const amph_node *list)
{
	amph_node node = { .op = AMPH_OP_NODES, .args = list };

	node.v.u = amph__seal_of(&node);
	return node;
}

amph_node amph_window_node(const amph_window *window)
{
	amph_node node = { .op = AMPH_OP_WINDOW, .args = (const void *)window };

	node.v.u = amph__seal_of(&node);
	return node;
}

amph_node amph_label_node(const char *name)
{
	return (amph_node){ .op = AMPH_OP_LABEL, .of = { .name = name } };
}

/* A call whose argument is a query. */
static amph_node call_of_select(amph_op op, amph_type type, const amph_select *q)
{
	return call(op, type, 0, (const void *)q);
}

amph_bool_expr amph_exists_expr(const amph_select *q)
{
	return (amph_bool_expr){ call_of_select(AMPH_OP_EXISTS, AMPH_T_BOOL, q) };
}

amph_bool_expr amph_related_expr(const amph_select *q)
{
	return (amph_bool_expr){ call_of_select(AMPH_OP_RELATED, AMPH_T_BOOL, q) };
}

amph_node amph_select_node(const amph_select *q)
{
	return call_of_select(AMPH_OP_SELECT, (amph_type)q->value.type, q);
}

amph_assign amph_assign_of(const char *member, size_t offset, amph_node v, int checked)
{
	(void)checked;
	return (amph_assign){ member, (uint32_t)offset, v };
}

amph_field amph_field_of(const char *member, size_t offset, int type, amph_node v, int checked)
{
	(void)checked;
	return (amph_field){ member, (uint32_t)offset, type, v };
}
