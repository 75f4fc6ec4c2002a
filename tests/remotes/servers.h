/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The servers of serve.sh, each started when it is first needed and stopped at the end, and the proxy before it. */
#ifndef ARPENT_SERVERS_H
#define ARPENT_SERVERS_H

#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"
#include "proxy.h"

#define UP_MS 20000

struct server {
	const char *kind;
	bool http;
	int port;
	pid_t pid;
	struct proxy *proxy;
	bool missing;
};
static struct server webdav = {.kind = "webdav", .http = true}, sftp = {.kind = "sftp"},
		     s3 = {.kind = "s3", .http = true};
static struct server *const servers[] = {&webdav, &sftp, &s3};

static inline void servers_down(void)
{
	for (size_t i = 0; i < sizeof servers / sizeof *servers; i++)
		if (servers[i]->pid > 0) {
			proxy_stop(servers[i]->proxy);
			kill(servers[i]->pid, SIGTERM);
			waitpid(servers[i]->pid, NULL, 0);
			servers[i]->pid = 0;
		}
}

static inline char *server_file(const struct server *s, const char *name)
{
	static char path[4][512];
	static unsigned turn;
	char *p = path[turn++ % 4];

	snprintf(p, 512, "%s/%s%s%s", check_dir(), s->kind, name[0] ? "/" : "", name);
	return p;
}

static inline void server_exec(const struct server *s)
{
	char port[16];
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(null, 0);
	dup2(null, 1);
	snprintf(port, sizeof port, "%d", s->port);
	mkdir(server_file(s, ""), 0700);
	execlp("bash", "bash", check_source("tests/remotes/serve.sh"), s->kind, server_file(s, ""), port, (char *)NULL);
	_exit(127);
}

static inline bool server_wait(struct server *s)
{
	int status;

	for (int ms = 0; ms < UP_MS; ms += 20) {
		int fd = proxy_socket(s->port, false);
		if (fd >= 0) {
			close(fd);
			return true;
		}
		if (waitpid(s->pid, &status, WNOHANG) == s->pid) {
			s->pid = 0;
			s->missing = WIFEXITED(status) && WEXITSTATUS(status) == 77;
			return false;
		}
		poll(NULL, 0, 20);
	}
	return false;
}

/* A free one after which the next is free too. */
static inline int two_ports(void)
{
	int port = 0, one = -1, next = -1;

	while (next < 0) {
		one = proxy_socket(0, true);
		port = proxy_port_of(one);
		next = proxy_socket(port + 1, true);
		close(one);
	}
	close(next);
	return port;
}

/* False when its program is missing, which is a failure only where everything should be there. */
static inline bool server_up(struct server *s)
{
	static bool first = true;
	struct err e = ERR_INIT;

	if (first && CHECK_OK(secret_start(&e), &e) && check_dir())
		atexit(servers_down);
	first = false;
	if (s->pid == 0 && !s->missing) {
		s->port = two_ports();
		s->pid = fork();
		if (s->pid == 0)
			server_exec(s);
		if (server_wait(s))
			s->proxy = proxy_start(s->port, s->http, s == &s3 ? "S3RVER" : NULL);
		else if (!s->missing)
			CHECK_FAIL("%s did not start", s->kind);
	}
	if (s->missing) {
		printf("# the program of %s is not installed: ./dev install-deps --ci\n", s->kind);
		CHECK(!getenv("CI"));
	}
	if (s->proxy)
		proxy_calm(s->proxy);
	return s->pid > 0 && s->proxy;
}

#endif
