/* The function twins of the expression macros: names and types as they are at run time. What is
 * wrong with them is found when the statement is compiled. */
#include "dynamic.h"
#include "ops.h"
#include <string.h>

/* ---- names ---- */
static const amph_model *base_of(const amph_model *m)
{
	return m->alias_of ? m->alias_of : m;
}

static bool is_named(const amph_model *m, const char *name, size_t len)
{
	return m && strncmp(m->name, name, len) == 0 && m->name[len] == '\0';
}

/* Whether there is a name, of what. */
static bool is_given(amph_query *q, const void *name, const char *what)
{
	if (amph__query_failed(q))
		return false;
	return name || amph__error_misuse(&q->error, "%s is NULL", what);
}

/* The query's own model and what it joins under a name go before the engine's. */
static const amph_model *find_model(amph_query *q, const char *name, size_t len)
{
	const amph_registry *r = amph__session_registry(q->session);
	const amph_join_item *joins = q->joins.items;

	if (is_named(q->select.model, name, len))
		return q->select.model;
	for (size_t i = 0; i < q->joins.n; i++) {
		if (is_named(joins[i].to, name, len))
			return joins[i].to;
	}
	for (size_t i = 0; i < r->n_mappers; i++) {
		if (is_named(r->mappers[i]->model, name, len))
			return r->mappers[i]->model;
	}
	amph__error(&q->error, "42P01", "no model is called \"%.*s\"", (int)len, name);
	return NULL;
}

/* "member" of the query's model, or "Model.member". */
static const amph_model *split(amph_query *q, const char **name)
{
	const char *dot = strchr(*name, '.');
	const char *model = *name;

	if (!dot)
		return q->select.model;
	*name = dot + 1;
	return find_model(q, model, (size_t)(dot - model));
}

static const amph_column *column_named(amph_query *q, const amph_model *m, const char *member)
{
	if (!is_given(q, m, "the model of the query"))
		return NULL;
	for (const amph_column *c = base_of(m)->columns; c && c->member; c++) {
		if (strcmp(c->member, member) == 0)
			return c;
	}
	amph__error(&q->error, "42703", "\"%s\" has no column \"%s\"", m->name, member);
	return NULL;
}

static const amph_relation *relation_named(amph_query *q, const amph_model *m, const char *member)
{
	if (!is_given(q, m, "the model of the query"))
		return NULL;
	for (const amph_relation *r = base_of(m)->relations; r && r->member; r++) {
		if (strcmp(r->member, member) == 0)
			return r;
	}
	amph__error(&q->error, "42703", "\"%s\" has no relationship \"%s\"", m->name, member);
	return NULL;
}

/* ---- expressions ---- */
static const amph_expr *keep(amph_query *q, const amph_node *node)
{
	amph_expr *e = AMPH_NEW(&q->arena, amph_expr);

	if (!e)
		return amph__query_nomem(q);
	return amph__copy_node(&q->arena, node, &e->n, &q->error) ? e : NULL;
}

static unsigned family_of(int type)
{
	unsigned base = (unsigned)type & ~(unsigned)AMPH_T_NULLABLE;

	if (base & AMPH_T_ARRAY)
		return AMPH_T_ARRAY;
	if (base == AMPH_T_INT16 || base == AMPH_T_INT32)
		return AMPH_T_INT64;
	return base == AMPH_T_FLOAT ? AMPH_T_DOUBLE : base;
}

const amph_expr *amph_expr_given(amph_query *q, const amph_model *row, amph_field field)
{
	const amph_node node = {
		.op = AMPH_OP_COLUMN, .type = (uint8_t)family_of(field.type), .n = field.offset,
		.of = { .model = row }
	};

	return is_given(q, row, "the row struct of a column") ? keep(q, &node) : NULL;
}

/* What the query's own sources fill of a row struct; NULL: nothing that is called so. */
static const amph_field *field_named(const amph_query *q, const amph_model *row, const char *member)
{
	const amph_cte_item *ctes = q->ctes.items;

	for (size_t i = 0; i < q->ctes.n; i++) {
		const amph_select *of = ctes[i].query;
		const amph_field *f = of->returning ? of->returning : of->fields;

		for (; ctes[i].model == base_of(row) && f && f->member; f++)
			if (strcmp(f->member, member) == 0)
				return f;
	}
	return NULL;
}

const amph_expr *amph_expr_column_of(amph_query *q, const amph_model *m, const char *member)
{
	amph_node node = { .op = AMPH_OP_COLUMN, .of = { .model = m } };
	const amph_column *column;
	const amph_field *field;

	if (!is_given(q, m, "the model of a column") || !is_given(q, member, "the name of a column"))
		return NULL;
	field = base_of(m)->table ? NULL : field_named(q, m, member);
	if (field)
		return amph_expr_given(q, m, *field);
	column = column_named(q, m, member);
	if (!column)
		return NULL;
	node.type = (uint8_t)family_of(column->type);
	node.n = column->offset;
	return keep(q, &node);
}

