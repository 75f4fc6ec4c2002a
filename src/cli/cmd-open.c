/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/handoff.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static const char *open_word(enum take take)
{
	return take == TAKE_NEW ? _("new") : take == TAKE_CHANGED ? _("changed") : _("same");
}

/* What has come of a file, said of every file record. */
static const char *open_content(const struct handoff_item *item)
{
	return item->content == HANDOFF_CONTENT        ? "new"
	       : item->content == HANDOFF_CONTENT_HERE ? "here"
	       : item->content == HANDOFF_CONTENT_AWAY ? "missing"
						       : NULL;
}

static void open_json(const struct handoff *h)
{
	static const char *const words[] = {"new", "changed", "same"};

	for (size_t i = 0; i < h->n; i++) {
		struct buf out = BUF_INIT;
		struct json j;
		char text[ID_TEXT + 1];
		id_text(&h->items[i].state.id, text);
		json_init(&j, &out);
		json_map(&j);
		json_pair(&j, "what", words[h->items[i].take]);
		json_pair(&j, "kind", h->items[i].state.kind);
		json_pair(&j, "id", text);
		json_pair(&j, "title", h->items[i].title);
		if (open_content(&h->items[i]) != NULL)
			json_pair(&j, "content", open_content(&h->items[i]));
		json_pair(&j, "from", h->from.name);
		json_pair_bool(&j, "verified", h->verified);
		json_map_end(&j);
		puts(buf_str(&out));
		buf_done(&out);
	}
}

static void open_show(const struct handoff *h)
{
	fputs(_("from "), stdout);
	cli_print(h->from.name);
	printf(", %s\n", h->verified ? _("verified") : h->known ? _("not verified yet") : _("UNKNOWN"));
	for (size_t i = 0; i < h->n; i++) {
		const struct kind *k = kind_find(h->items[i].state.kind);
		struct buf title = BUF_INIT;
		text_safe(&title, h->items[i].title, strlen(h->items[i].title), false);
		fputs("  ", stdout);
		cli_column(open_word(h->items[i].take), 10);
		cli_column(k ? _(k->label) : h->items[i].state.kind, 14);
		puts(buf_str(&title));
		if (h->items[i].content == HANDOFF_CONTENT)
			printf(P_("        with its content: %zu byte\n", "        with its content: %zu bytes\n",
				  h->items[i].bytes.len),
			       h->items[i].bytes.len);
		else if (h->items[i].content == HANDOFF_CONTENT_AWAY)
			printf("        %s\n", _("the file's content has not come along"));
		buf_done(&title);
	}
	printf(_("%zu new, %zu changed, %zu same.\n"), h->counts[TAKE_NEW], h->counts[TAKE_CHANGED],
	       h->counts[TAKE_SAME]);
}

/* Whose signature it is, in words that can be compared, when nobody known has made it. */
static void open_stranger(const struct handoff *h)
{
	struct buf words = BUF_INIT;

	if (h->from.name[0] == '\0' && id_is_zero(&h->from.device))
		return;
	identity_words(&h->from, lang_code(), &words);
	fputs(_("It says it is from: "), stdout);
	cli_print(h->from.name);
	printf("\n%s %s\n", _("Six words of the key that signed it:"), buf_str(&words));
	buf_done(&words);
}

static bool open_read(struct cli *c, const struct args *a, struct handoff *h, struct err *e)
{
	struct secret passphrase = SECRET_INIT;
	bool with = args_has(a, "passphrase");
	bool ok = !with || cli_passphrase(c, _("Passphrase of this file: "), false, &passphrase, e);

	ok = ok && handoff_read(c->store, a->v[0], with ? &passphrase : NULL, args_has(a, "accept-unknown"), h, e);
	secret_free(&passphrase);
	return ok;
}

static void open_done(const struct handoff *h)
{
	if (h->counts[TAKE_NEW] + h->counts[TAKE_CHANGED] > 0)
		puts(_("Taken in. arpent undo takes it back as one step."));
	else if (h->contents > 0)
		printf(P_("Taken in: the content of %zu file that was here without.\n",
			  "Taken in: the content of %zu files that were here without.\n", h->contents),
		       h->contents);
	else
		puts(_("All of it was here already."));
}

static int open_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct handoff h;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which file?"));
	handoff_init(&h);
	bool ok = open_read(c, a, &h, &e);
	if (!ok && e.code == ERR_UNTRUSTED && !c->json)
		open_stranger(&h);
	if (ok && c->json)
		open_json(&h);
	else if (ok)
		open_show(&h);
	bool news = h.counts[TAKE_NEW] + h.counts[TAKE_CHANGED] + h.contents > 0;
	if (ok && !args_has(a, "dry-run")) {
		ok = (!news || cli_agreed(a, _("Take this in?"), &e)) && handoff_take(c->store, &h, &e);
		if (ok && !c->json)
			open_done(&h);
	}
	handoff_done(&h);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option open_options[] = {
    {"dry-run", 0, NULL, N_("only show what is in it")},
    {"yes", 'y', NULL, N_("do not ask")},
    {"passphrase", 0, NULL, N_("it was sealed with a passphrase")},
    {"accept-unknown", 0, NULL, N_("read it although nobody known has signed it")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_open = {
    .name = "open",
    .synopsis = N_("FILE"),
    .summary = N_("take in what a colleague has sealed for you"),
    .detail = N_("Shows who signed it and what is new, changed or the same, then asks. Opening twice changes nothing."),
    .flags = CLI_OPEN,
    .options = open_options,
    .run = open_run,
};
