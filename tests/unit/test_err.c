/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>

#include "arpent/err.h"
#include "check.h"

TEST(set_fills_and_is_false)
{
	struct err e = ERR_INIT;

	CHECK(!err_set(&e, ERR_BUSY, "vault_open", "pid %d on %s", 12, "mule"));
	CHECK_EQ_INT(e.code, ERR_BUSY);
	CHECK_EQ_INT(e.sys, 0);
	CHECK_STR(e.where, "vault_open");
	CHECK_STR(e.detail, "pid 12 on mule");
	CHECK(!err_set(NULL, ERR_BUSY, "x", "y"));
}

TEST(long_detail_is_cut_between_characters)
{
	struct err e = ERR_INIT;
	char text[401];

	for (int lead = 0; lead < 3; lead++) {
		memset(text, 'a', (size_t)lead);
		for (size_t i = (size_t)lead; i + 3 <= 400; i += 3) {
			memcpy(text + i, "\xE2\x82\xAC", 3);
			text[i + 3] = '\0';
		}
		err_set(&e, ERR_INPUT, "here", "%s", text);
		size_t n = strlen(e.detail);
		CHECK_EQ_INT((n - (size_t)lead) % 3, 0);
		CHECK(n >= sizeof e.detail - 3);
	}
}

TEST(cut_keeps_a_character_that_just_fits)
{
	struct err e = ERR_INIT;
	char text[200];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	memcpy(text + sizeof e.detail - 3, "\xC3\xA9", 2);
	err_set(&e, ERR_INPUT, "here", "%s", text);
	CHECK_EQ_INT(strlen(e.detail), sizeof e.detail - 1);
}

TEST(sys_tells_errors_apart)
{
	static const struct {
		int sys;
		enum err_code code;
	} rows[] = {{ENOSPC, ERR_FULL},  {EDQUOT, ERR_FULL}, {ENOENT, ERR_NOT_FOUND}, {EEXIST, ERR_EXISTS},
		    {ENOMEM, ERR_NOMEM}, {EIO, ERR_IO},      {EACCES, ERR_IO}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err e = ERR_INIT;
		CHECK(!err_sys(&e, rows[i].sys, "open", "a file"));
		CHECK_EQ_INT(e.code, rows[i].code);
		CHECK_EQ_INT(e.sys, rows[i].sys);
	}
}

TEST(every_code_has_its_own_name)
{
	for (int i = 0; i <= ERR_INTERNAL; i++) {
		const char *name = err_name((enum err_code)i);
		if (!CHECK(name && strcmp(name, "unknown") != 0))
			continue;
		for (int j = 0; j < i; j++)
			CHECK(strcmp(name, err_name((enum err_code)j)) != 0);
	}
	CHECK_STR(err_name(ERR_WRONG_KEY), "wrong_key");
	CHECK_STR(err_name((enum err_code)999), "unknown");
}
