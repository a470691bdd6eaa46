/* The statements that make or drop the tables of a registry, in order. */
#include "schema.h"
#include <string.h>

static bool has(const amph_plan *plan, uint32_t flag)
{
	return (plan->dialect->flags & flag) != 0;
}

void amph__plan_add_stmt(amph_plan *plan, sql_stmt *stmt)
{
	if (plan->failed || !stmt) {
		plan->failed = true;
		return;
	}
	if (plan->n == plan->cap) {
		size_t cap = plan->cap ? plan->cap * 2 : 32;
		sql_stmt **stmts = AMPH_NEWS(plan->arena, sql_stmt *, cap);

		if (!stmts) {
			plan->failed = true;
			return;
		}
		if (plan->n)
			memcpy(stmts, plan->stmts, plan->n * sizeof(*stmts));
		plan->stmts = stmts;
		plan->cap = cap;
	}
	plan->stmts[plan->n++] = stmt;
}

sql_stmt *amph__plan_add(amph_plan *plan, sql_stmt_kind kind)
{
	sql_stmt *stmt = AMPH_NEW(plan->arena, sql_stmt);

	if (stmt) {
		stmt->kind = kind;
		stmt->location = -1;
	}
	amph__plan_add_stmt(plan, stmt);
	return plan->failed ? NULL : stmt;
}

/* A derived model has no table of its own. */
static bool is_new(const amph_plan *plan, const amph_mapper *m)
{
	return !m->parent && !amph__existing_table(plan->existing, m->table->schema, m->table->name);
}

/* ---- schemas ---- */

static size_t add_schema(const char **list, size_t n, const char *schema)
{
	for (size_t i = 0; i < n; i++)
		if (!schema || !strcmp(list[i], schema))
			return n;
	if (schema)
		list[n++] = schema;
	return n;
}

/* Of the schemas that models are in, each once; NULL-terminated. */
static const char *const *schemas_of(amph_plan *plan)
{
	const amph_registry *r = plan->registry;
	const char **list = AMPH_NEWS(plan->arena, const char *, r->n_mappers + 2);
	size_t n = 0;

	if (!list) {
		plan->failed = true;
		return NULL;
	}
	if (plan->schema)
		n = add_schema(list, n, plan->schema);
	for (size_t i = 0; i < r->n_mappers; i++)
		if (r->mappers[i]->table->schema)
			n = add_schema(list, n, r->mappers[i]->table->schema);
	return list;
}

static void create_schemas(amph_plan *plan)
{
	const char *const *schemas = schemas_of(plan);

	for (; schemas && *schemas && has(plan, AMPH_DIALECT_SCHEMAS); schemas++) {
		sql_stmt *stmt = amph__plan_add(plan, SQL_STMT_CREATE_SCHEMA);

		if (!stmt)
			return;
		stmt->schema = *schemas;
		stmt->if_not_exists = true;
	}
}

/* ---- enums ---- */

static void create_enums(amph_plan *plan)
{
	for (size_t i = 0; i < plan->registry->n_enums && !plan->failed; i++) {
		const amph_enum_type *e = plan->registry->enums[i];
		sql_stmt *stmt;

		if (amph__existing_enum(plan->existing, e->name))
			continue;
		if (has(plan, AMPH_DIALECT_CATALOG_TABLE))
			amph__catalog_add_enum(plan, e);
		if (!has(plan, AMPH_DIALECT_ENUM_TYPES))
			continue;
		stmt = amph__plan_add(plan, SQL_STMT_CREATE_ENUM);
		if (!stmt)
			return;
		stmt->enumeration = e;
		stmt->if_not_exists = plan->existing != NULL;
	}
}

/* ---- foreign keys that close a cycle ---- */

/* Made before m: the table itself, or one earlier in the order. */
static bool is_made_before(const amph_mapper *target, const amph_mapper *m)
{
	return target == m || target->flush_rank < m->flush_rank ||
		(target->flush_rank == m->flush_rank && target->ordinal < m->ordinal);
}

static bool closes_cycle(const amph_plan *plan, const amph_mapper *m, const sql_constraint *k)
{
	if (k->kind != 'f' || has(plan, AMPH_DIALECT_INLINE_FOREIGN_KEYS))
		return false;
	for (size_t i = 0; i < m->n_references; i++)
		if (!strcmp(m->references[i].name, k->name))
			return !is_made_before(m->references[i].target, m);
	return false;
}

static const sql_constraint *next_in_cycle(const amph_plan *plan, const amph_mapper *m,
					   const sql_constraint *k)
{
	while (k && !closes_cycle(plan, m, k))
		k = k->next;
	return k;
}

