/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/inbox.h"
#include "arpent/io.h"
#include "arpent/vfs.h"
#include "disk.h"
#include "cut.h"
#include "store/db.h"
#include "work-raw.h"

static const char *const work_passes[] = {"essai", "un autre"};
static uint64_t work_random_state;

/* Deriving a key takes longer than all the rest of a cut together, and is not what is tried here. */
int crypto_pwhash(unsigned char *const out, unsigned long long n, const char *const pass, unsigned long long len,
		  const unsigned char *const salt, unsigned long long ops, size_t mem, int alg)
{
	(void)ops, (void)mem, (void)alg;
	return crypto_generichash(out, (size_t)n, (const unsigned char *)pass, len, salt, crypto_pwhash_SALTBYTES);
}

/* Nothing of the machine comes into the files: the same work is the same bytes everywhere. */
time_t time(time_t *out)
{
	const time_t then = 1795000000; /* 2026-11-18 */

	if (out != NULL)
		*out = then;
	return then;
}

pid_t getpid(void)
{
	return 4242;
}

int gethostname(char *name, size_t n)
{
	snprintf(name, n, "terrain");
	return 0;
}

static const char *work_random_name(void)
{
	return "work";
}

static uint32_t work_random_number(void)
{
	return (uint32_t)cut_random(&work_random_state);
}

static void work_random_buf(void *const p, const size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)(cut_random(&work_random_state) >> 8);
}

void work_seed(struct work_run *w, uint64_t seed)
{
	static struct randombytes_implementation random = {
	    .implementation_name = work_random_name, .random = work_random_number, .buf = work_random_buf};
	struct rlimit limit;
	struct err e = ERR_INIT;

	/* The page cache has its full size, however little may be locked. */
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
		limit.rlim_cur = 0;
		(void)setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	work_random_state = seed;
	randombytes_set_implementation(&random);
	if (!vfs_start(VFS_CACHE, &e))
		exit(99);
	/* 0 would be no seed. */
	(void)sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, (int)(cut_random(&seed) >> 34) + 1, (sqlite3 *)NULL);
	w->ms = 1795000000000;
}

static void work_now(void *ctx, struct moment *out)
{
	struct work_run *w = ctx;

	w->ms += 1000;
	moment_from_unix(w->ms, 60, out);
}

void work_state(const char *folder)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/.state", folder);
	setenv("XDG_STATE_HOME", path, 1);
}

static bool work_open_with(struct work_run *w, int pass, struct err *e)
{
	struct secret secret = SECRET_INIT;
	const struct vault_key key = {.passphrase = &secret};
	bool ok =
	    secret_set(&secret, work_passes[pass], strlen(work_passes[pass]), e) && store_open(w->path, &key, &w->s, e);

	secret_free(&secret);
	if (ok)
		store_set_clock(w->s, work_now, w);
	return ok;
}

bool work_open(struct work_run *w, struct err *e)
{
	if (w->work->journal != NULL)
		return raw_open(w, e);
	if (w->work->fresh)
		return true;
	return work_open_with(w, 0, e) && db_exec(w->s, "PRAGMA wal_autocheckpoint=40", e);
}

bool work_reopen(struct work_run *w, int i, struct err *e)
{
	if (w->work->journal != NULL)
		return raw_open(w, e);
	if (access(w->path, F_OK) != 0 || work_open_with(w, w->pass[i], e))
		return true;
	if (!w->either || e->code != ERR_WRONG_KEY || !work_open_with(w, w->pass[i + 1], e))
		return false;
	w->pass[i] = w->pass[i + 1];
	return true;
}

void work_close(struct work_run *w)
{
	if (w->work->journal != NULL)
		raw_close(w);
	store_close(w->s);
	w->s = NULL;
}

void work_done(struct work_run *w)
{
	work_close(w);
	for (size_t i = 0; i < sizeof w->word_text / sizeof *w->word_text; i++)
		secret_free(&w->word_text[i]);
}

