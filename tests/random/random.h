/* What the parts of the random-program test share. A program is a seed: every step draws what it
 * does from numbers of its own, so that both sides do the same and any step can be run again. */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H
#include <amphora.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- numbers drawn ---- */
typedef struct rng { uint64_t state; } rng;
uint64_t rng_next(rng *r);
unsigned rng_below(rng *r, unsigned n);         /* 0 to n - 1 */
bool rng_chance(rng *r, unsigned percent);
uint64_t rng_mix(uint64_t a, uint64_t b);
#define PICK(r, array) ((array)[rng_below(r, (unsigned)(sizeof(array) / sizeof *(array)))])

/* ---- text that grows, memory of one program ---- */
typedef struct text { char *s; size_t n, cap; } text;
__attribute__((format(printf, 2, 3))) void say(text *t, const char *format, ...);
void text_clear(text *t);
typedef struct chunk chunk;
typedef struct heap { chunk *first; } heap;
void *heap_get(heap *h, size_t size);
void heap_free(heap *h);

/* ---- one database and what the program has there ---- */
enum { TRACKED_MAX = 64 };
typedef struct tracked { const amph_model *model; void *object; } tracked;
typedef struct side {
	const char *url;
	amph_engine *db;
	amph_session *s;
	heap memory;
	tracked objects[TRACKED_MAX];
	unsigned n_objects;
	unsigned savepoints;
	int64_t next_id;
	text out;                       /* what the step showed */
	text trace;                     /* its statements */
	bool failed, refused;           /* the step */
	char message[256];
} side;

/* ---- models ---- */
typedef struct Row Row;
typedef struct Kid Kid;
struct Row {
	int64_t id;
	int32_t small;
	amph_opt_int16 i16;
	amph_opt_int32 i32;
	amph_opt_int64 i64;
	amph_opt_float f32;
	double quarter;
	amph_opt_double f64;
	amph_numeric price;
	amph_opt_numeric num;
	const char *name, *code;
	amph_opt_bool flag;
	amph_opt_uuid uuid;
	amph_json doc;
	amph_bytes raw;
	amph_opt_date day;
	amph_opt_time clock;
	amph_opt_timestamp at;
	amph_opt_timestamptz tz;
	amph_opt_interval span;
	amph_opt_enum mood;
	AMPH_MANY(Kid) kids;
};
struct Kid {
	int64_t id;
	const char *name;
	amph_opt_int64 row_id, twin_id;
	int32_t small;
	bool flag;
	amph_numeric price;
	amph_opt_timestamptz tz;
	Row *row;
	Kid *twin;
};
typedef struct Pair {
	const char *place;
	int32_t number;
	const char *holder;
	int32_t small;
	amph_opt_date day;
	int64_t version;
} Pair;
typedef struct Lists {
	int64_t id;
	amph_int32_array ints;
	amph_text_array texts;
	amph_bool_array bools;
	amph_numeric_array nums;
	amph_uuid_array uuids;
	amph_date_array days;
} Lists;
/* numbered by the database: as the numbers that a rollback used up are not given back everywhere,
 * they are not shown */
typedef struct Auto {
	int64_t id;
	const char *name;
	int32_t small;
	amph_opt_int64 kid_id;
	amph_opt_timestamptz changed;
} Auto;
/* rows of one owner, deleted softly, of several kinds */
typedef struct Beast {
	int64_t id;
	const char *kind, *name;
	int32_t small;
	int64_t tenant;
	amph_opt_timestamptz gone;
} Beast;
typedef struct Bird {
	Beast base;
	int32_t wings;
} Bird;
typedef struct Fish {
	Beast base;
	const char *water;
} Fish;
AMPH_DECLARE(Row);
AMPH_DECLARE(Kid);
AMPH_DECLARE(Pair);
AMPH_DECLARE(Lists);
AMPH_DECLARE(Auto);
AMPH_DECLARE(Beast);
AMPH_DECLARE(Bird);
AMPH_DECLARE(Fish);
AMPH_ALIAS(Other, Kid);
#define MODEL_COUNT 6                           /* those with a table; those derived come behind */
extern const amph_model *const models[];        /* those referred to first; ends in NULL */
size_t column_count(const amph_model *m);
unsigned base_type(const amph_column *c);
bool is_array(const amph_column *c);

