/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/id.h"
#include "check.h"

TEST(new_is_a_version_4_uuid)
{
	struct id a, b;
	char text[ID_TEXT + 1];

	for (int i = 0; i < 64; i++) {
		id_new(&a);
		id_text(&a, text);
		CHECK_EQ_INT(text[14], '4');
		CHECK(strchr("89ab", text[19]) != NULL);
	}
	id_new(&b);
	CHECK(!id_eq(&a, &b));
	CHECK(!id_is_zero(&a));
	CHECK(id_cmp(&a, &b) == -id_cmp(&b, &a) || (id_cmp(&a, &b) < 0) != (id_cmp(&b, &a) < 0));
}

TEST(text_and_back)
{
	static const struct id zero;
	struct id a, b;
	char text[ID_TEXT + 1];

	REQUIRE(id_parse("00112233-4455-6677-8899-aabbccddeeff", &a));
	id_text(&a, text);
	CHECK_STR(text, "00112233-4455-6677-8899-aabbccddeeff");
	CHECK_EQ_INT(a.b[15], 0xFF);
	REQUIRE(id_parse("00112233445566778899AABBCCDDEEFF", &b));
	CHECK(id_eq(&a, &b));
	CHECK(id_is_zero(&zero));
}

TEST(parse_refuses_all_else)
{
	static const char *const bad[] = {"",
					  "0011",
					  "00112233-4455-6677-8899-aabbccddeef",
					  "00112233-4455-6677-8899-aabbccddeeff0",
					  "00112233-4455-6677-8899aabbccddeeff",
					  "0011-2233-4455-6677-8899-aabbccddeeff",
					  "00112233--455-6677-8899-aabbccddeeff",
					  "-00112233-4455-6677-8899-aabbccddeeff",
					  "00112233-4455-6677-8899-aabbccddeeff-",
					  "00112233-4455-6677-8899-aabbccddeefg",
					  " 0112233-4455-6677-8899-aabbccddeeff",
					  "{0112233-4455-6677-8899-aabbccddeeff"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct id id;
		if (id_parse(bad[i], &id))
			CHECK_FAIL("took \"%s\"", bad[i]);
	}
}

TEST(prefix_gives_a_range)
{
	struct id low, high;
	char text[ID_TEXT + 1];

	REQUIRE(id_prefix("aBc12", &low, &high));
	id_text(&low, text);
	CHECK_STR(text, "abc12000-0000-0000-0000-000000000000");
	id_text(&high, text);
	CHECK_STR(text, "abc12fff-ffff-ffff-ffff-ffffffffffff");
	REQUIRE(id_prefix("00112233-4455", &low, &high));
	id_text(&high, text);
	CHECK_STR(text, "00112233-4455-ffff-ffff-ffffffffffff");
	CHECK(id_prefix("0011", &low, &high));
	CHECK(!id_prefix("001", &low, &high));
	CHECK(!id_prefix("", &low, &high));
	CHECK(!id_prefix("00x1", &low, &high));
	REQUIRE(id_prefix("00112233-4455-6677-8899-aabbccddeeff", &low, &high));
	CHECK(id_eq(&low, &high));
}
