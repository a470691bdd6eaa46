/* SELECT as text: targets, ranges, joins, set operations, common table expressions. */
#include "write.h"
#include <string.h>

/* names renames the first of the output columns, as a range's column aliases do: no database
 * needs to know such aliases on a subquery then. */
void amph__write_targets(amph_writer *w, const sql_target *targets, bool distinct,
			 const char *const *names, size_t n)
{
	size_t i = 0;

	/* SELECT FROM ...: rows without columns; the database wants one */
	if (!targets && !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT))
		amph_write_text(w, "NULL");
	for (const sql_target *t = targets; t && !w->failed; t = t->next, i++) {
		const char *name = names && i < n && names[i] ? names[i] : t->name;

		if (i)
			amph_write_text(w, ", ");
		if (distinct)
			amph__write_operand(w, t->expr, AMPH_USE_RESULT);
		else
			amph_write_expr(w, t->expr);
		if (name && t->expr->kind != SQL_STAR) {
			amph_write_text(w, " AS ");
			amph_write_name(w, name);
		}
	}
}

static void write_cte(amph_writer *w, const sql_cte *cte)
{
	amph_write_name(w, cte->name);
	if (cte->n_column_names) {
		amph_write_text(w, "(");
		amph__write_names_n(w, cte->column_names, cte->n_column_names);
		amph_write_text(w, ")");
	}
	amph_write_text(w, cte->materialized > 0   ? " AS MATERIALIZED ("
			   : cte->materialized < 0 ? " AS NOT MATERIALIZED ("
						   : " AS (");
	if (cte->stmt->kind == SQL_STMT_SELECT)
		amph__write_select(w, cte->stmt->select, NULL, 0);
	else if (amph__write_rows_of(w, cte))
		;
	else if (amph__dialect_has(w, AMPH_DIALECT_WRITING_CTES))
		amph__write_stmt(w, cte->stmt);
	else
		amph_write_refuse(w, cte->stmt->location, "INSERT, UPDATE or DELETE within WITH");
	amph_write_text(w, ")");
}

void amph__write_with(amph_writer *w, const sql_cte *with, bool recursive)
{
	if (!with)
		return;
	for (const sql_cte *c = with; c; c = c->next)
		recursive |= c->recursive;
	amph_write_text(w, recursive ? "WITH RECURSIVE " : "WITH ");
	for (const sql_cte *c = with; c && !w->failed; c = c->next) {
		if (c != with)
			amph_write_text(w, ", ");
		write_cte(w, c);
	}
	amph_write_text(w, " ");
}

/* ---- ranges ---- */

static void write_alias(amph_writer *w, const char *alias)
{
	if (!alias)
		return;
	amph_write_text(w, " AS ");
	amph_write_name(w, alias);
}

/* A table whose name a WITH query has as well: that would be taken for it. */
static bool is_hidden(const amph_writer *w, const char *name)
{
	for (const amph_withs *s = w->withs; s; s = s->outer)
		for (const sql_cte *c = s->ctes; c; c = c->next)
			if (!strcmp(c->name, name))
				return true;
	return false;
}

static void write_table_range(amph_writer *w, const sql_range *r)
{
	const char *name = r->table ? r->table->name : r->name;
	const char *schema = r->table ? r->table->schema : r->schema;

	if (amph__write_table_before(w, r->table)) {
		write_alias(w, r->alias ? r->alias : name);
		return;
	}
	if (r->table && !schema && w->dialect->main_schema && is_hidden(w, name)) {
		amph_write_text(w, r->table->temporary ? "temp" : w->dialect->main_schema);
		amph_write_text(w, ".");
	}
	amph__write_object(w, schema, name);
	if (schema || (r->alias && strcmp(r->alias, name)))
		write_alias(w, r->alias);
}

static void write_cte_range(amph_writer *w, const sql_range *r)
{
	amph_write_name(w, r->name);
	if (r->alias && strcmp(r->alias, r->name))
		write_alias(w, r->alias);
}

static void write_lateral(amph_writer *w, const sql_range *r)
{
	if (!r->lateral)
		return;
	if (amph__dialect_has(w, AMPH_DIALECT_LATERAL))
		amph_write_text(w, "LATERAL ");
}

