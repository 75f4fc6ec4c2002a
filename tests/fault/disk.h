/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * disk - a disk under the program.  The system calls on the files of one folder are counted, fail when told to, and
 * what they change is noted, so that cut.h can make the files as a power cut would leave them.
 *
 * A program's own open(), pwrite() and so on come before those of libc for every library in it, SQLite's VFS too: this
 * lies under the database and under the header, the lock, the inbox and all the rest alike.  The files are real;
 * nothing is really synced.  For one thread.
 */
#ifndef ARPENT_DISK_H
#define ARPENT_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum disk_op_kind {
	DISK_WRITE,
	DISK_TRUNCATE, /* to `at` */
	DISK_SYNC,
	DISK_SYNC_FAILED, /* as on Linux: what was not on disk yet may never be, although later reads still see it */
	DISK_LINK,        /* a name for `child`: a file or folder made, or a second name */
	DISK_UNLINK,
	DISK_RENAME, /* of `child`, from `from` to `name` */
	DISK_MARK    /* the test's own: `at` is its number */
};

struct disk_op {
	enum disk_op_kind kind;
	int node; /* what it changes: a file, or the folder of the name */
	off_t at;
	size_t n;
	uint8_t *p;
	int child;
	char *name, *from; /* within the folder */
};

struct disk_node {
	bool dir;
	uint8_t *p; /* as it was when the recording began */
	size_t n;
};

struct disk_name {
	int dir, node;
	char *name;
};

struct disk_log {
	struct disk_node *nodes; /* the first is the folder itself */
	struct disk_name *names; /* at the beginning */
	struct disk_op *ops;
	size_t nnodes, nnames, nops;
};

/* Watches a folder (an absolute path without symbolic links) from what it holds now on.  disk_stop() keeps the log,
 * until the next start or disk_forget(). */
void disk_start(const char *folder);
void disk_stop(void);
void disk_forget(void);
void disk_mark(int number);
const struct disk_log *disk_log(void);
uint64_t disk_digest(void); /* of the log and of the calls that were counted */
/* While paused, calls are not counted and do not fail; what they change is still noted. */
void disk_pause(bool on);

/* Failing.  Calls are counted from 0 at disk_start(). */
enum disk_call { CALL_OPEN, CALL_CLOSE, CALL_READ, CALL_WRITE, CALL_TRUNCATE, CALL_SYNC, CALL_NAME, CALL_STAT, CALLS };
enum disk_fault { FAULT_NONE, FAULT_EIO, FAULT_ENOSPC, FAULT_SHORT, FAULT_EINTR, FAULTS };
long disk_calls(void);
enum disk_call disk_call_at(long i);
/* Where in the program a call comes from: the function that makes it, and what that one was called for. */
struct disk_site {
	uint32_t near, far;
};
struct disk_site disk_site_at(long i);                     /* of calls counted while none was to fail */
bool disk_can(enum disk_fault fault, enum disk_call call); /* can such a call fail so? */
/* The call number `at` fails, or all from it on that can fail so; EINTR then comes at every other call.  FAULT_NONE:
 * nothing fails any more. */
void disk_fail(enum disk_fault fault, long at, bool stays);
long disk_hits(void); /* calls that failed since */
int disk_open_files(void);

#endif
