/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deflate under a preset dictionary, and its way back under a hard limit. */
#include "bundle-in.h"

#include <zlib.h>

/* share/dict/bundle-1, made into bytes by the build. */
static const uint8_t dict_1[] = {
#include "src/sync/dict-bundle-1.inc"
};

/* A small body may take its time; in a large one the last percents cost more than all before. */
#define PACK_LARGE 65536
#define PACK_QUICK 5
#define RAW_DEFLATE (-15) /* window bits: 32 KiB, neither header nor checksum: the signature is over all of it */

bool bundle_deflate(const void *raw, size_t n, struct buf *out, struct err *e)
{
	z_stream z = {0};
	uint8_t room[16384];
	int rc;

	if (n > BUNDLE_RAW_MAX)
		return err_set(e, ERR_LIMIT, "bundle_deflate", "%zu bytes", n);
	if (deflateInit2(&z, n > PACK_LARGE ? PACK_QUICK : Z_BEST_COMPRESSION, Z_DEFLATED, RAW_DEFLATE, MAX_MEM_LEVEL,
			 Z_DEFAULT_STRATEGY) != Z_OK)
		return err_nomem(e, "bundle_deflate");
	deflateSetDictionary(&z, dict_1, sizeof dict_1);
	z.next_in = (z_const Bytef *)raw;
	z.avail_in = (uInt)n;
	do {
		z.next_out = room;
		z.avail_out = sizeof room;
		rc = deflate(&z, Z_FINISH);
		buf_add(out, room, sizeof room - z.avail_out);
	} while (rc == Z_OK);
	deflateEnd(&z);
	return rc == Z_STREAM_END ? buf_ok(out, e) : err_set(e, ERR_INTERNAL, "bundle_deflate", "zlib %d", rc);
}

bool bundle_inflate(const void *packed, size_t n, size_t raw, struct buf *out, struct err *e)
{
	z_stream z = {0};
	uint8_t room[16384];
	size_t made = 0, got;
	int rc;

	if (raw > BUNDLE_RAW_MAX || raw / BUNDLE_RATIO_MAX > n)
		return err_set(e, ERR_LIMIT, "bundle_inflate", "%zu bytes from %zu", raw, n);
	if (inflateInit2(&z, RAW_DEFLATE) != Z_OK)
		return err_nomem(e, "bundle_inflate");
	inflateSetDictionary(&z, dict_1, sizeof dict_1);
	z.next_in = (z_const Bytef *)packed;
	z.avail_in = (uInt)n;
	do {
		z.next_out = room;
		z.avail_out = sizeof room;
		rc = inflate(&z, Z_NO_FLUSH);
		got = sizeof room - z.avail_out;
		made += got;
		if (made > raw)
			break;
		buf_add(out, room, got);
	} while (rc == Z_OK);
	got = z.avail_in;
	inflateEnd(&z);
	if (made > raw)
		return err_set(e, ERR_LIMIT, "bundle_inflate", "more than the %zu bytes announced", raw);
	if (rc == Z_MEM_ERROR)
		return err_nomem(e, "bundle_inflate");
	if (rc != Z_STREAM_END || got > 0 || made != raw)
		return err_set(e, ERR_DAMAGED, "bundle_inflate", "%zu bytes, %zu announced, zlib %d", made, raw, rc);
	return buf_ok(out, e);
}
