/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists: every order, both ways, paged, is the whole sorted. */
#include "check.h"

#include "arpent/minutes.h"
#include "store_fixture.h"

struct page {
	struct id ids[400];
	struct list_key at[400];
	char titles[400][32];
	unsigned flags[400];
	size_t n;
};

static bool page_add(void *ctx, const struct row *row, const struct list_key *at)
{
	struct page *p = ctx;

	p->ids[p->n] = row->id;
	p->at[p->n] = *at;
	p->flags[p->n] = row->flags;
	snprintf(p->titles[p->n], sizeof p->titles[0], "%s", row->title);
	return ++p->n < 400;
}

static void page_all(struct store *s, const struct list_spec *spec, struct page *p)
{
	struct err e = ERR_INIT;

	p->n = 0;
	CHECK_OK(store_list(s, spec, NULL, false, 400, page_add, p, &e), &e);
}

/* Records of two kinds, some days and titles alike, some undated, some in the bin. */
static void fill(struct store *s)
{
	static const char *const words[] = {"loup", "aigle royal", "Éboulis", "zone", "cœur du parc", "estive"};
	struct err e = ERR_INIT;

	CHECK_OK(store_step_begin(s, "Fill", &e), &e);
	for (int i = 0; i < 150; i++) {
		char day[16];
		struct id id;
		bool task = check_random() % 2;
		struct want w[3] = {
		    {.key = task ? "wording" : "text", .text = words[check_random() % 6], .is_text = !task},
		    {.key = task ? "due" : "date", .text = day},
		    {.key = "state", .text = check_random() % 2 ? "done" : "open"}};
		snprintf(day, sizeof day, "2026-11-%02d", (int)(check_random() % 28) + 1);
		if (check_random() % 4 == 0)
			day[0] = '\0';
		CHECK_OK(store_new(s, task ? "task" : "note", w, task ? 3 : 2, &id, &e), &e);
		if (check_random() % 6 == 0)
			CHECK_OK(store_delete(s, &id, &e), &e);
	}
	CHECK_OK(store_step_end(s, &e), &e);
}

static bool same(const struct page *a, const struct page *b)
{
	return a->n == b->n && memcmp(a->ids, b->ids, a->n * sizeof *a->ids) == 0;
}

static void check_paging(struct store *s, const struct list_spec *spec)
{
	static struct page all, got;
	struct list_key key = {.set = false};
	struct err e = ERR_INIT;
	size_t n, step = 1 + check_random() % 9;

	page_all(s, spec, &all);
	CHECK_OK(store_count(s, spec, 1000, &n, &e), &e);
	CHECK_EQ_INT(n, all.n);
	got.n = 0;
	do {
		n = got.n;
		CHECK_OK(store_list(s, spec, &key, false, step, page_add, &got, &e), &e);
		if (got.n > n)
			key = got.at[got.n - 1];
	} while (got.n == n + step);
	CHECK(same(&all, &got));
	key = (struct list_key){.set = false};
	got.n = 0;
	do {
		n = got.n;
		CHECK_OK(store_list(s, spec, &key, true, step, page_add, &got, &e), &e);
		if (got.n > n)
			key = got.at[got.n - 1];
	} while (got.n == n + step);
	CHECK_EQ_INT(got.n, all.n);
	for (size_t i = 0; i < all.n && got.n == all.n; i++)
		if (!CHECK(id_eq(&all.ids[i], &got.ids[all.n - 1 - i])))
			break;
}

TEST(pages_are_the_whole_sorted)
{
	struct store *s = fixture_new("pages.arpent");

	fill(s);
	for (int kind = 0; kind < 2; kind++)
		for (int order = LIST_BY_DAY; order <= LIST_BY_EDITED; order++)
			for (int bin = 0; bin < 2; bin++)
				for (int open = 0; open < 2; open++)
					for (int days = 0; days < 2; days++) {
						struct list_spec spec = {.kind = kind ? "task" : NULL,
									 .order = (enum list_order)order,
									 .bin = bin,
									 .open_only = open,
									 .day_from = days ? "2026-11-05" : NULL,
									 .day_to = days ? "2026-11-20" : NULL};
						check_paging(s, &spec);
					}
	fixture_check_index(s);
	store_close(s);
}

