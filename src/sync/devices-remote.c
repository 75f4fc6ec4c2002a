/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The remotes that a notebook knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/devices.h"
#include "book.h"
#include "past.h"

#define REMOTE_PREFIX "remote/"
#define WHERE_MAX 4096
#define ACCESS_VERSION 1
#define KEY_MAX 64

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

/* In meta: remote/NAME where it is, access/NAME how it is reached, access/NAME/key what lets us in. */
static void access_key(const char *name, const char *end, char out[KEY_MAX])
{
	snprintf(out, KEY_MAX, "access/%s%s", name, end);
}

static bool access_write(struct store *s, const char *name, const struct remote_access *a, struct err *e)
{
	char key[KEY_MAX];
	struct buf b = BUF_INIT;
	bool ok;

	cbor_w_array(&b, 6);
	cbor_w_uint(&b, ACCESS_VERSION);
	cbor_w_text(&b, a->user, strlen(a->user));
	cbor_w_text(&b, a->key_file, strlen(a->key_file));
	cbor_w_text(&b, a->trust, strlen(a->trust));
	cbor_w_bool(&b, a->clear);
	cbor_w_uint(&b, a->patience);
	access_key(name, "", key);
	ok = buf_ok(&b, e) && store_meta_set(s, key, b.p, b.len, e);
	access_key(name, "/key", key);
	ok = ok && store_meta_set(s, key, a->password.p, a->password.len, e);
	buf_done(&b);
	return ok;
}

static void access_text(struct cbor_r *r, char *out, size_t room)
{
	size_t n;
	const char *p = cbor_text(r, &n);

	if (n > 0 && n < room)
		memcpy(out, p, n);
}

/* A remote that needs none has none. */
static bool access_read(struct store *s, const char *name, struct remote_access *out, struct err *e)
{
	char key[KEY_MAX];
	struct buf b = BUF_INIT;
	struct err why = ERR_INIT;
	struct cbor_r r;
	bool ok;

	memset(out, 0, sizeof *out);
	access_key(name, "", key);
	ok = store_meta_get(s, key, &b, &why);
	if (ok) {
		cbor_r_init(&r, buf_str(&b), b.len);
		ok = (cbor_array(&r) == 6 && cbor_uint(&r) == ACCESS_VERSION) ||
		     err_set(&why, ERR_NEWER, "remote_access", "%s", name);
		access_text(&r, out->user, sizeof out->user);
		access_text(&r, out->key_file, sizeof out->key_file);
		access_text(&r, out->trust, sizeof out->trust);
		out->clear = cbor_bool(&r);
		out->patience = (unsigned)cbor_uint(&r);
		ok = ok && cbor_done(&r, &why);
		access_key(name, "/key", key);
		ok = ok && (store_meta_secret(s, key, &out->password, &why) || why.code == ERR_NOT_FOUND);
	} else {
		ok = why.code == ERR_NOT_FOUND;
	}
	if (!ok && e)
		*e = why;
	buf_done(&b);
	return ok;
}

/* In one step, so that no password stays without its remote, nor the other way round. */
static bool remote_keep(struct store *s, const char *name, const struct buf *where, const struct remote_access *a,
			struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX];

	if (!store_step_begin(s, "", e))
		return false;
	if (remote_key(name, key, e) && (!where || store_meta_set(s, key, where->p, where->len, e)) &&
	    (!a || access_write(s, name, a, e)))
		return store_step_end(s, e);
	store_step_cancel(s);
	return false;
}

bool devices_remote_add(struct store *s, const char *name, const char *where, const struct remote_access *access,
			struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX];
	struct buf real = BUF_INIT, had = BUF_INIT;
	struct remote r = {.ops = NULL};
	struct err none = ERR_INIT;
	bool ok = false;

	if (!remote_key(name, key, e) || !remote_where(where, &real, e))
		goto out;
	if (store_meta_get(s, key, &had, &none)) {
		err_set(e, ERR_EXISTS, "remote_add", "%s", name);
		goto out;
	}
	ok = remote_open(real.p, access, &r, e) && remote_prepare(&r, e) && devices_alone(s, e) &&
	     remote_keep(s, name, &real, access, e) && past_sent(s, e);
out:
	remote_close(&r);
	buf_done(&real);
	buf_done(&had);
	return ok;
}

bool devices_remote_access(struct store *s, const char *name, struct buf *where, struct remote_access *out,
			   struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX];
	struct err why = ERR_INIT;

	memset(out, 0, sizeof *out);
	if (!remote_key(name, key, e))
		return false;
	if (!store_meta_get(s, key, where, &why)) {
		if (e)
			*e = why;
		return why.code == ERR_NOT_FOUND ? err_set(e, ERR_NOT_FOUND, "remote", "%s", name) : false;
	}
	return access_read(s, name, out, e);
}

bool devices_remote_change(struct store *s, const char *name, const struct remote_access *access, struct err *e)
{
	struct remote_access was;
	struct buf where = BUF_INIT;
	struct remote r = {.ops = NULL};
	bool ok = devices_remote_access(s, name, &where, &was, e) && remote_open(buf_str(&where), access, &r, e) &&
		  remote_prepare(&r, e) && remote_keep(s, name, NULL, access, e);

	remote_close(&r);
	remote_access_done(&was);
	buf_done(&where);
	return ok;
}

bool devices_remote_remove(struct store *s, const char *name, struct err *e)
{
	char key[sizeof REMOTE_PREFIX + REMOTE_LABEL_MAX], access[2][KEY_MAX];
	struct buf had = BUF_INIT;
	struct err none = ERR_INIT;
	bool ok = remote_key(name, key, e);

	if (ok && !store_meta_get(s, key, &had, &none))
		ok = err_set(e, ERR_NOT_FOUND, "remote", "%s", name);
	buf_done(&had);
	access_key(name, "", access[0]);
	access_key(name, "/key", access[1]);
	return ok && store_meta_set(s, access[1], NULL, 0, e) && store_meta_set(s, access[0], NULL, 0, e) &&
	       store_meta_set(s, key, NULL, 0, e) && book_mark_drop(s, NULL, name, e) && past_drop(s, name, e);
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
	go = book_mark(each->s, NULL, r.name, &r.mark, &each->e) && each->cb(each->ctx, &r);
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
	struct remote_access access = {.user = ""};
	bool ok = devices_remote_each(s, choose, &c, e) && buf_ok(&c.where, e) && buf_ok(&c.names, e);

	*out = (struct remote){.ops = NULL};
	if (ok && c.n == 0)
		ok = err_set(e, ERR_NOT_FOUND, "remote", "%s", name ? name : "");
	if (ok && c.n > 1)
		ok = err_set(e, ERR_AMBIGUOUS, "remote", "%s", buf_str(&c.names));
	if (ok)
		memcpy(used, c.found, sizeof c.found);
	ok = ok && access_read(s, c.found, &access, e) && remote_open(buf_str(&c.where), &access, out, e);
	remote_access_done(&access);
	buf_done(&c.where);
	buf_done(&c.names);
	return ok;
}
