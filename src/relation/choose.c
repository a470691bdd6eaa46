/* Collections of which a query loads a part, or in an order of its own: the query of the objects is an
 * ordinary one, restricted to those that the parents have. */
#include "keys.h"
#include <string.h>

typedef struct chosen_of { size_t parent, child; } chosen_of;
typedef struct choice {
	amph_session *s;
	const amph_link_path *link;
	amph_object **parents;
	const void **rows;              /* their members */
	size_t n_parents;
	void **children;                /* a list, in the query's order */
	size_t n_children;
	chosen_of *pairs;
	size_t n_pairs, cap;
	bool by_link;                   /* the item has columns of the link */
} choice;

/* ---- the query ---- */

static bool run(choice *c, const amph_select *q, const amph_query_among *among, amph_error *err)
{
	amph_session *s = c->s;
	const amph_compiled *compiled;
	amph_result result;
	bool off = s->no_autoflush;

	s->no_autoflush = true;         /* it was flushed, and what is here stays where it is */
	s->query.among = among;
	bool ok = amph__query_start(s, AMPH_QUERY_SELECT, q, &compiled, &result, err);
	s->query.among = NULL;
	s->no_autoflush = off;
	if (!ok)
		return false;
	c->children = amph__hydrate(s, compiled->mapper, &compiled->shape, &result, &c->n_children, err);
	amph__query_done(s, compiled, &result);
	return c->children;
}

/* The objects that rows of a model refer to, those that the condition chooses. */
static bool choose(choice *c, const amph_query_among *among, amph_error *err)
{
	const amph_load_item all = { .how = AMPH_LOAD_SELECTIN }, *item = c->by_link ? &all : c->link->item;
	amph_select q = { .abi = AMPH_ABI, .model = c->link->relation->target, .where = item->where };
	amph_arena arena;

	amph__arena_init(&arena, c->s->allocator);
	q.order_by = amph__chosen_order(c->link, item, &arena);
	bool ok = q.order_by ? run(c, &q, among, err) : amph__error_nomem(err);
	amph__arena_clear(&arena);
	return ok;
}

/* ---- whose they are ---- */

static bool add_pair(choice *c, void *parent, size_t child)
{
	if (!parent)
		return true;
	if (!amph__grow(c->s->allocator, (void **)&c->pairs, &c->cap, c->n_pairs + 1, sizeof *c->pairs))
		return false;
	c->pairs[c->n_pairs++] = (chosen_of){ (uintptr_t)parent - 1, child };
	return true;
}

static bool number_rows(amph_key_table *t, const amph_key_side *side, const void *const *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!amph__keys_add(t, side, rows[i], (void *)(uintptr_t)(i + 1)))
			return false;
	return true;
}

static bool directly(choice *c, amph_error *err)
{
	const amph_path *p = &c->link->path;
	const amph_key_side from = { p->from, p->pairs, p->n, false }, to = { p->to, p->pairs, p->n, true };
	const amph_query_among among = { p->from, p->pairs, p->n, c->rows, c->n_parents };
	amph_key_table t;
	void *parent;

	if (!choose(c, &among, err))
		return false;
	amph__keys_init(&t, c->s->allocator, &from);
	bool ok = number_rows(&t, &from, c->rows, c->n_parents);
	for (size_t i = 0; i < c->n_children && ok; i++)
		ok = amph__keys_find(&t, &to, c->children[i], &parent) && add_pair(c, parent, i);
	amph__keys_clear(&t);
	return ok || amph__error_nomem(err);
}

/* Parents and children of each link; then in the order of the children, by counting. */
static bool pair_links(choice *c, const void *const *links, size_t n)
{
	const amph_path *p = &c->link->path;
	const amph_key_side from = { p->from, p->pairs, p->n, false }, of = { p->link, p->pairs, p->n, true };
	const amph_key_side leads = { p->link, p->link_pairs, p->n_link, false };
	const amph_key_side to = { p->to, p->link_pairs, p->n_link, true };
	amph_key_table parents, children;
	void *parent, *child;

	amph__keys_init(&parents, c->s->allocator, &from);
	amph__keys_init(&children, c->s->allocator, &to);
	bool ok = number_rows(&parents, &from, c->rows, c->n_parents) &&
		  number_rows(&children, &to, (const void *const *)c->children, c->n_children);
	for (size_t i = 0; i < n && ok; i++) {
		ok = amph__keys_find(&parents, &of, links[i], &parent) &&
		     amph__keys_find(&children, &leads, links[i], &child) &&
		     (!child || add_pair(c, parent, (uintptr_t)child - 1));
	}
	amph__keys_clear(&parents);
	amph__keys_clear(&children);
	return ok;
}

