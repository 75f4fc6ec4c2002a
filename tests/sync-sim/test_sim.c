/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whole teams of devices in one process: the real exchange over notebooks in memory and a remote that loses, delays,
 * cuts and lies, with clocks years apart, crashes at any write, backups put back and colleagues' hand-offs in between.
 * $WORLDS says how many (2,000 when unset, a fifth of that under a sanitizer), $SEED which is the first.
 *
 * In the end the remote is honest, and: all devices have the same states, byte for byte, and the same journals; every
 * value ever written stands, or was replaced by someone who had seen it; nothing waits, and a round costs a request a
 * stream.
 */
#include "mem.h"

#define DEVICES_MAX 5
#define HOUR 3600000LL
#define YEAR (365 * 24 * HOUR)

struct object {
	char name[REMOTE_NAME_MAX];
	struct buf bytes;
	size_t by;     /* device */
	int64_t shown; /* to others from then on */
	size_t gone;   /* removed when there were so many; 0: it was not */
};

struct text { /* a value that somebody wrote */
	char text[16];
	size_t by;
	bool lost; /* with what a backup did not have, before anyone saw it */
};

struct world {
	struct mem devices[DEVICES_MAX];
	struct mem_data backups[DEVICES_MAX];
	bool backed[DEVICES_MAX], joined[DEVICES_MAX];
	int64_t ahead[DEVICES_MAX];
	struct identity who[DEVICES_MAX];
	size_t n, at; /* devices; the one that acts */
	int64_t time;
	struct object *objects;
	size_t nobjects;
	struct remote remote;
	struct text *texts;
	size_t ntexts;
	struct record outside[MEM_RECORDS]; /* a colleague's, who is none of the devices */
	uint64_t outside_count;
	uint64_t snapshots; /* segments until another is made */
	bool restores, lies, rolls, feedback, parks, honest;
	unsigned lossy, stale; /* one request in so many; 0: none */
	unsigned was_lossy, was_stale;
};

static struct world w;

static struct object *object(const char *name)
{
	for (size_t i = 0; i < w.nobjects; i++)
		if (!w.objects[i].gone && strcmp(w.objects[i].name, name) == 0)
			return &w.objects[i];
	return NULL;
}

static bool chance(unsigned one_in)
{
	return one_in > 0 && sim_pick(one_in) == 0;
}

static bool lost(struct err *e)
{
	return err_set(e, ERR_IO, "sim", "the line broke");
}

/* What a lying remote gives: nothing, another object, some bytes of it, all of it with one bit the other way. */
static void lie(struct buf *out, bool *found)
{
	const struct object *other = &w.objects[sim_pick(w.nobjects)];

	switch (sim_pick(5)) {
	case 0:
		*found = false;
		buf_clear(out);
		break;
	case 1:
		buf_clear(out);
		buf_add(out, other->bytes.p, other->bytes.len);
		break;
	case 2:
		buf_truncate(out, sim_pick(out->len + 1));
		break;
	case 3:
		if (out->len > 0)
			out->p[sim_pick(out->len)] ^= (char)(1 << sim_pick(8));
		break;
	default:
		buf_clear(out);
		buf_printf(out, "not ours %llu", (unsigned long long)sim_random());
	}
}

static bool sim_get(void *ctx, const char *name, size_t limit, struct buf *out, bool *found, struct err *e)
{
	const struct object *o = object(name);

	(void)ctx, (void)limit;
	if (chance(w.lossy))
		return lost(e);
	if (!o || (w.stale && o->by != w.at && o->shown > w.time))
		return true;
	*found = true;
	buf_add(out, o->bytes.p, o->bytes.len);
	if (w.lies && !w.honest && strcmp(name, REMOTE_ID) != 0 && chance(6))
		lie(out, found);
	return true;
}

static bool sim_put(void *ctx, const char *name, const void *p, size_t n, bool *made, struct err *e)
{
	struct object *o;

	(void)ctx;
	if (chance(w.lossy))
		return lost(e);
	*made = !object(name);
	if (!*made)
		return true;
	w.objects = realloc(w.objects, (w.nobjects + 1) * sizeof *w.objects);
	o = &w.objects[w.nobjects++];
	*o = (struct object){
	    .by = w.at, .shown = w.time + (chance(w.stale) ? (int64_t)sim_pick(name[0] == 'k' ? HOUR : 6 * HOUR) : 0)};
	snprintf(o->name, sizeof o->name, "%s", name);
	/* Half of it may stay as if it were all, when the line breaks. */
	buf_add(&o->bytes, p, chance(w.lossy) ? sim_pick(n) : n);
	return !chance(w.lossy) || lost(e);
}

