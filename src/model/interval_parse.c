/* Reading intervals: PostgreSQL's verbose form, hours and minutes with colons, SQL's years-months,
 * and the two forms of ISO 8601. */
#include "interval.h"
#include "value.h"
#include "datetime.h"
#include "decimal.h"
#include "float.h"

typedef amph_interval_state state;

/* A number with its fraction apart; both have the number's sign. */
typedef struct amount { int64_t whole; double fraction; } amount;

typedef enum unit {
	UNIT_NONE, UNIT_MICROSECOND, UNIT_MILLISECOND, UNIT_SECOND, UNIT_MINUTE, UNIT_HOUR,
	UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_YEAR, UNIT_DECADE, UNIT_CENTURY, UNIT_MILLENNIUM,
	UNIT_AGO, UNIT_IGNORED, UNIT_OTHER
} unit;

static bool add_usec(amph_interval *i, int64_t n, int64_t size)
{
	return !__builtin_mul_overflow(n, size, &n) && !__builtin_add_overflow(i->usec, n, &i->usec);
}

static bool add_int(int32_t *to, int64_t n, int64_t size)
{
	int32_t product;
	return n >= INT32_MIN && n <= INT32_MAX && !__builtin_mul_overflow(n, size, &product) &&
	       !__builtin_add_overflow(*to, product, to);
}

/* A fraction of size microseconds; to the nearest, halves towards zero. */
static bool add_part_usec(amph_interval *i, double fraction, int64_t size)
{
	fraction *= (double)size;
	int64_t n = (int64_t)fraction;
	double rest = fraction - (double)n;
	n += (rest > 0.5) - (rest < -0.5);
	return add_usec(i, n, 1);
}

static bool add_part_days(amph_interval *i, double fraction, int size)
{
	fraction *= size;
	int64_t days = (int64_t)fraction;
	return add_int(&i->days, days, 1) &&
	       add_part_usec(i, fraction - (double)days, AMPH_USEC_DAY);
}

/* What was read so far: years are apart until the end, as their range is checked by itself. */
typedef struct sum { amph_interval i; int32_t years; } sum;

/* How much of what a unit adds; a fraction of a year is months, of a month days, of a day time. */
static const struct unit_size { int64_t usec; int32_t days, months, years; } sizes[] = {
	[UNIT_MICROSECOND] = { .usec = 1 },
	[UNIT_MILLISECOND] = { .usec = 1000 },
	[UNIT_SECOND] = { .usec = AMPH_USEC_SECOND },
	[UNIT_MINUTE] = { .usec = AMPH_USEC_MINUTE },
	[UNIT_HOUR] = { .usec = AMPH_USEC_HOUR },
	[UNIT_DAY] = { .days = 1 },
	[UNIT_WEEK] = { .days = 7 },
	[UNIT_MONTH] = { .months = 1 },
	[UNIT_YEAR] = { .years = 1 },
	[UNIT_DECADE] = { .years = 10 },
	[UNIT_CENTURY] = { .years = 100 },
	[UNIT_MILLENNIUM] = { .years = 1000 },
};

static state add(sum *to, const amount *n, unit u)
{
	const struct unit_size *size = &sizes[u];
	amph_interval *i = &to->i;
	bool ok;
	if (size->usec != 0)
		ok = add_usec(i, n->whole, size->usec) && add_part_usec(i, n->fraction, size->usec);
	else if (size->days == 1)
		ok = add_int(&i->days, n->whole, 1) && add_part_usec(i, n->fraction, AMPH_USEC_DAY);
	else if (size->days != 0)
		ok = add_int(&i->days, n->whole, size->days) &&
		     add_part_days(i, n->fraction, size->days);
	else if (size->months != 0)
		ok = add_int(&i->months, n->whole, 1) && add_part_days(i, n->fraction, 30);
	else
		ok = add_int(&to->years, n->whole, size->years) &&
		     add_int(&i->months,
			     (int64_t)amph__round_even(n->fraction * size->years * 12), 1);
	return ok ? AMPH_INTERVAL_OK : AMPH_INTERVAL_FIELD;
}

static state finish(const sum *from, amph_interval *out)
{
	*out = from->i;
	return add_int(&out->months, from->years, 12) ? AMPH_INTERVAL_OK : AMPH_INTERVAL_RANGE;
}

