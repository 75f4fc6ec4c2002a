/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes from others, or from anywhere, and is not as it should be. */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "arpent/export.h"
#include "arpent/format.h"
#include "arpent/header.h"
#include "arpent/import.h"
#include "arpent/inbox.h"
#include "arpent/json.h"
#include "sync_fixture.h"

static struct store *mine(void)
{
	static struct store *s;

	store_close(s);
	return s = sync_notebook("mine", "Anne Lefèvre");
}

/* A state of a person whose only change is that of `device`, its count `n`, which has seen `own` changes of `self`. */
static struct record forged(struct id id, struct id device, uint64_t n, const struct id *self, uint64_t own)
{
	struct change c;
	struct record r;
	struct err e = ERR_INIT;
	const struct want name = want_line("name", "Venu d'ailleurs");

	record_init(&r);
	r.id = id;
	r.kind = str_dup("person");
	CHECK_OK(change_make(&r, &name, 1, &c, &e), &e);
	c.stamp = (struct stamp){device, n};
	c.clock.hlc = (uint64_t)1795000000000 << 16;
	CHECK_OK(record_apply(&r, &c, &e), &e);
	if (own > 0)
		CHECK_OK(seen_add(&r.seen, &(struct stamp){*self, own}, &e), &e);
	change_done(&c);
	return r;
}

static enum err_code take(struct store *s, const struct record *r)
{
	enum take what;
	struct err e = ERR_INIT;

	return store_take(s, r, &what, &e) ? ERR_NONE : e.code;
}

static uint64_t own_count(struct store *s, struct id id)
{
	struct record r;
	struct err e = ERR_INIT;
	uint64_t n = 0;

	if (CHECK_OK(store_get(s, &id, &r, &e), &e)) {
		n = seen_count(&r.seen, store_device(s));
		record_done(&r);
	}
	return n;
}

/* However far a colleague's state pushes our count, what others have seen of our later edits is still believed. */
TEST(counts_pushed_ahead)
{
	struct store *s = mine();
	struct id id = {{1}}, other = {{2}}, device = {{0xAA}};
	uint64_t far[] = {(uint64_t)1 << 32, (uint64_t)1 << 48, INT64_MAX};

	for (size_t i = 0; i < 3; i++) {
		struct record r = forged(id, device, i + 1, store_device(s), far[i]);
		enum err_code got = take(s, &r);
		CHECK(got == ERR_NONE || got == ERR_DAMAGED);
		record_done(&r);
		if (i == 0)
			CHECK_EQ_INT(got, ERR_NONE);
		sync_set(s, &id, "function", i % 2 ? "maire" : "bergère");
		struct record back = forged(other, device, 10 + i, store_device(s), own_count(s, id));
		CHECK_EQ_INT(take(s, &back), ERR_NONE);
		record_done(&back);
	}
}

static struct record limited(struct id id, struct id device, uint64_t n, unsigned from, unsigned limits)
{
	struct record r = forged(id, device, n, NULL, 0);
	char key[32];

	r.limits = calloc(limits, sizeof *r.limits);
	REQUIRE(r.limits);
	for (unsigned i = 0; i < limits; i++) {
		snprintf(key, sizeof key, "x%07u", from + i);
		r.limits[r.nlimits++].key = str_dup(key);
	}
	return r;
}

/* The same state without the entries of the field and of "alive", and with all of ours as seen: believed, it empties
 * the field.  Undo puts it back. */
TEST(entries_left_out)
{
	struct store *s = mine();
	const struct want w[] = {want_line("name", "Roux"), want_text("notes", "un\ndeux"), want_set("tags", "loup")};
	struct id id = sync_record(s, "person", w, 3);
	struct step_info step;
	struct record r;
	struct err e = ERR_INIT;

	REQUIRE(store_get(s, &id, &r, &e));
	struct record f = forged(id, (struct id){{0xE0}}, 1, store_device(s), seen_count(&r.seen, store_device(s)));
	record_done(&r);
	CHECK_EQ_INT(take(s, &f), ERR_NONE);
	record_done(&f);
	sync_is(s, &id, "notes", "");
	CHECK_OK(store_undo(s, &step, &e), &e);
	sync_is(s, &id, "name", "Roux");
	sync_is(s, &id, "notes", "un\ndeux");
	sync_is(s, &id, "tags=loup", "1");
}