/* ---- values ---- */
amph_value random_value(side *on, rng *r, unsigned type, const amph_column *c);
void random_member(side *on, rng *r, const amph_column *c, void *object);
void random_object(side *on, rng *r, const amph_model *m, void *object);
const amph_expr *random_list(side *on, rng *r, amph_query *q, const amph_column *c);

/* ---- expressions ---- */
typedef enum kind {
	K_BOOL, K_INT, K_NUM, K_DBL, K_TEXT, K_UUID, K_JSON, K_BYTES, K_DATE, K_TIME, K_TS, K_TZ,
	K_SPAN, K_ENUM, K_COUNT
} kind;
/* What an expression may be made of. With risky, evaluating it may fail. */
typedef struct scope {
	side *on;
	rng *r;
	amph_query *q;
	const amph_model *from[4];
	unsigned n_from;
	bool risky, nested, windowed;          /* windowed: aggregates are of windows */
} scope;
typedef struct made {
	const amph_expr *e;
	double bound;                   /* of its size, where it is a number */
	int width;                      /* bytes of an integer */
	const amph_column *column;      /* it is one, or is like one */
} made;
made make(scope *g, kind k, int depth);
made make_column(scope *g, kind k);             /* e is NULL where there is none */
const amph_expr *make_condition(scope *g, int depth);
const amph_expr *make_aggregate(scope *g);
kind random_kind(scope *g);
const amph_expr *call(scope *g, const char *op, int n, ...);
const amph_expr *column_of(amph_query *q, const amph_model *m, const char *member);

/* ---- parts of queries that the kinds of them share ---- */
/* A row struct, the table that a CTE gives; part_like has its columns. */
typedef struct Part {
	amph_opt_int64 id, n;
	const char *t;
	amph_opt_date d;
} Part;
extern const amph_model amph_model_Part, part_like;
const amph_model *base_of(const amph_model *m);
bool has_column(const scope *g, kind k);
enum { KEYS_MAX = 24 };
unsigned key_columns(scope *g, const amph_expr **out);  /* they make every order total */
uint8_t random_direction(rng *r);
void random_where(scope *g);
void random_order(scope *g);
void random_limit(scope *g);
void random_joins(scope *g);
const amph_expr *group_key(scope *g);
const amph_expr *make_related(scope *g);        /* a condition; NULL: no relationship here */
const amph_expr *make_inner(scope *g);          /* a condition with a query in it */
void show_rows(side *on, amph_rows *r);
void show_list(side *on, const amph_model *m, void *list, bool loaded);
/* Rows with the kids that the query loads; twins: and theirs. */
void show_rows_of_kids(scope *g, bool twins);
bool parts_query(scope *g);                     /* of several parts; false: not of this model */
bool newer_query(scope *g);                     /* of rows of functions and others; likewise */
const amph_expr *make_quantified(scope *g);     /* a condition with ANY or ALL of a query, or NULL */

/* ---- steps: what each does is written to on->out ---- */
void query_step(side *on, rng *r);
void change_step(side *on, rng *r);             /* by query */
const char *work_step(side *on, rng *r);        /* its name */
void dump_step(side *on);
void insert_or_leave_step(side *on, rng *r);
void upsert_step(side *on, rng *r);
void update_many_step(side *on, rng *r);
void delete_many_step(side *on, rng *r);
void returning_step(side *on, rng *r);
void beast_step(side *on, rng *r);
void evaluate_step(side *on, rng *r);
void show_objects(side *on);
void forget_objects(side *on);
void track(side *on, const amph_model *m, void *object);
void show_object(side *on, const amph_model *m, const void *object);
/* Shows the session's error; true when there was one. */
bool show_error(side *on);
#endif