static void write_subquery_range(amph_writer *w, const sql_range *r)
{
	bool renamed = r->names || r->n_column_aliases;

	if (r->lateral && !amph__dialect_has(w, AMPH_DIALECT_LATERAL)) {
		amph__write_packed_query(w, r->select);
		write_alias(w, r->alias);
		return;
	}
	write_lateral(w, r);
	amph_write_text(w, "(");
	amph__write_select(w, r->select, r->names ? r->names : r->column_aliases,
			   !renamed ? 0 : r->names ? r->n_columns : r->n_column_aliases);
	amph_write_text(w, ")");
	write_alias(w, r->alias);
}

static void write_calls(amph_writer *w, const sql_range *r)
{
	sql_list calls = { AMPH_NEWS(w->arena, sql_expr *, r->others.n + 1), 0 };

	bool numbered = amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS);

	if (!r->others.n && (!numbered || amph__is_set(r->function))) {
		amph__write_table_call(w, r->function);
		return;
	}
	if (!numbered) {
		amph_write_refuse(w, r->location, "ROWS FROM");
		return;
	}
	if (!calls.items)
		return;
	calls.items[calls.n++] = r->function;
	for (size_t i = 0; i < r->others.n; i++)
		calls.items[calls.n++] = r->others.items[i];
	amph__write_packed_calls(w, &calls);
}

static void write_function_range(amph_writer *w, const sql_range *r)
{
	write_lateral(w, r);
	write_calls(w, r);
	if (r->with_ordinality && !amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS))
		amph_write_text(w, " WITH ORDINALITY");
	write_alias(w, r->alias);
	if (r->names && !amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS)) {
		amph_write_text(w, "(");
		amph__write_names_n(w, r->names, r->n_columns);
		amph_write_text(w, ")");
	}
}

static void write_rows_range(amph_writer *w, const sql_range *r)
{
	const amph_param *p = w->stmt && r->param < w->stmt->n_params ? &w->stmt->params[r->param]
								     : NULL;

	if (w->failed)
		return;
	if (w->dialect->write_rows) {
		w->dialect->write_rows(w, r->param, r->alias, p ? p->types : r->types, r->names,
				       r->n_columns);
		return;
	}
	amph_write_text(w, "unnest(");
	for (size_t k = 0; k < r->n_columns; k++) {
		if (k)
			amph_write_text(w, ", ");
		amph_write_placeholder(w, r->param, k);
	}
	amph_write_text(w, ")");
	write_alias(w, r->alias);
	amph_write_text(w, "(");
	amph__write_names_n(w, r->names, r->n_columns);
	amph_write_text(w, ")");
}

static void write_join_side(amph_writer *w, const sql_range *r, bool right)
{
	bool nested = right && r->kind == SQL_JOIN;

	if (nested)
		amph_write_text(w, "(");
	amph__write_range(w, r);
	if (nested)
		amph_write_text(w, ")");
}

static void write_join_range(amph_writer *w, const sql_range *r)
{
	static const char *const words[] = {
		[SQL_INNER] = "JOIN ", [SQL_LEFT] = "LEFT JOIN ", [SQL_RIGHT] = "RIGHT JOIN ",
		[SQL_FULL] = "FULL JOIN ", [SQL_CROSS] = "CROSS JOIN "
	};

	write_join_side(w, r->left, false);
	amph_write_text(w, r->natural ? " NATURAL " : " ");
	amph_write_text(w, words[r->join]);
	write_join_side(w, r->right, true);
	if (r->using_columns) {
		amph_write_text(w, " USING (");
		amph__write_names(w, r->using_columns);
		amph_write_text(w, ")");
	} else if (r->on) {
		amph_write_text(w, " ON ");
		amph_write_expr(w, r->on);
	}
}

void amph__write_range(amph_writer *w, const sql_range *r)
{
	static void (*const kinds[])(amph_writer *, const sql_range *) = {
		[SQL_TABLE] = write_table_range, [SQL_SUBQUERY] = write_subquery_range,
		[SQL_FUNCTION] = write_function_range, [SQL_ROWS] = write_rows_range,
		[SQL_JOIN] = write_join_range, [SQL_CTE] = write_cte_range
	};

	if (w->failed)
		return;
	if (!r) {
		w->buf.failed = true;
		return;
	}
	if (++w->depth > AMPH_WRITE_MAX_DEPTH) {
		w->failed = true;
		amph__error(w->err, "54001", "The joins are nested too deeply (limit %d)",
			    AMPH_WRITE_MAX_DEPTH);
		return;
	}
	kinds[r->kind](w, r);
	w->depth--;
}

