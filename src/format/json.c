/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/json.h"

#include <inttypes.h>
#include <string.h>

#include "arpent/text.h"

void json_init(struct json *j, struct buf *out)
{
	*j = (struct json){.out = out};
}

/* Before any value: the comma of a list, or nothing after a key. */
static void json_next(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->depth > 0 && j->some[j->depth - 1])
		buf_char(j->out, ',');
	if (j->depth > 0)
		j->some[j->depth - 1] = true;
}

static void json_open(struct json *j, char c)
{
	json_next(j);
	buf_char(j->out, c);
	if (j->depth < JSON_DEPTH)
		j->some[j->depth++] = false;
}

static void json_close(struct json *j, char c)
{
	buf_char(j->out, c);
	if (j->depth > 0)
		j->depth--;
}

void json_map(struct json *j)
{
	json_open(j, '{');
}

void json_map_end(struct json *j)
{
	json_close(j, '}');
}

void json_list(struct json *j)
{
	json_open(j, '[');
}

void json_list_end(struct json *j)
{
	json_close(j, ']');
}

/* Printed on a terminal, these would act on what is around them; JSON may escape any character. */
static bool json_turns(uint32_t cp)
{
	return cp == 0x061C || (cp >= 0x200E && cp <= 0x200F) || (cp >= 0x2028 && cp <= 0x202E) ||
	       (cp >= 0x2066 && cp <= 0x2069);
}

static void json_quote(struct buf *out, const char *s, size_t n)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	uint32_t cp;

	buf_char(out, '"');
	for (size_t i = 0, len; i < n; i += len) {
		len = text_decode(s + i, n - i, &cp);
		const char *hit = cp > 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;
		if (hit)
			buf_printf(out, "\\%c", to[hit - from]);
		else if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || json_turns(cp))
			buf_printf(out, "\\u%04x", (unsigned)cp);
		else
			text_encode(out, cp);
	}
	buf_char(out, '"');
}

void json_key(struct json *j, const char *key)
{
	json_next(j);
	json_quote(j->out, key, strlen(key));
	buf_char(j->out, ':');
	j->after_key = true;
}

void json_text_n(struct json *j, const char *s, size_t n)
{
	json_next(j);
	json_quote(j->out, s, n);
}

void json_text(struct json *j, const char *s)
{
	if (s)
		json_text_n(j, s, strlen(s));
	else
		json_none(j);
}

void json_number(struct json *j, const char *s)
{
	json_next(j);
	buf_str_add(j->out, s);
}

void json_int(struct json *j, int64_t v)
{
	json_next(j);
	buf_printf(j->out, "%" PRId64, v);
}

void json_bool(struct json *j, bool v)
{
	json_number(j, v ? "true" : "false");
}

void json_none(struct json *j)
{
	json_number(j, "null");
}

void json_pair(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, text);
}

void json_pair_int(struct json *j, const char *key, int64_t v)
{
	json_key(j, key);
	json_int(j, v);
}

void json_pair_bool(struct json *j, const char *key, bool v)
{
	json_key(j, key);
	json_bool(j, v);
}
