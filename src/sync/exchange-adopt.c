/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking in a snapshot, where segments are no longer there. */
#include "exchange-in.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define SUSPECT_HOLD_MS (60 * 60000)
#define SUSPECT_LOOK_MS (24 * 60 * 60000)
#define ADOPT_BACK 64 /* parts looked at from the newest down: those after the end belong to one that is being made */

/* The newest part of each maker. */
struct newest_part {
	struct id maker;
	uint64_t n;
};

struct newest {
	struct newest_part *v;
	size_t n;
	bool nomem;
};

static bool newest_one(void *with, const char *path, uint64_t size)
{
	struct newest *w = with;
	struct newest_part *v = NULL;
	struct id id;

	(void)size;
	if (path[0] != 'k' || !remote_name_ours(path) ||
	    sodium_hex2bin(id.b, ID_BYTES, path + 2, 2 * ID_BYTES, NULL, NULL, NULL) != 0)
		return true;
	for (size_t i = 0; i < w->n; i++)
		if (id_eq(&w->v[i].maker, &id))
			v = &w->v[i];
	if (!v && w->n < BUNDLE_SEEN_MAX) {
		v = realloc(w->v, (w->n + 1) * sizeof *v);
		w->nomem = v == NULL;
		if (!v)
			return false;
		w->v = v;
		v += w->n++;
		*v = (struct newest_part){.maker = id};
	}
	if (v && v->n < strtoull(path + 3 + 2 * ID_BYTES, NULL, 10))
		v->n = strtoull(path + 3 + 2 * ID_BYTES, NULL, 10);
	return true;
}

/* Of a device of the space: perhaps in a stream that nothing here tells of. */
static bool part_author(const struct exchange *x, const struct identity *from)
{
	for (size_t i = 0; i < x->space.n; i++)
		if (identity_same(&x->space.streams[i].who, from))
			return true;
	return false;
}

/* Fetches one part and opens it, when it is what it should be. */
static bool part_fetch(struct exchange *x, const struct id *maker, uint64_t n, struct bundle *b, bool *good,
		       struct err *e)
{
	struct buf file = BUF_INIT;
	struct err why = ERR_INIT;
	char name[REMOTE_NAME_MAX];
	uint32_t epoch = 0;
	bool found, ok;

	*good = false;
	remote_name('k', maker, n, name);
	ok = exchange_go_on(x, e) && remote_get(x->remote, name, BUNDLE_FILE_MAX, &file, &found, e);
	if (ok && found && x->op->open(x->ctx, &x->space, &file, b, &epoch, &why)) {
		*good = b->kind == BUNDLE_SNAPSHOT && memcmp(b->team, x->space.id.b, BUNDLE_TEAM) == 0 &&
			id_eq(&b->from.device, maker) && part_author(x, &b->from) && b->n == n;
		if (!*good)
			bundle_done(b);
	} else if (ok && why.code == ERR_NOMEM) {
		ok = err_nomem(e, "exchange_adopt");
	}
	buf_done(&file);
	return ok;
}

/* What the last part says. */
struct ending {
	struct snapshot s;
	struct space streams; /* ids, ended, who */
	struct bundle_seen *seen;
	size_t nseen;
	uint64_t gain; /* segments in it that are not here */
};

static void ending_done(struct ending *en)
{
	snapshot_done(&en->s);
	space_done(&en->streams);
	free(en->seen);
	memset(en, 0, sizeof *en);
}

static bool ending_item(void *ctx, const struct segment_item *it, struct err *e)
{
	struct ending *en = ctx;
	struct stream *st;

	if (it->type == ITEM_STREAM) {
		st = space_stream(&en->streams, &it->stream);
		if (!st && !(st = space_add(&en->streams, &it->stream, &it->who, it->label, e)))
			return false;
		st->ended = it->ended;
	} else if (it->type == ITEM_END) {
		en->s.first = it->n;
		memcpy(en->s.hash, it->hash, BUNDLE_HASH);
		return snapshot_vector_read(it->vector, it->nvector, &en->s, e);
	}
	return true;
}

