/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <stdio.h>
#include <sys/stat.h>

#include "arpent/i18n.h"
#include "arpent/secret.h"
#include "cli/cli.h"
#include "tui/tui.h"

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;

	umask(077); /* what it makes is for its owner alone, who can use it, whatever the umask was */
	lang_start(NULL);
	if (!secret_start(&e)) {
		fprintf(stderr, "arpent: %s\n", _("The cryptographic library does not start. Nothing was done."));
		return EXIT_FAILED;
	}
	return cli_main(argc, argv, tui_run);
}
