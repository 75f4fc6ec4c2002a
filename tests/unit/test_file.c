/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files, drafts, the history of a record. */
#include "check.h"

#include "arpent/io.h"
#include "arpent/minutes.h"
#include "store_fixture.h"

static const char *make(const char *name, size_t n)
{
	const char *path = check_path(name);
	unsigned char *p = malloc(n + 1);
	struct err e = ERR_INIT;

	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(i * 31 + i / 251);
	CHECK_OK(io_write_file(path, p, n, true, &e), &e);
	free(p);
	return path;
}

static void check_same(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(io_read_file(a, 1 << 24, &x, &e), &e);
	CHECK_OK(io_read_file(b, 1 << 24, &y, &e), &e);
	CHECK_MEM(x.p, x.len, y.p, y.len);
	buf_done(&x);
	buf_done(&y);
}

TEST(in_and_out_again)
{
	static const size_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
	struct store *s = fixture_new("file.arpent");
	struct id owner = fixture_record(s, "site", "name", "Lac"), id;
	struct buf files = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		const char *from = make("Photo.JPG", sizes[i]), *to = check_path("out");
		CHECK_OK(store_file_add(s, &owner, from, &id, &e), &e);
		CHECK_OK(store_file_extract(s, &id, to, &e), &e);
		check_same(from, to);
		CHECK_ERR(store_file_extract(s, &id, to, &e), &e, ERR_EXISTS);
		unlink(to);
	}
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK_STR(record_get(&r, "name"), "Photo.JPG");
	CHECK_STR(record_get(&r, "type"), "image/jpeg");
	CHECK_STR(record_get(&r, "size"), "300000");
	record_done(&r);
	CHECK_OK(store_get(s, &owner, &r, &e), &e);
	record_set(&r, "files", &files);
	CHECK_EQ_INT(files.len, 6 * ID_TEXT + 5);
	buf_done(&files);
	record_done(&r);
	fixture_check_index(s);
	store_close(s);
}

