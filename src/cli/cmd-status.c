/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

struct status {
	struct cli *c;
	struct json j;
	struct space sp;
	size_t pending;
};

static bool status_count(void *ctx, const struct id *record)
{
	struct status *s = ctx;

	(void)record;
	s->pending++;
	return true;
}

static bool status_remote(void *ctx, const struct remote_entry *r)
{
	struct status *s = ctx;
	const struct stream *own = space_stream(&s->sp, &s->sp.own);
	uint64_t sent = id_eq(&r->mark.stream, &s->sp.own) ? r->mark.sent : 0;
	bool all = own && sent == own->n && s->pending == 0;

	if (s->c->json) {
		json_map(&s->j);
		json_pair(&s->j, "name", r->name);
		json_pair(&s->j, "where", r->where);
		json_pair_bool(&s->j, "all", all);
		json_map_end(&s->j);
		return true;
	}
	cli_column(r->name, 16);
	printf("  %s\n", all ? _("has all that was written here") : _("does not have all that was written here"));
	return true;
}

static void status_device(struct status *s, const struct stream *st)
{
	const struct stream *own = space_stream(&s->sp, &s->sp.own);
	bool all = own && s->pending == 0 && stream_saw(st, &own->id) >= own->n;
	struct buf name = BUF_INIT;
	char id[ID_TEXT + 1];

	if (s->c->json) {
		id_text(&st->id, id);
		json_map(&s->j);
		json_pair(&s->j, "device", id);
		json_pair(&s->j, "label", st->label);
		json_pair_bool(&s->j, "all", all);
		json_pair_bool(&s->j, "waiting", st->since_ms != 0);
		json_map_end(&s->j);
	} else {
		cli_device(st, &name);
		cli_column(buf_str(&name), 24);
		printf("  %s%s\n", all ? _("has said to have it all") : _("has not said yet to have it all"),
		       st->since_ms ? _("; something of it is missing") : "");
	}
	buf_done(&name);
}

static void status_open(struct status *s, const char *key)
{
	if (s->c->json) {
		json_key(&s->j, key);
		json_list(&s->j);
	}
}

static void status_close(struct status *s)
{
	if (s->c->json)
		json_list_end(&s->j);
}

static bool status_all(struct status *s, struct err *e)
{
	if (!devices_space(s->c->store, &s->sp, e) || !devices_pending(s->c->store, status_count, s, e))
		return false;
	if (s->c->json) {
		json_map(&s->j);
		json_pair_int(&s->j, "pending", (int64_t)s->pending);
	} else {
		printf(P_("%zu change has not been sent.\n", "%zu changes have not been sent.\n", s->pending),
		       s->pending);
	}
	status_open(s, "remotes");
	if (!devices_remote_each(s->c->store, status_remote, s, e))
		return false;
	status_close(s);
	status_open(s, "devices");
	for (size_t i = 0; i < s->sp.n; i++)
		if (!s->sp.streams[i].ended && !id_eq(&s->sp.streams[i].id, &s->sp.own))
			status_device(s, &s->sp.streams[i]);
	status_close(s);
	if (s->c->json)
		json_map_end(&s->j);
	return true;
}

static bool status_receipt(void *ctx, const struct stream *st, bool has)
{
	struct status *s = ctx;
	struct buf name = BUF_INIT;
	char id[ID_TEXT + 1];

	if (s->c->json) {
		id_text(&st->id, id);
		json_map(&s->j);
		json_pair(&s->j, "device", id);
		json_pair_bool(&s->j, "has", has);
		json_map_end(&s->j);
	} else {
		cli_device(st, &name);
		cli_column(buf_str(&name), 24);
		printf("  %s\n", has ? _("has it") : _("has not said yet to have it"));
	}
	buf_done(&name);
	return true;
}

/* Who has one record as it is here. */
static bool status_record(struct status *s, const char *typed, struct err *e)
{
	bool sent = false;
	struct id id;

	if (!store_resolve(s->c->store, typed, NULL, &id, e))
		return false;
	if (s->c->json) {
		json_map(&s->j);
		json_key(&s->j, "devices");
		json_list(&s->j);
	}
	if (!devices_receipts(s->c->store, &id, &sent, status_receipt, s, e))
		return false;
	if (s->c->json) {
		json_list_end(&s->j);
		json_pair_bool(&s->j, "sent", sent);
		json_map_end(&s->j);
	} else if (!sent) {
		puts(_("Its last change has not been sent."));
	}
	return true;
}

static int status_run(struct cli *c, const struct args *a)
{
	struct buf out = BUF_INIT;
	struct status s = {.c = c};
	struct err e = ERR_INIT;

	if (a->n > 1)
		return cli_bad_usage(a, "%s", _("which record?"));
	space_init(&s.sp);
	json_init(&s.j, &out);
	bool ok = a->n ? status_record(&s, a->v[0], &e) : status_all(&s, &e);
	if (ok && c->json)
		puts(buf_str(&out));
	space_done(&s.sp);
	buf_done(&out);
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_status = {
    .name = "status",
    .synopsis = N_("[ID]"),
    .summary = N_("what was not sent yet, and which devices have what"),
    .detail =
	N_("With a record: which of your devices are known to have it as it is here. What a device has not said to "
	   "have it may have all the same: it says so with its next sync."),
    .flags = CLI_OPEN,
    .run = status_run,
};
