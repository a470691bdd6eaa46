/* Relationships of a session's objects. Private to src/session and src/relation. */
#ifndef AMPH_RELATION_RELATION_H
#define AMPH_RELATION_RELATION_H
#include "../session/state.h"

/* A relationship as loading and writing need it; in the engine, one for each declared. */
typedef struct amph_link_path {
	const amph_relation *relation;
	uint16_t number;                /* among the model's */
	bool renew;                     /* what is loaded and has no changes is loaded again */
	bool whole;                     /* for all rows that there are of the model */
	const amph_load_item *item;     /* as a query asks for it, or NULL */
	amph_path path;
} amph_link_path;

/* Structs of one model, members of objects or others, whose keys are looked for. */
typedef struct amph_keyed { const void *const *items; size_t n; } amph_keyed;
/* Structs of a link's model, one behind the other. */
typedef struct amph_links { char *rows; size_t n; } amph_links;

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

static inline bool amph__relation_is_list(const amph_relation *r)
{
	return r->kind == AMPH_REL_MANY || r->kind == AMPH_REL_THROUGH;
}
/* Of one to many and one to one: the other side has the foreign key. */
static inline bool amph__relation_has_children(const amph_relation *r)
{
	return r->kind == AMPH_REL_MANY || r->kind == AMPH_REL_HAS_ONE;
}

/* ---- foreign.c ---- */
/* The other side of a relationship, whichever of the two names the other; NULL: there is none. */
const amph_relation *amph__relation_back(const amph_link_path *l);
bool amph__key_copy(const amph_slot *from, const void *source, const amph_slot *to, void *target,
		    amph_error *err);
/* The foreign key in members of m: that of parent, or NULL. */
bool amph__key_set(const amph_mapper *m, void *members, const amph_object *parent,
		   const amph_key_pair *pairs, size_t n, amph_error *err);
/* Whether a value of the path's columns in members, of p->from, is NULL: they refer to nothing then. */
bool amph__key_has_null(const amph_path *p, const void *members);
bool amph__key_can_be_null(const amph_mapper *m, const amph_key_pair *pairs, size_t n);
/* Whether the child's columns, in members, have the values of the parent's. */
bool amph__refers_to(const amph_object *child, const void *members, const amph_object *parent,
		     const amph_key_pair *pairs, size_t n);
void amph__turn_pairs(const amph_key_pair *pairs, size_t n, amph_key_pair *out);
amph_object *amph__parent_by_key(const amph_object *o, const void *members, const amph_path *p);

/* ---- collection.c ---- */
bool amph__list_has(const amph_session *s, void *const *list, const void *item);
bool amph__list_with(amph_object *owner, const amph_relation *r, void *item, amph_error *err);
bool amph__list_without(amph_object *owner, const amph_relation *r, const void *item, amph_error *err);
void amph__list_set_filtered(void *list);
bool amph__list_is_filtered(void *list);
/* false: a program has put a list of its own where the object's collection was, which nothing would write;
 * AMPH_E_MISUSE, unless err is NULL. */
bool amph__lists_are_own(const amph_object *o, amph_error *err);
bool amph__list_is_own(const amph_object *o, const amph_relation *r, amph_error *err);
/* Whether it may have what was written since a level of the transaction under way began. */
bool amph__list_is_since(const amph_session *s, const void *list, uint32_t level);
/* A list for a collection, with room for n items. */
void **amph__list_for(amph_object *owner, const amph_relation *r, size_t n);
/* The program gets the list, and may walk over it whatever becomes of the collection. */
void amph__list_hand_out(void *list);
/* The same of what a member holds, which may be an array that the program put there. */
void amph__relation_hand_out(const amph_object *o, const amph_relation *r);
/* Frees lists that no object has any more, if they may have become most times as many; those that were
 * handed out are kept for their collection. The other, within a transaction, only where they are long. */
