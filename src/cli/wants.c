/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/io.h"
#include "cli.h"

enum { WANTS_TEXT_MAX = RECORD_VALUE_MAX };

void wants_done(struct wants *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free((char *)w->v[i].key);
		free((char *)w->v[i].text);
	}
	free(w->v);
	w->v = NULL;
	w->n = 0;
}

/* A name or a short id given where a record is meant. */
static bool wants_refer(struct cli *c, const struct field *f, const char *typed, struct buf *out, struct err *e)
{
	char text[ID_TEXT + 1];
	struct id id;

	if (typed[0] == '\0')
		return true;
	if (!store_resolve(c->store, typed, f->refers, &id, e))
		return false;
	id_text(&id, text);
	buf_str_add(out, text);
	return buf_ok(out, e);
}

/* "@/path" and "-" stand for what a file and standard input hold, in fields of several lines. */
static bool wants_source(const struct field *f, const char *typed, struct buf *out, struct err *e)
{
	bool input = f->type == FIELD_TEXT && strcmp(typed, "-") == 0;
	bool file = f->type == FIELD_TEXT && typed[0] == '@' && typed[1] == '/';

	if (!input && !file) {
		buf_str_add(out, typed);
		return buf_ok(out, e);
	}
	if (!io_read_file(file ? typed + 1 : typed, WANTS_TEXT_MAX, out, e))
		return false;
	/* A field's text ends at a NUL: the rest would be lost without a word. */
	return !memchr(buf_str(out), '\0', out->len) || err_set(e, ERR_INPUT, "wants_source", "%s", typed);
}

static bool wants_value(struct cli *c, const struct field *f, const char *typed, struct buf *out, struct err *e)
{
	struct buf source = BUF_INIT;
	struct moment now;
	bool ok = wants_source(f, typed, &source, e);

	store_now(c->store, &now);
	if (ok && f->type == FIELD_REF)
		ok = wants_refer(c, f, buf_str(&source), out, e);
	else if (ok)
		ok = value_parse(f, buf_str(&source), &now, out, e);
	if (!ok && e->code == ERR_INPUT && value_hint(f) != NULL)
		err_set(e, ERR_INPUT, "value", "%s = %s (%s)", f->key, buf_str(&source), value_hint(f));
	buf_done(&source);
	return ok;
}

/* A set given twice has both values; any other field keeps the last. */
static bool wants_add(struct wants *w, const struct field *f, struct buf *value, struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		if (strcmp(w->v[i].key, f->key) != 0)
			continue;
		struct buf both = BUF_INIT;
		if (f->flags & FIELD_SET)
			buf_printf(&both, "%s\n", w->v[i].text);
		buf_add(&both, buf_str(value), value->len);
		char *text = buf_steal(&both);
		if (text == NULL)
			return err_nomem(e, "wants_add");
		free((char *)w->v[i].text);
		w->v[i].text = text;
		return true;
	}
	struct want *v = realloc(w->v, (w->n + 1) * sizeof *v);
	if (v == NULL)
		return err_nomem(e, "wants_add");
	w->v = v;
	v[w->n++] = (struct want){.key = str_dup(f->key),
				  .text = str_dup(buf_str(value)),
				  .is_set = (f->flags & FIELD_SET) != 0,
				  .is_text = f->type == FIELD_TEXT,
				  .settle = true}; /* said by a person: of several values this one stands */
	return (v[w->n - 1].key != NULL && v[w->n - 1].text != NULL) || err_nomem(e, "wants_add");
}

static bool wants_pair(struct cli *c, const struct kind *k, const char *name, const char *typed, struct wants *out,
		       struct err *e)
{
	const struct field *f = kind_field_named(k, name);
	struct buf value = BUF_INIT;
	bool ok;

	if (f == NULL)
		return err_set(e, ERR_INPUT, "field", "%s", name);
	ok = wants_value(c, f, typed, &value, e) && wants_add(out, f, &value, e);
	buf_done(&value);
	return ok;
}

bool cli_wants(struct cli *c, const struct kind *k, const struct args *a, size_t first, struct wants *out,
	       struct err *e)
{
	unsigned long lost = err_lost();
	bool ok = true;

	out->v = NULL;
	out->n = 0;
	for (size_t i = first; ok && i < a->n; i++) {
		const char *equals = strchr(a->v[i], '=');
		char *name = equals ? str_ndup(a->v[i], (size_t)(equals - a->v[i])) : NULL;
		if (equals == NULL)
			ok = err_set(e, ERR_INPUT, "pair", "%s", a->v[i]);
		else
			ok = name != NULL ? wants_pair(c, k, name, equals + 1, out, e) : err_nomem(e, "cli_wants");
		free(name);
	}
	for (size_t i = 0; ok && i < a->nfields; i++)
		ok = wants_pair(c, k, a->fields[i].name, a->fields[i].value, out, e);
	ok = err_lost_none(lost, e) && ok;
	if (!ok)
		wants_done(out);
	return ok;
}
