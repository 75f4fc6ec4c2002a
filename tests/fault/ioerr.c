/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Input and output errors.  Each call of each work on the disk of disk.h fails once, or from then on, in each way that
 * such a call can fail.  The step says so with the right error, or did not need it; what was acknowledged before is
 * there; once the fault is gone the step works, and what is acknowledged from then on stands a power cut.
 *
 * An ordinary run takes each place in the program that makes a call; IO_TRIALS=n tries
 * about n of all, 0 all; IO_SEED=n picks others.  What fails prints how to have it again.
 */
#include "place.h"

#include <inttypes.h>

enum { IO_STEPS = 8, IO_BAD = 3, IO_PLACES = 4096 };

static const char *const io_names[FAULTS] = {
    [FAULT_EIO] = "EIO", [FAULT_ENOSPC] = "ENOSPC", [FAULT_SHORT] = "short", [FAULT_EINTR] = "EINTR"};

struct io_trial {
	struct work_run w;
	uint64_t seed;
	enum disk_fault fault;
	long at;
	bool stays;
	enum disk_call call;
	const uint64_t *clean; /* what the notebook held after each step where nothing failed */
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
		io_say(t, killed ? "killed then" : "a power cut then", why);
	work_state(place_at);
}

/* May something be missing on the disk for it? */
static bool io_matters(const struct io_trial *t)
{
	return t->fault != FAULT_NONE && t->call != CALL_READ;
}

/* A step is done although a call failed.  SQLite does not mind that it cannot open the folder of a journal that it
 * deletes, and so does not sync it. */
static bool io_acknowledged(const struct io_trial *t)
{
	return io_matters(t) && (t->w.work->journal == NULL || t->call != CALL_OPEN);
}

static bool io_reopen(struct io_trial *t, int i)
{
	struct err e = ERR_INIT;

	work_close(&t->w);
	if (work_reopen(&t->w, i, &e))
		return true;
	io_say_err(t, "does not open again", &e);
	return false;
}

