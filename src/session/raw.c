/* Raw SQL. A database that speaks PostgreSQL's dialect gets the text as it is; for another it is
 * parsed, resolved over the models and written again, or refused. */
#include "../base/utf8.h"
#include "../base/ascii.h"
#include "../model/value.h"
#include "../sql/parse/params.h"
#include "../schema/names.h"
#include "control.h"
#include "rows.h"
#include <string.h>

typedef struct raw {
	amph_text_params params;
	amph_sqltype *types;            /* of the parameters: NONE is for the statement to say */
	const char *text;
	sql_stmt *stmt;                 /* where this database needs one */
} raw;

static bool is_native(const amph_session *s)
{
	return s->engine->dialect->flags & AMPH_DIALECT_NATIVE_TEXT;
}

static const amph_bound *bound_as(const amph_bound *binds, const char *name, size_t number)
{
	size_t i = 0;

	for (; binds && binds[i].name; i++)
		if (name ? !strcmp(binds[i].name, name) : i == number)
			return &binds[i];
	return NULL;
}

static size_t count_binds(const amph_bound *binds)
{
	size_t n = 0;

	while (binds && binds[n].name)
		n++;
	return n;
}

/* What to do about text that does not parse: a ? or %s of other libraries, statements for a script. */
static void hint(const raw *r, size_t n_binds, amph_error *err)
{
	if (strcmp(err->sqlstate, "42601"))
		return;
	if (n_binds > r->params.n)
		amph__error_hint(err, "a parameter is written :name or $1");
	else if (strstr(err->message, "multiple commands"))
		amph__error_hint(err, "amph_script runs many");
}

/* Text that does not parse is told first, on any database. */
static bool too_many(amph_session *s, const raw *r, size_t n, amph_error *err)
{
	amph_arena arena;
	amph_error syntax = { 0 };

	amph__arena_init(&arena, s->allocator);
	bool parsed = amph__parse_stmt(&arena, r->params.sql, &syntax);
	amph__arena_clear(&arena);
	if (!parsed && !strcmp(syntax.sqlstate, "42601")) {
		*err = syntax;
		hint(r, n, err);
		return false;
	}
	return amph__error(err, "07001", "%zu value%s bound to a statement of %zu parameter%s: a parameter "
			   "is written :name or $1", n, n == 1 ? " is" : "s are", r->params.n,
			   r->params.n == 1 ? "" : "s");
}

/* A text bind is a literal whose type the statement says, as it would be in quotes. */
static bool bind_all(amph_session *s, raw *r, const amph_bound *binds, amph_arg *args,
		     amph_error *err)
{
	for (size_t i = 0; i < r->params.n; i++) {
		const char *name = r->params.names ? r->params.names[i] : NULL;
		const amph_bound *b = bound_as(binds, name, i);

		if (!b && name)
			return amph__error(err, "07001", "no value is bound to parameter \":%s\"", name);
		if (!b)
			return amph__error(err, "07001", "no value is bound to parameter $%zu", i + 1);
		if (!amph__node_arg(&s->query, &b->value, NULL, &args[i], &r->types[i], err))
			return false;
		if (r->types[i].type == AMPH_T_TEXT)
			r->types[i].type = AMPH_T_NONE;
	}
	return count_binds(binds) <= r->params.n || too_many(s, r, count_binds(binds), err);
}

/* Where a statement begins; at the end of the text where there is none. */
static const char *begin_of(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n\f\v;");
		if (!strncmp(text, "--", 2))
			text += strcspn(text, "\n");
		else if (!strncmp(text, "/*", 2))
			text = amph__skip_comment(text);
		else
			return text;
	}
}

/* Whether its first word is one of these, the last of which is NULL. */
static bool begins_with(const char *text, const char *const *words)
{
	text = begin_of(text);
	for (size_t i = 0; words[i]; i++) {
		size_t n = strlen(words[i]);

		if (amph__ascii_begins(text, words[i], n) &&
		    !strchr("abcdefghijklmnopqrstuvwxyz_", text[n] | 0x20))
			return true;
	}
	return false;
}

