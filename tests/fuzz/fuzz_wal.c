/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The WAL of a crash, recovered by SQLite through the shim.  Orders change the sealed frames from outside, put older
 * ones back, or make frames of any content, number and order under the right key and with the right links.
 *
 * Whatever is done from outside to the frames of a WAL, the database is as it was after one of its commits.  No page
 * comes out that was not sealed.
 */
#define MEM_MAX (512u << 10)
#include "image.h"

#define COMMITS 4 /* of each of two WALs */
#define FRAMES 24
#define HEAD VFS_WAL_HEADER

static struct {
	bool started;
	uint8_t db[96 << 10], wal[2][HEAD + FRAMES * VFS_FRAME]; /* wal[0] is the older */
	uint8_t plain[FRAMES][VFS_FRAME];                        /* of wal[1] */
	size_t db_n, wal_n[2];
	uint64_t rows[COMMITS + 1]; /* after each commit of wal[1] */
} t;

static struct {
	uint8_t plain[FRAMES][VFS_FRAME];
	unsigned frames, first; /* the first that is not as it was */
	bool forged, older, head, pages;
} run;

static void commit(sqlite3 *db, int i)
{
	char sql[200];

	snprintf(sql, sizeof sql,
		 "BEGIN; UPDATE t SET b = zeroblob(700) || %d WHERE a %% 3 = %d; "
		 "INSERT INTO t VALUES(NULL, randomblob(900)); DELETE FROM t WHERE a = %d; COMMIT",
		 i, i % 3, i);
	must(image_run(db, sql));
}

static void keep(int which)
{
	const struct mem_data *d = &mem_data[MEM_WAL];

	must(d->n > HEAD && d->n <= sizeof t.wal[0]);
	memcpy(t.wal[which], d->p, t.wal_n[which] = d->n);
	image_see_all(t.wal[which] + HEAD + 24, d->n - HEAD - 24, VFS_FRAME, 0);
}

static void start(void)
{
	const uint8_t *frame = t.wal[1] + HEAD;
	sqlite3 *db;
	int i = 0;

	image_start();
	must((db = image_open(true)));
	must(image_run(db, "PRAGMA journal_mode=WAL; CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB)"));
	for (; i < COMMITS; i++)
		commit(db, i);
	keep(0);
	must(image_run(db, "PRAGMA wal_checkpoint(TRUNCATE)"));
	memcpy(t.db, mem_data[MEM_DB].p, t.db_n = mem_data[MEM_DB].n);
	image.base = t.db, image.base_n = t.db_n;
	image_see_all(t.db + VAULT_HEADER, t.db_n - VAULT_HEADER, VAULT_PAGE, 1);
	t.rows[0] = image_rows(db);
	for (; i < 2 * COMMITS; i++) {
		commit(db, i);
		t.rows[i - COMMITS + 1] = image_rows(db);
	}
	keep(1);
	sqlite3_close(db);
	for (size_t n = 0; HEAD + (n + 1) * VFS_FRAME <= t.wal_n[1]; n++, frame += VFS_FRAME) {
		memcpy(t.plain[n], frame, 24);
		must(seal_open(&image.seal, be32_get(frame), frame + 24, t.plain[n] + 24));
	}
	t.started = true;
}

static uint32_t word(bool big, const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof v);
	return big == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? v : __builtin_bswap32(v);
}

static void sum(bool big, const uint8_t *p, size_t n, uint32_t s[2])
{
	for (size_t i = 0; i < n; i += 8) {
		s[0] += word(big, p + i) + s[1];
		s[1] += word(big, p + i + 4) + s[0];
	}
}

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

/* A header's checksum has no key. */
static void mend_head(uint8_t *head)
{
	uint32_t s[2] = {0, 0};

	sum(head[3] & 1, head, 24, s);
	put32(head + 24, s[0]);
	put32(head + 28, s[1]);
}

/* Seals run.plain anew, as the program would have. */
static void forge_all(void)
{
	struct mem_data *d = &mem_data[MEM_WAL];
	uint8_t link[SEAL_LINK];

	mend_head(d->p);
	run.first = run.head ? 0 : run.first;
	if (run.first > 0)
		memcpy(link, t.wal[1] + HEAD + (run.first - 1) * (size_t)VFS_FRAME + 16, sizeof link);
	else
		seal_link_first(&image.seal, link, d->p);
	for (unsigned i = run.first; i < run.frames; i++) {
		uint8_t *frame = d->p + HEAD + (size_t)i * VFS_FRAME, *plain = run.plain[i];

		memset(plain + 24 + SEAL_TEXT, 0, VAULT_RESERVE);
		memcpy(plain + 8, d->p + 16, 8);
		memcpy(frame, plain, 16);
		seal_page(&image.seal, be32_get(plain), plain + 24, frame + 24);
		seal_link(&image.seal, link, frame, frame + VFS_FRAME - SEAL_TAG);
		memcpy(frame + 16, link, sizeof link);
		image_see(be32_get(plain), plain + 24);
	}
	mem_size_set(d, HEAD + run.frames * (size_t)VFS_FRAME);
}

