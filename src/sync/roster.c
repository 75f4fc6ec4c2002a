/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log of a space's roster, and what follows from it. */
#include "arpent/roster.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"

#define LEVEL_NONE UINT32_MAX

void roster_log_add(struct buf *log, const struct roster_entry *en)
{
	cbor_w_array(log, 6);
	cbor_w_bytes(log, en->author.b, ID_BYTES);
	cbor_w_uint(log, en->n);
	cbor_w_int(log, en->ms);
	cbor_w_array(log, 2 * en->nseen);
	for (size_t i = 0; i < en->nseen; i++) {
		cbor_w_bytes(log, en->seen[i].device.b, ID_BYTES);
		cbor_w_uint(log, en->seen[i].n);
	}
	cbor_w_uint(log, en->count);
	cbor_w_bytes(log, en->body, en->len);
}

struct cutting {
	struct buf *asked;
	uint32_t *count;
};

/* Keys are made again where they are due. */
static bool cut_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct cutting *c = ctx;

	(void)e;
	if (it->type != ROSTER_KEY && it->type != ROSTER_FOUND) {
		roster_item_write(c->asked, it);
		++*c->count;
	}
	return true;
}

bool roster_log_cut(struct buf *log, const struct id *author, uint64_t n, struct buf *asked, uint32_t *count,
		    struct err *e)
{
	struct cutting c = {asked, count};
	struct buf kept = BUF_INIT;
	struct cbor_r r;
	bool ok = true;

	cbor_r_init(&r, buf_str(log), log->len);
	while (ok && cbor_peek(&r) != CBOR_END) {
		const uint8_t *body, *entry = r.p;
		struct id by;
		uint64_t at, items;
		size_t len;
		cbor_array(&r);
		cbor_fixed(&r, by.b, ID_BYTES);
		at = cbor_uint(&r);
		cbor_int(&r);
		cbor_skip(&r, NULL, NULL);
		items = cbor_uint(&r);
		body = cbor_bytes(&r, &len);
		ok = cbor_ok(&r, e);
		if (ok && id_eq(&by, author) && at >= n)
			ok = roster_items(body, len, (uint32_t)items, cut_item, &c, e);
		else if (ok)
			buf_add(&kept, entry, (size_t)(r.p - entry));
	}
	ok = ok && cbor_ok(&r, e) && buf_ok(&kept, e) && buf_ok(asked, e);
	if (ok) {
		buf_clear(log);
		buf_add(log, buf_str(&kept), kept.len);
		ok = buf_ok(log, e);
	}
	buf_done(&kept);
	return ok;
}

void roster_init(struct roster *r)
{
	memset(r, 0, sizeof *r);
}

void roster_done(struct roster *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->members[i].cuts);
	free(r->members);
	free(r->lack);
	roster_init(r);
}

struct member *roster_member(const struct roster *r, const struct id *device)
{
	for (size_t i = 0; i < r->n; i++)
		if (id_eq(&r->members[i].who.device, device))
			return &r->members[i];
	return NULL;
}

uint64_t member_cut(const struct member *m, const struct id *stream)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->ncuts; i++)
		if (id_eq(&m->cuts[i].stream, stream) && m->cuts[i].n > n)
			n = m->cuts[i].n;
	return n;
}

/* A bundle, and what its author had seen: `seen` is in the order of the fold's authors. */
struct fold_entry {
	size_t author; /* of the fold's devices */
	uint64_t n;
	int64_t ms;
	struct stamp *seen;
	size_t nseen;
	unsigned rank; /* greater than that of all it had seen */
	bool void_;
};

struct fold_line { /* one item */
	size_t entry;
	enum roster_type type;
	size_t device; /* the one that it is about */
	bool admin;
	uint64_t n;
	struct roster_cut *cuts;
	size_t ncuts;
	uint32_t epoch;
	struct id key;
	struct id *to; /* KEY: who it is sealed to; ADD: the keys given */
	size_t nto;
};

struct fold {
	struct roster *out;
	const struct roster_entry *before;
	uint32_t *level; /* by device */
	size_t nlevel;
	struct fold_entry *entries;
	size_t n, cap;
	struct fold_line *lines;
	size_t nlines, lines_cap;
};

static bool fold_grow(void *v, size_t *cap, size_t want, size_t size, struct err *e)
{
	size_t n = *cap ? *cap : 16;
	void *old, *new;

	if (want <= *cap)
		return true;
	while (n < want)
		n *= 2;
	memcpy(&old, v, sizeof old);
	if (!(new = realloc(old, n * size)))
		return err_nomem(e, "roster");
	memcpy(v, &new, sizeof new);
	*cap = n;
	return true;
}

