/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * import FOLDER: the records of FOLDER/100000.arpent (made by gen) taken in as JSON lines, all in one step, beside
 * plain SQLite that inserts the very rows this makes (same tables, indexes and full text, same merging, one
 * transaction).  In turns, RUNS times (3): medians of processor time; and the memory of the one that imports.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "arpent/export.h"
#include "arpent/format.h"
#include "arpent/import.h"
#include "arpent/vfs.h"
#include "store/db.h"

#define BULK_RUNS_MAX 15
#define BULK_LIST 40

struct bulk {
	char from[4096], lines[4096], ours[4096], plain[4096];
	struct buf schema, tape;
	struct secret pass;
};

/* The statements whose rows are on the tape. */
static const char *const bulk_insert[] = {
    "INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO fts(rowid, title, body, kind) VALUES(?, ?, ?, ?)",
    "INSERT INTO place VALUES(?, ?, ?, ?, ?)",
    "INSERT INTO state VALUES(?, ?)",
    "INSERT INTO change VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO link(src, dst, field) VALUES(?, ?, ?)",
};
enum { BULK_RECORD, BULK_FTS, BULK_PLACE, BULK_STATE, BULK_CHANGE, BULK_LINK, BULK_TABLES };

static double bulk_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long bulk_kib(const char *what)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kib = 0;

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, what, strlen(what)) == 0)
			kib = strtol(line + strlen(what), NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

static void bulk_forget_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f) {
		fputs("5", f);
		fclose(f);
	}
}

static bool bulk_plain_fail(sqlite3 *db, struct err *e)
{
	return err_set(e, ERR_INTERNAL, "plain", "%s", sqlite3_errmsg(db));
}

/* A value is its type, its length (or itself, for a number) and its bytes. */
static void bulk_put(struct buf *tape, int type, const void *p, size_t n)
{
	buf_char(tape, (char)type);
	buf_add(tape, &n, sizeof n);
	buf_add(tape, p, n);
}

static void bulk_put_columns(struct buf *tape, int table, sqlite3_stmt *st, int from, int to)
{
	buf_char(tape, (char)table);
	for (int i = from; i < to; i++) {
		int type = sqlite3_column_type(st, i);
		int64_t n = sqlite3_column_int64(st, i);
		double d = sqlite3_column_double(st, i);
		if (type == SQLITE_INTEGER)
			bulk_put(tape, type, &n, sizeof n);
		else if (type == SQLITE_FLOAT)
			bulk_put(tape, type, &d, sizeof d);
		else
			bulk_put(tape, type, sqlite3_column_blob(st, i), (size_t)sqlite3_column_bytes(st, i));
	}
}

static bool bulk_tape_rows(struct store *s, struct buf *tape, int table, const char *sql, int64_t row, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, found;

	if (!db_query(s, &st, e, sql, "i", row))
		return false;
	while ((ok = db_next(s, st, &found, e)) && found)
		bulk_put_columns(tape, table, st, 0, sqlite3_column_count(st));
	db_end(s, st);
	return ok;
}

static bool bulk_tape_text(struct store *s, struct buf *tape, int64_t row, struct err *e)
{
	struct derived d;
	struct record r;
	bool ok;

	derived_init(&d);
	record_init(&r);
	ok = db_load_row(s, row, &r, e) && derive(&r, &d, e) && derive_title(s, &r, &d, e);
	if (ok) {
		buf_char(tape, BULK_FTS);
		bulk_put(tape, SQLITE_INTEGER, &row, sizeof row);
		bulk_put(tape, SQLITE_TEXT, buf_str(&d.folded_title), d.folded_title.len);
		bulk_put(tape, SQLITE_TEXT, buf_str(&d.body), d.body.len);
		bulk_put(tape, SQLITE_TEXT, r.kind, strlen(r.kind));
	}
	record_done(&r);
	derived_done(&d);
	return ok;
}

