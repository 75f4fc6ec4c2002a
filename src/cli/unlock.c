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

/* What is opened: the notebook, or its header alone. */
struct unlock {
	struct store **store;
	struct vault **vault;
	bool write;
};

static bool unlock_with(struct cli *c, const struct unlock *u, const struct vault_key *key, struct err *e)
{
	return u->store != NULL ? store_open(c->notebook, key, u->store, e)
				: vault_open(c->notebook, key, u->write, u->vault, e);
}

/* A key file is tried alone first; where it does not open the notebook alone, a passphrase goes with it. */
static bool unlock(struct cli *c, const struct unlock *u, struct err *e)
{
	struct secret passphrase = SECRET_INIT, key_file = SECRET_INIT;
	struct vault_key key = {.key_file = NULL};
	bool ok = false, ask = c->key_file == NULL;

	if (access(c->notebook, F_OK) != 0)
		return err_set(e, ERR_NOT_FOUND, "notebook", "%s", c->notebook);
	if (c->key_file != NULL) {
		if (!secret_read_file(&key_file, c->key_file, e))
			return false;
		key.key_file = &key_file;
		ok = unlock_with(c, u, &key, e);
		ask = !ok && e->code == ERR_WRONG_KEY && (c->passphrase_fd >= 0 || isatty(STDIN_FILENO));
	}
	if (ask && cli_passphrase(c, _("Passphrase: "), false, &passphrase, e)) {
		key.passphrase = &passphrase;
		ok = unlock_with(c, u, &key, e);
	}
	secret_free(&passphrase);
	secret_free(&key_file);
	return ok;
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
			P_("%zu note in the inbox does not open; it was left there. arpent check names it.\n",
			   "%zu notes in the inbox do not open; they were left there. arpent check names them.\n", bad),
			bad);
}

/* It warns, and goes on. */
static void unlock_warn(const struct cli *c)
{
	const struct latest *last = store_older_than(c->store);
	struct err e = ERR_INIT;
	struct moment now;

	moment_now(&now);
	if (last != NULL && !cli_err_older(last, now.offset, &e))
		cli_say(c, &e);
	if (store_log_kept(c->store) != NULL && !cli_err_log(c->store, &e))
		cli_say(c, &e);
}

bool cli_open(struct cli *c, struct err *e)
{
	const struct unlock u = {.store = &c->store};

	if (!unlock(c, &u, e))
		return false;
	unlock_warn(c);
	unlock_inbox(c);
	return true;
}

bool cli_open_vault(struct cli *c, bool write, struct vault **out, struct err *e)
{
	const struct unlock u = {.vault = out, .write = write};

	return unlock(c, &u, e);
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

bool cli_agreed(const struct args *a, const char *question, struct err *e)
{
	if (args_has(a, "yes"))
		return true;
	if (!isatty(STDIN_FILENO))
		return err_set(e, ERR_CANCELLED, "unasked", "%s", a->command->name);
	return cli_confirm(question) || err_set(e, ERR_CANCELLED, "cli_agreed", "%s", a->command->name);
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
