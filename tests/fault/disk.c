/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef _FORTIFY_SOURCE /* its inline functions have the names that are defined here */
#include "disk.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { DISK_FDS = 1024, DISK_DEPTH = 40, DISK_NEAR = 5, DISK_SITE = 6 };

extern const char __executable_start, etext; /* the linker's */

static struct disk {
	char root[PATH_MAX];
	size_t root_n;
	bool on, paused;
	struct disk_log log;
	struct disk_name *now; /* the names as they are */
	size_t nnow;
	int fds[DISK_FDS]; /* node + 1 */
	uint8_t *calls;    /* enum disk_call of each */
	struct disk_site *sites;
	long ncalls, hits;
	enum disk_fault fault;
	long fault_at;
	bool fault_stays;
	unsigned temp; /* names given by mkstemp() */
} disk;

static void *disk_grow(void *p, size_t n, size_t size)
{
	if (n == 0 || (n >= 16 && (n & (n - 1)) == 0))
		p = realloc(p, (n == 0 ? 16 : 2 * n) * size);
	if (p == NULL)
		exit(99);
	return p;
}

static char *disk_dup(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		exit(99);
	return p;
}

/* The path below the watched folder, "" for the folder itself; NULL when it is elsewhere. */
static const char *disk_below(const char *path)
{
	if (!disk.on || strncmp(path, disk.root, disk.root_n) != 0)
		return NULL;
	if (path[disk.root_n] == '\0')
		return path + disk.root_n;
	return path[disk.root_n] == '/' ? path + disk.root_n + 1 : NULL;
}

static int disk_find(int dir, const char *name, size_t n)
{
	for (size_t i = 0; i < disk.nnow; i++)
		if (disk.now[i].dir == dir && strlen(disk.now[i].name) == n && memcmp(disk.now[i].name, name, n) == 0)
			return (int)i;
	return -1;
}

/* The folder of a path below, and the name in it. */
static int disk_dir(const char *below, const char **name)
{
	int dir = 0;

	for (const char *slash; (slash = strchr(below, '/')) != NULL; below = slash + 1) {
		int i = disk_find(dir, below, (size_t)(slash - below));
		if (i < 0)
			return -1;
		dir = disk.now[i].node;
	}
	*name = below;
	return dir;
}

static int disk_node_of(const char *below)
{
	const char *name;
	int dir, i;

	if (*below == '\0')
		return 0;
	dir = disk_dir(below, &name);
	i = dir < 0 ? -1 : disk_find(dir, name, strlen(name));
	return i < 0 ? -1 : disk.now[i].node;
}

static int disk_node_add(bool dir)
{
	disk.log.nodes = disk_grow(disk.log.nodes, disk.log.nnodes, sizeof *disk.log.nodes);
	disk.log.nodes[disk.log.nnodes] = (struct disk_node){.dir = dir};
	return (int)disk.log.nnodes++;
}

static void disk_now_add(int dir, const char *name, int node)
{
	disk.now = disk_grow(disk.now, disk.nnow, sizeof *disk.now);
	disk.now[disk.nnow++] = (struct disk_name){dir, node, disk_dup(name)};
}

static void disk_now_drop(int dir, const char *name)
{
	int i = disk_find(dir, name, strlen(name));

	if (i < 0)
		return;
	free(disk.now[i].name);
	disk.now[i] = disk.now[--disk.nnow];
}

static struct disk_op *disk_note(enum disk_op_kind kind, int node)
{
	disk.log.ops = disk_grow(disk.log.ops, disk.log.nops, sizeof *disk.log.ops);
	disk.log.ops[disk.log.nops] = (struct disk_op){.kind = kind, .node = node};
	return &disk.log.ops[disk.log.nops++];
}