static bool looks_back(const sql_range *r)
{
	return r->kind == SQL_JOIN ? looks_back(r->left) || looks_back(r->right)
				   : r->lateral || r->kind == SQL_FUNCTION;
}

/* Joins one after another, of which none keeps rows of its right side: with what stands before them as
 * a product or without, they are the same. */
static bool is_chain(const sql_range *r)
{
	return r->kind != SQL_JOIN || (r->join != SQL_RIGHT && r->join != SQL_FULL && is_chain(r->left));
}

/* A comma binds less than JOIN in PostgreSQL and as much in SQLite, hence the parentheses; but within
 * them nothing sees what stands before. */
void amph__write_from(amph_writer *w, const sql_range *from)
{
	for (const sql_range *r = from; r && !w->failed; r = r->next) {
		bool nested = r->kind == SQL_JOIN && (r->next || r != from) &&
			      !(amph__dialect_has(w, AMPH_DIALECT_NUMBERED_COLUMNS) && looks_back(r) &&
				is_chain(r));

		if (r != from)
			amph_write_text(w, ", ");
		if (nested)
			amph_write_text(w, "(");
		amph__write_range(w, r);
		if (nested)
			amph_write_text(w, ")");
	}
}

/* ---- the body ---- */

static void write_values(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	if (names && n) {
		amph_write_text(w, "SELECT ");
		for (size_t i = 0; i < n && i < s->values[0].n; i++) {
			amph_write_format(w, "%s\"column%zu\" AS ", i ? ", " : "", i + 1);
			amph_write_name(w, names[i]);
		}
		amph_write_text(w, " FROM (");
	}
	amph_write_text(w, "VALUES ");
	for (size_t i = 0; i < s->n_values && !w->failed; i++) {
		amph_write_text(w, i ? ", (" : "(");
		amph__write_list(w, &s->values[i]);
		amph_write_text(w, ")");
	}
	if (names && n)
		amph_write_text(w, ") AS \"values\"");
}

static void write_distinct(amph_writer *w, const sql_select *s)
{
	if (s->distinct_on.n == 0) {
		amph_write_text(w, s->distinct ? "DISTINCT " : "");
		return;
	}
	amph_write_text(w, "DISTINCT ON (");
	for (size_t i = 0; i < s->distinct_on.n; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph__write_operand(w, s->distinct_on.items[i], AMPH_USE_ORDER);
	}
	amph_write_text(w, ") ");
}

static void write_named_windows(amph_writer *w, const sql_window *windows)
{
	for (const sql_window *win = windows; win && !w->failed; win = win->next) {
		sql_window unnamed = *win;

		amph_write_text(w, win == windows ? " WINDOW " : ", ");
		amph_write_name(w, win->name);
		amph_write_text(w, " AS ");
		unnamed.name = NULL;
		amph__write_window(w, &unnamed);
	}
}

static void write_from_clause(amph_writer *w, const sql_select *s)
{
	if (!s->from && !w->set_calls)
		return;
	amph_write_text(w, " FROM ");
	amph__write_from(w, s->from);
	if (w->set_calls) {
		amph_write_text(w, s->from ? ", " : "");
		if (w->set_calls->n == 1)
			amph__write_table_call(w, w->set_calls->items[0]);
		else
			amph__write_packed_calls(w, w->set_calls);
		amph_write_text(w, " AS \"set\"");
	}
}

void amph__write_after_targets(amph_writer *w, const sql_select *s)
{
	write_from_clause(w, s);
	if (s->where) {
		amph_write_text(w, " WHERE ");
		amph_write_expr(w, s->where);
	}
	if (s->group_by.n) {
		amph_write_text(w, " GROUP BY ");
		amph__write_group_keys(w, &s->group_by);
	}
	if (s->having) {
		amph_write_text(w, " HAVING ");
		amph_write_expr(w, s->having);
	}
	write_named_windows(w, s->windows);
}

/* HAVING alone makes one group of whatever rows there are, of which nothing can be said. */
static bool is_lone_having(const amph_writer *w, const sql_select *s)
{
	return s->having && !s->group_by.n && !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT) &&
	       !amph__write_has_aggregate(s);
}

