/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui/editor.h"

#include "check.h"
#include "tui/line.h"
#include "tui/menu.h"

static void type_into(struct editor *ed, const char *bytes)
{
	struct input in;
	struct event ev;
	bool changed;

	input_init(&in);
	input_feed(&in, bytes, strlen(bytes));
	while (input_next(&in, false, &ev))
		editor_key(ed, &ev, &changed);
	input_done(&in);
}

static void type_line(struct line *l, const char *bytes)
{
	struct input in;
	struct event ev;
	bool changed;

	input_init(&in);
	input_feed(&in, bytes, strlen(bytes));
	while (input_next(&in, false, &ev))
		line_key(l, &ev, &changed);
	input_done(&in);
}

TEST(a_line_moves_by_clusters_and_words)
{
	struct line l;

	line_init(&l);
	type_line(&l, "re\xcc\x81union du 12");
	CHECK_STR(line_text(&l), "re\xcc\x81union du 12");
	type_line(&l, "\001\033[C\033[C\177"); /* home, right twice: past e and its accent as one */
	CHECK_STR(line_text(&l), "runion du 12");
	type_line(&l, "\005\027\027");
	CHECK_STR(line_text(&l), "runion ");
	type_line(&l, "\033b\013");
	CHECK_STR(line_text(&l), "");
	line_done(&l);
}

TEST(a_line_takes_a_paste_as_one_line)
{
	struct line l;

	line_init(&l);
	type_line(&l, "a\033[200~b\rc\033[31m\033[201~d");
	CHECK_STR(line_text(&l), "ab c\xef\xbf\xbd[31md");
	CHECK(line_undo(&l));
	CHECK(line_undo(&l));
	CHECK_STR(line_text(&l), "a");
	CHECK(line_redo(&l));
	CHECK_STR(line_text(&l), "ab c\xef\xbf\xbd[31m");
	line_done(&l);
}

TEST(undo_goes_all_the_way_back_and_forth)
{
	struct editor ed;
	char after[256];
	int n = 0;

	editor_init(&ed);
	type_into(&ed, "Un deux\rtrois\177\177x\033[A\004\004\033[200~quatre\rcinq\033[201~ six\027\001\013");
	snprintf(after, sizeof after, "%s", editor_text(&ed));
	while (editor_undo(&ed))
		n++;
	CHECK_STR(editor_text(&ed), "");
	CHECK(n > 5);
	while (editor_redo(&ed))
		n--;
	CHECK_EQ_INT(n, 0);
	CHECK_STR(editor_text(&ed), after);
	editor_done(&ed);
}

TEST(random_edits_can_all_be_undone)
{
	static const char *const keys[] = {"a",
					   "é",
					   " ",
					   "\r",
					   "\177",
					   "\033[3~",
					   "\033[A",
					   "\033[B",
					   "\033[C",
					   "\033[D",
					   "\027",
					   "\013",
					   "\033[H",
					   "\033[F",
					   "\033[5~",
					   "\033[6~",
					   "\033[200~p\rq\033[201~",
					   "\033[1;5H",
					   "mot "};
	struct editor ed;

	editor_init(&ed);
	ed.cols = 7;
	ed.rows = 3;
	for (int round = 0; round < 20; round++) {
		struct buf was = BUF_INIT;
		for (int i = 0; i < 300; i++) {
			type_into(&ed, keys[check_random() % (sizeof keys / sizeof *keys)]);
			if (ed.at > ed.text.len)
				CHECK_FAIL("caret at %zu of %zu", ed.at, ed.text.len);
		}
		buf_str_add(&was, editor_text(&ed));
		while (editor_undo(&ed))
			;
		CHECK_STR(editor_text(&ed), "");
		while (editor_redo(&ed))
			;
		CHECK_STR(editor_text(&ed), buf_str(&was));
		buf_done(&was);
	}
	editor_done(&ed);
}

TEST(up_and_down_follow_wrapped_rows)
{
	struct editor ed;

	editor_init(&ed);
	ed.cols = 10;
	editor_set(&ed, "une phrase assez longue\n\nfin");
	type_into(&ed, "\033[1;5H\033[B");
	CHECK_EQ_INT(ed.at, 11); /* after "une phrase ", whose blank hangs past the edge */
	type_into(&ed, "\033[B\033[B\033[B\033[B");
	CHECK_STR(editor_text(&ed) + ed.at, "fin");
	type_into(&ed, "\033[A");
	CHECK_STR(editor_text(&ed) + ed.at, "\nfin");
	editor_done(&ed);
}

TEST(a_megabyte_is_pasted_and_walked)
{
	struct editor ed;
	struct buf b = BUF_INIT;

	editor_init(&ed);
	buf_str_add(&b, "\033[200~");
	for (int i = 0; i < 40000; i++)
		buf_str_add(&b, "Le troupeau passe le gué.\r");
	buf_str_add(&b, "\033[201~");
	type_into(&ed, buf_str(&b));
	CHECK(ed.text.len > 1000000);
	for (int i = 0; i < 1000; i++)
		type_into(&ed, "\033[A");
	CHECK(ed.at < ed.text.len);
	CHECK(editor_undo(&ed));
	CHECK_EQ_INT(ed.text.len, 0);
	editor_done(&ed);
	buf_done(&b);
}

TEST(what_fits_a_palette_best_comes_first)
{
	CHECK(menu_score("annuler", "ann") > menu_score("tout annuler", "ann"));
	CHECK(menu_score("tout annuler", "ann") > menu_score("panne", "ann"));
	CHECK(menu_score("panne", "ann") > menu_score("a n n", "ann"));
	CHECK(menu_score("a n n", "ann") > 0);
	CHECK_EQ_INT(menu_score("autre", "ann"), 0);
}
