# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += src/base/buf.c
libarpent_a_SOURCES += src/base/cbor.c
libarpent_a_SOURCES += src/base/date-scan.c
libarpent_a_SOURCES += src/base/date.c
libarpent_a_SOURCES += src/base/err.c
libarpent_a_SOURCES += src/base/id.c
libarpent_a_SOURCES += src/base/io.c
libarpent_a_SOURCES += src/base/secret-tty.c
libarpent_a_SOURCES += src/base/secret.c
libarpent_a_SOURCES += src/base/text.c
libarpent_a_SOURCES += \
	src/base/buf.c \
	src/base/date-scan.c \
	src/base/date.c \
	src/base/err.c \
	src/base/geo.c \
	src/base/text.c