static bool fold_device(struct fold *f, const struct id *id, size_t *at, struct err *e)
{
	struct roster *r = f->out;

	for (*at = r->n; *at > 0; (*at)--)
		if (id_eq(&r->members[*at - 1].who.device, id)) {
			(*at)--;
			return true;
		}
	if (r->n % 16 == 0) {
		struct member *m = realloc(r->members, (r->n + 16) * sizeof *m);
		uint32_t *level = realloc(f->level, (r->n + 16) * sizeof *level);
		r->members = m ? m : r->members;
		f->level = level ? level : f->level;
		if (!m || !level)
			return err_nomem(e, "roster");
	}
	*at = r->n++;
	memset(&r->members[*at], 0, sizeof r->members[*at]);
	r->members[*at].who.device = *id;
	f->level[*at] = LEVEL_NONE;
	return true;
}

static bool entry_seen(const struct fold *f, const struct fold_entry *en, const struct fold_entry *of)
{
	const struct id *author = &f->out->members[of->author].who.device;

	if (of->author == en->author)
		return of->n < en->n;
	for (size_t i = 0; i < en->nseen; i++)
		if (id_eq(&en->seen[i].device, author))
			return en->seen[i].n >= of->n;
	return false;
}

static bool ids_keep(struct fold_line *l, const struct roster_item *it, struct err *e)
{
	size_t n = it->type == ROSTER_KEY ? it->ngrants : it->ngiven;

	if (n == 0)
		return true;
	if (!(l->to = calloc(n, sizeof *l->to)))
		return err_nomem(e, "roster");
	for (l->nto = 0; l->nto < n; l->nto++)
		l->to[l->nto] = it->type == ROSTER_KEY ? it->grants[l->nto].device : it->given[l->nto];
	return true;
}

static bool fold_item(void *ctx, const struct roster_item *it, struct err *e)
{
	struct fold *f = ctx;
	size_t entry = f->n - 1, author = f->entries[entry].author;
	struct fold_line *l;
	struct member *m;

	if (!fold_grow(&f->lines, &f->lines_cap, f->nlines + 1, sizeof *f->lines, e))
		return false;
	l = &f->lines[f->nlines++];
	*l = (struct fold_line){.entry = entry, .type = it->type, .device = author, .admin = it->admin};
	l->n = it->n;
	l->epoch = it->epoch;
	l->key = it->key;
	if (it->type == ROSTER_REMOVE || it->type == ROSTER_ADMIN) {
		if (!fold_device(f, &it->device, &l->device, e))
			return false;
	} else if (it->type == ROSTER_ADD || it->type == ROSTER_FOUND) {
		if (!fold_device(f, &it->who.device, &l->device, e))
			return false;
		m = &f->out->members[l->device];
		m->who = it->who;
		memcpy(m->label, it->label, sizeof m->label);
	}
	if (it->type == ROSTER_FOUND && f->out->name[0] == 0)
		memcpy(f->out->name, it->name, sizeof f->out->name);
	if (it->ncuts > 0 && !(l->cuts = calloc(it->ncuts, sizeof *l->cuts)))
		return err_nomem(e, "roster");
	for (l->ncuts = 0; l->ncuts < it->ncuts; l->ncuts++)
		l->cuts[l->ncuts] = it->cuts[l->ncuts];
	return ids_keep(l, it, e);
}

/* Is it in what the author of `before` had seen? */
static bool fold_wanted(const struct fold *f, const struct id *author, uint64_t n)
{
	if (!f->before)
		return true;
	if (id_eq(author, &f->before->author))
		return n < f->before->n;
	for (size_t i = 0; i < f->before->nseen; i++)
		if (id_eq(&f->before->seen[i].device, author))
			return n <= f->before->seen[i].n;
	return false;
}

static bool fold_seen_read(struct cbor_r *r, struct fold_entry *en, struct err *e)
{
	size_t n = cbor_array(r) / 2;

	if (!(en->seen = calloc(n + 1, sizeof *en->seen)))
		return err_nomem(e, "roster");
	for (en->nseen = 0; en->nseen < n; en->nseen++) {
		cbor_fixed(r, en->seen[en->nseen].device.b, ID_BYTES);
		en->seen[en->nseen].n = cbor_uint(r);
	}
	return true;
}

