/* What a session is made of. Private to src/session and src/relation.
 *
 * A mapped object is memory of its session: a header, the program's struct, its snapshot (the
 * struct as the database has it), in one slot of its model's slabs. What the struct points to is
 * in text blocks that hang on the header. The identity map finds an object by the primary key in
 * its snapshot, so a key that the program assigns changes nothing before the flush. */
#ifndef AMPH_SESSION_STATE_H
#define AMPH_SESSION_STATE_H
#include "../base/arena.h"
#include "../driver/driver.h"
#include "../model/model.h"
#include "../model/value.h"
#include "../pool/pool.h"
#include "amphora/testing.h"
#include "../query/filter.h"
#include "code.h"

typedef enum amph_life {
	OBJECT_FREE,            /* a slot without an object */
	OBJECT_TRANSIENT,       /* known to the program only: after expunge, or rolled back */
	OBJECT_PENDING,         /* new, to be inserted by the flush */
	OBJECT_PERSISTENT,      /* has a row; the snapshot is its state */
	OBJECT_DELETED,         /* to be deleted by the flush */
	OBJECT_ROW              /* of a stream: no object of the session */
} amph_life;

/* What an object points to. The text of a row that brought the object in, and of a new one when it is
 * inserted, has no head if it is short: it stays where it is, also when the members point elsewhere, as
 * long as the objects. All that comes later is in blocks, one for each allocation, which are used
 * again. */
typedef struct amph_text_block {
	struct amph_text_block *next;   /* older of the same object; or free of the same size */
	uint32_t size;                  /* of the class; data follows */
	uint32_t unused;
} amph_text_block;

typedef struct amph_object {
	struct amph_extent *extent;     /* what it is one of, and of which session */
	union {
		struct amph_group *group;       /* those of the same result, for relationships */
		uint64_t given;         /* while PENDING: which of the columns that the database could
		                         * fill the program gave, by their order */
	};
	amph_text_block *text;
	uint8_t state;                  /* amph_life */
	bool expired : 1;               /* the next row read of it overwrites the members */
	bool in_flush : 1;              /* an event handler must not delete it now */
	bool cascaded : 1;              /* its delete has reached what depends on it */
	bool expunged : 1;              /* taken out by the program: it comes back by attach only */
	bool detached : 1;              /* expunged; its row is still there */
	bool deleted : 1;               /* by the program: likewise */
	bool replaced : 1;              /* deleted, and a new one takes over its row */
	bool marked : 1;                /* of a walk along relationships */
	bool part : 1;                  /* .only left out columns */
	bool hybrids : 1;               /* its row was read with them */
	bool numbered : 1;              /* its id was taken from the sequence for it */
	bool settled : 1;               /* a new one that has had text without a head */
	uint8_t seal;                   /* of its place and extent: what no other memory has */
	uint32_t journal;               /* its youngest journal entry, from 1; 0: none */
} amph_object;

/* The objects that one result brought into the session, in its order: siblings whose
 * relationships are loaded together. Belongs to the session's text arena. */
typedef struct amph_group {
	size_t n, at;                   /* at: where the last was found */
	uint64_t raise;                 /* relationships that may not be loaded by a touch, by number */
	amph_object **objects;
} amph_group;

/* Where rows that are no objects keep what they point to. */
typedef struct amph_row_block { struct amph_session *s; amph_text_block **chain; } amph_row_block;

/* The slots of one model: chunks of objects, walked in order of allocation. */
typedef struct amph_chunk {
	struct amph_chunk *next;
	uint32_t n_slots, used;
} amph_chunk;
typedef struct amph_slab {
	amph_chunk *first, *last;
	amph_object *free;              /* linked through group */
	size_t slot_size, snapshot_at;  /* from the header; 0: there was no object yet */
	size_t live;                    /* objects that are persistent or deleted: to be compared */
} amph_slab;

/* Objects by primary key: open addressing. The keys are in the objects, far apart in memory, so
 * that a search looks at the hashes first; in the same allocation, behind the objects. */
typedef struct amph_identity_map {
	amph_object **objects;
	uint32_t *hashes;               /* of each: from 2 on; 0: free, 1: removed */
	size_t cap, used, count;        /* used counts the removed too */
	size_t reach;                   /* no key is farther from where its search begins */
	bool in_arena;                  /* the first of a session, which goes with the text */
	bool scattered;                 /* hashes of integers do not follow each other */
} amph_identity_map;

