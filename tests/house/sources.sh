# SPDX-License-Identifier: GPL-3.0-or-later
#
# Licence lines, sizes, and nothing left for later.
. "$SRCDIR/tests/house/lib.sh"

for f in $(sources); do
	[ "$(head -n 1 "$f")" = '/* SPDX-License-Identifier: GPL-3.0-or-later */' ] || echo "$f:1"
done | rule licence_line "the first line names the licence"
for f in $(find src tests man share -name '*.sh' -o -name '*.mk') dev .ci/run tests/sum configure.ac Makefile.am; do
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' || echo "$f:1"
done | rule licence_line_of_scripts "the first or second line names the licence"
sources | grep -v 'kinds\.c$' | xargs wc -l | awk '$2 != "total" && $1 >= 800 { print $2 ":" $1 }' |
	rule files_are_short "800 lines or more: split it"
# Tests are mostly tables.
sources | grep -v '^tests/' | xargs awk 'FNR == 1 { start = 0 } /^{/ { start = FNR }
	/^}/ && start { if (FNR - start - 1 > 70) print FILENAME ":" start; start = 0 }' |
	rule functions_fit_a_screen "more than 70 lines: split it"
for f in $(sources | grep -v '^include/'); do
	# Columns, not bytes: tabs are eight, and the bytes that continue a UTF-8 character are not counted.
	expand -t 8 "$f" | LC_ALL=C sed 's/[\x80-\xBF]//g' | LC_ALL=C awk -v f="$f" 'length($0) > 120 { print f ":" FNR }'
done | rule lines_fit "more than 120 columns"
grep -rnE --include='*.[ch]' --include='*.sh' --include='*.mk' '(TO)DO|(FIX)ME|(XX)X([^X]|$)' src include tests share |
	grep -v 'XXXX' | cut -d: -f1,2 | rule nothing_left_for_later "finish it, or open an issue"
grep -rnE --include='*.[ch]' '^typedef (struct|enum|union)' src include | cut -d: -f1,2 |
	rule no_typedef_of_structs "write struct x"
lists=$(cat Makefile.am $(find src tests -name '*.mk'))
find src tests -name '*.c' | while read -r f; do
	case $lists in *"$f"* | *"${f%.c}"[[:space:]]*) ;; *) echo "$f:1" ;; esac
done | rule every_file_is_built "add it to the local.mk of its folder, or of tests"
[ $failed -eq 0 ]
