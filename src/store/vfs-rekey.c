/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arpent/latest.h"
#include "store/vfs-file.h"

/* Page by page, through both VFSs. */
static bool vfs_rekey_copy(sqlite3 *from, sqlite3 *to, struct err *e)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc;

	if (b == NULL)
		return vfs_err(e, to, sqlite3_extended_errcode(to), "vfs_rekey");
	(void)sqlite3_backup_step(b, -1);
	rc = sqlite3_backup_finish(b);
	return rc == SQLITE_OK || vfs_err(e, to, rc, "vfs_rekey");
}

/* The pages of db under nv's keys, closed and read back. */
static bool vfs_rekey_fill(struct vault *nv, sqlite3 *db, struct err *e)
{
	struct vfs_check check;
	sqlite3 *ndb;
	bool ok;

	if (!vfs_open(nv, NULL, &ndb, e))
		return false;
	ok = vfs_rekey_copy(db, ndb, e);
	vfs_close(nv, ndb);
	ok = ok && vfs_check(nv, NULL, NULL, &check, e);
	if (ok && (check.pages == 0 || check.bad_pages > 0 || check.frames > 0))
		ok = err_set(e, ERR_IO, "vfs_rekey", "the new file does not read back");
	return ok;
}

bool vfs_rekey(struct vault **v, sqlite3 **db, const struct vault_key *key, const struct vault_cost *cost,
	       const char *lang, struct secret *words, struct err *e)
{
	struct err why = ERR_INIT;
	struct vault *nv = NULL;
	char *path;
	bool ok = false, synced, moved;

	if (asprintf(&path, "%s.rekey", vault_path(*v)) < 0)
		return err_nomem(e, "vfs_rekey");
	(void)unlink(path); /* of a try that a crash ended: the lock on the notebook says that nobody else is at it */
	if (!vault_create(path, key, cost, lang, &nv, words, e))
		goto out;
	if (!vfs_rekey_fill(nv, *db, e)) {
		(void)unlink(path);
		goto out;
	}
	vfs_close(*v, *db);
	*db = NULL;
	synced = vault_rename(nv, vault_path(*v), true, &moved, e);
	if (!moved) {
		(void)unlink(path);
		goto out;
	}
	/* The old file, if it came back, would be an older copy too. */
	if (!latest_replaced(*v, &why))
		sqlite3_log(SQLITE_WARNING, "not kept as replaced: %s", why.detail);
	vault_close(*v);
	*v = nv;
	nv = NULL;
	vault_say_who(*v);
	ok = synced && vfs_open(*v, NULL, db, e);
out:
	if (!ok && nv != NULL) {
		vault_close(nv);
		secret_free(words);
	}
	if (!ok && *db == NULL && !vfs_open(*v, NULL, db, NULL))
		*db = NULL;
	free(path);
	return ok;
}
