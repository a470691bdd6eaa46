/* What the tests of faults share: memory between processes, and a look at the database that does not
 * go through the library. */
#ifndef TESTS_FAULT_FAULT_H
#define TESTS_FAULT_FAULT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *fault_shared(size_t size);        /* zeroed, shared with children; ends the program if not */
_Noreturn void fault_die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The URL for a worker: %d becomes its number. */
void fault_worker_url(char *out, size_t size, const char *url, int worker);
int64_t fault_now_usec(void);
void fault_sleep_usec(int64_t usec);
uint32_t fault_random(void);

/* The functions of an allocator that knows how many bytes are out; of one thread. */
extern size_t fault_held;
void *fault_resize(void *ctx, void *p, size_t size);
void fault_release(void *ctx, void *p);

/* A database by its URL, seen with libpq or SQLite itself. */
typedef struct fault_database fault_database;
fault_database *fault_database_open(const char *url);   /* a PostgreSQL's is created if it is not there */
void fault_database_close(fault_database *d);
bool fault_database_is_postgresql(const fault_database *d);
void fault_database_empty(fault_database *d);           /* no tables, no file */
/* The first column of the first row; ends the program where the query fails. */
int64_t fault_database_number(fault_database *d, const char *sql);
bool fault_database_connect(fault_database *d);         /* again, after the server went; false: not there */
/* What alloc_sweep leaves: all of both transactions. */
bool fault_database_check(fault_database *d, int n_accounts, char *why, size_t size);
#endif
