/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <inttypes.h>

#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/vfs.h"
#include "cli.h"

static void check_bad(void *ctx, const char *what, uint64_t n)
{
	struct cli *c = ctx;

	if (!c->json)
		printf(_("damaged: %s %" PRIu64 "\n"), _(what), n);
}

static int check_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct vfs_check found = {0};
	struct buf out = BUF_INIT;
	struct json j;
	struct vault *v = NULL;

	(void)a;
	bool ok = cli_open_vault(c, false, &v, &e) && vfs_check(v, check_bad, c, &found, &e);
	vault_close(v);
	if (!ok)
		return cli_say(c, &e);
	if (c->json) {
		json_init(&j, &out);
		json_map(&j);
		json_pair_int(&j, "pages", (int64_t)found.pages);
		json_pair_int(&j, "bad_pages", (int64_t)found.bad_pages);
		json_pair_int(&j, "frames", (int64_t)found.frames);
		json_pair_int(&j, "bad_frames", (int64_t)found.bad_frames);
		json_map_end(&j);
		puts(buf_str(&out));
		buf_done(&out);
	} else {
		printf(_("%" PRIu64 " pages read, %" PRIu64 " damaged.\n"), found.pages + found.frames,
		       found.bad_pages + found.bad_frames);
	}
	if (found.bad_pages + found.bad_frames > 0) {
		err_set(&e, ERR_DAMAGED, "check", "%s", c->notebook);
		return cli_say(c, &e);
	}
	return EXIT_OK;
}

const struct cli_command cmd_check = {
    .name = "check",
    .summary = N_("read every page and name what is damaged"),
    .run = check_run,
};
