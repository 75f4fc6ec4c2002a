/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/format.h"
#include "arpent/i18n.h"
#include "cli.h"

/* The records meant: ids and titles, or a kind, or everything.  Naming a record is saying that it may leave; of a whole
 * kind only what is not personal does. */
static bool export_ids(struct cli *c, const struct args *a, const struct export_options *o, struct id **ids, size_t *n,
		       size_t *personal, struct err *e)
{
	const struct kind *k = a->n == 1 ? kind_named(a->v[0]) : NULL;

	if (a->n == 0 || k != NULL)
		return export_all(c->store, k ? k->key : NULL, o->whole, ids, n, e) &&
		       (o->whole || o->with_private || export_shareable(c->store, *ids, n, personal, e));
	*ids = calloc(a->n, sizeof **ids);
	if (*ids == NULL)
		return err_nomem(e, "export_ids");
	for (size_t i = 0; i < a->n; i++) {
		if (!store_resolve(c->store, a->v[i], NULL, &(*ids)[*n], e))
			return false;
		(*n)++;
	}
	return true;
}

static void export_say(const struct export_report *report, size_t personal, const char *path)
{
	if (personal > 0)
		fprintf(stderr,
			P_("%zu personal record stayed here (--with-private writes it).\n",
			   "%zu personal records stayed here (--with-private writes them).\n", personal),
			personal);
	if (strcmp(path, "-") != 0)
		fprintf(stderr, P_("%zu record written to %s.\n", "%zu records written to %s.\n", report->records),
			report->records, path);
	if (report->fields > 0)
		fprintf(stderr,
			_("%zu confidential values of %zu records were withheld (--with-private writes them).\n"),
			report->fields, report->withheld);
	if (report->skipped > 0)
		fprintf(stderr,
			P_("%zu record does not fit this format and was left out.\n",
			   "%zu records do not fit this format and were left out.\n", report->skipped),
			report->skipped);
}

/* To be looked at: what is in the records must not act on the terminal. */
static bool export_screen(struct cli *c, const struct id *ids, size_t n, const struct export_options *o,
			  struct export_report *report, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok = export_bytes(c->store, format_find(o->format), ids, n, o, &b, report, e);

	if (ok)
		cli_print(buf_str(&b));
	buf_done(&b);
	return ok;
}

static int export_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	const char *path = args_get(a, "output"), *separator = args_get(a, "separator");
	struct export_options o = {
	    args_get(a, "format"),           args_has(a, "with-private"), args_has(a, "whole"), c->lang,
	    separator ? separator[0] : '\0', args_has(a, "force")};
	struct export_report report = {0, 0, 0, 0};
	struct id *ids = NULL;
	size_t n = 0, personal = 0;
	bool ok;

	if (path == NULL && o.format == NULL)
		return cli_bad_usage(a, "%s", _("to which file (-o), or in which format (--format)?"));
	if (o.format != NULL && format_find(o.format) == NULL)
		return cli_bad_usage(a, _("there is no format \"%s\""), o.format);
	if (path == NULL)
		path = "-";
	ok = export_ids(c, a, &o, &ids, &n, &personal, &e);
	if (ok && args_has(a, "folder"))
		ok = export_folder(c->store, path, ids, n, &o, &report, &e);
	else if (ok && strcmp(path, "-") == 0 && o.format != NULL && isatty(STDOUT_FILENO))
		ok = export_screen(c, ids, n, &o, &report, &e);
	else if (ok)
		ok = export_file(c->store, path, ids, n, &o, &report, &e);
	free(ids);
	if (!ok)
		return cli_say(c, &e);
	export_say(&report, personal, path);
	return EXIT_OK;
}

static const struct cli_option export_options[] = {
    {"output", 'o', N_("FILE"), N_("the file to write; - is standard output")},
    {"format", 0, N_("FORMAT"), N_("vcard, gpx, jsonl, csv, md, txt, html (else by the file's ending)")},
    {"folder", 0, NULL, N_("vCard: one UID.vcf for each, in the folder named with -o")},
    {"separator", 0, N_("CHARACTER"), N_("of CSV: ; or ,")},
    {"with-private", 0, NULL, N_("confidential fields and personal records too")},
    {"whole", 0, NULL, N_("a copy of everything, the bin included")},
    {"force", 'f', NULL, N_("replace the file if it is there")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_export = {
    .name = "export",
    .synopsis = N_("[KIND | ID...] -o FILE"),
    .summary = N_("write records for other programs, or a meeting's minutes"),
    .detail = N_("Confidential fields stay behind unless asked for, and what was withheld is counted.\n"
		 "The minutes of a meeting: arpent export ID -o minutes.md (or .txt, .html)."),
    .flags = CLI_OPEN,
    .options = export_options,
    .run = export_run,
};
