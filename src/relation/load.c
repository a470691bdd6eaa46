/* Loading relationships: one statement for many objects, then a join in memory by the identity
 * map. Joins that the server would do cost more than they save (doc/architecture.md). */
#include "keys.h"
#include "rows.h"
#include <string.h>

bool amph__link_path_of(amph_session *s, const amph_mapper *m, size_t offset, amph_link_path *out,
			amph_error *err)
{
	out->relation = amph__relation_at(m, offset, err);
	if (!out->relation)
		return false;
	out->number = (uint16_t)(out->relation - m->relations);
	out->renew = out->whole = false;
	out->item = NULL;
	return amph__path_of(s->engine->registry, m, out->relation, &out->path, err);
}

/* ---- many to one ---- */

static bool is_key_of(const amph_mapper *m, const amph_key_pair *pairs, size_t n)
{
	if (n != m->n_keys)
		return false;
	for (size_t i = 0; i < n; i++)
		if (pairs[i].to != m->keys[i])
			return false;
	return true;
}

static void put_one(amph_object *o, const amph_relation *r, amph_object *target)
{
	void *members = target ? amph__members(target) : NULL;

	*amph__relation_member(o, r) = members;
	*amph__relation_before(o, r) = members;
}

static amph_object *known_target(amph_session *s, const amph_path *p, const amph_object *o, void *key)
{
	for (size_t i = 0; i < p->n; i++)
		if (!amph__key_copy(&p->from->columns[p->pairs[i].from].slot, amph__members(o),
				    &p->to->columns[p->pairs[i].to].slot, key, NULL))
			return NULL;
	amph_object *target = amph__identity_find(&s->extents[p->to->ordinal], key);

	return target && !target->expired && amph__is_kind_of(target->extent->mapper, p->to) &&
	       !amph__is_hidden(s, target) ? target : NULL;
}

/* As a list of objects, for amph_release. */
static bool read_rows(amph_session *s, const load_ctx *c, void ***list, amph_error *err)
{
	amph_result result;
	size_t n;

	if (!amph__rows_select(s, c, &result, err))
		return false;
	*list = amph__hydrate(s, c->to, amph__read_shape(c->to), &result, &n, err);
	amph__finish(s->conn, &result);
	return *list != NULL;
}

/* By the row that each refers to, of those in list. */
static bool match_by_table(amph_session *s, const amph_link_path *l, amph_keyed rows, void **list,
			   amph_error *err)
{
	const amph_path *p = &l->path;
	const amph_key_side from = { p->from, p->pairs, p->n, false };
	const amph_key_side to = { p->to, p->pairs, p->n, true };
	amph_key_table t;
	void *target;
	bool ok = true;

	amph__keys_init(&t, s->allocator, &to);
	for (size_t i = 0; list[i] && ok; i++)
		ok = amph__keys_add(&t, &to, list[i], amph__object_of(list[i]));
	for (size_t i = 0; i < rows.n && ok; i++) {
		ok = amph__keys_find(&t, &from, rows.items[i], &target);
		if (ok)
			put_one(amph__object_of(rows.items[i]), l->relation, target);
	}
	amph__keys_clear(&t);
	return ok || amph__error_nomem(err);
}

static bool load_one(amph_session *s, const amph_link_path *l, amph_object **objects, size_t n,
		     amph_error *err)
{
	const amph_path *p = &l->path;
	bool by_identity = is_key_of(p->to, p->pairs, p->n);
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, n + 1);
	void *key = amph__arena_zero(&s->flush_arena, p->to->size);
	load_key lk = { .mapper = p->from->ordinal, .relation = l->number, .op = ROWS_OF_TARGET };
	load_args sent;
	load_ctx c = { &lk, p->from, p->to, p->pairs, p->n, { rows, 0 }, &sent };
	void **list;

	lk.unordered = amph__rows_may_mix(s, p->to);
	if (!rows || !key)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		amph_object *known = NULL;

		if (*amph__relation_member(objects[i], l->relation) ||
		    amph__key_has_null(p, amph__members(objects[i])))
			continue;
		if (by_identity && (known = known_target(s, p, objects[i], key)))
			put_one(objects[i], l->relation, known);
		else
			rows[c.rows.n++] = amph__members(objects[i]);
	}
	if (!c.rows.n)
		return true;
	if (!read_rows(s, &c, &list, err))
		return false;
	for (size_t i = 0; i < c.rows.n && by_identity; i++) {
		amph_object *o = amph__object_of(rows[i]);

		put_one(o, l->relation, known_target(s, p, o, key));
	}
	bool ok = by_identity || match_by_table(s, l, c.rows, list, err);
	amph_release(s, list);
	return ok;
}

