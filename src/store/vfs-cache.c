/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SQLite's page cache in memory of ours: pages are in clear there.  First an arena that is locked; what goes beyond it,
 * while much is written, comes in blocks that are left out of core dumps, wiped and given back.  SQLite's own cache
 * would never grow past an arena it was given.  See sqlite3_pcache_methods2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <sodium.h>

#include "store/vfs-file.h"

#define CACHE_BLOCK (1 << 20) /* bytes */
#define CACHE_ARENA_MIN (512 << 10)

struct cache_page {
	sqlite3_pcache_page base; /* first: SQLite's pointer is ours */
	unsigned key;
	bool pinned;
	struct cache_page *next; /* in its bucket, or free in its block */
	struct cache_page *older, *newer;
	struct cache_block *block; /* NULL: larger than a slot, allocated by itself */
};

struct cache_block {
	struct cache_block *next;
	uint8_t *p;
	unsigned slots, used;
	unsigned fresh; /* slots from here on were never used: their memory is not touched */
	struct cache_page *free;
};

struct cache {
	size_t page, extra; /* bytes */
	bool purge;         /* pages can be read again */
	unsigned max, n, unpinned;
	struct cache_page **buckets;
	unsigned nbuckets;      /* a power of two */
	struct cache_page ring; /* of those not pinned: .newer is the oldest, .older the newest */
};

static struct {
	size_t slot;                /* bytes of a page with all that goes with it */
	struct cache_block *blocks; /* the arena first; NULL: not started */
	sqlite3_pcache_methods2 was;
} cache_memory;

static struct cache_page *cache_slot(const struct cache_block *b, unsigned i)
{
	return (struct cache_page *)(b->p + (i + 1) * cache_memory.slot - sizeof(struct cache_page));
}

static struct cache_block *cache_block_new(void)
{
	struct cache_block *b = calloc(1, sizeof *b);

	if (b == NULL)
		return NULL;
	b->p = mmap(NULL, CACHE_BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b->p == MAP_FAILED) {
		free(b);
		return NULL;
	}
	(void)madvise(b->p, CACHE_BLOCK, MADV_DONTDUMP);
	b->slots = (unsigned)(CACHE_BLOCK / cache_memory.slot);
	b->next = cache_memory.blocks->next;
	cache_memory.blocks->next = b;
	return b;
}

/* Blocks that nothing is in any more; their pages were wiped one by one. */
static void cache_give_back(void)
{
	for (struct cache_block **at = &cache_memory.blocks->next; *at != NULL;) {
		struct cache_block *b = *at;
		if (b->used > 0) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		munmap(b->p, CACHE_BLOCK);
		free(b);
	}
}

static struct cache_page *cache_page_new(const struct cache *c)
{
	struct cache_block *b = cache_memory.blocks;
	struct cache_page *p;
	uint8_t *at;

	if (c->page + c->extra > cache_memory.slot - sizeof *p) {
		size_t n = (c->page + c->extra + 15) & ~(size_t)15;
		if ((at = malloc(n + sizeof *p)) == NULL)
			return NULL;
		p = (struct cache_page *)(at + n);
		*p = (struct cache_page){.base = {at, at + c->page}};
		return p;
	}
	while (b != NULL && b->used == b->slots)
		b = b->next;
	if (b == NULL && (b = cache_block_new()) == NULL)
		return NULL;
	if ((p = b->free) != NULL)
		b->free = p->next;
	else
		p = cache_slot(b, b->fresh++);
	at = (uint8_t *)p + sizeof *p - cache_memory.slot;
	b->used++;
	memset(at, 0, c->page + c->extra);
	*p = (struct cache_page){.base = {at, at + c->page}, .block = b};
	return p;
}

static void cache_page_free(const struct cache *c, struct cache_page *p)
{
	struct cache_block *b = p->block;

	sodium_memzero(p->base.pBuf, c->page + c->extra);
	if (b == NULL) {
		free(p->base.pBuf);
		return;
	}
	b->used--;
	p->next = b->free;
	b->free = p;
}

static struct cache_page **cache_bucket(const struct cache *c, unsigned key)
{
	struct cache_page **at = &c->buckets[key & (c->nbuckets - 1)];

