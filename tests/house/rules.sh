# SPDX-License-Identifier: GPL-3.0-or-later
#
# The rules of this folder can fail: each script meets a small tree that breaks its rules.
. "$SRCDIR/tests/lib.sh"

mkdir -p "$T"/src/base "$T"/src/model "$T"/include/arpent "$T"/tests "$T"/po
echo '#include <time.h>' >"$T/src/model/clock.c"
printf '#include "arpent/clock.h"\nint a = strcpy(b, c);\n' >"$T/src/base/low.c"
printf 'char *word = _("A word");\n' >"$T/src/base/words.c"
: >"$T/include/arpent/clock.h" >"$T/po/POTFILES.in" >"$T/Makefile.am" >"$T/src/local.mk"
cp -R "$SRCDIR/tests/house" "$T/tests/house"

breaks() { # SCRIPT RULE...: the script names each rule, and fails
	local script=$1 rule
	shift
	exits "$script" 1 env SRCDIR="$T" bash "$T/tests/house/$script.sh"
	for rule in "$@"; do
		has "$rule" "$out" "not ok house/$rule: "
	done
}
breaks floors no_floor_includes_a_higher_one the_model_is_pure no_unsafe_calls
breaks sources licence_line every_file_is_built
breaks words every_file_with_words_is_listed
finish