const amph_expr *amph_expr_column(amph_query *q, const char *member)
{
	const amph_model *m;

	if (!is_given(q, member, "the name of a column"))
		return NULL;
	m = split(q, &member);
	return m ? amph_expr_column_of(q, m, member) : NULL;
}

static bool node_of_value(const amph_value *v, amph_node *node)
{
	switch (v->type) {
	case AMPH_T_NONE:
		*node = (amph_node){ .op = AMPH_OP_VALUE };
		return true;
	case AMPH_T_BOOL: *node = amph_v_bool(v->v.b); return true;
	case AMPH_T_INT16: case AMPH_T_INT32: case AMPH_T_INT64: case AMPH_T_ENUM:
		*node = amph_v_int(v->v.i);
		return true;
	case AMPH_T_FLOAT: case AMPH_T_DOUBLE: *node = amph_v_float(v->v.f); return true;
	case AMPH_T_NUMERIC: *node = amph_v_numeric(v->v.numeric); return true;
	case AMPH_T_TEXT: *node = amph_v_text(v->v.s); return true;
	case AMPH_T_BYTES: *node = amph_v_bytes(v->v.bytes); return true;
	case AMPH_T_UUID: *node = amph_v_uuid(v->v.uuid); return true;
	case AMPH_T_JSON: *node = amph_v_json(v->v.json); return true;
	case AMPH_T_DATE: *node = amph_v_date(v->v.date); return true;
	case AMPH_T_TIME: *node = amph_v_time(v->v.time); return true;
	case AMPH_T_TIMESTAMP: *node = amph_v_timestamp(v->v.timestamp); return true;
	case AMPH_T_TIMESTAMPTZ: *node = amph_v_timestamptz(v->v.timestamptz); return true;
	case AMPH_T_INTERVAL: *node = amph_v_interval(v->v.interval); return true;
	default: return false;
	}
}

const amph_expr *amph_expr_value(amph_query *q, amph_value v)
{
	amph_node node;

	if (amph__query_failed(q))
		return NULL;
	if (node_of_value(&v, &node))
		return keep(q, &node);
	amph__error_misuse(&q->error, "a value of a type that amph_value does not hold");
	return NULL;
}

const amph_expr *amph_expr_list(amph_query *q, amph_type type, const void *items, size_t n)
{
	amph_node node;

	if (amph__query_failed(q))
		return NULL;
	if (type <= AMPH_T_NONE || type > AMPH_T_ENUM || (!items && n > 0)) {
		amph__error_misuse(&q->error, "a list of a type that has no C form, or of nothing");
		return NULL;
	}
	node = amph_list_node(type, items, n);
	return keep(q, &node);
}

const amph_expr *amph_expr_path(amph_query *q, const char *const *path, size_t n)
{
	amph_node node;

	if (n && !is_given(q, path, "a path"))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (!is_given(q, path[i], "a step of a path"))
			return NULL;
	if (amph__query_failed(q))
		return NULL;
	node = amph_path_node(path, n);
	return keep(q, &node);
}

const amph_expr *amph_expr_label(amph_query *q, const char *name)
{
	amph_node node;

	if (!is_given(q, name, "the name of a field"))
		return NULL;
	node = amph_label_node(name);
	return keep(q, &node);
}

/* The arguments' nodes side by side; those of amph_expr_* are copies already. */
static const amph_node *gather(amph_query *q, const amph_expr *const *args, size_t n)
{
	amph_node *nodes = AMPH_NEWS(&q->arena, amph_node, n);

	if (!nodes)
		return amph__query_nomem(q);
	for (size_t i = 0; i < n; i++)
		nodes[i] = args[i]->n;
	return nodes;
}

/* An expression of a name over copies of arguments. */
static const amph_expr *call(amph_query *q, amph_op op, const char *name, const amph_expr *const *args,
			     size_t n)
{
	amph_node node = { .op = (uint16_t)op, .n = (uint32_t)n, .type = amph__ops[op].type };
	amph_expr *e;

	if (amph__query_failed(q) || (n > 0 && !args))
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!args[i])
			return NULL;
	}
	e = AMPH_NEW(&q->arena, amph_expr);
	node.args = e && n > 0 && n <= UINT32_MAX ? gather(q, args, n) : NULL;
	if (!e || (n > 0 && !node.args))
		return amph__query_nomem(q);
	if (name)
		node.of.name = amph__query_text(q, name);
	node.v.u = amph__seal_of(&node);
	e->n = node;
	return amph__query_failed(q) ? NULL : e;
}

