/* What the connections of one SQLite database share: where the file is, its settings, and for a
 * database in memory the private directory on tmpfs that holds it. */
#include "sl.h"
#include "../../src/base/ascii.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	OLDEST_SQLITE = 3039000,        /* RIGHT and FULL JOIN, IS DISTINCT FROM */
	CACHE_MB = 16,
	ABANDONED_SECONDS = 60
};
#define MEMORY_PREFIX "amphora-"
#define OWN_PROCESS UINT32_C(0x53514c33)

/* ---- options of the URL ---- */

typedef struct number_option { const char *key; size_t offset; int max; } number_option;
static const number_option number_options[] = {
	{ "cache_mb", offsetof(sl_engine, cache_mb), 1 << 20 },
	{ "mmap_mb", offsetof(sl_engine, mmap_mb), 1 << 20 },
};

static bool set_synchronous(sl_engine *engine, const char *value, amph_error *err)
{
	static const char *const names[] = { "off", "normal", "full", "extra" };

	for (int i = 0; i < 4; i++) {
		if (!strcmp(names[i], value)) {
			engine->synchronous = i;
			return true;
		}
	}
	return amph__error(err, "HV00D", "option \"synchronous\" of the connection URL takes off, "
			   "normal, full or extra");
}

static bool set_number(sl_engine *engine, const number_option *o, const char *value,
		       amph_error *err)
{
	char *end;

	errno = 0;
	long n = strtol(value, &end, 10);
	if (errno || end == value || *end || n < 0 || n > o->max)
		return amph__error(err, "HV00D", "option \"%s\" of the connection URL takes a "
				   "number of megabytes", o->key);
	*(int *)(void *)((char *)engine + o->offset) = (int)n;
	return true;
}

static bool set_option(sl_engine *engine, const amph_address_param *p, amph_error *err)
{
	if (!strcmp(p->key, "synchronous"))
		return set_synchronous(engine, p->value, err);
	for (size_t i = 0; i < sizeof number_options / sizeof *number_options; i++)
		if (!strcmp(p->key, number_options[i].key))
			return set_number(engine, &number_options[i], p->value, err);
	return amph__error(err, "HV00D", "unknown option \"%s\" of a sqlite URL; known are: "
			   "synchronous, cache_mb, mmap_mb", p->key);
}

static bool set_options(sl_engine *engine, amph_error *err)
{
	const amph_address *a = &engine->base.address;

	/* a database in memory ends with its process: there is nothing to sync, and its file
	 * cannot be cut short by others, which is what makes a mapped one dangerous */
	engine->synchronous = a->path ? SL_SYNC_FULL : SL_SYNC_OFF;
	engine->mmap_mb = 0;
	engine->cache_mb = CACHE_MB;
	for (size_t i = 0; i < a->n_params; i++)
		if (!set_option(engine, &a->params[i], err))
			return false;
	return true;
}

/* ---- a database in memory ---- */

