/* pg_trgm: how much of their trigrams two texts share. A word has two blanks before and one after
 * it; trigrams are of lower-case words. Thresholds are pg_trgm's defaults. */
#include "../array/array.h"
#include "../text/ctype.h"
#include <stdlib.h>
#include <string.h>

#define SIMILARITY_THRESHOLD 0.3
#define WORD_THRESHOLD 0.6
#define STRICT_THRESHOLD 0.5

/* Three bytes: of ASCII the characters, of others a checksum of them. */
typedef uint32_t trigram;
enum { WORD_FIRST = 1, WORD_LAST = 2 };

typedef struct trigrams {
	trigram *items;
	uint8_t *bounds;                /* which are the first or last of their word */
	size_t n, cap;
} trigrams;

/* ---- making ---- */

/* CRC-32's table, but fed from the other end: what pg_trgm has always done. */
static uint32_t checksum(const char *data, size_t len)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < len; i++) {
		uint32_t entry = (crc >> 24 ^ (uint8_t)data[i]) & 0xff;

		for (int k = 0; k < 8; k++)
			entry = entry & 1 ? entry >> 1 ^ 0xedb88320 : entry >> 1;
		crc = entry ^ crc << 8;
	}
	return ~crc;
}

static trigram trigram_of(const uint32_t chars[3])
{
	char bytes[12];
	size_t len = 0;
	uint32_t sum;

	for (int i = 0; i < 3; i++)
		len += amph__utf8_put(bytes + len, chars[i]);
	if (len == 3)
		return (trigram)(uint8_t)bytes[0] << 16 | (trigram)(uint8_t)bytes[1] << 8 |
		       (uint8_t)bytes[2];
	sum = checksum(bytes, len);
	/* its first bytes in memory, lowest first */
	return (sum & 0xff) << 16 | (sum & 0xff00) | (sum >> 16 & 0xff);
}

static bool add(sl_call *c, trigrams *t, trigram one, uint8_t bounds)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		trigram *items = AMPH_NEWS(c->arena, trigram, cap);
		uint8_t *flags = AMPH_NEWS(c->arena, uint8_t, cap);

		if (!items || !flags)
			return false;
		if (t->n) {
			memcpy(items, t->items, t->n * sizeof(*items));
			memcpy(flags, t->bounds, t->n);
		}
		t->items = items;
		t->bounds = flags;
		t->cap = cap;
	}
	t->items[t->n] = one;
	t->bounds[t->n++] = bounds;
	return true;
}

/* The trigrams of one word, in its order. */
static bool add_word(sl_call *c, trigrams *t, const uint32_t *word, size_t n)
{
	size_t first = t->n;
	uint32_t window[3] = { ' ', ' ', ' ' };

	for (size_t i = 0; i <= n; i++) {
		window[0] = window[1];
		window[1] = window[2];
		window[2] = i < n ? word[i] : ' ';
		if (!add(c, t, trigram_of(window), 0))
			return false;
	}
	t->bounds[first] |= WORD_FIRST;
	t->bounds[t->n - 1] |= WORD_LAST;
	return true;
}

static bool read_trigrams(sl_call *c, int arg, trigrams *out)
{
	size_t len, n = 0;
	const char *text = amph__sl_text(c, arg, &len), *end = text + len;
	uint32_t *word = AMPH_NEWS(c->arena, uint32_t, len + 1), ch;

	*out = (trigrams){ 0 };
	while (word && text < end) {
		text += amph__utf8_next(text, &ch);
		if (amph__is_alnum(ch))
			word[n++] = amph__to_lower(ch);
		if (n && (!amph__is_alnum(ch) || text == end)) {
			if (!add_word(c, out, word, n))
				return false;
			n = 0;
		}
	}
	return word != NULL;
}

/* Bytes are compared as signed characters. */
static int compare(const void *a, const void *b)
{
	trigram x = *(const trigram *)a ^ 0x808080, y = *(const trigram *)b ^ 0x808080;

	return (x > y) - (x < y);
}