static void ending_gain(struct exchange *x, struct ending *en)
{
	for (size_t i = 0; i < en->s.n; i++) {
		const struct stream *st = space_stream(&x->space, &en->s.v[i].id);
		uint64_t have = st ? st->n : 0;
		en->gain += en->s.v[i].n > have ? en->s.v[i].n - have : 0;
	}
}

/* *en->s.last 0: it is no last part. */
static bool ending_read(struct exchange *x, const struct id *maker, const struct bundle *b, struct ending *en,
			struct err *e)
{
	struct buf body = BUF_INIT;
	struct err why = ERR_INIT;
	bool ok = true;

	en->s.maker = *maker;
	if (x->op->unpack(x->ctx, b, &body, &why) &&
	    segment_each(buf_str(&body), body.len, b->count, ending_item, en, &why) && en->s.first > 0 &&
	    en->s.first <= b->n && b->nseen == en->s.n) {
		en->seen = calloc(b->nseen + 1, sizeof *en->seen);
		ok = en->seen != NULL || err_nomem(e, "exchange_adopt");
		for (size_t i = 0; ok && i < b->nseen; i++)
			en->seen[i] = b->seen[i];
		en->nseen = ok ? b->nseen : 0;
		en->s.last = b->n;
		ending_gain(x, en);
	} else if (why.code == ERR_NOMEM) {
		ok = err_nomem(e, "exchange_adopt");
	}
	buf_done(&body);
	return ok;
}

/* The newest whole one of a maker. */
static bool ending_find(struct exchange *x, const struct id *maker, uint64_t n, struct ending *en, struct err *e)
{
	bool good = true, ok = true;

	for (int back = 0; ok && n > 0 && en->s.last == 0 && back < ADOPT_BACK; back++, n--) {
		struct bundle b;
		ok = part_fetch(x, maker, n, &b, &good, e);
		if (!ok || !good)
			continue;
		ending_done(en);
		ok = ending_read(x, maker, &b, en, e);
		bundle_done(&b);
	}
	return ok;
}

/* The one that has most of what is not here. */
static bool adopt_find(struct exchange *x, struct ending *best, struct err *e)
{
	struct newest w = {.v = NULL};
	struct ending en;
	bool ok;

	memset(&en, 0, sizeof en);
	ok = exchange_go_on(x, e) && remote_list(x->remote, newest_one, &w, e) &&
	     (!w.nomem || err_nomem(e, "exchange_adopt"));
	for (size_t i = 0; ok && i < w.n; i++) {
		ok = ending_find(x, &w.v[i].maker, w.v[i].n, &en, e);
		if (ok && en.s.last != 0 && (best->s.last == 0 || en.gain > best->gain)) {
			ending_done(best);
			*best = en;
			memset(&en, 0, sizeof en);
		}
		ending_done(&en);
	}
	free(w.v);
	return ok;
}

struct taking_part {
	struct exchange *x;
	bool failed; /* the notebook, not the snapshot */
};

/* What is our own is here: what is not makes this notebook an older copy, which was looked at before. */
static bool taking_item(void *ctx, const struct segment_item *it, struct err *e)
{
	struct taking_part *t = ctx;
	struct exchange *x = t->x;
	bool news = false, ok = true;

	if (it->type == ITEM_STATE)
		ok = x->op->state(x->ctx, &it->state, &it->stamp, &it->clock, &news, e);
	else if (it->type == ITEM_CHANGE && !id_eq(&it->change.stamp.device, &x->space.own))
		ok = x->op->change(x->ctx, &it->change, &news, e);
	x->report->items += it->type == ITEM_STATE || it->type == ITEM_CHANGE;
	x->report->news += news;
	if (!ok && e->code != ERR_FORMAT && e->code != ERR_LIMIT)
		t->failed = true;
	return ok;
}