/* Everything about one model in one session. */
typedef struct amph_extent {
	const amph_mapper *mapper;
	amph_session *session;
	struct amph_extent *root;       /* whose identity map it has: itself, but of a derived model */
	amph_slab slab;
	amph_identity_map identity;
	size_t n_pending, n_deleted;
} amph_extent;

typedef struct amph_object_list {
	amph_object **items;
	size_t n, cap;
} amph_object_list;

/* What an object was at the start of a savepoint level, for rollback. Its text blocks of then
 * are the tail of its chain that starts at text; replaced: the members point into none of them
 * any more, so they go at the commit. New objects in slots that follow each other, whose entries
 * would be the same, share one. */
typedef struct amph_journal_entry {
	amph_object *object;            /* the first */
	uint32_t level, older;          /* older entry of the same object, from 1 */
	uint32_t n;                     /* objects; many: in_snapshot, without text */
	uint8_t state;
	bool part : 1, hybrids : 1, replaced : 1, expired : 1, numbered : 1;
	bool blank : 1;                 /* the snapshot was all zero */
	bool in_snapshot : 1;           /* and the struct as it was is there, until its row is */
	bool had_key : 1;               /* of those: the program gave the id */
	amph_text_block *copies;        /* the struct as it was, and the snapshot after it, if not blank;
					 * NULL: it is in the snapshot */
	amph_text_block *text;
} amph_journal_entry;
typedef struct amph_journal {
	amph_journal_entry *items;
	size_t n, cap;
} amph_journal;

/* What uses the session's connection beyond a call: the first member of a stream. */
typedef struct amph_reading {
	void (*end)(struct amph_reading *reading);
} amph_reading;

#define AMPH_PLAIN_MOST 512
/* As text has said it; a word of PostgreSQL's. */
typedef struct amph_tx_mode {
	char isolation[24];
	bool read_only, deferrable;
} amph_tx_mode;

struct amph_session {
	amph_engine *engine;
	const amph_allocator *allocator;
	amph_conn *conn;                /* while a transaction is open, or a stream is read */
	bool failed;                    /* error is the first failure; 25P02 until rollback */
	bool in_flush;
	bool in_event;                  /* a handler runs, which must not end the transaction */
	amph_listeners listeners;
	amph_filters *filters;          /* its own; NULL: the engine's */
	bool overwrite;                 /* rows that are read now replace the members of known objects */
	bool rebase;                    /* they go beneath what the program changed in expired ones */
	bool renew;                     /* a query loads relationships: again, if they are loaded */
	bool any_expired;               /* maybe: objects are expired */
	bool raise_on_touch;
	uint64_t raise;                 /* of the query whose rows become objects */
	bool whole;                     /* relationships are loaded for all rows of a table */
	bool woken;                     /* events after a flush ran, which may have made work */
	bool wrote;                     /* the transaction has changed rows */
	uint32_t transactions;          /* that have ended */
	bool no_autoflush;
	amph_tx_mode mode;              /* what BEGIN said */
	bool autocommit, in_block;      /* raw SQL: each statement alone, but between BEGIN and COMMIT */
	amph_begin begin;
	uint32_t level;                 /* savepoints open, from 1 on: 1 is the transaction */
	amph_extent *extents;           /* by ordinal of the model; one more, of none */
	const amph_mapper *last_mapper;
	amph_object_list pending, deleted;
	amph_journal journal;
	struct amph_free_text *free_text;       /* in text_arena; NULL: nothing was given back yet */
	size_t n_large_texts;           /* blocks of their own, beyond the classes */
	char *plain;                    /* room for text without heads */
	size_t plain_left, plain_piece;
	amph_text_block *dropped;       /* to be used again when the flush under way ends */
	amph_arena text_arena;          /* where text blocks and lists are cut from */
	amph_arena scratch;             /* of one call */
	amph_arena flush_arena;         /* of one flush */
	struct amph_list_head *lists;
	amph_map results;               /* lists that the program may release, by their address */
	size_t n_collections, collections_kept;         /* now; after the last sweep */
	size_t n_items, items_kept;     /* that they have room for */
	size_t unwalked_items;          /* of retired lists that were never handed out */
	amph_map own_lists;             /* collections that a change made, by their address */
	amph_map retired;               /* lists that the program may still walk over, by collection */
	amph_arena retired_arena;
	amph_map absent;                /* relationships of objects that were looked for in vain */
	amph_arena absent_arena;
	int64_t now_usec;               /* of the transaction; 0: not asked yet */
	int64_t statements_allowed;     /* of amph_expect_statements; -1: any number */
	amph_link_stats seen;           /* of the connection, when it was taken */
	amph_session_stats stats;       /* of connections given back, and what is counted here */
	amph_reading *streaming; /* the stream or rows that use the connection, or NULL */
	bool expire_on_commit;
	amph_map given;                 /* of amph_new: names in the text of arguments, by its address */
	amph_arena given_arena;
	struct amph_given *last_given;
	amph_buf json, repr;            /* of amph_to_json and amph_repr */
	struct amph_rows *rows;         /* not closed yet */
	struct amph_names *names;       /* of tables, for text that is translated; NULL: not asked yet */
	struct amph_named_savepoint *savepoints;    /* those that text has named, outermost first */
	size_t n_savepoints, savepoints_cap;
	amph_text_block *link_text;     /* of link rows that are being read */
	struct amph_change *changes;    /* of collections, not flushed yet; in their order */
	size_t n_changes, changes_cap;
	uint64_t uuid_ms;               /* of the last amph_uuid_v7, */
	unsigned uuid_count;            /* and how many it had of that millisecond */
	const char *site;               /* what it is, for those who wait for its connection */
	unsigned long owner;            /* the thread, for the check of misuse */
	/* not zero at first, but cleared and made ready each in its way */
	amph_error error;
	amph_query_buf query;           /* of the query under way */
};

