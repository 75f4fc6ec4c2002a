/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/meeting-who.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"
#include "store/meeting-line.h"

enum { WHO_FITS = 16 };

/* One person's attendance of a meeting. */
struct who_attendance {
	const struct id *person;
	struct store *s;
	struct id record; /* zero: none */
	bool ok;
	struct err *e;
};

static bool who_attendance_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct who_attendance *w = ctx;
	struct record r;
	struct id person;

	(void)at;
	if (strcmp(row->kind, "attendance") != 0)
		return true;
	record_init(&r);
	w->ok = store_get(w->s, &row->id, &r, w->e);
	if (w->ok && id_parse(record_get(&r, "person"), &person) && id_eq(&person, w->person))
		w->record = row->id;
	record_done(&r);
	return w->ok && id_is_zero(&w->record);
}

static bool who_attends(struct store *s, const struct id *meeting, const struct id *person, struct id *record,
			struct err *e)
{
	struct who_attendance w = {.person = person, .s = s, .ok = true, .e = e};
	struct list_spec spec = {.kind = "attendance", .order = LIST_BY_EDITED, .linked = meeting};
	struct list_key key = {0};

	memset(record, 0, sizeof *record);
	if (meeting == NULL || id_is_zero(meeting))
		return true;
	if (!store_list(s, &spec, &key, false, SIZE_MAX, who_attendance_row, &w, e) || !w.ok)
		return false;
	*record = w.record;
	return true;
}

static bool who_is_person(enum minutes_type type)
{
	return type != MINUTES_SITE;
}

static const char *who_typed(const struct minutes_item *item)
{
	return item->type == MINUTES_TASK || item->type == MINUTES_DECISION ? item->owner : item->text;
}

static bool who_create(const struct meeting_who *w, struct minutes_item *item, struct err *e)
{
	struct want want = want_line("name", who_typed(item));

	return store_new(w->s, who_is_person(item->type) ? "person" : "site", &want, 1, &item->who, e);
}

/* Of several that fit equally, the only one who is at this meeting already. */
static bool who_attendee(const struct meeting_who *w, const struct named *names, const struct match *fits, size_t n,
			 struct id *out, struct err *e)
{
	size_t there = 0;

	for (size_t i = 0; i < n; i++) {
		struct id record;
		if (!who_attends(w->s, w->meeting, &names[fits[i].index].id, &record, e))
			return false;
		if (!id_is_zero(&record)) {
			there++;
			*out = names[fits[i].index].id;
		}
	}
	if (there != 1)
		memset(out, 0, sizeof *out);
	return true;
}

static bool who_ask(const struct meeting_who *w, struct minutes_item *item, const struct match *fits, size_t n,
		    struct err *e)
{
	struct id chosen;

	memset(&chosen, 0, sizeof chosen);
	if (w->ask == NULL)
		return n > 1 ? err_set(e, ERR_AMBIGUOUS, "meeting_who", "%s", who_typed(item)) : who_create(w, item, e);
	if (!w->ask(w->ctx, item, fits, n, &chosen))
		return true;
	item->who = chosen;
	return !id_is_zero(&chosen) || who_create(w, item, e);
}

bool meeting_who_item(const struct meeting_who *w, struct minutes_item *item, struct err *e)
{
	struct minutes_names known;
	struct match fits[WHO_FITS];
	const char *typed = who_typed(item);

	if (!id_is_zero(&item->who) || typed[0] == '\0' || (item->type == MINUTES_TASK && meeting_is_me(typed)))
		return true;
	if (!meeting_known(w->s, &known, e))
		return false;
	const struct named *names = who_is_person(item->type) ? known.people : known.sites;
	size_t n = names_match(names, who_is_person(item->type) ? known.npeople : known.nsites, typed, fits, WHO_FITS);
	n = n > WHO_FITS ? WHO_FITS : n;
	/* One that was made for an earlier mark of these notes is found now. */
	if (n > 0 && fits[0].rank == 4 && (n == 1 || fits[1].rank < 4)) {
		item->who = names[fits[0].index].id;
		return true;
	}
	size_t best = 0;
	while (best < n && fits[best].rank == fits[0].rank)
		best++;
	if (item->fits > 1 && who_is_person(item->type) && !who_attendee(w, names, fits, best, &item->who, e))
		return false;
	if (!id_is_zero(&item->who))
		return true;
	return who_ask(w, item, fits, item->fits == 0 ? 0 : best, e);
}

/* Does the line that begins with this mark say that person or place? */
static bool who_reads(const struct meeting_who *w, const struct minutes_names *known, const char *line,
		      const struct id *id)
{
	struct minutes m;
	struct moment now;
	struct err e = ERR_INIT;
	bool same;

	store_now(w->s, &now);
	if (!minutes_read(line, known, &now, &m, &e))
		return false;
	same = m.n > 0 && id_eq(&m.items[0].who, id);
	minutes_done(&m);
	return same;
}

/* The mark that means `who` whatever stands after it: "@Jean Bonnet" where that is enough, else "@[Jean Bonnet,
 * éleveur]". */
