/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/i18n.h"
#include "arpent/identity.h"
#include "arpent/io.h"
#include "arpent/text.h"
#include "arpent/words.h"
#include "cli.h"

enum { INIT_TARGET_MS = 1000, INIT_LINE = 6, INIT_ASKED = 2 };

/* Numbered, six a line, on the terminal and nowhere else when there is one. */
static void init_show_words(FILE *out, const struct secret *words)
{
	const char *p = (const char *)words->p;

	fprintf(out, "\n%s\n\n",
		_("Recovery words. Write them on paper and keep them away from this machine: they open the notebook "
		  "when the passphrase is "
		  "forgotten, and they are not shown again."));
	for (unsigned i = 1; *p != '\0'; i++) {
		size_t n = strcspn(p, " ");
		int pad = 10 - text_width_n(p, n);
		fprintf(out, "%3u %.*s%*s%s", i, (int)n, p, pad, "", i % INIT_LINE == 0 ? "\n" : "");
		p += n + strspn(p + n, " ");
	}
	fputc('\n', out);
	fflush(out);
}

static int init_index(const char *word)
{
	return words_find(lang_code(), word, strcspn(word, " \t"));
}

static bool init_same_word(const struct secret *words, unsigned nth, const char *answer)
{
	const char *p = (const char *)words->p;

	for (unsigned i = 1; i < nth; i++)
		p += strcspn(p, " ") + strspn(p + strcspn(p, " "), " ");
	char *want = str_ndup(p, strcspn(p, " "));
	bool same = want != NULL && init_index(want) >= 0 && init_index(want) == init_index(answer);
	if (want != NULL)
		sodium_memzero(want, strlen(want));
	free(want);
	return same;
}

/* Two words are asked for, so that they are on paper before the screen is cleared. */
static bool init_check_words(const struct secret *words)
{
	unsigned first = 1 + randombytes_uniform(VAULT_WORDS / 2),
		 second = 1 + VAULT_WORDS / 2 + randombytes_uniform(VAULT_WORDS / 2);
	const unsigned asked[INIT_ASKED] = {first, second};

	for (unsigned i = 0; i < INIT_ASKED;) {
		char answer[64], prompt[64];
		snprintf(prompt, sizeof prompt, _("Word %u: "), asked[i]);
		if (!cli_ask_line(prompt, answer, sizeof answer))
			return false;
		if (init_same_word(words, asked[i], answer))
			i++;
		else
			printf("%s\n", _("That is not the word on the list above. Look again."));
		sodium_memzero(answer, sizeof answer);
	}
	return true;
}

static bool init_folder(const char *path, struct err *e)
{
	char *dir = str_dup(path);
	char *slash = dir ? strrchr(dir, '/') : NULL;
	bool ok = dir != NULL || err_nomem(e, "init_folder");

	if (slash != NULL && slash != dir) {
		*slash = '\0';
		ok = io_make_dirs(dir, e);
	}
	free(dir);
	return ok;
}

static bool init_make(struct cli *c, const struct args *a, const struct vault_key *key, struct secret *words,
		      struct err *e)
{
	struct vault_cost cost = VAULT_COST_TEST;

	/* Slowness guards a passphrase that can be guessed; a key file is random already. */
	if (key->passphrase != NULL && !vault_calibrate(INIT_TARGET_MS, &cost, e))
		return false;
	if (!init_folder(c->notebook, e))
		return false;
	if (!store_create(c->notebook, key, &cost, lang_code(), &c->store, words, e))
		return false;
	const char *name = args_get(a, "name");
	if (name == NULL || identity_set_name(c->store, name, e))
		return true;
	store_discard(c->store, c->notebook); /* nobody has seen its recovery words */
	c->store = NULL;
	return false;
}

#define SCREEN_ENTER "\033[?1049h\033[H\033[2J"
#define SCREEN_LEAVE "\033[H\033[2J\033[?1049l" /* emptied first, for terminals that have but one */

static void init_interrupted(int sig)
{
	if (write(STDOUT_FILENO, SCREEN_LEAVE, sizeof SCREEN_LEAVE - 1) >= 0)
		raise(sig); /* which now ends the program */
}

/* On the terminal's other screen, which leaves nothing behind to scroll back to. */
void cli_show_words(const struct secret *words, bool tty)
{
	struct sigaction act = {.sa_handler = init_interrupted, .sa_flags = (int)SA_RESETHAND}, was[2];

	if (!tty) {
		init_show_words(stdout, words);
		return;
	}
	sigaction(SIGINT, &act, &was[0]);
	sigaction(SIGTERM, &act, &was[1]);
	fputs(SCREEN_ENTER, stdout);
	init_show_words(stdout, words);
	bool checked = init_check_words(words);
	fputs(SCREEN_LEAVE, stdout);
	fflush(stdout);
	sigaction(SIGINT, &was[0], NULL);
	sigaction(SIGTERM, &was[1], NULL);
	if (!checked)
		fprintf(stderr, "%s\n",
			_("The words were not checked. New ones can be had with: arpent recover --new-words"));
}

static int init_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct secret passphrase = SECRET_INIT, key_file = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {NULL, NULL, NULL};
	bool tty = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && c->passphrase_fd < 0;
	bool ok = true;

	if (a->n > 1)
		return cli_bad_usage(a, "%s", _("one notebook at a time"));
	if (a->n == 1) {
		free(c->notebook);
		c->notebook = str_dup(a->v[0]);
	}
	if (c->notebook == NULL)
		ok = err_nomem(&e, "init");
	if (ok && access(c->notebook, F_OK) == 0)
		ok = err_set(&e, ERR_EXISTS, "init", "%s", c->notebook);
	if (ok && c->key_file != NULL) {
		ok = secret_read_file(&key_file, c->key_file, &e);
		key.key_file = &key_file;
	}
	if (ok && (c->key_file == NULL || c->passphrase_fd >= 0)) {
		ok = cli_passphrase(c, _("New passphrase (several words are best): "), true, &passphrase, &e);
		key.passphrase = &passphrase;
	}
	ok = ok && init_make(c, a, &key, &words, &e);
	if (ok && !args_has(a, "no-words"))
		cli_show_words(&words, tty);
	secret_free(&passphrase);
	secret_free(&key_file);
	secret_free(&words);
	if (!ok)
		return cli_say(c, &e);
	printf(_("Notebook made: %s\n"), c->notebook);
	return EXIT_OK;
}

static const struct cli_option init_options[] = {
    {"name", 0, N_("NAME"), N_("your name, as colleagues will see it")},
    {"no-words", 0, NULL, N_("do not show the recovery words (for unattended use)")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_init = {
    .name = "init",
    .synopsis = N_("[FILE]"),
    .summary = N_("make a notebook"),
    .detail = N_("Asks for a passphrase twice and shows the recovery words once. For unattended use: --key-file FILE "
		 "(32 random bytes or\n"
		 "more, readable by you alone), or --passphrase-fd N."),
    .options = init_options,
    .run = init_run,
};
