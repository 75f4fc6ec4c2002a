/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the notebook keeps of identities: its own name, and the colleagues known. */
#include "arpent/identity.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/minutes.h"
#include "arpent/text.h"

#define NAME_KEY "identity/name"
#define PEER_PREFIX "peer/"
#define PEER_KEY_LEN (sizeof PEER_PREFIX + 2 * ID_BYTES)
#define PEER_VERSION 1
#define PEER_ITEMS 6
#define PEERS_MAX 4096

bool identity_self(struct store *s, struct identity_self *out, struct err *e)
{
	struct secret sign = SECRET_INIT, box = SECRET_INIT;
	struct buf name = BUF_INIT;
	struct err none;
	bool ok;

	memset(out, 0, sizeof *out);
	ok = store_meta_get(s, NAME_KEY, &name, &none) || none.code == ERR_NOT_FOUND;
	if (!ok && e)
		*e = none;
	ok = ok && store_self(s, &sign, &box, e) && identity_from_seeds(&sign, &box, buf_str(&name), out, e);
	secret_free(&sign);
	secret_free(&box);
	buf_done(&name);
	return ok;
}

bool identity_set_name(struct store *s, const char *name, struct err *e)
{
	struct buf nfc = BUF_INIT, safe = BUF_INIT;
	size_t from = 0;
	bool ok = false;

	text_nfc(&nfc, name, strlen(name));
	text_safe(&safe, buf_str(&nfc), nfc.len, false);
	while (safe.len > 0 && safe.p[safe.len - 1] == ' ')
		buf_truncate(&safe, safe.len - 1);
	while (from < safe.len && safe.p[from] == ' ')
		from++;
	/* U+FFFD stands where text_safe() met what is no letter. */
	if (safe.oom || !identity_name_ok(buf_str(&safe) + from) || strstr(safe.p, "\xEF\xBF\xBD"))
		err_set(e, ERR_INPUT, "identity_set_name", "name");
	else
		ok = store_meta_set(s, NAME_KEY, safe.p + from, safe.len - from, e);
	buf_done(&nfc);
	buf_done(&safe);
	return ok;
}

static void peer_key(const struct id *device, char out[PEER_KEY_LEN])
{
	memcpy(out, PEER_PREFIX, sizeof PEER_PREFIX - 1);
	sodium_bin2hex(out + sizeof PEER_PREFIX - 1, 2 * ID_BYTES + 1, device->b, ID_BYTES);
}

static bool peer_put(struct store *s, const struct peer *p, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[PEER_KEY_LEN];
	bool ok;

	cbor_w_array(&b, PEER_ITEMS);
	cbor_w_uint(&b, PEER_VERSION);
	cbor_w_text(&b, p->who.name, strlen(p->who.name));
	cbor_w_bytes(&b, p->who.sign, IDENTITY_KEY);
	cbor_w_bytes(&b, p->who.box, IDENTITY_KEY);
	cbor_w_int(&b, p->seen_ms);
	cbor_w_int(&b, p->verified ? p->verified_ms : 0);
	peer_key(&p->who.device, key);
	ok = buf_ok(&b, e) && store_meta_set(s, key, b.p, b.len, e);
	buf_done(&b);
	return ok;
}

static bool peer_decode(const void *p, size_t n, struct peer *out, struct err *e)
{
	struct cbor_r r;
	const char *name;
	size_t len;

	memset(out, 0, sizeof *out);
	cbor_r_init(&r, p, n);
	if (cbor_array(&r) != PEER_ITEMS || cbor_uint(&r) != PEER_VERSION)
		return err_set(e, ERR_NEWER, "peer_decode", "peer");
	name = cbor_text(&r, &len);
	if (len > 0 && len <= IDENTITY_NAME)
		memcpy(out->who.name, name, len);
	cbor_fixed(&r, out->who.sign, IDENTITY_KEY);
	cbor_fixed(&r, out->who.box, IDENTITY_KEY);
	out->seen_ms = cbor_int(&r);
	out->verified_ms = cbor_int(&r);
	out->verified = out->verified_ms != 0;
	identity_device(out->who.sign, &out->who.device);
	return cbor_done(&r, e);
}

