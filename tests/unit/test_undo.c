/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Undo and redo: what is shown goes back and comes again, however it was changed. */
#include "check.h"

#include "arpent/minutes.h"
#include "store_fixture.h"

/* What every record shows, in order, as one text. */
static void shown_all(struct store *s, struct buf *out)
{
	struct err e = ERR_INIT;
	long long rows = fixture_int(s, "SELECT coalesce(max(row), 0) FROM state");

	for (int64_t row = 1; row <= rows; row++) {
		struct record r;
		record_init(&r);
		CHECK_OK(db_load_row(s, row, &r, &e), &e);
		buf_printf(out, "%lld %s %s\n", (long long)row, r.kind, record_deleted(&r, NULL) ? "bin" : "alive");
		for (size_t i = 0; i < r.n; i++) {
			struct buf merged = BUF_INIT;
			struct shown v;
			record_shown(&r, r.entries[i].key, field_is_text(r.kind, r.entries[i].key), &merged, &v);
			if (v.len > 0 && strcmp(r.entries[i].key, RECORD_ALIVE) != 0)
				buf_printf(out, " %s=%s\n", r.entries[i].key, v.text);
			buf_done(&merged);
		}
		record_done(&r);
	}
}

/* The same of records that exist only in the bin: once an addition is undone, its values do not matter. */
static void living(struct store *s, struct buf *out)
{
	struct buf all = BUF_INIT;
	bool keep = false;

	shown_all(s, &all);
	for (char *line = all.p, *next; line && *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (*line != ' ')
			keep = strstr(line, "alive") && strstr(line, "alive") < next;
		if (keep)
			buf_add(out, line, (size_t)(next - line));
	}
	buf_done(&all);
}

