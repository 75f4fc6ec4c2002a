/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person is shown of sync: what is unsent, what a round would do, and how the last one went. */
#include "devices_fixture.h"

static size_t unsent(struct store *s)
{
	struct err e = ERR_INIT;
	size_t n = 99;

	CHECK_OK(journal_unsent_count(s, 50, &n, &e), &e);
	return n;
}

static bool mark(void *ctx, const struct row *row, const struct list_key *at)
{
	size_t *n = ctx;

	(void)at;
	*n += (row->flags & ROW_UNSENT) != 0;
	return true;
}

static size_t marked(struct store *s)
{
	const struct list_spec spec = {.order = LIST_BY_EDITED};
	struct err e = ERR_INIT;
	size_t n = 0;

	CHECK_OK(store_list(s, &spec, NULL, false, 100, mark, &n, &e), &e);
	return n;
}

TEST(a_notebook_alone_marks_nothing)
{
	start(1);
	note(of[0], "seule");
	CHECK_EQ_INT(unsent(of[0]), 0);
	CHECK_EQ_INT(marked(of[0]), 0);
}

TEST(what_was_not_sent_is_marked)
{
	struct id first;

	start(2);
	first = note(of[0], "une");
	sync_one(0);
	CHECK_EQ_INT(unsent(of[0]), 0);
	sync_set(of[0], &first, "text", "une autre");
	note(of[0], "deux");
	note(of[0], "trois");
	CHECK_EQ_INT(unsent(of[0]), 3);
	CHECK_EQ_INT(marked(of[0]), 3);
	sync_one(0);
	CHECK_EQ_INT(marked(of[0]), 0);
	/* What came is not ours to send. */
	sync_one(1);
	CHECK_EQ_INT(unsent(of[1]), 0);
	CHECK_EQ_INT(marked(of[1]), 0);
}

static bool first_of(void *ctx, const struct id *record)
{
	*(struct id *)ctx = *record;
	return false;
}

TEST(the_last_written_is_told_first)
{
	struct err e = ERR_INIT;
	struct id a, b, got;

	start(2);
	a = note(of[0], "a");
	sync_one(0);
	b = note(of[0], "b");
	CHECK_OK(journal_unsent(of[0], 9, first_of, &got, &e), &e);
	CHECK(id_eq(&got, &b));
	sync_set(of[0], &a, "text", "aa");
	CHECK_OK(journal_unsent(of[0], 9, first_of, &got, &e), &e);
	CHECK(id_eq(&got, &a));
}

TEST(what_a_round_would_send_is_weighed_as_it_goes)
{
	struct exchange_outlook o;
	struct err e = ERR_INIT;

	start(2);
	note(of[0], "avant");
	sync_one(0);
	sync_one(1);
	sync_one(0);
	note(of[0], "une note de terrain");
	CHECK_OK(devices_outlook(of[0], "folder", NULL, NULL, &o, &e), &e);
	CHECK(!o.asked);
	CHECK_EQ_INT(o.entries, 1);
	CHECK_EQ_INT(o.go, 1);
	CHECK_OK(devices_outlook(of[0], "folder", NULL, NULL, &o, &e), &e); /* nothing was kept */
	CHECK_EQ_INT(o.go, 1);
	sync_one(0);
	CHECK_EQ_INT(folder.up, o.up);
	CHECK_OK(devices_outlook(of[0], "other", NULL, NULL, &o, &e), &e); /* one that has nothing yet */
	CHECK(o.go > 1);
}

TEST(what_would_come_is_asked_and_left_there)
{
	struct exchange_outlook o;
	struct err e = ERR_INIT;
	uint64_t down;

	start(2);
	note(of[0], "une");
	sync_one(0);
	folder.requests = 0;
	CHECK_OK(devices_outlook(of[1], "folder", &folder, NULL, &o, &e), &e);
	CHECK(o.asked);
	CHECK_EQ_INT(o.come, 1);
	CHECK_EQ_INT(folder.requests, 3);
	down = o.down;
	folder.down = 0;
	CHECK_OK(devices_outlook(of[1], "folder", &folder, NULL, &o, &e), &e);
	CHECK_EQ_INT(o.come, 1);
	CHECK(folder.down < 100); /* whose it is, and nothing else */
	CHECK(down > 500);
	sync_one(1);
	CHECK_OK(devices_outlook(of[1], "folder", &folder, NULL, &o, &e), &e);
	CHECK_EQ_INT(o.come, 0);
}

