/* Expressions of DDL are kept as PostgreSQL's text: what was read is written again. */
#include "parse.h"
#include <pg_query.h>
#include <string.h>

/* What the deparser puts before the expression, with a NUL. */
enum { BEFORE = sizeof "SELECT " };

typedef struct deparse_call {
	PgQueryProtobuf tree;
	PgQueryDeparseResult result;
} deparse_call;

static void call_deparse(void *ctx)
{
	deparse_call *c = ctx;

	c->result = pg_query_deparse_protobuf(c->tree);
}

typedef struct template_call { PgQueryProtobufParseResult result; } template_call;

static void call_template(void *ctx)
{
	template_call *c = ctx;

	c->result = pg_query_parse_protobuf("SELECT 1");
}

/* SELECT 1, whose target can be another. */
static PgQuery__ParseResult *template_tree(amph_arena *arena)
{
	ProtobufCAllocator memory = amph__parse_memory(arena);
	PgQuery__ParseResult *tree = NULL;
	template_call call;

	if (!amph__pg_query_call(call_template, &call, (size_t)BEFORE))
		return NULL;
	if (!call.result.error && call.result.parse_tree.data)
		tree = pg_query__parse_result__unpack(&memory, call.result.parse_tree.len,
						      (const uint8_t *)call.result.parse_tree.data);
	pg_query_free_protobuf_parse_result(call.result);
	return tree;
}

static const char *text_of(sql_parser *p, const PgQuery__ParseResult *tree, amph_arena *arena)
{
	size_t size = pg_query__parse_result__get_packed_size(tree);
	deparse_call call = { .tree = { .len = size, .data = amph__arena_alloc(arena, size + 1) } };
	const char *text = NULL;

	if (!call.tree.data)
		return NULL;
	pg_query__parse_result__pack(tree, (uint8_t *)call.tree.data);
	if (!amph__pg_query_call(call_deparse, &call, size))
		return NULL;
	if (!call.result.error && call.result.query && strlen(call.result.query) >= (size_t)BEFORE)
		text = amph__arena_text(p->arena, call.result.query + (size_t)BEFORE - 1,
					strlen(call.result.query) - (size_t)BEFORE + 1);
	pg_query_free_deparse_result(call.result);
	return text;
}

static void call_zones(ProtobufCMessage *m);

static void call_zones_of(ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	char *at = (char *)m + f->offset, *count = (char *)m + f->quantifier_offset;

	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		for (size_t i = 0; i < *(size_t *)(void *)count; i++)
			call_zones((*(ProtobufCMessage ***)(void *)at)[i]);
	else if (!(f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) || *(uint32_t *)(void *)count == f->id)
		call_zones(*(ProtobufCMessage **)(void *)at);
}

/* The deparser forgets the parentheses before AT TIME ZONE: it is written as the call that it is. */
static void call_zones(ProtobufCMessage *m)
{
	PgQuery__FuncCall *c = (PgQuery__FuncCall *)(void *)m;

	if (!m)
		return;
	if (!strcmp(m->descriptor->short_name, "FuncCall") && c->n_funcname == 2 &&
	    c->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX &&
	    !strcmp(c->funcname[1]->string->sval, "timezone"))
		c->funcformat = PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL;
	for (unsigned i = 0; i < m->descriptor->n_fields; i++)
		if (m->descriptor->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			call_zones_of(m, &m->descriptor->fields[i]);
}

const char *amph__parse_deparse(sql_parser *p, const pg_node *n)
{
	PgQuery__ParseResult *tree;
	const char *text = NULL;
	amph_arena scratch;

	if (!n || p->failed)
		return NULL;
	amph__arena_init(&scratch, p->arena->allocator);
	tree = template_tree(&scratch);
	if (tree) {
		tree->stmts[0]->stmt->select_stmt->target_list[0]->res_target->val =
			(pg_node *)(uintptr_t)n;
		call_zones((ProtobufCMessage *)(uintptr_t)n);
		text = text_of(p, tree, &scratch);
	}
	amph__arena_clear(&scratch);
	if (!text && !p->failed) {
		p->failed = p->arena->failed = true;
		amph__error_nomem(p->err);
	}
	return text;
}
