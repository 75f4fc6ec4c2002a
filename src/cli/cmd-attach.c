/* SPDX-License-Identifier: GPL-3.0-or-later */

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

static int extract_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct id file;
	struct buf name = BUF_INIT;
	bool ok;

	if (a->n < 1 || a->n > 2)
		return cli_bad_usage(a, "%s", _("which file?"));
	ok = store_resolve(c->store, a->v[0], "file", &file, &e);
	if (a->n == 2)
		buf_str_add(&name, a->v[1]);
	else
		ok = ok && store_file_name(c->store, &file, &name, &e);
	ok = ok && buf_ok(&name, &e) && store_file_extract(c->store, &file, buf_str(&name), &e);
	if (ok) {
		fputs(_("Written: "), stdout);
		cli_print(buf_str(&name));
		putchar('\n');
	}
	buf_done(&name);
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_extract = {
    .name = "extract",
    .synopsis = N_("ID [FILE]"),
    .summary = N_("write an attached file out"),
    .flags = CLI_OPEN,
    .run = extract_run,
};
