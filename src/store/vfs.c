/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/io.h"
#include "store/vfs-file.h"

/* What a device may promise and the shim cannot keep: a page is more than one write to it, or differs in length. */
#define VFS_IOCAP_MASKED 0xc1ff /* ATOMIC, ATOMIC512 to ATOMIC64K, BATCH_ATOMIC, SUBPAGE_READ */

static int vfs_noted(struct vfs_file *f, int rc)
{
	if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ)
		f->vfs->failed = rc;
	return rc;
}

int vfs_real_read(struct vfs_file *f, void *p, int n, sqlite3_int64 at)
{
	return vfs_noted(f, f->real->pMethods->xRead(f->real, p, n, at));
}

int vfs_real_write(struct vfs_file *f, const void *p, int n, sqlite3_int64 at)
{
	return vfs_noted(f, f->real->pMethods->xWrite(f->real, p, n, at));
}

static sqlite3_file *vfs_real(sqlite3_file *file)
{
	return ((struct vfs_file *)file)->real;
}

int vfs_file_close(sqlite3_file *file)
{
	struct vfs_file *f = (struct vfs_file *)file;
	int rc = f->real->pMethods != NULL ? f->real->pMethods->xClose(f->real) : SQLITE_OK;

	sqlite3_free(f->sealed);
	if (f->base.pMethods == &vfs_db_methods)
		sqlite3_free(((struct vfs_db *)file)->page);
	f->base.pMethods = NULL;
	return rc;
}

int vfs_file_sync(sqlite3_file *file, int flags)
{
	sqlite3_file *real = vfs_real(file);
	int rc, sys;

	do { /* SQLite does not go on after a signal, here alone */
		sys = 0;
		rc = real->pMethods->xSync(real, flags);
	} while (rc != SQLITE_OK && real->pMethods->xFileControl(real, SQLITE_FCNTL_LAST_ERRNO, &sys) == SQLITE_OK &&
		 sys == EINTR);
	return rc;
}

int vfs_file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return vfs_noted((struct vfs_file *)file, vfs_real(file)->pMethods->xFileSize(vfs_real(file), out));
}

/* A file opened for reading cannot be locked for writing, as exclusive mode asks: the vault's own lock is the one that
 * holds. */
static bool vfs_read_only(const struct vfs *vfs)
{
	return vfs->v != NULL && !vault_writable(vfs->v);
}

int vfs_file_lock(sqlite3_file *file, int level)
{
	if (vfs_read_only(((struct vfs_file *)file)->vfs))
		return SQLITE_OK;
	return vfs_real(file)->pMethods->xLock(vfs_real(file), level);
}

int vfs_file_unlock(sqlite3_file *file, int level)
{
	if (vfs_read_only(((struct vfs_file *)file)->vfs))
		return SQLITE_OK;
	return vfs_real(file)->pMethods->xUnlock(vfs_real(file), level);
}

int vfs_file_reserved(sqlite3_file *file, int *out)
{
	return vfs_real(file)->pMethods->xCheckReservedLock(vfs_real(file), out);
}

int vfs_file_sector(sqlite3_file *file)
{
	return vfs_real(file)->pMethods->xSectorSize(vfs_real(file));
}

int vfs_file_device(sqlite3_file *file)
{
	return vfs_real(file)->pMethods->xDeviceCharacteristics(vfs_real(file)) & ~VFS_IOCAP_MASKED;
}

/* The page size is fixed: a new one would be written in pieces of the old one. */
static int vfs_pragma(char **arg)
{
	return sqlite3_stricmp(arg[1], "page_size") == 0 && arg[2] != NULL ? SQLITE_OK : SQLITE_NOTFOUND;
}