static bool sim_has(void *ctx, const char *name, bool *found, uint64_t *size, struct err *e)
{
	const struct object *o = object(name);

	(void)ctx;
	if (chance(w.lossy))
		return lost(e);
	*found = o != NULL;
	*size = o ? o->bytes.len : 0;
	return true;
}

static bool sim_remove(void *ctx, const char *name, struct err *e)
{
	struct object *o = object(name);

	(void)ctx;
	if (chance(w.lossy))
		return lost(e);
	if (o)
		o->gone = w.nobjects;
	return !chance(w.lossy) || lost(e);
}

static bool sim_list(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	bool go = true;

	(void)ctx;
	if (chance(w.lossy))
		return lost(e);
	for (size_t i = 0; i < w.nobjects && go; i++) {
		const struct object *o = &w.objects[i];
		if (o->gone || (w.stale && o->by != w.at && o->shown > w.time) || (w.lies && !w.honest && chance(3)))
			continue;
		go = cb(with, o->name, o->bytes.len);
	}
	return true;
}

static const struct remote_ops sim_remote = {
    .get = sim_get, .put = sim_put, .has = sim_has, .list = sim_list, .remove = sim_remove};

/* Devices. */

static void device_start(size_t d)
{
	struct mem *m = &w.devices[d];
	struct err e;

	memset(m, 0, sizeof *m);
	mem_random(NULL, w.who[d].sign, IDENTITY_KEY);
	identity_device(w.who[d].sign, &w.who[d].device);
	m->now.device = w.who[d].device;
	m->now.entries = calloc(1, sizeof *m->now.entries);
	/* Where it belongs to no space yet it has one of its own, alone. */
	m->now.space.id = (struct id){{0x5A}};
	m->now.space.own = w.who[d].device;
	m->now.space.device = m->now.space.founder = w.who[d].device;
	m->now.space.own = w.who[d].device;
	if (d == 0) {
		const struct roster_item found = {.type = ROSTER_FOUND, .who = w.who[d]};
		struct id key;
		roster_item_write(&m->now.space.pending, &found);
		m->now.space.npending = 1;
		CHECK(mem_key_make(m, &key, &e) && space_key_add(&m->now.space, 1, &key, &e));
	}
	if (!space_add(&m->now.space, &w.who[d].device, &w.who[d], "", &e))
		exit(99);
	w.ahead[d] = chance(2) ? 0 : (int64_t)sim_pick(20 * YEAR) - 10 * YEAR;
	w.joined[d] = d == 0;
}

/* Asks for a change of the roster with the next round. */
static void device_ask(size_t by, const struct roster_item *it)
{
	struct space *s = &w.devices[by].now.space;

	roster_item_write(&s->pending, it);
	s->npending++;
}

/* What the invitation brings. */
static void device_join(size_t by, size_t d)
{
	const struct space *s = &w.devices[by].now.space;
	struct space *t = &w.devices[d].now.space;
	struct mem_data *m = &w.devices[d].now;
	struct err e;

	t->founder = s->founder;
	for (size_t i = 0; i < s->n; i++)
		if (!space_stream(t, &s->streams[i].id) && !space_add(t, &s->streams[i].id, &s->streams[i].who, "", &e))
			exit(99);
	for (size_t i = 0; i < s->nkeys; i++) {
		CHECK(space_key_add(t, s->keys[i].epoch, &s->keys[i].id, &e));
		if (!mem_has_key(m, &s->keys[i].id))
			m->keys[m->nkeys++] = s->keys[i].id;
	}
	for (size_t i = 0; i < s->nrosters; i++) {
		struct stream *st = space_roster_add(t, &s->rosters[i].who, &e);
		st->n = s->rosters[i].n;
		memcpy(st->hash, s->rosters[i].hash, BUNDLE_HASH);
	}
	buf_add(&t->log, buf_str(&s->log), s->log.len);
	w.joined[d] = true;
}

