/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/remote.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "remotes.h"

static const struct {
	bool (*takes)(const char *where);
	bool (*open)(const char *where, struct remote *out, struct err *e);
} remotes[] = {
#define REMOTE(x) {remote_##x##_takes, remote_##x##_open},
#include "remotes.def"
#undef REMOTE
};

bool remote_open(const char *where, struct remote *out, struct err *e)
{
	*out = (struct remote){.ops = NULL};
	for (size_t i = 0; i < sizeof remotes / sizeof *remotes; i++)
		if (remotes[i].takes(where))
			return remotes[i].open(where, out, e);
	return err_set(e, ERR_INPUT, "remote_open", "%s", where);
}

void remote_close(struct remote *r)
{
	if (r->ops)
		r->ops->close(r->ctx);
	r->ops = NULL;
}

bool remote_get(struct remote *r, const char *name, size_t limit, struct buf *out, bool *found, struct err *e)
{
	size_t had = out->len;

	*found = false;
	r->requests++;
	if (!r->ops->get(r->ctx, name, limit, out, found, e))
		return false;
	r->down += out->len - had;
	return true;
}

bool remote_put(struct remote *r, const char *name, const void *p, size_t n, bool *made, struct err *e)
{
	*made = false;
	r->requests++;
	r->up += n;
	return r->ops->put(r->ctx, name, p, n, made, e);
}

bool remote_has(struct remote *r, const char *name, bool *found, uint64_t *size, struct err *e)
{
	*found = false;
	*size = 0;
	r->requests++;
	return r->ops->has(r->ctx, name, found, size, e);
}

bool remote_list(struct remote *r, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	r->requests++;
	return r->ops->list(r->ctx, cb, with, e);
}

bool remote_remove(struct remote *r, const char *name, struct err *e)
{
	r->requests++;
	return r->ops->remove(r->ctx, name, e);
}

void remote_name(char letter, const struct id *stream, uint64_t n, char out[REMOTE_NAME_MAX])
{
	char hex[2 * ID_BYTES + 1];

	sodium_bin2hex(hex, sizeof hex, stream->b, ID_BYTES);
	snprintf(out, REMOTE_NAME_MAX, "%c/%s/%" PRIu64, letter, hex, n);
}

bool remote_name_ours(const char *path)
{
	size_t hex, digits;

	if (strcmp(path, REMOTE_ID) == 0)
		return true;
	if (!path[0] || !strchr("krs", path[0]) || path[1] != '/')
		return false;
	hex = strspn(path + 2, "0123456789abcdef");
	if (hex != 2 * ID_BYTES || path[2 + hex] != '/')
		return false;
	path += 3 + hex;
	digits = strspn(path, "0123456789");
	return digits > 0 && digits < 20 && path[0] != '0' && path[digits] == '\0';
}
