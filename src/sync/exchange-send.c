/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publishing the own stream. */
#include "exchange-in.h"

#include <stdlib.h>
#include <string.h>

#include "segment.h"

#define SEND_RAW (1u << 20) /* bytes of a body, about: less is lost where the line breaks */
#define SEND_HOUR_MS 3600000

struct making {
	struct buf body;
	uint32_t count;
	size_t entries;
	int64_t last;
	bool more; /* than goes into one segment */
};

static bool make_entry(void *with, const struct book_entry *en)
{
	struct making *m = with;
	size_t had = m->body.len;

	m->more = m->count == BUNDLE_COUNT_MAX || (m->count > 0 && had >= SEND_RAW);
	if (m->more)
		return false;
	if (en->change)
		segment_change(&m->body, en->change, en->n);
	else
		segment_state(&m->body, en->state, &en->stamp, &en->clock);
	if (m->body.len > BUNDLE_RAW_MAX && m->count > 0) {
		buf_truncate(&m->body, had);
		m->more = true;
		return false;
	}
	m->count++;
	m->entries++;
	m->last = en->seq;
	return !m->body.oom;
}

/* That something came is said with the next thing there is to say, or by itself: at once between two devices, later the
 * more there are. */
static bool make_ack_due(struct exchange *x)
{
	const struct stream *own = space_stream(&x->space, &x->space.own), *roster;
	int64_t active = 0, now = x->op->now(x->ctx), wait;
	struct id id;

	/* What was changed in the roster here is told of at once. */
	roster_stream(&x->space.device, &id);
	roster = space_roster(&x->space, &id);
	if (roster && roster->n > stream_saw(own, &id))
		return true;

	for (size_t i = 0; i < x->space.n; i++)
		active += stream_active(&x->space.streams[i]);
	wait = active > 2 ? (active - 2) * SEND_HOUR_MS : 0;
	return x->space.unacked_ms != 0 && (now - x->space.unacked_ms >= wait || now < x->space.unacked_ms);
}

/* What came since the own segment before: readers add it to what those before have said. */
static bool make_seen(struct exchange *x, const struct stream *own, struct bundle *b, struct err *e)
{
	b->seen = calloc(x->space.n + x->space.nrosters, sizeof *b->seen);
	if (!b->seen)
		return err_nomem(e, "exchange_send");
	for (size_t i = 0; i < x->space.n + x->space.nrosters; i++) {
		const struct stream *t = i < x->space.n ? &x->space.streams[i] : &x->space.rosters[i - x->space.n];
		if (t == own || t->n <= stream_saw(own, &t->id))
			continue;
		b->seen[b->nseen].device = t->id;
		b->seen[b->nseen].n = t->n;
		memcpy(b->seen[b->nseen++].hash, t->hash, BUNDLE_HASH);
	}
	return true;
}

static bool make_seal(struct exchange *x, const struct stream *st, struct bundle *b, const struct buf *body,
		      struct buf *file, struct err *e)
{
	memcpy(b->team, x->space.id.b, BUNDLE_TEAM);
	b->from.device = st->id;
	b->n = st->n + 1;
	b->epoch = space_key(&x->space) ? space_key(&x->space)->epoch : 0;
	b->clock = (uint64_t)x->op->now(x->ctx) << 16;
	memcpy(b->previous, st->hash, BUNDLE_HASH);
	return buf_ok(body, e) && x->op->seal(x->ctx, &x->space, b, body, file, e);
}

/* The next segment of the own stream and all that goes with it; within a step. */
static bool make_write(struct exchange *x, struct stream *own, const struct bundle *b, const struct buf *file,
		       const struct making *m, struct err *e)
{
	if (!x->op->put(x->ctx, &own->id, b->n, b->hash, m->last, file, e))
		return false;
	own->n = b->n;
	memcpy(own->hash, b->hash, BUNDLE_HASH);
	x->space.last = m->last;
	x->space.unacked_ms = 0;
	if (!exchange_told(x, e))
		return false;
	for (size_t i = 0; i < b->nseen; i++)
		if (!stream_sees(own, &b->seen[i].device, b->seen[i].n, e))
			return false;
	return x->op->save(x->ctx, &x->space, own, e);
}

