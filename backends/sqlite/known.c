/* The constraints of tables that no model has, from the catalogue table: what errors are named by,
 * beside those of the models. */
#include "constraint.h"
#include <string.h>

enum { COLUMNS_MAX = 32 };      /* of a key, in PostgreSQL */

typedef struct listing {
	sl_conn *conn;
	amph_arena *arena;
	amph_constraint_name *rows;
	size_t n, cap;
} listing;

static const char *keep(const listing *l, const char *text, size_t len)
{
	return amph__arena_text(l->arena, text, len);
}

/* A name as the catalogue writes it, perhaps quoted. Behind it, or NULL. */
static const char *read_name(const listing *l, const char *p, const char **out)
{
	const char *start = p;
	char *name, *to;

	if (*p != '"') {
		p += strcspn(p, "(), ");
		*out = keep(l, start, (size_t)(p - start));
		return *out ? p : NULL;
	}
	name = amph__arena_text(l->arena, p, strlen(p));
	if (!name)
		return NULL;
	for (to = name, p++; *p && (*p != '"' || *++p == '"'); p++)
		*to++ = *p;
	*to = '\0';
	*out = name;
	return p;
}

/* "(a, b)" */
static const char *const *read_names(const listing *l, const char **text)
{
	const char **names = AMPH_NEWS(l->arena, const char *, COLUMNS_MAX + 1);
	const char *p = strchr(*text, '(');
	size_t n = 0;

	for (p = p ? p + 1 : NULL; names && p && n < COLUMNS_MAX; p += 2) {
		p = read_name(l, p, &names[n++]);
		if (!p)
			return NULL;
		if (*p == ')') {
			*text = p;
			return names;
		}
		/* an expression of an index, or its order */
		if (strncmp(p, ", ", 2) != 0)
			return NULL;
	}
	return NULL;
}

static bool read_target(const listing *l, const char *text, amph_constraint_name *c)
{
	const char *p = strstr(text, " REFERENCES ");

	p = p ? read_name(l, p + strlen(" REFERENCES "), &c->target) : NULL;
	if (p)
		c->target_columns = read_names(l, &p);
	return p != NULL;
}

static bool in_models(const amph_schema *schema, const char *table)
{
	for (size_t i = 0; schema && i < schema->n; i++)
		if (amph__sl_is_table(table, schema->constraints[i].schema, schema->constraints[i].table))
			return true;
	return false;
}

static amph_constraint_name *add(listing *l)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		amph_constraint_name *rows = AMPH_NEWS(l->arena, amph_constraint_name, cap);

		if (!rows)
			return NULL;
		if (l->n)
			memcpy(rows, l->rows, l->n * sizeof *rows);
		l->rows = rows;
		l->cap = cap;
	}
	return &l->rows[l->n++];
}

static bool add_row(listing *l, const char *kind, const char *table, const char *name, const char *text)
{
	bool index = !strcmp(kind, "index");
	amph_constraint_name *c;

	if (index && strncmp(text, "CREATE UNIQUE ", 14) != 0)
		return true;
	c = add(l);
	if (!c)
		return false;
	*c = (amph_constraint_name){ .kind = index ? 'i' : kind[0], .table = keep(l, table, strlen(table)),
				     .name = keep(l, name, strlen(name)) };
	if (!c->table || !c->name)
		return false;
	if (c->kind == 'c')
		return true;
	if (c->kind == 'f' && !read_target(l, text, c))
		return false;
	c->columns = read_names(l, &text);
	if (!c->columns)
		l->n--;
	return true;
}

static void read_rows(listing *l, const char *sql)
{
	const amph_schema *models = l->conn->base.engine->schema;
	sqlite3_stmt *stmt = NULL;

	/* where there is no such table there is nothing to know */
	if (sqlite3_prepare_v2(l->conn->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return;
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		const char *row[4];

		for (int i = 0; i < 4; i++) {
			row[i] = (const char *)sqlite3_column_text(stmt, i);
			row[i] = row[i] ? row[i] : "";
		}
		if (!in_models(models, row[1]) && !add_row(l, row[0], row[1], row[2], row[3]))
			break;
	}
	sqlite3_finalize(stmt);
}

#define ROWS(catalog) "SELECT kind, tbl, name, text FROM " catalog " WHERE kind IN " \
	"('p', 'u', 'f', 'c', 'index') ORDER BY rowid"

const amph_schema *amph__sl_schema(sl_conn *conn)
{
	const amph_schema *models = conn->base.engine->schema;
	listing l = { .conn = conn, .arena = &conn->known_arena };
	amph_schema *known;

	if (conn->known)
		return conn->known;
	amph__arena_reset(&conn->known_arena);
	for (size_t i = 0; models && i < models->n; i++) {
		amph_constraint_name *c = add(&l);

		if (!c)
			return models;
		*c = models->constraints[i];
	}
	read_rows(&l, ROWS("main.amphora_catalog"));
	read_rows(&l, ROWS("temp.amphora_temp_catalog"));
	known = AMPH_NEW(&conn->known_arena, amph_schema);
	if (!known)
		return models;
	*known = (amph_schema){ .n = l.n, .constraints = l.rows };
	conn->known = known;
	return known;
}
