/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/inbox.h"
#include "arpent/io.h"
#include "cli.h"

static int log_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct buf text = BUF_INIT;
	struct moment now;

	for (size_t i = 0; i < a->n; i++)
		buf_printf(&text, "%s%s", i ? " " : "", a->v[i]);
	bool ok = a->n > 0 || io_read_file("-", INBOX_NOTE_MAX, &text, &e);
	while (text.len > 0 && strchr(" \n\t\r", text.p[text.len - 1]) != NULL)
		buf_truncate(&text, text.len - 1);
	ok = ok && buf_ok(&text, &e);
	if (ok && text.len == 0)
		ok = err_set(&e, ERR_INPUT, "empty", "%s", _("an empty note"));
	moment_now(&now);
	if (ok && access(c->notebook, F_OK) != 0)
		ok = err_set(&e, ERR_NOT_FOUND, "notebook", "%s", c->notebook);
	ok = ok && inbox_put(c->notebook, text.p, text.len, &now, &e);
	buf_done(&text);
	if (!ok)
		return cli_say(c, &e);
	if (!c->json)
		puts(_("Noted; it will be filed when the notebook is next opened."));
	return EXIT_OK;
}

const struct cli_command cmd_log = {
    .name = "log",
    .synopsis = N_("[TEXT...]"),
    .summary = N_("note something at once, without the passphrase"),
    .detail = N_("Seals the text, or standard input, into the notebook's inbox: in milliseconds, whether or not it is "
		 "open elsewhere."),
    .flags = CLI_PLAIN,
    .run = log_run,
};
