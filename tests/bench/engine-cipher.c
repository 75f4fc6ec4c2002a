/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SQLCipher with a raw key, pages of 4096 bytes, and the FTS5 of its own sources: its package is built without. */
#include <stdio.h>

#include "work.h"

int sqlite3Fts5Init(sqlite3 *db);

static const char *cipher_path;
static long cipher_cache;

bool engine_start(const char *name, const char *path, long cache)
{
	(void)name;
	cipher_path = path;
	cipher_cache = cache;
	return true;
}

sqlite3 *engine_open(void)
{
	sqlite3 *db;
	char sql[400];

	snprintf(sql, sizeof sql,
		 "PRAGMA key=\"x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'\";"
		 "PRAGMA cipher_page_size=4096; PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL;"
		 "PRAGMA temp_store=MEMORY; PRAGMA journal_mode=WAL; PRAGMA cache_size=-%ld",
		 cipher_cache / 1024);
	if (sqlite3_open(cipher_path, &db) == SQLITE_OK && sqlite3Fts5Init(db) == SQLITE_OK &&
	    sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return db;
	fprintf(stderr, "SQLCipher: %s\n", sqlite3_errmsg(db));
	return NULL;
}

void engine_close(sqlite3 *db)
{
	sqlite3_close(db);
}

void engine_pages(uint64_t *sealed, uint64_t *opened)
{
	*sealed = *opened = 0;
}

bool engine_aead(double *seal, double *open)
{
	(void)seal;
	(void)open;
	return false;
}