static inline void *amph__members(const amph_object *o)
{
	return (void *)(o + 1);
}
static inline amph_object *amph__object_of(const void *members)
{
	return (amph_object *)(uintptr_t)members - 1;
}
static inline amph_extent *amph__extent_of(const amph_object *o)
{
	return o->extent;
}
static inline void *amph__snapshot(const amph_object *o)
{
	return (char *)(uintptr_t)o + amph__extent_of(o)->slab.snapshot_at;
}

/* In the database, as far as this session knows; it may be about to be deleted. */
static inline bool amph__has_row(const amph_object *o)
{
	return o->state == OBJECT_PERSISTENT || o->state == OBJECT_DELETED;
}

/* ---- object.c: slots and text ---- */
void amph__slab_clear(amph_slab *slab, const amph_allocator *a);
/* A transient object, all zero; PENDING is the caller's to set. take leaves members and snapshot to
 * the caller. */
amph_object *amph__object_new(amph_session *s, const amph_mapper *m);
amph_object *amph__object_take(amph_session *s, const amph_mapper *m);
void amph__object_free(amph_object *o);         /* the slot and its text */
/* Whether a struct that a program gave is an object at all, and one of this session. They look at nothing
 * but the head: of a struct of the program's own, at the bytes that happen to be before it. */
bool amph__is_object(const amph_object *o);
bool amph__is_object_of(const amph_object *o, const amph_session *s);
/* The object that a program's struct is, if it is one of the session; NULL: it is not, or p is NULL. */
amph_object *amph__session_object(const amph_session *s, const void *p);
uint8_t amph__object_seal(const amph_object *o, const amph_extent *e);
/* Walks the slots of an extent that hold an object: start with *chunk NULL. */
amph_object *amph__object_next(amph_extent *e, amph_chunk **chunk, uint32_t *slot);
/* The same of those that are persistent and not their snapshot to the byte: most are. */
amph_object *amph__object_next_touched(amph_extent *e, amph_chunk **chunk, uint32_t *slot);
amph_text_block *amph__text_take(amph_session *s, size_t size);
void amph__text_give(amph_session *s, amph_text_block *chain);
/* Text without a head, of at most AMPH_PLAIN_MOST bytes and not of none. */
void *amph__plain_take(amph_session *s, size_t size);
void amph__plain_give(amph_session *s, void *plain, size_t size);
void amph__text_free_large(amph_session *s);    /* of all objects: blocks beyond the classes */
void amph__text_forget(amph_session *s);        /* all others, with first chunks and tables */
/* Copies what a row points to into a block, and points it there; *out NULL: to nothing. */
bool amph__row_own_text(amph_session *s, const amph_shape *shape, void *row, amph_text_block **out,
			amph_error *err);
