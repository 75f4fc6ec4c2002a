/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proxy - stands between a client and a server on loopback, and does to what travels what networks and servers do.
 *
 * It is a process of its own, and one more a connection, told what to do through memory that it shares with the test.
 * BYTES passes bytes on and knows nothing of them; HTTP reads requests and answers, and can answer by itself.
 */
#ifndef ARPENT_PROXY_H
#define ARPENT_PROXY_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sigv4.h"

enum proxy_act {
	PROXY_ANSWER, /* with `status`, `header` and `body`, without asking the server */
	PROXY_TORN,   /* the server gets half of the body as if it were all, and the client no answer */
	PROXY_KEPT,   /* the same, and the client its answer */
	PROXY_HALF,   /* half of the answer reaches the client */
	PROXY_DEAF    /* done, and the answer does not reach the client */
};
struct proxy_rule {
	char method[12], part[64]; /* of the path; "" for any */
	enum proxy_act act;
	int status;
	const char *header, *body; /* of the test's own memory, from before the proxy began */
	atomic_int times;
};

struct proxy {
	int port, to; /* on 127.0.0.1 */
	pid_t pid;
	bool http;
	/* What it does. */
	atomic_long cut; /* of BYTES: so many bytes, both ways together, and it is reset; 0: never */
	atomic_int cuts; /* so many connections */
	atomic_int deaf; /* takes what comes, and says nothing */
	atomic_int slow; /* so many bytes at a time, a millisecond between them; 0: as it comes */
	struct proxy_rule rule[4];
	/* What it has seen. */
	atomic_long connections, requests, bytes, most; /* most: bytes of one connection */
	const char *secret;       /* of requests that are signed, or NULL; from before the proxy began */
	atomic_long badly_signed; /* requests that are not as they should be then */
};

