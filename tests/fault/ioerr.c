/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input and output errors.  Each call of each work on the disk of disk.h fails once, or from then on, in each way that
 * such a call can fail.  The step says so with the right error, or did not need it; what was acknowledged before is
 * there; once the fault is gone the step works, and what is acknowledged from then on stands a power cut.
 *
 * IO_TRIALS=n tries about n of them, 0 all; IO_SEED=n picks others.  What fails prints how to have it again.
 */
#include "place.h"

#include <inttypes.h>

enum { IO_TRIALS = 700, IO_STEPS = 8, IO_BAD = 3 };

static const char *const io_names[FAULTS] = {
    [FAULT_EIO] = "EIO", [FAULT_ENOSPC] = "ENOSPC", [FAULT_SHORT] = "short", [FAULT_EINTR] = "EINTR"};

struct io_trial {
	struct work_run w;
	uint64_t seed;
	enum disk_fault fault;
	long at;
	bool stays;
	enum disk_call call;
	bool bad;
};

static void io_say(struct io_trial *t, const char *what, const char *why)
{
	if (!t->bad)
		CHECK_FAIL("IO_SEED=%" PRIu64 " IO_FAIL=%s:%ld:%s:%d: %s: %s", t->seed, t->w.work->name, t->at,
			   io_names[t->fault], t->stays, what, why);
	t->bad = true;
}

static void io_say_err(struct io_trial *t, const char *what, const struct err *e)
{
	char why[WORK_WHY];

	snprintf(why, sizeof why, "%s in %s: %s", err_name(e->code), e->where, e->detail);
	io_say(t, what, why);
}

/* Never "damaged" or "wrong passphrase" for what is only a disk that fails. */
static bool io_right(const struct io_trial *t, const struct err *e)
{
	if (t->fault == FAULT_SHORT)
		return false;
	/* Of what we do not sync ourselves, SQLite has the folder of a journal that it deletes. */
	if (t->fault == FAULT_EINTR && (t->w.work->journal == NULL || (t->call != CALL_SYNC && !t->stays)))
		return false;
	if (t->fault == FAULT_ENOSPC && t->call == CALL_WRITE && !t->stays)
		return e->code == ERR_FULL;
	return e->code == ERR_IO || (t->fault == FAULT_ENOSPC && e->code == ERR_FULL);
}

/* What is left when the power is cut now, or the program killed. */
static void io_left(struct io_trial *t, int done, bool killed, uint64_t draw)
{
	struct work_run after = place_after(&t->w);
	struct cut *c = cut_new(disk_log());
	char why[WORK_WHY];

	while (cut_next(c) != NULL)
		;
	cut_clear(place_cut);
	if (killed)
		cut_make_best(c, place_cut);
	else if (draw == 0)
		cut_make_worst(c, place_cut);
	else
		cut_make(c, place_cut, draw);
	cut_free(c);
	if (!work_verify(&after, done, true, why))
		io_say(t, killed ? "killed then" : "a power cut at the end", why);
}

static bool io_reopen(struct io_trial *t)
{
	struct err e = ERR_INIT;

	work_close(&t->w);
	if (work_reopen(&t->w, &e))
		return true;
	io_say_err(t, "does not open again", &e);
	return false;
}

/* A fault that stays goes on for another try and for the close. */
static bool io_again(struct io_trial *t, int i)
{
	struct work_run *w = &t->w;
	struct err e = ERR_INIT;
	bool ok;

	w->twice = t->stays;
	if (!t->stays || (w->s == NULL && w->work->journal == NULL))
		return false;
	w->again = true;
	ok = work_step(w, i, &e);
	w->again = false;
	if (!ok)
		work_close(w);
	return ok;
}

/* Step i has failed. */
static void io_mend(struct io_trial *t, int i)
{
	struct work_run *w = &t->w;
	struct err e = ERR_INIT;
	bool closed;

	if (io_again(t, i))
		return;
	disk_fail(FAULT_NONE, 0, false);
	w->digest[i + 1] = w->digest[i];
	if (!t->stays && w->work->journal == NULL && t->call != CALL_SYNC) {
		w->loose = w->work->in_parts;
		io_left(t, i, true, 0);
		w->loose = false;
	}
	w->pass[i + 1] = w->pass[i]; /* only now: a new key may already be the file's when what follows fails */
	w->words[i + 1] = w->words[i];
	closed = t->stays || w->s == NULL;
	if (closed && !io_reopen(t))
		return;
	w->again = true;
	if (!work_step(w, i, &e))
		io_say_err(t, closed ? "the step fails again without a fault" : "not usable until closed", &e);
	w->again = false;
}

