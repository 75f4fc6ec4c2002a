/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The laws of merging, on made-up histories: a few devices edit one record, merge one another's states and hand off
 * copies that withhold fields.  $HISTORIES is how many; when unset 100,000, a fifth of that under a sanitizer.
 */
#include "check.h"

#include "arpent/kind.h"
#include "arpent/record.h"

#define DEVICES 4
#define CHANGES 24

struct world {
	struct record at[DEVICES]; /* each device's state, changed by edits and merges */
	uint64_t count[DEVICES];
	uint64_t hlc;
	struct change made[CHANGES];
	size_t nmade;
};

static uint64_t pick(uint64_t n)
{
	return check_random() % n;
}

static struct id device_id(size_t i)
{
	struct id id = {{0}};

	id.b[0] = (uint8_t)(0x40 + i * 7);
	id.b[15] = (uint8_t)i;
	return id;
}

static struct id record_id(void)
{
	struct id id = {{0xab, 0xcd}};

	return id;
}

static void encoded(const struct record *r, struct buf *out)
{
	buf_clear(out);
	record_encode(r, out);
	CHECK(!out->oom);
}

static bool same(const struct record *a, const struct record *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool eq = record_equal(a, b);

	if (eq && pick(4) > 0)
		return true;
	encoded(a, &x);
	encoded(b, &y);
	CHECK(eq == (x.len == y.len && memcmp(x.p, y.p, x.len) == 0));
	buf_done(&x);
	buf_done(&y);
	return eq;
}

static void copied(const struct record *from, struct record *to)
{
	struct err e = ERR_INIT;

	CHECK_OK(record_copy(from, to, &e), &e);
}

static void merged(struct record *a, const struct record *b)
{
	struct err e = ERR_INIT;

	CHECK_OK(record_merge(a, b, &e), &e);
}

static void applied(struct record *r, const struct change *c)
{
	struct err e = ERR_INIT;

	CHECK_OK(record_apply(r, c, &e), &e);
}

static void world_add(struct world *w, size_t d, struct change *c)
{
	struct record *r = &w->at[d];

	c->stamp = (struct stamp){device_id(d), ++w->count[d]};
	w->hlc += pick(3); /* ties too */
	c->clock = (struct clock){w->hlc, 60};
	if (!r->kind) {
		c->id = record_id();
		c->kind = str_dup("meeting");
	}
	applied(r, c);
	w->made[w->nmade++] = *c;
}

static void world_edit(struct world *w, size_t d)
{
	static const char *const values[] = {"", "1", "a", "b", "c"};
	static const char *const sets[] = {"", "loup", "loup\neau", "eau\nestive", "estive"};
	static const char *const texts[] = {"a\nb\nc\nd", "A\nb\nc\nd", "a\nb\nc\nD", "a\nb\nx\nc\nd", "", "b\nc"};
	struct want wants[4];
	struct change c;
	struct err e = ERR_INIT;
	size_t n = 0;

	/* A device's count is of all its records: it does not rise by ones here. */
	w->count[d] += pick(3);
	if (pick(3))
		wants[n++] = (struct want){.key = "place", .text = values[pick(5)], .settle = pick(4) == 0};
	if (pick(3) == 0)
		wants[n++] = (struct want){.key = "subject", .text = values[pick(5)]};
	if (pick(2))
		wants[n++] = (struct want){.key = "tags", .text = sets[pick(5)], .is_set = true};
	if (pick(2))
		wants[n++] = (struct want){.key = "notes", .text = texts[pick(6)], .is_text = true};
	if (w->at[d].kind && pick(12) == 0)
		CHECK_OK(change_delete(&w->at[d], &c, &e), &e);
	else
		CHECK_OK(change_make(&w->at[d], wants, n, &c, &e), &e);
	if (c.n > 0)
		world_add(w, d, &c);
	else
		change_done(&c);
}

static bool keeps(void *ctx, const char *field)
{
	uint64_t mask = *(uint64_t *)ctx;

	return mask >> (field[0] % 8) & 1;
}

static void handed(const struct record *r, struct record *out)
{
	uint64_t mask = check_random();
	struct err e = ERR_INIT;

	CHECK_OK(record_withhold(r, keeps, &mask, out, &e), &e);
}

static void world_make(struct world *w, bool withholding)
{
	size_t steps = 4 + pick(16);

	memset(w, 0, sizeof *w);
	while (w->nmade == 0)
		world_edit(w, 0);
	for (size_t i = 0; i < steps && w->nmade < CHANGES; i++) {
		size_t d = pick(DEVICES), from = pick(DEVICES);
		uint64_t what = pick(8);
		if (what < 4) {
			world_edit(w, d);
		} else if (what < 7 || !withholding) {
			merged(&w->at[d], &w->at[from]);
		} else if (w->at[from].kind) {
			struct record part;
			handed(&w->at[from], &part);
			merged(&w->at[d], &part);
			record_done(&part);
		}
	}
}

static void world_done(struct world *w)
{
	for (size_t i = 0; i < DEVICES; i++)
		record_done(&w->at[i]);
	for (size_t i = 0; i < w->nmade; i++)
		change_done(&w->made[i]);
}

static void law_commutes(const struct record *a, const struct record *b)
{
	struct record ab, ba;

	copied(a, &ab);
	copied(b, &ba);
	merged(&ab, b);
	merged(&ba, a);
	CHECK(same(&ab, &ba));
	merged(&ab, b);
	CHECK(same(&ab, &ba));
	merged(&ab, &ba);
	CHECK(same(&ab, &ba));
	record_done(&ab);
	record_done(&ba);
}

