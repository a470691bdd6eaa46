/* The order of tables: parents before children, the tables of a cycle with one rank. Among tables
 * that may come next, the one that the program lists first does. */
#include "compile.h"
#include <string.h>

enum { UNRANKED = UINT16_MAX };

typedef struct ranking {
	amph_mapper *const *mappers;
	size_t n;
	uint16_t next;
	bool *seen;                     /* of a walk, by ordinal */
	size_t *stack;
} ranking;

/* Whether all that m refers to has a rank, itself aside. */
static bool is_ready(const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_references; i++) {
		const amph_mapper *target = m->references[i].target;

		if (target != m && target->flush_rank == UNRANKED)
			return false;
	}
	return true;
}

/* Marks m and what it needs, directly or not, that has no rank yet; how many those are. */
static size_t mark_needed(ranking *r, const amph_mapper *m)
{
	size_t depth = 0, count = 1;

	memset(r->seen, 0, r->n * sizeof(*r->seen));
	r->seen[m->ordinal] = true;
	r->stack[depth++] = m->ordinal;
	while (depth > 0) {
		const amph_mapper *at = r->mappers[r->stack[--depth]];

		for (size_t i = 0; i < at->n_references; i++) {
			const amph_mapper *target = at->references[i].target;

			if (target->flush_rank != UNRANKED || r->seen[target->ordinal])
				continue;
			r->seen[target->ordinal] = true;
			r->stack[depth++] = target->ordinal;
			count++;
		}
	}
	return count;
}

/* Nothing is ready: the table that needs the fewest is in a cycle with all that it needs. */
static void rank_cycle(ranking *r)
{
	const amph_mapper *best = NULL;
	size_t fewest = SIZE_MAX;

	for (size_t i = 0; i < r->n; i++) {
		size_t needs;

		if (r->mappers[i]->flush_rank != UNRANKED)
			continue;
		needs = mark_needed(r, r->mappers[i]);
		if (needs < fewest) {
			fewest = needs;
			best = r->mappers[i];
		}
	}
	if (!best)
		return;
	mark_needed(r, best);
	for (size_t i = 0; i < r->n; i++)
		if (r->seen[i])
			r->mappers[i]->flush_rank = r->next;
	r->next++;
}

static bool rank_next(ranking *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->mappers[i]->flush_rank == UNRANKED && is_ready(r->mappers[i])) {
			r->mappers[i]->flush_rank = r->next++;
			return true;
		}
	return false;
}

static bool all_ranked(const ranking *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->mappers[i]->flush_rank == UNRANKED)
			return false;
	return true;
}

static bool sort_by_rank(amph_compiler *c, const ranking *r)
{
	const amph_mapper **sorted = AMPH_NEWS(c->arena, const amph_mapper *, r->n + 1);
	size_t at = 0;

	if (!sorted)
		return false;
	for (uint16_t rank = 0; rank < r->next; rank++)
		for (size_t i = 0; i < r->n; i++)
			if (r->mappers[i]->flush_rank == rank)
				sorted[at++] = r->mappers[i];
	c->registry->by_rank = sorted;
	return true;
}

bool amph__rank(amph_compiler *c)
{
	amph_mapper **mappers = AMPH_NEWS(c->arena, amph_mapper *, c->n + 1);
	ranking r = { .mappers = mappers, .n = c->n,
		      .seen = AMPH_NEWS(c->arena, bool, c->n + 1),
		      .stack = AMPH_NEWS(c->arena, size_t, c->n + 1) };

	if (!mappers || !r.seen || !r.stack)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		mappers[i] = c->drafts[i].mapper;
		mappers[i]->flush_rank = UNRANKED;
	}
	while (!all_ranked(&r))
		if (!rank_next(&r))
			rank_cycle(&r);
	return sort_by_rank(c, &r);
}