static void io_run(struct io_trial *t)
{
	struct work_run *w = &t->w;
	char why[WORK_WHY];
	struct err e = ERR_INIT;

	place_begin(w, t->seed);
	disk_start(place_at);
	disk_fail(t->fault, t->at, t->stays);
	if (!work_open(w, &e)) {
		if (!io_right(t, &e))
			io_say_err(t, "the wrong error", &e);
		work_close(w);
		disk_fail(FAULT_NONE, 0, false);
		if (!work_open(w, &e))
			io_say_err(t, "does not open any more", &e);
	}
	work_note(w, 0);
	for (int i = 0; i < w->steps && !t->bad; i++) {
		if (!work_step(w, i, &e)) {
			if (!io_right(t, &e))
				io_say_err(t, "the wrong error", &e);
			io_mend(t, i);
		}
		work_note(w, i + 1);
		disk_mark(i + 1);
	}
	disk_fail(FAULT_NONE, 0, false);
	if (!t->bad && t->fault != FAULT_NONE && t->call != CALL_READ) {
		io_left(t, w->steps, false, 0);
		io_left(t, w->steps, false, t->seed + (uint64_t)t->at);
	}
	work_close(w);
	if (disk_open_files() != 0)
		io_say(t, "left open", "a file");
	if (!t->bad && !work_verify(w, w->steps, false, why))
		io_say(t, "closed and opened", why);
	work_done(w);
	disk_stop();
}

static struct io_trial io_trial(const struct work *work)
{
	return (struct io_trial){
	    .w = {.work = work, .steps = work->steps < IO_STEPS ? work->steps : IO_STEPS, .small = true},
	    .seed = place_number("IO_SEED", 20261123)};
}

static bool io_wanted(const struct io_trial *t, uint64_t *random, long every)
{
	const char *only = getenv("IO_FAIL");
	char name[64];

	if (t->fault == FAULT_NONE || !disk_can(t->fault, t->call))
		return false;
	snprintf(name, sizeof name, "%s:%ld:%s:%d", t->w.work->name, t->at, io_names[t->fault], t->stays);
	return only != NULL ? strcmp(only, name) == 0 : every <= 1 || cut_random(random) % (uint64_t)every == 0;
}

/* Every way in which a call of a work can fail, or so many of them. */
static long io_work(const struct work *work, uint64_t *random, long trials)
{
	struct io_trial t = io_trial(work);
	uint64_t digest;
	long n, all = 0, tried = 0, bad = 0;
	enum disk_call *calls;

	io_run(&t);
	n = disk_calls();
	digest = disk_digest();
	calls = calloc((size_t)n, sizeof *calls);
	REQUIRE(calls != NULL);
	for (long i = 0; i < n; i++) {
		calls[i] = disk_call_at(i);
		for (int f = 1; f < FAULTS; f++)
			all += 2 * disk_can((enum disk_fault)f, calls[i]);
	}
	for (long i = 0; i < 2 * FAULTS * n && bad < IO_BAD; i++) {
		t = io_trial(work);
		t.at = i / (2 * FAULTS);
		t.fault = (enum disk_fault)(i / 2 % FAULTS);
		t.stays = i % 2 != 0;
		t.call = calls[t.at];
		if (!io_wanted(&t, random, trials > 0 ? all / trials : 1))
			continue;
		tried++;
		io_run(&t);
		bad += t.bad;
	}
	free(calls);
	disk_forget();
	printf("# %s: %ld of %ld failures of %ld calls, %016" PRIx64 "\n", work->name, tried, all, n, digest);
	return tried;
}

/* What a failure prints has it again, on another machine too. */
TEST(the_same_every_time)
{
	for (size_t i = 0; i < nworks; i++) {
		struct io_trial t = io_trial(&works[i]);
		uint64_t first;

		io_run(&t);
		first = disk_digest();
		t = io_trial(&works[i]);
		io_run(&t);
		if (disk_digest() != first)
			CHECK_FAIL("%s is not the same twice", works[i].name);
	}
	disk_forget();
}

TEST(every_call_fails)
{
	uint64_t random = place_number("IO_SEED", 20261123);
	long trials = (long)place_number("IO_TRIALS", IO_TRIALS), all = 0;

	for (size_t i = 0; i < nworks; i++)
		if (place_wanted(&works[i]))
			all += io_work(&works[i], &random, (trials + (long)nworks - 1) / (long)nworks);
	printf("# %ld failures\n", all);
}
