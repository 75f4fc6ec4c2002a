# SPDX-License-Identifier: GPL-3.0-or-later
#
# Plays every script of this folder on the mock terminal and compares the screens with NAME.golden.  GOLDENS=write
# (`./dev goldens`) writes them instead.
. "$SRCDIR/tests/lib.sh"

for script in "$SRCDIR"/tests/screens/*.script; do
	name=$(basename "$script" .script)
	golden=${script%.script}.golden
	if ! "$BUILDDIR/tests/screens/run" "$script" >"$T/$name" 2>"$T/err"; then
		not_ok "$name" "$(cat "$T/err")"
	elif [ "${GOLDENS:-}" = write ]; then
		cmp -s "$T/$name" "$golden" || { cp "$T/$name" "$golden" && echo "written: $name.golden"; }
	elif diff -u "$golden" "$T/$name" >"$T/diff" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$(sed -n '3,14p' "$T/diff")"
	fi
done
finish
