/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/meeting.h"
#include "store/meeting-who.h"

enum { QUICK_WANTS = 8 };

struct quick_wants {
	struct want v[QUICK_WANTS];
	size_t n;
	struct buf when, tags, about;
	char who[ID_TEXT + 1], site[ID_TEXT + 1];
};

static void quick_want(struct quick_wants *w, const char *key, const char *text, bool is_set, bool is_text)
{
	if (text[0] != '\0')
		w->v[w->n++] = (struct want){.key = key, .text = text, .is_set = is_set, .is_text = is_text};
}

/* Settles the names in it and gathers what it says beside its wording. */
static bool quick_gather(struct store *s, const struct quick *q, meeting_ask *ask, void *ctx, struct quick_wants *w,
			 struct err *e)
{
	const struct meeting_who who = {s, ask, ctx, NULL};

	for (size_t i = 0; i < q->items.n; i++) {
		struct minutes_item *item = &q->items.items[i];
		char text[ID_TEXT + 1];
		if (item->type == MINUTES_TAG) {
			buf_printf(&w->tags, "%s%s", w->tags.len ? "\n" : "", item->text);
			continue;
		}
		if (!meeting_who_item(&who, item, e))
			return false;
		if (id_is_zero(&item->who))
			continue;
		id_text(&item->who, text);
		buf_printf(&w->about, "%s%s", w->about.len ? "\n" : "", text);
		char *first = item->type == MINUTES_SITE ? w->site : w->who;
		if (first[0] == '\0')
			memcpy(first, text, sizeof text);
	}
	struct moment when = q->when;
	if (!q->has_when)
		store_now(s, &when);
	when.has_offset = false;
	when.second = 0;
	moment_text(&when, &w->when);
	return buf_ok(&w->tags, e) && buf_ok(&w->about, e) && buf_ok(&w->when, e);
}

static void quick_fields(const struct quick *q, struct quick_wants *w)
{
	const char *when = buf_str(&w->when), *typed = q->has_when ? when : "";

	if (strcmp(q->kind, "task") == 0) {
		quick_want(w, "wording", q->text, false, false);
		quick_want(w, "due", typed, false, false);
		quick_want(w, "owner", w->who, false, false);
		quick_want(w, "source", w->site, false, false);
		quick_want(w, "state", "open", false, false);
	} else if (strcmp(q->kind, "decision") == 0) {
		quick_want(w, "wording", q->text, false, false);
		quick_want(w, "responsible", w->who, false, false);
		quick_want(w, "state", "open", false, false);
	} else if (strcmp(q->kind, "observation") == 0) {
		quick_want(w, "subject", q->text, false, false);
		quick_want(w, "date", when, false, false);
		quick_want(w, "site", w->site, false, false);
	} else if (strcmp(q->kind, "meeting") == 0) {
		quick_want(w, "subject", q->text, false, false);
		quick_want(w, "start", when, false, false);
		quick_want(w, "site", w->site, false, false);
	} else {
		quick_want(w, "text", q->text, false, true);
		quick_want(w, "date", when, false, false);
		quick_want(w, "about", buf_str(&w->about), true, false);
	}
	quick_want(w, "tags", buf_str(&w->tags), true, false);
}

bool quick_save(struct store *s, const struct quick *q, meeting_ask *ask, void *ctx, struct id *out, struct err *e)
{
	struct quick_wants w = {.n = 0};
	bool ok;

	if (q->text[0] == '\0')
		return err_set(e, ERR_INPUT, "quick_save", "%s", _("nothing was typed"));
	if (!store_step_begin(s, N_("Quick capture"), e))
		return false;
	ok = quick_gather(s, q, ask, ctx, &w, e);
	if (ok)
		quick_fields(q, &w);
	ok = ok && store_new(s, q->kind, w.v, w.n, out, e);
	if (ok && strcmp(q->kind, "meeting") == 0) {
		const struct minutes none = {NULL, 0};
		const struct meeting_who who = {s, ask, ctx, out};
		ok = meeting_attendance(&who, &none, &q->items, e);
	}
	if (ok)
		ok = store_step_end(s, e);
	else
		store_step_cancel(s);
	buf_done(&w.when);
	buf_done(&w.tags);
	buf_done(&w.about);
	return ok;
}