/* As `arpent device add` does, and the invitation. */
static void device_admit(size_t by, size_t d)
{
	struct space *s = &w.devices[by].now.space;
	struct roster_item add = {.type = ROSTER_ADD, .who = w.who[d], .admin = true};
	struct id given[MEM_KEYS];
	struct roster r;
	struct err e;

	/* Not between a backup put back and the next round: the stream begun then is forgotten by another backup. */
	for (size_t i = 0; i < s->n; i++)
		if (!id_eq(&s->streams[i].id, &s->own) && !s->streams[i].ended &&
		    identity_same(&s->streams[i].who, &w.who[by]))
			return;
	if (by == d || !CHECK_OK(roster_resolve(&s->log, NULL, &r, &e), &e))
		return;
	bool known = roster_member(&r, &w.who[d].device) != NULL;
	roster_done(&r);
	if (!known && !memmem(buf_str(&s->pending), s->pending.len, w.who[d].sign, IDENTITY_KEY)) {
		for (; add.ngiven < s->nkeys; add.ngiven++)
			given[add.ngiven] = s->keys[add.ngiven].id;
		add.given = given;
		device_ask(by, &add);
		if (!space_stream(s, &w.who[d].device) && !space_add(s, &w.who[d].device, &w.who[d], "", &e))
			exit(99);
	}
	if (!w.joined[d])
		device_join(by, d);
}

static bool device_round(size_t d, struct exchange_report *report)
{
	struct mem *m = &w.devices[d];
	const struct book book = {&mem_ops, m, w.snapshots};
	struct err e = ERR_INIT;

	w.at = d;
	m->clock = w.time + w.ahead[d];
	return exchange_round(&book, &w.remote, NULL, report, &e) ||
	       CHECK_EQ_INT(e.code, ERR_IO); /* the line broke, or the device stopped */
}

static const char *const fields[] = {"subject", "place", "tags=loup", "new.field", "notes"};

static void device_write(size_t d, size_t r, struct change *c)
{
	struct mem *m = &w.devices[d];
	struct buf bytes = BUF_INIT;
	struct err e = ERR_INIT;

	m->clock = w.time + w.ahead[d];
	m->now.hlc = clock_next(m->now.hlc, m->clock);
	c->stamp = (struct stamp){m->now.device, ++m->now.count};
	c->clock.hlc = m->now.hlc;
	CHECK_OK(record_apply(&m->now.records[r], c, &e), &e);
	change_encode(c, &bytes);
	mem_journal(&m->now, r, true, &bytes, &c->stamp, &c->clock);
	buf_done(&bytes);
}

/* A text of its own in one field or two of a record that may be new here; or it goes to the bin. */
static void device_edit(size_t d)
{
	size_t r = sim_pick(MEM_RECORDS), n = 1 + sim_pick(2), f = sim_pick(4);
	struct record *rec = &w.devices[d].now.records[r];
	struct want wants[2];
	struct change c;
	struct err e = ERR_INIT;

	if (rec->kind && chance(12)) {
		CHECK_OK(change_delete(rec, &c, &e), &e);
	} else {
		for (size_t i = 0; i < n; i++) {
			w.texts = realloc(w.texts, (w.ntexts + 1) * sizeof *w.texts);
			snprintf(w.texts[w.ntexts].text, sizeof w.texts->text, "<%zu>", w.ntexts);
			w.texts[w.ntexts].by = d;
			w.texts[w.ntexts++].lost = false;
		}
		for (size_t i = 0; i < n; i++)
			wants[i] = (struct want){
			    .key = fields[f + i], .text = w.texts[w.ntexts - n + i].text, .is_text = f + i == 4};
		CHECK_OK(change_make(rec, wants, n, &c, &e), &e);
	}
	if (!c.kind) {
		c.kind = str_dup(r == 3 ? "new.kind" : "meeting");
		c.id = mem_record_id(r);
	}
	device_write(d, r, &c);
	change_done(&c);
}

static bool outside_keeps(void *ctx, const char *key)
{
	return (*(unsigned *)ctx >> (strlen(key) % 4) & 1) != 0;
}

