# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every word for people can be translated, and the translations are sound.
. "$SRCDIR/tests/house/lib.sh"

grep -rlE --include='*.[ch]' --include='*.def' '(^|[^A-Za-z0-9_])((_|N_|P_)|ngettext)\("' src | sort |
	while read -r f; do
		grep -qxF "$f" po/POTFILES.in || echo "$f:1"
	done | rule every_file_with_words_is_listed "add it to po/POTFILES.in"
grep -v '^#' po/POTFILES.in | while read -r f; do
	[ -z "$f" ] || [ -f "$f" ] || echo "po/POTFILES.in: $f"
done | rule every_listed_file_exists "take it out of po/POTFILES.in"
grep -rnE --include='*.[ch]' --include='*.def' '(^|[^A-Za-z0-9_])(_|N_|P_)\(""\)' src | cut -d: -f1,2 |
	rule no_empty_words "leave the words out: gettext(\"\") is the header of the translation"
if command -v msgfmt >/dev/null; then
	for po in po/*.po; do
		msgfmt --check -o /dev/null "$po" 2>&1 | grep -E '^po/.*:[0-9]+:'
	done | rule translations_are_sound "msgfmt --check says"
fi
[ $failed -eq 0 ]
