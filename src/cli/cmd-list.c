/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "cli.h"

/* Counting what a filter lets through reads it all: beyond LIST_COUNTED it is only said that there is more. */
enum { LIST_DEFAULT = 50, LIST_PAGE = 200, LIST_COUNTED = 1000 };

struct list_walk {
	struct cli *c;
	struct list_key last;
	size_t shown;
	bool ok;
	struct err *e;
};

static bool list_one(void *ctx, const struct row *row, const struct list_key *at)
{
	struct list_walk *w = ctx;

	w->last = *at;
	w->shown++;
	if (w->c->json)
		return w->ok = cli_json_record(w->c, &row->id, w->e);
	cli_row(w->c, row);
	return true;
}

/* A day typed as people type them, as its canonical text. */
static bool list_day(struct cli *c, const char *typed, struct buf *out, struct err *e)
{
	struct moment now, when;

	store_now(c->store, &now);
	if (!date_parse(typed, &now, false, &when))
		return err_set(e, ERR_INPUT, "date", "%s", typed);
	when.has_time = false;
	when.has_offset = false;
	moment_text(&when, out);
	return buf_ok(out, e);
}

static bool list_spec_of(struct cli *c, const struct args *a, struct list_spec *spec, struct buf days[2],
			 struct id *linked, struct err *e)
{
	const char *sort = args_get(a, "sort");

	memset(spec, 0, sizeof *spec);
	spec->kind = a->n > 0 ? kind_named(a->v[0])->key : NULL;
	if (sort == NULL || strcmp(sort, "day") == 0)
		spec->order = LIST_BY_DAY;
	else if (strcmp(sort, "title") == 0)
		spec->order = LIST_BY_TITLE;
	else if (strcmp(sort, "edited") == 0)
		spec->order = LIST_BY_EDITED;
	else if (strcmp(sort, "-day") == 0)
		spec->order = LIST_BY_DAY_UP;
	else
		return err_set(e, ERR_INPUT, "sort", "--sort %s", sort);
	spec->bin = args_has(a, "bin");
	spec->open_only = args_has(a, "open");
	spec->filter = args_get(a, "filter");
	if (args_has(a, "from") && !list_day(c, args_get(a, "from"), &days[0], e))
		return false;
	if (args_has(a, "to") && !list_day(c, args_get(a, "to"), &days[1], e))
		return false;
	spec->day_from = days[0].len ? buf_str(&days[0]) : NULL;
	spec->day_to = days[1].len ? buf_str(&days[1]) : NULL;
	if (args_has(a, "of")) {
		if (!store_resolve(c->store, args_get(a, "of"), NULL, linked, e))
			return false;
		spec->linked = linked;
	}
	return true;
}

static int list_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct list_spec spec;
	struct buf days[2] = {BUF_INIT, BUF_INIT};
	struct id linked;
	struct list_walk walk = {.c = c, .ok = true, .e = &e};
	size_t limit = 0, otherwise = args_has(a, "all") || c->json ? SIZE_MAX : LIST_DEFAULT;
	size_t total = 0, before;

	if (a->n > 0 && kind_named(a->v[0]) == NULL)
		return cli_bad_kind(a, a->v[0]);
	bool ok = args_number(a, "limit", otherwise, &limit, &e) && list_spec_of(c, a, &spec, days, &linked, &e);
	do {
		before = walk.shown;
		size_t page = limit - walk.shown < LIST_PAGE ? limit - walk.shown : LIST_PAGE;
		ok = ok && store_list(c->store, &spec, &walk.last, false, page, list_one, &walk, &e) && walk.ok;
	} while (ok && walk.shown > before && walk.shown < limit);
	if (ok && walk.shown == limit)
		ok = store_count(c->store, &spec, LIST_COUNTED, &total, &e);
	if (ok && total > LIST_COUNTED && !c->json)
		fprintf(stderr, _("%zu of more than %d shown; --all shows the rest.\n"), walk.shown, LIST_COUNTED);
	else if (ok && total > walk.shown && !c->json)
		fprintf(stderr, _("%zu of %zu shown; --all shows the rest.\n"), walk.shown, total);
	buf_done(&days[0]);
	buf_done(&days[1]);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option list_options[] = {
    {"sort", 0, N_("ORDER"), N_("day (newest first), -day (oldest first), title, edited")},
    {"filter", 0, N_("WORDS"), N_("only those with these words")},
    {"from", 0, N_("DAY"), N_("from this day on")},
    {"to", 0, N_("DAY"), N_("up to this day")},
    {"of", 0, N_("ID"), N_("only what refers to this record")},
    {"open", 0, NULL, N_("only what is still to be done")},
    {"bin", 0, NULL, N_("what is in the bin")},
    {"limit", 0, N_("N"), N_("at most N")},
    {"all", 0, NULL, N_("all of them")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_list = {
    .name = "list",
    .synopsis = N_("[KIND]"),
    .summary = N_("list records"),
    .flags = CLI_OPEN,
    .options = list_options,
    .run = list_run,
};