static bool make_segment(struct exchange *x, const struct making *m, struct err *e)
{
	struct stream *own = space_stream(&x->space, &x->space.own);
	struct buf file = BUF_INIT;
	struct bundle b;
	bool ok;

	bundle_init(&b, BUNDLE_SEGMENT);
	b.count = m->count;
	ok = make_seen(x, own, &b, e) && make_seal(x, own, &b, &m->body, &file, e) && x->op->begin(x->ctx, e);
	if (ok && make_write(x, own, &b, &file, m, e)) {
		ok = x->op->commit(x->ctx, e);
	} else if (ok) {
		x->op->cancel(x->ctx);
		ok = false;
	}
	x->report->made += ok;
	x->report->entries += m->entries;
	bundle_done(&b);
	buf_done(&file);
	return ok;
}

static bool make_next(struct exchange *x, bool *more, struct err *e)
{
	struct making m = {.body = BUF_INIT, .last = x->space.last};
	bool ok;

	segment_begin(&m.body);
	exchange_tell(x, &m.body, &m.count);
	ok = x->op->own(x->ctx, x->space.last, make_entry, &m, e) && buf_ok(&m.body, e) &&
	     ((m.count == 0 && !make_ack_due(x)) || make_segment(x, &m, e));
	*more = m.more;
	buf_done(&m.body);
	return ok;
}

/* As long as make_next() would make it; nothing of it is kept. */
static bool make_weigh(struct exchange *x, int64_t *after, struct exchange_outlook *out, bool *more, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	struct making m = {.body = BUF_INIT, .last = *after};
	struct buf file = BUF_INIT;
	struct bundle b;
	bool ok;

	bundle_init(&b, BUNDLE_SEGMENT);
	segment_begin(&m.body);
	ok = x->op->own(x->ctx, *after, make_entry, &m, e) && buf_ok(&m.body, e);
	b.count = m.count;
	if (ok && m.count > 0)
		ok = make_seen(x, own, &b, e) && make_seal(x, own, &b, &m.body, &file, e);
	out->entries += m.entries;
	out->go += m.count > 0;
	out->up += file.len;
	*after = m.last;
	*more = m.more;
	bundle_done(&b);
	buf_done(&m.body);
	buf_done(&file);
	return ok;
}

static bool send_load(struct exchange *x, uint64_t n, struct buf *file, struct err *e)
{
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	bool found = false;

	return x->op->get(x->ctx, &x->space.own, n, hash, &last, file, &found, e) &&
	       ((found && file->len > 0) ||
		err_set(e, ERR_INTERNAL, "exchange_send", "no segment %llu", (unsigned long long)n));
}

bool exchange_is_own(struct exchange *x, const struct buf *file, uint64_t n, struct bundle *b)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	struct err why = ERR_INIT;
	uint32_t epoch = 0;

	if (!x->op->open(x->ctx, &x->space, file, b, &epoch, &why))
		return false;
	if (b->kind == BUNDLE_SEGMENT && memcmp(b->team, x->space.id.b, BUNDLE_TEAM) == 0 &&
	    id_eq(&b->from.device, &own->id) && identity_same(&b->from, &own->who) && b->n == n)
		return true;
	bundle_done(b);
	return false;
}

bool exchange_make_dry(struct exchange *x, struct exchange_outlook *out, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	int64_t after = x->space.last;
	struct buf file = BUF_INIT;
	bool more = true, ok = true;

	for (uint64_t n = x->mark.sent + 1; ok && n <= own->n; n++) {
		buf_clear(&file);
		ok = send_load(x, n, &file, e);
		out->go++;
		out->up += file.len;
	}
	while (ok && more)
		ok = make_weigh(x, &after, out, &more, e);
	buf_done(&file);
	return ok;
}

/* Puts a segment up and reads it back.  *kept: it is there as it should be.  What is in its place already is it, from
 * an attempt that broke off; or a later one of ours, which this notebook does not know (x->conflict); or nothing that
 * we have written. */
