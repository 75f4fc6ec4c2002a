/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arpent/text.h"

#define FILES_SAID 400 /* bytes of names told when several fit */

void files_expand(const char *typed, struct buf *out)
{
	const char *home = getenv("HOME");

	if (home && typed[0] == '~' && (typed[1] == '/' || typed[1] == 0)) {
		buf_str_add(out, home);
		typed++;
	}
	buf_str_add(out, typed);
}

static bool files_is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Only names that a line can hold. */
static bool files_fits(const char *name, const char *begin)
{
	size_t n = strlen(begin);
	struct buf safe = BUF_INIT;
	bool ok = strncmp(name, begin, n) == 0 && (name[0] != '.' || begin[0] == '.') && strcmp(name, ".") != 0 &&
		  strcmp(name, "..") != 0;

	text_safe(&safe, name, strlen(name), false);
	ok = ok && strcmp(buf_str(&safe), name) == 0;
	buf_done(&safe);
	return ok;
}

static int files_by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* What all that fit have in common: whole characters only. */
static size_t files_common(struct dirent **v, int n, const char *begin)
{
	const char *first = NULL;
	size_t same = 0;

	for (int i = 0; i < n; i++) {
		const char *name = v[i]->d_name;
		size_t k = 0;
		if (!files_fits(name, begin))
			continue;
		if (!first) {
			first = name;
			same = strlen(name);
		}
		while (k < same && name[k] == first[k])
			k++;
		same = k;
	}
	while (first && same > 0 && (first[same] & 0xC0) == 0x80)
		same--;
	return same;
}

void files_complete(const char *typed, struct buf *out, struct buf *said)
{
	const char *slash = strrchr(typed, '/'), *begin = slash ? slash + 1 : typed;
	struct buf folder = BUF_INIT, path = BUF_INIT;
	struct dirent **v = NULL;
	const char *one = NULL;
	int n, fits = 0;

	buf_add(&path, typed, (size_t)(begin - typed));
	files_expand(buf_str(&path), &folder);
	n = scandir(folder.len ? folder.p : ".", &v, NULL, files_by_name);
	for (int i = 0; i < n; i++) {
		if (!files_fits(v[i]->d_name, begin))
			continue;
		one = v[i]->d_name;
		fits++;
		if (said->len < FILES_SAID)
			buf_printf(said, "%s%s", said->len ? "  " : "", one);
	}
	buf_add(out, typed, (size_t)(begin - typed));
	if (fits > 0)
		buf_add(out, one, files_common(v, n, begin));
	else
		buf_str_add(out, begin);
	if (fits == 1) {
		buf_clear(said);
		buf_str_add(&folder, folder.len ? "" : "./");
		buf_str_add(&folder, one);
		if (files_is_folder(buf_str(&folder)))
			buf_char(out, '/');
	}
	for (int i = 0; i < n; i++)
		free(v[i]);
	free(v);
	buf_done(&folder);
	buf_done(&path);
}

/* What went wrong, told with the path as it was typed. */
static void files_fail(struct tui *t, struct err *e, const char *typed)
{
	if (e->code == ERR_NOT_FOUND || e->code == ERR_EXISTS || e->code == ERR_INPUT)
		err_set(e, e->code, e->where, "%s", typed);
	tui_fail(t, e);
}

static void files_ask_attach(struct tui *t, struct files *f, const char *text);

static void files_attached(struct tui *t, void *ctx, const char *typed)
{
	struct files *f = ctx;
	struct buf path = BUF_INIT;
	struct err e = ERR_INIT;
	const char *slash = strrchr(typed, '/');

	if (!typed[strspn(typed, " ")])
		return;
	files_expand(typed, &path);
	if (buf_ok(&path, &e) && store_file_add(t->store, &f->record, path.p, NULL, &e)) {
		tui_changed(t);
		tui_say(t, _("Attached: %s. u undoes it."), slash ? slash + 1 : typed);
	} else {
		files_ask_attach(t, f, typed);
		files_fail(t, &e, typed);
	}
	buf_done(&path);
}

static void files_ask_attach(struct tui *t, struct files *f, const char *text)
{
	tui_prompt(t, &(struct prompt){.label = _("Attach the file:"),
				       .text = text,
				       .taken = files_attached,
				       .complete = files_complete,
				       .ctx = f});
}

void files_attach(struct tui *t, struct files *f, const struct id *record)
{
	f->record = *record;
	files_ask_attach(t, f, "~/");
}

static void files_ask_path(struct tui *t, struct files *f, const char *text, bool proposal);

