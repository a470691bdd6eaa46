/* Rows by the values of some of their columns, for joins in memory. Private to src/relation. */
#ifndef AMPH_RELATION_KEYS_H
#define AMPH_RELATION_KEYS_H
#include "relation.h"

/* One side of the equalities of a join, of structs of m. */
typedef struct amph_key_side {
	const amph_mapper *m;
	const amph_key_pair *pairs;
	size_t n;
	bool to;                        /* the column is pairs[i].to, else pairs[i].from */
} amph_key_side;

/* A single integer is its own key, anything else is text. */
typedef struct amph_key_table {
	const amph_allocator *allocator;
	bool integers;
	int64_t *numbers;               /* open addressing */
	void **values;                  /* of each; NULL: free */
	size_t n, cap;
	amph_map map;                   /* of the texts of all others */
	amph_arena arena;
	amph_buf text;
} amph_key_table;

/* side: any of those whose rows are added or looked up, which are alike in their types. */
void amph__keys_init(amph_key_table *t, const amph_allocator *a, const amph_key_side *side);
void amph__keys_clear(amph_key_table *t);
/* A row with a NULL among its values has no key. The last value that is added for a key counts.
 * false: no memory. */
bool amph__keys_add(amph_key_table *t, const amph_key_side *side, const void *members, void *value);
/* NULL: none. false: no memory. */
bool amph__keys_find(amph_key_table *t, const amph_key_side *side, const void *members, void **value);
#endif
