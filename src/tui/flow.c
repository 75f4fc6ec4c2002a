/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow.h"

#include <string.h>

#include "arpent/text.h"

/* Moves *at over one row and returns its length without the blanks at its end. */
static size_t flow_next(const char *s, size_t n, size_t *at, int width)
{
	size_t took = text_wrap(s + *at, n - *at, width > 0 ? width : 1), len = took;

	while (len > 0 && (s[*at + len - 1] == '\n' || s[*at + len - 1] == ' '))
		len--;
	*at += took;
	return len;
}

int flow_rows(const char *text, int width)
{
	size_t n = strlen(text);
	int rows = 0;

	for (size_t at = 0; at < n; rows++)
		flow_next(text, n, &at, width);
	return rows;
}

int flow_draw(const char *text, int skip, int row, int end, int col, int width, enum draw_style style)
{
	size_t n = strlen(text);

	for (size_t at = 0; at < n && row < end;) {
		size_t from = at, len = flow_next(text, n, &at, width);
		if (skip-- > 0)
			continue;
		draw_text_n(row++, col, width, text + from, len, style);
	}
	return row;
}
