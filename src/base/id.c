/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/id.h"

#include <sodium.h>
#include <string.h>

void id_new(struct id *id)
{
	randombytes_buf(id->b, sizeof id->b);
	id->b[6] = (uint8_t)((id->b[6] & 0x0F) | 0x40);
	id->b[8] = (uint8_t)((id->b[8] & 0x3F) | 0x80);
}

bool id_is_zero(const struct id *id)
{
	static const struct id zero;

	return id_eq(id, &zero);
}

int id_cmp(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, ID_BYTES);
}

bool id_eq(const struct id *a, const struct id *b)
{
	return id_cmp(a, b) == 0;
}

static bool id_dash_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void id_text(const struct id *id, char out[ID_TEXT + 1])
{
	static const char digits[] = "0123456789abcdef";
	char *p = out;

	for (size_t i = 0; i < ID_BYTES; i++) {
		if (id_dash_before(i))
			*p++ = '-';
		*p++ = digits[id->b[i] >> 4];
		*p++ = digits[id->b[i] & 15];
	}
	*p = '\0';
}

static int id_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads digits, and dashes where the whole form has them, all of them or none.  Returns the digits read, 0 when s is
 * not of that form. */
static size_t id_digits(const char *s, struct id *out)
{
	bool dashed = strchr(s, '-') != NULL;
	size_t n = 0;

	memset(out, 0, sizeof *out);
	for (; *s; s++) {
		if (dashed && n % 2 == 0 && id_dash_before(n / 2) && *s == '-' && s[-1] != '-')
			continue;
		if (dashed && n % 2 == 0 && id_dash_before(n / 2) && s[-1] != '-')
			return 0;
		int d = id_digit(*s);
		if (d < 0 || n >= 2 * ID_BYTES)
			return 0;
		out->b[n / 2] = (uint8_t)(out->b[n / 2] | (n % 2 ? d : d << 4));
		n++;
	}
	return n;
}

bool id_parse(const char *s, struct id *out)
{
	struct id id;

	if (id_digits(s, &id) != 2 * ID_BYTES)
		return false;
	*out = id;
	return true;
}

bool id_prefix(const char *s, struct id *low, struct id *high)
{
	size_t n = id_digits(s, low);

	if (n < ID_SHORT)
		return false;
	*high = *low;
	if (n % 2)
		high->b[n / 2] |= 15;
	for (size_t i = (n + 1) / 2; i < ID_BYTES; i++)
		high->b[i] = 0xFF;
	return true;
}