/* Whether a statement may be one that begins or ends the transaction. */
static bool may_control(const char *text)
{
	static const char *const words[] = { "begin", "start", "commit", "end", "rollback", "abort",
					     "savepoint", "release", "prepare", NULL };

	return begins_with(text, words);
}

static uint32_t setting_flag(const char *text)
{
	static const char *const words[] = { "set", "show", "reset", NULL };

	return begins_with(text, words) ? AMPH_CODE_SETTING : 0;
}

static amph_param *params_of(amph_arena *arena, const raw *r)
{
	amph_param *params = AMPH_NEWS(arena, amph_param, r->params.n + 1);
	amph_sqltype *types = amph__arena_copy(arena, r->types, (r->params.n + 1) * sizeof *types);

	for (size_t i = 0; params && types && i < r->params.n; i++)
		params[i] = (amph_param){ AMPH_PARAM_VALUE, 1, &types[i] };
	return types ? params : NULL;
}

static amph_code *native_code(amph_arena *arena, const raw *r, amph_error *err)
{
	amph_code *code = amph__code_of_text(arena, r->params.sql,
					     AMPH_CODE_DESCRIBE | AMPH_CODE_ONCE |
						     setting_flag(r->params.sql), err);

	if (!code)
		return NULL;
	code->n_params = r->params.n;
	code->params = params_of(arena, r);
	if (code->params)
		return code;
	amph__error_nomem(err);
	return NULL;
}

amph_names *amph__session_names(amph_session *s, bool writes, amph_error *err)
{
	if (!s->names) {
		s->names = amph__alloc_zero(s->allocator, sizeof *s->names);
		if (!s->names) {
			amph__error_nomem(err);
			return NULL;
		}
		amph__names_init(s->names, s->allocator, &s->engine->registry->names);
	}
	return amph__names_refresh(s->names, s->conn, writes, err) ? s->names : NULL;
}

static bool may_be_stale(const amph_error *err)
{
	return !strcmp(err->sqlstate, "42704") || !strcmp(err->sqlstate, "42P01");
}

static amph_code *compile(amph_arena *arena, amph_session *s, const raw *r, amph_names *names,
			  amph_error *err)
{
	sql_stmt *stmt = r->stmt;

	for (size_t i = 0; i < stmt->n_params && i < r->params.n; i++)
		if (r->types[i].type != AMPH_T_NONE)
			stmt->params[i] = (amph_param){ AMPH_PARAM_VALUE, 1, &r->types[i] };
	amph_code *code = amph__compile(arena, s->engine->dialect, stmt, &names->names, err);
	if (code)
		code->flags |= AMPH_CODE_ONCE | AMPH_CODE_WRITTEN;
	else if (names->error.status != AMPH_OK)
		*err = names->error;
	return code;
}

/* A type that another connection has made does not show in the version of the schema: what is not
 * found is looked for once more. */
static amph_code *translated_code(amph_arena *arena, amph_session *s, raw *r, amph_error *err)
{
	bool writes = r->stmt->kind != SQL_STMT_SELECT;
	amph_names *names = amph__session_names(s, writes, err);
	amph_code *code = names ? compile(arena, s, r, names, err) : NULL;

	if (code || !names || !may_be_stale(err))
		return code;
	amph__names_forget(names);
	names = amph__session_names(s, writes, err);
	r->stmt = names ? amph__parse_stmt(arena, r->params.sql, err) : NULL;
	return r->stmt ? compile(arena, s, r, names, err) : NULL;
}

static bool parse_enum(const amph_sqltype *want, const char *text, unsigned *out, amph_error *err)
{
	for (size_t i = 0; i < want->enumeration->n_labels; i++) {
		if (!strcmp(want->enumeration->labels[i], text)) {
			*out = (unsigned)i;
			return true;
		}
	}
	return amph__error(err, "22P02", "invalid input value for enum %s", want->enumeration->name);
}

