/* Casts to domains: to the type below, and then what the domain asks of its values. */
#include "../walk.h"
#include "resolve.h"
#include <string.h>

static const amph_sqltype boolean = { .type = AMPH_T_BOOL, .nullable = true };
static const amph_catalog_row fail_row = {
	"domain fail", "domain_fail", AMPH_CAT_FUNCTION, 3, { AMPH_T_TEXT, AMPH_T_TEXT, AMPH_T_TEXT },
	AMPH_T_ANY, AMPH_CAT_NULL_SAFE | AMPH_CAT_NULLABLE | AMPH_CAT_STABLE
};

const sql_stmt *amph__find_domain(const sql_resolver *r, const char *name)
{
	return name && r->names && r->names->domain ? r->names->domain(r->names->ctx, name) : NULL;
}

/* ---- a check over the value ---- */

typedef struct use { const sql_table *table; const sql_expr *value; } use;

static bool put_value(void *ctx, sql_expr *e)
{
	const use *u = ctx;

	if (e->kind == SQL_COLUMN && e->source && e->source->table == u->table) {
		*e = *u->value;
		return true;
	}
	return amph__expr_children(e, put_value, ctx);
}

/* Whether the value is not as text says. */
static sql_expr *make_violation(sql_resolver *r, const sql_table *table, const char *text,
				const sql_expr *value)
{
	const sql_text how = { .kind = SQL_TEXT_CHECK, .table = table, .names = r->names, .want = &boolean };
	sql_expr *e = amph__parse_expr(r->arena, text, r->err), *not = sql_new(r->arena, SQL_NOT, 1);
	use u = { table, value };

	if (!e || !amph__resolve_text(r->arena, &e, &how, r->err))
		return NULL;
	put_value(&u, e);
	if (!not) {
		amph__resolve_nomem(r);
		return NULL;
	}
	not->args.items[0] = e;
	not->type = boolean;
	return not;
}

static sql_expr *make_failure(sql_resolver *r, const char *state, const char *message, const char *name,
			      const amph_sqltype *type)
{
	sql_expr *args[] = { sql_const(r->arena, AMPH_T_TEXT, state),
			     message ? sql_const(r->arena, AMPH_T_TEXT, message) : NULL,
			     sql_const(r->arena, AMPH_T_TEXT, name) };
	sql_expr *e = args[0] && args[1] && args[2] ? sql_call(r->arena, fail_row.name, 3, args) : NULL;

	if (!e) {
		amph__resolve_nomem(r);
		return NULL;
	}
	e->row = &fail_row;
	e->type = *type;
	e->type.nullable = true;
	return e;
}

/* Checks go by their names. */
static const sql_constraint *next_check(const sql_constraint *all, const sql_constraint *last)
{
	const sql_constraint *best = NULL;

	for (const sql_constraint *c = all; c; c = c->next)
		if ((!last || strcmp(c->name, last->name) > 0) && (!best || strcmp(c->name, best->name) < 0))
			best = c;
	return best;
}

static bool add_branch(sql_expr *e, sql_expr *when, sql_expr *then)
{
	if (!when || !then)
		return false;
	e->args.items[e->args.n++] = when;
	e->args.items[e->args.n++] = then;
	return true;
}

static bool add_not_null(sql_resolver *r, sql_expr *e, const char *domain, sql_expr *value)
{
	sql_expr *null = sql_new(r->arena, SQL_IS_NULL, 1);

	if (!null)
		return amph__resolve_nomem(r);
	null->args.items[0] = value;
	null->type = amph__plain_type(AMPH_T_BOOL);
	return add_branch(e, null, make_failure(r, "23502", amph__arena_printf(r->arena,
				"domain %s does not allow null values", domain), "", &value->type));
}

static bool add_check(sql_resolver *r, sql_expr *e, const sql_stmt *domain, const sql_constraint *k,
		      sql_expr *value)
{
	const char *message = amph__arena_printf(r->arena,
						 "value for domain %s violates check constraint \"%s\"",
						 domain->table->name, k->name);

	return add_branch(e, make_violation(r, domain->table, k->check_sql, value),
			  make_failure(r, "23514", message, k->name, &value->type));
}

/* CASE WHEN value IS NULL THEN failure WHEN NOT check THEN failure ... ELSE value END */
static bool add_checks(sql_resolver *r, sql_expr **e, const sql_stmt *domain)
{
	sql_expr *value = *e, *out;
	const char *name = domain->table->name;
	bool not_null = !domain->table->columns[0].type.nullable;
	size_t n = not_null;

	for (const sql_constraint *k = domain->constraints; k; k = k->next)
		n++;
	if (!n)
		return true;
	if (amph__expr_is_volatile(value))
		return amph__resolve_refuse(r, value->location, "a cast of a volatile function to a domain");
	out = sql_new(r->arena, SQL_CASE, n * 2 + 1);
	if (!out)
		return amph__resolve_nomem(r);
	out->args.n = 0;
	out->location = value->location;
	if (not_null && !add_not_null(r, out, name, value))
		return false;
	for (const sql_constraint *k = NULL; (k = next_check(domain->constraints, k)); )
		if (!add_check(r, out, domain, k, value))
			return false;
	out->args.items[out->args.n++] = value;
	out->type = value->type;
	*e = out;
	return true;
}

bool amph__cast_to_domain(sql_resolver *r, sql_expr **e, const sql_stmt *domain)
{
	sql_expr *cast = *e;

	if (cast->type.type & AMPH_T_ARRAY)
		return amph__resolve_refuse(r, cast->location, "an array of a domain");
	cast->type = domain->table->columns[0].type;
	cast->type.nullable = true;
	cast->name = NULL;
	return amph__resolve_node(r, e) && add_checks(r, e, domain);
}

/* ---- pg_typeof: what is of a domain here is of the type below ---- */

static bool may_be_domain(const sql_expr *e)
{
	return e->kind != SQL_CONST && e->kind != SQL_CALL && e->kind != SQL_PARAM && e->kind != SQL_AND &&
	       e->kind != SQL_OR && e->kind != SQL_NOT &&
	       !(e->kind == SQL_COLUMN && e->source && e->source->kind == SQL_TABLE && e->source->table &&
		 !e->source->table->columns[e->column].domain);
}

bool amph__check_domain_type(sql_resolver *r, const sql_expr *arg)
{
	if (!r->names || !r->names->domain || !may_be_domain(arg) || !r->names->domain(r->names->ctx, NULL))
		return true;
	return amph__resolve_refuse(r, arg->location, "pg_typeof of this, which may be a domain");
}