bool peer_get(struct store *s, const struct id *device, struct peer *out, struct err *e)
{
	struct buf b = BUF_INIT;
	char key[PEER_KEY_LEN];
	bool ok;

	peer_key(device, key);
	ok = store_meta_get(s, key, &b, e) && peer_decode(b.p, b.len, out, e);
	buf_done(&b);
	return ok;
}

static int64_t now_ms(struct store *s)
{
	struct moment now;

	store_now(s, &now);
	return moment_unix(&now);
}

bool peer_verify(struct store *s, const struct id *device, struct err *e)
{
	struct peer p;

	if (!peer_get(s, device, &p, e))
		return false;
	p.verified = true;
	p.verified_ms = now_ms(s);
	return peer_put(s, &p, e);
}

bool peer_forget(struct store *s, const struct id *device, struct err *e)
{
	struct peer p;
	char key[PEER_KEY_LEN];

	peer_key(device, key);
	return peer_get(s, device, &p, e) && store_meta_set(s, key, NULL, 0, e);
}

struct each {
	bool (*cb)(void *ctx, const struct peer *p);
	void *ctx;
	struct err e;
};

static bool each_one(void *ctx, const char *key, const void *p, size_t n)
{
	struct each *each = ctx;
	struct peer peer;

	(void)key;
	return peer_decode(p, n, &peer, &each->e) && each->cb(each->ctx, &peer);
}

bool peer_each(struct store *s, bool (*cb)(void *ctx, const struct peer *p), void *ctx, struct err *e)
{
	struct each each = {cb, ctx, ERR_INIT};

	if (!store_meta_each(s, PEER_PREFIX, each_one, &each, e))
		return false;
	if (each.e.code != ERR_NONE && e)
		*e = each.e;
	return each.e.code == ERR_NONE;
}

/* All the peers, gathered: the store is not written to from within its own listing. */
struct list {
	struct peer *v;
	size_t n, cap;
	bool oom;
};

static bool list_add(void *ctx, const struct peer *p)
{
	struct list *l = ctx;

	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 8;
		struct peer *v = cap <= PEERS_MAX ? realloc(l->v, cap * sizeof *v) : NULL;

		l->oom = !v;
		if (!v)
			return false;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = *p;
	return true;
}

static bool list_all(struct store *s, struct list *l, struct err *e)
{
	return peer_each(s, list_add, l, e) && (!l->oom || err_nomem(e, "peer_each"));
}

static bool same_name(const char *a, const char *b)
{
	char fa[TEXT_FOLD_CUT], fb[TEXT_FOLD_CUT];

	text_fold_cut(fa, a, strlen(a));
	text_fold_cut(fb, b, strlen(b));
	return strcmp(fa, fb) == 0;
}

/* Another's key under this name, or this key under other ones: never taken without a word. */
static bool clashes(const struct peer *p, const struct identity *who, bool names_too)
{
	return memcmp(p->who.sign, who->sign, IDENTITY_KEY) == 0 || memcmp(p->who.box, who->box, IDENTITY_KEY) == 0 ||
	       (names_too && same_name(p->who.name, who->name));
}

static bool add_checked(struct store *s, const struct list *l, const struct identity *who, enum peer_how how,
			bool *added, struct err *e)
{
	struct peer p = {.who = *who, .seen_ms = now_ms(s)};

	for (size_t i = 0; i < l->n; i++)
		if (identity_same(&l->v[i].who, who))
			return true;
	for (size_t i = 0; i < l->n; i++)
		if (how != PEER_REPLACE && clashes(&l->v[i], who, how != PEER_DEVICE))
			return err_set(e, ERR_EXISTS, "peer_add", "%s", l->v[i].who.name);
	/* Written first: should the rest fail, one has both rather than neither. */
	if (!peer_put(s, &p, e))
		return false;
	*added = true;
	for (size_t i = 0; i < l->n; i++)
		if (clashes(&l->v[i], who, true) && !id_eq(&l->v[i].who.device, &who->device) && how == PEER_REPLACE &&
		    !peer_forget(s, &l->v[i].who.device, e))
			return false;
	return true;
}

