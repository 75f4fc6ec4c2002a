/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sealed.so - the shim for programs that know nothing of it: loaded with LD_PRELOAD (or sqlite3_load_extension), it
 * registers the VFS "sealed" under a fixed key, and makes it the default.
 *
 * SEALED_PRAGMA in the environment: what each connection executes first, such as "PRAGMA locking_mode=EXCLUSIVE".
 * SEALED_UNDER: the name of the VFS that "sealed" is to be over from the next call on, such as one that simulates
 * faults; "" for the default.  "sealed" is not made the default then.
 * For tests and measurements: the key is no secret.
 */
#include <stdlib.h>

#include <sodium.h>

#include "store/vfs-file.h"

#define SEALED_PUBLIC __attribute__((visibility("default")))
#define SEALED_ROOM 4096 /* bytes for what the file of a VFS underneath may need beyond the system's */

SEALED_PUBLIC int sqlite3_sealed_init(sqlite3 *db, char **msg, const void *api);

static sqlite3_vfs sealed; /* as registered by the shim */

/* The shim over the VFS that is wanted now: those of tests come and go. */
static sqlite3_vfs *sealed_vfs(sqlite3_vfs *vfs)
{
	const char *name = getenv("SEALED_UNDER");
	sqlite3_vfs *under = NULL;

	if (name == NULL)
		return vfs;
	if (*name != '\0')
		under = sqlite3_vfs_find(name);
	if (under == NULL)
		under = sqlite3_vfs_find(NULL);
	if (under == vfs)
		under = sqlite3_vfs_find("unix");
	((struct vfs *)vfs)->under = under;
	return vfs;
}

static int sealed_connection(sqlite3 *db, const char **msg, const void *api)
{
	const char *pragma = getenv("SEALED_PRAGMA");

	(void)msg;
	(void)api;
	return pragma != NULL ? sqlite3_exec(db, pragma, NULL, NULL, NULL) : SQLITE_OK;
}

/* Extensions are asked after the file is open, and forgotten by sqlite3_shutdown(): so here, each time. */
static int sealed_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	if ((flags & SQLITE_OPEN_MAIN_DB) && getenv("SEALED_PRAGMA") != NULL)
		(void)sqlite3_auto_extension((void (*)(void))sealed_connection);
	return sealed.xOpen(sealed_vfs(vfs), name, file, flags, out);
}

static int sealed_delete(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
	return sealed.xDelete(sealed_vfs(vfs), name, sync_dir);
}

static int sealed_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
	return sealed.xAccess(sealed_vfs(vfs), name, flags, out);
}

static int sealed_full(sqlite3_vfs *vfs, const char *name, int n, char *out)
{
	return sealed.xFullPathname(sealed_vfs(vfs), name, n, out);
}

static int sealed_time(sqlite3_vfs *vfs, sqlite3_int64 *now)
{
	return sealed.xCurrentTimeInt64(sealed_vfs(vfs), now);
}

static bool sealed_register(void)
{
	static const uint8_t key[32] = {'n', 'o', ' ', 's', 'e', 'c', 'r', 'e', 't'},
			     id[16] = {'o', 'u', 't', 's', 'i', 'd', 'e'};
	sqlite3_vfs *vfs;
	struct err e = ERR_INIT;

	if (sqlite3_vfs_find("sealed") != NULL)
		return true;
	if (sodium_init() < 0 || !vfs_register_raw("sealed", NULL, key, id, &e))
		return false;
	vfs = sqlite3_vfs_find("sealed");
	sealed = *vfs;
	vfs->szOsFile += SEALED_ROOM;
	vfs->xOpen = sealed_open;
	vfs->xDelete = sealed_delete;
	vfs->xAccess = sealed_access;
	vfs->xFullPathname = sealed_full;
	vfs->xCurrentTimeInt64 = sealed_time;
	return sqlite3_vfs_register(vfs, getenv("SEALED_UNDER") == NULL) == SQLITE_OK;
}

__attribute__((constructor)) static void sealed_load(void)
{
	if (!sealed_register())
		abort();
}

int sqlite3_sealed_init(sqlite3 *db, char **msg, const void *api)
{
	(void)db;
	(void)msg;
	(void)api;
	return sealed_register() ? SQLITE_OK : SQLITE_ERROR;
}
