/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shim's rules for the WAL.  A crash is a copy of the files, opened apart. */
#include "check.h"
#include "sealed.h"
#include "arpent/bytes.h"

/* Opens NAME.db and its WAL as a crash would leave them now, as "crash.db". */
static sqlite3 *crash(const char *db, const char *wal)
{
	sealed_copy(db, "crash.db");
	sealed_copy(wal, "crash.db-wal");
	return sealed_open("crash.db", "wal");
}

static void flip(const char *name, off_t at, uint8_t bits)
{
	int fd = open(check_path(name), O_RDWR);
	uint8_t byte;

	CHECK(pread(fd, &byte, 1, at) == 1);
	byte ^= bits;
	CHECK(pwrite(fd, &byte, 1, at) == 1);
	close(fd);
}

static off_t frame_at(int n)
{
	return VFS_WAL_HEADER + (off_t)n * VFS_FRAME;
}

static int frames(const char *name)
{
	struct stat st;

	CHECK(stat(check_path(name), &st) == 0);
	return (int)((st.st_size - VFS_WAL_HEADER) / VFS_FRAME);
}

static void frame_read(const char *name, int n, uint8_t frame[VFS_FRAME])
{
	int fd = open(check_path(name), O_RDONLY);

	CHECK(pread(fd, frame, VFS_FRAME, frame_at(n)) == VFS_FRAME);
	close(fd);
}

TEST(every_commit_survives_a_crash)
{
	sqlite3 *db = sealed_open("commit.db", "wal"), *after;

	for (int i = 1; i <= 30; i++) {
		sealed_fill(db, i);
		after = crash("commit.db", "commit.db-wal");
		CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), i);
		CHECK_STR(sealed_text(after, "PRAGMA integrity_check"), "ok");
		sqlite3_close(after);
	}
	CHECK(!sealed_file_has("commit.db-wal", SEALED_CANARY, strlen(SEALED_CANARY)));
	CHECK(access(check_path("commit.db-shm"), F_OK) != 0);
	sqlite3_close(db);
	CHECK(!sealed_file_has("commit.db", SEALED_CANARY, strlen(SEALED_CANARY)));
}

TEST(commits_are_out_without_a_sync)
{
	sqlite3 *db = sealed_open("normal.db", "wal"), *after;

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA synchronous=OFF", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 7);
	after = crash("normal.db", "normal.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), 7);
	sqlite3_close(after);
	sqlite3_close(db);
}

TEST(wal_sub_page_reads)
{
	sqlite3 *db = sealed_open("subwal.db", "wal");
	sqlite3_file *wal;
	uint8_t frame[VFS_FRAME], part[VFS_FRAME], raw[VFS_FRAME];

	sealed_fill(db, 100);
	wal = sealed_journal_file(db);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, frame, VFS_FRAME, frame_at(3)), SQLITE_OK);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, part, 8, frame_at(3)), SQLITE_OK);
	CHECK_MEM(part, 8, frame, 8);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, part, 100, frame_at(3) + 24), SQLITE_OK);
	CHECK_MEM(part, 100, frame + 24, 100);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, part, 500, frame_at(3) + 1000), SQLITE_OK);
	CHECK_MEM(part, 500, frame + 1000, 500);
	/* The checksum is not in the clear. */
	frame_read("subwal.db-wal", 3, raw);
	CHECK_MEM(raw, 16, frame, 16);
	CHECK(memcmp(raw + 16, frame + 16, 8) != 0);
	sqlite3_close(db);
}

