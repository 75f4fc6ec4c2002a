/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists, paged by key over an index made for each order. */
#include "store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/journal.h"
#include "arpent/query.h"
#include "arpent/text.h"

#define LIST_RARE 2000 /* up to so many matches of a filter are gathered and sorted; with more, the index is walked */

struct list_query {
	const struct list_spec *spec;
	struct buf sql;
	struct buf match;  /* the filter for the full-text index */
	struct buf folded; /* the filter, for the bin */
	bool gathered;     /* the rows come from a link, a place or a rare filter, and are sorted */
};

void row_today(struct store *s, char out[16])
{
	struct moment now;

	store_now(s, &now);
	snprintf(out, 16, "%04d-%02d-%02d", now.date.year % 10000, now.date.month, now.date.day);
}

bool row_fill(struct store *s, sqlite3_stmt *st, const char *today, struct row *row, struct buf *owner, struct err *e)
{
	struct id id;

	if (!db_id(st, 0, &row->id))
		return err_set(e, ERR_DAMAGED, __func__, "id");
	row->kind = db_text(st, 1);
	row->title = db_text(st, 2);
	row->day = db_text(st, 3);
	if (strcmp(row->day, DB_UNDATED) == 0)
		row->day = "";
	row->flags = (unsigned)sqlite3_column_int(st, 5);
	if ((row->flags & ROW_OPEN) && *row->day && strncmp(row->day, today, 10) < 0)
		row->flags |= ROW_LATE;
	buf_clear(owner);
	if (db_id(st, 4, &id))
		store_title(s, &id, owner);
	row->owner = buf_str(owner);
	return buf_ok(owner, e);
}

static const char *list_column(enum list_order order)
{
	return order == LIST_BY_TITLE ? "fold" : order == LIST_BY_EDITED ? "edited" : "day";
}

static bool list_down(enum list_order order, bool backwards)
{
	return (order == LIST_BY_DAY || order == LIST_BY_EDITED) != backwards;
}

/* A text filter: in the full-text index for what is alive, by title in the bin. */
static bool list_filter(struct store *s, struct list_query *q, struct err *e)
{
	const char *filter = q->spec->filter;
	struct query typed;
	int64_t n = 0;
	bool ok;

	if (!filter)
		return true;
	if (q->spec->bin) {
		text_fold(&q->folded, filter, strlen(filter));
		return buf_ok(&q->folded, e);
	}
	if (!query_read(filter, &typed, e))
		return false;
	ok = query_match(&typed, q->spec->kind, false, &q->match, e);
	query_done(&typed);
	if (!ok || q->match.len == 0)
		return ok;
	if (!db_int(s, &n, e, "SELECT count(*) FROM (SELECT 1 FROM fts WHERE fts MATCH ?1 LIMIT ?2)", "ti",
		    buf_str(&q->match), (int64_t)LIST_RARE + 1))
		return false;
	q->gathered = n <= LIST_RARE;
	return true;
}

static void list_where(struct list_query *q, bool with_key, bool backwards)
{
	const struct list_spec *l = q->spec;
	const char *col = list_column(l->order);

	buf_printf(&q->sql, " WHERE r.bin = %d", l->bin ? 1 : 0);
	if (l->kind)
		buf_str_add(&q->sql, " AND r.kind = :kind");
	if (l->open_only)
		buf_str_add(&q->sql, " AND r.open = 1");
	if (l->conflict_only)
		buf_printf(&q->sql, " AND r.flags & %d", ROW_CONFLICT);
	if (l->day_from || l->day_to)
		buf_str_add(&q->sql, " AND r.day < '" DB_UNDATED "' AND r.day >= coalesce(:from, '0')");
	if (l->day_to)
		buf_str_add(&q->sql, " AND r.day <= :to || '~'");
	if (l->linked)
		buf_str_add(&q->sql, " AND r.row IN (SELECT src FROM link WHERE dst = :linked)");
	if (l->box)
		buf_str_add(&q->sql,
			    " AND r.row IN (SELECT row FROM place WHERE north >= :south AND south <= :north AND "
			    "east >= :west AND west <= :east)");
	if (q->folded.len > 0)
		buf_str_add(&q->sql, " AND instr(r.fold, :filter) > 0");
	else if (q->match.len > 0 && q->gathered)
		buf_str_add(&q->sql, " AND r.row IN (SELECT rowid FROM fts WHERE fts MATCH :filter)");
	else if (q->match.len > 0)
		buf_str_add(&q->sql, " AND r.row IN (SELECT rowid FROM fts WHERE fts MATCH :filter)");
	if (with_key)
		buf_printf(&q->sql, " AND (r.%s, r.ord) %s (:sort, :ord)", col,
			   list_down(l->order, backwards) ? "<" : ">");
}

