/* Running queries: shape, compiled statement, rows into what the caller asked for. */
#include "../relation/relation.h"
#include "evaluate.h"
#include <string.h>

const amph_registry *amph__session_registry(const amph_session *s)
{
	return s->engine->registry;
}

const amph_allocator *amph__session_allocator(const amph_session *s)
{
	return s->allocator;
}

static bool flush_before(amph_session *s, amph_error *err)
{
	const amph_registry *r = s->engine->registry;

	if (s->query.reads_all)
		return amph__autoflush(s, r->mappers, r->n_mappers, err);
	return amph__autoflush(s, s->query.mappers, s->query.n_mappers, err);
}

/* Whether its rows are those of a table for which .where holds, and nothing else. */
static bool is_plain(amph_session *s, amph_query_op op, const amph_select *q, const amph_mapper *m)
{
	const amph_row_filter *filter;
	amph_error ignored;     /* it was told when the query ran */

	return op == AMPH_QUERY_SELECT && !q->group_by && !q->distinct_on && !q->ctes && !q->combine &&
	       !q->joins && q->having.n.op == AMPH_OP_NONE && q->keyset.how == AMPH_KEYSET_NONE &&
	       !q->of.parent && !q->limit && !q->offset && !q->skip_locked && m->root == m &&
	       m->n_kinds < 2 && m->soft_delete < 0 && !s->query.among &&
	       amph__filter_of(&s->query, m, &filter, &ignored) && !filter;
}

/* Whether its objects are all rows of their table. */
static bool is_whole(amph_session *s, amph_query_op op, const amph_select *q, const amph_mapper *m)
{
	return q->where.n.op == AMPH_OP_NONE && is_plain(s, op, q, m);
}

/* ---- objects by a list of keys ---- */

/* A query for objects that names them by their keys, as amph_get does. What else of known objects
 * has changed cannot change its answer, so that not all of them are compared before it. */
typedef struct by_key { bool is; size_t n; } by_key;

static bool names_keys(const amph_mapper *m, const amph_node *where, size_t *n)
{
	const amph_node *args = where->args;

	if ((where->op != AMPH_OP_IN && where->op != AMPH_OP_EQ) || m->n_keys != 1 ||
	    args[0].op != AMPH_OP_COLUMN || args[0].of.model != m->model ||
	    args[0].n != m->columns[m->keys[0]].slot.offset)
		return false;
	*n = args[1].op == AMPH_OP_LIST ? args[1].of.count : 1;
	return args[1].op == AMPH_OP_LIST || args[1].op == AMPH_OP_VALUE;
}

static bool asks_by_key(amph_session *s, amph_query_op op, const amph_select *q, by_key *keys)
{
	if (s->query.n_mappers != 1 || s->query.reads_all || s->no_autoflush || s->in_flush)
		return false;
	const amph_mapper *m = s->query.mappers[0];
	const amph_extent *e = &s->extents[m->ordinal];
	keys->is = names_keys(m, &q->where.n, &keys->n) && is_plain(s, op, q, m) && !q->order_by &&
		   !q->only && !q->defer && !q->hybrids && !q->for_update && !q->for_share &&
		   !s->any_expired && !s->n_changes && !e->n_pending && !e->n_deleted;
	return keys->is;
}

/* Whether the flush may give it another key, or take its row away: an assigned parent does both. */
static bool may_move(const amph_extent *e, const amph_object *o)
{
	if (!amph__identity_is_same(e, o))
		return true;
	for (const amph_relation *r = e->mapper->relations; r && r->member; r++)
		if (r->kind == AMPH_REL_ONE && *amph__relation_member(o, r) != *amph__relation_before(o, r))
			return true;
	return false;
}

/* Whether a key that is not flushed yet may make another list of it. */
static bool keys_matter(amph_session *s, const amph_mapper *m, const by_key *keys, void **list,
			size_t n)
{
	amph_extent *e = &s->extents[m->ordinal];
	amph_chunk *chunk = NULL;
	uint32_t slot;
	amph_object *o;

	for (size_t i = 0; i < n; i++)
		if (may_move(e, amph__object_of(list[i])))
			return true;
	while (n < keys->n && (o = amph__object_next_touched(e, &chunk, &slot)))
		if (may_move(e, o))
			return true;
	return false;
}

