/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/remote.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "remotes.h"
#include "transport.h"

static const struct {
	bool (*takes)(const char *where);
	bool (*open)(const char *where, const struct remote_access *access, struct remote *out, struct err *e);
} remotes[] = {
#define REMOTE(x) {remote_##x##_takes, remote_##x##_open},
#include "remotes.def"
#undef REMOTE
};

bool remote_open(const char *where, const struct remote_access *access, struct remote *out, struct err *e)
{
	*out = (struct remote){.ops = NULL};
	for (size_t i = 0; i < sizeof remotes / sizeof *remotes; i++)
		if (remotes[i].takes(where))
			return remotes[i].open(where, access, out, e);
	return err_set(e, ERR_INPUT, "remote_open", "%s", where);
}

void remote_close(struct remote *r)
{
	if (r->ops)
		r->ops->close(r->ctx);
	r->ops = NULL;
}

bool remote_meet(const char *where, const struct remote_access *access, struct remote_server *out, struct err *e)
{
	struct remote_url url;

	memset(out, 0, sizeof *out);
	if (remote_folder_takes(where))
		return true;
	return remote_url_read(where, &url, e) && remote_url_web(&url, e) && transport_meet(&url, access, out, e);
}

bool remote_prepare(struct remote *r, struct err *e)
{
	return !r->ops->prepare || r->ops->prepare(r->ctx, e);
}

/* One operation and what it moved; or what the network says it has cost since the last time. */
static void remote_count(struct remote *r, uint64_t up, uint64_t down)
{
	struct remote_cost one = {r->counted.requests + 1, r->counted.up + up, r->counted.down + down};
	struct remote_cost now = r->cost ? *r->cost : one;

	r->requests += now.requests - r->counted.requests;
	r->up += now.up - r->counted.up;
	r->down += now.down - r->counted.down;
	r->counted = now;
}

bool remote_get(struct remote *r, const char *name, size_t limit, struct buf *out, bool *found, struct err *e)
{
	size_t had = out->len;
	bool ok;

	*found = false;
	ok = r->ops->get(r->ctx, name, limit, out, found, e);
	remote_count(r, 0, ok ? out->len - had : 0);
	return ok;
}

bool remote_put(struct remote *r, const char *name, const void *p, size_t n, bool *made, struct err *e)
{
	bool ok;

	*made = false;
	ok = r->ops->put(r->ctx, name, p, n, made, e);
	remote_count(r, n, 0);
	return ok;
}

bool remote_has(struct remote *r, const char *name, bool *found, uint64_t *size, struct err *e)
{
	bool ok;

	*found = false;
	*size = 0;
	ok = r->ops->has(r->ctx, name, found, size, e);
	remote_count(r, 0, 0);
	return ok;
}

bool remote_list(struct remote *r, bool (*cb)(void *with, const char *path, uint64_t size), void *with, struct err *e)
{
	bool ok = r->ops->list(r->ctx, cb, with, e);

	remote_count(r, 0, 0);
	return ok;
}

bool remote_remove(struct remote *r, const char *name, struct err *e)
{
	bool ok = r->ops->remove(r->ctx, name, e);

	remote_count(r, 0, 0);
	return ok;
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

#define TEMP ".tmp"

bool remote_name_temp(const char *path)
{
	size_t n = strlen(path);
	char name[REMOTE_NAME_MAX];

	if (n < sizeof TEMP || n >= sizeof name || strcmp(path + n - (sizeof TEMP - 1), TEMP) != 0)
		return false;
	memcpy(name, path, n - (sizeof TEMP - 1));
	name[n - (sizeof TEMP - 1)] = '\0';
	return remote_name_ours(name);
}

bool remote_name_folder(const char *path)
{
	char name[REMOTE_NAME_MAX];
	size_t n = strlen(path);

	if (n == 1)
		return strchr("krs", path[0]) != NULL;
	if (n + 2 >= sizeof name)
		return false;
	snprintf(name, sizeof name, "%s/1", path);
	return remote_name_ours(name);
}
