/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files kept in the notebook, in chunks. */
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arpent/i18n.h"
#include "arpent/io.h"
#include "arpent/text.h"

#define FILE_CHUNK 65536
#define FILE_CHUNKS 8192 /* 512 MiB */
#define FILE_HASH 32
#define FILE_HEX (2 * FILE_HASH + 1)

/* A chunk's row is made of its record's and its number, so that it needs no index. */
static int64_t file_row(int64_t record, int64_t chunk)
{
	return record * FILE_CHUNKS + chunk;
}

static const char *file_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By how it begins, else by what the name ends in; enough for opening it again and for exports. */
static const char *file_type(int fd, const char *name)
{
	static const struct {
		const char *type;
		size_t n;
		char first[9];
	} magics[] = {
	    {"image/jpeg", 3, "\xFF\xD8\xFF"}, {"image/png", 8, "\x89PNG\r\n\x1A\n"}, {"application/pdf", 5, "%PDF-"}};
	static const char *const types[][2] = {{"jpg", "image/jpeg"},
					       {"jpeg", "image/jpeg"},
					       {"png", "image/png"},
					       {"webp", "image/webp"},
					       {"heic", "image/heic"},
					       {"pdf", "application/pdf"},
					       {"txt", "text/plain"},
					       {"md", "text/markdown"},
					       {"csv", "text/csv"},
					       {"json", "application/json"},
					       {"gpx", "application/gpx+xml"},
					       {"geojson", "application/geo+json"},
					       {"odt", "application/vnd.oasis.opendocument.text"},
					       {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
					       {"mp3", "audio/mpeg"},
					       {"m4a", "audio/mp4"},
					       {"mp4", "video/mp4"},
					       {"zip", "application/zip"}};
	const char *dot = strrchr(name, '.');
	char first[8];
	ssize_t got = io_pread(fd, first, sizeof first, 0);

	for (size_t i = 0; got > 0 && i < sizeof magics / sizeof *magics; i++)
		if ((size_t)got >= magics[i].n && memcmp(first, magics[i].first, magics[i].n) == 0)
			return magics[i].type;
	for (size_t i = 0; dot && i < sizeof types / sizeof *types; i++)
		if (strcasecmp(dot + 1, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

static bool file_read_chunk(int fd, unsigned char *p, size_t *n, struct err *e)
{
	*n = 0;
	while (*n < FILE_CHUNK) {
		ssize_t got = read(fd, p + *n, FILE_CHUNK - *n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_sys(e, errno, __func__, "read");
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return true;
}

/* Reads it through: with row 0 only to hash and measure it, else into its chunks. */
static bool file_through(struct store *s, int fd, int64_t row, int64_t *size, char hex[FILE_HEX], struct err *e)
{
	unsigned char *p = malloc(FILE_CHUNK), hash[FILE_HASH];
	crypto_generichash_state state;
	size_t n;
	bool ok = false;

	*size = 0;
	crypto_generichash_init(&state, NULL, 0, FILE_HASH);
	if (!p)
		return err_nomem(e, __func__);
	if (lseek(fd, 0, SEEK_SET) < 0) {
		err_sys(e, errno, __func__, "seek");
		goto out;
	}
	for (int64_t chunk = 0;; chunk++) {
		if (!file_read_chunk(fd, p, &n, e))
			goto out;
		if (n == 0)
			break;
		if (chunk == FILE_CHUNKS) {
			err_set(e, ERR_LIMIT, __func__, "512 MiB");
			goto out;
		}
		crypto_generichash_update(&state, p, n);
		*size += (int64_t)n;
		if (row && !db_run(s, e, "INSERT INTO chunk(row, data) VALUES(?, ?)", "ib", file_row(row, chunk), p, n))
			goto out;
	}
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2hex(hex, FILE_HEX, hash, sizeof hash);
	ok = true;
out:
	free(p);
	return ok;
}

static bool file_record(struct store *s, int fd, const char *path, int64_t size, const char *hex, struct id *out,
			struct err *e)
{
	struct buf when = BUF_INIT, name = BUF_INIT;
	struct moment now;
	char digits[24];
	bool ok;

	snprintf(digits, sizeof digits, "%" PRId64, size);
	store_now(s, &now);
	moment_text(&now, &when);
	text_nfc(&name, file_base(path), strlen(file_base(path)));
	const struct want w[] = {{.key = "name", .text = buf_str(&name)},
				 {.key = "type", .text = file_type(fd, buf_str(&name))},
				 {.key = "size", .text = digits},
				 {.key = "hash", .text = hex},
				 {.key = "date", .text = buf_str(&when)}};
	ok = buf_ok(&when, e) && buf_ok(&name, e) && store_new(s, "file", w, sizeof w / sizeof *w, out, e);
	buf_done(&when);
	buf_done(&name);
	return ok;
}

static bool file_attach(struct store *s, const struct id *owner, const struct id *file, struct err *e)
{
	char text[ID_TEXT + 1];
	struct buf files = BUF_INIT;
	struct record r;
	bool ok;

	record_init(&r);
	id_text(file, text);
	ok = store_get(s, owner, &r, e);
	if (ok) {
		record_set(&r, "files", &files);
		buf_printf(&files, "%s%s", files.len ? "\n" : "", text);
		const struct want w = {.key = "files", .text = buf_str(&files), .is_set = true};
		ok = buf_ok(&files, e) && store_edit(s, owner, &w, 1, e);
	}
	buf_done(&files);
	record_done(&r);
	return ok;
}

static bool file_add(struct store *s, int fd, const struct id *owner, const char *path, struct id *out, struct err *e)
{
	char hex[FILE_HEX], again[FILE_HEX];
	int64_t size, same, row = 0;

	if (!file_through(s, fd, 0, &size, hex, e) || !file_record(s, fd, path, size, hex, out, e) ||
	    !db_int(s, &row, e, "SELECT row FROM record WHERE id = ?", "b", out->b, (size_t)ID_BYTES) ||
	    !file_through(s, fd, row, &same, again, e))
		return false;
	if (same != size || strcmp(hex, again) != 0)
		return err_set(e, ERR_IO, __func__, "%s changed while it was read", file_base(path));
	return !owner || file_attach(s, owner, out, e);
}

bool store_file_add(struct store *s, const struct id *owner, const char *path, struct id *out, struct err *e)
{
	struct stat st;
	struct id id;
	bool own, ok = false;
	int fd = io_open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, errno, __func__, "%s", path);
	ok = fstat(fd, &st) == 0 || err_sys(e, errno, __func__, "%s", path);
	ok = ok && (S_ISREG(st.st_mode) || err_set(e, ERR_INPUT, __func__, "%s", path));
	if (!ok) {
		close(fd);
		return false;
	}
	ok = write_begin(s, N_("File added"), &own, e);
	if (ok) {
		ok = file_add(s, fd, owner, path, &id, e);
		/* chunks half written are of no use to the rest of a step */
		s->step.broken = s->step.broken || (!own && !ok);
		ok = write_end(s, own, ok, e);
	}
	close(fd);
	if (ok && out)
		*out = id;
	return ok;
}

/* Its record's row and hash; ERR_NOT_FOUND when it is no file. */
static bool file_find(struct store *s, const struct id *file, int64_t *row, char hex[FILE_HEX], struct err *e)
{
	struct record r;
	bool ok;

	record_init(&r);
	ok = db_load(s, file, &r, row, e);
	if (ok && strcmp(r.kind, "file") != 0)
		ok = err_set(e, ERR_NOT_FOUND, __func__, "file");
	if (ok)
		snprintf(hex, FILE_HEX, "%s", record_get(&r, "hash"));
	record_done(&r);
	return ok;
}

static void file_hash(const void *p, size_t n, char hex[FILE_HEX])
{
	unsigned char hash[FILE_HASH];

	crypto_generichash(hash, sizeof hash, p, n, NULL, 0);
	sodium_bin2hex(hex, FILE_HEX, hash, sizeof hash);
}

/* A file without chunks is an empty one, or its content was not sent along. */
static bool file_is_empty(const char *hex)
{
	char empty[FILE_HEX];

	file_hash(NULL, 0, empty);
	return strcmp(hex, empty) == 0;
}

bool store_file_read(struct store *s, const struct id *file, bool (*cb)(void *ctx, const void *p, size_t n), void *ctx,
		     struct err *e)
{
	unsigned char hash[FILE_HASH];
	char hex[FILE_HEX], want[FILE_HEX];
	crypto_generichash_state state;
	int64_t row, chunk = 0;
	sqlite3_stmt *st;
	bool ok = true, more = true;

	if (!file_find(s, file, &row, want, e))
		return false;
	crypto_generichash_init(&state, NULL, 0, sizeof hash);
	for (; more && chunk < FILE_CHUNKS; chunk += more) {
		if (!db_query(s, &st, e, "SELECT data FROM chunk WHERE row = ?", "i", file_row(row, chunk)))
			return false;
		ok = db_next(s, st, &more, e);
		if (ok && more) {
			const void *p = sqlite3_column_blob(st, 0);
			size_t n = (size_t)sqlite3_column_bytes(st, 0);
			crypto_generichash_update(&state, p, n);
			if (!cb(ctx, p, n)) {
				db_end(s, st);
				return true;
			}
		}
		db_end(s, st);
		if (!ok)
			return false;
	}
	if (chunk == 0 && !file_is_empty(want))
		return err_set(e, ERR_NOT_FOUND, STORE_CONTENT, "content");
	crypto_generichash_final(&state, hash, sizeof hash);
	sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
	return strcmp(hex, want) == 0 || err_set(e, ERR_DAMAGED, STORE_CONTENT, "content of the file");
}

bool store_file_name(struct store *s, const struct id *file, struct buf *out, struct err *e)
{
	struct record r;
	const char *name;

	if (!store_get(s, file, &r, e))
		return false;
	name = file_base(record_get(&r, "name"));
	name += strspn(name, ".");
	if (*name)
		text_safe(out, name, strlen(name), false);
	else
		buf_str_add(out, "file");
	record_done(&r);
	return buf_ok(out, e);
}

bool store_file_size(struct store *s, const struct id *file, int64_t *out, struct err *e)
{
	char hex[FILE_HEX];
	int64_t row;

	*out = -1;
	if (!file_find(s, file, &row, hex, e) ||
	    !db_int(s, out, e, "SELECT coalesce(sum(length(data)), -1) FROM chunk WHERE row BETWEEN ? AND ?", "ii",
		    file_row(row, 0), file_row(row, FILE_CHUNKS - 1)))
		return false;
	if (*out < 0 && !file_is_empty(hex))
		return err_set(e, ERR_NOT_FOUND, STORE_CONTENT, "content");
	*out = *out < 0 ? 0 : *out;
	return true;
}

static bool file_put(struct store *s, const struct id *file, const char *p, size_t n, struct err *e)
{
	char hex[FILE_HEX], want[FILE_HEX];
	int64_t row, here = 0;

	if (!file_find(s, file, &row, want, e) ||
	    !db_int(s, &here, e, "SELECT 1 FROM chunk WHERE row = ?", "i", file_row(row, 0)))
		return false;
	if (here)
		return true;
	if (n > (size_t)FILE_CHUNK * FILE_CHUNKS)
		return err_set(e, ERR_LIMIT, __func__, "512 MiB");
	file_hash(p, n, hex);
	if (strcmp(hex, want) != 0)
		return err_set(e, ERR_DAMAGED, STORE_CONTENT, "content of the file");
	for (size_t at = 0; at < n; at += FILE_CHUNK)
		if (!db_run(s, e, "INSERT INTO chunk(row, data) VALUES(?, ?)", "ib",
			    file_row(row, (int64_t)(at / FILE_CHUNK)), p + at,
			    n - at < FILE_CHUNK ? n - at : FILE_CHUNK))
			return false;
	return true;
}

bool store_file_put(struct store *s, const struct id *file, const void *p, size_t n, struct err *e)
{
	bool own, ok;

	if (!write_begin(s, N_("File added"), &own, e))
		return false;
	ok = file_put(s, file, p, n, e);
	s->step.broken = s->step.broken || (!own && !ok);
	return write_end(s, own, ok, e);
}

struct file_out {
	int fd;
	bool ok;
	struct err *e;
};

static bool file_write(void *ctx, const void *p, size_t n)
{
	struct file_out *out = ctx;

	return out->ok = io_write_fd(out->fd, p, n, out->e);
}

bool store_file_extract(struct store *s, const struct id *file, const char *to, struct err *e)
{
	struct buf tmp = BUF_INIT;
	struct file_out out = {.ok = true, .e = e};
	bool ok = false;

	if (access(to, F_OK) == 0)
		return err_set(e, ERR_EXISTS, __func__, "%s", to);
	buf_printf(&tmp, "%s.XXXXXX", to);
	if (!buf_ok(&tmp, e))
		goto out;
	if ((out.fd = io_temp(tmp.p)) < 0) {
		err_sys(e, errno, __func__, "%s", to);
		goto out;
	}
	ok = store_file_read(s, file, file_write, &out, e) && out.ok;
	if (ok && !io_sync(out.fd))
		ok = err_sys(e, errno, __func__, "%s", to);
	close(out.fd);
	ok = ok && io_rename(tmp.p, to, false, NULL, e);
	if (!ok)
		(void)unlink(tmp.p);
out:
	buf_done(&tmp);
	return ok;
}
