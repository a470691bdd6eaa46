/* Arrays of any dimensions in their text form. */
#ifndef AMPH_SQLITE_MATRIX_H
#define AMPH_SQLITE_MATRIX_H
#include "array.h"

/* false: the error is raised. */
bool amph__sl_matrix_arg(sl_call *c, int i, amph_matrix *out);
void amph__sl_matrix_result(sl_call *c, const amph_matrix *m);
#endif