TEST(sorted_as_the_order_says)
{
	static struct page p;
	struct store *s = fixture_new("sorted.arpent");
	struct list_spec by_title = {.order = LIST_BY_TITLE}, by_day = {.kind = "task", .order = LIST_BY_DAY_UP};

	fill(s);
	page_all(s, &by_title, &p);
	CHECK(p.n > 50);
	CHECK_STR(p.titles[0], "aigle royal");
	CHECK_STR(p.titles[p.n - 1], "zone");
	page_all(s, &by_day, &p);
	CHECK_STR(p.at[p.n - 1].sort, DB_UNDATED);
	for (size_t i = 1; i < p.n; i++)
		CHECK(strcmp(p.at[i - 1].sort, p.at[i].sort) <= 0);
	store_close(s);
}

TEST(filters)
{
	static struct page p;
	struct store *s = fixture_new("filter.arpent");
	struct list_spec heart = {.filter = "coeur par"}, none = {.filter = "cœur loup"},
			 kind = {.filter = "loup", .kind = "task"}, bin = {.filter = "ébou", .bin = true},
			 blank = {.filter = " "};

	fill(s);
	page_all(s, &heart, &p);
	CHECK(p.n > 0);
	for (size_t i = 0; i < p.n; i++)
		CHECK_STR(p.titles[i], "cœur du parc");
	check_paging(s, &heart);
	page_all(s, &none, &p);
	CHECK_EQ_INT(p.n, 0);
	check_paging(s, &kind);
	page_all(s, &bin, &p);
	CHECK(p.n > 0);
	for (size_t i = 0; i < p.n; i++)
		CHECK_STR(p.titles[i], "Éboulis");
	check_paging(s, &bin);
	page_all(s, &blank, &p);
	CHECK_EQ_INT(p.n, fixture_int(s, "SELECT count(*) FROM record WHERE bin = 0"));
	store_close(s);
}

TEST(flags_of_a_row)
{
	static struct page p;
	struct store *s = fixture_new("flags.arpent");
	struct want late[] = {{.key = "wording", .text = "a"}, {.key = "due", .text = "2026-01-02"}},
		    done[] = {{.key = "wording", .text = "b"},
			      {.key = "due", .text = "2026-01-02"},
			      {.key = "state", .text = "done"}};
	struct list_spec spec = {.kind = "task", .order = LIST_BY_TITLE};
	struct err e = ERR_INIT;

	CHECK_OK(store_new(s, "task", late, 2, NULL, &e), &e);
	CHECK_OK(store_new(s, "task", done, 3, NULL, &e), &e);
	page_all(s, &spec, &p);
	REQUIRE(p.n == 2);
	CHECK_EQ_INT(p.flags[0], ROW_OPEN | ROW_LATE);
	CHECK_EQ_INT(p.flags[1], ROW_DONE);
	store_close(s);
}

TEST(linked_and_mapped)
{
	static struct page p;
	struct store *s = fixture_new("linked.arpent");
	struct id site = fixture_record(s, "site", "name", "Lac des Bouillouses"), obs;
	char text[ID_TEXT + 1];
	struct want w[] = {{.key = "subject", .text = "Desman"},
			   {.key = "site", .text = text},
			   {.key = "point", .text = "42.56,1.99"}},
		    none = {.key = "site", .text = ""};
	struct list_box in = {42, 1, 43, 2}, out = {40, 1, 41, 2};
	struct list_spec linked = {.linked = &site}, mapped = {.box = &in}, away = {.box = &out};
	struct err e = ERR_INIT;

	id_text(&site, text);
	CHECK_OK(store_new(s, "observation", w, 3, &obs, &e), &e);
	page_all(s, &linked, &p);
	CHECK_EQ_INT(p.n, 1);
	page_all(s, &mapped, &p);
	CHECK_EQ_INT(p.n, 1);
	page_all(s, &away, &p);
	CHECK_EQ_INT(p.n, 0);
	w[0].text = "Desman des Pyrénées"; /* another field: the link and the place stay */
	CHECK_OK(store_edit(s, &obs, w, 1, &e), &e);
	page_all(s, &linked, &p);
	CHECK_EQ_INT(p.n, 1);
	page_all(s, &mapped, &p);
	CHECK_EQ_INT(p.n, 1);
	CHECK_OK(store_edit(s, &obs, &none, 1, &e), &e);
	page_all(s, &linked, &p);
	CHECK_EQ_INT(p.n, 0);
	CHECK_OK(store_delete(s, &obs, &e), &e);
	page_all(s, &mapped, &p);
	CHECK_EQ_INT(p.n, 0);
	store_close(s);
}

