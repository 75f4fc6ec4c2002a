/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/meeting.h"
#include "cli.h"

/* A meeting's notes are typed with their wording: they go through meeting_save(), which keeps their records in step. */
static bool set_meeting(struct cli *c, struct id *id, struct wants *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i].key, "notes") != 0)
			continue;
		struct want notes = w->v[i];
		bool ok;
		w->v[i] = w->v[w->n - 1];
		ok = meeting_save(c->store, id, notes.text, w->v, w->n - 1, NULL, NULL, e);
		w->v[w->n - 1] = notes;
		return ok;
	}
	return store_edit(c->store, id, w->v, w->n, e);
}

static int set_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct wants wants = {NULL, 0};
	struct record r;
	struct id id;
	const struct kind *k = NULL;

	if (a->n < 1 || (a->n < 2 && a->nfields == 0))
		return cli_bad_usage(a, "%s", _("which record, and which field?"));
	record_init(&r);
	bool ok = store_resolve(c->store, a->v[0], NULL, &id, &e) && store_get(c->store, &id, &r, &e);
	if (ok && (k = kind_find(r.kind)) == NULL)
		ok = err_set(&e, ERR_NEWER, "set", "%s", r.kind);
	ok = ok && cli_wants(c, k, a, 1, &wants, &e);
	if (ok && strcmp(k->key, "meeting") == 0)
		ok = set_meeting(c, &id, &wants, &e);
	else if (ok)
		ok = store_edit(c->store, &id, wants.v, wants.n, &e);
	wants_done(&wants);
	record_done(&r);
	if (!ok)
		return cli_say(c, &e);
	cli_done(c, _("changed"), k->key, &id);
	return EXIT_OK;
}

const struct cli_command cmd_set = {
    .name = "set",
    .synopsis = N_("ID FIELD=VALUE... [--FIELD VALUE...]"),
    .summary = N_("change fields of a record"),
    .detail = N_("An empty value clears the field. A field that holds several values is given whole, each value with "
		 "its own FIELD=VALUE."),
    .flags = CLI_OPEN | CLI_FIELDS,
    .run = set_run,
};
