/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static const char *import_word(enum import_what what)
{
	switch (what) {
	case IMPORT_NEW:
		return _("new");
	case IMPORT_CHANGED:
		return _("changed");
	case IMPORT_BACK:
		return _("from the bin");
	case IMPORT_SAME:
		break;
	}
	return _("same");
}

static void import_show_row(const struct import_row *row)
{
	const struct kind *k = kind_find(row->kind);
	struct buf title = BUF_INIT;

	text_safe(&title, row->title, strlen(row->title), false);
	fputs("  ", stdout);
	cli_column(import_word(row->what), 14);
	cli_column(k ? _(k->label) : row->kind, 14);
	puts(buf_str(&title));
	for (size_t i = 0; i < row->ndiffs; i++) {
		const struct import_diff *d = &row->diffs[i];
		const struct field *f = k ? kind_field(k, d->key) : NULL;
		struct buf ours = BUF_INIT, theirs = BUF_INIT;
		text_safe(&ours, d->ours, strlen(d->ours), false);
		text_safe(&theirs, d->theirs, strlen(d->theirs), false);
		printf(_("      %s differs: here \"%s\", in the file \"%s\" (kept; --overwrite takes the file's)\n"),
		       f ? _(f->label) : d->key, buf_str(&ours), buf_str(&theirs));
		buf_done(&ours);
		buf_done(&theirs);
	}
	buf_done(&title);
}

static void import_json_row(const struct import_row *row)
{
	static const char *const words[] = {"new", "changed", "same", "back"};
	struct buf out = BUF_INIT;
	struct json j;
	char text[ID_TEXT + 1];

	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "what", words[row->what]);
	json_pair(&j, "kind", row->kind);
	json_pair(&j, "title", row->title);
	if (!id_is_zero(&row->id)) {
		id_text(&row->id, text);
		json_pair(&j, "id", text);
	}
	json_pair_int(&j, "differences", (int64_t)row->ndiffs);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void import_show(const struct cli *c, const struct import_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		if (c->json)
			import_json_row(&plan->rows[i]);
		else if (plan->rows[i].what != IMPORT_SAME || plan->rows[i].ndiffs > 0)
			import_show_row(&plan->rows[i]);
	}
	if (c->json)
		return;
	printf(_("%zu new, %zu changed, %zu same (%s).\n"), plan->count[IMPORT_NEW],
	       plan->count[IMPORT_CHANGED] + plan->count[IMPORT_BACK], plan->count[IMPORT_SAME], plan->format);
	if (plan->list.left_out > 0)
		fprintf(stderr,
			P_("%zu piece of the file could not be kept.\n", "%zu pieces of the file could not be kept.\n",
			   plan->list.left_out),
			plan->list.left_out);
}

static int import_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct import_plan plan;
	struct import_options o = {args_get(a, "format"), NULL, args_has(a, "overwrite")};
	int status = EXIT_OK;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which file? - is standard input"));
	if (args_has(a, "as")) {
		const struct kind *k = kind_named(args_get(a, "as"));
		if (k == NULL)
			return cli_bad_usage(a, _("there is no kind \"%s\""), args_get(a, "as"));
		o.as = k->key;
	}
	memset(&plan, 0, sizeof plan);
	if (!import_file(c->store, a->v[0], &o, &plan, &e))
		return cli_say(c, &e);
	bool news = plan.count[IMPORT_NEW] + plan.count[IMPORT_CHANGED] + plan.count[IMPORT_BACK] > 0;
	if (!args_has(a, "yes") || args_has(a, "verbose") || c->json)
		import_show(c, &plan);
	if (args_has(a, "dry-run") || !news) {
		if (!news && !c->json)
			puts(_("Nothing to take in."));
	} else if (!cli_agreed(a, _("Take this in?"), &e) || !import_apply(c->store, &plan, &e)) {
		status = cli_say(c, &e);
	} else if (!c->json) {
		printf(_("Taken in: %zu new, %zu changed. arpent undo takes it back as one step.\n"),
		       plan.count[IMPORT_NEW], plan.count[IMPORT_CHANGED] + plan.count[IMPORT_BACK]);
	}
	import_plan_done(&plan);
	return status;
}

static const struct cli_option import_options[] = {
    {"format", 0, N_("FORMAT"), N_("what the file is (else it is recognised)")},
    {"as", 0, N_("KIND"), N_("what waypoints become (site, observation); the kind of a CSV's rows")},
    {"dry-run", 0, NULL, N_("only show what would happen")},
    {"yes", 'y', NULL, N_("do not ask")},
    {"overwrite", 0, NULL, N_("where both have a value, take the file's")},
    {"verbose", 'v', NULL, N_("show the list even with --yes")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_import = {
    .name = "import",
    .synopsis = N_("FILE"),
    .summary = N_("take in contacts, places or records from a file"),
    .detail = N_("vCard 2.1, 3.0, 4.0; GPX 1.0, 1.1; JSON lines; CSV. Shows what is new, changed and the same, then "
		 "asks. The same file\n"
		 "read twice changes nothing, and arpent undo takes an import back as one step."),
    .flags = CLI_OPEN,
    .options = import_options,
    .run = import_run,
};