static const struct { char text[11]; uint8_t unit; } unit_words[] = {
	{ "ago", UNIT_AGO }, { "at", UNIT_IGNORED },
	{ "c", UNIT_CENTURY }, { "cent", UNIT_CENTURY }, { "centuries", UNIT_CENTURY },
	{ "century", UNIT_CENTURY },
	{ "d", UNIT_DAY }, { "day", UNIT_DAY }, { "days", UNIT_DAY },
	{ "dec", UNIT_DECADE }, { "decade", UNIT_DECADE }, { "decades", UNIT_DECADE },
	{ "decs", UNIT_DECADE },
	{ "h", UNIT_HOUR }, { "hour", UNIT_HOUR }, { "hours", UNIT_HOUR }, { "hr", UNIT_HOUR },
	{ "hrs", UNIT_HOUR },
	{ "m", UNIT_MINUTE }, { "min", UNIT_MINUTE }, { "mins", UNIT_MINUTE },
	{ "minute", UNIT_MINUTE }, { "minutes", UNIT_MINUTE },
	{ "microsecon", UNIT_MICROSECOND }, { "us", UNIT_MICROSECOND },
	{ "usec", UNIT_MICROSECOND }, { "usecond", UNIT_MICROSECOND },
	{ "useconds", UNIT_MICROSECOND }, { "usecs", UNIT_MICROSECOND },
	{ "mil", UNIT_MILLENNIUM }, { "millennia", UNIT_MILLENNIUM },
	{ "millennium", UNIT_MILLENNIUM }, { "mils", UNIT_MILLENNIUM },
	{ "millisecon", UNIT_MILLISECOND }, { "ms", UNIT_MILLISECOND },
	{ "msec", UNIT_MILLISECOND }, { "mseconds", UNIT_MILLISECOND },
	{ "msecs", UNIT_MILLISECOND },
	{ "mon", UNIT_MONTH }, { "mons", UNIT_MONTH }, { "month", UNIT_MONTH },
	{ "months", UNIT_MONTH },
	{ "s", UNIT_SECOND }, { "sec", UNIT_SECOND }, { "second", UNIT_SECOND },
	{ "seconds", UNIT_SECOND }, { "secs", UNIT_SECOND },
	{ "w", UNIT_WEEK }, { "week", UNIT_WEEK }, { "weeks", UNIT_WEEK },
	{ "y", UNIT_YEAR }, { "year", UNIT_YEAR }, { "years", UNIT_YEAR }, { "yr", UNIT_YEAR },
	{ "yrs", UNIT_YEAR },
	{ "qtr", UNIT_OTHER }, { "quarter", UNIT_OTHER }, { "timezone", UNIT_OTHER },
	{ "timezone_h", UNIT_OTHER }, { "timezone_m", UNIT_OTHER },
};

/* The first ten letters decide. */
static unit find_unit(const char *text)
{
	for (size_t i = 0; i < sizeof(unit_words) / sizeof(unit_words[0]); i++) {
		if (strncmp(unit_words[i].text, text, 10) == 0)
			return unit_words[i].unit;
	}
	return UNIT_NONE;
}

static bool read_int64(const char **at, int64_t *out)
{
	bool minus = **at == '-', fits = true;
	int64_t n = 0;
	if ((minus || **at == '+') && amph__is_digit((*at)[1]))
		++*at;
	for (; amph__is_digit(**at); ++*at) {
		int digit = **at - '0';
		fits = fits && !__builtin_mul_overflow(n, 10, &n) &&
		       !__builtin_add_overflow(n, minus ? -digit : digit, &n);
	}
	*out = n;
	return fits;
}

