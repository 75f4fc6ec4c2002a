/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settle.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "arpent/text.h"

#define SETTLE_WORDS 200 /* bytes of a long text */

bool settle_needed(const struct record *r, const struct field *f)
{
	struct buf merged = BUF_INIT;
	struct shown shown;

	if (f->flags & (FIELD_SET | FIELD_HIDDEN))
		return false;
	record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	buf_done(&merged);
	return shown.conflict;
}

const struct field *settle_first(const struct record *r)
{
	const struct kind *k = kind_find(r->kind);

	for (size_t i = 0; k && i < kind_fields(k); i++)
		if (settle_needed(r, kind_field_at(k, i)))
			return kind_field_at(k, i);
	return NULL;
}

/* Where a text of many lines first differs from the one that is shown; one word of it is not enough to know it by. */
static const char *settle_apart(const char *text, const char *shown)
{
	size_t line = 0;

	for (size_t i = 0; text[i] && text[i] == shown[i]; i++)
		if (text[i] == '\n')
			line = i + 1;
	return text[line] ? text + line : text;
}

static void settle_words(struct tui *t, const struct field *f, const char *text, const char *shown, struct buf *out)
{
	struct buf b = BUF_INIT;
	struct id id;

	if (f->type == FIELD_TEXT) {
		const char *from = settle_apart(text, shown);
		buf_str_add(&b, from > text ? "... " : "");
		buf_add(&b, from, text_fit(from, strlen(from), SETTLE_WORDS));
	} else if (f->type != FIELD_REF || !id_parse(text, &id) || !store_title(t->store, &id, &b)) {
		value_show(f, text, &t->now, t->lang, &b);
	}
	for (size_t i = 0; i < b.len; i++)
		b.p[i] = b.p[i] == '\n' ? ' ' : b.p[i];
	text_safe(out, buf_str(&b), b.len, false);
	if (out->len == 0)
		buf_str_add(out, _("(empty)"));
	buf_done(&b);
}

static void settle_who(struct tui *t, const struct value *v, struct buf *out)
{
	struct buf who = BUF_INIT;
	struct moment when;

	if (id_eq(&v->stamp.device, store_device(t->store)))
		buf_str_add(&who, _("me"));
	else
		store_who(t->store, &v->stamp.device, &who);
	moment_from_unix(CLOCK_MS(v->clock.hlc), v->clock.offset, &when);
	when.has_offset = false;
	if (who.len)
		buf_printf(out, "%s, ", buf_str(&who));
	date_short(&when, &t->now, t->lang, out);
	buf_done(&who);
}

void settle_each(struct tui *t, const struct record *r, const struct field *f,
		 void (*cb)(void *ctx, const struct value *v, bool shown, const char *words, const char *who),
		 void *ctx)
{
	struct buf merged = BUF_INIT, words = BUF_INIT, who = BUF_INIT;
	const struct entry *en = NULL;
	struct shown shown;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->entries[i].key, f->key) == 0)
			en = &r->entries[i];
	record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	for (int others = 0; en && shown.value && others < 2; others++) {
		for (size_t i = 0; i < en->n; i++) {
			const struct value *v = &en->values[i];
			if ((v != shown.value) != others)
				continue;
			buf_clear(&words);
			buf_clear(&who);
			settle_words(t, f, v->text, others ? shown.value->text : v->text, &words);
			settle_who(t, v, &who);
			cb(ctx, v, !others, buf_str(&words), buf_str(&who));
		}
	}
	buf_done(&merged);
	buf_done(&words);
	buf_done(&who);
}

static void settle_free(char *s)
{
	if (s)
		sodium_memzero(s, strlen(s));
	free(s);
}

void settle_done(struct settle *s)
{
	for (size_t i = 0; i < s->n; i++) {
		settle_free(s->texts[i]);
		settle_free(s->words[i]);
		settle_free(s->who[i]);
	}
	memset(s, 0, sizeof *s);
}

static void settle_take(void *ctx, const struct value *v, bool shown, const char *words, const char *who)
{
	struct settle *s = ctx;

	(void)shown;
	if (s->n == SETTLE_MOST)
		return;
	s->texts[s->n] = str_dup(v->text);
	s->words[s->n] = str_dup(words);
	s->who[s->n] = str_dup(who);
	s->n++;
}

static void settle_taken(struct tui *t, void *ctx, size_t i)
{
	struct settle *s = ctx;
	struct want w = {.key = s->f->key, .text = s->texts[i], .is_text = s->f->type == FIELD_TEXT, .settle = true};
	struct err e = ERR_INIT;
	bool ok = w.text || err_nomem(&e, "settle_taken");

	if (ok && (ok = store_step_begin(t->store, N_("Settled"), &e))) {
		ok = store_edit(t->store, &s->id, &w, 1, &e);
		if (!ok)
			store_step_cancel(t->store);
		else
			ok = store_step_end(t->store, &e);
	}
	if (!ok) {
		tui_fail(t, &e);
		return;
	}
	tui_changed(t);
	tui_say(t, "%s", _("Settled. u undoes it."));
	if (s->done)
		s->done(t, s->ctx);
}

void settle_ask(struct settle *s, struct tui *t, const struct record *r, const struct field *f,
		void (*done)(struct tui *t, void *ctx), void *ctx)
{
	const char *labels[SETTLE_MOST], *details[SETTLE_MOST];

	settle_done(s);
	if (!f || !settle_needed(r, f)) {
		tui_say(t, "%s", _("One value only: there is nothing to settle."));
		return;
	}
	*s = (struct settle){.id = r->id, .f = f, .done = done, .ctx = ctx};
	settle_each(t, r, f, settle_take, s);
	for (size_t i = 0; i < s->n; i++) {
		labels[i] = s->words[i] ? s->words[i] : "";
		details[i] = s->who[i] ? s->who[i] : "";
	}
	tui_choose(t, &(struct choice){_(f->label), labels, details, s->n, settle_taken, s});
}
