/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A notebook whose pages are sealed as they should be and hold anything: what a bug, or whoever has the key, may leave.
 * The input alters pages of a small one, then says what is done with it: it is refused, or every call gives an answer
 * or an error.  One of which no page was altered is all there.
 */
#include "notebook.h"

#include "arpent/inbox.h"

static struct {
	uint8_t *plain;
	bool altered;
	size_t rows;
} run;

static bool on_row(void *ctx, const struct row *row, const struct list_key *at)
{
	(void)ctx;
	(void)at;
	must(row->kind && row->title && row->day && row->owner);
	run.rows += strlen(row->kind) + strlen(row->title) > 0;
	return run.rows < 100;
}

static bool on_hit(void *ctx, const struct hit *hit)
{
	(void)ctx;
	must(hit->passage && hit->mark + hit->mark_len <= strlen(hit->passage));
	return true;
}

static bool on_history(void *ctx, const struct history *h)
{
	(void)ctx;
	must(h->who && h->label);
	return true;
}

static bool on_meta(void *ctx, const char *key, const void *p, size_t n)
{
	(void)ctx;
	must(key && p);
	return n < 1u << 20;
}

static bool on_draft(void *ctx, const char *key, const char *title, int64_t edited)
{
	(void)ctx;
	(void)edited;
	return key && title;
}

static void look(struct store *s, uint32_t what, const struct id *id)
{
	static const char *const filters[] = {NULL, "aaa", "text:a", "kind:note a*"};
	struct list_spec spec = {.kind = what & 16 ? "note" : NULL, .order = (enum list_order)(what >> 5 & 3)};
	struct err e = ERR_INIT;
	struct record r;
	struct buf out = BUF_INIT;
	const struct named *names;
	size_t n;
	bool ok;

	record_init(&r);
	switch (what % 8) {
	case 0:
		ok = store_list(s, &spec, &(struct list_key){0}, false, 50, on_row, NULL, &e);
		must(run.altered || ok);
		break;
	case 1:
		spec.filter = filters[what >> 3 & 3];
		ok = store_count(s, &spec, 100, &n, &e);
		break;
	case 2:
		ok = store_find(s, "aaaa", 10, on_hit, NULL, &n, &e);
		break;
	case 3:
		ok = store_get(s, id, &r, &e);
		break;
	case 4:
		ok = store_history(s, id, on_history, NULL, &e);
		break;
	case 5:
		ok = store_names(s, "person", &names, &n, &e);
		break;
	case 6:
		ok = store_draft_each(s, on_draft, NULL, &e) && store_draft_get(s, "new/task", &out, &e);
		break;
	default:
		ok = store_meta_each(s, "", on_meta, NULL, &e) && store_resolve(s, "Maud", NULL, &r.id, &e);
	}
	must(ok || e.code != ERR_NONE);
	must(ok || run.altered || e.code == ERR_NOT_FOUND);
	record_done(&r);
	buf_done(&out);
}

static void change(struct store *s, uint32_t what, const struct id *id)
{
	const struct want w = {.key = "text", .text = "autre", .is_text = true};
	struct err e = ERR_INIT;
	struct step_info step;
	size_t taken, bad;
	bool ok;

	switch (what % 6) {
	case 0:
		ok = store_edit(s, id, &w, 1, &e);
		break;
	case 1:
		ok = store_new(s, "note", &w, 1, NULL, &e);
		break;
	case 2:
		ok = store_delete(s, id, &e);
		break;
	case 3:
		ok = store_undo(s, &step, &e);
		break;
	case 4:
		ok = store_redo(s, &step, &e);
		break;
	default:
		ok = inbox_take(s, &taken, &bad, &e);
	}
	must(ok || e.code != ERR_NONE);
	must(ok || run.altered || e.code == ERR_NOT_FOUND);
}

static void alter(struct orders *o)
{
	uint32_t n = orders_take(o, 1) % 8;

	memcpy(run.plain, nb.plain, nb.pages * (size_t)VAULT_PAGE);
	for (; n > 0; n--) {
		uint32_t page = notebook_alter(o, run.plain);

		seal_page(&nb.seal, page + 1, run.plain + (size_t)page * VAULT_PAGE,
			  mem_data[MEM_DB].p + VAULT_HEADER + (size_t)page * VAULT_PAGE);
		run.altered = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	struct err e = ERR_INIT;
	struct store *s;

	if (!nb.pages) {
		notebook_start();
		must((run.plain = malloc(nb.pages * (size_t)VAULT_PAGE)));
	}
	run.altered = false;
	run.rows = 0;
	mem_put(MEM_DB, nb.sealed, VAULT_HEADER + nb.pages * (size_t)VAULT_PAGE);
	mem_data[MEM_WAL].there = mem_data[MEM_JOURNAL].there = false;
	alter(&o);
	if (!notebook_open(&s, &e)) {
		must(run.altered && e.code != ERR_NONE);
		return 0;
	}
	for (int left = 6; o.n > 0 && left > 0; left--) {
		uint32_t what = orders_take(&o, 1);
		const struct id *id = &nb.ids[what >> 4 & 7];

		if (what & 128)
			change(s, what, id);
		else
			look(s, what, id);
	}
	store_close(s);
	return 0;
}
