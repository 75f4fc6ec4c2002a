/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * GPX 1.0 and 1.1 (topografix.com) to sites and observations, through expat.
 *
 * Nothing outside the file is ever read: a document type declaration, and with it every entity of one's own, is
 * refused.  An element without a field of ours is kept as XML, one a line, in `extra`; of a track that has more than
 * bare points, each <trkseg> whole.
 */
#include <expat.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "arpent/geo.h"
#include "arpent/text.h"
#include "charset.h"
#include "formats.h"
#include "gpx.h"

#define GPX_DEPTH 64
#define GPX_SPACES 32 /* namespaces declared on the root */

struct gpx {
	XML_Parser xml;
	struct foreign_list *list;
	const struct import_options *options;
	struct err err;
	bool failed;
	size_t depth;
	char prefix[32]; /* of the root, colon included, or "" */
	struct gpx_space {
		char *prefix, *uri;
	} spaces[GPX_SPACES];
	size_t nspaces;

	/* the record being read, at depth 2 */
	struct foreign *record;
	char type; /* 'w'aypoint, 'r'oute, 't'rack; 0: none */
	struct buf outline, name, desc, cmt, ele, time;
	struct buf *into; /* one of them, while inside its element */
	bool new_part;    /* the next point begins one */
	bool extensions;  /* inside the record's own */

	/* the element being kept, from its start tag on */
	bool keeping, worth;
	size_t keep_depth, keep_name; /* end of its name in `kept` */
	struct buf kept, used;        /* used: prefixes, one a line */
};

static void gpx_fail(struct gpx *g, enum err_code code, const char *what)
{
	if (!g->failed)
		(void)err_set(&g->err, code, "gpx_read", "line %lu: %s",
			      (unsigned long)XML_GetCurrentLineNumber(g->xml), what);
	g->failed = true;
	XML_StopParser(g->xml, XML_FALSE);
}

static const char *gpx_attribute(const char **attrs, const char *name)
{
	for (; *attrs; attrs += 2)
		if (strcmp(attrs[0], name) == 0)
			return attrs[1];
	return NULL;
}

/* A decimal number whatever the locale. */
static bool gpx_number(const char *s, double *out)
{
	static locale_t plain;
	char *end;

	if (!plain && !(plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)))
		return false;
	if (!s || strspn(s, " \t\r\n+-.0123456789eE") != strlen(s))
		return false;
	*out = strtod_l(s, &end, plain);
	return end != s && strspn(end, " \t\r\n") == strlen(end);
}

static bool gpx_point(struct gpx *g, const char **attrs, struct buf *out)
{
	struct geo_point p;

	if (!gpx_number(gpx_attribute(attrs, "lat"), &p.lat) || !gpx_number(gpx_attribute(attrs, "lon"), &p.lon) ||
	    !(p.lat >= -90 && p.lat <= 90 && p.lon >= -180 && p.lon <= 180)) {
		gpx_fail(g, ERR_FORMAT, "no latitude and longitude");
		return false;
	}
	geo_text(&p, out);
	return true;
}

void gpx_escape(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		switch (s[i]) {
		case '&':
			buf_str_add(out, "&amp;");
			break;
		case '<':
			buf_str_add(out, "&lt;");
			break;
		case '>':
			buf_str_add(out, "&gt;");
			break;
		case '"':
			buf_str_add(out, "&quot;");
			break;
		case '\n':
			buf_str_add(out, "&#10;");
			break;
		case '\r':
			buf_str_add(out, "&#13;");
			break;
		default:
			/* XML has no way to write the other control characters. */
			if ((unsigned char)s[i] >= 0x20 || s[i] == '\t')
				buf_char(out, s[i]);
		}
	}
}

static void gpx_use_prefix(struct gpx *g, const char *name)
{
	const char *colon = strchr(name, ':');
	size_t n = colon ? (size_t)(colon - name) : 0;

	if (n == 0 || strncmp(name, "xml", 3) == 0 || foreign_has_line(buf_str(&g->used), name, n))
		return;
	buf_add(&g->used, name, n);
	buf_char(&g->used, '\n');
}

