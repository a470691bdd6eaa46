/* Hybrids in queries: the expression of the model, over the columns of a range. */
#include "lower.h"
#include "../sql/sql.h"

const amph_mapped_column *amph__hybrid_at(const amph_mapper *m, size_t offset)
{
	for (size_t i = 0; i < m->n_hybrids; i++)
		if (m->hybrids[i].slot.offset == offset)
			return &m->hybrids[i];
	return NULL;
}

/* Columns of the text are those of the range. */
static void qualify(sql_expr *e, const char *alias)
{
	if (!e)
		return;
	if (e->kind == SQL_COLUMN)
		e->range = alias;
	qualify(e->operand, alias);
	for (size_t i = 0; i < e->args.n; i++)
		qualify(e->args.items[i], alias);
}

sql_expr *amph__lower_hybrid(amph_lowerer *l, size_t range, size_t number)
{
	const amph_mapper *m = range < l->n_ranges ? l->ranges[range].mapper : NULL;
	amph_error err;

	if (!m || number >= m->n_hybrids) {
		l->key.bad = true;
		return NULL;
	}
	/* the text was parsed and resolved when the engine was opened: only memory can be out */
	sql_expr *e = amph__parse_expr(l->arena, m->hybrids[number].decl->computed, &err);
	if (!e) {
		l->arena->failed = true;
		return NULL;
	}
	qualify(e, l->ranges[range].alias);
	e = sql_cast(l->arena, e, m->hybrids[number].type);
	if (e)
		e->explicit_cast = true;
	return e;
}
