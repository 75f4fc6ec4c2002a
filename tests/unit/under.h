/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * under - a VFS to put under the shim in tests: passes everything on to the default one, notes what goes by, and can
 * promise more than a device does or fail when told to.
 */
#ifndef ARPENT_UNDER_H
#define ARPENT_UNDER_H

#include <string.h>

#include <sqlite3.h>

static struct under {
	sqlite3_vfs base;
	sqlite3_vfs *real;
	int longest;        /* bytes of the longest write */
	int writes;         /* so far */
	int unsynced;       /* writes since the last sync */
	int device;         /* added to the device's characteristics */
	int without;        /* taken from them */
	int sector;         /* 0: the device's */
	int fail_read;      /* the result of every read, when not 0 */
	int fail_write;     /* of every write */
	int fail_size;      /* of every question of size */
	sqlite3_int64 hint; /* the last SIZE_HINT */
} under;

struct under_file {
	sqlite3_file base;
	int tag; /* for a test to tell files apart */
	sqlite3_file *real;
};

#define UNDER(f) (((struct under_file *)(void *)(f))->real)
#define UNDER_TAG(f) (((struct under_file *)(void *)(f))->tag)

static int under_close(sqlite3_file *f)
{
	return UNDER(f)->pMethods->xClose(UNDER(f));
}

static int under_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	return under.fail_read ? under.fail_read : UNDER(f)->pMethods->xRead(UNDER(f), p, n, at);
}

static int under_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	under.writes++;
	under.unsynced++;
	if (n > under.longest)
		under.longest = n;
	return under.fail_write ? under.fail_write : UNDER(f)->pMethods->xWrite(UNDER(f), p, n, at);
}

static int under_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	return UNDER(f)->pMethods->xTruncate(UNDER(f), n);
}

static int under_sync(sqlite3_file *f, int flags)
{
	(void)flags; /* no power is cut in these tests */
	(void)f;
	under.unsynced = 0;
	return SQLITE_OK;
}

static int under_size(sqlite3_file *f, sqlite3_int64 *n)
{
	return under.fail_size ? under.fail_size : UNDER(f)->pMethods->xFileSize(UNDER(f), n);
}

static int under_lock(sqlite3_file *f, int level)
{
	return UNDER(f)->pMethods->xLock(UNDER(f), level);
}

static int under_unlock(sqlite3_file *f, int level)
{
	return UNDER(f)->pMethods->xUnlock(UNDER(f), level);
}

static int under_reserved(sqlite3_file *f, int *out)
{
	return UNDER(f)->pMethods->xCheckReservedLock(UNDER(f), out);
}

static int under_control(sqlite3_file *f, int op, void *arg)
{
	if (op == SQLITE_FCNTL_SIZE_HINT)
		under.hint = *(sqlite3_int64 *)arg;
	return UNDER(f)->pMethods->xFileControl(UNDER(f), op, arg);
}

static int under_sector(sqlite3_file *f)
{
	return under.sector ? under.sector : UNDER(f)->pMethods->xSectorSize(UNDER(f));
}

static int under_device(sqlite3_file *f)
{
	return (UNDER(f)->pMethods->xDeviceCharacteristics(UNDER(f)) | under.device) & ~under.without;
}

static int under_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	static const sqlite3_io_methods methods = {1,
						   under_close,
						   under_read,
						   under_write,
						   under_truncate,
						   under_sync,
						   under_size,
						   under_lock,
						   under_unlock,
						   under_reserved,
						   under_control,
						   under_sector,
						   under_device,
						   NULL,
						   NULL,
						   NULL,
						   NULL,
						   NULL,
						   NULL};
	int rc;

	(void)v;
	UNDER(f) = (sqlite3_file *)(void *)((struct under_file *)(void *)f + 1);
	rc = under.real->xOpen(under.real, name, UNDER(f), flags, out);
	f->pMethods = rc == SQLITE_OK ? &methods : NULL;
	return rc;
}

/* Registers it as "under"; again, only forgets what was noted. */
static void under_start(void)
{
	sqlite3_vfs *real = sqlite3_vfs_find(NULL), base = under.base;

	memset(&under, 0, sizeof under);
	under.real = real;
	under.base = base;
	if (base.zName != NULL)
		return;
	under.base = *real;
	under.base.zName = "under";
	under.base.pNext = NULL;
	under.base.szOsFile = real->szOsFile + (int)sizeof(struct under_file);
	under.base.xOpen = under_open;
	sqlite3_vfs_register(&under.base, 0);
}

#endif