/* Copies what the members point to and the snapshot does not into a block of the object's own,
 * and points the members there. */
bool amph__object_own_text(amph_object *o, amph_error *err);
/* The store for fetch: hangs each row's block on the object in *ctx. */
void *amph__text_store(void *ctx, size_t size);

/* ---- identity.c ---- */
bool amph__identity_reserve(amph_extent *e, size_t count);
/* The object whose snapshot has the same key as the struct at members; NULL: none. */
amph_object *amph__identity_find(const amph_extent *e, const void *members);
uint32_t amph__identity_hash(const amph_extent *e, const void *members);        /* until reserve */
/* Those of n structs, for amph__identity_at; the table's places are on their way into the cache. */
void amph__identity_hashes(const amph_extent *e, const char *rows, size_t size, size_t n, uint32_t *out);
uint64_t amph__member_hash(const amph_slot *slot, const void *base, uint64_t seed);    /* not of NULL */
amph_object *amph__identity_search(const amph_extent *e, uint32_t hash, const void *members);
/* Of most keys that are not there, the first place of the table says so. */
static inline amph_object *amph__identity_at(const amph_extent *e, uint32_t hash, const void *members)
{
	const amph_identity_map *map = &e->root->identity;

	return map->count && map->hashes[hash & (map->cap - 1)]
		? amph__identity_search(e, hash, members) : NULL;
}
/* Where there is room: after amph__identity_reserve. */
void amph__identity_put(amph_extent *e, uint32_t hash, amph_object *o);
/* Whether the object's members have the key that it is found by. */
bool amph__identity_is_same(const amph_extent *e, const amph_object *o);
bool amph__identity_add(amph_extent *e, amph_object *o);
void amph__identity_remove(amph_extent *e, amph_object *o);
void amph__identity_clear(amph_extent *e);

/* ---- journal.c ---- */
/* Remembers the object as it is, if this level has not yet. */
bool amph__journal_note(amph_object *o, amph_error *err);
bool amph__journal_reserve(amph_session *s, size_t n);          /* room for n more */
/* The same of an object that a flush is about to insert, without relationships: it needs no copy. */
bool amph__journal_note_new(amph_object *o, bool has_key, amph_error *err);
void amph__journal_undo(amph_session *s, uint32_t level);       /* back to the start of level */
void amph__journal_merge(amph_session *s, uint32_t level);      /* level is released into the one below */
void amph__journal_forget(amph_session *s);                     /* after commit */
/* The blocks of o that belong to now, and not to its journal entry, are not needed any more: its
 * members are about to point elsewhere. */
void amph__object_drop_text(amph_object *o);
void amph__object_drop_text_to(amph_object *o, const amph_text_block *kept);
void amph__restore_members(amph_object *o);     /* columns as in the snapshot */
bool amph__list_push(amph_session *s, amph_object_list *l, amph_object *o);
void amph__list_remove(amph_object_list *l, const amph_object *o);

/* ---- advise.c ---- */
void amph__error_advise(amph_error *err, const amph_registry *r);
/* false; of a value that was refused (class 22) the message says whose it is. */
bool amph__error_of_member(const amph_mapped_column *c, amph_error *err);
/* Of a row that may have been refused for its JSON, which servers do without a name: the column. true:
 * it was this one. */
bool amph__error_blame(amph_session *s, const amph_mapper *m, const amph_column_set *columns,
		       const void *members, amph_error *err);

/* ---- session.c ---- */
/* As amph__mapper_of; quick for the model that was asked for last. */
const amph_mapper *amph__session_mapper(amph_session *s, const amph_model *model, amph_error *err);
bool amph__session_error(amph_session *s, const amph_error *err);       /* keeps the first; false */
/* What a public function that was called within another has failed with becomes this one's error; false. */
bool amph__session_take_error(amph_session *s, amph_error *err);
/* The connection with its transaction begun; NULL and the error kept where there is none. */
amph_conn *amph__session_conn(amph_session *s, amph_error *err);
/* The same, without a transaction that is not there yet. */
amph_conn *amph__session_link(amph_session *s, amph_error *err);
bool amph__session_may_run(amph_session *s, amph_error *err);
/* What text may name, as the transaction sees it. */
struct amph_names *amph__session_names(amph_session *s, bool writes, amph_error *err);
bool amph__session_is_own(const amph_session *s, amph_error *err);      /* this thread's */
int64_t amph__session_now(amph_session *s);
void amph__session_end_reading(amph_session *s);        /* closes the stream or rows that are open */

