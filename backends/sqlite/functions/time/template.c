/* Reading templates. */
#include "template.h"
#include <string.h>

const char *const amph__sl_months[12] = {
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
	"November", "December"
};
const char *const amph__sl_weekdays[7] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"
};
const char *const amph__sl_roman_months[12] = {
	"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"
};

typedef struct keyword {
	const char *name;
	uint8_t field, size;
	bool digits;
	uint8_t letters;
} keyword;

/* The first that the text begins with is meant. What is written in capitals may be in small letters as
 * well. */
static const keyword date_words[] = {
	{ "A.D.", SL_F_AD_DOTS, 0, false, 0 }, { "A.M.", SL_F_AM_DOTS, 0, false, 0 },
	{ "AD", SL_F_AD, 0, false, 0 }, { "AM", SL_F_AM, 0, false, 0 },
	{ "B.C.", SL_F_AD_DOTS, 0, false, 0 }, { "BC", SL_F_AD, 0, false, 0 },
	{ "CC", SL_F_CENTURY, 2, true, 0 }, { "DAY", SL_F_DAY_NAME, 0, false, 0 },
	{ "DDD", SL_F_DOY, 3, true, 0 }, { "DD", SL_F_DAY, 2, true, 0 },
	{ "DY", SL_F_DAY_SHORT, 0, false, 0 },
	{ "Day", SL_F_DAY_NAME, 0, false, SL_CAPITAL }, { "Dy", SL_F_DAY_SHORT, 0, false, SL_CAPITAL },
	{ "D", SL_F_DOW, 1, true, 0 }, { "FF1", SL_F_FRACTION, 1, true, 0 },
	{ "FF2", SL_F_FRACTION, 2, true, 0 }, { "FF3", SL_F_FRACTION, 3, true, 0 },
	{ "FF4", SL_F_FRACTION, 4, true, 0 }, { "FF5", SL_F_FRACTION, 5, true, 0 },
	{ "FF6", SL_F_FRACTION, 6, true, 0 }, { "FX", SL_F_FX, 0, false, 0 },
	{ "HH24", SL_F_HOUR24, 2, true, 0 }, { "HH12", SL_F_HOUR12, 2, true, 0 },
	{ "HH", SL_F_HOUR12, 2, true, 0 }, { "IDDD", SL_F_ISO_DOY, 3, true, 0 },
	{ "ID", SL_F_ISO_DOW, 1, true, 0 }, { "IW", SL_F_ISO_WEEK, 2, true, 0 },
	{ "IYYY", SL_F_ISO_YEAR, 4, true, 0 }, { "IYY", SL_F_ISO_YEAR, 3, true, 0 },
	{ "IY", SL_F_ISO_YEAR, 2, true, 0 }, { "I", SL_F_ISO_YEAR, 1, true, 0 },
	{ "J", SL_F_JULIAN, 1, true, 0 }, { "MI", SL_F_MINUTE, 2, true, 0 },
	{ "MM", SL_F_MONTH, 2, true, 0 }, { "MONTH", SL_F_MONTH_NAME, 0, false, 0 },
	{ "MON", SL_F_MONTH_SHORT, 0, false, 0 }, { "MS", SL_F_MS, 3, true, 0 },
	{ "Month", SL_F_MONTH_NAME, 0, false, SL_CAPITAL },
	{ "Mon", SL_F_MONTH_SHORT, 0, false, SL_CAPITAL }, { "OF", SL_F_OFFSET, 0, false, 0 },
	{ "P.M.", SL_F_AM_DOTS, 0, false, 0 }, { "PM", SL_F_AM, 0, false, 0 },
	{ "Q", SL_F_QUARTER, 1, true, 0 }, { "RM", SL_F_ROMAN_MONTH, 0, false, 0 },
	{ "SSSSS", SL_F_SECONDS, 5, true, 0 }, { "SSSS", SL_F_SECONDS, 4, true, 0 },
	{ "SS", SL_F_SECOND, 2, true, 0 }, { "TZH", SL_F_ZONE_HOUR, 2, false, 0 },
	{ "TZM", SL_F_ZONE_MINUTE, 2, true, 0 }, { "TZ", SL_F_ZONE, 0, false, 0 },
	{ "US", SL_F_US, 6, true, 0 }, { "WW", SL_F_WEEK, 2, true, 0 },
	{ "W", SL_F_MONTH_WEEK, 1, true, 0 }, { "Y,YYY", SL_F_YEAR_COMMA, 5, true, 0 },
	{ "YYYY", SL_F_YEAR, 4, true, 0 }, { "YYY", SL_F_YEAR, 3, true, 0 },
	{ "YY", SL_F_YEAR, 2, true, 0 }, { "Y", SL_F_YEAR, 1, true, 0 }
};

