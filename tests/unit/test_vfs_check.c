/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A notebook as a whole: opened with its pragmas, checked, read past damage, copied while in use, put under another
 * key. */
#include "check.h"
#include "sealed.h"
#include "arpent/bytes.h"

static struct secret pass;
static struct vault_key key = {&pass, NULL, NULL};

/* Makes (or opens) a notebook; its database is filled with n rows, 0 for none. */
static void begin(const char *name, int n, struct vault **v, sqlite3 **db)
{
	struct secret words = SECRET_INIT;
	struct err e = ERR_INIT;

	if (sodium_init() < 0 || (pass.p == NULL && !secret_set(&pass, "pass", 4, &e)))
		exit(99);
	if (access(check_path(name), F_OK) == 0)
		REQUIRE(CHECK_OK(vault_open(check_path(name), &key, true, v, &e), &e));
	else
		REQUIRE(CHECK_OK(vault_create(check_path(name), &key, &VAULT_COST_TEST, "en", v, &words, &e), &e));
	REQUIRE(CHECK_OK(vfs_open(*v, NULL, db, &e), &e));
	if (n > 0)
		sealed_fill(*db, n);
	secret_free(&words);
}

static void end(struct vault *v, sqlite3 *db)
{
	vfs_close(v, db);
	vault_close(v);
}

static uint64_t bad_seen[16];
static size_t bad_n;

static void note_bad(void *ctx, const char *what, uint64_t n)
{
	(void)ctx;
	if (bad_n < 16)
		bad_seen[bad_n++] = strcmp(what, "page") == 0 ? n : n + 1000000;
}

static struct vfs_check check(struct vault *v)
{
	struct vfs_check c = {0};
	struct err e = ERR_INIT;

	bad_n = 0;
	CHECK_OK(vfs_check(v, note_bad, NULL, &c, &e), &e);
	return c;
}

static void flip(const char *name, off_t at)
{
	int fd = open(check_path(name), O_RDWR);
	uint8_t byte;

	CHECK(pread(fd, &byte, 1, at) == 1);
	byte ^= 4;
	CHECK(pwrite(fd, &byte, 1, at) == 1);
	close(fd);
}

TEST(a_whole_notebook_is_found_whole)
{
	struct vfs_check c;
	struct vault *v;
	sqlite3 *db;

	begin("whole.arpent", 200, &v, &db);
	c = check(v);
	CHECK(c.frames > 20 && c.bad_frames == 0 && c.bad_pages == 0);
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", 0, 0, 0), SQLITE_OK);
	c = check(v);
	CHECK_EQ_INT(c.pages, sealed_number(db, "PRAGMA page_count"));
	CHECK(c.frames == 0 && c.bad_pages == 0 && c.fresh_known && c.fresh_ok);
	vfs_close(v, db);
	CHECK(access(check_path("whole.arpent-wal"), F_OK) != 0);
	c = check(v);
	CHECK(c.fresh_known && c.fresh_ok);
	vault_close(v);
	begin("whole.arpent", 0, &v, &db);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 200);
	end(v, db);
}

TEST(every_bad_page_is_listed_and_the_others_are_read)
{
	struct vfs_reader *r;
	struct vfs_check c;
	struct err e = ERR_INIT;
	uint8_t page[VAULT_PAGE];
	uint64_t pages;
	struct vault *v;
	sqlite3 *db;

	begin("bad.arpent", 200, &v, &db);
	vfs_close(v, db);
	flip("bad.arpent", VAULT_HEADER + 2 * VAULT_PAGE + 77);
	flip("bad.arpent", VAULT_HEADER + 9 * VAULT_PAGE + 4090);
	c = check(v);
	CHECK_EQ_INT(c.bad_pages, 2);
	CHECK_EQ_INT(bad_seen[0], 3);
	CHECK_EQ_INT(bad_seen[1], 10);
	REQUIRE(CHECK_OK(vfs_reader_open(v, "", &r, &pages, &e), &e));
	CHECK_EQ_INT(pages, c.pages);
	for (uint64_t n = 1; n <= pages; n++)
		CHECK_EQ_INT(vfs_reader_page(r, n, page, &e), n != 3 && n != 10);
	CHECK_ERR(vfs_reader_page(r, 3, page, &e), &e, ERR_DAMAGED);
	CHECK_ERR(vfs_reader_page(r, 0, page, &e), &e, ERR_NOT_FOUND);
	vfs_reader_close(r);
	/* Pages cut off the end are missed. */
	CHECK(truncate(check_path("bad.arpent"), VAULT_HEADER + (off_t)(pages - 2) * VAULT_PAGE + 100) == 0);
	c = check(v);
	CHECK_EQ_INT(c.bad_pages, 4);
	CHECK(!c.fresh_ok);
	vault_close(v);
}

