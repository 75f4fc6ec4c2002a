/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A state and a change as they come from someone else.  The first byte says which; what decodes must encode to what
 * decodes to the same, and be fit to show, merge and apply.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool keep_half(void *ctx, const char *field)
{
	(void)ctx;
	return field[0] % 2;
}

static void fuzz_state(const uint8_t *data, size_t size)
{
	struct record r, again, part;
	struct buf bytes = BUF_INIT, merged = BUF_INIT;
	struct err e = ERR_INIT;
	struct shown s;

	if (!record_decode(data, size, &r, &e))
		return;
	record_encode(&r, &bytes);
	must(record_decode(bytes.p, bytes.len, &again, &e));
	must(record_equal(&r, &again));
	for (size_t i = 0; i < r.n; i++)
		record_shown(&r, r.entries[i].key, true, &merged, &s);
	record_conflicts(&r);
	must(record_withhold(&r, keep_half, NULL, &part, &e));
	must(record_merge(&part, &r, &e));
	must(record_equal(&part, &again));
	must(record_merge(&again, &r, &e));
	must(record_equal(&r, &again));
	record_done(&r);
	record_done(&part);
	record_done(&again);
	buf_done(&bytes);
	buf_done(&merged);
}

static void fuzz_change(const uint8_t *data, size_t size)
{
	struct change c, again;
	struct record r;
	struct buf bytes = BUF_INIT, bytes_again = BUF_INIT;
	struct err e = ERR_INIT;

	if (!change_decode(data, size, &c, &e))
		return;
	change_encode(&c, &bytes);
	must(change_decode(bytes.p, bytes.len, &again, &e));
	change_encode(&again, &bytes_again);
	must(bytes.len == bytes_again.len && memcmp(bytes.p, bytes_again.p, bytes.len) == 0);
	record_init(&r);
	must(record_apply(&r, &c, &e) && record_apply(&r, &again, &e));
	record_done(&r);
	change_done(&c);
	change_done(&again);
	buf_done(&bytes);
	buf_done(&bytes_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] % 2)
		fuzz_change(data + 1, size - 1);
	else if (size > 0)
		fuzz_state(data + 1, size - 1);
	return 0;
}
