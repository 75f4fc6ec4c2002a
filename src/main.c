/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arpent/i18n.h"
#include "config.h"

int main(int argc, char **argv)
{
	const char *dir = getenv("ARPENT_LOCALEDIR");

	setlocale(LC_ALL, "");
	bindtextdomain(PACKAGE, dir ? dir : LOCALEDIR);
	textdomain(PACKAGE);
	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("%s\n", PACKAGE_STRING) < 0;
	fprintf(stderr, _("usage: %s --version\n"), argv[0]);
	return 2;
}
