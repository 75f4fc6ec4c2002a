/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts.  Each work runs once on the disk of disk.h; then, after each write, sync and change of a name, the files
 * are made as a cut there may leave them, and opened.
 *
 * POWER_CUTS=n tries n cuts in each journal mode; POWER_SEED=n draws others.  What fails prints how to have just that
 * cut again.
 */
#include "place.h"

#include <inttypes.h>

enum { POWER_CUTS = 3000, POWER_BAD = 3 };

static bool power_record(struct work_run *w, uint64_t seed)
{
	struct err e = ERR_INIT;
	bool ok;

	place_begin(w, seed);
	disk_start(place_at);
	ok = work_open(w, &e);
	work_note(w, 0);
	for (int i = 0; ok && i < w->steps; i++) {
		ok = work_step(w, i, &e);
		work_note(w, i + 1);
		disk_mark(i + 1);
	}
	CHECK_OK(ok, &e);
	disk_stop();
	return ok;
}

/* One cut: its number says which of those at this place. */
static bool power_try(struct work_run *w, struct cut *c, uint64_t seed, size_t op, uint64_t n, int done)
{
	uint64_t draw = seed ^ (op << 20) ^ n;
	char why[WORK_WHY];
	bool thorough;

	(void)cut_random(&draw);
	thorough = cut_random(&draw) % 8 == 0;
	cut_clear(place_cut);
	cut_make(c, place_cut, cut_random(&draw));
	work_seed(w, draw);
	if (work_verify(w, done, thorough, why))
		return true;
	CHECK_FAIL("POWER_SEED=%" PRIu64 " POWER_CUT=%s:%zu:%" PRIu64 ": after step %d: %s", seed, w->work->name, op, n,
		   done, why);
	return false;
}

/* Before a sync there is most to lose, after it least. */
static uint64_t power_weight(size_t i)
{
	const struct disk_op *op = &disk_log()->ops[i];
	bool last = i + 1 < disk_log()->nops && op[1].kind == DISK_SYNC && op[1].node == op->node;

	return op->kind == DISK_SYNC ? 1 : op->kind == DISK_WRITE && last ? 12 : 3;
}

static uint64_t power_weights(void)
{
	uint64_t all = 0;

	for (size_t i = 0; i < disk_log()->nops; i++)
		all += power_weight(i);
	return all;
}

static uint64_t power_go(const struct work *work, uint64_t cuts)
{
	struct work_run w = {.work = work, .steps = work->steps};
	struct work_run after;
	uint64_t seed = place_number("POWER_SEED", 20261123), tried = 0, bad = 0, owed = 0, only_n = 0, all;
	const char *only = getenv("POWER_CUT");
	size_t only_op = 0;
	int done = 0;

	if (only != NULL && (strncmp(only, work->name, strlen(work->name)) != 0 || only[strlen(work->name)] != ':' ||
			     sscanf(only + strlen(work->name), ":%zu:%" SCNu64, &only_op, &only_n) != 2))
		return 0;
	if (!power_record(&w, seed))
		return 0;
	after = place_after(&w);
	all = power_weights();
	struct cut *c = cut_new(disk_log());
	const struct disk_op *op;
	for (size_t i = 0; (op = cut_next(c)) != NULL && bad < POWER_BAD; i++) {
		uint64_t n = 0;

		if (op->kind == DISK_MARK)
			done = (int)op->at;
		if (only != NULL) {
			if (i == only_op)
				(void)power_try(&after, c, seed, i, only_n, done);
			continue;
		}
		for (owed += cuts * power_weight(i); owed >= all && bad < POWER_BAD; owed -= all, tried++)
			bad += !power_try(&after, c, seed, i, n++, done);
	}
	printf("# %s: %" PRIu64 " cuts in %zu operations\n", work->name, tried, disk_log()->nops);
	cut_free(c);
	work_done(&w);
	disk_forget();
	return tried;
}

static void power_mode(bool rollback)
{
	uint64_t cuts = place_number("POWER_CUTS", POWER_CUTS), each = 0, all = 0;

	for (size_t i = 0; i < nworks; i++)
		each += rollback == (works[i].journal != NULL && strcmp(works[i].journal, "wal") != 0);
	for (size_t i = 0; i < nworks; i++)
		if (place_wanted(&works[i]) &&
		    rollback == (works[i].journal != NULL && strcmp(works[i].journal, "wal") != 0)) {
			all += power_go(&works[i], (cuts + each - 1) / each);
		}
	printf("# %" PRIu64 " cuts\n", all);
}

TEST(power_cuts_with_a_wal)
{
	power_mode(false);
}

TEST(power_cuts_with_a_journal)
{
	power_mode(true);
}