static void law_associates(const struct record *a, const struct record *b, const struct record *c)
{
	struct record left, right, bc;

	copied(a, &left);
	merged(&left, b);
	merged(&left, c);
	copied(b, &bc);
	merged(&bc, c);
	copied(a, &right);
	merged(&right, &bc);
	CHECK(same(&left, &right));
	record_done(&left);
	record_done(&right);
	record_done(&bc);
}

/* May c come now, after those that are in? */
static bool ready(const struct world *w, const bool *in, size_t i)
{
	const struct change *c = &w->made[i];

	for (size_t j = 0; j < w->nmade; j++)
		if (j != i && !in[j] && seen_covers(&c->context, &w->made[j].stamp))
			return false;
	return true;
}

/* All changes, in some order that causes allow. */
static void apply_all(const struct world *w, struct record *r)
{
	bool in[CHANGES] = {false};

	for (size_t left = w->nmade; left > 0;) {
		size_t i = pick(w->nmade);
		if (in[i] || !ready(w, in, i))
			continue;
		applied(r, &w->made[i]);
		if (pick(8) == 0)
			applied(r, &w->made[i]);
		in[i] = true;
		left--;
	}
}

static void law_orders(const struct world *w)
{
	struct record one, other, joined, late;

	record_init(&one);
	record_init(&other);
	record_init(&joined);
	apply_all(w, &one);
	apply_all(w, &other);
	CHECK(same(&one, &other));
	for (size_t i = 0; i < DEVICES; i++)
		merged(&joined, &w->at[i]);
	/* A device whose state came by hand-offs alone may lack what was withheld; with all changes, never. */
	if (one.nlimits == 0 && joined.nlimits == 0)
		CHECK(same(&one, &joined));
	merged(&joined, &one);
	CHECK(same(&one, &joined));
	copied(&w->at[pick(DEVICES)], &late);
	apply_all(w, &late);
	CHECK(same(&one, &late));
	record_done(&late);
	record_done(&one);
	record_done(&other);
	record_done(&joined);
}

static void law_withholds(const struct world *w)
{
	const struct record *from = &w->at[pick(DEVICES)], *to = &w->at[pick(DEVICES)];
	struct record part, got, whole;

	if (!from->kind)
		return;
	handed(from, &part);
	copied(to, &got);
	merged(&got, &part);
	merged(&got, from);
	copied(to, &whole);
	merged(&whole, from);
	/* What was withheld comes in later, and having had the part first makes no difference. */
	CHECK(same(&got, &whole));
	merged(&got, &part);
	CHECK(same(&got, &whole));
	record_done(&part);
	record_done(&got);
	record_done(&whole);
}

/* Applies what r has not seen, in some order that causes allow. */
static void apply_new(const struct world *w, const struct record *seen_by, struct record *r)
{
	bool in[CHANGES] = {false};
	size_t left = 0;

	for (size_t i = 0; i < w->nmade; i++) {
		in[i] = seen_covers(&seen_by->seen, &w->made[i].stamp);
		left += !in[i];
	}
	while (left > 0) {
		size_t i = pick(w->nmade);
		if (in[i] || !ready(w, in, i))
			continue;
		applied(r, &w->made[i]);
		in[i] = true;
		left--;
	}
}

/* A part handed off, then the changes made since: their order is nothing to it, and with the old whole it is the new
 * whole. */
static void law_parts_grow(const struct world *w)
{
	const struct record *old = &w->at[pick(DEVICES)];
	struct record one, other, whole;

	if (!old->kind)
		return;
	handed(old, &one);
	copied(&one, &other);
	copied(old, &whole);
	apply_new(w, old, &one);
	apply_new(w, old, &other);
	CHECK(same(&one, &other));
	apply_new(w, old, &whole);
	merged(&one, old);
	CHECK(same(&one, &whole));
	record_done(&one);
	record_done(&other);
	record_done(&whole);
}

static void law_encodes(const struct record *r)
{
	struct buf bytes = BUF_INIT;
	struct record back;
	struct err e = ERR_INIT;

	if (!r->kind)
		return;
	encoded(r, &bytes);
	if (CHECK_OK(record_decode(bytes.p, bytes.len, &back, &e), &e)) {
		CHECK(same(r, &back));
		record_done(&back);
	}
	buf_done(&bytes);
}

static void law_changes_encode(const struct change *c)
{
	struct buf bytes = BUF_INIT, again = BUF_INIT;
	struct change back;
	struct err e = ERR_INIT;

	change_encode(c, &bytes);
	if (CHECK_OK(change_decode(bytes.p, bytes.len, &back, &e), &e)) {
		change_encode(&back, &again);
		CHECK_MEM(again.p, again.len, bytes.p, bytes.len);
		change_done(&back);
	}
	buf_done(&bytes);
	buf_done(&again);
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

static size_t histories(void)
{
	const char *s = getenv("HISTORIES");

	return s ? strtoul(s, NULL, 10) : SANITIZED ? 20000 : 100000;
}

TEST(laws)
{
	struct world w;

	for (size_t i = histories(); i > 0 && check_failures == 0; i--) {
		world_make(&w, i % 2 == 0);
		law_commutes(&w.at[pick(DEVICES)], &w.at[pick(DEVICES)]);
		law_associates(&w.at[pick(DEVICES)], &w.at[pick(DEVICES)], &w.at[pick(DEVICES)]);
		law_orders(&w);
		law_withholds(&w);
		law_parts_grow(&w);
		law_encodes(&w.at[pick(DEVICES)]);
		law_changes_encode(&w.made[pick(w.nmade)]);
		world_done(&w);
	}
}