/* ---- one to many, many to many: children by parent, then a list for each parent ---- */

typedef struct child_of { size_t parent; void *child; } child_of;
typedef struct family {
	amph_session *s;
	const amph_link_path *link;
	amph_object **parents;
	size_t n_parents;
	amph_key_table by_key;          /* number of the parent, from 1, by the values of its key */
	child_of *children;
	size_t n_children, cap;
	int64_t *last;                  /* of each parent, the key of its last child; NULL: by the database */
	bool unsorted;
	bool all_due;                   /* of the objects that it is to be loaded of */
} family;

static bool number_parents(family *f)
{
	const amph_path *p = &f->link->path;
	const amph_key_side from = { p->from, p->pairs, p->n, false };

	for (size_t i = 0; i < f->n_parents; i++)
		if (!amph__keys_add(&f->by_key, &from, amph__members(f->parents[i]),
				    (void *)(uintptr_t)(i + 1)))
			return false;
	return true;
}

static int64_t own_key(const amph_mapper *m, const void *members)
{
	return amph__read_integer(&m->columns[m->keys[0]].slot, members);
}

static bool add_child(family *f, const amph_mapper *m, const void *row, void *child)
{
	const amph_path *p = &f->link->path;
	const amph_key_side to = { m, p->pairs, p->n, true };
	void *number;

	if (!amph__keys_find(&f->by_key, &to, row, &number))
		return false;
	size_t parent = (uintptr_t)number;
	if (!parent--)
		return true;
	if (!amph__grow(f->s->allocator, (void **)&f->children, &f->cap, f->n_children + 1,
			sizeof *f->children))
		return false;
	f->children[f->n_children++] = (child_of){ parent, child };
	if (f->last) {
		int64_t key = own_key(p->to, child);

		f->unsorted |= key < f->last[parent];
		f->last[parent] = key;
	}
	return true;
}

/* The back side of children is the parent. */
static const amph_relation *back_of(const family *f)
{
	return amph__relation_has_children(f->link->relation) ? amph__relation_back(f->link) : NULL;
}

/* One to one: the first, should there be more. */
static void put_single(family *f)
{
	const amph_relation *back = back_of(f);

	for (size_t i = 0; i < f->n_children; i++) {
		amph_object *parent = f->parents[f->children[i].parent];
		amph_object *child = amph__object_of(f->children[i].child);

		if (*amph__relation_member(parent, f->link->relation))
			continue;
		put_one(parent, f->link->relation, child);
		if (back && !*amph__relation_member(child, back))
			put_one(child, back, parent);
	}
}

/* By insertion: lists are short, and nearly in order where they are not quite. */
static void sort_list(const amph_mapper *m, void **list, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		void *item = list[i];
		int64_t key = own_key(m, item);
		size_t at = i;

		for (; at > 0 && own_key(m, list[at - 1]) > key; at--)
			list[at] = list[at - 1];
		list[at] = item;
	}
}

/* A link table may have a pair more than once; its target is there once. */
static void drop_repeated(void **list)
{
	size_t kept = 0, n = amph_length(list);

	for (size_t i = 0; i < n; i++) {
		amph_object *o = amph__object_of(list[i]);

		if (!o->marked)
			list[kept++] = list[i];
		o->marked = true;
	}
	for (size_t i = 0; i < kept; i++)
		amph__object_of(list[i])->marked = false;
	if (kept == n)
		return;
	list[kept] = NULL;
	((amph_list_head *)(void *)list - 1)->n = kept;
}

