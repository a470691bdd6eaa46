/* SET and SHOW as text, where the database has no settings: those that answers depend on are what the
 * library says they are, and only that can be set; how PostgreSQL plans is nobody's business here. */
#include "control.h"
#include "../base/ascii.h"
#include <string.h>

/* spellings: other words for the value, each behind a bar. */
typedef struct fixed {
	const char *name, *shown, *value, *spellings;
} fixed;
static const fixed settings[] = {
	{ "bytea_output", "bytea_output", "hex", "|hex|" },
	{ "client_encoding", "client_encoding", "UTF8", "|utf8|utf-8|unicode|" },
	{ "datestyle", "DateStyle", "ISO, MDY", "|iso, mdy|iso,mdy|iso|mdy|us|" },
	{ "default_transaction_deferrable", "default_transaction_deferrable", "off", "|off|false|no|0|" },
	{ "default_transaction_isolation", "default_transaction_isolation", "read committed",
	  "|read committed|" },
	{ "default_transaction_read_only", "default_transaction_read_only", "off", "|off|false|no|0|" },
	{ "extra_float_digits", "extra_float_digits", "1", "|1|2|3|" },
	{ "integer_datetimes", "integer_datetimes", "on", "|" },
	{ "intervalstyle", "IntervalStyle", "postgres", "|postgres|" },
	{ "server_encoding", "server_encoding", "UTF8", "|" },
	{ "standard_conforming_strings", "standard_conforming_strings", "on", "|on|true|yes|1|" },
	{ "timezone", "TimeZone", "UTC", "|utc|" }
};

static const fixed *find(const char *name)
{
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		if (amph__ascii_same(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static bool is_spelled(const fixed *f, const char *value)
{
	size_t len = strlen(value);

	for (const char *p = f->spellings; p[1]; p += 1 + strcspn(p + 1, "|"))
		if (strcspn(p + 1, "|") == len && amph__ascii_begins(p + 1, value, len))
			return true;
	return false;
}

/* Whether and how the planner does things: of no meaning here, but they are booleans. */
static bool is_planning(const char *name)
{
	return amph__ascii_begins(name, "enable_", 7);
}

static bool is_boolean(const char *value)
{
	static const char *const words[] = { "on", "off", "true", "false", "yes", "no", "1", "0" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (amph__ascii_same(words[i], value))
			return true;
	return false;
}

/* ---- SHOW ---- */

static const char *word(bool on)
{
	return on ? "on" : "off";
}

bool amph__session_show(amph_session *s, const char *name, amph_setting *out, amph_error *err)
{
	bool own = s->begin == AMPH_BEGIN_READ_ONLY;
	const fixed *f = find(name);

	if (!amph__session_may_run(s, err))
		return false;
	if (f) {
		*out = (amph_setting){ f->shown, f->value };
	} else if (amph__ascii_same(name, "transaction_isolation")) {
		*out = (amph_setting){ "transaction_isolation", s->in_block && s->mode.isolation[0]
				       ? s->mode.isolation
				       : s->begin == AMPH_BEGIN_SERIALIZABLE ? "serializable"
				       : s->begin == AMPH_BEGIN_REPEATABLE ? "repeatable read"
				       : "read committed" };
	} else if (amph__ascii_same(name, "transaction_read_only")) {
		*out = (amph_setting){ "transaction_read_only", word(s->in_block ? s->mode.read_only : own) };
	} else if (amph__ascii_same(name, "transaction_deferrable")) {
		*out = (amph_setting){ "transaction_deferrable", word(s->in_block && s->mode.deferrable) };
	} else {
		return amph__error(err, "0A000", "SHOW of \"%s\" is not supported", name);
	}
	return true;
}

/* ---- SET ---- */

bool amph__session_set(amph_session *s, const sql_control *c, amph_error *err)
{
	const fixed *f = c->name ? find(c->name) : NULL;

	if (!amph__session_may_run(s, err))
		return false;
	if (c->kind == SQL_SET_TRANSACTION)
		return amph__session_set_mode(s, c, err);
	if (f ? !c->value || is_spelled(f, c->value)
	      : is_planning(c->name) && (!c->value || is_boolean(c->value)))
		return true;
	return amph__error(err, "0A000", "%s of \"%s\" to another value is not supported",
			   c->kind == SQL_SET ? "SET" : "RESET", c->name);
}
