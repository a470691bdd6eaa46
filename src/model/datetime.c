/* Dates, times and timestamps: reading, printing, making. */
#include "datetime.h"
#include "wire.h"

static bool moment_error(amph_moment_state state, const char *type, const char *text, size_t len,
			 amph_error *err)
{
	switch (state) {
	case AMPH_MOMENT_OK:
		return true;
	case AMPH_MOMENT_SYNTAX:
		return amph__syntax_error(err, "22007", type, text, len);
	case AMPH_MOMENT_RANGE:
		amph__error(err, "22008", "date/time field value out of range");
		break;
	case AMPH_MOMENT_ZONE_RANGE:
		amph__error(err, "22009", "time zone displacement out of range");
		break;
	case AMPH_MOMENT_ZONE_UNKNOWN:
		amph__error(err, "22023", "time zone not recognized");
		break;
	case AMPH_MOMENT_ZONE_NAMED:
		amph__error(err, "0A000", "names of time zones in a %s are not supported without zone "
			    "files; give the offset, as in \"+02\"", type);
		break;
	case AMPH_MOMENT_CLOCK:
		amph__error(err, "0A000", "now, today, tomorrow and yesterday in a %s are not "
			    "supported; use the current time of the session", type);
		break;
	}
	amph__error_text(err, text, len);
	return false;
}

static bool out_of_range(const char *type, const char *text, size_t len, amph_error *err)
{
	amph__error(err, "22008", "%s out of range", type);
	amph__error_text(err, text, len);
	return false;
}

static int64_t time_of(const amph_moment *m)
{
	return m->hour * AMPH_USEC_HOUR + m->minute * AMPH_USEC_MINUTE +
	       m->second * AMPH_USEC_SECOND + m->usec;
}

/* Whether the moment is a word that stands for a value; infinity is the greatest of the type. */
static bool is_special(const amph_moment *m, int64_t infinity, int64_t *out)
{
	switch (m->special) {
	case AMPH_SPECIAL_EPOCH: *out = 0; return true;
	case AMPH_SPECIAL_INFINITY: *out = infinity; return true;
	case AMPH_SPECIAL_NEG_INFINITY: *out = -infinity - 1; return true;
	default: return false;
	}
}

static bool read_date(const char *text, size_t len, int32_t *out, amph_error *err)
{
	amph_moment m;
	int32_t stored;
	if (len > 0 && amph__is_digit(*text) && amph__date_load(text, len, &stored)) {
		*out = stored;
		return true;
	}
	if (!moment_error(amph__moment_read(text, len, false, &m), "date", text, len, err))
		return false;
	int64_t days;
	if (is_special(&m, INT32_MAX, &days)) {
		*out = (int32_t)days;
		return true;
	}
	days = amph__days_of(m.year, (unsigned)m.month, (unsigned)m.day);
	if (days < AMPH_DATE_MIN || days > AMPH_DATE_MAX)
		return out_of_range("date", text, len, err);
	*out = (int32_t)days;
	return true;
}

/* The zone's offset at a local time. */
static amph_moment_state find_offset(amph_moment *m, int64_t local)
{
	amph_zone zone;
	const char *place = m->abbreviated ? amph__zone_place(m->name) : NULL;

	amph_moment_state state = amph__moment_zone(place ? place : m->name, place ? m->name : NULL, &zone);

	if (state == AMPH_MOMENT_OK)
		m->zone = amph__zone_local_offset(&zone, local);
	return state;
}

/* Without a time zone of the type, the one in the text counts for nothing. */
static bool read_timestamp(const char *text, size_t len, bool tz, int64_t *out, amph_error *err)
{
	const char *type = tz ? "timestamp with time zone" : "timestamp";
	amph_moment m;
	int64_t stored;
	if (len > 0 && amph__is_digit(*text) && amph__timestamp_load(text, len, &stored)) {
		*out = stored;
		return true;
	}
	if (!moment_error(amph__moment_read(text, len, false, &m), type, text, len, err))
		return false;
	if (is_special(&m, INT64_MAX, out))
		return true;
	int64_t days = amph__days_of(m.year, (unsigned)m.month, (unsigned)m.day);
	if (tz && m.named &&
	    !moment_error(find_offset(&m, days * 86400 + time_of(&m) / AMPH_USEC_SECOND), type, text, len,
			  err))
		return false;
	int64_t usec = time_of(&m) - (tz ? m.zone * AMPH_USEC_SECOND : 0);
	if (__builtin_mul_overflow(days, AMPH_USEC_DAY, &days) ||
	    __builtin_add_overflow(days, usec, &usec) || usec < AMPH_TIMESTAMP_MIN ||
	    usec > AMPH_TIMESTAMP_MAX) {
		if (m.year >= AMPH_LAST_YEAR && m.year <= AMPH_TIMESTAMP_LAST_YEAR)
			return amph__error(err, "0A000", "timestamps after 294247-01-10 are not supported");
		return out_of_range("timestamp", text, len, err);
	}
	*out = usec;
	return true;
}

