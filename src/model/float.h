/* Binary floating point and its decimal text, exact in both directions and whatever the locale:
 * the nearest number of a text, the shortest text of a number. */
#ifndef AMPH_MODEL_FLOAT_H
#define AMPH_MODEL_FLOAT_H
#include "decimal.h"

#define AMPH_FLOAT_TEXT_MAX 32

/* PostgreSQL's text with extra_float_digits 1; no NUL; returns the length. */
size_t amph__double_put(double value, char out[AMPH_FLOAT_TEXT_MAX]);
size_t amph__float_put(float value, char out[AMPH_FLOAT_TEXT_MAX]);
/* Rounded to so many significant digits (17 at most), as printf's %.*g; finite numbers only. */
size_t amph__double_put_rounded(double value, int n_digits, char out[AMPH_FLOAT_TEXT_MAX]);
/* The nearest; too large is infinite, too small is zero. */
double amph__numeral_to_double(const amph_numeral *n);
float amph__numeral_to_float(const amph_numeral *n);
bool amph__double_parse(const char *text, size_t len, double *out, amph_error *err);
#endif
