/* Events: functions of the program that run around the writing and reading of objects, and around
 * flushes and transactions.
 *
 * A model names them (.before_insert and so on), or they are added to an engine or a session while
 * the program runs. A before-handler may change the object, and may refuse the work: the flush
 * then fails with 45000, AMPH_E_REFUSED and the handler's message as it gave it; the error's table
 * is that of the model, its column that of a validator, both empty where there is none.
 *
 *	static bool check_order(amph_event *event, void *object)
 *	{
 *		const Order *order = object;
 *		return order->lines > 0 || amph_refuse(event, "an order needs a line");
 *	}
 *	amph_listen(s, AMPH_BEFORE_INSERT, &amph_model_Order, check_order, NULL);
 *
 * A handler runs in the thread of its session. It may use the session but not commit or roll
 * back, and one of AMPH_AFTER_LOAD cannot query, as the result that brings the object is still
 * being read (HV010); the event and its session are valid until it returns. Several for one event run in the
 * order: that of the model, those of the engine, those of the session, each as added.
 *
 * What works on many rows at once makes no objects. amph_insert_many and amph_upsert_many run the
 * validators and before_insert for each row, which may change it; amph_update_many runs the
 * validators for each row, amph_update on the values that it sets; no other event of objects runs
 * for them, but those of the whole call do (AMPH_BEFORE_BULK_INSERT and so on). Raw SQL runs none. */
#ifndef AMPHORA_EVENT_H
#define AMPHORA_EVENT_H
#include "types.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_event amph_event;
typedef struct amph_session amph_session;
typedef struct amph_engine amph_engine;
typedef struct amph_model amph_model;

typedef enum amph_event_kind {
	AMPH_BEFORE_INSERT,
	AMPH_AFTER_INSERT,
	AMPH_BEFORE_UPDATE,
	AMPH_AFTER_UPDATE,
	AMPH_BEFORE_DELETE,
	AMPH_AFTER_DELETE,
	AMPH_AFTER_LOAD,
	/* of a call on many rows: of a model, without an object */
	AMPH_BEFORE_BULK_INSERT,
	AMPH_AFTER_BULK_INSERT,
	AMPH_BEFORE_BULK_UPDATE,
	AMPH_AFTER_BULK_UPDATE,
	AMPH_BEFORE_BULK_DELETE,
	AMPH_AFTER_BULK_DELETE,
	/* of the session: without a model and an object */
	AMPH_BEFORE_FLUSH,              /* there is work; what the handler makes is of this flush */
	AMPH_AFTER_FLUSH,               /* it is written; what the handler makes is of the next */
	AMPH_BEFORE_COMMIT,             /* before the last flush; a refusal leaves the transaction open */
	AMPH_AFTER_COMMIT,              /* it is done: nothing can be refused any more, nor in these: */
	AMPH_BEFORE_ROLLBACK,           /* amph_session_error still has the reason */
	AMPH_AFTER_ROLLBACK
} amph_event_kind;

/* false fails the flush, the load or the call; say why with amph_refuse. object is of the model
 * that the handler is for, NULL where the event has none. */
typedef bool amph_event_fn(amph_event *event, void *object);

/* Whether a value may be in a column (.validate of AMPH_COLUMN): called where it is about to be
 * written, by a flush, by amph_insert_many and by amph_update, with the member that has it. It must
 * not change it. false fails the call as a refusal does. */
typedef bool amph_validate_fn(amph_event *event, const void *member);

/* Sets the message of the failure and returns false, for a handler's return. */
bool amph_refuse(amph_event *event, const char *format, ...)
#ifdef __GNUC__
	__attribute__((format(printf, 2, 3)))
#endif
	;
amph_event_kind amph_event_kind_of(const amph_event *event);
amph_session *amph_event_session(const amph_event *event);
const amph_model *amph_event_model(const amph_event *event);    /* NULL: of the session */
void *amph_event_ctx(const amph_event *event);  /* as given to amph_listen; NULL for a model's */

/* From now on fn runs at the events of this kind, of model or, where that is NULL, of every model;
 * ctx must live as long. false: the model is not one of the engine's, or given with an event of the
 * session (HV010), or memory is out (53200); in a session the transaction has then failed. */
bool amph_listen(amph_session *s, amph_event_kind kind, const amph_model *model, amph_event_fn *fn,
		 void *ctx);
/* For all sessions of the engine, those that are open too, from any thread. */
bool amph_engine_listen(amph_engine *db, amph_event_kind kind, const amph_model *model,
			amph_event_fn *fn, void *ctx);
/* Takes away what was added with the same arguments, once; false: there was nothing. A handler may
 * take away itself. One of an engine may still be running in another thread. */
bool amph_unlisten(amph_session *s, amph_event_kind kind, const amph_model *model, amph_event_fn *fn,
		   void *ctx);
bool amph_engine_unlisten(amph_engine *db, amph_event_kind kind, const amph_model *model,
			  amph_event_fn *fn, void *ctx);

#ifdef __cplusplus
}
#endif
#endif
