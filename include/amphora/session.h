/* Sessions: a unit of work over one connection at a time.
 *
 * A session knows each row by one object. Objects are plain structs that the session owns; what
 * the program assigns to their members is found by comparison when the session flushes, which
 * it does before queries and at commit, in an order that foreign keys allow.
 *
 *	amph_session *s = amph_session_open(db);
 *	User *u = amph_new(s, User, .username = "john");
 *	if (!amph_commit(s)) {
 *		fprintf(stderr, "%s\n", amph_session_error(s)->message);
 *		amph_rollback(s);
 *	}
 *	amph_session_close(s);
 *
 * Calls return false, NULL or -1 on failure. The first failure of a transaction stays in
 * amph_session_error until rollback or commit, and later calls fail with 25P02, so a row of
 * calls may be checked once at the commit. A session and its objects belong to one thread.
 *
 * SQLite has one writer at a time, and a session that writes there waits for those of other threads
 * (lock_timeout bounds it). For another session of its own thread it would wait for ever: that is 55006
 * at once; commit, roll back or close the first one first. PostgreSQL lets both write.
 *
 * A NULL session, as a failed amph_session_open leaves it, is one that has failed: calls do nothing
 * and fail, and amph_session_error tells AMPH_E_MISUSE. A NULL object is AMPH_E_MISUSE as well. */
