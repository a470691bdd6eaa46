/* Changes of relationships, from the call that makes them to the flush that writes them. Private to change.c
 * (what programs append and remove, in memory), parent.c (members that they assign), apply.c (what a flush
 * makes of changes of collections) and ready.c (what refers to others needs their keys first). */
#ifndef AMPH_RELATION_CHANGE_H
#define AMPH_RELATION_CHANGE_H
#include "relation.h"

typedef enum amph_change_op { AMPH_CHANGE_ADD, AMPH_CHANGE_REMOVE } amph_change_op;

/* A member that came to or left a collection, until the flush. */
typedef struct amph_change {
	amph_object *owner, *item;      /* owner NULL: dropped while a flush goes through them */
	size_t offset;                  /* of the relationship */
	amph_change_op op;
	bool done, joined;              /* joined: the item has the owner's key */
	struct amph_change_pair *pair;  /* of a flush: what else is changed between the two */
} amph_change;

/* ---- parent.c ---- */
/* Foreign keys as members say that were assigned: first those of children of one to one, then of parents. */
bool amph__assigned_apply(amph_session *s, amph_error *err);
/* Once more, for those whose parents have got another key since; *again: there were some. */
bool amph__assigned_again(amph_session *s, bool *again, amph_error *err);

/* ---- ready.c ---- */
/* The object can be referred to: it is part of the session and has its key, from the sequence where the
 * database gives it. Misuse: it was deleted or expunged. */
bool amph__object_ready(amph_object *o, amph_error *err);
/* 23502: a child left its parent, and the column of its key cannot be NULL. */
bool amph__cannot_be_alone(const amph_mapper *owner, const amph_relation *r, const amph_mapper *child,
			   const amph_mapped_column *c, amph_error *err);

#endif