TEST(wal_checksums)
{
	sqlite3 *db = sealed_open("sums.db", "wal"), *after;
	uint8_t first = 0, second = 0x80; /* the highest bits of both sums */
	int before, n;

	sealed_fill(db, 20);
	before = frames("sums.db-wal");
	CHECK_EQ_INT(sqlite3_exec(db, "INSERT INTO t SELECT a+1000, b FROM t", 0, 0, 0), SQLITE_OK);
	n = frames("sums.db-wal");
	REQUIRE(n > before);
	/* The size in a commit frame is in the clear, but not free to be changed: the link is bound to it.  Nor is
	 * there anything linear in its place, as SQLite's sums would be. */
	flip("sums.db-wal", frame_at(n - 1) + 7, 0x80);
	for (int i = 0; i < VAULT_PAGE / 8; i++) {
		first ^= second;
		second ^= first;
	}
	flip("sums.db-wal", frame_at(n - 1) + 16, first);
	flip("sums.db-wal", frame_at(n - 1) + 20, second);
	after = crash("sums.db", "sums.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), 20);
	sqlite3_close(after);
	flip("sums.db-wal", frame_at(n - 1) + 7, 0x80);
	flip("sums.db-wal", frame_at(n - 1) + 16, first);
	flip("sums.db-wal", frame_at(n - 1) + 20, second);
	after = crash("sums.db", "sums.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), 40);
	sqlite3_close(after);
	sqlite3_close(db);
}

TEST(torn_tail_in_the_wal)
{
	sqlite3 *db = sealed_open("torn.db", "wal"), *after;
	int n, commit;

	sealed_fill(db, 20);
	commit = frames("torn.db-wal");
	CHECK_EQ_INT(sqlite3_exec(db, "INSERT INTO t SELECT a+1000, b FROM t", 0, 0, 0), SQLITE_OK);
	n = frames("torn.db-wal");
	/* As a crash would have it: the frames of the last transaction did not all reach the disk. */
	for (int i = commit; i < n; i++) {
		flip("torn.db-wal", frame_at(i) + 2000, 0x40);
		after = crash("torn.db", "torn.db-wal");
		CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), 20);
		CHECK_STR(sealed_text(after, "PRAGMA integrity_check"), "ok");
		sqlite3_close(after);
		flip("torn.db-wal", frame_at(i) + 2000, 0x40);
	}
	sqlite3_close(db);
}

TEST(own_frames_are_a_hard_error)
{
	sqlite3 *db = sealed_open("hard.db", "wal");
	sqlite3_file *wal;
	uint8_t frame[VFS_FRAME];

	sealed_fill(db, 20);
	flip("hard.db-wal", frame_at(2) + 2000, 0x40);
	wal = sealed_journal_file(db);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, frame, VFS_FRAME, frame_at(2)), SQLITE_IOERR_DATA);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, frame, VAULT_PAGE, frame_at(2) + 24), SQLITE_IOERR_DATA);
	flip("hard.db-wal", frame_at(2) + 2000, 0x40);
	sqlite3_close(db);
}

/* A page read from a frame that recovery had accepted is never handed on as zeros. */
TEST(damage_after_recovery_is_a_hard_error)
{
	sqlite3 *db = sealed_open("late.db", "wal"), *after;

	sealed_fill(db, 400);
	after = crash("late.db", "late.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM sqlite_schema"), 1);
	for (int i = 0; i < frames("crash.db-wal"); i++)
		flip("crash.db-wal", frame_at(i) + 2000, 0x40);
	sqlite3_db_cacheflush(after);
	sqlite3_db_release_memory(after);
	CHECK_EQ_INT(sealed_number(after, "SELECT sum(length(b)) FROM t"), -1);
	CHECK_EQ_INT(sqlite3_extended_errcode(after), SQLITE_IOERR_DATA);
	for (int i = 0; i < frames("crash.db-wal"); i++)
		flip("crash.db-wal", frame_at(i) + 2000, 0x40);
	sqlite3_close(after);
	sqlite3_close(db);
}

