#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fuzz.sh BUILDDIR SECONDS [NAME...]: each target of a build made with --enable-fuzz goes on from its kept inputs for so
# long, as many at once as there are processors.  What is new stays in BUILDDIR/found/NAME, what breaks in
# BUILDDIR/broken-NAME-*; small ones of both are worth keeping in tests/fuzz/corpus/NAME.
set -u
export SRCDIR BUILD=$1 SECONDS_EACH=$2
SRCDIR=$(cd "$(dirname "$0")/../.." && pwd)
shift 2

one() {
	local log=$BUILD/fuzz-$1.log
	mkdir -p "$BUILD/found/$1"
	if "$BUILD/tests/fuzz/fuzz_$1" -max_total_time="$SECONDS_EACH" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
		-artifact_prefix="$BUILD/broken-$1-" "$BUILD/found/$1" "$SRCDIR/tests/fuzz/corpus/$1" >"$log" 2>&1; then
		echo "ok fuzz/$1: $(sed -n 's/^Done \([0-9]* runs\).*/\1/p' "$log")"
	else
		grep -E -A12 'ERROR|runtime error' "$log" | head -n 30
		echo "not ok fuzz/$1: $(sed -n 's/.*Test unit written to //p' "$log"), the whole of it in $log"
		return 1
	fi
}
export -f one

if [ $# -eq 0 ]; then
	for program in "$BUILD"/tests/fuzz/fuzz_*; do
		[[ -x $program && $program != *.* ]] && set -- "$@" "${program##*/fuzz_}"
	done
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'one {}'