TEST(counts_are_capped)
{
	struct store *s = fixture_new("cap.arpent");
	struct list_spec all = {.kind = NULL}, open = {.kind = "task", .open_only = true};
	struct err e = ERR_INIT;
	size_t n;

	fill(s);
	CHECK_OK(store_count(s, &all, 10, &n, &e), &e);
	CHECK_EQ_INT(n, 11);
	CHECK_OK(store_count(s, &open, 3, &n, &e), &e);
	CHECK_EQ_INT(n, 4);
	store_close(s);
}

TEST(resolving)
{
	struct store *s = fixture_new("resolve.arpent");
	struct id jean = fixture_person(s, "Jean Bonnet"), anne = fixture_person(s, "Anne Bonnet"), got;
	struct id site = fixture_record(s, "site", "name", "Col de Bonnet");
	char text[ID_TEXT + 1], shortest[ID_TEXT + 1];
	struct err e = ERR_INIT;

	id_text(&jean, text);
	CHECK_OK(store_resolve(s, text, NULL, &got, &e), &e);
	CHECK(id_eq(&got, &jean));
	CHECK(store_short_id(s, &jean, shortest));
	CHECK(strlen(shortest) >= ID_SHORT);
	CHECK_OK(store_resolve(s, shortest, "person", &got, &e), &e);
	CHECK(id_eq(&got, &jean));
	CHECK_OK(store_resolve(s, "anne b", "person", &got, &e), &e);
	CHECK(id_eq(&got, &anne));
	CHECK_ERR(store_resolve(s, "bonnet", "person", &got, &e), &e, ERR_AMBIGUOUS);
	CHECK(strstr(e.detail, "Jean Bonnet") && strstr(e.detail, "Anne Bonnet"));
	CHECK_OK(store_resolve(s, "col bonnet", NULL, &got, &e), &e);
	CHECK(id_eq(&got, &site));
	CHECK_ERR(store_resolve(s, "dupont", "person", &got, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_resolve(s, "dupont", NULL, &got, &e), &e, ERR_NOT_FOUND);
	CHECK_ERR(store_resolve(s, "", NULL, &got, &e), &e, ERR_NOT_FOUND);
	store_close(s);
}

TEST(names_follow_writes)
{
	struct store *s = fixture_new("names.arpent");
	struct id jean = fixture_person(s, "Jean Bonnet");
	char text[ID_TEXT + 1];
	struct want w[] = {
	    {.key = "person", .text = text}, {.key = "function", .text = "maire"}, {.key = "to", .text = ""}};
	const struct named *names;
	struct err e = ERR_INIT;
	struct id mandate;
	size_t n;

	CHECK_OK(store_names(s, "person", &names, &n, &e), &e);
	REQUIRE(n == 1);
	CHECK_STR(names[0].name, "Jean Bonnet");
	CHECK_STR(names[0].detail, "");
	CHECK_STR(names[0].fold, "jean bonnet");
	id_text(&jean, text);
	CHECK_OK(store_new(s, "mandate", w, 3, &mandate, &e), &e);
	CHECK_OK(store_names(s, "person", &names, &n, &e), &e);
	REQUIRE(n == 1);
	CHECK_STR(names[0].detail, "maire");
	w[2].text = "2020-01-01"; /* over */
	CHECK_OK(store_edit(s, &mandate, w, 3, &e), &e);
	CHECK_OK(store_names(s, "person", &names, &n, &e), &e);
	REQUIRE(n == 1);
	CHECK_STR(names[0].detail, "");
	CHECK_OK(store_delete(s, &jean, &e), &e);
	CHECK_OK(store_names(s, "person", &names, &n, &e), &e);
	CHECK_EQ_INT(n, 0);
	store_close(s);
}
