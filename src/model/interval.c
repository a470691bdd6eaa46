/* Intervals: printing, comparing. */
#include "interval.h"
#include "calendar.h"
#include "type.h"

static bool read_any(const char *text, size_t len, unsigned fields, void *out, amph_error *err)
{
	switch (amph__interval_scan(text, len, fields, out)) {
	case AMPH_INTERVAL_OK:
		return true;
	case AMPH_INTERVAL_FIELD:
		amph__error(err, "22015", "interval field value out of range");
		amph__error_text(err, text, len);
		return false;
	case AMPH_INTERVAL_RANGE:
		amph__error(err, "22008", "interval out of range");
		amph__error_text(err, text, len);
		return false;
	case AMPH_INTERVAL_SYNTAX:
		break;
	}
	return amph__syntax_error(err, "22007", "interval", text, len);
}

bool amph__interval_read_fields(const char *text, size_t len, unsigned fields, void *out,
				amph_error *err)
{
	static const char least[] = "-" AMPH_INTERVAL_LEAST_CLOCK;

	if (memmem(text, len, least, sizeof(least) - 1))
		return amph__syntax_error(err, "22007", "interval", text, len);
	return read_any(text, len, fields, out, err);
}

/* What has been written so far decides how the next part begins: after a negative part a positive
 * one needs its plus. */
typedef struct writer {
	char *start, *at;
	bool after_minus;
} writer;

static void put_unit(writer *w, int64_t n, const char *name)
{
	if (n == 0)
		return;
	if (w->at > w->start)
		*w->at++ = ' ';
	if (w->after_minus && n > 0)
		*w->at++ = '+';
	w->at = amph__put_int(w->at, n);
	*w->at++ = ' ';
	size_t len = strlen(name);
	memcpy(w->at, name, len);
	w->at += len;
	if (n != 1)
		*w->at++ = 's';
	w->after_minus = n < 0;
}

static void put_clock(writer *w, int64_t usec)
{
	bool minus = usec < 0, empty = w->at == w->start;
	uint64_t n = minus ? 0 - (uint64_t)usec : (uint64_t)usec;
	uint64_t hours = n / (uint64_t)AMPH_USEC_HOUR;
	if (usec == 0 && !empty)
		return;
	if (!empty)
		*w->at++ = ' ';
	if (minus || w->after_minus)
		*w->at++ = minus ? '-' : '+';
	if (hours >= 100)
		w->at = amph__put_uint(w->at, hours);
	char rest[16];
	char *end = amph__put_time(rest, (int64_t)(n % (uint64_t)AMPH_USEC_HOUR) +
				   (int64_t)(hours < 100 ? hours : 0) * AMPH_USEC_HOUR);
	const char *from = hours < 100 ? rest : rest + 2;
	memcpy(w->at, from, (size_t)(end - from));
	w->at += end - from;
}

static size_t put_interval(const amph_interval *i, char out[AMPH_INTERVAL_TEXT_MAX])
{
	writer w = { .start = out, .at = out };
	put_unit(&w, i->months / 12, "year");
	put_unit(&w, i->months % 12, "mon");
	put_unit(&w, i->days, "day");
	put_clock(&w, i->usec);
	return (size_t)(w.at - out);
}

bool amph__interval_read(const char *text, size_t len, void *out, amph_arena *arena,
			 amph_error *err)
{
	amph_interval i;
	(void)arena;
	if (!read_any(text, len, 0, &i, err))
		return false;
	*(amph_interval *)out = i;
	return true;
}

void amph__interval_write(const void *value, amph_buf *out)
{
	char text[AMPH_INTERVAL_TEXT_MAX];
	amph__buf_add(out, text, put_interval(value, text));
}

static __int128 span(const amph_interval *i)
{
	__int128 days = (__int128)i->months * 30 + i->days;
	return days * AMPH_USEC_DAY + i->usec;
}

/* hi * 2^64 + lo, lo without a sign. */
bool amph__interval_to_usec(const amph_interval *i, int64_t *hi, int64_t *lo)
{
	__int128 usec = span(i);
	*hi = (int64_t)(usec >> 64);
	*lo = (int64_t)(uint64_t)usec;
	return *hi == *lo >> 63;
}

int amph__interval_order(const void *a, const void *b)
{
	return AMPH_ORDER_(span(a), span(b));
}

int amph_interval_compare(amph_interval a, amph_interval b)
{
	return amph__interval_order(&a, &b);
}

bool amph_interval_parse(const char *text, amph_interval *out, amph_error *err)
{
	amph_interval own;

	if (!text)
		return amph__error(err, "22004", "the text is NULL");
	return amph__interval_read(text, strlen(text), out ? out : &own, NULL, err);
}

size_t amph_interval_format(amph_interval i, char *buf, size_t size)
{
	char text[AMPH_INTERVAL_TEXT_MAX];
	return amph__copy_out(buf, size, text, put_interval(&i, text));
}
