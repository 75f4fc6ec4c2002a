/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/io.h"
#include "arpent/header.h"
#include "store/vfs-file.h"

/* What the WAL holds, frame by frame. */
struct vfs_log {
	int fd;                     /* -1 without one */
	uint32_t frames, committed; /* whole frames of this log; those up to the last commit */
	uint32_t pages;             /* of the database as of that commit */
	uint32_t *pgno;             /* of each frame; 0 when it does not open */
};

struct vfs_reader {
	struct seal seal;
	int fd; /* the vault's */
	uint64_t pages;
	struct vfs_log log;
	uint8_t *plain; /* sodium_malloc */
	uint8_t *frame;
};

static bool vfs_pread(int fd, void *p, size_t n, off_t at)
{
	return io_pread(fd, p, n, at) == (ssize_t)n;
}

static off_t vfs_log_at(uint32_t frame)
{
	return VFS_WAL_HEADER + (off_t)frame * VFS_FRAME;
}

/* As SQLite's recovery reads it, up to the first frame that is not of the log.  But a damaged frame, where SQLite has
 * to stop, is passed over here: a commit after it says that it was once whole. */
static void vfs_log_walk(struct vfs_reader *r, const uint8_t head[VFS_WAL_HEADER], uint32_t count)
{
	uint8_t link[SEAL_LINK];

	seal_link_first(&r->seal, link, head);
	for (uint32_t n = 0; n < count; n++) {
		bool opens, follows;

		if (!vfs_pread(r->log.fd, r->frame, VFS_FRAME, vfs_log_at(n)) ||
		    memcmp(r->frame + 8, head + 16, 8) != 0)
			break;
		seal_link(&r->seal, link, r->frame, r->frame + VFS_FRAME - SEAL_TAG);
		follows = sodium_memcmp(link, r->frame + 16, SEAL_LINK) == 0;
		memcpy(link, r->frame + 16, SEAL_LINK);
		opens = seal_open(&r->seal, be32_get(r->frame), r->frame + 24, r->plain);
		if (opens && !follows)
			break; /* left over from a transaction that was rolled back */
		r->log.frames = n + 1;
		r->log.pgno[n] = opens ? be32_get(r->frame) : 0;
		if (opens && be32_get(r->frame + 4) != 0) {
			r->log.committed = n + 1;
			r->log.pages = be32_get(r->frame + 4);
		}
	}
	sodium_memzero(r->plain, VAULT_PAGE);
}

static bool vfs_log_open(struct vfs_reader *r, const char *db, struct err *e)
{
	uint8_t head[VFS_WAL_HEADER];
	char *path;
	struct stat st;
	uint32_t count;

	if (asprintf(&path, "%s-wal", db) < 0)
		return err_nomem(e, "vfs_log_open");
	r->log.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	free(path);
	if (r->log.fd < 0)
		return errno == ENOENT || err_sys(e, errno, "vfs_log_open", "WAL");
	if (fstat(r->log.fd, &st) != 0)
		return err_sys(e, errno, "vfs_log_open", "WAL");
	if (st.st_size <= VFS_WAL_HEADER || !vfs_pread(r->log.fd, head, sizeof head, 0) ||
	    (be32_get(head) & ~1u) != 0x377f0682 || be32_get(head + 8) != VAULT_PAGE)
		return true;
	count = (uint32_t)((st.st_size - VFS_WAL_HEADER) / VFS_FRAME);
	r->log.pgno = calloc(count + 1, sizeof *r->log.pgno);
	if (r->log.pgno == NULL)
		return err_nomem(e, "vfs_log_open");
	vfs_log_walk(r, head, count);
	return true;
}

void vfs_reader_close(struct vfs_reader *r)
{
	if (r == NULL)
		return;
	if (r->log.fd >= 0)
		close(r->log.fd);
	seal_done(&r->seal);
	sodium_free(r->plain);
	free(r->frame);
	free(r->log.pgno);
	free(r);
}

