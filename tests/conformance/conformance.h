/* What the conformance tests share: models, an engine and a session for each test. */
#ifndef TESTS_CONFORMANCE_H
#define TESTS_CONFORMANCE_H
#include "../support/suite.h"
#include <amphora.h>
#include <amphora/short.h>
#include <string.h>

typedef enum Mood { SAD, OK, HAPPY } Mood;

typedef struct Person {
	int64_t id;
	const char *username;
	const char *email;
	bool is_active;
	int32_t age;
	amph_timestamptz created_at;
	amph_opt_timestamptz updated_at;
	amph_opt_int64 boss_id;
} Person;

typedef struct Section {
	int64_t id;
	const char *name;
} Section;

typedef struct Item {
	int64_t id;
	const char *name;
	const char *note;
	amph_numeric price;
	int32_t stock;
	int64_t section_id;
} Item;

/* a key of two columns, and a version */
typedef struct Seat {
	const char *row;
	int32_t number;
	const char *holder;
	int64_t version;
} Seat;

/* a key that the program makes, soft delete, choices */
typedef struct Ticket {
	amph_uuid id;
	const char *status;
	amph_json meta;
	amph_opt_timestamptz deleted_at;
} Ticket;

/* what the database fills in or refuses */
typedef struct Account {
	int64_t id;
	const char *code;
	amph_numeric balance;
	amph_numeric twice;             /* computed */
	int32_t rank;                   /* server default */
} Account;

/* every type, as NOT NULL and as one that may be NULL */
typedef struct Thing {
	int64_t id;
	bool b;
	int16_t i16;
	int32_t i32;
	int64_t i64;
	float f32;
	double f64;
	amph_numeric num;
	const char *text;
	amph_bytes bytes;
	amph_uuid uuid;
	amph_json json;
	amph_date date;
	amph_time time;
	amph_timestamp ts;
	amph_timestamptz tstz;
	amph_interval span;
	unsigned mood;
} Thing;
typedef struct Maybe {
	int64_t id;
	amph_opt_bool b;
	amph_opt_int16 i16;
	amph_opt_int32 i32;
	amph_opt_int64 i64;
	amph_opt_float f32;
	amph_opt_double f64;
	amph_opt_numeric num;
	const char *text;
	amph_bytes bytes;
	amph_opt_uuid uuid;
	amph_json json;
	amph_opt_date date;
	amph_opt_time time;
	amph_opt_timestamp ts;
	amph_opt_timestamptz tstz;
	amph_opt_interval span;
	amph_opt_enum mood;
} Maybe;
typedef struct Lists {
	int64_t id;
	amph_int64_array ints;
	amph_text_array texts;
	amph_bool_array bools;
	amph_numeric_array nums;
	amph_uuid_array uuids;
	amph_timestamptz_array times;
} Lists;

/* relationships of every kind */
typedef struct Author Author;
typedef struct Book Book;
typedef struct Label Label;
struct Author {
	int64_t id;
	const char *name;
	AMPH_MANY(Book) books;
};
struct Book {
	int64_t id;
	const char *title;
	amph_opt_int64 author_id;
	amph_opt_int64 previous_id;
	Author *author;
	Book *previous;
	AMPH_MANY(Label) labels;
};
struct Label {
	int64_t id;
	const char *name;
	AMPH_MANY(Book) books;
};
typedef struct BookLabel {
	int64_t book_id, label_id;
	amph_timestamptz since;
} BookLabel;

/* events, a validator; loads is no column */
typedef struct Noted {
	int64_t id;
	const char *name;
	int32_t inserts, updates;
	amph_opt_int32 grade;
	int loads;
} Noted;

/* events that make work of their own */
typedef struct Traced { int64_t id; const char *name; } Traced;
typedef struct Trail { int64_t id; const char *what, *name; } Trail;

/* rows of several tenants */
typedef struct Firm Firm;
typedef struct Ware Ware;
typedef struct Mark Mark;
struct Firm {
	int64_t id;
	const char *tenant;
	const char *name;
	AMPH_MANY(Ware) wares;
};
struct Ware {
	int64_t id;
	const char *tenant;
	const char *name;
	int64_t firm_id;
	amph_opt_int32 place;
	Firm *firm;
	AMPH_MANY(Mark) marks;
};
struct Mark {
	int64_t id;
	const char *name;
};
typedef struct WareMark { int64_t ware_id, mark_id; const char *tenant; } WareMark;

/* models derived from another: managers, and directors who are managers */
typedef struct Office Office;
typedef struct Employee Employee;
typedef struct Car Car;
struct Office {
	int64_t id;
	const char *name;
	AMPH_MANY(Employee) staff;
};
struct Employee {
	int64_t id;
	const char *kind;
	const char *name;
	amph_opt_int64 office_id;
	amph_opt_int64 boss_id;
	amph_opt_timestamptz left_at;
	Office *office;
	Employee *boss;
	int events;                     /* no column */
};
struct Car {
	int64_t id;
	const char *plate;
};
typedef struct Manager {
	Employee base;
	int32_t reports;
	const char *motto;
	amph_opt_int64 car_id;
	Car *car;
} Manager;
typedef struct Director {
	Manager base;
	amph_numeric bonus;
} Director;
typedef struct Engineer {
	Employee base;
	const char *language;
	bool remote;
} Engineer;
AMPH_DECLARE(Office);
AMPH_DECLARE(Car);
AMPH_DECLARE(Employee);
AMPH_DECLARE(Manager);
AMPH_DECLARE(Director);
AMPH_DECLARE(Engineer);

