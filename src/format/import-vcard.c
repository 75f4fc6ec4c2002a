/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vCards to people and organisations.  A property goes to the field whose line in the table of kinds names it; it is
 * kept in `extra` too when the field does not say all of it (a type of telephone, a structured address), and only there
 * when no field takes it.
 */
#include <string.h>
#include <strings.h>

#include "arpent/text.h"
#include "formats.h"
#include "vcard.h"

bool vcard_sniff(const char *p, size_t n)
{
	static const char word[] = "BEGIN:VCARD";
	size_t hit = 0;

	for (size_t i = 0; i < n && hit < sizeof word - 1; i++) {
		if (p[i] == '\0' || (hit == 0 && (unsigned char)p[i] > 0x7F) || (hit == 0 && strchr(" \t\r\n", p[i])))
			continue; /* UTF-16, marks of order, blank lines */
		if (strncasecmp(p + i, word + hit, 1) != 0)
			return false;
		hit++;
	}
	return hit == sizeof word - 1;
}

static bool vcard_is_kind(const struct vcard_prop *p)
{
	return (vcard_is(p, "KIND") || vcard_is(p, "X-ADDRESSBOOKSERVER-KIND"))
		   ? strcasecmp(buf_str(&p->value), "org") == 0
		   : vcard_is(p, "X-ABSHOWAS") && strcasecmp(buf_str(&p->value), "COMPANY") == 0;
}

static bool vcard_keep(struct foreign *f, const struct vcard_prop *p, struct err *e)
{
	struct buf line = BUF_INIT;

	if (!p->name) {
		buf_str_add(&line, "X-UNREADABLE:");
		vcard_escape(&line, buf_str(&p->value));
	} else {
		vcard_prop_line(p, &line);
	}
	bool ok = foreign_element(f, "extra", buf_str(&line), line.len, e) && buf_ok(&line, e);
	buf_done(&line);
	return ok;
}

static bool vcard_put(struct foreign *f, const char *key, const char *text, struct err *e)
{
	struct buf *b = foreign_text(f, key, e);

	if (!b)
		return false;
	buf_clear(b);
	buf_str_add(b, text);
	return buf_ok(b, e);
}

/* Family and given name; what else N has stays in `extra`.  An N that only repeats FN in its first part says no family
 * name. */
static bool vcard_take_n(struct foreign *f, const struct kind *k, const struct vcard *c, const struct vcard_prop *p,
			 struct err *e)
{
	static const char *const keys[] = {"family", "given"};
	struct buf part = BUF_INIT, text[2] = {BUF_INIT, BUF_INIT}, fn = BUF_INIT;
	bool more = p->group || p->nparams > 0, ok = true;

	for (size_t i = 0; buf_clear(&part), vcard_part(p, ';', i, &part); i++) {
		if (i < 2)
			foreign_clean(buf_str(&part), false, &text[i]);
		else
			more |= part.len > 0;
	}
	for (size_t i = 0; i < c->n; i++)
		if (vcard_is(&c->props[i], "FN") && fn.len == 0)
			vcard_prop_text(kind_field(k, "name"), &c->props[i], &fn);
	bool repeats = text[1].len == 0 && strcmp(buf_str(&text[0]), buf_str(&fn)) == 0;
	for (size_t i = 0; ok && i < 2; i++) {
		const struct field *field = kind_field(k, keys[i]);
		if (text[i].len == 0 || repeats)
			continue;
		if (field && !foreign_get(f, keys[i])[0] && value_valid(field, buf_str(&text[i])))
			ok = vcard_put(f, keys[i], buf_str(&text[i]), e);
		else
			more = true;
	}
	buf_done(&part);
	buf_done(&text[0]);
	buf_done(&text[1]);
	buf_done(&fn);
	return ok && (!more || vcard_keep(f, p, e));
}

static bool vcard_take_tags(struct foreign *f, const struct field *field, const struct vcard_prop *p, struct err *e)
{
	struct buf part = BUF_INIT, text = BUF_INIT;
	bool ok = true, keep = p->group || p->nparams > 0;

	for (size_t i = 0; ok && (buf_clear(&part), vcard_part(p, ',', i, &part)); i++) {
		buf_clear(&text);
		foreign_clean(buf_str(&part), false, &text);
		if (text.len > 0 && value_valid(field, buf_str(&text)))
			ok = foreign_element(f, field->key, buf_str(&text), text.len, e);
		else
			keep |= text.len > 0;
	}
	buf_done(&part);
	buf_done(&text);
	return ok && (!keep || vcard_keep(f, p, e));
}