/* SQLite wants an aggregate among the targets where HAVING stands alone. */
static void write_counted_targets(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	const sql_target *t = s->targets;
	const char *name = names && n && names[0] ? names[0] : t->name;
	bool renamed = names && n > 1;

	amph_write_text(w, "CASE WHEN (count(*) >= 0) THEN ");
	amph_write_expr(w, t->expr);
	amph_write_text(w, " END");
	if (name) {
		amph_write_text(w, " AS ");
		amph_write_name(w, name);
	}
	if (t->next) {
		amph_write_text(w, ", ");
		amph__write_targets(w, t->next, false, renamed ? names + 1 : NULL, renamed ? n - 1 : 0);
	}
}

static bool wants_count(const amph_writer *w, const sql_select *s)
{
	sql_select head = { .targets = s->targets };

	return s->having && s->targets && !s->group_by.n &&
	       !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT) && !amph__write_has_aggregate(&head);
}

static void write_simple(amph_writer *w, const sql_select *s, const char *const *names, size_t n,
			 bool compared)
{
	if (is_lone_having(w, s)) {
		sql_select row = *s;

		row.where = s->having;
		row.having = NULL;
		row.from = NULL;
		write_simple(w, &row, names, n, compared);
		return;
	}
	amph_write_text(w, "SELECT ");
	for (const sql_target *t = s->targets; s->distinct && t; t = t->next)
		amph__write_check_order(w, t->expr, "an equality operator");
	write_distinct(w, s);
	if (wants_count(w, s))
		write_counted_targets(w, s, names, n);
	else
		amph__write_targets(w, s->targets, s->distinct || compared, names, n);
	amph__write_after_targets(w, s);
}

static void write_body(amph_writer *w, const sql_select *s, const char *const *names, size_t n,
		       bool compared);

/* An operand of UNION and its like. Databases differ in precedence and in whether it may stand
 * in parentheses, so all but the plainest stands in FROM. */
static void write_set_side(amph_writer *w, const sql_select *side, const sql_select *parent,
			   const char *const *names, size_t n)
{
	bool chain = side == parent->left && side->set_op == parent->set_op &&
		     side->set_all == parent->set_all && parent->set_op == SQL_UNION;
	bool plain = !side->with && !side->order && !side->limit && !side->offset && !side->group_sets &&
		     (side->set_op == SQL_SET_NONE || chain) && !amph__write_find_sets(w, side);

	if (plain) {
		write_body(w, side, names, n, true);
		return;
	}
	amph_write_text(w, "SELECT * FROM (");
	amph__write_select(w, side, names, n);
	amph_write_text(w, ") AS \"side\"");
}

static void write_set(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	static const char *const words[] = {
		[SQL_SET_NONE] = "", [SQL_UNION] = " UNION ", [SQL_INTERSECT] = " INTERSECT ",
		[SQL_EXCEPT] = " EXCEPT "
	};

	if (s->set_all && s->set_op != SQL_UNION && !amph__dialect_has(w, AMPH_DIALECT_SET_ALL)) {
		amph__write_set_all(w, s, names, n);
		return;
	}
	for (size_t i = 0; i < s->n_columns && !s->set_all; i++) {
		const sql_expr column = { .type = s->columns[i].type };

		amph__write_check_order(w, &column, "an equality operator");
	}
	write_set_side(w, s->left, s, names, n);
	amph_write_text(w, words[s->set_op]);
	if (s->set_all)
		amph_write_text(w, "ALL ");
	write_set_side(w, s->right, s, NULL, 0);
}

static void write_body(amph_writer *w, const sql_select *s, const char *const *names, size_t n,
		       bool compared)
{
	if (w->failed)
		return;
	if (++w->depth > AMPH_WRITE_MAX_DEPTH) {
		w->failed = true;
		amph__error(w->err, "54001", "The query is nested too deeply (limit %d)",
			    AMPH_WRITE_MAX_DEPTH);
		return;
	}
	if (s->set_op != SQL_SET_NONE)
		write_set(w, s, names, n);
	else if (s->n_values)
		write_values(w, s, names, n);
	else
		write_simple(w, s, names, n, compared);
	w->depth--;
}

static void write_bounded(amph_writer *w, const char *word, const char *key, const sql_expr *e)
{
	sql_expr *items[] = { (sql_expr *)e };
	const sql_list args = { items, 1 };
	const amph_template t = { .args = &args };
	bool listed;
	const char *text = amph__spelling_find(w->dialect, key, &listed);

	amph_write_text(w, word);
	if (text)
		amph__write_template(w, text, &t);
	else
		amph_write_expr(w, e);
}

