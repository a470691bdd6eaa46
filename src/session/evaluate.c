/* Conditions of updates and deletes over objects in memory: which of them a statement has written, and
 * what they are then. Only what PostgreSQL's answer is certain of is evaluated; all else is 0A000. */
#include "../relation/relation.h"
#include "../query/ops.h"
#include "evaluate.h"
#include <string.h>

typedef enum truth { NO, YES, NULL_ } truth;

typedef struct operand {
	const amph_mapped_column *column;       /* or */
	amph_slot slot;                         /* a value at base; base NULL: NULL */
	const void *base;
} operand;

typedef struct step step;
struct step {
	unsigned op;
	size_t n;
	step *items;                    /* of junctions */
	operand args[3];
	const amph_node *list;          /* of IN */
};

struct amph_evaluation {
	amph_query_buf values;          /* where values are made */
	const amph_mapper *m;
	const amph_select *q;
	step where;
	bool all;                       /* no condition */
	amph_arg *sets;                 /* by number of column; n_slots 0: not set */
	amph_error *err;
};

/* ---- which expressions ---- */

static bool refuse(amph_evaluation *e, const char *what)
{
	return amph__error(e->err, "0A000", "AMPH_SYNC_EVALUATE of \"%s\": %s cannot be evaluated in memory: "
			   "AMPH_SYNC_REFRESH asks the database", e->m->model->name, what);
}

/* Types that are compared alike; AMPH_T_NONE: none of them. */
static unsigned class_of(unsigned type)
{
	switch (type) {
	case AMPH_T_INT16: case AMPH_T_INT32: case AMPH_T_INT64:
		return AMPH_T_INT64;
	case AMPH_T_FLOAT: case AMPH_T_DOUBLE:
		return AMPH_T_DOUBLE;
	case AMPH_T_BOOL: case AMPH_T_NUMERIC: case AMPH_T_TEXT: case AMPH_T_BYTES: case AMPH_T_UUID:
	case AMPH_T_DATE: case AMPH_T_TIME: case AMPH_T_TIMESTAMP: case AMPH_T_TIMESTAMPTZ:
	case AMPH_T_INTERVAL: case AMPH_T_ENUM:
		return type;
	default:
		return AMPH_T_NONE;
	}
}

static const amph_mapped_column *column_of(const amph_evaluation *e, const amph_node *node)
{
	const amph_model *model = node->op == AMPH_OP_COLUMN ? node->of.model : NULL;
	const amph_mapper *of = model && !model->alias_of
		? amph__mapper_of(e->values.registry, model, NULL) : NULL;

	if (!model || (model != e->q->model && !(of && amph__is_kind_of(e->m, of))))
		return NULL;
	return amph__column_at(e->m, node->n);
}

static bool plan_operand(amph_evaluation *e, const amph_node *node, const amph_mapped_column *beside,
			 operand *out)
{
	amph_sqltype type;
	amph_arg arg;

	out->column = column_of(e, node);
	if (out->column)
		return class_of(out->column->type.type) == class_of(beside->type.type) ||
		       refuse(e, "a comparison of two types");
	if (node->op != AMPH_OP_VALUE)
		return refuse(e, "an expression");
	if (node->type == AMPH_T_NONE || node->flags & AMPH_NODE_NULL)
		return true;
	if (!amph__node_arg(&e->values, node, &beside->type, &arg, &type, e->err))
		return false;
	if (class_of(type.type) != class_of(beside->type.type))
		return refuse(e, "a comparison of two types");
	out->slot = *arg.slots;
	out->base = arg.base;
	return true;
}

/* The order of texts is the database's collation, that of an enum's labels its type's. */
static bool has_order(unsigned class)
{
	return class != AMPH_T_TEXT && class != AMPH_T_ENUM;
}

static bool plan_comparison(amph_evaluation *e, const amph_node *node, step *out)
{
	const amph_mapped_column *left = column_of(e, &node->args[0]);
	bool equality = node->op == AMPH_OP_EQ || node->op == AMPH_OP_NE ||
			node->op == AMPH_OP_DISTINCT_FROM || node->op == AMPH_OP_NOT_DISTINCT_FROM;

	if (!left || class_of(left->type.type) == AMPH_T_NONE)
		return refuse(e, left ? "a comparison of this type" : "an expression");
	if (!equality && !has_order(class_of(left->type.type)))
		return refuse(e, "the order of texts");
	out->args[0].column = left;
	for (uint32_t i = 1; i < node->n; i++)
		if (!plan_operand(e, &node->args[i], left, &out->args[i]))
			return false;
	return true;
}

