# SPDX-License-Identifier: GPL-3.0-or-later
libarpent_a_SOURCES += src/sync/book.c
libarpent_a_SOURCES += src/sync/book.h
libarpent_a_SOURCES += src/sync/bundle-in.h
libarpent_a_SOURCES += src/sync/bundle-pack.c
libarpent_a_SOURCES += src/sync/bundle-to.c
libarpent_a_SOURCES += src/sync/bundle.c
libarpent_a_SOURCES += src/sync/devices-remote.c
libarpent_a_SOURCES += src/sync/devices-in.h
libarpent_a_SOURCES += src/sync/devices.c
libarpent_a_SOURCES += src/sync/exchange-adopt.c
libarpent_a_SOURCES += src/sync/exchange-in.h
libarpent_a_SOURCES += src/sync/exchange-restore.c
libarpent_a_SOURCES += src/sync/exchange-roster-send.c
libarpent_a_SOURCES += src/sync/exchange-roster.c
libarpent_a_SOURCES += src/sync/exchange-send.c
libarpent_a_SOURCES += src/sync/exchange-snapshot.c
libarpent_a_SOURCES += src/sync/exchange-take.c
libarpent_a_SOURCES += src/sync/exchange.c
libarpent_a_SOURCES += src/sync/handoff-file.c
libarpent_a_SOURCES += src/sync/handoff-in.h
libarpent_a_SOURCES += src/sync/handoff.c
libarpent_a_SOURCES += src/sync/identity-qr.c
libarpent_a_SOURCES += src/sync/identity-words.c
libarpent_a_SOURCES += src/sync/identity.c
libarpent_a_SOURCES += src/sync/past.c
libarpent_a_SOURCES += src/sync/past.h
libarpent_a_SOURCES += src/sync/peer.c
libarpent_a_SOURCES += src/sync/remote-curl.c
libarpent_a_SOURCES += src/sync/remote-folder.c
libarpent_a_SOURCES += src/sync/remote-key.c
libarpent_a_SOURCES += src/sync/remote-key.h
libarpent_a_SOURCES += src/sync/remote-net.c
libarpent_a_SOURCES += src/sync/remote-s3.c
libarpent_a_SOURCES += src/sync/remote-sftp.c
libarpent_a_SOURCES += src/sync/remote-url.c
libarpent_a_SOURCES += src/sync/remote-webdav.c
libarpent_a_SOURCES += src/sync/remote-xml.c
libarpent_a_SOURCES += src/sync/remote.c
libarpent_a_SOURCES += src/sync/remotes.def
libarpent_a_SOURCES += src/sync/roster-item.c
libarpent_a_SOURCES += src/sync/roster.c
libarpent_a_SOURCES += src/sync/segment.c
libarpent_a_SOURCES += src/sync/segment.h
libarpent_a_SOURCES += src/sync/transport.h
libarpent_a_SOURCES += src/sync/space.c
libarpent_a_SOURCES += src/sync/snapshot.c
libarpent_a_SOURCES += src/sync/snapshot.h

# The preset dictionary, as the bytes of an array.
src/sync/bundle-pack.$(OBJEXT): src/sync/dict-bundle-1.inc
src/sync/dict-bundle-1.inc: share/dict/bundle-1
	$(AM_V_GEN)$(MKDIR_P) $(@D) && od -An -v -tu1 $(top_srcdir)/share/dict/bundle-1 | sed 's/[0-9][0-9]*/&,/g' > $@
CLEANFILES += src/sync/dict-bundle-1.inc
