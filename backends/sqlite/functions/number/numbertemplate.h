/* What a template of to_char and to_number says about the number as a whole. Private to both. */
#ifndef AMPH_SQLITE_NUMBERTEMPLATE_H
#define AMPH_SQLITE_NUMBERTEMPLATE_H
#include "../../../../src/model/decimal.h"
#include "../time/template.h"

typedef enum sl_sign_place { SL_SIGN_NONE, SL_SIGN_BEFORE, SL_SIGN_AFTER } sl_sign_place;

typedef struct sl_number_shape {
	int pre, post, multi;           /* digits before and after the point, and beyond V */
	int zero_start, zero_end;       /* between which 0 stands */
	sl_sign_place sign;                /* of S */
	int sign_pre;                   /* digits before S */
	bool decimal, zero, blank, fill, bracket, minus, plus, roman, exponent, multiply;
} sl_number_shape;

/* Reads argument 1; false: the error is raised, or memory has failed. */
bool amph__sl_number_template(sl_call *c, sl_template *t, sl_number_shape *s);
/* Multiplies by a power of ten, as V says; false: the error is raised. */
bool amph__sl_number_shift(sl_call *c, amph_decimal *d, int power);
#endif
