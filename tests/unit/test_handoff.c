/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/cbor.h"
#include "sync_fixture.h"

#define W(k, v) \
	{ \
		.key = (k), .text = (v) \
	}
#define T(k, v) \
	{ \
		.key = (k), .text = (v), .is_text = true \
	}
#define SET(k, v) \
	{ \
		.key = (k), .text = (v), .is_set = true \
	}
#define NEW(s, kind, ...) \
	sync_record(s, kind, (struct want[]){__VA_ARGS__}, sizeof((struct want[]){__VA_ARGS__}) / sizeof(struct want))

static struct store *anne, *bruno, *claire;

static struct { /* Anne's */
	struct id meeting, jean, zoe, site, decision, task, present, hidden, lonely;
} of;

struct text36 {
	char s[ID_TEXT + 1];
};

static struct text36 ref(const struct id *id)
{
	struct text36 t;

	id_text(id, t.s);
	return t;
}

static void start(void)
{
	if (anne) {
		store_close(anne);
		store_close(bruno);
		store_close(claire);
	}
	anne = sync_notebook("anne", "Anne Lefèvre");
	bruno = sync_notebook("bruno", "Bruno Roux");
	claire = sync_notebook("claire", "Claire Vidal");
	sync_trust(anne, bruno);
	sync_trust(bruno, anne);
	of.jean = NEW(anne, "person", W("name", "Jean Bonnet"), T("confidential", "un canari jaune"));
	of.zoe = NEW(anne, "person", W("name", "Zoé Martin"));
	of.hidden = NEW(anne, "person", W("name", "Paul Secret"), W("share", "personal"));
	of.site = NEW(anne, "site", W("name", "Col des Mille"), W("point", "44.3,3.6"));
	of.meeting =
	    NEW(anne, "meeting", W("subject", "Pâturage"), W("start", "2026-11-18T14:00"), W("site", ref(&of.site).s),
		T("notes", "un\ndeux\ntrois\n"), SET("tags", "eau\nforêt"), T("confidential", "le canari chante"));
	of.present = NEW(anne, "attendance", W("meeting", ref(&of.meeting).s), W("person", ref(&of.jean).s),
			 W("status", "present"));
	of.decision = NEW(anne, "decision", W("wording", "Report"), W("meeting", ref(&of.meeting).s),
			  W("responsible", ref(&of.hidden).s));
	of.task =
	    NEW(anne, "task", W("wording", "Écrire"), W("source", ref(&of.meeting).s), W("owner", ref(&of.zoe).s));
	of.lonely = NEW(anne, "note", T("text", "sans rapport"));
}

static struct handoff_item *item(struct handoff *h, const struct id *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (id_eq(&h->items[i].state.id, id))
			return &h->items[i];
	return NULL;
}

static void seal(struct store *from, const struct id *id, struct store *to, const struct handoff_options *o,
		 struct buf *out)
{
	struct handoff h;
	struct peer peer = {.who = sync_who(to)};
	struct err e = ERR_INIT;

	buf_clear(out);
	if (CHECK_OK(handoff_plan(from, id, 1, o, &h, &e), &e)) {
		CHECK_OK(handoff_seal_buf(from, &h, &peer, 1, NULL, out, &e), &e);
		CHECK_EQ_INT(h.size, out->len);
	}
	handoff_done(&h);
}

static const struct handoff_options PLAIN = {false, false}, WITH_CONFIDENTIAL = {true, false}, ALONE = {false, true};

static enum err_code take(struct store *s, const struct buf *b, struct handoff *h)
{
	struct err e = ERR_INIT;

	if (handoff_read_buf(s, buf_str(b), b->len, NULL, false, h, &e) && handoff_take(s, h, &e))
		return ERR_NONE;
	CHECK(e.code != ERR_NONE);
	return e.code;
}

static void hand(struct store *from, const struct id *id, struct store *to, const struct handoff_options *o)
{
	struct buf b = BUF_INIT;
	struct handoff h;

	seal(from, id, to, o, &b);
	CHECK_EQ_INT(take(to, &b, &h), ERR_NONE);
	handoff_done(&h);
	buf_done(&b);
}