static sql_constraint *copy_constraint(amph_plan *plan, const sql_constraint *k)
{
	sql_constraint *copy = amph__arena_copy(plan->arena, k, sizeof(*k));

	if (copy)
		copy->next = NULL;
	else
		plan->failed = true;
	return copy;
}

static sql_constraint *inline_constraints(amph_plan *plan, const amph_mapper *m)
{
	sql_constraint *first = NULL, **next = &first;

	for (const sql_constraint *k = m->constraints; k && !plan->failed; k = k->next) {
		if (closes_cycle(plan, m, k))
			continue;
		*next = copy_constraint(plan, k);
		if (*next)
			next = &(*next)->next;
	}
	return first;
}

static void change_constraints(amph_plan *plan, const amph_mapper *m, sql_stmt_kind kind)
{
	const sql_constraint *k = next_in_cycle(plan, m, m->constraints);

	for (; k && !plan->failed; k = next_in_cycle(plan, m, k->next)) {
		sql_stmt *stmt = amph__plan_add(plan, kind);

		if (!stmt)
			return;
		stmt->table = m->table;
		stmt->constraints = copy_constraint(plan, k);
		stmt->if_exists = kind == SQL_STMT_DROP_CONSTRAINT;
	}
}

/* ---- tables ---- */

static void create_table(amph_plan *plan, const amph_mapper *m)
{
	sql_stmt *stmt = amph__plan_add(plan, SQL_STMT_CREATE_TABLE);

	if (!stmt)
		return;
	stmt->table = m->table;
	stmt->constraints = inline_constraints(plan, m);
	stmt->if_not_exists = plan->existing != NULL;
	for (size_t i = 0; i < m->n_indexes; i++) {
		stmt = amph__plan_add(plan, SQL_STMT_CREATE_INDEX);
		if (!stmt)
			return;
		stmt->table = m->table;
		stmt->index = &m->indexes[i];
		stmt->if_not_exists = plan->existing != NULL;
	}
}

static void add_comment(amph_plan *plan, const amph_mapper *m, const char *column,
			const char *comment)
{
	sql_stmt *stmt = comment ? amph__plan_add(plan, SQL_STMT_COMMENT) : NULL;
	const char **columns;

	if (!stmt)
		return;
	stmt->table = m->table;
	stmt->comment = comment;
	columns = AMPH_NEWS(plan->arena, const char *, 2);
	plan->failed |= !columns;
	if (columns)
		columns[0] = column;
	stmt->columns = columns;
}

static void add_comments(amph_plan *plan, const amph_mapper *m)
{
	add_comment(plan, m, NULL, m->model->comment);
	for (size_t i = 0; i < m->n_columns; i++)
		add_comment(plan, m, m->columns[i].name, m->columns[i].decl->comment);
}

void amph__plan_create(amph_plan *plan)
{
	const amph_registry *r = plan->registry;
	bool catalog = has(plan, AMPH_DIALECT_CATALOG_TABLE);

	create_schemas(plan);
	if (catalog)
		amph__catalog_create(plan);
	create_enums(plan);
	for (size_t i = 0; i < r->n_mappers && !plan->failed; i++) {
		if (!is_new(plan, r->by_rank[i]))
			continue;
		create_table(plan, r->by_rank[i]);
		if (catalog)
			amph__catalog_add_table(plan, r->by_rank[i]);
		else
			add_comments(plan, r->by_rank[i]);
	}
	for (size_t i = 0; i < r->n_mappers && !plan->failed; i++)
		if (is_new(plan, r->by_rank[i]))
			change_constraints(plan, r->by_rank[i], SQL_STMT_ADD_CONSTRAINT);
}

/* ---- dropping ---- */

static bool is_in_cycle(const amph_mapper *m)
{
	for (size_t i = 0; i < m->n_references; i++)
		if (m->references[i].target != m &&
		    m->references[i].target->flush_rank == m->flush_rank)
			return true;
	return false;
}

/* A database that drops a table by deleting its rows must find none that refer to them: tables of
 * a cycle are emptied first, all together. */
static void empty_cycles(amph_plan *plan)
{
	const amph_registry *r = plan->registry;

	for (size_t i = 0; i < r->n_mappers && !plan->failed; i++) {
		const amph_mapper *m = r->by_rank[i];
		sql_stmt *stmt;

		if (m->parent || !is_in_cycle(m) || is_new(plan, m))
			continue;
		stmt = amph__plan_add(plan, SQL_STMT_DELETE);
		if (stmt)
			stmt->target = sql_range_table(plan->arena, m->table, NULL);
	}
}