void amph__collections_sweep(amph_session *s, size_t most);
void amph__collections_sweep_long(amph_session *s);
/* With all lists. */
void amph__retired_forget(amph_session *s);
/* Parents, and children of one to one, that were looked for and are not there. */
void amph__absent_note(const amph_object *o, const amph_relation *r);
bool amph__absent_is(const amph_object *o, const amph_relation *r);

/* ---- load.c ---- */
/* Rows of the link table as objects, amph_release the list: of objects of the side that the path is from; or
 * those that lead from there to the other side, with both keys as structs of the link's model have them. */
bool amph__links_of(amph_session *s, const amph_link_path *l, amph_keyed objects, void ***list,
		    amph_error *err);
bool amph__links_like(amph_session *s, const amph_link_path *l, amph_keyed links, void ***list,
		      amph_error *err);
/* Of objects, as structs of its model, until amph__links_drop. */
bool amph__links_read(amph_session *s, const amph_link_path *l, amph_keyed objects, amph_links *links,
		      amph_error *err);
/* Of a statement that was executed, whose rows are all columns of the link. */
bool amph__links_take(amph_session *s, const amph_link_path *l, amph_result *result, amph_links *links,
		      amph_error *err);
void amph__links_drop(amph_session *s, amph_links *links);

/* ---- choose_link.c: of a path with an item ---- */
/* Whether the condition or the order of the item has columns of the link. */
bool amph__link_is_named(const amph_link_path *link);
/* The links of objects, those that the item chooses and in its order. */
bool amph__links_choose(amph_session *s, const amph_link_path *link, amph_keyed objects, amph_links *links,
			amph_error *err);
/* What an item is ordered by, then the key of its objects; NULL: out of memory. */
const amph_node *amph__chosen_order(const amph_link_path *link, const amph_load_item *item,
				    amph_arena *arena);

/* Objects of one model, read again by their keys. */
bool amph__objects_reload(amph_session *s, amph_object **objects, size_t n, amph_error *err);

/* ---- change.c, apply.c, cascade.c ---- */
/* Into collections that were just loaded, what came and left before, and is not flushed. */
bool amph__changes_merge(amph_session *s, const amph_link_path *l, amph_object *const *objects, size_t n,
			 amph_error *err);
bool amph__cascade_deletes(amph_session *s, amph_error *err);
/* What o reaches along relationships that are in memory and have this cascade, o itself first. */
bool amph__cascade_reach(amph_object *o, uint32_t cascade, amph_object_list *out, amph_error *err);
void amph__relations_leave(amph_object *o);     /* a deleted one goes from the other side */
/* Members of a new object that the program gave as lists of its own. */
bool amph__relations_adopt(amph_object *o, amph_error *err);
bool amph__relation_change(amph_object *owner, const amph_relation *r, void *item, bool add,
			   amph_error *err);
bool amph__has_relations(const amph_session *s);

/* Loads a relationship of n objects of one model, in one statement (two where a link is between),
 * and puts what it found into their members. Those that have it are left alone. */
bool amph__relation_load(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
			 amph_error *err);
/* choose.c: the same with the objects that the condition of its item chooses, in its order. */
bool amph__relation_choose(amph_session *s, const amph_link_path *link, amph_object **objects, size_t n,
			   amph_error *err);
/* The relationships that a query says must not be loaded by a touch: bits, by number. */
uint64_t amph__raised(amph_session *s, const amph_mapper *m, const amph_load_item *items);
/* Whether those that a query of m asks for are its objects', and those nested their targets'. */
bool amph__load_check(amph_session *s, const amph_mapper *m, const amph_load_item *items,
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
/* After a commit that expires: collections, and children of one to one, are as not loaded. */
void amph__relations_expire(amph_object *o);
/* After a refresh: collections are loaded anew when they are touched, parents as the columns say. */
void amph__relations_unload(amph_object *o);
/* After a rollback of a level: what was loaded since may be of rows that are gone, or lack such as are
 * back. */
void amph__relations_roll_back(amph_session *s, uint32_t level);
void amph__relations_forget(amph_session *s);   /* changes that were not flushed */

#endif
