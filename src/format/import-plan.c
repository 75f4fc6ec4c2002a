/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/import.h"
#include "known.h"
#include "plan.h"

#define MAKER_KINDS 32 /* kinds of this version that one file can have */
#define MAKER_SUM 16   /* bytes */

struct maker {
	struct store *store;
	const struct import_options *options;
	struct import_plan *plan;
	struct known known[MAKER_KINDS];
	size_t nknown;
};

/* Drops what the store would refuse; lines of `extra` from its end, so that only the largest pieces go. */
static void maker_limits(struct foreign_list *l, struct foreign *f)
{
	const struct kind *k = kind_find(f->kind);

	for (size_t i = 0; i < f->n; i++) {
		struct buf *b = &f->fields[i].text;
		const struct field *field = k ? kind_field(k, f->fields[i].key) : NULL;
		bool set = field ? (field->flags & FIELD_SET) != 0 : f->fields[i].set;
		while (b->len > RECORD_VALUE_MAX && strcmp(f->fields[i].key, "extra") == 0) {
			const char *line = memrchr(b->p, '\n', b->len);
			buf_truncate(b, line ? (size_t)(line - b->p) : 0);
			l->left_out++;
		}
		size_t room = set ? RECORD_KEY_MAX - strlen(f->fields[i].key) - 1 : RECORD_VALUE_MAX;
		for (size_t at = 0, n; at < b->len; at += n + 1) {
			n = set ? strcspn(b->p + at, "\n") : b->len;
			if (n <= room)
				continue;
			buf_remove(b, at, at + n < b->len ? n + 1 : n);
			l->left_out++;
			n = (size_t)-1;
		}
	}
}

/* A name for what has none: from all it says, so that the same again is the same. */
static bool maker_uid(struct foreign *f, struct err *e)
{
	unsigned char sum[MAKER_SUM];
	char hex[2 * MAKER_SUM + 1];
	crypto_generichash_state state;

	if (!id_is_zero(&f->id) || foreign_get(f, "uid")[0])
		return true;
	crypto_generichash_init(&state, NULL, 0, sizeof sum);
	crypto_generichash_update(&state, (const unsigned char *)f->kind, strlen(f->kind) + 1);
	for (size_t i = 0; i < f->n; i++) {
		const struct foreign_field *t = &f->fields[i];
		crypto_generichash_update(&state, (const unsigned char *)t->key, strlen(t->key) + 1);
		crypto_generichash_update(&state, (const unsigned char *)buf_str(&t->text), t->text.len + 1);
	}
	crypto_generichash_final(&state, sum, sizeof sum);
	sodium_bin2hex(hex, sizeof hex, sum, sizeof sum);
	struct buf *b = foreign_text(f, "uid", e);
	if (!b)
		return false;
	buf_printf(b, "sum:%s", hex);
	return buf_ok(b, e);
}

static int maker_cmp_uid(const void *a, const void *b, void *ctx)
{
	const struct foreign_list *l = ctx;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	const struct foreign *f = &l->v[i], *g = &l->v[j];
	int c = strcmp(f->kind, g->kind);

	if (c == 0)
		c = id_cmp(&f->id, &g->id);
	if (c == 0 && id_is_zero(&f->id))
		c = strcmp(foreign_get(f, "uid"), foreign_get(g, "uid"));
	return c;
}

static int maker_cmp_place(const void *a, const void *b, void *ctx)
{
	int c = maker_cmp_uid(a, b, ctx);
	size_t i = *(const size_t *)a, j = *(const size_t *)b;

	return c ? c : (i > j) - (i < j);
}

/* The same record twice in the file is one. */
static bool maker_twins(struct maker *m, struct err *e)
{
	struct foreign_list *l = &m->plan->list;
	size_t *order = calloc(l->n + 1, sizeof *order), first = 0;
	bool ok = order != NULL;

	if (!ok)
		return err_nomem(e, "maker_twins");
	for (size_t i = 0; i < l->n; i++)
		order[i] = i;
	qsort_r(order, l->n, sizeof *order, maker_cmp_place, l);
	for (size_t i = 1; ok && i < l->n; i++) {
		if (maker_cmp_uid(&order[first], &order[i], l) != 0) {
			first = i;
			continue;
		}
		m->plan->rows[order[i]].twin = order[first] + 1;
		ok = plan_twin(&l->v[order[first]], &l->v[order[i]], &m->plan->rows[order[i]], e);
	}
	free(order);
	return ok;
}

static struct known *maker_known(struct maker *m, const char *kind, struct err *e)
{
	for (size_t i = 0; i < m->nknown; i++)
		if (strcmp(m->known[i].kind, kind) == 0)
			return &m->known[i];
	if (m->nknown == MAKER_KINDS) {
		(void)err_set(e, ERR_LIMIT, "import_plan", "more than %d kinds", MAKER_KINDS);
		return NULL;
	}
	if (!known_read(&m->known[m->nknown], m->store, kind, e))
		return NULL;
	return &m->known[m->nknown++];
}

