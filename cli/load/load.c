/*
 * connex load KIND FILE...: loads files that a contractor already has into the database, and ends with a
 * report of what was accepted, flagged, and refused. Loading a file twice changes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "load/load.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "verb.h"

struct load_kind {
  const char *name;
  load_function load;
  const char *help;
};

static const struct load_kind kinds[] = {
    {"835", load_remittances, "remittances, X12 835 (005010X221A1)"},
    {"provider-accounts", load_provider_accounts, "CSV: contractor, NPI, PTAN, TIN, name, and addresses"},
    {"payments", load_payments, "CSV: checks and EFTs, which prove who a Local Security Officer is"},
    {"beneficiaries", load_beneficiaries, "CSV: people with their MBI and coverage"},
};

enum { KIND_COUNT = sizeof kinds / sizeof kinds[0] };

static void print_help(FILE *out) {
  fputs("usage: connex load [OPTION...] KIND FILE...      (FILE - is standard input)\n\nkinds:\n", out);
  for (size_t i = 0; i < KIND_COUNT; i++) fprintf(out, "  %-18s %s\n", kinds[i].name, kinds[i].help);
  fputs("\noptions:\n"
        "  --report json        the final report for scripts, on standard output (default: text)\n"
        "  --contractor NNNNN   835: the contractor, when the file does not name it\n"
        "  --without-envelope   835: accept a file that begins with ST, without ISA and GS\n"
        "  --segment-limit N    835: longest segment in bytes (default 1048576)\n"
        "  --quiet              no progress line\n"
        "\nThe CSV feeds are described in sql/feeds.md.\n"
        "Exit status: 0 clean, 2 with findings, 1 failed or wrong usage.\n",
        out);
}

static const struct load_kind *find_kind(const char *name) {
  for (size_t i = 0; i < KIND_COUNT; i++)
    if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
  return NULL;
}

enum {
  OPTION_REPORT = 256,
  OPTION_CONTRACTOR,
  OPTION_WITHOUT_ENVELOPE,
  OPTION_SEGMENT_LIMIT,
  OPTION_QUIET,
  OPTION_HELP
};

static bool take_option(struct load_options *options, int option) {
  char *end = NULL;
  switch (option) {
    case OPTION_REPORT:
      options->json = strcmp(optarg, "json") == 0;
      return options->json || strcmp(optarg, "text") == 0;
    case OPTION_CONTRACTOR: options->contractor_no = optarg; return strlen(optarg) == 5;
    case OPTION_WITHOUT_ENVELOPE: options->without_envelope = true; return true;
    case OPTION_SEGMENT_LIMIT:
      options->segment_limit = (size_t)strtoul(optarg, &end, 10);
      return *optarg >= '1' && *optarg <= '9' && *end == '\0' && options->segment_limit <= (size_t)1 << 30;
    case OPTION_QUIET: options->quiet = true; return true;
    default: return false;
  }
}

/* Returns VERB_CLEAN when the command line is good. */
static int read_options(struct load_options *options, int argc, char **argv) {
  static const struct option long_options[] = {
      {"report", required_argument, NULL, OPTION_REPORT},
      {"contractor", required_argument, NULL, OPTION_CONTRACTOR},
      {"without-envelope", no_argument, NULL, OPTION_WITHOUT_ENVELOPE},
      {"segment-limit", required_argument, NULL, OPTION_SEGMENT_LIMIT},
      {"quiet", no_argument, NULL, OPTION_QUIET},
      {"help", no_argument, NULL, OPTION_HELP},
      {NULL, 0, NULL, 0},
  };
  int option;
  while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
    if (option == OPTION_HELP) {
      print_help(stdout);
      exit(VERB_CLEAN);
    }
    if (!take_option(options, option)) {
      fprintf(stderr, "connex load: an option is wrong\n");
      print_help(stderr);
      return VERB_USAGE;
    }
  }
  options->quiet = options->quiet || isatty(STDERR_FILENO) == 0;
  return VERB_CLEAN;
}

struct db_copy *load_open_database(void) {
  const char *conninfo = getenv("CONNEX_DB");
  struct db_copy *db = db_copy_open(conninfo == NULL ? "" : conninfo, "connex load", DB_COPY_LOADER);
  if (db != NULL && db_copy_ok(db) && db_copy_run(db, q_load_begin())) return db;
  fprintf(stderr, "connex load: the database cannot be used: %s\n",
          db == NULL ? "out of memory" : db_copy_error(db));
  db_copy_close(db);
  return NULL;
}

static bool start_run(struct load *load) {
  if (!db_copy_run(load->db, q_load_run_start(P(kind, load->report.kind), P(file_name, load->report.name))) ||
      db_copy_row_count(load->db) != 1) {
    load_report_fail(&load->report, db_copy_error(load->db));
    return false;
  }
  (void)snprintf(load->report.run, sizeof load->report.run, "%s", db_copy_value(load->db, 0, 0));
  return true;
}