/* One part in one step.  *good false: it is not there, or holds what no arpent writes. */
static bool taking_step(struct exchange *x, const struct bundle *b, bool *good, struct err *e)
{
	struct taking_part t = {.x = x};
	struct buf body = BUF_INIT;
	struct err why = ERR_INIT;
	bool ok = x->op->begin(x->ctx, e);

	if (!ok)
		return false;
	*good = x->op->unpack(x->ctx, b, &body, &why) &&
		segment_each(buf_str(&body), body.len, b->count, taking_item, &t, &why);
	x->snaps.part += *good;
	if (*good && exchange_snapshots_save(x, e)) {
		ok = x->op->commit(x->ctx, e);
	} else {
		x->op->cancel(x->ctx);
		x->snaps.part -= *good;
		ok = !*good && !t.failed && why.code != ERR_NOMEM;
		if (!ok && e && !*good)
			*e = why;
	}
	buf_done(&body);
	return ok;
}

/* From the first part that was not yet taken in. */
static bool adopt_parts(struct exchange *x, const struct ending *en, bool *good, struct err *e)
{
	const struct id maker = en->s.maker;

	*good = true;
	if (!snapshot_same(&x->snaps.taking, &en->s)) {
		if (!snapshot_copy(&en->s, &x->snaps.taking, e))
			return false;
		x->snaps.part = en->s.first;
		if (!exchange_snapshots_keep(x, e))
			return false;
	}
	while (*good && x->snaps.part <= en->s.last) {
		struct bundle b;
		if (!part_fetch(x, &maker, x->snaps.part, &b, good, e))
			return false;
		if (!*good)
			break;
		if (!taking_step(x, &b, good, e)) {
			bundle_done(&b);
			return false;
		}
		bundle_done(&b);
	}
	return true;
}

/* Within a step: all streams in it go on from where it ends. */
static bool adopt_streams(struct exchange *x, const struct ending *en, struct err *e)
{
	struct stream *maker;

	for (size_t i = 0; i < en->nseen; i++) {
		const struct bundle_seen *saw = &en->seen[i];
		const struct stream *told = space_stream(&en->streams, &saw->device);
		struct stream *st = space_stream(&x->space, &saw->device);
		if (!st && (!told || !part_author(x, &told->who)))
			continue;
		if (!st && !(st = space_add(&x->space, &told->id, &told->who, told->label, e)))
			return false;
		if (st->n < saw->n) {
			st->n = saw->n;
			memcpy(st->hash, saw->hash, BUNDLE_HASH);
			st->ended = told && told->ended;
			st->since_ms = 0;
			if (!x->op->put(x->ctx, &st->id, saw->n, saw->hash, -1, NULL, e))
				return false;
			exchange_reread(x, st);
		}
		if (!x->op->save(x->ctx, &x->space, st, e))
			return false;
	}
	maker = space_stream(&x->space, &en->s.maker);
	for (size_t i = 0; maker && i < en->nseen; i++) {
		if (!stream_sees(maker, &en->seen[i].device, en->seen[i].n, e))
			return false;
	}
	return !maker || x->op->save(x->ctx, &x->space, maker, e);
}

static bool adopt_write(struct exchange *x, const struct ending *en, struct err *e)
{
	struct snapshot_stream *maker, *own;

	snapshot_done(&x->snaps.taking);
	if (snapshot_weight(&en->s) > snapshot_weight(&x->snaps.told)) {
		if (!snapshot_copy(&en->s, &x->snaps.told, e))
			return false;
		maker = snapshot_stream(&x->snaps.told, &en->s.maker, e);
		if (!maker)
			return false;
		maker->said = true;
		own = snapshot_stream(&x->snaps.told, &x->space.own, e);
		if (!own)
			return false;
		own->said = x->snaps.tell = x->snaps.compared = true;
	}
	if (x->space.unacked_ms == 0)
		x->space.unacked_ms = x->op->now(x->ctx);
	return adopt_streams(x, en, e) && exchange_snapshots_save(x, e);
}

