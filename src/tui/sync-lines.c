/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync-lines.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/journal.h"
#include "arpent/text.h"
#include "cli/cli.h"
#include "round.h"
#include "settle.h"

#define SYNC_SHOWN 20     /* records of a list */
#define SYNC_COUNT 100000 /* counted exactly up to here */
#define SYNC_SETTLED 50   /* records to settle that are shown */
#define SYNC_REMOTES_MAX 64
#define SYNC_PEERS_MAX 4096

/* What the makers of lines need. */
struct making {
	struct sync_lines *v;
	struct tui *t;
	size_t n;
	bool oom;
	struct err e;
};

static void sync_empty(struct sync_lines *v)
{
	space_done(&v->sp);
	free(v->remotes);
	free(v->peers);
	free(v->fields);
	v->remotes = NULL;
	v->peers = NULL;
	v->fields = NULL;
	v->nremotes = v->npeers = v->nfields = 0;
}

void sync_lines_done(struct sync_lines *v)
{
	sync_empty(v);
	board_done(&v->board);
}

/* "18:50", "yest. 18:50", "12 nov". */
static void sync_when(const struct tui *t, int64_t ms, struct buf *out)
{
	struct buf canonical = BUF_INIT;
	struct moment m;

	if (ms == 0)
		return;
	moment_from_unix(ms, t->now.offset, &m);
	m.has_offset = false;
	moment_text(&m, &canonical);
	tui_day(t, buf_str(&canonical), out);
	if (date_days(&t->now.date) == date_days(&m.date) + 1)
		buf_printf(out, " %02d:%02d", m.hour, m.minute);
	buf_done(&canonical);
}

static void sync_device(const struct sync_lines *v, const struct id *id, struct buf *out)
{
	const struct stream *st = space_stream(&v->sp, id);

	if (st)
		cli_device(st, out);
	else
		buf_str_add(out, _("another device"));
}

/* What is amiss. */

static void sync_finding(struct making *m, const struct sync_remote *r, const struct finding *f)
{
	const struct space *sp = &m->v->sp;
	const struct stream *st = space_stream(sp, &f->stream), *own = space_stream(sp, &sp->own);
	struct buf name = BUF_INIT, text = BUF_INIT;

	sync_device(m->v, &f->stream, &name);
	buf_printf(&text, "%s%s", r->name, _(": "));
	cli_finding(f, buf_str(&name), st && own && identity_same(&st->who, &own->who), &text);
	board_text(&m->v->board, '!', buf_str(&text), m->v->cols, DRAW_PLAIN);
	buf_done(&name);
	buf_done(&text);
}

static void sync_alarms(struct making *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->v->nremotes; i++)
		for (size_t k = 0; k < m->v->remotes[i].past.nfindings; k++) {
			if (n++ == 0)
				board_heading(&m->v->board, _("AMISS"), "");
			sync_finding(m, &m->v->remotes[i], &m->v->remotes[i].past.findings[k]);
		}
}

/* The remotes. */

static void sync_pad(struct buf *out, int column)
{
	int w = text_width(buf_str(out));

	buf_fill(out, ' ', w < column ? (size_t)(column - w) : 1);
}

static void sync_amount(bool known, size_t n, uint64_t bytes, struct buf *out)
{
	if (!known)
		buf_str_add(out, "?");
	else if (n == 0)
		buf_str_add(out, _("nothing"));
	else
		words_size(bytes, out);
}

