/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/io.h"
#include "store/vfs-file.h"

static bool vfs_vacuum_into(sqlite3 *db, const char *to, struct err *e)
{
	struct vfs *vfs = vfs_of(db);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, to, -1, SQLITE_STATIC);
	vfs->failed = SQLITE_OK;
	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_DONE)
		rc = SQLITE_OK;
	/* Where the size of our empty file cannot be told, SQLite says that there is a file already. */
	if (rc != SQLITE_OK)
		(void)vfs_err(e, db, rc == SQLITE_ERROR && vfs->failed ? vfs->failed : sqlite3_extended_errcode(db),
			      "vfs_backup");
	sqlite3_finalize(st);
	return rc == SQLITE_OK;
}

/* SQLite writes a copy without a log; turning that on would be a write at its first opening, and the copy then newer
 * than what it was made of. */
static bool vfs_backup_mode(struct vfs *vfs, int fd, uint8_t *plain, uint8_t page[VAULT_PAGE], struct err *e)
{
	plain[VFS_AT_MODES] = plain[VFS_AT_MODES + 1] = 2;
	seal_page(&vfs->seal, 1, plain, page);
	return io_pwrite(fd, page, VAULT_PAGE, VAULT_HEADER) || err_sys(e, errno, "vfs_backup", "page 1");
}

/* Opens every page of the copy, and gives it a header whose freshness is its own. */
static bool vfs_backup_verify(struct vfs *vfs, int fd, struct err *e)
{
	struct vault_fresh f = {.known = true, .counter = vfs->fresh.counter};
	uint8_t *image = malloc(VAULT_HEADER), *plain = sodium_malloc(VAULT_PAGE), page[VAULT_PAGE];
	struct stat st;
	bool ok = false;

	if (image == NULL || plain == NULL) {
		(void)err_nomem(e, "vfs_backup");
		goto out;
	}
	if (fstat(fd, &st) != 0) {
		(void)err_sys(e, errno, "vfs_backup", "fstat");
		goto out;
	}
	for (off_t at = VAULT_HEADER; at < st.st_size; at += VAULT_PAGE) {
		uint32_t n = (uint32_t)((at - VAULT_HEADER) / VAULT_PAGE + 1);
		ssize_t got = io_pread(fd, page, sizeof page, at);

		if (got < 0) {
			(void)err_sys(e, errno, "vfs_backup", "page %u of the copy", n);
			goto out;
		}
		if (got != VAULT_PAGE || !seal_open(&vfs->seal, n, page, plain)) {
			(void)err_set(e, ERR_DAMAGED, "vfs_backup", "page %u of the copy", n);
			goto out;
		}
		if (n == 1 && !vfs_backup_mode(vfs, fd, plain, page, e))
			goto out;
		seal_sum(&vfs->seal, f.sum, n, page + SEAL_TEXT, true);
	}
	if (!vault_header_image(vfs->v, &f, image, e))
		goto out;
	ok = (io_pwrite(fd, image, VAULT_HEADER, 0) && io_sync(fd)) || err_sys(e, errno, "vfs_backup", "header");
out:
	sodium_free(plain);
	free(image);
	return ok;
}

bool vfs_backup(struct vault *v, sqlite3 *db, const char *to, struct err *e)
{
	struct vfs *vfs = vfs_of(db);
	struct stat st;
	char *part = NULL;
	int fd = -1;
	bool ok = false;

	if (vfs == NULL || vfs->v != v)
		return err_set(e, ERR_INTERNAL, "vfs_backup", "not the vault's connection");
	if (lstat(to, &st) == 0)
		return err_set(e, ERR_EXISTS, "vfs_backup", "%s", to);
	if (asprintf(&part, "%s.XXXXXX", to) < 0)
		return err_nomem(e, "vfs_backup");
	fd = io_temp(part); /* SQLite takes an empty file */
	if (fd < 0) {
		(void)err_sys(e, errno, "vfs_backup", "%s", part);
		goto out;
	}
	ok = vfs_vacuum_into(db, part, e) && vfs_backup_verify(vfs, fd, e) && io_rename(part, to, false, NULL, e);
	if (!ok)
		(void)unlink(part);
out:
	if (fd >= 0)
		close(fd);
	free(part);
	return ok;
}
