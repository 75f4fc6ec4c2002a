/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vcard.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "charset.h"

#define VCARD_PROPS 2000 /* of one card; each is compared with the others */

static bool vcard_starts(const char *s, size_t n, const char *word)
{
	return n >= strlen(word) && strncasecmp(s, word, strlen(word)) == 0;
}

/* The ':' that ends the name and parameters: the first outside quotes, else the first at all. */
static size_t vcard_colon(const char *s, size_t n)
{
	bool quoted = false;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"')
			quoted = !quoted;
		else if (s[i] == ':' && !quoted)
			return i;
	}
	const char *any = memchr(s, ':', n);
	return any ? (size_t)(any - s) : n;
}

/* Before the colon, does a parameter say this encoding? */
static bool vcard_head_has(const struct buf *line, const char *word)
{
	size_t n = vcard_colon(buf_str(line), line->len), len = strlen(word);

	for (size_t i = 0; n < line->len && i + len < n; i++)
		if ((line->p[i] == ';' || line->p[i] == '=') && strncasecmp(line->p + i + 1, word, len) == 0 &&
		    (i + 1 + len == n || line->p[i + 1 + len] == ';'))
			return true;
	return false;
}

void vcard_reader_init(struct vcard_reader *r, const char *p, size_t n)
{
	*r = (struct vcard_reader){.text = BUF_INIT, .line = 1};
	charset_file(&r->text, p, n);
}

void vcard_reader_done(struct vcard_reader *r)
{
	buf_done(&r->text);
}

/* The physical line at r->at; ends at LF, CR LF or CR, or at the CR CR LF of a file that was sent as text twice.  *next
 * is where the one after starts. */
static bool vcard_peek(const struct vcard_reader *r, const char **s, size_t *n, size_t *next)
{
	const char *p = buf_str(&r->text) + r->at;
	size_t left = r->text.len - r->at, i = 0;

	if (left == 0)
		return false;
	while (i < left && p[i] != '\n' && p[i] != '\r')
		i++;
	*s = p;
	*n = i;
	for (size_t cr = i; cr < left && (p[cr] == '\r' || p[cr] == '\n'); cr++) {
		if (p[cr] == '\n') {
			i = cr;
			break;
		}
	}
	*next = r->at + (i < left ? i + 1 : left);
	return true;
}

static bool vcard_base64_line(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("+/= \t", s[i]))
			return false;
	return n > 0;
}

static bool vcard_soft_break(const struct buf *line)
{
	return line->len > 0 && line->p[line->len - 1] == '=' && vcard_head_has(line, "QUOTED-PRINTABLE");
}

/* What the next physical line adds to the logical line so far; false when it belongs to the next one. */
static bool vcard_join(struct vcard_reader *r, struct buf *line)
{
	const char *s;
	size_t n, next;

	if (!vcard_peek(r, &s, &n, &next))
		return false;
	bool folded = n > 0 && (s[0] == ' ' || s[0] == '\t');
	if (vcard_soft_break(line) && !vcard_starts(s, n, "END:VCARD")) {
		buf_truncate(line, line->len - 1);
		buf_add(line, s, n);
	} else if (folded) {
		/* 2.1 keeps the blank that starts the line, 3.0 and 4.0 do not. */
		size_t drop = r->old ? 0 : 1;
		buf_add(line, s + drop, n - drop);
	} else if (r->old && vcard_base64_line(s, n) && (vcard_head_has(line, "BASE64") || vcard_head_has(line, "B"))) {
		buf_add(line, s, n);
	} else {
		return false;
	}
	r->at = next;
	r->line++;
	return true;
}

static bool vcard_logical(struct vcard_reader *r, struct buf *line)
{
	const char *s;
	size_t n, next;

	buf_clear(line);
	while (vcard_peek(r, &s, &n, &next)) {
		r->at = next;
		r->line++;
		buf_add(line, s, n);
		if (strspn(buf_str(line), " \t") == line->len) {
			buf_clear(line);
			continue;
		}
		while (vcard_join(r, line))
			;
		if (vcard_soft_break(line))
			buf_truncate(line, line->len - 1);
		return true;
	}
	return false;
}

static int vcard_hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
				      : -1;
}

