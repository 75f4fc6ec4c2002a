/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pages of a database as the shim reads and writes them, without SQLite: orders write, read any range, and change
 * the sealed file from outside.  Every byte that is read was written to this page under this key; what was not touched
 * from outside reads as it was written last.
 */
#include "mem.h"

#include "store/vfs-file.h"

#define PAGES 4 /* at the start */
#define MOST 16
#define READ_MAX (3 * VAULT_PAGE)

static const uint8_t key[32] = {1, 2, 3}, id[16] = {4, 5, 6};

static struct {
	uint8_t base[PAGES * VAULT_PAGE], older[MOST * VAULT_PAGE];
	sqlite3_file *f;
	uint8_t *space; /* READ_MAX */
} t;

/* What this run knows of each page, from 1. */
static struct known {
	uint32_t stamp;   /* how often it was written */
	bool zero;        /* it was filled in with zeros last */
	bool zero_before; /* once */
	bool touched;     /* from outside, since */
} known[MOST + 1];

static bool zero(const uint8_t *p, size_t n)
{
	static const uint8_t zeros[READ_MAX];

	return memcmp(p, zeros, n) == 0;
}

/* Eight bytes again and again, which differ from page to page and from one writing to the next. */
static void text(uint32_t pgno, uint32_t stamp, uint8_t out[VAULT_PAGE])
{
	uint64_t unit = (pgno * 0x9e3779b97f4a7c15u ^ (stamp + 1) * 0xbf58476d1ce4e5b9u) | 0x0101010101010101u;

	memcpy(out, &unit, sizeof unit);
	for (size_t n = sizeof unit; n < SEAL_TEXT; n *= 2)
		memcpy(out + n, out, n < SEAL_TEXT - n ? n : SEAL_TEXT - n);
	memset(out + SEAL_TEXT, 0, VAULT_RESERVE);
	if (pgno == 1)
		out[20] = VAULT_RESERVE;
}

static int page_write(uint32_t pgno, uint32_t stamp)
{
	uint8_t page[VAULT_PAGE];

	text(pgno, stamp, page);
	return t.f->pMethods->xWrite(t.f, page, VAULT_PAGE, (sqlite3_int64)(pgno - 1) * VAULT_PAGE);
}

static void start(void)
{
	struct err e = ERR_INIT;
	sqlite3_vfs *v;
	int flags;

	fuzz_start();
	mem_start(false);
	must(vfs_register_raw("sealed", "mem", key, id, &e));
	v = sqlite3_vfs_find("sealed");
	must((t.f = calloc(1, (size_t)v->szOsFile)) && (t.space = malloc(READ_MAX)));
	must(v->xOpen(v, MEM_NAME, t.f, SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &flags) ==
	     SQLITE_OK);
	for (uint32_t n = 1; n <= PAGES; n++)
		must(page_write(n, 0) == SQLITE_OK);
	memcpy(t.base, mem_data[MEM_DB].p + VAULT_HEADER, sizeof t.base);
}

static uint32_t pages(void)
{
	return (uint32_t)((mem_data[MEM_DB].n - VAULT_HEADER) / VAULT_PAGE);
}

static uint8_t *sealed(uint32_t pgno)
{
	return mem_data[MEM_DB].p + VAULT_HEADER + (size_t)(pgno - 1) * VAULT_PAGE;
}

static uint32_t which(struct orders *o)
{
	return 1 + orders_take(o, 1) % MOST;
}

/* A gap is filled in. */
static void filled(uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n <= to; n++) {
		known[n].zero = known[n].zero_before = true;
		known[n].touched = false;
	}
}

static void do_write(struct orders *o)
{
	uint32_t pgno = which(o), before = pages();
	int rc = page_write(pgno, known[pgno].stamp + 1);

	must(rc == SQLITE_OK && pages() >= pgno && (pgno <= before || mem_data[MEM_DB].n % VAULT_PAGE == 0));
	known[pgno].stamp++;
	known[pgno].zero = known[pgno].touched = false;
	filled(before + 1, pgno - 1);
}

/* [in, in+n) of a page as read: was it ever in this page?  Is it the newest, if it has to be? */
static bool genuine(uint32_t pgno, size_t in, const uint8_t *p, size_t n)
{
	const struct known *k = &known[pgno];
	uint8_t want[VAULT_PAGE];

	if (pgno > MOST)
		return false;
	if ((k->touched ? k->zero_before : k->zero) && zero(p, n))
		return true;
	for (uint32_t stamp = k->stamp + 1; stamp-- > 0;) {
		text(pgno, stamp, want);
		if (memcmp(p, want + in, n) == 0)
			return k->touched || !k->zero;
		if (!k->touched)
			return false;
	}
	return false;
}

static void do_read(struct orders *o)
{
	uint32_t pgno = which(o);
	size_t in = orders_take(o, 2) % VAULT_PAGE, n = 1 + orders_take(o, 2) % READ_MAX, done = 0;
	bool spoiled = false;
	uint8_t *p = t.space + READ_MAX - n; /* so that a byte too many is seen */
	int rc;

	if (orders_take(o, 1) & 1)
		in = 0, n = VAULT_PAGE, p = t.space + READ_MAX - n;
	memset(p, 0xaa, n);
	rc = t.f->pMethods->xRead(t.f, p, (int)n, (sqlite3_int64)(pgno - 1) * VAULT_PAGE + (sqlite3_int64)in);
	must(rc == SQLITE_OK || rc == SQLITE_IOERR_DATA || rc == SQLITE_IOERR_SHORT_READ);
	if (pgno == 1 && in == 0 && n == 100) /* see do_first() */
		return;
	for (uint32_t last = pgno + (uint32_t)((in + n - 1) / VAULT_PAGE), i = pgno; i <= last; i++)
		spoiled = spoiled || i > pages() || known[i].touched;
	must(rc == SQLITE_OK || spoiled);
	while (done < n) {
		size_t part = n - done < VAULT_PAGE - in ? n - done : VAULT_PAGE - in;

		if (!genuine(pgno, in, p + done, part))
			break;
		done += part;
		in = 0;
		pgno++;
	}
	must(rc != SQLITE_OK || done == n);
	must(done == n || zero(p + done, n - done));
}