/* ---- from the query to its objects ---- */

/* Handlers of events may have run queries of their own: then this one is shaped again. */
static bool flush_within(amph_session *s, amph_query_op op, const amph_select *q, amph_error *err)
{
	uint64_t flushes = s->stats.flushes;

	return flush_before(s, err) &&
	       (s->stats.flushes == flushes || amph__shape_of(&s->query, op, q, err));
}

static bool start(amph_session *s, amph_query_op op, const amph_select *q, by_key *keys,
		  const amph_compiled **compiled, amph_result *result, amph_error *err)
{
	bool now = false;

	*compiled = NULL;
	if (!amph__session_may_run(s, err) || !amph__shape_of(&s->query, op, q, err))
		return false;
	/* the flush uses the buffers of values as well: it comes before they are bound */
	if (!(keys && asks_by_key(s, op, q, keys)) && !flush_within(s, op, q, err))
		return false;
	*compiled = amph__query_compile(&s->engine->queries, &s->query, &now, err);
	s->stats.compiled += now;
	if (!*compiled || !amph__session_conn(s, err) ||
	    !amph__execute(s->conn, (*compiled)->code, s->query.args, result, err)) {
		amph__query_release(*compiled);
		*compiled = NULL;
		return false;
	}
	return true;
}

/* From the query to its executed statement. After success amph__query_done must follow. */
bool amph__query_start(amph_session *s, amph_query_op op, const amph_select *q,
		       const amph_compiled **compiled, amph_result *result, amph_error *err)
{
	return start(s, op, q, NULL, compiled, result, err);
}

void amph__query_done(amph_session *s, const amph_compiled *compiled, amph_result *result)
{
	amph__finish(s->conn, result);
	amph__query_release(compiled);
}

static void reverse(void **list, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		void *one = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = one;
	}
}

/* Also where no row would show that a relationship is another model's. */
/* A page after one of the session's objects takes its hybrids as they are there: they have to have been
 * read. A struct that is no object has what the program put in. */
static bool may_page(amph_session *s, const amph_select *q, amph_error *err)
{
	const amph_mapper *m;
	amph_object *o;

	if (!q->keyset.object || !q->order_by || !amph__lists_hold(q))
		return true;
	m = amph__session_may_run(s, err) ? amph__mapper_of(s->engine->registry, q->model, err) : NULL;
	if (!m || !m->n_hybrids)
		return m;
	o = amph__identity_find(&s->extents[m->ordinal], q->keyset.object);
	if (!o || amph__members(o) != q->keyset.object || o->hybrids)
		return true;
	for (const amph_node *n = q->order_by; n->op != AMPH_OP_NONE; n++)
		if (n->op == AMPH_OP_COLUMN && amph__hybrid_at(m, n->n))
			return amph__error_misuse(err, "the object of .keyset was read without the hybrid "
						  "\"%s.%s\" of its order: read it with .hybrids = true",
						  m->model->name, amph__hybrid_at(m, n->n)->slot.name);
	return true;
}

static bool may_load(amph_session *s, const amph_select *q, amph_error *err)
{
	if (!q->load || !amph__lists_hold(q))
		return true;
	if (!amph__session_may_run(s, err))
		return false;
	const amph_mapper *m = amph__mapper_of(s->engine->registry, q->model, err);
	return m && amph__load_check(s, m, q->load, err);
}

static void **read_list(amph_session *s, amph_query_op op, const amph_select *q, by_key *keys,
			const amph_mapper **m, size_t *n, amph_error *err)
{
	const amph_compiled *c;
	amph_result result;

	if (!start(s, op, q, keys, &c, &result, err))
		return NULL;
	/* what is locked must be what the row is now; changes of its own were flushed before */
	s->overwrite = q->for_update;
	s->raise = amph__raised(s, c->mapper, q->load);
	void **list = amph__hydrate(s, c->mapper, &c->shape, &result, n, err);
	s->overwrite = false;
	s->raise = 0;
	*m = c->mapper;
	amph__query_done(s, c, &result);
	return list;
}

