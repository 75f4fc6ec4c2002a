/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/text.h"
#include "config.h"

#define COMMAND(name) extern const struct cli_command cmd_##name;
#include "commands.def"
#undef COMMAND

const struct cli_command *const cli_commands[] = {
#define COMMAND(name) &cmd_##name,
#include "commands.def"
#undef COMMAND
    NULL};

const struct cli_option cli_common[] = {
    {"notebook", 'n', N_("FILE"), N_("the notebook to use (else $ARPENT_NOTEBOOK, else the one in your data folder)")},
    {"passphrase-fd", 0, N_("N"), N_("read the passphrase from file descriptor N, one line")},
    {"key-file", 0, N_("FILE"), N_("open with this key file")},
    {"locked", 0, NULL, N_("begin at the lock screen, whatever key is given")},
    {"json", 0, NULL, N_("print JSON, one object a line")},
    {"lang", 0, N_("fr|en"), N_("the language of what is printed")},
    {"help", 'h', NULL, N_("say how this command is used")},
    {"version", 0, NULL, N_("print the version")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command *cli_find(const char *name)
{
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		if (strcmp(cli_commands[i]->name, name) == 0)
			return cli_commands[i];
	}
	return NULL;
}

static void usage_option(const struct cli_option *o, FILE *out)
{
	struct buf left = BUF_INIT;

	if (o->letter != 0)
		buf_printf(&left, "-%c, ", o->letter);
	buf_printf(&left, "--%s", o->name);
	if (o->value != NULL)
		buf_printf(&left, " %s", _(o->value));
	int pad = 26 - text_width(buf_str(&left));
	fprintf(out, "  %s%*s%s\n", buf_str(&left), pad > 2 ? pad : 2, "", _(o->help));
	buf_done(&left);
}

static void usage_all(FILE *out)
{
	fprintf(
	    out, "%s\n\n",
	    _("arpent: a field notebook for those who walk a territory: meetings, contacts, observations, encrypted."));
	fprintf(out, _("usage: %s\n\n"), _("arpent [COMMAND] [OPTION...] [ARGUMENT...]"));
	fprintf(out, "%s\n\n%s\n", _("Without a command it opens the notebook on the screen."), _("Commands:"));
	for (size_t i = 0; cli_commands[i] != NULL; i++) {
		if (!(cli_commands[i]->flags & CLI_HIDDEN))
			fprintf(out, "  %-12s%s\n", cli_commands[i]->name, _(cli_commands[i]->summary));
	}
	fprintf(out, "\n%s\n", _("Options of every command:"));
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		usage_option(o, out);
	fprintf(out, "\n%s\n", _("arpent COMMAND --help says more."));
}

void cli_usage(const struct cli_command *cmd, FILE *out)
{
	if (cmd == NULL) {
		usage_all(out);
		return;
	}
	struct buf line = BUF_INIT;
	buf_printf(&line, "arpent %s", cmd->name);
	if (cmd->synopsis != NULL && cmd->synopsis[0] != '\0')
		buf_printf(&line, " %s", _(cmd->synopsis));
	fprintf(out, _("usage: %s\n\n"), buf_str(&line));
	buf_done(&line);
	fprintf(out, "%s\n", _(cmd->summary));
	if (cmd->detail != NULL)
		fprintf(out, "\n%s\n", _(cmd->detail));
	if (cmd->options != NULL) {
		fprintf(out, "\n%s\n", _("Options:"));
		for (const struct cli_option *o = cmd->options; o->name != NULL; o++)
			usage_option(o, out);
	}
	fprintf(out, "\n%s\n", _("Options of every command:"));
	for (const struct cli_option *o = cli_common; o->name != NULL; o++)
		usage_option(o, out);
}

/* The fields of a kind named on the command line. */
static void usage_fields(const struct args *a)
{
	const struct kind *k = (a->command->flags & CLI_FIELDS) && a->n > 0 ? kind_named(a->v[0]) : NULL;

	if (k == NULL)
		return;
	printf(_("\nFields of %s:\n"), _(k->label));
	for (size_t i = 0; i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		const char *hint = value_hint(f);
		if (f->flags & FIELD_HIDDEN)
			continue;
		printf("  %-16s%s%s%s%s%s\n", f->key, _(f->label), f->flags & FIELD_SET ? _(", several") : "",
		       hint ? " (" : "", hint ? hint : "", hint ? ")" : "");
	}
}

static bool cli_notebook(struct cli *c, struct err *e)
{
	const char *named = getenv("ARPENT_NOTEBOOK");
	struct buf path = BUF_INIT;

	if (c->notebook != NULL)
		return true;
	c->notebook_given = named != NULL && named[0] != '\0';
	if (c->notebook_given) {
		c->notebook = str_dup(named);
	} else {
		char *dir = io_data_dir();
		if (dir == NULL)
			return err_set(e, ERR_NOT_FOUND, "cli_notebook", "HOME");
		buf_printf(&path, "%s/notebook.arpent", dir);
		free(dir);
		c->notebook = buf_steal(&path);
	}
	return c->notebook != NULL || err_nomem(e, "cli_notebook");
}

static bool cli_take_common(struct cli *c, const struct args *a, struct err *e)
{
	const char *fd = args_get(a, "passphrase-fd");

	if (args_has(a, "notebook")) {
		free(c->notebook);
		c->notebook = str_dup(args_get(a, "notebook"));
		c->notebook_given = true;
		if (c->notebook == NULL) /* else it would be another one */
			return err_nomem(e, "cli_take_common");
	}
	if (args_has(a, "key-file")) {
		free(c->key_file);
		c->key_file = str_dup(args_get(a, "key-file"));
		if (c->key_file == NULL)
			return err_nomem(e, "cli_take_common");
	}
	c->json = c->json || args_has(a, "json");
	c->locked = c->locked || args_has(a, "locked");
	if (args_has(a, "lang")) {
		const char *lang = args_get(a, "lang");
		if (strcmp(lang, "fr") != 0 && strcmp(lang, "en") != 0)
			return err_set(e, ERR_USAGE, "lang", "%s", lang);
		lang_start(lang);
	}
	c->lang = lang_date();
	if (fd != NULL) {
		char *end;
		long n = strtol(fd, &end, 10);
		if (*end != '\0' || end == fd || n < 0 || n > 65535)
			return err_set(e, ERR_USAGE, "fd", "%s", fd);
		c->passphrase_fd = (int)n;
	}
	return true;
}

static int cli_command(struct cli *c, struct args *a)
{
	struct err e = ERR_INIT;
	int status;

	a->json = c->json;
	if (!cli_notebook(c, &e))
		return cli_say(c, &e);
	if ((a->command->flags & CLI_OPEN) && !cli_open(c, &e))
		return cli_say(c, &e);
	status = a->command->run(c, a);
	store_close(c->store);
	c->store = NULL;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		err_sys(&e, EIO, "stdout", "-");
		return cli_say(c, &e);
	}
	return status;
}

