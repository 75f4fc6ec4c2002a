/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sheet.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/meeting.h"
#include "arpent/text.h"
#include "cli/cli.h"
#include "settle.h"

#define SHEET_LINKED 200 /* records that refer to this one, shown */
#define SHEET_BRIEF 40   /* lines of a preview */

void sheet_done(struct sheet *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].text)
			sodium_memzero(s->v[i].text, strlen(s->v[i].text));
		free(s->v[i].text);
	}
	free(s->v);
	free(s->kind);
	buf_done(&s->title);
	memset(s, 0, sizeof *s);
}

static bool sheet_add(struct sheet *s, const char *text, size_t n, enum draw_style style, const struct sheet_line *like)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 32;
		struct sheet_line *v = reallocarray(s->v, cap, sizeof *v);
		if (!v)
			return false;
		s->v = v;
		s->cap = cap;
	}
	struct sheet_line *l = &s->v[s->n];
	*l = like ? *like : (struct sheet_line){.text = NULL};
	l->style = style;
	l->text = str_ndup(text, n);
	s->n += l->text != NULL;
	return l->text != NULL;
}

/* Wrapped, with `first` before the first row and as many blanks before the others. */
static bool sheet_wrapped(struct sheet *s, const char *first, const char *text, const struct sheet_line *like)
{
	struct buf line = BUF_INIT;
	int indent = text_width(first), width = s->cols - indent;
	size_t n = strlen(text), at = 0;
	bool ok = true;

	if (width < 12) {
		indent = 2;
		width = s->cols - 2;
		ok = sheet_add(s, first, strlen(first), DRAW_PLAIN, NULL);
		first = "  ";
	}
	while (ok && at < n) {
		size_t len = text_wrap(text + at, n - at, width), shown = len;
		while (shown > 0 && (text[at + shown - 1] == '\n' || text[at + shown - 1] == ' '))
			shown--;
		buf_clear(&line);
		if (at == 0)
			buf_str_add(&line, first);
		else
			buf_fill(&line, ' ', (size_t)indent);
		buf_add(&line, text + at, shown);
		ok = sheet_add(s, buf_str(&line), line.len, DRAW_PLAIN, like);
		at += len;
	}
	buf_done(&line);
	return ok;
}

static void sheet_value(struct tui *t, const struct record *r, const struct field *f, struct buf *out)
{
	struct err e = ERR_INIT;

	/* A meeting's minutes are kept with references in them; people read the words. */
	if (strcmp(r->kind, "meeting") == 0 && strcmp(f->key, "notes") == 0 && meeting_text(t->store, r, out, &e))
		return;
	store_show(t->store, r, f, t->lang, out);
}

static bool sheet_ref(const struct record *r, const struct field *f, struct sheet_line *like)
{
	memset(like, 0, sizeof *like);
	if (f->type != FIELD_REF || (f->flags & FIELD_SET))
		return false;
	like->link = id_parse(record_get(r, f->key), &like->id);
	return like->link;
}

