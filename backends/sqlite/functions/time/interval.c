/* Intervals: arithmetic, justification, ages. */
#include "../aggregate/aggregate.h"
#include "datetime.h"
#include <math.h>

static void out_of_range(sl_call *c)
{
	amph__sl_raise(c, "22008", "interval out of range");
}

static void put(sl_call *c, bool ok, const amph_interval *x)
{
	if (ok)
		amph__sl_result_of(c, AMPH_T_INTERVAL, x);
	else
		out_of_range(c);
}

static bool add(amph_interval *x, const amph_interval *y)
{
	return !__builtin_add_overflow(x->months, y->months, &x->months) &&
	       !__builtin_add_overflow(x->days, y->days, &x->days) &&
	       !__builtin_add_overflow(x->usec, y->usec, &x->usec);
}

static bool subtract(amph_interval *x, const amph_interval *y)
{
	return !__builtin_sub_overflow(x->months, y->months, &x->months) &&
	       !__builtin_sub_overflow(x->days, y->days, &x->days) &&
	       !__builtin_sub_overflow(x->usec, y->usec, &x->usec);
}

static void plus_or_minus(sl_call *c)
{
	amph_interval x, y;

	if (amph__sl_arg(c, 0, AMPH_T_INTERVAL, &x) && amph__sl_arg(c, 1, AMPH_T_INTERVAL, &y))
		put(c, c->arg > 0 ? add(&x, &y) : subtract(&x, &y), &x);
}

static void negate(sl_call *c)
{
	amph_interval x = { 0 }, y;

	if (amph__sl_arg(c, 0, AMPH_T_INTERVAL, &y))
		put(c, subtract(&x, &y), &x);
}

/* Fractions of microseconds that binary numbers leave behind. */
static double to_usec(double seconds)
{
	return rint(seconds * 1e6) / 1e6;
}

static double scaled(double x, double by, bool divide)
{
	return divide ? x / by : x * by;
}

static bool to_int32(double d, int32_t *out)
{
	if (isnan(d) || d > INT32_MAX || d < INT32_MIN)
		return false;
	*out = (int32_t)d;
	return true;
}

/* Fractions go down: those of months to days of a month of 30, those of days to the time. */
bool amph__sl_interval_scale(const amph_interval *x, double by, bool divide, amph_interval *out)
{
	double months = scaled(x->months, by, divide), days = scaled(x->days, by, divide);
	double rest_days, rest_seconds, usec;

	if (!to_int32(months, &out->months) || !to_int32(days, &out->days))
		return false;
	rest_days = to_usec((months - out->months) * 30);
	rest_seconds = to_usec((days - out->days + rest_days - (int)rest_days) * 86400);
	if (fabs(rest_seconds) >= 86400) {
		if (__builtin_add_overflow(out->days, (int)(rest_seconds / 86400), &out->days))
			return false;
		rest_seconds -= (int)(rest_seconds / 86400) * 86400.0;
	}
	if (__builtin_add_overflow(out->days, (int32_t)rest_days, &out->days))
		return false;
	usec = rint(scaled((double)x->usec, by, divide) + rest_seconds * 1e6);
	if (isnan(usec) || usec >= 9223372036854775807.0 || usec < -9223372036854775808.0)
		return false;
	out->usec = (int64_t)usec;
	return true;
}

enum { MUL, MUL_SWAPPED, DIV };

static void scale(sl_call *c)
{
	bool swapped = c->arg == MUL_SWAPPED;
	double by = amph__sl_real(c, swapped ? 0 : 1);
	amph_interval x, out;

	if (!amph__sl_arg(c, swapped ? 1 : 0, AMPH_T_INTERVAL, &x))
		return;
	if (c->arg == DIV && by == 0)
		amph__sl_raise(c, "22012", "division by zero");
	else
		put(c, amph__sl_interval_scale(&x, by, c->arg == DIV, &out), &out);
}

/* ---- justification ---- */

void amph__sl_justify_hours(amph_interval *x)
{
	x->days += (int32_t)(x->usec / USEC_PER_DAY);
	x->usec %= USEC_PER_DAY;
	if (x->days > 0 && x->usec < 0) {
		x->usec += USEC_PER_DAY;
		x->days--;
	} else if (x->days < 0 && x->usec > 0) {
		x->usec -= USEC_PER_DAY;
		x->days++;
	}
}

static bool carry_hours(amph_interval *x)
{
	int32_t ignored;

	if (__builtin_add_overflow(x->days, (int32_t)(x->usec / USEC_PER_DAY), &ignored))
		return false;
	amph__sl_justify_hours(x);
	return true;
}

static bool carry_days(amph_interval *x)
{
	if (__builtin_add_overflow(x->months, x->days / 30, &x->months))
		return false;
	x->days %= 30;
	if (x->months > 0 && x->days < 0) {
		x->days += 30;
		x->months--;
	} else if (x->months < 0 && x->days > 0) {
		x->days -= 30;
		x->months++;
	}
	return true;
}

static bool carry_plain(amph_interval *x)
{
	int32_t whole = x->days / 30;

	x->days -= whole * 30;
	return !__builtin_add_overflow(x->months, whole, &x->months);
}

