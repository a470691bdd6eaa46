/* Loading relationships: one statement for many objects, then a join in memory by the identity
 * map. Joins that the server would do cost more than they save (doc/architecture.md). */
#include "keys.h"
#include <string.h>

#define SIBLINGS_MOST 1000

bool amph__link_path_of(amph_session *s, const amph_mapper *m, size_t offset, amph_link_path *out,
			amph_error *err)
{
	out->relation = amph__relation_at(m, offset, err);
	if (!out->relation)
		return false;
	out->number = (uint16_t)(out->relation - m->relations);
	out->renew = false;
	return amph__path_of(s->engine->registry, m, out->relation, &out->path, err);
}

/* ---- the statements ---- */

typedef struct load_key {
	uint16_t mapper, relation;      /* of the side that is read from */
	uint8_t op;                     /* 100: rows of the target; 101: of the link; 102: behind it;
					 * 103: of the link by both keys; 104: of the model itself */
	bool unordered;
	bool whole;                     /* of the target: all of them, whichever keys they have */
	uint8_t unused[1];              /* 0: the key is compared as bytes */
	amph_column_set filter, nulls;  /* what rows are filtered by; those that must be NULL */
} load_key;
/* What is sent; it lives until the result was read, as the trace shows it then. */
typedef struct load_args {
	amph_slot slots[2 * AMPH_KEY_PAIRS_MAX];
	amph_arg args[1 + AMPH_COLUMNS_MAX];
} load_args;
typedef struct load_ctx {
	const load_key *key;
	const amph_mapper *from, *to;   /* keys come from rows of from; rows of to are read */
	const amph_key_pair *pairs;
	size_t n;
	load_args *sent;
} load_ctx;

static sql_expr *match_rows(amph_arena *arena, const load_ctx *c, const char *const *names)
{
	sql_expr *where = NULL;

	if (c->key->whole)
		return NULL;
	if (c->n == 1) {
		sql_expr *in = sql_new(arena, SQL_IN_ROWS, 1);

		if (in)
			in->args.items[0] = sql_column(arena, "t", c->to->columns[c->pairs[0].to].name);
		return in;
	}
	for (size_t i = 0; i < c->n; i++)
		where = sql_and(arena, where,
				sql_op(arena, "=",
				       sql_column(arena, "t", c->to->columns[c->pairs[i].to].name),
				       sql_column(arena, "r", names[i])));
	return where;
}

static sql_expr *not_deleted(amph_arena *arena, const amph_mapper *m)
{
	sql_expr *e = m->soft_delete >= 0 ? sql_new(arena, SQL_IS_NULL, 1) : NULL;

	if (e)
		e->args.items[0] = sql_column(arena, "t", m->columns[m->soft_delete].name);
	return e;
}

/* Parameters follow the row set, one for each column that is not to be NULL. */
static sql_expr *and_filtered(amph_arena *arena, const load_ctx *c, sql_expr *e, sql_stmt *stmt)
{
	for (size_t i = 0; i < c->to->n_columns; i++) {
		sql_expr *column, *test;

		if (!amph__set_has(&c->key->filter, i))
			continue;
		column = sql_column(arena, "t", c->to->columns[i].name);
		if (amph__set_has(&c->key->nulls, i)) {
			test = sql_new(arena, SQL_IS_NULL, 1);
			if (test)
				test->args.items[0] = column;
		} else {
			amph_sqltype *type = amph__arena_copy(arena, &c->to->columns[i].type, sizeof *type);
			if (!type)
				return NULL;
			type->nullable = true;
			type->length = type->scale = 0;
			test = sql_op(arena, "=", column, sql_param(arena, stmt->n_params, *type));
			stmt->params[stmt->n_params++] = (amph_param){ AMPH_PARAM_VALUE, 1, type };
		}
		e = sql_and(arena, e, test);
	}
	return e;
}

static void all_columns(amph_arena *arena, const amph_mapper *m, sql_select *select)
{
	sql_target **last = &select->targets;

	const amph_mapped_column *columns = amph__read_columns(m);

	for (size_t i = 0; i < amph__read_shape(m)->n_slots; i++) {
		sql_target *t = AMPH_NEW(arena, sql_target);

		if (!t)
			return;
		t->expr = sql_column(arena, "t", columns[i].name);
		*last = t;
		last = &t->next;
	}
}