static bool adopt_take(struct exchange *x, const struct ending *en, bool *news, struct err *e)
{
	uint8_t hash[BUNDLE_HASH];
	size_t streams = x->space.n;
	bool good;

	if (!adopt_parts(x, en, &good, e))
		return false;
	if (!good)
		return true;
	if (!exchange_tally(x, &en->s, hash, e))
		return false;
	if (memcmp(hash, en->s.hash, BUNDLE_HASH) != 0) {
		exchange_find(x, FINDING_BAD, &en->s.maker, en->s.last, NULL);
		return true;
	}
	if (!x->op->begin(x->ctx, e))
		return false;
	if (adopt_write(x, en, e)) {
		*news = x->op->commit(x->ctx, e);
		x->report->adopted += *news;
		return *news;
	}
	x->op->cancel(x->ctx);
	x->space.n = streams;
	return false;
}

bool exchange_source(struct exchange *x, bool (*cb)(void *ctx, const struct segment_item *it, struct err *e), void *ctx,
		     struct err *e)
{
	bool good = true, ok = true;

	for (uint64_t n = x->source.first; ok && good && n < x->source.last; n++) {
		struct buf body = BUF_INIT;
		struct err why = ERR_INIT;
		struct bundle b;
		ok = part_fetch(x, &x->source.maker, n, &b, &good, e);
		if (!ok || !good)
			break;
		good = x->op->unpack(x->ctx, &b, &body, &why) &&
		       segment_each(buf_str(&body), body.len, b.count, cb, ctx, &why);
		ok = why.code != ERR_NOMEM || err_nomem(e, "exchange_restore");
		bundle_done(&b);
		buf_done(&body);
	}
	return ok;
}

/* Has it own segments that are not ours?  Then this notebook is an older copy of itself. */
static bool adopt_conflict(struct exchange *x, const struct ending *en, struct err *e)
{
	const struct stream *own = space_stream(&x->space, &x->space.own);
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	bool found;

	for (size_t i = 0; i < en->nseen && x->conflict == 0; i++) {
		const struct bundle_seen *saw = &en->seen[i];
		if (!id_eq(&saw->device, &own->id))
			continue;
		found = false;
		if (saw->n <= own->n && !x->op->get(x->ctx, &own->id, saw->n, hash, &last, NULL, &found, e))
			return false;
		if (!found || memcmp(hash, saw->hash, BUNDLE_HASH) != 0)
			x->conflict = saw->n <= own->n ? saw->n : own->n + 1;
	}
	return x->conflict == 0 || snapshot_copy(&en->s, &x->source, e);
}

bool exchange_suspects(const struct exchange *x, bool hold)
{
	int64_t since = x->snaps.suspect_ms, now = x->op->now(x->ctx);

	return since != 0 && since <= now && now - since < (hold ? SUSPECT_HOLD_MS : SUSPECT_LOOK_MS);
}

bool exchange_adopt(struct exchange *x, bool *news, struct err *e)
{
	const struct snapshot_stream *mine;
	struct ending best;
	bool ok;

	*news = false;
	if (x->listed)
		return true;
	x->listed = true;
	memset(&best, 0, sizeof best);
	ok = adopt_find(x, &best, e);
	/* Who is in the space is told by its roster alone. */
	ok = ok && (best.gain == 0 || exchange_roster_all(x, e)) && adopt_conflict(x, &best, e);
	/* For one of our own, nobody else clears anything. */
	mine = ok && !id_eq(&best.s.maker, &x->space.own) ? snapshot_of(&best.s, &x->space.own) : NULL;
	if (ok && x->conflict == 0 && best.gain > 0)
		ok = adopt_take(x, &best, news, e);
	x->below = mine ? mine->n : 0;
	if (best.gain > 0 || x->below >= x->mark.sent)
		x->snaps.suspect_ms = 0;
	if (ok && x->snaps.taking.last != 0 && (best.gain == 0 || !snapshot_same(&x->snaps.taking, &best.s))) {
		snapshot_done(&x->snaps.taking); /* it is no longer there, or all of it came otherwise */
		ok = exchange_snapshots_keep(x, e);
	}
	ending_done(&best);
	return ok;
}