/* Each on a line that leads to it. */
static bool sheet_refs(struct sheet *s, struct tui *t, const struct record *r, const char *key, struct buf *first)
{
	struct sheet_line like = {.link = true};
	struct buf set = BUF_INIT, title = BUF_INIT;
	int indent = text_width(buf_str(first));
	bool ok = true;

	record_set(r, key, &set);
	buf_char(&set, '\n');
	for (char *line = set.oom ? NULL : set.p, *end; ok && line && (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		buf_clear(&title);
		like.link = id_parse(line, &like.id) && store_title(t->store, &like.id, &title);
		if (!like.link)
			buf_str_add(&title, line); /* not here */
		ok = sheet_wrapped(s, buf_str(first), buf_str(&title), &like);
		buf_clear(first);
		buf_fill(first, ' ', (size_t)indent);
	}
	ok = ok && !set.oom && !title.oom;
	buf_done(&set);
	buf_done(&title);
	return ok;
}

struct sheet_others {
	struct sheet *s;
	const struct field *f;
	int column;
	bool ok;
};

/* The values that are not shown, under the one that is. */
static void sheet_other(void *ctx, const struct value *v, bool shown, const char *words, const char *who)
{
	struct sheet_others *o = ctx;
	struct sheet_line like = {.settle = o->f};
	struct buf first = BUF_INIT, line = BUF_INIT;

	(void)v;
	if (shown || !o->ok)
		return;
	buf_fill(&first, ' ', (size_t)o->column - 2);
	buf_printf(&first, "%s ", draw_sign_settle());
	buf_printf(&line, "%s (%s)", words, who);
	o->ok = sheet_wrapped(o->s, buf_str(&first), buf_str(&line), &like);
	buf_done(&first);
	buf_done(&line);
}

static bool sheet_field(struct sheet *s, struct tui *t, const struct record *r, const struct field *f, bool brief,
			const char *value)
{
	struct buf first = BUF_INIT;
	struct sheet_line like;
	bool several = settle_needed(r, f), ok;
	struct sheet_others others = {.s = s, .f = f, .column = brief ? 11 : s->cols >= 60 ? 22 : 14, .ok = true};

	sheet_ref(r, f, &like);
	like.settle = several ? f : NULL;
	buf_str_add(&first, _(f->label));
	if (f->type == FIELD_TEXT) {
		others.column = 3;
		buf_printf(&first, "%s%s", several ? " " : "", several ? draw_sign_settle() : "");
		ok = sheet_add(s, buf_str(&first), first.len, DRAW_STRONG, NULL) && sheet_wrapped(s, " ", value, &like);
	} else {
		int w = text_width(buf_str(&first)) + (several ? 2 : 0);
		buf_fill(&first, ' ', w < others.column ? (size_t)(others.column - w) : 2);
		buf_printf(&first, "%s%s", several ? draw_sign_settle() : "", several ? " " : "");
		if (f->type == FIELD_REF && (f->flags & FIELD_SET) && !brief)
			ok = sheet_refs(s, t, r, f->key, &first);
		else
			ok = sheet_wrapped(s, buf_str(&first), *value ? value : _("(empty)"), &like);
	}
	if (ok && several) {
		settle_each(t, r, f, sheet_other, &others);
		ok = others.ok;
	}
	buf_done(&first);
	return ok;
}

static bool sheet_fields(struct sheet *s, struct tui *t, const struct record *r, const struct kind *k, bool brief)
{
	struct buf value = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		if ((f->flags & FIELD_HIDDEN) || (brief && (s->n > SHEET_BRIEF || (f->flags & FIELD_TITLE))))
			continue;
		buf_clear(&value);
		sheet_value(t, r, f, &value);
		if (value.len || settle_needed(r, f))
			ok = sheet_field(s, t, r, f, brief, buf_str(&value));
	}
	buf_done(&value);
	return ok;
}

struct sheet_receipts {
	struct buf who;
	size_t n;
};

static bool sheet_receipt(void *ctx, const struct stream *st, bool has)
{
	struct sheet_receipts *r = ctx;
	struct buf name = BUF_INIT;

	cli_device(st, &name);
	buf_str_add(&r->who, r->n++ ? ", " : "");
	buf_printf(&r->who, has ? _("%s has it") : _("%s not yet"), buf_str(&name));
	buf_done(&name);
	return true;
}

/* Who has it as it is here: where it is shared at all. */
static bool sheet_shared(struct sheet *s, struct tui *t, const struct id *id, struct err *e)
{
	struct sheet_receipts r = {BUF_INIT, 0};
	struct buf first = BUF_INIT;
	struct err none = ERR_INIT;
	bool sent, ok = devices_receipts(t->store, id, &sent, sheet_receipt, &r, &none);
	int column = s->cols >= 60 ? 22 : 14;

	if (ok) {
		buf_str_add(&first, _("Sending"));
		buf_fill(&first, ' ',
			 text_width(buf_str(&first)) < column ? (size_t)(column - text_width(buf_str(&first))) : 2);
		ok = sheet_wrapped(s, buf_str(&first),
				   !sent ? _("not sent yet")
				   : r.n ? buf_str(&r.who)
					 : _("sent"),
				   NULL) ||
		     err_nomem(e, "sheet_shared");
	} else if (none.code == ERR_NOT_FOUND) {
		ok = true;
	} else {
		*e = none;
	}
	buf_done(&first);
	buf_done(&r.who);
	return ok;
}

