/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "arpent/meeting.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "store/meeting-line.h"
#include "store/meeting-who.h"

/* The decisions and follow-ups of a meeting, loaded once, and the lines that stood for them. */
struct meeting_lines {
	struct store *s;
	struct record *records;
	size_t n;
	struct buf line; /* the last one written */
	struct {
		size_t line;
		struct id id;
	} * refs;
	size_t nrefs;
	bool ok;
	struct err *e;
};

static void lines_done(struct meeting_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		record_done(&l->records[i]);
	free(l->records);
	free(l->refs);
	buf_done(&l->line);
}

static bool lines_add(void *ctx, const struct row *row, const struct list_key *at)
{
	struct meeting_lines *l = ctx;
	struct record *grown;

	(void)at;
	if (strcmp(row->kind, "decision") != 0 && strcmp(row->kind, "task") != 0)
		return true;
	grown = realloc(l->records, (l->n + 1) * sizeof *grown);
	if (grown == NULL)
		return l->ok = err_nomem(l->e, "lines_add");
	l->records = grown;
	record_init(&grown[l->n]);
	return l->ok = store_get(l->s, &row->id, &grown[l->n++], l->e);
}

static bool lines_load(struct meeting_lines *l, struct store *s, const struct id *meeting, struct err *e)
{
	struct list_spec spec = {.order = LIST_BY_EDITED, .linked = meeting};
	struct list_key key = {0};

	memset(l, 0, sizeof *l);
	l->s = s;
	l->ok = true;
	l->e = e;
	if (id_is_zero(meeting))
		return true;
	return store_list(s, &spec, &key, false, SIZE_MAX, lines_add, l, e) && l->ok;
}

static struct record *lines_find(struct meeting_lines *l, const struct id *low, const struct id *high)
{
	for (size_t i = 0; i < l->n; i++) {
		if (id_cmp(&l->records[i].id, low) >= 0 && id_cmp(&l->records[i].id, high) <= 0 &&
		    !record_deleted(&l->records[i], NULL))
			return &l->records[i];
	}
	return NULL;
}

static const char *lines_word(void *ctx, size_t line, char mark, const struct id *low, const struct id *high)
{
	struct meeting_lines *l = ctx;
	const struct record *r = lines_find(l, low, high);

	(void)mark; /* the record's kind tells */
	if (r == NULL || !l->ok)
		return NULL;
	void *grown = realloc(l->refs, (l->nrefs + 1) * sizeof *l->refs);
	if (grown == NULL) {
		l->ok = err_nomem(l->e, "lines_word");
		return NULL;
	}
	l->refs = grown;
	l->refs[l->nrefs].line = line;
	l->refs[l->nrefs++].id = r->id;
	buf_clear(&l->line);
	l->ok = meeting_line(l->s, r, &l->line, l->e);
	return l->ok ? buf_str(&l->line) : NULL;
}

static bool lines_text(struct meeting_lines *l, const struct record *meeting, struct buf *out, struct err *e)
{
	struct buf merged = BUF_INIT;
	struct shown shown;
	char *kept;
	bool ok;

	record_shown(meeting, "notes", true, &merged, &shown);
	kept = shown.text ? str_ndup(shown.text, shown.len) : str_dup("");
	ok = kept != NULL ? minutes_expand(kept, lines_word, l, out, e) && l->ok : err_nomem(e, "lines_text");
	free(kept);
	buf_done(&merged);
	return ok;
}

bool meeting_text(struct store *s, const struct record *meeting, struct buf *out, struct err *e)
{
	struct meeting_lines l;
	unsigned long lost = err_lost();
	bool ok = lines_load(&l, s, &meeting->id, e) && lines_text(&l, meeting, out, e);

	lines_done(&l);
	return err_lost_none(lost, e) && ok;
}

struct titles {
	struct store *s;
	struct buf line;
};

