/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/text.h"
#include "cli.h"

struct settle_ids {
	struct id *v;
	size_t n, cap;
	bool oom;
};

static bool settle_gather(void *ctx, const struct row *row, const struct list_key *at)
{
	struct settle_ids *l = ctx;

	(void)at;
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;
		struct id *v = realloc(l->v, cap * sizeof *v);
		l->oom = !v;
		if (!v)
			return false;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = row->id;
	return true;
}

/* One of the values, numbered; whose, and when. */
static void settle_value(struct cli *c, const struct field *f, const struct value *v, size_t number)
{
	struct buf text = BUF_INIT, safe = BUF_INIT, who = BUF_INIT, when = BUF_INIT;
	struct moment now, at;
	struct id id;

	store_now(c->store, &now);
	if (f->type != FIELD_REF || !id_parse(v->text, &id) || !store_title(c->store, &id, &text))
		value_show(f, v->text, &now, c->lang, &text);
	text_safe(&safe, buf_str(&text), text.len, true);
	if (!id_eq(&v->stamp.device, store_device(c->store)))
		store_who(c->store, &v->stamp.device, &who);
	moment_from_unix(CLOCK_MS(v->clock.hlc), v->clock.offset, &at);
	at.has_offset = false;
	date_short(&at, &now, c->lang, &when);
	buf_clear(&text);
	text_safe(&text, buf_str(&who), who.len, false);
	printf("    %zu  %s  (%s, %s)\n", number, safe.len ? buf_str(&safe) : _("(empty)"),
	       text.len ? buf_str(&text) : _("me"), buf_str(&when));
	buf_done(&text);
	buf_done(&safe);
	buf_done(&who);
	buf_done(&when);
}

static void settle_json(const char *id, const struct field *f, const struct value *v, size_t number)
{
	struct buf out = BUF_INIT;
	struct json j;
	char device[ID_TEXT + 1];

	id_text(&v->stamp.device, device);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "id", id);
	json_pair(&j, "field", f->key);
	json_pair_int(&j, "number", (int64_t)number);
	json_pair(&j, "value", v->text);
	json_pair(&j, "device", device);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
}

/* The values of a field when they are for a person to settle, else NULL. */
static const struct entry *settle_entry(const struct record *r, const struct field *f)
{
	struct buf merged = BUF_INIT;
	const struct entry *en = NULL;
	struct shown shown = {.conflict = false};

	if (!(f->flags & (FIELD_SET | FIELD_HIDDEN)))
		record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	for (size_t i = 0; shown.conflict && i < r->n; i++)
		if (strcmp(r->entries[i].key, f->key) == 0)
			en = &r->entries[i];
	buf_done(&merged);
	return en;
}

static bool settle_show(struct cli *c, const struct id *id, struct err *e)
{
	struct buf title = BUF_INIT, safe = BUF_INIT;
	char short_id[ID_TEXT + 1], whole[ID_TEXT + 1];
	struct record r;

	if (!store_get(c->store, id, &r, e))
		return false;
	const struct kind *k = kind_find(r.kind);
	id_text(id, whole);
	if (!store_short_id(c->store, id, short_id))
		memcpy(short_id, whole, sizeof whole);
	if (store_title(c->store, id, &title))
		text_safe(&safe, buf_str(&title), title.len, false);
	if (!c->json)
		printf("%s  %s\n", short_id, buf_str(&safe));
	for (size_t i = 0; k && i < kind_fields(k); i++) {
		const struct field *f = kind_field_at(k, i);
		const struct entry *en = settle_entry(&r, f);
		if (en && !c->json)
			printf("  %s (%s)\n", _(f->label), f->key);
		for (size_t v = 0; en && v < en->n; v++) {
			if (c->json)
				settle_json(whole, f, &en->values[v], v + 1);
			else
				settle_value(c, f, &en->values[v], v + 1);
		}
	}
	record_done(&r);
	buf_done(&title);
	buf_done(&safe);
	return true;
}

static int settle_list(struct cli *c)
{
	const struct list_spec spec = {.order = LIST_BY_EDITED, .conflict_only = true};
	struct settle_ids l = {NULL, 0, 0, false};
	struct err e = ERR_INIT;
	bool ok = store_list(c->store, &spec, NULL, false, SIZE_MAX / 2, settle_gather, &l, &e) &&
		  (!l.oom || err_nomem(&e, "settle"));

	for (size_t i = 0; ok && i < l.n; i++)
		ok = settle_show(c, &l.v[i], &e);
	if (ok && l.n == 0 && !c->json)
		puts(_("There is nothing to settle."));
	free(l.v);
	return ok ? EXIT_OK : cli_say(c, &e);
}

static bool settle_choose(struct cli *c, const struct id *id, const char *key, const char *number, struct err *e)
{
	unsigned long n = strtoul(number, NULL, 10);
	struct record r;
	bool ok = false;

	if (!store_get(c->store, id, &r, e))
		return false;
	const struct kind *k = kind_find(r.kind);
	const struct field *f = k ? kind_field(k, key) : NULL;
	const struct entry *en = f ? settle_entry(&r, f) : NULL;
	if (!f) {
		err_set(e, ERR_INPUT, "field", "%s", key);
	} else if (!en || n == 0 || n > en->n) {
		err_set(e, ERR_INPUT, "settle", "%s", number);
	} else {
		const struct want w = {
		    .key = f->key, .text = en->values[n - 1].text, .is_text = f->type == FIELD_TEXT, .settle = true};
		ok = store_step_begin(c->store, N_("Settled"), e);
		if (ok && store_edit(c->store, id, &w, 1, e)) {
			ok = store_step_end(c->store, e);
		} else if (ok) {
			store_step_cancel(c->store);
			ok = false;
		}
	}
	record_done(&r);
	return ok;
}

static int settle_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct id id;

	if (a->n == 0)
		return settle_list(c);
	if (a->n != 1 && a->n != 3)
		return cli_bad_usage(a, "%s", _("which record, which field, which number?"));
	bool ok = store_resolve(c->store, a->v[0], NULL, &id, &e) &&
		  (a->n == 1 ? settle_show(c, &id, &e) : settle_choose(c, &id, a->v[1], a->v[2], &e));
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_settle = {
    .name = "settle",
    .synopsis = N_("[ID] [FIELD NUMBER]"),
    .summary = N_("values written side by side: list them, choose one"),
    .detail =
	N_("Two people, or you on two devices, have written the same field without having seen each other's edit. Both "
	   "are kept until one is chosen here, on the screen, or by arpent set."),
    .flags = CLI_OPEN,
    .run = settle_run,
};
