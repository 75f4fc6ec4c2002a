/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/identity.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

#define BORDER \
	2 /* squares: half of what the standard asks for, enough for today's readers, and it fits more screens \
	   */

struct squares {
	const QRcode *code;
	bool ink_dark;
};

static bool inked(const struct squares *q, int x, int y)
{
	int w = q->code->width;
	bool dark = x >= 0 && y >= 0 && x < w && y < w && (q->code->data[y * w + x] & 1);

	/* The last half line below an odd number of rows stays blank. */
	return y < w + BORDER && dark == q->ink_dark;
}

static void draw_blocks(const struct squares *q, struct buf *out)
{
	static const char *const block[] = {" ", "▀", "▄", "█"};

	for (int y = -BORDER; y < q->code->width + BORDER; y += 2) {
		for (int x = -BORDER; x < q->code->width + BORDER; x++)
			buf_str_add(out, block[inked(q, x, y) + 2 * inked(q, x, y + 1)]);
		buf_char(out, '\n');
	}
}

static void draw_ascii(const struct squares *q, struct buf *out)
{
	for (int y = -BORDER; y < q->code->width + BORDER; y++) {
		for (int x = -BORDER; x < q->code->width + BORDER; x++)
			buf_str_add(out, inked(q, x, y) ? "##" : "  ");
		buf_char(out, '\n');
	}
}

bool identity_qr(const char *card, bool ascii, bool dark_on_light, struct buf *out, int *rows, int *columns,
		 struct err *e)
{
	QRcode *code = QRcode_encodeString(card, 0, QR_ECLEVEL_L, QR_MODE_8, 1);
	struct squares q = {code, dark_on_light};
	int side;

	if (!code)
		return err_sys(e, errno, "QRcode_encodeString", "%zu bytes", strlen(card));
	side = code->width + 2 * BORDER;
	if (ascii)
		draw_ascii(&q, out);
	else
		draw_blocks(&q, out);
	if (rows)
		*rows = ascii ? side : (side + 1) / 2;
	if (columns)
		*columns = ascii ? 2 * side : side;
	QRcode_free(code);
	return buf_ok(out, e);
}