/* A cache of a few pages makes SQLite write pages of an open transaction to the WAL, and write them there again. */
TEST(wal_rewrite)
{
	sqlite3 *db = sealed_open("rewrite.db", "wal"), *after;
	char *sums;

	CHECK_EQ_INT(
	    sqlite3_exec(db, "PRAGMA synchronous=NORMAL; PRAGMA cache_size=12; PRAGMA wal_autocheckpoint=0", 0, 0, 0),
	    SQLITE_OK);
	sealed_fill(db, 300);
	CHECK_EQ_INT(sqlite3_exec(db, "BEGIN", 0, 0, 0), SQLITE_OK);
	for (int i = 0; i < 5; i++)
		CHECK_EQ_INT(
		    sqlite3_exec(db, "UPDATE t SET b = b || 'y' WHERE a % 3 = 0; UPDATE t SET b = b || 'z'", 0, 0, 0),
		    SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(db, "COMMIT", 0, 0, 0), SQLITE_OK);
	sums = strdup(sealed_text(db, "SELECT sum(length(b)) || ' ' || count(*) FROM t"));
	/* NORMAL: no sync follows the commit, so the headers written alone must be out by now. */
	after = crash("rewrite.db", "rewrite.db-wal");
	CHECK_STR(sealed_text(after, "SELECT sum(length(b)) || ' ' || count(*) FROM t"), sums);
	CHECK_STR(sealed_text(after, "PRAGMA integrity_check"), "ok");
	sqlite3_close(after);
	sqlite3_close(db);
	free(sums);
}

TEST(rolled_back_frames_are_written_over)
{
	sqlite3 *db = sealed_open("undo.db", "wal"), *after;

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA cache_size=12; PRAGMA wal_autocheckpoint=0", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 300);
	CHECK_EQ_INT(sqlite3_exec(db,
				  "BEGIN; UPDATE t SET b = b || 'y'; SAVEPOINT s; UPDATE t SET b = 'w' || b; "
				  "ROLLBACK TO s; UPDATE t SET b = b || 'q' WHERE a < 100; ROLLBACK",
				  0, 0, 0),
		     SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = b || 'k' WHERE a % 7 = 0", 0, 0, 0), SQLITE_OK);
	after = crash("undo.db", "undo.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t WHERE b LIKE '%k'"), 42);
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t WHERE b LIKE '%y%z%' OR b LIKE 'w%' OR b LIKE '%q'"),
		     0);
	CHECK_STR(sealed_text(after, "PRAGMA integrity_check"), "ok");
	sqlite3_close(after);
	sqlite3_close(db);
}

/* The same when the frame has not even left for the disk. */
TEST(a_gathered_page_written_again)
{
	sqlite3 *db = sealed_open("again.db", "wal");
	uint8_t head[24] = {0, 0, 0, 2}, page[VAULT_PAGE] = {0}, back[VAULT_PAGE];
	sqlite3_file *wal;
	int n;

	sealed_fill(db, 20);
	wal = sealed_journal_file(db);
	n = frames("again.db-wal");
	for (uint8_t i = 1; i <= 2; i++) {
		page[0] = i;
		if (i == 1)
			CHECK_EQ_INT(wal->pMethods->xWrite(wal, head, sizeof head, frame_at(n)), SQLITE_OK);
		CHECK_EQ_INT(wal->pMethods->xWrite(wal, page, sizeof page, frame_at(n) + 24), SQLITE_OK);
	}
	CHECK_EQ_INT(frames("again.db-wal"), n);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, back, VAULT_PAGE, frame_at(n) + 24), SQLITE_OK);
	CHECK_MEM(back, VAULT_PAGE, page, VAULT_PAGE);
	/* A page alone where this process wrote no frame: refused. */
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, page, sizeof page, frame_at(n + 5) + 24), SQLITE_IOERR_WRITE);
	/* So is a header that no page follows. */
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, head, sizeof head, frame_at(n + 1)), SQLITE_OK);
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, head, sizeof head, frame_at(n + 2)), SQLITE_IOERR_WRITE);
	sqlite3_close(db);
}