/* What is inserted for a record stands together, as it was written. */
static bool bulk_tape(struct store *s, struct buf *tape, struct err *e)
{
	sqlite3_stmt *links;
	bool ok, more;
	int64_t last = 0;

	if (!db_int(s, &last, e, "SELECT max(row) FROM record", "") ||
	    !db_query(s, &links, e, "SELECT src, dst, field FROM link ORDER BY src", ""))
		return false;
	ok = db_next(s, links, &more, e);
	for (int64_t row = 1; ok && row <= last; row++) {
		ok = bulk_tape_rows(s, tape, BULK_RECORD, "SELECT * FROM record WHERE row = ?", row, e) &&
		     bulk_tape_text(s, tape, row, e) &&
		     bulk_tape_rows(s, tape, BULK_PLACE, "SELECT * FROM place WHERE row = ?", row, e) &&
		     bulk_tape_rows(s, tape, BULK_STATE, "SELECT * FROM state WHERE row = ?", row, e) &&
		     bulk_tape_rows(s, tape, BULK_CHANGE, "SELECT * FROM change WHERE record = ?", row, e);
		for (; ok && more && sqlite3_column_int64(links, 0) == row; ok = db_next(s, links, &more, e))
			bulk_put_columns(tape, BULK_LINK, links, 0, 3);
	}
	db_end(s, links);
	return ok && buf_ok(tape, e);
}

static bool bulk_schema(struct store *s, struct buf *schema, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, found;

	if (!db_query(s, &st, e,
		      "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT GLOB 'fts_*' AND "
		      "name NOT GLOB 'place_*' AND name NOT GLOB 'sqlite_*'",
		      ""))
		return false;
	while ((ok = db_next(s, st, &found, e)) && found)
		buf_printf(schema, "%s;", db_text(st, 0));
	db_end(s, st);
	return ok && buf_ok(schema, e);
}

static bool bulk_open(struct bulk *b, const char *path, struct store **s, struct err *e)
{
	return store_open(path, &(struct vault_key){.passphrase = &b->pass}, s, e);
}

/* As lines, and as rows. */
static bool bulk_read(struct bulk *b, struct err *e)
{
	const struct export_options o = {.format = "jsonl", .whole = true, .replace = true};
	struct export_report report;
	struct store *s = NULL;
	struct id *ids = NULL;
	size_t n;
	bool ok = bulk_open(b, b->from, &s, e) && export_all(s, NULL, true, &ids, &n, e) &&
		  export_file(s, b->lines, ids, n, &o, &report, e) && bulk_schema(s, &b->schema, e) &&
		  bulk_tape(s, &b->tape, e);

	free(ids);
	store_close(s);
	vfs_stop(); /* plain SQLite has a page cache of its own */
	return ok;
}

static const char *bulk_bind(sqlite3_stmt *st, int i, const char *p)
{
	int type = *p++;
	size_t n;
	int64_t v;
	double d;

	memcpy(&n, p, sizeof n);
	p += sizeof n;
	if (type == SQLITE_INTEGER) {
		memcpy(&v, p, sizeof v);
		sqlite3_bind_int64(st, i, v);
	} else if (type == SQLITE_FLOAT) {
		memcpy(&d, p, sizeof d);
		sqlite3_bind_double(st, i, d);
	} else if (type == SQLITE_TEXT) {
		sqlite3_bind_text(st, i, p, (int)n, SQLITE_STATIC);
	} else if (type == SQLITE_BLOB) {
		sqlite3_bind_blob(st, i, p, (int)n, SQLITE_STATIC);
	} else {
		sqlite3_bind_null(st, i);
	}
	return p + n;
}

static bool bulk_merge(sqlite3 *db, struct err *e)
{
	int64_t before;

	do {
		before = sqlite3_total_changes64(db);
		if (sqlite3_exec(db, "INSERT INTO fts(fts, rank) VALUES('merge', 1000)", NULL, NULL, NULL))
			return bulk_plain_fail(db, e);
	} while (sqlite3_total_changes64(db) - before >= 2);
	return true;
}

