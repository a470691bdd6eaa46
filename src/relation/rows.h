/* Statements that read rows by the keys of other rows. Private to src/relation. */
#ifndef AMPH_RELATION_ROWS_H
#define AMPH_RELATION_ROWS_H
#include "relation.h"

/* What is read; in the keys of the engine's statements, beside those of the session's own. */
enum {
	ROWS_OF_TARGET = 100,
	ROWS_OF_LINK,
	ROWS_BEHIND_LINK,
	ROWS_OF_LINK_BY_BOTH,           /* by the keys of both of its sides */
	ROWS_OF_MODEL                   /* by their own keys */
};

typedef struct load_key {
	uint16_t mapper, relation;      /* of the side that is read from */
	uint8_t op;
	bool unordered;
	bool whole;                     /* of the target: all of them, whichever keys they have */
	uint8_t unused[1];              /* 0: the key is compared as bytes */
	amph_column_set filter, nulls;  /* what rows are filtered by; those that must be NULL */
} load_key;
/* What is sent; it lives until the result was read, as the trace shows it then. */
typedef struct load_args {
	amph_slot slots[2 * AMPH_KEY_PAIRS_MAX];
	amph_arg args[1 + AMPH_COLUMNS_MAX];
} load_args;
typedef struct load_ctx {
	const load_key *key;
	const amph_mapper *from, *to;   /* keys come from rows of from; rows of to are read */
	const amph_key_pair *pairs;
	size_t n;
	amph_keyed rows;                /* those that keys come from */
	load_args *sent;
} load_ctx;

/* Sends it. The result is the caller's to read and to finish. */
bool amph__rows_select(amph_session *s, const load_ctx *ctx, amph_result *result, amph_error *err);
/* Whether rows of m may come in any order: lists are put in the order of the key here, which is less
 * than the database has to do for it, and nobody sees another order. Siblings and events do. */
bool amph__rows_may_mix(const amph_session *s, const amph_mapper *m);
#endif