/* RFC 2045, 6.7; a '=' that starts no code stays. */
static void vcard_quoted_printable(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '=' && i + 2 < n && vcard_hex(s[i + 1]) >= 0 && vcard_hex(s[i + 2]) >= 0) {
			buf_char(out, (char)(vcard_hex(s[i + 1]) << 4 | vcard_hex(s[i + 2])));
			i += 2;
		} else {
			buf_char(out, s[i]);
		}
	}
}

/* Text in 2.1's or quoted-printable's form to 3.0's: line ends become "\n", and from 2.1 commas and lone backslashes
 * are escaped. */
static void vcard_modern(struct buf *out, const struct buf *from, bool old, bool list)
{
	const char *s = buf_str(from);

	for (size_t i = 0; i < from->len; i++) {
		if (s[i] == '\n' || s[i] == '\r') {
			i += s[i] == '\r' && s[i + 1] == '\n';
			buf_str_add(out, "\\n");
		} else if (s[i] == '\\' && (!old || (s[i + 1] && strchr("\\;,nN", s[i + 1])))) {
			buf_char(out, '\\');
			if (i + 1 < from->len)
				buf_char(out, s[++i]);
		} else if (s[i] == '\\' || (s[i] == ',' && old && !list)) {
			buf_char(out, '\\');
			buf_char(out, s[i]);
		} else {
			buf_char(out, s[i]);
		}
	}
}

/* A parameter without a name (2.1): what it stands for. */
static const char *vcard_bare(const char *value, size_t n)
{
	static const char *const encodings[] = {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"};
	static const char *const values[] = {"URL", "URI", "CID", "CONTENT-ID", "INLINE"};

	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++)
		if (strlen(encodings[i]) == n && strncasecmp(value, encodings[i], n) == 0)
			return "ENCODING";
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		if (strlen(values[i]) == n && strncasecmp(value, values[i], n) == 0)
			return "VALUE";
	return "TYPE";
}

static bool vcard_param_add(struct vcard_prop *p, const char *s, size_t n, struct err *e)
{
	const char *eq = memchr(s, '=', n);
	struct buf text = BUF_INIT;
	struct vcard_param *grown = realloc(p->params, (p->nparams + 1) * sizeof *grown);

	if (!grown)
		return err_nomem(e, "vcard_param_add");
	p->params = grown;
	struct vcard_param *q = &p->params[p->nparams++];
	const char *value = eq ? eq + 1 : s;
	size_t len = n - (size_t)(value - s);
	if (eq)
		charset_text(&text, s, (size_t)(eq - s), NULL);
	q->name = str_dup(eq ? buf_str(&text) : vcard_bare(s, n));
	buf_clear(&text);
	charset_text(&text, value, len, NULL);
	q->value = str_dup(buf_str(&text));
	bool ok = q->name && q->value && buf_ok(&text, e);
	buf_done(&text);
	return ok || err_nomem(e, "vcard_param_add");
}

/* "item1.TEL;TYPE=WORK;PREF" */
static bool vcard_head(struct vcard_prop *p, const char *s, size_t n, struct err *e)
{
	size_t end = 0;

	while (end < n && s[end] != ';')
		end++;
	const char *dot = memchr(s, '.', end);
	size_t skip = dot ? (size_t)(dot - s) + 1 : 0;
	if (dot && !(p->group = str_ndup(s, skip - 1)))
		return err_nomem(e, "vcard_head");
	if (!(p->name = str_ndup(s + skip, end - skip)))
		return err_nomem(e, "vcard_head");
	while (end < n) {
		size_t from = ++end;
		for (bool quoted = false; end < n && (s[end] != ';' || quoted); end++)
			quoted ^= s[end] == '"';
		if (end > from && !vcard_param_add(p, s + from, end - from, e))
			return false;
	}
	return true;
}

static const char *vcard_param(const struct vcard_prop *p, const char *name)
{
	for (size_t i = 0; i < p->nparams; i++)
		if (strcasecmp(p->params[i].name, name) == 0)
			return p->params[i].value;
	return NULL;
}

static void vcard_param_drop(struct vcard_prop *p, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->nparams; i++) {
		if (strcasecmp(p->params[i].name, name) != 0) {
			p->params[kept++] = p->params[i];
			continue;
		}
		free(p->params[i].name);
		free(p->params[i].value);
	}
	p->nparams = kept;
}

