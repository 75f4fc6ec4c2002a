/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "arpent/record.h"

static struct id some_id(uint8_t b)
{
	struct id id = {{0}};

	id.b[0] = b;
	return id;
}

static uint64_t clock_now;

/* One edit of one field by a device that has the state r; r is changed too.  Returns the change in *c. */
static void edited(struct record *r, uint8_t device, uint64_t n, struct want want, struct change *c)
{
	struct err e = ERR_INIT;

	CHECK_OK(change_make(r, &want, 1, c, &e), &e);
	c->id = some_id(1);
	if (!c->kind)
		c->kind = str_dup("note");
	c->stamp = (struct stamp){some_id(device), n};
	c->clock = (struct clock){++clock_now << 16, 60};
	CHECK_OK(record_apply(r, c, &e), &e);
}

static void edit(struct record *r, uint8_t device, uint64_t n, struct want want)
{
	struct change c;

	edited(r, device, n, want, &c);
	change_done(&c);
}

static struct want plain(const char *key, const char *text)
{
	return (struct want){.key = key, .text = text};
}

static struct want text(const char *t)
{
	return (struct want){.key = "text", .text = t, .is_text = true};
}

static struct want tags(const char *t)
{
	return (struct want){.key = "tags", .text = t, .is_set = true};
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

static bool same(const struct record *a, const struct record *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool eq;

	record_encode(a, &x);
	record_encode(b, &y);
	eq = x.len == y.len && memcmp(x.p, y.p, x.len) == 0 && record_equal(a, b);
	buf_done(&x);
	buf_done(&y);
	return eq;
}

static void check_text(const struct record *r, const char *want, bool conflict)
{
	struct buf m = BUF_INIT;
	struct shown s;

	record_shown(r, "text", true, &m, &s);
	CHECK_STR(s.text, want);
	CHECK_EQ_INT(s.len, strlen(want));
	CHECK_EQ_INT(s.conflict, conflict);
	buf_done(&m);
}

static void check_set(const struct record *r, const char *want)
{
	struct buf out = BUF_INIT;

	record_set(r, "tags", &out);
	CHECK_STR(buf_str(&out), want);
	buf_done(&out);
}

TEST(clock)
{
	CHECK_EQ_INT(clock_next(0, 1000), 1000 << 16);
	CHECK_EQ_INT(clock_next(1000 << 16, 1000), (1000 << 16) + 1);
	CHECK_EQ_INT(clock_next((2000 << 16) + 5, 1000), (2000 << 16) + 6);
	CHECK_EQ_INT(clock_adopt(5, 1000 << 16, 1000), 1000 << 16);
	CHECK_EQ_INT(clock_adopt((uint64_t)2000 << 16, 1000 << 16, 1000), 2000 << 16);
	CHECK_EQ_INT(clock_adopt(5, (uint64_t)3601001 << 16, 1000), 5);
	CHECK_EQ_INT(clock_adopt(5, (uint64_t)3601000 << 16, 1000), (uint64_t)3601000 << 16);
	CHECK_EQ_INT(CLOCK_MS(clock_next(0, 1764000000000)), 1764000000000);
}

TEST(seen)
{
	struct seen s = {0}, other = {0};
	struct stamp a3 = {some_id(1), 3}, a5 = {some_id(1), 5}, b1 = {some_id(2), 1};
	struct err e = ERR_INIT;

	CHECK(!seen_covers(&s, &a3));
	CHECK_OK(seen_add(&s, &a5, &e) && seen_add(&s, &a3, &e), &e);
	CHECK(seen_covers(&s, &a3) && seen_covers(&s, &a5) && !seen_covers(&s, &b1));
	CHECK_OK(seen_add(&other, &b1, &e) && seen_join(&other, &s, &e), &e);
	CHECK_EQ_INT(other.n, 2);
	CHECK_EQ_INT(seen_count(&other, &a5.device), 5);
	CHECK(!seen_equal(&s, &other));
	seen_done(&s);
	seen_done(&other);
}

TEST(only_what_changes_is_written)
{
	struct record r;
	struct change c;
	struct want wants[] = {plain("place", "Mairie"), tags("eau\nloup"), text("a\nb")};
	struct err e = ERR_INIT;

	record_init(&r);
	edit(&r, 1, 1, wants[0]);
	edit(&r, 1, 2, wants[1]);
	CHECK_STR(record_get(&r, "place"), "Mairie");
	CHECK_STR(record_get(&r, "nothing"), "");
	CHECK_OK(change_make(&r, wants, 3, &c, &e), &e);
	CHECK_EQ_INT(c.n, 1);
	CHECK_STR(c.edits[0].key, "text");
	change_done(&c);
	wants[1] = tags("estive\n\nloup\nloup");
	CHECK_OK(change_make(&r, wants, 2, &c, &e), &e);
	REQUIRE(c.n == 2);
	CHECK_STR(c.edits[0].key, "tags=eau");
	CHECK_STR(c.edits[0].text, "");
	CHECK_STR(c.edits[1].key, "tags=estive");
	change_done(&c);
	wants[0] = plain("place", "Gîte");
	wants[1] = plain("place", "Salle");
	CHECK_ERR(change_make(&r, wants, 2, &c, &e), &e, ERR_INPUT);
	record_done(&r);
}

TEST(concurrent_plain_values_both_stay)
{
	struct record a, b, c;
	struct shown s;

	record_init(&a);
	edit(&a, 1, 1, plain("place", "Mairie"));
	copied(&a, &b);
	edit(&b, 2, 1, plain("place", "Salle"));
	edit(&a, 1, 2, plain("place", "Gîte"));
	copied(&a, &c);
	merged(&a, &b);
	record_shown(&a, "place", false, NULL, &s);
	CHECK_STR(s.text, "Gîte");
	CHECK(s.conflict && record_conflicts(&a));
	/* Saving what is shown settles nothing unasked; asked, it does. */
	edit(&a, 1, 3, plain("subject", "x"));
	CHECK(record_conflicts(&a));
	edit(&a, 1, 4, (struct want){.key = "place", .text = "Gîte", .settle = true});
	CHECK(!record_conflicts(&a));
	/* Who has not seen it settled gives the old value, and it does not come back. */
	merged(&a, &b);
	merged(&a, &c);
	CHECK(!record_conflicts(&a));
	CHECK_STR(record_get(&a, "place"), "Gîte");
	record_done(&a);
	record_done(&b);
	record_done(&c);
}

TEST(adding_to_a_set_wins)
{
	struct record a, b;

	record_init(&a);
	edit(&a, 1, 1, tags("eau\nloup"));
	copied(&a, &b);
	edit(&a, 1, 2, tags("eau"));
	check_set(&a, "eau");
	edit(&b, 2, 1, tags("estive\nloup"));
	merged(&a, &b);
	check_set(&a, "estive"); /* loup: b had not touched it */
	edit(&b, 2, 2, tags("estive"));
	edit(&b, 2, 3, tags("estive\nloup"));
	merged(&a, &b);
	check_set(&a, "estive\nloup");
	CHECK(!record_conflicts(&a));
	record_done(&a);
	record_done(&b);
}

TEST(edit_brings_back_what_was_deleted_unseen)
{
	struct record a, b;
	struct change c;
	struct err e = ERR_INIT;
	bool back;

	record_init(&a);
	CHECK(!record_deleted(&a, NULL));
	edit(&a, 1, 1, plain("place", "Mairie"));
	copied(&a, &b);
	CHECK_OK(change_delete(&a, &c, &e), &e);
	c.stamp = (struct stamp){some_id(1), 2};
	c.clock.hlc = ++clock_now << 16;
	CHECK_OK(record_apply(&a, &c, &e), &e);
	CHECK(record_deleted(&a, &back) && !back);
	CHECK_EQ_INT(record_last(&a)->stamp.n, 2);
	edit(&b, 2, 1, plain("place", "Salle"));
	CHECK_OK(record_apply(&b, &c, &e), &e);
	change_done(&c);
	CHECK(!record_deleted(&b, &back) && back);
	merged(&a, &b);
	CHECK(same(&a, &b));
	edit(&b, 2, 2, plain("place", "Gîte"));
	CHECK(!record_deleted(&b, &back) && !back);
	record_done(&a);
	record_done(&b);
}

TEST(restore_is_an_edit_of_alive)
{
	struct record a;
	struct change c;
	struct err e = ERR_INIT;

	record_init(&a);
	edit(&a, 1, 1, plain("place", "Mairie"));
	CHECK_OK(change_delete(&a, &c, &e), &e);
	c.stamp = (struct stamp){some_id(1), 2};
	CHECK_OK(record_apply(&a, &c, &e), &e);
	change_done(&c);
	CHECK(record_deleted(&a, NULL));
	edit(&a, 1, 3, plain(RECORD_ALIVE, "1"));
	CHECK(!record_deleted(&a, NULL));
	record_done(&a);
}

static void check_merge(const char *base, const char *a, const char *b, const char *want)
{
	struct buf out = BUF_INIT;
	bool ok;

	buf_str_add(&out, "+");
	ok = merge_text(base, strlen(base), a, strlen(a), b, strlen(b), &out);
	CHECK_EQ_INT(ok, want != NULL);
	CHECK_STR(buf_str(&out) + 1, want ? want : "");
	buf_clear(&out);
	CHECK(merge_text(base, strlen(base), b, strlen(b), a, strlen(a), &out) == ok);
	CHECK_STR(buf_str(&out), want ? want : "");
	buf_done(&out);
}

TEST(merge_by_lines)
{
	check_merge("a\nb\nc", "a\nb\nc", "a\nb\nc", "a\nb\nc");
	check_merge("a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC");
	check_merge("a\nb\nc", "A\nb\nc", "a\nB\nc", "A\nB\nc"); /* neighbours */
	check_merge("a\nb\nc", "a\nB\nc", "a\nX\nc", NULL);      /* the same line */
	check_merge("a\nb\nc", "a\nB\nc", "a\nB\nc", "a\nB\nc"); /* the same change */
	check_merge("a\nb\nc", "a\nc", "a\nB\nc", NULL);         /* gone here, changed there */
	check_merge("a\nb\nc", "a\nc", "a\nb\nc\nd", "a\nc\nd");
	check_merge("a\nb\nc", "x\na\nb\nc", "a\nb\nc\ny", "x\na\nb\nc\ny");
	check_merge("a\nb", "a\nx\nb", "a\ny\nb", NULL); /* two insertions at one place */
	check_merge("a\nb", "a\nx\nb", "a\nx\nb", "a\nx\nb");
	check_merge("a\nb\nc", "a\nx\nb\nc", "a\nB\nc", NULL); /* an insertion at the edge of a change */
	check_merge("", "a", "", "a");
	check_merge("", "a", "b", NULL);
	check_merge("a", "", "a", "");
	check_merge("a\n", "a\nb\n", "A\n", NULL);
	check_merge("a\nx\n", "a\nx\nb\n", "A\nx\n", "A\nx\nb\n");
	check_merge("a\nb\nc\nd\ne", "a\nc\nd\ne", "a\nb\nc\nd\nE", "a\nc\nd\nE");
	check_merge("1\n2\n3\n4\n5\n6\n7", "1\ntwo\n3\n4\nfive\n6\n7", "1\n2\n3\n3b\n4\n5\n6\nseven",
		    "1\ntwo\n3\n3b\n4\nfive\n6\nseven");
}

/* Random edits of disjoint thirds of a text must come together, whatever the differences were cut into. */
TEST(merge_of_edits_far_apart)
{
	for (int round = 0; round < 2000; round++) {
		struct buf base = BUF_INIT, a = BUF_INIT, b = BUF_INIT, want = BUF_INIT, out = BUF_INIT;
		struct buf *const all[] = {&base, &a, &b, &want};
		for (int line = 0; line < 30; line++) {
			unsigned word = (unsigned)(check_random() % 3), other = (unsigned)(check_random() % 4);
			bool in_a = line < 10, in_b = line >= 20, drop = other == 3;
			for (size_t i = 0; i < 4; i++) {
				bool changed = (all[i] == &a && in_a) || (all[i] == &b && in_b) ||
					       (all[i] == &want && (in_a || in_b));
				if (!(changed && drop))
					buf_printf(all[i], "%s%u\n", line >= 10 && line < 20 ? "mid" : "",
						   line >= 10 && line < 20 ? (unsigned)line
						   : changed               ? other
									   : word);
			}
		}
		CHECK(merge_text(buf_str(&base), base.len, buf_str(&a), a.len, buf_str(&b), b.len, &out));
		CHECK_STR(buf_str(&out), buf_str(&want));
		for (size_t i = 0; i < 4; i++)
			buf_done(all[i]);
		buf_done(&out);
	}
}

TEST(long_texts_are_merged_from_their_ancestor)
{
	struct record a, b, c;

	record_init(&a);
	edit(&a, 1, 1, text("un\ndeux\ntrois\nquatre\ncinq"));
	copied(&a, &b);
	copied(&a, &c);
	edit(&a, 1, 2, text("UN\ndeux\ntrois\nquatre\ncinq"));
	edit(&a, 1, 3, text("UN !\ndeux\ntrois\nquatre\ncinq"));
	edit(&b, 2, 1, text("un\ndeux\ntrois\nquatre\nCINQ"));
	merged(&a, &b);
	check_text(&a, "UN !\ndeux\ntrois\nquatre\nCINQ", false);
	CHECK_EQ_INT(a.entries[a.n - 1].n, 2);
	edit(&c, 3, 1, text("un\ndeux\nTROIS\nquatre\ncinq"));
	merged(&c, &a);
	check_text(&c, "UN !\ndeux\nTROIS\nquatre\nCINQ", false);
	/* An edit of what is shown has seen all of it, and goes back through the newest. */
	edit(&a, 1, 4, text("UN !\ndeux\ntrois\nquatre\nCINQ\nsix"));
	check_text(&a, "UN !\ndeux\ntrois\nquatre\nCINQ\nsix", false);
	merged(&c, &a);
	check_text(&c, "UN !\ndeux\nTROIS\nquatre\nCINQ\nsix", false);
	record_done(&a);
	record_done(&b);
	record_done(&c);
}

TEST(overlapping_texts_are_marked)
{
	struct record a, b;

	record_init(&a);
	edit(&a, 1, 1, text("un\ndeux"));
	copied(&a, &b);
	edit(&a, 1, 2, text("un\nDEUX"));
	edit(&b, 2, 1, text("un\n2"));
	merged(&a, &b);
	check_text(&a, "un\n2", true); /* the newest */
	record_done(&a);
	record_done(&b);
	record_init(&a);
	record_init(&b);
	edit(&a, 1, 1, text("un"));
	edit(&b, 2, 1, text("deux"));
	merged(&a, &b);
	check_text(&a, "deux", true); /* no ancestor */
	record_done(&a);
	record_done(&b);
}

/* Twenty lines, the first `changed` of them edited; or only the one at `changed` - 1. */
static const char *twenty(int changed, bool only)
{
	static char t[128];
	size_t n = 0;

	for (int line = 0; line < 20; line++) {
		bool edited_line = only ? line == changed - 1 : line < changed;
		n += (size_t)snprintf(t + n, sizeof t - n, "%s%d", line ? "\n" : "", edited_line ? 100 + line : line);
	}
	return t;
}

TEST(many_concurrent_texts_are_left_to_a_person)
{
	struct record base, all;

	record_init(&base);
	edit(&base, 1, 1, text(twenty(0, false)));
	copied(&base, &all);
	for (int i = 1; i <= 17; i++) {
		struct record r;
		copied(&base, &r);
		edit(&r, (uint8_t)(i + 1), 1, text(twenty(i, true)));
		merged(&all, &r);
		record_done(&r);
		check_text(&all, twenty(i, i > 16), i > 16);
	}
	record_done(&base);
	record_done(&all);
}

TEST(ways_back_are_bounded)
{
	struct record a;
	char *big = malloc(100001);
	const struct value *v;

	record_init(&a);
	for (uint64_t i = 1; i <= RECORD_BACKS + 5; i++) {
		char t[32];
		snprintf(t, sizeof t, "line\n%d", (int)i);
		edit(&a, 1, i, text(t));
	}
	v = &a.entries[a.n - 1].values[0];
	CHECK_EQ_INT(v->nbacks, RECORD_BACKS);
	CHECK_EQ_INT(v->backs[0].stamp.n, RECORD_BACKS + 4);
	memset(big, 'x', 100000);
	big[100000] = '\0';
	edit(&a, 1, 100, text(big));
	edit(&a, 1, 101, text("y"));
	v = &a.entries[a.n - 1].values[0];
	CHECK_EQ_INT(v->nbacks, 0); /* 100 kB to go back: too much to carry */
	free(big);
	record_done(&a);
}

static bool keep_all_but_phone(void *ctx, const char *field)
{
	(void)ctx;
	CHECK(!strchr(field, '=') && strcmp(field, RECORD_ALIVE) != 0);
	return strcmp(field, "phone") != 0 && strcmp(field, "tags") != 0;
}

static void handed(const struct record *r, struct record *out)
{
	struct err e = ERR_INIT;

	CHECK_OK(record_withhold(r, keep_all_but_phone, NULL, out, &e), &e);
}

TEST(withheld_fields_are_not_spoken_for)
{
	struct record a, b, part;

	record_init(&a);
	edit(&a, 1, 1, plain("phone", "1"));
	copied(&a, &b); /* b knows the first number */
	edit(&a, 1, 2, plain("phone", "2"));
	edit(&a, 1, 3, plain("name", "Bonnet"));
	edit(&a, 1, 4, tags("secret"));
	handed(&a, &part);
	CHECK_STR(record_get(&part, "name"), "Bonnet");
	CHECK_STR(record_get(&part, "phone"), "");
	CHECK_EQ_INT(part.nlimits, 2);
	for (size_t i = 0; i < part.n; i++)
		CHECK(!strstr(part.entries[i].key, "secret"));
	merged(&b, &part);
	CHECK_STR(record_get(&b, "phone"), "1"); /* what it had, it keeps */
	CHECK_STR(record_get(&b, "name"), "Bonnet");
	merged(&b, &a);
	CHECK(same(&a, &b));
	record_done(&part);
	record_done(&a);
	record_done(&b);
}

TEST(withheld_fields_come_in_by_changes)
{
	struct record a, b;
	struct change c[4];
	struct err e = ERR_INIT;

	record_init(&a);
	edited(&a, 1, 1, plain("phone", "1"), &c[0]);
	edited(&a, 1, 2, tags("x\ny"), &c[1]);
	edited(&a, 1, 3, plain("name", "Bonnet"), &c[2]);
	handed(&a, &b);
	edited(&a, 1, 4, tags("y"), &c[3]);
	/* The removal of x comes first: x is settled, y still unknown. */
	CHECK_OK(record_apply(&b, &c[3], &e), &e);
	check_set(&b, "");
	CHECK(b.nlimits > 0);
	for (size_t i = 0; i < 3; i++)
		CHECK_OK(record_apply(&b, &c[i], &e), &e);
	check_set(&b, "y");
	CHECK_STR(record_get(&b, "phone"), "1");
	CHECK_EQ_INT(b.nlimits, 0);
	CHECK(same(&a, &b));
	for (size_t i = 0; i < 4; i++)
		change_done(&c[i]);
	record_done(&a);
	record_done(&b);
}

TEST(edit_by_who_had_a_part_drops_nothing_unseen)
{
	struct record a, b;
	struct change c;
	struct err e = ERR_INIT;

	record_init(&a);
	edit(&a, 1, 1, plain("phone", "1"));
	handed(&a, &b);
	edited(&b, 2, 1, plain("phone", "2"), &c);
	CHECK(c.edits[0].context != NULL);
	CHECK_OK(record_apply(&a, &c, &e), &e);
	CHECK(record_conflicts(&a));
	merged(&b, &a);
	CHECK(same(&a, &b));
	change_done(&c);
	record_done(&a);
	record_done(&b);
}

TEST(changes_of_others_are_refused)
{
	struct record a, b;
	struct change c;
	struct err e = ERR_INIT;

	record_init(&a);
	edited(&a, 1, 1, plain("place", "x"), &c);
	c.id = some_id(9);
	c.stamp.n = 2;
	CHECK_ERR(record_apply(&a, &c, &e), &e, ERR_FORMAT);
	change_done(&c);
	copied(&a, &b);
	b.id = some_id(9);
	CHECK_ERR(record_merge(&a, &b, &e), &e, ERR_FORMAT);
	record_done(&a);
	record_done(&b);
}

/* A record with something of everything. */
static void full(struct record *a)
{
	struct record b, part;

	record_init(a);
	edit(a, 1, 1, text("un\ndeux\ntrois"));
	edit(a, 1, 5, tags("loup\neau"));
	edit(a, 1, 6, plain("unknown.field-2", "kept"));
	copied(a, &b);
	edit(a, 1, 7, text("UN\ndeux\ntrois"));
	edit(&b, 2, 1, text("un\ndeux\nTROIS"));
	edit(&b, 2, 2, plain("phone", "é"));
	handed(&b, &part);
	merged(a, &part);
	record_done(&b);
	record_done(&part);
}

TEST(states_encode_and_decode)
{
	struct record a, b;
	struct buf bytes = BUF_INIT;
	struct err e = ERR_INIT;

	full(&a);
	CHECK(a.nlimits > 0);
	record_encode(&a, &bytes);
	REQUIRE(CHECK_OK(record_decode(bytes.p, bytes.len, &b, &e), &e));
	CHECK(same(&a, &b));
	check_text(&b, "UN\ndeux\nTROIS", false);
	record_done(&a);
	record_done(&b);
	buf_done(&bytes);
}

TEST(small_states_are_small)
{
	struct record a;
	struct change c;
	struct buf bytes = BUF_INIT;

	record_init(&a);
	edited(&a, 1, 1, text("x"), &c);
	record_encode(&a, &bytes);
	CHECK(bytes.len <= 85);
	buf_clear(&bytes);
	change_encode(&c, &bytes);
	CHECK(bytes.len <= 70);
	buf_done(&bytes);
	change_done(&c);
	record_done(&a);
}

/* No prefix, and no single changed byte, may do harm; what still decodes has to encode. */
TEST(damaged_states_and_changes)
{
	struct record a, r;
	struct change c;
	struct buf state = BUF_INIT, change = BUF_INIT, again = BUF_INIT;
	struct err e;
	size_t refused = 0;

	full(&a);
	record_encode(&a, &state);
	edited(&a, 1, 50, text("un"), &c);
	change_encode(&c, &change);
	change_done(&c);
	for (size_t i = 0; i < state.len; i++) {
		e = (struct err)ERR_INIT;
		CHECK_ERR(record_decode(state.p, i, &r, &e), &e, ERR_DAMAGED);
	}
	for (size_t i = 0; i < change.len; i++) {
		e = (struct err)ERR_INIT;
		CHECK_ERR(change_decode(change.p, i, &c, &e), &e, ERR_DAMAGED);
	}
	for (size_t i = 0; i < state.len * 255; i++) {
		char was = state.p[i / 255];
		state.p[i / 255] = (char)(was + 1 + (int)(i % 255));
		if (record_decode(state.p, state.len, &r, &e)) {
			buf_clear(&again);
			record_encode(&r, &again);
			record_conflicts(&r);
			record_done(&r);
		} else {
			refused++;
		}
		state.p[i / 255] = was;
	}
	CHECK(refused > state.len * 100);
	for (size_t i = 0; i < change.len * 255; i++) {
		char was = change.p[i / 255];
		change.p[i / 255] = (char)(was + 1 + (int)(i % 255));
		if (change_decode(change.p, change.len, &c, &e))
			change_done(&c);
		change.p[i / 255] = was;
	}
	record_done(&a);
	buf_done(&state);
	buf_done(&change);
	buf_done(&again);
}