TEST(nothing_to_undo)
{
	struct store *s = fixture_new("nothing.arpent");
	struct step_info info;
	struct err e = ERR_INIT;

	CHECK_ERR(store_undo(s, &info, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_redo(s, &info, &e), &e, ERR_NOT_FOUND);
	CHECK(!store_in_step(s));
	store_close(s);
}

TEST(edit_undo_redo)
{
	struct store *s = fixture_new("edit.arpent");
	struct id id = fixture_person(s, "Jean");
	struct want w = {.key = "name", .text = "Jeanne"};
	struct step_info info;
	struct buf t = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(store_edit(s, &id, &w, 1, &e), &e);
	CHECK_OK(store_undo(s, &info, &e), &e);
	CHECK_STR(info.label, "Record changed");
	CHECK_EQ_INT(info.changes, 1);
	store_title(s, &id, &t);
	CHECK_STR(buf_str(&t), "Jean");
	CHECK_OK(store_redo(s, &info, &e), &e);
	buf_clear(&t);
	store_title(s, &id, &t);
	CHECK_STR(buf_str(&t), "Jeanne");
	buf_done(&t);
	fixture_check_index(s);
	store_close(s);
}

TEST(addition_goes_to_the_bin)
{
	struct store *s = fixture_new("add.arpent");
	struct id id = fixture_person(s, "Jean");
	struct err e = ERR_INIT;
	struct record r;

	CHECK_OK(store_undo(s, NULL, &e), &e);
	record_init(&r);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK(record_deleted(&r, NULL));
	record_done(&r);
	CHECK_OK(store_redo(s, NULL, &e), &e);
	CHECK_OK(store_get(s, &id, &r, &e), &e);
	CHECK(!record_deleted(&r, NULL));
	CHECK_STR(record_get(&r, "name"), "Jean");
	record_done(&r);
	store_close(s);
}

TEST(survives_a_restart)
{
	struct store *s = fixture_new("restart.arpent");
	struct id id = fixture_person(s, "Jean");
	struct want w = {.key = "name", .text = "Jeanne"};
	struct buf t = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(store_edit(s, &id, &w, 1, &e), &e);
	store_close(s);
	s = fixture_open("restart.arpent");
	CHECK_OK(store_undo(s, NULL, &e), &e);
	store_close(s);
	s = fixture_open("restart.arpent");
	CHECK_OK(store_redo(s, NULL, &e), &e);
	store_title(s, &id, &t);
	CHECK_STR(buf_str(&t), "Jeanne");
	buf_done(&t);
	store_close(s);
}

TEST(a_new_step_ends_redo)
{
	struct store *s = fixture_new("ends.arpent");
	struct err e = ERR_INIT;

	fixture_person(s, "Un");
	fixture_person(s, "Deux");
	CHECK_OK(store_undo(s, NULL, &e), &e);
	fixture_person(s, "Trois");
	CHECK_ERR(store_redo(s, NULL, &e), &e, ERR_NOT_FOUND);
	CHECK_OK(store_undo(s, NULL, &e), &e); /* Trois */
	CHECK_OK(store_undo(s, NULL, &e), &e); /* Un: Deux is gone for good */
	CHECK_ERR(store_undo(s, NULL, &e), &e, ERR_NOT_FOUND);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record WHERE bin = 0"), 0);
	store_close(s);
}

TEST(refused_within_a_step)
{
	struct store *s = fixture_new("within.arpent");
	struct err e = ERR_INIT;

	fixture_person(s, "Un");
	CHECK_OK(store_step_begin(s, "Open", &e), &e);
	CHECK_ERR(store_undo(s, NULL, &e), &e, ERR_INTERNAL);
	store_step_cancel(s);
	store_close(s);
}

TEST(a_taken_state)
{
	struct store *a = fixture_new("taken-a.arpent"), *b = fixture_new("taken-b.arpent");
	struct id id = fixture_person(a, "Jean");
	struct want w = {.key = "function", .text = "éleveur"};
	struct err e = ERR_INIT;
	struct record r, got;
	enum take how;

	record_init(&r);
	record_init(&got);
	CHECK_OK(store_get(a, &id, &r, &e), &e);
	CHECK_OK(store_preview(b, &r, &how, &e), &e);
	CHECK_EQ_INT(how, TAKE_NEW);
	CHECK_EQ_INT(fixture_int(b, "SELECT count(*) FROM record"), 0);
	CHECK_OK(store_take(b, &r, &how, &e), &e);
	CHECK_EQ_INT(how, TAKE_NEW);
	CHECK_OK(store_take(b, &r, &how, &e), &e);
	CHECK_EQ_INT(how, TAKE_SAME);
	record_done(&r);
	CHECK_OK(store_edit(a, &id, &w, 1, &e), &e);
	CHECK_OK(store_get(a, &id, &r, &e), &e);
	CHECK_OK(store_take(b, &r, &how, &e), &e);
	CHECK_EQ_INT(how, TAKE_CHANGED);
	CHECK_OK(store_undo(b, NULL, &e), &e);
	CHECK_OK(store_get(b, &id, &got, &e), &e);
	CHECK_STR(record_get(&got, "function"), "");
	record_done(&got);
	CHECK_OK(store_redo(b, NULL, &e), &e);
	CHECK_OK(store_get(b, &id, &got, &e), &e);
	CHECK_STR(record_get(&got, "function"), "éleveur");
	record_done(&got);
	record_done(&r);
	fixture_check_index(b);
	store_close(a);
	store_close(b);
}

static void random_change(struct store *s, struct id *ids, size_t *n)
{
	static const char *const words[] = {"loup",       "brebis", "estive", "parc", "", "réunion\nnote\nsuite",
					    "note\nsuite"};
	const char *word = words[check_random() % 7];
	struct want w[2] = {{.key = "text", .text = word, .is_text = true},
			    {.key = "tags", .text = words[check_random() % 5], .is_set = true}};
	struct err e = ERR_INIT;
	size_t i = *n ? check_random() % *n : 0;

	switch (*n == 0 ? 0 : check_random() % 5) {
	case 0:
		if (*n < 20)
			CHECK_OK(store_new(s, "note", w, 2, &ids[(*n)++], &e), &e);
		break;
	case 1:
		CHECK_OK(store_delete(s, &ids[i], &e), &e);
		break;
	case 2:
		CHECK_OK(store_restore(s, &ids[i], &e), &e);
		break;
	default:
		CHECK_OK(store_edit(s, &ids[i], w, 1 + check_random() % 2, &e), &e);
	}
}

/* Property: undo all shows what was at the start, step by step; redo all shows the end again. */
TEST(undo_all_and_redo_all)
{
	struct store *s = fixture_new("all.arpent");
	struct buf states[61] = {BUF_INIT}, now = BUF_INIT;
	struct err e = ERR_INIT;
	struct id ids[20];
	size_t n = 0, steps = 0;

	for (int i = 0; i < 60; i++) {
		long long before = fixture_int(s, "SELECT count(*) FROM step");
		CHECK_OK(store_step_begin(s, "Random", &e), &e);
		for (unsigned k = 0; k <= check_random() % 3; k++)
			random_change(s, ids, &n);
		CHECK_OK(store_step_end(s, &e), &e);
		if (fixture_int(s, "SELECT count(*) FROM step") > before)
			living(s, &states[++steps]);
	}
	for (int round = 0; round < 2; round++) {
		for (size_t i = steps; i > 0; i--) {
			CHECK_OK(store_undo(s, NULL, &e), &e);
			buf_clear(&now);
			living(s, &now);
			CHECK_STR(buf_str(&now), buf_str(&states[i - 1]));
		}
		CHECK_ERR(store_undo(s, NULL, &e), &e, ERR_NOT_FOUND);
		for (size_t i = 1; i <= steps; i++) {
			CHECK_OK(store_redo(s, NULL, &e), &e);
			buf_clear(&now);
			living(s, &now);
			CHECK_STR(buf_str(&now), buf_str(&states[i]));
		}
		CHECK_ERR(store_redo(s, NULL, &e), &e, ERR_NOT_FOUND);
	}
	fixture_check_index(s);
	for (size_t i = 0; i < 61; i++)
		buf_done(&states[i]);
	buf_done(&now);
	store_close(s);
}

/* Past a thousand changes a step is written with a wider page cache and its index merged at the end. */
TEST(a_large_step)
{
	struct store *s = fixture_new("large.arpent");
	struct step_info info;
	struct err e = ERR_INIT;
	int64_t cache = fixture_int(s, "PRAGMA cache_size");

	CHECK_OK(store_step_begin(s, "Import", &e), &e);
	for (int i = 0; i < 1200; i++)
		fixture_record(s, "note", "text", i % 3 ? "loup" : "brebis");
	CHECK_OK(store_step_end(s, &e), &e);
	CHECK_EQ_INT(fixture_int(s, "PRAGMA cache_size"), cache);
	CHECK_OK(store_undo(s, &info, &e), &e);
	CHECK_EQ_INT(info.changes, 1200);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record WHERE bin = 0"), 0);
	CHECK_OK(store_redo(s, NULL, &e), &e);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record WHERE bin = 0"), 1200);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM fts WHERE fts MATCH 'loup'"), 800);
	fixture_check_index(s);
	CHECK_OK(store_step_begin(s, "Import given up", &e), &e);
	for (int i = 0; i < 1001; i++)
		fixture_record(s, "note", "text", "aigle");
	store_step_cancel(s);
	CHECK_EQ_INT(fixture_int(s, "PRAGMA cache_size"), cache);
	CHECK_EQ_INT(fixture_int(s, "SELECT count(*) FROM record"), 1200);
	fixture_check_index(s);
	store_close(s);
}
