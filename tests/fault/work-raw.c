/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work-raw.h"

#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "arpent/vfs.h"

static int raw_open_files;

static bool raw_exec(struct work_run *w, const char *sql, struct err *e)
{
	int rc = sqlite3_exec(w->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK || vfs_err(e, w->db, sqlite3_extended_errcode(w->db), __func__);
}

static bool raw_open_file(struct work_run *w, struct err *e)
{
	static const uint8_t key[32] = {1, 2, 3}, id[16] = {4, 5, 6};
	int reserve = VAULT_RESERVE, rc;

	(void)sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	if (sqlite3_vfs_find("raw") == NULL && !vfs_register_raw("raw", NULL, key, id, e))
		return false;
	snprintf(w->path, sizeof w->path, "%s/raw.db", w->folder);
	raw_open_files++;
	rc = sqlite3_open_v2(w->path, &w->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "raw");
	if (rc != SQLITE_OK)
		return vfs_err(e, w->db, rc, __func__);
	sqlite3_file_control(w->db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	return true;
}

bool raw_open(struct work_run *w, struct err *e)
{
	/* FULL alone does not sync the folder after the journal's removal. */
	bool wal = strcmp(w->work->journal, "wal") == 0;
	char sql[300];

	snprintf(sql, sizeof sql,
		 "PRAGMA locking_mode=%s; PRAGMA temp_store=MEMORY; PRAGMA journal_mode=%s; PRAGMA synchronous=%s;"
		 "PRAGMA cache_size=12; PRAGMA wal_autocheckpoint=12",
		 wal ? "exclusive" : "normal", w->work->journal, wal ? "FULL" : "EXTRA");
	return raw_open_file(w, e) && raw_exec(w, sql, e) &&
	       raw_exec(
		   w,
		   "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT);"
		   "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 40)"
		   "INSERT INTO t SELECT i, printf('%.*c', 370, 'x') || i FROM c WHERE NOT EXISTS (SELECT 1 FROM t)",
		   e);
}

bool raw_open_after(struct work_run *w, char why[WORK_WHY])
{
	struct err e = ERR_INIT;

	if (raw_open_file(w, &e) &&
	    (strcmp(w->work->journal, "wal") != 0 || raw_exec(w, "PRAGMA locking_mode=exclusive", &e)))
		return true;
	snprintf(why, WORK_WHY, "does not open: %s", e.detail);
	return false;
}

void raw_close(struct work_run *w)
{
	if (w->db == NULL)
		return;
	sqlite3_close(w->db);
	w->db = NULL;
	/* The next one counts its nonces from a new beginning. */
	if (--raw_open_files == 0)
		vfs_unregister("raw");
}

bool raw_step(struct work_run *w, int i, struct err *e)
{
	char sql[400];

	if (i % 8 == 7)
		return raw_exec(w, "BEGIN; UPDATE t SET b = 'q' || b; ROLLBACK", e);
	snprintf(sql, sizeof sql,
		 i % 5 ? "INSERT OR REPLACE INTO t VALUES(%d, hex(zeroblob(150)))"
		       : "BEGIN; UPDATE t SET b = b || 'abcdefghijklmnop'; INSERT OR REPLACE INTO t VALUES(%d, 'x');"
			 "UPDATE t SET b = b || hex(zeroblob(100)) WHERE a %% 2; COMMIT",
		 100 + i);
	return raw_exec(w, sql, e);
}
