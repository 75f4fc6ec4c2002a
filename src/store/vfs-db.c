/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include <sodium.h>

#include "arpent/header.h"
#include "store/vfs-file.h"

#define AT_RESERVE 20 /* of page 1: SQLite's reserved bytes a page */

static sqlite3_int64 vfs_db_at(uint32_t pgno)
{
	return VAULT_HEADER + (sqlite3_int64)(pgno - 1) * VAULT_PAGE;
}

static int vfs_db_size(sqlite3_file *file, sqlite3_int64 *out)
{
	int rc = vfs_file_size(file, out);

	if (rc == SQLITE_OK)
		*out = *out > VAULT_HEADER ? *out - VAULT_HEADER : 0;
	return rc;
}

static int vfs_db_make(struct vfs_db *db)
{
	struct vfs *vfs = db->f.vfs;
	uint8_t *image = sqlite3_malloc(VAULT_HEADER);
	int rc;

	if (image == NULL)
		return SQLITE_IOERR_NOMEM;
	memset(image, 0, VAULT_HEADER);
	if (vfs->v != NULL) {
		struct err e = ERR_INIT;

		if (!vault_header_image(vfs->v, NULL, image, &e)) {
			sqlite3_free(image);
			return SQLITE_NOMEM;
		}
	} else {
		struct header h = {.version = HEADER_VERSION, .gen = 1};

		memcpy(h.file_id, vfs->seal.file_id, sizeof h.file_id);
		header_encode(&h, vfs->seal.k->mac, image);
		h.gen = 2;
		header_encode(&h, vfs->seal.k->mac, image + HEADER_COPY_B);
	}
	rc = vfs_real_write(&db->f, image, VAULT_HEADER, 0);
	sqlite3_free(image);
	return rc;
}

/* Before SQLite looks: with a wrong key it would take every frame of a WAL for a torn one, and delete it. */
int vfs_db_check(struct vfs_db *db, bool create)
{
	struct vfs *vfs = db->f.vfs;
	uint8_t *copies;
	sqlite3_int64 size;
	struct header h;
	unsigned which;
	int rc = vfs_file_size(&db->f.base, &size);

	if (rc != SQLITE_OK)
		return rc;
	if (size == 0 && create && (rc = vfs_db_make(db)) != SQLITE_OK)
		return rc;
	copies = sqlite3_malloc(2 * HEADER_COPY);
	if (copies == NULL)
		return SQLITE_NOMEM;
	for (int i = 0; i < 2 && rc == SQLITE_OK; i++) {
		rc = vfs_real_read(&db->f, copies + i * HEADER_COPY, HEADER_COPY, i * HEADER_COPY_B);
		if (rc == SQLITE_IOERR_SHORT_READ)
			rc = SQLITE_OK; /* the rest is zeros, and no header */
	}
	if (rc == SQLITE_OK && (!header_choose(copies, vfs->seal.k->mac, &h, &which, NULL) ||
				memcmp(h.file_id, vfs->seal.file_id, sizeof h.file_id) != 0))
		rc = SQLITE_AUTH;
	sqlite3_free(copies);
	return rc;
}

/* SQLite reads the first 100 bytes before it rolls back a hot journal.  If a crash tore page 1, the answer here only
 * has to be of the right page size: the page is read again once it is mended, and fails then if it was not. */
static void vfs_db_stand_in(uint8_t *p)
{
	memset(p, 0, 100);
	memcpy(p, "SQLite format 3", 16);
	p[16] = VAULT_PAGE >> 8;
	p[18] = p[19] = 1;
	p[AT_RESERVE] = VAULT_RESERVE;
	p[21] = 64;
	p[22] = p[23] = 32;
}