static const char *titles_word(void *ctx, size_t line, char mark, const struct id *low, const struct id *high)
{
	struct titles *t = ctx;
	char text[ID_TEXT + 1];
	struct err e = ERR_INIT;
	struct id id;

	(void)line, (void)high;
	id_text(low, text);
	text[8] = '\0';
	buf_clear(&t->line);
	buf_printf(&t->line, "%c ", mark);
	if (!store_resolve(t->s, text, NULL, &id, &e) || !store_title(t->s, &id, &t->line))
		return NULL;
	return buf_str(&t->line);
}

bool meeting_titles(struct store *s, const char *kept, struct buf *out, struct err *e)
{
	struct titles t = {s, BUF_INIT};
	unsigned long lost = err_lost();
	bool ok = minutes_expand(kept, titles_word, &t, out, e);

	buf_done(&t.line);
	return err_lost_none(lost, e) && ok;
}

bool meeting_read(struct store *s, const char *text, struct minutes *out, struct err *e)
{
	struct minutes_names known;
	struct moment now;

	memset(out, 0, sizeof *out);
	store_now(s, &now);
	return meeting_known(s, &known, e) && minutes_read(text, &known, &now, out, e);
}

/* One save: what the notes said before, and what they say now. */
struct meeting_job {
	struct store *s;
	struct id id;
	struct record meeting;
	struct meeting_lines lines;
	struct minutes before, after;
	struct buf text; /* as typed, names made unambiguous */
	meeting_ask *ask;
	void *ctx;
};

static bool job_before(struct meeting_job *job, struct err *e)
{
	struct buf text = BUF_INIT;
	bool ok = lines_load(&job->lines, job->s, &job->meeting.id, e) &&
		  lines_text(&job->lines, &job->meeting, &text, e) &&
		  meeting_read(job->s, buf_str(&text), &job->before, e);

	for (size_t i = 0; ok && i < job->before.n; i++) {
		struct minutes_item *item = &job->before.items[i];
		for (size_t k = 0; k < job->lines.nrefs; k++) {
			if ((item->type == MINUTES_DECISION || item->type == MINUTES_TASK) &&
			    job->lines.refs[k].line == item->line)
				item->ref = job->lines.refs[k].id;
		}
	}
	buf_done(&text);
	return ok;
}

static const struct minutes_item *job_old(const struct meeting_job *job, const struct id *ref)
{
	for (size_t i = 0; i < job->before.n; i++) {
		if (!id_is_zero(ref) && id_eq(&job->before.items[i].ref, ref))
			return &job->before.items[i];
	}
	return NULL;
}

static void job_line_tags(const struct minutes *m, size_t line, struct buf *out)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].type == MINUTES_TAG && m->items[i].line == line)
			buf_printf(out, "%s%s", out->len ? "\n" : "", m->items[i].text);
	}
}

static bool job_owner(struct meeting_job *job, const struct minutes_item *item, struct buf *out, struct err *e)
{
	struct id who = item->who;
	char text[ID_TEXT + 1];

	if (item->type == MINUTES_TASK && meeting_is_me(item->owner) && id_is_zero(&who) &&
	    !meeting_make_me(job->s, &who, e))
		return false;
	if (!id_is_zero(&who)) {
		id_text(&who, text);
		buf_str_add(out, text);
	}
	return buf_ok(out, e);
}

/* The fields an item says, as canonical text. */
struct job_fields {
	struct buf owner, when, tags; /* when: a follow-up's due day, a decision's vote */
};

static void job_fields_done(struct job_fields *f)
{
	buf_done(&f->owner);
	buf_done(&f->when);
	buf_done(&f->tags);
}

static bool job_fields(struct meeting_job *job, const struct minutes *m, const struct minutes_item *item,
		       struct job_fields *f, struct err *e)
{
	memset(f, 0, sizeof *f);
	if (item == NULL)
		return true;
	if (item->type == MINUTES_DECISION)
		meeting_vote(item, &f->when);
	else if (item->has_due)
		moment_text(&item->due, &f->when);
	job_line_tags(m, item->line, &f->tags);
	return job_owner(job, item, &f->owner, e) && buf_ok(&f->when, e) && buf_ok(&f->tags, e);
}

