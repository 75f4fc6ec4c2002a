/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/cbor.h"

#include "check.h"

static void check_written(struct buf *b, const char *hex)
{
	char got[200] = "";

	for (size_t i = 0; i < b->len && i < 99; i++)
		snprintf(got + 2 * i, 3, "%02x", (unsigned char)b->p[i]);
	CHECK_STR(got, hex);
	buf_clear(b);
}

/* Up to 64 bytes from hexadecimal, in a buffer of exactly their size so that a sanitizer sees a read past the end. */
static void from_hex(struct cbor_r *r, char **heap, const char *hex)
{
	size_t n = strlen(hex) / 2;
	char *p = malloc(n ? n : 1);

	REQUIRE(p != NULL);
	for (size_t i = 0; i < n; i++) {
		char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
		p[i] = (char)strtoul(two, NULL, 16);
	}
	*heap = p;
	cbor_r_init(r, p, n);
}

/* The examples of RFC 8949, appendix A. */
TEST(writes_the_examples_of_the_rfc)
{
	struct buf b = BUF_INIT;

	static const struct {
		int64_t v;
		const char *hex;
	} rows[] = {{0, "00"},
		    {23, "17"},
		    {24, "1818"},
		    {100, "1864"},
		    {1000, "1903e8"},
		    {1000000, "1a000f4240"},
		    {1000000000000, "1b000000e8d4a51000"},
		    {-1, "20"},
		    {-10, "29"},
		    {-100, "3863"},
		    {-1000, "3903e7"},
		    {INT64_MIN, "3b7fffffffffffffff"}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cbor_r r;
		cbor_w_int(&b, rows[i].v);
		cbor_r_init(&r, buf_str(&b), b.len);
		CHECK_EQ_INT(cbor_int(&r), rows[i].v);
		CHECK(cbor_done(&r, NULL));
		check_written(&b, rows[i].hex);
	}
	cbor_w_uint(&b, UINT64_MAX);
	check_written(&b, "1bffffffffffffffff");
	cbor_w_bool(&b, false);
	cbor_w_bool(&b, true);
	cbor_w_null(&b);
	check_written(&b, "f4f5f6");
	cbor_w_bytes(&b, "\1\2\3\4", 4);
	check_written(&b, "4401020304");
	cbor_w_text(&b, "\xC3\xBC", 2);
	check_written(&b, "62c3bc");
	cbor_w_array(&b, 25);
	cbor_w_map(&b, 2);
	check_written(&b, "9819a2");
	buf_done(&b);
}

TEST(reads_what_it_wrote)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct cbor_r r;
	char eight[8];
	size_t n;

	cbor_w_map(&b, 2);
	cbor_w_text(&b, "été", 5);
	cbor_w_array(&b, 3);
	cbor_w_bool(&b, true);
	cbor_w_null(&b);
	cbor_w_bytes(&b, "", 0);
	cbor_w_uint(&b, 7);
	cbor_w_bytes(&b, "12345678", 8);
	REQUIRE(buf_ok(&b, &e));

	cbor_r_init(&r, b.p, b.len);
	CHECK_EQ_INT(cbor_peek(&r), CBOR_MAP);
	CHECK_EQ_INT(cbor_map(&r), 2);
	const char *s = cbor_text(&r, &n);
	CHECK_MEM(s, n, "été", 5);
	CHECK_EQ_INT(cbor_array(&r), 3);
	CHECK(cbor_bool(&r));
	cbor_null(&r);
	cbor_bytes(&r, &n);
	CHECK_EQ_INT(n, 0);
	CHECK_EQ_INT(cbor_uint(&r), 7);
	CHECK(!cbor_done(&r, NULL));
	cbor_fixed(&r, eight, sizeof eight);
	CHECK_MEM(eight, 8, "12345678", 8);
	CHECK_OK(cbor_done(&r, &e), &e);
	CHECK_EQ_INT(cbor_peek(&r), CBOR_END);

	const uint8_t *whole;
	cbor_r_init(&r, b.p, b.len);
	cbor_skip(&r, &whole, &n);
	CHECK(whole == (const uint8_t *)b.p);
	CHECK_EQ_INT(n, b.len);
	CHECK(cbor_done(&r, &e));
	buf_done(&b);
}

TEST(every_cut_is_an_error)
{
	static const char whole[] = "a2"
				    "63616263"
				    "83"
				    "f5"
				    "190400"
				    "420102"
				    "01"
				    "1b0000000100000000";

	for (size_t n = 0; n < sizeof whole - 1; n += 2) {
		char part[sizeof whole], *heap;
		struct cbor_r r;
		struct err e = ERR_INIT;
		memcpy(part, whole, n);
		part[n] = '\0';
		from_hex(&r, &heap, part);
		cbor_skip(&r, NULL, NULL);
		CHECK_ERR(cbor_ok(&r, &e), &e, ERR_DAMAGED);
		free(heap);
	}
}