/* A folder stands for the file's own name in it. */
static void files_write(struct tui *t, void *ctx, const char *typed)
{
	struct files *f = ctx;
	struct buf path = BUF_INIT, name = BUF_INIT, shown = BUF_INIT;
	struct err e = ERR_INIT;

	if (!typed[strspn(typed, " ")])
		return;
	files_expand(typed, &path);
	buf_str_add(&shown, typed);
	if (files_is_folder(buf_str(&path)) && store_file_name(t->store, &f->file, &name, &e)) {
		const char *slash = path.p[path.len - 1] == '/' ? "" : "/";
		buf_printf(&path, "%s%s", slash, buf_str(&name));
		buf_printf(&shown, "%s%s", slash, buf_str(&name));
	}
	if (buf_ok(&path, &e) && store_file_extract(t->store, &f->file, path.p, &e)) {
		tui_say(t, _("Written, in clear text: %s"), buf_str(&shown));
	} else {
		files_ask_path(t, f, buf_str(&shown), false);
		files_fail(t, &e, buf_str(&shown));
	}
	buf_done(&path);
	buf_done(&name);
	buf_done(&shown);
}

static void files_ask_path(struct tui *t, struct files *f, const char *text, bool proposal)
{
	tui_prompt(t, &(struct prompt){.label = _("Write to the file:"),
				       .text = text,
				       .taken = files_write,
				       .complete = files_complete,
				       .ctx = f,
				       .proposal = proposal});
}

/* Said before a path is asked for: the content may not be here. */
static void files_ask_extract(struct tui *t, struct files *f)
{
	struct buf name = BUF_INIT;
	struct err e = ERR_INIT;
	int64_t size;

	buf_str_add(&name, "~/");
	if (store_file_size(t->store, &f->file, &size, &e) && store_file_name(t->store, &f->file, &name, &e))
		files_ask_path(t, f, buf_str(&name), true);
	else
		tui_fail(t, &e);
	buf_done(&name);
}

static bool files_is_file(struct tui *t, const struct id *id)
{
	struct record r;
	struct err e = ERR_INIT;

	if (!store_get(t->store, id, &r, &e))
		return false;
	bool is = strcmp(r.kind, "file") == 0;
	record_done(&r);
	return is;
}

/* Those a record has, in its order; the caller frees. */
static size_t files_of(struct tui *t, const struct id *record, struct id **out)
{
	struct buf set = BUF_INIT;
	struct record r;
	struct err e = ERR_INIT;
	size_t n = 0;

	*out = NULL;
	if (!store_get(t->store, record, &r, &e))
		return 0;
	record_set(&r, "files", &set);
	record_done(&r);
	*out = calloc(set.len / ID_TEXT + 1, sizeof **out);
	buf_char(&set, '\n');
	for (char *line = set.oom || !*out ? NULL : set.p, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = 0;
		if (id_parse(line, &(*out)[n]) && files_is_file(t, &(*out)[n]))
			n++;
	}
	buf_done(&set);
	return n;
}

static void files_chosen(struct tui *t, void *ctx, size_t i)
{
	struct files *f = ctx;
	struct id *ids;
	size_t n = files_of(t, &f->record, &ids);

	if (i < n) {
		f->file = ids[i];
		files_ask_extract(t, f);
	}
	free(ids);
}

static void files_choose(struct tui *t, struct files *f, const struct id *ids, size_t n)
{
	const char **labels = calloc(n, sizeof *labels);
	char **titles = calloc(n, sizeof *titles);
	struct buf title = BUF_INIT;
	bool ok = labels && titles;

	for (size_t i = 0; ok && i < n; i++) {
		buf_clear(&title);
		(void)store_title(t->store, &ids[i], &title);
		labels[i] = titles[i] = str_dup(buf_str(&title));
		ok = titles[i] != NULL;
	}
	if (ok)
		tui_choose(
		    t, &(struct choice){
			   .title = _("File to write out"), .labels = labels, .n = n, .taken = files_chosen, .ctx = f});
	for (size_t i = 0; titles && i < n; i++)
		free(titles[i]);
	free(titles);
	free(labels);
	buf_done(&title);
}

void files_extract(struct tui *t, struct files *f, const struct id *record, const struct id *link)
{
	struct id *ids = NULL;
	size_t n;

	f->record = *record;
	if (files_is_file(t, record)) {
		f->file = *record;
		files_ask_extract(t, f);
		return;
	}
	if (link && files_is_file(t, link)) {
		f->file = *link;
		files_ask_extract(t, f);
		return;
	}
	n = files_of(t, record, &ids);
	if (n == 0)
		tui_say(t, "%s", _("No file is attached to this record."));
	else if (n == 1)
		files_chosen(t, f, 0);
	else
		files_choose(t, f, ids, n);
	free(ids);
}