static bool may_repeat(const amph_path *p)
{
	return p->link && p->link->n_keys != p->n + p->n_link;
}

/* What is loaded again and is as it was stays the list that it is. */
static void put_list(amph_session *s, amph_object *parent, const amph_relation *r, void **list)
{
	void **old = *amph__relation_member(parent, r);
	size_t n = amph_length(list);

	if (old && !amph__list_is_filtered(old) && amph_length(old) == n &&
	    !memcmp(old, list, n * sizeof *list)) {
		amph__list_free(s, (amph_list_head *)(void *)list - 1);
		return;
	}
	amph__list_hand_out(list);
	*amph__relation_member(parent, r) = list;
	*amph__relation_before(parent, r) = list;
}

static bool make_lists(family *f)
{
	size_t *counts = AMPH_NEWS(&f->s->flush_arena, size_t, f->n_parents);
	void ***lists = AMPH_NEWS(&f->s->flush_arena, void **, f->n_parents);
	const amph_relation *back = back_of(f);

	if (!counts || !lists)
		return false;
	for (size_t i = 0; i < f->n_children; i++)
		counts[f->children[i].parent]++;
	for (size_t i = 0; i < f->n_parents; i++) {
		lists[i] = amph__list_for(f->parents[i], f->link->relation, counts[i]);
		if (!lists[i])
			return false;
		counts[i] = 0;
	}
	for (size_t i = 0; i < f->n_children; i++) {
		size_t parent = f->children[i].parent;

		amph_object *child = amph__object_of(f->children[i].child);

		lists[parent][counts[parent]++] = f->children[i].child;
		/* one that is softly deleted is nobody's parent, though it has its children */
		if (back && !*amph__relation_member(child, back) &&
		    !amph__is_hidden(f->s, f->parents[parent]))
			put_one(child, back, f->parents[parent]);
	}
	for (size_t i = 0; i < f->n_parents; i++) {
		if (f->unsorted)
			sort_list(f->link->path.to, lists[i], counts[i]);
		if (may_repeat(&f->link->path))
			drop_repeated(lists[i]);
		put_list(f->s, f->parents[i], f->link->relation, lists[i]);
	}
	return true;
}

static int64_t *first_keys(family *f)
{
	int64_t *last = AMPH_NEWS(&f->s->flush_arena, int64_t, f->n_parents);

	for (size_t i = 0; last && i < f->n_parents; i++)
		last[i] = INT64_MIN;
	return last;
}

/* Whether all rows of the children are as good as those of the parents. What must have a parent has one
 * of all that there are. Of keys that may be NULL, and of one kind among others in a table, few parents
 * may have few children in a large one, where a lookup of each is less than to read it. */
static bool is_whole(const family *f)
{
	const amph_path *p = &f->link->path;

	for (size_t i = 0; i < p->n; i++)
		if (p->to->columns[p->pairs[i].to].type.nullable)
			return false;
	return f->link->whole && f->all_due && p->to->root == p->to && p->to->n_kinds < 2 &&
	       !amph__has_event(f->s, p->to, AMPH_AFTER_LOAD);
}

static bool children_directly(family *f, const void *const *rows, amph_error *err)
{
	const amph_path *p = &f->link->path;
	load_key lk = { .mapper = p->from->ordinal, .relation = f->link->number, .op = ROWS_OF_TARGET };
	load_args sent;
	load_ctx c = { &lk, p->from, p->to, p->pairs, p->n, { rows, f->n_parents }, &sent };
	void **list;
	bool ok = true;

	lk.unordered = amph__rows_may_mix(f->s, p->to);
	lk.whole = is_whole(f);
	f->last = lk.unordered ? first_keys(f) : NULL;
	if (lk.unordered && !f->last)
		return amph__error_nomem(err);
	if (!read_rows(f->s, &c, &list, err))
		return false;
	for (size_t i = 0; list[i] && ok; i++)
		ok = add_child(f, p->to, list[i], list[i]);
	amph_release(f->s, list);
	return ok || amph__error_nomem(err);
}

