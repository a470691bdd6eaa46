/* From one type to another as PostgreSQL casts. A conversion that is not in the table goes
 * through text where either side is text, and else does not exist. */
#include "datetime.h"
#include "float.h"
#include "type.h"
#include <math.h>

typedef struct context {
	amph_arena *arena;
	amph_error *err;
} context;
typedef bool converter(const context *c, const void *value, void *out);

static const struct integer_range { const char *name; int64_t min, max; } ranges[] = {
	[AMPH_T_INT16] = { "smallint", INT16_MIN, INT16_MAX },
	[AMPH_T_INT32] = { "integer", INT32_MIN, INT32_MAX },
	[AMPH_T_INT64] = { "bigint", INT64_MIN, INT64_MAX },
};

static bool is_integer(int type)
{
	return type == AMPH_T_INT16 || type == AMPH_T_INT32 || type == AMPH_T_INT64;
}

static int64_t load_integer(int type, const void *value)
{
	if (type == AMPH_T_INT16)
		return *(const int16_t *)value;
	return type == AMPH_T_INT32 ? *(const int32_t *)value : *(const int64_t *)value;
}

static bool store_integer(int64_t n, int type, void *out, amph_error *err)
{
	if (n < ranges[type].min || n > ranges[type].max)
		return amph__error(err, "22003", "%s out of range", ranges[type].name);
	if (type == AMPH_T_INT16)
		*(int16_t *)out = (int16_t)n;
	else if (type == AMPH_T_INT32)
		*(int32_t *)out = (int32_t)n;
	else
		*(int64_t *)out = n;
	return true;
}

/* Halves go to the even number. */
static bool double_to_integer(double value, int type, void *out, amph_error *err)
{
	value = amph__round_even(value);
	if (!(value >= -0x1p63 && value < 0x1p63))
		return amph__error(err, "22003", "%s out of range", ranges[type].name);
	return store_integer((int64_t)value, type, out, err);
}

static bool double_to_numeric(double value, int digits, const context *c, void *out)
{
	char text[AMPH_FLOAT_TEXT_MAX];
	size_t len = isfinite(value) ? amph__double_put_rounded(value, digits, text)
				     : amph__double_put(value, text);
	return amph__numeric_read(text, len, out, c->arena, c->err);
}

static bool double_to_float(double value, float *out, amph_error *err)
{
	float f = (float)value;
	if (isinf(f) && !isinf(value))
		return amph__error(err, "22003", "value out of range: overflow");
	if (f == 0 && value != 0)
		return amph__error(err, "22003", "value out of range: underflow");
	*out = f;
	return true;
}

static bool from_integer(int from, const void *value, int to, const context *c, void *out)
{
	int64_t n = load_integer(from, value);
	switch (to) {
	case AMPH_T_FLOAT:
		*(float *)out = (float)n;
		return true;
	case AMPH_T_DOUBLE:
		*(double *)out = (double)n;
		return true;
	case AMPH_T_NUMERIC:
		*(amph_numeric *)out = amph_numeric_from_int64(n);
		return true;
	default:
		return store_integer(n, to, out, c->err);
	}
}

static bool from_float(int from, const void *value, int to, const context *c, void *out)
{
	double d = from == AMPH_T_FLOAT ? (double)*(const float *)value : *(const double *)value;
	switch (to) {
	case AMPH_T_FLOAT:
		return double_to_float(d, out, c->err);
	case AMPH_T_DOUBLE:
		*(double *)out = d;
		return true;
	case AMPH_T_NUMERIC:
		return double_to_numeric(d, from == AMPH_T_FLOAT ? 6 : 15, c, out);
	default:
		return double_to_integer(d, to, out, c->err);
	}
}

static bool from_numeric(const void *value, int to, const context *c, void *out)
{
	const amph_numeric *n = value;
	amph_buf text;
	int64_t whole;
	if (is_integer(to))
		return amph_numeric_to_int64(*n, &whole, c->err) &&
		       store_integer(whole, to, out, c->err);
	amph__buf_init(&text, c->arena->allocator);
	amph__numeric_write(n, &text);
	bool ok = text.failed ? amph__error_nomem(c->err)
			      : amph__types[to].parse(text.text, text.len, out, c->arena, c->err);
	amph__buf_clear(&text);
	return ok;
}

static bool bool_to_int(const context *c, const void *value, void *out)
{
	(void)c;
	*(int32_t *)out = *(const bool *)value;
	return true;
}

static bool int_to_bool(const context *c, const void *value, void *out)
{
	(void)c;
	*(bool *)out = *(const int32_t *)value != 0;
	return true;
}

static bool date_to_timestamp(const context *c, const void *value, void *out)
{
	int32_t days = ((const amph_date *)value)->days;
	int64_t usec = days < 0 ? INT64_MIN : INT64_MAX;
	if (days != INT32_MIN && days != INT32_MAX &&
	    __builtin_mul_overflow((int64_t)days, AMPH_USEC_DAY, &usec))
		return amph__error(c->err, "22008", "date out of range for timestamp");
	*(int64_t *)out = usec;
	return true;
}

