/* Running queries: shape, compiled statement, rows into what the caller asked for. */
#include "../relation/relation.h"
#include "../schema/names.h"
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

/* Where the database has no sequences, statements that take their numbers are made for each session, which
 * alone knows them: no engine does, so that it has refused. */
static bool may_take_numbers(const amph_session *s, const amph_error *err)
{
	const amph_registry *r = s->engine->registry;

	if (strcmp(err->sqlstate, "0A000") || !(s->engine->dialect->flags & AMPH_DIALECT_CATALOG_TABLE))
		return false;
	for (size_t i = 0; i < r->n_mappers; i++)
		for (size_t k = 0; k < r->mappers[i]->n_filled; k++) {
			const amph_column *c = r->mappers[i]->columns[r->mappers[i]->filled[k]].decl;

			if (c->server_default && strstr(c->server_default, "val("))
				return true;
		}
	return false;
}

const amph_compiled *amph__session_compile(amph_session *s, bool *now, amph_error *err)
{
	const amph_compiled *c = amph__query_compile(&s->engine->queries, &s->query, now, err);

	if (c || !may_take_numbers(s, err) || !amph__session_conn(s, err))
		return c;
	amph_names *names = amph__session_names(s, true, err);
	return names ? amph__query_compile_once(&s->engine->queries, &s->query, &names->names, err) : NULL;
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
	*compiled = amph__session_compile(s, &now, err);
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
		err.status = n ? AMPH_E_MANY : AMPH_E_NOTFOUND;
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

void *amph__row_list(amph_session *s, size_t size, const amph_compiled *c, amph_result *result,
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

static void *project(amph_session *s, size_t size, const amph_select *q, amph_error *err)
{
	const amph_compiled *c;
	amph_result result;
	void *list;

	if (!amph__session_may_run(s, err) || !amph__beside_begin(s, q, err))
		return NULL;
	s->query.may_write = true;
	bool ok = amph__query_start(s, AMPH_QUERY_PROJECT, q, &c, &result, err);
	s->query.may_write = false;
	list = ok ? amph__row_list(s, size, c, &result, err) : NULL;
	if (list && !amph__beside_end(s, q, err)) {
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