/* Which key is in force was said, though it be the new one. */
static void io_in_force(struct work_run *w, int i)
{
	if (w->either)
		return;
	w->pass[i] = w->pass[i + 1];
	w->words[i] = w->words[i + 1];
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
	io_in_force(w, i);
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
	io_in_force(w, i);
	if (w->work->journal == NULL) {
		/* What failed at the very end of a commit may be found in the log after all. */
		w->digest[i + 1] = t->clean != NULL ? t->clean[i + 1] : w->digest[i];
		w->loose = w->work->in_parts || t->stays;
		io_left(t, i, true, 0);
		w->loose = false;
	}
	closed = t->stays || w->s == NULL;
	if (closed && !io_reopen(t, i))
		return;
	w->digest[i + 1] = w->digest[i];
	w->pass[i + 1] = w->pass[i];
	w->words[i + 1] = w->words[i];
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
		long hits = disk_hits();
		bool done = work_step(w, i, &e);
		if (!done) {
			if (!io_right(t, &e))
				io_say_err(t, "the wrong error", &e);
			io_mend(t, i);
		}
		work_note(w, i + 1);
		if (done && disk_hits() > hits && io_acknowledged(t))
			io_left(t, i + 1, false, 0);
		disk_mark(i + 1);
	}
	disk_fail(FAULT_NONE, 0, false);
	if (!t->bad && io_matters(t)) {
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

/* The calls of a work, and which of them fail in what way. */
struct io_plan {
	enum disk_call *calls;
	struct disk_site *sites;
	bool (*tried)[FAULTS][2]; /* [call] */
	long n, all;
};

static void io_plan(struct io_plan *p)
{
	p->n = disk_calls();
	p->calls = calloc((size_t)p->n, sizeof *p->calls);
	p->sites = calloc((size_t)p->n, sizeof *p->sites);
	p->tried = calloc((size_t)p->n, sizeof *p->tried);
	REQUIRE(p->calls != NULL && p->sites != NULL && p->tried != NULL);
	p->all = 0;
	for (long i = 0; i < p->n; i++) {
		p->calls[i] = disk_call_at(i);
		p->sites[i] = disk_site_at(i);
		for (int f = 1; f < FAULTS; f++)
			p->all += 2 * disk_can((enum disk_fault)f, p->calls[i]);
	}
}

static bool io_known(uint32_t known[IO_PLACES], size_t *n, uint32_t site)
{
	for (size_t i = 0; i < *n; i++)
		if (known[i] == site)
			return true;
	REQUIRE(*n < IO_PLACES);
	known[(*n)++] = site;
	return false;
}

/* One of the calls from the place of call i, any of those from there; it stays, or does not.  A failing sync does
 * both: the next run of the program must not build on what it dropped. */
static void io_plan_one(struct io_plan *p, long i, int fault, uint64_t *random)
{
	bool can = disk_can((enum disk_fault)fault, p->calls[i]), stays = cut_random(random) >> 63;
	long at = i, same = 0;

	for (long j = i; j < p->n; j++)
		if (p->sites[j].far == p->sites[i].far && cut_random(random) % (uint64_t)++same == 0)
			at = j;
	p->tried[at][fault][stays] = can;
	if (p->calls[i] == CALL_SYNC)
		p->tried[at][fault][!stays] = can;
}

/* Each place where no work before has made a call: EIO or, in turn, ENOSPC.  What is interrupted or short is more the
 * business of the function that calls than of what for: one of them there, in turn. */
static void io_plan_places(struct io_plan *p, uint64_t *random)
{
	static uint32_t near[IO_PLACES], far[IO_PLACES];
	static size_t nnear, nfar;

	for (long i = 0; i < p->n; i++) {
		enum disk_call call = p->calls[i];

		if (!io_known(near, &nnear, p->sites[i].near))
			io_plan_one(p, i, nnear % 2 && disk_can(FAULT_SHORT, call) ? FAULT_SHORT : FAULT_EINTR, random);
		if (!io_known(far, &nfar, p->sites[i].far))
			io_plan_one(p, i, nfar % 3 == 0 && disk_can(FAULT_ENOSPC, call) ? FAULT_ENOSPC : FAULT_EIO,
				    random);
	}
}

static void io_plan_some(struct io_plan *p, uint64_t *random, long trials)
{
	const uint64_t every = trials > 0 && p->all > trials ? (uint64_t)(p->all / trials) : 1;

	for (long i = 0; i < 2 * FAULTS * p->n; i++) {
		int f = (int)(i / 2 % FAULTS);
		if (f != FAULT_NONE && disk_can((enum disk_fault)f, p->calls[i / (2 * FAULTS)]))
			p->tried[i / (2 * FAULTS)][f][i % 2] = cut_random(random) % every == 0;
	}
}

static bool io_wanted(const struct io_plan *p, const struct io_trial *t)
{
	const char *only = getenv("IO_FAIL");
	char name[64];

	snprintf(name, sizeof name, "%s:%ld:%s:%d", t->w.work->name, t->at, io_names[t->fault], t->stays);
	return only != NULL ? strcmp(only, name) == 0 : p->tried[t->at][t->fault][t->stays];
}

static long io_work(const struct work *work, uint64_t *random, long trials)
{
	struct io_trial t = io_trial(work);
	struct io_plan p;
	uint64_t digest, clean[WORK_STEPS + 1];
	long tried = 0, bad = 0;

	io_run(&t);
	digest = disk_digest();
	t = io_trial(work);
	io_run(&t);
	if (disk_digest() != digest) /* what a failure prints must have it again */
		CHECK_FAIL("%s is not the same twice", work->name);
	memcpy(clean, t.w.digest, sizeof clean);
	io_plan(&p);
	if (trials < 0)
		io_plan_places(&p, random);
	else
		io_plan_some(&p, random, trials);
	for (long i = 0; i < 2 * FAULTS * p.n && bad < IO_BAD; i++) {
		t = io_trial(work);
		t.at = i / (2 * FAULTS);
		t.fault = (enum disk_fault)(i / 2 % FAULTS);
		t.stays = i % 2 != 0;
		t.call = p.calls[t.at];
		t.clean = clean;
		if (t.fault == FAULT_NONE || !io_wanted(&p, &t))
			continue;
		tried++;
		io_run(&t);
		bad += t.bad;
	}
	free(p.calls);
	free(p.sites);
	free(p.tried);
	disk_forget();
	printf("# %s: %ld of %ld failures of %ld calls, %016" PRIx64 "\n", work->name, tried, p.all, p.n, digest);
	return tried;
}

TEST(every_call_fails)
{
	uint64_t random = place_number("IO_SEED", 20261123);
	const char *some = getenv("IO_TRIALS");
	long trials = some != NULL ? atol(some) : -1, all = 0;

	if (trials > 0)
		trials = (trials + (long)nworks - 1) / (long)nworks;
	for (size_t i = 0; i < nworks; i++)
		if (place_wanted(&works[i]))
			all += io_work(&works[i], &random, trials);
	printf("# %ld failures\n", all);
}
