/* The key of what a query is about: its tables, joins, the collection of an object, the condition. */
#include "shape.h"

static const amph_sqltype no_type = { .type = AMPH_T_NONE };

static bool is_source(const amph_mapper *mapper)
{
	return mapper->ordinal == UINT16_MAX;
}

const amph_mapper *amph__shape_mapper_of(amph_shaper *w, const amph_model *model)
{
	const amph_model *base = model && model->alias_of ? model->alias_of : model;

	for (const amph_source *s = w->sources; s; s = s->outer) {
		if (s->model == base)
			return &s->mapper;
	}
	if (base && !base->table && !base->base && base->size) {
		amph__error(w->err, "42P01", "nothing fills the row struct \"%s\" in this query: it is "
			    "to be one of its .ctes", base->name ? base->name : "?");
		return NULL;
	}
	return amph__mapper_of(w->b->registry, model, w->err);
}

size_t amph__shape_ordinal(const amph_shaper *w, const amph_mapper *mapper)
{
	const amph_source *s = w->sources;

	if (!is_source(mapper))
		return mapper->ordinal;
	while (&s->mapper != mapper)
		s = s->outer;
	return w->b->registry->n_mappers + s->number;
}

bool amph__shape_add_range(amph_shaper *w, const amph_model *model, const amph_mapper *mapper)
{
	amph_query_buf *b = w->b;
	bool known = is_source(mapper);

	if (b->n_ranges == AMPH_QUERY_RANGES_MAX)
		return amph__error(w->err, "54001", "a query of more than %d tables",
				   AMPH_QUERY_RANGES_MAX);
	b->ranges[b->n_ranges++] = (amph_query_range){ model, mapper };
	for (size_t i = 0; i < b->n_mappers; i++)
		known = known || b->mappers[i] == mapper;
	if (!known && b->n_mappers < AMPH_QUERY_RANGES_MAX)
		b->mappers[b->n_mappers++] = mapper;
	return true;
}

/* Two tables that the program names alike cannot be told apart. */
static bool add_named(amph_shaper *w, const amph_model *model, const amph_mapper *mapper, size_t scope)
{
	for (size_t i = scope; i < w->b->n_ranges; i++) {
		if (w->b->ranges[i].model == model)
			return amph__error(w->err, "42712", "\"%s\" is in this query twice: give one a "
					   "name with AMPH_ALIAS", model->name);
	}
	return amph__shape_add_range(w, model, mapper);
}

static bool find_range(amph_shaper *w, const amph_model *model, size_t *range)
{
	for (size_t i = w->b->n_ranges; i-- > 0; ) {
		if (w->b->ranges[i].model == model) {
			*range = i;
			return true;
		}
	}
	return amph__error(w->err, "42P01", "\"%s\" is not in this query: join it first",
			   model ? model->name : "?");
}

static bool put_filter(amph_shaper *w, const amph_mapper *m)
{
	if (!is_source(m))
		return amph__shape_filter(w, m);
	key_number(&w->b->key, 0);
	return true;
}

/* Where every row of the right side stays, the sides are filtered again: see lower_from.c. */
static bool put_filters(amph_shaper *w, const amph_join_item *j, const amph_mapper *to)
{
	bool keeps_right = j->kind == AMPH_JOIN_RIGHT || j->kind == AMPH_JOIN_FULL;

	return put_filter(w, to) &&
	       (!keeps_right || (put_filter(w, w->b->ranges[w->main].mapper) && put_filter(w, to)));
}

static bool put_join_along(amph_shaper *w, const amph_join_item *j, size_t scope)
{
	const amph_mapper *mapper, *named;
	const amph_relation *relation;
	amph_path path;
	size_t from = 0;

	if (!find_range(w, j->along.model, &from))
		return false;
	mapper = w->b->ranges[from].mapper;
	relation = amph__relation_at(mapper, j->along.offset, w->err);
	if (!relation || !amph__path_of(w->b->registry, mapper, relation, &path, w->err))
		return false;
	named = amph__shape_mapper_of(w, j->to ? j->to : relation->target);
	if (!named)
		return false;
	if (named != path.to)
		return amph__error(w->err, "42809", "\"%s\" is no alias of what \"%s.%s\" leads to",
				   j->to->name, mapper->model->name, relation->member);
	key_byte(&w->b->key, KEY_JOIN_ALONG);
	key_number(&w->b->key, from);
	key_number(&w->b->key, (size_t)(relation - mapper->relations));
	return (!path.link || amph__shape_add_range(w, NULL, path.link)) &&
	       add_named(w, j->to ? j->to : relation->target, path.to, scope) &&
	       (!path.link || put_filter(w, path.link)) && put_filters(w, j, path.to);
}

static bool put_join_on(amph_shaper *w, const amph_join_item *j, size_t scope)
{
	const amph_mapper *to = j->to ? amph__shape_mapper_of(w, j->to) : NULL;
	bool cross = j->kind == AMPH_JOIN_CROSS;

	if (!j->to)
		return amph__error_misuse(w->err, "a join needs a relationship, or a model and a condition");
	if (!to || !add_named(w, j->to, to, scope))
		return false;
	if (!cross && j->on.n.op == AMPH_OP_NONE)
		return amph__error_misuse(w->err, "the join of \"%s\" needs a condition", j->to->name);
	key_byte(&w->b->key, cross ? KEY_JOIN_CROSS : KEY_JOIN_ON);
	key_number(&w->b->key, amph__shape_ordinal(w, to));
	return amph__shape_inlined(w, to) && (cross || amph__shape_expr(w, &j->on.n, &no_type)) &&
	       put_filters(w, j, to);
}

