# SPDX-License-Identifier: GPL-3.0-or-later
#
# The layout of .clang-format, by the version it was written for: others differ in small things.
. "$SRCDIR/tests/house/lib.sh"

clang-format --version 2>/dev/null | grep -q 'version 14\.' || {
	echo "clang-format 14 is not here"
	exit 77
}
sources | grep -v '^include/' | xargs clang-format --dry-run 2>&1 | grep -E ': warning:' | cut -d: -f1,2 | sort -u |
	rule clang_format "run clang-format -i on it"
[ $failed -eq 0 ]
