/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a kind, in memory until one of them changes. */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

void names_forget(struct store *s, const char *kind)
{
	for (size_t i = 0; i < sizeof s->names / sizeof *s->names; i++) {
		struct db_names *l = &s->names[i];
		/* what a person does is in their mandates */
		bool detail = kind && strcmp(kind, "mandate") == 0 && strcmp(l->kind, "person") == 0;
		if (!l->text || (kind && strcmp(l->kind, kind) != 0 && !detail))
			continue;
		free(l->v);
		free(l->text);
		*l = (struct db_names){.n = 0};
	}
}

/* While reading, what will be pointers are offsets into the text, which moves as it grows. */
struct names_at {
	struct id id;
	size_t name, detail, fold;
};
struct names_load {
	struct names_at *v;
	size_t n, cap;
	struct buf text;
};

static size_t names_text(struct names_load *l, const char *text)
{
	size_t at = l->text.len;

	buf_str_add(&l->text, text);
	buf_char(&l->text, '\0');
	return at;
}

static bool names_add(struct names_load *l, sqlite3_stmt *st, const char *today, struct err *e)
{
	const char *until = db_text(st, 3);
	struct names_at *v;

	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		if (!(v = realloc(l->v, cap * sizeof *v)))
			return err_nomem(e, __func__);
		l->v = v;
		l->cap = cap;
	}
	v = &l->v[l->n++];
	if (!db_id(st, 0, &v->id))
		return err_set(e, ERR_DAMAGED, __func__, "id");
	v->name = names_text(l, db_text(st, 1));
	v->detail = names_text(l, !*until || strcmp(until, today) >= 0 ? db_text(st, 2) : "");
	v->fold = names_text(l, db_text(st, 4));
	return true;
}

/* A person's detail comes from the newest of their mandates that still runs. */
static const char names_sql_person[] =
    "SELECT id, title, CASE detail WHEN '' THEN coalesce((SELECT m.detail FROM link l JOIN record m ON m.row = l.src "
    "WHERE "
    "l.dst = r.id AND l.field = 'person' AND m.kind = 'mandate' AND m.bin = 0 AND (m.until = '' OR m.until >= ?2) "
    "ORDER BY "
    "m.day DESC LIMIT 1), '') ELSE detail END, '', fold FROM record r WHERE bin = 0 AND kind = ?1 ORDER BY row";
static const char names_sql_kind[] =
    "SELECT id, title, detail, until, fold FROM record WHERE bin = 0 AND kind = ?1 AND ?2 <> '' ORDER BY row";

static bool names_read(struct store *s, const char *kind, struct names_load *l, struct err *e)
{
	const char *sql = strcmp(kind, "person") == 0 ? names_sql_person : names_sql_kind;
	sqlite3_stmt *st;
	char today[16];
	bool ok, row;

	row_today(s, today);
	if (!db_query(s, &st, e, sql, "tt", kind, today))
		return false;
	while ((ok = db_next(s, st, &row, e)) && row && (ok = names_add(l, st, today, e)))
		;
	db_end(s, st);
	return ok && buf_ok(&l->text, e);
}

/* A long name's sort key is not all of it. */
static bool names_keep(struct db_names *place, const char *kind, struct names_load *l, struct err *e)
{
	struct named *v = calloc(l->n + 1, sizeof *v);
	char *text = v ? buf_steal(&l->text) : NULL;

	if (!text) {
		free(v);
		return err_nomem(e, __func__);
	}
	for (size_t i = 0; i < l->n; i++) {
		const struct names_at *at = &l->v[i];
		const char *fold = text + at->fold;
		v[i] = (struct named){at->id, text + at->name, text + at->detail,
				      strlen(fold) < DB_FOLD_MAX - 3 ? fold : NULL};
	}
	free(place->v);
	free(place->text);
	*place = (struct db_names){.v = v, .n = l->n, .text = text};
	memcpy(place->kind, kind, strlen(kind) + 1);
	return true;
}

bool store_names(struct store *s, const char *kind, const struct named **out, size_t *n, struct err *e)
{
	const size_t places = sizeof s->names / sizeof *s->names;
	struct names_load l = {.n = 0};
	struct db_names *place = NULL;
	bool ok = true;

	if (strlen(kind) >= sizeof place->kind)
		return err_set(e, ERR_INPUT, __func__, "%s", kind);
	for (size_t i = 0; i < places && !place; i++)
		if (s->names[i].text && strcmp(s->names[i].kind, kind) == 0)
			place = &s->names[i];
	if (!place) {
		place = &s->names[s->names_turn++ % places];
		buf_char(&l.text, '\0');
		ok = names_read(s, kind, &l, e) && names_keep(place, kind, &l, e);
		free(l.v);
		buf_done(&l.text);
	}
	if (!ok)
		return false;
	*out = place->v;
	*n = place->n;
	return true;
}
