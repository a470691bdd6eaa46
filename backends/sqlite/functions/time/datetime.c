/* Dates, times and timestamps: arithmetic, casts between them, the clock, making of parts. The time
 * zone is UTC: a timestamptz differs from a timestamp by its text alone. */
#include "../../../../src/model/datetime.h"
#include "datetime.h"
#include "zone.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

bool amph__sl_check_usec(sl_call *c, bool in_range, int64_t usec)
{
	/* 4714-11-24 BC, the first day that PostgreSQL's timestamps reach */
	if (in_range && usec >= INT64_C(-210866803200000000) && !amph__sl_is_infinite(usec))
		return true;
	amph__sl_raise(c, "22008", "timestamp out of range");
	return false;
}

static void put_date(sl_call *c, bool in_range, int64_t days)
{
	amph_date d = { (int32_t)days };

	/* 4714-11-24 BC to 5874897-12-31 */
	if (in_range && days >= -2440588 && days <= 2145042905)
		amph__sl_result_of(c, AMPH_T_DATE, &d);
	else
		amph__sl_raise(c, "22008", "date out of range");
}

void amph__sl_result_usec(sl_call *c, int type, int64_t usec)
{
	amph_timestamp t = { usec };

	amph__sl_result_of(c, type, &t);
}

bool amph__sl_arg_usec(sl_call *c, int i, int type, int64_t *out)
{
	amph_date d;

	if (type != AMPH_T_DATE)
		return amph__sl_arg(c, i, type, out);
	if (!amph__sl_arg(c, i, type, &d))
		return false;
	if (amph__sl_date_is_infinite(d.days)) {
		*out = d.days < 0 ? INT64_MIN : INT64_MAX;
		return true;
	}
	if (!__builtin_mul_overflow((int64_t)d.days, USEC_PER_DAY, out))
		return true;
	amph__sl_raise(c, "22008", "date out of range for timestamp");
	return false;
}

static int64_t day_of(int64_t usec)
{
	return amph__sl_floor_div(usec, USEC_PER_DAY);
}

/* ---- with intervals ---- */

static int64_t add_months(int64_t days, int64_t months)
{
	sl_civil date = amph__sl_civil_of(days);
	int64_t month = date.year * 12 + date.month - 1 + months;
	int last;

	date.year = amph__sl_floor_div(month, 12);
	date.month = (int)(month - date.year * 12) + 1;
	last = amph__sl_month_days(date.year, date.month);
	if (date.day > last)
		date.day = last;
	return amph__sl_days_of(date);
}

/* Months first, the day cut to the month's last, then days, then the time. */
bool amph__sl_add_interval(sl_call *c, int64_t usec, const amph_interval *by, int sign, int64_t *out)
{
	int64_t days = day_of(usec), rest = usec - days * USEC_PER_DAY, step;
	bool ok;

	if (by->months)
		days = add_months(days, (int64_t)by->months * sign);
	days += (int64_t)by->days * sign;
	ok = !__builtin_mul_overflow(days, USEC_PER_DAY, &step) &&
	     !__builtin_add_overflow(step, rest, out);
	ok = ok && !(sign > 0 ? __builtin_add_overflow(*out, by->usec, out)
			      : __builtin_sub_overflow(*out, by->usec, out));
	return amph__sl_check_usec(c, ok, ok ? *out : 0);
}

/* What kind of call: the types of both sides and of the result. */
#define KIND(left, right, out, sign) ((left) | (right) << 8 | (out) << 16 | ((sign) < 0) << 24)
#define LEFT(arg) ((int)(arg) & 255)
#define RIGHT(arg) ((int)((arg) >> 8) & 255)
#define OUT(arg) ((int)((arg) >> 16) & 255)
#define SIGN(arg) ((arg) >> 24 & 1 ? -1 : 1)

static void with_interval(sl_call *c)
{
	bool first = LEFT(c->arg) == AMPH_T_INTERVAL;
	int64_t usec, out;
	amph_interval by;

	if (!amph__sl_arg_usec(c, first ? 1 : 0, first ? RIGHT(c->arg) : LEFT(c->arg), &usec) ||
	    !amph__sl_arg(c, first ? 0 : 1, AMPH_T_INTERVAL, &by))
		return;
	if (amph__sl_is_infinite(usec))
		amph__sl_result_usec(c, OUT(c->arg), usec);
	else if (amph__sl_add_interval(c, usec, &by, SIGN(c->arg), &out))
		amph__sl_result_usec(c, OUT(c->arg), out);
}

