# Connex: builds the C programs and starts the scripts. Sources and tests are found by wildcard, so a new file needs no
# change here. `make help` prints this text.
#
#   make all           the two programs, connex-fcgi and connex, in build/release; also plain make
#   make run           starts an instance, or reloads a running one with what has changed
#   make health        reports whether each of its services is up
#   make tour          uses its API the way a script would
#   make migrate       brings its database up to date and restarts nothing
#   make check-sql     checks the named statements against its database
#   make bench         measures it; BENCH_ONLY, BENCH_SECONDS, BENCH_AGAINST: see scripts/bench.mjs
#   make stop          stops it
#
#   make test          every suite, on an instance of its own. One suite:
#                      lint test-contract test-unit fuzz test-sql test-api test-web test-e2e test-fault
#                      FILE=claim runs one file of it; KEEP=1 leaves the instance running for the next call
#   make fuzz-api      sends N=30000 requests made from the contract; SEED=1 repeats a run
#   make mutants       makes small changes that a test must notice; JOBS, ONLY, FRESH: see scripts/mutants
#   make proof-upgrade upgrades UPGRADE_CLAIMS=1000000 claims of an older version while people read; minutes
#   make proof-reports reads every report over REPORT_ROWS=1000000 rows of each table; minutes
#
#   make web           the pages, in web/dist
#   make install       installs under DESTDIR after make all web; see "Production" in README.md
#   make packages      installs the Debian packages that make run needs
#   make clean         removes what was built
#   make help          prints this text
#   make asan          programs for tests and measurements; also: tsan fuzzers benches
#
# Settings: VAR=var PORT=8443 DEMO_CLAIMS=20000 CONNEX_DB='host=...' (an existing PostgreSQL) DESTDIR= PREFIX=/usr
# V=1 shows the commands.
# SPDX-License-Identifier: Apache-2.0

VAR ?= var
PORT ?= 8443
DEMO_CLAIMS ?= 20000
# Where objects go. Set it for a second build in the same tree.
BUILD ?= build
DESTDIR ?=
PREFIX ?= /usr
export VAR PORT DEMO_CLAIMS

CC = gcc
CLANG ?= clang
PACKAGES := jansson libpq libcrypto libargon2 libcurl pangocairo cairo
# Evaluated once, and only when something is compiled, because on a new machine `make run` installs pkg-config first.
# -isystem, so that warnings are about our own code.
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES) | sed 's/-I/-isystem /g'))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES)))$(PKG_LIBS)

WARN := -Wall -Wextra -Wconversion -Wshadow -Werror
BASE := -g -std=c17 -D_GNU_SOURCE $(WARN) -pthread
INCLUDES = -Ilib -Ifcgi -Icli -I$(BUILD)/gen $(PKG_CFLAGS)
LIBS = -lfcgi $(PKG_LIBS) -lmagic -lcsv -lm -pthread

# Variants: what each compiles and links with in addition to BASE.
release_CFLAGS := -O2 -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
release_LDFLAGS := -pie -Wl,-z,relro,-z,now
asan_CFLAGS := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
asan_LDFLAGS := -fsanitize=address,undefined
tsan_CFLAGS := -O1 -fno-omit-frame-pointer -fsanitize=thread
tsan_LDFLAGS := -fsanitize=thread
fuzz_CFLAGS := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
fuzz_LDFLAGS := -fsanitize=fuzzer,address,undefined
release_CC = $(CC)
asan_CC = $(CC)
tsan_CC = $(CC)
fuzz_CC = $(CLANG)
VARIANTS := release asan tsan fuzz

# One short line for each step; `make V=1` shows the commands.
Q = $(if $(V),,@)
say = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2))