static const char *state_of(const struct load_report *report) {
  return report->failed ? "failed" : report->finding_count > 0 ? "findings" : "clean";
}

/* The end of the run: stores findings that are not stored yet, and the counts. */
static void finish_run(struct load *load) {
  struct load_report *report = &load->report;
  enum { ACCEPTED, UNCHANGED, FLAGGED, REFUSED, BYTES, COUNTS };
  char digest[65];
  char numbers[COUNTS][24];
  const uint64_t values[COUNTS] = {report->accepted, report->unchanged, report->flagged, report->refused,
                                   load->source.bytes};
  load_source_digest(&load->source, digest);
  for (size_t i = 0; i < COUNTS; i++) (void)snprintf(numbers[i], sizeof numbers[i], "%" PRIu64, values[i]);
  const struct db_statement finish = q_load_run_finish(
      P(load_run_id, report->run), P(state, state_of(report)), P(accepted, numbers[ACCEPTED]),
      P(unchanged, numbers[UNCHANGED]), P(flagged, numbers[FLAGGED]), P(refused, numbers[REFUSED]),
      P(bytes, numbers[BYTES]), P(sha256_hex, digest));
  bool done = db_copy_ok(load->db) && db_copy_begin(load->db) && load_report_store(report, load->db) &&
              db_copy_run(load->db, finish) && db_copy_commit_durably(load->db);
  if (!done && !report->failed) load_report_fail(report, db_copy_error(load->db));
}

static void load_file(struct load *load, const struct load_kind *kind, const char *name) {
  load->report = (struct load_report){.kind = kind->name};
  load_report_name(&load->report, name);
  load->started = load_seconds();
  load->shown = 0;
  if (!load_source_open(&load->source, name)) {
    load_report_fail(&load->report, strerror(errno));
    return;
  }
  if (start_run(load)) {
    if (!kind->load(load) && !load->report.failed) {
      load_report_fail(&load->report, db_copy_ok(load->db) ? "the file could not be read to its end"
                                                           : db_copy_error(load->db));
    }
    finish_run(load);
  }
  load->report.seconds = load_seconds() - load->started;
  load_progress_end(load);
  load_source_close(&load->source);
}

/* The worst outcome: failed, then findings, then clean. */
static int worse(int status, const struct load_report *report) {
  if (report->failed || status == VERB_FAILED) return VERB_FAILED;
  return report->finding_count > 0 ? VERB_FINDINGS : status;
}

/* The sum over all files. */
struct load_total {
  uint64_t accepted, unchanged, refused, flagged;
  int failed;
};

static void add_total(struct load_total *total, const struct load_report *report) {
  total->accepted += report->accepted;
  total->unchanged += report->unchanged;
  total->refused += report->refused;
  total->flagged += report->flagged;
  total->failed += report->failed ? 1 : 0;
}

static int load_files(struct load *load, const struct load_kind *kind, char **names, int count) {
  int status = VERB_CLEAN;
  struct load_total total = {0};
  json_t *all = json_array();
  for (int i = 0; i < count; i++) {
    load_file(load, kind, names[i]);
    status = worse(status, &load->report);
    add_total(&total, &load->report);
    if (load->options.json) (void)json_array_append_new(all, load_report_json(&load->report));
    else load_report_print(&load->report);
    load_report_free(&load->report);
  }
  if (load->options.json) {
    (void)json_dumpf(all, stdout, JSON_INDENT(1));
    (void)putchar('\n');
  } else if (count > 1) {
    printf("\n%d files: %" PRIu64 " accepted, %" PRIu64 " unchanged, %" PRIu64 " refused; %" PRIu64
           " flags; %d files failed\n",
           count, total.accepted, total.unchanged, total.refused, total.flagged, total.failed);
  }
  json_decref(all);
  return status;
}

int verb_load(int argc, char **argv) {
  struct load load = {0};
  int status = read_options(&load.options, argc, argv);
  if (status != VERB_CLEAN) return status;
  if (argc - optind < 2) {
    print_help(stderr);
    return VERB_USAGE;
  }
  const struct load_kind *kind = find_kind(argv[optind]);
  if (kind == NULL) {
    fprintf(stderr, "connex load: there is no kind '%s'\n\n", argv[optind]);
    print_help(stderr);
    return VERB_USAGE;
  }
  load.db = load_open_database();
  if (load.db == NULL) return VERB_FAILED;
  const char *allowed =
      db_copy_run(load.db, q_load_synthetic_mbi_allowed()) ? db_copy_value(load.db, 0, 0) : NULL;
  load.synthetic_mbi_allowed = allowed != NULL && allowed[0] == 't';
  status = load_files(&load, kind, argv + optind + 1, argc - optind - 1);
  db_copy_close(load.db);
  return status;
}
