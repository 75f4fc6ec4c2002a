/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - a small printer of JSON (RFC 8259) into a buf: containers, keys and values in the order they are said.
 *
 * Commas are put by the printer.  Text that is not UTF-8 is printed with U+FFFD; control characters are escaped, so
 * that one value is always one line.  Nesting is at most JSON_DEPTH; deeper is a fault of the caller and prints
 * nothing.
 */
#ifndef ARPENT_JSON_H
#define ARPENT_JSON_H

#include "arpent/buf.h"

#define JSON_DEPTH 32

struct json {
	struct buf *out;
	unsigned depth;
	bool some[JSON_DEPTH]; /* something was printed at this level */
	bool after_key;
};

void json_init(struct json *j, struct buf *out);
void json_map(struct json *j);
void json_map_end(struct json *j);
void json_list(struct json *j);
void json_list_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_text(struct json *j, const char *s); /* NULL prints null */
void json_text_n(struct json *j, const char *s, size_t n);
void json_int(struct json *j, int64_t v);
void json_bool(struct json *j, bool v);
void json_none(struct json *j);
void json_number(struct json *j, const char *s); /* a number already in JSON's form */
/* A key and its value in one. */
void json_pair(struct json *j, const char *key, const char *text);
void json_pair_int(struct json *j, const char *key, int64_t v);
void json_pair_bool(struct json *j, const char *key, bool v);

#endif
