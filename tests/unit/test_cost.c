/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page of a list, a search and a save cost, in pages of the file: as much after many records as after few. */
#include "check.h"

#include "store_fixture.h"

#define COST_FEW 1000
#define COST_MANY 20000
#define COST_TIMES 48
#define COST_ROWS 40
#define COST_SHOWN 20

struct cost {
	int asked;   /* for a page of the database, */
	int opened;  /* of which from the file, with nothing in memory at first; */
	int written; /* to the log */
};

static int cost_status(struct store *s, int what)
{
	int now = 0, high;

	sqlite3_db_status(s->db, what, &now, &high, 0);
	return now;
}

/* What was counted since `since`, of so many times. */
static struct cost cost_since(struct store *s, const struct cost *since, int times)
{
	int opened = cost_status(s, SQLITE_DBSTATUS_CACHE_MISS);
	struct cost c = {opened + cost_status(s, SQLITE_DBSTATUS_CACHE_HIT) - since->asked, opened - since->opened,
			 cost_status(s, SQLITE_DBSTATUS_CACHE_WRITE) - since->written};

	return (struct cost){(c.asked + times - 1) / times, (c.opened + times - 1) / times,
			     (c.written + times - 1) / times};
}

static struct cost cost_now(struct store *s)
{
	static const struct cost none = {0};

	return cost_since(s, &none, 1);
}

/* Records of every day, as they come in a notebook; "chouette" is in as many of any number. */
static void fill(struct store *s, int n)
{
	struct err e = ERR_INIT;

	CHECK_OK(store_step_begin(s, "Fill", &e), &e);
	for (int i = 0; i < n; i++) {
		char text[96], day[16];
		const bool task = i % 4 == 0;
		const struct want w[] = {{.key = task ? "wording" : "text", .text = text, .is_text = !task},
					 {.key = task ? "due" : "date", .text = day},
					 {.key = "state", .text = i % 8 ? "done" : "open"}};
		snprintf(text, sizeof text, "Troupeau du lieudit%d et %s", i, i % (n / 40) ? "loup" : "chouette");
		snprintf(day, sizeof day, "20%02d-%02d-%02d", 10 + i * 16 / n, 1 + i % 12, 1 + i % 28);
		CHECK_OK(store_new(s, task ? "task" : "note", w, task ? 3 : 2, NULL, &e), &e);
	}
	CHECK_OK(store_step_end(s, &e), &e);
}

struct shown_rows {
	struct list_key at;
	struct id id;
	size_t n;
};

static bool seen_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct shown_rows *p = ctx;

	p->at = *at;
	p->id = row->id;
	p->n++;
	return true;
}

static bool seen_hit(void *ctx, const struct hit *hit)
{
	struct shown_rows *p = ctx;

	p->id = hit->row.id;
	p->n++;
	return true;
}

/* A page from the middle, with nothing in memory. */
static struct cost cost_list(struct store *s, const struct list_spec *spec)
{
	struct shown_rows p = {.n = 0};
	struct err e = ERR_INIT;
	struct cost since;

	CHECK_OK(store_list(s, spec, NULL, false, COST_ROWS, seen_row, &p, &e), &e);
	sqlite3_db_release_memory(s->db);
	since = cost_now(s);
	CHECK_OK(store_list(s, spec, &p.at, false, COST_ROWS, seen_row, &p, &e), &e);
	CHECK_EQ_INT(p.n, 2 * COST_ROWS);
	return cost_since(s, &since, 1);
}

static struct cost cost_find(struct store *s, const char *query)
{
	struct shown_rows p = {.n = 0};
	struct err e = ERR_INIT;
	struct cost since;

	sqlite3_db_release_memory(s->db);
	since = cost_now(s);
	CHECK_OK(store_find(s, query, COST_SHOWN, seen_hit, &p, NULL, &e), &e);
	CHECK_EQ_INT(p.n, COST_SHOWN);
	return cost_since(s, &since, 1);
}

/* With the tidying that saves leave behind, and that each brings a little further. */
static struct cost cost_save(struct store *s, const struct id *id)
{
	const struct cost since = cost_now(s);
	struct err e = ERR_INIT;

	for (int i = 0; i < COST_TIMES; i++) {
		char text[64];
		struct want w = {.key = "text", .text = text, .is_text = true};
		snprintf(text, sizeof text, "Comptage %d au captage", i);
		if (id)
			CHECK_OK(store_edit(s, id, &w, 1, &e), &e);
		else
			CHECK_OK(store_new(s, "note", &w, 1, NULL, &e), &e);
		while (store_untidy(s))
			CHECK_OK(store_tidy(s, &e), &e);
	}
	return cost_since(s, &since, COST_TIMES);
}

/* A row or a hit may be a level deeper in its tree, and its page one of its own; what is written stays the same. */
static void cost_compare(const char *what, const struct cost *few, const struct cost *many)
{
	printf("# %s: pages asked for %d, %d; opened %d, %d; written %d, %d\n", what, few->asked, many->asked,
	       few->opened, many->opened, few->written, many->written);
	if (many->asked > few->asked * 2 + 8 || many->opened > few->opened + COST_ROWS ||
	    many->written > few->written * 3 / 2)
		CHECK_FAIL("%s costs more in a large notebook", what);
}

struct costs {
	struct cost days, titles, edited, open, word, rare, new, edit;
};

static void measure(const char *name, int n, struct costs *out)
{
	struct store *s = fixture_new(name);
	struct id id;

	fill(s, n);
	out->days = cost_list(s, &(struct list_spec){.kind = "note", .order = LIST_BY_DAY});
	out->titles = cost_list(s, &(struct list_spec){.kind = "note", .order = LIST_BY_TITLE});
	out->edited = cost_list(s, &(struct list_spec){.order = LIST_BY_EDITED});
	out->open = cost_list(s, &(struct list_spec){.kind = "task", .order = LIST_BY_DAY_UP, .open_only = true});
	out->word = cost_find(s, "loup");
	out->rare = cost_find(s, "chouette");
	(void)cost_save(s, NULL); /* merges what the filling left of the full-text index */
	out->new = cost_save(s, NULL);
	id = fixture_record(s, "note", "text", "Comptage");
	out->edit = cost_save(s, &id);
	store_close(s);
}

TEST(a_page_a_search_and_a_save_cost_as_much_after_many_records)
{
	struct costs few, many;

	measure("few", COST_FEW, &few);
	measure("many", COST_MANY, &many);
	cost_compare("a list by day", &few.days, &many.days);
	cost_compare("a list by title", &few.titles, &many.titles);
	cost_compare("a list by edit", &few.edited, &many.edited);
	cost_compare("a list of what is open", &few.open, &many.open);
	cost_compare("a common word", &few.word, &many.word);
	cost_compare("a rare word", &few.rare, &many.rare);
	cost_compare("a new note", &few.new, &many.new);
	cost_compare("an edit", &few.edit, &many.edit);
}

TEST(an_edit_costs_as_much_after_many_of_the_same_record)
{
	struct store *s = fixture_new("edits");
	struct id id = fixture_record(s, "note", "text", "Comptage");
	struct cost first = cost_save(s, &id), last = first;

	for (int i = 0; i < 10; i++)
		last = cost_save(s, &id);
	cost_compare("an edit", &first, &last);
	store_close(s);
}