static void gpx_keep_start(struct gpx *g, const char *name, const char **attrs)
{
	if (!g->keeping) {
		g->keeping = true;
		g->keep_depth = g->depth;
		buf_clear(&g->kept);
		buf_clear(&g->used);
	}
	buf_printf(&g->kept, "<%s", name);
	gpx_use_prefix(g, name);
	if (g->depth == g->keep_depth)
		g->keep_name = g->kept.len;
	for (; *attrs; attrs += 2) {
		gpx_use_prefix(g, attrs[0]);
		buf_printf(&g->kept, " %s=\"", attrs[0]);
		gpx_escape(&g->kept, attrs[1], strlen(attrs[1]));
		buf_char(&g->kept, '"');
	}
	buf_char(&g->kept, '>');
}

/* The root's declarations of the prefixes it uses go with an element that is kept. */
static void gpx_keep_spaces(struct gpx *g)
{
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < g->nspaces; i++) {
		const struct gpx_space *s = &g->spaces[i];
		if (!foreign_has_line(buf_str(&g->used), s->prefix, strlen(s->prefix)))
			continue;
		buf_printf(&b, " xmlns:%s=\"", s->prefix);
		gpx_escape(&b, s->uri, strlen(s->uri));
		buf_char(&b, '"');
	}
	buf_insert(&g->kept, g->keep_name, buf_str(&b), b.len);
	buf_done(&b);
}

/* Unlike a set, points may come twice. */
static bool gpx_extra(struct gpx *g, const struct buf *element)
{
	struct buf *extra = foreign_text(g->record, "extra", &g->err);

	if (!extra || !buf_ok(element, &g->err))
		return false;
	if (extra->len > 0)
		buf_char(extra, '\n');
	buf_add(extra, buf_str(element), element->len);
	return buf_ok(extra, &g->err);
}

static void gpx_keep_end(struct gpx *g, const char *name)
{
	buf_printf(&g->kept, "</%s>", name);
	if (g->depth != g->keep_depth)
		return;
	g->keeping = false;
	gpx_keep_spaces(g);
	if (g->worth && !g->failed && !gpx_extra(g, &g->kept))
		gpx_fail(g, ERR_NOMEM, "kept element");
}

static void gpx_shape_point(struct gpx *g, const char **attrs)
{
	if (g->outline.len > 0)
		buf_str_add(&g->outline, g->new_part ? "\n\n" : " ");
	g->new_part = false;
	(void)gpx_point(g, attrs, &g->outline);
}

static void gpx_root(struct gpx *g, const char *name, const char **attrs)
{
	const char *colon = strchr(name, ':'), *local = colon ? colon + 1 : name;
	size_t n = (size_t)(local - name);

	if (strcmp(local, "gpx") != 0 || n >= sizeof g->prefix) {
		gpx_fail(g, ERR_FORMAT, "not a gpx file");
		return;
	}
	memcpy(g->prefix, name, n);
	for (; *attrs && g->nspaces < GPX_SPACES; attrs += 2) {
		if (strncmp(attrs[0], "xmlns:", 6) != 0)
			continue;
		struct gpx_space *s = &g->spaces[g->nspaces++];
		s->prefix = str_dup(attrs[0] + 6);
		s->uri = str_dup(attrs[1]);
		if (!s->prefix || !s->uri)
			gpx_fail(g, ERR_NOMEM, "namespaces");
	}
}

static void gpx_record_start(struct gpx *g, const char *name, const char **attrs)
{
	const char *as = g->options && g->options->as ? g->options->as : "site";

	g->type = strcmp(name, "wpt") == 0   ? 'w'
		  : strcmp(name, "rte") == 0 ? 'r'
		  : strcmp(name, "trk") == 0 ? 't'
					     : '\0';
	if (!g->type)
		return;
	/* Only a site has an outline. */
	g->record = foreign_add(g->list, g->type == 'w' ? as : "site", XML_GetCurrentLineNumber(g->xml), &g->err);
	struct buf *point = g->record && g->type == 'w' ? foreign_text(g->record, "point", &g->err) : NULL;
	if (!g->record || (g->type == 'w' && !point)) {
		g->failed = true;
		XML_StopParser(g->xml, XML_FALSE);
	} else if (point) {
		(void)gpx_point(g, attrs, point);
	}
}