bool amph__links_take(amph_session *s, const amph_link_path *l, amph_result *result, amph_links *links,
		      amph_error *err)
{
	const amph_mapper *m = l->path.link;
	amph_text_block *text = NULL;
	amph_row_block block = { s, &text };
	amph_store store = { amph__row_store, &block };
	size_t cap = 0, got = 1;
	bool ok = true;

	*links = (amph_links){ 0 };
	while (ok && got) {
		ok = amph__grow(s->allocator, (void **)&links->rows, &cap, links->n + 64, m->size) ||
		     amph__error_nomem(err);
		if (!ok)
			break;
		char *at = links->rows + links->n * m->size;

		memset(at, 0, 64 * m->size);
		ok = amph__fetch(s->conn, result, &m->shape, at, m->size, 64, &store, &got, err);
		links->n += ok ? got : 0;
	}
	s->link_text = text;
	return ok;
}

bool amph__links_read(amph_session *s, const amph_link_path *l, amph_keyed objects, amph_links *links,
		      amph_error *err)
{
	const amph_path *p = &l->path;
	load_key lk = { .mapper = p->from->ordinal, .relation = l->number, .op = ROWS_OF_LINK };
	load_args sent;
	load_ctx c = { &lk, p->from, p->link, p->pairs, p->n, objects, &sent };
	amph_result result;

	if (!amph__rows_select(s, &c, &result, err))
		return false;
	bool ok = amph__links_take(s, l, &result, links, err);
	amph__finish(s->conn, &result);
	return ok;
}

void amph__links_drop(amph_session *s, amph_links *links)
{
	amph__text_give(s, s->link_text);
	s->link_text = NULL;
	amph__free(s->allocator, links->rows);
}

static bool targets_of(family *f, const amph_links *links, amph_key_table *t, amph_error *err)
{
	const amph_path *p = &f->link->path;
	const amph_key_side to = { p->to, p->link_pairs, p->n_link, true };
	load_key lk = { .mapper = p->from->ordinal, .relation = f->link->number, .op = ROWS_BEHIND_LINK };
	load_args sent;
	const void **rows = AMPH_NEWS(&f->s->flush_arena, const void *, links->n + 1);
	load_ctx c = { &lk, p->link, p->to, p->link_pairs, p->n_link, { rows, links->n }, &sent };
	void **list;
	bool ok = true;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < links->n; i++)
		rows[i] = links->rows + i * p->link->size;
	lk.unordered = amph__rows_may_mix(f->s, p->to);
	if (!read_rows(f->s, &c, &list, err))
		return false;
	for (size_t i = 0; list[i] && ok; i++)
		ok = amph__keys_add(t, &to, list[i], list[i]);
	amph_release(f->s, list);
	return ok || amph__error_nomem(err);
}

static bool children_through(family *f, const void *const *rows, amph_error *err)
{
	const amph_path *p = &f->link->path;
	const amph_key_side from = { p->link, p->link_pairs, p->n_link, false };
	amph_links links = { 0 };
	void *target;
	amph_key_table t;

	amph__keys_init(&t, f->s->allocator, &from);
	bool ok = amph__links_read(f->s, f->link, (amph_keyed){ rows, f->n_parents }, &links, err) &&
		  (!links.n || targets_of(f, &links, &t, err));
	for (size_t i = 0; i < links.n && ok; i++) {
		const char *row = links.rows + i * p->link->size;

		ok = (amph__keys_find(&t, &from, row, &target) &&
		      (!target || add_child(f, p->link, row, target))) || amph__error_nomem(err);
	}
	amph__links_drop(f->s, &links);
	amph__keys_clear(&t);
	return ok;
}

/* Not loaded; or a part of it, or to be loaded again, without changes that wait to be flushed. */
static bool is_due(const amph_object *o, const amph_link_path *l)
{
	void *member = *amph__relation_member(o, l->relation);

	return !member || (l->relation->kind != AMPH_REL_ONE && o->state == OBJECT_PERSISTENT &&
			   member == *amph__relation_before(o, l->relation) &&
			   (l->renew ||
			    (amph__relation_is_list(l->relation) && amph__list_is_filtered(member))));
}