static bool count_row(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)row;
	*(struct list_key *)ctx = *at;
	return true;
}

static bool look_back(void *ctx, const struct history *h)
{
	struct buf out = BUF_INIT;

	(void)ctx;
	date_long(&h->when, DATE_FR, &out);
	moment_text(&h->when, &out);
	CHECK(out.len < 100);
	buf_done(&out);
	return true;
}

/* Dates that are none, and clocks of another age: lists come to an end, history shows. */
TEST(dates_that_are_none)
{
	struct store *s = mine();
	struct list_spec spec = {.order = LIST_BY_DAY_UP};
	struct list_key at = {.set = false};
	char day[300];
	struct err e = ERR_INIT;

	memset(day, '9', sizeof day - 1);
	day[sizeof day - 1] = '\0';
	for (uint8_t i = 0; i < 3; i++) {
		struct id id = {{0x40, i}};
		struct change c;
		struct record r;
		const struct want w[] = {want_line("wording", "x"), want_line("due", day)};
		record_init(&r);
		r.id = id;
		r.kind = str_dup("task");
		CHECK_OK(change_make(&r, w, 2, &c, &e), &e);
		c.stamp = (struct stamp){{{0xF0}}, i + 1u};
		c.clock.hlc = i == 0 ? INT64_MAX : 0;
		c.clock.offset = i == 1 ? -1439 : 1439;
		CHECK_OK(record_apply(&r, &c, &e), &e);
		CHECK_EQ_INT(take(s, &r), ERR_NONE);
		change_done(&c);
		record_done(&r);
		CHECK_OK(store_history(s, &id, look_back, NULL, &e), &e);
	}
	for (int i = 0; i < 4; i++) {
		struct list_key from = at;
		at.set = false;
		CHECK_OK(store_list(s, &spec, &from, false, 1, count_row, &at, &e), &e);
		CHECK(at.set == (i < 3));
	}
}

/* Each of two states is within the limits; their merge must not be a record that cannot be read any more. */
TEST(merge_stays_readable)
{
	struct store *s = mine();
	struct id id = {{3}};
	struct record r;
	struct err e = ERR_INIT;

	for (unsigned i = 0; i < 6; i++) {
		struct record l = limited(id, (struct id){{0xB0, (uint8_t)i}}, 1, i * 4000, 4000);
		enum err_code got = take(s, &l);
		CHECK_EQ_INT(got, i == 0 ? ERR_NONE : ERR_LIMIT);
		record_done(&l);
		if (CHECK_OK(store_get(s, &id, &r, &e), &e))
			record_done(&r);
	}
}

/* A state of tens of thousands of devices, then one of as many others: merging them is refused, at once. */
TEST(crowd_of_devices)
{
	struct store *s = mine();
	struct id id = {{4}};
	clock_t start = clock();

	for (uint8_t i = 0; i < 2; i++) {
		struct record r = forged(id, (struct id){{0xC0}}, i + 1u, NULL, 0);
		struct err e = ERR_INIT;
		for (unsigned k = 0; k < 60000; k++) {
			struct id device = {{0xD0, (uint8_t)(k >> 8), (uint8_t)k, i}};
			CHECK_OK(seen_add(&r.seen, &(struct stamp){device, 1}, &e), &e);
		}
		CHECK_EQ_INT(take(s, &r), ERR_LIMIT);
		record_done(&r);
	}
	CHECK(clock() - start < 10 * CLOCKS_PER_SEC);
}

