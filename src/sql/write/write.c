/* The writer's context: text, names, constants, templates, and the refusals that carry the place.
 * Everything is sticky: the first failure is kept and the rest of the walk does nothing. */
#include "write.h"
#include "../../model/value.h"
#include <stdio.h>
#include <string.h>

void amph__writer_init(amph_writer *w, amph_arena *arena, const amph_dialect *dialect,
		       amph_error *err)
{
	*w = (amph_writer){ .arena = arena, .dialect = dialect, .err = err };
	amph__buf_init(&w->buf, arena->allocator);
}

bool amph__writer_ok(amph_writer *w)
{
	if (w->failed)
		return false;
	if (!w->buf.failed && !w->arena->failed)
		return true;
	w->failed = true;
	return amph__error_nomem(w->err);
}

void amph_write_text(amph_writer *w, const char *text)
{
	if (!w->failed)
		amph__buf_puts(&w->buf, text);
}

void amph_write_format(amph_writer *w, const char *format, ...)
{
	va_list args;
	char small[128];
	int n;

	if (w->failed)
		return;
	va_start(args, format);
	n = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof(small)) {
		amph__buf_add(&w->buf, small, (size_t)n);
		return;
	}
	char *room = n < 0 ? NULL : amph__buf_reserve(&w->buf, (size_t)n + 1);

	if (!room) {
		w->buf.failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(room, (size_t)n + 1, format, args);
	va_end(args);
	w->buf.len += (size_t)n;
}

void amph_write_name(amph_writer *w, const char *name)
{
	if (!w->failed)
		amph__buf_quote(&w->buf, name, '"');
}

void amph_write_literal(amph_writer *w, const char *text)
{
	if (!w->failed)
		amph__buf_quote(&w->buf, text, '\'');
}

void amph_write_refuse(amph_writer *w, int location, const char *construct)
{
	if (w->failed)
		return;
	w->failed = true;
	amph__error(w->err, "0A000", "%s is not supported on %s", construct, w->dialect->name);
	if (w->err && location >= 0)
		w->err->position = location + 1;
}

void amph_write_fail(amph_writer *w, const amph_error *err)
{
	if (w->failed)
		return;
	w->failed = true;
	if (w->err)
		*w->err = *err;
}

struct amph_arena *amph_write_arena(amph_writer *w)
{
	return w->arena;
}

const amph_sqltype *amph_expr_type(const sql_expr *e)
{
	return &e->type;
}

static bool check_param(amph_writer *w, size_t i)
{
	if (w->stmt && i < w->stmt->n_params)
		return true;
	if (!w->failed)
		amph__error_misuse(w->err, "Parameter %zu is not declared by the statement", i + 1);
	w->failed = true;
	return false;
}

/* The type of a placeholder: a column of a row set is an array of its values, and an array of
 * arrays is one of their texts. */
static amph_sqltype placeholder_type(const amph_param *p, size_t k)
{
	amph_sqltype type = k < p->n_types ? p->types[k] : (amph_sqltype){ 0 };

	if (p->kind != AMPH_PARAM_ROWS || type.type == AMPH_T_NONE)
		return type;
	if (type.type & AMPH_T_ARRAY)
		type.type = AMPH_T_TEXT;
	type.type |= AMPH_T_ARRAY;
	return type;
}

/* Where each column of a row set has a placeholder of its own, the numbers of later ones move. */
void amph_write_placeholder(amph_writer *w, size_t i, size_t k)
{
	size_t number = 1;
	bool columns = amph__dialect_has(w, AMPH_DIALECT_ROW_COLUMNS);
	amph_sqltype type;

	if (!check_param(w, i))
		return;
	for (size_t p = 0; p < i; p++)
		number += columns ? w->stmt->params[p].n_types : 1;
	if (columns)
		number += k;
	type = placeholder_type(&w->stmt->params[i], k);
	if (w->dialect->write_placeholder)
		w->dialect->write_placeholder(w, number, &type);
	else
		amph_write_format(w, "$%zu", number);
}

void amph__write_list(amph_writer *w, const sql_list *list)
{
	for (size_t i = 0; i < list->n && !w->failed; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph_write_expr(w, list->items[i]);
	}
}

void amph__write_names_n(amph_writer *w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph_write_name(w, names[i]);
	}
}

void amph__write_names(amph_writer *w, const char *const *names)
{
	size_t n = 0;

	while (names[n])
		n++;
	amph__write_names_n(w, names, n);
}

void amph__write_object(amph_writer *w, const char *schema, const char *name)
{
	if (schema && amph__dialect_has(w, AMPH_DIALECT_SCHEMAS)) {
		amph_write_name(w, schema);
		amph_write_text(w, ".");
	} else if (schema) {
		name = amph__arena_printf(w->arena, "%s.%s", schema, name);
	}
	if (name)
		amph_write_name(w, name);
}

