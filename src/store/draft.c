/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed and not yet saved. */
#include "store/db.h"

bool store_draft_set(struct store *s, const char *key, const char *title, const void *p, size_t n, struct err *e)
{
	struct moment now;

	if (!p)
		return db_run(s, e, "DELETE FROM draft WHERE key = ?", "t", key);
	store_now(s, &now);
	return db_run(s, e,
		      "INSERT INTO draft(key, title, edited, body) VALUES(?, ?, ?, ?) ON CONFLICT(key) DO UPDATE SET "
		      "title = excluded.title, edited = excluded.edited, body = excluded.body",
		      "ttib", key, title ? title : "", moment_unix(&now), p, n);
}

bool store_draft_get(struct store *s, const char *key, struct buf *out, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT body FROM draft WHERE key = ?", "t", key))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && row)
		buf_add(out, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	else if (ok)
		ok = err_set(e, ERR_NOT_FOUND, __func__, "%s", key);
	db_end(s, st);
	return ok && buf_ok(out, e);
}

bool store_draft_each(struct store *s, bool (*cb)(void *ctx, const char *key, const char *title, int64_t edited_ms),
		      void *ctx, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT key, title, edited FROM draft ORDER BY edited DESC, key", ""))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row)
		if (!cb(ctx, db_text(st, 0), db_text(st, 1), sqlite3_column_int64(st, 2)))
			break;
	db_end(s, st);
	return ok;
}