TEST(what_goes_and_what_stays)
{
	struct handoff h;
	struct handoff_item *it;
	struct err e = ERR_INIT;

	start();
	REQUIRE(handoff_plan(anne, &of.meeting, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.n, 8);
	it = item(&h, &of.meeting);
	REQUIRE(it);
	CHECK_EQ_INT(it->why, HANDOFF_NAMED);
	CHECK_STR(it->title, "Pâturage");
	if (CHECK_EQ_INT(it->withheld, 1))
		CHECK_STR(it->fields[0], "confidential");
	CHECK_STR(record_get(&it->state, "confidential"), "");
	CHECK_STR(record_get(&it->state, "subject"), "Pâturage");
	for (int i = 0; i < 3; i++) {
		it = item(&h, i == 0 ? &of.present : i == 1 ? &of.decision : &of.task);
		REQUIRE(it);
		CHECK_EQ_INT(it->why, HANDOFF_BELONGS);
		CHECK_EQ_INT(it->withheld, 0);
	}
	for (int i = 0; i < 3; i++) {
		it = item(&h, i == 0 ? &of.jean : i == 1 ? &of.zoe : &of.site);
		REQUIRE(it);
		CHECK_EQ_INT(it->why, HANDOFF_NEEDED);
		CHECK(!it->stays && !it->outline);
	}
	it = item(&h, &of.hidden);
	REQUIRE(it);
	CHECK(it->stays);
	CHECK(!item(&h, &of.lonely));
	handoff_done(&h);
	/* Named, what is personal goes; alone, nothing comes along; with the author's say, what is confidential goes.
	 */
	REQUIRE(handoff_plan(anne, &of.hidden, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.n, 1);
	CHECK(!h.items[0].stays);
	handoff_done(&h);
	REQUIRE(handoff_plan(anne, &of.meeting, 1, &ALONE, &h, &e));
	CHECK_EQ_INT(h.n, 1);
	handoff_done(&h);
	REQUIRE(handoff_plan(anne, &of.meeting, 1, &WITH_CONFIDENTIAL, &h, &e));
	CHECK_STR(record_get(&h.items[0].state, "confidential"), "le canari chante");
	handoff_done(&h);
	/* The meeting of a decision handed off by itself is named and dated, not told. */
	REQUIRE(handoff_plan(anne, &of.decision, 1, &PLAIN, &h, &e));
	it = item(&h, &of.meeting);
	REQUIRE(it);
	CHECK(it->outline);
	CHECK_STR(record_get(&it->state, "subject"), "Pâturage");
	CHECK_STR(record_get(&it->state, "notes"), "");
	CHECK_STR(record_get(&it->state, "tags=eau"), "");
	CHECK(!item(&h, &of.task));
	handoff_done(&h);
}

TEST(plan_refused)
{
	struct handoff h;
	struct id none = {{1, 2, 3}};
	struct err e = ERR_INIT;

	start();
	CHECK_ERR(handoff_plan(anne, &none, 1, &PLAIN, &h, &e), &e, ERR_NOT_FOUND);
	CHECK_STR(e.detail, ref(&none).s);
	CHECK_OK(store_delete(anne, &of.lonely, &e), &e);
	CHECK_ERR(handoff_plan(anne, &of.lonely, 1, &PLAIN, &h, &e), &e, ERR_INPUT);
	CHECK_ERR(handoff_plan(anne, NULL, 0, &PLAIN, &h, &e), &e, ERR_INPUT);
}

TEST(round_trip)
{
	struct buf b = BUF_INIT, title = BUF_INIT;
	struct handoff h;
	struct handoff_item *it;
	struct record r;
	struct err e = ERR_INIT;
	uint8_t before[32], after[32];

	start();
	seal(anne, &of.meeting, bruno, &PLAIN, &b);
	CHECK(!memmem(b.p, b.len, "canari", 6));
	sync_sum(bruno, before);
	REQUIRE(handoff_read_buf(bruno, b.p, b.len, NULL, false, &h, &e));
	sync_sum(bruno, after);
	CHECK_MEM(after, 32, before, 32);
	CHECK_EQ_INT(h.n, 7);
	CHECK_EQ_INT(h.counts[TAKE_NEW], 7);
	CHECK_STR(h.from.name, "Anne Lefèvre");
	CHECK(h.known && !h.verified && !h.taken_before);
	CHECK(id_eq(&h.items[0].state.id, &of.meeting));
	CHECK_EQ_INT(h.items[0].why, HANDOFF_NAMED);
	CHECK_EQ_INT(h.items[0].withheld, 1);
	it = item(&h, &of.present);
	REQUIRE(it);
	CHECK(strstr(it->title, "Jean Bonnet"));
	CHECK_OK(handoff_take(bruno, &h, &e), &e);
	handoff_done(&h);
	sync_is(bruno, &of.meeting, "subject", "Pâturage");
	sync_is(bruno, &of.meeting, "notes", "un\ndeux\ntrois\n");
	sync_is(bruno, &of.meeting, "tags=forêt", "1");
	sync_is(bruno, &of.meeting, "confidential", "");
	sync_is(bruno, &of.jean, "name", "Jean Bonnet");
	sync_is(bruno, &of.jean, "confidential", "");
	sync_is(bruno, &of.decision, "responsible", ref(&of.hidden).s);
	CHECK(!store_get(bruno, &of.hidden, &r, &e));
	CHECK(!store_get(bruno, &of.lonely, &r, &e));
	buf_done(&b);
	buf_done(&title);
}

TEST(opened_twice)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	uint8_t before[32], after[32];

	start();
	seal(anne, &of.meeting, bruno, &PLAIN, &b);
	CHECK_EQ_INT(take(bruno, &b, &h), ERR_NONE);
	handoff_done(&h);
	sync_sum(bruno, before);
	CHECK_EQ_INT(take(bruno, &b, &h), ERR_REPLAY);
	CHECK(h.taken_before);
	CHECK(h.taken_ms > 1795000000000);
	CHECK_EQ_INT(h.counts[TAKE_SAME], h.n);
	handoff_done(&h);
	/* An old one after a newer one changes nothing either. */
	sync_set(anne, &of.meeting, "subject", "Pâturage et eau");
	hand(anne, &of.meeting, bruno, &PLAIN);
	sync_sum(bruno, before);
	CHECK_EQ_INT(take(bruno, &b, &h), ERR_REPLAY);
	handoff_done(&h);
	sync_sum(bruno, after);
	CHECK_MEM(after, 32, before, 32);
	sync_is(bruno, &of.meeting, "subject", "Pâturage et eau");
	buf_done(&b);
}

/* Both go on writing, then hand their states to one another: the same on both sides, and every edit is there. */
TEST(edits_on_both_sides)
{
	struct record a, b;
	struct buf merged = BUF_INIT;
	struct shown shown;
	struct err e = ERR_INIT;

	start();
	hand(anne, &of.meeting, bruno, &WITH_CONFIDENTIAL);
	sync_set(anne, &of.meeting, "notes", "un\ndeux\ntrois d'Anne\n");
	sync_set(bruno, &of.meeting, "notes", "un de Bruno\ndeux\ntrois\n");
	sync_set(anne, &of.meeting, "place", "mairie");
	sync_set(bruno, &of.meeting, "tags", "eau\nforêt\nestive");
	sync_set(anne, &of.meeting, "subject", "Pâturage A");
	sync_set(bruno, &of.meeting, "subject", "Pâturage B");
	hand(bruno, &of.meeting, anne, &WITH_CONFIDENTIAL);
	hand(anne, &of.meeting, bruno, &WITH_CONFIDENTIAL);
	REQUIRE(store_get(anne, &of.meeting, &a, &e) && store_get(bruno, &of.meeting, &b, &e));
	CHECK(record_equal(&a, &b));
	CHECK_STR(record_get(&a, "place"), "mairie");
	CHECK_STR(record_get(&a, "tags=estive"), "1");
	record_shown(&a, "notes", true, &merged, &shown);
	CHECK(!shown.conflict);
	CHECK_MEM(shown.text, shown.len, "un de Bruno\ndeux\ntrois d'Anne\n", 30);
	record_shown(&a, "subject", false, &merged, &shown);
	CHECK(shown.conflict);
	CHECK(record_conflicts(&a));
	record_done(&a);
	record_done(&b);
	buf_done(&merged);
}

/* What was withheld is not taken as seen: it comes with a later hand-off, and it never wipes what is there. */
TEST(withheld_comes_later)
{
	struct record a, b;
	struct err e = ERR_INIT;

	start();
	hand(anne, &of.meeting, bruno, &PLAIN);
	sync_is(bruno, &of.meeting, "confidential", "");
	hand(anne, &of.meeting, bruno, &WITH_CONFIDENTIAL);
	sync_is(bruno, &of.meeting, "confidential", "le canari chante");
	/* Bruno hands it back without: Anne's stays; and Bruno's stays when Anne does the same. */
	sync_set(bruno, &of.meeting, "place", "école");
	hand(bruno, &of.meeting, anne, &PLAIN);
	sync_is(anne, &of.meeting, "confidential", "le canari chante");
	sync_is(anne, &of.meeting, "place", "école");
	hand(anne, &of.meeting, bruno, &PLAIN);
	sync_is(bruno, &of.meeting, "confidential", "le canari chante");
	/* Each knows now for which fields the other spoke; handed over whole, both are alike. */
	hand(anne, &of.meeting, bruno, &WITH_CONFIDENTIAL);
	hand(bruno, &of.meeting, anne, &WITH_CONFIDENTIAL);
	REQUIRE(store_get(anne, &of.meeting, &a, &e) && store_get(bruno, &of.meeting, &b, &e));
	CHECK(record_equal(&a, &b));
	record_done(&a);
	record_done(&b);
}

static void small(struct buf *b)
{
	start();
	seal(anne, &of.lonely, bruno, &PLAIN, b);
}

TEST(every_flipped_bit)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	uint8_t before[32], after[32];

	small(&b);
	printf("# a note handed off: %zu bytes\n", b.len);
	sync_sum(bruno, before);
	for (size_t bit = 0; bit < 8 * b.len; bit++) {
		b.p[bit / 8] ^= (char)(1 << bit % 8);
		if (!CHECK(take(bruno, &b, &h) != ERR_NONE))
			CHECK_FAIL("bit %zu", bit);
		handoff_done(&h);
		b.p[bit / 8] ^= (char)(1 << bit % 8);
	}
	sync_sum(bruno, after);
	CHECK_MEM(after, 32, before, 32);
	CHECK_EQ_INT(take(bruno, &b, &h), ERR_NONE);
	handoff_done(&h);
	buf_done(&b);
}

