/*
 * The parts of the jobs daemon: kinds.c has the table of kinds, queue.c takes jobs and records how they
 * ended, jobs.c runs them in turn, mail.c and letter.c are the handlers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONNEX_CLI_JOBS_JOBS_H
#define CONNEX_CLI_JOBS_JOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/config.h"
#include "db/db.h"
#include "format/mail.h"
#include "statements.h"

struct jobs {
  struct db *db;
  const struct config *config;
  struct mail_session *mail; /* NULL until the first mail, and after the sender's name changed */
  char from_name[128];       /* the name that `mail` was opened with */
};

/* One job that was taken. Its row is available on the connection until the handler runs a statement. */
struct job {
  char id[24];         /* of the outbox or of connex.job */
  char kind[64];       /* of a mail: its template */
  char subject_id[24]; /* what it is about, "" for a mail */
  char tries[12];      /* with this one */
};

/* How one attempt ended. */
enum job_outcome { JOB_DONE, JOB_LATER, JOB_NEVER };

struct job_end {
  enum job_outcome outcome;
  char why[MAIL_ERROR_SIZE]; /* our own words, never data; "" when done */
};

struct job_queue; /* queue.c */
extern const struct job_queue outbox_queue, job_queue;

/* A kind of job. To add one: a row in kinds.c, a handler, and its name in the check of connex.job.kind. */
struct job_kind {
  const char *name; /* connex.job.kind. "mail" is the whole outbox */
  const struct job_queue *queue;
  const char *lease_s;       /* nobody else takes the job during this time; an attempt must end within it */
  const char *tries_setting; /* the setting that says how many attempts there are */
  struct job_end (*handle)(struct jobs *jobs, const struct job *job);
  bool (*ready)(const struct jobs *jobs); /* whether such jobs can be done here; NULL: always */
};

extern const struct job_kind job_kinds[];
extern const size_t job_kind_count;

/* The result of one round. */
enum jobs_step {
  JOBS_IDLE,   /* there was nothing to do */
  JOBS_WORKED, /* one job was tried: look again */
  JOBS_AWAY,   /* the database is away, or refuses: wait */
};

/* True once SIGTERM or SIGINT came: finish the job at hand and take no other. */
bool jobs_stopping(void);

/* Runs one statement in a transaction of its own; its results live until the next. A refusal is logged by its
 * SQLSTATE and not by its words, which may quote data. */
bool jobs_run(struct jobs *jobs, struct db_statement statement);

/* As above, for a statement that may run twice without harm and records work that is done: waits out a
 * restart of PostgreSQL (up to 30 s), so that the work is not done again. */
bool jobs_record(struct jobs *jobs, struct db_statement statement);

/* Takes one job of a kind that is due, runs its handler, and records how it ended. */
enum jobs_step jobs_do_one(struct jobs *jobs, const struct job_kind *kind);

/* Jobs of a kind that have no attempts left become "failed". False: the database is away. */
bool jobs_give_up(struct jobs *jobs, const struct job_kind *kind);

/* `why` is cut to the size of job_end.why. */
struct job_end job_ended(enum job_outcome outcome, const char *why);

/* The handlers. */
struct job_end job_send_mail(struct jobs *jobs, const struct job *job);
struct job_end job_make_letter(struct jobs *jobs, const struct job *job);

#endif