/* What is gathered is found by row; everything else runs along the index of its order. */
static void list_from(struct list_query *q)
{
	const struct list_spec *l = q->spec;

	q->gathered = q->gathered || l->linked || l->box;
	if (q->gathered)
		buf_str_add(&q->sql, " FROM record r NOT INDEXED");
	else if (l->open_only && l->kind && !l->bin && (l->order == LIST_BY_DAY || l->order == LIST_BY_DAY_UP))
		buf_str_add(&q->sql, " FROM record r INDEXED BY record_open");
	else
		buf_printf(&q->sql, " FROM record r INDEXED BY record%s_%s", l->kind ? "_kind" : "",
			   list_column(l->order));
}

static bool list_query(struct store *s, struct list_query *q, const char *columns, const struct list_key *key,
		       bool backwards, struct err *e)
{
	const struct list_spec *l = q->spec;
	const char *dir = list_down(l->order, backwards) ? " DESC" : "";

	if (!list_filter(s, q, e))
		return false;
	buf_printf(&q->sql, "SELECT %s", columns);
	list_from(q);
	list_where(q, key && key->set, backwards);
	if (key)
		buf_printf(&q->sql, " ORDER BY r.%s%s, r.ord%s", list_column(l->order), dir, dir);
	buf_str_add(&q->sql, " LIMIT :limit");
	return buf_ok(&q->sql, e);
}

static void list_text(sqlite3_stmt *st, const char *name, const char *text)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i > 0 && text)
		sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static void list_number(sqlite3_stmt *st, const char *name, double v)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i > 0)
		sqlite3_bind_double(st, i, v);
}

/* A parameter that the query does not have is left alone. */
static void list_bind(struct list_query *q, sqlite3_stmt *st, const struct list_key *key, size_t limit)
{
	const struct list_spec *l = q->spec;
	int i;

	list_text(st, ":kind", l->kind);
	list_text(st, ":from", l->day_from);
	list_text(st, ":to", l->day_to);
	list_text(st, ":filter", q->folded.len > 0 ? q->folded.p : buf_str(&q->match));
	if (l->linked && (i = sqlite3_bind_parameter_index(st, ":linked")) > 0)
		sqlite3_bind_blob(st, i, l->linked->b, ID_BYTES, SQLITE_STATIC);
	if (l->box) {
		list_number(st, ":south", l->box->south);
		list_number(st, ":west", l->box->west);
		list_number(st, ":north", l->box->north);
		list_number(st, ":east", l->box->east);
	}
	if (key && key->set && l->order == LIST_BY_EDITED)
		sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":sort"), strtoll(key->sort, NULL, 10));
	else if (key && key->set)
		list_text(st, ":sort", key->sort);
	if (key && key->set)
		sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":ord"), key->row);
	sqlite3_bind_int64(st, sqlite3_bind_parameter_index(st, ":limit"),
			   limit > INT32_MAX ? INT32_MAX : (int64_t)limit);
}

static void list_done(struct list_query *q)
{
	buf_done(&q->sql);
	buf_done(&q->match);
	buf_done(&q->folded);
}

static void list_at(sqlite3_stmt *st, enum list_order order, struct list_key *at)
{
	int col = order == LIST_BY_TITLE ? 7 : order == LIST_BY_EDITED ? 8 : 3;

	at->set = true;
	at->row = sqlite3_column_int64(st, 6);
	snprintf(at->sort, sizeof at->sort, "%s", db_text(st, col));
}

