#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# bench.sh BUILD: makes what tests/bench/store compares with, in BUILD/outside, and runs it on /dev/shm.  Without the
# sources of SQLite or SQLCipher, their rows and columns stay empty.  FAST=1: few records, one run, to try it.
set -eu
src=$(cd "$(dirname "$0")/../.." && pwd)
build=$(cd "$1" && pwd)
out=$build/outside
cc=${CC:-gcc}
[ -z "${FAST:-}" ] || export RUNS="${RUNS:-1}" RECORDS="${RECORDS:-10000}"
mkdir -p "$out"
work=$(mktemp -d /dev/shm/arpent-bench.XXXXXX)
trap 'rm -rf "$work"' EXIT

# SQLCipher's own FTS5, since its package has none.
cipher() {
	local cflags libs s=$out/sqlcipher f=$out/fts5
	cflags=$(pkg-config --cflags sqlcipher 2>/dev/null) && libs=$(pkg-config --libs sqlcipher) || return 1
	bash "$src/tests/outside/source.sh" sqlcipher "$s" || return 1
	mkdir -p "$f"
	if [ ! -f "$f/fts5.o" ]; then
		cp "$s/tool/lempar.c" "$s/ext/fts5/fts5parse.y" "$f"
		gcc -O1 -w -o "$f/lemon" "$s/tool/lemon.c"
		(cd "$f" && ./lemon fts5parse.y && tclsh "$s/ext/fts5/tool/mkfts5c.tcl")
		# shellcheck disable=SC2086
		$cc -O2 -w -DNDEBUG -DSQLITE_CORE -DSQLITE_ENABLE_FTS5 $cflags -c "$f/fts5.c" -o "$f/fts5.o"
	fi
	# shellcheck disable=SC2086
	$cc -O2 -std=c11 -D_GNU_SOURCE -Wall -Wextra $cflags "$src/tests/bench/work.c" "$src/tests/bench/engine-cipher.c" \
		"$f/fts5.o" $libs -lm -o "$build/tests/bench/work-cipher"
	# shellcheck disable=SC2086
	[ ! -d "$out/sqlite3" ] || $cc -O2 -w $cflags -I"$out/sqlite3/test" "$src/tests/bench/speedtest1-cipher.c" $libs \
		-o "$work/speedtest1-cipher"
}

speedtest() {
	bash "$src/tests/outside/source.sh" sqlite3 "$out/sqlite3" || return 1
	$cc -O2 -w "$out/sqlite3/test/speedtest1.c" -lsqlite3 -o "$work/speedtest1"
	cp "$build/tests/outside/sealed.so" "$work"
}

speedtest || echo "bench: no sources of SQLite here: speedtest1 is left out" >&2
cipher || echo "bench: no SQLCipher here: it is left out" >&2
"$build/tests/bench/store" "$work"
