/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records by id, by row, by what people call them. */
#include "store/db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/query.h"

static bool read_state(struct store *s, sqlite3_stmt *st, struct record *out, int64_t *row, struct err *e)
{
	bool found, ok = db_next(s, st, &found, e);

	if (ok && !found)
		ok = err_set(e, ERR_NOT_FOUND, __func__, "record");
	if (ok && row)
		*row = sqlite3_column_int64(st, 1);
	if (ok)
		ok = record_decode(sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0), out, e);
	db_end(s, st);
	return ok;
}

bool db_load(struct store *s, const struct id *id, struct record *out, int64_t *row, struct err *e)
{
	sqlite3_stmt *st;

	return db_query(s, &st, e, "SELECT state, row FROM state WHERE row = (SELECT row FROM record WHERE id = ?)",
			"b", id->b, (size_t)ID_BYTES) &&
	       read_state(s, st, out, row, e);
}

bool db_load_row(struct store *s, int64_t row, struct record *out, struct err *e)
{
	sqlite3_stmt *st;

	return db_query(s, &st, e, "SELECT state FROM state WHERE row = ?", "i", row) &&
	       read_state(s, st, out, NULL, e);
}

bool store_get(struct store *s, const struct id *id, struct record *out, struct err *e)
{
	return db_load(s, id, out, NULL, e);
}

bool store_title(struct store *s, const struct id *id, struct buf *out)
{
	struct err e = ERR_INIT;
	sqlite3_stmt *st;
	bool row;

	row = db_query(s, &st, &e, "SELECT title FROM record WHERE id = ?", "b", id->b, (size_t)ID_BYTES) &&
	      db_next(s, st, &row, &e) && row;
	if (row)
		buf_str_add(out, db_text(st, 0));
	db_end(s, st);
	out->oom = out->oom || e.code == ERR_NOMEM;
	return row && !out->oom;
}

/* The digits that two ids begin with alike. */
static int read_common(const struct id *a, const struct id *b)
{
	int n = 0;

	for (int i = 0; i < ID_BYTES && a->b[i] == b->b[i]; i++)
		n += 2;
	if (n < 2 * ID_BYTES && a->b[n / 2] >> 4 == b->b[n / 2] >> 4)
		n++;
	return n;
}

bool store_short_id(struct store *s, const struct id *id, char out[ID_TEXT + 1])
{
	static const char *const near[] = {"SELECT id FROM record WHERE id < ? ORDER BY id DESC LIMIT 1",
					   "SELECT id FROM record WHERE id > ? ORDER BY id LIMIT 1"};
	struct err e = ERR_INIT;
	char whole[ID_TEXT + 1];
	int digits = ID_SHORT, n = 0;

	for (int i = 0; i < 2; i++) {
		sqlite3_stmt *st;
		struct id other;
		bool row;
		if (!db_query(s, &st, &e, near[i], "b", id->b, (size_t)ID_BYTES))
			return false;
		if (db_next(s, st, &row, &e) && row && db_id(st, 0, &other) && read_common(id, &other) >= digits)
			digits = read_common(id, &other) + 1;
		db_end(s, st);
		if (e.code != ERR_NONE)
			return false;
	}
	id_text(id, whole);
	for (const char *p = whole; *p && n < digits; p++)
		if (*p != '-')
			out[n++] = *p;
	out[n] = '\0';
	return true;
}

void store_show(struct store *s, const struct record *r, const struct field *f, enum date_lang lang, struct buf *out)
{
	struct buf value = BUF_INIT;
	struct shown shown;
	struct moment now;
	bool first = true;

	store_now(s, &now);
	if (f->flags & FIELD_SET)
		record_set(r, f->key, &value);
	else {
		struct buf merged = BUF_INIT;
		record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
		buf_add(&value, shown.text, shown.len);
		value.oom = value.oom || merged.oom;
		buf_done(&merged);
	}
	out->oom = out->oom || value.oom;
	if (f->type != FIELD_REF) {
		value_show(f, buf_str(&value), &now, lang, out);
		buf_done(&value);
		return;
	}
	for (char *next, *p = value.p; p; p = next) {
		struct id id;
		if ((next = strchr(p, '\n')))
			*next++ = '\0';
		if (!first)
			buf_str_add(out, ", ");
		first = false;
		if (!id_parse(p, &id) || !store_title(s, &id, out))
			buf_str_add(out, p);
	}
	buf_done(&value);
}

