/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <unistd.h>

#include "arpent/i18n.h"
#include "cli.h"

enum { PASSWD_TARGET_MS = 1000 };

static bool passwd_new(struct cli *c, struct vault *v, struct err *e)
{
	struct secret fresh = SECRET_INIT;
	struct vault_key key = {.passphrase = &fresh};
	struct vault_cost cost;
	bool ok;

	ok = cli_passphrase(c, _("New passphrase (several words are best): "), true, &fresh, e) &&
	     vault_calibrate(PASSWD_TARGET_MS, &cost, e) && vault_rekey(v, &key, &cost, e);
	secret_free(&fresh);
	return ok;
}

static int passwd_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;

	(void)a;
	if (!passwd_new(c, store_vault(c->store), &e))
		return cli_say(c, &e);
	puts(_("The passphrase is changed. The recovery words are still the same."));
	return EXIT_OK;
}

const struct cli_command cmd_passwd = {
    .name = "passwd",
    .summary = N_("change the passphrase"),
    .detail = N_("With --passphrase-fd N the first line is the old passphrase, the second the new one."),
    .flags = CLI_OPEN,
    .run = passwd_run,
};

/* With the passphrase: for words that were lost, or seen. */
static int recover_new_words(struct cli *c)
{
	struct err e = ERR_INIT;
	struct secret words = SECRET_INIT;
	struct vault *v = NULL;
	bool ok = cli_open_vault(c, true, &v, &e) && vault_new_words(v, lang_code(), &words, &e);

	vault_close(v);
	if (!ok)
		return cli_say(c, &e);
	cli_show_words(&words, isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && c->passphrase_fd < 0);
	secret_free(&words);
	puts(_("These recovery words are the ones to keep; the old ones no longer open this notebook."));
	return EXIT_OK;
}

static int recover_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct secret words = SECRET_INIT;
	struct vault_key key = {.words = &words};
	struct vault *v = NULL;
	bool ok;

	if (args_has(a, "new-words"))
		return recover_new_words(c);
	ok = access(c->notebook, F_OK) == 0 || err_set(&e, ERR_NOT_FOUND, "notebook", "%s", c->notebook);
	ok = ok && cli_passphrase(c, _("Recovery words, with blanks between: "), false, &words, &e) &&
	     vault_open(c->notebook, &key, true, &v, &e) && passwd_new(c, v, &e);
	secret_free(&words);
	if (ok)
		puts(_("The passphrase is changed. Keep the recovery words: they still open the notebook."));
	vault_close(v);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option recover_options[] = {
    {"new-words", 0, NULL, N_("with the passphrase: make new recovery words, and show them once")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_recover = {
    .name = "recover",
    .summary = N_("open with the recovery words and set a new passphrase"),
    .detail = N_("With --passphrase-fd N the first line is the words, the second the new passphrase."),
    .options = recover_options,
    .run = recover_run,
};
