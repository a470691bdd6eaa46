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
	int statement_timeout_ms;       /* 0 is none */
	size_t max_statements;
	amph_driver_options driver;
} amph_url_options;

/* Finds the driver of url's scheme among n drivers and parses the rest; texts are in arena.
 * options holds the defaults before and the URL's say after. An unknown scheme or key is HV00D
 * and names the known ones; no message holds the password. */
const amph_driver *amph__url_parse(amph_arena *arena, const char *url,
				   const amph_driver *const *drivers, amph_address *address,
				   amph_url_options *options, amph_error *err);
/* The library's own keys, separated by ", ": for messages. */
const char *amph__url_keys(void);
#endif
