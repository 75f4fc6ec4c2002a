/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "store/vfs-file.h"

#define JOURNAL_HEADER 28 /* magic, counts and sizes: nothing of a page */

static bool vfs_journal_own(const struct vfs_journal *j, sqlite3_int64 at)
{
	return at >= j->own_from && at < j->own_to;
}

/* Notes a page that has gone by: its checksum is next. */
static void vfs_journal_expect(struct vfs_journal *j, struct vfs_record *rec, sqlite3_int64 off, const uint8_t *sealed)
{
	memset(rec->mask, 0, sizeof rec->mask);
	seal_mask(&j->f.vfs->seal, sealed, rec->mask);
	rec->sum_at = off + VAULT_PAGE;
	rec->page_at = -1;
}

static void vfs_journal_xor(struct vfs_record *rec, uint8_t p[4])
{
	for (int i = 0; i < 4; i++)
		p[i] ^= rec->mask[i];
	rec->sum_at = -1;
}

static int vfs_journal_put(struct vfs_journal *j, const void *p, int n, sqlite3_int64 off)
{
	int rc = vfs_real_write(&j->f, p, n, off);

	if (j->own_from == j->own_to)
		j->own_from = j->own_to = off;
	if (off < j->own_from)
		j->own_from = off;
	if (off + n > j->own_to)
		j->own_to = off + n;
	return rc;
}

/* A header is padded with zeros to a sector; whatever else is longer is not written in the clear. */
static bool vfs_journal_is_header(const uint8_t *p, int n)
{
	return n <= JOURNAL_HEADER || sodium_is_zero(p + JOURNAL_HEADER, (size_t)(n - JOURNAL_HEADER));
}

/* A commit to several files notes in the journal of each the path of the file that names all.  A notebook has none. */
static bool vfs_journal_is_path(const struct vfs_journal *j, const uint8_t *p, int n)
{
	return j->f.vfs->v == NULL && n != VAULT_PAGE && *p == '/' && memchr(p, '\0', (size_t)n) == NULL;
}

static int vfs_journal_write(sqlite3_file *file, const void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_journal *j = (struct vfs_journal *)file;
	uint8_t four[4];

	if (amt == VAULT_PAGE && off == j->w.page_at) {
		seal_page(&j->f.vfs->seal, j->w.pgno, buf, j->f.sealed);
		vfs_journal_expect(j, &j->w, off, j->f.sealed);
		return vfs_journal_put(j, j->f.sealed, amt, off);
	}
	if (!vfs_journal_is_header(buf, amt) && !(off == j->w.page_at && vfs_journal_is_path(j, buf, amt)))
		return SQLITE_IOERR_WRITE;
	if (amt != 4)
		return vfs_journal_put(j, buf, amt, off);
	memcpy(four, buf, 4);
	if (off == j->w.sum_at) {
		vfs_journal_xor(&j->w, four);
	} else {
		j->w.page_at = off + 4;
		j->w.pgno = be32_get(four);
	}
	return vfs_journal_put(j, four, 4, off);
}

/* A record that does not open, in a journal that was there before, is where a crash tore it: a short read makes SQLite
 * stop the rollback, as its own checksum would. */
static int vfs_journal_read_page(struct vfs_journal *j, uint8_t *to, sqlite3_int64 off)
{
	int rc = vfs_real_read(&j->f, j->f.sealed, VAULT_PAGE, off);

	memset(to, 0, VAULT_PAGE);
	if (rc != SQLITE_OK)
		return rc;
	if (seal_open(&j->f.vfs->seal, j->r.pgno, j->f.sealed, to)) {
		vfs_journal_expect(j, &j->r, off, j->f.sealed);
		return SQLITE_OK;
	}
	sqlite3_log(SQLITE_IOERR_DATA, "journal record at %lld does not open", off);
	return vfs_journal_own(j, off) ? SQLITE_IOERR_DATA : SQLITE_IOERR_SHORT_READ;
}

static int vfs_journal_read(sqlite3_file *file, void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_journal *j = (struct vfs_journal *)file;
	int rc;

	if (amt == VAULT_PAGE && off == j->r.page_at)
		return vfs_journal_read_page(j, buf, off);
	rc = vfs_real_read(&j->f, buf, amt, off);
	/* No journal of ours has a longer thing in the clear. */
	if (rc == SQLITE_OK && amt > JOURNAL_HEADER && !vfs_journal_is_path(j, buf, amt)) {
		memset(buf, 0, (size_t)amt);
		return SQLITE_IOERR_SHORT_READ;
	}
	if (rc != SQLITE_OK || amt != 4)
		return rc;
	if (off == j->r.sum_at) {
		vfs_journal_xor(&j->r, buf);
	} else {
		j->r.page_at = off + 4;
		j->r.pgno = be32_get(buf);
	}
	return rc;
}

static int vfs_journal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct vfs_journal *j = (struct vfs_journal *)file;
	int rc = j->f.real->pMethods->xTruncate(j->f.real, size);

	if (rc == SQLITE_OK && size < j->own_to)
		j->own_to = size > j->own_from ? size : j->own_from;
	return rc;
}

const sqlite3_io_methods vfs_journal_methods = {
    .iVersion = 1,
    .xClose = vfs_file_close,
    .xRead = vfs_journal_read,
    .xWrite = vfs_journal_write,
    .xTruncate = vfs_journal_truncate,
    .xSync = vfs_file_sync,
    .xFileSize = vfs_file_size,
    .xLock = vfs_file_lock,
    .xUnlock = vfs_file_unlock,
    .xCheckReservedLock = vfs_file_reserved,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_file_sector,
    .xDeviceCharacteristics = vfs_file_device,
};