/* Reads a text argument as a value of another type. */
static bool text_arg(amph_session *s, const amph_sqltype *want, amph_arg *arg, amph_error *err)
{
	amph_arena *arena = &s->query.values;
	const char *text = *(const char *const *)amph__slot_value(arg->slots, arg->base);
	amph_slot *slot = AMPH_NEW(arena, amph_slot);
	void *value = amph__arena_zero(arena, 64);
	size_t len = strlen(text);
	bool ok;

	if (!slot || !value)
		return amph__error_nomem(err);
	if (want->type & AMPH_T_ARRAY)
		ok = amph__array_parse(want->type & ~AMPH_T_ARRAY, want->enumeration, text, len, value,
				       arena, err);
	else if (want->type == AMPH_T_ENUM)
		ok = parse_enum(want, text, value, err);
	else if (want->type == AMPH_T_INTERVAL)
		ok = amph__interval_read_fields(text, len, (unsigned)want->scale, value, err);
	else
		ok = amph__types[want->type].parse &&
		     amph__types[want->type].parse(text, len, value, arena, err);
	*slot = (amph_slot){ .type = want->type, .enumeration = want->enumeration };
	arg->slots = slot;
	arg->base = value;
	return ok;
}

/* What the statement made of a text bind, the bind becomes. */
static bool convert_args(amph_session *s, const amph_code *code, amph_arg *args, size_t n,
			 const raw *r, amph_error *err)
{
	for (size_t i = 0; i < n && i < code->n_params; i++) {
		const amph_sqltype *want = code->params[i].types;

		if (r->types[i].type != AMPH_T_NONE || want->type == AMPH_T_NONE ||
		    want->type == AMPH_T_TEXT || args[i].slots[0].type != AMPH_T_TEXT ||
		    amph__slot_is_null(args[i].slots, args[i].base))
			continue;
		if (!text_arg(s, want, &args[i], err))
			return false;
	}
	return true;
}

static bool run(amph_session *s, amph_rows *rows, const amph_code *code, const amph_arg *args,
		amph_error *err)
{
	amph_result result;

	if (!amph__execute(s->conn, code, args, &result, err))
		return false;
	bool ok = amph__rows_take(rows, &result, true, err);
	s->wrote |= result.affected > 0 && !result.has_rows;
	amph__finish(s->conn, &result);
	return ok && amph__rows_name_types(rows, err);
}

/* A statement alone is begun by the server itself: some may not be within a transaction. */
static bool connect(amph_session *s, bool native, amph_error *err)
{
	if (native && s->autocommit && !s->in_block && !s->level)
		return amph__session_link(s, err) != NULL;
	return amph__session_conn(s, err) != NULL;
}

/* Within a transaction, which may be rolled back: a number that was set is not. */
static bool may_be_within(const sql_stmt *stmt, amph_error *err)
{
	if (stmt->concurrently)
		return amph__error(err, "25001", "%s INDEX CONCURRENTLY cannot run inside a transaction "
				   "block",
				   stmt->kind == SQL_STMT_DROP_INDEX ? "DROP" : "CREATE");
	if (stmt->kind == SQL_STMT_ALTER_ENUM)
		return amph__error(err, "0A000", "ALTER TYPE ... ADD VALUE within a transaction is not "
				   "supported");
	if (stmt->kind == SQL_STMT_ALTER_SEQUENCE && stmt->sequence->has_restart)
		return amph__error(err, "0A000", "ALTER SEQUENCE ... RESTART WITH within a transaction "
				   "is not supported");
	return true;
}

