/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/meeting.h"

#include "check.h"

static void fixed_now(void *ctx, struct moment *out)
{
	(void)ctx;
	*out = (struct moment){{2026, 11, 16}, true, 14, 0, 0, true, 60};
}

static struct store *open_store(void)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass};
	struct store *s = NULL;
	struct err e = ERR_INIT;
	char path[512];

	snprintf(path, sizeof path, "%s/n.arpent", check_dir());
	unlink(path);
	REQUIRE(secret_start(&e));
	REQUIRE(secret_set(&pass, "p", 1, &e));
	if (!store_create(path, &key, &VAULT_COST_TEST, "fr", &s, &words, &e)) {
		check_fail(__FILE__, __LINE__, "store_create: %s %s %s", err_name(e.code), e.where, e.detail);
		longjmp(check_leave, 1);
	}
	store_set_clock(s, fixed_now, NULL);
	secret_free(&pass);
	secret_free(&words);
	return s;
}

static struct id person(struct store *s, const char *name, const char *function)
{
	const struct want wants[] = {want_line("name", name), want_line("function", function)};
	struct err e = ERR_INIT;
	struct id id;

	CHECK(store_new(s, "person", wants, 2, &id, &e));
	return id;
}

struct counted {
	const char *kind;
	size_t n;
	struct id last;
};

static bool count_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct counted *c = ctx;

	(void)at;
	if (strcmp(row->kind, c->kind) == 0) {
		c->n++;
		c->last = row->id;
	}
	return true;
}

static struct counted linked(struct store *s, const struct id *to, const char *kind)
{
	struct counted c = {.kind = kind};
	struct list_spec spec = {.order = LIST_BY_EDITED, .linked = to};
	struct list_key key = {0};
	struct err e = ERR_INIT;

	CHECK(store_list(s, &spec, &key, false, 1000, count_row, &c, &e));
	return c;
}

static char *field(struct store *s, const struct id *id, const char *key)
{
	struct record r;
	struct err e = ERR_INIT;
	char *text;

	record_init(&r);
	CHECK(store_get(s, id, &r, &e));
	text = str_dup(record_get(&r, key));
	record_done(&r);
	return text;
}

static char *text_of(struct store *s, const struct id *id)
{
	struct record r;
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	record_init(&r);
	CHECK(store_get(s, id, &r, &e));
	CHECK(meeting_text(s, &r, &b, &e));
	record_done(&r);
	return b.len ? buf_steal(&b) : str_dup("");
}

#define CHECK_FIELD(s, id, key, want) \
	do { \
		char *got_ = field(s, id, key); \
		CHECK_STR(got_, want); \
		free(got_); \
	} while (0)

static const char notes[] = "@Roux @Dupuis -@Duval\n"
			    "M. Bonnet demande un report.\n"
			    "! Report accepté jusqu'au 15 juin (7 pour 1 ctr)\n"
			    "> Roux rédiger l'avenant 30 nov #bail\n"
			    "> moi poser deux panneaux 15 déc\n"
			    "? qui paie #financement ^Bergerie Haute\n";

static struct id save_notes(struct store *s, const char *text, struct id id)
{
	struct err e = ERR_INIT;

	if (!meeting_save(s, &id, text, NULL, 0, NULL, NULL, &e))
		check_fail(__FILE__, __LINE__, "meeting_save: %s %s %s", err_name(e.code), e.where, e.detail);
	return id;
}

static struct id save_first(struct store *s)
{
	struct id none;

	memset(&none, 0, sizeof none);
	person(s, "Alain Roux", "maire");
	person(s, "Claire Dupuis", "");
	person(s, "Marc Duval", "ONF");
	return save_notes(s, notes, none);
}

TEST(notes_become_records)
{
	struct store *s = open_store();
	struct id id = save_first(s);
	struct counted task = linked(s, &id, "task"), decision = linked(s, &id, "decision");

	CHECK_EQ_INT(task.n, 2);
	CHECK_EQ_INT(decision.n, 1);
	CHECK_EQ_INT(linked(s, &id, "attendance").n, 3);
	CHECK_FIELD(s, &decision.last, "wording", "Report accepté jusqu'au 15 juin");
	CHECK_FIELD(s, &decision.last, "vote", "7/1");
	char *site = field(s, &id, "site");
	CHECK(site[0] != '\0');
	free(site);
	store_close(s);
}

TEST(the_notes_read_back_as_typed)
{
	struct store *s = open_store();
	struct id id = save_first(s);
	char *text = text_of(s, &id);

	CHECK(strstr(text, "! Report accepté jusqu'au 15 juin (7") != NULL);
	CHECK(strstr(text, "> Roux rédiger l'avenant 30 Nov #bail\n") != NULL);
	CHECK(strstr(text, " poser deux panneaux 15") != NULL);
	CHECK(strstr(text, "? qui paie #financement ^Bergerie Haute\n") != NULL);
	/* Saving what was read changes nothing. */
	save_notes(s, text, id);
	char *again = text_of(s, &id);
	CHECK_STR(again, text);
	CHECK_EQ_INT(linked(s, &id, "task").n, 2);
	CHECK_EQ_INT(linked(s, &id, "decision").n, 1);
	free(text);
	free(again);
	store_close(s);
}

