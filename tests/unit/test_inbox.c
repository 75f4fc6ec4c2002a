/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notes sealed without a passphrase, and filed once. */
#include "check.h"

#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>

#include "arpent/inbox.h"
#include "arpent/io.h"
#include "arpent/minutes.h"
#include "store_fixture.h"

static void put(const char *name, const char *text, int minute)
{
	struct moment when = {.date = {2026, 11, 23}, .has_time = true, .hour = 14, .minute = minute};
	struct err e = ERR_INIT;

	CHECK_OK(inbox_put(check_path(name), text, strlen(text), &when, &e), &e);
}

/* The files there; *first is the path of one. */
static int files(const char *name, char first[600])
{
	char dir[512];
	int n = 0;

	snprintf(dir, sizeof dir, "%s.inbox", check_path(name));
	DIR *d = opendir(dir);
	if (!d)
		return -1;
	for (struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		n++;
		if (first)
			snprintf(first, 600, "%.300s/%.200s", dir, entry->d_name);
	}
	closedir(d);
	return n;
}

static void take(struct store *s, size_t want, size_t want_bad)
{
	struct err e = ERR_INIT;
	size_t taken = 99, bad = 99;

	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	CHECK_EQ_INT(taken, want);
	CHECK_EQ_INT(bad, want_bad);
}

TEST(put_while_open_and_take)
{
	struct store *s = fixture_new("take.arpent");
	struct stat st;
	char path[600];

	take(s, 0, 0); /* no folder yet */
	put("take.arpent", "Deuxième", 20);
	put("take.arpent", "Première\nsuite", 10);
	CHECK_EQ_INT(files("take.arpent", path), 2);
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	CHECK_EQ_INT(st.st_size % 256, crypto_box_SEALBYTES);
	*strrchr(path, '/') = '\0';
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0700);
	take(s, 2, 0);
	CHECK_EQ_INT(files("take.arpent", NULL), 0);
	take(s, 0, 0);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record WHERE kind = 'note'"), 2);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM step"), 2);
	REQUIRE(fixture_int(s, "SELECT row FROM record WHERE title = 'Première' AND day = '2026-11-23T14:10'") == 1);
	store_close(s);
}

TEST(a_note_filed_and_not_removed_is_not_filed_again)
{
	struct store *s = fixture_new("once.arpent");
	struct buf sealed = BUF_INIT;
	struct err e = ERR_INIT;
	char path[600];

	put("once.arpent", "une fois", 1);
	REQUIRE(files("once.arpent", path) == 1);
	CHECK_OK(io_read_file(path, 1 << 20, &sealed, &e), &e);
	take(s, 1, 0);
	CHECK_OK(io_write_file(path, sealed.p, sealed.len, false, &e), &e);
	take(s, 0, 0);
	CHECK_EQ_INT(files("once.arpent", NULL), 0);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), 1);
	buf_done(&sealed);
	store_close(s);
}

TEST(what_does_not_open_stays)
{
	struct store *s = fixture_new("bad.arpent"), *other = fixture_new("other.arpent");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	char path[600], from[600];

	put("bad.arpent", "abîmée", 1);
	REQUIRE(files("bad.arpent", path) == 1);
	CHECK_OK(io_read_file(path, 1 << 20, &b, &e), &e);
	b.p[b.len / 2] ^= 1;
	CHECK_OK(io_write_file(path, b.p, b.len, true, &e), &e);
	put("other.arpent", "pour un autre", 1);
	REQUIRE(files("other.arpent", from) == 1);
	path[strlen(path) - 6] ^= 1;
	CHECK(rename(from, path) == 0);
	path[strlen(path) - 7] = 'x';
	CHECK_OK(io_write_file(path, "court", 5, true, &e), &e);
	put("bad.arpent", "bonne", 2);
	take(s, 1, 3);
	CHECK_EQ_INT(files("bad.arpent", NULL), 3);
	buf_done(&b);
	store_close(s);
	store_close(other);
}

