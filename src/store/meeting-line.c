/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "store/meeting-line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"

#define ME_KEY "me"
#define NAME_KEY "identity/name"

bool meeting_known(struct store *s, struct minutes_names *out, struct err *e)
{
	return store_names(s, "person", &out->people, &out->npeople, e) &&
	       store_names(s, "site", &out->sites, &out->nsites, e);
}

bool meeting_is_me(const char *typed)
{
	static const char *const words[] = {"moi", "je", "me", "myself"};
	char fold[TEXT_FOLD_CUT];
	bool me = false;

	text_fold_cut(fold, typed, strlen(typed));
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		me = me || strcmp(fold, words[i]) == 0;
	return me;
}

void meeting_me(struct store *s, struct id *out)
{
	struct buf b = BUF_INIT;
	struct err e = ERR_INIT;

	memset(out, 0, sizeof *out);
	if (store_meta_get(s, ME_KEY, &b, &e) && b.len == ID_BYTES)
		memcpy(out->b, b.p, ID_BYTES);
	buf_done(&b);
}

/* Someone who is present by name and does something as "me" is one person. */
static bool line_only_one(struct store *s, const char *name, struct id *out)
{
	const struct named *names;
	struct err e = ERR_INIT;
	struct match fits[2];
	size_t n;

	if (!store_names(s, "person", &names, &n, &e))
		return false;
	n = names_match(names, n, name, fits, 2);
	if (n == 0 || fits[0].rank != 4 || (n > 1 && fits[1].rank == 4))
		return false;
	*out = names[fits[0].index].id;
	return true;
}

bool meeting_make_me(struct store *s, struct id *out, struct err *e)
{
	struct buf name = BUF_INIT;
	struct err none = ERR_INIT;
	bool ok;

	meeting_me(s, out);
	if (!id_is_zero(out))
		return true;
	if (!store_meta_get(s, NAME_KEY, &name, &none) || name.len == 0)
		buf_str_add(&name, _("Me"));
	struct want want = want_line("name", buf_str(&name));
	ok = buf_ok(&name, e) && (line_only_one(s, buf_str(&name), out) || store_new(s, "person", &want, 1, out, e)) &&
	     store_meta_set(s, ME_KEY, out->b, ID_BYTES, e);
	buf_done(&name);
	return ok;
}

void meeting_vote(const struct minutes_item *item, struct buf *out)
{
	if (item->vote_for == -2)
		buf_str_add(out, "unanimous");
	else if (item->vote_for >= 0 || item->vote_against >= 0 || item->vote_abstain >= 0) {
		buf_printf(out, "%d/%d", item->vote_for > 0 ? item->vote_for : 0,
			   item->vote_against > 0 ? item->vote_against : 0);
		if (item->vote_abstain >= 0)
			buf_printf(out, "/%d", item->vote_abstain);
	}
}

static void line_vote(const char *vote, struct buf *out)
{
	int in_favour, against, abstain = -1;

	if (strcmp(vote, "unanimous") == 0) {
		buf_printf(out, " (%s)", _("unanimous"));
	} else if (sscanf(vote, "%d/%d/%d", &in_favour, &against, &abstain) >= 2) {
		buf_str_add(out, " (");
		buf_printf(out, _("%d for"), in_favour);
		if (against > 0) {
			buf_str_add(out, ", ");
			buf_printf(out, _("%d against"), against);
		}
		if (abstain > 0) {
			buf_str_add(out, ", ");
			buf_printf(out, _("%d abst."), abstain);
		}
		buf_char(out, ')');
	}
}

static void line_tags(const struct record *r, struct buf *out)
{
	struct buf tags = BUF_INIT;

	record_set(r, "tags", &tags);
	for (const char *p = buf_str(&tags); *p != '\0';) {
		size_t n = strcspn(p, "\n");
		buf_str_add(out, " #");
		buf_add(out, p, n);
		p += n + (p[n] == '\n');
	}
	buf_done(&tags);
}

/* The ways to name a person in a line, shortest first. */
enum line_name { LINE_LAST_WORD, LINE_WHOLE, LINE_EXACT, LINE_NAMES };

