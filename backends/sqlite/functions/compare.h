/* Comparing values of a type that is known by its name, as $d of the dialect's templates has it:
 * "numeric", or the labels of an enum. */
#ifndef AMPH_SQLITE_COMPARE_H
#define AMPH_SQLITE_COMPARE_H
#include "functions.h"

typedef struct sl_comparer {
	int type;                       /* amph_type */
	bool array;                     /* of elements of the type */
	bool padded;                    /* character(n): spaces behind do not count */
	amph_text_array labels;         /* of an enum */
	struct sl_comparer *columns;    /* of a row, "({int4,text})" */
	size_t n_columns;
	const amph_allocator *allocator;
} sl_comparer;

/* AMPH_T_NONE where there is no such type. */
int amph__sl_type_named(const char *name, size_t len);
/* Of a type or of the elements of "type[]". */
bool amph__sl_comparer_of(sl_call *c, const char *type, size_t len, sl_comparer *out);
/* Two arrays, as their texts; what is none sorts last. */
int amph__sl_compare_arrays(const sl_comparer *by, const char *a, size_t a_len, const char *b,
			    size_t b_len);
/* record.c: the comparers of the columns that an array lists; two rows as their texts. */
bool amph__sl_columns_of(sl_call *c, const char *types, size_t len, sl_comparer *out);
int amph__sl_compare_records(const sl_comparer *by, const char *a, size_t a_len, const char *b, size_t b_len);
/* Neither is NULL. */
int amph__sl_compare_values(const sl_comparer *by, sqlite3_value *a, sqlite3_value *b);
/* The same for two texts, elements of arrays. */
int amph__sl_compare_texts(const sl_comparer *by, const char *a, size_t a_len, const char *b,
			   size_t b_len);
#endif
