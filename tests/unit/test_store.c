/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, opening, writing and reading a notebook. */
#include "check.h"

#include <sys/stat.h>

#include "arpent/minutes.h"
#include "store_fixture.h"

TEST(create_and_open_again)
{
	struct store *s = fixture_new("again.arpent");
	struct id id = fixture_person(s, "Jean Bonnet"), device = *store_device(s);
	struct record r;
	struct err e = ERR_INIT;

	store_close(s);
	s = fixture_open("again.arpent");
	CHECK(id_eq(store_device(s), &device));
	record_init(&r);
	REQUIRE(CHECK_OK(store_get(s, &id, &r, &e), &e));
	CHECK_STR(record_get(&r, "name"), "Jean Bonnet");
	CHECK_STR(r.kind, "person");
	record_done(&r);
	store_close(s);
}

/* A journal with no records would only have the file cut, or filled up, to the size that it gives. */
TEST(a_journal_put_beside_a_notebook_is_not_followed)
{
	static const unsigned char magic[8] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7}, pages[2] = {1, 255};
	struct err e = ERR_INIT;
	struct stat before, after;
	struct store *s = fixture_new("beside.arpent");
	struct id id = fixture_person(s, "Jean Bonnet");
	struct record r;

	store_close(s);
	CHECK(stat(check_path("beside.arpent"), &before) == 0);
	for (size_t i = 0; i < sizeof pages; i++) {
		unsigned char journal[512] = {0};
		FILE *f = fopen(check_path("beside.arpent-journal"), "w");

		memcpy(journal, magic, sizeof magic);
		journal[19] = pages[i];
		journal[22] = 2;    /* sectors of 512 bytes */
		journal[26] = 0x10; /* pages of 4096 */
		REQUIRE(f != NULL && fwrite(journal, sizeof journal, 1, f) == 1 && fclose(f) == 0);
		s = fixture_open("beside.arpent");
		record_init(&r);
		CHECK_OK(store_get(s, &id, &r, &e), &e);
		record_done(&r);
		store_close(s);
		CHECK(stat(check_path("beside.arpent"), &after) == 0);
		CHECK_EQ_INT(after.st_size, before.st_size);
	}
}

TEST(new_refuses_an_unknown_kind)
{
	struct store *s = fixture_new("kind.arpent");
	struct err e = ERR_INIT;
	struct id id;

	CHECK_ERR(store_new(s, "dragon", NULL, 0, &id, &e), &e, ERR_INPUT);
	CHECK(!store_in_step(s));
	store_close(s);
}

TEST(new_with_nothing_in_it)
{
	struct store *s = fixture_new("empty.arpent");
	struct err e = ERR_INIT;
	struct record r;
	struct id id;

	CHECK_OK(store_new(s, "note", NULL, 0, &id, &e), &e);
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK(!record_deleted(&r, NULL));
	record_done(&r);
	store_close(s);
}