static bool work_record(struct work_run *w, int n, int size, struct id *id, struct err *e)
{
	char text[4096];
	int len = snprintf(text, sizeof text, "Note %d\n", n);

	for (; len < size; len++)
		text[len] = (char)(len % 60 == 0 ? '\n' : len % 7 == 0 ? ' ' : 'a' + (len * n + len / 13) % 26);
	text[len] = '\0';
	return store_new(w->s, "note", &(struct want){.key = "text", .text = text, .is_text = true}, 1, id, e);
}

static bool work_create(struct work_run *w, struct err *e)
{
	struct secret secret = SECRET_INIT;
	const struct vault_key key = {.passphrase = &secret};
	bool ok = secret_set(&secret, work_passes[0], strlen(work_passes[0]), e) &&
		  store_create(w->path, &key, &VAULT_COST_TEST, "fr", &w->s, &w->word_text[0], e);

	secret_free(&secret);
	if (ok)
		store_set_clock(w->s, work_now, w);
	return ok;
}

void work_base(const char *folder)
{
	struct work_run w = {.work = works};
	struct err e = ERR_INIT;
	struct id id;
	bool ok;

	work_seed(&w, 1);
	work_state(folder);
	snprintf(w.path, sizeof w.path, "%s/n.arpent", folder);
	ok = work_create(&w, &e);
	for (int i = 0; ok && i < 12; i++)
		ok = work_record(&w, i, 300, &id, &e);
	work_done(&w);
	if (!ok) {
		printf("# the first notebook: %s: %s\n", e.where, e.detail);
		exit(99);
	}
}