/* hh:mm, hh:mm:ss.fff, mm:ss.fff; hours without end. In minutes to seconds two numbers are those. */
static state read_clock(const char *at, unsigned fields, int64_t *usec)
{
	int64_t hour, total = 0;
	int minute, second = 0, fraction = 0;
	if (!read_int64(&at, &hour))
		return AMPH_INTERVAL_FIELD;
	if (*at != ':')
		return AMPH_INTERVAL_SYNTAX;
	at++;
	if (!amph__read_int(&at, &minute))
		return AMPH_INTERVAL_FIELD;
	if (*at == '.' || (*at == '\0' && fields == (AMPH_INTERVAL_MINUTE | AMPH_INTERVAL_SECOND))) {
		if (*at == '.' && !amph__read_fraction(at, &fraction))
			return AMPH_INTERVAL_SYNTAX;
		if (hour > INT32_MAX)
			return AMPH_INTERVAL_FIELD;
		second = minute;
		minute = (int)hour;
		hour = 0;
	} else if (*at == ':') {
		at++;
		if (!amph__read_int(&at, &second))
			return AMPH_INTERVAL_FIELD;
	}
	if (*at == '.' ? !amph__read_fraction(at, &fraction) : *at != '\0')
		return AMPH_INTERVAL_SYNTAX;
	if (minute < 0 || minute > 59 || second < 0 || second > 60 ||
	    __builtin_mul_overflow(hour, AMPH_USEC_HOUR, &total))
		return AMPH_INTERVAL_FIELD;
	int64_t rest = minute * AMPH_USEC_MINUTE + second * AMPH_USEC_SECOND + fraction;
	return __builtin_add_overflow(total, rest, usec) ? AMPH_INTERVAL_FIELD : AMPH_INTERVAL_OK;
}

/* What each unit of a text may appear once as. */
static unsigned mask_of(unit u, double fraction)
{
	if (u == UNIT_SECOND && fraction != 0)
		return 1u << UNIT_SECOND | 1u << UNIT_MILLISECOND | 1u << UNIT_MICROSECOND;
	return 1u << u;
}
#define CLOCK_MASK (1u << UNIT_HOUR | 1u << UNIT_MINUTE | 1u << UNIT_SECOND | \
		    1u << UNIT_MILLISECOND | 1u << UNIT_MICROSECOND)

/* The fields are read from the last to the first, so that a unit is known before its number. */
typedef struct decoder {
	sum sum;
	unsigned seen;
	unit unit;              /* of the next number; UNIT_NONE: the last of the fields */
	unsigned fields;
	bool ago;
} decoder;

static state take_clock(decoder *d, const char *text, bool minus)
{
	int64_t usec;
	bool least = minus && strcmp(text, AMPH_INTERVAL_LEAST_CLOCK) == 0;
	state s = least ? AMPH_INTERVAL_OK : read_clock(text, d->fields, &usec);
	if (s != AMPH_INTERVAL_OK)
		return s;
	if ((d->seen & CLOCK_MASK) != 0)
		return AMPH_INTERVAL_SYNTAX;
	d->seen |= CLOCK_MASK;
	d->sum.i.usec = least ? INT64_MIN : minus ? -usec : usec;
	d->unit = UNIT_DAY;
	return AMPH_INTERVAL_OK;
}

/* 1-2 is a year and two months. */
static state take_years_months(const char *text, const char *at, amount *n)
{
	int months;
	at++;
	if (!amph__read_int(&at, &months) || months < 0 || months > 11)
		return AMPH_INTERVAL_FIELD;
	if (*at != '\0')
		return AMPH_INTERVAL_SYNTAX;
	if (__builtin_mul_overflow(n->whole, 12, &n->whole) ||
	    __builtin_add_overflow(n->whole, *text == '-' ? -months : months, &n->whole))
		return AMPH_INTERVAL_FIELD;
	return AMPH_INTERVAL_OK;
}

static unit last_field(unsigned fields)
{
	static const struct { unsigned field; unit unit; } units[] = {
		{ AMPH_INTERVAL_SECOND, UNIT_SECOND }, { AMPH_INTERVAL_MINUTE, UNIT_MINUTE },
		{ AMPH_INTERVAL_HOUR, UNIT_HOUR }, { AMPH_INTERVAL_DAY, UNIT_DAY },
		{ AMPH_INTERVAL_MONTH, UNIT_MONTH }, { AMPH_INTERVAL_YEAR, UNIT_YEAR },
	};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if ((fields & units[i].field) != 0)
			return units[i].unit;
	}
	return UNIT_SECOND;
}

