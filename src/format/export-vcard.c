/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * vCard 3.0 (RFC 2426) of people and organisations.  A line of `extra` for a value that still stands comes out in place
 * of a bare one, with its parameters; a line for a value that a person has since changed or taken away does not.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arpent/format.h"
#include "arpent/text.h"
#include "formats.h"
#include "vcard.h"

#define VCARD_FOLD 75 /* octets of a line, its end not counted */

struct vcard_out {
	const struct kind *kind;
	const struct record *record;
	bool with_private;
	struct vcard extra;
	bool *done; /* of each property of extra: it is out already */
	struct buf *out;
};

/* One logical line, folded between characters, CRLF.  Controls are left out: some readers end a line at a lone CR. */
static void vcard_put_line(struct buf *out, const struct buf *line)
{
	const char *s = buf_str(line);
	size_t room = VCARD_FOLD;
	uint32_t cp;

	for (size_t i = 0, len; i < line->len; i += len) {
		len = text_decode(s + i, line->len - i, &cp);
		if ((cp < 0x20 && cp != '\t') || cp == 0x7F)
			continue;
		if (len > room) {
			buf_str_add(out, "\r\n ");
			room = VCARD_FOLD - 1;
		}
		buf_add(out, s + i, len);
		room -= len;
	}
	buf_str_add(out, "\r\n");
}

static void vcard_put_text(struct buf *out, const char *name, const char *text)
{
	struct buf line = BUF_INIT;

	buf_printf(&line, "%s:", name);
	vcard_escape(&line, text);
	vcard_put_line(out, &line);
	buf_done(&line);
}

static void vcard_put_prop(struct vcard_out *v, size_t i)
{
	struct buf line = BUF_INIT;

	vcard_prop_line(&v->extra.props[i], &line);
	vcard_put_line(v->out, &line);
	buf_done(&line);
	v->done[i] = true;
}

/* Is a line of extra a property of a card?  GPX keeps elements there; a column of a table is "name: value", and so is a
 * reference that found no one.  A property's value may begin with a blank too, but then its name is in capitals or
 * begins with "X-". */
static bool vcard_is_line(const char *s, size_t n)
{
	const char *colon = memchr(s, ':', n), *dot = colon ? memchr(s, '.', (size_t)(colon - s)) : NULL;
	const char *name = dot ? dot + 1 : s;

	if (!colon || s[0] == '<')
		return false;
	if (colon[1] != ' ' || strncasecmp(name, "X-", 2) == 0)
		return true;
	for (; name < colon && *name != ';'; name++)
		if (!(*name >= 'A' && *name <= 'Z') && *name != '-')
			return false;
	return true;
}

/* Lines of extra, all but those that are no property of a card. */
static bool vcard_read_extra(struct vcard_out *v, struct err *e)
{
	const char *s = record_get(v->record, "extra");
	size_t lines = 1;

	for (const char *c = s; *c; c++)
		lines += *c == '\n';
	v->extra.props = calloc(lines, sizeof *v->extra.props);
	v->done = calloc(lines, sizeof *v->done);
	if (!v->extra.props || !v->done)
		return err_nomem(e, "vcard_write");
	for (size_t n; *s; s += n + (s[n] != '\0')) {
		n = strcspn(s, "\n");
		if (!vcard_is_line(s, n))
			continue;
		struct vcard_prop *p = &v->extra.props[v->extra.n++];
		if (!vcard_prop_parse(s, n, p, e))
			return false;
		/* Only a colleague's state could hold these: they would end the card, and begin another. */
		if (vcard_is(p, "BEGIN") || vcard_is(p, "END") || vcard_is(p, "VERSION")) {
			vcard_prop_done(p);
			v->extra.n--;
		}
	}
	return true;
}

/* A value of a field: as the line of extra that has it, else bare. */
static void vcard_put_value(struct vcard_out *v, const struct field *f, const char *name, const char *text)
{
	struct buf a = BUF_INIT, b = BUF_INIT, their = BUF_INIT;
	bool out = false;

	foreign_same_key(f, text, &a);
	for (size_t i = 0; i < v->extra.n; i++) {
		const struct vcard_prop *p = &v->extra.props[i];
		buf_clear(&b);
		buf_clear(&their);
		if (v->done[i] || !vcard_is(p, name) || !vcard_prop_text(f, p, &their))
			continue;
		foreign_same_key(f, buf_str(&their), &b);
		if (strcmp(buf_str(&a), buf_str(&b)) != 0)
			continue;
		vcard_put_prop(v, i);
		out = true;
		if (!(f->flags & FIELD_SET))
			break;
	}
	if (!out && strcmp(name, "ADR") == 0) {
		buf_clear(&a);
		buf_str_add(&a, "ADR:;;");
		vcard_escape(&a, text);
		buf_str_add(&a, ";;;;");
		vcard_put_line(v->out, &a);
	} else if (!out) {
		vcard_put_text(v->out, name, text);
	}
	buf_done(&a);
	buf_done(&b);
	buf_done(&their);
}

static void vcard_put_tags(struct vcard_out *v, const char *tags)
{
	struct buf line = BUF_INIT, tag = BUF_INIT;

	buf_str_add(&line, "CATEGORIES:");
	for (const char *s = tags; *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
		buf_clear(&tag);
		buf_add(&tag, s, strcspn(s, "\n"));
		if (s != tags)
			buf_char(&line, ',');
		vcard_escape(&line, buf_str(&tag));
	}
	vcard_put_line(v->out, &line);
	buf_done(&line);
	buf_done(&tag);
}