TEST(every_truncation)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	uint8_t before[32], after[32];

	small(&b);
	sync_sum(bruno, before);
	while (b.len > 0) {
		buf_truncate(&b, b.len - 1);
		CHECK_EQ_INT(take(bruno, &b, &h), ERR_TRUNCATED);
		handoff_done(&h);
	}
	sync_sum(bruno, after);
	CHECK_MEM(after, 32, before, 32);
	buf_done(&b);
}

TEST(not_for_us_and_not_known)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;

	small(&b);
	CHECK_EQ_INT(take(claire, &b, &h), ERR_FOREIGN);
	handoff_done(&h);
	seal(anne, &of.lonely, claire, &PLAIN, &b);
	CHECK_EQ_INT(take(claire, &b, &h), ERR_UNTRUSTED);
	CHECK_STR(h.from.name, "Anne Lefèvre");
	CHECK(identity_same(&h.from, &(struct identity){.name = ""}) == false);
	CHECK_EQ_INT(h.n, 0);
	handoff_done(&h);
	REQUIRE(handoff_read_buf(claire, b.p, b.len, NULL, true, &h, &e));
	CHECK(!h.known);
	CHECK_EQ_INT(h.n, 1);
	handoff_done(&h);
	/* Trusted, then verified: shown each time as what it is. */
	sync_trust(claire, anne);
	REQUIRE(handoff_read_buf(claire, b.p, b.len, NULL, false, &h, &e));
	CHECK(h.known && !h.verified);
	handoff_done(&h);
	CHECK_OK(peer_verify(claire, store_device(anne), &e), &e);
	REQUIRE(handoff_read_buf(claire, b.p, b.len, NULL, false, &h, &e));
	CHECK(h.known && h.verified);
	handoff_done(&h);
	buf_done(&b);
}

