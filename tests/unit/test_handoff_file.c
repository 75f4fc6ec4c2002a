/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attached files handed off with their content. */
#include "check.h"

#include "arpent/cbor.h"
#include "arpent/io.h"
#include "store_fixture.h"
#include "sync_fixture.h"

#define MIB (1u << 20)

static struct store *anne, *bruno;
static struct id site; /* Anne's: files are attached to it */
static const struct handoff_options PLAIN = {false, false};

static void start(void)
{
	if (anne) {
		store_close(anne);
		store_close(bruno);
	}
	anne = sync_notebook("anne", "Anne Lefèvre");
	bruno = sync_notebook("bruno", "Bruno Roux");
	sync_trust(anne, bruno);
	sync_trust(bruno, anne);
	site = sync_record(anne, "site", (struct want[]){{.key = "name", .text = "Col des Mille"}}, 1);
}

/* Like a photo: nothing in it deflates.  With seed 0, zeros. */
static void bytes(struct buf *out, size_t n, unsigned seed)
{
	unsigned char key[randombytes_SEEDBYTES] = {(unsigned char)seed};

	buf_clear(out);
	buf_fill(out, 0, n);
	if (seed && n)
		randombytes_buf_deterministic(out->p, n, key);
}

static struct id attach(size_t n, unsigned seed)
{
	const char *path = check_path("photo.jpg");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct id id = {{0}};

	bytes(&b, n, seed);
	CHECK_OK(io_write_file(path, buf_str(&b), b.len, true, &e), &e);
	CHECK_OK(store_file_add(anne, &site, path, &id, &e), &e);
	buf_done(&b);
	return id;
}

static bool gather(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return true;
}

static void has_content(struct store *s, const struct id *id, size_t n, unsigned seed)
{
	struct buf got = BUF_INIT, want = BUF_INIT;
	struct err e = ERR_INIT;
	int64_t size;

	bytes(&want, n, seed);
	CHECK_OK(store_file_read(s, id, gather, &got, &e), &e);
	CHECK(got.len == want.len && (n == 0 || memcmp(got.p, want.p, n) == 0));
	CHECK_OK(store_file_size(s, id, &size, &e), &e);
	CHECK_EQ_INT(size, n);
	buf_done(&got);
	buf_done(&want);
}

static void has_none(struct store *s, const struct id *id)
{
	struct err e = ERR_INIT;
	int64_t size;

	CHECK_ERR(store_file_extract(s, id, check_path("out"), &e), &e, ERR_NOT_FOUND);
	CHECK_STR(e.where, STORE_CONTENT);
	CHECK(access(check_path("out"), F_OK) != 0);
	CHECK_ERR(store_file_size(s, id, &size, &e), &e, ERR_NOT_FOUND);
}

static struct handoff_item *item(struct handoff *h, const struct id *id)
{
	for (size_t i = 0; i < h->n; i++)
		if (id_eq(&h->items[i].state.id, id))
			return &h->items[i];
	CHECK_FAIL("%s", "not in the hand-off");
	return &h->items[0];
}

static void seal(struct store *from, struct store *to, struct buf *out)
{
	struct peer peer = {.who = sync_who(to)};
	struct handoff h;
	struct err e = ERR_INIT;

	buf_clear(out);
	if (CHECK_OK(handoff_plan(from, &site, 1, &PLAIN, &h, &e), &e))
		CHECK_OK(handoff_seal_buf(from, &h, &peer, 1, NULL, out, &e), &e);
	handoff_done(&h);
}

static enum err_code take(const struct buf *b, struct handoff *h)
{
	struct err e = ERR_INIT;

	if (handoff_read_buf(bruno, buf_str(b), b->len, NULL, false, h, &e) && handoff_take(bruno, h, &e))
		return ERR_NONE;
	return e.code;
}

