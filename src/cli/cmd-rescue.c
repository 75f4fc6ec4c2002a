/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <inttypes.h>
#include <stdlib.h>

#include "arpent/buf.h"
#include "arpent/export.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "cli.h"

struct rescue_walk {
	struct buf out;
	size_t n;
	struct err e;
};

static bool rescue_one(void *ctx, const struct record *r)
{
	struct rescue_walk *w = ctx;
	struct json j;

	json_init(&j, &w->out);
	if (!export_json(NULL, r, &j, &w->e))
		return false;
	buf_char(&w->out, '\n');
	w->n++;
	return !w->out.oom;
}

static bool rescue_whole(const struct cli *c, const struct rescue_walk *w, struct err *e)
{
	if (w->e.code != ERR_NONE)
		*e = w->e;
	return w->e.code == ERR_NONE && err_lost_none(c->lost, e);
}

static int rescue_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct rescue_walk walk = {BUF_INIT, 0, ERR_INIT};
	struct vault *v = NULL;
	uint64_t lost = 0;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which file to write? - is standard output"));
	bool ok = cli_open_vault(c, false, &v, &e) && store_rescue(v, rescue_one, &walk, &lost, &e) &&
		  buf_ok(&walk.out, &e) && rescue_whole(c, &walk, &e) &&
		  io_write_file(a->v[0], buf_str(&walk.out), walk.out.len, false, &e);
	vault_close(v);
	buf_done(&walk.out);
	if (!ok)
		return cli_say(c, &e);
	fprintf(stderr, _("Records brought out, in clear: %zu; pages that could not be read: %" PRIu64 ".\n"), walk.n,
		lost);
	fprintf(stderr, "%s\n", _("To have them in a new notebook: arpent init NEW, then arpent -n NEW import FILE"));
	return lost > 0 ? EXIT_DAMAGED : EXIT_OK;
}

const struct cli_command cmd_rescue = {
    .name = "rescue",
    .synopsis = N_("FILE"),
    .summary = N_("bring out every record that can still be read"),
    .detail = N_("Writes JSON lines, in clear: keep the file as you would keep the notebook's passphrase. Attached "
		 "files are not in it."),
    .run = rescue_run,
};
