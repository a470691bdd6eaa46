/* Reading intervals. For the files of values only. */
#ifndef AMPH_MODEL_INTERVAL_H
#define AMPH_MODEL_INTERVAL_H
#include "amphora/types.h"

/* How the least of all is written, which PostgreSQL itself only reads in other words. */
#define AMPH_INTERVAL_LEAST_CLOCK "2562047788:00:54.775808"

typedef enum amph_interval_state {
	AMPH_INTERVAL_OK,
	AMPH_INTERVAL_SYNTAX,   /* 22007 */
	AMPH_INTERVAL_FIELD,    /* 22015 */
	AMPH_INTERVAL_RANGE     /* 22008: the sum */
} amph_interval_state;
/* fields: those of a type as "interval hour to minute", 0 for all. They say what a number without a unit
 * is. */
amph_interval_state amph__interval_scan(const char *text, size_t len, unsigned fields,
					amph_interval *out);
#endif