/* The 100 bytes that SQLite reads first are answered even when page 1 is torn. */
static void do_first(void)
{
	uint8_t *p = t.space + READ_MAX - 100;
	int rc = t.f->pMethods->xRead(t.f, p, 100, 0);

	must(rc == SQLITE_OK || (rc == SQLITE_IOERR_SHORT_READ && pages() == 0));
	must(rc != SQLITE_OK || p[20] == VAULT_RESERVE || genuine(1, 0, p, 100));
	must(rc != SQLITE_OK || known[1].touched || genuine(1, 0, p, 100));
}

static void do_outside(struct orders *o, uint32_t how)
{
	uint32_t a = which(o), b = which(o), at = orders_take(o, 2) % VAULT_PAGE, bits = orders_take(o, 1);
	uint8_t page[VAULT_PAGE];

	if (a > pages() || b > pages())
		return;
	known[a].touched = known[a].touched || how < 6;
	switch (how) {
	case 0:
		sealed(a)[at] ^= (uint8_t)(bits ? bits : 1);
		break;
	case 1:
		memmove(sealed(a), sealed(b), VAULT_PAGE);
		break;
	case 2:
		known[b].touched = true;
		memcpy(page, sealed(a), VAULT_PAGE);
		memmove(sealed(a), sealed(b), VAULT_PAGE);
		memcpy(sealed(b), page, VAULT_PAGE);
		break;
	case 3:
		memset(sealed(a), 0, VAULT_PAGE);
		break;
	case 4:
		memcpy(sealed(a), t.older + (size_t)(a - 1) * VAULT_PAGE, VAULT_PAGE);
		break;
	case 5:
		memcpy(sealed(a) + at, sealed(b) + at, VAULT_PAGE - at);
		break;
	default:
		memcpy(t.older, sealed(1), (size_t)pages() * VAULT_PAGE); /* for later */
	}
}

/* The shim knows how long the file is for as long as it holds a lock: nobody else changes that then. */
static void unlock(void)
{
	must(t.f->pMethods->xUnlock(t.f, SQLITE_LOCK_NONE) == SQLITE_OK);
}

/* From outside a file ends anywhere; of ours, at a page. */
static void do_truncate(struct orders *o, bool outside)
{
	uint32_t n = orders_take(o, 1) % (MOST + 1), at = outside ? orders_take(o, 2) % VAULT_PAGE : 0, old = pages();

	if (outside && n < old) {
		mem_data[MEM_DB].n = VAULT_HEADER + (size_t)n * VAULT_PAGE + at;
		unlock();
		for (uint32_t i = n + 1; i <= MOST; i++)
			known[i].touched = true;
		return;
	}
	must(t.f->pMethods->xTruncate(t.f, (sqlite3_int64)n * VAULT_PAGE) == SQLITE_OK && pages() == n);
	filled(old + 1, n);
}

static void do_refused(struct orders *o)
{
	static const uint8_t zeros[VAULT_PAGE];
	uint32_t n = orders_take(o, 2), at = orders_take(o, 2);
	int ckpt = (int)(n & 1), op = ckpt ? SQLITE_FCNTL_CKPT_START : SQLITE_FCNTL_CKPT_DONE;
	size_t size = mem_data[MEM_DB].n;

	(void)t.f->pMethods->xFileControl(t.f, op, NULL);
	if (ckpt || at > 0 || n % VAULT_PAGE > 0)
		must(t.f->pMethods->xWrite(t.f, zeros, ckpt ? VAULT_PAGE : (int)(n % VAULT_PAGE), at) != SQLITE_OK);
	must(t.f->pMethods->xWrite(t.f, zeros, VAULT_PAGE, 0) != SQLITE_OK); /* says no reserve */
	(void)t.f->pMethods->xFileControl(t.f, SQLITE_FCNTL_CKPT_DONE, NULL);
	must(mem_data[MEM_DB].n == size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};

	if (!t.f)
		start();
	memcpy(mem_data[MEM_DB].p + VAULT_HEADER, t.base, sizeof t.base);
	mem_data[MEM_DB].n = VAULT_HEADER + sizeof t.base;
	unlock();
	memset(known, 0, sizeof known);
	memset(t.older, 0, sizeof t.older);
	memcpy(t.older, t.base, sizeof t.base);
	for (int left = 16; o.n > 0 && left > 0; left--) {
		uint32_t what = orders_take(&o, 1) % 16;

		if (what < 5)
			do_read(&o);
		else if (what < 7)
			do_write(&o);
		else if (what < 8)
			do_first();
		else if (what < 13)
			do_outside(&o, orders_take(&o, 1) % 7);
		else if (what < 15)
			do_truncate(&o, what == 13);
		else
			do_refused(&o);
	}
	return 0;
}
