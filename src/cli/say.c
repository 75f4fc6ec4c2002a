/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/kind.h"
#include "arpent/latest.h"
#include "arpent/store.h"
#include "arpent/text.h"
#include "cli.h"

/* A sentence may hold one %s, for the detail. */
struct sentence {
	enum err_code code;
	const char *where; /* how the function's name begins; NULL: any */
	const char *text;
	int exit;
};

static const struct sentence sentences[] = {
    {ERR_NOMEM, "shown", N_("Out of memory: not all of it could be shown. What was saved is kept; look again."),
     EXIT_FAILED},
    {ERR_NOMEM, NULL, N_("Out of memory. Nothing was changed."), EXIT_FAILED},
    {ERR_FULL, "net_full",
     N_("The storage is full, or your share of it (%s). Make room there, then: arpent sync. Nothing is lost."),
     EXIT_FAILED},
    {ERR_FULL, NULL, N_("No space is left on the disk (%s). Free some and try again; nothing was changed."),
     EXIT_FAILED},
    {ERR_EXISTS, "peer_add",
     N_("A colleague named %s is known with another key. If they changed devices, compare the six words by voice, "
	"then: arpent trust --replace CARD (or "
	"--device CARD for one more device)"),
     EXIT_REFUSED},
    {ERR_EXISTS, "remote_add", N_("There is a remote %s already. Choose another name, or: arpent remote remove NAME"),
     EXIT_REFUSED},
    {ERR_EXISTS, "devices_join",
     N_("This notebook is shared with other devices of yours already. Join from a new one: arpent init"), EXIT_REFUSED},
    {ERR_EXISTS, NULL, N_("%s is there already. Choose another name, or move it away."), EXIT_REFUSED},
    {ERR_NOT_FOUND, "notebook", N_("There is no notebook at %s. Make one with: arpent init"), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "store_undo", N_("There is nothing to undo."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "store_redo", N_("There is nothing to redo."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "identity_card",
     N_("There is no card in this. A card begins with ARPENT1: and its owner gets it with: arpent id"), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "peer_", N_("No colleague is called %s here. Take their card first: arpent trust FILE"),
     EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "store_file_extract", N_("There is no folder to write this into: %s"), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, STORE_CONTENT,
     N_("This file is known here, but its content has not come along. Ask whoever handed it over to send the file."),
     EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "sync_space",
     N_("This notebook is on this device alone. For another device: arpent device add; for a USB key or a folder: "
	"arpent "
	"remote add"),
     EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "member", N_("Nobody and no device is called %s there, or not any more."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "remote_open",
     N_("There is no folder %s now. Plug the key in, or mount the disk, and try again; nothing was changed."),
     EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "remote",
     N_("There is no such remote here (%s). The list: arpent remote; a new one: arpent remote add"), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "net_folder",
     N_("The folder is not there on the server, and neither is the one above it (%s). Look at its address: arpent "
	"remote"),
     EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "net_library",
     N_("SFTP, WebDAV and S3 need the library %s, with SFTP in it. Install it (on Debian and Ubuntu: libcurl4); a "
	"folder works without."),
     EXIT_FAILED},
    {ERR_NOT_FOUND, "io_", N_("There is no file %s."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "secret_read_file", N_("There is no file %s."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, "store_file_add", N_("There is no file %s."), EXIT_NOT_FOUND},
    {ERR_NOT_FOUND, NULL, N_("Not found: %s. Look for it with: arpent find WORDS"), EXIT_NOT_FOUND},
    {ERR_AMBIGUOUS, "remote", N_("Which one: %s? Name it: arpent sync NAME"), EXIT_AMBIGUOUS},
    {ERR_AMBIGUOUS, "member",
     N_("Several devices are called %s. Give the digits before their names: arpent device, or arpent team show"),
     EXIT_AMBIGUOUS},
    {ERR_AMBIGUOUS, NULL, N_("More than one fits: %s. Give more of the name or of the id."), EXIT_AMBIGUOUS},
    {ERR_INPUT, "store_file_add", N_("%s is no file, and cannot be attached."), EXIT_INPUT},
    {ERR_INPUT, "twice", N_("The two are not the same. Nothing was done; start again."), EXIT_INPUT},
    {ERR_INPUT, "short", N_("This passphrase is too short: take at least 8 characters, several words are best."),
     EXIT_INPUT},
    {ERR_INPUT, "identity_card", N_("Your name is not known yet. Say it with: arpent id --name \"First Last\""),
     EXIT_INPUT},
    {ERR_INPUT, "handoff_seal", N_("Your name is not known yet. Say it with: arpent id --name \"First Last\""),
     EXIT_INPUT},
    {ERR_INPUT, "devices_remove", N_("This very device cannot remove itself: remove it on another one."), EXIT_INPUT},
    {ERR_INPUT, "devices_park", N_("This very device cannot park itself."), EXIT_INPUT},
    {ERR_INPUT, "devices_silent", N_("It was heard of %s days ago: only one that was silent for 180 days is parked."),
     EXIT_INPUT},
    {ERR_INPUT, "devices_add", N_("This is the card of this very device (%s): take that of the other one."),
     EXIT_INPUT},
    {ERR_INPUT, "label", N_("A device cannot be called \"%s\": 1 to 80 bytes, on one line."), EXIT_INPUT},
    {ERR_INPUT, "remote_name", N_("A remote cannot be called \"%s\": take a-z, 0-9, - and _, at most 40."), EXIT_INPUT},
    {ERR_INPUT, "remote_open",
     N_("%s is no folder. A remote is a folder, on a USB key or elsewhere, or an address with sftp://, https:// or "
	"s3://"),
     EXIT_INPUT},
    {ERR_INPUT, "remote_folder", N_("%s is a folder: there is no password and no key of a server."), EXIT_INPUT},
    {ERR_INPUT, "net_url",
     N_("This is no address: %s. As in sftp://user@host/folder, https://host/folder or s3://host/bucket"), EXIT_INPUT},
    {ERR_INPUT, "net_password",
     N_("No password belongs into an address: others see it. Leave it out; arpent asks for it, or reads it with "
	"--password-fd."),
     EXIT_INPUT},
    {ERR_INPUT, "net_scheme",
     N_("arpent cannot go to %s:// addresses. There are sftp://, https:// (WebDAV) and s3://, and folders."),
     EXIT_INPUT},
    {ERR_INPUT, "settle", N_("There is no value %s to choose. The list: arpent settle"), EXIT_INPUT},
    {ERR_INPUT, "peer_add", N_("This is your own card: give it to colleagues, and take theirs."), EXIT_INPUT},
    {ERR_INPUT, "field", N_("There is no field %s in this kind of record. The fields: arpent new KIND --help"),
     EXIT_INPUT},
    {ERR_INPUT, "pair", N_("\"%s\" is not FIELD=VALUE."), EXIT_INPUT},
    {ERR_INPUT, "empty", N_("Nothing was given to write down (%s)."), EXIT_INPUT},
    {ERR_INPUT, "handoff_bin", N_("%s is in the bin. Bring it back first: arpent restore ID"), EXIT_INPUT},
    {ERR_INPUT, "handoff_nothing", N_("There is nothing to hand off."), EXIT_INPUT},
    {ERR_IO, "secret_read_tty",
     N_("There is no terminal to ask for the passphrase on. Give it with --passphrase-fd or --key-file."), EXIT_FAILED},
    {ERR_IO, "net_reach",
     N_("%s cannot be reached now: there is no network, or the server is off. Nothing is lost; try again later."),
     EXIT_FAILED},
    {ERR_IO, "net_slow",
     N_("Nothing comes from %s any more. Nothing is lost; arpent sync goes on from there when the network is better."),
     EXIT_FAILED},
    {ERR_IO, "net_cut", N_("The connection to %s broke off. Nothing is lost; arpent sync goes on from there."),
     EXIT_FAILED},
    {ERR_IO, "net_tls",
     N_("No protected connection to %s comes about. Nothing was sent. A network that asks you to log in first does "
	"that, and servers that are too old."),
     EXIT_FAILED},
    {ERR_IO, "net_moved",
     N_("The server sends arpent elsewhere: %s. It does not follow with your password; if that is right, add the "
	"remote anew with that address."),
     EXIT_REFUSED},
    {ERR_IO, "net_denied",
     N_("The server does not let you do this there (%s). You need to read, write and remove in that folder. Nothing is "
	"lost."),
     EXIT_REFUSED},
    {ERR_IO, "net_clock",
     N_("The server refuses because the clock of this device is too far off (%s). Set the clock, then: arpent sync"),
     EXIT_FAILED},
    {ERR_IO, "net_server",
     N_("The server has failed (%s). Nothing is lost; try again later, and tell whoever runs it when it goes on."),
     EXIT_FAILED},
    {ERR_IO, VAULT_EITHER_KEY,
     N_("The disk failed while the passphrase was being changed. Try the new passphrase; if it does not open the "
	"notebook, the old one does."),
     EXIT_FAILED},
    {ERR_IO, "vault_rekey", N_("The disk failed: the passphrase is not changed, the old one still opens the notebook."),
     EXIT_FAILED},
    {ERR_IO, VAULT_EITHER_WORDS,
     N_("The disk failed while the recovery words were being changed: the old ones may no longer open the notebook. "
	"The passphrase does. Try again: arpent recover --new-words"),
     EXIT_FAILED},
    {ERR_IO, "vault_new_words", N_("The disk failed: the recovery words are not changed, the old ones still hold."),
     EXIT_FAILED},
    {ERR_INPUT, NULL, N_("This cannot be understood: %s"), EXIT_INPUT},
    {ERR_BUSY, "net_locked",
     N_("The storage has this file locked just now (%s). Nothing is lost; try again in a minute: arpent sync"),
     EXIT_BUSY},
    {ERR_BUSY, "net_wait_for", N_("The server asks to come back in %s seconds. Nothing is lost; then: arpent sync"),
     EXIT_BUSY},
    {ERR_BUSY, "net_wait",
     N_("The server has too much to do just now (%s). Nothing is lost; try again in a minute: arpent sync"), EXIT_BUSY},
    {ERR_BUSY, NULL,
     N_("Another program has the notebook open (process and computer: %s). Close it there, or note something "
	"meanwhile with: arpent log TEXT"),
     EXIT_BUSY},
    {ERR_LOCKED, NULL, N_("The notebook is locked: a passphrase is needed."), EXIT_KEY},
    {ERR_WRONG_KEY, "bundle_open",
     N_("This file was sealed with a passphrase, and this is not it. Use --passphrase and ask its author for it."),
     EXIT_KEY},
    {ERR_WRONG_KEY, "net_login",
     N_("The server does not know you by this name and password (%s). Nothing is lost. Give them anew with: arpent "
	"remote login NAME"),
     EXIT_KEY},
    {ERR_WRONG_KEY, NULL,
     N_("This does not open the notebook: wrong passphrase or key. Nothing is damaged; try again, or use the recovery "
	"words with: arpent recover"),
     EXIT_KEY},
    {ERR_DAMAGED, "bundle", N_("This file was altered or damaged on its way. Ask for it again; nothing was taken in."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, "handoff",
     N_("This file is not put together as it should be. Ask for it again; nothing was taken in."), EXIT_DAMAGED},
    {ERR_DAMAGED, "identity_card", N_("This card is mistyped or altered. Ask for it again; nothing was taken in."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, STORE_CONTENT,
     N_("The content of this file is not what was attached: it is damaged. Nothing was written."), EXIT_DAMAGED},
    {ERR_DAMAGED, "vault_open",
     N_("Both copies of the notebook's header are damaged, and without one no passphrase opens it. Put a backup in its "
	"place."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, "header_choose",
     N_("Both copies of the notebook's header are damaged, and without one no passphrase opens it. Put a backup in its "
	"place."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, "log",
     N_("The notebook's log was damaged, or torn by a power cut: check that your last notes are there. If not, arpent "
	"rescue FILE writes all that can be read; the log is kept as %s."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, "stray",
     N_("A log that is not this notebook's own lay beside it, perhaps that of another copy. Nothing was taken from it. "
	"If notes are missing, arpent rescue FILE writes all that can be read; else delete %s."),
     EXIT_DAMAGED},
    {ERR_DAMAGED, NULL,
     N_("Damaged or altered: %s. For a notebook, arpent check names what is hit and arpent rescue brings out the "
	"rest."),
     EXIT_DAMAGED},
    {ERR_NEWER, NULL, N_("This was made by a newer arpent. Update arpent to open it."), EXIT_DAMAGED},
    {ERR_NOT_NOTEBOOK, NULL,
     N_("%s is not an arpent notebook. Name yours with -n FILE; if this was yours, put a backup in its place."),
     EXIT_DAMAGED},
    {ERR_STALE, "fresh",
     N_("The pages are not those of the last close: older ones were put back, or some are damaged. Compare with a "
	"backup; to keep the notebook as it is: arpent check --accept"),
     EXIT_DAMAGED},
    {ERR_STALE, "latest",
     N_("This notebook is older than the one last seen here on %s. If you put it back yourself: arpent check --accept. "
	"If not, look for the newer one."),
     EXIT_DAMAGED},
    {ERR_STALE, NULL, N_("This is older than what was last seen here: %s. It may be an old copy that was put back."),
     EXIT_DAMAGED},
    {ERR_NOT_BUNDLE, NULL, N_("This is not a file sealed by arpent."), EXIT_DAMAGED},
    {ERR_TRUNCATED, NULL, N_("This was cut short on its way. Ask for it again; nothing was taken in."), EXIT_DAMAGED},
    {ERR_FOREIGN, "exchange_round",
     N_("Other devices than yours use this storage (%s). Take an empty folder, or join them with an invitation: arpent "
	"device join"),
     EXIT_REFUSED},
    {ERR_FOREIGN, "devices_invitation",
     N_("This is no invitation. Where records were handed to you, open them with: arpent open FILE"), EXIT_REFUSED},
    {ERR_FOREIGN, NULL,
     N_("This bundle was not sealed to you. Send your card (arpent id) to its author and ask for it again."),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "net_changed",
     N_("%s does not have the key it had: someone may have put another server in its place. Nothing was sent. Ask "
	"whoever runs it; if the key was changed on purpose: arpent remote trust NAME"),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "net_new",
     N_("No authority vouches for %s any more. Nothing was sent. Ask whoever runs it; to compare its key yourself: "
	"arpent remote trust NAME"),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "net_differs", N_("The server has another key than you say: %s. Nothing was sent to it."),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "net_unasked",
     N_("There is no terminal to ask on whether this is the server: %s. If whoever runs it says the same, add "
	"--fingerprint and this. Nothing was sent."),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "net_clear",
     N_("Over http:// anybody on the way to %s reads your password. Use https://, or, if that is what you want: "
	"--clear"),
     EXIT_REFUSED},
    {ERR_UNTRUSTED, "roster", N_("Only an admin can do that: see arpent team show."), EXIT_REFUSED},
    {ERR_UNTRUSTED, NULL,
     N_("Nobody you know has signed this (%s). Ask for the author's card, and take it with: arpent trust"),
     EXIT_REFUSED},
    {ERR_REPLAY, NULL, N_("This was already taken in; nothing has changed."), EXIT_OK},
    {ERR_LIMIT, "bundle", N_("This file is larger than arpent lets a sealed file be. Nothing was taken in."),
     EXIT_REFUSED},
    {ERR_LIMIT, "handoff", N_("This is more than one sealed file may hold. Seal fewer records at a time."),
     EXIT_REFUSED},
    {ERR_LIMIT, NULL, N_("Over a limit: %s. Nothing was taken in."), EXIT_REFUSED},
    {ERR_FORMAT, "net_odd",
     N_("What answers there is not WebDAV or S3 as arpent knows them (%s). Look at the address: arpent remote. For "
	"Nextcloud it is https://HOST/remote.php/dav/files/USER/FOLDER"),
     EXIT_INPUT},
    {ERR_FORMAT, NULL, N_("This file is malformed: %s. Nothing was taken in."), EXIT_INPUT},
    {ERR_CANCELLED, "unasked", N_("There is no terminal to ask on: add --yes to arpent %s. Nothing was changed."),
     EXIT_REFUSED},
    {ERR_CANCELLED, NULL, N_("Cancelled. Nothing was changed."), EXIT_REFUSED},
    {ERR_USAGE, "command", N_("There is no command \"%s\". The list: arpent --help"), EXIT_USAGE},
    {ERR_USAGE, "value", N_("A value is missing after %s. See --help."), EXIT_USAGE},
    {ERR_USAGE, "option", N_("There is no option %s here. See --help."), EXIT_USAGE},
    {ERR_USAGE, "lang", N_("The language is fr or en, not \"%s\"."), EXIT_USAGE},
    {ERR_USAGE, "fd", N_("\"%s\" is no file descriptor: give a number, as in --passphrase-fd 3 3<file"), EXIT_USAGE},
    {ERR_USAGE, NULL, N_("The command line is wrong: %s"), EXIT_USAGE},
    {ERR_INTERNAL, NULL, N_("A fault of arpent's own: %s. Please report it; nothing was changed."), EXIT_FAILED},
};

static const struct sentence *sentence_of(const struct err *e)
{
	for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
		const struct sentence *s = &sentences[i];
		if (s->code == e->code && (s->where == NULL || strncmp(s->where, e->where, strlen(s->where)) == 0))
			return s;
	}
	return NULL;
}

bool cli_err_older(const struct latest *last, int offset_minutes, struct err *e)
{
	struct moment m;
	struct buf when = BUF_INIT;

	moment_from_unix(last->ms, offset_minutes, &m);
	m.has_offset = false;
	m.second = 0;
	date_long(&m, lang_date(), &when);
	(void)err_set(e, ERR_STALE, "latest", "%s", buf_str(&when));
	buf_done(&when);
	return false;
}

bool cli_err_log(const struct store *s, struct err *e)
{
	const char *path = store_log_kept(s), *slash = strrchr(path, '/');

	return err_set(e, ERR_DAMAGED, store_log_stray(s) ? "stray" : "log", "%s", slash ? slash + 1 : path);
}

int cli_exit_code(enum err_code code)
{
	const struct err e = {code, 0, "", ""};
	const struct sentence *s = sentence_of(&e);

	return s ? s->exit : EXIT_FAILED;
}

/* The table's text with the detail in place of its one %s: never the detail as a format. */
static void sentence_fill(const char *text, const char *detail, struct buf *out)
{
	const char *at = strstr(text, "%s");

	if (at == NULL) {
		buf_str_add(out, text);
		return;
	}
	buf_add(out, text, (size_t)(at - text));
	text_safe(out, detail, strlen(detail), false);
	buf_str_add(out, at + 2);
}

void err_sentence(const struct err *e, struct buf *out)
{
	const struct sentence *s = sentence_of(e);

	if (s != NULL) {
		sentence_fill(_(s->text), e->detail, out);
	} else {
		sentence_fill(_("The system refused: %s"), e->detail, out);
		if (e->sys != 0)
			buf_printf(out, " (%s)", strerror(e->sys));
	}
}

/* Without memory a name is not found and a value not understood: that is not what went wrong then. */
int cli_say(const struct cli *c, const struct err *e)
{
	char room[2048];
	struct buf text = BUF_IN(room);
	struct err none = ERR_INIT;

	room[0] = '\0';
	if (e->code != ERR_NOMEM && !err_lost_none(c->lost, &none))
		e = &none;
	fflush(stdout);
	err_sentence(e, &text);
	if (c->json)
		fprintf(stderr, "{\"error\":\"%s\"}\n", err_name(e->code));
	fprintf(stderr, "arpent: %s\n", buf_str(&text));
	return cli_exit_code(e->code);
}

int cli_bad_usage(const struct args *a, const char *fmt, ...)
{
	va_list ap;

	if (a->json)
		fprintf(stderr, "{\"error\":\"%s\"}\n", err_name(ERR_USAGE));
	fputs("arpent: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("\n", stderr);
	fprintf(stderr, _("usage: arpent %s %s\nMore: arpent %s --help\n"), a->command->name,
		a->command->synopsis ? _(a->command->synopsis) : "", a->command->name);
	return EXIT_USAGE;
}

int cli_bad_kind(const struct args *a, const char *typed)
{
	struct buf kinds = BUF_INIT;

	for (size_t i = 0; i < kind_count(); i++)
		buf_printf(&kinds, "%s%s", i ? ", " : "", kind_at(i)->key);
	int status = cli_bad_usage(a, _("there is no kind \"%s\"; there are: %s"), typed, buf_str(&kinds));
	buf_done(&kinds);
	return status;
}

void cli_print(const char *s)
{
	struct buf safe = BUF_INIT;

	text_safe(&safe, s, strlen(s), true);
	fwrite(buf_str(&safe), 1, safe.len, stdout);
	buf_done(&safe);
}
