# SPDX-License-Identifier: GPL-3.0-or-later
#
# The command line with servers: who they are is asked, in words; passwords stay where they belong.
. "$SRCDIR/tests/lib.sh"

server=
stop() { [ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null; server=; }
trap 'stop; rm -rf "$T"' EXIT
# serve KIND PORT: waits until it answers.
serve() {
	bash "$SRCDIR/tests/remotes/serve.sh" "$1" "$T/$1" "$2" >"$T/serve.log" 2>&1 &
	server=$!
	for _ in $(seq 1000); do
		(exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && return
		kill -0 "$server" 2>/dev/null || break
		read -r -t 0.02 <> <(:)
	done
	wait "$server"
	status=$?
	server=
	return $status
}
# Two ports that are free now.
port=$((20000 + ($$ * 7 + RANDOM) % 20000))
while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null; do
	port=$((port + 2))
done

serve webdav "$port"
if [ $? -eq 77 ]; then
	echo "# lighttpd is not installed: ./dev install-deps --ci"
	[ -z "${CI:-}" ] || not_ok server "lighttpd is missing"
	finish
fi
for n in one two; do head -c 64 /dev/urandom >"$T/$n.key" && chmod 600 "$T/$n.key"; done
a() { "$ARPENT" -n "$T/one.arpent" --key-file "$T/one.key" "$@" </dev/null; }
b() { "$ARPENT" -n "$T/two.arpent" --key-file "$T/two.key" "$@" </dev/null; }
print() { openssl x509 -noout -fingerprint -sha256 -in "$T/webdav/cert.pem" | sed 's/.*=//'; }
echo 'un mot de passe' >"$T/password"
echo 'faux' >"$T/wrong"
a init --no-words --name Camille >/dev/null && b init --no-words --name Camille >/dev/null
place=https://127.0.0.1:$((port + 1))/dav/équipe

exits unasked 9 a remote add cloud "$place" --user camille --password-fd 3 3<"$T/password"
has unasked_shows_the_fingerprint "$err" "$(print)"
exits differs 9 a remote add cloud "$place" --user camille --password-fd 3 --fingerprint SHA256:x 3<"$T/password"
exits wrong_password 6 a remote add cloud "$place" --user camille --password-fd 3 --fingerprint "$(print)" 3<"$T/wrong"
exits password_in_the_address 8 a remote add cloud "https://camille:secret@127.0.0.1/dav"
lacks it_is_not_said_again "$err" secret
exits unknown_scheme 8 a remote add cloud ftp://127.0.0.1/dav
exits in_the_clear 9 a remote add cloud http://192.0.2.7/dav --user camille --password-fd 3 3<"$T/password"
has in_the_clear_says_how "$err" "--clear"
exits nothing_was_kept 0 a remote
is nothing_was_kept_at_all "$out" ""

exits add 0 a remote add cloud "$place" --user camille --password-fd 3 --fingerprint "$(print)" 3<"$T/password"
a new note text="Le pont est emporté" >/dev/null
exits sync 0 a sync
exits check 0 a remote check cloud
has nothing_foreign "$out" "All that this device has put there is there"
b id --no-qr -o "$T/two.card" >/dev/null
a device add --yes "$T/two.card" -o "$T/inv.arpb" >/dev/null && b device join --yes "$T/inv.arpb" >/dev/null
a sync >/dev/null

# A terminal, where it is asked: once no, once yes.
ask() { # LANGUAGE ANSWER
	printf '%s\n' "$2" | script -qec "'$ARPENT' --lang $1 -n '$T/two.arpent' --key-file '$T/two.key' remote add cloud \
		'$place' --user camille --password-fd 3 3<'$T/password'" /dev/null
}
out=$(ask en n)
has asked_in_english "$out" "Ask whoever runs it for theirs"
is no_is_no "$(b remote)" ""
out=$(ask fr o)
has asked_in_french "$out" "Aucune autorité ne répond de 127.0.0.1"
has asked_with_the_fingerprint "$out" "$(print)"
exits asked_and_kept 0 b sync
exits it_came 0 b show pont

# The password is in the notebook, and there nowhere in the clear; nor are the place and the name.
is sealed "$(grep -lraE 'mot de passe|127\.0\.0\.1:' "$T" --include='*.arpent*' | wc -l)" 0

# Another certificate: someone else may answer.
stop
rm "$T/webdav/cert.pem"
serve webdav "$port"
exits changed 9 a sync
has changed_says_what_to_do "$err" "arpent remote trust"
exits changed_fr 9 a --lang fr sync
has changed_in_french "$err" "n'a plus la clé qu'il avait"
exits not_trusted 9 a remote trust cloud --fingerprint 00:11
exits still_changed 9 a sync
exits trusted 0 a remote trust cloud --fingerprint "$(print)"
exits sync_again 0 a sync
exits login_wrong 6 a remote login cloud --fingerprint "$(print)" --password-fd 3 3<"$T/wrong"
exits login_wrong_was_not_kept 0 a sync
exits login 0 a remote login cloud --fingerprint "$(print)" --password-fd 3 3<"$T/password"

# Nothing goes to a server that is gone, and what is new waits.
stop
a new note text="Plus de réseau" >/dev/null
exits gone 1 a sync
has gone_says_so "$err" "cannot be reached now"
serve webdav "$port"
exits back 0 a sync
has back_sends_it "$out" "Went: 1"
exits removed 0 a remote remove cloud
exits removed_with_its_password 3 a sync
finish
