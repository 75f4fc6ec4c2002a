# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += src/base/buf.c
libarpent_a_SOURCES += src/base/cbor.c
libarpent_a_SOURCES += src/base/date-scan.c
libarpent_a_SOURCES += src/base/date-token.c src/base/date-token.h
libarpent_a_SOURCES += src/base/date.c
libarpent_a_SOURCES += src/base/err.c
libarpent_a_SOURCES += src/base/geo.c
libarpent_a_SOURCES += src/base/id.c
libarpent_a_SOURCES += src/base/io.c
libarpent_a_SOURCES += src/base/secret-tty.c
libarpent_a_SOURCES += src/base/secret.c
libarpent_a_SOURCES += src/base/text.c
libarpent_a_SOURCES += src/base/words-en.c
libarpent_a_SOURCES += src/base/words-fr.c
libarpent_a_SOURCES += src/base/words.c
