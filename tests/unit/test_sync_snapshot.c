/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots in real notebooks: made, agreed upon, taken in.  $NOTES of them, 40 when unset. */
#include "devices_fixture.h"
#include "sync/book.h"

#define AFTER 6 /* segments until one is made */
#define DAY_MS (24LL * 3600 * 1000)

static void round_of(size_t i)
{
	struct book_store bs;
	struct book book;
	struct err e = ERR_INIT;

	now_ms += 4 * 3600 * 1000;
	folder.requests = folder.up = folder.down = 0;
	CHECK_OK(book_open(&bs, of[i], NULL, "folder", &book, &e), &e);
	book.snapshot_after = AFTER;
	CHECK_OK(exchange_round(&book, &folder, NULL, &report, &e), &e);
	book_done(&bs);
}

static void notes(size_t i)
{
	const char *many = getenv("NOTES");
	struct err e = ERR_INIT;
	char text[64];

	CHECK_OK(store_step_begin(of[i], "", &e), &e);
	for (unsigned long n = many ? strtoul(many, NULL, 10) : 40; n > 0; n--) {
		snprintf(text, sizeof text, "note %lu de l'appareil %zu", n, i);
		note(of[i], text);
	}
	CHECK_OK(store_step_end(of[i], &e), &e);
}

/* Titles that are the same would be in the order in which they came. */
static void one_more(size_t i)
{
	static unsigned turn;
	char text[64];

	snprintf(text, sizeof text, "encore une, la %u", turn++);
	note(of[i], text);
}

struct counted {
	char letter;
	size_t n;
};

static bool count_one(void *with, const char *path, uint64_t size)
{
	struct counted *c = with;

	(void)size;
	c->n += path[0] == c->letter;
	return true;
}

static size_t objects(char letter)
{
	struct counted c = {letter, 0};
	struct err e = ERR_INIT;

	CHECK_OK(remote_list(&folder, count_one, &c, &e), &e);
	return c.n;
}

/* The first `n` devices write until segments have left the remote. */
static void fold(size_t n)
{
	size_t cleared = 0;

	for (size_t turn = 0; turn < 60 && cleared == 0; turn++) {
		one_more(turn % n);
		round_of(turn % n);
		cleared += report.cleared;
	}
	CHECK(cleared > 0);
	for (size_t turn = 0; turn < 3 * n; turn++)
		round_of(turn % n);
}

static void joins(size_t i)
{
	struct err e = ERR_INIT;
	struct buf file = BUF_INIT;
	struct invitation in;

	of[i] = sync_notebook(files[i], "Camille");
	store_set_clock(of[i], clock_now, NULL);
	const struct identity who = sync_who(of[i]);
	CHECK_OK(devices_add(of[0], &who, "", &file, &e), &e);
	round_of(0);
	if (CHECK_OK(devices_invitation(of[i], file.p, file.len, &in, &e), &e))
		CHECK_OK(devices_join(of[i], &in, &e), &e);
	invitation_done(&in);
	buf_done(&file);
}

TEST(a_new_device_is_ready_in_one_round)
{
	start(2);
	notes(0);
	fold(2);
	CHECK(objects('k') > 0);
	size_t segments = objects('s');
	CHECK(segments < 20);
	all_same(2);
	joins(2);
	round_of(2);
	printf("# a new device: %llu requests, %llu bytes down; %zu segments are left\n",
	       (unsigned long long)folder.requests, (unsigned long long)folder.down, segments);
	CHECK_EQ_INT(report.adopted, 1);
	CHECK_EQ_INT(report.nfindings, 0);
	all_same(3);
	note(of[2], "de la troisième");
	round_of(2);
	round_of(0);
	round_of(1);
	all_same(3);
	fold(3);
	all_same(3);
}

TEST(one_that_was_parked_loses_nothing)
{
	struct err e = ERR_INIT;
	struct identity who;
	struct id unsent;

	start(3);
	notes(0);
	for (size_t turn = 0; turn < 9; turn++)
		round_of(turn % 3);
	all_same(3);
	unsent = note(of[2], "jamais envoyée");
	who = sync_who(of[2]);
	CHECK_ERR(devices_park(of[0], &who.device, &e), &e, ERR_INPUT);
	for (size_t turn = 0; turn < 40; turn++) {
		one_more(turn % 2);
		round_of(turn % 2);
		CHECK_EQ_INT(report.cleared, 0);
	}
	now_ms += 730 * DAY_MS;
	CHECK_OK(devices_park(of[0], &who.device, &e), &e);
	fold(2);
	for (int back = 0; back < 2; back++)
		round_of(2);
	CHECK_EQ_INT(report.nfindings, 0);
	for (size_t turn = 0; turn < 6; turn++)
		round_of(turn % 3);
	sync_is(of[0], &unsent, "text", "jamais envoyée");
	sync_is(of[1], &unsent, "text", "jamais envoyée");
	all_same(3);
}

/* Broken off at a later request each time; each time it is another device that joins. */
static bool stop_at(void *ctx, const struct exchange_report *so_far)
{
	unsigned *left = ctx;

	(void)so_far;
	return (*left)-- > 0;
}

TEST(taking_one_in_may_be_broken_off_anywhere)
{
	bool ended = false;

	for (unsigned at = 0; at < 60 && !ended; at += 6) {
		unsigned left = at;
		const struct exchange_watch watch = {stop_at, &left};
		struct book_store bs;
		struct book book;
		struct err e = ERR_INIT;
		if (at == 0) {
			start(2);
			notes(0);
			fold(2);
		}
		joins(2);
		CHECK_OK(book_open(&bs, of[2], NULL, "folder", &book, &e), &e);
		book.snapshot_after = AFTER;
		ended = exchange_round(&book, &folder, &watch, &report, &e);
		CHECK(ended || e.code == ERR_CANCELLED);
		book_done(&bs);
		round_of(2);
		CHECK_EQ_INT(report.nfindings, 0);
		all_same(3);
		store_close(of[2]);
		of[2] = NULL;
	}
	CHECK(ended);
}
