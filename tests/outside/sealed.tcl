# SPDX-License-Identifier: GPL-3.0-or-later
#
# sealed.tcl TEST: a TCL test of SQLite's with every file on the VFS "sealed".  testfixture starts SQLite anew, which
# makes the system's VFS the default again; so it is named in each call.

rename sqlite3 sqlite3_bare
proc sqlite3 {args} {
	set name [lindex $args 1]
	if {[llength $args] >= 2 && [string index $name 0] ne "-" && "-vfs" ni $args && ![string match "*vfs=*" $name]} {
		lappend args -vfs sealed
	}
	uplevel 1 [list sqlite3_bare {*}$args]
}
set argv0 [lindex $argv 0]
set argv [lrange $argv 1 end]
source $argv0
