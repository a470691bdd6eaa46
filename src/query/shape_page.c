/* Pages by the place of an object in an order. */
#include "shape.h"
#include "../model/value.h"

static bool is_in(const amph_node *list, size_t n, uint32_t offset)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].n == offset)
			return true;
	}
	return false;
}

static uint8_t reversed(uint8_t flags)
{
	uint8_t nulls = 0;

	if (flags & AMPH_NODE_NULLS_FIRST)
		nulls = AMPH_NODE_NULLS_LAST;
	else if (flags & AMPH_NODE_NULLS_LAST)
		nulls = AMPH_NODE_NULLS_FIRST;
	return (uint8_t)(nulls | (flags & AMPH_NODE_DESC ? AMPH_NODE_ASC : AMPH_NODE_DESC));
}

/* What is compared in one go goes in one direction: the key goes in that of the last column. */
static void add_key(const amph_mapper *m, const amph_model *model, amph_node *list, size_t n)
{
	uint8_t direction = n && list[n - 1].flags & AMPH_NODE_DESC ? AMPH_NODE_DESC : AMPH_NODE_ASC;

	for (size_t i = 0; i < m->n_keys; i++) {
		uint32_t offset = m->columns[m->keys[i]].slot.offset;
		if (is_in(list, n, offset))
			continue;
		list[n++] = (amph_node){
			.op = AMPH_OP_COLUMN, .n = offset, .of = { .model = model }, .flags = direction
		};
	}
}

bool amph__shape_page_order(amph_shaper *w, amph_select *q)
{
	const amph_mapper *m = amph__mapper_of(w->b->registry, q->model, w->err);
	size_t n = 0;
	amph_node *list;

	if (!m)
		return false;
	while (q->order_by && q->order_by[n].op != AMPH_OP_NONE)
		n++;
	list = AMPH_NEWS(&w->b->values, amph_node, n + m->n_keys + 1);
	if (!list)
		return amph__error_nomem(w->err);
	for (size_t i = 0; i < n; i++) {
		list[i] = q->order_by[i];
		if (list[i].op != AMPH_OP_COLUMN || list[i].of.model != q->model)
			return amph__error(w->err, "42P10", "pages by .keyset are ordered by columns of "
					   "\"%s\" only", q->model->name);
	}
	add_key(m, q->model, list, n);
	for (size_t i = 0; q->keyset.how == AMPH_KEYSET_BEFORE && list[i].op != AMPH_OP_NONE; i++)
		list[i].flags = reversed(list[i].flags);
	q->order_by = amph_nodes_of(list);
	return true;
}

static unsigned page_flags(const amph_node *node, const amph_slot *slot, const void *object)
{
	bool desc = node->flags & AMPH_NODE_DESC;
	bool first = node->flags & AMPH_NODE_NULLS_FIRST ||
		     (desc && !(node->flags & AMPH_NODE_NULLS_LAST));

	return (desc ? KEY_PAGE_DESC : 0u) | (first ? KEY_PAGE_NULLS_FIRST : 0u) |
	       (amph__slot_is_null(slot, object) ? KEY_PAGE_AT_NULL : 0u);
}

/* The columns' values are arguments where they are, in the object. */
bool amph__shape_page(amph_shaper *w, const amph_select *q)
{
	const amph_mapper *m = w->b->ranges[w->main].mapper;
	size_t n = 0;

	while (q->order_by[n].op != AMPH_OP_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		const amph_mapped_column *column = amph__hybrid_at(m, q->order_by[i].n);
		amph_arg arg = { .n_slots = 1, .n_rows = 1, .base = q->keyset.object };
		unsigned flags;

		if (!column)
			column = amph__shape_find_column(w, &q->order_by[i], NULL);
		if (!column)
			return false;
		arg.slots = &column->slot;
		flags = page_flags(&q->order_by[i], &column->slot, arg.base);
		key_number(&w->b->key, column->number);
		key_byte(&w->b->key, flags);
		if (!(flags & KEY_PAGE_AT_NULL) &&
		    (!amph__slot_check(&column->slot, &column->type, arg.base, m->table->name, column->name,
				       w->err) ||
		     !amph__bind_add(w->b, &arg, w->err)))
			return false;
	}
	return true;
}
