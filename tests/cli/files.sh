# SPDX-License-Identifier: GPL-3.0-or-later
#
# Attached files, in one notebook and handed to another.
. "$SRCDIR/tests/lib.sh"

head -c 64 /dev/urandom >"$T/key" && chmod 600 "$T/key"
a() { "$ARPENT" --notebook "$T/a.arpent" --key-file "$T/key" "$@"; }
b() { "$ARPENT" --notebook "$T/b.arpent" --key-file "$T/key" "$@"; }
short() { printf '%s' "$out" | head -n 1 | cut -d ' ' -f 1; }

exits init_anne 0 a init --no-words --name "Anne Lefèvre"
exits init_bruno 0 b init --no-words --name "Bruno Roux"
a id >"$T/anne.card" && b id >"$T/bruno.card"
exits anne_trusts 0 a trust "$T/bruno.card"
exits bruno_trusts 0 b trust "$T/anne.card"

exits new_site 0 a new site name="Col des Mille"
site=$(short)
printf '\377\330\377\340photo' >"$T/photo"
head -c 7000000 /dev/urandom >"$T/film.mp4"
exits attach 0 a attach "$site" "$T/photo" "$T/film.mp4"
photo=$(short)
film=$(printf '%s\n' "$out" | sed -n '2s/ .*//p')
exits type_by_content 0 a show "$photo"
has type_is_told "$out" "image/jpeg"

exits preview 0 a seal --to Bruno "$site" --dry-run
has preview_tells_what_goes "$out" "with its content: 9 bytes"
has preview_tells_what_stays "$out" "the file's content stays here: a hand-off has room for 6 MiB of files"
exits seal 0 a seal --to Bruno "$site" -o "$T/site.arpent" --yes
exits open_preview 0 b open "$T/site.arpent" --dry-run
has open_tells_what_comes "$out" "with its content: 9 bytes"
has open_tells_what_is_missing "$out" "the file's content has not come along"
exits open_json 0 b --json open "$T/site.arpent" --dry-run
is json_tells_contents "$(printf '%s\n' "$out" | grep -o '"content":"[a-z]*"' | sort | tr '\n' ' ')" \
	'"content":"missing" "content":"new" '
exits open 0 b open "$T/site.arpent" --yes
exits extract 0 b extract "$photo" "$T/photo.back"
is extract_gives_the_same "$(cksum <"$T/photo.back")" "$(cksum <"$T/photo")"
exits extract_without_content 3 b extract "$film" "$T/film.back"
has extract_says_why "$err" "its content has not come along. Ask whoever"
is extract_leaves_nothing "$(ls "$T"/film.back* 2>/dev/null)" ""
exits open_again 0 b open "$T/site.arpent" --yes
has open_again_changes_nothing "$err$out" "already"
exits check 0 b check
finish