static state take_number(decoder *d, const char *text)
{
	const char *at = text;
	amount n = { .fraction = 0 };
	unit u = d->unit == UNIT_NONE ? last_field(d->fields) : d->unit;
	if (!read_int64(&at, &n.whole))
		return AMPH_INTERVAL_FIELD;
	if (*at == '-') {
		state s = take_years_months(text, at, &n);
		if (s != AMPH_INTERVAL_OK)
			return s;
		u = UNIT_MONTH;
	} else if (*at == '.') {
		size_t len = 1;
		while (amph__is_digit(at[len]))
			len++;
		if (at[len] != '\0')
			return AMPH_INTERVAL_SYNTAX;
		n.fraction = amph__read_decimal(at, len);
		n.fraction = *text == '-' ? -n.fraction : n.fraction;
	} else if (*at != '\0') {
		return AMPH_INTERVAL_SYNTAX;
	}
	if (u > UNIT_MILLENNIUM)
		return AMPH_INTERVAL_SYNTAX;
	d->unit = u == UNIT_HOUR ? UNIT_DAY : u;
	state s = add(&d->sum, &n, u);
	if (s != AMPH_INTERVAL_OK)
		return s;
	unsigned mask = mask_of(u, n.fraction);
	if ((d->seen & mask) != 0)
		return AMPH_INTERVAL_SYNTAX;
	d->seen |= mask;
	return AMPH_INTERVAL_OK;
}

static state take_word(decoder *d, const char *text)
{
	unit u = find_unit(text);
	if (u == UNIT_NONE)
		return AMPH_INTERVAL_SYNTAX;
	if (u == UNIT_IGNORED)
		return AMPH_INTERVAL_OK;
	d->ago = d->ago || u == UNIT_AGO;
	d->unit = u == UNIT_AGO ? UNIT_OTHER : u;
	return AMPH_INTERVAL_OK;
}

static state take_field(decoder *d, const amph_field *field)
{
	const char *text = field->text;
	int64_t usec;
	switch (field->kind) {
	case AMPH_FIELD_TIME:
		return take_clock(d, text, false);
	case AMPH_FIELD_ZONE:
		if (strchr(text + 1, ':') != NULL &&
		    (read_clock(text + 1, d->fields, &usec) == AMPH_INTERVAL_OK ||
		     strcmp(text + 1, AMPH_INTERVAL_LEAST_CLOCK) == 0))
			return take_clock(d, text + 1, *text == '-');
		return take_number(d, text);
	case AMPH_FIELD_DATE:
	case AMPH_FIELD_NUMBER:
		return take_number(d, text);
	case AMPH_FIELD_WORD:
	case AMPH_FIELD_SIGNED_WORD:
		break;
	}
	return take_word(d, text);
}

static bool negate(sum *s)
{
	return !__builtin_sub_overflow(0, s->i.usec, &s->i.usec) &&
	       !__builtin_sub_overflow(0, s->i.days, &s->i.days) &&
	       !__builtin_sub_overflow(0, s->i.months, &s->i.months) &&
	       !__builtin_sub_overflow(0, s->years, &s->years);
}

static state read_verbose(const char *text, size_t len, unsigned range, amph_interval *out)
{
	amph_fields fields;
	decoder d = { .unit = UNIT_NONE, .fields = range };
	if (!amph__fields_split(text, len, &fields))
		return AMPH_INTERVAL_SYNTAX;
	for (size_t i = fields.n; i-- > 0; ) {
		state s = take_field(&d, &fields.field[i]);
		if (s != AMPH_INTERVAL_OK)
			return s;
	}
	if (d.seen == 0)
		return AMPH_INTERVAL_SYNTAX;
	if (d.ago && !negate(&d.sum))
		return AMPH_INTERVAL_FIELD;
	return finish(&d.sum, out);
}

/* ISO 8601. */
typedef struct iso {
	const char *at, *end;
	bool time;              /* behind the T */
	bool any;               /* a field was there in this part */
	sum sum;
} iso;

static state read_iso_number(iso *p, amount *out)
{
	const char *start = p->at, *at = start;
	amph_numeral n;
	if (at < p->end && *at == '-')
		at++;
	while (at < p->end && (amph__is_digit(*at) || *at == '.'))
		at++;
	if (at < p->end && (*at == 'e' || *at == 'E')) {
		const char *e = at + 1;
		if (e < p->end && (*e == '-' || *e == '+'))
			e++;
		if (e < p->end && amph__is_digit(*e)) {
			at = e;
			while (at < p->end && amph__is_digit(*at))
				at++;
		}
	}
	if (amph__numeral_scan(start, (size_t)(at - start), &n) != AMPH_NUMERAL_OK ||
	    n.kind != AMPH_DECIMAL_FINITE)
		return AMPH_INTERVAL_SYNTAX;
	double value = amph__numeral_to_double(&n);
	if (!(value >= -1.0e15 && value <= 1.0e15))
		return AMPH_INTERVAL_FIELD;
	out->whole = (int64_t)value;
	out->fraction = value - (double)out->whole;
	p->at = at;
	return AMPH_INTERVAL_OK;
}

