/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fields.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"

void fields_init(struct fields *f, const struct kind *k, const char *keys)
{
	memset(f, 0, sizeof *f);
	while (*keys && f->n < FIELDS_MAX) {
		size_t n = strcspn(keys, " ");
		char *key = str_ndup(keys, n);
		f->v[f->n].f = key ? kind_field(k, key) : NULL;
		if (f->v[f->n].f)
			line_init(&f->v[f->n++].line);
		free(key);
		keys += n + strspn(keys + n, " ");
	}
}

void fields_done(struct fields *f)
{
	for (size_t i = 0; i < f->n; i++) {
		line_done(&f->v[i].line);
		free(f->v[i].was);
	}
	f->n = 0;
}

/* With its year, so that the same text read again is the same day. */
static void fields_show(const struct field *f, const char *canonical, enum date_lang lang, struct buf *out)
{
	struct moment m;

	if ((f->type == FIELD_DAY || f->type == FIELD_MOMENT) && moment_parse(canonical, &m))
		date_short(&m, NULL, lang, out);
	else
		value_show(f, canonical, NULL, lang, out);
}

bool fields_fill(struct fields *f, const struct record *r, enum date_lang lang, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < f->n; i++) {
		struct fields_row *row = &f->v[i];
		const char *value = r ? record_get(r, row->f->key) : "";
		buf_clear(&b);
		if (value[0])
			fields_show(row->f, value, lang, &b);
		line_set(&row->line, buf_str(&b));
		free(row->was);
		row->was = str_dup(line_text(&row->line));
		row->bad = false;
		ok = (row->was && buf_ok(&b, e)) || err_nomem(e, "fields_fill");
	}
	buf_done(&b);
	return ok;
}

struct fields_row *fields_row(struct fields *f, const char *key)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].f->key, key) == 0)
			return &f->v[i];
	return NULL;
}

static bool fields_same(const struct fields_row *r)
{
	return strcmp(line_text(&r->line), r->was ? r->was : "") == 0;
}

bool fields_value(const struct fields_row *r, const struct moment *now, struct buf *out)
{
	const char *typed = line_text(&r->line);
	struct err e = ERR_INIT;

	return !typed[strspn(typed, " ")] || value_parse(r->f, typed, now, out, &e);
}

void fields_check(struct fields_row *r, const struct moment *now)
{
	struct buf b = BUF_INIT;

	r->bad = !fields_value(r, now, &b);
	buf_done(&b);
}

bool fields_wants(struct fields *f, const struct moment *now, struct want *wants, size_t *n, struct buf *store)
{
	size_t starts[FIELDS_MAX], from = *n, rows[FIELDS_MAX], count = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (fields_same(&f->v[i]))
			continue;
		rows[count] = i;
		starts[count++] = store->len;
		fields_check(&f->v[i], now);
		if (!fields_value(&f->v[i], now, store)) {
			f->at = i;
			return false;
		}
		buf_char(store, 0);
	}
	for (size_t i = 0; i < count && !store->oom; i++)
		wants[from + i] = (struct want){.key = f->v[rows[i]].f->key, .text = store->p + starts[i]};
	*n = from + count;
	return true;
}

void fields_hint(const struct fields_row *r, struct buf *out)
{
	const struct vocabulary *voc = r->f->vocab ? vocab_find(r->f->vocab) : NULL;
	const char *hint = value_hint(r->f);

	if (r->bad)
		buf_str_add(out, _("Not understood: "));
	for (size_t i = 0; voc && i < voc->n; i++)
		buf_printf(out, "%s%s", i ? ", " : "", _(voc->terms[i].label));
	if (!voc && hint)
		buf_str_add(out, hint);
}

void fields_put(const struct fields *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		if (!fields_same(&f->v[i]))
			buf_printf(out, "%s\t%s\n", f->v[i].f->key, line_text(&f->v[i].line));
}

void fields_take(struct fields *f, const char *line, size_t n)
{
	for (size_t i = 0; i < f->n; i++) {
		size_t k = strlen(f->v[i].f->key);
		if (n <= k || memcmp(line, f->v[i].f->key, k) != 0 || line[k] != '\t')
			continue;
		char *value = str_ndup(line + k + 1, n - k - 1);
		if (value)
			line_set(&f->v[i].line, value);
		free(value);
	}
}

void fields_draw(struct fields *f, int row, int end, int col, int width, bool focus)
{
	int wide = 0, room = end - row;
	size_t top = room > 0 && f->at >= (size_t)room ? f->at - (size_t)room + 1 : 0;

	for (size_t i = 0; i < f->n; i++) {
		int w = text_width(_(f->v[i].f->label));
		wide = w > wide ? w : wide;
	}
	if (wide > width / 3)
		wide = width / 3;
	for (size_t i = top; i < f->n && row < end; i++, row++) {
		struct fields_row *r = &f->v[i];
		draw_text(row, col, wide, _(r->f->label), DRAW_STRONG);
		if (r->bad)
			draw_text(row, col + wide + 1, 1, "!", DRAW_LATE);
		line_draw(&r->line, row, col + wide + 3, width - wide - 3, focus && i == f->at);
	}
}
