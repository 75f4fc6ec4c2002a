/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>

#include "arpent/i18n.h"
#include "arpent/minutes.h"
#include "cli.h"

enum { RM_BIN = 1000 };

/* The records of the bin by name, the last edited first. */
struct rm_bin {
	struct named v[RM_BIN];
	size_t n;
};

static bool rm_bin_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct rm_bin *bin = ctx;
	struct named *name = &bin->v[bin->n];

	(void)at;
	*name = (struct named){.id = row->id, .name = str_dup(row->title), .detail = ""};
	if (name->name != NULL)
		bin->n++;
	return bin->n < RM_BIN;
}

/* What is in the bin has no words in the index: an id, or a title there that fits better than the others. */
static bool rm_in_bin(struct cli *c, const char *typed, struct id *out, struct err *e)
{
	const struct list_spec spec = {.order = LIST_BY_EDITED, .bin = true};
	const struct list_key from = {.set = false};
	struct rm_bin *bin = calloc(1, sizeof *bin);
	struct match best[2];
	size_t fits;
	bool ok = bin != NULL || err_nomem(e, "rm_in_bin");

	ok = ok && store_list(c->store, &spec, &from, false, RM_BIN, rm_bin_row, bin, e);
	fits = ok ? names_match(bin->v, bin->n, typed, best, 2) : 0;
	if (ok && fits > 1 && best[0].rank == best[1].rank)
		ok = err_set(e, ERR_AMBIGUOUS, "rm_in_bin", "%s, %s", bin->v[best[0].index].name,
			     bin->v[best[1].index].name);
	else if (ok && fits > 0)
		*out = bin->v[best[0].index].id;
	else if (ok)
		ok = store_resolve(c->store, typed, NULL, out, e);
	for (size_t i = 0; bin != NULL && i < bin->n; i++)
		free((void *)(uintptr_t)bin->v[i].name);
	free(bin);
	return ok;
}

/* All the records named, in one step, or none. */
static int rm_each(struct cli *c, const struct args *a, bool restore)
{
	struct err e = ERR_INIT;
	struct id *ids;
	size_t i = 0;
	bool ok;

	if (a->n == 0)
		return cli_bad_usage(a, "%s", _("which record?"));
	ids = calloc(a->n, sizeof *ids);
	ok = ids != NULL ? store_step_begin(c->store, restore ? N_("Restoration") : N_("Deletion"), &e)
			 : err_nomem(&e, "rm_each");
	if (ok) {
		for (; ok && i < a->n; i++)
			ok = restore ? rm_in_bin(c, a->v[i], &ids[i], &e) && store_restore(c->store, &ids[i], &e)
				     : store_resolve(c->store, a->v[i], NULL, &ids[i], &e) &&
					   store_delete(c->store, &ids[i], &e);
		if (ok)
			ok = store_step_end(c->store, &e);
		else
			store_step_cancel(c->store);
	}
	for (i = 0; ok && i < a->n; i++) {
		struct record r;
		record_init(&r);
		if (store_get(c->store, &ids[i], &r, &e))
			cli_done(c, restore ? _("restored") : _("in the bin"), r.kind, &ids[i]);
		record_done(&r);
	}
	free(ids);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static int rm_run(struct cli *c, const struct args *a)
{
	return rm_each(c, a, false);
}

static int restore_run(struct cli *c, const struct args *a)
{
	return rm_each(c, a, true);
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
