# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every command and two sessions on the screen, watched by strace: what they write to, run and connect to.  Nothing is
# made outside the notebook's folder, the XDG folders and what the person named; all of it is for its owner alone,
# whatever the umask; no network, no other program, and no word of the notebook in clear but to the terminal.
. "$SRCDIR/tests/lib.sh"

trace=prctl,%file,%process,%network,write,pwrite64,writev,pwritev,sendfile,copy_file_range,memfd_create,fchmod
# prctl() is held back: the program would forbid to read its memory, and names of files in it.
if ! command -v strace >/dev/null || ! strace -D -o /dev/null -e trace=$trace -e inject=prctl:retval=0 true 2>/dev/null; then
	echo "no strace, or the system does not let it watch"
	exit 77
fi
case $(nm "$ARPENT" 2>/dev/null) in
*__asan_init*) echo "a program with the sanitizers cannot be watched so" && exit 77 ;;
esac

WORD=zibelinequartz
mkdir -m 700 "$T/log" "$T/nb" "$T/home" "$T/out" "$T/cwd" "$T/tmp" "$T/pty" "$T/given"
export HOME=$T/home TMPDIR=$T/tmp
N=$T/nb/n.arpent
cat >"$T/watched" <<-END
	#!/bin/bash
	: >"$T/log/\$\$"
	umask \${UMASK:-022}
	exec strace -D -f -y -e inject=prctl:retval=0 -s 300000 -o "$T/log/\$\$" -e trace=$trace "$ARPENT" "\$@"
END
chmod 700 "$T/watched"
head -c 64 /dev/urandom >"$T/given/key" && chmod 600 "$T/given/key"
printf 'un troupeau %s\n' $WORD >"$T/given/pass"
cat "$T/given/pass" "$T/given/pass" >"$T/given/both"
printf 'BEGIN:VCARD\nVERSION:3.0\nFN:Anne %s\nUID:u1\nEND:VCARD\n' $WORD >"$T/given/a.vcf"
printf '%s\n' $WORD >"$T/given/file.txt"
cd "$T/cwd" || exit 99

w() { exits "$1" "$2" "$T/watched" -n "$N" --key-file "$T/given/key" "${@:3}"; }
id_of() { printf '%s' "$out" | head -n 1 | cut -d ' ' -f 1; }

UMASK=0777
export UMASK
w init 0 init --no-words --name Anne
UMASK=0000
w new 0 new meeting subject=$WORD notes=$WORD confidential=$WORD start=hier
meeting=$(id_of)
UMASK=0777
w new_note 0 new note text=$WORD
note=$(id_of)
exits log 0 "$T/watched" -n "$N" log $WORD
UMASK=0000
exits log_again 0 "$T/watched" -n "$N" log $WORD
w list 0 list
w find 0 find $WORD
w show 0 show "$meeting"
w set 0 set "$note" text="$WORD again"
w rm 0 rm "$note"
w restore 0 restore "$note"
w history 0 history "$note"
w undo 0 undo
w redo 0 redo
w attach 0 attach "$meeting" "$T/given/file.txt"
file=$(id_of)
w extract 0 extract "$file" "$T/out/file.txt"
w import 0 import --yes "$T/given/a.vcf"
w export_all 0 export --whole -o "$T/out/all.jsonl"
w export_minutes 0 export "$meeting" -o "$T/out/minutes.html"
w export_cards 0 export --format vcard --folder -o "$T/out/cards"
w id 0 id --no-qr -o "$T/out/anne.card"
(umask 077; "$ARPENT" -n "$T/out/b.arpent" --key-file "$T/given/key" init --no-words --name Bruno >/dev/null
	"$ARPENT" -n "$T/out/b.arpent" --key-file "$T/given/key" id --no-qr -o "$T/given/b.card" >/dev/null)
