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
has dry_run_says_to_whom "$out" "to be read by: portable"
has dry_run_says_what_it_weighs "$out" " bytes, sealed"
has dry_run_asks_what_would_come "$out" "Nothing new is there"
is dry_run_sent_nothing "$(find "$T/usb" -type f | wc -l)" 0
exits dry_run_json 0 a --json sync --dry-run
has dry_run_json_has_all "$out" '{"remote":"usb","records":1,"pending":1,"segments":1,"up":'
mv "$T/usb" "$T/away"
exits dry_run_without_the_key 3 a sync --dry-run
has dry_run_weighs_all_the_same "$out" " bytes, sealed"
mv "$T/away" "$T/usb"
exits list_marks_unsent 0 a list note
has list_has_the_mark "$out" " * "
exits sync 0 a sync
has sync_says_what_went "$out" "Went: 1 change"
exits list_marks_sent 0 a list note
lacks list_has_no_mark "$out" " * "
exits would_come 0 b sync --dry-run
has would_come_says "$out" "1 piece would come"
exits other_side 0 b sync
has other_side_names_it "$out" "< Clôture à reprendre (Camille"
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
has status_json_counts "$out" '{"pending":0,"unsent":0,"conflicts":0,"remotes":[{"name":"usb",'
has status_json_has_the_last_round "$out" ',"waiting":0,"findings":[]}]'
exits receipts 0 a status reprise
has receipts_say_who "$out" "has it"

for n in a b; do $n set reprise text="De $n" >/dev/null; done
a sync >/dev/null && b sync >/dev/null && a sync >/dev/null
exits status_conflict 0 a status
has status_says_conflict "$out" "1 record has values to settle"
exits settle_lists 0 a settle
has settle_says_which_is_mine "$out" "De a  (me, "
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

# A copy of the notebook, used on another machine as if it were a device of its own: both write under one name.
cp "$T/one.arpent" "$T/copied.arpent"
k() { XDG_STATE_HOME=$T/elsewhere "$ARPENT" -n "$T/copied.arpent" --key-file "$T/one.key" "$@"; }
a new note text="Sur le premier" >/dev/null && k new note text="Sur le double" >/dev/null
exits original_syncs 0 a sync
exits copy_is_recognised 0 k sync
has copy_is_said "$out" "copy"
has copy_says_what_to_do "$out" "device add"
exits copy_has_what_came 0 k show "Sur le premier"
exits copy_keeps_its_own 0 k show "Sur le double"
a sync >/dev/null && k sync >/dev/null && a sync >/dev/null && b sync >/dev/null
exits original_has_both 0 a show "Sur le double"
exits other_device_has_both 0 b show "Sur le double"
exits other_device_has_the_first 0 b show "Sur le premier"

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

# A device that is not heard of any more.
exits park_whom 2 a device park
exits park_too_early 8 a device park --yes portable
has park_says_when "$err" "180 days"

a remote add usb "$T/usb" >/dev/null

# A device that is not one's own any more.
exits remove_whom 2 a device remove
exits remove_nobody 3 a device remove telescope
exits remove_itself 8 a device remove --yes "$(a --json id | sed 's/.*"device":"\([0-9a-f]*\).*/\1/')"
exits remove_unasked 9 a device remove portable
exits remove 0 a device remove --yes portable
has remove_says_what_stays "$out" "keeps what it had"
a sync >/dev/null
a new note text="Après le départ" >/dev/null
a sync >/dev/null
b new note text="Encore moi" >/dev/null
exits removed_is_told 9 b sync
has removed_says_so "$out" "no longer"
b find départ >"$T/found" || true
is removed_reads_nothing_new "$(cat "$T/found")" ""
exits after_remove 0 a sync
a device >"$T/list"
has list_says_removed "$(cat "$T/list")" "removed"
finish
