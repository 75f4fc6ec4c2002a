# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the completions offer: bash's is run, the others are read by their shells where these are installed.
. "$SRCDIR/tests/lib.sh"

for shell in bash zsh fish; do
	exits "$shell" 0 "$ARPENT" completion $shell
	printf '%s\n' "$out" >"$T/complete.$shell"
	if command -v $shell >/dev/null; then
		exits "${shell}_parses" 0 $shell -n "$T/complete.$shell"
	fi
done
exits no_such_shell 2 "$ARPENT" completion tcsh

# offers LINE...: what bash offers for the last word
offers() {
	(
		. "$T/complete.bash"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
		_arpent
		printf ' %s' "${COMPREPLY[@]}" ' '
	)
}
cd "$T" && touch notes.txt
has commands "$(offers arpent re)" " restore redo remote register recover rescue "
lacks no_hidden_command "$(offers arpent m)" manual
has kinds "$(offers arpent new per)" " person "
has fields_of_the_kind "$(offers arpent new person fu)" " function= "
lacks no_field_of_another_kind "$(offers arpent new person "")" " agenda= "
has options "$(offers arpent list --s)" " --sort "
has formats "$(offers arpent export --format v)" " vcard "
has languages "$(offers arpent --lang f)" " fr "
has values_are_passed_over "$(offers arpent -n new.arpent li)" " list "
has files "$(offers arpent import no)" " notes.txt "
has shells "$(offers arpent completion z)" " zsh "
finish
