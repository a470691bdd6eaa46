/* Relationships of a session's objects. Private to src/session and src/relation. */
#ifndef AMPH_RELATION_RELATION_H
#define AMPH_RELATION_RELATION_H
#include "../session/state.h"

/* A relationship as loading and writing need it; in the engine, one for each declared. */
typedef struct amph_link_path {
	const amph_relation *relation;
	uint16_t number;                /* among the model's */
	amph_path path;
} amph_link_path;

/* Of the member at offset; *out is on the caller's stack. */
bool amph__link_path_of(amph_session *s, const amph_mapper *m, size_t offset, amph_link_path *out,
			amph_error *err);

static inline void **amph__relation_member(const amph_object *o, const amph_relation *r)
{
	return (void **)(void *)((char *)amph__members(o) + r->offset);
}
/* The member as it was loaded, or last flushed. */
static inline void **amph__relation_before(const amph_object *o, const amph_relation *r)
{
	return (void **)(void *)((char *)amph__snapshot(o) + r->offset);
}

/* Loads a relationship of n objects of one model, in one statement (two where a link is between),
 * and puts what it found into their members. Those that have it are left alone. */
bool amph__relation_load(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
			 amph_error *err);
/* The relationships that a query asks for, of its list of objects; nested ones too. */
bool amph__load_items(amph_session *s, const amph_load_item *items, void *const *list, size_t n,
		      amph_error *err);

/* ---- what a flush does first ---- */
/* Foreign keys as members and collections say, orphans and cascades of deletes. */
bool amph__relations_before_flush(amph_session *s, amph_error *err);
/* After it: members are what the snapshot has; collections of plain assignments are in step. */
bool amph__relations_after_flush(amph_session *s, const amph_work_list *work, amph_error *err);
/* The columns of o changed on their own: parents that are not what they say are not loaded. */
void amph__relations_follow_keys(amph_object *o);
void amph__relations_drop(const amph_object *o);        /* changes that it has part in */
void amph__relations_cut(amph_object *o);       /* and what they did to collections in memory */
/* After a refresh: collections are loaded anew when they are touched, parents as the columns say. */
void amph__relations_unload(amph_object *o);
void amph__relations_forget(amph_session *s);   /* changes that were not flushed */

#endif
