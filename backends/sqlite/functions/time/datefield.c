/* extract, date_part and date_trunc. */
#include "datetime.h"
#include "zone.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Names and abbreviations of units, as PostgreSQL takes them. Sorted. */
static const struct {
	const char *name;
	sl_unit unit;
} units[] = {
	{ "c", SL_CENTURY }, { "cent", SL_CENTURY }, { "centuries", SL_CENTURY },
	{ "century", SL_CENTURY }, { "d", SL_DAY }, { "day", SL_DAY }, { "days", SL_DAY },
	{ "dec", SL_DECADE }, { "decade", SL_DECADE }, { "decades", SL_DECADE },
	{ "decs", SL_DECADE }, { "dow", SL_DOW }, { "doy", SL_DOY }, { "epoch", SL_EPOCH },
	{ "h", SL_HOUR }, { "hour", SL_HOUR }, { "hours", SL_HOUR }, { "hr", SL_HOUR },
	{ "hrs", SL_HOUR }, { "isodow", SL_ISODOW }, { "isoyear", SL_ISOYEAR },
	{ "j", SL_JULIAN }, { "jd", SL_JULIAN }, { "julian", SL_JULIAN }, { "m", SL_MINUTE },
	{ "microsecon", SL_MICROSECOND }, { "mil", SL_MILLENNIUM }, { "millennia", SL_MILLENNIUM },
	{ "millennium", SL_MILLENNIUM }, { "millisecon", SL_MILLISECOND },
	{ "mils", SL_MILLENNIUM }, { "min", SL_MINUTE }, { "mins", SL_MINUTE },
	{ "minute", SL_MINUTE }, { "minutes", SL_MINUTE }, { "mon", SL_MONTH },
	{ "mons", SL_MONTH }, { "month", SL_MONTH }, { "months", SL_MONTH },
	{ "ms", SL_MILLISECOND }, { "msec", SL_MILLISECOND }, { "msecond", SL_MILLISECOND },
	{ "mseconds", SL_MILLISECOND }, { "msecs", SL_MILLISECOND }, { "qtr", SL_QUARTER },
	{ "quarter", SL_QUARTER }, { "s", SL_SECOND }, { "sec", SL_SECOND },
	{ "second", SL_SECOND }, { "seconds", SL_SECOND }, { "secs", SL_SECOND },
	{ "timezone", SL_TIMEZONE }, { "timezone_h", SL_TIMEZONE_HOUR },
	{ "timezone_m", SL_TIMEZONE_MINUTE }, { "us", SL_MICROSECOND }, { "usec", SL_MICROSECOND },
	{ "usecond", SL_MICROSECOND }, { "useconds", SL_MICROSECOND }, { "usecs", SL_MICROSECOND },
	{ "w", SL_WEEK }, { "week", SL_WEEK }, { "weeks", SL_WEEK }, { "y", SL_YEAR },
	{ "year", SL_YEAR }, { "years", SL_YEAR }, { "yr", SL_YEAR }, { "yrs", SL_YEAR }
};

/* Names are cut to ten letters before they are looked up. */
sl_unit amph__sl_unit_of(const char *name, size_t len)
{
	char text[11];
	size_t n = len < 10 ? len : 10;

	for (size_t i = 0; i < n; i++)
		text[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].name, text))
			return units[i].unit;
	return SL_UNIT_NONE;
}

static const char *type_name(int type)
{
	return amph__types[type].name;
}

/* Fields that only extract knows are no units to truncate to. */
static sl_unit trunc_unit(const char *name, size_t len)
{
	sl_unit unit = amph__sl_unit_of(name, len);

	return unit >= SL_JULIAN && unit <= SL_EPOCH ? SL_UNIT_NONE : unit;
}

static void refuse_unit(sl_call *c, sl_unit unit, int type)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);

	if (unit == SL_UNIT_NONE)
		amph__sl_raise(c, "22023", "unit \"%.*s\" not recognized for type %s", (int)len, name,
			       type_name(type));
	else
		amph__sl_raise(c, "0A000", "unit \"%.*s\" not supported for type %s", (int)len, name,
			       type_name(type));
}

