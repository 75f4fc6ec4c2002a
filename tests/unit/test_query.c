/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is typed in a search, read; and the passage around a match. */
#include "check.h"

#include "arpent/passage.h"

static void match(const char *typed, const char *kind, bool whole, const char *want)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	struct query q;

	CHECK_OK(query_read(typed, &q, &e), &e);
	CHECK_OK(query_match(&q, kind, whole, &out, &e), &e);
	CHECK_STR(buf_str(&out), want);
	query_done(&q);
	buf_done(&out);
}

TEST(words_for_the_index)
{
	match("", NULL, false, "");
	match("Cœur  LOUP", NULL, false, "{title body} : (\"coeur\"* AND \"loup\"*)");
	match("l'Éleveur", NULL, false, "{title body} : (\"l eleveur\"*)");
	match("\"loup gris\"", NULL, false, "{title body} : (\"loup gris\")");
	match("\"loup", NULL, false, "{title body} : (\"loup\")");
	match("a\"b\"", NULL, false, "{title body} : (\"a\"* AND \"b\")");
	match("loup", "note", false, "{title body} : (\"loup\"*) AND kind : \"note\"");
	match("kind:meeting", NULL, false, "kind : \"meeting\"");
	match("loup -gris", NULL, false, "({title body} : (\"loup\"*)) NOT {title body} : \"gris\"*");
	match("-gris", NULL, false, "");
	match("pastorales loup", NULL, true, "{title body} : (\"pastorales\" AND \"loup\"*)");
	match("pastorales loup", NULL, false, "{title body} : (\"pastorales\"* AND \"loup\"*)");
	match("14:30", NULL, false, "{title body} : (\"14 30\"*)");
	match("-- & \"\" ''", NULL, false, "");
}

TEST(fields_and_kinds)
{
	struct err e = ERR_INIT;
	struct query q;

	CHECK_OK(query_read("commune:\"Saint-Flour\" loup kind:zzz", &q, &e), &e);
	REQUIRE(q.nfields == 1);
	CHECK_STR(q.fields[0].key, "commune");
	CHECK_STR(q.fields[0].text, "saint flour");
	CHECK_EQ_INT(q.n, 1);
	CHECK(q.no_kind);
	query_done(&q);
}

TEST(too_many_words)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	struct query q;

	for (int i = 0; i < 100; i++)
		buf_printf(&b, "mot%d commune:a ", i);
	CHECK_OK(query_read(buf_str(&b), &q, &e), &e);
	CHECK_EQ_INT(q.n, QUERY_TERMS);
	CHECK_EQ_INT(q.nfields, QUERY_FIELDS);
	query_done(&q);
	buf_done(&b);
}

static void passage(const char *text, const char *typed, const char *want, const char *want_mark)
{
	struct passage p = {.mark = 0};
	struct err e = ERR_INIT;
	struct query q;
	bool found;

	CHECK_OK(query_read(typed, &q, &e), &e);
	CHECK_OK(passage_try(text, strlen(text), &q, &p, &found, &e), &e);
	CHECK_EQ_INT(found, want != NULL);
	if (found && want) {
		CHECK_STR(buf_str(&p.text), want);
		CHECK_MEM(buf_str(&p.text) + p.mark, p.mark_len, want_mark, strlen(want_mark));
	}
	buf_done(&p.text);
	query_done(&q);
}

TEST(marks_are_of_the_raw_text)
{
	passage("Le cœur", "co", "Le cœur", "cœ");
	passage("Le cœur", "coeur", "Le cœur", "cœur");
	passage("E\xcc\x81leveur", "elev", "E\xcc\x81leveur", "E\xcc\x81lev"); /* an accent of its own */
	passage("l’éleveur", "eleveur", "l’éleveur", "éleveur");
	passage("« Loup »", "\"loup\"", "« Loup »", "Loup");
	passage("loups", "\"loup\"", NULL, NULL);
	passage("le-loup  gris\nfile", "\"loup gris\"", "le-loup  gris file", "loup  gris");
	passage("galoup", "loup", NULL, NULL);
	passage("", "loup", NULL, NULL);
	passage("\xff\xfeloup\xff", "loup", "\xef\xbf\xbd\xef\xbf\xbdloup\xef\xbf\xbd", "loup");
}

TEST(a_long_text_is_cut_at_words)
{
	passage("un deux trois quatre cinq six sept huit neuf dix onze douze", "dix",
		"…cinq six sept huit neuf dix onze douze", "dix");
}