void work_copy(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char path[PATH_MAX];
	bool ok = d != NULL;

	for (struct dirent *entry; ok && (entry = readdir(d)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		buf_clear(&b);
		ok = snprintf(path, sizeof path, "%s/%s", from, entry->d_name) < (int)sizeof path &&
		     io_read_file(path, SIZE_MAX / 2, &b, &e) &&
		     snprintf(path, sizeof path, "%s/%s", to, entry->d_name) < (int)sizeof path &&
		     io_write_file(path, b.p, b.len, true, &e);
	}
	if (!ok)
		exit(99);
	closedir(d);
	buf_done(&b);
}

/* The steps. */

static bool step_log(struct work_run *w, int i, struct err *e)
{
	return work_record(w, i, i % 3 == 2 ? 3000 : 400, &w->id, e);
}

static bool step_edit(struct work_run *w, int i, struct err *e)
{
	struct step_info info;
	char text[2048];

	if (i == 0)
		return work_record(w, i, 300, &w->id, e);
	switch (i % 6) {
	case 3:
		return store_delete(w->s, &w->id, e);
	case 4:
		return store_restore(w->s, &w->id, e);
	case 5:
		return store_undo(w->s, &info, e) || (w->again && e->code == ERR_NOT_FOUND);
	case 0:
		return store_redo(w->s, &info, e) || (w->again && e->code == ERR_NOT_FOUND);
	}
	snprintf(text, sizeof text, "Modifiée %d fois %0*d", i, i * 90, i);
	return store_edit(w->s, &w->id, &(struct want){.key = "text", .text = text, .is_text = true}, 1, e);
}

/* Many records are one step, larger than the cache; every other one is given up. */
static bool step_import(struct work_run *w, int i, struct err *e)
{
	int n = (i % 2 == 0 ? 90 : 30) / (w->small ? 6 : 1);
	struct id id;
	bool ok;

	if (!db_exec(w->s, "PRAGMA cache_size=20", e) || !store_step_begin(w->s, "Import", e))
		return false;
	ok = true;
	for (int k = 0; ok && k < n; k++)
		ok = work_record(w, 100 * i + k, 700, &id, e);
	if (ok && i % 2 == 0)
		return store_step_end(w->s, e);
	store_step_cancel(w->s);
	return ok;
}

static bool step_checkpoint(struct work_run *w, int i, struct err *e)
{
	static const char *const how[] = {"PASSIVE", "RESTART", "FULL", "TRUNCATE"};
	char sql[64];

	if (i % 3 != 2)
		return work_record(w, i, 200 + 100 * i, &w->id, e);
	snprintf(sql, sizeof sql, "PRAGMA wal_checkpoint(%s)", how[i / 3 % 4]);
	return db_exec(w->s, sql, e);
}

static bool step_backup(struct work_run *w, int i, struct err *e)
{
	char to[PATH_MAX + 16];

	if (i % 2 == 0)
		return work_record(w, i, 500, &w->id, e);
	snprintf(to, sizeof to, "%s/copy%d", w->folder, i);
	if (w->again)
		(void)unlink(to);
	return store_backup(w->s, to, e);
}

/* A copy is there whole, under its name, or not at all. */
static bool verify_backup(struct work_run *w, int done, char why[WORK_WHY])
{
	for (int i = 1; i < w->steps; i += 2) {
		struct work_run copy = {.work = w->work, .steps = w->steps, .ms = w->ms};
		struct err e = ERR_INIT;
		bool ok;

		snprintf(copy.path, sizeof copy.path, "%s/copy%d", w->folder, i);
		if (access(copy.path, F_OK) != 0 && i >= done)
			continue;
		ok = work_open_with(&copy, 0, &e) && work_digest(copy.s->db) == w->digest[i];
		store_close(copy.s);
		if (!ok) {
			snprintf(why, WORK_WHY, "copy %d: %s: %s", i, e.where, e.detail);
			return false;
		}
	}
	return true;
}

static bool step_passphrase(struct work_run *w, int i, struct err *e)
{
	struct secret secret = SECRET_INIT;
	const struct vault_key key = {.passphrase = &secret};
	int pass = i % 4 == 0;
	bool ok;

	if (i % 2 == 1)
		return work_record(w, i, 200, &w->id, e);
	ok = secret_set(&secret, work_passes[pass], strlen(work_passes[pass]), e) &&
	     vault_rekey(store_vault(w->s), &key, &VAULT_COST_TEST, e);
	secret_free(&secret);
	w->either = !ok && strcmp(e->where, VAULT_EITHER_KEY) == 0;
	if (ok || w->either)
		w->pass[i + 1] = pass;
	return ok;
}

static bool step_words(struct work_run *w, int i, struct err *e)
{
	if (i % 2 == 1)
		return work_record(w, i, 200, &w->id, e);
	bool ok = vault_new_words(store_vault(w->s), "fr", &w->word_text[i / 2 + 1], e);

	w->either = !ok && strcmp(e->where, VAULT_EITHER_WORDS) == 0;
	if (ok || w->either)
		w->words[i + 1] = i / 2 + 1;
	return ok;
}

static bool step_rekey(struct work_run *w, int i, struct err *e)
{
	struct secret secret = SECRET_INIT;
	const struct vault_key key = {.passphrase = &secret};
	int n = w->again && w->word_text[1].p != NULL ? 2 : 1;
	bool ok;

	if (i != 1)
		return work_record(w, i, 500, &w->id, e);
	db_statements_free(w->s);
	ok = secret_set(&secret, work_passes[1], strlen(work_passes[1]), e) &&
	     vfs_rekey(&w->s->vault, &w->s->db, &key, &VAULT_COST_TEST, "fr", &w->word_text[n], e);
	if (w->word_text[n].p != NULL) { /* in force, whatever failed after that */
		w->pass[2] = 1;
		w->words[2] = n;
	}
	if (w->s->db != NULL && !db_start(w->s, ok ? e : NULL))
		ok = false;
	secret_free(&secret);
	return ok;
}

/* Each time the notebook is opened, written to and closed, its freshness goes to the header twice. */
static bool step_header(struct work_run *w, int i, struct err *e)
{
	if (!work_record(w, i, 200, &w->id, e))
		return false;
	store_close(w->s);
	w->s = NULL;
	return work_open_with(w, 0, e);
}

static bool step_inbox(struct work_run *w, int i, struct err *e)
{
	const struct moment when = {.date = {2026, 11, 23}, .has_time = true, .hour = 14, .minute = i};
	char text[32];
	size_t taken, bad;
	int n = snprintf(text, sizeof text, "Note du dehors %d", i);

	if (i % 2 == 0 && i / 2 % 2 == 0)
		return inbox_put(w->path, text, (size_t)n, &when, e);
	if (i % 2 == 1)
		return inbox_take(w->s, &taken, &bad, e) &&
		       (bad == 0 || err_set(e, ERR_IO, __func__, "a note that does not open"));
	store_close(w->s);
	w->s = NULL;
	if (w->put != i && !inbox_put(w->path, text, (size_t)n, &when, e))
		return false;
	w->put = i; /* though the rest may have to be tried again */
	return work_open_with(w, 0, e);
}

/* A note that was put is there once, whether it was still outside or already in. */
static bool verify_inbox(struct work_run *w, int done, char why[WORK_WHY])
{
	struct err e = ERR_INIT;
	size_t taken, bad;

	if (!inbox_take(w->s, &taken, &bad, &e) || bad != 0) {
		snprintf(why, WORK_WHY, "inbox, %zu bad: %s: %s", bad, e.where, e.detail);
		return false;
	}
	for (int i = 0; i < w->steps; i += 2) {
		int64_t n = -1;
		char title[32];

		snprintf(title, sizeof title, "Note du dehors %d", i);
		if (!db_int(w->s, &n, &e, "SELECT count(*) FROM record WHERE title = ?", "t", title) ||
		    n > 1 + w->twice || (n == 0 && i < done)) {
			snprintf(why, WORK_WHY, "note %d is there %lld times", i, (long long)n);
			return false;
		}
	}
	return true;
}

static bool step_file(struct work_run *w, int i, struct err *e)
{
	char path[PATH_MAX + 16];
	struct buf b = BUF_INIT;
	bool ok;

	snprintf(path, sizeof path, "%s/%s%d", w->folder, i % 3 == 2 ? "out" : "in", i);
	if (i % 3 == 0)
		return work_record(w, i, 200, &w->id, e);
	if (i % 3 == 2)
		return (!w->again || unlink(path) == 0 || errno == ENOENT) && store_file_extract(w->s, &w->id, path, e);
	for (int n = 0; n < 9000 * (i + 1); n++)
		buf_add(&b, &(char){(char)(n * n / 5)}, 1);
	disk_pause(true);
	ok = io_write_file(path, b.p, b.len, true, e);
	disk_pause(false);
	buf_done(&b);
	return ok && store_file_add(w->s, &w->id, path, &w->id, e);
}

static bool step_create(struct work_run *w, int i, struct err *e)
{
	/* A disk that went on failing did not let a whole one be removed, which was not acknowledged. */
	if (i == 0 && w->again) {
		work_close(w);
		(void)unlink(w->path);
	}
	return i == 0 ? work_create(w, e) : work_record(w, i, 300, &w->id, e);
}

static bool step_draft(struct work_run *w, int i, struct err *e)
{
	char text[64];
	int n = snprintf(text, sizeof text, "tapé %d", i);

	return i % 4 == 3 ? store_draft_set(w->s, "quick", NULL, NULL, 0, e)
			  : store_draft_set(w->s, "quick", "Note", text, (size_t)n, e);
}

const struct work works[] = {
    {"create", NULL, 4, step_create, NULL, false, true, false},
    {"log", NULL, 24, step_log, NULL, false, false, false},
    {"recover", NULL, 6, step_log, NULL, false, false, true},
    {"edit", NULL, 14, step_edit, NULL, false, false, false},
    {"import", NULL, 3, step_import, NULL, false, false, false},
    {"checkpoint", NULL, 15, step_checkpoint, NULL, false, false, false},
    {"backup", NULL, 4, step_backup, verify_backup, false, false, false},
    {"passphrase", NULL, 6, step_passphrase, NULL, false, false, false},
    {"words", NULL, 6, step_words, NULL, false, false, false},
    {"rekey", NULL, 4, step_rekey, NULL, false, false, false},
    {"header", NULL, 6, step_header, NULL, true, false, false},
    {"inbox", NULL, 12, step_inbox, verify_inbox, true, false, false},
    {"file", NULL, 6, step_file, NULL, false, false, false},
    {"draft", NULL, 8, step_draft, NULL, false, false, false},
    {"raw-wal", "wal", 24, raw_step, NULL, false, false, false},
    {"raw-delete", "delete", 24, raw_step, NULL, false, false, false},
    {"raw-truncate", "truncate", 24, raw_step, NULL, false, false, false},
    {"raw-persist", "persist", 24, raw_step, NULL, false, false, false},
};
const size_t nworks = sizeof works / sizeof *works;

bool work_step(struct work_run *w, int i, struct err *e)
{
	w->pass[i + 1] = w->pass[i];
	w->words[i + 1] = w->words[i];
	return w->work->step(w, i, e);
}

void work_note(struct work_run *w, int done)
{
	disk_pause(true);
	w->digest[done] = w->work->journal != NULL ? work_digest(w->db) : w->s != NULL ? work_digest(w->s->db) : 0;
	disk_pause(false);
}

static uint64_t work_mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001B3u;
	return h ^ n;
}

