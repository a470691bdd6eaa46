/* Reading dates, times and intervals: text is split into fields first, then each type makes sense
 * of them. For the files of values only. */
#ifndef AMPH_MODEL_DATETIME_H
#define AMPH_MODEL_DATETIME_H
#include "calendar.h"
#include "type.h"
#include "zone.h"

#define AMPH_FIELDS_MAX 25
#define AMPH_FIELD_TEXT_MAX 256
#define AMPH_ZONE_NAME_MAX 64

typedef enum amph_field_kind {
	AMPH_FIELD_NUMBER,      /* 12 12.5 .5 */
	AMPH_FIELD_DATE,        /* 2024-01-02, 2-jan-24, and zone names with punctuation */
	AMPH_FIELD_TIME,        /* 12:30:00.5 */
	AMPH_FIELD_ZONE,        /* a sign and digits: +05:30 */
	AMPH_FIELD_WORD,        /* monday */
	AMPH_FIELD_SIGNED_WORD  /* -infinity */
} amph_field_kind;
typedef struct amph_field {
	amph_field_kind kind;
	char *text;             /* in lower case, ends in NUL */
} amph_field;
typedef struct amph_fields {
	size_t n;
	amph_field field[AMPH_FIELDS_MAX];
	char text[AMPH_FIELD_TEXT_MAX];
} amph_fields;

typedef enum amph_moment_state {
	AMPH_MOMENT_OK,
	AMPH_MOMENT_SYNTAX,             /* 22007 */
	AMPH_MOMENT_RANGE,              /* 22008: a field */
	AMPH_MOMENT_ZONE_RANGE,         /* 22009 */
	AMPH_MOMENT_ZONE_UNKNOWN,       /* 22023 */
	AMPH_MOMENT_ZONE_NAMED,         /* 0A000: needs the rules of a place, which are not there */
	AMPH_MOMENT_CLOCK               /* 0A000: now, today ... */
} amph_moment_state;

bool amph__fields_split(const char *text, size_t len, amph_fields *out);        /* false: syntax */

/* Words of dates. */
typedef enum amph_word_kind {
	AMPH_WORD_UNKNOWN, AMPH_WORD_IGNORED, AMPH_WORD_MONTH, AMPH_WORD_WEEKDAY, AMPH_WORD_ERA,
	AMPH_WORD_MERIDIEM, AMPH_WORD_ZONE, AMPH_WORD_DAYLIGHT_ZONE, AMPH_WORD_DAYLIGHT,
	AMPH_WORD_NAMED_ZONE, AMPH_WORD_UNIT, AMPH_WORD_TIME, AMPH_WORD_SPECIAL, AMPH_WORD_CLOCK
} amph_word_kind;
enum { AMPH_UNIT_YEAR = 1, AMPH_UNIT_MONTH, AMPH_UNIT_DAY, AMPH_UNIT_HOUR, AMPH_UNIT_MINUTE,
       AMPH_UNIT_SECOND, AMPH_UNIT_JULIAN, AMPH_UNIT_TIME, AMPH_UNIT_OTHER };
enum { AMPH_SPECIAL_NONE, AMPH_SPECIAL_EPOCH, AMPH_SPECIAL_INFINITY, AMPH_SPECIAL_NEG_INFINITY,
       AMPH_SPECIAL_MIDNIGHT };
amph_word_kind amph__date_word(const char *text, int *value);   /* zones in seconds to the east */
/* Where an abbreviation that is no name of a zone is in use; NULL: the word is a name. */
const char *amph__zone_place(const char *abbreviation);
bool amph__is_date_token(const char *text, size_t len);         /* known, zones aside */

/* Digits from *at on, perhaps with a sign; false: more than an int holds. None is 0. */
bool amph__read_int(const char **at, int *out);
/* ".25" to microseconds, to the nearest, ties to even; nothing may follow. */
bool amph__read_fraction(const char *at, int *usec);
double amph__read_decimal(const char *text, size_t len);        /* digits and one point, no more */
double amph__round_even(double value);                          /* to a whole number */

/* What was read: a day and a time of it, the zone it was written with. */
typedef struct amph_moment {
	int special;
	int64_t year;
	int month, day, hour, minute, second, usec;
	int zone;               /* seconds to the east */
	bool named;             /* the zone is one whose offset has to be looked up */
	bool abbreviated;       /* and its name is what it is called, not where it is */
	char name[AMPH_ZONE_NAME_MAX];
} amph_moment;
/* +05, +0530, +05:30, +05:30:15 in seconds to the east. */
/* amph__zone_open, with what that means for a text that names the zone. */
amph_moment_state amph__moment_zone(const char *name, const char *abbreviation, amph_zone *out);
amph_moment_state amph__offset_read(const char *text, int *out);
amph_moment_state amph__moment_read(const char *text, size_t len, bool time_only, amph_moment *out);
#endif
