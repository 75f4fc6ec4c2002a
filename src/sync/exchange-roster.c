/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The roster's streams: what admins changed is taken in before anything whose writer had seen it. */
#include "exchange-in.h"

#include <stdlib.h>
#include <string.h>

#define ROSTER_DEPTH 32 /* rosters that had seen one another */

/* Of a device that is, or was, in the space; made when it is heard of first.  *out NULL for what is no roster. */
static bool roster_of(struct exchange *x, const struct id *id, struct stream **out, struct err *e)
{
	*out = space_roster(&x->space, id);
	for (size_t i = 0; !*out && i < x->space.n; i++) {
		struct id own;
		roster_stream(&x->space.streams[i].who.device, &own);
		if (id_eq(&own, id))
			return (*out = space_roster_add(&x->space, &x->space.streams[i].who, e)) != NULL;
	}
	return true;
}

/* Said of the device itself. */
static void roster_find(struct exchange *x, struct stream *st, enum finding_kind kind)
{
	struct id first;

	space_first(&x->space, &st->who.device, &first);
	exchange_find(x, kind, &first, st->n + 1, NULL);
	st->stopped = true;
}

static bool roster_place(struct exchange *x, struct stream *st, const struct bundle *b)
{
	if (b->kind != BUNDLE_ROSTER || memcmp(b->team, x->space.id.b, BUNDLE_TEAM) != 0)
		roster_find(x, st, FINDING_FOREIGN);
	else if (!id_eq(&b->from.device, &st->id))
		roster_find(x, st, FINDING_RENAMED);
	else if (!identity_same(&b->from, &st->who))
		roster_find(x, st, FINDING_FORGED);
	else if (b->n != st->n + 1)
		roster_find(x, st, FINDING_REPLAYED);
	else if (memcmp(b->previous, st->hash, BUNDLE_HASH) != 0)
		roster_find(x, st, FINDING_FORKED);
	return !st->stopped;
}

/* What does not open may still be on its way. */
static bool roster_unopened(struct exchange *x, const struct id *id, const struct err *why, struct err *e)
{
	struct stream *st = space_roster(&x->space, id);

	switch (why->code) {
	case ERR_NEWER:
		roster_find(x, st, FINDING_NEWER);
		return true;
	case ERR_TRUNCATED:
	case ERR_NOT_BUNDLE:
	case ERR_FOREIGN:
	case ERR_WRONG_KEY:
	case ERR_DAMAGED:
	case ERR_LIMIT:
		st->stopped = true;
		return exchange_overdue(x, st,
					why->code == ERR_TRUNCATED                           ? FINDING_CUT
					: why->code == ERR_DAMAGED || why->code == ERR_LIMIT ? FINDING_ALTERED
											     : FINDING_FOREIGN,
					NULL, NULL, e);
	default:
		if (e)
			*e = *why;
		return false;
	}
}

static bool roster_need(struct exchange *x, const struct id *id, uint64_t n, const uint8_t *hash, int depth, bool *have,
			struct err *e);

/* All that its author had seen of the others comes first. */
static bool roster_causes(struct exchange *x, const struct bundle *b, int depth, bool *ready, struct err *e)
{
	*ready = true;
	for (size_t i = 0; *ready && i < b->nseen; i++)
		if (!roster_need(x, &b->seen[i].device, b->seen[i].n, b->seen[i].hash, depth + 1, ready, e))
			return false;
	return true;
}

struct right {
	struct exchange *x;
	const struct identity *author;
	bool admin, in, founding;
	uint32_t epoch;
	struct space_key taken[16]; /* keys in it that are for this device */
	size_t ntaken;
};

/* May the author change this? */
static bool right_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct right *r = ctx;
	bool self = it->type == ROSTER_REMOVE && id_eq(&it->device, &r->author->device), may;

	if (it->type == ROSTER_FOUND)
		may = r->founding && identity_same(&it->who, r->author);
	else
		may = r->admin || r->founding || (r->in && (self || it->type == ROSTER_RESIGN));
	return may || err_set(e, ERR_UNTRUSTED, "exchange_take", "roster");
}

