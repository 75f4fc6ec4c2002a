/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every write of a record: the journal, the state and the rows derived from it, together. */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"

bool write_begin(struct store *s, const char *label, bool *own, struct err *e)
{
	*own = !s->step.open;
	if (*own)
		return store_step_begin(s, label, e);
	return !s->step.broken || err_set(e, ERR_INTERNAL, __func__, "a write of this step failed");
}

bool write_end(struct store *s, bool own, bool ok, struct err *e)
{
	if (own && ok)
		return store_step_end(s, e);
	ok = err_lost_none(s->step.lost, e) && ok;
	if (own)
		store_step_cancel(s);
	return ok;
}

static void write_stamp(struct store *s, struct change *c)
{
	struct moment now;

	store_now(s, &now);
	s->hlc = clock_next(s->hlc, moment_unix(&now));
	c->stamp = (struct stamp){s->device, ++s->count};
	c->clock.hlc = s->hlc;
	c->clock.offset = (int16_t)(now.has_offset ? now.offset : 0);
}

bool write_old(struct store *s, const struct record *r, struct derived *old, struct err *e)
{
	if (!derive(r, old, e))
		return false;
	if (!store_title(s, &r->id, &old->title))
		return buf_ok(&old->title, e) && err_set(e, ERR_DAMAGED, __func__, "no row");
	return derive_fold(old, e);
}

bool write_state(struct store *s, int64_t *row, const struct derived *old, const struct record *r, struct err *e)
{
	struct buf state = BUF_INIT;
	bool ok;

	record_encode(r, &state);
	ok = buf_ok(&state, e) && index_put(s, row, old, r, e) &&
	     db_run(s, e,
		    "INSERT INTO state(row, state) VALUES(?, ?) ON CONFLICT(row) DO UPDATE SET state = excluded.state",
		    "ib", *row, state.p, state.len);
	buf_done(&state);
	return ok;
}

bool write_journal(struct store *s, int64_t row, const struct change *c, const struct stamp *stamp,
		   const struct clock *clock, const struct buf *before, struct err *e)
{
	static const char sql[] =
	    "INSERT INTO change(record, step, device, n, hlc, off, before, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
	struct buf body = BUF_INIT;
	bool ok;

	if (c)
		change_encode(c, &body);
	ok = buf_ok(&body, e) && db_run(s, e, sql, c ? "iibiiibb" : "iibiiib0", row, s->step.id, stamp->device.b,
					(size_t)ID_BYTES, (int64_t)stamp->n, (int64_t)clock->hlc,
					(int64_t)clock->offset, before->p, before->len, body.p, body.len);
	buf_done(&body);
	if (!ok)
		return false;
	if (s->step.changes++ == 0)
		s->step.first = sqlite3_last_insert_rowid(s->db);
	return step_grown(s, e);
}

static bool write_before(const struct record *r, const struct change *c, bool existed, struct buf *out, struct err *e)
{
	const char **keys = calloc(c->n + 1, sizeof *keys);
	bool ok;

	if (!keys)
		return err_nomem(e, __func__);
	for (size_t i = 0; i < c->n; i++)
		keys[i] = c->edits[i].key;
	ok = before_make(r, keys, c->n, existed, out, e);
	free(keys);
	return ok;
}

bool write_change(struct store *s, struct record *r, int64_t row, struct change *c, struct err *e)
{
	struct buf before = BUF_INIT;
	struct derived old;
	bool ok = false;

	derived_init(&old);
	if (!write_before(r, c, row != 0, &before, e) || (row != 0 && !write_old(s, r, &old, e)))
		goto out;
	write_stamp(s, c);
	ok = record_apply(r, c, e) && write_step_row(s, e) && write_state(s, &row, row ? &old : NULL, r, e) &&
	     write_journal(s, row, c, &c->stamp, &c->clock, &before, e);
	s->step.broken = !ok;
out:
	derived_done(&old);
	buf_done(&before);
	return ok;
}

bool write_new(struct store *s, const struct id *id, const char *kind, const struct want *wants, size_t n,
	       struct err *e)
{
	static const struct want alive = {.key = RECORD_ALIVE, .text = "1"};
	struct record r;
	struct change c;
	bool ok = false;

