/* What AMPH_SYNC_EVALUATE does. Private to src/session. */
#ifndef AMPH_SESSION_EVALUATE_H
#define AMPH_SESSION_EVALUATE_H
#include "state.h"

typedef struct amph_evaluation amph_evaluation;
/* Before the statement: NULL and 0A000 where its condition or what it sets is not certain in memory. */
amph_evaluation *amph__evaluation_plan(amph_session *s, const amph_mapper *m, const amph_select *q,
				       amph_error *err);
void amph__evaluation_free(amph_session *s, amph_evaluation *e);        /* NULL is fine */
/* Where the statement's values go as they are bound; see amph_query_buf. */
amph_arg *amph__evaluation_sets(amph_evaluation *e);
/* After it, while they are bound: objects whose rows it has written are as these. */
bool amph__evaluation_apply(amph_session *s, amph_evaluation *e, amph_error *err);
#endif
