/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes in a hand-off, and what of it stays. */
#include "handoff-in.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/kind.h"

#define OUTLINE (FIELD_TITLE | FIELD_REQUIRED | FIELD_DATE_OF | FIELD_PLACE_OF)

void handoff_init(struct handoff *h)
{
	memset(h, 0, sizeof *h);
}

static void item_done(struct handoff_item *it)
{
	record_done(&it->state);
	buf_done(&it->bytes);
	free(it->title);
	for (size_t i = 0; it->fields && i < it->withheld; i++)
		free(it->fields[i]);
	free(it->fields);
}

void handoff_done(struct handoff *h)
{
	for (size_t i = 0; i < h->n; i++)
		item_done(&h->items[i]);
	free(h->items);
	handoff_init(h);
}

struct handoff_item *handoff_item_add(struct handoff *h, struct err *e)
{
	struct handoff_item *it;

	if (h->n == BUNDLE_COUNT_MAX) {
		err_set(e, ERR_LIMIT, "handoff", "%zu records", h->n);
		return NULL;
	}
	if (h->n == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 16;
		struct handoff_item *v = realloc(h->items, cap * sizeof *v);

		if (!v) {
			err_nomem(e, "handoff");
			return NULL;
		}
		h->items = v;
		h->cap = cap;
	}
	it = &h->items[h->n++];
	memset(it, 0, sizeof *it);
	record_init(&it->state);
	return it;
}

struct ids {
	struct id *v;
	size_t n, cap;
	bool oom;
};

static void ids_add(struct ids *l, const struct id *id)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct id *v = realloc(l->v, cap * sizeof *v);

		if (!v) {
			l->oom = true;
			return;
		}
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *id;
}

struct plan {
	struct store *s;
	const struct handoff_options *o;
	struct handoff *h;
	struct err *e;
};

static struct handoff_item *plan_find(const struct plan *p, const struct id *id)
{
	for (size_t i = 0; i < p->h->n; i++)
		if (id_eq(&p->h->items[i].state.id, id))
			return &p->h->items[i];
	return NULL;
}

static bool stays(const struct record *r, enum handoff_why why)
{
	return why != HANDOFF_NAMED && strcmp(record_get(r, "share"), HANDOFF_PERSONAL) == 0;
}

/* Adds the whole record; what is withheld is cut when all is known.  One that is gone is no error, unless named. */
static bool plan_add(struct plan *p, const struct id *id, enum handoff_why why, bool outline)
{
	struct handoff_item *it = plan_find(p, id);
	struct record r;
	struct buf title = BUF_INIT;
	struct err why_not = ERR_INIT;
	char text[ID_TEXT + 1];

	if (it) {
		it->outline &= outline;
		return true;
	}
	id_text(id, text);
	if (!store_get(p->s, id, &r, &why_not)) {
		if (why_not.code == ERR_NOT_FOUND && why != HANDOFF_NAMED)
			return true;
		return err_set(p->e, why_not.code, "handoff_plan", "%s", text);
	}
	if (record_deleted(&r, NULL)) {
		record_done(&r);
		return why != HANDOFF_NAMED || err_set(p->e, ERR_INPUT, "handoff_bin", "%s", text);
	}
	it = handoff_item_add(p->h, p->e);
	if (!it) {
		record_done(&r);
		return false;
	}
	it->state = r;
	it->why = why;
	it->outline = outline;
	it->stays = stays(&r, why);
	if (!store_title(p->s, id, &title))
		buf_clear(&title);
	it->title = str_dup(buf_str(&title));
	buf_done(&title);
	return it->title || err_nomem(p->e, "handoff_plan");
}

static bool gather(void *ctx, const struct row *row, const struct list_key *at)
{
	struct ids *l = ctx;

	(void)at;
	ids_add(l, &row->id);
	return !l->oom;
}

/* Does `r` name `owner` in the field that says whom it belongs to?  A note may be about several: it goes by its own
 * name, so that handing off a contact never takes along what was noted about them. */
static bool belongs_to(const struct record *r, const struct id *owner)
{
	const struct kind *k = kind_find(r->kind);
	const struct field *f;
	struct id id;

	for (size_t i = 0; k && i < kind_fields(k); i++) {
		f = kind_field_at(k, i);
		if ((f->flags & FIELD_OWNER) && !(f->flags & FIELD_SET) && id_parse(record_get(r, f->key), &id) &&
		    id_eq(&id, owner))
			return true;
	}
	return false;
}

