/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Search: the newest records that match, best of them first. */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/minutes.h"
#include "arpent/passage.h"
#include "arpent/query.h"
#include "arpent/text.h"

#define FIND_WINDOW \
	200              /* the newest matches, among which the best are sought: so cost does not grow with the years \
			  */
#define FIND_BUDGET 2000 /* records opened for a field: filter */
#define FIND_CLOSE 10    /* words between words that are close */

#define FIND_COLUMNS "SELECT " ROW_COLUMNS " FROM record r WHERE r.row = ?"

struct find_candidate {
	int64_t row;
	int score;
	bool close;
};

struct find {
	struct store *s;
	struct query q;
	struct buf match;
	struct find_candidate v[FIND_BUDGET];
	size_t n;
	bool (*cb)(void *ctx, const struct hit *hit);
	void *ctx;
	size_t total;
	char today[16];
};

/* The words of a field that is indexed narrow the search; whether they are in that field is seen in the record. */
static bool find_field_indexed(const char *key)
{
	bool any = false;

	for (size_t i = 0; i < kind_count(); i++) {
		const struct field *f = kind_field_named(kind_at(i), key);
		if (f && !(f->flags & FIELD_FTS))
			return false;
		any = any || f;
	}
	return any;
}

static bool find_match(struct find *f, bool whole, struct err *e)
{
	buf_clear(&f->match);
	if (!query_match(&f->q, NULL, whole, &f->match, e))
		return false;
	for (size_t i = 0; i < f->q.nfields; i++)
		if (find_field_indexed(f->q.fields[i].key))
			buf_printf(&f->match, "%s{title body} : \"%s\"*", f->match.len ? " AND " : "",
				   f->q.fields[i].text);
	return buf_ok(&f->match, e);
}

static bool find_window(struct find *f, struct err *e)
{
	static const char text[] = "SELECT rowid FROM fts WHERE fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2";
	static const char every[] = "SELECT row FROM record WHERE bin = 0 AND ?1 = '' ORDER BY row DESC LIMIT ?2";
	sqlite3_stmt *st;
	bool ok, row;

	f->n = 0;
	if (!db_query(f->s, &st, e, f->match.len ? text : every, "ti", buf_str(&f->match),
		      (int64_t)(f->q.nfields ? FIND_BUDGET : FIND_WINDOW)))
		return false;
	while ((ok = db_next(f->s, st, &row, e)) && row && f->n < FIND_BUDGET)
		f->v[f->n++] = (struct find_candidate){.row = sqlite3_column_int64(st, 0)};
	db_end(f->s, st);
	return ok;
}

/* Long words whole first: when they fill the window, those that only begin so need not be gathered. */
static bool find_candidates(struct find *f, struct err *e)
{
	size_t enough = f->q.nfields ? FIND_BUDGET : FIND_WINDOW;
	bool whole = query_has_long(&f->q);

	if (!find_match(f, whole, e) || !find_window(f, e))
		return false;
	return !whole || f->n == enough || (find_match(f, false, e) && find_window(f, e));
}

/* Marks the candidates that have all words near one another.  Both run from the newest to the oldest. */
static bool find_close(struct find *f, struct err *e)
{
	struct buf near = BUF_INIT;
	sqlite3_stmt *st = NULL;
	size_t words = 0, i = 0;
	bool ok = true, row;

	buf_str_add(&near, "{title body} : NEAR(");
	for (size_t k = 0; k < f->q.n; k++) {
		const struct query_term *t = &f->q.terms[k];
		if (t->without)
			continue;
		buf_printf(&near, "%s\"%s\"%s", words++ ? " " : "", t->text, t->type == QUERY_WORD ? "*" : "");
	}
	buf_printf(&near, ", %d)", FIND_CLOSE);
	if (words < 2 || f->n == 0)
		goto out;
	if (!(ok = buf_ok(&near, e)) ||
	    !(ok =
		  db_query(f->s, &st, e, "SELECT rowid FROM fts WHERE fts MATCH ?1 AND rowid >= ?2 ORDER BY rowid DESC",
			   "ti", near.p, f->v[f->n - 1].row)))
		goto out;
	while ((ok = db_next(f->s, st, &row, e)) && row) {
		int64_t at = sqlite3_column_int64(st, 0);
		while (i < f->n && f->v[i].row > at)
			i++;
		if (i < f->n && f->v[i].row == at)
			f->v[i].close = true;
	}
out:
	db_end(f->s, st);
	buf_done(&near);
	return ok;
}

