/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/export.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/json.h"
#include "arpent/register.h"
#include "arpent/text.h"
#include "cli.h"

static void register_json(const struct register_item *it)
{
	static const char *const dues[] = {"past", "soon", "undated", "later"};
	struct buf out = BUF_INIT;
	struct json j;
	char id[ID_TEXT + 1];

	id_text(&it->id, id);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "id", id);
	json_pair(&j, "kind", it->kind ? it->kind->key : NULL);
	json_pair(&j, "title", it->title);
	json_pair(&j, "purpose", it->purpose);
	json_pair(&j, "ground", it->ground);
	json_pair(&j, "consent", it->consent);
	json_pair(&j, "review", it->review);
	json_pair(&j, "due", dues[it->due]);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void register_line(struct cli *c, const struct register_item *it)
{
	struct buf day = BUF_INIT, title = BUF_INIT;
	struct moment m, now;
	char id[ID_TEXT + 1];

	store_now(c->store, &now);
	if (moment_parse(it->review, &m))
		date_short(&m, &now, c->lang, &day);
	text_safe(&title, it->title, strlen(it->title), false);
	if (!store_short_id(c->store, &it->id, id))
		id_text(&it->id, id);
	cli_column(id, 8);
	printf(" %c ", it->due == REGISTER_PAST ? '!' : ' ');
	cli_column(day.len ? buf_str(&day) : "-", 12);
	putchar(' ');
	cli_column(buf_str(&title), 24);
	fputs("  ", stdout);
	cli_print(it->purpose[0] ? it->purpose : "-");
	if (it->ground[0])
		printf(" (%s)", it->ground);
	puts("");
	buf_done(&day);
	buf_done(&title);
}

static int register_list(struct cli *c, bool due)
{
	struct register_book b;
	struct err e = ERR_INIT;

	if (!register_read(c->store, &b, &e))
		return cli_say(c, &e);
	for (size_t i = 0; i < b.n; i++) {
		if (due && b.v[i].due != REGISTER_PAST)
			continue;
		if (c->json)
			register_json(&b.v[i]);
		else
			register_line(c, &b.v[i]);
	}
	if (!c->json) {
		printf(P_("%zu person; ", "%zu people; ", b.people), b.people);
		printf(P_("%zu past its review, ", "%zu past their review, ", b.counts[REGISTER_PAST]),
		       b.counts[REGISTER_PAST]);
		printf(_("%zu without a date, %zu without purpose or legal ground.\n"), b.counts[REGISTER_UNDATED],
		       b.unsaid);
	}
	register_done(&b);
	return EXIT_OK;
}

static int register_to_file(struct cli *c, const struct args *a)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	const char *path = args_get(a, "output");
	bool ok = register_document(c->store, c->lang, &out, &e) &&
		  io_write_file(path, buf_str(&out), out.len, args_has(a, "force"), &e);

	buf_done(&out);
	if (!ok)
		return cli_say(c, &e);
	if (strcmp(path, "-") != 0)
		printf(_("Written, in clear text: %s\n"), path);
	return EXIT_OK;
}

/* One person: on the screen, or into a folder. */
static bool register_person(struct cli *c, const struct args *a, const struct id *id, struct err *e)
{
	const char *folder = args_get(a, "output");
	struct register_export report;
	struct buf out = BUF_INIT;
	struct id *ids = NULL;
	size_t n = 0;
	bool ok;

	if (folder) {
		ok = register_export(c->store, id, folder, c->lang, &report, e);
		if (ok && !c->json)
			printf(P_("Written, in clear text: %s (%zu record, %zu files).\n",
				  "Written, in clear text: %s (%zu records, %zu files).\n", report.records),
			       folder, report.records, report.files);
		if (ok && !c->json && report.away > 0)
			printf(P_("The content of %zu file is not on this device.\n",
				  "The contents of %zu files are not on this device.\n", report.away),
			       report.away);
		return ok;
	}
	ok = c->json ? register_held(c->store, id, &ids, &n, e) : register_dossier(c->store, id, c->lang, &out, e);
	for (size_t i = 0; ok && i < n; i++)
		ok = cli_json_record(c, &ids[i], e);
	if (ok && !c->json)
		fputs(buf_str(&out), stdout);
	free(ids);
	buf_done(&out);
	return ok;
}

static bool register_put_off(struct cli *c, const struct id *id, const char *typed, struct err *e)
{
	const struct field *f = kind_field(kind_find("person"), "review");
	struct buf day = BUF_INIT, title = BUF_INIT;
	struct moment now, m;
	bool ok;

	store_now(c->store, &now);
	ok = strcmp(typed, "none") == 0 || value_parse(f, typed, &now, &day, e);
	ok = ok && register_review(c->store, id, buf_str(&day), e);
	if (ok && !c->json) {
		store_title(c->store, id, &title);
		cli_print(buf_str(&title));
		buf_clear(&title);
		if (moment_parse(buf_str(&day), &m))
			date_long(&m, c->lang, &title);
		if (title.len)
			printf("%s%s %s\n", _(": "), _("review on"), buf_str(&title));
		else
			printf("%s%s\n", _(": "), _("no review date"));
	}
	buf_done(&day);
	buf_done(&title);
	return ok;
}

static int register_run(struct cli *c, const struct args *a)
{
	const char *review = args_get(a, "review");
	struct err e = ERR_INIT;
	struct id id;

	if (a->n > 1 || (a->n == 0 && review))
		return cli_bad_usage(a, "%s", _("which person?"));
	if (a->n == 0)
		return args_has(a, "output") ? register_to_file(c, a) : register_list(c, args_has(a, "due"));
	bool ok = store_resolve(c->store, a->v[0], review ? NULL : "person", &id, &e) &&
		  (review ? register_put_off(c, &id, review, &e) : register_person(c, a, &id, &e));
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option register_options[] = {
    {"due", 0, NULL, N_("only what is past its review date")},
    {"review", 0, N_("DATE"), N_("set the review date of a record: \"in 1 year\", 2027-06-01, none")},
    {"output", 'o', N_("PATH"), N_("write the register to a file, or what is held on the person into a folder")},
    {"force", 'f', NULL, N_("replace the file if it is there")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_register = {
    .name = "register",
    .synopsis = N_("[PERSON]"),
    .summary = N_("personal data: what is held, why, until when; all that is held on someone"),
    .detail = N_(
	"Without a person: those on file and what else has a review date, with why they are kept. With one: all that "
	"is held on them, also what was replaced since and confidential notes, for those who ask (right of access). "
	"Purpose and legal ground are fields of a person: arpent set PERSON purpose=... ground=..."),
    .flags = CLI_OPEN,
    .options = register_options,
    .run = register_run,
};
