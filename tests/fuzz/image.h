/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image - databases of SQLite over the shim, in memory (mem.h), under a raw key, and what pages were ever sealed with
 * that key: recovery must not bring out another one.
 */
#ifndef ARPENT_IMAGE_H
#define ARPENT_IMAGE_H

#include "mem.h"

#include "store/vfs-file.h"

#define IMAGE_SEEN 512

static const uint8_t image_key[32] = {1, 2, 3}, image_id[16] = {4, 5, 6};

static struct image {
	struct seal seal;
	uint64_t seen[IMAGE_SEEN]; /* pages, by number and text */
	size_t n;
	const uint8_t *base; /* what the database is made of before each run; its pages were seen */
	size_t base_n;
} image;

static inline uint64_t image_hash(uint32_t pgno, const uint8_t plain[VAULT_PAGE])
{
	static const uint8_t key[crypto_shorthash_KEYBYTES];
	uint64_t h;

	crypto_shorthash((uint8_t *)&h, plain, SEAL_TEXT, key);
	return h ^ pgno;
}

static inline void image_see(uint32_t pgno, const uint8_t plain[VAULT_PAGE])
{
	must(image.n < IMAGE_SEEN);
	image.seen[image.n++] = image_hash(pgno, plain);
}

/* Every page that opens in n bytes of sealed pages, step bytes apart; pgno: of the first, or 0 when each says its own
 * in the four bytes before it. */
static inline void image_see_all(const uint8_t *p, size_t n, size_t step, uint32_t pgno)
{
	uint8_t plain[VAULT_PAGE];

	for (size_t at = 0; at + VAULT_PAGE <= n; at += step) {
		uint32_t own = pgno ? pgno++ : be32_get(p + at - (step == VFS_FRAME ? 24 : 4));

		must(seal_open(&image.seal, own, p + at, plain));
		image_see(own, plain);
	}
}

/* What opens in the database now is a page that was seen before, or zeros where a gap was filled in; gaps: there may
 * have been one. */
static inline void image_check(bool gaps)
{
	static const uint8_t zeros[VAULT_PAGE];
	const struct mem_data *d = &mem_data[MEM_DB];
	uint8_t plain[VAULT_PAGE];
	uint32_t pgno = 1;

	for (size_t at = VAULT_HEADER; at + VAULT_PAGE <= d->n; at += VAULT_PAGE, pgno++) {
		uint64_t h;
		size_t i = 0;

		if (at + VAULT_PAGE <= image.base_n && memcmp(d->p + at, image.base + at, VAULT_PAGE) == 0)
			continue;
		if (!seal_open(&image.seal, pgno, d->p + at, plain) || (gaps && memcmp(plain, zeros, VAULT_PAGE) == 0))
			continue;
		for (h = image_hash(pgno, plain); i < image.n && image.seen[i] != h;)
			i++;
		must(i < image.n);
	}
}

static inline bool image_run(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* NULL when it cannot be opened. */
static inline sqlite3 *image_open(bool wal)
{
	int reserve = VAULT_RESERVE;
	sqlite3 *db = NULL;

	if (sqlite3_open_v2(MEM_NAME, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "sealed") != SQLITE_OK) {
		sqlite3_close(db);
		return NULL;
	}
	sqlite3_extended_result_codes(db, 1);
	must(sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve) == SQLITE_OK);
	must(!wal || image_run(db, "PRAGMA locking_mode=EXCLUSIVE"));
	return db;
}

static inline void image_start(void)
{
	struct err e = ERR_INIT;

	fuzz_start();
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_initialize();
	mem_start(false);
	must(vfs_register_raw("sealed", "mem", image_key, image_id, &e));
	must(seal_init_raw(&image.seal, image_key, image_id, &e));
}

/* A number that stands for all rows of t; 0 when they cannot be read. */
static inline uint64_t image_rows(sqlite3 *db)
{
	uint64_t h = 0xcbf29ce484222325u;
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT a, b FROM t ORDER BY a", -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const void *b = sqlite3_column_blob(st, 1);
		int n = sqlite3_column_bytes(st, 1);
		uint64_t first = 0;

		memcpy(&first, b ? b : "", b && n >= 8 ? 8 : 0);
		h = (h ^ (uint64_t)sqlite3_column_int64(st, 0) ^ first ^ (uint64_t)n << 40) * 0x100000001b3u;
		rc = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc == SQLITE_DONE ? h | 1 : 0;
}

#endif
