/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON lines, and CSV of persons or meetings (the first byte says which): what comes out is UTF-8 and fit to keep. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct foreign *r)
{
	const struct kind *k = kind_find(r->kind);

	for (size_t i = 0; i < r->n; i++) {
		const struct foreign_field *t = &r->fields[i];
		const struct field *f = k ? kind_field(k, t->key) : NULL;
		if (!text_is_utf8(buf_str(&t->text), t->text.len))
			abort();
		if (f && t->text.len > 0 && f->type != FIELD_REF && f->type != FIELD_CODE &&
		    !value_valid(f, buf_str(&t->text)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const as[] = {NULL, "person", "meeting"};
	unsigned which = size ? data[0] % 3u : 0;
	struct import_options o = {.as = as[which]};
	struct foreign_list list = {0};
	struct err e = ERR_INIT;

	if (size > 0 && format_find(which ? "csv" : "jsonl")->read((const char *)data + 1, size - 1, &o, &list, &e))
		for (size_t i = 0; i < list.n; i++)
			check_record(&list.v[i]);
	foreign_list_done(&list);
	return 0;
}
