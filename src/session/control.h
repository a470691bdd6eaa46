/* Transaction statements as text. Private to src/session. */
#ifndef AMPH_SESSION_CONTROL_H
#define AMPH_SESSION_CONTROL_H
#include "state.h"
#include "../sql/tree.h"

/* command is what was done: COMMIT of a failed transaction is "ROLLBACK". */
bool amph__session_control(amph_session *s, const sql_control *c, char *command, size_t size,
			   amph_error *err);
/* setting.c: the value of a setting as SHOW has it, and its name; false: 0A000 or 25P02. */
typedef struct amph_setting {
	const char *name, *value;
} amph_setting;
bool amph__session_show(amph_session *s, const char *name, amph_setting *out, amph_error *err);
bool amph__session_set(amph_session *s, const sql_control *c, amph_error *err);
/* control.c: what SET TRANSACTION says. */
bool amph__session_set_mode(amph_session *s, const sql_control *c, amph_error *err);
#endif