/* Is there one of this id and kind?  *bin tells that it is deleted. */
static bool maker_has(struct maker *m, const struct id *id, const char *kind)
{
	struct record r;
	struct err none = ERR_INIT;

	record_init(&r);
	bool has = store_get(m->store, id, &r, &none) && strcmp(r.kind, kind) == 0;
	record_done(&r);
	return has;
}

static bool maker_match_uid(struct maker *m, size_t i, struct err *e)
{
	struct foreign *f = &m->plan->list.v[i];
	struct import_row *row = &m->plan->rows[i];
	static const char urn[] = "urn:uuid:";
	const char *uid = foreign_get(f, "uid");
	struct id id;

	if (!id_is_zero(&f->id) && maker_has(m, &f->id, f->kind)) {
		row->id = f->id;
		return true;
	}
	if (strncmp(uid, urn, strlen(urn)) == 0 && id_parse(uid + strlen(urn), &id) && maker_has(m, &id, f->kind)) {
		row->id = id;
		return true;
	}
	if (!uid[0])
		return true;
	struct known *k = maker_known(m, f->kind, e);
	struct known_one *o = k ? known_by_uid(k, uid) : NULL;
	if (o && !o->claimed) {
		o->claimed = true;
		row->id = o->id;
	}
	return k != NULL;
}

static void maker_title(const struct foreign *f, struct buf *out)
{
	const struct kind *k = kind_find(f->kind);

	for (size_t i = 0; k && i < kind_fields(k); i++) {
		const struct field *field = kind_field_at(k, i);
		const char *s = field->flags & FIELD_TITLE ? foreign_get(f, field->key) : "";
		if (s[0] && out->len > 0)
			buf_char(out, ' ');
		buf_add(out, s, strcspn(s, "\n"));
	}
}

static bool maker_match_title(struct maker *m, size_t i, struct err *e)
{
	struct foreign *f = &m->plan->list.v[i];
	struct import_row *row = &m->plan->rows[i];
	struct buf title = BUF_INIT;
	char *folded, *proof;
	struct known *k = NULL;

	maker_title(f, &title);
	bool keys =
	    known_keys(f->kind, buf_str(&title), foreign_get(f, "email"), foreign_get(f, "point"), &folded, &proof);
	bool ok = buf_ok(&title, e);
	buf_done(&title);
	if (!keys)
		return ok;
	if (ok && (k = maker_known(m, f->kind, e))) {
		struct known_one *o = known_by_title(k, folded, proof);
		if (o) {
			o->claimed = true;
			row->id = o->id;
		}
	}
	free(folded);
	free(proof);
	return ok && k;
}

static int maker_cmp_id(const void *a, const void *b)
{
	return id_cmp(a, b);
}

/* Records found by id are not to be found again by name. */
static bool maker_claim(struct maker *m, struct err *e)
{
	struct import_plan *p = m->plan;
	struct id *ids = calloc(p->n + 1, sizeof *ids);

	if (!ids)
		return err_nomem(e, "maker_claim");
	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->rows[i].id;
	qsort(ids, p->n, sizeof *ids, maker_cmp_id);
	for (size_t i = 0; i < m->nknown; i++)
		for (size_t j = 0; j < m->known[i].n; j++)
			if (bsearch(&m->known[i].v[j].id, ids, p->n, sizeof *ids, maker_cmp_id))
				m->known[i].v[j].claimed = true;
	free(ids);
	return true;
}

static bool maker_match(struct maker *m, struct err *e)
{
	struct import_plan *p = m->plan;

	for (size_t i = 0; i < p->n; i++)
		if (p->rows[i].twin == 0 && !maker_match_uid(m, i, e))
			return false;
	for (size_t i = 0; i < p->n; i++) /* so that maker_claim() sees them all */
		if (p->rows[i].twin == 0 && id_is_zero(&p->rows[i].id) && !maker_known(m, p->list.v[i].kind, e))
			return false;
	if (!maker_claim(m, e))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		struct foreign *f = &p->list.v[i];
		if (p->rows[i].twin > 0 || !id_is_zero(&p->rows[i].id))
			continue;
		if (!maker_match_title(m, i, e))
			return false;
		/* An id that is another kind's here cannot be its own. */
		struct record r;
		struct err none = ERR_INIT;
		record_init(&r);
		if (id_is_zero(&p->rows[i].id) && !id_is_zero(&f->id) && store_get(m->store, &f->id, &r, &none))
			f->id = (struct id){0};
		record_done(&r);
	}
	return true;
}

struct maker_id {
	struct id from, to;
};

