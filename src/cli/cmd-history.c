/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdio.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/json.h"
#include "arpent/meeting.h"
#include "arpent/text.h"
#include "cli.h"

struct history_walk {
	struct cli *c;
	const struct kind *kind;
};

static void history_json(const struct history *h)
{
	struct buf out = BUF_INIT, when = BUF_INIT;
	struct json j;

	moment_text(&h->when, &when);
	json_init(&j, &out);
	json_map(&j);
	json_pair(&j, "when", buf_str(&when));
	json_pair(&j, "who", h->who);
	json_pair(&j, "label", h->label);
	json_key(&j, "fields");
	json_map(&j);
	for (size_t i = 0; h->change != NULL && i < h->change->n; i++)
		json_pair(&j, h->change->edits[i].key, h->change->edits[i].text);
	json_map_end(&j);
	json_map_end(&j);
	puts(buf_str(&out));
	buf_done(&out);
	buf_done(&when);
}

static void history_edit(struct history_walk *w, const struct edit *edit)
{
	const char *equals = strchr(edit->key, '=');
	struct buf key = BUF_INIT, value = BUF_INIT, safe = BUF_INIT;
	struct moment now;

	buf_add(&key, edit->key, equals ? (size_t)(equals - edit->key) : strlen(edit->key));
	const struct field *f = w->kind ? kind_field(w->kind, buf_str(&key)) : NULL;
	store_now(w->c->store, &now);
	if (equals != NULL)
		buf_printf(&value, "%c %s", edit->text[0] != '\0' ? '+' : '-', equals + 1);
	else if (f != NULL && f->type == FIELD_REF) {
		struct id id;
		if (!id_parse(edit->text, &id) || !store_title(w->c->store, &id, &value))
			buf_str_add(&value, edit->text);
	} else if (f != NULL && f->type == FIELD_TEXT) {
		struct err e = ERR_INIT;
		if (!meeting_titles(w->c->store, edit->text, &value, &e))
			buf_clear(&value);
	} else if (f != NULL)
		value_show(f, edit->text, &now, w->c->lang, &value);
	else
		buf_str_add(&value, edit->text);
	text_safe(&safe, buf_str(&value), value.len, false);
	size_t n = text_fit(buf_str(&safe), safe.len, 90);
	printf("    %s%s%.*s%s\n", f ? _(f->label) : buf_str(&key), _(": "), (int)n, buf_str(&safe),
	       n < safe.len ? "…" : "");
	buf_done(&key);
	buf_done(&value);
	buf_done(&safe);
}

static bool history_one(void *ctx, const struct history *h)
{
	struct history_walk *w = ctx;
	struct buf when = BUF_INIT, who = BUF_INIT;

	if (w->c->json) {
		history_json(h);
		return true;
	}
	date_long(&h->when, w->c->lang, &when);
	text_safe(&who, h->who, strlen(h->who), false);
	printf("%s  %s  %s\n", buf_str(&when), who.len ? buf_str(&who) : _("me"), h->label[0] ? _(h->label) : "");
	for (size_t i = 0; h->change != NULL && i < h->change->n; i++) {
		const struct edit *edit = &h->change->edits[i];
		if (strcmp(edit->key, RECORD_ALIVE) != 0)
			history_edit(w, edit);
		else if (edit->len == 0)
			printf("    %s\n", _("put into the bin"));
	}
	buf_done(&when);
	buf_done(&who);
	return true;
}

static int history_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	struct history_walk walk = {c, NULL};
	struct record r;
	struct id id;

	if (a->n != 1)
		return cli_bad_usage(a, "%s", _("which record?"));
	record_init(&r);
	bool ok = store_resolve(c->store, a->v[0], NULL, &id, &e) && store_get(c->store, &id, &r, &e);
	if (ok) {
		walk.kind = kind_find(r.kind);
		ok = store_history(c->store, &id, history_one, &walk, &e);
	}
	record_done(&r);
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_history = {
    .name = "history",
    .synopsis = N_("ID"),
    .summary = N_("say who changed what in a record, and when"),
    .flags = CLI_OPEN,
    .run = history_run,
};
