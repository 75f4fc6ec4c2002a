/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "renew.h"

#include <signal.h>
#include <unistd.h>

#include "arpent/vfs.h"
#include "term.h"

void renew(const struct tui *t, bool suspend)
{
	const struct term_options o = {0};
	struct err e = ERR_INIT;
	char *argv[7] = {"arpent", "--locked", "--notebook", t->path};

	if (t->key_file) {
		argv[4] = "--key-file";
		argv[5] = (char *)t->key_file;
	}
	vfs_stop();
	/* A signal that comes meanwhile waits for the new program, which takes it when it has the terminal. */
	term_signals_hold(true);
	if (suspend)
		raise(SIGTSTP);
	term_stop();
	execv("/proc/self/exe", argv);
	if (!term_start(&o, &e))
		_exit(1);
}
