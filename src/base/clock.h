/* Time and randomness, behind one struct so that tests can set both. */
#ifndef AMPH_BASE_CLOCK_H
#define AMPH_BASE_CLOCK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct amph_clock {
	int64_t (*now_usec)(void *ctx);         /* microseconds from 1970 UTC */
	bool (*random)(void *ctx, void *out, size_t len);
	void *ctx;
} amph_clock;
extern const amph_clock amph__system_clock;

/* Microseconds of CLOCK_MONOTONIC: for deadlines and ages only. */
int64_t amph__monotonic_usec(void);
/* The same, up to some milliseconds behind, in a fifth of the time. */
int64_t amph__monotonic_coarse_usec(void);
#define AMPH_NO_DEADLINE INT64_MAX
#endif