/* By primary key: the same order on every database, and from run to run. */
static void order_by_key(amph_arena *arena, const amph_mapper *m, sql_select *select)
{
	sql_order **last = &select->order;

	for (size_t i = 0; i < m->n_keys; i++) {
		sql_order *o = AMPH_NEW(arena, sql_order);

		if (!o)
			return;
		o->expr = sql_column(arena, "t", m->columns[m->keys[i]].name);
		*last = o;
		last = &o->next;
	}
}

/* Whether rows may come in any order: lists are put in the order of the key here, which is less
 * than the database has to do for it, and nobody sees another order. Siblings and events do. */
static bool is_ordered_here(const amph_session *s, const amph_mapper *m)
{
	unsigned type = m->columns[m->keys[0]].slot.type;

	return m->n_keys == 1 && type >= AMPH_T_INT16 && type <= AMPH_T_INT64 &&
	       m->n_kinds < 2 && !m->relations && !amph__has_event(s, m, AMPH_AFTER_LOAD);
}

static amph_code *make(amph_arena *arena, amph_engine *engine, const void *ctx, amph_error *err)
{
	const load_ctx *c = ctx;
	sql_stmt *stmt = AMPH_NEW(arena, sql_stmt);
	sql_select *select = AMPH_NEW(arena, sql_select);
	const char **names = AMPH_NEWS(arena, const char *, c->n);
	amph_sqltype *types = AMPH_NEWS(arena, amph_sqltype, c->n);
	amph_param *param = AMPH_NEWS(arena, amph_param, 1 + c->to->n_columns);

	if (stmt && select && names && types && param) {
		for (size_t i = 0; i < c->n; i++) {
			names[i] = amph__arena_printf(arena, "k%zu", i);
			types[i] = c->from->columns[c->pairs[i].from].type;
		}
		*param = (amph_param){ AMPH_PARAM_ROWS, c->n, types };
		stmt->kind = SQL_STMT_SELECT;
		stmt->location = -1;
		stmt->select = select;
		stmt->params = param;
		stmt->n_params = !c->key->whole;
		all_columns(arena, c->to, select);
		select->from = sql_range_table(arena, c->to->table, "t");
		if (c->n > 1 && select->from && !c->key->whole)
			select->from->next = sql_range_rows(arena, 0, "r", names, c->n);
		select->where = match_rows(arena, c, names);
		sql_expr *visible = not_deleted(arena, c->to);
		if (visible)
			select->where = sql_and(arena, select->where, visible);
		select->where = amph__and_kind(arena, select->where, c->to, "t");
		select->where = and_filtered(arena, c, select->where, stmt);
		if (!c->key->unordered)
			order_by_key(arena, c->to, select);
	}
	if (arena->failed) {
		amph__error_nomem(err);
		return NULL;
	}
	return amph__compile(arena, engine->dialect, stmt, &engine->registry->names, err);
}

/* The values that rows are filtered by, after the row set. */
static void add_filter_args(const load_ctx *c, const amph_row_filter *filter, amph_arg *args)
{
	size_t n = !c->key->whole;

	for (size_t i = 0; filter && i < c->to->n_columns; i++)
		if (amph__set_has(&filter->columns, i) && !amph__set_has(&filter->nulls, i))
			args[n++] = (amph_arg){ .n_slots = 1, .n_rows = 1, .base = filter->values,
						.slots = &c->to->columns[i].slot };
}

