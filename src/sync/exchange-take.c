/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the streams of the others. */
#include "exchange-in.h"

#include <stdlib.h>
#include <string.h>

#include "segment.h"

/* Streams may have been added meanwhile. */
static bool take_room(struct exchange *x, struct err *e)
{
	struct reading *v;

	if (x->nreading >= x->space.n)
		return true;
	v = realloc(x->reading, x->space.n * sizeof *v);
	if (!v)
		return err_nomem(e, "exchange_take");
	x->reading = v;
	memset(v + x->nreading, 0, (x->space.n - x->nreading) * sizeof *v);
	x->nreading = x->space.n;
	return true;
}

/* Is it what should be in this place? */
static bool take_place(struct exchange *x, const struct stream *st, const struct bundle *b)
{
	enum finding_kind kind;

	if (b->kind != BUNDLE_SEGMENT || memcmp(b->team, x->space.id.b, BUNDLE_TEAM) != 0)
		kind = FINDING_FOREIGN;
	else if (!id_eq(&b->from.device, &st->id))
		kind = FINDING_RENAMED;
	else if (!identity_same(&b->from, &st->who))
		kind = FINDING_FORGED;
	else if (b->n != st->n + 1)
		kind = FINDING_REPLAYED;
	else if (memcmp(b->previous, st->hash, BUNDLE_HASH) != 0)
		kind = FINDING_FORKED;
	else
		return true;
	exchange_find(x, kind, &st->id, st->n + 1, NULL);
	return false;
}

/* What does not open may be on its way still: a synchronised folder shows halves of files. */
static bool take_unopened(struct exchange *x, size_t i, uint32_t epoch, const struct err *why, struct err *e)
{
	struct stream *st = &x->space.streams[i];
	bool *broken = &x->reading[i].broken;

	/* A key that is not here may have been given since. */
	if (why->code == ERR_FOREIGN && epoch > 0 && !x->asked) {
		x->reading[i].at = READING_LOCKED;
		return true;
	}
	switch (why->code) {
	case ERR_NEWER:
		exchange_find(x, FINDING_NEWER, &st->id, st->n + 1, NULL);
		return true;
	case ERR_TRUNCATED:
		return exchange_overdue(x, st, FINDING_CUT, NULL, broken, e);
	case ERR_NOT_BUNDLE:
	case ERR_FOREIGN:
	case ERR_WRONG_KEY:
		return exchange_overdue(x, st, epoch > x->space.roster.epoch ? FINDING_LOCKED : FINDING_FOREIGN, NULL,
					broken, e);
	case ERR_DAMAGED:
	case ERR_LIMIT:
		return exchange_overdue(x, st, FINDING_ALTERED, NULL, broken, e);
	default:
		if (e)
			*e = *why;
		return false;
	}
}

static bool take_fetch(struct exchange *x, size_t i, struct err *e)
{
	const struct stream *st = &x->space.streams[i];
	struct reading *r = &x->reading[i];
	struct buf file = BUF_INIT;
	struct err why = ERR_INIT;
	uint32_t epoch = 0;
	bool found, ok;

	ok = exchange_get(x, &st->id, st->n + 1, &file, &found, e);
	if (!ok)
		goto out;
	if (!found) {
		r->at = READING_ABSENT;
	} else if (!x->op->open(x->ctx, &x->space, &file, &r->b, &epoch, &why)) {
		r->at = READING_STOPPED;
		ok = take_unopened(x, i, epoch, &why, e);
	} else if (!take_place(x, st, &r->b)) {
		r->at = READING_STOPPED;
		bundle_done(&r->b);
	} else {
		r->at = READING_HELD;
	}
out:
	buf_done(&file);
	return ok;
}

/* Of what its writer had seen, is this one here, and the same? */
static bool ready_one(struct exchange *x, size_t i, const struct bundle_seen *saw, bool *ready, struct err *e)
{
	const struct stream *t = space_stream(&x->space, &saw->device);
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	bool own = id_eq(&saw->device, &x->space.own), found = false, same;

	*ready = t && t->n >= saw->n;
	if (!*ready && t) {
		struct reading *r = &x->reading[t - x->space.streams];
		if (own)
			x->conflict = t->n + 1;
		x->wanted |= t->removed && saw->n > r->wanted;
		r->wanted = saw->n > r->wanted ? saw->n : r->wanted;
	}
	if (!*ready)
		return true;
	if (!x->op->get(x->ctx, &saw->device, saw->n, hash, &last, NULL, &found, e))
		return false;
	/* Those that came in a snapshot are not here one by one. */
	same = found ? memcmp(hash, saw->hash, BUNDLE_HASH) == 0 : !own;
	*ready = same;
	if (!same && own) {
		x->conflict = saw->n;
	} else if (!same) {
		exchange_find(x, FINDING_FORKED, &saw->device, saw->n, &x->space.streams[i].id);
		x->reading[i].at = READING_STOPPED;
	}
	return true;
}

