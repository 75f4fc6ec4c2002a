# SPDX-License-Identifier: GPL-3.0-or-later
#
# Two notebooks, one meeting handed over and back, edited on both sides.
. "$SRCDIR/tests/lib.sh"

for n in anne bruno; do head -c 64 /dev/urandom >"$T/$n.key" && chmod 600 "$T/$n.key"; done
a() { "$ARPENT" -n "$T/anne.arpent" --key-file "$T/anne.key" "$@"; }
b() { "$ARPENT" -n "$T/bruno.arpent" --key-file "$T/bruno.key" "$@"; }
a init --no-words --name Anne >/dev/null && b init --no-words --name Bruno >/dev/null
exits a_card 0 a id --no-qr -o "$T/anne.card"
b id --no-qr -o "$T/bruno.card" >/dev/null
exits trust 0 a trust "$T/bruno.card"
has not_verified_yet "$out" "not verified"
exits verify 0 a trust --verify bruno
lacks verified "$out" "not verified"
exits trust_back 0 b trust "$T/anne.card"
exits no_card_in_it 3 a trust "$T/anne.key"
exits own_card_is_refused 8 a trust "$T/anne.card"

printf 'ligne un\nligne deux\n' >"$T/notes"
a new meeting subject=Estive place=Mairie notes=- confidential="entre nous" <"$T/notes" >/dev/null
exits unasked 9 a seal --to bruno estive -o "$T/0.arpb" </dev/null
has unasked_says_yes "$err" "--yes"
exits nobody_named 2 a seal estive -o "$T/x.arpb"
exits unknown_colleague 3 a seal --yes --to zoé estive -o "$T/x.arpb"
exits seal 0 a seal --yes --to bruno estive -o "$T/1.arpb"
has confidential_is_withheld "$out" "stays here"
exits seal_says_what_goes_in_json 0 a --json seal --to bruno estive --dry-run
is seal_json_is_one_object_a_line "$(printf '%s\n' "$out" | grep -cv '^{"what":"goes","kind":')" 0
exits seal_never_overwrites 9 a seal --yes --to bruno estive -o "$T/1.arpb"
exits dry_run 0 b open --dry-run "$T/1.arpb"
exits dry_run_took_nothing 0 b list meeting
is dry_run_list_is_empty "$out" ""
exits open 0 b open --yes "$T/1.arpb"
exits opened 0 b show estive
has opened_place "$out" Mairie
lacks confidential_stayed "$out" "entre nous"
exits open_twice 0 b open --yes "$T/1.arpb"
has open_twice_changes_nothing "$err" "already"

b set estive place="Salle du conseil" >/dev/null
printf 'ligne un\nligne deux bis\nligne trois\n' | b set estive notes=- >/dev/null
a set estive place="École" >/dev/null
printf 'ligne zéro\nligne un\nligne deux\n' | a set estive notes=- >/dev/null
b seal --yes --to anne estive -o "$T/2.arpb" >/dev/null
exits back 0 a open --yes "$T/2.arpb"
exits both 0 a show estive
has text_is_merged "$out" "ligne zéro
                  ligne un
                  ligne deux bis
                  ligne trois"
has two_values_stand "$out" "≠"
has nothing_is_lost "$out" "École"
has nothing_is_lost_either "$out" "Salle"
has confidential_is_still_here "$out" "entre nous"
exits settle 0 a set estive place="École"
exits settled 0 a show estive
lacks one_value_stands "$out" "≠"

head -c 300 "$T/2.arpb" >"$T/cut.arpb"
exits cut_short 7 a open --yes "$T/cut.arpb"
byte=$(od -An -tu1 -j400 -N1 "$T/2.arpb")
{ head -c 400 "$T/2.arpb"; printf "\\$(printf %o $((byte ^ 1)))"; tail -c +402 "$T/2.arpb"; } >"$T/altered.arpb"
exits altered 7 a open --yes "$T/altered.arpb"
exits not_for_us 9 b open --yes "$T/2.arpb"
exits not_a_bundle 7 a open --yes "$T/notes"
exits with_a_passphrase 0 a seal --yes --passphrase estive -o "$T/3.arpb" --passphrase-fd 3 3<<<"quatre mots bien choisis"
exits opens_with_it 0 b open --yes --passphrase --passphrase-fd 3 "$T/3.arpb" 3<<<"quatre mots bien choisis"
finish
