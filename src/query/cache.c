/* Compiled queries by their keys, shared by all sessions of an engine.
 *
 * Entries never change and are never thrown out, since connections keep prepared statements of
 * them. So readers share a lock for the time of one lookup, and only a new shape takes it alone.
 * Past its bound the cache takes no more: what is compiled then is the caller's, used once. */
#include "query.h"
#include "../sql/sql.h"
#include <string.h>

static struct amph_cache_shard *shard_of(amph_query_cache *c, const amph_buf *key)
{
	return &c->shards[amph__hash64(key->text, key->len, AMPH_CACHE_SHARDS) % AMPH_CACHE_SHARDS];
}

bool amph__query_cache_init(amph_query_cache *c, const amph_registry *registry,
			    const amph_dialect *dialect, const amph_allocator *a, size_t max,
			    amph_error *err)
{
	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < AMPH_CACHE_SHARDS; i++) {
		if (pthread_rwlock_init(&c->shards[i].lock, NULL) != 0) {
			while (i-- > 0)
				pthread_rwlock_destroy(&c->shards[i].lock);
			return amph__error_nomem(err);
		}
		amph__map_init(&c->shards[i].map, a, i);
	}
	c->allocator = a;
	c->registry = registry;
	c->dialect = dialect;
	c->max_per_shard = (max + AMPH_CACHE_SHARDS - 1) / AMPH_CACHE_SHARDS;
	return true;
}

static void compiled_free(const amph_allocator *a, amph_compiled *c)
{
	amph__arena_clear(&c->arena);
	amph__free(a, c);
}

void amph__query_cache_clear(amph_query_cache *c)
{
	amph_compiled *entry;

	if (!c->allocator)
		return;
	for (size_t i = 0; i < AMPH_CACHE_SHARDS; i++) {
		for (size_t at = 0; (entry = amph__map_next(&c->shards[i].map, &at)) != NULL; )
			compiled_free(c->allocator, entry);
		amph__map_clear(&c->shards[i].map);
		pthread_rwlock_destroy(&c->shards[i].lock);
	}
	memset(c, 0, sizeof(*c));
}

static const amph_compiled *find(struct amph_cache_shard *shard, const amph_buf *key)
{
	const amph_compiled *found;

	pthread_rwlock_rdlock(&shard->lock);
	found = amph__map_get(&shard->map, key->text, key->len);
	pthread_rwlock_unlock(&shard->lock);
	return found;
}

/* What the resolver found out about the result: the labels of enums, the type of a total. */
static bool finish_shape(amph_compiled *c, const amph_code *code, bool total, amph_error *err)
{
	amph_slot *slots;

	if (total) {
		c->shape.n_slots = 1;
	} else if (c->shape.n_slots == 0 || (c->mapper && c->shape.slots == c->mapper->shape.slots)) {
		return true;
	}
	if (c->shape.n_slots != code->n_columns)
		return amph__error(err, "XX000", "a query with %zu columns for %zu members",
				   code->n_columns, c->shape.n_slots);
	slots = AMPH_NEWS(&c->arena, amph_slot, c->shape.n_slots);
	if (!slots)
		return amph__error_nomem(err);
	for (size_t i = 0; i < c->shape.n_slots; i++) {
		if (total)
			slots[i] = (amph_slot){ .type = code->columns[i].type.type, .nullable = true };
		else
			slots[i] = c->shape.slots[i];
		slots[i].enumeration = code->columns[i].type.enumeration;
	}
	c->shape.slots = slots;
	return true;
}

static bool same_params(const amph_code *code, const amph_query_buf *b, amph_error *err)
{
	if (code->n_params == b->n_args)
		return true;
	return amph__error(err, "XX000", "a statement of %zu parameters for %zu values",
			   code->n_params, b->n_args);
}

/* A query has no text to point to: the message says which it is. */
static amph_code *in_query(const amph_compiled *c, amph_error *err)
{
	if (c->mapper && err && err->status != AMPH_E_NOMEM)
		amph__error_context(err, "query of \"%s\"", c->mapper->model->name);
	return NULL;
}

static amph_code *compile(amph_query_cache *cache, const amph_query_buf *b, const sql_names *names,
			  amph_compiled *c, amph_error *err)
{
	amph_query_op op = (amph_query_op)(unsigned char)b->key.text[0];
	amph_code *code;
	sql_stmt *stmt;

	c->key = amph__arena_copy(&c->arena, b->key.text, b->key.len);
	c->key_len = b->key.len;
	if (!c->key) {
		amph__error_nomem(err);
		return NULL;
	}
	if (!amph__lower(&c->arena, cache->registry, c->key, c->key_len, &stmt, c, err))
		return in_query(c, err);
	code = amph__compile(&c->arena, cache->dialect, stmt, names, err);
	if (!code || !same_params(code, b, err))
		return in_query(c, err);
	if (op == AMPH_QUERY_STREAM || op == AMPH_QUERY_STREAM_ROWS)
		code->flags |= AMPH_CODE_STREAM;
	c->code = code;
	if (!finish_shape(c, code, op == AMPH_QUERY_SUM || op == AMPH_QUERY_AVG, err))
		return NULL;
	return code;
}

/* Keeps c, unless another thread was first: then that one's is used. Where there is no room,
 * connections must not keep prepared statements of it. */
static const amph_compiled *keep(amph_query_cache *cache, struct amph_cache_shard *shard,
				 amph_compiled *c, amph_code *code)
{
	const amph_compiled *other;

	pthread_rwlock_wrlock(&shard->lock);
	other = amph__map_get(&shard->map, c->key, c->key_len);
	if (!other && shard->map.count < cache->max_per_shard)
		c->cached = amph__map_put(&shard->map, c->key, c->key_len, c);
	pthread_rwlock_unlock(&shard->lock);
	if (!other && !c->cached)
		code->flags |= AMPH_CODE_ONCE;
	if (!other)
		return c;
	compiled_free(cache->allocator, c);
	return other;
}

static amph_compiled *compile_new(amph_query_cache *cache, const amph_query_buf *b, const sql_names *names,
				  amph_code **code, amph_error *err)
{
	amph_compiled *c = amph__alloc_zero(cache->allocator, sizeof(*c));

	if (!c) {
		amph__error_nomem(err);
		return NULL;
	}
	amph__arena_init(&c->arena, cache->allocator);
	*code = compile(cache, b, names, c, err);
	if (*code)
		return c;
	compiled_free(cache->allocator, c);
	return NULL;
}

const amph_compiled *amph__query_compile(amph_query_cache *cache, const amph_query_buf *b,
					 bool *compiled_now, amph_error *err)
{
	struct amph_cache_shard *shard = shard_of(cache, &b->key);
	const amph_compiled *found = find(shard, &b->key);
	amph_code *code;

	if (compiled_now)
		*compiled_now = !found;
	if (found)
		return found;
	amph_compiled *c = compile_new(cache, b, &cache->registry->names, &code, err);
	return c ? keep(cache, shard, c, code) : NULL;
}

const amph_compiled *amph__query_compile_once(amph_query_cache *cache, const amph_query_buf *b,
					      const sql_names *names, amph_error *err)
{
	amph_code *code;
	amph_compiled *c = compile_new(cache, b, names, &code, err);

	if (c)
		code->flags |= AMPH_CODE_ONCE;
	return c;
}

void amph__query_release(const amph_compiled *c)
{
	const amph_allocator *a;

	if (!c || c->cached)
		return;
	a = c->arena.allocator;
	amph__arena_clear(&((amph_compiled *)(uintptr_t)c)->arena);
	amph__free(a, (void *)(uintptr_t)c);
}
