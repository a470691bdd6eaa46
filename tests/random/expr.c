/* Random expressions of a wanted type, through the untyped twins of the macros. The first operand
 * is never a mere value, so that the type of a value beside it is known. */
#include "random.h"
#include <string.h>

/* What follows the kinds of K_..., in the arguments of a function: letters. */
typedef struct function {
	kind of;
	const char *name, *args;
	bool risky;
} function;

/* t text, i integer, n numeric, d double, j jsonb, b bytes, D date, m time, s timestamp,
 * z timestamptz, v interval, c boolean: expressions; T I N J: or a value; k -2 to 6, K 1 to 5,
 * f G h a field of extract, u w a unit of date_trunc, p a key, r a regular expression, g flags,
 * e an encoding, F O formats of to_char, x one of format, q a small double, V a small interval */
static const function functions[] = {
	{ K_TEXT, "lower", "t", false }, { K_TEXT, "upper", "t", false },
	{ K_TEXT, "initcap", "t", false }, { K_TEXT, "btrim", "t", false },
	{ K_TEXT, "ltrim", "tT", false }, { K_TEXT, "rtrim", "tT", false },
	{ K_TEXT, "btrim", "tT", false }, { K_TEXT, "reverse", "t", false },
	{ K_TEXT, "left", "tk", false }, { K_TEXT, "right", "tk", false },
	{ K_TEXT, "substr", "tk", false }, { K_TEXT, "substr", "tkK", false },
	{ K_TEXT, "replace", "tTT", false }, { K_TEXT, "translate", "tTT", false },
	{ K_TEXT, "lpad", "tKT", false }, { K_TEXT, "rpad", "tKT", false },
	{ K_TEXT, "repeat", "tk", false }, { K_TEXT, "split_part", "tTK", false },
	{ K_TEXT, "md5", "t", false }, { K_TEXT, "quote_literal", "t", false },
	{ K_TEXT, "quote_ident", "t", false }, { K_TEXT, "||", "tT", false },
	{ K_TEXT, "concat", "tiT", false }, { K_TEXT, "concat_ws", "tTc", false },
	{ K_TEXT, "overlay", "tTKK", false }, { K_TEXT, "regexp_replace", "trT", false },
	{ K_TEXT, "regexp_replace", "trTg", false }, { K_TEXT, "regexp_substr", "tr", false },
	{ K_TEXT, "jsonb_typeof", "j", false }, { K_TEXT, "->>", "jp", false },
	{ K_TEXT, "encode", "be", false }, { K_TEXT, "to_hex", "i", false },
	{ K_TEXT, "chr", "i", true }, { K_TEXT, "substr", "tii", true }, { K_TEXT, "left", "ti", false },
	{ K_TEXT, "repeat", "tK", false }, { K_TEXT, "to_char", "sF", false },
	{ K_TEXT, "to_char", "zF", false }, { K_TEXT, "to_char", "nO", false },
	{ K_TEXT, "format", "xt", false },
	{ K_INT, "length", "t", false }, { K_INT, "char_length", "t", false },
	{ K_INT, "octet_length", "t", false }, { K_INT, "bit_length", "t", false },
	{ K_INT, "ascii", "t", false }, { K_INT, "strpos", "tT", false },
	{ K_INT, "length", "b", false }, { K_INT, "abs", "i", true },
	{ K_INT, "mod", "iK", false }, { K_INT, "%", "iK", false }, { K_INT, "mod", "ii", true },
	{ K_INT, "jsonb_array_length", "j", true }, { K_INT, "scale", "n", false },
	{ K_INT, "-", "DD", true }, { K_INT, "num_nulls", "tic", false }, { K_INT, "gcd", "ii", true },
	{ K_INT, "regexp_count", "tr", false }, { K_INT, "&", "iK", false }, { K_INT, "|", "iK", false },
	{ K_INT, "#", "iK", false }, { K_INT, "width_bucket", "qK", true },
	{ K_NUM, "round", "nk", false }, { K_NUM, "trunc", "nk", false }, { K_NUM, "abs", "n", false },
	{ K_NUM, "ceil", "n", false }, { K_NUM, "floor", "n", false }, { K_NUM, "sign", "n", false },
	{ K_NUM, "round", "n", false }, { K_NUM, "trunc", "n", false }, { K_NUM, "%", "nN", true },
	{ K_NUM, "extract", "fs", false }, { K_NUM, "extract", "fz", false },
	{ K_NUM, "extract", "GD", false }, { K_NUM, "extract", "hv", false },
	{ K_NUM, "trim_scale", "n", false }, { K_NUM, "mod", "nN", true }, { K_NUM, "div", "nN", true },
	{ K_NUM, "sqrt", "n", true }, { K_NUM, "exp", "n", true }, { K_NUM, "ln", "n", true },
	{ K_NUM, "power", "nN", true },
	{ K_DBL, "abs", "d", false }, { K_DBL, "ceil", "d", false }, { K_DBL, "floor", "d", false },
	{ K_DBL, "round", "d", false }, { K_DBL, "trunc", "d", false }, { K_DBL, "sign", "d", false },
	{ K_DBL, "sqrt", "d", true }, { K_DBL, "date_part", "fs", false }, { K_DBL, "power", "dq", true },
	{ K_DBL, "cbrt", "d", true },
	{ K_BOOL, "starts_with", "tT", false }, { K_BOOL, "~", "tr", false },
	{ K_BOOL, "!~", "tr", false }, { K_BOOL, "~*", "tr", false }, { K_BOOL, "@>", "jJ", false },
	{ K_BOOL, "<@", "jJ", false }, { K_BOOL, "?", "jp", false }, { K_BOOL, "isfinite", "D", false },
	{ K_BOOL, "isfinite", "s", false }, { K_BOOL, "!~~", "tT", true },
	{ K_JSON, "->", "jp", false }, { K_JSON, "||", "jJ", false }, { K_JSON, "-", "jp", true },
	{ K_JSON, "jsonb_strip_nulls", "j", false },
	{ K_DATE, "+", "Dk", true }, { K_DATE, "-", "DK", true },
	{ K_TS, "+", "sV", true }, { K_TS, "-", "sV", true }, { K_TS, "date_trunc", "us", true },
	{ K_TS, "+", "Dm", true }, { K_TS, "+", "DV", true },
	{ K_TZ, "+", "zV", true }, { K_TZ, "date_trunc", "uz", true },
	{ K_SPAN, "-", "ss", true }, { K_SPAN, "-", "zz", true }, { K_SPAN, "+", "vV", true },
	{ K_SPAN, "justify_days", "v", true }, { K_SPAN, "justify_hours", "v", true },
	{ K_SPAN, "*", "vq", true }, { K_SPAN, "age", "ss", true }, { K_SPAN, "-", "mm", false },
	{ K_SPAN, "date_trunc", "wv", true },
	{ K_TIME, "+", "mV", false },
	/* with a $ in them they are fragments */
	{ K_TEXT, "substring($1 from $2 for $3)", "tkK", true },
	{ K_TEXT, "overlay($1 placing $2 from $3)", "tTK", false },
	{ K_TEXT, "trim(both $2 from $1)", "tT", false }, { K_TEXT, "cast($1 as varchar(3))", "t", false },
	{ K_INT, "char_length($1) + octet_length($1)", "t", false },
	{ K_INT, "position($2 in $1)", "tT", false }, { K_INT, "cast($1 as integer)", "n", true },
	{ K_BOOL, "$1 between symmetric $2 and $3", "iKi", false },
	{ K_BOOL, "$1 like $2 escape '!'", "tr", true }, { K_BOOL, "$1 is distinct from $2", "tT", false },
	{ K_BOOL, "$1 is not distinct from $2", "iI", false }, { K_BOOL, "$1 is not true", "c", false },
	{ K_BOOL, "($1, $2) overlaps ($3, $4)", "svsv", true },
	{ K_JSON, "jsonb_build_array($1, $2, $1)", "tj", false },
	{ K_TZ, "$1 at time zone 'UTC'", "s", false }, { K_TS, "$1 at time zone 'UTC'", "z", false },
	{ K_DATE, "cast($1 as date)", "s", false },
	{ K_JSON, "jsonb_set($1, '{a}', $2)", "jJ", true },
	{ K_JSON, "jsonb_insert($1, '{0}', $2)", "jJ", true },
	{ K_JSON, "$1 #- '{a,b}'", "j", true }, { K_JSON, "to_jsonb($1)", "n", false },
	{ K_JSON, "jsonb_build_object('k', $1, 'v', $2)", "ti", false },
	{ K_JSON, "to_jsonb($1)", "t", false }, { K_JSON, "to_jsonb($1)", "s", false },
	{ K_JSON, "jsonb_path_query_first($1, '$.a.b[*]')", "j", false },
	{ K_JSON, "jsonb_path_query_array($1, '$.* ? (@ == 1)')", "j", false },
	{ K_BOOL, "jsonb_path_exists($1, '$[*].a')", "j", false },
	{ K_BOOL, "$1 ?| array['a', 'b']", "j", false }, { K_BOOL, "$1 ?& array['a', 'aa']", "j", false },
	{ K_TEXT, "jsonb_pretty($1)", "j", false }, { K_TEXT, "$1::text", "j", false },
	{ K_TEXT, "$1::text", "n", false }, { K_TEXT, "$1::text", "d", false },
	{ K_TEXT, "$1::text", "z", false }, { K_TEXT, "$1::text", "v", false },
	{ K_TEXT, "$1::text", "b", false }, { K_TEXT, "$1::text", "c", false },
	{ K_TEXT, "(string_to_array($1, 'a'))[1]", "t", false },
	{ K_TEXT, "array_to_string(string_to_array($1, ' '), ',', '*')", "t", false },
	{ K_TEXT, "array_to_string(regexp_split_to_array($1, $2), '|')", "tr", false },
	{ K_TEXT, "array_to_string(regexp_match($1, $2), '|', '-')", "tr", false },
	{ K_TEXT, "array_to_string(array_replace(string_to_array($1, ''), 'a', $2), '')", "tT", false },
	{ K_INT, "array_length(string_to_array($1, $2), 1)", "tT", false },
	{ K_INT, "array_position(string_to_array($1, null), $2)", "tT", false },
	{ K_INT, "cardinality(array[$1, $2])", "iI", false },
	{ K_BOOL, "$1 = any (array[$2, 1, 2])", "iI", false },
	{ K_BOOL, "array[$1, 'a'] && string_to_array($2, ' ')", "tt", false },
	{ K_BOOL, "$1 is normalized", "t", false }, { K_TEXT, "normalize($1, nfkc)", "t", false },
	{ K_TEXT, "encode(sha256($1), 'hex')", "b", false }, { K_BYTES, "||", "bb", false },
	{ K_BYTES, "substr($1, $2)", "bk", false }, { K_INT, "get_byte($1, $2)", "bK", true },
	{ K_BOOL, "to_tsvector('english', $1) @@ plainto_tsquery('english', $2)", "tT", false },
	{ K_TEXT, "to_tsvector('simple', $1)::text", "t", false },
	{ K_TEXT, "websearch_to_tsquery('english', $1)::text", "t", false },
	{ K_DATE, "make_date($1, 2, 28)", "i", true }, { K_SPAN, "make_interval(days => $1)", "i", true },
	{ K_DBL, "date_part('epoch', $1)", "v", false }, { K_DBL, "exp($1)", "q", true },
	{ K_DBL, "ln($1)", "q", true }, { K_DBL, "degrees($1)", "q", true },
	{ K_DBL, "log($1)", "q", true }, { K_NUM, "log($1)", "n", true },
	{ K_NUM, "cast($1 as numeric(6,2))", "n", true }, { K_NUM, "cast($1 as numeric)", "d", true },
	{ K_NUM, "to_number($1, '999.9')", "t", true }, { K_TZ, "to_timestamp($1)", "q", true },
	{ K_TZ, "$1 at time zone 'Europe/Paris'", "s", true },
	{ K_TS, "$1 at time zone 'America/New_York'", "z", true },
	{ K_TS, "date_bin('15 minutes', $1, timestamp '2001-01-01')", "s", true },
	{ K_TEXT, "to_char($1, 'HH24:MI:SS DDD')", "v", false },
	{ K_TEXT, "to_char($1, 'FM999MI')", "i", true },
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const char *const fields[] = {
	"year", "month", "day", "hour", "minute", "second", "dow", "isodow", "doy", "week", "quarter",
	"epoch", "century", "decade", "isoyear", "millennium", "milliseconds", "microseconds", "julian",
};
static const char *const date_fields[] = { "year", "month", "day", "dow", "doy", "week", "epoch", "century" };
static const char *const span_fields[] = { "year", "month", "day", "hour", "second", "epoch", "quarter" };
static const char *const units[] = { "year", "month", "day", "hour", "week", "quarter", "second", "decade" };
static const char *const span_units[] = { "year", "month", "day", "hour", "quarter", "second" };
static const char *const keys[] = { "a", "b", "c", "aa", "", "ключ", "0" };
static const char *const patterns[] = {
	"a",  "^a", "b$",   "[a-c]+", "[[:alpha:]]", "(a|b)", "\\d",    "\\w+", ".",
	"^$", "é",  "[^a]", "a{2}",   "a.*b",        "\\s",   "(.)(.)", "x?",
};
static const char *const likes[] = {
	"%",   "_",  "a%",  "%b",  "%a%", "\\%",    "a\\_b", "%\\\\%", "",
	"_b_", "É%", "%é%", "日%", "__",  "100\\%", "İ%",    "%ß%",    "A_",
};
static const char *const stamp_formats[] = {
	"YYYY-MM-DD HH24:MI:SS", "Mon DD, YYYY", "Day", "IYYY-IW", "HH12:MI AM", "US", "DDD Q",
};
static const char *const number_formats[] = { "999.99", "FM9990.00", "9G999", "S999", "000", "9.99EEEE" };
static const char *const formats[] = { "%s", "<%s>", "%%%s", "%L", "%1$s %1$s" };

static const char *word(rng *r, char c)
{
	switch (c) {
	case 'f': return PICK(r, fields);
	case 'G': return PICK(r, date_fields);
	case 'h': return PICK(r, span_fields);
	case 'u': return PICK(r, units);
	case 'w': return PICK(r, span_units);
	case 'p': return PICK(r, keys);
	case 'r': return PICK(r, patterns);
	case 'g': return rng_chance(r, 50) ? "g" : "i";
	case 'e': return rng_chance(r, 50) ? "hex" : "base64";
	case 'F': return PICK(r, stamp_formats);
	case 'O': return PICK(r, number_formats);
	default: return PICK(r, formats);
	}
}

const amph_expr *call(scope *g, const char *op, int n, ...)
{
	const amph_expr *args[8];
	va_list list;

	va_start(list, n);
	for (int i = 0; i < n; i++)
		args[i] = va_arg(list, const amph_expr *);
	va_end(list);
	return amph_expr_call(g->q, op, args, (size_t)n);
}

/* ---- columns ---- */
const amph_model *base_of(const amph_model *m)
{
	return m == &amph_model_Part ? &part_like : m->alias_of ? m->alias_of : m;
}

/* What a row struct is filled with has no declaration, but part_like. */
const amph_expr *column_of(amph_query *q, const amph_model *m, const char *member)
{
	const amph_column *c = part_like.columns;

	while (c->member && strcmp(c->member, member) != 0)
		c++;
	if (m != &amph_model_Part || !c->member)
		return amph_expr_column_of(q, m, member);
	return amph_expr_given(q, m, (amph_field){ .member = member, .offset = c->offset, .type = c->type });
}

static kind kind_of(const amph_column *c)
{
	static const kind kinds[AMPH_T_COUNT] = {
		[AMPH_T_BOOL] = K_BOOL, [AMPH_T_INT16] = K_INT, [AMPH_T_INT32] = K_INT,
		[AMPH_T_INT64] = K_INT, [AMPH_T_FLOAT] = K_DBL, [AMPH_T_DOUBLE] = K_DBL,
		[AMPH_T_NUMERIC] = K_NUM, [AMPH_T_TEXT] = K_TEXT, [AMPH_T_BYTES] = K_BYTES,
		[AMPH_T_UUID] = K_UUID, [AMPH_T_JSON] = K_JSON, [AMPH_T_DATE] = K_DATE,
		[AMPH_T_TIME] = K_TIME, [AMPH_T_TIMESTAMP] = K_TS, [AMPH_T_TIMESTAMPTZ] = K_TZ,
		[AMPH_T_INTERVAL] = K_SPAN, [AMPH_T_ENUM] = K_ENUM,
	};

	return is_array(c) ? K_COUNT : kinds[base_type(c)];
}

/* A number that the database chose is not to be seen. */
static bool is_hidden(const amph_model *m, const amph_column *c)
{
	return m == &amph_model_Auto && (!strcmp(c->member, "id"));
}

static double bound_of(const amph_column *c)
{
	if (!strcmp(c->member, "small") || !strcmp(c->member, "id") || !strcmp(c->member, "version"))
		return 100000;
	switch (base_type(c)) {
	case AMPH_T_INT16: return INT16_MAX;
	case AMPH_T_INT32: return INT32_MAX;
	case AMPH_T_INT64: return (double)INT64_MAX;
	case AMPH_T_NUMERIC: return 1e21;
	default: return !strcmp(c->member, "quarter") ? 1000 : 1e300;
	}
}

made make_column(scope *g, kind k)
{
	made found = { .e = NULL };
	unsigned seen = 0;

	for (unsigned i = 0; i < g->n_from; i++) {
		const amph_model *m = g->from[i];

		for (const amph_column *c = base_of(m)->columns; c->member; c++) {
			if (kind_of(c) != k || is_hidden(m, c) || rng_below(g->r, ++seen) != 0)
				continue;
			found.column = c;
			found.e = NULL;
			found.width = base_type(c) == AMPH_T_INT16 ? 2 : base_type(c) == AMPH_T_INT64 ? 8 : 4;
			found.bound = bound_of(c);
			found.e = column_of(g->q, m, c->member);
		}
	}
	return found;
}

kind random_kind(scope *g)
{
	for (;;) {
		const amph_model *m = g->from[rng_below(g->r, g->n_from)];
		const amph_column *list = base_of(m)->columns;
		kind k = kind_of(&list[rng_below(g->r, (unsigned)column_count(base_of(m)))]);

		if (k != K_COUNT)
			return k;
	}
}

/* ---- values ---- */
static const amph_column plain[] = {
	[K_BOOL] = { .type = AMPH_T_BOOL, .member = "" },
	[K_INT] = { .type = AMPH_T_INT32, .member = "small" },
	[K_NUM] = { .type = AMPH_T_NUMERIC, .member = "" },
	[K_DBL] = { .type = AMPH_T_DOUBLE, .member = "" },
	[K_TEXT] = { .type = AMPH_T_TEXT, .member = "" },
	[K_UUID] = { .type = AMPH_T_UUID, .member = "" },
	[K_JSON] = { .type = AMPH_T_JSON, .member = "" },
	[K_BYTES] = { .type = AMPH_T_BYTES, .member = "" },
	[K_DATE] = { .type = AMPH_T_DATE, .member = "" },
	[K_TIME] = { .type = AMPH_T_TIME, .member = "" },
	[K_TS] = { .type = AMPH_T_TIMESTAMP, .member = "" },
	[K_TZ] = { .type = AMPH_T_TIMESTAMPTZ, .member = "" },
	[K_SPAN] = { .type = AMPH_T_INTERVAL, .member = "" },
	[K_ENUM] = { .type = AMPH_T_ENUM, .member = "" },
};

static const amph_expr *value(scope *g, kind k, const amph_column *like)
{
	const amph_column *c = like ? like : &plain[k];

	return amph_expr_value(g->q, random_value(g->on, g->r, base_type(c), c));
}

static const amph_expr *int_value(scope *g, int64_t i)
{
	return amph_expr_value(g->q, (amph_value){ .type = AMPH_T_INT64, .v = { .i = i } });
}

static const amph_expr *text_value(scope *g, const char *s)
{
	return amph_expr_value(g->q, (amph_value){ .type = AMPH_T_TEXT, .v = { .s = s } });
}

static const amph_expr *small_span(scope *g)
{
	static const char *const spans[] = { "1 day", "1 mon", "-1 mon", "01:30:00", "1 year", "-00:00:00.5",
					     "7 days -02:00:00", "13 mons 1 day" };
	amph_value v = { .type = AMPH_T_INTERVAL };

	amph_interval_parse(PICK(g->r, spans), &v.v.interval, NULL);
	return amph_expr_value(g->q, v);
}

/* ---- calls ---- */
static kind kind_of_letter(char c)
{
	static const char letters[] = "cindtDjbxmszv";
	static const kind kinds[] = { K_BOOL, K_INT, K_NUM, K_DBL, K_TEXT, K_DATE, K_JSON, K_BYTES, K_COUNT,
				      K_TIME, K_TS, K_TZ, K_SPAN };
	const char *at = strchr(letters, c);

	return at ? kinds[at - letters] : K_COUNT;
}

static const amph_expr *argument(scope *g, char c, int depth)
{
	kind k = kind_of_letter(c);
	made quarter;

	if (k != K_COUNT)
		return make(g, k, depth - 1).e;
	switch (c) {
	case 'T': return rng_chance(g->r, 60) ? value(g, K_TEXT, NULL) : make(g, K_TEXT, depth - 1).e;
	case 'N': return rng_chance(g->r, 60) ? value(g, K_NUM, NULL) : make(g, K_NUM, depth - 1).e;
	case 'J': return rng_chance(g->r, 60) ? value(g, K_JSON, NULL) : make(g, K_JSON, depth - 1).e;
	case 'k': return int_value(g, (int64_t)rng_below(g->r, 9) - 2);
	case 'K': return int_value(g, (int64_t)rng_below(g->r, 5) + 1);
	case 'V': return small_span(g);
	case 'q':
		quarter = make_column(g, K_DBL);
		return quarter.e ? quarter.e : value(g, K_DBL, NULL);
	default: return text_value(g, word(g->r, c));
	}
}

bool has_column(const scope *g, kind k)
{
	for (unsigned i = 0; i < g->n_from; i++)
		for (const amph_column *c = base_of(g->from[i])->columns; c->member; c++)
			if (kind_of(c) == k && !is_hidden(g->from[i], c))
				return true;
	return false;
}

/* A call of values alone is computed before the first row by one side, never by the other where
 * there is no row: no function gets a kind that no column has. */
static bool may_call(const scope *g, const function *f)
{
	bool any = false;

	for (const char *c = f->args; *c; c++) {
		kind k = *c == 'q' ? K_DBL : kind_of_letter(*c);

		any |= k != K_COUNT;
		if (k != K_COUNT && !has_column(g, k))
			return false;
	}
	return any && (g->risky || !f->risky);
}

static bool call_function(scope *g, kind k, int depth, made *out)
{
	const amph_expr *args[8] = { NULL };
	const function *f = NULL;
	unsigned seen = 0;
	size_t n;

	for (size_t i = 0; i < FUNCTIONS; i++)
		if (functions[i].of == k && may_call(g, &functions[i]) && rng_below(g->r, ++seen) == 0)
			f = &functions[i];
	if (!f)
		return false;
	n = strlen(f->args);
	for (size_t i = 0; i < n; i++)
		args[i] = argument(g, f->args[i], depth);
	/* what a function makes of a double may be as great as any: abs */
	*out = (made){ .bound = k == K_DBL ? 1e300 : 1e10, .width = 8 };
	out->e = strchr(f->name, '$') ? amph_expr_raw(g->q, f->name, args, n)
				      : amph_expr_call(g->q, f->name, args, n);
	return true;
}

static double limit_of(int width)
{
	return width == 2 ? INT16_MAX : width == 4 ? INT32_MAX : 9e18;
}

static bool arithmetic(scope *g, kind k, int depth, made *out)
{
	static const char *const ops[] = { "+", "-", "*", "/" };
	unsigned which = rng_below(g->r, 4);
	made a = make(g, k, depth - 1), b = { .bound = 32, .width = a.width };
	double limit = k == K_INT ? limit_of(a.width) : k == K_NUM ? 1e100 : 1e200;

	if (!a.e)
		return false;
	if (which == 3 && !g->risky)
		b.e = k == K_INT ? int_value(g, (int64_t)rng_below(g->r, 5) + 2) : NULL;
	else if (rng_chance(g->r, 50))
		b = make(g, k, depth - 1);
	else if (k == K_INT || g->risky)
		b.e = value(g, k, k == K_INT ? &plain[K_INT] : NULL);
	if (!b.e)
		b = make_column(g, k);
	if (which == 3 && !g->risky && k != K_INT)
		which = 0;
	*out = (made){ .width = b.width > a.width ? b.width : a.width };
	out->bound = which < 2 ? a.bound + b.bound : which == 2 ? a.bound * b.bound : a.bound;
	if (!b.e || (out->bound > limit && !g->risky))
		return false;
	out->e = call(g, ops[which], 2, a.e, b.e);
	return true;
}

static made choose(scope *g, kind k, int depth)
{
	static const char *const choices[] = { "coalesce", "nullif", "greatest", "least" };
	made a = make(g, k, depth - 1), b = make(g, k, depth - 1);

	if (rng_chance(g->r, 40))
		b.e = value(g, k, a.column);
	a.bound = b.bound > a.bound ? b.bound : a.bound;
	a.width = b.width > a.width ? b.width : a.width;
	if (rng_chance(g->r, 70))
		a.e = call(g, PICK(g->r, choices), 2, a.e, b.e);
	else if (rng_chance(g->r, 50))
		a.e = call(g, "case", 3, make_condition(g, depth - 1), a.e, b.e);
	else
		a.e = call(g, "case", 4, make_condition(g, depth - 1), a.e,
			   make_condition(g, depth - 1), b.e);
	return a;
}

static made path_of(scope *g, bool as_text, int depth)
{
	static const char *const paths[][2] = { { "a", "b" }, { "a", NULL }, { "0", "a" }, { "1", NULL },
						{ "-1", NULL }, { "ключ", NULL }, { "b", "0" } };
	const char *const *path = PICK(g->r, paths);
	const amph_expr *e = amph_expr_path(g->q, path, path[1] ? 2 : 1);

	return (made){ .e = call(g, as_text ? "#>>" : "#>", 2, make(g, K_JSON, depth - 1).e, e) };
}

static made fallback(scope *g, kind k)
{
	made m = make_column(g, k);

	if (!m.e) {
		m = (made){ .e = value(g, k, NULL), .bound = 1e21, .width = 4 };
		if (k == K_INT)
			m.bound = 32;
	}
	return m;
}

made make(scope *g, kind k, int depth)
{
	made m = { .e = NULL };
	unsigned how = rng_below(g->r, 100);

	if (k == K_BOOL && depth > 0 && how < 75)
		return (made){ .e = make_condition(g, depth - 1) };
	if (depth <= 0 || how < 35)
		return fallback(g, k);
	if (!has_column(g, k))
		return call_function(g, k, depth, &m) && m.e ? m : fallback(g, k);
	if (how < 50)
		return choose(g, k, depth);
	if (how < 58 && (k == K_JSON || k == K_TEXT) && has_column(g, K_JSON))
		return path_of(g, k == K_TEXT, depth);
	if (how < 75 && (k == K_INT || k == K_NUM || k == K_DBL) && arithmetic(g, k, depth, &m))
		return m;
	if (call_function(g, k, depth, &m) && m.e)
		return m;
	return fallback(g, k);
}

/* ---- conditions ---- */
static const amph_expr *operand(scope *g, kind k, const made *beside, int depth)
{
	if (rng_chance(g->r, 60))
		return value(g, k, beside->column);
	return make(g, k, depth - 1).e;
}

static const amph_expr *compare(scope *g, int depth)
{
	static const char *const ops[] = { "=", "<>", "<", "<=", ">", ">=", "!=" };
	kind k = random_kind(g);
	made a = make(g, k, depth);

	const amph_expr *b = operand(g, k, &a, depth);

	if (!g->risky && rng_chance(g->r, 12))
		return call(g, "between", 3, a.e, b, operand(g, k, &a, depth));
	return call(g, PICK(g->r, ops), 2, a.e, b);
}

static const amph_expr *membership(scope *g)
{
	kind k = random_kind(g);
	made a = make_column(g, k);
	const char *op = rng_chance(g->r, 50) ? "in" : "not in";

	if (!a.e)
		return NULL;
	return call(g, op, 2, a.e, random_list(g->on, g->r, g->q, a.column));
}

static const amph_expr *pattern(scope *g, int depth)
{
	static const char *const ops[] = { "like",      "ilike",     "contains",     "starts with",
					   "ends with", "icontains", "istarts with", "iends with" };
	unsigned which = rng_below(g->r, 8);
	const amph_expr *a = make(g, K_TEXT, depth).e;

	/* Whether a pattern that ends in the escape is an error depends on how it is looked for. */
	if (which < 2)
		return call(g, ops[which], 2, a, text_value(g, PICK(g->r, likes)));
	if (which >= 2 && rng_chance(g->r, 30))
		return call(g, ops[which], 2, a, make(g, K_TEXT, depth - 1).e);
	return call(g, ops[which], 2, a, value(g, K_TEXT, NULL));
}

static const amph_expr *junction(scope *g, int depth)
{
	static const char *const ops[] = { "and", "or", "not" };
	const amph_expr *a = make_condition(g, depth - 1), *b = make_condition(g, depth - 1);
	const char *op = ops[rng_below(g->r, 3)];

	if (*op == 'n' && rng_chance(g->r, 60))
		return call(g, op, 1, a);
	return rng_chance(g->r, 20) ? call(g, op, 3, a, b, make_condition(g, depth - 1)) :
				      call(g, op, 2, a, b);
}

static const amph_expr *existence(scope *g)
{
	static const amph_model *const inners[] = { &amph_model_Kid, &amph_model_Row, &amph_model_Pair };
	scope inner = *g;
	const amph_expr *e = NULL;

	for (unsigned i = 0; i < 3 && g->n_from < 3; i++) {
		const amph_model *m = inners[(i + rng_below(g->r, 3)) % 3];
		bool used = false;

		for (unsigned k = 0; k < g->n_from; k++)
			used |= base_of(g->from[k]) == m;
		if (used)
			continue;
		inner.from[inner.n_from++] = m;
		inner.nested = true;
		inner.q = amph_query_new(g->on->s, m);
		amph_query_where(inner.q, make_condition(&inner, 1));
		e = amph_expr_exists(g->q, inner.q);
		amph_query_free(inner.q);
		return e;
	}
	return NULL;
}

const amph_expr *make_condition(scope *g, int depth)
{
	unsigned how = rng_below(g->r, 100);
	const amph_expr *e = NULL;
	made m;

	/* What may fail stands alone: in which order a database looks at conditions is its affair. */
	if (depth > 0 && how < 25 && !g->risky)
		return junction(g, depth);
	if (how < 32)
		e = membership(g);
	else if (how < 47)
		e = pattern(g, depth);
	else if (how < 55)
		e = call(g, how < 51 ? "is null" : "is not null", 1, make(g, random_kind(g), depth).e);
	else if (how < 62 && call_function(g, K_BOOL, depth, &m))
		e = m.e;
	else if (how < 65 && !g->nested && !g->risky)
		e = existence(g);
	else if (how < 68 && !g->nested && !g->risky)
		e = how < 67 ? make_related(g) : make_inner(g);
	else if (how < 72)
		e = make_column(g, K_BOOL).e;
	return e ? e : compare(g, depth);
}

static const amph_expr *plain_aggregate(scope *g)
{
	static const kind ordered[] = { K_INT, K_TEXT, K_DATE, K_TS, K_TZ, K_TIME, K_ENUM };
	static const char *const ends[] = { "min", "max" };
	unsigned how = rng_below(g->r, 100);
	made m;

	if (how < 15)
		return amph_expr_call(g->q, "count", NULL, 0);
	if (how < 30)
		return call(g, "count", 1, make(g, random_kind(g), 1).e);
	if (how < 40 && !g->windowed)
		return call(g, "count distinct", 1, make(g, random_kind(g), 1).e);
	if (how < 60)
		return call(g, how < 50 ? "sum" : "avg", 1,
			    make(g, rng_chance(g->r, 50) ? K_INT : K_NUM, 1).e);
	if (how < 70)
		return call(g, how < 65 ? "bool_and" : "bool_or", 1, make_condition(g, 1));
	m = make(g, PICK(g->r, ordered), 1);
	return call(g, PICK(g->r, ends), 1, m.e);
}

/* A list in an order that says all of it. */
static const amph_expr *list_aggregate(scope *g)
{
	const amph_expr *item = make(g, K_TEXT, 1).e;
	const amph_expr *list = call(g, "array_agg", 1, item);
	uint8_t descending = rng_chance(g->r, 50) ? AMPH_NODE_DESC : 0;

	return amph_expr_agg_order(g->q, list, amph_expr_by(g->q, &item, &descending, 1), false);
}

/* An aggregate whose result does not depend on the order of the rows. */
const amph_expr *make_aggregate(scope *g)
{
	const amph_expr *e = !g->windowed && rng_chance(g->r, 10) ? list_aggregate(g) : plain_aggregate(g);

	return rng_chance(g->r, 25) ? call(g, "filter", 2, e, make_condition(g, 1)) : e;
}