static bool vcard_value_binary(struct vcard_prop *p, const char *s, size_t n, struct err *e)
{
	struct buf bytes = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		if (!isspace((unsigned char)s[i]))
			buf_char(&bytes, s[i]);
	charset_text(&p->value, buf_str(&bytes), bytes.len, NULL);
	vcard_param_drop(p, "ENCODING");
	bool ok = vcard_param_add(p, "ENCODING=b", 10, e) && buf_ok(&bytes, e) && buf_ok(&p->value, e);
	buf_done(&bytes);
	return ok;
}

static bool vcard_value(struct vcard_prop *p, bool old, const char *s, size_t n, struct err *e)
{
	const char *encoding = vcard_param(p, "ENCODING"), *charset = vcard_param(p, "CHARSET");
	struct buf bytes = BUF_INIT, text = BUF_INIT;

	if (encoding && (strcasecmp(encoding, "BASE64") == 0 || strcasecmp(encoding, "B") == 0))
		return vcard_value_binary(p, s, n, e);
	bool qp = encoding && strcasecmp(encoding, "QUOTED-PRINTABLE") == 0;
	if (qp)
		vcard_quoted_printable(&bytes, s, n);
	else
		buf_add(&bytes, s, n);
	charset_text(&text, buf_str(&bytes), bytes.len, charset);
	vcard_modern(&p->value, &text, old, vcard_is(p, "CATEGORIES"));
	vcard_param_drop(p, "CHARSET");
	if (qp || old)
		vcard_param_drop(p, "ENCODING"); /* 7BIT and 8BIT say nothing any more */
	bool ok = buf_ok(&bytes, e) && buf_ok(&text, e) && buf_ok(&p->value, e);
	buf_done(&bytes);
	buf_done(&text);
	return ok;
}

/* Is there a name, with or without a group, before the parameters?  A little more than the grammar has is taken. */
static bool vcard_named(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (isalnum((unsigned char)s[i]) || (s[i] && strchr("-_./", s[i]))))
		i++;
	return i > 0 && s[i - 1] != '.' && (i == n || s[i] == ';');
}

static bool vcard_prop_read(struct vcard_prop *p, bool old, const char *s, size_t n, struct err *e)
{
	size_t colon = vcard_colon(s, n);

	*p = (struct vcard_prop){.value = BUF_INIT};
	if (colon == n || !vcard_named(s, colon)) {
		charset_text(&p->value, s, n, NULL);
		return buf_ok(&p->value, e);
	}
	return vcard_head(p, s, colon, e) && vcard_value(p, old, s + colon + 1, n - colon - 1, e);
}

bool vcard_prop_parse(const char *line, size_t n, struct vcard_prop *out, struct err *e)
{
	return vcard_prop_read(out, false, line, n, e);
}

void vcard_prop_line(const struct vcard_prop *p, struct buf *out)
{
	if (p->group)
		buf_printf(out, "%s.", p->group);
	buf_str_add(out, p->name);
	for (size_t i = 0; i < p->nparams; i++)
		buf_printf(out, ";%s=%s", p->params[i].name, p->params[i].value);
	if (p->name)
		buf_char(out, ':');
	buf_add(out, buf_str(&p->value), p->value.len);
}

void vcard_prop_done(struct vcard_prop *p)
{
	for (size_t i = 0; i < p->nparams; i++) {
		free(p->params[i].name);
		free(p->params[i].value);
	}
	free(p->params);
	free(p->group);
	free(p->name);
	buf_done(&p->value);
	*p = (struct vcard_prop){.value = BUF_INIT};
}

void vcard_done(struct vcard *c)
{
	for (size_t i = 0; i < c->n; i++)
		vcard_prop_done(&c->props[i]);
	free(c->props);
	*c = (struct vcard){0};
}

static struct vcard_prop *vcard_room(struct vcard *c, struct err *e)
{
	if (c->n == VCARD_PROPS) {
		(void)err_set(e, ERR_LIMIT, "vcard_read", "line %zu: more than %d properties", c->line, VCARD_PROPS);
		return NULL;
	}
	if (c->n == c->cap) {
		size_t cap = c->cap ? c->cap * 2 : 16;
		struct vcard_prop *grown = realloc(c->props, cap * sizeof *grown);
		if (!grown) {
			(void)err_nomem(e, "vcard_room");
			return NULL;
		}
		c->props = grown;
		c->cap = cap;
	}
	c->props[c->n] = (struct vcard_prop){.value = BUF_INIT};
	return &c->props[c->n++];
}