static void sync_remote_line(struct making *m, size_t i)
{
	struct sync_remote *r = &m->v->remotes[i];
	struct buf left = BUF_INIT, right = BUF_INIT, when = BUF_INIT;
	bool wide = m->v->cols >= TUI_PREVIEW_COLUMNS;
	struct board_line *l;

	sync_when(m->t, r->past.ended_ms, &when);
	if (when.len == 0)
		buf_str_add(&when, _("never"));
	buf_str_add(&left, r->name);
	if (wide) {
		sync_pad(&left, 25);
		buf_str_add(&left, buf_str(&when));
		sync_pad(&left, 42);
		sync_amount(r->weighed, r->outlook.go, r->outlook.up, &left);
		sync_pad(&left, 58);
		sync_amount(r->outlook.asked, r->outlook.come, r->outlook.down, &left);
	} else {
		buf_str_add(&right, buf_str(&when));
		if (r->weighed && r->outlook.go > 0)
			buf_str_add(&right, " *");
	}
	l = board_row(&m->v->board, r->past.nfindings ? '!' : 0, "", buf_str(&left), buf_str(&right));
	if (l) {
		l->what = SYNC_REMOTE;
		l->i = i;
	}
	buf_done(&left);
	buf_done(&right);
	buf_done(&when);
}

static void sync_remotes(struct making *m)
{
	struct buf head = BUF_INIT;

	board_gap(&m->v->board);
	buf_str_add(&head, _("STORAGES"));
	if (m->v->cols >= TUI_PREVIEW_COLUMNS && m->v->nremotes > 0) {
		sync_pad(&head, 28);
		buf_str_add(&head, _("last exchange"));
		sync_pad(&head, 45);
		buf_str_add(&head, _("to send"));
		sync_pad(&head, 61);
		buf_str_add(&head, _("to receive"));
	}
	board_heading(&m->v->board, buf_str(&head), "");
	for (size_t i = 0; i < m->v->nremotes; i++)
		sync_remote_line(m, i);
	if (m->v->nremotes == 0)
		board_text(&m->v->board, 0,
			   _("None yet: a USB key, or a folder that another program keeps in step. In a shell: arpent "
			     "remote add NAME FOLDER"),
			   m->v->cols, DRAW_PLAIN);
	buf_done(&head);
}

/* What goes. */

static void sync_record(struct making *m, char sign, const struct id *record, const char *right)
{
	struct buf text = BUF_INIT, title = BUF_INIT;
	struct err none = ERR_INIT;
	struct board_line *l;
	struct record r;

	record_init(&r);
	if (store_get(m->t->store, record, &r, &none)) {
		const struct kind *k = kind_find(r.kind);
		buf_str_add(&text, k ? _(k->label) : r.kind);
		sync_pad(&text, m->v->cols >= TUI_PREVIEW_COLUMNS ? 13 : 0);
	}
	record_done(&r);
	if (store_title(m->t->store, record, &title))
		buf_add(&text, buf_str(&title), title.len);
	l = board_row(&m->v->board, sign, "", buf_str(&text), right);
	if (l) {
		l->what = SYNC_RECORD;
		l->id = *record;
	}
	buf_done(&text);
	buf_done(&title);
}

static bool sync_goes(void *ctx, const struct id *record)
{
	sync_record(ctx, '*', record, "");
	return true;
}

/* "Sealed: 1.4 kB, to be read by: portable, Claire." */
static void sync_sealed(struct making *m, const struct sync_remote *r)
{
	struct buf text = BUF_INIT, size = BUF_INIT, who = BUF_INIT;
	const struct space *sp = &m->v->sp;

	for (size_t i = 0; i < sp->n; i++) {
		if (!stream_active(&sp->streams[i]) || id_eq(&sp->streams[i].id, &sp->own))
			continue;
		buf_str_add(&who, who.len ? ", " : "");
		cli_device(&sp->streams[i], &who);
	}
	words_size(r->outlook.up, &size);
	buf_printf(&text, _("Sealed: %s, to be read by: %s."), buf_str(&size),
		   who.len ? buf_str(&who) : _("this device alone"));
	board_text(&m->v->board, 0, buf_str(&text), m->v->cols, DRAW_PLAIN);
	buf_done(&text);
	buf_done(&size);
	buf_done(&who);
}

