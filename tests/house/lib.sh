# SPDX-License-Identifier: GPL-3.0-or-later
#
# `rule NAME WHY` reads "file:line" complaints from its input: none is ok.
cd "$SRCDIR" || exit 99
failed=0
shopt -s lastpipe # `rule` ends a pipe and counts what failed
sources() { find src include tests -name '*.[ch]' | sort; }
rule() {
	local found
	found=$(cat)
	if [ -z "$found" ]; then
		echo "ok house/$1"
	else
		failed=$((failed + 1))
		echo "not ok house/$1: $2: $(echo "$found" | head -n 3 | tr '\n' ' ')"
		echo "$found" | sed 's/^/# /'
	fi
}
