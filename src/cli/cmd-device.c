/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>
#include <strings.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

static void device_json(const struct stream *st, bool own)
{
	struct buf out = BUF_INIT;
	struct json j;
	char id[ID_TEXT + 1];

	id_text(&st->id, id);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "device", id);
	json_pair(&j, "name", st->who.name);
	json_pair(&j, "label", st->label);
	json_pair_bool(&j, "this", own);
	json_pair_bool(&j, "ended", st->ended);
	json_pair_bool(&j, "removed", st->removed);
	json_pair_int(&j, "segments", (int64_t)st->n);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

static void device_line(struct cli *c, const struct stream *st, bool own)
{
	struct buf name = BUF_INIT, when = BUF_INIT;
	struct moment now, heard;
	char id[ID_TEXT + 1];

	store_now(c->store, &now);
	moment_from_unix(st->heard_ms, now.offset, &heard);
	heard.has_offset = false;
	if (st->heard_ms > 0)
		date_short(&heard, &now, c->lang, &when);
	text_safe(&name, st->label[0] ? st->label : st->who.name, strlen(st->label[0] ? st->label : st->who.name),
		  false);
	id_text(&st->who.device, id);
	printf("%.8s  ", id);
	cli_column(buf_str(&name), 24);
	printf("  %s%s\n",
	       own        ? _("this device")
	       : when.len ? buf_str(&when)
			  : _("not heard of yet"),
	       st->removed  ? _(", removed")
	       : st->parked ? _(", parked")
			    : "");
	buf_done(&name);
	buf_done(&when);
}

static int device_list(struct cli *c)
{
	struct err e = ERR_INIT;
	struct space sp;
	bool ok = devices_space(c->store, &sp, &e);

	for (size_t i = 0; ok && i < sp.n; i++) {
		bool own = id_eq(&sp.streams[i].id, &sp.own);
		if (c->json)
			device_json(&sp.streams[i], own);
		else if (!sp.streams[i].ended)
			device_line(c, &sp.streams[i], own);
	}
	space_done(&sp);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static void device_words(const struct identity *who, const char *says)
{
	struct buf words = BUF_INIT;

	identity_words(who, lang_code(), &words);
	cli_print(who->name);
	printf("\n%s %s\n", says, buf_str(&words));
	buf_done(&words);
}

static int device_add(struct cli *c, const struct args *a)
{
	const char *output = args_get(a, "output"), *label = args_get(a, "label");
	struct err e = ERR_INIT;
	struct buf file = BUF_INIT;
	struct identity who;

	if (a->n < 2)
		return cli_bad_usage(a, "%s", _("which card? The new device shows it with: arpent id"));
	if (!output || strcmp(output, "-") == 0)
		return cli_bad_usage(a, "%s", _("to which file? Give -o FILE"));
	if (!cli_card(a, 1, &who, &e))
		return cli_say(c, &e);
	if (!c->json) {
		device_words(&who, _("Six words of its card:"));
		puts(_("On the new device, arpent id shows six words too: they must be the same. It will have all that "
		       "is in "
		       "this notebook."));
	}
	bool ok = cli_agreed(a, _("Are they the same, and is it yours?"), &e) &&
		  devices_add(c->store, &who, label ? label : "", &file, &e) &&
		  io_write_file(output, file.p, file.len, args_has(a, "force"), &e);
	buf_done(&file);
	if (!ok)
		return cli_say(c, &e);
	if (!c->json)
		printf(_("Invitation written: %s. Bring it to the new device, and there: arpent device join FILE\n"),
		       output);
	return EXIT_OK;
}

static int device_join(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct buf file = BUF_INIT;
	struct invitation in;

	if (a->n != 2)
		return cli_bad_usage(a, "%s", _("which file?"));
	memset(&in, 0, sizeof in);
	bool ok = io_read_file(a->v[1], BUNDLE_FILE_MAX, &file, &e) &&
		  devices_invitation(c->store, file.p, file.len, &in, &e);
	if (ok && !c->json) {
		fputs(_("from "), stdout);
		device_words(&in.from, _("Six words of the device that invites:"));
		puts(_("There, arpent id shows six words too: they must be the same. It will have all that is in this "
		       "notebook."));
	}
	ok = ok && cli_agreed(a, _("Are they the same, and is it yours?"), &e) && devices_join(c->store, &in, &e);
	if (ok && !c->json)
		puts(_("Joined. Now: arpent remote add NAME FOLDER, then arpent sync"));
	invitation_done(&in);
	buf_done(&file);
	return ok ? EXIT_OK : cli_say(c, &e);
}

bool cli_member(const struct space *sp, const char *typed, struct identity *out, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < sp->n; i++) {
		const struct stream *st = &sp->streams[i];
		struct id low, high;
		bool by_id = id_prefix(typed, &low, &high) && id_cmp(&low, &st->who.device) <= 0 &&
			     id_cmp(&st->who.device, &high) <= 0;
		if (st->ended || st->removed ||
		    (!by_id && strcasecmp(st->label, typed) != 0 && strcasecmp(st->who.name, typed) != 0))
			continue;
		if (n++ == 0 || !identity_same(out, &st->who))
			*out = st->who;
	}
	if (n == 0)
		return err_set(e, ERR_NOT_FOUND, "member", "%.60s", typed);
	return n == 1 || err_set(e, ERR_AMBIGUOUS, "member", "%.60s", typed);
}