static void **select_list(amph_session *s, amph_query_op op, const amph_select *q, size_t *n,
			  amph_error *err)
{
	const amph_mapper *m;
	by_key keys = { 0 };

	*n = 0;
	if (!may_load(s, q, err) || !may_page(s, q, err))
		return NULL;
	void **list = read_list(s, op, q, &keys, &m, n, err);
	if (list && keys.is && keys_matter(s, m, &keys, list, *n)) {
		amph_release(s, list);
		list = read_list(s, op, q, NULL, &m, n, err);
	}
	if (!list)
		return NULL;
	if (q->keyset.how == AMPH_KEYSET_BEFORE)
		reverse(list, *n);
	bool lifted = amph_lift_filters(s, s->query.unfiltered || q->unfiltered);
	s->whole = q->load && is_whole(s, op, q, m);
	s->renew = true;
	bool loaded = !q->load || amph__load_items(s, q->load, list, *n, err);
	s->renew = false;
	if (!loaded) {
		amph_release(s, list);
		list = NULL;
	}
	s->whole = false;
	amph_lift_filters(s, lifted);
	return list;
}

void **amph_do_all(amph_session *s, const amph_select *q)
{
	amph_error err;
	size_t n;
	void **list = select_list(s, AMPH_QUERY_SELECT, q, &n, &err);

	if (!list)
		amph__session_error(s, &err);
	return list;
}

static void *first_of(amph_session *s, amph_query_op op, const amph_select *q, size_t *n,
		      amph_error *err, bool *ok)
{
	void **list = select_list(s, op, q, n, err);
	void *first = list ? list[0] : NULL;

	*ok = list != NULL;
	amph_release(s, list);
	return first;
}

void *amph_do_first(amph_session *s, const amph_select *q)
{
	amph_error err;
	size_t n;
	bool ok;
	void *first = first_of(s, AMPH_QUERY_FIRST, q, &n, &err, &ok);

	if (!ok)
		amph__session_error(s, &err);
	return first;
}

void *amph_do_one(amph_session *s, const amph_select *q)
{
	amph_error err;
	size_t n;
	bool ok;
	void *first = first_of(s, AMPH_QUERY_ONE, q, &n, &err, &ok);

	if (ok && n == 1)
		return first;
	if (ok) {
		amph__error(&err, n ? "P0003" : "P0002", n ? "%s: more than one row" : "%s: no row",
			    q->model->name);
		/* neither fails the transaction: the statement itself did not */
		err.status = AMPH_E_NOTFOUND;
	}
	amph__session_error(s, &err);
	return NULL;
}

/* ---- single values ---- */

typedef struct scalar { amph_opt_int64 integer; amph_opt_double real; amph_opt_numeric numeric; } scalar;

