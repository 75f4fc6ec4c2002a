/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/io.h"

#define SECRET_LINE 1024
#define SECRET_STACK 16384 /* deeper than libsodium goes */
#define SECRET_FILE_MIN 32
#define SECRET_FILE_MAX 4096

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECRET_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SECRET_SANITIZED
#endif

bool secret_start(struct err *e)
{
	static const struct rlimit none;

	if (sodium_init() < 0)
		return err_set(e, ERR_INTERNAL, "secret_start", "libsodium does not start");
	setrlimit(RLIMIT_CORE, &none);
#ifndef SECRET_SANITIZED /* LeakSanitizer looks at the program through ptrace */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	return true;
}

bool secret_alloc(struct secret *s, size_t cap, struct err *e)
{
	secret_free(s);
	if (cap >= SIZE_MAX / 2)
		return err_nomem(e, "secret_alloc");
	unsigned char *p = sodium_malloc(cap + 1);
	if (!p)
		return err_nomem(e, "secret_alloc");
	p[0] = '\0';
	*s = (struct secret){p, 0, cap};
	return true;
}

bool secret_set(struct secret *s, const void *p, size_t n, struct err *e)
{
	struct secret copy = SECRET_INIT;

	/* p may lie in s, so s goes last. */
	if (!secret_alloc(&copy, n, e))
		return false;
	if (n > 0)
		memcpy(copy.p, p, n);
	copy.p[n] = '\0';
	copy.len = n;
	secret_free(s);
	*s = copy;
	return true;
}

/* What was last done with it has left pieces on the stack, of libraries too: the key that Argon2id gave, for one. */
void secret_free(struct secret *s)
{
	if (s->p)
		sodium_stackzero(SECRET_STACK);
	sodium_free(s->p);
	*s = (struct secret)SECRET_INIT;
}

bool secret_read_fd(struct secret *s, int fd, struct err *e)
{
	unsigned char c = 0;
	bool ok = false;

	if (!secret_alloc(s, SECRET_LINE, e))
		return false;
	for (;;) {
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_sys(e, errno, "secret_read_fd", "file descriptor %d", fd);
			break;
		}
		ok = n > 0 ? c == '\n' : s->len > 0;
		if (n == 0 && !ok)
			err_set(e, ERR_INPUT, "secret_read_fd", _("nothing on file descriptor %d"), fd);
		if (n == 0 || ok)
			break;
		if (s->len == s->cap) {
			err_set(e, ERR_LIMIT, "secret_read_fd", "more than %d bytes", SECRET_LINE);
			break;
		}
		s->p[s->len++] = c;
		s->p[s->len] = '\0';
	}
	sodium_memzero(&c, sizeof c);
	if (!ok)
		secret_free(s);
	return ok;
}

bool secret_read_file(struct secret *s, const char *path, struct err *e)
{
	struct stat st;
	bool ok = false;
	int fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, errno, "secret_read_file", "%s", path);
	if (fstat(fd, &st) < 0) {
		err_sys(e, errno, "secret_read_file", "%s", path);
		goto out;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < SECRET_FILE_MIN || st.st_size > SECRET_FILE_MAX) {
		err_set(e, ERR_INPUT, "secret_read_file", _("%s: not a file of %d to %d bytes"), path, SECRET_FILE_MIN,
			SECRET_FILE_MAX);
		goto out;
	}
	if (st.st_mode & (S_IRGRP | S_IROTH)) {
		err_set(e, ERR_INPUT, "secret_read_file", _("%s: others can read it (chmod 600)"), path);
		goto out;
	}
	if (!secret_alloc(s, (size_t)st.st_size, e))
		goto out;
	while (s->len < s->cap) {
		ssize_t n = read(fd, s->p + s->len, s->cap - s->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			err_sys(e, n < 0 ? errno : EIO, "secret_read_file", "%s", path);
			goto out;
		}
		s->len += (size_t)n;
	}
	s->p[s->len] = '\0';
	ok = true;
out:
	if (!ok)
		secret_free(s);
	close(fd);
	return ok;
}
