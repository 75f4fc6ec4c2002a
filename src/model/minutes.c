/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/minutes.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "minutes-line.h"

char minutes_mark(enum minutes_type type)
{
	static const char marks[] = "@-!>?#^";

	return marks[type];
}

struct minutes_item *minutes_add(struct minutes *m, const struct minutes_item *item)
{
	/* Grows by doubling: a power of two is full. */
	if ((m->n & (m->n - 1)) == 0) {
		size_t cap = m->n ? 2 * m->n : 1;
		struct minutes_item *items = realloc(m->items, cap * sizeof *items);
		if (items == NULL)
			return NULL;
		m->items = items;
	}
	m->items[m->n] = *item;
	return &m->items[m->n++];
}

static void item_done(struct minutes_item *item)
{
	free(item->text);
	free(item->owner);
}

void minutes_done(struct minutes *m)
{
	for (size_t i = 0; i < m->n; i++)
		item_done(&m->items[i]);
	free(m->items);
	m->items = NULL;
	m->n = 0;
}

size_t minutes_ref_length(const char *s, size_t n)
{
	if (n < 11 || (s[0] != '!' && s[0] != '>') || s[1] != '{' || s[10] != '}')
		return 0;
	for (size_t i = 2; i < 10; i++) {
		if (strchr("0123456789abcdefABCDEF", s[i]) == NULL || s[i] == '\0')
			return 0;
	}
	return 11;
}

bool minutes_read(const char *notes, const struct minutes_names *known, const struct moment *now, struct minutes *out,
		  struct err *e)
{
	unsigned long lost = err_lost();
	size_t line = 0;

	out->items = NULL;
	out->n = 0;
	for (const char *p = notes; *p != '\0'; line++) {
		size_t n = strcspn(p, "\n");
		if (!minutes_line(p, n, (size_t)(p - notes), line, known, now, out)) {
			minutes_done(out);
			return err_nomem(e, "minutes_read");
		}
		p += n + (p[n] == '\n');
	}
	if (err_lost_none(lost, e))
		return true;
	minutes_done(out);
	return false;
}

bool minutes_expand(const char *kept,
		    const char *(*word)(void *ctx, size_t line, char mark, const struct id *low, const struct id *high),
		    void *ctx, struct buf *out, struct err *e)
{
	size_t line = 0;

	for (const char *p = kept; *p != '\0';) {
		size_t n = strcspn(p, "\n");
		size_t blank = strspn(p, " \t");
		size_t end = n + (p[n] == '\n');
		size_t ref = blank < n ? minutes_ref_length(p + blank, n - blank) : 0;
		const char *text = p;
		size_t len = n;
		if (ref > 0) {
			char digits[9];
			struct id low, high;
			memcpy(digits, p + blank + 2, 8);
			digits[8] = '\0';
			text = id_prefix(digits, &low, &high) ? word(ctx, line, p[blank], &low, &high) : NULL;
			len = text ? strlen(text) : 0;
		}
		if (text != NULL) {
			buf_add(out, text, len);
			buf_add(out, p + n, end - n);
			line++;
		}
		p += end;
	}
	return buf_ok(out, e);
}

bool minutes_reduce(const char *expanded, const struct minutes *m, struct buf *out, struct err *e)
{
	size_t next = 0, line = 0;

	for (const char *p = expanded; *p != '\0'; line++) {
		size_t n = strcspn(p, "\n");
		size_t end = n + (p[n] == '\n');
		const struct minutes_item *item = NULL;
		for (; next < m->n && m->items[next].line <= line; next++) {
			enum minutes_type type = m->items[next].type;
			if (m->items[next].line == line && (type == MINUTES_DECISION || type == MINUTES_TASK))
				item = &m->items[next];
		}
		if (item != NULL && !id_is_zero(&item->ref)) {
			char text[ID_TEXT + 1];
			id_text(&item->ref, text);
			buf_printf(out, "%c{%.8s}", minutes_mark(item->type), text);
			buf_add(out, p + n, end - n);
		} else {
			buf_add(out, p, end);
		}
		p += end;
	}
	return buf_ok(out, e);
}
