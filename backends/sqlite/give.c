/* Values of the usual kind, straight from structs to SQLite as the columns of a row set. Whatever is
 * unusual is left to amph__sl_encode, which gives the same for all that is given here, and says what
 * is wrong with the rest. */
#include "../../src/base/utf8.h"
#include "../../src/model/value.h"
#include "../../src/model/wire.h"
#include "sl.h"
#include <math.h>
#include <string.h>

/* Of the years 1 to 9999, microseconds from 1970. */
#define USUAL_FIRST (INT64_C(-62135596800) * 1000000)
#define USUAL_END (INT64_C(253402300800) * 1000000)

static bool give_bool(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	sqlite3_result_int64(ctx, *(const bool *)value);
	return true;
}

static bool give_int16(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	sqlite3_result_int64(ctx, *(const int16_t *)value);
	return true;
}

static bool give_int32(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	sqlite3_result_int64(ctx, *(const int32_t *)value);
	return true;
}

static bool give_int64(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	sqlite3_result_int64(ctx, *(const int64_t *)value);
	return true;
}

/* But NaN and -0.0. */
static bool give_double(sqlite3_context *ctx, const void *value, bool checked)
{
	double d = *(const double *)value;

	(void)checked;
	if (isnan(d) || (d == 0 && signbit(d)))
		return false;
	sqlite3_result_double(ctx, d);
	return true;
}

static bool give_text(sqlite3_context *ctx, const void *value, bool checked)
{
	const char *text = *(const char *const *)value;

	if (!text)
		return true;
	if (!checked && !amph__utf8_valid(text, strlen(text)))
		return false;
	sqlite3_result_text(ctx, text, -1, SQLITE_STATIC);
	return true;
}

static bool give_json(sqlite3_context *ctx, const void *value, bool checked)
{
	const char *text = ((const amph_json *)value)->text;

	(void)checked;
	if (!text)
		return true;
	if (!amph__json_is_normal(text, strlen(text)))
		return false;
	sqlite3_result_text(ctx, text, -1, SQLITE_STATIC);
	return true;
}

static bool give_numeric(sqlite3_context *ctx, const void *value, bool checked)
{
	const amph_numeric *n = value;
	char text[AMPH_NUMERIC_SMALL_MAX];

	(void)checked;
	if (n->kind != AMPH_NUMERIC_SMALL)
		return false;
	sqlite3_result_text(ctx, text, (int)amph__numeric_put_small(*n, text), SQLITE_TRANSIENT);
	return true;
}

static bool give_moment(sqlite3_context *ctx, int64_t usec, bool tz)
{
	char text[AMPH_STORED_TIME_MAX];

	if (usec < USUAL_FIRST || usec >= USUAL_END)
		return false;
	sqlite3_result_text(ctx, text, (int)amph__timestamp_store(usec, tz, text), SQLITE_TRANSIENT);
	return true;
}

static bool give_timestamp(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	return give_moment(ctx, ((const amph_timestamp *)value)->usec, false);
}

static bool give_timestamptz(sqlite3_context *ctx, const void *value, bool checked)
{
	(void)checked;
	return give_moment(ctx, ((const amph_timestamptz *)value)->usec, true);
}

sl_give_fn *const amph__sl_givers[AMPH_T_COUNT] = {
	[AMPH_T_BOOL] = give_bool, [AMPH_T_INT16] = give_int16, [AMPH_T_INT32] = give_int32,
	[AMPH_T_INT64] = give_int64, [AMPH_T_DOUBLE] = give_double, [AMPH_T_NUMERIC] = give_numeric,
	[AMPH_T_TEXT] = give_text, [AMPH_T_JSON] = give_json,
	[AMPH_T_TIMESTAMP] = give_timestamp, [AMPH_T_TIMESTAMPTZ] = give_timestamptz
};
