/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * args - the command line read by getopt_long from the tables of options and, where a command takes them, of fields.
 */
#ifndef ARPENT_ARGS_H
#define ARPENT_ARGS_H

#include "cli.h"

extern const struct cli_option cli_common[]; /* those of every command; ends with a NULL name */

/* argv[0] is the command's name.  With `stopped`, only what stands before the first positional is read and *stopped is
 * its index.  ERR_USAGE: where is "option" (unknown) or "value" (missing), detail the word. */
bool args_parse(struct args *a, const struct cli_command *cmd, int argc, char **argv, int *stopped,
		struct err *e) MUST_USE;
void args_done(struct args *a);

#endif
