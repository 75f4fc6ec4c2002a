/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shim's rules for the database file and for SQLite at large; test_vfs_wal.c and test_vfs_journal.c have the
 * others. */
#include "check.h"
#include "sealed.h"

TEST(reserved_bytes)
{
	sqlite3 *db = sealed_open_plain("reserve.db");

	uint8_t page[VAULT_PAGE] = {0};

	/* Without the reserve SQLite would put its own data where the seal goes: the shim asks for it, */
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA journal_mode=DELETE; CREATE TABLE t(a)", 0, 0, 0), SQLITE_OK);
	/* and refuses a page 1 that does not have it. */
	CHECK_EQ_INT(sealed_file(db)->pMethods->xWrite(sealed_file(db), page, VAULT_PAGE, 0), SQLITE_IOERR_WRITE);
	sqlite3_close(db);
	db = sealed_open("reserve-wal.db", "wal");
	sealed_fill(db, 50);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 50);
	sqlite3_close(db);
}

TEST(reserve_not_zero_is_refused_in_the_wal)
{
	sqlite3 *db = sealed_open("reserve2.db", "wal");
	sqlite3_file *wal;
	uint8_t frame[24] = {0, 0, 0, 2}, page[VAULT_PAGE] = {0},
		head[32] = {0x37, 0x7f, 6, 0x82, 0, 0, 0, 0, 0, 0, 16};

	sealed_fill(db, 1);
	wal = sealed_journal_file(db);
	REQUIRE(wal->pMethods != NULL);
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, head, sizeof head, 0), SQLITE_OK);
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, frame, sizeof frame, 32), SQLITE_OK);
	page[VAULT_PAGE - 1] = 1;
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, page, sizeof page, 56), SQLITE_IOERR_WRITE);
	sqlite3_close(db);
}

TEST(sub_page_reads)
{
	sqlite3 *db = sealed_open("sub.db", "delete");
	sqlite3_file *f;
	uint8_t page[VAULT_PAGE], part[5000];

	sealed_fill(db, 200);
	f = sealed_file(db);
	REQUIRE(f->pMethods->xRead(f, page, VAULT_PAGE, 0) == SQLITE_OK);
	CHECK_EQ_INT(f->pMethods->xRead(f, part, 100, 0), SQLITE_OK);
	CHECK_MEM(part, 100, page, 100);
	CHECK_EQ_INT(f->pMethods->xRead(f, part, 16, 24), SQLITE_OK);
	CHECK_MEM(part, 16, page + 24, 16);
	/* Across the border of two pages. */
	CHECK_EQ_INT(f->pMethods->xRead(f, part, 5000, 100), SQLITE_OK);
	CHECK_MEM(part, VAULT_PAGE - 100, page + 100, VAULT_PAGE - 100);
	REQUIRE(f->pMethods->xRead(f, page, VAULT_PAGE, VAULT_PAGE) == SQLITE_OK);
	CHECK_MEM(part + VAULT_PAGE - 100, 1004, page, 1004);
	CHECK(sodium_is_zero(page + SEAL_TEXT, VAULT_RESERVE));
	sqlite3_close(db);
}

TEST(holes)
{
	sqlite3 *db = sealed_open_plain("holes.db");
	sqlite3_file *f = sealed_file(db);
	uint8_t page[VAULT_PAGE] = {0}, back[VAULT_PAGE];
	int fd;

	page[100] = 7;
	CHECK_EQ_INT(f->pMethods->xWrite(f, page, VAULT_PAGE, 9 * VAULT_PAGE), SQLITE_OK);
	for (int n = 0; n < 9; n++)
		CHECK_EQ_INT(f->pMethods->xRead(f, back, VAULT_PAGE, n * VAULT_PAGE), SQLITE_OK);
	CHECK_EQ_INT(f->pMethods->xRead(f, back, VAULT_PAGE, 9 * VAULT_PAGE), SQLITE_OK);
	CHECK_EQ_INT(back[100], 7);
	/* So a page of raw zeros can only be tampering. */
	fd = open(check_path("holes.db"), O_RDWR);
	memset(page, 0, sizeof page);
	CHECK(pwrite(fd, page, VAULT_PAGE, VAULT_HEADER + 4 * VAULT_PAGE) == VAULT_PAGE);
	close(fd);
	CHECK_EQ_INT(f->pMethods->xRead(f, back, VAULT_PAGE, 4 * VAULT_PAGE), SQLITE_IOERR_DATA);
	CHECK(sodium_is_zero(back, sizeof back));
	sqlite3_close(db);
}