/* The labels of an enum as an array's text, "bpchar", or the name of the type; "[]" after it of arrays. */
static const char *element_descriptor(amph_writer *w, const amph_sqltype *type)
{
	int base = type->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	amph_buf text;
	const char *out;

	if (base == AMPH_T_ROW_VALUE && type->enumeration) {
		out = amph__arena_printf(w->arena, "(%s)", type->enumeration->name);
		return out ? out : "";
	}
	if (base == AMPH_T_TEXT && type->scale == 1 && type->length)
		return "bpchar";
	if (base != AMPH_T_ENUM || !type->enumeration)
		return amph__types[base < AMPH_T_COUNT ? base : AMPH_T_NONE].short_name;
	amph__buf_init(&text, w->arena->allocator);
	for (size_t i = 0; i < type->enumeration->n_labels; i++) {
		amph__buf_putc(&text, i ? ',' : '{');
		amph__buf_escape(&text, type->enumeration->labels[i]);
	}
	amph__buf_putc(&text, '}');
	out = text.failed ? NULL : amph__arena_text(w->arena, text.text, text.len);
	if (!out)
		w->buf.failed = true;
	amph__buf_clear(&text);
	return out ? out : "";
}

const char *amph__write_descriptor(amph_writer *w, const amph_sqltype *type)
{
	const char *element = element_descriptor(w, type);

	if (!(type->type & AMPH_T_ARRAY))
		return element;
	element = amph__arena_printf(w->arena, "%s[]", element);
	return element ? element : "";
}

static void write_labels(amph_writer *w, const amph_sqltype *type)
{
	const amph_enum_type *e = type->enumeration;

	for (size_t i = 0; e && i < e->n_labels; i++) {
		if (i)
			amph_write_text(w, ", ");
		amph_write_literal(w, e->labels[i]);
	}
}

static void write_as_text(amph_writer *w, sql_expr *e)
{
	sql_expr cast = { .kind = SQL_CAST, .location = -1, .type = { .type = AMPH_T_TEXT },
			  .args = { &e, 1 }, .explicit_cast = true };

	amph_write_expr(w, &cast);
}

/* What a type's output function gives: the cast to text but for booleans, which it shortens. */
static void write_output(amph_writer *w, sql_expr *e)
{
	const sql_list args = { &e, 1 };
	const amph_template t = { .args = &args, .impl = "bool_output" };
	bool listed;
	const char *text = e->type.type == AMPH_T_BOOL
		? amph__spelling_find(w->dialect, "bool_output", &listed) : NULL;

	if (text)
		amph__write_template(w, text, &t);
	else
		write_as_text(w, e);
}

/* json of a row, which is not to be taken for what is json of its own. */
static bool is_record(const sql_expr *e)
{
	return e->kind == SQL_CALL && e->row && !strcmp(e->row->impl, "record_to_json_any");
}

/* how: 0 the argument, 't' its text, 'u' its output, 'p' its type and the argument, 'n' the same with the
 * type's name. */
static void write_argument(amph_writer *w, const amph_template *t, size_t i, char how)
{
	sql_expr *e = t->args && i < t->args->n ? t->args->items[i] : NULL;

	if (t->column) {
		amph_write_name(w, t->column);
	} else if (!e) {
		amph_write_text(w, "NULL");
	} else if (how == 't') {
		write_as_text(w, e);
	} else if (how == 'u') {
		write_output(w, e);
	} else if (t->compares) {
		amph__write_operand(w, e, t->use);
	} else {
		if (how == 'n') {
			char name[AMPH_TYPE_NAME_SIZE];

			amph_write_literal(w, amph__type_identifier(e->type, name));
			amph_write_text(w, ", ");
		}
		if (how == 'p') {
			amph_write_literal(w, is_record(e) ? "record" : amph__write_descriptor(w, &e->type));
			amph_write_text(w, ", ");
		}
		amph_write_expr(w, e);
	}
}

/* Of no arguments the comma before them goes as well. */
static void write_rest(amph_writer *w, const amph_template *t, size_t from, char how)
{
	size_t n = t->args ? t->args->n : 0;

	if (from >= n && w->buf.len > 2 && !memcmp(w->buf.text + w->buf.len - 2, ", ", 2))
		w->buf.len -= 2;
	for (size_t i = from; i < n; i++) {
		if (i > from)
			amph_write_text(w, ", ");
		write_argument(w, t, i, how);
	}
}

