/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format_fixture.h"

static bool read_text(const char *s, const char *as, struct foreign_list *out, struct err *e)
{
	struct import_options o = {.as = as};

	*out = (struct foreign_list){0};
	return format_find("csv")->read(s, strlen(s), &o, out, e);
}

TEST(spreadsheets)
{
	static const char *const tables[] = {
	    "\xEF\xBB\xBFname;phone;Tags;shoe\r\n\"Mas; Anne\";04 66 00 00 01;\"a\nb\";38\r\n\r\nRoux;;;\r\n",
	    "name,phone,tags,shoe\n\"Mas; Anne\",04 66 00 00 01,\"a\nb\",38\nRoux\n",
	    "name\tphone\ttags\tshoe\nMas; Anne\t04 66 00 00 01\t\"a\nb\"\t38\nRoux\t\t\t",
	};
	struct foreign_list l;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < 3; i++) {
		CHECK_OK(read_text(tables[i], "person", &l, &e), &e);
		REQUIRE(l.n == 2);
		CHECK_STR(foreign_get(&l.v[0], "name"), "Mas; Anne");
		CHECK_STR(foreign_get(&l.v[0], "phone"), "04 66 00 00 01");
		CHECK_STR(foreign_get(&l.v[0], "tags"), "a\nb");
		CHECK_STR(foreign_get(&l.v[0], "shoe"), "38");
		CHECK_STR(foreign_get(&l.v[1], "name"), "Roux");
		foreign_list_done(&l);
	}
	/* As an old spreadsheet saves it, with dates as people write them. */
	CHECK_OK(read_text("subject;date;count_min\nBless\xE9s;02/05/2026;\"1 200\"\n", "observation", &l, &e), &e);
	CHECK_STR(foreign_get(&l.v[0], "subject"), "Blessés");
	CHECK_STR(foreign_get(&l.v[0], "date"), "2026-05-02");
	CHECK_STR(foreign_get(&l.v[0], "count_min"), "1200");
	foreign_list_done(&l);
}

TEST(refusals)
{
	static const struct {
		const char *table, *as;
		enum err_code code;
	} rows[] = {
	    {"", "person", ERR_FORMAT},
	    {"name\n\"open\n", "person", ERR_FORMAT},
	    {"name\nx\n", NULL, ERR_INPUT},
	    {"point\nnowhere\n", "site", ERR_FORMAT},
	    {"id;name\n12;x\n", "site", ERR_FORMAT},
	};
	struct foreign_list l;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CHECK_ERR(read_text(rows[i].table, rows[i].as, &l, &e), &e, rows[i].code);
		foreign_list_done(&l);
	}
}
