# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += \
	src/model/change.c \
	src/model/codec.c \
	src/model/decode.c \
	src/model/diff3.c \
	src/model/kind.c \
	src/model/kinds.c \
	src/model/merge.c \
	src/model/record.c \
	src/model/seen.c \
	src/model/shown.c \
	src/model/vocabs.c
