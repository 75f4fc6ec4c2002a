# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += \
	src/store/before.c \
	src/store/db.c \
	src/store/derive.c \
	src/store/index.c \
	src/store/list.c \
	src/store/names.c \
	src/store/open.c \
	src/store/query.c \
	src/store/read.c \
	src/store/schema.c \
	src/store/step.c \
	src/store/undo.c \
	src/store/write.c
libarpent_a_SOURCES += src/store/header.c
libarpent_a_SOURCES += src/store/seal.c
libarpent_a_SOURCES += src/store/slot.c
libarpent_a_SOURCES += src/store/vault.c
libarpent_a_SOURCES += src/store/vfs-db.c
libarpent_a_SOURCES += src/store/vfs-fresh.c
libarpent_a_SOURCES += src/store/vfs-journal.c
libarpent_a_SOURCES += src/store/vfs-open.c
libarpent_a_SOURCES += src/store/vfs-wal.c
libarpent_a_SOURCES += src/store/vfs.c
