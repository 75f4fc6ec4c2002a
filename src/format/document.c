/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arpent/i18n.h"
#include "arpent/import.h"
#include "arpent/meeting.h"
#include "arpent/text.h"

#define DOCUMENT_LINKS 2000 /* records of one meeting */

struct document_job {
	const struct export_job *job;
	struct document *doc;
	struct id ids[DOCUMENT_LINKS]; /* what refers to the meeting */
	bool used[DOCUMENT_LINKS];
	size_t n;
};

void document_done(struct document *d)
{
	struct document_item *const lists[] = {d->decisions, d->tasks};
	const size_t counts[] = {d->ndecisions, d->ntasks};

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < counts[k]; i++) {
			buf_done(&lists[k][i].wording);
			buf_done(&lists[k][i].vote);
			buf_done(&lists[k][i].who);
			buf_done(&lists[k][i].due);
			buf_done(&lists[k][i].state);
		}
		free(lists[k]);
	}
	buf_done(&d->title);
	buf_done(&d->when);
	buf_done(&d->place);
	buf_done(&d->body);
	for (size_t i = 0; i < DOCUMENT_PEOPLE; i++)
		buf_done(&d->people[i]);
	buf_done(&d->agenda);
	buf_done(&d->notes);
	buf_done(&d->questions);
	*d = (struct document){.lang = d->lang};
}

static bool document_link(void *ctx, const struct row *row, const struct list_key *at)
{
	struct document_job *j = ctx;

	(void)at;
	if (j->n == DOCUMENT_LINKS)
		return false;
	j->ids[j->n++] = row->id;
	return true;
}

/* A record without what is confidential. */
static bool document_load(const struct document_job *j, const struct id *id, struct record *r, struct err *e)
{
	struct export_report aside = {0};
	struct export_job one = *j->job;

	one.ids = id;
	one.n = 1;
	one.report = &aside;
	return export_load(&one, 0, r, e);
}

static void document_field(const struct document_job *j, const struct record *r, const char *key, struct buf *out)
{
	const struct kind *k = kind_find(r->kind);
	const struct field *f = k ? kind_field(k, key) : NULL;

	if (f)
		store_show(j->job->store, r, f, j->doc->lang, out);
}

static void document_line(struct buf *list, const struct buf *line)
{
	if (line->len == 0 || foreign_has_line(buf_str(list), buf_str(line), line->len))
		return;
	if (list->len > 0)
		buf_char(list, '\n');
	buf_add(list, buf_str(line), line->len);
}

/* "Anne Mas (maire, Valbrune)" */
static bool document_person(const struct document_job *j, const struct id *id, struct buf *out, struct err *e)
{
	struct record r;

	record_init(&r);
	bool ok = document_load(j, id, &r, e);
	if (ok) {
		const char *function = record_get(&r, "function"), *from = record_get(&r, "organisation");
		(void)record_title(&r, out);
		if (function[0] || from[0])
			buf_printf(out, " (%s%s%s)", function, function[0] && from[0] ? ", " : "", from);
	}
	record_done(&r);
	return ok;
}

static bool document_attendance(const struct document_job *j, const struct record *r, struct err *e)
{
	static const char *const codes[DOCUMENT_PEOPLE] = {"present", "excused", "absent", "represented"};
	struct buf line = BUF_INIT;
	struct id id;
	bool ok = true;
	size_t i = 0;

	while (i < DOCUMENT_PEOPLE && strcmp(codes[i], record_get(r, "status")) != 0)
		i++;
	if (i < DOCUMENT_PEOPLE && id_parse(record_get(r, "person"), &id))
		ok = document_person(j, &id, &line, e);
	if (line.len > 0 && record_get(r, "by")[0]) {
		struct buf by = BUF_INIT;
		document_field(j, r, "by", &by);
		buf_str_add(&line, ", ");
		buf_printf(&line, _("represented by %s"), buf_str(&by));
		buf_done(&by);
	}
	if (i < DOCUMENT_PEOPLE)
		document_line(&j->doc->people[i], &line);
	buf_done(&line);
	return ok;
}

static struct document_item *document_item(struct document_item **list, size_t *n, struct err *e)
{
	struct document_item *grown = realloc(*list, (*n + 1) * sizeof *grown);