/* All to months, with one sign throughout. */
static bool carry_all(amph_interval *x)
{
	bool same_sign = (x->days > 0 && x->usec > 0) || (x->days < 0 && x->usec < 0);

	if (same_sign && !carry_plain(x))
		return false;
	if (__builtin_add_overflow(x->days, (int32_t)(x->usec / USEC_PER_DAY), &x->days))
		return false;
	x->usec %= USEC_PER_DAY;
	if (!carry_plain(x))
		return false;
	if (x->months > 0 && (x->days < 0 || (x->days == 0 && x->usec < 0))) {
		x->days += 30;
		x->months--;
	} else if (x->months < 0 && (x->days > 0 || (x->days == 0 && x->usec > 0))) {
		x->days -= 30;
		x->months++;
	}
	amph__sl_justify_hours(x);
	return true;
}

enum { HOURS, DAYS, ALL };

static void justify(sl_call *c)
{
	amph_interval x;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &x))
		return;
	put(c, c->arg == HOURS ? carry_hours(&x) : c->arg == DAYS ? carry_days(&x) : carry_all(&x), &x);
}

/* ---- age ---- */

/* A moment by day and time, the day counted from 1970. Infinity is what PostgreSQL takes it for
 * here: the greatest number of microseconds since 2000. */
typedef struct moment { int64_t days, usec; } moment;

static moment moment_of(int64_t usec)
{
	__extension__ __int128 all = usec;
	moment m;

	if (usec == INT64_MAX)
		all += INT64_C(946684800000000);
	m.days = (int64_t)(all / USEC_PER_DAY);
	m.usec = (int64_t)(all % USEC_PER_DAY);
	if (m.usec < 0) {
		m.usec += USEC_PER_DAY;
		m.days--;
	}
	return m;
}

/* From b to a, a the later: whole months first, then days of the month that b is in. */
static amph_interval difference(moment a, moment b)
{
	sl_civil x = amph__sl_civil_of(a.days), y = amph__sl_civil_of(b.days);
	int64_t months = (x.year - y.year) * 12 + x.month - y.month;
	int64_t days = x.day - y.day, usec = a.usec - b.usec;

	if (usec < 0) {
		usec += USEC_PER_DAY;
		days--;
	}
	while (days < 0) {
		days += amph__sl_month_days(y.year, y.month);
		months--;
	}
	return (amph_interval){ .usec = usec, .days = (int32_t)days, .months = (int32_t)months };
}

static void put_age(sl_call *c, int64_t a, int64_t b)
{
	amph_interval x;

	if (a == INT64_MIN || b == INT64_MIN) {
		amph__sl_raise(c, "22008", "timestamp out of range");
		return;
	}
	if (a >= b) {
		x = difference(moment_of(a), moment_of(b));
	} else {
		x = difference(moment_of(b), moment_of(a));
		x = (amph_interval){ .usec = -x.usec, .days = -x.days, .months = -x.months };
	}
	amph__sl_result_of(c, AMPH_T_INTERVAL, &x);
}

/* With one argument the age at midnight of today. */
static void age(sl_call *c)
{
	int64_t a, b;

	if (c->argc == 1) {
		a = amph__sl_floor_div(amph__sl_now(c), USEC_PER_DAY) * USEC_PER_DAY;
		if (amph__sl_arg_usec(c, 0, (int)c->arg, &b))
			put_age(c, a, b);
	} else if (amph__sl_arg_usec(c, 0, (int)c->arg, &a) &&
		   amph__sl_arg_usec(c, 1, (int)c->arg, &b)) {
		put_age(c, a, b);
	}
}

static void make_interval(sl_call *c)
{
	amph_interval x;
	int64_t months, days, usec;
	double seconds = amph__sl_real(c, 6), micro = rint(seconds * 1e6);

	if (!isfinite(seconds)) {
		amph__sl_raise(c, "22008", "interval out of range");
		return;
	}
	/* what is too large wraps around, as it does in PostgreSQL 15 */
	months = amph__sl_int(c, 0) * 12 + amph__sl_int(c, 1);
	days = amph__sl_int(c, 2) * 7 + amph__sl_int(c, 3);
	usec = amph__sl_int(c, 4) * USEC_PER_HOUR + amph__sl_int(c, 5) * USEC_PER_MINUTE;
	usec = (int64_t)((uint64_t)usec + (uint64_t)(fabs(micro) < 9.2e18 ? (int64_t)micro : INT64_MIN));
	x = (amph_interval){ .usec = usec, .days = (int32_t)days, .months = (int32_t)months };
	put(c, true, &x);
}

static const sl_function rows[] = {
	{ "age_timestamp", 1, 0, age, AMPH_T_TIMESTAMP },
	{ "age_timestamp_timestamp", 2, 0, age, AMPH_T_TIMESTAMP },
	{ "age_timestamptz", 1, 0, age, AMPH_T_TIMESTAMPTZ },
	{ "age_timestamptz_timestamptz", 2, 0, age, AMPH_T_TIMESTAMPTZ },
	{ "interval_div", 2, 0, scale, DIV },
	{ "interval_mi", 2, 0, plus_or_minus, -1 },
	{ "interval_mul", 2, 0, scale, MUL },
	{ "interval_pl", 2, 0, plus_or_minus, 1 },
	{ "interval_um", 1, 0, negate, 0 },
	{ "justify_days_interval", 1, 0, justify, DAYS },
	{ "justify_hours_interval", 1, 0, justify, HOURS },
	{ "justify_interval_interval", 1, 0, justify, ALL },
	{ "make_interval_int4_int4_int4_int4_int4_int4_float8", 7, 0, make_interval, 0 },
	{ "mul_d_interval", 2, 0, scale, MUL_SWAPPED }
};
const sl_functions amph__sl_interval_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
