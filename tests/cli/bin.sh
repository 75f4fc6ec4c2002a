# SPDX-License-Identifier: GPL-3.0-or-later
#
# The bin, undo and redo, by titles.
. "$SRCDIR/tests/lib.sh"

head -c 64 /dev/urandom >"$T/key"
chmod 600 "$T/key"
a() { "$ARPENT" --notebook "$T/n.arpent" --key-file "$T/key" "$@"; }
a init --no-words >/dev/null
exits nothing_to_redo 3 a redo
has says_so "$err" "nothing to redo"
a new person name="Jean Bonnet" >/dev/null
exits deletes 0 a rm bonnet
has names_what_is_deleted "$out" "in the bin: Jean Bonnet"
exits gone 3 a show bonnet
a new person name="Jean Bonnet" >/dev/null
exits restores_by_title 0 a restore bonnet
has restores_that_of_the_bin "$out" "restored: Jean Bonnet"
exits two_of_a_name 4 a show bonnet
has tells_them_apart "$err" "Jean Bonnet ($(a list --json | sed -n '1s/.*"id":"\(.\{8\}\).*/\1/p'))"
exits restores_nothing_else 3 a restore dupuis
exits undoes 0 a undo 2
is both_are_in_the_bin_now "$(a list --bin | wc -l)" 2
exits unknown_kind 2 a list persn
has names_the_kinds "$err" "observation"
finish