TEST(files)
{
	struct handoff h;
	struct peer peer;
	struct buf big = BUF_INIT;
	struct err e = ERR_INIT;
	const char *path;

	start();
	path = check_path("note.arpent");
	peer.who = sync_who(bruno);
	REQUIRE(handoff_plan(anne, &of.lonely, 1, &PLAIN, &h, &e));
	CHECK_OK(handoff_seal(anne, &h, &peer, 1, NULL, path, false, &e), &e);
	CHECK_ERR(handoff_seal(anne, &h, &peer, 1, NULL, path, false, &e), &e, ERR_EXISTS);
	CHECK_OK(handoff_seal(anne, &h, &peer, 1, NULL, path, true, &e), &e);
	handoff_done(&h);
	CHECK_OK(handoff_read(bruno, path, NULL, false, &h, &e), &e);
	CHECK_EQ_INT(h.n, 1);
	handoff_done(&h);
	CHECK_ERR(handoff_read(bruno, check_path("nothing"), NULL, false, &h, &e), &e, ERR_NOT_FOUND);
	handoff_done(&h);
	buf_fill(&big, 'x', BUNDLE_FILE_MAX + 1);
	FILE *f = fopen(path, "w");
	REQUIRE(f);
	CHECK_EQ_INT(fwrite(big.p, 1, big.len, f), big.len);
	fclose(f);
	CHECK_ERR(handoff_read(bruno, path, NULL, false, &h, &e), &e, ERR_LIMIT);
	handoff_done(&h);
	buf_done(&big);
}

