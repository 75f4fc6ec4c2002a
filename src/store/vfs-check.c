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

struct vfs_reader {
	struct seal seal;
	int fd;                   /* the vault's */
	uint64_t pages, expected; /* in the file, and how many there should be */
	struct vfs_log log;
	bool stray;     /* the notebook was closed properly: the log is not its own, and all of it counts as a tail */
	uint32_t end;   /* of its frames that are looked at */
	uint8_t *plain; /* sodium_malloc */
	uint8_t *frame;
};

void vfs_reader_close(struct vfs_reader *r)
{
	if (r == NULL)
		return;
	vfs_log_close(&r->log);
	seal_done(&r->seal);
	sodium_free(r->plain);
	free(r->frame);
	free(r);
}

static uint64_t vfs_reader_last(const struct vfs_reader *r, uint32_t end)
{
	uint64_t last = 0;

	for (uint32_t n = 0; n < end; n++)
		last = r->log.v[n].pgno > last ? r->log.v[n].pgno : last;
	return last;
}

/* How many pages there should be: page 1 says so (its bytes 28 to 31).  What a commit says of it is not looked at:
 * beside a frame that is damaged nothing vouches for that. */
static uint64_t vfs_reader_expected(struct vfs_reader *r)
{
	struct err none = ERR_INIT;
	uint64_t n = r->pages > 0 ? r->pages : 1, last = vfs_reader_last(r, r->end);

	r->expected = 1; /* a file without any has lost the first */
	if (vfs_reader_page(r, 1, r->plain, &none) && be32_get(r->plain + 28) > n)
		n = be32_get(r->plain + 28);
	sodium_memzero(r->plain, VAULT_PAGE);
	return n > last ? n : last;
}

bool vfs_reader_open(const struct vault *v, const char *log, struct vfs_reader **out, uint64_t *pages, struct err *e)
{
	struct vfs_reader *r = calloc(1, sizeof *r);
	struct vault_fresh f;
	struct err why = ERR_INIT;
	char *path = NULL;
	struct stat st;

	*out = NULL;
	if (r == NULL)
		return err_nomem(e, "vfs_reader_open");
	r->log.fd = -1;
	r->fd = vault_fd(v);
	r->plain = sodium_malloc(VAULT_PAGE);
	r->frame = malloc(VFS_FRAME);
	if (r->plain == NULL || r->frame == NULL || asprintf(&path, "%s-wal%s", vault_path(v), log) < 0) {
		path = NULL;
		(void)err_nomem(e, "vfs_reader_open");
		goto fail;
	}
	if (!seal_init(&r->seal, v, e) || !vfs_log_open(&r->log, &r->seal, path, e))
		goto fail;
	if (fstat(r->fd, &st) != 0) {
		(void)err_sys(e, errno, "vfs_reader_open", "fstat");
		goto fail;
	}
	r->stray = log[0] == '\0' && r->log.frames > 0 && vault_fresh_get(v, &f, &why) && f.known;
	if (why.code == ERR_NOMEM) {
		(void)err_nomem(e, "vfs_reader_open");
		goto fail;
	}
	if (r->stray)
		r->log.committed = 0;
	/* Part of a page at the end counts, as one that does not open. */
	r->pages = st.st_size > VAULT_HEADER ? ((uint64_t)st.st_size - VAULT_HEADER + VAULT_PAGE - 1) / VAULT_PAGE : 0;
	(void)vfs_reader_tail(r, false);
	r->expected = vfs_reader_expected(r);
	*pages = vfs_reader_last(r, r->log.frames);
	*pages = *pages > r->expected ? *pages : r->expected;
	*out = r;
	free(path);
	return true;
fail:
	free(path);
	vfs_reader_close(r);
	return false;
}

bool vfs_reader_tail(struct vfs_reader *r, bool on)
{
	r->end = on ? r->log.frames : r->log.committed;
	return r->log.frames > r->log.committed;
}

bool vfs_reader_in_log(const struct vfs_reader *r, uint64_t n)
{
	return vfs_log_find(&r->log, n, r->end) >= 0;
}

uint64_t vfs_reader_lost(const struct vfs_reader *r)
{
	uint64_t lost = 0;

	for (uint32_t n = 0; n < r->log.frames; n++)
		lost += r->log.v[n].bad && r->log.v[n].pgno == 0;
	return lost;
}

bool vfs_reader_page(struct vfs_reader *r, uint64_t n, uint8_t *out, struct err *e)
{
	int64_t frame = vfs_log_find(&r->log, n, r->end);
	off_t at = VAULT_HEADER + (off_t)(n - 1) * VAULT_PAGE;

	if (n == 0 || n > UINT32_MAX || (frame < 0 && n > r->expected))
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

	if (!vfs_reader_open(v, "", &r, &pages, e))
		return false;
	ok = vfs_reader_page(r, n, out, e);
	vfs_reader_close(r);
	return ok;
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
	return opens || vfs_log_find(&r->log, n, r->end) >= 0;
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

static bool vfs_check_journal(const struct vault *v, bool *there, struct err *e)
{
	char *path;

	if (asprintf(&path, "%s-journal", vault_path(v)) < 0)
		return err_nomem(e, "vfs_check");
	*there = access(path, F_OK) == 0;
	free(path);
	return true;
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
	if (!vfs_reader_open(v, "", &r, &pages, e))
		return false;
	out->bad_copies = vfs_check_header(r, bad, ctx);
	out->pages = r->expected;
	for (uint64_t n = 1; n <= out->pages; n++) {
		if (vfs_check_page(r, n, sum))
			continue;
		out->bad_pages++;
		if (bad != NULL)
			bad(ctx, "page", n);
	}
	out->stray_log = r->stray;
	if (out->stray_log && bad != NULL)
		bad(ctx, "stray", 0);
	if (!vfs_check_journal(v, &out->stray_journal, e)) {
		vfs_reader_close(r);
		return false;
	}
	if (out->stray_journal && bad != NULL)
		bad(ctx, "journal", 0);
	out->bad_log = r->log.bad_head;
	if (r->log.bad_head && bad != NULL)
		bad(ctx, "log", 0);
	out->frames = r->log.frames;
	for (uint32_t n = 0; n < r->log.frames; n++) {
		bool torn = n >= r->log.committed;

		if (!r->log.v[n].bad)
			continue;
		out->torn_frames += torn;
		out->bad_frames += !torn;
		if (bad != NULL)
			bad(ctx, torn ? "torn" : "frame", n + 1);
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

	if (!vault_fresh_get(v, &f, e) || !vfs_reader_open(v, "", &r, &pages, e))
		return false;
	ok = vfs_fresh_scan(&r->seal, r->fd, f.sum, e);
	vfs_reader_close(r);
	f.known = true;
	return ok && vault_fresh_set(v, &f, e);
}
