/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shim's rules for the rollback journal.  A hot journal is a copy taken in the middle of a transaction. */
#include "check.h"
#include "sealed.h"
#include "arpent/bytes.h"

/* 300 rows, and a transaction over all of them that has reached the disk in part; the files as they are then become
 * "hot.db".  The transaction is then undone, and must be by SQLite too. */
static void make_hot(const char *name, const char *journal)
{
	sqlite3 *db = sealed_open(name, "delete");

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA cache_size=10", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 300);
	CHECK_EQ_INT(
	    sqlite3_exec(db, "BEGIN; UPDATE t SET b = b || 'changed'; INSERT INTO t SELECT a+1000, b FROM t", 0, 0, 0),
	    SQLITE_OK);
	sealed_copy(name, "hot.db");
	sealed_copy(journal, "hot.db-journal");
	CHECK_EQ_INT(sqlite3_exec(db, "ROLLBACK", 0, 0, 0), SQLITE_OK);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t WHERE b NOT LIKE '%changed'"), 300);
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
}

static void check_rolled_back(void)
{
	sqlite3 *db = sealed_open("hot.db", "delete");

	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), 300);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t WHERE b NOT LIKE '%changed'"), 300);
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
}

static void garbage(const char *name, off_t at, size_t n)
{
	int fd = open(check_path(name), O_RDWR);
	uint8_t byte = 0xa5;

	while (n-- > 0)
		CHECK(pwrite(fd, &byte, 1, at++) == 1);
	close(fd);
}

TEST(hot_journal_is_rolled_back)
{
	make_hot("a.db", "a.db-journal");
	CHECK(!sealed_file_has("hot.db-journal", SEALED_CANARY, strlen(SEALED_CANARY)));
	CHECK(!sealed_file_has("hot.db", SEALED_CANARY, strlen(SEALED_CANARY)));
	check_rolled_back();
}

TEST(header_read_before_recovery)
{
	make_hot("b.db", "b.db-journal");
	/* Page 1 torn: half of it did not reach the disk. */
	garbage("hot.db", VAULT_HEADER + 2048, 2048);
	check_rolled_back();
}

TEST(a_torn_page_1_without_a_journal_is_damage)
{
	sqlite3 *db = sealed_open("c.db", "delete");

	sealed_fill(db, 20);
	sqlite3_close(db);
	garbage("c.db", VAULT_HEADER + 2048, 2048);
	db = sealed_open_plain("c.db");
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t"), -1);
	CHECK_EQ_INT(sqlite3_extended_errcode(db), SQLITE_IOERR_DATA);
	sqlite3_close(db);
}

/* The offset of record n of a journal with sectors of 512 bytes. */
static off_t record_at(int n)
{
	return 512 + (off_t)n * (4 + VAULT_PAGE + 4);
}

TEST(journal_records)
{
	uint8_t record[4 + VAULT_PAGE + 4], plain[VAULT_PAGE], init[4];
	struct err e = ERR_INIT;
	struct seal seal;
	uint32_t sum;
	int fd;

	make_hot("d.db", "d.db-journal");
	fd = open(check_path("hot.db-journal"), O_RDONLY);
	REQUIRE(pread(fd, record, sizeof record, record_at(0)) == (ssize_t)sizeof record);
	REQUIRE(pread(fd, init, 4, 12) == 4);
	close(fd);
	REQUIRE(CHECK_OK(seal_init_raw(&seal, sealed_key, sealed_id, &e), &e));
	/* The page is bound to the number before it, and SQLite's sum of its plaintext is masked. */
	CHECK(seal_open(&seal, be32_get(record), record + 4, plain));
	sum = be32_get(init);
	for (int i = VAULT_PAGE - 200; i > 0; i -= 200)
		sum += plain[i];
	CHECK(be32_get(record + 4 + VAULT_PAGE) != sum);
	seal_mask(&seal, record + 4, record + 4 + VAULT_PAGE);
	CHECK_EQ_INT(be32_get(record + 4 + VAULT_PAGE), sum);
	seal_done(&seal);
}

