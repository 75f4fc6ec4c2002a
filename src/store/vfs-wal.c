/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/io.h"
#include "store/vfs-file.h"

enum {
	AT_SIZE = 4,
	AT_LINK = 16,
	AT_PAGE = 24,
	AT_TAG = VFS_FRAME - SEAL_TAG,
	AT_RESERVE = 20,
	AT_SUMS_OF_HEADER = 24
};

static sqlite3_int64 vfs_wal_frame(sqlite3_int64 off)
{
	return VFS_WAL_HEADER + (off - VFS_WAL_HEADER) / VFS_FRAME * VFS_FRAME;
}

static bool vfs_wal_own(const struct vfs_wal *w, sqlite3_int64 at)
{
	return at >= w->own_from && at < w->own_to;
}

/* What cannot be put out stays, and is tried again: a later commit must not leave a gap before it. */
static int vfs_wal_flush(struct vfs_wal *w)
{
	int rc = SQLITE_OK;

	if (w->out_n > 0)
		rc = vfs_real_write(&w->f, w->out, w->out_n, w->out_at);
	if (rc == SQLITE_OK)
		w->out_n = 0;
	return rc;
}

/* Where [off, off+n) is among the gathered frames; NULL when it is not there. */
static uint8_t *vfs_wal_gathered(struct vfs_wal *w, int n, sqlite3_int64 off)
{
	return off >= w->out_at && off + n <= w->out_at + w->out_n ? w->out + (off - w->out_at) : NULL;
}

/* As it is on disk, or will be. */
static int vfs_wal_get(struct vfs_wal *w, uint8_t *p, int n, sqlite3_int64 off)
{
	const uint8_t *gathered = vfs_wal_gathered(w, n, off);

	if (gathered == NULL)
		return vfs_real_read(&w->f, p, n, off);
	memcpy(p, gathered, (size_t)n);
	return SQLITE_OK;
}

static int vfs_wal_set(struct vfs_wal *w, const uint8_t *p, int n, sqlite3_int64 off)
{
	uint8_t *gathered = vfs_wal_gathered(w, n, off);

	if (gathered == NULL)
		return vfs_real_write(&w->f, p, n, off);
	memcpy(gathered, p, (size_t)n);
	return SQLITE_OK;
}

/* The link of what is before the frame at `at`. */
static int vfs_wal_link(struct vfs_wal *w, sqlite3_int64 at, uint8_t link[SEAL_LINK])
{
	uint8_t head[VFS_WAL_HEADER];
	int rc;

	if (at > VFS_WAL_HEADER)
		return vfs_wal_get(w, link, SEAL_LINK, at - VFS_FRAME + AT_LINK);
	rc = vfs_real_read(&w->f, head, sizeof head, 0);
	seal_link_first(&w->f.vfs->seal, link, head);
	return rc;
}

/* SQLite reads the reserve back as zeros: anything else there would be lost. */
static bool vfs_wal_sealable(uint32_t pgno, const uint8_t *page)
{
	return pgno != 0 && (pgno != 1 || page[AT_RESERVE] == VAULT_RESERVE) &&
	       sodium_is_zero(page + SEAL_TEXT, VAULT_RESERVE);
}

/* Seals a frame into the gathered ones; a frame that commits puts them all out.  SQLite's checksums are sums of
 * plaintext: a link is in their place. */
static int vfs_wal_append(struct vfs_wal *w, sqlite3_int64 at, const uint8_t *head, const uint8_t *page)
{
	uint32_t pgno = be32_get(head);
	uint8_t *frame;
	int rc = SQLITE_OK;

	if (!vfs_wal_sealable(pgno, page))
		return SQLITE_IOERR_WRITE;
	if (w->out_n > 0 && (at != w->out_at + w->out_n || w->out_n == VFS_GATHER * VFS_FRAME))
		rc = vfs_wal_flush(w);
	if (rc == SQLITE_OK && at != w->link_at)
		rc = vfs_wal_link(w, at, w->link);
	if (rc != SQLITE_OK)
		return rc;
	if (w->out_n == 0)
		w->out_at = at;
	frame = w->out + w->out_n;
	memcpy(frame, head, AT_LINK);
	seal_page(&w->f.vfs->seal, pgno, page, frame + AT_PAGE);
	seal_link(&w->f.vfs->seal, w->link, frame, frame + AT_TAG);
	memcpy(frame + AT_LINK, w->link, SEAL_LINK);
	w->link_at = at + VFS_FRAME;
	w->out_n += VFS_FRAME;
	if (w->own_from == w->own_to)
		w->own_from = w->own_to = at;
	if (at < w->own_from)
		w->own_from = at;
	if (at + VFS_FRAME > w->own_to)
		w->own_to = at + VFS_FRAME;
	return be32_get(head + AT_SIZE) != 0 ? vfs_wal_flush(w) : SQLITE_OK;
}