static bool read_time(const char *text, size_t len, int64_t *out, amph_error *err)
{
	amph_moment m;
	int64_t stored;
	if (len > 0 && amph__is_digit(*text) && amph__time_load(text, len, &stored)) {
		*out = stored;
		return true;
	}
	if (!moment_error(amph__moment_read(text, len, true, &m), "time", text, len, err))
		return false;
	*out = time_of(&m);
	return true;
}

static char *put_day(char *out, const amph_civil *c)
{
	uint64_t year = (uint64_t)(c->year > 0 ? c->year : 1 - (int64_t)c->year);
	out = year < 10000 ? amph__put_4(out, (unsigned)year) : amph__put_uint(out, year);
	return amph__put_month_day(out, c);
}

static size_t put_text(char *out, const char *text)
{
	size_t len = strlen(text);
	memcpy(out, text, len);
	return len;
}

static size_t put_date(int32_t days, char out[AMPH_DATE_TEXT_MAX])
{
	if (days == INT32_MAX || days == INT32_MIN)
		return put_text(out, days < 0 ? "-infinity" : "infinity");
	amph_civil c = amph__civil_of(days);
	char *at = put_day(out, &c);
	return (size_t)(at - out) + put_text(at, c.year > 0 ? "" : " BC");
}

static size_t put_timestamp(int64_t usec, bool tz, char out[AMPH_TIMESTAMP_TEXT_MAX])
{
	if (usec == INT64_MAX || usec == INT64_MIN)
		return put_text(out, usec < 0 ? "-infinity" : "infinity");
	int64_t of_day;
	amph_civil c = amph__civil_of(amph__split_moment(usec, &of_day));
	char *at = put_day(out, &c);
	*at++ = ' ';
	at = amph__put_time(at, of_day);
	at += put_text(at, tz ? "+00" : "");
	return (size_t)(at - out) + put_text(at, c.year > 0 ? "" : " BC");
}

bool amph__date_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	(void)arena;
	return read_date(text, len, &((amph_date *)out)->days, err);
}

bool amph__time_read(const char *text, size_t len, void *out, amph_arena *arena, amph_error *err)
{
	(void)arena;
	return read_time(text, len, &((amph_time *)out)->usec, err);
}

bool amph__timestamp_read(const char *text, size_t len, void *out, amph_arena *arena,
			  amph_error *err)
{
	(void)arena;
	return read_timestamp(text, len, false, &((amph_timestamp *)out)->usec, err);
}

bool amph__timestamptz_read(const char *text, size_t len, void *out, amph_arena *arena,
			    amph_error *err)
{
	(void)arena;
	return read_timestamp(text, len, true, &((amph_timestamptz *)out)->usec, err);
}

void amph__date_write(const void *value, amph_buf *out)
{
	char text[AMPH_DATE_TEXT_MAX];
	amph__buf_add(out, text, put_date(((const amph_date *)value)->days, text));
}

void amph__time_write(const void *value, amph_buf *out)
{
	char text[AMPH_STORED_TIME_MAX];
	amph__buf_add(out, text, amph__time_store(((const amph_time *)value)->usec, text));
}

void amph__timestamp_write(const void *value, amph_buf *out)
{
	char text[AMPH_TIMESTAMP_TEXT_MAX];
	amph__buf_add(out, text, put_timestamp(((const amph_timestamp *)value)->usec, false, text));
}

void amph__timestamptz_write(const void *value, amph_buf *out)
{
	char text[AMPH_TIMESTAMP_TEXT_MAX];
	amph__buf_add(out, text, put_timestamp(((const amph_timestamptz *)value)->usec, true, text));
}

int amph__date_order(const void *a, const void *b)
{
	return AMPH_ORDER_(((const amph_date *)a)->days, ((const amph_date *)b)->days);
}

int amph__time_order(const void *a, const void *b)
{
	return AMPH_ORDER_(((const amph_time *)a)->usec, ((const amph_time *)b)->usec);
}

int amph__timestamp_order(const void *a, const void *b)
{
	return AMPH_ORDER_(((const amph_timestamp *)a)->usec, ((const amph_timestamp *)b)->usec);
}

int amph__timestamptz_order(const void *a, const void *b)
{
	return AMPH_ORDER_(((const amph_timestamptz *)a)->usec, ((const amph_timestamptz *)b)->usec);
}

