/* Entry points of the parser, its errors, and lists of names. */
#include "parse.h"
#include "../../base/utf8.h"
#include "pg_query.h"
#include <stdio.h>
#include <string.h>

/* Behind an expression: the new line ends a comment. */
#define EXPRESSION_END "\n)"

/* ---- memory: libpg_query's tree lives in an arena that goes with the parser ---- */

static void *tree_alloc(void *arena, size_t size)
{
	return amph__arena_alloc(arena, size);
}

static void tree_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

ProtobufCAllocator amph__parse_memory(amph_arena *arena)
{
	return (ProtobufCAllocator){ .alloc = tree_alloc, .free = tree_free,
				     .allocator_data = arena };
}

/* ---- errors ---- */

int amph__parse_location(const sql_parser *p, int location)
{
	return location >= (int)p->shift ? location - (int)p->shift : -1;
}

/* Characters from 1 in the user's text; 0 where it is not within. */
static int position_of(const sql_parser *p, int location)
{
	int at = amph__parse_location(p, location);

	return at < 0 ? 0 : (int)amph__utf8_count(p->text + p->shift, (size_t)at) + 1;
}

void *amph__parse_fail(sql_parser *p, int location, const char *sqlstate, const char *format, ...)
{
	char message[sizeof(((amph_error *)0)->message)];
	va_list args;

	if (p->failed || p->arena->failed)      /* what is missing for lack of memory is no mistake */
		return NULL;
	p->failed = true;
	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);        /* cut is fine */
	va_end(args);
	amph__error(p->err, sqlstate, "%s", message);
	if (p->err)
		p->err->position = position_of(p, location);
	return NULL;
}

void *amph__parse_refuse(sql_parser *p, int location, const char *construct)
{
	int at = position_of(p, location);

	if (at > 0)
		return amph__parse_fail(p, location, "0A000", "%s is not supported (at character %d)",
					construct, at);
	return amph__parse_fail(p, location, "0A000", "%s is not supported", construct);
}

/* ---- names ---- */

char *amph__parse_text(sql_parser *p, const char *text)
{
	return text && *text ? amph__arena_text(p->arena, text, strlen(text)) : NULL;
}

static const char *name_at(pg_node *const *names, size_t i)
{
	return names[i]->node_case == PG_QUERY__NODE__NODE_STRING ? names[i]->string->sval : "";
}

const char *amph__parse_system_name(sql_parser *p, size_t n, pg_node *const *names, int location)
{
	if (n == 0)
		return amph__parse_refuse(p, location, "an empty name");
	if (n > 2 || (n == 2 && strcmp(name_at(names, 0), "pg_catalog") != 0))
		return amph__parse_refuse(p, location, "a name with a schema");
	return amph__parse_text(p, name_at(names, n - 1));
}

const char *const *amph__parse_names(sql_parser *p, size_t n, pg_node *const *names)
{
	const char **list = n ? AMPH_NEWS(p->arena, const char *, n + 1) : NULL;

	for (size_t i = 0; list && i < n; i++)
		list[i] = amph__parse_text(p, name_at(names, i));
	return list;
}

/* ---- entry points ---- */

/* The parser says only what went wrong; of the few errors that are none of syntax, its text. */
static const char *state_of(const PgQueryError *e, const char *message)
{
	static const struct { const char *part, *sqlstate; } states[] = {
		{ "out of memory", "53200" },
		{ "memory exhausted", "54001" },
		{ "stack depth limit", "54001" },
		{ "LIMIT #,#", "42601" },
		{ "supported here", "42601" },
		{ "supported", "0A000" },
		{ "implemented", "0A000" },
		{ "unsafe use of string constant", "0A000" },
		{ "cannot be marked", "0A000" },
		{ "cannot include schema elements", "0A000" },
		{ "column number must be", "22023" },
		{ "unsafe use of \\'", "22P06" },
		{ "invalid byte sequence", "22021" },
		{ "precision for type float", "22023" },
		{ "frame start", "42P20" },
		{ "frame end", "42P20" }
	};

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strstr(message, states[i].part))
			return states[i].sqlstate;
	/* the lexer's own, of E'...'; what U&'...' has is an error of syntax */
	if (!strcmp(message, "invalid Unicode escape") && e->funcname && !strcmp(e->funcname, "core_yylex"))
		return "22025";
	return "42601";
}