TEST(put_errors)
{
	struct moment when = {.date = {2026, 11, 23}};
	struct store *s = fixture_new("errors.arpent");
	char *big = calloc(1, INBOX_NOTE_MAX + 1);
	struct err e = ERR_INIT;
	size_t taken, bad;

	memset(big, 'a', INBOX_NOTE_MAX + 1);
	CHECK_ERR(inbox_put(check_path("errors.arpent"), big, INBOX_NOTE_MAX + 1, &when, &e), &e, ERR_LIMIT);
	CHECK_OK(inbox_put(check_path("errors.arpent"), big, INBOX_NOTE_MAX, &when, &e), &e);
	CHECK_ERR(inbox_put(check_path("errors.arpent"), "\xff", 1, &when, &e), &e, ERR_INPUT);
	CHECK_ERR(inbox_put(check_path("absent.arpent"), "a", 1, &when, &e), &e, ERR_NOT_FOUND);
	CHECK(files("absent.arpent", NULL) == -1);
	CHECK_OK(io_write_file(check_path("text.arpent"), "bonjour", 7, false, &e), &e);
	CHECK_ERR(inbox_put(check_path("text.arpent"), "a", 1, &when, &e), &e, ERR_NOT_NOTEBOOK);
	CHECK_OK(store_step_begin(s, "Open", &e), &e);
	CHECK_ERR(inbox_take(s, &taken, &bad, &e), &e, ERR_INTERNAL);
	store_step_cancel(s);
	take(s, 1, 0);
	free(big);
	store_close(s);
}

TEST(watching)
{
	struct store *s = fixture_new("watch.arpent");
	int fd = inbox_watch(check_path("watch.arpent"));
	struct pollfd p = {.fd = fd, .events = POLLIN};

	REQUIRE(fd >= 0);
	CHECK_EQ_INT(poll(&p, 1, 0), 0);
	put("watch.arpent", "arrivée", 1);
	CHECK_EQ_INT(poll(&p, 1, 0), 1);
	inbox_drain(fd);
	CHECK_EQ_INT(poll(&p, 1, 0), 0);
	close(fd);
	CHECK_EQ_INT(inbox_watch("/nowhere/at/all"), -1);
	store_close(s);
}

TEST(a_second_notebook_open_is_busy)
{
	struct store *s = fixture_new("busy.arpent"), *again;
	struct err e = ERR_INIT;

	CHECK_ERR(fixture_try("busy.arpent", &again, &e), &e, ERR_BUSY);
	put("busy.arpent", "pendant ce temps", 1);
	take(s, 1, 0);
	store_close(s);
}

static void named(void *ctx, const char *name)
{
	snprintf(ctx, 300, "%s", name);
}

/* Each byte of a note altered, each length of it: named, left there, and nothing is filed; copied, it is filed once. */
TEST(a_note_altered_cut_short_and_repeated)
{
	struct store *s = fixture_new("sweep.arpent");
	struct buf note = BUF_INIT;
	struct err e = ERR_INIT;
	char path[600], again[620], name[300];
	size_t notes, bad;

	put("sweep.arpent", "Une note", 5);
	CHECK_EQ_INT(files("sweep.arpent", path), 1);
	REQUIRE(CHECK_OK(io_read_file(path, 1 << 20, &note, &e), &e));
	for (size_t i = 0; i < 2 * note.len; i++) {
		bool cut = i >= note.len;

		if (!cut)
			note.p[i] ^= (char)(1 << i % 8);
		CHECK_OK(io_write_file(path, note.p, cut ? i - note.len : note.len, true, &e), &e);
		if (!cut)
			note.p[i] ^= (char)(1 << i % 8);
		name[0] = '\0';
		CHECK_OK(inbox_check(store_vault(s), named, name, &notes, &bad, &e), &e);
		if (notes != 1 || bad != 1 || strcmp(name, strrchr(path, '/') + 1) != 0)
			CHECK_FAIL("%s %zu: not named", cut ? "cut" : "byte", i % note.len);
		if (i % 16 == 0)
			take(s, 0, 1);
	}
	CHECK_OK(io_write_file(path, note.p, note.len, true, &e), &e);
	snprintf(again, sizeof again, "%.580s-again.note", path);
	CHECK_OK(io_write_file(again, note.p, note.len, true, &e), &e);
	take(s, 1, 0);
	CHECK_OK(io_write_file(again, note.p, note.len, true, &e), &e);
	take(s, 0, 0);
	CHECK_EQ_INT(files("sweep.arpent", NULL), 0);
	buf_done(&note);
	store_close(s);
}