TEST(get_what_is_not_there)
{
	struct store *s = fixture_new("none.arpent");
	struct err e = ERR_INIT;
	struct record r;
	struct id id;

	id_new(&id);
	record_init(&r);
	CHECK_ERR(store_get(s, &id, &r, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_edit(s, &id, NULL, 0, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_delete(s, &id, &e), &e, ERR_NOT_FOUND);
	record_done(&r);
	store_close(s);
}

TEST(edit_changes_only_what_differs)
{
	struct store *s = fixture_new("edit.arpent");
	struct id id = fixture_person(s, "Anne Roux");
	struct want w[] = {{.key = "name", .text = "Anne Roux"}, {.key = "function", .text = "maire"}};
	struct err e = ERR_INIT;
	struct record r;

	CHECK_OK(store_edit(s, &id, w, 1, &e), &e);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM change"), 1);
	CHECK_OK(store_edit(s, &id, w, 2, &e), &e);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM change"), 2);
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK_STR(record_get(&r, "function"), "maire");
	CHECK_EQ_INT(r.seen.n, 1);
	CHECK_EQ_INT(r.seen.v[0].n, 2);
	record_done(&r);
	store_close(s);
}

TEST(sets_by_element)
{
	struct store *s = fixture_new("sets.arpent");
	struct id id = fixture_person(s, "Paul Marty");
	struct want two = {.key = "tags", .text = "loup\npastoralisme", .is_set = true};
	struct want one = {.key = "tags", .text = "loup", .is_set = true};
	struct buf tags = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;

	CHECK_OK(store_edit(s, &id, &two, 1, &e), &e);
	CHECK_OK(store_edit(s, &id, &one, 1, &e), &e);
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	record_set(&r, "tags", &tags);
	CHECK_STR(buf_str(&tags), "loup");
	buf_done(&tags);
	record_done(&r);
	store_close(s);
}

TEST(bin_and_back)
{
	struct store *s = fixture_new("bin.arpent");
	struct id id = fixture_person(s, "Lucie Pons");
	struct list_spec living = {.kind = "person"}, bin = {.kind = "person", .bin = true};
	struct err e = ERR_INIT;
	size_t n;

	CHECK_OK(store_delete(s, &id, &e), &e);
	CHECK_OK(store_count(s, &living, 9, &n, &e), &e);
	CHECK_EQ_INT(n, 0);
	CHECK_OK(store_count(s, &bin, 9, &n, &e), &e);
	CHECK_EQ_INT(n, 1);
	CHECK_OK(store_delete(s, &id, &e), &e); /* twice is once */
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM change"), 2);
	CHECK_OK(store_restore(s, &id, &e), &e);
	CHECK_OK(store_count(s, &living, 9, &n, &e), &e);
	CHECK_EQ_INT(n, 1);
	CHECK_OK(store_count(s, &bin, 9, &n, &e), &e);
	CHECK_EQ_INT(n, 0);
	fixture_check_index(s);
	store_close(s);
}

TEST(a_step_is_all_or_nothing)
{
	struct store *s = fixture_new("step.arpent");
	struct err e = ERR_INIT;
	struct record r;
	struct id a, b;

	CHECK_OK(store_step_begin(s, "Two", &e), &e);
	CHECK(store_in_step(s));
	CHECK_ERR(store_step_begin(s, "Again", &e), &e, ERR_INTERNAL);
	a = fixture_person(s, "Un");
	b = fixture_person(s, "Deux");
	store_step_cancel(s);
	record_init(&r);
	CHECK_ERR(store_get(s, &a, &r, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_get(s, &b, &r, &e), &e, ERR_NOT_FOUND);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM step"), 0);
	a = fixture_person(s, "Trois");
	CHECK_OK(store_get(s, &a, &r, &e), &e);
	CHECK_EQ_INT(r.seen.v[0].n, 1); /* counts given back */
	record_done(&r);
	CHECK_ERR(store_step_end(s, &e), &e, ERR_INTERNAL);
	store_close(s);
}

TEST(a_mistake_in_a_step_spares_the_rest)
{
	struct store *s = fixture_new("mistake.arpent");
	struct err e = ERR_INIT;
	struct id none;

	id_new(&none);
	CHECK_OK(store_step_begin(s, "One and a mistake", &e), &e);
	fixture_person(s, "Un");
	CHECK_ERR(store_delete(s, &none, &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_step_end(s, &e), &e);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), 1);
	store_close(s);
}

TEST(a_failed_write_breaks_the_step)
{
	struct store *s = fixture_new("broken.arpent");
	struct err e = ERR_INIT;
	struct want w = {.key = "name", .text = "X"};

	CHECK_OK(store_step_begin(s, "Broken", &e), &e);
	fixture_person(s, "Un");
	fixture_exec(s, "CREATE TEMP TRIGGER t BEFORE INSERT ON change BEGIN SELECT RAISE(FAIL, 'no'); END");
	CHECK(!store_new(s, "person", &w, 1, NULL, &e));
	CHECK(!store_new(s, "person", &w, 1, NULL, &e));
	CHECK(!store_step_end(s, &e));
	CHECK(!store_in_step(s));
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), 0);
	store_close(s);
}

static bool count_meta(void *ctx, const char *key, const void *p, size_t n)
{
	struct buf *b = ctx;

	buf_printf(b, "%s=%.*s;", key, (int)n, (const char *)p);
	return true;
}

