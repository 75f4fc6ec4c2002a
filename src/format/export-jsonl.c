/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "arpent/export.h"
#include "formats.h"

/* A number that a reader of JSON gives back as it was: at most 15 digits, no exponent, no zeros to lose. */
static bool export_json_exact(const char *s)
{
	const char *p = s + (*s == '-');
	size_t whole = strspn(p, "0123456789"), part = 0;

	if (whole == 0 || (p[0] == '0' && whole > 1) || strcmp(s, "-0") == 0)
		return false;
	if (p[whole] == '.') {
		part = strspn(p + whole + 1, "0123456789");
		if (part == 0 || p[whole + part] == '0')
			return false;
	}
	/* Below a millionth printing would take an exponent. */
	if (part > 0 && p[0] == '0' && strspn(p + 2, "0") > 3)
		return false;
	return whole + part <= 15 && !p[whole + (part > 0 ? part + 1 : 0)];
}

static void export_json_value(struct json *j, const struct field *f, const char *s, size_t n)
{
	if (f && f->type == FIELD_BOOL && strcmp(s, "1") == 0)
		json_bool(j, true);
	else if (f && (f->type == FIELD_INT || f->type == FIELD_NUMBER) && export_json_exact(s))
		json_number(j, s);
	else
		json_text_n(j, s, n);
}

static void export_json_set(struct json *j, const struct record *r, const struct field *f, const char *key)
{
	struct buf all = BUF_INIT, one = BUF_INIT;

	record_set(r, key, &all);
	if (all.len > 0) {
		json_key(j, key);
		json_list(j);
		for (const char *s = buf_str(&all); *s; s += strcspn(s, "\n") + (s[strcspn(s, "\n")] != 0)) {
			buf_clear(&one);
			buf_add(&one, s, strcspn(s, "\n"));
			export_json_value(j, f, buf_str(&one), one.len);
		}
		json_list_end(j);
	}
	j->out->oom |= all.oom || one.oom;
	buf_done(&all);
	buf_done(&one);
}

static void export_json_field(struct json *j, const struct record *r, const struct field *f)
{
	struct buf merged = BUF_INIT;
	struct shown shown;

	if (f->flags & FIELD_SET) {
		export_json_set(j, r, f, f->key);
		return;
	}
	record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	if (shown.text && shown.len > 0) {
		json_key(j, f->key);
		export_json_value(j, f, shown.text, shown.len);
	}
	j->out->oom |= merged.oom;
	buf_done(&merged);
}

/* Entries that the table does not have; an element of a set brings its set, once: entries are sorted. */
static void export_json_unknown(struct json *j, const struct record *r, const struct kind *k)
{
	char key[RECORD_KEY_MAX + 1], last[RECORD_KEY_MAX + 1] = "";

	for (size_t i = 0; i < r->n; i++) {
		const char *entry = r->entries[i].key;
		size_t n = strcspn(entry, "=");
		if (n > RECORD_KEY_MAX || strcmp(entry, RECORD_ALIVE) == 0)
			continue;
		memcpy(key, entry, n);
		key[n] = '\0';
		if ((k && kind_field(k, key)) || strcmp(key, last) == 0)
			continue;
		if (entry[n] == '=') {
			export_json_set(j, r, NULL, key);
			memcpy(last, key, n + 1);
		} else if (record_get(r, entry)[0]) {
			json_pair(j, entry, record_get(r, entry));
		}
	}
}

static void export_json_clock(struct json *j, const char *key, const struct clock *c)
{
	struct moment m;
	struct buf b = BUF_INIT;

	moment_from_unix(CLOCK_MS(c->hlc), c->offset, &m);
	moment_text(&m, &b);
	json_pair(j, key, buf_str(&b));
	buf_done(&b);
}

/* The first writing that is left in the state. */
static const struct clock *export_json_first(const struct record *r)
{
	const struct clock *first = NULL;

	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->entries[i].n; k++)
			if (!first || r->entries[i].values[k].clock.hlc < first->hlc)
				first = &r->entries[i].values[k].clock;
	return first;
}

bool export_json(struct store *s, const struct record *r, struct json *j, struct err *e)
{
	const struct kind *k = kind_find(r->kind);
	const struct value *last = record_last(r);
	const struct clock *first = export_json_first(r);
	char id[ID_TEXT + 1];
	bool again;

	(void)s;
	id_text(&r->id, id);
	json_map(j);
	json_pair(j, "id", id);
	json_pair(j, "kind", r->kind);
	if (first)
		export_json_clock(j, "created", first);
	if (last)
		export_json_clock(j, "edited", &last->clock);
	if (record_deleted(r, &again))
		json_pair_bool(j, "deleted", true);
	for (size_t i = 0; k && i < kind_fields(k); i++)
		export_json_field(j, r, kind_field_at(k, i));
	export_json_unknown(j, r, k);
	json_map_end(j);
	return buf_ok(j->out, e);
}

bool jsonl_write(const struct export_job *job, struct buf *out, struct err *e)
{
	bool ok = true, again;

	for (size_t i = 0; ok && i < job->n; i++) {
		struct record r;
		struct json j;
		record_init(&r);
		ok = export_load(job, i, &r, e);
		if (ok && record_deleted(&r, &again) && !job->options->whole) {
			job->report->skipped++;
		} else if (ok) {
			json_init(&j, out);
			ok = export_json(job->store, &r, &j, e);
			buf_char(out, '\n');
			job->report->records++;
		}
		record_done(&r);
	}
	return ok;
}
