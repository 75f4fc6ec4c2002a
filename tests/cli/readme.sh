# SPDX-License-Identifier: GPL-3.0-or-later
#
# The commands of README.md's tour from a shell, as a newcomer would type them, one after the other.
. "$SRCDIR/tests/lib.sh"

mkdir "$T/bin" "$T/tree"
ln -s "$ARPENT" "$T/bin/arpent"
ln -s "$SRCDIR/share" "$T/tree/share"
PATH=$T/bin:$PATH
cd "$T/tree" || exit 99
shopt -s expand_aliases
sed -n '/^## The same from a shell/,/^With the screen/s/^    //p' "$SRCDIR/README.md" >"$T/tour"
is tour_is_there "$(grep -c . "$T/tour")" "$(grep -cE '^(mkdir|\(umask|alias|a|arpent) ' "$T/tour")"
while IFS= read -r line; do
	printf '# $ %s\n' "$line"
	if eval "$line" >"$T/.out" 2>"$T/.err" </dev/null; then
		sed 's/^/# /' "$T/.out"
		ok "${line:0:40}"
	else
		not_ok "${line:0:40}" "$(cat "$T/.err")"
	fi
done <"$T/tour"
has minutes_are_written "$(cat compte-rendu.md)" "Report accepté jusqu'au 15 juin"
finish
