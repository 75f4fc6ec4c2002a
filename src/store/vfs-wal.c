/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "store/vfs-file.h"

enum { AT_SIZE = 4, AT_SUMS = 16, AT_PAGE = 24, SUMS = 8, AT_RESERVE = 20 };

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

/* SQLite's checksums are sums of plaintext.  The mask is bound to the page's nonce and to the 16 bytes before them, so
 * that changing those bytes spoils the checksum too. */
static void vfs_wal_mask(struct vfs_wal *w, const uint8_t *frame, uint8_t *sums)
{
	seal_mask(&w->f.vfs->seal, frame + AT_PAGE, frame, AT_SUMS, sums, SUMS);
}

/* Seals a frame into the gathered ones; a frame that commits puts them all out. */
static int vfs_wal_append(struct vfs_wal *w, sqlite3_int64 at, const uint8_t *head, const uint8_t *page)
{
	uint32_t pgno = be32_get(head);
	uint8_t *frame;
	int rc = SQLITE_OK;

	/* SQLite's checksum covers the reserve, which is read back as zeros: anything else there would end the log. */
	if (pgno == 0 || (pgno == 1 && page[AT_RESERVE] != VAULT_RESERVE) ||
	    !sodium_is_zero(page + SEAL_TEXT, VAULT_RESERVE))
		return SQLITE_IOERR_WRITE;
	if (w->out_n > 0 && (at != w->out_at + w->out_n || w->out_n == VFS_GATHER * VFS_FRAME))
		rc = vfs_wal_flush(w);
	if (rc != SQLITE_OK)
		return rc;
	if (w->out_n == 0)
		w->out_at = at;
	frame = w->out + w->out_n;
	memcpy(frame, head, AT_PAGE);
	seal_page(&w->f.vfs->seal, pgno, page, frame + AT_PAGE);
	vfs_wal_mask(w, frame, frame + AT_SUMS);
	w->out_n += VFS_FRAME;
	if (w->own_from == w->own_to)
		w->own_from = w->own_to = at;
	if (at < w->own_from)
		w->own_from = at;
	if (at + VFS_FRAME > w->own_to)
		w->own_to = at + VFS_FRAME;
	return be32_get(head + AT_SIZE) != 0 ? vfs_wal_flush(w) : SQLITE_OK;
}

/* A page written again in its transaction comes without its header. */
static int vfs_wal_page_again(struct vfs_wal *w, sqlite3_int64 at, const uint8_t *page)
{
	uint8_t head[AT_PAGE];
	int rc = vfs_wal_own(w, at) ? vfs_wal_flush(w) : SQLITE_IOERR_WRITE;

	if (rc == SQLITE_OK)
		rc = vfs_real_read(&w->f, w->f.sealed, VFS_FRAME, at);
	if (rc != SQLITE_OK)
		return rc;
	memcpy(head, w->f.sealed, sizeof head);
	vfs_wal_mask(w, w->f.sealed, head + AT_SUMS);
	return vfs_wal_append(w, at, head, page);
}

/* A header written again alone carries new checksums for the page that is there: that page is sealed anew, since the
 * same mask must not cover two values. A frame of something else is left for its page to follow. */
static int vfs_wal_head_again(struct vfs_wal *w, sqlite3_int64 at, const uint8_t *head)
{
	int rc = vfs_wal_flush(w);

	if (rc == SQLITE_OK)
		rc = vfs_real_read(&w->f, w->f.sealed, VFS_FRAME, at);
	if (rc != SQLITE_OK || memcmp(w->f.sealed, head, 4) != 0)
		return rc;
	if (!seal_open(&w->f.vfs->seal, be32_get(head), w->f.sealed + AT_PAGE, w->f.plain))
		return SQLITE_IOERR_DATA;
	rc = vfs_wal_append(w, at, head, w->f.plain);
	sodium_memzero(w->f.plain, VAULT_PAGE);
	return rc == SQLITE_OK ? vfs_wal_flush(w) : rc;
}

