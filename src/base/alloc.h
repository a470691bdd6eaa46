/* Allocation through the engine's hook, and sizes that cannot wrap. */
#ifndef AMPH_BASE_ALLOC_H
#define AMPH_BASE_ALLOC_H
#include "amphora/sys/alloc.h"
#include <stdbool.h>

/* malloc, realloc, free of the C library. */
extern const amph_allocator amph__libc_allocator;

void *amph__alloc(const amph_allocator *a, size_t size);        /* NULL on failure */
void *amph__alloc_zero(const amph_allocator *a, size_t size);
void *amph__realloc(const amph_allocator *a, void *p, size_t size); /* p stays on failure */
void amph__free(const amph_allocator *a, void *p);              /* p may be NULL */
char *amph__strdup(const amph_allocator *a, const char *text);  /* NULL on failure */

/* false where the result does not fit; *out is then untouched. */
bool amph__size_mul(size_t a, size_t b, size_t *out);
bool amph__size_add(size_t a, size_t b, size_t *out);

/* Grows an array to at least need items, doubling; false on failure, the array untouched. */
bool amph__grow(const amph_allocator *a, void **items, size_t *cap, size_t need, size_t item_size);
#endif
