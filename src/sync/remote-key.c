/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "remote-key.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define CERTIFICATE_MAX 16384

static void key_base64(const void *p, size_t n, const char *prefix, int variant, char out[REMOTE_TRUST_MAX])
{
	uint8_t hash[crypto_hash_sha256_BYTES];
	char text[64];

	crypto_hash_sha256(hash, p, n);
	snprintf(out, REMOTE_TRUST_MAX, "%s%s", prefix,
		 sodium_bin2base64(text, sizeof text, hash, sizeof hash, variant));
}

void remote_key_ssh(const void *key, size_t n, char out[REMOTE_TRUST_MAX])
{
	key_base64(key, n, "SHA256:", sodium_base64_VARIANT_ORIGINAL_NO_PADDING, out);
}

/* One item of DER (X.690) at *p: its tag, where its content begins, where it ends. */
struct der {
	uint8_t tag;
	const uint8_t *in, *end;
};

static bool der_read(const uint8_t *p, const uint8_t *end, struct der *out)
{
	size_t left = (size_t)(end - p), n, bytes;

	if (left < 2)
		return false;
	out->tag = p[0];
	n = p[1];
	bytes = n & 0x80 ? n & 0x7F : 0;
	if (bytes > 2 || left < 2 + bytes || (n & 0x80 && bytes == 0))
		return false;
	for (size_t i = 0, sum = 0; i < bytes; i++)
		n = sum = sum << 8 | p[2 + i];
	out->in = p + 2 + bytes;
	out->end = out->in + n;
	return n <= left - 2 - bytes;
}

/* Certificate, in it tbsCertificate: version [0], serial, algorithm, issuer, validity, subject, subjectPublicKeyInfo.
 */
static bool der_public_key(const uint8_t *p, size_t n, const uint8_t **key, size_t *nkey)
{
	const uint8_t sequence = 0x30, version = 0xA0;
	struct der d;

	if (!der_read(p, p + n, &d) || d.tag != sequence || !der_read(d.in, d.end, &d) || d.tag != sequence)
		return false;
	const uint8_t *at = d.in, *end = d.end;
	if (!der_read(at, end, &d))
		return false;
	at = d.tag == version ? d.end : at;
	for (int i = 0; i < 5; i++) {
		if (!der_read(at, end, &d))
			return false;
		at = d.end;
	}
	if (!der_read(at, end, &d) || d.tag != sequence)
		return false;
	*key = at;
	*nkey = (size_t)(d.end - at);
	return true;
}

bool remote_key_tls(const char *pem, char fingerprint[REMOTE_TRUST_MAX], char trust[REMOTE_TRUST_MAX])
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	uint8_t der[CERTIFICATE_MAX], hash[crypto_hash_sha256_BYTES];
	const uint8_t *key;
	const char *text = strstr(pem, begin), *end = text ? strstr(text, "-----END") : NULL;
	size_t n, nkey;

	if (!end)
		return false;
	text += sizeof begin - 1;
	if (sodium_base642bin(der, sizeof der, text, (size_t)(end - text), " \r\n", &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    !der_public_key(der, n, &key, &nkey))
		return false;
	key_base64(key, nkey, "sha256//", sodium_base64_VARIANT_ORIGINAL, trust);
	crypto_hash_sha256(hash, der, n);
	for (size_t i = 0; i < sizeof hash; i++)
		snprintf(fingerprint + 3 * i, REMOTE_TRUST_MAX - 3 * i, i + 1 < sizeof hash ? "%02X:" : "%02X",
			 hash[i]);
	return true;
}
