/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lists, searches and links are made of, from a state alone (and, for a title, the titles it refers to). */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/geo.h"
#include "arpent/text.h"

#define DERIVE_TITLE_MAX 240 /* bytes */

void derived_init(struct derived *d)
{
	*d = (struct derived){.bin = false};
}

void derived_done(struct derived *d)
{
	buf_done(&d->title);
	buf_done(&d->fold);
	buf_done(&d->day);
	buf_done(&d->until);
	buf_done(&d->detail);
	buf_done(&d->folded_title);
	buf_done(&d->body);
	free(d->refs);
	derived_init(d);
}

bool field_is_text(const char *kind, const char *key)
{
	const struct kind *k = kind ? kind_find(kind) : NULL;
	const struct field *f = k ? kind_field(k, key) : NULL;

	return f && f->type == FIELD_TEXT;
}

/* The longest beginning of at most `max` bytes that ends between code points. */
static size_t derive_cut(const char *s, size_t n, size_t max)
{
	if (n <= max)
		return n;
	n = max;
	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

/* What a field shows: a set's elements one a line. */
static void derive_value(const struct record *r, const struct field *f, struct buf *out)
{
	struct shown shown;
	struct buf merged = BUF_INIT;

	if (f->flags & FIELD_SET) {
		record_set(r, f->key, out);
		return;
	}
	record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	buf_add(out, shown.text, shown.len);
	out->oom = out->oom || merged.oom;
	buf_done(&merged);
}

static const char *derive_first_line(const char *s, size_t *n)
{
	s += strspn(s, " \t\r\n");
	*n = strcspn(s, "\r\n");
	return s;
}

/* Names follow one another; what is not part of a name is set off. */
static void derive_title_part(struct buf *out, const struct field *f, const char *text, bool *set_off)
{
	bool apart = f->type != FIELD_LINE && f->type != FIELD_TEXT;
	size_t n;
	const char *line = derive_first_line(text, &n);

	if (n == 0)
		return;
	if (out->len > 0)
		buf_str_add(out, apart || *set_off ? " · " : " ");
	buf_add(out, line, n);
	*set_off = apart;
}

static void derive_trim_title(struct buf *out, size_t from)
{
	size_t cut = derive_cut(buf_str(out) + from, out->len - from, DERIVE_TITLE_MAX);

	buf_truncate(out, from + cut);
}

static bool derive_title_with(const struct record *r, bool (*ref)(void *ctx, const char *id, struct buf *out),
			      void *ctx, struct buf *out)
{
	const struct kind *k = r->kind ? kind_find(r->kind) : NULL;
	struct buf title = BUF_INIT, part = BUF_INIT;
	bool set_off = false, ok = true;

	for (size_t i = 0; k && ok && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		if (!(f->flags & FIELD_TITLE))
			continue;
		buf_clear(&part);
		if (f->type == FIELD_REF && ref)
			ok = ref(ctx, record_get(r, f->key), &part);
		else if (f->type != FIELD_REF)
			derive_value(r, f, &part);
		derive_title_part(&title, f, buf_str(&part), &set_off);
	}
	if (!k)
		buf_str_add(&title, record_get(r, "name"));
	derive_trim_title(&title, 0);
	buf_add(out, buf_str(&title), title.len);
	ok = ok && !title.oom && !part.oom && !out->oom;
	buf_done(&title);
	buf_done(&part);
	return ok;
}

bool record_title(const struct record *r, struct buf *out)
{
	return derive_title_with(r, NULL, NULL, out);
}

static bool derive_ref_title(void *ctx, const char *text, struct buf *out)
{
	struct id id;

	if (id_parse(text, &id))
		store_title(ctx, &id, out); /* what it refers to may not have come yet */
	return true;
}

bool derive_title(struct store *s, const struct record *r, struct derived *d, struct err *e)
{
	if (!derive_title_with(r, derive_ref_title, s, &d->title))
		return err_nomem(e, __func__);
	return derive_fold(d, e);
}

bool derive_fold(struct derived *d, struct err *e)
{
	buf_clear(&d->fold);
	buf_clear(&d->folded_title);
	text_fold(&d->folded_title, buf_str(&d->title), d->title.len);
	buf_add(&d->fold, buf_str(&d->folded_title), d->folded_title.len);
	buf_truncate(&d->fold, derive_cut(buf_str(&d->fold), d->fold.len, DB_FOLD_MAX));
	return buf_ok(&d->fold, e) && buf_ok(&d->folded_title, e);
}

static bool derive_ref(struct derived *d, const struct field *f, const char *text, struct err *e)
{
	struct derived_ref *v;
	struct id id;

	if (!id_parse(text, &id))
		return true;
	if (!(v = realloc(d->refs, (d->nrefs + 1) * sizeof *v)))
		return err_nomem(e, __func__);
	d->refs = v;
	v[d->nrefs++] = (struct derived_ref){id, f};
	if ((f->flags & FIELD_OWNER) && id_is_zero(&d->owner))
		d->owner = id;
	return true;
}

static bool derive_refs(const struct record *r, const struct field *f, struct derived *d, struct err *e)
{
	struct buf lines = BUF_INIT;
	bool ok = true;

	derive_value(r, f, &lines);
	for (char *next, *p = lines.p; p && ok; p = next) {
		if ((next = strchr(p, '\n')))
			*next++ = '\0';
		ok = derive_ref(d, f, p, e);
	}
	ok = ok && buf_ok(&lines, e);
	buf_done(&lines);
	return ok;
}

static int derive_ref_cmp(const void *a, const void *b)
{
	const struct derived_ref *x = a, *y = b;
	int c = id_cmp(&x->to, &y->to);

	return c ? c : strcmp(x->field->key, y->field->key);
}

static void derive_state(const struct record *r, const struct field *f, struct derived *d)
{
	static const char *const done[] = {"done", "dropped", "replaced"};
	const char *state = record_get(r, f->key);

	d->open = true;
	for (size_t i = 0; i < sizeof done / sizeof *done; i++)
		d->open = d->open && strcmp(state, done[i]) != 0;
	d->flags |= d->open ? ROW_OPEN : ROW_DONE;
}

/* The first date given; a kind that has dates, and none given, is undated. */
static void derive_day(const struct record *r, const struct field *f, struct derived *d)
{
	const char *day = record_get(r, f->key);

	if (d->day.len > 0 && strcmp(d->day.p, DB_UNDATED) != 0)
		return;
	/* What a colleague's program left there need not be a date; lists are sorted and paged by it. */
	buf_clear(&d->day);
	buf_str_add(&d->day, *day && value_valid(f, day) ? day : DB_UNDATED);
}

static bool derive_field(const struct record *r, const struct field *f, struct derived *d, struct err *e)
{
	struct geo_point point;

	if (f->type == FIELD_REF && !derive_refs(r, f, d, e))
		return false;
	if (f->flags & FIELD_STATE)
		derive_state(r, f, d);
	if (f->flags & FIELD_DATE_OF)
		derive_day(r, f, d);
	if ((f->flags & FIELD_PLACE_OF) && !d->has_point && geo_canonical(record_get(r, f->key), &point)) {
		d->has_point = true;
		d->lat = point.lat;
		d->lon = point.lon;
	}
	if (strcmp(f->key, "to") == 0)
		buf_str_add(&d->until, record_get(r, f->key));
	if (strcmp(f->key, "function") == 0 || strcmp(f->key, "commune") == 0)
		buf_str_add(&d->detail, record_get(r, f->key));
	if ((f->flags & FIELD_FTS) && !(f->flags & FIELD_TITLE && f->type == FIELD_LINE)) {
		struct buf text = BUF_INIT;
		derive_value(r, f, &text);
		text_fold(&d->body, buf_str(&text), text.len);
		buf_char(&d->body, '\n');
		d->body.oom = d->body.oom || text.oom;
		buf_done(&text);
	}
	return true;
}

bool derive(const struct record *r, struct derived *d, struct err *e)
{
	const struct kind *k = r->kind ? kind_find(r->kind) : NULL;
	const struct value *last = record_last(r);
	size_t n = 0;

	d->bin = record_deleted(r, NULL);
	d->flags = (d->bin ? ROW_DELETED : 0u) | (record_conflicts(r) ? ROW_CONFLICT : 0u);
	d->edited = last ? CLOCK_MS(last->clock.hlc) : 0;
	for (size_t i = 0; k && i < kind_fields(k); i++)
		if (!derive_field(r, kind_field_at(k, i), d, e))
			return false;
	if (d->nrefs > 1)
		qsort(d->refs, d->nrefs, sizeof *d->refs, derive_ref_cmp);
	for (size_t i = 0; i < d->nrefs; i++)
		if (n == 0 || derive_ref_cmp(&d->refs[i], &d->refs[n - 1]) != 0)
			d->refs[n++] = d->refs[i];
	d->nrefs = n;
	return buf_ok(&d->day, e) && buf_ok(&d->until, e) && buf_ok(&d->detail, e) && buf_ok(&d->body, e);
}
