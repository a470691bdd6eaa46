/* Rows in constant memory: not objects of the session, one at a time. */
#include "state.h"
#include <string.h>

struct amph_stream {
	amph_reading reading;
	amph_session *session;
	const amph_allocator *allocator;        /* the session may be closed before the stream */
	const amph_compiled *compiled;
	amph_result result;
	amph_arena text;                /* of the row that is shown */
	bool open, failed, ended;
	size_t row_size;
	amph_object *row;               /* with the head of an object, which tells what it is */
};

static void *store_text(void *ctx, size_t size)
{
	return size ? amph__arena_alloc(ctx, size) : NULL;
}

static void end_reading(amph_reading *reading)
{
	amph_stream *stream = (amph_stream *)(void *)reading;

	if (!stream->open)
		return;
	stream->open = false;
	stream->session->streaming = NULL;
	amph__query_done(stream->session, stream->compiled, &stream->result);
}

void amph__session_end_reading(amph_session *s)
{
	if (s->streaming)
		s->streaming->end(s->streaming);
}

static amph_stream *open_stream(amph_session *s, amph_query_op op, size_t size, const amph_select *q,
				amph_error *err)
{
	amph_stream *stream = s ? amph__alloc_zero(s->allocator, sizeof *stream) : NULL;

	if (!s) {
		amph__error_misuse(err, "the session is NULL: it was not opened");
		return NULL;
	}
	if (!stream) {
		amph__error_nomem(err);
		return NULL;
	}
	stream->session = s;
	stream->allocator = s->allocator;
	stream->reading.end = end_reading;
	amph__arena_init(&stream->text, s->allocator);
	if (!amph__query_start(s, op, q, &stream->compiled, &stream->result, err)) {
		amph__free(s->allocator, stream);
		return NULL;
	}
	stream->open = true;
	s->streaming = &stream->reading;
	stream->row_size = op == AMPH_QUERY_STREAM ? amph__read_size(stream->compiled->mapper) : size;
	stream->row = amph__alloc_zero(s->allocator, sizeof *stream->row + stream->row_size);
	if (!stream->row) {
		end_reading(&stream->reading);
		amph__error_nomem(err);
		amph__free(s->allocator, stream);
		return NULL;
	}
	const amph_mapper *m = stream->compiled->mapper;
	*stream->row = (amph_object){ .extent = &s->extents[m ? m->ordinal : s->engine->registry->n_mappers],
				      .state = op == AMPH_QUERY_STREAM ? OBJECT_ROW : OBJECT_FREE };
	stream->row->seal = amph__object_seal(stream->row, stream->row->extent);
	return stream;
}

amph_stream *amph_do_stream(amph_session *s, const amph_select *q)
{
	amph_error err;
	amph_stream *stream = open_stream(s, AMPH_QUERY_STREAM, 0, q, &err);

	if (!stream)
		amph__session_error(s, &err);
	return stream;
}

amph_stream *amph_do_stream_rows(amph_session *s, size_t size, const amph_select *q)
{
	amph_error err;
	amph_stream *stream = amph__fields_fit(size, q->fields, &err)
		? open_stream(s, AMPH_QUERY_STREAM_ROWS, size, q, &err) : NULL;

	if (!stream)
		amph__session_error(s, &err);
	return stream;
}

const void *amph_stream_next(amph_stream *stream)
{
	amph_error err;
	size_t n = 0;

	if (!stream || !stream->open || stream->ended)
		return NULL;
	amph_store store = { store_text, &stream->text };
	amph__arena_reset(&stream->text);
	if (!amph__fetch(stream->session->conn, &stream->result, &stream->compiled->shape,
			 amph__members(stream->row), stream->row_size, 1, &store, &n, &err)) {
		stream->failed = true;
		end_reading(&stream->reading);
		amph__session_error(stream->session, &err);
		return NULL;
	}
	stream->ended = !n;
	return n ? amph__members(stream->row) : NULL;
}

bool amph_stream_close(amph_stream *stream)
{
	if (!stream)
		return true;
	bool ok = !stream->failed;
	const amph_allocator *a = stream->allocator;

	end_reading(&stream->reading);
	amph__arena_clear(&stream->text);
	amph__free(a, stream->row);
	amph__free(a, stream);
	return ok;
}
