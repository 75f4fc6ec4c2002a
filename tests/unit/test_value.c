/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "check.h"

#include "arpent/kind.h"
#include "arpent/record.h"

/* Monday 23 November 2026, 10:00 */
static const struct moment now = {{2026, 11, 23}, true, 10, 0, 0, true, 60};

struct row {
	const char *typed, *want; /* NULL: refused */
};

static void check_rows(const struct field *f, const struct row *rows, size_t n)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		struct err e = ERR_INIT;
		buf_clear(&out);
		if (value_parse(f, rows[i].typed, &now, &out, &e)) {
			if (!rows[i].want)
				CHECK_FAIL("\"%s\" gave \"%s\"", rows[i].typed, buf_str(&out));
			CHECK_STR(buf_str(&out), rows[i].want);
			if (!value_valid(f, buf_str(&out)))
				CHECK_FAIL("\"%s\" is not canonical", buf_str(&out));
		} else {
			if (rows[i].want)
				CHECK_FAIL("\"%s\" refused", rows[i].typed);
			CHECK_EQ_INT(e.code, ERR_INPUT);
			CHECK_EQ_INT(out.len, 0);
		}
	}
	buf_done(&out);
}

#define ROWS(f, ...) \
	do { \
		static const struct row rows[] = {__VA_ARGS__}; \
		check_rows(f, rows, sizeof rows / sizeof *rows); \
	} while (0)

static struct field of(enum field_type type, unsigned flags)
{
	return (struct field){.key = "x", .label = "X", .type = type, .flags = flags};
}

TEST(lines_and_texts)
{
	struct field line = of(FIELD_LINE, 0), text = of(FIELD_TEXT, 0);

	ROWS(&line, {"  Col du Four ", "Col du Four"}, {"a\tb\nc", "a b c"}, {"", ""}, {" \n ", ""},
	     {"a\x1b[1m", "a [1m"}, {"re\xcc\x81union", "r\xc3\xa9union"});
	ROWS(&text, {"a\r\nb\rc\n", "a\nb\nc\n"}, {"  a\tb", "  a\tb"},
	     {"a\x07"
	      "b",
	      "ab"},
	     {"", ""});
}

TEST(numbers)
{
	struct field whole = of(FIELD_INT, 0), number = of(FIELD_NUMBER, 0);

	ROWS(&whole, {"12", "12"}, {"007", "7"}, {"0", "0"}, {"-0", "0"}, {"-12", "-12"}, {"+3", "3"},
	     {"1 234", "1234"},
	     {"1\xe2\x80\xaf"
	      "234",
	      "1234"},
	     {"12,5", NULL}, {"douze", NULL}, {"-", NULL}, {"1234567890123456", NULL});
	ROWS(&number, {"12,5", "12.5"}, {"12.50", "12.5"}, {"1 234,00", "1234"}, {"0,05", "0.05"}, {"-0,0", "0"},
	     {"\xe2\x88\x92"
	      "3,2",
	      "-3.2"},
	     {"100", "100"}, {"1.234,5", NULL}, {",5", NULL}, {"1e5", NULL}, {"5,", "5"});
}

TEST(yes_and_no)
{
	struct field f = of(FIELD_BOOL, 0);

	ROWS(&f, {"oui", "1"}, {"O", "1"}, {"yes", "1"}, {"x", "1"}, {"1", "1"}, {"non", ""}, {"N", ""}, {"0", ""},
	     {"peut-être", NULL});
}

TEST(days)
{
	struct field day = of(FIELD_DAY, FIELD_FUTURE), moment = of(FIELD_MOMENT, FIELD_FUTURE);

	ROWS(&day, {"2026-12-12", "2026-12-12"}, {"12/12", "2026-12-12"}, {"demain", "2026-11-24"},
	     {"demain 14h", "2026-11-24"}, {"2026-13-01", NULL}, {"un jour", NULL}, {"", ""});
	ROWS(&moment, {"demain 14h", "2026-11-24T14:00"}, {"2026-12-12T14:00", "2026-12-12T14:00"},
	     {"2026-12-12", "2026-12-12"}, {"2026-12-12T14:00:05+01:00", "2026-12-12T14:00:05+01:00"});
	CHECK(!value_valid(&day, "12/12"));
	CHECK(!value_valid(&day, "2026-12-12T14:00"));
	CHECK(!value_valid(&moment, "demain"));
}

TEST(places)
{
	struct field point = of(FIELD_POINT, 0), shape = of(FIELD_SHAPE, 0);

	ROWS(&point, {"44.5, 3.5", "44.5,3.5"}, {"44,5 3,5", "44.5,3.5"}, {"95, 3", NULL}, {"là-bas", NULL});
	ROWS(&shape, {"44.5,3.5 44.6,3.6", "44.5,3.5 44.6,3.6"},
	     {"44.5,3.5\n44.6,3.6\n\n44.7,3.7\n", "44.5,3.5 44.6,3.6\n\n44.7,3.7"}, {"\n 44.50,3.5", "44.5,3.5"},
	     {"44.5,3.5 x", NULL}, {"", ""});
}

