/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signing what is changed here in the roster, and putting it up. */
#include "exchange-in.h"

#include <stdlib.h>
#include <string.h>

struct signing {
	struct exchange *x;
	struct buf body;
	uint32_t count;
	bool founding;
};

static void signing_add(struct signing *s, const struct roster_item *it)
{
	roster_item_write(&s->body, it);
	s->count++;
}

/* What was taken in of the device's streams until now is what counts of it. */
static bool signing_remove(struct signing *s, const struct roster_item *it, struct err *e)
{
	const struct space *sp = &s->x->space;
	struct roster_item cut = *it;
	struct stream *log;
	struct id id;

	cut.ncuts = 0;
	if (!(cut.cuts = calloc(sp->n + 1, sizeof *cut.cuts)))
		return err_nomem(e, "roster");
	/* Who leaves tells of it in one more segment. */
	for (size_t i = 0; i < sp->n; i++)
		if (id_eq(&sp->streams[i].who.device, &it->device))
			cut.cuts[cut.ncuts++] = (struct roster_cut){
			    sp->streams[i].id, sp->streams[i].n + id_eq(&sp->streams[i].id, &sp->own)};
	roster_stream(&it->device, &id);
	log = space_roster(sp, &id);
	cut.n = log ? log->n : 0;
	signing_add(s, &cut);
	free(cut.cuts);
	return true;
}

static bool signing_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct signing *s = ctx;
	const struct member *m = roster_member(&s->x->space.roster, &it->who.device);

	/* Asked for in a copy of this notebook too, and signed there. */
	if ((it->type == ROSTER_FOUND && s->x->space.roster.n > 0) || (it->type == ROSTER_ADD && m && m->in))
		return true;
	s->founding |= it->type == ROSTER_FOUND;
	if (it->type == ROSTER_REMOVE)
		return signing_remove(s, it, e);
	signing_add(s, it);
	return true;
}

struct giving {
	struct roster_item it;
	struct buf *sealed;
	size_t n;
};

static void giving_done(struct giving *g)
{
	for (size_t i = 0; i < g->n; i++)
		buf_done(&g->sealed[i]);
	free(g->sealed);
	free(g->it.grants);
}

static bool giving_to(struct exchange *x, struct giving *g, const struct identity *who, struct err *e)
{
	struct buf *sealed = realloc(g->sealed, (g->n + 1) * sizeof *sealed);
	struct roster_grant *grants = realloc(g->it.grants, (g->n + 1) * sizeof *grants);

	g->sealed = sealed ? sealed : g->sealed;
	g->it.grants = grants ? grants : g->it.grants;
	if (!sealed || !grants)
		return err_nomem(e, "roster");
	sealed[g->n] = (struct buf)BUF_INIT;
	if (!x->op->key_give(x->ctx, &g->it.key, who, &sealed[g->n], e))
		return false;
	grants[g->n] = (struct roster_grant){who->device, (const uint8_t *)sealed[g->n].p, sealed[g->n].len};
	g->it.ngrants = ++g->n;
	return true;
}

/* A key for all who are in the space, or for those of them who lack it. */
static bool signing_key(struct signing *s, const struct id *key, uint32_t epoch, bool all, struct err *e)
{
	const struct roster *r = &s->x->space.roster;
	struct giving g = {.it = {.type = ROSTER_KEY, .epoch = epoch, .key = *key}};
	bool ok = true;

	for (size_t i = 0; ok && i < r->n; i++) {
		bool gets = all;
		for (size_t k = 0; !gets && k < r->nlack; k++)
			gets = id_eq(&r->lack[k].key, key) && id_eq(&r->lack[k].device, &r->members[i].who.device);
		if (gets && r->members[i].in)
			ok = giving_to(s->x, &g, &r->members[i].who, e);
	}
	if (ok && g.n > 0)
		signing_add(s, &g.it);
	giving_done(&g);
	return ok;
}