static bool execute(amph_session *s, const load_ctx *ctx, const void *const *rows, size_t n,
		    amph_result *result, amph_error *err)
{
	const amph_row_filter *filter;
	load_key key = *ctx->key;
	load_ctx c = *ctx;

	if (!amph__filter_of(&s->query, c.to, &filter, err))
		return false;
	c.key = &key;
	if (filter) {
		key.filter = filter->columns;
		key.nulls = filter->nulls;
	}
	const amph_code *code = amph__engine_code(s->engine, &key, sizeof key, make, &c, err);
	if (!code || !amph__session_conn(s, err))
		return false;
	for (size_t i = 0; i < c.n; i++)
		c.sent->slots[i] = c.from->columns[c.pairs[i].from].slot;
	if (!key.whole)
		c.sent->args[0] = (amph_arg){
			.n_slots = c.n, .n_rows = n, .slots = c.sent->slots, .rows = rows };
	add_filter_args(&c, filter, c.sent->args);
	return amph__execute(s->conn, code, c.sent->args, result, err);
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

static bool has_null(const amph_mapper *m, const amph_key_pair *pairs, size_t n, const void *members)
{
	for (size_t i = 0; i < n; i++)
		if (amph__slot_is_null(&m->columns[pairs[i].from].slot, members))
			return true;
	return false;
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

	return target && !target->expired && amph__is_kind_of(target->mapper, p->to) &&
	       !amph__is_hidden(s, target) ? target : NULL;
}

static bool drop_rows(amph_session *s, const amph_mapper *m, amph_result *result, void ***list,
		      size_t *n, amph_error *err)
{
	*list = amph__hydrate(s, m, amph__read_shape(m), result, n, err);
	amph__finish(s->conn, result);
	return *list != NULL;
}

static bool match_by_table(amph_session *s, const amph_link_path *l, amph_object **objects, size_t n,
			   void **list, size_t n_list, amph_error *err)
{
	const amph_path *p = &l->path;
	const amph_key_side from = { p->from, p->pairs, p->n, false };
	const amph_key_side to = { p->to, p->pairs, p->n, true };
	amph_key_table t;
	void *target;
	bool ok = true;

	amph__keys_init(&t, s->allocator, &to);
	for (size_t i = 0; i < n_list && ok; i++)
		ok = amph__keys_add(&t, &to, list[i], amph__object_of(list[i]));
	for (size_t i = 0; i < n && ok; i++) {
		ok = amph__keys_find(&t, &from, amph__members(objects[i]), &target);
		if (ok && !has_null(p->from, p->pairs, p->n, amph__members(objects[i])))
			put_one(objects[i], l->relation, target);
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
	load_key lk = { .mapper = p->from->ordinal, .relation = l->number, .op = 100 };
	load_args sent;
	load_ctx c = { &lk, p->from, p->to, p->pairs, p->n, &sent };
	amph_result result;
	size_t n_rows = 0, n_list;
	void **list;

	lk.unordered = is_ordered_here(s, p->to);
	if (!rows || !key)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++) {
		amph_object *known = NULL;

		if (*amph__relation_member(objects[i], l->relation) ||
		    has_null(p->from, p->pairs, p->n, amph__members(objects[i])))
			continue;
		if (by_identity && (known = known_target(s, p, objects[i], key)))
			put_one(objects[i], l->relation, known);
		else
			rows[n_rows++] = amph__members(objects[i]);
	}
	if (!n_rows)
		return true;
	if (!execute(s, &c, rows, n_rows, &result, err) ||
	    !drop_rows(s, p->to, &result, &list, &n_list, err))
		return false;
	bool ok = true;
	for (size_t i = 0; i < n_rows && by_identity; i++) {
		amph_object *o = amph__object_of(rows[i]);

		put_one(o, l->relation, known_target(s, p, o, key));
	}
	if (!by_identity)
		ok = match_by_table(s, l, objects, n, list, n_list, err);
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
	bool whole;                     /* the parents are all that there are */
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
		if (back && !*amph__relation_member(child, back))
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
	return f->whole && p->to->root == p->to && p->to->n_kinds < 2 &&
	       !amph__has_event(f->s, p->to, AMPH_AFTER_LOAD);
}

static bool children_directly(family *f, const void *const *rows, amph_error *err)
{
	const amph_path *p = &f->link->path;
	load_key lk = { .mapper = p->from->ordinal, .relation = f->link->number, .op = 100 };
	load_args sent;
	load_ctx c = { &lk, p->from, p->to, p->pairs, p->n, &sent };
	amph_result result;
	void **list;
	size_t n;
	bool ok = true;

	lk.unordered = is_ordered_here(f->s, p->to);
	lk.whole = is_whole(f);
	f->last = lk.unordered ? first_keys(f) : NULL;
	if (lk.unordered && !f->last)
		return amph__error_nomem(err);
	if (!execute(f->s, &c, rows, f->n_parents, &result, err) ||
	    !drop_rows(f->s, p->to, &result, &list, &n, err))
		return false;
	for (size_t i = 0; i < n && ok; i++)
		ok = add_child(f, p->to, list[i], list[i]);
	amph_release(f->s, list);
	return ok || amph__error_nomem(err);
}

bool amph__links_read(amph_session *s, const amph_link_path *l, const void *const *rows, size_t n_rows,
		      char **links, size_t *n, amph_error *err)
{
	const amph_path *p = &l->path;
	load_key lk = { .mapper = p->from->ordinal, .relation = l->number, .op = 101 };
	load_args sent;
	load_ctx c = { &lk, p->from, p->link, p->pairs, p->n, &sent };
	amph_text_block *text = NULL;
	amph_row_block block = { s, &text };
	amph_store store = { amph__row_store, &block };
	amph_result result;
	size_t cap = 0, got = 1;
	bool ok = true;

	*n = 0;
	if (!execute(s, &c, rows, n_rows, &result, err))
		return false;
	while (ok && got) {
		ok = amph__grow(s->allocator, (void **)links, &cap, *n + 64, p->link->size) ||
		     amph__error_nomem(err);
		if (!ok)
			break;
		memset(*links + *n * p->link->size, 0, 64 * p->link->size);
		ok = amph__fetch(s->conn, &result, &p->link->shape, *links + *n * p->link->size,
				 p->link->size, 64, &store, &got, err);
		*n += ok ? got : 0;
	}
	amph__finish(s->conn, &result);
	s->link_text = text;
	return ok;
}

void amph__links_drop(amph_session *s, char *links)
{
	amph__text_give(s, s->link_text);
	s->link_text = NULL;
	amph__free(s->allocator, links);
}

static bool targets_of(family *f, const char *links, size_t n, amph_key_table *t, amph_error *err)
{
	const amph_path *p = &f->link->path;
	const amph_key_side to = { p->to, p->link_pairs, p->n_link, true };
	load_key lk = { .mapper = p->from->ordinal, .relation = f->link->number, .op = 102 };
	load_args sent;
	load_ctx c = { &lk, p->link, p->to, p->link_pairs, p->n_link, &sent };
	const void **rows = AMPH_NEWS(&f->s->flush_arena, const void *, n + 1);
	amph_result result;
	void **list;
	size_t n_list;
	bool ok = true;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++)
		rows[i] = links + i * p->link->size;
	lk.unordered = is_ordered_here(f->s, p->to);
	if (!execute(f->s, &c, rows, n, &result, err) ||
	    !drop_rows(f->s, p->to, &result, &list, &n_list, err))
		return false;
	for (size_t i = 0; i < n_list && ok; i++)
		ok = amph__keys_add(t, &to, list[i], list[i]);
	amph_release(f->s, list);
	return ok || amph__error_nomem(err);
}

