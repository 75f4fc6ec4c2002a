/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON lines: one object a line, as export_json() prints them, read with jansson.  "created" and "edited" tell about
 * the record and are not fields; a list is a set.
 */
#include <jansson.h>
#include <string.h>

#include "formats.h"

bool jsonl_sniff(const char *p, size_t n)
{
	size_t i = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;

	while (i < n && strchr(" \t\r\n", p[i]))
		i++;
	return i < n && p[i] == '{';
}

static bool jsonl_bad(struct err *e, size_t line, const char *what)
{
	return err_set(e, ERR_FORMAT, "jsonl_read", "line %zu: %s", line, what);
}

/* A scalar as our fields write it; 15 digits are what export_json() prints as a number. */
static bool jsonl_scalar(const json_t *v, struct buf *out)
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		buf_add(out, json_string_value(v), json_string_length(v));
		return true;
	case JSON_INTEGER:
		buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		return true;
	case JSON_REAL:
		buf_printf(out, "%.15g", json_real_value(v));
		for (size_t i = 0; i < out->len; i++) /* the decimal point of the locale */
			if (out->p[i] == ',')
				out->p[i] = '.';
		return true;
	case JSON_TRUE:
		buf_char(out, '1');
		return true;
	case JSON_FALSE:
	case JSON_NULL:
		return true;
	default:
		return false;
	}
}

static bool jsonl_list(struct foreign *f, const char *key, const json_t *list, struct err *e)
{
	struct buf one = BUF_INIT;
	bool ok = true;

	if (json_array_size(list) > IMPORT_SET_MAX)
		return err_set(e, ERR_LIMIT, "jsonl_read", "line %zu: %s", f->line, key);
	for (size_t i = 0; ok && i < json_array_size(list); i++) {
		buf_clear(&one);
		ok = jsonl_scalar(json_array_get(list, i), &one);
		if (!ok || memchr(buf_str(&one), '\n', one.len))
			ok = jsonl_bad(e, f->line, key);
		else
			ok = foreign_element(f, key, buf_str(&one), one.len, e) && buf_ok(&one, e);
	}
	for (size_t i = 0; ok && i < f->n; i++)
		if (strcmp(f->fields[i].key, key) == 0)
			f->fields[i].set = true;
	buf_done(&one);
	return ok;
}

static bool jsonl_field(struct foreign *f, const char *key, const json_t *v, struct err *e)
{
	const struct kind *k = kind_find(f->kind);
	const struct field *field = k ? kind_field(k, key) : NULL;

	if (!record_key_valid(key, strlen(key)) || strchr(key, '=') || strcmp(key, RECORD_ALIVE) == 0)
		return jsonl_bad(e, f->line, key);
	if (json_is_array(v) && (!field || (field->flags & FIELD_SET)))
		return jsonl_list(f, key, v, e);
	struct buf *b = foreign_text(f, key, e);
	if (!b)
		return false;
	if (!jsonl_scalar(v, b))
		return jsonl_bad(e, f->line, key);
	return buf_ok(b, e) && foreign_canonical(f, field, e);
}

static bool jsonl_object(struct foreign_list *l, json_t *o, size_t line, struct err *e)
{
	const char *kind = json_string_value(json_object_get(o, "kind")), *key;
	const char *id = json_string_value(json_object_get(o, "id"));
	json_t *v;

	if (!json_is_object(o) || !kind || !kind[0])
		return jsonl_bad(e, line, "no \"kind\"");
	struct foreign *f = foreign_add(l, kind, line, e);
	if (!f)
		return false;
	if (id && !id_parse(id, &f->id))
		return jsonl_bad(e, line, "bad \"id\"");
	f->deleted = json_is_true(json_object_get(o, "deleted"));
	json_object_foreach(o, key, v)
	{
		if (strcmp(key, "id") == 0 || strcmp(key, "kind") == 0 || strcmp(key, "created") == 0 ||
		    strcmp(key, "edited") == 0 || strcmp(key, "deleted") == 0)
			continue;
		if (!jsonl_field(f, key, v, e))
			return false;
	}
	return true;
}

bool jsonl_read(const char *p, size_t n, const struct import_options *o, struct foreign_list *out, struct err *e)
{
	size_t line = 1, at = n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	bool ok = true;

	(void)o;
	for (size_t len; ok && at < n; at += len + 1, line++) {
		const char *end = memchr(p + at, '\n', n - at);
		len = end ? (size_t)(end - p) - at : n - at;
		size_t blank = 0;
		while (blank < len && strchr(" \t\r", p[at + blank]))
			blank++;
		if (blank == len)
			continue;
		json_error_t why;
		json_t *v = json_loadb(p + at, len, JSON_REJECT_DUPLICATES, &why);
		if (v)
			ok = jsonl_object(out, v, line, e);
		else if (json_error_code(&why) == json_error_out_of_memory || !why.text[0]) /* it may not say so */
			ok = err_nomem(e, "jsonl_read");
		else
			ok = jsonl_bad(e, line, why.text);
		json_decref(v);
	}
	return ok;
}
