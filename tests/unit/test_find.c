/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search: what is typed, what is found, and the passage shown. */
#include "check.h"

#include "arpent/minutes.h"
#include "arpent/passage.h"
#include "arpent/text.h"
#include "store_fixture.h"

struct found {
	char titles[64][64], passages[64][256], marks[64][64];
	size_t n, total;
};

static bool found_add(void *ctx, const struct hit *h)
{
	struct found *f = ctx;

	snprintf(f->titles[f->n], 64, "%s", h->row.title);
	snprintf(f->passages[f->n], 256, "%s", h->passage);
	snprintf(f->marks[f->n], 64, "%.*s", (int)h->mark_len, h->passage + h->mark);
	return ++f->n < 64;
}

static void find(struct store *s, const char *query, struct found *f)
{
	struct err e = ERR_INIT;

	f->n = 0;
	f->total = 9999;
	CHECK_OK(store_find(s, query, 20, found_add, f, &f->total, &e), &e);
}

static struct id meeting(struct store *s, const char *subject, const char *notes)
{
	struct want w[] = {{.key = "subject", .text = subject}, {.key = "notes", .text = notes, .is_text = true}};
	struct err e = ERR_INIT;
	struct id id;

	CHECK_OK(store_new(s, "meeting", w, 2, &id, &e), &e);
	return id;
}

