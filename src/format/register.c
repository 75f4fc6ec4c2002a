/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/register.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/devices.h"
#include "arpent/export.h"
#include "arpent/i18n.h"
#include "arpent/identity.h"
#include "arpent/text.h"
#include "lines.h"

struct gathering {
	struct store *s;
	struct register_book *out;
	struct moment now;
	size_t cap;
	struct err e;
};

void register_done(struct register_book *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].title);
		free(b->v[i].purpose);
		free(b->v[i].ground);
		free(b->v[i].consent);
		free(b->v[i].review);
	}
	free(b->v);
	memset(b, 0, sizeof *b);
}

static enum register_due register_when(const struct moment *now, const char *review)
{
	struct moment m;
	int64_t days;

	if (!moment_parse(review, &m))
		return REGISTER_UNDATED;
	days = date_days(&m.date) - date_days(&now->date);
	return days <= 0 ? REGISTER_PAST : days <= REGISTER_SOON_DAYS ? REGISTER_SOON : REGISTER_LATER;
}

static char *register_word(const struct record *r, const struct kind *k, const char *key)
{
	const struct field *f = k ? kind_field(k, key) : NULL;
	struct buf b = BUF_INIT;

	if (f && f->vocab && record_get(r, key)[0])
		buf_str_add(&b, vocab_label(vocab_find(f->vocab), record_get(r, key)));
	return b.len ? buf_steal(&b) : str_dup("");
}

static bool register_add(struct gathering *g, const struct id *id)
{
	struct register_book *out = g->out;
	struct register_item *it;
	struct buf title = BUF_INIT;
	struct record r;

	record_init(&r);
	if (out->n == g->cap) {
		size_t cap = g->cap ? g->cap * 2 : 64;
		struct register_item *v = reallocarray(out->v, cap, sizeof *v);
		if (!v)
			return err_nomem(&g->e, "register_read");
		out->v = v;
		g->cap = cap;
	}
	if (!store_get(g->s, id, &r, &g->e))
		return false;
	store_title(g->s, id, &title);
	it = &out->v[out->n++];
	*it = (struct register_item){.id = *id, .kind = kind_find(r.kind)};
	it->title = title.len ? buf_steal(&title) : str_dup("");
	it->purpose = str_dup(record_get(&r, "purpose"));
	it->ground = register_word(&r, it->kind, "ground");
	it->consent = register_word(&r, it->kind, "consent");
	it->review = str_dup(record_get(&r, "review"));
	record_done(&r);
	if (!it->title || !it->purpose || !it->ground || !it->consent || !it->review)
		return err_nomem(&g->e, "register_read");
	it->due = register_when(&g->now, it->review);
	out->counts[it->due]++;
	if (it->kind && strcmp(it->kind->key, "person") == 0) {
		out->people++;
		out->unsaid += !it->purpose[0] || !it->ground[0];
	}
	return true;
}

struct others {
	struct id *v;
	size_t n, cap;
	bool oom;
};

static bool register_other(void *ctx, const struct id *id)
{
	struct others *o = ctx;

	if (o->n == o->cap) {
		size_t cap = o->cap ? o->cap * 2 : 64;
		struct id *v = reallocarray(o->v, cap, sizeof *v);
		o->oom = !v;
		if (!v)
			return false;
		o->v = v;
		o->cap = cap;
	}
	o->v[o->n++] = *id;
	return true;
}

static int register_cmp(const void *a, const void *b)
{
	const struct register_item *x = a, *y = b;
	int c = (int)x->due - (int)y->due;

	c = c ? c : strcmp(x->review, y->review);
	return c ? c : strcmp(x->title, y->title);
}

static bool register_gather(struct gathering *g, struct err *e)
{
	struct others o = {NULL, 0, 0, false};
	struct id *people = NULL;
	size_t n = 0;
	bool ok = export_all(g->s, "person", false, &people, &n, e) &&
		  store_holding(g->s, "review", register_other, &o, e) && (!o.oom || err_nomem(e, "register_read"));

	for (size_t i = 0; ok && i < n; i++)
		ok = register_add(g, &people[i]);
	for (size_t i = 0; ok && i < o.n; i++) {
		struct record r;
		record_init(&r);
		ok = store_get(g->s, &o.v[i], &r, &g->e);
		bool in = ok && strcmp(r.kind, "person") != 0 && record_get(&r, "review")[0];
		record_done(&r);
		ok = ok && (!in || register_add(g, &o.v[i]));
	}
	if (!ok && g->e.code != ERR_NONE)
		*e = g->e;
	free(people);
	free(o.v);
	return ok;
}

bool register_read(struct store *s, struct register_book *out, struct err *e)
{
	struct gathering g = {.s = s, .out = out, .e = ERR_INIT};

	memset(out, 0, sizeof *out);
	store_now(s, &g.now);
	if (!register_gather(&g, e)) {
		register_done(out);
		return false;
	}
	if (out->n > 1)
		qsort(out->v, out->n, sizeof *out->v, register_cmp);
	return true;
}

bool register_review(struct store *s, const struct id *id, const char *day, struct err *e)
{
	const struct want w = want_line("review", day);

	if (!store_step_begin(s, N_("Review date"), e))
		return false;
	if (store_edit(s, id, &w, 1, e))
		return store_step_end(s, e);
	store_step_cancel(s);
	return false;
}

