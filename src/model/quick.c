/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/minutes.h"

#include <stdlib.h>
#include <string.h>

#include "minutes-line.h"

static const char *quick_kind(char mark, bool has_when)
{
	if (mark == '!')
		return "decision";
	if (mark == '>')
		return "task";
	return has_when && mark == '\0' ? "task" : "note";
}

bool quick_read(const char *typed, const char *kind, const struct minutes_names *known, const struct moment *now,
		struct quick *out, struct err *e)
{
	struct buf text = BUF_INIT;
	unsigned long lost = err_lost();
	char mark = '\0';

	memset(out, 0, sizeof *out);
	typed += strspn(typed, " \t\n");
	if (typed[0] != '\0' && strchr("!>?", typed[0]) != NULL) {
		mark = typed[0];
		typed += 1 + strspn(typed + 1, " \t");
	}
	size_t first = strcspn(typed, "\n");
	bool ok = true;
	for (const char *p = typed; ok && *p != '\0';) {
		size_t n = strcspn(p, "\n");
		ok = minutes_marks(p, n, (size_t)(p - typed), 0, true, known, &out->items);
		p += n + (p[n] == '\n');
	}
	/* A note of several lines is kept as it was typed; the first line alone may hold a date. */
	minutes_wording(typed, first, known, false, &text);
	if (!text.oom)
		out->has_when = minutes_take_date(&text, now, &out->when);
	out->kind = kind ? kind : quick_kind(mark, out->has_when);
	if (strcmp(out->kind, "note") == 0) {
		buf_clear(&text);
		minutes_wording(typed, first, known, true, &text);
		out->has_when = false;
	}
	if (typed[first] != '\0')
		buf_str_add(&text, typed + first);
	out->text = buf_steal(&text);
	if (!ok || out->text == NULL || err_lost() != lost) {
		quick_done(out);
		return err_nomem(e, "quick_read");
	}
	return true;
}

void quick_done(struct quick *q)
{
	free(q->text);
	q->text = NULL;
	minutes_done(&q->items);
}
