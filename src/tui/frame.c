/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tui.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/inbox.h"
#include "arpent/text.h"
#include "cli/cli.h"
#include "copying.h"
#include "round.h"
#include "setting.h"
#include "term.h"

void tui_init(struct tui *t, const char *path)
{
	memset(t, 0, sizeof *t);
	t->path = str_dup(path);
	t->lang = lang_date();
	t->inbox = -1;
}

static void tui_clock(struct tui *t)
{
	if (t->clock)
		t->clock(t->clock_ctx, &t->now);
	else
		moment_now(&t->now);
}

struct frame *tui_top(struct tui *t)
{
	return t->depth ? &t->stack[t->depth - 1] : NULL;
}

/* Messages. */

void tui_say(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&t->message);
	t->message_bad = false;
	va_start(ap, fmt);
	buf_vprintf(&t->message, fmt, ap);
	va_end(ap);
}

void tui_fail(struct tui *t, const struct err *e)
{
	buf_clear(&t->message);
	err_sentence(e, &t->message);
	t->message_bad = true;
}

void tui_changed(struct tui *t)
{
	t->stale = true;
}

/* The stack. */

bool tui_push(struct tui *t, const struct view *v, const struct view_arg *arg)
{
	static const struct view_arg none;
	struct err e = ERR_INIT;

	if (t->depth == TUI_DEPTH)
		return false;
	void *state = calloc(1, v->size ? v->size : 1);
	if (!state)
		err_nomem(&e, "tui_push");
	if (!state || !v->open(t, state, arg ? arg : &none, &e)) {
		free(state);
		tui_fail(t, &e);
		return false;
	}
	t->stack[t->depth++] = (struct frame){v, state};
	return true;
}

static bool tui_keep_frame(struct tui *t, struct frame *f)
{
	struct err e = ERR_INIT;

	if (!f->view->keep || f->view->keep(t, f->state, &e))
		return true;
	tui_fail(t, &e);
	return false;
}

static void tui_drop(struct tui *t)
{
	struct frame f = t->stack[--t->depth];

	if (f.view->close)
		f.view->close(t, f.state);
	free(f.state);
}

void tui_pop(struct tui *t)
{
	/* What cannot be kept stays open: closing would lose it. */
	if (t->depth == 0 || !tui_keep_frame(t, tui_top(t)))
		return;
	tui_drop(t);
	tui_changed(t);
}

void tui_home(struct tui *t)
{
	size_t before = t->depth + 1;

	while (t->depth > 1 && t->depth < before) {
		before = t->depth;
		tui_pop(t);
	}
}

bool tui_keep(struct tui *t)
{
	bool ok = true;

	for (size_t i = 0; i < t->depth; i++)
		ok = tui_keep_frame(t, &t->stack[i]) && ok;
	return ok;
}

static void tui_drop_all(struct tui *t)
{
	tui_keep(t);
	while (t->depth > 0)
		tui_drop(t);
}

/* The notebook. */

static void tui_begin(struct tui *t)
{
	struct err e = ERR_INIT;
	struct id id;

	if (!t->begin)
		return;
	if (store_resolve(t->store, t->begin, NULL, &id, &e))
		tui_open_record(t, &id);
	else
		tui_fail(t, &e);
	t->begin = NULL;
}

/* It stays on the first view; on another, it is a message too. */
static void tui_warn(struct tui *t, const struct err *e)
{
	buf_str_add(&t->warning, t->warning.len ? " " : "");
	err_sentence(e, &t->warning);
	if (t->depth > 1)
		tui_fail(t, e);
}

/* Was it found as it was left? */
static void tui_look(struct tui *t)
{
	const struct latest *last = store_older_than(t->store);
	struct err e = ERR_INIT;

	if (last && !cli_err_older(last, t->now.offset, &e))
		tui_warn(t, &e);
	if (store_log_kept(t->store) && !cli_err_log(t->store, &e))
		tui_warn(t, &e);
}

void tui_scan(struct tui *t)
{
	struct err e = ERR_INIT;

	if (t->scanning && !store_scan(t->store, &t->scanning, &e))
		tui_warn(t, &e);
}

bool tui_spare(const struct tui *t)
{
	return t->scanning || (t->store && store_untidy(t->store));
}

void tui_use_spare(struct tui *t)
{
	struct err e = ERR_INIT;

	if (t->scanning)
		tui_scan(t);
	else if (t->store && !store_tidy(t->store, &e)) /* nothing is lost by it; the next save says what is wrong */
		return;
}

