/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * book - a notebook to be altered, as it was at three times, with what is known of each: its records, and on which
 * pages their states are.  To alter it, to look what check finds, to rescue, to read it as a whole.
 */
#ifndef ARPENT_BOOK_H
#define ARPENT_BOOK_H

#include "../unit/check.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/io.h"
#include "arpent/vfs.h"
#include "store/db.h"

enum { BASE = 120, ADDED = 3, RECORDS = BASE + ADDED + 40, PAGES = 2000, NAMES = 40 };
#define USABLE (VAULT_PAGE - VAULT_RESERVE)

struct book {
	struct buf db, wal;
	struct record want[RECORDS];
	size_t n;
	uint32_t npages;
	bool hit[PAGES + 1][RECORDS]; /* a part of this record's state is on that page */
};

static struct book closed, older, killed; /* `older` a session before `closed`; `killed` has a log */
static struct secret words;
static struct id file;
static struct buf content;
static char path[256], wal_path[280];
static uint64_t tried, opened;

static size_t every(size_t n)
{
	const char *how = getenv("TAMPER");

	return how != NULL && strcmp(how, "all") == 0 ? 1 : n;
}

static void tamper_now(void *ctx, struct moment *out)
{
	static int64_t ms = 1795000000000;

	(void)ctx;
	ms += 1000;
	moment_from_unix(ms, 60, out);
}

static bool open_store(struct store **s, struct err *e)
{
	const struct vault_key key = {.words = &words};

	if (!store_open(path, &key, s, e))
		return false;
	store_set_clock(*s, tamper_now, NULL);
	return true;
}

static bool open_vault(struct vault **v, struct err *e)
{
	return vault_open(path, &(struct vault_key){.words = &words}, false, v, e);
}

static void put(const char *to, const void *p, size_t n)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && (n == 0 || write(fd, p, n) == (ssize_t)n));
	close(fd);
}

static void get(const char *from, struct buf *out)
{
	struct err e = ERR_INIT;

	buf_clear(out);
	CHECK_OK(io_read_file(from, 1u << 30, out, &e), &e);
}

/* What the notebook is made of. */

static void add(struct store *s, const char *kind, const char *key, size_t length)
{
	struct buf text = BUF_INIT;
	struct err e = ERR_INIT;
	struct id id;

	for (size_t k = 0; k < length; k++)
		buf_char(&text, k % 7 == 6 ? ' ' : (char)('a' + check_random() % 26));
	const struct want w = {
	    .key = key, .text = buf_str(&text), .is_text = kind_field(kind_find(kind), key)->type == FIELD_TEXT};
	CHECK_OK(store_new(s, kind, &w, 1, &id, &e), &e);
	buf_done(&text);
}

static void fill(struct store *s)
{
	const char *from = check_path("photo.jpg");
	struct err e = ERR_INIT;

	CHECK_OK(store_step_begin(s, "Fill", &e), &e);
	for (int i = 0; i < BASE; i++) {
		if (i % 4 == 0)
			add(s, "person", "name", 12 + check_random() % 20);
		else
			add(s, "note", "text", i % 19 == 1 ? 6000 + check_random() % 9000 : 40 + check_random() % 700);
	}
	CHECK_OK(store_step_end(s, &e), &e);
	for (int i = 0; i < 4000; i++)
		buf_printf(&content, "%llx", (unsigned long long)check_random());
	put(from, content.p, content.len);
	CHECK_OK(store_file_add(s, NULL, from, &file, &e), &e);
}

/* Which records are where: a state's row, and the pages its bytes are on. */

static struct book *placing;

static bool place_record(void *ctx, const struct row *row, const struct list_key *at)
{
	struct record *r = &placing->want[placing->n];
	struct err e = ERR_INIT;

	(void)at;
	record_init(r);
	CHECK_OK(store_get(ctx, &row->id, r, &e), &e);
	return ++placing->n < RECORDS;
}

static size_t place_of(const struct book *b, const void *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (memcmp(b->want[i].id.b, id, ID_BYTES) == 0)
			return i;
	return RECORDS;
}

static size_t varint(const uint8_t *p, uint64_t *out)
{
	size_t i = 0;

	for (*out = 0; i < 8; i++) {
		*out = *out << 7 | (p[i] & 0x7f);
		if (!(p[i] & 0x80))
			return i + 1;
	}
	*out = *out << 8 | p[i];
	return 9;
}

/* The overflow pages of a cell, as SQLite's file format has them (1.6). */
static void place_cell(struct book *b, struct vault *v, uint32_t page, const uint8_t *cell, const size_t *of_row,
		       size_t rows)
{
	uint64_t size, row;
	uint8_t more[VAULT_PAGE];
	struct err e = ERR_INIT;
	size_t n = varint(cell, &size), k;

	n += varint(cell + n, &row);
	if (row >= rows || of_row[row] >= b->n)
		return;
	b->hit[page][of_row[row]] = true;
	if (size <= USABLE - 35)
		return;
	k = (USABLE - 12) * 32 / 255 - 23;
	k += (size - k) % (USABLE - 4);
	k = k <= USABLE - 35 ? k : (USABLE - 12) * 32 / 255 - 23;
	for (uint32_t next = be32_get(cell + n + k); next != 0; next = be32_get(more)) {
		b->hit[next][of_row[row]] = true;
		if (!CHECK_OK(vfs_read_page(v, next, more, &e), &e))
			break;
	}
}