/* Opens page pgno into out, or says why not. SHORT_READ when it begins at or after the end. */
static int vfs_db_page(struct vfs_db *db, uint32_t pgno, uint8_t *out)
{
	int rc = vfs_real_read(&db->f, db->f.sealed, VAULT_PAGE, vfs_db_at(pgno));

	if (rc == SQLITE_IOERR_SHORT_READ) {
		sqlite3_int64 size;
		int size_rc = vfs_file_size(&db->f.base, &size);

		if (size_rc != SQLITE_OK || size <= vfs_db_at(pgno))
			return size_rc != SQLITE_OK ? size_rc : rc;
		rc = SQLITE_OK; /* part of a page: it will not open */
	}
	if (rc == SQLITE_OK && !seal_open(&db->f.vfs->seal, pgno, db->f.sealed, out)) {
		sqlite3_log(SQLITE_IOERR_DATA, "page %u does not open", pgno);
		rc = SQLITE_IOERR_DATA;
	}
	if (rc == SQLITE_OK && pgno == 1 && db->no_log)
		out[VFS_AT_MODES] = out[VFS_AT_MODES + 1] = 1;
	return rc;
}

static int vfs_db_read(sqlite3_file *file, void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_db *db = (struct vfs_db *)file;
	bool first = off == 0 && amt == 100;
	uint8_t *to = buf;

	while (amt > 0) {
		uint32_t pgno = (uint32_t)(off / VAULT_PAGE + 1);
		int in = (int)(off % VAULT_PAGE), n = amt < VAULT_PAGE - in ? amt : VAULT_PAGE - in;
		uint8_t page[VAULT_PAGE], *whole = n == VAULT_PAGE ? to : page;
		int rc = vfs_db_page(db, pgno, whole);

		if (rc == SQLITE_IOERR_DATA && first) {
			vfs_db_stand_in(to);
			return SQLITE_OK;
		}
		if (rc != SQLITE_OK) {
			memset(to, 0, (size_t)amt);
			return rc;
		}
		if (whole != to) {
			memcpy(to, whole + in, (size_t)n);
			sodium_memzero(whole, VAULT_PAGE);
		}
		to += n;
		off += n;
		amt -= n;
	}
	return SQLITE_OK;
}

/* Takes the page that is there out of the freshness sum. */
static int vfs_db_forget(struct vfs_db *db, uint32_t pgno)
{
	uint8_t trailer[VAULT_RESERVE];
	int rc;

	if (!db->own || !db->f.vfs->fresh.known)
		return SQLITE_OK;
	rc = vfs_real_read(&db->f, trailer, sizeof trailer, vfs_db_at(pgno) + SEAL_TEXT);
	if (rc == SQLITE_OK)
		seal_sum(&db->f.vfs->seal, db->f.vfs->fresh.sum, pgno, trailer, false);
	return rc;
}

/* Puts a sealed page at its place.  pages: how many there are. */
static int vfs_db_put(struct vfs_db *db, uint32_t pgno, const uint8_t *sealed, uint32_t pages)
{
	struct vfs_fresh *fresh = &db->f.vfs->fresh;
	int rc = pgno <= pages ? vfs_db_forget(db, pgno) : SQLITE_OK;

	if (rc == SQLITE_OK)
		rc = vfs_real_write(&db->f, sealed, VAULT_PAGE, vfs_db_at(pgno));
	db->sized = db->sized && rc == SQLITE_OK;
	if (db->sized && pgno > db->pages)
		db->pages = pgno;
	if (db->own && rc == SQLITE_OK && fresh->known)
		seal_sum(&db->f.vfs->seal, fresh->sum, pgno, sealed + SEAL_TEXT, true);
	else if (db->own && rc != SQLITE_OK)
		fresh->known = false; /* what is on disk now is anyone's guess */
	return rc;
}

/* No hole is left in the file: a page of raw zeros is then always a sign of tampering. */
static int vfs_db_fill(struct vfs_db *db, uint32_t pages, uint32_t upto)
{
	static const uint8_t zeros[VAULT_PAGE];
	int rc = SQLITE_OK;

	for (uint32_t n = pages + 1; n <= upto && rc == SQLITE_OK; n++) {
		seal_page(&db->f.vfs->seal, n, zeros, db->f.sealed);
		rc = vfs_db_put(db, n, db->f.sealed, pages);
	}
	return rc;
}

static int vfs_db_pages(struct vfs_db *db, uint32_t *pages)
{
	sqlite3_int64 size;
	int rc = SQLITE_OK;

	if (!db->sized) {
		rc = vfs_db_size(&db->f.base, &size);
		db->pages = rc == SQLITE_OK ? (uint32_t)(size / VAULT_PAGE) : 0;
		db->sized = rc == SQLITE_OK;
	}
	*pages = db->pages;
	return rc;
}