/* What an id or its beginning stands for: how many, and the first. */
static bool resolve_id(struct store *s, const char *typed, const char *kind, struct id *out, int *n, struct err *e)
{
	struct id low, high;
	sqlite3_stmt *st;
	bool ok, row;

	*n = 0;
	if (id_parse(typed, &low))
		high = low;
	else if (!id_prefix(typed, &low, &high))
		return true;
	if (!db_query(s, &st, e, "SELECT id, kind FROM record WHERE id BETWEEN ? AND ?", "bb", low.b, (size_t)ID_BYTES,
		      high.b, (size_t)ID_BYTES))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row && *n < 2) {
		if (kind && strcmp(db_text(st, 1), kind) != 0)
			continue;
		if ((*n)++ == 0 && !(ok = db_id(st, 0, out) || err_set(e, ERR_DAMAGED, __func__, "id")))
			break;
	}
	db_end(s, st);
	return ok;
}

/* Exactly one, or the best by far: a whole name beats the beginning of another. */
static bool resolve_match(const struct named *names, size_t n, const char *typed, struct id *out, struct err *e)
{
	struct match best[4];
	size_t fits = names_match(names, n, typed, best, 4);
	char list[160] = "";

	if (fits == 0)
		return err_set(e, ERR_NOT_FOUND, __func__, "%s", typed);
	if (fits == 1 || best[0].rank > best[1].rank) {
		*out = names[best[0].index].id;
		return true;
	}
	for (size_t i = 0; i < fits && i < 3; i++) {
		char id[ID_TEXT + 1];
		id_text(&names[best[i].index].id, id);
		snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s (%.8s)", i ? ", " : "",
			 names[best[i].index].name, id);
	}
	return err_set(e, ERR_AMBIGUOUS, __func__, "%s", list);
}

#define RESOLVE_CANDIDATES 500

/* Attendance and mandates bear the name of the person they are about: a person's name means the person. */
static bool resolve_borrowed(const char *kind)
{
	const struct kind *k = kind_find(kind);
	const struct field *title = k ? kind_field_flag(k, FIELD_TITLE) : NULL;

	return title && title->type == FIELD_REF;
}

/* The newest records of any kind whose title has those words. */
static bool resolve_titles(struct store *s, const char *typed, struct named **out, size_t *n, struct err *e)
{
	struct named *v = calloc(RESOLVE_CANDIDATES, sizeof *v);
	struct query q = {.n = 0};
	struct buf match = BUF_INIT;
	sqlite3_stmt *st = NULL;
	bool ok = false, row;

	*out = v;
	*n = 0;
	if (!v)
		return err_nomem(e, __func__);
	if (!query_read(typed, &q, e) || !query_match(&q, NULL, false, &match, e))
		goto out;
	if (match.len == 0) {
		ok = true;
		goto out;
	}
	buf_insert(&match, 0, "title : (", 9);
	buf_char(&match, ')');
	if (!buf_ok(&match, e) || !db_query(s, &st, e,
					    "SELECT r.id, r.title, r.kind FROM (SELECT rowid FROM fts WHERE fts MATCH "
					    "? ORDER BY rowid DESC LIMIT ?) f "
					    "JOIN record r ON r.row = f.rowid",
					    "ti", match.p, (int64_t)RESOLVE_CANDIDATES))
		goto out;
	while ((ok = db_next(s, st, &row, e)) && row) {
		if (resolve_borrowed(db_text(st, 2)))
			continue;
		if (!(ok = db_id(st, 0, &v[*n].id) || err_set(e, ERR_DAMAGED, __func__, "id")))
			break;
		v[*n].detail = "";
		v[*n].name = str_dup(db_text(st, 1));
		if (!(ok = v[(*n)++].name || err_nomem(e, __func__)))
			break;
	}
out:
	db_end(s, st);
	query_done(&q);
	buf_done(&match);
	return ok;
}

static void resolve_free(struct named *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)v[i].name);
	free(v);
}

static bool resolve_name(struct store *s, const char *typed, const char *kind, struct id *out, struct err *e)
{
	const struct named *names;
	struct named *found = NULL;
	size_t n;
	bool ok;

	if (kind)
		return store_names(s, kind, &names, &n, e) && resolve_match(names, n, typed, out, e);
	ok = resolve_titles(s, typed, &found, &n, e) && resolve_match(found, n, typed, out, e);
	resolve_free(found, n);
	return ok;
}

bool store_resolve(struct store *s, const char *typed, const char *kind, struct id *out, struct err *e)
{
	struct err by_name = ERR_INIT;
	int n;

	if (!resolve_id(s, typed, kind, out, &n, e))
		return false;
	if (n == 1 || resolve_name(s, typed, kind, out, &by_name))
		return true;
	if (n > 1 && by_name.code == ERR_NOT_FOUND)
		return err_set(e, ERR_AMBIGUOUS, __func__, "%s", typed);
	*e = by_name;
	return false;
}