/* Makes the record of a new line, or puts into the record what a person changed in its line and nothing else: what was
 * changed in the record's own form stays. */
static bool job_line(struct meeting_job *job, struct minutes_item *item, struct err *e)
{
	bool task = item->type == MINUTES_TASK, fresh = id_is_zero(&item->ref);
	const struct minutes_item *old = job_old(job, &item->ref);
	struct job_fields now, was = {BUF_INIT, BUF_INIT, BUF_INIT};
	struct want wants[8];
	char meeting[ID_TEXT + 1];
	size_t n = 0;
	bool ok = job_fields(job, &job->after, item, &now, e) && job_fields(job, &job->before, old, &was, e);

	if (ok && (old == NULL || strcmp(old->text, item->text) != 0))
		wants[n++] = want_line("wording", item->text);
	if (ok && strcmp(buf_str(&now.owner), buf_str(&was.owner)) != 0)
		wants[n++] = want_line(task ? "owner" : "responsible", buf_str(&now.owner));
	if (ok && strcmp(buf_str(&now.when), buf_str(&was.when)) != 0)
		wants[n++] = want_line(task ? "due" : "vote", buf_str(&now.when));
	if (ok && strcmp(buf_str(&now.tags), buf_str(&was.tags)) != 0)
		wants[n++] = want_set("tags", buf_str(&now.tags));
	if (ok && fresh) {
		id_text(&job->id, meeting);
		wants[n++] = want_line(task ? "source" : "meeting", meeting);
		wants[n++] = want_line("state", "open");
		ok = store_new(job->s, task ? "task" : "decision", wants, n, &item->ref, e);
	} else if (ok && n > 0) {
		ok = store_edit(job->s, &item->ref, wants, n, e);
	}
	job_fields_done(&now);
	job_fields_done(&was);
	return ok;
}

static bool job_lines(struct meeting_job *job, struct err *e)
{
	struct id *gone = calloc(job->before.n + 1, sizeof *gone);
	size_t ngone = 0;
	bool ok = gone != NULL ? minutes_pair(&job->before, &job->after, gone, &ngone, e) : err_nomem(e, "job_lines");

	for (size_t i = 0; ok && i < ngone; i++) {
		if (!id_is_zero(&gone[i]))
			ok = store_delete(job->s, &gone[i], e);
	}
	for (size_t i = 0; ok && i < job->after.n; i++) {
		struct minutes_item *item = &job->after.items[i];
		if (item->type == MINUTES_DECISION || item->type == MINUTES_TASK)
			ok = job_line(job, item, e);
	}
	free(gone);
	return ok;
}

/* The meeting's tags as they were, less those that left the notes, and those now in them. */
static bool job_tags(struct meeting_job *job, struct buf *out, struct err *e)
{
	struct buf had = BUF_INIT;

	record_set(&job->meeting, "tags", &had);
	for (const char *p = buf_str(&had); *p != '\0';) {
		size_t n = strcspn(p, "\n");
		bool left = false;
		for (size_t i = 0; i < job->before.n; i++) {
			const struct minutes_item *item = &job->before.items[i];
			left = left ||
			       (item->type == MINUTES_TAG && strlen(item->text) == n && memcmp(item->text, p, n) == 0);
		}
		if (!left)
			buf_printf(out, "%s%.*s", out->len ? "\n" : "", (int)n, p);
		p += n + (p[n] == '\n');
	}
	for (size_t i = 0; i < job->after.n; i++) {
		if (job->after.items[i].type == MINUTES_TAG)
			buf_printf(out, "%s%s", out->len ? "\n" : "", job->after.items[i].text);
	}
	buf_done(&had);
	return buf_ok(out, e);
}

