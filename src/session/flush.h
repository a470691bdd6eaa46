/* What the parts of a flush share: runs, each of which becomes a statement. Private to flush.c, run.c,
 * settle.c and park.c, in this order: flush.c says what is to be done (unit.c and order.c list it), run.c
 * makes statements of it, settle.c puts what they did into the objects, park.c has the values that step
 * aside while unique ones are swapped. */
#ifndef AMPH_SESSION_FLUSH_H
#define AMPH_SESSION_FLUSH_H
#include "state.h"

/* Consecutive works of one statement. */
typedef struct amph_run {
	amph_work *first;
	size_t n;
	const amph_mapper *mapper;
	amph_dml_key key;
	bool rows;              /* a row set, else a single row */
	const amph_code *code;
	amph_arg *args;
} amph_run;

#define AMPH_FLIGHT_MOST 32

typedef struct amph_flusher {
	amph_session *s;
	amph_conn *conn;
	amph_arena *arena;      /* of the flush */
	amph_error *err;
	amph_run flight[AMPH_FLIGHT_MOST];
	size_t n_flight;
	uint64_t parked_from, n_parked;
} amph_flusher;

/* ---- run.c ---- */
/* Carries out the works, in their order. Where it fails, objects are as the failure left them: the
 * transaction has failed, and its rollback takes them back. */
bool amph__runs_write(amph_session *s, amph_work_list *work, amph_error *err);

/* ---- settle.c ---- */
/* Takes the rows that a statement returned into the objects of its run; *n_rows: how many came. */
bool amph__run_take(amph_flusher *f, const amph_run *r, amph_result *result, size_t *n_rows);
/* The statement is done: its objects are as their rows now. */
bool amph__run_settle(amph_flusher *f, const amph_run *r);
/* The members of these columns, from one struct of the model to another. */
void amph__columns_copy(const amph_mapper *m, const amph_column_set *set, void *to, const void *from);

/* ---- park.c ---- */
/* Gives these columns of o values that no row has. */
bool amph__park(amph_flusher *f, const amph_column_set *set, amph_object *o);

#endif
