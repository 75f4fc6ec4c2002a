/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view-meeting.h"

#include <stdio.h>
#include <string.h>

#include "arpent/text.h"

#define MEETING_FIELDS "subject type start end place body"

static void meeting_close(struct tui *t, void *state)
{
	struct meeting_view *v = state;

	(void)t;
	editor_done(&v->ed);
	buf_done(&v->base);
	fields_done(&v->fields);
	minutes_done(&v->m);
	minutes_done(&v->also);
	asking_done(&v->asking);
}

static bool meeting_also(struct tui *t, struct meeting_view *v, const char *notes, struct err *e)
{
	struct minutes saved = {.n = 0};

	minutes_done(&v->also);
	if (id_is_zero(&v->id))
		return true;
	bool ok = meeting_read(t->store, notes, &saved, e) && pane_attendance(t, &v->id, &saved, &v->also, e);
	minutes_done(&saved);
	return ok;
}

/* From the record, or empty for a new one. */
static bool meeting_load(struct tui *t, struct meeting_view *v, struct err *e)
{
	struct record r;
	struct buf text = BUF_INIT;
	bool ok = true;

	record_init(&r);
	if (!id_is_zero(&v->id))
		ok = store_get(t->store, &v->id, &r, e) && meeting_text(t->store, &r, &text, e);
	ok = ok && meeting_also(t, v, buf_str(&text), e);
	ok = ok && fields_fill(&v->fields, id_is_zero(&v->id) ? NULL : &r, t->lang, e);
	if (ok && strcmp(editor_text(&v->ed), buf_str(&text)) != 0) {
		size_t at = v->ed.at;
		editor_set(&v->ed, buf_str(&text));
		if (at > 0 && at < text.len)
			v->ed.at = text_cluster_before(text.p, at + 1);
	}
	if (ok) {
		buf_clear(&v->base);
		buf_add(&v->base, buf_str(&text), text.len);
		ok = buf_ok(&v->base, e);
	}
	v->stale = true;
	v->typing = v->dirty = v->typed = false;
	record_done(&r);
	buf_done(&text);
	return ok;
}

/* What was typed, on top of what the notes have become meanwhile; where both changed the same lines, what was typed. */
static void meeting_merge(struct tui *t, struct meeting_view *v, const char *base, size_t n, const char *typed)
{
	struct buf merged = BUF_INIT;
	bool same = n == v->base.len && memcmp(base, buf_str(&v->base), n) == 0;

	if (same || id_is_zero(&v->id)) {
		editor_set(&v->ed, typed);
	} else if (merge_text(base, n, buf_str(&v->base), v->base.len, typed, strlen(typed), &merged) && !merged.oom) {
		editor_set(&v->ed, buf_str(&merged));
		tui_say(t, "%s", _("The notes had changed meanwhile: both are here, together."));
	} else {
		editor_set(&v->ed, typed);
		tui_say(t, "%s", _("The notes had changed meanwhile in the same lines: these are as you typed them."));
		t->message_bad = true;
	}
	buf_done(&merged);
}

/* A draft is the fields that changed, "key\tvalue" a line, an empty line, the notes as they were read, NUL, and the
 * notes as they are typed. */
static bool meeting_take_up(struct tui *t, struct meeting_view *v, struct err *e)
{
	struct buf b = BUF_INIT;
	bool ok = store_draft_get(t->store, v->key, &b, e);

	if (ok) {
		const char *p = buf_str(&b), *end = p + b.len;
		for (size_t n; (n = strcspn(p, "\n")) > 0; p += n + (p[n] == '\n'))
			fields_take(&v->fields, p, n);
		p += *p == '\n';
		size_t base = strlen(p);
		meeting_merge(t, v, p, base, p + base < end ? p + base + 1 : p);
		v->dirty = true;
	}
	buf_done(&b);
	return ok;
}

/* A draft is named after its meeting; that of a new one after an id that no record has. */
static bool meeting_key(struct tui *t, struct meeting_view *v, const struct view_arg *arg, struct err *e)
{
	struct id id;
	struct record r;

	if (arg->draft) {
		snprintf(v->key, sizeof v->key, "%s", arg->draft);
		record_init(&r);
		if (id_parse(arg->draft + strlen(MEETING_DRAFT), &id) && store_get(t->store, &id, &r, e))
			v->id = id;
		record_done(&r);
		return true;
	}
	if (arg->id)
		v->id = id = *arg->id;
	else
		id_new(&id);
	memcpy(v->key, MEETING_DRAFT, strlen(MEETING_DRAFT));
	id_text(&id, v->key + strlen(MEETING_DRAFT));
	return true;
}