static bool children_through(family *f, const void *const *rows, amph_error *err)
{
	const amph_path *p = &f->link->path;
	const amph_key_side from = { p->link, p->link_pairs, p->n_link, false };
	char *links = NULL;
	void *target;
	size_t n = 0;
	amph_key_table t;

	amph__keys_init(&t, f->s->allocator, &from);
	bool ok = amph__links_read(f->s, f->link, rows, f->n_parents, &links, &n, err) &&
		  (!n || targets_of(f, links, n, &t, err));
	for (size_t i = 0; i < n && ok; i++) {
		const char *row = links + i * p->link->size;

		ok = (amph__keys_find(&t, &from, row, &target) &&
		      (!target || add_child(f, p->link, row, target))) || amph__error_nomem(err);
	}
	amph__links_drop(f->s, links);
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
		      bool whole, amph_error *err)
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
	f.whole = whole && f.n_parents == n;
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
	bool whole = s->whole;

	s->whole = false;       /* what a flush loads is of few objects */
	if (!n || !amph__autoflush(s, mappers, link->path.link ? 2 : 1, err))
		return !n;
	/* what is read beside work of this transaction may be undone with it */
	for (size_t i = 0; i < n && s->wrote; i++)
		if (is_due(objects[i], link) &&
		    objects[i]->state == OBJECT_PERSISTENT && !amph__journal_note(objects[i], err))
			return false;
	bool ok = link->relation->kind == AMPH_REL_ONE ? load_one(s, link, objects, n, err)
						       : load_many(s, link, objects, n, whole, err);
	for (size_t i = 0; i < n && ok && !amph__relation_is_list(link->relation); i++)
		if (!*amph__relation_member(objects[i], link->relation))
			amph__absent_note(objects[i], link->relation);
	if (!s->in_flush)
		amph__arena_reset(&s->flush_arena);
	return ok;
}

/* ---- rows by keys, as objects ---- */

