/* Registration, and the one function of each kind that SQLite calls. */
#include "functions.h"
#include "tables.h"
#include <stdio.h>
#include <string.h>

#ifdef AMPH_SQLITE_EXTENSION
const sqlite3_api_routines *sqlite3_api;
#endif

static const sl_functions *const groups[] = {
	&amph__sl_array_functions, &amph__sl_matrix_functions, &amph__sl_bucket_functions,
	&amph__sl_bytes_functions, &amph__sl_cast_functions,
	&amph__sl_datefield_functions, &amph__sl_datetime_functions, &amph__sl_encoding_functions,
	&amph__sl_form_functions,
	&amph__sl_format_functions, &amph__sl_fromchar_functions,
	&amph__sl_integer_functions, &amph__sl_interval_functions,
	&amph__sl_json_functions, &amph__sl_jsonbuild_functions,
	&amph__sl_jsonrecord_functions, &amph__sl_jsonpath_functions,
	&amph__sl_jsonplain_functions, &amph__sl_jsonassign_functions,
	&amph__sl_like_functions, &amph__sl_misc_functions,
	&amph__sl_numbertochar_functions, &amph__sl_numeric_functions,
	&amph__sl_precision_functions, &amph__sl_quantified_functions, &amph__sl_bpchar_functions,
	&amph__sl_real_functions, &amph__sl_record_functions,
	&amph__sl_regexp_functions, &amph__sl_sets_functions,
	&amph__sl_text_functions, &amph__sl_tochar_functions, &amph__sl_tonumber_functions,
	&amph__sl_trigram_functions, &amph__sl_tsconfig_functions,
	&amph__sl_tsmatch_functions, &amph__sl_tsquery_functions, &amph__sl_tsrank_functions,
	&amph__sl_tsrewrite_functions, &amph__sl_tsvector_functions,
	&amph__sl_unicode_functions, &amph__sl_zone_functions
};
enum { N_GROUPS = sizeof(groups) / sizeof(groups[0]) };

static const struct {
	const sl_aggregate *rows;
	const size_t *n;
} aggregates[] = {
	{ amph__sl_collectors, &amph__sl_n_collectors },
	{ amph__sl_packers, &amph__sl_n_packers },
	{ amph__sl_sorters, &amph__sl_n_sorters },
	{ amph__sl_statistics, &amph__sl_n_statistics },
	{ amph__sl_sums, &amph__sl_n_sums }
};
enum { N_AGGREGATES = sizeof(aggregates) / sizeof(aggregates[0]) };

/* What the functions of one connection share; the arena is emptied after each call. */
typedef struct shared shared;
typedef struct binding {
	shared *shared;
	const sl_function *function;
	const sl_aggregate *aggregate;
} binding;
struct shared {
	sl_env *env;
	amph_arena arena;
	size_t refs;
	bool owns_env;
	binding bindings[];
};

static void release(void *p)
{
	shared *s = ((binding *)p)->shared;
	const amph_allocator *a;

	if (--s->refs > 0)
		return;
	a = s->env->allocator;
	amph__arena_clear(&s->arena);
	if (s->owns_env)
		amph__free(a, s->env);
	amph__free(a, s);
}

static bool has_null(const sl_call *c)
{
	for (int i = 0; i < c->argc; i++)
		if (amph__sl_is_null(c, i))
			return true;
	return false;
}

static sl_call make_call(sqlite3_context *ctx, int argc, sqlite3_value **argv, shared *s,
			 intptr_t arg)
{
	return (sl_call){ .ctx = ctx, .argc = argc, .argv = argv, .env = s->env,
			  .arena = &s->arena, .arg = arg };
}

static void end_call(sl_call *c)
{
	if (c->arena->failed)
		amph__sl_raise_nomem(c);
	if (c->arena->used || c->arena->failed)
		amph__arena_reset(c->arena);
}

static void call_function(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	const binding *b = sqlite3_user_data(ctx);
	sl_call c = make_call(ctx, argc, argv, b->shared, b->function->arg);

	if (!(b->function->flags & SL_FN_NULLS) && has_null(&c))
		return;
	b->function->call(&c);
	end_call(&c);
}

const sl_function *amph__sl_direct(sqlite3_context *ctx, sl_env **env)
{
	const binding *b = sqlite3_user_data(ctx);

	*env = b->shared->env;
	return b->function;
}

static void aggregate_rows(sqlite3_context *ctx, int argc, sqlite3_value **argv, bool inverse)
{
	const binding *b = sqlite3_user_data(ctx);
	const sl_aggregate *a = b->aggregate;
	sl_call c = make_call(ctx, argc, argv, b->shared, a->arg);
	void *state = sqlite3_aggregate_context(ctx, (int)a->size);

	if (!state) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	if (!(a->flags & SL_FN_NULLS) && argc > 0 && amph__sl_is_null(&c, 0))
		return;
	if (inverse && a->inverse)
		a->inverse(&c, state);
	else if (inverse)
		amph__sl_raise(&c, "0A000", "%s over a window frame whose start moves is not supported on "
			       "SQLite", a->name);
	else
		a->step(&c, state);
	end_call(&c);
}