static void sort_unique(trigrams *t)
{
	size_t n = 0;

	if (t->n > 1)
		qsort(t->items, t->n, sizeof(*t->items), compare);
	for (size_t i = 0; i < t->n; i++)
		if (i == 0 || t->items[i] != t->items[i - 1])
			t->items[n++] = t->items[i];
	t->n = n;
}

/* ---- similarity ---- */

static float share(size_t common, size_t a, size_t b)
{
	size_t all = a + b - common;

	return all ? (float)common / (float)all : 0;
}

static bool similarity_of(sl_call *c, float *out)
{
	trigrams a, b;
	size_t common = 0;

	if (!read_trigrams(c, 0, &a) || !read_trigrams(c, 1, &b))
		return false;
	sort_unique(&a);
	sort_unique(&b);
	for (size_t i = 0, k = 0; i < a.n && k < b.n;) {
		int order = compare(&a.items[i], &b.items[k]);

		common += order == 0;
		i += order <= 0;
		k += order >= 0;
	}
	*out = a.n && b.n ? share(common, a.n, b.n) : 0;
	return true;
}

/* ---- similarity to the best part of a text ---- */

/* The trigrams of both texts by number: where they stand in the second, and which the first has. */
typedef struct extent {
	size_t n;                       /* of the second text, in its order */
	size_t *number;
	const uint8_t *bounds;
	bool *wanted;                   /* by number: the first text has it */
	size_t n_wanted;
	int64_t *last;                  /* by number: where it was seen last in the part; -1 */
} extent;

static size_t number_of(const trigrams *all, trigram one)
{
	const trigram *found = bsearch(&one, all->items, all->n, sizeof(one), compare);

	return found ? (size_t)(found - all->items) : 0;
}

static bool make_extent(sl_call *c, const trigrams *first, const trigrams *second, extent *e)
{
	trigrams all = { 0 };

	for (size_t i = 0; i < first->n; i++)
		if (!add(c, &all, first->items[i], 0))
			return false;
	for (size_t i = 0; i < second->n; i++)
		if (!add(c, &all, second->items[i], 0))
			return false;
	sort_unique(&all);
	*e = (extent){ .n = second->n, .bounds = second->bounds };
	e->number = AMPH_NEWS(c->arena, size_t, second->n + 1);
	e->wanted = AMPH_NEWS(c->arena, bool, all.n + 1);
	e->last = AMPH_NEWS(c->arena, int64_t, all.n + 1);
	if (!e->number || !e->wanted || !e->last)
		return false;
	for (size_t i = 0; i < all.n; i++)
		e->last[i] = -1;
	for (size_t i = 0; i < second->n; i++)
		e->number[i] = number_of(&all, second->items[i]);
	for (size_t i = 0; i < first->n; i++) {
		size_t k = number_of(&all, first->items[i]);

		e->n_wanted += !e->wanted[k];
		e->wanted[k] = true;
	}
	return true;
}

/* A part of the second text: different trigrams in it, and those of the first among them. */
typedef struct part {
	int64_t from;                   /* -1: none yet */
	size_t n, common;
	float best;
} part;

/* Moves the beginning of the part to where it is most alike, and forgets what is before it. */
static void shrink(extent *e, part *p, int64_t to, bool strict)
{
	part try = *p;
	int64_t old = p->from;

	p->best = share(p->common, e->n_wanted, p->n);
	for (int64_t from = old; from <= to; from++) {
		size_t k = e->number[from];
		float s = share(try.common, e->n_wanted, try.n);

		if ((!strict || (e->bounds[from] & WORD_FIRST)) && s > p->best)
			*p = (part){ from, try.n, try.common, s };
		if (e->last[k] == from) {
			try.n--;
			try.common -= e->wanted[k];
		}
	}
	for (int64_t from = old; from < p->from; from++)
		if (e->last[e->number[from]] == from)
			e->last[e->number[from]] = -1;
}

static float best_part(extent *e, bool strict)
{
	part p = { .from = strict ? 0 : -1 };
	float best = 0;

	for (size_t i = 0; i < e->n; i++) {
		size_t k = e->number[i];

		if (p.from >= 0 || e->wanted[k]) {
			if (e->last[k] < 0) {
				p.n++;
				p.common += e->wanted[k];
			}
			e->last[k] = (int64_t)i;
		}
		if (strict ? !(e->bounds[i] & WORD_LAST) : !e->wanted[k])
			continue;
		if (p.from < 0) {
			p.from = (int64_t)i;
			p.n = 1;
		}
		shrink(e, &p, (int64_t)i, strict);
		best = p.best > best ? p.best : best;
	}
	return best;
}

