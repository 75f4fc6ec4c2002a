/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes of a terminal, cut by their own first byte, into the decoder and an editor. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "tui/editor.h"
#include "tui/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in;
	struct editor ed;
	struct event ev;
	size_t piece = size ? 1 + data[0] % 16u : 1;
	bool changed;

	input_init(&in);
	editor_init(&ed);
	ed.cols = 12;
	for (size_t at = 1; at < size; at += piece) {
		input_feed(&in, data + at, size - at < piece ? size - at : piece);
		while (input_next(&in, at % 7 == 0, &ev))
			editor_key(&ed, &ev, &changed);
		if (ed.at > ed.text.len)
			abort();
	}
	while (editor_undo(&ed))
		;
	if (ed.text.len != 0)
		abort();
	editor_done(&ed);
	input_done(&in);
	return 0;
}