TEST(the_newest_committed_frame_wins)
{
	struct err e = ERR_INIT;
	uint8_t before[VAULT_PAGE], after[VAULT_PAGE];
	struct vfs_check c;
	struct vault *v;
	sqlite3 *db;
	uint32_t pgno;
	off_t last = 0;

	begin("newest.arpent", 20, &v, &db);
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0", 0, 0, 0),
		     SQLITE_OK);
	CHECK_OK(vfs_read_page(v, 3, before, &e), &e);
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = 'changed' WHERE a = 1", 0, 0, 0), SQLITE_OK);
	c = check(v);
	CHECK(c.frames >= 1);
	CHECK_OK(vfs_read_page(v, 3, after, &e), &e);
	CHECK(memmem(before, sizeof before, "changed", 7) == NULL);
	CHECK(memmem(after, sizeof after, "changed", 7) != NULL);
	/* A frame damaged between others is listed, and what it held before is given. */
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = 'again' WHERE a < 20", 0, 0, 0), SQLITE_OK);
	flip("newest.arpent-wal", VFS_WAL_HEADER + 24 + 100);
	c = check(v);
	CHECK_EQ_INT(c.bad_frames, 1);
	CHECK_EQ_INT(bad_seen[0], 1000001);
	CHECK(c.frames > 1);
	flip("newest.arpent-wal", VFS_WAL_HEADER + 24 + 100);
	/* An unfinished tail is no damage. */
	for (pgno = 0; pgno < c.frames; pgno++)
		last = VFS_WAL_HEADER + (off_t)pgno * VFS_FRAME;
	flip("newest.arpent-wal", last + 24 + 100);
	c = check(v);
	CHECK_EQ_INT(c.bad_frames, 0);
	flip("newest.arpent-wal", last + 24 + 100);
	end(v, db);
}

/* What freshness is for: a page put back as it was earlier opens, and is found all the same. */
TEST(an_older_page_is_noticed)
{
	uint8_t older[VAULT_PAGE];
	struct vfs_check c;
	struct vault *v;
	sqlite3 *db;
	int fd;

	begin("fresh.arpent", 50, &v, &db);
	end(v, db);
	fd = open(check_path("fresh.arpent"), O_RDWR);
	CHECK(pread(fd, older, sizeof older, VAULT_HEADER + 3 * VAULT_PAGE) == VAULT_PAGE);
	begin("fresh.arpent", 0, &v, &db);
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = b || 'y'", 0, 0, 0), SQLITE_OK);
	vfs_close(v, db);
	c = check(v);
	CHECK(c.fresh_known && c.fresh_ok);
	CHECK(pwrite(fd, older, sizeof older, VAULT_HEADER + 3 * VAULT_PAGE) == VAULT_PAGE);
	c = check(v);
	CHECK_EQ_INT(c.bad_pages, 0);
	CHECK(c.fresh_known && !c.fresh_ok);
	vault_close(v);
	close(fd);
}

TEST(after_a_crash_freshness_is_not_known)
{
	struct vault_fresh f;
	struct vfs_check c;
	struct vault *v;
	sqlite3 *db;

	begin("crash1.arpent", 50, &v, &db);
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", 0, 0, 0), SQLITE_OK);
	sealed_copy("crash1.arpent", "crash2.arpent");
	end(v, db);
	begin("crash2.arpent", 0, &v, &db);
	CHECK(!check(v).fresh_known);
	sealed_fill(db, 60);
	end(v, db);
	/* A clean close begins again. */
	begin("crash2.arpent", 0, &v, &db);
	c = check(v);
	CHECK(c.fresh_known && c.fresh_ok);
	CHECK(vault_fresh_get(v, &f, NULL) && f.counter == 1);
	end(v, db);
	/* A session that writes nothing counts nothing. */
	begin("crash2.arpent", 0, &v, &db);
	CHECK(vault_fresh_get(v, &f, NULL) && f.counter == 1);
	end(v, db);
}

/* Said before the first page is written, not after. */
TEST(freshness_is_given_up_before_a_page_is_written)
{
	uint8_t page[VAULT_PAGE] = {0};
	struct vault_fresh f;
	struct vault *v;
	sqlite3_file *file;
	sqlite3 *db;

	begin("before.arpent", 10, &v, &db);
	end(v, db);
	begin("before.arpent", 0, &v, &db);
	CHECK(vault_fresh_get(v, &f, NULL) && f.known);
	file = sealed_file(db);
	CHECK_EQ_INT(file->pMethods->xWrite(file, page, VAULT_PAGE, 20 * VAULT_PAGE), SQLITE_OK);
	CHECK(vault_fresh_get(v, &f, NULL) && !f.known);
	end(v, db);
}

