/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A space: its streams, its keys, and what its roster makes of them. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/exchange.h"

void space_init(struct space *s)
{
	memset(s, 0, sizeof *s);
}

void space_done(struct space *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->streams[i].seen);
	for (size_t i = 0; i < s->nrosters; i++)
		free(s->rosters[i].seen);
	free(s->streams);
	free(s->rosters);
	free(s->keys);
	buf_done(&s->log);
	buf_done(&s->pending);
	roster_done(&s->roster);
	space_init(s);
}

bool stream_active(const struct stream *st)
{
	return !st->ended && !st->removed && !st->parked;
}

static struct stream *stream_find(struct stream *v, size_t n, const struct id *id)
{
	for (size_t i = 0; i < n; i++)
		if (id_eq(&v[i].id, id))
			return &v[i];
	return NULL;
}

struct stream *space_stream(const struct space *s, const struct id *id)
{
	return stream_find(s->streams, s->n, id);
}

struct stream *space_roster(const struct space *s, const struct id *id)
{
	return stream_find(s->rosters, s->nrosters, id);
}

static struct stream *stream_put(struct stream **v, size_t *n, size_t *cap, const struct stream *made, struct err *e)
{
	if (*n >= BUNDLE_SEEN_MAX) {
		err_set(e, ERR_LIMIT, "space_add", "%d devices", BUNDLE_SEEN_MAX);
		return NULL;
	}
	if (*n == *cap) {
		size_t room = *cap ? 2 * *cap : 4;
		struct stream *grown = realloc(*v, room * sizeof *grown);
		if (!grown) {
			err_nomem(e, "space_add");
			return NULL;
		}
		*v = grown;
		*cap = room;
	}
	(*v)[*n] = *made;
	return &(*v)[(*n)++];
}

struct stream *space_add(struct space *s, const struct id *id, const struct identity *who, const char *label,
			 struct err *e)
{
	/* Both may be another stream's, which moves. */
	struct stream made = {.id = *id, .who = *who};

	memcpy(made.label, label, strnlen(label, IDENTITY_NAME));
	return stream_put(&s->streams, &s->n, &s->cap, &made, e);
}

struct stream *space_roster_add(struct space *s, const struct identity *who, struct err *e)
{
	struct stream made = {.who = *who, .roster = true};

	roster_stream(&who->device, &made.id);
	return stream_put(&s->rosters, &s->nrosters, &s->rosters_cap, &made, e);
}

static size_t seen_place(const struct stream *st, const struct id *other, bool *found)
{
	size_t low = 0, high = st->nseen;

	*found = false;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = id_cmp(&st->seen[mid].id, other);
		if (c == 0) {
			*found = true;
			return mid;
		}
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint64_t stream_saw(const struct stream *st, const struct id *other)
{
	bool found;
	size_t i = seen_place(st, other, &found);

	return found ? st->seen[i].n : 0;
}

bool stream_sees(struct stream *st, const struct id *other, uint64_t n, struct err *e)
{
	bool found;
	size_t i = seen_place(st, other, &found);
	struct stream_seen *v;

	if (found) {
		if (st->seen[i].n < n)
			st->seen[i].n = n;
		return true;
	}
	v = realloc(st->seen, (st->nseen + 1) * sizeof *v);
	if (!v)
		return err_nomem(e, "stream_sees");
	st->seen = v;
	memmove(v + i + 1, v + i, (st->nseen - i) * sizeof *v);
	v[i] = (struct stream_seen){*other, n};
	st->nseen++;
	return true;
}

void space_first(const struct space *s, const struct id *device, struct id *out)
{
	if (s->team)
		crypto_generichash(out->b, ID_BYTES, device->b, ID_BYTES, s->id.b, ID_BYTES);
	else
		*out = *device;
}

const struct space_key *space_key(const struct space *s)
{
	for (size_t i = 0; i < s->nkeys; i++)
		if (s->roster.epoch == 0 || id_eq(&s->keys[i].id, &s->roster.key))
			return &s->keys[i];
	return NULL;
}

bool space_key_add(struct space *s, uint32_t epoch, const struct id *key, struct err *e)
{
	struct space_key *v;
	size_t at = s->nkeys;

	for (size_t i = 0; i < s->nkeys; i++)
		if (id_eq(&s->keys[i].id, key))
			return true;
	if (!(v = realloc(s->keys, (s->nkeys + 1) * sizeof *v)))
		return err_nomem(e, "space_key_add");
	s->keys = v;
	for (; at > 0 && v[at - 1].epoch > epoch; at--)
		v[at] = v[at - 1];
	v[at] = (struct space_key){epoch, *key};
	s->nkeys++;
	return true;
}

bool space_admin(const struct space *s)
{
	const struct member *m = roster_member(&s->roster, &s->device);

	return m && m->in && m->admin;
}

bool space_follow(struct space *s, struct err *e)
{
	const struct member *own;

	roster_done(&s->roster);
	if (!roster_resolve(&s->log, NULL, &s->roster, e))
		return false;
	for (size_t i = 0; i < s->roster.n; i++) {
		const struct member *m = &s->roster.members[i];
		struct id first;
		space_first(s, &m->who.device, &first);
		if ((m->in || m->ncuts > 0) && !space_stream(s, &first) && !space_add(s, &first, &m->who, m->label, e))
			return false;
	}
	for (size_t i = 0; i < s->n; i++) {
		struct stream *st = &s->streams[i];
		const struct member *m = roster_member(&s->roster, &st->who.device);
		st->removed = m && !m->in;
		st->cut = st->removed ? member_cut(m, &st->id) : 0;
	}
	own = roster_member(&s->roster, &s->device);
	s->out = own && !own->in;
	return true;
}
