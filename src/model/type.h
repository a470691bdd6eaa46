/* What each type gives to its row of amph__types. For the files of values only. */
#ifndef AMPH_MODEL_TYPE_H
#define AMPH_MODEL_TYPE_H
#include "digits.h"
#include "value.h"
#include "amphora/value.h"

#define AMPH_TYPE_FUNCTIONS_(name)                                                             \
	bool amph__##name##_read(const char *text, size_t len, void *out, amph_arena *arena,   \
				 amph_error *err);                                             \
	void amph__##name##_write(const void *value, amph_buf *out);                           \
	int amph__##name##_order(const void *a, const void *b)
AMPH_TYPE_FUNCTIONS_(bool);
AMPH_TYPE_FUNCTIONS_(int16);
AMPH_TYPE_FUNCTIONS_(int32);
AMPH_TYPE_FUNCTIONS_(int64);
AMPH_TYPE_FUNCTIONS_(float);
AMPH_TYPE_FUNCTIONS_(double);
AMPH_TYPE_FUNCTIONS_(numeric);
AMPH_TYPE_FUNCTIONS_(text);
AMPH_TYPE_FUNCTIONS_(bytes);
AMPH_TYPE_FUNCTIONS_(uuid);
AMPH_TYPE_FUNCTIONS_(json);
AMPH_TYPE_FUNCTIONS_(date);
AMPH_TYPE_FUNCTIONS_(time);
AMPH_TYPE_FUNCTIONS_(timestamp);
AMPH_TYPE_FUNCTIONS_(timestamptz);
AMPH_TYPE_FUNCTIONS_(interval);
int amph__enum_order(const void *a, const void *b);

/* An error about a text: the message names the type, only the detail repeats the text. */
bool amph__syntax_error(amph_error *err, const char *sqlstate, const char *type, const char *text,
			size_t len);    /* invalid input syntax for type ... */
bool amph__range_error(amph_error *err, const char *type, const char *text, size_t len);
void amph__error_text(amph_error *err, const char *text, size_t len);   /* the detail alone */

/* Well formed, whatever a program put there; within numeric(precision, scale) after rounding. */
bool amph__numeric_is_valid(amph_numeric n);
bool amph__numeric_fits(amph_numeric n, int precision, int scale);

#define AMPH_ORDER_(a, b) (((a) > (b)) - ((a) < (b)))
#endif