	while (*at != NULL && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

static void cache_pin(struct cache *c, struct cache_page *p)
{
	if (p->pinned)
		return;
	p->older->newer = p->newer;
	p->newer->older = p->older;
	p->pinned = true;
	c->unpinned--;
}

static void cache_unhash(struct cache *c, struct cache_page *p)
{
	*cache_bucket(c, p->key) = p->next;
	cache_pin(c, p);
	c->n--;
}

static void cache_hash(struct cache *c, struct cache_page *p, unsigned key)
{
	struct cache_page **at = &c->buckets[key & (c->nbuckets - 1)];

	p->key = key;
	p->next = *at;
	*at = p;
	c->n++;
}

static void cache_drop(struct cache *c, struct cache_page *p)
{
	cache_unhash(c, p);
	cache_page_free(c, p);
}

/* Twice as many buckets; without memory for them it only gets slower. */
static void cache_grow(struct cache *c)
{
	unsigned n = c->nbuckets * 2, old = c->nbuckets;
	struct cache_page **was = c->buckets, **v = calloc(n, sizeof(struct cache_page *));

	if (v == NULL)
		return;
	c->buckets = v;
	c->nbuckets = n;
	c->n = 0;
	for (unsigned i = 0; i < old; i++) {
		for (struct cache_page *next, *p = was[i]; p != NULL; p = next) {
			next = p->next;
			cache_hash(c, p, p->key);
		}
	}
	free(was);
}

static void cache_fit(struct cache *c, unsigned max)
{
	while (c->n > max && c->unpinned > 0)
		cache_drop(c, c->ring.newer);
}

static int cache_init(void *arg)
{
	(void)arg;
	return SQLITE_OK;
}

static void cache_shutdown(void *arg)
{
	(void)arg;
}

static sqlite3_pcache *cache_create(int page, int extra, int purge)
{
	struct cache *c = calloc(1, sizeof *c);

	if (c == NULL)
		return NULL;
	*c = (struct cache){.page = (size_t)page, .extra = (size_t)extra, .purge = purge != 0, .nbuckets = 256};
	c->ring.older = c->ring.newer = &c->ring;
	c->buckets = calloc(c->nbuckets, sizeof(struct cache_page *));
	if (c->buckets == NULL) {
		free(c);
		return NULL;
	}
	return (sqlite3_pcache *)c;
}

static void cache_set_size(sqlite3_pcache *cache, int pages)
{
	struct cache *c = (struct cache *)cache;

	c->max = (unsigned)pages;
	cache_fit(c, c->max);
}

static int cache_count(sqlite3_pcache *cache)
{
	return (int)((struct cache *)cache)->n;
}

/* A page that can be used for another one: the one not used for longest, once there are as many as there may be. */
static struct cache_page *cache_recycle(struct cache *c, bool must)
{
	struct cache_page *p = c->ring.newer;

	if (!c->purge || c->unpinned == 0 || (!must && c->n < c->max))
		return NULL;
	cache_unhash(c, p);
	memset(p->base.pBuf, 0, c->page); /* SQLite need not fill all of a new page */
	return p;
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *cache, unsigned key, int create)
{
	struct cache *c = (struct cache *)cache;
	struct cache_page *p = *cache_bucket(c, key);

	if (p != NULL) {
		cache_pin(c, p);
		return &p->base;
	}
	/* 1: only when it is easy; SQLite then writes changed pages out and asks again with 2 */
	if (create == 0 || (create == 1 && c->purge && c->n - c->unpinned >= c->max - c->max / 10))
		return NULL;
	if (c->n >= c->nbuckets)
		cache_grow(c);
	if ((p = cache_recycle(c, false)) == NULL && (p = cache_page_new(c)) == NULL &&
	    (p = cache_recycle(c, true)) == NULL)
		return NULL;
	*(void **)p->base.pExtra = NULL; /* as SQLite asks for */
	p->pinned = true;
	cache_hash(c, p, key);
	return &p->base;
}

static void cache_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
	struct cache *c = (struct cache *)cache;
	struct cache_page *p = (struct cache_page *)page;

	if (discard || (c->purge && c->n > c->max)) {
		cache_drop(c, p);
		return;
	}
	p->pinned = false;
	p->newer = &c->ring;
	p->older = c->ring.older;
	p->older->newer = c->ring.older = p;
	c->unpinned++;
}

static void cache_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
	struct cache *c = (struct cache *)cache;
	struct cache_page *p = (struct cache_page *)page, *other = *cache_bucket(c, to);

	if (other != NULL)
		cache_drop(c, other);
	*cache_bucket(c, from) = p->next;
	c->n--;
	cache_hash(c, p, to);
}

