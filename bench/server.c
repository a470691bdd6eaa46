/* The PostgreSQL server of the measurements: one of its own that does wait for the disk, and the
 * cores that it and this program run on. */
#include "bench.h"
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[128];
static pid_t postmaster;
static cpu_set_t all_cores;

static void pin(pid_t pid, bool to_one_core)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(pid, sizeof one, to_one_core ? &one : &all_cores))
		bench_fail("the cores of process %ld cannot be set", (long)pid);
}

void bench_pin(bool to_one_core)
{
	if (!CPU_COUNT(&all_cores))
		sched_getaffinity(0, sizeof all_cores, &all_cores);
	if (!CPU_ISSET(0, &all_cores))
		return;
	pin(0, to_one_core);
	if (postmaster > 0)
		pin(postmaster, to_one_core);
}

static bool run_script(const char *verb)
{
	extern char **environ;
	posix_spawn_file_actions_t files;
	char script[512], argument[16];
	char *const args[] = { script, argument, folder, NULL };
	pid_t pid;
	int status;

	snprintf(script, sizeof script, "%s/tests/support/postgres.sh", BENCH_SRCDIR);
	snprintf(argument, sizeof argument, "%s", verb);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	bool ok = !posix_spawn(&pid, script, &files, NULL, args, environ) &&
		  waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
	posix_spawn_file_actions_destroy(&files);
	return ok;
}

static FILE *open_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return fopen(path, "r");
}

/* The socket's file is named after the port, and the port is the end of the server's URL. */
static int read_port(void)
{
	FILE *in = open_file("url");
	char url[256] = "";

	if (in) {
		if (!fgets(url, sizeof url, in))
			url[0] = '\0';
		fclose(in);
	}
	const char *colon = strrchr(url, ':');
	return colon ? (int)strtol(colon + 1, NULL, 10) : 0;
}

static pid_t read_postmaster(void)
{
	FILE *in = open_file("data/postmaster.pid");
	long pid = 0;

	if (in) {
		if (fscanf(in, "%ld", &pid) != 1)
			pid = 0;
		fclose(in);
	}
	return (pid_t)pid;
}

void bench_start_server(void)
{
	const char *parent = getenv("TMPDIR");

	snprintf(folder, sizeof folder, "%s/amphora-bench.XXXXXX", parent ? parent : "/tmp");
	if (!mkdtemp(folder) || chmod(folder, 0755))
		bench_fail("a folder for the server cannot be made");
	fflush(stdout);
	if (!run_script("start"))
		bench_fail("the server did not start");
	int port = read_port();
	postmaster = read_postmaster();
	snprintf(env.conninfo, sizeof env.conninfo, "host=%s port=%d user=postgres dbname=postgres", folder,
		 port);
	snprintf(env.url[POSTGRESQL], sizeof env.url[0], "postgresql://postgres@/postgres?host=%s&port=%d",
		 folder, port);
	snprintf(env.sqlite_path, sizeof env.sqlite_path, "%s/bench.db", folder);
	snprintf(env.url[SQLITE], sizeof env.url[0],
		 "sqlite:///%s?synchronous=normal&cache_mb=64&mmap_mb=256", env.sqlite_path);
	bench_pg_command("ALTER SYSTEM SET fsync = on");
	bench_pg_command("ALTER SYSTEM SET full_page_writes = on");
	bench_pg_command("ALTER SYSTEM SET synchronous_commit = on");
	bench_pg_command("ALTER SYSTEM SET max_wal_size = '2GB'");
	bench_pg_command("ALTER SYSTEM SET autovacuum = off");
	bench_pg_command("SELECT pg_reload_conf()");
	usleep(200000);
}

/* Its folder goes, and with it the SQLite file. */
void bench_stop_server(void)
{
	run_script("stop");
}
