/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The write-ahead log as it lies there, for check and rescue, and before SQLite reads it: SQLite ends a log at the
 * first frame that is not whole, and throws the rest away.
 *
 * Each frame's link goes on from that of the frame before.  One that does not is damaged, but where a log goes on with
 * what is left over from a transaction that was rolled back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/io.h"
#include "store/vfs-file.h"

enum { LOG_MAX = 1 << 30 };

bool vfs_pread(int fd, void *p, size_t n, off_t at)
{
	return io_pread(fd, p, n, at) == (ssize_t)n;
}

off_t vfs_log_at(uint32_t frame)
{
	return VFS_WAL_HEADER + (off_t)frame * VFS_FRAME;
}

/* SQLite's WAL checksum (section 4.2 of its file format), over n bytes, a multiple of 8. */
static void vfs_log_sum(bool big, const uint8_t *p, size_t n, uint32_t s[2])
{
	for (size_t i = 0; i < n; i += 8) {
		s[0] += (big ? be32_get(p + i) : (uint32_t)le_get(p + i, 4)) + s[1];
		s[1] += (big ? be32_get(p + i + 4) : (uint32_t)le_get(p + i + 4, 4)) + s[0];
	}
}

static bool vfs_log_head_ok(const uint8_t head[VFS_WAL_HEADER])
{
	uint32_t s[2] = {0, 0};

	vfs_log_sum((head[3] & 1) != 0, head, 24, s);
	return (be32_get(head) & ~1u) == 0x377f0682 && be32_get(head + 4) == 3007000 &&
	       be32_get(head + 8) == VAULT_PAGE && be32_get(head + 24) == s[0] && be32_get(head + 28) == s[1];
}

static unsigned vfs_log_salts(const uint8_t *frame, const uint8_t *salts)
{
	return (memcmp(frame + 8, salts, 4) == 0 ? 1u : 0u) + (memcmp(frame + 12, salts + 4, 4) == 0 ? 1u : 0u);
}

struct log_look {
	const struct seal *seal;
	uint8_t *plain; /* sodium_malloc */
	uint8_t frame[VFS_FRAME], salts[8];
	uint8_t link[SEAL_LINK]; /* of the frame before */
};

static void vfs_log_look(struct log_look *l, int fd, uint32_t n, struct vfs_log_frame *f)
{
	memset(f, 0, sizeof *f);
	if (!vfs_pread(fd, l->frame, VFS_FRAME, vfs_log_at(n)))
		return;
	f->salts = (uint8_t)vfs_log_salts(l->frame, l->salts);
	seal_link(l->seal, l->link, l->frame, l->frame + VFS_FRAME - SEAL_TAG);
	f->linked = sodium_memcmp(l->link, l->frame + 16, SEAL_LINK) == 0;
	memcpy(l->link, l->frame + 16, SEAL_LINK);
	f->size = f->salts > 0 ? be32_get(l->frame + 4) : 0; /* the mark of another log, under a torn write, is none */
	if (f->salts == 0 || !seal_open(l->seal, be32_get(l->frame), l->frame + 24, l->plain))
		return;
	f->pgno = be32_get(l->frame);
}

/* Is there the mark of a commit from frame n on? */
static bool vfs_log_commit(const struct vfs_log *log, uint32_t n, uint32_t end)
{
	while (n < end && log->v[n].size == 0)
		n++;
	return n < end;
}

/* Frame n does not follow the one before it.  Is it left over from a transaction that was rolled back?  That would
 * begin after a commit, and have none of its own. */
static bool vfs_log_over(const struct vfs_log *log, uint32_t n, uint32_t end)
{
	return n > 0 && log->committed == n && !vfs_log_commit(log, n, end);
}

/* end: after the last frame that has to do with this log. */
static void vfs_log_judge(struct vfs_log *log, uint32_t end)
{
	bool bad = log->bad_head, torn = false;

	for (uint32_t n = 0; n < end; n++) {
		struct vfs_log_frame *f = &log->v[n];
		bool whole = f->salts == 2 && f->pgno != 0;

		/* After a bad one the link says nothing. */
		if (whole && !f->linked && !bad && vfs_log_over(log, n, end))
			break;
		bad = !whole || (!f->linked && !bad);
		f->bad = bad;
		log->frames = n + 1;
		/* A commit that the log goes on after was whole on disk before that.  The last may never have been. */
		torn = (torn || bad) && (f->size == 0 || n + 1 == end);
		if (!bad && f->size != 0 && !torn)
			log->committed = n + 1;
	}
	/* What had no commit yet when the program ended is no loss. */
	if (!vfs_log_commit(log, log->committed, log->frames))
		log->frames = log->committed;
	for (uint32_t n = 0; n < log->frames; n++)
		log->lost = log->lost || log->v[n].bad;
}

/* A frame that the file ends in: its own part is there, the rest is not. */
static bool vfs_log_cut(struct vfs_log *log, const uint8_t *salts, uint32_t count, off_t size)
{
	uint8_t head[16];

	if (size < vfs_log_at(count) + (off_t)sizeof head ||
	    !vfs_pread(log->fd, head, sizeof head, vfs_log_at(count)) || vfs_log_salts(head, salts) < 2)
		return false;
	log->v[count].size = be32_get(head + 4);
	return true;
}