int vfs_file_control(sqlite3_file *file, int op, void *arg)
{
	struct vfs_file *f = (struct vfs_file *)file;
	struct vfs_db *db = f->base.pMethods == &vfs_db_methods ? (struct vfs_db *)file : NULL;
	sqlite3_int64 size;

	switch (op) {
	case SQLITE_FCNTL_CKPT_START:
	case SQLITE_FCNTL_CKPT_DONE:
		if (db != NULL) {
			db->ckpt = op == SQLITE_FCNTL_CKPT_START;
			db->held = 0;
		}
		break;
	case SQLITE_FCNTL_SIZE_HINT:
		size = *(sqlite3_int64 *)arg + VAULT_HEADER;
		return f->real->pMethods->xFileControl(f->real, op, &size);
	case SQLITE_FCNTL_MMAP_SIZE:
		*(sqlite3_int64 *)arg = 0;
		return SQLITE_OK;
	case SQLITE_FCNTL_PRAGMA:
		return vfs_pragma(arg);
	case SQLITE_FCNTL_PDB:
		if (db != NULL)
			db->conn = arg;
		return SQLITE_OK;
	case SQLITE_FCNTL_LOCKSTATE:
	case SQLITE_FCNTL_LAST_ERRNO:
	case SQLITE_FCNTL_SYNC_OMITTED:
	case SQLITE_FCNTL_PERSIST_WAL:
	case SQLITE_FCNTL_OVERWRITE:
	case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
	case SQLITE_FCNTL_BUSYHANDLER:
	case SQLITE_FCNTL_TEMPFILENAME:
	case SQLITE_FCNTL_HAS_MOVED:
	case SQLITE_FCNTL_SYNC:
	case SQLITE_FCNTL_COMMIT_PHASETWO:
	case SQLITE_FCNTL_LOCK_TIMEOUT:
	case SQLITE_FCNTL_EXTERNAL_READER:
		break;
	default: /* chunks, atomic writes, and what is not known yet */
		return SQLITE_NOTFOUND;
	}
	return f->real->pMethods->xFileControl(f->real, op, arg);
}

static struct vfs *vfs_self(sqlite3_vfs *p)
{
	return (struct vfs *)p;
}

static int vfs_open_db(struct vfs_db *db, const char *name, int flags)
{
	const struct vfs *vfs = db->f.vfs;

	db->f.base.pMethods = &vfs_db_methods;
	db->own = vfs->v != NULL && strcmp(name, vault_path(vfs->v)) == 0;
	db->no_log = vfs_read_only(vfs) && access(sqlite3_filename_wal(name), F_OK) != 0;
	db->page = sqlite3_malloc(VAULT_PAGE);
	if (db->page == NULL)
		return SQLITE_NOMEM;
	return vfs_db_check(db, (flags & SQLITE_OPEN_CREATE) != 0);
}

static int vfs_open_wal(struct vfs_wal *w, const char *name, int flags)
{
	sqlite3_file *db = sqlite3_database_file_object(name);

	w->f.base.pMethods = &vfs_wal_methods;
	w->name = name;
	if (db != NULL && db->pMethods == &vfs_db_methods && ((struct vfs_db *)db)->f.vfs == w->f.vfs)
		w->db = (struct vfs_db *)db;
	w->out = sqlite3_malloc(VFS_GATHER * VFS_FRAME);
	if (w->out == NULL)
		return SQLITE_NOMEM;
	return flags & SQLITE_OPEN_READWRITE ? vfs_wal_settle(w) : SQLITE_OK;
}