static void disk_note_name(enum disk_op_kind kind, const char *below, int child, const char *from)
{
	const char *name, *old;
	int dir = disk_dir(below, &name);
	struct disk_op *op = disk_note(kind, dir);

	op->child = child;
	op->name = disk_dup(name);
	if (from != NULL) {
		if (disk_dir(from, &old) != dir)
			exit(99); /* no one here renames across folders */
		op->from = disk_dup(old);
		disk_now_drop(dir, old);
	}
	disk_now_drop(dir, name);
	if (kind != DISK_UNLINK)
		disk_now_add(dir, name, child);
}

/* Where in the program a call comes from, whatever of a library is between: the nearest places of a few. */
static struct disk_site disk_site(void)
{
	void *at[DISK_DEPTH];
	int n = backtrace(at, DISK_DEPTH), ours = 0;
	struct disk_site site = {0};
	uint32_t h = 2166136261u;

	for (int i = 0; i < n && ours < DISK_SITE; i++) {
		uintptr_t p = (uintptr_t)at[i];

		if (p < (uintptr_t)&__executable_start || p >= (uintptr_t)&etext)
			continue;
		h = (h ^ (uint32_t)(p - (uintptr_t)&__executable_start)) * 16777619u;
		if (++ours == DISK_NEAR)
			site.near = h;
	}
	site.far = h;
	return site;
}

/* Counts a call, and says how it is to fail. */
static enum disk_fault disk_turn(enum disk_call call)
{
	long i = disk.ncalls;
	bool hit = disk.fault != FAULT_NONE && (i == disk.fault_at || (disk.fault_stays && i > disk.fault_at)) &&
		   disk_can(disk.fault, call);

	if (disk.paused)
		return FAULT_NONE;
	disk.ncalls++;
	disk.calls = disk_grow(disk.calls, (size_t)i, 1);
	disk.calls[i] = (uint8_t)call;
	disk.sites = disk_grow(disk.sites, (size_t)i, sizeof *disk.sites);
	disk.sites[i] = disk.fault == FAULT_NONE ? disk_site() : (struct disk_site){0};
	if (hit && disk.fault == FAULT_EINTR && (i - disk.fault_at) % 2 != 0)
		hit = false;
	disk.hits += hit;
	return hit ? disk.fault : FAULT_NONE;
}

/* Sets errno for a call that fails; false when it is to go on. */
static bool disk_fails(enum disk_call call)
{
	static const int errnos[] = {[FAULT_EIO] = EIO, [FAULT_ENOSPC] = ENOSPC, [FAULT_EINTR] = EINTR};
	enum disk_fault f = disk_turn(call);

	if (f == FAULT_NONE)
		return false;
	errno = errnos[f];
	return true;
}

static int disk_fd(int fd)
{
	return disk.on && fd >= 0 && fd < DISK_FDS ? disk.fds[fd] - 1 : -1;
}

static void disk_opened(const char *below, int fd, int flags, bool was)
{
	int node = disk_node_of(below);

	if (!was) {
		node = disk_node_add(false);
		disk_note_name(DISK_LINK, below, node, NULL);
	} else if (flags & O_TRUNC) {
		disk_note(DISK_TRUNCATE, node)->at = 0;
	}
	if (fd >= DISK_FDS)
		exit(99);
	disk.fds[fd] = node + 1;
}

int open(const char *path, int flags, ...)
{
	const char *below = disk_below(path);
	mode_t mode = 0;
	va_list ap;
	bool was;
	int fd;

	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	if (below == NULL)
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (disk_fails(CALL_OPEN))
		return -1;
	was = disk_node_of(below) >= 0;
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	if (fd >= 0)
		disk_opened(below, fd, flags, was);
	return fd;
}

int close(int fd)
{
	bool ours = fd >= 0 && fd < DISK_FDS && disk.fds[fd] != 0, fails = disk_fd(fd) >= 0 && disk_fails(CALL_CLOSE);
	int sys = errno, rc = (int)syscall(SYS_close, fd);

	if (ours)
		disk.fds[fd] = 0;
	if (fails)
		errno = sys;
	return fails ? -1 : rc;
}