static void time_with_interval(sl_call *c)
{
	bool first = LEFT(c->arg) == AMPH_T_INTERVAL;
	amph_time t;
	amph_interval by;
	int64_t usec;

	if (!amph__sl_arg(c, first ? 1 : 0, AMPH_T_TIME, &t) ||
	    !amph__sl_arg(c, first ? 0 : 1, AMPH_T_INTERVAL, &by))
		return;
	usec = by.usec % USEC_PER_DAY;
	t.usec = (t.usec + SIGN(c->arg) * usec) % USEC_PER_DAY;
	if (t.usec < 0)
		t.usec += USEC_PER_DAY;
	amph__sl_result_of(c, AMPH_T_TIME, &t);
}

static void time_minus_time(sl_call *c)
{
	amph_time a, b;
	amph_interval out = { 0 };

	if (!amph__sl_arg(c, 0, AMPH_T_TIME, &a) || !amph__sl_arg(c, 1, AMPH_T_TIME, &b))
		return;
	out.usec = a.usec - b.usec;
	amph__sl_result_of(c, AMPH_T_INTERVAL, &out);
}

static void timestamp_minus(sl_call *c)
{
	int64_t a, b;
	amph_interval out = { 0 };

	if (!amph__sl_arg_usec(c, 0, LEFT(c->arg), &a) || !amph__sl_arg_usec(c, 1, LEFT(c->arg), &b))
		return;
	if (amph__sl_is_infinite(a) || amph__sl_is_infinite(b)) {
		amph__sl_raise(c, "22008", "cannot subtract infinite timestamps");
		return;
	}
	if (__builtin_sub_overflow(a, b, &out.usec)) {
		amph__sl_raise(c, "22008", "interval out of range");
		return;
	}
	amph__sl_justify_hours(&out);
	amph__sl_result_of(c, AMPH_T_INTERVAL, &out);
}

/* ---- dates ---- */

static void date_plus_days(sl_call *c)
{
	bool first = LEFT(c->arg) == AMPH_T_INT32;
	amph_date d;

	if (!amph__sl_arg(c, first ? 1 : 0, AMPH_T_DATE, &d))
		return;
	if (amph__sl_date_is_infinite(d.days))
		amph__sl_result_of(c, AMPH_T_DATE, &d);
	else
		put_date(c, true, d.days + SIGN(c->arg) * amph__sl_int(c, first ? 0 : 1));
}

static void date_minus_date(sl_call *c)
{
	amph_date a, b;

	if (!amph__sl_arg(c, 0, AMPH_T_DATE, &a) || !amph__sl_arg(c, 1, AMPH_T_DATE, &b))
		return;
	if (amph__sl_date_is_infinite(a.days) || amph__sl_date_is_infinite(b.days))
		amph__sl_raise(c, "22008", "cannot subtract infinite dates");
	else
		amph__sl_result_int(c, (int64_t)a.days - b.days);
}

static void date_plus_time(sl_call *c)
{
	bool first = LEFT(c->arg) == AMPH_T_TIME;
	int64_t usec, out = 0;
	amph_time t;

	if (!amph__sl_arg_usec(c, first ? 1 : 0, AMPH_T_DATE, &usec) ||
	    !amph__sl_arg(c, first ? 0 : 1, AMPH_T_TIME, &t))
		return;
	bool ok = !__builtin_add_overflow(usec, t.usec, &out);

	if (amph__sl_is_infinite(usec))
		amph__sl_result_usec(c, OUT(c->arg), usec);
	else if (amph__sl_check_usec(c, ok, out))
		amph__sl_result_usec(c, OUT(c->arg), out);
}

/* ---- casts ---- */

static void to_timestamp(sl_call *c)
{
	int64_t usec;

	if (amph__sl_arg_usec(c, 0, LEFT(c->arg), &usec))
		amph__sl_result_usec(c, OUT(c->arg), usec);
}

static void to_date(sl_call *c)
{
	int64_t usec;
	amph_date d;

	if (!amph__sl_arg_usec(c, 0, LEFT(c->arg), &usec))
		return;
	d.days = usec == INT64_MIN ? INT32_MIN : INT32_MAX;
	if (!amph__sl_is_infinite(usec))
		d.days = (int32_t)day_of(usec);
	amph__sl_result_of(c, AMPH_T_DATE, &d);
}

static void to_time(sl_call *c)
{
	int64_t usec;
	amph_time t;

	if (!amph__sl_arg_usec(c, 0, LEFT(c->arg), &usec))
		return;
	if (amph__sl_is_infinite(usec))
		return;
	t.usec = usec - day_of(usec) * USEC_PER_DAY;
	amph__sl_result_of(c, AMPH_T_TIME, &t);
}