TEST(words_accents_and_ligatures)
{
	static struct found f;
	struct store *s = fixture_new("words.arpent");

	meeting(s, "Cœur du parc", "L’éleveur a vu « Loup » près de la bergerie");
	fixture_record(s, "note", "text", "Rien à voir");
	find(s, "coeur", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_STR(f.marks[0], "Cœur");
	find(s, "CŒUR", &f);
	CHECK_EQ_INT(f.n, 1);
	find(s, "eleveur", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_STR(f.marks[0], "éleveur");
	find(s, "l'éle", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_STR(f.marks[0], "L’éle");
	find(s, "lou", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_STR(f.marks[0], "Lou");
	find(s, "oup", &f);
	CHECK_EQ_INT(f.n, 0);
	CHECK_EQ_INT(f.total, 0);
	store_close(s);
}

TEST(phrases_exclusions_kinds)
{
	static struct found f;
	struct store *s = fixture_new("phrases.arpent");

	meeting(s, "Comité", "le loup gris est là");
	meeting(s, "Bureau", "gris est le loup");
	fixture_record(s, "note", "text", "loup gris");
	find(s, "\"loup gris\"", &f);
	CHECK_EQ_INT(f.n, 2);
	find(s, "loup -gris", &f);
	CHECK_EQ_INT(f.n, 0);
	find(s, "loup -là", &f);
	CHECK_EQ_INT(f.n, 2);
	find(s, "loup kind:meeting", &f);
	CHECK_EQ_INT(f.n, 2);
	find(s, "kind:note", &f);
	CHECK_EQ_INT(f.n, 1);
	find(s, "kind:dragon loup", &f);
	CHECK_EQ_INT(f.n, 0);
	find(s, "meeting", &f); /* the kind is no word of the text */
	CHECK_EQ_INT(f.n, 0);
	store_close(s);
}

TEST(fields)
{
	static struct found f;
	struct store *s = fixture_new("fields.arpent");
	struct want a[] = {{.key = "name", .text = "Mairie"},
			   {.key = "commune", .text = "Florac"},
			   {.key = "type", .text = "local"}},
		    b[] = {{.key = "name", .text = "Florac Sports"}, {.key = "type", .text = "association"}};
	struct err e = ERR_INIT;

	CHECK_OK(store_new(s, "organisation", a, 3, NULL, &e), &e);
	CHECK_OK(store_new(s, "organisation", b, 2, NULL, &e), &e);
	find(s, "commune:flo", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_EQ_INT(f.total, 1);
	CHECK_STR(f.titles[0], "Mairie");
	find(s, "type:association", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_STR(f.titles[0], "Florac Sports");
	find(s, "florac type:local", &f);
	CHECK_EQ_INT(f.n, 1);
	find(s, "commune:paris", &f);
	CHECK_EQ_INT(f.n, 0);
	store_close(s);
}

TEST(titles_first_then_newest)
{
	static struct found f;
	struct store *s = fixture_new("order.arpent");

	meeting(s, "Le loup", "rien");
	meeting(s, "Ancienne", "on parle du loup");
	meeting(s, "Récente", "on parle du loup");
	find(s, "loup", &f);
	REQUIRE(f.n == 3);
	CHECK_STR(f.titles[0], "Le loup");
	CHECK_STR(f.titles[1], "Récente");
	CHECK_STR(f.titles[2], "Ancienne");
	store_close(s);
}

TEST(a_word_in_the_title_counts)
{
	static struct found f;
	struct store *s = fixture_new("half.arpent");

	meeting(s, "Loup", "brebis");
	meeting(s, "Autre", "loup puis brebis");
	find(s, "loup brebis", &f);
	REQUIRE(f.n == 2);
	CHECK_STR(f.titles[0], "Loup");
	store_close(s);
}

TEST(close_words_first)
{
	static struct found f;
	struct store *s = fixture_new("close.arpent");

	meeting(s, "Près", "le loup et les brebis");
	meeting(s, "Loin", "le loup un deux trois quatre cinq six sept huit neuf dix onze douze treize les brebis");
	find(s, "loup brebis", &f);
	REQUIRE(f.n == 2);
	CHECK_STR(f.titles[0], "Près");
	store_close(s);
}

TEST(edits_and_bin_are_followed)
{
	static struct found f;
	struct store *s = fixture_new("follow.arpent");
	struct id id = meeting(s, "Comité", "vautour");
	struct want w = {.key = "notes", .text = "gypaète", .is_text = true};
	struct err e = ERR_INIT;

	CHECK_OK(store_edit(s, &id, &w, 1, &e), &e);
	find(s, "vautour", &f);
	CHECK_EQ_INT(f.n, 0);
	find(s, "gypaete", &f);
	CHECK_EQ_INT(f.n, 1);
	CHECK_OK(store_delete(s, &id, &e), &e);
	find(s, "gypaete", &f);
	CHECK_EQ_INT(f.n, 0);
	CHECK_OK(store_undo(s, NULL, &e), &e);
	find(s, "gypaete", &f);
	CHECK_EQ_INT(f.n, 1);
	fixture_check_index(s);
	store_close(s);
}

TEST(passages_are_one_line)
{
	static struct found f;
	struct store *s = fixture_new("passage.arpent");

	meeting(s, "Long",
		"Premier point de la réunion, avec beaucoup de mots avant.\nPuis le \033[31m cirque\033[0m\tde "
		"Gavarnie est évoqué "
		"par les participants, qui ont beaucoup à en dire et le disent.");
	find(s, "cirque", &f);
	REQUIRE(f.n == 1);
	CHECK(!strpbrk(f.passages[0], "\n\t\033"));
	CHECK(strncmp(f.passages[0], "…", 3) == 0);
	CHECK(strstr(f.passages[0], "cirque") != NULL);
	CHECK(text_width(f.passages[0]) <= PASSAGE_COLUMNS + 2);
	store_close(s);
}

TEST(odd_queries)
{
	static const char *const odd[] = {"",      " ",      "-",     "--",    "\"",          "\"\"",      ":",
					  "a:",    ":a",     "*",     "AND",   "NOT",         "kind:",     "(",
					  "^a",    "\"loup", "14:30", "-loup", "{title} : x", "NEAR(a b)", "\xff\xfe",
					  "a:b:c", "'"};
	static struct found f;
	struct store *s = fixture_new("odd.arpent");

	meeting(s, "Loup", "à 14:30");
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
		find(s, odd[i], &f);
	find(s, "14:30", &f);
	CHECK_EQ_INT(f.n, 1);
	find(s, "\"loup", &f);
	CHECK_EQ_INT(f.n, 1);
	store_close(s);
}

TEST(totals_are_capped)
{
	static struct found f;
	struct store *s = fixture_new("total.arpent");
	struct list_spec spec = {.filter = "loup"};
	struct err e = ERR_INIT;
	size_t n;

	CHECK_OK(store_step_begin(s, "Many", &e), &e);
	for (int i = 0; i < 2100; i++)
		fixture_record(s, "note", "text", i % 2 ? "loup" : "loup brebis");
	CHECK_OK(store_step_end(s, &e), &e);
	find(s, "loup", &f);
	CHECK_EQ_INT(f.n, 20);
	CHECK_EQ_INT(f.total, FIND_TOTAL + 1);
	CHECK_OK(store_count(s, &spec, 3000, &n, &e), &e); /* more than are gathered: the index is walked */
	CHECK_EQ_INT(n, 2100);
	spec.filter = "brebis loup";
	CHECK_OK(store_count(s, &spec, 3000, &n, &e), &e);
	CHECK_EQ_INT(n, 1050);
	store_close(s);
}
