/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables. */
#include "store/db.h"

#include <stdio.h>

#define SCHEMA_VERSION 2

#define SCHEMA_SEGMENT \
	"CREATE TABLE segment(space BLOB NOT NULL, stream BLOB NOT NULL, n INTEGER NOT NULL, hash BLOB NOT NULL," \
	" last INTEGER NOT NULL, sealed BLOB, PRIMARY KEY(space, stream, n));"

/* The narrow rows that lists run over are apart from the states, so that a page holds some thirty of them.  The
 * full-text index keeps no text of its own: what to take out of it is derived again from the old state; its prefixes
 * are those of query.h.  `ord` is `row` again: SQLite seeks to a
 * pair (day, ord) in an index, but not to (day, rowid). */
static const char schema_sql[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE record(row INTEGER PRIMARY KEY, ord INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, "
    "bin INTEGER NOT NULL,"
    " open INTEGER NOT NULL, flags INTEGER NOT NULL, day TEXT NOT NULL, until TEXT NOT NULL, edited INTEGER NOT NULL,"
    " owner BLOB, title TEXT NOT NULL, fold TEXT NOT NULL, detail TEXT NOT NULL);"
    "CREATE INDEX record_kind_day ON record(bin, kind, day, ord);"
    "CREATE INDEX record_kind_fold ON record(bin, kind, fold, ord);"
    "CREATE INDEX record_kind_edited ON record(bin, kind, edited, ord);"
    "CREATE INDEX record_day ON record(bin, day, ord);"
    "CREATE INDEX record_fold ON record(bin, fold, ord);"
    "CREATE INDEX record_edited ON record(bin, edited, ord);"
    "CREATE INDEX record_open ON record(kind, day, ord) WHERE open = 1 AND bin = 0;"
    "CREATE TABLE state(row INTEGER PRIMARY KEY, state BLOB NOT NULL);"
    "CREATE TABLE kinds(kind TEXT NOT NULL, bin INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(kind, bin)) WITHOUT "
    "ROWID;"
    "CREATE TABLE link(dst BLOB NOT NULL, src INTEGER NOT NULL, field TEXT NOT NULL, PRIMARY KEY(dst, src, field)) "
    "WITHOUT ROWID;"
    "CREATE TABLE step(id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, at INTEGER NOT NULL, type INTEGER "
    "NOT NULL,"
    " of INTEGER NOT NULL, undone INTEGER NOT NULL, last_by INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT "
    "NULL,"
    " changes INTEGER NOT NULL);"
    "CREATE INDEX step_undo ON step(undone, id) WHERE type = 0;"
    "CREATE TABLE change(seq INTEGER PRIMARY KEY, record INTEGER NOT NULL, step INTEGER NOT NULL, device BLOB NOT NULL,"
    " n INTEGER NOT NULL, hlc INTEGER NOT NULL, off INTEGER NOT NULL, body BLOB, before BLOB NOT NULL);"
    "CREATE INDEX change_record ON change(record, seq);"
    "CREATE TABLE draft(key TEXT PRIMARY KEY, title TEXT NOT NULL, edited INTEGER NOT NULL, body BLOB NOT NULL);"
    "CREATE TABLE chunk(row INTEGER PRIMARY KEY, data BLOB NOT NULL);"
    "CREATE VIRTUAL TABLE fts USING fts5(title, body, kind, content='', columnsize=0, prefix='2 3 4 5 6',"
    " tokenize='unicode61 remove_diacritics 2');" SCHEMA_SEGMENT
    "CREATE VIRTUAL TABLE place USING rtree(row, south, north, west, east);";

static bool schema_number(struct store *s, const char *key, int64_t v, struct err *e)
{
	char text[24];
	int n = snprintf(text, sizeof text, "%lld", (long long)v);

	return store_meta_set(s, key, text, (size_t)n, e);
}

/* The index depends on the table of kinds too. */
static int64_t schema_index(void)
{
	return (int64_t)KIND_SCHEMA * 1000 + DB_INDEX_VERSION;
}

static bool schema_version(struct store *s, struct err *e)
{
	char pragma[48];

	snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", SCHEMA_VERSION);
	return db_exec(s, pragma, e);
}

bool schema_make(struct store *s, struct err *e)
{
	return db_exec(s, "BEGIN IMMEDIATE", e) && db_exec(s, schema_sql, e) && index_options(s, e) &&
	       schema_version(s, e) && schema_number(s, "index", schema_index(), e) && db_exec(s, "COMMIT", e);
}

/* Version 1 had no segments. */
static bool schema_upgrade(struct store *s, struct err *e)
{
	return db_exec(s, "BEGIN IMMEDIATE", e) && db_exec(s, SCHEMA_SEGMENT, e) && schema_version(s, e) &&
	       db_exec(s, "COMMIT", e);
}

bool schema_check(struct store *s, struct err *e)
{
	int64_t version = 0, index = 0;
	bool ok;

	if (!db_int(s, &version, e, "PRAGMA user_version", ""))
		return false;
	if (version > SCHEMA_VERSION)
		return err_set(e, ERR_NEWER, __func__, "schema %lld", (long long)version);
	if (version < 1)
		return err_set(e, ERR_DAMAGED, __func__, "schema %lld", (long long)version);
	if (version < SCHEMA_VERSION && !schema_upgrade(s, e))
		return false;
	if (!db_int(s, &index, e, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'index'", ""))
		return false;
	if (index == schema_index())
		return true;
	ok = step_wide(s, e) && db_exec(s, "BEGIN IMMEDIATE", e) && index_rebuild(s, e) &&
	     schema_number(s, "index", schema_index(), e) && db_exec(s, "COMMIT", e);
	step_narrow(s);
	return ok;
}
