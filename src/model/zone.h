/* Time zones: of places, from the system's zone files (RFC 8536), and as POSIX writes them. */
#ifndef AMPH_MODEL_ZONE_H
#define AMPH_MODEL_ZONE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMPH_ZONE_FILE_MAX 8192

typedef enum amph_zone_state { AMPH_ZONE_KNOWN, AMPH_ZONE_UNKNOWN, AMPH_ZONE_NO_FILES } amph_zone_state;

/* When clocks change by a rule that holds for ever: the nth weekday of a month, a day of the year. */
typedef struct amph_zone_rule {
	char kind;              /* 'M' month.week.day, 'J' day without leap days, 'N' day from 0 */
	int month, week, day;
	int32_t seconds;        /* of the day, by local time */
} amph_zone_rule;

/* Points into itself: not to be copied. */
typedef struct amph_zone {
	size_t n, n_names;
	const uint8_t *times, *index, *types;   /* moments of change, and what holds from then on */
	const char *names;
	int32_t first;                  /* seconds east of Greenwich before all of them */
	bool has_rule;                  /* after all of them: offsets by the rules */
	int32_t standard, daylight;
	amph_zone_rule start, end;      /* of daylight time; the same kind 0: there is none */
	char abbreviation[11];          /* the zone is what this has meant in it */
	uint8_t data[AMPH_ZONE_FILE_MAX];
} amph_zone;

/* zone_names.c: of a name in any case; where it is known, path is its file. */
amph_zone_state amph__zone_named(const char *name, char *path, size_t size);
/* "Europe/Berlin", "PST8PDT", "FOO-3" (west is positive); with abbreviation not NULL, what that has
 * meant in the zone. */
amph_zone_state amph__zone_open(const char *name, const char *abbreviation, amph_zone *out);
void amph__zone_fixed(amph_zone *out, int32_t offset);
int32_t amph__zone_offset(const amph_zone *z, int64_t seconds);         /* at a moment */
/* The offset that a local time is to be read with: of two the later, of none the earlier. */
int32_t amph__zone_local_offset(const amph_zone *z, int64_t local);
#endif