static void vcard_put_field(struct vcard_out *v, const struct field *f)
{
	struct buf all = BUF_INIT, one = BUF_INIT;
	struct shown shown;

	if (f->flags & FIELD_SET) {
		record_set(v->record, f->key, &all);
		if (all.len > 0 && strcmp(f->vcard, "CATEGORIES") == 0)
			vcard_put_tags(v, buf_str(&all));
		else
			for (const char *s = buf_str(&all); *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
				buf_clear(&one);
				buf_add(&one, s, strcspn(s, "\n"));
				vcard_put_value(v, f, f->vcard, buf_str(&one));
			}
	} else {
		record_shown(v->record, f->key, f->type == FIELD_TEXT, &all, &shown);
		if (shown.text && shown.text[0])
			vcard_put_value(v, f, f->vcard, shown.text);
	}
	buf_done(&all);
	buf_done(&one);
}

/* Family, given, and what extra's N has besides; a card without either has its name as the family name, for readers
 * that show N. */
static void vcard_put_n(struct vcard_out *v)
{
	struct buf line = BUF_INIT, part = BUF_INIT;
	const char *family = record_get(v->record, "family"), *given = record_get(v->record, "given");
	size_t at = 0;

	while (at < v->extra.n && !vcard_is(&v->extra.props[at], "N"))
		at++;
	buf_str_add(&line, "N:");
	vcard_escape(&line, family[0] || given[0] ? family : record_get(v->record, "name"));
	buf_char(&line, ';');
	vcard_escape(&line, given);
	for (size_t i = 2; i < 5; i++) {
		buf_clear(&part);
		buf_char(&line, ';');
		if (at < v->extra.n && vcard_part(&v->extra.props[at], ';', i, &part))
			vcard_escape(&line, buf_str(&part));
	}
	if (at < v->extra.n)
		v->done[at] = true;
	vcard_put_line(v->out, &line);
	buf_done(&line);
	buf_done(&part);
}

static void vcard_put_names(struct vcard_out *v)
{
	const char *uid = record_get(v->record, "uid"), *name = record_get(v->record, "name");
	struct buf urn = BUF_INIT;
	char id[ID_TEXT + 1];

	vcard_put_value(v, kind_field(v->kind, "name"), "FN", name);
	vcard_put_n(v);
	id_text(&v->record->id, id);
	buf_printf(&urn, "urn:uuid:%s", id);
	vcard_put_text(v->out, "UID", uid[0] && strncmp(uid, "sum:", 4) != 0 ? uid : buf_str(&urn));
	if (strcmp(v->kind->key, "organisation") == 0)
		vcard_put_text(v->out, "X-ABSHOWAS", "COMPANY");
	buf_done(&urn);
}

/* Is this line of extra one that its field has taken, and that has changed there since? */
static bool vcard_is_stale(const struct vcard_out *v, size_t i)
{
	const struct vcard_prop *p = &v->extra.props[i];
	const struct field *f = vcard_is(p, "FN") ? kind_field(v->kind, "name") : vcard_field(v->kind, p);
	struct buf text = BUF_INIT;
	bool stale = false;

	if (vcard_is(p, "N") || vcard_is(p, "VERSION") || vcard_is(p, "FN") || vcard_is(p, "UID"))
		return true;
	if (!f)
		return false;
	if ((f->flags & FIELD_PRIVATE) && !v->with_private)
		return true;
	if (f->flags & FIELD_SET)
		stale = vcard_prop_text(f, p, &text);
	else if (!vcard_is(p, "NOTE"))
		stale = vcard_chosen(&v->extra, f) == p;
	else
		stale = vcard_prop_text(f, p, &text) && !strstr(record_get(v->record, f->key), buf_str(&text));
	buf_done(&text);
	return stale;
}

static void vcard_put_card(struct vcard_out *v)
{
	const struct kind *k = v->kind;

	buf_str_add(v->out, "BEGIN:VCARD\r\nVERSION:3.0\r\n");
	vcard_put_names(v);
	for (size_t i = 0; i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		if (f->vcard && !strchr(f->vcard, '.') && strcmp(f->vcard, "FN") != 0 && strcmp(f->vcard, "UID") != 0 &&
		    strcmp(f->vcard, "CLASS") != 0)
			vcard_put_field(v, f);
	}
	for (size_t i = 0; i < v->extra.n; i++)
		if (!v->done[i] && !vcard_is_stale(v, i))
			vcard_put_prop(v, i);
	buf_str_add(v->out, "END:VCARD\r\n");
}

static bool vcard_write_one(const struct export_job *job, const struct record *r, struct buf *out, struct err *e)
{
	struct vcard_out v = {.kind = kind_find(r->kind), .record = r, .out = out};
	bool ok = vcard_read_extra(&v, e);

	v.with_private = job->options->with_private || job->options->whole;
	if (ok)
		vcard_put_card(&v);
	vcard_done(&v.extra);
	free(v.done);
	return ok;
}

bool vcard_write(const struct export_job *job, struct buf *out, struct err *e)
{
	const struct format *f = format_find("vcard");
	bool ok = true;

	for (size_t i = 0; ok && i < job->n; i++) {
		struct record r;
		record_init(&r);
		ok = export_load(job, i, &r, e);
		if (ok && format_takes(f, r.kind)) {
			ok = vcard_write_one(job, &r, out, e);
			job->report->records++;
		} else if (ok) {
			job->report->skipped++;
		}
		record_done(&r);
	}
	return ok;
}