/* Options may stand before the command's name and after it. */
static int cli_run(struct cli *c, int argc, char **argv)
{
	struct args before = {.command = NULL}, after = before;
	struct err e = ERR_INIT;
	const struct cli_command *cmd = NULL;
	bool screen = false;
	int at = 1, status;

	if (!args_parse(&before, NULL, argc, argv, &at, &e) || !cli_take_common(c, &before, &e)) {
		status = cli_say(c, &e);
	} else if (args_has(&before, "version")) {
		status = puts(PACKAGE_STRING) < 0 ? EXIT_FAILED : EXIT_OK;
	} else if (args_has(&before, "help")) {
		cli_usage(at < argc ? cli_find(argv[at]) : NULL, stdout);
		status = EXIT_OK;
	} else if (at == argc && c->screen == NULL) {
		cli_usage(NULL, stdout);
		status = EXIT_USAGE;
	} else if (at == argc) {
		screen = true;
		status = cli_notebook(c, &e) ? c->screen(c, NULL) : cli_say(c, &e);
	} else if ((cmd = cli_find(argv[at])) == NULL) {
		err_set(&e, ERR_USAGE, "command", "%s", argv[at]);
		status = cli_say(c, &e);
	} else if (!args_parse(&after, cmd, argc - at, argv + at, NULL, &e) || !cli_take_common(c, &after, &e)) {
		status = cli_say(c, &e);
	} else if (args_has(&after, "help")) {
		cli_usage(cmd, stdout);
		usage_fields(&after);
		status = EXIT_OK;
	} else {
		status = cli_command(c, &after);
	}
	args_done(&before);
	args_done(&after);
	if (!screen && (status == EXIT_OK || status == EXIT_NOT_FOUND) && !err_lost_none(c->lost, &e)) {
		e.where = "shown";
		status = cli_say(c, &e);
	}
	return status;
}

int cli_main(int argc, char **argv, int (*screen)(struct cli *c, const char *at))
{
	struct cli c = {.passphrase_fd = -1, .lang = lang_date(), .screen = screen, .lost = err_lost()};
	int status;

	signal(SIGUSR1, SIG_IGN); /* "arpent lock" is for the terminal: a command closes the notebook by itself, soon */
	signal(SIGPIPE, SIG_IGN); /* a reader that left is an error of fflush, so that the notebook is closed */
	status = cli_run(&c, argc, argv);
	free(c.notebook);
	free(c.key_file);
	return status;
}
