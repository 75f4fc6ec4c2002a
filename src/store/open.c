/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, opening and closing a notebook; its clock, its identity, its small named values. */
#include "store/db.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arpent/vfs.h"

#define OPEN_SEED 32

static void open_clock(void *ctx, struct moment *out)
{
	(void)ctx;
	moment_now(out);
}

static struct store *open_new(struct vault *v, struct err *e)
{
	struct store *s = calloc(1, sizeof *s);

	if (!s) {
		err_nomem(e, __func__);
		return NULL;
	}
	s->vault = v;
	s->now = open_clock;
	return s;
}

/* Where this device came back from an older copy of itself, its changes go on in a stream of another id. */
static bool open_stream(struct store *s, struct err *e)
{
	struct buf id = BUF_INIT;
	struct err none = ERR_INIT;
	bool has = store_meta_get(s, "stream", &id, &none), ok = has || none.code == ERR_NOT_FOUND;

	if (!ok)
		*e = none;
	if (has && id.len == ID_BYTES)
		memcpy(s->device.b, id.p, ID_BYTES);
	buf_done(&id);
	return ok;
}

/* The device id is the first 16 bytes of BLAKE2b-256 of the signing public key. */
static bool open_device(struct store *s, struct err *e)
{
	struct secret sign = SECRET_INIT, box = SECRET_INIT, key = SECRET_INIT;
	unsigned char public[crypto_sign_PUBLICKEYBYTES], hash[32];
	bool ok = false;

	if (!store_self(s, &sign, &box, e) || !secret_alloc(&key, crypto_sign_SECRETKEYBYTES, e))
		goto out;
	crypto_sign_seed_keypair(public, key.p, sign.p);
	crypto_generichash(hash, sizeof hash, public, sizeof public, NULL, 0);
	memcpy(s->device.b, hash, ID_BYTES);
	ok = open_stream(s, e);
out:
	secret_free(&sign);
	secret_free(&box);
	secret_free(&key);
	return ok;
}