/* Months and days beyond their range carry over. */
static int64_t day_number(int year, int month, int day)
{
	int64_t months = (int64_t)year * 12 + month - 1;
	int64_t whole = (months >= 0 ? months : months - 11) / 12;
	return amph__days_of(whole, (unsigned)(months - whole * 12) + 1, 1) + day - 1;
}

amph_date amph_date_ymd(int year, int month, int day)
{
	int64_t days = day_number(year, month, day);
	if (days < AMPH_DATE_MIN)
		return AMPH_NEG_INFINITY_DATE;
	return days > AMPH_DATE_MAX ? AMPH_INFINITY_DATE : (amph_date){ (int32_t)days };
}

bool amph_date_split(amph_date d, int *year, int *month, int *day)
{
	if (d.days == INT32_MAX || d.days == INT32_MIN)
		return false;
	amph_civil c = amph__civil_of(d.days);
	if (year != NULL)
		*year = c.year;
	if (month != NULL)
		*month = (int)c.month;
	if (day != NULL)
		*day = (int)c.day;
	return true;
}

static int64_t clock_usec(int hour, int minute, double second)
{
	if (!(second > -1e12 && second < 1e12))
		second = second < 0 ? -1e12 : 1e12;
	return hour * AMPH_USEC_HOUR + minute * AMPH_USEC_MINUTE +
	       (int64_t)amph__round_even(second * 1e6);
}

amph_time amph_time_hms(int hour, int minute, double second)
{
	int64_t usec = clock_usec(hour, minute, second);
	return (amph_time){ usec < 0 ? 0 : usec > AMPH_USEC_DAY ? AMPH_USEC_DAY : usec };
}

static int64_t moment_usec(int64_t days, int64_t of_day)
{
	int64_t usec;
	bool past = days > 0;
	if (__builtin_mul_overflow(days, AMPH_USEC_DAY, &usec) ||
	    __builtin_add_overflow(usec, of_day, &usec))
		return past ? INT64_MAX : INT64_MIN;
	return usec < AMPH_TIMESTAMP_MIN ? INT64_MIN : usec;
}

amph_timestamp amph_timestamp_at(int year, int month, int day, int hour, int minute, double second)
{
	return (amph_timestamp){ moment_usec(day_number(year, month, day),
					     clock_usec(hour, minute, second)) };
}

amph_timestamptz amph_timestamptz_utc(int year, int month, int day, int hour, int minute,
				      double second)
{
	return (amph_timestamptz){ moment_usec(day_number(year, month, day),
					       clock_usec(hour, minute, second)) };
}

static bool is_text(const char *text, amph_error *err)
{
	return text || amph__error(err, "22004", "the text is NULL");
}

bool amph_date_parse(const char *text, amph_date *out, amph_error *err)
{
	amph_date own;

	out = out ? out : &own;
	return is_text(text, err) && read_date(text, strlen(text), &out->days, err);
}

bool amph_time_parse(const char *text, amph_time *out, amph_error *err)
{
	amph_time own;

	out = out ? out : &own;
	return is_text(text, err) && read_time(text, strlen(text), &out->usec, err);
}

bool amph_timestamp_parse(const char *text, amph_timestamp *out, amph_error *err)
{
	amph_timestamp own;

	out = out ? out : &own;
	return is_text(text, err) && read_timestamp(text, strlen(text), false, &out->usec, err);
}

bool amph_timestamptz_parse(const char *text, amph_timestamptz *out, amph_error *err)
{
	amph_timestamptz own;

	out = out ? out : &own;
	return is_text(text, err) && read_timestamp(text, strlen(text), true, &out->usec, err);
}

size_t amph_date_format(amph_date d, char *buf, size_t size)
{
	char text[AMPH_DATE_TEXT_MAX];
	return amph__copy_out(buf, size, text, put_date(d.days, text));
}

size_t amph_time_format(amph_time t, char *buf, size_t size)
{
	char text[AMPH_STORED_TIME_MAX];
	return amph__copy_out(buf, size, text, amph__time_store(t.usec, text));
}

size_t amph_timestamp_format(amph_timestamp t, char *buf, size_t size)
{
	char text[AMPH_TIMESTAMP_TEXT_MAX];
	return amph__copy_out(buf, size, text, put_timestamp(t.usec, false, text));
}

size_t amph_timestamptz_format(amph_timestamptz t, char *buf, size_t size)
{
	char text[AMPH_TIMESTAMP_TEXT_MAX];
	return amph__copy_out(buf, size, text, put_timestamp(t.usec, true, text));
}