static void place(struct book *b, struct store *s)
{
	const struct list_key start = {.set = false};
	struct err e = ERR_INIT;
	size_t of_row[4 * RECORDS];
	sqlite3_stmt *st;
	uint8_t page[VAULT_PAGE];

	placing = b;
	CHECK_OK(
	    store_list(s, &(struct list_spec){.order = LIST_BY_EDITED}, &start, false, RECORDS, place_record, s, &e),
	    &e);
	memset(of_row, 0xff, sizeof of_row);
	CHECK_EQ_INT(sqlite3_prepare_v2(s->db, "SELECT row, id FROM record", -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		if (sqlite3_column_int(st, 0) < (int)(4 * RECORDS))
			of_row[sqlite3_column_int(st, 0)] = place_of(b, sqlite3_column_blob(st, 1));
	sqlite3_finalize(st);
	CHECK_EQ_INT(sqlite3_prepare_v2(s->db, "SELECT pageno FROM dbstat WHERE name = 'state' AND pagetype = 'leaf'",
					-1, &st, NULL),
		     SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		uint32_t n = (uint32_t)sqlite3_column_int(st, 0);

		CHECK(n <= PAGES);
		if (!CHECK_OK(vfs_read_page(s->vault, n, page, &e), &e))
			continue;
		for (unsigned i = 0; i < (unsigned)(page[3] << 8 | page[4]); i++)
			place_cell(b, s->vault, n, page + (page[8 + 2 * i] << 8 | page[9 + 2 * i]), of_row,
				   4 * RECORDS);
	}
	sqlite3_finalize(st);
}

static void make_closed(struct book *b)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	get(path, &b->db);
	b->npages = (uint32_t)((b->db.len - VAULT_HEADER) / VAULT_PAGE);
	REQUIRE(CHECK_OK(open_store(&s, &e), &e));
	place(b, s);
	store_close(s);
	CHECK(b->n > BASE / 2);
	put(path, b->db.p, b->db.len);
}

/* Some commits that are in the log alone, and no close. */
static void make_killed(void)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;

	REQUIRE(CHECK_OK(open_store(&s, &e), &e));
	for (int i = 0; i < ADDED; i++)
		add(s, "note", "text", 30 + check_random() % 300);
	place(&killed, s);
	get(path, &killed.db);
	get(wal_path, &killed.wal);
	killed.npages = (uint32_t)((killed.db.len - VAULT_HEADER) / VAULT_PAGE);
	store_close(s);
}

static void make(void)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;
	struct secret pass = SECRET_INIT;

	if (path[0])
		return;
	CHECK_OK(secret_start(&e), &e);
	snprintf(path, sizeof path, "%s", check_path("carnet.arpent"));
	snprintf(wal_path, sizeof wal_path, "%s-wal", path);
	setenv("XDG_STATE_HOME", check_path("state"), 1);
	CHECK_OK(secret_set(&pass, "un troupeau", 11, &e), &e);
	REQUIRE(CHECK_OK(
	    store_create(path, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "fr", &s, &words, &e), &e));
	secret_free(&pass);
	store_set_clock(s, tamper_now, NULL);
	fill(s);
	store_close(s);
	make_closed(&older);
	REQUIRE(CHECK_OK(open_store(&s, &e), &e));
	for (int i = 0; i < 20; i++)
		add(s, "note", "text", 30 + check_random() % 300);
	store_close(s);
	make_closed(&closed);
	make_killed();
}

/* What is found. */

struct found {
	char names[NAMES][64];
	size_t n;
	struct vfs_check check;
	bool opens; /* the header */
};

static void found_bad(void *ctx, const char *what, uint64_t n)
{
	struct found *f = ctx;

	if (f->n < NAMES)
		snprintf(f->names[f->n++], sizeof f->names[0], n ? "%s %llu" : "%s", what, (unsigned long long)n);
}

static bool found_has(const struct found *f, const char *what, uint64_t n)
{
	char name[64];

	snprintf(name, sizeof name, n ? "%s %llu" : "%s", what, (unsigned long long)n);
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->names[i], name) == 0)
			return true;
	return false;
}

static void look(struct found *f)
{
	struct vault *v = NULL;
	struct err e = ERR_INIT;

	memset(f, 0, sizeof *f);
	f->opens = open_vault(&v, &e) && CHECK_OK(vfs_check(v, found_bad, f, &f->check, &e), &e);
	vault_close(v);
	tried++;
}

/* Rescue: everything but what is in `lost` must come out as it was.  Returns how many pages it says that it lost. */

static const struct book *rescuing;
static bool came[RECORDS];
static size_t strangers;