/* What the next change is counted and dated from. */
static bool open_counters(struct store *s, struct err *e)
{
	int64_t count = 0, hlc = 0;

	if (!db_int(s, &count, e, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'count'", "") ||
	    !db_int(s, &hlc, e, "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'clock'", ""))
		return false;
	s->count = (uint64_t)count;
	s->hlc = (uint64_t)hlc;
	return true;
}

static bool open_identity(struct store *s, struct err *e)
{
	struct secret seeds = SECRET_INIT;
	bool ok;

	if (!secret_alloc(&seeds, 2 * OPEN_SEED, e))
		return false;
	randombytes_buf(seeds.p, 2 * OPEN_SEED);
	ok = store_meta_set(s, "self", seeds.p, 2 * OPEN_SEED, e);
	secret_free(&seeds);
	return ok;
}

/* Nothing depends on it: where it cannot be written, an older copy will not be noticed. */
static void open_seen(struct store *s)
{
	struct moment now;
	struct err e = ERR_INIT;

	store_now(s, &now);
	if (!latest_keep(s->vault, moment_unix(&now), &e))
		sqlite3_log(SQLITE_WARNING, "not kept as seen: %s", e.detail);
}

void store_discard(struct store *s, const char *path)
{
	static const char *const ends[] = {"", "-wal", "-journal"};
	char name[PATH_MAX];

	store_close(s);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (snprintf(name, sizeof name, "%s%s", path, ends[i]) < (int)sizeof name)
			(void)unlink(name);
}

/* Made under a name of its own up to here, a notebook is whole when it gets the one it was given. */
static bool open_name(struct store *s, struct err *e)
{
	const char *part = vault_path(s->vault);
	char *path = str_ndup(part, (size_t)(strrchr(part, '.') - part));
	bool moved, ok;

	if (!path)
		return err_nomem(e, __func__);
	db_statements_free(s);
	vfs_close(s->vault, s->db);
	s->db = NULL;
	ok = vault_rename(s->vault, path, false, &moved, e);
	if (ok)
		vault_say_who(s->vault);
	free(path);
	return ok && vfs_open(s->vault, NULL, &s->db, e) && db_start(s, e);
}

bool store_create(const char *path, const struct vault_key *key, const struct vault_cost *cost, const char *lang,
		  struct store **out, struct secret *words, struct err *e)
{
	struct vault *v = NULL;
	struct store *s = NULL;
	struct stat st;
	char *part, made[PATH_MAX] = "";
	bool ok = false;

	*out = NULL;
	if (lstat(path, &st) == 0)
		return err_set(e, ERR_EXISTS, __func__, "%s", path);
	if (asprintf(&part, "%s.%08x", path, (unsigned)randombytes_random()) < 0)
		return err_nomem(e, __func__);
	if (!vault_create(part, key, cost, lang, &v, words, e) || !(s = open_new(v, e)))
		goto out;
	v = NULL;
	ok = vfs_open(s->vault, NULL, &s->db, e) && db_start(s, e) && schema_make(s, e) && open_identity(s, e) &&
	     open_device(s, e) && open_name(s, e);
out:
	if (ok) {
		*out = s;
	} else {
		if (s)
			snprintf(made, sizeof made, "%s", vault_path(s->vault));
		vault_close(v);
		store_discard(s, made[0] ? made : part);
		secret_free(words);
	}
	free(part);
	return ok;
}

bool store_open(const char *path, const struct vault_key *key, struct store **out, struct err *e)
{
	struct err why = ERR_INIT;
	struct vault *v = NULL;
	struct store *s;

	*out = NULL;
	if (!vault_open(path, key, true, &v, e))
		return false;
	if (!(s = open_new(v, e))) {
		vault_close(v);
		return false;
	}
	s->older = latest_read(v, &s->newer, &why) && latest_is_newer(&s->newer, v);
	if (why.code == ERR_NOMEM)
		(void)err_nomem(e, __func__);
	else if (vfs_open(v, NULL, &s->db, e) && db_start(s, e) && schema_check(s, e) && open_device(s, e) &&
		 open_counters(s, e)) {
		open_seen(s);
		*out = s;
		return true;
	}
	store_close(s);
	return false;
}

void store_close(struct store *s)
{
	struct err e = ERR_INIT;

	if (!s)
		return;
	if (s->step.open)
		store_step_cancel(s);
	if (!store_tidy(s, &e))
		sqlite3_log(SQLITE_WARNING, "not tidied: %s", e.detail);
	db_statements_free(s);
	names_forget(s, NULL);
	if (s->db) {
		vfs_close(s->vault, s->db);
		open_seen(s);
	}
	vault_close(s->vault);
	free(s);
}

const struct latest *store_older_than(const struct store *s)
{
	return s->older ? &s->newer : NULL;
}

const char *store_log_kept(const struct store *s)
{
	return vfs_log_kept(s->vault);
}

bool store_log_stray(const struct store *s)
{
	return vfs_log_stray(s->vault);
}

bool store_scan(struct store *s, bool *more, struct err *e)
{
	return vfs_scan(s->vault, more, e);
}

struct vault *store_vault(struct store *s)
{
	return s->vault;
}

const struct id *store_device(const struct store *s)
{
	return &s->device;
}

void store_now(struct store *s, struct moment *out)
{
	s->now(s->now_ctx, out);
}

void store_set_clock(struct store *s, void (*now)(void *ctx, struct moment *out), void *ctx)
{
	s->now = now;
	s->now_ctx = ctx;
}

bool store_meta_get(struct store *s, const char *key, struct buf *out, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT value FROM meta WHERE key = ?", "t", key))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && row)
		buf_add(out, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	else if (ok)
		ok = err_set(e, ERR_NOT_FOUND, __func__, "%s", key);
	db_end(s, st);
	return ok && buf_ok(out, e);
}

bool store_meta_secret(struct store *s, const char *key, struct secret *out, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT value FROM meta WHERE key = ?", "t", key))
		return false;
	ok = db_next(s, st, &row, e) && (row || err_set(e, ERR_NOT_FOUND, __func__, "%s", key)) &&
	     secret_set(out, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0), e);
	db_end(s, st);
	return ok;
}

bool store_meta_set(struct store *s, const char *key, const void *p, size_t n, struct err *e)
{
	if (!p)
		return db_run(s, e, "DELETE FROM meta WHERE key = ?", "t", key);
	return db_run(s, e,
		      "INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
		      "tb", key, p, n);
}

bool store_meta_each(struct store *s, const char *prefix,
		     bool (*cb)(void *ctx, const char *key, const void *p, size_t n), void *ctx, struct err *e)
{
	size_t len = strlen(prefix);
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT key, value FROM meta WHERE key >= ? ORDER BY key", "t", prefix))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row) {
		const char *key = db_text(st, 0);
		const void *p = sqlite3_column_blob(st, 1);
		if (strncmp(key, prefix, len) != 0 || !cb(ctx, key, p ? p : "", (size_t)sqlite3_column_bytes(st, 1)))
			break;
	}
	db_end(s, st);
	return ok;
}

bool store_self(struct store *s, struct secret *sign_seed, struct secret *box_seed, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;

	if (!db_query(s, &st, e, "SELECT value FROM meta WHERE key = 'self'", ""))
		return false;
	ok = db_next(s, st, &row, e);
	if (ok && (!row || sqlite3_column_bytes(st, 0) != 2 * OPEN_SEED))
		ok = err_set(e, ERR_DAMAGED, __func__, "identity");
	if (ok) {
		const unsigned char *p = sqlite3_column_blob(st, 0);
		ok = secret_set(sign_seed, p, OPEN_SEED, e) && secret_set(box_seed, p + OPEN_SEED, OPEN_SEED, e);
		if (!ok)
			secret_free(sign_seed);
	}
	db_end(s, st);
	return ok;
}