/* A page written again in its transaction comes without its header.  The link of its frame is of the page before, and
 * the log ends there until SQLite writes the headers again, before the commit. */
static int vfs_wal_page_again(struct vfs_wal *w, sqlite3_int64 at, const uint8_t *page)
{
	uint8_t pgno[4];
	int rc = vfs_wal_own(w, at) ? vfs_wal_get(w, pgno, sizeof pgno, at) : SQLITE_IOERR_WRITE;

	if (rc == SQLITE_OK && !vfs_wal_sealable(be32_get(pgno), page))
		rc = SQLITE_IOERR_WRITE;
	if (rc != SQLITE_OK)
		return rc;
	seal_page(&w->f.vfs->seal, be32_get(pgno), page, w->f.sealed);
	/* Nor are the links that follow, until then, to be right with the old page put back. */
	seal_link(&w->f.vfs->seal, w->link, w->f.sealed, w->f.sealed + VAULT_PAGE - SEAL_TAG);
	return vfs_wal_set(w, w->f.sealed, VAULT_PAGE, at + AT_PAGE);
}

/* A header written again for the page that is there, which SQLite has just read (see vfs_wal_read_again). */
static int vfs_wal_head_again(struct vfs_wal *w, const uint8_t *head)
{
	uint8_t again[AT_PAGE];
	int rc = w->link_at == w->again ? SQLITE_OK : vfs_wal_link(w, w->again, w->link);

	if (rc != SQLITE_OK)
		return rc;
	memcpy(again, head, AT_LINK);
	seal_link(&w->f.vfs->seal, w->link, again, w->again_tag);
	memcpy(again + AT_LINK, w->link, SEAL_LINK);
	rc = vfs_wal_set(w, again, sizeof again, w->again);
	w->again += VFS_FRAME;
	w->link_at = rc == SQLITE_OK ? w->again : 0;
	return rc;
}

/* Takes what it can of [p, p+n) at off; *used says how much. */
static int vfs_wal_take(struct vfs_wal *w, const uint8_t *p, int n, sqlite3_int64 off, int *used)
{
	sqlite3_int64 at = vfs_wal_frame(off);
	int in = (int)(off - at);

	if (w->part_n > 0 && off != w->part_at + w->part_n)
		return SQLITE_IOERR_WRITE;
	if (w->part_n == 0 && in == AT_PAGE && n >= VAULT_PAGE) {
		*used = VAULT_PAGE;
		return vfs_wal_page_again(w, at, p);
	}
	if (w->part_n == 0 && in != 0)
		return SQLITE_IOERR_WRITE;
	if (w->part_n == AT_PAGE && n >= VAULT_PAGE) {
		*used = VAULT_PAGE;
		w->part_n = 0;
		return vfs_wal_append(w, at, w->head, p);
	}
	if (in >= AT_PAGE && w->part == NULL && (w->part = sodium_malloc(VAULT_PAGE)) == NULL)
		return SQLITE_IOERR_NOMEM;
	*used = (in < AT_PAGE ? AT_PAGE : VFS_FRAME) - in;
	*used = n < *used ? n : *used;
	memcpy(in < AT_PAGE ? w->head + in : w->part + (in - AT_PAGE), p, (size_t)*used);
	w->part_at = at;
	w->part_n = in + *used;
	if (w->part_n < VFS_FRAME)
		return SQLITE_OK;
	w->part_n = 0;
	return vfs_wal_append(w, at, w->head, w->part);
}

