/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "past.h"

#include <stdio.h>
#include <string.h>

#include "arpent/cbor.h"
#include "arpent/journal.h"
#include "book.h"

#define PAST_PREFIX "past/"
#define PAST_VERSION 1
#define PAST_ITEMS 7

static bool past_key(const char *remote, char out[sizeof PAST_PREFIX + REMOTE_LABEL_MAX], struct err *e)
{
	int n = snprintf(out, sizeof PAST_PREFIX + REMOTE_LABEL_MAX, PAST_PREFIX "%s", remote);

	return n < (int)sizeof PAST_PREFIX + REMOTE_LABEL_MAX || err_set(e, ERR_LIMIT, "sync_remote", "%.40s", remote);
}

static bool past_decode(const struct buf *b, struct devices_past *out, struct err *e)
{
	struct cbor_r r;

	cbor_r_init(&r, buf_str(b), b->len);
	if (cbor_array(&r) != PAST_ITEMS || cbor_uint(&r) != PAST_VERSION)
		return err_set(e, ERR_NEWER, "devices_past", "past");
	out->ended_ms = cbor_int(&r);
	out->after = cbor_int(&r);
	out->upto = cbor_int(&r);
	out->came_ms = cbor_int(&r);
	out->waiting = cbor_uint(&r);
	out->nfindings = cbor_array(&r) / 4;
	if (out->nfindings > FINDINGS_MAX)
		return err_set(e, ERR_DAMAGED, "devices_past", "findings");
	for (size_t i = 0; i < out->nfindings && !r.bad; i++) {
		struct finding *f = &out->findings[i];
		uint64_t kind = cbor_uint(&r);
		f->kind = kind < FINDING_KINDS ? (enum finding_kind)kind : FINDING_BAD;
		cbor_fixed(&r, f->stream.b, ID_BYTES);
		f->n = cbor_uint(&r);
		cbor_fixed(&r, f->by.b, ID_BYTES);
	}
	return cbor_done(&r, e);
}

bool devices_past(struct store *s, const char *name, struct devices_past *out, struct err *e)
{
	char key[sizeof PAST_PREFIX + REMOTE_LABEL_MAX];
	struct buf b = BUF_INIT;
	struct err none = ERR_INIT;
	bool ok, found;

	memset(out, 0, sizeof *out);
	if (!past_key(name, key, e))
		return false;
	found = store_meta_get(s, key, &b, &none);
	ok = found ? past_decode(&b, out, e) : none.code == ERR_NOT_FOUND;
	if (!ok && !found && e)
		*e = none;
	buf_done(&b);
	return ok;
}

static bool past_put(struct store *s, const char *remote, const struct devices_past *p, struct err *e)
{
	char key[sizeof PAST_PREFIX + REMOTE_LABEL_MAX];
	struct buf b = BUF_INIT;
	bool ok;

	cbor_w_array(&b, PAST_ITEMS);
	cbor_w_uint(&b, PAST_VERSION);
	cbor_w_int(&b, p->ended_ms);
	cbor_w_int(&b, p->after);
	cbor_w_int(&b, p->upto);
	cbor_w_int(&b, p->came_ms);
	cbor_w_uint(&b, p->waiting);
	cbor_w_array(&b, 4 * p->nfindings);
	for (size_t i = 0; i < p->nfindings; i++) {
		cbor_w_uint(&b, p->findings[i].kind);
		cbor_w_bytes(&b, p->findings[i].stream.b, ID_BYTES);
		cbor_w_uint(&b, p->findings[i].n);
		cbor_w_bytes(&b, p->findings[i].by.b, ID_BYTES);
	}
	ok = past_key(remote, key, e) && buf_ok(&b, e) && store_meta_set(s, key, b.p, b.len, e);
	buf_done(&b);
	return ok;
}

bool past_write(struct store *s, const char *remote, int64_t after, const struct exchange_report *r, bool whole,
		struct err *e)
{
	struct devices_past p;
	struct moment now;

	if (!devices_past(s, remote, &p, e))
		return false;
	store_now(s, &now);
	if (whole)
		p.ended_ms = moment_unix(&now);
	if (r->news > 0) {
		p.after = after;
		p.came_ms = moment_unix(&now);
		if (!journal_last(s, &p.upto, e))
			return false;
	}
	p.waiting = r->waiting;
	p.nfindings = r->nfindings;
	memcpy(p.findings, r->findings, r->nfindings * sizeof *p.findings);
	return past_put(s, remote, &p, e) && past_sent(s, e);
}

bool past_drop(struct store *s, const char *remote, struct err *e)
{
	char key[sizeof PAST_PREFIX + REMOTE_LABEL_MAX];

	return past_key(remote, key, e) && store_meta_set(s, key, NULL, 0, e);
}

bool past_sent(struct store *s, struct err *e)
{
	struct journal_segment g = {.n = 0};
	struct space sp;
	const struct stream *own;
	bool ok = devices_space(s, &sp, e);

	own = ok ? space_stream(&sp, &sp.own) : NULL;
	if (own && sp.sent >= own->n) {
		g.last = sp.last;
	} else if (own && sp.sent > 0) {
		g = (struct journal_segment){.space = sp.id, .stream = sp.own, .n = sp.sent};
		ok = journal_segment_get(s, &g, NULL, e);
	}
	space_done(&sp);
	return ok && journal_sent(s, g.last, e);
}
