#!/bin/sh
# A PostgreSQL server for tests: started here, stopped here, gone afterwards.
#
#   postgres.sh start DIR       starts one with its files in DIR (new or empty), prints its URL
#   postgres.sh restart DIR     starts it again where it was killed, at the same URL
#   postgres.sh stop DIR        stops it and removes DIR
#   postgres.sh database NAME   a new, empty database on the server of DATABASE_URL; prints its URL
#                               (POSTGRES_DATABASE_OPTIONS: what CREATE DATABASE gets besides)
#   postgres.sh run COMMAND...  runs COMMAND with DATABASE_URL set, then stops the server
#
# It speaks UTF-8, sorts and folds case as C.UTF-8, and its time zone is UTC. It listens on the
# loopback only and does not wait for the disk. The server runs as an unprivileged user also where
# root runs this. Where AMPHORA_TEST_POSTGRESQL_URL names a server, run uses that one instead.
set -eu

fail()
{
	echo "postgres.sh: $*" >&2
	exit 1
}

# The folder of initdb, postgres, pg_ctl and psql; version 15, which defines what is right, first.
find_programs()
{
	for found in "${PG_BINDIR:-}" /usr/lib/postgresql/15/bin \
		$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -rV) \
		"$(pg_config --bindir 2>/dev/null || :)" /usr/local/pgsql/bin \
		"$(dirname "$(command -v initdb 2>/dev/null || echo /nonexistent/initdb)")"; do
		if [ -n "$found" ] && [ -x "$found/initdb" ] && [ -x "$found/postgres" ] &&
			[ -x "$found/pg_ctl" ]; then
			bin=$found
			return
		fi
	done
	fail "these tests need the programs of a PostgreSQL server, and there are none.
  On Debian or Ubuntu:  apt-get install postgresql
  Elsewhere: install PostgreSQL 15 and set PG_BINDIR to the folder of its initdb,
  or set AMPHORA_TEST_POSTGRESQL_URL to a server that may be written to."
}

# PostgreSQL does not run as root.
choose_owner()
{
	owner=
	[ "$(id -u)" -eq 0 ] || return 0
	for owner in postgres nobody; do
		id -u "$owner" >/dev/null 2>&1 && return
	done
	fail "PostgreSQL does not run as root, and there is no user postgres or nobody"
}

as_owner()
{
	if [ -z "$owner" ]; then
		"$@"
	elif command -v setpriv >/dev/null 2>&1; then
		setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups -- "$@"
	elif command -v runuser >/dev/null 2>&1; then
		runuser -u "$owner" -- "$@"
	else
		su -s /bin/sh "$owner" -c '"$0" "$@"' -- "$@"
	fi
}

# Where files are fast and there is room for them.
temporary_folder()
{
	where=${TMPDIR:-/tmp}
	if [ -w /dev/shm ]; then
		free=$(df -Pk /dev/shm | awk 'NR == 2 { print $4 }')
		[ "${free:-0}" -gt 1000000 ] && where=/dev/shm
	fi
	mktemp -d "$where/amphora-pg.XXXXXX"
}

free_port()
{
	od -An -N2 -tu2 /dev/urandom | awk '{ print 20000 + $1 % 40000 }'
}

initialise()
{
	as_owner "$bin/initdb" -D data -N -E UTF8 --locale=C.UTF-8 -A trust -U postgres \
		>initdb.log 2>&1 || {
		cat initdb.log >&2
		fail "initdb failed; it says why above"
	}
	cat >settings <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$dir'
timezone = 'UTC'
log_timezone = 'UTC'
datestyle = 'ISO, MDY'
lc_messages = 'C'
max_connections = 200
max_prepared_transactions = 10
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 256MB
min_wal_size = 80MB
autovacuum_naptime = 10s
SETTINGS
	as_owner sh -c 'cat >>data/postgresql.conf' <settings
}

# Starts the server of $dir and sets url. Another program may take the port first.
start_server()
{
	dir=$1
	find_programs
	choose_owner
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	[ -z "$owner" ] || chown "$owner" "$dir"
	cd "$dir"
	[ -d data ] || initialise
	for attempt in 1 2 3 4 5; do
		port=$(free_port)
		if as_owner "$bin/pg_ctl" -s -w -t 60 -D data -l "$dir/server.log" -o "-p $port" \
			start >start.log 2>&1 </dev/null; then
			url="postgresql://postgres@127.0.0.1:$port/postgres"
			echo "$url" >url
			return
		fi
	done
	cat start.log server.log >&2
	fail "the server did not start in $attempt attempts; it says why above"
}

# Processes of the killed server keep its memory for a while.
restart_server()
{
	dir=$(cd "$1" && pwd)
	find_programs
	choose_owner
	cd "$dir"
	url=$(cat url)
	port=${url##*:}
	port=${port%%/*}
	attempt=0
	while [ $attempt -lt 100 ]; do
		attempt=$((attempt + 1))
		as_owner "$bin/pg_ctl" -s -w -t 60 -D data -l "$dir/server.log" -o "-p $port" \
			start >start.log 2>&1 </dev/null && return
		sleep 0.1
	done
	cat start.log >&2
	fail "the server did not start again; it says why above"
}

stop_server()
{
	dir=$1
	[ -d "$dir/data" ] || fail "no server was started in $dir"
	find_programs
	choose_owner
	(
		cd "$dir"
		for mode in fast immediate; do
			as_owner "$bin/pg_ctl" -s -w -t 20 -m $mode -D data stop && break
		done
	) >/dev/null 2>&1 || :
	rm -rf "$dir"
}

create_database()
{
	psql=$(command -v psql || :)
	[ -n "$psql" ] || find_programs
	psql=${psql:-$bin/psql}
	case $1 in
	*[!a-z0-9_]* | '') fail "a database is named with a-z, 0-9 and _" ;;
	esac
	"$psql" -X -q -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "SET client_min_messages = warning" \
		-c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1 TEMPLATE template0 ${POSTGRES_DATABASE_OPTIONS:-}" >&2
	echo "$DATABASE_URL" | sed "s|/[^/?]*\(?.*\)\{0,1\}\$|/$1\1|"
}

clean_up()
{
	status=$?
	trap - EXIT
	cd /
	(stop_server "$folder") 2>/dev/null || rm -rf "$folder"
	exit $status
}

run_with_server()
{
	if [ -n "${AMPHORA_TEST_POSTGRESQL_URL:-}" ]; then
		DATABASE_URL=$AMPHORA_TEST_POSTGRESQL_URL
		export DATABASE_URL
		exec "$@"
	fi
	here=$(pwd)
	folder=$(temporary_folder)
	trap clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	start_server "$folder"
	cd "$here"
	DATABASE_URL=$url
	export DATABASE_URL
	"$@"
}

case ${1:-} in
start)
	[ $# -eq 2 ] || fail "usage: postgres.sh start DIR"
	start_server "$2"
	echo "$url"
	;;
restart)
	[ $# -eq 2 ] || fail "usage: postgres.sh restart DIR"
	restart_server "$2"
	echo "$url"
	;;
stop)
	[ $# -eq 2 ] || fail "usage: postgres.sh stop DIR"
	stop_server "$2"
	;;
database)
	[ $# -eq 2 ] || fail "usage: postgres.sh database NAME"
	[ -n "${DATABASE_URL:-}" ] || fail "set DATABASE_URL to the server"
	create_database "$2"
	;;
run)
	shift
	[ $# -gt 0 ] || fail "usage: postgres.sh run COMMAND..."
	run_with_server "$@"
	;;
*)
	sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"
	exit 2
	;;
esac
