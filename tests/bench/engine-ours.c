/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plain: SQLite alone.  ours: the shim, as a notebook is opened.  bare: the shim with seal.c taken out, which is what
 * the shim costs besides cryptography.
 *
 * Linked with --wrap, so that every call of seal.c goes by here and is counted.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <sodium.h>

#include "arpent/seal.h"
#include "arpent/vfs.h"
#include "work.h"

static enum { PLAIN, OURS, BARE } engine;
static const char *engine_path;
static long engine_cache;
static struct vault *engine_vault;
static uint64_t engine_sealed, engine_opened;

void __real_seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE]);
bool __real_seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE]);
void __real_seal_link(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t head[16],
		      const uint8_t tag[SEAL_TAG]);
void __real_seal_sum(const struct seal *s, uint8_t sum[SEAL_SUM], uint32_t pgno, const uint8_t trailer[VAULT_RESERVE],
		     bool add);
void __wrap_seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE]);
bool __wrap_seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE]);
void __wrap_seal_link(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t head[16],
		      const uint8_t tag[SEAL_TAG]);
void __wrap_seal_sum(const struct seal *s, uint8_t sum[SEAL_SUM], uint32_t pgno, const uint8_t trailer[VAULT_RESERVE],
		     bool add);

void __wrap_seal_page(struct seal *s, uint32_t pgno, const uint8_t *page, uint8_t out[VAULT_PAGE])
{
	engine_sealed++;
	if (engine == BARE)
		memcpy(out, page, VAULT_PAGE);
	else
		__real_seal_page(s, pgno, page, out);
}

bool __wrap_seal_open(const struct seal *s, uint32_t pgno, const uint8_t in[VAULT_PAGE], uint8_t out[VAULT_PAGE])
{
	engine_opened++;
	if (engine != BARE)
		return __real_seal_open(s, pgno, in, out);
	memcpy(out, in, VAULT_PAGE);
	return true;
}

void __wrap_seal_link(const struct seal *s, uint8_t link[SEAL_LINK], const uint8_t head[16],
		      const uint8_t tag[SEAL_TAG])
{
	if (engine != BARE)
		__real_seal_link(s, link, head, tag);
}

void __wrap_seal_sum(const struct seal *s, uint8_t sum[SEAL_SUM], uint32_t pgno, const uint8_t trailer[VAULT_RESERVE],
		     bool add)
{
	if (engine != BARE)
		__real_seal_sum(s, sum, pgno, trailer, add);
}

bool engine_start(const char *name, const char *path, long cache)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct err e = ERR_INIT;
	bool ok;

	engine = strcmp(name, "plain") == 0 ? PLAIN : strcmp(name, "ours") == 0 ? OURS : BARE;
	engine_path = path;
	engine_cache = cache;
	if (engine == PLAIN)
		return true;
	ok = vfs_start((size_t)cache + (size_t)cache / 8, &e) && secret_set(&pass, "bench", 5, &e) &&
	     vault_create(path, &key, &VAULT_COST_TEST, "en", &engine_vault, &words, &e);
	secret_free(&pass);
	secret_free(&words);
	if (!ok)
		fprintf(stderr, "%s: %s: %s\n", name, e.where, e.detail);
	return ok;
}

sqlite3 *engine_open(void)
{
	struct err e = ERR_INIT;
	sqlite3 *db;
	char sql[200];

	if (engine != PLAIN && !vfs_open(engine_vault, NULL, &db, &e)) {
		fprintf(stderr, "open: %s: %s\n", e.where, e.detail);
		return NULL;
	}
	if (engine == PLAIN && sqlite3_open(engine_path, &db) != SQLITE_OK)
		return NULL;
	snprintf(sql, sizeof sql, "%s PRAGMA cache_size=-%ld",
		 engine == PLAIN ? "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
				   "PRAGMA cell_size_check=ON; PRAGMA journal_mode=WAL;"
				 : "",
		 engine_cache / 1024);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return NULL;
	return db;
}

void engine_close(sqlite3 *db)
{
	if (engine == PLAIN)
		sqlite3_close(db);
	else
		vfs_close(engine_vault, db);
}

void engine_pages(uint64_t *sealed, uint64_t *opened)
{
	*sealed = engine_sealed;
	*opened = engine_opened;
}

static double engine_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* By libsodium's own call for it, over one page again and again. */
bool engine_aead(double *seal, double *open)
{
	enum { TIMES = 20000 };
	static uint8_t plain[VAULT_PAGE], sealed[VAULT_PAGE], key[32], nonce[24];
	double t;
	int bad = 0;

	if (engine != OURS)
		return false;
	t = engine_us();
	for (int i = 0; i < TIMES; i++)
		crypto_aead_xchacha20poly1305_ietf_encrypt_detached(sealed, sealed + SEAL_TEXT, NULL, plain, SEAL_TEXT,
								    key, 20, NULL, nonce, key);
	*seal = (engine_us() - t) / TIMES;
	t = engine_us();
	for (int i = 0; i < TIMES; i++)
		bad |= crypto_aead_xchacha20poly1305_ietf_decrypt_detached(plain, NULL, sealed, SEAL_TEXT,
									   sealed + SEAL_TEXT, key, 20, nonce, key);
	*open = (engine_us() - t) / TIMES;
	return bad == 0;
}
