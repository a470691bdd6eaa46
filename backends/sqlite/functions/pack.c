/* Queries that refer to what stands before them in FROM, and sets that go side by side: a query is
 * packed into one value by an aggregate, which a table function takes apart again.
 *
 *	amph_unpack1('2', (SELECT amph_pack(a, b) FROM ...))
 *
 * The text says how many columns each of the packs has, also one that is NULL for having no rows.
 * Shorter packs are filled up with NULLs. */
#include "aggregate/aggregate.h"
#include "tables.h"
#include <string.h>

enum { PACKS_MAX = 6 };

typedef struct packed {
	amph_buf b;
} packed;

/* ---- pack(value, ...) ---- */

static void put_value(sqlite3_value *v, amph_buf *b)
{
	char kind = (char)sqlite3_value_type(v);
	int64_t n = 0;
	double d;

	amph__buf_add(b, &kind, 1);
	if (kind == SQLITE_NULL)
		return;
	if (kind == SQLITE_INTEGER) {
		n = sqlite3_value_int64(v);
		amph__buf_add(b, (const char *)&n, sizeof(n));
	} else if (kind == SQLITE_FLOAT) {
		d = sqlite3_value_double(v);
		amph__buf_add(b, (const char *)&d, sizeof(d));
	} else {
		const void *data = kind == SQLITE_TEXT ? (const void *)sqlite3_value_text(v)
						       : sqlite3_value_blob(v);

		n = sqlite3_value_bytes(v);
		b->failed |= !data && n > 0;
		amph__buf_add(b, (const char *)&n, sizeof(n));
		if (data && n)
			amph__buf_add(b, data, (size_t)n);
	}
}

static void pack_step(sl_call *c, void *state)
{
	packed *s = state;

	if (!s->b.allocator)
		amph__buf_init(&s->b, c->env->allocator);
	for (int i = 0; i < c->argc; i++)
		put_value(c->argv[i], &s->b);
	if (s->b.failed)
		amph__sl_raise_nomem(c);
}

static void pack_value(sl_call *c, void *state)
{
	const packed *s = state;

	if (s && s->b.allocator)
		amph__sl_result_bytes(c, s->b.text, s->b.len);
}

static void pack_clear(sl_call *c, void *state)
{
	packed *s = state;

	(void)c;
	if (s->b.allocator)
		amph__buf_clear(&s->b);
}

const sl_aggregate amph__sl_packers[] = {
	{ "pack", -1, SL_FN_NULLS, sizeof(packed), pack_step, NULL, pack_value, pack_clear, 0 }
};
const size_t amph__sl_n_packers = sizeof(amph__sl_packers) / sizeof(amph__sl_packers[0]);

/* ---- unpack(columns, pack, ...) ---- */

typedef struct pack {
	const char *at, *end;
	size_t columns;
} pack;

static bool take(pack *p, void *out, size_t n)
{
	if ((size_t)(p->end - p->at) < n)
		return false;
	memcpy(out, p->at, n);
	p->at += n;
	return true;
}

static sl_stored take_value(pack *p)
{
	sl_stored v = { .kind = SQLITE_NULL };
	char kind = SQLITE_NULL;
	int64_t n = 0;

	if (!take(p, &kind, 1) || kind == SQLITE_NULL)
		return v;
	if (kind == SQLITE_FLOAT) {
		v.kind = take(p, &v.real, sizeof(v.real)) ? kind : SQLITE_NULL;
		return v;
	}
	if (!take(p, &n, sizeof(n)))
		return v;
	if (kind == SQLITE_INTEGER)
		return (sl_stored){ .kind = kind, .integer = n };
	if (n < 0 || n > p->end - p->at)
		return v;
	v = (sl_stored){ .kind = kind, .text = p->at, .len = (size_t)n };
	p->at += n;
	return v;
}

static size_t read_packs(sl_call *c, pack *packs)
{
	size_t len, total = 0;
	const char *spec = amph__sl_text(c, 0, &len), *end = spec + len;

	for (int i = 0; i + 1 < c->argc && i < PACKS_MAX; i++) {
		size_t n = 0;

		for (; spec < end && amph__is_digit(*spec); spec++)
			n = n * 10 + (size_t)(*spec - '0');
		spec += spec < end;
		packs[i] = (pack){ .columns = n };
		total += n;
		if (amph__sl_is_null(c, i + 1))
			continue;
		packs[i].at = amph__sl_text(c, i + 1, &len);
		packs[i].end = packs[i].at + len;
	}
	return total;
}

void amph__sl_unpack(sl_call *c, sl_set *set)
{
	pack packs[PACKS_MAX] = { { .columns = 0 } };

	set->n_columns = read_packs(c, packs);
	while (set->n_columns && !c->nomem) {
		bool more = false;

		for (int i = 0; i + 1 < c->argc; i++)
			more |= packs[i].at < packs[i].end;
		if (!more)
			break;
		for (int i = 0; i + 1 < c->argc; i++) {
			for (size_t k = 0; k < packs[i].columns; k++) {
				const sl_stored v = take_value(&packs[i]);

				amph__sl_set_value(c, set, &v);
			}
		}
	}
}
