/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/i18n.h"
#include "cli.h"

/* All the records named, in one step, or none. */
static int rm_each(struct cli *c, const struct args *a, const char *label, const char *what,
		   bool (*act)(struct store *s, const struct id *id, struct err *e))
{
	struct err e = ERR_INIT;

	if (a->n == 0)
		return cli_bad_usage(a, "%s", _("which record?"));
	if (!store_step_begin(c->store, label, &e))
		return cli_say(c, &e);
	for (size_t i = 0; i < a->n; i++) {
		struct id id;
		if (!store_resolve(c->store, a->v[i], NULL, &id, &e) || !act(c->store, &id, &e)) {
			store_step_cancel(c->store);
			return cli_say(c, &e);
		}
	}
	if (!store_step_end(c->store, &e))
		return cli_say(c, &e);
	for (size_t i = 0; i < a->n; i++) {
		struct id id;
		struct record r;
		record_init(&r);
		if (store_resolve(c->store, a->v[i], NULL, &id, &e) && store_get(c->store, &id, &r, &e))
			cli_done(c, what, r.kind, &id);
		record_done(&r);
	}
	return EXIT_OK;
}

static int rm_run(struct cli *c, const struct args *a)
{
	return rm_each(c, a, N_("Deletion"), _("in the bin"), store_delete);
}

static int restore_run(struct cli *c, const struct args *a)
{
	return rm_each(c, a, N_("Restoration"), _("restored"), store_restore);
}

const struct cli_command cmd_rm = {
    .name = "rm",
    .synopsis = N_("ID..."),
    .summary = N_("put records into the bin"),
    .detail =
	N_("Nothing is asked, because arpent undo and arpent restore bring them back. The bin: arpent list --bin"),
    .flags = CLI_OPEN,
    .run = rm_run,
};

const struct cli_command cmd_restore = {
    .name = "restore",
    .synopsis = N_("ID..."),
    .summary = N_("take records out of the bin"),
    .flags = CLI_OPEN,
    .run = restore_run,
};
