/* Filters: which rows a session sees and writes at all, as those of one tenant.
 *
 *	amph_engine *db = amph_open(url, AMPH_OPTIONS(.models = models,
 *		.filters = AMPH_FILTERS(AMPH_FILTER_REQUIRED("tenant_id"))), &err);
 *	amph_session *s = amph_session_open(db);
 *	amph_filter_every(s, "tenant_id", 7);
 *	amph_all(s, Order);                     -- ... WHERE orders.tenant_id = 7
 *
 * A filter is a column that must have a value. It is part of every query about the model: joins,
 * subqueries, counts, streams, updates and deletes by query, relationships that are loaded at once
 * or when they are touched, amph_get. New rows get the value where the program gives none; to write
 * a row that has another, to move one there, or to set the column by query is 42501. Only raw SQL is
 * not filtered.
 *
 * .unfiltered = true in a query, as .with_deleted does for softly deleted rows, lifts the filters
 * for it and for what it loads at once; amph_lift_filters does for all that the session does.
 * Objects that a session has already stay as they are. */
#ifndef AMPHORA_FILTER_H
#define AMPHORA_FILTER_H
#include "node.h"
#ifdef __cplusplus
extern "C" {
#endif

/* Made by the macros. Of one model and its member at offset, or of every model that has a column of
 * this name. */
typedef struct amph_filter {
	const amph_model *model;
	const char *column;             /* its name in the database */
	uint32_t offset;
	amph_node value;                /* none: each session must say which */
	int checked;                    /* only makes the compiler look */
} amph_filter;

/* From now on rows have that value, which is copied; one that is NULL selects rows without one. It
 * takes the place of the column's former value. false: no such column (42703), a type that cannot
 * be filtered by (0A000), or a value that the column cannot have. */
bool amph_filter_set(amph_session *s, const amph_filter *filter);
/* Rows of any value, unless the engine requires one: then none. false: no such column. */
bool amph_filter_drop(amph_session *s, const amph_filter *filter);
/* All filters of the session are out of force, or in force again. The state before. */
bool amph_lift_filters(amph_session *s, bool lifted);

#ifndef __cplusplus
/* Of .filters, an option of the engine, for all of its sessions. */
#define AMPH_FILTER(T, f, x)                                                                     \
	{ .model = &amph_model_##T, .offset = offsetof(T, f), .value = AMPH_NODE_(x),            \
	  .checked = AMPH_FITS_(T, f, x) }
#define AMPH_FILTER_EVERY(name, x) { .column = name, .value = AMPH_NODE_(x) }
/* Before a session has said by amph_filter_every which value, or has lifted its filters, all that it
 * does with such a model is 42501. */
#define AMPH_FILTER_REQUIRED(name) { .column = name }
#define AMPH_FILTERS(...) ((const amph_filter[]){ __VA_ARGS__, { .column = NULL } })

/* (s, T, member, x): rows of one model. (s, "column", x): rows of every model that has the column. */
#define amph_filter(s, T, f, x)                                                                  \
	amph_filter_set((s), &(const amph_filter)AMPH_FILTER(T, f, x))
#define amph_filter_every(s, name, x)                                                            \
	amph_filter_set((s), &(const amph_filter)AMPH_FILTER_EVERY(name, x))
#define amph_unfilter(s, T, f)                                                                   \
	amph_filter_drop((s), &(const amph_filter){ .model = &amph_model_##T, .offset = offsetof(T, f) })
#define amph_unfilter_every(s, name) amph_filter_drop((s), &(const amph_filter){ .column = name })
#endif

#ifdef __cplusplus
}
#endif
#endif
