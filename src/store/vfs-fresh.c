/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/vfs-file.h"

void vfs_fresh_load(struct vfs *vfs)
{
	struct vault_fresh f;

	if (!vault_fresh_get(vfs->v, &f))
		return; /* not known */
	vfs->fresh.known = f.known;
	vfs->fresh.counter = f.counter;
	memcpy(vfs->fresh.sum, f.sum, sizeof f.sum);
}

int vfs_fresh_begin(struct vfs *vfs)
{
	struct vault_fresh f = {.known = false, .counter = vfs->fresh.counter};
	struct err e = ERR_INIT;

	if (vfs->fresh.dirty)
		return SQLITE_OK;
	if (!vault_fresh_set(vfs->v, &f, &e))
		return e.code == ERR_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	vfs->fresh.dirty = true;
	return SQLITE_OK;
}

bool vfs_fresh_scan(const struct seal *seal, int fd, uint8_t sum[SEAL_SUM], struct err *e)
{
	struct stat st;
	uint8_t trailer[VAULT_RESERVE];
	off_t pages;

	memset(sum, 0, SEAL_SUM);
	if (fstat(fd, &st) != 0)
		return err_sys(e, errno, "vfs_fresh_scan", "fstat");
	pages = st.st_size > VAULT_HEADER ? (st.st_size - VAULT_HEADER) / VAULT_PAGE : 0;
	for (off_t n = 1; n <= pages; n++) {
		if (pread(fd, trailer, sizeof trailer, VAULT_HEADER + n * VAULT_PAGE - VAULT_RESERVE) !=
		    (ssize_t)sizeof trailer)
			return err_sys(e, errno != 0 ? errno : EIO, "vfs_fresh_scan", "page %lld", (long long)n);
		seal_sum(seal, sum, (uint32_t)n, trailer, true);
	}
	return true;
}

/* A sum that was lost to a crash begins again with what the file is now. */
bool vfs_fresh_end(struct vfs *vfs, struct err *e)
{
	struct vault_fresh f = {.known = true, .counter = vfs->fresh.counter + 1};

	if (!vfs->fresh.dirty && (vfs->fresh.known || !vault_writable(vfs->v)))
		return true;
	if (!vfs->fresh.known && !vfs_fresh_scan(&vfs->seal, vault_fd(vfs->v), vfs->fresh.sum, e))
		return false;
	memcpy(f.sum, vfs->fresh.sum, sizeof f.sum);
	return vault_fresh_set(vfs->v, &f, e);
}
