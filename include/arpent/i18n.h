/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * i18n - gettext's marks.  _("...") translates, N_("...") only marks a constant for a table, P_(one, many, n) is the
 * plural.  With --disable-nls they are the English text.
 */
#ifndef ARPENT_I18N_H
#define ARPENT_I18N_H

#include "config.h"

#ifdef ENABLE_NLS
#include <libintl.h>
#else
#define gettext(s) (s)
#define ngettext(one, many, n) ((n) == 1 ? (one) : (many))
#define bindtextdomain(domain, dir) ((void)(domain), (void)(dir))
#define bind_textdomain_codeset(domain, codeset) ((void)(domain), (void)(codeset))
#define textdomain(domain) ((void)(domain))
#endif

#define _(s) gettext(s)
#define N_(s) s
#define P_(one, many, n) ngettext(one, many, (unsigned long)(n))

#endif
