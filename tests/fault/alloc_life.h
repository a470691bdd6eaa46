/* The transactions of the life that alloc_sweep lives again and again. */
#ifndef TESTS_FAULT_ALLOC_LIFE_H
#define TESTS_FAULT_ALLOC_LIFE_H
#include <amphora.h>

enum { LIFE_ACCOUNTS = 24 };

typedef struct life_part {
	const char *name;
	bool (*work)(amph_session *s);
	const char *note;               /* of the entries that tell that it was applied */
} life_part;

extern const amph_model *const life_models[];
extern const life_part life_parts[];            /* ends without a name */
/* Whether the transaction that ends in entries of that note was applied after all. */
bool life_was_applied(amph_engine *db, const char *note);
#endif