static bool put_joins(amph_shaper *w, const amph_join_item *joins, size_t scope)
{
	size_t n = 0;

	while (joins && joins[n].kind != AMPH_JOIN_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		if (joins[i].kind < AMPH_JOIN_INNER || joins[i].kind > AMPH_JOIN_CROSS)
			return amph__error_misuse(w->err, "a join of a kind that there is not");
		key_byte(&w->b->key, (unsigned)joins[i].kind);
		if (joins[i].along.model ? !put_join_along(w, &joins[i], scope) :
					   !put_join_on(w, &joins[i], scope))
			return false;
	}
	return true;
}

/* The parent's columns are arguments where they are in its struct, so that a key which the flush
 * before the query gives it is the one that is sent. */
static bool put_children(amph_shaper *w, const amph_of *of, const amph_mapper *children)
{
	const amph_registry *r = w->b->registry;
	const amph_mapper *parent = amph__mapper_of(r, of->member.model, w->err);
	const amph_relation *relation;
	amph_path path;

	if (!parent)
		return false;
	relation = amph__relation_at(parent, of->member.offset, w->err);
	if (!relation || !amph__path_of(r, parent, relation, &path, w->err))
		return false;
	if (path.to != children)
		return amph__error(w->err, "42809", "\"%s.%s\" holds \"%s\", not \"%s\"",
				   parent->model->name, relation->member, path.to->model->name,
				   children->model->name);
	key_number(&w->b->key, parent->ordinal);
	key_number(&w->b->key, (size_t)(relation - parent->relations));
	for (size_t i = 0; i < path.n; i++) {
		amph_arg arg = { .n_slots = 1, .n_rows = 1, .base = of->parent,
				 .slots = &parent->columns[path.pairs[i].from].slot };
		if (!amph__bind_add(w->b, &arg, w->err))
			return false;
	}
	return !path.link || (amph__shape_add_range(w, NULL, path.link) && put_filter(w, path.link));
}

bool amph__shape_related(amph_shaper *w, const amph_select *q)
{
	size_t from = 0, ranges = w->b->n_ranges;
	const amph_mapper *mapper;
	const amph_relation *relation;
	amph_path path;

	if (!find_range(w, q->of.member.model, &from))
		return false;
	mapper = w->b->ranges[from].mapper;
	relation = amph__relation_at(mapper, q->of.member.offset, w->err);
	if (!relation || !amph__path_of(w->b->registry, mapper, relation, &path, w->err))
		return false;
	key_number(&w->b->key, from);
	key_number(&w->b->key, (size_t)(relation - mapper->relations));
	if ((path.link && !amph__shape_add_range(w, NULL, path.link)) ||
	    !amph__shape_add_range(w, relation->target, path.to) ||
	    !amph__shape_condition(w, &q->where.n) || (path.link && !put_filter(w, path.link)) ||
	    !put_filter(w, path.to))
		return false;
	w->b->n_ranges = ranges;
	return true;
}

/* The rows are an argument where they are. */
static bool put_among(amph_shaper *w, const amph_query_among *among)
{
	amph_slot *slots = AMPH_NEWS(&w->b->values, amph_slot, among->n);
	amph_arg arg = { .n_slots = among->n, .n_rows = among->n_rows, .slots = slots, .rows = among->rows };

	if (!slots)
		return amph__error_nomem(w->err);
	key_number(&w->b->key, among->from->ordinal);
	key_number(&w->b->key, among->n);
	for (size_t i = 0; i < among->n; i++) {
		slots[i] = among->from->columns[among->pairs[i].from].slot;
		key_number(&w->b->key, among->pairs[i].from);
		key_number(&w->b->key, among->pairs[i].to);
	}
	return amph__bind_add(w->b, &arg, w->err);
}

static unsigned flags_of(const amph_select *q, bool with_deleted)
{
	return (q->distinct ? KEY_DISTINCT : 0u) | (with_deleted ? KEY_WITH_DELETED : 0u) |
	       (q->for_update ? KEY_FOR_UPDATE : 0u) | (q->skip_locked ? KEY_SKIP_LOCKED : 0u) |
	       (q->limit ? KEY_LIMIT : 0u) | (q->offset ? KEY_OFFSET : 0u) |
	       (q->of.parent ? KEY_CHILDREN : 0u) | (q->only || q->defer ? KEY_ONLY : 0u) |
	       (q->for_share ? KEY_FOR_SHARE : 0u) | (q->nowait ? KEY_NOWAIT : 0u) |
	       (q->hybrids ? KEY_HYBRIDS : 0u) |
	       (q->ctes ? KEY_CTES : 0u) | (q->combine ? KEY_COMBINE : 0u) |
	       (q->distinct_on ? KEY_DISTINCT_ON : 0u) | (q->keyset.object ? KEY_KEYSET : 0u) |
	       (q->returning ? KEY_RETURNING : 0u);
}

bool amph__shape_from(amph_shaper *w, const amph_select *q)
{
	size_t scope = w->b->n_ranges;
	const amph_mapper *mapper;

	const amph_query_among *among = w->b->among;
	w->b->among = NULL;
	key_number(&w->b->key, flags_of(q, q->with_deleted) | (among ? KEY_AMONG : 0u));
	if (q->ctes && !amph__shape_ctes(w, q->ctes))
		return false;
	mapper = amph__shape_mapper_of(w, q->model);
	if (!mapper || !amph__shape_add_range(w, q->model, mapper))
		return false;
	w->main = scope;
	key_number(&w->b->key, amph__shape_ordinal(w, mapper));
	return amph__shape_inlined(w, mapper) && put_joins(w, q->joins, scope) &&
	       (!among || put_among(w, among)) &&
	       (!q->of.parent || put_children(w, &q->of, mapper)) &&
	       amph__shape_condition(w, &q->where.n) && put_filter(w, mapper) &&
	       (!q->keyset.object || amph__shape_page(w, q));
}