TEST(references_and_hashes)
{
	struct field ref = of(FIELD_REF, 0), hash = of(FIELD_HASH, 0);

	ROWS(&ref, {"0F4E2A1B-0000-4000-8000-0123456789ab", "0f4e2a1b-0000-4000-8000-0123456789ab"}, {"Bonnet", NULL});
	ROWS(&hash, {"00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeeff"}, {"0011", NULL},
	     {"zz", NULL});
}

TEST(codes)
{
	const struct field *share = kind_field(kind_find("task"), "share");
	const struct field *type = kind_field(kind_find("meeting"), "type");
	const struct field *status = kind_field(kind_find("observation"), "status");

	ROWS(share, {"team", "team"}, {"Partners", "partner"}, {"PUB", "public"}, {"p", NULL}, {"secret", NULL},
	     {"", ""});
	ROWS(type, {"Working group", "working_group"}, {"veillée", "veillée"}, {"co", "co"}, {"comm", "committee"});
	ROWS(status, {"no", "No"}, {"not seen", "No"}, {"Pr", "Pr"}, {"nsp", "NSP"}, {"not", NULL});
	CHECK(!value_valid(share, "secret"));
	CHECK(value_valid(type, "veillée"));
}

TEST(ways_to_reach)
{
	struct field phone = of(FIELD_PHONE, 0), email = of(FIELD_EMAIL, 0), url = of(FIELD_URL, 0);

	ROWS(&phone, {"0466123456", "04 66 12 34 56"}, {"04.66.12.34.56", "04 66 12 34 56"},
	     {"+33 (0)4 66", "+33 (0)4 66"}, {"04 66 12 34 56 poste 12", "04 66 12 34 56 poste 12"}, {"17", "17"},
	     {"inconnu", NULL});
	ROWS(&email, {"jean@mairie.fr", "jean@mairie.fr"}, {"mailto:a@b", "a@b"}, {"jean", NULL}, {"@b", NULL},
	     {"a@", NULL}, {"a b@c", NULL});
	ROWS(&url, {"https://example.org/a?b", "https://example.org/a?b"}, {"example.org", "https://example.org"},
	     {"example.org:8080/x", "https://example.org:8080/x"}, {"geo:44,3", "geo:44,3"},
	     {"mailto:a@b", "mailto:a@b"}, {"rien", NULL}, {"a b.fr", NULL});
	CHECK(value_valid(&phone, "inconnu")); /* what comes from outside is not lost for its form */
}

TEST(sets)
{
	struct field tags = of(FIELD_LINE, FIELD_SET), phones = of(FIELD_PHONE, FIELD_SET);
	char longer[RECORD_KEY_MAX + 1];
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	ROWS(&tags, {"loup; eau ;;loup\nestive", "loup\neau\nestive"}, {" ; ", ""}, {"", ""}, {"a;a", "a"},
	     {"ab;a", "ab\na"});
	ROWS(&phones, {"0466123456;+33 6", "04 66 12 34 56\n+33 6"}, {"0466123456;rien", NULL});
	CHECK(!value_valid(&tags, "a\n\nb"));
	CHECK(!value_valid(&tags, "a\n"));
	CHECK(value_valid(&tags, "a\nb"));
	memset(longer, 'a', RECORD_KEY_MAX);
	longer[RECORD_KEY_MAX - 2] = '\0';
	CHECK_OK(value_parse(&tags, longer, &now, &out, &e), &e);
	longer[RECORD_KEY_MAX - 2] = 'a';
	longer[RECORD_KEY_MAX - 1] = '\0';
	CHECK_ERR(value_parse(&tags, longer, &now, &out, &e), &e, ERR_INPUT);
	buf_done(&out);
}

static void check_show(const struct field *f, const char *value, enum date_lang lang, const char *want)
{
	struct buf out = BUF_INIT;

	value_show(f, value, &now, lang, &out);
	CHECK_STR(buf_str(&out), want);
	buf_done(&out);
}

TEST(shown)
{
	struct field number = of(FIELD_NUMBER, 0), yes = of(FIELD_BOOL, 0), tags = of(FIELD_LINE, FIELD_SET);
	struct field shape = of(FIELD_SHAPE, 0), day = of(FIELD_DAY, 0);

	check_show(&number, "12.5", DATE_FR, "12,5");
	check_show(&number, "12.5", DATE_EN, "12.5");
	check_show(&yes, "1", DATE_EN, "yes");
	check_show(&yes, "", DATE_EN, "");
	check_show(&tags, "eau\nloup", DATE_FR, "eau, loup");
	check_show(&shape, "44.5,3.5 44.6,3.6", DATE_EN, "2 points");
	check_show(&day, "2027-12-12", DATE_FR, "12 déc 2027");
	check_show(&day, "someday", DATE_FR, "someday");
	check_show(kind_field(kind_find("task"), "state"), "open", DATE_EN, "to do");
	check_show(kind_field(kind_find("task"), "state"), "paused", DATE_EN, "paused");
}

TEST(every_field_has_a_way_in)
{
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		for (size_t j = 0; j < kind_fields(k); j++) {
			const struct field *f = kind_field_at(k, j);
			CHECK(value_valid(f, ""));
			if (f->type != FIELD_LINE && f->type != FIELD_TEXT && f->type != FIELD_CODE &&
			    f->type != FIELD_HASH)
				CHECK(value_hint(f) != NULL);
		}
	}
}
