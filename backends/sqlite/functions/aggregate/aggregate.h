/* What the files of aggregates share. */
#ifndef AMPH_SQLITE_AGGREGATE_H
#define AMPH_SQLITE_AGGREGATE_H
#include "../functions.h"

/* interval.c: by a factor, or by its inverse; false where it leaves the range. */
bool amph__sl_interval_scale(const amph_interval *x, double by, bool divide, amph_interval *out);
#endif
