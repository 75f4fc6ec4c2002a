/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The screen without memory, ncurses aside: see oom.h.  Whatever is refused while something is noted, the program goes
 * on; what was typed is then a record or a draft, or it was said that memory ran out; and what was there before still
 * is.
 */
#include "oom.h"

#include "cli/cli.h"
#include "tui/mock.h"
#include "tui/term.h"

struct session {
	struct oom_run r;
	struct mock m;
	bool said; /* that memory ran out */
};

static void type(struct session *s, const char *bytes)
{
	struct event ev;

	oom_pause();
	input_feed(&s->m.in, bytes, strlen(bytes));
	while (input_next(&s->m.in, true, &ev)) {
		oom_resume();
		tui_event(&s->m.t, &ev);
		tui_draw(&s->m.t);
		oom_pause();
		s->said = s->said || (s->m.t.message_bad && strstr(buf_str(&s->m.t.message), "memory"));
	}
	oom_resume();
}

static void begin(struct session *s)
{
	const struct term_options o = {.mock = true, .rows = 24, .cols = 80};
	struct store *store = NULL;
	struct err e = ERR_INIT;

	memset(s, 0, sizeof *s);
	oom_begin(&s->r, &(const struct oom_work){"tui", OOM_CLOSED, NULL, NULL});
	REQUIRE(CHECK_OK(oom_open(s->r.path, &store, &e), &e));
	lang_start("en");
	REQUIRE(CHECK_OK(term_start(&o, &e), &e));
	input_init(&s->m.in);
	tui_init(&s->m.t, s->r.path);
	s->m.t.clock = fixture_now;
	s->m.t.cost = VAULT_COST_TEST;
	tui_start(&s->m.t, store);
	tui_draw(&s->m.t);
}

/* How many records there are, and how many records and drafts with the word that was typed. */
static void count(struct session *s, long long *records, long long *typed)
{
	struct store *store = NULL;
	struct err e = ERR_INIT;
	int64_t n = -1, found = -1;

	REQUIRE(CHECK_OK(oom_open(s->r.path, &store, &e), &e));
	CHECK_OK(db_int(store, &n, &e, "SELECT count(*) FROM record", ""), &e);
	CHECK_OK(db_int(store, &found, &e,
			"SELECT (SELECT count(*) FROM record WHERE title LIKE '%armot%') + (SELECT count(*) FROM draft "
			"WHERE CAST(body AS TEXT) LIKE '%armot%' OR title LIKE '%armot%')",
			""),
		 &e);
	CHECK_OK(db_exec(store, "INSERT INTO fts(fts) VALUES('integrity-check')", &e), &e);
	store_close(store);
	*records = n;
	*typed = found;
}

static long play(const char *const *keys, long at, bool on)
{
	struct session s;
	int failures = check_failures;
	long long records, typed;
	long live = oom_live(), n;

	begin(&s);
	oom_arm(at, on);
	for (; *keys; keys++) {
		type(&s, *keys);
		tui_idle(&s.m.t);
		tui_keep(&s.m.t);
	}
	n = oom_disarm();
	CHECK(!s.m.t.quit);
	tui_draw(&s.m.t);
	tui_done(&s.m.t);
	term_stop();
	input_done(&s.m.in);
	count(&s, &records, &typed);
	if (records < 27 || (typed == 0 && !s.said && !on)) /* with no memory at all nothing can be typed or said */
		CHECK_FAIL("%lld records, \"marmot\" %lld times, %s", records, typed, s.said ? "said" : "nothing said");
	oom_end(&s.r);
	if (oom_live() != live)
		CHECK_FAIL("%ld blocks left over, the first is number %ld", oom_live() - live, oom_leaked());
	if (check_failures > failures && at > 0) {
		printf("# replay: OOM_AT=%ld %s\n", at, on ? "OOM_ON=1 " : "");
		oom_where();
	}
	return n;
}

static void try_all(const char *const *keys)
{
	const char *at = getenv("OOM_AT"), *some = getenv("OOM_SAMPLE");
	bool all = getenv("OOM_ALL") != NULL;
	size_t places, n;
	long total;

	oom_template();
	play(keys, 0, false);
	oom_note_places();
	total = play(keys, 0, false);
	const long *first = oom_places(&places);
	n = some ? strtoul(some, NULL, 10) : 2 * OOM_SAMPLE;
	n = all ? (size_t)total : n < places ? n : places;
	if (at)
		play(keys, atol(at), getenv("OOM_ON") != NULL);
	for (size_t i = 0; !at && i < n && check_failures < 10; i++)
		play(keys, all ? (long)i + 1 : first[i * places / n], i % 4 == 3);
	printf("# %ld allocations in %zu places, %zu refused\n", total, places, at ? 1 : n);
}

TEST(quick_note)
{
	try_all((const char *const[]){"a", "marmot seen #alpage", "\r", "j", NULL});
}

TEST(form)
{
	try_all((const char *const[]){"gnotes\r", "n", "marmot seen", "\x13", "\x1b", NULL});
}

TEST(search)
{
	try_all((const char *const[]){"amarmot", "\r", "/", "bergerie", "\r", "\x1b", "\x1b", "j", "?", "\x1b", NULL});
}

TEST(sharing_and_personal_data)
{
	try_all((const char *const[]){"amarmot", "\r", "y", "i", "\x1b", "\x1b", "p", "r", "1 june 2099", "\r", "\x1b",
				      NULL});
}
