/* How deep a text nests, by its tokens, before it is parsed: libpg_query writes and reads its
 * tree recursively, two kilobytes of stack a level, and has no limit of its own. A run of operators
 * nests as deep as it is long, as parentheses do; lists and AND and OR are flat. */
#include "../../base/utf8.h"
#include "parse.h"
#include "pg_query.h"
#include <string.h>

enum { DEPTH_MAX = 1000 };

typedef enum token_role {
	ROLE_OTHER,
	ROLE_OPEN, ROLE_CLOSE,
	ROLE_FLAT,              /* ends a run of operators */
	ROLE_END,               /* of a statement */
	ROLE_ARM                /* UNION, JOIN: nests to the left, across commas and AND */
} token_role;

static const uint8_t roles[] = {
	[PG_QUERY__TOKEN__ASCII_40] = ROLE_OPEN, [PG_QUERY__TOKEN__ASCII_41] = ROLE_CLOSE,
	[PG_QUERY__TOKEN__ASCII_91] = ROLE_OPEN, [PG_QUERY__TOKEN__ASCII_93] = ROLE_CLOSE,
	[PG_QUERY__TOKEN__CASE] = ROLE_OPEN, [PG_QUERY__TOKEN__END_P] = ROLE_CLOSE,
	[PG_QUERY__TOKEN__ASCII_44] = ROLE_FLAT, [PG_QUERY__TOKEN__AND] = ROLE_FLAT,
	[PG_QUERY__TOKEN__OR] = ROLE_FLAT, [PG_QUERY__TOKEN__WHEN] = ROLE_FLAT,
	[PG_QUERY__TOKEN__THEN] = ROLE_FLAT, [PG_QUERY__TOKEN__ELSE] = ROLE_FLAT,
	[PG_QUERY__TOKEN__ASCII_59] = ROLE_END,
	[PG_QUERY__TOKEN__UNION] = ROLE_ARM, [PG_QUERY__TOKEN__INTERSECT] = ROLE_ARM,
	[PG_QUERY__TOKEN__EXCEPT] = ROLE_ARM, [PG_QUERY__TOKEN__JOIN] = ROLE_ARM
};

typedef struct nesting {
	uint16_t run[DEPTH_MAX + 1], arms[DEPTH_MAX + 1];       /* by level of parentheses */
	size_t level, depth;
	bool too_deep, closes_more;     /* the latter at closes_at */
	int closes_at;
} nesting;

static bool is_operator(const PgQuery__ScanToken *t)
{
	switch (t->token) {
	case PG_QUERY__TOKEN__IDENT: case PG_QUERY__TOKEN__UIDENT: case PG_QUERY__TOKEN__FCONST:
	case PG_QUERY__TOKEN__SCONST: case PG_QUERY__TOKEN__USCONST: case PG_QUERY__TOKEN__BCONST:
	case PG_QUERY__TOKEN__XCONST: case PG_QUERY__TOKEN__ICONST: case PG_QUERY__TOKEN__PARAM:
	case PG_QUERY__TOKEN__ASCII_46: case PG_QUERY__TOKEN__SQL_COMMENT:
	case PG_QUERY__TOKEN__C_COMMENT:
		return false;
	default:
		return t->token == PG_QUERY__TOKEN__AT ||
			t->keyword_kind != PG_QUERY__KEYWORD_KIND__UNRESERVED_KEYWORD;
	}
}

static void leave_level(nesting *n)
{
	n->depth -= (size_t)n->run[n->level] + n->arms[n->level] + 1;
	n->level--;
}

static void count_token(nesting *n, const PgQuery__ScanToken *t)
{
	size_t token = (size_t)t->token;

	switch (token < sizeof(roles) ? (token_role)roles[token] : ROLE_OTHER) {
	case ROLE_OPEN:
		n->too_deep = n->level == DEPTH_MAX;
		if (n->too_deep)
			return;
		n->level++;
		n->run[n->level] = n->arms[n->level] = 0;
		n->depth++;
		break;
	case ROLE_CLOSE:
		if (n->level > 0)
			leave_level(n);
		else if (!n->closes_more && t->token != PG_QUERY__TOKEN__END_P) {
			n->closes_more = true;
			n->closes_at = t->start;
		}
		break;
	case ROLE_FLAT:
		n->depth -= n->run[n->level];
		n->run[n->level] = 0;
		break;
	case ROLE_END:
		while (n->level > 0)
			leave_level(n);
		n->depth = n->run[0] = n->arms[0] = 0;
		break;
	case ROLE_ARM:
		n->arms[n->level]++;
		n->depth++;
		break;
	case ROLE_OTHER:
		n->depth += is_operator(t);
		n->run[n->level] = (uint16_t)(n->run[n->level] + is_operator(t));
		break;
	}
	n->too_deep = n->depth > DEPTH_MAX;
}

typedef struct scan_call {
	const char *text;
	PgQueryScanResult result;
} scan_call;

static void call_scanner(void *ctx)
{
	scan_call *c = ctx;

	c->result = pg_query_scan(c->text);
}

static bool count_tokens(const PgQueryScanResult *scan, amph_arena *arena, nesting *n)
{
	ProtobufCAllocator memory = amph__parse_memory(arena);
	PgQuery__ScanResult *result = pg_query__scan_result__unpack(
		&memory, scan->pbuf.len, (const uint8_t *)scan->pbuf.data);

	if (!result)
		return false;
	for (size_t i = 0; i < result->n_tokens && !n->too_deep; i++)
		count_token(n, result->tokens[i]);
	return true;
}

bool amph__parse_guard(const char *text, size_t len, bool enclosed, amph_arena *arena,
		       amph_error *err)
{
	/* a level takes a byte at the least */
	if (len <= DEPTH_MAX && !(enclosed && strchr(text, ')')))
		return true;
	nesting *n = AMPH_NEW(arena, nesting);
	scan_call call = { .text = text };
	bool ok = amph__pg_query_call(call_scanner, &call, len);

	if (ok) {
		/* what cannot be scanned cannot be parsed: the parser will say so */
		if (n && !call.result.error)
			ok = count_tokens(&call.result, arena, n);
		pg_query_free_scan_result(call.result);
	}
	if (!n || !ok)
		return amph__error_nomem(err);
	if (n->too_deep)
		return amph__error(err, "54001", "the SQL text nests deeper than %d levels",
				   (int)DEPTH_MAX);
	if (!enclosed || !n->closes_more)
		return true;
	amph__error(err, "42601", "syntax error at or near \"%c\"", text[n->closes_at]);
	if (err)
		err->position = (int)amph__utf8_count(text, (size_t)n->closes_at) + 1;
	return false;
}