static const keyword number_words[] = {
	{ ",", SL_F_COMMA, 0, false, 0 }, { ".", SL_F_POINT, 0, false, 0 }, { "0", SL_F_ZERO, 0, false, 0 },
	{ "9", SL_F_NINE, 0, false, 0 }, { "B", SL_F_BLANK, 0, false, 0 }, { "C", SL_F_IGNORED, 0, false, 0 },
	{ "D", SL_F_D, 0, false, 0 }, { "EEEE", SL_F_EXPONENT, 0, false, 0 },
	{ "FM", SL_F_FILL, 0, false, 0 }, { "G", SL_F_GROUP, 0, false, 0 },
	{ "L", SL_F_CURRENCY, 0, false, 0 }, { "MI", SL_F_MI, 0, false, 0 }, { "PL", SL_F_PL, 0, false, 0 },
	{ "PR", SL_F_PR, 0, false, 0 }, { "RN", SL_F_ROMAN, 0, false, 0 }, { "SG", SL_F_SG, 0, false, 0 },
	{ "SP", SL_F_IGNORED, 0, false, 0 }, { "S", SL_F_S, 0, false, 0 }, { "TH", SL_F_TH, 0, false, 0 },
	{ "V", SL_F_V, 0, false, 0 }
};

static bool begins(const char *at, const char *end, const char *word, bool lower)
{
	for (; *word; word++, at++)
		if (at >= end || *at != (lower && *word >= 'A' && *word <= 'Z' ? *word + 32 : *word))
			return false;
	return true;
}

static const keyword *find_word(const char *at, const char *end, bool numbers, bool *lower)
{
	const keyword *words = numbers ? number_words : date_words;
	size_t n = numbers ? sizeof(number_words) / sizeof(number_words[0])
			   : sizeof(date_words) / sizeof(date_words[0]);

	for (size_t i = 0; i < n; i++) {
		*lower = false;
		if (begins(at, end, words[i].name, false))
			return &words[i];
		*lower = words[i].letters != SL_CAPITAL;
		if (*lower && begins(at, end, words[i].name, true))
			return &words[i];
	}
	return NULL;
}

static bool is_pair(const char *at, const char *end, const char *pair)
{
	return begins(at, end, pair, false) || begins(at, end, pair, true);
}

static bool is_separator(char ch)
{
	if (ch <= 0x20 || ch == 0x7f || (ch >= '0' && ch <= '9'))
		return false;
	return !((ch | 32) >= 'a' && (ch | 32) <= 'z');
}

static const char *read_field(const char *at, const char *end, bool numbers, sl_node *n)
{
	bool lower;
	const keyword *k;

	if (!numbers && is_pair(at, end, "FM")) {
		n->fill = true;
		at += 2;
	} else if (!numbers && is_pair(at, end, "TM")) {
		n->local = true;
		at += 2;
	}
	k = at < end ? find_word(at, end, numbers, &lower) : NULL;
	if (!k)
		return at;
	n->kind = SL_NODE_FIELD;
	n->field = (sl_field)k->field;
	n->text = at;
	n->len = (uint8_t)strlen(k->name);
	n->size = k->size;
	n->digits = k->digits;
	n->letters = lower ? SL_LOWER : (sl_letters)k->letters;
	at += n->len;
	if (numbers)
		return at;
	if (is_pair(at, end, "TH")) {
		n->th = true;
		n->th_upper = *at == 'T';
		return at + 2;
	}
	return is_pair(at, end, "SP") ? at + 2 : at;
}

static void put_literal(sl_template *out, const char *at, sl_node_kind kind)
{
	uint32_t ch;

	out->nodes[out->n++] = (sl_node){ .kind = kind, .text = at,
					  .len = (uint8_t)amph__utf8_next(at, &ch) };
}

static const char *read_quoted(sl_template *out, const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at += out->nodes[out->n - 1].len) {
		if (*at == '\\' && at + 1 < end)
			at++;
		put_literal(out, at, SL_NODE_CHAR);
		out->nodes[out->n - 1].quoted = true;
	}
	return at + (at < end);
}

bool amph__sl_template_read(sl_call *c, const char *text, size_t len, bool numbers, sl_template *out)
{
	const char *at = text, *end = text + len;

	out->n = 0;
	out->nodes = AMPH_NEWS(c->arena, sl_node, len + 1);
	if (!out->nodes)
		return false;
	while (at < end) {
		sl_node n = { 0 };

		at = read_field(at, end, numbers, &n);
		if (n.field) {
			out->nodes[out->n++] = n;
			continue;
		}
		if (at >= end)
			break;
		if (*at == '"') {
			at = read_quoted(out, at, end);
			continue;
		}
		if (*at == '\\' && at + 1 < end && at[1] == '"')
			at++;
		put_literal(out, at, !numbers && is_separator(*at) ? SL_NODE_SEPARATOR
				     : *at == ' ' || (*at >= '\t' && *at <= '\r') ? SL_NODE_SPACE
										 : SL_NODE_CHAR);
		at += out->nodes[out->n - 1].len;
	}
	return true;
}

const char *amph__sl_ordinal(const char *text, size_t len, bool upper)
{
	static const char *const lower_case[] = { "th", "st", "nd", "rd" };
	static const char *const upper_case[] = { "TH", "ST", "ND", "RD" };
	int last = len ? text[len - 1] - '0' : -1;

	if (last < 0 || last > 9)
		return NULL;
	if (last > 3 || (len > 1 && text[len - 2] == '1'))
		last = 0;
	return upper ? upper_case[last] : lower_case[last];
}
