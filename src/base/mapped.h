/* Whether memory may be looked at that a pointer of the program's does not vouch for. */
#ifndef AMPH_BASE_MAPPED_H
#define AMPH_BASE_MAPPED_H
#include <stdbool.h>
#include <stddef.h>

/* Of the n bytes before p, at most a page, where p itself points to something. A page that is there but
 * closed to reading is taken for one that may be read. */
bool amph__mapped_before(const void *p, size_t n);
#endif
