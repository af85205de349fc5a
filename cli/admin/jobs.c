/*
 * connex admin jobs: shows what failed, and retries it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/admin.h"
#include "verb.h"

enum { LISTED_MOST = 1000 }; /* as sql/admin.sql lists */

static int list_jobs(struct db *db) {
  int rows;

  if (!admin_run(db, q_admin_jobs())) return VERB_FAILED;
  rows = db_rows(db, 0);
  if (rows > 0)
    printf("%-4s  %10s  %-20s  %-7s  %5s  %-20s  %s\n", "what", "number", "kind", "state", "tries", "since",
           "why");
  for (int i = 0; i < rows; i++)
    printf("%-4s  %10s  %-20s  %-7s  %5s  %-20s  %s\n", db_named(db, 0, i, "what"), db_named(db, 0, i, "id"),
           db_named(db, 0, i, "kind"), db_named(db, 0, i, "state"), db_named(db, 0, i, "tries"),
           db_named(db, 0, i, "created_at"), db_named(db, 0, i, "last_error"));
  printf("%s failed or waiting for a retry\n", rows == 0 ? "0" : db_named(db, 0, 0, "total"));
  if (rows == LISTED_MOST) printf("Only the oldest %d are listed.\n", rows);
  return rows == 0 ? VERB_CLEAN : VERB_FINDINGS;
}

/* Prints how many were retried; false when the statement failed. */
static bool retry(struct db *db, struct db_statement statement, const char *what, long *retried) {
  if (!admin_run(db, statement)) return false;
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
  fputs("connex admin: it does not exist, did not fail, or had a code that is no longer valid\n", stderr);
  return VERB_FAILED;
}

int admin_jobs(struct db *db, int argc, char **argv) {
  if (argc == 0) return list_jobs(db);
  if (strcmp(argv[0], "retry") == 0) return retry_jobs(db, argc - 1, argv + 1);
  return VERB_USAGE;
}
