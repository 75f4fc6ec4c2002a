# SPDX-License-Identifier: GPL-3.0-or-later
#
# What others wrote, printed on a terminal; what may not be left on one.
. "$SRCDIR/tests/lib.sh"

head -c 64 /dev/urandom >"$T/key" && chmod 600 "$T/key"
N=$T/n.arpent
a() { "$ARPENT" --notebook "$N" --key-file "$T/key" "$@"; }
# The same with a terminal for its output.
t() { script -qec "\"$ARPENT\" --notebook \"$N\" --key-file \"$T/key\" $*" /dev/null </dev/null; }
esc=$(printf '\033') csi=$(printf '\302\233')

exits init 0 a init --no-words --name "Camille Serre"
printf '{"kind":"person","name":"Roux\\u001b]0;x\\u0007","notes":"\\u009b31mrouge\\u202e"}\n' >"$T/in"
exits import 0 a import --yes "$T/in"
printf '{"kind":"e\\u001b]0;x","name":"x"}\n' >"$T/in"
exits kind_of_escapes 8 a import --dry-run "$T/in"
lacks kind_is_made_safe "$out$err" "$esc"
for format in jsonl csv vcard; do
	exits "terminal_$format" 0 t export --format "$format"
	lacks "terminal_${format}_escape" "$out" "$esc"
	lacks "terminal_${format}_c1" "$out" "$csi"
	has "terminal_${format}_text" "$out" rouge
done
a export --format csv >"$T/out.csv"
has file_is_exact "$(cat "$T/out.csv")" "$csi"
exits bundle_on_standard_output 2 a seal --passphrase Roux -o -
exits nul_in_a_text 8 a new note text=- < <(printf 'a\0b')

N=$T/words.arpent
exits words_on_a_terminal 0 t init
has words_on_the_other_screen "$out" "$esc[?1049h"
is nothing_is_left "$(printf '%s' "${out##*"$esc[?1049l"}" | grep -cE '^ +[0-9]+ [[:alpha:]]+ ')" 0

N=$T/renewed.arpent
printf 'un troupeau sous la neige\n' >"$T/p"
words() { printf '%s\n' "$out" | grep -E '^ +[0-9]+ ' | sed -E 's/ +[0-9]+ / /g' | tr -s ' \n' ' '; }
exits init_with_words 0 "$ARPENT" -n "$N" init --passphrase-fd 3 3<"$T/p"
old=$(words)
exits new_words 0 "$ARPENT" -n "$N" recover --new-words --passphrase-fd 3 3<"$T/p"
new=$(words)
is new_words_are_shown "$(printf '%s' "$new" | wc -w | tr -d ' ')" 24
printf '%s\nun autre troupeau\n' "$old" >"$T/old"
printf '%s\nun autre troupeau\n' "$new" >"$T/new"
exits old_words_are_out 6 "$ARPENT" -n "$N" recover --passphrase-fd 3 3<"$T/old"
exits new_words_are_in 0 "$ARPENT" -n "$N" recover --passphrase-fd 3 3<"$T/new"
finish
