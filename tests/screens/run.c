/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run SCRIPT: plays a script (src/tui/mock.h) on a notebook made for it, and prints the screens.  The script is played
 * at 80x24, 60x20 and 40x12, in French and in English, then at 80x24 in French without UTF-8 and without colours.
 * It may begin with lines of these:
 *
 *   on empty    a notebook with nothing in it
 *   on locked   the same as ever, but to be unlocked (the passphrase is "sapin")
 *   on none     no notebook yet
 *   on two      one meeting, with values written side by side
 *   on older    an older copy of it, put back
 *   on mixed    some of its pages, put back
 *   on shared   one of two devices that meet in a folder
 *   on log      its log, after a crash, is damaged
 *   on stray    beside it lies the log of an earlier session
 *   once        only at 80x24 in French
 *   small       only at 20x5 in French
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/io.h"
#include "cli/cli.h"
#include "fixture.h"
#include "shared.h"
#include "tui/mock.h"
#include "tui/term.h"

struct run {
	char dir[64], full[128], used[128];
	char *script;
	struct secret words;
	bool empty, locked, none, once, two, small, older, mixed, shared, log, stray;
};

struct look {
	int cols, rows;
	const char *lang;
	bool ascii, mono;
};

static const struct look looks[] = {
    {80, 24, "fr", false, false}, {60, 20, "fr", false, false}, {40, 12, "fr", false, false},
    {80, 24, "en", false, false}, {60, 20, "en", false, false}, {40, 12, "en", false, false},
    {80, 24, "fr", true, false},  {80, 24, "fr", false, true},
};

static int die(const char *what, const struct err *e)
{
	fprintf(stderr, "run: %s: %s in %s: %s\n", what, err_name(e->code), e->where, e->detail);
	return 1;
}

/* Keys, ids and recovery words that are the same each time: each look begins anew.  Nothing sealed here is secret. */
static uint64_t run_random_state;

static uint32_t run_random(void)
{
	uint64_t z = run_random_state += 0x9E3779B97F4A7C15u;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
	return (uint32_t)(z >> 32);
}

static void run_random_buf(void *buf, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)buf)[i] = (unsigned char)run_random();
}

static const char *run_random_name(void)
{
	return "test";
}

static int run_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

static bool run_passphrase(struct secret *pass, struct err *e)
{
	return secret_set(pass, "sapin", 5, e);
}

static bool run_shell(const struct run *r, const char *what, struct err *e)
{
	char line[512];

	snprintf(line, sizeof line, what, r->dir, r->dir, r->dir, r->dir);
	return system(line) == 0 || err_set(e, ERR_INTERNAL, "run_shell", "%s", line);
}

/* The folder as each look finds it is kept aside. */
static bool run_share(const struct run *r, struct store *s, struct err *e)
{
	char folder[96], other[96];

	snprintf(folder, sizeof folder, "%s/folder", r->dir);
	snprintf(other, sizeof other, "%s/other.arpent", r->dir);
	return run_shell(r, "mkdir %s/folder", e) && shared_fill(s, folder, other, e) &&
	       run_shell(r, "cp -r %s/folder %s/kept", e);
}

/* The notebook every look begins with, made once. */
static bool run_make(struct run *r, struct err *e)
{
	struct secret pass = SECRET_INIT;
	struct store *s = NULL;
	bool ok = run_passphrase(&pass, e) && store_create(r->full, &(struct vault_key){.passphrase = &pass},
							   &VAULT_COST_TEST, "fr", &s, &r->words, e);

	if (ok) {
		store_set_clock(s, fixture_now, NULL);
		ok = r->empty || (r->two ? fixture_two(s, e) : fixture_fill(s, e));
		ok = ok && (!r->shared || run_share(r, s, e));
	}
	store_close(s);
	secret_free(&pass);
	return ok;
}

