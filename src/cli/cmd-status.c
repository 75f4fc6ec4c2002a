/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/devices.h"
#include "arpent/i18n.h"
#include "arpent/journal.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

#define STATUS_COUNT 100000 /* counted exactly up to here */

struct status {
	struct cli *c;
	struct json j;
	struct space sp;
	size_t pending, unsent, conflicts;
	struct err e;
};

static bool status_count(void *ctx, const struct id *record)
{
	struct status *s = ctx;

	(void)record;
	s->pending++;
	return true;
}

/* The last round with it: when, and what was amiss. */
static void status_past_json(struct status *s, const struct devices_past *p)
{
	char id[ID_TEXT + 1];
	struct buf when = BUF_INIT;
	struct moment now, last;

	store_now(s->c->store, &now);
	moment_from_unix(p->ended_ms, now.offset, &last);
	if (p->ended_ms)
		moment_text(&last, &when);
	json_pair(&s->j, "last", p->ended_ms ? buf_str(&when) : NULL);
	json_pair_int(&s->j, "waiting", (int64_t)p->waiting);
	json_key(&s->j, "findings");
	json_list(&s->j);
	for (size_t i = 0; i < p->nfindings; i++) {
		id_text(&p->findings[i].stream, id);
		json_map(&s->j);
		json_pair(&s->j, "finding", cli_finding_name(p->findings[i].kind));
		json_pair(&s->j, "device", id);
		json_pair_int(&s->j, "segment", (int64_t)p->findings[i].n);
		json_map_end(&s->j);
	}
	json_list_end(&s->j);
	buf_done(&when);
}

static void status_past(struct status *s, const struct devices_past *p)
{
	struct buf text = BUF_INIT, name = BUF_INIT;
	struct moment now, last;

	store_now(s->c->store, &now);
	moment_from_unix(p->ended_ms, now.offset, &last);
	last.has_offset = false;
	if (p->ended_ms)
		date_short(&last, &now, s->c->lang, &text);
	printf("  %s", p->ended_ms ? buf_str(&text) : _("never"));
	puts("");
	for (size_t i = 0; i < p->nfindings; i++) {
		const struct stream *st = space_stream(&s->sp, &p->findings[i].stream),
				    *own = space_stream(&s->sp, &s->sp.own);
		buf_clear(&text);
		buf_clear(&name);
		if (st)
			cli_device(st, &name);
		cli_finding(&p->findings[i], st ? buf_str(&name) : _("another device"),
			    st && own && identity_same(&st->who, &own->who), &text);
		printf("! %s\n", buf_str(&text));
	}
	buf_done(&text);
	buf_done(&name);
}

static bool status_remote(void *ctx, const struct remote_entry *r)
{
	struct status *s = ctx;
	const struct stream *own = space_stream(&s->sp, &s->sp.own);
	uint64_t sent = id_eq(&r->mark.stream, &s->sp.own) ? r->mark.sent : 0;
	bool all = own && sent == own->n && s->pending == 0;
	struct devices_past past;

	if (!devices_past(s->c->store, r->name, &past, &s->e))
		return false;
	if (s->c->json) {
		json_map(&s->j);
		json_pair(&s->j, "name", r->name);
		json_pair(&s->j, "where", r->where);
		json_pair_bool(&s->j, "all", all);
		status_past_json(s, &past);
		json_map_end(&s->j);
		return true;
	}
	cli_column(r->name, 16);
	fputs("  ", stdout);
	cli_column(all ? _("has all that was written here") : _("does not have all that was written here"), 40);
	status_past(s, &past);
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
		json_pair(&s->j, "name", st->who.name);
		json_pair(&s->j, "label", st->label);
		json_pair_bool(&s->j, "all", all);
		json_pair_bool(&s->j, "waiting", st->since_ms != 0);
		json_map_end(&s->j);
	} else {
		cli_device(st, &name);
		cli_column(buf_str(&name), 24);
		printf("  %s%s%s\n", all ? _("has said to have it all") : _("has not said yet to have it all"),
		       st->since_ms ? _("; something of it is missing") : "", st->parked ? _(", parked") : "");
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

static bool status_conflict(void *ctx, const struct row *row, const struct list_key *at)
{
	struct status *s = ctx;

	(void)row, (void)at;
	s->conflicts++;
	return true;
}

static bool status_counts(struct status *s, struct err *e)
{
	const struct list_spec spec = {.order = LIST_BY_EDITED, .conflict_only = true};

	if (!devices_space(s->c->store, &s->sp, e) || !devices_pending(s->c->store, status_count, s, e) ||
	    !journal_unsent_count(s->c->store, STATUS_COUNT, &s->unsent, e) ||
	    !store_list(s->c->store, &spec, NULL, false, STATUS_COUNT, status_conflict, s, e))
		return false;
	if (s->c->json) {
		json_map(&s->j);
		json_pair_int(&s->j, "pending", (int64_t)s->pending);
		json_pair_int(&s->j, "unsent", (int64_t)s->unsent);
		json_pair_int(&s->j, "conflicts", (int64_t)s->conflicts);
		return true;
	}
	printf(P_("%zu change has not been sent.\n", "%zu changes have not been sent.\n", s->pending), s->pending);
	if (s->conflicts > 0)
		printf(P_("%zu record has values to settle: arpent settle\n",
			  "%zu records have values to settle: arpent settle\n", s->conflicts),
		       s->conflicts);
	return true;
}

static bool status_all(struct status *s, struct err *e)
{
	if (!status_counts(s, e))
		return false;
	status_open(s, "remotes");
	if (!devices_remote_each(s->c->store, status_remote, s, e))
		return false;
	if (s->e.code != ERR_NONE) {
		*e = s->e;
		return false;
	}
	status_close(s);
	status_open(s, "devices");
	for (size_t i = 0; i < s->sp.n; i++)
		if (!s->sp.streams[i].ended && !s->sp.streams[i].removed && !id_eq(&s->sp.streams[i].id, &s->sp.own))
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
    .summary = N_("what was not sent yet, what is amiss, and which devices have what"),
    .detail =
	N_("With a record: which of your devices are known to have it as it is here. What a device has not said to "
	   "have it may have all the same: it says so with its next sync."),
    .flags = CLI_OPEN,
    .run = status_run,
};