/* A child of the record: text for a field, or kept. */
static void gpx_child_start(struct gpx *g, const char *name, const char **attrs)
{
	static const char *const names[] = {"name", "desc", "cmt", "ele", "time"};
	struct buf *const texts[] = {&g->name, &g->desc, &g->cmt, &g->ele, &g->time};

	for (size_t i = 0; i < (g->type == 'w' ? 5 : 3); i++)
		if (strcmp(name, names[i]) == 0 && texts[i]->len == 0) {
			g->into = texts[i];
			return;
		}
	bool segment = g->type == 't' && strcmp(name, "trkseg") == 0;
	g->worth = !segment;
	g->new_part |= segment;
	g->extensions = strcmp(name, "extensions") == 0;
	if (g->extensions) /* its children are kept one by one */
		return;
	gpx_keep_start(g, name, attrs);
	if (g->type == 'r' && strcmp(name, "rtept") == 0)
		gpx_shape_point(g, attrs);
}

/* <arpent:record> in our own exports says which record it was. */
static void gpx_ours(struct gpx *g, const char **attrs)
{
	const char *id = gpx_attribute(attrs, "id"), *kind = gpx_attribute(attrs, "kind");
	bool chosen = g->options && g->options->as;

	if (!id || !kind || (strcmp(kind, "site") != 0 && strcmp(kind, "observation") != 0))
		return;
	if (chosen ? strcmp(g->record->kind, kind) != 0 : g->type != 'w' && strcmp(kind, "site") != 0)
		return;
	char *copy = str_dup(kind);
	if (!copy) {
		gpx_fail(g, ERR_NOMEM, "kind");
		return;
	}
	free(g->record->kind);
	g->record->kind = copy;
	if (!id_parse(id, &g->record->id))
		g->record->id = (struct id){0};
}

static void XMLCALL gpx_start(void *ctx, const char *full, const char **attrs)
{
	struct gpx *g = ctx;

	if (g->failed)
		return;
	if (++g->depth > GPX_DEPTH) {
		gpx_fail(g, ERR_LIMIT, "elements nested too deep");
		return;
	}
	size_t n = strlen(g->prefix);
	const char *name = strncmp(full, g->prefix, n) == 0 ? full + n : full;
	if (g->depth == 1)
		gpx_root(g, full, attrs);
	else if (g->depth == 2)
		gpx_record_start(g, name, attrs);
	else if (!g->type || g->into)
		return;
	else if (g->depth == 3)
		gpx_child_start(g, name, attrs);
	else if (g->extensions && g->depth == 4 && strcmp(full, GPX_OURS_ELEMENT) == 0)
		gpx_ours(g, attrs);
	else {
		if (g->type == 't' && g->depth == 4 && strcmp(name, "trkpt") == 0)
			gpx_shape_point(g, attrs);
		else
			g->worth = true;
		gpx_keep_start(g, g->extensions ? full : name, attrs);
	}
}

static bool gpx_set(struct foreign *f, const char *key, const char *text, struct err *e)
{
	struct buf *b = foreign_text(f, key, e);

	if (!b)
		return false;
	buf_clear(b);
	buf_str_add(b, text);
	return buf_ok(b, e);
}

/* What has no field, or what its field cannot hold as it is, stays as its element. */
static bool gpx_keep_text(struct gpx *g, const char *element, const struct buf *text)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "<%s>", element);
	gpx_escape(&b, buf_str(text), text->len);
	buf_printf(&b, "</%s>", element);
	bool ok = gpx_extra(g, &b);
	buf_done(&b);
	return ok;
}

/* 331.000 to 331: the same number as our fields write it. */
static void gpx_elevation(struct buf *b)
{
	if (strchr(buf_str(b), '.')) {
		while (b->p[b->len - 1] == '0')
			buf_truncate(b, b->len - 1);
		if (b->p[b->len - 1] == '.')
			buf_truncate(b, b->len - 1);
	}
}

