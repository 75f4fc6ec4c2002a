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