TEST(a_decision_changed_in_both_places_stays_one)
{
	struct store *s = open_store();
	struct id id = save_first(s);
	struct id decision = linked(s, &id, "decision").last;
	struct err e = ERR_INIT;
	const struct want wants[] = {want_line("wording", "Report accepté jusqu'au 30 juin"),
				     want_line("state", "done")};

	CHECK(store_edit(s, &decision, wants, 2, &e));
	char *text = text_of(s, &id);
	CHECK(strstr(text, "! Report accepté jusqu'au 30 juin (7") != NULL);
	/* And then in the notes. */
	char *at = strstr(text, "accepté");
	memcpy(at, "refusé! ", 8);
	save_notes(s, text, id);
	CHECK_EQ_INT(linked(s, &id, "decision").n, 1);
	struct counted after = linked(s, &id, "decision");
	CHECK(id_eq(&after.last, &decision));
	CHECK_FIELD(s, &decision, "state", "done");
	free(text);
	store_close(s);
}

TEST(a_line_taken_out_bins_its_record_and_undo_brings_it_back)
{
	struct store *s = open_store();
	struct id id = save_first(s);
	struct step_info info;
	struct err e = ERR_INIT;

	save_notes(s, "@Roux\n! Report accepté jusqu'au 15 juin (7 pour 1 ctr)\n", id);
	CHECK_EQ_INT(linked(s, &id, "task").n, 0);
	CHECK_EQ_INT(linked(s, &id, "decision").n, 1);
	CHECK_EQ_INT(linked(s, &id, "attendance").n, 1);
	CHECK(store_undo(s, &info, &e));
	CHECK_EQ_INT(linked(s, &id, "task").n, 2);
	CHECK_EQ_INT(linked(s, &id, "attendance").n, 3);
	store_close(s);
}

TEST(ambiguous_names_are_asked_for)
{
	struct store *s = open_store();
	struct id none;
	struct err e = ERR_INIT;

	memset(&none, 0, sizeof none);
	person(s, "Jean Bonnet", "éleveur");
	person(s, "Jeanne Bonnet", "élue");
	CHECK(!meeting_save(s, &none, "@Bonnet\n", NULL, 0, NULL, NULL, &e));
	CHECK_EQ_INT(e.code, ERR_AMBIGUOUS);
	CHECK(id_is_zero(&none));
	store_close(s);
}

static bool ask_second(void *ctx, const struct minutes_item *item, const struct match *fits, size_t n,
		       struct id *chosen)
{
	const struct named *names;
	size_t count;
	struct err e = ERR_INIT;

	(void)item;
	CHECK_EQ_INT(n, 2);
	CHECK(store_names(ctx, "person", &names, &count, &e));
	*chosen = names[fits[1].index].id;
	return true;
}

TEST(an_answer_is_kept_in_the_notes)
{
	struct store *s = open_store();
	struct id id;
	struct err e = ERR_INIT;

	memset(&id, 0, sizeof id);
	person(s, "Jean Bonnet", "éleveur");
	person(s, "Jeanne Bonnet", "élue");
	CHECK(meeting_save(s, &id, "@Bonnet et la suite\n", NULL, 0, ask_second, s, &e));
	char *text = text_of(s, &id);
	CHECK(strncmp(text, "@Jean", 5) == 0);
	CHECK(strchr(text, '[') == NULL);
	save_notes(s, text, id);
	CHECK_EQ_INT(linked(s, &id, "attendance").n, 1);
	free(text);
	store_close(s);
}

TEST(a_day_that_is_past_is_written_with_its_year)
{
	struct store *s = open_store();
	struct id id = save_first(s);
	struct id task = linked(s, &id, "task").last;
	const struct want due = want_line("due", "2026-11-02");
	struct err e = ERR_INIT;

	CHECK(store_edit(s, &task, &due, 1, &e));
	char *text = text_of(s, &id);
	CHECK(strstr(text, " 02 Nov 2026") != NULL);
	save_notes(s, text, id);
	CHECK_FIELD(s, &task, "due", "2026-11-02");
	free(text);
	store_close(s);
}

TEST(quick_capture_is_saved)
{
	struct store *s = open_store();
	struct minutes_names known = {0};
	struct moment now;
	struct quick q;
	struct id id;
	struct err e = ERR_INIT;

	store_now(s, &now);
	CHECK(quick_read("appeler la bergerie ven 10h @Jean Bonnet #pastoralisme", NULL, &known, &now, &q, &e));
	CHECK(quick_save(s, &q, NULL, NULL, &id, &e));
	CHECK_FIELD(s, &id, "wording", "appeler la bergerie");
	CHECK_FIELD(s, &id, "due", "2026-11-20T10:00");
	quick_done(&q);
	store_close(s);
}
