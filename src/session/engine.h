/* The engine: what all sessions of a program share. Private to src/session and src/relation. */
#ifndef AMPH_SESSION_ENGINE_H
#define AMPH_SESSION_ENGINE_H
#include "../base/clock.h"
#include "../driver/driver.h"
#include "../model/model.h"
#include "../pool/pool.h"
#include "../query/filter.h"
#include "../sql/sql.h"
#include "amphora/engine.h"
#include <pthread.h>
#include <stdatomic.h>

/* Handlers that were added while the program runs, by rising numbers. */
typedef struct amph_listener {
	uint64_t number;
	amph_event_kind kind;
	const amph_mapper *mapper;      /* NULL: of any model, or none */
	amph_event_fn *fn;
	void *ctx;
} amph_listener;
typedef struct amph_listeners {
	amph_listener *items;
	size_t n, cap;
	uint64_t last;                  /* number given */
	uint32_t kinds;                 /* bits of those that are listened to */
} amph_listeners;

struct amph_engine {
	const amph_allocator *allocator;
	amph_allocator own_allocator;
	amph_clock clock;
	amph_arena arena;               /* of the URL's texts */
	amph_registry *registry;
	amph_driver_engine *driver;
	const amph_dialect *dialect;    /* of the server that was found */
	amph_pool *pool;
	amph_url_options options;
	bool expire_on_commit;
	amph_statement_fn *trace;
	void *trace_ctx;
	bool trace_values;
	amph_query_cache queries;
	/* Compiled statements: of the flush by model and columns, of queries by their shape. Never
	 * freed before the engine, since connections keep prepared statements of them. */
	pthread_rwlock_t codes_lock;
	/* The program, until amph_close, and open sessions. Beside what is written as well: each session
	 * writes it twice, and reads most of the rest. */
	_Atomic size_t n_users;
	amph_map codes;
	amph_arena codes_arena;
	/* Of them the selects by primary key, four for each model by its ordinal: a lone one, and those
	 * that follow each other; then both of rows not softly deleted. NULL: not made yet. */
	_Atomic(const amph_code *) *selects;
	/* Names of types that have no form in C, by the database's number; under codes_lock. */
	amph_map type_names;
	amph_filters filters;           /* of sessions that have set none */
	amph_listeners listeners;       /* under its lock; listened is its kinds, read without it */
	pthread_rwlock_t listeners_lock;
	_Atomic uint32_t listened;
};

/* A session more that uses it, and one less: the last use that ends takes the engine with it. */
void amph__engine_use(amph_engine *engine);
void amph__engine_let_go(amph_engine *engine);

/* Makes the statement of a key that was not seen before; in arena, all of it. */
typedef amph_code *amph_code_fn(amph_arena *arena, amph_engine *engine, const void *ctx,
				amph_error *err);
/* The code of a key of len bytes. */
const amph_code *amph__engine_code(amph_engine *engine, const void *key, size_t len,
				   amph_code_fn *make, const void *ctx, amph_error *err);
/* The trace of every connection, for the program's. */
void amph__engine_trace(void *ctx, const amph_trace_event *event);
#endif
