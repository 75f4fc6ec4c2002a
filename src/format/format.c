/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arpent/format.h"

#include <string.h>
#include <strings.h>

#include "arpent/i18n.h"
#include "formats.h"

static const struct format formats[] = {
#define FORMAT(key, label, endings, sniff, read, write, document, kinds) \
	{key, label, endings, sniff, read, write, document, kinds},
#include "formats.def"
#undef FORMAT
};

size_t format_count(void)
{
	return sizeof formats / sizeof *formats;
}

const struct format *format_at(size_t i)
{
	return i < format_count() ? &formats[i] : NULL;
}

const struct format *format_find(const char *key)
{
	for (size_t i = 0; i < format_count(); i++)
		if (strcmp(formats[i].key, key) == 0)
			return &formats[i];
	return NULL;
}

/* Is the word, n long, one of a list with blanks between? */
static bool format_listed(const char *list, const char *word, size_t n)
{
	for (; *list; list += strspn(list, " ")) {
		size_t len = strcspn(list, " ");
		if (len == n && strncasecmp(list, word, n) == 0)
			return true;
		list += len;
	}
	return false;
}

const struct format *format_of_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');

	for (size_t i = 0; dot && i < format_count(); i++)
		if (format_listed(formats[i].endings, dot, strlen(dot)))
			return &formats[i];
	return NULL;
}

const struct format *format_of_bytes(const char *p, size_t n, const char *path)
{
	for (size_t i = 0; i < format_count(); i++)
		if (formats[i].read && formats[i].sniff && formats[i].sniff(p, n < 4096 ? n : 4096))
			return &formats[i];
	const struct format *f = path ? format_of_name(path) : NULL;
	return f && f->read ? f : NULL;
}

bool format_takes(const struct format *f, const char *kind)
{
	return !f->kinds || format_listed(f->kinds, kind, strlen(kind));
}
