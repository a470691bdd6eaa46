/* What the text of a statement says, as far as the driver asks. */
#ifndef AMPH_SQLITE_WORDS_H
#define AMPH_SQLITE_WORDS_H
#include "sl.h"

/* The next word or quoted name at or behind at; its length, 0 before other signs and at the end. */
const char *amph__sl_next_word(const char *at, size_t *len);
bool amph__sl_word_is(const char *word, size_t len, const char *what);
/* The next of the words, in capitals, outside parentheses and quotes; NULL: none. *which may be
 * NULL. */
const char *amph__sl_find_word(const char *at, const char *const *words, size_t n, size_t *which);

sl_verb amph__sl_verb(const char *sql);
/* INSERT, CREATE TABLE: one word, or what is created, dropped, altered as well. */
void amph__sl_tag(const char *sql, char *out, size_t size);
/* The table of DROP TABLE; NULL: no memory. */
char *amph__sl_dropped_table(const amph_allocator *a, const char *sql);
#endif
