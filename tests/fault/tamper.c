/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hostile hands and bad cards: the files of a notebook are altered, one place at a time.  Each alteration is named by
 * check, or changes nothing that can be read; what is read is never wrong; rescue brings out every record that was not
 * hit.
 *
 * TAMPER=all tries every place (make check-long), else a sample of them.
 */
#include "book.h"

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
			if (rescue(&closed, closed.hit[n], "page", n) != 1)
				CHECK_FAIL("page %u: rescue does not say that it is lost", n);
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
		if (rescue(&closed, lost, "cut to", size) < (closed.db.len - size) / VAULT_PAGE && size > page_at(2))
			CHECK_FAIL("cut to %zu: rescue does not say what is lost", size);
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
	bool lost[RECORDS] = {false}, page_hit = frame > 0 && ((at - 32) % 4120 < 4 || (at - 32) % 4120 >= 24);
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
		if (rescue(&killed, lost, "log byte", at) != page_hit)
			CHECK_FAIL("byte %zu of the log: rescue does not say that it is lost", at);
		if (CHECK_OK(open_store(&s, &e), &e) && store_log_kept(s) == NULL)
			CHECK_FAIL("byte %zu of the log: opened without a word", at);
		store_close(s);
		got = read_all(&killed, killed.n - ADDED, "log byte", at);
		CHECK(got >= (int)killed.n - ADDED);
		CHECK(rescue(&killed, lost, "kept log, byte", at) == page_hit);
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
	struct buf now = BUF_INIT;

	make();
	restore(&killed);
	CHECK_EQ_INT(read_all(&killed, killed.n, "killed", 0), killed.n);
	CHECK(access(wal_path, F_OK) != 0);
	if (CHECK_OK(open_store(&s, &e), &e))
		add(s, "note", "text", 100);
	store_close(s);
	get(path, &now);
	put(wal_path, killed.wal.p, killed.wal.len);
	look(&f);
	CHECK(f.n == 1 && found_has(&f, "stray", 0));
	CHECK_EQ_INT(rescue_count(), killed.n + 1);
	for (uint32_t n = 1; n <= (now.len - VAULT_HEADER) / VAULT_PAGE; n += 3) { /* it hides no damage */
		flip(path, &now, page_at(n) + 99, 0);
		look(&f);
		CHECK(f.n == 2 && found_has(&f, "stray", 0) && found_has(&f, "page", n));
		unflip(path, &now, page_at(n) + 99);
	}
	buf_done(&now);
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

/* What is damaged is kept once, however often it is opened; a place for it there must be; and rescue finds each. */
TEST(copies_of_damaged_logs)
{
	struct store *s = NULL;
	struct err e = ERR_INIT;
	char name[320];
	const size_t at = 32 + 4120 + 2000; /* in the second frame */

	make();
	restore(&killed);
	for (int i = 0; i < 3; i++) {
		put(path, killed.db.p, killed.db.len);
		put(wal_path, killed.wal.p, killed.wal.len);
		flip(wal_path, &killed.wal, at, 0);
		CHECK_OK(open_store(&s, &e), &e);
		snprintf(name, sizeof name, "%s.damaged-1", wal_path);
		CHECK_STR(s != NULL ? store_log_kept(s) : NULL, name);
		store_close(s);
	}
	snprintf(name, sizeof name, "%s.damaged-2", wal_path);
	CHECK(access(name, F_OK) != 0);
	for (int i = 1; i <= VFS_LOGS_KEPT; i++) {
		snprintf(name, sizeof name, "%s.damaged-%d", wal_path, i);
		put(name, "another", 7);
	}
	put(path, killed.db.p, killed.db.len);
	put(wal_path, killed.wal.p, killed.wal.len);
	flip(wal_path, &killed.wal, at, 0);
	CHECK(!open_store(&s, &e) && e.code == ERR_EXISTS);
	CHECK(access(wal_path, F_OK) == 0);
	CHECK(rename(wal_path, name) == 0);
	rescue(&killed, killed.hit[be32_get((const uint8_t *)killed.wal.p + 32 + 4120)], "the last copy", 0);
	restore(&closed);
}
