/* SPDX-License-Identifier: GPL-3.0-or-later */
/* place - the folders where works run: one with the first notebook, one on the disk, one for what is left of it. */
#ifndef ARPENT_PLACE_H
#define ARPENT_PLACE_H

#include "../unit/check.h"

#include "cut.h"
#include "work.h"

static char place_base[PATH_MAX], place_at[PATH_MAX - 64], place_cut[PATH_MAX - 64];

static inline uint64_t place_number(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s != NULL ? strtoull(s, NULL, 10) : otherwise;
}

/* $WORK: this one alone. */
static inline bool place_wanted(const struct work *work)
{
	const char *only = getenv("WORK");

	return only == NULL || strcmp(only, work->name) == 0;
}

static inline void place_folder(char *path, size_t n, const char *name)
{
	char real[PATH_MAX];

	(void)mkdir(check_path(name), 0700);
	if (realpath(check_path(name), real) == NULL || snprintf(path, n, "%s", real) >= (int)n)
		exit(99);
}

static inline void place_make(void)
{
	if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0);
	place_folder(place_base, sizeof place_base, "base");
	place_folder(place_at, sizeof place_at, "at");
	place_folder(place_cut, sizeof place_cut, "cut");
	work_base(place_base);
}

/* Some steps of the work, and the files as they are then, not closed. */
static inline void place_killed(struct work_run *w)
{
	struct err e = ERR_INIT;
	struct cut *c;
	bool ok;

	disk_start(place_at);
	ok = work_open(w, &e);
	for (int i = 0; ok && i < 4; i++)
		ok = work_step(w, i, &e);
	if (!ok)
		exit(99);
	c = cut_new(disk_log());
	while (cut_next(c) != NULL)
		;
	cut_clear(place_cut);
	cut_make_best(c, place_cut);
	cut_free(c);
	work_close(w);
	disk_forget();
	cut_clear(place_at);
	work_copy(place_cut, place_at);
}

/* What a work begins with, not recorded. */
static inline void place_begin(struct work_run *w, uint64_t seed)
{
	struct err e = ERR_INIT;

	if (place_base[0] == '\0')
		place_make();
	cut_clear(place_at);
	snprintf(w->folder, sizeof w->folder, "%s", place_at);
	snprintf(w->path, sizeof w->path, "%s/n.arpent", place_at);
	if (!w->work->fresh && w->work->journal == NULL)
		work_copy(place_base, place_at);
	work_state(place_at);
	work_seed(w, seed);
	if (w->work->killed)
		place_killed(w);
	if (w->work->journal != NULL) {
		if (!work_open(w, &e))
			exit(99);
		work_close(w);
	}
}

/* The same run, where a cut is made. */
static inline struct work_run place_after(const struct work_run *w)
{
	struct work_run after = *w;

	snprintf(after.folder, sizeof after.folder, "%s", place_cut);
	snprintf(after.path, sizeof after.path, "%s/n.arpent", place_cut);
	after.s = NULL;
	after.db = NULL;
	return after;
}

#endif
