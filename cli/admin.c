/*
 * connex admin: what an operator of the contractor does at a terminal: settings, failed jobs, analysts'
 * accounts.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Settings and accounts need CONNEX_DB to name connex_owner (or a superuser); looking at jobs and retrying
 * them can be done as connex_jobs.
 */
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/config.h"
#include "db/db.h"
#include "format/mail.h"
#include "secret/password.h"
#include "statements.h"
#include "verb.h"

/* ---------------------------------------------------------------- statements */

/* Runs one statement; says on standard error why it failed. */
static bool run(struct db *db, struct db_statement statement) {
  const struct db_fault *fault;
  enum db_outcome outcome;

  db_start(db, DB_WRITE);
  db_add_statement(db, &statement);
  outcome = db_run(db);
  if (outcome == DB_DONE) return true;
  fault = db_fault(db);
  if (outcome == DB_AWAY) fprintf(stderr, "connex admin: no database: %s\n", db_trouble(db));
  else if (strcmp(fault->sqlstate, "42501") == 0 || fault->sqlstate[0] == '\0')
    fputs("connex admin: this needs CONNEX_DB to name connex_owner\n", stderr);
  else if (strcmp(fault->sqlstate, "23514") == 0)
    fputs("connex admin: this value is not of the setting's kind\n", stderr);
  else if (strcmp(fault->sqlstate, "23505") == 0)
    fputs("connex admin: this user ID or e-mail address belongs to another account\n", stderr);
  else
    fprintf(stderr, "connex admin: the database refused: %s (SQLSTATE %s)\n", fault->message,
            fault->sqlstate);
  return false;
}

/* ---------------------------------------------------------------- settings */

static void print_setting(const struct db *db, int row) {
  const char *value = db_named(db, 0, row, "value"), *usual = db_named(db, 0, row, "default_value");
  const char *rule = db_named(db, 0, row, "rule");

  printf("%s = %s", db_named(db, 0, row, "name"), value);
  if (strcmp(value, usual) != 0) printf("   (default %s)", usual);
  printf("\n    %s", db_named(db, 0, row, "documentation"));
  if (rule[0] != '\0') printf(" [%s]", rule);
  putchar('\n');
}

static int settings(struct db *db, int argc, char **argv) {
  if (argc > 1) return VERB_USAGE;
  if (!run(db, argc == 0 ? q_admin_settings() : q_admin_setting_get(P(name, argv[0])))) return VERB_FAILED;
  if (argc == 1 && db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no setting '%s'\n", argv[0]);
    return VERB_FAILED;
  }
  for (int i = 0; i < db_rows(db, 0); i++) print_setting(db, i);
  return VERB_CLEAN;
}

static int set(struct db *db, int argc, char **argv) {
  if (argc != 2) return VERB_USAGE;
  const char *value = strcmp(argv[1], "--default") == 0 ? NULL : argv[1];
  if (!run(db, q_admin_set(P(name, argv[0]), P(value, value)))) return VERB_FAILED;
  if (db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no setting '%s', or it does not take this value\n", argv[0]);
    return VERB_FAILED;
  }
  printf("%s = %s\n", db_named(db, 0, 0, "name"), db_named(db, 0, 0, "value"));
  return VERB_CLEAN;
}

/* ---------------------------------------------------------------- jobs */

static int list_jobs(struct db *db) {
  int rows;

  if (!run(db, q_admin_jobs())) return VERB_FAILED;
  rows = db_rows(db, 0);
  if (rows > 0)
    printf("%-4s  %10s  %-20s  %-7s  %5s  %-20s  %s\n", "what", "number", "kind", "state", "tries", "since",
           "why");
  for (int i = 0; i < rows; i++)
    printf("%-4s  %10s  %-20s  %-7s  %5s  %-20s  %s\n", db_named(db, 0, i, "what"), db_named(db, 0, i, "id"),
           db_named(db, 0, i, "kind"), db_named(db, 0, i, "state"), db_named(db, 0, i, "tries"),
           db_named(db, 0, i, "created_at"), db_named(db, 0, i, "last_error"));
  printf("%d failed or waiting to be tried again\n", rows);
  return rows == 0 ? VERB_CLEAN : VERB_FINDINGS;
}

/* Prints how many were retried; false when the statement failed. */
static bool retry(struct db *db, struct db_statement statement, const char *what, long *retried) {
  if (!run(db, statement)) return false;
  printf("%s: %s retried\n", what, db_named(db, 0, 0, "retried"));
  *retried += strtol(db_named(db, 0, 0, "retried"), NULL, 10);
  return true;
}