static bool sync_going(struct making *m, struct err *e)
{
	const struct sync_remote *r = m->v->at < m->v->nremotes ? &m->v->remotes[m->v->at] : NULL;
	struct buf n = BUF_INIT;
	bool ok;

	if (m->v->unsent == 0 && !(r && r->weighed && r->outlook.go > 0))
		return true;
	board_gap(&m->v->board);
	buf_printf(&n, "%zu", m->v->unsent);
	board_heading(&m->v->board, _("TO SEND"), buf_str(&n));
	ok = journal_unsent(m->t->store, SYNC_SHOWN, sync_goes, m, e);
	buf_clear(&n);
	if (m->v->unsent > SYNC_SHOWN) {
		size_t more = m->v->unsent - SYNC_SHOWN;
		buf_printf(&n, P_("and %zu more", "and %zu more", more), more);
		board_text(&m->v->board, 0, buf_str(&n), m->v->cols, DRAW_PLAIN);
	}
	if (r && r->weighed && r->outlook.go > 0)
		sync_sealed(m, r);
	buf_done(&n);
	return ok;
}

/* What came. */

static bool sync_came(void *ctx, const struct journal_came *j)
{
	struct making *m = ctx;
	struct buf who = BUF_INIT;

	sync_device(m->v, &j->device, &who);
	sync_record(m, 0, &j->record, buf_str(&who));
	buf_done(&who);
	return true;
}

static bool sync_coming(struct making *m, struct err *e)
{
	const struct sync_remote *r = NULL;
	struct buf when = BUF_INIT;
	bool ok;

	for (size_t i = 0; i < m->v->nremotes; i++)
		if (m->v->remotes[i].past.came_ms > (r ? r->past.came_ms : 0))
			r = &m->v->remotes[i];
	if (!r)
		return true;
	sync_when(m->t, r->past.came_ms, &when);
	board_gap(&m->v->board);
	board_heading(&m->v->board, _("CAME LAST"), buf_str(&when));
	ok = journal_came(m->t->store, r->past.after, r->past.upto, SYNC_SHOWN, sync_came, m, e);
	buf_done(&when);
	return ok;
}

/* What is to be settled. */

/* Read with the line above, which is the one that is chosen. */
static void sync_side(void *ctx, const struct value *value, bool shown, const char *words, const char *who)
{
	struct making *m = ctx;
	struct buf text = BUF_INIT;
	struct board_line *l;

	(void)value, (void)shown;
	buf_printf(&text, _("\"%s\""), words);
	l = board_row(&m->v->board, 0, "", buf_str(&text), who);
	if (l)
		l->stop = false;
	buf_done(&text);
}

static void sync_settle_field(struct making *m, const struct record *r, const struct field *f)
{
	const struct field **fields = reallocarray(m->v->fields, m->v->nfields + 1, sizeof *fields);
	struct buf title = BUF_INIT, text = BUF_INIT;
	struct board_line *l;

	if (!fields) {
		m->oom = true;
		return;
	}
	m->v->fields = fields;
	fields[m->v->nfields] = f;
	store_title(m->t->store, &r->id, &title);
	buf_printf(&text, "%s, %s", buf_str(&title), _(f->label));
	l = board_row(&m->v->board, '=', "", buf_str(&text), "");
	if (l) {
		l->what = SYNC_SETTLE;
		l->i = m->v->nfields;
		l->id = r->id;
	}
	m->v->nfields++;
	settle_each(m->t, r, f, sync_side, m);
	buf_done(&title);
	buf_done(&text);
}

static bool sync_settle(void *ctx, const struct row *row, const struct list_key *at)
{
	struct making *m = ctx;
	struct record r;

	(void)at;
	if (m->n++ >= SYNC_SETTLED)
		return true;
	record_init(&r);
	if (!store_get(m->t->store, &row->id, &r, &m->e))
		return false;
	const struct kind *k = kind_find(r.kind);
	for (size_t i = 0; k && i < kind_fields(k); i++)
		if (settle_needed(&r, kind_field_at(k, i)))
			sync_settle_field(m, &r, kind_field_at(k, i));
	record_done(&r);
	return true;
}