/* Whether an index begins with the columns of a reference, in whatever order. */
static bool is_found_by(const uint16_t *key, size_t n, const amph_mapped_reference *r)
{
	size_t found = 0;

	for (size_t i = 0; i < n && i < r->n; i++)
		for (size_t k = 0; k < r->n; k++)
			found += key[i] == r->columns[k];
	return found == r->n;
}

static void index_reference(amph_plan *plan, const amph_mapper *m, const amph_mapped_reference *r)
{
	sql_index *index = AMPH_NEW(plan->arena, sql_index);
	sql_index_key *keys = AMPH_NEWS(plan->arena, sql_index_key, r->n);
	char *name = amph__arena_printf(plan->arena, "amph_drop_%s_%zu", m->table->name,
					(size_t)(r - m->references));

	if (!index || !keys || !name) {
		plan->failed = true;
		return;
	}
	for (size_t i = 0; i < r->n; i++)
		keys[i].column = m->columns[r->columns[i]].name;
	*index = (sql_index){ .name = name, .keys = keys, .n_keys = r->n };
	sql_stmt *stmt = amph__plan_add(plan, SQL_STMT_CREATE_INDEX);
	if (!stmt)
		return;
	stmt->table = m->table;
	stmt->index = index;
}

/* It looks for those rows once for each row, through the whole table where no index leads to them. Tables
 * that others refer to go after those others. */
static void index_own_references(amph_plan *plan)
{
	const amph_registry *r = plan->registry;

	for (size_t i = 0; i < r->n_mappers && !plan->failed; i++) {
		const amph_mapper *m = r->by_rank[i];

		for (size_t k = 0; k < m->n_references && !m->parent && !is_new(plan, m); k++) {
			const amph_mapped_reference *ref = &m->references[k];
			bool found = ref->target->flush_rank != m->flush_rank ||
				     is_found_by(m->keys, m->n_keys, ref);

			for (size_t u = 0; u < m->n_uniques && !found; u++)
				found = is_found_by(m->uniques[u] + 1, m->uniques[u][0], ref);
			if (!found && !plan->failed)
				index_reference(plan, m, ref);
		}
	}
}

static void drop_table(amph_plan *plan, const amph_mapper *m)
{
	sql_stmt *stmt = amph__plan_add(plan, SQL_STMT_DROP_TABLE);

	if (!stmt)
		return;
	stmt->table = m->table;
	stmt->if_exists = true;
	if (has(plan, AMPH_DIALECT_CATALOG_TABLE) && !is_new(plan, m))
		amph__catalog_remove(plan, NULL, m->table->schema, m->table->name);
}

static void drop_enums(amph_plan *plan)
{
	for (size_t i = plan->registry->n_enums; i-- > 0 && !plan->failed;) {
		const amph_enum_type *e = plan->registry->enums[i];
		sql_stmt *stmt;

		if (amph__existing_enum(plan->existing, e->name) &&
		    has(plan, AMPH_DIALECT_CATALOG_TABLE))
			amph__catalog_remove(plan, "enum", NULL, e->name);
		if (!has(plan, AMPH_DIALECT_ENUM_TYPES))
			continue;
		stmt = amph__plan_add(plan, SQL_STMT_DROP_ENUM);
		if (!stmt)
			return;
		stmt->enumeration = e;
		stmt->if_exists = true;
	}
}

static bool has_any(const amph_plan *plan)
{
	for (size_t i = 0; i < plan->registry->n_mappers; i++)
		if (!is_new(plan, plan->registry->mappers[i]))
			return true;
	return false;
}

void amph__plan_drop(amph_plan *plan)
{
	const amph_registry *r = plan->registry;

	/* a table of these models may have come from elsewhere, and be in no catalogue */
	if (has(plan, AMPH_DIALECT_CATALOG_TABLE) && has_any(plan))
		amph__catalog_create(plan);
	if (has(plan, AMPH_DIALECT_INLINE_FOREIGN_KEYS)) {
		index_own_references(plan);
		empty_cycles(plan);
	}
	for (size_t i = r->n_mappers; i-- > 0 && !plan->failed;)
		change_constraints(plan, r->by_rank[i], SQL_STMT_DROP_CONSTRAINT);
	for (size_t i = r->n_mappers; i-- > 0 && !plan->failed;)
		if (!r->by_rank[i]->parent)
			drop_table(plan, r->by_rank[i]);
	drop_enums(plan);
}
