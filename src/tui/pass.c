/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pass.h"

#include <string.h>

#include <sodium.h>

#include "arpent/text.h"
#include "draw.h"

bool pass_init(struct pass *p, struct err *e)
{
	memset(p, 0, sizeof *p);
	return secret_alloc(&p->s, PASS_MAX, e);
}

void pass_done(struct pass *p)
{
	secret_free(&p->s);
	p->typed = 0;
}

void pass_clear(struct pass *p)
{
	if (p->s.p)
		sodium_memzero(p->s.p, p->s.cap);
	p->s.len = 0;
	p->typed = 0;
}

static void pass_add(struct pass *p, const char *s, size_t n)
{
	if (p->s.len + n > PASS_MAX)
		return;
	memcpy(p->s.p + p->s.len, s, n);
	p->s.len += n;
	p->s.p[p->s.len] = 0;
}

bool pass_key(struct pass *p, const struct event *ev)
{
	const char *s = (const char *)p->s.p;

	if ((ev->key == INPUT_TEXT || ev->key == INPUT_SPACE) && !ev->mods) {
		pass_add(p, ev->text, strlen(ev->text));
	} else if (ev->key == INPUT_PASTE) {
		pass_add(p, ev->paste, strcspn(ev->paste, "\n"));
	} else if (ev->key == INPUT_BACKSPACE) {
		size_t to = p->s.len ? text_cluster_before(s, p->s.len) : 0;
		sodium_memzero(p->s.p + to, p->s.len - to);
		p->s.len = to;
	} else if (ev->key == INPUT_CTRL && ev->text[0] == 'u') {
		pass_clear(p);
	} else {
		return false;
	}
	p->typed = 0;
	for (size_t at = 0; at < p->s.len; p->typed++)
		at += text_cluster(s + at, p->s.len - at);
	return true;
}

void pass_draw(const struct pass *p, int row, int col, int width, bool focus)
{
	int n = p->typed < width - 1 ? p->typed : width - 1;

	for (int i = 0; i < n; i++)
		draw_text(row, col + i, 1, "*", DRAW_PLAIN);
	if (focus)
		draw_cursor(row, col + n);
}
