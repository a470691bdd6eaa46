/* What can be wrong with a model, said so that it can be put right: each message names the model
 * and the column. */
#include "compile.h"
#include "value.h"
#include "../base/utf8.h"
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 63, MAX_LENGTH = 10485760, MAX_PRECISION = 1000 };

/* ---- mistakes ---- */

void amph__mistake(amph_compiler *c, amph_draft *d, const char *column, const char *sqlstate,
		   const char *format, ...)
{
	amph_mistake *m = AMPH_NEW(c->arena, amph_mistake);
	char text[sizeof(((amph_error *)0)->message)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);      /* cut is fine */
	va_end(args);
	if (m)
		m->text = amph__arena_text(c->arena, text, strlen(text));
	if (!m || !m->text) {
		c->failed = true;
		return;
	}
	m->sqlstate = sqlstate;
	m->column = column;
	*d->last_mistake = m;
	d->last_mistake = &m->next;
}

void amph__mistake_error(amph_compiler *c, amph_draft *d, const char *column, const char *what,
			 const amph_error *err)
{
	const char *state;

	if (err->status == AMPH_E_NOMEM) {
		c->failed = true;
		return;
	}
	state = amph__arena_text(c->arena, err->sqlstate, strlen(err->sqlstate));
	if (state)
		amph__mistake(c, d, column, state, "%s: %s", what, err->message);
	else
		c->failed = true;
}

static void add_mistake(char *out, size_t size, const amph_mistake *m)
{
	size_t len = strlen(out);

	(void)snprintf(out + len, size - len, "%s%s%s%s%s", len ? "; " : "",
		       m->column ? "column \"" : "", m->column ? m->column : "",
		       m->column ? "\": " : "", m->text);
}

/* The first in the message with as many others as fit, the rest in the detail. */
bool amph__mistakes_report(const amph_draft *d, amph_error *err)
{
	const amph_mistake *m = d->mistakes;
	char text[4 * sizeof(err->message)] = "";
	size_t head;

	for (; m; m = m->next) {
		size_t before = strlen(text);

		add_mistake(text, sizeof(text), m);
		if (m != d->mistakes && strlen(text) > sizeof(err->message) - 96) {
			text[before] = '\0';
			break;
		}
	}
	amph__error(err, d->mistakes->sqlstate, "model \"%s\": %s%s",
		    d->model->name ? d->model->name : "?", text, m ? "; and more" : "");
	amph__error_names(err, d->model->table, d->mistakes->column, NULL);
	for (text[0] = '\0'; m && strlen(text) < sizeof(text) - 1; m = m->next)
		add_mistake(text, sizeof(text), m);
	head = strlen(text);
	if (err && head)
		amph__copy_text(err->detail, sizeof(err->detail), text);
	return false;
}

/* ---- names ---- */

bool amph__check_name(amph_compiler *c, amph_draft *d, const char *column, const char *what,
		      const char *name)
{
	size_t len = name ? strlen(name) : 0;

	if (len == 0)
		amph__mistake(c, d, column, "42601", "%s has no name", what);
	else if (len > NAME_MAX_BYTES)
		amph__mistake(c, d, column, "42622", "%s name \"%.63s...\" is longer than %d bytes",
			      what, name, (int)NAME_MAX_BYTES);
	else if (!amph__utf8_valid(name, len))
		amph__mistake(c, d, column, "22021", "%s name is not valid UTF-8", what);
	else
		return true;
	return false;
}

static bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Names that one of the databases keeps for itself. */
static void check_table_name(amph_compiler *c, amph_draft *d)
{
	const amph_model *m = d->model;

	if (!amph__check_name(c, d, NULL, "table", m->table))
		return;
	if (starts_with(m->table, "sqlite_") || starts_with(m->table, "amphora_"))
		amph__mistake(c, d, NULL, "42939", "table name \"%s\" is reserved", m->table);
	if (strchr(m->table, '.'))
		amph__mistake(c, d, NULL, "0A000", "table name \"%s\" has a dot in it; a schema is "
			      "given as .schema", m->table);
	if (m->schema && amph__check_name(c, d, NULL, "schema", m->schema)) {
		if (starts_with(m->schema, "pg_"))
			amph__mistake(c, d, NULL, "42939", "schema name \"%s\" is reserved", m->schema);
		if (strchr(m->schema, '.'))
			amph__mistake(c, d, NULL, "0A000", "schema name \"%s\" has a dot in it",
				      m->schema);
	}
}

static void check_column_name(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	static const char *const system[] = { "tableoid", "xmin", "cmin", "xmax", "cmax", "ctid" };

	if (!amph__check_name(c, d, NULL, "column", col->name))
		return;
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (!strcmp(col->name, system[i]))
			amph__mistake(c, d, col->name, "42701",
				      "is the name of a system column of PostgreSQL");
	if (col->decl->renamed_from)
		amph__check_name(c, d, col->name, "former", col->decl->renamed_from);
}

