#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fuzz.sh BUILDDIR AMOUNT [NAME...]: each target of a build made with --enable-fuzz goes on from its kept inputs, as many
# at once as there are processors (JOBS= says otherwise).  AMOUNT is seconds for each target, or with a % sign a share of
# the executions that tests/fuzz/executions has for it.  What is new stays in BUILDDIR/found/NAME, what breaks in
# BUILDDIR/broken-NAME-*; small ones of both are worth keeping in tests/fuzz/corpus/NAME.  BUILDDIR/executions gets a
# line for each run, "NAME EXECUTIONS", so that the runs of several days can be added up.
set -u
export SRCDIR BUILD=$1 AMOUNT=$2
SRCDIR=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(cd "$BUILD" && pwd)
shift 2
# Quicker by half where much is allocated, and nothing less is found.
export ASAN_OPTIONS=malloc_context_size=4:max_malloc_fill_size=0:quarantine_size_mb=4:thread_local_quarantine_size_kb=64

# Runs of a million at most, so that what was done is counted when it is stopped half-way.
run() { # NAME LIBFUZZER-OPTION...
	local name=$1 log=$BUILD/fuzz-$1.log n
	shift
	"$BUILD/tests/fuzz/fuzz_$name" "$@" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=4096 \
		-print_final_stats=1 -artifact_prefix="$BUILD/broken-$name-" "$BUILD/found/$name" \
		"$SRCDIR/tests/fuzz/corpus/$name" >"$log" 2>&1
	local status=$?
	n=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	echo "$name ${n:-0}" >>"$BUILD/executions"
	done_now=$((done_now + ${n:-0}))
	[ $status -eq 0 ] && return 0
	grep -E -A12 'ERROR|runtime error|does not hold' "$log" | head -n 30
	echo "not ok fuzz/$name: $(sed -n 's/.*Test unit written to //p' "$log"), the whole of it in $log"
	return 1
}

one() { # NAME
	local done_now=0 all
	mkdir -p "$BUILD/found/$1"
	if [[ $AMOUNT != *% ]]; then
		run "$1" -max_total_time="$AMOUNT" || return 1
	else
		all=$(awk -v name="$1" -v share="${AMOUNT%\%}" '$1 == name { printf "%d", $2 * share / 100 }' \
			"$SRCDIR/tests/fuzz/executions")
		while [ $done_now -lt "${all:-0}" ]; do
			run "$1" -runs=$((all - done_now < 1000000 ? all - done_now : 1000000)) || return 1
		done
	fi
	echo "ok fuzz/$1: $done_now runs"
}
export -f one run

if [ $# -eq 0 ]; then
	for program in "$BUILD"/tests/fuzz/fuzz_*; do
		[[ -x $program && $program != *.* ]] && set -- "$@" "${program##*/fuzz_}"
	done
fi
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'one {}'
