/* The calendar, and what the files of dates and times share. Years are astronomical: 0 is 1 BC. */
#ifndef AMPH_SQLITE_DATETIME_H
#define AMPH_SQLITE_DATETIME_H
#include "../functions.h"

#define USEC_PER_SEC INT64_C(1000000)
#define USEC_PER_MINUTE (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MINUTE)
#define USEC_PER_DAY (24 * USEC_PER_HOUR)

typedef struct sl_civil {
	int64_t year;
	int month, day;
} sl_civil;

int64_t amph__sl_days_of(sl_civil date);        /* from 1970-01-01; month and day in range */
sl_civil amph__sl_civil_of(int64_t days);
int amph__sl_month_days(int64_t year, int month);
int64_t amph__sl_floor_div(int64_t a, int64_t b);
int64_t amph__sl_julian_of(sl_civil date);
/* ISO 8601: 1 to 53, and the year that the week belongs to. */
int amph__sl_iso_week(int64_t days, int64_t *iso_year);

static inline bool amph__sl_is_infinite(int64_t usec)
{
	return usec == INT64_MIN || usec == INT64_MAX;
}
static inline bool amph__sl_date_is_infinite(int32_t days)
{
	return days == INT32_MIN || days == INT32_MAX;
}
/* false: the error is raised. */
bool amph__sl_check_usec(sl_call *c, bool in_range, int64_t usec);
bool amph__sl_add_interval(sl_call *c, int64_t usec, const amph_interval *by, int sign, int64_t *out);
void amph__sl_result_usec(sl_call *c, int type, int64_t usec);
/* A date, timestamp or timestamptz argument in microseconds; a date is its midnight. */
bool amph__sl_arg_usec(sl_call *c, int i, int type, int64_t *out);
int64_t amph__sl_now(sl_call *c);
/* The time within a day, carried to full days. */
void amph__sl_justify_hours(amph_interval *x);

/* Units of extract, date_part, date_trunc. */
typedef enum sl_unit {
	SL_UNIT_NONE, SL_MICROSECOND, SL_MILLISECOND, SL_SECOND, SL_MINUTE, SL_HOUR, SL_DAY, SL_WEEK,
	SL_MONTH, SL_QUARTER, SL_YEAR, SL_DECADE, SL_CENTURY, SL_MILLENNIUM, SL_JULIAN, SL_ISOYEAR,
	SL_DOW, SL_ISODOW, SL_DOY, SL_EPOCH, SL_TIMEZONE, SL_TIMEZONE_HOUR, SL_TIMEZONE_MINUTE
} sl_unit;
sl_unit amph__sl_unit_of(const char *name, size_t len);
/* From 2000, as PostgreSQL counts, so that half a unit before and after it is rounded alike. */
int64_t amph__sl_round_moment(int64_t usec, int64_t digits);
#endif