void amph__check_model(amph_compiler *c, amph_draft *d)
{
	const amph_mapper *m = d->mapper;
	size_t offset = d->model->soft_delete.offset;

	amph__check_inheritance(c, d);
	if (d->parent)
		return;
	check_table_name(c, d);
	if (d->model->renamed_from)
		amph__check_name(c, d, NULL, "former", d->model->renamed_from);
	if (d->model->comment && !amph__utf8_valid(d->model->comment, strlen(d->model->comment)))
		amph__mistake(c, d, NULL, "22021", "the comment is not valid UTF-8");
	if (!m->n_keys && m->by_offset)
		amph__mistake(c, d, NULL, "42P16", "has no primary key: give a column .primary_key = true");
	if (!d->model->soft_delete.model)
		return;
	if (d->model->soft_delete.model != d->model || m->soft_delete < 0)
		amph__mistake(c, d, NULL, "42703", "soft_delete is no column of the model");
	else if (d->columns[m->soft_delete].decl->type != (AMPH_T_TIMESTAMPTZ | AMPH_T_NULLABLE) ||
		 d->columns[m->soft_delete].decl->not_null || offset >= m->size)
		amph__mistake(c, d, d->columns[m->soft_delete].name, "42804",
			      "soft_delete is a member of type amph_opt_timestamptz that may be NULL");
}

/* ---- options of a column ---- */

static int base_type(const amph_column *c)
{
	return c->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
}

static bool is_scalar(const amph_column *c, amph_type type)
{
	return (c->type & ~AMPH_T_NULLABLE) == (int)type;
}

static bool is_integer(const amph_column *c)
{
	return is_scalar(c, AMPH_T_INT16) || is_scalar(c, AMPH_T_INT32) || is_scalar(c, AMPH_T_INT64);
}

static bool has_default(const amph_column *c)
{
	return c->default_value.type != AMPH_T_NONE || c->default_fn;
}

static bool is_not_null(const amph_column *c)
{
	return c->not_null || c->primary_key ||
		(!(c->type & AMPH_T_NULLABLE) && !(c->type & AMPH_T_ARRAY));
}

static bool explicit_identity(const amph_column *c)
{
	return c->identity == AMPH_IDENTITY_BY_DEFAULT || c->identity == AMPH_IDENTITY_ALWAYS;
}

#define RULE(name, condition) static bool name(const amph_column *c) { return condition; }
RULE(length_not_text, c->length != 0 && !is_scalar(c, AMPH_T_TEXT))
RULE(length_range, c->length < 0 || c->length > MAX_LENGTH)
RULE(precision_not_numeric,
     (c->precision != 0 || c->scale != 0) && !is_scalar(c, AMPH_T_NUMERIC))
RULE(precision_range, c->precision < 0 || c->precision > MAX_PRECISION)
RULE(scale_range, c->scale < -MAX_PRECISION || c->scale > MAX_PRECISION)
RULE(scale_alone, c->scale != 0 && c->precision == 0 && is_scalar(c, AMPH_T_NUMERIC))
RULE(choices_not_text, c->choices && !is_scalar(c, AMPH_T_TEXT))
RULE(choices_empty, c->choices && !c->choices[0])
RULE(labels_not_enum, c->labels && base_type(c) != AMPH_T_ENUM)
RULE(enum_name_not_enum, c->enum_name && base_type(c) != AMPH_T_ENUM)
RULE(enum_without_labels, base_type(c) == AMPH_T_ENUM && (!c->labels || !c->labels[0]))
RULE(version_not_integer, c->version && !is_integer(c))
RULE(version_nullable, c->version && is_integer(c) && !is_not_null(c))
RULE(version_has_more, c->version && (c->primary_key || c->computed || has_default(c) ||
				      c->on_update || c->server_default || c->references.model))
RULE(two_defaults, c->default_value.type != AMPH_T_NONE && c->default_fn)
RULE(computed_not_null, c->computed && c->not_null)
RULE(computed_default, c->computed && (has_default(c) || c->server_default || c->on_update))
RULE(computed_validate, c->computed && c->validate)
RULE(computed_key, c->computed && c->primary_key)
RULE(computed_identity, c->computed && explicit_identity(c))
RULE(identity_not_integer, explicit_identity(c) && !is_integer(c))
RULE(identity_default, explicit_identity(c) && (has_default(c) || c->server_default))
RULE(identity_reference, explicit_identity(c) && c->references.model)
RULE(action_alone, !c->references.model && (c->on_delete || c->on_key_update || c->deferred))
RULE(set_null_not_null, c->references.model && is_not_null(c) &&
     (c->on_delete == AMPH_SET_NULL || c->on_key_update == AMPH_SET_NULL))
RULE(set_default_without, c->references.model && is_not_null(c) && !c->server_default &&
     (c->on_delete == AMPH_SET_DEFAULT || c->on_key_update == AMPH_SET_DEFAULT))
