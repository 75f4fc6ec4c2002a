/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal as other devices see it. */
#include "arpent/journal.h"

#include <string.h>

#include "store/db.h"

bool journal_begin(struct store *s, struct err *e)
{
	if (!store_step_begin(s, "", e))
		return false;
	s->step.type = STEP_SYNC;
	return true;
}

/* Nothing is kept for undo: it is not ours to take back. */
static bool journal_write(struct store *s, const struct record *old, const struct record *new, int64_t row,
			  const struct change *c, const struct stamp *stamp, const struct clock *clock, struct err *e)
{
	const struct buf before = BUF_INIT;
	struct derived was;
	bool ok;

	derived_init(&was);
	take_counts(s, new, clock->hlc);
	ok = (row == 0 || write_old(s, old, &was, e)) && write_step_row(s, e) &&
	     (record_equal(old, new) || write_state(s, &row, row ? &was : NULL, new, e)) &&
	     write_journal(s, row, c, stamp, clock, &before, e);
	s->step.broken = !ok;
	derived_done(&was);
	return ok;
}

static bool journal_has(struct store *s, int64_t row, const struct stamp *st, bool *out, struct err *e)
{
	int64_t has = 0;
	bool ok = db_int(s, &has, e,
			 "SELECT 1 FROM change WHERE record = ? AND device = ? AND n = ? AND body IS NOT NULL LIMIT 1",
			 "ibi", row, st->device.b, (size_t)ID_BYTES, (int64_t)st->n);

	*out = has != 0;
	return ok;
}

static bool journal_allowed(const struct store *s, const struct change *c, struct err *e)
{
	if (id_eq(&c->stamp.device, &s->device) || seen_count(&c->context, &s->device) > s->count)
		return err_set(e, ERR_FORMAT, __func__, "a change of our own");
	return true;
}

bool journal_change(struct store *s, const struct change *c, enum take *out, struct err *e)
{
	struct record old, new;
	struct err none = ERR_INIT;
	int64_t row = 0;
	bool ok = false, has = false;

	record_init(&old);
	record_init(&new);
	if (!journal_allowed(s, c, e))
		return false;
	if (!db_load(s, &c->id, &old, &row, &none) && none.code != ERR_NOT_FOUND) {
		*e = none;
		return false;
	}
	if (!record_copy(&old, &new, e) || !record_apply(&new, c, e))
		goto out;
	if (!record_bounded(&new)) {
		err_set(e, ERR_LIMIT, __func__, "devices or withheld fields");
		goto out;
	}
	*out = row == 0 ? TAKE_NEW : record_equal(&old, &new) ? TAKE_SAME : TAKE_CHANGED;
	if (*out == TAKE_SAME && !journal_has(s, row, &c->stamp, &has, e))
		goto out;
	ok = has || journal_write(s, &old, &new, row, c, &c->stamp, &c->clock, e);
out:
	record_done(&old);
	record_done(&new);
	return ok;
}

bool journal_state(struct store *s, const struct record *state, const struct stamp *stamp, const struct clock *clock,
		   enum take *out, struct err *e)
{
	struct record old, new;
	int64_t row;
	bool ok;

	record_init(&old);
	record_init(&new);
	ok = take_merge(s, state, &old, &new, &row, out, e) &&
	     (*out == TAKE_SAME || journal_write(s, &old, &new, row, NULL, stamp, clock, e));
	record_done(&old);
	record_done(&new);
	return ok;
}

static bool journal_read(struct store *s, sqlite3_stmt *st, bool (*cb)(void *ctx, const struct journal_entry *j),
			 void *ctx, struct err *e)
{
	struct journal_entry j;
	bool ok, row, go = true;

	while ((ok = db_next(s, st, &row, e)) && row && go) {
		j.seq = sqlite3_column_int64(st, 0);
		(void)db_id(st, 1, &j.record);
		j.change = sqlite3_column_blob(st, 2);
		j.n = (size_t)sqlite3_column_bytes(st, 2);
		(void)db_id(st, 3, &j.stamp.device);
		j.stamp.n = (uint64_t)sqlite3_column_int64(st, 4);
		j.clock.hlc = (uint64_t)sqlite3_column_int64(st, 5);
		j.clock.offset = (int16_t)sqlite3_column_int(st, 6);
		go = cb(ctx, &j);
	}
	db_end(s, st);
	return ok;
}