/* ---- results: numeric of a scale, or float8 ---- */

/* n / 10^scale; extract gives the number with its scale, date_part as a double. */
static void put(sl_call *c, __int128 n, int scale, bool is_extract)
{
	char text[64], digits[48];
	bool negative = n < 0;
	unsigned __int128 m = negative ? -(unsigned __int128)n : (unsigned __int128)n;
	int i = 0, at = 0;

	if (!is_extract) {
		amph__sl_result_real(c, (double)n / pow(10, scale));
		return;
	}
	do
		digits[i++] = (char)('0' + (int)(m % 10));
	while ((m /= 10) != 0 || i <= scale);
	if (negative)
		text[at++] = '-';
	while (i > 0) {
		text[at++] = digits[--i];
		if (i == scale && scale > 0)
			text[at++] = '.';
	}
	amph__sl_result_text(c, text, (size_t)at);
}

static void put_infinity(sl_call *c, bool negative, bool is_extract)
{
	if (is_extract)
		amph__sl_result_text(c, negative ? "-Infinity" : "Infinity", negative ? 9 : 8);
	else
		amph__sl_result_real(c, negative ? -INFINITY : INFINITY);
}

/* ---- of moments ---- */

/* There is no year 0: what comes before 1 counts down from -1. */
static int64_t shown_year(int64_t year)
{
	return year > 0 ? year : year - 1;
}

static int64_t century_of(int64_t year)
{
	return year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
}

static int64_t millennium_of(int64_t year)
{
	return year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000);
}

static int64_t decade_of(int64_t year)
{
	return year >= 0 ? year / 10 : -((8 - (year - 1)) / 10);
}

static bool date_unit(sl_unit unit, int64_t days, int64_t *out)
{
	sl_civil date = amph__sl_civil_of(days);
	int64_t iso_year, week = amph__sl_iso_week(days, &iso_year);
	int64_t weekday = days + 4 - 7 * amph__sl_floor_div(days + 4, 7);       /* Sunday is 0 */

	switch (unit) {
	case SL_DAY: *out = date.day; return true;
	case SL_MONTH: *out = date.month; return true;
	case SL_QUARTER: *out = (date.month - 1) / 3 + 1; return true;
	case SL_WEEK: *out = week; return true;
	case SL_YEAR: *out = shown_year(date.year); return true;
	case SL_DECADE: *out = decade_of(date.year); return true;
	case SL_CENTURY: *out = century_of(date.year); return true;
	case SL_MILLENNIUM: *out = millennium_of(date.year); return true;
	case SL_ISOYEAR: *out = iso_year > 0 ? iso_year : iso_year - 1; return true;
	case SL_DOW: *out = weekday; return true;
	case SL_ISODOW: *out = weekday ? weekday : 7; return true;
	case SL_DOY: *out = days - amph__sl_days_of((sl_civil){ date.year, 1, 1 }) + 1; return true;
	default: return false;
	}
}

/* Seconds with their fraction, rounded where PostgreSQL rounds. */
static double seconds_of(int64_t usec)
{
	return (double)(usec / 1000000) + (double)(usec % 1000000) / 1000000.0;
}

/* false: the unit is none of a time of day. */
static bool put_time_unit(sl_call *c, sl_unit unit, int64_t usec, bool is_extract)
{
	int64_t in_minute = usec % USEC_PER_MINUTE;

	if (unit == SL_MILLISECOND && !is_extract)
		amph__sl_result_real(c, (double)(in_minute / 1000000) * 1000.0 +
				     (double)(in_minute % 1000000) / 1000.0);
	else if (unit == SL_SECOND && !is_extract)
		amph__sl_result_real(c, seconds_of(in_minute));
	else if (unit == SL_MICROSECOND)
		put(c, in_minute, 0, is_extract);
	else if (unit == SL_MILLISECOND)
		put(c, in_minute, 3, is_extract);
	else if (unit == SL_SECOND)
		put(c, in_minute, 6, is_extract);
	else if (unit == SL_MINUTE)
		put(c, usec / USEC_PER_MINUTE % 60, 0, is_extract);
	else if (unit == SL_HOUR)
		put(c, usec / USEC_PER_HOUR, 0, is_extract);
	else
		return false;
	return true;
}