bool store_list(struct store *s, const struct list_spec *spec, const struct list_key *key, bool backwards, size_t limit,
		bool (*cb)(void *ctx, const struct row *row, const struct list_key *at), void *ctx, struct err *e)
{
	static const struct list_key start = {.set = false};
	struct list_query q = {.spec = spec};
	struct buf owner = BUF_INIT;
	sqlite3_stmt *st = NULL;
	struct list_key at;
	char today[16];
	struct row row;
	int64_t sent;
	bool ok = false, found, unsent, mine;

	row_today(s, today);
	if (!key)
		key = &start;
	if (!journal_unsent_any(s, &sent, &unsent, e) || !list_query(s, &q, ROW_COLUMNS, key, backwards, e) ||
	    !db_query(s, &st, e, buf_str(&q.sql), ""))
		goto out;
	list_bind(&q, st, key, limit);
	while ((ok = db_next(s, st, &found, e)) && found && (ok = row_fill(s, st, today, &row, &owner, e))) {
		list_at(st, spec->order, &at);
		if (unsent && !(ok = unsent_row(s, at.row, sent, &mine, e)))
			break;
		row.flags |= unsent && mine ? ROW_UNSENT : 0;
		if (!cb(ctx, &row, &at))
			break;
	}
out:
	db_end(s, st);
	list_done(&q);
	buf_done(&owner);
	return ok;
}

/* Kept up to date by every write. */
static bool list_count_kind(struct store *s, const struct list_spec *l, size_t cap, size_t *out, struct err *e)
{
	int64_t n = 0;
	bool ok;

	if (l->kind)
		ok = db_int(s, &n, e, "SELECT n FROM kinds WHERE kind = ? AND bin = ?", "ti", l->kind, (int64_t)l->bin);
	else
		ok = db_int(s, &n, e, "SELECT coalesce(sum(n), 0) FROM kinds WHERE bin = ?", "i", (int64_t)l->bin);
	*out = (uint64_t)n > cap ? cap + 1 : (size_t)n;
	return ok;
}

bool store_count(struct store *s, const struct list_spec *spec, size_t cap, size_t *out, struct err *e)
{
	struct list_query q = {.spec = spec};
	struct buf inner = BUF_INIT;
	sqlite3_stmt *st = NULL;
	bool ok = false, found;

	if (!spec->open_only && !spec->conflict_only && !spec->filter && !spec->day_from && !spec->day_to &&
	    !spec->linked && !spec->box)
		return list_count_kind(s, spec, cap, out, e);
	if (!list_query(s, &q, "1", NULL, false, e))
		goto out;
	buf_printf(&inner, "SELECT count(*) FROM (%s)", buf_str(&q.sql));
	if (!buf_ok(&inner, e) || !db_query(s, &st, e, buf_str(&inner), ""))
		goto out;
	list_bind(&q, st, NULL, cap < SIZE_MAX ? cap + 1 : cap);
	ok = db_next(s, st, &found, e);
	*out = ok && found ? (size_t)sqlite3_column_int64(st, 0) : 0;
out:
	db_end(s, st);
	list_done(&q);
	buf_done(&inner);
	return ok;
}

bool store_holding(struct store *s, const char *key, bool (*cb)(void *ctx, const struct id *id), void *ctx,
		   struct err *e)
{
	struct buf want = BUF_INIT;
	sqlite3_stmt *st;
	struct id id;
	bool ok, row, go = true;

	/* As the state has it: without decoding each of them. */
	cbor_w_text(&want, key, strlen(key));
	if (!buf_ok(&want, e) ||
	    !db_query(s, &st, e,
		      "SELECT r.id FROM state t JOIN record r ON r.row = t.row WHERE r.bin = 0 AND "
		      "instr(t.state, ?) > 0",
		      "b", want.p, want.len)) {
		buf_done(&want);
		return false;
	}
	while ((ok = db_next(s, st, &row, e)) && row && go) {
		if (!(ok = db_id(st, 0, &id) || err_set(e, ERR_DAMAGED, __func__, "id")))
			break;
		go = cb(ctx, &id);
	}
	db_end(s, st);
	buf_done(&want);
	return ok;
}