static uint64_t work_digest_row(uint64_t h, sqlite3_stmt *st)
{
	for (int i = 0; i < sqlite3_column_count(st); i++) {
		const void *p = sqlite3_column_blob(st, i);
		size_t n = (size_t)sqlite3_column_bytes(st, i);

		h = work_mix(h * 31 + (uint64_t)sqlite3_column_type(st, i), p, n);
	}
	return h;
}

uint64_t work_digest(sqlite3 *db)
{
	sqlite3_stmt *tables = NULL, *rows = NULL;
	uint64_t h = 1469598103934665603u;
	int rc = sqlite3_prepare_v2(db,
				    "SELECT 'SELECT * FROM \"' || name || '\"' FROM sqlite_schema WHERE type = 'table' "
				    "AND sql NOT LIKE 'CREATE VIRTUAL%' AND name NOT IN ('fts_data', 'fts_idx') "
				    "ORDER BY name", /* pieces of the full-text index are merged at any time */
				    -1, &tables, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(tables)) == SQLITE_ROW) {
		rc = sqlite3_prepare_v2(db, (const char *)sqlite3_column_text(tables, 0), -1, &rows, NULL);
		while (rc == SQLITE_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
			h = work_digest_row(h, rows);
			rc = SQLITE_OK;
		}
		sqlite3_finalize(rows);
		rc = rc == SQLITE_DONE ? SQLITE_OK : rc;
	}
	sqlite3_finalize(tables);
	return rc == SQLITE_DONE ? h : 0;
}

