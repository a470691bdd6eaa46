/* Running the statements of a plan in one transaction. */
#include "schema.h"
#include <string.h>

typedef struct schema_run {
	amph_conn *conn;
	amph_arena arena;
	amph_existing existing;
	amph_plan plan;
	bool own_tx;
} schema_run;

static const char *what_of(const sql_stmt *stmt, const char **name)
{
	*name = stmt->table ? stmt->table->name : stmt->schema;
	switch (stmt->kind) {
	case SQL_STMT_CREATE_TABLE:
		return "creating table";
	case SQL_STMT_CREATE_INDEX:
		*name = stmt->index->name;
		return "creating index";
	case SQL_STMT_CREATE_ENUM:
		*name = stmt->enumeration->name;
		return "creating type";
	case SQL_STMT_CREATE_SCHEMA:
		return "creating schema";
	case SQL_STMT_ADD_CONSTRAINT:
		*name = stmt->constraints->name;
		return "adding constraint";
	case SQL_STMT_DROP_TABLE:
		return "dropping table";
	case SQL_STMT_DROP_ENUM:
		*name = stmt->enumeration->name;
		return "dropping type";
	default:
		return NULL;
	}
}

static bool run_stmt(schema_run *r, sql_stmt *stmt, amph_error *err)
{
	const char *name, *what = what_of(stmt, &name);
	const amph_registry *registry = r->plan.registry;
	amph_code *code = amph__compile(&r->arena, r->plan.dialect, stmt, &registry->names, err);

	/* the code goes with the run: the connection, which knows statements by their code's address,
	 * must not keep this one */
	if (code)
		code->flags |= AMPH_CODE_ONCE;
	if (code && amph__run(r->conn, code, NULL, NULL, err))
		return true;
	if (what && err && err->status != AMPH_E_NOMEM)
		amph__error_context(err, "%s \"%s\"", what, name);
	return false;
}

static bool run_plan(schema_run *r, amph_error *err)
{
	if (r->plan.failed)
		return amph__error_nomem(err);
	for (size_t i = 0; i < r->plan.n; i++)
		if (!run_stmt(r, r->plan.stmts[i], err))
			return false;
	return true;
}

static bool begin(schema_run *r, amph_conn *conn, const amph_registry *registry,
		  const amph_dialect *dialect, amph_error *err)
{
	*r = (schema_run){ .conn = conn };
	amph__arena_init(&r->arena, conn->engine->allocator);
	r->plan = (amph_plan){ .arena = &r->arena, .registry = registry, .dialect = dialect,
			       .existing = &r->existing, .schema = conn->engine->options.schema };
	r->own_tx = !amph__tx_is_open(conn);
	if (r->own_tx)
		amph__tx_begin(conn, AMPH_BEGIN_WRITE);
	return amph__existing_load(&r->existing, conn, &r->arena, err);
}

static bool end(schema_run *r, bool ok, amph_error *err)
{
	amph_error rollback;

	amph__existing_clear(&r->existing);
	amph__arena_clear(&r->arena);
	if (!r->own_tx)
		return ok;
	if (ok)
		return amph__tx_commit(r->conn, err);
	/* the error that brought us here says more than one of the rollback */
	(void)amph__tx_rollback(r->conn, &rollback);
	return false;
}

bool amph__schema_create(amph_conn *conn, const amph_registry *registry,
			 const amph_dialect *dialect, amph_error *err)
{
	schema_run r;
	bool ok = begin(&r, conn, registry, dialect, err);

	if (ok) {
		amph__plan_create(&r.plan);
		ok = run_plan(&r, err);
	}
	return end(&r, ok, err);
}

/* ---- dropping ---- */

static bool defer(schema_run *r, amph_error *err)
{
	const char *sql = r->plan.dialect->defer_foreign_keys;

	return !sql || amph__run_text(r->conn, sql, err);
}

bool amph__schema_drop(amph_conn *conn, const amph_registry *registry,
		       const amph_dialect *dialect, amph_error *err)
{
	schema_run r;
	bool ok = begin(&r, conn, registry, dialect, err);

	if (ok) {
		amph__plan_drop(&r.plan);
		ok = defer(&r, err) && run_plan(&r, err);
	}
	return end(&r, ok, err);
}
