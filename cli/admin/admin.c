/*
 * connex admin: what the contractor's operator does at a terminal: settings, failed jobs, and analysts'
 * accounts.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings and accounts need CONNEX_DB to name connex_owner (or a superuser); connex_jobs is enough to view
 * jobs and retry them.
 */
#include "admin/admin.h"

#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "verb.h"

bool admin_run(struct db *db, struct db_statement statement) {
  const struct db_fault *fault;
  enum db_outcome outcome;

  db_start(db, DB_WRITE);
  db_add_statement(db, &statement);
  outcome = db_run(db);
  if (outcome == DB_DONE) return true;
  fault = db_fault(db);
  if (outcome == DB_AWAY) fprintf(stderr, "connex admin: no database: %s\n", db_trouble(db));
  else if (strcmp(fault->sqlstate, "42501") == 0 || fault->sqlstate[0] == '\0')
    fputs("connex admin: for this, CONNEX_DB must name connex_owner\n", stderr);
  else if (strcmp(fault->sqlstate, "23514") == 0)
    fputs("connex admin: the setting does not take this value\n", stderr);
  else if (strcmp(fault->sqlstate, "23505") == 0)
    fputs("connex admin: this user ID or e-mail address belongs to another account\n", stderr);
  else
    fprintf(stderr, "connex admin: the database refused: %s (SQLSTATE %s)\n", fault->message,
            fault->sqlstate);
  return false;
}

static void print_help(FILE *out) {
  fputs(
      "usage: connex admin settings [NAME]          shows settings with their meaning\n"
      "       connex admin set NAME VALUE           changes one; VALUE --default restores the default\n"
      "       connex admin jobs                     lists what failed or is waiting for a retry\n"
      "       connex admin jobs retry all | mail NUMBER | job NUMBER\n"
      "       connex admin user create-analyst --user-id ABCD123 --first-name F --last-name L --email E\n"
      "                         --contractors 99901,99902\n"
      "                                             creates a contractor's analyst; asks for the temporary\n"
      "                                             password, or reads it as a line of standard input\n"
      "       connex admin user contractors USER_ID 99901,99902\n"
      "                                             the contractor numbers that an analyst works for\n"
      "       connex admin user set-email USER_ID ADDRESS\n"
      "                                             for a person whose changed address was wrong\n\n"
      "For settings, set, and user, CONNEX_DB must name connex_owner.\n",
      out);
}

static const struct {
  const char *name;
  int (*run)(struct db *db, int argc, char **argv);
} commands[] = {{"settings", admin_settings}, {"set", admin_set}, {"jobs", admin_jobs}, {"user", admin_user}};

enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

int verb_admin(int argc, char **argv) {
  static const char *const areas[] = {"admin", NULL};
  struct config config;
  struct db *db;
  int command = 0, status;

  while (argc > 1 && command < COMMAND_COUNT && strcmp(argv[1], commands[command].name) != 0) command++;
  if (argc < 2 || command == COMMAND_COUNT) {
    bool asked = argc == 2 && strcmp(argv[1], "--help") == 0;

    print_help(asked ? stdout : stderr);
    return asked ? VERB_CLEAN : VERB_USAGE;
  }
  if (config_read(&config, stderr) != 0) return VERB_FAILED;
  db = db_open(
      &(struct db_options){.conninfo = config.db, .application_name = "connex admin", .areas = areas});
  if (db == NULL) return VERB_FAILED;
  status = commands[command].run(db, argc - 2, argv + 2);
  if (status == VERB_USAGE) print_help(stderr);
  db_close(db);
  return status;
}
