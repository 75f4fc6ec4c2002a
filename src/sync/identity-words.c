/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/identity.h"

#include <sodium.h>

#include "arpent/words.h"

void identity_fingerprint(const struct identity *who, unsigned out[IDENTITY_WORDS])
{
	static const uint8_t label[] = "arpent-fingerprint-v1";
	crypto_generichash_state h;
	uint8_t hash[32];
	unsigned acc = 0, bits = 0, n = 0;

	crypto_generichash_init(&h, NULL, 0, sizeof hash);
	crypto_generichash_update(&h, label, sizeof label);
	crypto_generichash_update(&h, who->sign, IDENTITY_KEY);
	crypto_generichash_update(&h, who->box, IDENTITY_KEY);
	crypto_generichash_final(&h, hash, sizeof hash);
	for (size_t i = 0; n < IDENTITY_WORDS; i++) {
		acc = (acc << 8 | hash[i]) & 0xFFFFFF;
		bits += 8;
		if (bits >= 11) {
			bits -= 11;
			out[n++] = acc >> bits & 0x7FF;
		}
	}
}

void identity_words(const struct identity *who, const char *lang, struct buf *out)
{
	unsigned index[IDENTITY_WORDS];

	identity_fingerprint(who, index);
	for (int i = 0; i < IDENTITY_WORDS; i++) {
		if (i > 0)
			buf_char(out, ' ');
		buf_str_add(out, words_get(lang, index[i]));
	}
}
