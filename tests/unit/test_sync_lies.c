/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a storage does to what it holds, each found out within two rounds.  Device 0 has written a segment that device 1
 * has not read when the storage begins to lie about it.
 */
#include "arpent/cbor.h"
#include "devices_fixture.h"
#include "../../src/sync/book.h"

static const char *place(size_t device, uint64_t n)
{
	struct space sp;
	struct err e = ERR_INIT;
	char name[REMOTE_NAME_MAX];
	static char path[512];

	CHECK_OK(devices_space(of[device], &sp, &e), &e);
	remote_name('s', &sp.own, n, name);
	snprintf(path, sizeof path, "%s/%s", ((char **)folder.ctx)[0], name);
	space_done(&sp);
	return path;
}

static uint64_t made(size_t device)
{
	struct space sp;
	struct err e = ERR_INIT;
	uint64_t n;

	CHECK_OK(devices_space(of[device], &sp, &e), &e);
	n = space_stream(&sp, &sp.own)->n;
	space_done(&sp);
	return n;
}

static void file_get(const char *path, struct buf *out)
{
	struct err e = ERR_INIT;

	buf_clear(out);
	CHECK_OK(io_read_file(path, BUNDLE_FILE_MAX, out, &e), &e);
}

static void file_put(const char *path, const struct buf *b)
{
	struct err e = ERR_INIT;

	CHECK_OK(io_write_file(path, b->p, b->len, true, &e), &e);
}

/* Two devices that know all of one another; then a segment more of the first. */
static uint64_t lie_start(void)
{
	start(2);
	note(of[0], "avant");
	note(of[1], "avant aussi");
	for (int round = 0; round < 2; round++) {
		sync_one(0);
		sync_one(1);
	}
	note(of[0], "la suite");
	sync_one(0);
	return made(0);
}

/* Says it within two rounds, and nothing else; and has taken in nothing. */
static void lie_found(size_t by, enum finding_kind kind)
{
	bool found = false;

	for (int round = 0; round < 2; round++) {
		sync_one(by);
		now_ms += EXCHANGE_GRACE_MS;
		for (size_t i = 0; i < report.nfindings; i++)
			found |= CHECK_EQ_INT(report.findings[i].kind, kind);
		CHECK_EQ_INT(report.news, 0);
	}
	CHECK(found);
}

/* The truth again. */
static void lie_over(uint64_t n, const struct buf *truth)
{
	file_put(place(0, n), truth);
	sync_one(1);
	CHECK_EQ_INT(report.nfindings, 0);
	CHECK_EQ_INT(report.news, 1);
	all_same(2);
}

TEST(a_piece_altered_cut_or_swapped_is_found_out)
{
	struct buf truth = BUF_INIT, lie = BUF_INIT;
	uint64_t n = lie_start();

	file_get(place(0, n), &truth);
	buf_add(&lie, truth.p, truth.len);
	lie.p[lie.len / 2] ^= 1;
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_ALTERED);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	buf_clear(&lie);
	buf_add(&lie, truth.p, truth.len - 1);
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_CUT);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	buf_clear(&lie);
	buf_str_add(&lie, "des photos de vacances");
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_FOREIGN);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	file_get(place(0, n - 1), &lie);
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_REPLAYED);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	file_get(place(1, 1), &lie);
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_RENAMED);
	lie_over(n, &truth);
	buf_done(&truth);
	buf_done(&lie);
}

/* A segment of device 0 as its keys, or others', would make it: n follows `after`. */
static void forge(struct store *signer, uint64_t n, const struct buf *after, const struct buf *body, uint32_t count,
		  struct buf *out)
{
	struct identity_self self;
	struct bundle b;
	struct space sp;
	struct err e = ERR_INIT;

	CHECK_OK(devices_space(of[0], &sp, &e), &e);
	CHECK_OK(identity_self(signer, &self, &e), &e);
	struct secret key = SECRET_INIT;
	CHECK_OK(book_secret(of[1], &sp.keys[0].id, &key, &e), &e);
	const struct bundle_to to = {.epoch_key = &key, .epoch = sp.keys[0].epoch};
	bundle_init(&b, BUNDLE_SEGMENT);
	b.from.device = sp.own;
	b.n = n;
	b.count = count;
	memcpy(b.team, sp.id.b, BUNDLE_TEAM);
	crypto_generichash(b.previous, sizeof b.previous, (const uint8_t *)after->p, after->len, NULL, 0);
	buf_clear(out);
	CHECK_OK(bundle_seal(&b, body->p, body->len, &self, &to, out, NULL, &e), &e);
	bundle_done(&b);
	secret_free(&key);
	identity_self_done(&self);
	space_done(&sp);
}

