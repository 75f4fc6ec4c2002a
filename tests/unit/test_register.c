/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What personal data is held, and all of it on one person. */
#include <sys/stat.h>

#include "arpent/io.h"
#include "arpent/register.h"
#include "sync_fixture.h"

static void fixed(void *ctx, struct moment *out)
{
	(void)ctx;
	*out = (struct moment){
	    .date = {2026, 11, 23}, .has_time = true, .hour = 18, .minute = 30, .has_offset = true, .offset = 60};
}

static struct store *s;
static struct id roux, bonnet, meeting;

static void begin(void)
{
	const struct want r[] = {
	    want_line("name", "Alain Roux"),     want_line("purpose", "élu référent"),
	    want_line("ground", "public"),       want_line("review", "2026-11-12"),
	    want_set("phone", "04 99 00 11 01"), want_text("confidential", "En froid avec Bonnet")};
	const struct want b[] = {want_line("name", "Jean Bonnet"), want_line("review", "2026-12-05")};
	const struct want j[] = {want_line("name", "Julie Serre")};
	const struct want m[] = {want_line("subject", "Convention"), want_line("start", "2026-11-16T14:00"),
				 want_text("notes",
					   "M. Alain Roux demande un report.\nOn parle longtemps du chemin, de la "
					   "source, du pont, des chiens, de la neige et du prix de "
					   "la laine, puis de la route et du parking.\nJean Bonnet "
					   "est contre.")};
	char person[ID_TEXT + 1], met[ID_TEXT + 1];

	store_close(s);
	s = sync_notebook("register", "Camille");
	store_set_clock(s, fixed, NULL);
	roux = sync_record(s, "person", r, 6);
	bonnet = sync_record(s, "person", b, 2);
	sync_record(s, "person", j, 1);
	meeting = sync_record(s, "meeting", m, 3);
	id_text(&roux, person);
	id_text(&meeting, met);
	const struct want a[] = {want_line("meeting", met), want_line("person", person),
				 want_line("status", "present")};
	sync_record(s, "attendance", a, 3);
}

TEST(past_soon_undated_in_this_order)
{
	struct register_book b;
	struct err e = ERR_INIT;

	begin();
	CHECK_OK(register_read(s, &b, &e), &e);
	CHECK_EQ_INT(b.n, 3);
	CHECK_EQ_INT(b.people, 3);
	CHECK_EQ_INT(b.unsaid, 2);
	CHECK_EQ_INT(b.v[0].due, REGISTER_PAST);
	CHECK_STR(b.v[0].title, "Alain Roux");
	CHECK_STR(b.v[0].purpose, "élu référent");
	CHECK_STR(b.v[0].ground, "public task");
	CHECK_EQ_INT(b.v[1].due, REGISTER_SOON);
	CHECK_EQ_INT(b.v[2].due, REGISTER_UNDATED);
	CHECK_EQ_INT(b.counts[REGISTER_PAST], 1);
	register_done(&b);
}

TEST(any_record_with_a_review_date_is_in_it)
{
	struct register_book b;
	struct err e = ERR_INIT;

	begin();
	CHECK_OK(register_review(s, &meeting, "2027-12-31", &e), &e);
	CHECK_OK(register_read(s, &b, &e), &e);
	CHECK_EQ_INT(b.n, 4);
	CHECK_STR(b.v[3].title, "Convention");
	CHECK_EQ_INT(b.v[3].due, REGISTER_LATER);
	CHECK_EQ_INT(b.people, 3);
	register_done(&b);
	CHECK_OK(register_review(s, &meeting, "", &e), &e); /* it has had one: no longer */
	CHECK_OK(register_read(s, &b, &e), &e);
	CHECK_EQ_INT(b.n, 3);
	register_done(&b);
}

TEST(a_review_is_put_off_and_undone)
{
	struct step_info info;
	struct register_book b;
	struct err e = ERR_INIT;

	begin();
	CHECK_OK(register_review(s, &roux, "2027-11-12", &e), &e);
	CHECK_OK(register_read(s, &b, &e), &e);
	CHECK_EQ_INT(b.counts[REGISTER_PAST], 0);
	register_done(&b);
	CHECK_OK(store_undo(s, &info, &e), &e);
	sync_is(s, &roux, "review", "2026-11-12");
}

static bool holds(const struct buf *b, const char *part)
{
	return strstr(buf_str(b), part) != NULL;
}

TEST(the_dossier_has_all_on_one_and_nothing_else)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	begin();
	sync_set(s, &roux, "purpose", "maire");
	CHECK_OK(register_dossier(s, &roux, DATE_EN, &out, &e), &e);
	CHECK(holds(&out, "Alain Roux"));
	CHECK(holds(&out, "04 99 00 11 01"));
	CHECK(holds(&out, "En froid avec Bonnet")); /* also what is confidential */
	CHECK(holds(&out, "élu référent"));         /* and what was replaced */
	CHECK(holds(&out, "Attendance"));
	CHECK(holds(&out, "demande un report")); /* where a text names them */
	CHECK(!holds(&out, "Jean Bonnet est contre"));
	CHECK(!holds(&out, "Julie Serre"));
	buf_done(&out);
}

TEST(the_folder_has_it_for_people_and_machines)
{
	struct register_export report;
	struct buf text = BUF_INIT, path = BUF_INIT;
	struct err e = ERR_INIT;
	struct id file;

	begin();
	CHECK_OK(io_write_file(check_path("plan.txt"), "un plan", 7, true, &e), &e);
	CHECK_OK(store_file_add(s, &roux, check_path("plan.txt"), &file, &e), &e);
	mkdir(check_path("other"), 0700);
	CHECK_OK(io_write_file(check_path("other/plan.txt"), "un autre", 8, true, &e), &e);
	CHECK_OK(store_file_add(s, &roux, check_path("other/plan.txt"), &file, &e), &e);
	buf_str_add(&path, check_path("held"));
	CHECK_OK(register_export(s, &roux, path.p, DATE_EN, &report, &e), &e);
	CHECK_EQ_INT(report.files, 2);
	CHECK_EQ_INT(report.records, 2);
	CHECK_OK(io_read_file(check_path("held/files/plan.txt"), 100, &text, &e), &e);
	CHECK(holds(&text, "un plan") || holds(&text, "un autre")); /* the other goes by its id too */
	buf_clear(&text);
	CHECK_OK(io_read_file(check_path("held/data.jsonl"), 100000, &text, &e), &e);
	CHECK(holds(&text, "\"confidential\":\"En froid avec Bonnet\""));
	CHECK(holds(&text, "\"kind\":\"attendance\""));
	CHECK_ERR(register_export(s, &roux, path.p, DATE_EN, &report, &e), &e, ERR_EXISTS);
	buf_done(&text);
	buf_done(&path);
}

TEST(the_register_says_what_why_and_until_when)
{
	struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	begin();
	CHECK_OK(register_document(s, DATE_EN, &out, &e), &e);
	CHECK(holds(&out, "Notebook of: Camille"));
	CHECK(holds(&out, "People (3): Name"));
	CHECK(holds(&out, "Meetings (1): "));
	CHECK(holds(&out, "- Alain Roux: élu référent ; public task ; to be reviewed since 12 Nov"));
	CHECK(holds(&out, "- Julie Serre: no purpose ; no legal ground ; no review date"));
	CHECK(!holds(&out, "04 99")); /* the data itself stays */
	buf_done(&out);
	store_close(s);
	s = NULL;
}
