/*
 * The jobs daemon's parts: cli/jobs/jobs.c runs them in turn, jobs_mail.c sends mail, jobs_letter.c renders
 * letters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_JOBS_JOBS_H
#define CONNEX_CLI_JOBS_JOBS_H

#include <stdbool.h>

#include "base/config.h"
#include "db/db.h"
#include "format/mail.h"
#include "statements.h"

struct jobs {
  struct db *db;
  const struct config *config;
  struct mail_session *mail; /* NULL until the first mail, and after a sender's name changed */
  char from_name[128];       /* that `mail` was opened with */
};

/* What became of one round. */
enum jobs_step {
  JOBS_IDLE,   /* there was nothing to do */
  JOBS_WORKED, /* one piece of work is behind us: ask again */
  JOBS_AWAY,   /* the database is not there, or refuses: wait */
};

/* True once SIGTERM or SIGINT came: finish what is in hand and begin nothing new. */
bool jobs_stopping(void);

/* Runs one statement in a transaction of its own; its results live until the next. A refusal is logged by its
 * SQLSTATE, never by its words: they may quote data. */
bool jobs_run(struct jobs *jobs, struct db_statement statement);

/* As above for a statement that may run twice without harm and tells of work already done: waits out a
 * restart of PostgreSQL (up to 30 s), so that the work is not done again. */
bool jobs_record(struct jobs *jobs, struct db_statement statement);

/* One mail that is due, from the outbox to the server. */
enum jobs_step jobs_send_mail(struct jobs *jobs);

/* One row of connex.job that is due. */
enum jobs_step jobs_do_job(struct jobs *jobs);

#endif