static bool rows_by(amph_session *s, const load_key *key, const amph_mapper *m,
		    const amph_key_pair *pairs, size_t n_pairs, const void *const *rows, size_t n,
		    void ***list, amph_error *err)
{
	load_args sent;
	const amph_mapper *from = s->extents[key->mapper].mapper;
	load_ctx c = { key, from, m, pairs, n_pairs, &sent };
	amph_result result;
	size_t n_list;

	return execute(s, &c, rows, n, &result, err) && drop_rows(s, m, &result, list, &n_list, err);
}

bool amph__links_load(amph_session *s, const amph_link_path *l, const void *const *rows, size_t n,
		      bool both, void ***list, amph_error *err)
{
	const amph_path *p = &l->path;
	load_key key = { .mapper = p->from->ordinal, .relation = l->number, .op = 101 };
	amph_key_pair pairs[2 * AMPH_KEY_PAIRS_MAX];
	size_t n_pairs = 0;

	if (!both)
		return rows_by(s, &key, p->link, p->pairs, p->n, rows, n, list, err);
	/* the two keys may share columns */
	for (size_t i = 0; i < p->n + p->n_link; i++) {
		uint16_t column = i < p->n ? p->pairs[i].to : p->link_pairs[i - p->n].from;
		bool known = false;

		for (size_t k = 0; k < n_pairs && !known; k++)
			known = pairs[k].to == column;
		if (!known)
			pairs[n_pairs++] = (amph_key_pair){ column, column };
	}
	key.mapper = p->link->ordinal;
	key.relation = p->from->ordinal;
	key.op = 103;
	key.unused[0] = (uint8_t)l->number;
	return rows_by(s, &key, p->link, pairs, n_pairs, rows, n, list, err);
}

bool amph__objects_reload(amph_session *s, amph_object **objects, size_t n, amph_error *err)
{
	const amph_mapper *m = objects[0]->mapper;
	const void **rows = AMPH_NEWS(&s->flush_arena, const void *, n);
	amph_key_pair pairs[AMPH_KEY_COLUMNS_MAX];
	load_key key = { .mapper = m->ordinal, .op = 104 };
	void **list;

	if (!rows)
		return amph__error_nomem(err);
	for (size_t i = 0; i < m->n_keys; i++)
		pairs[i] = (amph_key_pair){ m->keys[i], m->keys[i] };
	for (size_t i = 0; i < n; i++) {
		objects[i]->expired = true;
		rows[i] = amph__snapshot(objects[i]);
	}
	bool ok = rows_by(s, &key, m, pairs, m->n_keys, rows, n, &list, err);
	if (ok)
		amph_release(s, list);
	if (!s->in_flush)
		amph__arena_reset(&s->flush_arena);
	return ok;
}

/* ---- asked for by a query ---- */