bool vfs_reader_open(const struct vault *v, struct vfs_reader **out, uint64_t *pages, struct err *e)
{
	struct vfs_reader *r = calloc(1, sizeof *r);
	struct stat st;

	*out = NULL;
	if (r == NULL)
		return err_nomem(e, "vfs_reader_open");
	r->log.fd = -1;
	r->fd = vault_fd(v);
	r->plain = sodium_malloc(VAULT_PAGE);
	r->frame = malloc(VFS_FRAME);
	if (r->plain == NULL || r->frame == NULL) {
		(void)err_nomem(e, "vfs_reader_open");
		goto fail;
	}
	if (!seal_init(&r->seal, v, e) || !vfs_log_open(r, vault_path(v), e))
		goto fail;
	if (fstat(r->fd, &st) != 0) {
		(void)err_sys(e, errno, "vfs_reader_open", "fstat");
		goto fail;
	}
	/* Part of a page at the end counts, as one that does not open. */
	r->pages = st.st_size > VAULT_HEADER ? ((uint64_t)st.st_size - VAULT_HEADER + VAULT_PAGE - 1) / VAULT_PAGE : 0;
	*pages = r->log.pages > r->pages ? r->log.pages : r->pages;
	*out = r;
	return true;
fail:
	vfs_reader_close(r);
	return false;
}

/* The newest committed frame of a page; -1 when there is none. */
static int64_t vfs_log_find(const struct vfs_log *log, uint64_t pgno)
{
	for (uint32_t n = log->committed; n > 0; n--)
		if (log->pgno[n - 1] == pgno)
			return n - 1;
	return -1;
}

bool vfs_reader_page(struct vfs_reader *r, uint64_t n, uint8_t *out, struct err *e)
{
	int64_t frame = vfs_log_find(&r->log, n);
	off_t at = VAULT_HEADER + (off_t)(n - 1) * VAULT_PAGE;

	if (n == 0 || n > UINT32_MAX)
		return err_set(e, ERR_NOT_FOUND, "vfs_reader_page", "page %llu", (unsigned long long)n);
	if (frame >= 0)
		at = vfs_log_at((uint32_t)frame) + 24;
	if (!vfs_pread(frame >= 0 ? r->log.fd : r->fd, r->frame, VAULT_PAGE, at) ||
	    !seal_open(&r->seal, (uint32_t)n, r->frame, out)) {
		memset(out, 0, VAULT_PAGE);
		return err_set(e, ERR_DAMAGED, "vfs_reader_page", "page %llu", (unsigned long long)n);
	}
	return true;
}

bool vfs_read_page(struct vault *v, uint64_t n, uint8_t *out, struct err *e)
{
	struct vfs_reader *r;
	uint64_t pages;
	bool ok;

	if (!vfs_reader_open(v, &r, &pages, e))
		return false;
	ok = vfs_reader_page(r, n, out, e);
	vfs_reader_close(r);
	return ok;
}

/* How many pages there should be: the last commit says so, or page 1 (its bytes 28 to 31). */
static uint64_t vfs_check_expected(struct vfs_reader *r)
{
	uint64_t n = r->log.pages;

	if (r->log.committed == 0 && r->pages > 0 && vfs_reader_page(r, 1, r->plain, NULL))
		n = be32_get(r->plain + 28);
	sodium_memzero(r->plain, VAULT_PAGE);
	return n > r->pages ? n : r->pages;
}

/* A page of the file that the WAL replaces may be torn: a crash during the checkpoint does that. */
static bool vfs_check_page(struct vfs_reader *r, uint64_t n, uint8_t sum[SEAL_SUM])
{
	off_t at = VAULT_HEADER + (off_t)(n - 1) * VAULT_PAGE;
	bool opens = false;

	if (n <= r->pages && vfs_pread(r->fd, r->frame, VAULT_PAGE, at)) {
		seal_sum(&r->seal, sum, (uint32_t)n, r->frame + SEAL_TEXT, true);
		opens = seal_open(&r->seal, (uint32_t)n, r->frame, r->plain);
	}
	return opens || vfs_log_find(&r->log, n) >= 0;
}