TEST(meta_values)
{
	struct store *s = fixture_new("meta.arpent");
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_ERR(store_meta_get(s, "peer/a", &b, &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_meta_set(s, "peer/b", "2", 1, &e), &e);
	CHECK_OK(store_meta_set(s, "peer/a", "1", 1, &e), &e);
	CHECK_OK(store_meta_set(s, "peer0", "9", 1, &e), &e);
	CHECK_OK(store_meta_set(s, "peer/a", "3", 1, &e), &e);
	CHECK_OK(store_meta_set(s, "peer/empty", "", 0, &e), &e);
	CHECK_OK(store_meta_each(s, "peer/", count_meta, &b, &e), &e);
	CHECK_STR(buf_str(&b), "peer/a=3;peer/b=2;peer/empty=;");
	buf_clear(&b);
	CHECK_OK(store_meta_set(s, "peer/a", NULL, 0, &e), &e);
	CHECK_ERR(store_meta_get(s, "peer/a", &b, &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_meta_get(s, "peer/b", &b, &e), &e);
	CHECK_STR(buf_str(&b), "2");
	buf_done(&b);
	store_close(s);
}

TEST(titles_follow_what_they_refer_to)
{
	struct store *s = fixture_new("titles.arpent");
	struct id jean = fixture_person(s, "Jean Bonnet"), meeting = fixture_record(s, "meeting", "subject", "Comité"),
		  at;
	struct want w[2], name = {.key = "name", .text = "Jean-Marc Bonnet"};
	char a[ID_TEXT + 1], b[ID_TEXT + 1];
	struct buf t = BUF_INIT;
	struct err e = ERR_INIT;

	id_text(&jean, a);
	id_text(&meeting, b);
	w[0] = (struct want){.key = "person", .text = a};
	w[1] = (struct want){.key = "meeting", .text = b};
	CHECK_OK(store_new(s, "attendance", w, 2, &at, &e), &e);
	CHECK(store_title(s, &at, &t));
	CHECK_STR(buf_str(&t), "Jean Bonnet");
	CHECK_OK(store_edit(s, &jean, &name, 1, &e), &e);
	buf_clear(&t);
	CHECK(store_title(s, &at, &t));
	CHECK_STR(buf_str(&t), "Jean-Marc Bonnet");
	fixture_check_index(s);
	buf_done(&t);
	store_close(s);
}

TEST(index_made_anew_is_the_same)
{
	struct store *s = fixture_new("anew.arpent");
	struct err e = ERR_INIT;
	struct id id = fixture_person(s, "Édith Cœur");

	fixture_record(s, "note", "text", "L'aigle royal\nest passé");
	CHECK_OK(store_delete(s, &id, &e), &e);
	fixture_exec(s, "UPDATE meta SET value = '0' WHERE key = 'index'");
	store_close(s);
	s = fixture_open("anew.arpent");
	fixture_check_index(s);
	CHECK_EQ_INT(fixture_int(s, "SELECT n FROM kinds WHERE kind = 'note' AND bin = 0"), 1);
	CHECK_EQ_INT(fixture_int(s, "SELECT n FROM kinds WHERE kind = 'person' AND bin = 1"), 1);
	store_close(s);
}

/* A notebook made before there were segments. */
TEST(the_first_schema_is_brought_up)
{
	struct store *s = fixture_new("first.arpent");

	fixture_person(s, "Jean Bonnet");
	fixture_exec(s, "DROP TABLE segment; PRAGMA user_version = 1");
	store_close(s);
	s = fixture_open("first.arpent");
	CHECK_EQ_INT(fixture_int(s, "PRAGMA user_version"), 2);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM segment"), 0);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), 1);
	store_close(s);
}

TEST(a_newer_schema_is_refused)
{
	struct store *s = fixture_new("newer.arpent");
	struct err e = ERR_INIT;

	fixture_exec(s, "PRAGMA user_version = 99");
	store_close(s);
	CHECK_ERR(fixture_try("newer.arpent", &s, &e), &e, ERR_NEWER);
}

TEST(identity_is_kept)
{
	struct store *s = fixture_new("self.arpent");
	struct secret sign = SECRET_INIT, box = SECRET_INIT;
	unsigned char public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], hash[32];
	struct err e = ERR_INIT;

	REQUIRE(CHECK_OK(store_self(s, &sign, &box, &e), &e));
	CHECK_EQ_INT(sign.len, 32);
	CHECK_EQ_INT(box.len, 32);
	CHECK(memcmp(sign.p, box.p, 32) != 0);
	crypto_sign_seed_keypair(public, secret, sign.p);
	crypto_generichash(hash, sizeof hash, public, sizeof public, NULL, 0);
	CHECK_MEM(store_device(s)->b, ID_BYTES, hash, ID_BYTES);
	secret_free(&sign);
	secret_free(&box);
	fixture_exec(s, "DELETE FROM meta WHERE key = 'self'");
	CHECK_ERR(store_self(s, &sign, &box, &e), &e, ERR_DAMAGED);
	store_close(s);
}

TEST(short_ids_grow_where_they_must)
{
	struct store *s = fixture_new("short.arpent");
	struct id a, b, c, got;
	char text[ID_TEXT + 1];
	struct err e = ERR_INIT;

	REQUIRE(id_parse("abcdef01-2345-4678-9abc-def012345678", &a));
	REQUIRE(id_parse("abcdef01-9999-4678-9abc-def012345678", &b));
	REQUIRE(id_parse("12cdef01-2345-4678-9abc-def012345678", &c));
	CHECK_OK(store_new_as(s, "note", &a, NULL, 0, &e), &e);
	CHECK_OK(store_new_as(s, "note", &b, NULL, 0, &e), &e);
	CHECK_OK(store_new_as(s, "note", &c, NULL, 0, &e), &e);
	CHECK_ERR(store_new_as(s, "note", &c, NULL, 0, &e), &e, ERR_EXISTS);
	CHECK(store_short_id(s, &c, text));
	CHECK_STR(text, "12cd");
	CHECK(store_short_id(s, &a, text));
	CHECK_STR(text, "abcdef012");
	CHECK_OK(store_resolve(s, text, NULL, &got, &e), &e);
	CHECK(id_eq(&got, &a));
	CHECK_ERR(store_resolve(s, "abcdef01", NULL, &got, &e), &e, ERR_AMBIGUOUS);
	CHECK_ERR(store_resolve(s, "12cd", "person", &got, &e), &e, ERR_NOT_FOUND);
	store_close(s);
}

TEST(shown_by_title)
{
	struct store *s = fixture_new("show.arpent");
	struct id jean = fixture_person(s, "Jean Bonnet"), task;
	char text[ID_TEXT + 1];
	struct want w[] = {{.key = "wording", .text = "Appeler"}, {.key = "owner", .text = text}};
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;

	id_text(&jean, text);
	CHECK_OK(store_new(s, "task", w, 2, &task, &e), &e);
	record_init(&r);
	CHECK_OK(store_get(s, &task, &r, &e), &e);
	store_show(s, &r, kind_field(kind_find("task"), "owner"), DATE_FR, &out);
	CHECK_STR(buf_str(&out), "Jean Bonnet");
	buf_clear(&out);
	store_show(s, &r, kind_field(kind_find("task"), "wording"), DATE_FR, &out);
	CHECK_STR(buf_str(&out), "Appeler");
	buf_clear(&out);
	CHECK(record_title(&r, &out));
	CHECK_STR(buf_str(&out), "Appeler");
	record_done(&r);
	buf_done(&out);
	store_close(s);
}

TEST(unknown_kinds_are_kept)
{
	struct store *s = fixture_new("future.arpent");
	struct want w[] = {{.key = "name", .text = "Venu d'ailleurs"}, {.key = "wings", .text = "2"}};
	struct buf t = BUF_INIT;
	struct err e = ERR_INIT;
	struct record r;
	struct id id;

	id_new(&id);
	CHECK_OK(store_new_as(s, "dragon", &id, w, 2, &e), &e);
	CHECK(store_title(s, &id, &t));
	CHECK_STR(buf_str(&t), "Venu d'ailleurs");
	w[1].text = "3";
	CHECK_OK(store_edit(s, &id, w, 2, &e), &e);
	CHECK_OK(store_undo(s, NULL, &e), &e);
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK_STR(record_get(&r, "wings"), "2");
	record_done(&r);
	buf_done(&t);
	store_close(s);
}

TEST(a_damaged_state_is_an_error)
{
	struct store *s = fixture_new("damaged.arpent");
	struct id id = fixture_person(s, "Jean");
	struct want w = {.key = "name", .text = "Jeanne"};
	struct err e = ERR_INIT;
	struct record r;

	fixture_exec(s, "UPDATE state SET state = x'00ff00'");
	record_init(&r);
	CHECK_ERR(store_get(s, &id, &r, &e), &e, ERR_DAMAGED);
	CHECK_ERR(store_edit(s, &id, &w, 1, &e), &e, ERR_DAMAGED);
	CHECK(!store_in_step(s));
	fixture_exec(s, "UPDATE change SET before = x'00'");
	CHECK(!store_undo(s, NULL, &e));
	CHECK(!store_in_step(s));
	store_close(s);
}
