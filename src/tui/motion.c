/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "motion.h"

#include <ctype.h>
#include <string.h>

#include "arpent/text.h"

static bool motion_is_word(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c >= 0x80 || isalnum(c);
}

size_t motion_word_before(const char *s, size_t at)
{
	while (at > 0 && !motion_is_word(s + text_cluster_before(s, at)))
		at = text_cluster_before(s, at);
	while (at > 0 && motion_is_word(s + text_cluster_before(s, at)))
		at = text_cluster_before(s, at);
	return at;
}

size_t motion_word_after(const char *s, size_t n, size_t at)
{
	while (at < n && !motion_is_word(s + at))
		at += text_cluster(s + at, n - at);
	while (at < n && motion_is_word(s + at))
		at += text_cluster(s + at, n - at);
	return at;
}

static bool motion_is_ctrl(const struct event *ev, char c)
{
	return ev->key == INPUT_CTRL && ev->text[0] == c;
}

static bool motion_is_alt(const struct event *ev, char c)
{
	return ev->key == INPUT_TEXT && (ev->mods & INPUT_ALT) && ev->text[0] == c;
}

/* The line of text around the caret. */
static size_t motion_start(const char *s, size_t at)
{
	while (at > 0 && s[at - 1] != '\n')
		at--;
	return at;
}

static size_t motion_end(const char *s, size_t n, size_t at)
{
	const char *nl = at < n ? memchr(s + at, '\n', n - at) : NULL;

	return nl ? (size_t)(nl - s) : n;
}

bool motion_move(const char *s, size_t n, size_t at, const struct event *ev, size_t *to)
{
	bool word = ev->mods & (INPUT_ALT | INPUT_CONTROL);

	*to = at;
	if ((ev->key == INPUT_LEFT && word) || motion_is_alt(ev, 'b'))
		*to = motion_word_before(s, at);
	else if ((ev->key == INPUT_RIGHT && word) || motion_is_alt(ev, 'f'))
		*to = motion_word_after(s, n, at);
	else if (ev->key == INPUT_LEFT || motion_is_ctrl(ev, 'b'))
		*to = at > 0 ? text_cluster_before(s, at) : 0;
	else if (ev->key == INPUT_RIGHT || motion_is_ctrl(ev, 'f'))
		*to = at < n ? at + text_cluster(s + at, n - at) : n;
	else if ((ev->key == INPUT_HOME && !word) || motion_is_ctrl(ev, 'a'))
		*to = motion_start(s, at);
	else if ((ev->key == INPUT_END && !word) || motion_is_ctrl(ev, 'e'))
		*to = motion_end(s, n, at);
	else
		return false;
	return true;
}

bool motion_delete(const char *s, size_t n, size_t at, const struct event *ev, size_t *to)
{
	bool word = ev->mods & (INPUT_ALT | INPUT_CONTROL);

	*to = at;
	if ((ev->key == INPUT_BACKSPACE && word) || motion_is_ctrl(ev, 'w'))
		*to = motion_word_before(s, at);
	else if ((ev->key == INPUT_DELETE && word) || motion_is_alt(ev, 'd'))
		*to = motion_word_after(s, n, at);
	else if (ev->key == INPUT_BACKSPACE)
		*to = at > 0 ? text_cluster_before(s, at) : 0;
	else if (ev->key == INPUT_DELETE || motion_is_ctrl(ev, 'd'))
		*to = at < n ? at + text_cluster(s + at, n - at) : n;
	else if (motion_is_ctrl(ev, 'k'))
		*to = motion_end(s, n, at);
	else
		return false;
	return true;
}