static sql_expr *constant_of(amph_arena *arena, const amph_sqltype *type, const amph_arg *arg)
{
	sql_expr *e = sql_const(arena, AMPH_T_NONE, NULL);
	amph_buf text;

	if (!e)
		return NULL;
	e->type = *type;
	if (amph__slot_is_null(arg->slots, arg->base))
		return e;
	amph__buf_init(&text, arena->allocator);
	amph__slot_format(arg->slots, arg->base, &text);
	e->text = text.failed ? NULL : amph__arena_text(arena, text.text, text.len);
	amph__buf_clear(&text);
	return e->text ? e : NULL;
}

/* Of what runs in pieces the values are part. */
static bool give_values(amph_rows *rows, raw *r, const amph_arg *args, amph_error *err)
{
	sql_list *given = &r->stmt->given;

	given->items = AMPH_NEWS(&rows->arena, sql_expr *, r->params.n + 1);
	for (; given->items && given->n < r->params.n; given->n++) {
		given->items[given->n] = constant_of(&rows->arena, &r->types[given->n], &args[given->n]);
		if (!given->items[given->n])
			return amph__error_nomem(err);
	}
	return given->items || amph__error_nomem(err);
}

static bool define(amph_session *s, amph_rows *rows, raw *r, const amph_arg *args, amph_error *err)
{
	amph_names *names = amph__session_names(s, true, err);

	if (names && (s->in_block || !s->autocommit) && !may_be_within(r->stmt, err))
		return false;
	if (r->stmt->n_params && !give_values(rows, r, args, err))
		return false;
	if (!names || !amph__ddl_run(names, s->conn, s->engine->dialect, r->stmt, rows->command,
				     sizeof rows->command, &rows->affected, err))
		return false;
	s->wrote |= rows->affected > 0;
	return true;
}

static bool execute(amph_session *s, amph_rows *rows, raw *r, const amph_bound *binds, amph_error *err)
{
	bool native = is_native(s);

	amph__arena_reset(&s->query.values);
	r->types = AMPH_NEWS(&rows->arena, amph_sqltype, r->params.n + 1);
	amph_arg *args = AMPH_NEWS(&rows->arena, amph_arg, r->params.n + 1);
	if (!r->types || !args)
		return amph__error_nomem(err);
	if (!amph__flush(s, err) || !bind_all(s, r, binds, args, err) || !connect(s, native, err))
		return false;
	if (!native && r->stmt->kind >= SQL_STMT_CREATE_TABLE)
		return define(s, rows, r, args, err);
	amph_code *code = native ? native_code(&rows->arena, r, err)
				 : translated_code(&rows->arena, s, r, err);
	return code && (native || convert_args(s, code, args, r->params.n, r, err)) &&
	       run(s, rows, code, args, err);
}

/* The tree of a statement that this database needs one for; of any that may be control. */
static bool parse(amph_session *s, amph_rows *rows, raw *r, const char *text, amph_error *err)
{
	amph_error ignored;     /* of what is native: the server says it better */

	if (!is_native(s)) {
		r->stmt = amph__parse_stmt(&rows->arena, r->params.sql, err);
		return r->stmt != NULL;
	}
	if (may_control(text))
		r->stmt = amph__parse_stmt(&rows->arena, r->params.sql, &ignored);
	return true;
}

static bool run_text(amph_session *s, amph_rows *rows, const char *text, const amph_bound *binds,
		     bool named, amph_error *err);

/* Of a text without a statement: a comment has to end. */
static bool is_empty(amph_rows *rows, const char *text, amph_error *err)
{
	sql_piece *pieces;
	size_t n;

	return amph__parse_split(&rows->arena, text, &pieces, &n, err);
}

/* SHOW is a query of a constant. */
static bool show(amph_session *s, amph_rows *rows, const char *name, amph_error *err)
{
	amph_setting found;
	const char *text;

	if (!amph__session_is_own(s, err) || !amph__session_show(s, name, &found, err))
		return false;
	text = amph__arena_printf(&rows->arena, "SELECT '%s'::text AS \"%s\"", found.value, found.name);
	if (!text)
		return amph__error_nomem(err);
	if (!run_text(s, rows, text, NULL, false, err))
		return false;
	amph__copy_text(rows->command, sizeof rows->command, "SHOW");
	return true;
}

