/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remote - storage that several devices reach: a folder on a USB key, a synchronised folder; over the network SFTP,
 * WebDAV (RFC 4918; Nextcloud) and S3.
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
#include "arpent/secret.h"

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
	bool (*prepare)(void *ctx, struct err *e);
	void (*close)(void *ctx);
};

/* Asked while bytes travel: so many of this request, of `all` (0: not known).  False breaks off: ERR_CANCELLED. */
struct remote_watch {
	bool (*go_on)(void *ctx, bool up, uint64_t now, uint64_t all);
	void *ctx;
};
struct remote_cost { /* as the network counts: headers too */
	uint64_t requests, up, down;
};

struct remote {
	const struct remote_ops *ops;
	void *ctx;
	/* What it has cost since it was opened; may be set to zero. */
	uint64_t requests, up, down;
	const struct remote_cost *cost; /* of a kind that counts by itself; NULL: one request an operation */
	struct remote_cost counted;     /* of that, already above */
	struct remote_watch *watch;     /* to be filled by who wants to know; NULL where nothing travels */
};

/* What a remote on the network asks for, and how it is known again. */
#define REMOTE_TRUST_MAX 96
#define REMOTE_USER_MAX 128
#define REMOTE_FILE_MAX 1024
struct remote_access {
	char user[REMOTE_USER_MAX];     /* "" for none; the access key id of S3 */
	char key_file[REMOTE_FILE_MAX]; /* SFTP: the private key; "" for none */
	char trust[REMOTE_TRUST_MAX];   /* the only key that the server may have; "": vouched for by an authority */
	struct secret password;         /* or the key's passphrase; the secret key of S3 */
	bool clear;                     /* may travel unprotected */
	unsigned patience;              /* seconds to connect, and without a byte, 0: REMOTE_PATIENCE */
};
#define REMOTE_PATIENCE 60
void remote_access_done(struct remote_access *a);

/* A place as it was typed, read and checked.  RFC 3986, without a password or a fragment. */
struct remote_url {
	char scheme[8];
	char user[REMOTE_USER_MAX];
	char host[264];  /* and port; an IPv6 address in brackets */
	char path[1024]; /* what RFC 3986 wants encoded is; "" or "/..." without a slash at its end */
	char query[128]; /* or "" */
	bool loopback;
};
bool remote_url_read(const char *where, struct remote_url *out, struct err *e) MUST_USE;
/* By where it is: a folder's path, or file:///...; sftp://, https://, s3:// and a host (arpent-bundle.5).  `access` is
 * copied; it may be NULL.  ERR_INPUT for what no kind of remote takes; ERR_NOT_FOUND when it is no folder now.  A
 * remote on the network is not reached before the first operation, which fails with one of the errors of transport.h.
 */
bool remote_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e) MUST_USE;
void remote_close(struct remote *r);

/* Who answers there, before anything of ours goes to them. */
enum remote_known {
	REMOTE_HERE,    /* no network */
	REMOTE_CLEAR,   /* unprotected: anybody on the way reads the password */
	REMOTE_VOUCHED, /* a certificate that an authority of this system vouches for */
	REMOTE_SHOWN    /* known by its fingerprint alone */
};
struct remote_server {
	enum remote_known known;
	char fingerprint[REMOTE_TRUST_MAX]; /* SHA-256 as ssh-keygen -l or openssl x509 -fingerprint show it, or "" */
	char trust[REMOTE_TRUST_MAX];       /* for struct remote_access */
};
bool remote_meet(const char *where, const struct remote_access *access, struct remote_server *out,
		 struct err *e) MUST_USE;
/* Makes the folder itself where there is none; the one above is there. */
bool remote_prepare(struct remote *r, struct err *e) MUST_USE;

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
/* "s/HEX/N.tmp": what a put leaves behind that was cut short; the next one replaces it. */
bool remote_name_temp(const char *path);
/* A folder of such objects: "s", "s/HEX". */
bool remote_name_folder(const char *path);

#endif
