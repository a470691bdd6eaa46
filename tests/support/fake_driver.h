/* A driver whose answers are scripted: results, failures, lost connections, without a database.
 * It proves that the seam is enough, and tests what no server does on demand.
 *
 *	fake_script script = { 0 };
 *	fake_expect(&script, (fake_answer){ .sql = "COMMIT", .sqlstate = "08006", .breaks = true });
 *	amph_engine *db = amph_open("fake:", AMPH_OPTIONS(.drivers = fake_drivers(&script)), &err);
 *
 * Statements that no answer matches succeed with no rows. Everything that was asked is logged. */
#ifndef TESTS_SUPPORT_FAKE_DRIVER_H
#define TESTS_SUPPORT_FAKE_DRIVER_H
#include "amphora/sys/dialect.h"
#include <pthread.h>

typedef struct fake_answer {
	const char *sql;                /* matches a statement that begins so; NULL: any */
	const char *sqlstate;           /* it fails with this; NULL: it succeeds */
	bool breaks;                    /* and the connection is lost */
	bool on_submit;                 /* it fails when it is submitted */
	const char *tag;                /* of the result; NULL: the statement's first word */
	int64_t affected;
	const int64_t *rows;            /* of one integer column; or */
	const char *const *texts;       /* of one text column */
	size_t n_rows;
	bool keep;                      /* answers every time, not once */
} fake_answer;

#define FAKE_ANSWERS 64
typedef struct fake_script {
	pthread_mutex_t lock;
	fake_answer answers[FAKE_ANSWERS];
	size_t n_answers;
	char log[8192];                 /* statements, one a line, in the order of their execution */
	int opened, closed, pings, prepared, finalized;
	bool refuse_open, refuse_ping;
	int refused_opens;              /* so many are refused, then the server is there */
	amph_outcome outcome;           /* what tx_outcome says */
	int unanswered, asks;           /* so many of its calls get no answer; how many there were */
	uint32_t caps;                  /* of connections; 0: pipeline and transaction status */
} fake_script;

void fake_reset(fake_script *script);
void fake_expect(fake_script *script, fake_answer answer);
/* A list for amph_options.drivers. One script at a time is in force in a process. */
const amph_driver *const *fake_drivers(fake_script *script);
#endif