static bool maker_ref(struct maker *m, const struct field *field, const struct maker_id *map, size_t nmap,
		      const char *s, size_t n, struct buf *out)
{
	struct buf one = BUF_INIT;
	char text[ID_TEXT + 1];
	struct err none = ERR_INIT;
	struct id id;

	buf_add(&one, s, n);
	bool ok = id_parse(buf_str(&one), &id) || store_resolve(m->store, buf_str(&one), field->refers, &id, &none);
	buf_done(&one);
	if (!ok)
		return false;
	const struct maker_id *hit = bsearch(&id, map, nmap, sizeof *map, maker_cmp_id);
	id_text(hit ? &hit->to : &id, text);
	if (out->len > 0)
		buf_char(out, '\n');
	buf_str_add(out, text);
	return true;
}

/* References to records of the file that are known here under another id follow them; a name that is no one's goes to
 * `extra`. */
static bool maker_refs_of(struct maker *m, struct foreign *f, const struct maker_id *map, size_t nmap, struct err *e)
{
	const struct kind *k = kind_find(f->kind);
	size_t n = f->n;
	bool ok = true;

	for (size_t i = 0; ok && k && i < n; i++) {
		const struct field *field = kind_field(k, f->fields[i].key);
		if (!field || field->type != FIELD_REF)
			continue;
		struct buf refs = BUF_INIT, kept = BUF_INIT;
		for (const char *s = buf_str(&f->fields[i].text); ok && *s;
		     s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
			if (maker_ref(m, field, map, nmap, s, strcspn(s, "\n"), &refs))
				continue;
			buf_clear(&kept);
			buf_printf(&kept, "%s: %.*s", field->key, (int)strcspn(s, "\n"), s);
			struct buf *extra = foreign_text(f, "extra", e);
			ok = extra && foreign_element(f, "extra", buf_str(&kept), kept.len, e);
		}
		buf_done(&kept);
		ok = ok && buf_ok(&refs, e);
		struct buf old = f->fields[i].text;
		f->fields[i].text = refs;
		buf_done(&old);
	}
	return ok;
}

static bool maker_refs(struct maker *m, struct err *e)
{
	struct import_plan *p = m->plan;
	struct maker_id *map = calloc(p->n + 1, sizeof *map);
	size_t n = 0;
	bool ok = true;

	if (!map)
		return err_nomem(e, "maker_refs");
	for (size_t i = 0; i < p->n; i++) {
		const struct id *to = &p->rows[i].id;
		if (!id_is_zero(&p->list.v[i].id) && !id_is_zero(to) && !id_eq(&p->list.v[i].id, to))
			map[n++] = (struct maker_id){p->list.v[i].id, *to};
	}
	qsort(map, n, sizeof *map, maker_cmp_id); /* .from is first */
	for (size_t i = 0; ok && i < p->n; i++)
		ok = maker_refs_of(m, &p->list.v[i], map, n, e);
	free(map);
	return ok;
}

static bool maker_row(struct maker *m, size_t i, struct err *e)
{
	struct foreign *f = &m->plan->list.v[i];
	struct import_row *row = &m->plan->rows[i];
	bool found = !id_is_zero(&row->id), back = false, again;
	struct buf title = BUF_INIT;
	struct record r;

	row->kind = f->kind;
	maker_title(f, &title);
	row->title = buf_steal(&title);
	if (!row->title && !(row->title = str_dup("")))
		return err_nomem(e, "maker_row");
	if (row->twin > 0) {
		row->what = IMPORT_SAME;
		return true;
	}
	record_init(&r);
	bool ok = !found || store_get(m->store, &row->id, &r, e);
	back = ok && found && !f->deleted && record_deleted(&r, &again);
	ok = ok && plan_row(f, found ? &r : NULL, back, m->options->overwrite, row, e);
	record_done(&r);
	row->what = !found ? IMPORT_NEW : back ? IMPORT_BACK : row->ntakes > 0 ? IMPORT_CHANGED : IMPORT_SAME;
	return ok;
}

bool import_plan(struct store *s, struct foreign_list *list, const struct import_options *o, struct import_plan *out,
		 struct err *e)
{
	struct maker m = {.store = s, .options = o, .plan = out};

	*out = (struct import_plan){.list = *list, .n = list->n};
	*list = (struct foreign_list){0};
	out->rows = calloc(out->n + 1, sizeof *out->rows);
	bool ok = out->rows != NULL || err_nomem(e, "import_plan");
	for (size_t i = 0; ok && i < out->n; i++) {
		maker_limits(&out->list, &out->list.v[i]);
		ok = maker_uid(&out->list.v[i], e);
	}
	ok = ok && maker_twins(&m, e) && maker_match(&m, e) && maker_refs(&m, e);
	for (size_t i = 0; ok && i < out->n; i++) {
		ok = maker_row(&m, i, e);
		out->count[out->rows[i].what]++;
	}
	for (size_t i = 0; i < m.nknown; i++)
		known_done(&m.known[i]);
	if (!ok)
		import_plan_done(out);
	return ok;
}