void tui_set_store(struct tui *t, struct store *s)
{
	tui_drop_all(t);
	t->store = s;
	if (t->clock)
		store_set_clock(s, t->clock, t->clock_ctx);
	t->inbox = inbox_watch(t->path);
	tui_clock(t);
	t->lock_minutes = setting_lock_minutes(s);
	tui_push(t, &view_home, NULL);
	tui_inbox(t);
	tui_begin(t);
	tui_look(t);
	t->scanning = true;
}

static void tui_close_store(struct tui *t)
{
	tui_drop_all(t);
	tui_forget_dropped(t);
	if (t->inbox >= 0)
		close(t->inbox);
	t->inbox = -1;
	store_close(t->store);
	t->store = NULL;
	t->scanning = false;
	buf_clear(&t->warning);
}

void tui_lock(struct tui *t)
{
	if (!t->store) {
		/* Recovery words are seen while they are typed. */
		if (tui_top(t)->view == &view_lock) {
			tui_act(t, DO_clear);
			t->locked = true;
		}
		return;
	}
	/* What cannot be kept would be lost. */
	if (!tui_keep(t))
		return;
	if (round_stop(t)) {
		t->round.lock = true;
		return;
	}
	t->round = (struct round){.due = false};
	tui_close_store(t);
	buf_clear(&t->message);
	term_wipe();
	tui_push(t, &view_lock, NULL);
	t->locked = true;
}

void tui_suspend(struct tui *t)
{
	if (t->store && t->lock_minutes)
		tui_lock(t);
	if (t->locked || t->round.lock)
		t->suspend = true;
	else
		term_suspend();
}

void tui_inbox(struct tui *t)
{
	size_t taken = 0, bad = 0;
	struct err e = ERR_INIT;

	if (!t->store)
		return;
	if (t->inbox >= 0)
		inbox_drain(t->inbox);
	if (!inbox_take(t->store, &taken, &bad, &e)) {
		tui_fail(t, &e);
	} else if (taken) {
		tui_changed(t);
		tui_say(t, P_("%zu note came in.", "%zu notes came in.", taken), taken);
	} else if (bad) {
		tui_say(t,
			P_("%zu note in the inbox does not open. arpent check names it.",
			   "%zu notes in the inbox do not open. arpent check names them.", bad),
			bad);
	}
}

void tui_start(struct tui *t, struct store *store)
{
	tui_clock(t);
	if (store)
		tui_set_store(t, store);
	else
		tui_push(t, access(t->path, F_OK) == 0 ? &view_lock : &view_first, NULL);
	if (term_notice()[0])
		tui_say(t, "%s", term_notice());
}

void tui_done(struct tui *t)
{
	tui_close_store(t);
	free(t->path);
	buf_done(&t->message);
	buf_done(&t->warning);
}

void tui_set_lang(struct tui *t, const char *code)
{
	struct err e = ERR_INIT;

	lang_start(code);
	t->lang = lang_date();
	if (!lang_keep(code, &e))
		tui_fail(t, &e);
}

/* Records. */

void tui_open_record(struct tui *t, const struct id *id)
{
	tui_push(t, &view_record, &(struct view_arg){.id = id});
}

void tui_edit(struct tui *t, const struct id *id)
{
	struct record r;
	struct err e = ERR_INIT;

	record_init(&r);
	if (!store_get(t->store, id, &r, &e))
		tui_fail(t, &e);
	else
		tui_push(t, strcmp(r.kind, "meeting") == 0 ? &view_meeting : &view_form, &(struct view_arg){.id = id});
	record_done(&r);
}

void tui_new(struct tui *t, const char *kind)
{
	tui_push(t, strcmp(kind, "meeting") == 0 ? &view_meeting : &view_form, &(struct view_arg){.kind = kind});
}

void tui_like(struct tui *t, const struct id *id)
{
	if (id)
		tui_push(t, &view_form, &(struct view_arg){.more = id});
}

void tui_draft(struct tui *t, const char *key)
{
	static const struct view *const views[] = {
#define VIEW(id, label) &view_##id,
#include "views.def"
#undef VIEW
	};

	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		const char *prefix = views[i]->draft;
		if (prefix && strncmp(key, prefix, strlen(prefix)) == 0) {
			tui_push(t, views[i], &(struct view_arg){.draft = key});
			return;
		}
	}
}

