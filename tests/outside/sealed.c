/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sealed.so - the shim for programs that know nothing of it: loaded with LD_PRELOAD (or sqlite3_load_extension), it
 * registers the VFS "sealed" under a fixed key, makes it the default, and reserves its bytes in each new connection.
 *
 * SEALED_PRAGMA in the environment: what each connection executes first, such as "PRAGMA locking_mode=EXCLUSIVE".
 * For tests and measurements: the key is no secret.
 */
#include <stdlib.h>

#include <sodium.h>
#include <sqlite3.h>

#include "arpent/vfs.h"

#define SEALED_PUBLIC __attribute__((visibility("default")))

SEALED_PUBLIC int sqlite3_sealed_init(sqlite3 *db, char **msg, const void *api);

static int (*sealed_vfs_open)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out);

static int sealed_connection(sqlite3 *db, const char **msg, const void *api)
{
	const char *pragma = getenv("SEALED_PRAGMA");
	int reserve = VAULT_RESERVE;

	(void)msg;
	(void)api;
	(void)sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	return pragma != NULL ? sqlite3_exec(db, pragma, NULL, NULL, NULL) : SQLITE_OK;
}

/* Extensions are asked after the file is open, and forgotten by sqlite3_shutdown(): so here, each time. */
static int sealed_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	if (flags & SQLITE_OPEN_MAIN_DB)
		(void)sqlite3_auto_extension((void (*)(void))sealed_connection);
	return sealed_vfs_open(vfs, name, file, flags, out);
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
	sealed_vfs_open = vfs->xOpen;
	vfs->xOpen = sealed_open;
	return sqlite3_vfs_register(vfs, 1) == SQLITE_OK;
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
