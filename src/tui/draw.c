/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wctype.h>

#include <curses.h>

#include "arpent/text.h"
#include "screen.h"

static int draw_row = -1, draw_col = -1; /* the cursor asked for */

static const struct {
	attr_t attr;
	short colour; /* a terminal's own 16, or -1 */
	const char *name;
} draw_styles[DRAW_STYLES] = {
    [DRAW_PLAIN] = {A_NORMAL, -1, ""},
    [DRAW_STRONG] = {A_BOLD, -1, "bold"},
    [DRAW_LATE] = {A_NORMAL, COLOR_RED, "red"},
    [DRAW_DRAFT] = {A_NORMAL, COLOR_YELLOW, "yellow"},
    [DRAW_UNSENT] = {A_NORMAL, COLOR_CYAN, "cyan"},
    [DRAW_SETTLE] = {A_NORMAL, COLOR_MAGENTA, "magenta"},
    [DRAW_ERROR] = {A_NORMAL, COLOR_RED, "red"},
    [DRAW_MATCH] = {A_UNDERLINE, -1, "underlined"},
};

void draw_start_colours(void)
{
	for (short i = 1; i < DRAW_STYLES; i++)
		if (draw_styles[i].colour >= 0)
			init_pair(i, draw_styles[i].colour, -1);
}

int draw_rows(void)
{
	return LINES;
}

int draw_cols(void)
{
	return COLS;
}

bool draw_ascii(void)
{
	return screen_ascii;
}

const char *draw_sign_settle(void)
{
	return screen_ascii ? "#" : "≠";
}

void draw_begin(void)
{
	erase();
	draw_row = draw_col = -1;
}

void draw_end(void)
{
	bool shown = draw_row >= 0 && draw_row < LINES && draw_col >= 0;

	/* Without a place of its own the cursor rests where it disturbs least. */
	move(shown ? draw_row : LINES - 1, shown ? (draw_col < COLS ? draw_col : COLS - 1) : 0);
	refresh();
}

void draw_cursor(int row, int col)
{
	draw_row = row;
	draw_col = col;
}

/* A letter without its accent, one column for each that the cluster takes. */
static void draw_cell_ascii(int row, int col, const char *s, size_t n, int width)
{
	struct buf folded = BUF_INIT;
	uint32_t cp;

	text_decode(s, n, &cp);
	text_fold(&folded, s, n);
	for (int i = 0; i < width; i++) {
		unsigned char c = (size_t)i < folded.len ? (unsigned char)folded.p[i] : 0;
		if (cp == 0xAB || cp == 0xBB || cp == 0x201C || cp == 0x201D)
			c = '"';
		else if (cp == 0x2260)
			c = '#';
		else if (cp == 0xA0 || cp == 0x202F)
			c = ' ';
		else if (c < 0x20 || c >= 0x7F)
			c = i == 0 ? '?' : ' ';
		else if (iswupper((wint_t)cp))
			c = (unsigned char)towupper(c);
		mvaddch(row, col + i, c);
	}
	buf_done(&folded);
}

/* One cluster in its columns.  A base with its marks is a cell; of a joined sequence (emoji) the base alone, since
 * terminals do not agree on the width of what is joined. */
static void draw_cell(int row, int col, const char *s, size_t n, int width, enum draw_style style)
{
	wchar_t wide[CCHARW_MAX + 1];
	size_t count = 0;
	uint32_t cp;
	cchar_t cell;

	if (n == 1 || screen_ascii) {
		attr_set(screen_attr(style), screen_pair(style), NULL);
		if (n == 1)
			mvaddch(row, col, (unsigned char)s[0]);
		else
			draw_cell_ascii(row, col, s, n, width);
		return;
	}
	for (size_t at = 0; at < n && count < CCHARW_MAX;) {
		at += text_decode(s + at, n - at, &cp);
		if (count > 0 && (wcwidth((wchar_t)cp) != 0 || cp == 0x200D || cp == 0xFE0F))
			break;
		wide[count++] = (wchar_t)cp;
	}
	wide[count] = 0;
	if (wcwidth(wide[0]) < 1)
		wide[0] = 0xFFFD;
	if (setcchar(&cell, wide, screen_attr(style), screen_pair(style), NULL) == OK)
		mvadd_wch(row, col, &cell);
}