/* What only a colleague who is trusted could send: a body that is not what it should be. */
static enum err_code hostile(enum bundle_kind kind, const struct buf *body, uint32_t count)
{
	struct identity_self self;
	struct identity to = sync_who(bruno);
	struct bundle_to who = {.who = &to, .n = 1};
	struct bundle b;
	struct buf sealed = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;
	uint8_t before[32], after[32];
	enum err_code code;

	CHECK_OK(identity_self(anne, &self, &e), &e);
	bundle_init(&b, kind);
	b.count = count;
	CHECK_OK(bundle_seal(&b, buf_str(body), body->len, &self, &who, &sealed, NULL, &e), &e);
	bundle_done(&b);
	identity_self_done(&self);
	sync_sum(bruno, before);
	code = take(bruno, &sealed, &h);
	if (code != ERR_NONE) {
		sync_sum(bruno, after);
		CHECK_MEM(after, 32, before, 32);
	}
	handoff_done(&h);
	buf_done(&sealed);
	return code;
}

static void body_of(struct buf *out, unsigned version, const struct id *ids, size_t n)
{
	struct record r;
	struct err e = ERR_INIT;

	buf_clear(out);
	cbor_w_array(out, 4);
	cbor_w_uint(out, version);
	cbor_w_array(out, 1);
	cbor_w_uint(out, 0);
	cbor_w_array(out, n);
	for (size_t i = 0; i < n; i++) {
		CHECK_OK(store_get(anne, &ids[i], &r, &e), &e);
		record_encode(&r, out);
		record_done(&r);
	}
	cbor_w_map(out, 0);
}

TEST(hostile_colleague)
{
	struct buf body = BUF_INIT;
	struct id two[2];

	start();
	two[0] = id_cmp(&of.jean, &of.zoe) < 0 ? of.jean : of.zoe;
	two[1] = id_cmp(&of.jean, &of.zoe) < 0 ? of.zoe : of.jean;
	body_of(&body, 1, two, 2);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 1), ERR_DAMAGED); /* a count that is not so */
	CHECK_EQ_INT(hostile(BUNDLE_SEGMENT, &body, 2), ERR_FOREIGN);
	buf_char(&body, 0);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 2), ERR_DAMAGED); /* something after the end */
	buf_truncate(&body, body.len - 3);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 2), ERR_DAMAGED); /* cut */
	body_of(&body, 2, two, 2);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 2), ERR_NEWER);
	two[1] = two[0];
	body_of(&body, 1, two, 2);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 2), ERR_DAMAGED); /* twice the same */
	body_of(&body, 1, two, 0);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 0), ERR_DAMAGED); /* a name without a record */
	buf_clear(&body);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 0), ERR_DAMAGED);
	buf_fill(&body, '\x81', 100000);
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 1), ERR_DAMAGED);
	buf_clear(&body);
	buf_str_add(&body, "\x84\x01\x80\x9B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"); /* 2^63 records */
	CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 1), ERR_DAMAGED);
	buf_done(&body);
}

