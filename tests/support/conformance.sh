#!/bin/sh
# Runs the conformance suite once:  conformance.sh sqlite|postgresql [URL-OPTIONS]
# or, with a file instead of memory:  conformance.sh sqlite --file
# Prints how many of its tests ran. A PostgreSQL server is started for it and stopped.
set -u
backend=$1
options=${2:-}
support=$AMPH_SRCDIR/tests/support
program=tests/conformance/run
if [ ! -x "$program" ]; then
	echo "$program was not built: make check builds it" >&2
	exit 1
fi
folder=
case $backend in
sqlite)
	AMPHORA_TEST_URL=sqlite::memory:
	if [ "$options" = --file ]; then
		options=
		backend="sqlite in a file"
		where=${TMPDIR:-/tmp}
		[ -w /dev/shm ] && where=/dev/shm
		folder=$(mktemp -d "$where/amphora-conformance.XXXXXX")
		AMPHORA_TEST_URL=sqlite:///$folder/conformance.db
	fi
	;;
postgresql)
	if [ "${3:-}" != --with-server ]; then
		exec "$support/postgres.sh" run "$0" "$backend" "$options" --with-server
	fi
	database=conformance$(echo "$options" | tr -c 'a-z0-9\n' '_')
	AMPHORA_TEST_URL=$("$support/postgres.sh" database "$database") || exit 1
	;;
esac
[ -z "$options" ] || AMPHORA_TEST_URL="$AMPHORA_TEST_URL?$options"
export AMPHORA_TEST_URL

results=$(mktemp)
trap 'rm -rf "$results" ${folder:+"$folder"}' EXIT
"./$program" >"$results" 2>&1
status=$?
cat "$results"
count=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\),.*/\1/p' "$results" | awk '{ n += $1 } END { print n + 0 }')
echo "conformance on $backend${options:+ with $options}: $count tests"
if [ "$count" -eq 0 ]; then
	echo "no test ran" >&2
	exit 1
fi
exit $status