static void outside_edit(size_t r)
{
	struct want want = {.key = fields[sim_pick(2)], .text = "from outside"};
	struct change c;
	struct err e = ERR_INIT;
	char text[24];

	snprintf(text, sizeof text, "outside %llu", (unsigned long long)w.outside_count);
	want.text = text;
	CHECK_OK(change_make(&w.outside[r], &want, 1, &c, &e), &e);
	if (!c.kind) {
		c.kind = str_dup(r == 3 ? "new.kind" : "meeting");
		c.id = mem_record_id(r);
	}
	c.stamp = (struct stamp){{{0x0F}}, ++w.outside_count};
	c.clock.hlc = (uint64_t)w.time << 16;
	CHECK_OK(record_apply(&w.outside[r], &c, &e), &e);
	change_done(&c);
}

/* A colleague hands over a record, perhaps not all of its fields; and may have been handed ours before. */
static void device_hand_off(size_t d)
{
	size_t r = sim_pick(MEM_RECORDS);
	unsigned keeps = (unsigned)sim_pick(16);
	struct mem_data *m = &w.devices[d].now;
	struct record part, merged;
	struct err e = ERR_INIT;

	if (w.feedback && m->records[r].kind && chance(2)) {
		CHECK_OK(record_withhold(&m->records[r], outside_keeps, &keeps, &part, &e), &e);
		CHECK_OK(record_merge(&w.outside[r], &part, &e), &e);
		record_done(&part);
	}
	outside_edit(r);
	keeps = (unsigned)sim_pick(16);
	CHECK_OK(record_withhold(&w.outside[r], outside_keeps, &keeps, &part, &e), &e);
	CHECK_OK(record_copy(&m->records[r], &merged, &e), &e);
	CHECK_OK(record_merge(&merged, &part, &e), &e);
	if (!record_equal(&merged, &m->records[r])) {
		const struct value *last = record_last(&merged);
		mem_journal(m, r, true, NULL, &last->stamp, &last->clock);
	}
	record_done(&m->records[r]);
	m->records[r] = merged;
	record_done(&part);
}

static bool journal_has_text(const struct mem_data *d, const char *text)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->entries[i].change && memmem(d->entries[i].change, d->entries[i].n, text, strlen(text)))
			return true;
	return false;
}

static void device_backup(size_t d)
{
	if (w.backed[d])
		mem_data_done(&w.backups[d]);
	mem_copy(&w.devices[d].now, &w.backups[d]);
	w.backed[d] = true;
}

/* Is the object whole, and has it that text? */
static bool object_has(const struct object *o, const char *text)
{
	uint32_t len = 0;

	if (o->bytes.len >= 8)
		memcpy(&len, o->bytes.p + 4, 4);
	return len == o->bytes.len && memmem(o->bytes.p, o->bytes.len, text, strlen(text));
}

/* What had not left the device yet is lost, and nobody can help that. */
static void device_restore(size_t d)
{
	for (size_t i = 0; i < w.ntexts; i++) {
		bool kept = w.texts[i].by != d || journal_has_text(&w.backups[d], w.texts[i].text);
		for (size_t o = 0; !kept && o < w.nobjects; o++)
			kept = object_has(&w.objects[o], w.texts[i].text);
		w.texts[i].lost |= !kept;
	}
	mem_data_done(&w.devices[d].now);
	mem_copy(&w.backups[d], &w.devices[d].now);
}

/* An older copy of the whole remote is put back. */
static void remote_roll_back(void)
{
	size_t keep = w.nobjects - sim_pick(w.nobjects / 2 + 1);

	while (w.nobjects > keep)
		buf_done(&w.objects[--w.nobjects].bytes);
	for (size_t i = 0; i < keep; i++)
		if (w.objects[i].gone > keep)
			w.objects[i].gone = 0;
}

/* As `arpent device park` does, of one that is not away for long either. */
static void device_park(size_t by, size_t d)
{
	struct stream *st = space_stream(&w.devices[by].now.space, &w.devices[d].now.space.own);

	if (by != d && st && stream_active(st))
		st->park = st->parked = true;
}