static bool plan_belongings(struct plan *p, const struct id *owner)
{
	struct list_spec spec = {.order = LIST_BY_DAY_UP, .linked = owner};
	struct ids l = {0};
	struct record r;
	bool mine, ok;

	ok = store_list(p->s, &spec, NULL, false, BUNDLE_COUNT_MAX, gather, &l, p->e) &&
	     (!l.oom || err_nomem(p->e, "handoff_plan"));
	for (size_t i = 0; ok && i < l.n; i++) {
		ok = store_get(p->s, &l.v[i], &r, p->e);
		if (!ok)
			break;
		mine = belongs_to(&r, owner);
		record_done(&r);
		if (mine)
			ok = plan_add(p, &l.v[i], HANDOFF_BELONGS, false);
	}
	free(l.v);
	return ok;
}

/* Does this field of an item go? */
static bool goes(const struct handoff_item *it, const struct handoff_options *o, const char *key)
{
	const struct kind *k = kind_find(it->state.kind);
	const struct field *f = k ? kind_field(k, key) : NULL;

	/* Nothing is known of how private a newer version's field is. */
	if (!f || (f->flags & FIELD_PRIVATE))
		return o->confidential;
	return !it->outline || (f->flags & OUTLINE) || strcmp(key, "share") == 0;
}

/* The owner of one that goes is only named, unless it tells who or where. */
static bool is_who_or_where(const struct field *f)
{
	static const char *const kinds[] = {"person", "organisation", "site"};

	for (size_t i = 0; f->refers && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(f->refers, kinds[i]) == 0)
			return true;
	return false;
}

/* What the item refers to in fields with these flags (0: all).  By index: adding moves the items. */
static bool plan_needs(struct plan *p, size_t at, unsigned flags)
{
	const struct kind *k = kind_find(p->h->items[at].state.kind);
	struct buf list = BUF_INIT;
	bool ok = true;

	for (size_t i = 0; ok && k && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		const struct handoff_item *it = &p->h->items[at];
		struct id id;

		if (f->type != FIELD_REF || (f->flags & flags) != flags || !goes(it, p->o, f->key))
			continue;
		buf_clear(&list);
		if (f->flags & FIELD_SET)
			record_set(&it->state, f->key, &list);
		else
			buf_str_add(&list, record_get(&it->state, f->key));
		buf_char(&list, '\n');
		ok = buf_ok(&list, p->e);
		for (char *line = list.p, *end; ok && (end = strchr(line, '\n')); line = end + 1) {
			*end = 0;
			if (id_parse(line, &id))
				ok = plan_add(p, &id, HANDOFF_NEEDED, (f->flags & FIELD_OWNER) && !is_who_or_where(f));
		}
	}
	buf_done(&list);
	return ok;
}

struct cut {
	struct handoff_item *it;
	const struct handoff_options *o;
	bool oom;
};

static bool cut_keep(void *ctx, const char *key)
{
	struct cut *c = ctx;
	struct buf set = BUF_INIT;
	char **fields;
	bool empty;

	if (goes(c->it, c->o, key))
		return true;
	for (size_t i = 0; i < c->it->withheld; i++)
		if (strcmp(c->it->fields[i], key) == 0)
			return false;
	record_set(&c->it->state, key, &set);
	empty = set.len == 0 && record_get(&c->it->state, key)[0] == 0;
	buf_done(&set);
	if (empty)
		return false;
	fields = realloc(c->it->fields, (c->it->withheld + 1) * sizeof *fields);
	if (!fields) {
		c->oom = true;
		return false;
	}
	c->it->fields = fields;
	fields[c->it->withheld] = str_dup(key);
	c->oom |= !fields[c->it->withheld];
	c->it->withheld += fields[c->it->withheld] != NULL;
	return false;
}

static bool plan_cut(struct plan *p, struct handoff_item *it)
{
	struct cut c = {it, p->o, false};
	struct record part;

	record_init(&part);
	if (!record_withhold(&it->state, cut_keep, &c, &part, p->e)) {
		record_done(&part);
		return false;
	}
	record_done(&it->state);
	it->state = part;
	return !c.oom || err_nomem(p->e, "handoff_plan");
}

struct sized {
	size_t at;
	int64_t size;
};

static int sized_cmp(const void *a, const void *b)
{
	const struct sized *x = a, *y = b;

	return x->size != y->size ? (x->size < y->size ? -1 : 1) : (x->at > y->at) - (x->at < y->at);
}

static bool content_gather(void *ctx, const void *p, size_t n)
{
	struct handoff_item *it = ctx;

	buf_add(&it->bytes, p, n);
	return !it->bytes.oom;
}

