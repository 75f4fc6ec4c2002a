/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "copying.h"

#include <stdlib.h>
#include <string.h>

#define COPYING_END ".arpent"

static const char *copying_home(void)
{
	const char *home = getenv("HOME");

	return home && home[0] == '/' && home[1] ? home : NULL;
}

/* "~/carnet-2026-11-23.arpent", in the notebook's folder. */
static void copying_name(const struct tui *t, struct buf *out)
{
	const char *slash = strrchr(t->path, '/'), *name = slash ? slash + 1 : t->path, *end = strrchr(name, '.');
	const char *from = t->path, *home = copying_home();

	if (!end || end == name || strcmp(end, COPYING_END) != 0)
		end = name + strlen(name);
	if (home && strncmp(from, home, strlen(home)) == 0 && from[strlen(home)] == '/') {
		buf_char(out, '~');
		from += strlen(home);
	}
	buf_add(out, from, (size_t)(end - from));
	buf_printf(out, "-%04d-%02d-%02d" COPYING_END, t->now.date.year, t->now.date.month, t->now.date.day);
}

static void copying_taken(struct tui *t, void *ctx, const char *path)
{
	const char *home = path[0] == '~' && path[1] == '/' ? copying_home() : NULL;
	struct buf to = BUF_INIT;
	struct err e = ERR_INIT;

	(void)ctx;
	if (!path[strspn(path, " ")])
		return;
	buf_printf(&to, "%s%s", home ? home : "", home ? path + 1 : path);
	tui_say(t, "%s", _("Copying, then reading the copy..."));
	tui_draw(t);
	if (buf_ok(&to, &e) && store_backup(t->store, buf_str(&to), &e))
		tui_say(t, _("Copied and verified: %s. It opens with the same passphrase."), path);
	else
		tui_fail(t, &e);
	buf_done(&to);
}

void copying_ask(struct tui *t)
{
	struct buf name = BUF_INIT;

	copying_name(t, &name);
	tui_prompt(t, &(struct prompt){.label = _("Copy to:"), .text = buf_str(&name), .taken = copying_taken});
	buf_done(&name);
}