/* What could not be read again is not written. */
TEST(nothing_unreadable_is_written)
{
	static const char *const keys[] = {"Nom complet", "a=b\n", "", "A", "tags=", "k\033[31m"};
	struct store *s = mine();
	struct record r;
	struct id id;
	struct err e = ERR_INIT;

	REQUIRE(store_new(s, "person", NULL, 0, &id, &e));
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const struct want w = want_line(keys[i], "x");
		CHECK_ERR(store_edit(s, &id, &w, 1, &e), &e, ERR_INPUT);
	}
	const struct want set = want_set("tags", "a\tb"), bytes = want_line("name", "\xff\xfe");
	CHECK_ERR(store_edit(s, &id, &set, 1, &e), &e, ERR_INPUT);
	CHECK_ERR(store_edit(s, &id, &bytes, 1, &e), &e, ERR_INPUT);
	CHECK_ERR(store_new_as(s, "Evil\033]0;x\a", &(struct id){{5}}, NULL, 0, &e), &e, ERR_INPUT);
	if (CHECK_OK(store_get(s, &id, &r, &e), &e))
		record_done(&r);
}

/* A time zone a day and more away is not one that a clock may have. */
TEST(time_zone_of_a_day)
{
	static const char *const zones[] = {"FOO-24:59", "FOO24:59", "FOO-23:59", NULL};
	struct moment now;

	for (size_t i = 0; zones[i]; i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		moment_now(&now);
		CHECK(now.offset > -1440 && now.offset < 1440);
	}
	unsetenv("TZ");
	tzset();
}

static enum err_code import(struct store *s, const char *text, const char *as)
{
	struct import_options o = {.as = as};
	struct import_plan plan = {0};
	struct err e = ERR_INIT;
	bool ok = import_bytes(s, text, strlen(text), "x", &o, &plan, &e) && import_apply(s, &plan, &e);

	import_plan_done(&plan);
	return ok ? ERR_NONE : e.code;
}

static bool first_id(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)at;
	*(struct id *)ctx = row->id;
	return false;
}

/* The columns of anybody's spreadsheet are no keys of ours: they are kept, and the record can be read. */
TEST(columns_of_any_name)
{
	struct store *s = mine();
	struct list_spec spec = {.kind = "person", .order = LIST_BY_TITLE};
	struct id id = {{0}};
	struct err e = ERR_INIT;
	struct import_options o = {.format = "csv"};
	struct import_plan plan = {0};
	const char *csv = "kind;name;Nom complet;a:b=1\nperson;Roux;Alain Roux;oui\n";

	CHECK_OK(import_bytes(s, csv, strlen(csv), NULL, &o, &plan, &e) && import_apply(s, &plan, &e), &e);
	import_plan_done(&plan);
	CHECK_OK(store_list(s, &spec, NULL, false, 1, first_id, &id, &e), &e);
	sync_is(s, &id, "extra", "Nom complet: Alain Roux\na b=1: oui");
	if (CHECK_OK(import_bytes(s, csv, strlen(csv), NULL, &o, &plan, &e), &e))
		CHECK_EQ_INT(plan.count[IMPORT_NEW], 0);
	import_plan_done(&plan);
}

TEST(lines_of_any_name)
{
	struct store *s = mine();

	CHECK_EQ_INT(import(s, "{\"kind\":\"e\\u001b]0;x\\u0007\",\"name\":\"x\"}\n", NULL), ERR_FORMAT);
	CHECK_EQ_INT(import(s, "{\"kind\":\"person\",\"name\":\"x\",\"k\\u001b[31m\":\"v\"}\n", NULL), ERR_FORMAT);
	CHECK_EQ_INT(import(s, "{\"kind\":\"person\",\"name\":\"x\",\"shoe_size\":\"42\"}\n", NULL), ERR_NONE);
}