static void world_start(uint64_t seed)
{
	memset(&w, 0, sizeof w);
	sim_state = seed * 0x2545F4914F6CDD1Du;
	w.n = 2 + sim_pick(DEVICES_MAX - 1);
	w.time = 1795000000000;
	w.remote.ops = &sim_remote;
	w.restores = chance(2);
	w.lies = chance(3);
	w.rolls = !w.restores && chance(3);
	w.feedback = !w.restores && chance(2);
	w.snapshots = chance(3) ? 1000000 : 1 + sim_pick(12);
	w.parks = chance(2);
	w.lossy = chance(2) ? 0 : 4 + (unsigned)sim_pick(30);
	w.stale = chance(2) ? 0 : 1 + (unsigned)sim_pick(4);
	for (size_t d = 0; d < w.n; d++)
		device_start(d);
}

static void world_done(void)
{
	for (size_t d = 0; d < w.n; d++) {
		mem_data_done(&w.devices[d].now);
		if (w.backed[d])
			mem_data_done(&w.backups[d]);
	}
	for (size_t i = 0; i < w.nobjects; i++)
		buf_done(&w.objects[i].bytes);
	for (size_t r = 0; r < MEM_RECORDS; r++)
		record_done(&w.outside[r]);
	free(w.objects);
	free(w.texts);
}

/* Has it signed a change of the roster that may be in an invitation, and is on no remote?  An older copy cannot know.
 */
static bool roster_unsent(size_t d)
{
	const struct mem_data *m = &w.devices[d].now;
	struct id id;
	const struct stream *own;

	roster_stream(&w.who[d].device, &id);
	own = space_roster(&m->space, &id);
	return own && own->n > m->mark.rsent;
}

static void world_step(void)
{
	size_t d = sim_pick(w.n), what = sim_pick(100);
	struct exchange_report report;

	w.time += (int64_t)sim_pick(2 * HOUR);
	if (!w.joined[d] && chance(3))
		device_admit(0, d);
	if (what < 45) {
		device_edit(d);
	} else if (what < 50) {
		device_hand_off(d);
	} else if (what < 54 && w.joined[d] && w.restores) {
		device_backup(d);
	} else if (what < 58 && w.backed[d] && !roster_unsent(d)) {
		device_restore(d);
	} else if (what < 60 && w.rolls && w.nobjects > 0) {
		remote_roll_back();
	} else if (what < 62 && w.parks) {
		device_park(d, sim_pick(w.n));
	} else if (w.joined[d]) {
		w.devices[d].fail = chance(6) ? 1 + (unsigned)sim_pick(12) : 0;
		CHECK(device_round(d, &report));
		w.devices[d].fail = 0;
	}
}

/* Honest from here on.  A device whose admission was lost with what a backup did not have is added again. */
static void world_settle(void)
{
	struct exchange_report report;

	w.honest = true;
	w.was_lossy = w.lossy;
	w.was_stale = w.stale;
	w.lossy = w.stale = 0;
	for (int cycle = 0; cycle < 12; cycle++) {
		w.time += cycle == 8 ? 48 * HOUR : 0; /* what was suspected is no longer looked for */
		for (size_t d = 0; d < w.n; d++) {
			device_admit(0, d);
			w.time += HOUR;
			CHECK(!w.joined[d] || device_round(d, &report));
		}
	}
}

/* The same states, byte for byte. */
static void states_agree(void)
{
	struct buf want = BUF_INIT, got = BUF_INIT;

	for (size_t d = 0; d < w.n; d++) {
		struct buf *to = d == 0 ? &want : &got;
		buf_clear(to);
		for (size_t r = 0; r < MEM_RECORDS; r++)
			if (w.devices[d].now.records[r].kind)
				record_encode(&w.devices[d].now.records[r], to);
		if (d > 0 && !CHECK_MEM(got.p, got.len, want.p, want.len))
			break;
	}
	buf_done(&want);
	buf_done(&got);
}

/* The same changes in all journals: who said what, and when. */
static void journals_agree(void)
{
	const struct mem_data *a = &w.devices[0].now;

	for (size_t d = 1; d < w.n; d++) {
		const struct mem_data *b = &w.devices[d].now;
		size_t na = 0, nb = 0;
		for (size_t i = 0; i < b->n; i++)
			nb += b->entries[i].change != NULL;
		for (size_t i = 0; i < a->n; i++) {
			const struct mem_entry *x = &a->entries[i];
			bool same = !x->change;
			na += x->change != NULL;
			for (size_t k = 0; !same && k < b->n; k++)
				same = b->entries[k].change && b->entries[k].n == x->n &&
				       memcmp(b->entries[k].change, x->change, x->n) == 0;
			CHECK(same);
		}
		CHECK_EQ_INT(nb, na);
	}
}