static void put_julian(sl_call *c, int64_t days, int64_t usec, int type, bool is_extract)
{
	int64_t julian = amph__sl_julian_of(amph__sl_civil_of(days));
	amph_decimal a, b, whole, part, out;
	amph_error err;
	char text[32];
	int n;

	if (type == AMPH_T_DATE) {
		put(c, julian, 0, is_extract);
		return;
	}
	if (!is_extract) {
		amph__sl_result_real(c, (double)julian + seconds_of(usec) / 86400.0);
		return;
	}
	n = snprintf(text, sizeof(text), "%lld", (long long)usec);
	if (!amph__decimal_parse(text, (size_t)n, &a, c->arena, &err) ||
	    !amph__decimal_parse("86400000000", 11, &b, c->arena, &err) ||
	    !amph__decimal_do(AMPH_DEC_DIV, &a, &b, &part, c->arena, &err)) {
		amph__sl_raise_error(c, &err);
		return;
	}
	n = snprintf(text, sizeof(text), "%lld", (long long)julian);
	if (amph__decimal_parse(text, (size_t)n, &whole, c->arena, &err) &&
	    amph__decimal_do(AMPH_DEC_ADD, &whole, &part, &out, c->arena, &err))
		amph__sl_result_decimal(c, &out);
	else
		amph__sl_raise_error(c, &err);
}

static bool is_zone(sl_unit unit)
{
	return unit == SL_TIMEZONE || unit == SL_TIMEZONE_HOUR || unit == SL_TIMEZONE_MINUTE;
}

/* Of an infinite moment all that grows with time is infinite, the rest unknown. */
static void put_infinite(sl_call *c, sl_unit unit, bool negative, bool is_extract)
{
	if (unit == SL_YEAR || unit == SL_DECADE || unit == SL_CENTURY || unit == SL_MILLENNIUM ||
	    unit == SL_JULIAN || unit == SL_ISOYEAR || unit == SL_EPOCH)
		put_infinity(c, negative, is_extract);
}

typedef struct sl_moment { int64_t days, usec; bool infinite; } sl_moment;

/* Days and the time within them. extract takes every date, also those that no timestamp reaches. */
static bool read_moment(sl_call *c, int type, bool is_extract, sl_moment *out)
{
	amph_date d;
	int64_t usec;

	*out = (sl_moment){ .usec = 0 };
	if (type == AMPH_T_DATE && is_extract) {
		if (!amph__sl_arg(c, 1, type, &d))
			return false;
		out->infinite = amph__sl_date_is_infinite(d.days);
		out->days = d.days;
		return true;
	}
	if (!amph__sl_arg_usec(c, 1, type, &usec))
		return false;
	out->infinite = amph__sl_is_infinite(usec);
	out->days = usec < 0 ? -1 : 1;
	if (out->infinite)
		return true;
	out->days = amph__sl_floor_div(usec, USEC_PER_DAY);
	out->usec = usec - out->days * USEC_PER_DAY;
	return true;
}

static void moment_field(sl_call *c, int type, bool is_extract)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = amph__sl_unit_of(name, len);
	bool within_day = unit >= SL_MICROSECOND && unit <= SL_HOUR;
	sl_moment m;
	int64_t n;

	if (!read_moment(c, type, is_extract, &m))
		return;
	if (is_zone(unit) && m.infinite && !(type == AMPH_T_DATE && is_extract))
		return;
	if (unit == SL_UNIT_NONE || (is_zone(unit) && type != AMPH_T_TIMESTAMPTZ) ||
	    (within_day && type == AMPH_T_DATE && is_extract)) {
		refuse_unit(c, unit, type == AMPH_T_DATE && !is_extract ? AMPH_T_TIMESTAMP : type);
		return;
	}
	if (m.infinite) {
		put_infinite(c, unit, m.days < 0, is_extract);
		return;
	}
	if (is_zone(unit))
		put(c, 0, 0, is_extract);
	else if (unit == SL_EPOCH)
		put(c, type == AMPH_T_DATE ? m.days * 86400 : m.days * USEC_PER_DAY + m.usec,
		    type == AMPH_T_DATE ? 0 : 6, is_extract);
	else if (unit == SL_JULIAN)
		put_julian(c, m.days, m.usec, type, is_extract);
	else if (date_unit(unit, m.days, &n))
		put(c, n, 0, is_extract);
	else
		put_time_unit(c, unit, m.usec, is_extract);
}

