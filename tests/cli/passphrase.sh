# SPDX-License-Identifier: GPL-3.0-or-later
#
# Passphrases by descriptor: init, passwd, recover.
. "$SRCDIR/tests/lib.sh"

N=$T/n.arpent
printf 'un troupeau sous la neige\n' >"$T/p1"
printf 'autre chose de long\n' >"$T/p2"
echo court >"$T/short"
exits too_short 8 "$ARPENT" -n "$N" init --passphrase-fd 3 3<"$T/short"
exits init 0 "$ARPENT" -n "$N" init --passphrase-fd 3 3<"$T/p1"
printf '%s\n' "$out" | grep -E '^ +[0-9]+ ' | sed -E 's/ +[0-9]+ / /g' | tr -s ' \n' ' ' >"$T/words"
is words_are_shown "$(wc -w <"$T/words" | tr -d ' ')" 24
exits opens 0 "$ARPENT" -n "$N" list --passphrase-fd 3 3<"$T/p1"
exits wrong_passphrase 6 "$ARPENT" -n "$N" list --passphrase-fd 3 3<"$T/p2"
has wrong_passphrase_is_not_damage "$err" "Nothing is damaged"
cat "$T/p1" "$T/p2" >"$T/both"
exits passwd 0 "$ARPENT" -n "$N" passwd --passphrase-fd 3 3<"$T/both"
exits old_passphrase_is_out 6 "$ARPENT" -n "$N" list --passphrase-fd 3 3<"$T/p1"
exits new_passphrase_is_in 0 "$ARPENT" -n "$N" list --passphrase-fd 3 3<"$T/p2"
(cat "$T/words"; echo; cat "$T/p1") >"$T/recover"
exits recover 0 "$ARPENT" -n "$N" recover --passphrase-fd 3 3<"$T/recover"
exits recovered_passphrase_is_in 0 "$ARPENT" -n "$N" list --passphrase-fd 3 3<"$T/p1"
exits no_terminal_no_passphrase 1 setsid -w "$ARPENT" -n "$N" list </dev/null
finish