static bool work_wrong(char why[WORK_WHY], const char *what, const struct err *e)
{
	snprintf(why, WORK_WHY, "%s: %s in %s: %s", what, err_name(e->code), e->where, e->detail);
	return false;
}

/* Opens with what opens it after `done` steps, or, a step being under way, after the next. */
static bool work_open_after(struct work_run *w, int done, char why[WORK_WHY])
{
	int now = w->pass[done], next = done < w->steps ? w->pass[done + 1] : now;
	struct err e = ERR_INIT;

	if (done > 0 && w->pass[done - 1] != now && next == now) {
		if (work_open_with(w, w->pass[done - 1], &e)) {
			snprintf(why, WORK_WHY, "the old passphrase still opens it");
			return false;
		}
		if (e.code != ERR_WRONG_KEY)
			return work_wrong(why, "with the old passphrase", &e);
	}
	if (work_open_with(w, now, &e))
		return true;
	if (e.code == ERR_WRONG_KEY && next != now && work_open_with(w, next, &e))
		return true;
	return work_wrong(why, "does not open", &e);
}

static bool work_words_open(struct work_run *w, int done, char why[WORK_WHY])
{
	int now = w->words[done], next = done < w->steps ? w->words[done + 1] : now;
	const struct vault_key key = {.words = &w->word_text[now]}, other = {.words = &w->word_text[next]};
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	bool ok;

	if (w->word_text[now].p == NULL || w->either)
		return true;
	ok = vault_open(w->path, &key, false, &v, &e) || (next != now && vault_open(w->path, &other, false, &v, &e));
	vault_close(v);
	return ok || work_wrong(why, "the recovery words do not open it", &e);
}