/* ---- hydrate.c ---- */
typedef struct amph_list_head {         /* precedes every list that a session returns */
	struct amph_list_head *next, *prev;
	size_t n, cap;                  /* items; room for them */
	uint64_t magic;
	amph_text_block *text;          /* what its items point to, where they are no objects */
	const void *self;               /* the list, as the key of the session's results */
	bool collection;                /* of an object: not the program's to release */
	bool reachable;                 /* while unused collections are looked for */
	bool filtered;                  /* a load with a condition: not all of them */
	bool handed;                    /* to the program, which may be walking over it */
	bool retired;                   /* nothing refers to it, but the program may */
	bool noted;                     /* in the session's map of those that changes made */
	uint32_t transaction, level;    /* of a collection: when it was made, and whose rows it may have
					 * seen: 0 where nothing had been written */
	const void *owner;              /* of a collection: the object, */
	const amph_relation *relation;
	struct amph_list_head *newer;   /* retired after it, of the same collection */
	uint32_t journal;               /* entry of its owner when it was made; no older one copied it */
	uint32_t asked;                 /* times, for an item, without a set */
	const void **set;               /* of a long collection: what is in it, by hash */
	size_t set_cap;
} amph_list_head;
void *amph__list_new(amph_session *s, size_t n, size_t item_size);
/* For a member of an object. */
void *amph__collection_new(amph_session *s, size_t n);
/* Whether a list is one of those, told by its address alone: an array of the program's is nothing to
 * look before. NULL: it is not. */
struct amph_list_head *amph__collection_find(amph_session *s, const void *list);
/* Makes the next of these short; without memory it stays as long as it is. */
void amph__collection_note(amph_session *s, struct amph_list_head *head);
void amph__list_free(amph_session *s, amph_list_head *head);
void amph__absent_forget(amph_session *s);      /* see relation.h */
void *amph__list_new_with(amph_session *s, size_t n, size_t item_size, amph_text_block *text);
/* Reads the rows of a result into objects of m; shape says which members its columns are, and
 * has the primary key. */
void **amph__hydrate(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		     amph_result *result, size_t *n, amph_error *err);
/* The next row; *out NULL after the last. */
bool amph__hydrate_one(amph_session *s, const amph_mapper *m, const amph_shape *shape,
		       amph_result *result, amph_object **out, amph_error *err);
/* Reads one row into an object that exists; false and no error: there was no row. */
bool amph__hydrate_into(amph_object *o, amph_result *result, bool *found, amph_error *err);

/* ---- unit.c: what a flush has to do ---- */
/* The order of a flush: rows of one phase by rank of model and level of row. */
typedef enum amph_phase {
	PHASE_PARK,             /* values out of the way: of unique columns that are swapped or used
				 * again, references of rows that are deleted in a circle */
	PHASE_REPOINT,          /* updates that take references away from rows deleted early */
	PHASE_EARLY_DELETE,     /* rows whose unique values are used again */
	PHASE_FREE,             /* updates that free unique values for inserts */
	PHASE_INSERT,
	PHASE_UPDATE,
	PHASE_DELETE
} amph_phase;
/* What is written of a row: many works share one. */
typedef struct amph_change_of_row {
	amph_column_set set;
	amph_object *replaces;          /* a deleted one, whose row becomes that of a new one */
} amph_change_of_row;
typedef struct amph_work {
	amph_object *object;
	const amph_change_of_row *change;
	uint32_t order;                 /* as found, so that the sort is stable */
	uint32_t level;                 /* later than the rows that it depends on */
	uint8_t op;                     /* amph_dml */
	uint8_t phase;                  /* amph_phase */
	uint8_t mark;                   /* of the walk that finds levels */
	bool partial : 1;               /* not all that differs from the row is written */
	bool parked : 1;                /* a work of PHASE_PARK precedes it */
	bool postponed : 1;             /* some of its references are written by another work */
} amph_work;
typedef struct amph_work_list {
	amph_work *items;
	size_t n, cap;
	amph_session *session;
	amph_arena changes;             /* of the works; its own, as handlers may use that of the flush */
	const amph_change_of_row *seen[8];      /* of them, by a hash of the columns */
} amph_work_list;
/* One of these columns, and of what w has otherwise; NULL: no memory. */
const amph_change_of_row *amph__change_of(amph_work_list *work, const amph_work *w,
					  const amph_column_set *set);