static int vfs_wal_sync(sqlite3_file *file, int flags);

static int vfs_wal_write(sqlite3_file *file, const void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	const uint8_t *p = buf;
	int rc, used;

	w->sum_at = 0;
	if (off < VFS_WAL_HEADER) {
		if (off != 0 || amt != VFS_WAL_HEADER || be32_get(p + 8) != VAULT_PAGE)
			return SQLITE_IOERR_WRITE;
		rc = vfs_wal_flush(w);
		/* A log beside a notebook that was closed properly is then always a stray one. */
		if (rc == SQLITE_OK && w->db != NULL && w->db->own)
			rc = vfs_fresh_begin(w->f.vfs);
		w->part_n = 0;
		w->own_from = w->own_to = w->link_at = w->again = 0;
		return rc == SQLITE_OK ? vfs_real_write(&w->f, p, amt, 0) : rc;
	}
	if (w->again_read && off == w->again && amt == AT_PAGE && w->part_n == 0) {
		w->again_read = false;
		return vfs_wal_head_again(w, p);
	}
	w->again = 0;
	for (rc = SQLITE_OK; amt > 0 && rc == SQLITE_OK; p += used, off += used, amt -= used) {
		used = 0;
		rc = vfs_wal_take(w, p, amt, off, &used);
	}
	if (rc != SQLITE_OK)
		w->part_n = 0;
	if (w->part_n == 0 && w->sync_later != 0) {
		rc = rc == SQLITE_OK ? vfs_wal_sync(file, w->sync_later) : rc;
		w->sync_later = 0;
	}
	return rc;
}

/* On a checkpoint a page goes to the database sealed as it is, since the seal is the same there. */
static int vfs_wal_hand_over(struct vfs_wal *w, sqlite3_int64 at, uint8_t *to)
{
	int rc = vfs_real_read(&w->f, w->f.sealed, VFS_FRAME, at);

	memset(to, 0, VAULT_PAGE);
	if (rc != SQLITE_OK)
		return rc;
	memcpy(w->db->page, w->f.sealed + AT_PAGE, VAULT_PAGE);
	w->db->held = be32_get(w->f.sealed);
	return SQLITE_OK;
}

/* Before a commit that has written pages again, SQLite reads the checksums before the first of them, then each frame
 * from there on, to sum it and write its header.  The sums are not kept, so the page need not be opened. */
static int vfs_wal_read_again(struct vfs_wal *w, uint8_t *to)
{
	int rc = vfs_wal_get(w, to, AT_PAGE, w->again);

	if (rc == SQLITE_OK)
		rc = vfs_wal_get(w, w->again_tag, SEAL_TAG, w->again + AT_TAG);
	memset(to + AT_PAGE, 0, VAULT_PAGE);
	w->again_read = rc == SQLITE_OK;
	return rc;
}

/* SQLite's checksum (section 4.2 of its file format), over n bytes, a multiple of 8. */
static void vfs_wal_sum(struct vfs_wal *w, const uint8_t *p, size_t n)
{
	uint32_t a = w->sum[0], b = w->sum[1];

	for (size_t i = 0; i < n; i += 8) {
		a += (w->sum_big ? be32_get(p + i) : (uint32_t)le_get(p + i, 4)) + b;
		b += (w->sum_big ? be32_get(p + i + 4) : (uint32_t)le_get(p + i + 4, 4)) + a;
	}
	w->sum[0] = a;
	w->sum[1] = b;
}

static int vfs_wal_sum_first(struct vfs_wal *w)
{
	uint8_t head[VFS_WAL_HEADER];
	int rc = vfs_real_read(&w->f, head, sizeof head, 0);

	seal_link_first(&w->f.vfs->seal, w->sum_link, head);
	w->sum_big = (head[3] & 1) != 0;
	w->sum[0] = be32_get(head + AT_SUMS_OF_HEADER);
	w->sum[1] = be32_get(head + AT_SUMS_OF_HEADER + 4);
	w->sum_at = VFS_WAL_HEADER;
	return rc;
}

/* The frame at sum_at in the clear, with the checksums that SQLite wants to see there; zeros, which are no frame, when
 * it does not open or does not follow the one before. */
