/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>

#include "arpent/i18n.h"
#include "cli.h"

static int undo_many(struct cli *c, const struct args *a, const char *said,
		     bool (*act)(struct store *s, struct step_info *out, struct err *e))
{
	struct err e = ERR_INIT;
	unsigned long times = a->n > 0 ? strtoul(a->v[0], NULL, 10) : 1;

	if (times == 0 || a->n > 1)
		return cli_bad_usage(a, "%s", _("how many times?"));
	for (unsigned long i = 0; i < times; i++) {
		struct step_info info;
		if (!act(c->store, &info, &e))
			return i > 0 && e.code == ERR_NOT_FOUND ? EXIT_OK : cli_say(c, &e);
		printf(P_("%s: %s (%u record)\n", "%s: %s (%u records)\n", info.changes), said, _(info.label),
		       info.changes);
	}
	return EXIT_OK;
}

static int undo_run(struct cli *c, const struct args *a)
{
	return undo_many(c, a, _("undone"), store_undo);
}

static int redo_run(struct cli *c, const struct args *a)
{
	return undo_many(c, a, _("done again"), store_redo);
}

const struct cli_command cmd_undo = {
    .name = "undo",
    .synopsis = N_("[TIMES]"),
    .summary = N_("take back the last step"),
    .flags = CLI_OPEN,
    .run = undo_run,
};

const struct cli_command cmd_redo = {
    .name = "redo",
    .synopsis = N_("[TIMES]"),
    .summary = N_("do again what was undone"),
    .flags = CLI_OPEN,
    .run = redo_run,
};
