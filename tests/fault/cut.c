/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cut.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum cut_style { CUT_ALL, CUT_NONE, CUT_PREFIX, CUT_ANY, CUT_GARBAGE, CUT_TORN, CUT_TORN_LAST, CUT_STYLES };

struct cut_bytes {
	uint8_t *p;
	size_t n, room;
};

struct cut_pending {
	size_t op;
	bool synced; /* behind one that a failed sync has dropped */
	bool dropped;
};

struct cut_node {
	struct cut_bytes b;
	struct cut_pending *v;
	size_t n, room;
};

struct cut {
	const struct disk_log *log;
	size_t at;
	struct cut_node *nodes;
	struct disk_name *names; /* borrowed strings */
	size_t nnames, names_room;
	struct cut_bytes scratch;
	/* Of the cut that is being made. */
	enum cut_style style;
	size_t prefix, sector, victim; /* torn for certain */
	uint64_t random;
};

uint64_t cut_random(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

static void *cut_alloc(void *p, size_t n)
{
	p = realloc(p, n > 0 ? n : 1);
	if (p == NULL)
		exit(99);
	return p;
}

static void cut_size(struct cut_bytes *b, size_t n)
{
	if (n > b->room) {
		b->room = 2 * n;
		b->p = cut_alloc(b->p, b->room);
	}
	if (n > b->n)
		memset(b->p + b->n, 0, n - b->n);
	b->n = n;
}

static void cut_put(struct cut_bytes *b, const uint8_t *p, size_t n, size_t at)
{
	if (at + n > b->n)
		cut_size(b, at + n);
	if (n > 0)
		memcpy(b->p + at, p, n);
}

static void cut_name_drop(struct cut *c, int dir, const char *name)
{
	for (size_t i = 0; i < c->nnames; i++)
		if (c->names[i].dir == dir && strcmp(c->names[i].name, name) == 0) {
			c->names[i] = c->names[--c->nnames];
			return;
		}
}

static void cut_name_add(struct cut *c, int dir, char *name, int node)
{
	cut_name_drop(c, dir, name);
	if (c->nnames == c->names_room) {
		c->names_room = 2 * c->names_room + 16;
		c->names = cut_alloc(c->names, c->names_room * sizeof *c->names);
	}
	c->names[c->nnames++] = (struct disk_name){dir, node, name};
}

static void cut_name_apply(struct cut *c, const struct disk_op *op)
{
	if (op->kind == DISK_UNLINK)
		cut_name_drop(c, op->node, op->name);
	if (op->kind == DISK_RENAME)
		cut_name_drop(c, op->node, op->from);
	if (op->kind == DISK_RENAME || op->kind == DISK_LINK)
		cut_name_add(c, op->node, op->name, op->child);
}

static void cut_apply(struct cut *c, const struct disk_op *op, struct cut_bytes *b)
{
	if (op->kind == DISK_WRITE)
		cut_put(b, op->p, op->n, (size_t)op->at);
	else if (op->kind == DISK_TRUNCATE)
		cut_size(b, (size_t)op->at);
	else
		cut_name_apply(c, op);
}

struct cut *cut_new(const struct disk_log *log)
{
	struct cut *c = cut_alloc(NULL, sizeof *c);

	*c = (struct cut){.log = log};
	c->nodes = cut_alloc(NULL, log->nnodes * sizeof *c->nodes);
	memset(c->nodes, 0, log->nnodes * sizeof *c->nodes);
	for (size_t i = 0; i < log->nnodes; i++)
		cut_put(&c->nodes[i].b, log->nodes[i].p, log->nodes[i].n, 0);
	for (size_t i = 0; i < log->nnames; i++)
		cut_name_add(c, log->names[i].dir, log->names[i].name, log->names[i].node);
	return c;
}

void cut_free(struct cut *c)
{
	for (size_t i = 0; i < c->log->nnodes; i++) {
		free(c->nodes[i].b.p);
		free(c->nodes[i].v);
	}
	free(c->nodes);
	free(c->names);
	free(c->scratch.p);
	free(c);
}

static void cut_pend(struct cut_node *node, size_t op)
{
	if (node->n == node->room) {
		node->room = 2 * node->room + 16;
		node->v = cut_alloc(node->v, node->room * sizeof *node->v);
	}
	node->v[node->n++] = (struct cut_pending){.op = op};
}

/* What no failed sync came before is on disk for good. */
static void cut_sync(struct cut *c, struct cut_node *node)
{
	size_t done = 0;

	for (size_t i = 0; i < node->n; i++)
		node->v[i].synced = !node->v[i].dropped;
	for (; done < node->n && node->v[done].synced; done++)
		cut_apply(c, &c->log->ops[node->v[done].op], &node->b);
	node->n -= done;
	if (node->n > 0)
		memmove(node->v, node->v + done, node->n * sizeof *node->v);
}

const struct disk_op *cut_next(struct cut *c)
{
	const struct disk_op *op = &c->log->ops[c->at];
	struct cut_node *node;

	if (c->at == c->log->nops)
		return NULL;
	node = &c->nodes[op->node];
	if (op->kind == DISK_SYNC)
		cut_sync(c, node);
	else if (op->kind == DISK_SYNC_FAILED) /* names are in the file system's journal, and go with the next */
		for (size_t i = 0; i < node->n && !c->log->nodes[op->node].dir; i++)
			node->v[i].dropped = !node->v[i].synced;
	else if (op->kind != DISK_MARK)
		cut_pend(node, c->at);
	c->at++;
	return op;
}

static bool cut_coin(struct cut *c)
{
	return cut_random(&c->random) >> 63 != 0;
}

static bool cut_kept(struct cut *c, const struct cut_pending *p)
{
	if (p->synced || c->style == CUT_ALL)
		return true;
	if (c->style == CUT_NONE || (c->style >= CUT_TORN && p->op == c->victim))
		return false;
	if (c->style == CUT_TORN_LAST)
		return p->op < c->victim;
	return c->style == CUT_PREFIX ? p->op < c->prefix : cut_coin(c);
}

static bool cut_is_torn(struct cut *c, size_t op)
{
	return op == c->victim || (c->style == CUT_TORN && cut_coin(c));
}

/* A write of which some sectors are there. */
static void cut_tear(struct cut *c, const struct disk_op *op, struct cut_bytes *b)
{
	size_t end, from = (size_t)op->at, to = from + op->n;

	for (size_t at = from; at < to; at = end) {
		end = (at / c->sector + 1) * c->sector;
		end = end < to ? end : to;
		if (cut_coin(c))
			cut_put(b, op->p + (at - from), end - at, at);
	}
}

/* The file has grown by a write that is not there: its new sectors are zeros, or what the disk held before. */
static void cut_garbage(struct cut *c, const struct disk_op *op, struct cut_bytes *b)
{
	size_t from = b->n, to = (size_t)op->at + op->n;

	if (to <= from)
		return;
	cut_size(b, to);
	for (size_t at = from; at < to; at++)
		if ((at == from || at % c->sector == 0) && cut_coin(c))
			for (size_t i = at; i < to && i / c->sector == at / c->sector; i++)
				b->p[i] = (uint8_t)cut_random(&c->random);
}

static void cut_file(struct cut *c, const struct cut_node *node, const char *path)
{
	struct cut_bytes *b = &c->scratch;
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	b->n = 0;
	cut_put(b, node->b.p, node->b.n, 0);
	for (size_t i = 0; i < node->n; i++) {
		const struct disk_op *op = &c->log->ops[node->v[i].op];

		if (cut_kept(c, &node->v[i]))
			cut_apply(c, op, b);
		else if (op->kind == DISK_WRITE && c->style == CUT_GARBAGE && cut_coin(c))
			cut_garbage(c, op, b);
		else if (op->kind == DISK_WRITE && c->style >= CUT_TORN && cut_is_torn(c, node->v[i].op))
			cut_tear(c, op, b);
	}
	if (fd < 0 || write(fd, b->p, b->n) != (ssize_t)b->n)
		exit(99);
	close(fd);
}

static void cut_folder(struct cut *c, int dir, const char *path)
{
	char below[PATH_MAX];

	for (size_t i = 0; i < c->nnames; i++) {
		const struct disk_name *name = &c->names[i];

		if (name->dir != dir)
			continue;
		if (snprintf(below, sizeof below, "%s/%s", path, name->name) >= (int)sizeof below)
			exit(99);
		if (c->log->nodes[name->node].dir) {
			if (mkdir(below, 0700) != 0)
				exit(99);
			cut_folder(c, name->node, below);
		} else {
			cut_file(c, &c->nodes[name->node], below);
		}
	}
}

/* The names as they will be, for as long as the files are made. */
static void cut_files(struct cut *c, const char *folder)
{
	struct disk_name *synced = cut_alloc(NULL, c->nnames * sizeof *synced);
	size_t n = c->nnames;

	if (n > 0)
		memcpy(synced, c->names, n * sizeof *synced);
	for (size_t i = 0; i < c->log->nnodes; i++)
		for (size_t j = 0; c->log->nodes[i].dir && j < c->nodes[i].n; j++)
			if (cut_kept(c, &c->nodes[i].v[j]))
				cut_name_apply(c, &c->log->ops[c->nodes[i].v[j].op]);
	cut_folder(c, 0, folder);
	if (n > 0)
		memcpy(c->names, synced, n * sizeof *synced);
	c->nnames = n;
	free(synced);
}

/* The write that a cut comes after is torn half of the time: lost or there it is
 * like the cut before or after. */
static void cut_draw(struct cut *c)
{
	size_t last = c->at - 1;
	bool torn = c->at > 0 && c->log->ops[last].kind == DISK_WRITE && cut_coin(c);

	c->style = (enum cut_style)(cut_random(&c->random) % CUT_STYLES);
	c->sector = cut_random(&c->random) % 4 > 0 ? 512 : 4096;
	c->victim = torn ? last : c->log->nops;
	if (torn)
		c->style = cut_coin(c) ? CUT_TORN : CUT_TORN_LAST;
	else if (c->style == CUT_TORN_LAST)
		c->style = CUT_TORN;
}

void cut_make(struct cut *c, const char *folder, uint64_t seed)
{
	size_t oldest = c->at;

	c->random = seed;
	for (size_t i = 0; i < c->log->nnodes; i++)
		if (c->nodes[i].n > 0 && c->nodes[i].v[0].op < oldest)
			oldest = c->nodes[i].v[0].op;
	cut_draw(c);
	c->prefix = oldest + cut_random(&c->random) % (c->at - oldest + 1);
	cut_files(c, folder);
}

void cut_make_worst(struct cut *c, const char *folder)
{
	c->style = CUT_NONE;
	cut_files(c, folder);
}

void cut_make_best(struct cut *c, const char *folder)
{
	c->style = CUT_ALL;
	cut_files(c, folder);
}

static int cut_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type;
	return ftw->level > 0 ? remove(path) : 0;
}

void cut_clear(const char *folder)
{
	(void)nftw(folder, cut_remove, 16, FTW_DEPTH | FTW_PHYS);
}
