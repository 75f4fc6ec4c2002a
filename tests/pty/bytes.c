/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The program on a real pseudo-terminal: what it sends, counted against its budgets, and what no mock shows: signals,
 * resizes, sequences cut in two, other terminals.  Waiting is always for something, with a limit.
 */
#include "../screens/fixture.h"
#include "pty.h"

static char notebook[256];

static void make_notebook(void)
{
	struct secret pass = SECRET_INIT, words = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	struct id id;

	if (notebook[0])
		return;
	CHECK_OK(secret_start(&e), &e);
	snprintf(notebook, sizeof notebook, "%s", check_path("pty.arpent"));
	CHECK_OK(secret_set(&pass, "sapin", 5, &e), &e);
	REQUIRE(CHECK_OK(
	    store_create(notebook, &(struct vault_key){.passphrase = &pass}, &VAULT_COST_TEST, "en", &s, &words, &e),
	    &e));
	store_set_clock(s, fixture_now, NULL);
	CHECK_OK(fixture_fill(s, &e), &e);
	/* RECORDS=100000: the budgets are the same in a notebook of many years (make check-long). */
	const char *many = getenv("RECORDS");
	int records = many ? atoi(many) : 60;
	CHECK_OK(store_step_begin(s, "Sample", &e), &e);
	for (int i = 0; i < records; i++) {
		char text[64];
		snprintf(text, sizeof text, "Remark %02d on the path above the lake", i);
		const struct want w[] = {{.key = "text", .text = text, .is_text = true},
					 {.key = "date", .text = "2026-11-02"}};
		CHECK_OK(store_new(s, "note", w, 2, &id, &e), &e);
	}
	CHECK_OK(store_step_end(s, &e), &e);
	store_close(s);
	secret_free(&pass);
	secret_free(&words);
}

static bool without_inotify; /* for the program about to run */

static bool pty_start(struct pty *p, const char *term, const char *locale, unsigned short rows, unsigned short cols)
{
	make_notebook();
	return pty_run(p, &(struct pty_how){.notebook = notebook,
					    .pass = "sapin",
					    .term = term,
					    .locale = locale,
					    .rows = rows,
					    .cols = cols,
					    .no_inotify = without_inotify});
}

static bool within(const char *what, size_t bytes, size_t budget)
{
	printf("# %s: %zu bytes of %zu\n", what, bytes, budget);
	return bytes <= budget ? true : CHECK_FAIL("%s: %zu bytes, the budget is %zu", what, bytes, budget);
}

