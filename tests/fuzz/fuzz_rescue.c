/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two that read a notebook's files themselves, page by page: the check, and the rescue of its records.  Pages and
 * the frames of a WAL are altered from outside, or sealed with any content; the notebook was closed properly or not.
 * The check names what it counts, and of a closed one, that there is anything else; the rescue gives out records that
 * were there, and all of them when nothing was altered.
 */
#include "notebook.h"

#define FRAMES 8
#define WAL_MAX (VFS_WAL_HEADER + FRAMES * VFS_FRAME)

static struct {
	struct vault *v;
	int db, wal;
	uint8_t *plain;
	uint8_t frames[WAL_MAX];
	size_t wal_n;
	bool dirty[256], closed;
} t;

static struct {
	bool altered, forged;
	uint64_t copies, pages, frames, torn, logs, strays, records; /* as they were named, and given out */
} run;

/* A WAL of the notebook's own: a note more, not yet in the database. */
static void make_wal(void)
{
	const struct want w = {.key = "text", .text = "dans le journal", .is_text = true};
	const struct mem_data *d = &mem_data[MEM_WAL];
	struct err e = ERR_INIT;
	struct store *s;

	must(notebook_open(&s, &e) && store_edit(s, &nb.ids[2], &w, 1, &e));
	t.wal_n = d->n < WAL_MAX ? d->n : WAL_MAX;
	memcpy(t.frames, d->p, t.wal_n);
	store_close(s);
}

static void start(void)
{
	struct err e = ERR_INIT;
	char path[128];

	notebook_start();
	must(nb.pages <= 256 && (t.plain = malloc(nb.pages * (size_t)VAULT_PAGE)));
	make_wal();
	must(vault_open(nb.path, &nb.key, true, &t.v, &e));
	snprintf(path, sizeof path, "%s-wal", nb.path);
	must((t.db = open(nb.path, O_RDWR)) >= 0 && (t.wal = open(path, O_RDWR | O_CREAT, 0600)) >= 0);
	memset(t.dirty, true, sizeof t.dirty);
	must(vault_fresh_set(t.v, &(struct vault_fresh){0}, &e));
}

static void write_at(int fd, const void *p, size_t n, size_t at)
{
	must(pwrite(fd, p, n, (off_t)at) == (ssize_t)n);
}

static size_t page_at(uint32_t page)
{
	return VAULT_HEADER + (size_t)page * VAULT_PAGE;
}

/* What the last run altered is as it was; the header says that the notebook was closed, with these pages, or is open.
 */
static void restore(bool closed)
{
	struct err e = ERR_INIT;

	must(ftruncate(t.db, (off_t)page_at(nb.pages)) == 0 && ftruncate(t.wal, 0) == 0);
	for (uint32_t n = 0; n < nb.pages; n++)
		if (t.dirty[n])
			write_at(t.db, nb.sealed + page_at(n), VAULT_PAGE, page_at(n));
	memset(t.dirty, 0, sizeof t.dirty);
	memcpy(t.plain, nb.plain, nb.pages * (size_t)VAULT_PAGE);
	memset(&run, 0, sizeof run);
	if (closed != t.closed)
		must(closed ? vfs_check_accept(t.v, &e) : vault_fresh_set(t.v, &(struct vault_fresh){0}, &e));
	t.closed = closed;
}

static void page_alter(struct orders *o)
{
	uint8_t sealed[VAULT_PAGE];
	uint32_t page = notebook_alter(o, t.plain), pages;

	if (page == 0) { /* the number of pages that it gives is believed: it was sealed */
		pages = be32_get(t.plain + 28) % 1024;
		t.plain[28] = t.plain[29] = 0;
		t.plain[30] = (uint8_t)(pages >> 8);
	}
	run.forged = t.dirty[page] = true;
	seal_page(&nb.seal, page + 1, t.plain + (size_t)page * VAULT_PAGE, sealed);
	write_at(t.db, sealed, VAULT_PAGE, page_at(page));
}

