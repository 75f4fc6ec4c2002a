/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "arpent/i18n.h"
#include "arpent/meeting.h"
#include "arpent/text.h"
#include "cli.h"

enum { SHOW_LABEL = 18, SHOW_LINKED = 200 };

/* Where people wrote without having seen each other, the values that are not shown, under the one that is. */
static void show_others(struct cli *c, const struct record *r, const struct field *f)
{
	struct buf merged = BUF_INIT;
	struct shown shown;
	struct moment now;

	record_shown(r, f->key, f->type == FIELD_TEXT, &merged, &shown);
	store_now(c->store, &now);
	for (size_t i = 0; shown.conflict && i < r->n; i++) {
		if (strcmp(r->entries[i].key, f->key) != 0)
			continue;
		for (size_t k = 0; k < r->entries[i].n; k++) {
			const struct value *v = &r->entries[i].values[k];
			struct buf value = BUF_INIT, safe = BUF_INIT;
			struct id to;
			if (v == shown.value)
				continue;
			if (f->type != FIELD_REF || !id_parse(v->text, &to) || !store_title(c->store, &to, &value))
				value_show(f, v->text, &now, c->lang, &value);
			text_safe(&safe, buf_str(&value), value.len, false);
			printf("%*s≠ %s\n", SHOW_LABEL - 2, "", safe.len ? buf_str(&safe) : _("(empty)"));
			buf_done(&value);
			buf_done(&safe);
		}
	}
	buf_done(&merged);
}

static void show_field(struct cli *c, const struct record *r, const struct field *f)
{
	struct buf value = BUF_INIT, safe = BUF_INIT;
	struct err e = ERR_INIT;

	if (strcmp(r->kind, "meeting") == 0 && strcmp(f->key, "notes") == 0) {
		if (!meeting_text(c->store, r, &value, &e))
			buf_clear(&value);
	} else {
		store_show(c->store, r, f, c->lang, &value);
	}
	text_safe(&safe, buf_str(&value), value.len, true);
	const char *p = buf_str(&safe);
	int pad = SHOW_LABEL - text_width(_(f->label));
	for (bool first = true; *p != '\0'; first = false) {
		size_t n = strcspn(p, "\n");
		if (first)
			printf("%s%*s%.*s\n", _(f->label), pad > 1 ? pad : 1, "", (int)n, p);
		else
			printf("%*s%.*s\n", SHOW_LABEL, "", (int)n, p);
		p += n + (p[n] == '\n');
	}
	if (!(f->flags & FIELD_SET))
		show_others(c, r, f);
	buf_done(&value);
	buf_done(&safe);
}

static bool show_linked(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)at;
	cli_row(ctx, row);
	return true;
}

static bool show_text(struct cli *c, const struct id *id, const struct record *r, struct err *e)
{
	const struct kind *k = kind_find(r->kind);
	struct list_spec linked = {.order = LIST_BY_DAY, .linked = id};
	struct list_key start = {0};
	char text[ID_TEXT + 1];
	size_t n = 0;
	bool back = false;

	id_text(id, text);
	printf("%s  %s%s\n", k ? _(k->label) : r->kind, text, record_deleted(r, &back) ? _("  (in the bin)") : "");
	for (size_t i = 0; k != NULL && i < kind_fields(k); i++)
		show_field(c, r, kind_field_at(k, i));
	if (!store_count(c->store, &linked, 1, &n, e))
		return false;
	if (n == 0)
		return true;
	printf("\n%s\n", _("Linked:"));
	return store_list(c->store, &linked, &start, false, SHOW_LINKED, show_linked, c, e);
}

static int show_run(struct cli *c, const struct args *a)
{
	struct err e = ERR_INIT;
	bool ok = true;

	if (a->n == 0)
		return cli_bad_usage(a, "%s", _("which record?"));
	for (size_t i = 0; ok && i < a->n; i++) {
		struct record r;
		struct id id;
		record_init(&r);
		ok = store_resolve(c->store, a->v[i], NULL, &id, &e) && store_get(c->store, &id, &r, &e);
		if (ok && i > 0 && !c->json)
			putchar('\n');
		if (ok)
			ok = c->json ? cli_json_record(c, &id, &e) : show_text(c, &id, &r, &e);
		record_done(&r);
	}
	return ok ? EXIT_OK : cli_say(c, &e);
}

const struct cli_command cmd_show = {
    .name = "show",
    .synopsis = N_("ID..."),
    .summary = N_("show records whole"),
    .detail = N_("ID is the beginning of an id as lists show it, or words of a title."),
    .flags = CLI_OPEN,
    .run = show_run,
};