static bool right_key(void *ctx, const struct roster_item *it, struct err *e)
{
	struct right *r = ctx;
	struct exchange *x = r->x;

	for (size_t i = 0; it->type == ROSTER_KEY && i < it->ngrants; i++) {
		bool opened = false;
		if (!id_eq(&it->grants[i].device, &x->space.device))
			continue;
		if (!x->op->key_take(x->ctx, &it->key, it->grants[i].sealed, it->grants[i].n, &opened, e) ||
		    (opened && !space_key_add(&x->space, it->epoch, &it->key, e)))
			return false;
	}
	return true;
}

/* By what its author knew: the same for all who read it, whenever they do. */
static bool roster_right(struct exchange *x, const struct stream *st, const struct bundle *b,
			 const struct roster_entry *en, const struct buf *body, struct err *e)
{
	struct right r = {.x = x, .author = &st->who};
	struct roster past;
	const struct member *m;
	bool ok;

	if (!roster_resolve(&x->space.log, en, &past, e))
		return false;
	m = roster_member(&past, &st->who.device);
	r.in = m && m->in;
	r.admin = r.in && m->admin;
	r.founding = b->n == 1 && past.n == 0 && id_eq(&st->who.device, &x->space.founder);
	ok = roster_items(buf_str(body), body->len, b->count, right_item, &r, e);
	roster_done(&past);
	return ok;
}

static int stamp_order(const void *a, const void *b)
{
	return stamp_cmp(a, b);
}

/* As the log has it: by devices, not by their roster streams. */
static bool roster_entry_make(const struct exchange *x, const struct stream *st, const struct bundle *b,
			      const struct buf *body, struct roster_entry *en, struct err *e)
{
	struct stamp *seen = calloc(b->nseen + 1, sizeof *seen);

	*en = (struct roster_entry){.author = st->who.device, .n = b->n, .count = b->count};
	en->ms = CLOCK_MS(b->clock);
	en->body = buf_str(body);
	en->len = body->len;
	en->seen = seen;
	if (!seen)
		return err_nomem(e, "roster");
	for (size_t i = 0; i < b->nseen; i++)
		seen[en->nseen++] =
		    (struct stamp){space_roster(&x->space, &b->seen[i].device)->who.device, b->seen[i].n};
	qsort(seen, en->nseen, sizeof *seen, stamp_order);
	return true;
}

/* Within a step. */
static bool roster_write(struct exchange *x, const struct id *id, const struct bundle *b, const struct roster_entry *en,
			 const struct buf *file, struct err *e)
{
	struct stream *st = space_roster(&x->space, id);
	struct right r = {.x = x};

	roster_log_add(&x->space.log, en);
	st->n = b->n;
	memcpy(st->hash, b->hash, BUNDLE_HASH);
	st->since_ms = 0;
	st->heard_ms = CLOCK_MS(b->clock);
	if (x->space.unacked_ms == 0)
		x->space.unacked_ms = x->op->now(x->ctx);
	return buf_ok(&x->space.log, e) && roster_items(en->body, en->len, en->count, right_key, &r, e) &&
	       x->op->put(x->ctx, id, b->n, b->hash, 0, file, e) && x->op->save_log(x->ctx, &x->space, e) &&
	       x->op->save(x->ctx, &x->space, st, e);
}

bool exchange_roster_apply(struct exchange *x, const struct id *id, const struct bundle *b,
			   const struct roster_entry *en, const struct buf *file, struct err *e)
{
	size_t had = x->space.log.len, keys = x->space.nkeys;
	struct stream was = *space_roster(&x->space, id);
	bool ok = x->op->begin(x->ctx, e);

	if (ok && roster_write(x, id, b, en, file, e)) {
		ok = x->op->commit(x->ctx, e);
	} else if (ok) {
		x->op->cancel(x->ctx);
		ok = false;
	}
	if (!ok) {
		buf_truncate(&x->space.log, had);
		x->space.nkeys = keys;
		*space_roster(&x->space, id) = was;
	}
	return ok && space_follow(&x->space, e);
}

/* The next one of a roster that opened and is in its place. */
static bool roster_take(struct exchange *x, const struct id *id, const struct bundle *b, const struct buf *file,
			struct err *e)
{
	struct stream *st = space_roster(&x->space, id);
	struct roster_entry en = {.n = 0};
	struct buf body = BUF_INIT;
	struct err why = ERR_INIT;
	bool own = id_eq(&st->who.device, &x->space.device), ok;