static bool sync_settling(struct making *m, struct err *e)
{
	const struct list_spec spec = {.order = LIST_BY_EDITED, .conflict_only = true};
	size_t head = m->v->board.n;
	struct buf n = BUF_INIT;
	bool ok;

	m->n = 0;
	board_gap(&m->v->board);
	board_heading(&m->v->board, _("TO SETTLE"), "");
	ok = store_list(m->t->store, &spec, NULL, false, SYNC_COUNT, sync_settle, m, e);
	if (ok && m->e.code != ERR_NONE) {
		*e = m->e;
		ok = false;
	}
	if (m->n == 0) {
		board_cut(&m->v->board, head);
	} else {
		buf_printf(&n, "%zu", m->n);
		board_right(&m->v->board, head + 1, buf_str(&n));
	}
	buf_done(&n);
	return ok;
}

/* Who has it. */

static void sync_devices(struct making *m)
{
	const struct space *sp = &m->v->sp;
	const struct stream *own = space_stream(sp, &sp->own);

	board_gap(&m->v->board);
	board_heading(&m->v->board, _("DEVICES"), "");
	for (size_t i = 0; i < sp->n; i++) {
		const struct stream *st = &sp->streams[i];
		struct buf name = BUF_INIT, when = BUF_INIT, right = BUF_INIT;
		struct board_line *l;
		if (st->ended || st->removed)
			continue;
		if (st == own && !st->label[0])
			buf_str_add(&name, st->who.name);
		else
			cli_device(st, &name);
		sync_when(m->t, st->heard_ms, &when);
		if (st == own)
			buf_str_add(&right, _("this device"));
		else if (own && m->v->unsent == 0 && stream_saw(st, &own->id) >= own->n)
			buf_printf(&right, _("has it all, %s"), buf_str(&when));
		else if (st->heard_ms == 0)
			buf_str_add(&right, _("not heard of yet"));
		else
			buf_printf(&right, _("not all yet, heard of %s"), buf_str(&when));
		l = board_row(&m->v->board, st->since_ms ? '!' : 0, "", buf_str(&name), buf_str(&right));
		if (l) {
			l->what = st == own ? SYNC_SELF : SYNC_DEVICE;
			l->i = i;
		}
		buf_done(&name);
		buf_done(&when);
		buf_done(&right);
	}
}

static void sync_people(struct making *m)
{
	struct board_line *l;

	board_gap(&m->v->board);
	board_heading(&m->v->board, _("COLLEAGUES"), "");
	for (size_t i = 0; i < m->v->npeers; i++) {
		const struct peer *p = &m->v->peers[i];
		struct buf when = BUF_INIT, right = BUF_INIT;
		sync_when(m->t, p->verified ? p->verified_ms : p->seen_ms, &when);
		buf_printf(&right, p->verified ? _("key verified %s") : _("key seen %s, to be verified by voice"),
			   buf_str(&when));
		l = board_row(&m->v->board, p->verified ? 0 : '.', "", p->who.name, buf_str(&right));
		if (l) {
			l->what = SYNC_PEER;
			l->i = i;
		}
		buf_done(&when);
		buf_done(&right);
	}
	if (m->v->npeers == 0) {
		board_text(&m->v->board, 0,
			   _("Nobody's card has been taken yet: i shows yours, arpent trust takes another's."),
			   m->v->cols, DRAW_PLAIN);
	}
}

/* All of it. */

