# SPDX-License-Identifier: GPL-3.0-or-later
dist_man_MANS =
dist_man_MANS += man/arpent-notebook.5
dist_man_MANS += man/arpent-bundle.5
