/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <unistd.h>

#include "arpent/i18n.h"
#include "cli.h"

static int edit_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which record?"));
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(&e, ERR_USAGE, "edit", "%s",
			_("edit needs a terminal; from a script use: arpent set ID FIELD=VALUE"));
		return cli_say(c, &e);
	}
	return c->screen(c, a->v[0]);
}

const struct cli_command cmd_edit = {
    .name = "edit",
    .synopsis = N_("ID"),
    .summary = N_("open a record on the screen"),
    .run = edit_run,
};
