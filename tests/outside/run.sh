#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh BUILD: SQLite's own speedtest1, mptest and TCL tests on the shim, with sealed.so as their default VFS.  Takes
# SQLite's sources by apt-get; where they cannot be had, says so and is skipped (77).
#
# tcl.list names the TCL tests that run, tcl.skip those that cannot, and why.
set -u
src=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
out=$build/outside
sqlite=$out/sqlite3
lib=$build/tests/outside/sealed.so
cc=${CC:-gcc}
failed=0

result() { # STATUS NAME [WHY]
	if [ "$1" -eq 0 ]; then
		echo "ok outside/$2"
	else
		echo "not ok outside/$2: ${3:-exit $1}"
		failed=1
	fi
}

skip() {
	echo "# skipped: $1"
	exit 77
}

mkdir -p "$out"
bash "$src/tests/outside/source.sh" sqlite3 "$sqlite" || skip "no sources of SQLite here"
[ -f "$lib" ] || skip "$lib is not built"
work=$(mktemp -d /dev/shm/arpent-outside.XXXXXX 2>/dev/null || mktemp -d)
trap 'rm -rf "$work"' EXIT

# The same work with and without the shim: the answers have to be the same.
speedtest() {
	local mode=$1 how=(--verify --size 10 --journal "$1") plain sealed
	[ "$mode" != wal ] || how+=(--exclusive)
	rm -f "$work"/s.db*
	plain=$("$work/speedtest1" "${how[@]}" "$work/s.db" | grep -i hash)
	rm -f "$work"/s.db*
	sealed=$(LD_PRELOAD=$lib "$work/speedtest1" "${how[@]}" "$work/s.db" | grep -i hash)
	[ -n "$plain" ] && [ "$plain" = "$sealed" ] && [ "$(head -c 8 "$work/s.db")" = ARPENTDB ]
	result $? "speedtest1 $mode" "$plain, with the shim $sealed"
}

# Several processes on one file: with a rollback journal, as a WAL would need shared memory.
mptest() {
	local script=$1 mode=$2 said
	rm -f "$work"/m.db*
	said=$(cd "$work" && LD_PRELOAD=$lib timeout 300 ./mptest m.db "$sqlite/mptest/$script.test" --journalmode "$mode" 2>&1 |
		grep '^Summary')
	[[ $said == "Summary: 0 errors"* ]]
	result $? "mptest $script $mode" "$said"
}

# Of pages of 4096 bytes, as the shim's are, and with its functions open to the library.
testfixture() {
	local tcl t=$out/testfixture
	tcl=$(dirname "$(find /usr/lib -name tclConfig.sh 2>/dev/null | head -n 1)" 2>/dev/null)
	[ -x "$t/testfixture" ] && return
	[ -n "$tcl" ] && mkdir -p "$t" && cd "$t" && "$sqlite/configure" -q --with-tcl="$tcl" --enable-rtree --enable-fts5 &&
		sed -i 's/-DSQLITE_DEFAULT_PAGE_SIZE=1024/-DSQLITE_DEFAULT_PAGE_SIZE=4096 -Wl,-E/' Makefile &&
		make testfixture >make.log 2>&1
}

tcl() {
	local name said n=0 cases=0
	mkdir -p "$work/tcl"
	while read -r name; do
		[ -n "$name" ] || continue
		said=$(cd "$work/tcl" && LD_PRELOAD=$lib timeout 300 "$out/testfixture/testfixture" \
			"$src/tests/outside/sealed.tcl" "$sqlite/test/$name.test" 2>&1)
		grep -q '^0 errors out of' <<<"$said"
		result $? "tcl $name" "$(grep -E '^[0-9]+ errors|^!Failures' <<<"$said" | tr '\n' ' ')"
		n=$((n + 1))
		cases=$((cases + $(sed -n -E 's/^0 errors out of ([0-9]+) tests.*/\1/p' <<<"$said" | head -n 1)))
	done < <(grep -v '^#' "$src/tests/outside/tcl.list")
	echo "# $n TCL tests, $cases cases; $(grep -c -v '^#' "$src/tests/outside/tcl.skip") tests that cannot run on the shim"
}

$cc -O2 -w "$sqlite/test/speedtest1.c" -lsqlite3 -o "$work/speedtest1" || exit 1
$cc -O2 -w "$sqlite/mptest/mptest.c" -lsqlite3 -o "$work/mptest" || exit 1
for mode in delete truncate persist wal; do
	speedtest "$mode"
done
for mode in delete truncate persist; do
	mptest multiwrite01 "$mode"
done
mptest crash01 delete
mptest config01 delete
if (testfixture); then
	tcl
else
	echo "# skipped: the TCL tests, which need the package tcl-dev"
fi
exit $failed