TEST(refuses_what_we_never_write)
{
	static const char *const bad[] = {
	    "1817",                 /* 23 in two bytes */
	    "190018",               /* 24 in three */
	    "1a0000ffff",           /* 65535 in five */
	    "1b00000000ffffffff",   /* in nine */
	    "3800",                 /* -1 in two */
	    "7803616263",           /* a length in two bytes */
	    "9f01ff",               /* indefinite array */
	    "bf0102ff",             /* map */
	    "5f4101ff",             /* bytes */
	    "7f6161ff",             /* text */
	    "ff",                   /* a break alone */
	    "1c",                   /* reserved */
	    "5bffffffffffffffff00", /* a length beyond the end */
	    "7bffffffffffffffff00",
	    "9bffffffffffffffff00",
	    "bbffffffffffffffff00",
	    "820100ff", /* a break after an array */
	    "8401",     /* more items than bytes */
	    "a201",
	};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct cbor_r r;
		char *heap;
		from_hex(&r, &heap, bad[i]);
		while (cbor_ok(&r, NULL) && r.p < r.end)
			cbor_skip(&r, NULL, NULL);
		if (cbor_ok(&r, NULL))
			CHECK_FAIL("took %s", bad[i]);
		free(heap);
	}
}

TEST(skips_tags_and_floats)
{
	static const char *const good[] = {"c074323031332d30332d32315432303a30343a30305a", "f93c00",
					   "fb3ff199999999999a", "f7", "d82082c101f5"};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct cbor_r r;
		struct err e = ERR_INIT;
		char *heap;
		from_hex(&r, &heap, good[i]);
		CHECK_EQ_INT(cbor_peek(&r), CBOR_OTHER);
		cbor_skip(&r, NULL, NULL);
		CHECK_OK(cbor_done(&r, &e), &e);
		free(heap);
	}
}

TEST(nesting_has_a_limit)
{
	for (size_t deep = 15; deep < 19; deep++) {
		char item[64];
		struct cbor_r r;
		memset(item, 0x81, deep);
		item[deep] = 0x00;
		cbor_r_init(&r, item, deep + 1);
		cbor_skip(&r, NULL, NULL);
		CHECK_EQ_INT(cbor_ok(&r, NULL), deep <= 16);
	}
}

TEST(first_error_stays)
{
	struct cbor_r r;
	char four[4] = "abc", *heap;
	size_t n = 9;

	from_hex(&r, &heap, "0163616263");
	cbor_bool(&r);
	CHECK(!cbor_ok(&r, NULL));
	CHECK_EQ_INT(cbor_peek(&r), CBOR_END);
	CHECK_EQ_INT(cbor_uint(&r), 0);
	CHECK_EQ_INT(cbor_int(&r), 0);
	CHECK_STR(cbor_text(&r, &n), "");
	CHECK_EQ_INT(n, 0);
	cbor_fixed(&r, four, sizeof four);
	CHECK_MEM(four, 4, "\0\0\0\0", 4);
	free(heap);
}

TEST(numbers_out_of_range)
{
	struct cbor_r r;
	char *heap;

	from_hex(&r, &heap, "1b8000000000000000");
	CHECK_EQ_INT(cbor_int(&r), 0);
	CHECK(!cbor_ok(&r, NULL));
	free(heap);
	from_hex(&r, &heap, "3b8000000000000000");
	CHECK_EQ_INT(cbor_int(&r), 0);
	CHECK(!cbor_ok(&r, NULL));
	free(heap);
}

TEST(text_must_be_utf8_and_fixed_exact)
{
	struct cbor_r r;
	char *heap, four[4];
	size_t n;

	from_hex(&r, &heap, "62c328");
	CHECK_STR(cbor_text(&r, &n), "");
	CHECK(!cbor_ok(&r, NULL));
	free(heap);
	from_hex(&r, &heap, "43010203");
	cbor_fixed(&r, four, sizeof four);
	CHECK(!cbor_ok(&r, NULL));
	free(heap);
}

TEST(random_bytes_never_read_past_the_end)
{
	for (int round = 0; round < 20000; round++) {
		size_t n = check_random() % 24;
		uint8_t *p = malloc(n ? n : 1);
		struct cbor_r r;
		REQUIRE(p != NULL);
		for (size_t i = 0; i < n; i++)
			p[i] = (uint8_t)check_random();
		cbor_r_init(&r, p, n);
		while (cbor_ok(&r, NULL) && r.p < r.end)
			cbor_skip(&r, NULL, NULL);
		CHECK(r.p <= r.end);
		free(p);
	}
}
