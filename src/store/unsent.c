/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the remotes do not have yet, and what came from them. */
#include "arpent/journal.h"

#include <stdio.h>
#include <string.h>

#include "store/db.h"

#define SENT_KEY "sent"

bool journal_sent(struct store *s, int64_t seq, struct err *e)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)seq);

	return store_meta_set(s, SENT_KEY, text, (size_t)n, e);
}

bool journal_unsent_any(struct store *s, int64_t *after, bool *any, struct err *e)
{
	int64_t sent = -1, last = 0;
	bool ok = db_int(s, &sent, e, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = '" SENT_KEY "'", "") &&
		  (sent < 0 || journal_last(s, &last, e));

	*any = ok && sent >= 0 && last > sent;
	if (after)
		*after = sent;
	return ok;
}

bool unsent_row(struct store *s, int64_t row, int64_t after, bool *out, struct err *e)
{
	int64_t has = 0;
	bool ok = db_int(s, &has, e,
			 "SELECT 1 FROM change c JOIN step t ON t.id = c.step WHERE c.record = ? AND c.seq > ? AND "
			 "t.type <> 3 LIMIT 1",
			 "ii", row, after);

	*out = has != 0;
	return ok;
}

bool journal_unsent_count(struct store *s, size_t cap, size_t *out, struct err *e)
{
	int64_t after, n = 0;
	bool any, ok = journal_unsent_any(s, &after, &any, e);

	if (ok && any)
		ok = db_int(s, &n, e,
			    "SELECT count(*) FROM (SELECT DISTINCT c.record FROM change c JOIN step t ON t.id = c.step "
			    "WHERE c.seq > ? AND t.type <> 3 LIMIT ?)",
			    "ii", after, (int64_t)cap + 1);
	*out = (size_t)n;
	return ok;
}

bool journal_unsent(struct store *s, size_t limit, bool (*cb)(void *ctx, const struct id *record), void *ctx,
		    struct err *e)
{
	sqlite3_stmt *st;
	int64_t after;
	bool any, row, go = true, ok = journal_unsent_any(s, &after, &any, e);
	struct id id;

	if (!ok || !any)
		return ok;
	if (!db_query(s, &st, e,
		      "SELECT r.id, max(c.seq) FROM change c JOIN step t ON t.id = c.step JOIN record r ON r.row = "
		      "c.record WHERE c.seq > ? AND t.type <> 3 GROUP BY c.record ORDER BY max(c.seq) DESC LIMIT ?",
		      "ii", after, (int64_t)limit))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row && go) {
		(void)db_id(st, 0, &id);
		go = cb(ctx, &id);
	}
	db_end(s, st);
	return ok;
}

bool journal_came(struct store *s, int64_t after, int64_t upto, size_t limit,
		  bool (*cb)(void *ctx, const struct journal_came *j), void *ctx, struct err *e)
{
	struct journal_came j;
	sqlite3_stmt *st;
	bool ok, row, go = true;

	/* SQLite takes the columns beside max() from the row it is found in. */
	if (!db_query(s, &st, e,
		      "SELECT r.id, c.device, c.hlc, c.off, max(c.seq) FROM change c JOIN step t ON t.id = c.step JOIN "
		      "record r ON r.row = c.record WHERE c.seq > ? AND c.seq <= ? AND t.type = 3 GROUP BY c.record "
		      "ORDER BY max(c.seq) DESC LIMIT ?",
		      "iii", after, upto, (int64_t)limit))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row && go) {
		(void)db_id(st, 0, &j.record);
		(void)db_id(st, 1, &j.device);
		j.clock.hlc = (uint64_t)sqlite3_column_int64(st, 2);
		j.clock.offset = (int16_t)sqlite3_column_int(st, 3);
		go = cb(ctx, &j);
	}
	db_end(s, st);
	return ok;
}
