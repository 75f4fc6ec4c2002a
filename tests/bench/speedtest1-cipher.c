/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLite's speedtest1 (found with -I) on SQLCipher, opened as engine-cipher.c opens it. */
#include <stddef.h>

#include <sqlite3.h>

#define SQLITE_FCNTL_RESERVE_BYTES 38 /* later than SQLCipher's SQLite */

static int cipher_open(const char *name, sqlite3 **db, int flags, const char *vfs)
{
	int rc = sqlite3_open_v2(name, db, flags, vfs);

	return rc != SQLITE_OK ? rc
			       : sqlite3_exec(*db,
					      "PRAGMA key=\"x'000102030405060708090a0b0c0d0e0f"
					      "101112131415161718191a1b1c1d1e1f'\"; PRAGMA cipher_page_size=4096",
					      NULL, NULL, NULL);
}

#define sqlite3_open_v2 cipher_open
#include "speedtest1.c"