	record_init(&r);
	change_init(&c);
	r.id = *id;
	if (!record_kind_valid(kind, strlen(kind))) {
		err_set(e, ERR_INPUT, __func__, "%.40s", kind);
		goto out;
	}
	if (!(r.kind = str_dup(kind))) {
		err_nomem(e, __func__);
		goto out;
	}
	if (!change_make(&r, wants, n, &c, e))
		goto out;
	if (c.n == 0) { /* a record with nothing in it is still one */
		change_done(&c);
		if (!change_make(&r, &alive, 1, &c, e))
			goto out;
	}
	ok = write_change(s, &r, 0, &c, e);
out:
	change_done(&c);
	record_done(&r);
	return ok;
}

bool store_new(struct store *s, const char *kind, const struct want *wants, size_t n, struct id *out, struct err *e)
{
	struct id id;
	bool own, ok;

	if (!kind_find(kind))
		return err_set(e, ERR_INPUT, __func__, "%s", kind);
	id_new(&id);
	if (!write_begin(s, N_("Record added"), &own, e))
		return false;
	ok = write_end(s, own, write_new(s, &id, kind, wants, n, e), e);
	if (ok && out)
		*out = id;
	return ok;
}

bool store_new_as(struct store *s, const char *kind, const struct id *id, const struct want *wants, size_t n,
		  struct err *e)
{
	struct record r;
	struct err none = ERR_INIT;
	int64_t row;
	bool own, has;

	if (!write_begin(s, N_("Record added"), &own, e))
		return false;
	record_init(&r);
	has = db_load(s, id, &r, &row, &none);
	record_done(&r);
	if (has)
		err_set(e, ERR_EXISTS, __func__, "%s", kind);
	else if (none.code != ERR_NOT_FOUND && e)
		*e = none;
	return write_end(s, own, !has && none.code == ERR_NOT_FOUND && write_new(s, id, kind, wants, n, e), e);
}

enum write_how { WRITE_WANTS, WRITE_DELETE, WRITE_RESTORE };

static bool write_make(const struct record *r, enum write_how how, const struct want *wants, size_t n, struct change *c,
		       struct err *e)
{
	static const struct want alive = {.key = RECORD_ALIVE, .text = "1"};

	if (how == WRITE_WANTS)
		return change_make(r, wants, n, c, e);
	if (how == WRITE_RESTORE)
		return change_make(r, &alive, 1, c, e);
	return record_deleted(r, NULL) || change_delete(r, c, e);
}

static bool write_edit(struct store *s, const struct id *id, const char *label, enum write_how how,
		       const struct want *wants, size_t n, struct err *e)
{
	struct record r;
	struct change c;
	int64_t row;
	bool own, ok = false;

	record_init(&r);
	change_init(&c);
	if (!write_begin(s, label, &own, e))
		return false;
	if (db_load(s, id, &r, &row, e) && write_make(&r, how, wants, n, &c, e))
		ok = c.n == 0 || write_change(s, &r, row, &c, e);
	change_done(&c);
	record_done(&r);
	return write_end(s, own, ok, e);
}

bool store_edit(struct store *s, const struct id *id, const struct want *wants, size_t n, struct err *e)
{
	return write_edit(s, id, N_("Record changed"), WRITE_WANTS, wants, n, e);
}

bool store_delete(struct store *s, const struct id *id, struct err *e)
{
	return write_edit(s, id, N_("Record moved to the bin"), WRITE_DELETE, NULL, 0, e);
}

bool store_restore(struct store *s, const struct id *id, struct err *e)
{
	return write_edit(s, id, N_("Record brought back"), WRITE_RESTORE, NULL, 0, e);
}

static bool take_differs(const struct record *old, const struct record *new, const char *key)
{
	bool text = field_is_text(new->kind, key), differs;
	struct buf a = BUF_INIT, b = BUF_INIT;
	struct shown x, y;

	record_shown(old, key, text, &a, &x);
	record_shown(new, key, text, &b, &y);
	differs = x.len != y.len || memcmp(x.text, y.text, x.len) != 0;
	buf_done(&a);
	buf_done(&b);
	return differs;
}

