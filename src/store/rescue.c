/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Records from the pages themselves (SQLite's file format, section 2.3 and 1.6): every leaf of a table is read, whoever
 * points to it, and a row is known by its shape.  A record's states, of which a free page may have an older one, are
 * merged; changes of the journal bring what no state has.
 */
#include "store/db.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arpent/vfs.h"

#define RESCUE_USABLE (VAULT_PAGE - VAULT_RESERVE)
#define RESCUE_LEAF 0x0d
#define RESCUE_COLUMNS 9
#define RESCUE_BODY 7                   /* of the columns of `change` */
#define RESCUE_LOGS (1 + VFS_LOGS_KEPT) /* the log, and copies of damaged ones */
#define RESCUE_PAYLOAD_MAX (64u << 20)

struct rescue_cell {
	struct id id;
	bool is_change;
	int64_t row;
	uint32_t page;
	unsigned cell, log;
};

struct rescue {
	struct vfs_reader *readers[RESCUE_LOGS], *reader;
	uint64_t pages[RESCUE_LOGS];
	unsigned log; /* twice the number of the reader in use, and one for its log's tail */
	uint8_t page[VAULT_PAGE], more[VAULT_PAGE];
	struct buf payload;
	struct rescue_cell *v;
	size_t n, cap;
};

struct rescue_row { /* within payload */
	const uint8_t *blob;
	size_t len;
	bool is_change;
};

static unsigned be16(const uint8_t *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* SQLite's variable-length integer; 0 bytes when it runs past the end. */
static size_t rescue_varint(const uint8_t *p, const uint8_t *end, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < 9 && p + i < end; i++) {
		if (i == 8) {
			*out = *out << 8 | p[i];
			return 9;
		}
		*out = *out << 7 | (p[i] & 0x7f);
		if (!(p[i] & 0x80))
			return i + 1;
	}
	return 0;
}

/* The bytes of a payload that are in the leaf itself. */
static size_t rescue_local(uint64_t payload)
{
	const uint64_t most = RESCUE_USABLE - 35, least = (RESCUE_USABLE - 12) * 32 / 255 - 23;
	uint64_t k = least + (payload - least) % (RESCUE_USABLE - 4);

	if (payload <= most)
		return (size_t)payload;
	return (size_t)(k <= most ? k : least);
}

static bool rescue_use(struct rescue *r, unsigned log)
{
	r->log = log;
	r->reader = r->readers[log / 2];
	return vfs_reader_tail(r->reader, log % 2 == 1);
}

/* Follows the chain of overflow pages; false when a page of it is lost. */
static bool rescue_overflow(struct rescue *r, uint32_t next, uint64_t size)
{
	struct err none = ERR_INIT;

	while (r->payload.len < size) {
		uint64_t left = size - r->payload.len;
		if (next < 2 || next > r->pages[r->log / 2] || !vfs_reader_page(r->reader, next, r->more, &none))
			return false;
		buf_add(&r->payload, r->more + 4, (size_t)(left < RESCUE_USABLE - 4 ? left : RESCUE_USABLE - 4));
		if (r->payload.oom)
			return false;
		next = be32(r->more);
	}
	return true;
}

static bool rescue_payload(struct rescue *r, unsigned cell, int64_t *row)
{
	const uint8_t *end = r->page + RESCUE_USABLE, *p;
	unsigned at = be16(r->page + 8 + 2 * (size_t)cell);
	uint64_t size, rowid;
	size_t n, local;

	buf_clear(&r->payload);
	if (at < 8 || at >= RESCUE_USABLE)
		return false;
	p = r->page + at;
	if ((n = rescue_varint(p, end, &size)) == 0 || size > RESCUE_PAYLOAD_MAX)
		return false;
	p += n;
	if ((n = rescue_varint(p, end, &rowid)) == 0)
		return false;
	p += n;
	*row = (int64_t)rowid;
	local = rescue_local(size);
	if (local + (local < size ? 4 : 0) > (size_t)(end - p))
		return false;
	buf_add(&r->payload, p, local);
	return local == size || rescue_overflow(r, be32(p + local), size);
}

static uint64_t rescue_size(uint64_t type)
{
	static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

	return type < 12 ? sizes[type] : (type - 12) / 2;
}

/* A row of `state` is (NULL, blob); one of `change` has nine columns, a device of 16 bytes and a body. */
static bool rescue_shape(const struct buf *payload, struct rescue_row *out)
{
	const uint8_t *p = (const uint8_t *)payload->p, *end = p + payload->len, *head;
	uint64_t head_len, types[RESCUE_COLUMNS], at;
	size_t n, columns = 0;

	if (!p || (n = rescue_varint(p, end, &head_len)) == 0 || head_len > payload->len || head_len < n)
		return false;
	head = p + head_len;
	for (p += n; p < head && columns < RESCUE_COLUMNS; p += n)
		if ((n = rescue_varint(p, head, &types[columns++])) == 0)
			return false;
	if (p != head || types[0] != 0)
		return false;
	out->is_change = columns == RESCUE_COLUMNS;
	if (out->is_change ? types[3] != 12 + 2 * ID_BYTES : columns != 2)
		return false;
	n = out->is_change ? RESCUE_BODY : 1;
	at = head_len;
	for (size_t i = 0; i < n; i++)
		at += rescue_size(types[i]);
	if (types[n] < 12 || types[n] % 2 || at + rescue_size(types[n]) > payload->len)
		return false;
	out->blob = (const uint8_t *)payload->p + at;
	out->len = (size_t)rescue_size(types[n]);
	return true;
}

/* Whose it is; false when it is neither a state nor a change. */
static bool rescue_id(const struct rescue_row *row, struct id *out, struct err *why)
{
	struct record r;
	struct change c;
	bool ok;

	record_init(&r);
	change_init(&c);
	ok = row->is_change ? change_decode(row->blob, row->len, &c, why) : record_decode(row->blob, row->len, &r, why);
	*out = row->is_change ? c.id : r.id;
	record_done(&r);
	change_done(&c);
	return ok;
}

static bool rescue_keep(struct rescue *r, const struct rescue_cell *c, struct err *e)
{
	if (r->n == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 256;
		struct rescue_cell *v = realloc(r->v, cap * sizeof *v);
		if (!v)
			return err_nomem(e, __func__);
		r->v = v;
		r->cap = cap;
	}
	r->v[r->n++] = *c;
	return true;
}

static unsigned rescue_cells(const struct rescue *r)
{
	unsigned n = be16(r->page + 3);

	return r->page[0] == RESCUE_LEAF && 8 + 2 * n <= RESCUE_USABLE ? n : 0;
}

static bool rescue_page(struct rescue *r, uint32_t page, struct err *e)
{
	unsigned n = rescue_cells(r);

	for (unsigned i = 0; i < n; i++) {
		struct rescue_cell c = {.page = page, .cell = i, .log = r->log};
		struct err why = ERR_INIT;
		struct rescue_row row;
		bool ours =
		    rescue_payload(r, i, &c.row) && rescue_shape(&r->payload, &row) && rescue_id(&row, &c.id, &why);
		if (r->payload.oom || why.code == ERR_NOMEM)
			return err_nomem(e, __func__);
		if (!ours)
			continue;
		c.is_change = row.is_change;
		if (!rescue_keep(r, &c, e))
			return false;
	}
	return true;
}

/* By record; its states before its changes, and those as they were made. */
static int rescue_cmp(const void *a, const void *b)
{
	const struct rescue_cell *x = a, *y = b;
	int c = id_cmp(&x->id, &y->id);

	if (c)
		return c;
	if (x->is_change != y->is_change)
		return x->is_change ? 1 : -1;
	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (x->log != y->log)
		return x->log < y->log ? -1 : 1;
	return x->page < y->page ? -1 : x->page > y->page;
}

static bool rescue_state(struct record *into, const struct rescue_row *row, struct err *e)
{
	struct record r;
	bool ok;

	record_init(&r);
	ok = record_decode(row->blob, row->len, &r, e) &&
	     (into->kind ? record_merge(into, &r, e) : record_copy(&r, into, e));
	record_done(&r);
	return ok;
}

static bool rescue_change(struct record *into, const struct rescue_row *row, struct err *e)
{
	struct change c;
	bool ok;

	change_init(&c);
	ok = change_decode(row->blob, row->len, &c, e);
	if (ok && !into->kind) {
		into->id = c.id;
		into->kind = str_dup(c.kind);
		ok = into->kind || err_nomem(e, __func__);
	}
	ok = ok && record_apply(into, &c, e);
	change_done(&c);
	return ok;
}

/* What was read a moment ago may not be readable any more: then it is passed over. */
static bool rescue_add(struct rescue *r, const struct rescue_cell *c, struct record *into, struct err *e)
{
	struct err why = ERR_INIT;
	struct rescue_row row;
	int64_t at;

	(void)rescue_use(r, c->log);
	if (!vfs_reader_page(r->reader, c->page, r->page, &why) || c->cell >= rescue_cells(r) ||
	    !rescue_payload(r, c->cell, &at) || !rescue_shape(&r->payload, &row))
		return buf_ok(&r->payload, e);
	if (row.is_change ? rescue_change(into, &row, &why) : rescue_state(into, &row, &why))
		return true;
	if (why.code != ERR_NOMEM)
		return true;
	*e = why;
	return false;
}

static bool rescue_give(struct rescue *r, bool (*cb)(void *ctx, const struct record *r), void *ctx, struct err *e)
{
	bool go = true;

	for (size_t i = 0, next; i < r->n && go; i = next) {
		struct record got;
		bool ok = true;
		record_init(&got);
		for (next = i; ok && next < r->n && id_eq(&r->v[next].id, &r->v[i].id); next++)
			ok = rescue_add(r, &r->v[next], &got, e);
		if (ok && got.kind)
			go = cb(ctx, &got);
		record_done(&got);
		if (!ok)
			return false;
	}
	return true;
}

/* Of a copy of a damaged log and of the tail of any, the pages that it has; else all, and those that do not open are
 * counted. */
static bool rescue_pages(struct rescue *r, uint64_t *lost, struct err *e)
{
	struct err why = ERR_INIT;

	for (uint64_t n = 1; n <= r->pages[r->log / 2] && n <= UINT32_MAX; n++) {
		if (r->log > 0 && !vfs_reader_in_log(r->reader, n))
			continue;
		if (!vfs_reader_page(r->reader, n, r->page, &why))
			*lost += r->log == 0 && why.code == ERR_DAMAGED;
		else if (n > 1 && !rescue_page(r, (uint32_t)n, e))
			return false;
	}
	return true;
}

/* The log, or a copy of a damaged one, if there is such. */
static bool rescue_open(struct rescue *r, const struct vault *v, unsigned i, struct err *e)
{
	char log[24] = "", path[PATH_MAX];

	if (i > 0)
		snprintf(log, sizeof log, ".damaged-%u", i);
	if (i > 0 && (snprintf(path, sizeof path, "%s-wal%s", vault_path(v), log) >= (int)sizeof path ||
		      access(path, F_OK) != 0))
		return true;
	return vfs_reader_open(v, log, &r->readers[i], &r->pages[i], e);
}

bool store_rescue(struct vault *v, bool (*cb)(void *ctx, const struct record *r), void *ctx, uint64_t *lost,
		  struct err *e)
{
	struct rescue *r = calloc(1, sizeof *r);
	bool ok = false;

	*lost = 0;
	if (!r)
		return err_nomem(e, __func__);
	for (unsigned i = 0; i < RESCUE_LOGS; i++) {
		if (!rescue_open(r, v, i, e))
			goto out;
		if (!r->readers[i])
			continue;
		*lost += vfs_reader_lost(r->readers[i]);
		bool tail = rescue_use(r, 2 * i);
		if (!rescue_pages(r, lost, e))
			goto out;
		(void)rescue_use(r, 2 * i + 1);
		if (tail && !rescue_pages(r, lost, e))
			goto out;
	}
	if (r->n > 1)
		qsort(r->v, r->n, sizeof *r->v, rescue_cmp);
	ok = rescue_give(r, cb, ctx, e);
out:
	for (unsigned i = 0; i < RESCUE_LOGS; i++)
		vfs_reader_close(r->readers[i]);
	buf_done(&r->payload);
	free(r->v);
	free(r);
	return ok;
}
