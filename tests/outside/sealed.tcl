# SPDX-License-Identifier: GPL-3.0-or-later
#
# sealed.tcl TEST: a TCL test of SQLite's with every file on the VFS "sealed", and under that the one which the test
# names: SQLite's own that simulate crashes and faults, so, lie between the shim and the system.  testfixture starts
# SQLite anew, which makes the system's VFS the default again; so "sealed" is named in each call.
#
# Cases that tcl.skip names under SEALED_TEST are run, and what they give is not looked at.

set sealed_self [file normalize [info script]]
set sealed_test [file rootname [file tail [lindex $argv 0]]]
catch {set sealed_test $env(SEALED_TEST)}
set sealed_cases {}
set f [open [file join [file dirname $sealed_self] tcl.skip]]
foreach line [split [read $f] \n] {
	if {[lindex [split $line] 0] eq $sealed_test} {
		lappend sealed_cases [lindex [split $line] 1]
	}
}
close $f
set sealed_skipped 0
set env(SEALED_UNDER) ""

rename sqlite3 sqlite3_bare
proc sqlite3 {args} {
	set name [lindex $args 1]
	if {[llength $args] >= 2 && [string index $name 0] ne "-" && ![string match "*vfs=*" $name]} {
		set at [lsearch $args -vfs]
		set ::env(SEALED_UNDER) ""
		if {$at < 0} {
			lappend args -vfs sealed
		} elseif {[lindex $args $at+1] in {crash devsym jt tvfs}} {
			set ::env(SEALED_UNDER) [lindex $args $at+1]
			lset args $at+1 sealed
		}
	}
	uplevel 1 [list sqlite3_bare {*}$args]
}

proc sqlite3_open {name args} {
	set ::env(SEALED_UNDER) ""
	sqlite3_open_v2 $name {SQLITE_OPEN_READWRITE SQLITE_OPEN_CREATE SQLITE_OPEN_URI} sealed
}

# Processes of its own, such as the one that is to crash.
rename exec exec_bare
proc exec {args} {
	if {[lindex $args 0] eq [info nameofexec] && [string match *.tcl [lindex $args 1]]} {
		set args [linsert $args 1 $::sealed_self]
	}
	uplevel 1 [list exec_bare {*}$args]
}

rename open open_bare
proc open {name args} {
	if {[string match "|* tf_main.tcl" $name]} {
		set name [linsert $name end-1 $::sealed_self]
	}
	uplevel 1 [list open_bare $name {*}$args]
}

rename source source_bare
proc source {name} {
	uplevel 1 [list source_bare $name]
	if {[file tail $name] eq "tester.tcl" && [info commands do_test_bare] eq ""} {
		rename do_test do_test_bare
		proc do_test {name cmd expected} {
			fix_testname name
			foreach pattern $::sealed_cases {
				if {[string match $pattern $name]} {
					catch {uplevel #0 "$cmd;\n"}
					incr ::sealed_skipped
					return
				}
			}
			uplevel 1 [list do_test_bare $name $cmd $expected]
		}
		rename finish_test finish_test_bare
		proc finish_test {} {
			puts "$::sealed_skipped cases skipped"
			uplevel 1 finish_test_bare
		}
	}
}
set argv0 [lindex $argv 0]
set argv [lrange $argv 1 end]
source $argv0