/* Writes the variable at p, after the dollar, and gives its last character. */
static const char *write_variable(amph_writer *w, const char *p, const amph_template *t, size_t *next)
{
	static const amph_sqltype none = { 0 };
	const amph_sqltype *type = t->type ? t->type : &none;
	char how = (*p == 't' || *p == 'u' || *p == 'p' || *p == 'n') && p[1] ? *p++ : '\0';

	if (*p >= '1' && *p <= '9') {
		write_argument(w, t, (size_t)(*p - '1'), how);
		if ((size_t)(*p - '0') > *next)
			*next = (size_t)(*p - '0');
	} else if (*p == '*') {
		write_rest(w, t, *next, how);
	} else if (*p == 'l') {
		amph_write_format(w, "%d", (int)type->length);
	} else if (*p == 'q') {
		amph_write_format(w, "%d", (int)type->length - 1);
	} else if (*p == 'f') {
		amph__interval_fields(&w->buf, type);
	} else if (*p == 's') {
		amph_write_format(w, "%d", (int)type->scale);
	} else if (*p == 'e') {
		amph_write_text(w, t->explicit_cast ? "1" : "0");
	} else if (*p == 'd') {
		amph_write_literal(w, amph__write_descriptor(w, type));
	} else if (*p == 'm') {
		amph_write_literal(w, type->enumeration ? type->enumeration->name : "");
	} else if (*p == 'v') {
		write_labels(w, type);
	} else if (*p == 'o') {
		amph_write_literal(w, t->op ? t->op : "");
	}
	return p;
}

/* A call or a single variable stands for itself; anything else needs parentheses around it. */
static bool is_delimited(const char *text)
{
	const char *p = text;
	int depth = 0;

	if (text[0] == '$' && text[1] && !text[2])
		return true;
	while ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
	       *p == '_' || *p == '"')
		p++;
	if (!*p)
		return true;
	if (*p != '(')
		return false;
	for (; *p; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (depth == 0)
			return !p[1];
	}
	return false;
}

void amph__write_arguments_of(amph_writer *w, const char *text, const amph_template *t)
{
	size_t next = 0;

	for (const char *p = text; *p && !w->failed; p++) {
		if (*p == '$' && p[1])
			p = write_variable(w, p + 1, t, &next);
		else
			amph__buf_putc(&w->buf, *p);
	}
}

void amph__write_template(amph_writer *w, const char *text, const amph_template *t)
{
	bool delimited = is_delimited(text);

	if (!delimited)
		amph_write_text(w, "(");
	if (text[0] == '(' && text[1] == ')' && !text[2]) {
		amph_write_text(w, w->dialect->function_prefix ? w->dialect->function_prefix : "");
		amph_write_text(w, t->impl);
		text = "($*)";
	}
	amph__write_arguments_of(w, text, t);
	if (!delimited)
		amph_write_text(w, ")");
}

/* The text for impl, or NULL; listed says whether the dialect has it at all. */
const char *amph__spelling_find(const amph_dialect *d, const char *impl, bool *listed)
{
	size_t lo = 0, hi = d->n_spellings;

	*listed = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = strcmp(impl, d->spellings[mid].impl);

		if (order == 0) {
			*listed = true;
			return d->spellings[mid].text;
		}
		if (order < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return d->has_function && d->has_function(impl) ? "()" : NULL;
}

static void write_type_name(amph_writer *w, const char *name, const amph_sqltype *type)
{
	const amph_template t = { .type = type };

	for (; *name && !w->failed; name++) {
		size_t next = 0;

		if (name[0] == '%' && name[1] == 's') {
			amph_write_name(w, type->enumeration ? type->enumeration->name : "");
			name++;
		} else if (name[0] == '$' && name[1]) {
			name = write_variable(w, name + 1, &t, &next);
		} else {
			amph__buf_putc(&w->buf, *name);
		}
	}
}

void amph__write_type(amph_writer *w, const amph_sqltype *type, bool sized)
{
	bool array = (type->type & AMPH_T_ARRAY) != 0;
	int base = type->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	const amph_type_spelling *spelling = &w->dialect->types[base < AMPH_T_COUNT ? base : 0];

	if (array && w->dialect->array) {
		write_type_name(w, w->dialect->array->name, type);
		return;
	}
	if (base == AMPH_T_REGTYPE && !array) {
		amph_write_text(w, "regtype");
		return;
	}
	if (!spelling->name) {
		amph_write_refuse(w, -1, "A cast to a type of the catalogue's own");
		return;
	}
	write_type_name(w, sized && type->length > 0 && spelling->sized ? spelling->sized
									 : spelling->name, type);
	if (array)
		amph_write_text(w, "[]");
}

void amph_write_type(amph_writer *w, const amph_sqltype *type)
{
	amph__write_type(w, type, false);
}