#ifndef AMPHORA_SESSION_H
#define AMPHORA_SESSION_H
#include "engine.h"
#ifdef __cplusplus
extern "C" {
#endif

typedef enum amph_isolation {
	AMPH_ISOLATION_DEFAULT,         /* the server's, mostly read committed; on SQLite a snapshot */
	AMPH_READ_COMMITTED,            /* also where the server has another default */
	AMPH_REPEATABLE_READ,
	AMPH_SERIALIZABLE
} amph_isolation;

typedef struct amph_session_options {
	uint32_t abi;                   /* put in by AMPH_SESSION_OPTIONS */
	amph_isolation isolation;
	bool read_only;
	/* Queries do not flush first. Else they do where objects of a model that they read have changed;
	 * amph_get, and amph_all of nothing but a list of primary keys, only where that can change what
	 * they return: new and deleted objects, changed keys. */
	bool autoflush_off;
	bool expire_on_commit;          /* also where the engine's option is not set */
	bool raise_on_touch;            /* amph_rel of what .load did not load is AMPH_E_MISUSE */
	/* Raw SQL as a console has it: a statement outside of BEGIN ... COMMIT is a transaction of its
	 * own, which has what waits to be flushed, too. The session keeps one connection, temporary
	 * tables with it; amph_session_error is of the last statement, also in a failed block. */
	bool autocommit;
} amph_session_options;
#ifndef __cplusplus
#define AMPH_SESSION_OPTIONS(...) (&(const amph_session_options){ .abi = AMPH_ABI, __VA_ARGS__ })
#endif

/* Takes no connection before the first statement. NULL when memory is out, or for options that
 * were not made by AMPH_SESSION_OPTIONS of this version of the library. */
amph_session *amph_session_open(amph_engine *db);
amph_session *amph_session_open_with(amph_engine *db, const amph_session_options *options);  /* or NULL */
/* Rolls back what was not committed; frees all objects of the session. NULL is fine. */
void amph_session_close(amph_session *s);
/* Forgets all objects, which become invalid, and what waits to be written. */
void amph_session_clear(amph_session *s);

/* The first failure of this transaction, or the last call's that does not fail it (not found);
 * status AMPH_OK where there is none. Never NULL. */
const amph_error *amph_session_error(const amph_session *s);
bool amph_failed(const amph_session *s);        /* the transaction can only be rolled back */

bool amph_flush(amph_session *s);                /* writes what waits; the transaction goes on */
/* false: err->outcome says whether the work was applied. After AMPH_UNKNOWN look before you
 * repeat it. */
bool amph_commit(amph_session *s);
/* Members, relationships and the set of objects are as at the start of the transaction. */
void amph_rollback(amph_session *s);
/* Nested; release and rollback_to end the innermost one. */
bool amph_savepoint(amph_session *s);
bool amph_release_savepoint(amph_session *s);
bool amph_rollback_to(amph_session *s);

/* ---- objects; those of amph_new and of queries ---- */
/* Defaults, then the members that given names (text as ".a = 1, .b = x"), from values. A member that is
 * no column, hybrid or relationship is the program's: it may be given, is zero in objects of queries,
 * and nothing in the library reads or changes it, rollback and refresh included. */
void *amph_do_new(amph_session *s, const amph_model *m, const void *values, const char *given);
/* One expunged, or rolled back, and with it those that its relationships in memory lead to, but what was
 * deleted. Lists that were assigned to collections of objects without a row are taken as amph_new takes
 * them. AMPH_E_MISUSE where the session has another object for a row by now. */
bool amph_attach(amph_session *s, void *object);
/* At the next flush; a new one is not inserted then, one that was expunged comes back to be deleted.
 * Once more in the same transaction does nothing; where there is no row to delete (it was rolled back, or
 * deleted in an earlier one) it is AMPH_E_MISUSE. */
bool amph_delete(amph_session *s, void *object);
bool amph_refresh(amph_session *s, void *object);       /* unflushed changes are lost */
bool amph_expunge(amph_session *s, void *object);       /* its row stays; it is not watched */
/* The session's object of the same key with values' members, loaded or new. Where the model counts
 * versions, values of another version than the row's are AMPH_E_STALE (40001). */
void *amph_do_merge(amph_session *s, const amph_model *m, const void *values);
/* A list no longer needed; its objects stay. NULL, a collection, or what was released already is
 * left alone. */
void amph_release(amph_session *s, void *list);
size_t amph_length(const void *list);           /* of anything that a call returned as a list */

/* The model of an object; of one that a query about a base gave, what it is derived as. */
const amph_model *amph_model_of(const void *object);
/* The object, where it is of the model or of one derived from it; else NULL. */
void *amph_do_object_as(const void *object, const amph_model *m);

typedef enum amph_lifecycle {
	AMPH_OBJECT_UNKNOWN,            /* not of this session */
	AMPH_OBJECT_NEW,                /* not yet flushed */
	AMPH_OBJECT_PERSISTENT,
	AMPH_OBJECT_DELETED,            /* until commit */
	AMPH_OBJECT_EXPUNGED
} amph_lifecycle;
amph_lifecycle amph_state(const amph_session *s, const void *object);
bool amph_do_is_modified(const amph_session *s, const void *object, size_t offset);     /* SIZE_MAX: any */
/* The columns of an object as a JSON object, by their names: numbers, truth values, JSON and arrays as
 * JSON has them, all others as texts, NULL as null; NaN and infinite numbers as texts. Relationships and
 * what is no column are left out, so that circles end; amph_to_json_with (query.h) writes those that
 * it is told. Of an object that .only loaded in part the rest is read first; P0002 where its row is
 * gone, which does not fail the transaction. amph_repr is a short form for people: the model and the
 * key. Both belong to the session, until the next call of the same function. NULL on failure. */
const char *amph_to_json(amph_session *s, const void *object);
const char *amph_repr(amph_session *s, const void *object);

#ifndef __cplusplus
/* (s, T [, .member = value ...]): defaults first, then what is named, zero or not. */
#define amph_new(s, ...) AMPH_CAT_(AMPH_NEW_, AMPH_MORE_(__VA_ARGS__))(s, __VA_ARGS__)
#define AMPH_NEW_ONE(s, T) ((T *)amph_do_new((s), &amph_model_##T, NULL, NULL))
#define AMPH_NEW_MORE(s, T, ...)                                                                 \
	((T *)amph_do_new((s), &amph_model_##T, &(const T){ __VA_ARGS__ }, AMPH_TEXT_OF_(__VA_ARGS__)))
#define AMPH_POINTER_TO_(T, p) _Generic((p), T *: (p), const T *: (p))
#define amph_merge(s, T, p)                                                                      \
	((T *)amph_do_merge((s), &amph_model_##T, AMPH_POINTER_TO_(T, p)))
#define amph_object_as(T, p) ((T *)amph_do_object_as((p), &amph_model_##T))
/* Whether a member, or any, differs from the database as far as the session knows. */
#define amph_is_modified(s, p) amph_do_is_modified((s), (p), SIZE_MAX)
#define amph_member_is_modified(s, p, f)                                                         \
	amph_do_is_modified((s), (p), (size_t)((const char *)&(p)->f - (const char *)(p)))
#endif

/* ---- transactions as functions ---- */
/* The work; false rolls back. It may run several times, so it should have no other effects. */
typedef bool amph_transaction_fn(amph_session *s, void *ctx);
typedef struct amph_transaction_options {
	uint32_t abi;                   /* put in by AMPH_TRANSACTION */
	amph_isolation isolation;
	bool read_only;
	int attempts;                   /* 0 is 5 */
} amph_transaction_options;
#ifndef __cplusplus
#define AMPH_TRANSACTION(...) (&(const amph_transaction_options){ .abi = AMPH_ABI, __VA_ARGS__ })
#endif
/* Runs fn in a session and commits; again after errors that are retryable: serialization failures,
 * deadlocks, a connection that was lost in its midst where the work is known not to be applied. */
bool amph_transaction(amph_engine *db, amph_transaction_fn *fn, void *ctx, amph_error *err);
bool amph_transaction_with(amph_engine *db, const amph_transaction_options *options,
			   amph_transaction_fn *fn, void *ctx, amph_error *err);

#ifdef __cplusplus
}
#endif
#endif