static bool bulk_play(sqlite3 *db, const struct buf *tape, struct err *e)
{
	sqlite3_stmt *st[BULK_TABLES] = {NULL};
	bool ok = true;

	for (int i = 0; i < BULK_TABLES; i++)
		if (sqlite3_prepare_v2(db, bulk_insert[i], -1, &st[i], NULL) != SQLITE_OK)
			return bulk_plain_fail(db, e);
	for (const char *p = tape->p; ok && p < tape->p + tape->len;) {
		sqlite3_stmt *at = st[(int)*p++];
		for (int i = 1; i <= sqlite3_bind_parameter_count(at); i++)
			p = bulk_bind(at, i, p);
		ok = sqlite3_step(at) == SQLITE_DONE;
		sqlite3_reset(at);
	}
	for (int i = 0; i < BULK_TABLES; i++)
		sqlite3_finalize(st[i]);
	return ok || bulk_plain_fail(db, e);
}

static bool bulk_plain(struct bulk *b, struct err *e)
{
	static const char pragmas[] = "PRAGMA journal_mode=WAL; PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL;"
				      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-16384";
	static const char options[] = "INSERT INTO fts(fts, rank) VALUES('pgsz', 3960);"
				      "INSERT INTO fts(fts, rank) VALUES('automerge', 0);"
				      "INSERT INTO fts(fts, rank) VALUES('usermerge', 8);"
				      "INSERT INTO fts(fts, rank) VALUES('crisismerge', 32);"
				      "INSERT INTO fts(fts, rank) VALUES('hashsize', 4194304)";
	sqlite3 *db = NULL;
	bool ok;

	(void)unlink(b->plain);
	ok = sqlite3_open(b->plain, &db) == SQLITE_OK && sqlite3_exec(db, pragmas, NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_exec(db, buf_str(&b->schema), NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_exec(db, options, NULL, NULL, NULL) == SQLITE_OK &&
	     sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
	if (!ok)
		(void)bulk_plain_fail(db, e);
	ok = ok && bulk_play(db, &b->tape, e) && bulk_merge(db, e) &&
	     (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || bulk_plain_fail(db, e));
	sqlite3_close(db);
	return ok;
}

struct bulk_result {
	double plan, apply;
	long before, planned, peak, after; /* KiB */
};

static bool bulk_seen(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)ctx, (void)row, (void)at;
	return true;
}

static bool bulk_browse(struct store *s, struct err *e)
{
	static const enum list_order orders[] = {LIST_BY_DAY, LIST_BY_TITLE, LIST_BY_EDITED};
	bool ok = true;

	for (size_t i = 0; ok && i < 3; i++)
		ok = store_list(s, &(struct list_spec){.order = orders[i]}, NULL, false, BULK_LIST, bulk_seen, NULL, e);
	return ok;
}

static bool bulk_import(struct bulk *b, struct bulk_result *out, struct err *e)
{
	struct secret words = SECRET_INIT;
	const struct import_options o = {.format = "jsonl"};
	struct import_plan plan = {.n = 0};
	struct store *s = NULL;
	double start;
	bool ok;

	(void)unlink(b->ours);
	ok = store_create(b->ours, &(struct vault_key){.passphrase = &b->pass}, &VAULT_COST_TEST, "fr", &s, &words, e);
	secret_free(&words);
	ok = ok && bulk_browse(s, e);
	malloc_trim(0); /* the derivation of the key */
	out->before = bulk_kib("VmRSS:");
	bulk_forget_peak();
	start = bulk_seconds();
	ok = ok && import_file(s, b->lines, &o, &plan, e);
	out->plan = bulk_seconds() - start;
	out->planned = bulk_kib("VmRSS:");
	bulk_forget_peak();
	start = bulk_seconds();
	ok = ok && import_apply(s, &plan, e);
	out->peak = bulk_kib("VmHWM:");
	import_plan_done(&plan);
	out->apply = bulk_seconds() - start;
	ok = ok && bulk_browse(s, e);
	malloc_trim(0); /* the plan: the command ends here; this is what the notebook keeps */
	out->after = bulk_kib("VmRSS:");
	start = bulk_seconds();
	store_close(s);
	out->apply += bulk_seconds() - start;
	return ok;
}

/* In a process of its own, so that memory is what this needs. */
static bool bulk_apart(struct bulk *b, bool plain, struct bulk_result *out)
{
	int fds[2], status = -1;
	pid_t pid;

	*out = (struct bulk_result){.plan = 0};
	if (pipe(fds) != 0 || (pid = fork()) < 0)
		return false;
	if (pid == 0) {
		struct err e = ERR_INIT;
		double start = bulk_seconds();
		bool ok;
		if (!plain)
			buf_done(&b->tape);
		ok = plain ? bulk_plain(b, &e) : bulk_import(b, out, &e);
		if (plain)
			out->apply = bulk_seconds() - start;
		if (!ok)
			fprintf(stderr, "import: %s %s %s\n", err_name(e.code), e.where, e.detail);
		_exit(ok && write(fds[1], out, sizeof *out) == (ssize_t)sizeof *out ? 0 : 1);
	}
	close(fds[1]);
	bool ok = read(fds[0], out, sizeof *out) == (ssize_t)sizeof *out;
	close(fds[0]);
	return waitpid(pid, &status, 0) == pid && status == 0 && ok;
}

static int bulk_cmp(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double bulk_median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, bulk_cmp);
	return v[n / 2];
}