static int vfs_db_write(sqlite3_file *file, const void *buf, int amt, sqlite3_int64 off)
{
	struct vfs_db *db = (struct vfs_db *)file;
	uint32_t pgno = (uint32_t)(off / VAULT_PAGE + 1), pages;
	const uint8_t *page = buf, *sealed = db->page;
	int rc;

	if (amt != VAULT_PAGE || off % VAULT_PAGE != 0)
		return SQLITE_IOERR_WRITE;
	if (db->ckpt && db->held != pgno)
		return SQLITE_IOERR_WRITE;
	if (!db->ckpt && pgno == 1 && page[AT_RESERVE] != VAULT_RESERVE)
		return SQLITE_IOERR_WRITE;
	db->held = 0;
	if (db->own && (rc = vfs_fresh_begin(db->f.vfs)) != SQLITE_OK)
		return rc;
	if ((rc = vfs_db_pages(db, &pages)) != SQLITE_OK || (rc = vfs_db_fill(db, pages, pgno - 1)) != SQLITE_OK)
		return rc;
	if (!db->ckpt) {
		seal_page(&db->f.vfs->seal, pgno, page, db->f.sealed);
		sealed = db->f.sealed;
	}
	return vfs_db_put(db, pgno, sealed, pages);
}

static int vfs_db_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct vfs_db *db = (struct vfs_db *)file;
	uint32_t pages, keep = (uint32_t)(size / VAULT_PAGE);
	int rc = vfs_db_pages(db, &pages);

	if (rc == SQLITE_OK && db->own)
		rc = vfs_fresh_begin(db->f.vfs);
	if (rc == SQLITE_OK && keep > pages)
		return vfs_db_fill(db, pages, keep);
	for (uint32_t n = keep + 1; n <= pages && rc == SQLITE_OK; n++)
		rc = vfs_db_forget(db, n);
	db->sized = false;
	if (rc == SQLITE_OK)
		rc = db->f.real->pMethods->xTruncate(db->f.real, VAULT_HEADER + (sqlite3_int64)keep * VAULT_PAGE);
	if (db->own && rc != SQLITE_OK)
		db->f.vfs->fresh.known = false;
	return rc;
}

/* Has SQLite leave room for the seal in each page, should it write the first: also in a file that is attached, of which
 * whoever attaches it cannot tell before. */
static void vfs_db_reserve(struct vfs_db *db)
{
	sqlite3 *conn = *db->conn;
	sqlite3_file *file = NULL;
	const char *name;
	int reserve = VAULT_RESERVE;

	for (int i = 0; (name = sqlite3_db_name(conn, i)) != NULL; i++)
		if (sqlite3_file_control(conn, name, SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
		    file == &db->f.base)
			(void)sqlite3_file_control(conn, name, SQLITE_FCNTL_RESERVE_BYTES, &reserve);
}

static int vfs_db_lock(sqlite3_file *file, int level)
{
	struct vfs_db *db = (struct vfs_db *)file;

	db->sized = false;
	if (db->conn != NULL)
		vfs_db_reserve(db);
	db->conn = NULL;
	return vfs_file_lock(file, level);
}

static int vfs_db_unlock(sqlite3_file *file, int level)
{
	((struct vfs_db *)file)->sized = false;
	return vfs_file_unlock(file, level);
}

const sqlite3_io_methods vfs_db_methods = {
    .iVersion = 1, /* no shared memory, no memory map: neither may hold plaintext */
    .xClose = vfs_file_close,
    .xRead = vfs_db_read,
    .xWrite = vfs_db_write,
    .xTruncate = vfs_db_truncate,
    .xSync = vfs_file_sync,
    .xFileSize = vfs_db_size,
    .xLock = vfs_db_lock,
    .xUnlock = vfs_db_unlock,
    .xCheckReservedLock = vfs_file_reserved,
    .xFileControl = vfs_file_control,
    .xSectorSize = vfs_file_sector,
    .xDeviceCharacteristics = vfs_file_device,
};