/* The document. */

/* Which fields of a kind tell of people: all of a person's; else who is named, and texts in which someone may be. */
static void register_fields(const struct kind *k, struct buf *out)
{
	bool person = strcmp(k->key, "person") == 0;

	for (size_t i = 0; i < k->n; i++) {
		const struct field *f = &k->fields[i];
		bool names = f->refers && strcmp(f->refers, "person") == 0;
		if (!person && !names && f->type != FIELD_TEXT && strcmp(f->key, "observer") != 0)
			continue;
		buf_str_add(out, out->len ? ", " : "");
		buf_str_add(out, _(f->label));
		if (f->flags & FIELD_PRIVATE)
			buf_printf(out, " (%s)", _("confidential"));
	}
}

static bool register_kinds(struct store *s, struct buf *out, struct err *e)
{
	lines_heading(out, _("What is held"));
	for (size_t i = 0; i < kind_count(); i++) {
		const struct kind *k = kind_at(i);
		const struct list_spec spec = {.kind = k->key};
		struct buf fields = BUF_INIT;
		size_t n = 0;
		bool ok = store_count(s, &spec, SIZE_MAX / 2, &n, e);
		register_fields(k, &fields);
		if (ok && n > 0 && fields.len > 0)
			buf_printf(out, "%s (%zu)%s%s\n", _(k->plural), n, _(": "), buf_str(&fields));
		buf_done(&fields);
		if (!ok)
			return false;
	}
	return true;
}

static bool register_peer(void *ctx, const struct peer *p)
{
	struct buf *out = ctx;

	buf_printf(out, "- %s%s%s\n", p->who.name, _(": "),
		   p->verified ? _("a colleague, key verified") : _("a colleague, key not verified"));
	return true;
}

static bool register_recipients(struct store *s, struct buf *out, struct err *e)
{
	struct err none = ERR_INIT;
	struct space sp;

	size_t begin;

	lines_heading(out, _("Who may receive it"));
	begin = out->len;
	if (devices_space(s, &sp, &none)) {
		for (size_t i = 0; i < sp.n; i++)
			if (!sp.streams[i].ended)
				buf_printf(out, "- %s%s%s\n",
					   sp.streams[i].label[0] ? sp.streams[i].label : sp.streams[i].who.name,
					   _(": "), _("a device that has this notebook"));
		space_done(&sp);
	} else if (none.code != ERR_NOT_FOUND) {
		*e = none;
		return false;
	}
	if (!peer_each(s, register_peer, out, e))
		return false;
	if (out->len == begin)
		buf_printf(out, "%s\n", _("Nobody: this notebook is on this device alone."));
	return true;
}

static void register_item_text(const struct register_item *it, const struct moment *now, enum date_lang lang,
			       struct buf *out)
{
	struct moment m;

	buf_printf(out, "- %s", it->title);
	if (it->kind && strcmp(it->kind->key, "person") != 0)
		buf_printf(out, " (%s)", _(it->kind->label));
	buf_str_add(out, _(": "));
	buf_str_add(out, it->purpose[0] ? it->purpose : _("no purpose"));
	buf_printf(out, " ; %s", it->ground[0] ? it->ground : _("no legal ground"));
	if (it->consent[0])
		buf_printf(out, " ; %s %s", _("consent"), it->consent);
	buf_str_add(out, " ; ");
	if (moment_parse(it->review, &m)) {
		buf_str_add(out, it->due == REGISTER_PAST ? _("to be reviewed since") : _("review on"));
		buf_char(out, ' ');
		date_short(&m, now, lang, out);
	} else {
		buf_str_add(out, _("no review date"));
	}
	buf_char(out, '\n');
}

static void register_people(const struct register_book *b, const struct moment *now, enum date_lang lang,
			    struct buf *out)
{
	lines_heading(out, _("Why, and until when"));
	for (size_t i = 0; i < b->n; i++)
		register_item_text(&b->v[i], now, lang, out);
}

bool register_document(struct store *s, enum date_lang lang, struct buf *out, struct err *e)
{
	struct identity_self self = {0};
	struct register_book b;
	struct moment now;
	bool ok;

	if (!register_read(s, &b, e))
		return false;
	store_now(s, &now);
	now.has_time = now.has_offset = false;
	ok = identity_self(s, &self, e);
	buf_printf(out, "%s\n", _("REGISTER OF PERSONAL DATA"));
	buf_printf(out, "%s%s%s\n", _("Notebook of"), _(": "), ok && self.who.name[0] ? self.who.name : "-");
	buf_printf(out, "%s%s", _("Date"), _(": "));
	date_long(&now, lang, out);
	buf_char(out, '\n');
	ok = ok && register_kinds(s, out, e) && register_recipients(s, out, e);
	if (ok) {
		register_people(&b, &now, lang, out);
		lines_heading(out, _("How it is protected"));
		buf_printf(
		    out, "%s\n",
		    _("One file, sealed page by page (XChaCha20-Poly1305), opened by a passphrase (Argon2id); it "
		      "locks itself; what is sent is sealed and signed; each change is kept with who and when."));
		ok = buf_ok(out, e);
	}
	identity_self_done(&self);
	register_done(&b);
	return ok;
}