static void remove_database(int dir)
{
	static const char *const names[] = { "db", "db-wal", "db-shm", "db-journal" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		unlinkat(dir, names[i], 0);
}

/* Removes a directory whose owner has died: its lock went with the process. One that is younger
 * than a minute may be another's that is not locked yet. */
static void remove_abandoned(int parent, const char *name)
{
	struct stat st;
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return;
	if (!fstat(dir, &st) && st.st_uid == geteuid() && (st.st_mode & 07777) == 0700 &&
	    st.st_mtime < time(NULL) - ABANDONED_SECONDS && !flock(dir, LOCK_EX | LOCK_NB)) {
		remove_database(dir);
		unlinkat(parent, name, AT_REMOVEDIR);
	}
	close(dir);
}

static void remove_all_abandoned(const char *parent)
{
	DIR *d = opendir(parent);

	if (!d)
		return;
	for (struct dirent *e; (e = readdir(d)); )
		if (!strncmp(e->d_name, MEMORY_PREFIX, sizeof MEMORY_PREFIX - 1))
			remove_abandoned(dirfd(d), e->d_name);
	closedir(d);
}

/* Opens and locks the new directory. false: it went away before, as one that seemed abandoned. */
static bool hold_directory(sl_engine *engine)
{
	struct stat st;

	engine->directory_fd = open(engine->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (engine->directory_fd < 0)
		return false;
	if (!flock(engine->directory_fd, LOCK_EX | LOCK_NB) &&
	    !fstat(engine->directory_fd, &st) && st.st_nlink > 0) {
		engine->has_directory = true;
		return true;
	}
	close(engine->directory_fd);
	return false;
}

static char *join(const amph_allocator *a, const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *out = amph__alloc(a, size);

	if (out)
		snprintf(out, size, "%s/%s", directory, name);
	return out;
}

static bool make_directory(sl_engine *engine, const char *parent, amph_error *err)
{
	for (int attempt = 0; attempt < 3; attempt++) {
		amph__free(engine->base.allocator, engine->directory);
		engine->directory = join(engine->base.allocator, parent, MEMORY_PREFIX "XXXXXX");
		if (!engine->directory)
			return amph__error_nomem(err);
		if (!mkdtemp(engine->directory))
			break;
		if (hold_directory(engine))
			return true;
		rmdir(engine->directory);
	}
	return amph__error(err, "08001", "cannot make a directory for a database in memory in "
			   "\"%s\": %s", parent, strerror(errno));
}

static bool memory_open(sl_engine *engine, amph_error *err)
{
	const char *parent = "/dev/shm", *temp = secure_getenv("TMPDIR");

	if (access(parent, W_OK | X_OK))
		parent = temp && *temp == '/' ? temp : "/tmp";
	remove_all_abandoned(parent);
	if (!make_directory(engine, parent, err))
		return false;
	engine->path = join(engine->base.allocator, engine->directory, "db");
	return engine->path ? true : amph__error_nomem(err);
}

static void memory_close(sl_engine *engine)
{
	if (engine->has_directory && amph__sl_same_process(engine)) {
		remove_database(engine->directory_fd);
		rmdir(engine->directory);
	}
	if (engine->has_directory)
		close(engine->directory_fd);
	amph__free(engine->base.allocator, engine->directory);
}

/* ---- a database in a file ---- */

/* The path as it is at this moment: a later chdir changes nothing, and no name that SQLite
 * would take for a URI or for memory is left. */
static bool absolute_path(sl_engine *engine, amph_error *err)
{
	const amph_allocator *a = engine->base.allocator;
	const char *path = engine->base.address.path;
	char cwd[4096];

	if (*path == '/')
		engine->path = amph__strdup(a, path);
	else if (getcwd(cwd, sizeof cwd))
		engine->path = join(a, cwd, path);
	else
		return amph__error(err, "08001", "cannot tell where \"%s\" is: %s", path,
				   strerror(errno));
	return engine->path ? true : amph__error_nomem(err);
}

/* ---- processes ---- */

static void watch_for_fork(sl_engine *engine)
{
	long page = sysconf(_SC_PAGESIZE);
	void *p = page > 0 ? mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : MAP_FAILED;

	engine->pid = getpid();
	if (p == MAP_FAILED)
		return;
#ifdef MADV_WIPEONFORK
	if (!madvise(p, (size_t)page, MADV_WIPEONFORK)) {
		engine->own_process = p;
		*engine->own_process = OWN_PROCESS;
		return;
	}
#endif
	munmap(p, (size_t)page);
}

bool amph__sl_same_process(const sl_engine *engine)
{
	return engine->own_process ? *engine->own_process == OWN_PROCESS
				   : engine->pid == getpid();
}

bool amph__sl_wrong_process(amph_error *err)
{
	return amph__error_misuse(err, "this connection belongs to the process that was forked; open "
				  "an engine of its own in the new one");
}

/* ---- slots ---- */

bool amph__sl_engine_open(amph_driver_engine *base, amph_error *err)
{
	sl_engine *engine = (sl_engine *)base;

	if (sqlite3_libversion_number() < OLDEST_SQLITE)
		return amph__error(err, "08001", "SQLite 3.39 or later is needed, this is %s",
				   sqlite3_libversion());
	if (!sqlite3_threadsafe())
		return amph__error(err, "08001", "this SQLite was built without support of threads");
	if (base->options.time_zone && !amph__ascii_same(base->options.time_zone, "UTC"))
		return amph__error(err, "0A000", "time zone \"%s\": the SQLite backend knows UTC only",
				   base->options.time_zone);
	if (!set_options(engine, err))
		return false;
	if (pthread_mutex_init(&engine->lock, NULL))
		return amph__error_nomem(err);
	engine->has_lock = true;
	engine->checkpoint_at = SL_CHECKPOINT_PAGES;
	watch_for_fork(engine);
	return base->address.path ? absolute_path(engine, err) : memory_open(engine, err);
}

void amph__sl_engine_close(amph_driver_engine *base)
{
	sl_engine *engine = (sl_engine *)base;

	memory_close(engine);
	amph__free(base->allocator, engine->path);
	amph__sl_sequences_free(engine);
	if (engine->own_process)
		munmap((void *)(uintptr_t)engine->own_process, (size_t)sysconf(_SC_PAGESIZE));
	if (engine->has_lock)
		pthread_mutex_destroy(&engine->lock);
}
