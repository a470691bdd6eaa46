/* Values that defaults of the database make, taken before the rows that will have them are written, as
 * ids are taken from their sequences. */
#include "../schema/names.h"
#include "state.h"
#include <string.h>

/* The default as many times as there are rows: it is the column's as it is declared. */
static amph_code *default_code(amph_session *s, const amph_mapped_column *c, size_t n, amph_error *err)
{
	amph_arena *arena = &s->flush_arena;
	bool native = s->engine->dialect->flags & AMPH_DIALECT_NATIVE_TEXT;
	amph_names *names = native ? NULL : amph__session_names(s, true, err);
	amph_sqltype type = c->type;

	if (!native && !names)
		return NULL;
	const char *text = amph__arena_printf(arena, "SELECT 1 FROM generate_series(1, %zu)", n);
	if (!text) {
		amph__error_nomem(err);
		return NULL;
	}
	sql_stmt *stmt = amph__parse_stmt(arena, text, err);
	sql_expr *e = stmt ? amph__parse_expr(arena, c->decl->server_default, err) : NULL;
	if (!e)
		return NULL;
	/* what is too long is refused when it is written */
	type.length = 0;
	stmt->select->targets->expr = sql_cast(arena, e, type);
	amph_code *code = amph__compile(arena, s->engine->dialect, stmt,
					native ? &s->engine->registry->names : &names->names, err);
	if (code)
		code->flags |= AMPH_CODE_ONCE;
	return code;
}

/* Texts stay with the session. */
static void *store(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

static bool read_values(amph_session *s, const amph_slot *slot, amph_result *result, void *const *rows,
			size_t n, amph_error *err)
{
	amph_shape shape = { .n_slots = 1, .slots = slot };
	amph_store texts = { store, &s->text_arena };
	size_t got;

	for (size_t i = 0; i < n; i++) {
		if (!amph__fetch(s->conn, result, &shape, rows[i], 0, 1, &texts, &got, err))
			return false;
		if (!got)
			return amph__error(err, "XX000", "a default of \"%s\" did not come", slot->name);
	}
	return true;
}

bool amph__take_defaults(amph_session *s, const amph_mapped_column *c, void *const *rows, size_t n,
			 amph_error *err)
{
	amph_result result;

	if (!n)
		return true;
	if (!amph__session_conn(s, err))
		return false;
	amph_code *code = default_code(s, c, n, err);
	if (!code || !amph__execute(s->conn, code, NULL, &result, err))
		return false;
	bool ok = read_values(s, &c->slot, &result, rows, n, err);
	amph__finish(s->conn, &result);
	return ok;
}

bool amph__is_unset(const amph_mapped_column *c, const void *members)
{
	static const char zeros[64];

	return amph__slot_is_null(&c->slot, members) ||
	       !memcmp((const char *)members + c->slot.offset, zeros,
		       amph_type_size(c->slot.type, c->slot.nullable));
}
