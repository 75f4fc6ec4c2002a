/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The body of a segment, once it is opened and inflated.  The first byte is the number of its items. */
#include <stdlib.h>

#include "sync/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read can be written, and is the same. */
static bool item(void *ctx, const struct segment_item *it, struct err *e)
{
	struct buf b = BUF_INIT;
	struct change back;

	(void)ctx;
	if (it->type == ITEM_CHANGE) {
		change_encode(&it->change, &b);
		if (!b.oom && !change_decode(b.p, b.len, &back, e))
			abort();
		change_done(&back);
	}
	buf_done(&b);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;

	if (size > 0)
		(void)!segment_each(data + 1, size - 1, data[0], item, NULL, &e);
	return 0;
}
