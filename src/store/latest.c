/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/latest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "arpent/bytes.h"
#include "arpent/date.h"
#include "arpent/io.h"

enum {
	LATEST_VERSION = 1,
	LATEST_PLAIN = 24,
	LATEST_NONCE = 24,
	LATEST_FILE = LATEST_NONCE + LATEST_PLAIN + 16,
	LATEST_NAME = 16
};

/* The name tells nobody which notebook it belongs to: the file id is in clear in its header. */
static bool latest_path(const struct vault *v, struct buf *out, struct err *e)
{
	struct secret key = SECRET_INIT;
	uint8_t name[LATEST_NAME];
	const unsigned long lost = err_lost();
	char hex[2 * LATEST_NAME + 1], *dir = io_state_dir();
	bool ok;

	if (dir == NULL)
		return err_lost() != lost ? err_nomem(e, "latest_path")
					  : err_set(e, ERR_NOT_FOUND, "latest_path", "HOME");
	ok = vault_subkey(v, VAULT_SUB_LATEST_NAME, &key, e);
	if (ok) {
		crypto_generichash(name, sizeof name, vault_file_id(v), 16, key.p, key.len);
		buf_printf(out, "%s/latest/%s", dir, sodium_bin2hex(hex, sizeof hex, name, sizeof name));
		ok = buf_ok(out, e);
	}
	secret_free(&key);
	free(dir);
	return ok;
}

static bool latest_open(const struct vault *v, const struct buf *file, struct latest *out, struct err *e)
{
	const uint8_t *p = (const uint8_t *)file->p;
	struct secret key = SECRET_INIT;
	uint8_t plain[LATEST_PLAIN];
	bool ok;

	if (!vault_subkey(v, VAULT_SUB_LATEST, &key, e)) {
		secret_free(&key);
		return false;
	}
	ok = file->len == LATEST_FILE &&
	     crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, p + LATEST_NONCE, LATEST_FILE - LATEST_NONCE,
							vault_file_id(v), 16, p, key.p) == 0 &&
	     plain[0] == LATEST_VERSION;
	secret_free(&key);
	if (!ok)
		return err_set(e, ERR_DAMAGED, "latest_read", "does not open");
	out->generation = le_get(plain + 8, 8);
	out->ms = (int64_t)le_get(plain + 16, 8);
	return true;
}

bool latest_read(const struct vault *v, struct latest *out, struct err *e)
{
	struct buf path = BUF_INIT, file = BUF_INIT;
	bool ok = latest_path(v, &path, e) && io_read_regular(buf_str(&path), LATEST_FILE, &file, e) &&
		  latest_open(v, &file, out, e);

	buf_done(&path);
	buf_done(&file);
	return ok;
}

bool latest_is_newer(const struct latest *l, const struct vault *v)
{
	return l->generation > vault_generation(v);
}

static bool latest_seal(const struct vault *v, const struct latest *s, uint8_t out[LATEST_FILE], struct err *e)
{
	uint8_t plain[LATEST_PLAIN] = {LATEST_VERSION};
	struct secret key = SECRET_INIT;
	bool ok = vault_subkey(v, VAULT_SUB_LATEST, &key, e);

	if (ok) {
		le_put(plain + 8, 8, s->generation);
		le_put(plain + 16, 8, (uint64_t)s->ms);
		randombytes_buf(out, LATEST_NONCE);
		crypto_aead_xchacha20poly1305_ietf_encrypt(out + LATEST_NONCE, NULL, plain, sizeof plain,
							   vault_file_id(v), 16, NULL, out, key.p);
	}
	secret_free(&key);
	return ok;
}

static bool latest_write(const struct vault *v, const struct latest *s, struct err *e)
{
	uint8_t file[LATEST_FILE];
	struct buf path = BUF_INIT;
	char *slash;
	bool ok = latest_path(v, &path, e) && latest_seal(v, s, file, e);

	if (ok) {
		slash = strrchr(path.p, '/');
		*slash = '\0';
		ok = io_make_dirs(path.p, e);
		*slash = '/';
	}
	/* The header first: of two that a power cut parts, this one must be the older. */
	if (ok && !io_sync(vault_fd(v)))
		ok = err_sys(e, errno, "latest_write", "notebook");
	ok = ok && io_write_file(path.p, file, sizeof file, true, e);
	buf_done(&path);
	return ok;
}

bool latest_keep(const struct vault *v, int64_t ms, struct err *e)
{
	const struct latest now = {vault_generation(v), ms};
	struct err why = ERR_INIT;
	struct latest last;

	if (latest_read(v, &last, &why) && last.generation >= now.generation)
		return true;
	return why.code == ERR_NOMEM ? err_nomem(e, "latest_keep") : latest_write(v, &now, e);
}

bool latest_accept(const struct vault *v, int64_t ms, struct err *e)
{
	return latest_write(v, &(struct latest){vault_generation(v), ms}, e);
}

bool latest_replaced(const struct vault *v, struct err *e)
{
	struct moment now;

	moment_now(&now);
	return latest_write(v, &(struct latest){UINT64_MAX, moment_unix(&now)}, e);
}
