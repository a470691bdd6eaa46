/* Time zones of places, from the system's zone files (RFC 8536), and fixed offsets. */
#ifndef AMPH_SQLITE_ZONE_H
#define AMPH_SQLITE_ZONE_H
#include "datetime.h"

/* When clocks change by a rule that holds for ever: the nth weekday of a month, a day of the year. */
typedef struct sl_zone_rule {
	char kind;                      /* 'M' month.week.day, 'J' day without leap days, 'N' day from 0 */
	int month, week, day;
	int32_t seconds;                /* of the day, by local time */
} sl_zone_rule;

typedef struct sl_zone {
	amph_arena arena;
	size_t n;
	const int64_t *at;              /* moments of change, in seconds from 1970 */
	const int32_t *offset;          /* east of Greenwich, from then on */
	int32_t first;                  /* before all of them */
	bool has_rule;                  /* after all of them: offsets by the rules */
	int32_t standard, daylight;
	sl_zone_rule start, end;        /* of daylight time; the same kind 0: there is none */
} sl_zone;

/* "Europe/Berlin", "CET", "UTC", "+02:00" (POSIX: west is positive). false: the error is raised. */
bool amph__sl_zone_read(sl_call *c, const char *name, size_t len, sl_zone *out);
int32_t amph__sl_zone_offset(const sl_zone *z, int64_t seconds);        /* at a moment */
/* The offset that a local time is to be read with: of two the later, of none the earlier. */
int32_t amph__sl_zone_local_offset(const sl_zone *z, int64_t local);
#endif