static const struct minutes_item *job_site(const struct minutes *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].type == MINUTES_SITE && !id_is_zero(&m->items[i].who))
			return &m->items[i];
	}
	return NULL;
}

static bool job_meeting(struct meeting_job *job, const struct want *wants, size_t n, struct err *e)
{
	struct buf notes = BUF_INIT, tags = BUF_INIT;
	const struct minutes_item *site = job_site(&job->after), *old = job_site(&job->before);
	struct want *all = calloc(n + 3, sizeof *all);
	char text[ID_TEXT + 1] = "";
	bool ok = all != NULL || err_nomem(e, "job_meeting");

	ok = ok && minutes_reduce(buf_str(&job->text), &job->after, &notes, e) && job_tags(job, &tags, e);
	if (ok) {
		all[0] = want_text("notes", buf_str(&notes));
		all[1] = want_set("tags", buf_str(&tags));
		size_t k = 2;
		if (site != NULL && (old == NULL || !id_eq(&site->who, &old->who))) {
			id_text(&site->who, text);
			all[k++] = want_line("site", text);
		}
		/* What was typed into a field wins over what the notes say of it. */
		for (size_t i = 0; i < n; i++)
			all[k++] = wants[i];
		ok = store_edit(job->s, &job->id, all, k, e);
	}
	free(all);
	buf_done(&notes);
	buf_done(&tags);
	return ok;
}

static bool job_begin(struct meeting_job *job, const struct want *wants, size_t n, struct err *e)
{
	struct buf start = BUF_INIT;
	struct moment now;
	bool ok = true, has_start = false, has_subject = false;
	struct want fresh[2];
	size_t k = 0;

	if (id_is_zero(&job->id)) {
		for (size_t i = 0; i < n; i++) {
			has_start = has_start || strcmp(wants[i].key, "start") == 0;
			has_subject = has_subject || strcmp(wants[i].key, "subject") == 0;
		}
		store_now(job->s, &now);
		now.has_offset = false;
		now.second = 0;
		moment_text(&now, &start);
		if (!has_start)
			fresh[k++] = want_line("start", buf_str(&start));
		if (!has_subject)
			fresh[k++] = want_line("subject", _("Meeting"));
		ok = buf_ok(&start, e) && store_new(job->s, "meeting", k ? fresh : wants, k ? k : n, &job->id, e);
	}
	buf_done(&start);
	return ok && store_get(job->s, &job->id, &job->meeting, e);
}

static bool job_run(struct meeting_job *job, const char *text, const struct want *wants, size_t n, struct err *e)
{
	const struct meeting_who who = {job->s, job->ask, job->ctx, &job->id};

	buf_str_add(&job->text, text);
	return job_begin(job, wants, n, e) && job_before(job, e) && buf_ok(&job->text, e) &&
	       meeting_who(&who, &job->text, &job->after, e) &&
	       meeting_attendance(&who, &job->before, &job->after, e) && job_lines(job, e) &&
	       job_meeting(job, wants, n, e);
}

bool meeting_save(struct store *s, struct id *id, const char *text, const struct want *wants, size_t n,
		  meeting_ask *ask, void *ctx, struct err *e)
{
	struct meeting_job job = {.s = s, .id = *id, .ask = ask, .ctx = ctx};
	bool inside = store_in_step(s);
	bool ok = inside || store_step_begin(s, N_("Meeting saved"), e);

	record_init(&job.meeting);
	if (ok) {
		ok = job_run(&job, text, wants, n, e);
		if (ok && !inside)
			ok = store_step_end(s, e);
		else if (!ok && !inside)
			store_step_cancel(s);
	}
	if (ok)
		*id = job.id;
	minutes_done(&job.before);
	minutes_done(&job.after);
	lines_done(&job.lines);
	record_done(&job.meeting);
	buf_done(&job.text);
	return ok;
}
