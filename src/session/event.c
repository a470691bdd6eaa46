/* Events: which handlers there are for one, and running them. */
#include "state.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct amph_event {
	amph_event_kind kind;
	amph_session *session;
	const amph_mapper *mapper;      /* NULL: an event of the session */
	void *ctx;
	bool refused;
	char message[200];
};

bool amph_refuse(amph_event *event, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(event->message, sizeof event->message, format, args);
	va_end(args);
	event->refused = true;
	return false;
}

amph_event_kind amph_event_kind_of(const amph_event *event)
{
	return event->kind;
}

amph_session *amph_event_session(const amph_event *event)
{
	return event->session;
}

const amph_model *amph_event_model(const amph_event *event)
{
	return event->mapper ? event->mapper->model : NULL;
}

void *amph_event_ctx(const amph_event *event)
{
	return event->ctx;
}

/* ---- handlers that were added ---- */

static bool is_of_session(amph_event_kind kind)
{
	return kind >= AMPH_BEFORE_FLUSH;
}

static bool listens(const amph_listener *l, amph_event_kind kind, const amph_mapper *m)
{
	return l->kind == kind && (!l->mapper || amph__is_kind_of(m, l->mapper));
}

/* The first after the one of number last, up to number until. */
static const amph_listener *next_listener(const amph_listeners *list, amph_event_kind kind,
					  const amph_mapper *m, uint64_t last, uint64_t until)
{
	if (!(list->kinds >> kind & 1))
		return NULL;
	for (size_t i = 0; i < list->n && list->items[i].number <= until; i++)
		if (list->items[i].number > last && listens(&list->items[i], kind, m))
			return &list->items[i];
	return NULL;
}

static bool add_listener(amph_listeners *list, const amph_allocator *a, const amph_listener *l)
{
	if (!amph__grow(a, (void **)&list->items, &list->cap, list->n + 1, sizeof *list->items))
		return false;
	list->items[list->n] = *l;
	list->items[list->n++].number = ++list->last;
	list->kinds |= 1u << l->kind;
	return true;
}

static bool remove_listener(amph_listeners *list, const amph_listener *l)
{
	uint32_t kinds = 0;
	bool found = false;

	for (size_t i = 0; i < list->n; i++) {
		const amph_listener *at = &list->items[i];

		if (!found && at->kind == l->kind && at->mapper == l->mapper && at->fn == l->fn &&
		    at->ctx == l->ctx) {
			memmove(&list->items[i], &list->items[i + 1],
				(list->n - i - 1) * sizeof *list->items);
			list->n--;
			i--;
			found = true;
			continue;
		}
		kinds |= 1u << at->kind;
	}
	list->kinds = kinds;
	return found;
}

static bool listener_of(const amph_registry *r, amph_event_kind kind, const amph_model *model,
			amph_listener *l, amph_error *err)
{
	if (!l->fn || (unsigned)kind > AMPH_AFTER_ROLLBACK)
		return amph__error_misuse(err, "amph_listen needs a kind of event and a function");
	if (model && is_of_session(kind))
		return amph__error_misuse(err, "an event of the session has no model: listen with NULL "
					  "instead of %s", model->name);
	l->kind = kind;
	l->mapper = model ? amph__mapper_of(r, model, err) : NULL;
	return !model || l->mapper;
}

bool amph_listen(amph_session *s, amph_event_kind kind, const amph_model *model, amph_event_fn *fn,
		 void *ctx)
{
	amph_listener l = { .fn = fn, .ctx = ctx };
	amph_error err;

	if (!s)
		return false;
	if (listener_of(s->engine->registry, kind, model, &l, &err) &&
	    (add_listener(&s->listeners, s->allocator, &l) || amph__error_nomem(&err)))
		return true;
	return amph__session_error(s, &err);
}

bool amph_unlisten(amph_session *s, amph_event_kind kind, const amph_model *model, amph_event_fn *fn,
		   void *ctx)
{
	amph_listener l = { .fn = fn, .ctx = ctx };

	return s && listener_of(s->engine->registry, kind, model, &l, NULL) &&
	       remove_listener(&s->listeners, &l);
}

