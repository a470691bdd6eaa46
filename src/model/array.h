/* Arrays of any element. For the files of values only. */
#ifndef AMPH_MODEL_ARRAY_H
#define AMPH_MODEL_ARRAY_H
#include "type.h"

/* What all the amph_*_array structs look like. */
typedef struct amph_items { const void *items; size_t n; } amph_items;
amph_items amph__array_items(const void *value);
/* A slot for one element, at offset 0 of it. */
amph_slot amph__element_slot(int type, const amph_enum_type *e);
void amph__array_write(int type, const amph_enum_type *e, const void *value, amph_buf *out);
#endif
