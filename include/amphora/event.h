/* Events: functions of the program that run around the writing and reading of objects.
 *
 * A model names them (.before_insert and so on). A before-handler may change the object, and
 * may refuse the work: the flush then fails with AMPH_E_REFUSED and the handler's message.
 *
 *	static bool check_order(amph_event *event, void *object)
 *	{
 *		const Order *order = object;
 *		return order->lines > 0 || amph_refuse(event, "an order needs a line");
 *	}
 *
 * A handler runs in the thread of its session. It may use the session but not commit or roll
 * back; the event and its session are valid until it returns. */
#ifndef AMPHORA_EVENT_H
#define AMPHORA_EVENT_H
#include "types.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef struct amph_event amph_event;
typedef struct amph_session amph_session;
typedef struct amph_model amph_model;

typedef enum amph_event_kind {
	AMPH_BEFORE_INSERT,
	AMPH_AFTER_INSERT,
	AMPH_BEFORE_UPDATE,
	AMPH_AFTER_UPDATE,
	AMPH_BEFORE_DELETE,
	AMPH_AFTER_DELETE,
	AMPH_AFTER_LOAD
} amph_event_kind;

/* false fails the flush, or the load; say why with amph_refuse. object is of the model that the
 * handler is declared in. */
typedef bool amph_event_fn(amph_event *event, void *object);

/* Sets the message of the failure and returns false, for a handler's return. */
bool amph_refuse(amph_event *event, const char *format, ...)
#ifdef __GNUC__
	__attribute__((format(printf, 2, 3)))
#endif
	;
amph_event_kind amph_event_kind_of(const amph_event *event);
amph_session *amph_event_session(const amph_event *event);
const amph_model *amph_event_model(const amph_event *event);

#ifdef __cplusplus
}
#endif
#endif