bool amph_engine_listen(amph_engine *db, amph_event_kind kind, const amph_model *model,
			amph_event_fn *fn, void *ctx)
{
	amph_listener l = { .fn = fn, .ctx = ctx };

	if (!db || !listener_of(db->registry, kind, model, &l, NULL))
		return false;
	pthread_rwlock_wrlock(&db->listeners_lock);
	bool ok = add_listener(&db->listeners, db->allocator, &l);
	atomic_store(&db->listened, db->listeners.kinds);
	pthread_rwlock_unlock(&db->listeners_lock);
	return ok;
}

bool amph_engine_unlisten(amph_engine *db, amph_event_kind kind, const amph_model *model,
			  amph_event_fn *fn, void *ctx)
{
	amph_listener l = { .fn = fn, .ctx = ctx };

	if (!db || !listener_of(db->registry, kind, model, &l, NULL))
		return false;
	pthread_rwlock_wrlock(&db->listeners_lock);
	bool found = remove_listener(&db->listeners, &l);
	atomic_store(&db->listened, db->listeners.kinds);
	pthread_rwlock_unlock(&db->listeners_lock);
	return found;
}

/* ---- running ---- */

static amph_event_fn *handler_of(const amph_model *model, amph_event_kind kind)
{
	switch (kind) {
	case AMPH_BEFORE_INSERT: return model->before_insert;
	case AMPH_AFTER_INSERT: return model->after_insert;
	case AMPH_BEFORE_UPDATE: return model->before_update;
	case AMPH_AFTER_UPDATE: return model->after_update;
	case AMPH_BEFORE_DELETE: return model->before_delete;
	case AMPH_AFTER_DELETE: return model->after_delete;
	case AMPH_AFTER_LOAD: return model->after_load;
	default: return NULL;
	}
}

/* A copy of the engine's next, since others may change the list while it runs. */
static bool next_of_engine(amph_engine *db, const amph_event *event, uint64_t last, uint64_t *until,
			   amph_listener *out)
{
	if (!(atomic_load(&db->listened) >> event->kind & 1))
		return false;
	pthread_rwlock_rdlock(&db->listeners_lock);
	if (!last)
		*until = db->listeners.last;
	const amph_listener *l = next_listener(&db->listeners, event->kind, event->mapper, last, *until);
	if (l)
		*out = *l;
	pthread_rwlock_unlock(&db->listeners_lock);
	return l != NULL;
}

bool amph__has_event(const amph_session *s, const amph_mapper *m, amph_event_kind kind)
{
	const amph_event event = { .kind = kind, .mapper = m };
	amph_listener ignored;
	uint64_t until;

	for (const amph_mapper *at = m; at; at = at->parent)
		if (handler_of(at->model, kind))
			return true;
	return next_listener(&s->listeners, kind, m, 0, UINT64_MAX) ||
	       next_of_engine(s->engine, &event, 0, &until, &ignored);
}

/* The message is the handler's own, as a program shows it; of what it is, the other fields say. */
static bool refused(const amph_event *event, const char *column, amph_error *err)
{
	amph__error(err, "45000", "%s",
		    event->refused ? event->message : "an event handler refused without a message");
	if (err)
		err->status = AMPH_E_REFUSED;
	if (event->mapper)
		amph__error_names(err, event->mapper->table->name, column, NULL);
	return false;
}

/* A call of the handler's that failed ends the transaction, whatever the handler says. After COMMIT
 * and around ROLLBACK there is nothing to refuse. */
static bool handled(const amph_event *event, bool agreed, bool failed, const char *column,
		    amph_error *err)
{
	if (event->kind >= AMPH_AFTER_COMMIT)
		return true;
	if (failed || !event->session->failed)
		return agreed || refused(event, column, err);
	if (err)
		*err = event->session->error;
	return false;
}