static void step_aggregate(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	aggregate_rows(ctx, argc, argv, false);
}

static void inverse_aggregate(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	aggregate_rows(ctx, argc, argv, true);
}

static void value_aggregate(sqlite3_context *ctx)
{
	const binding *b = sqlite3_user_data(ctx);
	sl_call c = make_call(ctx, 0, NULL, b->shared, b->aggregate->arg);

	b->aggregate->value(&c, sqlite3_aggregate_context(ctx, 0));
	end_call(&c);
}

static void end_aggregate(sqlite3_context *ctx)
{
	const binding *b = sqlite3_user_data(ctx);
	sl_call c = make_call(ctx, 0, NULL, b->shared, b->aggregate->arg);
	void *state = sqlite3_aggregate_context(ctx, 0);

	b->aggregate->value(&c, state);
	if (state && b->aggregate->clear)
		b->aggregate->clear(&c, state);
	end_call(&c);
}

/* Functions may stand in checks, indexes and defaults of a schema: they do no harm there. */
static int register_function(sqlite3 *db, binding *b)
{
	char name[128];
	int flags = SQLITE_UTF8 | SQLITE_INNOCUOUS;

	b->shared->refs++;
	if (b->aggregate) {
		const sl_aggregate *a = b->aggregate;

		snprintf(name, sizeof(name), "amph_%s", a->name);
		return sqlite3_create_window_function(db, name, a->argc, flags | SQLITE_DETERMINISTIC, b,
						      step_aggregate, end_aggregate,
						      value_aggregate, inverse_aggregate, release);
	}
	if (!(b->function->flags & SL_FN_VOLATILE))
		flags |= SQLITE_DETERMINISTIC;
	snprintf(name, sizeof(name), "amph_%s", b->function->name);
	return sqlite3_create_function_v2(db, name, b->function->argc, flags, b,
					  b->function->direct ? b->function->direct : call_function,
					  NULL, NULL, release);
}

static shared *make_shared(sl_env *env, size_t n)
{
	size_t size;
	shared *s = NULL;

	if (amph__size_mul(n, sizeof(binding), &size) && amph__size_add(size, sizeof(*s), &size))
		s = amph__alloc_zero(env->allocator, size);
	if (s) {
		s->env = env;
		s->refs = 1;
		amph__arena_init(&s->arena, env->allocator);
	}
	return s;
}

static void fill_bindings(shared *s)
{
	binding *b = s->bindings;

	for (size_t g = 0; g < N_GROUPS; g++)
		for (size_t i = 0; i < groups[g]->n; i++)
			*b++ = (binding){ .shared = s, .function = &groups[g]->rows[i] };
	for (size_t g = 0; g < N_AGGREGATES; g++)
		for (size_t i = 0; i < *aggregates[g].n; i++)
			*b++ = (binding){ .shared = s, .aggregate = &aggregates[g].rows[i] };
	b->shared = s;
}

/* The last binding holds the reference of this function itself. */
static int register_all(sqlite3 *db, sl_env *env, bool owns_env)
{
	size_t n = 0;
	shared *s;
	int rc;

	for (size_t g = 0; g < N_GROUPS; g++)
		n += groups[g]->n;
	for (size_t g = 0; g < N_AGGREGATES; g++)
		n += *aggregates[g].n;
	s = make_shared(env, n + 1);
	if (!s) {
		if (owns_env)
			amph__free(env->allocator, env);
		return SQLITE_NOMEM;
	}
	s->owns_env = owns_env;
	fill_bindings(s);
	rc = amph__sl_collations_register(db);
	if (rc == SQLITE_OK)
		rc = amph__sl_records_register(db);
	if (rc == SQLITE_OK)
		rc = amph__sl_tables_register(db, env);
	for (size_t i = 0; i < n && rc == SQLITE_OK; i++)
		rc = register_function(db, &s->bindings[i]);
	release(&s->bindings[n]);
	return rc;
}

int amph__sl_register(sqlite3 *db, sl_env *env)
{
	return register_all(db, env, false);
}

int amph__sl_register_owned(sqlite3 *db, sl_env *env)
{
	return register_all(db, env, true);
}

static bool find(const sl_functions *group, const char *name)
{
	size_t lo = 0, hi = group->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = strcmp(name, group->rows[mid].name);

		if (order == 0)
			return true;
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return false;
}

const sl_aggregate *amph__sl_aggregate_named(const char *name)
{
	for (size_t g = 0; g < N_AGGREGATES; g++)
		for (size_t i = 0; i < *aggregates[g].n; i++)
			if (!strcmp(name, aggregates[g].rows[i].name))
				return &aggregates[g].rows[i];
	return NULL;
}

bool amph__sl_has_function(const char *impl)
{
	for (size_t g = 0; g < N_GROUPS; g++)
		if (find(groups[g], impl))
			return true;
	return amph__sl_aggregate_named(impl) || amph__sl_is_within(impl);
}
