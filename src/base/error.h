/* Filling amph_error. The layer that finds an error writes it; the ones above may add context
 * once. All accept err NULL and return false, so that "return amph__error(...)" reads well. */
#ifndef AMPH_BASE_ERROR_H
#define AMPH_BASE_ERROR_H
#include "amphora/error.h"
#include <stdarg.h>

/* Resets *err and sets SQLSTATE, the status that follows from it, retryable, message. */
bool amph__error(amph_error *err, const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool amph__error_nomem(amph_error *err);        /* 53200 */
bool amph__error_misuse(amph_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));  /* AMPH_E_MISUSE, SQLSTATE HV010 */
/* Puts "context: " before the message. */
void amph__error_context(amph_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Puts ": hint" behind it; what to do. */
void amph__error_hint(amph_error *err, const char *hint);
void amph__error_names(amph_error *err, const char *table, const char *column,
		       const char *constraint);         /* NULL leaves one as it is */
/* A message that says which text is no value of a type (class 22), or no tsquery, keeps it for detail:
 * programs log messages. 'invalid input syntax for type date: "x"'; 'value "x" is out of range'. */
void amph__error_withhold(amph_error *err);
void amph__error_clear(amph_error *err);
amph_status amph__status_of(const char *sqlstate);
/* Copies src cut to fit at a boundary of a UTF-8 character. */
void amph__copy_text(char *dst, size_t size, const char *src);
#endif
