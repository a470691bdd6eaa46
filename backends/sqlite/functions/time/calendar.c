/* The calendar of src/model in the types of here, Julian days and weeks. */
#include "datetime.h"
#include "../../../../src/model/calendar.h"

int64_t amph__sl_floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

int64_t amph__sl_days_of(sl_civil date)
{
	return amph__days_of(date.year, (unsigned)date.month, (unsigned)date.day);
}

sl_civil amph__sl_civil_of(int64_t days)
{
	amph_civil c = amph__civil_of(days);

	return (sl_civil){ .year = c.year, .month = (int)c.month, .day = (int)c.day };
}

int amph__sl_month_days(int64_t year, int month)
{
	return (int)amph__days_in_month(year, (unsigned)month);
}

int64_t amph__sl_julian_of(sl_civil date)
{
	return amph__sl_days_of(date) + 2440588;
}

/* A week belongs to the year that its Thursday is in. */
int amph__sl_iso_week(int64_t days, int64_t *iso_year)
{
	int64_t weekday = (days + 3) - 7 * amph__sl_floor_div(days + 3, 7);     /* Monday is 0 */
	int64_t thursday = days - weekday + 3;
	sl_civil date = amph__sl_civil_of(thursday);
	int64_t first = amph__sl_days_of((sl_civil){ date.year, 1, 1 });

	*iso_year = date.year;
	return (int)((thursday - first) / 7) + 1;
}