static void interval_to_time(sl_call *c)
{
	amph_interval x;
	amph_time t;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &x))
		return;
	t.usec = x.usec - day_of(x.usec) * USEC_PER_DAY;
	amph__sl_result_of(c, AMPH_T_TIME, &t);
}

static void time_to_interval(sl_call *c)
{
	amph_time t;
	amph_interval x = { 0 };

	if (!amph__sl_arg(c, 0, AMPH_T_TIME, &t))
		return;
	x.usec = t.usec;
	amph__sl_result_of(c, AMPH_T_INTERVAL, &x);
}

/* ---- the clock ---- */

int64_t amph__sl_now(sl_call *c)
{
	if (!c->env->now_usec)
		c->env->now_usec = c->env->clock->now_usec(c->env->clock->ctx);
	return c->env->now_usec;
}

static void now(sl_call *c)
{
	amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, amph__sl_now(c));
}

static void clock_now(sl_call *c)
{
	amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, c->env->clock->now_usec(c->env->clock->ctx));
}

/* ---- making of parts ---- */

/* A year as people write it: negative is BC, and there is no 0. */
static bool days_of_parts(sl_call *c, int64_t year, int64_t month, int64_t day, int64_t *out)
{
	sl_civil date = { year < 0 ? year + 1 : year, (int)month, (int)day };

	if (year == 0 || year < -4714 || year > 5874897 || month < 1 || month > 12 || day < 1 ||
	    day > amph__sl_month_days(date.year, date.month)) {
		amph__sl_raise(c, "22008", "date field value out of range: %lld-%02lld-%02lld",
			       (long long)year, (long long)month, (long long)day);
		return false;
	}
	*out = amph__sl_days_of(date);
	return true;
}

static void make_date(sl_call *c)
{
	int64_t days;

	if (days_of_parts(c, amph__sl_int(c, 0), amph__sl_int(c, 1), amph__sl_int(c, 2), &days))
		put_date(c, true, days);
}

/* Seconds may be 60, and the hour 24 where the rest is 0. */
static bool usec_of_parts(sl_call *c, int at, int64_t *out)
{
	int64_t hour = amph__sl_int(c, at), minute = amph__sl_int(c, at + 1);
	double second = amph__sl_real(c, at + 2);

	if (hour < 0 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60) || hour > 24 ||
	    (hour == 24 && (minute > 0 || second > 0))) {
		amph__sl_raise(c, "22008", "time field value out of range: %lld:%02lld:%02g",
			       (long long)hour, (long long)minute, second);
		return false;
	}
	*out = (hour * 60 + minute) * USEC_PER_MINUTE + (int64_t)rint(second * (double)USEC_PER_SEC);
	return true;
}

static void make_time(sl_call *c)
{
	amph_time t;

	if (usec_of_parts(c, 0, &t.usec))
		amph__sl_result_of(c, AMPH_T_TIME, &t);
}

static void make_timestamp(sl_call *c)
{
	int64_t days, usec, out = 0;

	if (!days_of_parts(c, amph__sl_int(c, 0), amph__sl_int(c, 1), amph__sl_int(c, 2), &days) ||
	    !usec_of_parts(c, 3, &usec))
		return;
	bool ok = !__builtin_mul_overflow(days, USEC_PER_DAY, &out) &&
		  !__builtin_add_overflow(out, usec, &out);

	if (amph__sl_check_usec(c, ok, ok ? out : 0))
		amph__sl_result_usec(c, (int)c->arg, out);
}

/* "+02", "-3:30": here east of Greenwich is positive; names are as elsewhere. */
static bool offset_in_zone(sl_call *c, int i, int64_t local, int *offset)
{
	size_t len;
	const char *name = amph__sl_text(c, i, &len);
	amph_moment_state state = amph__offset_read(name, offset);
	amph_zone z;

	if (state == AMPH_MOMENT_OK)
		return true;
	if (state == AMPH_MOMENT_SYNTAX && !amph__is_digit(*name)) {
		if (!amph__sl_zone_read(c, name, len, &z))
			return false;
		*offset = amph__zone_local_offset(&z, local);
		return true;
	}
	amph__sl_raise(c, "22023", state == AMPH_MOMENT_SYNTAX
		       ? "invalid input syntax for type numeric time zone: \"%s\""
		       : "numeric time zone \"%s\" out of range", name);
	return false;
}