/* members that are expressions */
typedef struct Invoice {
	int64_t id;
	const char *first, *last;
	amph_numeric net;
	amph_opt_numeric tax;
	amph_opt_bool paid;
	const char *full_name;          /* hybrids: */
	amph_opt_numeric gross;
	int64_t length;
} Invoice;
AMPH_DECLARE(Invoice);
AMPH_DECLARE(Firm);
AMPH_DECLARE(Ware);
AMPH_DECLARE(Mark);
AMPH_DECLARE(WareMark);
AMPH_DECLARE(Traced);
AMPH_DECLARE(Trail);
AMPH_DECLARE(Noted);
AMPH_DECLARE(Author);
AMPH_DECLARE(Book);
AMPH_DECLARE(Label);
AMPH_DECLARE(BookLabel);
AMPH_DECLARE(Person);
AMPH_DECLARE(Section);
AMPH_DECLARE(Item);
AMPH_DECLARE(Seat);
AMPH_DECLARE(Ticket);
AMPH_DECLARE(Account);
AMPH_DECLARE(Thing);
AMPH_DECLARE(Maybe);
AMPH_DECLARE(Lists);

extern amph_engine *db;         /* of the running test: empty tables */
extern amph_session *s;

const char *test_url(void);
/* Around each test: db and s, with empty tables of these models; none of them left. */
void begin_with(const amph_model *const *list);
void end_with_none(void);
amph_engine *open_with(const amph_filter *filters);      /* the same, filtered */
amph_engine *open_another(void);        /* a second engine on the same database; NULL on memory */
bool on_memory(void);

/* The call must succeed; a failure shows the session's error. */
#define OK_(session, call)                                                                \
	ck_assert_msg((call), "%s: %s %s", #call, amph_session_error(session)->sqlstate,  \
		      amph_session_error(session)->message)
#define DO(call) OK_(s, call)
/* The call must fail with this SQLSTATE. */
#define FAILS(state, call)                                                                \
	do {                                                                              \
		ck_assert_msg(!(call), "%s succeeded", #call);                            \
		ck_assert_str_eq(amph_session_error(s)->sqlstate, state);                 \
	} while (0)

/* A refusal whose message names what is wrong; the transaction is rolled back. */
#define SAYS(state, what, call)                                                                     \
	do {                                                                                        \
		bool done_ = (call);                                                                \
		const amph_error *e_ = amph_session_error(s);                                       \
		ck_assert(!done_);                                                                  \
		ck_assert_str_eq(e_->sqlstate, state);                                              \
		ck_assert_msg(strstr(e_->message, what) != NULL, "%s", e_->message);                \
		amph_rollback(s);                                                                   \
	} while (0)
/* A statement that changes so many rows. */
#define WRITES(expected, call)                                                                      \
	do {                                                                                        \
		int64_t n_ = (call);                                                                \
		ck_assert_msg(n_ == (expected), "%lld %s", (long long)n_,                           \
			      amph_session_error(s)->message);                                      \
	} while (0)

Person *new_person(const char *name);
Section *new_section(const char *name);

/* Defines a function that gives the suite of a file. */
#define SUITE(function, title, ...)                                                       \
	suite function(void)                                                              \
	{                                                                                 \
		static const TTest *list[64];                                             \
		const TTest *const tests_[] = { __VA_ARGS__ };                            \
		memcpy(list, tests_, sizeof tests_);                                      \
		return (suite){ .name = title, .tests = list,                             \
				.n_tests = sizeof tests_ / sizeof *tests_ };              \
	}
suite basic_suite(void);
suite server_suite(void);
suite text_suite(void);
suite own_suite(void);
suite query_suite(void);
suite flush_suite(void);
suite transaction_suite(void);
suite types_suite(void);
suite errors_suite(void);
suite misuse_suite(void);
suite graph_suite(void);
suite collation_suite(void);
suite merge_suite(void);
suite bulk_suite(void);
suite schema_suite(void);
suite relation_suite(void);
suite event_suite(void);
suite filter_suite(void);
suite hybrid_suite(void);
suite inherit_suite(void);
suite unit_suite(void);
suite session_suite(void);
suite work_suite(void);
suite expr_scalar_suite(void);
suite expr_data_suite(void);
suite expr_sets_suite(void);
suite family_suite(void);
suite loading_suite(void);
suite stmt_query_suite(void);
suite stmt_result_suite(void);
suite stmt_bulk_suite(void);
suite stmt_write_suite(void);
suite choose_suite(void);
suite json_suite(void);
suite evaluate_suite(void);
suite sources_suite(void);
suite stmt_sets_suite(void);
suite stmt_beside_suite(void);
suite stmt_kinds_suite(void);
suite keys_suite(void);
#endif
