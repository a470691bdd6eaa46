/* Transaction statements as text: what they mean for the session, which alone begins and ends
 * transactions. */
#include "control.h"
#include <string.h>

#define NAME_SIZE 64                    /* PostgreSQL's */

/* A savepoint that text has named: the session's own have a level only. */
typedef struct amph_named_savepoint {
	uint32_t level;
	char name[NAME_SIZE];
} amph_named_savepoint;

static const char *const commands[] = {
	[SQL_BEGIN] = "BEGIN", [SQL_START] = "START TRANSACTION", [SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK", [SQL_SAVEPOINT] = "SAVEPOINT", [SQL_RELEASE] = "RELEASE",
	[SQL_ROLLBACK_TO] = "ROLLBACK", [SQL_SET_TRANSACTION] = "SET", [SQL_SET] = "SET",
	[SQL_RESET] = "RESET"
};

/* What a call of the session's has found, which has kept it already. */
static bool told(const amph_session *s, amph_error *err)
{
	*err = s->error;
	return false;
}

/* ---- BEGIN, COMMIT, ROLLBACK ---- */

/* Whether the database has levels of isolation to choose from: another has the strongest only. */
static bool has_levels(const amph_session *s)
{
	return s->engine->dialect->flags & AMPH_DIALECT_NATIVE_TEXT;
}

static amph_begin begin_of(const amph_session *s, const sql_control *c)
{
	amph_begin level = c->serializable ? AMPH_BEGIN_SERIALIZABLE
		: c->repeatable ? AMPH_BEGIN_REPEATABLE : s->begin;

	return c->read_only && (!has_levels(s) || level == s->begin) ? AMPH_BEGIN_READ_ONLY : level;
}

/* What there is no way of beginning for is said to the transaction. */
static bool say_rest(amph_session *s, const sql_control *c, amph_begin how, amph_error *err)
{
	bool read_only = c->read_only && how != AMPH_BEGIN_READ_ONLY;

	if (!has_levels(s) || (!read_only && !c->deferrable))
		return true;
	return amph__run_setting(s->conn, !c->deferrable ? "SET TRANSACTION READ ONLY"
				 : read_only ? "SET TRANSACTION READ ONLY, DEFERRABLE"
					     : "SET TRANSACTION DEFERRABLE", err);
}

static bool begin(amph_session *s, const sql_control *c, amph_error *err)
{
	amph_begin how = begin_of(s, c);

	if (!amph__session_may_run(s, err))
		return false;
	if (!amph__session_conn(s, err))
		return false;
	if (how != s->begin && amph__tx_is_sent(s->conn))
		return amph__error(err, "25001", "the mode of a transaction must be set before its "
				   "first statement");
	amph__tx_begin(s->conn, how);
	s->in_block = true;
	s->mode = (amph_tx_mode){ .read_only = c->read_only || how == AMPH_BEGIN_READ_ONLY,
				  .deferrable = c->deferrable };
	amph__copy_text(s->mode.isolation, sizeof s->mode.isolation, c->isolation ? c->isolation : "");
	return say_rest(s, c, how, err);
}

/* The next transaction is as this one was. */
static sql_control same_mode(const amph_tx_mode *mode)
{
	return (sql_control){ .kind = SQL_BEGIN, .isolation = mode->isolation[0] ? mode->isolation : NULL,
			      .read_only = mode->read_only, .deferrable = mode->deferrable,
			      .repeatable = !strcmp(mode->isolation, "repeatable read"),
			      .serializable = !strcmp(mode->isolation, "serializable") };
}

static bool chain(amph_session *s, const sql_control *c, const amph_tx_mode *mode, amph_error *err)
{
	const sql_control next = same_mode(mode);

	return !c->chain || begin(s, &next, err);
}

/* Before the first statement the transaction begins anew; what has been asked stays as it was. */
bool amph__session_set_mode(amph_session *s, const sql_control *c, amph_error *err)
{
	const amph_tx_mode none = { .read_only = s->begin == AMPH_BEGIN_READ_ONLY };
	const amph_tx_mode was = s->in_block ? s->mode : none;
	sql_control next = same_mode(&was);
	bool asked;

	if (!s->in_block && s->autocommit)
		return true;
	asked = s->level && amph__tx_is_sent(s->conn);
	if (asked && (c->isolation || (c->has_access && !c->read_only && was.read_only)))
		return amph__error(err, "25001", c->isolation
				   ? "SET TRANSACTION ISOLATION LEVEL must be called before any query"
				   : "transaction read-write mode must be set before any query");
	if (asked && c->has_access && c->read_only && !was.read_only)
		return amph__error(err, "0A000", "SET TRANSACTION READ ONLY after the first statement is not "
				   "supported");
	if (asked && c->has_deferrable)
		return amph__error(err, "25001", "SET TRANSACTION [NOT] DEFERRABLE must be called before any "
				   "query");
	if (c->isolation) {
		next.isolation = c->isolation;
		next.serializable = c->serializable;
		next.repeatable = c->repeatable;
	}
	next.read_only = c->has_access ? c->read_only : was.read_only;
	next.deferrable = c->has_deferrable ? c->deferrable : was.deferrable;
	return asked || begin(s, &next, err);
}

static bool commit(amph_session *s, const sql_control *c, const char **command, amph_error *err)
{
	const amph_tx_mode mode = s->mode;
	bool failed = s->failed;

	if (c->chain && !s->in_block && s->autocommit)
		return amph__error(err, "25P01", "COMMIT AND CHAIN can only be used in transaction blocks");
	if (failed) {
		amph_rollback(s);
		*command = "ROLLBACK";
	} else if (!amph_commit(s)) {
		amph_error why = s->error;

		if (s->autocommit)
			amph_rollback(s);
		s->error = why;
		return told(s, err);
	}
	return chain(s, c, &mode, err);
}

static bool roll_back(amph_session *s, const sql_control *c, amph_error *err)
{
	const amph_tx_mode mode = s->mode;

	if (c->chain && !s->in_block && s->autocommit)
		return amph__error(err, "25P01",
				   "ROLLBACK AND CHAIN can only be used in transaction blocks");
	amph_rollback(s);
	return chain(s, c, &mode, err);
}

/* ---- savepoints ---- */

static bool savepoint(amph_session *s, const char *name, amph_error *err)
{
	void *names = s->savepoints;

	if (!amph__grow(s->allocator, &names, &s->savepoints_cap, s->n_savepoints + 1,
			sizeof *s->savepoints))
		return amph__error_nomem(err);
	s->savepoints = names;
	if (!amph_savepoint(s))
		return told(s, err);
	amph_named_savepoint *named = &s->savepoints[s->n_savepoints++];
	named->level = s->level;
	amph__copy_text(named->name, sizeof named->name, name);
	return true;
}

/* Those that the session's own calls have ended since are not there any more. */
static void drop_ended(amph_session *s)
{
	while (s->n_savepoints && s->savepoints[s->n_savepoints - 1].level > s->level)
		s->n_savepoints--;
}

static uint32_t level_of(amph_session *s, const char *name, amph_error *err)
{
	drop_ended(s);
	for (size_t i = s->n_savepoints; i-- > 0;)
		if (!strncmp(s->savepoints[i].name, name, NAME_SIZE - 1))
			return s->savepoints[i].level;
	amph__error(err, "3B001", "savepoint \"%s\" does not exist", name);
	return 0;
}

static bool release(amph_session *s, const char *name, amph_error *err)
{
	uint32_t level = level_of(s, name, err);

	while (level && s->level >= level)
		if (!amph_release_savepoint(s))
			return told(s, err);
	drop_ended(s);
	return level > 0;
}

/* The savepoint stays, as in SQL. */
static bool roll_back_to(amph_session *s, const char *name, amph_error *err)
{
	uint32_t level = level_of(s, name, err);
	char kept[NAME_SIZE];

	if (!level)
		return false;
	amph__copy_text(kept, sizeof kept, name);
	while (s->level >= level)
		if (!amph_rollback_to(s))
			return told(s, err);
	drop_ended(s);
	return savepoint(s, kept, err);
}

static bool in_savepoints(amph_session *s, const sql_control *c, amph_error *err)
{
	if (s->autocommit && !s->in_block)
		return amph__error(err, "25P01", "%s can only be used in transaction blocks",
				   c->kind == SQL_SAVEPOINT ? "SAVEPOINT"
				   : c->kind == SQL_RELEASE ? "RELEASE SAVEPOINT"
				   : "ROLLBACK TO SAVEPOINT");
	if (c->kind == SQL_ROLLBACK_TO)
		return roll_back_to(s, c->name, err);
	if (!amph__session_may_run(s, err))
		return false;
	return c->kind == SQL_SAVEPOINT ? savepoint(s, c->name, err) : release(s, c->name, err);
}

bool amph__session_control(amph_session *s, const sql_control *c, char *command, size_t size,
			   amph_error *err)
{
	const char *done = commands[c->kind];
	bool ok;

	if (!amph__session_is_own(s, err))
		return false;
	switch (c->kind) {
	case SQL_BEGIN:
	case SQL_START:
		ok = begin(s, c, err);
		break;
	case SQL_COMMIT:
		ok = commit(s, c, &done, err);
		break;
	case SQL_ROLLBACK:
		ok = roll_back(s, c, err);
		break;
	case SQL_SET_TRANSACTION:
	case SQL_SET:
	case SQL_RESET:
		ok = amph__session_set(s, c, err);
		break;
	default:
		ok = in_savepoints(s, c, err);
	}
	amph__copy_text(command, size, done);
	return ok;
}
