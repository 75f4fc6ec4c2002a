/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/query.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

void query_done(struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		free(q->terms[i].text);
	for (size_t i = 0; i < q->nfields; i++) {
		free(q->fields[i].key);
		free(q->fields[i].text);
	}
	*q = (struct query){.n = 0};
}

/* Folded, and only its words: NULL in *out when there is none. */
static bool query_words(const char *s, size_t n, char **out, struct err *e)
{
	struct buf folded = BUF_INIT, words = BUF_INIT;
	const char *word;
	size_t at = 0, len;

	*out = NULL;
	text_fold(&folded, s, n);
	while ((len = text_word(buf_str(&folded), &at, &word)) > 0) {
		if (words.len > 0)
			buf_char(&words, ' ');
		buf_add(&words, word, len);
	}
	words.oom = words.oom || folded.oom;
	buf_done(&folded);
	if (words.len > 0 || words.oom)
		*out = buf_steal(&words);
	else
		return true;
	return *out || err_nomem(e, __func__);
}

/* One blank-parted piece of what was typed; quotes keep blanks, with or without something before them. */
struct query_piece {
	const char *key, *text;
	size_t key_len, text_len;
	bool without, quoted;
};

static bool query_next(const char **at, struct query_piece *p)
{
	const char *s = *at + strspn(*at, " \t\r\n");

	*p = (struct query_piece){.text = s};
	if (!*s)
		return false;
	if (*s == '-' && s[1] && s[1] != ' ') {
		p->without = true;
		s++;
	}
	size_t n = strcspn(s, " \t\r\n\":");
	if (s[n] == ':' && n > 0 && s[n + 1] && s[n + 1] != ' ') {
		p->key = s;
		p->key_len = n;
		s += n + 1;
	}
	if (*s == '"') {
		p->quoted = true;
		p->text = s + 1;
		p->text_len = strcspn(s + 1, "\"");
		*at = s + 1 + p->text_len + (s[1 + p->text_len] == '"');
		return true;
	}
	p->text = s;
	p->text_len = strcspn(s, p->key ? " \t\r\n" : " \t\r\n\"");
	*at = s + p->text_len;
	return true;
}

static bool query_add_term(struct query *q, const struct query_piece *p, struct err *e)
{
	char *text;

	if (q->n == QUERY_TERMS)
		return true;
	if (!query_words(p->text, p->text_len, &text, e))
		return false;
	if (text)
		q->terms[q->n++] = (struct query_term){text, p->quoted ? QUERY_PHRASE : QUERY_WORD, p->without};
	return true;
}

/* "kind:réunion", "commune:florac"; anything else with a colon ("14:00") is a word. */
static bool query_add_field(struct query *q, const struct query_piece *p, struct err *e)
{
	char *key = NULL, *text = NULL;
	bool known = false;

	if (!query_words(p->key, p->key_len, &key, e) || !query_words(p->text, p->text_len, &text, e))
		goto fail;
	if (key && text && strcmp(key, "kind") == 0) {
		q->kind = kind_named(text);
		q->no_kind = !q->kind;
		free(key);
		free(text);
		return true;
	}
	for (size_t i = 0; key && !known && i < kind_count(); i++)
		known = kind_field_named(kind_at(i), key) != NULL;
	if (known && text && q->nfields < QUERY_FIELDS) {
		q->fields[q->nfields++] = (struct query_field){key, text};
		return true;
	}
	free(key);
	free(text);
	struct query_piece whole = *p;
	whole.text_len = (size_t)(p->text + p->text_len - p->key);
	whole.text = p->key;
	return query_add_term(q, &whole, e);
fail:
	free(key);
	free(text);
	return false;
}

bool query_read(const char *typed, struct query *out, struct err *e)
{
	struct query_piece p;

	*out = (struct query){.n = 0};
	while (query_next(&typed, &p)) {
		if (p.key ? query_add_field(out, &p, e) : query_add_term(out, &p, e))
			continue;
		query_done(out);
		return false;
	}
	return true;
}

/* Of the last word, the one that may be a beginning; in code points. */
static bool query_long(const struct query_term *t)
{
	const char *word = strrchr(t->text, ' ');
	size_t n = 0;

	for (word = word ? word + 1 : t->text; *word; word++)
		n += ((unsigned char)*word & 0xc0) != 0x80;
	return t->type == QUERY_WORD && n > QUERY_PREFIX;
}

bool query_has_long(const struct query *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (query_long(&q->terms[i]))
			return true;
	return false;
}

static void query_quote(struct buf *out, const struct query_term *t, bool whole)
{
	bool prefix = t->type == QUERY_WORD && !(whole && query_long(t));

	buf_printf(out, "\"%s\"%s", t->text, prefix ? "*" : "");
}

bool query_match(const struct query *q, const char *kind, bool whole, struct buf *out, struct err *e)
{
	size_t start = out->len;

	if (!kind && q->kind)
		kind = q->kind->key;
	for (size_t i = 0; i < q->n; i++) {
		if (q->terms[i].without)
			continue;
		buf_str_add(out, out->len > start ? " AND " : "{title body} : (");
		query_quote(out, &q->terms[i], whole);
	}
	if (out->len > start)
		buf_char(out, ')');
	if (kind)
		buf_printf(out, "%skind : \"%s\"", out->len > start ? " AND " : "", kind);
	for (size_t i = 0; i < q->n; i++) {
		if (!q->terms[i].without || out->len == start)
			continue;
		buf_insert(out, start, "(", 1);
		buf_str_add(out, ") NOT {title body} : ");
		query_quote(out, &q->terms[i], whole);
	}
	return buf_ok(out, e);
}
