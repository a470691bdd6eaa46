/* The one place that calls malloc and free. */
#include "alloc.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *ctx, void *p, size_t size)
{
	(void)ctx;
	return realloc(p, size);
}

static void libc_release(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

const amph_allocator amph__libc_allocator = { libc_resize, libc_release, NULL };

/* Nothing may be larger than a difference of pointers can say. */
void *amph__realloc(const amph_allocator *a, void *p, size_t size)
{
	if (size > PTRDIFF_MAX)
		return NULL;
	return a->resize(a->ctx, p, size == 0 ? 1 : size);
}

void *amph__alloc(const amph_allocator *a, size_t size)
{
	return amph__realloc(a, NULL, size);
}

void *amph__alloc_zero(const amph_allocator *a, size_t size)
{
	void *p = amph__alloc(a, size);
	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void amph__free(const amph_allocator *a, void *p)
{
	if (p != NULL)
		a->release(a->ctx, p);
}

char *amph__strdup(const amph_allocator *a, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = amph__alloc(a, size);
	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

bool amph__size_mul(size_t a, size_t b, size_t *out)
{
	size_t product;
	if (__builtin_mul_overflow(a, b, &product))
		return false;
	*out = product;
	return true;
}

bool amph__size_add(size_t a, size_t b, size_t *out)
{
	size_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return false;
	*out = sum;
	return true;
}

/* items is the address of a pointer of any type, so it is read and written as bytes. */
bool amph__grow(const amph_allocator *a, void **items, size_t *cap, size_t need, size_t item_size)
{
	enum { FIRST_CAP = 8 };
	if (need <= *cap)
		return true;
	size_t grown = *cap < FIRST_CAP ? FIRST_CAP : *cap;
	if (*cap >= FIRST_CAP && !amph__size_mul(*cap, 2, &grown))
		grown = need;
	if (grown < need)
		grown = need;
	size_t size;
	if (!amph__size_mul(grown, item_size, &size))
		return false;
	void *p;
	memcpy(&p, items, sizeof(p));
	p = amph__realloc(a, p, size);
	if (p == NULL)
		return false;
	memcpy(items, &p, sizeof(p));
	*cap = grown;
	return true;
}