/* What the call under way has made ready, while a handler makes calls of its own. */
typedef struct aside {
	amph_arena scratch;
	const amph_insert_defaults *defaults;
	amph_arg *sets;
	bool may_write, return_keys, in_event;
} aside;

static aside put_aside(amph_session *s)
{
	amph_query_buf *b = &s->query;
	aside kept = { s->scratch, b->defaults, b->sets, b->may_write, b->return_keys, s->in_event };

	amph__arena_init(&s->scratch, s->allocator);
	b->sets = NULL;
	b->may_write = b->return_keys = false;
	s->in_event = true;
	return kept;
}

static void take_back(amph_session *s, const aside *kept)
{
	amph_query_buf *b = &s->query;

	amph__arena_clear(&s->scratch);
	s->scratch = kept->scratch;
	b->defaults = kept->defaults;
	b->sets = kept->sets;
	b->may_write = kept->may_write;
	b->return_keys = kept->return_keys;
	s->in_event = kept->in_event;
}

static bool run_handler(amph_event *event, amph_event_fn *fn, void *ctx, void *members,
			amph_error *err)
{
	amph_session *s = event->session;
	bool failed = s->failed;
	aside kept = put_aside(s);

	event->ctx = ctx;
	bool agreed = fn(event, members);
	take_back(s, &kept);
	return handled(event, agreed, failed, NULL, err);
}

/* Those of the bases before its own. */
static bool run_declared(amph_event *event, const amph_mapper *m, void *members, amph_error *err)
{
	amph_event_fn *own = m ? handler_of(m->model, event->kind) : NULL;

	return !m || (run_declared(event, m->parent, members, err) &&
		      (!own || run_handler(event, own, NULL, members, err)));
}

static bool run_event(amph_event *event, void *members, amph_error *err)
{
	amph_session *s = event->session;
	uint64_t until = 0;
	amph_listener l = { .number = 0 };

	if (!run_declared(event, event->mapper, members, err))
		return false;
	while (next_of_engine(s->engine, event, l.number, &until, &l))
		if (!run_handler(event, l.fn, l.ctx, members, err))
			return false;
	until = s->listeners.last;
	l.number = 0;
	for (;;) {
		const amph_listener *next = next_listener(&s->listeners, event->kind, event->mapper,
							  l.number, until);
		if (!next)
			return true;
		l = *next;
		if (!run_handler(event, l.fn, l.ctx, members, err))
			return false;
	}
}

bool amph__run_event(amph_object *o, amph_event_kind kind, amph_error *err)
{
	amph_event event = { .kind = kind, .session = o->extent->session, .mapper = o->extent->mapper };

	return run_event(&event, amph__members(o), err);
}

bool amph__run_bulk_event(amph_session *s, const amph_mapper *m, amph_event_kind kind, void *row,
			  amph_error *err)
{
	amph_event event = { .kind = kind, .session = s, .mapper = m };

	return run_event(&event, row, err);
}

bool amph__run_session_event(amph_session *s, amph_event_kind kind, amph_error *err)
{
	amph_event event = { .kind = kind, .session = s };

	return run_event(&event, NULL, err);
}

/* ---- validators ---- */

bool amph__validate_value(amph_session *s, const amph_mapped_column *c, const amph_mapper *m,
			  const void *member, amph_event_kind kind, amph_error *err)
{
	amph_event event = { .kind = kind, .session = s, .mapper = m };
	bool failed = s->failed;
	aside kept = put_aside(s);
	bool agreed = c->decl->validate(&event, member);

	take_back(s, &kept);
	return handled(&event, agreed, failed, c->name, err);
}

bool amph__validate(amph_session *s, const amph_mapper *m, const amph_column_set *columns,
		    const void *members, amph_event_kind kind, amph_error *err)
{
	for (size_t i = 0; m->validates && i < m->n_columns; i++) {
		const amph_mapped_column *c = &m->columns[i];

		if (c->decl->validate && amph__set_has(columns, i) &&
		    !amph__validate_value(s, c, m, (const char *)members + c->slot.offset, kind, err))
			return false;
	}
	return true;
}
