/* The time and the randomness of the system. */
#include "clock.h"
#include <errno.h>
#include <sys/random.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int64_t system_now(void *ctx)
{
	(void)ctx;
	return read_clock(CLOCK_REALTIME);
}

static bool system_random(void *ctx, void *out, size_t len)
{
	(void)ctx;
	char *at = out;
	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

const amph_clock amph__system_clock = { system_now, system_random, NULL };

int64_t amph__monotonic_usec(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t amph__monotonic_coarse_usec(void)
{
	return read_clock(CLOCK_MONOTONIC_COARSE);
}
