/* Work as a function: run, committed, and run again where another transaction was in the way. */
#include "../base/clock.h"
#include "state.h"
#include <time.h>

#define ATTEMPTS 5
#define FIRST_WAIT_USEC 2000
#define MOST_WAIT_USEC 200000

/* Exponential, with a random half, so that those who collided do not meet again. */
static void wait_before(amph_engine *db, int attempt)
{
	int64_t usec = FIRST_WAIT_USEC;
	uint16_t random = 0;

	for (int i = 1; i < attempt && usec < MOST_WAIT_USEC; i++)
		usec *= 2;
	if (usec > MOST_WAIT_USEC)
		usec = MOST_WAIT_USEC;
	if (db->clock.random(db->clock.ctx, &random, sizeof random))
		usec = usec / 2 + usec / 2 * random / UINT16_MAX;
	nanosleep(&(struct timespec){ .tv_sec = usec / 1000000, .tv_nsec = usec % 1000000 * 1000 },
		  NULL);
}

static bool attempt(amph_session *s, amph_transaction_fn *fn, void *ctx, amph_error *err)
{
	bool said_yes = fn(s, ctx);

	if (said_yes && amph_commit(s))
		return true;
	*err = *amph_session_error(s);
	if (err->status == AMPH_OK) {
		amph__error(err, "40000", "the function of the transaction returned false; its work was "
			    "rolled back");
		err->status = AMPH_E_REFUSED;
	}
	amph_rollback(s);
	return false;
}

bool amph_transaction_with(amph_engine *db, const amph_transaction_options *options,
			   amph_transaction_fn *fn, void *ctx, amph_error *err)
{
	amph_session_options so = { .abi = AMPH_ABI };
	int most = options && options->attempts > 0 ? options->attempts : ATTEMPTS;
	amph_error own = { 0 };
	bool ok = false;

	if (options && options->abi != AMPH_ABI)
		return amph__error_misuse(err, "amph_transaction_options were not made by "
					  "AMPH_TRANSACTION of this version of the library");
	if (options) {
		so.isolation = options->isolation;
		so.read_only = options->read_only;
	}
	amph__error_clear(err);
	if (!fn)
		return amph__error_misuse(err, "the function of the transaction is NULL");
	for (int i = 1; i <= most && !ok; i++) {
		amph_session *s = amph_session_open_with(db, &so);

		if (!s)
			return amph__error_nomem(err);
		s->site = "amph_transaction";
		/* one that lost a race for the write lock asks for it at once the next time */
		if (i > 1 && s->begin == AMPH_BEGIN_READ)
			s->begin = AMPH_BEGIN_WRITE;
		ok = attempt(s, fn, ctx, &own);
		amph_session_close(s);
		if (ok || !own.retryable || own.outcome == AMPH_UNKNOWN)
			break;
		if (i < most)
			wait_before(db, i);
	}
	if (!ok && err)
		*err = own;
	return ok;
}

bool amph_transaction(amph_engine *db, amph_transaction_fn *fn, void *ctx, amph_error *err)
{
	return amph_transaction_with(db, NULL, fn, ctx, err);
}
