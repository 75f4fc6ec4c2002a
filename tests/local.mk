# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every test prints "ok NAME" or "not ok NAME: why" for each case, and fails when one does.  One line per test:
# a program tests/unit/test_x is made of tests/unit/test_x.c and libarpent; scripts are run by bash.

UNIT_TESTS =
UNIT_TESTS += tests/unit/test_buf
UNIT_TESTS += tests/unit/test_bundle
UNIT_TESTS += tests/unit/test_cbor
UNIT_TESTS += tests/unit/test_cost
UNIT_TESTS += tests/unit/test_csv
UNIT_TESTS += tests/unit/test_date
UNIT_TESTS += tests/unit/test_editor
UNIT_TESTS += tests/unit/test_err
UNIT_TESTS += tests/unit/test_export
UNIT_TESTS += tests/unit/test_file
UNIT_TESTS += tests/unit/test_find
UNIT_TESTS += tests/unit/test_geo
UNIT_TESTS += tests/unit/test_gpx
UNIT_TESTS += tests/unit/test_handoff
UNIT_TESTS += tests/unit/test_hostile
UNIT_TESTS += tests/unit/test_handoff_file
UNIT_TESTS += tests/unit/test_id
UNIT_TESTS += tests/unit/test_identity
UNIT_TESTS += tests/unit/test_import
UNIT_TESTS += tests/unit/test_inbox
UNIT_TESTS += tests/unit/test_input
UNIT_TESTS += tests/unit/test_io
UNIT_TESTS += tests/unit/test_json
UNIT_TESTS += tests/unit/test_kind
UNIT_TESTS += tests/unit/test_list
UNIT_TESTS += tests/unit/test_meeting
UNIT_TESTS += tests/unit/test_merge
UNIT_TESTS += tests/unit/test_minutes
UNIT_TESTS += tests/unit/test_query
UNIT_TESTS += tests/unit/test_record
UNIT_TESTS += tests/unit/test_remote_net
UNIT_TESTS += tests/unit/test_register
UNIT_TESTS += tests/unit/test_rescue
UNIT_TESTS += tests/unit/test_seal
UNIT_TESTS += tests/unit/test_secret
UNIT_TESTS += tests/unit/test_store
UNIT_TESTS += tests/unit/test_strength
UNIT_TESTS += tests/unit/test_sync
UNIT_TESTS += tests/unit/test_sync_lies
UNIT_TESTS += tests/unit/test_sync_seen
UNIT_TESTS += tests/unit/test_sync_snapshot
UNIT_TESTS += tests/unit/test_text
UNIT_TESTS += tests/unit/test_undo
UNIT_TESTS += tests/unit/test_value
UNIT_TESTS += tests/unit/test_vault
UNIT_TESTS += tests/unit/test_vcard
UNIT_TESTS += tests/unit/test_vfs
UNIT_TESTS += tests/unit/test_vfs_check
UNIT_TESTS += tests/unit/test_vfs_journal
UNIT_TESTS += tests/unit/test_vfs_wal
UNIT_TESTS += tests/unit/test_words

# Scripts.
CLI_TESTS =
CLI_TESTS += tests/cli/bin.sh
CLI_TESTS += tests/cli/completion.sh
CLI_TESTS += tests/cli/files.sh
CLI_TESTS += tests/cli/fresh.sh
CLI_TESTS += tests/cli/handoff.sh
CLI_TESTS += tests/cli/hostile.sh
CLI_TESTS += tests/cli/main.sh
CLI_TESTS += tests/cli/opening.sh
CLI_TESTS += tests/cli/passphrase.sh
CLI_TESTS += tests/cli/readme.sh
CLI_TESTS += tests/cli/register.sh
CLI_TESTS += tests/cli/strace.sh
CLI_TESTS += tests/cli/sync.sh
CLI_TESTS += tests/cli/version.sh

# Screens on the mock terminal against goldens, and byte counts on a pseudo-terminal.
SCREEN_TESTS =
SCREEN_TESTS += tests/screens/screens.sh

PTY_TESTS =
PTY_TESTS += tests/pty/bytes
PTY_TESTS += tests/pty/concurrent
PTY_TESTS += tests/pty/canary
PTY_TESTS += tests/pty/lock
PTY_TESTS += tests/pty/memory

