/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remote - storage that several devices reach: a folder on a USB key, a synchronised folder.
 *
 * Objects are immutable and have names: "arpent.id", or a letter, a stream and a number, "s/HEX/12" (arpent-bundle.5).
 * What has no such name is not ours: it is never read, replaced or removed.  Nothing here is believed, and that
 * something is not there means nothing: who asks knows what should be.
 */
#ifndef ARPENT_REMOTE_H
#define ARPENT_REMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "arpent/buf.h"
#include "arpent/id.h"

#define REMOTE_NAME_MAX 64
#define REMOTE_ID "arpent.id"

struct remote_ops {
	/* Appends the object; *found false when there is none.  ERR_LIMIT over `limit` bytes. */
	bool (*get)(void *ctx, const char *name, size_t limit, struct buf *out, bool *found, struct err *e);
	/* Puts it in one piece, or not at all; *made false, and nothing done, when there is one by that name. */
	bool (*put)(void *ctx, const char *name, const void *p, size_t n, bool *made, struct err *e);
	bool (*has)(void *ctx, const char *name, bool *found, uint64_t *size, struct err *e);
	/* Everything there, ours or not; cb false stops it. */
	bool (*list)(void *ctx, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e);
	bool (*remove)(void *ctx, const char *name, struct err *e); /* what is not there is removed */
	void (*close)(void *ctx);
};

struct remote {
	const struct remote_ops *ops;
	void *ctx;
	/* What it has cost since it was opened. */
	uint64_t requests, up, down;
};

/* By where it is: a folder's path, or file:///...  ERR_INPUT for what no kind of remote takes; ERR_NOT_FOUND when it
 * cannot be reached now. */
bool remote_open(const char *where, struct remote *out, struct err *e) MUST_USE;
void remote_close(struct remote *r);

/* The same as the operations, counted. */
bool remote_get(struct remote *r, const char *name, size_t limit, struct buf *out, bool *found, struct err *e) MUST_USE;
bool remote_put(struct remote *r, const char *name, const void *p, size_t n, bool *made, struct err *e) MUST_USE;
bool remote_has(struct remote *r, const char *name, bool *found, uint64_t *size, struct err *e) MUST_USE;
bool remote_list(struct remote *r, bool (*cb)(void *with, const char *path, uint64_t size), void *with,
		 struct err *e) MUST_USE;
bool remote_remove(struct remote *r, const char *name, struct err *e) MUST_USE;

/* "s/HEX/N".  ours: could arpent have given something this name? */
void remote_name(char letter, const struct id *stream, uint64_t n, char out[REMOTE_NAME_MAX]);
bool remote_name_ours(const char *path);

#endif