	if (!grown) {
		(void)err_nomem(e, "document_item");
		return NULL;
	}
	*list = grown;
	grown[*n] = (struct document_item){0};
	return &grown[(*n)++];
}

static void document_votes(int in_favour, int against, int abstain, struct buf *out)
{
	buf_printf(out, _("%d for"), in_favour);
	buf_str_add(out, ", ");
	buf_printf(out, _("%d against"), against);
	if (abstain > 0) {
		buf_str_add(out, ", ");
		buf_printf(out, P_("%d abstention", "%d abstentions", abstain), abstain);
	}
}

/* "unanimous", "7/1", "7/1/2", or what a person has typed. */
static void document_vote(const char *vote, struct buf *out)
{
	int in_favour, against, abstain = 0, end = 0;

	if (strcmp(vote, "unanimous") == 0)
		buf_str_add(out, _("unanimous"));
	else if (sscanf(vote, "%d/%d%n/%d%n", &in_favour, &against, &end, &abstain, &end) >= 2 && !vote[end])
		document_votes(in_favour, against, abstain, out);
	else
		buf_str_add(out, vote);
}

static bool document_record(struct document_job *j, const struct record *r, struct err *e)
{
	struct document *d = j->doc;
	struct document_item *item;
	struct moment due;

	if (strcmp(r->kind, "attendance") == 0)
		return document_attendance(j, r, e);
	if (strcmp(r->kind, "decision") == 0) {
		if (!(item = document_item(&d->decisions, &d->ndecisions, e)))
			return false;
		document_vote(record_get(r, "vote"), &item->vote);
		document_field(j, r, "responsible", &item->who);
	} else if (strcmp(r->kind, "task") == 0) {
		if (!(item = document_item(&d->tasks, &d->ntasks, e)))
			return false;
		document_field(j, r, "owner", &item->who);
	} else {
		return true;
	}
	document_field(j, r, "wording", &item->wording);
	if (moment_parse(record_get(r, "due"), &due))
		date_long(&due, d->lang, &item->due);
	document_field(j, r, "state", &item->state);
	return true;
}

/* The record behind a reference line, or all that have had no turn when low is NULL. */
static bool document_records(struct document_job *j, const struct id *low, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; ok && i < j->n; i++) {
		struct record r;
		if (j->used[i] || (low && memcmp(low->b, j->ids[i].b, 4) != 0))
			continue;
		j->used[i] = true;
		record_init(&r);
		ok = document_load(j, &j->ids[i], &r, e) && document_record(j, &r, e);
		record_done(&r);
	}
	return ok;
}

/* A decision or follow-up that is in the notes only. */
static bool document_typed(struct document_job *j, const struct minutes_item *m, struct err *e)
{
	struct document *d = j->doc;
	bool task = m->type == MINUTES_TASK;
	struct document_item *item =
	    task ? document_item(&d->tasks, &d->ntasks, e) : document_item(&d->decisions, &d->ndecisions, e);

	if (!item)
		return false;
	buf_str_add(&item->wording, m->text);
	if (!id_is_zero(&m->who))
		(void)store_title(j->job->store, &m->who, &item->who);
	else if (m->owner)
		buf_str_add(&item->who, m->owner);
	if (m->has_due)
		date_long(&m->due, d->lang, &item->due);
	if (m->vote_for == -2)
		buf_str_add(&item->vote, _("unanimous"));
	else if (m->vote_for >= 0)
		document_votes(m->vote_for, m->vote_against > 0 ? m->vote_against : 0, m->vote_abstain, &item->vote);
	return true;
}

static void document_name(const struct document_job *j, const struct minutes_item *m, struct buf *out)
{
	if (id_is_zero(&m->who) || !store_title(j->job->store, &m->who, out))
		buf_str_add(out, m->text);
}

