/* Relationships that a loop touches cost one statement for each thousand objects, in memory that
 * stays flat.
 *
 *	million_touch URL [COUNT]
 *
 * COUNT books, a million where it is not given, stand on shelves of a thousand, and each has a note.
 * Books of one result are asked for their shelf; then pages of a thousand books for their notes, with
 * a cleared session after each; then books of one result for their notes, which stay with them. */
#include "fault.h"
#include <amphora.h>
#include <amphora/testing.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

typedef struct Shelf Shelf;
typedef struct Book Book;
typedef struct Note {
	int64_t id;
	int64_t book_id;
	const char *text;
} Note;
struct Shelf {
	int64_t id;
	const char *name;
};
struct Book {
	int64_t id;
	const char *title;
	int64_t shelf_id;
	Shelf *shelf;
	AMPH_MANY(Note) notes;
};
AMPH_DECLARE(Shelf);
AMPH_DECLARE(Book);
AMPH_DECLARE(Note);
AMPH_MODEL(Shelf, "shelves",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Shelf, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Shelf, name)));
AMPH_MODEL(Book, "books",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Book, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Book, title),
		AMPH_COLUMN(Book, shelf_id, .references = AMPH_REF(Shelf, id))),
	.relations = AMPH_RELATIONS(AMPH_BELONGS_TO(Book, shelf, Shelf, shelf_id),
				    AMPH_HAS_MANY(Book, notes, Note, book_id,
						  .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Note, "notes",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Note, id, .primary_key = true, .identity = AMPH_IDENTITY_NONE),
		AMPH_COLUMN(Note, book_id, .references = AMPH_REF(Book, id), .index = true),
		AMPH_COLUMN(Note, text)));
static const amph_model *const models[] = { &amph_model_Shelf, &amph_model_Book, &amph_model_Note, NULL };

enum { PAGE = 1000, ALLOWED_BYTES = 65536, SHELF_BYTES = 1024, NOTE_BYTES = 1024 };

static void need(amph_session *s, bool ok)
{
	if (!ok)
		fault_die("%s %s", amph_session_error(s)->sqlstate, amph_session_error(s)->message);
}

static void fill(amph_session *s, int64_t count)
{
	static Book books[PAGE];
	static Note notes[PAGE];

	for (int64_t at = 0; at < count; at += PAGE) {
		size_t n = count - at < PAGE ? (size_t)(count - at) : PAGE;
		Shelf shelf = { .id = at / PAGE + 1, .name = "a shelf" };

		for (size_t i = 0; i < n; i++) {
			int64_t id = at + (int64_t)i + 1;

			books[i] = (Book){ .id = id, .title = "a title", .shelf_id = shelf.id };
			notes[i] = (Note){ .id = id, .book_id = id, .text = "a note of some words" };
		}
		need(s, amph_insert_many(s, Shelf, &shelf, 1) >= 0 &&
			amph_insert_many(s, Book, books, n) >= 0 &&
			amph_insert_many(s, Note, notes, n) >= 0);
	}
	need(s, amph_commit(s));
}

/* ---- what a loop costs ---- */
typedef struct cost { uint64_t statements; size_t held; } cost;

static cost now(const amph_session *s)
{
	return (cost){ amph_session_statistics(s).statements, fault_held };
}

static bool is_within(const char *what, cost before, cost after, int64_t statements, size_t bytes)
{
	struct rusage use;
	uint64_t sent = after.statements - before.statements;
	size_t more = after.held > before.held ? after.held - before.held : 0;

	getrusage(RUSAGE_SELF, &use);
	printf("%s: %llu statements, %zu bytes held before, %zu after, peak of the process %ld MB\n", what,
	       (unsigned long long)sent, before.held, after.held, use.ru_maxrss / 1024);
	return sent == (uint64_t)statements && more <= bytes;
}

static bool touch_shelves(amph_session *s, int64_t count)
{
	Book **books = amph_all(s, Book, .order_by = amph_by(amph_col(Book, id)));
	int64_t sum = 0, pages = (count + PAGE - 1) / PAGE;

	need(s, books != NULL);
	cost before = now(s);
	amph_each(Book, b, books)
		sum += amph_rel(b, shelf) ? b->shelf->id : 0;
	need(s, !amph_failed(s));
	cost after = now(s);
	amph_session_clear(s);
	if (sum != pages * (pages + 1) / 2 * PAGE - (pages * PAGE - count) * pages)
		fault_die("a book stands on another shelf");
	return is_within("shelves of one result", before, after, pages,
			 (size_t)pages * SHELF_BYTES + ALLOWED_BYTES);
}

static size_t touch_notes(amph_session *s, Book *const *books)
{
	size_t n = 0;

	amph_each(Book, b, books)
		n += amph_length(amph_rel(b, notes));
	need(s, !amph_failed(s));
	return n;
}

static bool walk_pages(amph_session *s, int64_t count)
{
	cost before = { 0, 0 };
	int64_t last = 0, pages = (count + PAGE - 1) / PAGE, warm = pages / 100 + 2;
	size_t n = 0;

	for (int64_t page = 0; page < pages; page++) {
		Book **books = amph_all(s, Book, .where = amph_gt(amph_col(Book, id), last),
					.order_by = amph_by(amph_col(Book, id)), .limit = PAGE);

		need(s, books != NULL);
		n += touch_notes(s, books);
		last = books[amph_length(books) - 1]->id;
		amph_session_clear(s);
		if (page + 1 == warm)
			before = now(s);
	}
	if (n != (size_t)count)
		fault_die("%zu notes of %lld books", n, (long long)count);
	return is_within("notes of pages", before, now(s), 2 * (pages - warm), ALLOWED_BYTES);
}

static bool touch_all_notes(amph_session *s, int64_t count)
{
	Book **books = amph_all(s, Book, .order_by = amph_by(amph_col(Book, id)));

	need(s, books != NULL);
	cost before = now(s);
	if (touch_notes(s, books) != (size_t)count)
		fault_die("a book has not its notes");
	cost after = now(s);
	amph_session_clear(s);
	return is_within("notes of one result, which stay", before, after, (count + PAGE - 1) / PAGE,
			 (size_t)count * NOTE_BYTES + ALLOWED_BYTES);
}

int main(int argc, char **argv)
{
	const amph_allocator allocator = { .resize = fault_resize, .release = fault_release };
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 1000000;
	amph_error err;
	bool ok;

	if (argc < 2 || count < 5 * PAGE)
		fault_die("usage: million_touch URL [COUNT], of at least %d", 5 * PAGE);
	amph_engine *db = amph_open(argv[1], AMPH_OPTIONS(.models = models, .allocator = &allocator), &err);
	if (!db || !amph_drop_all(db, &err) || !amph_create_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	amph_session *s = amph_session_open(db);
	fill(s, count);
	ok = walk_pages(s, count);
	ok = touch_shelves(s, count) && ok;
	ok = touch_all_notes(s, count) && ok;
	amph_session_close(s);
	if (!amph_drop_all(db, &err))
		fault_die("%s %s", err.sqlstate, err.message);
	amph_close(db);
	printf("%ld books: %s; left at the end: %zu\n", count, ok ? "as promised" : "NOT as promised",
	       fault_held);
	return !ok || fault_held != 0;
}