static bool send_put(struct exchange *x, uint64_t n, bool *kept, struct err *e)
{
	const struct id own = x->space.own;
	struct buf file = BUF_INIT, back = BUF_INIT;
	char name[REMOTE_NAME_MAX];
	struct bundle b;
	bool made, found, ok = false;

	*kept = false;
	remote_name('s', &own, n, name);
	if (!send_load(x, n, &file, e))
		goto out;
	for (int attempt = 0; attempt < 2 && !*kept && x->conflict == 0; attempt++) {
		buf_clear(&back);
		if (!exchange_go_on(x, e) || !remote_put(x->remote, name, file.p, file.len, &made, e) ||
		    !exchange_get(x, &own, n, &back, &found, e))
			goto out;
		*kept = found && back.len == file.len && memcmp(back.p, file.p, file.len) == 0;
		if (*kept || !found || made)
			break;
		if (exchange_is_own(x, &back, n, &b)) {
			x->conflict = n;
			bundle_done(&b);
			break;
		}
		exchange_find(x, FINDING_ALTERED, &own, n, NULL);
		if (!exchange_clear(x, &own, n, &back, e))
			goto out;
	}
	ok = true;
out:
	buf_done(&file);
	buf_done(&back);
	return ok;
}

static bool send_mark(struct exchange *x, uint64_t n, struct err *e)
{
	x->mark.sent = n;
	x->space.sent = n > x->space.sent ? n : x->space.sent;
	x->report->sent++;
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save_mark(x->ctx, &x->mark, e) && x->op->save(x->ctx, &x->space, NULL, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

/* Is ours still there, and as long; or, closely, the very same? */
static bool look_one(struct exchange *x, uint64_t n, bool closely, bool *there, bool *whole, struct err *e)
{
	struct buf file = BUF_INIT, back = BUF_INIT;
	char name[REMOTE_NAME_MAX];
	uint64_t size = 0;
	bool ok = send_load(x, n, &file, e);

	remote_name('s', &x->space.own, n, name);
	if (ok && closely)
		ok = exchange_get(x, &x->space.own, n, &back, there, e);
	else if (ok)
		ok = exchange_go_on(x, e) && remote_has(x->remote, name, there, &size, e);
	*whole = ok && *there &&
		 (closely ? back.len == file.len && memcmp(back.p, file.p, file.len) == 0 : size == file.len);
	buf_done(&file);
	buf_done(&back);
	return ok;
}

/* Puts it there again, in the place of what does not open. */
static bool look_put(struct exchange *x, uint64_t n, bool *kept, struct err *e)
{
	const struct id own = x->space.own;
	struct buf file = BUF_INIT, back = BUF_INIT;
	char name[REMOTE_NAME_MAX];
	bool there, whole, made = false, ok;

	remote_name('s', &own, n, name);
	ok = send_load(x, n, &file, e) && exchange_get(x, &own, n, &back, &there, e);
	whole = ok && there && back.len == file.len && memcmp(back.p, file.p, file.len) == 0;
	if (ok && there && !whole)
		ok = exchange_clear(x, &own, n, &back, e);
	if (ok && !whole)
		ok = exchange_go_on(x, e) && remote_put(x->remote, name, file.p, file.len, &made, e);
	if (ok && !whole)
		exchange_find(x, there ? FINDING_ALTERED : FINDING_ROLLED_BACK, &own, n, NULL);
	if (ok && !whole)
		x->mark.rsent = 0; /* as may be what was put there of the roster */
	*kept = whole;
	ok = ok && (whole || look_one(x, n, false, &there, kept, e));
	buf_done(&file);
	buf_done(&back);
	return ok;
}

/* One of ours that was read back once: where it is gone, or cut, an older copy of the remote was put back.  All that
 * are gone go up again, the first one first, so that what breaks off here is found out by the last; nothing new goes up
 * before. */
static bool send_look(struct exchange *x, uint64_t n, bool *kept, struct err *e)
{
	uint64_t k = n;
	bool there, whole = false, news = false;

	for (; k > x->mark.cleared && !whole; k -= !whole) {
		if (!look_one(x, k, false, &there, &whole, e))
			return false;
		if (there || k != n)
			continue;
		/* Or it left for a snapshot, as those of a device that was long away do. */
		if (!exchange_adopt(x, &news, e))
			return false;
		x->again = news;
		if (x->below >= n)
			x->mark.cleared = n;
		if (x->below >= n || x->conflict != 0)
			return true;
		x->snaps.suspect_ms = x->op->now(x->ctx);
		if (!exchange_snapshots_keep(x, e))
			return false;
	}
	for (k++; k <= n && *kept; k++)
		if (!look_put(x, k, kept, e))
			return false;
	return true;
}

/* Those that left for a snapshot, for one who came back without having seen it. */
static bool send_again(struct exchange *x, struct err *e)
{
	uint64_t n = x->mark.cleared + 1;
	bool made, ok = true;

	if (x->mark.again == 0)
		return true;
	for (; ok && n <= x->mark.again && n <= x->mark.sent; n++) {
		struct buf file = BUF_INIT;
		char name[REMOTE_NAME_MAX];
		remote_name('s', &x->space.own, n, name);
		ok = send_load(x, n, &file, e) && exchange_go_on(x, e) &&
		     remote_put(x->remote, name, file.p, file.len, &made, e);
		buf_done(&file);
	}
	x->mark.again = ok ? 0 : x->mark.again;
	return ok && exchange_save_mark(x, e);
}

bool exchange_look(struct exchange *x, struct err *e)
{
	const struct snapshot *s = &x->snaps.told;
	bool there, whole, kept = true;
	char name[REMOTE_NAME_MAX];
	uint64_t size;

	for (uint64_t n = x->mark.cleared + 1; n <= x->mark.sent && kept; n++)
		if (!look_one(x, n, true, &there, &whole, e) || (!whole && !look_put(x, n, &kept, e)))
			return false;
	if (s->last == 0 || !id_eq(&s->maker, &x->space.own))
		return true;
	/* A snapshot that is gone is made anew. */
	remote_name('k', &s->maker, s->last, name);
	return exchange_go_on(x, e) && remote_has(x->remote, name, &there, &size, e) &&
	       (there || exchange_snapshot_lost(x, e));
}

/* Is there one that this notebook does not know? */
static bool send_look_ahead(struct exchange *x, uint64_t n, struct err *e)
{
	struct buf file = BUF_INIT;
	struct bundle b;
	bool found, ok = exchange_get(x, &x->space.own, n, &file, &found, e);

	if (ok && found && exchange_is_own(x, &file, n, &b)) {
		x->conflict = n;
		bundle_done(&b);
	} else if (ok && found) {
		exchange_find(x, FINDING_FOREIGN, &x->space.own, n, NULL);
	}
	buf_done(&file);
	return ok;
}

/* Sealed once: what is in the notebook from an attempt before is taken again. */
static bool signpost_make(struct exchange *x, const struct stream *st, struct bundle *b, struct buf *file,
			  struct err *e)
{
	struct buf body = BUF_INIT;
	int64_t last;
	bool found = false, ok = x->op->get(x->ctx, &st->id, st->n + 1, b->hash, &last, file, &found, e);

	if (!ok || found)
		return ok;
	segment_begin(&body);
	segment_moved(&body, &x->space.own);
	b->count = 1;
	ok = make_seal(x, st, b, &body, file, e) && x->op->begin(x->ctx, e);
	if (ok && x->op->put(x->ctx, &st->id, b->n, b->hash, 0, file, e)) {
		ok = x->op->commit(x->ctx, e);
	} else if (ok) {
		x->op->cancel(x->ctx);
		ok = false;
	}
	buf_done(&body);
	return ok;
}

static bool signpost_done(struct exchange *x, struct stream *st, const uint8_t hash[BUNDLE_HASH], bool kept,
			  struct err *e)
{
	if (!x->op->begin(x->ctx, e))
		return false;
	if (kept) {
		st->n++;
		st->ended = true;
		memcpy(st->hash, hash, BUNDLE_HASH);
	}
	if (kept ? x->op->save(x->ctx, &x->space, st, e) : x->op->drop(x->ctx, &st->id, st->n + 1, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

/* A stream that this device has left says where it goes on in its last segment.  What does not open is replaced by it:
 * a put that broke off once.  Where something else came to be there, the stream is read on in the next round. */
static bool send_signpost(struct exchange *x, struct stream *st, bool broken, struct err *e)
{
	struct buf file = BUF_INIT, back = BUF_INIT;
	char name[REMOTE_NAME_MAX];
	struct bundle b;
	bool made, found = false, ok = true;

	bundle_init(&b, BUNDLE_SEGMENT);
	remote_name('s', &st->id, st->n + 1, name);
	if (broken)
		ok = exchange_get(x, &st->id, st->n + 1, &back, &found, e) &&
		     (!found || exchange_clear(x, &st->id, st->n + 1, &back, e));
	buf_clear(&back);
	ok = ok && signpost_make(x, st, &b, &file, e) && exchange_go_on(x, e) &&
	     remote_put(x->remote, name, file.p, file.len, &made, e) &&
	     exchange_get(x, &st->id, st->n + 1, &back, &found, e);
	if (ok && (found || !made))
		ok = signpost_done(x, st, b.hash, back.len == file.len && memcmp(back.p, file.p, file.len) == 0, e);
	bundle_done(&b);
	buf_done(&file);
	buf_done(&back);
	return ok;
}

/* Has all of it been read, as far as anyone here tells? */
static bool signpost_due(const struct exchange *x, size_t i)
{
	const struct stream *st = &x->space.streams[i], *own = space_stream(&x->space, &x->space.own);

	if (st == own || st->ended || !identity_same(&st->who, &own->who) ||
	    (x->reading[i].at != READING_ABSENT && !x->reading[i].broken))
		return false;
	for (size_t k = 0; k < x->space.n; k++)
		if (stream_saw(&x->space.streams[k], &st->id) > st->n)
			return false;
	for (size_t k = 0; k < x->nreading; k++)
		for (size_t s = 0; x->reading[k].at == READING_HELD && s < x->reading[k].b.nseen; s++)
			if (id_eq(&x->reading[k].b.seen[s].device, &st->id) && x->reading[k].b.seen[s].n > st->n)
				return false;
	return true;
}

/* *done: nothing of the own stream goes up before, or another backup could come to forget that there is such a stream.
 */
static bool send_signposts(struct exchange *x, bool *done, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);

	*done = true;
	for (size_t i = 0; i < x->space.n; i++) {
		struct stream *st = &x->space.streams[i];
		if (signpost_due(x, i) && !send_signpost(x, st, x->reading[i].broken, e))
			return false;
		*done &= st == own || st->ended || !identity_same(&st->who, &own->who);
	}
	return true;
}

static bool send_make(struct exchange *x, struct err *e)
{
	bool more = true;

	while (more)
		if (!make_next(x, &more, e))
			return false;
	return true;
}

/* Who leaves says what there is to say first; else what is new goes under the key that those who were removed have not.
 * Nothing goes while that has not come. */
static bool send_all(struct exchange *x, bool *kept, struct err *e)
{
	bool leaves = exchange_leaves(x);

	if (leaves && space_key(&x->space) && !send_make(x, e))
		return false;
	if (!exchange_roster_send(x, kept, e))
		return false;
	return !*kept || !space_key(&x->space) || send_make(x, e);
}

bool exchange_send(struct exchange *x, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	uint64_t sent = x->mark.sent;
	bool kept;

	if (!send_again(x, e) || !send_signposts(x, &kept, e) || !send_all(x, &kept, e))
		return false;
	own = space_stream(&x->space, &x->space.own);
	if (sent > 0 && own->n > sent && !send_look(x, sent, &kept, e))
		return false;
	own = space_stream(&x->space, &x->space.own);
	if (x->again || exchange_suspects(x, true))
		return true;
	if (kept && x->conflict == 0 && x->mark.sent < own->n && !exchange_roster_look(x, &kept, e))
		return false;
	while (kept && x->conflict == 0 && x->mark.sent < own->n) {
		if (!send_put(x, x->mark.sent + 1, &kept, e))
			return false;
		if (kept && !send_mark(x, x->mark.sent + 1, e))
			return false;
	}
	if (x->mark.sent > sent || !kept || x->conflict != 0)
		return true;
	return sent > 0 && x->mark.turn % 2 == 0 ? send_look(x, sent, &kept, e) : send_look_ahead(x, own->n + 1, e);
}