/* Who is marked in the notes and has no attendance of their own. */
static bool document_marked(const struct document_job *j, const struct minutes_item *m, struct err *e)
{
	struct buf line = BUF_INIT;
	bool ok = true;

	if (id_is_zero(&m->who))
		buf_str_add(&line, m->text);
	else
		ok = document_person(j, &m->who, &line, e);
	for (size_t i = 0; i < DOCUMENT_PEOPLE; i++)
		if (foreign_has_line(buf_str(&j->doc->people[i]), buf_str(&line), line.len))
			buf_clear(&line);
	document_line(&j->doc->people[m->type == MINUTES_PRESENT ? DOCUMENT_PRESENT : DOCUMENT_EXCUSED], &line);
	buf_done(&line);
	return ok;
}

/* A mark whose name was marked before is no item of its own: its name, or just the mark gone. Gives the bytes taken. */
static size_t document_again(const struct document_job *j, const char *notes, size_t at, size_t end,
			     const struct minutes *m, struct buf *out)
{
	bool start = at == 0 || strchr(" \t\n(-'", notes[at - 1]);

	if (!start || !strchr("@^", notes[at]) || at + 1 >= end || strchr(" \t", notes[at + 1]))
		return 0;
	for (size_t i = 0; i < m->n; i++) {
		const struct minutes_item *item = &m->items[i];
		const char *source = notes + item->start;
		size_t skip = item->type == MINUTES_EXCUSED;
		if ((item->type != MINUTES_PRESENT && item->type != MINUTES_EXCUSED && item->type != MINUTES_SITE) ||
		    item->len <= skip || item->len - skip > end - at ||
		    strncasecmp(source + skip, notes + at, item->len - skip) != 0)
			continue;
		document_name(j, item, out);
		return item->len - skip;
	}
	return 1;
}

/* One line of the notes for a reader: names whole, marks and tags gone; nothing when it held marks alone. */
static void document_note_line(const struct document_job *j, const char *notes, size_t from, size_t n,
			       const struct minutes *m, size_t first, size_t count, struct buf *out)
{
	struct buf line = BUF_INIT;
	size_t end = from + n;
	bool words = false;

	for (size_t at = from, item = first, taken; at < end; at += taken) {
		while (item < first + count && m->items[item].start < at)
			item++;
		if (item < first + count && m->items[item].start == at && m->items[item].len > 0) {
			taken = m->items[item].len;
			if (m->items[item].type != MINUTES_TAG)
				document_name(j, &m->items[item], &line);
			else if (at + taken < end && notes[at + taken] == ' ')
				taken++;
			continue;
		}
		taken = document_again(j, notes, at, end, m, &line);
		if (taken > 0)
			continue;
		taken = 1;
		buf_char(&line, notes[at]);
		words |= !strchr(" \t\r,;.:-", notes[at]);
	}
	while (line.len > 0 && strchr(" \t\r", line.p[line.len - 1]))
		buf_truncate(&line, line.len - 1);
	if (words)
		buf_add(out, buf_str(&line), line.len);
	if (words || n == 0)
		buf_char(out, '\n');
	buf_done(&line);
}

static bool document_whole_line(const struct minutes_item *m)
{
	return m->type == MINUTES_DECISION || m->type == MINUTES_TASK || m->type == MINUTES_QUESTION;
}

static void document_notes(const struct document_job *j, const char *notes, const struct minutes *m)
{
	size_t at = 0, item = 0;

	for (size_t line = 0; notes[at]; line++) {
		size_t n = strcspn(notes + at, "\n"), first = item;
		bool whole = false;
		for (; item < m->n && m->items[item].line == line; item++)
			whole |= document_whole_line(&m->items[item]);
		if (!whole)
			document_note_line(j, notes, at, n, m, first, item - first, &j->doc->notes);
		at += n + (notes[at + n] != '\0');
	}
	struct buf *b = &j->doc->notes;
	size_t blank = strspn(buf_str(b), "\n");
	buf_remove(b, 0, blank);
	while (b->len > 0 && b->p[b->len - 1] == '\n')
		buf_truncate(b, b->len - 1);
}