static bool gpx_field(struct gpx *g, const char *key, const char *element, struct buf *text, bool keep)
{
	const struct kind *k = kind_find(g->record->kind);
	const struct field *f = k && key ? kind_field(k, key) : NULL;
	struct buf clean = BUF_INIT;
	bool ok = true;

	if (text->len > 0) {
		foreign_clean(buf_str(text), f && f->type == FIELD_TEXT, &clean);
		if (f && f->type == FIELD_NUMBER)
			gpx_elevation(&clean);
		bool valid = f && clean.len > 0 && value_valid(f, buf_str(&clean));
		if (valid)
			ok = gpx_set(g->record, key, buf_str(&clean), &g->err);
		if (clean.len > 0 && (!valid || keep))
			ok = ok && gpx_keep_text(g, element, text);
	}
	buf_done(&clean);
	return ok && buf_ok(text, &g->err);
}

/* "2005-08-30T20:58:28.5Z" as a moment; its fraction is all that is lost, and then the element is kept too. */
static bool gpx_time(struct gpx *g)
{
	struct buf b = BUF_INIT;
	bool fraction = g->time.len > 19 && g->time.p[19] == '.';
	size_t n = g->time.len < 19 ? g->time.len : 19, zone = n;

	buf_add(&b, buf_str(&g->time), n);
	if (fraction)
		zone += 1 + strspn(buf_str(&g->time) + 20, "0123456789");
	const char *rest = buf_str(&g->time) + zone;
	buf_str_add(&b, strcmp(rest, "Z") == 0 ? "+00:00" : rest);
	struct moment m;
	bool ok = moment_parse(buf_str(&b), &m);
	if (ok) {
		buf_clear(&b);
		moment_text(&m, &b);
		ok = gpx_set(g->record, "date", buf_str(&b), &g->err);
	}
	bool keep = !ok || fraction;
	buf_done(&b);
	return !keep || gpx_keep_text(g, "time", &g->time);
}

/* The comment joins the description where it says something else; its element is kept, to come out again. */
static bool gpx_words(struct gpx *g, const char *key)
{
	bool other = g->cmt.len > 0 && strcmp(buf_str(&g->cmt), buf_str(&g->desc)) != 0;
	bool news =
	    other && !strstr(buf_str(&g->desc), buf_str(&g->cmt)) && strcmp(buf_str(&g->cmt), buf_str(&g->name)) != 0;

	if (other && !gpx_keep_text(g, "cmt", &g->cmt))
		return false;
	if (news && g->desc.len > 0)
		buf_str_add(&g->desc, "\n\n");
	if (news)
		buf_add(&g->desc, buf_str(&g->cmt), g->cmt.len);
	return gpx_field(g, key, "desc", &g->desc, false);
}

static bool gpx_record_fields(struct gpx *g)
{
	bool observation = strcmp(g->record->kind, "observation") == 0;
	struct buf *title = g->name.len > 0 ? &g->name : g->desc.len > 0 ? &g->desc : &g->cmt;
	struct buf first = BUF_INIT;

	/* Without a name, the first line of what is said stands for it. */
	buf_add(&first, buf_str(title), title == &g->name ? title->len : strcspn(buf_str(title), "\r\n"));
	bool ok = gpx_field(g, observation ? "subject" : "name", "name", &first, false);
	buf_done(&first);
	ok = ok && gpx_words(g, observation ? "comment" : "notes");
	ok = ok && gpx_field(g, "elevation", "ele", &g->ele, false);
	if (ok && g->time.len > 0)
		ok = observation ? gpx_time(g) : gpx_keep_text(g, "time", &g->time);
	if (ok && g->outline.len > 0)
		ok = buf_ok(&g->outline, &g->err) && gpx_set(g->record, "outline", buf_str(&g->outline), &g->err);
	return ok;
}

static void gpx_clear(struct gpx *g)
{
	buf_clear(&g->outline);
	buf_clear(&g->name);
	buf_clear(&g->desc);
	buf_clear(&g->cmt);
	buf_clear(&g->ele);
	buf_clear(&g->time);
	g->type = '\0';
	g->record = NULL;
}

static void XMLCALL gpx_end(void *ctx, const char *full)
{
	struct gpx *g = ctx;
	size_t n = strlen(g->prefix);
	const char *name = strncmp(full, g->prefix, n) == 0 ? full + n : full;

	if (g->failed)
		return;
	if (g->into && g->depth == 3) {
		g->into = NULL;
	} else if (g->keeping) {
		gpx_keep_end(g, g->extensions ? full : name);
	} else if (g->depth == 2 && g->type) {
		if (!gpx_record_fields(g)) {
			g->failed = true;
			XML_StopParser(g->xml, XML_FALSE);
		}
		gpx_clear(g);
	}
	g->depth--;
}