TEST(asking_writes_nothing_there)
{
	struct exchange_outlook o;
	struct err e = ERR_INIT;
	uint64_t size;
	bool found;

	start(2);
	note(of[0], "une");
	CHECK_OK(devices_outlook(of[0], "folder", &folder, NULL, &o, &e), &e);
	CHECK_OK(remote_has(&folder, REMOTE_ID, &found, &size, &e), &e);
	CHECK(!found);
}

struct came {
	size_t n;
	struct journal_came last;
};

static bool came_one(void *ctx, const struct journal_came *j)
{
	struct came *c = ctx;

	if (c->n++ == 0)
		c->last = *j;
	return true;
}

TEST(what_came_last_is_kept)
{
	struct devices_past past;
	struct err e = ERR_INIT;
	struct came c = {0};
	struct id first;

	start(2);
	CHECK_OK(devices_past(of[1], "folder", &past, &e), &e);
	CHECK_EQ_INT(past.ended_ms, 0);
	first = note(of[0], "une");
	sync_set(of[0], &first, "text", "deux");
	note(of[1], "ici");
	sync_one(0);
	sync_one(1);
	note(of[1], "encore ici");
	sync_one(1); /* brings nothing */
	CHECK_OK(devices_past(of[1], "folder", &past, &e), &e);
	CHECK(past.ended_ms > past.came_ms && past.came_ms > 0);
	CHECK_OK(journal_came(of[1], past.after, past.upto, 9, came_one, &c, &e), &e);
	CHECK_EQ_INT(c.n, 1);
	CHECK(id_eq(&c.last.record, &first));
	CHECK(id_eq(&c.last.device, store_device(of[0])));
}

TEST(what_was_amiss_is_kept_until_the_next_round)
{
	struct devices_past past;
	struct err e = ERR_INIT;
	char name[REMOTE_NAME_MAX];

	start(2);
	note(of[0], "une");
	sync_one(0);
	sync_one(1);
	remote_name('s', store_device(of[0]), 1, name);
	CHECK_OK(remote_remove(&folder, name, &e), &e);
	for (int i = 0; i < 3 && report.nfindings == 0; i++)
		sync_one(0);
	CHECK_EQ_INT(report.nfindings, 1);
	CHECK_OK(devices_past(of[0], "folder", &past, &e), &e);
	CHECK_EQ_INT(past.nfindings, 1);
	CHECK_EQ_INT(past.findings[0].kind, FINDING_ROLLED_BACK);
	sync_one(0);
	CHECK_OK(devices_past(of[0], "folder", &past, &e), &e);
	CHECK_EQ_INT(past.nfindings, 0);
}

static bool stop_at_once(void *ctx, const struct exchange_report *so_far)
{
	(void)so_far;
	return --*(int *)ctx > 0;
}

TEST(a_round_broken_off_anywhere_loses_nothing)
{
	struct err e = ERR_INIT;
	int left;

	start(2);
	note(of[0], "une");
	note(of[1], "deux");
	sync_one(1);
	for (int at = 1; at < 40; at++) {
		const struct exchange_watch watch = {stop_at_once, &left};
		left = at;
		if (devices_sync(of[0], "folder", &folder, &watch, &report, &e))
			break;
		CHECK_EQ_INT(e.code, ERR_CANCELLED);
	}
	sync_one(1);
	sync_one(0);
	all_same(2);
	CHECK_EQ_INT(unsent(of[0]), 0);
}

TEST(the_end)
{
	start(0);
	remote_close(&folder);
}
