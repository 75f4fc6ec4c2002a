# SPDX-License-Identifier: GPL-3.0-or-later
#
# Installed in $(pkgdatadir), with the folders kept: one line per file.
nobase_dist_pkgdata_DATA =
nobase_dist_pkgdata_DATA += share/dict/bundle-1
nobase_dist_pkgdata_DATA += share/demo/main-job.sh
nobase_dist_pkgdata_DATA += share/demo/make.sh
nobase_dist_pkgdata_DATA += share/demo/minutes.txt
nobase_dist_pkgdata_DATA += share/demo/open.sh
nobase_dist_pkgdata_DATA += share/demo/trois-vals.jsonl
