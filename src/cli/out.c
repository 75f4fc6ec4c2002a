/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdlib.h>
#include <string.h>

#include "arpent/export.h"
#include "arpent/i18n.h"
#include "arpent/text.h"
#include "cli.h"

/* Text cut to `columns` and padded to them. */
static void out_column(struct buf *line, const char *s, int columns)
{
	struct buf safe = BUF_INIT;

	text_safe(&safe, s, strlen(s), false);
	size_t n = text_fit(buf_str(&safe), safe.len, columns);
	bool cut = n < safe.len;
	if (cut)
		n = text_fit(buf_str(&safe), safe.len, columns - 1);
	buf_add(line, buf_str(&safe), n);
	if (cut)
		buf_str_add(line, "…");
	int pad = columns - text_width_n(buf_str(&safe), n) - cut;
	buf_fill(line, ' ', pad > 0 ? (size_t)pad : 0);
	buf_done(&safe);
}

void cli_column(const char *s, int columns)
{
	struct buf line = BUF_INIT;

	out_column(&line, s, columns);
	fputs(buf_str(&line), stdout);
	buf_done(&line);
}

static char out_mark(unsigned flags)
{
	if (flags & ROW_CONFLICT)
		return '=';
	if (flags & ROW_LATE)
		return '!';
	if (flags & ROW_UNSENT)
		return '*';
	return flags & ROW_DONE ? 'x' : ' ';
}

void cli_row(struct cli *c, const struct row *row)
{
	struct buf line = BUF_INIT, day = BUF_INIT;
	struct moment when, now;
	char short_id[ID_TEXT + 1];
	const struct kind *k = kind_find(row->kind);

	if (!store_short_id(c->store, &row->id, short_id))
		id_text(&row->id, short_id);
	store_now(c->store, &now);
	if (moment_parse(row->day, &when))
		date_short(&when, &now, c->lang, &day);
	out_column(&line, short_id, 8);
	buf_printf(&line, " %c ", out_mark(row->flags));
	out_column(&line, buf_str(&day), 14);
	buf_char(&line, ' ');
	out_column(&line, k ? _(k->label) : row->kind, 12);
	buf_char(&line, ' ');
	if (row->owner[0] != '\0')
		out_column(&line, row->title, 40);
	else
		text_safe(&line, row->title, strlen(row->title), false);
	if (row->owner[0] != '\0') {
		buf_char(&line, ' ');
		text_safe(&line, row->owner, strlen(row->owner), false);
	}
	puts(buf_str(&line));
	buf_done(&line);
	buf_done(&day);
}

bool cli_json_record(struct cli *c, const struct id *id, struct err *e)
{
	struct buf out = BUF_INIT;
	struct json j;
	struct record r;
	bool ok;

	record_init(&r);
	json_init(&j, &out);
	ok = store_get(c->store, id, &r, e) && export_json(c->store, &r, &j, e) && buf_ok(&out, e);
	if (ok)
		puts(buf_str(&out));
	record_done(&r);
	buf_done(&out);
	return ok;
}

void cli_done(struct cli *c, const char *what, const char *kind, const struct id *id)
{
	struct buf out = BUF_INIT;
	char text[ID_TEXT + 1], short_id[ID_TEXT + 1];

	id_text(id, text);
	if (c->json) {
		struct json j;
		json_init(&j, &out);
		json_map(&j);
		json_pair(&j, "id", text);
		json_pair(&j, "kind", kind);
		json_map_end(&j);
		puts(buf_str(&out));
	} else {
		struct buf title = BUF_INIT;
		if (!store_short_id(c->store, id, short_id))
			memcpy(short_id, text, sizeof text);
		store_title(c->store, id, &title);
		text_safe(&out, buf_str(&title), title.len, false);
		printf("%s  %s%s%s\n", short_id, what, _(": "), buf_str(&out));
		buf_done(&title);
	}
	buf_done(&out);
}

void words_size(uint64_t n, struct buf *out)
{
	const uint64_t unit = n < 1000000 ? 1000 : 1000000, tenths = (n * 10 + unit / 2) / unit;
	const char *point = lang_date() == DATE_FR ? "," : ".";
	char number[32];

	if (n < 1000) {
		buf_printf(out, P_("%u byte", "%u bytes", n), (unsigned)n);
		return;
	}
	snprintf(number, sizeof number, "%llu%s%llu", (unsigned long long)tenths / 10, point,
		 (unsigned long long)tenths % 10);
	buf_printf(out, unit == 1000 ? _("%s kB") : _("%s MB"), number);
}
