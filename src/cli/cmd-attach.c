/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "cli.h"

static int attach_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct id owner, file;

	if (a->n < 2)
		return cli_bad_usage(a, "%s", _("which record, and which files?"));
	if (!store_resolve(c->store, a->v[0], NULL, &owner, &e))
		return cli_say(c, &e);
	for (size_t i = 1; i < a->n; i++) {
		if (!store_file_add(c->store, &owner, a->v[i], &file, &e))
			return cli_say(c, &e);
		cli_done(c, _("attached"), "file", &file);
	}
	return EXIT_OK;
}

const struct cli_command cmd_attach = {
    .name = "attach",
    .synopsis = N_("ID FILE..."),
    .summary = N_("keep files in the notebook, with a record"),
    .detail =
	N_("Photos, PDFs, anything up to 512 MiB. The file itself stays where it is; delete it if it is confidential."),
    .flags = CLI_OPEN,
    .run = attach_run,
};

/* Where it goes when no name was given: the file's own name, here; what comes from elsewhere never names a path. */
static char *extract_name(struct cli *c, const struct id *file, struct err *e)
{
	struct record r;
	char *name = NULL;

	record_init(&r);
	if (store_get(c->store, file, &r, e)) {
		const char *own = record_get(&r, "name");
		const char *slash = strrchr(own, '/');
		own = slash ? slash + 1 : own;
		name = own[0] == '\0' || own[0] == '.' ? str_dup("file") : str_dup(own);
		if (name == NULL)
			err_nomem(e, "extract_name");
	}
	record_done(&r);
	return name;
}

static int extract_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct id file;
	char *name = NULL;
	bool ok;

	if (a->n < 1 || a->n > 2)
		return cli_bad_usage(a, "%s", _("which file?"));
	ok = store_resolve(c->store, a->v[0], "file", &file, &e);
	if (ok && a->n == 2)
		ok = (name = str_dup(a->v[1])) != NULL || err_nomem(&e, "extract");
	else if (ok)
		ok = (name = extract_name(c, &file, &e)) != NULL;
	ok = ok && store_file_extract(c->store, &file, name, &e);
	if (ok) {
		fputs(_("Written: "), stdout);
		cli_print(name);
		putchar('\n');
	}
	free(name);
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .synopsis = N_("ID [FILE]"),
    .summary = N_("write an attached file out"),
    .flags = CLI_OPEN,
    .run = extract_run,
};
