/* Time zones of AT TIME ZONE and its like. */
#include "zone.h"

/* "+02", "-3:30:15": west is positive, as POSIX has it. */
static bool read_number(const char *name, amph_zone *out)
{
	return (*name == '+' || *name == '-' || amph__is_digit(*name)) &&
	       amph__zone_open(name, NULL, out) == AMPH_ZONE_KNOWN;
}

static amph_zone_state read_word(const char *name, size_t len, amph_zone *out)
{
	char lower[16];
	const char *place;
	int value;

	for (size_t i = 0; len < sizeof(lower) && i <= len; i++)
		lower[i] = name[i] >= 'A' && name[i] <= 'Z' ? (char)(name[i] + 32) : name[i];
	switch (len < sizeof(lower) ? amph__date_word(lower, &value) : AMPH_WORD_UNKNOWN) {
	case AMPH_WORD_ZONE:
	case AMPH_WORD_DAYLIGHT_ZONE:
		amph__zone_fixed(out, value);
		return AMPH_ZONE_KNOWN;
	case AMPH_WORD_NAMED_ZONE:
		place = amph__zone_place(lower);
		return amph__zone_open(place ? place : lower, place ? lower : NULL, out);
	default:
		return amph__zone_open(name, NULL, out);
	}
}

bool amph__sl_zone_read(sl_call *c, const char *name, size_t len, amph_zone *out)
{
	amph_zone_state state;

	if (read_number(name, out))
		return true;
	state = read_word(name, len, out);
	if (state == AMPH_ZONE_NO_FILES)
		amph__sl_raise(c, "0A000", "the time zone \"%s\" is not supported without zone files", name);
	else if (state != AMPH_ZONE_KNOWN)
		amph__sl_raise(c, "22023", "time zone \"%s\" not recognized", name);
	return state == AMPH_ZONE_KNOWN;
}

/* ---- AT TIME ZONE ---- */

static int64_t second_of(int64_t usec)
{
	return amph__sl_floor_div(usec, USEC_PER_SEC);
}

static void put_shifted(sl_call *c, int type, int64_t usec, int64_t by_seconds)
{
	int64_t out = 0;
	bool ok = !__builtin_add_overflow(usec, by_seconds * USEC_PER_SEC, &out);

	if (amph__sl_check_usec(c, ok, out))
		amph__sl_result_usec(c, type, out);
}

/* timezone(zone, moment): a moment becomes the local time there; a local time there a moment. */
static void at_zone(sl_call *c)
{
	int from = (int)c->arg, to = from == AMPH_T_TIMESTAMP ? AMPH_T_TIMESTAMPTZ : AMPH_T_TIMESTAMP;
	size_t len;
	const char *name = amph__sl_text(c, 0, &len);
	int64_t usec;
	amph_zone z;

	if (!amph__sl_arg_usec(c, 1, from, &usec))
		return;
	if (amph__sl_is_infinite(usec)) {
		amph__sl_result_usec(c, to, usec);
		return;
	}
	if (!amph__sl_zone_read(c, name, len, &z))
		return;
	if (from == AMPH_T_TIMESTAMPTZ)
		put_shifted(c, to, usec, amph__zone_offset(&z, second_of(usec)));
	else
		put_shifted(c, to, usec, -(int64_t)amph__zone_local_offset(&z, second_of(usec)));
}

static void at_interval(sl_call *c)
{
	int from = (int)c->arg, to = from == AMPH_T_TIMESTAMP ? AMPH_T_TIMESTAMPTZ : AMPH_T_TIMESTAMP;
	amph_interval zone;
	int64_t usec;

	if (!amph__sl_arg(c, 0, AMPH_T_INTERVAL, &zone) || !amph__sl_arg_usec(c, 1, from, &usec))
		return;
	if (amph__sl_is_infinite(usec))
		amph__sl_result_usec(c, to, usec);
	else if (zone.months || zone.days)
		amph__sl_raise(c, "22023", "interval time zone must not include months or days");
	else
		put_shifted(c, to, usec, (from == AMPH_T_TIMESTAMPTZ ? 1 : -1) * (zone.usec / USEC_PER_SEC));
}

static const sl_function rows[] = {
	{ "timezone_interval_timestamp", 2, 0, at_interval, AMPH_T_TIMESTAMP },
	{ "timezone_interval_timestamptz", 2, 0, at_interval, AMPH_T_TIMESTAMPTZ },
	{ "timezone_text_timestamp", 2, 0, at_zone, AMPH_T_TIMESTAMP },
	{ "timezone_text_timestamptz", 2, 0, at_zone, AMPH_T_TIMESTAMPTZ }
};
const sl_functions amph__sl_zone_functions = { rows, sizeof(rows) / sizeof(rows[0]) };
