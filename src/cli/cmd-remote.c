/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static bool remote_show(void *ctx, const struct remote_entry *r)
{
	struct cli *c = ctx;
	struct buf out = BUF_INIT;
	struct json j;

	if (c->json) {
		json_init(&j, &out);
		json_map(&j);
		json_pair(&j, "name", r->name);
		json_pair(&j, "where", r->where);
		json_pair_int(&j, "sent", (int64_t)r->mark.sent);
		json_map_end(&j);
		puts(buf_str(&out));
	} else {
		cli_column(r->name, 16);
		fputs("  ", stdout);
		cli_print(r->where);
		puts("");
	}
	buf_done(&out);
	return true;
}

static bool remote_foreign(void *with, const char *path, uint64_t size)
{
	size_t *n = with;
	struct buf safe = BUF_INIT;

	(void)size;
	if (!remote_name_ours(path)) {
		text_safe(&safe, path, strlen(path), false);
		printf("  %s\n", buf_str(&safe));
		++*n;
	}
	buf_done(&safe);
	return true;
}

/* What is there and not ours, by name; and is all there that this device has put? */
static int remote_check(struct cli *c, const char *name)
{
	char used[REMOTE_LABEL_MAX + 1];
	struct exchange_report report = {.taken = 0};
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT;
	struct remote r;
	size_t n = 0;
	bool ok = devices_remote_open(c->store, name, used, &r, &e) && remote_list(&r, remote_foreign, &n, &e) &&
		  devices_check(c->store, used, &r, &report, &e);

	remote_close(&r);
	if (!ok)
		return cli_say(c, &e);
	if (n > 0)
		printf(P_("%zu file is not arpent's; it is left alone.\n",
			  "%zu files are not arpent's; they are left alone.\n", n),
		       n);
	for (size_t i = 0; i < report.nfindings; i++) {
		buf_clear(&text);
		cli_finding(&report.findings[i], "", true, &text);
		printf("! %s\n", buf_str(&text));
	}
	if (report.nfindings == 0)
		puts(_("All that this device has put there is there, and unaltered."));
	buf_done(&text);
	return report.nfindings > 0 ? EXIT_DAMAGED : EXIT_OK;
}

static int remote_run(struct cli *c, const struct args *a)
{
	const char *what = a->n > 0 ? a->v[0] : "list";
	struct err e = ERR_INIT;
	bool ok;

	if (strcmp(what, "check") == 0 && a->n <= 2)
		return remote_check(c, a->n == 2 ? a->v[1] : NULL);
	if (strcmp(what, "list") == 0 && a->n <= 1)
		ok = devices_remote_each(c->store, remote_show, c, &e);
	else if (strcmp(what, "add") == 0 && a->n == 3)
		ok = devices_remote_add(c->store, a->v[1], a->v[2], &e);
	else if (strcmp(what, "remove") == 0 && a->n == 2)
		ok = devices_remote_remove(c->store, a->v[1], &e);
	else
		return cli_bad_usage(a, "%s", _("list, add NAME FOLDER, remove NAME or check NAME?"));
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_remote = {
    .name = "remote",
    .synopsis = N_("[list | add NAME FOLDER | remove NAME | check NAME]"),
    .summary = N_("where your devices meet: a USB key, a synchronised folder"),
    .detail =
	N_("All that is put there is sealed. remove forgets it here and leaves what is there; check names the files "
	   "there that are not arpent's, and puts back what this device had put there and was altered since."),
    .flags = CLI_OPEN,
    .run = remote_run,
};
