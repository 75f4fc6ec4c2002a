/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "round.h"
#include "term.h"

static void mock_feed(struct mock *m, const struct buf *bytes, bool waited)
{
	struct event ev;

	if (bytes)
		input_feed(&m->in, buf_str(bytes), bytes->len);
	while (input_next(&m->in, waited, &ev)) {
		tui_event(&m->t, &ev);
		if (round_due(&m->t))
			round_run(&m->t);
	}
}

static bool mock_keys(struct mock *m, char *names, struct err *e)
{
	char *save = NULL;

	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		struct buf bytes = BUF_INIT;
		bool ok = keys_bytes(name, &bytes);
		if (ok) {
			mock_feed(m, &bytes, false);
			mock_feed(m, NULL, true);
		}
		buf_done(&bytes);
		if (!ok)
			return err_set(e, ERR_INPUT, "mock_keys", "%s", name);
	}
	return true;
}

/* "\n" and "\e" are what they are in C. */
static void mock_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\' && (s[1] == 'n' || s[1] == 'e')) {
			buf_char(out, s[1] == 'n' ? '\n' : '\033');
			s++;
		} else {
			buf_char(out, *s);
		}
	}
}

static void mock_text(struct mock *m, const char *s, bool paste)
{
	struct buf bytes = BUF_INIT;

	buf_str_add(&bytes, paste ? "\033[200~" : "");
	mock_escaped(&bytes, s);
	buf_str_add(&bytes, paste ? "\033[201~" : "");
	mock_feed(m, &bytes, false);
	buf_done(&bytes);
}

static void mock_idle(struct tui *t)
{
	tui_draw(t);
	tui_idle(t);
	while (t->scanning)
		tui_scan(t);
	tui_keep(t);
}

/* Types the key in the middle of what is under way. */
static bool mock_pump(void *ctx)
{
	struct mock *m = ctx;
	struct buf bytes = BUF_INIT;

	if (m->during > 0 && --m->during == 0 && keys_bytes(m->key, &bytes)) {
		mock_feed(m, &bytes, false);
		mock_feed(m, NULL, true);
	}
	buf_done(&bytes);
	return true;
}

bool mock_order(struct mock *m, const char *line, struct buf *out, struct err *e)
{
	char *copy = str_dup(line), *rest = copy ? copy + strcspn(copy, " ") : NULL;
	int cols, rows;
	bool ok = true;

	if (!copy)
		return err_nomem(e, "mock_order");
	if (*rest)
		*rest++ = '\0';
	if (*copy == '\0' || *copy == '#')
		ok = true;
	else if (strcmp(copy, "keys") == 0)
		ok = mock_keys(m, rest, e);
	else if (strcmp(copy, "type") == 0 || strcmp(copy, "bytes") == 0)
		mock_text(m, rest, false);
	else if (strcmp(copy, "paste") == 0)
		mock_text(m, rest, true);
	else if (strcmp(copy, "wait") == 0)
		mock_feed(m, NULL, true);
	else if (strcmp(copy, "idle") == 0)
		mock_idle(&m->t);
	else if (strcmp(copy, "during") == 0 && sscanf(rest, "%d %15s", &m->during, m->key) == 2) {
		m->t.pump = mock_pump;
		m->t.pump_ctx = m;
	} else if (strcmp(copy, "size") == 0 && sscanf(rest, "%dx%d", &cols, &rows) == 2)
		term_set_size(rows, cols);
	else if (strcmp(copy, "dump") == 0) {
		tui_draw(&m->t);
		buf_printf(out, "== %s, %s\n", rest, m->label);
		draw_dump(out);
	} else
		ok = err_set(e, ERR_INPUT, "mock_order", "%s", line);
	free(copy);
	return ok;
}
