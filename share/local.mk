# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installed in $(pkgdatadir), with the folders kept: one line per file.
nobase_dist_pkgdata_DATA =
nobase_dist_pkgdata_DATA += share/dict/bundle-1