static bool load_many(amph_session *s, const amph_link_path *l, amph_object **objects, size_t n,
		      amph_error *err)
{
	family f = { .s = s, .link = l };
	const amph_key_side from = { l->path.from, l->path.pairs, l->path.n, false };
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, n + 1);

	f.parents = AMPH_NEWS(&s->flush_arena, amph_object *, n + 1);
	if (!rows || !f.parents)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		if (!is_due(objects[i], l))
			continue;
		if (l->relation->kind == AMPH_REL_HAS_ONE && *amph__relation_member(objects[i], l->relation))
			put_one(objects[i], l->relation, NULL);
		rows[f.n_parents] = amph__members(objects[i]);
		f.parents[f.n_parents++] = objects[i];
	}
	if (!f.n_parents)
		return true;
	f.all_due = f.n_parents == n;
	amph__keys_init(&f.by_key, s->allocator, &from);
	bool ok = number_parents(&f) || amph__error_nomem(err);
	ok = ok && (l->path.link ? children_through(&f, rows, err) : children_directly(&f, rows, err));
	if (ok && l->relation->kind == AMPH_REL_HAS_ONE)
		put_single(&f);
	else
		ok = ok && (make_lists(&f) || amph__error_nomem(err));
	amph__keys_clear(&f.by_key);
	amph__free(s->allocator, f.children);
	return ok;
}

bool amph__relation_load(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
			 amph_error *err)
{
	const amph_mapper *const mappers[] = { link->path.to, link->path.link };

	if (!n || !amph__autoflush(s, mappers, link->path.link ? 2 : 1, err))
		return !n;
	/* what is read beside work of this transaction may be undone with it */
	for (size_t i = 0; i < n && s->wrote; i++)
		if (is_due(objects[i], link) &&
		    objects[i]->state == OBJECT_PERSISTENT && !amph__journal_note(objects[i], err))
			return false;
	bool ok = link->relation->kind == AMPH_REL_ONE ? load_one(s, link, objects, n, err)
						       : load_many(s, link, objects, n, err);
	if (ok && s->n_changes && !s->in_flush && amph__relation_is_list(link->relation))
		ok = amph__changes_merge(s, link, objects, n, err);
	for (size_t i = 0; i < n && ok && !amph__relation_is_list(link->relation); i++)
		if (!*amph__relation_member(objects[i], link->relation))
			amph__absent_note(objects[i], link->relation);
	if (!s->in_flush)
		amph__arena_reset(&s->flush_arena);
	return ok;
}

/* ---- rows by keys, as objects ---- */

bool amph__links_of(amph_session *s, const amph_link_path *l, amph_keyed objects, void ***list,
		    amph_error *err)
{
	const amph_path *p = &l->path;
	load_key key = { .mapper = p->from->ordinal, .relation = l->number, .op = ROWS_OF_LINK };
	load_args sent;

	return read_rows(s, &(load_ctx){ &key, p->from, p->link, p->pairs, p->n, objects, &sent }, list, err);
}

bool amph__links_like(amph_session *s, const amph_link_path *l, amph_keyed links, void ***list,
		      amph_error *err)
{
	const amph_path *p = &l->path;
	load_key key = { .mapper = p->link->ordinal, .relation = p->from->ordinal,
			 .op = ROWS_OF_LINK_BY_BOTH, .unused = { (uint8_t)l->number } };
	amph_key_pair pairs[2 * AMPH_KEY_PAIRS_MAX];
	load_args sent;
	load_ctx c = { &key, p->link, p->link, pairs, 0, links, &sent };

	/* the two keys may share columns */
	for (size_t i = 0; i < p->n + p->n_link; i++) {
		uint16_t column = i < p->n ? p->pairs[i].to : p->link_pairs[i - p->n].from;
		bool known = false;

		for (size_t k = 0; k < c.n && !known; k++)
			known = pairs[k].to == column;
		if (!known)
			pairs[c.n++] = (amph_key_pair){ column, column };
	}
	return read_rows(s, &c, list, err);
}

