/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The round, and what its parts share. */
#include "exchange-in.h"

#include <stdlib.h>
#include <string.h>

bool exchange_go_on(struct exchange *x, struct err *e)
{
	return !x->watch || x->watch->go_on(x->watch->ctx, x->report) ||
	       err_set(e, ERR_CANCELLED, "exchange_round", "cancelled");
}

/* Each thing once, however often the round comes by. */
void exchange_find(struct exchange *x, enum finding_kind kind, const struct id *stream, uint64_t n, const struct id *by)
{
	struct exchange_report *r = x->report;

	for (size_t i = 0; i < r->nfindings; i++)
		if (r->findings[i].kind == kind && r->findings[i].n == n && id_eq(&r->findings[i].stream, stream))
			return;
	if (r->nfindings < FINDINGS_MAX)
		r->findings[r->nfindings++] = (struct finding){kind, *stream, n, by ? *by : (struct id){{0}}};
}

/* A clock that was set back begins the wait again. */
bool exchange_overdue(struct exchange *x, struct stream *st, enum finding_kind kind, const struct id *by, bool *over,
		      struct err *e)
{
	struct id said = st->id;
	int64_t now = x->op->now(x->ctx);
	bool late = st->since_ms != 0 && st->since_ms <= now && now - st->since_ms >= EXCHANGE_GRACE_MS;

