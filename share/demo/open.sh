#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# open.sh FOLDER: opens the demo notebook on the screen, made anew each day.
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ARPENT:=arpent}"
today=$(date +%F)
if [ "$(cat "$folder/made" 2>/dev/null)" != "$today" ]; then
	bash "$here/make.sh" "$folder" >/dev/null
	echo "$today" >"$folder/made"
fi
exec "$ARPENT" --notebook "$folder/demo.arpent" --key-file "$folder/demo.key"
