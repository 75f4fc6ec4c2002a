/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arpent/io.h"
#include "store/vfs-file.h"

bool vfs_fresh_load(struct vfs *vfs, struct err *e)
{
	struct vault_fresh f;
	struct err why = ERR_INIT;

	if (!vault_fresh_get(vfs->v, &f, &why)) {
		if (why.code == ERR_NOMEM && e)
			*e = why;
		return why.code != ERR_NOMEM; /* else not known */
	}
	vfs->fresh.known = f.known;
	vfs->fresh.counter = f.counter;
	memcpy(vfs->fresh.sum, f.sum, sizeof f.sum);
	return true;
}

int vfs_fresh_begin(struct vfs *vfs)
{
	struct vault_fresh f = {.known = false, .counter = vfs->fresh.counter};
	struct err e = ERR_INIT;

	if (vfs->fresh.dirty)
		return SQLITE_OK;
	if (!vault_fresh_set(vfs->v, &f, &e))
		return e.code == ERR_FULL ? SQLITE_FULL : e.code == ERR_NOMEM ? SQLITE_IOERR_NOMEM : SQLITE_IOERR_WRITE;
	vfs->fresh.dirty = true;
	return SQLITE_OK;
}

static bool vfs_fresh_pages(int fd, uint32_t *pages, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_sys(e, errno, "vfs_fresh", "fstat");
	*pages = st.st_size > VAULT_HEADER ? (uint32_t)((st.st_size - VAULT_HEADER) / VAULT_PAGE) : 0;
	return true;
}

static bool vfs_fresh_add(const struct seal *seal, int fd, uint32_t from, uint32_t to, uint8_t sum[SEAL_SUM],
			  struct err *e)
{
	uint8_t trailer[VAULT_RESERVE];

	for (uint32_t n = from; n <= to; n++) {
		off_t at = VAULT_HEADER + (off_t)n * VAULT_PAGE - VAULT_RESERVE;

		ssize_t got = io_pread(fd, trailer, sizeof trailer, at);

		if (got != (ssize_t)sizeof trailer)
			return err_sys(e, got < 0 ? errno : EIO, "vfs_fresh", "page %u", n);
		seal_sum(seal, sum, n, trailer, true);
	}
	return true;
}

bool vfs_fresh_scan(const struct seal *seal, int fd, uint8_t sum[SEAL_SUM], struct err *e)
{
	uint32_t pages;

	memset(sum, 0, SEAL_SUM);
	return vfs_fresh_pages(fd, &pages, e) && vfs_fresh_add(seal, fd, 1, pages, sum, e);
}

/* A page written meanwhile changes the sum: then it begins again. */
bool vfs_scan(struct vault *v, bool *more, struct err *e)
{
	struct vfs *vfs = vfs_of_vault(v);
	struct vfs_scan *scan = vfs != NULL ? &vfs->scan : NULL;
	uint32_t pages, to;

	*more = false;
	if (scan == NULL || !vfs->fresh.known)
		return true;
	if (memcmp(scan->of, vfs->fresh.sum, SEAL_SUM) != 0) {
		memset(scan, 0, sizeof *scan);
		memcpy(scan->of, vfs->fresh.sum, SEAL_SUM);
	}
	if (!vfs_fresh_pages(vault_fd(v), &pages, e))
		return false;
	to = pages - scan->done < VFS_SCAN ? pages : scan->done + VFS_SCAN;
	if (!vfs_fresh_add(&vfs->seal, vault_fd(v), scan->done + 1, to, scan->sum, e))
		return false;
	scan->done = to;
	*more = to < pages;
	return *more || memcmp(scan->sum, scan->of, SEAL_SUM) == 0 ||
	       err_set(e, ERR_STALE, "fresh", "%s", vault_path(v));
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