static bool is_number(const char *text) {
  return text[0] != '\0' && strlen(text) <= 18 && strspn(text, "0123456789") == strlen(text);
}

/* retry all | retry mail NUMBER | retry job NUMBER */
static int retry_jobs(struct db *db, int argc, char **argv) {
  bool all = argc == 1 && strcmp(argv[0], "all") == 0;
  bool mail = all || (argc == 2 && strcmp(argv[0], "mail") == 0),
       job = all || (argc == 2 && strcmp(argv[0], "job") == 0);
  const char *id = all ? NULL : argc == 2 ? argv[1] : "";
  long retried = 0;

  if ((!mail && !job) || (id != NULL && !is_number(id))) return VERB_USAGE;
  if (mail && !retry(db, q_admin_retry_mail(P(outbox_id, id)), "mail", &retried)) return VERB_FAILED;
  if (job && !retry(db, q_admin_retry_job(P(job_id, id)), "jobs", &retried)) return VERB_FAILED;
  if (all || retried > 0) return VERB_CLEAN;
  fputs("connex admin: it is not there, did not fail, or held a code that is dead by now\n", stderr);
  return VERB_FAILED;
}

static int jobs(struct db *db, int argc, char **argv) {
  if (argc == 0) return list_jobs(db);
  if (strcmp(argv[0], "retry") == 0) return retry_jobs(db, argc - 1, argv + 1);
  return VERB_USAGE;
}

/* ---------------------------------------------------------------- an analyst's account */

struct analyst {
  const char *user_id, *first_name, *last_name, *email;
};

enum { PASSWORD_SIZE = 4 * PASSWORD_MOST + 2 };

/* One line of standard input without its end; false at the end of input or when it is too long. */
static bool read_line(char *text, size_t size) {
  size_t length;

  if (fgets(text, (int)size, stdin) == NULL) return false;
  length = strcspn(text, "\n");
  if (text[length] != '\n' && !feof(stdin)) return false;
  text[length] = '\0';
  return true;
}

/* Asks twice without showing what is typed; from a pipe reads one line. */
static bool ask_password(char password[static PASSWORD_SIZE], char again[static PASSWORD_SIZE]) {
  struct termios usual, quiet;
  bool terminal = tcgetattr(STDIN_FILENO, &usual) == 0, good;

  if (!terminal) return read_line(password, PASSWORD_SIZE);
  quiet = usual;
  quiet.c_lflag &= ~(tcflag_t)ECHO;
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  fputs("Temporary password: ", stderr);
  good = read_line(password, PASSWORD_SIZE);
  fputs("\nOnce more: ", stderr);
  good = good && read_line(again, PASSWORD_SIZE);
  fputc('\n', stderr);
  tcsetattr(STDIN_FILENO, TCSAFLUSH, &usual);
  if (good && strcmp(password, again) == 0) return true;
  if (good) fputs("connex admin: the two are not the same\n", stderr);
  return false;
}

/* Judges and hashes by the settings (PWD-04). */
static bool hash_password(struct db *db, const struct analyst *analyst, const char *password, char *hash) {
  const char *own[] = {analyst->user_id, analyst->first_name, analyst->last_name, analyst->email, NULL};
  struct password_cost cost;
  enum password_fault fault;
  unsigned least;

  if (!run(db, q_admin_password_settings())) return false;
  least = (unsigned)strtoul(db_named(db, 0, 0, "least"), NULL, 10);
  cost.memory_kib = (uint32_t)strtoul(db_named(db, 0, 0, "memory_kib"), NULL, 10);
  cost.passes = (uint32_t)strtoul(db_named(db, 0, 0, "passes"), NULL, 10);
  cost.lanes = (uint32_t)strtoul(db_named(db, 0, 0, "lanes"), NULL, 10);
  fault = password_judge(password, strlen(password), least, own);
  if (fault != PASSWORD_GOOD) {
    fprintf(stderr, "connex admin: %s", password_fault_words(fault));
    fprintf(stderr, fault == PASSWORD_SHORT ? " (at least %u characters)\n" : "\n", least);
    return false;
  }
  return password_hash(NULL, &cost, password, strlen(password), hash) == PASSWORD_DONE;
}

