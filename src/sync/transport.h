/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transport - one request to a server and its answer, under the kinds of remote that are on the network.  remote-curl.c
 * is the one that there is; tests have others.
 *
 * Errors: ERR_IO "net_reach" (no way there), "net_cut" (broke off), "net_slow" (nothing for longer than the patience),
 * "net_tls", "net_denied", "net_moved", "net_server"; ERR_UNTRUSTED "net_new" (a certificate nobody vouches for),
 * "net_changed" (another key than the one known); ERR_WRONG_KEY "net_login"; ERR_BUSY "net_locked", "net_wait";
 * ERR_FULL "net_full"; ERR_NOT_FOUND "net_folder", "net_library"; ERR_FORMAT "net_odd"; ERR_CANCELLED; ERR_NOMEM.
 */
#ifndef ARPENT_TRANSPORT_H
#define ARPENT_TRANSPORT_H

#include "arpent/remote.h"

/* As libcurl knows it: s3:// is https://.  ERR_INPUT for what no remote speaks. */
bool remote_url_web(struct remote_url *url, struct err *e) MUST_USE;
/* Of a path: ERR_INPUT for what is not UTF-8 or has control characters. */
bool remote_url_decode(const char *path, size_t n, struct buf *out, struct err *e) MUST_USE;

enum {
	STATUS_OK = 200,
	STATUS_MADE = 201,
	STATUS_DONE = 204,
	STATUS_PART = 206,
	STATUS_MANY = 207,
	STATUS_MISSING = 404,
	STATUS_CONFLICT = 409,
	STATUS_THERE = 412,
	STATUS_RANGE = 416
};

#define CALL_HEADERS 6
#define CALL_ERROR 2048
struct call {
	const char *method; /* of HTTP; of SFTP: GET, HEAD, PUT, LIST, and DO for commands alone */
	const char *url;
	const char *header[CALL_HEADERS]; /* "Name: value" */
	const char *command[3];           /* SFTP: after a PUT, or by themselves */
	const void *body;
	size_t nbody;
	size_t limit;  /* of the answer's body */
	uint64_t from; /* the answer from this byte on */

	long status;    /* SFTP is given the nearest of HTTP */
	struct buf *in; /* the body is added, of an answer that is no error; NULL: dropped */
	bool over;      /* it was longer than the limit, and is cut there */
	uint64_t size;  /* the body's, as announced; 0 */
	long wait;      /* seconds, of Retry-After; -1 */
	char location[256];
	char error[CALL_ERROR]; /* how the body of an error begins */
};

struct transport_ops {
	/* False when there is no whole answer; call->in has what came until then. */
	bool (*run)(void *ctx, struct call *c, struct err *e);
	bool (*wait)(void *ctx, long seconds, struct err *e);
	void (*close)(void *ctx);
};
struct transport {
	const struct transport_ops *ops;
	void *ctx;
	struct remote_cost cost;
	struct remote_watch watch;
};

/* `url` and `access` are borrowed; out stays where it is until it is closed.  region: of S3, whose signature is then
 * what lets us in; "" for others. */
bool transport_curl(const struct remote_url *url, const struct remote_access *access, const char *region,
		    struct transport *out, struct err *e) MUST_USE;
bool transport_meet(const struct remote_url *url, const struct remote_access *access, struct remote_server *out,
		    struct err *e) MUST_USE;

/* A call and what any kind of remote does about its answer: a cut download goes on where it was cut, what may be asked
 * twice is, a server that says when to come back is waited for, if it is not long.  True with the status of 2xx or of
 * one of `expected` (ends with 0); *e has all others. */
bool transport_call(struct transport *t, struct call *c, const long *expected, struct err *e) MUST_USE;

/* What the kinds share: a place, and the transport to it. */
struct network {
	struct transport t;
	struct remote_url url; /* as libcurl knows it */
	struct remote_access access;
	char base[1536];              /* of all names */
	char bucket[256], region[64]; /* S3: "/BUCKET" */
};
bool network_new(const char *where, const struct remote_access *access, struct network **out, struct err *e) MUST_USE;
/* Makes the kind of it, by one of the functions below, over the transport of libcurl. */
bool network_open(const char *where, const struct remote_access *access,
		  bool (*over)(struct network *n, struct remote *out, struct err *e), struct remote *out,
		  struct err *e) MUST_USE;
/* These leave n->t alone: tests put another transport there. */
bool remote_webdav_over(struct network *n, struct remote *out, struct err *e) MUST_USE;
bool remote_sftp_over(struct network *n, struct remote *out, struct err *e) MUST_USE;
bool remote_s3_over(struct network *n, struct remote *out, struct err *e) MUST_USE;

void network_close(void *ctx);
/* base/name; appends. */
bool network_url(const struct network *n, const char *name, const char *end, struct buf *out, struct err *e) MUST_USE;
void network_remote(struct network *n, const struct remote_ops *ops, struct remote *out);
bool network_get(void *ctx, const char *name, size_t limit, struct buf *out, bool *found, struct err *e);
bool network_has(void *ctx, const char *name, bool *found, uint64_t *size, struct err *e);

/* Gives each element's text when it ends, and NULL text when it begins; the name without its namespace.  ERR_FORMAT. */
#define XML_TEXT_MAX 4096
bool remote_xml(const struct buf *xml, bool (*cb)(void *ctx, const char *name, const char *text), void *ctx,
		struct err *e) MUST_USE;

#endif
