/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"
#include "tui/strength.h"

static enum strength of(const char *s)
{
	return strength_of(s, strlen(s));
}

TEST(words_make_it_strong)
{
	CHECK_EQ_INT(of(""), STRENGTH_NONE);
	CHECK_EQ_INT(of("sapin"), STRENGTH_SHORT);
	CHECK_EQ_INT(of("cheval vert"), STRENGTH_WEAK);
	CHECK_EQ_INT(of("cheval vert marron"), STRENGTH_FAIR);
	CHECK_EQ_INT(of("cheval vert marron lune"), STRENGTH_GOOD);
	CHECK_EQ_INT(of("école hêtre île noël"), STRENGTH_FAIR);
}

TEST(what_is_repeated_adds_nothing)
{
	CHECK_EQ_INT(of("aaaaaaaaaaaaaaaaaaaa"), STRENGTH_WEAK);
	CHECK_EQ_INT(of("lune lune lune lune lune"), STRENGTH_WEAK);
	CHECK_EQ_INT(of("1111111111111111"), STRENGTH_WEAK);
}

TEST(signs_count_too)
{
	CHECK_EQ_INT(of("k9$vT2#pQ!"), STRENGTH_FAIR);
	CHECK_EQ_INT(of("k9$vT2#pQ!zR7&mX"), STRENGTH_GOOD);
}