static void line_name(const struct named *who, enum line_name how, bool mark, struct buf *out)
{
	const char *space = strrchr(who->name, ' ');

	if (how == LINE_EXACT) {
		buf_printf(out, "@[%s%s%s]", who->name, who->detail[0] ? ", " : "", who->detail);
		return;
	}
	if (mark)
		buf_char(out, '@');
	buf_str_add(out, how == LINE_LAST_WORD && space ? space + 1 : who->name);
}

/* The ways to write a day, shortest first: a day that is past needs its year, lest it be read as the next one of that
 * name. */
enum line_day { LINE_SHORT, LINE_YEAR, LINE_ISO, LINE_DAYS };

static void line_due(const char *due, const struct moment *now, enum line_day how, struct buf *out)
{
	struct moment when, from = *now;

	if (!moment_parse(due, &when))
		return;
	buf_char(out, ' ');
	if (how == LINE_ISO) {
		buf_str_add(out, due);
		return;
	}
	from.date.year = how == LINE_YEAR ? when.date.year + 1 : now->date.year;
	date_short(&when, &from, _("en")[0] == 'f' ? DATE_FR : DATE_EN, out); /* translated as its own code */
}

static const struct named *line_person(const struct minutes_names *known, const char *id_text_)
{
	struct id id;

	if (!id_parse(id_text_, &id))
		return NULL;
	for (size_t i = 0; i < known->npeople; i++) {
		if (id_eq(&known->people[i].id, &id))
			return &known->people[i];
	}
	return NULL;
}

struct line_job {
	struct store *s;
	const struct record *r;
	struct minutes_names known;
	struct moment now;
	const struct named *who; /* owner or responsible, or NULL */
	bool me;
};

static void line_try(const struct line_job *job, enum line_name how, enum line_day day, struct buf *out)
{
	bool task = strcmp(job->r->kind, "task") == 0;

	buf_str_add(out, task ? "> " : "! ");
	if (task && job->me)
		buf_str_add(out, _("me "));
	else if (task && job->who != NULL) {
		line_name(job->who, how, false, out);
		buf_char(out, ' ');
	}
	buf_str_add(out, record_get(job->r, "wording"));
	if (task)
		line_due(record_get(job->r, "due"), &job->now, day, out);
	else {
		line_vote(record_get(job->r, "vote"), out);
		if (job->who != NULL) {
			buf_char(out, ' ');
			line_name(job->who, how, true, out);
		}
	}
	line_tags(job->r, out);
}

/* Does the line, read again, say what the record says? */
static bool line_holds(const struct line_job *job, const char *line)
{
	struct minutes m;
	struct buf due = BUF_INIT;
	struct err e = ERR_INIT;
	bool same = false;

	if (!minutes_read(line, &job->known, &job->now, &m, &e))
		return false;
	if (m.n > 0) {
		const struct minutes_item *item = &m.items[0];
		if (item->has_due)
			moment_text(&item->due, &due);
		bool owner = job->me            ? meeting_is_me(item->owner)
			     : job->who != NULL ? id_eq(&item->who, &job->who->id)
						: item->owner[0] == '\0';
		same = owner && strcmp(item->text, record_get(job->r, "wording")) == 0 &&
		       (strcmp(job->r->kind, "task") != 0 || strcmp(buf_str(&due), record_get(job->r, "due")) == 0);
	}
	buf_done(&due);
	minutes_done(&m);
	return same;
}

bool meeting_line(struct store *s, const struct record *r, struct buf *out, struct err *e)
{
	struct line_job job = {.s = s, .r = r};
	const char *who = record_get(r, strcmp(r->kind, "task") == 0 ? "owner" : "responsible");
	struct id me, id;
	size_t start = out->len;

	if (!meeting_known(s, &job.known, e))
		return false;
	store_now(s, &job.now);
	meeting_me(s, &me);
	job.me = id_parse(who, &id) && id_eq(&id, &me);
	job.who = job.me ? NULL : line_person(&job.known, who);
	for (int how = 0; how < LINE_DAYS * LINE_NAMES; how++) {
		buf_truncate(out, start);
		line_try(&job, (enum line_name)(how / LINE_DAYS), (enum line_day)(how % LINE_DAYS), out);
		if (!buf_ok(out, e))
			return false;
		if (line_holds(&job, out->p + start))
			break;
	}
	return true;
}
