/* Times of a certain precision: time(p), timestamp(p), interval(p); and as microseconds. */
#include "datetime.h"
#include <math.h>

/* Half a unit goes away from zero. */
static int64_t rounded(int64_t usec, int64_t digits)
{
	static const int64_t units[] = { 1000000, 100000, 10000, 1000, 100, 10, 1 };
	int64_t unit = units[digits < 0 ? 0 : digits > 6 ? 6 : digits];

	return usec < 0 ? -((-usec + unit / 2) / unit * unit) : (usec + unit / 2) / unit * unit;
}

/* The argument after the value is the precision, plus one. */
static int64_t digits_arg(const sl_call *c)
{
	return amph__sl_int(c, 1) - 1;
}

int64_t amph__sl_round_moment(int64_t usec, int64_t digits)
{
	static const int64_t epoch = INT64_C(946684800000000);

	return rounded(usec - epoch, digits) + epoch;
}

static void round_time(sl_call *c)
{
	amph_time v;

	if (!amph__sl_arg(c, 0, AMPH_T_TIME, &v))
		return;
	v.usec = rounded(v.usec, digits_arg(c));
	amph__sl_result_of(c, AMPH_T_TIME, &v);
}

static void round_timestamp(sl_call *c)
{
	amph_timestamp v;

	if (!amph__sl_arg(c, 0, (int)c->arg, &v))
		return;
	if (v.usec != INT64_MIN && v.usec != INT64_MAX)
		v.usec = amph__sl_round_moment(v.usec, digits_arg(c));
	amph__sl_result_of(c, (int)c->arg, &v);
}

/* The last field of the type is the last that stays; above a day only whole months leave days behind. */
static void keep_fields(amph_interval *v, int64_t fields)
{
	int64_t unit = fields & AMPH_INTERVAL_SECOND ? 1 : fields & AMPH_INTERVAL_MINUTE ? USEC_PER_MINUTE
		: fields & AMPH_INTERVAL_HOUR ? USEC_PER_HOUR : 0;

	if (!fields)
		return;
	v->usec = unit ? v->usec / unit * unit : 0;
	if (fields & (AMPH_INTERVAL_MONTH | AMPH_INTERVAL_YEAR))
		v->days = 0;
	if (fields == AMPH_INTERVAL_YEAR)
		v->months = v->months / 12 * 12;
}

/* interval_round(value, precision and one, fields) */
static void round_interval(sl_call *c)
{
	amph_interval v;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &v))
		return;
	keep_fields(&v, amph__sl_int(c, 2));
	v.usec = rounded(v.usec, digits_arg(c));
	amph__sl_result_of(c, AMPH_T_INTERVAL, &v);
}

/* ---- numbers that sort as times do, for frames of lengths of time ---- */

static void put_moment(sl_call *c, int64_t usec, bool infinite)
{
	if (infinite)
		amph__sl_result_real(c, usec < 0 ? -INFINITY : INFINITY);
	else
		amph__sl_result_int(c, usec);
}

static void moment_date(sl_call *c)
{
	bool infinite;
	int64_t usec;
	amph_date v;

	if (!amph__sl_arg(c, 0, AMPH_T_DATE, &v))
		return;
	infinite = amph__sl_date_is_infinite(v.days);
	if (!infinite && __builtin_mul_overflow(v.days, USEC_PER_DAY, &usec))
		amph__sl_raise(c, "22008", "date out of range for timestamp");
	else
		put_moment(c, infinite ? v.days : usec, infinite);
}

static void moment_time(sl_call *c)
{
	amph_time v;

	if (amph__sl_arg(c, 0, AMPH_T_TIME, &v))
		amph__sl_result_int(c, v.usec);
}

static void moment_timestamp(sl_call *c)
{
	amph_timestamp v;

	if (amph__sl_arg(c, 0, (int)c->arg, &v))
		put_moment(c, v.usec, amph__sl_is_infinite(v.usec));
}

static void moment_interval(sl_call *c)
{
	amph_interval v;
	int64_t usec;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &v))
		return;
	if (__builtin_mul_overflow((int64_t)v.months * 30 + v.days, USEC_PER_DAY, &usec) ||
	    __builtin_add_overflow(usec, v.usec, &usec))
		amph__sl_raise(c, "0A000", "a frame over an interval so long is not supported on SQLite");
	else
		amph__sl_result_int(c, usec);
}

static const sl_function rows[] = {
	{ "interval_round", 3, 0, round_interval, 0 },
	{ "moment_date", 1, 0, moment_date, 0 },
	{ "moment_interval", 1, 0, moment_interval, 0 },
	{ "moment_time", 1, 0, moment_time, 0 },
	{ "moment_timestamp", 1, 0, moment_timestamp, AMPH_T_TIMESTAMP },
	{ "moment_timestamptz", 1, 0, moment_timestamp, AMPH_T_TIMESTAMPTZ },
	{ "time_round", 2, 0, round_time, 0 },
	{ "timestamp_round", 2, 0, round_timestamp, AMPH_T_TIMESTAMP },
	{ "timestamptz_round", 2, 0, round_timestamp, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_precision_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