/* The notebook, or what differs of it in its last page but one, as it was before one more session. */
static bool run_put_back(const struct run *r, struct err *e)
{
	struct secret pass = SECRET_INIT;
	struct buf old = BUF_INIT, new = BUF_INIT;
	struct store *s = NULL;
	bool ok = io_read_file(r->full, 1u << 30, &old, e) && run_passphrase(&pass, e) &&
		  store_open(r->full, &(struct vault_key){.passphrase = &pass}, &s, e);

	if (ok) {
		const struct want w = {.key = "text", .text = "Une note de plus", .is_text = true};
		struct id id;
		store_set_clock(s, fixture_now, NULL);
		ok = store_new(s, "note", &w, 1, &id, e);
	}
	store_close(s);
	ok = ok && io_read_file(r->full, 1u << 30, &new, e);
	for (size_t at = VAULT_HEADER; ok && r->mixed && at < old.len; at += VAULT_PAGE)
		if (memcmp(old.p + at, new.p + at, VAULT_PAGE) != 0) {
			memcpy(new.p + at, old.p + at, VAULT_PAGE);
			break;
		}
	ok = ok && io_write_file(r->full, r->mixed ? new.p : old.p, r->mixed ? new.len : old.len, true, e);
	secret_free(&pass);
	buf_done(&old);
	buf_done(&new);
	return ok;
}

/* A session that was killed, and its log damaged; or the log of one that was closed, put back. */
static bool run_log(const struct run *r, struct err *e)
{
	const struct want w = {.key = "text", .text = "Une note de plus", .is_text = true};
	struct secret pass = SECRET_INIT;
	struct buf db = BUF_INIT, wal = BUF_INIT;
	struct store *s = NULL;
	char live[160], kept[160];
	struct id id;
	bool ok = run_passphrase(&pass, e) && store_open(r->full, &(struct vault_key){.passphrase = &pass}, &s, e);

	snprintf(live, sizeof live, "%s-wal", r->full);
	snprintf(kept, sizeof kept, "%s.log", r->full);
	if (ok) {
		store_set_clock(s, fixture_now, NULL);
		ok = store_new(s, "note", &w, 1, &id, e) && io_read_file(r->full, 1u << 30, &db, e) &&
		     io_read_file(live, 1u << 30, &wal, e);
	}
	store_close(s);
	if (ok && r->log) {
		wal.p[100] ^= 1;
		ok = io_write_file(r->full, db.p, db.len, true, e);
	}
	ok = ok && io_write_file(kept, wal.p, wal.len, true, e);
	secret_free(&pass);
	buf_done(&db);
	buf_done(&wal);
	return ok;
}

/* What there is to attach. */
static bool run_files(const struct run *r, struct err *e)
{
	static const char *const files[][2] = {
	    {"clôture, plan.pdf", "%PDF-1.4 un plan"}, {"clôture.jpg", "\xFF\xD8\xFF une photo"}, {".caché", "non"}};
	char path[256];
	bool ok = true;

	for (size_t i = 0; ok && i < sizeof files / sizeof *files; i++) {
		snprintf(path, sizeof path, "%s/Photos", r->dir);
		ok = io_make_dirs(path, e);
		snprintf(path, sizeof path, "%s/Photos/%s", r->dir, files[i][0]);
		ok = ok && io_write_file(path, files[i][1], strlen(files[i][1]), true, e);
	}
	return ok;
}

static bool run_open_log(const struct run *r, struct err *e)
{
	struct buf wal = BUF_INIT;
	char path[192];
	bool ok;

	snprintf(path, sizeof path, "%s-wal.damaged-1", r->used);
	unlink(path);
	snprintf(path, sizeof path, "%s.log", r->full);
	ok = io_read_file(path, 1u << 30, &wal, e);
	snprintf(path, sizeof path, "%s-wal", r->used);
	ok = ok && io_write_file(path, wal.p, wal.len, true, e);
	buf_done(&wal);
	return ok;
}

static bool run_open(struct run *r, struct store **s, struct err *e)
{
	struct buf bytes = BUF_INIT;
	struct secret pass = SECRET_INIT;
	bool ok = io_read_file(r->full, 1u << 30, &bytes, e) && io_write_file(r->used, bytes.p, bytes.len, true, e);

	if (ok && (r->log || r->stray))
		ok = run_open_log(r, e);
	if (ok && !r->locked)
		ok = run_passphrase(&pass, e) && store_open(r->used, &(struct vault_key){.passphrase = &pass}, s, e);
	secret_free(&pass);
	buf_done(&bytes);
	return ok;
}

/* The order "words" types the notebook's recovery words, so that no script must know them. */
static bool run_words(const struct run *r, struct mock *m, struct buf *out, struct err *e)
{
	char *order = NULL;
	bool ok = asprintf(&order, "type %.*s", (int)r->words.len, (const char *)r->words.p) >= 0 &&
		  mock_order(m, order, out, e);

	free(order);
	return ok;
}

