/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The key slots of a header.  The input makes them, field by field; some are then wrapped as the program would, and
 * altered after that.  A slot opens when nothing that is bound to it was altered, and only then.  The key derivation
 * itself is run for parameters alone that it has to refuse, and those are refused before it starts.
 */
#include "fuzz.h"

#include "arpent/slot.h"

static const uint8_t kek[HEADER_KEY] = {1}, other_kek[HEADER_KEY] = {2}, mac_key[HEADER_KEY] = {3};
static const uint8_t data_key[HEADER_KEY] = {4};

static void field(struct orders *o, void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)orders_take(o, 1);
}

/* Near the caps as often as not. */
static void cost(struct orders *o, struct header_slot *s)
{
	static const uint32_t mem[] = {0, 8, 65536, SLOT_MEM_MAX}, ops[] = {0, 1, 32, SLOT_OPS_MAX};
	uint32_t how = orders_take(o, 1);

	s->opslimit = (how & 1 ? ops[how >> 1 & 3] : orders_take(o, 4)) + (how & 128 ? 1u : 0u);
	s->mem_kib = (how & 8 ? mem[how >> 4 & 3] : orders_take(o, 4)) + (how & 64 ? 1u : 0u);
}

static void refused(const struct header_slot *s, enum err_code code)
{
	static struct secret pass;
	struct secret out = SECRET_INIT;
	struct vault_key key = {.passphrase = &pass, .key_file = &pass};
	struct err e = ERR_INIT;

	must(pass.p || secret_set(&pass, "essai", 5, &e));
	must(slot_fits(s->type, &key) == (s->type == 1 || s->type == 3 || s->type == 4));
	must(!slot_kek(s, &key, &out, &e) && e.code == code);
	secret_free(&out);
}

static void check_cost(const struct header_slot *s, bool run)
{
	struct err e = ERR_INIT;
	bool ok = slot_cost_ok(s, &e);
	uint64_t work = (uint64_t)s->opslimit * s->mem_kib;

	must(!ok || (s->mem_kib <= 262144 && s->opslimit <= 128 && work <= 8388608));
	must(ok || e.code == ERR_LIMIT || e.code == ERR_DAMAGED);
	must(ok || s->mem_kib > 262144 || s->opslimit > 128 || work > 8388608 || s->mem_kib < 8 || s->opslimit < 1);
	if (!ok && run && s->type != VAULT_SLOT_WORDS)
		refused(s, e.code);
}

/* Alters one thing, or nothing; true when all that is bound to the slot is as it was. */
static bool alter(struct orders *o, struct header *h, struct header_slot *s)
{
	uint32_t what = orders_take(o, 1) % 12, bits = orders_take(o, 1), at = orders_take(o, 1);

	bits = bits ? bits : 1;
	switch (what) {
	case 0:
		s->type ^= (uint8_t)bits;
		return false;
	case 1:
		s->opslimit ^= bits << at % 25;
		return false;
	case 2:
		s->mem_kib ^= bits << at % 25;
		return false;
	case 3:
		s->salt[at % sizeof s->salt] ^= (uint8_t)bits;
		return false;
	case 4:
		s->nonce[at % sizeof s->nonce] ^= (uint8_t)bits;
		return false;
	case 5:
		s->wrapped[at % sizeof s->wrapped] ^= (uint8_t)bits;
		return false;
	case 6:
		h->file_id[at % sizeof h->file_id] ^= (uint8_t)bits;
		return false;
	case 7:
		s->label[at % sizeof s->label] ^= (char)bits;
		return true;
	case 8:
		h->gen += bits;
		return true;
	default:
		return true;
	}
}

static void one_slot(struct orders *o, struct header *h, struct header_slot *s)
{
	uint32_t how = orders_take(o, 1);
	uint8_t got[HEADER_KEY];

	memset(s, 0, sizeof *s);
	s->type = (uint8_t)(how & 1 ? orders_take(o, 1) : 1 + (how >> 1 & 3));
	cost(o, s);
	if (how & 8)
		field(o, s->salt, sizeof s->salt);
	if (how & 16)
		field(o, s->label, sizeof s->label - 1);
	check_cost(s, how == 0x84);
	header_wrap(h, s, kek, data_key);
	if (how & 32) {
		bool whole = alter(o, h, s);
		must(header_unwrap(h, s, kek, got) == whole);
		must(!whole || memcmp(got, data_key, sizeof got) == 0);
	}
	if (how & 64)
		must(!header_unwrap(h, s, other_kek, got));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;
	struct header h, again;
	struct orders o = {data, size};
	uint8_t copy[HEADER_COPY];
	uint32_t first = orders_take(&o, 1);

	if (!started)
		fuzz_start();
	started = true;
	fuzz_seed = 0;
	memset(&h, 0, sizeof h);
	h.version = HEADER_VERSION;
	h.nslots = (uint16_t)(first % (HEADER_SLOTS + 1));
	h.gen = orders_take(&o, 4);
	for (size_t i = 0; i < h.nslots; i++)
		one_slot(&o, &h, &h.slot[i]);
	if (first & 128)
		return 0;
	header_encode(&h, mac_key, copy);
	must(header_decode(copy, &again) == ERR_NONE);
	for (size_t i = 0; i < h.nslots; i++)
		h.slot[i].label[sizeof h.slot[i].label - 1] = '\0';
	must(memcmp(&h, &again, sizeof h) == 0);
	return 0;
}
