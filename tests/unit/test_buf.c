/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/buf.h"
#include "check.h"

TEST(empty_is_a_string)
{
	struct buf b = BUF_INIT;

	CHECK_STR(buf_str(&b), "");
	buf_add(&b, NULL, 0);
	buf_str_add(&b, NULL);
	CHECK_STR(buf_str(&b), "");
	buf_truncate(&b, 3);
	buf_remove(&b, 0, 3);
	buf_clear(&b);
	CHECK_STR(buf_str(&b), "");
	buf_done(&b);
}

TEST(adds_in_every_way)
{
	struct buf b = BUF_INIT;

	buf_str_add(&b, "vautour");
	buf_char(&b, ' ');
	buf_fill(&b, '.', 3);
	buf_printf(&b, "%s %d", " nid", 42);
	CHECK_STR(buf_str(&b), "vautour ... nid 42");
	buf_insert(&b, 7, " fauve", 6);
	CHECK_STR(buf_str(&b), "vautour fauve ... nid 42");
	buf_remove(&b, 13, 4);
	CHECK_STR(buf_str(&b), "vautour fauve nid 42");
	buf_truncate(&b, 13);
	CHECK_STR(buf_str(&b), "vautour fauve");
	buf_remove(&b, 7, 100);
	CHECK_STR(buf_str(&b), "vautour");
	CHECK_EQ_INT(b.len, 7);
	buf_done(&b);
	CHECK(b.p == NULL);
}

TEST(grows_and_stays_terminated)
{
	struct buf b = BUF_INIT;

	for (int i = 0; i < 10000; i++) {
		buf_char(&b, (char)('a' + i % 26));
		if (b.p[b.len] != '\0') {
			CHECK_FAIL("no NUL after %zu bytes", b.len);
			break;
		}
	}
	CHECK_EQ_INT(b.len, 10000);
	CHECK(b.p[25] == 'z' && b.p[9999] == 'a' + 9999 % 26);
	CHECK(buf_ok(&b, NULL));
	buf_done(&b);
}

TEST(bytes_may_be_nul)
{
	struct buf b = BUF_INIT;

	buf_add(&b, "a\0b", 3);
	buf_add(&b, "c", 1);
	CHECK_MEM(b.p, b.len, "a\0bc", 4);
	buf_done(&b);
}

TEST(too_much_is_remembered)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	buf_str_add(&b, "kept");
	buf_fill(&b, 'x', SIZE_MAX / 2);
	CHECK(b.oom);
	buf_str_add(&b, "lost");
	CHECK_STR(buf_str(&b), "kept");
	CHECK_ERR(buf_ok(&b, &e), &e, ERR_NOMEM);
	CHECK(buf_steal(&b) == NULL);
	CHECK(!b.oom);
	buf_str_add(&b, "again");
	buf_clear(&b);
	buf_str_add(&b, "and again");
	CHECK_STR(buf_str(&b), "and again");
	buf_done(&b);
}

TEST(steal_gives_a_string_even_of_nothing)
{
	struct buf b = BUF_INIT;
	char *s = buf_steal(&b);

	CHECK_STR(s, "");
	free(s);
	buf_str_add(&b, "geai");
	s = buf_steal(&b);
	CHECK_STR(s, "geai");
	CHECK_STR(buf_str(&b), "");
	free(s);
	s = str_ndup("geai des chênes", 4);
	CHECK_STR(s, "geai");
	free(s);
	s = str_dup("");
	CHECK_STR(s, "");
	free(s);
}

TEST(in_an_array)
{
	char storage[8] = "";
	struct buf b = BUF_IN(storage);
	struct err e = ERR_INIT;

	buf_str_add(&b, "abcd");
	buf_str_add(&b, "efg");
	CHECK(!b.oom);
	CHECK_STR(storage, "abcdefg");
	buf_char(&b, 'h');
	CHECK_ERR(buf_ok(&b, &e), &e, ERR_NOMEM);
	CHECK_STR(storage, "abcdefg");
	buf_done(&b);
}