static void make_in_zone(sl_call *c)
{
	int64_t days, usec, out = 0;
	int offset;

	if (!days_of_parts(c, amph__sl_int(c, 0), amph__sl_int(c, 1), amph__sl_int(c, 2), &days) ||
	    !usec_of_parts(c, 3, &usec))
		return;
	bool ok = !__builtin_mul_overflow(days, USEC_PER_DAY, &out) &&
		  !__builtin_add_overflow(out, usec, &out);

	if (!amph__sl_check_usec(c, ok, ok ? out : 0))
		return;
	if (offset_in_zone(c, 6, amph__sl_floor_div(out, USEC_PER_SEC), &offset))
		amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, out - offset * USEC_PER_SEC);
}

static void timestamp_of_epoch(sl_call *c)
{
	double seconds = amph__sl_real(c, 0);

	if (isnan(seconds)) {
		amph__sl_raise(c, "22008", "timestamp cannot be NaN");
		return;
	}
	if (isinf(seconds)) {
		amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, seconds < 0 ? INT64_MIN : INT64_MAX);
		return;
	}
	if (seconds < -210866803200.0 || seconds >= 9223372036854.0) {
		amph__sl_raise(c, "22008", "timestamp out of range: \"%g\"", seconds);
		return;
	}
	/* rounded where PostgreSQL rounds: relative to its own epoch, 2000-01-01 */
	seconds = rint((seconds - 946684800.0) * 1e6);
	amph__sl_result_usec(c, AMPH_T_TIMESTAMPTZ, (int64_t)seconds + INT64_C(946684800000000));
}

static void is_finite(sl_call *c)
{
	amph_date d;
	int64_t usec;

	if (c->arg == AMPH_T_INTERVAL)
		amph__sl_result_bool(c, true);
	else if (c->arg == AMPH_T_DATE && amph__sl_arg(c, 0, AMPH_T_DATE, &d))
		amph__sl_result_bool(c, !amph__sl_date_is_infinite(d.days));
	else if (c->arg != AMPH_T_DATE && amph__sl_arg_usec(c, 0, (int)c->arg, &usec))
		amph__sl_result_bool(c, !amph__sl_is_infinite(usec));
}

/* (start, end) OVERLAPS (start, end): stored text sorts as its moments do. An unknown end may be
 * before the other's start or after it, so it is known at times all the same. */
typedef struct period { sqlite3_value *start, *end; } period;

static int compare_moments(sqlite3_value *a, sqlite3_value *b)
{
	return strcmp((const char *)sqlite3_value_text(a), (const char *)sqlite3_value_text(b));
}

/* The earlier first; an unknown one last. */
static period period_of(sqlite3_value *start, sqlite3_value *end)
{
	bool no_start = sqlite3_value_type(start) == SQLITE_NULL;
	bool no_end = sqlite3_value_type(end) == SQLITE_NULL;

	if (no_start || (!no_end && compare_moments(start, end) > 0))
		return (period){ end, start };
	return (period){ start, end };
}

static void overlaps(sl_call *c)
{
	period a = period_of(c->argv[0], c->argv[1]), b = period_of(c->argv[2], c->argv[3]);
	int order;

	if (sqlite3_value_type(a.start) == SQLITE_NULL || sqlite3_value_type(b.start) == SQLITE_NULL)
		return;
	order = compare_moments(a.start, b.start);
	if (order > 0) {
		period first = b;

		b = a;
		a = first;
	}
	if (order == 0) {
		if (sqlite3_value_type(a.end) != SQLITE_NULL && sqlite3_value_type(b.end) != SQLITE_NULL)
			amph__sl_result_bool(c, true);
		return;
	}
	if (sqlite3_value_type(a.end) == SQLITE_NULL)
		return;
	if (compare_moments(b.start, a.end) < 0)
		amph__sl_result_bool(c, true);
	else if (sqlite3_value_type(b.end) != SQLITE_NULL)
		amph__sl_result_bool(c, false);
}

#define D AMPH_T_DATE
#define T AMPH_T_TIME
#define S AMPH_T_TIMESTAMP
#define Z AMPH_T_TIMESTAMPTZ
#define I AMPH_T_INTERVAL
#define N AMPH_T_INT32

/* A day that no timestamp reaches is behind all of them but infinity. */
static void to_compared(sl_call *c)
{
	amph_date d;

	if (!amph__sl_arg(c, 0, AMPH_T_DATE, &d))
		return;
	if (!amph__sl_date_is_infinite(d.days) && d.days > INT64_MAX / USEC_PER_DAY - 1)
		amph__sl_result_text(c, "Z", 1);
	else
		to_timestamp(c);
}