/* How much of n to move, or -1. */
static ssize_t disk_amount(enum disk_call call, size_t n)
{
	static const int errnos[] = {[FAULT_EIO] = EIO, [FAULT_ENOSPC] = ENOSPC, [FAULT_EINTR] = EINTR};
	enum disk_fault f = disk_turn(call);

	if (f == FAULT_NONE)
		return (ssize_t)n;
	if (f == FAULT_SHORT)
		return n < 2 ? (ssize_t)n : (ssize_t)(n / 2);
	errno = errnos[f];
	return -1;
}

static ssize_t disk_wrote(int node, const void *p, ssize_t n, off_t at)
{
	struct disk_op *op;

	if (n <= 0)
		return n;
	op = disk_note(DISK_WRITE, node);
	op->at = at;
	op->n = (size_t)n;
	op->p = malloc((size_t)n);
	if (op->p == NULL)
		exit(99);
	memcpy(op->p, p, (size_t)n);
	return n;
}

ssize_t pread(int fd, void *p, size_t n, off_t at)
{
	ssize_t want = disk_fd(fd) < 0 ? (ssize_t)n : disk_amount(CALL_READ, n);

	return want < 0 ? -1 : syscall(SYS_pread64, fd, p, (size_t)want, at);
}

ssize_t read(int fd, void *p, size_t n)
{
	ssize_t want = disk_fd(fd) < 0 ? (ssize_t)n : disk_amount(CALL_READ, n);

	return want < 0 ? -1 : syscall(SYS_read, fd, p, (size_t)want);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t at)
{
	int node = disk_fd(fd);
	ssize_t want = node < 0 ? (ssize_t)n : disk_amount(CALL_WRITE, n);

	if (want < 0)
		return -1;
	want = syscall(SYS_pwrite64, fd, p, (size_t)want, at);
	return node < 0 ? want : disk_wrote(node, p, want, at);
}

ssize_t write(int fd, const void *p, size_t n)
{
	int node = disk_fd(fd);
	ssize_t want = node < 0 ? (ssize_t)n : disk_amount(CALL_WRITE, n);
	off_t at;

	if (want < 0)
		return -1;
	if (node < 0)
		return syscall(SYS_write, fd, p, n);
	at = lseek(fd, 0, SEEK_CUR);
	return disk_wrote(node, p, syscall(SYS_write, fd, p, (size_t)want), at);
}

int ftruncate(int fd, off_t size)
{
	int node = disk_fd(fd), rc;

	if (node >= 0 && disk_fails(CALL_TRUNCATE))
		return -1;
	rc = (int)syscall(SYS_ftruncate, fd, size);
	if (node >= 0 && rc == 0)
		disk_note(DISK_TRUNCATE, node)->at = size;
	return rc;
}

int fsync(int fd)
{
	int node = disk_fd(fd);

	if (node < 0)
		return 0; /* no power is cut for real */
	if (disk_fails(CALL_SYNC)) {
		if (errno != EINTR)
			disk_note(DISK_SYNC_FAILED, node);
		return -1;
	}
	disk_note(DISK_SYNC, node);
	return 0;
}

int fdatasync(int fd)
{
	return fsync(fd);
}

static int disk_unlink(const char *path, int flags)
{
	const char *below = disk_below(path);
	int rc;

	if (below != NULL && disk_fails(CALL_NAME))
		return -1;
	rc = (int)syscall(SYS_unlinkat, AT_FDCWD, path, flags);
	if (below != NULL && rc == 0)
		disk_note_name(DISK_UNLINK, below, -1, NULL);
	return rc;
}

int unlink(const char *path)
{
	return disk_unlink(path, 0);
}

int rmdir(const char *path)
{
	return disk_unlink(path, AT_REMOVEDIR);
}