/* "< any", "= all" of a query. */
static const amph_expr *quantified(amph_query *q, const char *op, const amph_expr *const *args)
{
	size_t len = strlen(op);
	bool any = len > 4 && strcmp(op + len - 4, " any") == 0;
	char name[16] = "";

	if ((!any && (len < 5 || strcmp(op + len - 4, " all") != 0)) || len - 4 >= sizeof(name))
		return call(q, AMPH_OP_CALL, op, args, 2);
	memcpy(name, op, len - 4);
	return call(q, any ? AMPH_OP_ANY_SELECT : AMPH_OP_ALL_SELECT, name, args, 2);
}

const amph_expr *amph_expr_call(amph_query *q, const char *op, const amph_expr *const *args, size_t n)
{
	bool in_select = n == 2 && args && args[1] && args[1]->n.op == AMPH_OP_SELECT;
	const amph_expr *count;
	amph_op known;

	if (!is_given(q, op, "the name of a function") ||
	    (n && !is_given(q, args, "a list of arguments")))
		return NULL;
	known = amph__op_find(op, n);
	if (known == AMPH_OP_NONE && n == 1 && strcmp(op, "count distinct") == 0) {
		count = call(q, AMPH_OP_COUNT, NULL, args, n);
		return call(q, AMPH_OP_DISTINCT, NULL, &count, 1);
	}
	if (in_select && (known == AMPH_OP_IN || known == AMPH_OP_NOT_IN))
		known = known == AMPH_OP_IN ? AMPH_OP_IN_SELECT : AMPH_OP_NOT_IN_SELECT;
	if (in_select && known == AMPH_OP_NONE && strchr(op, ' '))
		return quantified(q, op, args);
	return known == AMPH_OP_NONE ? call(q, AMPH_OP_CALL, op, args, n) : call(q, known, NULL, args, n);
}

const amph_expr *amph_expr_raw(amph_query *q, const char *sql, const amph_expr *const *args, size_t n)
{
	if (!is_given(q, sql, "the text of an expression") ||
	    (n && !is_given(q, args, "a list of arguments")))
		return NULL;
	return call(q, AMPH_OP_RAW, sql, args, n);
}

const amph_expr *amph_expr_constant(amph_query *q, const char *text)
{
	amph_node node;

	if (!is_given(q, text, "the text of a constant"))
		return NULL;
	node = amph_constant_node(text);
	return keep(q, &node);
}

amph_node amph_expr_node(const amph_expr *e)
{
	return e ? e->n : (amph_node){ .op = AMPH_OP_NONE };
}

const amph_node *amph_expr_by(amph_query *q, const amph_expr *const *list, const uint8_t *flags, size_t n)
{
	amph_node *nodes;

	if (amph__query_failed(q) || (n && !is_given(q, list, "a list of expressions")))
		return NULL;
	nodes = AMPH_NEWS(&q->arena, amph_node, n + 1);
	if (!nodes)
		return amph__query_nomem(q);
	for (size_t i = 0; i < n; i++) {
		if (!list[i])
			return NULL;
		nodes[i] = list[i]->n;
		nodes[i].flags |= flags ? flags[i] : 0;
	}
	return amph_nodes_of(nodes);
}

/* A modifier whose second argument is a list or a window. */
static const amph_expr *modified(amph_query *q, amph_op op, const amph_expr *f, const amph_node *with)
{
	amph_node args[2], node = { .op = (uint16_t)op, .n = 2, .args = args };

	if (amph__query_failed(q) || !f)
		return NULL;
	args[0] = f->n;
	args[1] = *with;
	node.v.u = amph__seal_of(&node);
	return keep(q, &node);
}

const amph_expr *amph_expr_agg_order(amph_query *q, const amph_expr *aggregate, const amph_node *by,
				     bool within_group)
{
	amph_node list;

	if (!by)
		return NULL;
	list = amph_by_node(by);
	return modified(q, within_group ? AMPH_OP_WITHIN_GROUP : AMPH_OP_AGG_ORDER, aggregate, &list);
}

const amph_expr *amph_expr_over(amph_query *q, const amph_expr *f, const amph_window *window)
{
	amph_node node;

	if (!is_given(q, window, "a window"))
		return NULL;
	node = amph_window_node(window);
	return modified(q, AMPH_OP_OVER, f, &node);
}

const amph_expr *amph_expr_exists(amph_query *q, const amph_query *inner)
{
	const amph_select *select = amph__query_inner(q, inner);
	amph_bool_expr e;

	if (!select)
		return NULL;
	e = amph_exists_expr(select);
	return keep(q, &e.n);
}