TEST(file_errors)
{
	struct store *s = fixture_new("errors.arpent");
	struct id person = fixture_person(s, "Jean"), none, id;
	struct err e = ERR_INIT;

	id_new(&none);
	CHECK_ERR(store_file_add(s, NULL, check_path("absent"), &id, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_file_add(s, NULL, check_dir(), &id, &e), &e, ERR_INPUT);
	CHECK_ERR(store_file_add(s, &none, make("f", 9), &id, &e), &e, ERR_NOT_FOUND);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM chunk"), 0); /* rolled back */
	CHECK_ERR(store_file_extract(s, &person, check_path("o"), &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_file_extract(s, &none, check_path("o"), &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_file_add(s, NULL, make("f", 70000), &id, &e), &e);
	fixture_exec(s, "UPDATE chunk SET data = zeroblob(65536) WHERE row % 8192 = 0");
	CHECK_ERR(store_file_extract(s, &id, check_path("o"), &e), &e, ERR_DAMAGED);
	CHECK(access(check_path("o"), F_OK) != 0);
	fixture_exec(s, "DELETE FROM chunk");
	CHECK_ERR(store_file_extract(s, &id, check_path("o"), &e), &e, ERR_NOT_FOUND);
	store_close(s);
}

static void check_type(struct store *s, const char *name, const char *first, const char *want)
{
	const char *path = check_path(name);
	struct err e = ERR_INIT;
	struct record r;
	struct id id;

	CHECK_OK(io_write_file(path, first, strlen(first), true, &e), &e);
	CHECK_OK(store_file_add(s, NULL, path, &id, &e), &e);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK_STR(record_get(&r, "type"), want);
	record_done(&r);
}

TEST(media_type)
{
	struct store *s = fixture_new("type.arpent");

	check_type(s, "a.GPX", "<gpx>", "application/gpx+xml");
	check_type(s, "b", "\xFF\xD8\xFF\xE1 Exif", "image/jpeg");
	check_type(s, "c.txt", "%PDF-1.7", "application/pdf"); /* what it is, not what it is called */
	check_type(s, "d.dat", "\x89PNG\r\n\x1A\n....", "image/png");
	check_type(s, "e.dat", "\x89PN", "application/octet-stream");
	check_type(s, "f", "", "application/octet-stream");
	store_close(s);
}

static void check_name(struct store *s, const char *name, const char *want)
{
	struct id id = fixture_record(s, "file", "name", name);
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(store_file_name(s, &id, &b, &e), &e);
	CHECK_STR(buf_str(&b), want);
	buf_done(&b);
}

TEST(name_to_write_under)
{
	struct store *s = fixture_new("name.arpent");

	check_name(s, "plan de la parcelle.pdf", "plan de la parcelle.pdf");
	check_name(s, "../../../etc/cron.d/x", "x");
	check_name(s, "..", "file");
	check_name(s, ".bashrc", "bashrc");
	check_name(s, "dossier/", "file");
	store_close(s);
}

TEST(content_later)
{
	struct store *s = fixture_new("later.arpent");
	struct err e = ERR_INIT;
	struct id id;

	CHECK_OK(store_file_add(s, NULL, make("f", 5), &id, &e), &e);
	CHECK_OK(store_file_put(s, &id, "other", 5, &e), &e); /* there is some */
	fixture_exec(s, "DELETE FROM chunk");
	CHECK_ERR(store_file_put(s, &id, "other", 5, &e), &e, ERR_DAMAGED);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM chunk"), 0);
	CHECK_OK(store_file_put(s, &id, "\x00\x1F\x3E\x5D\x7C", 5, &e), &e);
	CHECK_OK(store_file_extract(s, &id, check_path("g"), &e), &e);
	check_same(check_path("g"), check_path("f"));
	/* A number written over the size is not believed. */
	struct want w = {.key = "size", .text = "999999"};
	CHECK_OK(store_edit(s, &id, &w, 1, &e), &e);
	unlink(check_path("g"));
	CHECK_OK(store_file_extract(s, &id, check_path("g"), &e), &e);
	id = fixture_person(s, "Jean");
	CHECK_ERR(store_file_put(s, &id, "", 0, &e), &e, ERR_NOT_FOUND);
	store_close(s);
}

static bool draft_add(void *ctx, const char *key, const char *title, int64_t edited_ms)
{
	struct buf *b = ctx;

	buf_printf(b, "%s:%s%s;", key, title, edited_ms > 0 ? "" : "?");
	return true;
}

TEST(drafts)
{
	struct store *s = fixture_new("draft.arpent");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_ERR(store_draft_get(s, "quick", &b, &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_draft_set(s, "quick", "appeler", "appeler la", 10, &e), &e);
	CHECK_OK(store_draft_set(s, "new/task", "Suite", "x", 1, &e), &e);
	CHECK_OK(store_draft_set(s, "quick", "appeler Jean", "appeler Jean", 12, &e), &e);
	store_close(s);
	s = fixture_open("draft.arpent");
	CHECK_OK(store_draft_get(s, "quick", &b, &e), &e);
	CHECK_STR(buf_str(&b), "appeler Jean");
	buf_clear(&b);
	CHECK_OK(store_draft_each(s, draft_add, &b, &e), &e);
	CHECK_STR(buf_str(&b), "quick:appeler Jean;new/task:Suite;");
	CHECK_OK(store_draft_set(s, "quick", NULL, NULL, 0, &e), &e);
	CHECK_ERR(store_draft_get(s, "quick", &b, &e), &e, ERR_NOT_FOUND);
	buf_done(&b);
	store_close(s);
}

static bool history_add(void *ctx, const struct history *h)
{
	struct buf *b = ctx;

	buf_printf(b, "%s/%s/%s/%d;", h->change && h->change->n ? h->change->edits[0].key : "-", h->who, h->label,
		   h->when.date.year);
	return true;
}

TEST(history)
{
	struct store *s = fixture_new("history.arpent"), *other = fixture_new("history2.arpent");
	struct id id = fixture_person(s, "Jean");
	struct want w = {.key = "phone", .text = "0600000000", .is_set = true};
	struct buf b = BUF_INIT, peer = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;
	enum take how;

	CHECK_OK(store_meta_set(s, "identity/name", "Claire", 6, &e), &e);
	CHECK_OK(store_edit(s, &id, &w, 1, &e), &e);
	CHECK_OK(store_history(s, &id, history_add, &b, &e), &e);
	CHECK_STR(buf_str(&b), "name/Claire/Record added/2026;phone=0600000000/Claire/Record changed/2026;");
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK_OK(store_take(other, &r, &how, &e), &e);
	buf_clear(&b);
	CHECK_OK(store_history(other, &id, history_add, &b, &e), &e);
	CHECK_STR(buf_str(&b), "-//Record taken in/2026;");
	char key[64] = "peer/";
	sodium_bin2hex(key + 5, sizeof key - 5, store_device(s)->b, ID_BYTES);
	cbor_w_array(&peer, 2);
	cbor_w_uint(&peer, 1);
	cbor_w_text(&peer, "Claire", 6);
	CHECK_OK(store_meta_set(other, key, peer.p, peer.len, &e), &e);
	buf_clear(&b);
	CHECK_OK(store_history(other, &id, history_add, &b, &e), &e);
	CHECK_STR(buf_str(&b), "-/Claire/Record taken in/2026;");
	id_new(&id);
	CHECK_ERR(store_history(s, &id, history_add, &b, &e), &e, ERR_NOT_FOUND);
	record_done(&r);
	buf_done(&b);
	buf_done(&peer);
	store_close(s);
	store_close(other);
}
