/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cards, colleagues, bundles and hand-offs without memory: see oom.h. */
#include "oom.h"

#include "arpent/handoff.h"

/* Another notebook beside this one, whose owner knows ours and is known here. */
static bool colleague(struct oom_run *r, const char *name, struct store **out, struct buf *card, struct err *e)
{
	struct identity_self self;
	struct identity who;
	bool added, ok;

	*out = NULL;
	ok = oom_create(check_join(r->dir, "carnet.arpent.claire"), out, e) && identity_set_name(*out, name, e) &&
	     identity_set_name(r->s, "Anne Lefèvre", e) && identity_self(r->s, &self, e);
	if (!ok)
		return false;
	ok = peer_add(*out, &self.who, PEER_ADD, &added, e);
	identity_self_done(&self);
	ok = ok && identity_self(*out, &self, e);
	if (!ok)
		return false;
	ok = identity_card(&self, card, e) && identity_card_read(card->p, card->len, &who, e) &&
	     peer_add(r->s, &who, PEER_ADD, &added, e);
	identity_self_done(&self);
	return ok;
}

static bool known(struct oom_run *r, struct err *e)
{
	struct buf card = BUF_INIT;
	struct store *claire;
	bool ok = colleague(r, "Claire Vidal", &claire, &card, e);

	store_close(claire);
	buf_done(&card);
	return ok;
}

static bool named(struct oom_run *r, struct err *e)
{
	return identity_set_name(r->s, "Anne Lefèvre", e);
}

OOM(card, 0, named)
{
	struct identity_self self;
	struct buf card = BUF_INIT, qr = BUF_INIT;
	bool ok;

	if (!identity_self(r->s, &self, e))
		return false;
	ok = identity_card(&self, &card, e) && identity_qr(buf_str(&card), false, false, &qr, NULL, NULL, e);
	if (ok) {
		buf_char(&card, ' ');
		identity_words(&self.who, "fr", &card);
		ok = buf_ok(&card, e);
	}
	if (ok)
		oom_say(r, "%s %zu", buf_str(&card), qr.len);
	identity_self_done(&self);
	buf_done(&card);
	buf_done(&qr);
	return ok;
}

/* Not taken for somebody new because there was no memory to see that the name is known with another key. */
OOM(card_of_another, 0, known)
{
	struct identity_self self;
	struct secret sign = SECRET_INIT, box = SECRET_INIT;
	uint8_t seed[32] = {7};
	bool added, ok = secret_set(&sign, seed, 32, e) && secret_set(&box, seed, 32, e) &&
			 identity_from_seeds(&sign, &box, "claire vidal", &self, e);

	secret_free(&sign);
	secret_free(&box);
	if (!ok)
		return false;
	if (peer_add(r->s, &self.who, PEER_ADD, &added, e))
		oom_say(r, "taken");
	else if (e->code == ERR_EXISTS)
		oom_say(r, "refused");
	else
		ok = false;
	identity_self_done(&self);
	return ok;
}

OOM(peers, OOM_PARTS, known)
{
	struct peer *v = NULL;
	size_t n;
	bool ok = peer_named(r->s, "vidal", &v, &n, e) && peer_verify(r->s, &v[0].who.device, e);

	if (ok)
		oom_say(r, "%zu %s", n, v[0].who.name);
	free(v);
	return ok;
}

static bool named_meeting(struct oom_run *r, struct id *id, struct err *e)
{
	return store_resolve(r->s, "convention", "meeting", id, e);
}

static bool with_file(struct oom_run *r, struct err *e)
{
	struct id id, file;
	struct want w[] = {{.key = "confidential", .text = "ne pas dire", .is_text = true}};

	return known(r, e) && named_meeting(r, &id, e) && store_edit(r->s, &id, w, 1, e) &&
	       io_write_file(check_join(r->dir, "plan.txt"), "un plan", 7, true, e) &&
	       store_file_add(r->s, &id, check_join(r->dir, "plan.txt"), &file, e);
}

