/* The calendar. Years begin in March here, so that the leap day is the last of its year and all
 * months before it have fixed places. */
#include "calendar.h"
#include "digits.h"

#define DAYS_OF_400_YEARS 146097
#define MARCH_0000 719468       /* days from 0000-03-01 to 1970-01-01 */

int64_t amph__days_of(int64_t year, unsigned month, unsigned day)
{
	year -= month <= 2;
	int64_t cycle = (year >= 0 ? year : year - 399) / 400;
	unsigned of_cycle = (unsigned)(year - cycle * 400);
	unsigned from_march = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t days = of_cycle * 365 + of_cycle / 4 - of_cycle / 100 + from_march;
	return cycle * DAYS_OF_400_YEARS + days - MARCH_0000;
}

amph_civil amph__civil_of(int64_t days)
{
	int64_t from_march = days + MARCH_0000;
	int64_t cycle = (from_march >= 0 ? from_march : from_march - (DAYS_OF_400_YEARS - 1)) /
			DAYS_OF_400_YEARS;
	unsigned of_cycle = (unsigned)(from_march - cycle * DAYS_OF_400_YEARS);
	unsigned year = (of_cycle - of_cycle / 1460 + of_cycle / 36524 - of_cycle / 146096) / 365;
	unsigned of_year = of_cycle - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;
	amph_civil c = { .day = of_year - (153 * month + 2) / 5 + 1,
			 .month = month < 10 ? month + 3 : month - 9 };
	c.year = (int32_t)(cycle * 400 + year + (c.month <= 2));
	return c;
}

unsigned amph__days_in_month(int64_t year, unsigned month)
{
	static const uint8_t days[] = { 0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month == 2 && leap ? 29 : days[month];
}

int32_t amph__split_moment(int64_t usec, int64_t *of_day)
{
	int64_t days = usec / AMPH_USEC_DAY, rest = usec % AMPH_USEC_DAY;
	if (rest < 0) {
		rest += AMPH_USEC_DAY;
		days--;
	}
	*of_day = rest;
	return (int32_t)days;
}

char *amph__put_time(char *out, int64_t of_day)
{
	uint32_t seconds = (uint32_t)(of_day / AMPH_USEC_SECOND);
	uint32_t usec = (uint32_t)(of_day % AMPH_USEC_SECOND);
	out = amph__put_2(out, seconds / 3600);
	*out++ = ':';
	out = amph__put_2(out, seconds / 60 % 60);
	*out++ = ':';
	out = amph__put_2(out, seconds % 60);
	if (usec == 0)
		return out;
	*out++ = '.';
	out = amph__put_2(out, usec / 10000);
	out = amph__put_4(out, usec % 10000);
	while (out[-1] == '0')
		out--;
	return out;
}

char *amph__put_month_day(char *out, const amph_civil *c)
{
	*out++ = '-';
	out = amph__put_2(out, c->month);
	*out++ = '-';
	return amph__put_2(out, c->day);
}
