/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <langinfo.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/identity.h"
#include "arpent/io.h"
#include "arpent/json.h"
#include "cli.h"

static void id_json(const struct identity_self *self, const char *card)
{
	struct buf out = BUF_INIT, words = BUF_INIT;
	struct json j;
	char device[ID_TEXT + 1];

	identity_words(&self->who, lang_code(), &words);
	id_text(&self->who.device, device);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "name", self->who.name);
	json_pair(&j, "device", device);
	json_pair(&j, "words", buf_str(&words));
	json_pair(&j, "card", card);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
	buf_done(&words);
}

static bool id_text_out(const struct identity_self *self, const char *card, bool qr, struct err *e)
{
	struct buf words = BUF_INIT, code = BUF_INIT;
	bool ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	bool ok = !qr || identity_qr(card, ascii, false, &code, NULL, NULL, e);

	identity_words(&self->who, lang_code(), &words);
	if (ok) {
		fputs(buf_str(&code), stdout);
		cli_print(self->who.name);
		printf("\n%s %s\n\n%s\n\n%s\n", _("Six words to compare by voice:"), buf_str(&words), card,
		       _("Give this card to a colleague (mail, USB key, the code above). They take it in with: arpent "
			 "trust"));
	}
	buf_done(&words);
	buf_done(&code);
	return ok;
}

static int id_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct identity_self self;
	struct buf card = BUF_INIT;
	const char *output = args_get(a, "output"), *name = args_get(a, "name");
	bool ok = name == NULL || identity_set_name(c->store, name, &e);

	memset(&self, 0, sizeof self);
	ok = ok && identity_self(c->store, &self, &e);
	ok = ok && identity_card(&self, &card, &e);
	if (ok && output != NULL) {
		buf_char(&card, '\n');
		ok = buf_ok(&card, &e) && io_write_file(output, card.p, card.len, false, &e);
	} else if (ok && c->json) {
		id_json(&self, buf_str(&card));
	} else if (ok) {
		ok = id_text_out(&self, buf_str(&card), !args_has(a, "no-qr"), &e);
	}
	identity_self_done(&self);
	buf_done(&card);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static const struct cli_option id_options[] = {
    {"name", 0, N_("NAME"), N_("set your name, as colleagues will see it")},
    {"output", 'o', N_("FILE"), N_("write the card to a file")},
    {"no-qr", 0, NULL, N_("without the QR code")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_id = {
    .name = "id",
    .summary = N_("show your card for colleagues, as text and QR code"),
    .flags = CLI_OPEN,
    .options = id_options,
    .run = id_run,
};
