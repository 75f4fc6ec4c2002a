#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# source.sh PACKAGE FOLDER: the sources of a Debian package, of the version that is offered here, in FOLDER, by apt-get
# with lists of its own: neither root nor a deb-src line is needed.  Fails where there is no apt-get or no net.
set -eu
package=$1
folder=$2
[ ! -f "$folder/.complete" ] || exit 0
command -v apt-get >/dev/null && command -v dpkg-source >/dev/null || exit 1
mkdir -p "$folder"
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/source"
sed -E 's/^Types:.*/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$apt/parts/debian.sources" 2>/dev/null ||
	rm -f "$apt/parts/debian.sources"
sed -n -E 's/^deb /deb-src /p' /etc/apt/sources.list >"$apt/parts/sources.list" 2>/dev/null || true
options=(-q -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$apt/parts" -o Dir::State::Lists="$apt/lists"
	-o Dir::Cache="$apt/cache" -o APT::Sandbox::User="$(id -un)")
apt-get "${options[@]}" update </dev/null >/dev/null 2>&1 || exit 1
(cd "$apt/source" && apt-get "${options[@]}" source "$package" </dev/null >/dev/null 2>&1) || exit 1
for tree in "$apt/source"/*/; do
	cp -a "$tree." "$folder"
	touch "$folder/.complete"
done
[ -f "$folder/.complete" ]
