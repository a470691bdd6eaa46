/* Runs random programs on two databases and compares all that can be seen of them.
 *
 *	tests/random/run [--seed N] [--programs N] [--first N] [--steps N] [--url A] [--url B] [--verbose]
 *
 * A program is a number of steps: operations of the unit of work, queries, changes by query. Each
 * is run on both sides, which must show the same: rows in their order, values as text, numbers
 * affected, SQLSTATE and names of errors, members of objects. What a side refuses with 0A000 is
 * counted, not compared. The first difference of a program is reported with what reproduces it,
 * and the exit status says whether there was one. */
#include "random.h"
#include <stdlib.h>
#include <string.h>

enum { CONSTRUCTS_MAX = 256, FIRST_STEPS = 6, SHOWN = 2500 };

typedef struct options {
	uint64_t seed;
	unsigned programs, first, steps;
	const char *url[2];
	bool verbose;
} options;

typedef struct tally {
	unsigned long queries, changes, works, errors, refused, different;
	unsigned n_constructs;
	struct { char name[128]; unsigned long n; } constructs[CONSTRUCTS_MAX];
} tally;

/* ---- sides ---- */
static int64_t fixed_now(void *ctx)
{
	(void)ctx;
	return 1700000000123456;
}

static bool fixed_random(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 7, len);
	return true;
}

static const amph_clock_options fixed_clock = { .now_usec = fixed_now, .random = fixed_random };

static void note_statement(void *ctx, const amph_trace *statement)
{
	side *on = ctx;

	if (on->trace.n > 4000)
		return;
	say(&on->trace, "  %s", statement->sql);
	for (size_t i = 0; i < statement->n_params; i++)
		say(&on->trace, "%s%s", i ? ", " : " -- ",
		    statement->params && statement->params[i] ? statement->params[i] : "NULL");
	say(&on->trace, "\n");
	if (statement->error)
		say(&on->trace, "  %s %s\n", statement->error->sqlstate, statement->error->message);
}

static bool open_side(side *on, const char *url)
{
	amph_error err;

	*on = (side){ .url = url };
	on->db = amph_open(url, AMPH_OPTIONS(.models = models, .clock = &fixed_clock, .trace_values = true,
					     .trace = note_statement, .trace_ctx = on), &err);
	if (on->db && amph_drop_all(on->db, &err) && amph_create_all(on->db, &err))
		return true;
	fprintf(stderr, "%s: %s %s\n", on->db ? amph_engine_backend(on->db) : "opening", err.sqlstate,
		err.message);
	return false;
}

static void begin_program(side *on)
{
	on->s = amph_session_open(on->db);
	on->next_id = 1;
	on->savepoints = 0;
	forget_objects(on);
}

/* Leaves empty tables. */
static bool end_program(side *on)
{
	bool ok = true;

	amph_rollback(on->s);
	for (int i = MODEL_COUNT - 1; i >= 0 && ok; i--) {
		amph_query *q = amph_query_new(on->s, models[i]);

		amph_query_flag_set(q, AMPH_ALL_ROWS, true);
		amph_query_flag_set(q, AMPH_WITH_DELETED, true);
		amph_query_flag_set(q, AMPH_UNFILTERED, true);
		ok = amph_query_delete(q) >= 0;
		amph_query_free(q);
	}
	ok = ok && amph_commit(on->s);
	if (!ok)
		fprintf(stderr, "emptying %s: %s\n", on->url, amph_session_error(on->s)->message);
	amph_session_close(on->s);
	heap_free(&on->memory);
	return ok;
}

static void close_side(side *on)
{
	if (on->db)
		amph_drop_all(on->db, NULL);
	amph_close(on->db);
	free(on->out.s);
	free(on->trace.s);
}

/* ---- steps ---- */
enum step_kind { WORK, QUERY, CHANGE, DUMP };