static int vfs_wal_sum_next(struct vfs_wal *w, uint8_t to[VFS_FRAME])
{
	uint8_t *frame = w->f.sealed;
	sqlite3_int64 at = w->sum_at;
	int rc = vfs_real_read(&w->f, frame, VFS_FRAME, at);

	w->sum_at = 0;
	memset(to, 0, VFS_FRAME);
	if (rc != SQLITE_OK)
		return rc;
	seal_link(&w->f.vfs->seal, w->sum_link, frame, frame + AT_TAG);
	if (sodium_memcmp(w->sum_link, frame + AT_LINK, SEAL_LINK) != 0)
		return SQLITE_OK;
	if (!seal_open(&w->f.vfs->seal, be32_get(frame), frame + AT_PAGE, to + AT_PAGE)) {
		if (!vfs_wal_own(w, at))
			return SQLITE_OK;
		sqlite3_log(SQLITE_IOERR_DATA, "WAL frame at %lld does not open", at);
		return SQLITE_IOERR_DATA;
	}
	vfs_wal_sum(w, frame, 8);
	vfs_wal_sum(w, to + AT_PAGE, VAULT_PAGE);
	memcpy(to, frame, AT_LINK);
	be32_put(to + AT_LINK, w->sum[0]);
	be32_put(to + AT_LINK + 4, w->sum[1]);
	w->sum_at = at + VFS_FRAME;
	return SQLITE_OK;
}

/* A whole frame, as recovery reads one after the other. */
static int vfs_wal_read_whole(struct vfs_wal *w, sqlite3_int64 at, uint8_t *to)
{
	int rc = SQLITE_OK;

	if (w->again == at && vfs_wal_own(w, at))
		return vfs_wal_read_again(w, to);
	w->again = 0;
	if (w->sum_at != at)
		rc = vfs_wal_sum_first(w);
	while (rc == SQLITE_OK && w->sum_at > 0 && w->sum_at < at)
		rc = vfs_wal_sum_next(w, to);
	return rc == SQLITE_OK && w->sum_at == at ? vfs_wal_sum_next(w, to) : rc;
}

/* [in, in+n) of the frame at `at`, not all of it: the page in the clear, before it what is on disk. */
static int vfs_wal_read_part(struct vfs_wal *w, sqlite3_int64 at, int in, int n, uint8_t *to)
{
	uint8_t *frame = w->f.sealed;
	int rc = vfs_real_read(&w->f, frame, VFS_FRAME, at), h = in < AT_PAGE ? AT_PAGE - in : 0;
	uint8_t page[VAULT_PAGE];
	bool whole;

	h = h < n ? h : n;
	whole = n - h == VAULT_PAGE;
	memset(to, 0, (size_t)n);
	w->again = in == AT_LINK && n == SEAL_LINK ? at + VFS_FRAME : 0;
	if (rc != SQLITE_OK)
		return rc;
	if (h < n && !seal_open(&w->f.vfs->seal, be32_get(frame), frame + AT_PAGE, whole ? to + h : page)) {
		sqlite3_log(SQLITE_IOERR_DATA, "WAL frame at %lld does not open", at);
		return SQLITE_IOERR_DATA;
	}
	if (h < n && !whole) {
		memcpy(to + h, page + (in > AT_PAGE ? in - AT_PAGE : 0), (size_t)(n - h));
		sodium_memzero(page, sizeof page);
	}
	memcpy(to, frame + in, (size_t)h);
	return SQLITE_OK;
}

static int vfs_wal_read_header(struct vfs_wal *w, uint8_t *to, int n, sqlite3_int64 off)
{
	int rc = vfs_real_read(&w->f, to, n, off);

	w->again = off == AT_SUMS_OF_HEADER ? VFS_WAL_HEADER : 0;
	/* Another page size would have SQLite cut the frames in other places. */
	if (rc == SQLITE_OK && off == 0 && n >= 12 && be32_get(to + 8) != VAULT_PAGE)
		memset(to, 0, (size_t)n);
	return rc;
}