TEST(a_piece_forged_or_not_understood_is_left)
{
	struct buf truth = BUF_INIT, before = BUF_INIT, lie = BUF_INIT, body = BUF_INIT;
	uint64_t n = lie_start();

	file_get(place(0, n), &truth);
	file_get(place(0, n - 1), &before);
	cbor_w_uint(&body, 1);
	forge(of[1], n, &before, &body, 0, &lie); /* who has the space's key, but not that device */
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_FORGED);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	file_get(place(0, n - 1), &before);
	cbor_w_array(&body, 2);
	cbor_w_uint(&body, 99);
	cbor_w_null(&body);
	forge(of[0], n, &before, &body, 1, &lie);
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_NEWER);
	lie_over(n, &truth);

	n = lie_start();
	file_get(place(0, n), &truth);
	file_get(place(0, n - 1), &before);
	buf_clear(&body);
	cbor_w_uint(&body, 1);
	cbor_w_array(&body, 2);
	cbor_w_uint(&body, 0);
	cbor_w_uint(&body, 0);
	forge(of[0], n, &before, &body, 1, &lie);
	file_put(place(0, n), &lie);
	lie_found(1, FINDING_BAD);
	lie_over(n, &truth);

	/* Two segments of one number, both honestly signed. */
	n = lie_start();
	sync_one(1);
	file_get(place(0, n - 1), &before);
	buf_clear(&body);
	cbor_w_uint(&body, 1);
	forge(of[0], n + 1, &before, &body, 0, &lie);
	file_put(place(0, n + 1), &lie);
	lie_found(1, FINDING_FORKED);
	buf_done(&truth);
	buf_done(&before);
	buf_done(&lie);
	buf_done(&body);
}

/* What others have and the storage does not show. */
TEST(what_is_withheld_is_found_out)
{
	struct buf truth = BUF_INIT;
	struct id id;

	start(3);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < 3; i++)
			sync_one(i);
	id = note(of[0], "la suite");
	sync_one(0);
	sync_one(1);
	sync_set(of[1], &id, "text", "que voici");
	sync_one(1);
	file_get(place(0, made(0)), &truth);
	unlink(place(0, made(0)));
	sync_one(2);
	CHECK_EQ_INT(report.waiting, 1); /* not half of it */
	CHECK_EQ_INT(report.nfindings, 0);
	now_ms += EXCHANGE_GRACE_MS;
	sync_one(2);
	if (CHECK_EQ_INT(report.nfindings, 1))
		CHECK_EQ_INT(report.findings[0].kind, FINDING_WITHHELD);
	file_put(place(0, made(0)), &truth);
	sync_one(2);
	CHECK_EQ_INT(report.waiting, 0);
	sync_is(of[2], &id, "text", "que voici");
	buf_done(&truth);
}

/* An older copy of the storage is put back: its owner says so, and puts up what is gone. */
TEST(a_storage_rolled_back_is_found_out)
{
	struct err e = ERR_INIT;
	uint64_t n = lie_start();
	struct buf b = BUF_INIT;

	unlink(place(0, n));
	unlink(place(0, n - 1));
	lie_found(0, FINDING_ROLLED_BACK);
	sync_one(1);
	CHECK_EQ_INT(report.news, 1);
	all_same(2);
	/* One byte of an old segment, which a round does not look at. */
	file_get(place(0, 1), &b);
	b.p[100] ^= 1;
	file_put(place(0, 1), &b);
	CHECK_OK(devices_check(of[0], "folder", &folder, &report, &e), &e);
	if (CHECK_EQ_INT(report.nfindings, 1))
		CHECK_EQ_INT(report.findings[0].kind, FINDING_ALTERED);
	CHECK_OK(devices_check(of[0], "folder", &folder, &report, &e), &e);
	CHECK_EQ_INT(report.nfindings, 0);
	buf_done(&b);
}

TEST(the_end)
{
	start(0);
	remote_close(&folder);
}
