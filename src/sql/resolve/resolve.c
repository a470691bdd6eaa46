/* The resolver's entry points, its errors, its scopes. */
#include "resolve.h"
#include <stdio.h>
#include <string.h>

bool amph__resolve_fail(sql_resolver *r, int location, const char *sqlstate, const char *format,
			...)
{
	char message[sizeof(r->err->message)];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	amph__error(r->err, sqlstate, "%s", message);
	if (r->err && location >= 0)
		r->err->position = location + 1;
	return false;
}

bool amph__resolve_nomem(sql_resolver *r)
{
	return amph__error_nomem(r->err);
}

bool amph__resolve_refuse(sql_resolver *r, int location, const char *construct)
{
	if (!construct)
		return amph__resolve_nomem(r);
	return amph__resolve_fail(r, location, "0A000", "%s is not supported", construct);
}

static const sql_expr *column_behind_cast(const sql_expr *e)
{
	while (e && e->kind == SQL_CAST && !e->explicit_cast)
		e = e->args.items[0];
	return e && e->kind == SQL_COLUMN ? e : NULL;
}

void amph__resolve_explain(sql_resolver *r, const sql_expr *e)
{
	const char *text = "";

	if (r->explained || !r->err || r->arena->failed)
		return;
	r->explained = true;
	for (size_t i = 0; i < e->args.n; i++) {
		const sql_expr *c = column_behind_cast(e->args.items[i]);

		if (c && c->source && text)
			text = amph__arena_printf(r->arena, "%s%s\"%s\" is %s", text, *text ? ", " : "",
						  c->name, amph__type_text(r, &c->type));
	}
	if (!text || !*text)
		return;
	text = amph__arena_printf(r->arena, "%s (%s)", r->err->message, text);
	if (text)
		amph__copy_text(r->err->message, sizeof(r->err->message), text);
}

const char *amph__clause_name(sql_clause clause)
{
	static const char *const names[SQL_CLAUSE_COUNT] = {
		[SQL_CLAUSE_NONE] = "this place",
		[SQL_CLAUSE_TARGET] = "SELECT",
		[SQL_CLAUSE_WHERE] = "WHERE",
		[SQL_CLAUSE_HAVING] = "HAVING",
		[SQL_CLAUSE_GROUP_BY] = "GROUP BY",
		[SQL_CLAUSE_ORDER_BY] = "ORDER BY",
		[SQL_CLAUSE_DISTINCT_ON] = "DISTINCT ON",
		[SQL_CLAUSE_LIMIT] = "LIMIT",
		[SQL_CLAUSE_OFFSET] = "OFFSET",
		[SQL_CLAUSE_JOIN_ON] = "JOIN conditions",
		[SQL_CLAUSE_FROM_FUNCTION] = "functions in FROM",
		[SQL_CLAUSE_FILTER] = "FILTER",
		[SQL_CLAUSE_WINDOW_PARTITION] = "window definitions",
		[SQL_CLAUSE_WINDOW_ORDER] = "window definitions",
		[SQL_CLAUSE_WINDOW_FRAME] = "window frames",
		[SQL_CLAUSE_VALUES] = "VALUES",
		[SQL_CLAUSE_INSERT_TARGET] = "INSERT",
		[SQL_CLAUSE_SET] = "UPDATE",
		[SQL_CLAUSE_RETURNING] = "RETURNING",
		[SQL_CLAUSE_CONFLICT_WHERE] = "ON CONFLICT",
		[SQL_CLAUSE_CHECK] = "check constraints",
		[SQL_CLAUSE_DEFAULT] = "DEFAULT expressions",
		[SQL_CLAUSE_COMPUTED] = "column generation expressions",
		[SQL_CLAUSE_INDEX] = "index expressions",
		[SQL_CLAUSE_PREDICATE] = "index predicates",
		[SQL_CLAUSE_HYBRID] = "hybrids"
	};

	return names[clause];
}

/* PostgreSQL says it of one: "in check constraint". */
bool amph__resolve_no_subquery(sql_resolver *r, int location)
{
	const char *name = amph__clause_name(r->scope->clause);
	size_t n = strlen(name);

	return amph__resolve_fail(r, location, "0A000", "cannot use subquery in %.*s",
				  (int)(n - (r->scope->clause >= SQL_CLAUSE_CHECK)), name);
}

void amph__scope_push(sql_resolver *r, sql_scope *scope)
{
	scope->outer = r->scope;
	scope->depth = r->scope ? r->scope->depth + 1 : 0;
	r->scope = scope;
}

void amph__scope_pop(sql_resolver *r)
{
	r->scope = r->scope->outer;
}

/* Parameters are changed in place, so they get an array of the resolver's own. */
static bool own_params(sql_resolver *r, sql_stmt *stmt)
{
	static const amph_sqltype unknown = { .nullable = true };
	amph_param *params = AMPH_NEWS(r->arena, amph_param, stmt->n_params ? stmt->n_params : 1);

	if (!params)
		return amph__resolve_nomem(r);
	for (size_t i = 0; i < stmt->n_params; i++) {
		if (stmt->params)
			params[i] = stmt->params[i];
		if (!params[i].types || params[i].n_types == 0) {
			params[i].types = &unknown;
			params[i].n_types = 1;
		}
	}
	stmt->params = params;
	return true;
}

