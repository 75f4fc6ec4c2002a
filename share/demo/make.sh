#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# make.sh FOLDER: makes the demo notebook there, FOLDER/demo.arpent with its key file FOLDER/demo.key.  The territory, its people
# and what they say are invented.  Days in the sample ("@D-5@") are counted from today, so that something is always due.
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ARPENT:=arpent}"
mkdir -p "$folder"
chmod 700 "$folder"
rm -rf "$folder"/demo.*
(umask 077 && head -c 64 /dev/urandom >"$folder/demo.key")
days=$(grep -o '@D[+-][0-9]*@' "$here/trois-vals.jsonl" | sort -u)
edits=""
for d in $days; do
	n=${d#@D}
	n=${n%@}
	edits="$edits;s/$d/$(date -d "$n days" +%F)/g"
done
sed "${edits#;}" "$here/trois-vals.jsonl" >"$folder/demo.jsonl"
"$ARPENT" --notebook "$folder/demo.arpent" --key-file "$folder/demo.key" init --no-words --name "Camille Serre"
"$ARPENT" --notebook "$folder/demo.arpent" --key-file "$folder/demo.key" import --yes "$folder/demo.jsonl"
rm "$folder/demo.jsonl"