static void work_bad(void *ctx, const char *what, uint64_t n)
{
	char *why = ctx;

	/* What was being written is torn: a copy of the header, and the other is in force; the end of the log. */
	if (why[0] == '\0' && strncmp(what, "header", 6) != 0 && strcmp(what, "torn") != 0)
		snprintf(why, WORK_WHY, "%s %llu does not open", what, (unsigned long long)n);
}

static bool work_sound(struct work_run *w, sqlite3 *db, int done, char why[WORK_WHY])
{
	struct vfs_check check;
	struct err e = ERR_INIT;
	sqlite3_stmt *st = NULL;
	uint64_t digest = work_digest(db);
	bool ok;

	if (!w->loose && digest != w->digest[done] && (done == w->steps || digest != w->digest[done + 1])) {
		snprintf(why, WORK_WHY, "holds something else than after step %d or the next: %s", done,
			 sqlite3_errmsg(db));
		return false;
	}
	ok = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &st, NULL) == SQLITE_OK &&
	     sqlite3_step(st) == SQLITE_ROW;
	if (!ok || strcmp((const char *)sqlite3_column_text(st, 0), "ok") != 0) {
		snprintf(why, WORK_WHY, "%s", ok ? (const char *)sqlite3_column_text(st, 0) : sqlite3_errmsg(db));
		ok = false;
	}
	sqlite3_finalize(st);
	if (!ok || w->s == NULL)
		return ok;
	if (store_older_than(w->s) != NULL) {
		snprintf(why, WORK_WHY, "said to be older than last seen");
		return false;
	}
	why[0] = '\0';
	if (!vfs_check(store_vault(w->s), work_bad, why, &check, &e))
		return work_wrong(why, "check", &e);
	if (check.fresh_known && !check.fresh_ok)
		snprintf(why, WORK_WHY, "not fresh");
	return why[0] == '\0';
}

/* What is open goes on: it takes a note, and is there again with it. */
static bool work_goes_on(struct work_run *w, char why[WORK_WHY])
{
	struct err e = ERR_INIT;
	uint64_t digest;
	struct id id;
	int pass = 0;

	if (!work_record(w, 999, 300, &id, &e))
		return work_wrong(why, "takes no more", &e);
	digest = work_digest(w->s->db);
	store_close(w->s);
	w->s = NULL;
	while (!work_open_with(w, pass, &e))
		if (pass++ > 0)
			return work_wrong(why, "does not open again", &e);
	if (work_digest(w->s->db) == digest)
		return true;
	snprintf(why, WORK_WHY, "lost what was written after it");
	return false;
}

/* Of a notebook that was being made there may be nothing yet, or a part. */
static bool work_unmade(struct work_run *w)
{
	struct err e = ERR_INIT;

	return !work_open_with(w, 0, &e) &&
	       (e.code == ERR_NOT_FOUND || e.code == ERR_NOT_NOTEBOOK || e.code == ERR_DAMAGED);
}

bool work_verify(struct work_run *w, int done, bool thorough, char why[WORK_WHY])
{
	bool ok;

	w->s = NULL;
	why[0] = '\0';
	work_state(w->folder);
	if (w->work->journal != NULL) {
		ok = raw_open_after(w, why) && work_sound(w, w->db, done, why);
		raw_close(w);
		return ok;
	}
	if (w->work->fresh && done == 0 && work_unmade(w))
		return true;
	ok = w->s != NULL || work_open_after(w, done, why);
	ok = ok && work_sound(w, w->s->db, done, why);
	ok = ok && (w->work->verify == NULL || w->work->verify(w, done, why));
	ok = ok && (!thorough || work_goes_on(w, why));
	store_close(w->s);
	w->s = NULL;
	return ok && (!thorough || work_words_open(w, done, why));
}