TEST(torn_tail_in_the_journal)
{
	sqlite3 *db;

	make_hot("e.db", "e.db-journal");
	/* The first record did not reach the disk: then nothing of the database was written either, says SQLite. */
	garbage("hot.db-journal", record_at(0) + 1000, 100);
	db = sealed_open("hot.db", "delete");
	CHECK(sealed_number(db, "SELECT count(*) FROM sqlite_schema") >= 0);
	CHECK(sqlite3_extended_errcode(db) != SQLITE_IOERR_DATA);
	sqlite3_close(db);
}

/* Zeros with a checksum made to fit would otherwise be taken for a page, and sealed. */
TEST(a_record_that_does_not_open_never_becomes_a_page)
{
	uint8_t init[4], page[VAULT_PAGE], pgno[4];
	sqlite3_file *f;
	sqlite3 *db;
	int fd;

	make_hot("f.db", "f.db-journal");
	fd = open(check_path("hot.db-journal"), O_RDWR);
	CHECK(pread(fd, init, 4, 12) == 4);
	CHECK(pread(fd, pgno, 4, record_at(0)) == 4);
	CHECK(pwrite(fd, init, 4, record_at(0) + 4 + VAULT_PAGE) == 4);
	close(fd);
	garbage("hot.db-journal", record_at(0) + 4, VAULT_PAGE);
	db = sealed_open_plain("hot.db");
	(void)sealed_number(db, "SELECT count(*) FROM sqlite_schema");
	f = sealed_file(db);
	if (f->pMethods->xRead(f, page, VAULT_PAGE, (sqlite3_int64)(be32_get(pgno) - 1) * VAULT_PAGE) == SQLITE_OK)
		CHECK(!sodium_is_zero(page, sizeof page));
	sqlite3_close(db);
}

TEST(own_records_are_a_hard_error)
{
	sqlite3 *db = sealed_open("g.db", "delete");
	uint8_t page[VAULT_PAGE], pgno[4];
	sqlite3_file *journal;

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA cache_size=10", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 300);
	CHECK_EQ_INT(sqlite3_exec(db, "BEGIN; UPDATE t SET b = b || 'changed'", 0, 0, 0), SQLITE_OK);
	journal = sealed_journal_file(db);
	CHECK_EQ_INT(journal->pMethods->xRead(journal, pgno, 4, record_at(3)), SQLITE_OK);
	CHECK_EQ_INT(journal->pMethods->xRead(journal, page, VAULT_PAGE, record_at(3) + 4), SQLITE_OK);
	garbage("g.db-journal", record_at(3) + 1000, 10);
	CHECK_EQ_INT(journal->pMethods->xRead(journal, pgno, 4, record_at(3)), SQLITE_OK);
	CHECK_EQ_INT(journal->pMethods->xRead(journal, page, VAULT_PAGE, record_at(3) + 4), SQLITE_IOERR_DATA);
	CHECK(sodium_is_zero(page, sizeof page));
	sqlite3_close(db);
}

TEST(savepoints_and_other_journal_modes)
{
	static const char *const modes[] = {"delete", "truncate", "persist", "memory"};

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		char name[32];
		sqlite3 *db;

		snprintf(name, sizeof name, "mode-%s.db", modes[i]);
		db = sealed_open(name, modes[i]);
		CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA cache_size=10", 0, 0, 0), SQLITE_OK);
		sealed_fill(db, 200);
		CHECK_EQ_INT(sqlite3_exec(db,
					  "BEGIN; UPDATE t SET b = b || 'y'; SAVEPOINT s; UPDATE t SET b = b || 'z';"
					  "ROLLBACK TO s; COMMIT; BEGIN; DELETE FROM t; ROLLBACK",
					  0, 0, 0),
			     SQLITE_OK);
		CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t WHERE b LIKE '%y'"), 200);
		CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
		sqlite3_close(db);
	}
}

TEST(sectors_of_64_kib)
{
	sqlite3 *db = sealed_open("sector.db", "persist");

	sealed_fill(db, 1);
	sqlite3_close(db);
	db = sealed_open_plain("sector.db");
	under.sector = 65536;
	under.without = SQLITE_IOCAP_POWERSAFE_OVERWRITE;
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA cache_size=10", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 300);
	CHECK_EQ_INT(sqlite3_exec(db, "BEGIN; UPDATE t SET b = b || 'changed'; ROLLBACK", 0, 0, 0), SQLITE_OK);
	CHECK_EQ_INT(sealed_number(db, "SELECT count(*) FROM t WHERE b NOT LIKE '%changed'"), 300);
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
}