bool amph__objects_reload(amph_session *s, amph_object **objects, size_t n, amph_error *err)
{
	const amph_mapper *m = objects[0]->extent->mapper;
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, n);
	amph_key_pair pairs[AMPH_KEY_COLUMNS_MAX];
	load_key key = { .mapper = m->ordinal, .op = ROWS_OF_MODEL };
	load_args sent;
	load_ctx c = { &key, m, m, pairs, m->n_keys, { rows, n }, &sent };
	void **list;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < m->n_keys; i++)
		pairs[i] = (amph_key_pair){ m->keys[i], m->keys[i] };
	for (size_t i = 0; i < n; i++) {
		objects[i]->expired = true;
		rows[i] = amph__snapshot(objects[i]);
	}
	bool ok = read_rows(s, &c, &list, err);
	if (ok)
		amph_release(s, list);
	if (!s->in_flush)
		amph__arena_reset(&s->flush_arena);
	return ok;
}

/* ---- asked for by a query ---- */

static bool nested(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
		   amph_error *err)
{
	amph_object_list below = { 0 };
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		void *member = *amph__relation_member(objects[i], link->relation);

		if (!member)
			continue;
		if (!amph__relation_is_list(link->relation))
			ok = amph__list_push(s, &below, amph__object_of(member));
		else
			for (void **child = member; *child && ok; child++)
				ok = amph__list_push(s, &below, amph__object_of(*child));
	}
	if (!ok)
		amph__error_nomem(err);
	void **list = ok ? amph__list_new(s, below.n, sizeof(void *)) : NULL;
	for (size_t i = 0; list && i < below.n; i++)
		list[i] = amph__members(below.items[i]);
	ok = ok && list && amph__load_items(s, link->item->then, list, below.n, err);
	amph_release(s, list);
	amph__free(s->allocator, below.items);
	return ok;
}

static bool is_chosen(const amph_load_item *item)
{
	return item->where.n.op != AMPH_OP_NONE || item->order_by;
}

bool amph__load_items(amph_session *s, const amph_load_item *items, void *const *list, size_t n,
		      amph_error *err)
{
	amph_link_path link;

	if (!items || !n)
		return true;
	bool whole = s->whole;

	s->whole = false;       /* what a flush loads, and what is nested, is of few objects */
	amph_object **objects = amph__alloc(s->allocator, n * sizeof(amph_object *));
	if (!objects)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++)
		objects[i] = amph__object_of(list[i]);
	bool ok = true;
	for (; items->how && ok; items++) {
		const amph_mapper *m = amph__mapper_of(s->engine->registry, items->member.model, err);

		ok = m && (amph__is_kind_of(objects[0]->extent->mapper, m) ||
			   amph__error_misuse(err, "a relationship of %s cannot be loaded with objects of %s",
					      m->model->name, objects[0]->extent->mapper->model->name));
		if (ok && items->how == AMPH_LOAD_RAISE) {
			ok = (!items->then && !is_chosen(items)) ||
			     amph__error_misuse(err, "what must not be loaded has nothing nested in it");
			continue;
		}
		ok = ok && amph__link_path_of(s, m, items->member.offset, &link, err);
		link.renew = s->renew;
		link.whole = whole;
		link.item = items;
		ok = ok && (is_chosen(items) ? amph__relation_choose(s, &link, objects, n, err)
					     : amph__relation_load(s, &link, objects, n, err));
		ok = ok && (!items->then || nested(s, &link, objects, n, err));
	}
	amph__free(s->allocator, objects);
	return ok;
}

uint64_t amph__raised(amph_session *s, const amph_mapper *m, const amph_load_item *items)
{
	uint64_t raise = 0;
	amph_link_path l;
	amph_error ignored;     /* wrong ones are told when the others are loaded */

	for (; items && items->how; items++)
		if (items->how == AMPH_LOAD_RAISE &&
		    amph__link_path_of(s, m, items->member.offset, &l, &ignored) && l.number < 64)
			raise |= (uint64_t)1 << l.number;
	return raise;
}
