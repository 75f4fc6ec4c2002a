# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every word of the sources is in French too, and none of it is a guess.
. "$SRCDIR/tests/house/lib.sh"

T=$(mktemp -d "${TMPDIR:-/tmp}/arpent-test.XXXXXX") || exit 99
trap 'rm -rf "$T"' EXIT
if ! command -v xgettext >/dev/null || ! command -v msgmerge >/dev/null || ! command -v msgattrib >/dev/null; then
	echo "ok house/every_word_is_in_french # skipped: no gettext tools"
	exit 0
fi
# shellcheck disable=SC2046
grep -v '^#' po/POTFILES.in | xgettext $(sed -n 's/^XGETTEXT_OPTIONS = //p' po/Makevars) -f - -o "$T/pot" &&
	msgmerge --quiet --no-fuzzy-matching -o "$T/fr.po" po/fr.po "$T/pot" || exit 99
for which in --untranslated --only-fuzzy; do
	msgattrib --no-obsolete $which "$T/fr.po"
done | awk '/^#: / && !seen { print $2; seen = 1 } /^$/ { seen = 0 }' |
	rule every_word_is_in_french "make -C build/po update-po, then translate it in po/fr.po"
# What is printed is French typography: no-break spaces, straight apostrophes.
msgcat --no-wrap --no-location po/fr.po |
	awk '/^msgid/ { on = 0 } /^msgstr/ { on = 1 } on && /« | »|’|[^ ,;(] [:;!?]([ "\\]|$)/ { print "po/fr.po:" $0 }' |
	rule french_is_set_as_french "a no-break space before : ; ! ? and inside « », and a straight apostrophe"
[ $failed -eq 0 ]
