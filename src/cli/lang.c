/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "arpent/io.h"
#include "cli.h"

static char lang_now[3] = "en";

static bool lang_known(const char *s)
{
	return s != NULL && (strncmp(s, "fr", 2) == 0 || strncmp(s, "en", 2) == 0) && strchr("_.@:", s[2]) != NULL;
}

static char *lang_settings_path(void)
{
	struct buf path = BUF_INIT;
	char *dir = io_config_dir();

	if (dir == NULL)
		return NULL;
	buf_printf(&path, "%s/lang", dir);
	free(dir);
	return buf_steal(&path);
}

static bool lang_from_settings(char out[3])
{
	struct buf text = BUF_INIT;
	char *path = lang_settings_path();
	bool found = path != NULL && io_read_file(path, 64, &text, NULL) && text.len >= 2;

	if (found) {
		memcpy(out, text.p, 2);
		out[2] = '\0';
	}
	free(path);
	buf_done(&text);
	return found && lang_known(out);
}

bool lang_keep(const char *code, struct err *e)
{
	char *path = lang_settings_path();
	char *slash = path ? strrchr(path, '/') : NULL;

	if (slash == NULL) {
		free(path);
		return err_set(e, ERR_NOT_FOUND, "lang_keep", "HOME");
	}
	*slash = '\0';
	bool ok = io_make_dirs(path, e);
	*slash = '/';
	ok = ok && io_write_file(path, code, 2, true, e);
	free(path);
	return ok;
}

void lang_start(const char *forced)
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
	const char *dir = getenv("ARPENT_LOCALEDIR");
	char code[3] = "";

	if (lang_known(forced))
		memcpy(code, forced, 2);
	for (size_t i = 0; code[0] == '\0' && i < sizeof names / sizeof names[0]; i++) {
		if (lang_known(getenv(names[i])))
			memcpy(code, getenv(names[i]), 2);
	}
	if (code[0] == '\0' && !lang_from_settings(code))
		memcpy(code, "en", 2);
	memcpy(lang_now, code, 3);

	/* A server without the user's locale still has UTF-8 and our translations: C.UTF-8 with LANGUAGE. */
	if (setlocale(LC_ALL, "") == NULL || strcmp(nl_langinfo(CODESET), "UTF-8") != 0 ||
	    strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0 || strcmp(setlocale(LC_MESSAGES, NULL), "POSIX") == 0) {
		if (setlocale(LC_ALL, "C.UTF-8") == NULL)
			setlocale(LC_ALL, "C.utf8");
	}
	setlocale(LC_NUMERIC, "C"); /* numbers are read and written by our own rules */
	setenv("LANGUAGE", lang_now, 1);
	bindtextdomain(PACKAGE, dir ? dir : LOCALEDIR);
	bind_textdomain_codeset(PACKAGE, "UTF-8");
	textdomain(PACKAGE);
}

enum date_lang lang_date(void)
{
	return lang_now[0] == 'f' ? DATE_FR : DATE_EN;
}

const char *lang_code(void)
{
	return lang_now;
}