static size_t pty_rss_kib(pid_t pid)
{
	char path[64], line[256];
	size_t kib = 0;

	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtoul(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

TEST(budgets_on_the_first_screen)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	within("first screen", p.out.len, 1600);
	within("one row down", pty_after(&p, "j"), 60);
	within("one row down by its arrow", pty_after(&p, ESC "[B"), 60);
	buf_clear(&p.out);
	within("idle", pty_read(&p, 1500), 0);
	size_t kib = pty_rss_kib(p.pid);
	printf("# resident: %zu KiB\n", kib);
#ifndef __SANITIZE_ADDRESS__ /* which has much of its own */
	CHECK(kib > 0 && kib <= 10240);
#endif
	CHECK_EQ_INT(pty_quit(&p), 0);
}

/* Go to the list of notes: the choice narrowed to it, then Enter. */
static void go_to_notes(struct pty *p)
{
	pty_type(p, "gnotes\r");
	CHECK(pty_expect(p, "Remark"));
	pty_read(p, QUIET_MS);
}

TEST(budgets_in_a_list)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 66));
	go_to_notes(&p);
	within("one row down", pty_after(&p, "j"), 60);
	within("15 rows in a burst", pty_after(&p, "jjjjjjjjjjjjjjj"), 150);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(budgets_of_typing)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	go_to_notes(&p);
	pty_after(&p, "n");
	pty_after(&p, "a");
	pty_type(&p, "b");
	within("a letter", pty_read(&p, 100), 20);
	pty_type(&p, "c");
	within("another letter", pty_read(&p, 100), 20);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(budgets_of_notes)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	pty_after(&p, "n\r@Roux @Dupuis\r! Path open to herds");
	pty_type(&p, "x");
	within("a letter of a decision", pty_read(&p, 100), 20);
	pty_after(&p, ESC);
	pty_after(&p, "aCall the mayor friday #grazin");
	pty_type(&p, "g");
	within("a letter noted", pty_read(&p, 100), 20);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(sequences_cut_in_two)
{
	struct pty p;
	struct timespec wait = {0, 40000000};

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	go_to_notes(&p);
	pty_type(&p, ESC);
	nanosleep(&wait, NULL); /* the link's delay is what is tried here */
	pty_after(&p, "[B");
	CHECK(strchr(buf_str(&p.out), '>') != NULL);
	CHECK(!strstr(buf_str(&p.out), "Today"));
	pty_type(&p, ESC "[");
	wait.tv_nsec = 250000000;
	nanosleep(&wait, NULL);
	pty_after(&p, "B");
	CHECK(strchr(buf_str(&p.out), '>') != NULL);
	within("an unknown sequence", pty_after(&p, ESC "[?1;2;3$y" ESC "]11;rgb:0/0/0\a" ESC "P1$r0m" ESC "\\"), 0);
	pty_type(&p, ESC);
	CHECK(pty_expect(&p, "Today"));
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_paste_is_refused_in_a_list)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	pty_after(&p, ESC "[200~dddq\rq" ESC "[201~");
	CHECK(strstr(buf_str(&p.out), "paste") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(an_unknown_terminal)
{
	struct pty p;

	REQUIRE(pty_start(&p, "no-such-terminal", "C.UTF-8", 24, 80));
	CHECK(strstr(buf_str(&p.out), "no-such-terminal") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_locale_that_is_not_there)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "tlh_QO.ISO-8859-1", 24, 80));
	CHECK(strstr(buf_str(&p.out), "é") != NULL);
	CHECK(strstr(buf_str(&p.out), "C.UTF-8") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_storm_of_resizes)
{
	struct pty p;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	buf_clear(&p.out);
	for (int i = 0; i <= 40; i++) {
		struct winsize ws = {.ws_row = (unsigned short)(12 + i % 13), .ws_col = (unsigned short)(40 + i)};
		ioctl(p.fd, TIOCSWINSZ, &ws);
	}
	within("a storm of resizes", pty_read(&p, QUIET_MS), 2 * 1600);
	CHECK(strstr(buf_str(&p.out), "Today") != NULL);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(a_note_from_elsewhere_is_shown_at_once)
{
	struct pty p;
	int64_t start;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	buf_clear(&p.out);
	start = now_ms();
	pty_log(notebook, "Smoke above the pass");
	CHECK(pty_expect(&p, "Smoke above the pass"));
	CHECK(now_ms() - start < 5000);
	CHECK_EQ_INT(pty_quit(&p), 0);
}

TEST(without_inotify_a_note_is_shown_at_the_next_key)
{
	struct pty p;
	bool started;

	without_inotify = true;
	started = pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80);
	without_inotify = false;
	REQUIRE(started);
	buf_clear(&p.out);
	pty_log(notebook, "A bear at the ford");
	within("nothing is polled", pty_read(&p, QUIET_MS), 0);
	pty_type(&p, "j");
	CHECK(pty_expect(&p, "A bear at the ford"));
	CHECK_EQ_INT(pty_quit(&p), 0);
}

static bool each_draft(void *ctx, const char *key, const char *title, int64_t edited_ms)
{
	(void)key, (void)edited_ms;
	*(bool *)ctx = *(bool *)ctx || strstr(title, "Half a wo");
	return true;
}

TEST(a_hang_up_keeps_the_draft)
{
	struct pty p;
	struct secret pass = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;
	bool found = false;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	go_to_notes(&p);
	pty_type(&p, "nHalf a wo");
	CHECK(pty_expect(&p, "o"));
	pty_read(&p, 50);
	close(p.fd); /* the terminal goes: SIGHUP */
	p.fd = -1;
	CHECK_EQ_INT(pty_quit(&p), 0);
	CHECK_OK(secret_set(&pass, "sapin", 5, &e), &e);
	REQUIRE(CHECK_OK(store_open(notebook, &(struct vault_key){.passphrase = &pass}, &s, &e), &e));
	CHECK_OK(store_draft_each(s, each_draft, &found, &e), &e);
	CHECK(found);
	store_close(s);
	secret_free(&pass);
}

TEST(a_lock_closes_the_notebook_and_keeps_the_draft)
{
	struct pty p;
	struct secret pass = SECRET_INIT;
	struct store *s = NULL;
	struct err e = ERR_INIT;

	REQUIRE(pty_start(&p, "xterm-256color", "C.UTF-8", 24, 80));
	pty_type(&p, "aCall the may");
	CHECK(pty_expect(&p, "y"));
	pty_read(&p, 50);
	buf_clear(&p.out);
	kill(p.pid, SIGUSR1); /* as arpent lock does */
	CHECK(pty_expect(&p, "Passphrase"));
	CHECK_OK(secret_set(&pass, "sapin", 5, &e), &e);
	CHECK_OK(store_open(notebook, &(struct vault_key){.passphrase = &pass}, &s, &e), &e);
	store_close(s);
	secret_free(&pass);
	pty_type(&p, "sapon\r");
	CHECK(pty_expect(&p, "damaged"));
	pty_type(&p, "sapin\r");
	CHECK(pty_expect(&p, "Call the may"));
	CHECK_EQ_INT(pty_quit(&p), 0);
}
