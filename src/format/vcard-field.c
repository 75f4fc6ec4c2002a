/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "arpent/text.h"
#include "vcard.h"

const struct field *vcard_field(const struct kind *k, const struct vcard_prop *p)
{
	for (size_t i = 0; p->name && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		/* CLASS says something else than our levels of sharing. */
		if (f->vcard && strcasecmp(f->vcard, p->name) == 0 && strcmp(f->vcard, "CLASS") != 0)
			return f;
	}
	return NULL;
}

/* 19800322 and 1980-03-22T00:00:00Z to 1980-03-22; anything else as it is. */
static void vcard_day(struct buf *b)
{
	const char *s = buf_str(b);

	if (b->len >= 8 && strspn(s, "0123456789") >= 8) {
		buf_truncate(b, 8);
		buf_insert(b, 6, "-", 1);
		buf_insert(b, 4, "-", 1);
	} else if (b->len > 10 && s[10] == 'T') {
		buf_truncate(b, 10);
	}
}

static const char *vcard_scheme(const struct field *f)
{
	return f->type == FIELD_PHONE ? "tel:" : f->type == FIELD_EMAIL ? "mailto:" : "";
}

bool vcard_prop_text(const struct field *f, const struct vcard_prop *p, struct buf *out)
{
	struct buf raw = BUF_INIT;
	const char *scheme = vcard_scheme(f);

	if (vcard_is(p, "ADR"))
		vcard_address(p, &raw);
	else if (vcard_is(p, "ORG"))
		vcard_part(p, ';', 0, &raw);
	else
		vcard_unescape(&raw, buf_str(&p->value), p->value.len);
	const char *s = buf_str(&raw);
	if (strncasecmp(s, scheme, strlen(scheme)) == 0)
		s += strlen(scheme);
	foreign_clean(s, f->type == FIELD_TEXT, out);
	if (f->type == FIELD_DAY)
		vcard_day(out);
	buf_done(&raw);
	if (f->type == FIELD_EMAIL && !strchr(buf_str(out), '@'))
		return false;
	return out->len > 0 && value_valid(f, buf_str(out));
}

/* Parameters that say what is so anyway. */
static bool vcard_plain_params(const struct vcard_prop *p)
{
	for (size_t i = 0; i < p->nparams; i++) {
		const char *v = p->params[i].value;
		bool type = strcasecmp(p->params[i].name, "TYPE") == 0 && strcasecmp(v, "INTERNET") == 0;
		bool value = strcasecmp(p->params[i].name, "VALUE") == 0 &&
			     (strcasecmp(v, "date") == 0 || strcasecmp(v, "text") == 0);
		if (!type && !value)
			return false;
	}
	return true;
}

bool vcard_prop_plain(const struct vcard_prop *p, const char *text)
{
	struct buf b = BUF_INIT;

	if (p->group || !vcard_plain_params(p) || vcard_is(p, "ADR"))
		return false;
	vcard_escape(&b, text);
	bool same = p->value.len == b.len && memcmp(buf_str(&p->value), buf_str(&b), b.len) == 0;
	if (!same) {
		/* The same day in another writing, blanks around, or escapes that are not needed, lose nothing. */
		struct buf raw = BUF_INIT, read = BUF_INIT;
		vcard_unescape(&raw, buf_str(&p->value), p->value.len);
		foreign_clean(buf_str(&raw), true, &read);
		if (vcard_is(p, "BDAY"))
			vcard_day(&read);
		same = strcmp(buf_str(&read), text) == 0 && !(vcard_is(p, "ORG") && strchr(buf_str(&p->value), ';'));
		buf_done(&raw);
		buf_done(&read);
	}
	buf_done(&b);
	return same;
}

const struct vcard_prop *vcard_chosen(const struct vcard *c, const struct field *f)
{
	const struct vcard_prop *first = NULL;
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < c->n; i++) {
		const struct vcard_prop *p = &c->props[i];
		if (!vcard_is(p, f->vcard))
			continue;
		buf_clear(&text);
		if (!vcard_prop_text(f, p, &text))
			continue;
		if (!first || (vcard_preferred(p) && !vcard_preferred(first)))
			first = p;
	}
	buf_done(&text);
	return first;
}
