/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows derived from a state, kept in step with it. */
#include "store/db.h"

#include <string.h>

static bool index_text(struct store *s, int64_t row, const char *kind, const struct derived *d, bool add, struct err *e)
{
	static const char *const put = "INSERT INTO fts(rowid, title, body, kind) VALUES(?, ?, ?, ?)";
	static const char *const take = "INSERT INTO fts(fts, rowid, title, body, kind) VALUES('delete', ?, ?, ?, ?)";

	if (d->bin)
		return true; /* what is in the bin is not searched */
	return db_run(s, e, add ? put : take, "ittt", row, buf_str(&d->folded_title), buf_str(&d->body), kind);
}

static bool index_texts(struct store *s, int64_t row, const char *kind, const struct derived *old,
			const struct derived *new, struct err *e)
{
	if (old && old->bin == new->bin &&strcmp(buf_str(&old->folded_title), buf_str(&new->folded_title)) == 0 &&
	    strcmp(buf_str(&old->body), buf_str(&new->body)) == 0)
		return true;
	return (!old || index_text(s, row, kind, old, false, e)) && index_text(s, row, kind, new, true, e);
}

static bool index_link(struct store *s, int64_t row, const struct derived_ref *ref, bool add, struct err *e)
{
	static const char *const put = "INSERT OR IGNORE INTO link(dst, src, field) VALUES(?, ?, ?)";
	static const char *const take = "DELETE FROM link WHERE dst = ? AND src = ? AND field = ?";

	return db_run(s, e, add ? put : take, "bit", ref->to.b, (size_t)ID_BYTES, row, ref->field->key);
}

static int index_ref_cmp(const struct derived_ref *a, const struct derived_ref *b)
{
	int c = id_cmp(&a->to, &b->to);

	return c ? c : strcmp(a->field->key, b->field->key);
}

/* Both are sorted: only what differs is written. */
static bool index_links(struct store *s, int64_t row, const struct derived *old, const struct derived *new,
			struct err *e)
{
	size_t i = 0, j = 0, nold = old ? old->nrefs : 0;

	while (i < nold || j < new->nrefs) {
		int c = i == nold ? 1 : j == new->nrefs ? -1 : index_ref_cmp(&old->refs[i], &new->refs[j]);
		if (c < 0 && !index_link(s, row, &old->refs[i], false, e))
			return false;
		if (c > 0 && !index_link(s, row, &new->refs[j], true, e))
			return false;
		i += c <= 0;
		j += c >= 0;
	}
	return true;
}

static bool index_place(struct store *s, int64_t row, const struct derived *old, const struct derived *new,
			struct err *e)
{
	bool had = old && old->has_point && !old->bin, has = new->has_point && !new->bin;

	if (had && has && !(old->lat < new->lat) && !(old->lat > new->lat) && !(old->lon < new->lon) &&
	    !(old->lon > new->lon))
		return true;
	if (had && !db_run(s, e, "DELETE FROM place WHERE row = ?", "i", row))
		return false;
	return !has || db_run(s, e, "INSERT INTO place(row, south, north, west, east) VALUES(?, ?, ?, ?, ?)", "idddd",
			      row, new->lat, new->lat, new->lon, new->lon);
}

static bool index_kinds(struct store *s, const char *kind, const struct derived *old, const struct derived *new,
			struct err *e)
{
	static const char sql[] =
	    "INSERT INTO kinds(kind, bin, n) VALUES(?, ?, ?) ON CONFLICT(kind, bin) DO UPDATE SET n = n + "
	    "excluded.n";

	if (old && old->bin == new->bin)
		return true;
	if (old && !db_run(s, e, sql, "tii", kind, (int64_t)old->bin, (int64_t)-1))
		return false;
	return db_run(s, e, sql, "tii", kind, (int64_t) new->bin, (int64_t)1);
}

static bool index_record(struct store *s, int64_t *row, bool is_new, const struct record *r, const struct derived *d,
			 struct err *e)
{
	static const char put[] =
	    "INSERT INTO record(bin, open, flags, day, until, edited, title, fold, detail, owner, id, kind,"
	    " row, ord) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?13, ?13)";
	static const char set[] =
	    "UPDATE record SET bin = ?, open = ?, flags = ?, day = ?, until = ?, edited = ?, title = ?, "
	    "fold = ?, detail = ?, owner = ? WHERE row = ?";
	const void *owner = id_is_zero(&d->owner) ? "" : (const char *)d->owner.b;
	size_t owner_len = id_is_zero(&d->owner) ? 0 : ID_BYTES;

	if (!is_new)
		return db_run(s, e, set, "iiittitttbi", (int64_t)d->bin, (int64_t)d->open, (int64_t)d->flags,
			      buf_str(&d->day), buf_str(&d->until), d->edited, buf_str(&d->title), buf_str(&d->fold),
			      buf_str(&d->detail), owner, owner_len, *row);
	*row = 1;
	if (!db_int(s, row, e, "SELECT row + 1 FROM record ORDER BY row DESC LIMIT 1", ""))
		return false;
	return db_run(s, e, put, "iiittitttbbti", (int64_t)d->bin, (int64_t)d->open, (int64_t)d->flags,
		      buf_str(&d->day), buf_str(&d->until), d->edited, buf_str(&d->title), buf_str(&d->fold),
		      buf_str(&d->detail), owner, owner_len, r->id.b, (size_t)ID_BYTES, r->kind, *row);
}