static bool check_params(sql_resolver *r, const sql_stmt *stmt)
{
	for (const sql_param_use *use = r->untyped; use; use = use->next)
		if (use->param->type.type == AMPH_T_NONE &&
		    stmt->params[use->param->param].types[0].type != AMPH_T_NONE)
			return amph__resolve_fail(r, use->param->location, "42P08",
						  "could not determine data type of parameter $%zu",
						  use->param->param + 1);
	for (size_t i = 0; i < stmt->n_params; i++)
		if (stmt->params[i].kind == AMPH_PARAM_VALUE &&
		    stmt->params[i].types[0].type == AMPH_T_NONE)
			return amph__resolve_fail(r, -1, "42P18",
						  "could not determine data type of parameter $%zu",
						  i + 1);
	return true;
}

/* A failed allocation anywhere shows in the arena, whatever the walk made of it. */
static bool finish(sql_resolver *r, bool ok)
{
	return r->arena->failed ? amph__resolve_nomem(r) : ok;
}

bool amph__resolve_stmt(sql_resolver *r, sql_stmt *stmt)
{
	switch (stmt->kind) {
	case SQL_STMT_SELECT:
		return amph__resolve_select(r, stmt->select);
	case SQL_STMT_INSERT:
		return amph__resolve_insert(r, stmt);
	case SQL_STMT_UPDATE:
		return amph__resolve_update(r, stmt);
	case SQL_STMT_DELETE:
		return amph__resolve_delete(r, stmt);
	default:
		return true;
	}
}

bool amph__resolve(amph_arena *arena, sql_stmt *stmt, const sql_names *names, amph_error *err)
{
	sql_resolver r = { .arena = arena, .names = names, .err = err, .stmt = stmt };

	if (arena->failed || !stmt)
		return amph__resolve_nomem(&r);
	if (stmt->kind >= SQL_STMT_CREATE_TABLE)
		return true;
	return finish(&r, own_params(&r, stmt) && amph__resolve_stmt(&r, stmt) &&
				  check_params(&r, stmt));
}

static bool assign_expr(sql_resolver *r, sql_expr **e, const amph_sqltype *want)
{
	bool condition = r->scope->clause == SQL_CLAUSE_CHECK || r->scope->clause == SQL_CLAUSE_PREDICATE;
	bool possible;

	if (!want || want->type == AMPH_T_NONE)
		return amph__coerce_unknown_to_text(r, e);
	if (!amph__coerce_assign(r, e, want, AMPH_CAST_ASSIGNMENT, &possible))
		return false;
	if (!possible && condition && want->type == AMPH_T_BOOL)
		return amph__resolve_fail(r, (*e)->location, "42804", "argument of %s must be type boolean, "
					  "not type %s",
					  r->scope->clause == SQL_CLAUSE_CHECK ? "CHECK" : "WHERE",
					  amph__type_text(r, &(*e)->type));
	return possible ? amph__coerce_stored(r, e) :
	       amph__resolve_fail(r, (*e)->location, "42804",
				  "expression is of type %s but %s is needed",
				  amph__type_text(r, &(*e)->type), amph__type_text(r, want));
}

bool amph__resolve_text(amph_arena *arena, sql_expr **expr, const sql_text *text, amph_error *err)
{
	static const sql_clause clauses[] = {
		[SQL_TEXT_CHECK] = SQL_CLAUSE_CHECK, [SQL_TEXT_DEFAULT] = SQL_CLAUSE_DEFAULT,
		[SQL_TEXT_COMPUTED] = SQL_CLAUSE_COMPUTED, [SQL_TEXT_INDEX] = SQL_CLAUSE_INDEX,
		[SQL_TEXT_PREDICATE] = SQL_CLAUSE_PREDICATE, [SQL_TEXT_HYBRID] = SQL_CLAUSE_HYBRID
	};
	sql_resolver r = { .arena = arena, .names = text->names, .err = err };
	sql_scope scope = { .clause = clauses[text->kind] };
	sql_range range = { .kind = SQL_TABLE, .location = -1 };
	bool ok = true;

	if (arena->failed || !*expr)
		return amph__resolve_nomem(&r);
	amph__scope_push(&r, &scope);
	if (text->table) {
		sql_range *own = amph__arena_copy(arena, &range, sizeof(range));

		if (!own)
			return amph__resolve_nomem(&r);
		own->table = text->table;
		own->name = own->alias = text->table->name;
		scope.items = amph__item_of_table(&r, own);
		ok = scope.items != NULL;
	}
	return finish(&r, ok && amph__resolve_node(&r, expr) && assign_expr(&r, expr, text->want));
}

bool amph__resolve_expr(amph_arena *arena, sql_expr **expr, const sql_table *table,
			const sql_names *names, const amph_sqltype *want, amph_error *err)
{
	const sql_text text = { .kind = table && table->n_columns ? SQL_TEXT_CHECK : SQL_TEXT_DEFAULT,
				.table = table, .names = names, .want = want };

	return amph__resolve_text(arena, expr, &text, err);
}