static bool run_script(struct run *r, struct mock *m, struct err *e)
{
	struct buf out = BUF_INIT;
	char *copy = str_dup(r->script), *save = NULL;
	bool ok = copy != NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; ok && line; line = strtok_r(NULL, "\n", &save))
		if (strcmp(line, "words") == 0)
			ok = run_words(r, m, &out, e);
		else if (strncmp(line, "on ", 3) != 0 && strcmp(line, "once") != 0 && strcmp(line, "small") != 0)
			ok = mock_order(m, line, &out, e);
	fwrite(buf_str(&out), 1, out.len, stdout);
	buf_done(&out);
	free(copy);
	return ok;
}

static bool run_look(struct run *r, const struct look *look, struct err *e)
{
	struct term_options o = {
	    .mock = true, .rows = look->rows, .cols = look->cols, .ascii = look->ascii, .mono = look->mono};
	struct store *s = NULL;
	struct mock m;
	char label[64];
	bool ok;

	snprintf(label, sizeof label, "%dx%d %s%s%s", look->cols, look->rows, look->lang, look->ascii ? " ASCII" : "",
		 look->mono ? " NO_COLOR" : "");
	run_random_state = 1;
	lang_start(look->lang);
	unlink(r->used);
	if (r->shared && !run_shell(r, "rm -rf %s/folder && cp -r %s/kept %s/folder", e))
		return false;
	if ((!r->none && !run_open(r, &s, e)) || !term_start(&o, e)) {
		store_close(s);
		return false;
	}
	memset(&m, 0, sizeof m);
	m.label = label;
	input_init(&m.in);
	tui_init(&m.t, r->used);
	m.t.clock = fixture_now;
	m.t.cost = VAULT_COST_TEST;
	tui_start(&m.t, s);
	ok = run_script(r, &m, e);
	tui_done(&m.t);
	term_stop();
	input_done(&m.in);
	return ok;
}

/* Each look begins with the same file: one that has seen the look before would take it for an older copy. */
static void run_state(const struct run *r, size_t look)
{
	char path[96];

	snprintf(path, sizeof path, "%s/state%zu", r->dir, look);
	setenv("XDG_STATE_HOME", path, 1);
}

int main(int argc, char **argv)
{
	struct run r = {.dir = "/tmp/arpent-screens-XXXXXX", .words = SECRET_INIT};
	struct buf script = BUF_INIT;
	struct err e = ERR_INIT;
	bool ok;
	randombytes_implementation random = {
	    .implementation_name = run_random_name, .random = run_random, .buf = run_random_buf};

	randombytes_set_implementation(&random);
	if (argc != 2 || !secret_start(&e) || !io_read_file(argv[1], 1 << 20, &script, &e))
		return die(argc == 2 ? argv[1] : "usage: run SCRIPT", &e);
	r.script = buf_steal(&script);
	if (!r.script || !mkdtemp(r.dir))
		return die(r.dir, &e);
	snprintf(r.full, sizeof r.full, "%s/full.arpent", r.dir);
	snprintf(r.used, sizeof r.used, "%s/carnet.arpent", r.dir);
	r.empty = strstr(r.script, "on empty\n");
	r.locked = strstr(r.script, "on locked\n");
	r.none = strstr(r.script, "on none\n");
	r.two = strstr(r.script, "on two\n");
	r.small = strstr(r.script, "small\n");
	r.once = strstr(r.script, "once\n");
	setenv("HOME", r.dir, 1);
	r.older = strstr(r.script, "on older\n");
	r.mixed = strstr(r.script, "on mixed\n");
	r.shared = strstr(r.script, "on shared\n");
	r.log = strstr(r.script, "on log\n");
	r.stray = strstr(r.script, "on stray\n");
	run_state(&r, 0);
	ok = r.none || (run_make(&r, &e) && run_files(&r, &e) && (!(r.older || r.mixed) || run_put_back(&r, &e)) &&
			(!(r.log || r.stray) || run_log(&r, &e)));
	if (ok && r.small)
		ok = run_look(&r, &(struct look){20, 5, "fr", false, false}, &e);
	for (size_t i = 0; ok && !r.small && i < (r.once ? 1 : sizeof looks / sizeof *looks); i++) {
		run_state(&r, r.older ? 0 : i + 1);
		ok = run_look(&r, &looks[i], &e);
	}
	secret_free(&r.words);
	nftw(r.dir, run_unlink, 16, FTW_DEPTH | FTW_PHYS);
	free(r.script);
	return ok ? 0 : die(argv[1], &e);
}
