/* From the driver's trace to the program's: parameters as text, only where it asked for them. */
#include "state.h"
#include <string.h>

#define SHOWN_MOST 64

static const char *text_of(amph_arena *arena, const amph_arg *arg, size_t row, size_t slot)
{
	const void *base = arg->rows ? arg->rows[row] : (const char *)arg->base + row * arg->stride;
	amph_buf b;
	const char *text = NULL;

	if (amph__slot_is_null(&arg->slots[slot], base))
		return NULL;
	amph__buf_init(&b, arena->allocator);
	amph__slot_format(&arg->slots[slot], base, &b);
	if (!b.failed)
		text = amph__arena_text(arena, amph__buf_text(&b), b.len);
	amph__buf_clear(&b);
	return text;
}

static const char *param_text(amph_arena *arena, const amph_arg *arg)
{
	if (arg->n_slots == 1 && arg->n_rows == 1)
		return text_of(arena, arg, 0, 0);
	return amph__arena_printf(arena, "%zu rows of %zu columns", arg->n_rows, arg->n_slots);
}

void amph__engine_trace(void *ctx, const amph_trace_event *event)
{
	amph_engine *db = ctx;
	const char *params[SHOWN_MOST];
	amph_trace trace = { .sql = event->sql, .n_params = event->code->n_params,
			     .rows = event->rows, .duration_usec = event->duration_usec,
			     .error = event->err };
	amph_arena arena;

	amph__arena_init(&arena, db->allocator);
	if (db->trace_values && event->args) {
		if (trace.n_params > SHOWN_MOST)
			trace.n_params = SHOWN_MOST;
		for (size_t i = 0; i < trace.n_params; i++)
			params[i] = param_text(&arena, &event->args[i]);
		trace.params = params;
	}
	db->trace(db->trace_ctx, &trace);
	amph__arena_clear(&arena);
}