/* One line, without the parenthesis that stands behind an expression. */
static void copy_message(const sql_parser *p, char *out, size_t size, const char *message)
{
	static const char wrapped[] = EXPRESSION_END "\"";
	size_t len = strlen(message), tail = sizeof(wrapped) - 1;

	if (p->shift > 0 && len > tail && !strcmp(message + len - tail, wrapped))
		(void)snprintf(out, size, "%.*s\"", (int)(len - tail), message);
	else
		amph__copy_text(out, size, message);
	for (; *out; out++)
		if ((unsigned char)*out < ' ')
			*out = ' ';
}

static void parser_error(sql_parser *p, const PgQueryError *e, size_t text_len)
{
	size_t characters = amph__utf8_count(p->text + p->shift, text_len);
	int at = e->cursorpos - (int)p->shift;
	char message[sizeof(((amph_error *)0)->message)];

	p->failed = true;
	copy_message(p, message, sizeof(message), e->message);
	if (at > (int)characters && strstr(message, "syntax error at or near"))
		amph__error(p->err, "42601", "syntax error at end of input");
	else
		amph__error(p->err, state_of(e, message), "%s", message);
	if (at > (int)characters)
		at = (int)characters + 1;
	if (p->err)
		p->err->position = at > 0 && e->cursorpos > 0 ? at : 0;
}

typedef struct parse_call {
	const char *text;
	PgQueryProtobufParseResult result;
} parse_call;

static void call_parser(void *ctx)
{
	parse_call *c = ctx;

	c->result = pg_query_parse_protobuf(c->text);
}

/* The syntax tree of p->text in arena; text_len is of the user's part. */
static PgQuery__ParseResult *read_tree(sql_parser *p, amph_arena *arena, size_t text_len)
{
	ProtobufCAllocator memory = amph__parse_memory(arena);
	parse_call call = { .text = p->text };
	PgQuery__ParseResult *tree = NULL;

	if (amph__pg_query_call(call_parser, &call, text_len)) {
		const PgQueryProtobuf *packed = &call.result.parse_tree;

		if (call.result.error)
			parser_error(p, call.result.error, text_len);
		else if (packed->data)
			tree = pg_query__parse_result__unpack(&memory, packed->len,
							      (const uint8_t *)packed->data);
		pg_query_free_protobuf_parse_result(call.result);
	}
	if (!tree && !p->failed) {
		p->failed = true;
		amph__error_nomem(p->err);
	}
	return tree;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n\f\v")] == '\0';
}

static bool check_text(const char *text, size_t len, bool enclosed, amph_arena *arena,
		       amph_error *err)
{
	if (!amph__utf8_valid(text, len))
		return amph__error(err, "22021", "the SQL text is not valid UTF-8");
	if (is_blank(text))
		return amph__error(err, "42601", "the SQL text is empty");
	return amph__parse_guard(text, len, enclosed, arena, err);
}

/* What was made, or NULL and the first error. */
static void *finish(sql_parser *p, void *made)
{
	if (!p->failed && (p->arena->failed || !made)) {
		p->arena->failed = true;
		amph__error_nomem(p->err);
	}
	return p->failed || p->arena->failed ? NULL : made;
}

