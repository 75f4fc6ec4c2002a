/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mem - a VFS in memory to put under the shim: three files (a database, its WAL, its journal), no locks, no device.
 * A database that is not there yet is read from the disk, if it has it.
 */
#ifndef ARPENT_MEM_H
#define ARPENT_MEM_H

#include <sqlite3.h>

#include "fuzz.h"

#define MEM_NAME "/f"
#ifndef MEM_MAX
#define MEM_MAX (4u << 20) /* bytes of a file: a full disk beyond */
#endif

enum mem_which { MEM_DB, MEM_WAL, MEM_JOURNAL, MEM_FILES };

static struct mem_data {
	bool there;
	size_t n;
	uint8_t p[MEM_MAX];
} mem_data[MEM_FILES];

struct mem_file {
	sqlite3_file base;
	struct mem_data *d;
};

static struct mem_data *mem_named(const char *name)
{
	static const char *const ends[] = {"-journal", "-wal"};
	size_t n = strlen(name);

	for (size_t i = 0; i < 2; i++)
		if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return &mem_data[MEM_JOURNAL - i];
	return &mem_data[MEM_DB];
}

static inline void mem_put(enum mem_which which, const void *p, size_t n)
{
	must(n <= MEM_MAX);
	memcpy(mem_data[which].p, p, n);
	mem_data[which].n = n;
	mem_data[which].there = true;
}

static int mem_close(sqlite3_file *f)
{
	(void)f;
	return SQLITE_OK;
}

static int mem_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
	const struct mem_data *d = ((struct mem_file *)f)->d;
	size_t want = (size_t)n, got = at < (sqlite3_int64)d->n ? d->n - (size_t)at : 0;

	must(n >= 0 && at >= 0);
	got = got < want ? got : want;
	memcpy(p, d->p + (got ? at : 0), got);
	memset((uint8_t *)p + got, 0, want - got);
	return got == want ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static void mem_size_set(struct mem_data *d, size_t n)
{
	if (n > d->n)
		memset(d->p + d->n, 0, n - d->n);
	d->n = n;
}

static int mem_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	struct mem_data *d = ((struct mem_file *)f)->d;

	must(n >= 0 && at >= 0);
	if (at + n > MEM_MAX)
		return SQLITE_FULL;
	if ((size_t)at > d->n)
		mem_size_set(d, (size_t)at);
	memcpy(d->p + at, p, (size_t)n);
	d->n = d->n > (size_t)(at + n) ? d->n : (size_t)(at + n);
	return SQLITE_OK;
}

static int mem_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	if (n > MEM_MAX)
		return SQLITE_FULL;
	mem_size_set(((struct mem_file *)f)->d, (size_t)n);
	return SQLITE_OK;
}

static int mem_size(sqlite3_file *f, sqlite3_int64 *n)
{
	*n = (sqlite3_int64)((struct mem_file *)f)->d->n;
	return SQLITE_OK;
}

static int mem_int(sqlite3_file *f, int unused)
{
	(void)f;
	(void)unused;
	return SQLITE_OK;
}

static int mem_reserved(sqlite3_file *f, int *out)
{
	(void)f;
	*out = 0;
	return SQLITE_OK;
}

static int mem_control(sqlite3_file *f, int op, void *arg)
{
	(void)f;
	(void)op;
	(void)arg;
	return SQLITE_NOTFOUND;
}

static int mem_sector(sqlite3_file *f)
{
	(void)f;
	return 512;
}

static int mem_device(sqlite3_file *f)
{
	(void)f;
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods mem_methods = {
    .iVersion = 1,
    .xClose = mem_close,
    .xRead = mem_read,
    .xWrite = mem_write,
    .xTruncate = mem_truncate,
    .xSync = mem_int,
    .xFileSize = mem_size,
    .xLock = mem_int,
    .xUnlock = mem_int,
    .xCheckReservedLock = mem_reserved,
    .xFileControl = mem_control,
    .xSectorSize = mem_sector,
    .xDeviceCharacteristics = mem_device,
};

static int mem_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct mem_data *d = mem_named(name);

	(void)v;
	f->pMethods = NULL;
	if (!d->there) {
		FILE *disk = flags & SQLITE_OPEN_MAIN_DB ? fopen(name, "r") : NULL;

		if (!disk && !(flags & SQLITE_OPEN_CREATE))
			return SQLITE_CANTOPEN;
		d->n = disk ? fread(d->p, 1, MEM_MAX, disk) : 0;
		d->there = true;
		if (disk)
			fclose(disk);
	}
	((struct mem_file *)f)->d = d;
	f->pMethods = &mem_methods;
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int mem_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	struct mem_data *d = mem_named(name);

	(void)v;
	(void)sync_dir;
	if (!d->there)
		return SQLITE_IOERR_DELETE_NOENT;
	d->there = false;
	return SQLITE_OK;
}

static int mem_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
	const struct mem_data *d = mem_named(name);

	(void)v;
	(void)flags;
	*out = d->there;
	return SQLITE_OK;
}

static int mem_full_path(sqlite3_vfs *v, const char *name, int n, char *out)
{
	(void)v;
	sqlite3_snprintf(n, out, "%s", name);
	return SQLITE_OK;
}

static int mem_randomness(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	fuzz_random_buf(out, (size_t)n);
	return n;
}

static int mem_sleep(sqlite3_vfs *v, int us)
{
	(void)v;
	return us;
}

static int mem_time(sqlite3_vfs *v, double *out)
{
	(void)v;
	*out = 2461368.5;
	return SQLITE_OK;
}

static int mem_time64(sqlite3_vfs *v, sqlite3_int64 *out)
{
	(void)v;
	*out = 2461368 * (sqlite3_int64)86400000;
	return SQLITE_OK;
}

static int mem_error(sqlite3_vfs *v, int n, char *out)
{
	(void)v;
	(void)n;
	(void)out;
	return 0;
}

static inline void mem_start(bool standard) /* for every database of which nothing else is said */
{
	static sqlite3_vfs base = {
	    .iVersion = 2,
	    .szOsFile = sizeof(struct mem_file),
	    .mxPathname = 512,
	    .zName = "mem",
	    .xOpen = mem_open,
	    .xDelete = mem_delete,
	    .xAccess = mem_access,
	    .xFullPathname = mem_full_path,
	    .xRandomness = mem_randomness,
	    .xSleep = mem_sleep,
	    .xCurrentTime = mem_time,
	    .xGetLastError = mem_error,
	    .xCurrentTimeInt64 = mem_time64,
	};

	must(sqlite3_vfs_register(&base, standard) == SQLITE_OK);
}

#endif
