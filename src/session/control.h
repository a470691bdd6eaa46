/* Transaction statements as text. Private to src/session. */
#ifndef AMPH_SESSION_CONTROL_H
#define AMPH_SESSION_CONTROL_H
#include "state.h"
#include "../sql/tree.h"

/* command is what was done: COMMIT of a failed transaction is "ROLLBACK". */
bool amph__session_control(amph_session *s, const sql_control *c, char *command, size_t size,
			   amph_error *err);
#endif
