/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Power cuts.  A workload runs once over a VFS that records what reaches the disk; then, for each moment of it, the
 * files are made as a cut would leave them (what was not synced kept, lost, or torn at a sector) and opened.  No commit
 * that SQLite had acknowledged may be missing.  POWER_ROUNDS=n goes over every moment n times; by default a sample is
 * taken.
 */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "sealed.h"

enum { POWER_OPS = 4000, POWER_SAMPLE = 250, POWER_ROWS = 40, POWER_LAST = 64, SECTOR = 512 };

enum op_kind { OP_WRITE, OP_TRUNCATE, OP_SYNC, OP_DELETE, OP_ACK };

struct op {
	enum op_kind kind;
	int file; /* 0 database, 1 WAL, 2 journal; for OP_ACK the row */
	sqlite3_int64 at;
	int n;
	uint8_t *p;
};

struct image {
	uint8_t *p;
	sqlite3_int64 n;
	bool exists;
};

static struct op ops[POWER_OPS];
static int op_count;
static bool recording;
static struct image start[3];
static sqlite3_io_methods methods; /* under's, with a recorder before three of them */

static void record(enum op_kind kind, int file, const void *p, int n, sqlite3_int64 at)
{
	struct op *o = &ops[op_count];

	if (!recording || op_count == POWER_OPS)
		return;
	*o = (struct op){kind, file, at, n, NULL};
	if (p != NULL && (o->p = malloc((size_t)n)) != NULL)
		memcpy(o->p, p, (size_t)n);
	op_count++;
}

static int file_of(const char *name)
{
	const char *dash = strrchr(name, '-');

	return dash == NULL || strchr(dash, '/') != NULL || strchr(dash, '.') != NULL ? 0 : dash[1] == 'w' ? 1 : 2;
}

static int power_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
	record(OP_WRITE, UNDER_TAG(f), p, n, at);
	return under_write(f, p, n, at);
}

static int power_truncate(sqlite3_file *f, sqlite3_int64 n)
{
	record(OP_TRUNCATE, UNDER_TAG(f), NULL, 0, n);
	return under_truncate(f, n);
}

static int power_sync(sqlite3_file *f, int flags)
{
	record(OP_SYNC, UNDER_TAG(f), NULL, 0, 0);
	return under_sync(f, flags);
}

static int power_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	int rc = under_open(v, name, f, flags, out);

	if (rc != SQLITE_OK)
		return rc;
	methods = *f->pMethods;
	methods.xWrite = power_write;
	methods.xTruncate = power_truncate;
	methods.xSync = power_sync;
	f->pMethods = &methods;
	UNDER_TAG(f) = file_of(name);
	return rc;
}

static int power_delete(sqlite3_vfs *v, const char *name, int sync_dir)
{
	record(OP_DELETE, file_of(name), NULL, 0, 0);
	return under.real->xDelete(v, name, sync_dir);
}

static void image_put(struct image *m, const uint8_t *p, sqlite3_int64 n, sqlite3_int64 at)
{
	m->exists = true;
	if (at + n > m->n) {
		m->p = realloc(m->p, (size_t)(at + n));
		if (m->p == NULL)
			exit(99);
		memset(m->p + m->n, 0, (size_t)(at + n - m->n));
		m->n = at + n;
	}
	memcpy(m->p + at, p, (size_t)n);
}

static void image_apply(struct image *m, const struct op *o, bool torn)
{
	if (o->kind == OP_TRUNCATE && o->at < m->n)
		m->n = o->at;
	for (sqlite3_int64 at = o->at, end; o->kind == OP_WRITE && at < o->at + o->n; at = end) {
		end = (at / SECTOR + 1) * SECTOR;
		end = end < o->at + o->n ? end : o->at + o->n;
		if (!torn || check_random() % 2 == 0)
			image_put(m, o->p + (at - o->at), end - at, at);
	}
}

/* The files at op `cut`: what came before a file's last sync is there; of the rest each is kept, lost or torn. */
static void images_at(int cut, struct image m[3])
{
	int synced[3] = {-1, -1, -1};

	for (int i = 0; i < 3; i++) {
		m[i] = (struct image){NULL, 0, start[i].exists};
		if (start[i].n > 0)
			image_put(&m[i], start[i].p, start[i].n, 0);
	}
	for (int i = 0; i <= cut; i++)
		if (ops[i].kind == OP_SYNC || ops[i].kind == OP_DELETE)
			synced[ops[i].file] = i;
	for (int i = 0; i <= cut; i++) {
		const struct op *o = &ops[i];
		unsigned fate = i <= synced[o->kind == OP_ACK ? 0 : o->file] ? 2 : (unsigned)(check_random() % 4);

		if (o->kind == OP_DELETE)
			m[o->file].n = 0, m[o->file].exists = false;
		else if ((o->kind == OP_WRITE || o->kind == OP_TRUNCATE) && fate > 0)
			image_apply(&m[o->file], o, fate == 1);
	}
}