/* The keys at which two states show something else, and all of them in a new one: what a taken state puts in place. */
static bool take_keys(const struct record *old, const struct record *new, const char ***out, size_t *n, struct err *e)
{
	const char **keys = calloc(old->n + new->n + 1, sizeof *keys);

	*n = 0;
	if (!keys)
		return err_nomem(e, __func__);
	/* Of a forged state an entry may even be gone. */
	for (size_t i = 0, j = 0; i < old->n || j < new->n;) {
		int c = i == old->n ? 1 : j == new->n ? -1 : strcmp(old->entries[i].key, new->entries[j].key);
		const char *key = c < 0 ? old->entries[i].key : new->entries[j].key;
		if (strcmp(key, RECORD_ALIVE) != 0 && take_differs(old, new, key))
			keys[(*n)++] = key;
		i += c <= 0;
		j += c >= 0;
	}
	*out = keys;
	return true;
}

/* However far behind an older copy, restored, may be; and not so far that counts run out, or that what was believed
 * once makes all that others have since seen of ours unbelievable. */
#define TAKE_AHEAD_MAX ((uint64_t)1 << 32)

static bool take_allowed(const struct store *s, const struct record *state, struct err *e)
{
	uint64_t ours = seen_count(&state->seen, &s->device);

	if (ours > s->count && ours - s->count > TAKE_AHEAD_MAX)
		return err_set(e, ERR_DAMAGED, __func__, "changes seen");
	return record_bounded(state) || err_set(e, ERR_LIMIT, __func__, "devices or withheld fields");
}

bool take_merge(struct store *s, const struct record *state, struct record *old, struct record *new, int64_t *row,
		enum take *out, struct err *e)
{
	struct err none = ERR_INIT;

	*row = 0;
	if (!take_allowed(s, state, e))
		return false;
	if (!db_load(s, &state->id, old, row, &none)) {
		if (none.code != ERR_NOT_FOUND) {
			*e = none;
			return false;
		}
		*out = TAKE_NEW;
		return record_copy(state, new, e);
	}
	if (!record_copy(old, new, e) || !record_merge(new, state, e) || !take_allowed(s, new, e))
		return false;
	*out = record_equal(old, new) ? TAKE_SAME : TAKE_CHANGED;
	return true;
}

bool store_preview(struct store *s, const struct record *state, enum take *out, struct err *e)
{
	struct record old, new;
	int64_t row;
	bool ok;

	record_init(&old);
	record_init(&new);
	ok = take_merge(s, state, &old, &new, &row, out, e);
	record_done(&old);
	record_done(&new);
	return ok;
}

/* Others may have seen changes of ours that this file has not (an older copy, restored): a count is never used twice,
 * or they would take the next edits as seen. */
void take_counts(struct store *s, const struct record *new, uint64_t hlc)
{
	struct moment now;

	store_now(s, &now);
	s->hlc = clock_adopt(s->hlc, hlc, moment_unix(&now));
	if (seen_count(&new->seen, &s->device) > s->count)
		s->count = seen_count(&new->seen, &s->device);
}

static bool take_write(struct store *s, const struct record *old, const struct record *new, int64_t row, struct err *e)
{
	const struct value *last = record_last(new);
	const struct stamp stamp = last ? last->stamp : (struct stamp){0};
	const struct clock clock = last ? last->clock : (struct clock){0};
	struct buf before = BUF_INIT;
	const char **keys = NULL;
	struct derived was;
	size_t n;
	bool ok = false;

	derived_init(&was);
	if (!take_keys(old, new, &keys, &n, e) || !before_make(old, keys, n, row != 0, &before, e) ||
	    (row != 0 && !write_old(s, old, &was, e)))
		goto out;
	take_counts(s, new, clock.hlc);
	ok = write_step_row(s, e) && write_state(s, &row, row ? &was : NULL, new, e) &&
	     write_journal(s, row, NULL, &stamp, &clock, &before, e);
	s->step.broken = !ok;
out:
	free(keys);
	derived_done(&was);
	buf_done(&before);
	return ok;
}

bool store_take(struct store *s, const struct record *state, enum take *out, struct err *e)
{
	struct record old, new;
	int64_t row;
	bool own, ok;

	record_init(&old);
	record_init(&new);
	if (!write_begin(s, N_("Record taken in"), &own, e))
		return false;
	ok = take_merge(s, state, &old, &new, &row, out, e) && (*out == TAKE_SAME || take_write(s, &old, &new, row, e));
	record_done(&old);
	record_done(&new);
	return write_end(s, own, ok, e);
}
