/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/passage.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

#define PASSAGE_BEFORE 24  /* columns kept before the match */
#define PASSAGE_BYTES 1024 /* more than the rest of a line needs */

/* Text folded as the index has it, and where each folded byte comes from. */
struct passage_map {
	struct buf folded;
	size_t *raw; /* one more than the folded bytes: the last is the end */
	size_t cap;
};

static bool map_add(struct passage_map *m, const char *p, size_t n, size_t raw, struct err *e)
{
	if (m->folded.len + n + 1 > m->cap) {
		size_t cap = 2 * (m->folded.len + n + 64);
		size_t *v = realloc(m->raw, cap * sizeof *v);
		if (!v)
			return err_nomem(e, __func__);
		m->raw = v;
		m->cap = cap;
	}
	for (size_t i = 0; i < n; i++)
		m->raw[m->folded.len + i] = raw;
	buf_add(&m->folded, p, n);
	return buf_ok(&m->folded, e);
}

static bool map_cluster(struct passage_map *m, const char *s, size_t n, size_t raw, struct buf *one, struct err *e)
{
	const char *word;
	size_t at = 0;

	buf_clear(one);
	text_fold(one, s, n);
	if (!buf_ok(one, e))
		return false;
	if (text_word(buf_str(one), &at, &word) == 0)
		return map_add(m, " ", 1, raw, e); /* a quotation mark, a dash: it parts words */
	return map_add(m, one->p, one->len, raw, e);
}

/* By clusters, as folding joins nothing across them.  Plain ASCII, most of a text, is folded here. */
static bool map_make(struct passage_map *m, const char *s, size_t n, struct err *e)
{
	struct buf one = BUF_INIT;
	bool ok = true;

	for (size_t i = 0, len; i < n && ok; i += len) {
		unsigned char c = (unsigned char)s[i];
		if (c < 0x80 && (i + 1 == n || (unsigned char)s[i + 1] < 0x80)) {
			char low = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c <= ' ' ? ' ' : (char)c;
			len = 1;
			ok = map_add(m, &low, 1, i, e);
			continue;
		}
		len = text_cluster(s + i, n - i);
		ok = map_cluster(m, s + i, len, i, &one, e);
	}
	buf_done(&one);
	if (ok && (ok = map_add(m, "", 0, n, e)))
		m->raw[m->folded.len] = n;
	return ok;
}

static bool word_byte(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x80 || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z');
}

size_t passage_match(const char *folded, size_t at, const struct query_term *t)
{
	size_t i = at;

	if (at > 0 && word_byte(folded[at - 1]))
		return 0;
	for (const char *p = t->text; *p; p++) {
		if (*p != ' ') {
			if (folded[i] != *p)
				return 0;
			i++;
			continue;
		}
		if (!folded[i] || word_byte(folded[i]))
			return 0;
		while (folded[i] && !word_byte(folded[i]))
			i++;
	}
	return t->type == QUERY_PHRASE && word_byte(folded[i]) ? 0 : i - at;
}

bool passage_has(const char *folded, const struct query_term *t)
{
	for (size_t i = 0; folded[i]; i++)
		if (passage_match(folded, i, t) > 0)
			return true;
	return false;
}

/* The first match of any term, in raw bytes. */
static bool map_find(const struct passage_map *m, const struct query *q, size_t *start, size_t *end)
{
	const char *folded = buf_str(&m->folded);

	for (size_t i = 0; i < m->folded.len; i++) {
		for (size_t k = 0; k < q->n; k++) {
			size_t n = q->terms[k].without ? 0 : passage_match(folded, i, &q->terms[k]);
			if (n == 0)
				continue;
			*start = m->raw[i];
			while (i + n < m->folded.len && m->raw[i + n] == m->raw[i + n - 1])
				n++; /* half of an œ is all of it */
			*end = m->raw[i + n];
			return true;
		}
	}
	return false;
}

/* The start of the last `columns` before `at`, at a word when there is one. */
static size_t passage_back(const char *s, size_t at, int columns)
{
	size_t start = at;

	while (start > 0 && columns > 0) {
		size_t before = text_cluster_before(s, start);
		columns -= text_width_n(s + before, start - before);
		start = before;
	}
	if (start == 0)
		return 0;
	for (size_t i = start - 1; i < at; i++)
		if (s[i] == ' ' || s[i] == '\n')
			return i + 1;
	return start;
}

/* What follows the match, as far as there is room.  Made safe first: that is what has a width. */
static void passage_after(struct passage *p, const char *s, size_t n)
{
	struct buf after = BUF_INIT;
	int left = PASSAGE_COLUMNS - text_width(buf_str(&p->text));
	size_t some = n > PASSAGE_BYTES ? PASSAGE_BYTES : n, fit;

	text_safe(&after, s, some, false);
	fit = left > 0 ? text_fit(buf_str(&after), after.len, left) : 0;
	buf_add(&p->text, buf_str(&after), fit);
	if (fit < after.len || some < n)
		buf_str_add(&p->text, "…");
	p->text.oom = p->text.oom || after.oom;
	buf_done(&after);
}

static void passage_write(struct passage *p, const char *s, size_t n, size_t start, size_t end)
{
	size_t from = passage_back(s, start, PASSAGE_BEFORE);

	if (from > 0)
		buf_str_add(&p->text, "…");
	text_safe(&p->text, s + from, start - from, false);
	p->mark = p->text.len;
	text_safe(&p->text, s + start, end - start, false);
	p->mark_len = p->text.len - p->mark;
	passage_after(p, s + end, n - end);
}

bool passage_try(const char *s, size_t n, const struct query *q, struct passage *p, bool *found, struct err *e)
{
	struct passage_map m = {.cap = 0};
	size_t start = 0, end = 0;
	bool ok = map_make(&m, s, n, e);

	*found = ok && map_find(&m, q, &start, &end);
	if (*found)
		passage_write(p, s, n, start, end);
	buf_done(&m.folded);
	free(m.raw);
	return ok && buf_ok(&p->text, e);
}

void passage_start(const char *s, size_t n, struct passage *p)
{
	passage_write(p, s, n, 0, 0);
}
