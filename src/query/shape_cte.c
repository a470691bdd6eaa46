/* The key of queries beside a query: those whose rows it may name as tables, and those whose rows
 * are put together with its own. */
#include "shape.h"
#include "../model/value.h"

static size_t fields_of(const amph_field *fields)
{
	size_t n = 0;

	while (fields && fields[n].member)
		n++;
	return n;
}

static bool writes(const amph_cte_item *cte)
{
	return cte->kind == AMPH_CTE_UPDATE || cte->kind == AMPH_CTE_DELETE || cte->kind == AMPH_CTE_INSERT;
}

static const amph_field *list_of(const amph_cte_item *cte)
{
	return writes(cte) ? cte->query->returning : cte->query->fields;
}

/* Columns in the order of the fields; their places are found in that of the struct. */
static amph_source *new_source(amph_shaper *w, const amph_cte_item *cte)
{
	size_t n = fields_of(list_of(cte));
	amph_source *s = AMPH_NEW(&w->b->values, amph_source);
	uint16_t *order = AMPH_NEWS(&w->b->values, uint16_t, n + 1);
	sql_table *table = AMPH_NEW(&w->b->values, sql_table);

	if (s)
		s->columns = AMPH_NEWS(&w->b->values, amph_mapped_column, n + 1);
	if (!s || !order || !table || !s->columns) {
		amph__error_nomem(w->err);
		return NULL;
	}
	for (size_t i = 0, k; i < n; i++) {
		const amph_field *fields = list_of(cte);
		for (k = i; k > 0 && fields[order[k - 1]].offset > fields[i].offset; k--)
			order[k] = order[k - 1];
		order[k] = (uint16_t)i;
	}
	table->name = cte->model->name;
	s->model = cte->model;
	s->recursive = cte->kind == AMPH_CTE_RECURSIVE;
	s->mapper = (amph_mapper){
		.model = cte->model, .ordinal = UINT16_MAX, .size = cte->model->size, .columns = s->columns,
		.n_columns = n, .version = -1, .identity = -1, .soft_delete = -1, .table = table,
		.by_offset = order
	};
	return s;
}

void amph__shape_fill(amph_shaper *w, size_t i, const amph_field *field, const amph_sqltype *type)
{
	unsigned base = (unsigned)field->type & ~(unsigned)AMPH_T_NULLABLE;
	amph_source *s = w->filling;

	s->columns[i] = (amph_mapped_column){
		.name = field->member, .number = (uint16_t)i,
		.slot = { .type = (uint8_t)base, .offset = field->offset, .name = field->member },
		.type = { .type = (uint8_t)base, .nullable = true, .enumeration = type->enumeration }
	};
}

/* From here on it may be named. */
void amph__shape_filled(amph_shaper *w)
{
	w->filling->outer = w->sources;
	w->filling->number = w->sources ? w->sources->number + 1 : 0;
	w->sources = w->filling;
	w->filling = NULL;
}

static bool check_values(amph_shaper *w, const amph_cte_item *cte, const amph_arg *arg)
{
	const amph_field *fields = cte->query->fields;

	for (size_t c = 0; c < arg->n_slots; c++) {
		const amph_slot *slot = &arg->slots[c];
		amph_sqltype type = { .type = slot->type, .nullable = true,
				      .enumeration = slot->enumeration };
		for (size_t i = 0; amph__slot_needs_check(slot) && i < arg->n_rows; i++) {
			if (!amph__slot_check(slot, &type, (const char *)arg->base + i * arg->stride,
					      cte->model->name, fields[c].member, w->err))
				return false;
		}
	}
	return true;
}

static bool holds_null_itself(unsigned base)
{
	return base & AMPH_T_ARRAY || base == AMPH_T_TEXT || base == AMPH_T_BYTES || base == AMPH_T_JSON;
}

/* The member's; an enum is that of the column it is given as. */
static bool type_of_given(amph_shaper *w, const amph_cte_item *cte, const amph_field *f, amph_sqltype *type)
{
	*type = (amph_sqltype){ .type = (uint8_t)(f->type & ~AMPH_T_NULLABLE) };
	if (type->type == AMPH_T_NONE)
		return amph__error_misuse(w->err, "\"%s.%s\" is of no type that a column may have",
					  cte->model->name, f->member);
	if ((type->type & ~AMPH_T_ARRAY) != AMPH_T_ENUM)
		return true;
	type->enumeration = f->value.op == AMPH_OP_COLUMN ? amph__type_of(w, &f->value).enumeration : NULL;
	return type->enumeration ||
	       amph__error(w->err, "42804", "which enum \"%s.%s\" is of, a column says: given_as",
			   cte->model->name, f->member);
}

