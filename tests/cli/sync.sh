# SPDX-License-Identifier: GPL-3.0-or-later
#
# Two notebooks of one person, paired, that meet on a folder.
. "$SRCDIR/tests/lib.sh"

for n in one two three; do head -c 64 /dev/urandom >"$T/$n.key" && chmod 600 "$T/$n.key"; done
a() { "$ARPENT" -n "$T/one.arpent" --key-file "$T/one.key" "$@"; }
b() { "$ARPENT" -n "$T/two.arpent" --key-file "$T/two.key" "$@"; }
c() { "$ARPENT" -n "$T/three.arpent" --key-file "$T/three.key" "$@"; }
a init --no-words --name Camille >/dev/null && b init --no-words --name Camille >/dev/null
c init --no-words --name Zoé >/dev/null
mkdir "$T/usb"

exits alone 3 a sync
has alone_says_what_to_do "$err" "device add"
b id --no-qr -o "$T/two.card" >/dev/null
a id --no-qr -o "$T/one.card" >/dev/null
exits unasked 9 a device add "$T/two.card" -o "$T/inv.arpb"
exits own_card 8 a device add --yes "$T/one.card" -o "$T/inv.arpb"
exits device_add 0 a device add --yes --label portable "$T/two.card" -o "$T/inv.arpb"
has six_words "$out" "Six words"
exits not_for_others 9 c device join --yes "$T/inv.arpb"
exits join 0 b device join --yes "$T/inv.arpb"
exits join_again 0 b device join --yes "$T/inv.arpb"
exits no_invitation 7 b device join --yes "$T/one.card"
exits list 0 a device list
has list_names_it "$out" "portable"
has list_says_this_one "$out" "this device"

exits no_remote 3 a sync
exits remote_add 0 a remote add usb "$T/usb"
exits remote_twice 9 a remote add usb "$T/usb"
exits remote_name 8 a remote add 'a/b' "$T/usb"
exits remote_not_there 3 a remote add key "$T/nowhere"
b remote add usb "$T/usb/" >/dev/null
exits remote_list 0 b remote
has remote_list_says_where "$out" "$T/usb"

a new note text="Clôture à reprendre" >/dev/null
exits dry_run 0 a sync --dry-run
has dry_run_shows_it "$out" "Clôture"
is dry_run_sent_nothing "$(find "$T/usb" -type f | wc -l)" 0
exits sync 0 a sync
has sync_says_what_went "$out" "Went: 1 change"
exits other_side 0 b sync
has other_side_says_what_came "$out" "Came: 1 change"
exits it_is_there 0 b show clôture
b set clôture text="Clôture reprise" >/dev/null
exits status_unsent 0 b status
has status_says_unsent "$out" "1 change has not been sent"
b sync >/dev/null && a sync >/dev/null
a show clôture >"$T/shown"
has came_back "$(cat "$T/shown")" "Clôture reprise"
exits who_said_it 0 a history reprise
has history_names_the_device "$out" "Camille (portable)"
exits status_json 0 a --json status
has status_json_has_devices "$out" '"label":"portable"'
exits receipts 0 a status reprise
has receipts_say_who "$out" "has it"

for n in a b; do $n set reprise text="De $n" >/dev/null; done
a sync >/dev/null && b sync >/dev/null && a sync >/dev/null
exits settle_lists 0 a settle
has settle_shows_one "$out" "De a"
has settle_shows_other "$out" "De b"
exits settle_no_such 8 a settle "De" text 7
exits settle_one 0 a settle "De" text 2
exits settled 0 a settle
has nothing_left "$out" "nothing to settle"
a sync >/dev/null && b sync >/dev/null
exits settled_there 0 b settle
has nothing_left_there "$out" "nothing to settle"

a sync >/dev/null
exits nothing_new 0 a --json sync
has nothing_new_costs "$out" '"requests":2,"up":0,"down":0'
touch "$T/usb/photo.jpg"
exits foreign_named 0 a remote check usb
has foreign_file "$out" "photo.jpg"

c remote add usb "$T/usb" >/dev/null
exits others_storage 9 c sync
has others_storage_says "$err" "Other devices"

# A device lies: a piece cut short is waited for, then said.
b new note text="Coupée" >/dev/null && b sync >/dev/null
last=$(find "$T/usb/s" -newer "$T/usb/photo.jpg" -type f | head -n 1)
cp "$last" "$T/whole" && head -c 200 "$T/whole" >"$last"
exits cut_is_no_alarm_at_once 0 a sync
exits owner_mends_it 7 b sync
exits mended 0 a sync
exits mended_has_it 0 a show coupée

# A backup put back.
a backup "$T/copy" >/dev/null
a new note text="Après la sauvegarde" >/dev/null && a sync >/dev/null && b sync >/dev/null
mv "$T/copy" "$T/one.arpent"
a new note text="Sur la copie" >/dev/null
exits restored 0 a sync
has restored_says "$out" "older copy"
exits restored_has_what_was_sent 0 a show "Après la sauvegarde"
b sync >/dev/null
exits other_has_both 0 b show "Sur la copie"
exits remote_remove 0 a remote remove usb
is remote_keeps_what_is_there "$(find "$T/usb" -name arpent.id | wc -l)" 1
finish
