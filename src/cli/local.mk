# SPDX-License-Identifier: GPL-3.0-or-later
#
# A library, so that the tests of the terminal face link what the program does.
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES =
libcli_a_SOURCES += src/cli/args.c
libcli_a_SOURCES += src/cli/args.h
libcli_a_SOURCES += src/cli/cli.c
libcli_a_SOURCES += src/cli/cli.h
libcli_a_SOURCES += src/cli/cmd-attach.c
libcli_a_SOURCES += src/cli/cmd-backup.c
libcli_a_SOURCES += src/cli/cmd-check.c
libcli_a_SOURCES += src/cli/cmd-completion.c
libcli_a_SOURCES += src/cli/cmd-edit.c
libcli_a_SOURCES += src/cli/cmd-export.c
libcli_a_SOURCES += src/cli/cmd-find.c
libcli_a_SOURCES += src/cli/cmd-history.c
libcli_a_SOURCES += src/cli/cmd-id.c
libcli_a_SOURCES += src/cli/cmd-import.c
libcli_a_SOURCES += src/cli/cmd-init.c
libcli_a_SOURCES += src/cli/cmd-list.c
libcli_a_SOURCES += src/cli/cmd-lock.c
libcli_a_SOURCES += src/cli/cmd-log.c
libcli_a_SOURCES += src/cli/cmd-new.c
libcli_a_SOURCES += src/cli/cmd-open.c
libcli_a_SOURCES += src/cli/cmd-passwd.c
libcli_a_SOURCES += src/cli/cmd-rm.c
libcli_a_SOURCES += src/cli/cmd-seal.c
libcli_a_SOURCES += src/cli/cmd-set.c
libcli_a_SOURCES += src/cli/cmd-show.c
libcli_a_SOURCES += src/cli/cmd-trust.c
libcli_a_SOURCES += src/cli/cmd-undo.c
libcli_a_SOURCES += src/cli/commands.def
libcli_a_SOURCES += src/cli/lang.c
libcli_a_SOURCES += src/cli/out.c
libcli_a_SOURCES += src/cli/say.c
libcli_a_SOURCES += src/cli/unlock.c
libcli_a_SOURCES += src/cli/wants.c