TEST(pages_do_not_move)
{
	sqlite3 *db = sealed_open("moved.db", "delete");
	uint8_t a[VAULT_PAGE], b[VAULT_PAGE], back[VAULT_PAGE];
	sqlite3_file *f;
	int fd;

	sealed_fill(db, 300);
	fd = open(check_path("moved.db"), O_RDWR);
	CHECK(pread(fd, a, sizeof a, VAULT_HEADER + 3 * VAULT_PAGE) == VAULT_PAGE);
	CHECK(pread(fd, b, sizeof b, VAULT_HEADER + 4 * VAULT_PAGE) == VAULT_PAGE);
	CHECK(pwrite(fd, b, sizeof b, VAULT_HEADER + 3 * VAULT_PAGE) == VAULT_PAGE);
	f = sealed_file(db);
	CHECK_EQ_INT(f->pMethods->xRead(f, back, VAULT_PAGE, 3 * VAULT_PAGE), SQLITE_IOERR_DATA);
	CHECK(pwrite(fd, a, sizeof a, VAULT_HEADER + 3 * VAULT_PAGE) == VAULT_PAGE);
	CHECK_EQ_INT(f->pMethods->xRead(f, back, VAULT_PAGE, 3 * VAULT_PAGE), SQLITE_OK);
	close(fd);
	sqlite3_close(db);
}

TEST(every_flipped_bit_is_seen)
{
	sqlite3 *db = sealed_open("flip.db", "delete");
	uint8_t page[VAULT_PAGE];
	struct stat st;
	sqlite3_file *f;
	int fd;

	sealed_fill(db, 20);
	f = sealed_file(db);
	fd = open(check_path("flip.db"), O_RDWR);
	REQUIRE(fstat(fd, &st) == 0);
	for (off_t p = VAULT_HEADER; p < st.st_size; p += VAULT_PAGE) {
		off_t at = p + (off_t)(check_random() % VAULT_PAGE);
		uint8_t byte, bit = (uint8_t)(1u << check_random() % 8);

		CHECK(pread(fd, &byte, 1, at) == 1);
		byte ^= bit;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
		CHECK_EQ_INT(f->pMethods->xRead(f, page, VAULT_PAGE, p - VAULT_HEADER), SQLITE_IOERR_DATA);
		byte ^= bit;
		CHECK(pwrite(fd, &byte, 1, at) == 1);
	}
	close(fd);
	sqlite3_close(db);
}

TEST(size_pragmas)
{
	sqlite3 *db = sealed_open("size.db", "delete");
	const char *copy = check_path("size-copy.db");

	sealed_fill(db, 100);
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA page_size=8192; VACUUM", 0, 0, 0), SQLITE_OK);
	CHECK_EQ_INT(sealed_number(db, "PRAGMA page_size"), VAULT_PAGE);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 100);
	CHECK_EQ_INT(sealed_into(db, copy), SQLITE_OK);
	sqlite3_close(db);
	db = sealed_open("size-copy.db", "delete");
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 100);
	sqlite3_close(db);
}

/* By a program that knows nothing of the seal; a commit to both files names them in a third. */
TEST(attached_files)
{
	sqlite3 *db = sealed_open_plain("first.db");
	char sql[4096];

	snprintf(sql, sizeof sql,
		 "PRAGMA auto_vacuum=INCREMENTAL; ATTACH '%s' AS aux; CREATE TABLE aux.u(a, b);"
		 "INSERT INTO aux.u VALUES(0, '" SEALED_CANARY "')",
		 check_path("second.db"));
	CHECK_EQ_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sealed_fill(db, 20);
	CHECK_EQ_INT(
	    sqlite3_exec(db, "BEGIN; UPDATE t SET b = b || 'y'; INSERT INTO u SELECT * FROM t; COMMIT", 0, 0, 0),
	    SQLITE_OK);
	CHECK_EQ_INT(sealed_number(db, "PRAGMA auto_vacuum"), 2);
	snprintf(sql, sizeof sql, "VACUUM aux INTO '%s'", check_path("third.db"));
	CHECK_EQ_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	CHECK(!sealed_file_has("second.db", SEALED_CANARY, strlen(SEALED_CANARY)));
	db = sealed_open_plain("third.db");
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM u"), 21);
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
	CHECK(!sealed_file_has("third.db", SEALED_CANARY, strlen(SEALED_CANARY)));
}