/* ---- of times and intervals ---- */

static void time_field(sl_call *c, bool is_extract)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = amph__sl_unit_of(name, len);
	amph_time t;

	if (!amph__sl_arg(c, 1, AMPH_T_TIME, &t))
		return;
	if (unit == SL_EPOCH)
		put(c, t.usec, 6, is_extract);
	else if (!put_time_unit(c, unit, t.usec, is_extract))
		refuse_unit(c, unit, AMPH_T_TIME);
}

/* A year of an interval has 365.25 days for its epoch, a month 30. */
static __int128 interval_epoch(const amph_interval *x)
{
	__int128 days = (__int128)(x->months / 12) * 36525 + (__int128)(x->months % 12) * 3000 +
			(__int128)x->days * 100;

	return days * (USEC_PER_DAY / 100) + x->usec;
}

static bool interval_unit(sl_unit unit, const amph_interval *x, int64_t *out)
{
	int64_t year = x->months / 12;

	switch (unit) {
	case SL_HOUR: *out = x->usec / USEC_PER_HOUR; return true;
	case SL_MINUTE: *out = x->usec / USEC_PER_MINUTE % 60; return true;
	case SL_DAY: *out = x->days; return true;
	case SL_MONTH: *out = x->months % 12; return true;
	case SL_QUARTER: *out = x->months % 12 / 3 + 1; return true;
	case SL_YEAR: *out = year; return true;
	case SL_DECADE: *out = year / 10; return true;
	case SL_CENTURY: *out = year / 100; return true;
	case SL_MILLENNIUM: *out = year / 1000; return true;
	default: return false;
	}
}

static void put_interval_epoch(sl_call *c, const amph_interval *x, bool is_extract)
{
	double result = (double)x->usec / 1000000.0;

	if (is_extract) {
		put(c, interval_epoch(x), 6, true);
		return;
	}
	result += 365.25 * 86400 * (x->months / 12);
	result += 30.0 * 86400 * (x->months % 12);
	result += 86400.0 * x->days;
	amph__sl_result_real(c, result);
}

static void interval_field(sl_call *c, bool is_extract)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = amph__sl_unit_of(name, len);
	amph_interval x;
	int64_t n;

	if (!amph__sl_arg(c, 1, AMPH_T_INTERVAL, &x))
		return;
	if (unit == SL_EPOCH)
		put_interval_epoch(c, &x, is_extract);
	else if (interval_unit(unit, &x, &n))
		put(c, n, 0, is_extract);
	else if (!put_time_unit(c, unit, x.usec, is_extract))
		refuse_unit(c, unit, AMPH_T_INTERVAL);
}

static void field(sl_call *c, bool is_extract)
{
	if (c->arg == AMPH_T_TIME)
		time_field(c, is_extract);
	else if (c->arg == AMPH_T_INTERVAL)
		interval_field(c, is_extract);
	else
		moment_field(c, (int)c->arg, is_extract);
}

static void extract(sl_call *c)
{
	field(c, true);
}

static void date_part(sl_call *c)
{
	field(c, false);
}

/* ---- date_trunc ---- */

