/* The templates of to_char, to_date, to_timestamp and to_number, cut into fields and literal text. */
#ifndef AMPH_SQLITE_TEMPLATE_H
#define AMPH_SQLITE_TEMPLATE_H
#include "datetime.h"

typedef enum sl_field {
	SL_F_NONE,
	/* of dates */
	SL_F_AD_DOTS, SL_F_AD, SL_F_AM_DOTS, SL_F_AM, SL_F_CENTURY, SL_F_DAY_NAME, SL_F_DAY_SHORT,
	SL_F_DOY, SL_F_DAY, SL_F_DOW, SL_F_FRACTION, SL_F_FX, SL_F_HOUR24, SL_F_HOUR12, SL_F_ISO_DOY,
	SL_F_ISO_DOW, SL_F_ISO_WEEK, SL_F_JULIAN, SL_F_MINUTE, SL_F_MONTH, SL_F_MONTH_NAME,
	SL_F_MONTH_SHORT, SL_F_MS, SL_F_OFFSET, SL_F_QUARTER, SL_F_ROMAN_MONTH, SL_F_SECONDS,
	SL_F_SECOND, SL_F_ZONE, SL_F_ZONE_HOUR, SL_F_ZONE_MINUTE, SL_F_US, SL_F_WEEK, SL_F_MONTH_WEEK,
	SL_F_YEAR_COMMA, SL_F_YEAR, SL_F_ISO_YEAR,
	/* of numbers */
	SL_F_COMMA, SL_F_POINT, SL_F_ZERO, SL_F_NINE, SL_F_BLANK, SL_F_D, SL_F_EXPONENT, SL_F_FILL,
	SL_F_GROUP, SL_F_CURRENCY, SL_F_MI, SL_F_PL, SL_F_PR, SL_F_ROMAN, SL_F_SG, SL_F_S, SL_F_TH,
	SL_F_V, SL_F_IGNORED
} sl_field;

typedef enum sl_letters { SL_UPPER, SL_LOWER, SL_CAPITAL } sl_letters;
typedef enum sl_node_kind { SL_NODE_FIELD, SL_NODE_CHAR, SL_NODE_SPACE, SL_NODE_SEPARATOR } sl_node_kind;

typedef struct sl_node {
	sl_node_kind kind;
	sl_field field;
	const char *text;               /* the field's name, or the character, in the template */
	uint8_t len;
	uint8_t size;                   /* digits: of years, of fractions */
	sl_letters letters;
	bool fill, local, th, th_upper, digits;
	bool quoted;                    /* a character between quotes */
} sl_node;

typedef struct sl_template {
	sl_node *nodes;
	size_t n;
} sl_template;

bool amph__sl_template_read(sl_call *c, const char *text, size_t len, bool numbers, sl_template *out);
/* "st", "nd" after the number that text ends in; NULL: it ends in no digit. */
const char *amph__sl_ordinal(const char *text, size_t len, bool upper);

extern const char *const amph__sl_months[12], *const amph__sl_weekdays[7];     /* from Sunday */
/* From December down, as PostgreSQL has them. */
extern const char *const amph__sl_roman_months[12];
#endif
