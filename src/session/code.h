/* The statements of the flush, one for each model, operation and set of columns. */
#ifndef AMPH_SESSION_CODE_H
#define AMPH_SESSION_CODE_H
#include "engine.h"

typedef enum amph_dml { AMPH_DML_INSERT, AMPH_DML_UPDATE, AMPH_DML_DELETE, AMPH_DML_SELECT } amph_dml;

enum { KEY_BY_KEY = 2 };
/* An update whose version counts up from that in the row; an update or delete that leaves alone a row of a
 * kind that the model's are not; an insert whose ids the library took from the sequence, which an identity
 * that is always the database's takes only so. */
enum { AMPH_DML_COUNTS = 1, AMPH_DML_OF_KIND = 2, AMPH_DML_NUMBERED = 4 };

/* What a statement does. rows: with one row set as its parameter, else with one value for each
 * column. The order of the row set's columns, and of the values: those of `columns` by number,
 * then the key columns (update, delete, select), then the columns to match, then the version
 * (update, delete). */
typedef struct amph_dml_key {
	uint16_t mapper;
	uint8_t op;                     /* amph_dml */
	uint8_t rows;                   /* KEY_BY_KEY: a row set of one, with AMPH_CODE_NEXT */
	uint32_t counts;                /* AMPH_DML_COUNTS, ...; 32 bits: the key is compared as bytes */
	amph_column_set columns;        /* insert: given; update: set */
	amph_column_set returning;      /* insert, update: read back, by number; select: what is read */
	amph_column_set match;          /* update, delete: equal beside the key; select: instead of it */
	amph_column_set beside, nulls;  /* select: equal, and NULL, beside the key; the former after it */
} amph_dml_key;

/* Of an insert of these columns: which of them is the identity (amph_arg.identity). */
void amph__name_identity(const amph_mapper *m, const amph_column_set *columns, amph_arg *arg);
/* "schema.table", or the table alone, as drivers want it; NULL without memory. */
const char *amph__table_name(amph_arena *arena, const amph_mapper *m);
const amph_code *amph__dml_code(amph_engine *engine, const amph_dml_key *key, amph_error *err);
/* The same of one session: columns that take numbers of sequences, which are known to no engine, are
 * inserted by a statement that the arena has. */
const amph_code *amph__dml_code_in(struct amph_session *s, const amph_dml_key *key, amph_arena *arena,
				   amph_error *err);
#endif
