/* The pool of one engine's connections. All functions may be called from any thread; the lock
 * covers list moves only, never I/O. */
#ifndef AMPH_POOL_POOL_H
#define AMPH_POOL_POOL_H
#include "../driver/driver.h"
#include "amphora/engine.h"

typedef struct amph_pool amph_pool;
amph_pool *amph__pool_open(amph_driver_engine *engine, const amph_conn_config *config,
			   const amph_url_options *options, amph_error *err);
void amph__pool_close(amph_pool *pool);         /* waits for nobody: those out close on return */
/* site: who asks, for the message of a timeout ("session at shop.c:12"); borrowed until it gives back. */
amph_conn *amph__pool_take(amph_pool *pool, const char *site, amph_error *err);
void amph__pool_give(amph_pool *pool, amph_conn *conn); /* resets, closes what is broken or too old */
/* Whether a connection that this thread took is in a transaction; site: whose it is. */
bool amph__pool_is_held(amph_pool *pool, char *site, size_t size);
void amph__pool_stats(amph_pool *pool, amph_pool_stats *out);
#endif