static int device_remove(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct identity who;
	struct space sp;

	if (a->n != 2)
		return cli_bad_usage(a, "%s", _("which device?"));
	bool ok = devices_space(c->store, &sp, &e) && cli_member(&sp, a->v[1], &who, &e);
	space_done(&sp);
	if (ok && !c->json) {
		cli_print(who.name);
		puts("");
		puts(
		    _("It keeps what it had; what is written from the next arpent sync on, it cannot read, and what it "
		      "writes from then on is not taken in."));
	}
	ok = ok && cli_agreed(a, _("Remove it?"), &e) && devices_remove(c->store, &who.device, &e);
	if (ok && !c->json)
		puts(_("It is removed with the next arpent sync."));
	return ok ? EXIT_OK : cli_say(c, &e);
}

static int device_park(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct identity who;
	struct space sp;

	if (a->n != 2)
		return cli_bad_usage(a, "%s", _("which device?"));
	bool ok = devices_space(c->store, &sp, &e) && cli_member(&sp, a->v[1], &who, &e);
	space_done(&sp);
	if (ok && !c->json) {
		cli_print(who.name);
		puts("");
		puts(_(
		    "Nothing waits for it any more. When it comes back it takes all in anew, and sends what it had not "
		    "sent."));
	}
	ok = ok && cli_agreed(a, _("Park it?"), &e) && devices_park(c->store, &who.device, &e);
	if (ok && !c->json)
		puts(_("It is parked with the next arpent sync."));
	return ok ? EXIT_OK : cli_say(c, &e);
}

static int device_run(struct cli *c, const struct args *a)
{
	if (a->n == 0 || (a->n == 1 && strcmp(a->v[0], "list") == 0))
		return device_list(c);
	if (strcmp(a->v[0], "add") == 0)
		return device_add(c, a);
	if (strcmp(a->v[0], "join") == 0)
		return device_join(c, a);
	if (strcmp(a->v[0], "remove") == 0)
		return device_remove(c, a);
	if (strcmp(a->v[0], "park") == 0)
		return device_park(c, a);
	return cli_bad_usage(a, "%s", _("list, add, join, remove or park?"));
}

static const struct cli_option device_options[] = {
    {"output", 'o', N_("FILE"), N_("where to write the invitation")},
    {"label", 0, N_("NAME"), N_("what you call the device: laptop, office")},
    {"yes", 'y', NULL, N_("do not ask: the six words were compared")},
    {"force", 'f', NULL, N_("replace the file if it is there")},
    {NULL, 0, NULL, NULL},
};

const struct cli_command cmd_device = {
    .name = "device",
    .synopsis = N_("[list | add CARD -o FILE | join FILE | remove NAME | park NAME]"),
    .summary = N_("your own devices, which have the same notebook"),
    .detail = N_(
	"add admits a device by the card that arpent id shows on it, and writes an invitation that it alone can "
	"open;\n"
	"join takes that invitation there. What is in the notebook comes with arpent sync. remove is for one that is "
	"lost, sold or stolen: it keeps what it had and gets nothing more. park is for one that was silent for 180 "
	"days: nothing is kept waiting for it, and when it comes back nothing of it is lost."),
    .flags = CLI_OPEN,
    .options = device_options,
    .run = device_run,
};