/* Each copy is authentic, and their generations follow each other: so every update leaves them, but one that a crash
 * tore. */
static unsigned vfs_check_header(struct vfs_reader *r, void (*bad)(void *ctx, const char *what, uint64_t n), void *ctx)
{
	unsigned found = 0;
	struct header h[2];
	bool ok[2];

	for (unsigned i = 0; i < 2; i++) {
		uint8_t copy[HEADER_COPY];

		ok[i] = vfs_pread(r->fd, copy, sizeof copy, (off_t)i * HEADER_COPY_B) &&
			header_decode(copy, &h[i]) == ERR_NONE && header_mac_ok(copy, r->seal.k->mac);
	}
	if (ok[0] && ok[1] && h[0].gen + 1 != h[1].gen && h[1].gen + 1 != h[0].gen)
		ok[h[0].gen > h[1].gen] = false;
	for (unsigned i = 0; i < 2; i++) {
		if (!ok[i] && bad != NULL)
			bad(ctx, i == 0 ? "header copy A" : "header copy B", 0);
		found += !ok[i];
	}
	return found;
}

static bool vfs_check_fresh(struct vault *v, const uint8_t sum[SEAL_SUM], struct vfs_check *out, struct err *e)
{
	struct vault_fresh f;
	struct err why = ERR_INIT;
	const struct vfs *vfs = vfs_of_vault(v);

	if (vfs != NULL) {
		out->fresh_known = vfs->fresh.known;
		out->fresh_ok = memcmp(vfs->fresh.sum, sum, SEAL_SUM) == 0;
	} else if (vault_fresh_get(v, &f, &why)) {
		out->fresh_known = f.known;
		out->fresh_ok = memcmp(f.sum, sum, SEAL_SUM) == 0;
	}
	out->fresh_ok = out->fresh_ok && out->fresh_known;
	return why.code != ERR_NOMEM || err_nomem(e, "vfs_check");
}

bool vfs_check(struct vault *v, void (*bad)(void *ctx, const char *what, uint64_t n), void *ctx, struct vfs_check *out,
	       struct err *e)
{
	uint8_t sum[SEAL_SUM] = {0};
	struct vfs_reader *r;
	uint64_t pages;
	bool ok;

	memset(out, 0, sizeof *out);
	if (!vfs_reader_open(v, &r, &pages, e))
		return false;
	out->bad_copies = vfs_check_header(r, bad, ctx);
	out->pages = vfs_check_expected(r);
	for (uint64_t n = 1; n <= out->pages; n++) {
		if (vfs_check_page(r, n, sum))
			continue;
		out->bad_pages++;
		if (bad != NULL)
			bad(ctx, "page", n);
	}
	out->frames = r->log.committed;
	for (uint32_t n = 0; n < r->log.committed; n++) {
		if (r->log.pgno[n] != 0)
			continue;
		out->bad_frames++;
		if (bad != NULL)
			bad(ctx, "frame", n + 1);
	}
	ok = vfs_check_fresh(v, sum, out, e);
	sodium_memzero(r->plain, VAULT_PAGE);
	vfs_reader_close(r);
	return ok;
}

bool vfs_check_accept(struct vault *v, struct err *e)
{
	struct vault_fresh f;
	struct vfs_reader *r;
	uint64_t pages;
	bool ok;

	if (!vault_fresh_get(v, &f, e) || !vfs_reader_open(v, &r, &pages, e))
		return false;
	ok = vfs_fresh_scan(&r->seal, r->fd, f.sum, e);
	vfs_reader_close(r);
	f.known = true;
	return ok && vault_fresh_set(v, &f, e);
}