static inline bool amph__same_columns(const amph_work *a, const amph_work *b)
{
	return a->change == b->change || !memcmp(&a->change->set, &b->change->set, sizeof a->change->set);
}
/* Runs the before-events until they bring no new work, then lists all of it. */
bool amph__unit_collect(amph_session *s, amph_work_list *work, amph_error *err);
void amph__changed_columns(const amph_object *o, amph_column_set *set);
bool amph__object_is_modified(const amph_object *o);

/* ---- integer.c ---- */
int64_t amph__read_integer(const amph_slot *slot, const void *base);    /* of an integer slot */
bool amph__write_integer(const amph_slot *slot, void *base, int64_t value);     /* false: too large */
/* What its sequence gave becomes the id of a struct of m, which has an identity; 22003: too large. */
bool amph__put_id(const amph_mapper *m, void *members, int64_t id, amph_error *err);
/* What a struct, of which nobody says what the program gave, gives of the columns that the database could
 * fill: all, but for a key that is not there, which is still the database's to give. */
uint64_t amph__given_of(const amph_mapper *m, const void *members);
/* 428C9: the program gave the id of a model whose ids are always the database's. */
bool amph__refuse_id(const amph_mapper *m, amph_error *err);

/* ---- made.c ---- */
/* The default of the database of column c, as it is declared, into n structs: another for each. */
bool amph__take_defaults(amph_session *s, const amph_mapped_column *c, void *const *rows, size_t n,
			 amph_error *err);
/* NULL, or all zero: of a key, the database's to give. */
bool amph__is_unset(const amph_mapped_column *c, const void *members);

/* ---- event.c ---- */
bool amph__has_event(const amph_session *s, const amph_mapper *m, amph_event_kind kind);
bool amph__run_event(amph_object *o, amph_event_kind kind, amph_error *err);
/* Of a row that is no object, or of a call on many rows: row NULL. */
bool amph__run_bulk_event(amph_session *s, const amph_mapper *m, amph_event_kind kind, void *row,
			  amph_error *err);
bool amph__run_session_event(amph_session *s, amph_event_kind kind, amph_error *err);
/* The validators of these columns. */
bool amph__validate(amph_session *s, const amph_mapper *m, const amph_column_set *columns,
		    const void *members, amph_event_kind kind, amph_error *err);
bool amph__validate_value(amph_session *s, const amph_mapped_column *c, const amph_mapper *m,
			  const void *member, amph_event_kind kind, amph_error *err);

/* ---- filter.c ---- */
void amph__filters_free(amph_session *s);
bool amph__filters_fill(amph_session *s, const amph_mapper *m, const amph_column_set *given,
			void *members, amph_error *err);
bool amph__filters_allow(amph_session *s, const amph_mapper *m, const void *members, amph_error *err);
/* Gives a new row the values that it must have, where the program has given none. */
static inline bool amph__filter_fill(amph_session *s, const amph_mapper *m, const amph_column_set *given,
				     void *members, amph_error *err)
{
	return !amph__has_filters(&s->query) || amph__filters_fill(s, m, given, members, err);
}
static inline bool amph__filter_allows(amph_session *s, const amph_mapper *m, const void *members,
				       amph_error *err)
{
	return !amph__has_filters(&s->query) || amph__filters_allow(s, m, members, err);
}
/* Whether queries would leave the object's row out: softly deleted, or filtered. */
bool amph__is_hidden(const amph_session *s, const amph_object *o);
bool amph__is_filtered(const amph_session *s, const amph_object *o);     /* softly deleted or not */

/* 428C9: what the program says of a column is not heard. */
bool amph__refuse_change(const amph_object *o, const amph_mapped_column *c, const char *why,
			 amph_error *err);

/* ---- order.c ---- */
bool amph__unit_order(amph_work_list *work, amph_error *err);

/* ---- given.c, api.c ---- */
/* The columns that the text of an amph_new's arguments names; NULL and an error: malformed. */
const amph_column_set *amph__given(amph_session *s, const amph_mapper *m, const char *text,
				   amph_error *err);