/* A person's state under an id of our choosing; its author says to have seen `seen` changes of Bruno. */
static void crafted(struct buf *out, const struct id *id, uint64_t seen)
{
	struct want name = W("name", "Nouvelle");
	struct change c;
	struct record r;
	struct err e = ERR_INIT;

	change_init(&c);
	record_init(&r);
	CHECK_OK(change_make(&r, &name, 1, &c, &e), &e);
	c.id = *id;
	c.kind = str_dup("person");
	c.stamp = (struct stamp){*store_device(anne), 1000};
	c.clock.hlc = (uint64_t)1795000000000 << 16;
	CHECK_OK(record_apply(&r, &c, &e), &e);
	if (seen > 0)
		CHECK_OK(seen_add(&r.seen, &(struct stamp){*store_device(bruno), seen}, &e), &e);
	record_encode(&r, out);
	record_done(&r);
	change_done(&c);
}

/* One record of two cannot be taken, for it is of another kind here: neither is. */
TEST(whole_or_nothing)
{
	struct buf body = BUF_INIT;
	struct id first = {{0}}, note;
	struct handoff h;
	struct handoff_item items[2] = {0};
	struct record r;
	struct err e = ERR_INIT;

	start();
	note = NEW(bruno, "note", T("text", "d'un autre genre"));
	cbor_w_array(&body, 4);
	cbor_w_uint(&body, 1);
	cbor_w_array(&body, 0);
	cbor_w_array(&body, 2);
	crafted(&body, &first, 0);
	crafted(&body, &note, 0);
	cbor_w_map(&body, 0);
	CHECK(hostile(BUNDLE_HANDOFF, &body, 2) != ERR_NONE);
	CHECK(!store_get(bruno, &first, &r, &e));
	/* The same, met only while taking in. */
	handoff_init(&h);
	h.items = items;
	h.n = 2;
	for (int i = 0; i < 2; i++) {
		buf_clear(&body);
		crafted(&body, i == 0 ? &first : &note, 0);
		CHECK_OK(record_decode(body.p, body.len, &items[i].state, &e), &e);
	}
	CHECK(!handoff_take(bruno, &h, &e));
	CHECK(!store_in_step(bruno));
	CHECK(!store_get(bruno, &first, &r, &e));
	h.n = 1;
	CHECK_OK(handoff_take(bruno, &h, &e), &e);
	sync_is(bruno, &first, "name", "Nouvelle");
	record_done(&items[0].state);
	record_done(&items[1].state);
	buf_done(&body);
}

/* A state that vouches, in one field, for changes it has not seen: Bruno's next edits of it would be lost. */
TEST(limit_beyond_seen)
{
	struct buf body = BUF_INIT;
	struct span span = {.from = 0, .to = 1000};
	struct limit limit = {.key = (char[]){"function"}, .known = {.v = &span, .n = 1}};
	struct record r;
	struct err e = ERR_INIT;

	start();
	span.device = *store_device(bruno);
	REQUIRE(store_get(anne, &of.jean, &r, &e));
	for (int i = 0; i < 2; i++) {
		buf_clear(&body);
		cbor_w_array(&body, 4);
		cbor_w_uint(&body, 1);
		cbor_w_array(&body, 0);
		cbor_w_array(&body, 1);
		r.limits = &limit;
		r.nlimits = i == 0;
		record_encode(&r, &body);
		cbor_w_map(&body, 0);
		CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 1), i == 0 ? ERR_DAMAGED : ERR_NONE);
	}
	r.limits = NULL;
	r.nlimits = 0;
	record_done(&r);
	buf_done(&body);
}