static bool word_similarity_of(sl_call *c, bool swap, bool strict, float *out)
{
	trigrams first, second;
	extent e;

	*out = 0;
	if (!read_trigrams(c, swap ? 1 : 0, &first) || !read_trigrams(c, swap ? 0 : 1, &second))
		return false;
	if (!first.n || !second.n)
		return true;
	if (!make_extent(c, &first, &second, &e))
		return false;
	*out = best_part(&e, strict);
	return true;
}

/* ---- functions and operators ---- */

enum { SWAP = 1, STRICT = 2, WHOLE = 4 };

static bool measure(sl_call *c, float *out)
{
	bool ok = c->arg & WHOLE ? similarity_of(c, out)
				 : word_similarity_of(c, c->arg & SWAP, (c->arg & STRICT) != 0, out);

	if (!ok)
		amph__sl_raise_nomem(c);
	return ok;
}

static void similarity(sl_call *c)
{
	float s;

	if (measure(c, &s))
		amph__sl_result_real(c, (double)s);
}

static void distance(sl_call *c)
{
	float s;

	if (measure(c, &s))
		amph__sl_result_real(c, (double)(float)(1.0 - (double)s));
}

static void is_similar(sl_call *c)
{
	double threshold = c->arg & WHOLE ? SIMILARITY_THRESHOLD : c->arg & STRICT ? STRICT_THRESHOLD
										    : WORD_THRESHOLD;
	float s;

	if (measure(c, &s))
		amph__sl_result_bool(c, (double)s >= threshold);
}

static const char *shown(sl_call *c, trigram t)
{
	const char bytes[3] = { (char)(t >> 16), (char)(t >> 8), (char)t };

	for (int i = 0; i < 3; i++)
		if ((uint8_t)bytes[i] >= 128 || (uint8_t)bytes[i] < 32)
			return amph__arena_printf(c->arena, "0x%06x", (unsigned)t);
	return amph__arena_text(c->arena, bytes, 3);
}

static void show(sl_call *c)
{
	trigrams t;
	const char **items;

	if (!read_trigrams(c, 0, &t))
		return;
	sort_unique(&t);
	items = AMPH_NEWS(c->arena, const char *, t.n + 1);
	for (size_t i = 0; items && i < t.n; i++)
		items[i] = shown(c, t.items[i]);
	if (items && !c->arena->failed)
		amph__sl_array_result(c, items, t.n);
}

static void show_limit(sl_call *c)
{
	amph__sl_result_real(c, (double)(float)SIMILARITY_THRESHOLD);
}

static const sl_function rows[] = {
	{ "show_limit", 0, 0, show_limit, 0 },
	{ "show_trgm_text", 1, 0, show, 0 },
	{ "similarity_dist", 2, 0, distance, WHOLE },
	{ "similarity_op", 2, 0, is_similar, WHOLE },
	{ "similarity_text_text", 2, 0, similarity, WHOLE },
	{ "strict_word_similarity_commutator_op", 2, 0, is_similar, SWAP | STRICT },
	{ "strict_word_similarity_dist_commutator_op", 2, 0, distance, SWAP | STRICT },
	{ "strict_word_similarity_dist_op", 2, 0, distance, STRICT },
	{ "strict_word_similarity_op", 2, 0, is_similar, STRICT },
	{ "strict_word_similarity_text_text", 2, 0, similarity, STRICT },
	{ "word_similarity_commutator_op", 2, 0, is_similar, SWAP },
	{ "word_similarity_dist_commutator_op", 2, 0, distance, SWAP },
	{ "word_similarity_dist_op", 2, 0, distance, 0 },
	{ "word_similarity_op", 2, 0, is_similar, 0 },
	{ "word_similarity_text_text", 2, 0, similarity, 0 }
};
const sl_functions amph__sl_trigram_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