/* The one expression of SELECT (expression), and nothing else that a text might have smuggled. */
static const pg_node *only_target(sql_parser *p, const PgQuery__ParseResult *tree)
{
	const PgQuery__SelectStmt *s;

	if (tree->n_stmts != 1 || tree->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
		return amph__parse_fail(p, -1, "42601", "the SQL text is more than one expression");
	s = tree->stmts[0]->stmt->select_stmt;
	if (s->n_target_list != 1 || s->n_from_clause || s->where_clause || s->larg ||
	    s->n_sort_clause || s->limit_count || s->into_clause)
		return amph__parse_fail(p, -1, "42601", "the SQL text is more than one expression");
	return s->target_list[0]->res_target->val;
}

sql_expr *amph__parse_expr(amph_arena *arena, const char *text, amph_error *err)
{
	static const char before[] = "SELECT (";
	size_t len = strlen(text);
	sql_parser p = { .arena = arena, .shift = sizeof(before) - 1, .err = err };
	amph_arena scratch;
	PgQuery__ParseResult *tree = NULL;
	const pg_node *target = NULL;
	sql_expr *e = NULL;

	amph__arena_init(&scratch, arena->allocator);
	if (!check_text(text, len, true, &scratch, err))
		goto done;
	p.text = amph__arena_printf(&scratch, "%s%s%s", before, text, EXPRESSION_END);
	if (p.text)
		tree = read_tree(&p, &scratch, len);
	if (tree)
		target = only_target(&p, tree);
	if (target)
		e = amph__parse_node(&p, target);
	e = finish(&p, e);
done:
	arena->failed |= scratch.failed;
	amph__arena_clear(&scratch);
	return e;
}

static sql_piece piece_of(const char *text, size_t len, const PgQuery__RawStmt *raw)
{
	size_t at = raw->stmt_location > 0 ? (size_t)raw->stmt_location : 0;
	size_t end = raw->stmt_len > 0 ? at + (size_t)raw->stmt_len : len;

	while (at < end && strchr(" \t\r\n\f\v", text[at]))
		at++;
	while (end > at && strchr(" \t\r\n\f\v;", text[end - 1]))
		end--;
	return (sql_piece){ at, end - at };
}

bool amph__parse_split(amph_arena *arena, const char *text, sql_piece **pieces, size_t *n,
		       amph_error *err)
{
	sql_parser p = { .arena = arena, .text = text, .err = err };
	size_t len = strlen(text);
	PgQuery__ParseResult *tree;
	amph_arena scratch;

	*n = 0;
	*pieces = AMPH_NEWS(arena, sql_piece, 1);
	if (is_blank(text))
		return *pieces || amph__error_nomem(err);
	amph__arena_init(&scratch, arena->allocator);
	tree = check_text(text, len, false, &scratch, err) ? read_tree(&p, &scratch, len) : NULL;
	if (tree)
		*pieces = AMPH_NEWS(arena, sql_piece, tree->n_stmts + 1);
	if (tree && !*pieces)
		tree = amph__error_nomem(err) ? tree : NULL;
	for (size_t i = 0; tree && i < tree->n_stmts; i++)
		(*pieces)[(*n)++] = piece_of(text, len, tree->stmts[i]);
	amph__arena_clear(&scratch);
	return tree != NULL;
}

sql_stmt *amph__parse_stmt(amph_arena *arena, const char *text, amph_error *err)
{
	return amph__parse_given(arena, text, NULL, err);
}

sql_stmt *amph__parse_given(amph_arena *arena, const char *text, const sql_list *given, amph_error *err)
{
	sql_parser p = { .arena = arena, .text = text, .given = given, .err = err };
	amph_arena scratch;
	PgQuery__ParseResult *tree;
	sql_stmt *stmt = NULL;

	amph__arena_init(&scratch, arena->allocator);
	p.taken = given ? AMPH_NEWS(&scratch, bool, given->n + 1) : NULL;
	if (given && !p.taken) {
		amph__error_nomem(err);
		goto done;
	}
	if (!check_text(text, strlen(text), false, &scratch, err))
		goto done;
	tree = read_tree(&p, &scratch, strlen(text));
	if (tree && tree->n_stmts != 1)
		amph__parse_fail(&p, -1, "42601", tree->n_stmts == 0
				 ? "the SQL text is empty"
				 : "cannot insert multiple commands into a prepared statement");
	else if (tree)
		stmt = amph__parse_stmt_node(&p, tree->stmts[0]->stmt);
	if (stmt)
		amph__parse_params(&p, stmt);
	stmt = finish(&p, stmt);
done:
	arena->failed |= scratch.failed;
	amph__arena_clear(&scratch);
	return stmt;
}
