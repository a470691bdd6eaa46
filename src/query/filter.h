/* The filters of an engine or a session, by model; see amphora/filter.h. */
#ifndef AMPH_QUERY_FILTER_H
#define AMPH_QUERY_FILTER_H
#include "query.h"
#include "amphora/filter.h"

/* Of one model: the columns that rows are filtered by. */
typedef struct amph_row_filter {
	amph_column_set columns;
	amph_column_set nulls;          /* of these: without a value */
	amph_column_set required;       /* by the engine: never without a filter */
	amph_column_set missing;        /* of the required: the session has not said which value */
	void *values;                   /* a struct of the model that has the others' */
} amph_row_filter;

struct amph_filters {
	amph_arena arena;
	amph_row_filter **rows;         /* by ordinal of the model; NULL: all rows */
};

bool amph__filters_init(amph_filters *f, const amph_registry *r, const amph_allocator *a);
bool amph__filters_copy(amph_filters *to, const amph_filters *from, const amph_registry *r);
bool amph__filters_change(amph_filters *f, amph_query_buf *b, const amph_filter *filter, bool drop,
			  amph_error *err);
/* What is in force for a model; NULL: nothing. false: a value that is required is missing. */
bool amph__filter_of(const amph_query_buf *b, const amph_mapper *m, const amph_row_filter **out,
		     amph_error *err);
/* Whether there are any; most sessions have none. */
static inline bool amph__has_filters(const amph_query_buf *b)
{
	return b->filters && !b->unfiltered;
}
bool amph__filter_has(const amph_row_filter *row, const amph_mapper *m, const void *members);
#endif
