/* Collections behind links of which a query loads a part, or in an order, by columns of the links: those
 * are read first, beside the objects that they lead to. */
#include "keys.h"
#include <string.h>

static bool names(const amph_node *e, const amph_model *m)
{
	const amph_node *args = e->args;

	if (e->op == AMPH_OP_COLUMN)
		return e->of.model == m;
	if (e->op == AMPH_OP_NONE || e->op == AMPH_OP_VALUE || e->op == AMPH_OP_LABEL ||
	    e->op == AMPH_OP_LIST || e->op == AMPH_OP_WINDOW || !amph__seal_holds(e))
		return false;
	for (uint32_t i = 0; i < e->n; i++)
		if (names(&args[i], m))
			return true;
	return false;
}

bool amph__link_is_named(const amph_link_path *link)
{
	const amph_model *m = link->path.link->model;
	const amph_load_item *item = link->item;

	for (const amph_node *by = item->order_by; by && by->op != AMPH_OP_NONE; by++)
		if (names(by, m))
			return true;
	return names(&item->where.n, m);
}

const amph_node *amph__chosen_order(const amph_link_path *link, const amph_load_item *item,
				    amph_arena *arena)
{
	const amph_mapper *m = link->path.to;
	const amph_node *by = item->order_by;
	size_t n = 0;

	while (by && by[n].op != AMPH_OP_NONE)
		n++;
	amph_node *list = AMPH_NEWS(arena, amph_node, n + m->n_keys + 1);
	if (!list)
		return NULL;
	if (n)
		memcpy(list, by, n * sizeof *list);
	for (size_t i = 0; i < m->n_keys; i++)
		list[n++] = (amph_node){ .op = AMPH_OP_COLUMN, .flags = AMPH_NODE_ASC,
					 .n = m->columns[m->keys[i]].slot.offset,
					 .of = { .model = link->relation->target } };
	return amph_nodes_of(list);
}

static amph_node column(const amph_model *model, const amph_mapper *m, size_t number)
{
	return (amph_node){
		.op = AMPH_OP_COLUMN, .n = m->columns[number].slot.offset, .of = { .model = model }
	};
}

/* That a link leads to an object; NULL: out of memory. */
static const amph_join_item *to_objects(const amph_link_path *link, amph_arena *arena)
{
	const amph_path *p = &link->path;
	const amph_model *target = link->relation->target;
	amph_join_item *joins = AMPH_NEWS(arena, amph_join_item, 2);
	amph_bool_expr *all = AMPH_NEWS(arena, amph_bool_expr, p->n_link + 1);
	amph_node *sides = AMPH_NEWS(arena, amph_node, 2 * p->n_link + 1);

	if (!joins || !all || !sides)
		return NULL;
	for (size_t i = 0; i < p->n_link; i++) {
		sides[2 * i] = column(p->link->model, p->link, p->link_pairs[i].from);
		sides[2 * i + 1] = column(target, p->to, p->link_pairs[i].to);
		all[i] = amph_compare(AMPH_OP_EQ, 1, 2, &sides[2 * i]);
	}
	all[p->n_link].n.op = AMPH_OP_LAST;
	joins[0] = (amph_join_item){
		.to = target, .on = amph_junction(AMPH_OP_ALL, all), .kind = AMPH_JOIN_INNER
	};
	return amph_joins_of(joins);
}

static bool read_chosen(amph_session *s, const amph_link_path *link, const amph_select *q,
			amph_links *links, amph_error *err)
{
	const amph_compiled *compiled;
	amph_result result;
	bool off = s->no_autoflush;

	s->no_autoflush = true;         /* it was flushed */
	bool ok = amph__query_start(s, AMPH_QUERY_STREAM, q, &compiled, &result, err);
	s->no_autoflush = off;
	if (!ok)
		return false;
	ok = amph__links_take(s, link, &result, links, err);
	amph__query_done(s, compiled, &result);
	return ok;
}

bool amph__links_choose(amph_session *s, const amph_link_path *link, amph_keyed objects, amph_links *links,
			amph_error *err)
{
	const amph_path *p = &link->path;
	const amph_query_among among = { p->from, p->pairs, p->n, objects.items, objects.n };
	amph_select q = { .abi = AMPH_ABI, .model = p->link->model, .where = link->item->where };
	amph_arena arena;

	if (p->link->n_kinds > 1)
		return amph__error(err, "0A000", "%s.%s leads through \"%s\", which is of several kinds: a "
				   "condition or an order has no columns of it", p->from->model->name,
				   link->relation->member, p->link->model->name);
	if (p->link->model == link->relation->target)
		return amph__error(err, "0A000", "%s.%s leads through what it leads to", p->from->model->name,
				   link->relation->member);
	amph__arena_init(&arena, s->allocator);
	q.order_by = amph__chosen_order(link, link->item, &arena);
	q.joins = to_objects(link, &arena);
	s->query.among = &among;
	bool ok = q.order_by && q.joins ? read_chosen(s, link, &q, links, err) : amph__error_nomem(err);
	s->query.among = NULL;
	amph__arena_clear(&arena);
	return ok;
}
