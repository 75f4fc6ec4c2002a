/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/minutes.h"

#include "check.h"

static const struct named people[] = {
    {{{1}}, "Alain Roux", "maire", NULL},
    {{{2}}, "Jean Bonnet", "éleveur", NULL},
    {{{3}}, "Claire Dupuis", "CC Trois-Vals", NULL},
    {{{4}}, "Marc Duval", "ONF", NULL},
    {{{5}}, "Hélène Le Goff", "", NULL},
    {{{6}}, "Jeanne Bonnet", "élue", NULL},
    {{{7}}, "Marie Rouxel", "", NULL},
};
static const struct named sites[] = {
    {{{21}}, "Bergerie Haute", "Saint-Étienne", NULL},
    {{{22}}, "Col du Four", "", NULL},
};
static const struct minutes_names known = {people, sites, 7, 2};
static const struct moment now = {{2026, 11, 16}, true, 14, 0, 0, false, 0};

static struct minutes read_notes(const char *notes)
{
	struct minutes m;
	struct err e = ERR_INIT;

	CHECK(minutes_read(notes, &known, &now, &m, &e));
	return m;
}

static size_t count_of(const struct minutes *m, enum minutes_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->items[i].type == type;
	return n;
}

static const struct minutes_item *item_of(const struct minutes *m, enum minutes_type type, size_t nth)
{
	static const struct minutes_item none = {.text = "(none)", .owner = "(none)"};

	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].type == type && nth-- == 0)
			return &m->items[i];
	}
	return &none;
}

TEST(names_without_accents_initials_parts)
{
	struct match best[3];

	CHECK_EQ_INT(names_match(people, 7, "helene", best, 3), 1);
	CHECK_EQ_INT(best[0].index, 4);
	CHECK_EQ_INT(names_match(people, 7, "HLG", best, 3), 1);
	CHECK_EQ_INT(best[0].rank, 1);
	CHECK_EQ_INT(names_match(people, 7, "J. Bonnet", best, 3), 2);
	CHECK_EQ_INT(names_match(people, 7, "bonnet jeanne", best, 3), 1);
	CHECK_EQ_INT(best[0].rank, 4);
	CHECK_EQ_INT(names_match(people, 7, "Roux", best, 3), 2);
	CHECK_EQ_INT(best[0].index, 0);
	CHECK_EQ_INT(best[0].rank, 3);
	CHECK_EQ_INT(best[1].rank, 2);
	CHECK_EQ_INT(names_match(people, 7, "", best, 3), 0);
	CHECK_EQ_INT(names_match(people, 7, "Nobody", best, 3), 0);
}

TEST(meeting_of_the_mock_up)
{
	struct minutes m = read_notes("@Roux @Claire Dupuis -@Duval\n"
				      "M. Bonnet demande un report de la mise en défens au 15 juin.\n"
				      "! Report accepté jusqu'au 15 juin (7 pour 1 ctr)\n"
				      "! Chemin n° 7 ouvert aux troupeaux\n"
				      "> Roux rédiger l'avenant 30 nov\n"
				      "> moi poser deux panneaux 15 déc\n"
				      "? qui paie la clôture #financement ^Bergerie Hau\n"
				      "te");
	const struct minutes_item *i;

	CHECK_EQ_INT(count_of(&m, MINUTES_PRESENT), 2);
	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 0)->who.b[0], 1);
	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 1)->who.b[0], 3);
	CHECK_EQ_INT(item_of(&m, MINUTES_EXCUSED, 0)->who.b[0], 4);
	i = item_of(&m, MINUTES_DECISION, 0);
	CHECK_STR(i->text, "Report accepté jusqu'au 15 juin");
	CHECK_EQ_INT(i->vote_for, 7);
	CHECK_EQ_INT(i->vote_against, 1);
	CHECK_EQ_INT(i->vote_abstain, -1);
	i = item_of(&m, MINUTES_DECISION, 1);
	CHECK_STR(i->text, "Chemin n° 7 ouvert aux troupeaux");
	CHECK_EQ_INT(i->vote_for, -1);
	i = item_of(&m, MINUTES_TASK, 0);
	CHECK_STR(i->text, "rédiger l'avenant");
	CHECK_STR(i->owner, "Roux");
	CHECK_EQ_INT(i->who.b[0], 1);
	CHECK(i->has_due);
	CHECK_EQ_INT(i->due.date.month * 100 + i->due.date.day, 1130);
	i = item_of(&m, MINUTES_TASK, 1);
	CHECK_STR(i->owner, "moi");
	CHECK_STR(i->text, "poser deux panneaux");
	CHECK_STR(item_of(&m, MINUTES_QUESTION, 0)->text, "qui paie la clôture Bergerie Hau");
	CHECK_STR(item_of(&m, MINUTES_TAG, 0)->text, "financement");
	CHECK_EQ_INT(item_of(&m, MINUTES_SITE, 0)->who.b[0], 21);
	minutes_done(&m);
}