static bool run_text(amph_session *s, amph_rows *rows, const char *text, const amph_bound *binds,
		     bool named, amph_error *err)
{
	raw r = { .text = text };

	if (named ? !amph__params_of(&rows->arena, text, &r.params, err) : false)
		return false;
	if (!named)
		r.params.sql = text;
	if (!is_native(s) && !*begin_of(text) && !count_binds(binds))
		return is_empty(rows, text, err);
	if (!parse(s, rows, &r, text, err)) {
		hint(&r, count_binds(binds), err);
		return false;
	}
	if (r.stmt && r.stmt->kind == SQL_STMT_CONTROL && r.stmt->control->kind == SQL_SHOW)
		return show(s, rows, r.stmt->control->name, err);
	if (r.stmt && r.stmt->kind == SQL_STMT_CONTROL)
		return amph__session_control(s, r.stmt->control, rows->command, sizeof rows->command,
					     err);
	if (!amph__session_may_run(s, err))
		return false;
	if (execute(s, rows, &r, binds, err))
		return true;
	hint(&r, 0, err);
	return false;
}

/* Where each statement is a transaction: ends that of this one. The error stays that of the
 * statement, and the session goes on. */
static bool end_alone(amph_session *s, bool ok, amph_error *err)
{
	if (ok && amph_commit(s))
		return true;
	if (ok)
		*err = s->error;
	amph_rollback(s);
	s->error = *err;
	return false;
}

static bool is_text(const char *sql, amph_error *err)
{
	return sql || amph__error_misuse(err, "the text of the statement is NULL");
}

static amph_rows *run_one(amph_session *s, const char *text, const amph_bound *binds, bool named)
{
	amph_error err = { 0 };
	bool fine = amph__session_is_own(s, &err) && is_text(text, &err);
	amph_rows *rows = fine ? amph__rows_new(s, &err) : NULL;
	bool ok = rows && run_text(s, rows, text, binds, named, &err);

	if (!s)
		return NULL;
	if (rows && s->autocommit && !s->in_block)
		ok = end_alone(s, ok, &err);
	else if (!ok)
		amph__session_error(s, &err);
	if (ok)
		return rows;
	amph__rows_free(rows);
	return NULL;
}

amph_rows *amph_do_sql(amph_session *s, const char *sql, const amph_bound *binds)
{
	return run_one(s, sql, binds, true);
}

/* ---- scripts ---- */

/* A position within one statement, in the whole text. */
static void move_position(amph_session *s, const char *text, size_t at)
{
	if (s->error.position > 0)
		s->error.position += (int)amph__utf8_count(text, at);
}

static bool run_pieces(amph_session *s, amph_arena *arena, const char *text, const sql_piece *pieces,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *piece = amph__arena_text(arena, text + pieces[i].at, pieces[i].len);
		amph_rows *rows = piece ? run_one(s, piece, NULL, false) : NULL;
		amph_error err;

		if (!piece) {
			amph__error_nomem(&err);
			return amph__session_error(s, &err);
		}
		if (!rows) {
			move_position(s, text, pieces[i].at);
			return false;
		}
		amph__rows_free(rows);
	}
	return true;
}

bool amph_script(amph_session *s, const char *sql)
{
	amph_error err = { 0 };
	sql_piece *pieces;
	amph_arena arena;
	size_t n;

	if (!s)
		return false;
	amph__arena_init(&arena, s->allocator);
	bool ok = amph__session_is_own(s, &err) && is_text(sql, &err) &&
		  amph__parse_split(&arena, sql, &pieces, &n, &err);
	if (!ok) {
		amph__session_error(s, &err);
		s->failed &= !s->autocommit || s->in_block;
	} else {
		ok = run_pieces(s, &arena, sql, pieces, n);
	}
	amph__arena_clear(&arena);
	return ok;
}