/* One frame gets another number, size, page or content. */
static void forge(struct orders *o)
{
	uint32_t how = orders_take(o, 1), n = orders_take(o, 1) % FRAMES, other = orders_take(o, 1) % FRAMES, at;
	uint8_t *frame = run.plain[n];

	run.forged = true;
	if (n >= run.frames)
		n = run.frames++, frame = run.plain[n];
	if (how & 1)
		memcpy(frame + 24, run.plain[other] + 24, VAULT_PAGE);
	if (how & 2)
		put32(frame, how & 4 ? orders_take(o, 4) : orders_take(o, 1) % 12);
	if (how & 8)
		put32(frame + 4, how & 16 ? orders_take(o, 4) : orders_take(o, 1) % 12);
	for (uint32_t left = how >> 5; left > 0; left--) {
		at = orders_take(o, 2) % SEAL_TEXT;
		frame[24 + at] = (uint8_t)orders_take(o, 1);
	}
	if (be32_get(frame) == 1) /* what the shim would not have let through */
		frame[24 + 20] = VAULT_RESERVE;
	run.first = n < run.first ? n : run.first;
	run.frames = how == 0 && n > 0 ? n : run.frames;
}

static uint8_t *frame_at(struct orders *o)
{
	unsigned n = (unsigned)((mem_data[MEM_WAL].n - HEAD) / VFS_FRAME);

	return mem_data[MEM_WAL].p + HEAD + (n ? orders_take(o, 1) % n : 0) * (size_t)VFS_FRAME;
}

static void frames(struct orders *o, uint32_t what)
{
	uint8_t *a = frame_at(o), *b = frame_at(o), swap[VFS_FRAME];
	size_t at = orders_take(o, 2) % VFS_FRAME, n = orders_take(o, 2) % VFS_FRAME;

	n = n < VFS_FRAME - at ? n : VFS_FRAME - at;
	switch (what) {
	case 0:
		a[at % 32] ^= (uint8_t)(n | 1);
		break;
	case 1:
		a[at] ^= (uint8_t)(n | 1);
		break;
	case 2:
		memmove(a + at, b + at, n);
		break;
	case 3:
		memcpy(swap, a, VFS_FRAME);
		memmove(a, b, VFS_FRAME);
		memcpy(b, swap, VFS_FRAME);
		break;
	case 4:
		memset(a + at, 0, n);
		break;
	default:
		memcpy(a + at, t.wal[0] + HEAD + at, n);
	}
}

static void outside(struct orders *o, uint32_t what)
{
	struct mem_data *wal = &mem_data[MEM_WAL], *db = &mem_data[MEM_DB];
	size_t n;

	switch (what) {
	case 6:
		n = orders_take(o, 3) % (t.wal_n[1] + VFS_FRAME);
		mem_size_set(wal, n > HEAD ? n : HEAD);
		break;
	case 7:
		run.older = true;
		mem_put(MEM_WAL, t.wal[0], t.wal_n[0]);
		break;
	case 8:
		run.head = true;
		n = orders_take(o, 1);
		wal->p[n % 24] ^= (uint8_t)orders_take(o, 1);
		if (n & 128)
			mend_head(wal->p);
		break;
	case 9:
		run.pages = true;
		n = orders_take(o, 2);
		db->p[VAULT_HEADER + (n << 3) % (db->n - VAULT_HEADER)] ^= (uint8_t)(orders_take(o, 1) | 1);
		break;
	default:
		frames(o, what);
	}
}

static void check(bool write)
{
	sqlite3 *db = image_open(true);
	uint64_t rows = db ? image_rows(db) : 0, again;
	bool known = false;

	must(db);
	for (int i = 0; i <= COMMITS; i++)
		known = known || rows == t.rows[i];
	must(known || run.forged || run.older || ((run.head || run.pages) && rows == 0));
	if (write && !run.forged && rows != 0 && image_run(db, "INSERT INTO t VALUES(1000, 'more')")) {
		rows = image_rows(db);
		sqlite3_close(db);
		must((db = image_open(true)));
		again = image_rows(db);
		must(again == rows || run.pages || run.older);
		sqlite3_close(db);
		return;
	}
	sqlite3_close(db);
	image_check(run.forged || run.older);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	bool write;
	size_t seen;

	if (!t.started)
		start();
	seen = image.n;
	mem_put(MEM_DB, t.db, t.db_n);
	mem_put(MEM_WAL, t.wal[1], t.wal_n[1]);
	mem_data[MEM_JOURNAL].there = false;
	memset(&run, 0, sizeof run);
	write = orders_take(&o, 1) % 4 == 1;
	for (int left = 12; o.n > 0 && left > 0; left--) {
		uint32_t what = orders_take(&o, 1) % 14;

		if (what >= 10 && !run.forged) {
			memcpy(run.plain, t.plain, sizeof run.plain);
			run.first = run.frames = (unsigned)((t.wal_n[1] - HEAD) / VFS_FRAME);
		}
		if (what >= 10)
			forge(&o);
		else
			outside(&o, what);
	}
	if (run.forged)
		forge_all();
	check(write);
	image.n = seen;
	return 0;
}
