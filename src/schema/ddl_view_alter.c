/* ALTER VIEW: its name, those of its columns, their defaults, and whether its rows are checked. */
#include "ddl.h"
#include <string.h>

void amph__view_keep(ddl_run *r, const amph_known_sequence *old, const amph_known_sequence *view)
{
	if (old)
		amph__catalog_remove_for(&r->plan, &(const sql_table){ .temporary = old->temporary }, "view",
					 NULL, old->name);
	amph__catalog_add_other(&r->plan, &(const sql_table){ .temporary = view->temporary }, "view",
				view->name, view->text);
}

/* ---- WITH CHECK OPTION ---- */

/* Whether rows could be written to the view, were it this. */
bool amph__view_may_check(ddl_run *r, const char *name, bool temporary, const char *text)
{
	amph_map *views = &r->names->views;
	amph_known_sequence *old = amph__map_get(views, name, strlen(name));
	amph_known_sequence view = { name, text, temporary };
	sql_stmt stmt = { .kind = SQL_STMT_DELETE, .location = -1 };
	amph_error ignored = { .status = AMPH_OK };
	bool ok;

	stmt.target = AMPH_NEW(r->arena, sql_range);
	if (!stmt.target)
		return amph__error_nomem(r->err);
	*stmt.target = (sql_range){ .kind = SQL_TABLE, .location = -1, .name = name };
	if (old)
		amph__map_remove(views, name, strlen(name));
	if (!amph__map_put(views, name, strlen(name), &view))
		return amph__error_nomem(r->err);
	ok = amph__resolve(r->arena, &stmt, &r->names->names, &ignored) && amph__view_has_columns(&stmt);
	amph__map_remove(views, name, strlen(name));
	if (old && !amph__map_put(views, old->name, strlen(old->name), old))
		return amph__error_nomem(r->err);
	return ok || amph__error(r->err, "0A000", "WITH CHECK OPTION is supported only on automatically "
				 "updatable views");
}

/* ---- the changes ---- */

typedef struct view_change {
	ddl_run *run;
	amph_known_sequence *known;
	const char *name;               /* as it will be */
	sql_view view;
} view_change;

/* Other views say the old name. */
static bool is_viewed(view_change *v)
{
	const char *user = amph__view_broken(v->run, v->known->name, NULL);

	return user && !amph__error(v->run->err, "0A000", "a change of what a view (\"%s\") uses is not "
				    "supported", user);
}

static bool find_column(view_change *v, const char *name, size_t *i)
{
	for (*i = 0; *i < v->view.n; ++*i)
		if (!strcmp(v->view.names[*i], name))
			return true;
	return false;
}

static bool rename_view(view_change *v, const sql_alter *c)
{
	if (amph__ddl_is_known(v->run, c->new_name))
		return amph__error(v->run->err, "42P07", "relation \"%s\" already exists", c->new_name);
	v->name = c->new_name;
	return amph__ddl_is_clear(v->run, c->new_name) && !is_viewed(v);
}

static bool rename_column(view_change *v, const sql_alter *c)
{
	const char **names = (const char **)(uintptr_t)v->view.names;
	size_t i, other;

	if (!find_column(v, c->name, &i))
		return amph__error(v->run->err, "42703", "column \"%s\" does not exist", c->name);
	if (find_column(v, c->new_name, &other))
		return amph__error(v->run->err, "42701", "column \"%s\" of relation \"%s\" already exists",
				   c->new_name, v->name);
	if (strpbrk(c->new_name, "\n\t"))
		return amph__error(v->run->err, "0A000", "a column of a view with such a name is not "
				   "supported");
	names[i] = c->new_name;
	return !is_viewed(v);
}

/* A default is looked at as one of a table's column would be. */
static bool check_default(view_change *v, size_t i, const char *text)
{
	ddl_run *r = v->run;
	sql_expr *query = amph__parse_expr(r->arena, v->view.query, r->err);
	sql_stmt stmt = { .kind = SQL_STMT_SELECT, .location = -1 };
	sql_expr *e = amph__parse_expr(r->arena, text, r->err);
	static const sql_table none = { .name = "", .n_columns = 0 };

	if (!query || !e)
		return false;
	stmt.select = query->select;
	return amph__resolve(r->arena, &stmt, &r->names->names, r->err) && i < stmt.select->n_columns &&
	       amph__resolve_expr(r->arena, &e, &none, &r->names->names, &stmt.select->columns[i].type,
				  r->err);
}

static bool set_default(view_change *v, const sql_alter *c)
{
	const char **defaults = (const char **)(uintptr_t)v->view.defaults;
	const char *text = c->column->default_sql;
	size_t i;

	if (!find_column(v, c->name, &i))
		return amph__error(v->run->err, "42703", "column \"%s\" of relation \"%s\" does not exist",
				   c->name, v->name);
	if (text && strchr(text, '\n'))
		return amph__error(v->run->err, "0A000", "a default of a view of several lines is not "
				   "supported");
	defaults[i] = text;
	return !text || check_default(v, i, text);
}

static bool set_check(view_change *v, const sql_alter *c)
{
	if (c->problem)
		return amph__error(v->run->err, "22023", "%s", c->problem);
	if (c->check != SQL_CHECK_KEPT)
		v->view.check = c->check;
	return true;
}

static bool change(view_change *v, const sql_alter *c)
{
	switch (c->kind) {
	case SQL_RENAME_TABLE:
		return rename_view(v, c);
	case SQL_RENAME_COLUMN:
		return rename_column(v, c);
	case SQL_SET_DEFAULT:
		return set_default(v, c);
	case SQL_VIEW_CHECK:
		return set_check(v, c);
	default:
		return amph__error(v->run->err, "42809", "ALTER action cannot be performed on relation "
				   "\"%s\"", v->name);
	}
}

bool amph__ddl_alter_view(ddl_run *r, amph_known_sequence *known)
{
	view_change v = { .run = r, .known = known, .name = known->name };
	const char *text;

	if (!amph__view_read(r->arena, known->text, &v.view))
		return amph__error_nomem(r->err);
	for (const sql_alter *c = r->stmt->alters; c; c = c->next)
		if (!change(&v, c))
			return false;
	text = amph__view_text(r, &v.view);
	if (!text || (v.view.check && !amph__view_may_check(r, known->name, known->temporary, text)))
		return false;
	amph__view_keep(r, known, &(const amph_known_sequence){ v.name, text, known->temporary });
	return amph__ddl_touch(r);
}
