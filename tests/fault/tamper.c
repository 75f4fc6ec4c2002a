/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hostile hands and bad cards: the files of a notebook are altered, one place at a time.  Each alteration is named by
 * check, or changes nothing that can be read; what is read is never wrong; rescue brings out every record that was not
 * hit.
 *
 * TAMPER=all tries every place (make check-long), else a sample of them.
 */
#include "../unit/check.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/inbox.h"
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

/* Rescue: everything but what is in `lost` must come out as it was. */

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

static void rescue(const struct book *b, const bool *lost, const char *what, size_t at)
{
	struct vault *v = NULL;
	struct err e = ERR_INIT;
	uint64_t pages;

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
	for (int i = 1; i < 100; i++) {
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

/* The tests. */

TEST(nothing_altered)
{
	struct found f;

	make();
	look(&f);
	CHECK(f.opens && f.n == 0);
	restore(&closed);
	look(&f);
	CHECK(f.opens && f.n == 0 && f.check.fresh_known && f.check.fresh_ok);
	rescue(&closed, NULL, "whole", 0);
	CHECK_EQ_INT(read_all(&closed, closed.n, "whole", 0), closed.n);
	restore(&killed);
	look(&f);
	CHECK(f.opens && f.n == 0 && !f.check.fresh_known && f.check.frames > ADDED);
	rescue(&killed, NULL, "killed", 0);
	CHECK_EQ_INT(read_all(&killed, killed.n, "killed", 0), killed.n);
}

/* A bit of the text, of the nonce, of the tag. */
TEST(a_bit_of_every_page)
{
	static const size_t places[] = {0, 2000, 4055, 4056, 4079, 4080, 4095};
	struct found f;
	clock_t from = clock();
	size_t turn = 0;

	make();
	restore(&closed);
	for (uint32_t n = 1; n <= closed.npages; n++)
		for (size_t i = turn++ % every(21); i < 7; i += every(21)) {
			size_t at = page_at(n) + places[i];

			flip(path, &closed.db, at, (unsigned)(turn % 8));
			look(&f);
			if (!f.opens || f.n != 1 || !found_has(&f, "page", n))
				CHECK_FAIL("page %u, byte %zu: not named", n, places[i]);
			rescue(&closed, closed.hit[n], "page", n);
			if (turn % every(3) == 0) {
				read_all(&closed, closed.n, "page", n);
				restore(&closed);
			} else {
				unflip(path, &closed.db, at);
			}
		}
	report("a bit of a page", from);
}

TEST(a_bit_of_every_header_byte)
{
	struct found f;
	clock_t from = clock();

	make();
	restore(&closed);
	for (size_t at = 0; at < VAULT_HEADER; at += every(at % 0x8000 < 4096 ? 61 : 4099)) {
		bool copy = at % 0x8000 < 4096;

		flip(path, &closed.db, at, (unsigned)(at % 8));
		look(&f);
		if (!f.opens || f.n != copy ||
		    (copy && !found_has(&f, at < 0x8000 ? "header copy A" : "header copy B", 0)))
			CHECK_FAIL("header byte %zu: %s", at, f.n ? f.names[0] : "not named");
		if (tried % 64 == 0) {
			CHECK_EQ_INT(read_all(&closed, closed.n, "header byte", at), closed.n);
			restore(&closed);
		}
		unflip(path, &closed.db, at);
	}
	report("a bit of a header byte", from);
}

/* Pages exchanged, doubled, emptied. */
TEST(pages_that_are_others)
{
	static const uint8_t zeros[VAULT_PAGE];
	struct found f;
	clock_t from = clock();

	make();
	restore(&closed);
	for (uint32_t n = 1; n <= closed.npages; n += (uint32_t)every(5)) {
		uint32_t other = n % closed.npages + 1;
		const char *mine = closed.db.p + page_at(n), *its = closed.db.p + page_at(other);

		poke(path, (off_t)page_at(n), its, VAULT_PAGE);
		look(&f);
		CHECK(f.opens && f.n == 1 && found_has(&f, "page", n));
		rescue(&closed, closed.hit[n], "doubled page", n);
		poke(path, (off_t)page_at(other), mine, VAULT_PAGE);
		look(&f);
		CHECK(f.opens && f.n == 2 && found_has(&f, "page", n) && found_has(&f, "page", other));
		poke(path, (off_t)page_at(other), its, VAULT_PAGE);
		poke(path, (off_t)page_at(n), zeros, VAULT_PAGE);
		look(&f);
		CHECK(f.opens && f.n == 1 && found_has(&f, "page", n) && !f.check.fresh_ok);
		poke(path, (off_t)page_at(n), mine, VAULT_PAGE);
	}
	look(&f);
	CHECK(f.n == 0 && f.check.fresh_ok);
	report("pages that are others", from);
}

/* Of each page that was written anew since, the older one, alone: it opens, and only the sum tells. */
TEST(pages_that_are_older)
{
	struct found f;
	clock_t from = clock();
	size_t turn = 0, mixed = 0;

	make();
	restore(&closed);
	for (uint32_t n = 1; n <= closed.npages && n <= older.npages; n++) {
		const char *mine = closed.db.p + page_at(n), *its = older.db.p + page_at(n);

		if (memcmp(mine, its, VAULT_PAGE) == 0 || turn++ % every(3) != 0)
			continue;
		poke(path, (off_t)page_at(n), its, VAULT_PAGE);
		look(&f);
		if (!f.opens || f.n != 0 || !f.check.fresh_known || f.check.fresh_ok)
			CHECK_FAIL("older page %u: not told", n);
		rescue(&closed, closed.hit[n], "older page", n);
		poke(path, (off_t)page_at(n), mine, VAULT_PAGE);
		mixed++;
	}
	CHECK(mixed > 5);
	look(&f);
	CHECK(f.n == 0 && f.check.fresh_ok);
	report("pages that are older", from);
}

TEST(cut_short)
{
	bool lost[RECORDS];
	struct found f;
	clock_t from = clock();

	make();
	for (size_t size = 0; size < closed.db.len; size += 512 * every(13)) {
		put(path, closed.db.p, size);
		look(&f);
		if (size < 4096) {
			CHECK(!f.opens);
			continue;
		}
		memset(lost, 0, sizeof lost);
		for (uint32_t n = 1; n <= closed.npages; n++)
			for (size_t i = 0; size < page_at(n + 1) && i < closed.n; i++)
				lost[i] = lost[i] || closed.hit[n][i];
		if (!f.opens || f.n == 0)
			CHECK_FAIL("cut to %zu: not named", size);
		rescue(&closed, lost, "cut to", size);
		if (tried % 16 == 0)
			read_all(&closed, closed.n, "cut to", size);
	}
	restore(&closed);
	report("cut short", from);
}

static const char *header_how;

static void header_try(size_t to, const struct buf *source, size_t copy, bool stale)
{
	struct found f;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	poke(path, (off_t)to, source->p + copy, 4096);
	look(&f);
	CHECK(f.opens);
	if (CHECK_OK(open_store(&s, &e), &e) && (store_older_than(s) != NULL) != stale)
		CHECK_FAIL("%s: %s", header_how, stale ? "not told" : "told as older");
	store_close(s);
	CHECK_EQ_INT(read_all(&closed, closed.n, header_how, 0), closed.n);
}

/* The copies of the header: rolled back, exchanged, doubled, one destroyed. */
TEST(header_copies)
{
	static char zeros[4096];
	const struct buf empty = {.p = zeros, .len = sizeof zeros};
	size_t newer;
	clock_t from = clock();

	make();
	newer = le_get((const uint8_t *)closed.db.p + 16, 8) > le_get((const uint8_t *)closed.db.p + 0x8010, 8)
		    ? 0
		    : 0x8000;
	setenv("XDG_STATE_HOME", check_path("state-header"), 1);
	restore(&closed);
	CHECK_EQ_INT(read_all(&closed, closed.n, "seen", 0), closed.n);
	restore(&closed);
	header_how = "both copies exchanged";
	poke(path, 0, closed.db.p + 0x8000, 4096);
	header_try(0x8000, &closed.db, 0, false);
	restore(&closed);
	header_how = "the newer copy rolled back";
	header_try(newer, &older.db, newer, true);
	restore(&closed);
	header_how = "both copies rolled back";
	poke(path, 0, older.db.p, 4096);
	header_try(0x8000, &older.db, 0x8000, true);
	restore(&closed);
	header_how = "the newer copy destroyed";
	header_try(newer, &empty, 0, true);
	restore(&closed);
	header_how = "the older copy destroyed";
	header_try(newer ^ 0x8000, &empty, 0, false);
	restore(&closed);
	header_how = "the older copy over the newer";
	header_try(newer, &closed.db, newer ^ 0x8000, true);
	restore(&closed);
	setenv("XDG_STATE_HOME", check_path("state"), 1);
	report("header copies", from);
}

/* The log of a killed session: what was saved before the place that is hit is there; if the rest is not, that is said,
 * and rescue has all but what the frame alone held. */
static void log_try(size_t at, uint32_t frame, bool whole)
{
	struct found f;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	bool lost[RECORDS] = {false};
	int got;

	flip(wal_path, &killed.wal, at, (unsigned)(at % 8));
	look(&f);
	if (frame == 0 ? !found_has(&f, "log", 0) : !found_has(&f, "frame", frame) && !found_has(&f, "torn", frame))
		CHECK_FAIL("byte %zu of the log (frame %u, %zu in it): not named%s%s", at, frame,
			   (at - 32) % (24 + VAULT_PAGE), f.n ? "; but " : "", f.n ? f.names[0] : "");
	if (whole) {
		uint32_t page = frame ? be32_get((const uint8_t *)killed.wal.p + 32 + (frame - 1) * 4120) : 0;

		for (size_t i = 0; page != 0 && i < killed.n; i++)
			lost[i] = killed.hit[page][i];
		rescue(&killed, lost, "log byte", at);
		if (CHECK_OK(open_store(&s, &e), &e) && store_log_kept(s) == NULL)
			CHECK_FAIL("byte %zu of the log: opened without a word", at);
		store_close(s);
		got = read_all(&killed, killed.n - ADDED, "log byte", at);
		CHECK(got >= (int)killed.n - ADDED);
		rescue(&killed, lost, "kept log, byte", at);
		restore(&killed);
	} else {
		unflip(wal_path, &killed.wal, at);
	}
}

TEST(a_bit_of_every_byte_of_the_log)
{
	clock_t from = clock();

	make();
	restore(&killed);
	for (size_t at = 0; at < 32; at++)
		log_try(at, 0, at % every(4) == 0);
	for (size_t at = 32; at + 4120 <= killed.wal.len; at += 4120) {
		uint32_t n = (uint32_t)((at - 32) / 4120 + 1);

		for (size_t in = n % every(4); in < 24; in += every(4))
			log_try(at + in, n, (n + in) % every(13) == 0);
		for (size_t in = 24 + n * 97 % every(2000); in < 4120; in += every(2000))
			log_try(at + in, n, in % 199 == 0);
	}
	report("a bit of the log", from);
}

/* It is then as an earlier crash would have left it: so many saves less, and none of them half. */
TEST(a_log_cut_short)
{
	struct found f;
	clock_t from = clock();
	int before;

	make();
	before = (int)killed.n - ADDED;
	for (size_t size = 0; size < killed.wal.len; size += 512 * every(7)) {
		int got;

		restore(&killed);
		put(wal_path, killed.wal.p, size);
		look(&f);
		CHECK(f.opens);
		got = read_all(&killed, killed.n - ADDED, "log cut to", size);
		if (got < before)
			CHECK_FAIL("log cut to %zu: %d records, before %d", size, got, before);
		before = got;
	}
	restore(&closed);
	report("a log cut short", from);
}

/* One of an earlier session, beside a notebook that was closed since. */
TEST(a_log_that_was_put_back)
{
	struct found f;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	make();
	restore(&killed);
	CHECK_EQ_INT(read_all(&killed, killed.n, "killed", 0), killed.n);
	CHECK(access(wal_path, F_OK) != 0);
	if (CHECK_OK(open_store(&s, &e), &e))
		add(s, "note", "text", 100);
	store_close(s);
	put(wal_path, killed.wal.p, killed.wal.len);
	look(&f);
	CHECK(found_has(&f, "stray", 0));
	if (CHECK_OK(open_store(&s, &e), &e)) {
		size_t n = 0;

		CHECK(store_log_kept(s) != NULL);
		CHECK_OK(store_count(s, &(struct list_spec){.order = LIST_BY_EDITED}, 1000, &n, &e), &e);
		CHECK_EQ_INT(n, killed.n + 1);
	}
	store_close(s);
	restore(&closed);
	look(&f);
	CHECK(f.n == 0);
}
