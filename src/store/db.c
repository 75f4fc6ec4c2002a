/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statements over the open database, kept prepared. */
#include "store/db.h"

#include <stdarg.h>
#include <string.h>

#include "arpent/vfs.h"

/* By address first, which a constant keeps; the text still decides, as a text that was built may come to lie where
 * another was. */
static struct db_statement *db_find(struct store *s, const char *sql)
{
	for (int by_text = 0; by_text < 2; by_text++) {
		for (size_t i = 0; i < DB_STATEMENTS; i++) {
			struct db_statement *d = &s->statements[i];
			if (d->st && !d->used && (by_text || d->from == sql) && strcmp(d->sql, sql) == 0)
				return d;
		}
	}
	return NULL;
}

/* A place for a new statement: an empty one, or the one asked for longest ago. */
static struct db_statement *db_place(struct store *s)
{
	struct db_statement *oldest = NULL;

	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		struct db_statement *d = &s->statements[i];
		if (!d->st)
			return d;
		if (!d->used && (!oldest || d->turn < oldest->turn))
			oldest = d;
	}
	if (oldest) {
		sqlite3_finalize(oldest->st);
		oldest->st = NULL;
	}
	return oldest;
}

static bool db_fail(struct store *s, struct err *e, int rc, const char *where)
{
	struct err why = ERR_INIT;

	s->failed = true;
	(void)vfs_err(&why, s->db, rc, where);
	if (s->step.open && s->step.why.code == ERR_NONE)
		s->step.why = why;
	if (e)
		*e = why;
	return false;
}

/* After a failure FTS5 may keep in memory what was rolled back, and take the index for damaged from then on: so that it
 * forgets, the schema is read anew. */
static bool db_ready(struct store *s, struct err *e)
{
	int rc;

	if (!s->failed || !sqlite3_get_autocommit(s->db))
		return true;
	/* SQLite may roll all of a step back: what comes after would be kept without what came before */
	if (s->step.open) {
		if (e)
			*e = s->step.why;
		return false;
	}
	rc = sqlite3_exec(s->db, "PRAGMA writable_schema=RESET", NULL, NULL, NULL);
	s->failed = rc != SQLITE_OK;
	return !s->failed || vfs_err(e, s->db, rc, __func__);
}

static bool db_prepare(struct store *s, const char *sql, sqlite3_stmt **st, struct err *e)
{
	struct db_statement *d = db_find(s, sql);
	int rc;

	*st = NULL;
	if (!db_ready(s, e))
		return false;
	if (!d) {
		if (!(d = db_place(s)))
			return err_set(e, ERR_INTERNAL, __func__, "too many statements in use");
		rc = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &d->st, NULL);
		if (rc != SQLITE_OK)
			return db_fail(s, e, rc, __func__);
		d->sql = sqlite3_sql(d->st);
		d->from = sql;
	}
	d->used = true;
	d->turn = ++s->turn;
	*st = d->st;
	return true;
}

void db_end(struct store *s, sqlite3_stmt *st)
{
	if (!st)
		return;
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		if (s->statements[i].st == st)
			s->statements[i].used = false;
}

void db_statements_free(struct store *s)
{
	sqlite3_finalize(s->rollback);
	s->rollback = NULL;
	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i].st);
		s->statements[i] = (struct db_statement){0};
	}
}

bool db_start(struct store *s, struct err *e)
{
	int rc = sqlite3_prepare_v3(s->db, "ROLLBACK", -1, SQLITE_PREPARE_PERSISTENT, &s->rollback, NULL);

	return rc == SQLITE_OK || db_fail(s, e, rc, __func__);
}

void db_rollback(struct store *s)
{
	if (sqlite3_get_autocommit(s->db)) /* a full disk may have rolled back already */
		return;
	sqlite3_step(s->rollback);
	sqlite3_reset(s->rollback);
}

static int db_bind(sqlite3_stmt *st, const char *types, va_list ap)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types && rc == SQLITE_OK; i++, types++) {
		const void *p;
		switch (*types) {
		case 'i':
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
			break;
		case 'd':
			rc = sqlite3_bind_double(st, i, va_arg(ap, double));
			break;
		case 't':
			rc = sqlite3_bind_text(st, i, va_arg(ap, const char *), -1, SQLITE_STATIC);
			break;
		case 'b':
			/* a NULL address would bind NULL, not an empty blob */
			p = va_arg(ap, const void *);
			rc = sqlite3_bind_blob64(st, i, p ? p : "", va_arg(ap, size_t), SQLITE_STATIC);
			break;
		default:
			rc = sqlite3_bind_null(st, i);
		}
	}
	return rc;
}

static bool db_vquery(struct store *s, sqlite3_stmt **st, struct err *e, const char *sql, const char *types, va_list ap)
{
	int rc;

	if (!db_prepare(s, sql, st, e))
		return false;
	rc = db_bind(*st, types, ap);
	if (rc == SQLITE_OK)
		return true;
	db_end(s, *st);
	*st = NULL;
	return db_fail(s, e, rc, __func__);
}

bool db_query(struct store *s, sqlite3_stmt **st, struct err *e, const char *sql, const char *types, ...)
{
	va_list ap;
	bool ok;

	va_start(ap, types);
	ok = db_vquery(s, st, e, sql, types, ap);
	va_end(ap);
	return ok;
}

bool db_next(struct store *s, sqlite3_stmt *st, bool *row, struct err *e)
{
	int rc = sqlite3_step(st);

	*row = rc == SQLITE_ROW;
	return rc == SQLITE_ROW || rc == SQLITE_DONE || db_fail(s, e, rc, __func__);
}

bool db_run(struct store *s, struct err *e, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	bool ok, row;

	va_start(ap, types);
	ok = db_vquery(s, &st, e, sql, types, ap);
	va_end(ap);
	if (!ok)
		return false;
	ok = db_next(s, st, &row, e);
	db_end(s, st);
	return ok;
}

bool db_int(struct store *s, int64_t *out, struct err *e, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	bool ok, row;

	va_start(ap, types);
	ok = db_vquery(s, &st, e, sql, types, ap);
	va_end(ap);
	if (!ok)
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && row)
		*out = sqlite3_column_int64(st, 0);
	db_end(s, st);
	return ok;
}

bool db_exec(struct store *s, const char *sql, struct err *e)
{
	int rc;

	if (!db_ready(s, e))
		return false;
	rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
	return rc == SQLITE_OK || db_fail(s, e, rc, __func__);
}

const char *db_text(sqlite3_stmt *st, int column)
{
	const char *p = (const char *)sqlite3_column_text(st, column);

	if (!p && sqlite3_column_type(st, column) != SQLITE_NULL)
		err_lost_one();
	return p ? p : "";
}

bool db_id(sqlite3_stmt *st, int column, struct id *out)
{
	*out = (struct id){{0}};
	if (sqlite3_column_bytes(st, column) != ID_BYTES)
		return false;
	memcpy(out->b, sqlite3_column_blob(st, column), ID_BYTES);
	return true;
}