/* By the children, in whose order the query gave them; or by the parents, within which they are in the
 * order of the links. */
static size_t rank_of(const choice *c, size_t pair)
{
	return c->by_link ? c->pairs[pair].parent : c->pairs[pair].child;
}

static bool sort_pairs(choice *c)
{
	size_t ranks = c->by_link ? c->n_parents : c->n_children;
	size_t *starts = amph__alloc_zero(c->s->allocator, (ranks + 1) * sizeof *starts);
	chosen_of *sorted = amph__alloc(c->s->allocator, (c->n_pairs + 1) * sizeof *sorted);
	bool ok = starts && sorted;

	for (size_t i = 0; i < c->n_pairs && ok; i++)
		starts[rank_of(c, i) + 1]++;
	for (size_t i = 0; i < ranks && ok; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < c->n_pairs && ok; i++)
		sorted[starts[rank_of(c, i)]++] = c->pairs[i];
	amph__free(c->s->allocator, starts);
	if (!ok) {
		amph__free(c->s->allocator, sorted);
		return false;
	}
	amph__free(c->s->allocator, c->pairs);
	c->pairs = sorted;
	return true;
}

/* The first of those of a parent that lead to the same child. */
static bool drop_doubles(choice *c)
{
	size_t *seen = amph__alloc_zero(c->s->allocator, (c->n_children + 1) * sizeof *seen), n = 0;

	for (size_t i = 0; seen && i < c->n_pairs; i++) {
		chosen_of pair = c->pairs[i];

		if (seen[pair.child] == pair.parent + 1)
			continue;
		seen[pair.child] = pair.parent + 1;
		c->pairs[n++] = pair;
	}
	if (seen)
		c->n_pairs = n;
	amph__free(c->s->allocator, seen);
	return seen;
}

static bool through_links(choice *c, amph_error *err)
{
	const amph_path *p = &c->link->path;
	const amph_keyed parents = { c->rows, c->n_parents };
	amph_query_among among = { p->link, p->link_pairs, p->n_link, NULL, 0 };
	amph_session *s = c->s;
	amph_links links = { 0 };

	c->by_link = amph__link_is_named(c->link);
	bool ok = c->by_link ? amph__links_choose(s, c->link, parents, &links, err)
			     : amph__links_read(s, c->link, parents, &links, err);
	const void **rows = ok ? amph__alloc(s->allocator, (links.n + 1) * sizeof *rows) : NULL;
	ok = ok && (rows || amph__error_nomem(err));
	for (size_t i = 0; i < links.n && ok; i++)
		rows[i] = links.rows + i * p->link->size;
	among.rows = rows;
	among.n_rows = links.n;
	ok = ok && choose(c, &among, err) &&
	     ((pair_links(c, rows, links.n) && sort_pairs(c) && drop_doubles(c)) || amph__error_nomem(err));
	amph__free(s->allocator, rows);
	amph__links_drop(s, &links);
	return ok;
}

/* ---- into the objects ---- */

static void give_parent(void *child, const amph_relation *back, amph_object *parent)
{
	amph_object *o = amph__object_of(child);

	if (!back || *amph__relation_member(o, back))
		return;
	*amph__relation_member(o, back) = amph__members(parent);
	*amph__relation_before(o, back) = amph__members(parent);
}