static int store_analyst(struct db *db, const struct analyst *analyst, const char *hash) {
  const struct db_statement create = q_admin_create_analyst(
      P(user_id, analyst->user_id), P(first_name, analyst->first_name), P(last_name, analyst->last_name),
      P(email, analyst->email), P(password_hash, hash));

  if (!run(db, create)) return VERB_FAILED;
  printf("%s made. At the first log-in the e-mail address is verified and the password must be changed.\n",
         analyst->user_id);
  return VERB_CLEAN;
}

/* --name value pairs; false when one is unknown, missing or empty. */
static bool read_analyst(int argc, char **argv, struct analyst *analyst) {
  const struct {
    const char *name;
    const char **value;
  } options[] = {{"--user-id", &analyst->user_id},
                 {"--first-name", &analyst->first_name},
                 {"--last-name", &analyst->last_name},
                 {"--email", &analyst->email}};

  for (int i = 0; i + 1 < argc; i += 2) {
    size_t at = 0;

    while (at < 4 && strcmp(argv[i], options[at].name) != 0) at++;
    if (at == 4 || argv[i + 1][0] == '\0') return false;
    *options[at].value = argv[i + 1];
  }
  return argc == 8 && analyst->user_id && analyst->first_name && analyst->last_name && analyst->email;
}

/* REG-02: four capital letters, three digits. */
static bool user_id_fits(const char *text) {
  if (strlen(text) != 7) return false;
  for (int i = 0; i < 7; i++)
    if (i < 4 ? text[i] < 'A' || text[i] > 'Z' : text[i] < '0' || text[i] > '9') return false;
  return true;
}

static bool user_fits(const char *user_id, const char *email) {
  if (!user_id_fits(user_id)) {
    fputs("connex admin: a user ID is four capital letters and three digits, as in ABCD123\n", stderr);
    return false;
  }
  if (!mail_address_usable(email)) {
    fputs("connex admin: this is not an e-mail address that mail can be sent to\n", stderr);
    return false;
  }
  return true;
}

/* The way out for a person whose changed address was wrong: nobody can correct it with the password alone. */
static int set_email(struct db *db, const char *user_id, const char *email) {
  if (!user_fits(user_id, email) || !run(db, q_admin_set_email(P(user_id, user_id), P(email, email))))
    return VERB_FAILED;
  if (db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no user %s\n", user_id);
    return VERB_FAILED;
  }
  printf("The address of %s is changed; it is verified at the next log-in.\n", user_id);
  return VERB_CLEAN;
}

static int user(struct db *db, int argc, char **argv) {
  struct analyst analyst = {0};
  char password[PASSWORD_SIZE] = "", again[PASSWORD_SIZE] = "", hash[PASSWORD_HASH_SIZE];
  int status = VERB_FAILED;

  if (argc == 3 && strcmp(argv[0], "set-email") == 0) return set_email(db, argv[1], argv[2]);
  if (argc < 1 || strcmp(argv[0], "create-analyst") != 0 || !read_analyst(argc - 1, argv + 1, &analyst))
    return VERB_USAGE;
  if (!user_fits(analyst.user_id, analyst.email)) return VERB_FAILED;
  if (ask_password(password, again) && hash_password(db, &analyst, password, hash))
    status = store_analyst(db, &analyst, hash);
  OPENSSL_cleanse(password, sizeof password);
  OPENSSL_cleanse(again, sizeof again);
  return status;
}

/* ---------------------------------------------------------------- the verb */

static void print_help(FILE *out) {
  fputs(
      "usage: connex admin settings [NAME]          shows settings with their meaning\n"
      "       connex admin set NAME VALUE           changes one; VALUE --default brings the default back\n"
      "       connex admin jobs                     lists what failed or waits to be tried again\n"
      "       connex admin jobs retry all | mail NUMBER | job NUMBER\n"
      "       connex admin user create-analyst --user-id ABCD123 --first-name F --last-name L --email E\n"
      "                                             makes a contractor's analyst; the temporary password is\n"
      "                                             asked for, or read as one line from standard input\n"
      "       connex admin user set-email USER_ID ADDRESS\n"
      "                                             for a person whose changed address was wrong\n\n"
      "settings, set and user need CONNEX_DB to name connex_owner.\n",
      out);
}

static const struct {
  const char *name;
  int (*run)(struct db *db, int argc, char **argv);
} commands[] = {{"settings", settings}, {"set", set}, {"jobs", jobs}, {"user", user}};

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