static bool plan_in(amph_evaluation *e, const amph_node *node, step *out)
{
	const amph_mapped_column *left = column_of(e, &node->args[0]);
	const amph_node *list = &node->args[1];

	if (!left)
		return refuse(e, "an expression");
	if (list->op != AMPH_OP_LIST || !amph__seal_holds(list))
		return amph__misuse_of_seal(e->err);
	/* of a list for a real column the database rounds the values */
	if (class_of(left->type.type) == AMPH_T_NONE || left->type.type == AMPH_T_FLOAT ||
	    class_of(list->type & ~(unsigned)AMPH_T_ARRAY) != class_of(left->type.type))
		return refuse(e, "a comparison of two types");
	out->args[0].column = left;
	out->list = list;
	return true;
}

static bool plan(amph_evaluation *e, const amph_node *node, step *out, unsigned depth);

static bool plan_junction(amph_evaluation *e, const amph_node *node, step *out, unsigned depth)
{
	out->items = AMPH_NEWS(&e->values.values, step, node->n + 1);
	if (!out->items)
		return amph__error_nomem(e->err);
	for (uint32_t i = 0; i < node->n; i++) {
		if (node->args[i].op == AMPH_OP_NONE)
			continue;
		if (!plan(e, &node->args[i], &out->items[out->n++], depth + 1))
			return false;
	}
	return true;
}

static bool plan(amph_evaluation *e, const amph_node *node, step *out, unsigned depth)
{
	out->op = node->op;
	if (node->op == AMPH_OP_COLUMN) {
		out->args[0].column = column_of(e, node);
		return (out->args[0].column && out->args[0].column->type.type == AMPH_T_BOOL) ||
		       refuse(e, "an expression");
	}
	if (depth == AMPH_QUERY_DEPTH_MAX)
		return amph__error(e->err, "54001", "an expression is nested more than %d deep",
				   AMPH_QUERY_DEPTH_MAX);
	if (node->op >= AMPH_OP_LAST || node->op < AMPH_OP_EQ)
		return refuse(e, "an expression");
	if (!amph__seal_holds(node))
		return amph__misuse_of_seal(e->err);
	switch (node->op) {
	case AMPH_OP_ALL: case AMPH_OP_ANY: case AMPH_OP_NONE_OF:
		return plan_junction(e, node, out, depth);
	case AMPH_OP_EQ: case AMPH_OP_NE: case AMPH_OP_LT: case AMPH_OP_LE: case AMPH_OP_GT: case AMPH_OP_GE:
	case AMPH_OP_BETWEEN: case AMPH_OP_DISTINCT_FROM: case AMPH_OP_NOT_DISTINCT_FROM:
		return plan_comparison(e, node, out);
	case AMPH_OP_IN: case AMPH_OP_NOT_IN:
		return plan_in(e, node, out);
	case AMPH_OP_IS_NULL: case AMPH_OP_NOT_NULL:
		out->args[0].column = column_of(e, &node->args[0]);
		return out->args[0].column || refuse(e, "an expression");
	default:
		return refuse(e, amph__ops[node->op].name);
	}
}

/* ---- evaluating ---- */

static const void *value_of(const operand *o, const void *row, const amph_slot **slot)
{
	const void *base = o->column ? row : o->base;

	*slot = o->column ? &o->column->slot : &o->slot;
	return base && !amph__slot_is_null(*slot, base) ? base : NULL;
}

static double real_of(const amph_slot *slot, const void *base)
{
	const void *at = amph__slot_value(slot, base);

	return slot->type == AMPH_T_FLOAT ? (double)*(const float *)at : *(const double *)at;
}

static int compare_values(const amph_slot *a, const void *left, const amph_slot *b, const void *right)
{
	switch (class_of(a->type)) {
	case AMPH_T_INT64: {
		int64_t x = amph__read_integer(a, left), y = amph__read_integer(b, right);
		return (x > y) - (x < y);
	}
	case AMPH_T_DOUBLE: {
		double x = real_of(a, left), y = real_of(b, right);
		return amph__types[AMPH_T_DOUBLE].compare(&x, &y);
	}
	default:
		return amph__types[a->type].compare(amph__slot_value(a, left), amph__slot_value(b, right));
	}
}

static truth compare(const step *t, size_t right, unsigned op, const void *row)
{
	const amph_slot *a, *b;
	const void *x = value_of(&t->args[0], row, &a), *y = value_of(&t->args[right], row, &b);
	int order;

	if (op == AMPH_OP_DISTINCT_FROM || op == AMPH_OP_NOT_DISTINCT_FROM) {
		bool same = x && y ? compare_values(a, x, b, y) == 0 : !x && !y;
		return same == (op == AMPH_OP_NOT_DISTINCT_FROM) ? YES : NO;
	}
	if (!x || !y)
		return NULL_;
	order = compare_values(a, x, b, y);
	switch (op) {
	case AMPH_OP_EQ: return order == 0 ? YES : NO;
	case AMPH_OP_NE: return order != 0 ? YES : NO;
	case AMPH_OP_LT: return order < 0 ? YES : NO;
	case AMPH_OP_LE: return order <= 0 ? YES : NO;
	case AMPH_OP_GT: return order > 0 ? YES : NO;
	default: return order >= 0 ? YES : NO;
	}
}