/* Drawing. */

static void tui_bar_item(int row, int *col, enum action a)
{
	struct buf key = BUF_INIT;

	keys_show(a, &key);
	*col += draw_text(row, *col, draw_cols() - *col, buf_str(&key), DRAW_STRONG) + 1;
	*col += draw_text(row, *col, draw_cols() - *col, _(action_info(a)->bar), DRAW_PLAIN) + 2;
	buf_done(&key);
}

static int tui_bar_width(enum action a)
{
	struct buf key = BUF_INIT;

	keys_show(a, &key);
	int w = text_width(buf_str(&key)) + 1 + text_width(_(action_info(a)->bar));
	buf_done(&key);
	return w;
}

/* As many as fit, in the table's order; room for the help is kept. */
static void tui_bar(struct tui *t, int row)
{
	unsigned here = 1u << tui_top(t)->view->id;
	int col = 1, room = draw_cols(), help = DO_NONE;

	for (int a = 1; a < DO_COUNT; a++)
		if ((action_info((enum action)a)->where & here) && (a == DO_help || a == DO_hint))
			help = a;
	if (help)
		room -= tui_bar_width((enum action)help) + 2;
	for (int a = 1; a < DO_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);
		if (!(info->where & here) || !info->bar)
			continue;
		int w = tui_bar_width((enum action)a);
		if (a == help) {
			room += w + 2;
			help = DO_NONE;
		} else if (col + w > room) {
			continue;
		}
		tui_bar_item(row, &col, (enum action)a);
	}
}

/* Where it is narrow the title matters more than the program's name. */
static void tui_title(const struct page *p)
{
	int cols = draw_cols(), used = 1, right = text_width(buf_str(&p->right));

	if (right > cols / 2)
		right = cols / 2;
	if (cols - right - 12 >= text_width(buf_str(&p->title)) || cols >= TUI_PREVIEW_COLUMNS)
		used += draw_text(0, used, cols - 1, "arpent", DRAW_STRONG) + 2;
	draw_text(0, used, cols - used - right - (right ? 2 : 0), buf_str(&p->title), DRAW_PLAIN);
	if (right)
		draw_right(0, cols - 1, right, buf_str(&p->right), DRAW_PLAIN);
}

static void page_init(struct page *p, int top, int end)
{
	memset(p, 0, sizeof *p);
	p->top = top;
	p->end = end;
	p->cols = draw_cols();
}

static void page_done(struct page *p)
{
	buf_done(&p->title);
	buf_done(&p->right);
	buf_done(&p->hint);
}

static void tui_changes(struct tui *t)
{
	if (!t->stale)
		return;
	t->stale = false;
	for (size_t i = 0; i < t->depth; i++)
		if (t->stack[i].view->changed)
			t->stack[i].view->changed(t, t->stack[i].state);
}

static void tui_message(struct tui *t, const struct page *p, int row)
{
	const struct buf *b = t->message.len ? &t->message : &p->hint;
	struct buf round = BUF_INIT;

	if (t->message.len == 0)
		round_says(t, &round);
	b = round.len ? &round : b;
	draw_text_n(row, 1, draw_cols() - 1, buf_str(b), b->len,
		    t->message.len && t->message_bad ? DRAW_ERROR : DRAW_PLAIN);
	buf_done(&round);
}

void tui_draw(struct tui *t)
{
	int rows = draw_rows();
	struct frame *top = tui_top(t), *base = top;
	struct page p, over;

	if (!top)
		return;
	tui_clock(t);
	tui_changes(t);
	while (base > t->stack && base->view->overlay)
		base--;
	page_init(&p, rows < 16 ? 1 : 2, rows - 2);
	page_init(&over, p.top, p.end);
	if (top != base) {
		over.top = p.end - top->view->rows(t, top->state, p.end - p.top);
		p.end = over.top;
	}
	draw_begin();
	base->view->draw(t, base->state, &p);
	tui_title(&p);
	if (top != base)
		top->view->draw(t, top->state, &over);
	tui_message(t, top != base ? &over : &p, rows - 2);
	tui_bar(t, rows - 1);
	draw_end();
	page_done(&p);
	page_done(&over);
}

/* Keys. */