/* What recovery reads, whatever was read before: SQLite's own checksums, for frames that SQLite had not summed. */
TEST(checksums_are_made_anew)
{
	sqlite3 *db = sealed_open("anew.db", "wal");
	sqlite3_file *wal;
	uint8_t head[32], frame[VFS_FRAME], sums[8];
	uint32_t a, b;
	int n;

	sealed_fill(db, 60);
	wal = sealed_journal_file(db);
	n = frames("anew.db-wal");
	CHECK_EQ_INT(wal->pMethods->xRead(wal, head, sizeof head, 0), SQLITE_OK);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, frame, VFS_FRAME, frame_at(n - 1)), SQLITE_OK);
	memcpy(sums, frame + 16, 8);
	a = be32_get(head + 24);
	b = be32_get(head + 28);
	for (int i = 0; i < n; i++) {
		CHECK_EQ_INT(wal->pMethods->xRead(wal, frame, VFS_FRAME, frame_at(i)), SQLITE_OK);
		for (int k = 0; k < VFS_FRAME; k += k == 0 ? 24 : 8) {
			a += (head[3] & 1 ? be32_get(frame + k) : (uint32_t)le_get(frame + k, 4)) + b;
			b += (head[3] & 1 ? be32_get(frame + k + 4) : (uint32_t)le_get(frame + k + 4, 4)) + a;
		}
		CHECK_EQ_INT(be32_get(frame + 16), a);
		CHECK_EQ_INT(be32_get(frame + 20), b);
	}
	CHECK_MEM(sums, 8, frame + 16, 8);
	sqlite3_close(db);
}

/* A header for a frame that is there already belongs to a page that follows, unless SQLite has just read the frame: a
 * crash between the two must not find the old page committed. */
TEST(a_header_waits_for_its_page)
{
	sqlite3 *db = sealed_open("wait.db", "wal");
	sqlite3_file *wal;
	uint8_t was[VFS_FRAME], is[VFS_FRAME];

	sealed_fill(db, 20);
	wal = sealed_journal_file(db);
	frame_read("wait.db-wal", 2, was);
	was[7] ^= 5;
	CHECK_EQ_INT(wal->pMethods->xWrite(wal, was, 24, frame_at(2)), SQLITE_OK);
	was[7] ^= 5;
	frame_read("wait.db-wal", 2, is);
	CHECK_MEM(is, VFS_FRAME, was, VFS_FRAME);
	sqlite3_close(db);
}

/* Frames change places, come from another log or are left out: the log ends before. */
TEST(links_keep_the_order)
{
	sqlite3 *db = sealed_open("links.db", "wal"), *after;
	uint8_t a[VFS_FRAME], b[VFS_FRAME];
	int rows[3], n[3], fd;

	for (int i = 0; i < 3; i++) {
		sealed_fill(db, 20 * (i + 1));
		rows[i] = 20 * (i + 1);
		n[i] = frames("links.db-wal");
	}
	fd = open(check_path("links.db-wal"), O_RDWR);
	for (int i = n[1]; i + 1 < n[2]; i++) {
		frame_read("links.db-wal", i, a);
		frame_read("links.db-wal", i + 1, b);
		CHECK(pwrite(fd, b, VFS_FRAME, frame_at(i)) == VFS_FRAME &&
		      pwrite(fd, a, VFS_FRAME, frame_at(i + 1)) == VFS_FRAME);
		after = crash("links.db", "links.db-wal");
		CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), rows[1]);
		sqlite3_close(after);
		CHECK(pwrite(fd, a, VFS_FRAME, frame_at(i)) == VFS_FRAME &&
		      pwrite(fd, b, VFS_FRAME, frame_at(i + 1)) == VFS_FRAME);
	}
	/* The header of the log is linked too. */
	flip("links.db-wal", 15, 1);
	after = crash("links.db", "links.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM sqlite_schema"), 0);
	sqlite3_close(after);
	flip("links.db-wal", 15, 1);
	after = crash("links.db", "links.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), rows[2]);
	sqlite3_close(after);
	close(fd);
	sqlite3_close(db);
}

TEST(long_writes)
{
	sqlite3 *db = sealed_open("long.db", "wal");
	int before;

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 3000);
	CHECK(under.longest > 65536); /* frames are gathered */
	CHECK(under.longest < 131072);
	before = under.writes;
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = b || 'y' WHERE a < 30", 0, 0, 0), SQLITE_OK);
	CHECK_EQ_INT(under.writes, before + 1); /* one commit, one write */
	sqlite3_close(db);
}

