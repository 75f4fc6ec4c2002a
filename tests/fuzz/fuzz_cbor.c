/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads item by item as the kinds come, then skips over the same bytes: both must agree on what is sound. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cbor_r r, whole;
	size_t n;

	cbor_r_init(&r, data, size);
	for (enum cbor_kind k; (k = cbor_peek(&r)) != CBOR_END;) {
		switch (k) {
		case CBOR_UINT:
			cbor_uint(&r);
			break;
		case CBOR_NEGINT:
			cbor_int(&r);
			break;
		case CBOR_BYTES:
			cbor_bytes(&r, &n);
			break;
		case CBOR_TEXT:
			cbor_text(&r, &n);
			break;
		case CBOR_ARRAY:
			cbor_array(&r);
			break;
		case CBOR_MAP:
			cbor_map(&r);
			break;
		case CBOR_BOOL:
			cbor_bool(&r);
			break;
		case CBOR_NULL:
			cbor_null(&r);
			break;
		default:
			cbor_skip(&r, NULL, NULL);
		}
	}
	cbor_r_init(&whole, data, size);
	while (cbor_ok(&whole, NULL) && whole.p < whole.end)
		cbor_skip(&whole, NULL, NULL);
	if (cbor_done(&whole, NULL) && r.p != r.end && !r.bad)
		__builtin_trap();
	return 0;
}