static int vfs_wal_read(sqlite3_file *file, void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	uint8_t *to = buf;
	int rc = SQLITE_OK, n;

	w->again_read = false;
	if (off < w->out_at + w->out_n && off + amt > w->out_at)
		rc = vfs_wal_flush(w);
	for (; amt > 0 && rc == SQLITE_OK; to += n, off += n, amt -= n) {
		sqlite3_int64 at = vfs_wal_frame(off);
		int in = (int)(off - at);

		if (off < VFS_WAL_HEADER) {
			n = off + amt < VFS_WAL_HEADER ? amt : VFS_WAL_HEADER - (int)off;
			rc = vfs_wal_read_header(w, to, n, off);
			continue;
		}
		n = amt < VFS_FRAME - in ? amt : VFS_FRAME - in;
		if (w->db != NULL && w->db->ckpt && in == AT_PAGE && n == VAULT_PAGE)
			rc = vfs_wal_hand_over(w, at, to);
		else if (n == VFS_FRAME)
			rc = vfs_wal_read_whole(w, at, to);
		else
			rc = vfs_wal_read_part(w, at, in, n, to);
	}
	if (amt > 0)
		memset(to, 0, (size_t)amt);
	return rc;
}

static int vfs_wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	int rc = vfs_wal_flush(w);

	w->part_n = 0;
	w->link_at = w->again = w->sum_at = 0;
	if (rc == SQLITE_OK)
		rc = w->f.real->pMethods->xTruncate(w->f.real, size);
	if (rc == SQLITE_OK && size < w->own_to)
		w->own_to = size > w->own_from ? size : w->own_from;
	return rc;
}

/* Where a sector may be torn beyond what is written to it, SQLite repeats the frame of a commit up to the end of the
 * sector and syncs there, amid that frame, so that no later write touches the sector.  It is sealed as a whole, so it
 * is synced as a whole, still before the commit is done. */
static int vfs_wal_sync(sqlite3_file *file, int flags)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	int rc;

	if (w->part_n > 0) {
		w->sync_later = flags;
		return SQLITE_OK;
	}
	rc = vfs_wal_flush(w);
	if (rc == SQLITE_OK)
		rc = vfs_file_sync(file, flags);
	/* SQLite's own sync of the folder, where the log may be new, fails unseen. */
	if (rc == SQLITE_OK && !w->named)
		rc = (w->named = io_sync_dir(w->name, NULL)) ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
	return rc;
}

static int vfs_wal_size(sqlite3_file *file, sqlite3_int64 *out)
{
	int rc = vfs_wal_flush((struct vfs_wal *)file);

	return rc == SQLITE_OK ? vfs_file_size(file, out) : rc;
}

static int vfs_wal_close(sqlite3_file *file)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	int rc = vfs_wal_flush(w), close_rc;

	sodium_free(w->part);
	sqlite3_free(w->out);
	close_rc = vfs_file_close(file);
	return rc != SQLITE_OK ? rc : close_rc;
}

int vfs_wal_settle(struct vfs_wal *w)
{
	sqlite3_int64 size, at = 0;
	int rc = vfs_file_size(&w->f.base, &size), n;

	for (; rc == SQLITE_OK && at < size; at += n) {
		n = size - at < VFS_GATHER * VFS_FRAME ? (int)(size - at) : VFS_GATHER * VFS_FRAME;
		rc = vfs_real_read(&w->f, w->out, n, at);
		if (rc == SQLITE_OK)
			rc = vfs_real_write(&w->f, w->out, n, at);
	}
	return rc == SQLITE_OK && size > 0 ? vfs_file_sync(&w->f.base, SQLITE_SYNC_NORMAL) : rc;
}

const sqlite3_io_methods vfs_wal_methods = {
    .iVersion = 1,
    .xClose = vfs_wal_close,
    .xRead = vfs_wal_read,
    .xWrite = vfs_wal_write,
    .xTruncate = vfs_wal_truncate,
    .xSync = vfs_wal_sync,
    .xFileSize = vfs_wal_size,
    .xLock = vfs_file_lock,
    .xUnlock = vfs_file_unlock,
    .xCheckReservedLock = vfs_file_reserved,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_file_sector,
    .xDeviceCharacteristics = vfs_file_device,
};