static bool rescued(void *ctx, const struct record *r)
{
	size_t i = place_of(rescuing, r->id.b);

	(void)ctx;
	if (i == RECORDS)
		strangers++;
	else
		came[i] = record_equal(r, &rescuing->want[i]);
	return true;
}

static uint64_t rescue(const struct book *b, const bool *lost, const char *what, size_t at)
{
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	uint64_t pages = 0;

	rescuing = b;
	strangers = 0;
	memset(came, 0, sizeof came);
	if (CHECK_OK(open_vault(&v, &e), &e))
		CHECK_OK(store_rescue(v, rescued, NULL, &pages, &e), &e);
	vault_close(v);
	for (size_t i = 0; i < b->n; i++)
		if (!came[i] && (lost == NULL || !lost[i])) {
			CHECK_FAIL("%s %zu: record %zu is not brought out", what, at, i);
			break;
		}
	if (strangers > 0)
		CHECK_FAIL("%s %zu: %zu records that never were", what, at, strangers);
	return pages;
}

static bool rescue_one(void *ctx, const struct record *r)
{
	(void)r;
	++*(size_t *)ctx;
	return true;
}

/* When nothing is lost. */
static size_t rescue_count(void)
{
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	uint64_t pages = 0;
	size_t n = 0;

	if (CHECK_OK(open_vault(&v, &e), &e))
		CHECK_OK(store_rescue(v, rescue_one, &n, &pages, &e), &e);
	vault_close(v);
	CHECK_EQ_INT(pages, 0);
	return n;
}

/* Ordinary reading: each record is as it was or an error, and a whole list has all; the newest may be missing, so that
 * `must` are there.  Returns how many could be read, or -1 when the notebook does not open. */

static bool count_row(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)row, (void)at;
	++*(size_t *)ctx;
	return true;
}

static bool content_same(void *ctx, const void *p, size_t n)
{
	size_t *at = ctx;
	bool same = *at + n <= content.len && memcmp(content.p + *at, p, n) == 0;

	*at += n;
	return same || CHECK_FAIL("the file's content is another");
}

static int read_all(const struct book *b, size_t must, const char *what, size_t at)
{
	const struct list_key start = {.set = false};
	struct store *s = NULL;
	struct err e = ERR_INIT;
	size_t listed = 0, offset = 0;
	int got = 0;

	opened++;
	if (!open_store(&s, &e)) {
		if (e.code != ERR_DAMAGED)
			CHECK_FAIL("%s %zu: error %d in %s: %s", what, at, e.code, e.where, e.detail);
		return -1;
	}
	for (size_t i = 0; i < b->n; i++) {
		struct record r;

		record_init(&r);
		if (!store_get(s, &b->want[i].id, &r, &e)) {
			if (e.code != ERR_DAMAGED && i >= b->n - must)
				CHECK_FAIL("%s %zu: record %zu: error %d %s", what, at, i, e.code, e.detail);
		} else if (!record_equal(&r, &b->want[i])) {
			CHECK_FAIL("%s %zu: record %zu is another", what, at, i);
		} else {
			got++;
		}
		record_done(&r);
	}
	if (store_list(s, &(struct list_spec){.order = LIST_BY_EDITED}, &start, false, 2 * RECORDS, count_row, &listed,
		       &e) &&
	    (listed < must || listed > b->n))
		CHECK_FAIL("%s %zu: %zu listed of %zu", what, at, listed, b->n);
	if (store_file_read(s, &file, content_same, &offset, &e) && offset != content.len)
		CHECK_FAIL("%s %zu: half the file's content", what, at);
	store_close(s);
	return got;
}

static void remove_logs(void)
{
	char name[320];

	unlink(wal_path);
	for (int i = 1; i <= VFS_LOGS_KEPT; i++) {
		snprintf(name, sizeof name, "%s.damaged-%d", wal_path, i);
		if (unlink(name) != 0)
			break;
	}
}

static void restore(const struct book *b)
{
	remove_logs();
	put(path, b->db.p, b->db.len);
	if (b->wal.len)
		put(wal_path, b->wal.p, b->wal.len);
}

static void poke(const char *name, off_t at, const void *p, size_t n)
{
	int fd = open(name, O_WRONLY);

	CHECK(fd >= 0 && pwrite(fd, p, n, at) == (ssize_t)n);
	close(fd);
}

static void flip(const char *name, const struct buf *was, size_t at, unsigned bit)
{
	uint8_t byte = (uint8_t)((uint8_t)was->p[at] ^ 1u << bit);

	poke(name, (off_t)at, &byte, 1);
}

static void unflip(const char *name, const struct buf *was, size_t at)
{
	poke(name, (off_t)at, was->p + at, 1);
}

static size_t page_at(uint32_t n)
{
	return VAULT_HEADER + (size_t)(n - 1) * VAULT_PAGE;
}

static void report(const char *what, clock_t from)
{
	printf("# %s: %llu alterations, %llu read as a whole, %.1f s of CPU\n", what, (unsigned long long)tried,
	       (unsigned long long)opened, (double)(clock() - from) / CLOCKS_PER_SEC);
	tried = opened = 0;
}

#endif
