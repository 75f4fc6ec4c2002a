# SPDX-License-Identifier: GPL-3.0-or-later
. "$SRCDIR/tests/lib.sh"

exits runs 0 "$ARPENT" --version
has names_itself "$out" "arpent 0."
exits speaks_french 2 env LANGUAGE=fr "$ARPENT" --nonsense
has speaks_french_words "$err" "pas d'option --nonsense"
finish