static int find_score(const struct find *f, const struct find_candidate *c, const char *title)
{
	int score = c->close ? 2 : 0;
	bool all = true;

	for (size_t i = 0; i < f->q.n; i++) {
		if (f->q.terms[i].without)
			continue;
		if (passage_has(title, &f->q.terms[i]))
			score += 3;
		else
			all = false;
	}
	return f->q.n > 0 && all ? score + 4 : score;
}

static bool find_scores(struct find *f, struct err *e)
{
	for (size_t i = 0; i < f->n; i++) {
		sqlite3_stmt *st;
		bool ok, row;
		if (!db_query(f->s, &st, e, "SELECT fold FROM record WHERE row = ?", "i", f->v[i].row))
			return false;
		ok = db_next(f->s, st, &row, e);
		if (ok && row)
			f->v[i].score = find_score(f, &f->v[i], db_text(st, 0));
		db_end(f->s, st);
		if (!ok)
			return false;
	}
	return true;
}

static int find_cmp(const void *a, const void *b)
{
	const struct find_candidate *x = a, *y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->row > y->row ? -1 : x->row < y->row;
}

/* What a field says: as kept, as shown, or the title it refers to. */
static bool find_in_field(struct store *s, const struct record *r, const struct query_field *want, bool *found,
			  struct err *e)
{
	const struct kind *k = kind_find(r->kind);
	const struct field *f = k ? kind_field_named(k, want->key) : NULL;
	struct buf text = BUF_INIT, folded = BUF_INIT;
	struct query_term t = {.text = want->text};
	bool ok;

	*found = false;
	if (!f)
		return true;
	store_show(s, r, f, DATE_FR, &text);
	buf_char(&text, '\n');
	buf_str_add(&text, record_get(r, f->key));
	text_fold(&folded, buf_str(&text), text.len);
	ok = buf_ok(&text, e) && buf_ok(&folded, e);
	*found = ok && passage_has(buf_str(&folded), &t);
	buf_done(&text);
	buf_done(&folded);
	return ok;
}

static bool find_fields(struct find *f, const struct record *r, bool *fits, struct err *e)
{
	*fits = true;
	for (size_t i = 0; i < f->q.nfields && *fits; i++)
		if (!find_in_field(f->s, r, &f->q.fields[i], fits, e))
			return false;
	return true;
}

/* Lines that stand for a decision or a follow-up are no words of a person's; their records are found by themselves. */
static const char *find_no_line(void *ctx, size_t line, char mark, const struct id *low, const struct id *high)
{
	(void)ctx, (void)line, (void)mark, (void)low, (void)high;
	return NULL;
}

static bool find_passage_field(const struct find *f, const struct record *r, const struct field *field,
			       struct buf *first, struct passage *p, bool *found, struct err *e)
{
	struct buf text = BUF_INIT, merged = BUF_INIT;
	struct err why = ERR_INIT;
	struct shown shown;
	bool ok;

	if (field->flags & FIELD_SET) {
		record_set(r, field->key, &text);
	} else {
		record_shown(r, field->key, field->type == FIELD_TEXT, &merged, &shown);
		if (!minutes_expand(shown.text, find_no_line, NULL, &text, &why) && why.code != ERR_NOMEM)
			buf_clear(&text);
	}
	text.oom = text.oom || merged.oom || why.code == ERR_NOMEM;
	ok = buf_ok(&text, e) && passage_try(buf_str(&text), text.len, &f->q, p, found, e);
	if (ok && first->len == 0 && !(field->flags & FIELD_TITLE))
		buf_add(first, buf_str(&text), text.len);
	buf_done(&text);
	buf_done(&merged);
	return ok;
}