TEST(names_known_unknown_and_ambiguous)
{
	struct minutes m = read_notes("@Bonnet @Jean Dupont, @Roux. Le maire (@[Hélène Le Goff]) -@zoé\n");

	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 0)->fits, 2);
	CHECK(id_is_zero(&item_of(&m, MINUTES_PRESENT, 0)->who));
	CHECK_STR(item_of(&m, MINUTES_PRESENT, 1)->text, "Jean Dupont");
	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 1)->fits, 0);
	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 2)->who.b[0], 1);
	CHECK_EQ_INT(item_of(&m, MINUTES_PRESENT, 3)->who.b[0], 5);
	CHECK_STR(item_of(&m, MINUTES_EXCUSED, 0)->text, "zoé");
	CHECK_EQ_INT(m.n, 5);
	minutes_done(&m);
}

TEST(votes_as_people_write_them)
{
	static const struct {
		const char *line;
		int in_favour, against, abstain;
	} rows[] = {
	    {"! A (7/1)", 7, 1, -1},
	    {"! A (7/1/2)", 7, 1, 2},
	    {"! A (12 pour, 3 contre, 1 abstention)", 12, 3, 1},
	    {"! A (unanimité)", -2, -1, -1},
	    {"! A (à l'unanimité)", -2, -1, -1},
	    {"! A (5 for 2 against)", 5, 2, -1},
	    {"! A (lot 3)", -1, -1, -1},
	    {"! A (voir annexe)", -1, -1, -1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct minutes m = read_notes(rows[i].line);
		CHECK_EQ_INT(item_of(&m, MINUTES_DECISION, 0)->vote_for, rows[i].in_favour);
		CHECK_EQ_INT(item_of(&m, MINUTES_DECISION, 0)->vote_against, rows[i].against);
		CHECK_EQ_INT(item_of(&m, MINUTES_DECISION, 0)->vote_abstain, rows[i].abstain);
		if (rows[i].in_favour != -1)
			CHECK_STR(item_of(&m, MINUTES_DECISION, 0)->text, "A");
		minutes_done(&m);
	}
}

TEST(follow_ups)
{
	struct minutes m = read_notes("> @Duval relancer l'ONF avant le 30/11\n"
				      "> appeler M. Bonnet\n"
				      "> Jean Bonnet: envoyer la carte, vendredi #carte\n"
				      "> \n"
				      ">\n");
	const struct minutes_item *i = item_of(&m, MINUTES_TASK, 0);

	CHECK_EQ_INT(count_of(&m, MINUTES_TASK), 3);
	CHECK_EQ_INT(i->who.b[0], 4);
	CHECK_STR(i->text, "relancer l'ONF");
	CHECK(i->has_due);
	i = item_of(&m, MINUTES_TASK, 1);
	CHECK_STR(i->text, "appeler M. Bonnet");
	CHECK_STR(i->owner, "");
	CHECK(!i->has_due);
	i = item_of(&m, MINUTES_TASK, 2);
	CHECK_EQ_INT(i->who.b[0], 2);
	CHECK_STR(i->text, "envoyer la carte");
	CHECK_EQ_INT(i->due.date.day, 20);
	CHECK_EQ_INT(count_of(&m, MINUTES_PRESENT), 0);
	CHECK_STR(item_of(&m, MINUTES_TAG, 0)->text, "carte");
	minutes_done(&m);
}

TEST(what_is_no_mark)
{
	struct minutes m = read_notes("jean@example.org a coûté 3#4 ^ # @ et - @\nParcelle #12\n");

	CHECK_EQ_INT(m.n, 0);
	minutes_done(&m);
}

static const char *word_of(void *ctx, size_t line, char mark, const struct id *low, const struct id *high)
{
	(void)ctx;
	(void)line;
	(void)high;
	if (low->b[0] == 0xaa)
		return mark == '!' ? "! Report accepté (7 pour)" : "(wrong mark)";
	return NULL;
}

TEST(reference_lines_expand_and_reduce)
{
	static const char kept[] = "@Roux\n!{aa000000}\n>{bb000000}\nfin";
	struct buf text = BUF_INIT, back = BUF_INIT;
	struct err e = ERR_INIT;

	CHECK(minutes_expand(kept, word_of, NULL, &text, &e));
	CHECK_STR(buf_str(&text), "@Roux\n! Report accepté (7 pour)\nfin");
	struct minutes m = read_notes(buf_str(&text));
	for (size_t i = 0; i < m.n; i++)
		m.items[i].ref.b[0] = m.items[i].type == MINUTES_DECISION ? 0xaa : 0;
	CHECK(minutes_reduce(buf_str(&text), &m, &back, &e));
	CHECK_STR(buf_str(&back), "@Roux\n!{aa000000}\nfin");
	minutes_done(&m);
	m = read_notes(kept);
	CHECK_EQ_INT(m.n, 3);
	CHECK_EQ_INT(item_of(&m, MINUTES_DECISION, 0)->ref.b[0], 0xaa);
	minutes_done(&m);
	buf_done(&text);
	buf_done(&back);
}

TEST(a_reworded_line_stays_the_same_record)
{
	struct minutes before =
	    read_notes("! Report accepté au 15 juin\n! Chemin ouvert\n> Roux rédiger l'avenant 30 nov\n> vieux");
	struct minutes after = read_notes("> Roux rédiger l'avenant au bail 2 déc\n! Chemin n° 7 ouvert\n"
					  "! Report refusé au 15 juin\n! Tout neuf\n");
	struct id gone[4];
	size_t n = 0;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < before.n; i++)
		before.items[i].ref.b[0] = (uint8_t)(i + 1);
	CHECK(minutes_pair(&before, &after, gone, &n, &e));
	CHECK_EQ_INT(item_of(&after, MINUTES_TASK, 0)->ref.b[0], 3);
	CHECK_EQ_INT(item_of(&after, MINUTES_DECISION, 0)->ref.b[0], 2);
	CHECK_EQ_INT(item_of(&after, MINUTES_DECISION, 1)->ref.b[0], 1);
	CHECK(id_is_zero(&item_of(&after, MINUTES_DECISION, 2)->ref));
	CHECK_EQ_INT(n, 1);
	CHECK_EQ_INT(gone[0].b[0], 4);
	minutes_done(&before);
	minutes_done(&after);
}

