# SPDX-License-Identifier: GPL-3.0-or-later
dist_man_MANS =
dist_man_MANS += man/arpent.1
dist_man_MANS += man/arpent-notebook.5
dist_man_MANS += man/arpent-bundle.5

# The tables of arpent.1 are printed by the program; tests/house/manual.sh says when the page is behind.
manual: arpent
	cd $(srcdir) && SRCDIR=. ARPENT=$(abs_builddir)/arpent bash tests/house/manual.sh write
.PHONY: manual