static void write_limits(amph_writer *w, const sql_select *s)
{
	bool listed;
	const char *all = amph__spelling_find(w->dialect, "limit_all", &listed);

	if (amph__write_has_ties(w, s) || amph__write_bounds_vary(w, s))
		return;
	if (s->limit && s->with_ties) {
		amph_write_text(w, " FETCH FIRST ");
		amph_write_expr(w, s->limit);
		amph_write_text(w, " ROWS WITH TIES");
	} else if (s->limit) {
		write_bounded(w, " LIMIT ", "limit", s->limit);
	} else if (s->offset && all) {
		amph_write_text(w, all);
	}
	if (s->offset)
		write_bounded(w, " OFFSET ", "offset", s->offset);
}

static void write_lock(amph_writer *w, const sql_select *s)
{
	static const char *const waits[] = {
		[SQL_LOCK_WAITS] = "", [SQL_LOCK_NOWAIT] = " NOWAIT", [SQL_LOCK_SKIP] = " SKIP LOCKED"
	};

	if (s->lock == SQL_LOCK_NONE || !amph__dialect_has(w, AMPH_DIALECT_FOR_UPDATE))
		return;
	amph_write_text(w, s->lock == SQL_LOCK_UPDATE ? " FOR UPDATE" : " FOR SHARE");
	if (s->lock_of) {
		amph_write_text(w, " OF ");
		amph_write_name(w, s->lock_of);
	}
	amph_write_text(w, waits[s->lock_wait]);
}

/* The result of a set operation is sorted from outside: within it only the names of output
 * columns may be sort keys, without a collation. */
static void write_sorted_set(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	bool rename = names && s->columns;

	amph_write_text(w, rename ? "SELECT " : "SELECT *");
	for (size_t i = 0; rename && i < s->n_columns; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph_write_name(w, s->columns[i].name);
		amph_write_text(w, " AS ");
		amph_write_name(w, i < n && names[i] ? names[i] : s->columns[i].name);
	}
	amph_write_text(w, " FROM (");
	write_body(w, s, NULL, 0, true);
	amph_write_text(w, ") AS \"set\" ORDER BY ");
	amph__write_order(w, s->order);
}

static void write_sorted(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	if (amph__write_has_ties(w, s)) {
		amph__write_with_ties(w, s, names, n);
	} else if (amph__write_bounds_vary(w, s)) {
		amph__write_varying_bounds(w, s, names, n);
	} else if (s->group_sets && !amph__dialect_has(w, AMPH_DIALECT_NATIVE_TEXT)) {
		amph__write_group_sets(w, s, names, n);
	} else if (s->set_op != SQL_SET_NONE && s->order) {
		write_sorted_set(w, s, names, n);
	} else if (s->distinct_on.n && !amph__dialect_has(w, AMPH_DIALECT_DISTINCT_ON)) {
		amph__write_distinct_on(w, s, names, n);
	} else {
		write_body(w, s, names, n, s->set_op != SQL_SET_NONE);
		if (s->order) {
			amph_write_text(w, " ORDER BY ");
			amph__write_order(w, s->order);
		}
	}
}

void amph__write_select(amph_writer *w, const sql_select *s, const char *const *names, size_t n)
{
	const sql_list *set_calls = w->set_calls;
	const amph_withs *outer = w->withs;
	bool sorts = w->sorts;
	const amph_withs own = { s ? s->with : NULL, outer };
	amph_layer layer;

	if (!s) {
		w->buf.failed = true;
		return;
	}
	w->withs = s->with ? &own : outer;
	amph__write_with(w, s->with, s->with_recursive);
	while ((layer = amph__write_layer(w, s)) != AMPH_LAYER_NONE)
		if (!(s = amph__write_split(w, s, layer)))
			return;
	w->set_calls = amph__write_find_sets(w, s);
	w->sorts = s->order != NULL;
	write_sorted(w, s, names, n);
	w->sorts = sorts;
	w->set_calls = set_calls;
	write_limits(w, s);
	write_lock(w, s);
	w->withs = outer;
}

void amph__write_subselect(amph_writer *w, const sql_select *s)
{
	bool bare = w->bare_columns;

	w->bare_columns = false;
	amph_write_text(w, "(");
	amph__write_select(w, s, NULL, 0);
	amph_write_text(w, ")");
	w->bare_columns = bare;
}
