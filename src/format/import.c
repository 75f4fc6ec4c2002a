/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/import.h"

#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/i18n.h"
#include "arpent/io.h"
#include "plan.h"

static void import_row_done(struct import_row *r)
{
	for (size_t i = 0; i < r->ntakes; i++) {
		free(r->takes[i].key);
		buf_done(&r->takes[i].text);
	}
	for (size_t i = 0; i < r->ndiffs; i++) {
		free(r->diffs[i].key);
		free(r->diffs[i].ours);
		free(r->diffs[i].theirs);
	}
	free(r->takes);
	free(r->diffs);
	free(r->title);
}

void import_plan_done(struct import_plan *p)
{
	for (size_t i = 0; p->rows && i < p->n; i++)
		import_row_done(&p->rows[i]);
	free(p->rows);
	foreign_list_done(&p->list);
	*p = (struct import_plan){0};
}

static bool import_read(const char *p, size_t n, const char *path, const struct import_options *o,
			struct foreign_list *list, const char **format, struct err *e)
{
	const struct format *f = o->format ? format_find(o->format) : format_of_bytes(p, n, path);

	if (n > IMPORT_FILE_MAX)
		return err_set(e, ERR_LIMIT, "import_bytes", "more than %d bytes", IMPORT_FILE_MAX);
	if (!f || !f->read)
		return err_set(e, o->format ? ERR_USAGE : ERR_INPUT, "import_bytes", "%s",
			       o->format ? o->format
			       : path    ? path
					 : "");
	*format = f->key;
	if (f->read(p, n, o, list, e))
		return true;
	foreign_list_done(list);
	return false;
}

static bool import_make(struct store *s, bool read, struct foreign_list *list, const char *format, unsigned long lost,
			const struct import_options *o, struct import_plan *out, struct err *e)
{
	bool ok = read && import_plan(s, list, o, out, e);

	out->format = ok ? format : NULL;
	if (err_lost_none(lost, e))
		return ok;
	import_plan_done(out);
	return false;
}

bool import_bytes(struct store *s, const char *p, size_t n, const char *path, const struct import_options *o,
		  struct import_plan *out, struct err *e)
{
	unsigned long lost = err_lost();
	struct foreign_list list = {0};
	const char *format = NULL;
	bool read;

	*out = (struct import_plan){0};
	read = import_read(p, n, path, o, &list, &format, e);
	return import_make(s, read, &list, format, lost, o, out, e);
}

/* What was read is given back before it is compared. */
bool import_file(struct store *s, const char *path, const struct import_options *o, struct import_plan *out,
		 struct err *e)
{
	unsigned long lost = err_lost();
	struct foreign_list list = {0};
	struct buf b = BUF_INIT;
	const char *format = NULL;
	bool read;

	*out = (struct import_plan){0};
	read =
	    io_read_file(path, IMPORT_FILE_MAX, &b, e) && import_read(buf_str(&b), b.len, path, o, &list, &format, e);
	buf_done(&b);
	return import_make(s, read, &list, format, lost, o, out, e);
}

/* As the store takes them; the caller frees. */
static struct want *import_wants(const struct import_row *r, const char *kind)
{
	const struct kind *k = kind_find(kind);
	struct want *w = calloc(r->ntakes + 1, sizeof *w);

	for (size_t i = 0; w && i < r->ntakes; i++) {
		const struct foreign_field *t = &r->takes[i];
		const struct field *f = k ? kind_field(k, t->key) : NULL;
		w[i].key = t->key;
		w[i].text = buf_str(&t->text);
		w[i].is_set = f ? (f->flags & FIELD_SET) != 0 : t->set;
		w[i].is_text = f && f->type == FIELD_TEXT;
	}
	return w;
}

static bool import_apply_row(struct store *s, const struct foreign *f, struct import_row *r, struct err *e)
{
	struct want *w = import_wants(r, f->kind);
	bool ok = true;

	if (!w)
		return err_nomem(e, "import_apply");
	if (r->what == IMPORT_NEW) {
		r->id = f->id;
		if (id_is_zero(&r->id))
			id_new(&r->id);
		ok = store_new_as(s, f->kind, &r->id, w, r->ntakes, e);
	}
	if (r->what == IMPORT_NEW && f->deleted)
		ok = ok && store_delete(s, &r->id, e);
	if (r->what == IMPORT_BACK)
		ok = store_restore(s, &r->id, e);
	if ((r->what == IMPORT_BACK || r->what == IMPORT_CHANGED) && r->ntakes > 0)
		ok = ok && store_edit(s, &r->id, w, r->ntakes, e);
	free(w);
	return ok;
}

bool import_apply(struct store *s, struct import_plan *p, struct err *e)
{
	bool own = !store_in_step(s);

	if (p->count[IMPORT_NEW] + p->count[IMPORT_CHANGED] + p->count[IMPORT_BACK] == 0)
		return true;
	if (own && !store_step_begin(s, N_("Import"), e))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		struct import_row *r = &p->rows[i];
		if (r->what != IMPORT_SAME && !import_apply_row(s, &p->list.v[i], r, e)) {
			if (own)
				store_step_cancel(s);
			return false;
		}
		if (r->twin > 0)
			r->id = p->rows[r->twin - 1].id;
	}
	return !own || store_step_end(s, e);
}