int draw_part(int row, int col, int width, const char *s, size_t n, int skip, enum draw_style style)
{
	struct buf safe = BUF_INIT;
	int x = -skip;

	text_safe(&safe, s, n, false);
	s = buf_str(&safe);
	for (size_t at = 0; at < safe.len && row >= 0 && row < LINES;) {
		size_t len = text_cluster(s + at, safe.len - at);
		int w = text_cluster_width(s + at, len);
		if (x + w > width || col + x + w > COLS)
			break;
		/* A blank on a blank costs nothing, a painted one would; but between two words of a style it is cheaper
		 * than leaving the style and coming back. */
		bool between = style != DRAW_PLAIN && at > 0 && at + 1 < safe.len && s[at + 1] != ' ';
		if (x >= 0 && w > 0 && (len != 1 || s[at] != ' ' || style == DRAW_MATCH || between))
			draw_cell(row, col + x, s + at, len, w, style);
		x += w;
		at += len;
	}
	attr_set(A_NORMAL, 0, NULL);
	buf_done(&safe);
	return x > 0 ? x : 0;
}

int draw_text_n(int row, int col, int width, const char *s, size_t n, enum draw_style style)
{
	if (col + width > COLS)
		width = COLS - col;
	if (width <= 0)
		return 0;
	if (text_width_n(s, n) <= width)
		return draw_part(row, col, width, s, n, 0, style);
	size_t fit = text_fit(s, n, width - 1);
	while (fit > 0 && s[fit - 1] == ' ')
		fit--;
	int used = draw_part(row, col, width - 1, s, fit, 0, style);
	return used + draw_part(row, col + used, 1, screen_ascii ? "." : "…", screen_ascii ? 1 : 3, 0, style);
}

int draw_text(int row, int col, int width, const char *s, enum draw_style style)
{
	s = s ? s : ""; /* there was no memory for it */
	return draw_text_n(row, col, width, s, strlen(s), style);
}

int draw_right(int row, int end, int width, const char *s, enum draw_style style)
{
	int w = text_width(s);

	if (w > width)
		w = width;
	return draw_text(row, end - w, w, s, style);
}

int draw_printf(int row, int col, int width, enum draw_style style, const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	int used = draw_text_n(row, col, width, buf_str(&b), b.len, style);
	buf_done(&b);
	return used;
}

void draw_rule(int row, int end, int col)
{
	for (; row < end; row++)
		mvaddch(row, col, '|');
}

static enum draw_style draw_style_at(int row, int col)
{
	chtype c = mvinch(row, col);

	for (enum draw_style s = DRAW_STRONG; s < DRAW_STYLES; s++)
		if ((c & (A_ATTRIBUTES & ~A_COLOR & ~A_CHARTEXT)) == screen_attr(s) &&
		    PAIR_NUMBER(c) == screen_pair(s) && (screen_attr(s) != A_NORMAL || screen_pair(s) != 0))
			return s;
	return DRAW_PLAIN;
}

static void draw_dump_styles(struct buf *out, int row)
{
	for (int col = 0; col < COLS;) {
		enum draw_style s = draw_style_at(row, col);
		int end = col + 1;
		while (end < COLS && draw_style_at(row, end) == s)
			end++;
		if (s != DRAW_PLAIN)
			buf_printf(out, "%d,%d+%d %s\n", row, col, end - col, draw_styles[s].name);
		col = end;
	}
}

void draw_dump(struct buf *out)
{
	wchar_t cells[1024];
	int y, x;

	getyx(stdscr, y, x);
	for (int row = 0; row < LINES; row++) {
		size_t start = out->len;
		if (mvinnwstr(row, 0, cells, 1023) == ERR)
			cells[0] = 0;
		for (const wchar_t *w = cells; *w; w++)
			text_encode(out, (uint32_t)*w);
		while (out->len > start && out->p[out->len - 1] == ' ')
			buf_truncate(out, out->len - 1);
		buf_char(out, '\n');
	}
	buf_printf(out, "cursor %d,%d\n", y, x);
	for (int row = 0; row < LINES; row++)
		draw_dump_styles(out, row);
	move(y, x);
}

attr_t screen_attr(enum draw_style s)
{
	return draw_styles[s].attr;
}

short screen_pair(enum draw_style s)
{
	return screen_colours && draw_styles[s].colour >= 0 ? (short)s : 0;
}