/* The program's rows, as one argument. */
static bool put_values(amph_shaper *w, const amph_cte_item *cte)
{
	const amph_field *fields = cte->query->fields;
	size_t n = fields_of(fields);
	amph_slot *slots = AMPH_NEWS(&w->b->values, amph_slot, n + 1);
	amph_arg arg = { .n_slots = n, .n_rows = cte->n_rows, .stride = cte->model->size, .slots = slots,
			 .base = cte->rows };

	if (!slots)
		return amph__error_nomem(w->err);
	if (n == 0 || (cte->n_rows && !cte->rows))
		return amph__error_misuse(w->err, "a list of values of \"%s\" needs rows, and members that "
					  "are given", cte->model->name);
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		amph_sqltype type;
		if (!type_of_given(w, cte, &fields[i], &type))
			return false;
		slots[i] = (amph_slot){
			.type = type.type, .offset = fields[i].offset, .name = fields[i].member,
			.nullable = fields[i].type & AMPH_T_NULLABLE && !holds_null_itself(type.type),
			.enumeration = type.enumeration
		};
		key_text(&w->b->key, fields[i].member);
		if (!amph__shape_type(w, &type))
			return false;
		amph__shape_fill(w, i, &fields[i], &type);
	}
	if (!check_values(w, cte, &arg) || !amph__bind_add(w->b, &arg, w->err))
		return false;
	amph__shape_filled(w);
	return true;
}

static bool check_cte(amph_shaper *w, const amph_cte_item *cte)
{
	const char *name = cte->model ? cte->model->name : "?";

	if (!cte->model || cte->model->table || cte->model->alias_of)
		return amph__error(w->err, "42809", "\"%s\" is a model: a query fills row structs, see "
				   "AMPH_ROW", name);
	for (const amph_field *f = list_of(cte); f && f->member; f++) {
		int base = f->type & ~AMPH_T_NULLABLE;
		if (f->type == AMPH_T_NONE)
			return amph__error_misuse(w->err, "the query that fills \"%s\" needs into() for "
						  "each of its .fields", name);
		if (f->offset + amph_type_size(base, f->type & AMPH_T_NULLABLE) > cte->model->size)
			return amph__error_misuse(w->err, "field \"%s\" is of another row struct than "
						  "\"%s\"", f->member, name);
	}
	if (cte->kind == AMPH_CTE_RECURSIVE && !cte->query->combine)
		return amph__error(w->err, "42P19", "the recursive query of \"%s\" needs .combine with a "
				   "union of what follows from its rows", name);
	return true;
}

static bool is_inlined(const amph_cte_item *cte)
{
	return cte->kind == AMPH_CTE_SET || cte->kind == AMPH_CTE_SET_NUMBERED ||
	       cte->kind == AMPH_CTE_LATERAL;
}

/* Only its columns; the rest where it is named. */
static bool put_columns(amph_shaper *w, const amph_cte_item *cte)
{
	const amph_field *fields = cte->query->fields;
	size_t n = fields_of(fields);

	if (n == 0)
		return amph__error_misuse(w->err, "what fills \"%s\" needs members that it fills",
					  cte->model->name);
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		amph_sqltype type = { .type = (uint8_t)(fields[i].type & ~AMPH_T_NULLABLE) };
		if (cte->kind == AMPH_CTE_LATERAL)
			type.enumeration = amph__type_of(w, &fields[i].value).enumeration;
		else if (!type_of_given(w, cte, &fields[i], &type))
			return false;
		key_text(&w->b->key, fields[i].member);
		if (cte->kind == AMPH_CTE_LATERAL)
			key_byte(&w->b->key, type.type);
		else if (!amph__shape_type(w, &type))
			return false;
		amph__shape_fill(w, i, &fields[i], &type);
	}
	w->filling->inlined = cte;
	amph__shape_filled(w);
	return true;
}