/* The log's own order has causes first. */
static bool fold_entry_read(struct fold *f, struct cbor_r *r, struct err *e)
{
	struct fold_entry *en;
	struct id author;
	const uint8_t *body;
	size_t parts = cbor_array(r), len;
	uint64_t n, count;
	int64_t ms;

	cbor_fixed(r, author.b, ID_BYTES);
	n = cbor_uint(r);
	ms = cbor_int(r);
	if (parts != 6 || r->bad)
		return err_set(e, ERR_DAMAGED, "roster", "log");
	if (!fold_grow(&f->entries, &f->cap, f->n + 1, sizeof *f->entries, e))
		return false;
	en = &f->entries[f->n];
	*en = (struct fold_entry){.n = n, .ms = ms};
	if (!fold_seen_read(r, en, e))
		return false;
	count = cbor_uint(r);
	body = cbor_bytes(r, &len);
	if (!cbor_ok(r, e) || !fold_wanted(f, &author, n)) {
		free(en->seen);
		return cbor_ok(r, e);
	}
	f->n++;
	if (!fold_device(f, &author, &en->author, e))
		return false;
	for (size_t i = 0; i + 1 < f->n; i++)
		if (entry_seen(f, en, &f->entries[i]) && f->entries[i].rank >= en->rank)
			en->rank = f->entries[i].rank + 1;
	return roster_items(body, len, (uint32_t)count, fold_item, f, e);
}

/* How many made one another admin, from the founder on. */
static void fold_levels(struct fold *f)
{
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *l = &f->lines[i];
		uint32_t of = f->level[f->entries[l->entry].author];
		if (l->type == ROSTER_FOUND)
			f->level[l->device] = 0;
		else if ((l->type == ROSTER_ADMIN || (l->type == ROSTER_ADD && l->admin)) && of != LEVEL_NONE &&
			 of + 1 < f->level[l->device])
			f->level[l->device] = of + 1;
	}
}

/* Does removal a count before b? */
static bool removal_before(const struct fold *f, const struct fold_line *a, const struct fold_line *b)
{
	const struct fold_entry *x = &f->entries[a->entry], *y = &f->entries[b->entry];
	uint32_t la = f->level[x->author], lb = f->level[y->author];

	if (la != lb)
		return la < lb;
	if (x->rank != y->rank)
		return x->rank < y->rank;
	return id_cmp(&f->out->members[x->author].who.device, &f->out->members[y->author].who.device) < 0;
}

/* What the removed wrote beyond what their removal names counts for nothing, their removals of others among it. */
static bool fold_voids(struct fold *f, struct err *e)
{
	bool *done = calloc(f->nlines + 1, sizeof *done);

	if (!done)
		return err_nomem(e, "roster");
	for (;;) {
		const struct fold_line *next = NULL;
		for (size_t i = 0; i < f->nlines; i++) {
			const struct fold_line *l = &f->lines[i];
			if (l->type == ROSTER_REMOVE && !done[i] && l->device != f->entries[l->entry].author &&
			    (!next || removal_before(f, l, next)))
				next = l;
		}
		if (!next)
			break;
		done[next - f->lines] = true;
		for (size_t i = 0; i < f->n && !f->entries[next->entry].void_; i++) {
			struct fold_entry *en = &f->entries[i];
			if (en->author == next->device && en->n > next->n &&
			    !entry_seen(f, en, &f->entries[next->entry]))
				en->void_ = true;
		}
	}
	free(done);
	return true;
}

static bool line_seen(const struct fold *f, const struct fold_line *l, const struct fold_line *of)
{
	return entry_seen(f, &f->entries[l->entry], &f->entries[of->entry]);
}

/* The removal of its device that line l had not seen, or NULL. */
static const struct fold_line *line_undone(const struct fold *f, const struct fold_line *l)
{
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *r = &f->lines[i];
		if (r->type == ROSTER_REMOVE && r->device == l->device && !f->entries[r->entry].void_ &&
		    !line_seen(f, l, r))
			return r;
	}
	return NULL;
}

static bool line_resigned(const struct fold *f, const struct fold_line *l)
{
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *r = &f->lines[i];
		if (r->type == ROSTER_RESIGN && r->device == l->device && !f->entries[r->entry].void_ &&
		    !line_seen(f, l, r))
			return true;
	}
	return false;
}

static bool member_cuts(struct member *m, const struct fold_line *r, struct err *e)
{
	struct roster_cut *v = realloc(m->cuts, (m->ncuts + r->ncuts + 1) * sizeof *v);

	if (!v)
		return err_nomem(e, "roster");
	m->cuts = v;
	for (size_t i = 0; i < r->ncuts; i++)
		m->cuts[m->ncuts++] = r->cuts[i];
	m->roster_cut = r->n > m->roster_cut ? r->n : m->roster_cut;
	return true;
}