TEST(device_flags)
{
	sqlite3 *db = sealed_open_plain("device.db");
	sqlite3_file *f = sealed_file(db);
	int flags;

	under.device = SQLITE_IOCAP_ATOMIC | SQLITE_IOCAP_ATOMIC4K | SQLITE_IOCAP_ATOMIC64K |
		       SQLITE_IOCAP_BATCH_ATOMIC | 0x8000 /* SUBPAGE_READ */ | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
	under.sector = 8192;
	flags = f->pMethods->xDeviceCharacteristics(f);
	CHECK_EQ_INT(flags & 0xc1ff, 0);
	CHECK((flags & SQLITE_IOCAP_POWERSAFE_OVERWRITE) != 0);
	CHECK_EQ_INT(f->pMethods->xSectorSize(f), 8192);
	sqlite3_close(db);
}

TEST(file_controls)
{
	sqlite3 *db = sealed_open_plain("control.db");
	sqlite3_file *f = sealed_file(db);
	sqlite3_int64 n = 100000;
	int chunk = 1 << 20;

	CHECK_EQ_INT(f->pMethods->xFileControl(f, SQLITE_FCNTL_SIZE_HINT, &n), SQLITE_OK);
	CHECK_EQ_INT(under.hint, 100000 + VAULT_HEADER);
	CHECK_EQ_INT(f->pMethods->xFileControl(f, SQLITE_FCNTL_CHUNK_SIZE, &chunk), SQLITE_NOTFOUND);
	CHECK_EQ_INT(f->pMethods->xFileControl(f, SQLITE_FCNTL_BEGIN_ATOMIC_WRITE, NULL), SQLITE_NOTFOUND);
	n = 1 << 20;
	CHECK_EQ_INT(f->pMethods->xFileControl(f, SQLITE_FCNTL_MMAP_SIZE, &n), SQLITE_OK);
	CHECK_EQ_INT(n, 0);
	CHECK(f->pMethods->iVersion < 3); /* no xFetch */
	sqlite3_close(db);
}

TEST(cache_is_given_back)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	sqlite3 *db = NULL;
	char sql[64];
	size_t small;

	REQUIRE(CHECK_OK(vfs_start(VFS_CACHE, &e), &e));
	REQUIRE(secret_set(&pass, "pass", 4, &e));
	REQUIRE(CHECK_OK(vault_create(check_path("cache.arpent"), &key, &VAULT_COST_TEST, "en", &v, &words, &e), &e));
	REQUIRE(CHECK_OK(vfs_open(v, NULL, &db, &e), &e));
	small = vfs_cache_bytes();
	CHECK(small <= VFS_CACHE);
	CHECK_EQ_INT(sealed_number(db, "PRAGMA cache_size"), (int64_t)vfs_cache_pages(false));
	snprintf(sql, sizeof sql, "PRAGMA cache_size = %zu", vfs_cache_pages(true));
	CHECK_EQ_INT(sqlite3_exec(db, sql, 0, 0, 0), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(db,
				  "CREATE TABLE t(a); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c "
				  "WHERE i < 1500) INSERT INTO t SELECT zeroblob(3000) FROM c",
				  0, 0, 0),
		     SQLITE_OK);
	CHECK(vfs_cache_bytes() > small);
	snprintf(sql, sizeof sql, "PRAGMA cache_size = %zu", vfs_cache_pages(false));
	CHECK_EQ_INT(sqlite3_exec(db, sql, 0, 0, 0), SQLITE_OK);
	sqlite3_db_release_memory(db);
	CHECK_EQ_INT(vfs_cache_bytes(), small);
	CHECK_EQ_INT(sealed_number(db, "SELECT sum(length(a)) FROM t"), 4500000);
	CHECK_EQ_INT(vfs_cache_bytes(), small);
	vfs_close(v, db);
	vault_close(v);
	secret_free(&pass);
	secret_free(&words);
}

TEST(shm_and_temp)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {&pass, NULL, NULL};
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	sqlite3 *db = NULL;
	struct vfs *vfs;
	union vfs_any *file;

	REQUIRE(secret_set(&pass, "pass", 4, &e));
	REQUIRE(CHECK_OK(vault_create(check_path("shm.arpent"), &key, &VAULT_COST_TEST, "en", &v, &words, &e), &e));
	REQUIRE(CHECK_OK(vfs_open(v, "under", &db, &e), &e));
	CHECK_EQ_INT(sqlite3_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1)", 0, 0, 0), SQLITE_OK);
	CHECK_STR(sealed_text(db, "PRAGMA locking_mode"), "exclusive");
	CHECK_STR(sealed_text(db, "PRAGMA journal_mode"), "wal");
	CHECK_EQ_INT(sealed_number(db, "PRAGMA synchronous"), 2);
	CHECK_EQ_INT(sealed_number(db, "PRAGMA temp_store"), 2);
	CHECK(access(check_path("shm.arpent-wal"), F_OK) == 0);
	CHECK(access(check_path("shm.arpent-shm"), F_OK) != 0);
	vfs = vfs_of(db);
	REQUIRE(vfs != NULL);
	file = calloc(1, (size_t)vfs->base.szOsFile);
	for (int kind = SQLITE_OPEN_TEMP_DB; kind <= SQLITE_OPEN_SUPER_JOURNAL; kind <<= 1)
		if (kind != SQLITE_OPEN_MAIN_JOURNAL)
			CHECK_EQ_INT(vfs->base.xOpen(&vfs->base, check_path("temp"), &file->f.base,
						     kind | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
				     SQLITE_CANTOPEN);
	CHECK(access(check_path("temp"), F_OK) != 0);
	free(file);
	vfs_close(v, db);
	vault_close(v);
	secret_free(&pass);
	secret_free(&words);
}

