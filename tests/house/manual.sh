# SPDX-License-Identifier: GPL-3.0-or-later
#
# The tables of man/arpent.1 are those of the program, and the pages are sound.  `manual.sh write` mends the tables.
. "$SRCDIR/tests/house/lib.sh"

page=man/arpent.1
# The page, each region printed anew.
printed() {
	local line inside=
	while IFS= read -r line; do
		[[ $line != '.\" end '* ]] || inside=
		[ -n "$inside" ] || printf '%s\n' "$line"
		if [[ $line == '.\" begin '* ]]; then
			inside=yes
			"$ARPENT" manual "${line#*begin }"
		fi
	done <$page
}

if [ "${1:-}" = write ]; then
	printed >$page.new && mv $page.new $page
	exit
fi
printed | diff $page - | sed -n 's/^\([0-9]*\).*[acd][0-9,]*$/man\/arpent.1:\1/p' |
	rule manual_is_up_to_date "make manual, and look at git diff"
if command -v mandoc >/dev/null; then
	mandoc -Tlint -Wwarning man/*.[15] 2>&1 | sed 's/^mandoc: //' | rule manual_is_sound "mandoc -Tlint says"
fi
[ $failed -eq 0 ]
