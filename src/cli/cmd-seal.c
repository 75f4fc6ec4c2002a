/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/handoff.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static void seal_content(const struct handoff_item *item)
{
	switch (item->content) {
	case HANDOFF_CONTENT:
		printf(P_("        with its content: %zu byte\n", "        with its content: %zu bytes\n",
			  item->bytes.len),
		       item->bytes.len);
		break;
	case HANDOFF_CONTENT_OUTLINE:
		printf("        %s\n", _("the file's content stays here"));
		break;
	case HANDOFF_CONTENT_BIG:
		printf(_("        the file's content stays here: a hand-off has room for %u MiB of files\n"),
		       HANDOFF_CONTENTS_MAX >> 20);
		break;
	case HANDOFF_CONTENT_AWAY:
		printf("        %s\n", _("the file's content is not here, so it cannot go along"));
		break;
	case HANDOFF_CONTENT_DAMAGED:
		printf("        %s\n", _("the file's content is damaged here, and stays"));
		break;
	case HANDOFF_NO_CONTENT:
	case HANDOFF_CONTENT_HERE:
		break;
	}
}

static void seal_item(const struct handoff_item *item)
{
	const struct kind *k = kind_find(item->state.kind);
	struct buf title = BUF_INIT;

	text_safe(&title, item->title, strlen(item->title), false);
	fputs(item->stays ? "  [ ] " : "  [x] ", stdout);
	cli_column(k ? _(k->label) : item->state.kind, 14);
	printf("%s%s\n", buf_str(&title), item->stays ? _("  (personal: stays here)") : "");
	for (size_t i = 0; item->fields != NULL && i < item->withheld; i++) {
		const struct field *f = k ? kind_field(k, item->fields[i]) : NULL;
		printf(_("        stays here: %s\n"), f ? _(f->label) : item->fields[i]);
	}
	seal_content(item);
	buf_done(&title);
}

static void seal_json(const struct handoff_item *item)
{
	struct buf out = BUF_INIT;
	struct json j;
	char text[ID_TEXT + 1];

	id_text(&item->state.id, text);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "what", item->stays ? "stays" : "goes");
	json_pair(&j, "kind", item->state.kind);
	json_pair(&j, "id", text);
	json_pair(&j, "title", item->title);
	json_key(&j, "withheld");
	json_list(&j);
	for (size_t i = 0; item->fields != NULL && i < item->withheld; i++)
		json_text(&j, item->fields[i]);
	json_list_end(&j);
	if (item->content != HANDOFF_NO_CONTENT)
		json_pair_bool(&j, "content", item->content == HANDOFF_CONTENT);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

/* What goes and what stays, and for whom. */
static void seal_show(const struct cli *c, const struct handoff *h, const struct peer *peers, size_t npeers)
{
	for (size_t i = 0; i < h->n; i++) {
		if (c->json)
			seal_json(&h->items[i]);
		else
			seal_item(&h->items[i]);
	}
	for (size_t i = 0; i < npeers && !c->json; i++) {
		fputs(_("for "), stdout);
		cli_print(peers[i].who.name);
		printf(", %s\n", peers[i].verified ? _("verified") : _("not verified yet"));
	}
}

static bool seal_peers(struct cli *c, const struct args *a, struct peer **out, size_t *n, struct err *e)
{
	size_t at = 0;
	const char *name;

	while ((name = args_each(a, "to", &at)) != NULL) {
		struct peer *some = NULL;
		size_t count = 0;
		if (!peer_named(c->store, name, &some, &count, e))
			return false;
		struct peer *grown = realloc(*out, (*n + count) * sizeof *grown);
		if (grown == NULL) {
			free(some);
			return err_nomem(e, "seal_peers");
		}
		*out = grown;
		memcpy(grown + *n, some, count * sizeof *some);
		*n += count;
		free(some);
	}
	return true;
}

static bool seal_plan(struct cli *c, const struct args *a, struct handoff *h, struct err *e)
{
	const struct handoff_options o = {args_has(a, "confidential"), args_has(a, "alone")};
	struct id *ids = calloc(a->n, sizeof *ids);
	bool ok = ids != NULL || err_nomem(e, "seal_plan");

	for (size_t i = 0; ok && i < a->n; i++)
		ok = store_resolve(c->store, a->v[i], NULL, &ids[i], e);
	ok = ok && handoff_plan(c->store, ids, a->n, &o, h, e);
	free(ids);
	return ok;
}

static bool seal_write(struct cli *c, const struct args *a, struct handoff *h, const struct peer *peers, size_t npeers,
		       struct err *e)
{
	struct secret passphrase = SECRET_INIT;
	bool to_all = args_has(a, "passphrase");
	bool ok = !to_all || cli_passphrase(c, _("Passphrase for this file: "), true, &passphrase, e);

	ok = ok && handoff_seal(c->store, h, peers, npeers, to_all ? &passphrase : NULL, args_get(a, "output"),
				args_has(a, "force"), e);
	secret_free(&passphrase);
	return ok;
}

static int seal_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct handoff h;
	struct peer *peers = NULL;
	size_t npeers = 0;

	if (a->n == 0)
		return cli_bad_usage(a, "%s", _("which records?"));
	if (!args_has(a, "to") == !args_has(a, "passphrase"))
		return cli_bad_usage(a, "%s", _("for whom? Give --to NAME, or --passphrase"));
	/* Not standard output: the list of what goes is there, and perhaps a terminal. */
	if (!args_has(a, "dry-run") && (!args_has(a, "output") || strcmp(args_get(a, "output"), "-") == 0))
		return cli_bad_usage(a, "%s", _("to which file? Give -o FILE"));
	handoff_init(&h);
	bool ok = seal_peers(c, a, &peers, &npeers, &e) && seal_plan(c, a, &h, &e);
	if (ok) {
		seal_show(c, &h, peers, npeers);
		ok = args_has(a, "dry-run") || cli_agreed(a, _("Seal this?"), &e);
	}
	if (ok && !args_has(a, "dry-run")) {
		ok = seal_write(c, a, &h, peers, npeers, &e);
		if (ok && !c->json)
			printf(_("Sealed: %s, %zu bytes.\n"), args_get(a, "output"), h.size);
	}
	handoff_done(&h);
	free(peers);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option seal_options[] = {
    {"to", 0, N_("NAME"), N_("a colleague whose card you have; may be given several times")},
    {"passphrase", 0, NULL, N_("for anyone who has a passphrase that you tell them")},
    {"output", 'o', N_("FILE"), N_("the file to write")},
    {"confidential", 0, NULL, N_("confidential fields too")},
    {"alone", 0, NULL, N_("only the records named, without what belongs to them")},
    {"dry-run", 0, NULL, N_("only show what would go")},
    {"yes", 'y', NULL, N_("do not ask")},
    {"force", 'f', NULL, N_("replace the file if it is there")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_seal = {
    .name = "seal",
    .synopsis = N_("--to NAME ID... -o FILE"),
    .summary = N_("hand records to a colleague in a sealed file"),
    .detail =
	N_("Shows what goes and what stays, then asks. A meeting takes its decisions, follow-ups and people along.\n"
	   "Confidential fields stay here unless --confidential. Attached files go along as long as there is room."),
    .flags = CLI_OPEN,
    .options = seal_options,
    .run = seal_run,
};
