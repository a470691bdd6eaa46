/* Numbers drawn, texts that grow, memory of one program. */
#include "random.h"
#include <stdlib.h>
#include <string.h>

uint64_t rng_mix(uint64_t a, uint64_t b)
{
	rng r = { a * 0x9E3779B97F4A7C15u + b };

	return rng_next(&r);
}

uint64_t rng_next(rng *r)
{
	uint64_t z = r->state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	z = (z ^ z >> 27) * 0x94D049BB133111EBu;
	return z ^ z >> 31;
}

unsigned rng_below(rng *r, unsigned n)
{
	return (unsigned)(rng_next(r) >> 33) % n;
}

bool rng_chance(rng *r, unsigned percent)
{
	return rng_below(r, 100) < percent;
}

static void *need(void *p)
{
	if (p)
		return p;
	fputs("out of memory\n", stderr);
	exit(2);
}

void say(text *t, const char *format, ...)
{
	va_list args;
	int n;

	for (;;) {
		va_start(args, format);
		n = vsnprintf(t->s ? t->s + t->n : NULL, t->cap - t->n, format, args);
		va_end(args);
		if (n < 0 || (size_t)n < t->cap - t->n)
			break;
		t->cap = (t->cap + (size_t)n + 64) * 2;
		t->s = need(realloc(t->s, t->cap));
	}
	t->n += n < 0 ? 0 : (size_t)n;
}

void text_clear(text *t)
{
	t->n = 0;
	say(t, "%s", "");
}

struct chunk { chunk *next; max_align_t data[]; };

void *heap_get(heap *h, size_t size)
{
	chunk *c = need(calloc(1, sizeof *c + size));

	c->next = h->first;
	h->first = c;
	return c->data;
}

void heap_free(heap *h)
{
	while (h->first) {
		chunk *next = h->first->next;

		free(h->first);
		h->first = next;
	}
}