static unit iso_unit(char c, bool time)
{
	static const struct { char c; uint8_t date, time; } letters[] = {
		{ 'Y', UNIT_YEAR, UNIT_NONE }, { 'M', UNIT_MONTH, UNIT_MINUTE },
		{ 'W', UNIT_WEEK, UNIT_NONE }, { 'D', UNIT_DAY, UNIT_NONE },
		{ 'H', UNIT_NONE, UNIT_HOUR }, { 'S', UNIT_NONE, UNIT_SECOND },
	};
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		if (letters[i].c == c)
			return time ? letters[i].time : letters[i].date;
	}
	return UNIT_NONE;
}

/* P00010203T040506: three numbers in one. A fraction is of a day, or, as PostgreSQL 15 has it, of
 * a microsecond. */
static state take_packed(iso *p, const amount *n)
{
	static const uint8_t units[2][4] = {
		{ UNIT_YEAR, UNIT_MONTH, UNIT_DAY, UNIT_DAY },
		{ UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND, UNIT_MICROSECOND },
	};
	amount parts[4] = { { n->whole / 10000, 0 }, { n->whole / 100 % 100, 0 },
			    { n->whole % 100, 0 }, { 0, n->fraction } };
	state s = AMPH_INTERVAL_OK;
	for (int i = 0; i < 4 && s == AMPH_INTERVAL_OK; i++)
		s = add(&p->sum, &parts[i], units[p->time][i]);
	return s;
}

/* P0001-02-03T04:05:06: the first number is there, up to two more follow. */
static state take_extended(iso *p, amount *n)
{
	static const uint8_t units[2][3] = {
		{ UNIT_YEAR, UNIT_MONTH, UNIT_DAY }, { UNIT_HOUR, UNIT_MINUTE, UNIT_SECOND },
	};
	char delimiter = p->time ? ':' : '-';
	for (int i = 0; i < 3; i++) {
		state s = i == 0 ? AMPH_INTERVAL_OK : read_iso_number(p, n);
		if (s == AMPH_INTERVAL_OK)
			s = add(&p->sum, n, units[p->time][i]);
		if (s != AMPH_INTERVAL_OK)
			return s;
		if (p->at == p->end || (!p->time && *p->at == 'T'))
			return AMPH_INTERVAL_OK;
		if (i == 2 || *p->at != delimiter)
			return AMPH_INTERVAL_SYNTAX;
		p->at++;
	}
	return AMPH_INTERVAL_OK;
}

static size_t count_digits(const char *at, const char *end)
{
	const char *start = at + (at < end && *at == '-'), *p = start;
	while (p < end && amph__is_digit(*p))
		p++;
	return (size_t)(p - start);
}

static state take_iso_field(iso *p)
{
	amount n;
	const char *start = p->at;
	state s = read_iso_number(p, &n);
	if (s != AMPH_INTERVAL_OK)
		return s;
	unit u = p->at < p->end ? iso_unit(*p->at, p->time) : UNIT_NONE;
	if (u != UNIT_NONE) {
		p->at++;
		p->any = true;
		return add(&p->sum, &n, u);
	}
	bool over = p->at == p->end || (!p->time && *p->at == 'T');
	if (p->any || (!over && *p->at != (p->time ? ':' : '-')))
		return AMPH_INTERVAL_SYNTAX;
	if (over && count_digits(start, p->end) == (p->time ? 6 : 8))
		return take_packed(p, &n);
	return take_extended(p, &n);
}

static state read_iso(const char *text, size_t len, amph_interval *out)
{
	iso p = { .at = text + 1, .end = text + len };
	if (len < 2 || *text != 'P')
		return AMPH_INTERVAL_SYNTAX;
	while (p.at < p.end) {
		if (*p.at == 'T') {
			p.time = true;
			p.any = false;
			p.at++;
			continue;
		}
		state s = take_iso_field(&p);
		if (s != AMPH_INTERVAL_OK)
			return s;
	}
	return finish(&p.sum, out);
}

amph_interval_state amph__interval_scan(const char *text, size_t len, unsigned fields,
					amph_interval *out)
{
	state s = read_verbose(text, len, fields, out);
	return s == AMPH_INTERVAL_SYNTAX ? read_iso(text, len, out) : s;
}