/* The first day of what the unit says; false: it is none of a date. */
static bool first_day(sl_unit unit, int64_t *days)
{
	sl_civil date = amph__sl_civil_of(*days);

	switch (unit) {
	case SL_DAY:
		return true;
	case SL_WEEK:
		*days -= *days + 3 - 7 * amph__sl_floor_div(*days + 3, 7);
		return true;
	case SL_MONTH:
		break;
	case SL_QUARTER:
		date.month -= (date.month - 1) % 3;
		break;
	case SL_YEAR:
		date.month = 1;
		break;
	case SL_DECADE:
		date.year = date.year > 0 ? date.year / 10 * 10 : -((8 - (date.year - 1)) / 10) * 10;
		date.month = 1;
		break;
	case SL_CENTURY:
		date.year = date.year > 0 ? (date.year + 99) / 100 * 100 - 99
					  : -((99 - (date.year - 1)) / 100) * 100 + 1;
		date.month = 1;
		break;
	case SL_MILLENNIUM:
		date.year = date.year > 0 ? (date.year + 999) / 1000 * 1000 - 999
					  : -((999 - (date.year - 1)) / 1000) * 1000 + 1;
		date.month = 1;
		break;
	default:
		return false;
	}
	date.day = 1;
	*days = amph__sl_days_of(date);
	return true;
}

static int64_t usec_of(sl_unit unit)
{
	switch (unit) {
	case SL_MICROSECOND: return 1;
	case SL_MILLISECOND: return 1000;
	case SL_SECOND: return USEC_PER_SEC;
	case SL_MINUTE: return USEC_PER_MINUTE;
	case SL_HOUR: return USEC_PER_HOUR;
	default: return 0;
	}
}

static void put_day(sl_call *c, int64_t days)
{
	int64_t usec = 0;
	bool ok = !__builtin_mul_overflow(days, USEC_PER_DAY, &usec);

	if (amph__sl_check_usec(c, ok, usec))
		amph__sl_result_usec(c, (int)c->arg, usec);
}

static void trunc_moment(sl_call *c)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = trunc_unit(name, len);
	int64_t usec, days, step = usec_of(unit);

	if (!amph__sl_arg_usec(c, 1, (int)c->arg, &usec))
		return;
	if (amph__sl_is_infinite(usec)) {
		amph__sl_result_usec(c, (int)c->arg, usec);
		return;
	}
	days = amph__sl_floor_div(usec, USEC_PER_DAY);
	if (step)
		amph__sl_result_usec(c, (int)c->arg, amph__sl_floor_div(usec, step) * step);
	else if (!first_day(unit, &days))
		refuse_unit(c, unit, (int)c->arg);
	else
		put_day(c, days);
}

/* By the clock of a zone. Days begin there; smaller units keep the moment's offset. */
static void trunc_in_zone(sl_call *c)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = trunc_unit(name, len);
	int64_t usec, days, offset, local, step = usec_of(unit);
	amph_zone z;

	if (!amph__sl_arg_usec(c, 1, AMPH_T_TIMESTAMPTZ, &usec))
		return;
	if (amph__sl_is_infinite(usec)) {
		amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, usec);
		return;
	}
	name = amph__sl_text(c, 2, &len);
	if (!amph__sl_zone_read(c, name, len, &z))
		return;
	offset = amph__zone_offset(&z, amph__sl_floor_div(usec, USEC_PER_SEC)) * USEC_PER_SEC;
	local = usec + offset;
	days = amph__sl_floor_div(local, USEC_PER_DAY);
	if (step) {
		amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ,
				     amph__sl_floor_div(local, step) * step - offset);
	} else if (!first_day(unit, &days)) {
		refuse_unit(c, unit, AMPH_T_TIMESTAMPTZ);
	} else {
		offset = amph__zone_local_offset(&z, days * 86400) * USEC_PER_SEC;
		amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, days * USEC_PER_DAY - offset);
	}
}

static int32_t months_of(sl_unit unit)
{
	switch (unit) {
	case SL_MONTH: return 1;
	case SL_QUARTER: return 3;
	case SL_YEAR: return 12;
	case SL_DECADE: return 120;
	case SL_CENTURY: return 1200;
	case SL_MILLENNIUM: return 12000;
	default: return 0;
	}
}

