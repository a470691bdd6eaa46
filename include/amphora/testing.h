/* For tests of programs: how many statements a piece of code sends.
 *
 *	amph_expect_statements(s, 2);
 *	show_orders(s);
 *	assert(!amph_failed(s));        // the third statement failed, and names this limit
 *
 * The numbers are of one session; BEGIN, COMMIT, SAVEPOINT and their like are not counted. */
#ifndef AMPHORA_TESTING_H
#define AMPHORA_TESTING_H
#include "session.h"
#ifdef __cplusplus
extern "C" {
#endif

/* From now on n statements succeed and the next fails with AMPH_E_MISUSE; -1 lifts the limit. */
void amph_expect_statements(amph_session *s, int64_t n);

typedef struct amph_session_stats {
	uint64_t statements;            /* sent */
	uint64_t round_trips;           /* a flight of many statements is one */
	uint64_t compiled;              /* that no cache had */
	uint64_t flushes;
} amph_session_stats;
amph_session_stats amph_session_statistics(const amph_session *s);

#ifdef __cplusplus
}
#endif
#endif