/* The founder's first key, which so far only invitations had. */
static bool signing_first(struct signing *s, struct err *e)
{
	struct exchange *x = s->x;
	const struct stream *own = space_stream(&x->space, &x->space.own);
	struct giving g = {.it = {.type = ROSTER_KEY, .epoch = x->space.keys[0].epoch, .key = x->space.keys[0].id}};
	bool ok = giving_to(x, &g, &own->who, e);

	if (ok)
		signing_add(s, &g.it);
	giving_done(&g);
	return ok;
}

/* All rosters, up to where they are here. */
static bool signing_seen(struct exchange *x, const struct stream *own, struct bundle *b, struct roster_entry *en,
			 struct err *e)
{
	struct stamp *seen = calloc(x->space.nrosters + 1, sizeof *seen);

	b->seen = calloc(x->space.nrosters + 1, sizeof *b->seen);
	en->seen = seen;
	if (!b->seen || !seen)
		return err_nomem(e, "roster");
	for (size_t i = 0; i < x->space.nrosters; i++) {
		const struct stream *t = &x->space.rosters[i];
		if (t == own || t->n == 0)
			continue;
		b->seen[b->nseen].device = t->id;
		b->seen[b->nseen].n = t->n;
		memcpy(b->seen[b->nseen++].hash, t->hash, BUNDLE_HASH);
		seen[en->nseen++] = (struct stamp){t->who.device, t->n};
	}
	return true;
}

/* One bundle of the own roster, sealed once; `pending` is done with it. */
static bool signing_seal(struct signing *s, struct stream *own, bool pending, struct err *e)
{
	struct exchange *x = s->x;
	struct roster_entry en = {.author = own->who.device, .n = own->n + 1, .count = s->count};
	const struct id id = own->id;
	struct buf file = BUF_INIT;
	struct bundle b;
	bool ok;

	bundle_init(&b, BUNDLE_ROSTER);
	memcpy(b.team, x->space.id.b, BUNDLE_TEAM);
	b.from.device = own->id;
	b.n = own->n + 1;
	b.epoch = space_key(&x->space) ? space_key(&x->space)->epoch : 0;
	b.clock = (uint64_t)x->op->now(x->ctx) << 16;
	b.count = s->count;
	memcpy(b.previous, own->hash, BUNDLE_HASH);
	en.ms = CLOCK_MS(b.clock);
	en.body = buf_str(&s->body);
	en.len = s->body.len;
	ok = buf_ok(&s->body, e) && signing_seen(x, own, &b, &en, e) &&
	     x->op->seal(x->ctx, &x->space, &b, &s->body, &file, e);
	if (ok && pending) {
		buf_clear(&x->space.pending);
		x->space.npending = 0;
	}
	ok = ok && exchange_roster_apply(x, &id, &b, &en, &file, e);
	free((void *)en.seen);
	bundle_done(&b);
	buf_done(&file);
	return ok;
}

struct asked {
	const struct id *device;
	bool leaves, others;
};

static bool asked_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct asked *a = ctx;
	bool leaves = it->type == ROSTER_REMOVE && id_eq(&it->device, a->device);

	(void)e;
	a->leaves |= leaves;
	a->others |= !leaves && it->type != ROSTER_RESIGN;
	return true;
}

static struct asked asked_here(const struct exchange *x)
{
	struct asked a = {.device = &x->space.device};
	struct err e = ERR_INIT;

	if (!roster_items(buf_str(&x->space.pending), x->space.pending.len, x->space.npending, asked_item, &a, &e))
		a.others = true;
	return a;
}

bool exchange_leaves(const struct exchange *x)
{
	return asked_here(x).leaves;
}