static bool stands(const struct record *r, const char *text)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->entries[i].n; k++)
			if (strcmp(r->entries[i].values[k].text, text) == 0)
				return true;
	return false;
}

static bool spans_have(const struct spans *s, const struct stamp *st)
{
	for (size_t i = 0; i < s->n; i++)
		if (id_eq(&s->v[i].device, &st->device) && s->v[i].from < st->n && s->v[i].to >= st->n)
			return true;
	return false;
}

/* Has a change of this field been made by someone who had seen that stamp? */
static bool replaced(const struct mem_data *d, size_t record, const char *key, const struct stamp *st)
{
	bool yes = false;
	struct err e;

	for (size_t i = 0; i < d->n && !yes; i++) {
		struct change c;
		if (!d->entries[i].change || d->entries[i].record != record ||
		    !change_decode(d->entries[i].change, d->entries[i].n, &c, &e))
			continue;
		for (size_t k = 0; k < c.n; k++)
			yes |= strcmp(c.edits[k].key, key) == 0 &&
			       (c.edits[k].context ? spans_have(c.edits[k].context, st) : seen_covers(&c.context, st));
		change_done(&c);
	}
	return yes;
}

static void values_live(void)
{
	const struct mem_data *d = &w.devices[0].now;

	for (size_t t = 0; t < w.ntexts; t++) {
		bool found = false;
		for (size_t i = 0; i < d->n && !found; i++) {
			struct change c;
			struct err e;
			if (!d->entries[i].change || !change_decode(d->entries[i].change, d->entries[i].n, &c, &e))
				continue;
			for (size_t k = 0; k < c.n; k++) {
				if (strcmp(c.edits[k].text, w.texts[t].text) != 0)
					continue;
				found = true;
				/* A colleague may have replaced what was handed to them. */
				CHECK(w.feedback || stands(&d->records[d->entries[i].record], w.texts[t].text) ||
				      replaced(d, d->entries[i].record, c.edits[k].key, &c.stamp));
			}
			change_done(&c);
		}
		CHECK(found || w.texts[t].lost);
	}
}

static void world_check(void)
{
	struct exchange_report report;

	states_agree();
	journals_agree();
	values_live();
	for (size_t d = 0; d < w.n; d++) {
		size_t streams = 0;
		w.remote.requests = 0;
		CHECK(device_round(d, &report));
		for (size_t i = 0; i < w.devices[d].now.space.n; i++)
			streams += !w.devices[d].now.space.streams[i].ended;
		CHECK_EQ_INT(report.waiting, 0);
		CHECK_EQ_INT(report.nfindings, 0);
		CHECK_EQ_INT(report.taken + report.sent, 0);
		CHECK_EQ_INT(streams, w.n);
		CHECK_EQ_INT(w.remote.requests, w.n);
	}
}

#if defined __has_feature
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *s = getenv(name);

	return s ? strtoul(s, NULL, 10) : otherwise;
}

TEST(all_come_to_the_same)
{
	unsigned long worlds = number("WORLDS", SANITIZED ? 400 : 2000), first = number("SEED", 1);

	for (unsigned long i = 0; i < worlds && check_failures == 0; i++) {
		world_start(first + i);
		for (size_t steps = 10 + sim_pick(60); steps > 0 && check_failures == 0; steps--)
			world_step();
		if (check_failures == 0)
			world_settle();
		if (check_failures == 0)
			world_check();
		if (check_failures > 0)
			printf("# world %lu: %zu devices%s%s%s%s, lossy %u, stale %u; again with WORLDS=1 SEED=%lu\n",
			       first + i, w.n, w.restores ? ", restores" : "", w.lies ? ", lies" : "",
			       w.rolls ? ", rolls back" : "", w.feedback ? ", feedback" : "", w.was_lossy, w.was_stale,
			       first + i);
		world_done();
	}
}