TEST(comes_along)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;
	struct id photo, empty;
	struct record r;

	start();
	photo = attach(200000, 1);
	empty = attach(0, 0);
	seal(anne, bruno, &b);
	REQUIRE(handoff_read_buf(bruno, b.p, b.len, NULL, false, &h, &e));
	CHECK_EQ_INT(h.n, 3);
	CHECK_EQ_INT(h.contents, 2);
	CHECK_EQ_INT(item(&h, &photo)->content, HANDOFF_CONTENT);
	CHECK_EQ_INT(item(&h, &site)->content, HANDOFF_NO_CONTENT);
	CHECK(!store_get(bruno, &photo, &r, &e));
	CHECK_OK(handoff_take(bruno, &h, &e), &e);
	handoff_done(&h);
	has_content(bruno, &photo, 200000, 1);
	has_content(bruno, &empty, 0, 0);
	CHECK_EQ_INT(fixture_int(bruno, "SELECT count(*) FROM chunk"), 4);
	/* Again. */
	CHECK_EQ_INT(take(&b, &h), ERR_REPLAY);
	CHECK_EQ_INT(h.contents, 0);
	CHECK_EQ_INT(item(&h, &photo)->content, HANDOFF_CONTENT_HERE);
	handoff_done(&h);
	CHECK_EQ_INT(fixture_int(bruno, "SELECT count(*) FROM chunk"), 4);
	/* Lost here, it comes back from the very same file. */
	fixture_exec(bruno, "DELETE FROM chunk");
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	handoff_done(&h);
	/* Undone and done again, it is still whole. */
	CHECK_OK(store_undo(bruno, NULL, &e), &e);
	CHECK_OK(store_redo(bruno, NULL, &e), &e);
	has_content(bruno, &photo, 200000, 1);
	buf_done(&b);
}

/* A sealed body of Anne's: the records by id, and what `contents` writes after them. */
static void crafted(const struct id *ids, size_t n, void (*contents)(struct buf *out), struct buf *sealed)
{
	struct identity_self self;
	struct identity to = sync_who(bruno);
	struct bundle_to who = {.who = &to, .n = 1};
	struct bundle b;
	struct buf body = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;

	cbor_w_array(&body, 4);
	cbor_w_uint(&body, 1);
	cbor_w_array(&body, 0);
	cbor_w_array(&body, n);
	for (size_t i = 0; i < n; i++) {
		CHECK_OK(store_get(anne, &ids[i], &r, &e), &e);
		record_encode(&r, &body);
		record_done(&r);
	}
	contents(&body);
	buf_clear(sealed);
	CHECK_OK(identity_self(anne, &self, &e), &e);
	bundle_init(&b, BUNDLE_HANDOFF);
	b.count = (uint32_t)n;
	CHECK_OK(bundle_seal(&b, body.p, body.len, &self, &who, sealed, NULL, &e), &e);
	bundle_done(&b);
	identity_self_done(&self);
	buf_done(&body);
}

static void no_contents(struct buf *out)
{
	cbor_w_map(out, 0);
}