# Without memory: the linker sends our allocations to tests/fault/oom_alloc.c, which refuses one after the other.
OOM_TESTS =
OOM_TESTS += tests/fault/oom_cli
OOM_TESTS += tests/fault/oom_format
OOM_TESTS += tests/fault/oom_store
OOM_TESTS += tests/fault/oom_sync
OOM_TESTS += tests/fault/oom_tui
oom_link = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=reallocarray \
	-Wl,--wrap=free -Wl,--wrap=strdup -Wl,--wrap=strndup -Wl,--wrap=asprintf -Wl,--wrap=__asprintf_chk \
	-Wl,--wrap=vasprintf -Wl,--wrap=fopen -Wl,--wrap=opendir -Wl,--wrap=scandir -Wl,--wrap=realpath \
	-Wl,--wrap=iconv_open -Wl,--wrap=sodium_malloc -Wl,--wrap=sodium_free -Wl,--wrap=crypto_pwhash \
	-Wl,--wrap=utf8proc_map -Wl,--wrap=QRcode_encodeString -Wl,--wrap=deflateInit2_ -Wl,--wrap=inflateInit2_ \
	-Wl,--wrap=XML_ParserCreate
oom_files = tests/fault/oom_alloc.c tests/fault/oom_alloc.h tests/fault/oom.h tests/screens/fixture.c

# A target is tests/fuzz/fuzz_x.c with LLVMFuzzerTestOneInput; its kept inputs are in tests/fuzz/corpus/x/.  An ordinary
# build links it with replay.c and runs each kept input once; --enable-fuzz links it with libFuzzer.
FUZZ_TESTS =
FUZZ_TESTS += tests/fuzz/fuzz_bundle
FUZZ_TESTS += tests/fuzz/fuzz_cbor
FUZZ_TESTS += tests/fuzz/fuzz_gpx
FUZZ_TESTS += tests/fuzz/fuzz_header
FUZZ_TESTS += tests/fuzz/fuzz_inbox
FUZZ_TESTS += tests/fuzz/fuzz_input
FUZZ_TESTS += tests/fuzz/fuzz_journal
FUZZ_TESTS += tests/fuzz/fuzz_minutes
FUZZ_TESTS += tests/fuzz/fuzz_notebook
FUZZ_TESTS += tests/fuzz/fuzz_page
FUZZ_TESTS += tests/fuzz/fuzz_record
FUZZ_TESTS += tests/fuzz/fuzz_rescue
FUZZ_TESTS += tests/fuzz/fuzz_segment
FUZZ_TESTS += tests/fuzz/fuzz_slots
FUZZ_TESTS += tests/fuzz/fuzz_table
FUZZ_TESTS += tests/fuzz/fuzz_take
FUZZ_TESTS += tests/fuzz/fuzz_typed
FUZZ_TESTS += tests/fuzz/fuzz_vault
FUZZ_TESTS += tests/fuzz/fuzz_vcard
FUZZ_TESTS += tests/fuzz/fuzz_wal

# Built when asked for: make tests/bench/gen and so on.
EXTRA_PROGRAMS = tests/bench/gen tests/bench/import tests/bench/notebook tests/bench/start

# Programs on a disk that fails and is cut short: tests/fault/disk.h.
FAULT_TESTS =
FAULT_TESTS += tests/fault/ioerr
FAULT_TESTS += tests/fault/power
FAULT_TESTS += tests/fault/tamper
# ./dev bench store: the engines apart, so that each has its own memory; every call of seal.c is counted.
EXTRA_PROGRAMS += tests/bench/store tests/bench/work-ours
tests_bench_store_LDADD =
tests_bench_work_ours_SOURCES = tests/bench/work.c tests/bench/engine-ours.c tests/bench/work.h
tests_bench_work_ours_LDADD = $(arpent_LDADD)
tests_bench_work_ours_LDFLAGS = $(AM_LDFLAGS) \
	-Wl,--wrap=seal_page -Wl,--wrap=seal_open -Wl,--wrap=seal_link -Wl,--wrap=seal_sum
# ./dev bench sync
EXTRA_PROGRAMS += tests/bench/sync
EXTRA_DIST += tests/bench/notes.txt
EXTRA_DIST += tests/bench/bench.sh tests/bench/engine-cipher.c tests/bench/speedtest1-cipher.c

