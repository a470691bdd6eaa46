/* The rows of the workloads, the same in every run, and what all cases do with rows. */
#include "bench.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bench_env env;
const char *const bench_backend_names[N_BACKENDS] = { "postgresql", "sqlite" };

void bench_fail(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *bench_alloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		bench_fail("out of memory");
	return p;
}

static double clock_usec(clockid_t which)
{
	struct timespec t;

	clock_gettime(which, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double bench_now_usec(void)
{
	return clock_usec(CLOCK_MONOTONIC);
}

double bench_cpu_usec(void)
{
	return clock_usec(CLOCK_PROCESS_CPUTIME_ID);
}

static uint64_t mix(uint64_t h, uint64_t x)
{
	return (h ^ x) * 0x9E3779B97F4A7C15u;
}

uint64_t bench_fold_user(const User *u)
{
	uint64_t h = mix((uint64_t)u->balance.v.units, (uint64_t)u->created_at.usec);

	h = mix(h, (uint64_t)u->is_active + strlen(u->username) + 1000 * strlen(u->email));
	h = mix(h, (unsigned char)u->username[5] + 256u * (unsigned char)u->email[6]);
	return mix(h, strlen(u->profile.text) + 65536u * (unsigned char)u->profile.text[8]);
}

uint64_t bench_fold_product(const Product *p)
{
	uint64_t h = mix((uint64_t)p->id, (uint64_t)p->category_id);

	return mix(h, (uint64_t)p->price.v.units + (uint64_t)(uint32_t)p->stock + strlen(p->name));
}

/* ---- the arena ---- */
struct bench_chunk { struct bench_chunk *next; };
enum { CHUNK = 1 << 18 };

void *bench_arena_take(bench_arena *a, size_t size)
{
	size = (size + 7) & ~(size_t)7;
	if ((size_t)(a->end - a->at) < size) {
		struct bench_chunk *chunk = malloc(CHUNK);

		if (!chunk || size > CHUNK - sizeof *chunk)
			bench_fail("out of memory");
		chunk->next = a->chunks;
		a->chunks = chunk;
		a->at = (char *)(chunk + 1);
		a->end = (char *)chunk + CHUNK;
	}
	void *p = a->at;
	a->at += size;
	return p;
}

const char *bench_arena_text(bench_arena *a, const char *text, size_t len)
{
	char *copy = bench_arena_take(a, len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

void bench_arena_reset(bench_arena *a)
{
	while (a->chunks && a->chunks->next) {
		struct bench_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	if (a->chunks) {
		a->at = (char *)(a->chunks + 1);
		a->end = (char *)a->chunks + CHUNK;
	}
}

void bench_arena_free(bench_arena *a)
{
	bench_arena_reset(a);
	free(a->chunks);
	*a = (bench_arena){ 0 };
}

/* ---- the rows ---- */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static char *formatted(bench_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *formatted(bench_arena *a, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	char *copy = bench_arena_take(a, (size_t)n + 1);
	memcpy(copy, text, (size_t)n + 1);
	return copy;
}

#define BASE_USEC (INT64_C(1735689600) * 1000000)       /* 2025-01-01 */

static void make_user(bench_arena *a, User *u, size_t i, size_t n_groups, uint64_t *seed)
{
	const char *stem = i % 997 == 5 ? "Johnny" : i % 1009 == 7 ? "bigjohn" : "user";
	uint64_t r = next_random(seed);

	u->id = (int64_t)i + 1;
	u->username = formatted(a, "%s%07zu", stem, i);
	u->email = formatted(a, "%s%07zu@mail%u.example.com", stem, i, (unsigned)(r % 100));
	u->is_active = r % 7 != 0;
	u->balance = (amph_numeric){ .v = { .units = (int64_t)(r >> 20) % 10000000 }, .scale = 2 };
	u->created_at.usec = BASE_USEC + (int64_t)i * 37001003;
	u->profile.text = formatted(a, "{\"grp\": %zu, \"tags\": [\"t%u\", \"x\"], \"level\": %u}",
				    i % n_groups, (unsigned)(r >> 40) % 50, (unsigned)(r >> 50) % 10);
}

static void shuffle_keys(uint64_t *seed)
{
	env.keys = bench_alloc(env.size.users, sizeof *env.keys);
	for (size_t i = 0; i < env.size.users; i++) {
		size_t j = (size_t)(next_random(seed) % (i + 1));

		env.keys[i] = env.keys[j];
		env.keys[j] = (int64_t)i + 1;
	}
}

void bench_make_data(void)
{
	static bench_arena arena;
	uint64_t seed = 88172645463325252u;
	size_t most = env.size.users;
	size_t others[] = { env.size.inserts, env.size.bulk, env.size.flush, env.size.growth };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		most = others[i] > most ? others[i] : most;
	env.n_users = most;
	env.users = bench_alloc(most, sizeof *env.users);
	for (size_t i = 0; i < most; i++)
		make_user(&arena, &env.users[i], i, env.size.users / USERS_IN_GROUP, &seed);
	shuffle_keys(&seed);
}
