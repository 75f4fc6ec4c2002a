#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# main-job.sh FOLDER: what arpent is for, done once through the command line, each step printed: a notebook, a meeting from typed
# minutes, a contact, an observation, a search, a sealed hand-off, opened in a colleague's notebook.  Everything in it is invented.
set -eu
folder=$1
here=$(cd "$(dirname "$0")" && pwd)
: "${ARPENT:=arpent}"

step() { printf '\n== %s\n' "$*"; }
run() {
	printf '$ arpent %s\n' "$*"
	"$ARPENT" --notebook "$folder/$who.arpent" --key-file "$folder/$who.key" "$@"
}
keyed() { (umask 077 && head -c 64 /dev/urandom >"$folder/$1.key"); }

keyed camille
keyed claire
who=camille
step "A notebook (opened with a key file here; a person types a passphrase)"
run init --no-words --name "Camille Serre"
step "Contacts"
run new person name="Alain Roux" function=maire organisation="Commune de Saint-Étienne-du-Val" phone="04 99 00 11 01"
run new person name="Claire Dupuis" function="chargée de mission" email=claire.dupuis@trois-vals.example
run new site name="Bergerie Haute" commune="Saint-Étienne-du-Val" point="44.412031, 3.701245"
step "A meeting, from minutes as they were typed"
cat "$here/minutes.txt"
run new meeting subject="Convention de pâturage" start="hier 14h" place=Mairie notes=- <"$here/minutes.txt"
run list meeting
run show convention
step "An observation"
run new observation subject="Traces de loup" date="hier 7h40" site="Bergerie Haute" point="44°24'43\"N 3°42'04\"E" count_min=1 count_max=2
step "A note without the passphrase, filed at the next opening"
printf '$ arpent log Rappeler la DDT pour la desserte\n'
"$ARPENT" --notebook "$folder/camille.arpent" log "Rappeler la DDT pour la desserte"
step "Search: accents and case do not matter"
run find paturage
run find avenant
step "Minutes to send"
run export convention --format md
step "A colleague's notebook, and cards exchanged"
who=claire
run init --no-words --name "Claire Dupuis"
run id --no-qr -o "$folder/claire.card"
who=camille
run id --no-qr -o "$folder/camille.card"
run trust "$folder/claire.card"
who=claire
run trust "$folder/camille.card"
step "The meeting, sealed for Claire"
who=camille
run seal --yes --to Claire convention -o "$folder/convention.arpb"
step "Opened by Claire; a second time changes nothing"
who=claire
run open --yes "$folder/convention.arpb"
run open --yes "$folder/convention.arpb"
run list
step "What each file weighs, in bytes"
wc -c "$folder/camille.arpent" "$folder/claire.arpent" "$folder/convention.arpb" | sed "s|$folder/||"
