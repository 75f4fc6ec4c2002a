# SPDX-License-Identifier: GPL-3.0-or-later
#
# An older copy of the whole file, older pages, damage: told apart, in both languages, and none locks anyone out.
. "$SRCDIR/tests/lib.sh"

export XDG_STATE_HOME=$T/state
head -c 64 /dev/urandom >"$T/key" && chmod 600 "$T/key"
N=$T/n.arpent
a() { "$ARPENT" --notebook "$N" --key-file "$T/key" "$@"; }
fr() { a --lang fr "$@"; }
add() { a new note "text=$1" --json >"$T/added"; }

exits init 0 a init --no-words
exits check_new 0 a check
has new_is_fresh "$out" "The pages are those of the last close."
has new_is_latest "$out" "No newer copy was seen"
is state_is_private "$(stat -c %a "$XDG_STATE_HOME/arpent/latest"/* | sort -u)" 600
is state_folder_is_private "$(stat -c %a "$XDG_STATE_HOME/arpent" "$XDG_STATE_HOME/arpent/latest" | sort -u)" 700
is state_is_one_file "$(ls -A "$XDG_STATE_HOME/arpent/latest" | wc -l)" 1

add un
cp "$N" "$T/old"
cp -r "$XDG_STATE_HOME" "$T/state.old"
add deux
exits list 0 a list note
is newest_says_nothing "$err" ""

# The whole file put back.
cp "$N" "$T/newest"
cp "$T/old" "$N"
exits older_opens 0 a list note
has older_lists "$out" un
has older_warns "$err" "older than the one last seen here"
has older_says_what_next "$err" "arpent check --accept"
exits older_french 0 fr list note
has older_warns_french "$err" "plus ancien que celui vu ici"
exits older_json 0 a --json list note
has older_warns_json "$err" '{"error":"stale"}'
exits older_check 7 a check
has older_check_warns "$err" "older than the one last seen here"
exits older_check_json 7 a check --json
has older_check_json_says "$out" '"older":"yes"'
cp "$T/newest" "$N"
exits newest_again 0 a list note
is newest_again_says_nothing "$err" ""

# Meant: said once, it is silent.
cp "$T/old" "$N"
exits accept 0 a check --accept
exits accepted 0 a list note
is accepted_says_nothing "$err" ""
exits accepted_check 0 a check
cp "$T/newest" "$N"
exits newer_than_accepted 0 a list note
is newer_than_accepted_says_nothing "$err" ""

# What is known here may be missing, old, unreadable, of others; and nothing is said.
for how in missing old garbage folder unwritable; do
	rm -rf "$T/state"
	case $how in
	old) cp -r "$T/state.old" "$T/state" ;;
	garbage)
		cp -r "$T/state.old" "$T/state"
		for f in "$T/state/arpent/latest"/*; do head -c 64 /dev/urandom >"$f"; done
		;;
	folder)
		cp -r "$T/state.old" "$T/state"
		for f in "$T/state/arpent/latest"/*; do rm "$f" && mkdir "$f"; done
		;;
	unwritable) : >"$T/state" ;;
	esac
	exits "state_$how" 0 a list note
	is "state_${how}_says_nothing" "$err" ""
	exits "state_${how}_check" 0 a check
done
rm -rf "$T/state"

# On another machine it is not known; a copy of the newer machine's file is newer there.
exits there 0 env XDG_STATE_HOME="$T/there" "$ARPENT" -n "$T/old" --key-file "$T/key" check
has there_not_known "$out" "Not known whether this is the newest copy"
exits there_list 0 env XDG_STATE_HOME="$T/there" "$ARPENT" -n "$T/old" --key-file "$T/key" list note
exits there_newer 0 env XDG_STATE_HOME="$T/there" "$ARPENT" -n "$N" --key-file "$T/key" list note
is there_newer_says_nothing "$err" ""

# A backup is not newer than what it was made of.
exits backup 0 a backup "$T/backup"
exits backup_opens 0 "$ARPENT" -n "$T/backup" --key-file "$T/key" list note
is backup_says_nothing "$err" ""
exits after_backup 0 a list note
is after_backup_says_nothing "$err" ""

# A passphrase that was changed: the header of before is older.
cp "$N" "$T/before"
printf 'un troupeau sous la neige\n' >"$T/p"
exits words 0 a recover --new-words
exits words_seen 0 a list note
dd if="$T/before" of="$N" bs=65536 count=1 conv=notrunc 2>/dev/null
exits header_put_back 0 a list note
has header_put_back_warns "$err" "older than the one last seen here"

# Older pages between newer ones.
rm -rf "$T/state"
cp "$T/newest" "$N"
cp "$N" "$T/mixed"
pages=$((($(stat -c %s "$T/old") - 65536) / 4096))
for ((p = 0; p < pages; p++)); do
	cmp -s -i $((65536 + p * 4096)) -n 4096 "$T/old" "$N" ||
		{ dd if="$T/old" of="$T/mixed" bs=4096 skip=$((16 + p)) seek=$((16 + p)) count=1 conv=notrunc 2>/dev/null; break; }
done
cp "$T/mixed" "$N"
exits mixed_check 7 a check
has mixed_warns "$err" "older ones were put back"
exits mixed_french 7 fr check
has mixed_warns_french "$err" "d'anciennes ont été remises"
exits mixed_json 7 a check --json
has mixed_json_says "$out" '"fresh":"no"'
exits mixed_accept 0 a check --accept
exits mixed_accepted 0 a check

# The other things that may be wrong, none of them said in another's words.
cp "$T/newest" "$N"
printf 'x' | dd of="$N" bs=1 seek=70000 conv=notrunc 2>/dev/null
exits damaged 7 a check
has damaged_named "$out" "damaged: page 2"
has damaged_says_what_next "$err" "arpent rescue"
exits damaged_french 7 fr check
has damaged_named_french "$out" "page 2"
has damaged_in_french "$out" "endommagée"
exits damaged_not_accepted 7 a check --accept
cp "$T/newest" "$N"
printf 'x' | dd of="$N" bs=1 seek=100 conv=notrunc 2>/dev/null
exits copy_a 7 a check
has copy_a_named "$out" "damaged: copy A of the header"
exits copy_a_opens 0 a list note
printf 'x' | dd of="$N" bs=1 seek=$((32768 + 100)) conv=notrunc 2>/dev/null
exits copy_b_french 7 fr check
has both_copies_french "$err" "Les deux copies de l'en-tête"
has both_copies_what_next "$err" "sauvegarde"
finish