/* A card inside the card, as 3.0 writes it: the escaped value of an AGENT. */
static bool vcard_agent(struct vcard *c, const struct buf *inner, struct err *e)
{
	struct vcard_prop *p = c->n > 0 ? &c->props[c->n - 1] : NULL;

	if (!p || !vcard_is(p, "AGENT") || p->value.len > 0) {
		if (!(p = vcard_room(c, e)))
			return false;
		if (!(p->name = str_dup("AGENT")))
			return err_nomem(e, "vcard_agent");
	}
	vcard_escape(&p->value, buf_str(inner));
	return buf_ok(&p->value, e);
}

/* One logical line of a card at some depth. */
static bool vcard_take(struct vcard_reader *r, struct vcard *c, size_t depth, const struct buf *line, struct buf *inner,
		       struct err *e)
{
	if (depth > 1) {
		struct vcard_prop p;
		bool ok = vcard_prop_read(&p, r->old, buf_str(line), line->len, e);
		vcard_prop_line(&p, inner);
		buf_char(inner, '\n');
		vcard_prop_done(&p);
		return ok && buf_ok(inner, e);
	}
	struct vcard_prop *p = vcard_room(c, e);
	if (!p || !vcard_prop_read(p, r->old, buf_str(line), line->len, e))
		return false;
	if (vcard_is(p, "VERSION")) {
		r->old = strncmp(buf_str(&p->value), "2", 1) == 0;
		vcard_prop_done(p);
		c->n--;
	}
	return true;
}

/* "AGENT:BEGIN:VCARD" with the card's lines after it, as some 2.1 files have it. */
static bool vcard_agent_opens(const struct buf *line)
{
	size_t colon = vcard_colon(buf_str(line), line->len);

	return vcard_starts(buf_str(line), line->len, "AGENT") && colon < line->len &&
	       vcard_starts(line->p + colon + 1, line->len - colon - 1, "BEGIN:VCARD") &&
	       !strcasestr(line->p, "END:VCARD");
}

bool vcard_next(struct vcard_reader *r, struct vcard *out, struct err *e)
{
	struct buf line = BUF_INIT, inner = BUF_INIT;
	size_t depth = 0;
	bool ok = true;

	*out = (struct vcard){0};
	r->old = false;
	for (size_t at = r->line; ok && buf_ok(&r->text, e) && vcard_logical(r, &line); at = r->line) {
		bool begin = vcard_starts(buf_str(&line), line.len, "BEGIN:VCARD");
		bool end = vcard_starts(buf_str(&line), line.len, "END:VCARD");
		if (depth == 0 && !begin)
			continue;
		if (begin && depth++ == 0) {
			out->line = at;
			continue;
		}
		if (!begin && vcard_agent_opens(&line)) {
			buf_clear(&line);
			buf_str_add(&line, "BEGIN:VCARD");
			depth++;
		}
		if (!end || depth > 1)
			ok = vcard_take(r, out, depth, &line, &inner, e);
		if (end && --depth == 1) {
			ok = ok && vcard_agent(out, &inner, e);
			buf_clear(&inner);
		}
		if (end && depth == 0)
			break;
	}
	if (ok && out->line == 0 && e)
		e->code = ERR_NONE;
	ok = ok && out->line > 0 && buf_ok(&line, e) && buf_ok(&inner, e);
	if (!ok)
		vcard_done(out);
	buf_done(&line);
	buf_done(&inner);
	return ok;
}

bool vcard_is(const struct vcard_prop *p, const char *name)
{
	return p->name && strcasecmp(p->name, name) == 0;
}

bool vcard_param_has(const struct vcard_prop *p, const char *param, const char *value)
{
	size_t len = strlen(value);

	for (size_t i = 0; i < p->nparams; i++) {
		if (strcasecmp(p->params[i].name, param) != 0)
			continue;
		for (const char *s = p->params[i].value; *s; s += strcspn(s, ",") + (s[strcspn(s, ",")] != 0)) {
			const char *word = s + (*s == '"');
			if (strncasecmp(word, value, len) == 0 && (!word[len] || strchr(",\"", word[len])))
				return true;
		}
	}
	return false;
}

bool vcard_preferred(const struct vcard_prop *p)
{
	return vcard_param_has(p, "TYPE", "PREF") || vcard_param_has(p, "PREF", "1");
}