int main(int argc, char **argv)
{
	static struct bulk b = {.schema = BUF_INIT, .tape = BUF_INIT, .pass = SECRET_INIT};
	double plan[BULK_RUNS_MAX], apply[BULK_RUNS_MAX], whole[BULK_RUNS_MAX], plain[BULK_RUNS_MAX];
	struct bulk_result ours, theirs;
	struct err e = ERR_INIT;
	int runs = getenv("RUNS") ? atoi(getenv("RUNS")) : 3;

	if (argc != 2 || runs < 1 || runs > BULK_RUNS_MAX) {
		fprintf(stderr, "usage: import FOLDER\n");
		return 2;
	}
	snprintf(b.from, sizeof b.from, "%s/100000.arpent", argv[1]);
	snprintf(b.lines, sizeof b.lines, "%s/lines.jsonl", argv[1]);
	snprintf(b.ours, sizeof b.ours, "%s/import.arpent", argv[1]);
	snprintf(b.plain, sizeof b.plain, "%s/plain.db", argv[1]);
	if (!vfs_start(VFS_CACHE, &e) || !secret_set(&b.pass, "essai", 5, &e) || !bulk_read(&b, &e)) {
		fprintf(stderr, "import: %s %s %s\n", err_name(e.code), e.where, e.detail);
		return 1;
	}
	for (int i = 0; i < runs; i++) {
		if (!bulk_apart(&b, true, &theirs) || !bulk_apart(&b, false, &ours))
			return 1;
		plain[i] = theirs.apply;
		plan[i] = ours.plan;
		apply[i] = ours.apply;
		whole[i] = ours.plan + ours.apply;
	}
	printf("\n100,000 records as JSON lines, one step (median of %d runs), seconds of processor time\n", runs);
	double by_plain = bulk_median(plain, runs), by_ours = bulk_median(whole, runs);
	printf("%-50s%10.2f\n", "plain SQLite, the same rows", by_plain);
	printf("%-50s%10.2f\n", "import: reading and comparing", bulk_median(plan, runs));
	printf("%-50s%10.2f\n", "import: taking in", bulk_median(apply, runs));
	printf("%-50s%10.2f of the speed of plain SQLite\n", "import, all of it", by_plain / by_ours);
	printf("%-50s%10ld\n", "resident before it, browsing, KiB", ours.before);
	printf("%-50s%10ld\n", "with the file read and compared", ours.planned);
	printf("%-50s%10ld\n", "at most, while it is taken in", ours.peak);
	printf("%-50s%10ld\n", "after it", ours.after);
	(void)unlink(b.lines);
	secret_free(&b.pass);
	return 0;
}