	if (over)
		*over = late;
	if (late && st->roster)
		space_first(&x->space, &st->who.device, &said);
	if (late)
		exchange_find(x, kind, &said, st->n + 1, by);
	if (st->since_ms != 0 && st->since_ms <= now)
		return true;
	st->since_ms = now;
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save(x->ctx, &x->space, st, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

void exchange_name(const struct exchange *x, const struct id *stream, uint64_t n, char out[REMOTE_NAME_MAX])
{
	remote_name(space_roster(&x->space, stream) ? 'r' : 's', stream, n, out);
}

bool exchange_get(struct exchange *x, const struct id *stream, uint64_t n, struct buf *out, bool *found, struct err *e)
{
	char name[REMOTE_NAME_MAX];

	exchange_name(x, stream, n, name);
	return exchange_go_on(x, e) && remote_get(x->remote, name, BUNDLE_FILE_MAX, out, found, e);
}

bool exchange_clear(struct exchange *x, const struct id *stream, uint64_t n, const struct buf *seen, struct err *e)
{
	struct buf again = BUF_INIT;
	struct err why = ERR_INIT;
	struct bundle b;
	char name[REMOTE_NAME_MAX];
	uint32_t epoch = 0;
	bool found, ok;

	if (x->op->open(x->ctx, &x->space, seen, &b, &epoch, &why)) {
		bundle_done(&b);
		return true;
	}
	exchange_name(x, stream, n, name);
	ok = exchange_get(x, stream, n, &again, &found, e);
	if (ok && found && again.len == seen->len && memcmp(buf_str(&again), buf_str(seen), seen->len) == 0)
		ok = exchange_go_on(x, e) && remote_remove(x->remote, name, e);
	buf_done(&again);
	return ok;
}

bool exchange_save_mark(struct exchange *x, struct err *e)
{
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save_mark(x->ctx, &x->mark, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

static bool meet_put(struct exchange *x, const struct buf *want, struct err *e)
{
	bool made;

	return exchange_go_on(x, e) && remote_put(x->remote, REMOTE_ID, want->p, want->len, &made, e);
}

static void meet_text(const struct exchange *x, struct buf *out)
{
	buf_str_add(out, "arpent 1 ");
	for (size_t i = 0; i < ID_BYTES; i++)
		buf_printf(out, "%02x", x->space.id.b[i]);
	buf_char(out, '\n');
}

/* Whose remote it is, asked once: "arpent 1" and the space's id.  The beginning of that is a put that broke off. */
static bool exchange_meet(struct exchange *x, struct err *e)
{
	struct buf want = BUF_INIT, have = BUF_INIT;
	bool found = false, cut = true, ok = true;

	meet_text(x, &want);
	for (int attempt = 0; ok && !x->mark.known && attempt < 2; attempt++) {
		buf_clear(&have);
		ok = buf_ok(&want, e) && exchange_go_on(x, e) &&
		     remote_get(x->remote, REMOTE_ID, 4096, &have, &found, e);
		x->mark.known = ok && have.len == want.len && memcmp(have.p, want.p, want.len) == 0;
		if (!ok || x->mark.known)
			break;
		cut = have.len < want.len && memcmp(buf_str(&have), want.p, have.len) == 0;
		if (found && cut)
			ok = exchange_go_on(x, e) && remote_remove(x->remote, REMOTE_ID, e);
		if (!cut)
			break;
		ok = ok && meet_put(x, &want, e);
	}
	/* Not shown yet: asked again the next time. */
	if (ok && !cut)
		ok = err_set(e, ERR_FOREIGN, "exchange_round", REMOTE_ID);
	buf_done(&want);
	buf_done(&have);
	return ok;
}

/* Has this device left, and not told the others yet? */
static bool exchange_leaving(const struct exchange *x)
{
	const struct member *m = roster_member(&x->space.roster, &x->space.device);
	const struct stream *own = space_stream(&x->space, &x->space.own), *roster;
	struct id id;

	roster_stream(&x->space.device, &id);
	roster = space_roster(&x->space, &id);
	return m && roster && id_eq(&m->removed_by, &x->space.device) &&
	       (roster->n > x->mark.rsent || stream_saw(own, &id) < roster->n || own->n > x->mark.sent);
}

void exchange_reread(struct exchange *x, const struct stream *st)
{
	size_t i = (size_t)(st - x->space.streams);

	if (i >= x->nreading)
		return;
	bundle_done(&x->reading[i].b);
	memset(&x->reading[i], 0, sizeof x->reading[i]);
}

/* Nothing of this space is here yet. */
static bool run_fresh(const struct exchange *x)
{
	for (size_t i = 0; i < x->space.n; i++)
		if (x->space.streams[i].n > 0)
			return false;
	return x->space.n > 1;
}

/* `look`: for a snapshot, too.  Else only where something is missing that others have had. */
static bool run_take(struct exchange *x, bool look, struct err *e)
{
	bool news = false;

	if (look && !exchange_adopt(x, &news, e))
		return false;
	if (x->conflict != 0 || !exchange_take(x, e))
		return x->conflict != 0;
	if (x->conflict != 0 || x->report->waiting == 0 || x->listed)
		return true;
	return exchange_adopt(x, &news, e) && (!news || x->conflict != 0 || exchange_take(x, e));
}

static bool run_send(struct exchange *x, struct err *e)
{
	bool made = false;

	if (!exchange_compare(x, e) || !exchange_send(x, e))
		return false;
	if (x->conflict != 0 || x->again)
		return true;
	if (!exchange_snapshot(x, &made, e))
		return false;
	return (!made || exchange_send(x, e)) && (x->conflict != 0 || exchange_sweep(x, e));
}

/* Reading, then writing; again when that showed that this notebook is an older copy of itself, or lacks what is no
 * longer in segments. */
static bool exchange_run(struct exchange *x, struct err *e)
{
	bool look = run_fresh(x) || x->snaps.taking.last != 0 || exchange_suspects(x, false);

	for (int pass = 0; pass < 3; pass++) {
		x->again = false;
		if (!run_take(x, look, e))
			return false;
		x->report->out = x->space.out;
		if (x->space.out && !exchange_leaving(x))
			return true;
		if (x->conflict == 0 && !run_send(x, e))
			return false;
		if (x->conflict == 0 && !x->again)
			return true;
		look = x->conflict != 0;
		if (look && !exchange_restore(x, e))
			return false;
		x->listed = x->listed && !look;
	}
	return true;
}

static bool exchange_with(struct exchange *x, bool (*run)(struct exchange *x, struct err *e), struct err *e)
{
	bool ok = false;

	*x->report = (struct exchange_report){.taken = 0};
	space_init(&x->space);
	if (!x->op->load(x->ctx, &x->space, &x->mark, e) || !space_follow(&x->space, e) ||
	    !exchange_snapshots_load(x, e))
		goto out;
	for (size_t i = 0; i < x->space.nrosters; i++)
		x->space.rosters[i].stopped = false;
	if (!id_eq(&x->mark.stream, &x->space.own)) {
		x->mark.stream = x->space.own;
		x->mark.sent = x->mark.cleared = x->mark.again = x->mark.swept = 0;
	}
	x->mark.turn++;
	x->report->out = x->space.out;
	ok = (x->space.out && !exchange_leaving(x)) || (exchange_meet(x, e) && run(x, e) && exchange_save_mark(x, e));
out:
	for (size_t i = 0; i < x->nreading; i++)
		bundle_done(&x->reading[i].b);
	free(x->reading);
	snapshots_done(&x->snaps);
	snapshot_done(&x->source);
	space_done(&x->space);
	return ok;
}

bool exchange_round(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		    struct exchange_report *report, struct err *e)
{
	struct exchange x = {.op = book->ops,
			     .ctx = book->ctx,
			     .remote = remote,
			     .watch = watch,
			     .report = report,
			     .after = book->snapshot_after ? book->snapshot_after : SNAPSHOT_AFTER};

	return exchange_with(&x, exchange_run, e);
}

bool exchange_check(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		    struct exchange_report *report, struct err *e)
{
	struct exchange x = {.op = book->ops,
			     .ctx = book->ctx,
			     .remote = remote,
			     .watch = watch,
			     .report = report,
			     .after = book->snapshot_after ? book->snapshot_after : SNAPSHOT_AFTER};

	return exchange_with(&x, exchange_look, e);
}

static bool outlook_load(struct exchange *x, struct err *e)
{
	space_init(&x->space);
	if (!x->op->load(x->ctx, &x->space, &x->mark, e) || !space_follow(&x->space, e))
		return false;
	if (!id_eq(&x->mark.stream, &x->space.own))
		x->mark.sent = 0;
	return true;
}

bool exchange_weigh(const struct book *book, struct exchange_outlook *out, struct err *e)
{
	struct exchange x = {.op = book->ops, .ctx = book->ctx};
	bool ok = outlook_load(&x, e) && exchange_make_dry(&x, out, e);

	space_done(&x.space);
	return ok;
}

/* Another space's, or not one yet? */
static bool ask_whose(struct exchange *x, struct err *e)
{
	struct buf want = BUF_INIT, have = BUF_INIT;
	bool found = false, ok;

	meet_text(x, &want);
	ok = buf_ok(&want, e) && exchange_go_on(x, e) && remote_get(x->remote, REMOTE_ID, 4096, &have, &found, e);
	if (ok && found && (have.len > want.len || memcmp(buf_str(&have), want.p, have.len) != 0))
		ok = err_set(e, ERR_FOREIGN, "exchange_round", REMOTE_ID);
	buf_done(&want);
	buf_done(&have);
	return ok;
}

static bool ask_streams(struct exchange *x, struct exchange_outlook *out, struct err *e)
{
	char name[REMOTE_NAME_MAX];
	uint64_t size;
	bool found;

	for (size_t i = 0; i < x->space.n; i++) {
		const struct stream *st = &x->space.streams[i];
		found = (stream_active(st) || st->parked) && !id_eq(&st->id, &x->space.own);
		for (uint64_t n = st->n + 1; found; n++) {
			remote_name('s', &st->id, n, name);
			if (!exchange_go_on(x, e) || !remote_has(x->remote, name, &found, &size, e))
				return false;
			out->come += found;
			out->down += found ? size : 0;
		}
	}
	out->asked = true;
	return true;
}

bool exchange_ask(const struct book *book, struct remote *remote, const struct exchange_watch *watch,
		  struct exchange_outlook *out, struct err *e)
{
	struct exchange_report none = {.taken = 0};
	struct exchange x = {.op = book->ops, .ctx = book->ctx, .remote = remote, .watch = watch, .report = &none};
	bool ok = outlook_load(&x, e) && (x.mark.known || ask_whose(&x, e)) && ask_streams(&x, out, e);

	space_done(&x.space);
	return ok;
}
