/* The proleptic Gregorian calendar. */
#include "datetime.h"

int64_t amph__sl_floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b != 0 && (a < 0) != (b < 0) ? q - 1 : q;
}

/* Years are counted from March, so that the leap day is a year's last. */
int64_t amph__sl_days_of(sl_civil date)
{
	int64_t year = date.month <= 2 ? date.year - 1 : date.year;
	int64_t era = amph__sl_floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
	int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

sl_civil amph__sl_civil_of(int64_t days)
{
	int64_t shifted = days + 719468;
	int64_t era = amph__sl_floor_div(shifted, 146097);
	int64_t day = shifted - era * 146097;
	int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	sl_civil out;

	out.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	out.month = (int)(month < 10 ? month + 3 : month - 9);
	out.year = year + era * 400 + (out.month <= 2);
	return out;
}

int amph__sl_month_days(int64_t year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
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