static void who_mark(const struct meeting_who *w, const struct minutes_names *known, const struct named *who,
		     const struct minutes_item *item, const char *after, struct buf *out)
{
	const char *sign = item->type == MINUTES_EXCUSED ? "-@" : item->type == MINUTES_SITE ? "^" : "@";
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s%s%.*s", sign, who->name, (int)strcspn(after, "\n"), after);
	if (who_reads(w, known, buf_str(&line), &who->id))
		buf_printf(out, "%s%s", sign, who->name);
	else
		buf_printf(out, "%s[%s%s%s]", sign, who->name, who->detail[0] ? ", " : "", who->detail);
	buf_done(&line);
}

/* "@Bonnet", of whom there are two, becomes "@Jean Bonnet" once it is known who is meant. */
static bool who_exact(const struct meeting_who *w, const struct minutes_item *item, struct buf *text, struct err *e)
{
	struct minutes_names known;
	struct buf mark = BUF_INIT;

	if (item->type != MINUTES_PRESENT && item->type != MINUTES_EXCUSED && item->type != MINUTES_SITE)
		return true;
	if (!meeting_known(w->s, &known, e))
		return false;
	const struct named *names = who_is_person(item->type) ? known.people : known.sites;
	size_t n = who_is_person(item->type) ? known.npeople : known.nsites;
	for (size_t i = 0; i < n; i++) {
		if (!id_eq(&names[i].id, &item->who))
			continue;
		who_mark(w, &known, &names[i], item, text->p + item->start + item->len, &mark);
		buf_remove(text, item->start, item->len);
		buf_insert(text, item->start, buf_str(&mark), mark.len);
	}
	buf_done(&mark);
	return buf_ok(text, e);
}

bool meeting_who(const struct meeting_who *w, struct buf *text, struct minutes *out, struct err *e)
{
	struct minutes first;
	struct id *who;
	bool ok = meeting_read(w->s, buf_str(text), &first, e);

	/* Last mark first, so that rewriting one does not move those still to come; but asked in the order of the
	 * notes. */
	for (size_t i = 0; ok && i < first.n; i++) {
		if (first.items[i].type != MINUTES_QUESTION && first.items[i].type != MINUTES_TAG)
			ok = meeting_who_item(w, &first.items[i], e);
	}
	for (size_t i = first.n; ok && i-- > 0;) {
		if (first.items[i].fits > 1 && !id_is_zero(&first.items[i].who))
			ok = who_exact(w, &first.items[i], text, e);
	}
	memset(out, 0, sizeof *out);
	ok = ok && meeting_read(w->s, buf_str(text), out, e);
	/* The same marks, in the same order: what was settled is settled. */
	who = NULL;
	for (size_t i = 0; ok && i < out->n && out->n == first.n; i++) {
		who = &out->items[i].who;
		if (id_is_zero(who) && out->items[i].type == first.items[i].type)
			*who = first.items[i].who;
	}
	minutes_done(&first);
	return ok;
}

static const struct minutes_item *who_in(const struct minutes *m, const struct id *person)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct minutes_item *item = &m->items[i];
		if ((item->type == MINUTES_PRESENT || item->type == MINUTES_EXCUSED) && id_eq(&item->who, person))
			return item;
	}
	return NULL;
}

static bool who_set_attendance(const struct meeting_who *w, const struct minutes_item *item,
			       const struct minutes_item *old, struct err *e)
{
	const char *status = item->type == MINUTES_EXCUSED ? "excused" : "present";
	char meeting[ID_TEXT + 1], person[ID_TEXT + 1];
	struct id record, made;

	if (!who_attends(w->s, w->meeting, &item->who, &record, e))
		return false;
	id_text(w->meeting, meeting);
	id_text(&item->who, person);
	const struct want wants[] = {want_line("status", status), want_line("meeting", meeting),
				     want_line("person", person)};
	if (id_is_zero(&record))
		return old != NULL || store_new(w->s, "attendance", wants, 3, &made, e);
	/* Changed in its own form and not in the notes: the form stands. */
	return (old != NULL && old->type == item->type) || store_edit(w->s, &record, wants, 1, e);
}

bool meeting_attendance(const struct meeting_who *w, const struct minutes *before, const struct minutes *after,
			struct err *e)
{
	bool ok = true;

	for (size_t i = 0; ok && i < after->n; i++) {
		const struct minutes_item *item = &after->items[i];
		if ((item->type == MINUTES_PRESENT || item->type == MINUTES_EXCUSED) && !id_is_zero(&item->who) &&
		    who_in(after, &item->who) == item)
			ok = who_set_attendance(w, item, who_in(before, &item->who), e);
	}
	for (size_t i = 0; ok && i < before->n; i++) {
		const struct minutes_item *item = &before->items[i];
		struct id record;
		if ((item->type != MINUTES_PRESENT && item->type != MINUTES_EXCUSED) || id_is_zero(&item->who) ||
		    who_in(after, &item->who) != NULL)
			continue;
		ok = who_attends(w->s, w->meeting, &item->who, &record, e) &&
		     (id_is_zero(&record) || store_delete(w->s, &record, e));
	}
	return ok;
}