static bool vfs_log_read(struct vfs_log *log, struct log_look *l, off_t size, struct err *e)
{
	uint8_t head[VFS_WAL_HEADER];
	uint32_t count = (uint32_t)((size - VFS_WAL_HEADER) / VFS_FRAME), end = 0;

	if (!vfs_pread(log->fd, head, sizeof head, 0))
		return err_sys(e, EIO, "vfs_log_open", "WAL");
	log->v = calloc(count + 2, sizeof *log->v);
	if (log->v == NULL)
		return err_nomem(e, "vfs_log_open");
	log->bad_head = !vfs_log_head_ok(head);
	seal_link_first(l->seal, l->link, head);
	memcpy(l->salts, head + 16, sizeof l->salts);
	if (log->bad_head && !vfs_pread(log->fd, l->salts, sizeof l->salts, vfs_log_at(0) + 8))
		return !(log->bad_head = false);
	for (uint32_t n = 0; n < count; n++) {
		vfs_log_look(l, log->fd, n, &log->v[n]);
		end = log->v[n].salts > 0 ? n + 1 : end;
	}
	sodium_memzero(l->plain, VAULT_PAGE);
	if (log->bad_head && (count == 0 || log->v[0].pgno == 0))
		return !(log->bad_head = false); /* no log of ours */
	if (end == count && vfs_log_cut(log, l->salts, count, size))
		end++; /* which does not open */
	vfs_log_judge(log, end);
	return true;
}

bool vfs_log_open(struct vfs_log *log, const struct seal *seal, const char *path, struct err *e)
{
	struct log_look l = {.seal = seal};
	struct stat st;
	bool ok;

	memset(log, 0, sizeof *log);
	log->fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);
	if (log->fd < 0)
		return errno == ENOENT || err_sys(e, errno, "vfs_log_open", "WAL");
	if (fstat(log->fd, &st) != 0)
		return err_sys(e, errno, "vfs_log_open", "WAL");
	if (st.st_size <= VFS_WAL_HEADER)
		return true;
	l.plain = sodium_malloc(VAULT_PAGE);
	ok = l.plain != NULL ? vfs_log_read(log, &l, st.st_size, e) : err_nomem(e, "vfs_log_open");
	sodium_free(l.plain);
	return ok;
}

void vfs_log_close(struct vfs_log *log)
{
	if (log->fd >= 0)
		close(log->fd);
	free(log->v);
	log->fd = -1;
	log->v = NULL;
}

int64_t vfs_log_find(const struct vfs_log *log, uint64_t pgno, uint32_t end)
{
	for (uint32_t n = end; n > 0; n--)
		if (log->v[n - 1].pgno == pgno)
			return n - 1;
	return -1;
}

/* Is it there already, from an opening that went no further? */
static bool vfs_log_same(const char *name, const struct buf *bytes, bool *same, struct err *e)
{
	struct buf there = BUF_INIT;
	struct err why = ERR_INIT;
	bool read = io_read_regular(name, LOG_MAX, &there, &why);

	*same = read && there.len == bytes->len && memcmp(there.p, bytes->p, there.len) == 0;
	buf_done(&there);
	return read || why.code != ERR_NOMEM || err_nomem(e, "vfs_log_keep");
}

/* The first name that is free. */
static bool vfs_log_copy(const char *path, char **kept, struct err *e)
{
	struct buf bytes = BUF_INIT;
	bool ok = io_read_regular(path, LOG_MAX, &bytes, e), done = false;

	*kept = NULL;
	for (unsigned i = 1; ok && !done && i <= VFS_LOGS_KEPT; i++) {
		struct err why = ERR_INIT;

		free(*kept);
		if (asprintf(kept, "%s.damaged-%u", path, i) < 0) {
			*kept = NULL;
			ok = err_nomem(e, "vfs_log_keep");
			break;
		}
		done = io_write_file(*kept, bytes.p, bytes.len, false, &why);
		if (!done && why.code == ERR_EXISTS)
			ok = vfs_log_same(*kept, &bytes, &done, e);
		else if (!done)
			ok = (*e = why, false);
	}
	if (ok && !done)
		ok = err_set(e, ERR_EXISTS, "vfs_log_keep", "%s", *kept);
	if (!ok) {
		free(*kept);
		*kept = NULL;
	}
	buf_done(&bytes);
	return ok;
}

/* SQLite must not find it. */
static bool vfs_log_aside(const char *path, char **kept, struct err *e)
{
	return vfs_log_copy(path, kept, e) && (unlink(path) == 0 || err_sys(e, errno, "vfs_log_keep", "%s", path)) &&
	       io_sync_dir(path, e);
}

/* A notebook never leaves one. */
static bool vfs_log_journal(const char *db, char **kept, bool *stray, struct err *e)
{
	char *path, *mine = NULL;
	bool ok;

	if (asprintf(&path, "%s-journal", db) < 0)
		return err_nomem(e, "vfs_log_keep");
	ok = access(path, F_OK) != 0 || vfs_log_aside(path, &mine, e);
	if (ok && mine != NULL && *kept == NULL) {
		*kept = mine;
		*stray = true;
		mine = NULL;
	}
	free(mine);
	free(path);
	return ok;
}

bool vfs_log_keep(const struct seal *seal, const char *db, bool closed, char **kept, bool *stray, struct err *e)
{
	struct err own = ERR_INIT;
	struct vfs_log log;
	char *path;
	bool ok;

	e = e != NULL ? e : &own;
	*kept = NULL;
	*stray = false;
	if (asprintf(&path, "%s-wal", db) < 0)
		return err_nomem(e, "vfs_log_keep");
	ok = vfs_log_open(&log, seal, path, e);
	*stray = ok && closed && log.frames > 0;
	if (*stray)
		ok = vfs_log_aside(path, kept, e);
	else if (ok && (log.bad_head || log.lost))
		ok = vfs_log_copy(path, kept, e);
	vfs_log_close(&log);
	free(path);
	return ok && vfs_log_journal(db, kept, stray, e);
}