static const char *run_step(side *on, enum step_kind what, uint64_t seed)
{
	rng r = { seed };

	text_clear(&on->out);
	text_clear(&on->trace);
	on->failed = on->refused = false;
	switch (what) {
	case WORK: return work_step(on, &r);
	case QUERY: query_step(on, &r); return "query";
	case CHANGE: change_step(on, &r); return "change by query";
	default: dump_step(on); return "all rows";
	}
}

static void count_refusal(tally *t, const char *message)
{
	char name[128];
	unsigned i;

	t->refused++;
	snprintf(name, sizeof name, "%.120s", message);
	for (char *c = name; *c; c++)
		if (*c >= '0' && *c <= '9')
			*c = '#';
	for (i = 0; i < t->n_constructs && strcmp(t->constructs[i].name, name) != 0; i++)
		;
	if (i == CONSTRUCTS_MAX)
		return;
	if (i == t->n_constructs)
		memcpy(t->constructs[t->n_constructs++].name, name, sizeof name);
	t->constructs[i].n++;
}

static void report(const options *o, unsigned program, unsigned step, const char *name, side sides[2])
{
	printf("DIFFERENT: %s; again with: --seed %llu --first %u --programs 1 --steps %u\n", name,
	       (unsigned long long)o->seed, program, step + 1);
	for (int i = 0; i < 2; i++)
		printf("%s:\n%.*s%s%s%.*s", sides[i].url, SHOWN, sides[i].out.s,
		       sides[i].failed ? sides[i].message : "", sides[i].failed ? "\n" : "", SHOWN,
		       sides[i].trace.s);
	printf("\n");
}

/* Which row fails first is the database's affair, so which of two failures of values it is, too. */
static bool same_failure(const side sides[2])
{
	for (int i = 0; i < 2; i++) {
		const char *error = strstr(sides[i].out.s, "error 2");

		if (!error || (strncmp(error, "error 22", 8) && strncmp(error, "error 23502", 11) &&
			       strncmp(error, "error 23514", 11)))
			return false;
	}
	return strstr(sides[0].out.s, "error 22") || strstr(sides[1].out.s, "error 22");
}

/* After a failure both sides start a new transaction; where only one side refused, without objects. */
static bool recover(side sides[2])
{
	for (int i = 0; i < 2; i++) {
		text_clear(&sides[i].out);
		amph_rollback(sides[i].s);
		sides[i].savepoints = 0;
		if (sides[0].refused || sides[1].refused) {
			amph_session_clear(sides[i].s);
			forget_objects(&sides[i]);
		} else {
			show_objects(&sides[i]);
		}
	}
	sides[0].next_id = sides[1].next_id =
		sides[0].next_id > sides[1].next_id ? sides[0].next_id : sides[1].next_id;
	return !strcmp(sides[0].out.s, sides[1].out.s);
}

static enum step_kind kind_of_step(unsigned step, unsigned steps, uint64_t seed)
{
	rng r = { rng_mix(seed, 1) };

	if (step == steps)
		return DUMP;
	if (step < FIRST_STEPS || rng_chance(&r, 35))
		return WORK;
	return rng_chance(&r, 92) ? QUERY : CHANGE;
}

static void count_step(tally *t, enum step_kind what)
{
	*(what == WORK ? &t->works : what == CHANGE ? &t->changes : &t->queries) += 1;
}