static void page_outside(struct orders *o)
{
	uint32_t page = orders_take(o, 1) % nb.pages, other = orders_take(o, 1) % nb.pages, how = orders_take(o, 2);
	uint8_t sealed[VAULT_PAGE];

	memcpy(sealed, nb.sealed + page_at(how & 1 ? other : page), VAULT_PAGE);
	sealed[how % VAULT_PAGE] ^= (uint8_t)(how >> 8);
	t.dirty[page] = true;
	write_at(t.db, sealed, VAULT_PAGE, page_at(page));
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static void frame_alter(struct orders *o, uint8_t *wal, size_t n)
{
	uint32_t which = orders_take(o, 1), how = orders_take(o, 1), at = orders_take(o, 2);
	size_t frames = n > VFS_WAL_HEADER ? (n - VFS_WAL_HEADER) / VFS_FRAME : 0;
	uint8_t *frame = wal + VFS_WAL_HEADER + (frames ? which % frames : 0) * (size_t)VFS_FRAME, plain[VAULT_PAGE];

	if (how & 1) {
		frame[at % VFS_FRAME] ^= (uint8_t)(how | 1);
		return;
	}
	if (how & 2)
		put32(frame + 4, how & 4 ? orders_take(o, 4) : orders_take(o, 1));
	if (!(how & 8) || !seal_open(&nb.seal, be32_get(frame), frame + 24, plain))
		return;
	run.forged = true;
	if (how & 16)
		put32(frame, how & 32 ? orders_take(o, 4) % 4096 : orders_take(o, 1));
	plain[at % SEAL_TEXT] = (uint8_t)orders_take(o, 1);
	if (be32_get(frame) == 1)
		plain[28] = plain[29] = 0; /* as above */
	seal_page(&nb.seal, be32_get(frame), plain, frame + 24);
}

static void on_bad(void *ctx, const char *what, uint64_t n)
{
	const struct {
		const char *what;
		uint64_t *named;
		bool numbered;
	} all[] = {{"header copy A", &run.copies, false},
		   {"header copy B", &run.copies, false},
		   {"page", &run.pages, true},
		   {"frame", &run.frames, true},
		   {"torn", &run.torn, true},
		   {"log", &run.logs, false},
		   {"stray", &run.strays, false}};
	size_t i = 0;

	(void)ctx;
	while (i < sizeof all / sizeof *all && strcmp(all[i].what, what) != 0)
		i++;
	must(i < sizeof all / sizeof *all && all[i].numbered == (n > 0));
	++*all[i].named;
}

static bool on_record(void *ctx, const struct record *r)
{
	bool ours = false;

	(void)ctx;
	run.records++;
	for (size_t i = 0; i < NOTEBOOK_RECORDS; i++)
		ours = ours || id_eq(&nb.ids[i], &r->id);
	must(r->kind && (ours || run.forged));
	return true;
}

static bool pages_are_others(void)
{
	struct stat st;
	bool other;
	uint8_t *p;

	must(fstat(t.db, &st) == 0);
	if ((size_t)st.st_size != page_at(nb.pages))
		return true;
	must((p = malloc((size_t)st.st_size)));
	must(pread(t.db, p, (size_t)st.st_size, 0) == st.st_size);
	other = memcmp(p + VAULT_HEADER, nb.sealed + VAULT_HEADER, (size_t)st.st_size - VAULT_HEADER) != 0;
	free(p);
	return other;
}

static void check(void)
{
	struct vfs_check found;
	struct err e = ERR_INIT;
	uint64_t lost;

	must(vfs_check(t.v, on_bad, NULL, &found, &e));
	must(run.copies == found.bad_copies && run.pages == found.bad_pages && run.frames == found.bad_frames &&
	     run.torn == found.torn_frames && run.logs == found.bad_log && run.strays == found.stray_log);
	must(found.bad_copies == 0 && !found.stray_journal); /* never altered here, and put there */
	must(found.bad_pages <= found.pages && found.bad_frames + found.torn_frames <= found.frames);
	must(found.pages <= 65536 + FRAMES);
	must(run.forged || found.pages <= nb.pages + FRAMES);
	must(found.stray_log == (t.closed && found.frames > 0) && found.fresh_known == t.closed);
	must(run.altered || run.pages + run.frames + run.torn + run.logs == 0);
	if (t.closed)
		must((found.bad_pages == 0 && found.fresh_ok) == !pages_are_others());
	must(store_rescue(t.v, on_record, NULL, &lost, &e));
	must(run.altered || (lost == 0 && run.records == NOTEBOOK_RECORDS));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	uint8_t wal[WAL_MAX];
	uint32_t what, cut;
	size_t n;

	if (!t.v)
		start();
	what = orders_take(&o, 1);
	restore((what & 0x80) != 0);
	memcpy(wal, t.frames, sizeof wal);
	n = what % 4 ? t.wal_n : 0;
	for (int left = 8; o.n > 0 && left > 0; left--) {
		run.altered = true;
		what = orders_take(&o, 1) % 16;
		if (what < 5) {
			page_alter(&o);
		} else if (what < 8) {
			page_outside(&o);
		} else if (what < 13 && n > 0) {
			frame_alter(&o, wal, n);
		} else if (what < 14) {
			wal[orders_take(&o, 1) % VFS_WAL_HEADER] ^= (uint8_t)orders_take(&o, 1);
		} else if (what < 15) {
			n = orders_take(&o, 2) % (t.wal_n + 1);
		} else {
			cut = orders_take(&o, 2) * 16 % (nb.pages * VAULT_PAGE);
			must(ftruncate(t.db, (off_t)(VAULT_HEADER + cut)) == 0);
			memset(t.dirty + cut / VAULT_PAGE, true, sizeof t.dirty - cut / VAULT_PAGE);
		}
	}
	if (n > 0)
		write_at(t.wal, wal, n, 0);
	check();
	return 0;
}