bool peer_add(struct store *s, const struct identity *who, enum peer_how how, bool *added, struct err *e)
{
	struct identity_self self;
	struct list l = {0};
	bool own, ok;

	*added = false;
	if (!identity_self(s, &self, e))
		return false;
	own = clashes(&(struct peer){.who = self.who}, who, false);
	identity_self_done(&self);
	if (own)
		return err_set(e, ERR_INPUT, "peer_add", "one's own card");
	ok = list_all(s, &l, e) && add_checked(s, &l, who, how, added, e);
	free(l.v);
	return ok;
}

static bool ambiguous(const struct list *l, const struct match *fits, size_t n, struct err *e)
{
	struct buf names = BUF_INIT;

	for (size_t i = 0; i < n && i < 3; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", l->v[fits[i].index].who.name);
	err_set(e, ERR_AMBIGUOUS, "peer_named", "%s", buf_str(&names));
	buf_done(&names);
	return false;
}

static bool not_found(const char *typed, struct err *e)
{
	return err_set(e, ERR_NOT_FOUND, "peer_named", "%s", typed);
}

/* Those who fit best must all bear one name; then all devices under it are meant. */
static bool keep_best(struct list *l, const struct match *fits, size_t n, const char *typed, struct err *e)
{
	char name[IDENTITY_NAME + 1];
	size_t best = 0, kept = 0;

	if (n == 0)
		return not_found(typed, e);
	while (best < n && fits[best].rank == fits[0].rank)
		best++;
	memcpy(name, l->v[fits[0].index].who.name, sizeof name);
	for (size_t i = 1; i < best; i++)
		if (!same_name(name, l->v[fits[i].index].who.name))
			return ambiguous(l, fits, best, e);
	for (size_t i = 0; i < l->n; i++)
		if (same_name(name, l->v[i].who.name))
			l->v[kept++] = l->v[i];
	l->n = kept;
	return true;
}

static bool keep_named(struct list *l, const char *typed, struct err *e)
{
	struct named *names = calloc(l->n + 1, sizeof *names);
	struct match *fits = calloc(l->n + 1, sizeof *fits);
	bool ok = false;

	if (!names || !fits) {
		err_nomem(e, "peer_named");
		goto out;
	}
	for (size_t i = 0; i < l->n; i++)
		names[i] = (struct named){.id = l->v[i].who.device, .name = l->v[i].who.name, .detail = ""};
	ok = keep_best(l, fits, names_match(names, l->n, typed, fits, l->n), typed, e);
out:
	free(names);
	free(fits);
	return ok;
}

static bool keep_device(struct list *l, const char *typed, struct err *e)
{
	struct id low, high;
	size_t kept = 0;

	if (!id_prefix(typed, &low, &high))
		return not_found(typed, e);
	for (size_t i = 0; i < l->n; i++)
		if (id_cmp(&l->v[i].who.device, &low) >= 0 && id_cmp(&l->v[i].who.device, &high) <= 0)
			l->v[kept++] = l->v[i];
	l->n = kept;
	return kept == 1 || (kept == 0 ? not_found(typed, e) : err_set(e, ERR_AMBIGUOUS, "peer_named", "%s", typed));
}

bool peer_named(struct store *s, const char *typed, struct peer **out, size_t *n, struct err *e)
{
	struct list l = {0};
	struct err why = ERR_INIT;
	bool ok = list_all(s, &l, e);

	*out = NULL;
	*n = 0;
	if (ok) {
		ok = keep_named(&l, typed, &why);
		if (!ok && why.code == ERR_NOT_FOUND)
			ok = keep_device(&l, typed, &why);
		if (!ok && e)
			*e = why;
	}
	if (ok) {
		*out = l.v;
		*n = l.n;
	} else {
		free(l.v);
	}
	return ok;
}