static void cache_truncate(sqlite3_pcache *cache, unsigned limit)
{
	struct cache *c = (struct cache *)cache;

	for (unsigned i = 0; i < c->nbuckets; i++) {
		for (struct cache_page *next, *p = c->buckets[i]; p != NULL; p = next) {
			next = p->next;
			if (p->key >= limit)
				cache_drop(c, p);
		}
	}
}

static void cache_destroy(sqlite3_pcache *cache)
{
	struct cache *c = (struct cache *)cache;

	cache_truncate(cache, 0);
	free(c->buckets);
	free(c);
	cache_give_back();
}

static void cache_shrink(sqlite3_pcache *cache)
{
	struct cache *c = (struct cache *)cache;

	if (c->purge)
		cache_fit(c, 0);
	cache_give_back();
}

static const sqlite3_pcache_methods2 cache_methods = {
    .iVersion = 1,
    .xInit = cache_init,
    .xShutdown = cache_shutdown,
    .xCreate = cache_create,
    .xCachesize = cache_set_size,
    .xPagecount = cache_count,
    .xFetch = cache_fetch,
    .xUnpin = cache_unpin,
    .xRekey = cache_rekey,
    .xTruncate = cache_truncate,
    .xDestroy = cache_destroy,
    .xShrink = cache_shrink,
};

/* Half of what may be locked at most: keys are locked too. */
static size_t cache_arena(size_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur / 2 < bytes &&
	    limit.rlim_cur / 2 >= CACHE_ARENA_MIN)
		return limit.rlim_cur / 2;
	return bytes;
}

bool vfs_start(size_t cache_bytes, struct err *e)
{
	struct cache_block *b;
	int extra = 0;

	if (sodium_init() < 0)
		return err_set(e, ERR_INTERNAL, "vfs_start", "libsodium");
	if (cache_memory.blocks != NULL)
		return true;
	sqlite3_config(SQLITE_CONFIG_PCACHE_HDRSZ,
		       &extra); /* what SQLite keeps beside a page, and its own cache would */
	cache_memory.slot = (VAULT_PAGE + (size_t)extra + sizeof(struct cache_page) + 15) & ~(size_t)15;
	if ((b = calloc(1, sizeof *b)) == NULL)
		return err_nomem(e, "vfs_start");
	b->slots = (unsigned)(cache_arena(cache_bytes) / cache_memory.slot);
	b->p = sodium_malloc(b->slots * cache_memory.slot); /* locked, and wiped when freed */
	if (b->p == NULL) {
		free(b);
		return err_nomem(e, "vfs_start");
	}
	/* arpent has one thread; a library built for that refuses to be told */
	(void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &cache_memory.was) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_PCACHE2, &cache_methods) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK ||
	    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, -1) != SQLITE_OK) {
		sodium_free(b->p);
		free(b);
		return err_set(e, ERR_INTERNAL, "vfs_start", "sqlite3_config");
	}
	cache_memory.blocks = b;
	if (sqlite3_initialize() == SQLITE_OK)
		return true;
	vfs_stop();
	return err_set(e, ERR_INTERNAL, "vfs_start", "sqlite3_initialize");
}

void vfs_stop(void)
{
	if (cache_memory.blocks == NULL)
		return;
	sqlite3_shutdown();
	sqlite3_config(SQLITE_CONFIG_PCACHE2, &cache_memory.was);
	cache_give_back();
	sodium_free(cache_memory.blocks->p);
	free(cache_memory.blocks);
	cache_memory.blocks = NULL;
}

/* Of what is free, an eighth, so that a small machine keeps the rest of what it does in memory. */
static size_t cache_wide_bytes(void)
{
	FILE *f = fopen("/proc/meminfo", "re");
	char line[128];
	size_t kib = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "MemAvailable:", 13) == 0)
			kib = strtoul(line + 13, NULL, 10);
	if (f != NULL)
		fclose(f);
	return kib / 8 < VFS_CACHE_WIDE / 1024 ? kib / 8 * 1024 : VFS_CACHE_WIDE;
}

size_t vfs_cache_pages(bool wide)
{
	size_t small = cache_memory.blocks != NULL ? cache_memory.blocks->slots : VFS_CACHE / VAULT_PAGE, n;

	n = wide ? cache_wide_bytes() / (cache_memory.slot > 0 ? cache_memory.slot : VAULT_PAGE) : small;
	return n > small ? n : small;
}

size_t vfs_cache_bytes(void)
{
	size_t n = 0;

	for (const struct cache_block *b = cache_memory.blocks; b != NULL; b = b->next)
		n += b->slots * cache_memory.slot;
	return n;
}
