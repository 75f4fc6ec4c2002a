/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui/input.h"

#include "check.h"
#include "tui/keys.h"

/* The names of the events that some bytes give, blanks between; `waited` at the end as if nothing came for a while. */
static const char *names(const char *bytes, size_t n, size_t piece)
{
	static struct buf out;
	struct input in;
	struct event ev;

	buf_clear(&out);
	input_init(&in);
	for (size_t at = 0; at < n; at += piece) {
		input_feed(&in, bytes + at, n - at < piece ? n - at : piece);
		while (input_next(&in, false, &ev)) {
			if (out.len)
				buf_char(&out, ' ');
			if (ev.key == INPUT_PASTE)
				buf_printf(&out, "paste(%.*s)", (int)ev.n, ev.paste);
			else
				keys_name(&ev, &out);
		}
	}
	while (input_pending(&in) && input_next(&in, true, &ev)) {
		if (out.len)
			buf_char(&out, ' ');
		keys_name(&ev, &out);
	}
	input_done(&in);
	return buf_str(&out);
}

static const struct {
	const char *bytes, *names;
} samples[] = {
    {"aé€🦅 b", "a é € 🦅 Space b"},
    {"\033[A\033[B\033OC\033OD", "Up Down Right Left"},
    {"\033[H\033[F\033[1~\033[4~\033[7~\033[8~", "Home End Home End Home End"},
    {"\033[5~\033[6~\033[2~\033[3~", "PgUp PgDn Insert Delete"},
    {"\033[1;5C\033[1;2A\033[1;3D\033[3;5~", "C-Right S-Up M-Left C-Delete"},
    {"\033[Z\t\r\n", "Backtab Tab Enter Enter"},
    {"\177\010", "Backspace Backspace"},
    {"\001\023\032", "^A ^S ^Z"},
    {"\033b\033\177", "M-b M-Backspace"},
    {"\033OP\033[[A\033[11~", "F1 F1 F1"},
    {"\033[27;5;115~\033[115;5u\033[13u", "^S ^S Enter"},
    {"\033", "Esc"},
    {"\033[200~a\033[Bq\rx\033[201~z", "paste(a\xef\xbf\xbd[Bq\nx) z"},
    {"\033[200~\033[201~", "paste()"},
    /* answers of a terminal, a mouse, unknown keys */
    {"\033[?62;1;2cq", "q"},
    {"\033]11;rgb:0000/1111/2222\033\\q", "q"},
    {"\033]0;title\aq", "q"},
    {"\033P1$r0m\033\\q", "q"},
    {"\033[<0;10;10Mq", "q"},
    {"\033[M   q", "q"},
    {"\033[99~q", "q"},
    {"\033[1;5Iq", "q"},
    /* bad UTF-8 and what is no text */
    {"a\xff\xc3(\xc2\x9b"
     "b",
     "a ( b"},
};

TEST(samples)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		CHECK_STR(names(samples[i].bytes, strlen(samples[i].bytes), 4096), samples[i].names);
}

TEST(samples_cut_anywhere)
{
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		for (size_t piece = 1; piece < 5; piece++)
			CHECK_STR(names(samples[i].bytes, strlen(samples[i].bytes), piece), samples[i].names);
}

TEST(a_long_string_is_swallowed_whole)
{
	struct buf b = BUF_INIT;

	buf_str_add(&b, "\033]52;c;");
	buf_fill(&b, 'A', 5000);
	buf_str_add(&b, "\033\\q");
	CHECK_STR(names(b.p, b.len, 4096), "q");
	CHECK_STR(names(b.p, b.len, 7), "q");
	buf_done(&b);
}

TEST(a_paste_is_limited)
{
	struct input in;
	struct event ev = {.key = INPUT_NONE};
	struct buf b = BUF_INIT;

	input_init(&in);
	buf_fill(&b, 'x', INPUT_PASTE_MAX + 1000);
	input_feed(&in, "\033[200~", 6);
	input_feed(&in, b.p, b.len);
	input_feed(&in, "\033[201~", 6);
	CHECK(input_next(&in, false, &ev));
	CHECK_EQ_INT(ev.key, INPUT_PASTE);
	CHECK_EQ_INT(ev.n, INPUT_PASTE_MAX);
	input_done(&in);
	buf_done(&b);
}

/* An action must not need Shift, which differs between AZERTY and QWERTY. */
static bool plain_key(const char *key)
{
	size_t n = strlen(key);

	if (n == 1)
		return (*key >= 'a' && *key <= 'z') || *key == ';';
	return (key[0] == '^' && n == 2) || n > 2 || strcmp(key, "F1") == 0;
}

TEST(every_action_has_a_key_without_shift)
{
	for (int a = 1; a < DO_COUNT; a++) {
		char *keys = str_dup(action_info((enum action)a)->keys), *save = NULL;
		bool plain = !*keys; /* only in the palette */
		for (char *k = strtok_r(keys, " ", &save); k; k = strtok_r(NULL, " ", &save)) {
			struct buf bytes = BUF_INIT;
			plain = plain || plain_key(k);
			if (!keys_bytes(k, &bytes))
				CHECK_FAIL("no such key: %s", k);
			CHECK_STR(names(buf_str(&bytes), bytes.len, 16), k);
			buf_done(&bytes);
		}
		if (!plain)
			CHECK_FAIL("%s", action_info((enum action)a)->does);
		free(keys);
	}
}

TEST(no_key_means_two_things)
{
	for (int a = 1; a < DO_COUNT; a++) {
		for (int b = a + 1; b < DO_COUNT; b++) {
			const struct action_info *x = action_info((enum action)a), *y = action_info((enum action)b);
			char *keys = str_dup(x->keys), *save = NULL;
			for (char *k = strtok_r(keys, " ", &save); k && (x->where & y->where);
			     k = strtok_r(NULL, " ", &save)) {
				const char *at = strstr(y->keys, k);
				size_t n = strlen(k);
				if (at && (at == y->keys || at[-1] == ' ') && (at[n] == 0 || at[n] == ' '))
					CHECK_FAIL("%s: \"%s\" and \"%s\"", k, x->does, y->does);
			}
			free(keys);
		}
	}
}