TEST(comes_later)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;
	struct id photo;

	start();
	photo = attach(70000, 1);
	crafted(&photo, 1, no_contents, &b);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	CHECK_EQ_INT(h.items[0].content, HANDOFF_CONTENT_AWAY);
	handoff_done(&h);
	has_none(bruno, &photo);
	/* Bruno cannot give what he has not. */
	REQUIRE(handoff_plan(bruno, &photo, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.items[0].content, HANDOFF_CONTENT_AWAY);
	handoff_done(&h);
	seal(anne, bruno, &b);
	REQUIRE(handoff_read_buf(bruno, b.p, b.len, NULL, false, &h, &e));
	CHECK_EQ_INT(item(&h, &photo)->take, TAKE_SAME);
	CHECK_EQ_INT(item(&h, &photo)->content, HANDOFF_CONTENT);
	CHECK_OK(handoff_take(bruno, &h, &e), &e);
	handoff_done(&h);
	has_content(bruno, &photo, 70000, 1);
	/* One without content takes nothing away. */
	crafted(&photo, 1, no_contents, &b);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	CHECK_EQ_INT(h.items[0].content, HANDOFF_CONTENT_HERE);
	handoff_done(&h);
	has_content(bruno, &photo, 70000, 1);
	REQUIRE(handoff_plan(bruno, &photo, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.items[0].content, HANDOFF_CONTENT);
	handoff_done(&h);
	buf_done(&b);
}

/* The smallest go, whether they deflate to nothing or not at all. */
TEST(as_much_as_there_is_room)
{
	static const size_t sizes[] = {4 * MIB, 3 * MIB, 2 * MIB, 1};
	struct id ids[4];
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;

	start();
	for (unsigned i = 0; i < 4; i++)
		ids[i] = attach(sizes[i], i == 1 ? 0 : i + 1);
	REQUIRE(handoff_plan(anne, &site, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.contents, 3);
	CHECK_EQ_INT(item(&h, &ids[0])->content, HANDOFF_CONTENT_BIG);
	CHECK_EQ_INT(item(&h, &ids[1])->content, HANDOFF_CONTENT);
	handoff_done(&h);
	seal(anne, bruno, &b);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	CHECK_EQ_INT(item(&h, &ids[0])->content, HANDOFF_CONTENT_AWAY);
	handoff_done(&h);
	has_none(bruno, &ids[0]);
	has_content(bruno, &ids[1], 3 * MIB, 0);
	has_content(bruno, &ids[2], 2 * MIB, 3);
	has_content(bruno, &ids[3], 1, 4);
	buf_done(&b);
}

/* Zeros deflate to a thousandth, which no reader would inflate. */
TEST(deflates_to_nothing)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	struct id zeros;

	start();
	zeros = attach(5 * MIB, 0);
	seal(anne, bruno, &b);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	handoff_done(&h);
	has_content(bruno, &zeros, 5 * MIB, 0);
	buf_done(&b);
}

TEST(damaged_stays)
{
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;
	struct id photo;

	start();
	photo = attach(70000, 1);
	fixture_exec(anne, "UPDATE chunk SET data = zeroblob(65536) WHERE row % 8192 = 0");
	REQUIRE(handoff_plan(anne, &photo, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(h.items[0].content, HANDOFF_CONTENT_DAMAGED);
	CHECK_EQ_INT(h.contents, 0);
	handoff_done(&h);
	seal(anne, bruno, &b);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	handoff_done(&h);
	has_none(bruno, &photo);
	buf_done(&b);
}

/* A note about a file names it, and gives it to nobody. */
TEST(only_named)
{
	struct handoff h;
	struct err e = ERR_INIT;
	struct id photo, note;
	char about[ID_TEXT + 1];

	start();
	photo = attach(100, 1);
	id_text(&photo, about);
	note = sync_record(anne, "note",
			   (struct want[]){{.key = "text", .text = "à trier", .is_text = true},
					   {.key = "about", .text = about, .is_set = true}},
			   2);
	REQUIRE(handoff_plan(anne, &note, 1, &PLAIN, &h, &e));
	CHECK_EQ_INT(item(&h, &photo)->content, HANDOFF_CONTENT_OUTLINE);
	CHECK_EQ_INT(h.contents, 0);
	handoff_done(&h);
}

static void other_bytes(struct buf *out)
{
	cbor_w_map(out, 1);
	cbor_w_uint(out, 0);
	cbor_w_bytes(out, "autre", 5);
}

static struct buf photo_bytes;

static void content_at(struct buf *out, size_t a, size_t b)
{
	cbor_w_map(out, 2);
	cbor_w_uint(out, a);
	cbor_w_bytes(out, photo_bytes.p, photo_bytes.len);
	cbor_w_uint(out, b);
	cbor_w_bytes(out, photo_bytes.p, photo_bytes.len);
}

static void twice(struct buf *out)
{
	content_at(out, 0, 0);
}

static void beyond(struct buf *out)
{
	content_at(out, 0, 1);
}

static void far_beyond(struct buf *out)
{
	content_at(out, SIZE_MAX, 0);
}

static void no_map(struct buf *out)
{
	cbor_w_array(out, 0);
}

static void cut(struct buf *out)
{
	cbor_w_map(out, 1);
	cbor_w_uint(out, 0);
}

static void no_bytes(struct buf *out)
{
	cbor_w_map(out, 1);
	cbor_w_uint(out, 0);
	cbor_w_text(out, photo_bytes.p, photo_bytes.len);
}

TEST(hostile_colleague)
{
	static void (*const bodies[])(struct buf * out) = {other_bytes, twice, beyond,  far_beyond,
							   no_map,      cut,   no_bytes};
	struct buf b = BUF_INIT;
	struct handoff h;
	struct err e = ERR_INIT;
	struct id photo;
	struct record r;

	start();
	photo = attach(20, 0);
	bytes(&photo_bytes, 20, 0);
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		crafted(&photo, 1, bodies[i], &b);
		if (!CHECK_EQ_INT(take(&b, &h), ERR_DAMAGED))
			CHECK_FAIL("body %zu", i);
		handoff_done(&h);
		CHECK(!store_get(bruno, &photo, &r, &e));
	}
	crafted(&site, 1, other_bytes, &b); /* no file */
	CHECK_EQ_INT(take(&b, &h), ERR_DAMAGED);
	handoff_done(&h);
	/* The same, met only while taking in: nothing is. */
	seal(anne, bruno, &b);
	REQUIRE(handoff_read_buf(bruno, b.p, b.len, NULL, false, &h, &e));
	item(&h, &photo)->bytes.p[0] = 'x';
	CHECK_ERR(handoff_take(bruno, &h, &e), &e, ERR_DAMAGED);
	CHECK(!store_get(bruno, &site, &r, &e));
	CHECK(!store_get(bruno, &photo, &r, &e));
	CHECK(!store_in_step(bruno));
	handoff_done(&h);
	CHECK_EQ_INT(take(&b, &h), ERR_NONE);
	handoff_done(&h);
	buf_done(&b);
	buf_done(&photo_bytes);
}
