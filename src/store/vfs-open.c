/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "store/vfs-file.h"

/* SQLite says "corrupt" where a write that failed, to make room in its cache, left a page half done in memory. */
static int vfs_told(sqlite3 *db, int rc)
{
	struct vfs *vfs = db != NULL ? vfs_of(db) : NULL;
	int failed = vfs != NULL ? vfs->failed : SQLITE_OK;

	if (vfs != NULL)
		vfs->failed = SQLITE_OK;
	return (rc & 0xff) == SQLITE_CORRUPT && failed != SQLITE_OK ? failed : rc;
}

static bool vfs_full(sqlite3 *db)
{
	int sys = db != NULL ? sqlite3_system_errno(db) : 0;

	return sys == ENOSPC || sys == EDQUOT;
}

bool vfs_err(struct err *e, sqlite3 *db, int rc, const char *where)
{
	rc = vfs_told(db, rc);
	const char *what = db != NULL && sqlite3_extended_errcode(db) == rc ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
	enum err_code code = ERR_IO;

	switch (rc & 0xff) {
	case SQLITE_NOMEM:
		return err_nomem(e, where);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		code = ERR_BUSY;
		break;
	case SQLITE_FULL:
		code = ERR_FULL;
		break;
	case SQLITE_AUTH:
		code = ERR_WRONG_KEY;
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		code = ERR_DAMAGED;
		break;
	case SQLITE_IOERR:
		if (vfs_full(db)) {
			code = ERR_FULL;
			break;
		}
		if (rc == SQLITE_IOERR_NOMEM)
			return err_nomem(e, where);
		code = rc == SQLITE_IOERR_DATA ? ERR_DAMAGED : ERR_IO;
		break;
	case SQLITE_CANTOPEN:
		code = vfs_full(db) ? ERR_FULL : ERR_IO;
		break;
	case SQLITE_READONLY:
	case SQLITE_PERM:
		break;
	case SQLITE_CONSTRAINT:
	default:
		code = ERR_INTERNAL;
		break;
	}
	if (code == ERR_DAMAGED && db != NULL && sqlite3_db_filename(db, "main") != NULL) {
		const char *path = sqlite3_db_filename(db, "main"), *slash = strrchr(path, '/');
		return err_set(e, code, where, "%s", slash ? slash + 1 : path);
	}
	return err_set(e, code, where, "%s (%d)", what, rc);
}

/* The first column of a statement's first row: a text, or a number when `text` is NULL. */
static int vfs_ask(sqlite3 *db, const char *sql, char text[16], int *number)
{
	sqlite3_stmt *st;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW) {
		if (text != NULL)
			snprintf(text, 16, "%s", (const char *)sqlite3_column_text(st, 0));
		else
			*number = sqlite3_column_int(st, 0);
	}
	return rc == SQLITE_OK ? sqlite3_finalize(st) : rc;
}

/* locking_mode comes first: without shared memory a WAL can be read in no other way.  What is deleted is zeroed where
 * that costs no write of its own: all pages are sealed anyway. */
static const char vfs_sql[] = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
			      "PRAGMA cell_size_check=ON; PRAGMA secure_delete=FAST";

static bool vfs_pragmas(struct vault *v, sqlite3 *db, struct err *e)
{
	int reserve = VAULT_RESERVE, page_size = 0, rc;
	char mode[16] = "", pragmas[256];

	snprintf(pragmas, sizeof pragmas, "%s; PRAGMA cache_size=%zu", vfs_sql, vfs_cache_pages(false));
	sqlite3_extended_result_codes(db, 1);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(db, pragmas, NULL, NULL, NULL);
	if (rc == SQLITE_OK)
		rc = vfs_ask(db, vault_writable(v) ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode", mode, NULL);
	if (rc == SQLITE_OK)
		rc = vfs_ask(db, "PRAGMA page_size", NULL, &page_size);
	if (rc != SQLITE_OK)
		return vfs_err(e, db, rc, "vfs_open");
	if ((vault_writable(v) && strcmp(mode, "wal") != 0) || page_size != VAULT_PAGE)
		return err_set(e, ERR_INTERNAL, "vfs_open", "journal %s, page size %d", mode, page_size);
	return true;
}

bool vfs_open(struct vault *v, const char *under, sqlite3 **db, struct err *e)
{
	struct vfs *vfs;
	char name[64];
	int rc;

	*db = NULL;
	vfs_name_of(v, name);
	if (!vfs_start(VFS_CACHE, e) || !vfs_register(name, under, v, e))
		return false;
	vfs = vfs_of_vault(v);
	if (vault_writable(v) &&
	    !vfs_log_keep(&vfs->seal, vault_path(v), vfs->fresh.known, &vfs->kept, &vfs->stray, e)) {
		vfs_unregister(name);
		return false;
	}
	rc = sqlite3_open_v2(vault_path(v), db, vault_writable(v) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, name);
	if (rc != SQLITE_OK)
		(void)vfs_err(e, *db, *db != NULL ? sqlite3_extended_errcode(*db) : rc, "vfs_open");
	else if (vfs_pragmas(v, *db, e))
		return true;
	sqlite3_close(*db);
	vfs_unregister(name);
	*db = NULL;
	return false;
}

const char *vfs_log_kept(const struct vault *v)
{
	const struct vfs *vfs = vfs_of_vault(v);

	return vfs != NULL ? vfs->kept : NULL;
}

bool vfs_log_stray(const struct vault *v)
{
	const struct vfs *vfs = vfs_of_vault(v);

	return vfs != NULL && vfs->stray;
}

void vfs_close(struct vault *v, sqlite3 *db)
{
	struct vfs *vfs = db != NULL ? vfs_of(db) : NULL;
	struct err e = ERR_INIT;
	bool clean;

	(void)v;
	if (vfs == NULL)
		return;
	clean = sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK;
	if (sqlite3_close(db) != SQLITE_OK) {
		sqlite3_log(SQLITE_MISUSE, "closed with a statement still open"); /* and its VFS must live on */
		sqlite3_close_v2(db);
		return;
	}
	/* What is not known to be on disk is not summed up: the header goes on saying "not known". */
	if (clean && !vfs_fresh_end(vfs, &e))
		sqlite3_log(SQLITE_WARNING, "freshness not recorded: %s", e.detail);
	vfs_unregister(vfs->name);
}