	ok = x->op->unpack(x->ctx, b, &body, &why) && roster_entry_make(x, st, b, &body, &en, &why) &&
	     roster_right(x, st, b, &en, &body, &why);
	if (ok) {
		ok = exchange_roster_apply(x, id, b, &en, own ? file : NULL, e);
		x->report->roster += ok;
	} else if (why.code != ERR_NOMEM) {
		roster_find(x, st,
			    why.code == ERR_UNTRUSTED ? FINDING_RIGHTS
			    : why.code == ERR_NEWER   ? FINDING_NEWER
						      : FINDING_BAD);
		ok = true;
	} else if (e) {
		*e = why;
	}
	free((void *)en.seen);
	buf_done(&body);
	return ok;
}

/* *got: there was one, and it was taken in. */
static bool roster_next(struct exchange *x, const struct id *id, int depth, bool *got, struct err *e)
{
	struct stream *st = space_roster(&x->space, id);
	uint64_t had = st->n;
	struct buf file = BUF_INIT;
	struct err why = ERR_INIT;
	struct bundle b;
	uint32_t epoch = 0;
	bool found, ready = false, ok;

	*got = false;
	ok = exchange_get(x, id, st->n + 1, &file, &found, e);
	if (!ok || !found) {
		st->stopped = true;
		goto out;
	}
	if (!x->op->open(x->ctx, &x->space, &file, &b, &epoch, &why)) {
		ok = roster_unopened(x, id, &why, e);
		goto out;
	}
	if (roster_place(x, st, &b)) {
		ok = roster_causes(x, &b, depth, &ready, e);
		if (ok && ready)
			ok = roster_take(x, id, &b, &file, e);
		st = space_roster(&x->space, id);
		*got = ok && st->n > had;
		st->stopped |= !*got;
	}
	bundle_done(&b);
out:
	buf_done(&file);
	return ok;
}

static bool roster_need(struct exchange *x, const struct id *id, uint64_t n, const uint8_t *hash, int depth, bool *have,
			struct err *e)
{
	struct stream *st;
	uint8_t known[BUNDLE_HASH];
	int64_t last;
	bool got = true, found = false;

	*have = false;
	if (!roster_of(x, id, &st, e))
		return false;
	if (!st || depth > ROSTER_DEPTH)
		return true;
	while (got && !st->stopped && st->n < n) {
		if (!roster_next(x, id, depth, &got, e))
			return false;
		st = space_roster(&x->space, id);
	}
	if (st->n < n)
		return true;
	*have = true;
	if (!hash)
		return true;
	if (!x->op->get(x->ctx, id, n, known, &last, NULL, &found, e))
		return false;
	/* From before this device came, only the last is known. */
	if (!found && n == st->n)
		memcpy(known, st->hash, BUNDLE_HASH);
	if ((found || n == st->n) && memcmp(known, hash, BUNDLE_HASH) != 0) {
		*have = false;
		if (id_eq(&st->who.device, &x->space.device) && n > x->mark.rsent)
			return exchange_roster_again(x, n, e);
		roster_find(x, st, FINDING_FORKED);
		*have = false;
	}
	return true;
}

bool exchange_roster_need(struct exchange *x, const struct bundle_seen *saw, bool *known, bool *have, struct err *e)
{
	struct stream *st;

	*have = false;
	if (!roster_of(x, &saw->device, &st, e))
		return false;
	*known = st != NULL;
	return !st || roster_need(x, &saw->device, saw->n, saw->hash, 0, have, e);
}

bool exchange_roster_own(struct exchange *x, struct stream **out, struct err *e)
{
	struct id id;
	bool have;

	roster_stream(&x->space.device, &id);
	if (!roster_of(x, &id, out, e) || !roster_need(x, &id, UINT64_MAX, NULL, 0, &have, e))
		return false;
	*out = space_roster(&x->space, &id);
	return *out || err_set(e, ERR_INTERNAL, "exchange_send", "no stream of our own");
}

bool exchange_roster_all(struct exchange *x, struct err *e)
{
	for (size_t i = 0; i < x->space.n; i++) {
		const struct member *m = roster_member(&x->space.roster, &x->space.streams[i].who.device);
		struct stream *st;
		struct id id;
		bool have;
		if (m && !m->admin && m->roster_cut == 0)
			continue;
		roster_stream(&x->space.streams[i].who.device, &id);
		if (!roster_of(x, &id, &st, e) || !roster_need(x, &id, UINT64_MAX, NULL, 0, &have, e))
			return false;
	}
	return true;
}
