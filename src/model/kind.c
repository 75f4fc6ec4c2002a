/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking things up in the table. */
#include "arpent/kind.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/text.h"
#include "kinds.h"

size_t kind_count(void)
{
	return kinds_count;
}

const struct kind *kind_at(size_t i)
{
	return i < kinds_count ? &kinds_table[i] : NULL;
}

const struct kind *kind_find(const char *key)
{
	for (size_t i = 0; i < kinds_count; i++)
		if (strcmp(kinds_table[i].key, key) == 0)
			return &kinds_table[i];
	return NULL;
}

static const struct field *kind_own(const struct kind *k, const char *key)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->fields[i].key, key) == 0)
			return &k->fields[i];
	return NULL;
}

size_t kind_fields(const struct kind *k)
{
	size_t n = k->n + kinds_common_count;

	for (unsigned own = kinds_own(k); own; own &= own - 1)
		n--;
	return n;
}

const struct field *kind_field_at(const struct kind *k, size_t i)
{
	unsigned own = kinds_own(k);

	if (i < k->n)
		return &k->fields[i];
	i -= k->n;
	for (size_t j = 0; j < kinds_common_count; j++)
		if (!(own >> j & 1) && i-- == 0)
			return &kinds_common[j];
	return NULL;
}

const struct field *kind_field(const struct kind *k, const char *key)
{
	const struct field *f = kind_own(k, key);

	for (size_t i = 0; !f && i < kinds_common_count; i++)
		if (strcmp(kinds_common[i].key, key) == 0)
			f = &kinds_common[i];
	return f;
}

const struct field *kind_field_flag(const struct kind *k, unsigned flag)
{
	const struct field *f;

	for (size_t i = 0; (f = kind_field_at(k, i)); i++)
		if (f->flags & flag)
			return f;
	return NULL;
}

/* 2 when what was typed is the name, 1 when it begins it, else 0. */
static int kind_name_fits(const char *folded, const char *name)
{
	char f[TEXT_FOLD_CUT];
	size_t n = strlen(folded);
	int fits = 0;

	text_fold_cut(f, name, strlen(name));
	if (n > 0 && strncmp(f, folded, n) == 0)
		fits = f[n] ? 1 : 2;
	return fits;
}

static int kind_names_fit(const char *folded, const char *const *names, size_t n)
{
	int best = 0;

	for (size_t i = 0; i < n; i++) {
		int fits = names[i] ? kind_name_fits(folded, names[i]) : 0;
		if (fits > best)
			best = fits;
	}
	return best;
}

/* Among several candidates: a whole name wins, else the only one that begins so. */
struct kind_choice {
	const void *whole, *begun;
	bool whole_twice, begun_twice;
};

static void kind_choice_add(struct kind_choice *c, const void *p, int fits)
{
	if (fits == 2) {
		c->whole_twice = c->whole != NULL;
		c->whole = p;
	} else if (fits == 1) {
		c->begun_twice = c->begun != NULL;
		c->begun = p;
	}
}

static const void *kind_choice_made(const struct kind_choice *c)
{
	if (c->whole)
		return c->whole_twice ? NULL : c->whole;
	return c->begun_twice ? NULL : c->begun;
}

const struct kind *kind_named(const char *typed)
{
	const struct kind *k = kind_find(typed);
	struct kind_choice c = {0};
	char folded[TEXT_FOLD_CUT];

	if (k)
		return k;
	text_fold_cut(folded, typed, strlen(typed));
	for (size_t i = 0; i < kinds_count; i++) {
		const char *names[] = {kinds_table[i].key, kinds_table[i].label, kinds_table[i].plural,
				       _(kinds_table[i].label), _(kinds_table[i].plural)};
		kind_choice_add(&c, &kinds_table[i], kind_names_fit(folded, names, 5));
	}
	return kind_choice_made(&c);
}

const struct field *kind_field_named(const struct kind *k, const char *typed)
{
	const struct field *f = kind_field(k, typed);
	struct kind_choice c = {0};
	char folded[TEXT_FOLD_CUT];

	if (f)
		return f;
	text_fold_cut(folded, typed, strlen(typed));
	for (size_t i = 0; (f = kind_field_at(k, i)); i++) {
		const char *names[] = {f->key, f->label, _(f->label)};
		kind_choice_add(&c, f, kind_names_fit(folded, names, 3));
	}
	return kind_choice_made(&c);
}

const struct vocabulary *vocab_find(const char *key)
{
	for (size_t i = 0; key && i < vocabs_count; i++)
		if (strcmp(vocabs_table[i].key, key) == 0)
			return &vocabs_table[i];
	return NULL;
}

const char *vocab_label(const struct vocabulary *v, const char *code)
{
	for (size_t i = 0; v && i < v->n; i++)
		if (strcmp(v->terms[i].code, code) == 0)
			return _(v->terms[i].label);
	return code;
}

const struct term *vocab_named(const struct vocabulary *v, const char *typed, size_t prefix)
{
	struct kind_choice c = {0};
	char folded[TEXT_FOLD_CUT];

	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->terms[i].code, typed) == 0)
			return &v->terms[i];
	text_fold_cut(folded, typed, strlen(typed));
	for (size_t i = 0; i < v->n; i++) {
		const char *names[] = {v->terms[i].code, v->terms[i].label, _(v->terms[i].label)};
		int fits = kind_names_fit(folded, names, 3);
		kind_choice_add(&c, &v->terms[i], fits == 1 && strlen(folded) < prefix ? 0 : fits);
	}
	return kind_choice_made(&c);
}