/* Rosters first: they may tell of streams.  What is asked for meanwhile may move x->reading. */
static bool take_ready(struct exchange *x, size_t i, bool *ready, struct err *e)
{
	bool all = true, roster, have;

	for (size_t k = 0; k < x->reading[i].b.nseen; k++) {
		const struct bundle_seen *saw = &x->reading[i].b.seen[k];
		if (space_stream(&x->space, &saw->device))
			continue;
		if (!exchange_roster_need(x, saw, &roster, &have, e) || !take_room(x, e))
			return false;
		all &= have || !roster;
	}
	*ready = all;
	for (size_t k = 0; *ready && k < x->reading[i].b.nseen; k++)
		if (!space_roster(&x->space, &x->reading[i].b.seen[k].device) &&
		    !ready_one(x, i, &x->reading[i].b.seen[k], ready, e))
			return false;
	return true;
}

struct applying {
	struct exchange *x;
	size_t i;       /* of the stream: adding streams moves them */
	uint64_t count; /* of its last change */
	size_t items, news, devices;
	bool failed; /* the notebook, not the segment */
};

static bool apply_device(struct applying *a, const struct id *id, const struct identity *who, const char *label,
			 struct err *e)
{
	struct exchange *x = a->x;
	const struct stream *known = space_stream(&x->space, id);
	struct stream *st;

	if (known)
		return identity_same(&known->who, who) || err_set(e, ERR_FORMAT, "exchange_take", "keys of a device");
	st = space_add(&x->space, id, who, label, e);
	a->devices++;
	if (st && x->op->save(x->ctx, &x->space, st, e))
		return true;
	a->failed = true;
	return false;
}

static bool apply_item(void *ctx, const struct segment_item *it, struct err *e)
{
	struct applying *a = ctx;
	struct exchange *x = a->x;
	struct stream *st = &x->space.streams[a->i];
	bool news = false, ok;

	switch (it->type) {
	case ITEM_MOVED: {
		const struct identity who = st->who;
		char label[sizeof st->label];
		memcpy(label, st->label, sizeof label);
		st->ended = true;
		return apply_device(a, &it->stream, &who, label, e);
	}
	case ITEM_SNAPSHOT:
		return exchange_snapshot_told(x, &st->id, it, e);
	case ITEM_PARKED:
		return exchange_parked(x, it, e);
	case ITEM_STREAM:
	case ITEM_END:
		return err_set(e, ERR_FORMAT, "exchange_take", "item of a snapshot");
	case ITEM_STATE:
		ok = x->op->state(x->ctx, &it->state, &it->stamp, &it->clock, &news, e);
		break;
	default:
		if (!id_eq(&it->change.stamp.device, &st->id) || it->change.stamp.n <= a->count)
			return err_set(e, ERR_FORMAT, "exchange_take", "stamp");
		a->count = it->change.stamp.n;
		ok = x->op->change(x->ctx, &it->change, &news, e);
	}
	a->items++;
	a->news += news;
	if (!ok && e->code != ERR_FORMAT && e->code != ERR_LIMIT)
		a->failed = true;
	return ok;
}

/* One that was parked came back before it saw that segments had left: they go up again. */
static bool apply_unpark(struct exchange *x, struct stream *st, struct err *e)
{
	uint64_t saw = stream_saw(st, &x->space.own);

	if (!st->parked && !st->park)
		return true;
	st->parked = st->park = false;
	if (saw >= x->mark.cleared)
		return true;
	x->mark.again = x->mark.cleared > x->mark.again ? x->mark.cleared : x->mark.again;
	x->mark.cleared = saw;
	return x->op->save_mark(x->ctx, &x->mark, e);
}

/* Notes that it was taken in; within the step. */
static bool apply_mark(struct exchange *x, size_t i, const struct bundle *b, struct err *e)
{
	struct stream *st = &x->space.streams[i];

	st->n = b->n;
	memcpy(st->hash, b->hash, BUNDLE_HASH);
	st->since_ms = 0;
	st->heard_ms = CLOCK_MS(b->clock);
	for (size_t k = 0; k < b->nseen; k++)
		if (!stream_sees(st, &b->seen[k].device, b->seen[k].n, e))
			return false;
	if (!apply_unpark(x, st, e))
		return false;
	if (b->count > 0 && x->space.unacked_ms == 0)
		x->space.unacked_ms = x->op->now(x->ctx);
	return x->op->put(x->ctx, &st->id, b->n, b->hash, -1, NULL, e) && x->op->save(x->ctx, &x->space, st, e);
}