static bool fold_members(struct fold *f, struct err *e)
{
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *l = &f->lines[i];
		const struct fold_entry *en = &f->entries[l->entry];
		struct member *m = &f->out->members[l->device];
		bool adds = l->type == ROSTER_ADD || l->type == ROSTER_FOUND;
		if (en->void_ || (!adds && l->type != ROSTER_ADMIN) || line_undone(f, l))
			continue;
		if (adds && !m->in) {
			m->in = true;
			m->by = f->out->members[en->author].who.device;
			m->since_ms = en->ms;
		}
		if ((l->type != ROSTER_ADD || l->admin) && !line_resigned(f, l))
			m->admin = true;
	}
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *l = &f->lines[i];
		struct member *m = &f->out->members[l->device];
		if (l->type != ROSTER_REMOVE || f->entries[l->entry].void_ || m->in)
			continue;
		m->removed_by = f->out->members[f->entries[l->entry].author].who.device;
		m->removed_ms = f->entries[l->entry].ms;
		if (!member_cuts(m, l, e))
			return false;
	}
	for (size_t i = 0; i < f->out->n; i++)
		f->out->members[i].admin &= f->out->members[i].in;
	return true;
}

static bool key_given(const struct fold *f, const struct id *key, const struct id *device)
{
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *l = &f->lines[i];
		bool invites = l->type == ROSTER_ADD && id_eq(&f->out->members[l->device].who.device, device);
		bool seals = l->type == ROSTER_KEY && id_eq(&l->key, key);
		for (size_t k = 0; (invites || seals) && k < l->nto; k++)
			if (id_eq(&l->to[k], invites ? key : device))
				return true;
	}
	return false;
}

static bool key_lacks(struct fold *f, const struct fold_line *l, struct err *e)
{
	struct roster *r = f->out;

	for (size_t i = 0; i < r->n; i++) {
		struct roster_lack *v;
		bool known = !r->members[i].in || key_given(f, &l->key, &r->members[i].who.device);
		for (size_t k = 0; k < r->nlack && !known; k++)
			known = id_eq(&r->lack[k].key, &l->key) && id_eq(&r->lack[k].device, &r->members[i].who.device);
		if (known)
			continue;
		if (!(v = realloc(r->lack, (r->nlack + 1) * sizeof *v)))
			return err_nomem(e, "roster");
		r->lack = v;
		v[r->nlack++] = (struct roster_lack){r->members[i].who.device, l->key, l->epoch};
	}
	return true;
}

/* In force is that of the highest epoch.  It must have been made by someone who knew of all removals. */
static bool fold_keys(struct fold *f, struct err *e)
{
	const struct fold_line *made = NULL;

	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *l = &f->lines[i];
		if (l->type != ROSTER_KEY || f->entries[l->entry].void_)
			continue;
		if (!key_lacks(f, l, e))
			return false;
		if (!made || l->epoch > made->epoch || (l->epoch == made->epoch && id_cmp(&l->key, &made->key) > 0))
			made = l;
	}
	if (!made)
		return true;
	f->out->epoch = made->epoch;
	f->out->key = made->key;
	for (size_t i = 0; i < f->nlines; i++) {
		const struct fold_line *r = &f->lines[i];
		if (r->type == ROSTER_REMOVE && !f->entries[r->entry].void_ && !f->out->members[r->device].in &&
		    r->entry != made->entry && !line_seen(f, made, r))
			f->out->rekey = true;
	}
	return true;
}

bool roster_resolve(const struct buf *log, const struct roster_entry *before, struct roster *out, struct err *e)
{
	struct fold f = {.out = out, .before = before};
	struct cbor_r r;
	bool ok = true;

	roster_init(out);
	cbor_r_init(&r, buf_str(log), log->len);
	while (ok && cbor_peek(&r) != CBOR_END)
		ok = fold_entry_read(&f, &r, e);
	ok = ok && cbor_ok(&r, e);
	if (ok)
		fold_levels(&f);
	ok = ok && fold_voids(&f, e) && fold_members(&f, e) && fold_keys(&f, e);
	for (size_t i = 0; i < f.n; i++)
		free(f.entries[i].seen);
	for (size_t i = 0; i < f.nlines; i++) {
		free(f.lines[i].cuts);
		free(f.lines[i].to);
	}
	free(f.entries);
	free(f.lines);
	free(f.level);
	if (!ok)
		roster_done(out);
	return ok;
}
