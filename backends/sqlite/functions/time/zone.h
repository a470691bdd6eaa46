/* Time zones as AT TIME ZONE names them. */
#ifndef AMPH_SQLITE_ZONE_H
#define AMPH_SQLITE_ZONE_H
#include "../../../../src/model/datetime.h"
#include "datetime.h"

/* "Europe/Berlin", "CET", "UTC", "+02:00" (POSIX: west is positive). false: the error is raised. */
bool amph__sl_zone_read(sl_call *c, const char *name, size_t len, amph_zone *out);
#endif
