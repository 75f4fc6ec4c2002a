/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "known.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/text.h"

#define KNOWN_PAGE 512

struct known_page {
	struct id ids[KNOWN_PAGE];
	bool bin[KNOWN_PAGE];
	size_t n;
	struct list_key last;
};

static bool known_row(void *ctx, const struct row *row, const struct list_key *at)
{
	struct known_page *page = ctx;

	page->bin[page->n] = row->flags & ROW_DELETED;
	page->ids[page->n++] = row->id;
	page->last = *at;
	return page->n < KNOWN_PAGE;
}

static bool known_people(const char *kind)
{
	return strcmp(kind, "person") == 0 || strcmp(kind, "organisation") == 0;
}

static bool known_places(const char *kind)
{
	return strcmp(kind, "site") == 0 || strcmp(kind, "observation") == 0;
}

bool known_keys(const char *kind, const char *title, const char *emails, const char *point, char **folded, char **proof)
{
	*folded = NULL;
	*proof = NULL;
	if (!title[0] || (!known_people(kind) && !(known_places(kind) && point[0])))
		return false;
	*folded = text_folded(title);
	struct buf b = BUF_INIT;
	if (known_people(kind)) {
		for (const char *s = emails; *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
			text_fold(&b, s, strcspn(s, "\n"));
			buf_char(&b, '\n');
		}
	} else {
		buf_str_add(&b, point);
	}
	*proof = str_dup(buf_str(&b));
	buf_done(&b);
	if (*folded && *proof)
		return true;
	free(*folded);
	free(*proof);
	*folded = *proof = NULL;
	return false;
}

static bool known_add(struct known *k, const struct record *r, bool bin, struct err *e)
{
	struct buf title = BUF_INIT, emails = BUF_INIT;

	if (k->n == k->cap) {
		size_t cap = k->cap ? k->cap * 2 : 64;
		struct known_one *grown = realloc(k->v, cap * sizeof *grown);
		if (!grown)
			return err_nomem(e, "known_add");
		k->v = grown;
		k->cap = cap;
	}
	struct known_one *o = &k->v[k->n];
	*o = (struct known_one){.id = r->id, .uid = str_dup(record_get(r, "uid")), .bin = bin};
	if (!o->uid)
		return err_nomem(e, "known_add");
	k->n++;
	(void)record_title(r, &title);
	record_set(r, "email", &emails);
	(void)known_keys(k->kind, buf_str(&title), buf_str(&emails), record_get(r, "point"), &o->title, &o->proof);
	bool ok = buf_ok(&title, e) && buf_ok(&emails, e);
	buf_done(&title);
	buf_done(&emails);
	return ok;
}

static int known_cmp_uid(const void *a, const void *b, void *ctx)
{
	const struct known *k = ctx;

	return strcmp(k->v[*(const size_t *)a].uid, k->v[*(const size_t *)b].uid);
}

static const char *known_title(const struct known *k, size_t i)
{
	return k->v[i].title ? k->v[i].title : "";
}

static int known_cmp_title(const void *a, const void *b, void *ctx)
{
	return strcmp(known_title(ctx, *(const size_t *)a), known_title(ctx, *(const size_t *)b));
}

static bool known_sort(struct known *k, struct err *e)
{
	k->by_uid = calloc(k->n + 1, sizeof *k->by_uid);
	k->by_title = calloc(k->n + 1, sizeof *k->by_title);
	if (!k->by_uid || !k->by_title)
		return err_nomem(e, "known_sort");
	for (size_t i = 0; i < k->n; i++)
		k->by_uid[i] = k->by_title[i] = i;
	qsort_r(k->by_uid, k->n, sizeof *k->by_uid, known_cmp_uid, k);
	qsort_r(k->by_title, k->n, sizeof *k->by_title, known_cmp_title, k);
	return true;
}

static bool known_read_some(struct known *k, struct store *s, bool bin, struct err *e)
{
	struct list_spec spec = {.kind = k->kind, .order = LIST_BY_TITLE, .bin = bin};
	struct known_page page = {.n = KNOWN_PAGE};
	struct record r;

	while (page.n == KNOWN_PAGE) {
		struct list_key from = page.last;
		page.n = 0;
		if (!store_list(s, &spec, &from, false, KNOWN_PAGE, known_row, &page, e))
			return false;
		for (size_t i = 0; i < page.n; i++) {
			record_init(&r);
			bool ok = store_get(s, &page.ids[i], &r, e) && known_add(k, &r, bin, e);
			record_done(&r);
			if (!ok)
				return false;
		}
	}
	return true;
}

bool known_read(struct known *k, struct store *s, const char *kind, struct err *e)
{
	*k = (struct known){.kind = kind};
	if (known_read_some(k, s, false, e) && known_read_some(k, s, true, e) && known_sort(k, e))
		return true;
	known_done(k);
	return false;
}

void known_done(struct known *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].uid);
		free(k->v[i].title);
		free(k->v[i].proof);
	}
	free(k->v);
	free(k->by_uid);
	free(k->by_title);
	*k = (struct known){0};
}

struct known_one *known_by_uid(struct known *k, const char *uid)
{
	size_t low = 0, high = k->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(k->v[k->by_uid[mid]].uid, uid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!uid[0] || low == k->n || strcmp(k->v[k->by_uid[low]].uid, uid) != 0)
		return NULL;
	return &k->v[k->by_uid[low]];
}

static bool known_share_line(const char *a, const char *b)
{
	for (; *a; a += strcspn(a, "\n") + (a[strcspn(a, "\n")] != 0))
		if (a[0] != '\n' && foreign_has_line(b, a, strcspn(a, "\n")))
			return true;
	return false;
}

struct known_one *known_by_title(struct known *k, const char *title, const char *proof)
{
	size_t low = 0, high = k->n, fits = 0;
	struct known_one *only = NULL;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (strcmp(known_title(k, k->by_title[mid]), title) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < k->n && strcmp(known_title(k, k->by_title[low]), title) == 0; low++) {
		struct known_one *o = &k->v[k->by_title[low]];
		if (o->bin || o->claimed || !o->title)
			continue;
		if (known_places(k->kind) ? strcmp(o->proof, proof) == 0 : known_share_line(o->proof, proof))
			return o;
		if (known_people(k->kind) && (!o->proof[0] || !proof[0])) {
			fits++;
			only = o;
		}
	}
	return fits == 1 ? only : NULL;
}
