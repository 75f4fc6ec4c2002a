/* SPDX-License-Identifier: GPL-3.0-or-later */
/* work ENGINE FILE CACHE-BYTES RECORDS: reads the name of a step a line, answers with what it took (see work_answer).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#define WORK_COMMITS 1000
#define WORK_POOL (1 << 20)
#define WORK_BODY 480 /* with title, day, place and keys some 600 bytes a record */
#define LEN(a) (sizeof(a) / sizeof *(a))

static struct work {
	sqlite3 *db;
	long records, next;
	uint64_t random;
	uint64_t syncs;
	char pool[WORK_POOL]; /* words, to cut texts from */
	clockid_t clock;
	double apart; /* microseconds of a step that are not its own */
} work;

/* SQLite's syncs go by here: this program's own symbols come before the C library's. */
int fdatasync(int fd);
int fsync(int fd);

int fdatasync(int fd)
{
	work.syncs++;
	return (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	work.syncs++;
	return (int)syscall(SYS_fsync, fd);
}

static double work_us(void)
{
	struct timespec t;

	clock_gettime(work.clock, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static uint64_t work_random(void)
{
	uint64_t z = work.random += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static long work_pick(long n)
{
	return (long)(work_random() % (uint64_t)n);
}

static void work_fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, work.db != NULL ? sqlite3_errmsg(work.db) : "not open");
	exit(1);
}

/* Word n of 4000, all different; common ones have small numbers. */
static int work_word(long n, char out[16])
{
	static const char *const part[] = {"lou", "ber", "ga",  "mon", "ti",  "val", "ro", "che",
					   "pas", "fo",  "ret", "eau", "cha", "sen", "du", "mar"};

	return snprintf(out, 16, "%s%s%s", part[n % 16], part[n / 16 % 16], part[n / 256 % 16]);
}

static long work_common(void)
{
	long a = work_pick(4000), b = work_pick(4000), c = work_pick(4000);

	return a * b / 4000 * c / 4000;
}

static void work_pool(void)
{
	char word[16];

	work.random = 1;
	for (size_t at = 0; at < sizeof work.pool;) {
		int n = work_word(work_common(), word);

		for (int i = 0; i <= n && at < sizeof work.pool; i++)
			work.pool[at++] = i < n ? word[i] : ' ';
	}
}

static const char *work_text(void)
{
	const char *p = work.pool + work_pick(WORK_POOL - 2 * WORK_BODY);

	while (*p != ' ')
		p++;
	return p + 1;
}

static sqlite3_stmt *work_prepare(const char *sql)
{
	sqlite3_stmt *st;

	if (sqlite3_prepare_v2(work.db, sql, -1, &st, NULL) != SQLITE_OK)
		work_fail(sql);
	return st;
}

static void work_exec(const char *sql)
{
	if (sqlite3_exec(work.db, sql, NULL, NULL, NULL) != SQLITE_OK)
		work_fail(sql);
}

/* Every row; the first column of the last. */
static long work_rows(sqlite3_stmt *st)
{
	long n = 0;
	int rc;

	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		n = sqlite3_column_int(st, 0);
	if (rc != SQLITE_DONE)
		work_fail("step");
	sqlite3_reset(st);
	return n;
}

static void work_tables(void)
{
	work_exec("BEGIN; CREATE TABLE record(id INTEGER PRIMARY KEY, day TEXT NOT NULL, kind TEXT NOT NULL,"
		  " title TEXT NOT NULL, place TEXT NOT NULL, body TEXT NOT NULL);"
		  "CREATE INDEX record_day ON record(day, id, kind, title);"
		  "CREATE VIRTUAL TABLE fts USING fts5(title, body, content='', columnsize=0,"
		  " tokenize='unicode61 remove_diacritics 1');"
		  "INSERT INTO fts(fts, rank) VALUES('pgsz', 3960); COMMIT");
}

static void work_day(long n, char out[16])
{
	snprintf(out, 16, "20%02ld-%02ld-%02ld", 10 + n % 17, 1 + n / 17 % 12, 1 + n / 204 % 28);
}

static void work_insert(long n, bool each)
{
	sqlite3_stmt *record = work_prepare("INSERT INTO record VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
	sqlite3_stmt *fts = work_prepare("INSERT INTO fts(rowid, title, body) VALUES(?1, ?2, ?3)");
	char day[16];

	if (!each)
		work_exec("BEGIN");
	for (long i = 0; i < n; i++) {
		const char *title = work_text(), *place = work_text(), *body = work_text();

		if (each)
			work_exec("BEGIN");
		work_day(work_pick(5712), day);
		work.next++;
		sqlite3_bind_int64(record, 1, work.next);
		sqlite3_bind_text(record, 2, day, -1, SQLITE_STATIC);
		sqlite3_bind_text(record, 3, work.next % 3 ? "observation" : "meeting", -1, SQLITE_STATIC);
		sqlite3_bind_text(record, 4, title, 40, SQLITE_STATIC);
		sqlite3_bind_text(record, 5, place, 30, SQLITE_STATIC);
		sqlite3_bind_text(record, 6, body, WORK_BODY, SQLITE_STATIC);
		work_rows(record);
		sqlite3_bind_int64(fts, 1, work.next);
		sqlite3_bind_text(fts, 2, title, 40, SQLITE_STATIC);
		sqlite3_bind_text(fts, 3, body, WORK_BODY, SQLITE_STATIC);
		work_rows(fts);
		if (each)
			work_exec("COMMIT");
	}
	if (!each)
		work_exec("COMMIT");
	sqlite3_finalize(record);
	sqlite3_finalize(fts);
}

static long work_bulk(void)
{
	work_tables();
	work_insert(work.records, false);
	work_exec("PRAGMA wal_checkpoint(TRUNCATE)");
	return work.records;
}

static long work_commits(void)
{
	work_insert(WORK_COMMITS, true);
	return WORK_COMMITS;
}

static long work_points(long times, long among)
{
	sqlite3_stmt *st = work_prepare("SELECT length(title), body FROM record WHERE id = ?1");

	for (long i = 0; i < times; i++) {
		sqlite3_bind_int64(st, 1, 1 + work_pick(among));
		if (work_rows(st) != 40)
			work_fail("a record");
	}
	sqlite3_finalize(st);
	return times;
}

static long work_hot(void)
{
	return work_points(100000, 100);
}

static long work_any(void)
{
	return work_points(20000, work.records);
}

static long work_list(void)
{
	sqlite3_stmt *st = work_prepare("SELECT id, day, kind, title FROM record WHERE (day, id) < (?1, ?2)"
					" ORDER BY day DESC, id DESC LIMIT 50");
	char day[16];

	for (int i = 0; i < 2000; i++) {
		work_day(work_pick(5712), day);
		sqlite3_bind_text(st, 1, day, -1, SQLITE_STATIC);
		sqlite3_bind_int64(st, 2, work_pick(work.records));
		work_rows(st);
	}
	sqlite3_finalize(st);
	return 2000;
}

/* Two words, as one types them, and the first of what is found. */
static long work_fts(void)
{
	sqlite3_stmt *st = work_prepare("SELECT r.id, r.day, r.title FROM fts JOIN record r ON r.id = fts.rowid"
					" WHERE fts MATCH ?1 ORDER BY fts.rowid DESC LIMIT 20");
	char a[16], b[16], both[48];

	for (int i = 0; i < 500; i++) {
		work_word(work_pick(400), a);
		work_word(work_pick(4000), b);
		snprintf(both, sizeof both, "%s %s", a, b);
		sqlite3_bind_text(st, 1, both, -1, SQLITE_STATIC);
		work_rows(st);
	}
	sqlite3_finalize(st);
	return 500;
}

static long work_scan(void)
{
	sqlite3_stmt *st = work_prepare("SELECT sum(length(body) + length(title)) > 0 FROM record");

	if (work_rows(st) != 1)
		work_fail("scan");
	sqlite3_finalize(st);
	return 1;
}

/* Ready for a query, and the first of them. */
static long work_open(void)
{
	enum { TIMES = 20 };

	for (int i = 0; i < TIMES; i++) {
		double t = work_us();

		engine_close(work.db);
		work.apart += work_us() - t;
		work.db = engine_open();
		if (work.db == NULL)
			work_fail("open");
		work_points(1, work.records);
	}
	return TIMES;
}

static long work_peak(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kib;
}

/* Deriving a key from a passphrase takes more memory than all the rest. */
static void work_peak_forget(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f != NULL) {
		fputs("5", f);
		fclose(f);
	}
}

/* Microseconds, times it was done, syncs, pages sealed, pages opened, peak memory in KiB. */
static void work_answer(long (*f)(void))
{
	uint64_t sealed, opened, sealed_to, opened_to, syncs = work.syncs;
	double us;
	long n;

	engine_pages(&sealed, &opened);
	work.apart = 0;
	us = work_us();
	n = f();
	us = work_us() - us - work.apart;
	engine_pages(&sealed_to, &opened_to);
	printf("%.3f %ld %llu %llu %llu %ld\n", us, n, (unsigned long long)(work.syncs - syncs),
	       (unsigned long long)(sealed_to - sealed), (unsigned long long)(opened_to - opened), work_peak());
}

static void work_aead(void)
{
	double seal = 0, open = 0;

	(void)engine_aead(&seal, &open);
	printf("%.3f 1 0 0 0 0\n%.3f 1 0 0 0 0\n", seal, open);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		long (*f)(void);
	} steps[] = {{"bulk", work_bulk}, {"commits", work_commits}, {"hot", work_hot},   {"any", work_any},
		     {"list", work_list}, {"fts", work_fts},         {"scan", work_scan}, {"open", work_open}};
	char line[32];

	if (argc != 5)
		return 2;
	work.records = atol(argv[4]);
	work.clock = getenv("BENCH_WALL") != NULL ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID;
	work_pool();
	if (!engine_start(argv[1], argv[2], atol(argv[3])) || (work.db = engine_open()) == NULL)
		return 1;
	work_peak_forget();
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strcmp(line, "aead") == 0)
			work_aead();
		for (size_t i = 0; i < LEN(steps); i++)
			if (strcmp(line, steps[i].name) == 0)
				work_answer(steps[i].f);
		fflush(stdout);
	}
	engine_close(work.db);
	return 0;
}
