/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kind of remote defines: could `where` be one, and opening it. */
#ifndef ARPENT_REMOTES_H
#define ARPENT_REMOTES_H

#include "arpent/remote.h"

#define REMOTE(x) \
	bool remote_##x##_takes(const char *where); \
	bool remote_##x##_open(const char *where, const struct remote_access *access, struct remote *out, \
			       struct err *e) MUST_USE;
#include "remotes.def"
#undef REMOTE

#endif
