/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The remotes that a notebook knows. */
#include <stdlib.h>
#include <string.h>

#include "arpent/devices.h"
#include "book.h"
#include "past.h"

#define REMOTE_PREFIX "remote/"
#define WHERE_MAX 4096

static bool remote_key(const char *name, char out[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX], struct err *e)
{
	size_t n = strlen(name);

	if (n == 0 || n > REMOTE_LABEL_MAX || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != n)
		return err_set(e, ERR_INPUT, "remote_name", "%.60s", name);
	memcpy(out, REMOTE_PREFIX, sizeof REMOTE_PREFIX - 1);
	memcpy(out + sizeof REMOTE_PREFIX - 1, name, n + 1);
	return true;
}

/* A relative path means the folder that it is now. */
static bool remote_where(const char *typed, struct buf *out, struct err *e)
{
	char *real = strstr(typed, "://") ? NULL : realpath(typed, NULL);

	buf_str_add(out, real ? real : typed);
	free(real);
	if (out->len > WHERE_MAX)
		return err_set(e, ERR_LIMIT, "remote_open", "%.40s", typed);
	return buf_ok(out, e);
}

bool devices_remote_add(struct store *s, const char *name, const char *where, struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX];
	struct buf real = BUF_INIT, had = BUF_INIT;
	struct remote r = {.ops = NULL};
	struct err none = ERR_INIT;
	bool ok = false;

	if (!remote_key(name, key, e) || !remote_where(where, &real, e) || !remote_open(real.p, &r, e))
		goto out;
	if (store_meta_get(s, key, &had, &none)) {
		err_set(e, ERR_EXISTS, "remote_add", "%s", name);
		goto out;
	}
	ok = devices_alone(s, e) && store_meta_set(s, key, real.p, real.len, e) && past_sent(s, e);
out:
	remote_close(&r);
	buf_done(&real);
	buf_done(&had);
	return ok;
}

bool devices_remote_remove(struct store *s, const char *name, struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX];
	struct buf had = BUF_INIT;
	struct err none = ERR_INIT;
	bool ok = remote_key(name, key, e);

	if (ok && !store_meta_get(s, key, &had, &none))
		ok = err_set(e, ERR_NOT_FOUND, "remote", "%s", name);
	buf_done(&had);
	return ok && store_meta_set(s, key, NULL, 0, e) && book_mark_drop(s, name, e) && past_drop(s, name, e);
}

struct each {
	struct store *s;
	bool (*cb)(void *ctx, const struct remote_entry *r);
	void *ctx;
	struct err e;
};

static bool each_one(void *ctx, const char *key, const void *p, size_t n)
{
	struct each *each = ctx;
	struct remote_entry r = {.name = ""};
	char *where = str_ndup(p, n);
	bool go;

	if (!where)
		return err_nomem(&each->e, "remote_each");
	memcpy(r.name, key + sizeof REMOTE_PREFIX - 1, strnlen(key + sizeof REMOTE_PREFIX - 1, REMOTE_LABEL_MAX));
	r.where = where;
	go = book_mark(each->s, r.name, &r.mark, &each->e) && each->cb(each->ctx, &r);
	free(where);
	return go;
}

bool devices_remote_each(struct store *s, bool (*cb)(void *ctx, const struct remote_entry *r), void *ctx, struct err *e)
{
	struct each each = {s, cb, ctx, ERR_INIT};

	if (!store_meta_each(s, REMOTE_PREFIX, each_one, &each, e))
		return false;
	if (each.e.code != ERR_NONE && e)
		*e = each.e;
	return each.e.code == ERR_NONE;
}

struct choice {
	const char *name; /* or NULL: the only one */
	char found[REMOTE_LABEL_MAX + 1];
	struct buf where, names;
	size_t n;
};

static bool choose(void *ctx, const struct remote_entry *r)
{
	struct choice *c = ctx;

	buf_printf(&c->names, "%s%s", c->names.len ? ", " : "", r->name);
	if (c->name && strcmp(c->name, r->name) != 0)
		return true;
	c->n++;
	memcpy(c->found, r->name, sizeof c->found);
	buf_clear(&c->where);
	buf_str_add(&c->where, r->where);
	return true;
}

bool devices_remote_open(struct store *s, const char *name, char used[REMOTE_LABEL_MAX + 1], struct remote *out,
			 struct err *e)
{
	struct choice c = {.name = name, .where = BUF_INIT, .names = BUF_INIT};
	bool ok = devices_remote_each(s, choose, &c, e) && buf_ok(&c.where, e) && buf_ok(&c.names, e);

	*out = (struct remote){.ops = NULL};
	if (ok && c.n == 0)
		ok = err_set(e, ERR_NOT_FOUND, "remote", "%s", name ? name : "");
	if (ok && c.n > 1)
		ok = err_set(e, ERR_AMBIGUOUS, "remote", "%s", buf_str(&c.names));
	if (ok)
		memcpy(used, c.found, sizeof c.found);
	ok = ok && remote_open(buf_str(&c.where), out, e);
	buf_done(&c.where);
	buf_done(&c.names);
	return ok;
}
