/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/identity.h"
#include "arpent/io.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

enum { TRUST_CARD_MAX = 65536 };

static void trust_show(struct cli *c, const struct peer *p)
{
	struct buf words = BUF_INIT, name = BUF_INIT, out = BUF_INIT;
	char device[ID_TEXT + 1];
	struct json j;

	identity_words(&p->who, lang_code(), &words);
	id_text(&p->who.device, device);
	text_safe(&name, p->who.name, strlen(p->who.name), false);
	if (c->json) {
		json_init(&j, &out);
		json_map(&j);
		json_pair(&j, "name", p->who.name);
		json_pair(&j, "device", device);
		json_pair(&j, "words", buf_str(&words));
		json_pair_bool(&j, "verified", p->verified);
		json_map_end(&j);
		puts(buf_str(&out));
	} else {
		printf("%.8s  %s  %s\n          %s\n", device, buf_str(&name),
		       p->verified ? _("verified") : _("not verified yet"), buf_str(&words));
	}
	buf_done(&words);
	buf_done(&name);
	buf_done(&out);
}

static bool trust_each(void *ctx, const struct peer *p)
{
	trust_show(ctx, p);
	return true;
}

/* A colleague already known, by name: verified, or forgotten. */
static bool trust_named(struct cli *c, const char *typed, bool forget, struct err *e)
{
	struct peer *peers = NULL;
	size_t n = 0;
	bool ok = peer_named(c->store, typed, &peers, &n, e);

	for (size_t i = 0; ok && i < n; i++) {
		if (forget)
			ok = peer_forget(c->store, &peers[i].who.device, e);
		else
			ok = peer_verify(c->store, &peers[i].who.device, e) &&
			     peer_get(c->store, &peers[i].who.device, &peers[i], e);
		if (ok)
			trust_show(c, &peers[i]);
	}
	free(peers);
	return ok;
}

bool cli_card(const struct args *a, size_t first, struct identity *who, struct err *e)
{
	struct buf text = BUF_INIT;
	bool ok = true;

	if (a->n == first + 1 && (strcmp(a->v[first], "-") == 0 || access(a->v[first], F_OK) == 0)) {
		ok = io_read_file(a->v[first], TRUST_CARD_MAX, &text, e);
	} else {
		for (size_t i = first; i < a->n; i++)
			buf_printf(&text, "%s%s", i > first ? " " : "", a->v[i]);
		ok = buf_ok(&text, e);
	}
	ok = ok && identity_card_read(buf_str(&text), text.len, who, e);
	buf_done(&text);
	return ok;
}

static int trust_take(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct identity who;
	struct peer p;
	bool added = false;
	enum peer_how how = args_has(a, "replace") ? PEER_REPLACE : args_has(a, "device") ? PEER_DEVICE : PEER_ADD;

	if (!cli_card(a, 0, &who, &e) || !peer_add(c->store, &who, how, &added, &e) ||
	    !peer_get(c->store, &who.device, &p, &e))
		return cli_say(c, &e);
	trust_show(c, &p);
	if (p.verified || c->json)
		return EXIT_OK;
	puts(_("Call them: each reads the six words aloud. Are they the same on both sides?"));
	if (cli_confirm(_("The same?"))) {
		if (!peer_verify(c->store, &who.device, &e))
			return cli_say(c, &e);
		puts(_("Verified."));
	} else {
		puts(_("Kept as not verified. When you have compared the words: arpent trust --verify NAME"));
	}
	return EXIT_OK;
}

static int trust_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	bool ok;

	if (args_has(a, "verify"))
		ok = trust_named(c, args_get(a, "verify"), false, &e);
	else if (args_has(a, "forget"))
		ok = trust_named(c, args_get(a, "forget"), true, &e);
	else if (a->n == 0)
		ok = peer_each(c->store, trust_each, c, &e);
	else
		return trust_take(c, a);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option trust_options[] = {
    {"verify", 0, N_("NAME"), N_("the six words were compared and are the same")},
    {"forget", 0, N_("NAME"), N_("forget this colleague")},
    {"device", 0, NULL, N_("one more device of somebody already known by that name")},
    {"replace", 0, NULL, N_("instead of the devices known by that name")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_trust = {
    .name = "trust",
    .synopsis = N_("[FILE | CARD]"),
    .summary = N_("take a colleague's card; without one, list colleagues"),
    .detail = N_("A card is not verified until you have compared its six words by voice."),
    .flags = CLI_OPEN,
    .options = trust_options,
    .run = trust_run,
};