static void trunc_interval(sl_call *c)
{
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	sl_unit unit = trunc_unit(name, len);
	int64_t step = usec_of(unit);
	int32_t months = months_of(unit);
	amph_interval x;

	if (!amph__sl_arg(c, 1, AMPH_T_INTERVAL, &x))
		return;
	if (step) {
		x.usec -= x.usec % step;
	} else if (unit == SL_DAY) {
		x.usec = 0;
	} else if (months) {
		x.usec = 0;
		x.days = 0;
		x.months -= x.months % months;
	} else {
		refuse_unit(c, unit, AMPH_T_INTERVAL);
		return;
	}
	amph__sl_result_of(c, AMPH_T_INTERVAL, &x);
}

static void bin(sl_call *c, const amph_interval *stride, int64_t usec, int64_t origin)
{
	int64_t step, distance, rest, out;
	bool fits = !__builtin_mul_overflow((int64_t)stride->days, USEC_PER_DAY, &step) &&
		    !__builtin_add_overflow(step, stride->usec, &step);

	if (fits && step <= 0) {
		amph__sl_raise(c, "22008", "stride must be greater than zero");
		return;
	}
	if (!fits || __builtin_sub_overflow(usec, origin, &distance)) {
		amph__sl_raise(c, "22008", "interval out of range");
		return;
	}
	rest = distance % step;
	out = usec - rest;
	fits = rest >= 0 || !__builtin_sub_overflow(out, step, &out);
	if (amph__sl_check_usec(c, fits, out))
		amph__sl_result_usec(c, (int)c->arg, out);
}

/* Bins of one width, counted from an origin. */
static void date_bin(sl_call *c)
{
	amph_interval stride;
	int64_t usec, origin;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &stride) ||
	    !amph__sl_arg_usec(c, 1, (int)c->arg, &usec) ||
	    !amph__sl_arg_usec(c, 2, (int)c->arg, &origin))
		return;
	if (amph__sl_is_infinite(usec)) {
		amph__sl_result_usec(c, (int)c->arg, usec);
	} else if (amph__sl_is_infinite(origin)) {
		amph__sl_raise(c, "22008", "origin out of range");
	} else if (stride.months) {
		amph__sl_raise(c, "0A000", "timestamps cannot be binned into intervals containing months "
			       "or years");
	} else {
		bin(c, &stride, usec, origin);
	}
}

static const sl_function rows[] = {
	{ "date_bin_interval_timestamp_timestamp", 3, 0, date_bin, AMPH_T_TIMESTAMP },
	{ "date_bin_interval_timestamptz_timestamptz", 3, 0, date_bin, AMPH_T_TIMESTAMPTZ },
	{ "date_part_text_date", 2, 0, date_part, AMPH_T_DATE },
	{ "date_part_text_interval", 2, 0, date_part, AMPH_T_INTERVAL },
	{ "date_part_text_time", 2, 0, date_part, AMPH_T_TIME },
	{ "date_part_text_timestamp", 2, 0, date_part, AMPH_T_TIMESTAMP },
	{ "date_part_text_timestamptz", 2, 0, date_part, AMPH_T_TIMESTAMPTZ },
	{ "date_trunc_text_interval", 2, 0, trunc_interval, 0 },
	{ "date_trunc_text_timestamp", 2, 0, trunc_moment, AMPH_T_TIMESTAMP },
	{ "date_trunc_text_timestamptz", 2, 0, trunc_moment, AMPH_T_TIMESTAMPTZ },
	{ "date_trunc_text_timestamptz_text", 3, 0, trunc_in_zone, 0 },
	{ "extract_text_date", 2, 0, extract, AMPH_T_DATE },
	{ "extract_text_interval", 2, 0, extract, AMPH_T_INTERVAL },
	{ "extract_text_time", 2, 0, extract, AMPH_T_TIME },
	{ "extract_text_timestamp", 2, 0, extract, AMPH_T_TIMESTAMP },
	{ "extract_text_timestamptz", 2, 0, extract, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_datefield_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