/* Notes that follow one another, a blank line between. */
static bool vcard_take_note(struct foreign *f, const struct field *field, const char *text, struct err *e)
{
	struct buf *b = foreign_text(f, field->key, e);

	if (!b)
		return false;
	if (strstr(buf_str(b), text))
		return true;
	if (b->len > 0)
		buf_str_add(b, "\n\n");
	buf_str_add(b, text);
	return buf_ok(b, e);
}

static bool vcard_take_field(struct foreign *f, const struct vcard *c, const struct field *field,
			     const struct vcard_prop *p, struct err *e)
{
	struct buf text = BUF_INIT;
	size_t same = 0;
	bool ok = true, valid = vcard_prop_text(field, p, &text), plain = vcard_prop_plain(p, buf_str(&text));

	for (size_t i = 0; i < c->n; i++)
		same += c->props[i].name && vcard_is(p, c->props[i].name);
	if (!valid) {
		plain = p->value.len == 0;
	} else if (field->flags & FIELD_SET) {
		ok = foreign_element(f, field->key, buf_str(&text), text.len, e);
	} else if (vcard_is(p, "NOTE")) {
		ok = vcard_take_note(f, field, buf_str(&text), e);
	} else {
		/* With several, all are kept in `extra`, so that the one chosen is known when they come out. */
		plain &= same == 1;
		if (vcard_chosen(c, field) == p)
			ok = vcard_put(f, field->key, buf_str(&text), e);
	}
	buf_done(&text);
	return ok && (plain || vcard_keep(f, p, e));
}

static bool vcard_take_prop(struct foreign *f, const struct kind *k, const struct vcard *c, const struct vcard_prop *p,
			    struct err *e)
{
	const struct field *field = vcard_field(k, p);

	if (strcmp(k->key, "organisation") == 0 && vcard_is_kind(p))
		return true;
	if (vcard_is(p, "N"))
		return vcard_take_n(f, k, c, p, e);
	if (!field && vcard_is(p, "FN"))
		field = kind_field(k, "name");
	if (field && vcard_is(p, "CATEGORIES"))
		return vcard_take_tags(f, field, p, e);
	return field ? vcard_take_field(f, c, field, p, e) : vcard_keep(f, p, e);
}

/* FN, else N, else ORG, else an e-mail, else a telephone: never one made up. */
static bool vcard_name(struct foreign *f, const struct kind *k, struct err *e)
{
	struct buf name = BUF_INIT;
	const char *given = foreign_get(f, "given"), *family = foreign_get(f, "family");
	static const char *const others[] = {"organisation", "email", "phone"};

	if (foreign_get(f, "name")[0])
		return true;
	buf_printf(&name, "%s%s%s", given, given[0] && family[0] ? " " : "", family);
	for (size_t i = 0; name.len == 0 && i < sizeof others / sizeof *others; i++) {
		const char *s = kind_field(k, others[i]) ? foreign_get(f, others[i]) : "";
		buf_add(&name, s, strcspn(s, "\n"));
	}
	bool ok = buf_ok(&name, e) && (name.len == 0 || vcard_put(f, "name", buf_str(&name), e));
	buf_done(&name);
	return ok;
}

static bool vcard_card(const struct vcard *c, struct foreign_list *out, struct err *e)
{
	const char *kind = "person";

	for (size_t i = 0; i < c->n; i++)
		if (vcard_is_kind(&c->props[i]))
			kind = "organisation";
	const struct kind *k = kind_find(kind);
	struct foreign *f = foreign_add(out, kind, c->line, e);
	if (!k || !f)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!vcard_take_prop(f, k, c, &c->props[i], e))
			return false;
	return vcard_name(f, k, e);
}

bool vcard_read(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e)
{
	struct vcard_reader r;
	struct vcard c;
	struct err why = ERR_INIT;
	bool ok = true;

	(void)o;
	vcard_reader_init(&r, p, n);
	while (ok && vcard_next(&r, &c, &why)) {
		ok = vcard_card(&c, out, &why);
		vcard_done(&c);
	}
	vcard_reader_done(&r);
	if (why.code != ERR_NONE && e)
		*e = why;
	if (why.code == ERR_NONE && out->n == 0)
		return err_set(e, ERR_FORMAT, "vcard_read", "no BEGIN:VCARD");
	return why.code == ERR_NONE;
}