/* Takes what it can of [p, p+n) at off; *used says how much. */
static int vfs_wal_take(struct vfs_wal *w, const uint8_t *p, int n, sqlite3_int64 off, int *used)
{
	sqlite3_int64 at = vfs_wal_frame(off);
	int in = (int)(off - at), rc = SQLITE_OK;

	if (w->part_n > 0 && off != w->part_at + w->part_n)
		w->part_n = 0; /* a header alone, which is out already */
	if (w->part_n == 0 && in == AT_PAGE && n >= VAULT_PAGE) {
		*used = VAULT_PAGE;
		return vfs_wal_page_again(w, at, p);
	}
	if (w->part_n == 0 && in != 0)
		return SQLITE_IOERR_WRITE;
	if (w->part_n == AT_PAGE && n >= VAULT_PAGE) {
		*used = VAULT_PAGE;
		w->part_n = 0;
		return vfs_wal_append(w, at, w->part, p);
	}
	*used = n < VFS_FRAME - in ? n : VFS_FRAME - in;
	memcpy(w->part + in, p, (size_t)*used);
	w->part_at = at;
	w->part_n = in + *used;
	if (w->part_n == AT_PAGE && in == 0 && vfs_wal_own(w, at))
		rc = vfs_wal_head_again(w, at, w->part);
	if (w->part_n == VFS_FRAME) {
		w->part_n = 0;
		rc = vfs_wal_append(w, at, w->part, w->part + AT_PAGE);
	}
	return rc;
}

static int vfs_wal_write(sqlite3_file *file, const void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_wal *w = (struct vfs_wal *)file;
	const uint8_t *p = buf;
	int rc, used;

	if (off < VFS_WAL_HEADER) {
		if (off != 0 || amt != VFS_WAL_HEADER || be32_get(p + 8) != VAULT_PAGE)
			return SQLITE_IOERR_WRITE;
		rc = vfs_wal_flush(w);
		w->part_n = 0;
		w->own_from = w->own_to = 0;
		return rc == SQLITE_OK ? vfs_real_write(&w->f, p, amt, 0) : rc;
	}
	for (rc = SQLITE_OK; amt > 0 && rc == SQLITE_OK; p += used, off += used, amt -= used) {
		used = 0;
		rc = vfs_wal_take(w, p, amt, off, &used);
	}
	if (rc != SQLITE_OK)
		w->part_n = 0;
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

/* [in, in+n) of the frame at `at`, in the clear. */
static int vfs_wal_read_frame(struct vfs_wal *w, sqlite3_int64 at, int in, int n, uint8_t *to)
{
	uint8_t *frame = w->f.sealed, head[AT_PAGE];
	int rc = vfs_real_read(&w->f, frame, VFS_FRAME, at), h = in < AT_PAGE ? AT_PAGE - in : 0;

	h = h < n ? h : n;
	memset(to, 0, (size_t)n);
	if (rc != SQLITE_OK)
		return rc;
	memcpy(head, frame, sizeof head);
	vfs_wal_mask(w, frame, head + AT_SUMS);
	if (in + n > AT_PAGE) {
		int from = in > AT_PAGE ? in - AT_PAGE : 0;
		bool whole = n - h == VAULT_PAGE;

		if (!seal_open(&w->f.vfs->seal, be32_get(head), frame + AT_PAGE, whole ? to + h : w->f.plain)) {
			/* Recovery reads whole frames: zeros end the log there.  Anything else was there before. */
			if (in == 0 && n == VFS_FRAME && !vfs_wal_own(w, at))
				return SQLITE_OK;
			sqlite3_log(SQLITE_IOERR_DATA, "WAL frame at %lld does not open", at);
			return SQLITE_IOERR_DATA;
		}
		if (!whole) {
			memcpy(to + h, w->f.plain + from, (size_t)(n - h));
			sodium_memzero(w->f.plain, VAULT_PAGE);
		}
	}
	memcpy(to, head + in, (size_t)h);
	return SQLITE_OK;
}

static int vfs_wal_read_header(struct vfs_wal *w, uint8_t *to, int n, sqlite3_int64 off)
{
	int rc = vfs_real_read(&w->f, to, n, off);

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
		else
			rc = vfs_wal_read_frame(w, at, in, n, to);
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
	if (rc == SQLITE_OK)
		rc = w->f.real->pMethods->xTruncate(w->f.real, size);
	if (rc == SQLITE_OK && size < w->own_to)
		w->own_to = size > w->own_from ? size : w->own_from;
	return rc;
}

static int vfs_wal_sync(sqlite3_file *file, int flags)
{
	int rc = vfs_wal_flush((struct vfs_wal *)file);

	return rc == SQLITE_OK ? vfs_file_sync(file, flags) : rc;
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
