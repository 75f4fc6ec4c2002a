# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += \
	src/base/buf.c \
	src/base/date-scan.c \
	src/base/date.c \
	src/base/err.c \
	src/base/text.c