static bool survives(int cut, int acknowledged, const char *journal)
{
	static const char *const names[] = {"cut.db", "cut.db-wal", "cut.db-journal"};
	struct image m[3];
	long long n;
	sqlite3 *db;
	bool ok;

	images_at(cut, m);
	for (int i = 0; i < 3; i++) {
		int fd;

		(void)unlink(check_path(names[i]));
		if (m[i].exists) {
			fd = open(check_path(names[i]), O_WRONLY | O_CREAT | O_TRUNC, 0600);
			CHECK(write(fd, m[i].p, (size_t)m[i].n) == m[i].n);
			close(fd);
		}
		free(m[i].p);
	}
	db = sealed_open_plain("cut.db");
	if (strcmp(journal, "wal") == 0)
		(void)sqlite3_exec(db, "PRAGMA locking_mode=exclusive", NULL, NULL, NULL);
	n = sealed_number(db, "SELECT count(*) FROM t");
	ok = n >= acknowledged && n == sealed_number(db, "SELECT max(a) FROM t") &&
	     strcmp(sealed_text(db, "PRAGMA integrity_check"), "ok") == 0;
	if (!ok)
		CHECK_FAIL("%s, cut at %d: %lld rows of %d: %s", journal, cut, n, acknowledged, sqlite3_errmsg(db));
	sqlite3_close(db);
	return ok;
}

/* Small commits, large ones that spill from the cache, and some undone. */
static void work(const char *journal)
{
	static const char *const names[] = {"work.db", "work.db-wal", "work.db-journal"};
	sqlite3 *db = sealed_open("work.db", journal);
	char sql[400];

	CHECK_EQ_INT(
	    sqlite3_exec(db, "PRAGMA synchronous=FULL; PRAGMA cache_size=12; PRAGMA wal_autocheckpoint=12", 0, 0, 0),
	    SQLITE_OK);
	sealed_fill(db, POWER_ROWS);
	(void)sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	for (int i = 0; i < 3; i++) {
		struct stat st;
		int fd = open(check_path(names[i]), O_RDONLY);

		start[i] = (struct image){NULL, 0, fd >= 0};
		if (fd >= 0 && fstat(fd, &st) == 0 && (start[i].p = malloc((size_t)st.st_size + 1)) != NULL)
			start[i].n = read(fd, start[i].p, (size_t)st.st_size);
		close(fd);
	}
	op_count = 0;
	recording = true;
	for (int i = POWER_ROWS + 1; i <= POWER_LAST; i++) {
		snprintf(sql, sizeof sql,
			 i % 5 ? "INSERT INTO t VALUES(%d, hex(zeroblob(150)))"
			       : "BEGIN; UPDATE t SET b = b || 'abcdefghijklmnop'; INSERT INTO t VALUES(%d, 'x');"
				 "UPDATE t SET b = b || hex(zeroblob(100)) WHERE a %% 2; COMMIT",
			 i);
		CHECK_EQ_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
		record(OP_ACK, i, NULL, 0, 0);
		if (i % 13 == 0)
			CHECK_EQ_INT(sqlite3_exec(db, "BEGIN; UPDATE t SET b = 'q' || b; ROLLBACK", 0, 0, 0),
				     SQLITE_OK);
	}
	recording = false;
	CHECK(op_count < POWER_OPS);
	sqlite3_close(db);
}

static void cuts(const char *journal)
{
	const char *rounds = getenv("POWER_ROUNDS");
	int all = rounds != NULL ? atoi(rounds) : 0, acknowledged = POWER_ROWS, bad = 0;

	under_start();
	under.base.xOpen = power_open;
	under.base.xDelete = power_delete;
	work(journal);
	for (int i = 0; i < op_count; i++) {
		bool taken = all > 0 || check_random() % (uint64_t)op_count < POWER_SAMPLE;

		if (ops[i].kind == OP_ACK)
			acknowledged = ops[i].file;
		for (int n = 0; taken && n < (all > 0 ? all : 1) && bad < 5; n++)
			bad += !survives(i, acknowledged, journal);
	}
	for (int i = 0; i < op_count; i++)
		free(ops[i].p);
	for (int i = 0; i < 3; i++)
		free(start[i].p);
}

TEST(power_cuts_with_a_wal)
{
	cuts("wal");
}

TEST(power_cuts_with_a_journal)
{
	(void)unlink(check_path("work.db"));
	cuts("delete");
}