TEST(lock_byte_page)
{
	sqlite3 *db;
	sqlite3_file *f;
	uint8_t page[VAULT_PAGE];
	sqlite3_int64 size;

	/* The page SQLite never writes, put at 17 instead of 262145. */
	sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 0x10000);
	db = sealed_open("lockbyte.db", "wal");
	sealed_fill(db, 300);
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)", 0, 0, 0), SQLITE_OK);
	f = sealed_file(db);
	CHECK_EQ_INT(f->pMethods->xFileSize(f, &size), SQLITE_OK);
	CHECK(size > 20 * VAULT_PAGE);
	for (sqlite3_int64 at = 0; at < size; at += VAULT_PAGE)
		CHECK_EQ_INT(f->pMethods->xRead(f, page, VAULT_PAGE, at), SQLITE_OK);
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
	sqlite3_test_control(SQLITE_TESTCTRL_PENDING_BYTE, 0x40000000);
}

TEST(errors_are_the_ones_underneath)
{
	sqlite3 *db = sealed_open("errors.db", "delete");
	sqlite3_file *f;
	uint8_t page[VAULT_PAGE] = {0};

	sealed_fill(db, 10);
	f = sealed_file(db);
	under.fail_read = SQLITE_IOERR_NOMEM;
	CHECK_EQ_INT(f->pMethods->xRead(f, page, VAULT_PAGE, 0), SQLITE_IOERR_NOMEM);
	CHECK_EQ_INT(f->pMethods->xRead(f, page, 100, 0), SQLITE_IOERR_NOMEM);
	under.fail_read = SQLITE_IOERR_READ;
	CHECK_EQ_INT(f->pMethods->xRead(f, page, VAULT_PAGE, 0), SQLITE_IOERR_READ);
	under.fail_read = 0;
	under.fail_write = SQLITE_FULL;
	CHECK_EQ_INT(f->pMethods->xWrite(f, page, VAULT_PAGE, VAULT_PAGE), SQLITE_FULL);
	under.fail_write = 0;
	under.fail_size = SQLITE_IOERR_FSTAT;
	CHECK_EQ_INT(f->pMethods->xWrite(f, page, VAULT_PAGE, VAULT_PAGE), SQLITE_IOERR_FSTAT);
	under.fail_size = 0;
	sqlite3_close(db);
}

TEST(wrong_key_live_wal)
{
	const uint8_t other[32] = {9}, other_id[16] = {9};
	struct err e = ERR_INIT;
	sqlite3 *db = sealed_open("live.db", "wal"), *with = NULL;
	struct stat st;

	sealed_fill(db, 50);
	sealed_copy("live.db", "live2.db");
	sealed_copy("live.db-wal", "live2.db-wal");
	sqlite3_close(db);
	REQUIRE(CHECK_OK(vfs_register_raw("other", "under", other, sealed_id, &e), &e));
	CHECK_EQ_INT(sqlite3_open_v2(check_path("live2.db"), &with, SQLITE_OPEN_READWRITE, "other"), SQLITE_AUTH);
	sqlite3_close(with);
	vfs_unregister("other");
	/* The right key with another file's id: refused as well. */
	REQUIRE(CHECK_OK(vfs_register_raw("other", "under", sealed_key, other_id, &e), &e));
	CHECK_EQ_INT(sqlite3_open_v2(check_path("live2.db"), &with, SQLITE_OPEN_READWRITE, "other"), SQLITE_AUTH);
	sqlite3_close(with);
	vfs_unregister("other");
	CHECK(stat(check_path("live2.db-wal"), &st) == 0 && st.st_size > 0);
	db = sealed_open("live2.db", "wal");
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 50);
	sqlite3_close(db);
}