static inline int proxy_socket(int port, bool listening)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (listening)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (listening ? bind(fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(fd, 64) == 0
		      : connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline int proxy_port_of(int fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t n = sizeof at;

	getsockname(fd, (struct sockaddr *)&at, &n);
	return ntohs(at.sin_port);
}

static inline void proxy_reset(int fd)
{
	const struct linger now = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

static inline bool proxy_send(struct proxy *x, int fd, const char *p, size_t n)
{
	while (n > 0) {
		int slow = atomic_load(&x->slow);
		ssize_t put = send(fd, p, slow > 0 && (size_t)slow < n ? (size_t)slow : n, MSG_NOSIGNAL);
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
		if (slow > 0)
			poll(NULL, 0, 1);
	}
	return true;
}

/* Reads once from one and sends to the other; false at the end, or at the cut. */
static inline bool proxy_pass(struct proxy *x, int from, int to, long *bytes, long cut)
{
	char room[16384];
	ssize_t n = recv(from, room, sizeof room, 0);

	if (n <= 0)
		return false;
	if (cut > 0 && *bytes + n > cut)
		n = (ssize_t)(cut - *bytes);
	*bytes += n;
	atomic_fetch_add(&x->bytes, n);
	if (*bytes > atomic_load(&x->most))
		atomic_store(&x->most, *bytes);
	return proxy_send(x, to, room, (size_t)n) && (cut == 0 || *bytes < cut);
}

static inline void proxy_bytes(struct proxy *x, int client)
{
	int server = proxy_socket(x->to, false);
	struct pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
	long bytes = 0, cut = atomic_fetch_sub(&x->cuts, 1) > 0 ? atomic_load(&x->cut) : 0;
	bool go = server >= 0;

	while (go && poll(p, 2, 20000) > 0) {
		if (p[0].revents)
			go = proxy_pass(x, client, server, &bytes, cut);
		if (go && p[1].revents)
			go = proxy_pass(x, server, client, &bytes, cut);
	}
	if (cut > 0 && bytes >= cut) {
		proxy_reset(client);
		proxy_reset(server);
	}
}

struct proxy_message {
	char *p;
	size_t n, head; /* all of it; up to the empty line, which is in it */
	size_t body;    /* as announced */
};

/* Reads a request whole. */
static inline bool proxy_request(int fd, struct proxy_message *m)
{
	size_t cap = 1 << 16, want = 0;
	char *end, *length;

	m->p = malloc(cap + 1);
	m->n = m->head = m->body = 0;
	for (;;) {
		ssize_t n = recv(fd, m->p + m->n, cap - m->n, 0);
		if (n <= 0)
			return false;
		m->n += (size_t)n;
		m->p[m->n] = '\0';
		if (!m->head && (end = strstr(m->p, "\r\n\r\n"))) {
			m->head = (size_t)(end - m->p) + 4;
			length = strcasestr(m->p, "\r\ncontent-length:");
			m->body = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
			want = m->head + m->body;
		}
		if (m->head && m->n >= want)
			return true;
		if (cap - m->n < 4096) {
			cap *= 2;
			m->p = realloc(m->p, cap + 1);
		}
	}
}

static inline struct proxy_rule *proxy_match(struct proxy *x, const char *request)
{
	char method[12] = "", path[1024] = "";

	sscanf(request, "%11s %1023s", method, path);
	for (size_t i = 0; i < sizeof x->rule / sizeof *x->rule; i++) {
		struct proxy_rule *r = &x->rule[i];
		if (r->method[0] && strcmp(r->method, method) == 0 && strstr(path, r->part) &&
		    atomic_load(&r->times) > 0 && atomic_fetch_sub(&r->times, 1) > 0)
			return r;
	}
	return NULL;
}

/* The request anew: to be answered and closed, and with as much of its body as it is to have. */
static inline bool proxy_forward(struct proxy *x, const struct proxy_message *m, size_t body, char **answer, size_t *n)
{
	int server = proxy_socket(x->to, false);
	size_t cap = 1 << 16;
	char length[64];

	*answer = malloc(cap);
	*n = 0;
	if (server < 0)
		return false;
	for (const char *line = m->p, *end; line < m->p + m->head - 2; line = end + 2) {
		end = strstr(line, "\r\n");
		if (strncasecmp(line, "content-length:", 15) != 0 && strncasecmp(line, "connection:", 11) != 0)
			send(server, line, (size_t)(end + 2 - line), MSG_NOSIGNAL);
	}
	snprintf(length, sizeof length, "Connection: close\r\nContent-Length: %zu\r\n\r\n", body);
	send(server, length, strlen(length), MSG_NOSIGNAL);
	send(server, m->p + m->head, body, MSG_NOSIGNAL);
	for (ssize_t got; (got = recv(server, *answer + *n, cap - *n, 0)) > 0;) {
		*n += (size_t)got;
		if (cap - *n < 4096)
			*answer = realloc(*answer, cap *= 2);
	}
	close(server);
	return true;
}

static inline void proxy_say(struct proxy *x, int client, const struct proxy_rule *r, bool head)
{
	char text[1024];
	const char *body = r->body ? r->body : "";

	snprintf(text, sizeof text, "HTTP/1.1 %d Said\r\n%sContent-Length: %zu\r\n\r\n%s", r->status,
		 r->header ? r->header : "", strlen(body), head ? "" : body);
	proxy_send(x, client, text, strlen(text));
}

static inline bool proxy_one(struct proxy *x, int client)
{
	struct proxy_message m;
	struct proxy_rule *r;
	char *answer = NULL;
	size_t n;
	bool go = false;

	if (proxy_request(client, &m)) {
		atomic_fetch_add(&x->requests, 1);
		if (x->secret && !sigv4_ok(m.p, m.p + m.head, m.body, x->secret))
			atomic_fetch_add(&x->badly_signed, 1);
		r = proxy_match(x, m.p);
		if (r && r->act == PROXY_ANSWER) {
			proxy_say(x, client, r, strncmp(m.p, "HEAD", 4) == 0);
			go = true;
		} else {
			bool torn = r && (r->act == PROXY_TORN || r->act == PROXY_KEPT);
			if (proxy_forward(x, &m, torn ? m.body / 2 : m.body, &answer, &n) &&
			    (!r || r->act == PROXY_KEPT))
				proxy_send(x, client, answer, n);
			else if (r && r->act == PROXY_HALF)
				proxy_send(x, client, answer, n - n / 4);
			if (r && r->act != PROXY_KEPT)
				proxy_reset(client);
		}
	}
	free(answer);
	free(m.p);
	return go;
}

static inline void proxy_client(struct proxy *x, int client)
{
	atomic_fetch_add(&x->connections, 1);
	while (atomic_load(&x->deaf)) {
		char room[1024];
		if (recv(client, room, sizeof room, 0) <= 0)
			return;
	}
	if (!x->http) {
		proxy_bytes(x, client);
		return;
	}
	while (proxy_one(x, client))
		continue;
}

static inline struct proxy *proxy_start(int to, bool http, const char *secret)
{
	struct proxy *x = mmap(NULL, sizeof *x, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = proxy_socket(0, true);
	pid_t pid;

	x->port = proxy_port_of(fd);
	x->to = to;
	x->http = http;
	x->secret = secret;
	pid = fork();
	if (pid > 0) {
		x->pid = pid;
		close(fd);
		return x;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int client = accept(fd, NULL, NULL);
		if (client >= 0 && fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			proxy_client(x, client);
			_exit(0);
		}
		close(client);
	}
}

static inline void proxy_calm(struct proxy *x)
{
	atomic_store(&x->cut, 0);
	atomic_store(&x->cuts, 0);
	atomic_store(&x->deaf, 0);
	atomic_store(&x->slow, 0);
	for (size_t i = 0; i < sizeof x->rule / sizeof *x->rule; i++)
		x->rule[i].method[0] = '\0';
	atomic_store(&x->requests, 0);
	atomic_store(&x->bytes, 0);
	atomic_store(&x->most, 0);
	atomic_store(&x->connections, 0);
}

static inline void proxy_rule(struct proxy *x, size_t i, const char *method, const char *part, enum proxy_act act,
			      int status, int times)
{
	struct proxy_rule *r = &x->rule[i];

	snprintf(r->method, sizeof r->method, "%s", method);
	snprintf(r->part, sizeof r->part, "%s", part);
	r->act = act;
	r->status = status;
	r->header = r->body = NULL;
	atomic_store(&r->times, times);
}

static inline void proxy_stop(struct proxy *x)
{
	kill(x->pid, SIGKILL);
	waitpid(x->pid, NULL, 0);
	munmap(x, sizeof *x);
}

#endif
