# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a notebook that does not open as it was left says, in both languages: each in its own words, and what to do next.
. "$SRCDIR/tests/lib.sh"

export XDG_STATE_HOME=$T/state
printf 'un troupeau sous la neige\n' >"$T/p"
printf 'autre chose de long\n' >"$T/wrong"
N=$T/n.arpent
a() { "$ARPENT" -n "$N" --passphrase-fd 3 "$@" 3<"$T/p"; }
poke() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }

# All of them; each word for word, so that none is ever said for another, and read by who changes it.
wrong='arpent: This does not open the notebook: wrong passphrase or key. Nothing is damaged; try again, or use the recovery words with: arpent recover'
wrong_fr="arpent: Ceci n'ouvre pas le carnet : phrase de passe ou clé erronée. Rien n'est endommagé ; réessayez, ou utilisez les mots de secours avec : arpent recover"
damaged="arpent: Both copies of the notebook's header are damaged, and without one no passphrase opens it. Put a backup in its place."
damaged_fr="arpent: Les deux copies de l'en-tête du carnet sont endommagées, et sans l'une d'elles aucune phrase de passe ne l'ouvre. Mettez une sauvegarde à sa place."
page="arpent: Damaged or altered: $N. For a notebook, arpent check names what is hit and arpent rescue brings out the rest."
page_fr="arpent: Endommagé ou altéré : $N. Pour un carnet, arpent check nomme ce qui est touché et arpent rescue récupère le reste."
newer='arpent: This was made by a newer arpent. Update arpent to open it.'
newer_fr="arpent: Fait par une version plus récente d'arpent. Mettez arpent à jour pour l'ouvrir."
not="arpent: $N is not an arpent notebook. Name yours with -n FILE; if this was yours, put a backup in its place."
not_fr="arpent: $N n'est pas un carnet arpent. Indiquez le vôtre avec -n FICHIER ; si c'était le vôtre, remettez une sauvegarde à sa place."
log="arpent: The notebook's log was damaged, or torn by a power cut: check that your last notes are there. If not, arpent rescue FILE writes all that can be read; the log is kept as n.arpent-wal.damaged-1."
log_fr="arpent: Le journal du carnet était endommagé, ou déchiré par une coupure de courant : vérifiez vos dernières notes. S'il en manque, arpent rescue FICHIER écrit tout ce qui peut se lire ; le journal est gardé sous n.arpent-wal.damaged-1."
stray="arpent: A log that is not this notebook's own lay beside it, perhaps that of another copy. Nothing was taken from it. If notes are missing, arpent rescue FILE writes all that can be read; else delete n.arpent-wal.damaged-1."
stray_fr="arpent: Un journal étranger se trouvait à côté du carnet, peut-être celui d'une autre copie. Rien n'en a été repris. S'il manque des notes, arpent rescue FICHIER écrit tout ce qui peut se lire ; sinon, supprimez n.arpent-wal.damaged-1."

# says NAME STATUS: `list` in both languages, each time on the notebook that `make` makes
says() {
	local name=$1 text=$1_fr
	$make
	exits "$name" "$2" a list note
	is "${name}_says" "$err" "${!name}"
	$make
	exits "${name}_french" "$2" a --lang fr list note
	is "${name}_says_it_in_french" "$(printf '%s' "$err" | sed 's/\xc2\xa0/ /g')" "${!text}"
}
put() { rm -rf "$N"* "$T/state" && cp "$T/whole" "$N"; }

exits init 0 a init --no-words
a new note text=un >"$T/added"
cp "$N" "$T/whole"

make=put
cp "$T/wrong" "$T/p"
says wrong 6
printf 'un troupeau sous la neige\n' >"$T/p"

both_copies() { put; poke "$N" 100 x; poke "$N" 32868 x; }
make=both_copies
says damaged 7

page() { put; poke "$N" 65636 x; }
exits page_opens_not 7 eval 'page; a check'
is page_says "$err" "$page"
exits page_french 7 a --lang fr check
is page_says_it_in_french "$(printf '%s' "$err" | sed 's/\xc2\xa0/ /g')" "$page_fr"

# Both copies with the next version, and their sums.
newer() {
	local at sum
	put
	for at in 0 32768; do
		poke "$N" $((at + 8)) '\002'
		sum=$(dd if="$N" bs=1 skip=$at count=4032 2>/dev/null | b2sum -l 256 | cut -c 1-64 | sed 's/../\\x&/g')
		poke "$N" $((at + 4032)) "$sum"
	done
}
make=newer
says newer 7

not_ours() { put; head -c 70000 /dev/urandom >"$N"; }
make=not_ours
says not 7
empty() { put; : >"$N"; }
make=empty
says not 7

older() { put; a new note text=deux >"$T/added"; cp "$T/whole" "$N"; }
older
exits older 0 a list note
has older_says "$err" "arpent: This notebook is older than the one last seen here on "
has older_says_what_next "$err" "If you put it back yourself: arpent check --accept. If not, look for the newer one."
exits older_french 0 a --lang fr list note
has older_says_it_in_french "$err" "arpent check --accept"

# The log of a program that was killed when it closed: while it copies the log's pages to their places.
kill_at_close() { strace -D -f -o /dev/null -e inject=ftruncate:signal=KILL:when=1 "$ARPENT" "$@"; }
case $(nm "$ARPENT" 2>/dev/null) in
*__asan_init*) echo "# the log: the sanitizers cannot be watched" && finish ;;
esac
if ! command -v strace >/dev/null || ! strace -D -o /dev/null -e inject=ftruncate:signal=KILL true 2>/dev/null; then
	echo "# the log: no strace, or the system does not let it watch"
	finish
fi
put
exits killed 137 kill_at_close -n "$N" --passphrase-fd 3 new note text=deux 3<"$T/p"
cp "$N" "$T/killed" && cp "$N-wal" "$T/wal"
torn() { put; cp "$T/killed" "$N"; cp "$T/wal" "$N-wal"; }
torn
exits log_whole 0 a list note
is log_whole_says_nothing "$err" ""
has log_whole_has_it "$out" deux
torn_poke() { torn; poke "$N-wal" 6000 x; }
torn_poke
exits torn_check 0 a check
has torn_check_says "$out" "torn by a power cut, or damaged: frame 2, at the end of the log (-wal)"
make=torn_poke
says log 0
has log_lists_the_rest "$out" un
exits log_rescued 7 a rescue "$T/rescued"
has log_rescued_has "$(cat "$T/rescued")" deux
exits log_said_once 0 a list note
is log_said_once_is_enough "$err" ""

foreign() { put; cp "$T/wal" "$N-wal"; }
foreign
exits stray_check 7 a check
has stray_check_says "$out" "does not belong here: the log (-wal), beside a notebook that was closed properly"
exits stray_check_json 7 a check --json
has stray_check_json_says "$out" '"stray_log":true,"stray_journal":false'
make=foreign
says stray 0
is stray_takes_nothing "$(printf '%s' "$out" | grep -c deux)" 0
exits stray_rescued 0 a rescue "$T/strays"
has stray_rescued_has "$(cat "$T/strays")" deux

put
cp "$T/wal" "$N-journal"
exits journal_check 7 a --lang fr check
has journal_check_says "$out" "un journal d'annulation (-journal), qu'un carnet n'a jamais"
exits journal_aside 0 a list note
has journal_aside_says "$err" "else delete n.arpent-journal.damaged-1"
exits journal_gone 0 a check
finish