static void *scratch_store(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

static bool read_scalar(amph_session *s, amph_query_op op, const amph_select *q,
			const amph_slot *slot, void *out, amph_error *err)
{
	if (!amph__session_may_run(s, err))
		return false;

	const amph_compiled *c;
	amph_result result;
	amph_shape shape = { 1, slot };
	amph_store store = { scratch_store, &s->scratch };
	size_t n = 0;

	amph__arena_reset(&s->scratch);
	if (!amph__query_start(s, op, q, &c, &result, err))
		return false;
	bool ok = amph__fetch(s->conn, &result, &shape, out, 0, 1, &store, &n, err);
	amph__query_done(s, c, &result);
	return ok;
}

int64_t amph_do_count(amph_session *s, const amph_select *q)
{
	static const amph_slot slot = { .type = AMPH_T_INT64, .name = "count" };
	amph_error err;
	int64_t n = 0;

	if (read_scalar(s, AMPH_QUERY_COUNT, q, &slot, &n, &err))
		return n;
	amph__session_error(s, &err);
	return -1;
}

bool amph_do_exists(amph_session *s, const amph_select *q)
{
	static const amph_slot slot = { .type = AMPH_T_BOOL, .name = "exists" };
	amph_error err;
	bool found = false;

	if (read_scalar(s, AMPH_QUERY_EXISTS, q, &slot, &found, &err))
		return found;
	return amph__session_error(s, &err);
}

static bool aggregate(amph_session *s, amph_op f, const amph_select *q, int type, void *out)
{
	amph_slot slot = { .type = (uint8_t)type, .nullable = true, .name = "aggregate" };
	amph_error err;

	return read_scalar(s, f == AMPH_OP_AVG ? AMPH_QUERY_AVG : AMPH_QUERY_SUM, q, &slot, out,
			   &err) ||
	       amph__session_error(s, &err);
}

amph_opt_int64 amph_sum_int64(amph_session *s, amph_op f, const amph_select *q)
{
	amph_opt_int64 out = { 0 };

	if (!aggregate(s, f, q, AMPH_T_INT64, &out))
		out = (amph_opt_int64){ 0 };
	return out;
}

amph_opt_numeric amph_sum_numeric(amph_session *s, amph_op f, const amph_select *q)
{
	amph_opt_numeric out = { 0 };

	if (!aggregate(s, f, q, AMPH_T_NUMERIC, &out))
		return (amph_opt_numeric){ 0 };
	if (out.has && out.value.kind == AMPH_NUMERIC_DIGITS) {
		/* its digits outlive the next call: they belong to the session from here on */
		char *digits = amph__arena_copy(&s->text_arena, out.value.v.digits, out.value.n_digits);

		out.value.v.digits = digits;
		out.has = digits != NULL;
	}
	return out;
}

amph_opt_double amph_sum_double(amph_session *s, amph_op f, const amph_select *q)
{
	amph_opt_double out = { 0 };

	if (!aggregate(s, f, q, AMPH_T_DOUBLE, &out))
		out = (amph_opt_double){ 0 };
	return out;
}

/* ---- pages ---- */

static bool paginate(amph_session *s, const amph_select *q, amph_page *page, amph_error *err)
{
	size_t n;

	if (!amph__session_may_run(s, err))
		return false;
	page->page = q->page ? q->page : 1;
	page->per_page = q->per_page ? q->per_page : 20;
	if (page->page < 1 || page->per_page < 1)
		return amph__error(err, "22023", "page and per_page count from 1");
	page->total = amph_do_count(s, q);
	if (page->total < 0) {
		*err = s->error;
		return false;
	}
	page->items = select_list(s, AMPH_QUERY_PAGE, q, &n, err);
	if (!page->items)
		return false;
	page->pages = page->total / page->per_page + (page->total % page->per_page != 0);
	page->has_prev = page->page > 1;
	page->has_next = page->page < page->pages;
	page->prev_num = page->has_prev ? page->page - 1 : 0;
	page->next_num = page->has_next ? page->page + 1 : 0;
	return true;
}

const amph_page *amph_do_paginate(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_page page = { 0 };

	if (!paginate(s, q, &page, &err)) {
		amph__session_error(s, &err);
		return NULL;
	}
	/* a list of one, so that the session frees it and amph_release may */
	amph_page *out = amph__list_new(s, 1, sizeof *out);
	if (!out) {
		amph__error_nomem(&err);
		amph__session_error(s, &err);
		return NULL;
	}
	*out = page;
	return out;
}

/* ---- projections ---- */

void *amph__row_store(void *ctx, size_t size)
{
	amph_row_block *b = ctx;
	amph_text_block *t = size ? amph__text_take(b->s, size) : NULL;

	if (!t)
		return NULL;
	t->next = *b->chain;
	*b->chain = t;
	return t + 1;
}

/* The rows of a statement that was started, as an array that the session returns. */
static void *take_rows(amph_session *s, size_t size, const amph_compiled *c, amph_result *result,
		       amph_error *err)
{
	char *rows = NULL;
	size_t n = 0, cap = 0, got = 1;
	amph_text_block *text = NULL;
	amph_row_block block = { s, &text };
	amph_store store = { amph__row_store, &block };
	void *list = NULL;

	bool ok = true;
	while (ok && got) {
		ok = amph__grow(s->allocator, (void **)&rows, &cap, n + 64, size) ||
		     amph__error_nomem(err);
		if (!ok)
			break;
		memset(rows + n * size, 0, 64 * size);
		ok = amph__fetch(s->conn, result, &c->shape, rows + n * size, size, 64, &store, &got, err);
		n += ok ? got : 0;
	}
	amph__query_done(s, c, result);
	if (ok && !(list = amph__list_new_with(s, n, size, text)))
		amph__error_nomem(err);
	else if (ok && n)
		memcpy(list, rows, n * size);
	if (!list)
		amph__text_give(s, text);
	amph__free(s->allocator, rows);
	return list;
}


bool amph__fields_fit(size_t size, const amph_field *fields, amph_error *err)
{
	for (const amph_field *f = fields; f && f->member; f++) {
		int type = f->type & ~AMPH_T_NULLABLE;
		size_t needs = type ? amph_type_size(type, f->type & AMPH_T_NULLABLE) : 0;

		if (f->offset > size || size - f->offset < needs)
			return amph__error_misuse(err, "field \"%s\" lies outside of the row struct: it is "
						  "of another one", f->member);
	}
	return true;
}

/* ---- update and delete by query ---- */

/* Objects of the model may be among the rows: the next time that they are read, they are as the
 * database has them. Those whose changes were not flushed were, before the statement. */
void amph__expire_model(amph_session *s, const amph_mapper *m)
{
	s->any_expired = true;
	for (size_t i = 0; i < m->n_kinds; i++) {
		amph_extent *e = &s->extents[m->kinds[i]->ordinal];
		amph_chunk *chunk = NULL;
		uint32_t slot;
		amph_object *o;

		while (e->slab.live && (o = amph__object_next(e, &chunk, &slot)))
			if (o->state == OBJECT_PERSISTENT)
				o->expired = true;
	}
}

/* The validators of columns that are set, which need values to look at. */
static bool validate_set(amph_session *s, const amph_mapper *m, const amph_select *q, amph_error *err)
{
	void *members = m->validates ? amph__arena_zero(&s->scratch, m->size) : NULL;

	if (m->validates && !members)
		return amph__error_nomem(err);
	for (const amph_assign *set = m->validates ? q->set : NULL; set && set->member; set++) {
		const amph_mapped_column *c = amph__column_at(m, set->offset);

		if (!c || !c->decl->validate || !amph__is_member(c, set->member))
			continue;
		if (set->value.op != AMPH_OP_VALUE)
			return amph__error(err, "0A000", "\"%s.%s\" has a validator, which cannot look at "
					   "an expression: set a value, or change objects", m->model->name,
					   set->member);
		if ((set->value.type != AMPH_T_NONE &&
		     !amph__node_store(&s->query, &set->value, c, members, err)) ||
		    !amph__validate_value(s, c, m, (char *)members + c->slot.offset, AMPH_BEFORE_UPDATE,
					  err))
			return false;
	}
	return true;
}

typedef struct change_kind {
	amph_query_op op;
	amph_event_kind before, after;
} change_kind;
static const change_kind updates = { AMPH_QUERY_UPDATE, AMPH_BEFORE_BULK_UPDATE, AMPH_AFTER_BULK_UPDATE };
static const change_kind deletes = { AMPH_QUERY_DELETE, AMPH_BEFORE_BULK_DELETE, AMPH_AFTER_BULK_DELETE };
static const change_kind inserts = { AMPH_QUERY_INSERT, AMPH_BEFORE_BULK_INSERT, AMPH_AFTER_BULK_INSERT };

/* What the program gives to columns that the query gives nothing: the same for all rows. */
static bool take_defaults(amph_session *s, const amph_mapper *m, const amph_select *q, amph_error *err)
{
	amph_insert_defaults *made = AMPH_NEW(&s->scratch, amph_insert_defaults);
	amph_column_set *set = AMPH_NEW(&s->scratch, amph_column_set);
	void *members = amph__arena_zero(&s->scratch, m->size);
	amph_column_set given = { { 0 } };
	const amph_row_filter *filter;

	if (!set || !members || !made)
		return amph__error_nomem(err);
	for (const amph_field *f = q->fields; f && f->member; f++) {
		const amph_mapped_column *c = amph__column_at(m, f->offset);
		if (c)
			amph__set_add(&given, c->number);
	}
	if (!amph__apply_defaults(s, m, &given, members, err) ||
	    !amph__kind_fill(m, &given, members, err) || !amph__filter_fill(s, m, &given, members, err) ||
	    !amph__filter_of(&s->query, m, &filter, err))
		return false;
	for (size_t i = 0; i < m->n_defaults; i++)
		amph__set_add(set, m->defaults[i]);
	if (m->version >= 0)
		amph__set_add(set, (size_t)m->version);
	if (m->discriminator >= 0)
		amph__set_add(set, (size_t)m->discriminator);
	for (size_t i = 0; filter && i < m->n_columns; i++)
		if (amph__set_has(&filter->columns, i))
			amph__set_add(set, i);
	*made = (amph_insert_defaults){ .of = q, .members = members, .columns = set,
					.next = s->query.defaults };
	s->query.defaults = made;
	return true;
}

/* ---- queries that write, beside another ---- */

static const change_kind *writing_kind(const amph_cte_item *cte)
{
	switch (cte->kind) {
	case AMPH_CTE_UPDATE: return &updates;
	case AMPH_CTE_DELETE: return &deletes;
	case AMPH_CTE_INSERT: return &inserts;
	default: return NULL;
	}
}

static const amph_mapper *mapper_written(const amph_session *s, const amph_select *q, amph_error *err)
{
	return amph__mapper_of(s->engine->registry, q->target ? q->target : q->model, err);
}

/* What the program gives to the rows, before they are written. */
static bool take_given(amph_session *s, const change_kind *kind, const amph_mapper *m, const amph_select *q,
		       amph_error *err)
{
	switch (kind->op) {
	case AMPH_QUERY_INSERT: return take_defaults(s, m, q, err);
	case AMPH_QUERY_UPDATE: return validate_set(s, m, q, err);
	default: return true;
	}
}

/* Before and after the statement: what amph_update and amph_delete_where do around theirs. */
static bool start_beside(amph_session *s, const amph_select *q, amph_error *err)
{
	for (const amph_cte_item *c = q->ctes; c && c->kind != AMPH_CTE_NONE; c++) {
		const change_kind *kind = writing_kind(c);
		const amph_mapper *m = kind ? mapper_written(s, c->query, err) : NULL;

		if (!kind)
			continue;
		if (c->query->sync > AMPH_SYNC_EXPIRE)
			return amph__error_misuse(err, "objects of rows that are written beside a query "
						  "expire: it has no use for .sync");
		if (!m || !take_given(s, kind, m, c->query, err) ||
		    !amph__run_bulk_event(s, m, kind->before, NULL, err))
			return false;
	}
	return true;
}

static bool end_beside(amph_session *s, const amph_select *q, amph_error *err)
{
	for (const amph_cte_item *c = q->ctes; c && c->kind != AMPH_CTE_NONE; c++) {
		const change_kind *kind = writing_kind(c);
		const amph_mapper *m = kind ? mapper_written(s, c->query, err) : NULL;

		if (!kind)
			continue;
		s->wrote = true;
		amph__expire_model(s, m);
		if (!amph__run_bulk_event(s, m, kind->after, NULL, err))
			return false;
	}
	return true;
}

/* The lists of the query are only known to hold once it is shaped. */
static bool may_have_beside(const amph_select *q, amph_error *err)
{
	if (!q->ctes)
		return true;
	if (!amph__lists_hold(q))
		return amph__misuse_of_seal(err);
	for (const amph_cte_item *c = q->ctes; c->kind != AMPH_CTE_NONE; c++)
		if (writing_kind(c) && !amph__lists_hold(c->query))
			return amph__misuse_of_seal(err);
	return true;
}

static bool begin_beside(amph_session *s, const amph_select *q, amph_error *err)
{
	amph__arena_reset(&s->scratch);
	amph__arena_reset(&s->query.values);
	s->query.defaults = NULL;
	return may_have_beside(q, err) && start_beside(s, q, err);
}

static void *project(amph_session *s, size_t size, const amph_select *q, amph_error *err)
{
	const amph_compiled *c;
	amph_result result;
	void *list;

	if (!amph__session_may_run(s, err) || !begin_beside(s, q, err))
		return NULL;
	s->query.may_write = true;
	bool ok = amph__query_start(s, AMPH_QUERY_PROJECT, q, &c, &result, err);
	s->query.may_write = false;
	list = ok ? take_rows(s, size, c, &result, err) : NULL;
	if (list && !end_beside(s, q, err)) {
		amph_release(s, list);
		list = NULL;
	}
	return list;
}

void *amph_do_project(amph_session *s, size_t size, const amph_select *q)
{
	amph_error err;
	void *list = amph__fields_fit(size, q->fields, &err) ? project(s, size, q, &err) : NULL;

	if (!list)
		amph__session_error(s, &err);
	return list;
}

static bool start_change(amph_session *s, const change_kind *kind, const amph_mapper *m,
			 const amph_select *q, amph_error *err)
{
	return take_given(s, kind, m, q, err) && amph__run_bulk_event(s, m, kind->before, NULL, err);
}

static const amph_mapper *written_mapper(amph_session *s, const amph_select *q, amph_error *err)
{
	if (!amph__session_may_run(s, err))
		return NULL;
	return mapper_written(s, q, err);
}

static bool end_change(amph_session *s, const change_kind *kind, const amph_mapper *m, bool any,
		       amph_error *err)
{
	s->wrote = true;
	if (any)
		amph__expire_model(s, m);
	return amph__run_bulk_event(s, m, kind->after, NULL, err);
}

static bool has_objects(const amph_session *s, const amph_mapper *m)
{
	bool any = false;

	for (size_t i = 0; i < m->n_kinds && !any; i++)
		any = s->extents[m->kinds[i]->ordinal].slab.live > 0;
	return any;
}

/* By a new key no object is found that has the old one. */
static bool sets_key(const amph_mapper *m, const amph_select *q)
{
	for (const amph_assign *set = q->set; set && set->member; set++)
		for (size_t i = 0; i < m->n_keys; i++)
			if (m->columns[m->keys[i]].slot.offset == set->offset)
				return true;
	return false;
}

/* Which rows were written is asked for only where objects may be of them. */
static bool start_keys(amph_session *s, amph_query_op op, const amph_mapper *m, const amph_select *q,
		       const amph_compiled **c, amph_result *result, amph_error *err)
{
	bool asks = q->sync == AMPH_SYNC_REFRESH || q->sync == AMPH_SYNC_EXPUNGE ||
		    (q->sync == AMPH_SYNC_DEFAULT && op == AMPH_QUERY_UPDATE && !sets_key(m, q));

	s->query.return_keys = asks && op != AMPH_QUERY_INSERT && has_objects(s, m);
	bool ok = amph__query_start(s, op, q, c, result, err);
	s->query.return_keys = false;
	return ok;
}

/* What is evaluated in memory, before the statement; where AMPH_SYNC_AUTO cannot, *q is a copy that asks
 * the database. false: it is refused. */
static bool plan_sync(amph_session *s, const change_kind *kind, const amph_mapper *m, const amph_select **q,
		      amph_select *copy, amph_evaluation **out, amph_error *err)
{
	bool automatic = (*q)->sync == AMPH_SYNC_AUTO;

	*out = NULL;
	if (!m || kind->op == AMPH_QUERY_INSERT || (!automatic && (*q)->sync != AMPH_SYNC_EVALUATE))
		return m;
	*out = amph__evaluation_plan(s, m, *q, err);
	if (*out || !automatic || strcmp(err->sqlstate, "0A000"))
		return *out;
	*copy = **q;
	copy->sync = (*q)->returning ? AMPH_SYNC_EXPIRE : AMPH_SYNC_REFRESH;
	*q = copy;
	return true;
}

/* The objects, as the statement has left their rows. */
static bool sync_objects(amph_session *s, const amph_mapper *m, const amph_select *q, amph_synced *taken,
			 bool keys, amph_evaluation *e, amph_error *err)
{
	return (!keys || amph__sync_apply(s, m, q, taken, err)) &&
	       (!e || amph__evaluation_apply(s, e, err));
}

static int64_t run_change(amph_session *s, const change_kind *kind, const amph_mapper *m,
			  const amph_select *q, amph_evaluation *e, amph_error *err)
{
	amph_synced sync = { 0 };
	const amph_compiled *c;
	amph_result result;

	if (!m || !begin_beside(s, q, err) || !start_change(s, kind, m, q, err))
		return -1;
	s->query.may_write = kind->op == AMPH_QUERY_INSERT;
	s->query.sets = amph__evaluation_sets(e);
	bool ok = start_keys(s, kind->op, m, q, &c, &result, err);
	s->query.sets = NULL;
	s->query.may_write = false;
	if (!ok)
		return -1;
	int64_t affected = result.affected;
	bool keys = c->shape.n_slots;
	ok = !keys || amph__sync_take(s, m, &c->shape, &result, &sync, err);
	amph__query_done(s, c, &result);
	if (keys)
		affected = sync.rows;
	ok = ok && sync_objects(s, m, q, &sync, keys, e, err);
	amph__free(s->allocator, sync.items);
	bool expires = q->sync == AMPH_SYNC_EXPIRE || (q->sync == AMPH_SYNC_DEFAULT && !keys);
	ok = ok && end_change(s, kind, m, affected && expires, err) && end_beside(s, q, err);
	return ok ? affected : -1;
}

static int64_t change(amph_session *s, const change_kind *kind, const amph_select *q)
{
	amph_evaluation *e = NULL;
	amph_select copy;
	amph_error err;
	int64_t affected = -1;
	const amph_mapper *m = written_mapper(s, q, &err);

	if (q->returning)
		amph__error_misuse(&err, "rows are returned by amph_update_returning and its like");
	else if (plan_sync(s, kind, m, &q, &copy, &e, &err))
		affected = run_change(s, kind, m, q, e, &err);
	amph__evaluation_free(s, e);
	if (affected < 0)
		amph__session_error(s, &err);
	return affected;
}

static void *run_returning(amph_session *s, const change_kind *kind, size_t size, const amph_select *q,
			   amph_evaluation *e, amph_error *err)
{
	const amph_mapper *m = written_mapper(s, q, err);
	const amph_compiled *c;
	amph_result result;
	void *list;

	if (!m || !begin_beside(s, q, err) || !start_change(s, kind, m, q, err))
		return NULL;
	s->query.may_write = kind->op == AMPH_QUERY_INSERT;
	s->query.sets = amph__evaluation_sets(e);
	bool ok = amph__query_start(s, kind->op, q, &c, &result, err);
	s->query.sets = NULL;
	s->query.may_write = false;
	list = ok ? take_rows(s, size, c, &result, err) : NULL;
	if (list && (!e || amph__evaluation_apply(s, e, err)) &&
	    end_change(s, kind, m, amph_length(list) && q->sync <= AMPH_SYNC_EXPIRE, err) &&
	    end_beside(s, q, err))
		return list;
	amph_release(s, list);
	return NULL;
}

static void *change_returning(amph_session *s, const change_kind *kind, size_t size,
			      const amph_select *q)
{
	amph_evaluation *e = NULL;
	amph_select copy;
	amph_error err;
	const amph_mapper *m = written_mapper(s, q, &err);
	void *list = NULL;

	if (!q->returning)
		amph__error_misuse(&err, "rows that are written are returned as .returning says");
	else if (q->sync == AMPH_SYNC_REFRESH || q->sync == AMPH_SYNC_EXPUNGE)
		amph__error_misuse(&err, "rows are either returned or brought into objects: .returning goes "
				   "with AMPH_SYNC_EXPIRE, EVALUATE, AUTO and NONE");
	else if (amph__fields_fit(size, q->returning, &err) &&
		 plan_sync(s, kind, m, &q, &copy, &e, &err))
		list = run_returning(s, kind, size, q, e, &err);
	amph__evaluation_free(s, e);
	if (!list)
		amph__session_error(s, &err);
	return list;
}

int64_t amph_do_update(amph_session *s, const amph_select *q)
{
	return change(s, &updates, q);
}

int64_t amph_do_delete(amph_session *s, const amph_select *q)
{
	return change(s, &deletes, q);
}

int64_t amph_do_insert_from(amph_session *s, const amph_select *q)
{
	return change(s, &inserts, q);
}

void *amph_do_update_returning(amph_session *s, size_t size, const amph_select *q)
{
	return change_returning(s, &updates, size, q);
}

void *amph_do_delete_returning(amph_session *s, size_t size, const amph_select *q)
{
	return change_returning(s, &deletes, size, q);
}

void *amph_do_insert_from_returning(amph_session *s, size_t size, const amph_select *q)
{
	return change_returning(s, &inserts, size, q);
}