static int vfs_x_open(sqlite3_vfs *p, const char *name, sqlite3_file *file, int flags, int *out)
{
	const int kinds = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
	struct vfs *vfs = vfs_self(p);
	union vfs_any *any = (union vfs_any *)file;
	int rc;

	file->pMethods = NULL;
	if (name == NULL || (flags & kinds) == 0)
		return vfs->v == NULL ? vfs->under->xOpen(vfs->under, name, file, flags, out) : SQLITE_CANTOPEN;
	memset(any, 0, sizeof *any);
	any->f.vfs = vfs;
	any->f.real = (sqlite3_file *)(void *)(any + 1);
	any->f.real->pMethods = NULL;
	if (vfs_read_only(vfs) && (flags & SQLITE_OPEN_WAL))
		flags = (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY;
	rc = vfs->under->xOpen(vfs->under, name, any->f.real, flags, out);
	if (rc != SQLITE_OK)
		return rc;
	any->f.sealed = sqlite3_malloc(VFS_FRAME);
	if (any->f.sealed == NULL)
		rc = SQLITE_NOMEM;
	else if (flags & SQLITE_OPEN_MAIN_DB)
		rc = vfs_open_db(&any->db, name, flags);
	else if (flags & SQLITE_OPEN_WAL)
		rc = vfs_open_wal(&any->wal, name, flags);
	any->f.base.pMethods = any->f.base.pMethods != NULL ? any->f.base.pMethods : &vfs_journal_methods;
	if (any->f.base.pMethods == &vfs_journal_methods)
		any->journal.r.page_at = any->journal.r.sum_at = any->journal.w.page_at = any->journal.w.sum_at = -1;
	if (rc != SQLITE_OK)
		(void)file->pMethods->xClose(file);
	return rc;
}

static int vfs_x_delete(sqlite3_vfs *p, const char *name, int sync_dir)
{
	return vfs_self(p)->under->xDelete(vfs_self(p)->under, name, sync_dir);
}

/* Does the vault's database say that it has a WAL? */
static bool vfs_has_log(const struct vfs *vfs)
{
	uint8_t *sealed = malloc(VAULT_PAGE), *page = sodium_malloc(VAULT_PAGE);
	bool has = sealed != NULL && page != NULL &&
		   io_pread(vault_fd(vfs->v), sealed, VAULT_PAGE, VAULT_HEADER) == VAULT_PAGE &&
		   seal_open(&vfs->seal, 1, sealed, page) && page[VFS_AT_MODES] == 2;

	sodium_free(page);
	free(sealed);
	return has;
}

/* A notebook that has a WAL leaves no journal.  One that is there was put there, and its header, which nothing
 * authenticates, would have SQLite cut the file or fill it up with pages. */
static bool vfs_not_ours(const struct vfs *vfs, const char *name)
{
	size_t n = vfs->v != NULL ? strlen(vault_path(vfs->v)) : 0;

	return n > 0 && strncmp(name, vault_path(vfs->v), n) == 0 && strcmp(name + n, "-journal") == 0 &&
	       vfs_has_log(vfs);
}

static int vfs_x_access(sqlite3_vfs *p, const char *name, int flags, int *out)
{
	int rc = vfs_self(p)->under->xAccess(vfs_self(p)->under, name, flags, out);

	if (rc == SQLITE_OK && *out && vfs_not_ours(vfs_self(p), name))
		*out = 0;
	return rc;
}

static int vfs_x_full(sqlite3_vfs *p, const char *name, int n, char *out)
{
	return vfs_self(p)->under->xFullPathname(vfs_self(p)->under, name, n, out);
}

static int vfs_x_randomness(sqlite3_vfs *p, int n, char *out)
{
	(void)p;
	randombytes_buf(out, (size_t)n);
	return n;
}

static int vfs_x_sleep(sqlite3_vfs *p, int us)
{
	return vfs_self(p)->under->xSleep(vfs_self(p)->under, us);
}

static int vfs_x_time(sqlite3_vfs *p, double *out)
{
	return vfs_self(p)->under->xCurrentTime(vfs_self(p)->under, out);
}

/* As SQLite, which takes a VFS without the two that follow. */
static int vfs_x_time64(sqlite3_vfs *p, sqlite3_int64 *out)
{
	double days;
	int rc;

	if (vfs_self(p)->under->xCurrentTimeInt64 != NULL)
		return vfs_self(p)->under->xCurrentTimeInt64(vfs_self(p)->under, out);
	rc = vfs_x_time(p, &days);
	*out = (sqlite3_int64)(days * 86400000.0);
	return rc;
}

static int vfs_x_error(sqlite3_vfs *p, int n, char *out)
{
	sqlite3_vfs *under = vfs_self(p)->under;

	return under->xGetLastError != NULL ? under->xGetLastError(under, n, out) : 0;
}

static bool vfs_add(struct vfs *vfs, const char *name, const char *under, struct err *e)
{
	vfs->under = sqlite3_vfs_find(under);
	if (vfs->under == NULL || vfs->under->iVersion < 2)
		return err_set(e, ERR_INTERNAL, "vfs_register", "no VFS to build on");
	snprintf(vfs->name, sizeof vfs->name, "%s", name);
	vfs->base = (sqlite3_vfs){
	    .iVersion = 2,
	    .szOsFile = (int)sizeof(union vfs_any) + vfs->under->szOsFile,
	    .mxPathname = vfs->under->mxPathname,
	    .zName = vfs->name,
	    .xOpen = vfs_x_open,
	    .xDelete = vfs_x_delete,
	    .xAccess = vfs_x_access,
	    .xFullPathname = vfs_x_full,
	    .xRandomness = vfs_x_randomness,
	    .xSleep = vfs_x_sleep,
	    .xCurrentTime = vfs_x_time,
	    .xGetLastError = vfs_x_error,
	    .xCurrentTimeInt64 = vfs_x_time64,
	};
	if (sqlite3_vfs_find(name) != NULL)
		return err_set(e, ERR_EXISTS, "vfs_register", "%s", name);
	return sqlite3_vfs_register(&vfs->base, 0) == SQLITE_OK || err_set(e, ERR_INTERNAL, "vfs_register", "%s", name);
}

bool vfs_register(const char *name, const char *under, struct vault *v, struct err *e)
{
	struct vfs *vfs = calloc(1, sizeof *vfs);

	if (vfs == NULL)
		return err_nomem(e, "vfs_register");
	vfs->v = v;
	if (!seal_init(&vfs->seal, v, e)) {
		free(vfs);
		return false;
	}
	if (vfs_fresh_load(vfs, e) && vfs_add(vfs, name, under, e))
		return true;
	seal_done(&vfs->seal);
	free(vfs);
	return false;
}

bool vfs_register_raw(const char *name, const char *under, const uint8_t key[32], const uint8_t file_id[16],
		      struct err *e)
{
	struct vfs *vfs = calloc(1, sizeof *vfs);

	if (vfs == NULL)
		return err_nomem(e, "vfs_register_raw");
	if (!seal_init_raw(&vfs->seal, key, file_id, e)) {
		free(vfs);
		return false;
	}
	if (vfs_add(vfs, name, under, e))
		return true;
	seal_done(&vfs->seal);
	free(vfs);
	return false;
}

void vfs_unregister(const char *name)
{
	sqlite3_vfs *p = sqlite3_vfs_find(name);

	if (p == NULL || p->xOpen != vfs_x_open)
		return;
	sqlite3_vfs_unregister(p);
	seal_done(&vfs_self(p)->seal);
	free(vfs_self(p)->kept);
	free(vfs_self(p));
}

struct vfs *vfs_of(sqlite3 *db)
{
	sqlite3_vfs *p = NULL;

	if (sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &p) != SQLITE_OK || p == NULL ||
	    p->xOpen != vfs_x_open)
		return NULL;
	return vfs_self(p);
}

void vfs_name_of(const struct vault *v, char name[64])
{
	snprintf(name, 64, "arpent-%p", (const void *)v);
}

struct vfs *vfs_of_vault(const struct vault *v)
{
	char name[64];
	sqlite3_vfs *p;

	vfs_name_of(v, name);
	p = sqlite3_vfs_find(name);
	return p != NULL && p->xOpen == vfs_x_open ? vfs_self(p) : NULL;
}
