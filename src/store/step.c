/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps: one transaction, one entry of undo. */
#include "store/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arpent/vfs.h"

#define STEP_BIG 1000 /* changes from which a wider page cache pays: an import touches pages all over the indexes */
#define STEP_TIDY 32  /* pages of the full-text index merged at a time */

bool store_step_begin(struct store *s, const char *label, struct err *e)
{
	if (s->step.open)
		return err_set(e, ERR_INTERNAL, __func__, "a step is open");
	if (!db_exec(s, "BEGIN IMMEDIATE", e))
		return false;
	s->step =
	    (struct db_step){.open = true, .device = s->device, .count = s->count, .hlc = s->hlc, .lost = err_lost()};
	snprintf(s->step.label, sizeof s->step.label, "%s", label);
	return true;
}

bool store_in_step(const struct store *s)
{
	return s->step.open;
}

/* Undone steps can be redone until something new is done. */
bool write_step_row(struct store *s, struct err *e)
{
	struct moment now;

	if (s->step.id != 0)
		return true;
	store_now(s, &now);
	if (s->step.type == STEP_NORMAL &&
	    !db_run(s, e, "UPDATE step SET undone = 2 WHERE type = 0 AND undone = 1", ""))
		return false;
	if (!db_run(s, e,
		    "INSERT INTO step(label, at, type, of, undone, last_by, first, last, changes) VALUES(?, ?, ?, ?, "
		    "0, 0, 0, 0, 0)",
		    "tiii", s->step.label, moment_unix(&now), (int64_t)s->step.type, s->step.of))
		return false;
	s->step.id = sqlite3_last_insert_rowid(s->db);
	return true;
}

bool step_wide(struct store *s, struct err *e)
{
	char sql[48];

	if (!db_int(s, &s->step.cache, e, "PRAGMA cache_size", ""))
		return false;
	snprintf(sql, sizeof sql, "PRAGMA cache_size = %zu", vfs_cache_pages(true));
	return db_exec(s, sql, e);
}

bool step_grown(struct store *s, struct err *e)
{
	return s->step.changes != STEP_BIG || step_wide(s, e);
}

void step_narrow(struct store *s)
{
	char sql[48];

	if (s->step.cache == 0)
		return;
	snprintf(sql, sizeof sql, "PRAGMA cache_size = %" PRId64, s->step.cache);
	sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	sqlite3_db_release_memory(s->db);
	s->step.cache = 0;
}

static bool step_number(struct store *s, const char *key, uint64_t v, struct err *e)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%" PRIu64, v);

	return store_meta_set(s, key, text, (size_t)n, e);
}

/* Each step leaves a piece of full-text index.  Pieces are merged when there is nothing else to do, and after an import
 * at once.  FTS5 says that nothing is left to merge by changing nothing. */
static bool step_merge(struct store *s, int pages, bool *more, struct err *e)
{
	int64_t before = sqlite3_total_changes64(s->db);

	if (!db_run(s, e, "INSERT INTO fts(fts, rank) VALUES('merge', ?)", "i", (int64_t)pages))
		return false;
	*more = sqlite3_total_changes64(s->db) - before >= 2;
	return true;
}

static bool step_merge_all(struct store *s, struct err *e)
{
	bool more = s->step.changes >= STEP_BIG;

	while (more)
		if (!step_merge(s, 1000, &more, e))
			return false;
	return true;
}

bool store_untidy(const struct store *s)
{
	return s->untidy && !s->step.open;
}

bool store_tidy(struct store *s, struct err *e)
{
	bool more = false;

	if (!store_untidy(s))
		return true;
	s->untidy = false; /* when it fails, not before the next save again */
	if (!db_exec(s, "BEGIN IMMEDIATE", e))
		return false;
	if (!step_merge(s, STEP_TIDY, &more, e) || !db_exec(s, "COMMIT", e)) {
		db_rollback(s);
		return false;
	}
	s->untidy = more;
	return true;
}

static bool step_finish(struct store *s, struct err *e)
{
	const struct db_step *p = &s->step;

	if (!err_lost_none(p->lost, e))
		return false;
	if (p->broken)
		return err_set(e, ERR_INTERNAL, __func__, "a write of this step failed");
	if (p->id == 0)
		return db_exec(s, "COMMIT", e);
	if (!step_merge_all(s, e))
		return false;
	/* nothing of our own is older than the last change of this step: the journal only grows */
	return db_run(
		   s, e,
		   "UPDATE step SET first = ?1, last = CASE ?2 WHEN 0 THEN -1 ELSE (SELECT max(seq) FROM change) END, "
		   "changes = ?2 WHERE id = ?3",
		   "iii", p->first, (int64_t)p->changes, p->id) &&
	       step_number(s, "count", s->count, e) && step_number(s, "clock", s->hlc, e) && db_exec(s, "COMMIT", e);
}

bool store_step_end(struct store *s, struct err *e)
{
	if (!s->step.open)
		return err_set(e, ERR_INTERNAL, __func__, "no step is open");
	if (!step_finish(s, e)) {
		store_step_cancel(s);
		return false;
	}
	step_narrow(s);
	s->untidy = s->untidy || s->step.changes > 0;
	s->step = (struct db_step){.open = false};
	return true;
}

void store_step_cancel(struct store *s)
{
	if (!s->step.open)
		return;
	db_rollback(s);
	s->device = s->step.device;
	s->count = s->step.count;
	s->hlc = s->step.hlc;
	names_forget(s, NULL);
	step_narrow(s);
	s->step = (struct db_step){.open = false};
}
