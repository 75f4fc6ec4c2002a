/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdio.h>

#include "arpent/i18n.h"
#include "cli.h"

static int backup_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which file to write?"));
	if (!store_backup(c->store, a->v[0], &e))
		return cli_say(c, &e);
	printf(_("Copied and verified: %s. It opens with the same passphrase."), a->v[0]);
	putchar('\n');
	return EXIT_OK;
}

const struct cli_command cmd_backup = {
    .name = "backup",
    .synopsis = N_("FILE"),
    .summary = N_("write a whole, verified, sealed copy"),
    .detail = N_("While the notebook is open on the screen, make one there: backup, in the palette (the key \":\")."),
    .flags = CLI_OPEN,
    .run = backup_run,
};
