/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/kind.h"
#include "arpent/text.h"
#include "cli.h"

enum { FIND_COUNTED = 1000 }; /* where store_find() stops counting */

struct find_walk {
	struct cli *c;
	bool ok;
	struct err *e;
};

static bool find_one(void *ctx, const struct hit *hit)
{
	struct find_walk *w = ctx;

	if (w->c->json)
		return w->ok = cli_json_record(w->c, &hit->row.id, w->e);
	cli_row(w->c, &hit->row);
	if (hit->passage != NULL && hit->passage[0] != '\0' && strcmp(hit->passage, hit->row.title) != 0) {
		bool colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
		struct buf line = BUF_INIT;
		text_safe(&line, hit->passage, hit->mark, false);
		buf_str_add(&line, colour ? "\033[1m" : "");
		text_safe(&line, hit->passage + hit->mark, hit->mark_len, false);
		buf_str_add(&line, colour ? "\033[0m" : "");
		const char *rest = hit->passage + hit->mark + hit->mark_len;
		text_safe(&line, rest, strlen(rest), false);
		printf("            %s\n", buf_str(&line));
		buf_done(&line);
	}
	return true;
}

static int find_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct find_walk walk = {c, true, &e};
	struct buf query = BUF_INIT;
	size_t total = 0, most = 0;

	if (a->n == 0)
		return cli_bad_usage(a, "%s", _("which words?"));
	for (size_t i = 0; i < a->n; i++) {
		if (strncmp(a->v[i], "kind:", 5) == 0 && !strchr(a->v[i], ' ') && !kind_named(a->v[i] + 5)) {
			buf_done(&query);
			return cli_bad_kind(a, a->v[i] + 5);
		}
		/* A word that the shell kept whole is a phrase, unless it is a filter. */
		bool phrase =
		    strchr(a->v[i], ' ') != NULL && strchr(a->v[i], ':') == NULL && strchr(a->v[i], '"') == NULL;
		buf_printf(&query, phrase ? "%s\"%s\"" : "%s%s", i ? " " : "", a->v[i]);
	}
	bool ok = args_number(a, "limit", 20, &most, &e) &&
		  store_find(c->store, buf_str(&query), most, find_one, &walk, &total, &e) && walk.ok;
	buf_done(&query);
	if (!ok)
		return cli_say(c, &e);
	if (!c->json && total == 0)
		fprintf(stderr, "%s\n", _("Nothing found."));
	else if (!c->json && total > FIND_COUNTED)
		fprintf(stderr, _("%zu of more than %d shown; --limit N shows more.\n"), most, FIND_COUNTED);
	else if (!c->json && total > most)
		fprintf(stderr, _("%zu of %zu shown; --limit N shows more.\n"), most, total);
	return total > 0 ? EXIT_OK : EXIT_NOT_FOUND;
}

static const struct cli_option find_options[] = {
    {"limit", 0, N_("N"), N_("at most N (20 otherwise)")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_find = {
    .name = "find",
    .synopsis = N_("WORD..."),
    .summary = N_("search in everything"),
    .detail =
	N_("Accents and case do not matter, and the beginning of a word is enough. \"In quotes\" is a phrase, -word "
	   "must not be\n"
	   "there, kind:meeting keeps to a kind, field:value (status:present) to a value. Newest and best first."),
    .flags = CLI_OPEN,
    .options = find_options,
    .run = find_run,
};
