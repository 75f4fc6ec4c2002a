/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "card.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "cli/cli.h"
#include "flow.h"
#include "tui.h"

/* Six words to compare by voice, and one's own card as a QR code where there is room for it. */
struct card_view {
	struct card card;
	struct buf text, qr;
	size_t words; /* bytes of the text that are shown above the code */
	int qr_rows, qr_cols;
	int top, rows, all;
};

static void card_state(struct tui *t, const struct card *c, struct buf *out)
{
	struct peer p;
	struct err none = ERR_INIT;
	struct moment when;
	struct buf day = BUF_INIT;

	if (!peer_get(t->store, &c->who.device, &p, &none))
		return;
	moment_from_unix(p.verified ? p.verified_ms : p.seen_ms, t->now.offset, &when);
	when.has_time = when.has_offset = false;
	date_short(&when, &t->now, t->lang, &day);
	buf_printf(out, p.verified ? _("key verified %s") : _("key seen %s, to be verified by voice"), buf_str(&day));
	buf_str_add(out, "\n\n");
	if (!p.verified)
		buf_str_add(out, _("Call, and let each read the other's six words. They are the same: v notes it. They "
				   "are not: the card came from someone else; do not seal anything to it."));
	buf_done(&day);
}

static bool card_text(struct tui *t, struct card_view *v, struct err *e)
{
	struct identity_self self = {0};
	struct buf card = BUF_INIT;
	bool ok = true;

	buf_clear(&v->text);
	buf_clear(&v->qr);
	buf_printf(&v->text, "%s\n\n", _("Six words to compare by voice:"));
	identity_words(&v->card.who, lang_code(), &v->text);
	buf_str_add(&v->text, "\n\n");
	v->words = v->text.len;
	if (v->card.peer)
		card_state(t, &v->card, &v->text);
	if (v->card.own) {
		ok = identity_self(t->store, &self, e) && identity_card(&self, &card, e) &&
		     identity_qr(buf_str(&card), draw_ascii(), false, &v->qr, &v->qr_rows, &v->qr_cols, e);
		buf_printf(&v->text, "%s\n\n%s\n",
			   _("The card, for a colleague or for a new device (in a file: arpent id -o FILE):"),
			   buf_str(&card));
		identity_self_done(&self);
	}
	ok = ok && buf_ok(&v->text, e);
	buf_done(&card);
	return ok;
}

static void card_close(struct tui *t, void *state)
{
	struct card_view *v = state;

	(void)t;
	buf_done(&v->text);
	buf_done(&v->qr);
}

static bool card_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct card_view *v = state;

	v->card = *(const struct card *)arg->more;
	if (card_text(t, v, e))
		return true;
	card_close(t, v);
	return false;
}

static void card_qr(const struct card_view *v, int row, int end)
{
	const char *s = buf_str(&v->qr);

	for (; row < end && *s; row++) {
		size_t n = strcspn(s, "\n");
		draw_part(row, 2, v->qr_cols, s, n, 0, DRAW_PLAIN);
		s += n + (s[n] == '\n');
	}
}

static void card_draw(struct tui *t, void *state, struct page *p)
{
	struct card_view *v = state;
	int width = p->cols - 4 < 72 ? p->cols - 4 : 72, above = width < 60 ? 5 : 4;
	bool code = v->qr.len && above + v->qr_rows <= p->end - p->top && 2 + v->qr_cols <= p->cols;
	char *words = code ? str_ndup(buf_str(&v->text), v->words) : NULL;

	(void)t;
	buf_str_add(&p->title, v->card.own ? _("My card") : v->card.who.name);
	v->rows = p->end - p->top;
	v->all = flow_rows(buf_str(&v->text), width);
	if (v->top > v->all - v->rows || code)
		v->top = v->all > v->rows && !code ? v->all - v->rows : 0;
	flow_draw(words ? words : buf_str(&v->text), v->top, p->top, p->end, 2, width, DRAW_PLAIN);
	if (words)
		card_qr(v, p->top + above, p->end);
	else if (v->qr.len)
		buf_printf(&p->hint, _("The QR code needs %d rows and %d columns: make the window larger."),
			   above + v->qr_rows + 4, v->qr_cols + 2);
	free(words);
}

static bool card_act(struct tui *t, void *state, enum action a)
{
	struct card_view *v = state;
	struct err e = ERR_INIT;

	if (a != DO_same)
		return false;
	if (!v->card.peer) {
		tui_say(t, "%s", _("Only a colleague's card is verified here."));
	} else if (peer_verify(t->store, &v->card.who.device, &e) && card_text(t, v, &e)) {
		tui_say(t, _("%s is verified."), v->card.who.name);
		tui_changed(t);
	} else {
		tui_fail(t, &e);
	}
	return true;
}

static bool card_key(struct tui *t, void *state, const struct event *ev)
{
	struct card_view *v = state;
	char c = ev->key == INPUT_TEXT && !ev->mods ? ev->text[0] : 0;

	(void)t;
	if (ev->key == INPUT_DOWN || c == 'j')
		v->top++;
	else if (ev->key == INPUT_UP || c == 'k')
		v->top -= v->top > 0;
	else if (ev->key == INPUT_PAGE_DOWN || ev->key == INPUT_SPACE)
		v->top += v->rows - 1;
	else if (ev->key == INPUT_PAGE_UP)
		v->top -= v->top > v->rows ? v->rows - 1 : v->top;
	else
		return false;
	return true;
}

const struct view view_card = {
    .id = VIEW_card,
    .size = sizeof(struct card_view),
    .open = card_open,
    .draw = card_draw,
    .act = card_act,
    .key = card_key,
    .close = card_close,
};