static bool meeting_open(struct tui *t, void *state, const struct view_arg *arg, struct err *e)
{
	struct meeting_view *v = state;
	struct err none = ERR_INIT;

	editor_init(&v->ed);
	fields_init(&v->fields, kind_find("meeting"), MEETING_FIELDS);
	if (!meeting_key(t, v, arg, e) || !meeting_load(t, v, e) || (arg->draft && !meeting_take_up(t, v, e))) {
		meeting_close(t, v);
		return false;
	}
	if (!arg->draft && arg->id && meeting_take_up(t, v, &none) && !t->message.len)
		tui_say(t, "%s", _("What was not saved last time is taken up again."));
	if (id_is_zero(&v->id) && !arg->draft) {
		struct moment now = t->now;
		struct buf start = BUF_INIT;
		now.has_offset = false;
		now.second = 0;
		date_short(&now, NULL, t->lang, &start);
		line_set(&fields_row(&v->fields, "start")->line, buf_str(&start));
		buf_done(&start);
		if (arg->text)
			editor_set(&v->ed, arg->text);
	}
	return true;
}

/* Drawing. */

static void meeting_understand(struct tui *t, struct meeting_view *v)
{
	struct err e = ERR_INIT;

	if (!v->stale)
		return;
	v->stale = false;
	minutes_done(&v->m);
	if (!meeting_read(t->store, editor_text(&v->ed), &v->m, &e))
		tui_fail(t, &e);
}

static size_t meeting_line(const struct meeting_view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->ed.at && i < v->ed.text.len; i++)
		n += v->ed.text.p[i] == '\n';
	return n;
}

static void meeting_title(struct tui *t, struct meeting_view *v, struct page *p)
{
	const char *subject = line_text(&fields_row(&v->fields, "subject")->line);
	struct fields_row *start = fields_row(&v->fields, "start");
	struct buf b = BUF_INIT;
	struct moment m;

	buf_str_add(&p->title, _("Meeting"));
	if (fields_value(start, &t->now, &b) && moment_parse(buf_str(&b), &m)) {
		m.has_time = false;
		buf_char(&p->title, ' ');
		date_short(&m, &t->now, t->lang, &p->title);
	}
	if (subject[0])
		buf_printf(&p->title, ", %s", subject);
	if (!v->dirty && !id_is_zero(&v->id))
		buf_str_add(&p->right, _("saved"));
	else if (v->kept)
		buf_printf(&p->right, _("kept %02d:%02d"), v->kept_at.hour, v->kept_at.minute);
	buf_done(&b);
}

/* Where there is no room for the pane: its numbers. */
static void meeting_hint(const struct meeting_view *v, bool beside, struct buf *out)
{
	struct pane_counts c;

	pane_count(&v->m, &c);
	if (v->in_fields)
		fields_hint(&v->fields.v[v->fields.at], out);
	else if (v->ed.text.len == 0 && !beside)
		buf_str_add(out, _("@present -@excused !decision >follow-up ?question #tag ^site"));
	else if (!beside)
		buf_printf(out, _("^O: @%zu -@%zu !%zu >%zu ?%zu"), c.present, c.excused, c.decisions, c.tasks,
			   c.questions);
	if (c.open && v->ed.text.len && !v->in_fields)
		buf_printf(out, P_("%s%zu name to settle", "%s%zu names to settle", c.open), out->len ? ", " : "",
			   c.open);
}

static void meeting_draw(struct tui *t, void *state, struct page *p)
{
	struct meeting_view *v = state;
	bool beside = p->cols >= TUI_PREVIEW_COLUMNS;
	int left = beside ? p->cols * 5 / 8 : p->cols, row = p->top;

	if (!v->typing)
		meeting_understand(t, v);
	meeting_title(t, v, p);
	meeting_hint(v, beside, &p->hint);
	if (v->pane && !beside) {
		pane_draw(t, &v->m, &v->also, meeting_line(v), p->top, p->end, 1, p->cols - 2);
		return;
	}
	if (v->in_fields) {
		int most = p->end - row > 4 ? p->end - 2 : p->end;
		int end = row + (int)v->fields.n < most ? row + (int)v->fields.n : most;
		fields_draw(&v->fields, row, end, 1, left - 2, true);
		row = end + (p->end - end > 3);
	}
	editor_draw(&v->ed, row, 1, p->end - row, left - 2, !v->in_fields);
	if (beside) {
		draw_rule(p->top, p->end, left);
		pane_draw(t, &v->m, &v->also, meeting_line(v), p->top, p->end, left + 2, p->cols - left - 3);
	}
}

/* Keys. */

static void meeting_touched(struct meeting_view *v, bool changed)
{
	v->dirty = v->dirty || changed;
	v->typed = v->typed || changed;
}

static bool meeting_key_field(struct tui *t, struct meeting_view *v, const struct event *ev)
{
	struct fields_row *r = &v->fields.v[v->fields.at];
	size_t at = v->fields.at;
	bool changed = false;

	/* A date is more often typed anew than corrected; ^U brings the old one back. */
	if (v->fresh && ev->key == INPUT_TEXT && !ev->mods && (r->f->type == FIELD_MOMENT || r->f->type == FIELD_DAY))
		line_clear(&r->line);
	v->fresh = false;
	if (line_key(&r->line, ev, &changed)) {
		meeting_touched(v, changed);
		r->bad = r->bad && !changed;
		return true;
	}
	if (ev->key == INPUT_DOWN || ev->key == INPUT_ENTER)
		at = at + 1;
	else if (ev->key == INPUT_UP)
		at = at > 0 ? at - 1 : 0;
	else
		return false;
	fields_check(r, &t->now);
	v->in_fields = at < v->fields.n;
	v->fields.at = at < v->fields.n ? at : 0;
	v->fresh = true;
	return true;
}

