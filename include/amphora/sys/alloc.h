/* The allocator that an engine and all that hangs on it use. For authors of backends and
 * for programs that bring their own. */
#ifndef AMPHORA_SYS_ALLOC_H
#define AMPHORA_SYS_ALLOC_H
#include <stddef.h>
#ifdef __cplusplus
extern "C" {
#endif

/* As realloc and free, with a context. resize(ctx, NULL, n) allocates; it is never called
 * with n 0. Both must be safe to call from any thread that uses the engine. */
typedef struct amph_allocator {
	void *(*resize)(void *ctx, void *p, size_t size);
	void (*release)(void *ctx, void *p);
	void *ctx;
} amph_allocator;

#ifdef __cplusplus
}
#endif
#endif