static void XMLCALL gpx_text(void *ctx, const char *s, int n)
{
	struct gpx *g = ctx;

	if (g->failed)
		return;
	if (g->into) {
		buf_add(g->into, s, (size_t)n);
	} else if (g->keeping) {
		/* Only the indentation of a file that is no longer there would be kept. */
		bool blank = true;
		for (int i = 0; i < n && blank; i++)
			blank = strchr(" \t\r\n", s[i]) != NULL;
		if (!blank || (g->kept.len > 0 && g->kept.p[g->kept.len - 1] != '>'))
			gpx_escape(&g->kept, s, (size_t)n);
		g->worth |= !blank;
	}
}

static void XMLCALL gpx_doctype(void *ctx, const char *name, const char *system, const char *public, int internal)
{
	(void)name, (void)system, (void)public, (void)internal;
	gpx_fail(ctx, ERR_FORMAT, "a document type declaration is not taken");
}

static int XMLCALL gpx_encoding(void *ctx, const char *name, XML_Encoding *info)
{
	struct buf b = BUF_INIT;
	uint32_t cp;

	(void)ctx;
	/* One byte a character; what else there is came before Unicode did. */
	if (strncasecmp(name, "windows-125", 11) != 0 && strncasecmp(name, "iso-8859-", 9) != 0)
		return XML_STATUS_ERROR;
	for (int i = 0; i < 256; i++) {
		char c = (char)i;
		buf_clear(&b);
		charset_text(&b, &c, 1, name);
		info->map[i] =
		    b.len > 0 && text_decode(buf_str(&b), b.len, &cp) == b.len && cp != 0xFFFD ? (int)cp : -1;
	}
	buf_done(&b);
	info->data = NULL;
	info->convert = NULL;
	info->release = NULL;
	return XML_STATUS_OK;
}

static void gpx_free(struct gpx *g)
{
	for (size_t i = 0; i < g->nspaces; i++) {
		free(g->spaces[i].prefix);
		free(g->spaces[i].uri);
	}
	buf_done(&g->outline);
	buf_done(&g->name);
	buf_done(&g->desc);
	buf_done(&g->cmt);
	buf_done(&g->ele);
	buf_done(&g->time);
	buf_done(&g->kept);
	buf_done(&g->used);
	XML_ParserFree(g->xml);
}

bool gpx_read(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e)
{
	struct gpx g = {.list = out, .options = o, .err = ERR_INIT};

	if (o && o->as && strcmp(o->as, "site") != 0 && strcmp(o->as, "observation") != 0)
		return err_set(e, ERR_USAGE, "gpx_read", "%s", o->as);
	if (!(g.xml = XML_ParserCreate(NULL)))
		return err_nomem(e, "gpx_read");
	XML_SetUserData(g.xml, &g);
	XML_SetElementHandler(g.xml, gpx_start, gpx_end);
	XML_SetCharacterDataHandler(g.xml, gpx_text);
	XML_SetStartDoctypeDeclHandler(g.xml, gpx_doctype);
	XML_SetUnknownEncodingHandler(g.xml, gpx_encoding, NULL);
	/* IMPORT_FILE_MAX is far below INT_MAX. */
	if (XML_Parse(g.xml, p, (int)n, 1) != XML_STATUS_OK && !g.failed) {
		enum XML_Error why = XML_GetErrorCode(g.xml);
		gpx_fail(&g, why == XML_ERROR_NO_MEMORY ? ERR_NOMEM : ERR_FORMAT, XML_ErrorString(why));
	}
	bool ok = !g.failed;
	if (!ok && e)
		*e = g.err;
	gpx_free(&g);
	return ok;
}

bool gpx_sniff(const char *p, size_t n)
{
	struct buf b = BUF_INIT;

	/* Without the NULs of UTF-16. */
	for (size_t i = 0; i < n; i++)
		if (p[i])
			buf_char(&b, p[i]);
	const char *root = strstr(buf_str(&b), "gpx");
	bool ok = root && root > buf_str(&b) && (root[-1] == '<' || root[-1] == ':');
	buf_done(&b);
	return ok;
}