static bool meeting_typed(struct tui *t, void *state, const struct event *ev)
{
	struct meeting_view *v = state;
	bool changed = false;

	/* In the pane, up and down go through what each line of the notes gave; any other key goes back to typing. */
	if (v->pane && ev->key != INPUT_UP && ev->key != INPUT_DOWN)
		v->pane = false;
	if (v->in_fields)
		return meeting_key_field(t, v, ev);
	if (!editor_key(&v->ed, ev, &changed))
		return false;
	v->stale = v->stale || changed;
	v->typing = v->typing || changed;
	meeting_touched(v, changed);
	return true;
}

/* Tab goes round: the notes, each field, the notes. */
static void meeting_tab(struct tui *t, struct meeting_view *v, bool back)
{
	v->fresh = true;
	if (!v->in_fields) {
		v->in_fields = true;
		v->fields.at = back ? v->fields.n - 1 : 0;
		return;
	}
	fields_check(&v->fields.v[v->fields.at], &t->now);
	v->in_fields = back ? v->fields.at > 0 : v->fields.at + 1 < v->fields.n;
	if (v->in_fields)
		v->fields.at += back ? (size_t)-1 : 1;
}

static void meeting_untype(struct meeting_view *v, bool again)
{
	struct line *l = &v->fields.v[v->fields.at].line;
	bool changed;

	if (v->in_fields)
		changed = again ? line_redo(l) : line_undo(l);
	else
		changed = again ? editor_redo(&v->ed) : editor_undo(&v->ed);
	v->stale = v->stale || changed;
	meeting_touched(v, changed);
}

static bool meeting_act(struct tui *t, void *state, enum action a)
{
	struct meeting_view *v = state;

	switch (a) {
	case DO_save:
		meeting_view_save(t, v, NULL);
		return true;
	case DO_minutes:
		meeting_view_save(t, v, &view_minutes);
		return true;
	case DO_all_fields:
		meeting_view_save(t, v, &view_form);
		return true;
	case DO_fields:
	case DO_fields_back:
		meeting_tab(t, v, a == DO_fields_back);
		return true;
	case DO_untype:
	case DO_retype:
		meeting_untype(v, a == DO_retype);
		return true;
	case DO_understood:
		v->typing = false;
		v->pane = !v->pane && draw_cols() < TUI_PREVIEW_COLUMNS;
		v->in_fields = v->in_fields && !v->pane;
		return true;
	case DO_pick:
		meeting_view_pick(t, v);
		return true;
	default:
		return false;
	}
}

static bool meeting_keep(struct tui *t, void *state, struct err *e)
{
	struct meeting_view *v = state;
	const char *subject = line_text(&fields_row(&v->fields, "subject")->line);
	struct buf b = BUF_INIT, title = BUF_INIT;

	if (!v->typed)
		return true;
	/* Taken back to nothing: there is nothing to keep. */
	bool empty = v->ed.text.len == 0 && !subject[0] && id_is_zero(&v->id);
	fields_put(&v->fields, &b);
	buf_char(&b, '\n');
	buf_add(&b, buf_str(&v->base), v->base.len + 1);
	buf_str_add(&b, editor_text(&v->ed));
	buf_printf(&title, "%s %s", _("Meeting"), subject);
	if (!subject[0])
		buf_add(&title, editor_text(&v->ed), strcspn(editor_text(&v->ed), "\n"));
	bool ok = buf_ok(&b, e) && buf_ok(&title, e) &&
		  store_draft_set(t->store, v->key, buf_str(&title), empty ? NULL : b.p, empty ? 0 : b.len, e);
	v->typed = v->typed && !ok;
	v->kept = ok && !empty;
	v->kept_at = t->now;
	buf_done(&b);
	buf_done(&title);
	return ok;
}

static void meeting_idle(struct tui *t, void *state)
{
	(void)t;
	((struct meeting_view *)state)->typing = false;
}

static void meeting_changed(struct tui *t, void *state)
{
	struct meeting_view *v = state;
	struct err e = ERR_INIT;

	v->stale = true;
	if (!v->dirty && !id_is_zero(&v->id) && !meeting_load(t, v, &e))
		tui_fail(t, &e);
}

bool meeting_view_reload(struct tui *t, struct meeting_view *v, struct err *e)
{
	return meeting_load(t, v, e);
}

const struct view view_meeting = {
    .id = VIEW_meeting,
    .size = sizeof(struct meeting_view),
    .draft = MEETING_DRAFT,
    .open = meeting_open,
    .draw = meeting_draw,
    .act = meeting_act,
    .key = meeting_typed,
    .changed = meeting_changed,
    .idle = meeting_idle,
    .keep = meeting_keep,
    .close = meeting_close,
};