static int document_by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* Lines in the order of their folded text. */
static bool document_sort(struct buf *lines, struct err *e)
{
	size_t n = 1, i = 0;

	for (const char *c = buf_str(lines); *c; c++)
		n += *c == '\n';
	char **folded = calloc(n, sizeof *folded);
	bool ok = folded != NULL;
	for (const char *s = buf_str(lines); ok && *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
		struct buf one = BUF_INIT;
		text_fold(&one, s, strcspn(s, "\n"));
		buf_char(&one, '\n');
		buf_add(&one, s, strcspn(s, "\n"));
		ok = (folded[i++] = buf_steal(&one)) != NULL;
	}
	if (ok) {
		qsort(folded, i, sizeof *folded, document_by_name);
		buf_clear(lines);
	}
	for (size_t k = 0; folded && k < i; k++) {
		if (ok && k > 0)
			buf_char(lines, '\n');
		if (ok)
			buf_str_add(lines, strchr(folded[k], '\n') + 1);
		free(folded[k]);
	}
	free(folded);
	return ok || err_nomem(e, "document_sort");
}

static int document_by_line(const void *a, const void *b)
{
	const struct minutes_item *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Everything in the order of the notes, then what they do not name. */
static bool document_items(struct document_job *j, struct minutes *m, const char *notes, struct err *e)
{
	bool ok = true;

	if (m->n > 0)
		qsort(m->items, m->n, sizeof *m->items, document_by_line);
	for (size_t i = 0; ok && i < m->n; i++) {
		const struct minutes_item *item = &m->items[i];
		struct buf line = BUF_INIT;
		if (item->type == MINUTES_QUESTION) {
			buf_str_add(&line, item->text);
			document_line(&j->doc->questions, &line);
		} else if (document_whole_line(item)) {
			ok = id_is_zero(&item->ref) ? document_typed(j, item, e) : document_records(j, &item->ref, e);
		}
		buf_done(&line);
	}
	ok = ok && document_records(j, NULL, e);
	for (size_t i = 0; ok && i < m->n; i++)
		if (m->items[i].type == MINUTES_PRESENT || m->items[i].type == MINUTES_EXCUSED)
			ok = document_marked(j, &m->items[i], e);
	for (size_t i = 0; ok && i < DOCUMENT_PEOPLE; i++)
		ok = document_sort(&j->doc->people[i], e);
	document_notes(j, notes, m);
	return ok;
}

static void document_head(struct document_job *j, const struct record *r)
{
	struct document *d = j->doc;
	struct buf site = BUF_INIT;
	struct moment m;

	document_field(j, r, "subject", &d->title);
	if (moment_parse(record_get(r, "start"), &m))
		date_long(&m, d->lang, &d->when);
	document_field(j, r, "place", &d->place);
	document_field(j, r, "site", &site);
	if (site.len > 0 && d->place.len > 0)
		buf_str_add(&d->place, ", ");
	buf_add(&d->place, buf_str(&site), site.len);
	document_field(j, r, "body", &d->body);
	document_field(j, r, "agenda", &d->agenda);
	buf_done(&site);
}

static bool document_gather(struct document_job *j, const struct record *r, struct err *e)
{
	struct list_spec spec = {.order = LIST_BY_EDITED, .linked = &r->id};
	struct list_key start = {0};
	struct buf merged = BUF_INIT;
	struct shown notes;
	struct minutes m = {0};

	document_head(j, r);
	record_shown(r, "notes", true, &merged, &notes);
	const char *text = notes.text ? notes.text : "";
	bool ok = store_list(j->job->store, &spec, &start, false, DOCUMENT_LINKS, document_link, j, e) &&
		  meeting_read(j->job->store, text, &m, e);
	if (ok) {
		ok = document_items(j, &m, text, e);
		minutes_done(&m);
	}
	buf_done(&merged);
	return ok;
}

bool document_read(struct document *d, const struct export_job *job, struct err *e)
{
	struct document_job *j = calloc(1, sizeof *j);
	struct record r;

	*d = (struct document){.lang = job->options->lang};
	if (!j)
		return err_nomem(e, "document_read");
	record_init(&r);
	j->job = job;
	j->doc = d;
	bool ok = export_load(job, 0, &r, e);
	if (ok && strcmp(r.kind, "meeting") != 0)
		ok = err_set(e, ERR_USAGE, "document_read", "%s", r.kind);
	ok = ok && document_gather(j, &r, e);
	record_done(&r);
	free(j);
	if (!ok)
		document_done(d);
	return ok;
}
