/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/json.h"

#include "check.h"

TEST(shapes)
{
	struct buf b = BUF_INIT;
	struct json j;

	json_init(&j, &b);
	json_map(&j);
	json_pair(&j, "a", "x");
	json_key(&j, "b");
	json_list(&j);
	json_int(&j, -3);
	json_bool(&j, true);
	json_none(&j);
	json_text(&j, NULL);
	json_map(&j);
	json_map_end(&j);
	json_list_end(&j);
	json_pair_int(&j, "c", INT64_MIN);
	json_pair_bool(&j, "d", false);
	json_map_end(&j);
	CHECK_STR(buf_str(&b), "{\"a\":\"x\",\"b\":[-3,true,null,null,{}],\"c\":-9223372036854775808,\"d\":false}");
	buf_done(&b);
}

TEST(texts)
{
	struct buf b = BUF_INIT;
	struct json j;

	json_init(&j, &b);
	json_text_n(&j, "é\"\\\n\r\t\b\f\x01\x7F\0\xFF/", 14);
	CHECK_STR(buf_str(&b), "\"é\\\"\\\\\\n\\r\\t\\b\\f\\u0001\\u007f\\u0000\xEF\xBF\xBD/\"");
	buf_done(&b);
}
