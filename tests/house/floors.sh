# SPDX-License-Identifier: GPL-3.0-or-later
#
# The floors: a file includes its own floor or one below, and what belongs to one floor stays there.
. "$SRCDIR/tests/house/lib.sh"

floor() {
	case $1 in
	src/base/*) echo 0 ;;
	src/model/*) echo 1 ;;
	src/store/*) echo 2 ;;
	src/sync/* | src/format/*) echo 3 ;;
	*) echo 4 ;;
	esac
}
# A header of include/arpent is on the floor of its module's .c, or of the first part of it, x-*.c.
declare -A floors
for h in include/arpent/*.h; do
	m=$(basename "$h" .h)
	for c in src/*/"$m".c src/*/"$m"-*.c; do
		[ -f "$c" ] && floors[$m]=$(floor "$c") && break
	done
done
upward() {
	local file line m own
	grep -rn --include='*.[ch]' '^#include "arpent/' src include |
		sed 's/:#include "arpent\/\(.*\)\.h".*/:\1/' | while IFS=: read -r file line m; do
		own=$(floor "$file")
		[[ $file == src/* ]] || own=${floors[$(basename "$file" .h)]:-4}
		[ "${floors[$m]:-0}" -le "$own" ] || echo "$file:$line"
	done
}
# lines PATTERN PLACE...: where it is in the places given
lines() {
	local pattern=$1
	shift
	grep -rnE --include='*.[ch]' "$pattern" "$@" | cut -d: -f1,2
}
outside() { grep -vE "^($1)"; }

upward | rule no_floor_includes_a_higher_one "move the call up, or what it needs down"
lines '#include <sqlite3\.h>' src include | outside 'src/store/' |
	rule only_the_store_sees_sqlite "go through a function of src/store"
lines '#include <expat\.h>' src include | outside 'src/format/|src/sync/remote-xml\.c' |
	rule only_formats_see_expat "go through a function of src/format or src/sync/remote-xml.c"
lines '#include <curl/' src include tests | outside 'src/sync/remote-curl\.c' |
	rule only_one_file_sees_libcurl "go through src/sync/transport.h"
lines '#include <n?curses' src include | outside src/tui/ |
	rule only_the_terminal_sees_curses "go through a function of src/tui"
lines '#include <n?curses' src | { read -r -d '' -a all; [ ${#all[@]} -le 3 ] || printf '%s\n' "${all[@]}"; } |
	rule curses_in_three_files "draw through the functions that are there"
lines '(^|[^a-z_])(v?printf|puts|putchar) ?\(|[^A-Za-z_]stdout[^A-Za-z_]' src/base src/model src/store src/sync src/format |
	rule libraries_print_nothing "give the text back to the caller"
lines '#include <(time|sys/time|fcntl|unistd|sys/stat)\.h>|(^|[^a-z_])(fopen|time|clock_gettime|getenv) ?\(' src/model |
	rule the_model_is_pure "take the value as an argument"
lines '(^|[^a-z_])(abort|assert) ?\(' src | rule nothing_aborts "return an error"
lines '(^|[^a-z_])(strcpy|strcat|sprintf|gets|system|popen|tmpnam|mktemp) ?\(' src |
	rule no_unsafe_calls "use struct buf, snprintf or posix_spawn"
[ $failed -eq 0 ]
