/* For tests of values: a text read as a type and printed again, or the SQLSTATE of its refusal. */
#ifndef TESTS_UNIT_MODEL_TEXTS_H
#define TESTS_UNIT_MODEL_TEXTS_H
#include "src/model/type.h"
#include "tests/support/suite.h"

typedef struct pair { const char *in, *out; } pair;
typedef union any {
	char room[64];
	int64_t integer;
	double number;
	amph_numeric numeric;
	const char *text;
} any;

static amph_arena arena;
static amph_buf printed;
static amph_error error;

static inline void setup_texts(void)
{
	amph__arena_init(&arena, &amph__libc_allocator);
	amph__buf_init(&printed, &amph__libc_allocator);
}

static inline void teardown_texts(void)
{
	amph__arena_clear(&arena);
	amph__buf_clear(&printed);
}

static inline const char *through_text(int type, const char *text, size_t len)
{
	any value = { .integer = 0 };
	amph_slot slot = { .type = (uint8_t)type };
	amph__buf_reset(&printed);
	amph__error_clear(&error);
	if (!amph__types[type].parse(text, len, &value, &arena, &error))
		return error.sqlstate;
	amph__slot_format(&slot, &value, &printed);
	return amph__buf_text(&printed);
}

static inline void check_pairs(int type, const pair *pairs, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *out = through_text(type, pairs[i].in, strlen(pairs[i].in));
		ck_assert_msg(strcmp(out, pairs[i].out) == 0, "\"%s\": \"%s\", not \"%s\"",
			      pairs[i].in, out, pairs[i].out);
	}
}
#define CHECK_PAIRS(type, ...)                                                                 \
	do {                                                                                   \
		const pair pairs_[] = { __VA_ARGS__ };                                         \
		check_pairs(type, pairs_, sizeof(pairs_) / sizeof(pairs_[0]));                 \
	} while (0)
#endif