/* false at the first difference */
static bool run_program(const options *o, unsigned program, side sides[2], tally *t)
{
	uint64_t seed = rng_mix(o->seed, program);

	for (unsigned step = 0; step <= o->steps; step++) {
		uint64_t own = rng_mix(seed, step);
		enum step_kind what = kind_of_step(step, o->steps, own);
		const char *name = NULL;

		for (int i = 0; i < 2; i++)
			name = run_step(&sides[i], what, own);
		count_step(t, what);
		if (o->verbose)
			printf("program %u step %u: %s\n%s%s%s%s", program, step, name, sides[0].trace.s,
			       sides[0].out.s, sides[0].failed ? sides[0].message : "",
			       sides[0].failed ? "\n" : "");
		if (sides[0].refused || sides[1].refused) {
			count_refusal(t, sides[sides[0].refused ? 0 : 1].message);
			if (sides[0].failed != sides[1].failed && !strcmp(name, "commit"))
				return true;
		} else if (strcmp(sides[0].out.s, sides[1].out.s) != 0 && !same_failure(sides)) {
			report(o, program, step, name, sides);
			return false;
		}
		t->errors += sides[0].failed;
		if ((sides[0].failed || sides[1].failed) && !recover(sides)) {
			report(o, program, step, "objects after rollback", sides);
			return false;
		}
	}
	return true;
}

static int by_number(const void *a, const void *b)
{
	const unsigned long *x = (const void *)((const char *)a + 128);
	const unsigned long *y = (const void *)((const char *)b + 128);

	return (*x < *y) - (*x > *y);
}

static void print_tally(const options *o, tally *t)
{
	qsort(t->constructs, t->n_constructs, sizeof *t->constructs, by_number);
	for (unsigned i = 0; i < t->n_constructs; i++)
		printf("refused %lu: %s\n", t->constructs[i].n, t->constructs[i].name);
	printf("seed %llu: %u programs, %lu queries, %lu changes by query, %lu operations; %lu failed alike, "
	       "%lu refused (%.2f%%), %lu different\n", (unsigned long long)o->seed, o->programs, t->queries,
	       t->changes, t->works, t->errors, t->refused,
	       100.0 * (double)t->refused / (double)(t->queries + t->changes + t->works + 1), t->different);
}

static bool run_all(const options *o, side sides[2], tally *t)
{
	for (unsigned p = o->first; p < o->first + o->programs; p++) {
		bool ok;

		begin_program(&sides[0]);
		begin_program(&sides[1]);
		if (!run_program(o, p, sides, t))
			t->different++;
		ok = end_program(&sides[0]);
		if (!end_program(&sides[1]) || !ok)
			return false;
	}
	return true;
}

static bool read_options(options *o, int argc, char **argv)
{
	int urls = 0;

	*o = (options){ .seed = 1, .programs = 20, .steps = 60,
			.url = { getenv("DATABASE_URL"), "sqlite::memory:" } };
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];

		if (!strcmp(name, "--verbose")) {
			o->verbose = true;
			continue;
		}
		if (++i == argc)
			return false;
		if (!strcmp(name, "--seed"))
			o->seed = strtoull(argv[i], NULL, 10);
		else if (!strcmp(name, "--programs"))
			o->programs = (unsigned)strtoul(argv[i], NULL, 10);
		else if (!strcmp(name, "--first"))
			o->first = (unsigned)strtoul(argv[i], NULL, 10);
		else if (!strcmp(name, "--steps"))
			o->steps = (unsigned)strtoul(argv[i], NULL, 10);
		else if (!strcmp(name, "--url") && urls < 2)
			o->url[urls++] = argv[i];
		else
			return false;
	}
	return o->url[0] != NULL;
}

int main(int argc, char **argv)
{
	static tally t;
	side sides[2] = { { .db = NULL }, { .db = NULL } };
	options o;
	bool ok;

	if (!read_options(&o, argc, argv)) {
		fprintf(stderr,
			"usage: %s [--seed N] [--programs N] [--first N] [--steps N] [--url A] "
			"[--url B] [--verbose]\nWithout --url DATABASE_URL and sqlite::memory: are "
			"compared.\n",
			argv[0]);
		return 2;
	}
	ok = open_side(&sides[0], o.url[0]) && open_side(&sides[1], o.url[1]) && run_all(&o, sides, &t);
	close_side(&sides[0]);
	close_side(&sides[1]);
	print_tally(&o, &t);
	return !ok ? 2 : t.different ? 1 : 0;
}