/* The first field in which a word is found; a title only when there is no other, as it is shown anyway. */
static bool find_passage(const struct find *f, const struct record *r, struct passage *p, struct err *e)
{
	const struct kind *k = kind_find(r->kind);
	struct buf first = BUF_INIT;
	bool found = false, ok = true;

	for (int title = 0; title < 2 && ok && !found; title++) {
		for (size_t i = 0; k && ok && !found && i < kind_fields(k); i++) {
			const struct field *field = kind_field_at(k, i);
			bool is_title = field->type == FIELD_LINE && (field->flags & FIELD_TITLE);
			if ((field->flags & FIELD_FTS) && is_title == title)
				ok = find_passage_field(f, r, field, &first, p, &found, e);
		}
	}
	if (ok && !found)
		passage_start(buf_str(&first), first.len, p);
	ok = ok && buf_ok(&first, e) && buf_ok(&p->text, e);
	buf_done(&first);
	return ok;
}

/* *go false: the caller has enough.  *took: it was a hit. */
static bool find_give(struct find *f, const struct find_candidate *c, bool *took, bool *go, struct err *e)
{
	struct passage p = {.mark = 0};
	struct buf owner = BUF_INIT;
	sqlite3_stmt *st = NULL;
	struct record r;
	struct hit hit;
	bool ok = false, row, fits;

	*took = false;
	record_init(&r);
	if (!db_load_row(f->s, c->row, &r, e) || !find_fields(f, &r, &fits, e))
		goto out;
	if (!fits) {
		ok = true;
		goto out;
	}
	if (!find_passage(f, &r, &p, e) || !db_query(f->s, &st, e, FIND_COLUMNS, "i", c->row))
		goto out;
	ok = db_next(f->s, st, &row, e) && row_fill(f->s, st, f->today, &hit.row, &owner, e);
	if (ok) {
		hit.passage = buf_str(&p.text);
		hit.mark = p.mark;
		hit.mark_len = p.mark_len;
		*took = true;
		*go = f->cb(f->ctx, &hit);
	}
out:
	db_end(f->s, st);
	buf_done(&owner);
	buf_done(&p.text);
	record_done(&r);
	return ok;
}

static bool find_run(struct find *f, size_t limit, struct err *e)
{
	bool go = true, took;
	size_t given = 0;

	if (!find_candidates(f, e) || !find_close(f, e) || !find_scores(f, e))
		return false;
	qsort(f->v, f->n, sizeof *f->v, find_cmp);
	for (size_t i = 0; i < f->n && go && given < limit; i++) {
		if (!find_give(f, &f->v[i], &took, &go, e))
			return false;
		given += took;
	}
	f->total = f->q.nfields ? given : f->n;
	if (f->q.nfields || f->n < FIND_WINDOW || f->match.len == 0)
		return true;
	int64_t n = 0;
	if (!db_int(f->s, &n, e, "SELECT count(*) FROM (SELECT 1 FROM fts WHERE fts MATCH ?1 LIMIT ?2)", "ti",
		    f->match.p, (int64_t)FIND_TOTAL + 1))
		return false;
	f->total = (size_t)n;
	return true;
}

bool store_find(struct store *s, const char *query, size_t limit, bool (*cb)(void *ctx, const struct hit *hit),
		void *ctx, size_t *total, struct err *e)
{
	struct find *f = calloc(1, sizeof *f);
	bool ok;

	if (!f)
		return err_nomem(e, __func__);
	f->s = s;
	f->cb = cb;
	f->ctx = ctx;
	row_today(s, f->today);
	ok = query_read(query, &f->q, e);
	if (ok && !f->q.no_kind && (f->q.n || f->q.nfields || f->q.kind))
		ok = find_run(f, limit, e);
	if (ok && total)
		*total = f->total;
	query_done(&f->q);
	buf_done(&f->match);
	free(f);
	return ok;
}