TEST(what_was_rolled_back_is_not_of_the_log)
{
	struct vfs_check c;
	struct vault *v;
	sqlite3 *db;
	struct stat st;

	begin("rolled.arpent", 300, &v, &db);
	CHECK_EQ_INT(sqlite3_exec(db,
				  "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=10;"
				  "UPDATE t SET b = 'short' WHERE a = 1; BEGIN; UPDATE t SET b = b || 'y'; ROLLBACK;"
				  "UPDATE t SET b = 'shorter' WHERE a = 1",
				  0, 0, 0),
		     SQLITE_OK);
	c = check(v);
	CHECK_EQ_INT(c.bad_frames, 0);
	CHECK(stat(check_path("rolled.arpent-wal"), &st) == 0);
	CHECK((uint64_t)(st.st_size - VFS_WAL_HEADER) / VFS_FRAME > c.frames);
	/* A size put into a frame that was left over makes no commit of it, and is told. */
	flip("rolled.arpent-wal", VFS_WAL_HEADER + (off_t)(c.frames + 2) * VFS_FRAME + 7);
	c = check(v);
	CHECK(c.bad_frames == 0 && c.torn_frames > 0);
	end(v, db);
}

/* Neither file is changed, and no other made; the second has a WAL that a crash left. */
TEST(opened_for_reading)
{
	static const char *const names[] = {"read.arpent", "read2.arpent"};
	struct err e = ERR_INIT;
	struct vault *v;
	sqlite3 *db;

	begin(names[0], 30, &v, &db);
	sealed_copy(names[0], names[1]);
	sealed_copy("read.arpent-wal", "read2.arpent-wal");
	end(v, db);
	for (int i = 0; i < 2; i++) {
		struct stat before, after;

		CHECK(stat(check_path(names[i]), &before) == 0);
		REQUIRE(CHECK_OK(vault_open(check_path(names[i]), &key, false, &v, &e), &e));
		REQUIRE(CHECK_OK(vfs_open(v, NULL, &db, &e), &e));
		CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 30);
		CHECK_EQ_INT(sqlite3_exec(db, "DELETE FROM t", 0, 0, 0), SQLITE_READONLY);
		end(v, db);
		CHECK(stat(check_path(names[i]), &after) == 0);
		CHECK(before.st_mtim.tv_sec == after.st_mtim.tv_sec && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	}
	CHECK(access(check_path("read.arpent-wal"), F_OK) != 0);
	CHECK(access(check_path("read2.arpent-wal"), F_OK) == 0);
	begin(names[1], 0, &v, &db);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 30);
	end(v, db);
}

TEST(backup_while_in_use)
{
	const char *to = check_path("copy.arpent");
	struct err e = ERR_INIT;
	struct vfs_check c;
	struct vault *v, *w;
	struct stat st;
	sqlite3 *db, *copy;

	begin("used.arpent", 100, &v, &db);
	REQUIRE(CHECK_OK(vfs_backup(v, db, to, &e), &e));
	CHECK_ERR(vfs_backup(v, db, to, &e), &e, ERR_EXISTS);
	CHECK(stat(to, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK(!sealed_file_has("copy.arpent", SEALED_CANARY, strlen(SEALED_CANARY)));
	sealed_fill(db, 120);
	end(v, db);
	begin("copy.arpent", 0, &w, &copy);
	CHECK_EQ_INT(sealed_number(copy, "SELECT count(*) FROM t"), 100);
	c = check(w);
	CHECK(c.bad_pages == 0 && c.fresh_known && c.fresh_ok);
	end(w, copy);
}

TEST(a_new_data_key)
{
	struct secret next = SECRET_INIT, words = SECRET_INIT;
	struct vault_key new_key = {&next, NULL, NULL};
	struct err e = ERR_INIT;
	uint8_t id[16], old[VAULT_PAGE], is[VAULT_PAGE];
	struct vault *v, *w;
	struct stat st;
	sqlite3 *db;

	begin("rekey.arpent", 100, &v, &db);
	memcpy(id, vault_file_id(v), 16);
	REQUIRE(secret_set(&next, "next", 4, &e));
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", 0, 0, 0), SQLITE_OK);
	CHECK(pread(vault_fd(v), old, VAULT_PAGE, VAULT_HEADER) == VAULT_PAGE);
	REQUIRE(CHECK_OK(vfs_rekey(&v, &db, &new_key, &VAULT_COST_TEST, "fr", &words, &e), &e));
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 100);
	CHECK(memcmp(id, vault_file_id(v), 16) != 0);
	CHECK(pread(vault_fd(v), is, VAULT_PAGE, VAULT_HEADER) == VAULT_PAGE);
	CHECK(memcmp(old, is, VAULT_PAGE) != 0);
	CHECK_ERR(vault_open(check_path("rekey.arpent"), &new_key, true, &w, &e), &e, ERR_BUSY);
	CHECK(atol(e.detail) == (long)getpid());
	sealed_fill(db, 130);
	end(v, db);
	CHECK(stat(check_path("rekey.arpent.rekey"), &st) != 0);
	CHECK(stat(check_path("rekey.arpent.lock"), &st) != 0);
	CHECK_ERR(vault_open(check_path("rekey.arpent"), &key, true, &v, &e), &e, ERR_WRONG_KEY);
	REQUIRE(CHECK_OK(vault_open(check_path("rekey.arpent"), &new_key, true, &v, &e), &e));
	REQUIRE(CHECK_OK(vfs_open(v, NULL, &db, &e), &e));
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 130);
	end(v, db);
	secret_free(&next);
	secret_free(&words);
	secret_free(&pass);
}