static bool timestamp_to_date(const context *c, const void *value, void *out)
{
	int64_t usec = *(const int64_t *)value, of_day;
	(void)c;
	int32_t days = usec == INT64_MIN ? INT32_MIN : INT32_MAX;
	if (usec != INT64_MIN && usec != INT64_MAX)
		days = amph__split_moment(usec, &of_day);
	((amph_date *)out)->days = days;
	return true;
}

static bool timestamp_to_time(const context *c, const void *value, void *out)
{
	int64_t usec = *(const int64_t *)value, of_day;
	if (usec == INT64_MIN || usec == INT64_MAX)
		return amph__error(c->err, "22008", "cannot convert infinity to time");
	amph__split_moment(usec, &of_day);
	((amph_time *)out)->usec = of_day;
	return true;
}

static bool same_moment(const context *c, const void *value, void *out)
{
	(void)c;
	memcpy(out, value, sizeof(int64_t));
	return true;
}

static bool time_to_interval(const context *c, const void *value, void *out)
{
	(void)c;
	*(amph_interval *)out = (amph_interval){ .usec = ((const amph_time *)value)->usec };
	return true;
}

static bool interval_to_time(const context *c, const void *value, void *out)
{
	int64_t of_day;
	(void)c;
	amph__split_moment(((const amph_interval *)value)->usec, &of_day);
	((amph_time *)out)->usec = of_day;
	return true;
}

static const struct { uint8_t from, to; converter *convert; } conversions[] = {
	{ AMPH_T_BOOL, AMPH_T_INT32, bool_to_int },
	{ AMPH_T_INT32, AMPH_T_BOOL, int_to_bool },
	{ AMPH_T_DATE, AMPH_T_TIMESTAMP, date_to_timestamp },
	{ AMPH_T_DATE, AMPH_T_TIMESTAMPTZ, date_to_timestamp },
	{ AMPH_T_TIMESTAMP, AMPH_T_DATE, timestamp_to_date },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_DATE, timestamp_to_date },
	{ AMPH_T_TIMESTAMP, AMPH_T_TIME, timestamp_to_time },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TIME, timestamp_to_time },
	{ AMPH_T_TIMESTAMP, AMPH_T_TIMESTAMPTZ, same_moment },
	{ AMPH_T_TIMESTAMPTZ, AMPH_T_TIMESTAMP, same_moment },
	{ AMPH_T_TIME, AMPH_T_INTERVAL, time_to_interval },
	{ AMPH_T_INTERVAL, AMPH_T_TIME, interval_to_time },
};

static bool from_text(const void *value, int to, const context *c, void *out)
{
	const char *text = *(const char *const *)value;
	return amph__types[to].parse(text, strlen(text), out, c->arena, c->err);
}

static bool to_text(int from, const void *value, const context *c, void *out)
{
	amph_buf text;
	amph__buf_init(&text, c->arena->allocator);
	if (from == AMPH_T_BOOL)        /* a cast says more than the output function */
		amph__buf_puts(&text, *(const bool *)value ? "true" : "false");
	else
		amph__types[from].format(value, &text);
	char *copy = text.failed ? NULL : amph__arena_text(c->arena, amph__buf_text(&text), text.len);
	amph__buf_clear(&text);
	*(const char **)out = copy;
	return copy != NULL || amph__error_nomem(c->err);
}

static bool is_numeric(int type)
{
	return is_integer(type) || type == AMPH_T_FLOAT || type == AMPH_T_DOUBLE ||
	       type == AMPH_T_NUMERIC;
}

static bool is_text_like(int type)
{
	return type > AMPH_T_NONE && type < AMPH_T_COUNT && amph__types[type].parse != NULL;
}

bool amph__convert(int from, const void *value, int to, void *out, amph_arena *arena,
		   amph_error *err)
{
	context c = { arena, err };
	if (from == to && from > AMPH_T_NONE && from < AMPH_T_COUNT) {
		memcpy(out, value, amph__types[from].size);
		return true;
	}
	if (is_numeric(from) && is_numeric(to)) {
		if (from == AMPH_T_NUMERIC)
			return from_numeric(value, to, &c, out);
		return is_integer(from) ? from_integer(from, value, to, &c, out)
					: from_float(from, value, to, &c, out);
	}
	for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++) {
		if (conversions[i].from == from && conversions[i].to == to)
			return conversions[i].convert(&c, value, out);
	}
	if (from == AMPH_T_TEXT && is_text_like(to))
		return from_text(value, to, &c, out);
	if (to == AMPH_T_TEXT && is_text_like(from))
		return to_text(from, value, &c, out);
	return amph__error(err, "42846", "cannot cast type %s to %s",
			   amph__types[from < AMPH_T_COUNT && from >= 0 ? from : 0].name,
			   amph__types[to < AMPH_T_COUNT && to >= 0 ? to : 0].name);
}
