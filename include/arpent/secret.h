/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret - memory for keys and passphrases.
 *
 * Allocated by sodium_malloc: guarded, locked where the system allows it, and wiped when freed.  Nothing secret is
 * ever put elsewhere, and a struct secret is never copied by assignment.
 */
#ifndef ARPENT_SECRET_H
#define ARPENT_SECRET_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/err.h"

struct secret {
	unsigned char *p; /* NULL when empty */
	size_t len;       /* bytes in use; p[len] is NUL where there is room for a string */
	size_t cap;
};

#define SECRET_INIT \
	{ \
		NULL, 0, 0 \
	}

/* Starts libsodium, and forbids core dumps and ptrace by others (PR_SET_DUMPABLE 0, RLIMIT_CORE 0).  Called once by
 * main before anything else.  ERR_INTERNAL when libsodium cannot start. */
bool secret_start(struct err *e) MUST_USE;

bool secret_alloc(struct secret *s, size_t cap, struct err *e) MUST_USE; /* room for cap bytes and a NUL; empty */
bool secret_set(struct secret *s, const void *p, size_t n, struct err *e) MUST_USE; /* allocates; a copy of n bytes */
void secret_free(struct secret *s); /* wipes, the stack below the caller too; safe on an empty one */

/* Reads one line (without its newline) from a file descriptor, byte by byte, so that nothing is read past it.
 * At most 1024 bytes; ERR_LIMIT beyond; ERR_INPUT when empty at end of file. */
bool secret_read_fd(struct secret *s, int fd, struct err *e) MUST_USE;

/* Asks on /dev/tty with echo off.  prompt is printed as it is.  ERR_IO when there is no terminal; ERR_CANCELLED on ^C
 * or ^D. The terminal is restored on every way out, signals included. */
bool secret_read_tty(struct secret *s, const char *prompt, struct err *e) MUST_USE;

/* Reads a whole key file (32 to 4096 bytes; any content).  ERR_INPUT when others than the owner can read it. */
bool secret_read_file(struct secret *s, const char *path, struct err *e) MUST_USE;

#endif