int mkdir(const char *path, mode_t mode)
{
	const char *below = disk_below(path);
	int rc;

	if (below != NULL && disk_fails(CALL_NAME))
		return -1;
	rc = (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
	if (below != NULL && rc == 0)
		disk_note_name(DISK_LINK, below, disk_node_add(true), NULL);
	return rc;
}

int renameat2(int fromfd, const char *from, int tofd, const char *to, unsigned flags)
{
	const char *a = disk_below(from), *b = disk_below(to);
	int rc;

	if ((a == NULL) != (b == NULL))
		exit(99);
	if (a != NULL && disk_fails(CALL_NAME))
		return -1;
	if (b != NULL && flags == RENAME_NOREPLACE) { /* which not every file system has */
		flags = 0;
		if (disk_node_of(b) >= 0) {
			errno = EEXIST;
			return -1;
		}
	}
	rc = (int)syscall(SYS_renameat2, fromfd, from, tofd, to, flags);
	if (a != NULL && rc == 0)
		disk_note_name(DISK_RENAME, b, disk_node_of(a), a);
	return rc;
}

int rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int link(const char *from, const char *to)
{
	const char *a = disk_below(from), *b = disk_below(to);
	int rc;

	if (b != NULL && disk_fails(CALL_NAME))
		return -1;
	rc = (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
	if (a != NULL && b != NULL && rc == 0)
		disk_note_name(DISK_LINK, b, disk_node_of(a), NULL);
	return rc;
}

int mkostemp(char *path, int flags)
{
	char *end = path + strlen(path) - 6;
	int fd;

	do {
		unsigned n = disk.temp++;
		for (int i = 5; i >= 0; i--, n /= 26)
			end[i] = (char)('a' + n % 26);
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | flags, 0600);
	} while (fd < 0 && errno == EEXIST);
	return fd;
}

int mkstemp(char *path)
{
	return mkostemp(path, 0);
}

int fstat(int fd, struct stat *st)
{
	if (disk_fd(fd) >= 0 && disk_fails(CALL_STAT))
		return -1;
	return (int)syscall(SYS_newfstatat, fd, "", st, AT_EMPTY_PATH);
}

/* What libsqlite3 was built to call, and what fortified inline functions call. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
ssize_t pread64(int fd, void *p, size_t n, off_t at) __attribute__((alias("pread")));
ssize_t pwrite64(int fd, const void *p, size_t n, off_t at) __attribute__((alias("pwrite")));
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));
int fstat64(int fd, struct stat64 *st);
ssize_t __read_chk(int fd, void *p, size_t n, size_t room);
ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room);

int fstat64(int fd, struct stat64 *st)
{
	return fstat(fd, (struct stat *)(void *)st);
}

ssize_t __read_chk(int fd, void *p, size_t n, size_t room)
{
	return n > room ? (abort(), -1) : read(fd, p, n);
}

ssize_t __pread_chk(int fd, void *p, size_t n, off_t at, size_t room)
{
	return n > room ? (abort(), -1) : pread(fd, p, n, at);
}

static void disk_load_file(const char *path, struct disk_node *node)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0 || (node->p = malloc((size_t)st.st_size + 1)) == NULL)
		exit(99);
	node->n = (size_t)st.st_size;
	if (pread(fd, node->p, node->n, 0) != st.st_size)
		exit(99);
	close(fd);
}

/* In the order of their names, whatever the file system's: files are numbered so, and cuts are drawn in it. */
static void disk_load(const char *path, int dir)
{
	struct dirent **entries;
	char below[PATH_MAX];
	struct stat st;
	int n = scandir(path, &entries, NULL, alphasort), node;

	if (n < 0)
		exit(99);
	for (int i = 0; i < n; free(entries[i++])) {
		const char *name = entries[i]->d_name;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		if (snprintf(below, sizeof below, "%s/%s", path, name) >= (int)sizeof below || lstat(below, &st) != 0)
			exit(99);
		node = disk_node_add(S_ISDIR(st.st_mode));
		disk_now_add(dir, name, node);
		disk.log.names = disk_grow(disk.log.names, disk.log.nnames, sizeof *disk.log.names);
		disk.log.names[disk.log.nnames++] = (struct disk_name){dir, node, disk_dup(name)};
		if (S_ISDIR(st.st_mode))
			disk_load(below, node);
		else
			disk_load_file(below, &disk.log.nodes[node]);
	}
	free(entries);
}

void disk_start(const char *folder)
{
	disk_forget();
	disk.root_n = strlen(folder);
	memcpy(disk.root, folder, disk.root_n + 1);
	disk.temp = 0;
	(void)disk_node_add(true);
	disk_load(folder, 0);
	disk.on = true;
}

void disk_stop(void)
{
	disk.on = false;
	disk.fault = FAULT_NONE;
}

void disk_forget(void)
{
	struct disk_log *log = &disk.log;

	for (size_t i = 0; i < log->nnodes; i++)
		free(log->nodes[i].p);
	for (size_t i = 0; i < log->nnames; i++)
		free(log->names[i].name);
	for (size_t i = 0; i < disk.nnow; i++)
		free(disk.now[i].name);
	for (size_t i = 0; i < log->nops; i++) {
		free(log->ops[i].p);
		free(log->ops[i].name);
		free(log->ops[i].from);
	}
	free(log->nodes);
	free(log->names);
	free(log->ops);
	free(disk.now);
	free(disk.calls);
	free(disk.sites);
	memset(&disk, 0, sizeof disk);
}

void disk_mark(int number)
{
	disk_note(DISK_MARK, 0)->at = number;
}

const struct disk_log *disk_log(void)
{
	return &disk.log;
}

void disk_pause(bool on)
{
	disk.paused = on;
}

static uint64_t disk_mix(uint64_t h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)p)[i]) * 0x100000001B3u;
	return h ^ n;
}

