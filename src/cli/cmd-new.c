/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/i18n.h"
#include "arpent/meeting.h"
#include "cli.h"

/* Which of several people or places is meant cannot be asked for here: the words have to say it. */
static bool new_meeting(struct cli *c, const struct wants *w, struct id *id, struct err *e)
{
	const char *text = "";
	struct want rest[64];
	size_t n = 0;

	for (size_t i = 0; i < w->n && n < sizeof rest / sizeof rest[0]; i++) {
		if (strcmp(w->v[i].key, "notes") == 0)
			text = w->v[i].text;
		else
			rest[n++] = w->v[i];
	}
	memset(id, 0, sizeof *id);
	return meeting_save(c->store, id, text, rest, n, NULL, NULL, e);
}

static int new_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct wants wants = {NULL, 0};
	struct id id;
	bool ok;

	if (a->n < 1)
		return cli_bad_usage(a, "%s", _("which kind of record?"));
	const struct kind *k = kind_named(a->v[0]);
	if (k == NULL)
		return cli_bad_kind(a, a->v[0]);
	ok = cli_wants(c, k, a, 1, &wants, &e);
	if (ok && wants.n == 0)
		ok = err_set(&e, ERR_INPUT, "empty", "%s", k->key);
	if (ok && strcmp(k->key, "meeting") == 0)
		ok = new_meeting(c, &wants, &id, &e);
	else if (ok)
		ok = store_new(c->store, k->key, wants.v, wants.n, &id, &e);
	wants_done(&wants);
	if (!ok)
		return cli_say(c, &e);
	cli_done(c, _("added"), k->key, &id);
	return EXIT_OK;
}

const struct cli_command cmd_new = {
    .name = "new",
    .synopsis = N_("KIND [FIELD=VALUE...] [--FIELD VALUE...]"),
    .summary = N_("add a record"),
    .detail =
	N_("Dates are typed as people say them (12/12, vendredi, demain 14h), places as degrees or Lambert-93.\n"
	   "The notes of a meeting are read for @people, ! decisions, > follow-ups, ? questions, #tags and ^sites.\n"
	   "A field of several lines takes - for standard input: arpent new meeting subject=Pasture notes=- < "
	   "minutes.txt"),
    .flags = CLI_OPEN | CLI_FIELDS,
    .run = new_run,
};