# The shim for programs that know nothing of it, by LD_PRELOAD.
tests/outside/sealed.so: $(srcdir)/tests/outside/sealed.c libarpent.a
	$(AM_V_CCLD)$(MKDIR_P) $(@D) && $(CC) $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
		-fPIC -fvisibility=hidden -shared -Wl,--no-undefined -o $@ $(srcdir)/tests/outside/sealed.c \
		$(srcdir)/src/base/*.c $(srcdir)/src/store/vfs*.c $(srcdir)/src/store/seal.c $(srcdir)/src/store/latest.c $(srcdir)/src/store/header.c \
		$(srcdir)/src/store/vault.c $(srcdir)/src/store/slot.c $(DEPS_LIBS) $(LIBINTL) -lm
CLEANFILES += tests/outside/sealed.so
EXTRA_DIST += tests/outside/run.sh tests/outside/sealed.c tests/outside/sealed.tcl tests/outside/source.sh
EXTRA_DIST += tests/outside/tcl.list tests/outside/tcl.skip

# Devices and remotes simulated in one process.
SIM_TESTS =
SIM_TESTS += tests/sync-sim/test_sim

# Remotes on the network, on real servers that the test starts on loopback.
REMOTE_TESTS =
REMOTE_TESTS += tests/remotes/test_remotes
REMOTE_TESTS_SH = tests/remotes/remote.sh
EXTRA_DIST += $(REMOTE_TESTS_SH) tests/remotes/package-lock.json tests/remotes/package.json tests/remotes/serve.sh

# That the house rules are kept.
HOUSE_TESTS =
HOUSE_TESTS += tests/house/floors.sh
HOUSE_TESTS += tests/house/french.sh
HOUSE_TESTS += tests/house/manual.sh
HOUSE_TESTS += tests/house/rules.sh
HOUSE_TESTS += tests/house/sources.sh
HOUSE_TESTS += tests/house/style.sh
HOUSE_TESTS += tests/house/words.sh

QUICK_TESTS = $(UNIT_TESTS) $(HOUSE_TESTS) $(CLI_TESTS)

# Headers, scripts of screens and goldens come by dist-hook; whole folders only where no test writes its log.
EXTRA_DIST += $(CLI_TESTS) $(SCREEN_TESTS) $(HOUSE_TESTS) tests/house/lib.sh
EXTRA_DIST += tests/data
EXTRA_DIST += tests/lib.sh tests/sum tests/unit/check.h tests/unit/store_fixture.h
EXTRA_DIST += tests/screens/draft-merge.golden tests/screens/draft-merge.script
EXTRA_DIST += tests/screens/draft.golden tests/screens/draft.script
EXTRA_DIST += tests/screens/files.golden tests/screens/files.script
EXTRA_DIST += tests/screens/first.golden tests/screens/first.script
EXTRA_DIST += tests/screens/home.golden tests/screens/home.script
EXTRA_DIST += tests/screens/lock.golden tests/screens/lock.script
EXTRA_DIST += tests/screens/meeting.golden tests/screens/meeting.script
EXTRA_DIST += tests/screens/minutes.golden tests/screens/minutes.script
EXTRA_DIST += tests/screens/quick.golden tests/screens/quick.script
EXTRA_DIST += tests/screens/register.golden tests/screens/register.script
EXTRA_DIST += tests/screens/search.golden tests/screens/search.script
EXTRA_DIST += tests/screens/sync-alone.golden tests/screens/sync-alone.script
EXTRA_DIST += tests/screens/sync-stop.golden tests/screens/sync-stop.script
EXTRA_DIST += tests/screens/sync.golden tests/screens/sync.script
EXTRA_DIST += tests/screens/tour.golden tests/screens/tour.script
EXTRA_DIST += tests/unit/format_fixture.h
# Whole folders, where no test writes its log.
EXTRA_DIST += tests/fuzz/corpus
EXTRA_DIST += tests/fuzz/executions
EXTRA_DIST += tests/fuzz/fuzz.sh
EXTRA_DIST += tests/leaks
EXTRA_DIST += tests/unit/kinds.keys

if FUZZ
check_PROGRAMS += $(FUZZ_TESTS)
LDADD = $(arpent_LDADD) $(FUZZ_LIBS)
TESTS =
else
check_PROGRAMS += $(UNIT_TESTS) $(SIM_TESTS) $(REMOTE_TESTS) $(FAULT_TESTS) $(FUZZ_TESTS) $(OOM_TESTS) $(PTY_TESTS) tests/screens/run
tests_fault_oom_cli_SOURCES = tests/fault/oom_cli.c $(oom_files)
tests_fault_oom_cli_LDFLAGS = $(oom_link) -Wl,--wrap=moment_now
tests_fault_oom_format_SOURCES = tests/fault/oom_format.c $(oom_files)
tests_fault_oom_format_LDFLAGS = $(oom_link)
tests_fault_oom_store_SOURCES = tests/fault/oom_store.c $(oom_files)
tests_fault_oom_store_LDFLAGS = $(oom_link)
tests_fault_oom_sync_SOURCES = tests/fault/oom_sync.c $(oom_files)
tests_fault_oom_sync_LDFLAGS = $(oom_link)
tests_fault_oom_tui_SOURCES = tests/fault/oom_tui.c $(oom_files)
tests_fault_oom_tui_LDFLAGS = $(oom_link)
tests_remotes_test_remotes_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_pty_bytes_SOURCES = tests/pty/bytes.c tests/screens/fixture.c
tests_pty_canary_SOURCES = tests/pty/canary.c
tests_pty_lock_SOURCES = tests/pty/lock.c
tests_pty_memory_SOURCES = tests/pty/memory.c
tests_screens_run_SOURCES = tests/screens/run.c tests/screens/fixture.c tests/screens/fixture.h tests/screens/shared.c \
	tests/screens/shared.h
check_LIBRARIES += tests/fuzz/libreplay.a
fault_disk = tests/fault/disk.c tests/fault/cut.c tests/fault/work.c tests/fault/work-raw.c
tests_fault_ioerr_SOURCES = tests/fault/ioerr.c $(fault_disk)
tests_fault_tamper_SOURCES = tests/fault/tamper.c
tests_fault_power_SOURCES = tests/fault/power.c $(fault_disk)
tests_fuzz_libreplay_a_SOURCES = tests/fuzz/replay.c
LDADD = tests/fuzz/libreplay.a $(arpent_LDADD)
TESTS = $(UNIT_TESTS) $(SIM_TESTS) $(REMOTE_TESTS) $(REMOTE_TESTS_SH) $(FAULT_TESTS) $(FUZZ_TESTS) $(HOUSE_TESTS) $(CLI_TESTS) $(SCREEN_TESTS) $(PTY_TESTS)
TESTS += $(OOM_TESTS)
endif

TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = bash
AM_TESTS_ENVIRONMENT = \
	ARPENT='$(abs_top_builddir)/arpent'; SRCDIR='$(abs_top_srcdir)'; BUILDDIR='$(abs_top_builddir)'; \
	ARPENT_LOCALEDIR='$(abs_top_builddir)/locale'; ARPENT_DATADIR='$(abs_top_srcdir)/share'; \
	HOME='$(abs_top_builddir)/tests/home'; TZ=Europe/Paris; LC_ALL=C.UTF-8; \
	LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/tests/leaks:print_suppressions=0'; \
	export ARPENT SRCDIR BUILDDIR ARPENT_LOCALEDIR ARPENT_DATADIR HOME TZ LC_ALL LSAN_OPTIONS; \
	unset LANGUAGE XDG_DATA_HOME XDG_STATE_HOME XDG_CONFIG_HOME; mkdir -p "$$HOME";

# What takes too long for every change: histories by the million from other seeds, and power cuts in each journal
# mode by the hundred thousand; in a build with --enable-fuzz, LONG_FUZZ of what tests/fuzz/executions has.
LONG_FUZZ = 100%
LONG_HISTORIES = 1000000
LONG_WORLDS = 1000000
LONG_SEEDS = 1 2 3 4
LONG_CUTS = 100000
if FUZZ
check-long: check
	bash $(srcdir)/tests/fuzz/fuzz.sh $(abs_builddir) $(LONG_FUZZ)
else
check-long: check tests/outside/sealed.so
	@$(AM_TESTS_ENVIRONMENT) for seed in $(LONG_SEEDS); do \
		HISTORIES=$(LONG_HISTORIES) SEED=$$seed tests/unit/test_merge || exit 1; done && \
	POWER_CUTS=$(LONG_CUTS) tests/fault/power && \
	IO_TRIALS=0 tests/fault/ioerr && \
	TAMPER=all tests/fault/tamper && \
	for test in $(OOM_TESTS); do OOM_ALL=1 $$test || exit 1; done && \
	for test in $(OOM_TESTS); do OOM_ALL=1 $$test || exit 1; done; \
	REMOTE_CUTS=0 tests/remotes/test_remotes && \
	WORLDS=$(LONG_WORLDS) tests/sync-sim/test_sim && WORLDS=300 SEED=2 NOTES=10000 tests/unit/test_sync && \
	RECORDS=100000 tests/pty/bytes && \
	{ bash $(srcdir)/tests/outside/run.sh $(abs_builddir) || test $$? -eq 77; }
endif
.PHONY: check-long

# The expected screens, written anew: their differences are read.
goldens: all tests/screens/run$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) GOLDENS=write bash $(srcdir)/tests/screens/screens.sh
.PHONY: goldens

clean-local:
	-rm -rf tests/home
