/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keys by which servers are known. */
#ifndef ARPENT_REMOTE_KEY_H
#define ARPENT_REMOTE_KEY_H

#include "arpent/remote.h"

/* "SHA256:...", as ssh-keygen -l shows it. */
void remote_key_ssh(const void *key, size_t n, char out[REMOTE_TRUST_MAX]);

/* Of a certificate in PEM: its SHA-256 in hexadecimal with colons, and "sha256//..." of its public key (RFC 7469).
 * False for what is no certificate (RFC 5280). */
bool remote_key_tls(const char *pem, char fingerprint[REMOTE_TRUST_MAX], char trust[REMOTE_TRUST_MAX]);

#endif