static bool nested(amph_session *s, const amph_load_item *item, const amph_link_path *link,
		   amph_object **objects, size_t n, amph_error *err)
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
	ok = ok && list && amph__load_items(s, item->then, list, below.n, err);
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
	amph_object **objects = amph__alloc(s->allocator, n * sizeof(amph_object *));
	if (!objects)
		return amph__error_nomem(err);
	for (size_t i = 0; i < n; i++)
		objects[i] = amph__object_of(list[i]);
	bool ok = true;
	for (; items->how && ok; items++) {
		const amph_mapper *m = amph__mapper_of(s->engine->registry, items->member.model, err);

		ok = m && (amph__is_kind_of(objects[0]->mapper, m) ||
			   amph__error_misuse(err, "a relationship of %s cannot be loaded with objects of %s",
					      m->model->name, objects[0]->mapper->model->name));
		if (ok && items->how == AMPH_LOAD_RAISE) {
			ok = (!items->then && !is_chosen(items)) ||
			     amph__error_misuse(err, "what must not be loaded has nothing nested in it");
			continue;
		}
		ok = ok && amph__link_path_of(s, m, items->member.offset, &link, err);
		link.renew = s->renew;
		s->whole = whole;
		ok = ok &&
		     (is_chosen(items) ? amph__relation_choose(s, &link, items, objects, n, err)
				       : amph__relation_load(s, &link, objects, n, err));
		s->whole = false;
		ok = ok && (!items->then || nested(s, items, &link, objects, n, err));
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

/* ---- touched by a program ---- */

static bool may_touch(const amph_object *o, const amph_link_path *l, amph_error *err)
{
	bool raised = o->group && l->number < 64 && o->group->raise >> l->number & 1;

	if (!raised && !o->session->raise_on_touch && l->relation->lazy != AMPH_LAZY_RAISE)
		return true;
	return amph__error_misuse(err, "%s.%s is not loaded, and may not be by touching it: name it in .load",
				  o->mapper->model->name, l->relation->member);
}

/* Of another kind than o, an object may lack the relationship, or have something else there. */
static bool has_relation(const amph_object *other, const amph_object *o, const amph_relation *r)
{
	if (other->mapper == o->mapper)
		return true;
	const amph_relation *same = amph__relation_at(other->mapper, r->offset, NULL);
	return same && same->target == r->target && same->key == r->key && same->kind == r->kind;
}

/* The objects of the same result around o that do not have the relationship, o among them. */
static size_t siblings(const amph_object *o, const amph_relation *r, amph_object **out)
{
	amph_group *g = o->state == OBJECT_PERSISTENT ? o->group : NULL;
	size_t n = 0, at = 0;

	/* while the result is read, its group is empty */
	if (!g || !g->n) {
		out[0] = (amph_object *)(uintptr_t)o;
		return 1;
	}
	/* a loop touches them in their order: it goes on from where it was */
	while (at < g->n && g->objects[(g->at + at) % g->n] != o)
		at++;
	at = (g->at + at) % g->n;
	g->at = at;
	for (size_t i = at; i < g->n && n < SIBLINGS_MOST; i++)
		if (g->objects[i]->state == OBJECT_PERSISTENT && has_relation(g->objects[i], o, r) &&
		    !*amph__relation_member(g->objects[i], r) && !amph__absent_is(g->objects[i], r))
			out[n++] = g->objects[i];
	return n;
}

/* The expired objects of the same result around o, and o itself, get their rows; not those with changes,
 * which the flush looks at. */
static bool renew_rows(amph_object *o, amph_error *err)
{
	amph_session *s = o->session;
	amph_object **items = amph__alloc(s->allocator, SIBLINGS_MOST * sizeof(amph_object *));
	size_t n = 0;

	if (!items)
		return amph__error_nomem(err);
	items[n++] = o;
	for (size_t i = 0; o->group && i < o->group->n && n < SIBLINGS_MOST; i++) {
		amph_object *other = o->group->objects[i];

		if (other != o && other->state == OBJECT_PERSISTENT && other->expired &&
		    other->mapper == o->mapper && !amph__object_is_modified(other))
			items[n++] = other;
	}
	amph__arena_reset(&s->scratch);
	bool ok = amph__objects_read(s, o->mapper, items, n, &s->scratch, err);
	amph__free(s->allocator, items);
	return ok;
}

void amph_touch(const void *object, size_t offset)
{
	amph_object *o = object ? amph__object_of(object) : NULL;
	amph_object **objects;
	amph_link_path link;
	amph_error err;

	if (o && o->state == OBJECT_ROW) {
		amph__error_misuse(&err, "%s: a row of a stream has no relationships; read pages of "
				   "objects instead", o->mapper->model->name);
		amph__session_error(o->session, &err);
		return;
	}
	/* a new object has what the program gave it; a collection of one is empty */
	void *there = o ? *(void *const *)((const char *)object + offset) : NULL;
	if (there && !o->expired) {
		const amph_relation *r = amph__relation_at(o->mapper, offset, NULL);
		if (r && amph__relation_is_list(r))
			amph__list_hand_out(there);
		return;
	}
	if (!o || o->state != OBJECT_PERSISTENT)
		return;
	amph_session *s = o->session;
	if (!amph__session_may_run(s, &err) || !amph__link_path_of(s, o->mapper, offset, &link, &err) ||
	    (o->expired && !amph__object_is_modified(o) && !renew_rows(o, &err))) {
		amph__session_error(s, &err);
		return;
	}
	there = *amph__relation_member(o, link.relation);
	if (there && amph__relation_is_list(link.relation))
		amph__list_hand_out(there);
	if (there)
		return;
	if ((link.relation->kind == AMPH_REL_ONE &&
	     has_null(link.path.from, link.path.pairs, link.path.n, object)) ||
	    amph__absent_is(o, link.relation))
		return;
	if (!may_touch(o, &link, &err)) {
		amph__session_error(s, &err);
		return;
	}
	objects = amph__alloc(s->allocator, SIBLINGS_MOST * sizeof(amph_object *));
	bool ok = objects ? amph__relation_load(s, &link, objects, siblings(o, link.relation, objects), &err)
			  : amph__error_nomem(&err);
	amph__free(s->allocator, objects);
	if (!ok)
		amph__session_error(s, &err);
}
