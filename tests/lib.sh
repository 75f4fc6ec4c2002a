# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the scripts among the tests: `. "$SRCDIR/tests/lib.sh"`, then one `ok` or `not_ok` per case, and `finish` as the
# last line.  $ARPENT is the program, $T a scratch folder (also $HOME), removed at the end.
#
#	is NAME GOT WANT                 the two are the same
#	has NAME TEXT PART               TEXT has PART in it
#	lacks NAME TEXT PART
#	exits NAME STATUS COMMAND...     its output is in $out, its errors in $err

set -u
T=$(mktemp -d "${TMPDIR:-/tmp}/arpent-test.XXXXXX") || exit 99
trap 'rm -rf "$T"' EXIT
HOME=$T
suite=$(basename "$0" .sh)
failed=0
out= err=

ok() { echo "ok $suite/$1"; }
not_ok() { echo "not ok $suite/$1: ${2:-}" | tr '\n' '|' | sed 's/|$//'; echo; failed=$((failed + 1)); }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got \"$2\", want \"$3\""; fi; }
has() { case $2 in *"$3"*) ok "$1" ;; *) not_ok "$1" "no \"$3\" in \"$2\"" ;; esac; }
lacks() { case $2 in *"$3"*) not_ok "$1" "\"$3\" in \"$2\"" ;; *) ok "$1" ;; esac; }
exits() {
	local name=$1 want=$2 got=0
	shift 2
	"$@" >"$T/.out" 2>"$T/.err" || got=$?
	out=$(cat "$T/.out") err=$(cat "$T/.err")
	if [ $got -eq "$want" ]; then ok "$name"; else not_ok "$name" "exit $got, want $want; $err"; fi
}
finish() { [ $failed -eq 0 ]; exit; }
