/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sealed - databases of the shim for its tests: under a raw key, over under.h, in the scratch folder.
 */
#ifndef ARPENT_SEALED_H
#define ARPENT_SEALED_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "store/vfs-file.h"
#include "under.h"

#define SEALED_CANARY "canary in the coal mine"

__attribute__((unused)) static const uint8_t sealed_key[32] = {1, 2, 3}, sealed_id[16] = {4, 5, 6};

__attribute__((unused)) static long long sealed_number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *st = NULL;
	long long n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return n;
}

__attribute__((unused)) static const char *sealed_text(sqlite3 *db, const char *sql)
{
	static char text[256];
	sqlite3_stmt *st = NULL;

	snprintf(text, sizeof text, "(none)");
	if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW)
		snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(st, 0));
	sqlite3_finalize(st);
	return text;
}

/* As SQLite opens it, without the reserve.  Forgets what `under` has noted. */
__attribute__((unused)) static sqlite3 *sealed_open_plain(const char *name)
{
	struct err e = ERR_INIT;
	sqlite3 *db = NULL;

	if (!vfs_start(VFS_CACHE, &e))
		exit(99);
	under_start();
	if (sqlite3_vfs_find("sealed") == NULL)
		CHECK_OK(vfs_register_raw("sealed", "under", sealed_key, sealed_id, &e), &e);
	CHECK_EQ_INT(sqlite3_open_v2(check_path(name), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, "sealed"),
		     SQLITE_OK);
	return db;
}

__attribute__((unused)) static sqlite3 *sealed_open(const char *name, const char *journal)
{
	sqlite3 *db = sealed_open_plain(name);
	int reserve = VAULT_RESERVE;
	char sql[200];

	sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserve);
	snprintf(sql, sizeof sql, "PRAGMA locking_mode=%s; PRAGMA temp_store=MEMORY; PRAGMA journal_mode=%s",
		 strcmp(journal, "wal") == 0 ? "exclusive" : "normal", journal);
	CHECK_EQ_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	return db;
}

/* Table t with rows 1 to n of some 400 bytes that hold the canary. */
__attribute__((unused)) static void sealed_fill(sqlite3 *db, int n)
{
	char sql[400];

	snprintf(sql, sizeof sql,
		 "CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT);"
		 "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<%d)"
		 "INSERT OR REPLACE INTO t SELECT i, '" SEALED_CANARY "' || printf('%%.*c', 370, 'x') || i FROM c",
		 n);
	CHECK_EQ_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

__attribute__((unused)) static sqlite3_file *sealed_file(sqlite3 *db)
{
	sqlite3_file *f = NULL;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &f);
	return f;
}

__attribute__((unused)) static sqlite3_file *sealed_journal_file(sqlite3 *db)
{
	sqlite3_file *f = NULL;

	sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &f);
	return f;
}

/* A copy of a file of the scratch folder, as a crash would leave it now. */
__attribute__((unused)) static void sealed_copy(const char *from, const char *to)
{
	int in = open(check_path(from), O_RDONLY), out = open(check_path(to), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	char block[65536];
	ssize_t n;

	CHECK(in >= 0 && out >= 0);
	while ((n = read(in, block, sizeof block)) > 0)
		CHECK(write(out, block, (size_t)n) == n);
	close(in);
	close(out);
}

__attribute__((unused)) static bool sealed_file_has(const char *name, const void *what, size_t n)
{
	int fd = open(check_path(name), O_RDONLY);
	struct stat st;
	char *p = NULL;
	bool has = false;

	if (fd >= 0 && fstat(fd, &st) == 0 && (p = malloc((size_t)st.st_size + 1)) != NULL)
		has = read(fd, p, (size_t)st.st_size) == st.st_size && memmem(p, (size_t)st.st_size, what, n) != NULL;
	free(p);
	close(fd);
	return has;
}

__attribute__((unused)) static int sealed_into(sqlite3 *db, const char *path)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, "VACUUM INTO ?1", -1, &st, NULL);

	if (rc == SQLITE_OK) {
		sqlite3_bind_text(st, 1, path, -1, SQLITE_STATIC);
		(void)sqlite3_step(st);
		rc = sqlite3_finalize(st);
	}
	return rc;
}

#endif