static void fill(const choice *c, void ***lists)
{
	const amph_relation *r = c->link->relation;
	const amph_relation *back = amph__relation_has_children(r) ? amph__relation_back(c->link) : NULL;

	for (size_t i = 0; i < c->n_pairs; i++) {
		size_t parent = c->pairs[i].parent;
		void *child = c->children[c->pairs[i].child];
		amph_list_head *head = (amph_list_head *)(void *)lists[parent] - 1;

		lists[parent][head->n++] = child;
		lists[parent][head->n] = NULL;
		give_parent(child, back, c->parents[parent]);
	}
	for (size_t i = 0; i < c->n_parents; i++) {
		amph__list_set_filtered(lists[i]);
		amph__list_hand_out(lists[i]);
		*amph__relation_member(c->parents[i], r) = lists[i];
		*amph__relation_before(c->parents[i], r) = lists[i];
	}
}

static bool make_lists(choice *c, amph_error *err)
{
	amph_session *s = c->s;
	size_t *counts = amph__alloc_zero(s->allocator, c->n_parents * sizeof *counts);
	void ***lists = amph__alloc_zero(s->allocator, c->n_parents * sizeof *lists);
	bool ok = counts && lists;

	for (size_t i = 0; i < c->n_pairs && ok; i++)
		counts[c->pairs[i].parent]++;
	for (size_t i = 0; i < c->n_parents && ok; i++) {
		lists[i] = amph__list_for(c->parents[i], c->link->relation, counts[i]);
		ok = lists[i] != NULL;
		if (ok)
			((amph_list_head *)(void *)lists[i] - 1)->n = 0;
	}
	if (ok)
		fill(c, lists);
	amph__free(s->allocator, counts);
	amph__free(s->allocator, lists);
	return ok || amph__error_nomem(err);
}

/* Those whose collection has no changes that wait to be flushed. */
static bool take_parents(choice *c, amph_object **objects, size_t n, amph_error *err)
{
	const amph_relation *r = c->link->relation;

	c->parents = amph__alloc(c->s->allocator, n * sizeof *c->parents);
	c->rows = amph__alloc(c->s->allocator, n * sizeof *c->rows);
	if (!c->parents || !c->rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (*amph__relation_member(objects[i], r) != *amph__relation_before(objects[i], r))
			continue;
		if (c->s->wrote && objects[i]->state == OBJECT_PERSISTENT &&
		    !amph__journal_note(objects[i], err))
			return false;
		c->rows[c->n_parents] = amph__members(objects[i]);
		c->parents[c->n_parents++] = objects[i];
	}
	return true;
}

bool amph__relation_choose(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
			   amph_error *err)
{
	const amph_registry *r = s->engine->registry;
	choice c = { .s = s, .link = link };

	if (!amph__relation_is_list(link->relation))
		return amph__error(err, "0A000", "%s.%s leads to one object: a condition or an order of its "
				   "own is of collections", link->path.from->model->name,
				   link->relation->member);
	/* the condition may be about any model */
	if (!amph__autoflush(s, r->mappers, r->n_mappers, err))
		return false;
	bool ok = take_parents(&c, objects, n, err);
	ok = ok && (!c.n_parents ||
		    ((link->path.link ? through_links(&c, err) : directly(&c, err)) && make_lists(&c, err)));
	amph_release(s, c.children);
	amph__free(s->allocator, c.pairs);
	amph__free(s->allocator, c.rows);
	amph__free(s->allocator, c.parents);
	return ok;
}

/* ---- asked for by a query ---- */

/* Objects of the query may be of m or of a model derived from it. */
static bool check_item(amph_session *s, const amph_mapper *m, const amph_load_item *item, amph_error *err)
{
	const amph_mapper *of = amph__mapper_of(s->engine->registry, item->member.model, err);
	amph_link_path link;

	if (!of)
		return false;
	if (!amph__is_kind_of(m, of) && !amph__is_kind_of(of, m))
		return amph__error_misuse(err, "a relationship of %s cannot be loaded with objects of %s",
					  of->model->name, m->model->name);
	return amph__link_path_of(s, of, item->member.offset, &link, err) &&
	       amph__load_check(s, link.path.to, item->then, err);
}

bool amph__load_check(amph_session *s, const amph_mapper *m, const amph_load_item *items, amph_error *err)
{
	for (; items && items->how; items++)
		if (!check_item(s, m, items, err))
			return false;
	return true;
}