static truth invert(truth t)
{
	return t == NULL_ ? NULL_ : t == YES ? NO : YES;
}

static truth is_in(const step *t, const void *row)
{
	const amph_slot element = { .type = (uint8_t)(t->list->type & ~AMPH_T_ARRAY) };
	size_t size = amph_type_size(element.type, false);
	const amph_slot *slot;
	const void *x = value_of(&t->args[0], row, &slot);
	truth found = NO;

	for (size_t i = 0; i < t->list->of.count; i++) {
		const char *item = (const char *)t->list->args + i * size;
		if (!x || amph__slot_is_null(&element, item))
			found = NULL_;
		else if (compare_values(slot, x, &element, item) == 0)
			return YES;
	}
	return found;
}

static truth evaluate(const step *t, const void *row);

/* ALL: NO wins; ANY: YES does. */
static truth junction(const step *t, truth winner, const void *row)
{
	truth result = invert(winner);

	for (size_t i = 0; i < t->n; i++) {
		truth one = evaluate(&t->items[i], row);
		if (one == winner)
			return winner;
		if (one == NULL_)
			result = NULL_;
	}
	return result;
}

static truth between(const step *t, const void *row)
{
	truth low = compare(t, 1, AMPH_OP_GE, row), high = compare(t, 2, AMPH_OP_LE, row);

	if (low == NO || high == NO)
		return NO;
	return low == YES && high == YES ? YES : NULL_;
}

static truth evaluate(const step *t, const void *row)
{
	const amph_slot *slot;
	const void *x;

	switch (t->op) {
	case AMPH_OP_ALL: return junction(t, NO, row);
	case AMPH_OP_ANY: return junction(t, YES, row);
	case AMPH_OP_NONE_OF: return invert(junction(t, YES, row));
	case AMPH_OP_BETWEEN: return between(t, row);
	case AMPH_OP_IN: return is_in(t, row);
	case AMPH_OP_NOT_IN: return invert(is_in(t, row));
	case AMPH_OP_IS_NULL: return value_of(&t->args[0], row, &slot) ? NO : YES;
	case AMPH_OP_NOT_NULL: return value_of(&t->args[0], row, &slot) ? YES : NO;
	case AMPH_OP_COLUMN:
		x = value_of(&t->args[0], row, &slot);
		return !x ? NULL_ : *(const bool *)amph__slot_value(slot, x) ? YES : NO;
	default: return compare(t, 1, t->op, row);
	}
}

/* ---- what is set ---- */

/* As the statement will have it: a value of the column's own type, or NULL. */
static bool plan_value(amph_evaluation *e, const amph_mapped_column *c, const amph_node *value)
{
	static const amph_slot null_slot = { .type = AMPH_T_TEXT };
	static const char *const null_text = NULL;
	unsigned kind = c->type.type;
	amph_sqltype type;
	amph_arg arg;

	if (value->op != AMPH_OP_VALUE)
		return refuse(e, "an expression that is set");
	if (c->primary_key)
		return refuse(e, "a key that is set");
	if (kind == AMPH_T_JSON || kind & AMPH_T_ARRAY)
		return refuse(e, "JSON or an array that is set");
	if (value->type == AMPH_T_NONE || value->flags & AMPH_NODE_NULL) {
		e->sets[c->number] = (amph_arg){ .n_slots = 1, .slots = &null_slot, .base = &null_text };
		return true;
	}
	return amph__node_arg(&e->values, value, &c->type, &arg, &type, e->err) &&
	       (type.type == kind || refuse(e, "a value of another type that is set"));
}

static bool plan_set(amph_evaluation *e)
{
	const amph_mapper *m = e->m;

	for (size_t i = 0; i < m->n_columns; i++)
		if (m->columns[i].computed)
			return refuse(e, "a column that the database computes");
	if (m->n_hybrids)
		return refuse(e, "a hybrid");
	for (const amph_assign *set = e->q->set; set && set->member; set++) {
		const amph_mapped_column *c = amph__column_at(m, set->offset);

		/* one of another model is told when the statement is made */
		if (c && !plan_value(e, c, &set->value))
			return false;
	}
	return true;
}