/* Does this title show that of another record? */
static bool index_title_refers(const struct record *r, const struct id *to)
{
	const struct kind *k = kind_find(r->kind);
	struct id id;

	for (size_t i = 0; k && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		if (f->type == FIELD_REF && (f->flags & FIELD_TITLE) && id_parse(record_get(r, f->key), &id) &&
		    id_eq(&id, to))
			return true;
	}
	return false;
}

static bool index_titles(struct store *s, const struct id *of, int depth, struct err *e);

/* The rows of a record whose own state did not change, for a title it shows did. */
static bool index_retitle(struct store *s, int64_t row, const struct id *of, int depth, struct err *e)
{
	struct record r;
	struct derived old, new;
	bool ok = false;

	record_init(&r);
	derived_init(&old);
	derived_init(&new);
	if (!db_load_row(s, row, &r, e))
		goto out;
	if (!index_title_refers(&r, of)) {
		ok = true;
		goto out;
	}
	if (!derive(&r, &old, e) || !derive(&r, &new, e) || !derive_title(s, &r, &new, e))
		goto out;
	if (!store_title(s, &r.id, &old.title)) {
		err_set(e, ERR_DAMAGED, __func__, "row %lld", (long long)row);
		goto out;
	}
	if (strcmp(buf_str(&old.title), buf_str(&new.title)) == 0) {
		ok = true;
		goto out;
	}
	ok = derive_fold(&old, e) && index_record(s, &row, false, &r, &new, e) &&
	     index_texts(s, row, r.kind, &old, &new, e) && index_titles(s, &r.id, depth + 1, e);
	names_forget(s, r.kind);
out:
	record_done(&r);
	derived_done(&old);
	derived_done(&new);
	return ok;
}

#define INDEX_DEPTH 3 /* a title that shows a title that shows a title */

static bool index_titles(struct store *s, const struct id *of, int depth, struct err *e)
{
	sqlite3_stmt *st;
	bool ok, row;
	int64_t last = -1;

	if (depth >= INDEX_DEPTH)
		return true;
	/* one at a time: retitling writes to the tables that a standing query would read */
	do {
		if (!db_query(s, &st, e, "SELECT src FROM link WHERE dst = ? AND src > ? ORDER BY src LIMIT 1", "bi",
			      of->b, (size_t)ID_BYTES, last))
			return false;
		ok = db_next(s, st, &row, e);
		if (ok && row)
			last = sqlite3_column_int64(st, 0);
		db_end(s, st);
		ok = ok && (!row || index_retitle(s, last, of, depth, e));
	} while (ok && row);
	return ok;
}

bool index_put(struct store *s, int64_t *row, const struct derived *old, const struct record *r, struct err *e)
{
	struct derived new;
	bool ok = false, is_new = !old;

	derived_init(&new);
	if (!derive(r, &new, e) || !derive_title(s, r, &new, e))
		goto out;
	ok = index_record(s, row, is_new, r, &new, e) && index_texts(s, *row, r->kind, old, &new, e) &&
	     index_links(s, *row, old, &new, e) && index_place(s, *row, old, &new, e) &&
	     index_kinds(s, r->kind, old, &new, e);
	names_forget(s, r->kind);
	if (ok && (is_new || strcmp(buf_str(&old->title), buf_str(&new.title)) != 0))
		ok = index_titles(s, &r->id, 0, e);
out:
	derived_done(&new);
	return ok;
}

/* A row derived anew.  Its title may show one that is not yet made anew: index_titles() sees to that when its turn
 * comes. */
static bool index_again(struct store *s, int64_t row, struct err *e)
{
	struct record r;
	struct derived d;
	bool ok;

	record_init(&r);
	derived_init(&d);
	ok = db_load_row(s, row, &r, e) && derive(&r, &d, e) && derive_title(s, &r, &d, e) &&
	     index_record(s, &row, false, &r, &d, e) && index_texts(s, row, r.kind, NULL, &d, e) &&
	     index_links(s, row, NULL, &d, e) && index_place(s, row, NULL, &d, e) &&
	     index_kinds(s, r.kind, NULL, &d, e) && index_titles(s, &r.id, 0, e);
	record_done(&r);
	derived_done(&d);
	return ok;
}

/* Pages of the full-text index leave room for the vfs's reserve, or each would spill into an overflow page.  It is
 * merged by store_tidy(): FTS5 by itself does much of it in some one save of many.  What a step adds is gathered in up
 * to 4 MiB, so that an import makes few pieces. */
bool index_options(struct store *s, struct err *e)
{
	return db_exec(s,
		       "INSERT INTO fts(fts, rank) VALUES('pgsz', 3960);"
		       "INSERT INTO fts(fts, rank) VALUES('automerge', 0);"
		       "INSERT INTO fts(fts, rank) VALUES('usermerge', 8);"
		       "INSERT INTO fts(fts, rank) VALUES('crisismerge', 32);"
		       "INSERT INTO fts(fts, rank) VALUES('hashsize', 4194304);",
		       e);
}

bool index_rebuild(struct store *s, struct err *e)
{
	int64_t row = 0, next;

	if (!db_exec(
		s, "INSERT INTO fts(fts) VALUES('delete-all'); DELETE FROM place; DELETE FROM link; DELETE FROM kinds;",
		e) ||
	    !index_options(s, e))
		return false;
	names_forget(s, NULL);
	for (;;) {
		next = 0;
		if (!db_int(s, &next, e, "SELECT row FROM state WHERE row > ? ORDER BY row LIMIT 1", "i", row))
			return false;
		if (next == 0)
			return true;
		row = next;
		if (!index_again(s, row, e))
			return false;
	}
}