bool amph__shape_inlined(amph_shaper *w, const amph_mapper *mapper)
{
	const amph_cte_item *cte = NULL;
	size_t ranges = w->b->n_ranges, main = w->main;
	bool ok;

	for (const amph_source *s = w->sources; s && !cte; s = s->outer)
		cte = &s->mapper == mapper ? s->inlined : NULL;
	if (!cte)
		return true;
	if (cte->kind != AMPH_CTE_LATERAL) {
		if (cte->call.op != AMPH_OP_CALL)
			return amph__error_misuse(w->err, "what fills \"%s\" is to be a call by name",
						  cte->model->name);
		return amph__shape_expr(w, &cte->call, &(amph_sqltype){ .type = AMPH_T_NONE });
	}
	ok = amph__shape_select(w, AMPH_QUERY_PROJECT, cte->query);
	w->b->n_ranges = ranges;
	w->main = main;
	return ok;
}

/* The statement around may be one, too. */
static bool put_insert(amph_shaper *w, const amph_cte_item *cte)
{
	const amph_insert_defaults *defaults = w->defaults;
	const amph_mapper *target = w->target;
	amph_source *sources = w->sources;
	bool ok = amph__shape_insert(w, cte->query);

	w->target = target;
	w->defaults = defaults;
	w->sources = sources;
	if (ok)
		amph__shape_filled(w);
	return ok;
}

/* PostgreSQL has them beside the statement itself, not beside a query within. */
static bool put_writing(amph_shaper *w, const amph_cte_item *cte)
{
	bool may = w->b->may_write && w->b->n_ranges == 0;
	bool ok;

	if (!may)
		return amph__error(w->err, "0A000", "\"%s\" is of rows that are written: that stands beside "
				   "amph_project and amph_insert_from only", cte->model->name);
	if (!cte->query->returning)
		return amph__error_misuse(w->err, "what fills \"%s\" needs .returning", cte->model->name);
	w->b->may_write = false;
	if (cte->kind == AMPH_CTE_INSERT)
		ok = put_insert(w, cte);
	else
		ok = amph__shape_select(w, cte->kind == AMPH_CTE_UPDATE ? AMPH_QUERY_UPDATE
									: AMPH_QUERY_DELETE, cte->query);
	w->b->may_write = may;
	w->b->n_ranges = 0;
	return ok;
}

static bool put_cte(amph_shaper *w, const amph_cte_item *cte)
{
	size_t ranges = w->b->n_ranges;
	bool ok;

	if (!check_cte(w, cte))
		return false;
	key_byte(&w->b->key, (unsigned)cte->kind);
	key_text(&w->b->key, cte->model->name);
	w->filling = new_source(w, cte);
	if (!w->filling)
		return false;
	if (w->sources && w->sources->number + 1 >= AMPH_QUERY_SOURCES_MAX)
		return amph__error(w->err, "54001", "a query with more than %d others beside it",
				   AMPH_QUERY_SOURCES_MAX);
	if (cte->kind == AMPH_CTE_VALUES)
		return put_values(w, cte);
	if (is_inlined(cte))
		return put_columns(w, cte);
	if (writes(cte))
		return put_writing(w, cte);
	ok = amph__shape_select(w, AMPH_QUERY_PROJECT, cte->query);
	w->b->n_ranges = ranges;
	return ok;
}

bool amph__shape_ctes(amph_shaper *w, const amph_cte_item *ctes)
{
	amph_source *filling = w->filling;
	size_t n = 0;
	bool ok = true;

	while (ctes[n].kind != AMPH_CTE_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; ok && i < n; i++)
		ok = put_cte(w, &ctes[i]);
	w->filling = filling;
	return ok;
}

bool amph__shape_combine(amph_shaper *w, amph_query_op op, const amph_combine_item *combine)
{
	size_t ranges = w->b->n_ranges, main = w->main, n = 0;
	const amph_model *model = w->b->ranges[main].model;

	while (combine[n].how != AMPH_COMBINE_NONE)
		n++;
	key_number(&w->b->key, n);
	for (size_t i = 0; i < n; i++) {
		const amph_select *q = combine[i].query;
		if (combine[i].how > AMPH_EXCEPT_ALL)
			return amph__error_misuse(w->err, "queries combined in a way that there is not");
		if (op != AMPH_QUERY_PROJECT && op != AMPH_QUERY_STREAM_ROWS && op != AMPH_QUERY_INSERT &&
		    q->model != model)
			return amph__error(w->err, "42804", "objects of \"%s\" cannot be combined with those "
					   "of \"%s\": project both", model->name, q->model->name);
		key_byte(&w->b->key, (unsigned)combine[i].how);
		if (!amph__shape_select(w, op, q))
			return false;
		w->b->n_ranges = ranges;
	}
	w->main = main;
	return true;
}