/* The content of one that goes, when it is here and whole. */
static bool content_read(struct plan *p, struct handoff_item *it)
{
	struct err why = ERR_INIT;

	if (store_file_read(p->s, &it->state.id, content_gather, it, &why)) {
		it->content = HANDOFF_CONTENT;
		p->h->contents++;
		return buf_ok(&it->bytes, p->e);
	}
	buf_done(&it->bytes);
	it->content = HANDOFF_CONTENT_DAMAGED;
	if (why.code != ERR_DAMAGED && p->e)
		*p->e = why;
	return why.code == ERR_DAMAGED;
}

/* What the records leave of a body.  They are encoded for it, which is why it is asked for only when there are files.
 */
static bool contents_room(struct plan *p, size_t *room)
{
	struct buf b = BUF_INIT;
	size_t used = HANDOFF_ITEM_ROOM;
	bool ok = true;

	for (size_t i = 0; ok && i < p->h->n; i++) {
		buf_clear(&b);
		record_encode(&p->h->items[i].state, &b);
		ok = buf_ok(&b, p->e);
		used += b.len + HANDOFF_ITEM_ROOM;
	}
	buf_done(&b);
	*room = used >= BUNDLE_RAW_MAX ? 0 : BUNDLE_RAW_MAX - used;
	*room = *room < HANDOFF_CONTENTS_MAX ? *room : HANDOFF_CONTENTS_MAX;
	return ok;
}

/* Sorts out the files, gives how large each content that could go is. */
static bool contents_find(struct plan *p, struct sized *v, size_t *n)
{
	struct err why = ERR_INIT;

	for (size_t i = 0; i < p->h->n; i++) {
		struct handoff_item *it = &p->h->items[i];

		if (it->stays || strcmp(it->state.kind, "file") != 0)
			continue;
		if (it->outline) {
			it->content = HANDOFF_CONTENT_OUTLINE;
		} else if (store_file_size(p->s, &it->state.id, &v[*n].size, &why)) {
			it->content = HANDOFF_CONTENT_BIG;
			v[(*n)++].at = i;
		} else if (why.code == ERR_NOT_FOUND) {
			it->content = HANDOFF_CONTENT_AWAY;
		} else {
			if (p->e)
				*p->e = why;
			return false;
		}
	}
	return true;
}

/* The smallest first, so that as many as can go do. */
static bool plan_contents(struct plan *p)
{
	struct sized *v = calloc(p->h->n + 1, sizeof *v);
	size_t n = 0, room = 0;
	bool ok = v ? contents_find(p, v, &n) : err_nomem(p->e, "handoff_plan");

	if (ok && n > 0)
		ok = contents_room(p, &room);
	if (n > 1)
		qsort(v, n, sizeof *v, sized_cmp);
	for (size_t i = 0; ok && i < n; i++) {
		size_t needs = (size_t)v[i].size + HANDOFF_ITEM_ROOM;

		if (needs > room)
			break;
		room -= needs;
		ok = content_read(p, &p->h->items[v[i].at]);
	}
	free(v);
	return ok;
}

static bool plan_all(struct plan *p, const struct id *ids, size_t n)
{
	size_t going = 0, main;

	for (size_t i = 0; i < n; i++)
		if (!plan_add(p, &ids[i], HANDOFF_NAMED, false))
			return false;
	for (size_t i = 0; !p->o->alone && i < p->h->n; i++) {
		struct id id = p->h->items[i].state.id;

		if (!p->h->items[i].stays && !plan_belongings(p, &id))
			return false;
	}
	main = p->h->n;
	for (size_t i = 0; !p->o->alone && i < p->h->n; i++)
		if (!p->h->items[i].stays && !plan_needs(p, i, i < main ? 0 : FIELD_TITLE))
			return false;
	for (size_t i = 0; i < p->h->n; i++) {
		if (!plan_cut(p, &p->h->items[i]))
			return false;
		going += !p->h->items[i].stays;
	}
	if (going == 0)
		return err_set(p->e, ERR_INPUT, "handoff_nothing", "nothing to hand off");
	return plan_contents(p);
}

bool handoff_plan(struct store *s, const struct id *ids, size_t n, const struct handoff_options *o, struct handoff *out,
		  struct err *e)
{
	struct plan p = {s, o, out, e};
	unsigned long lost = err_lost();
	bool ok;

	handoff_init(out);
	ok = plan_all(&p, ids, n);
	ok = err_lost_none(lost, e) && ok;
	if (!ok)
		handoff_done(out);
	return ok;
}
