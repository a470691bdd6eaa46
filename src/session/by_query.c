/* Rows written by a query: updates, deletes and inserts of what it gives, alone or beside another. */
#include "../relation/relation.h"
#include "evaluate.h"
#include <string.h>

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

bool amph__beside_end(amph_session *s, const amph_select *q, amph_error *err)
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

bool amph__beside_begin(amph_session *s, const amph_select *q, amph_error *err)
{
	amph__arena_reset(&s->scratch);
	amph__arena_reset(&s->query.values);
	s->query.defaults = NULL;
	return may_have_beside(q, err) && start_beside(s, q, err);
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

	if (!m || !amph__beside_begin(s, q, err) || !start_change(s, kind, m, q, err))
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
	ok = ok && end_change(s, kind, m, affected && expires, err) && amph__beside_end(s, q, err);
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

	if (!m || !amph__beside_begin(s, q, err) || !start_change(s, kind, m, q, err))
		return NULL;
	s->query.may_write = kind->op == AMPH_QUERY_INSERT;
	s->query.sets = amph__evaluation_sets(e);
	bool ok = amph__query_start(s, kind->op, q, &c, &result, err);
	s->query.sets = NULL;
	s->query.may_write = false;
	list = ok ? amph__row_list(s, size, c, &result, err) : NULL;
	if (list && (!e || amph__evaluation_apply(s, e, err)) &&
	    end_change(s, kind, m, amph_length(list) && q->sync <= AMPH_SYNC_EXPIRE, err) &&
	    amph__beside_end(s, q, err))
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