static bool sign_nothing(struct exchange *x, struct err *e)
{
	buf_clear(&x->space.pending);
	x->space.npending = 0;
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save(x->ctx, &x->space, NULL, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

/* What a person asked for here since the last round.  One who does not know of its own admission yet waits; what may
 * not be any more is dropped. */
static bool sign_pending(struct exchange *x, struct stream *own, struct err *e)
{
	struct signing s = {.x = x, .body = BUF_INIT};
	const struct member *m = roster_member(&x->space.roster, &x->space.device);
	bool founds = own->n == 0 && x->space.roster.n == 0 && id_eq(&x->space.device, &x->space.founder), ok;

	if (!m && !founds)
		return true;
	if (!founds && !space_admin(&x->space) && (!m->in || asked_here(x).others)) {
		exchange_find(x, FINDING_RIGHTS, &x->space.own, 0, NULL);
		return sign_nothing(x, e);
	}
	ok = roster_items(buf_str(&x->space.pending), x->space.pending.len, x->space.npending, signing_item, &s, e) &&
	     (!s.founding || signing_first(&s, e)) &&
	     (s.count > 0 ? signing_seal(&s, own, true, e) : sign_nothing(x, e));
	buf_done(&s.body);
	return ok;
}

/* A new key when someone who was removed may have the one in force; and keys to those who lack them. */
static bool sign_keys(struct exchange *x, struct stream *own, struct err *e)
{
	const struct roster *r = &x->space.roster;
	struct signing s = {.x = x, .body = BUF_INIT};
	struct id key;
	bool ok = true;

	if (r->rekey)
		ok = x->op->begin(x->ctx, e) && x->op->key_make(x->ctx, &key, e) && x->op->commit(x->ctx, e) &&
		     signing_key(&s, &key, r->epoch + 1, true, e);
	for (size_t i = 0; ok && i < x->space.nkeys; i++)
		ok = signing_key(&s, &x->space.keys[i].id, x->space.keys[i].epoch, false, e);
	ok = ok && (s.count == 0 || signing_seal(&s, own, false, e));
	buf_done(&s.body);
	return ok;
}

static bool keys_due(const struct exchange *x)
{
	const struct roster *r = &x->space.roster;
	bool due = r->rekey;

	for (size_t i = 0; i < r->nlack && !due; i++)
		for (size_t k = 0; k < x->space.nkeys && !due; k++)
			due = id_eq(&x->space.keys[k].id, &r->lack[i].key);
	return due && space_admin(&x->space);
}

static bool roster_save_mark(struct exchange *x, struct err *e)
{
	if (!x->op->begin(x->ctx, e))
		return false;
	if (x->op->save_mark(x->ctx, &x->mark, e))
		return x->op->commit(x->ctx, e);
	x->op->cancel(x->ctx);
	return false;
}

static bool again_write(struct exchange *x, const struct id *id, uint64_t n, struct err *e)
{
	struct stream *own = space_roster(&x->space, id);
	uint8_t hash[BUNDLE_HASH] = {0};
	struct buf asked = BUF_INIT;
	uint32_t count = 0;
	int64_t last;
	bool found = true, ok;

	ok = n == 1 || x->op->get(x->ctx, id, n - 1, hash, &last, NULL, &found, e);
	ok = ok && roster_log_cut(&x->space.log, &x->space.device, n, &asked, &count, e);
	if (ok) {
		own->n = n - 1;
		memcpy(own->hash, hash, BUNDLE_HASH);
		buf_add(&x->space.pending, buf_str(&asked), asked.len);
		x->space.npending += count;
	}
	buf_done(&asked);
	return ok && buf_ok(&x->space.pending, e) && x->op->drop(x->ctx, id, n, e) &&
	       x->op->save_log(x->ctx, &x->space, e) && x->op->save(x->ctx, &x->space, own, e);
}

bool exchange_roster_again(struct exchange *x, uint64_t n, struct err *e)
{
	struct id id;
	bool ok = x->op->begin(x->ctx, e);

	roster_stream(&x->space.device, &id);
	if (ok && again_write(x, &id, n, e)) {
		ok = x->op->commit(x->ctx, e) && space_follow(&x->space, e);
	} else if (ok) {
		x->op->cancel(x->ctx);
		ok = false;
	}
	return ok;
}

/* Another one in its place is of a copy of this notebook, of which this one is an older: it is taken in, and what was
 * asked for here is signed again with the next round. */
static bool roster_put_one(struct exchange *x, const struct id *id, uint64_t n, const struct buf *file, bool *kept,
			   struct err *e)
{
	struct buf back = BUF_INIT;
	struct err why = ERR_INIT;
	char name[REMOTE_NAME_MAX];
	uint32_t epoch = 0;
	struct bundle b;
	bool made, found = false, ok;

	exchange_name(x, id, n, name);
	ok = exchange_go_on(x, e) && remote_put(x->remote, name, file->p, file->len, &made, e) &&
	     exchange_get(x, id, n, &back, &found, e);
	*kept = ok && found && back.len == file->len && memcmp(back.p, file->p, file->len) == 0;
	if (ok && !*kept && found && !made) {
		bool opens = x->op->open(x->ctx, &x->space, &back, &b, &epoch, &why), ours;
		ours = opens && b.kind == BUNDLE_ROSTER && id_eq(&b.from.device, id) && b.n == n;
		if (opens)
			bundle_done(&b);
		if (!ours)
			exchange_find(x, FINDING_ALTERED, &x->space.own, n, NULL);
		ok = ours ? exchange_roster_again(x, n, e) : opens || exchange_clear(x, id, n, &back, e);
	}
	buf_done(&back);
	return ok;
}

/* Is the last one still there?  What goes up next builds upon it, or tells of it. */
static bool roster_look(struct exchange *x, const struct id *id, struct err *e)
{
	char name[REMOTE_NAME_MAX];
	uint64_t size;
	bool found;

	exchange_name(x, id, x->mark.rsent, name);
	if (!exchange_go_on(x, e) || !remote_has(x->remote, name, &found, &size, e))
		return false;
	if (!found)
		x->mark.rsent = 0;
	return true;
}

/* One that came back from the remote, after a backup was put back, is there. */
static bool roster_put(struct exchange *x, const struct stream *own, bool *kept, struct err *e)
{
	const struct id id = own->id;
	struct buf file = BUF_INIT;
	uint8_t hash[BUNDLE_HASH];
	int64_t last;
	bool found, ok = true;

	*kept = true;
	if (x->mark.rsent > 0 && !roster_look(x, &id, e))
		return false;
	while (ok && *kept && x->mark.rsent < own->n) {
		buf_clear(&file);
		ok = x->op->get(x->ctx, &id, x->mark.rsent + 1, hash, &last, &file, &found, e) &&
		     (file.len == 0 || roster_put_one(x, &id, x->mark.rsent + 1, &file, kept, e));
		x->mark.rsent += ok && *kept;
		ok = ok && roster_save_mark(x, e);
	}
	buf_done(&file);
	return ok;
}

bool exchange_roster_send(struct exchange *x, bool *kept, struct err *e)
{
	struct stream *own;
	struct id id;

	*kept = true;
	if (x->space.npending > 0) {
		if (!exchange_roster_own(x, &own, e) || !sign_pending(x, own, e))
			return false;
	}
	if (keys_due(x)) {
		if (!exchange_roster_own(x, &own, e) || (keys_due(x) && !sign_keys(x, own, e)))
			return false;
	}
	roster_stream(&x->space.device, &id);
	own = space_roster(&x->space, &id);
	return !own || x->mark.rsent == own->n || roster_put(x, own, kept, e);
}

bool exchange_roster_look(struct exchange *x, bool *kept, struct err *e)
{
	const struct stream *own;
	struct id id;

	roster_stream(&x->space.device, &id);
	own = space_roster(&x->space, &id);
	return !own || own->n == 0 || roster_put(x, own, kept, e);
}