/* A statement that deletes marks rows by the database's clock, if it does. */
static bool plan_all(amph_evaluation *e)
{
	const amph_select *q = e->q;

	if (q->joins || q->of.member.model || q->ctes)
		return refuse(e, "another table");
	if (!q->set && e->m->soft_delete >= 0 && !q->with_deleted)
		return refuse(e, "the time of a soft delete");
	e->all = q->where.n.op == AMPH_OP_NONE;
	return (!q->set || plan_set(e)) && (e->all || plan(e, &q->where.n, &e->where, 0));
}

amph_evaluation *amph__evaluation_plan(amph_session *s, const amph_mapper *m, const amph_select *q,
				       amph_error *err)
{
	amph_evaluation *e = amph__alloc_zero(s->allocator, sizeof *e);

	if (!e) {
		amph__error_nomem(err);
		return NULL;
	}
	amph__query_buf_init(&e->values, s->engine->registry, s, s->allocator);
	e->m = m;
	e->q = q;
	e->err = err;
	e->sets = AMPH_NEWS(&e->values.values, amph_arg, m->n_columns + 1);
	if (!amph__lists_hold(q))
		amph__misuse_of_seal(err);
	else if (!e->sets)
		amph__error_nomem(err);
	else if (plan_all(e))
		return e;
	amph__evaluation_free(s, e);
	return NULL;
}

void amph__evaluation_free(amph_session *s, amph_evaluation *e)
{
	if (!e)
		return;
	amph__query_buf_clear(&e->values);
	amph__free(s->allocator, e);
}

amph_arg *amph__evaluation_sets(amph_evaluation *e)
{
	return e ? e->sets : NULL;
}

/* ---- the objects ---- */

static void put_value(const amph_mapped_column *c, const amph_arg *arg, char *members)
{
	char *at = members + c->slot.offset;

	memset(at, 0, amph_type_size(c->slot.type, c->slot.nullable));
	if (amph__slot_is_null(arg->slots, arg->base))
		return;
	memcpy(at, amph__slot_value(arg->slots, arg->base), amph_type_size(c->slot.type, false));
	if (c->slot.nullable)
		at[amph_type_has_offset(c->slot.type)] = 1;
}

static bool set_values(const amph_evaluation *e, amph_object *o)
{
	const amph_mapper *m = e->m;
	char *members = amph__members(o);

	if (!amph__journal_note(o, e->err))
		return false;
	for (size_t i = 0; i < m->n_columns; i++)
		if (e->sets[i].n_slots)
			put_value(&m->columns[i], &e->sets[i], members);
	if (m->version >= 0 && !e->sets[m->version].n_slots) {
		const amph_slot *slot = &m->columns[m->version].slot;
		amph__write_integer(slot, members, amph__read_integer(slot, members) + 1);
	}
	if (!amph__object_own_text(o, e->err))
		return false;
	for (size_t i = 0; i < o->extent->mapper->n_columns; i++) {
		const amph_slot *slot = &o->extent->mapper->columns[i].slot;
		memcpy((char *)amph__snapshot(o) + slot->offset, members + slot->offset,
		       amph_type_size(slot->type, slot->nullable));
	}
	if (o->extent->mapper->relations)
		amph__relations_follow_keys(o);
	return true;
}

/* Whether the statement sees the row at all, and the condition holds. */
static bool is_written(amph_session *s, const amph_evaluation *e, const amph_object *o)
{
	const amph_mapper *m = e->m;
	const void *row = amph__snapshot(o);

	if (m->soft_delete >= 0 && !e->q->with_deleted &&
	    !amph__slot_is_null(&m->columns[m->soft_delete].slot, row))
		return false;
	if (!e->q->unfiltered && amph__is_filtered(s, o))
		return false;
	return e->all || evaluate(&e->where, row) == YES;
}

/* What is not known well enough is read anew when it is met next. */
static bool visit(amph_session *s, const amph_evaluation *e, amph_object *o, amph_object_list *gone)
{
	if (o->state != OBJECT_PERSISTENT)
		return true;
	if (o->part || o->expired || amph__object_is_modified(o)) {
		o->expired = true;
		o->extent->session->any_expired = true;
		return true;
	}
	if (!is_written(s, e, o))
		return true;
	if (e->q->set)
		return set_values(e, o);
	return amph__list_push(s, gone, o) || amph__error_nomem(e->err);
}

bool amph__evaluation_apply(amph_session *s, amph_evaluation *e, amph_error *err)
{
	amph_object_list gone = { 0 };
	bool ok = true;

	e->err = err;
	for (size_t i = 0; i < e->m->n_kinds && ok; i++) {
		amph_extent *extent = &s->extents[e->m->kinds[i]->ordinal];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (ok && extent->slab.live && (o = amph__object_next(extent, &chunk, &slot)))
			ok = visit(s, e, o, &gone);
	}
	ok = ok && amph__sync_forget(gone.items, gone.n, err);
	amph__free(s->allocator, gone.items);
	return ok;
}
