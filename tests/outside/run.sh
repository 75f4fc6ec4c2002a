#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# run.sh BUILD: SQLite's own speedtest1, mptest and TCL tests on the shim, with sealed.so as their default VFS.  Takes
# SQLite's sources by apt-get; where they cannot be had, says so and is skipped (77).
#
# tcl.list names the TCL tests that run, tcl.skip those and the cases that cannot, and why.
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

# Tests that make files unreadable mean nothing to root.
nobody() {
	if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}

tcl_one() { # NAME MODE
	local dir=$work/tcl/$1.$2
	mkdir -p "$dir" && chmod 777 "$dir" && cd "$dir" || return
	export SEALED_UNDER='' SEALED_TEST=$1${2:+/$2}
	case $2 in
	wal) export SEALED_PRAGMA="PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL" ;;
	exclusive) export SEALED_PRAGMA="PRAGMA locking_mode=EXCLUSIVE" ;;
	esac
	LD_PRELOAD=$lib nobody timeout 300 "$out/testfixture/testfixture" \
		"$src/tests/outside/sealed.tcl" "$sqlite/test/$1.test" >"$dir.said" 2>&1
	rm -rf "$dir"
}

counted() { # SED FILE
	{ sed -n -E "$@" && echo 0; } | head -n 1
}

tcl() {
	local name mode said n=0 cases=0 skipped=0
	mkdir -p "$work/tcl"
	chmod 711 "$work" "$work/tcl"
	while read -r name mode; do
		while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
			wait -n
		done
		(tcl_one "$name" "$mode") &
	done < <(grep -v '^#' "$src/tests/outside/tcl.list")
	wait
	while read -r name mode; do
		said=$work/tcl/$name.$mode.said
		grep -a -q '^0 errors out of' "$said"
		result $? "tcl $name${mode:+ $mode}" "$(grep -a -E '^[0-9]+ errors|^!Failures' "$said" | tr '\n' ' ')"
		n=$((n + 1))
		cases=$((cases + $(counted 's/^0 errors out of ([0-9]+) tests.*/\1/p' "$said")))
		skipped=$((skipped + $(counted 's/^([0-9]+) cases skipped/\1/p' "$said")))
	done < <(grep -v '^#' "$src/tests/outside/tcl.list")
	echo "# $n TCL tests, $cases cases, and $skipped that cannot hold on the shim;" \
		"$(grep -c '^[^#]* \* ' "$src/tests/outside/tcl.skip") tests that are not run"
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