TEST(a_line_written_anew_in_its_place_stays_the_same_record)
{
	struct minutes before = read_notes("! Report accepté\n! Chemin ouvert\n");
	struct minutes after = read_notes("! Ajourné\n! Chemin ouvert\n");
	struct id gone[2];
	size_t n = 0;
	struct err e = ERR_INIT;

	before.items[0].ref.b[0] = 1;
	before.items[1].ref.b[0] = 2;
	CHECK(minutes_pair(&before, &after, gone, &n, &e));
	CHECK_EQ_INT(after.items[0].ref.b[0], 1);
	CHECK_EQ_INT(n, 0);
	minutes_done(&before);
	minutes_done(&after);
}

TEST(quick_capture)
{
	struct quick q;
	struct err e = ERR_INIT;

	CHECK(quick_read("appeler la bergerie ven 10h @claire #pastoralisme", NULL, &known, &now, &q, &e));
	CHECK_STR(q.kind, "task");
	CHECK_STR(q.text, "appeler la bergerie");
	CHECK(q.has_when && q.when.has_time);
	CHECK_EQ_INT(q.when.date.day, 20);
	CHECK_EQ_INT(item_of(&q.items, MINUTES_PRESENT, 0)->who.b[0], 3);
	CHECK_STR(item_of(&q.items, MINUTES_TAG, 0)->text, "pastoralisme");
	quick_done(&q);
	CHECK(quick_read("le loup est passé au ^Col du Four\ndeuxième ligne", NULL, &known, &now, &q, &e));
	CHECK_STR(q.kind, "note");
	CHECK_STR(q.text, "le loup est passé au Col du Four\ndeuxième ligne");
	CHECK_EQ_INT(item_of(&q.items, MINUTES_SITE, 0)->who.b[0], 22);
	quick_done(&q);
	CHECK(quick_read("traces de loup", "observation", &known, &now, &q, &e));
	CHECK_STR(q.kind, "observation");
	quick_done(&q);
}

TEST(date_in_the_middle_leaves_a_whole_sentence)
{
	static const char *const cases[][2] = {
	    {"appeler la bergerie ven 10h ^Col du Four", "appeler la bergerie Col du Four"},
	    {"relancer avant le 30 nov la mairie", "relancer la mairie"},
	    {"ven 10h appeler la bergerie", "appeler la bergerie"},
	    {"relire le compte rendu de la réunion du 12 novembre avec le maire",
	     "relire le compte rendu de la réunion du 12 novembre avec le maire"},
	    {"choisir entre le 12 décembre et le 15 décembre", "choisir entre le 12 décembre et le 15 décembre"},
	    {"choisir le 12 décembre ou plus tard", "choisir le 12 décembre ou plus tard"},
	    {"dire que vendredi, c'est fermé", "dire que vendredi, c'est fermé"},
	    {"reporter au 15 juin", "reporter au 15 juin"},
	};
	struct quick q;
	struct err e = ERR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(quick_read(cases[i][0], NULL, &known, &now, &q, &e));
		CHECK(q.has_when);
		CHECK_STR(q.text, cases[i][1]);
		quick_done(&q);
	}
}

/* Any bytes are read without harm, and twice the same. */
TEST(any_text_is_read)
{
	static const char alphabet[] = "@#^!>?-[]{}()/ \n\t.,abJR1715é\xE2\x80\x99";
	uint32_t seed = 20261116;

	for (int round = 0; round < 3000; round++) {
		char text[81];
		size_t n = 0;
		for (; n < sizeof text - 1; n++) {
			seed = seed * 1664525u + 1013904223u;
			text[n] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		text[n] = '\0';
		struct minutes m = read_notes(text);
		for (size_t i = 0; i < m.n; i++)
			CHECK(m.items[i].start + m.items[i].len <= n);
		minutes_done(&m);
	}
}