struct sheet_links {
	struct sheet *s;
	struct tui *t;
	bool brief, ok;
	const struct kind *kind; /* the group being listed */
	size_t n;
};

static bool sheet_link(void *ctx, const struct row *row, const struct list_key *at)
{
	struct sheet_links *l = ctx;
	struct sheet_line like = {.link = true, .id = row->id, .sign = tui_sign(row->flags)};
	struct buf text = BUF_INIT;

	(void)at;
	if (l->n++ == 0) {
		if (l->s->n > 0)
			l->ok = sheet_add(l->s, "", 0, DRAW_PLAIN, NULL);
		l->ok = l->ok && sheet_add(l->s, _(l->kind->plural), strlen(_(l->kind->plural)), DRAW_STRONG, NULL);
	}
	buf_str_add(&text, "  ");
	tui_day(l->t, row->day, &text);
	if (text.len > 2)
		buf_char(&text, ' ');
	/* What bears this record's own name says nothing here: the meeting of an attendance does. */
	buf_str_add(&text, row->owner[0] && strcmp(row->title, buf_str(&l->s->title)) == 0 ? row->owner : row->title);
	size_t fit = text_fit(buf_str(&text), text.len, l->s->cols);
	l->ok = l->ok && sheet_add(l->s, buf_str(&text), fit, DRAW_PLAIN, &like);
	buf_done(&text);
	return l->ok && (!l->brief || l->s->n < SHEET_BRIEF);
}

static bool sheet_linked(struct sheet *s, struct tui *t, const struct id *id, bool brief, struct err *e)
{
	struct sheet_links l = {.s = s, .t = t, .brief = brief, .ok = true};
	const struct list_key start = {.set = false};

	for (size_t i = 0; l.ok && i < kind_count(); i++) {
		struct list_spec spec = {.kind = kind_at(i)->key, .order = LIST_BY_DAY_UP, .linked = id};
		l.kind = kind_at(i);
		l.n = 0;
		if (!store_list(t->store, &spec, &start, false, SHEET_LINKED, sheet_link, &l, e))
			return false;
	}
	return l.ok || err_nomem(e, "sheet_linked");
}

bool sheet_load(struct sheet *s, struct tui *t, const struct id *id, int cols, bool brief, struct err *e)
{
	struct record r;
	bool back;

	sheet_done(s);
	s->cols = cols;
	record_init(&r);
	if (!store_get(t->store, id, &r, e))
		return false;
	const struct kind *k = kind_find(r.kind);
	s->kind = str_dup(r.kind);
	s->deleted = record_deleted(&r, &back);
	store_title(t->store, id, &s->title);
	bool ok = s->kind && (!k || sheet_fields(s, t, &r, k, brief));
	if (!ok)
		err_nomem(e, "sheet_load");
	ok = ok && (brief || sheet_shared(s, t, id, e)) && sheet_linked(s, t, id, brief, e);
	record_done(&r);
	return ok;
}

void sheet_draw_line(const struct sheet *s, size_t i, int row, int col, int end)
{
	const struct sheet_line *l = &s->v[i];
	const char sign[2] = {l->sign, 0};

	draw_text(row, col, end - col, l->text, l->style);
	if (l->sign && l->sign != ' ')
		draw_text(row, col, 1, l->sign == '=' ? draw_sign_settle() : sign,
			  l->sign == '!'   ? DRAW_LATE
			  : l->sign == '=' ? DRAW_SETTLE
					   : DRAW_PLAIN);
}