bool amph__apply_defaults(amph_session *s, const amph_mapper *m, const amph_column_set *given,
			  void *members, amph_error *err);
/* The column that says of which model a row is. */
bool amph__kind_fill(const amph_mapper *m, const amph_column_set *given, void *members, amph_error *err);
bool amph__set_kind(const amph_mapper *m, bool given, void *members, amph_error *err);
/* The object of a struct that is the session's; NULL and an error. */
amph_object *amph__own_object(amph_session *s, void *object, amph_error *err);
bool amph__object_attach(amph_object *o, amph_error *err);      /* it alone */
bool amph__object_pend(amph_object *o, amph_error *err);        /* to be inserted by the flush */
/* As amph_delete; what has no row, or is to be deleted already, is left as it is. */
bool amph__object_delete(amph_object *o, amph_error *err);
bool amph__object_reload(amph_object *o, bool *found, amph_error *err);

/* ---- query.c ---- */
/* What s->query was shaped to. */
const amph_compiled *amph__session_compile(amph_session *s, bool *now, amph_error *err);
/* From a query to its executed statement; after success amph__query_done must follow. */
bool amph__query_start(amph_session *s, amph_query_op op, const amph_select *q,
		       const amph_compiled **compiled, amph_result *result, amph_error *err);
void amph__query_done(amph_session *s, const amph_compiled *compiled, amph_result *result);

/* The rows of a statement that was started, as an array that the session returns. */
void *amph__row_list(amph_session *s, size_t size, const amph_compiled *c, amph_result *result,
		     amph_error *err);
/* A field of another struct would be written behind the row. */
bool amph__fields_fit(size_t size, const amph_field *fields, amph_error *err);

/* ---- sync.c: objects of rows that a statement wrote, of which it returns the keys ---- */
typedef struct amph_synced {
	amph_object **items;            /* the caller's to free */
	size_t n, cap;
	int64_t rows;
} amph_synced;
bool amph__sync_take(amph_session *s, const amph_mapper *m, const amph_shape *keys, amph_result *result,
		     amph_synced *out, amph_error *err);
bool amph__sync_apply(amph_session *s, const amph_mapper *m, const amph_select *q, amph_synced *taken,
		      amph_error *err);
bool amph__sync_forget(amph_object *const *items, size_t n, amph_error *err);
/* The rows of n objects of one model, by their keys, into those that are expired or to be overwritten.
 * Objects whose row is gone, or hidden, stay as they are. */
bool amph__objects_read(amph_session *s, const amph_mapper *m, amph_object *const *items, size_t n,
			amph_arena *arena, amph_error *err);
/* Before a flush compares: expired objects that the program changed get their rows beneath the changes;
 * false where a row has another value than the object had in what was assigned. */
bool amph__rebase_changes(amph_session *s, amph_error *err);
void amph__object_leave(amph_object *o);        /* the lists and the identity map */

/* by_query.c: around a query whose CTEs write, what amph_update and amph_delete_where do around theirs. */
bool amph__beside_begin(amph_session *s, const amph_select *q, amph_error *err);
bool amph__beside_end(amph_session *s, const amph_select *q, amph_error *err);
/* Objects of the model are read anew when they are met next. */
void amph__expire_model(amph_session *s, const amph_mapper *m);

void *amph__row_store(void *ctx, size_t size);  /* alloc of amph_store; ctx is an amph_row_block */

/* ---- get.c ---- */
/* Of rows that are read: columns that have the value at values, and those that are NULL. */
typedef struct amph_key_filter {
	amph_column_set equal, nulls;
	size_t n_equal, n_nulls;
} amph_key_filter;
/* The object with the key that the struct at values has: of the identity map, where the caller judges it, or
 * read, where f (NULL: all rows) lets it. *out NULL: there is no such row. */
bool amph__load_by_key(amph_session *s, const amph_mapper *m, const void *values,
		       const amph_key_filter *f, amph_object **out, amph_error *err);

/* ---- flush.c ---- */
bool amph__flush(amph_session *s, amph_error *err);
bool amph__flush_all(amph_session *s, amph_error *err);         /* what events after it make, too */
/* Before a query: flushes where an object of one of the models may have changed. */
bool amph__autoflush(amph_session *s, const amph_mapper *const *mappers, size_t n, amph_error *err);

#endif