static bool sync_make(struct sync_lines *v, struct tui *t, struct err *e)
{
	struct making m = {.v = v, .t = t, .e = ERR_INIT};
	const struct board_line *l = board_chosen(&v->board);
	const struct board_line was = l ? *l : (struct board_line){.what = SYNC_NOTHING};
	bool ok;

	v->nfields = 0;
	board_clear(&v->board);
	sync_alarms(&m);
	sync_remotes(&m);
	ok = (id_is_zero(&v->sp.id) || sync_going(&m, e)) && sync_coming(&m, e) && sync_settling(&m, e);
	if (!ok)
		return false;
	if (!id_is_zero(&v->sp.id))
		sync_devices(&m);
	sync_people(&m);
	/* The cursor stays where it was, whatever came above it. */
	for (size_t i = 0; was.what != SYNC_NOTHING && i < v->board.n; i++) {
		const struct board_line *n = &v->board.v[i];
		if (n->what == was.what && n->i == was.i && id_eq(&n->id, &was.id))
			v->board.at = i;
	}
	return (!m.oom && !v->board.oom) || err_nomem(e, "sync_make");
}

static bool sync_take_remote(void *ctx, const struct remote_entry *r)
{
	struct making *m = ctx;
	struct sync_remote *v;

	if (m->v->nremotes == SYNC_REMOTES_MAX)
		return false;
	v = reallocarray(m->v->remotes, m->v->nremotes + 1, sizeof *v);
	m->oom = !v;
	if (!v)
		return false;
	m->v->remotes = v;
	v += m->v->nremotes++;
	memset(v, 0, sizeof *v);
	memcpy(v->name, r->name, sizeof v->name);
	return true;
}

static bool sync_take_peer(void *ctx, const struct peer *p)
{
	struct making *m = ctx;
	struct peer *v;

	if (m->v->npeers == SYNC_PEERS_MAX)
		return false;
	v = reallocarray(m->v->peers, m->v->npeers + 1, sizeof *v);
	m->oom = !v;
	if (!v)
		return false;
	m->v->peers = v;
	v[m->v->npeers++] = *p;
	return true;
}

/* What a dry round found is shown until something is written or sent. */
static void sync_take_asked(struct sync_lines *v, struct tui *t)
{
	for (size_t i = 0; t->round.asked && i < v->nremotes; i++)
		if (strcmp(v->remotes[i].name, t->round.remote) == 0) {
			v->remotes[i].outlook = t->round.outlook;
			v->remotes[i].weighed = true;
		}
	t->round.asked = false;
}

bool sync_lines_load(struct sync_lines *v, struct tui *t, int cols, struct err *e)
{
	struct making m = {.v = v, .t = t, .e = ERR_INIT};
	struct err none = ERR_INIT;
	bool ok;

	sync_empty(v);
	v->cols = cols;
	if (!devices_space(t->store, &v->sp, &none) && none.code != ERR_NOT_FOUND) {
		*e = none;
		return false;
	}
	ok = journal_unsent_count(t->store, SYNC_COUNT, &v->unsent, e) &&
	     devices_remote_each(t->store, sync_take_remote, &m, e) && peer_each(t->store, sync_take_peer, &m, e) &&
	     (!m.oom || err_nomem(e, "sync_lines"));
	for (size_t i = 0; ok && i < v->nremotes; i++)
		ok = devices_past(t->store, v->remotes[i].name, &v->remotes[i].past, e);
	sync_take_asked(v, t);
	return ok && sync_make(v, t, e);
}

bool sync_lines_weigh(struct sync_lines *v, struct tui *t, struct err *e)
{
	for (size_t i = 0; i < v->nremotes; i++) {
		struct sync_remote *r = &v->remotes[i];
		if (!r->weighed && !devices_outlook(t->store, r->name, NULL, NULL, &r->outlook, e))
			return false;
		r->weighed = true;
	}
	return sync_make(v, t, e);
}

struct sync_remote *sync_lines_remote(struct sync_lines *v)
{
	const struct board_line *l = board_chosen(&v->board);

	if (l && l->what == SYNC_REMOTE)
		v->at = l->i;
	return v->at < v->nremotes ? &v->remotes[v->at] : NULL;
}
