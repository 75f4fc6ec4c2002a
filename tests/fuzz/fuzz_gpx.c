/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/format.h"
#include "arpent/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes: no fault, and what comes out is UTF-8, valid where a field holds it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = {"site", "observation"};

	for (size_t as = 0; as < 2; as++) {
		struct import_options o = {.as = kinds[as]};
		struct foreign_list list = {0};
		struct err e = ERR_INIT;
		if (format_find("gpx")->read((const char *)data, size, &o, &list, &e)) {
			for (size_t i = 0; i < list.n; i++)
				for (size_t k = 0; k < list.v[i].n; k++) {
					const struct foreign_field *t = &list.v[i].fields[k];
					const struct field *f = kind_field(kind_find(list.v[i].kind), t->key);
					if (!text_is_utf8(buf_str(&t->text), t->text.len) || !f)
						abort();
					if (t->text.len > 0 && strcmp(t->key, "extra") != 0 &&
					    !value_valid(f, buf_str(&t->text)))
						abort();
				}
		}
		foreign_list_done(&list);
	}
	return 0;
}
