/*
 * connex admin user: the accounts of analysts, the contractors whom they work
 * for, and the address of a person.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "admin/admin.h"
#include "format/mail.h"
#include "secret/password.h"
#include "verb.h"

struct analyst {
  const char *user_id, *first_name, *last_name, *email, *contractors;
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

/* Judges and hashes the password by the settings (PWD-04). */
static bool hash_password(struct db *db, const struct analyst *analyst, const char *password, char *hash) {
  const char *own[] = {analyst->user_id, analyst->first_name, analyst->last_name, analyst->email, NULL};
  struct password_cost cost;
  enum password_fault fault;
  unsigned least;

  if (!admin_run(db, q_admin_password_settings())) return false;
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
      P(email, analyst->email), P(password_hash, hash), P(contractors, analyst->contractors));

  if (!admin_run(db, create)) return VERB_FAILED;
  printf("%s created. At the first log-in, the e-mail address must be verified and the password changed.\n",
         analyst->user_id);
  return VERB_CLEAN;
}

/* --name value pairs; false when one is unknown, missing, or empty. */
static bool read_analyst(int argc, char **argv, struct analyst *analyst) {
  const struct {
    const char *name;
    const char **value;
  } options[] = {{"--user-id", &analyst->user_id},
                 {"--first-name", &analyst->first_name},
                 {"--last-name", &analyst->last_name},
                 {"--email", &analyst->email},
                 {"--contractors", &analyst->contractors}};
  enum { OPTIONS = sizeof options / sizeof options[0] };

  for (int i = 0; i + 1 < argc; i += 2) {
    size_t at = 0;

    while (at < OPTIONS && strcmp(argv[i], options[at].name) != 0) at++;
    if (at == OPTIONS || argv[i + 1][0] == '\0') return false;
    *options[at].value = argv[i + 1];
  }
  return argc == 2 * OPTIONS && analyst->user_id && analyst->first_name && analyst->last_name &&
         analyst->email && analyst->contractors;
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
    fputs("connex admin: mail cannot be sent to this e-mail address\n", stderr);
    return false;
  }
  return true;
}

/* Contractor numbers of five digits with commas between. */
static bool contractors_fit(const char *text) {
  const char *at = text;

  while (strspn(at, "0123456789") == 5 && at[5] == ',') at += 6;
  if (strspn(at, "0123456789") == 5 && at[5] == '\0') return true;
  fputs("connex admin: contractor numbers have five digits, with commas between them: 99901,99902\n", stderr);
  return false;
}

static int set_contractors(struct db *db, const char *user_id, const char *contractors) {
  if (!contractors_fit(contractors) ||
      !admin_run(db, q_admin_set_contractors(P(user_id, user_id), P(contractors, contractors))))
    return VERB_FAILED;
  if (db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no analyst %s\n", user_id);
    return VERB_FAILED;
  }
  printf("%s now works for:\n", user_id);
  for (int row = 0; row < db_rows(db, 0); row++)
    printf("  %s %s\n", db_named(db, 0, row, "contractor_no"), db_named(db, 0, row, "name"));
  return VERB_CLEAN;
}

/* For a person whose new address was wrong: it cannot be corrected with the password alone. */
static int set_email(struct db *db, const char *user_id, const char *email) {
  if (!user_fits(user_id, email) || !admin_run(db, q_admin_set_email(P(user_id, user_id), P(email, email))))
    return VERB_FAILED;
  if (db_rows(db, 0) == 0) {
    fprintf(stderr, "connex admin: there is no user %s\n", user_id);
    return VERB_FAILED;
  }
  printf("The address of %s was changed. It must be verified at the next log-in.\n", user_id);
  return VERB_CLEAN;
}

int admin_user(struct db *db, int argc, char **argv) {
  struct analyst analyst = {0};
  char password[PASSWORD_SIZE] = "", again[PASSWORD_SIZE] = "", hash[PASSWORD_HASH_SIZE];
  int status = VERB_FAILED;

  if (argc == 3 && strcmp(argv[0], "set-email") == 0) return set_email(db, argv[1], argv[2]);
  if (argc == 3 && strcmp(argv[0], "contractors") == 0) return set_contractors(db, argv[1], argv[2]);
  if (argc < 1 || strcmp(argv[0], "create-analyst") != 0 || !read_analyst(argc - 1, argv + 1, &analyst))
    return VERB_USAGE;
  if (!user_fits(analyst.user_id, analyst.email) || !contractors_fit(analyst.contractors)) return VERB_FAILED;
  if (ask_password(password, again) && hash_password(db, &analyst, password, hash))
    status = store_analyst(db, &analyst, hash);
  OPENSSL_cleanse(password, sizeof password);
  OPENSSL_cleanse(again, sizeof again);
  return status;
}
