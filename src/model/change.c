/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a change from what is shown and what is wanted. */
#include "arpent/record.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "state.h"

struct change_maker {
	const struct record *r;
	struct change *c;
	size_t cap;
};

static struct edit *change_edit(struct change_maker *m, const char *key, const char *text, size_t len, struct err *e)
{
	const struct spans *limit = record_limit(m->r, key);
	struct edit *ed;

	if (strlen(key) > RECORD_KEY_MAX || len > RECORD_VALUE_MAX) {
		err_set(e, ERR_LIMIT, __func__, "%.40s", key);
		return NULL;
	}
	if (!record_key_valid(key, strlen(key)) || !text_is_utf8(text, len)) {
		err_set(e, ERR_INPUT, __func__, "%.40s", key);
		return NULL;
	}
	if (!state_grow(&m->c->edits, &m->cap, m->c->n + 1, sizeof *ed, e))
		return NULL;
	ed = &m->c->edits[m->c->n++];
	*ed = (struct edit){.key = str_dup(key), .text = str_ndup(text, len), .len = len};
	if (!ed->key || !ed->text) {
		err_nomem(e, __func__);
		return NULL;
	}
	/* Here the writer had seen less than r->seen says. */
	if (limit) {
		if (!(ed->context = calloc(1, sizeof *ed->context))) {
			err_nomem(e, __func__);
			return NULL;
		}
		if (!spans_copy(limit, ed->context, e))
			return NULL;
	}
	return ed;
}

static bool change_back(const struct value *old, const char *text, size_t len, struct back *b, struct err *e)
{
	size_t head = 0, tail = 0, shorter = old->len < len ? old->len : len;

	while (head < shorter && old->text[head] == text[head])
		head++;
	while (tail < shorter - head && old->text[old->len - 1 - tail] == text[len - 1 - tail])
		tail++;
	b->stamp = old->stamp;
	b->head = (uint32_t)head;
	b->tail = (uint32_t)tail;
	b->mid_len = old->len - head - tail;
	b->mid = str_ndup(old->text + head, b->mid_len);
	return b->mid || err_nomem(e, __func__);
}

/* The way back to `old`, then old's own as far as there is room. */
static bool change_edit_backs(struct edit *ed, const struct value *old, struct err *e)
{
	size_t bytes;

	if (!(ed->backs = calloc(RECORD_BACKS, sizeof *ed->backs)))
		return err_nomem(e, __func__);
	ed->nbacks = 1;
	if (!change_back(old, ed->text, ed->len, &ed->backs[0], e))
		return false;
	/* Too far to carry: then there is no ancestor, and a concurrent edit is settled by a person. */
	bytes = ed->backs[0].mid_len;
	if (bytes > BACKS_BYTES) {
		backs_done(ed->backs, 1);
		ed->backs = NULL;
		ed->nbacks = 0;
		return true;
	}
	for (size_t i = 0; i < old->nbacks && ed->nbacks < RECORD_BACKS; i++) {
		const struct back *b = &old->backs[i];
		bytes += b->mid_len;
		if (bytes > BACKS_BYTES)
			break;
		ed->backs[ed->nbacks] = *b;
		if (!(ed->backs[ed->nbacks].mid = str_ndup(b->mid, b->mid_len)))
			return err_nomem(e, __func__);
		ed->nbacks++;
	}
	return true;
}

static bool change_want_plain(struct change_maker *m, const struct want *w, struct err *e)
{
	struct buf merged = BUF_INIT;
	struct shown now;
	size_t len = strlen(w->text);
	const struct entry *en = record_entry(m->r, w->key);
	bool ok = true;

	record_shown(m->r, w->key, w->is_text, &merged, &now);
	if (!(now.len == len && memcmp(now.text, w->text, len) == 0) || (w->settle && en && en->n > 1)) {
		struct edit *ed = change_edit(m, w->key, w->text, len, e);
		ok = ed && (!w->is_text || !now.value || change_edit_backs(ed, now.value, e));
	}
	ok = ok && buf_ok(&merged, e);
	buf_done(&merged);
	return ok;
}

