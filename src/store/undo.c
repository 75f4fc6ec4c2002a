/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undo and redo: a new step whose changes put back what was shown before those of another, latest first.  A redo is the
 * same, of the step that undid. */
#include "store/db.h"

#include <stdio.h>

/* A record that was not there goes to the bin; one that was in the bin goes back there. */
static bool undo_make(const struct record *r, const struct before *b, struct change *c, struct err *e)
{
	static const struct want alive = {.key = RECORD_ALIVE, .text = "1"};

	if (!b->existed || b->deleted)
		return record_deleted(r, NULL) || change_delete(r, c, e);
	if (!change_make(r, b->wants, b->n, c, e))
		return false;
	if (c->n > 0)
		return true;
	change_done(c);
	return change_make(r, &alive, 1, c, e);
}

/* Fields first where a binned record had been edited: it is put back as it was, then binned. */
static bool undo_fields(struct store *s, struct record *r, int64_t row, const struct before *b, struct err *e)
{
	struct change c;
	bool ok;

	change_init(&c);
	ok = change_make(r, b->wants, b->n, &c, e) && (c.n == 0 || write_change(s, r, row, &c, e));
	change_done(&c);
	return ok;
}

/* What another device has written over it since, having seen it, is not ours to take back. */
static bool undo_stands(const struct store *s, const struct record *r, struct before *b, struct err *e)
{
	struct buf merged = BUF_INIT;
	struct shown shown;
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		record_shown(r, b->wants[i].key, b->wants[i].is_text, &merged, &shown);
		if (!shown.value || id_eq(&shown.value->stamp.device, &s->device))
			b->wants[n++] = b->wants[i];
	}
	b->n = n;
	n = merged.oom;
	buf_done(&merged);
	return n == 0 || err_nomem(e, __func__);
}

static bool undo_change(struct store *s, int64_t row, bool own, const void *p, size_t n, struct err *e)
{
	struct before b = {.existed = false};
	struct record r;
	struct change c;
	bool ok = false;

	record_init(&r);
	change_init(&c);
	if (!db_load_row(s, row, &r, e) || !before_read(&r, p, n, &b, e) ||
	    (own && b.existed && !undo_stands(s, &r, &b, e)))
		goto out;
	if (b.deleted && b.n > 0 && !undo_fields(s, &r, row, &b, e))
		goto out;
	if (undo_make(&r, &b, &c, e))
		ok = c.n == 0 || write_change(s, &r, row, &c, e);
out:
	change_done(&c);
	record_done(&r);
	before_done(&b);
	return ok;
}

static bool undo_changes(struct store *s, int64_t first, int64_t last, struct err *e)
{
	struct buf before = BUF_INIT;
	sqlite3_stmt *st;
	bool ok = true, found = true;

	/* one at a time: what is written goes to the table that is read */
	for (int64_t seq = last; ok && found && seq >= first; seq--) {
		int64_t row = 0;
		bool own = false;
		if (!(ok = db_query(s, &st, e,
				    "SELECT record, before, body IS NOT NULL AND device = ? FROM change WHERE seq = ?",
				    "bi", s->device.b, (size_t)ID_BYTES, seq)))
			break;
		ok = db_next(s, st, &found, e);
		if (ok && found) {
			row = sqlite3_column_int64(st, 0);
			buf_clear(&before);
			buf_add(&before, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
			own = sqlite3_column_int(st, 2) != 0;
		}
		db_end(s, st);
		ok = ok && buf_ok(&before, e) && (!found || undo_change(s, row, own, buf_str(&before), before.len, e));
	}
	buf_done(&before);
	return ok;
}

struct undo_step {
	int64_t id;    /* the step a person took */
	int64_t first; /* what is put back: its own changes, or those of the step that undid it */
	int64_t last;
};

static bool undo_find(struct store *s, enum step_type type, const char *sql, struct undo_step *u, struct step_info *out,
		      struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, sql, ""))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && !row)
		ok = err_set(e, ERR_NOT_FOUND, type == STEP_UNDO ? "store_undo" : "store_redo", "step");
	if (ok) {
		*u = (struct undo_step){sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
					sqlite3_column_int64(st, 2)};
		snprintf(out->label, sizeof out->label, "%s", db_text(st, 3));
		out->changes = (unsigned)sqlite3_column_int(st, 4);
	}
	db_end(s, st);
	return ok;
}

static bool undo_run(struct store *s, enum step_type type, const char *find, struct step_info *out, struct err *e)
{
	struct step_info info;
	struct undo_step u;
	bool ok;

	if (s->step.open)
		return err_set(e, ERR_INTERNAL, __func__, "a step is open");
	if (!undo_find(s, type, find, &u, &info, e) || !store_step_begin(s, info.label, e))
		return false;
	s->step.type = type;
	s->step.of = u.id;
	ok = write_step_row(s, e) && undo_changes(s, u.first, u.last, e) &&
	     db_run(s, e, "UPDATE step SET undone = ?, last_by = ? WHERE id = ?", "iii", (int64_t)(type == STEP_UNDO),
		    s->step.id, u.id);
	if (ok && out)
		*out = info;
	return write_end(s, true, ok, e);
}

/* An undo puts back what the step changed; after a redo, what the redo changed, which is the same. */
bool store_undo(struct store *s, struct step_info *out, struct err *e)
{
	return undo_run(
	    s, STEP_UNDO,
	    "SELECT a.id, b.first, b.last, a.label, a.changes FROM step a JOIN step b ON b.id = CASE a.last_by "
	    "WHEN 0 THEN a.id ELSE a.last_by END WHERE a.type = 0 AND a.undone = 0 ORDER BY a.id DESC LIMIT 1",
	    out, e);
}

bool store_redo(struct store *s, struct step_info *out, struct err *e)
{
	return undo_run(s, STEP_REDO,
			"SELECT a.id, b.first, b.last, a.label, a.changes FROM step a JOIN step b ON b.id = a.last_by "
			"WHERE a.type = 0 AND a.undone = 1 ORDER BY a.id LIMIT 1",
			out, e);
}
