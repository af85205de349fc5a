/*
 * The connex command: one table of verbs, and the help made from it. The command uses lib/ and PostgreSQL, as
 * the workers do, and knows neither HTTP nor FastCGI.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>

#include "verb.h"

struct verb {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *help; /* one line */
};

static const struct verb verbs[] = {
    {"admin", verb_admin, "settings, failed jobs, the contractor's analysts"},
    {"demo", verb_demo,
     "fill an empty database with invented people, claims, and users; write 835 files of them"},
    {"jobs", verb_jobs, "the daemon that sends mail, makes letters, and cleans up"},
    {"letters", verb_letters, "write the finished letters as PDF files for the print shop"},
    {"load", verb_load,
     "load remittances (835) and the feeds of provider accounts, payments, and beneficiaries"},
    {"migrate", verb_migrate, "bring the database schema to this version"},
};

enum { VERB_COUNT = sizeof verbs / sizeof verbs[0] };

static void print_help(FILE *out) {
  fputs("usage: connex VERB [ARGUMENT...]\n\nverbs:\n", out);
  for (size_t i = 0; i < VERB_COUNT; i++) fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].help);
  fputs("\n'connex VERB --help' shows the options of a verb.\n"
        "CONNEX_DB names the database (a libpq connection string).\n",
        out);
}

static int run_verb(int argc, char **argv) {
  if (argc < 2) {
    print_help(stderr);
    return VERB_USAGE;
  }
  if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
    print_help(stdout);
    return VERB_CLEAN;
  }
  for (size_t i = 0; i < VERB_COUNT; i++)
    if (strcmp(argv[1], verbs[i].name) == 0) return verbs[i].run(argc - 1, argv + 1);
  fprintf(stderr, "connex: there is no verb '%s'\n\n", argv[1]);
  print_help(stderr);
  return VERB_USAGE;
}

int main(int argc, char **argv) {
  int status = run_verb(argc, argv);
  return status == VERB_USAGE ? VERB_FAILED : status;
}
