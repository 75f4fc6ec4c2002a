/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AWS Signature Version 4 (Signature Version 4 for API requests, IAM User Guide), as a server checks it: s3rver does
 * not. */
#ifndef ARPENT_SIGV4_H
#define ARPENT_SIGV4_H

#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The value of a header in a request's head; "" when it has none. */
static inline void sigv4_header(const char *head, const char *name, size_t n, char out[512])
{
	out[0] = '\0';
	for (const char *p = strstr(head, "\r\n"); p && p[2] != '\r'; p = strstr(p + 2, "\r\n"))
		if (strncasecmp(p + 2, name, n) == 0 && p[2 + n] == ':') {
			p += 3 + n;
			p += strspn(p, " ");
			snprintf(out, 512, "%.*s", (int)strcspn(p, "\r"), p);
			return;
		}
}

static inline void sigv4_mac(const void *key, size_t nkey, const char *text, uint8_t out[32])
{
	crypto_auth_hmacsha256_state st;

	crypto_auth_hmacsha256_init(&st, key, nkey);
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)text, strlen(text));
	crypto_auth_hmacsha256_final(&st, out);
}

static inline void sigv4_sum(const void *p, size_t n, char out[65])
{
	uint8_t hash[32];

	crypto_hash_sha256(hash, p, n);
	sodium_bin2hex(out, 65, hash, sizeof hash);
}

/* Are the parameters in the order of their names, as they are to be signed? */
static inline bool sigv4_sorted(char *query)
{
	const char *before = "";

	for (char *p = strtok(query, "&"); p; before = p, p = strtok(NULL, "&"))
		if (strcmp(before, p) > 0)
			return false;
	return true;
}

static inline bool sigv4_ok(const char *head, const void *body, size_t nbody, const char *secret)
{
	char method[12] = "", target[2048] = "", path[2048], auth[512], value[512], scope[128] = "", names[256] = "",
	     want[65];
	char canonical[8192], text[1024], sum[65], key[160], date[512], part[4][40], signature[65], query[2048] = "";
	uint8_t k[32];
	size_t n;

	sscanf(head, "%11s %2047s", method, target);
	snprintf(path, sizeof path, "%.*s", (int)strcspn(target, "?"), target);
	if (strchr(target, '?'))
		snprintf(query, sizeof query, "%s", strchr(target, '?') + 1);
	sigv4_header(head, "authorization", 13, auth);
	sigv4_header(head, "x-amz-date", 10, date);
	if (sscanf(auth, "AWS4-HMAC-SHA256 Credential=%*[^/]/%127[^,], SignedHeaders=%255[^,], Signature=%64s", scope,
		   names, want) != 3 ||
	    sscanf(scope, "%39[^/]/%39[^/]/%39[^/]/%39s", part[0], part[1], part[2], part[3]) != 4)
		return false;
	n = (size_t)snprintf(canonical, sizeof canonical, "%s\n%s\n%s\n", method, path, query);
	for (const char *p = names; *p; p += strcspn(p, ";") + (p[strcspn(p, ";")] == ';')) {
		size_t len = strcspn(p, ";");
		sigv4_header(head, p, len, value);
		n += (size_t)snprintf(canonical + n, sizeof canonical - n, "%.*s:%s\n", (int)len, p, value);
	}
	sigv4_sum(body, nbody, sum);
	sigv4_header(head, "x-amz-content-sha256", 20, value);
	if (!sigv4_sorted(query) || strcmp(sum, value) != 0 || !strstr(names, "x-amz-content-sha256") ||
	    !strstr(names, "host"))
		return false;
	snprintf(canonical + n, sizeof canonical - n, "\n%s\n%s", names, sum);
	sigv4_sum(canonical, strlen(canonical), sum);
	snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n%s", date, scope, sum);
	snprintf(key, sizeof key, "AWS4%s", secret);
	sigv4_mac(key, strlen(key), part[0], k);
	for (int i = 1; i < 4; i++)
		sigv4_mac(k, sizeof k, part[i], k);
	sigv4_mac(k, sizeof k, text, k);
	sodium_bin2hex(signature, sizeof signature, k, sizeof k);
	return strcmp(signature, want) == 0;
}

#endif
