/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The two copies at the front of a notebook.  The first byte says what is mended before they are read: 1 the checksum
 * of the first, 2 of the second, 4 and 8 their MACs.  What is read as sound is written as it was.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define AT_CHECK 4032
#define AT_MAC 4064

static const uint8_t key[HEADER_KEY] = {42};

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void one_copy(const uint8_t *p, bool mended)
{
	struct header h, again;
	uint8_t out[HEADER_COPY], data_key[HEADER_KEY];

	if (header_decode(p, &h) != ERR_NONE)
		return;
	must(h.nslots <= HEADER_SLOTS && h.version > 0 && h.version <= HEADER_VERSION);
	header_encode(&h, key, out);
	must(header_mac_ok(out, key) && header_decode(out, &again) == ERR_NONE);
	must(memcmp(&h, &again, sizeof h) == 0);
	for (size_t i = 0; i < h.nslots; i++) {
		must(memchr(h.slot[i].label, 0, sizeof h.slot[i].label));
		must(!mended || !header_unwrap(&h, &h.slot[i], key, data_key));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t copies[2 * HEADER_COPY];
	struct header h;
	struct err e = ERR_INIT;
	unsigned which = 9;

	if (size == 0)
		return 0;
	memset(copies, 0, sizeof copies);
	memcpy(copies, data + 1, size - 1 < sizeof copies ? size - 1 : sizeof copies);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t *p = copies + (size_t)i * HEADER_COPY;
		if (data[0] & 1u << i)
			crypto_generichash(p + AT_CHECK, 32, p, AT_CHECK, NULL, 0);
		if (data[0] & 4u << i)
			crypto_auth(p + AT_MAC, p, AT_MAC, key);
		one_copy(p, data[0] & 1u << i);
	}
	if (header_choose(copies, key, &h, &which, &e))
		must(which < 2 && header_mac_ok(copies + (size_t)which * HEADER_COPY, key));
	return 0;
}