/* JSON is printed on terminals too: C1 controls and bidi overrides are escaped. */
TEST(json_does_not_act)
{
	static const char *const bad[] = {"\xC2\x9B", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xD8\x9C", "\x1B", "\x7F"};
	struct buf out = BUF_INIT;
	struct json j;

	json_init(&j, &out);
	json_list(&j);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		json_text(&j, bad[i]);
	json_list_end(&j);
	CHECK_STR(buf_str(&out), "[\"\\u009b\",\"\\u202e\",\"\\u2066\",\"\\u061c\",\"\\u001b\",\"\\u007f\"]");
	buf_done(&out);
}

/* Whoever may write beside the notebook leaves a pipe in the inbox, or a link: nothing waits, nothing is lost. */
TEST(inbox_with_pipes_and_links)
{
	struct store *s = mine();
	struct moment when = {.date = {2026, 11, 23}};
	size_t taken = 0, bad = 0;
	struct err e = ERR_INIT;

	CHECK_OK(inbox_put(check_path("mine"), "une note", 8, &when, &e), &e);
	CHECK_EQ_INT(mkfifo(check_path("mine.inbox/pipe.note"), 0600), 0);
	CHECK_EQ_INT(symlink("/dev/zero", check_path("mine.inbox/zero.note")), 0);
	CHECK_EQ_INT(symlink(check_path("mine"), check_path("mine.inbox/link.note")), 0);
	CHECK_EQ_INT(mkdir(check_path("mine.inbox/folder.note"), 0700), 0);
	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	CHECK_EQ_INT(taken, 1);
	CHECK_EQ_INT(bad, 4);
	CHECK_ERR(inbox_put(check_path("mine"), "a\0b", 3, &when, &e), &e, ERR_INPUT);
}

/* The file that says who has the notebook open may be a pipe, too. */
TEST(lock_file_that_is_a_pipe)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct store *again = NULL;
	struct err e = ERR_INIT;

	mine();
	unlink(check_path("mine.lock"));
	CHECK_EQ_INT(mkfifo(check_path("mine.lock"), 0600), 0);
	CHECK_OK(secret_set(&pass, "essai", 5, &e), &e);
	CHECK_ERR(store_open(check_path("mine"), &key, &again, &e), &e, ERR_BUSY);
	secret_free(&pass);
}

/* Anyone can write the parameters of a passphrase's slot, and a checksum that fits: it is not memory that is short. */
TEST(slot_without_passes)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct store *again = NULL;
	uint8_t copy[HEADER_COPY];
	struct err e = ERR_INIT;

	store_close(sync_notebook("slot", "Anne Lefèvre"));
	FILE *f = fopen(check_path("slot"), "r+b");
	REQUIRE(f);
	for (long at = 0; at <= HEADER_COPY_B; at += HEADER_COPY_B) {
		REQUIRE(fseek(f, at, SEEK_SET) == 0 && fread(copy, sizeof copy, 1, f) == 1);
		memset(copy + 164, 0, 8); /* passes and memory of the first slot */
		crypto_generichash(copy + 4032, 32, copy, 4032, NULL, 0);
		REQUIRE(fseek(f, at, SEEK_SET) == 0 && fwrite(copy, sizeof copy, 1, f) == 1);
	}
	fclose(f);
	CHECK_OK(secret_set(&pass, "essai", 5, &e), &e);
	CHECK_ERR(store_open(check_path("slot"), &key, &again, &e), &e, ERR_DAMAGED);
	secret_free(&pass);
}

static bool count_bytes(void *ctx, const void *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return true;
}

/* The size of a file is what a colleague's record says. */
TEST(file_of_any_size)
{
	static const char *const sizes[] = {"9223372036854775807", "-1", "99999999999999999999", "0", "x"};
	struct store *s = mine();
	size_t got = 0;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct want w[] = {want_line("name", "x"), want_line("size", sizes[i]), want_line("hash", "00")};
		struct id id;
		CHECK_OK(store_new(s, "file", w, 3, &id, &e), &e);
		CHECK(!store_file_read(s, &id, count_bytes, &got, &e));
		CHECK(e.code == ERR_NOT_FOUND || e.code == ERR_DAMAGED);
	}
	CHECK_EQ_INT(got, 0);
}

static bool exported(struct store *s, const char *format, const struct id *id, struct buf *out)
{
	struct export_options o = {.format = format, .lang = DATE_FR};
	struct export_report report;
	struct err e = ERR_INIT;

	return CHECK_OK(export_bytes(s, format_find(format), id, 1, &o, out, &report, &e), &e);
}

