/* Named parameters of raw SQL. */
#ifndef AMPH_SQL_PARAMS_H
#define AMPH_SQL_PARAMS_H
#include "../../base/arena.h"
#include "../../base/error.h"

/* What stands in a text: $n only, :name only, or none. */
typedef struct amph_text_params {
	const char *sql;                /* :name is $n now; the same number for the same name */
	size_t n;                       /* the greatest n */
	const char *const *names;       /* n of them; NULL where the text has $n */
} amph_text_params;

/* Finds the parameters of text; constants, quoted names, comments, dollar quotes and casts are
 * left alone. Mixing both forms is misuse. All in arena. */
bool amph__params_of(amph_arena *arena, const char *text, amph_text_params *out, amph_error *err);
const char *amph__skip_comment(const char *p);   /* behind the one of slash and star at p, and those in it */
#endif
