/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/i18n.h"
#include "cli.h"

static int backup_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which file to write?"));
	if (!store_backup(c->store, a->v[0], &e))
		return cli_say(c, &e);
	printf(_("Copied and verified: %s. It opens with the same passphrase.\n"), a->v[0]);
	return EXIT_OK;
}

const struct cli_command cmd_backup = {
    .name = "backup",
    .synopsis = N_("FILE"),
    .summary = N_("write a whole, verified, sealed copy"),
    .flags = CLI_OPEN,
    .run = backup_run,
};