uint64_t disk_digest(void)
{
	uint64_t h = disk_mix(1469598103934665603u, disk.calls, (size_t)disk.ncalls);

	for (size_t i = 0; i < disk.log.nops; i++) {
		const struct disk_op *op = &disk.log.ops[i];
		const int64_t what[] = {op->kind, op->node, op->at, op->child};

		h = disk_mix(disk_mix(h, what, sizeof what), op->p, op->n);
		h = op->name != NULL ? disk_mix(h, op->name, strlen(op->name)) : h;
		h = op->from != NULL ? disk_mix(h, op->from, strlen(op->from)) : h;
	}
	return h;
}

long disk_calls(void)
{
	return disk.ncalls;
}

enum disk_call disk_call_at(long i)
{
	return (enum disk_call)disk.calls[i];
}

struct disk_site disk_site_at(long i)
{
	return disk.sites[i];
}

bool disk_can(enum disk_fault fault, enum disk_call call)
{
	static const unsigned can[CALLS] = {
	    [CALL_OPEN] = 1u << FAULT_EIO | 1u << FAULT_ENOSPC | 1u << FAULT_EINTR,
	    [CALL_CLOSE] = 1u << FAULT_EIO | 1u << FAULT_EINTR,
	    [CALL_READ] = 1u << FAULT_EIO | 1u << FAULT_SHORT | 1u << FAULT_EINTR,
	    [CALL_WRITE] = 1u << FAULT_EIO | 1u << FAULT_ENOSPC | 1u << FAULT_SHORT | 1u << FAULT_EINTR,
	    [CALL_TRUNCATE] = 1u << FAULT_EIO | 1u << FAULT_EINTR,
	    [CALL_SYNC] = 1u << FAULT_EIO | 1u << FAULT_ENOSPC | 1u << FAULT_EINTR,
	    [CALL_NAME] = 1u << FAULT_EIO | 1u << FAULT_ENOSPC,
	    [CALL_STAT] = 1u << FAULT_EIO,
	};

	return (can[call] & 1u << fault) != 0;
}

void disk_fail(enum disk_fault fault, long at, bool stays)
{
	disk.fault = fault;
	disk.fault_at = at;
	disk.fault_stays = stays;
	disk.hits = 0;
}

long disk_hits(void)
{
	return disk.hits;
}

int disk_open_files(void)
{
	int n = 0;

	for (int i = 0; i < DISK_FDS; i++)
		n += disk.fds[i] != 0;
	return n;
}