static const sl_function rows[] = {
	{ "clock_timestamp", 0, SL_FN_VOLATILE, clock_now, 0 },
	{ "date_mi", 2, 0, date_minus_date, 0 },
	{ "date_mi_interval", 2, 0, with_interval, KIND(D, I, S, -1) },
	{ "date_mii", 2, 0, date_plus_days, KIND(D, N, D, -1) },
	{ "date_pl_interval", 2, 0, with_interval, KIND(D, I, S, 1) },
	{ "date_pli", 2, 0, date_plus_days, KIND(D, N, D, 1) },
	{ "date_timestamp", 1, 0, to_timestamp, KIND(D, 0, S, 1) },
	{ "date_timestamp_compared", 1, 0, to_compared, KIND(D, 0, S, 1) },
	{ "date_timestamptz", 1, 0, to_timestamp, KIND(D, 0, Z, 1) },
	{ "date_timestamptz_compared", 1, 0, to_compared, KIND(D, 0, Z, 1) },
	{ "datetime_pl", 2, 0, date_plus_time, KIND(D, T, S, 1) },
	{ "integer_pl_date", 2, 0, date_plus_days, KIND(N, D, D, 1) },
	{ "interval_pl_date", 2, 0, with_interval, KIND(I, D, S, 1) },
	{ "interval_pl_time", 2, 0, time_with_interval, KIND(I, T, T, 1) },
	{ "interval_pl_timestamp", 2, 0, with_interval, KIND(I, S, S, 1) },
	{ "interval_pl_timestamptz", 2, 0, with_interval, KIND(I, Z, Z, 1) },
	{ "interval_time", 1, 0, interval_to_time, 0 },
	{ "isfinite_date", 1, 0, is_finite, D },
	{ "isfinite_interval", 1, 0, is_finite, I },
	{ "isfinite_timestamp", 1, 0, is_finite, S },
	{ "isfinite_timestamptz", 1, 0, is_finite, Z },
	{ "make_date_int4_int4_int4", 3, 0, make_date, 0 },
	{ "make_time_int4_int4_float8", 3, 0, make_time, 0 },
	{ "make_timestamp_int4_int4_int4_int4_int4_float8", 6, 0, make_timestamp, S },
	{ "make_timestamptz_int4_int4_int4_int4_int4_float8", 6, 0, make_timestamp, Z },
	{ "make_timestamptz_int4_int4_int4_int4_int4_float8_text", 7, 0, make_in_zone, 0 },
	{ "now", 0, 0, now, 0 },
	{ "overlaps", 4, SL_FN_NULLS, overlaps, 0 },
	{ "statement_timestamp", 0, 0, clock_now, 0 },
	{ "time_interval", 1, 0, time_to_interval, 0 },
	{ "time_mi_interval", 2, 0, time_with_interval, KIND(T, I, T, -1) },
	{ "time_mi_time", 2, 0, time_minus_time, 0 },
	{ "time_pl_interval", 2, 0, time_with_interval, KIND(T, I, T, 1) },
	{ "timedate_pl", 2, 0, date_plus_time, KIND(T, D, S, 1) },
	{ "timestamp_date", 1, 0, to_date, KIND(S, 0, D, 1) },
	{ "timestamp_mi", 2, 0, timestamp_minus, KIND(S, S, I, 1) },
	{ "timestamp_mi_interval", 2, 0, with_interval, KIND(S, I, S, -1) },
	{ "timestamp_pl_interval", 2, 0, with_interval, KIND(S, I, S, 1) },
	{ "timestamp_time", 1, 0, to_time, KIND(S, 0, T, 1) },
	{ "timestamp_timestamptz", 1, 0, to_timestamp, KIND(S, 0, Z, 1) },
	{ "timestamptz_date", 1, 0, to_date, KIND(Z, 0, D, 1) },
	{ "timestamptz_date_time", 2, 0, date_plus_time, KIND(D, T, Z, 1) },
	{ "timestamptz_mi", 2, 0, timestamp_minus, KIND(Z, Z, I, 1) },
	{ "timestamptz_mi_interval", 2, 0, with_interval, KIND(Z, I, Z, -1) },
	{ "timestamptz_pl_interval", 2, 0, with_interval, KIND(Z, I, Z, 1) },
	{ "timestamptz_time", 1, 0, to_time, KIND(Z, 0, T, 1) },
	{ "timestamptz_timestamp", 1, 0, to_timestamp, KIND(Z, 0, S, 1) },
	{ "to_timestamp_float8", 1, 0, timestamp_of_epoch, 0 }
};
const sl_functions amph__sl_datetime_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