/* What could not be put out must go out before any later commit does. */
TEST(gathered_frames_are_kept_when_a_write_fails)
{
	sqlite3 *db = sealed_open("kept.db", "wal"), *after;

	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=12", 0, 0, 0), SQLITE_OK);
	sealed_fill(db, 200);
	CHECK_EQ_INT(sqlite3_exec(db, "BEGIN; UPDATE t SET b = b || 'y' WHERE a < 150", 0, 0, 0), SQLITE_OK);
	under.fail_write = SQLITE_IOERR_WRITE;
	(void)sqlite3_exec(db, "SELECT sum(length(b)) FROM t; UPDATE t SET b = b || 'z'", 0, 0, 0);
	under.fail_write = 0;
	(void)sqlite3_exec(db, "COMMIT", 0, 0, 0);
	(void)sqlite3_exec(db, "ROLLBACK", 0, 0, 0);
	CHECK_EQ_INT(sqlite3_exec(db, "UPDATE t SET b = b || 'k' WHERE a % 7 = 0", 0, 0, 0), SQLITE_OK);
	after = crash("kept.db", "kept.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t WHERE b LIKE '%k'"), 28);
	CHECK_STR(sealed_text(after, "PRAGMA integrity_check"), "ok");
	sqlite3_close(after);
	sqlite3_close(db);
}

TEST(raw_checkpoint)
{
	sqlite3 *db = sealed_open("raw.db", "wal");
	uint8_t page[VAULT_PAGE], frame[VFS_FRAME];
	int n, fd, same = 0;

	sealed_fill(db, 50);
	n = frames("raw.db-wal");
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA wal_checkpoint(PASSIVE)", 0, 0, 0), SQLITE_OK);
	fd = open(check_path("raw.db"), O_RDONLY);
	for (int i = 0; i < n; i++) {
		frame_read("raw.db-wal", i, frame);
		CHECK(pread(fd, page, sizeof page, VAULT_HEADER + (off_t)(be32_get(frame) - 1) * VAULT_PAGE) ==
		      VAULT_PAGE);
		same += memcmp(page, frame + 24, VAULT_PAGE) == 0;
	}
	close(fd);
	CHECK(same > 0);
	CHECK_EQ_INT(same, sealed_number(db, "PRAGMA page_count"));
	CHECK_STR(sealed_text(db, "PRAGMA integrity_check"), "ok");
	sqlite3_close(db);
}

/* Without POWERSAFE_OVERWRITE SQLite cuts a frame at the sector's end, and pads with copies of the last one. */
TEST(frames_in_pieces)
{
	sqlite3 *db = sealed_open("pieces.db", "wal"), *after;

	sqlite3_close(db);
	db = sealed_open_plain("pieces.db");
	under.without = SQLITE_IOCAP_POWERSAFE_OVERWRITE;
	under.sector = 4096;
	CHECK_EQ_INT(sqlite3_exec(db, "PRAGMA locking_mode=exclusive; PRAGMA journal_mode=wal; PRAGMA synchronous=FULL",
				  0, 0, 0),
		     SQLITE_OK);
	for (int i = 1; i <= 12; i++) {
		sealed_fill(db, i * 10);
		CHECK_EQ_INT(under.unsynced, 0); /* no later write touches a sector with a commit in it */
	}
	after = crash("pieces.db", "pieces.db-wal");
	CHECK_EQ_INT(sealed_number(after, "SELECT count(*) FROM t"), 120);
	sqlite3_close(after);
	sqlite3_close(db);
}

/* A log that says another page size would be cut in other places. */
TEST(page_size_of_the_log_is_checked)
{
	sqlite3 *db = sealed_open("cut.db", "wal");
	sqlite3_file *wal;
	uint8_t head[32];

	sealed_fill(db, 20);
	wal = sealed_journal_file(db);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, head, sizeof head, 0), SQLITE_OK);
	CHECK_EQ_INT(be32_get(head + 8), VAULT_PAGE);
	flip("cut.db-wal", 9, 0x40);
	CHECK_EQ_INT(wal->pMethods->xRead(wal, head, sizeof head, 0), SQLITE_OK);
	CHECK(sodium_is_zero(head, sizeof head));
	flip("cut.db-wal", 9, 0x40);
	sqlite3_close(db);
}