bool journal_own(struct store *s, int64_t after, bool (*cb)(void *ctx, const struct journal_entry *j), void *ctx,
		 struct err *e)
{
	sqlite3_stmt *st;

	return db_query(s, &st, e,
			"SELECT c.seq, r.id, c.body, c.device, c.n, c.hlc, c.off FROM change c JOIN step t ON t.id = "
			"c.step JOIN record r ON r.row = c.record WHERE c.seq > ? AND t.type <> 3 AND "
			"(c.body IS NULL OR c.device = ?) ORDER BY c.seq",
			"ib", after, s->device.b, (size_t)ID_BYTES) &&
	       journal_read(s, st, cb, ctx, e);
}

bool journal_all(struct store *s, int64_t after, bool (*cb)(void *ctx, const struct journal_entry *j), void *ctx,
		 struct err *e)
{
	sqlite3_stmt *st;

	return db_query(
		   s, &st, e,
		   "SELECT c.seq, r.id, c.body, c.device, c.n, c.hlc, c.off FROM change c JOIN record r ON r.row = "
		   "c.record WHERE c.seq > ? ORDER BY c.seq",
		   "i", after) &&
	       journal_read(s, st, cb, ctx, e);
}

bool journal_last(struct store *s, int64_t *seq, struct err *e)
{
	*seq = 0;
	return db_int(s, seq, e, "SELECT coalesce(max(seq), 0) FROM change", "");
}

static bool restamp_change(struct store *s, const struct restamp *m, int64_t seq, const void *body, size_t n,
			   struct err *e)
{
	struct buf out = BUF_INIT;
	struct change c;
	bool ok;

	change_init(&c);
	ok = change_decode(body, n, &c, e) && change_restamp(&c, m, e);
	if (ok)
		change_encode(&c, &out);
	ok = ok && buf_ok(&out, e) &&
	     db_run(s, e, "UPDATE change SET device = ?, body = ? WHERE seq = ?", "bbi", c.stamp.device.b,
		    (size_t)ID_BYTES, out.p, out.len, seq);
	change_done(&c);
	buf_done(&out);
	return ok;
}

/* One entry at a time: what is written goes to the table that is read.  Nobody else can have seen what is restamped. */
static bool restamp_changes(struct store *s, const struct restamp *m, int64_t row, int64_t after, struct err *e)
{
	struct buf body = BUF_INIT;
	sqlite3_stmt *st;
	bool ok, found;

	do {
		buf_clear(&body);
		if (!db_query(
			s, &st, e,
			"SELECT seq, body FROM change WHERE record = ? AND seq > ? AND device = ? AND body IS NOT "
			"NULL ORDER BY seq LIMIT 1",
			"iib", row, after, m->old.b, (size_t)ID_BYTES))
			return false;
		ok = db_next(s, st, &found, e);
		if (ok && found) {
			after = sqlite3_column_int64(st, 0);
			buf_add(&body, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));
		}
		db_end(s, st);
		ok = ok && buf_ok(&body, e) && (!found || restamp_change(s, m, after, body.p, body.len, e));
	} while (ok && found);
	buf_done(&body);
	return ok;
}

static bool restamp_record(struct store *s, struct restamp m, int64_t row, int64_t after, struct err *e)
{
	struct buf state = BUF_INIT;
	struct record r;
	int64_t kept = 0;
	bool ok;

	record_init(&r);
	ok = db_int(
	    s, &kept, e,
	    "SELECT coalesce(max(n), 0) FROM change WHERE record = ? AND device = ? AND n < ? AND body IS NOT NULL",
	    "ibi", row, m.old.b, (size_t)ID_BYTES, (int64_t)m.from);
	m.kept = (uint64_t)kept;
	ok = ok && db_load_row(s, row, &r, e) && record_restamp(&r, &m, e);
	if (ok)
		record_encode(&r, &state);
	ok = ok && buf_ok(&state, e) &&
	     db_run(s, e, "UPDATE state SET state = ? WHERE row = ?", "bi", state.p, state.len, row) &&
	     restamp_changes(s, &m, row, after, e);
	record_done(&r);
	buf_done(&state);
	return ok;
}