/* What the segment itself is not fit for stops its stream; what the notebook fails in ends the round. */
static bool take_apply(struct exchange *x, size_t i, struct err *e)
{
	struct bundle *b = &x->reading[i].b;
	struct applying a = {.x = x, .i = i};
	struct buf body = BUF_INIT;
	struct err why = ERR_INIT;
	size_t streams = x->space.n;
	bool ok = false;

	if (!x->op->begin(x->ctx, e))
		return false;
	if (!x->op->unpack(x->ctx, b, &body, &why) ||
	    !segment_each(buf_str(&body), body.len, b->count, apply_item, &a, &why)) {
		x->op->cancel(x->ctx);
		ok = !a.failed && why.code != ERR_NOMEM;
		if (!ok && e)
			*e = why;
		ok = ok && exchange_snapshots_load(x, e);
		x->space.n = streams;
		x->space.streams[i].ended = false;
		exchange_find(x, why.code == ERR_NEWER ? FINDING_NEWER : FINDING_BAD, &x->space.streams[i].id, b->n,
			      NULL);
		x->reading[i].at = READING_STOPPED;
		bundle_done(b);
	} else if (!apply_mark(x, i, b, e)) {
		x->op->cancel(x->ctx);
	} else if (x->op->commit(x->ctx, e)) {
		x->report->taken++;
		x->report->items += a.items;
		x->report->news += a.news;
		x->report->devices += a.devices;
		x->reading[i].at = READING_ASK;
		bundle_done(b);
		ok = true;
	}
	buf_done(&body);
	return ok;
}

/* Of one who was removed, what counts: up to where the removal says, or those who stay had it. */
static bool take_counts(const struct exchange *x, size_t i)
{
	const struct stream *st = &x->space.streams[i];

	return !st->removed || st->n < st->cut || st->n < x->reading[i].wanted;
}

static bool take_stream(struct exchange *x, size_t i, bool *progress, struct err *e)
{
	bool ready = true;

	while (ready && x->conflict == 0) {
		const struct stream *st = &x->space.streams[i];
		if (st->ended || id_eq(&st->id, &x->space.own) || !take_counts(x, i))
			return true;
		if (x->reading[i].at == READING_ASK && !take_fetch(x, i, e))
			return false;
		if (x->reading[i].at != READING_HELD)
			return true;
		if (!take_ready(x, i, &ready, e))
			return false;
		if (ready && !take_apply(x, i, e))
			return false;
		*progress |= ready;
		if (!take_room(x, e))
			return false;
	}
	return true;
}

/* What keeps a held segment waiting: said of the stream that lacks it. */
static bool take_missing(struct exchange *x, size_t i, struct err *e)
{
	const struct bundle *b = &x->reading[i].b;
	const struct id by = x->space.streams[i].id;

	for (size_t k = 0; k < b->nseen; k++) {
		struct stream *t = space_stream(&x->space, &b->seen[k].device);
		struct stream *roster = t ? NULL : space_roster(&x->space, &b->seen[k].device);
		size_t at = t ? (size_t)(t - x->space.streams) : i;
		if (roster) {
			if (roster->n < b->seen[k].n && !exchange_overdue(x, roster, FINDING_WITHHELD, &by, NULL, e))
				return false;
			continue;
		}
		if (t && (t->n >= b->seen[k].n || x->reading[at].at != READING_ABSENT))
			continue;
		if (!exchange_overdue(x, &x->space.streams[at], FINDING_WITHHELD, &by, NULL, e))
			return false;
	}
	return true;
}

/* Those whose key was not here are asked again, once all rosters were. */
static bool take_unlock(struct exchange *x, bool *progress, struct err *e)
{
	bool locked = false;

	for (size_t i = 0; i < x->nreading; i++)
		locked |= x->reading[i].at == READING_LOCKED;
	if (!locked)
		return true;
	if (!exchange_roster_all(x, e) || !take_room(x, e))
		return false;
	x->asked = true;
	for (size_t i = 0; i < x->nreading; i++)
		if (x->reading[i].at == READING_LOCKED)
			x->reading[i].at = READING_ASK;
	*progress = true;
	return true;
}

/* One that was removed and writes on: looked for now and then. */
static bool take_removed(struct exchange *x, struct err *e)
{
	for (size_t i = 0; i < x->space.n && x->mark.turn % 2 == 0; i++) {
		const struct stream *st = &x->space.streams[i];
		uint64_t size;
		char name[REMOTE_NAME_MAX];
		bool found;
		if (!st->removed || st->ended || st->n < st->cut)
			continue;
		exchange_name(x, &st->id, st->n + 1, name);
		if (!exchange_go_on(x, e) || !remote_has(x->remote, name, &found, &size, e))
			return false;
		if (found)
			exchange_find(x, FINDING_REMOVED, &st->id, st->n + 1, NULL);
	}
	return true;
}

bool exchange_take(struct exchange *x, struct err *e)
{
	bool progress;

	if (!take_room(x, e))
		return false;
	if (x->space.out)
		return true;
	do {
		progress = x->wanted = false;
		for (size_t i = 0; i < x->space.n && x->conflict == 0; i++)
			if (!take_stream(x, i, &progress, e))
				return false;
		if (x->conflict == 0 && !take_unlock(x, &progress, e))
			return false;
		progress |= x->wanted;
	} while (progress && x->conflict == 0 && !x->space.out);
	x->report->waiting = 0;
	for (size_t i = 0; i < x->space.n && x->conflict == 0; i++) {
		if (x->reading[i].at != READING_HELD)
			continue;
		x->report->waiting++;
		if (!take_missing(x, i, e))
			return false;
	}
	return x->conflict != 0 || x->space.out || take_removed(x, e);
}