const amph_expr *amph_expr_select(amph_query *q, const amph_query *inner)
{
	const amph_select *select = amph__query_inner(q, inner);
	amph_select value;
	amph_node node;

	if (!select)
		return NULL;
	value = *select;
	if (!value.fields || !value.fields[0].member || value.fields[1].member) {
		amph__error_misuse(&q->error, "a query as a value needs one field");
		return NULL;
	}
	value.value = value.fields[0].value;
	value.fields = NULL;
	node = amph_select_node(&value);
	return keep(q, &node);
}

const amph_expr *amph_expr_related(amph_query *q, const char *relation, const amph_bool_expr *cond)
{
	amph_select select = { .abi = AMPH_ABI };
	const amph_relation *found;
	const amph_model *m;
	amph_bool_expr e;

	if (!is_given(q, relation, "the name of a relationship"))
		return NULL;
	m = split(q, &relation);
	found = m ? relation_named(q, m, relation) : NULL;
	if (!found)
		return NULL;
	select.of.member = (amph_member){ .model = m, .offset = found->offset };
	if (cond)
		select.where = *cond;
	e = amph_related_expr(&select);
	return keep(q, &e.n);
}

/* ---- clauses ---- */
bool amph_query_where(amph_query *q, const amph_expr *e)
{
	return q && e && amph__query_push_node(q, &q->where, &e->n);
}

bool amph_query_having(amph_query *q, const amph_expr *e)
{
	return q && e && amph__query_push_node(q, &q->having, &e->n);
}

bool amph_query_order_by(amph_query *q, const amph_expr *e, uint8_t flags)
{
	amph_node node;

	if (!q || !e)
		return false;
	node = e->n;
	node.flags |= flags;
	return amph__query_push_node(q, &q->order_by, &node);
}

bool amph_query_group_by(amph_query *q, const amph_expr *e)
{
	return q && e && amph__query_push_node(q, &q->group_by, &e->n);
}

bool amph_query_only(amph_query *q, const amph_expr *column)
{
	return q && column && amph__query_push_node(q, &q->only, &column->n);
}

bool amph_query_defer(amph_query *q, const amph_expr *column)
{
	return q && column && amph__query_push_node(q, &q->defer, &column->n);
}

/* The relationship of a name, as amph_join and its like have it. */
static bool find_relation(amph_query *q, const char *name, amph_member *out)
{
	const amph_relation *relation;

	if (!is_given(q, name, "the name of a relationship"))
		return false;
	out->model = split(q, &name);
	relation = out->model ? relation_named(q, out->model, name) : NULL;
	if (relation)
		out->offset = relation->offset;
	return relation;
}

bool amph_query_join(amph_query *q, amph_join_kind kind, const char *relation)
{
	amph_join_item join = { .kind = (int)kind };

	if (!find_relation(q, relation, &join.along))
		return false;
	amph_join_with(q, join);
	return !amph__query_failed(q);
}

bool amph_query_join_on(amph_query *q, amph_join_kind kind, const amph_model *to, const amph_expr *on)
{
	amph_join_item join = { .kind = (int)kind, .to = to };

	if (!q || !on || !is_given(q, to, "the model of a join"))
		return false;
	join.on.n = on->n;
	amph_join_with(q, join);
	return !amph__query_failed(q);
}

bool amph_query_load(amph_query *q, int how, const char *relation)
{
	amph_load_item load = { .how = how };

	if (!find_relation(q, relation, &load.member))
		return false;
	amph_load_with(q, load);
	return !amph__query_failed(q);
}

bool amph_query_set(amph_query *q, const char *member, const amph_expr *e)
{
	amph_assign set = { .member = member };
	const amph_column *column;

	if (!is_given(q, member, "the name of a column") || !e)
		return false;
	column = column_named(q, q->select.model, member);
	if (!column)
		return false;
	set.offset = column->offset;
	set.value = e->n;
	amph_set_add(q, set);
	return !amph__query_failed(q);
}

bool amph_query_field(amph_query *q, const char *name, size_t offset, int type, const amph_expr *e)
{
	if (!is_given(q, name, "the name of a field") || !e)
		return false;
	amph_field_add(q, amph_field_of(name, offset, type, e->n, 1));
	return !amph__query_failed(q);
}

bool amph_query_into(amph_query *q, const amph_model *target, const char *member, const amph_expr *e)
{
	const amph_column *column;

	if (!is_given(q, target, "the model of a row") ||
	    !is_given(q, member, "the name of a column") || !e)
		return false;
	column = column_named(q, target, member);
	if (!column)
		return false;
	amph_field_add(q, amph_field_of(member, column->offset, column->type, e->n, 1));
	return !amph__query_failed(q);
}
