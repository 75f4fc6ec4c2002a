# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += \
	src/base/buf.c \
	src/base/err.c
