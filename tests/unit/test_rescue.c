/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a damaged file still gives. */
#include "check.h"

#include <fcntl.h>

#include "arpent/minutes.h"
#include "arpent/vfs.h"
#include "store_fixture.h"

#define NOTES 300

struct rescued {
	struct record v[NOTES + 10];
	size_t n;
	uint64_t lost;
};

static bool rescued_add(void *ctx, const struct record *r)
{
	struct rescued *got = ctx;
	struct err e = ERR_INIT;

	CHECK_OK(record_copy(r, &got->v[got->n], &e), &e);
	return ++got->n < NOTES + 10;
}

static void rescue(const char *name, struct rescued *got)
{
	struct secret pass = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct vault *v = NULL;
	struct err e = ERR_INIT;

	got->n = 0;
	fixture_key(&pass);
	CHECK_OK(vault_open(check_path(name), &key, false, &v, &e), &e);
	CHECK_OK(store_rescue(v, rescued_add, got, &got->lost, &e), &e);
	vault_close(v);
	secret_free(&pass);
}

static void rescued_done(struct rescued *got)
{
	for (size_t i = 0; i < got->n; i++)
		record_done(&got->v[i]);
	got->n = 0;
}

/* Notes of every length up to several pages; some edited, so that old states lie about. */
static void fill(const char *name, struct record want[NOTES])
{
	struct store *s = fixture_new(name);
	struct err e = ERR_INIT;
	struct id ids[NOTES];
	char *text = malloc(20000);

	CHECK_OK(store_step_begin(s, "Fill", &e), &e);
	for (size_t i = 0; i < NOTES; i++) {
		size_t n = i % 10 == 0 ? check_random() % 19000 : check_random() % 600;
		for (size_t k = 0; k < n; k++)
			text[k] = (char)('a' + check_random() % 26);
		text[n] = '\0';
		ids[i] = fixture_record(s, "note", "text", text);
	}
	for (size_t i = 0; i < NOTES; i += 7) {
		struct want w = {.key = "text", .text = i % 2 ? "court" : text, .is_text = true};
		CHECK_OK(store_edit(s, &ids[i], &w, 1, &e), &e);
	}
	CHECK_OK(store_delete(s, &ids[3], &e), &e);
	CHECK_OK(store_step_end(s, &e), &e);
	for (size_t i = 0; i < NOTES; i++)
		CHECK_OK(store_get(s, &ids[i], &want[i], &e), &e);
	store_close(s);
	free(text);
}

static const struct record *find(const struct rescued *got, const struct id *id)
{
	for (size_t i = 0; i < got->n; i++)
		if (id_eq(&got->v[i].id, id))
			return &got->v[i];
	return NULL;
}

static size_t same(const struct rescued *got, const struct record want[NOTES])
{
	size_t n = 0;

	for (size_t i = 0; i < NOTES; i++) {
		const struct record *r = find(got, &want[i].id);
		n += r && record_equal(r, &want[i]);
	}
	return n;
}

static uint64_t file_pages(const char *name)
{
	int fd = open(check_path(name), O_RDONLY);
	off_t n = lseek(fd, 0, SEEK_END);

	close(fd);
	return (uint64_t)(n - VAULT_HEADER) / VAULT_PAGE;
}

static void hurt(const char *name, uint64_t page)
{
	int fd = open(check_path(name), O_WRONLY);

	CHECK(pwrite(fd, "damage", 6, (off_t)(VAULT_HEADER + (page - 1) * VAULT_PAGE + 1000)) == 6);
	close(fd);
}

TEST(a_sound_file_gives_all)
{
	static struct rescued got;
	static struct record want[NOTES];

	fill("sound.arpent", want);
	rescue("sound.arpent", &got);
	CHECK_EQ_INT(got.lost, 0);
	CHECK_EQ_INT(got.n, NOTES);
	CHECK_EQ_INT(same(&got, want), NOTES);
	rescued_done(&got);
	for (size_t i = 0; i < NOTES; i++)
		record_done(&want[i]);
}

/* Without the schema, the first pages and then one page in five: what has a state or all its changes left is there. */
TEST(a_hurt_file_gives_nearly_all)
{
	static struct rescued got;
	static struct record want[NOTES];
	const char *name = "hurt.arpent";
	uint64_t pages, hurts = 0;
	size_t n;

	fill(name, want);
	pages = file_pages(name);
	for (uint64_t p = 1; p <= 60; p++)
		hurt(name, p);
	rescue(name, &got);
	CHECK_EQ_INT(got.lost, 60);
	n = same(&got, want);
	printf("# %zu of %d after 60 of %llu pages\n", n, NOTES, (unsigned long long)pages);
	CHECK(n > NOTES * 8 / 10);
	rescued_done(&got);
	for (uint64_t p = 61; p <= pages; p += 5, hurts++)
		hurt(name, p);
	rescue(name, &got);
	CHECK_EQ_INT(got.lost, 60 + hurts);
	n = same(&got, want);
	printf("# %zu of %d after %llu pages\n", n, NOTES, (unsigned long long)(60 + hurts));
	CHECK(n > NOTES / 2);
	rescued_done(&got);
	for (size_t i = 0; i < NOTES; i++)
		record_done(&want[i]);
}

TEST(a_file_cut_short)
{
	static struct rescued got;
	static struct record want[NOTES];
	const char *name = "cut.arpent";
	size_t n;

	fill(name, want);
	CHECK(truncate(check_path(name), (off_t)(VAULT_HEADER + file_pages(name) / 2 * VAULT_PAGE + 77)) == 0);
	rescue(name, &got);
	n = same(&got, want);
	printf("# %zu of %d from half the file\n", n, NOTES);
	CHECK(n > 0);
	CHECK(got.n < NOTES + 10);
	rescued_done(&got);
	for (size_t i = 0; i < NOTES; i++)
		record_done(&want[i]);
}

TEST(backup_is_a_notebook)
{
	struct store *s = fixture_new("whole.arpent"), *copy;
	struct id id = fixture_person(s, "Jean");
	struct buf t = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK_OK(store_step_begin(s, "Open", &e), &e);
	CHECK_ERR(store_backup(s, check_path("copy.arpent"), &e), &e, ERR_INTERNAL);
	store_step_cancel(s);
	CHECK_OK(store_backup(s, check_path("copy.arpent"), &e), &e);
	CHECK_ERR(store_backup(s, check_path("copy.arpent"), &e), &e, ERR_EXISTS);
	copy = fixture_open("copy.arpent");
	CHECK(store_title(copy, &id, &t));
	CHECK_STR(buf_str(&t), "Jean");
	CHECK(id_eq(store_device(s), store_device(copy)));
	fixture_check_index(copy);
	buf_done(&t);
	store_close(copy);
	store_close(s);
}
