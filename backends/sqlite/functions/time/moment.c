/* Dates and times as items of SQL/JSON paths. */
#include "moment.h"
#include <stdlib.h>
#include <string.h>

bool amph__sl_moment_read_iso(sl_call *c, const char *text, sl_moment *out, amph_error *err)
{
	static const char *const templates[] = {
		"yyyy-mm-dd",
		"HH24:MI:SS.USTZH:TZM", "HH24:MI:SS.USTZH", "HH24:MI:SSTZH:TZM", "HH24:MI:SSTZH",
		"HH24:MI:SS.US", "HH24:MI:SS",
		"yyyy-mm-dd HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd HH24:MI:SS.USTZH",
		"yyyy-mm-dd HH24:MI:SSTZH:TZM", "yyyy-mm-dd HH24:MI:SSTZH",
		"yyyy-mm-dd\"T\"HH24:MI:SS.USTZH:TZM", "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH",
		"yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM", "yyyy-mm-dd\"T\"HH24:MI:SSTZH",
		"yyyy-mm-dd HH24:MI:SS.US", "yyyy-mm-dd HH24:MI:SS",
		"yyyy-mm-dd\"T\"HH24:MI:SS.US", "yyyy-mm-dd\"T\"HH24:MI:SS"
	};

	for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]); i++)
		if (amph__sl_moment_read(c, text, templates[i], strlen(templates[i]), out, err))
			return true;
	return amph__error(err, "22031", "datetime format is not recognized: \"%s\"", text);
}

const char *amph__sl_moment_type(const sl_moment *m)
{
	if (m->type == AMPH_T_TIME && m->zoned)
		return "time with time zone";
	return amph__types[m->type].name;
}

/* ---- text ---- */

static void put_local(const sl_moment *m, amph_buf *out)
{
	if (m->type == AMPH_T_DATE) {
		amph__types[AMPH_T_DATE].format(&(amph_date){ (int32_t)m->days }, out);
	} else if (m->type == AMPH_T_TIME) {
		amph__types[AMPH_T_TIME].format(&(amph_time){ m->usec }, out);
	} else {
		int64_t zone = m->type == AMPH_T_TIMESTAMPTZ ? m->zone * USEC_PER_MINUTE : 0;

		amph__types[AMPH_T_TIMESTAMP].format(&(amph_timestamp){ m->usec + zone }, out);
	}
}

void amph__sl_moment_put(const sl_moment *m, amph_buf *out)
{
	amph_buf local;
	const char *text, *era;
	size_t len;

	amph__buf_init(&local, out->allocator);
	put_local(m, &local);
	text = amph__buf_text(&local);
	era = strstr(text, " BC");
	len = era ? (size_t)(era - text) : local.len;
	amph__buf_putc(out, '"');
	for (size_t i = 0; i < len; i++)
		amph__buf_putc(out, text[i] == ' ' ? 'T' : text[i]);
	if (m->zoned)
		amph__buf_printf(out, "%c%02d:%02d", m->zone < 0 ? '-' : '+', abs(m->zone) / 60,
				 abs(m->zone) % 60);
	amph__buf_puts(out, era ? " BC\"" : "\"");
	out->failed |= local.failed;
	amph__buf_clear(&local);
}

/* ---- order ---- */

static int order_of(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Days to whole days of the other and the rest of it, since a date may be beyond any timestamp. */
static int order_by_day(const sl_moment *date, const sl_moment *other)
{
	int64_t days = amph__sl_floor_div(other->usec, USEC_PER_DAY);

	if (date->days != days)
		return order_of(date->days, days);
	return other->usec > days * USEC_PER_DAY ? -1 : 0;
}

/* The same instant comes first where it is written further in the east. */
static int order_of_times(const sl_moment *a, const sl_moment *b)
{
	int order = order_of(a->usec - a->zone * USEC_PER_MINUTE, b->usec - b->zone * USEC_PER_MINUTE);

	return order ? order : order_of(-a->zone, -b->zone);
}

bool amph__sl_moment_compare(const sl_moment *a, const sl_moment *b, int *order, bool *needs_zone)
{
	if ((a->type == AMPH_T_TIME) != (b->type == AMPH_T_TIME))
		return false;
	*needs_zone = a->zoned != b->zoned;
	if (a->type == AMPH_T_TIME)
		*order = order_of_times(a, b);
	else if (a->type == AMPH_T_DATE && b->type == AMPH_T_DATE)
		*order = order_of(a->days, b->days);
	else if (a->type == AMPH_T_DATE)
		*order = order_by_day(a, b);
	else if (b->type == AMPH_T_DATE)
		*order = -order_by_day(b, a);
	else
		*order = order_of(a->usec, b->usec);
	return true;
}