static void tui_undo(struct tui *t, bool redo)
{
	struct step_info info;
	struct err e = ERR_INIT;

	if (!redo && tui_undrop_draft(t))
		return;
	if (!(redo ? store_redo(t->store, &info, &e) : store_undo(t->store, &info, &e))) {
		tui_fail(t, &e);
		return;
	}
	tui_changed(t);
	tui_say(t, redo ? _("Done again: %s") : _("Undone: %s"), _(info.label));
}

static void tui_new_taken(struct tui *t, void *ctx, size_t i)
{
	(void)ctx;
	tui_new(t, kind_at(i)->key);
}

static void tui_list_taken(struct tui *t, void *ctx, size_t i)
{
	(void)ctx;
	tui_push(t, &view_list, &(struct view_arg){.kind = kind_at(i)->key});
}

static void tui_choose_kind(struct tui *t, const char *title, bool plural,
			    void (*taken)(struct tui *t, void *ctx, size_t i))
{
	const char *labels[64];
	size_t n = kind_count() < 64 ? kind_count() : 64;

	for (size_t i = 0; i < n; i++)
		labels[i] = plural ? _(kind_at(i)->plural) : _(kind_at(i)->label);
	tui_choose(t, &(struct choice){.title = title, .labels = labels, .n = n, .taken = taken});
}

/* What the actions mean that no view has a meaning of its own for. */
static void tui_default(struct tui *t, enum action a)
{
	switch (a) {
	case DO_new:
		tui_choose_kind(t, _("New"), false, tui_new_taken);
		break;
	case DO_lists:
		tui_choose_kind(t, _("Go to"), true, tui_list_taken);
		break;
	case DO_undo:
	case DO_redo:
		tui_undo(t, a == DO_redo);
		break;
	case DO_bin:
		tui_push(t, &view_list, &(struct view_arg){.more = &(struct list_spec){.bin = true}});
		break;
	case DO_lock:
		tui_lock(t);
		break;
	case DO_lock_after:
		setting_ask_lock(t);
		break;
	case DO_quit:
	case DO_leave:
		t->quit = true;
		break;
	case DO_keep:
	case DO_back:
	case DO_close:
	case DO_shut:
		if (t->depth > 1)
			tui_pop(t);
		break;
	case DO_help:
	case DO_hint:
		tui_push(t, &view_help, NULL);
		break;
	case DO_palette:
		tui_push(t, &view_palette, NULL);
		break;
	case DO_quick:
		tui_push(t, &view_quick, NULL);
		break;
	case DO_search:
		tui_push(t, &view_search, NULL);
		break;
	case DO_sync:
		tui_push(t, &view_sync, NULL);
		break;
	case DO_register:
		tui_push(t, &view_register, NULL);
		break;
	case DO_backup:
		copying_ask(t);
		break;
	case DO_tour:
		tui_push(t, &view_tour, NULL);
		break;
	case DO_redraw:
		term_wipe();
		break;
	case DO_suspend:
		tui_suspend(t);
		break;
	default:
		break;
	}
}

void tui_act(struct tui *t, enum action a)
{
	struct frame *f = tui_top(t);

	if (!f)
		return;
	tui_clock(t);
	if (!f->view->act || !f->view->act(t, f->state, a))
		tui_default(t, a);
}

void tui_event(struct tui *t, const struct event *ev)
{
	struct frame *f = tui_top(t);
	unsigned long lost = err_lost();
	enum action a;

	if (!f)
		return;
	buf_clear(&t->message);
	tui_clock(t);
	tui_changes(t);
	if ((a = keys_action(f->view->id, ev)) != DO_NONE) {
		tui_act(t, a);
	} else if (ev->key == INPUT_PASTE && ((1u << f->view->id) & IN_READ)) {
		tui_say(t, "%s", _("A paste is taken only where text is typed."));
	} else if (f->view->key) {
		f->view->key(t, f->state, ev);
	}
	/* Whatever made do without memory, the person who typed is told. */
	if (err_lost() != lost && t->message.len == 0)
		tui_fail(t, &(const struct err){.code = ERR_NOMEM, .where = "shown"});
}

void tui_idle(struct tui *t)
{
	struct frame *f = tui_top(t);

	/* What an overlay leaves in sight is idle with it: a list while its filter is typed. */
	while (f && f > t->stack && f->view->overlay)
		f--;
	for (; f && f < t->stack + t->depth; f++)
		if (f->view->idle)
			f->view->idle(t, f->state);
}
