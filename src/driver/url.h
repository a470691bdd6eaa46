/* The connection URL: the library's own options taken out of it, the rest left to the driver. */
#ifndef AMPH_DRIVER_URL_H
#define AMPH_DRIVER_URL_H
#include "../base/arena.h"
#include "../base/error.h"
#include "amphora/sys/driver.h"

/* Every option that may stand in a URL's query or in amph_options. */
typedef struct amph_url_options {
	int pool_size, max_overflow, pool_timeout_ms, pool_recycle_s;
	bool pool_pre_ping;
	size_t max_statements;
	bool reset_all;                 /* on return: DISCARD ALL instead of what is needed */
	amph_driver_options driver;
} amph_url_options;

/* Parses url; texts are in arena. options holds the defaults before and the URL's say after. An
 * unknown key is 08001... HV00D naming the known ones; no message holds the password. */
bool amph__url_parse(amph_arena *arena, const char *url, amph_address *address,
		     amph_url_options *options, amph_error *err);
#endif