LIB_SOURCES := $(wildcard lib/*/*.c lib/*/*/*.c)
FCGI_SOURCES := $(wildcard fcgi/*.c fcgi/*/*.c)
CLI_SOURCES := $(wildcard cli/*.c cli/*/*.c)
UNIT_TESTS := $(patsubst tests/unit/%_test.c,%,$(wildcard tests/unit/*_test.c))
# Shared by the unit tests.
UNIT_HELPERS := $(filter-out %_test.c,$(wildcard tests/unit/*.c))
FUZZERS := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
BENCHES := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
AREAS := $(wildcard fcgi/area/*.c)
STATEMENTS := $(wildcard sql/*.sql)
# sql/roles.sql makes roles before there is a schema; it has no named statements.
STATEMENTS := $(filter-out sql/roles.sql,$(STATEMENTS))

PROGRAMS := connex-fcgi connex
# Tests that say so also run under the thread sanitizer.
TSAN_TESTS := $(patsubst tests/unit/%_test.c,%,$(shell grep -l 'runs under the thread sanitizer' tests/unit/*_test.c))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: web all help run stop test tour bench mutants proof-upgrade proof-reports lint fuzz install clean migrate health \
  test-unit test-sql test-api test-e2e test-fault test-web test-contract asan tsan fuzzers benches packages check-sql fuzz-api

all: $(PROGRAMS:%=$(BUILD)/release/%)

help:
	@sed -n '/^$$/q; /SPDX/d; s/^# \{0,1\}//p' Makefile

# ---------------------------------------------------------------- generated sources

GENERATED := $(addprefix $(BUILD)/gen/,queries.h statements.h request_statements.h contract.h)
GENERATED_SOURCES := $(BUILD)/gen/queries.c
CONTRACT := fcgi/contract.yaml $(wildcard fcgi/area/*.yaml)

# The generators do not touch a file that would not change; the stamp says when they last ran.
$(BUILD)/gen/queries.stamp: $(STATEMENTS) scripts/embed-sql $(wildcard fcgi/area/*.yaml) | $(BUILD)/gen
	$(call say,SQL,$(BUILD)/gen/queries.c)
	$(Q)scripts/embed-sql $(BUILD)/gen $(sort $(STATEMENTS))
	@touch $@
$(addprefix $(BUILD)/gen/,queries.h queries.c statements.h request_statements.h): $(BUILD)/gen/queries.stamp ;

# The contract is checked against the handlers and the statements, so it depends on both.
$(BUILD)/gen/contract.stamp: $(CONTRACT) $(AREAS) $(STATEMENTS) scripts/contract scripts/contract.mjs | $(BUILD)/gen
	$(call say,API,$(BUILD)/gen/contract.c)
	$(Q)scripts/contract $(BUILD)/gen
	@touch $@
$(addprefix $(BUILD)/gen/,openapi.json contract.h contract.c): $(BUILD)/gen/contract.stamp ;

$(BUILD)/gen:
	@mkdir -p $@

# ---------------------------------------------------------------- one set of rules for each variant

# $(1) variant
define variant_rules
$(1)_LIB_OBJECTS := $$(LIB_SOURCES:%.c=$(BUILD)/$(1)/%.o) $$(GENERATED_SOURCES:%.c=$(BUILD)/$(1)/%.o)
$(1)_FCGI_OBJECTS := $$(FCGI_SOURCES:%.c=$(BUILD)/$(1)/%.o) $(BUILD)/$(1)/$(BUILD)/gen/contract.o
$(1)_CLI_OBJECTS := $$(CLI_SOURCES:%.c=$(BUILD)/$(1)/%.o)

$(BUILD)/$(1)/%.o: %.c | $$(GENERATED)
	@mkdir -p $$(@D)
	$$(call say,CC,$$@)
	$$(Q)$$($(1)_CC) $$(BASE) $$($(1)_CFLAGS) $$(INCLUDES) $$(if $$(filter tests/%,$$<),-Itests/unit) -MMD -MP -c $$< -o $$@

$(BUILD)/$(1)/libconnex.a: $$($(1)_LIB_OBJECTS)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^

$(BUILD)/$(1)/connex-fcgi: $$($(1)_FCGI_OBJECTS) $(BUILD)/$(1)/libconnex.a
	$$(call say,LD,$$@)
	$$(Q)$$($(1)_CC) $$($(1)_LDFLAGS) -o $$@ $$^ $$(LIBS)

$(BUILD)/$(1)/connex: $$($(1)_CLI_OBJECTS) $(BUILD)/$(1)/libconnex.a
	$$(call say,LD,$$@)
	$$(Q)$$($(1)_CC) $$($(1)_LDFLAGS) -o $$@ $$^ $$(LIBS)

$(BUILD)/$(1)/libtest.a: $$(UNIT_HELPERS:%.c=$(BUILD)/$(1)/%.o)
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^

# The programs without their main(), as archives, from which a test takes what it calls.
$(BUILD)/$(1)/libfcgi.a: $$(filter-out $(BUILD)/$(1)/fcgi/main.o,$$($(1)_FCGI_OBJECTS))
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^
$(BUILD)/$(1)/libcli.a: $$(filter-out $(BUILD)/$(1)/cli/main.o,$$($(1)_CLI_OBJECTS))
	@rm -f $$@
	$$(Q)ar rcs $$@ $$^

$(BUILD)/$(1)/tests/unit/%_test: $(BUILD)/$(1)/tests/unit/%_test.o $(BUILD)/$(1)/libtest.a \
    $(BUILD)/$(1)/libfcgi.a $(BUILD)/$(1)/libcli.a $(BUILD)/$(1)/libconnex.a
	$$(call say,LD,$$@)
	$$(Q)$$($(1)_CC) $$($(1)_LDFLAGS) -o $$@ $$^ $$$$(pkg-config --libs check) $$(LIBS)

-include $$($(1)_LIB_OBJECTS:.o=.d) $$($(1)_FCGI_OBJECTS:.o=.d) $$($(1)_CLI_OBJECTS:.o=.d) \
  $$(UNIT_TESTS:%=$(BUILD)/$(1)/tests/unit/%_test.d) $$(UNIT_HELPERS:%.c=$(BUILD)/$(1)/%.d)
endef
$(foreach variant,$(VARIANTS),$(eval $(call variant_rules,$(variant))))

$(BUILD)/fuzz/tests/fuzz/%_fuzz: $(BUILD)/fuzz/tests/fuzz/%_fuzz.o $(BUILD)/fuzz/libfcgi.a $(BUILD)/fuzz/libconnex.a
	$(call say,LD,$@)
	$(Q)$(fuzz_CC) $(fuzz_LDFLAGS) -o $@ $^ $(LIBS)
-include $(FUZZERS:%=$(BUILD)/fuzz/tests/fuzz/%_fuzz.d) $(BENCHES:%=$(BUILD)/release/tests/bench/%.d)

# Benchmarks of the pool, without the rest of the program.
$(BUILD)/release/tests/bench/%: $(BUILD)/release/tests/bench/%.o $(BUILD)/release/libfcgi.a $(BUILD)/release/libconnex.a
	$(call say,LD,$@)
	$(Q)$(CC) $(release_LDFLAGS) -o $@ $^ $(LIBS)

asan: $(PROGRAMS:%=$(BUILD)/asan/%) $(UNIT_TESTS:%=$(BUILD)/asan/tests/unit/%_test)
tsan: $(TSAN_TESTS:%=$(BUILD)/tsan/tests/unit/%_test)
fuzzers: $(FUZZERS:%=$(BUILD)/fuzz/tests/fuzz/%_fuzz)
benches: $(BENCHES:%=$(BUILD)/release/tests/bench/%)

# ---------------------------------------------------------------- a running instance

packages:
	@scripts/install-packages run

run: packages
	@scripts/run

stop health migrate tour bench:
	@scripts/$@

# ---------------------------------------------------------------- tests

test:
	@scripts/install-packages test
	@scripts/test

# Changes the programs in small ways, one at a time; each change must make a test fail (tests/mutants/).
mutants:
	@scripts/install-packages test
	@scripts/mutants

proof-upgrade proof-reports:
	@scripts/proof $(@:proof-%=%)

check-sql:
	@scripts/check-sql

fuzz-api: export N ?= 30000
fuzz-api: export SEED ?= 1
fuzz-api:
	@scripts/install-packages test
	@scripts/test fuzz-api

test-unit test-sql test-api test-e2e test-fault test-web test-contract lint fuzz:
	@scripts/test $(@:test-%=%)

# ---------------------------------------------------------------- installing into a system

web:
	@scripts/build-web

install: all web
	@scripts/install-tree "$(DESTDIR)" "$(PREFIX)"

clean:
	rm -rf $(BUILD) web/dist