bool journal_restamp(struct store *s, const struct id *id, int64_t after, uint64_t from, struct err *e)
{
	const struct restamp m = {.old = s->device, .new = *id, .from = from};
	int64_t row = 0, next;

	do {
		next = 0;
		if (!db_int(
			s, &next, e,
			"SELECT coalesce(min(record), 0) FROM change WHERE seq > ? AND record > ? AND device = ? AND "
			"n >= ? AND body IS NOT NULL",
			"iibi", after, row, m.old.b, (size_t)ID_BYTES, (int64_t)from))
			return false;
		row = next;
		if (row != 0 && !restamp_record(s, m, row, after, e))
			return false;
	} while (row != 0);
	s->device = *id;
	return store_meta_set(s, "stream", id->b, ID_BYTES, e);
}

bool journal_segment_put(struct store *s, const struct journal_segment *g, const void *sealed, size_t n, struct err *e)
{
	static const char sql[] = "INSERT INTO segment(space, stream, n, hash, last, sealed) VALUES(?, ?, ?, ?, ?, ?)";

	return db_run(s, e, sql, sealed ? "bbibib" : "bbibi0", g->space.b, (size_t)ID_BYTES, g->stream.b,
		      (size_t)ID_BYTES, (int64_t)g->n, g->hash, sizeof g->hash, g->last, sealed, n);
}

bool journal_segment_get(struct store *s, struct journal_segment *g, struct buf *sealed, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT hash, last, sealed FROM segment WHERE space = ? AND stream = ? AND n = ?",
		      "bbi", g->space.b, (size_t)ID_BYTES, g->stream.b, (size_t)ID_BYTES, (int64_t)g->n))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && (!row || sqlite3_column_bytes(st, 0) != (int)sizeof g->hash))
		ok = err_set(e, ERR_NOT_FOUND, __func__, "segment");
	if (ok) {
		memcpy(g->hash, sqlite3_column_blob(st, 0), sizeof g->hash);
		g->last = sqlite3_column_int64(st, 1);
		if (sealed)
			buf_add(sealed, sqlite3_column_blob(st, 2), (size_t)sqlite3_column_bytes(st, 2));
	}
	db_end(s, st);
	return ok && (!sealed || buf_ok(sealed, e));
}

bool journal_segment_drop(struct store *s, const struct journal_segment *from, struct err *e)
{
	return db_run(s, e, "DELETE FROM segment WHERE space = ? AND stream = ? AND n >= ?", "bbi", from->space.b,
		      (size_t)ID_BYTES, from->stream.b, (size_t)ID_BYTES, (int64_t)from->n);
}

/* The first segment, in the order they came to be here, that reaches the entry: of those made here or of the others. */
bool journal_record_last(struct store *s, const struct id *record, struct journal_segment *g, struct err *e)
{
	static const char find[] =
	    "SELECT g.stream, g.n FROM segment g, (SELECT c.seq, t.type FROM change c JOIN step t ON t.id = c.step "
	    "WHERE "
	    "c.record = (SELECT row FROM record WHERE id = ?) ORDER BY c.seq DESC LIMIT 1) j WHERE g.space = ? AND "
	    "g.last >= j.seq AND (g.sealed IS NULL) = (j.type = 3) ORDER BY g.rowid LIMIT 1";
	sqlite3_stmt *st;
	bool ok, row;

	g->n = 0;
	g->stream = (struct id){{0}};
	if (!db_query(s, &st, e, find, "bb", record->b, (size_t)ID_BYTES, g->space.b, (size_t)ID_BYTES))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && row) {
		(void)db_id(st, 0, &g->stream);
		g->n = (uint64_t)sqlite3_column_int64(st, 1);
	}
	db_end(s, st);
	return ok;
}
