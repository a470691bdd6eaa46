/* One-dimensional arrays in their text form. */
#ifndef AMPH_SQLITE_ARRAY_H
#define AMPH_SQLITE_ARRAY_H
#include "../compare.h"

/* The elements as texts, NULL for NULL. false: the error is raised. */
bool amph__sl_array_arg(sl_call *c, int i, amph_text_array *out);
/* The same of an array of any dimensions. */
bool amph__sl_items_arg(sl_call *c, int i, amph_text_array *out);
/* An element as a value of its type, not as text. */
void amph__sl_element_result(sl_call *c, const sl_comparer *type, const char *text);
void amph__sl_array_result(sl_call *c, const char *const *items, size_t n);
void amph__sl_array_put(const char *const *items, size_t n, amph_buf *out);
/* A value as it stands in an array, in the arena; NULL for NULL, or where memory failed. type is
 * as $d has it. */
const char *amph__sl_element_text(sl_call *c, const char *type, size_t len, sqlite3_value *v);
#endif
