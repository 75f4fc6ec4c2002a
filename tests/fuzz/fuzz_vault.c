/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Opening a notebook whose two header copies were altered: in their bytes, with the checksum right again, or with the
 * MAC too.  While one copy is as it was and the other has no MAC, the right passphrase opens; what opens gives the
 * right keys; what does not has one of the errors of opening.  A key derivation that would take long is made short.
 */
#include "notebook.h"

#include "arpent/slot.h"

#define AT_SLOTS 160
#define SLOT 132
#define AT_CHECK 4032
#define AT_MAC 4064

static struct {
	bool started;
	int fd;
	uint8_t copies[2][HEADER_COPY], mac_key[32], file_id[16];
} t;

static void start(void)
{
	struct secret mac = SECRET_INIT;
	struct err e = ERR_INIT;
	struct vault *v;

	notebook_start();
	must((t.fd = open(nb.path, O_RDWR)) >= 0);
	for (int i = 0; i < 2; i++)
		must(pread(t.fd, t.copies[i], HEADER_COPY, i * HEADER_COPY_B) == HEADER_COPY);
	must(vault_open(nb.path, &nb.key, false, &v, &e) && vault_subkey(v, VAULT_SUB_HEADER, &mac, &e));
	memcpy(t.mac_key, mac.p, sizeof t.mac_key);
	memcpy(t.file_id, vault_file_id(v), sizeof t.file_id);
	secret_free(&mac);
	vault_close(v);
	t.started = true;
}

/* What would be run with the passphrase is run with the least. */
static void make_short(uint8_t copy[HEADER_COPY])
{
	for (size_t i = 0; i < HEADER_SLOTS; i++) {
		uint8_t *p = copy + AT_SLOTS + i * SLOT;
		struct header_slot s = {.opslimit = (uint32_t)le_get(p + 4, 4), .mem_kib = (uint32_t)le_get(p + 8, 4)};
		struct err e = ERR_INIT;

		if (slot_cost_ok(&s, &e) && (s.opslimit > 2 || s.mem_kib > 64)) {
			le_put(p + 4, 4, 1);
			le_put(p + 8, 4, 8);
		}
	}
}

struct altered {
	bool bytes, mac;
};

static struct altered alter(struct orders *o, uint8_t copy[HEADER_COPY], const uint8_t other[HEADER_COPY])
{
	uint32_t how = orders_take(o, 1), at, slot;
	struct altered done = {.bytes = how != 0, .mac = how & 1};

	if (how == 0)
		return done;
	if (how & 2) /* the newer one */
		le_put(copy + 16, 8, le_get(other + 16, 8) + 1);
	if (how & 4) {
		slot = AT_SLOTS + orders_take(o, 1) % HEADER_SLOTS * SLOT;
		memcpy(copy + slot, copy + AT_SLOTS + orders_take(o, 1) % HEADER_SLOTS * SLOT, SLOT);
		copy[12] = (uint8_t)(orders_take(o, 1) % 10);
	}
	for (uint32_t left = how >> 4; left > 0; left--) {
		at = orders_take(o, 2);
		copy[at & 0x8000 ? at % HEADER_COPY : at % (AT_SLOTS + 4 * SLOT)] = (uint8_t)orders_take(o, 1);
	}
	make_short(copy);
	if (!(how & 8))
		crypto_generichash(copy + AT_CHECK, 32, copy, AT_CHECK, NULL, 0);
	if (how & 1)
		crypto_auth(copy + AT_MAC, copy, AT_MAC, t.mac_key);
	return done;
}

static void opened(struct vault *v)
{
	struct vault_slot_info slots[HEADER_SLOTS];
	struct secret mac = SECRET_INIT;
	struct vault_fresh fresh;
	struct err e = ERR_INIT;

	must(vault_subkey(v, VAULT_SUB_HEADER, &mac, &e) && memcmp(mac.p, t.mac_key, mac.len) == 0);
	must(vault_slots(v, slots, HEADER_SLOTS) <= HEADER_SLOTS);
	for (size_t i = 0; i < vault_slots(v, slots, HEADER_SLOTS); i++)
		must(memchr(slots[i].label, 0, sizeof slots[i].label));
	must(vault_fresh_get(v, &fresh, &e) || e.code == ERR_DAMAGED);
	secret_free(&mac);
	vault_close(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct orders o = {data, size};
	uint8_t copies[2][HEADER_COPY], file_id[16], inbox[32];
	struct altered a, b;
	struct err e = ERR_INIT;
	struct vault *v;

	if (!t.started)
		start();
	memcpy(copies, t.copies, sizeof copies);
	a = alter(&o, copies[0], copies[1]);
	b = alter(&o, copies[1], copies[0]);
	for (int i = 0; i < 2; i++)
		must(pwrite(t.fd, copies[i], HEADER_COPY, i * HEADER_COPY_B) == HEADER_COPY);
	if (vault_open(nb.path, &nb.key, true, &v, &e)) {
		opened(v);
	} else {
		must(e.code == ERR_NOT_NOTEBOOK || e.code == ERR_NEWER || e.code == ERR_DAMAGED ||
		     e.code == ERR_WRONG_KEY || e.code == ERR_LIMIT);
		must((a.bytes && b.bytes) || a.mac || b.mac);
	}
	e.code = ERR_NONE;
	must(vault_inbox_public(nb.path, file_id, inbox, &e) || e.code == ERR_NOT_NOTEBOOK || e.code == ERR_NEWER ||
	     e.code == ERR_DAMAGED);
	must(e.code == ERR_NONE || (a.bytes && b.bytes));
	return 0;
}