static bool seal(struct oom_run *r, const char *path, struct err *e)
{
	struct handoff h;
	struct peer *v = NULL;
	struct id id;
	size_t n;
	bool ok;

	handoff_init(&h);
	ok = named_meeting(r, &id, e) && peer_named(r->s, "vidal", &v, &n, e) &&
	     handoff_plan(r->s, &id, 1, &(struct handoff_options){false, false}, &h, e);
	for (size_t i = 0; ok && i < h.n; i++)
		oom_say(r, "%s %d %d %zu %d", h.items[i].title, h.items[i].why, h.items[i].stays, h.items[i].withheld,
			h.items[i].content);
	ok = ok && handoff_seal(r->s, &h, v, n, NULL, path, true, e);
	free(v);
	handoff_done(&h);
	return ok;
}

OOM(seal, 0, with_file)
{
	return seal(r, check_join(r->dir, "a.arpb"), e);
}

OOM(seal_passphrase, 0, with_file)
{
	struct secret pass = SECRET_INIT;
	struct handoff h;
	struct id id;
	bool ok;

	handoff_init(&h);
	ok = secret_set(&pass, "sapin", 5, e) && named_meeting(r, &id, e) &&
	     handoff_plan(r->s, &id, 1, &(struct handoff_options){true, true}, &h, e) &&
	     handoff_seal(r->s, &h, NULL, 0, &pass, check_join(r->dir, "a.arpb"), true, e);
	secret_free(&pass);
	handoff_done(&h);
	return ok;
}

/* What Claire sends is taken in here. */
static bool received(struct oom_run *r, struct err *e)
{
	struct buf card = BUF_INIT;
	struct store *claire, *ours = r->s;
	struct handoff h;
	struct peer *v = NULL;
	struct id ids[2], file;
	size_t n;
	bool ok = colleague(r, "Claire Vidal", &claire, &card, e);
	const struct want w[] = {want_line("subject", "Estive"),
				 want_text("notes", "un\ndeux"),
				 {.key = "tags", .text = "eau\nloup", .is_set = true}};

	handoff_init(&h);
	ok = ok && store_new(claire, "meeting", w, 3, &ids[0], e) && store_new(claire, "meeting", w, 1, &ids[1], e) &&
	     io_write_file(check_join(r->dir, "plan.txt"), "un plan", 7, true, e) &&
	     store_file_add(claire, &ids[0], check_join(r->dir, "plan.txt"), &file, e) &&
	     peer_named(claire, "lefevre", &v, &n, e) &&
	     handoff_plan(claire, ids, 2, &(struct handoff_options){false, false}, &h, e) &&
	     handoff_seal(claire, &h, v, n, NULL, check_join(r->dir, "b.arpb"), true, e);
	free(v);
	handoff_done(&h);
	store_close(claire);
	buf_done(&card);
	r->s = ours;
	return ok;
}

OOM(open, 0, received)
{
	struct handoff h;
	bool ok;

	handoff_init(&h);
	ok = handoff_read(r->s, check_join(r->dir, "b.arpb"), NULL, false, &h, e);
	for (size_t i = 0; ok && i < h.n; i++)
		oom_say(r, "%s %d %d", h.items[i].title, h.items[i].take, h.items[i].content);
	ok = ok && handoff_take(r->s, &h, e);
	handoff_done(&h);
	return ok;
}

/* One's own hand-off is no hand-off to oneself: what is said must not depend on memory. */
OOM(open_foreign, 0, received)
{
	struct handoff h;
	bool ok;

	handoff_init(&h);
	ok = handoff_read_buf(r->s, "no bundle at all", 16, NULL, false, &h, e);
	if (!ok && e->code == ERR_NOT_BUNDLE) {
		oom_say(r, "not a bundle");
		ok = true;
	}
	handoff_done(&h);
	return ok;
}
