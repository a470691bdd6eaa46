/* Relationships of objects: reading them loads, changing them keeps both sides in step.
 *
 *	amph_each(Product, p, amph_rel(category, products))
 *		printf("%s\n", p->name);
 *	amph_append(category, products, atlas);
 *
 * A plain member never loads; amph_rel does on first touch, for all objects of the same result
 * at once. Objects and collections belong to their session and its thread. */
#ifndef AMPHORA_RELATION_H
#define AMPHORA_RELATION_H
#include "model.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Loads the relationship at offset of an object, if it is not. A failure is the session's. What has
 * nobody on the other side is NULL and is not asked for again until the next flush, commit or
 * refresh. A list that was touched, or loaded by a query, may be walked over whatever happens in the walk
 * (amph_append, amph_remove, flush, commit, rollback, amph_refresh): a change makes another list, and
 * what is walked over stays as it was. It goes with amph_session_clear and amph_session_close. What is
 * read from the member alone after a change of the program's is good until the next, and until a flush. An
 * expired object is read again first. */
bool amph_touch(const void *object, size_t offset);    /* false: object is NULL */
/* Of a collection; it need not be loaded, but what is not in one that is cannot be removed, AMPH_E_MISUSE.
 * item may not be NULL. Objects are those of amph_new and of queries;
 * a struct of the program's own is told from them by the bytes before it, which cannot be done
 * for certain. amph_append and amph_remove then fail, AMPH_E_MISUSE of the session of the other if there
 * is one; amph_rel is the member as it is. */
bool amph_do_append(void *object, size_t offset, void *item);
bool amph_do_remove(void *object, size_t offset, void *item);

#ifndef __cplusplus
#define AMPH_PLACE_(p, f) (size_t)((const char *)&(p)->f - (const char *)(p))
/* NULL of no object. A conditional, of which compilers do not say that its value is not used: a touch may be
 * all of a statement. p is evaluated more than once. */
#define amph_rel(p, f) (amph_touch((p), AMPH_PLACE_(p, f)) ? (p)->f : NULL)
/* The conditional of two unlike pointers is a void pointer: so a wrong item is found. */
struct amph_wrong_item_for_this_collection { int unused; };
#define AMPH_ITEM_(p, f, item)                                                                   \
	_Generic((1 ? (item) : *(p)->f),                                                         \
		 void *: (struct amph_wrong_item_for_this_collection){ 0 }, default: (item))
#define amph_append(p, f, item) amph_do_append((p), AMPH_PLACE_(p, f), AMPH_ITEM_(p, f, item))
#define amph_remove(p, f, item) amph_do_remove((p), AMPH_PLACE_(p, f), AMPH_ITEM_(p, f, item))
/* for each element of a NULL-terminated list; a NULL list is empty */
#define amph_each(T, x, list)                                                                    \
	for (T *const *x##_at = (T *const *)(list), *x = x##_at ? *x##_at : NULL; x; x = *++x##_at)
#endif

#ifdef __cplusplus
}
#endif
#endif