/* A notebook restored from an old copy meets its own later changes: what is written next is none of them. */
TEST(own_changes_come_back)
{
	struct buf body = BUF_INIT;
	struct id id = {{0x77}};

	start();
	for (int i = 0; i < 2; i++) {
		buf_clear(&body);
		cbor_w_array(&body, 4);
		cbor_w_uint(&body, 1);
		cbor_w_array(&body, 0);
		cbor_w_array(&body, 1);
		crafted(&body, &id, i == 0 ? 500 : INT64_MAX);
		cbor_w_map(&body, 0);
		CHECK_EQ_INT(hostile(BUNDLE_HANDOFF, &body, 1), i == 0 ? ERR_NONE : ERR_DAMAGED);
		sync_set(bruno, &id, "function", i == 0 ? "bergère" : "maire");
		sync_is(bruno, &id, "function", i == 0 ? "bergère" : "maire");
	}
	buf_done(&body);
}

TEST(passphrase)
{
	struct secret pass = SECRET_INIT;
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;

	start();
	sync_trust(claire, anne);
	CHECK_OK(secret_set(&pass, "pierre sèche", 13, &e), &e);
	REQUIRE(handoff_plan(anne, &of.lonely, 1, &PLAIN, &h, &e));
	CHECK_OK(handoff_seal_buf(anne, &h, NULL, 0, &pass, &b, &e), &e);
	handoff_done(&h);
	CHECK_ERR(handoff_read_buf(claire, b.p, b.len, NULL, false, &h, &e), &e, ERR_WRONG_KEY);
	handoff_done(&h);
	REQUIRE(handoff_read_buf(claire, b.p, b.len, &pass, false, &h, &e));
	CHECK_EQ_INT(h.n, 1);
	handoff_done(&h);
	secret_free(&pass);
	buf_done(&b);
}

/* The bytes of one note of 800 as JSON. */
TEST(small_notes_are_small)
{
	static const char text[] =
	    "Réunion avec les éleveurs et le maire au sujet de la clôture du pâturage communal. La commune est "
	    "d'accord "
	    "pour prendre en charge une partie des travaux avant la montée en estive. Deux brebis ont disparu la "
	    "semaine dernière près de la source ; le constat sera fait demain avec le garde. Ils demandent que le "
	    "sentier soit fermé pendant la traite et que la barrière soit réparée. Je dois rappeler la fédération dès "
	    "lundi.";
	struct want w[] = {T("text", text), W("date", "2026-10-07T18:40"), SET("tags", "prédation\nestive\npanneaux"),
			   W("share", "partner"), W("point", "44.91027,5.98113")};
	struct buf body = BUF_INIT, packed = BUF_INIT, json = BUF_INIT;
	struct record r;
	struct id id;
	struct err e = ERR_INIT;

	start();
	id = sync_record(anne, "note", w, sizeof w / sizeof *w);
	REQUIRE(store_get(anne, &id, &r, &e));
	buf_printf(
	    &json,
	    "{\"id\":\"%s\",\"kind\":\"note\",\"title\":\"%.60s\",\"created\":\"2026-10-07T18:41:12+02:00\",\"edited\":"
	    "\"2026-10-07T18:41:12+02:00\",\"author\":\"Anne Lefèvre\",\"text\":\"%s\",\"date\":\"2026-10-07T18:40\","
	    "\"tags\":[\"prédation\",\"estive\",\"panneaux\"],\"share\":\"partner\",\"point\":\"44.91027,5.98113\"}",
	    ref(&id).s, text, text);
	record_encode(&r, &body);
	CHECK_OK(bundle_deflate(body.p, body.len, &packed, &e), &e);
	printf("# a note: %zu bytes as JSON, %zu as a state, %zu packed\n", json.len, body.len, packed.len);
	CHECK(json.len >= 780 && json.len <= 820);
	CHECK(packed.len <= 300);
	record_done(&r);
	buf_done(&body);
	buf_done(&packed);
	buf_done(&json);
}