static int change_line_cmp(const void *a, const void *b)
{
	char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Splits at newlines, in place; sorted, each once, no empty ones. */
static char **change_set_lines(char *text, size_t *n, struct err *e)
{
	size_t cap = 0, out = 0;
	char **v = NULL;

	*n = 0;
	for (char *next, *p = text; p; p = next) {
		if ((next = strchr(p, '\n')))
			*next++ = '\0';
		if (!*p)
			continue;
		if (!state_grow(&v, &cap, *n + 1, sizeof *v, e)) {
			free(v);
			return NULL;
		}
		v[(*n)++] = p;
	}
	if (!v && !(v = calloc(1, sizeof *v))) {
		err_nomem(e, __func__);
		return NULL;
	}
	if (*n > 0)
		qsort(v, *n, sizeof *v, change_line_cmp);
	for (size_t i = 0; i < *n; i++)
		if (i == 0 || strcmp(v[i], v[out - 1]) != 0)
			v[out++] = v[i];
	*n = out;
	return v;
}

static bool change_set_edit(struct change_maker *m, const char *field, const char *element, const char *value,
			    struct err *e)
{
	char key[RECORD_KEY_MAX + 1];
	size_t n = strlen(field) + 1 + strlen(element);

	if (n > RECORD_KEY_MAX)
		return err_set(e, ERR_LIMIT, __func__, "%.40s", element);
	memcpy(key, field, strlen(field));
	key[strlen(field)] = '=';
	memcpy(key + strlen(field) + 1, element, strlen(element) + 1);
	return change_edit(m, key, value, strlen(value), e) != NULL;
}

/* Both lists are sorted: what is only in one of them is an edit. */
static bool change_want_set(struct change_maker *m, const struct want *w, struct err *e)
{
	struct buf has = BUF_INIT, wants = BUF_INIT;
	char **old = NULL, **new = NULL;
	size_t nold = 0, nnew = 0, i = 0, j = 0;
	bool ok = false;

	record_set(m->r, w->key, &has);
	buf_str_add(&wants, w->text);
	buf_char(&has, '\n');
	buf_char(&wants, '\n');
	if (!buf_ok(&has, e) || !buf_ok(&wants, e))
		goto out;
	if (!(old = change_set_lines(has.p, &nold, e)) || !(new = change_set_lines(wants.p, &nnew, e)))
		goto out;
	while (i < nold || j < nnew) {
		int c = i == nold ? 1 : j == nnew ? -1 : strcmp(old[i], new[j]);
		if (c < 0 && !change_set_edit(m, w->key, old[i], "", e))
			goto out;
		if (c > 0 && !change_set_edit(m, w->key, new[j], "1", e))
			goto out;
		i += c <= 0;
		j += c >= 0;
	}
	ok = true;
out:
	free(old);
	free(new);
	buf_done(&has);
	buf_done(&wants);
	return ok;
}

static bool change_begin(const struct record *r, struct change *c, struct err *e)
{
	change_init(c);
	c->id = r->id;
	if (r->kind && !(c->kind = str_dup(r->kind)))
		return err_nomem(e, __func__);
	return seen_copy(&r->seen, &c->context, e);
}

static int change_edit_cmp(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	return strcmp(x->key, y->key);
}

bool change_make(const struct record *r, const struct want *wants, size_t n, struct change *c, struct err *e)
{
	struct change_maker m = {.r = r, .c = c};

	if (!change_begin(r, c, e))
		goto fail;
	for (size_t i = 0; i < n; i++)
		if (!(wants[i].is_set ? change_want_set(&m, &wants[i], e) : change_want_plain(&m, &wants[i], e)))
			goto fail;
	if (c->n > 1)
		qsort(c->edits, c->n, sizeof *c->edits, change_edit_cmp);
	for (size_t i = 1; i < c->n; i++) {
		if (strcmp(c->edits[i - 1].key, c->edits[i].key) == 0) {
			err_set(e, ERR_INPUT, __func__, "%.40s twice", c->edits[i].key);
			goto fail;
		}
	}
	return true;
fail:
	change_done(c);
	return false;
}

bool change_delete(const struct record *r, struct change *c, struct err *e)
{
	struct change_maker m = {.r = r, .c = c};

	if (change_begin(r, c, e) && change_edit(&m, RECORD_ALIVE, "", 0, e))
		return true;
	change_done(c);
	return false;
}