w trust 0 trust "$T/given/b.card"
w seal 0 seal --yes --to Bruno "$meeting" -o "$T/out/m.arpb"
exits open 0 env UMASK=0777 "$T/watched" -n "$T/out/b.arpent" --key-file "$T/given/key" open --yes --accept-unknown "$T/out/m.arpb"
exits passwd 0 "$T/watched" -n "$N" --key-file "$T/given/key" passwd --passphrase-fd 3 3<"$T/given/both"
cp "$T/given/pass" "$T/given/one"
p() { exits "$1" "$2" "$T/watched" -n "$N" --passphrase-fd 3 "${@:3}" 3<"$T/given/one"; }
p check 0 check
p backup 0 backup "$T/out/copy.arpent"
p rescue 0 rescue "$T/out/rescued.jsonl"
exits lock 0 "$T/watched" -n "$N" lock
exits completion 0 "$T/watched" completion bash
exits wrong_passphrase 6 "$T/watched" -n "$N" --passphrase-fd 3 list 3<"$T/given/a.vcf"

# On the screen: sessions of the tests of the terminal, with their own folder as home.
exits session_and_kill 0 env TMPDIR="$T/pty" ARPENT="$T/watched" UMASK=0000 "$BUILDDIR/tests/pty/canary" the_file_the_log_and_the_inbox
exits session_and_lock 0 env TMPDIR="$T/pty" ARPENT="$T/watched" UMASK=0777 "$BUILDDIR/tests/pty/lock" from_another_session

# strace ends after what it watches: its last line is the end.
for ((i = 0; i < 200; i++)); do
	left=$(grep -LE '\+\+\+ (exited|killed)' "$T"/log/* | wc -l)
	[ "$left" -eq 0 ] && break
	sleep 0.05
done
is all_was_watched "$left" 0
has many_were_watched "$(find "$T/log" -type f | wc -l | awk '{print ($1 > 30 ? "many" : $1)}')" many

calls() { cat "$T"/log/* | grep -v ' = -1 E' | grep -E "$1"; }
few() { head -n 3 | cut -c 1-300; }
ours="$T/(nb|home|out|pty/arpent-test-[A-Za-z0-9]+)(/|\")"
devices='"/dev/(tty|null|pts/[0-9]+)"'
is nothing_is_written_elsewhere "$(calls '\b(open|openat|openat2|creat|mkdir|mkdirat|rename|renameat|renameat2|link|linkat|symlink|symlinkat|mknod|mknodat|truncate|chmod|fchmodat)\(' |
	grep -vE '\bopen(at)?\(.*O_RDONLY' | grep -vE "$ours|$devices" | few)" ""
is nothing_is_made_unnamed "$(calls 'O_TMPFILE|memfd_create\(' | few)" ""
is no_other_program "$(calls 'execve(at)?\(' | grep -vE "execve\\(\"($ARPENT|/proc/self/exe)\"" | few)" ""
is no_child "$(calls '\b(fork|vfork|clone|clone3)\(' | few)" ""
is no_network "$(calls '\b(socket|connect|bind|sendto|sendmsg)\(' | few)" ""
asked="/out/(file.txt|all.jsonl|minutes.html|cards/[^>]*|anne.card|rescued.jsonl|\\.[^>/]*)(\\.[^>/]*)?>"
is nothing_in_clear "$(calls '\bp?writev?(64)?\(' | grep -i $WORD | grep -vE 'write\([0-9]+<(/dev/(pts/[0-9]+|tty|null)|'"$T"'/\.(out|err)|pipe:)' |
	grep -vE "$asked" | few)" ""
is nothing_for_others "$(cd "$T" && find nb home out pty \( -type f -perm /177 -o -type d -perm /077 \) ! -path pty | few)" ""
is owner_can_read "$(cd "$T" && find nb home out pty \( -type f ! -perm -600 -o -type d ! -perm -700 \) | few)" ""
is left_nothing_in_tmp "$(ls -A "$T/tmp" "$T/cwd" | grep -v : | few)" ""
finish
