/* What the calls on arrays of structs share. Private to src/session. */
#ifndef AMPH_SESSION_BULK_H
#define AMPH_SESSION_BULK_H
#include "state.h"

#define AMPH_BULK_ROWS 1000     /* of a statement */
typedef struct amph_bulk {
	amph_session *s;
	const amph_mapper *m;
	const amph_select *how;         /* never NULL */
	const char *call;               /* for messages */
	amph_column_set given;          /* named, or all */
	amph_column_set columns;        /* sent */
	amph_column_set match;          /* by which a row is found beside its key, or instead of it */
	amph_column_set back;           /* filled into the program's rows */
	bool plain;                     /* all values are, as amph__slot_is_plain has it */
	bool copies;                    /* rows are copied first, to be completed */
	const amph_row_filter *filter;
	bool ids;                       /* the library numbers the rows, */
	amph_column_set unset;          /* of the key: the database's to give where they are zero or NULL */
	amph_column_set made;           /* of the key: defaults that are taken before */
	int64_t affected;
	amph_error *err;
} amph_bulk;

/* Works on n rows, copies where b->copies, of which the first is the at-th of the program's. */
typedef bool amph_bulk_fn(amph_bulk *b, char *rows, size_t n, size_t at);

/* ---- bulk.c ---- */
/* The columns of .only, or all but those that .only alone may name. */
bool amph__bulk_open(amph_bulk *b, const amph_model *model, const void *rows, size_t n,
		     amph_error *err);
bool amph__bulk_copies(amph_bulk *b, const char *rows, size_t n, amph_bulk_fn *work);
/* Whether the row may be sent. take: and its values become what their columns keep of them. */
bool amph__bulk_check(const amph_bulk *b, const char *row, amph_event_kind kind);
bool amph__bulk_take(const amph_bulk *b, char *row, amph_event_kind kind);
/* Whether a value has to be made what its column keeps of it: see amph__slot_fit. */
bool amph__bulk_unfit(amph_bulk *b, const char *rows, size_t n);
/* No two rows are equal in the columns; those with a NULL are equal to none. */
bool amph__bulk_differ(amph_bulk *b, const amph_column_set *columns, const char *rows, size_t n);
/* Of the copies into the program's rows. */
void amph__bulk_back(const amph_bulk *b, const char *copies, size_t n, size_t at);

/* ---- bulk_back.c ---- */
/* Inserts the rows one by one, each with what the database filled in, its key too. */
bool amph__bulk_make(amph_bulk *b, char *rows, size_t n, const amph_column_set *wanted);
/* Reads the columns that the database filled of the rows into the copies. */
bool amph__bulk_read(amph_bulk *b, char *rows, size_t n, const amph_column_set *wanted);
#endif