RULE(computed_action, c->computed && c->references.model &&
     (c->on_delete == AMPH_SET_NULL || c->on_delete == AMPH_SET_DEFAULT || c->on_key_update))

static const struct rule {
	bool (*broken)(const amph_column *c);
	const char *sqlstate, *text;
} rules[] = {
	{ length_not_text, "42601", "length is for text only" },
	{ length_range, "22023", "length must be between 1 and 10485760" },
	{ precision_not_numeric, "42601", "precision and scale are for numeric only, not for arrays of it" },
	{ precision_range, "22023", "precision must be between 1 and 1000" },
	{ scale_range, "22023", "scale must be between -1000 and 1000" },
	{ scale_alone, "22023", "scale needs a precision" },
	{ choices_not_text, "42804", "choices are for text only; an enum has labels" },
	{ choices_empty, "42P16", "choices are an empty list: name them in AMPH_CHOICES, or leave "
			".choices out" },
	{ labels_not_enum, "42804", "labels are for enums only, members of type unsigned or "
	  "amph_opt_enum" },
	{ enum_name_not_enum, "42804", "enum_name is for enums only" },
	{ enum_without_labels, "42P16", "an enum needs .labels" },
	{ version_not_integer, "42804", "a version column is an integer: make the member int32_t or "
			"int64_t" },
	{ version_nullable, "42P16", "a version column must be not null: make the member a plain integer" },
	{ version_has_more, "42P16", "a version column cannot be a key, a reference or computed, or "
	  "have a default" },
	{ two_defaults, "42P16", "has both default_value and default_fn: give one of them" },
	{ computed_not_null, "42P16", "a computed column cannot be declared not null: leave .not_null out" },
	{ computed_default, "42601", "a computed column cannot have a default or on_update" },
	{ computed_validate, "42P16", "a computed column cannot have a validator: nothing writes it" },
	{ computed_key, "0A000", "a computed column cannot be part of the primary key" },
	{ computed_identity, "42601", "is both identity and computed" },
	{ identity_not_integer, "22023", "an identity column is an integer" },
	{ identity_default, "42601", "is both identity and has a default: leave one of them out" },
	{ identity_reference, "42P16", "is both identity and a reference" },
	{ action_alone, "42P16", "on_delete, on_key_update and deferred need references" },
	{ set_null_not_null, "42P16", "SET NULL on a column that is not null: make the member "
	  "amph_opt_*, or choose another action" },
	{ set_default_without, "42P16", "SET DEFAULT on a column that is not null and has no "
	  "server_default" },
	{ computed_action, "42601", "a computed column cannot be changed by its reference" }
};

static void check_list(amph_compiler *c, amph_draft *d, const amph_mapped_column *col,
		       const char *what, const char *const *list)
{
	for (size_t i = 0; list && list[i]; i++) {
		size_t len = strlen(list[i]);

		if (!amph__utf8_valid(list[i], len)) {
			amph__mistake(c, d, col->name, "22021", "%s %zu is not valid UTF-8", what, i);
			continue;
		}
		if (col->decl->length > 0 && amph__utf8_count(list[i], len) > (size_t)col->decl->length)
			amph__mistake(c, d, col->name, "22001", "%s \"%s\" is longer than %d characters",
				      what, list[i], col->decl->length);
		if (list == col->decl->labels && len > NAME_MAX_BYTES)
			amph__mistake(c, d, col->name, "42602", "label \"%s\" is longer than %d bytes",
				      list[i], (int)NAME_MAX_BYTES);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(list[i], list[k]))
				amph__mistake(c, d, col->name, "42710", "%s \"%s\" is there twice",
					      what, list[i]);
	}
}

/* A member outside the struct, or of a type that no member has: a column not made by the macros. */
static bool check_member(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	const amph_column *decl = col->decl;
	int base = base_type(decl);
	bool known = base > AMPH_T_NONE && base <= AMPH_T_ENUM;
	size_t end;

	if (!known) {
		amph__mistake(c, d, col->name, "42804", "has no type that a member can have");
		return false;
	}
	if (!amph__size_add(decl->offset, amph_type_size(col->slot.type, col->slot.nullable), &end) ||
	    end > d->mapper->size) {
		amph__mistake(c, d, col->name, "42P16", "is not within the struct");
		return false;
	}
	return true;
}

void amph__check_column(amph_compiler *c, amph_draft *d, const amph_mapped_column *col)
{
	const amph_column *decl = col->decl;

	check_column_name(c, d, col);
	if (!check_member(c, d, col))
		return;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (rules[i].broken(decl))
			amph__mistake(c, d, col->name, rules[i].sqlstate, "%s", rules[i].text);
	check_list(c, d, col, "label", decl->labels);
	check_list(c, d, col, "choice", decl->choices);
	if (decl->comment && !amph__utf8_valid(decl->comment, strlen(decl->comment)))
		amph__mistake(c, d, col->name, "22021", "the comment is not valid UTF-8");
	amph__check_default(c, d, col);
}
