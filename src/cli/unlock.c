/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/i18n.h"
#include "arpent/identity.h"
#include "arpent/inbox.h"
#include "arpent/text.h"
#include "cli.h"

static bool unlock_ask_twice(const char *prompt, struct secret *out, struct err *e)
{
	struct secret again = SECRET_INIT;

	if (!secret_read_tty(out, prompt, e))
		return false;
	if (!secret_read_tty(&again, _("The same once more: "), e))
		return false;
	bool same = again.len == out->len && sodium_memcmp(again.p, out->p, out->len) == 0;
	secret_free(&again);
	return same || err_set(e, ERR_INPUT, "twice", "passphrase");
}

bool cli_passphrase(struct cli *c, const char *prompt, bool fresh, struct secret *out, struct err *e)
{
	bool ok;

	if (c->passphrase_fd >= 0)
		ok = secret_read_fd(out, c->passphrase_fd, e);
	else
		ok = fresh ? unlock_ask_twice(prompt, out, e) : secret_read_tty(out, prompt, e);
	if (ok && fresh && out->len < CLI_PASSPHRASE_MIN)
		ok = err_set(e, ERR_INPUT, "short", "passphrase");
	if (!ok)
		secret_free(out);
	return ok;
}

/* What the command line offers as a key.  With a key file the passphrase is asked for only when it is offered: most key
 * files open alone. */
static bool unlock_key(struct cli *c, struct secret *passphrase, struct secret *key_file, struct vault_key *key,
		       struct err *e)
{
	memset(key, 0, sizeof *key);
	if (access(c->notebook, F_OK) != 0)
		return err_set(e, ERR_NOT_FOUND, "notebook", "%s", c->notebook);
	if (c->key_file != NULL) {
		if (!secret_read_file(key_file, c->key_file, e))
			return false;
		key->key_file = key_file;
	}
	if (c->key_file == NULL || c->passphrase_fd >= 0) {
		if (!cli_passphrase(c, _("Passphrase: "), false, passphrase, e))
			return false;
		key->passphrase = passphrase;
	}
	return true;
}

/* What was noted while it was locked is filed at the first unlock; what does not open stays where it is. */
static void unlock_inbox(struct cli *c)
{
	size_t taken = 0, bad = 0;
	struct err e = ERR_INIT;

	if (!inbox_take(c->store, &taken, &bad, &e))
		cli_say(c, &e);
	if (taken > 0 && !c->json)
		fprintf(stderr,
			P_("%zu note from the inbox was filed.\n", "%zu notes from the inbox were filed.\n", taken),
			taken);
	if (bad > 0)
		fprintf(stderr,
			P_("%zu note in the inbox does not open; it was left there.\n",
			   "%zu notes in the inbox do not open; they were left there.\n", bad),
			bad);
}

bool cli_open(struct cli *c, struct err *e)
{
	struct secret passphrase = SECRET_INIT, key_file = SECRET_INIT;
	struct vault_key key;
	bool ok = unlock_key(c, &passphrase, &key_file, &key, e) && store_open(c->notebook, &key, &c->store, e);

	secret_free(&passphrase);
	secret_free(&key_file);
	if (ok)
		unlock_inbox(c);
	return ok;
}

bool cli_open_vault(struct cli *c, bool write, struct vault **out, struct err *e)
{
	struct secret passphrase = SECRET_INIT, key_file = SECRET_INIT;
	struct vault_key key;
	bool ok = unlock_key(c, &passphrase, &key_file, &key, e) && vault_open(c->notebook, &key, write, out, e);

	secret_free(&passphrase);
	secret_free(&key_file);
	return ok;
}

bool cli_ask_line(const char *prompt, char *out, size_t max)
{
	FILE *tty = fopen("/dev/tty", "r+");
	bool ok;

	if (tty == NULL)
		return false;
	fputs(prompt, tty);
	fflush(tty);
	ok = fgets(out, (int)max, tty) != NULL;
	if (ok)
		out[strcspn(out, "\n")] = '\0';
	fclose(tty);
	return ok;
}

bool cli_confirm(const char *question)
{
	char answer[16];
	struct buf prompt = BUF_INIT;
	bool yes;

	buf_printf(&prompt, "%s %s ", question, _("[y/N]"));
	yes = cli_ask_line(buf_str(&prompt), answer, sizeof answer);
	buf_done(&prompt);
	return yes && (answer[0] == 'y' || answer[0] == 'Y' || answer[0] == 'o' || answer[0] == 'O');
}