/* What a colleague's state holds does not make a second card, or a second place, of the one written out. */
TEST(exports_keep_their_shape)
{
	struct store *s = mine();
	const struct want who[] = {want_line("name", "x\rTEL:666\rEND:VCARD"), want_text("notes", "\x01\r\nTEL:667"),
				   want_line("extra", "END:VCARD\nBEGIN:VCARD\nX-KEPT:yes\nVERSION:3.0")};
	const struct want where[] = {want_line("name", "Col"), want_line("point", "44.4,3.7"),
				     want_line("extra", "<a>&</a>\n</extensions></wpt><wpt>\n<!DOCTYPE x>\n"
							"<ok>1</ok>\n<b/><c/>\n<?php ?>\n<d>")};
	struct id person = sync_record(s, "person", who, 3), site = sync_record(s, "site", where, 3);
	struct buf b = BUF_INIT;

	if (exported(s, "vcard", &person, &b)) {
		CHECK(!strstr(buf_str(&b), "\rTEL"));
		CHECK(!strstr(buf_str(&b), "\nTEL"));
		CHECK(!strchr(buf_str(&b), 1));
		CHECK(strstr(buf_str(&b), "X-KEPT:yes\r\nEND:VCARD\r\n") != NULL);
		CHECK(strstr(strstr(buf_str(&b), "BEGIN:VCARD") + 1, "BEGIN:VCARD") == NULL);
	}
	buf_clear(&b);
	if (exported(s, "gpx", &site, &b)) {
		CHECK(strstr(buf_str(&b), "<ok>1</ok>") != NULL);
		CHECK(!strstr(buf_str(&b), "<a>") && !strstr(buf_str(&b), "<wpt>") && !strstr(buf_str(&b), "DOCTYPE"));
		CHECK(!strstr(buf_str(&b), "<b/>") && !strstr(buf_str(&b), "php") && !strstr(buf_str(&b), "<d>"));
	}
	buf_done(&b);
}

/* A flood of notes costs a commit for some, not for each; none is lost, none filed twice. */
TEST(inbox_flooded)
{
	struct store *s = mine();
	struct moment when = {.date = {2026, 11, 23}};
	struct list_spec spec = {.kind = "note"};
	size_t taken = 0, bad = 0, n = 0;
	struct step_info step;
	struct err e = ERR_INIT;

	for (int i = 0; i < 150; i++)
		CHECK_OK(inbox_put(check_path("mine"), "une note", 8, &when, &e), &e);
	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	CHECK_EQ_INT(taken, 150);
	CHECK_OK(store_count(s, &spec, 1000, &n, &e), &e);
	CHECK_EQ_INT(n, 150);
	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	CHECK_EQ_INT(taken, 0);
	if (CHECK_OK(store_undo(s, &step, &e), &e))
		CHECK_EQ_INT(step.changes, 150 - 2 * 64);
	CHECK_OK(inbox_put(check_path("mine"), "une note", 8, &when, &e), &e);
	CHECK_OK(inbox_put(check_path("mine"), "une note", 8, &when, &e), &e);
	CHECK_OK(inbox_take(s, &taken, &bad, &e), &e);
	if (CHECK_OK(store_undo(s, &step, &e), &e))
		CHECK_EQ_INT(step.changes, 1);
}

/* A file whose cost grows with the square of its size is refused while it is small. */
TEST(imports_that_would_take_hours)
{
	struct store *s = mine();
	struct buf b = BUF_INIT;
	clock_t start = clock();

	buf_str_add(&b, "BEGIN:VCARD\nVERSION:3.0\nFN:x\nCATEGORIES:");
	for (int i = 0; i < 300000; i++)
		buf_printf(&b, "%sc%d", i ? "," : "", i);
	buf_str_add(&b, "\nEND:VCARD\n");
	CHECK_EQ_INT(import(s, buf_str(&b), NULL), ERR_LIMIT);
	buf_clear(&b);
	buf_str_add(&b, "{\"kind\":\"person\"");
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, ",\"k%d\":\"v\"", i);
	buf_str_add(&b, "}\n");
	CHECK_EQ_INT(import(s, buf_str(&b), NULL), ERR_LIMIT);
	buf_done(&b);
	CHECK(clock() - start < 15 * CLOCKS_PER_SEC);
	store_close(s);
}
